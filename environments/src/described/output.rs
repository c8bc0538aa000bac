//! What a tool printed, as documents: JSON, JSON a line, tables, lines. Bytes become text first,
//! UTF-16 included (wsl.exe).

use serde_json::{Map, Value};

use super::description::{Columns, Output, Separator, Table};

/// Reads what a tool printed. The error is the first line, for the user to see.
pub(super) fn documents(output: &Output, bytes: &[u8]) -> Result<Value, String> {
    let text = decode(bytes);
    let nonsense = || first_line(&text);
    match output {
        Output::Json => {
            if text.trim().is_empty() {
                return Ok(Value::Null);
            }
            serde_json::from_str(&text).map_err(|_| nonsense())
        }
        Output::Ndjson => {
            let documents = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
            let documents: Result<Vec<Value>, _> = documents.collect();
            match documents.map_err(|_| nonsense())?.as_mut_slice() {
                // One array after all: compose before 2.21.
                [Value::Array(array)] => Ok(Value::Array(std::mem::take(array))),
                several => Ok(Value::Array(several.iter_mut().map(Value::take).collect())),
            }
        }
        Output::Lines => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let items = lines.map(|line| {
                let line = Value::String(line.to_owned());
                let entries = [("id".to_owned(), line.clone()), ("name".to_owned(), line)];
                Value::Object(Map::from_iter(entries))
            });
            Ok(Value::Array(items.collect()))
        }
        Output::Table(table) => Ok(Value::Array(rows(table, &text))),
    }
}

/// Bytes as text: UTF-16 where a mark or every other byte says so, else UTF-8, what is broken in it
/// replaced.
pub(super) fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ if looks_like_utf16(bytes) => utf16(bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Whether most of the second bytes are NUL, which no UTF-8 text has.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    let high = bytes.iter().skip(1).step_by(2).take(512);
    let (total, zero) = high.fold((0, 0), |(total, zero), byte| {
        (total + 1, zero + usize::from(*byte == 0))
    });
    total >= 4 && zero * 4 >= total * 3
}

fn utf16(bytes: &[u8]) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The first line that says something, short enough to be shown.
pub(super) fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    let visible = line.unwrap_or_default().chars().filter(|c| !c.is_control());
    visible.take(200).collect()
}

fn rows(table: &Table, text: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for line in text.lines().skip(table.skip) {
        if table.until.as_ref().is_some_and(|end| end.is_match(line)) {
            break;
        }
        let line = line.trim_matches(|c| table.strip.contains(c)).trim();
        if line.is_empty() {
            continue;
        }
        let cells = cells(table, line);
        let named = table
            .columns
            .iter()
            .cloned()
            .zip(cells.into_iter().map(Value::String));
        rows.push(Value::Object(named.collect()));
    }
    rows
}

/// A line's cells. What is left over belongs to the last column, or to the first when columns are
/// counted from the right.
fn cells(table: &Table, line: &str) -> Vec<String> {
    let parts: Vec<&str> = match &table.separator {
        Separator::Spaces => line.split_whitespace().collect(),
        Separator::Wide => {
            let parts = line.split("  ").map(str::trim);
            parts.filter(|part| !part.is_empty()).collect()
        }
        Separator::Text(text) => line.split(text.as_str()).map(str::trim).collect(),
    };
    let glue = match &table.separator {
        Separator::Spaces => " ",
        Separator::Wide => "  ",
        Separator::Text(text) => text.as_str(),
    };
    let extra = parts.len().saturating_sub(table.columns.len());
    if extra == 0 {
        return parts.into_iter().map(str::to_owned).collect();
    }
    let join = |parts: &[&str]| parts.join(glue);
    match table.from {
        Columns::FromLeft => {
            let (head, tail) = parts.split_at(parts.len() - extra - 1);
            let head = head.iter().map(|part| (*part).to_owned());
            head.chain([join(tail)]).collect()
        }
        Columns::FromRight => {
            let (head, tail) = parts.split_at(extra + 1);
            let tail = tail.iter().map(|part| (*part).to_owned());
            [join(head)].into_iter().chain(tail).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[&str], separator: Separator, from: Columns) -> Output {
        Output::Table(Table {
            skip: 1,
            until: Some(regex::Regex::new("^--end").unwrap()),
            columns: columns.iter().map(|&name| name.to_owned()).collect(),
            from,
            separator,
            strip: "* ".to_owned(),
        })
    }

    #[track_caller]
    fn check(output: &Output, bytes: &[u8], expected: &str) {
        let got = documents(output, bytes).map_or_else(|e| format!("! {e}"), |v| v.to_string());
        assert_eq!(got, expected);
    }

    #[test]
    fn json_comes_in_three_shapes() {
        check(&Output::Json, b"\xef\xbb\xbf[1]", "[1]");
        check(&Output::Json, b"", "null");
        check(&Output::Json, b"Error: no\nmore", "! Error: no");
        check(
            &Output::Ndjson,
            b"{\"a\":1}\n{\"a\":2}\n",
            r#"[{"a":1},{"a":2}]"#,
        );
        check(&Output::Ndjson, b"{\n \"a\": 1\n}{}", r#"[{"a":1},{}]"#);
        check(&Output::Ndjson, b"[{\"a\":1}]", r#"[{"a":1}]"#);
        check(&Output::Ndjson, b"", "[]");
        check(
            &Output::Lines,
            b"a b\n\nc\n",
            r#"[{"id":"a b","name":"a b"},{"id":"c","name":"c"}]"#,
        );
    }

    #[test]
    fn tables_are_cut_at_their_columns() {
        let wsl = table(
            &["name", "state", "version"],
            Separator::Spaces,
            Columns::FromRight,
        );
        let text = "  NAME      STATE    VERSION\n* Ubuntu    Running  2\n  My Distro Stopped  2\n";
        let expected = r#"[{"name":"Ubuntu","state":"Running","version":"2"},{"name":"My Distro","state":"Stopped","version":"2"}]"#;
        check(&wsl, text.as_bytes(), expected);
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&wsl, &wide, expected);
        let bars = table(
            &["id", "name"],
            Separator::Text("|".to_owned()),
            Columns::FromLeft,
        );
        check(
            &bars,
            b"ID | NAME\na | b | c\n--end\nx | y\n",
            r#"[{"id":"a","name":"b|c"}]"#,
        );
        let gaps = table(&["id", "status"], Separator::Wide, Columns::FromLeft);
        check(
            &gaps,
            b"H\na   Up 3 hours\n",
            r#"[{"id":"a","status":"Up 3 hours"}]"#,
        );
    }
}

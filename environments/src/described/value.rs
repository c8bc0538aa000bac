//! Where in a tool's output a value is: paths such as `status.content.git.branch`, and fields made of
//! them.

use serde_json::Value;

/// One object of a listing, with the objects that it was found in, the nearest last.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    pub(super) value: &'a Value,
    pub(super) parents: Vec<&'a Value>,
}

/// A path to a value: keys between dots, `"quoted"` where a key holds a dot; a number is an index;
/// a leading `^` goes up to the object that the item was found in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    up: usize,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    key: String,
    /// `[]` after the key: every element of the array.
    each: bool,
}

/// A value of an item: the first path or joined text that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    alternatives: Vec<Source>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Path(Path),
    /// Texts and paths, one after another; absent when a path is.
    Joined(Vec<Piece>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Path(Path),
}

impl Path {
    /// Reads a path. The error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut path = Self::default();
        let mut rest = text;
        while let Some(after) = rest.strip_prefix('^') {
            path.up += 1;
            rest = after.strip_prefix('.').unwrap_or(after);
        }
        while !rest.is_empty() {
            let (key, after) = key(rest).ok_or_else(|| format!("no path: {text:?}"))?;
            let (each, after) = match after.strip_prefix("[]") {
                Some(after) => (true, after),
                None => (false, after),
            };
            path.steps.push(Step { key, each });
            rest = match after.strip_prefix('.') {
                Some("") => return Err(format!("{text:?} ends with a dot")),
                Some(after) => after,
                None if after.is_empty() => after,
                None => return Err(format!("no path: {text:?}")),
            };
        }
        Ok(path)
    }

    /// The value in an item.
    pub(super) fn get<'a>(&self, item: &Item<'a>) -> Option<&'a Value> {
        let from = match self.up {
            0 => item.value,
            up => item.parents.get(item.parents.len().checked_sub(up)?)?,
        };
        self.steps
            .iter()
            .try_fold(from, |value, step| child(value, &step.key))
    }

    /// All items of a document: the array at the path, each of its objects with its parents. A
    /// `null` or an absent array is empty; an object that is no array is one item.
    pub(super) fn items<'a>(&self, document: &'a Value) -> Vec<Item<'a>> {
        let mut items = Vec::new();
        collect(document, &self.steps, &[], &mut items);
        items
    }
}

/// Reads one key; returns it with what follows.
fn key(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"')?;
        return Some((quoted[..end].to_owned(), &quoted[end + 1..]));
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

fn child<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Array(array) => array.get(key.parse::<usize>().ok()?),
        Value::Object(object) => object.get(key),
        _ => None,
    }
}

fn collect<'a>(value: &'a Value, steps: &[Step], parents: &[&'a Value], items: &mut Vec<Item<'a>>) {
    let Some((step, rest)) = steps.split_first() else {
        let parents = parents.to_vec();
        match value {
            Value::Null => {}
            Value::Array(array) => {
                for value in array {
                    let parents = parents.clone();
                    items.push(Item { value, parents });
                }
            }
            _ => items.push(Item { value, parents }),
        }
        return;
    };
    let Some(next) = child(value, &step.key) else {
        return;
    };
    match next {
        Value::Array(array) if step.each => {
            for one in array {
                let parents: Vec<&Value> = parents.iter().copied().chain([one]).collect();
                collect(one, rest, &parents, items);
            }
        }
        _ => collect(next, rest, parents, items),
    }
}

impl Field {
    /// Reads one alternative: a path, or a text with `{paths}` in it.
    pub(super) fn parse_one(text: &str) -> Result<Self, String> {
        let source = if text.contains('{') {
            Source::Joined(pieces(text)?)
        } else {
            Source::Path(Path::parse(text)?)
        };
        Ok(Self {
            alternatives: vec![source],
        })
    }

    /// The alternatives of several fields, one after another.
    pub(super) fn first_of(fields: Vec<Self>) -> Self {
        let alternatives = fields
            .into_iter()
            .flat_map(|field| field.alternatives)
            .collect();
        Self { alternatives }
    }

    /// The value as text: the first alternative that is there and not empty.
    pub(super) fn text(&self, item: &Item<'_>) -> Option<String> {
        self.alternatives.iter().find_map(|source| match source {
            Source::Path(path) => path.get(item).and_then(text_of),
            Source::Joined(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => Some(text.clone()),
                    Piece::Path(path) => path.get(item).and_then(text_of),
                })
                .collect(),
        })
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let end = rest[start..]
            .find('}')
            .map(|end| start + end)
            .ok_or_else(|| format!("\"{{\" without \"}}\" in {text:?}"))?;
        if start > 0 {
            pieces.push(Piece::Text(rest[..start].to_owned()));
        }
        pieces.push(Piece::Path(Path::parse(&rest[start + 1..end])?));
        rest = &rest[end + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

/// A value as text: scalars as they are, arrays with commas; `None` where there is nothing to say.
pub(super) fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null | Value::Object(_) => return None,
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(array) => {
            let texts: Vec<String> = array.iter().filter_map(text_of).collect();
            texts.join(", ")
        }
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(items: &str, field: &str, json: &str, expected: &[Option<&str>]) {
        let document: Value = serde_json::from_str(json).unwrap();
        let items = Path::parse(items).unwrap().items(&document);
        let field = Field::parse_one(field).unwrap();
        let got: Vec<Option<String>> = items.iter().map(|item| field.text(item)).collect();
        let got: Vec<Option<&str>> = got.iter().map(Option::as_deref).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn paths_find_values() {
        check(
            "",
            "a.b",
            r#"[{"a":{"b":"x"}},{"a":null}]"#,
            &[Some("x"), None],
        );
        check("items", "n", r#"{"items":[{"n":1}]}"#, &[Some("1")]);
        check("", "a", "null", &[]);
        check("items", "a", "{}", &[]);
        check("", "a.1", r#"{"a":["x","y"]}"#, &[Some("y")]);
        check("", r#""k/a.b""#, r#"{"k/a.b":"v"}"#, &[Some("v")]);
        check("", "{o}/{n}", r#"{"o":"me","n":"w"}"#, &[Some("me/w")]);
        check("", "{o}/{n}", r#"{"o":"me"}"#, &[None]);
        check("", "a", r#"{"a":["x",true]}"#, &[Some("x, true")]);
    }

    #[test]
    fn nested_items_know_where_they_were_found() {
        check(
            "tasks[].containers",
            "{^.id}/{name}",
            r#"{"tasks":[{"id":"t1","containers":[{"name":"a"},{"name":"b"}]},{"id":"t2","containers":null}]}"#,
            &[Some("t1/a"), Some("t1/b")],
        );
    }

    #[test]
    fn broken_paths_are_named() {
        for text in ["a.", ".a", "a..b", "\"a", "a[0]"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}

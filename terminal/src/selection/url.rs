//! Finding URLs in text: a known scheme, then what RFC 3986 allows, less punctuation at the end that
//! belongs to the sentence.

use crate::screen::LineText;

/// Schemes that are looked for. Opening them is decided elsewhere, by a list of its own.
const SCHEMES: [&str; 12] = [
    "https://",
    "http://",
    "ftp://",
    "ftps://",
    "sftp://",
    "ssh://",
    "git://",
    "file://",
    "gopher://",
    "gemini://",
    "ipfs://",
    "mailto:",
];

/// Cells of a logical line that are looked at, around the one in question (`security.md` 2.3).
pub(crate) const MAX_CELLS: usize = 1024;

/// First and last cell of the URL that a cell is part of.
pub(crate) fn at(text: &LineText, cell: usize) -> Option<(usize, usize)> {
    let low = cell.saturating_sub(MAX_CELLS);
    let high = (cell + MAX_CELLS).min(text.cells.len().checked_sub(1)?);
    let here = text.cells[cell].byte;
    let first_byte = text.cells[low].byte;
    let end_byte = text
        .cells
        .get(high + 1)
        .map_or(text.text.len(), |next| next.byte);
    let mut from = first_byte;
    while let Some((start, end)) = next_url(&text.text[..end_byte], from) {
        if here < start {
            return None;
        }
        if here < end {
            return Some((text.cell_of_byte(start), text.cell_of_byte(end - 1)));
        }
        from = end;
    }
    None
}

/// The next URL at or after byte `from`: its bytes `start..end`.
pub(crate) fn next_url(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut colon = from;
    loop {
        colon += memchr::memchr(b':', bytes.get(colon..)?)?;
        let scheme = SCHEMES.iter().find_map(|scheme| {
            let head = scheme.find(':').unwrap_or(0);
            let start = colon.checked_sub(head).filter(|start| *start >= from)?;
            let found = bytes.get(start..start + scheme.len())?;
            let before = start.checked_sub(1).map(|before| bytes[before]);
            let begins = !before.is_some_and(|byte| byte.is_ascii_alphanumeric());
            (begins && found.eq_ignore_ascii_case(scheme.as_bytes()))
                .then_some((start, start + scheme.len()))
        });
        if let Some((start, body)) = scheme {
            let length = text[body..]
                .find(|c| !is_url_char(c))
                .unwrap_or(text.len() - body);
            let end = body + trim(&text[body..body + length]);
            if end > body {
                return Some((start, end));
            }
        }
        colon += 1;
    }
}

fn is_url_char(c: char) -> bool {
    match c {
        '<' | '>' | '"' | '`' | '{' | '}' | '|' | '\\' | '^' => false,
        _ if c.is_ascii() => c.is_ascii_graphic(),
        // IRIs: letters of any script, but no white space and no box drawing.
        _ => c.is_alphanumeric(),
    }
}

/// Length without what ends a sentence, and without closing brackets that nothing in it opens.
fn trim(url: &str) -> usize {
    let mut rest = url;
    while let Some(last) = rest.chars().next_back() {
        let open = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' => None,
            ')' => Some('('),
            ']' => Some('['),
            _ => break,
        };
        let count = |wanted| rest.chars().filter(|c| *c == wanted).count();
        if open.is_some_and(|open| count(open) >= count(last)) {
            break;
        }
        rest = &rest[..rest.len() - last.len_utf8()];
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some((start, end)) = next_url(text, from) {
            found.push(&text[start..end]);
            from = end;
        }
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn urls_are_found_without_the_sentence_around_them() {
        check("see https://example.org/a.", &["https://example.org/a"]);
        check("(http://a.b/c)", &["http://a.b/c"]);
        check(
            "https://en.wikipedia.org/wiki/Rust_(x), and",
            &["https://en.wikipedia.org/wiki/Rust_(x)"],
        );
        check("<ftp://h/p>,http://q", &["ftp://h/p", "http://q"]);
        check("mailto:a@b.c;HTTP://X/", &["mailto:a@b.c;HTTP://X/"]);
        check("\"https://h/?q=1&r=[2]\"", &["https://h/?q=1&r=[2]"]);
        check("https://h/é/ü│x", &["https://h/é/ü"]);
        check("git@github.com:a/b xhttp://no http:// ://", &[]);
        check("C:\\x http: https://", &[]);
    }
}

//! Words with `{holes}`, and how they are filled in.
//!
//! A word stays one argument, whatever fills it; nothing here makes a shell string. `{{` and `}}`
//! are braces. A word that is exactly one hole may become none or several arguments, where what
//! fills it is a list.

use std::borrow::Cow;
use std::fmt;

/// A text with holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(String),
}

/// What fills the holes.
pub(super) trait Fill {
    /// The text for a hole; `None` where there is none.
    fn text(&self, hole: &str) -> Option<Cow<'_, str>>;

    /// The arguments for a word that is this hole alone; `None` where it stands for one text.
    fn words(&self, _hole: &str) -> Option<Vec<String>> {
        None
    }

    /// Whether what fills the hole came from outside (a listing), so that it must not be read as
    /// an option.
    fn is_outside(&self, hole: &str) -> bool;
}

/// Why a template cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfilled {
    /// Nothing is known for this hole.
    #[error("{{{0}}} is not known here")]
    Unknown(String),
    /// It would be read as an option by the program.
    #[error("\"{0}\" begins with \"-\" and would be read as an option")]
    Option(String),
    /// It has characters that belong into no argument.
    #[error("{0:?} has control characters")]
    Control(String),
    /// It would lead out of the address that it is put into.
    #[error("\"{0}\" does not belong into an address")]
    Address(String),
}

impl Template {
    /// Reads `text`. The error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return Err(format!("\"}}\" without \"{{\" in {text:?}"));
            }
            let end = rest
                .find('}')
                .ok_or_else(|| format!("\"{{\" without \"}}\" in {text:?}"))?;
            let name = &rest[..end];
            if name.is_empty() || name.contains(['{', ' ', '"', ':']) {
                return Err(format!("{name:?} is no name for a placeholder"));
            }
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Hole(name.to_owned()));
            rest = &rest[end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }

    /// The names of the holes.
    pub(super) fn holes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The hole that the template is, if it is nothing else.
    pub(super) fn only_hole(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Hole(name)] => Some(name),
            _ => None,
        }
    }

    /// Fills the holes in. In what looks like an address (`/…`, `…://…`) what comes from outside is
    /// percent-encoded.
    pub(super) fn fill(&self, fill: &dyn Fill) -> Result<String, Unfilled> {
        let mut filled = String::new();
        for part in &self.parts {
            let hole = match part {
                Part::Text(text) => {
                    filled.push_str(text);
                    continue;
                }
                Part::Hole(hole) => hole,
            };
            let value = fill
                .text(hole)
                .ok_or_else(|| Unfilled::Unknown(hole.clone()))?;
            if !fill.is_outside(hole) {
                filled.push_str(&value);
                continue;
            }
            if value.chars().any(char::is_control) {
                return Err(Unfilled::Control(value.into_owned()));
            }
            if filled.starts_with('/') || filled.contains("://") {
                filled.push_str(&percent_encoded(&value)?);
            } else {
                filled.push_str(&value);
            }
        }
        Ok(filled)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    formatter.write_str(&text.replace('{', "{{").replace('}', "}}"))?;
                }
                Part::Hole(name) => write!(formatter, "{{{name}}}")?,
            }
        }
        Ok(())
    }
}

/// Fills a list of words in: the arguments of a call.
pub(super) fn fill_words(words: &[Template], fill: &dyn Fill) -> Result<Vec<String>, Unfilled> {
    let mut filled = Vec::new();
    let mut options_end = false;
    for word in words {
        if let Some(many) = word.only_hole().and_then(|hole| fill.words(hole)) {
            options_end |= many.iter().any(|one| one == "--");
            filled.extend(many);
            continue;
        }
        let text = word.fill(fill)?;
        let outside = matches!(word.parts.first(), Some(Part::Hole(hole)) if fill.is_outside(hole));
        if outside && text.starts_with('-') && !options_end {
            return Err(Unfilled::Option(text));
        }
        options_end |= text == "--";
        filled.push(text);
    }
    Ok(filled)
}

/// A value as a part of an address: unreserved characters and `/` stay (RFC 3986 2.3).
fn percent_encoded(value: &str) -> Result<String, Unfilled> {
    if value
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        return Err(Unfilled::Address(value.to_owned()));
    }
    let mut encoded = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Values;

    impl Fill for Values {
        fn text(&self, hole: &str) -> Option<Cow<'_, str>> {
            match hole {
                "id" => Some("a b".into()),
                "flag" => Some("-oProxyCommand=x".into()),
                "up" => Some("../x".into()),
                "line" => Some("a\nb".into()),
                _ => None,
            }
        }

        fn words(&self, hole: &str) -> Option<Vec<String>> {
            (hole == "many").then(|| vec!["1".to_owned(), "2".to_owned()])
        }

        fn is_outside(&self, hole: &str) -> bool {
            hole != "own"
        }
    }

    #[track_caller]
    fn check(words: &[&str], expected: Result<&[&str], &str>) {
        let words: Vec<Template> = words.iter().map(|w| Template::parse(w).unwrap()).collect();
        match (fill_words(&words, &Values), expected) {
            (Ok(got), Ok(expected)) => assert_eq!(got, expected),
            (Err(got), Err(expected)) => assert!(got.to_string().contains(expected), "{got}"),
            (got, _) => panic!("{got:?}"),
        }
    }

    #[test]
    fn holes_are_filled_and_words_stay_words() {
        check(&["x", "{id}"], Ok(&["x", "a b"]));
        check(&["x={id}!"], Ok(&["x=a b!"]));
        check(&["{many}", "y"], Ok(&["1", "2", "y"]));
        check(&["{{a:b}}"], Ok(&["{a:b}"]));
        check(&["/users/{id}/x"], Ok(&["/users/a%20b/x"]));
    }

    #[test]
    fn what_comes_from_outside_is_no_option_and_no_way_out() {
        check(&["{flag}"], Err("would be read as an option"));
        check(&["-c{flag}"], Ok(&["-c-oProxyCommand=x"]));
        check(&["--", "{flag}"], Ok(&["--", "-oProxyCommand=x"]));
        check(&["http://h/{up}"], Err("does not belong into an address"));
        check(&["{line}"], Err("control characters"));
        check(&["{nothing}"], Err("{nothing} is not known here"));
    }

    #[test]
    fn broken_words_are_named() {
        for (text, part) in [
            ("{id", "without"),
            ("id}", "without"),
            ("{}", "no name"),
            ("{a b}", "no name"),
        ] {
            let error = Template::parse(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}

//! Title templates: text with `{names}` that are filled in, as `tabs.title` and `window.title` have them.
//!
//! `{title|folder|program}` is the first of these that is not empty; `{title|"none"}` ends with a text of its
//! own. `{{` and `}}` are braces. What is filled in is text and is never read as a template again.

use std::fmt;

use toml::de::DeValue;

use crate::nearest::nearest;
use crate::value::{Problem, Setting};

/// What a template can name.
pub const NAMES: [&str; 11] = [
    "title", "name", "folder", "path", "program", "index", "bell", "activity", "silence",
    "progress", "panes",
];

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The first that is not empty.
    Value(Vec<Choice>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    Name(&'static str),
    Text(String),
}

/// A title template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    source: String,
    parts: Vec<Part>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A brace that is not closed, or a name that there is not, with the nearest that there is.
    pub fn parse(source: &str) -> Result<Self, Problem> {
        const EXPECTED: &str = "names in braces, {title|folder|program}; {{ and }} are braces";
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(first) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("{{") {
                text.push('{');
                rest = after;
            } else if let Some(after) = rest.strip_prefix("}}") {
                text.push('}');
                rest = after;
            } else if first == '{' {
                let (inside, after) = rest[1..].split_once('}').ok_or_else(|| {
                    let column = source.chars().count() - rest.chars().count() + 1;
                    Problem::meaning(format!("\"{{\" at column {column} is not closed"), EXPECTED)
                })?;
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                let choices = inside.split('|').map(choice).collect::<Result<_, _>>()?;
                parts.push(Part::Value(choices));
                rest = after;
            } else if first == '}' {
                let column = source.chars().count() - rest.chars().count() + 1;
                let message = format!("\"}}\" at column {column} closes nothing");
                return Err(Problem::meaning(message, EXPECTED));
            } else {
                text.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self {
            source: source.to_owned(),
            parts,
        })
    }

    /// Fills a template in; `value` knows what each of [`NAMES`] is.
    pub fn fill(&self, value: impl Fn(&'static str) -> String) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Value(choices) => {
                    let chosen = choices
                        .iter()
                        .map(|choice| match choice {
                            Choice::Name(name) => value(name),
                            Choice::Text(text) => text.clone(),
                        })
                        .find(|value| !value.is_empty());
                    filled.push_str(&chosen.unwrap_or_default());
                }
            }
        }
        filled.trim().to_owned()
    }

    /// Whether it names something.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        let is = |choice: &Choice| matches!(choice, Choice::Name(one) if *one == name);
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Value(choices) if choices.iter().any(is)))
    }
}

fn choice(text: &str) -> Result<Choice, Problem> {
    let text = text.trim();
    if let Some(inner) = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
    {
        return Ok(Choice::Text(inner.to_owned()));
    }
    if let Some(name) = NAMES.iter().find(|name| **name == text) {
        return Ok(Choice::Name(name));
    }
    let mut message = format!("unknown name {{{}}}", text.escape_debug());
    if let Some(near) = nearest(text, NAMES) {
        message.push_str(&format!(" (did you mean {{{near}}}?)"));
    }
    let names: Vec<String> = NAMES.iter().map(|name| format!("{{{name}}}")).collect();
    Err(Problem::meaning(message, names.join(", ")))
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

impl Setting for Template {
    fn expected() -> String {
        "a title template: \"{title|folder|program}\"".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        Self::parse(&String::read(value).map_err(|_| Problem::kind(Self::expected(), value))?)
    }

    fn write(&self) -> toml::Value {
        toml::Value::String(self.source.clone())
    }
}

/// A template of ours, which a test reads.
pub(crate) fn ours(source: &str) -> Template {
    Template::parse(source).unwrap_or_else(|_| Template {
        source: source.to_owned(),
        parts: vec![Part::Text(source.to_owned())],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let filled = Template::parse(template).unwrap().fill(|name| match name {
            "title" => "{program} x".to_owned(),
            "folder" => "src".to_owned(),
            "index" => "3".to_owned(),
            _ => String::new(),
        });
        assert_eq!(filled, expected);
    }

    #[test]
    fn names_are_filled_in_once() {
        check("{index}: {title}", "3: {program} x");
        check("{program|folder}", "src");
        check("{program|name|\"none\"}", "none");
        check("{bell}{program} a {{b}} ", "a {b}");
        check("plain", "plain");
        check("", "");
    }

    #[track_caller]
    fn check_error(template: &str, expected: &str) {
        let error = Template::parse(template).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn mistakes_are_named() {
        check_error("a {titel}", "unknown name {titel} (did you mean {title}?)");
        check_error("a {title", "\"{\" at column 3 is not closed");
        check_error("a} b", "\"}\" at column 2 closes nothing");
    }

    #[test]
    fn defaults_can_be_read() {
        let config = crate::Config::default();
        for template in [&config.tabs.title, &config.window.title] {
            assert_eq!(&Template::parse(&template.to_string()).unwrap(), template);
        }
        assert!(config.tabs.title.names("folder"));
    }
}

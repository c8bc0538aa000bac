//! What is wrong with the settings, and where.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// All settings that were understood are in force.
    Warning,
    /// A setting could not be used: keep the last good ones.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Where a diagnostic points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A character of a file.
    Position {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
    /// A file as a whole.
    File(PathBuf),
    /// An override of the command line, as it was given.
    CommandLine(String),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position { file, line, column } => {
                write!(formatter, "{}:{line}:{column}", file.display())
            }
            Self::File(file) => write!(formatter, "{}", file.display()),
            Self::CommandLine(text) => write!(formatter, "-o {text}"),
        }
    }
}

/// One mistake in the settings. Its `Display` is `file:line:column: message; expected …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong; lower case, without final dot.
    pub message: String,
    /// What was expected there, or the remedy.
    pub expected: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub(crate) fn error(place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            place,
            message: message.into(),
            expected: None,
        }
    }

    /// A warning.
    pub(crate) fn warning(place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(place, message)
        }
    }

    /// The same with what was expected.
    pub(crate) fn expected(self, expected: impl Into<String>) -> Self {
        Self {
            expected: Some(expected.into()),
            ..self
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)?;
        if let Some(expected) = &self.expected {
            write!(formatter, "; expected {expected}")?;
        }
        Ok(())
    }
}

/// A text that was read, from which places are told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Text<'a> {
    /// A file's contents.
    File(&'a Path, &'a str),
    /// An override; its spans are of no use to the reader.
    Override(&'a str),
}

impl Text<'_> {
    /// The place of a byte range.
    pub(crate) fn place(&self, span: Option<Range<usize>>) -> Place {
        match (self, span) {
            (Self::Override(text), _) => Place::CommandLine((*text).to_owned()),
            (Self::File(path, _), None) => Place::File(path.to_path_buf()),
            (Self::File(path, text), Some(span)) => {
                let (line, column) = line_and_column(text, span.start);
                Place::Position {
                    file: path.to_path_buf(),
                    line,
                    column,
                }
            }
        }
    }
}

/// The line and the column of a byte, both from 1, the column in characters.
pub(crate) fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_and_in_characters() {
        #[track_caller]
        fn check(text: &str, byte: usize, expected: (usize, usize)) {
            assert_eq!(line_and_column(text, byte), expected);
        }
        check("", 0, (1, 1));
        check("a = 1", 4, (1, 5));
        check("a\nbc", 3, (2, 2));
        check("a\r\nb", 3, (2, 1));
        check("\"é\" x", 5, (1, 5));
        check("é", 1, (1, 1));
        check("a\n", 99, (2, 1));
    }

    #[test]
    fn displays_as_compilers_do() {
        let file = PathBuf::from("t.toml");
        let place = Place::Position {
            file,
            line: 3,
            column: 7,
        };
        let diagnostic = Diagnostic::error(place, "found \"x\"").expected("a whole number");
        assert_eq!(
            diagnostic.to_string(),
            "t.toml:3:7: found \"x\"; expected a whole number"
        );
        let place = Place::CommandLine("a.b=c".to_owned());
        assert_eq!(
            Diagnostic::warning(place, "what").to_string(),
            "-o a.b=c: what"
        );
    }
}

//! What is searched for: a plain text or a regular expression, made so that it can be run over many
//! lines at once.
//!
//! The text of a page of scrollback is searched in one go, its lines ended by line feeds. A pattern is
//! therefore rewritten so that no match goes over a line feed, and so that `^` and `$` stand at the ends of
//! lines: negated classes lose the line feed, anchors of the text become anchors of the line.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{
    Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look,
    Repetition, print::Printer,
};

/// Bytes a compiled pattern may take.
const MAX_PATTERN_SIZE: usize = 1 << 20;

/// How a pattern is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PatternKind {
    /// As it stands.
    #[default]
    Plain,
    /// As a regular expression of the `regex` crate.
    Regex,
}

/// Whether upper and lower case are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// They differ.
    Sensitive,
    /// They are the same.
    Insensitive,
    /// They are the same unless the pattern has an upper-case letter.
    #[default]
    Smart,
}

/// How a text is searched for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatternOptions {
    /// What the text is.
    pub kind: PatternKind,
    /// What case means.
    pub case: Case,
    /// Whether only whole words count: no letter, digit or underscore stands before or after.
    pub whole_word: bool,
}

/// Why a pattern cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is no regular expression.
    #[error("column {column}: {message}")]
    Syntax {
        /// What is wrong.
        message: String,
        /// Where, counted in characters from 1.
        column: usize,
    },
    /// It would take too much memory.
    #[error("the pattern is too large; use a simpler one")]
    TooLarge,
}

/// A pattern ready to be searched for.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    /// What stands beside a match is looked at afterwards: for plain texts this gives the same matches as
    /// word boundaries in the expression, which are slow where the text is not ASCII.
    checks_words: bool,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// When it is no regular expression, or one too large.
    pub fn new(text: &str, options: PatternOptions) -> Result<Self, PatternError> {
        let escaped;
        let source = match options.kind {
            PatternKind::Plain => {
                escaped = regex::escape(text);
                &escaped
            }
            PatternKind::Regex => text,
        };
        let insensitive = match options.case {
            Case::Sensitive => false,
            Case::Insensitive => true,
            Case::Smart => !has_upper_case(text, options.kind),
        };
        let parsed = ParserBuilder::new()
            .case_insensitive(insensitive)
            .build()
            .parse(source)
            .map_err(|error| syntax_error(&error))?;
        let mut lines = within_lines(&parsed);
        let plain = options.kind == PatternKind::Plain;
        if options.whole_word && !plain {
            lines = Hir::concat(vec![
                Hir::look(Look::WordStartHalfUnicode),
                lines,
                Hir::look(Look::WordEndHalfUnicode),
            ]);
        }
        let mut printed = String::new();
        if Printer::new().print(&lines, &mut printed).is_err() {
            return Err(PatternError::TooLarge);
        }
        let regex = RegexBuilder::new(&printed)
            .size_limit(MAX_PATTERN_SIZE)
            .dfa_size_limit(MAX_PATTERN_SIZE)
            .build()
            .map_err(|_| PatternError::TooLarge)?;
        Ok(Self {
            regex,
            checks_words: options.whole_word && plain,
        })
    }

    /// Calls `f` with the bytes `start..end` of each match in `text` from `from` on, in order, until it returns
    /// `false`. Empty matches are left out.
    pub(super) fn find(&self, text: &[u8], from: usize, mut f: impl FnMut(usize, usize) -> bool) {
        let mut at = from;
        while let Some(hit) = self.regex.find_at(text, at) {
            if hit.is_empty() {
                at = hit.end() + 1;
                if at > text.len() {
                    return;
                }
                continue;
            }
            if self.checks_words && !is_whole_word(text, hit.start(), hit.end()) {
                at = hit.start() + 1;
                continue;
            }
            if !f(hit.start(), hit.end()) {
                return;
            }
            at = hit.end();
        }
    }
}

/// Whether a pattern asks for an upper-case letter; `\W` and its like do not.
fn has_upper_case(text: &str, kind: PatternKind) -> bool {
    let mut escaped = false;
    text.chars().any(|character| {
        if kind == PatternKind::Regex && !escaped && character == '\\' {
            escaped = true;
            return false;
        }
        let counts = !std::mem::take(&mut escaped);
        counts && character.is_uppercase()
    })
}

fn syntax_error(error: &regex_syntax::Error) -> PatternError {
    let (message, column) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), error.span().start.column),
        regex_syntax::Error::Translate(error) => {
            (error.kind().to_string(), error.span().start.column)
        }
        other => (other.to_string(), 1),
    };
    PatternError::Syntax { message, column }
}

/// The expression without matches that go over a line feed; captures are left out.
fn within_lines(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) if literal.0.contains(&b'\n') => Hir::fail(),
        HirKind::Literal(literal) => Hir::literal(literal.0.clone()),
        HirKind::Class(Class::Unicode(class)) => {
            let mut class = class.clone();
            class.difference(&ClassUnicode::new([ClassUnicodeRange::new('\n', '\n')]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Class(Class::Bytes(class)) => {
            let mut class = class.clone();
            class.difference(&ClassBytes::new([ClassBytesRange::new(b'\n', b'\n')]));
            Hir::class(Class::Bytes(class))
        }
        HirKind::Look(Look::Start | Look::StartLF | Look::StartCRLF) => Hir::look(Look::StartLF),
        HirKind::Look(Look::End | Look::EndLF | Look::EndCRLF) => Hir::look(Look::EndLF),
        HirKind::Look(look) => Hir::look(*look),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            min: repetition.min,
            max: repetition.max,
            greedy: repetition.greedy,
            sub: Box::new(within_lines(&repetition.sub)),
        }),
        HirKind::Capture(capture) => within_lines(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(within_lines).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(within_lines).collect()),
    }
}

/// Whether no word goes on before or after.
fn is_whole_word(text: &[u8], start: usize, end: usize) -> bool {
    let word = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !word(last_char(&text[..start])) && !word(first_char(&text[end..]))
}

fn first_char(bytes: &[u8]) -> Option<char> {
    let head = &bytes[..bytes.len().min(4)];
    head.utf8_chunks().next()?.valid().chars().next()
}

fn last_char(bytes: &[u8]) -> Option<char> {
    let mut start = bytes.len().checked_sub(1)?;
    while start > 0 && bytes[start] & 0xc0 == 0x80 {
        start -= 1;
    }
    first_char(&bytes[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, options: PatternOptions, text: &str, expected: &[&str]) {
        let pattern = Pattern::new(pattern, options).unwrap();
        let mut found = Vec::new();
        pattern.find(text.as_bytes(), 0, |start, end| {
            found.push(&text[start..end]);
            true
        });
        assert_eq!(found, expected, "{text:?}");
    }

    const PLAIN: PatternOptions = PatternOptions {
        kind: PatternKind::Plain,
        case: Case::Smart,
        whole_word: false,
    };
    const REGEX: PatternOptions = PatternOptions {
        kind: PatternKind::Regex,
        ..PLAIN
    };
    const WORD: PatternOptions = PatternOptions {
        whole_word: true,
        ..PLAIN
    };

    #[test]
    fn no_match_goes_over_a_line_feed() {
        check("a[^x]*b", REGEX, "a1\n2b a3b\n", &["a3b"]);
        check("(?s)a.*", REGEX, "a1\na2", &["a1", "a2"]);
        check("a\\sb|c", REGEX, "a\nb a b", &["a b"]);
        check("\\n", REGEX, "a\nb", &[]);
        check("^b", REGEX, "a\nb\nbb", &["b", "b"]);
        check("\\Aa$", REGEX, "a\nab\na", &["a", "a"]);
    }

    #[test]
    fn case_is_smart_but_for_classes() {
        check("Ab", PLAIN, "ab AB Ab", &["Ab"]);
        check("ab", PLAIN, "ab AB Ab", &["ab", "AB", "Ab"]);
        check("a\\W", REGEX, "A- a.", &["A-", "a."]);
        check("é", PLAIN, "É é", &["É", "é"]);
    }

    #[test]
    fn whole_words_stand_alone() {
        check("on", WORD, "on only con on_ on", &["on", "on"]);
        check("aa", WORD, "aaa aa aaaa", &["aa"]);
        check("é", WORD, "aé éa é", &["é"]);
        check("-x", WORD, "a-x --x -xy", &["-x"]);
        check(
            "a|ab",
            PatternOptions {
                kind: PatternKind::Regex,
                ..WORD
            },
            "ab a abc",
            &["ab", "a"],
        );
    }

    #[test]
    fn empty_matches_are_left_out() {
        check("x*", REGEX, "axxb", &["xx"]);
        check("", PLAIN, "abc", &[]);
        check("^", REGEX, "a\nb", &[]);
    }

    #[test]
    fn mistakes_have_a_place() {
        let error = |text| Pattern::new(text, REGEX).unwrap_err().to_string();
        assert_eq!(error("a(b"), "column 2: unclosed group");
        assert_eq!(
            error("a\nb\\q".trim_start()),
            "column 2: unrecognized escape sequence"
        );
        assert_eq!(
            Pattern::new("(\\w{1000}){1000}", REGEX).unwrap_err(),
            PatternError::TooLarge
        );
        assert!(Pattern::new("(", PLAIN).is_ok());
    }
}

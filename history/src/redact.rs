//! Secrets out, before anything is written: the screen keeps them, the file never has them.
//!
//! Patterns are linear-time regular expressions of well-known forms and of the user's own. A pattern
//! may name its secret part `(?P<secret>…)`; otherwise all of a match is the secret. What is found
//! becomes `[redacted: kind]`. Styled text is matched without its styles, so that a color in the middle
//! of a token hides nothing.

use std::borrow::Cow;
use std::ops::Range;

use regex::{Regex, RegexSet};

use crate::record::{Record, sequence_length, utf8};

mod patterns;
mod signs;
mod stream;

use signs::Signs;
pub use stream::LineRedactor;

/// What stands for the shell's nonce (`blocks.md` 1.5).
pub(crate) const NONCE: &str = "[nonce]";

/// A set of patterns, compiled once.
#[derive(Clone, Debug)]
pub struct Redactor {
    /// Tells which lines anything can match in at all.
    signs: Signs,
    /// The well-known patterns, as one question and one by one.
    set: RegexSet,
    rules: Vec<Rule>,
    /// The user's own patterns, which may match anywhere.
    own: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    kind: String,
    pattern: Regex,
}

impl Rule {
    /// Adds the secrets in a text, which begins at `start` of the whole one.
    fn find<'a>(&'a self, text: &str, start: usize, found: &mut Vec<(Range<usize>, &'a str)>) {
        for captures in self.pattern.captures_iter(text) {
            let secret = captures.name("secret").or_else(|| captures.get(0));
            let Some(secret) = secret.filter(|secret| !secret.is_empty()) else {
                continue;
            };
            if !secret.as_str().starts_with("[redacted") {
                let range = start + secret.start()..start + secret.end();
                found.push((range, &self.kind));
            }
        }
    }
}

/// A pattern of the user's that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern {pattern:?} is no regular expression: {reason}")]
pub struct BadPattern {
    /// The pattern.
    pub pattern: String,
    /// Why.
    pub reason: String,
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new(&[]).0
    }
}

impl Redactor {
    /// The well-known patterns and the user's; those that cannot be used are returned and left out.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the built-in patterns are constants, and a test compiles each"
    )]
    #[must_use]
    pub fn new(own: &[String]) -> (Self, Vec<BadPattern>) {
        let mut bad = Vec::new();
        let mut mine = Vec::new();
        let rules: Vec<Rule> = patterns::ALL
            .iter()
            .map(|(kind, pattern)| Rule {
                kind: (*kind).to_owned(),
                // The boundaries of ASCII words are found by the fast engine in any text.
                pattern: Regex::new(&pattern.replace(r"\b", r"(?-u:\b)"))
                    .expect("the pattern is tested"),
            })
            .collect();
        for pattern in own {
            match Regex::new(pattern) {
                // What matches the empty text would put a mark between all characters.
                Ok(compiled) if !compiled.is_match("") => mine.push(Rule {
                    kind: "pattern".to_owned(),
                    pattern: compiled,
                }),
                Ok(_) => bad.push(BadPattern {
                    pattern: pattern.clone(),
                    reason: "it matches the empty text".to_owned(),
                }),
                Err(error) => bad.push(BadPattern {
                    pattern: pattern.clone(),
                    reason: error
                        .to_string()
                        .lines()
                        .last()
                        .unwrap_or_default()
                        .to_owned(),
                }),
            }
        }
        let set = RegexSet::new(rules.iter().map(|rule| rule.pattern.as_str()))
            .expect("each pattern compiled");
        let redactor = Self {
            signs: Signs::new(),
            set,
            rules,
            own: mine,
        };
        (redactor, bad)
    }

    /// The text with its secrets replaced; borrowed where there is none.
    #[must_use]
    pub fn redact<'a>(&self, styled: &'a str) -> Cow<'a, str> {
        let plain = Plain::of(styled);
        let mut found: Vec<(Range<usize>, &str)> = Vec::new();
        for lines in self.signs.lines(&plain.text) {
            let text = &plain.text[lines.clone()];
            for idx in &self.set.matches(text) {
                self.rules[idx].find(text, lines.start, &mut found);
            }
        }
        for rule in &self.own {
            rule.find(&plain.text, 0, &mut found);
        }
        if found.is_empty() {
            return Cow::Borrowed(styled);
        }
        found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut text = String::with_capacity(styled.len());
        let (mut done, mut covered) = (0, 0);
        for (range, kind) in found {
            if range.end <= covered {
                continue;
            }
            let start = plain.styled_start(range.start.max(covered)).max(done);
            text.push_str(&styled[done..start]);
            if range.start >= covered {
                text.push_str("[redacted: ");
                text.push_str(kind);
                text.push(']');
            }
            done = plain.styled_end(range.end);
            // Styles inside the secret still hold for what follows it.
            for sequence in plain.sequences(start..done) {
                text.push_str(&styled[sequence]);
            }
            covered = range.end;
        }
        text.push_str(&styled[done..]);
        Cow::Owned(text)
    }

    /// Redacts all texts of a record, and notes in its flags if there was something.
    pub fn redact_record(&self, record: &mut Record) {
        let nonces = std::mem::take(&mut record.nonces);
        let mut changed = false;
        let Record {
            command,
            folder,
            git,
            name,
            note,
            output,
            ..
        } = &mut *record;
        let texts = [
            Some(&mut command.text),
            folder.as_mut(),
            git.as_mut(),
            name.as_mut(),
            note.as_mut(),
        ];
        for text in texts.into_iter().flatten() {
            if let Some(redacted) = self.changed(text, &nonces) {
                *text = redacted;
                changed = true;
            }
        }
        for bytes in [&mut output.head, &mut output.tail] {
            let text = utf8(bytes);
            if let Some(redacted) = self.changed(&text, &nonces) {
                *bytes = redacted.into_bytes();
                changed = true;
            }
        }
        if changed {
            record.flags.insert(crate::record::Flags::REDACTED);
        }
    }

    fn changed(&self, text: &str, nonces: &[String]) -> Option<String> {
        let mut without = Cow::Borrowed(text);
        for nonce in nonces.iter().filter(|nonce| !nonce.is_empty()) {
            if without.contains(nonce.as_str()) {
                without = Cow::Owned(without.replace(nonce.as_str(), NONCE));
            }
        }
        match (self.redact(&without), &without) {
            (Cow::Owned(redacted), _) => Some(redacted),
            (Cow::Borrowed(_), Cow::Owned(text)) => Some(text.clone()),
            (Cow::Borrowed(_), Cow::Borrowed(_)) => None,
        }
    }
}

/// A styled text without its escape sequences, and where each piece of it came from.
struct Plain<'a> {
    text: Cow<'a, str>,
    /// Escape sequences in the styled text, each with the place in the plain text where it stood.
    gaps: Vec<(usize, Range<usize>)>,
}

impl<'a> Plain<'a> {
    fn of(styled: &'a str) -> Self {
        if !styled.contains('\x1b') {
            return Self {
                text: Cow::Borrowed(styled),
                gaps: Vec::new(),
            };
        }
        let mut text = String::with_capacity(styled.len());
        let mut gaps = Vec::new();
        let mut at = 0;
        while let Some(found) = styled[at..].find('\x1b') {
            let escape = at + found;
            text.push_str(&styled[at..escape]);
            let end = escape + 1 + sequence_length(&styled[escape + 1..]);
            gaps.push((text.len(), escape..end));
            at = end;
        }
        text.push_str(&styled[at..]);
        Self {
            text: Cow::Owned(text),
            gaps,
        }
    }

    /// The styled place of the character that begins at a plain place.
    fn styled_start(&self, plain: usize) -> usize {
        let before = self.gaps.partition_point(|(at, _)| *at <= plain);
        plain + self.length_of(before)
    }

    /// The styled place after the character that ends at a plain place.
    fn styled_end(&self, plain: usize) -> usize {
        let before = self.gaps.partition_point(|(at, _)| *at < plain);
        plain + self.length_of(before)
    }

    fn length_of(&self, gaps: usize) -> usize {
        // The end of the last gap in the styled text, less its place in the plain one.
        gaps.checked_sub(1)
            .map_or(0, |last| self.gaps[last].1.end - self.gaps[last].0)
    }

    fn sequences(&self, within: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
        let first = self
            .gaps
            .partition_point(|(_, gap)| gap.start < within.start);
        self.gaps[first..]
            .iter()
            .map(|(_, gap)| gap.clone())
            .take_while(move |gap| gap.end <= within.end)
    }
}

#[cfg(test)]
mod tests;

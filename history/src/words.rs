//! Words: how texts are cut for the index, and how what the user types is cut to find them.
//!
//! A word is a run of letters, digits and `_`, in lower case. Each word of a text is indexed once: the
//! index says which blocks have it, not where. What stands between words (`src/main.rs`, `--release`)
//! is checked on the text itself ([`Pattern::matches`]), for the few blocks that are shown.

use std::collections::HashSet;

use crate::record::{Output, plain};

/// Words of one text that are indexed; a text that has more is no prose.
const MAX_WORDS: usize = 20_000;
/// An output of no more bytes is indexed whole.
const WHOLE: usize = 64 * 1024;
/// Bytes of a larger output's beginning whose words are indexed …
const HEAD: usize = 32 * 1024;
/// … and of its end, where errors and results stand.
const TAIL: usize = 64 * 1024;
/// Words of a larger output that are indexed: a new word costs the index some microseconds, so that a log full of
/// random ids would cost more than it cost to print.
const MAX_LARGE: usize = 2000;
/// Of them, those that the end has; it comes first, from its last line upwards.
const MAX_TAIL: usize = 1400;
/// Characters of the beginnings that the index has lists for (`prefix='3'`).
const PREFIX: usize = 3;
/// Bytes of a word that count.
const MAX_WORD: usize = 48;

/// The words of a text, each once, separated by blanks, in the order of their first place.
#[must_use]
pub(crate) fn distinct(text: &str) -> String {
    let mut words = Distinct::default();
    words.add(text, MAX_WORDS);
    words.text
}

/// The words of an output: of all of it, or of a large one's end and beginning.
#[must_use]
pub(crate) fn of_output(output: &Output) -> String {
    if output.size() <= WHOLE {
        return distinct(&output.plain());
    }
    let last = if output.tail.is_empty() {
        &output.head
    } else {
        &output.tail
    };
    let head = plain(&output.head[..output.head.len().min(HEAD)]);
    let tail = plain(&last[last.len().saturating_sub(TAIL)..]);
    let mut words = Distinct::default();
    for line in tail.lines().rev() {
        words.add(line, MAX_TAIL);
    }
    words.add(&head, MAX_LARGE);
    words.text
}

/// Words, each once.
#[derive(Default)]
struct Distinct<'a> {
    seen: HashSet<&'a str, Quick>,
    text: String,
}

impl<'a> Distinct<'a> {
    /// Adds the words of a text until there are so many in all.
    fn add(&mut self, text: &'a str, most: usize) {
        for word in split(text) {
            if self.seen.len() >= most {
                return;
            }
            let word = cut(word);
            if !self.seen.insert(word) {
                continue;
            }
            if word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            {
                self.text.push_str(word);
            } else {
                self.text.extend(word.chars().flat_map(char::to_lowercase));
            }
            self.text.push(' ');
        }
    }
}

/// Runs of letters, digits and `_`.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.len() - trimmed(rest, false).len();
        let word = &rest[start..];
        let end = word.len() - trimmed(word, true).len();
        rest = &word[end..];
        (end > 0).then(|| &word[..end])
    })
}

/// A text without the characters at its beginning that belong to a word, or do not. Most are ASCII, for which a
/// table is enough.
fn trimmed(text: &str, word: bool) -> &str {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let (is, length) = if byte.is_ascii() {
            (IN_WORD[usize::from(byte)], 1)
        } else {
            let one = text[at..].chars().next().unwrap_or_default();
            (is_word(one), one.len_utf8())
        };
        if is != word {
            break;
        }
        at += length;
    }
    &text[at..]
}

/// Which ASCII characters belong to words.
const IN_WORD: [bool; 128] = {
    let mut table = [false; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    table
};

fn is_word(one: char) -> bool {
    one.is_ascii_alphanumeric() || one == '_' || (!one.is_ascii() && one.is_alphanumeric())
}

fn cut(word: &str) -> &str {
    let mut end = word.len().min(MAX_WORD);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    &word[..end]
}

/// FNV-1a: short keys, no outside control over what it costs beyond [`MAX_WORDS`].
#[derive(Clone, Copy, Default)]
struct Quick;

impl std::hash::BuildHasher for Quick {
    type Hasher = Fnv;
    fn build_hasher(&self) -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

struct Fnv(u64);

impl std::hash::Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut eight = [0; 8];
            eight[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0 ^ u64::from_le_bytes(eight)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            self.0 ^= self.0 >> 29;
        }
    }
}

/// What the user typed, ready to be looked up and to be checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    /// What blanks separate, in lower case; each must be there.
    terms: Vec<String>,
}

impl Pattern {
    /// Cuts what the user typed at blanks.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        Self {
            terms: typed.split_whitespace().map(str::to_lowercase).collect(),
        }
    }

    /// Nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Letters' worth of characters typed, blanks aside: an ideograph or a syllable says as much as two letters.
    #[must_use]
    pub fn characters(&self) -> usize {
        let worth = |one: char| if one < '\u{1100}' { 1 } else { 2 };
        self.terms
            .iter()
            .flat_map(|term| term.chars())
            .map(worth)
            .sum()
    }

    /// The terms.
    #[must_use]
    pub fn terms(&self) -> &[String] {
        &self.terms
    }

    /// The question to the index: every word of every term, the last of a term as a beginning; `None`
    /// if no term has a word in it.
    pub(crate) fn question(&self) -> Option<String> {
        self.question_by(usize::MAX)
    }

    /// A question that finds more and is answered at once: of the beginnings of words only what the index has
    /// lists for; `None` where that is no other question.
    pub(crate) fn coarse_question(&self) -> Option<String> {
        let coarse = self.question_by(PREFIX);
        if coarse == self.question() {
            None
        } else {
            coarse
        }
    }

    fn question_by(&self, longest: usize) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        for term in &self.terms {
            let words: Vec<&str> = split(term).map(cut).collect();
            let open = term.chars().next_back().is_some_and(is_word);
            for (idx, word) in words.iter().enumerate() {
                // Quotes make a word of it whatever it is; a quote is no part of a word.
                let last = idx + 1 == words.len() && open;
                let word: String = if last {
                    word.chars().take(longest).collect()
                } else {
                    (*word).to_owned()
                };
                parts.push(format!("\"{word}\"{}", if last { "*" } else { "" }));
            }
        }
        (!parts.is_empty()).then(|| parts.join(" AND "))
    }

    /// Whether the index alone cannot tell: a term has something besides one word.
    pub(crate) fn needs_check(&self) -> bool {
        self.terms
            .iter()
            .any(|term| term.len() > MAX_WORD || !term.chars().all(is_word))
    }

    /// Whether all terms stand in one of two texts, wherever.
    #[must_use]
    pub fn matches(&self, command: &str, output: &str) -> bool {
        if self.terms.is_empty() {
            return true;
        }
        let (command, output) = (command.to_lowercase(), output.to_lowercase());
        self.terms
            .iter()
            .all(|term| command.contains(term.as_str()) || output.contains(term.as_str()))
    }

    /// Where the terms stand in a line: byte ranges, in order, not overlapping.
    #[must_use]
    pub fn find(&self, line: &str) -> Vec<std::ops::Range<usize>> {
        let (lower, places) = lower_case(line);
        let mut found: Vec<std::ops::Range<usize>> = Vec::new();
        for term in &self.terms {
            for (at, _) in lower.match_indices(term.as_str()) {
                let end = at + term.len();
                let start = places.partition_point(|(low, _)| *low <= at) - 1;
                let last = places.partition_point(|(low, _)| *low < end);
                let end = places
                    .get(last)
                    .map_or(line.len(), |(_, original)| *original);
                found.push(places[start].1..end);
            }
        }
        found.sort_by_key(|range| (range.start, range.end));
        let mut joined: Vec<std::ops::Range<usize>> = Vec::new();
        for range in found {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        joined
    }
}

/// A line in lower case, and for each of its characters the place there and in the line.
fn lower_case(line: &str) -> (String, Vec<(usize, usize)>) {
    let mut lower = String::with_capacity(line.len());
    let mut places = Vec::with_capacity(line.len());
    for (at, one) in line.char_indices() {
        places.push((lower.len(), at));
        lower.extend(one.to_lowercase());
    }
    (lower, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_indexed_once_in_lower_case() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(distinct(text).trim_end(), expected);
        }
        check("", "");
        check(
            "error: Error in src/main.rs:12",
            "error error in src main rs 12",
        );
        check("a a b a", "a b");
        check("│ Größe │ ✓snake_case", "größe snake_case");
    }

    #[test]
    fn a_large_output_is_indexed_at_both_ends() {
        let text = format!(
            "first\n{}middle\n{}last\n",
            "x\n".repeat(HEAD),
            "x\n".repeat(TAIL)
        );
        let mut output = Output::whole(text.as_bytes());
        assert_eq!(of_output(&output).trim_end(), "last x first");
        output.bound(150_000);
        assert_eq!(of_output(&output).trim_end(), "last x first");
        // Of very many words those at the end count, and some of the beginning.
        let many: String = (0..100_000).map(|n| format!("word{n}\n")).collect();
        let words = of_output(&Output::whole(many.as_bytes()));
        assert_eq!(words.split(' ').count(), MAX_LARGE + 1);
        assert!(words.starts_with("word99999 word99998 ") && words.contains(" word0 "));
        let small = Output::whole(b"a middle z\n");
        assert_eq!(of_output(&small).trim_end(), "a middle z");
    }

    #[test]
    fn questions_are_made_of_words() {
        #[track_caller]
        fn check(typed: &str, expected: Option<&str>) {
            assert_eq!(Pattern::new(typed).question().as_deref(), expected);
        }
        check("", None);
        check("--", None);
        check("err", Some("\"err\"*"));
        check("cargo err", Some("\"cargo\"* AND \"err\"*"));
        check("src/main.rs", Some("\"src\" AND \"main\" AND \"rs\"*"));
        check("error:", Some("\"error\""));
        check("a\" OR b*", Some("\"a\" AND \"or\"* AND \"b\""));
        check("NEAR(x", Some("\"near\" AND \"x\"*"));
    }

    #[test]
    fn ideographs_say_more_than_letters() {
        for (typed, expected) in [("er ", 2), ("err", 3), ("žl", 2), ("日", 2), ("日本", 4)] {
            assert_eq!(Pattern::new(typed).characters(), expected, "{typed}");
        }
    }

    #[test]
    fn what_stands_between_words_is_checked_on_the_text() {
        let pattern = Pattern::new("main.rs E0308");
        assert!(pattern.needs_check());
        assert!(pattern.matches("cargo build", "error[E0308] in src/main.rs"));
        assert!(!pattern.matches("cargo build", "error[E0308] in src/main/rs"));
        assert!(!Pattern::new("error").needs_check());
    }

    #[test]
    fn places_are_those_of_the_original_line() {
        #[track_caller]
        fn check(typed: &str, line: &str, expected: &[&str]) {
            let found = Pattern::new(typed).find(line);
            let texts: Vec<&str> = found.iter().map(|range| &line[range.clone()]).collect();
            assert_eq!(texts, expected);
        }
        check("err", "Error: ERR", &["Err", "ERR"]);
        check("err rror", "Error", &["Error"]);
        check("x", "abc", &[]);
        // One letter becomes two in lower case.
        check("b", "İİb", &["b"]);
        check("", "abc", &[]);
    }
}

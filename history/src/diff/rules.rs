//! What is put aside before lines are compared: what differs at every run and means nothing.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What is put aside; each can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Dates and times of day.
    pub times: bool,
    /// How long something took: `0.53s`, `12 ms`, `1m 20s`.
    pub durations: bool,
    /// Hashes, addresses, UUIDs.
    pub hex: bool,
    /// Paths below `/tmp` and its like.
    pub temporary_paths: bool,
    /// Blanks at the end of a line, and how many stand between words.
    pub blanks: bool,
    /// All numbers.
    pub numbers: bool,
}

impl Default for Rules {
    /// All but numbers and blanks.
    fn default() -> Self {
        Self {
            times: true,
            durations: true,
            hex: true,
            temporary_paths: true,
            blanks: false,
            numbers: false,
        }
    }
}

impl Rules {
    /// Lines are compared as they are.
    pub const EXACT: Self = Self {
        times: false,
        durations: false,
        hex: false,
        temporary_paths: false,
        blanks: false,
        numbers: false,
    };
}

/// Compiles a pattern that is part of the program.
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is tested")
}

static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?: ?(?:Z\b|[+-]\d\d:?\d\d\b))?",
        r"|\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: ?[AaPp][Mm])?\b",
        r"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* {1,2}\d{1,2}(?: \d\d:\d\d(?::\d\d)?)?(?:,? \d{4})?\b",
    ))
});
static DURATIONS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:\d+ ?h(?:ours?)? ?)?(?:\d+ ?m(?:in(?:utes?)?)? ?)?\d+(?:[.,]\d+)? ?(?:ns|µs|us|ms|s|secs?|seconds?|mins?|minutes?|m|h|hours?)\b",
    )
});
static HEX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:0[xX][0-9a-fA-F]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{7,128}|[0-9A-F]{7,128})\b",
    )
});
static TEMPORARY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?:/private)?/(?:tmp|var/tmp|var/folders|dev/shm|run/user/\d+)/[^\s:'"()\[\]<>,;]+"#)
});
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d+(?:[.,]\d+)*"));

/// A line's form for comparison: what the rules put aside is a placeholder.
#[must_use]
pub fn normalize(line: &str, rules: Rules) -> String {
    let mut form = line.to_owned();
    let mut put_aside = |rule: bool, pattern: &Regex, placeholder: &str| {
        if rule && pattern.is_match(&form) {
            form = pattern.replace_all(&form, placeholder).into_owned();
        }
    };
    put_aside(rules.temporary_paths, &TEMPORARY, "‹path›");
    put_aside(rules.times, &TIMES, "‹time›");
    if rules.hex && HEX.is_match(&form) {
        form = HEX.replace_all(&form, hex_or_word).into_owned();
    }
    let mut put_aside = |rule: bool, pattern: &Regex, placeholder: &str| {
        if rule && pattern.is_match(&form) {
            form = pattern.replace_all(&form, placeholder).into_owned();
        }
    };
    put_aside(rules.durations, &DURATIONS, "‹duration›");
    put_aside(rules.numbers, &NUMBERS, "‹number›");
    if rules.blanks {
        form = form.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    form
}

/// A run of hex digits is an id only if it has both letters and digits: `deadbeef` may be one,
/// `1234567` a count, `defaced` a word.
fn hex_or_word(found: &Captures<'_>) -> String {
    let text = &found[0];
    let id = text.starts_with("0x")
        || text.starts_with("0X")
        || (text.bytes().any(|byte| byte.is_ascii_digit())
            && text.bytes().any(|byte| byte.is_ascii_alphabetic()));
    if id {
        "‹id›".to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(normalize(line, Rules::default()), expected);
    }

    #[test]
    fn what_differs_at_every_run_is_put_aside() {
        check("", "");
        check("2026-11-29T08:52:58.123Z start", "‹time› start");
        check("2026-11-29 08:52:58 +0200 start", "‹time› start");
        check("Nov 29 08:52:58 host sshd", "‹time› host sshd");
        check("Sun Nov  9 08:52:58 2026", "‹time›");
        check("[10:02:03] ok", "[‹time›] ok");
        check("Finished in 0.53s", "Finished in ‹duration›");
        check("took 1m 20s", "took ‹duration›");
        check("12 ms and 3µs", "‹duration› and ‹duration›");
        check("commit 3fa9b2c4d0", "commit ‹id›");
        check("at 0x7ffeb30", "at ‹id›");
        check("id 123e4567-e89b-12d3-a456-426614174000.", "id ‹id›.");
        check("wrote /tmp/tmp.x9Z/out.txt: done", "wrote ‹path›: done");
    }

    #[test]
    fn words_counts_and_versions_stay() {
        for line in [
            "defaced 1234567 effaced",
            "v1.2.3 of 10 tests",
            "3 files, 2 passed",
            "https://x.org/a",
        ] {
            check(line, line);
        }
    }

    #[test]
    fn rules_can_be_switched() {
        let line = "10:02:03  a 17";
        assert_eq!(normalize(line, Rules::EXACT), line);
        let all = Rules {
            blanks: true,
            numbers: true,
            ..Rules::default()
        };
        assert_eq!(normalize(line, all), "‹time› a ‹number›");
    }
}

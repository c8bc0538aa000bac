//! The cheap look before the patterns: which lines of a text can hold a secret at all.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input};

use super::patterns::{ADDRESS, SIGNS};

/// Bytes of an address in which an `@` is sought.
const MAX_ADDRESS: usize = 1024;

/// What finds the signs of secrets, all at once.
#[derive(Clone, Debug)]
pub(super) struct Signs(AhoCorasick);

impl Signs {
    pub(super) fn new() -> Self {
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(SIGNS)
            .expect("the signs are few and short");
        Self(finder)
    }

    /// The lines with a sign, each with the line after it: what a line announces may stand on the next. A private
    /// key goes on to its end. In order; no two overlap or touch.
    pub(super) fn lines(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while let Some(sign) = self.0.find(Input::new(text).range(at..)) {
            let address = SIGNS[sign.pattern().as_usize()] == ADDRESS;
            if address && !has_account(&text[sign.end()..]) {
                at = sign.end();
                continue;
            }
            let start = text[..sign.start()].rfind('\n').map_or(0, |at| at + 1);
            at = line_end(text, sign.end());
            let mut end = line_end(text, at);
            if let Some(key) = key_end(text, start, end) {
                (at, end) = (key, key);
            }
            match found.last_mut() {
                Some(last) if last.end >= start => last.end = last.end.max(end),
                _ => found.push(start..end),
            }
        }
        found
    }
}

/// After the newline of the line in which `at` is.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// Whether an `@` stands in what follows `://`, before its path ends.
fn has_account(rest: &str) -> bool {
    rest.bytes()
        .take(MAX_ADDRESS)
        .take_while(|byte| !byte.is_ascii_whitespace() && *byte != b'/')
        .any(|byte| byte == b'@')
}

/// The end of the line that ends a private key which begins within a range.
fn key_end(text: &str, start: usize, end: usize) -> Option<usize> {
    let begin = start + text[start..end].find("-----BEGIN ")?;
    let header = &text[begin..line_end(text, begin)];
    if !header.contains("PRIVATE KEY") {
        return None;
    }
    let last = text[begin..].find("-----END ");
    Some(last.map_or(text.len(), |last| line_end(text, begin + last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = Signs::new().lines(text);
        let lines: Vec<&str> = found.iter().map(|range| &text[range.clone()]).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_with_a_sign_are_found_with_the_next() {
        check("", &[]);
        check("nothing\nof\ninterest\n", &[]);
        check("a\nmy TOKEN is\nb\nc\nd\n", &["my TOKEN is\nb\n"]);
        check("Token\nx\ny\npasswd", &["Token\nx\n", "passwd"]);
        check("token\nsecret\nx\ny", &["token\nsecret\nx\n"]);
        check("token\nx\nsecret\ny", &["token\nx\nsecret\ny"]);
    }

    #[test]
    fn an_address_needs_an_account() {
        check("see https://example.org/a@b\n", &[]);
        check(
            "a https://x.org/ b\nc ssh://me:x@y z\n",
            &["c ssh://me:x@y z\n"],
        );
    }

    #[test]
    fn a_private_key_goes_on_to_its_end() {
        let dashes = "-----";
        let text = format!(
            "a\n{dashes}BEGIN RSA PRIVATE KEY{dashes}\n1\n2\n3\n{dashes}END RSA PRIVATE KEY{dashes}\nb\nc\n"
        );
        let found = Signs::new().lines(&text);
        assert_eq!(found.len(), 1);
        assert!(text[found[0].clone()].starts_with("-----BEGIN"));
        assert!(text[found[0].clone()].contains("END RSA"));
        let open = &text[..text.find("3\n").unwrap()];
        check(open, &[&open[2..]]);
    }
}

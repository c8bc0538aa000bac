//! `~/.bash_history`: a line a command; with `HISTTIMEFORMAT` set, `#SECONDS` before each, and then a
//! command may have several lines (`shopt -s lithist`).

use super::Entry;

/// Reads the file's bytes.
pub(super) fn read(bytes: &[u8]) -> Vec<Entry> {
    let text = String::from_utf8_lossy(bytes);
    let mut entries: Vec<Entry> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if let Some(seconds) = stamp(line) {
            entries.push(Entry {
                started_us: seconds.checked_mul(1_000_000),
                ..Entry::default()
            });
            open = true;
            continue;
        }
        match entries.last_mut() {
            Some(entry) if open => {
                if !entry.command.is_empty() {
                    entry.command.push('\n');
                }
                entry.command.push_str(line);
            }
            _ => entries.push(Entry {
                command: line.to_owned(),
                ..Entry::default()
            }),
        }
    }
    entries
}

/// The seconds of a time stamp; a comment that a user typed has other characters too.
fn stamp(line: &str) -> Option<i64> {
    let digits = line.strip_prefix('#')?;
    let plausible =
        (9..=11).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    plausible.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Option<i64>)]) {
        let entries = read(text.as_bytes());
        let found: Vec<(&str, Option<i64>)> = entries
            .iter()
            .map(|entry| {
                (
                    entry.command.as_str(),
                    entry.started_us.map(|time| time / 1_000_000),
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_and_stamps_are_read() {
        check("", &[]);
        check("ls\ncd x\n", &[("ls", None), ("cd x", None)]);
        check(
            "#1700000000\nls\n#1700000005\nfor x in 1; do\n  echo\ndone\n",
            &[
                ("ls", Some(1_700_000_000)),
                ("for x in 1; do\n  echo\ndone", Some(1_700_000_005)),
            ],
        );
        check(
            "old\n# a comment\n#1700000000\nnew\n",
            &[
                ("old", None),
                ("# a comment", None),
                ("new", Some(1_700_000_000)),
            ],
        );
    }
}

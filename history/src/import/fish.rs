//! fish's `fish_history`: it looks like YAML and is not: `- cmd: `, `  when: `, `  paths:` with a list.
//! In a command `\n` is a newline and `\\` a backslash.

use super::Entry;

/// Reads the file's bytes.
pub(super) fn read(bytes: &[u8]) -> Vec<Entry> {
    let text = String::from_utf8_lossy(bytes);
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("- cmd: ") {
            entries.push(Entry {
                command: unescape(command),
                ..Entry::default()
            });
        } else if let Some(seconds) = line.strip_prefix("  when: ")
            && let Some(entry) = entries.last_mut()
        {
            let seconds: Option<i64> = seconds.trim().parse().ok();
            entry.started_us = seconds.and_then(|seconds| seconds.checked_mul(1_000_000));
        }
    }
    entries
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(one) = rest.next() {
        if one != '\\' {
            plain.push(one);
            continue;
        }
        match rest.next() {
            Some('n') => plain.push('\n'),
            Some('\\') | None => plain.push('\\'),
            Some(other) => plain.extend(['\\', other]),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_times_are_read() {
        let text = "- cmd: ls\n  when: 1700000000\n- cmd: for x in 1\\n  echo \\\\x\\nend\n  when: 1700000005\n  paths:\n    - x\n    - when: 3\n- cmd: last\n";
        let found: Vec<(String, Option<i64>)> = read(text.as_bytes())
            .into_iter()
            .map(|entry| (entry.command, entry.started_us.map(|time| time / 1_000_000)))
            .collect();
        assert_eq!(
            found,
            [
                ("ls".to_owned(), Some(1_700_000_000)),
                (
                    "for x in 1\n  echo \\x\nend".to_owned(),
                    Some(1_700_000_005)
                ),
                ("last".to_owned(), None),
            ]
        );
        assert!(read(b"nonsense\n").is_empty());
    }
}

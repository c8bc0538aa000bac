//! zsh's history file: a line a command, or `: SECONDS:DURATION;command` (`EXTENDED_HISTORY`). A newline
//! within a command is written after a backslash. Bytes that zsh uses itself are *metafied*: 0x83, then
//! the byte with bit 5 turned over (`Src/utils.c`).

use super::Entry;

/// zsh's Meta.
const META: u8 = 0x83;

/// Reads the file's bytes.
pub(super) fn read(bytes: &[u8]) -> Vec<Entry> {
    let bytes = without_meta(bytes);
    let text = String::from_utf8_lossy(&bytes);
    let mut entries = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut whole = line.to_owned();
        while whole.ends_with('\\') {
            let Some(next) = lines.next() else { break };
            whole.pop();
            whole.push('\n');
            whole.push_str(next);
        }
        entries.push(entry(&whole));
    }
    entries
}

fn without_meta(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match (*byte, rest.as_slice().first()) {
            (META, Some(next)) => {
                plain.push(next ^ 32);
                rest.next();
            }
            _ => plain.push(*byte),
        }
    }
    plain
}

fn entry(line: &str) -> Entry {
    let extended = || {
        let (stamp, command) = line.strip_prefix(": ")?.split_once(';')?;
        let (started, elapsed) = stamp.split_once(':')?;
        let started: i64 = started.trim().parse().ok()?;
        let elapsed: u64 = elapsed.trim().parse().ok()?;
        Some(Entry {
            command: command.to_owned(),
            started_us: started.checked_mul(1_000_000),
            duration_us: elapsed.checked_mul(1_000_000),
            ..Entry::default()
        })
    };
    extended().unwrap_or_else(|| Entry {
        command: line.to_owned(),
        ..Entry::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &[(&str, Option<i64>, Option<u64>)]) {
        let entries = read(bytes);
        let found: Vec<(&str, Option<i64>, Option<u64>)> = entries
            .iter()
            .map(|entry| {
                let seconds = entry.started_us.map(|time| time / 1_000_000);
                (
                    entry.command.as_str(),
                    seconds,
                    entry.duration_us.map(|time| time / 1_000_000),
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn both_forms_and_several_lines_are_read() {
        check(b"", &[]);
        check(b"ls\ncd x\n", &[("ls", None, None), ("cd x", None, None)]);
        check(
            b": 1700000000:5;make\n: 1700000009:0;for x in 1; do\\\n  echo\\\ndone\n",
            &[
                ("make", Some(1_700_000_000), Some(5)),
                ("for x in 1; do\n  echo\ndone", Some(1_700_000_009), Some(0)),
            ],
        );
        check(b": not a stamp;x\n", &[(": not a stamp;x", None, None)]);
        check(b"cut\\", &[("cut\\", None, None)]);
    }

    #[test]
    fn metafied_bytes_are_turned_back() {
        // "ä" is C3 A4; zsh writes A4 as 83 84. "à" is C3 A0: A0 becomes 83 80.
        check(b"echo \xc3\x83\x84\n", &[("echo ä", None, None)]);
        check(b"echo \xc3\x83\x80\n", &[("echo à", None, None)]);
    }
}

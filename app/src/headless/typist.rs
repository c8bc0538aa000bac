//! A typist: enters a file's lines as a person does, each once the program is quiet.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::session::Session;

/// How long nothing may come from the program before it counts as waiting for input.
const QUIET: Duration = Duration::from_millis(60);
/// How long to wait for the first sign of life: a shell reads its files before it prompts.
const FIRST_SIGN: Duration = Duration::from_secs(2);
/// How long a program may keep printing before the next line is typed all the same.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often to look.
const GLANCE: Duration = Duration::from_millis(5);

/// Reads what is to be typed; `-` is the standard input.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let read = if path == Path::new("-") {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut text).map(|_| text)
    } else {
        std::fs::read(path)
    };
    read.with_context(|| format!("cannot read {}", path.display()))
}

/// Types `text` in a thread of its own, which ends with it or with the program.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn start(
    session: Arc<Session>,
    text: Vec<u8>,
) -> anyhow::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new()
        .name("typist".to_owned())
        .spawn(move || {
            await_first_sign(&session);
            for line in lines(&text) {
                await_quiet(&session);
                if session.ended().is_some() {
                    return;
                }
                session.write(line);
            }
            await_quiet(&session);
        })
        .context("cannot start a thread to type")
}

/// The lines as keys send them: each ends with what Enter sends, a carriage return.
fn lines(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    text.split_inclusive(|byte| *byte == b'\n')
        .map(|line| match line {
            [line @ .., b'\r', b'\n'] | [line @ .., b'\n'] => [line, b"\r"].concat(),
            rest => rest.to_vec(),
        })
}

fn await_first_sign(session: &Session) {
    let deadline = Instant::now() + FIRST_SIGN;
    while session.parsed().1 == 0 && session.ended().is_none() && Instant::now() < deadline {
        std::thread::sleep(GLANCE);
    }
}

/// Waits until the program is quiet: it has taken its input, prints nothing, and is not computing.
fn await_quiet(session: &Session) {
    let deadline = Instant::now() + PATIENCE;
    let mut seen = session.parsed();
    let mut since = Instant::now();
    while session.ended().is_none() && Instant::now() < deadline {
        std::thread::sleep(GLANCE);
        let parsed = session.parsed();
        let waiting = session.io().map_or(0, |io| io.input().waiting());
        if parsed != seen || waiting > 0 || is_computing(session) {
            seen = parsed;
            since = Instant::now();
        } else if since.elapsed() >= QUIET {
            return;
        }
    }
}

/// Whether the foreground program is running on a processor or waiting for a disk (Linux: proc(5)).
fn is_computing(session: &Session) -> bool {
    let Some(process) = session
        .io()
        .and_then(|io| io.control().foreground_process())
    else {
        return false;
    };
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{}/stat", process.pid)) else {
        return false;
    };
    // The name before the state may hold anything, a parenthesis too.
    let state = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next());
    matches!(state, Some('R' | 'D'))
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[track_caller]
    fn check(text: &[u8], expected: &[&[u8]]) {
        assert_eq!(lines(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn lines_end_with_what_enter_sends() {
        check(b"", &[]);
        check(b"a", &[b"a"]);
        check(b"a\nb\n", &[b"a\r", b"b\r"]);
        check(b"a\r\n\nb", &[b"a\r", b"\r", b"b"]);
        check(b"\x1b:q\r", &[b"\x1b:q\r"]);
    }
}

//! What runs on the other side: small POSIX scripts, given their data as arguments and never as text.
//!
//! They hold no single quote, no exclamation mark and no newline, so that an account's login shell (ssh hands
//! it one string) reads them as they are, whichever it is.

use std::ffi::OsString;

use pty::ShellKey;
use pty::integration::remote::Bootstrap;

use crate::plan::ShellWish;
use crate::tool::quote;

/// Goes to the folder `$1`, sets what a terminal needs, then runs the rest of the arguments, or the shell.
///
/// An unknown `TERM` becomes the one that all systems know. `LC_CTYPE` is set only where no locale is, so that
/// text is UTF-8.
const START: &str = "d=$1; shift; \
    [ -z \"$d\" ] || cd -- \"$d\" 2>/dev/null || echo \"terrace: no folder $d here\" >&2; \
    case \"$TERM\" in xterm-256color) ;; *) infocmp \"$TERM\" >/dev/null 2>&1 || { TERM=xterm-256color; export TERM; } ;; esac; \
    case \"${LC_ALL:-${LC_CTYPE:-$LANG}}\" in \"\"|C|POSIX) if locale -a 2>/dev/null | grep -qi \"^c.utf-*8\"; \
    then LC_CTYPE=C.UTF-8; export LC_CTYPE; fi ;; esac; \
    [ $# -eq 0 ] || exec \"$@\"; ";

/// The account's shell, else the best there is.
const SHELL: &str = "for s in \"$SHELL\" \"$(command -v bash)\" \"$(command -v zsh)\" /bin/sh; \
    do if [ -x \"$s\" ]; then exec \"$s\" -l; fi; done; exec sh";

/// The same inside a session that outlives the connection, called `$2`, with the first program that is there. dtach
/// keeps no screen: it asks for one with Ctrl+L, which it sends only to a program that reads single keys. Shells
/// do not draw their prompt again for a SIGWINCH without another size.
const SURVIVE: &str = "n=$1; shift; \
    for s in \"$SHELL\" \"$(command -v bash)\" \"$(command -v zsh)\" /bin/sh; do if [ -x \"$s\" ]; then break; fi; done; \
    [ $# -gt 0 ] || set -- \"$s\" -l; \
    if command -v tmux >/dev/null 2>&1; then exec tmux new-session -A -s \"$n\" \"$@\"; fi; \
    if command -v screen >/dev/null 2>&1; then exec screen -D -RR -S \"$n\" \"$@\"; fi; \
    if command -v dtach >/dev/null 2>&1; then exec dtach -A \"${TMPDIR:-/tmp}/$n\" -r ctrl_l \"$@\"; fi; \
    if command -v abduco >/dev/null 2>&1; then exec abduco -A \"$n\" \"$@\"; fi; \
    exec \"$@\"";

/// Ends the session called `$1` that [`SURVIVE`] began, whichever program keeps it. dtach and abduco have no word for
/// that; they end what they keep when they are ended. The shell drops the zeros between a process's words.
const END_SURVIVOR: &str = "n=$1; exec 2>/dev/null; tmux kill-session -t \"=$n\"; screen -S \"$n\" -X quit; \
    for d in /proc/[0-9]*; do case \"$(cat \"$d/cmdline\")\" in \
    dtach-A*\"/$n-r\"*|abduco-A\"$n\"*) kill \"${d#/proc/}\" ;; esac; done; exit 0";

/// Hangs up the session leader that has `TERRACE_SESSION=$1` in its environment, and kills it a moment later;
/// the kernel then hangs up what runs in its foreground, as it does when a terminal is closed.
///
/// It is found by its environment and not by a file with its number, which another process may have got since.
const HANG_UP: &str = "k=HUP; while :; do f=; for d in /proc/[0-9]*; do \
    case \"$(cat \"$d/environ\" 2>/dev/null)\" in *TERRACE_SESSION=$1*) ;; *) continue ;; esac; \
    s=$(cat \"$d/stat\" 2>/dev/null) || continue; set -- \"$1\" ${s##*) }; \
    if [ \"${d#/proc/}\" = \"$5\" ] && [ \"$2\" != Z ]; then kill -$k \"$5\" && f=1; fi; done; \
    if [ -z \"$f\" ] || [ $k = KILL ]; then exit 0; fi; k=KILL; sleep 1; done 2>/dev/null";

/// Joins its input and output to the port `$1` of its own loopback.
const CONNECT: &str = "if command -v nc >/dev/null 2>&1; then exec nc 127.0.0.1 \"$1\"; fi; \
    if command -v socat >/dev/null 2>&1; then exec socat - \"TCP:127.0.0.1:$1\"; fi; \
    exec bash -c \"exec 3<>/dev/tcp/127.0.0.1/$1; cat <&3 & cat >&3\"";

/// Runs a command in a folder, without a terminal.
const RUN: &str = "d=$1; shift; if [ -n \"$d\" ]; then cd -- \"$d\" || exit 1; fi; exec \"$@\"";

/// The words that start what is wished for: `sh -c …`.
pub(super) fn start(wish: &ShellWish) -> Vec<OsString> {
    let folder = wish.folder.clone().unwrap_or_default();
    let mut words = vec!["sh".into(), "-c".into()];
    match &wish.survive {
        Some(name) => {
            // START ends in running its arguments: the second script with its own.
            words.push(START.into());
            words.extend(["terrace".into(), folder.into(), "sh".into(), "-c".into()]);
            words.extend([SURVIVE.into(), "terrace".into(), OsString::from(name)]);
        }
        None => {
            words.push(format!("{START}{SHELL}").into());
            words.extend(["terrace".into(), folder.into()]);
        }
    }
    words.extend(wish.command.iter().cloned());
    words
}

/// What starts a shell that tells its prompts and commands, and the key of its marks; `None` when none is wished
/// for. Whatever is missing over there, it becomes the plain shell.
pub(crate) fn integrated(wish: &ShellWish) -> Option<(Bootstrap, ShellKey)> {
    if !wish.integrate || !wish.command.is_empty() {
        return None;
    }
    let key = ShellKey::new()?;
    let mut bootstrap = Bootstrap::new(key.clone()).login(true);
    if !wish.term.is_empty() {
        bootstrap = bootstrap.term(&wish.term);
    }
    if let Some(folder) = &wish.folder {
        bootstrap = bootstrap.folder(folder);
    }
    Some((bootstrap, key))
}

/// The same, in a session that outlives the connection, if that is wished for and there is a program for it over there.
pub(super) fn surviving(bootstrap: Bootstrap, wish: &ShellWish) -> Bootstrap {
    match &wish.survive {
        Some(name) => bootstrap.survives(name),
        None => bootstrap,
    }
}

/// The words that run a command without a terminal.
pub(super) fn run(wish: &ShellWish) -> Vec<OsString> {
    match &wish.folder {
        None => wish.command.clone(),
        Some(folder) => {
            let script = ["sh", "-c", RUN, "terrace", folder];
            script
                .iter()
                .map(Into::into)
                .chain(wish.command.iter().cloned())
                .collect()
        }
    }
}

/// The words that end a session.
pub(crate) fn hang_up(session: &str) -> Vec<OsString> {
    ["sh", "-c", HANG_UP, "terrace", session]
        .map(Into::into)
        .to_vec()
}

/// The words that end a session which outlived its connection.
pub(super) fn end_survivor(name: &str) -> Vec<OsString> {
    ["sh", "-c", END_SURVIVOR, "terrace", name]
        .map(Into::into)
        .to_vec()
}

/// The words that reach a port.
pub(super) fn connect(port: u16) -> Vec<OsString> {
    let port = port.to_string();
    ["sh", "-c", CONNECT, "terrace", &port]
        .map(Into::into)
        .to_vec()
}

/// Words as one string for the account's login shell over there. It sees words and single quotes only.
pub(super) fn line(words: &[OsString]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| quote(&word.to_string_lossy()))
        .collect();
    words.join(" ")
}

/// A name for a session that nobody guesses.
pub(crate) fn session_name() -> String {
    use std::hash::{BuildHasher, RandomState};
    // Two keyed hashes with keys from the system's random source.
    let part = || RandomState::new().hash_one(std::time::Instant::now());
    format!("{:016x}{:016x}", part(), part())
}

#[cfg(test)]
mod tests {
    use super::{CONNECT, END_SURVIVOR, HANG_UP, RUN, SHELL, START, SURVIVE, line, run, start};
    use crate::plan::ShellWish;
    use crate::tool::{Limit, ToolCall};

    #[test]
    fn scripts_pass_through_any_login_shell() {
        for script in [START, SHELL, SURVIVE, END_SURVIVOR, HANG_UP, CONNECT, RUN] {
            assert!(!script.contains(['\'', '\n']), "{script}");
            // csh takes an exclamation mark even in quotes, unless a blank or `=` follows.
            assert!(!script.replace("!= ", "").contains('!'), "{script}");
        }
    }

    #[track_caller]
    fn check(words: &[std::ffi::OsString], expected: &str) {
        let call = ToolCall::new(&words[0])
            .args(&words[1..])
            .env("TERM", "xterm-256color");
        let output = crate::tool::run(&call, &Limit::within(std::time::Duration::from_secs(60)));
        assert_eq!(output.expect("sh runs").stdout_text(), expected);
    }

    #[test]
    fn a_command_runs_in_its_folder_with_its_arguments_whole() {
        let mut wish = ShellWish {
            folder: Some("/usr".into()),
            command: [
                "sh",
                "-c",
                "pwd; printf '[%s]' \"$@\"",
                "x",
                "a b",
                "it's $HOME",
            ]
            .map(Into::into)
            .to_vec(),
            ..ShellWish::default()
        };
        check(&start(&wish), "/usr\n[a b][it's $HOME]");
        check(&run(&wish), "/usr\n[a b][it's $HOME]");
        let through = ["sh".into(), "-c".into(), line(&start(&wish)).into()];
        check(&through, "/usr\n[a b][it's $HOME]");
        wish.folder = None;
        wish.command = vec!["echo".into(), "here".into()];
        check(&start(&wish), "here\n");
        check(&run(&wish), "here\n");
    }

    #[test]
    fn an_unknown_term_becomes_one_that_is_known() {
        let wish = ShellWish {
            command: ["sh", "-c", "echo $TERM"].map(Into::into).to_vec(),
            ..ShellWish::default()
        };
        let words = start(&wish);
        let call = ToolCall::new(&words[0])
            .args(&words[1..])
            .env("TERM", "no-such-terminal");
        let limit = Limit::within(std::time::Duration::from_secs(60));
        let output = crate::tool::run(&call, &limit).expect("sh runs");
        assert_eq!(output.stdout_text(), "xterm-256color\n");
    }
}

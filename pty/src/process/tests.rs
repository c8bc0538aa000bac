//! Real programs under real pseudo-terminals.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::{Pty, Signal};
use crate::{Command, Error, ExitStatus, ShellKind, WindowSize};

const SIZE: WindowSize = WindowSize {
    columns: 80,
    rows: 24,
    pixel_width: 640,
    pixel_height: 384,
};

fn sh(script: &str) -> Command {
    Command::new("/bin/sh").arg("-c").arg(script)
}

fn spawn(command: &Command) -> Pty {
    Pty::spawn(command, SIZE).expect("the program starts")
}

fn deadline() -> Option<Instant> {
    Some(Instant::now() + Duration::from_secs(20))
}

/// Runs `command` to its end; its output without carriage returns.
#[track_caller]
fn output(command: &Command) -> String {
    let mut pty = spawn(command);
    let mut bytes = Vec::new();
    pty.reader
        .read_to_end(&mut bytes)
        .expect("output is read to its end");
    assert!(pty.control.wait(deadline()).is_some(), "the program ends");
    String::from_utf8(bytes)
        .expect("output is UTF-8")
        .replace('\r', "")
}

#[track_caller]
fn check_output(command: &Command, expected: &str) {
    assert_eq!(output(command), expected);
}

#[test]
fn a_program_sees_its_terminal() {
    check_output(&sh("stty size; tty >/dev/null && echo tty"), "24 80\ntty\n");
    check_output(
        &sh("echo $TERM $COLORTERM $TERM_PROGRAM"),
        "xterm-256color truecolor Terrace\n",
    );
    check_output(&sh("stty -a | grep -o '[-]*iutf8'"), "iutf8\n");
    check_output(&Command::new("printf").args(["%s", "a b;$c"]), "a b;$c");
}

#[test]
fn resizes_are_told_in_cells_and_pixels() {
    let mut pty = spawn(&sh(
        "trap 'stty size; exit' WINCH; echo ready; for i in $(seq 90); do sleep 1; done",
    ));
    let mut seen = Vec::new();
    let mut buffer = [0; 256];
    let mut size = None;
    while !seen.windows(6).any(|window| window == b"51 132") {
        let n = pty.reader.read(&mut buffer).expect("output is read");
        assert_ne!(
            n,
            0,
            "the program ended early: {}",
            String::from_utf8_lossy(&seen)
        );
        seen.extend_from_slice(&buffer[..n]);
        if size.is_none() && seen.starts_with(b"ready") {
            pty.control
                .resize(WindowSize::from_cells(132, 51, 8, 16))
                .expect("a resize works");
            let told = rustix::termios::tcgetwinsize(&pty.control.0.master);
            size = Some(told.expect("the kernel tells the size"));
        }
    }
    let size = size.expect("resized");
    assert_eq!((size.ws_xpixel, size.ws_ypixel), (1056, 816));
    assert_eq!(pty.control.wait(deadline()), Some(ExitStatus::Code(0)));
}

#[test]
fn the_end_is_told_as_it_was() {
    #[track_caller]
    fn check(script: &str, expected: ExitStatus) {
        let pty = spawn(&sh(script));
        assert_eq!(pty.control.wait(deadline()), Some(expected), "{script}");
        assert_eq!(pty.control.exit_status(), Some(expected));
        assert!(
            !pty.control.signal(Signal::Kill).expect("no error"),
            "nobody to be signalled"
        );
    }
    check("exit 0", ExitStatus::Code(0));
    check("exit 7", ExitStatus::Code(7));
    check("kill -9 $$", ExitStatus::Signal(9));
}

#[test]
fn a_program_that_cannot_start_is_an_error_with_its_reason() {
    #[track_caller]
    fn check(command: &Command, expected: &str) {
        let error = Pty::spawn(command, SIZE).expect_err("it cannot start");
        assert_eq!(error.to_string(), expected);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str, mode: u32| {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("permissions");
        path
    };
    let script = file("script", "#!/nonexistent/interpreter\n", 0o755);
    let data = file("data", "x", 0o644);

    check(&Command::new("no-such-program"), NO_SUCH);
    let path = script.display();
    check(
        &Command::new(&script),
        &format!(
            "program \"{path}\" cannot be run: its interpreter or loader is missing; \
             see shell.program"
        ),
    );
    let path = data.display();
    check(
        &Command::new(&data),
        &format!("program \"{path}\" cannot be run: permission denied; see shell.program"),
    );
    check(
        &Command::new("/tmp"),
        "program \"/tmp\" cannot be run: it is a folder; see shell.program",
    );
    let missing = Pty::spawn(&Command::new("/nonexistent/x"), SIZE);
    assert!(matches!(missing, Err(Error::NotFound { .. })));
}

const NO_SUCH: &str = "program \"no-such-program\" not found; see shell.program";

#[test]
fn a_missing_folder_falls_back_to_home_with_a_note() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path().canonicalize().expect("a path");
    let command = sh("pwd").env("HOME", &home).folder("/nonexistent");
    let mut pty = spawn(&command);
    let mut text = String::new();
    pty.reader.read_to_string(&mut text).expect("output");
    assert_eq!(text.trim_end(), home.to_str().expect("UTF-8"));
    let note = pty.note.expect("a note");
    assert!(
        note.contains("\"/nonexistent\" cannot be entered"),
        "{note}"
    );

    let mut pty = spawn(&sh("pwd").folder("/usr"));
    assert_eq!(pty.note, None);
    let mut text = String::new();
    pty.reader.read_to_string(&mut text).expect("output");
    assert_eq!(text, "/usr\r\n");
}

#[test]
fn no_descriptor_of_ours_leaks() {
    // As a careless library would open one: not close-on-exec.
    let leak = rustix::io::dup(rustix::stdio::stderr()).expect("a descriptor");
    // `ls` has the three standard ones and the folder that it reads.
    check_output(
        &Command::new("ls").args(["-C", "/proc/self/fd"]),
        "0  1  2  3\n",
    );
    drop(leak);
}

#[test]
fn signals_are_back_to_their_defaults() {
    let text = output(&sh("grep -E 'SigIgn|SigBlk' /proc/self/status | cut -f2"));
    for mask in text.lines() {
        let mask = u64::from_str_radix(mask, 16).expect("a signal mask");
        // The classic signals; above are the C library's own.
        assert_eq!(mask & 0x7fff_ffff, 0, "{text}");
    }
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn dropping_the_writer_types_nothing() {
    let mut pty = spawn(&sh("read line; echo \"got <$line>\""));
    pty.writer.write_all(b"rm -rf half").expect("input");
    drop(pty.writer);
    pty.control.signal(Signal::HangUp).expect("a signal");
    let mut text = String::new();
    pty.reader.read_to_string(&mut text).expect("output");
    assert!(!text.contains("got"), "{text}");
}

#[test]
fn the_foreground_process_is_known() {
    let mut pty = spawn(
        &Command::shell("/bin/bash".as_ref(), ShellKind::Interactive).args([
            "--norc",
            "--noprofile",
            "-i",
        ]),
    );
    let text = read_until(&mut pty, "$ ");
    assert!(text.contains('$') || text.contains('#'), "{text}");
    let first = pty.control.foreground_process().expect("a process");
    assert_eq!(
        (first.name.as_deref(), first.is_first),
        (Some("bash"), true)
    );

    pty.writer.write_all(b"cd /usr; cat\r").expect("input");
    read_until(&mut pty, "cat\r\n");
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        let process = pty.control.foreground_process().expect("a process");
        if process.name.as_deref() == Some("cat") {
            assert!(!process.is_first);
            break;
        }
        assert!(
            Instant::now() < limit,
            "cat never came to the foreground: {process:?}"
        );
        std::thread::yield_now();
    }
    assert_eq!(pty.control.folder().as_deref(), Some("/usr".as_ref()));
    pty.control.signal(Signal::Kill).expect("a signal");
}

/// Reads until `text` or a root prompt of the same shape appears.
fn read_until(pty: &mut Pty, text: &str) -> String {
    let other = text.replace('$', "#");
    let mut seen = String::new();
    let mut buffer = [0; 256];
    while !seen.contains(text) && !seen.contains(&other) {
        let n = pty.reader.read(&mut buffer).expect("output is read");
        assert_ne!(n, 0, "the program ended early: {seen}");
        seen.push_str(&String::from_utf8_lossy(&buffer[..n]));
    }
    seen
}

#[test]
fn the_line_state_is_read() {
    let mut pty = spawn(&sh("stty -echo intr ^G; echo ready; read line"));
    read_until(&mut pty, "ready");
    let state = pty.control.line_state();
    assert!(state.asks_password(), "{state:?}");
    assert!(
        state.special.contains(&7) && !state.special.contains(&3),
        "{state:?}"
    );

    let mut pty = spawn(&sh("stty sane; echo ready; read line"));
    read_until(&mut pty, "ready");
    let state = pty.control.line_state();
    assert!(!state.asks_password(), "{state:?}");
    for special in [
        0x03, 0x1c, 0x15, 0x1a, 0x11, 0x13, 0x17, 0x16, 0x12, 0x0f, 0x04, 0x7f,
    ] {
        assert!(
            state.special.contains(&special),
            "{special:#x} is missing: {state:?}"
        );
    }
}

#[test]
fn a_login_shell_knows_that_it_is_one() {
    let login = Command::shell("/bin/sh".as_ref(), ShellKind::Login);
    check_output(&login.args(["-c", "echo $0"]), "-sh\n");
}

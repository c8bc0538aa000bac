//! `terrace run`: a program on a real pseudo-terminal, without a window.

use std::io::Write;
use std::time::{Duration, Instant};

use tests::{Output, Screen, is_installed, run, terrace};

fn run_with(args: &[&str], command: &[&str]) -> Output {
    run(terrace().arg("run").args(args).arg("--").args(command), b"")
}

#[track_caller]
fn check_status(script: &str, expected: i32) {
    let output = run_with(&[], &["sh", "-c", script]);
    assert_eq!(output.code, Some(expected), "{script}: {}", output.stderr);
}

#[test]
fn the_exit_status_is_the_programs() {
    check_status("exit 0", 0);
    check_status("exit 1", 1);
    check_status("exit 42", 42);
    check_status("exit 255", 255);
    check_status("kill -9 $$", 137);
    check_status("kill -TERM $$", 143);
}

#[test]
fn the_last_output_is_there() {
    for _ in 0..20 {
        let output = run_with(
            &["--dump", "text", "--rows", "3"],
            &["sh", "-c", "echo one; echo two"],
        );
        assert_eq!(output.text(), "one\ntwo\n\n");
    }
}

#[test]
fn much_output_is_all_there() {
    let script = "seq 1 20000";
    let output = run_with(&["--dump", "text", "--rows", "3"], &["sh", "-c", script]);
    assert_eq!(output.text(), "19999\n20000\n\n");
}

#[track_caller]
fn check_screen(args: &[&str], script: &str, expected: &str) {
    let output = run_with(&[&["--dump", "text"], args].concat(), &["sh", "-c", script]);
    assert_eq!(output.text().trim_end(), expected, "{}", output.stderr);
}

#[test]
fn the_program_sees_a_terminal() {
    check_screen(&["--cols", "100", "--rows", "30"], "stty size", "30 100");
    check_screen(&[], "tty >/dev/null && echo yes", "yes");
    check_screen(&[], "echo $TERM $COLORTERM", "xterm-256color truecolor");
    check_screen(&["-o", "shell.term=xterm"], "echo $TERM", "xterm");
    check_screen(&["--working-directory", "/"], "pwd", "/");
}

#[test]
fn the_core_answers() {
    let ask = |question: &str, end: &str| {
        format!(
            "stty raw -echo; printf '{question}'; \
             a=; while c=$(dd bs=1 count=1 2>/dev/null | tr '\\033' E); do a=$a$c; \
             case $a in *{end}) break;; esac; done; stty sane; printf '[%s]' \"$a\""
        )
    };
    check_screen(&["--timeout", "20"], &ask("\\033[6n", "R"), "[E[1;1R]");
    check_screen(&["--timeout", "20"], &ask("\\033[5n", "n"), "[E[0n]");
    check_screen(
        &["--timeout", "20", "--cell", "9x18"],
        &ask("\\033[16t", "t"),
        "[E[6;18;9t]",
    );
    let output = run_with(&["--dump", "json"], &["printf", "\\033[5n"]);
    assert_eq!(Screen::parse(&output.text()).replies(), b"\x1b[0n");
}

#[test]
fn checksums_only_when_asked_for() {
    let question = ["printf", "A\\033[1;1;1;1;1;1*y"];
    let off = run_with(&["--dump", "json"], &question);
    assert_eq!(Screen::parse(&off.text()).replies(), b"");
    let on = run_with(
        &["--dump", "json", "-o", "terminal.checksum_reports=true"],
        &question,
    );
    assert!(
        Screen::parse(&on.text()).replies().starts_with(b"\x1bP1!~"),
        "{}",
        on.stderr
    );
}

#[test]
fn typing_waits_for_the_program() {
    let mut keys = tempfile::NamedTempFile::new().unwrap();
    // The second line would be eaten as input of the first command if it came too early.
    keys.write_all(
        b"sh -c 'sleep 0.2; stty -echo; echo ready; head -n1; stty echo'\nhello\nexit 7\n",
    )
    .unwrap();
    let file = keys.path().to_str().unwrap();
    let output = run_with(
        &["--input", file, "--dump", "text", "--timeout", "30"],
        &["env", "PS1=$ ", "sh", "-i"],
    );
    assert_eq!(output.code, Some(7), "{}", output.stderr);
    assert!(
        output.text().contains("\nready\nhello\n"),
        "{}",
        output.text()
    );
}

#[test]
fn a_timeout_ends_even_the_deaf() {
    let start = Instant::now();
    let output = run_with(
        &["--timeout", "0.5", "--dump", "text"],
        &[
            "sh",
            "-c",
            "trap '' HUP TERM INT; echo started; while :; do sleep 1; done",
        ],
    );
    assert_eq!(output.code, Some(124));
    assert!(output.text().starts_with("started\n"), "{}", output.text());
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_recording_gives_the_same_screen() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording");
    let output = run(
        terrace()
            .args(["run", "--dump", "text", "--record"])
            .arg(&file)
            .args(["--", "sh", "-c", "printf 'a\\033[31mb\\nc'"]),
        b"",
    );
    let bytes = std::fs::read(&file).unwrap();
    assert_eq!(bytes, b"a\x1b[31mb\r\nc");
    assert_eq!(
        run(terrace().arg("dump").arg(&file), b"").text(),
        output.text()
    );
}

#[track_caller]
fn check_failure(args: &[&str], command: &[&str], expected: &str) {
    let output = run_with(args, command);
    assert_ne!(output.code, Some(0));
    assert!(output.stderr.contains(expected), "{}", output.stderr);
    assert_eq!(
        output.stderr.trim_end().lines().count(),
        1,
        "{}",
        output.stderr
    );
}

#[test]
fn mistakes_are_told_in_a_sentence() {
    check_failure(&[], &["/no/such/program"], "\"/no/such/program\" not found");
    check_failure(&[], &["/etc/passwd"], "\"/etc/passwd\" cannot be run");
    check_failure(&["-o", "font.size=huge"], &["true"], "font.size");
    check_failure(
        &["--input", "/no/such/file"],
        &["true"],
        "cannot read /no/such/file",
    );
    check_failure(
        &["--control", "/no/such/folder/s"],
        &["true"],
        "cannot listen on",
    );
}

#[test]
fn a_flood_of_questions_without_reading_does_not_hang() {
    // 300,000 questions, none of the answers read: replies past the bound are dropped.
    let script =
        "stty -echo; yes \"$(printf '\\033[6n\\033[c')\" | head -n 150000; echo; echo through";
    let output = run_with(
        &["--dump", "text", "--timeout", "60"],
        &["sh", "-c", script],
    );
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(output.text().contains("through"), "{}", output.text());
}

#[test]
fn vim_starts_and_quits() {
    if !is_installed("vim.tiny") {
        return;
    }
    let mut keys = tempfile::NamedTempFile::new().unwrap();
    keys.write_all(b"ihello\x1b\n:q!\n").unwrap();
    let file = keys.path().to_str().unwrap();
    let output = run_with(
        &["--input", file, "--timeout", "30", "--dump", "json"],
        &["vim.tiny", "-u", "NONE"],
    );
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert_eq!(Screen::parse(&output.text()).0["screen"], "main");
}

//! Panes' threads with real programs, those that behave and those that do not.

use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, unbounded};

use super::queue::PaneInput;
use super::{
    CloseReason, Closed, InputError, InputQueue, MAX_INPUT, PaneHandler, PaneIo, spawn_io,
};
use crate::{Command, ExitStatus, Pty, Signal, WindowSize};

const PATIENCE: Duration = Duration::from_secs(60);

/// What a pane told its handler.
#[derive(Debug)]
enum Told {
    Output(Vec<u8>),
    Closed(Closed),
    Drained,
}

struct Tell(Sender<Told>);

impl PaneHandler for Tell {
    fn output(&mut self, bytes: &[u8], _: &InputQueue) {
        assert!(bytes.len() <= 64 * 1024);
        let _ = self.0.send(Told::Output(bytes.to_vec()));
    }

    fn closed(&mut self, end: Closed) {
        let _ = self.0.send(Told::Closed(end));
    }
}

struct Pane {
    io: PaneIo,
    told: Receiver<Told>,
    output: String,
}

impl Pane {
    fn run(script: &str) -> Self {
        let (sender, told) = unbounded();
        let drained = sender.clone();
        let command = Command::new("/bin/sh").arg("-c").arg(script);
        let pty = Pty::spawn(&command, WindowSize::from_cells(80, 24, 8, 16)).expect("it starts");
        let io = spawn_io(pty, "test", Tell(sender), move || {
            drop(drained.send(Told::Drained))
        });
        Self {
            io: io.expect("threads start"),
            told,
            output: String::new(),
        }
    }

    #[track_caller]
    fn next(&mut self) -> Told {
        let told = self
            .told
            .recv_timeout(PATIENCE)
            .expect("the pane says something in time");
        if let Told::Output(bytes) = &told {
            self.output.push_str(&String::from_utf8_lossy(bytes));
        }
        told
    }

    #[track_caller]
    fn until_output(&mut self, text: &str) {
        while !self.output.contains(text) {
            let told = self.next();
            assert!(
                !matches!(told, Told::Closed(_)),
                "{told:?} before {text}: {}",
                self.output
            );
        }
    }

    #[track_caller]
    fn until_closed(&mut self) -> Closed {
        loop {
            if let Told::Closed(end) = self.next() {
                assert!(
                    self.told.try_recv().is_err(),
                    "something came after the end"
                );
                return end;
            }
        }
    }

    /// Reads on, keeping nothing, until the writer says that all is written.
    #[track_caller]
    fn until_drained(&mut self) {
        while !matches!(self.next(), Told::Drained) {}
    }
}

#[test]
fn output_comes_whole_before_the_end() {
    #[track_caller]
    fn check(script: &str, output: &str, status: ExitStatus) {
        let mut pane = Pane::run(script);
        let end = pane.until_closed();
        assert_eq!(
            end,
            Closed {
                reason: CloseReason::Exited,
                status: Some(status)
            }
        );
        assert_eq!(pane.output.replace("\r\n", "\n"), output);
        assert_eq!(pane.io.input().push("x"), Err(InputError::Ended));
    }
    check("echo hello", "hello\n", ExitStatus::Code(0));
    check("printf end; exit 3", "end", ExitStatus::Code(3));
    check("printf x; kill -TERM $$", "x", ExitStatus::Signal(15));
    let lines: String = (1..=20_000).map(|n| format!("{n}\n")).collect();
    check("seq 20000", &lines, ExitStatus::Code(0));
    // A job in the background holds the terminal open; the pane ends with its shell anyway.
    check(
        "sleep 100 & echo shell done",
        "shell done\n",
        ExitStatus::Code(0),
    );
}

#[test]
fn a_background_job_that_prints_on_does_not_keep_the_pane() {
    let mut pane = Pane::run("(trap '' HUP; while echo y; do :; done) & exit 4");
    assert_eq!(pane.until_closed().status, Some(ExitStatus::Code(4)));
}

#[test]
fn what_is_typed_is_read() {
    let mut pane = Pane::run("read line; echo \"<$line>\"");
    pane.io.input().push("hello\r").expect("room");
    assert_eq!(pane.until_closed().status, Some(ExitStatus::Code(0)));
    assert!(pane.output.contains("<hello>"), "{}", pane.output);
}

#[test]
fn the_last_of_several_resizes_wins() {
    let mut pane = Pane::run("read line; stty size");
    for rows in 1..=100 {
        pane.io
            .input()
            .resize(WindowSize::from_cells(99, rows, 8, 16))
            .expect("room");
    }
    pane.io.input().push("\r").expect("room");
    pane.until_closed();
    assert!(pane.output.contains("100 99"), "{}", pane.output);
}

#[test]
fn fifty_megabytes_are_pasted_whole_and_in_order() {
    // Raw mode: in lines, the line discipline would cut them at 4 KiB.
    let mut pane =
        Pane::run("stty raw -echo; echo ready; head -c 50000000 | cksum; head -c 1 >/dev/null");
    pane.until_output("ready");
    let text: Vec<u8> = (0..50_000_000_u32).map(|n| b'a' + (n % 23) as u8).collect();
    let expected = cksum(&text);
    pane.io.input().push(text).expect("room for 50 MB");
    pane.until_drained();
    assert_eq!(pane.io.input().waiting(), 0);
    pane.io.input().push("x").expect("room");
    pane.until_closed();
    let sum = pane.output.split("ready").nth(1).expect("a sum").trim();
    assert_eq!(sum, format!("{expected} 50000000"));
}

/// POSIX `cksum`: CRC-32 (polynomial 04c11db7, most significant bit first) of text and length.
fn cksum(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256_u32)
        .map(|byte| {
            (0..8).fold(byte << 24, |crc, _| {
                (crc << 1) ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 }
            })
        })
        .collect();
    let step = |crc: u32, byte: u8| (crc << 8) ^ table[((crc >> 24) as u8 ^ byte) as usize];
    let mut crc = bytes.iter().fold(0, |crc, byte| step(crc, *byte));
    // The length follows, least significant byte first, without leading zeros.
    let len = bytes.len().to_le_bytes();
    let used = len
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    crc = len[..used].iter().fold(crc, |crc, byte| step(crc, *byte));
    !crc
}

#[test]
fn a_program_that_writes_without_reading_does_not_hang_the_pane() {
    let mut pane =
        Pane::run("trap 'stty size; exit 5' WINCH; echo ready; while echo y; do :; done");
    pane.until_output("ready");
    pane.io
        .input()
        .push(vec![b'x'; 50_000_000])
        .expect("room for 50 MB");
    let refused = pane.io.input().push(vec![b'x'; MAX_INPUT]);
    assert!(
        matches!(refused, Err(InputError::Full { .. })),
        "{refused:?}"
    );
    pane.io
        .input()
        .reply(vec![b'r'; 1000])
        .expect("room for a reply");
    // The program still prints, and a resize overtakes what is stuck.
    pane.io
        .input()
        .resize(WindowSize::from_cells(132, 43, 8, 16))
        .expect("room");
    assert_eq!(pane.until_closed().status, Some(ExitStatus::Code(5)));
    assert!(pane.output.contains("43 132"));
}

#[test]
fn replies_are_bounded() {
    let mut pane = Pane::run("stty raw -echo; echo ready; sleep 100");
    pane.until_output("ready");
    let mut sent = 0;
    let refused = loop {
        match pane.io.input().reply(vec![b'r'; 100_000]) {
            Ok(()) => sent += 100_000,
            Err(error) => break error,
        }
        assert!(sent < 3_000_000, "replies are not bounded");
    };
    assert!(matches!(refused, InputError::Full { .. }), "{refused:?}");
}

#[test]
fn closing_ends_every_program() {
    #[track_caller]
    fn check(script: &str, expected: ExitStatus) {
        let mut pane = Pane::run(script);
        pane.until_output("ready");
        // A stuck paste must not keep it.
        pane.io.input().push(vec![b'x'; 1_000_000]).expect("room");
        let begin = Instant::now();
        pane.io.close();
        let end = pane.until_closed();
        assert_eq!(
            end,
            Closed {
                reason: CloseReason::Requested,
                status: Some(expected)
            }
        );
        assert!(begin.elapsed() < Duration::from_secs(30));
        assert_eq!(pane.io.input().push("x"), Err(InputError::Ended));
    }
    check("echo ready; cat >/dev/null", ExitStatus::Signal(1));
    check("echo ready; kill -STOP $$", ExitStatus::Signal(1));
    // One that ignores SIGHUP is killed after a grace.
    check(
        "trap '' HUP; echo ready; for i in $(seq 90); do sleep 1; done",
        ExitStatus::Signal(9),
    );
}

#[test]
fn dropping_a_pane_closes_it() {
    let mut pane = Pane::run("echo ready; cat");
    pane.until_output("ready");
    let Pane { io, told, .. } = pane;
    let control = io.control().clone();
    drop(io);
    let status = control.wait(Some(Instant::now() + PATIENCE));
    assert_eq!(status, Some(ExitStatus::Signal(1)));
    assert!(told.iter().any(|told| matches!(told, Told::Closed(_))));
}

#[test]
fn a_signal_goes_to_the_foreground() {
    let mut pane =
        Pane::run("trap 'exit 9' INT; echo ready; for i in $(seq 900); do sleep 0.1; done");
    pane.until_output("ready");
    pane.io
        .input()
        .send(PaneInput::Signal(Signal::Interrupt))
        .expect("room");
    assert_eq!(pane.until_closed().status, Some(ExitStatus::Code(9)));
}

#[test]
fn sync_waits_for_what_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let mark = folder.path().join("mark");
    let script = format!("seq 5000; : > '{}'; cat", mark.display());
    let pane = Pane::run(&script);
    let limit = Instant::now() + PATIENCE;
    while !mark.exists() {
        assert!(Instant::now() < limit, "the program never wrote");
        std::thread::yield_now();
    }
    assert!(pane.io.sync(PATIENCE));
    let output: Vec<u8> = pane
        .told
        .try_iter()
        .flat_map(|told| {
            if let Told::Output(bytes) = told {
                bytes
            } else {
                Vec::new()
            }
        })
        .collect();
    assert!(output.ends_with(b"5000\r\n"), "{} bytes", output.len());

    // A program that never pauses is no reason to wait for ever.
    let pane =
        Pane::run("while echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; do :; done");
    assert!(pane.io.sync(PATIENCE));
    let mut pane = Pane::run("exit 0");
    pane.until_closed();
    assert!(pane.io.sync(PATIENCE), "an ended pane is in step");
}

#[test]
fn a_program_that_leaves_its_terminal_is_told() {
    let mut pane = Pane::run("echo bye; exec sleep 100 </dev/null >/dev/null 2>&1");
    let end = pane.until_closed();
    assert_eq!(end.reason, CloseReason::Detached);
}

#[test]
fn a_handler_that_panics_ends_its_own_pane() {
    struct Panics(Sender<Closed>);
    impl PaneHandler for Panics {
        fn output(&mut self, _: &[u8], _: &InputQueue) {
            // Without the hook, so that the test's own output stays readable.
            std::panic::resume_unwind(Box::new("handler"));
        }
        fn closed(&mut self, end: Closed) {
            let _ = self.0.send(end);
        }
    }
    let (sender, receiver) = unbounded();
    let command = Command::new("/bin/sh").args(["-c", "trap '' HUP; echo x; cat"]);
    let pty = Pty::spawn(&command, WindowSize::from_cells(80, 24, 8, 16)).expect("it starts");
    let io = spawn_io(pty, "test", Panics(sender), || ()).expect("threads start");
    let end = receiver.recv_timeout(PATIENCE).expect("an end");
    assert_eq!(end.reason, CloseReason::Failed("internal error".into()));
    assert!(io.control().wait(Some(Instant::now() + PATIENCE)).is_some());
}

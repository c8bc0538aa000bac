//! A session driven over its control socket; see `assets/manual/control.md`.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Screen, terrace};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_millis(PATIENCE_MS);
/// The same in milliseconds.
const PATIENCE_MS: u64 = 30_000;

/// `terrace run --control` with a program in it. It is ended with the value.
#[derive(Debug)]
pub struct RunningSession {
    child: Child,
    socket: PathBuf,
    /// The first client.
    pub control: Control,
    /// The socket's folder; goes with the value.
    _folder: tempfile::TempDir,
}

impl RunningSession {
    /// Runs `command` on 80 × 24 cells, with more options before it if need be.
    ///
    /// # Panics
    /// When the socket does not come up.
    #[track_caller]
    pub fn start(options: &[&str], command: &[&str]) -> Self {
        Self::start_with(options, command, |_| ())
    }

    /// As [`RunningSession::start`]; `prepare` changes the environment that Terrace and the program get.
    ///
    /// # Panics
    /// When the socket does not come up.
    #[track_caller]
    pub fn start_with(
        options: &[&str],
        command: &[&str],
        prepare: impl FnOnce(&mut std::process::Command),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = folder.path().join("control");
        let mut terrace = terrace();
        prepare(&mut terrace);
        let mut child = terrace
            .arg("run")
            .arg("--control")
            .arg(&socket)
            .args(options)
            .arg("--")
            .args(command)
            .stdout(Stdio::piped())
            .spawn()
            .expect("terrace starts");
        let deadline = Instant::now() + PATIENCE;
        let stream = loop {
            match UnixStream::connect(&socket) {
                Ok(stream) => break stream,
                Err(error) => {
                    let gone = child.try_wait().ok().flatten();
                    assert!(
                        gone.is_none(),
                        "terrace ended before its socket was there: {gone:?}"
                    );
                    assert!(Instant::now() < deadline, "no control socket: {error}");
                    std::thread::yield_now();
                }
            }
        };
        Self {
            child,
            socket,
            control: Control::new(stream),
            _folder: folder,
        }
    }

    /// Another client of the same session.
    ///
    /// # Panics
    /// When the socket is gone.
    #[track_caller]
    pub fn connect(&self) -> Control {
        Control::new(UnixStream::connect(&self.socket).expect("the session listens"))
    }

    /// Goes away and waits for the end: exit status and standard output.
    ///
    /// # Panics
    /// When the process cannot be waited for.
    pub fn finish(mut self) -> (Option<i32>, String) {
        self.control.disconnect();
        let mut text = String::new();
        if let Some(mut stdout) = self.child.stdout.take() {
            let _ = std::io::Read::read_to_string(&mut stdout, &mut text);
        }
        let status = self.child.wait().expect("our own child");
        (status.code(), text)
    }
}

impl Drop for RunningSession {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client of a session's control socket.
#[derive(Debug)]
pub struct Control {
    stream: UnixStream,
    answers: BufReader<UnixStream>,
}

impl Control {
    fn new(stream: UnixStream) -> Self {
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket takes a timeout");
        let answers = BufReader::new(stream.try_clone().expect("a socket can be cloned"));
        Self { stream, answers }
    }

    /// Sends a line and returns the answer, whatever it says.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn ask(&mut self, line: &str) -> Value {
        self.stream
            .write_all(format!("{line}\n").as_bytes())
            .expect("the session listens");
        let mut answer = String::new();
        self.answers
            .read_line(&mut answer)
            .expect("the session answers");
        serde_json::from_str(&answer).expect("an answer is a line of JSON")
    }

    /// Sends a command that must succeed.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn tell(&mut self, command: &Value) -> Value {
        let answer = self.ask(&command.to_string());
        assert_eq!(answer["ok"], true, "{command}: {answer}");
        answer
    }

    /// Types a line and Enter, key by key.
    #[track_caller]
    pub fn type_line(&mut self, line: &str) {
        for character in line.chars() {
            self.tell(
                &json!({"key": {"key": character.to_string(), "text": character.to_string()}}),
            );
        }
        self.tell(&json!({"key": {"key": "enter"}}));
    }

    /// Waits until the screen holds a text.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        self.tell(&json!({"wait": {"text": text, "timeout_ms": PATIENCE_MS}}));
    }

    /// The state once all output is parsed.
    #[track_caller]
    pub fn screen(&mut self) -> Screen {
        self.tell(&json!({"sync": true}));
        Screen(self.tell(&json!({"dump": {}})))
    }

    /// Goes away.
    pub fn disconnect(&mut self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

//! What would be run: for a shell, and for everything else that is done with an environment.
//!
//! Plans are made without starting anything, so that they can be shown, tested and carried out in one
//! place, and so that a provider in code and one described by a file look the same from outside.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;

use crate::spec::EnvironmentId;
use crate::state::State;
use crate::tool::ToolCall;

/// How a shell is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellWish {
    /// The folder over there; `None`: where the environment begins.
    pub folder: Option<String>,
    /// Program and arguments instead of the login shell; empty: the shell.
    pub command: Vec<OsString>,
    /// Environment variables over there, name and value.
    pub vars: Vec<(String, String)>,
    /// `TERM` over there.
    pub term: String,
    /// Open a helper beside an environment that has no shell of its own (a distroless pod), from this
    /// image. Only with [`crate::Abilities::DEBUG`].
    pub debug_image: Option<String>,
    /// Have the shell over there tell its prompts, commands and statuses. Not with a command, and with
    /// [`ShellWish::survive`] not within tmux or screen.
    pub integrate: bool,
    /// Keep the remote command alive when the connection drops, where the other side has tmux, screen,
    /// dtach or abduco: under this session name.
    pub survive: Option<String>,
}

/// What a pane runs for a shell in an environment.
#[derive(Clone, Debug)]
pub struct ShellPlan {
    /// The program of the pane.
    pub command: pty::Command,
    /// What ends the processes over there when the pane is closed, if closing its terminal does not.
    pub leaves_process: Option<Cleanup>,
    /// A change of size reaches the other side.
    pub resizes: bool,
    /// The size must be sent once more after the first output: the session starts late and has missed the
    /// first.
    pub resize_again: bool,
    /// What the program's exit status says of the shell.
    pub exit: ExitMeaning,
    /// Variables of the wish that cannot be passed on.
    pub lost_vars: Vec<String>,
    /// Opening the shell also starts an environment that is stopped.
    pub starts_environment: bool,
    /// What is run where the other side does not understand what integrates its shell, without asking anything anew.
    pub plain: Option<Box<ShellPlan>>,
}

impl ShellPlan {
    /// A plan whose far side ends with its terminal, and whose exit status is the shell's.
    #[must_use]
    pub fn new(command: pty::Command) -> Self {
        Self {
            command,
            leaves_process: None,
            resizes: true,
            resize_again: false,
            exit: ExitMeaning::Same,
            lost_vars: Vec::new(),
            starts_environment: false,
            plain: None,
        }
    }
}

/// What is run when a pane was closed, since its tool leaves the far processes alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleanup {
    /// Whose processes.
    pub env: EnvironmentId,
    /// What ends them.
    pub call: ToolCall,
}

/// What the exit status of a pane's program says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitMeaning {
    /// It is the far shell's.
    Same,
    /// It is the far shell's, but 255 is also ssh's own failure.
    Ssh,
    /// It is the far shell's, but an end of the container looks like 137 or 143 of the shell.
    Container,
    /// It is the far shell's, but 1 is also kubectl's own failure.
    Kubectl,
    /// Every failure is 1.
    AnyFailureIsOne,
    /// It says nothing.
    Nothing,
}

/// How a pane's program ended, judged by its status and the last lines that it left on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The shell ended by itself.
    Ended,
    /// The connection is gone, with what the tool said of it.
    Lost(String),
    /// Only the environment's state can tell.
    Unsure,
}

/// What ssh prints when it, not the far side, ends a session.
const SSH_LOST: [&str; 11] = [
    "closed by remote host",
    "Broken pipe",
    "not responding",
    "Connection reset",
    "Connection timed out",
    "Connection refused",
    "No route to host",
    "Could not resolve hostname",
    "Connection closed by",
    "Network is unreachable",
    "mux_client_request_session",
];

/// What ssh prints last when it is not let in.
const SSH_NOT_IN: [&str; 4] = [
    "Host key verification failed",
    "Permission denied (",
    "Too many authentication failures",
    "Unable to negotiate with",
];

/// What kubectl prints when the stream breaks or there is no server, and what that is in a sentence. The first that is
/// found counts.
const KUBECTL_LOST: [(&str, &str); 14] = [
    ("lost connection to pod", "the connection to the pod broke"),
    ("use of closed network connection", "the connection broke"),
    ("unexpected EOF", "the connection broke"),
    ("connection reset by peer", "the connection broke"),
    ("broken pipe", "the connection broke"),
    ("websocket: close", "the server closed the connection"),
    ("http2: ", "the connection broke"),
    ("error: Timeout occurred", "the connection timed out"),
    ("i/o timeout", "the server does not answer (timeout)"),
    (
        "TLS handshake timeout",
        "the server does not answer (timeout)",
    ),
    ("connection refused", "the server refuses the connection"),
    (
        "The connection to the server",
        "the server refuses the connection",
    ),
    ("no route to host", "there is no way to the server"),
    (
        "Unable to connect to the server",
        "the server cannot be reached",
    ),
];

/// What docker, podman and kubectl print of a container or pod that is not there, or has ended.
const GONE: [&str; 7] = [
    "No such container",
    "no such container",
    "no container with name or ID",
    "is not running",
    "only create exec sessions on running containers",
    "(NotFound)",
    "cannot exec into a container in a completed pod",
];

/// Whether a tool said in the last lines of the screen that its environment is not there, or does not run.
#[must_use]
pub fn says_gone(tail: &[String]) -> bool {
    tail.iter()
        .any(|line| GONE.iter().any(|text| line.contains(text)))
}

/// Whether a tool said in the last lines of the screen that its connection was refused, or is gone.
#[must_use]
pub fn says_lost(tail: &[String]) -> bool {
    let by_ssh = |line: &String| SSH_LOST.iter().any(|text| line.contains(text));
    tail.iter().any(by_ssh) || broken(tail).is_some()
}

impl ExitMeaning {
    /// Judges an end. `status` is the exit status, or 128 and the signal's number; `tail` the last lines of
    /// the screen, newest last.
    #[must_use]
    pub fn judge(self, status: Option<i32>, tail: &[String]) -> Verdict {
        let said = |texts: &[&str]| {
            let line = tail
                .iter()
                .rev()
                .find(|line| texts.iter().any(|text| line.contains(text)));
            line.map(|line| Verdict::Lost(crate::failure::tidy(line)))
        };
        match (self, status) {
            (_, Some(0)) | (Self::Same | Self::Nothing | Self::AnyFailureIsOne, _) => {
                Verdict::Ended
            }
            // A session on a shared connection says the same whether the connection or the shell has ended.
            (Self::Ssh, Some(255)) => {
                not_in(tail).or_else(|| said(&SSH_LOST)).unwrap_or_else(|| {
                    let shared = tail
                        .iter()
                        .any(|line| line.contains("Shared connection to "));
                    if shared {
                        Verdict::Unsure
                    } else {
                        Verdict::Ended
                    }
                })
            }
            (Self::Kubectl, _) => match broken(tail).filter(|_| !ended_there(tail)) {
                Some(lost) => lost,
                None if matches!(status, Some(1 | 137 | 143) | None) => Verdict::Unsure,
                None => Verdict::Ended,
            },
            (Self::Container, Some(137 | 143 | 129) | None) => Verdict::Unsure,
            (Self::Container, Some(1 | 125 | 255)) if says_gone(tail) => Verdict::Unsure,
            (Self::Ssh | Self::Container, _) => Verdict::Ended,
        }
    }
}

/// Whether kubectl says last that the command over there ended, whatever that printed before.
fn ended_there(tail: &[String]) -> bool {
    let last = tail.iter().rev().find(|line| !line.trim().is_empty());
    last.is_some_and(|line| line.starts_with("command terminated with exit code "))
}

/// How kubectl begins what it says itself, and not a program over there.
const KUBECTL_SAYS: [&str; 5] = [
    "error",
    "Error",
    "Unable to connect",
    "The connection",
    "lost connection",
];

/// What kubectl said last of its connection, as a sentence. What it says may be longer than a row of the screen.
fn broken(tail: &[String]) -> Option<Verdict> {
    let is_its_own = |line: &String| {
        // Its log: "E1130 19:03:15 …".
        let logged = line.strip_prefix('E');
        let logged = logged.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        logged || KUBECTL_SAYS.iter().any(|start| line.starts_with(start))
    };
    let from = tail.iter().rposition(is_its_own)?;
    let said = tail[from..].concat();
    let known = KUBECTL_LOST.iter().find(|(text, _)| said.contains(text));
    known.map(|(_, sentence)| Verdict::Lost((*sentence).to_owned()))
}

/// Whether ssh said that it was not let in: trying again by itself changes nothing, and may lock the account.
#[must_use]
pub fn was_not_let_in(said: &str) -> bool {
    SSH_NOT_IN.iter().any(|text| said.contains(text))
}

/// What ssh said last, if that is that it was not let in: after a session it says that the connection is closed.
fn not_in(tail: &[String]) -> Option<Verdict> {
    let last = tail.last().filter(|last| was_not_let_in(last))?;
    Some(Verdict::Lost(crate::failure::tidy(last)))
}

/// Something to be done with an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Let it run.
    Start,
    /// Let it stop; nothing is lost.
    Stop,
    /// End it for good.
    Discard,
    /// Make a port of it reachable here.
    Forward {
        /// The port over there.
        remote: u16,
        /// The port on this machine's loopback; free when the plan is made.
        local: u16,
    },
    /// Show its log.
    Logs {
        /// Go on as it grows.
        follow: bool,
    },
    /// Copy files.
    Copy(Copy),
}

/// Which way files are copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copy {
    /// From this machine.
    To {
        /// The file or folder here.
        from: PathBuf,
        /// The folder or name over there.
        to: String,
    },
    /// To this machine.
    From {
        /// The file or folder over there.
        from: String,
        /// The folder or name here.
        to: PathBuf,
    },
}

/// How something is done with an environment.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What is run, one after the other; each must succeed.
    pub steps: Vec<ToolCall>,
    /// When it is done, after the last step.
    pub done: Done,
    /// What goes on afterwards, until it is called off.
    pub lasting: Option<Lasting>,
    /// What is lost by it, as a phrase; it is asked for before.
    pub loses: Option<String>,
    /// What the user should know of it: that an address is public, that a pod comes back.
    pub note: Option<String>,
    /// How the new environment's local id is known.
    pub creates: Created,
    /// Where what was forwarded can be opened.
    pub url: Option<String>,
}

impl Plan {
    /// One tool, done when it ends.
    #[must_use]
    pub fn one(call: ToolCall) -> Self {
        Self {
            steps: vec![call],
            ..Self::default()
        }
    }

    /// Names what is lost.
    #[must_use]
    pub fn losing(mut self, what: impl Into<String>) -> Self {
        self.loses = Some(what.into());
        self
    }

    /// Says what should be known.
    #[must_use]
    pub fn noting(mut self, what: impl Into<String>) -> Self {
        self.note = Some(what.into());
        self
    }
}

/// When a plan is done.
#[derive(Clone, Debug, Default)]
pub enum Done {
    /// When its last step has ended.
    #[default]
    Exit,
    /// When the environment is listed in one of these states ([`State::Absent`]: not listed any more).
    Listed {
        /// The states.
        states: Vec<State>,
        /// How long that may take.
        within: Duration,
    },
    /// When its last step has printed a line that matches; the tool is then ended.
    Line(Regex),
}

/// What goes on after the steps of a plan.
#[derive(Clone, Debug)]
pub enum Lasting {
    /// A tool that stays in the foreground (`kubectl port-forward`).
    Process {
        /// The tool.
        call: ToolCall,
        /// When it does what it is for.
        ready: Ready,
    },
    /// We listen on the loopback, and each connection gets a tool whose input and output it is.
    Relay {
        /// The port here.
        local: u16,
        /// The tool (`docker exec -i web nc 127.0.0.1 8080`).
        call: ToolCall,
    },
    /// Nothing runs, but this undoes the steps.
    Undo(ToolCall),
}

/// When a lasting process does what it is for.
#[derive(Clone, Debug)]
pub enum Ready {
    /// At once.
    Started,
    /// When this port of the loopback accepts.
    Listening(u16),
    /// When it prints a line that matches.
    Line(Regex),
}

/// How the id of a created environment is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Created {
    /// Nothing is created, or the next listing shows it.
    #[default]
    Nothing,
    /// It is known before.
    Id(String),
    /// It is the last line that the last step prints.
    LastLine,
}

/// Values for the parameters of a creation, by name.
pub type Values = BTreeMap<String, String>;

#[cfg(test)]
mod tests {
    use super::{ExitMeaning, Verdict};

    #[track_caller]
    fn check(meaning: ExitMeaning, status: i32, tail: &str, expected: Verdict) {
        let tail: Vec<String> = tail.lines().map(str::to_owned).collect();
        assert_eq!(meaning.judge(Some(status), &tail), expected);
    }

    #[test]
    fn exit_255_of_ssh_has_three_meanings() {
        let closed = "Connection to 127.0.0.1 closed by remote host.";
        let tail = format!("$ make\r\n{closed}\nConnection to 127.0.0.1 closed.");
        check(ExitMeaning::Ssh, 255, &tail, Verdict::Lost(closed.into()));
        check(
            ExitMeaning::Ssh,
            255,
            "$ exit 255\nConnection to x closed.",
            Verdict::Ended,
        );
        check(
            ExitMeaning::Ssh,
            255,
            "Shared connection to x closed.",
            Verdict::Unsure,
        );
        let key = "Host key verification failed.";
        let tail = format!("@ WARNING @\n{key}");
        check(ExitMeaning::Ssh, 255, &tail, Verdict::Lost(key.into()));
        let nested = format!("$ ssh db\n{key}\n$ exit\nConnection to x closed.");
        check(ExitMeaning::Ssh, 255, &nested, Verdict::Ended);
        check(ExitMeaning::Ssh, 7, closed, Verdict::Ended);
        check(ExitMeaning::Ssh, 0, closed, Verdict::Ended);
    }

    #[test]
    fn the_end_of_a_container_looks_like_a_signal() {
        check(ExitMeaning::Container, 137, "", Verdict::Unsure);
        check(ExitMeaning::Container, 3, "", Verdict::Ended);
        let gone = "Error response from daemon: No such container: web";
        check(ExitMeaning::Container, 1, gone, Verdict::Unsure);
        check(ExitMeaning::Container, 1, "$ false", Verdict::Ended);
        check(
            ExitMeaning::Kubectl,
            1,
            "error: unexpected EOF",
            Verdict::Lost("the connection broke".into()),
        );
        check(
            ExitMeaning::Kubectl,
            1,
            "error: error reading from error stream: next reader: websocket: close 1006 (abnormal closure): unexpected \
             EOF",
            Verdict::Lost("the connection broke".into()),
        );
        check(
            ExitMeaning::Kubectl,
            1,
            "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?",
            Verdict::Lost("the server refuses the connection".into()),
        );
        check(
            ExitMeaning::Kubectl,
            1,
            "$ ls\nerror: unable to upgrade connection: dial tcp 10.0.0.1:10250: con\nnect: connection refus\ned",
            Verdict::Lost("the server refuses the connection".into()),
        );
        let other = "curl: (7) connection refused\n$ exit 7\ncommand terminated with exit code 7";
        check(ExitMeaning::Kubectl, 7, other, Verdict::Ended);
        let of_a_program =
            "error: dial tcp: connection refused\n$ exit 3\ncommand terminated with exit code 3";
        check(ExitMeaning::Kubectl, 3, of_a_program, Verdict::Ended);
        check(
            ExitMeaning::Kubectl,
            7,
            "command terminated with exit code 7",
            Verdict::Ended,
        );
    }
}

//! One classification of what goes wrong with tools, and the one line that the user reads of it.

use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use crate::tool::{Output, ToolCall};

/// What the user can do about a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    /// What to do, as a phrase: "start it with systemctl start docker".
    pub say: String,
    /// A command that does it, run in a pane on a key; empty when there is none.
    pub run: Vec<OsString>,
}

impl Remedy {
    /// Advice without a command.
    pub fn say(text: impl Into<String>) -> Self {
        Self {
            say: text.into(),
            run: Vec::new(),
        }
    }

    /// A command to be run.
    pub fn run<I: Into<OsString>>(command: impl IntoIterator<Item = I>) -> Self {
        let run: Vec<OsString> = command.into_iter().map(Into::into).collect();
        let words: Vec<_> = run.iter().map(|word| word.to_string_lossy()).collect();
        Self {
            say: words.join(" "),
            run,
        }
    }
}

/// Why a provider could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The program, or a part of it, is not installed.
    Missing {
        /// What is missing.
        program: String,
        /// How to get it.
        remedy: Remedy,
    },
    /// Nobody is logged in.
    LoggedOut {
        /// How to log in.
        remedy: Remedy,
    },
    /// The account may not do this.
    Forbidden {
        /// What the tool said.
        said: String,
        /// What would help, if that is known.
        remedy: Remedy,
    },
    /// The service does not answer.
    Down {
        /// What the tool said.
        said: String,
        /// How to start it, if that is known.
        remedy: Remedy,
    },
    /// The tool is there, and the user has not set it up: no account, no project, no value for a setting.
    NotSetUp {
        /// What is not set up.
        said: String,
        /// How to set it up.
        remedy: Remedy,
    },
    /// The tool did not answer within its time.
    Slow(Duration),
    /// A command was ended, since it took longer than it was given.
    TimedOut(Duration),
    /// The tool said that all is well, and printed what cannot be read.
    Nonsense {
        /// The first line of it.
        first_line: String,
    },
    /// The environment is not there any more, as a sentence; see [`Failure::gone`].
    Gone(String),
    /// This kind of environment cannot do it.
    Unsupported(String),
    /// A name or path that must not become an argument.
    Refused(String),
    /// The user called it off.
    Cancelled,
    /// Anything else the tool said, with how it ended.
    Other(String),
    /// Any of these, with what to do about it.
    Advised {
        /// What went wrong.
        failure: Box<Failure>,
        /// What to do.
        remedy: Remedy,
    },
}

impl Failure {
    /// What was there once is not there any more.
    #[must_use]
    pub fn gone(what: impl fmt::Display) -> Self {
        Self::Gone(format!("{what} is not there any more"))
    }

    /// The same with what to do about it, unless that is known already.
    #[must_use]
    pub fn with_remedy(self, remedy: Remedy) -> Self {
        if self.remedy().is_some() {
            return self;
        }
        Self::Advised {
            failure: Box::new(self),
            remedy,
        }
    }

    /// What to do about a tool that is slow, or prints what cannot be read: to run it by hand.
    #[must_use]
    pub(crate) fn of_call(self, call: &ToolCall) -> Self {
        let say = match self {
            Self::Slow(_) => format!("see whether it answers: {}", shortened(call)),
            Self::Nonsense { .. } => format!("see what it prints: {}", shortened(call)),
            other => return other,
        };
        self.with_remedy(Remedy::say(say))
    }

    /// One word for the kind of failure, as in descriptions and JSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::LoggedOut { .. } => "logged-out",
            Self::Forbidden { .. } => "forbidden",
            Self::Down { .. } => "down",
            Self::NotSetUp { .. } => "not-set-up",
            Self::Slow(_) => "slow",
            Self::TimedOut(_) => "timed-out",
            Self::Nonsense { .. } => "nonsense",
            Self::Gone(_) => "gone",
            Self::Unsupported(_) => "unsupported",
            Self::Refused(_) => "refused",
            Self::Cancelled => "cancelled",
            Self::Other(_) => "failed",
            Self::Advised { failure, .. } => failure.kind(),
        }
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<&Remedy> {
        match self {
            Self::Missing { remedy, .. }
            | Self::LoggedOut { remedy }
            | Self::Forbidden { remedy, .. }
            | Self::NotSetUp { remedy, .. }
            | Self::Advised { remedy, .. }
            | Self::Down { remedy, .. } => Some(remedy).filter(|remedy| !remedy.say.is_empty()),
            _ => None,
        }
    }

    /// What went wrong, without what to do about it.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Self::Missing { program, .. } => format!("{program} is not installed"),
            Self::LoggedOut { .. } => "not logged in".to_owned(),
            Self::Forbidden { said, .. } => format!("not allowed: {said}"),
            Self::NotSetUp { said, .. } => format!("not set up: {said}"),
            Self::Slow(time) => format!(
                "did not answer in {} s",
                time.as_secs_f32().round().max(1.0)
            ),
            Self::TimedOut(time) => format!("ended after {} s", time.as_secs_f64()),
            Self::Nonsense { first_line } => format!("unreadable answer: {first_line}"),
            Self::Cancelled => "cancelled".to_owned(),
            Self::Advised { failure, .. } => failure.said(),
            Self::Down { said, .. }
            | Self::Gone(said)
            | Self::Unsupported(said)
            | Self::Refused(said)
            | Self::Other(said) => said.clone(),
        }
    }

    /// Asking again later may help without anybody doing something.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Advised { failure, .. } => failure.may_pass(),
            other => matches!(
                other,
                Self::Down { .. } | Self::Slow(_) | Self::Nonsense { .. } | Self::Other(_)
            ),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.said();
        match self.remedy() {
            Some(remedy) => write!(f, "{}; {}", said.trim_end_matches('.'), remedy.say),
            None => f.write_str(&said),
        }
    }
}

impl std::error::Error for Failure {}

/// One line of a table by which a tool's error text is classified.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The text to look for, anywhere in what the tool printed.
    pub text: &'static str,
    /// Makes the failure from the line that has the text.
    pub make: fn(String) -> Failure,
}

/// Texts that mean the same whatever tool prints them.
const COMMON: [Rule; 12] = [
    Rule {
        text: "permission denied while trying to connect to the Docker daemon",
        make: docker_group,
    },
    Rule {
        text: "Cannot connect to the Docker daemon",
        make: down,
    },
    Rule {
        text: "Cannot connect to Podman",
        make: down,
    },
    Rule {
        text: "onnection refused",
        make: down,
    },
    Rule {
        text: "was refused - did you specify",
        make: down,
    },
    Rule {
        text: "no such host",
        make: down,
    },
    Rule {
        text: "TLS handshake timeout",
        make: down,
    },
    Rule {
        text: "i/o timeout",
        make: down,
    },
    Rule {
        text: "You must be logged in",
        make: logged_out,
    },
    Rule {
        text: "(Forbidden)",
        make: forbidden,
    },
    Rule {
        text: "No such container",
        make: Failure::Gone,
    },
    Rule {
        text: "(NotFound)",
        make: Failure::Gone,
    },
];

fn down(said: String) -> Failure {
    Failure::Down {
        said,
        remedy: Remedy::default(),
    }
}

fn logged_out(_: String) -> Failure {
    Failure::LoggedOut {
        remedy: Remedy::default(),
    }
}

fn forbidden(said: String) -> Failure {
    Failure::Forbidden {
        said,
        remedy: Remedy::default(),
    }
}

fn docker_group(_: String) -> Failure {
    Failure::Forbidden {
        said: "the Docker daemon's socket".into(),
        remedy: Remedy::say("add yourself to the group docker, then log in anew"),
    }
}

/// Classifies the answer of a tool that ended with a failure: by the provider's own rules, then by
/// those common to all, else by the last line that it printed.
#[must_use]
pub fn classify(output: &Output, rules: &[Rule]) -> Failure {
    let (stderr, stdout) = (output.stderr_text(), output.stdout_text());
    for of_log in [false, true] {
        for rule in rules.iter().chain(&COMMON) {
            let mut lines = stderr.lines().chain(stdout.lines());
            let says = |line: &&str| is_log(line) == of_log && line.contains(rule.text);
            if let Some(line) = lines.find(says) {
                return (rule.make)(tidy(line));
            }
        }
    }
    let last = |text: &str| {
        text.lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty())
            .map(tidy)
    };
    let said = last(&stderr).or_else(|| last(&stdout));
    Failure::Other(said.unwrap_or_else(|| output.status.to_string()))
}

/// Whether a line is one of kubectl's log (klog): `E1120 10:00:00.000000    1613 memcache.go:265] …`. What it says to its
/// user comes after them.
fn is_log(line: &str) -> bool {
    let mut characters = line.chars();
    characters
        .next()
        .is_some_and(|letter| "IWEF".contains(letter))
        && characters
            .by_ref()
            .take(4)
            .all(|digit| digit.is_ascii_digit())
        && characters.next() == Some(' ')
        && line.contains(".go:")
}

/// A call as it could be typed, cut where it grows long.
fn shortened(call: &ToolCall) -> String {
    const MOST: usize = 60;
    let text = call.to_string();
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{} …", text[..at].trim_end()),
        None => text,
    }
}

/// A tool's line as it may be shown: without control characters, and of bounded length.
#[must_use]
pub fn tidy(line: &str) -> String {
    const MOST: usize = 300;
    let line: String = line
        .chars()
        .filter(|c| !c.is_control())
        .take(MOST)
        .collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Failure, classify};
    use crate::tool::{Output, Status};

    #[track_caller]
    fn check(stderr: &str, kind: &str, shown: &str) {
        let output = Output {
            status: Status::Code(1),
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_vec(),
            cut: false,
        };
        let failure = classify(&output, &[]);
        assert_eq!(
            (failure.kind(), failure.to_string().as_str()),
            (kind, shown)
        );
    }

    #[test]
    fn known_texts_are_classified() {
        let daemon = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
        check(daemon, "down", daemon);
        check(
            "permission denied while trying to connect to the Docker daemon socket at unix:///x: Get",
            "forbidden",
            "not allowed: the Docker daemon's socket; add yourself to the group docker, then log in anew",
        );
        check(
            "E1120 memcache.go:265] \"Unhandled Error\" err=\"connect: connection refused\"\nThe connection to the server localhost:8080 was refused - did you specify the right host or port?",
            "down",
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
        );
        check(
            "error: You must be logged in to the server (Unauthorized)",
            "logged-out",
            "not logged in",
        );
        check(
            "Error response from daemon: No such container: x",
            "gone",
            "Error response from daemon: No such container: x",
        );
        let sentence =
            "Error from server (NotFound): the server could not find the requested resource";
        check(sentence, "gone", sentence);
    }

    #[test]
    fn what_to_do_is_added_once() {
        let slow = Failure::Slow(std::time::Duration::from_secs(5));
        let call = crate::tool::ToolCall::new("docker").args(["ps", "--all"]);
        let advised = slow.of_call(&call);
        assert_eq!(
            advised.to_string(),
            "did not answer in 5 s; see whether it answers: docker ps --all"
        );
        assert_eq!((advised.kind(), advised.may_pass()), ("slow", true));
        let twice = advised.clone().with_remedy(super::Remedy::say("wait"));
        assert_eq!(twice, advised);
        assert_eq!(
            Failure::gone("web").to_string(),
            "web is not there any more"
        );
    }

    #[test]
    fn anything_else_is_its_last_line() {
        check("warning: a\nerror: b\n\n", "failed", "error: b");
        check("", "failed", "exit status 1");
        check("\x1b[31mred\x1b[0m", "failed", "[31mred[0m");
    }

    #[test]
    fn a_time_is_said_in_whole_seconds() {
        let slow = Failure::Slow(std::time::Duration::from_millis(10_050));
        assert_eq!(slow.to_string(), "did not answer in 10 s");
    }

    #[test]
    fn what_may_pass_is_asked_again() {
        assert!(Failure::Slow(std::time::Duration::from_secs(5)).may_pass());
        assert!(!Failure::Cancelled.may_pass());
    }
}

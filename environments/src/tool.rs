//! Running ssh, docker, kubectl and their like: a list of arguments, no terminal, a time limit, a bound on
//! what is read, and the whole process group ended when either is over.
//!
//! A tool's standard input is empty, or what the call says: some ask questions there (`kubectl`: "Please
//! enter Username:"). It has no controlling terminal either, where others would ask.

mod cancel;
mod run;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use cancel::Cancel;
pub(crate) use cancel::Registered;
pub(crate) use run::command as pipe_command;
pub use run::{Stream, run, run_ok, stream};

use crate::failure::Failure;

/// At most this much is read of each of a tool's two outputs.
pub const MAX_OUTPUT: usize = 16 << 20;
/// How long a call may take when it does not say.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// A program with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    program: OsString,
    args: Vec<OsString>,
    vars: BTreeMap<OsString, Option<OsString>>,
    folder: Option<PathBuf>,
    input: Option<Vec<u8>>,
    timeout: Option<Duration>,
    pane: bool,
}

impl ToolCall {
    /// Runs `program`, an absolute path or a name to be found in `PATH`.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            vars: BTreeMap::new(),
            folder: None,
            input: None,
            timeout: None,
            pane: false,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.vars.insert(name.into(), Some(value.into()));
        self
    }

    /// Removes an environment variable.
    #[must_use]
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.vars.insert(name.into(), None);
        self
    }

    /// The folder to run in.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// What the tool reads on its standard input.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// How long it may take; 30 seconds if nothing is said.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// It asks questions, or opens a browser: it belongs into a pane, not into the background.
    #[must_use]
    pub fn in_pane(mut self) -> Self {
        self.pane = true;
        self
    }

    /// Whether it must be run in a pane.
    #[must_use]
    pub fn wants_pane(&self) -> bool {
        self.pane
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &OsStr {
        &self.program
    }

    /// The arguments after the program.
    #[must_use]
    pub fn arguments(&self) -> &[OsString] {
        &self.args
    }

    /// The folder it runs in, if not ours.
    #[must_use]
    pub fn working_folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// A pane's program as a tool.
    #[must_use]
    pub fn from_pty(command: &pty::Command) -> Self {
        let mut call = Self::new(command.program()).args(command.arguments());
        for (name, value) in command.variable_changes() {
            call = match value {
                Some(value) => call.env(name, value),
                None => call.env_remove(name),
            };
        }
        match command.working_folder() {
            Some(folder) => call.folder(folder),
            None => call,
        }
    }

    /// The same as a pane's program.
    #[must_use]
    pub fn to_pty(&self) -> pty::Command {
        let mut command = pty::Command::new(&self.program).args(&self.args);
        for (name, value) in &self.vars {
            command = match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        match &self.folder {
            Some(folder) => command.folder(folder),
            None => command,
        }
    }
}

/// As it could be typed into a shell; for reading and copying only, it is never given to one.
impl fmt::Display for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(&self.program.to_string_lossy()))?;
        for arg in &self.args {
            write!(f, " {}", quote(&arg.to_string_lossy()))?;
        }
        Ok(())
    }
}

/// Within what a tool must answer.
#[derive(Clone, Debug)]
pub struct Limit {
    /// The latest.
    pub until: Instant,
    /// Calls it off before.
    pub cancel: Cancel,
}

impl Limit {
    /// So long from now.
    #[must_use]
    pub fn within(time: Duration) -> Self {
        Self {
            until: Instant::now() + time,
            cancel: Cancel::new(),
        }
    }

    /// What is left of it.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// How a tool ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// With this exit status.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl Status {
    /// It ended well.
    #[must_use]
    pub fn is_success(self) -> bool {
        self == Self::Code(0)
    }

    /// One number, as a shell has it: 128 and the signal's.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128 + signal,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit status {code}"),
            Self::Signal(signal) => write!(f, "ended by signal {signal}"),
        }
    }
}

/// What a tool answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub status: Status,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it complained.
    pub stderr: Vec<u8>,
    /// One of the two was longer than [`MAX_OUTPUT`].
    pub cut: bool,
}

impl Output {
    /// The output as text, without a byte order mark.
    #[must_use]
    pub fn stdout_text(&self) -> String {
        let text = String::from_utf8_lossy(&self.stdout);
        text.trim_start_matches('\u{feff}').to_owned()
    }

    /// The complaints as text.
    #[must_use]
    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// The JSON documents of the output: one, one a line, or several one after another. An empty output and
    /// `null` are none.
    ///
    /// # Errors
    /// [`Failure::Nonsense`], when it is not JSON.
    pub fn json(&self) -> Result<Vec<serde_json::Value>, Failure> {
        let text = self.stdout_text();
        let documents = serde_json::Deserializer::from_str(&text).into_iter();
        let documents: Result<Vec<serde_json::Value>, _> = documents.collect();
        let mut documents = documents.map_err(|_| self.nonsense())?;
        documents.retain(|document| !document.is_null());
        Ok(documents)
    }

    /// The same, where a single array stands for its elements: the lists of docker (one object a line) and
    /// of podman (an array) read alike.
    ///
    /// # Errors
    /// [`Failure::Nonsense`], when it is not JSON.
    pub fn json_items(&self) -> Result<Vec<serde_json::Value>, Failure> {
        let mut documents = self.json()?;
        match documents.as_mut_slice() {
            [serde_json::Value::Array(items)] => Ok(std::mem::take(items)),
            _ => Ok(documents),
        }
    }

    /// Says that the output cannot be read, with its first line.
    #[must_use]
    pub fn nonsense(&self) -> Failure {
        let text = self.stdout_text();
        let first_line = text
            .lines()
            .map(crate::failure::tidy)
            .find(|line| !line.is_empty());
        Failure::Nonsense {
            first_line: first_line.unwrap_or_default(),
        }
    }
}

/// Whether a name may become an argument: it begins with a letter or digit and has only those and `._:@/-`.
/// Nothing that comes from a listing, a folder or the network may be read as an option or by a shell.
///
/// # Errors
/// [`Failure::Refused`], naming it.
pub fn check_name(name: &str) -> Result<&str, Failure> {
    let mut characters = name.chars();
    let begins = characters.next().is_some_and(|c| c.is_ascii_alphanumeric());
    let goes_on = characters.all(|c| c.is_ascii_alphanumeric() || "._:@/-".contains(c));
    if begins && goes_on && name.len() <= 1024 {
        Ok(name)
    } else {
        Err(Failure::Refused(format!(
            "the name {name:?} cannot be passed on safely: letters, digits and ._:@/- are allowed"
        )))
    }
}

/// One word for a POSIX shell on the other side, in single quotes where it needs them.
#[must_use]
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:@/-+=,%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Where a program is in `PATH`.
#[must_use]
pub fn find_program(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| path.is_absolute() && is_executable(path));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|candidate| is_executable(candidate))
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests;

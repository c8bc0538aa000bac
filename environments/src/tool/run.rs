//! One tool from its start to its end, in the calling thread.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::cancel::send;
use super::{Limit, MAX_OUTPUT, Output, Status, TIMEOUT, ToolCall};
use crate::failure::{Failure, Remedy};

/// How long a tool may take to end after SIGTERM before its group gets SIGKILL.
const GRACE: Duration = Duration::from_secs(2);
/// How often it is asked whether a tool has ended that keeps its outputs open, or has closed them.
const LOOK: Duration = Duration::from_millis(20);

/// One of a tool's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Its results.
    Out,
    /// Its log and complaints.
    Err,
}

/// Runs a tool to its end.
///
/// # Errors
/// When it is not there, does not end in time, or is called off. That it ended with a failure is none: see
/// [`Output::status`].
pub fn run(call: &ToolCall, limit: &Limit) -> Result<Output, Failure> {
    stream(call, limit, &mut |_, _| true)
}

/// Runs a tool that must succeed.
///
/// # Errors
/// As [`run`], and when it ends with a failure: classified by `rules`.
pub fn run_ok(
    call: &ToolCall,
    limit: &Limit,
    rules: &[crate::failure::Rule],
) -> Result<Output, Failure> {
    let output = run(call, limit)?;
    if output.status.is_success() {
        Ok(output)
    } else {
        Err(crate::failure::classify(&output, rules))
    }
}

/// Runs a tool, handing over each line as it comes; when `on_line` returns false, the tool is ended.
///
/// # Errors
/// As [`run`].
pub fn stream(
    call: &ToolCall,
    limit: &Limit,
    on_line: &mut dyn FnMut(Stream, &str) -> bool,
) -> Result<Output, Failure> {
    let started = Instant::now();
    let until = limit.until.min(started + call.timeout.unwrap_or(TIMEOUT));
    if limit.cancel.is_cancelled() {
        return Err(Failure::Cancelled);
    }
    let mut child = spawn(call)?;
    let group = Pid::from_child(&child);
    if !limit.cancel.register(group) {
        send(group, Signal::TERM);
    }
    let mut pipes = Pipes::new(&mut child, group, call.input.clone());
    let mut output = Output {
        status: Status::Code(0),
        stdout: Vec::new(),
        stderr: Vec::new(),
        cut: false,
    };
    let mut end = End::Itself;
    let mut signalled: Option<Instant> = None;
    loop {
        let now = Instant::now();
        if end == End::Itself {
            if limit.cancel.is_cancelled() {
                end = End::Cancelled;
            } else if now >= until {
                end = End::Slow;
            }
        }
        if end != End::Itself {
            match signalled {
                None => {
                    send(group, Signal::TERM);
                    signalled = Some(now);
                }
                Some(at) if now >= at + GRACE => send(group, Signal::KILL),
                Some(_) => {}
            }
        }
        if has_ended(group) {
            // What it printed last may still be in the pipes; others that hold them are not waited for.
            pipes.drain(&mut output, on_line);
            break;
        }
        let left = if end == End::Itself {
            until - now
        } else {
            LOOK
        };
        if !pipes.turn(left.min(pipes.patience()), &mut output, on_line) && end == End::Itself {
            end = End::Enough;
        }
    }
    pipes.finish(on_line);
    limit.cancel.unregister(group);
    if end != End::Itself {
        // Its leader is gone; the rest of the group must not stay.
        send(group, Signal::KILL);
    }
    let status = child.wait().map_err(|error| system(call, &error))?;
    output.status = status_of(status);
    match end {
        End::Itself | End::Enough => Ok(output),
        End::Slow => Err(Failure::Slow(started.elapsed())),
        End::Cancelled => Err(Failure::Cancelled),
    }
}

/// Why a tool was, or was not, ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Itself,
    Enough,
    Slow,
    Cancelled,
}

/// The command as it is run for us: its variables are such that its output can be read by a program.
pub(crate) fn command(call: &ToolCall) -> Command {
    let mut command = Command::new(&call.program);
    command.args(&call.args);
    for (name, value) in [
        ("NO_COLOR", "1"),
        ("LC_ALL", "C.UTF-8"),
        ("PAGER", "cat"),
        ("TERM", "dumb"),
    ] {
        command.env(name, value);
    }
    for (name, value) in &call.vars {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = &call.folder {
        command.current_dir(folder).env("PWD", folder);
    }
    pty::leave_terminal(&mut command);
    command
}

fn spawn(call: &ToolCall) -> Result<Child, Failure> {
    let mut command = command(call);
    let input = if call.input.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    command
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().map_err(|error| system(call, &error))
}

/// What the system says to a start.
pub(crate) fn system(call: &ToolCall, error: &io::Error) -> Failure {
    let program = call.program.to_string_lossy().into_owned();
    if let Some(folder) = call.folder.as_ref().filter(|folder| !folder.is_dir()) {
        return Failure::gone(folder.display());
    }
    match error.kind() {
        io::ErrorKind::NotFound => Failure::Missing {
            remedy: Remedy::say(format!("install {program}, or add its folder to PATH")),
            program,
        },
        _ => Failure::Other(format!("{program} cannot be run: {error}")),
    }
}

fn status_of(status: std::process::ExitStatus) -> Status {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Status::Code(code),
        (None, Some(signal)) => Status::Signal(signal),
        (None, None) => Status::Code(1),
    }
}

/// Whether the child has ended; it is left to be reaped, so that its number stays its own.
fn has_ended(child: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    matches!(
        rustix::process::waitid(WaitId::Pid(child), options),
        Ok(Some(_)) | Err(rustix::io::Errno::CHILD)
    )
}

/// A descriptor that tells the child's end.
#[cfg(target_os = "linux")]
fn end_of(child: Pid) -> Option<std::os::fd::OwnedFd> {
    rustix::process::pidfd_open(child, rustix::process::PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn end_of(_: Pid) -> Option<std::os::fd::OwnedFd> {
    None
}

/// A tool's three pipes, none of which blocks.
struct Pipes {
    /// Readable when the child has ended; `None` where the system has no such thing.
    end: Option<std::os::fd::OwnedFd>,
    stdin: Option<(std::process::ChildStdin, Vec<u8>)>,
    stdout: Option<std::process::ChildStdout>,
    stderr: Option<std::process::ChildStderr>,
    lines: [Lines; 2],
}

impl Pipes {
    fn new(child: &mut Child, group: Pid, input: Option<Vec<u8>>) -> Self {
        let stdin = child.stdin.take().zip(input);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        for fd in [
            stdin.as_ref().map(|(pipe, _)| pipe.as_fd()),
            stdout.as_ref().map(AsFd::as_fd),
            stderr.as_ref().map(AsFd::as_fd),
        ]
        .into_iter()
        .flatten()
        {
            if let Err(error) = rustix::io::ioctl_fionbio(fd, true) {
                tracing::debug!(%error, "a pipe stays blocking");
            }
        }
        Self {
            end: end_of(group),
            stdin,
            stdout,
            stderr,
            lines: [Lines::default(), Lines::default()],
        }
    }

    /// How long to wait for the pipes at most: when both outputs are closed the end is near.
    fn patience(&self) -> Duration {
        match (&self.end, &self.stdout, &self.stderr) {
            // Called off is noticed by the end; only a tool that ignores SIGTERM takes longer.
            (Some(_), _, _) => Duration::from_secs(1),
            (None, None, None) => Duration::from_millis(1),
            (None, _, _) => LOOK,
        }
    }

    /// Waits for something to do, and does it; false when enough was read.
    fn turn(
        &mut self,
        wait: Duration,
        output: &mut Output,
        on_line: &mut dyn FnMut(Stream, &str) -> bool,
    ) -> bool {
        {
            let readable = [
                self.end.as_ref().map(AsFd::as_fd),
                self.stdout.as_ref().map(AsFd::as_fd),
                self.stderr.as_ref().map(AsFd::as_fd),
            ];
            let writable = self.stdin.as_ref().map(|(pipe, _)| pipe.as_fd());
            let readable = readable.into_iter().flatten().map(|fd| (fd, PollFlags::IN));
            let all = readable.chain(writable.map(|fd| (fd, PollFlags::OUT)));
            let mut fds: Vec<PollFd<'_>> = all
                .map(|(fd, flags)| PollFd::from_borrowed_fd(fd, flags))
                .collect();
            let timeout = Timespec::try_from(wait).ok();
            if let Err(error) = rustix::event::poll(&mut fds, timeout.as_ref())
                && error != rustix::io::Errno::INTR
            {
                tracing::debug!(%error, "poll");
            }
        }
        if let Some((pipe, bytes)) = &mut self.stdin {
            match pipe.write(bytes) {
                Ok(written) => drop(bytes.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => bytes.clear(),
            }
            if bytes.is_empty() {
                self.stdin = None;
            }
        }
        self.drain(output, on_line)
    }

    /// Reads what is there; false when enough was read.
    fn drain(
        &mut self,
        output: &mut Output,
        on_line: &mut dyn FnMut(Stream, &str) -> bool,
    ) -> bool {
        let [out_lines, err_lines] = &mut self.lines;
        let first = drain_one(
            &mut self.stdout,
            &mut output.stdout,
            &mut output.cut,
            &mut |bytes| out_lines.feed(bytes, &mut |line| on_line(Stream::Out, line)),
        );
        let second = drain_one(
            &mut self.stderr,
            &mut output.stderr,
            &mut output.cut,
            &mut |bytes| err_lines.feed(bytes, &mut |line| on_line(Stream::Err, line)),
        );
        first && second
    }

    /// Hands over last lines that have no end.
    fn finish(&mut self, on_line: &mut dyn FnMut(Stream, &str) -> bool) {
        let [out, err] = &mut self.lines;
        out.finish(&mut |line| on_line(Stream::Out, line));
        err.finish(&mut |line| on_line(Stream::Err, line));
    }
}

fn drain_one<R: Read>(
    pipe: &mut Option<R>,
    kept: &mut Vec<u8>,
    cut: &mut bool,
    feed: &mut dyn FnMut(&[u8]) -> bool,
) -> bool {
    let mut goes_on = true;
    let mut buffer = [0; 64 * 1024];
    while let Some(open) = pipe {
        match open.read(&mut buffer) {
            Ok(0) => *pipe = None,
            Ok(n) => {
                let room = MAX_OUTPUT.saturating_sub(kept.len()).min(n);
                *cut |= room < n;
                kept.extend_from_slice(&buffer[..room]);
                goes_on &= feed(&buffer[..n]);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => *pipe = None,
        }
    }
    goes_on
}

/// Bytes to lines; a carriage return ends one too, as progress displays use it.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    /// A line longer than this is cut in pieces.
    const LONGEST: usize = 64 * 1024;

    fn feed(&mut self, bytes: &[u8], on_line: &mut dyn FnMut(&str) -> bool) -> bool {
        let mut goes_on = true;
        for piece in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            self.0.extend_from_slice(piece);
            if matches!(piece.last(), Some(b'\n' | b'\r')) || self.0.len() > Self::LONGEST {
                goes_on &= self.finish(on_line);
            }
        }
        goes_on
    }

    fn finish(&mut self, on_line: &mut dyn FnMut(&str) -> bool) -> bool {
        let line = std::mem::take(&mut self.0);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        text.is_empty() || on_line(text)
    }
}

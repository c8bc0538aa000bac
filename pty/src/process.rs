//! Starting a program under a pseudo-terminal, and the three handles to it: what it prints
//! ([`PtyReader`]), what it reads ([`PtyWriter`]), and the process itself ([`PtyControl`]).
//!
//! `portable-pty` opens the pair. Its own reader, writer and spawn are not used: the writer types
//! a newline and an end-of-file when it is dropped, which would run a half-typed command as its
//! pane closes; and the spawn hides that exec failed (see `sys.rs`).
//!
//! The master is non-blocking, so that a resize or a close reaches a program that does not read.

mod spawn;

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions};
use rustix::termios::{LocalModes, SpecialCodeIndex, Termios};

use crate::foreground::{self, ForegroundProcess};
use crate::wake::{WakeSource, Waker};
use crate::{ExitStatus, WindowSize};

/// A running program and its pseudo-terminal; take it apart and use the parts where they belong.
#[derive(Debug)]
pub struct Pty {
    /// What the program prints.
    pub reader: PtyReader,
    /// What the program reads.
    pub writer: PtyWriter,
    /// The process and the size.
    pub control: PtyControl,
    /// Something to tell the user: the folder that was asked for is missing.
    pub note: Option<String>,
}

/// The output of a program.
///
/// As [`Read`] it blocks until there is output, and ends (0 bytes) when no process holds the
/// terminal any more.
#[derive(Debug)]
pub struct PtyReader {
    master: Arc<OwnedFd>,
    pub(crate) wakeups: WakeSource,
}

/// The input of a program. As [`Write`] it blocks while the program does not read.
#[derive(Debug)]
pub struct PtyWriter {
    master: Arc<OwnedFd>,
    pub(crate) wakeups: WakeSource,
}

/// The process and its terminal's settings; cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct PtyControl(Arc<Process>);

struct Process {
    /// One descriptor for all: a window may have hundreds of panes, and a process often no more
    /// than 1,024 descriptors.
    master: Arc<OwnedFd>,
    pid: Pid,
    state: Mutex<State>,
    ended: Condvar,
    pub(crate) reader: Waker,
    pub(crate) writer: Waker,
}

/// The child is reaped under this lock and nowhere else, so that no signal can go to another
/// process which was given the same number since.
struct State {
    child: std::process::Child,
    status: Option<ExitStatus>,
}

/// A signal that Terrace sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// SIGHUP, and SIGCONT so that stopped jobs see it: the terminal goes away.
    HangUp,
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGKILL.
    Kill,
}

/// What the line discipline does with input now (`tcgetattr`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineState {
    /// The characters that mean something else than themselves (`c_cc`): interrupt, end of
    /// file, erase and so on. A paste must not hold them.
    pub special: Vec<u8>,
    /// Typed characters are echoed.
    pub echo: bool,
    /// Input comes in lines (ICANON). Without echo, that is how a password is asked for.
    pub lines: bool,
}

impl LineState {
    /// True while a program asks for something that must not be seen: lines without echo.
    /// Editors and shells turn both off, and draw what is typed themselves.
    pub fn asks_password(&self) -> bool {
        self.lines && !self.echo
    }
}

impl PtyReader {
    /// Reads what the kernel has ready, without waiting: `None` when there is nothing, which means
    /// that everything written so far has been read; 0 at the end. Linux hands out at most 4 KiB
    /// at a time, whatever the size of `buffer`.
    ///
    /// # Errors
    ///
    /// What the system says, except for the ordinary ends: a closed terminal (EIO) is 0 bytes.
    pub fn try_read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            match rustix::io::read(&self.master, &mut *buffer) {
                Ok(n) => return Ok(Some(n)),
                Err(Errno::IO) => return Ok(Some(0)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits for output, the end, or a wake-up.
    pub(crate) fn wait(&self) -> io::Result<()> {
        self.wakeups
            .wait(Some((self.master.as_fd(), PollFlags::IN)), None)?;
        Ok(())
    }
}

impl Read for PtyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(n) = self.try_read(buffer)? {
                return Ok(n);
            }
            self.wait()?;
            self.wakeups.clear();
        }
    }
}

impl PtyWriter {
    /// Writes as much of `bytes` as fits now: `None` when nothing does.
    ///
    /// # Errors
    ///
    /// What the system says; EIO when no process holds the terminal any more.
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        loop {
            match rustix::io::write(&self.master, bytes) {
                Ok(n) => return Ok(Some(n)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits for a wake-up or a time-out, and for room if `for_room`.
    pub(crate) fn wait(&self, for_room: bool, timeout: Option<Duration>) -> io::Result<()> {
        let room = for_room.then(|| (self.master.as_fd(), PollFlags::OUT));
        self.wakeups.wait(room, timeout)
    }
}

impl Write for PtyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            if let Some(n) = self.try_write(bytes)? {
                return Ok(n);
            }
            self.wait(true, None)?;
            self.wakeups.clear();
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl PtyControl {
    /// The process that was started; also the number of its session and process group.
    pub fn pid(&self) -> i32 {
        self.0.pid.as_raw_nonzero().get()
    }

    /// Tells the program a new size; it gets SIGWINCH if it differs from the old one.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn resize(&self, size: WindowSize) -> io::Result<()> {
        Ok(rustix::termios::tcsetwinsize(&self.0.master, size.into())?)
    }

    /// Sends a signal to the program's process group and to the foreground one. False when the
    /// program has ended.
    ///
    /// # Errors
    ///
    /// What the system says, except that a group which is gone is no error.
    pub fn signal(&self, signal: Signal) -> io::Result<bool> {
        let state = self.0.state.lock();
        if state.status.is_some() {
            return Ok(false);
        }
        let foreground = self.foreground_group().filter(|group| *group != self.0.pid);
        for group in [Some(self.0.pid), foreground].into_iter().flatten() {
            for number in signal.numbers() {
                match rustix::process::kill_process_group(group, *number) {
                    Ok(()) | Err(Errno::SRCH) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(true)
    }

    /// How the program ended, or `None` while it runs.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        self.0.state.lock().status
    }

    /// Waits for the program's end, at most until `deadline` if there is one.
    pub fn wait(&self, deadline: Option<Instant>) -> Option<ExitStatus> {
        let mut state = self.0.state.lock();
        while state.status.is_none() {
            match deadline {
                None => self.0.ended.wait(&mut state),
                Some(deadline) => {
                    if self.0.ended.wait_until(&mut state, deadline).timed_out() {
                        break;
                    }
                }
            }
        }
        state.status
    }

    /// The process that the keys go to, or `None` when the terminal has none any more.
    pub fn foreground_process(&self) -> Option<ForegroundProcess> {
        let group = self.foreground_group()?.as_raw_nonzero().get();
        Some(ForegroundProcess::new(group, self.pid()))
    }

    /// The folder that the foreground process is in (else that of the first one), if it exists.
    pub fn folder(&self) -> Option<PathBuf> {
        let foreground = self
            .foreground_group()
            .map(|group| group.as_raw_nonzero().get());
        foreground
            .and_then(foreground::folder)
            .or_else(|| foreground::folder(self.pid()))
    }

    /// What the line discipline does with input now; a usual state when the system cannot tell.
    pub fn line_state(&self) -> LineState {
        match rustix::termios::tcgetattr(&self.0.master) {
            Ok(termios) => LineState {
                special: special_characters(&termios),
                echo: termios.local_modes.contains(LocalModes::ECHO),
                lines: termios.local_modes.contains(LocalModes::ICANON),
            },
            Err(error) => {
                tracing::debug!(%error, "no terminal attributes");
                LineState {
                    special: b"\x03\x04\x15\x1a\x1c\x7f".into(),
                    echo: true,
                    lines: true,
                }
            }
        }
    }

    /// The characters that the line discipline would take for itself; see [`LineState::special`].
    pub fn special_characters(&self) -> Vec<u8> {
        self.line_state().special
    }

    pub(crate) fn reader_waker(&self) -> &Waker {
        &self.0.reader
    }

    pub(crate) fn writer_waker(&self) -> &Waker {
        &self.0.writer
    }

    fn foreground_group(&self) -> Option<Pid> {
        rustix::termios::tcgetpgrp(&self.0.master).ok()
    }

    /// Waits for the child's end, reaps it, and tells everybody who waits. Runs in a thread of
    /// its own, since no other one may block without being woken.
    fn reap(&self) {
        // Only looks, so that the number stays taken until the lock is held.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(
            rustix::process::waitid(WaitId::Pid(self.0.pid), options),
            Err(Errno::INTR) | Ok(None)
        ) {}
        let mut state = self.0.state.lock();
        let status = state
            .child
            .wait()
            .map_or(ExitStatus::Unknown, ExitStatus::from);
        state.status = Some(status);
        drop(state);
        self.0.ended.notify_all();
        self.0.reader.wake();
        self.0.writer.wake();
    }
}

impl std::fmt::Debug for PtyControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PtyControl")
            .field("pid", &self.pid())
            .finish_non_exhaustive()
    }
}

impl Signal {
    fn numbers(self) -> &'static [rustix::process::Signal] {
        use rustix::process::Signal as Number;
        match self {
            Self::HangUp => &[Number::HUP, Number::CONT],
            Self::Interrupt => &[Number::INT],
            Self::Terminate => &[Number::TERM],
            Self::Kill => &[Number::KILL],
        }
    }
}

/// The `c_cc` entries that are characters (MIN and TIME are numbers), without the disabled ones.
fn special_characters(termios: &Termios) -> Vec<u8> {
    const CHARACTERS: [SpecialCodeIndex; 14] = [
        SpecialCodeIndex::VINTR,
        SpecialCodeIndex::VQUIT,
        SpecialCodeIndex::VERASE,
        SpecialCodeIndex::VKILL,
        SpecialCodeIndex::VEOF,
        SpecialCodeIndex::VSTART,
        SpecialCodeIndex::VSTOP,
        SpecialCodeIndex::VSUSP,
        SpecialCodeIndex::VEOL,
        SpecialCodeIndex::VEOL2,
        SpecialCodeIndex::VREPRINT,
        SpecialCodeIndex::VDISCARD,
        SpecialCodeIndex::VWERASE,
        SpecialCodeIndex::VLNEXT,
    ];
    // _POSIX_VDISABLE: 0 on Linux, 255 on the BSDs; neither can be in UTF-8 text but NUL, which
    // the paste filter drops anyway.
    let codes = CHARACTERS.iter().map(|index| termios.special_codes[*index]);
    codes.filter(|code| !matches!(code, 0 | 0xff)).collect()
}

#[cfg(test)]
mod tests;

//! The two threads of a pane: one reads what the program prints, one writes what it is sent.
//!
//! Nobody waits for either. Input goes through a bounded channel which the writer empties at
//! once into a queue of its own, whether the program reads or not, so that a resize or a close
//! overtakes a paste that is stuck. What bounds the memory is a count of queued bytes
//! ([`MAX_INPUT`], [`MAX_REPLIES`]); past it, a push is refused.

mod queue;
mod reader;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{Error, ExitStatus, Pty, PtyControl};
pub use queue::{InputError, InputQueue, MAX_INPUT, MAX_REPLIES, PaneInput};
use reader::{Progress, ReaderThread};
use writer::WriterThread;

/// How long a program may take to end after SIGHUP before it gets SIGKILL.
const HANG_UP_GRACE: Duration = Duration::from_secs(1);

/// What the reader thread does with a pane's output.
pub trait PaneHandler: Send {
    /// The program printed this, a few KiB at most. Replies go to `input`, by
    /// [`InputQueue::reply`]; never wait here for anything that waits for the program.
    fn output(&mut self, bytes: &[u8], input: &InputQueue);

    /// All output that was there has been given, or much of it without a pause: the time to show it.
    fn batch_ended(&mut self) {}

    /// Nothing more will come; the last call. All output was given before.
    fn closed(&mut self, end: Closed);
}

/// How a pane's program came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Why there is no more output.
    pub reason: CloseReason,
    /// How the program ended; `None` if it still runs, without a terminal.
    pub status: Option<ExitStatus>,
}

/// Why there is no more output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The program ended by itself.
    Exited,
    /// The pane was closed ([`PaneInput::Close`]).
    Requested,
    /// The program runs on, but has closed its terminal.
    Detached,
    /// Reading failed, or the handler panicked.
    Failed(String),
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.reason, self.status) {
            (CloseReason::Failed(why), _) => write!(f, "pane failed: {why}"),
            (CloseReason::Detached, _) => f.write_str("program closed its terminal"),
            (CloseReason::Requested, _) => f.write_str("closed"),
            (CloseReason::Exited, Some(status)) => write!(f, "program {status}"),
            (CloseReason::Exited, None) => f.write_str("program ended"),
        }
    }
}

/// A pane's running input and output. Dropping it closes the pane.
#[derive(Debug)]
pub struct PaneIo {
    input: InputQueue,
    control: PtyControl,
    progress: Arc<Progress>,
}

/// Starts the threads `read-<name>` and `write-<name>` of a pane.
///
/// `drained` is called by the writer thread each time that it has written all there was, after
/// more than one write's worth was waiting: a long paste is through.
///
/// # Errors
///
/// When a thread cannot be started; the program is then hung up.
pub fn spawn_io(
    pty: Pty,
    name: &str,
    handler: impl PaneHandler + 'static,
    drained: impl FnMut() + Send + 'static,
) -> Result<PaneIo, Error> {
    let Pty {
        reader,
        writer,
        control,
        note: _,
    } = pty;
    let (input, messages) = queue::input_queue(control.writer_waker().clone());
    let progress = Arc::new(Progress::default());
    let pane = PaneIo {
        input: input.clone(),
        control: control.clone(),
        progress: Arc::clone(&progress),
    };

    let writer = WriterThread::new(writer, control.clone(), input.clone(), messages, drained);
    let thread = std::thread::Builder::new().name(format!("write-{name}"));
    thread.spawn(move || writer.run()).map_err(Error::Thread)?;

    let reader = ReaderThread::new(reader, control, input, progress, handler);
    let thread = std::thread::Builder::new().name(format!("read-{name}"));
    thread.spawn(move || reader.run()).map_err(Error::Thread)?;
    Ok(pane)
}

impl PaneIo {
    /// Where keys, pastes, resizes and signals go.
    pub fn input(&self) -> &InputQueue {
        &self.input
    }

    /// The process: its status, folder, and the state of its terminal.
    pub fn control(&self) -> &PtyControl {
        &self.control
    }

    /// Waits until everything that the program has written before this call went through
    /// [`PaneHandler::output`]; false if that took longer than `timeout`.
    pub fn sync(&self, timeout: Duration) -> bool {
        let ticket = self.progress.request();
        self.control.reader_waker().wake();
        self.progress.wait(ticket, Instant::now() + timeout)
    }

    /// Asks the program to end (SIGHUP, after a second SIGKILL), and does not wait for it.
    pub fn close(&self) {
        self.input.send(PaneInput::Close).unwrap_or_else(|error| {
            // The writer has ended, and the program with it, or is about to.
            tracing::debug!(%error, "close not queued");
        });
    }
}

impl Drop for PaneIo {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests;

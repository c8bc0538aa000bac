//! The reader thread: output to the handler, until the end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::queue::InputQueue;
use super::{CloseReason, Closed, HANG_UP_GRACE, PaneHandler};
use crate::{PtyControl, PtyReader, Signal};

/// The most output that is given to the handler at once, in bytes: what the kernel hands out at once.
/// While it is handled, a worker thread of the kernel brings the next; a reader that comes back
/// sooner, to gather more, waits for that thread each time, at two changes of context.
const PIECE: usize = 4 * 1024;

/// The most output in bytes that is given before [`PaneHandler::batch_ended`] is called.
const BATCH: usize = 64 * 1024;

/// More than the kernel holds of a program's output (some 70 KiB): once so much was read, what
/// was written before is through, even if the program never pauses.
const KERNEL_BUFFER: usize = 1024 * 1024;

/// How long a program may be without a terminal before the pane counts as left: `login` hangs
/// up its terminal and opens it again.
const REOPEN_GRACE: Duration = Duration::from_secs(2);

/// How far the reader is, for [`super::PaneIo::sync`].
#[derive(Debug, Default)]
pub(super) struct Progress {
    tickets: Mutex<Tickets>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Tickets {
    requested: u64,
    served: u64,
}

impl Progress {
    /// Takes a ticket, to be served once all output so far is handled.
    pub(super) fn request(&self) -> u64 {
        let mut tickets = self.tickets.lock();
        tickets.requested += 1;
        tickets.requested
    }

    /// Waits until `ticket` is served; false after `deadline`.
    pub(super) fn wait(&self, ticket: u64, deadline: Instant) -> bool {
        let mut tickets = self.tickets.lock();
        while tickets.served < ticket {
            if self.changed.wait_until(&mut tickets, deadline).timed_out() {
                return tickets.served >= ticket;
            }
        }
        true
    }

    fn requested(&self) -> u64 {
        self.tickets.lock().requested
    }

    fn serve(&self, ticket: u64) {
        let mut tickets = self.tickets.lock();
        if tickets.served < ticket {
            tickets.served = ticket;
            self.changed.notify_all();
        }
    }
}

pub(super) struct ReaderThread<H> {
    pty: PtyReader,
    control: PtyControl,
    input: InputQueue,
    progress: Arc<Progress>,
    handler: H,
}

impl<H: PaneHandler> ReaderThread<H> {
    pub(super) fn new(
        pty: PtyReader,
        control: PtyControl,
        input: InputQueue,
        progress: Arc<Progress>,
        handler: H,
    ) -> Self {
        Self {
            pty,
            control,
            input,
            progress,
            handler,
        }
    }

    /// Runs until the end of the output.
    pub(super) fn run(mut self) {
        // A handler that panics takes down its own pane only.
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| self.read()));
        let reason = result.unwrap_or_else(|_| CloseReason::Failed("internal error".into()));
        match reason {
            CloseReason::Exited | CloseReason::Requested => {}
            CloseReason::Detached => self.signal(Signal::HangUp),
            // Nobody reads its output any more; it must not fill the pipe and wait for ever.
            CloseReason::Failed(_) => {
                self.signal(Signal::HangUp);
                if self
                    .control
                    .wait(Some(Instant::now() + HANG_UP_GRACE))
                    .is_none()
                {
                    self.signal(Signal::Kill);
                }
            }
        }
        self.input.end();
        let end = Closed {
            reason,
            status: self.control.exit_status(),
        };
        tracing::info!(pid = self.control.pid(), reason = ?end.reason, "program closed");
        let handler = &mut self.handler;
        if std::panic::catch_unwind(AssertUnwindSafe(|| handler.closed(end))).is_err() {
            tracing::error!("the end of a pane was not handled");
        }
        self.progress.serve(u64::MAX);
    }

    fn read(&mut self) -> CloseReason {
        let mut buffer = vec![0; PIECE];
        let mut ended = false;
        // Bytes of the batch that is being given.
        let mut batch = 0;
        // Bytes since the last ticket was taken, and since the program's end was seen.
        let (mut ticket, mut since_ticket, mut since_end) = (0, 0, 0);
        let mut without_terminal: Option<Instant> = None;
        loop {
            if batch == 0 {
                self.pty.wakeups.clear();
                // Both are looked at before reading: what was written before them is then read.
                let requested = self.progress.requested();
                if requested != ticket {
                    (ticket, since_ticket) = (requested, 0);
                }
                ended = self.control.exit_status().is_some();
            }
            let read = self.pty.try_read(&mut buffer);
            if batch > 0 && !matches!(read, Ok(Some(1..))) {
                batch = 0;
                self.handler.batch_ended();
            }
            match read {
                Ok(Some(0)) if ended => return self.ended(),
                Ok(Some(0)) => {
                    self.progress.serve(ticket);
                    let since = *without_terminal.get_or_insert_with(Instant::now);
                    if since.elapsed() > REOPEN_GRACE {
                        return CloseReason::Detached;
                    }
                    if let Err(error) = self.pty.wakeups.wait(None, Some(REOPEN_GRACE / 40)) {
                        return CloseReason::Failed(error.to_string());
                    }
                }
                Ok(Some(n)) => {
                    without_terminal = None;
                    self.handler.output(&buffer[..n], &self.input);
                    batch += n;
                    if batch >= BATCH {
                        batch = 0;
                        self.handler.batch_ended();
                    }
                    since_ticket += n;
                    since_end += if ended { n } else { 0 };
                    if since_ticket > KERNEL_BUFFER {
                        self.progress.serve(ticket);
                    }
                    // Something in the background prints on; the shell's own output is through.
                    if since_end > KERNEL_BUFFER {
                        self.handler.batch_ended();
                        return self.ended();
                    }
                }
                Ok(None) => {
                    self.progress.serve(ticket);
                    if ended {
                        return self.ended();
                    }
                    if let Err(error) = self.pty.wait() {
                        return CloseReason::Failed(error.to_string());
                    }
                }
                Err(error) => return CloseReason::Failed(error.to_string()),
            }
        }
    }

    fn signal(&self, signal: Signal) {
        if let Err(error) = self.control.signal(signal) {
            tracing::warn!(%error, ?signal, "signal not sent");
        }
    }

    fn ended(&self) -> CloseReason {
        if self.input.is_closing() {
            CloseReason::Requested
        } else {
            CloseReason::Exited
        }
    }
}

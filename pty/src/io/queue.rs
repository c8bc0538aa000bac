//! What a pane's writer is sent, and the bounds of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};

use crate::wake::Waker;
use crate::{Signal, WindowSize};

/// The most input that may wait for a program, in bytes: keys and pastes.
pub const MAX_INPUT: usize = 64 * 1024 * 1024;

/// The most replies of the terminal that may wait for a program, in bytes (`security.md` 2.1).
pub const MAX_REPLIES: usize = 1024 * 1024;

/// Messages under way to the writer, which takes them without waiting for the program.
const CHANNEL: usize = 4096;

/// Places of the channel that bytes leave to the other messages.
const RESERVED: usize = 64;

/// A message to a pane's writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaneInput {
    /// Typed or pasted, in the order of sending.
    Bytes(Vec<u8>),
    /// The terminal's answer to the program. It goes between two parts of a long paste, never
    /// into a character or a control sequence of it.
    Reply(Vec<u8>),
    /// The window's new size. Of several that wait, the last counts.
    Resize(WindowSize),
    /// A signal to the program, at once.
    Signal(Signal),
    /// Forget what waits, hang up the program, and kill it if it stays.
    Close,
}

/// Why input was refused. Nothing of it was queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The program does not read, and too much waits already.
    #[error("the program does not read its input; {waiting} bytes wait (at most {MAX_INPUT})")]
    Full {
        /// What waits, in bytes.
        waiting: usize,
    },
    /// The program has ended.
    #[error("the program has ended")]
    Ended,
}

/// The way into a pane's program; cheap to clone, never blocks.
#[derive(Clone, Debug)]
pub struct InputQueue {
    sender: Sender<PaneInput>,
    waker: Waker,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    input: AtomicUsize,
    replies: AtomicUsize,
    closing: AtomicBool,
    ended: AtomicBool,
}

/// A queue and where its writer takes the messages from.
pub(super) fn input_queue(waker: Waker) -> (InputQueue, Receiver<PaneInput>) {
    let (sender, receiver) = bounded(CHANNEL);
    (
        InputQueue {
            sender,
            waker,
            shared: Arc::default(),
        },
        receiver,
    )
}

impl InputQueue {
    /// Queues what was typed or pasted.
    ///
    /// # Errors
    ///
    /// When the program has ended, or reads so little that [`MAX_INPUT`] bytes wait.
    pub fn push(&self, bytes: impl Into<Vec<u8>>) -> Result<(), InputError> {
        self.send(PaneInput::Bytes(bytes.into()))
    }

    /// Queues an answer of the terminal.
    ///
    /// # Errors
    ///
    /// When the program has ended, or reads so little that [`MAX_REPLIES`] bytes wait. Drop the
    /// reply then: waiting would stop the reader, and with it the program.
    pub fn reply(&self, bytes: impl Into<Vec<u8>>) -> Result<(), InputError> {
        self.send(PaneInput::Reply(bytes.into()))
    }

    /// Tells the program its window's new size.
    ///
    /// # Errors
    ///
    /// When the program has ended.
    pub fn resize(&self, size: WindowSize) -> Result<(), InputError> {
        self.send(PaneInput::Resize(size))
    }

    /// Queues any message.
    ///
    /// # Errors
    ///
    /// When the program has ended, or too much waits.
    pub fn send(&self, message: PaneInput) -> Result<(), InputError> {
        if self.shared.ended.load(Ordering::Acquire) {
            return Err(InputError::Ended);
        }
        let is_bytes = matches!(message, PaneInput::Bytes(_) | PaneInput::Reply(_));
        if is_bytes && self.is_closing() {
            return Err(InputError::Ended);
        }
        let (count, len, most) = match &message {
            PaneInput::Bytes(bytes) => (Some(&self.shared.input), bytes.len(), MAX_INPUT),
            PaneInput::Reply(bytes) => (Some(&self.shared.replies), bytes.len(), MAX_REPLIES),
            PaneInput::Close => {
                self.shared.closing.store(true, Ordering::Release);
                (None, 0, 0)
            }
            PaneInput::Resize(_) | PaneInput::Signal(_) => (None, 0, 0),
        };
        if let Some(count) = count {
            if len == 0 {
                return Ok(());
            }
            let room = |waiting: usize| waiting.checked_add(len).filter(|sum| *sum <= most);
            let full = self.sender.len() >= CHANNEL - RESERVED;
            count
                .try_update(Ordering::AcqRel, Ordering::Acquire, |waiting| {
                    room(waiting).filter(|_| !full)
                })
                .map_err(|waiting| InputError::Full { waiting })?;
        }
        let result = self.sender.try_send(message);
        if let (Err(_), Some(count)) = (&result, count) {
            count.fetch_sub(len, Ordering::AcqRel);
        }
        self.waker.wake();
        result.map_err(|error| match error {
            TrySendError::Full(_) => InputError::Full {
                waiting: self.waiting(),
            },
            TrySendError::Disconnected(_) => InputError::Ended,
        })
    }

    /// Bytes that were typed or pasted and not yet taken by the program's terminal.
    pub fn waiting(&self) -> usize {
        self.shared.input.load(Ordering::Acquire)
    }

    /// True once the pane was asked to close.
    pub(super) fn is_closing(&self) -> bool {
        self.shared.closing.load(Ordering::Acquire)
    }

    /// No more input is taken, and the writer stops.
    pub(super) fn end(&self) {
        self.shared.ended.store(true, Ordering::Release);
        self.waker.wake();
    }

    pub(super) fn has_ended(&self) -> bool {
        self.shared.ended.load(Ordering::Acquire)
    }

    /// The writer got rid of so many bytes.
    pub(super) fn written(&self, input: usize, replies: usize) {
        self.shared.input.fetch_sub(input, Ordering::AcqRel);
        self.shared.replies.fetch_sub(replies, Ordering::AcqRel);
    }
}

//! The writer thread: input, replies, resizes, signals, and the end of a program that stays.

use std::collections::VecDeque;
use std::time::Instant;

use crossbeam::channel::{Receiver, TryRecvError};

use super::HANG_UP_GRACE;
use super::queue::{InputQueue, PaneInput};
use crate::{PtyControl, PtyWriter, Signal, WindowSize};

/// The part of a long message that is written before a reply may go between.
const PART: usize = 16 * 1024;

/// A backlog past which the owner is told when it is through.
const BACKLOG: usize = PART;

pub(super) struct WriterThread<D> {
    pty: PtyWriter,
    control: PtyControl,
    input: InputQueue,
    messages: Receiver<PaneInput>,
    drained: D,
    bytes: Lane,
    replies: Lane,
    /// What is being written: a part of a message, to be finished before anything else.
    current: Option<Part>,
    had_backlog: bool,
    stage: Stage,
}

/// Messages that wait, in order.
#[derive(Default)]
struct Lane {
    messages: VecDeque<Vec<u8>>,
    /// How much of the first message is written or being written.
    taken: usize,
}

/// A range of the first message of a lane.
struct Part {
    is_reply: bool,
    start: usize,
    end: usize,
}

/// Where the program's life is.
enum Stage {
    Running,
    /// SIGHUP was sent; SIGKILL follows at this time.
    HungUp(Instant),
    /// SIGKILL was sent.
    Killed,
}

impl<D: FnMut()> WriterThread<D> {
    pub(super) fn new(
        pty: PtyWriter,
        control: PtyControl,
        input: InputQueue,
        messages: Receiver<PaneInput>,
        drained: D,
    ) -> Self {
        Self {
            pty,
            control,
            input,
            messages,
            drained,
            bytes: Lane::default(),
            replies: Lane::default(),
            current: None,
            had_backlog: false,
            stage: Stage::Running,
        }
    }

    /// Runs until the reader has seen the end, or the program was killed.
    pub(super) fn run(mut self) {
        loop {
            self.pty.wakeups.clear();
            if !self.take_messages() || self.input.has_ended() {
                return;
            }
            self.end_in_time();
            let full = matches!(self.stage, Stage::Running) && !self.write();
            let timeout = match self.stage {
                Stage::HungUp(deadline) => Some(deadline.saturating_duration_since(Instant::now())),
                Stage::Running | Stage::Killed => None,
            };
            if let Err(error) = self.pty.wait(full, timeout) {
                tracing::warn!(%error, "waiting for a program's input failed");
                self.input.end();
            }
        }
    }

    /// Empties the channel; false when nobody can send any more.
    fn take_messages(&mut self) -> bool {
        let mut size = None;
        let open = loop {
            match self.messages.try_recv() {
                Ok(PaneInput::Bytes(bytes)) => self.bytes.messages.push_back(bytes),
                Ok(PaneInput::Reply(bytes)) => self.replies.messages.push_back(bytes),
                Ok(PaneInput::Resize(last)) => size = Some(last),
                Ok(PaneInput::Signal(signal)) => self.signal(signal),
                Ok(PaneInput::Close) => self.hang_up(),
                Err(TryRecvError::Empty) => break true,
                Err(TryRecvError::Disconnected) => break false,
            }
        };
        self.had_backlog |= self.input.waiting() > BACKLOG;
        if let Some(size) = size {
            self.resize(size);
        }
        open
    }

    fn resize(&self, size: WindowSize) {
        let span =
            tracing::debug_span!("resize", columns = size.columns, rows = size.rows).entered();
        if let Err(error) = self.control.resize(size) {
            tracing::warn!(%error, "the program was not told its size");
        }
        drop(span);
    }

    fn signal(&self, signal: Signal) {
        if let Err(error) = self.control.signal(signal) {
            tracing::warn!(%error, ?signal, "signal not sent");
        }
    }

    fn hang_up(&mut self) {
        if matches!(self.stage, Stage::Running) {
            self.discard();
            self.signal(Signal::HangUp);
            self.stage = Stage::HungUp(Instant::now() + HANG_UP_GRACE);
        }
    }

    /// Kills a program that stays after SIGHUP.
    fn end_in_time(&mut self) {
        let Stage::HungUp(deadline) = self.stage else {
            return;
        };
        if self.control.exit_status().is_some() {
            self.stage = Stage::Killed;
        } else if Instant::now() >= deadline {
            tracing::info!(pid = self.control.pid(), "program ignores SIGHUP: killed");
            self.signal(Signal::Kill);
            self.stage = Stage::Killed;
        }
    }

    /// Writes what there is; false when the terminal takes no more for now.
    fn write(&mut self) -> bool {
        loop {
            let Some(part) = self.current.take().or_else(|| self.next_part()) else {
                if std::mem::take(&mut self.had_backlog) {
                    (self.drained)();
                }
                return true;
            };
            let lane = if part.is_reply {
                &self.replies
            } else {
                &self.bytes
            };
            let Some(message) = lane.messages.front() else {
                return true;
            };
            match self.pty.try_write(&message[part.start..part.end]) {
                Ok(Some(n)) => self.advance(part, n),
                Ok(None) => {
                    self.current = Some(part);
                    return false;
                }
                Err(error) => {
                    self.current = Some(part);
                    // EIO: nobody holds the terminal. The reader finds out what that means.
                    tracing::debug!(%error, "input not taken");
                    self.discard();
                    return true;
                }
            }
            // A long paste must not keep a resize or a close waiting.
            if self.pty.wakeups.is_woken() {
                return false;
            }
        }
    }

    /// The next part to write: replies go first, but only between parts.
    fn next_part(&mut self) -> Option<Part> {
        let is_reply = !self.replies.messages.is_empty();
        let lane = if is_reply {
            &mut self.replies
        } else {
            &mut self.bytes
        };
        let message = lane.messages.front()?;
        let start = lane.taken;
        let end = start + part_len(&message[start..]);
        lane.taken = end;
        Some(Part {
            is_reply,
            start,
            end,
        })
    }

    /// Counts `n` written bytes of `part` and goes on after them.
    fn advance(&mut self, part: Part, n: usize) {
        let (input, replies) = if part.is_reply { (0, n) } else { (n, 0) };
        self.input.written(input, replies);
        let start = part.start + n;
        if start < part.end {
            self.current = Some(Part { start, ..part });
            return;
        }
        let lane = if part.is_reply {
            &mut self.replies
        } else {
            &mut self.bytes
        };
        if lane
            .messages
            .front()
            .is_some_and(|message| lane.taken >= message.len())
        {
            lane.messages.pop_front();
            lane.taken = 0;
        }
    }

    /// Forgets all input that waits.
    fn discard(&mut self) {
        let unwritten = |lane: &Lane, is_reply: bool| {
            let all: usize = lane.messages.iter().map(Vec::len).sum();
            let current = self
                .current
                .as_ref()
                .filter(|part| part.is_reply == is_reply);
            all - current.map_or(lane.taken, |part| part.start)
        };
        let (input, replies) = (
            unwritten(&self.bytes, false),
            unwritten(&self.replies, true),
        );
        self.input.written(input, replies);
        self.current = None;
        self.had_backlog = false;
        self.bytes = Lane::default();
        self.replies = Lane::default();
    }
}

/// Where to cut a long message so that a reply may go between: not in a character, and not in a
/// control sequence (those of our own are short and begin with ESC).
fn part_len(rest: &[u8]) -> usize {
    const SEQUENCE: usize = 64;
    if rest.len() <= PART {
        return rest.len();
    }
    let is_boundary = |at: usize| rest[at] & 0xc0 != 0x80;
    let end = (PART - 3..=PART)
        .rev()
        .find(|at| is_boundary(*at))
        .unwrap_or(PART);
    let escape = rest[end - SEQUENCE..end]
        .iter()
        .rposition(|byte| *byte == 0x1b);
    escape.map_or(end, |at| end - SEQUENCE + at)
}

#[cfg(test)]
mod tests {
    use super::{PART, part_len};

    #[track_caller]
    fn check(message: Vec<u8>, expected: usize) {
        assert_eq!(part_len(&message), expected);
    }

    #[test]
    fn long_messages_are_cut_between_characters_and_sequences() {
        check(b"short".to_vec(), 5);
        check(vec![b'x'; PART], PART);
        check(vec![b'x'; PART + 1], PART);
        let mut wide = vec![b'x'; PART - 2];
        wide.extend("語".bytes());
        check(wide, PART - 2);
        let mut bracket = vec![b'x'; PART - 3];
        bracket.extend(b"\x1b[201~");
        check(bracket, PART - 3);
    }
}

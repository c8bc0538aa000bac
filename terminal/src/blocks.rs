//! Command blocks: a prompt, its command and its output, as anchors on logical lines plus what the shell said.
//!
//! There is one grid; a block owns no text. Where it begins and ends is kept as [`Anchor`]s, which neither
//! scrolling nor reflow moves. Which marks may make or change a block is decided in `shells.rs` (`blocks.md`
//! 1.7): only the shell that was started with a [`ShellKey`] can end a command, name it or say its status.
//! Text is read when asked for (`text.rs`); what a program could paint over is copied before it can.

pub(crate) mod capture;
mod context;
mod failures;
pub mod filter;
pub mod fold;
mod list;
pub(crate) mod live;
pub(crate) mod mark;
mod marks;
mod old;
pub(crate) mod shells;
pub(crate) mod spool;
pub(crate) mod styled;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::index::LineId;
use crate::terminal::Origin;

pub use context::Context;
pub use failures::Failures;
pub use filter::{Filtered, LineFilter};
pub use list::Blocks;
pub(crate) use marks::Marks;
pub use marks::{Mark, MarkKind};
pub use old::OldBlock;
pub use spool::{News, Spool, SpoolPlace};
pub use text::{Format, Part};

/// Identifies a block of one terminal; never reused there, and growing with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(NonZeroU64);

impl BlockId {
    /// The first block's id.
    pub(crate) const FIRST: Self = Self(NonZeroU64::MIN);

    /// The id after this one.
    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Its number, from 1.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// The id with a number; `None` for 0.
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        NonZeroU64::new(number).map(Self)
    }
}

/// Identifies a shell within a pane, in the order in which they were first heard of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShellId(pub u32);

impl ShellId {
    /// The shells of earlier sessions, all together.
    pub const EARLIER: Self = Self(u32::MAX);
}

/// A place in the text that no scrolling or reflow moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Anchor {
    /// The logical line.
    pub line: LineId,
    /// Cells from the start of the logical line.
    pub cell: u32,
}

/// What makes a shell's marks believed: given to it in its environment, known to no writer of text.
#[derive(Clone, PartialEq, Eq)]
pub struct ShellKey {
    /// The shell's name in its marks (`aid`), 64 random bits in hexadecimal.
    pub aid: String,
    /// The secret in its marks (`tn`), 128 random bits in hexadecimal.
    pub nonce: String,
    /// Where the shell runs. On a remote the nonce proves which shell it is, not that its machine is honest.
    pub origin: Origin,
}

impl ShellKey {
    /// A key for a shell on this machine.
    pub fn new(aid: impl Into<String>, nonce: impl Into<String>) -> Self {
        Self {
            aid: aid.into(),
            nonce: nonce.into(),
            origin: Origin::Local,
        }
    }

    /// The same key for a shell somewhere else.
    #[must_use]
    pub fn remote(self) -> Self {
        Self {
            origin: Origin::Remote,
            ..self
        }
    }
}

impl std::fmt::Debug for ShellKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the nonce: it belongs in no log.
        f.debug_struct("ShellKey")
            .field("aid", &self.aid)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A command that was entered at a prompt.
    Command,
    /// What a background job printed while the shell waited at a prompt.
    Background,
}

/// Where a block is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A prompt that waits for its command.
    Pending,
    /// The command runs.
    Running,
    /// The command ended.
    Done {
        /// Its status, if the shell said one.
        exit: Option<Exit>,
        /// How long it ran.
        duration: Option<Duration>,
        /// Whose clock measured that.
        clock: Clock,
    },
    /// Nothing ran: a syntax error, or Ctrl-C on a line that was not empty.
    Rejected {
        /// The shell's `$?` afterwards.
        status: u8,
    },
    /// The shell went away, or never said how the command ended.
    Lost,
}

/// How a command ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Exit {
    /// The status, as `$?` has it.
    pub code: u8,
    /// The statuses of all parts of a pipeline, if it had more than one.
    pub pipe: Vec<u8>,
}

impl Exit {
    /// The signal that ended it, as shells say it: 128 more.
    #[must_use]
    pub fn signal(&self) -> Option<u8> {
        (129..=159).contains(&self.code).then(|| self.code - 128)
    }

    /// Whether it is a failure. Ctrl-C (130), a closed pipe (141) and a stop (148) are none.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !matches!(self.code, 0 | 130 | 141 | 148)
    }
}

/// Whose clock measured a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clock {
    /// The shell's own: exact.
    Shell,
    /// Ours, when the marks arrived: waits behind queued output.
    Terminal,
}

/// Whether a block's facts may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trust {
    /// Made by marks that any text could hold: for the view only, never stored or re-run.
    Unverified,
    /// Made by a shell with a key; where that shell runs.
    Verified(Origin),
}

/// Where a command's text came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TextSource {
    /// Nobody knows the text.
    #[default]
    None,
    /// The shell said it, as it was typed.
    Shell,
    /// The shell said it after expansion (zsh without history).
    Expanded,
    /// Read off the screen between prompt and output: to be confirmed before it is run again.
    Screen,
}

/// A command's text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CommandText {
    /// The text, without the newline at its end.
    pub text: String,
    /// Where it came from.
    pub source: TextSource,
    /// The user's settings keep it out of the shell's history: it is not stored here either.
    pub private: bool,
}

bitflags::bitflags! {
    /// What is known about a block beside its state.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Flags: u16 {
        /// The program used the alternate screen.
        const ALT_SCREEN = 1;
        /// The program moves up and paints over what it printed.
        const LIVE = 1 << 1;
        /// A later program painted over its rows; its text was kept.
        const OVERDRAWN = 1 << 2;
        /// The command's text was cut.
        const TRUNCATED = 1 << 3;
        /// The output does not end with a newline.
        const NO_EOL = 1 << 4;
        /// The user marked it.
        const BOOKMARK = 1 << 5;
        /// Its output is not shown.
        const FOLDED = 1 << 6;
        /// It only cleared the screen, so it is not shown as a block.
        const CLEARED = 1 << 7;
        /// Only the lines that a filter matches are shown.
        const FILTERED = 1 << 8;
        /// A program marked it (OSC 1337 SetMark): for as long as it is in the list, unlike what the user marked.
        const MARKED = 1 << 9;
    }
}

/// What the user wrote beside a block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Notes {
    /// A name for the block.
    pub name: String,
    /// A note of any length.
    pub note: String,
}

/// A part of a block's output that folds by itself (OSC 1337 Block, `::group::`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its title.
    pub title: String,
    /// Where its title stands.
    pub start: Anchor,
    /// Where it ends, exclusive; `None` while it goes on.
    pub end: Option<Anchor>,
    /// Sections around it.
    pub depth: u8,
    /// Whether its lines are hidden.
    pub folded: bool,
}

/// A block. See `blocks.md` 6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its identity.
    pub id: BlockId,
    /// The shell that made it.
    pub shell: ShellId,
    /// The running block in which that shell was started.
    pub parent: Option<BlockId>,
    /// Which prompt of its shell it began with, from 1; 0 if the shell does not count.
    pub cycle: u32,
    /// What it is.
    pub kind: Kind,
    /// Where it is in its life.
    pub state: State,
    /// Whether its facts may be believed.
    pub trust: Trust,
    /// Where the prompt begins.
    pub prompt: Option<Anchor>,
    /// Where the command begins, after the prompt.
    pub input: Option<Anchor>,
    /// Where the output begins.
    pub output: Option<Anchor>,
    /// Where the output ends, exclusive.
    pub end: Option<Anchor>,
    /// The command.
    pub command: CommandText,
    /// Where it ran; shared by blocks until something changes.
    pub context: Arc<Context>,
    /// When the command started (or the prompt came, before that), in the time that the caller passes to
    /// [`crate::Terminal::advance`].
    pub started: Duration,
    /// It ran in an earlier session: how long before that time's zero it started. Then `started` says nothing.
    pub earlier: Option<Duration>,
    /// What is known beside.
    pub flags: Flags,
    /// Foldable parts of the output, in order.
    pub sections: Vec<Section>,
    /// What the user wrote beside it.
    pub notes: Option<Box<Notes>>,
    /// Lines and bytes of output that nothing holds any more, between its head and its tail.
    pub dropped: (u64, u64),
    /// Lines of it that are not shown, by the ids of the first and of the line after the last.
    pub(crate) hidden: Vec<(LineId, LineId)>,
    /// What hides them.
    pub(crate) filter: Option<Box<filter::ActiveFilter>>,
    /// The rows that were still on the screen when something could have painted over them.
    pub(crate) capture: Option<Box<capture::Capture>>,
}

impl Block {
    /// How it ended, if it ran to its end and the shell said so.
    #[must_use]
    pub fn exit(&self) -> Option<&Exit> {
        match &self.state {
            State::Done { exit, .. } => exit.as_ref(),
            _ => None,
        }
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// Whether it ended with a failure.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        match &self.state {
            State::Rejected { status } => !matches!(status, 0 | 130),
            _ => self.exit().is_some_and(Exit::is_failure),
        }
    }

    /// How long the command ran.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        match self.state {
            State::Done { duration, .. } => duration,
            _ => None,
        }
    }

    /// Whether it was made by a shell with a key.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        matches!(self.trust, Trust::Verified(_))
    }

    /// What its filter found, if it has one.
    #[must_use]
    pub fn filtered(&self) -> Option<Filtered> {
        self.filter.as_ref().map(|filter| filter.found())
    }

    /// Whether it ran in an earlier session.
    #[must_use]
    pub fn is_old(&self) -> bool {
        self.earlier.is_some()
    }

    /// When it started, if `zero` is when this terminal's time was zero.
    #[must_use]
    pub fn started_at(&self, zero: SystemTime) -> SystemTime {
        match self.earlier {
            Some(earlier) => zero.checked_sub(earlier).unwrap_or(zero),
            None => zero + self.started,
        }
    }

    /// Where its first row is: the prompt's, or what comes first of what it has.
    #[must_use]
    pub fn start(&self) -> Option<Anchor> {
        self.prompt.or(self.input).or(self.output)
    }
}

/// What happened to the blocks of a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockEvent {
    /// A prompt waits; [`Blocks::pending`] has its block.
    Prompted(BlockId),
    /// A command started.
    Started(BlockId),
    /// A command ended; its text is complete now. Its state may be [`State::Lost`].
    Finished(BlockId),
    /// Nothing ran of what was entered.
    Rejected(BlockId),
    /// The shell's folder, host, user or virtual environment changed.
    ContextChanged(Arc<Context>),
    /// None of its lines is on the screen or in scrollback any more.
    Detached(BlockId),
    /// It left the list, since there are too many blocks.
    Forgotten(BlockId),
}

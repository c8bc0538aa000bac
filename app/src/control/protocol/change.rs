//! What subscribers are told.

use serde::Serialize;

/// Something that changed, as subscribers are told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Change {
    /// A pane printed something, or changed in another way. Told once for many changes.
    Output {
        /// Which.
        pane: u64,
    },
    /// A pane is there.
    Opened {
        /// Which.
        pane: u64,
    },
    /// A pane is gone.
    Closed {
        /// Which.
        pane: u64,
    },
    /// A pane has the keyboard.
    Focused {
        /// Which.
        pane: u64,
    },
    /// A pane's title or folder is another.
    Title {
        /// Which.
        pane: u64,
        /// What its tab says.
        title: String,
        /// The shell's folder.
        folder: Option<String>,
    },
    /// A pane's program ended.
    Ended {
        /// Which.
        pane: u64,
        /// Its status; none when it went on elsewhere, or was ended by a signal.
        exit: Option<i32>,
    },
    /// A pane rang the bell.
    Bell {
        /// Which.
        pane: u64,
    },
    /// A command began or ended in a pane.
    Block {
        /// Which.
        pane: u64,
        /// Its number, the same at its beginning and at its end.
        block: u64,
        /// Which of the two.
        state: BlockState,
        /// The command's first line: only to those who may read what panes show, and where the shell vouches for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        command: Option<String>,
        /// Its status, once it ended and if the shell told it.
        #[serde(skip_serializing_if = "Option::is_none")]
        exit: Option<i32>,
        /// How long it took, in milliseconds, once it ended.
        #[serde(skip_serializing_if = "Option::is_none")]
        took: Option<u64>,
    },
}

/// Where a block is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BlockState {
    /// Its command began.
    Started,
    /// It ended.
    Ended,
}

impl Change {
    /// The pane that it is of.
    pub(crate) fn pane(&self) -> u64 {
        match self {
            Self::Output { pane }
            | Self::Opened { pane }
            | Self::Closed { pane }
            | Self::Focused { pane }
            | Self::Title { pane, .. }
            | Self::Ended { pane, .. }
            | Self::Bell { pane }
            | Self::Block { pane, .. } => *pane,
        }
    }

    /// The change as it is told to somebody who may not read what panes show.
    pub(crate) fn without_text(mut self) -> Self {
        if let Self::Block { command, .. } = &mut self {
            *command = None;
        }
        self
    }
}

//! Prompt marks (OSC 133) kept on rows; the blocks that stand on them come with their own issue.

use crate::index::LineId;

/// Which point of a command's life a mark names (OSC 133).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkKind {
    /// `A`: a prompt begins.
    PromptStart,
    /// `B`: the prompt ends, input begins.
    InputStart,
    /// `C`: the command's output begins.
    OutputStart,
    /// `D`: the command ended, with its exit status if it said one.
    End {
        /// Exit status.
        status: Option<i32>,
    },
}

/// A prompt mark, anchored to a logical line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// What it says.
    pub kind: MarkKind,
    /// The logical line.
    pub line: LineId,
    /// Cells from the start of the logical line.
    pub offset: u32,
}

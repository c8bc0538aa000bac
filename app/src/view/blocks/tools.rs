//! What a block's toolbar and menu offer.

use config::ActionName;

/// A tool on a block's first row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tool {
    /// Copy command and output.
    Copy,
    /// Copy the output.
    Output,
    /// Fold or unfold.
    Fold,
    /// Show some lines only.
    Filter,
    /// Put the command at the prompt.
    Run,
    /// All of it.
    More,
}

impl Tool {
    /// All, from left to right.
    pub(crate) const ALL: &'static [Self] = &[
        Self::Copy,
        Self::Output,
        Self::Fold,
        Self::Filter,
        Self::Run,
        Self::More,
    ];

    /// Those for a command that runs.
    pub(crate) const RUNNING: &'static [Self] =
        &[Self::Copy, Self::Output, Self::Filter, Self::More];

    /// What it is called; of a block that is folded already or not.
    pub(crate) fn label(self, folded: bool) -> &'static str {
        match self {
            Self::Fold if folded => "unfold",
            Self::Copy => "copy",
            Self::Output => "copy output",
            Self::Fold => "fold",
            Self::Filter => "filter",
            Self::Run => "run again",
            Self::More => "more",
        }
    }

    /// What it does; `None` opens the menu.
    pub(crate) fn action(self) -> Option<ActionName> {
        Some(match self {
            Self::Copy => ActionName::CopyBlock,
            Self::Output => ActionName::CopyBlockOutput,
            Self::Fold => ActionName::FoldBlock,
            Self::Filter => ActionName::FilterBlock,
            Self::Run => ActionName::RerunBlock,
            Self::More => return None,
        })
    }
}

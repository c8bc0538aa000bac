//! Prompt marks (OSC 133) kept on rows; the blocks that stand on them come with their own issue.

use std::collections::VecDeque;

use crate::index::LineId;
use crate::limits::MAX_MARKS;

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

/// The marks of a pane, oldest first; the oldest go when there are too many.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    marks: VecDeque<Mark>,
}

impl Marks {
    /// Adds a mark; `false` if it only repeats the last one. A prompt that is drawn again where it or an
    /// earlier one stood replaces the marks of the old one.
    pub(crate) fn push(&mut self, mark: Mark) -> bool {
        if self.marks.back() == Some(&mark) {
            return false;
        }
        if mark.kind == MarkKind::PromptStart {
            while self.marks.back().is_some_and(|last| {
                matches!(last.kind, MarkKind::PromptStart | MarkKind::InputStart)
                    && (last.line, last.offset) >= (mark.line, mark.offset)
            }) {
                self.marks.pop_back();
            }
        }
        if self.marks.len() == MAX_MARKS {
            self.marks.pop_front();
        }
        self.marks.push_back(mark);
        true
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mark> {
        self.marks.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_bounded_and_not_repeated() {
        let mut marks = Marks::default();
        let mark = |line| Mark {
            kind: MarkKind::PromptStart,
            line: LineId(line),
            offset: 0,
        };
        assert!(marks.push(mark(0)));
        assert!(!marks.push(mark(0)));
        assert!(marks.push(Mark {
            kind: MarkKind::InputStart,
            line: LineId(0),
            offset: 2
        }));
        assert!(marks.push(mark(0)), "drawn again");
        assert_eq!(marks.iter().count(), 1);
        for line in 1..=MAX_MARKS as u64 {
            marks.push(mark(line));
        }
        assert_eq!(marks.iter().count(), MAX_MARKS);
        assert_eq!(marks.iter().next(), Some(&mark(1)));
    }
}

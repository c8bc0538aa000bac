//! Rows copied before something can paint over them (`blocks.md` 4.2).
//!
//! What scrolled into scrollback never changes, so it is not copied: a block reads it there. Only rows of
//! blocks that ended and still stand on the screen are in danger, and only from sequences that go up. So the
//! copy is made when the first such sequence comes, of no more than a screen of rows; most blocks scroll
//! away before and cost nothing.

use super::{Anchor, BlockId};
use crate::blocks::text::Format;
use crate::limits::MAX_CAPTURE_BYTES;
use crate::parser::Csi;
use crate::terminal::state::State;

/// The end of a block's output, styled, from `from` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Capture {
    pub(crate) from: Anchor,
    pub(crate) text: String,
}

impl State {
    /// A sequence that may change rows above the cursor is about to be obeyed.
    #[cold]
    pub(crate) fn before_moving_up(&mut self, csi: &Csi) {
        if self.is_alternate() {
            return;
        }
        let moves = csi.intermediate == 0
            && csi.prefix == 0
            && matches!(csi.last, b'A' | b'F' | b'H' | b'd' | b'f');
        if moves {
            self.note_live();
        }
        if self.blocks.unsettled {
            self.settle();
        }
    }

    /// Copies the rows of ended blocks that are still on the screen.
    pub(crate) fn settle(&mut self) {
        if !std::mem::take(&mut self.blocks.unsettled) {
            return;
        }
        let first = self.primary().first_live_anchor();
        let mut index = self.blocks.len();
        while let Some(before) = index.checked_sub(1) {
            index = before;
            let Some(block) = self.blocks.nth(index) else {
                return;
            };
            let Some(end) = block.end else {
                continue;
            };
            if end <= first {
                // Before it there are only blocks around it that may reach further down.
                match block.parent.and_then(|id| self.blocks.position(id)) {
                    Some(parent) => index = parent + 1,
                    None => return,
                }
                continue;
            }
            self.capture(index, first);
        }
    }

    fn capture(&mut self, index: usize, first: Anchor) {
        let Some(block) = self.blocks.nth(index) else {
            return;
        };
        let (Some(output), Some(end)) = (block.output, block.end) else {
            return;
        };
        let id = block.id;
        let from = output.max(first);
        let (until, rest) = match &block.capture {
            Some(capture) if capture.from <= from => return,
            Some(capture) => (capture.from, capture.text.clone()),
            None => (end, String::new()),
        };
        if from >= until {
            return;
        }
        let before = rest.len();
        let text = self.primary().text_between(from, until, Format::Styled) + &rest;
        self.blocks.captured += text.len() - before;
        if before == 0 {
            self.blocks.captures.push_back(id);
        }
        if let Some(block) = self.blocks.nth_mut(index) {
            block.capture = Some(Box::new(Capture { from, text }));
        }
        while self.blocks.captured > MAX_CAPTURE_BYTES
            && let Some(oldest) = self.blocks.captures.pop_front()
        {
            self.drop_capture(oldest);
        }
    }

    fn drop_capture(&mut self, id: BlockId) {
        let bytes = match self.blocks.get_mut(id) {
            Some(block) => block.capture.take().map_or(0, |capture| capture.text.len()),
            None => 0,
        };
        self.blocks.captured -= bytes;
    }
}

/// Whether a sequence can only change the cursor's row and those below it.
#[inline]
pub(crate) fn stays_below(csi: &Csi) -> bool {
    if csi.intermediate != 0 {
        return matches!(csi.intermediate, b' ' | b'!' | b'"');
    }
    match csi.prefix {
        0 => match csi.last {
            b'J' => csi.params.get(0) == 0,
            b'A' | b'F' | b'H' | b'L' | b'M' | b'S' | b'T' | b'^' | b'd' | b'f' | b'r' | b'u' => {
                false
            }
            _ => true,
        },
        b'?' => csi.last != b'J',
        _ => true,
    }
}

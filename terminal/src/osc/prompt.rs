//! OSC 133: prompt marks (Per Bothner's semantic prompts; dialects in `blocks.md` 1.2).
//!
//! Here they are only kept as marks on lines. Which of them may be believed is for the blocks to judge.

use crate::blocks::MarkKind;
use crate::terminal::state::State;

impl State {
    /// OSC 133.
    pub(super) fn osc_prompt(&mut self, text: &[u8]) {
        let mut fields = text.split(|&byte| byte == b';');
        let action = fields.next().unwrap_or_default();
        match action {
            b"A" | b"N" => self.mark(MarkKind::PromptStart),
            // `P` begins a part of a prompt; only the first part is the prompt's beginning.
            b"P" if !fields.any(|field| matches!(field, b"k=s" | b"k=c" | b"k=r")) => {
                self.mark(MarkKind::PromptStart);
            }
            b"B" | b"I" => self.mark(MarkKind::InputStart),
            b"C" => self.mark(MarkKind::OutputStart),
            b"D" => {
                let status = fields.next().and_then(status);
                self.mark(MarkKind::End { status });
            }
            b"L" => self.fresh_line(),
            _ => {}
        }
    }

    /// `L`: a new line, unless the cursor is at the beginning of one.
    fn fresh_line(&mut self) {
        let screen = self.screen_mut();
        if screen.cursor_column() > 0 {
            screen.carriage_return();
            screen.index();
        }
    }
}

fn status(digits: &[u8]) -> Option<i32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

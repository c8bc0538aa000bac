//! C0 controls (ECMA-48 8.2, DEC STD 070).

use crate::modes::Mode;
use crate::terminal::state::State;

impl State {
    /// Does what a C0 control says; those without a meaning for a screen are ignored, ENQ among them: the
    /// answerback is an old way to make a terminal type.
    #[inline]
    pub(crate) fn execute_c0(&mut self, control: u8) {
        match control {
            b'\n' | 0x0b | 0x0c => {
                self.screen_mut().index();
                if self.modes.is_set(Mode::Newline) {
                    self.screen_mut().carriage_return();
                }
                if self.blocks.shells.awaits_enter() {
                    self.line_feed_after_enter();
                }
            }
            b'\r' => {
                if self.blocks.live.is_some() {
                    self.note_return();
                }
                self.screen_mut().carriage_return();
            }
            0x08 => self.screen_mut().backspace(),
            b'\t' => self.horizontal_tab(),
            0x07 => self.effects.bell(),
            0x0e => self.charsets.lock_left(1),
            0x0f => self.charsets.lock_left(0),
            _ => {}
        }
    }

    /// HT. With xterm's "more fix" (41), a tab at a pending wrap wraps first.
    fn horizontal_tab(&mut self) {
        if self.modes.is_set(Mode::MoreFix) && self.screen().pending_wrap() {
            self.screen_mut().index();
            self.screen_mut().carriage_return();
        }
        self.screen_mut().tab(1);
    }
}

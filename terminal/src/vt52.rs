//! What a VT52 does (DECANM reset; VT100 User Guide, chapter 3, and xterm ctlseqs, "VT52 Mode").

#[cfg(test)]
mod tests;

use crate::charset::{Charset, Charsets};
use crate::modes::Mode;
use crate::reply::Reply;
use crate::screen::Erase;
use crate::terminal::state::State;

impl State {
    /// DECANM: reset, the terminal is a VT52 with sets of its own, as xterm has it; the old ones come back.
    pub(crate) fn set_ansi(&mut self, set: bool) {
        if set == self.modes.is_set(Mode::Ansi) {
            return;
        }
        self.modes.assign(Mode::Ansi, set);
        if set {
            self.charsets = self.ansi_charsets;
        } else {
            self.ansi_charsets = std::mem::take(&mut self.charsets);
        }
    }

    /// Does what a VT52's `ESC last` says.
    pub(crate) fn dispatch_vt52(&mut self, last: u8) {
        match last {
            b'<' => self.set_ansi(true),                           // Enter ANSI mode
            b'=' => self.set_mode(Mode::ApplicationKeypad, true),  // Enter alternate keypad mode
            b'>' => self.set_mode(Mode::ApplicationKeypad, false), // Exit alternate keypad mode
            b'A' => self.screen_mut().move_up(1),                  // Cursor up
            b'B' => self.screen_mut().move_down(1),                // Cursor down
            b'C' => self.screen_mut().move_right(1),               // Cursor right
            b'D' => self.screen_mut().move_left(1),                // Cursor left
            b'F' => self.charsets.designate(0, Charset::SpecialGraphics), // Enter graphics mode
            b'G' => self.charsets = Charsets::default(),           // Exit graphics mode
            b'H' => self.cursor_address(0, 0),                     // Cursor to home
            b'I' => self.screen_mut().reverse_index(),             // Reverse line feed
            b'J' => self.screen_mut().erase_below(Erase::All),     // Erase to end of screen
            b'K' => self.screen_mut().erase_line_right(Erase::All), // Erase to end of line
            b'Z' => self.replies.push(Reply::Vt52),                // Identify
            _ => tracing::trace!(last, "sequence of a VT52 ignored"),
        }
    }
}

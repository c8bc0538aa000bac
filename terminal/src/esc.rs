//! Escape sequences (ECMA-48 5.3, DEC STD 070), C1 controls in their two-byte form among them.

#[cfg(test)]
mod tests;

use crate::cell::Attrs;
use crate::charset::Charset;
use crate::modes::Mode;
use crate::reply::Reply;
use crate::size::LineSize;
use crate::terminal::state::{Protection, State};

impl State {
    /// Does what `ESC intermediates last` says.
    pub(crate) fn dispatch_escape(&mut self, intermediates: &[u8], last: u8) {
        match (intermediates, last) {
            ([], b'6') => self.screen_mut().back_index(), // DECBI
            ([], b'7') => self.save_cursor(),             // DECSC
            ([], b'8') => self.restore_cursor(),          // DECRC
            ([], b'9') => self.screen_mut().forward_index(), // DECFI
            ([], b'=') => self.set_mode(Mode::ApplicationKeypad, true), // DECKPAM
            ([], b'>') => self.set_mode(Mode::ApplicationKeypad, false), // DECKPNM
            ([], b'D') => self.screen_mut().index(),      // IND
            ([], b'E') => self.next_line(),               // NEL
            ([], b'H') => self.screen_mut().set_tab(),    // HTS
            ([], b'M') => self.screen_mut().reverse_index(), // RI
            ([], b'N') => self.charsets.single_shift(2),  // SS2
            ([], b'O') => self.charsets.single_shift(3),  // SS3
            ([], b'V') => self.set_iso_protection(true),  // SPA
            ([], b'W') => self.set_iso_protection(false), // EPA
            ([], b'Z') => self.primary_attributes(),      // DECID
            ([], b'\\') => {}                             // ST
            ([], b'c') => self.reset(),                   // RIS
            ([], b'n') => self.charsets.lock_left(2),     // LS2
            ([], b'o') => self.charsets.lock_left(3),     // LS3
            ([], b'|') => self.charsets.lock_right(3),    // LS3R
            ([], b'}') => self.charsets.lock_right(2),    // LS2R
            ([], b'~') => self.charsets.lock_right(1),    // LS1R
            (b" ", b'F') => self.replies.eight_bit = false, // S7C1T
            (b" ", b'G') => self.replies.eight_bit = self.dec.level > 1, // S8C1T
            (b"#", b'3') => self.screen_mut().set_line_size(LineSize::DoubleTop), // DECDHL
            (b"#", b'4') => self.screen_mut().set_line_size(LineSize::DoubleBottom), // DECDHL
            (b"#", b'5') => self.screen_mut().set_line_size(LineSize::Single), // DECSWL
            (b"#", b'6') => self.screen_mut().set_line_size(LineSize::DoubleWidth), // DECDWL
            (b"#", b'8') => self.screen_mut().alignment_pattern(), // DECALN
            // UTF-8 is the only encoding there is (ISO 2022 15.4: DOCS).
            (b"%", b'@' | b'G') => {}
            ([slot @ b'('..=b'/', more @ ..], last) => self.designate(*slot, more, last), // SCS
            _ => tracing::trace!(?intermediates, last, "escape sequence ignored"),
        }
    }

    /// NEL.
    fn next_line(&mut self) {
        let screen = self.screen_mut();
        screen.index();
        screen.carriage_return();
    }

    /// SPA, EPA: protection that stops ED, EL and ECH too (ECMA-48 8.3.129).
    fn set_iso_protection(&mut self, on: bool) {
        self.set_protection(Protection::Iso, on);
    }

    /// Marks what is printed from now on as protected or not.
    pub(crate) fn set_protection(&mut self, kind: Protection, on: bool) {
        self.dec.protection = kind;
        let screen = self.screen_mut();
        let mut pen = screen.pen();
        pen.attrs.set(Attrs::PROTECTED, on);
        screen.set_pen(pen);
    }

    /// DA1, DECID.
    pub(crate) fn primary_attributes(&mut self) {
        let clipboard = self.options.clipboard_write;
        self.replies.push(Reply::PrimaryAttributes {
            level: self.dec.level,
            clipboard,
        });
    }

    /// SCS: `( ) * +` designate a set of 94 characters as G0–G3, `- . /` one of 96 as G1–G3.
    fn designate(&mut self, slot: u8, more: &[u8], last: u8) {
        let (slot, has_96) = match slot {
            b'('..=b'+' => (usize::from(slot - b'('), false),
            b'-'..=b'/' => (usize::from(slot - b','), true),
            _ => return,
        };
        let intermediate = match more {
            [] => 0,
            [one] => *one,
            _ => return,
        };
        let national = self.modes.is_set(Mode::NationalCharsets);
        match Charset::designated(intermediate, last, has_96, national) {
            Some(set) => self.charsets.designate(slot, set),
            None => tracing::trace!(last, "unknown character set"),
        }
    }
}

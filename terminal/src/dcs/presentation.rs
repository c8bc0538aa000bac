//! DECRSPS: puts back what DECRQPSR reported.

use crate::cell::{Attrs, UnderlineStyle};
use crate::charset::Charset;
use crate::modes::Mode;
use crate::osc::decimal;
use crate::terminal::state::State;

impl State {
    /// DECCIR: cursor, rendition, protection, origin mode, character sets.
    pub(super) fn restore_cursor_report(&mut self, data: &[u8]) {
        let fields: Vec<&[u8]> = data.split(|&byte| byte == b';').collect();
        let [
            row,
            column,
            _page,
            rendition,
            attributes,
            flags,
            left,
            right,
            sizes,
            sets,
        ] = fields[..]
        else {
            return;
        };
        let bits = |field: &[u8]| match field {
            [letter @ 0x40..=0x7f] => Some(letter - 0x40),
            _ => None,
        };
        let (Some(row), Some(column)) = (decimal(row), decimal(column)) else {
            return;
        };
        let (Some(rendition), Some(attributes), Some(flags), Some(sizes)) =
            (bits(rendition), bits(attributes), bits(flags), bits(sizes))
        else {
            return;
        };
        let mut pen = self.screen().pen();
        pen.attrs.set(Attrs::BOLD, rendition & 1 != 0);
        pen.underline = if rendition & 2 == 0 {
            UnderlineStyle::None
        } else {
            UnderlineStyle::Single
        };
        pen.attrs.set(Attrs::BLINK, rendition & 4 != 0);
        pen.attrs.set(Attrs::REVERSE, rendition & 8 != 0);
        pen.attrs.set(Attrs::PROTECTED, attributes & 1 != 0);
        self.set_mode(Mode::Origin, flags & 1 != 0);
        self.screen_mut().set_pen(pen);
        let mut rest = sets;
        for slot in 0..4 {
            let (intermediate, last) = match *rest {
                [intermediate @ 0x20..=0x2f, last, ref more @ ..] => {
                    rest = more;
                    (intermediate, last)
                }
                [last, ref more @ ..] => {
                    rest = more;
                    (0, last)
                }
                [] => break,
            };
            let has_96 = sizes >> slot & 1 != 0;
            if let Some(set) = Charset::designated(intermediate, last, has_96, true) {
                self.charsets.designate(slot, set);
            }
        }
        if let (Some(left), Some(right)) = (decimal(left), decimal(right)) {
            self.charsets.lock_left(u8::try_from(left & 3).unwrap_or(0));
            self.charsets
                .lock_right(u8::try_from(right & 3).unwrap_or(0));
        }
        match flags & 6 {
            2 => self.charsets.single_shift(2),
            4 => self.charsets.single_shift(3),
            _ => {}
        }
        self.cursor_address(row.max(1) - 1, column.max(1) - 1);
    }

    /// DECTABSR: 1-based columns, joined by `/`.
    pub(super) fn restore_tab_report(&mut self, data: &[u8]) {
        let columns = self.size().columns;
        let screen = self.screen_mut();
        let (row, column) = (screen.cursor_row(), screen.cursor_column());
        screen.clear_all_tabs();
        for stop in data.split(|&byte| byte == b'/').filter_map(decimal) {
            if (1..=columns).contains(&stop) {
                screen.goto_column(stop - 1);
                screen.set_tab();
            }
        }
        screen.goto(row, column);
    }
}

//! Rectangular area operations (VT420 and later): DECCRA, DECFRA, DECERA, DECSERA, DECCARA, DECRARA, DECRQCRA.
//!
//! Coordinates count from the margins in origin mode; margins do not limit the operations otherwise.

use crate::cell::{Attrs, UnderlineStyle};
use crate::parser::{Csi, Params};
use crate::reply::Reply;
use crate::screen::{CellRect, Erase};
use crate::sgr;
use crate::terminal::state::{Protection, State};

/// XTCHECKSUM's bits (xterm ctlseqs).
mod checksum {
    pub(super) const NOT_NEGATED: u16 = 1;
    pub(super) const NO_ATTRIBUTES: u16 = 1 << 1;
    pub(super) const NO_TRIMMING: u16 = 1 << 2;
    pub(super) const ONLY_WRITTEN: u16 = 1 << 3;
}

impl State {
    /// `CSI … $ final`, `CSI … * final`.
    pub(super) fn dispatch_rectangle(&mut self, intermediate: u8, csi: &Csi) {
        if self.dec.level < 4 {
            return;
        }
        let params = &csi.params;
        match (intermediate, csi.last) {
            (b'$', b'r') => self.change_attributes(params, sgr::apply_values), // DECCARA
            (b'$', b't') => self.change_attributes(params, sgr::invert),       // DECRARA
            (b'$', b'v') => self.copy_rectangle(params),                       // DECCRA
            (b'$', b'x') => self.fill_rectangle(params),                       // DECFRA
            (b'$', b'z') => self.erase_rectangle(params, false),               // DECERA
            (b'$', b'{') => self.erase_rectangle(params, true),                // DECSERA
            (b'*', b'y') => self.report_checksum(params),                      // DECRQCRA
            _ => tracing::trace!(?csi, "control sequence ignored"),
        }
    }

    /// The rectangle `Pt ; Pl ; Pb ; Pr` from the value at `start` on, clamped; inverted ones are none.
    fn rectangle(&self, params: &Params, start: usize) -> Option<CellRect> {
        let size = self.size();
        let screen = self.screen();
        let (top, bottom, left, right) = if screen.modes.origin {
            let (top, bottom) = screen.vertical_margins();
            let (left, right) = screen.horizontal_margins();
            (top, bottom, left, right)
        } else {
            (0, size.rows - 1, 0, size.columns - 1)
        };
        let place = |index: usize, from: u16, to: u16| {
            from.saturating_add(params.or(start + index, 1) - 1).min(to)
        };
        let end = |index: usize, from: u16, to: u16| match params.get(start + index) {
            0 => to,
            value => from.saturating_add(value - 1).min(to),
        };
        // What begins outside the screen is nothing, not its last cell.
        let outside = from_outside(params.get(start), top, size.rows)
            || from_outside(params.get(start + 1), left, size.columns);
        let rect = CellRect {
            top: place(0, top, bottom),
            left: place(1, left, right),
            bottom: end(2, top, bottom),
            right: end(3, left, right),
        };
        (!outside && rect.top <= rect.bottom && rect.left <= rect.right).then_some(rect)
    }

    /// DECCARA, DECRARA: in the stream form (DECSACE) the rectangle is a first and a last cell.
    fn change_attributes(
        &mut self,
        params: &Params,
        change: fn(&mut crate::cell::Style, &Params, usize),
    ) {
        let stream = self.dec.extent != 2;
        let Some(rect) = self.rectangle_or_stream(params, stream) else {
            return;
        };
        let params = *params;
        self.screen_mut().change_rect(rect, stream, &|mut style| {
            change(&mut style, &params, 4);
            style
        });
    }

    fn rectangle_or_stream(&self, params: &Params, stream: bool) -> Option<CellRect> {
        if !stream {
            return self.rectangle(params, 0);
        }
        // Only a stream of one row can be inverted: check the rows alone, and the columns there.
        let mut rows_only = Params::default();
        for index in 0..4 {
            rows_only.push(if index % 2 == 0 { params.get(index) } else { 0 }, false);
        }
        let rows = self.rectangle(&rows_only, 0)?;
        let column = |value: u16, default: u16| {
            let base = if self.screen().modes.origin {
                rows.left
            } else {
                0
            };
            match value {
                0 => default,
                value => base.saturating_add(value - 1).min(self.size().columns - 1),
            }
        };
        let rect = CellRect {
            left: column(params.get(1), rows.left),
            right: column(params.get(3), rows.right),
            ..rows
        };
        (rect.top < rect.bottom || rect.left <= rect.right).then_some(rect)
    }

    /// DECCRA. There is one page.
    fn copy_rectangle(&mut self, params: &Params) {
        let Some(rect) = self.rectangle(params, 0) else {
            return;
        };
        let mut target = Params::default();
        target.push(params.get(5), false);
        target.push(params.get(6), false);
        let Some(target) = self.rectangle(&target, 0) else {
            return;
        };
        self.screen_mut().copy_rect(rect, target.top, target.left);
    }

    /// DECFRA: the characters of both halves of Latin-1.
    fn fill_rectangle(&mut self, params: &Params) {
        let character = match params.get(0) {
            0 => ' ',
            code @ (0x20..=0x7e | 0xa0..=0xff) => match u8::try_from(code) {
                Ok(byte) => char::from(byte),
                Err(_) => return,
            },
            _ => return,
        };
        if let Some(rect) = self.rectangle(params, 1) {
            self.screen_mut().fill_rect(rect, character);
        }
    }

    /// DECERA, DECSERA. Only DECSCA's protection counts.
    fn erase_rectangle(&mut self, params: &Params, selective: bool) {
        let keep = selective && self.dec.protection == Protection::Dec;
        let kind = if keep { Erase::Unprotected } else { Erase::All };
        if let Some(rect) = self.rectangle(params, 0) {
            self.screen_mut().erase_rect(rect, kind);
        }
    }

    /// DECRQCRA, for conformance tests only: it reads the screen back.
    fn report_checksum(&mut self, params: &Params) {
        if !self.options.checksum_reports {
            return;
        }
        let sum = self
            .rectangle(params, 2)
            .map_or(0, |rect| self.checksum(rect));
        self.replies.push(Reply::Checksum {
            id: params.get(0),
            sum,
        });
    }

    /// xterm's checksum: the sum of the characters and of weights of the attributes, trailing blanks of a
    /// row left out, negated. Cells never written count as blanks, as on DEC's terminals.
    fn checksum(&self, rect: CellRect) -> u16 {
        let flags = self.dec.checksum_flags;
        let mut sum: u16 = 0;
        for row in rect.top..=rect.bottom {
            let mut blanks: u16 = 0;
            for column in rect.left..=rect.right {
                let (character, style) = self.screen().cell_character(row, column);
                let written = character != '\0';
                if !written && flags & checksum::ONLY_WRITTEN != 0 {
                    continue;
                }
                let character = if written { u32::from(character) } else { 0x20 };
                let mut value = u16::try_from(character & 0xffff).unwrap_or(0);
                let plain = flags & checksum::NO_ATTRIBUTES != 0;
                if !plain {
                    value = value.wrapping_add(attribute_weight(&style));
                }
                let trailing = column > rect.left && !written && value == 0x20;
                if trailing && flags & checksum::NO_TRIMMING == 0 {
                    blanks = blanks.wrapping_add(value);
                } else {
                    sum = sum.wrapping_add(blanks).wrapping_add(value);
                    blanks = 0;
                }
            }
        }
        if flags & checksum::NOT_NEGATED == 0 {
            sum.wrapping_neg()
        } else {
            sum
        }
    }
}

/// Whether a 1-based coordinate lies past `count` cells when counted from `from`.
fn from_outside(value: u16, from: u16, count: u16) -> bool {
    from.saturating_add(value.max(1) - 1) >= count
}

/// What attributes add to a cell's checksum (xterm, after DEC's terminals). Protection, which xterm gives
/// 4, is left out: who checks what selective erasing left wants the character.
fn attribute_weight(style: &crate::cell::Style) -> u16 {
    let weights = [
        (style.attrs.contains(Attrs::CONCEAL), 0x08),
        (style.underline != UnderlineStyle::None, 0x10),
        (style.attrs.contains(Attrs::REVERSE), 0x20),
        (style.attrs.contains(Attrs::BLINK), 0x40),
        (style.attrs.contains(Attrs::BOLD), 0x80),
    ];
    weights
        .iter()
        .filter(|(set, _)| *set)
        .map(|&(_, weight)| weight)
        .sum()
}

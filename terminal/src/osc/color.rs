//! OSC 4, 5, 10–19, 104, 105, 110–119: colors set, asked and reset.
//!
//! A report repeats a number that was checked and a color of ours, nothing else (CVE-2026-54057).

use super::decimal;
use crate::reply::Reply;
use crate::terminal::state::State;
use crate::terminal::{DynamicColor, SPECIAL_COLORS, parse_color};

/// OSC 4 reaches the special colors past the indexed ones.
const INDEXED: u16 = 256;

impl State {
    /// OSC 4: pairs of index and color, or `?`.
    pub(super) fn osc_indexed_colors(&mut self, text: &[u8], bell: bool) {
        let before = self.colors.generation();
        let mut fields = text.split(|&byte| byte == b';');
        while let (Some(index), Some(color)) = (fields.next(), fields.next()) {
            let Some(index) = decimal(index) else {
                continue;
            };
            match u8::try_from(index) {
                Ok(indexed) if color == b"?" => {
                    let color = self.colors.palette().indexed[usize::from(indexed)];
                    self.replies.push(Reply::IndexedColor {
                        kind: 4,
                        index,
                        color,
                        bell,
                    });
                }
                Ok(indexed) => {
                    if let Some(color) = parse_color(color) {
                        self.colors.set_indexed(indexed, Some(color));
                    }
                }
                Err(_) => self.osc_special_color(4, index, index - INDEXED, color, bell),
            }
        }
        self.colors_changed(before);
    }

    /// OSC 5: pairs of special color and color, or `?`.
    pub(super) fn osc_special_colors(&mut self, text: &[u8], bell: bool) {
        let mut fields = text.split(|&byte| byte == b';');
        while let (Some(index), Some(color)) = (fields.next(), fields.next()) {
            if let Some(index) = decimal(index) {
                self.osc_special_color(5, index, index, color, bell);
            }
        }
    }

    fn osc_special_color(&mut self, kind: u8, index: u16, special: u16, color: &[u8], bell: bool) {
        let special = usize::from(special);
        if color == b"?" {
            if let Some(color) = self.colors.special(special) {
                self.replies.push(Reply::IndexedColor {
                    kind,
                    index,
                    color,
                    bell,
                });
            }
        } else if let Some(color) = parse_color(color) {
            self.colors.set_special(special, Some(color));
        }
    }

    /// OSC 10–19: a color or `?` for this number, the next one, and so on.
    pub(super) fn osc_dynamic_colors(&mut self, number: u16, text: &[u8], bell: bool) {
        let before = self.colors.generation();
        let mut which = DynamicColor::from_number(number);
        for color in text.split(|&byte| byte == b';') {
            let Some(dynamic) = which else { break };
            if color == b"?" {
                let color = self.colors.dynamic(dynamic);
                self.replies.push(Reply::DynamicColor {
                    number: dynamic.number(),
                    color,
                    bell,
                });
            } else if let Some(color) = parse_color(color) {
                self.colors.set_dynamic(dynamic, Some(color));
            }
            which = dynamic.next();
        }
        self.colors_changed(before);
    }

    /// OSC 104: these indices, or all.
    pub(super) fn osc_reset_indexed_colors(&mut self, text: &[u8]) {
        let before = self.colors.generation();
        if text.is_empty() {
            self.colors.reset_indexed();
            self.colors.reset_special();
        }
        for index in text.split(|&byte| byte == b';').filter_map(decimal) {
            match u8::try_from(index) {
                Ok(index) => self.colors.set_indexed(index, None),
                Err(_) => self.colors.set_special(usize::from(index - INDEXED), None),
            }
        }
        self.colors_changed(before);
    }

    /// OSC 105: these special colors, or all.
    pub(super) fn osc_reset_special_colors(&mut self, text: &[u8]) {
        if text.is_empty() {
            self.colors.reset_special();
        }
        for index in text
            .split(|&byte| byte == b';')
            .filter_map(decimal)
            .map(usize::from)
        {
            if index < SPECIAL_COLORS {
                self.colors.set_special(index, None);
            }
        }
    }

    /// OSC 110–119.
    pub(super) fn osc_reset_dynamic_color(&mut self, number: u16) {
        let before = self.colors.generation();
        if let Some(which) = DynamicColor::from_number(number - 100) {
            self.colors.set_dynamic(which, None);
        }
        self.colors_changed(before);
    }
}

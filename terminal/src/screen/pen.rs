//! What SGR makes of the pen, remembered: programs go back and forth between few styles, so the same
//! parameters after the same style need neither be read nor looked up again.

use super::Screen;
use crate::cell::{Cell, Style};
use crate::parser::Params;

/// Changes remembered, each at a place that its key gives.
const CHANGES: usize = 1 << 9;

/// Parameters of a change that may be remembered.
const MAX_VALUES: usize = 4;

/// A change that was met: never key 0, since there is at least one parameter.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    values: u64,
    from: u32,
    count: u32,
    to: u32,
    pen: Style,
}

/// The changes met lately; empty until there is any.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<Change>);

impl Changes {
    /// Forgets all, since styles are about to get other ids.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The parameters as numbers to compare: all of them, and how many.
fn key(params: &Params) -> Option<(u64, u32)> {
    let values = params.values();
    if values.len() > MAX_VALUES || params.has_colons() {
        return None;
    }
    let packed = values
        .iter()
        .fold(0, |packed, &value| packed << 16 | u64::from(value));
    Some((packed, u32::try_from(values.len()).ok()?))
}

fn place(values: u64, from: u32) -> usize {
    let mixed = (values ^ u64::from(from) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55;
    usize::try_from(mixed).unwrap_or(0)
}

impl Screen {
    /// Changes the pen as `apply` says SGR's parameters do.
    #[inline]
    pub(crate) fn change_pen(&mut self, params: &Params, apply: impl FnOnce(&mut Style)) {
        let known = self.look.zip(key(params));
        let Some((look, (values, count))) = known else {
            let mut pen = self.pen;
            apply(&mut pen);
            self.set_pen(pen);
            return;
        };
        let from = Cell(look).style();
        if let Some(change) = self.changes.0.get(place(values, from))
            && (change.values, change.from, change.count) == (values, from, count)
        {
            self.pen = change.pen;
            self.look = Some(Cell::look_bits(change.to, self.pen_link));
            self.blank = None;
            return;
        }
        let mut pen = self.pen;
        apply(&mut pen);
        self.set_pen(pen);
        if self.styles.is_full() {
            // The next look-up gives styles other ids.
            return;
        }
        let to = Cell(self.look()).style();
        if self.changes.0.is_empty() {
            self.changes.0.resize(CHANGES, Change::default());
        }
        self.changes.0[place(values, from)] = Change {
            values,
            from,
            count,
            to,
            pen,
        };
    }
}

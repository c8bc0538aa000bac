//! Whether anything changed since a frame was last copied.
//!
//! Rows carry generations (`grid.rs`), so there is no list of damage to keep: a [`Stamp`] names the state
//! of a screen as a whole, and two equal stamps are the same picture.

use crate::screen::Screen;

/// The state of a screen's picture, cursor and view included; colors and modes aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    generation: u64,
    cursor: (u16, u16),
    display_offset: u32,
    scrollback_rows: usize,
}

impl Screen {
    /// The stamp now.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            generation: self.generation(),
            cursor: (self.cursor_row(), self.cursor_column()),
            display_offset: self.display_offset(),
            scrollback_rows: self.scrollback_rows(),
        }
    }
}

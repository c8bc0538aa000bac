//! `[scrollback]`: the rows that have left the screen.

use crate::section::section;

section! {
    /// The rows that have left the screen at its top.
    pub struct Scrollback in "scrollback" {
        /// Rows kept in each pane; 0 for none.
        lines: usize = 100_000, in 0..=100_000_000;
        /// Megabytes of memory that these rows may take in each pane; beyond, the oldest are
        /// dropped. 0 sets the limit by `lines`: 256 bytes a row, but at least 50 megabytes.
        megabytes: usize = 0, in 0..=65_536;
        /// Show where the view is by a bar at the right, while scrolled back or under the pointer.
        scrollbar: bool = true;
        /// Go to the bottom when a key is typed.
        scroll_on_key: bool = true;
    }
}

impl Scrollback {
    /// What the rows of a pane may take, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self.megabytes {
            0 => self.lines.saturating_mul(256).max(50_000_000),
            megabytes => megabytes.saturating_mul(1_000_000),
        }
    }
}

//! How much text there is, told by the lengths of lines alone: no body is read, none decompressed.

use super::Scrollback;
use crate::grid::page::Page;
use crate::index::LineId;

impl Scrollback {
    /// Logical lines from `from` on and before `until`, and their bytes: a byte a cell, and one for each line's end.
    /// Pages that nothing holds any more are not among them.
    pub(crate) fn measure(&self, from: LineId, until: LineId) -> (u64, u64) {
        let (mut lines, mut bytes) = (0, 0);
        for page in self.all_pages().filter(|page| page.segments() > 0) {
            if page.id(0).0 >= until {
                break;
            }
            if page.id(page.segments() - 1).0 < from {
                continue;
            }
            let some = page.first_from(from)..page.first_from(until);
            let (more_lines, cells) = page.lines_and_cells_of(some);
            lines += more_lines;
            bytes += more_lines + cells;
        }
        (lines, bytes)
    }

    /// The first line of the newest page from which on there are at least so many bytes of text; `None` if there
    /// are fewer in all.
    pub(crate) fn line_before_end(&self, bytes: u64) -> Option<LineId> {
        let mut sum = 0;
        for page in self.all_pages().rev().filter(|page| page.segments() > 0) {
            let (lines, cells) = page.lines_and_cells();
            sum += lines + cells;
            if sum >= bytes {
                return Some(page.id(0).0);
            }
        }
        None
    }

    /// Every page, those that cannot be seen any more first.
    fn all_pages(&self) -> impl DoubleEndedIterator<Item = &Page> {
        self.kept.iter().chain(&self.pages)
    }
}

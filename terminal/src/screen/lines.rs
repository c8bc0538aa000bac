//! Lines of double width and height (DECSWL, DECDWL, DECDHL).
//!
//! The size is an attribute of a row. A double row shows the first half of its columns; the cursor cannot
//! leave that half, and autowrap goes on from its end. It is a logical line of its own: nothing is rewrapped
//! into it or out of it, at any width. Cells that a narrower screen does not show are kept.

use super::Screen;
use crate::cell::Cell;
use crate::size::LineSize;

impl Screen {
    /// DECSWL, DECDWL, DECDHL: the size of the cursor's row. What stands right of the middle is lost when it
    /// becomes double (VT100 User Guide). There is none while DECLRMM is set (VT420).
    pub(crate) fn set_line_size(&mut self, size: LineSize) {
        if self.modes.left_right_margins {
            return;
        }
        self.joinable = false;
        let row = self.cursor.row;
        if size.is_double() && !self.grid.line_size(row).is_double() {
            self.stand_apart(row);
            let columns = self.grid.columns();
            self.grid
                .erase(row, size.columns(columns), columns, Cell::BLANK);
            self.has_double = true;
        }
        self.grid.set_line_size(row, size);
        self.keep_in_row();
    }

    /// Makes a row a logical line of its own.
    fn stand_apart(&mut self, row: usize) {
        if row > 0 {
            self.grid.break_below(row - 1);
        } else if self.scrollback_goes_on() {
            self.grid.split_at(0);
        }
        self.grid.break_below(row);
        self.grid.unwrap_row(row);
    }

    /// Makes the rows `from..to` single.
    pub(crate) fn make_single(&mut self, from: usize, to: usize) {
        if self.has_double {
            for row in from..to {
                self.grid.set_line_size(row, LineSize::Single);
            }
            self.find_double();
        }
    }

    /// Makes all rows single.
    pub(crate) fn make_all_single(&mut self) {
        self.make_single(0, self.grid.rows());
    }

    /// Looks whether there is a double row, after rows changed as a whole.
    pub(super) fn find_double(&mut self) {
        self.has_double = (0..self.grid.rows()).any(|row| self.grid.line_size(row).is_double());
    }

    /// The last column that a row has.
    #[inline]
    pub(super) fn last_column(&self, row: usize) -> usize {
        let columns = self.grid.columns();
        if self.has_double {
            self.grid.line_size(row).columns(columns) - 1
        } else {
            columns - 1
        }
    }

    /// Whether a row is double.
    pub(super) fn is_double(&self, row: usize) -> bool {
        self.has_double && self.grid.line_size(row).is_double()
    }

    /// Puts a cursor that came into a double row, or whose row became one, into the half that there is.
    #[inline]
    pub(super) fn keep_in_row(&mut self) {
        if self.has_double {
            let last = self.last_column(self.cursor.row);
            if self.cursor.column > last {
                self.cursor.column = last;
                self.cursor.pending_wrap = false;
            }
        }
    }
}

//! Scrolling and line feeds: rows move, enter and leave.

use super::Screen;
use crate::cell::Cell;
use crate::grid::scrollback::Tables;
use crate::grid::{Neighbor, RowFlags};
use crate::index::LineId;

impl Screen {
    /// CR LF.
    #[inline]
    pub(crate) fn end_line(&mut self) {
        if self.modes.left_right_margins {
            self.carriage_return();
        } else {
            self.cursor.column = 0;
        }
        self.index();
    }

    /// IND / LF: down, scrolling at the bottom margin.
    #[inline]
    pub(crate) fn index(&mut self) {
        self.moved();
        let row = self.cursor.row;
        if row == self.bottom {
            self.index_at_bottom();
        } else if row + 1 < self.grid.rows() {
            if !self.grid.meta(row).flags.contains(RowFlags::WRAPPED) {
                self.grid.break_below(row);
            }
            self.cursor.row = row + 1;
            self.keep_in_row();
        }
    }

    #[inline]
    fn index_at_bottom(&mut self) {
        if self.is_full_width() && self.top == 0 && self.bottom + 1 == self.grid.rows() {
            // What most output does: the whole screen moves by one row.
            if self.scrollback.is_enabled() {
                self.keep_rows(1);
            }
            let blank = self.blank();
            self.grid.top_to_bottom(blank);
        } else if self.is_full_width() {
            self.scroll_rows_up(self.top, self.bottom, 1, None);
        } else if self.is_inside() {
            self.scroll_cells_up(self.top, 1);
        }
    }

    /// RI: up, scrolling at the top margin.
    pub(crate) fn reverse_index(&mut self) {
        self.moved();
        if self.cursor.row == self.top {
            if self.is_inside() {
                self.scroll_region_down(self.top, 1);
            }
        } else {
            self.cursor.row = self.cursor.row.saturating_sub(1);
        }
        self.keep_in_row();
    }

    /// DECFI: right, scrolling the columns at the right margin.
    pub(crate) fn forward_index(&mut self) {
        let (left, right) = self.sides();
        let right = right.min(self.last_column(self.cursor.row));
        let inside = self.is_inside();
        self.moved();
        if self.cursor.column == right && inside {
            self.delete_at(left, 1);
        } else if self.cursor.column != right
            && self.cursor.column < self.last_column(self.cursor.row)
        {
            self.cursor.column += 1;
        }
    }

    /// DECBI: left, scrolling the columns at the left margin.
    pub(crate) fn back_index(&mut self) {
        let (left, _) = self.sides();
        let inside = self.is_inside();
        self.moved();
        if self.cursor.column == left && inside {
            self.insert_at(left, 1);
        } else if self.cursor.column != left {
            self.cursor.column = self.cursor.column.saturating_sub(1);
        }
    }

    /// SU.
    pub(crate) fn scroll_up(&mut self, n: u16) {
        let n = usize::from(n).min(self.bottom - self.top + 1);
        if n == 0 {
        } else if self.is_full_width() {
            self.scroll_rows_up(self.top, self.bottom, n, None);
        } else {
            self.scroll_cells_up(self.top, n);
        }
        self.keep_in_row();
    }

    /// SD.
    pub(crate) fn scroll_down(&mut self, n: u16) {
        self.scroll_region_down(self.top, usize::from(n));
        self.keep_in_row();
    }

    /// IL.
    pub(crate) fn insert_lines(&mut self, n: u16) {
        if !self.is_inside() {
            return;
        }
        self.scroll_region_down(self.cursor.row, usize::from(n));
        self.moved();
        self.cursor.column = self.sides().0;
    }

    /// DL.
    pub(crate) fn delete_lines(&mut self, n: u16) {
        if !self.is_inside() {
            return;
        }
        let row = self.cursor.row;
        let n = usize::from(n).min(self.bottom - row + 1);
        if n == 0 {
        } else if self.is_full_width() {
            self.rotate_rows_up(row, self.bottom, n, None);
        } else {
            self.scroll_cells_up(row, n);
        }
        self.moved();
        self.cursor.column = self.sides().0;
    }

    fn scroll_region_down(&mut self, top: usize, n: usize) {
        let n = n.min(self.bottom - top + 1);
        if n == 0 {
        } else if self.is_full_width() {
            self.scroll_rows_down(top, self.bottom, n);
        } else {
            self.scroll_cells_down(top, n);
        }
    }

    /// Scrolls full-width rows up; from the top of the screen they go to scrollback. The first new row goes
    /// on with the logical line `next`, if given.
    #[inline]
    pub(super) fn scroll_rows_up(
        &mut self,
        top: usize,
        bottom: usize,
        n: usize,
        next: Option<(LineId, u32)>,
    ) {
        if top == 0 && self.scrollback.is_enabled() {
            self.keep_rows(n);
        }
        self.rotate_rows_up(top, bottom, n, next);
    }

    /// Copies the first rows into scrollback; a view that is scrolled back stays on its text.
    #[inline(always)]
    pub(super) fn keep_rows(&mut self, n: usize) {
        if !self.frozen.is_empty() && self.keep_frozen_rows(n) {
            return;
        }
        for row in 0..n {
            let (meta, cells) = (self.grid.meta(row), self.grid.cells(row));
            if self.scrollback.push_plain(meta, cells) {
                continue;
            }
            let mut tables = Tables {
                styles: &self.styles,
                clusters: &self.clusters,
                links: &mut self.links,
            };
            self.scrollback.push(meta, cells, &mut tables);
        }
        if self.display_offset > 0 {
            self.display_offset = (self.display_offset + n).min(self.scrollback.rows());
        }
    }

    #[inline]
    fn rotate_rows_up(&mut self, top: usize, bottom: usize, n: usize, next: Option<(LineId, u32)>) {
        let blank = self.blank();
        if top > 0 {
            self.grid.break_below(top - 1);
        }
        if bottom + 1 < self.grid.rows() {
            self.grid.break_below(bottom);
        }
        self.grid.rotate_up(top, bottom, n);
        let mut next = next;
        for row in bottom + 1 - n..=bottom {
            let (line, offset) = match next.take() {
                Some(next) => next,
                None => (self.line_after(row, bottom + 1), 0),
            };
            self.grid.reset_row(row, line, offset, blank);
        }
    }

    /// An id for a new line at `row`, above `below_row`.
    #[inline]
    fn line_after(&mut self, row: usize, below_row: usize) -> LineId {
        if below_row >= self.grid.rows() {
            return self.grid.fresh_line();
        }
        let above = self.line_above(row);
        self.grid.line_between(above, below_row, Neighbor::Above)
    }

    fn line_above(&self, row: usize) -> LineId {
        match row.checked_sub(1) {
            Some(above) => self.grid.meta(above).line,
            None => self.scrollback.newest_line(),
        }
    }

    fn scroll_rows_down(&mut self, top: usize, bottom: usize, n: usize) {
        let blank = self.blank();
        if top > 0 {
            self.grid.break_below(top - 1);
        }
        if n <= bottom - top {
            self.grid.break_below(bottom - n);
        }
        self.grid.break_below(bottom);
        self.grid.rotate_down(top, bottom, n);
        let above = self.line_above(top);
        for row in (top..top + n).rev() {
            let line = self.grid.line_between(above, row + 1, Neighbor::Below);
            self.grid.reset_row(row, line, 0, blank);
        }
    }

    /// Scrolls the cells between the left and right margins up, from row `top` to the bottom margin.
    fn scroll_cells_up(&mut self, top: usize, n: usize) {
        let (left, end) = self.cut_sides(top);
        let blank = self.blank();
        for row in top..=self.bottom {
            if row + n <= self.bottom {
                self.grid.copy_cells(row + n, row, left, end);
            } else {
                self.grid.erase(row, left, end, blank);
            }
        }
    }

    fn scroll_cells_down(&mut self, top: usize, n: usize) {
        let (left, end) = self.cut_sides(top);
        let blank = self.blank();
        for row in (top..=self.bottom).rev() {
            if row >= top + n {
                self.grid.copy_cells(row - n, row, left, end);
            } else {
                self.grid.erase(row, left, end, blank);
            }
        }
    }

    /// Cuts wide cells at the left and right margins of the rows from `top` to the bottom margin; returns
    /// the left margin and the column after the right one.
    pub(super) fn cut_sides(&mut self, top: usize) -> (usize, usize) {
        let (left, right) = self.sides();
        for row in top..=self.bottom {
            self.grid.cut(row, left);
            self.grid.cut(row, right + 1);
        }
        (left, right + 1)
    }

    /// Makes every row new and blank.
    pub(super) fn blank_rows(&mut self, blank: Cell) {
        for row in 0..self.grid.rows() {
            let line = self.grid.fresh_line();
            self.grid.reset_row(row, line, 0, blank);
        }
        self.has_double = false;
    }
}

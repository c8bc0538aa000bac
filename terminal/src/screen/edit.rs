//! Erasing, shifting and rectangles: cells change, rows stay.
//!
//! Blanks take the pen's background. The halves of a wide cell are edited together: whatever cuts one
//! makes both blank.

use super::{CellRect, Erase, Screen};
use crate::blocks::Anchor;
use crate::cell::{Attrs, Cell, CellWidth, Style};
use crate::grid::RowFlags;
use crate::index::LineId;

/// What belongs to a row as a whole.
const ROW_ONLY: RowFlags = RowFlags::WRAPPED
    .union(RowFlags::MARGIN_WRAPPED)
    .union(RowFlags::SIZE);

impl Screen {
    /// Erases `left..right` of a row.
    fn erase_cells(&mut self, row: usize, left: usize, right: usize, kind: Erase) {
        let blank = self.blank();
        match kind {
            Erase::All => self.grid.erase(row, left, right, blank),
            Erase::Unprotected => {
                let mut column = left;
                while column < right {
                    let start = column;
                    while column < right && !self.is_protected(row, column) {
                        column += 1;
                    }
                    self.grid.erase(row, start, column, blank);
                    while column < right && self.is_protected(row, column) {
                        column += 1;
                    }
                }
            }
        }
    }

    fn is_protected(&self, row: usize, column: usize) -> bool {
        let style = self.grid.get(row, column).style();
        style != 0 && self.styles.get(style).attrs.contains(Attrs::PROTECTED)
    }

    /// ED 0.
    pub(crate) fn erase_below(&mut self, kind: Erase) {
        let at_home = (self.cursor.row, self.cursor.column) == (0, 0);
        if kind == Erase::All && at_home && std::mem::take(&mut self.keeps_next) {
            return self.erase_screen(kind);
        }
        self.erase_line_right(kind);
        self.erase_rows(self.cursor.row + 1, self.grid.rows(), kind);
    }

    /// Erases a logical line and all below it, and puts the cursor at its start; nothing if it is not on the screen.
    pub(crate) fn take_back(&mut self, line: LineId) {
        let start = Anchor { line, cell: 0 };
        if let Some(row) = self.row_of(start).and_then(|row| u16::try_from(row).ok()) {
            self.goto(row, 0);
            self.erase_below(Erase::All);
        }
    }

    /// Erases rows whole; they become single-width (DEC STD 070).
    fn erase_rows(&mut self, from: usize, to: usize, kind: Erase) {
        if kind == Erase::All {
            self.make_single(from, to);
        }
        let columns = self.grid.columns();
        for row in from..to {
            self.erase_cells(row, 0, columns, kind);
        }
    }

    /// ED 1.
    pub(crate) fn erase_above(&mut self, kind: Erase) {
        self.erase_rows(0, self.cursor.row, kind);
        self.erase_line_left(kind);
    }

    /// ED 2. On the primary screen `Erase::All` scrolls the content into scrollback first, so that what was
    /// shown is not lost.
    pub(crate) fn erase_screen(&mut self, kind: Erase) {
        self.joinable = false;
        if kind == Erase::All && self.scrollback.is_enabled() {
            return self.erase_screen_but(None);
        }
        self.erase_rows(0, self.grid.rows(), kind);
    }

    /// ED 2 on the primary screen, without keeping the rows from `prompt` on: what is drawn again anyway.
    pub(crate) fn erase_screen_but(&mut self, prompt: Option<usize>) {
        self.joinable = false;
        if !self.scrollback.is_enabled() {
            let columns = self.grid.columns();
            for row in 0..self.grid.rows() {
                self.erase_cells(row, 0, columns, Erase::All);
            }
            return;
        }
        let end = prompt.unwrap_or(self.grid.rows());
        let used = (0..end).rev().find(|&row| !self.grid.is_blank(row));
        if let Some(last) = used {
            self.keep_rows(last + 1);
        }
        let blank = self.blank();
        self.blank_rows(blank);
    }

    /// ED 3.
    pub(crate) fn erase_scrollback(&mut self) {
        self.scrollback.clear(&mut self.links);
        self.display_offset = 0;
        self.grid.bump();
    }

    /// EL 0.
    pub(crate) fn erase_line_right(&mut self, kind: Erase) {
        self.moved();
        let (row, column) = (self.cursor.row, self.cursor.column);
        self.erase_cells(row, column, self.grid.columns(), kind);
    }

    /// EL 1.
    pub(crate) fn erase_line_left(&mut self, kind: Erase) {
        self.joinable = false;
        self.erase_cells(self.cursor.row, 0, self.cursor.column + 1, kind);
    }

    /// EL 2.
    pub(crate) fn erase_line(&mut self, kind: Erase) {
        self.joinable = false;
        self.erase_cells(self.cursor.row, 0, self.grid.columns(), kind);
    }

    /// ECH: margins do not matter; cells under ISO 6429 protection may stay.
    pub(crate) fn erase_characters_kind(&mut self, n: u16, kind: Erase) {
        self.moved();
        let start = self.cursor.column;
        let end = (start + usize::from(n)).min(self.grid.columns());
        self.erase_cells(self.cursor.row, start, end, kind);
    }

    /// Moves the cells from `start` on right by `n`, up to `end` (exclusive); what passes it is lost.
    pub(super) fn shift_right(&mut self, row: usize, start: usize, end: usize, n: usize) {
        let n = n.min(end - start);
        self.grid.cut(row, start);
        self.grid.cut(row, end - n);
        self.grid.cut(row, end);
        if end == self.grid.columns() {
            self.grid.drop_leading_spacer(row);
            self.grid.unwrap_row(row);
        }
        let blank = self.blank();
        let occupied = usize::from(self.grid.meta(row).occupied);
        if occupied <= start && blank == Cell::BLANK {
            return;
        }
        let reach = if end == self.grid.columns() {
            end.min(occupied.max(start) + n)
        } else {
            end
        };
        let cells = self.grid.edit(row, reach);
        cells.copy_within(start..reach - n, start + n);
        cells[start..start + n].fill(blank);
        if blank != Cell::BLANK {
            self.grid.meta_mut(row).flags |= RowFlags::STYLED;
        }
    }

    /// Moves the cells from `start + n` on left by `n`, up to `end` (exclusive).
    fn shift_left(&mut self, row: usize, start: usize, end: usize, n: usize) {
        let n = n.min(end - start);
        self.grid.cut(row, start);
        self.grid.cut(row, start + n);
        self.grid.cut(row, end);
        if end == self.grid.columns() {
            self.grid.drop_leading_spacer(row);
            self.grid.unwrap_row(row);
        }
        let blank = self.blank();
        let occupied = usize::from(self.grid.meta(row).occupied);
        if occupied > start {
            let cells = self.grid.edit(row, end.max(occupied));
            cells.copy_within(start + n..end, start);
            cells[end - n..end].fill(Cell::BLANK);
            if occupied <= end {
                // Nothing but blanks came in from the right.
                let left = occupied.saturating_sub(n).max(start);
                self.grid.meta_mut(row).occupied = u16::try_from(left).unwrap_or(u16::MAX);
            }
        }
        if blank != Cell::BLANK {
            self.grid.erase(row, end - n, end, blank);
        }
    }

    /// ICH: inside the left and right margins only.
    pub(crate) fn insert_blanks(&mut self, n: u16) {
        let (left, right) = self.sides();
        let (row, column) = (self.cursor.row, self.cursor.column);
        let right = right.min(self.last_column(row));
        self.moved();
        if (left..=right).contains(&column) && n > 0 {
            self.shift_right(row, column, right + 1, usize::from(n));
        }
    }

    /// DCH: inside the left and right margins only.
    pub(crate) fn delete_characters(&mut self, n: u16) {
        let (left, right) = self.sides();
        let (row, column) = (self.cursor.row, self.cursor.column);
        let right = right.min(self.last_column(row));
        self.moved();
        if (left..=right).contains(&column) && n > 0 {
            self.shift_left(row, column, right + 1, usize::from(n));
        }
    }

    /// Inserts columns at `column` in all rows between the margins.
    pub(super) fn insert_at(&mut self, column: usize, n: usize) {
        let (_, right) = self.sides();
        for row in self.top..=self.bottom {
            let right = right.min(self.last_column(row));
            if column <= right {
                self.shift_right(row, column, right + 1, n);
            }
        }
    }

    /// Deletes columns at `column` in all rows between the margins.
    pub(super) fn delete_at(&mut self, column: usize, n: usize) {
        let (_, right) = self.sides();
        for row in self.top..=self.bottom {
            let right = right.min(self.last_column(row));
            if column <= right {
                self.shift_left(row, column, right + 1, n);
            }
        }
    }

    /// DECIC.
    pub(crate) fn insert_columns(&mut self, n: u16) {
        if self.is_inside() && n > 0 {
            self.moved();
            self.insert_at(self.cursor.column, usize::from(n));
        }
    }

    /// DECDC.
    pub(crate) fn delete_columns(&mut self, n: u16) {
        if self.is_inside() && n > 0 {
            self.moved();
            self.delete_at(self.cursor.column, usize::from(n));
        }
    }

    /// SL.
    pub(crate) fn scroll_left(&mut self, n: u16) {
        if n > 0 {
            self.joinable = false;
            self.delete_at(self.sides().0, usize::from(n));
        }
    }

    /// SR.
    pub(crate) fn scroll_right(&mut self, n: u16) {
        if n > 0 {
            self.joinable = false;
            self.insert_at(self.sides().0, usize::from(n));
        }
    }

    /// DECALN: fills with `E`, resets margins, homes the cursor.
    pub(crate) fn alignment_pattern(&mut self) {
        self.reset_margins();
        self.goto(0, 0);
        let columns = self.grid.columns();
        let cell = Cell::char('E', CellWidth::Narrow, 0);
        for row in 0..self.grid.rows() {
            self.grid
                .write(row, 0, columns, RowFlags::empty())
                .fill(cell);
            self.grid.meta_mut(row).flags = RowFlags::empty();
        }
        self.has_double = false;
    }

    // --- rectangles (margins and origin already applied) -------------------------------------------

    /// The rectangle within the screen; `None` when nothing of it is.
    fn clamped(&self, rect: CellRect) -> Option<(usize, usize, usize, usize)> {
        let (top, left) = (usize::from(rect.top), usize::from(rect.left));
        let bottom = usize::from(rect.bottom).min(self.grid.rows() - 1);
        let right = usize::from(rect.right).min(self.grid.columns() - 1);
        (top <= bottom && left <= right).then_some((top, left, bottom, right + 1))
    }

    /// DECFRA.
    pub(crate) fn fill_rect(&mut self, rect: CellRect, character: char) {
        let Some((top, left, bottom, end)) = self.clamped(rect) else {
            return;
        };
        let look = self.look();
        let cell = Cell::char(character, CellWidth::Narrow, look);
        let mut flags = if look == 0 {
            RowFlags::empty()
        } else {
            RowFlags::STYLED
        };
        if !character.is_ascii() {
            flags |= RowFlags::RICH;
        }
        self.joinable = false;
        for row in top..=bottom {
            self.open_range(row, left, end);
            self.grid.write(row, left, end, flags).fill(cell);
        }
    }

    /// Cuts wide cells at both edges and ends a wrap whose last cell is in the range.
    fn open_range(&mut self, row: usize, left: usize, end: usize) {
        self.grid.cut(row, left);
        self.grid.cut(row, end);
        if end == self.grid.columns() {
            self.grid.unwrap_row(row);
        }
    }

    /// DECERA, DECSERA.
    pub(crate) fn erase_rect(&mut self, rect: CellRect, kind: Erase) {
        let Some((top, left, bottom, end)) = self.clamped(rect) else {
            return;
        };
        self.joinable = false;
        for row in top..=bottom {
            self.erase_cells(row, left, end, kind);
        }
    }

    /// DECCRA.
    pub(crate) fn copy_rect(&mut self, rect: CellRect, to_row: u16, to_column: u16) {
        let Some((top, left, bottom, end)) = self.clamped(rect) else {
            return;
        };
        let (to_row, to_column) = (usize::from(to_row), usize::from(to_column));
        if to_row >= self.grid.rows() || to_column >= self.grid.columns() {
            return;
        }
        let n_rows = (bottom - top + 1).min(self.grid.rows() - to_row);
        let n_columns = (end - left).min(self.grid.columns() - to_column);
        self.joinable = false;
        let mut copy = Vec::with_capacity(n_rows * n_columns);
        let mut flags = RowFlags::empty();
        for row in top..top + n_rows {
            flags |= self.grid.meta(row).flags - ROW_ONLY;
            let start = copy.len();
            copy.extend((left..left + n_columns).map(|column| {
                let cell = self.grid.get(row, column);
                if cell.width() == CellWidth::LeadingSpacer {
                    Cell(cell.look())
                } else {
                    cell
                }
            }));
            for (i, half) in [
                (start, CellWidth::Spacer),
                (copy.len() - 1, CellWidth::Wide),
            ] {
                let cell: &mut Cell = &mut copy[i];
                if cell.width() == half {
                    *cell = Cell(cell.look());
                }
            }
        }
        for (row, cells) in (to_row..).zip(copy.chunks(n_columns)) {
            self.open_range(row, to_column, to_column + n_columns);
            let target = self
                .grid
                .write(row, to_column, to_column + n_columns, flags);
            target.copy_from_slice(cells);
        }
    }

    /// DECCARA, DECRARA: `change` maps each style; `stream` is DECSACE's mode (else rectangle).
    pub(crate) fn change_rect(
        &mut self,
        rect: CellRect,
        stream: bool,
        change: &dyn Fn(Style) -> Style,
    ) {
        let columns = self.grid.columns();
        let (top, bottom) = (usize::from(rect.top), usize::from(rect.bottom));
        let bottom = bottom.min(self.grid.rows() - 1);
        for row in top..=bottom {
            let mut left = usize::from(rect.left).min(columns);
            let mut end = (usize::from(rect.right) + 1).min(columns);
            if stream {
                left = if row == top { left } else { 0 };
                end = if row == bottom { end } else { columns };
            }
            if left >= end {
                continue;
            }
            let styles = &mut self.styles;
            let mut last = None;
            for cell in &mut self.grid.edit(row, end)[left..] {
                let id = match last {
                    Some((old, new)) if old == cell.style() => new,
                    _ => {
                        let style = change(*styles.get(cell.style()));
                        styles.intern(&style)
                    }
                };
                last = Some((cell.style(), id));
                *cell = cell.with_look(Cell::look_bits(id, cell.link()));
            }
            self.grid.meta_mut(row).flags |= RowFlags::STYLED;
        }
    }
}

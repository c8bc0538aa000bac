//! Reading the screen and its scrollback: rows, the viewport, logical lines as text.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "rows of scrollback are bounded by memory far below i32::MAX, columns by 4096; a line was \
              compared with 0 before it is used as an index"
)]

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::Screen;
use crate::cell::{CellWidth, Content, Style};
use crate::frame::{FrameCell, FrameRow};
use crate::grid::RowFlags;
use crate::index::{Line, LineId, Point};
use crate::selection::SelectedRange;
use crate::terminal::Scroll;

/// A bit of a generation that says it is a hash, not a row's own number.
const HASHED: u64 = 1 << 62;

/// A frame's blank cell.
const BLANK: FrameCell = FrameCell {
    character: ' ',
    cluster: 0,
    width: CellWidth::Narrow,
    style: Style {
        foreground: crate::color::Color::Default,
        background: crate::color::Color::Default,
        underline_color: crate::color::Color::Default,
        underline: crate::cell::UnderlineStyle::None,
        attrs: crate::cell::Attrs::empty(),
    },
    link: 0,
};

/// Makes a row as long as the screen is wide; of a double one only the first half is shown.
fn fill_up(row: &mut FrameRow, columns: usize) {
    let shown = row.size.columns(columns);
    if row.cells.len() > shown {
        row.cells.truncate(shown);
        if let Some(last) = row.cells.last_mut()
            && last.width == CellWidth::Wide
        {
            *last = BLANK;
        }
    }
    row.cells.resize(columns, BLANK);
}

impl Screen {
    /// Rows of scrollback.
    pub(crate) fn scrollback_rows(&self) -> usize {
        self.scrollback.rows()
    }

    /// New limits of scrollback.
    pub(crate) fn set_scrollback_limits(&mut self, lines: usize, bytes: usize) {
        self.scrollback.set_limits(lines, bytes, &mut self.links);
        self.display_offset = self.display_offset.min(self.scrollback.rows());
        self.grid.bump();
    }

    /// Bytes held: (live grid with its tables, scrollback).
    pub(crate) fn memory(&self) -> (usize, usize) {
        let tables = self.styles.memory() + self.clusters.memory() + self.links.memory();
        (self.grid.memory() + tables, self.scrollback.memory())
    }

    /// Compresses about `budget_rows` rows of cold scrollback; returns whether there is more to do.
    pub(crate) fn compact(&mut self, budget_rows: usize) -> bool {
        self.scrollback.compact(budget_rows)
    }

    /// Clears screen and scrollback, as a user's action; the cursor's logical line moves to the top.
    pub(crate) fn clear_all(&mut self) {
        let row = self.cursor.row;
        self.rotate_cursor_to_top(row);
        self.erase_scrollback();
        self.selection = None;
    }

    /// Drops the rows above `row` and blanks those below it.
    fn rotate_cursor_to_top(&mut self, row: usize) {
        let mut first = row;
        while first > 0 && self.grid.meta(first - 1).flags.contains(RowFlags::WRAPPED) {
            first -= 1;
        }
        let n_rows = self.grid.rows();
        self.grid.unwrap_row(row);
        self.grid.rotate_up(0, n_rows - 1, first);
        self.cursor.row -= first;
        for row in self.cursor.row + 1..n_rows {
            let line = self.grid.fresh_line();
            self.grid.reset_row(row, line, 0, crate::cell::Cell::BLANK);
        }
    }

    /// Rows scrolled back.
    pub(crate) fn display_offset(&self) -> u32 {
        self.display_offset as u32
    }

    /// Moves the viewport.
    pub(crate) fn scroll_display(&mut self, scroll: Scroll) {
        let page = self.grid.rows() as i64;
        self.sync_hidden();
        let now = self.display_offset as i64;
        let max = self.most_offset() as i64;
        let offset = match scroll {
            Scroll::Rows(rows) => now + i64::from(rows),
            Scroll::PageUp => now + page,
            Scroll::PageDown => now - page,
            Scroll::Top => max,
            Scroll::Bottom => 0,
            Scroll::To(rows) => i64::from(rows),
        };
        self.display_offset = usize::try_from(offset.clamp(0, max)).unwrap_or(0);
    }

    /// The newest generation given to a row.
    pub(crate) fn generation(&self) -> u64 {
        self.grid.generation()
    }

    /// Says that the picture changed though no row did (the selection).
    pub(crate) fn bump(&mut self) {
        self.grid.bump();
    }

    /// Whether the cell is the first half of a wide one.
    pub(crate) fn is_wide(&self, row: u16, column: u16) -> bool {
        self.grid.get(usize::from(row), usize::from(column)).width() == CellWidth::Wide
    }

    /// Whether the newest row of scrollback goes on in the first live row.
    pub(super) fn scrollback_goes_on(&self) -> bool {
        let first = self.grid.meta(0);
        self.scrollback.open_end() == Some((first.line, first.offset))
    }

    /// Copies any row, scrollback included, into `row`; `false` if there is no such line.
    pub(crate) fn read_row(&self, line: Line, row: &mut FrameRow) -> bool {
        let range = self.selected_range();
        self.read_viewport_row(line, range.as_ref(), row)
    }

    /// As [`Screen::read_row`], the selection being known.
    pub(crate) fn read_viewport_row(
        &self,
        line: Line,
        selection: Option<&SelectedRange>,
        row: &mut FrameRow,
    ) -> bool {
        if line.0 >= 0 {
            if line.0 as usize >= self.grid.rows() {
                return false;
            }
            self.read_live_row(line.0 as usize, row);
        } else if !self.read_scrollback_row(line, row) {
            return false;
        }
        row.selected = self.selected_columns(line, selection, row);
        if line.0 >= 0 {
            row.generation = self.live_generation(line.0, selection);
        } else {
            let mut hasher = FxHasher::default();
            hasher.write_u64(row.line_id.0);
            hasher.write_u64(row.generation);
            hasher.write_u64(self.scrollback.epoch() << 1 | u64::from(row.wrapped));
            hasher.write_u32(u32::from(row.selected.0) << 16 | u32::from(row.selected.1));
            row.generation = hasher.finish() >> 2 | HASHED;
        }
        true
    }

    /// The generation a live row has in a frame.
    pub(crate) fn live_generation(&self, line: i32, selection: Option<&SelectedRange>) -> u64 {
        let generation = self.grid.meta(line as usize).generation;
        let columns = self.grid.columns() as u16;
        match selection.and_then(|range| range.columns(line, columns)) {
            Some((left, right)) if left < right => {
                let mut hasher = FxHasher::default();
                hasher.write_u64(generation);
                hasher.write_u32(u32::from(left) << 16 | u32::from(right));
                hasher.finish() >> 2 | HASHED
            }
            _ => generation,
        }
    }

    /// The selected columns of a row that was read; wide cells are selected whole.
    fn selected_columns(
        &self,
        line: Line,
        selection: Option<&SelectedRange>,
        row: &FrameRow,
    ) -> (u16, u16) {
        let columns = self.grid.columns() as u16;
        let Some((mut left, mut right)) =
            selection.and_then(|range| range.columns(line.0, columns))
        else {
            return (0, 0);
        };
        let shown = row.size.columns(usize::from(columns)) as u16;
        (left, right) = (left.min(shown), right.min(shown));
        let is_spacer = |column: u16| {
            row.cells
                .get(usize::from(column))
                .is_some_and(|c| c.width == CellWidth::Spacer)
        };
        if left >= right {
            return (0, 0);
        }
        if is_spacer(left) {
            left = left.saturating_sub(1);
        }
        if is_spacer(right) {
            right += 1;
        }
        (left, right)
    }

    fn read_live_row(&self, index: usize, row: &mut FrameRow) {
        let meta = self.grid.meta(index);
        row.line_id = meta.line;
        row.offset = meta.offset;
        row.wrapped = meta.flags.contains(RowFlags::WRAPPED);
        row.size = meta.flags.size();
        row.clusters.clear();
        row.cells.clear();
        let mut last = (0, Style::default());
        let clusters = &mut row.clusters;
        row.cells.extend(self.grid.cells(index).iter().map(|&cell| {
            if cell.style() != last.0 {
                last = (cell.style(), *self.styles.get(cell.style()));
            }
            let (character, cluster) = match cell.content() {
                Content::Blank => (' ', 0),
                Content::Char(c) => (c, 0),
                Content::Cluster(id) => {
                    let text = self.clusters.get(id);
                    clusters.push(text.into());
                    (text.chars().next().unwrap_or(' '), clusters.len() as u16)
                }
            };
            FrameCell {
                character,
                cluster,
                width: cell.width(),
                style: last.1,
                link: cell.link(),
            }
        }));
        fill_up(row, self.grid.columns());
    }

    /// Leaves the row's offset in its line as the generation, for the hash.
    fn read_scrollback_row(&self, line: Line, row: &mut FrameRow) -> bool {
        let rows = self.scrollback.rows();
        let Some(index) = rows.checked_sub(line.0.unsigned_abs() as usize) else {
            return false;
        };
        let FrameRow {
            cells, clusters, ..
        } = row;
        clusters.clear();
        cells.clear();
        let columns = self.grid.columns();
        let info = self.scrollback.row(index, |_, text, wide, look| {
            let mut chars = text.chars();
            let character = chars.next().unwrap_or(' ');
            let mut cluster = 0;
            if chars.next().is_some() {
                clusters.push(text.into());
                cluster = clusters.len() as u16;
            }
            let width = if wide {
                CellWidth::Wide
            } else {
                CellWidth::Narrow
            };
            let cell = FrameCell {
                character,
                cluster,
                width,
                style: look.style,
                link: look.link,
            };
            cells.push(cell);
            if wide {
                let width = CellWidth::Spacer;
                cells.push(FrameCell {
                    character: ' ',
                    cluster: 0,
                    width,
                    ..cell
                });
            }
        });
        let Some(info) = info else { return false };
        row.wrapped = info.wrapped && (index + 1 < rows || self.scrollback_goes_on());
        if row.wrapped && info.leading_spacer && cells.len() < columns {
            cells.push(FrameCell {
                width: CellWidth::LeadingSpacer,
                ..BLANK
            });
        }
        row.size = info.size;
        fill_up(row, columns);
        row.line_id = info.line;
        row.offset = info.offset;
        row.generation = u64::from(info.offset);
        true
    }

    /// What tells the scrollback rows of one viewport from those of another: number and epoch of the row at the
    /// top, if it shows one, and what is hidden.
    pub(crate) fn viewport_top(&self) -> Option<(u64, u64, u64)> {
        let top = self.viewport_line(0).filter(|line| line.0 < 0)?;
        let number = self.scrollback.end_row() - u64::from(top.0.unsigned_abs());
        Some((number, self.scrollback.epoch(), self.hidden.version))
    }

    /// The logical line and offset of a cell.
    pub(crate) fn anchor(&self, point: Point) -> Option<(LineId, u32)> {
        let column = u32::from(point.column.0);
        if point.line.0 >= 0 {
            let row = point.line.0 as usize;
            let meta = (row < self.grid.rows()).then(|| self.grid.meta(row))?;
            return Some((meta.line, meta.offset + column));
        }
        let index = self
            .scrollback
            .rows()
            .checked_sub(point.line.0.unsigned_abs() as usize)?;
        let info = self.scrollback.row(index, |_, _, _, _| {})?;
        Some((info.line, info.offset + column))
    }

    /// Where a logical line's cell is now, if it is still there.
    pub(crate) fn resolve(&self, line: LineId, offset: u32) -> Option<Point> {
        let last = self.grid.columns() - 1;
        let mut found = None;
        for row in 0..self.grid.rows() {
            let meta = self.grid.meta(row);
            if meta.line == line && meta.offset <= offset {
                found = Some((row, (offset - meta.offset) as usize));
            }
        }
        if let Some((row, column)) = found {
            return Some(Point::new(row as i32, column.min(last) as u16));
        }
        let (row, column) = self.scrollback.resolve(line, offset)?;
        let line = row as i32 - self.scrollback.rows() as i32;
        Some(Point::new(line, column.min(last) as u16))
    }

    /// What the view is on, to find it again after a resize.
    pub(crate) fn view_anchor(&self) -> Option<(LineId, u32)> {
        let top = self.viewport_line(0).filter(|_| self.display_offset > 0)?;
        self.anchor(Point::new(top.0, 0))
    }

    pub(crate) fn restore_view(&mut self, anchor: Option<(LineId, u32)>) {
        self.display_offset = 0;
        if let Some(point) = anchor.and_then(|(line, offset)| self.resolve(line, offset)) {
            self.scroll_line_to(point.line, 0);
        }
    }

    /// Every OSC 8 link on the screen and in scrollback: id, target.
    pub(crate) fn links(&self) -> Vec<(u16, String)> {
        let mut used = vec![false; 1 << 16];
        for row in 0..self.grid.rows() {
            for cell in self.grid.cells(row) {
                used[usize::from(cell.link())] = true;
            }
        }
        self.links
            .iter()
            .filter(|(id, _)| used[usize::from(*id)] || self.links.is_held(*id))
            .map(|(id, uri)| (id, uri.to_owned()))
            .collect()
    }

    /// The target of a link's id, as cells of a frame have it.
    pub(crate) fn link_uri(&self, link: u16) -> Option<&str> {
        self.links.uri(link)
    }
}

/// A logical line as text, with the point of every cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineText {
    /// The text; blanks are spaces.
    pub(crate) text: String,
    /// For each cell that has text of its own: where it begins in the text, its point, its link.
    pub(crate) cells: Vec<TextCell>,
}

/// A cell of a [`LineText`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextCell {
    pub(crate) byte: usize,
    pub(crate) point: Point,
    pub(crate) wide: bool,
    pub(crate) link: u16,
}

impl TextCell {
    /// Its last column.
    pub(crate) fn last_point(&self) -> Point {
        Point::new(
            self.point.line.0,
            self.point.column.0 + u16::from(self.wide),
        )
    }
}

impl LineText {
    /// Goes on with the cells of a row.
    pub(crate) fn push_row(&mut self, line: i32, row: &FrameRow) {
        let mut buffer = [0; 4];
        for (column, cell) in (0..).zip(&row.cells) {
            if matches!(cell.width, CellWidth::Spacer | CellWidth::LeadingSpacer) {
                continue;
            }
            self.cells.push(TextCell {
                byte: self.text.len(),
                point: Point::new(line, column),
                wide: cell.width == CellWidth::Wide,
                link: cell.link,
            });
            self.text.push_str(row.text(cell, &mut buffer));
        }
    }

    /// Leaves at most so many cells.
    pub(crate) fn truncate(&mut self, cells: usize) {
        if let Some(cut) = self.cells.get(cells) {
            self.text.truncate(cut.byte);
            self.cells.truncate(cells);
        }
    }

    /// The index of the cell at a point, or of the wide one that covers it.
    pub(crate) fn cell_at(&self, point: Point) -> Option<usize> {
        self.cells
            .iter()
            .position(|cell| cell.point <= point && point <= cell.last_point())
    }

    /// The index of the cell whose text holds a byte.
    pub(crate) fn cell_of_byte(&self, byte: usize) -> usize {
        self.cells
            .partition_point(|cell| cell.byte <= byte)
            .saturating_sub(1)
    }

    /// A cell's text.
    pub(crate) fn text_of(&self, cell: usize) -> &str {
        let end = self
            .cells
            .get(cell + 1)
            .map_or(self.text.len(), |next| next.byte);
        &self.text[self.cells[cell].byte..end]
    }
}

/// Rows up and down that belong to one logical line are followed this far.
const MAX_JOINED_ROWS: i32 = 100;

impl Screen {
    /// The first and the last row of the logical line that a row is part of, within bounds.
    pub(crate) fn logical_rows(&self, line: i32) -> (i32, i32) {
        self.logical_rows_within(line, MAX_JOINED_ROWS)
    }

    /// The same, at most so many rows up and down.
    fn logical_rows_within(&self, line: i32, limit: i32) -> (i32, i32) {
        let mut row = FrameRow::default();
        let (mut first, mut last) = (line, line);
        while line - first < limit
            && self.read_viewport_row(Line(first - 1), None, &mut row)
            && row.wrapped
        {
            first -= 1;
        }
        while last - line < limit
            && self.read_viewport_row(Line(last), None, &mut row)
            && row.wrapped
            && (last + 1) < self.grid.rows() as i32
        {
            last += 1;
        }
        (first, last)
    }

    /// The text of the logical line that a row is part of, within bounds.
    pub(crate) fn line_text(&self, line: i32) -> LineText {
        let (first, last) = self.logical_rows(line);
        self.rows_text(first, last)
    }

    /// The text of the logical line that a row is part of: the row, and before and after it the rows of about so many
    /// cells.
    pub(crate) fn text_around(&self, line: i32, cells: usize) -> LineText {
        let (first, last) = self.logical_rows_within(line, self.rows_of(cells));
        self.rows_text(first, last)
    }

    /// Rows that hold so many cells.
    fn rows_of(&self, cells: usize) -> i32 {
        i32::try_from(cells.div_ceil(self.grid.columns().max(1))).unwrap_or(MAX_JOINED_ROWS)
    }

    /// The text of rows that belong together.
    pub(crate) fn rows_text(&self, first: i32, last: i32) -> LineText {
        let mut row = FrameRow::default();
        let mut text = LineText::default();
        for line in first..=last {
            if self.read_viewport_row(Line(line), None, &mut row) {
                text.push_row(line, &row);
            }
        }
        text
    }
}

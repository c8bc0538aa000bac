//! The rows of a live screen, and below it in `scrollback.rs` those that left it.
//!
//! All live rows stand in one allocation of `rows × columns` cells. Screen rows name their place in it
//! through `order`, so scrolling any full-width region rotates a few numbers and moves no cell. Of a row
//! only the first `occupied` cells mean anything: what is past them is blank and holds old bytes, so
//! clearing a row is one store. Every change gives a row a new generation; since rows keep theirs as
//! they move, comparing generations is all the damage tracking there is.

#![expect(
    clippy::cast_possible_truncation,
    reason = "rows and columns are at most 4096, lines of a segment at most 16,383 cells"
)]

pub(crate) mod intern;
pub(crate) mod page;
pub(crate) mod scrollback;

use crate::cell::{Cell, CellWidth};
use crate::index::LineId;
use crate::size::LineSize;

bitflags::bitflags! {
    /// What is known about a row without looking at its cells.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct RowFlags: u8 {
        /// The next row goes on with the same logical line.
        const WRAPPED = 1;
        /// Some cell may have a style or a link.
        const STYLED = 1 << 1;
        /// Some cell may be other than ASCII.
        const RICH = 1 << 2;
        /// Some cell may be wide, a spacer or a leading spacer.
        const WIDE = 1 << 3;
        /// Autowrap went on in the next row, but inside margins: no logical line, only for reverse wrap.
        const MARGIN_WRAPPED = 1 << 4;
        /// DECDWL or DECDHL: only the first half of the columns is shown, each twice as wide. Such a row is
        /// a logical line of its own.
        const DOUBLE = 1 << 5;
        /// DECDHL, the upper half.
        const TOP = 1 << 6;
        /// DECDHL, the lower half.
        const BOTTOM = 1 << 7;
    }
}

impl RowFlags {
    /// The flags of a size.
    pub(crate) const SIZE: RowFlags = Self::DOUBLE.union(Self::TOP).union(Self::BOTTOM);

    /// The size of a row's characters.
    pub(crate) fn size(self) -> LineSize {
        match () {
            () if self.contains(Self::TOP) => LineSize::DoubleTop,
            () if self.contains(Self::BOTTOM) => LineSize::DoubleBottom,
            () if self.contains(Self::DOUBLE) => LineSize::DoubleWidth,
            () => LineSize::Single,
        }
    }
}

impl From<LineSize> for RowFlags {
    fn from(size: LineSize) -> Self {
        match size {
            LineSize::Single => Self::empty(),
            LineSize::DoubleWidth => Self::DOUBLE,
            LineSize::DoubleTop => Self::DOUBLE | Self::TOP,
            LineSize::DoubleBottom => Self::DOUBLE | Self::BOTTOM,
        }
    }
}

/// What a row is, beside its cells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RowMeta {
    /// New with every change.
    pub(crate) generation: u64,
    /// The logical line it belongs to.
    pub(crate) line: LineId,
    /// Cells of the logical line before its first cell; leading spacers do not count.
    pub(crate) offset: u32,
    /// Cells that mean something; all after them are blank in the default style.
    pub(crate) occupied: u16,
    /// What may be in it.
    pub(crate) flags: RowFlags,
}

/// Distance of the ids of lines made one after the other at the bottom: room for lines inserted between,
/// so that ids always grow downwards.
pub(crate) const LINE_STRIDE: u64 = 1 << 16;

/// The live rows of one screen.
#[derive(Debug)]
pub(crate) struct Grid {
    columns: usize,
    /// Not beside `generation`: both go up with every line, and as one vector they would wait for the
    /// store of one of them.
    next_line: u64,
    cells: Vec<Cell>,
    meta: Vec<RowMeta>,
    /// The slot of each screen row, beginning at `base` and going round.
    order: Vec<u32>,
    base: usize,
    generation: u64,
}

impl Grid {
    pub(crate) fn new(columns: u16, rows: u16) -> Self {
        let columns = usize::from(columns);
        let n_rows = usize::from(rows);
        let mut grid = Self {
            columns,
            cells: vec![Cell::BLANK; columns * n_rows],
            meta: vec![RowMeta::default(); n_rows],
            order: (0..u32::from(rows)).collect(),
            base: 0,
            generation: 0,
            next_line: LINE_STRIDE,
        };
        for row in 0..n_rows {
            let line = grid.fresh_line();
            grid.reset_row(row, line, 0, Cell::BLANK);
        }
        grid
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    pub(crate) fn rows(&self) -> usize {
        self.order.len()
    }

    /// The newest generation given.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Makes the state as a whole new, though no row is.
    pub(crate) fn bump(&mut self) {
        self.generation += 1;
    }

    /// An id past all others.
    pub(crate) fn fresh_line(&mut self) -> LineId {
        let line = LineId(self.next_line);
        self.next_line += LINE_STRIDE;
        line
    }

    #[inline]
    fn slot(&self, row: usize) -> usize {
        let n = self.order.len();
        let place = row + self.base;
        self.order[if place < n { place } else { place - n }] as usize
    }

    #[inline]
    pub(crate) fn meta(&self, row: usize) -> &RowMeta {
        &self.meta[self.slot(row)]
    }

    #[inline]
    pub(crate) fn meta_mut(&mut self, row: usize) -> &mut RowMeta {
        let slot = self.slot(row);
        &mut self.meta[slot]
    }

    /// The cells that mean something.
    #[inline]
    pub(crate) fn cells(&self, row: usize) -> &[Cell] {
        let slot = self.slot(row);
        let start = slot * self.columns;
        &self.cells[start..start + usize::from(self.meta[slot].occupied)]
    }

    /// One cell.
    pub(crate) fn get(&self, row: usize, column: usize) -> Cell {
        self.cells(row).get(column).copied().unwrap_or_default()
    }

    /// Gives a row a new generation.
    #[inline]
    pub(crate) fn touch(&mut self, row: usize) -> &mut RowMeta {
        self.generation += 1;
        let generation = self.generation;
        let meta = self.meta_mut(row);
        meta.generation = generation;
        meta
    }

    /// The cells `left..right` for writing; a gap before them becomes blank. The caller keeps wide halves
    /// and flags right.
    #[inline(always)]
    pub(crate) fn write(
        &mut self,
        row: usize,
        left: usize,
        right: usize,
        flags: RowFlags,
    ) -> &mut [Cell] {
        let slot = self.slot(row);
        let start = slot * self.columns;
        self.generation += 1;
        let meta = &mut self.meta[slot];
        meta.generation = self.generation;
        meta.flags |= flags;
        let occupied = usize::from(meta.occupied);
        let cells = &mut self.cells[start..start + self.columns];
        if occupied < right {
            if occupied < left {
                cells[occupied..left].fill(Cell::BLANK);
            }
            meta.occupied = right as u16;
        }
        &mut cells[left..right]
    }

    /// Writes ASCII over what is there; the last column written, a row does not wrap (until it does again).
    #[inline]
    pub(crate) fn write_ascii(&mut self, row: usize, left: usize, text: &[u8], look: u64) {
        let right = left + text.len();
        let slot = self.slot(row);
        let meta = &mut self.meta[slot];
        if let [byte] = text
            && !meta.flags.contains(RowFlags::WIDE)
            && left <= usize::from(meta.occupied)
            && right < self.columns
        {
            // Not worth setting up a loop that does many at once.
            self.generation += 1;
            meta.generation = self.generation;
            meta.occupied = meta.occupied.max(right as u16);
            if look != 0 {
                meta.flags |= RowFlags::STYLED;
            }
            self.cells[slot * self.columns + left] = Cell(look | u64::from(*byte));
            return;
        }
        let mut flags = meta.flags;
        if flags.contains(RowFlags::WIDE) {
            self.cut_wide(row, left);
            self.cut_wide(row, right);
        }
        if look != 0 {
            flags |= RowFlags::STYLED;
        }
        if right == self.columns {
            flags -= RowFlags::WRAPPED | RowFlags::MARGIN_WRAPPED;
        }
        self.generation += 1;
        let meta = &mut self.meta[slot];
        meta.flags = flags;
        meta.generation = self.generation;
        let occupied = usize::from(meta.occupied);
        meta.occupied = occupied.max(right) as u16;
        let start = slot * self.columns;
        let cells = &mut self.cells[start..start + self.columns];
        if occupied < left {
            cells[occupied..left].fill(Cell::BLANK);
        }
        for (cell, byte) in cells[left..right].iter_mut().zip(text) {
            *cell = Cell(look | u64::from(*byte));
        }
    }

    /// As [`Grid::write`] for a stretch whose length is not known before: `f` fills cells from the start of
    /// what it is given and returns how many.
    #[inline]
    pub(crate) fn write_run(
        &mut self,
        row: usize,
        left: usize,
        limit: usize,
        f: impl FnOnce(&mut [Cell]) -> usize,
    ) -> usize {
        let slot = self.slot(row);
        let start = slot * self.columns;
        let occupied = usize::from(self.meta[slot].occupied);
        let cells = &mut self.cells[start..start + self.columns];
        if occupied < left {
            cells[occupied..left].fill(Cell::BLANK);
        }
        let end = left + f(&mut cells[left..limit]);
        if end < occupied && cells[end].width() == CellWidth::Spacer {
            // Its first half is gone.
            cells[end] = Cell::blank(CellWidth::Narrow, cells[end].look());
        }
        self.generation += 1;
        let meta = &mut self.meta[slot];
        meta.generation = self.generation;
        meta.occupied = occupied.max(end) as u16;
        end
    }

    /// All cells of a row up to `right`, whatever was there, for editing in place.
    pub(crate) fn edit(&mut self, row: usize, right: usize) -> &mut [Cell] {
        let occupied = usize::from(self.meta(row).occupied);
        if occupied < right {
            self.write(row, occupied, right, RowFlags::empty())
                .fill(Cell::BLANK);
        } else {
            self.touch(row);
        }
        let slot = self.slot(row);
        let start = slot * self.columns;
        &mut self.cells[start..start + right]
    }

    /// Sets `left..right` to one blank; wide halves cut at the edges become blank too.
    pub(crate) fn erase(&mut self, row: usize, left: usize, right: usize, blank: Cell) {
        if left >= right {
            return;
        }
        self.cut(row, left);
        self.cut(row, right);
        if right == self.columns {
            self.unwrap_row(row);
        }
        let occupied = usize::from(self.meta(row).occupied);
        if blank == Cell::BLANK {
            if right >= occupied {
                let meta = self.touch(row);
                meta.occupied = meta.occupied.min(left as u16);
                if meta.occupied == 0 {
                    meta.flags &= RowFlags::WRAPPED | RowFlags::MARGIN_WRAPPED | RowFlags::SIZE;
                }
            } else {
                self.write(row, left, right, RowFlags::empty()).fill(blank);
            }
        } else {
            self.write(row, left, right, RowFlags::STYLED).fill(blank);
        }
    }

    /// Makes the border before `column` one that no wide cell straddles: both halves of such a cell
    /// become spaces of its look.
    #[inline]
    pub(crate) fn cut(&mut self, row: usize, column: usize) {
        if self.meta(row).flags.contains(RowFlags::WIDE) {
            self.cut_wide(row, column);
        }
    }

    #[cold]
    fn cut_wide(&mut self, row: usize, column: usize) {
        if column == 0 || self.get(row, column).width() != CellWidth::Spacer {
            return;
        }
        let cells = self.write(row, column - 1, column + 1, RowFlags::empty());
        for cell in cells {
            *cell = Cell::blank(CellWidth::Narrow, cell.look());
        }
    }

    /// Makes a leading spacer at the end of a row a blank, since the row is about to be shifted.
    pub(crate) fn drop_leading_spacer(&mut self, row: usize) {
        let last = self.columns - 1;
        if self.meta(row).flags.contains(RowFlags::WIDE)
            && self.get(row, last).width() == CellWidth::LeadingSpacer
        {
            let cell = &mut self.write(row, last, last + 1, RowFlags::empty())[0];
            *cell = Cell(cell.look());
        }
    }

    /// Empties a row and makes it (part of) another line.
    #[inline(always)]
    pub(crate) fn reset_row(&mut self, row: usize, line: LineId, offset: u32, blank: Cell) {
        self.generation += 1;
        let slot = self.slot(row);
        self.meta[slot] = RowMeta {
            generation: self.generation,
            line,
            offset,
            occupied: 0,
            flags: RowFlags::empty(),
        };
        if blank != Cell::BLANK {
            let columns = self.columns;
            self.write(row, 0, columns, RowFlags::STYLED).fill(blank);
        }
    }

    /// Moves the rows `top + n ..= bottom` up by `n`; the last `n` then hold what was above and are to be
    /// reset.
    #[inline(always)]
    pub(crate) fn rotate_up(&mut self, top: usize, bottom: usize, n: usize) {
        if top == 0 && bottom + 1 == self.order.len() {
            self.base += n;
            if self.base >= self.order.len() {
                self.base -= self.order.len();
            }
            return;
        }
        self.rotate_region_up(top, bottom, n);
    }

    /// As [`Grid::rotate_up`] by one of all rows and [`Grid::reset_row`] of the last, which most output is.
    #[inline(always)]
    pub(crate) fn top_to_bottom(&mut self, blank: Cell) {
        let slot = self.order[self.base] as usize;
        self.base += 1;
        if self.base == self.order.len() {
            self.base = 0;
        }
        let line = self.fresh_line();
        self.generation += 1;
        self.meta[slot] = RowMeta {
            generation: self.generation,
            line,
            offset: 0,
            occupied: 0,
            flags: RowFlags::empty(),
        };
        if blank != Cell::BLANK {
            let (row, columns) = (self.order.len() - 1, self.columns);
            self.write(row, 0, columns, RowFlags::STYLED).fill(blank);
        }
    }

    fn rotate_region_up(&mut self, top: usize, bottom: usize, n: usize) {
        self.level();
        if n == 1 {
            let first = self.order[top];
            self.order.copy_within(top + 1..=bottom, top);
            self.order[bottom] = first;
        } else {
            self.order[top..=bottom].rotate_left(n);
        }
    }

    /// Makes `order` begin at the first screen row.
    #[inline]
    fn level(&mut self) {
        if self.base > 0 {
            self.order.rotate_left(self.base);
            self.base = 0;
        }
    }

    /// Moves the rows `top ..= bottom - n` down by `n`; the first `n` are to be reset.
    pub(crate) fn rotate_down(&mut self, top: usize, bottom: usize, n: usize) {
        self.level();
        self.order[top..=bottom].rotate_right(n);
    }

    /// Cells of the logical line that a row holds when it is wrapped.
    pub(crate) fn wrapped_cells(&self, row: usize) -> u32 {
        let columns = self.columns as u32;
        let flags = self.meta(row).flags;
        if flags.contains(RowFlags::WIDE)
            && self.get(row, self.columns - 1).width() == CellWidth::LeadingSpacer
        {
            columns - 1
        } else {
            columns
        }
    }

    /// Where the logical line goes on after a wrapped row.
    pub(crate) fn continuation(&self, row: usize) -> (LineId, u32) {
        let meta = self.meta(row);
        (meta.line, meta.offset + self.wrapped_cells(row))
    }

    /// Says that a row does not go on below, since its last cell changed. What goes on there keeps its
    /// id and offset, in case the row wraps again.
    #[inline]
    pub(crate) fn unwrap_row(&mut self, row: usize) {
        if self
            .meta(row)
            .flags
            .intersects(RowFlags::WRAPPED | RowFlags::MARGIN_WRAPPED)
        {
            self.touch(row).flags -= RowFlags::WRAPPED | RowFlags::MARGIN_WRAPPED;
        }
    }

    /// Soft-wraps `row` into the row below, which becomes part of its logical line.
    pub(crate) fn join_below(&mut self, row: usize) {
        self.touch(row).flags |= RowFlags::WRAPPED;
        let mut row = row;
        while self.meta(row).flags.contains(RowFlags::WRAPPED) && row + 1 < self.rows() {
            let (line, offset) = self.continuation(row);
            let meta = self.meta(row + 1);
            if (meta.line, meta.offset) == (line, offset) {
                break;
            }
            self.touch(row + 1);
            let meta = self.meta_mut(row + 1);
            (meta.line, meta.offset) = (line, offset);
            row += 1;
        }
    }

    /// Ends the logical line of `row` there: what followed is a line of its own, since other rows will
    /// come between. Does nothing where no line goes over the border.
    #[inline]
    pub(crate) fn break_below(&mut self, row: usize) {
        if row + 1 < self.rows() && self.meta(row).line == self.meta(row + 1).line {
            self.split_below(row);
        }
    }

    #[cold]
    fn split_below(&mut self, row: usize) {
        self.touch(row).flags -= RowFlags::WRAPPED;
        self.split_at(row + 1);
    }

    /// Makes `row` the first of a logical line of its own, whose id lies after that of its old one.
    pub(crate) fn split_at(&mut self, row: usize) {
        let old = self.meta(row).line;
        let mut end = row;
        while end < self.rows() && self.meta(end).line == old {
            end += 1;
        }
        let above = old.0;
        let below = if end < self.rows() {
            self.meta(end).line.0
        } else {
            self.next_line
        };
        let line = match LineId(above + 1) {
            line if line.0 < below => line,
            _ => self.renumber_from(end),
        };
        let start = self.meta(row).offset;
        for row in row..end {
            let meta = self.touch(row);
            meta.line = line;
            meta.offset = meta.offset.saturating_sub(start);
        }
    }

    /// Gives all rows from `row` on new ids, since there is no room for one more before them; returns
    /// that one.
    fn renumber_from(&mut self, row: usize) -> LineId {
        let room = self.fresh_line();
        let mut row = row;
        while row < self.rows() {
            let old = self.meta(row).line;
            let line = self.fresh_line();
            while row < self.rows() && self.meta(row).line == old {
                self.touch(row).line = line;
                row += 1;
            }
        }
        room
    }

    /// An id for a new line below the line `above` and above the row `below_row`, if there is one.
    pub(crate) fn line_between(
        &mut self,
        above: LineId,
        below_row: usize,
        near: Neighbor,
    ) -> LineId {
        if below_row >= self.rows() {
            return self.fresh_line();
        }
        let below = self.meta(below_row).line;
        if above.0 + 1 >= below.0 {
            return self.renumber_from(below_row);
        }
        match near {
            Neighbor::Above => LineId(above.0 + 1),
            Neighbor::Below => LineId(below.0 - 1),
        }
    }

    /// The size of a row's characters.
    pub(crate) fn line_size(&self, row: usize) -> LineSize {
        self.meta(row).flags.size()
    }

    /// Changes the size of a row's characters.
    pub(crate) fn set_line_size(&mut self, row: usize, size: LineSize) {
        if self.line_size(row) != size {
            let meta = self.touch(row);
            meta.flags = (meta.flags - RowFlags::SIZE) | size.into();
        }
    }

    /// Calls `f` for every live cell that means something.
    pub(crate) fn for_each_cell(&mut self, mut f: impl FnMut(&mut Cell)) {
        for (slot, meta) in self.meta.iter().enumerate() {
            let start = slot * self.columns;
            for cell in &mut self.cells[start..start + usize::from(meta.occupied)] {
                f(cell);
            }
        }
    }

    /// Copies the cells `left..right` of one row over those of another.
    pub(crate) fn copy_cells(&mut self, from: usize, to: usize, left: usize, right: usize) {
        let row_only = RowFlags::WRAPPED | RowFlags::MARGIN_WRAPPED | RowFlags::SIZE;
        let flags = self.meta(from).flags - row_only;
        self.edit(from, right);
        self.edit(to, right);
        self.meta_mut(to).flags |= flags;
        let source = self.slot(from) * self.columns;
        let target = self.slot(to) * self.columns;
        self.cells
            .copy_within(source + left..source + right, target + left);
        if right == self.columns {
            self.unwrap_row(to);
        }
    }

    /// Whether the row shows no text.
    pub(crate) fn is_blank(&self, row: usize) -> bool {
        self.cells(row)
            .iter()
            .all(|cell| Cell(cell.0 - cell.look()).is_trimmable())
    }

    /// The rows of `other` in place of these; ids and generations go on.
    pub(crate) fn replace(&mut self, columns: u16, rows: Vec<(RowMeta, Vec<Cell>)>) {
        let columns = usize::from(columns);
        self.columns = columns;
        self.order = (0..rows.len() as u32).collect();
        self.base = 0;
        self.cells.clear();
        self.cells.reserve_exact(columns * rows.len());
        self.meta.clear();
        for (mut meta, mut cells) in rows {
            self.generation += 1;
            meta.generation = self.generation;
            cells.truncate(columns);
            meta.occupied = cells.len() as u16;
            cells.resize(columns, Cell::BLANK);
            self.cells.extend_from_slice(&cells);
            self.meta.push(meta);
        }
    }

    pub(crate) fn memory(&self) -> usize {
        self.cells.capacity() * size_of::<Cell>()
            + self.meta.capacity() * size_of::<RowMeta>()
            + self.order.capacity() * 4
    }
}

/// Beside which neighbor's id a new line's id is chosen: the one that more lines are expected next to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Neighbor {
    /// New lines follow each other downwards (scrolling up in a region).
    Above,
    /// New lines follow each other upwards (RI, IL).
    Below,
}

#[cfg(test)]
mod tests;

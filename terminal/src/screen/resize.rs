//! Resizing: the primary screen rewraps its logical lines, the alternate screen is cut or padded.
//!
//! Lines in scrollback have no width, so only the rows that are on the screen are wrapped anew; a line
//! that began in scrollback is taken back first, whole. Anchors count cells of logical lines and move
//! with no help.

#![expect(
    clippy::cast_possible_truncation,
    reason = "offsets in a line are bounded by the cells of screen and scrollback, rows by 4096"
)]

use super::{Cursor, Screen};
use crate::cell::{Cell, CellWidth, Content};
use crate::grid::page::{Look, Placer};
use crate::grid::scrollback::Tables;
use crate::grid::{RowFlags, RowMeta};
use crate::index::LineId;
use crate::size::{GridSize, LineSize};

/// What happens to rows that become wider or narrower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resize {
    /// Logical lines are wrapped anew, but not the rows from `frozen` on: they are a prompt that its shell draws
    /// again, or what a program paints in place, each by its own count of rows (`blocks.md` 4.3).
    Reflow { frozen: Option<usize> },
    /// Rows are cut or padded.
    Cut,
}

#[cfg(test)]
impl Resize {
    /// Everything is wrapped anew.
    pub(crate) const FLOW: Self = Self::Reflow { frozen: None };
}

/// A frozen row as it was before a resize cut or padded it.
#[derive(Clone, Debug)]
pub(crate) struct FrozenRow {
    line: LineId,
    offset: u32,
    /// Of the row as it is now: as long as it is the row's, nobody drew over it.
    generation: u64,
    cells: Vec<Cell>,
    /// It was full, and its line went on in the next row.
    wrapped: bool,
}

impl FrozenRow {
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(super) fn wrapped(&self) -> bool {
        self.wrapped
    }

    /// What a sweep of styles, clusters or links must see.
    pub(super) fn cells_mut(&mut self) -> &mut [Cell] {
        &mut self.cells
    }

    fn is(&self, meta: &RowMeta) -> bool {
        (self.line, self.offset, self.generation) == (meta.line, meta.offset, meta.generation)
    }
}

/// A row that stands nowhere yet; a frozen one as it was, whatever the width.
type LooseRow = (RowMeta, Vec<Cell>);

/// A logical line, or the part of one that is not in scrollback.
#[derive(Debug)]
struct LooseLine {
    line: LineId,
    offset: u32,
    cells: Vec<Cell>,
    /// A line of double size is one row at any width.
    size: LineSize,
}

/// A position that stays on its text: the index of a loose line and the cell in it.
#[derive(Clone, Copy, Debug, Default)]
struct Tracked {
    line: usize,
    cell: usize,
    pending_wrap: bool,
}

impl Screen {
    /// Changes the size; only the primary screen is reflowed.
    pub(crate) fn resize(&mut self, size: GridSize, how: Resize) {
        if size == self.size() {
            return;
        }
        self.check_selection();
        let view = self.view_anchor();
        match how {
            Resize::Reflow { frozen } => self.reflow(size, frozen),
            Resize::Cut => self.cut_or_pad(size),
        }
        self.reset_margins();
        let columns = usize::from(size.columns);
        let known = self.tabs.len();
        self.tabs.resize(columns, false);
        for column in (known..columns).filter(|column| column % 8 == 0) {
            self.tabs[column] = true;
        }
        self.joinable = false;
        self.find_double();
        if self.modes.left_right_margins {
            // Rows of double size may have come back from scrollback.
            self.make_all_single();
        }
        self.keep_in_row();
        self.restore_view(view);
        self.remember_selection();
    }

    fn cut_or_pad(&mut self, size: GridSize) {
        let columns = usize::from(size.columns);
        let n_rows = usize::from(size.rows);
        // Rows above the cursor go first when it would not fit.
        let above = (self.cursor.row + 1).saturating_sub(n_rows);
        let mut rows = Vec::with_capacity(n_rows);
        for row in above..self.grid.rows().min(above + n_rows) {
            if columns < self.grid.columns() {
                self.grid.cut(row, columns);
            }
            let mut meta = *self.grid.meta(row);
            if columns != self.grid.columns() {
                // Offsets of cut rows mean nothing, so each row is a line of its own from here on.
                meta.flags -= RowFlags::WRAPPED | RowFlags::MARGIN_WRAPPED;
                (meta.line, meta.offset) = (self.grid.fresh_line(), 0);
            }
            let mut cells = self.grid.cells(row).to_vec();
            if columns != self.grid.columns()
                && let Some(last) = cells.last_mut()
                && last.width() == CellWidth::LeadingSpacer
            {
                *last = Cell(last.look());
            }
            rows.push((meta, cells));
        }
        self.fill_up(&mut rows, n_rows);
        self.scrollback.set_width(size.columns);
        self.grid.replace(size.columns, rows);
        self.cursor.row -= above;
        clamp(&mut self.cursor, columns, n_rows);
        if let Some(saved) = &mut self.saved {
            saved.cursor.row = saved.cursor.row.saturating_sub(above);
            clamp(&mut saved.cursor, columns, n_rows);
        }
    }

    /// Makes it `n_rows` rows: cuts at the bottom or adds blank ones there.
    fn fill_up(&mut self, rows: &mut Vec<LooseRow>, n_rows: usize) {
        rows.truncate(n_rows);
        if let Some((meta, _)) = rows.last_mut() {
            meta.flags -= RowFlags::WRAPPED;
        }
        while rows.len() < n_rows {
            let line = self.grid.fresh_line();
            rows.push((
                RowMeta {
                    line,
                    ..RowMeta::default()
                },
                Vec::new(),
            ));
        }
    }

    /// Wraps rows anew that resizes cut while they were frozen, if nobody drew over them: they are no longer drawn
    /// again.
    pub(crate) fn thaw(&mut self) {
        if (0..self.grid.rows()).any(|row| self.whole(row).is_some()) {
            self.check_selection();
            let view = self.view_anchor();
            self.reflow(self.size(), None);
            self.joinable = false;
            self.find_double();
            self.keep_in_row();
            self.restore_view(view);
            self.remember_selection();
        }
        self.frozen.clear();
    }

    fn reflow(&mut self, size: GridSize, frozen: Option<usize>) {
        let (columns, n_rows) = (usize::from(size.columns), usize::from(size.rows));
        let old_rows = self.grid.rows();
        let last_text = (0..old_rows).rev().find(|&row| !self.grid.is_blank(row));
        let used = self.cursor.row.max(last_text.unwrap_or(0)) + 1;
        let flowing = frozen.map_or(used, |row| row.min(used));
        let mut frozen = self.freeze(flowing..used);
        let mut colored = self.colored_rows(used, columns);

        let mut lines = Vec::new();
        let mut points = [Some(self.cursor), self.saved.map(|saved| saved.cursor)];
        let mut tracked = [Tracked::default(); 2];
        for point in points.iter_mut().flatten() {
            // A saved cursor may stand below everything.
            point.row = point.row.min(used - 1);
        }
        let taken_back = flowing > 0 && self.take_back_open_line(&mut lines);
        let old_prefix = lines.first().map_or(0, |line: &LooseLine| line.cells.len());
        self.loosen_rows(flowing, taken_back, &mut lines, &points, &mut tracked);
        if let Some(last) = lines.last() {
            let below = frozen.iter_mut().chain(&mut colored);
            put_below(last, below);
        }
        self.scrollback.set_width(size.columns);

        let mut rows = Vec::new();
        let mut starts = Vec::with_capacity(lines.len());
        let mut prefix_rows = 0;
        for (i, line) in lines.iter().enumerate() {
            starts.push(rows.len());
            wrap_line(line, columns, &mut rows);
            if i == 0 && taken_back {
                // The rows that only hold what was in scrollback before.
                let before = line.offset + old_prefix as u32;
                prefix_rows = rows
                    .iter()
                    .skip(1)
                    .filter(|row| row.0.offset <= before)
                    .count();
            }
        }

        let frozen_start = rows.len();
        rows.extend(
            frozen
                .iter()
                .map(|(meta, cells)| cut_row(meta, cells, columns)),
        );
        keep_wraps(&mut rows, frozen_start, columns);
        let live = rows.len() - prefix_rows;
        let grown = n_rows.saturating_sub(old_rows);
        let target = n_rows.min(live.max(used + grown));
        let pulled = self.pull_rows(target.saturating_sub(rows.len()), columns, &mut rows);
        let mut cursors = [Cursor::default(); 2];
        for ((cursor, tracked), point) in cursors.iter_mut().zip(tracked).zip(points) {
            let Some(point) = point else { continue };
            if point.row >= flowing {
                cursor.row = pulled + frozen_start + point.row - flowing;
                cursor.column = point.column;
                cursor.pending_wrap = point.pending_wrap;
            } else if let Some(line) = lines.get(tracked.line) {
                let start = pulled + starts[tracked.line];
                *cursor = locate(tracked, line, &rows, start, columns);
            }
        }
        let frozen_start = frozen_start + pulled;
        let excess = rows.len().saturating_sub(target).min(cursors[0].row);
        let gone = excess.saturating_sub(frozen_start);
        self.push_rows(rows.drain(..excess - gone));
        rows.drain(..gone);
        for row in &frozen[..gone] {
            self.push_frozen(row, columns);
        }
        let below = n_rows.saturating_sub(rows.len());
        rows.extend(colored.into_iter().take(below));
        self.fill_up(&mut rows, n_rows);
        self.grid.replace(size.columns, rows);
        for cursor in &mut cursors {
            cursor.row = cursor.row.saturating_sub(excess);
            clamp(cursor, columns, n_rows);
        }
        let frozen = frozen.into_iter().skip(gone);
        self.remember_frozen(frozen, frozen_start.saturating_sub(excess));
        self.cursor = cursors[0];
        if let Some(saved) = &mut self.saved {
            saved.cursor = cursors[1];
        }
    }

    /// The rows without text at the foot of the screen, cut to a width, up to the last that was erased with a color:
    /// a program may have painted its ground before it prints.
    fn colored_rows(&self, from: usize, columns: usize) -> Vec<LooseRow> {
        let is_colored = |row: &usize| self.grid.cells(*row).iter().any(|cell| cell.look() != 0);
        let last = (from..self.grid.rows()).rev().find(is_colored);
        let rows = from..last.map_or(from, |last| last + 1);
        rows.map(|row| cut_row(self.grid.meta(row), self.grid.cells(row), columns))
            .collect()
    }

    /// Rows that are not to be wrapped anew, as they were before earlier resizes if nobody drew over them since.
    fn freeze(&self, rows: std::ops::Range<usize>) -> Vec<LooseRow> {
        rows.map(|row| {
            let mut meta = *self.grid.meta(row);
            let Some(frozen) = self.whole(row) else {
                return (meta, self.grid.cells(row).to_vec());
            };
            meta.flags.set(RowFlags::WRAPPED, frozen.wrapped);
            (meta, frozen.cells.clone())
        })
        .collect()
    }

    /// A row as it was before resizes cut or padded it, if they did and nobody drew over it since.
    pub(super) fn whole(&self, row: usize) -> Option<&FrozenRow> {
        let meta = self.grid.meta(row);
        self.frozen.iter().find(|frozen| frozen.is(meta))
    }

    fn remember_frozen(&mut self, rows: impl Iterator<Item = LooseRow>, first: usize) {
        let columns = self.grid.columns();
        self.frozen.clear();
        for (row, (meta, cells)) in (first..self.grid.rows()).zip(rows) {
            let wrapped = meta.flags.contains(RowFlags::WRAPPED);
            if cells.len() > columns || (wrapped && cells.len() < columns) {
                self.frozen.push(FrozenRow {
                    line: meta.line,
                    offset: meta.offset,
                    generation: self.grid.meta(row).generation,
                    cells,
                    wrapped,
                });
            }
        }
    }

    /// Takes the newest segment out of scrollback if the first live row goes on with it.
    fn take_back_open_line(&mut self, lines: &mut Vec<LooseLine>) -> bool {
        let first = self.grid.meta(0);
        if self.scrollback.open_end() != Some((first.line, first.offset)) {
            return false;
        }
        match self.pop_segment() {
            Some(line) => {
                lines.push(line);
                true
            }
            None => false,
        }
    }

    fn pop_segment(&mut self) -> Option<LooseLine> {
        let mut cells = Vec::new();
        let (styles, clusters) = (&mut self.styles, &mut self.clusters);
        let mut last: Option<(Look, u64)> = None;
        let popped = self.scrollback.pop(
            |text, wide, look| {
                let bits = match last {
                    Some((known, bits)) if known == look => bits,
                    _ => Cell::look_bits(styles.intern(&look.style), look.link),
                };
                last = Some((look, bits));
                let width = if wide {
                    CellWidth::Wide
                } else {
                    CellWidth::Narrow
                };
                let mut chars = text.chars();
                let first = chars.next().unwrap_or(' ');
                let cluster = chars.next().and_then(|_| clusters.intern(text));
                cells.push(match cluster {
                    Some(index) => Cell::cluster(index, width, bits),
                    None => Cell::char(first, width, bits),
                });
                if wide {
                    cells.push(Cell::blank(CellWidth::Spacer, bits));
                }
            },
            &mut self.links,
        );
        let popped = popped?;
        // A look that came back may name a link whose page is gone; then the cells lose it.
        for cell in &mut cells {
            if cell.link() != 0 && self.links.uri(cell.link()).is_none() {
                *cell = cell.with_look(Cell::look_bits(cell.style(), 0));
            }
        }
        Some(LooseLine {
            line: popped.line,
            offset: popped.offset,
            cells,
            size: popped.size,
        })
    }

    /// The first `used` rows as logical lines; `goes_on`: the first one belongs to the line already there.
    fn loosen_rows(
        &self,
        used: usize,
        goes_on: bool,
        lines: &mut Vec<LooseLine>,
        points: &[Option<Cursor>; 2],
        tracked: &mut [Tracked; 2],
    ) {
        let columns = self.grid.columns();
        let mut goes_on = goes_on;
        for row in 0..used {
            let meta = *self.grid.meta(row);
            let size = meta.flags.size();
            if !goes_on || size.is_double() {
                // Two lines that were one until the wrap between them was erased get two ids.
                let above = lines
                    .last()
                    .map_or(LineId(0), |above: &LooseLine| above.line);
                let (mut line, mut offset) = (meta.line, meta.offset);
                if line <= above {
                    (line, offset) = (LineId(above.0 + 1), 0);
                }
                lines.push(LooseLine {
                    line,
                    offset,
                    cells: Vec::new(),
                    size,
                });
            }
            let index = lines.len() - 1;
            let Some(line) = lines.last_mut() else {
                continue;
            };
            let before = line.cells.len();
            let mut cells = self.grid.cells(row);
            let mut wrapped = meta.flags.contains(RowFlags::WRAPPED) && cells.len() == columns;
            if let Some(frozen) = self.whole(row) {
                cells = &frozen.cells;
                wrapped = frozen.wrapped
                    && row + 1 < used
                    && goes_on_in(&meta, cells, self.grid.meta(row + 1));
            }
            line.cells.extend_from_slice(cells);
            if line
                .cells
                .last()
                .is_some_and(|last| last.width() == CellWidth::LeadingSpacer)
            {
                line.cells.pop();
            }
            if !wrapped {
                let text = line.cells.iter().rposition(|cell| !cell.is_trimmable());
                line.cells
                    .truncate(text.map_or(0, |last| last + 1).max(before));
            }
            for (point, tracked) in points.iter().zip(&mut *tracked) {
                if let Some(point) = point
                    && point.row == row
                {
                    let cell = before + point.column;
                    *tracked = Tracked {
                        line: index,
                        cell,
                        pending_wrap: point.pending_wrap,
                    };
                }
            }
            goes_on = wrapped && row + 1 < used;
        }
    }

    /// Puts rows from the end of scrollback before `rows` until there are `n` more, or a few over when a
    /// line needs them; returns how many.
    fn pull_rows(&mut self, n: usize, columns: usize, rows: &mut Vec<LooseRow>) -> usize {
        let mut pulled: Vec<Vec<LooseRow>> = Vec::new();
        let mut count = 0;
        let mut below = rows.first().map(|(meta, _)| (meta.line, meta.offset));
        while count < n {
            let Some(line) = self.pop_segment() else {
                break;
            };
            let mut wrapped = Vec::new();
            wrap_line(&line, columns, &mut wrapped);
            let end = (line.line, line.offset + line.cells.len() as u32);
            if below == Some(end)
                && let Some((meta, cells)) = wrapped.last_mut()
                && cells.len() == columns
            {
                meta.flags |= RowFlags::WRAPPED;
            }
            below = Some((line.line, line.offset));
            count += wrapped.len();
            pulled.push(wrapped);
        }
        let front: Vec<LooseRow> = pulled.into_iter().rev().flatten().collect();
        rows.splice(0..0, front);
        count
    }

    /// A frozen row goes into scrollback as it was, where a line has no width.
    fn push_frozen(&mut self, (meta, cells): &LooseRow, columns: usize) {
        let wrapped = meta.flags.contains(RowFlags::WRAPPED);
        if cells.len() == columns {
            return self.push_rows(std::iter::once((*meta, cells.clone())));
        }
        let mut line = LooseLine {
            line: meta.line,
            offset: meta.offset,
            cells: cells.clone(),
            size: meta.flags.size(),
        };
        let text = line.cells.iter().rposition(|cell| !cell.is_trimmable());
        if !wrapped {
            line.cells.truncate(text.map_or(0, |last| last + 1));
        } else if line.cells.last().map(|last| last.width()) == Some(CellWidth::LeadingSpacer) {
            line.cells.pop();
        }
        let mut rows = Vec::new();
        wrap_line(&line, columns, &mut rows);
        if let Some((meta, cells)) = rows.last_mut()
            && cells.len() == columns
        {
            meta.flags.set(RowFlags::WRAPPED, wrapped);
        }
        self.push_rows(rows.into_iter());
    }

    /// As [`Screen::keep_rows`], if a row that a resize cut, and nobody drew over since, is among them; else `false`.
    #[cold]
    pub(super) fn keep_frozen_rows(&mut self, n: usize) -> bool {
        let leaves = |row: usize| {
            let meta = self.grid.meta(row);
            self.frozen.iter().any(|frozen| frozen.is(meta))
        };
        if !(0..n).any(leaves) {
            return false;
        }
        let mut known = std::mem::take(&mut self.frozen);
        known.retain(|frozen| (0..self.grid.rows()).any(|row| frozen.is(self.grid.meta(row))));
        self.frozen = known;
        let before = self.scrollback.end_row();
        let columns = self.grid.columns();
        for row in self.freeze(0..n) {
            self.push_frozen(&row, columns);
        }
        if self.display_offset > 0 {
            let more = (self.scrollback.end_row() - before) as usize;
            self.display_offset = (self.display_offset + more).min(self.scrollback.rows());
        }
        true
    }

    fn push_rows(&mut self, rows: impl Iterator<Item = LooseRow>) {
        let mut tables = Tables {
            styles: &self.styles,
            clusters: &self.clusters,
            links: &mut self.links,
        };
        if !self.scrollback.is_enabled() {
            return;
        }
        for (mut meta, cells) in rows {
            meta.occupied = cells.len() as u16;
            self.scrollback.push(&meta, &cells, &mut tables);
        }
    }
}

/// Whether the line of a full row that wraps goes on in another row.
fn goes_on_in(meta: &RowMeta, cells: &[Cell], next: &RowMeta) -> bool {
    let short = cells.last().map(|last| last.width()) == Some(CellWidth::LeadingSpacer);
    let end = meta.offset + cells.len() as u32 - u32::from(short);
    (meta.line, end) == (next.line, next.offset)
}

/// Gives rows ids after that of the line above them, unless they go on with it.
fn put_below<'a>(above: &LooseLine, rows: impl Iterator<Item = &'a mut LooseRow>) {
    let mut last = above.line;
    // The line that the row before was part of, and the id and the offset that its first row got here.
    let mut known: Option<(LineId, LineId, u32)> = None;
    let end = above.offset + above.cells.len() as u32;
    for (meta, _) in rows {
        let (line, start) = match known {
            Some((old, line, start)) if old == meta.line => (line, start),
            _ if meta.line > last => (meta.line, 0),
            None if meta.line == last && meta.offset >= end => (meta.line, 0),
            _ => (LineId(last.0 + 1), meta.offset),
        };
        known = Some((meta.line, line, start));
        (meta.line, meta.offset) = (line, meta.offset.saturating_sub(start));
        last = line;
    }
}

/// Leaves the rows from `first` on wrapped only into rows that go on with their line; the row before them wraps if
/// the first does.
fn keep_wraps(rows: &mut [LooseRow], first: usize, columns: usize) {
    if let Some(above) = first.checked_sub(1)
        && let Some((next, _)) = rows.get(first)
        && rows[above].1.len() == columns
        && goes_on_in(&rows[above].0, &rows[above].1, next)
    {
        rows[above].0.flags |= RowFlags::WRAPPED;
    }
    for row in first..rows.len() {
        let (meta, cells) = &rows[row];
        let next = rows.get(row + 1);
        if next.is_none_or(|(next, _)| !goes_on_in(meta, cells, next)) {
            rows[row].0.flags -= RowFlags::WRAPPED;
        }
    }
}

/// A row cut to a width; at its own width it stays wrapped.
fn cut_row(meta: &RowMeta, cells: &[Cell], columns: usize) -> LooseRow {
    let mut meta = *meta;
    meta.flags -= RowFlags::MARGIN_WRAPPED;
    if cells.len() == columns {
        return (meta, cells.to_vec());
    }
    meta.flags -= RowFlags::WRAPPED;
    let mut kept = cells[..cells.len().min(columns)].to_vec();
    let halved = cells
        .get(columns)
        .is_some_and(|next| next.width() == CellWidth::Spacer);
    if let Some(last) = kept.last_mut()
        && (halved || last.width() == CellWidth::LeadingSpacer)
    {
        *last = Cell(last.look());
    }
    (meta, kept)
}

fn clamp(cursor: &mut Cursor, columns: usize, rows: usize) {
    cursor.row = cursor.row.min(rows - 1);
    if cursor.column >= columns {
        cursor.column = columns - 1;
    }
    cursor.pending_wrap &= cursor.column + 1 == columns;
}

/// Wraps a line at a width, appending its rows.
fn wrap_line(line: &LooseLine, columns: usize, rows: &mut Vec<LooseRow>) {
    let mut place = Placer::new(columns);
    let first = rows.len();
    let mut offset = line.offset;
    rows.push((
        RowMeta {
            line: line.line,
            offset,
            ..RowMeta::default()
        },
        Vec::new(),
    ));
    if line.size.is_double() {
        if let Some((meta, row)) = rows.last_mut() {
            row.extend(line.cells.iter().take(columns));
            if let Some(last) = row.last_mut()
                && last.width() == CellWidth::Wide
            {
                *last = Cell(last.look());
            }
            meta.flags |= row
                .iter()
                .fold(line.size.into(), |flags, &cell| flags | flags_of(cell));
        }
        return;
    }
    let mut cells = line.cells.iter().copied().peekable();
    while let Some(cell) = cells.next() {
        let wide = cell.width() == CellWidth::Wide;
        let (row, _) = place.next(wide);
        if first + row >= rows.len() {
            if let Some((meta, full)) = rows.last_mut() {
                meta.flags |= RowFlags::WRAPPED;
                if full.len() < columns {
                    meta.flags |= RowFlags::WIDE;
                    full.push(Cell::blank(CellWidth::LeadingSpacer, 0));
                }
            }
            rows.push((
                RowMeta {
                    line: line.line,
                    offset,
                    ..RowMeta::default()
                },
                Vec::new(),
            ));
        }
        let Some((meta, row)) = rows.last_mut() else {
            break;
        };
        offset += 1;
        meta.flags |= flags_of(cell);
        row.push(cell);
        if wide {
            offset += 1;
            row.push(Cell::blank(CellWidth::Spacer, cell.look()));
            cells.next_if(|next| next.width() == CellWidth::Spacer);
        }
    }
}

fn flags_of(cell: Cell) -> RowFlags {
    let mut flags = RowFlags::empty();
    if cell.look() != 0 {
        flags |= RowFlags::STYLED;
    }
    if cell.width() != CellWidth::Narrow {
        flags |= RowFlags::WIDE;
    }
    match cell.content() {
        Content::Char(c) if !c.is_ascii() => flags | RowFlags::RICH,
        Content::Cluster(_) => flags | RowFlags::RICH,
        Content::Char(_) | Content::Blank => flags,
    }
}

/// Where a tracked cell is among the rows of its line, which begin at `start`.
fn locate(
    tracked: Tracked,
    line: &LooseLine,
    rows: &[LooseRow],
    start: usize,
    columns: usize,
) -> Cursor {
    let offset = line.offset + tracked.cell as u32;
    let mut row = start;
    while let Some((meta, _)) = rows.get(row + 1)
        && rows[row].0.flags.contains(RowFlags::WRAPPED)
        && meta.offset <= offset
    {
        row += 1;
    }
    let column = rows
        .get(row)
        .map_or(0, |(meta, _)| (offset - meta.offset) as usize);
    let mut cursor = Cursor {
        row,
        column,
        pending_wrap: tracked.pending_wrap,
    };
    if tracked.pending_wrap && column + 1 < columns {
        cursor.column += 1;
        cursor.pending_wrap = false;
    }
    cursor
}

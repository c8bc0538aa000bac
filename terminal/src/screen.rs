//! One screen: grid, cursor, margins, tabs, saved state; every operation that edits cells.
//!
//! Positions are 0-based and absolute; counts are clamped here, before any loop. The families of sequences
//! (`csi.rs`, `esc.rs`, `c0.rs`) translate parameters, origin mode included, and call these.

#![expect(
    clippy::cast_possible_truncation,
    reason = "rows and columns are at most 4096, so they fit the u16 of the interface"
)]

mod edit;
mod flood;
pub(crate) mod hidden;
mod lines;
mod pen;
mod pieces;
mod print;
mod resize;
mod scroll;
mod view;

pub(crate) use pieces::Piece;
use resize::FrozenRow;
pub(crate) use resize::Resize;
pub(crate) use view::LineText;

use crate::cell::{Cell, Content, Style};
use crate::grid::Grid;
use crate::grid::intern::{Clusters, Styles};
use crate::grid::scrollback::Scrollback;
use crate::hyperlink::{Interned, Links};
use crate::index::LineId;
use crate::selection::Selection;
use crate::size::GridSize;

/// The switches of a terminal that decide how cells are edited; one table with [`crate::modes`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct EditModes {
    /// DECAWM (7).
    pub(crate) autowrap: bool,
    /// IRM (4).
    pub(crate) insert: bool,
    /// DECOM (6).
    pub(crate) origin: bool,
    /// Reverse wrap (45).
    pub(crate) reverse_wrap: bool,
    /// Extended reverse wrap (1045).
    pub(crate) reverse_wrap_extended: bool,
    /// DECLRMM (69).
    pub(crate) left_right_margins: bool,
    /// Grapheme clustering (2027): clusters, not code points, decide the width.
    pub(crate) grapheme_clusters: bool,
    /// East Asian ambiguous characters are wide.
    pub(crate) ambiguous_wide: bool,
}

/// A rectangle of cells, all bounds inclusive, already clamped to the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellRect {
    pub(crate) top: u16,
    pub(crate) left: u16,
    pub(crate) bottom: u16,
    pub(crate) right: u16,
}

/// Which cells an erase leaves alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Erase {
    /// ED, EL, ECH: everything goes.
    All,
    /// DECSED, DECSEL, DECSERA: cells under DECSCA protection stay.
    Unprotected,
}

/// Where the next character goes.
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    row: usize,
    column: usize,
    /// The last column was written, and the next character wraps first.
    pending_wrap: bool,
}

/// What DECSC keeps.
#[derive(Clone, Copy, Debug)]
struct Saved {
    cursor: Cursor,
    pen: Style,
    origin: bool,
}

/// One screen with everything that belongs to it.
#[derive(Debug)]
pub(crate) struct Screen {
    pub(crate) modes: EditModes,
    pub(crate) grid: Grid,
    pub(crate) scrollback: Scrollback,
    styles: Styles,
    pub(crate) clusters: Clusters,
    links: Links,
    cursor: Cursor,
    pen: Style,
    pen_link: u16,
    /// The pen as the upper bits of a cell; `None` after the pen changed.
    look: Option<u64>,
    /// What SGR made of it.
    changes: pen::Changes,
    /// What erasing leaves; `None` after the pen changed.
    blank: Option<Cell>,
    top: usize,
    bottom: usize,
    left: usize,
    right: usize,
    tabs: Vec<bool>,
    saved: Option<Saved>,
    /// Some row may be of double size (DECDWL, DECDHL); never while DECLRMM is set.
    has_double: bool,
    /// The last printed character, for REP.
    last_char: Option<char>,
    /// Whether the cell before the cursor was the last thing printed, so that a cluster may go on.
    joinable: bool,
    /// Whether that cell's last code point may join what follows, whatever it is.
    sticky: bool,
    /// For putting clusters together.
    scratch: String,
    /// For lines that are looked for in the input.
    lines: Vec<(u32, u32)>,
    /// Rows scrolled back.
    display_offset: usize,
    pub(crate) selection: Option<Selection>,
    /// Lines that are not shown.
    pub(crate) hidden: hidden::Hidden,
    /// What the next ED 0 from the first cell erases goes into the scrollback before, as with ED 2.
    pub(crate) keeps_next: bool,
    /// Rows that a resize cut or padded rather than wrapped anew, as they were.
    frozen: Vec<FrozenRow>,
}

impl Screen {
    pub(crate) fn new(size: GridSize, scrollback_lines: usize, scrollback_bytes: usize) -> Self {
        let (columns, rows) = (usize::from(size.columns), usize::from(size.rows));
        let mut screen = Self {
            modes: EditModes {
                autowrap: true,
                insert: false,
                origin: false,
                reverse_wrap: false,
                reverse_wrap_extended: false,
                left_right_margins: false,
                grapheme_clusters: false,
                ambiguous_wide: false,
            },
            grid: Grid::new(size.columns, size.rows),
            scrollback: Scrollback::new(size.columns, scrollback_lines, scrollback_bytes),
            styles: Styles::new(),
            clusters: Clusters::default(),
            links: Links::default(),
            cursor: Cursor::default(),
            pen: Style::default(),
            pen_link: 0,
            look: None,
            changes: pen::Changes::default(),
            blank: None,
            top: 0,
            bottom: rows - 1,
            left: 0,
            right: columns - 1,
            tabs: Vec::new(),
            saved: None,
            has_double: false,
            last_char: None,
            joinable: false,
            sticky: false,
            scratch: String::new(),
            lines: Vec::new(),
            display_offset: 0,
            selection: None,
            hidden: hidden::Hidden::default(),
            keeps_next: false,
            frozen: Vec::new(),
        };
        screen.reset_tabs();
        screen
    }

    // --- reading ---------------------------------------------------------------------------------

    pub(crate) fn size(&self) -> GridSize {
        GridSize {
            columns: self.grid.columns() as u16,
            rows: self.grid.rows() as u16,
        }
    }

    pub(crate) fn cursor_row(&self) -> u16 {
        self.cursor.row as u16
    }

    pub(crate) fn cursor_column(&self) -> u16 {
        self.cursor.column as u16
    }

    pub(crate) fn pending_wrap(&self) -> bool {
        self.cursor.pending_wrap
    }

    /// (top, bottom), inclusive.
    pub(crate) fn vertical_margins(&self) -> (u16, u16) {
        (self.top as u16, self.bottom as u16)
    }

    /// (left, right), inclusive; the full width unless DECLRMM is set.
    pub(crate) fn horizontal_margins(&self) -> (u16, u16) {
        let (left, right) = self.sides();
        (left as u16, right as u16)
    }

    pub(crate) fn pen(&self) -> Style {
        self.pen
    }

    /// The text of the cell and its style, for DECRQCRA and REP; `'\0'` for a cell never written and for
    /// the second half of a wide one.
    pub(crate) fn cell_character(&self, row: u16, column: u16) -> (char, Style) {
        let (row, column) = (usize::from(row), usize::from(column));
        if row >= self.grid.rows() {
            return ('\0', Style::default());
        }
        let cell = self.grid.get(row, column);
        let character = match cell.content() {
            Content::Blank => '\0',
            Content::Char(c) => c,
            Content::Cluster(index) => self.clusters.get(index).chars().next().unwrap_or('\0'),
        };
        (character, *self.styles.get(cell.style()))
    }

    /// The logical line the cursor is on and the cell offset in it (for marks).
    pub(crate) fn cursor_anchor(&self) -> (LineId, u32) {
        let meta = self.grid.meta(self.cursor.row);
        (meta.line, meta.offset + self.cursor.column as u32)
    }

    // --- pen -------------------------------------------------------------------------------------

    pub(crate) fn set_pen(&mut self, style: Style) {
        self.pen = style;
        self.look = None;
        self.blank = None;
    }

    /// SGR 0: the default style, whose id is known.
    #[inline]
    pub(crate) fn reset_pen(&mut self) {
        self.pen = Style::default();
        self.look = Some(Cell::look_bits(0, self.pen_link));
        self.blank = Some(Cell::BLANK);
    }

    /// OSC 8: `None` ends the link; otherwise the target and its explicit id, which may be empty.
    pub(crate) fn set_pen_link(&mut self, link: Option<(&str, &str)>) {
        self.look = None;
        self.pen_link = 0;
        let Some((uri, id)) = link else { return };
        if self.links.is_due() {
            self.sweep_links();
        }
        self.pen_link = match self.links.intern(uri, id) {
            Interned::Link(link) => link,
            Interned::Refused => 0,
            Interned::Full => {
                // The oldest are lost first: those of the live screen are the newest.
                self.sweep_links();
                loop {
                    match self.links.intern(uri, id) {
                        Interned::Link(link) => break link,
                        Interned::Full if self.scrollback.drop_oldest_links(&mut self.links) => {
                            self.sweep_links();
                        }
                        Interned::Full | Interned::Refused => break 0,
                    }
                }
            }
        };
    }

    fn sweep_links(&mut self) {
        let mut used = vec![false; 1 << 16];
        self.grid
            .for_each_cell(|cell| used[usize::from(cell.link())] = true);
        for cell in self.frozen.iter_mut().flat_map(FrozenRow::cells_mut) {
            used[usize::from(cell.link())] = true;
        }
        used[usize::from(self.pen_link)] = true;
        self.links.sweep(|link| used[usize::from(link)]);
    }

    /// The pen as the upper bits of a cell.
    #[inline]
    fn look(&mut self) -> u64 {
        match self.look {
            Some(look) => look,
            None => self.make_look(),
        }
    }

    fn make_look(&mut self) -> u64 {
        if self.styles.is_full() {
            self.sweep_styles();
        }
        let pen = self.pen;
        let look = Cell::look_bits(self.styles.intern(&pen), self.pen_link);
        self.look = Some(look);
        look
    }

    /// What erasing leaves: a blank in the pen's background.
    #[inline]
    fn blank(&mut self) -> Cell {
        match self.blank {
            Some(blank) => blank,
            None => self.make_blank(),
        }
    }

    fn make_blank(&mut self) -> Cell {
        let style = self.pen.erased();
        let look = Cell::look_bits(self.styles.intern(&style), 0);
        let blank = Cell(look);
        self.blank = Some(blank);
        blank
    }

    fn sweep_styles(&mut self) {
        let mut sweep = self.styles.sweep();
        let mut keep = |cell: &mut Cell| {
            let id = sweep.keep(cell.style());
            *cell = cell.with_look(Cell::look_bits(id, cell.link()));
        };
        self.grid.for_each_cell(&mut keep);
        self.frozen
            .iter_mut()
            .flat_map(FrozenRow::cells_mut)
            .for_each(keep);
        self.styles.finish(sweep);
        self.changes.clear();
        self.scrollback.forget_looks();
        self.look = None;
        self.blank = None;
    }

    fn sweep_clusters(&mut self) {
        let mut sweep = self.clusters.sweep();
        let mut keep = |cell: &mut Cell| {
            if let Content::Cluster(index) = cell.content() {
                *cell = Cell::cluster(sweep.keep(index), cell.width(), cell.look());
            }
        };
        self.grid.for_each_cell(&mut keep);
        self.frozen
            .iter_mut()
            .flat_map(FrozenRow::cells_mut)
            .for_each(keep);
        self.clusters.finish(sweep);
    }

    // --- cursor ----------------------------------------------------------------------------------

    /// What every cursor movement but printing does.
    #[inline]
    fn moved(&mut self) {
        self.cursor.pending_wrap = false;
        self.joinable = false;
    }

    /// Left and right margin in force, inclusive.
    #[inline]
    fn sides(&self) -> (usize, usize) {
        if self.modes.left_right_margins {
            (self.left, self.right)
        } else {
            (0, self.grid.columns() - 1)
        }
    }

    /// Whether the margins take the full width.
    #[inline]
    fn is_full_width(&self) -> bool {
        !self.modes.left_right_margins || (self.left == 0 && self.right + 1 == self.grid.columns())
    }

    /// Whether the cursor is inside all four margins.
    fn is_inside(&self) -> bool {
        let (left, right) = self.sides();
        (self.top..=self.bottom).contains(&self.cursor.row)
            && (left..=right).contains(&self.cursor.column)
    }

    /// Absolute position, clamped to the screen; clears pending wrap.
    pub(crate) fn goto(&mut self, row: u16, column: u16) {
        self.moved();
        self.cursor.row = usize::from(row).min(self.grid.rows() - 1);
        self.cursor.column = usize::from(column).min(self.grid.columns() - 1);
        self.keep_in_row();
    }

    pub(crate) fn goto_column(&mut self, column: u16) {
        self.moved();
        self.cursor.column = usize::from(column).min(self.grid.columns() - 1);
        self.keep_in_row();
    }

    /// CUU: stops at the top margin when it begins at or below it.
    pub(crate) fn move_up(&mut self, n: u16) {
        self.moved();
        let limit = if self.cursor.row >= self.top {
            self.top
        } else {
            0
        };
        self.cursor.row = self.cursor.row.saturating_sub(usize::from(n)).max(limit);
        self.keep_in_row();
    }

    /// CUD: stops at the bottom margin when it begins at or above it.
    pub(crate) fn move_down(&mut self, n: u16) {
        self.moved();
        let limit = if self.cursor.row <= self.bottom {
            self.bottom
        } else {
            self.grid.rows() - 1
        };
        self.cursor.row = (self.cursor.row + usize::from(n)).min(limit);
        self.keep_in_row();
    }

    /// CUF: stops at the right margin when it begins at or left of it.
    pub(crate) fn move_right(&mut self, n: u16) {
        self.moved();
        let right = self.right_limit();
        self.cursor.column = (self.cursor.column + usize::from(n)).min(right);
    }

    /// The last column that a cursor where it is can reach: the right margin, or the screen's edge past it.
    #[inline]
    fn right_limit(&self) -> usize {
        if self.has_double {
            return self.last_column(self.cursor.row);
        }
        let (_, right) = self.sides();
        if self.cursor.column <= right {
            right
        } else {
            self.grid.columns() - 1
        }
    }

    /// CUB and BS, with reverse wrap: mode 45 goes back over soft wraps only, mode 1045 over every line and
    /// from the top to the bottom (xterm's `CursorBack`).
    pub(crate) fn move_left(&mut self, n: u16) {
        let extended = self.modes.reverse_wrap_extended && self.modes.autowrap;
        let reverse = extended || (self.modes.reverse_wrap && self.modes.autowrap);
        let mut n = usize::from(n);
        if self.cursor.pending_wrap && reverse {
            // The cursor is as if past the edge: coming back onto the last column costs one.
            n = n.saturating_sub(1);
        }
        self.moved();
        let (left, right) = self.sides();
        let mut limit = if self.cursor.column >= left { left } else { 0 };
        if !reverse {
            self.cursor.column = self.cursor.column.saturating_sub(n).max(limit);
            return;
        }
        n = n.min(self.grid.columns() * self.grid.rows());
        while n > 0 {
            let room = self.cursor.column - limit.min(self.cursor.column);
            if n <= room {
                self.cursor.column -= n;
                return;
            }
            n -= room + 1;
            let inside = (self.top..=self.bottom).contains(&self.cursor.row);
            let (first, last) = if inside {
                (self.top, self.bottom)
            } else {
                (0, self.grid.rows() - 1)
            };
            let row = match (self.cursor.row == first, extended) {
                (true, true) => last,
                (true, false) => {
                    self.cursor.column = limit;
                    return;
                }
                (false, _) => self.cursor.row - 1,
            };
            let soft = crate::grid::RowFlags::WRAPPED | crate::grid::RowFlags::MARGIN_WRAPPED;
            if !extended && !self.grid.meta(row).flags.intersects(soft) {
                self.cursor.column = limit;
                return;
            }
            self.cursor.row = row;
            self.cursor.column = right.min(self.last_column(row));
            limit = left;
        }
    }

    /// CR: to the left margin, or to the first column from left of it (unless origin mode).
    pub(crate) fn carriage_return(&mut self) {
        self.moved();
        let (left, _) = self.sides();
        self.cursor.column = if self.cursor.column >= left || self.modes.origin {
            left
        } else {
            0
        };
    }

    pub(crate) fn backspace(&mut self) {
        self.move_left(1);
    }

    /// DECSC: position, pen, pending wrap, origin mode; charsets are kept by the caller.
    pub(crate) fn save_cursor(&mut self) {
        self.saved = Some(Saved {
            cursor: self.cursor,
            pen: self.pen,
            origin: self.modes.origin,
        });
    }

    /// DECRC; home and defaults when nothing was saved.
    pub(crate) fn restore_cursor(&mut self) {
        self.moved();
        let saved = self.saved.unwrap_or(Saved {
            cursor: Cursor::default(),
            pen: Style::default(),
            origin: false,
        });
        self.set_pen(saved.pen);
        self.modes.origin = saved.origin;
        self.cursor.row = saved.cursor.row.min(self.grid.rows() - 1);
        self.cursor.column = saved.cursor.column.min(self.grid.columns() - 1);
        self.keep_in_row();
        self.cursor.pending_wrap = saved.cursor.pending_wrap
            && self.cursor.column == saved.cursor.column
            && self.cursor.column == self.right_limit();
    }

    /// Forgets what DECSC saved (DECSTR).
    pub(crate) fn forget_saved_cursor(&mut self) {
        self.saved = None;
    }

    // --- tabs ------------------------------------------------------------------------------------

    /// HT, CHT: to the next stops, at most to the right margin.
    pub(crate) fn tab(&mut self, n: u16) {
        let limit = self.right_limit();
        let before = self.cursor.column;
        for _ in 0..usize::from(n).min(self.grid.columns()) {
            if self.cursor.column >= limit {
                break;
            }
            let next = (self.cursor.column + 1..limit).find(|&column| self.tabs[column]);
            self.cursor.column = next.unwrap_or(limit);
        }
        if self.cursor.column != before {
            self.moved();
        }
    }

    /// CBT: to the stops before, at most to the first column (the left margin in origin mode).
    pub(crate) fn back_tab(&mut self, n: u16) {
        self.moved();
        let (left, _) = self.sides();
        let limit = if self.modes.origin && self.cursor.column >= left {
            left
        } else {
            0
        };
        for _ in 0..usize::from(n).min(self.grid.columns()) {
            if self.cursor.column <= limit {
                break;
            }
            let stop = (limit..self.cursor.column)
                .rev()
                .find(|&column| self.tabs[column]);
            self.cursor.column = stop.unwrap_or(limit);
        }
    }

    pub(crate) fn set_tab(&mut self) {
        self.tabs[self.cursor.column] = true;
    }

    pub(crate) fn clear_tab(&mut self) {
        self.tabs[self.cursor.column] = false;
    }

    pub(crate) fn clear_all_tabs(&mut self) {
        self.tabs.fill(false);
    }

    pub(crate) fn reset_tabs(&mut self) {
        self.tabs = (0..self.grid.columns())
            .map(|column| column % 8 == 0 && column > 0)
            .collect();
    }

    /// For DECRQPSR (DECTABSR).
    pub(crate) fn tab_stops(&self) -> Vec<u16> {
        (0..)
            .zip(&self.tabs)
            .filter(|(_, stop)| **stop)
            .map(|(column, _)| column)
            .collect()
    }

    // --- margins ---------------------------------------------------------------------------------

    /// DECSTBM, inclusive; the caller checked top < bottom.
    pub(crate) fn set_vertical_margins(&mut self, top: u16, bottom: u16) {
        self.bottom = usize::from(bottom).min(self.grid.rows() - 1);
        self.top = usize::from(top).min(self.bottom);
    }

    /// DECSLRM, inclusive.
    pub(crate) fn set_horizontal_margins(&mut self, left: u16, right: u16) {
        self.right = usize::from(right).min(self.grid.columns() - 1);
        self.left = usize::from(left).min(self.right);
    }

    pub(crate) fn reset_margins(&mut self) {
        (self.top, self.bottom) = (0, self.grid.rows() - 1);
        (self.left, self.right) = (0, self.grid.columns() - 1);
    }

    // --- life ------------------------------------------------------------------------------------

    /// RIS: everything but scrollback back to the start.
    pub(crate) fn reset(&mut self) {
        self.set_pen(Style::default());
        self.pen_link = 0;
        self.modes.insert = false;
        self.modes.origin = false;
        self.modes.autowrap = true;
        self.modes.reverse_wrap = false;
        self.modes.reverse_wrap_extended = false;
        self.modes.left_right_margins = false;
        self.modes.grapheme_clusters = false;
        self.reset_margins();
        self.reset_tabs();
        self.make_single(0, self.grid.rows());
        self.erase_screen(Erase::All);
        self.goto(0, 0);
        self.saved = None;
        self.last_char = None;
        self.display_offset = 0;
        self.selection = None;
    }
}

#[cfg(test)]
mod tests;

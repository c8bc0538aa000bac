//! Printing: text into cells.
//!
//! ASCII takes a path of its own that splits the text at the right margin and widens bytes into cells.
//! Everything else goes by code point: its width, or whether it joins the cell before. Without mode 2027
//! a code point of width 0 joins and nothing else does, as programs that count with `wcwidth` expect;
//! with it, extended grapheme clusters (UAX #29) share a cell and the cluster decides the width.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Screen;
use crate::cell::{Cell, CellWidth, Content};
use crate::grid::RowFlags;
use crate::grid::intern::{Clusters, Join};
use crate::limits::MAX_CLUSTER;

impl Screen {
    /// Printable ASCII (0x20–0x7E) only: the fast path.
    pub(crate) fn print_ascii(&mut self, text: &[u8]) {
        let Some(&last) = text.last() else { return };
        let look = self.look();
        let end = self.cursor.column + text.len();
        let right = self.right_limit();
        if end > right + 1 || self.cursor.pending_wrap || self.modes.insert {
            self.print_long_ascii(text, look);
        } else {
            self.grid
                .write_ascii(self.cursor.row, self.cursor.column, text, look);
            self.advance(end, right);
        }
        self.last_char = Some(char::from(last));
        self.joinable = true;
        self.sticky = false;
    }

    /// ASCII that wraps, or pushes what is there aside.
    fn print_long_ascii(&mut self, text: &[u8], look: u64) {
        let mut rest = text;
        while !rest.is_empty() {
            if self.cursor.pending_wrap {
                self.cursor.pending_wrap = false;
                if self.modes.autowrap {
                    self.wrap();
                }
            }
            let right = self.right_limit();
            let (row, start) = (self.cursor.row, self.cursor.column);
            let n = rest.len().min(right + 1 - start);
            if self.modes.insert {
                self.shift_right(row, start, right + 1, n);
            }
            self.grid.write_ascii(row, start, &rest[..n], look);
            rest = &rest[n..];
            self.advance(start + n, right);
            if self.cursor.pending_wrap && !self.modes.autowrap && !rest.is_empty() {
                // Everything past the edge overwrites the last cell; only the last one stays.
                rest = &rest[rest.len() - 1..];
            }
        }
    }

    /// Any text without controls, charset already applied; joins clusters across calls.
    pub(crate) fn print_str(&mut self, text: &str) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let taken = if self.modes.insert {
                0
            } else {
                self.print_run(rest)
            };
            if taken > 0 {
                rest = &rest[taken..];
            } else if first.is_ascii() {
                let (ascii, after) = rest.split_at(1);
                self.print_ascii(ascii.as_bytes());
                rest = after;
            } else {
                self.print_char(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }

    /// Prints what stands at the start of `text`, as far as it is plain characters that fit into the row:
    /// one pass, no look-ups. Returns the bytes taken.
    fn print_run(&mut self, text: &str) -> usize {
        let Some(first) = text.chars().next() else {
            return 0;
        };
        let ambiguous_wide = self.modes.ambiguous_wide;
        if plain_width(u32::from(first), ambiguous_wide).is_none()
            || (self.modes.grapheme_clusters && self.joinable && self.sticky)
            || self.cursor.pending_wrap
        {
            return 0;
        }
        let look = self.look();
        let (row, left) = (self.cursor.row, self.cursor.column);
        let right = self.right_limit();
        self.grid.cut(row, left);
        let (mut taken, mut last) = (0, u32::from(first));
        let mut sticky = false;
        let mut flags = RowFlags::RICH;
        let bytes = text.as_bytes();
        let rare = Rare {
            clusters: &self.clusters,
            joins: self.modes.grapheme_clusters,
            ambiguous_wide,
            look,
        };
        let end = self.grid.write_run(row, left, right + 1, |cells| {
            let mut column = 0_usize;
            let mut before = 0;
            let mut wide = 0;
            // What stood right of the last narrow character, which got a spacer for a moment.
            let mut after = None;
            while let Some((c, length)) = decode(text, bytes, taken) {
                let mut width = usize::from(block_width(c));
                if width == 0 || ambiguous_wide || sticky {
                    match rare.step(cells, column, before, c, sticky) {
                        Step::Print(found) => width = found,
                        Step::Joined => {
                            sticky = char::from_u32(c).is_some_and(is_sticky);
                            taken += length;
                            continue;
                        }
                        Step::Stop => break,
                    }
                }
                let bits = (width as u64 - 1) << 22;
                if let Some([first, second]) = cells.get_mut(column..column + 2) {
                    // Whether it is wide or not: mixed text would mispredict a branch at every other
                    // character.
                    *first = Cell(u64::from(c) | bits | look);
                    after = Some(*second);
                    *second = Cell::blank(CellWidth::Spacer, look);
                } else if let Some(last) = cells.get_mut(column)
                    && width == 1
                {
                    *last = Cell(u64::from(c) | look);
                    after = None;
                } else {
                    break;
                }
                wide |= width;
                column += width;
                before = width;
                sticky = false;
                taken += length;
                last = c;
            }
            if before == 1
                && let Some(after) = after
            {
                cells[column] = after;
            }
            if wide & 2 != 0 {
                flags |= RowFlags::WIDE;
            }
            column
        });
        if taken == 0 {
            return 0;
        }
        if look != 0 {
            flags |= RowFlags::STYLED;
        }
        self.grid.meta_mut(row).flags |= flags;
        if end == self.grid.columns() {
            self.grid.unwrap_row(row);
        }
        self.advance(end, right);
        self.last_char = char::from_u32(last);
        self.joinable = true;
        self.sticky = sticky;
        taken
    }

    /// REP: repeats the last printed character.
    pub(crate) fn repeat_last(&mut self, count: u16) {
        let Some(character) = self.last_char else {
            return;
        };
        let mut left = usize::from(count).min(self.grid.columns() * self.grid.rows());
        if character.is_ascii() {
            let text = [character as u8; 256];
            while left > 0 {
                let n = left.min(text.len());
                self.print_ascii(&text[..n]);
                left -= n;
            }
        } else {
            for _ in 0..left {
                self.joinable = false;
                self.print_char(character);
            }
        }
    }

    fn print_char(&mut self, c: char) {
        let width = char_width(c, self.modes.ambiguous_wide);
        if self.modes.grapheme_clusters
            && self.joinable
            && (self.sticky || !stands_alone(c))
            && self.join_cluster(c)
        {
            self.sticky = is_sticky(c);
            return;
        }
        if width == 0 {
            self.join_zero_width(c);
            return;
        }
        self.put(Cell::char(c, CellWidth::Narrow, 0), width);
        self.last_char = Some(c);
        self.joinable = true;
        self.sticky = is_sticky(c);
    }

    /// Puts a character at the cursor, wrapping as due. `content` is a narrow cell without a look.
    fn put(&mut self, content: Cell, width: usize) {
        let look = self.look();
        if self.cursor.pending_wrap {
            self.cursor.pending_wrap = false;
            if self.modes.autowrap {
                self.wrap();
            }
        }
        let mut right = self.right_limit();
        if width == 2 && self.cursor.column == right {
            if self.modes.autowrap {
                self.wrap_before_wide(right);
                right = self.right_limit();
            } else {
                self.cursor.column = self.cursor.column.saturating_sub(1);
            }
            if self.cursor.column >= right {
                // Margins one column apart: there is no place for it.
                return;
            }
        }
        let (row, start) = (self.cursor.row, self.cursor.column);
        if self.modes.insert {
            self.shift_right(row, start, right + 1, width);
        }
        self.set_cell(row, start, content, width, look);
        self.advance(start + width, right);
    }

    /// Leaves the cursor after what was written up to `end`.
    #[inline]
    fn advance(&mut self, end: usize, right: usize) {
        self.cursor.pending_wrap = end > right;
        self.cursor.column = end.min(right);
    }

    /// Wraps because a wide character does not fit the last column, which stays blank.
    fn wrap_before_wide(&mut self, right: usize) {
        let row = self.cursor.row;
        if self.is_full_width() && right + 1 == self.grid.columns() {
            self.clear_for_write(row, right, right + 1);
            let blank = self.blank();
            let cells = self
                .grid
                .write(row, right, right + 1, RowFlags::WIDE | RowFlags::STYLED);
            cells[0] = Cell::blank(CellWidth::LeadingSpacer, blank.look());
        } else {
            let blank = self.blank();
            self.grid.erase(row, right, right + 1, blank);
        }
        self.wrap();
    }

    /// Writes one character of one or two columns; wide ones in the way lose both halves.
    #[inline]
    fn set_cell(&mut self, row: usize, column: usize, content: Cell, width: usize, look: u64) {
        self.clear_for_write(row, column, column + width);
        let mut flags = RowFlags::RICH;
        if look != 0 {
            flags |= RowFlags::STYLED;
        }
        if width == 2 {
            let cells = self
                .grid
                .write(row, column, column + 2, flags | RowFlags::WIDE);
            cells[0] = Cell(content.0 | Cell::blank(CellWidth::Wide, look).0);
            cells[1] = Cell::blank(CellWidth::Spacer, look);
        } else {
            self.grid.write(row, column, column + 1, flags)[0] = Cell(content.0 | look);
        }
    }

    /// Makes way for new cells: wide cells that straddle an edge go, and a row whose last column is
    /// written no longer wraps (until it does so again).
    #[inline(always)]
    fn clear_for_write(&mut self, row: usize, left: usize, right: usize) {
        let flags = self.grid.meta(row).flags;
        if flags.contains(RowFlags::WIDE) {
            self.grid.cut(row, left);
            self.grid.cut(row, right);
        }
        if right == self.grid.columns() {
            self.grid.unwrap_row(row);
        }
    }

    /// Autowrap: to the left margin of the next row, scrolling at the bottom margin. On full-width rows
    /// the next one becomes part of the same logical line.
    pub(super) fn wrap(&mut self) {
        let (left, _) = self.sides();
        let row = self.cursor.row;
        let soft = left == 0
            && self.cursor.column + 1 == self.grid.columns()
            && !self.is_double(row)
            && (row == self.bottom || row + 1 == self.grid.rows() || !self.is_double(row + 1));
        self.cursor.column = left;
        if !soft {
            self.grid.meta_mut(row).flags |= RowFlags::MARGIN_WRAPPED;
            self.index();
        } else if row == self.bottom && self.is_full_width() {
            // Breaks at the region's borders come first: they may give the line another id.
            self.grid.break_below(row);
            if self.top > 0 {
                self.grid.break_below(self.top - 1);
            }
            self.grid.touch(row).flags |= RowFlags::WRAPPED;
            let next = self.grid.continuation(row);
            self.scroll_rows_up(self.top, self.bottom, 1, Some(next));
        } else if row == self.bottom {
            self.index();
        } else if row + 1 < self.grid.rows() {
            self.grid.join_below(row);
            self.cursor.row = row + 1;
        }
        self.cursor.pending_wrap = false;
    }

    /// The cell that a code point printed now would join.
    fn previous_cell(&self) -> Option<(usize, usize)> {
        let (row, column) = (self.cursor.row, self.cursor.column);
        let column = if self.cursor.pending_wrap {
            column
        } else {
            column.checked_sub(1)?
        };
        if self.grid.get(row, column).width() == CellWidth::Spacer {
            return Some((row, column.checked_sub(1)?));
        }
        Some((row, column))
    }

    /// The text of a cell into a string.
    fn push_text(&self, cell: Cell, text: &mut String) {
        match cell.content() {
            Content::Blank => text.push(' '),
            Content::Char(c) => text.push(c),
            Content::Cluster(index) => text.push_str(self.clusters.get(index)),
        }
    }

    /// A code point that takes no column goes with the cell before; at the start of a row it is lost.
    fn join_zero_width(&mut self, c: char) {
        let Some((row, column)) = self.previous_cell() else {
            return;
        };
        let cell = self.grid.get(row, column);
        if let Content::Char(base) = cell.content()
            && let Some(index) = self.clusters.pair(base.into(), c.into())
        {
            let joined = Cell::cluster(index, cell.width(), cell.look());
            self.grid.write(row, column, column + 1, RowFlags::RICH)[0] = joined;
            self.sticky = is_sticky(c);
            return;
        }
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        self.push_text(cell, &mut text);
        let full = text.len() >= MAX_CLUSTER && text.chars().count() >= MAX_CLUSTER;
        text.push(c);
        let content = if full {
            Cell::BLANK
        } else {
            self.content_of(&text)
        };
        self.scratch = text;
        if full {
            return;
        }
        let joined = Cell(content.0 | Cell::blank(cell.width(), cell.look()).0);
        self.grid.write(row, column, column + 1, RowFlags::RICH)[0] = joined;
        self.sticky = is_sticky(c);
    }

    /// Appends a code point to the cell before if both are one grapheme cluster; the cell may become wide
    /// or narrow by that (U+FE0F, U+FE0E, flags).
    fn join_cluster(&mut self, c: char) -> bool {
        let Some((row, column)) = self.previous_cell() else {
            return false;
        };
        let cell = self.grid.get(row, column);
        if is_regional(c.into()) && !self.sticky {
            // The first half of a flag.
            return false;
        }
        let ambiguous_wide = self.modes.ambiguous_wide;
        let join = match self.clusters.join(cell, c, ambiguous_wide) {
            Some(known) => known,
            None => self.find_join(row, column, c),
        };
        let Join::Joined(content, is_wide) = join else {
            return false;
        };
        let wide = cell.width() == CellWidth::Wide;
        let look = cell.look();
        match (wide, is_wide) {
            (false, true) => self.widen(row, column, content, look),
            (true, false) => {
                self.set_cell(row, column, content, 1, look);
                self.grid
                    .write(row, column + 1, column + 2, RowFlags::empty())[0] = Cell(look);
                if self.cursor.pending_wrap {
                    self.cursor.pending_wrap = false;
                } else {
                    self.cursor.column -= 1;
                }
            }
            (wide, _) => {
                let width = if wide {
                    CellWidth::Wide
                } else {
                    CellWidth::Narrow
                };
                let joined = Cell(content.0 | Cell::blank(width, look).0);
                self.grid.write(row, column, column + 1, RowFlags::RICH)[0] = joined;
            }
        }
        true
    }

    /// What comes of a code point after a cell, by UAX #29 and the Unicode tables.
    #[cold]
    fn find_join(&mut self, row: usize, column: usize, c: char) -> Join {
        if self.clusters.is_full() {
            // Before the cell is read: this gives clusters other numbers.
            self.sweep_clusters();
        }
        let cell = self.grid.get(row, column);
        let ambiguous_wide = self.modes.ambiguous_wide;
        let mut text = String::with_capacity(32);
        self.push_text(cell, &mut text);
        let n_chars = text.chars().count();
        text.push(c);
        let join = if text.graphemes(true).nth(1).is_some() {
            Join::Apart
        } else if n_chars >= MAX_CLUSTER {
            Join::Joined(cell, cell.width() == CellWidth::Wide)
        } else {
            let width = if ambiguous_wide {
                text.width_cjk()
            } else {
                text.width()
            };
            Join::Joined(self.content_of(&text), width >= 2)
        };
        self.clusters.learn(cell, c, ambiguous_wide, join);
        join
    }

    /// The cell before the cursor needs two columns from now on.
    fn widen(&mut self, row: usize, column: usize, content: Cell, look: u64) {
        let right = self.right_limit();
        if column < right {
            if self.modes.insert {
                self.shift_right(row, column + 1, right + 1, 1);
            }
            self.set_cell(row, column, content, 2, look);
            self.advance(column + 2, right);
            return;
        }
        if !self.modes.autowrap {
            self.set_cell(row, column, content, 1, look);
            return;
        }
        self.cursor.column = column;
        self.wrap_before_wide(right);
        let right = self.right_limit();
        let (row, column) = (self.cursor.row, self.cursor.column);
        if column < right {
            self.set_cell(row, column, content, 2, look);
            self.advance(column + 2, right);
        }
    }

    /// A narrow cell without a look for a text of one or more code points.
    pub(super) fn content_of(&mut self, text: &str) -> Cell {
        let mut chars = text.chars();
        let first = chars.next().unwrap_or(' ');
        if chars.next().is_none() {
            return Cell::char(first, CellWidth::Narrow, 0);
        }
        if self.clusters.is_full() {
            self.sweep_clusters();
        }
        match self.clusters.intern(text) {
            Some(index) => Cell::cluster(index, CellWidth::Narrow, 0),
            None => Cell::char(first, CellWidth::Narrow, 0),
        }
    }
}

/// What a run of plain characters does at one that is not; apart, to keep the pass over the run short.
struct Rare<'a> {
    clusters: &'a Clusters,
    /// Mode 2027.
    joins: bool,
    ambiguous_wide: bool,
    look: u64,
}

/// What comes of such a character.
enum Step {
    /// It takes so many columns.
    Print(usize),
    /// It went into the cell before.
    Joined,
    /// It needs more than a look at the tables.
    Stop,
}

impl Rare<'_> {
    /// `before` is the width of the character before `column`, 0 at the beginning of the run.
    #[inline(never)]
    fn step(&self, cells: &mut [Cell], column: usize, before: usize, c: u32, sticky: bool) -> Step {
        if is_mark(c) && !sticky {
            // A letter and a mark that were met together before.
            let Some(cell) = column.checked_sub(1).and_then(|last| cells.get_mut(last)) else {
                return Step::Stop;
            };
            let pair = cell.narrow_char().and_then(|b| self.clusters.pair(b, c));
            let Some(index) = pair.filter(|_| before > 0) else {
                return Step::Stop;
            };
            *cell = Cell::cluster(index, CellWidth::Narrow, self.look);
            return Step::Joined;
        }
        let Some(character) = char::from_u32(c) else {
            return Step::Stop;
        };
        let plain = plain_width(c, self.ambiguous_wide);
        if self.joins && (sticky || plain.is_none()) {
            // As `join_cluster`, where what comes of it is known and keeps the width.
            let Some(cell) = cells.get_mut(column - before).filter(|_| before > 0) else {
                return Step::Stop;
            };
            match self.clusters.join(*cell, character, self.ambiguous_wide) {
                Some(Join::Joined(content, is_wide)) if is_wide == (before == 2) => {
                    *cell = cell.with_content(content);
                    return Step::Joined;
                }
                Some(Join::Apart) => {}
                _ => return Step::Stop,
            }
        }
        plain.map_or(Step::Stop, Step::Print)
    }
}

/// Columns of a code point: 0, 1 or 2. Ranges that make up most text are decided here, the rest by the
/// Unicode tables. U+00AD takes a column, as in xterm and `wcwidth`.
fn char_width(c: char, ambiguous_wide: bool) -> usize {
    match c {
        '\u{ad}' => 1,
        '\u{300}'..='\u{36f}' => 0,
        '\u{4e00}'..='\u{9fff}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{1f600}'..='\u{1f64f}' => 2,
        _ if ambiguous_wide => c.width_cjk().unwrap_or(0).min(2),
        '\u{a0}'..='\u{2ff}' | '\u{370}'..='\u{482}' | '\u{2500}'..='\u{259f}' => 1,
        _ => c.width().unwrap_or(0).min(2),
    }
}

/// [`plain_width`] of a code point whose whole block of 16 has the same; 0 for the others.
#[inline]
fn block_width(c: u32) -> u8 {
    const TABLE: [u8; 1 << 13] = {
        let mut table = [0; 1 << 13];
        // First and last block, width.
        let blocks = [
            (0x0000, 0x02f0, 1),
            (0x0370, 0x0470, 1),
            (0x2500, 0x2590, 1),
            (0x3050, 0x3080, 2),
            (0x30b0, 0x30e0, 2),
            (0x3400, 0x4db0, 2),
            (0x4e00, 0x9ff0, 2),
            (0xac00, 0xd790, 2),
            (0x1_f300, 0x1_f310, 2),
            (0x1_f340, 0x1_f360, 2),
            (0x1_f380, 0x1_f380, 2),
            (0x1_f3a0, 0x1_f3b0, 2),
            (0x1_f3e0, 0x1_f3e0, 2),
            (0x1_f400, 0x1_f420, 2),
            (0x1_f450, 0x1_f4e0, 2),
            (0x1_f500, 0x1_f520, 2),
            (0x1_f550, 0x1_f550, 2),
            (0x1_f600, 0x1_f640, 2),
            (0x1_f680, 0x1_f6b0, 2),
            (0x1_f910, 0x1_f920, 2),
            (0x1_f950, 0x1_f960, 2),
            (0x1_f980, 0x1_f990, 2),
            (0x1_f9d0, 0x1_f9f0, 2),
        ];
        let mut i = 0;
        while i < blocks.len() {
            let (first, last, width) = blocks[i];
            let mut block = first >> 4;
            while block <= last >> 4 {
                table[block] = width;
                block += 1;
            }
            i += 1;
        }
        table
    };
    TABLE.get(c as usize >> 4).copied().unwrap_or(0)
}

/// Columns of a code point that needs no second look, in either mode: printable ASCII, letters, drawing
/// characters, ideographs, faces. A subset of what [`char_width`] and [`stands_alone`] say.
#[inline]
fn plain_width(c: u32, ambiguous_wide: bool) -> Option<usize> {
    match c {
        0x20..=0x7e => Some(1),
        0x4e00..=0x9fff | 0x3041..=0x3096 | 0x30a1..=0x30fa | 0x3400..=0x4dbf | 0xac00..=0xd7a3 => {
            Some(2)
        }
        0x1f300..=0x1faff if is_emoji(c) => Some(2),
        0xa0..=0x2ff | 0x370..=0x482 | 0x2500..=0x259f if !ambiguous_wide => Some(1),
        _ => None,
    }
}

/// A regional indicator, half a flag.
fn is_regional(c: u32) -> bool {
    (0x1_f1e6..=0x1_f1ff).contains(&c)
}

/// Whether a code point of 1F300–1FAFF is shown as an emoji by itself, and so wide, and is no modifier: the
/// ranges that have been so since Unicode 12, which no later version may change.
#[inline]
fn is_emoji(c: u32) -> bool {
    const FIRST: u32 = 0x1f300;
    const TABLE: [u64; 32] = {
        let mut table = [0; 32];
        let ranges = [
            (0x1f300, 0x1f320),
            (0x1f32d, 0x1f335),
            (0x1f337, 0x1f37c),
            (0x1f37e, 0x1f393),
            (0x1f3a0, 0x1f3ca),
            (0x1f3cf, 0x1f3d3),
            (0x1f3e0, 0x1f3f0),
            (0x1f3f4, 0x1f3f4),
            (0x1f3f8, 0x1f3fa),
            (0x1f400, 0x1f43e),
            (0x1f440, 0x1f440),
            (0x1f442, 0x1f4fc),
            (0x1f4ff, 0x1f53d),
            (0x1f54b, 0x1f54e),
            (0x1f550, 0x1f567),
            (0x1f57a, 0x1f57a),
            (0x1f595, 0x1f596),
            (0x1f5a4, 0x1f5a4),
            (0x1f5fb, 0x1f64f),
            (0x1f680, 0x1f6c5),
            (0x1f6cc, 0x1f6cc),
            (0x1f6d0, 0x1f6d2),
            (0x1f6eb, 0x1f6ec),
            (0x1f6f4, 0x1f6fa),
            (0x1f7e0, 0x1f7eb),
            (0x1f90d, 0x1f93a),
            (0x1f93c, 0x1f945),
            (0x1f947, 0x1f971),
            (0x1f973, 0x1f976),
            (0x1f97a, 0x1f9a2),
            (0x1f9cd, 0x1f9ff),
        ];
        let mut i = 0;
        while i < ranges.len() {
            let (first, last) = ranges[i];
            let mut c = first - FIRST;
            while c <= last - FIRST {
                table[c as usize / 64] |= 1 << (c % 64);
                c += 1;
            }
            i += 1;
        }
        table
    };
    let at = c.wrapping_sub(FIRST);
    TABLE
        .get(at as usize / 64)
        .is_some_and(|bits| bits >> (at % 64) & 1 == 1)
}

/// The combining diacritical marks: they join any letter in either mode and make it no wider.
#[inline]
fn is_mark(c: u32) -> bool {
    (0x300..=0x36f).contains(&c)
}

/// The code point at a byte of valid UTF-8 and its length, without a branch on the length.
#[inline]
fn decode(text: &str, bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let Some(&[a, b, c, d]) = bytes.get(at..at + 4).and_then(|four| four.first_chunk()) else {
        let c = text.get(at..)?.chars().next()?;
        return Some((u32::from(c), c.len_utf8()));
    };
    let ones = a.leading_ones();
    let length = ones.clamp(1, 4);
    let low = |byte: u8| u32::from(byte & 0x3f);
    let first = u32::from(a) & (0x7f >> ones);
    let all = first << 18 | low(b) << 12 | low(c) << 6 | low(d);
    Some((all >> (24 - 6 * length), length as usize))
}

/// Whether a code point begins a cluster after anything that is not sticky: the ranges of plain letters,
/// ideographs, drawing characters and emoji bases.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\0'..='\u{2ff}'
        | '\u{370}'..='\u{482}'
        | '\u{48a}'..='\u{58f}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2190}'..='\u{27ff}'
        | '\u{2900}'..='\u{2bff}'
        | '\u{3001}'..='\u{3029}'
        | '\u{2801}'..='\u{28ff}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{ff01}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1f3fa}'
        | '\u{1f400}'..='\u{1faff}')
}

/// Whether what follows this code point may join it although it stands alone otherwise (after ZWJ, a
/// leading jamo, a virama, a prepended mark).
fn is_sticky(c: char) -> bool {
    !stands_alone(c) && !matches!(c, '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_no_second_look_is_what_the_tables_say() {
        for c in (0..=0x1_ffff).filter_map(char::from_u32) {
            let code = u32::from(c);
            let block = usize::from(block_width(code));
            if block > 0 && (0x20..0x7f).contains(&code) | (code >= 0xa0) {
                assert_eq!(Some(block), plain_width(code, false), "U+{code:04X}");
            }
            for ambiguous in [false, true] {
                if let Some(width) = plain_width(code, ambiguous) {
                    assert_eq!(width, char_width(c, ambiguous), "U+{code:04X}");
                    assert!(stands_alone(c), "U+{code:04X}");
                }
            }
            if stands_alone(c) && !c.is_control() {
                let after_a_letter: Vec<_> =
                    format!("a{c}").graphemes(true).map(str::len).collect();
                assert_eq!(after_a_letter, [1, c.len_utf8()], "U+{code:04X}");
            }
            let wide = if code == 0xad {
                1
            } else {
                c.width().unwrap_or(0)
            };
            assert_eq!(char_width(c, false), wide.min(2), "U+{code:04X}");
        }
    }
}

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
        let mut flags = RowFlags::RICH;
        let bytes = text.as_bytes();
        let clusters = &self.clusters;
        let end = self.grid.write_run(row, left, right + 1, |cells| {
            let mut column = 0_usize;
            let mut wide = 0;
            while let Some((c, length)) = decode(text, bytes, taken) {
                let width = match block_width(c) {
                    width if width > 0 && !ambiguous_wide => usize::from(width),
                    _ if is_mark(c) => {
                        // A letter and a mark that were met together before.
                        let Some(cell) = column.checked_sub(1).map(|last| &mut cells[last]) else {
                            break;
                        };
                        let Some(index) = cell.narrow_char().and_then(|b| clusters.pair(b, c))
                        else {
                            break;
                        };
                        *cell = Cell::cluster(index, CellWidth::Narrow, look);
                        taken += length;
                        continue;
                    }
                    _ => match plain_width(c, ambiguous_wide) {
                        Some(width) => width,
                        None => break,
                    },
                };
                // Mixed text would mispredict a branch on the width at every other character.
                let bits = (width as u64 - 1) << 22;
                if let Some([first, second]) = cells.get_mut(column..column + 2) {
                    *first = Cell(u64::from(c) | bits | look);
                    let spacer = Cell::blank(CellWidth::Spacer, look);
                    *second = if width == 2 { spacer } else { *second };
                } else if let Some(last) = cells.get_mut(column)
                    && width == 1
                {
                    *last = Cell(u64::from(c) | look);
                } else {
                    break;
                }
                wide |= width;
                column += width;
                taken += length;
                last = c;
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
        self.sticky = false;
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
        let mut text = String::with_capacity(32);
        self.push_text(cell, &mut text);
        let n_chars = text.chars().count();
        text.push(c);
        if text.graphemes(true).nth(1).is_some() {
            return false;
        }
        if n_chars >= MAX_CLUSTER {
            return true;
        }
        let wide = cell.width() == CellWidth::Wide;
        let width = if self.modes.ambiguous_wide {
            text.width_cjk()
        } else {
            text.width()
        };
        let content = self.content_of(&text);
        let look = cell.look();
        match (wide, width >= 2) {
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

/// [`plain_width`] of a code point whose whole block of 128 has the same; 0 for the others.
#[inline]
fn block_width(c: u32) -> u8 {
    const TABLE: [u8; 1 << 10] = {
        let mut table = [0; 1 << 10];
        // First and last block, width.
        let blocks = [
            (0x0000, 0x0280, 1),
            (0x0380, 0x0400, 1),
            (0x2500, 0x2500, 1),
            (0x3400, 0x4d00, 2),
            (0x4e00, 0x9f80, 2),
            (0xac00, 0xd700, 2),
        ];
        let mut i = 0;
        while i < blocks.len() {
            let (first, last, width) = blocks[i];
            let mut block = first >> 7;
            while block <= last >> 7 {
                table[block] = width;
                block += 1;
            }
            i += 1;
        }
        table
    };
    TABLE.get(c as usize >> 7).copied().unwrap_or(0)
}

/// Columns of a code point that needs no second look, in either mode: printable ASCII, letters, drawing
/// characters, ideographs, faces. A subset of what [`char_width`] and [`stands_alone`] say.
#[inline]
fn plain_width(c: u32, ambiguous_wide: bool) -> Option<usize> {
    match c {
        0x20..=0x7e => Some(1),
        0x4e00..=0x9fff
        | 0x3041..=0x3096
        | 0x30a1..=0x30fa
        | 0x3400..=0x4dbf
        | 0xac00..=0xd7a3
        | 0x1f600..=0x1f64f => Some(2),
        0xa0..=0x2ff | 0x370..=0x482 | 0x2500..=0x259f if !ambiguous_wide => Some(1),
        _ => None,
    }
}

/// The combining diacritical marks: they join any letter in either mode and make it no wider.
#[inline]
fn is_mark(c: u32) -> bool {
    (0x300..=0x36f).contains(&c)
}

/// The code point at a byte of valid UTF-8 and its length, without a branch on the length.
#[inline]
fn decode(text: &str, bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    const FIRST: [u32; 5] = [0, 0x7f, 0x1f, 0x0f, 0x07];
    let Some(&[a, b, c, d]) = bytes.get(at..at + 4).and_then(|four| four.first_chunk()) else {
        let c = text.get(at..)?.chars().next()?;
        return Some((u32::from(c), c.len_utf8()));
    };
    let length = (a.leading_ones() as usize).max(1);
    let low = |byte: u8| u32::from(byte & 0x3f);
    let all = (u32::from(a) & FIRST.get(length)?) << 18 | low(b) << 12 | low(c) << 6 | low(d);
    Some((all >> (24 - 6 * length), length))
}

/// Whether a code point begins a cluster after anything that is not sticky: the ranges of plain letters,
/// ideographs, drawing characters and emoji bases.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\0'..='\u{2ff}'
        | '\u{370}'..='\u{482}'
        | '\u{48a}'..='\u{58f}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2190}'..='\u{25ff}'
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

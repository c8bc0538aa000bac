//! Reading a segment: its cells with their looks, and the rows they make at a width.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a segment has at most 16,383 cells"
)]

use super::{BOTTOM, CLUSTER, DOUBLE, END, HAS_WIDE, TOP, UTF8, WIDE_OFF, WIDE_ON};
use crate::size::LineSize;

/// The styles of a segment's cells, in order; no runs at all is the default look.
#[derive(Clone, Copy, Debug)]
pub(super) enum Runs<'a> {
    List(&'a [(u32, u32)]),
    Encoded(&'a [u8]),
}

impl Iterator for Runs<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        match self {
            Runs::List(list) => {
                let (first, rest) = list.split_first()?;
                *list = rest;
                Some(*first)
            }
            Runs::Encoded([]) => None,
            Runs::Encoded(bytes) => Some((take_varint(bytes), take_varint(bytes))),
        }
    }
}

/// A segment as it stands in a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(super) text: &'a [u8],
    /// Length in cells.
    pub(crate) cells: usize,
    pub(super) flags: u8,
    pub(super) runs: Runs<'a>,
}

/// One cell of a segment; a wide one stands for two columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentCell<'a> {
    pub(crate) text: &'a str,
    pub(crate) wide: bool,
    /// Index in the page's looks; `None` is the default.
    pub(crate) look: Option<u32>,
}

impl<'a> Segment<'a> {
    /// Its cells in order.
    pub(crate) fn iter(self) -> SegmentCells<'a> {
        let text = std::str::from_utf8(self.text).unwrap_or_default();
        SegmentCells {
            text,
            wide: false,
            runs: self.runs,
            left: 0,
            look: None,
        }
    }

    /// The text, if it is ASCII in the default look.
    pub(crate) fn plain_text(&self) -> Option<&'a str> {
        let plain = self.flags == 0 && matches!(self.runs, Runs::List([]) | Runs::Encoded([]));
        let text = plain.then(|| std::str::from_utf8(self.text))?;
        text.ok()
    }

    pub(crate) fn has_wide(&self) -> bool {
        self.flags & HAS_WIDE != 0
    }

    /// Whether each byte of its text is a cell.
    pub(crate) fn is_ascii(&self) -> bool {
        self.flags & UTF8 == 0
    }

    /// Appends its text, one cell after the other.
    #[inline]
    pub(crate) fn push_text(&self, into: &mut Vec<u8>) {
        // Marks of wide cells and clusters are not text; most segments have none.
        if self.is_ascii()
            || memchr::memchr3(CLUSTER as u8, WIDE_ON as u8, WIDE_OFF as u8, self.text).is_none()
        {
            into.extend_from_slice(self.text);
        } else {
            into.extend(self.text.iter().copied().filter(|byte| *byte >= b' '));
        }
    }

    /// The size of its characters.
    pub(crate) fn size(&self) -> LineSize {
        match self.flags & (DOUBLE | TOP | BOTTOM) {
            0 => LineSize::Single,
            flags if flags & TOP != 0 => LineSize::DoubleTop,
            flags if flags & BOTTOM != 0 => LineSize::DoubleBottom,
            _ => LineSize::DoubleWidth,
        }
    }

    /// Rows at a width; one of double size is a row at any, and what does not fit is not shown.
    pub(crate) fn rows(self, width: usize) -> u32 {
        if self.cells <= width || self.size().is_double() {
            1
        } else if self.has_wide() {
            let mut place = Placer::new(width);
            self.iter().for_each(|cell| {
                place.next(cell.wide);
            });
            place.row as u32 + 1
        } else {
            self.cells.div_ceil(width) as u32
        }
    }

    /// The cells of one row at a width, each with its column; also the number of cells before the row.
    pub(crate) fn row(
        self,
        row: usize,
        width: usize,
        mut f: impl FnMut(usize, SegmentCell<'a>),
    ) -> usize {
        if !self.has_wide() {
            let start = row * width;
            if self.flags & UTF8 == 0 {
                let mut cells = Segment { text: &[], ..self }.iter();
                cells.skip_runs(start);
                let end = self.cells.min(start + width);
                let text = self.text.get(start..end).unwrap_or_default();
                let text = std::str::from_utf8(text).unwrap_or_default();
                for column in 0..text.len() {
                    let look = cells.next_look(1);
                    f(
                        column,
                        SegmentCell {
                            text: &text[column..=column],
                            wide: false,
                            look,
                        },
                    );
                }
            } else {
                for (column, cell) in self.iter().skip(start).take(width).enumerate() {
                    f(column, cell);
                }
            }
            return start;
        }
        let mut place = Placer::new(width);
        let mut before = 0;
        for cell in self.iter() {
            let (at, column) = place.next(cell.wide);
            if at > row {
                break;
            }
            if at == row {
                f(column, cell);
            } else {
                before += 1 + usize::from(cell.wide);
            }
        }
        before
    }

    /// Row and column of a cell at a width; past the end, where it would be in the last row.
    pub(crate) fn place(self, cell: usize, width: usize) -> (usize, usize) {
        if self.size().is_double() {
            return (0, cell.min(width - 1));
        }
        if !self.has_wide() {
            let last = self.cells.max(1).div_ceil(width) - 1;
            let row = (cell / width).min(last);
            return (row, (cell - row * width).min(width - 1));
        }
        let mut place = Placer::new(width);
        let (mut seen, mut row, mut column) = (0, 0, 0);
        for this in self.iter() {
            (row, column) = place.next(this.wide);
            let n = 1 + usize::from(this.wide);
            if cell < seen + n {
                return (row, column + (cell - seen));
            }
            seen += n;
            column += n;
        }
        (row, (column + cell - seen).min(width - 1))
    }
}

/// Puts cells into rows: where wide ones do not fit they begin the next row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placer {
    width: usize,
    row: usize,
    column: usize,
}

impl Placer {
    pub(crate) fn new(width: usize) -> Self {
        Self {
            width,
            row: 0,
            column: 0,
        }
    }

    /// Row and column of the next cell.
    pub(crate) fn next(&mut self, wide: bool) -> (usize, usize) {
        let n = 1 + usize::from(wide);
        if self.column + n > self.width {
            self.row += 1;
            self.column = 0;
        }
        let at = (self.row, self.column);
        self.column += n;
        at
    }
}

/// Iterator over a segment's cells.
#[derive(Clone, Debug)]
pub(crate) struct SegmentCells<'a> {
    text: &'a str,
    wide: bool,
    runs: Runs<'a>,
    left: u32,
    look: Option<u32>,
}

impl SegmentCells<'_> {
    /// The look of the next cell, which takes `n` columns.
    fn next_look(&mut self, n: u32) -> Option<u32> {
        while self.left == 0 {
            match self.runs.next() {
                Some((cells, look)) => (self.left, self.look) = (cells, Some(look)),
                None => {
                    self.look = None;
                    return None;
                }
            }
        }
        self.left = self.left.saturating_sub(n);
        self.look
    }

    fn skip_runs(&mut self, cells: usize) {
        let mut cells = cells as u32;
        while cells > 0 {
            if self.left == 0 {
                match self.runs.next() {
                    Some((left, look)) => (self.left, self.look) = (left, Some(look)),
                    None => return,
                }
            }
            let n = self.left.min(cells);
            self.left -= n;
            cells -= n;
        }
    }
}

impl<'a> Iterator for SegmentCells<'a> {
    type Item = SegmentCell<'a>;

    fn next(&mut self) -> Option<SegmentCell<'a>> {
        loop {
            let text = self.text;
            let first = text.chars().next()?;
            let n = first.len_utf8();
            let (cell, rest) = match first {
                WIDE_ON | WIDE_OFF => {
                    self.wide = first == WIDE_ON;
                    self.text = &text[n..];
                    continue;
                }
                CLUSTER => match text[n..].split_once(END) {
                    Some(parts) => parts,
                    None => (&text[n..], ""),
                },
                _ => text.split_at(n),
            };
            self.text = rest;
            let look = self.next_look(1 + u32::from(self.wide));
            return Some(SegmentCell {
                text: cell,
                wide: self.wide,
                look,
            });
        }
    }
}

/// Reads a varint off the front.
pub(super) fn take_varint(bytes: &mut &[u8]) -> u32 {
    let (mut value, mut shift) = (0, 0);
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 28 {
            break;
        }
    }
    value
}

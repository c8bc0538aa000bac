//! Many lines as one text, in which every byte can be led back to its cell.
//!
//! Lines end with a line feed; what soft wraps and pages divide is joined. A line of ASCII has a cell for
//! each byte, so nothing is noted about it but where it begins; the cells of others are only worked out when
//! something is found in them.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a text is at most some hundred kilobytes, a line of scrollback at most 16,383 cells a piece"
)]

use std::ops::Range;

use super::{Match, Pattern};
use crate::grid::page::{Page, Segment, Tail};
use crate::index::LineId;

/// A stretch of one logical line in a [`Text`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Where it begins in the text.
    pub(super) start: usize,
    /// The line and the cell of the first byte, unless `cells` says that the page is to be asked.
    pub(super) line: LineId,
    pub(super) offset: u32,
    /// The row of the first cell, counted as scrollback counts.
    pub(super) row: u64,
    pub(super) cells: Cells,
}

/// How a piece's bytes map to cells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cells {
    /// A cell for each byte.
    Ascii,
    /// As these entries of [`Text::cells`] say.
    Listed(usize, usize),
    /// A segment of the page being searched, and where it begins there. Its line is not looked up yet.
    Segment {
        index: usize,
        start: usize,
        ascii: bool,
    },
}

/// The text of several lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub(super) bytes: Vec<u8>,
    pub(super) pieces: Vec<Piece>,
    /// For listed pieces: where a cell's text begins, counted from the piece's first byte, and the cell. A
    /// last entry gives the end.
    pub(super) cells: Vec<(u32, u32)>,
}

/// The page that a text was made from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) page: &'a Page,
    pub(super) body: &'a [u8],
    pub(super) tail: Option<&'a Tail>,
}

impl<'a> Source<'a> {
    pub(super) fn segment(&self, index: usize, start: usize) -> (Segment<'a>, usize) {
        self.page.segment(index, start, self.body, self.tail)
    }
}

impl Text {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.pieces.clear();
        self.cells.clear();
    }

    /// Ends a line. Blanks at its end are no text: which of them scrollback keeps is chance.
    #[inline]
    pub(super) fn end_line(&mut self) {
        while self.bytes.last() == Some(&b' ') {
            self.bytes.pop();
        }
        while self
            .pieces
            .last()
            .is_some_and(|piece| piece.start > self.bytes.len())
        {
            self.pieces.pop();
        }
        self.bytes.push(b'\n');
    }

    /// Adds a segment of a page.
    #[inline]
    pub(super) fn push_segment(
        &mut self,
        segment: &Segment<'_>,
        index: usize,
        start: usize,
        row: u64,
    ) {
        let ascii = segment.is_ascii();
        self.pieces.push(Piece {
            start: self.bytes.len(),
            line: LineId(0),
            offset: 0,
            row,
            cells: Cells::Segment {
                index,
                start,
                ascii,
            },
        });
        segment.push_text(&mut self.bytes);
    }

    /// Adds another text after this one.
    pub(super) fn append(&mut self, other: &Text) {
        let (bytes, cells) = (self.bytes.len(), self.cells.len());
        self.bytes.extend_from_slice(&other.bytes);
        self.cells.extend_from_slice(&other.cells);
        self.pieces.extend(other.pieces.iter().map(|piece| Piece {
            start: piece.start + bytes,
            cells: match piece.cells {
                Cells::Listed(start, end) => Cells::Listed(start + cells, end + cells),
                same => same,
            },
            ..*piece
        }));
    }

    /// Takes the first `end` bytes, whole pieces, as a text that needs no page.
    pub(super) fn head(&self, end: usize, source: &Source<'_>) -> Text {
        let mut head = Text {
            bytes: self.bytes[..end].to_vec(),
            ..Text::default()
        };
        for piece in self.pieces.iter().take_while(|piece| piece.start < end) {
            let mut piece = *piece;
            match piece.cells {
                Cells::Segment {
                    index,
                    start,
                    ascii,
                } => {
                    (piece.line, piece.offset) = source.page.id(index);
                    piece.cells = if ascii {
                        Cells::Ascii
                    } else {
                        let first = head.cells.len();
                        let segment = source.segment(index, start).0;
                        list_cells(&segment, piece.offset, &mut head.cells);
                        Cells::Listed(first, head.cells.len())
                    };
                }
                Cells::Listed(start, end) => {
                    let first = head.cells.len();
                    head.cells.extend_from_slice(&self.cells[start..end]);
                    piece.cells = Cells::Listed(first, head.cells.len());
                }
                Cells::Ascii => {}
            }
            head.pieces.push(piece);
        }
        head
    }

    /// Appends the matches from byte `from` on, the last one first; `source` is the page that unresolved
    /// pieces belong to, `width` the columns of a row. At most `limit` are found.
    pub(super) fn find(
        &self,
        pattern: &Pattern,
        from: usize,
        source: Option<&Source<'_>>,
        width: u32,
        limit: usize,
        found: &mut Vec<Match>,
    ) {
        let first = found.len();
        let mut piece = 0;
        let mut scratch = Scratch::default();
        pattern.find(&self.bytes, from, |start, end| {
            piece = self.piece_of(start, piece);
            let (line, first_cell) = self.identity(piece, source);
            let (begin, mut after) =
                self.cells(piece, start, end - 1, first_cell, source, &mut scratch);
            let last = self.piece_of(end - 1, piece);
            if last != piece {
                let (_, first_cell) = self.identity(last, source);
                after = self
                    .cells(last, end - 1, end - 1, first_cell, source, &mut scratch)
                    .1;
            }
            let into = begin - first_cell;
            let rows = if into < width { 0 } else { into / width.max(1) };
            found.push(Match {
                line,
                start: begin,
                end: after,
                row: self.pieces[piece].row + u64::from(rows),
            });
            found.len() - first < limit
        });
        found[first..].reverse();
    }

    /// The piece that holds a byte, which is in the piece `from` or after it.
    fn piece_of(&self, byte: usize, from: usize) -> usize {
        let mut piece = from;
        // The next one is the likeliest; matches far apart are looked for by halving.
        if self
            .pieces
            .get(piece + 1)
            .is_some_and(|next| next.start <= byte)
        {
            piece += 1;
            if self
                .pieces
                .get(piece + 1)
                .is_some_and(|next| next.start <= byte)
            {
                let rest = &self.pieces[piece..];
                piece += rest.partition_point(|one| one.start <= byte) - 1;
            }
        }
        piece
    }

    /// The line that a piece belongs to, and its first cell there.
    fn identity(&self, piece: usize, source: Option<&Source<'_>>) -> (LineId, u32) {
        match (self.pieces[piece].cells, source) {
            (Cells::Segment { index, .. }, Some(source)) => source.page.id(index),
            _ => (self.pieces[piece].line, self.pieces[piece].offset),
        }
    }

    /// The cell of byte `first`, and the one after that of byte `last`, both in a piece.
    fn cells(
        &self,
        piece_index: usize,
        first: usize,
        last: usize,
        offset: u32,
        source: Option<&Source<'_>>,
        scratch: &mut Scratch,
    ) -> (u32, u32) {
        let piece = &self.pieces[piece_index];
        let into = |byte: usize| (byte - piece.start) as u32;
        let listed =
            |cells: &[(u32, u32)]| (cell_at(cells, into(first)).0, cell_at(cells, into(last)).1);
        match (piece.cells, source) {
            (Cells::Listed(start, end), _) => listed(&self.cells[start..end]),
            (
                Cells::Segment {
                    index,
                    start,
                    ascii: false,
                },
                Some(source),
            ) => {
                if scratch.piece != Some(piece_index) {
                    scratch.cells.clear();
                    let segment = source.segment(index, start).0;
                    list_cells(&segment, offset, &mut scratch.cells);
                    scratch.piece = Some(piece_index);
                }
                listed(&scratch.cells)
            }
            _ => (offset + into(first), offset + into(last) + 1),
        }
    }

    /// The bytes of the first line, its line feed left out.
    pub(super) fn first_line(&self) -> Range<usize> {
        let end = memchr::memchr(b'\n', &self.bytes).unwrap_or(self.bytes.len());
        0..end
    }
}

/// The cells of the segment looked at last.
#[derive(Default)]
struct Scratch {
    piece: Option<usize>,
    cells: Vec<(u32, u32)>,
}

/// The cell of a byte, and the one after it, in a list that ends with the end.
fn cell_at(cells: &[(u32, u32)], byte: u32) -> (u32, u32) {
    let next = cells.partition_point(|(begin, _)| *begin <= byte);
    let cell = |index: Option<usize>| index.and_then(|i| cells.get(i)).map(|entry| entry.1);
    let last = cells.last().map_or(0, |entry| entry.1);
    (
        cell(next.checked_sub(1)).unwrap_or(0),
        cell(Some(next)).unwrap_or(last),
    )
}

fn list_cells(segment: &Segment<'_>, offset: u32, into: &mut Vec<(u32, u32)>) {
    let (mut byte, mut cell) = (0, offset);
    for one in segment.iter() {
        into.push((byte, cell));
        byte += one.text.len() as u32;
        cell += 1 + u32::from(one.wide);
    }
    into.push((byte, cell));
}

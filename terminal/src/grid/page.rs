//! Scrollback in pages: logical lines packed one after the other, apart from any width.
//!
//! A page holds *segments*: a logical line, or a stretch of one that is longer than [`MAX_SEGMENT`] cells
//! or crosses pages. Its body is a string of bytes:
//!
//! - a plain segment (ASCII in the default look) is its text and nothing else: one byte a cell;
//! - a rich one is `varint text length, varint runs length, flags, text, runs`, where runs are pairs of
//!   varints `(cells, look)` and a look is a style and a link in the page's own table.
//!
//! Text that is not ASCII is UTF-8 with five control bytes that no cell can hold: [`WIDE_ON`] and
//! [`WIDE_OFF`] around stretches of wide cells, [`CLUSTER`] … [`END`] around a cell of several code
//! points. Two bytes a segment outside the body give its length in cells, so that counting rows at a new
//! width reads no body unless wide characters are about.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a page has at most 8,192 segments of at most 16,383 cells"
)]

use std::ops::Range;

use crate::cell::{Cell, CellWidth, Style};
use crate::grid::LINE_STRIDE;
use crate::grid::intern::Clusters;
use crate::index::LineId;
use crate::size::LineSize;

mod segment;

pub(crate) use segment::{Placer, Segment};
use segment::{Runs, take_varint};

/// Cells of a segment; a longer logical line goes on in the next segment, in a new row.
pub(crate) const MAX_SEGMENT: usize = 0x3fff;
/// Bytes of a body after which a page is full.
pub(crate) const PAGE_BYTES: usize = 64 * 1024;
/// Segments after which a page is full.
const MAX_SEGMENTS: usize = 8192;
/// Looks after which a page is full.
const MAX_LOOKS: usize = 4096;

const LENGTH: u16 = 0x3fff;
/// The logical line goes on in the next segment.
const CONTINUES: u16 = 0x4000;
const RICH: u16 = 0x8000;

const UTF8: u8 = 1;
const HAS_WIDE: u8 = 2;
/// A row of double size (DECDWL, DECDHL), which no width wraps …
const DOUBLE: u8 = 4;
/// … the upper half …
const TOP: u8 = 8;
/// … the lower half.
const BOTTOM: u8 = 16;

pub(super) const END: char = '\0';
pub(super) const CLUSTER: char = '\x02';
const WIDE_ON: char = '\x0e';
const WIDE_OFF: char = '\x0f';

/// A style and a link, as a page keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) style: Style,
    pub(crate) link: u16,
}

/// Segments from `index` on have ids that grow by [`LINE_STRIDE`] each; the first one begins at `offset`
/// of its line, the others at 0.
#[derive(Clone, Copy, Debug)]
struct IdRun {
    index: u32,
    line: LineId,
    offset: u32,
}

/// The bytes of a page.
#[derive(Debug)]
pub(crate) enum Body {
    /// As written.
    Hot(Vec<u8>),
    /// As written, since compressing gained nothing.
    Raw(Box<[u8]>),
    /// An LZ4 block, and the length of what is in it.
    Cold(Box<[u8]>, usize),
}

/// Some thousand lines of scrollback.
#[derive(Debug)]
pub(crate) struct Page {
    /// Never reused; for caches.
    pub(crate) serial: u64,
    /// Rows of all pages before, at the width in force, evicted ones included.
    pub(crate) first_row: u64,
    /// Rows at the width in force.
    pub(crate) rows: u32,
    pub(crate) body: Body,
    lengths: Vec<u16>,
    ids: Vec<IdRun>,
    /// The id the next segment has if it needs no new run; 0 for none, which no line has.
    next_line: LineId,
    looks: Vec<Look>,
    pub(crate) links: Vec<u16>,
    /// Some segment has wide cells or double size: how many rows it makes, only its body tells.
    any_wide: bool,
    /// Pages before it were dropped, though later ones are older than all that can be seen.
    pub(crate) gap: bool,
}

/// The last segment of the newest page while rows may still be added to it.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Whether the last row was wrapped.
    pub(crate) open: bool,
    line: LineId,
    /// Where in its line the segment begins.
    offset: u32,
    cells: u32,
    start: usize,
    flags: u8,
    shifted: bool,
    /// The last row lacks a cell, because a wide one did not fit.
    short: bool,
    runs: Vec<(u32, u32)>,
}

impl Tail {
    /// Where the logical line goes on.
    pub(crate) fn end(&self) -> (LineId, u32) {
        (self.line, self.offset + self.cells)
    }
}

/// One row on its way into a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedRow<'a> {
    /// Its cells, without blanks at the end and without a leading spacer.
    pub(crate) cells: &'a [Cell],
    pub(crate) line: LineId,
    pub(crate) offset: u32,
    /// Whether it may have styles or links.
    pub(crate) styled: bool,
    /// Whether it may have other than ASCII.
    pub(crate) rich: bool,
    /// Whether the logical line goes on.
    pub(crate) wrapped: bool,
    /// Whether a leading spacer was left out.
    pub(crate) short: bool,
    /// The size of its characters.
    pub(crate) size: LineSize,
}

impl Page {
    pub(crate) fn new(serial: u64, first_row: u64, body: Vec<u8>) -> Self {
        Self {
            serial,
            first_row,
            rows: 0,
            body: Body::Hot(body),
            lengths: Vec::with_capacity(1024),
            ids: Vec::new(),
            next_line: LineId(0),
            looks: Vec::new(),
            links: Vec::new(),
            any_wide: false,
            gap: false,
        }
    }

    /// Logical lines that end in it, and cells.
    pub(crate) fn lines_and_cells(&self) -> (u64, u64) {
        self.lines_and_cells_of(0..self.lengths.len())
    }

    /// Logical lines that end in some of its segments, and their cells.
    pub(crate) fn lines_and_cells_of(&self, segments: Range<usize>) -> (u64, u64) {
        let lengths = self.lengths.get(segments).unwrap_or_default();
        let lines = lengths.iter().filter(|l| **l & CONTINUES == 0).count();
        let cells = lengths.iter().map(|l| u64::from(l & LENGTH)).sum();
        (lines as u64, cells)
    }

    /// The first segment whose line is not before `line`.
    pub(crate) fn first_from(&self, line: LineId) -> usize {
        let after = self.ids.partition_point(|run| run.line < line);
        let Some(run) = after.checked_sub(1).and_then(|i| self.ids.get(i)) else {
            return 0;
        };
        // The lines of a run follow one another; what comes after it is not before the one that is sought.
        let end = (self.ids.get(after)).map_or(self.lengths.len(), |next| next.index as usize);
        let lines = (line.0 - run.line.0).div_ceil(LINE_STRIDE);
        let segment = u64::from(run.index).saturating_add(lines);
        usize::try_from(segment).map_or(end, |segment| segment.min(end))
    }

    pub(crate) fn segments(&self) -> usize {
        self.lengths.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        let bytes = match &self.body {
            Body::Hot(body) => body.len(),
            Body::Raw(_) | Body::Cold(..) => PAGE_BYTES,
        };
        bytes >= PAGE_BYTES || self.lengths.len() >= MAX_SEGMENTS || self.looks.len() >= MAX_LOOKS
    }

    /// Bytes held, allocator's overhead aside.
    pub(crate) fn memory(&self) -> usize {
        let body = match &self.body {
            Body::Hot(body) => body.len(),
            Body::Raw(body) | Body::Cold(body, _) => body.len(),
        };
        size_of::<Self>()
            + body
            + self.lengths.len() * 2
            + self.ids.len() * size_of::<IdRun>()
            + self.looks.len() * size_of::<Look>()
            + self.links.len() * 2
    }

    /// The bytes, if they are not compressed.
    pub(crate) fn plain_body(&self) -> Option<&[u8]> {
        match &self.body {
            Body::Hot(body) => Some(body),
            Body::Raw(body) => Some(body),
            Body::Cold(..) => None,
        }
    }

    fn hot(&mut self) -> &mut Vec<u8> {
        if !matches!(self.body, Body::Hot(_)) {
            let mut bytes = Vec::new();
            self.read_body(&mut bytes);
            self.body = Body::Hot(bytes);
        }
        match &mut self.body {
            Body::Hot(body) => body,
            Body::Raw(_) | Body::Cold(..) => unreachable!("made hot above"),
        }
    }

    /// Copies the bytes, decompressed, into `out`.
    pub(crate) fn read_body(&self, out: &mut Vec<u8>) {
        out.clear();
        match &self.body {
            Body::Hot(body) => out.extend_from_slice(body),
            Body::Raw(body) => out.extend_from_slice(body),
            Body::Cold(data, length) => {
                out.resize(*length, 0);
                let done = lz4_flex::block::decompress_into(data, out);
                debug_assert_eq!(done.ok(), Some(*length), "we compressed it ourselves");
            }
        }
    }

    /// Compresses the body if that gains anything; returns whether there was anything to do.
    pub(crate) fn settle(&mut self, scratch: &mut Vec<u8>) -> bool {
        let Body::Hot(body) = &mut self.body else {
            return false;
        };
        self.lengths.shrink_to_fit();
        self.ids.shrink_to_fit();
        self.looks.shrink_to_fit();
        let body = std::mem::take(body);
        scratch.resize(lz4_flex::block::get_maximum_output_size(body.len()), 0);
        self.body = match lz4_flex::block::compress_into(&body, scratch) {
            Ok(n) if n < body.len() - body.len() / 16 => {
                Body::Cold(scratch[..n].into(), body.len())
            }
            _ => Body::Raw(body.into_boxed_slice()),
        };
        true
    }

    /// Whether a row goes on in the tail's segment, seen from this page's width.
    pub(crate) fn joins(tail: &Tail, row: &PackedRow<'_>) -> bool {
        tail.open
            && tail.end() == (row.line, row.offset)
            && !row.cells.is_empty()
            && !row.size.is_double()
            && tail.cells as usize + row.cells.len() <= MAX_SEGMENT
            && (!tail.short || row.cells[0].width() == CellWidth::Wide)
    }

    /// Takes a whole logical line of ASCII in the default look that is one row; `false` if the page is full.
    #[inline]
    pub(crate) fn push_plain(&mut self, cells: &[Cell], line: LineId, offset: u32) -> bool {
        if self.is_full() {
            return false;
        }
        let Body::Hot(body) = &mut self.body else {
            return false;
        };
        body.extend(cells.iter().map(|cell| (cell.0 as u8).max(b' ')));
        self.add_plain(cells.len(), line, offset);
        true
    }

    /// As [`Page::push_plain`] for text, of a page that is not full.
    #[inline]
    pub(crate) fn push_text(&mut self, text: &[u8], line: LineId) {
        self.hot().extend_from_slice(text);
        self.add_plain(text.len(), line, 0);
    }

    /// Notes a plain segment that is one row, whose text is in the body.
    #[inline]
    fn add_plain(&mut self, cells: usize, line: LineId, offset: u32) {
        if (line, offset) != (self.next_line, 0) {
            let index = self.lengths.len() as u32;
            self.ids.push(IdRun {
                index,
                line,
                offset,
            });
        }
        self.next_line = LineId(line.0 + LINE_STRIDE);
        self.lengths.push(cells as u16);
        self.rows += 1;
    }

    /// Begins a segment.
    pub(crate) fn begin(&mut self, tail: &mut Tail, row: &PackedRow<'_>) {
        let start = self.hot().len();
        let index = self.lengths.len() as u32;
        if (row.line, row.offset) != (self.next_line, 0) {
            self.ids.push(IdRun {
                index,
                line: row.line,
                offset: row.offset,
            });
        }
        self.next_line = LineId(row.line.0 + LINE_STRIDE);
        self.lengths.push(0);
        self.any_wide |= row.size.is_double();
        tail.runs.clear();
        *tail = Tail {
            open: true,
            flags: flags_of(row.size),
            line: row.line,
            offset: row.offset,
            start,
            runs: std::mem::take(&mut tail.runs),
            ..Tail::default()
        };
    }

    /// Adds a row's cells to the open segment. `look` gives the page's look for a cell's (see
    /// [`Page::add_look`]).
    #[inline]
    pub(crate) fn append(
        &mut self,
        tail: &mut Tail,
        row: &PackedRow<'_>,
        clusters: &Clusters,
        mut look: impl FnMut(&mut Self, u64) -> u32,
    ) {
        self.rows += 1;
        let n = row.cells.len() as u32;
        if row.rich || tail.shifted {
            self.append_rich(tail, row.cells, clusters);
        } else {
            // A blank is 0, and no other content is below a space.
            let text = row.cells.iter().map(|cell| (cell.0 as u8).max(b' '));
            self.hot().extend(text);
        }
        if row.styled || !tail.runs.is_empty() {
            if tail.runs.is_empty() && tail.cells > 0 {
                let plain = look(self, 0);
                tail.runs.push((tail.cells, plain));
            }
            let mut rest = row.cells;
            while let Some(first) = rest.first() {
                let bits = first.look();
                let run = rest.iter().take_while(|cell| cell.look() == bits).count();
                let index = look(self, bits);
                match tail.runs.last_mut() {
                    Some((cells, last)) if *last == index => *cells += run as u32,
                    _ => tail.runs.push((run as u32, index)),
                }
                rest = &rest[run..];
            }
        }
        tail.cells += n;
        tail.short = row.short;
        if let Some(length) = self.lengths.last_mut() {
            *length = tail.cells as u16;
        }
        tail.open = row.wrapped;
        if !row.wrapped {
            self.close(tail, false);
        }
    }

    fn append_rich(&mut self, tail: &mut Tail, cells: &[Cell], clusters: &Clusters) {
        let (mut shifted, mut flags) = (tail.shifted, tail.flags | UTF8);
        let mut any_wide = false;
        let body = self.hot();
        // Room for a word a cell, the most it can need but with a long cluster, and for a word to be stored.
        let mut end = body.len();
        body.resize(end + 8 * (cells.len() + 1), 0);
        let mut at = 0;
        while let Some(cell) = cells.get(at) {
            // Mixed text would mispredict a branch at every other cell, so these are sums, not branches.
            let wide = cell.width() == CellWidth::Wide;
            at += 1 + usize::from(wide);
            let toggled = wide != shifted;
            shifted = wide;
            any_wide |= toggled;
            let shift = u64::from(toggled) << 3;
            let toggle =
                u64::from(if wide { WIDE_ON } else { WIDE_OFF } as u8) * u64::from(toggled);
            let (bytes, length) = match cell
                .cluster_index()
                .map(|index| (index, clusters.short(index)))
            {
                None => {
                    let (bytes, length) = encode_utf8(cell.code_point().max(0x20));
                    (u64::from(bytes), length)
                }
                Some((_, Some(short))) => short,
                Some((index, None)) => {
                    body[end] = toggle as u8;
                    end += usize::from(toggled);
                    let text = clusters.get(index).as_bytes();
                    let room = body.len() + text.len();
                    body.resize(room, 0);
                    body[end] = CLUSTER as u8;
                    body[end + 1..=end + text.len()].copy_from_slice(text);
                    end += text.len() + 1;
                    body[end] = END as u8;
                    end += 1;
                    continue;
                }
            };
            if let Some(place) = body[end..].first_chunk_mut() {
                *place = (toggle | bytes << shift).to_le_bytes();
                end += usize::from(toggled) + length;
            }
        }
        if any_wide {
            flags |= HAS_WIDE;
        }
        body.truncate(end);
        self.any_wide |= flags & HAS_WIDE != 0;
        (tail.shifted, tail.flags) = (shifted, flags);
    }

    /// Ends the open segment.
    pub(crate) fn close(&mut self, tail: &mut Tail, continues: bool) {
        tail.open = false;
        let rich = tail.flags != 0 || !tail.runs.is_empty();
        if let Some(length) = self.lengths.last_mut() {
            *length |= if rich { RICH } else { 0 } | if continues { CONTINUES } else { 0 };
        }
        if !rich {
            return;
        }
        let start = tail.start;
        let (flags, runs) = (tail.flags, std::mem::take(&mut tail.runs));
        let body = self.hot();
        let text = body.len() - start;
        for &(cells, look) in &runs {
            push_varint(body, cells);
            push_varint(body, look);
        }
        let encoded_runs = body.len() - start - text;
        let end = body.len();
        push_varint(body, text as u32);
        push_varint(body, encoded_runs as u32);
        body.push(flags);
        let header = body.len() - end;
        body[start..].rotate_right(header);
        tail.runs = runs;
        tail.runs.clear();
    }

    /// The index of a look in the page's table, which grows as needed.
    pub(crate) fn add_look(&mut self, look: Look) -> u32 {
        // The newest are the likeliest; a page of many looks keeps doubles rather than searching long.
        let recent = self.looks.len().saturating_sub(16);
        if let Some(i) = self.looks[recent..]
            .iter()
            .rposition(|known| *known == look)
        {
            return (recent + i) as u32;
        }
        self.looks.push(look);
        (self.looks.len() - 1) as u32
    }

    pub(crate) fn look(&self, index: u32) -> Look {
        self.looks.get(index as usize).copied().unwrap_or_default()
    }

    /// Forgets which links its cells had.
    pub(crate) fn drop_links(&mut self) -> Vec<u16> {
        for look in &mut self.looks {
            look.link = 0;
        }
        std::mem::take(&mut self.links)
    }

    /// Line and offset where a segment begins.
    pub(crate) fn id(&self, segment: usize) -> (LineId, u32) {
        let segment = segment as u32;
        let after = self.ids.partition_point(|run| run.index <= segment);
        let Some(run) = after.checked_sub(1).and_then(|i| self.ids.get(i)) else {
            return (LineId(0), 0);
        };
        if run.index == segment {
            (run.line, run.offset)
        } else {
            (
                LineId(run.line.0 + LINE_STRIDE * u64::from(segment - run.index)),
                0,
            )
        }
    }

    /// The segment that holds a cell of a line, or the last one before it.
    pub(crate) fn find(&self, line: LineId, offset: u32) -> Option<usize> {
        let mut found = None;
        for (i, run) in self.ids.iter().enumerate() {
            let end = self
                .ids
                .get(i + 1)
                .map_or(self.lengths.len() as u32, |next| next.index);
            let Some(distance) = line.0.checked_sub(run.line.0) else {
                continue;
            };
            let index = distance / LINE_STRIDE;
            if distance % LINE_STRIDE != 0 || index >= u64::from(end - run.index) {
                continue;
            }
            let begin = if index == 0 { run.offset } else { 0 };
            if begin <= offset {
                found = Some(run.index as usize + index as usize);
            }
        }
        found
    }

    /// Length of a segment in cells.
    pub(crate) fn cells(&self, segment: usize) -> usize {
        usize::from(self.lengths[segment] & LENGTH)
    }

    /// Whether the logical line goes on in the next segment.
    pub(crate) fn continues(&self, segment: usize) -> bool {
        self.lengths[segment] & CONTINUES != 0
    }

    /// Whether counting rows at this width needs the body.
    pub(crate) fn needs_body(&self, width: usize) -> bool {
        self.any_wide && self.lengths.iter().any(|l| usize::from(l & LENGTH) > width)
    }

    /// Rows of a segment, if that can be known without the body.
    #[inline]
    pub(crate) fn rows_at(&self, segment: usize, width: usize) -> Option<u32> {
        let entry = self.lengths[segment];
        let cells = usize::from(entry & LENGTH);
        if cells <= width {
            Some(1)
        } else if self.any_wide {
            None
        } else {
            Some(cells.div_ceil(width) as u32)
        }
    }

    /// Rows of all segments at a width; only for pages that do not need their body.
    pub(crate) fn rows_by_length(&self, width: usize) -> u32 {
        let width = width as u32;
        let rows = |cells: u32| {
            if cells <= width {
                1
            } else {
                cells.div_ceil(width)
            }
        };
        self.lengths
            .iter()
            .map(|l| rows(u32::from(l & LENGTH)))
            .sum()
    }

    /// A segment whose bytes begin at `start` of the body, and where the next one begins.
    pub(crate) fn segment<'a>(
        &'a self,
        segment: usize,
        start: usize,
        body: &'a [u8],
        tail: Option<&'a Tail>,
    ) -> (Segment<'a>, usize) {
        let cells = self.cells(segment);
        if let Some(tail) = tail
            && tail.open
            && segment + 1 == self.lengths.len()
        {
            let text = body.get(start..).unwrap_or_default();
            let runs = Runs::List(&tail.runs);
            return (
                Segment {
                    text,
                    cells,
                    flags: tail.flags,
                    runs,
                },
                body.len(),
            );
        }
        if self.lengths[segment] & RICH == 0 {
            let end = start + cells;
            let text = body.get(start..end).unwrap_or_default();
            return (
                Segment {
                    text,
                    cells,
                    flags: 0,
                    runs: Runs::List(&[]),
                },
                end,
            );
        }
        let mut header = body.get(start..).unwrap_or_default();
        let text_len = take_varint(&mut header) as usize;
        let runs_len = take_varint(&mut header) as usize;
        let (flags, rest) = header
            .split_first()
            .map_or((0, header), |(f, rest)| (*f, rest));
        let end = body.len() - rest.len() + text_len + runs_len;
        let text = rest.get(..text_len).unwrap_or_default();
        let runs = rest.get(text_len..text_len + runs_len).unwrap_or_default();
        (
            Segment {
                text,
                cells,
                flags,
                runs: Runs::Encoded(runs),
            },
            end,
        )
    }

    /// Drops the last segment, whose bytes begin at `start`.
    pub(crate) fn pop(&mut self, start: usize) {
        self.hot().truncate(start);
        self.lengths.pop();
        let n = self.lengths.len() as u32;
        if self.ids.last().is_some_and(|run| run.index >= n) {
            self.ids.pop();
        }
        // The next one begins a run of its own.
        self.next_line = LineId(0);
    }
}

/// A size as a segment's flags.
fn flags_of(size: LineSize) -> u8 {
    match size {
        LineSize::Single => 0,
        LineSize::DoubleWidth => DOUBLE,
        LineSize::DoubleTop => DOUBLE | TOP,
        LineSize::DoubleBottom => DOUBLE | BOTTOM,
    }
}

/// UTF-8 without a branch: four bytes from the low one on, of which the first few count.
#[inline]
fn encode_utf8(c: u32) -> (u32, usize) {
    let length = 1 + u32::from(c >= 0x80) + u32::from(c >= 0x800) + u32::from(c >= 0x1_0000);
    let low = |shift: u32| c >> shift & 0x3f;
    // Six bits a byte; the last `length` of these bytes are wanted, the first of them with its mark.
    let spread = c >> 18 | low(12) << 8 | low(6) << 16 | low(0) << 24 | 0x8080_8080;
    let many = spread >> (32 - 8 * length) | (0xff00 >> length & 0xff);
    (if c < 0x80 { c } else { many }, length as usize)
}

fn push_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

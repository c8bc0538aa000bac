//! The rows that left the screen: packed pages, oldest first, bounded in rows and bytes.
//!
//! Lines are kept apart from any width (`page.rs`); a width only decides how many rows a page counts,
//! which is recomputed from two bytes a line when it changes. A row is found by binary search over pages
//! and a short walk in one. Pages that are no longer written are compressed when the caller is idle, or
//! when too many are not.

use std::cell::RefCell;
use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::cell::{Cell, CellWidth};
use crate::grid::intern::{Clusters, Styles};
use crate::grid::page::{Look, PAGE_BYTES, PackedRow, Page, Segment, Tail};
use crate::grid::{RowFlags, RowMeta};
use crate::hyperlink::Links;
use crate::index::LineId;
use crate::size::LineSize;

/// Bytes of uncompressed pages after which the oldest of them is compressed at once, unless half of the
/// limit is more: compressing costs as much time as all the rest, so a flood of output is better spent on
/// memory that the user allowed, and compressed when it is over.
const HOT_BYTES: usize = 16 * 1024 * 1024;

/// The tables of the live screen that packing a row reads.
#[derive(Debug)]
pub(crate) struct Tables<'a> {
    pub(crate) styles: &'a Styles,
    pub(crate) clusters: &'a Clusters,
    pub(crate) links: &'a mut Links,
}

/// A decompressed page and the place of the last read, from which the next one likely goes on.
#[derive(Debug, Default)]
struct Cache {
    serial: u64,
    body: Vec<u8>,
    place: Place,
}

/// A segment in a page: its index, where its bytes begin, and the rows of the page before it.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    serial: u64,
    segment: usize,
    start: usize,
    row: u32,
}

/// The scrollback of one screen.
#[derive(Debug)]
pub(crate) struct Scrollback {
    pages: VecDeque<Page>,
    tail: Tail,
    width: usize,
    max_rows: usize,
    max_bytes: usize,
    /// Rows ever pushed, at the width in force.
    end_row: u64,
    /// Bytes of all pages but the last.
    sealed_bytes: usize,
    /// Pages at the front that are settled.
    settled: usize,
    hot_bytes: usize,
    next_serial: u64,
    newest_line: LineId,
    /// Looks of live cells in the newest page.
    looks: FxHashMap<u64, u32>,
    /// The same for looks met lately, by a few bits of them.
    recent_looks: Box<[(u64, u32); 64]>,
    spare: Vec<u8>,
    scratch: Vec<u8>,
    cache: RefCell<Cache>,
    /// New whenever rows change their numbers or go from the newest end.
    epoch: u64,
}

/// What is said about a row beside its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowInfo {
    pub(crate) line: LineId,
    pub(crate) offset: u32,
    pub(crate) wrapped: bool,
    /// Whether the next row begins with a wide cell that did not fit here.
    pub(crate) leading_spacer: bool,
    /// The size of its characters.
    pub(crate) size: LineSize,
}

/// What is said about a segment that was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Popped {
    pub(crate) line: LineId,
    pub(crate) offset: u32,
    /// Whether the logical line goes on after it.
    pub(crate) open: bool,
    /// The size of its characters.
    pub(crate) size: LineSize,
}

impl Scrollback {
    pub(crate) fn new(width: u16, max_rows: usize, max_bytes: usize) -> Self {
        Self {
            pages: VecDeque::new(),
            tail: Tail::default(),
            width: usize::from(width),
            max_rows,
            max_bytes,
            end_row: 0,
            sealed_bytes: 0,
            settled: 0,
            hot_bytes: 0,
            next_serial: 1,
            newest_line: LineId(0),
            looks: FxHashMap::default(),
            recent_looks: Box::new([(0, 0); 64]),
            spare: Vec::new(),
            scratch: Vec::new(),
            cache: RefCell::default(),
            epoch: 0,
        }
    }

    /// Whether rows are kept at all.
    pub(crate) fn is_enabled(&self) -> bool {
        self.max_rows > 0
    }

    /// Rows that can be seen.
    pub(crate) fn rows(&self) -> usize {
        usize::try_from(self.end_row - self.first_row())
            .map_or(self.max_rows, |n| n.min(self.max_rows))
    }

    fn first_row(&self) -> u64 {
        self.pages
            .front()
            .map_or(self.end_row, |page| page.first_row)
    }

    /// The newest line's id.
    pub(crate) fn newest_line(&self) -> LineId {
        self.newest_line
    }

    /// Where the logical line of the newest row goes on, if it does.
    pub(crate) fn open_end(&self) -> Option<(LineId, u32)> {
        self.tail.open.then(|| self.tail.end())
    }

    /// Bytes held.
    pub(crate) fn memory(&self) -> usize {
        self.sealed_bytes + self.pages.back().map_or(0, Page::memory)
    }

    /// New limits; what is over them goes at once.
    pub(crate) fn set_limits(&mut self, max_rows: usize, max_bytes: usize, links: &mut Links) {
        (self.max_rows, self.max_bytes) = (max_rows, max_bytes);
        if max_rows == 0 {
            self.clear(links);
        }
        self.evict(links);
    }

    /// Drops everything.
    pub(crate) fn clear(&mut self, links: &mut Links) {
        for page in self.pages.drain(..) {
            page.links.iter().for_each(|&link| links.release(link));
        }
        self.tail = Tail::default();
        self.forget_looks();
        (self.sealed_bytes, self.settled, self.hot_bytes) = (0, 0, 0);
        *self.cache.borrow_mut() = Cache::default();
        self.epoch += 1;
    }

    /// Forgets how live looks map to the page's, since either are about to change.
    pub(crate) fn forget_looks(&mut self) {
        self.looks.clear();
        self.recent_looks.fill((0, 0));
    }

    /// Takes a row that leaves the screen, if it is a whole line of ASCII in the default look; most are,
    /// so this way is short.
    #[inline]
    pub(crate) fn push_plain(&mut self, meta: &RowMeta, cells: &[Cell]) -> bool {
        const OTHER: RowFlags = RowFlags::STYLED
            .union(RowFlags::RICH)
            .union(RowFlags::WIDE)
            .union(RowFlags::DOUBLE)
            .union(RowFlags::WRAPPED);
        if meta.flags.intersects(OTHER) || self.tail.open {
            return false;
        }
        let mut cells = cells;
        while let Some((last, rest)) = cells.split_last()
            && last.is_trimmable()
        {
            cells = rest;
        }
        let Some(page) = self.pages.back_mut() else {
            return false;
        };
        if !page.push_plain(cells, meta.line, meta.offset) {
            return false;
        }
        self.end_row += 1;
        self.newest_line = meta.line;
        true
    }

    /// Takes a row that leaves the screen.
    pub(crate) fn push(&mut self, meta: &RowMeta, cells: &[Cell], tables: &mut Tables<'_>) {
        let mut cells = cells;
        let wrapped = meta.flags.contains(RowFlags::WRAPPED) && cells.len() == self.width;
        let mut short = false;
        if wrapped {
            if meta.flags.contains(RowFlags::WIDE)
                && let Some((last, rest)) = cells.split_last()
                && last.width() == CellWidth::LeadingSpacer
            {
                (cells, short) = (rest, true);
            }
        } else {
            while let Some((last, rest)) = cells.split_last()
                && last.is_trimmable()
            {
                cells = rest;
            }
        }
        let row = PackedRow {
            cells,
            line: meta.line,
            offset: meta.offset,
            styled: meta.flags.contains(RowFlags::STYLED),
            rich: meta.flags.intersects(RowFlags::RICH | RowFlags::WIDE),
            wrapped,
            short,
            size: meta.flags.size(),
        };
        if !Page::joins(&self.tail, &row) {
            self.begin(&row, tables.links);
        }
        let (looks, recent) = (&mut self.looks, &mut self.recent_looks);
        if let Some(page) = self.pages.back_mut() {
            page.append(&mut self.tail, &row, tables.clusters, |page, bits| {
                // Bits of a look are over 24: the low ones tell a filled place from an empty one.
                let place = &mut recent[look_place(bits)];
                if place.0 == bits | 1 {
                    return place.1;
                }
                let index = *looks.entry(bits).or_insert_with(|| {
                    let cell = Cell(bits);
                    let link = cell.link();
                    if link != 0 && !page.links.contains(&link) {
                        page.links.push(link);
                        tables.links.hold(link);
                    }
                    page.add_look(Look {
                        style: *tables.styles.get(cell.style()),
                        link,
                    })
                });
                *place = (bits | 1, index);
                index
            });
            self.end_row += 1;
            self.newest_line = meta.line;
        }
    }

    fn begin(&mut self, row: &PackedRow<'_>, links: &mut Links) {
        if self.tail.open
            && let Some(page) = self.pages.back_mut()
        {
            let continues = self.tail.end() == (row.line, row.offset);
            page.close(&mut self.tail, continues);
        }
        if self.pages.back().is_none_or(Page::is_full) {
            self.new_page(links);
        }
        if let Some(page) = self.pages.back_mut() {
            page.begin(&mut self.tail, row);
        }
    }

    fn new_page(&mut self, links: &mut Links) {
        if let Some(page) = self.pages.back() {
            let bytes = page.memory();
            self.sealed_bytes += bytes;
            self.hot_bytes += bytes;
        }
        let hot_limit = HOT_BYTES.max(self.max_bytes / 2);
        while self.hot_bytes > hot_limit && self.settle_next() {}
        self.evict(links);
        let mut body = std::mem::take(&mut self.spare);
        body.clear();
        // A row more than a full page, so that pages seldom grow past their first allocation.
        body.reserve_exact(PAGE_BYTES + 4 * self.width);
        self.forget_looks();
        self.pages
            .push_back(Page::new(self.next_serial, self.end_row, body));
        self.next_serial += 1;
    }

    fn evict(&mut self, links: &mut Links) {
        while self.pages.len() > 1
            && let Some(first) = self.pages.front()
        {
            let rest = self.end_row - first.first_row - u64::from(first.rows);
            let enough = usize::try_from(rest).is_ok_and(|rest| rest < self.max_rows);
            if enough && self.memory() <= self.max_bytes {
                break;
            }
            self.drop_first(links);
        }
    }

    fn drop_first(&mut self, links: &mut Links) {
        let Some(page) = self.pages.pop_front() else {
            return;
        };
        page.links.iter().for_each(|&link| links.release(link));
        let bytes = page.memory();
        self.sealed_bytes = self.sealed_bytes.saturating_sub(bytes);
        if self.settled > 0 {
            self.settled -= 1;
        } else {
            self.hot_bytes = self.hot_bytes.saturating_sub(bytes);
        }
        if let crate::grid::page::Body::Hot(body) = page.body
            && body.capacity() <= 2 * PAGE_BYTES
        {
            self.spare = body;
        }
    }

    /// Drops the links of the oldest page that has any, so that their numbers come free.
    pub(crate) fn drop_oldest_links(&mut self, links: &mut Links) -> bool {
        let Some(page) = self.pages.iter_mut().find(|page| !page.links.is_empty()) else {
            return false;
        };
        page.drop_links()
            .into_iter()
            .for_each(|link| links.release(link));
        self.forget_looks();
        true
    }

    /// Compresses the oldest page that is not, the newest page aside.
    fn settle_next(&mut self) -> bool {
        if self.settled + 1 >= self.pages.len() {
            return false;
        }
        let page = &mut self.pages[self.settled];
        let before = page.memory();
        page.settle(&mut self.scratch);
        self.sealed_bytes = self.sealed_bytes + page.memory() - before;
        self.hot_bytes = self.hot_bytes.saturating_sub(before);
        self.settled += 1;
        true
    }

    /// Compresses about `budget` rows' worth; returns whether there is more to do.
    pub(crate) fn compact(&mut self, budget: usize) -> bool {
        let mut done = 0;
        while done < budget.max(1) {
            let rows = self
                .pages
                .get(self.settled)
                .map_or(0, |page| page.rows as usize);
            if !self.settle_next() {
                self.scratch = Vec::new();
                return false;
            }
            done += rows.max(1);
        }
        self.settled + 1 < self.pages.len()
    }

    /// Counts rows anew for another width.
    pub(crate) fn set_width(&mut self, width: u16) {
        let width = usize::from(width);
        if width == self.width {
            return;
        }
        self.width = width;
        self.epoch += 1;
        if self.tail.open
            && let Some(page) = self.pages.back_mut()
        {
            // Whoever rewraps has taken a line back that goes on in a live row; this one does not.
            page.close(&mut self.tail, false);
        }
        let mut first_row = 0;
        let mut body = Vec::new();
        let last = self.pages.len().saturating_sub(1);
        for (i, page) in self.pages.iter_mut().enumerate() {
            page.first_row = first_row;
            page.rows = if page.needs_body(width) {
                page.read_body(&mut body);
                let tail = (i == last).then_some(&self.tail);
                let mut start = 0;
                let mut rows = 0;
                for index in 0..page.segments() {
                    let (segment, next) = page.segment(index, start, &body, tail);
                    rows += segment.rows(width);
                    start = next;
                }
                rows
            } else {
                page.rows_by_length(width)
            };
            first_row += u64::from(page.rows);
        }
        self.end_row = first_row;
        self.cache.borrow_mut().place = Place::default();
    }

    /// Calls `f` with a page's bytes.
    fn with_body<R>(&self, page: &Page, f: impl FnOnce(&[u8], &mut Place) -> R) -> R {
        let mut cache = self.cache.borrow_mut();
        let cache = &mut *cache;
        match page.plain_body() {
            Some(body) => f(body, &mut cache.place),
            None => {
                if cache.serial != page.serial {
                    page.read_body(&mut cache.body);
                    cache.serial = page.serial;
                }
                f(&cache.body, &mut cache.place)
            }
        }
    }

    fn tail_of(&self, page_index: usize) -> Option<&Tail> {
        (page_index + 1 == self.pages.len()).then_some(&self.tail)
    }

    /// Reads a row, 0 being the oldest that can be seen: calls `f` for each cell with its column.
    pub(crate) fn row(
        &self,
        row: usize,
        mut f: impl FnMut(usize, &str, bool, Look),
    ) -> Option<RowInfo> {
        if row >= self.rows() {
            return None;
        }
        let absolute = self.end_row - (self.rows() - row) as u64;
        let page_index = self
            .pages
            .partition_point(|page| page.first_row <= absolute)
            - 1;
        let page = &self.pages[page_index];
        let target = u32::try_from(absolute - page.first_row).ok()?;
        self.with_body(page, |body, place| {
            let tail = self.tail_of(page_index);
            if place.serial != page.serial || place.row > target {
                *place = Place {
                    serial: page.serial,
                    ..Place::default()
                };
            }
            while place.segment < page.segments() {
                let (segment, next) = page.segment(place.segment, place.start, body, tail);
                let rows = page
                    .rows_at(place.segment, self.width)
                    .unwrap_or_else(|| segment.rows(self.width));
                if target < place.row + rows {
                    let within = target - place.row;
                    let last = within + 1 == rows;
                    let mut columns = 0;
                    let before = segment.row(within as usize, self.width, |column, cell| {
                        columns = column + 1 + usize::from(cell.wide);
                        let look = cell.look.map_or(Look::default(), |i| page.look(i));
                        f(column, cell.text, cell.wide, look);
                    });
                    let (line, offset) = page.id(place.segment);
                    let open =
                        tail.is_some_and(|tail| tail.open) && place.segment + 1 == page.segments();
                    let wrapped = !last || open || page.continues(place.segment);
                    return Some(RowInfo {
                        line,
                        offset: offset + u32::try_from(before).ok()?,
                        wrapped,
                        leading_spacer: wrapped && columns + 1 == self.width,
                        size: segment.size(),
                    });
                }
                place.row += rows;
                place.segment += 1;
                place.start = next;
            }
            None
        })
    }

    /// Row (0 the oldest that can be seen) and column of a cell of a line.
    pub(crate) fn resolve(&self, line: LineId, offset: u32) -> Option<(usize, usize)> {
        for (page_index, page) in self.pages.iter().enumerate().rev() {
            let Some(found) = page.find(line, offset) else {
                continue;
            };
            let (row, column) = self.with_body(page, |body, _| {
                let (mut start, mut rows) = (0, 0);
                let tail = self.tail_of(page_index);
                for index in 0..found {
                    let (segment, next) = page.segment(index, start, body, tail);
                    rows += segment.rows(self.width);
                    start = next;
                }
                let (segment, _) = page.segment(found, start, body, tail);
                let begin = page.id(found).1;
                let (row, column) = segment.place((offset - begin) as usize, self.width);
                (rows as usize + row, column)
            });
            let hidden = usize::try_from(self.end_row - self.first_row()).ok()? - self.rows();
            let first = usize::try_from(page.first_row - self.first_row()).ok()?;
            return Some(((first + row).checked_sub(hidden)?, column));
        }
        None
    }

    /// Takes the newest segment back: its cells through `f`.
    pub(crate) fn pop(
        &mut self,
        mut f: impl FnMut(&str, bool, Look),
        links: &mut Links,
    ) -> Option<Popped> {
        let page_index = self.pages.len().checked_sub(1)?;
        let page = &self.pages[page_index];
        let last = page.segments().checked_sub(1)?;
        let (start, rows, size) = self.with_body(page, |body, _| {
            let mut start = 0;
            for index in 0..last {
                start = page.segment(index, start, body, None).1;
            }
            let (segment, _): (Segment<'_>, _) = page.segment(last, start, body, Some(&self.tail));
            for cell in segment.iter() {
                f(
                    cell.text,
                    cell.wide,
                    cell.look.map_or(Look::default(), |i| page.look(i)),
                );
            }
            (start, segment.rows(self.width), segment.size())
        });
        let (line, offset) = page.id(last);
        let open = self.tail.open || page.continues(last);
        self.tail = Tail::default();
        *self.cache.borrow_mut() = Cache::default();
        self.epoch += 1;
        let page = &mut self.pages[page_index];
        page.pop(start);
        page.rows -= rows;
        self.end_row -= u64::from(rows);
        let empty = page.segments() == 0;
        self.newest_line = if empty {
            LineId(0)
        } else {
            page.id(last - 1).0
        };
        if empty && let Some(page) = self.pages.pop_back() {
            page.links.iter().for_each(|&link| links.release(link));
            self.forget_looks();
            if let Some(page) = self.pages.back() {
                // It is the newest again, and so hot and not counted among the sealed ones.
                let bytes = page.memory();
                self.newest_line = page.id(page.segments() - 1).0;
                self.sealed_bytes = self.sealed_bytes.saturating_sub(bytes);
                if self.settled >= self.pages.len() {
                    self.settled = self.pages.len() - 1;
                } else {
                    self.hot_bytes = self.hot_bytes.saturating_sub(bytes);
                }
            }
        }
        Some(Popped {
            line,
            offset,
            open,
            size,
        })
    }

    /// The place after the newest segment, or before it; for [`Scrollback::segments_back`].
    pub(crate) fn end_position(&self, before_newest: bool) -> Option<(u64, usize)> {
        let page = self.pages.back()?;
        Some((
            page.serial,
            page.segments() - usize::from(before_newest && page.segments() > 0),
        ))
    }

    /// Calls `f` for each segment from the newest to the oldest, or from before a place on, until it
    /// returns `false`. `f` must not read the scrollback otherwise.
    pub(crate) fn segments_back(
        &self,
        before: Option<(u64, usize)>,
        mut f: impl FnMut(SegmentRef<'_>) -> bool,
    ) {
        let mut starts = Vec::new();
        let (newest, limit) = before.unwrap_or((u64::MAX, usize::MAX));
        for (page_index, page) in self.pages.iter().enumerate().rev() {
            if page.serial > newest {
                continue;
            }
            let limit = if page.serial == newest {
                limit
            } else {
                usize::MAX
            };
            let tail = self.tail_of(page_index);
            let more = self.with_body(page, |body, _| {
                starts.clear();
                let mut start = 0;
                for index in 0..page.segments().min(limit) {
                    starts.push(start);
                    start = page.segment(index, start, body, tail).1;
                }
                for (index, &start) in starts.iter().enumerate().rev() {
                    let (segment, _) = page.segment(index, start, body, tail);
                    let (line, offset) = page.id(index);
                    let place = (page.serial, index);
                    if !f(SegmentRef {
                        place,
                        line,
                        offset,
                        segment,
                    }) {
                        return false;
                    }
                }
                true
            });
            if !more {
                return;
            }
        }
    }

    /// Rows ever pushed at the width in force: with [`Scrollback::epoch`], the identity of each row.
    pub(crate) fn end_row(&self) -> u64 {
        self.end_row
    }

    /// New whenever rows change their numbers or go from the newest end.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }
}

/// Where a look stands among those met lately.
#[inline]
fn look_place(bits: u64) -> usize {
    ((bits >> Cell::LOOK_SHIFT).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize
}

/// A segment met while walking the scrollback.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentRef<'a> {
    /// Its page's serial and its index there.
    pub(crate) place: (u64, usize),
    pub(crate) line: LineId,
    pub(crate) offset: u32,
    pub(crate) segment: Segment<'a>,
}

#[cfg(test)]
mod tests;

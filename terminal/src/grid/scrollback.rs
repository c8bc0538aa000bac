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
use crate::limits::{MAX_KEPT_BYTES, MAX_SPOOL};
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
    recent_looks: Box<[(u64, u32); 256]>,
    spare: Vec<u8>,
    scratch: Vec<u8>,
    cache: RefCell<Cache>,
    /// New whenever rows change their numbers or go from the newest end.
    epoch: u64,
    /// Pages that cannot be seen any more but hold lines of blocks, oldest first.
    kept: VecDeque<Page>,
    kept_bytes: usize,
    /// Pages are to be kept so.
    keeps: bool,
    /// A page was dropped after the last one kept.
    gap: bool,
    /// The line from which on a running command's output goes.
    running: Option<LineId>,
    /// Bytes of pages kept since then.
    run_kept: usize,
    /// Lines and cells of pages dropped since then.
    run_dropped: (u64, u64),
    /// Pages that ever left.
    left: u64,
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
            recent_looks: Box::new([(0, 0); 256]),
            spare: Vec::new(),
            scratch: Vec::new(),
            cache: RefCell::default(),
            epoch: 0,
            kept: VecDeque::new(),
            kept_bytes: 0,
            keeps: false,
            gap: false,
            running: None,
            run_kept: 0,
            run_dropped: (0, 0),
            left: 0,
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
        self.close_tail();
        for page in std::mem::take(&mut self.pages) {
            page.links.iter().for_each(|&link| links.release(link));
            self.dispose(page);
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

    /// Takes a whole line of ASCII in the default look that was in no row, and is no wider than one.
    pub(crate) fn push_text(&mut self, text: &[u8], line: LineId, links: &mut Links) {
        self.close_tail();
        let spaces = text.iter().rev().take_while(|byte| **byte == b' ');
        let text = &text[..text.len() - spaces.count()];
        if self.pages.back().is_none_or(Page::is_full) {
            self.new_page(links);
        }
        if let Some(page) = self.pages.back_mut() {
            page.push_text(text, line);
            self.end_row += 1;
            self.newest_line = line;
        }
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
        if row.cells.is_empty() && !row.wrapped && self.open_end() == Some((row.line, row.offset)) {
            // The line went on with nothing but blanks, which lines do not keep at their end.
            self.close_tail();
            return;
        }
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
        self.dispose(page);
    }

    /// Keeps a page that left for the text of blocks, or drops it. Of a running command only the first pages are
    /// kept so; the last ones are still to be seen when it ends.
    fn dispose(&mut self, mut page: Page) {
        self.left += 1;
        let inside = self.running.is_some_and(|from| page.id(0).0 >= from);
        let bytes = page.memory();
        let fits = !inside || self.run_kept + bytes <= MAX_SPOOL / 2 + PAGE_BYTES;
        if !self.keeps || !fits {
            self.gap = true;
            if inside {
                let (lines, cells) = page.lines_and_cells();
                self.run_dropped.0 += lines;
                self.run_dropped.1 += lines + cells;
            }
            self.reuse(page);
            return;
        }
        if inside {
            self.run_kept += bytes;
        }
        // The numbers of its links come free.
        page.drop_links();
        page.gap = std::mem::take(&mut self.gap);
        self.kept_bytes += bytes;
        self.kept.push_back(page);
        while self.kept_bytes > MAX_KEPT_BYTES
            && let Some(oldest) = self.kept.pop_front()
        {
            self.kept_bytes = self.kept_bytes.saturating_sub(oldest.memory());
            self.reuse(oldest);
        }
    }

    fn reuse(&mut self, page: Page) {
        if let crate::grid::page::Body::Hot(body) = page.body
            && body.capacity() <= 2 * PAGE_BYTES
        {
            self.spare = body;
        }
    }

    /// Makes the newest segment whole in its page.
    fn close_tail(&mut self) {
        if self.tail.open
            && let Some(page) = self.pages.back_mut()
        {
            page.close(&mut self.tail, false);
        }
    }

    /// Says from which line on a running command's output goes, and whether there are blocks at all.
    pub(crate) fn set_running(&mut self, from: Option<LineId>, keeps: bool) {
        self.running = from;
        (self.run_kept, self.run_dropped) = (0, (0, 0));
        self.keeps = keeps;
    }

    /// Lines and bytes of the running command's output that nothing holds any more.
    pub(crate) fn run_dropped(&self) -> (u64, u64) {
        self.run_dropped
    }

    /// Pages that ever left, to notice when one does.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// Appends the numbers of the first rows of lines that are not before the given ones, which are in order;
    /// stops at the first that is past all rows here.
    pub(crate) fn row_numbers(&self, lines: &[LineId], numbers: &mut Vec<u64>) {
        let first_number = self.end_row - self.rows() as u64;
        let mut lines = lines.iter().peekable();
        for (page_index, page) in self.pages.iter().enumerate() {
            let Some(newest) = page.segments().checked_sub(1) else {
                continue;
            };
            if lines.peek().is_none_or(|line| **line > page.id(newest).0) {
                continue;
            }
            let by_length = !page.needs_body(self.width);
            let counts: Vec<u32> = if by_length {
                Vec::new()
            } else {
                let tail = self.tail_of(page_index);
                self.with_body(page, |body, _| {
                    let mut start = 0;
                    (0..page.segments())
                        .map(|index| {
                            let (segment, next) = page.segment(index, start, body, tail);
                            start = next;
                            segment.rows(self.width)
                        })
                        .collect()
                })
            };
            let (mut at, mut row) = (0, page.first_row);
            while let Some(&line) = lines.next_if(|line| **line <= page.id(newest).0) {
                let target = page.first_from(line);
                while at < target {
                    let rows = match counts.get(at) {
                        Some(rows) => *rows,
                        None => page.rows_at(at, self.width).unwrap_or(1),
                    };
                    row += u64::from(rows);
                    at += 1;
                }
                numbers.push(row.max(first_number));
            }
        }
    }

    /// The oldest line that can be seen, if there is any.
    pub(crate) fn oldest_line(&self) -> Option<LineId> {
        let hidden = usize::try_from(self.end_row - self.first_row()).ok()? - self.rows();
        match hidden {
            0 => self.pages.front().map(|page| page.id(0).0),
            _ => self.row(0, |_, _, _, _| {}).map(|info| info.line),
        }
    }

    /// Calls `f` for each segment of the lines from `from` on, kept pages first, until it returns `false`. The
    /// first argument says that lines before it are gone. `f` must not read the scrollback otherwise.
    pub(crate) fn walk(
        &self,
        from: LineId,
        mut f: impl FnMut(bool, &Page, SegmentRef<'_>) -> bool,
    ) {
        let pages = self.kept.len() + self.pages.len();
        let at = |index: usize| match index.checked_sub(self.kept.len()) {
            Some(index) => self.pages.get(index),
            None => self.kept.get(index),
        };
        // The last page that begins at or before the line.
        let (mut low, mut high) = (0, pages);
        while low < high {
            let middle = low.midpoint(high);
            if at(middle).is_some_and(|page| page.id(0).0 < from) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let first = low.saturating_sub(1);
        for index in first..pages {
            let Some(page) = at(index) else { return };
            let gap = if index == self.kept.len() {
                self.gap && index > 0
            } else {
                page.gap
            };
            let mut gap = gap && index > first;
            let tail = (index + 1 == pages).then_some(&self.tail);
            let begin = page.first_from(from);
            let more = self.with_body(page, |body, _| {
                let mut start = 0;
                for segment_index in 0..page.segments() {
                    let (segment, next) = page.segment(segment_index, start, body, tail);
                    start = next;
                    if segment_index < begin {
                        continue;
                    }
                    let (line, offset) = page.id(segment_index);
                    let reference = SegmentRef {
                        place: (page.serial, segment_index),
                        line,
                        offset,
                        segment,
                    };
                    if !f(std::mem::take(&mut gap), page, reference) {
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

    /// The place after the newest segment, or before it: a page's serial, and segments of it.
    pub(crate) fn end_place(&self, before_newest: bool) -> (u64, usize) {
        self.pages.back().map_or((0, 0), |page| {
            let newest = usize::from(before_newest && page.segments() > 0);
            (page.serial, page.segments() - newest)
        })
    }

    /// Whether the last segment of a page goes on in the next page.
    fn goes_on_after(&self, page: Option<usize>) -> bool {
        let page = page.and_then(|index| self.pages.get(index));
        page.is_some_and(|page| page.segments() > 0 && page.continues(page.segments() - 1))
    }

    /// The index of the page that a place is in, or of the newest one before.
    fn page_index(&self, place: (u64, usize)) -> Option<usize> {
        self.pages
            .partition_point(|page| page.serial <= place.0)
            .checked_sub(1)
    }

    /// Calls `f` with the page that ends at a place, or is cut there; returns where that page begins and
    /// what `f` said, or `None` when there is nothing before the place. `f` must not read the scrollback.
    pub(crate) fn page_before<R>(
        &self,
        place: (u64, usize),
        f: impl FnOnce(PageRef<'_>) -> R,
    ) -> Option<((u64, usize), R)> {
        let mut index = self.page_index(place)?;
        if self.pages[index].serial == place.0 && place.1 == 0 {
            index = index.checked_sub(1)?;
        }
        let page = &self.pages[index];
        let limit = if page.serial == place.0 {
            place.1.min(page.segments())
        } else {
            page.segments()
        };
        let tail = self.tail_of(index);
        let is_open = limit == page.segments() && tail.is_some_and(|tail| tail.open);
        let goes_on_from_before = self.goes_on_after(index.checked_sub(1));
        let result = self.with_body(page, |body, _| {
            f(PageRef {
                page,
                body,
                tail,
                limit,
                width: self.width,
                is_open,
                goes_on_from_before,
            })
        });
        Some(((page.serial, 0), result))
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
    ((bits >> Cell::LOOK_SHIFT).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
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

/// A page, or what of it is before a place, being read.
#[derive(Clone, Copy)]
pub(crate) struct PageRef<'a> {
    pub(crate) page: &'a Page,
    pub(crate) body: &'a [u8],
    pub(crate) tail: Option<&'a Tail>,
    /// Segments that count.
    pub(crate) limit: usize,
    pub(crate) width: usize,
    /// Whether the last segment goes on in a live row.
    pub(crate) is_open: bool,
    /// Whether the first segment goes on with the last line of the page before.
    pub(crate) goes_on_from_before: bool,
}

mod measure;
#[cfg(test)]
mod tests;

//! Selecting text: by character, word, line or block. Anchors follow the text as it scrolls.
//!
//! A selection is kept as two anchors in logical lines and turned into rows and columns when asked, so
//! neither scrolling nor reflow moves it. It is dropped when an end is gone, or when a cell in it changed.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "columns are at most 4096; lines were checked not to be negative"
)]

use std::hash::Hasher;

use rustc_hash::FxHasher;

use crate::cell::{CellWidth, Content};
use crate::frame::FrameRow;
use crate::index::{Line, LineId, Point, Side};
use crate::screen::{LineText, Screen};
use crate::terminal::Link;

mod smart;
pub(crate) mod url;

/// How a selection grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectionKind {
    /// From cell to cell.
    Character,
    /// Whole words (semantic: separators come from the options).
    Word,
    /// Whole logical lines.
    Line,
    /// A rectangle.
    Block,
}

/// An end of a selection: a cell of a logical line, and the half of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    line: LineId,
    offset: u32,
    side: Side,
}

/// What a selected live row was when last looked at.
#[derive(Clone, Copy, Debug)]
struct Seen {
    line: LineId,
    offset: u32,
    generation: u64,
    hash: u64,
}

/// The selection of a screen.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    kind: SelectionKind,
    fixed: End,
    free: End,
    separators: Box<str>,
    seen: Vec<Seen>,
    /// Rows from the first to the last.
    rows: i32,
    /// The screen's generation when `seen` was right.
    checked: u64,
}

/// The selected cells now: from one border between cells to another, lines relative to the active screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SelectedRange {
    /// First line and its first selected column.
    pub(crate) start: (i32, u16),
    /// Last line and the column after its last selected one.
    pub(crate) end: (i32, u16),
    /// Whether each row has the same columns.
    pub(crate) block: bool,
}

impl SelectedRange {
    /// The selected columns of a line, `start..end`.
    pub(crate) fn columns(&self, line: i32, columns: u16) -> Option<(u16, u16)> {
        if line < self.start.0 || line > self.end.0 {
            return None;
        }
        let left = if line == self.start.0 || self.block {
            self.start.1
        } else {
            0
        };
        let right = if line == self.end.0 || self.block {
            self.end.1
        } else {
            columns
        };
        (left < right).then_some((left, right))
    }
}

impl Screen {
    /// Begins a selection at a point; `separators` end words, beside white space.
    pub(crate) fn start_selection(
        &mut self,
        kind: SelectionKind,
        point: Point,
        side: Side,
        separators: &str,
    ) {
        let point = self.clamp_point(point);
        self.selection = self.anchor(point).map(|(line, offset)| {
            let end = End { line, offset, side };
            let separators = separators.into();
            Selection {
                kind,
                fixed: end,
                free: end,
                separators,
                seen: vec![],
                rows: 0,
                checked: 0,
            }
        });
        self.remember_selection();
        self.bump();
    }

    /// Moves its free end.
    pub(crate) fn extend_selection(&mut self, point: Point, side: Side) {
        self.check_selection();
        let point = self.clamp_point(point);
        if let Some((line, offset)) = self.anchor(point)
            && let Some(selection) = &mut self.selection
        {
            selection.free = End { line, offset, side };
            self.remember_selection();
            self.bump();
        }
    }

    /// Drops it.
    pub(crate) fn clear_selection(&mut self) {
        if self.selection.take().is_some() {
            self.bump();
        }
    }

    /// Selects everything.
    pub(crate) fn select_all(&mut self) {
        let size = self.size();
        let first = Point::new(-(self.scrollback_rows() as i32), 0);
        let last = Point::new(i32::from(size.rows) - 1, size.columns - 1);
        self.start_selection(SelectionKind::Character, first, Side::Left, "");
        self.extend_selection(last, Side::Right);
    }

    fn clamp_point(&self, point: Point) -> Point {
        let size = self.size();
        let first = -(self.scrollback_rows() as i32);
        let line = point.line.0.clamp(first, i32::from(size.rows) - 1);
        Point::new(line, point.column.0.min(size.columns - 1))
    }

    /// The selected cells now; `None` when nothing is selected.
    pub(crate) fn selected_range(&self) -> Option<SelectedRange> {
        let selection = self.selection.as_ref()?;
        let fixed = self.resolve(selection.fixed.line, selection.fixed.offset)?;
        let free = self.resolve(selection.free.line, selection.free.offset)?;
        let border = |point: Point, side: Side| point.column.0 + u16::from(side == Side::Right);
        let a = (fixed.line.0, border(fixed, selection.fixed.side));
        let b = (free.line.0, border(free, selection.free.side));
        let columns = self.size().columns;
        let range = match selection.kind {
            SelectionKind::Character => {
                let (mut start, mut end) = (a.min(b), a.max(b));
                if start.1 >= columns && start.0 < end.0 {
                    start = (start.0 + 1, 0);
                }
                if end.1 == 0 && end.0 > start.0 {
                    end = (end.0 - 1, columns);
                }
                SelectedRange {
                    start,
                    end,
                    block: false,
                }
            }
            SelectionKind::Block => SelectedRange {
                start: (a.0.min(b.0), a.1.min(b.1)),
                end: (a.0.max(b.0), a.1.max(b.1)),
                block: true,
            },
            SelectionKind::Word => {
                let start = self.word(fixed.min(free), &selection.separators).0;
                let end = self.word(fixed.max(free), &selection.separators).1;
                SelectedRange {
                    start: (start.line.0, start.column.0),
                    end: (end.line.0, end.column.0 + 1),
                    block: false,
                }
            }
            SelectionKind::Line => SelectedRange {
                start: (self.logical_rows(a.0.min(b.0)).0, 0),
                end: (self.logical_rows(a.0.max(b.0)).1, columns),
                block: false,
            },
        };
        let empty = range.start.1 >= range.end.1 && (range.start.0 == range.end.0 || range.block);
        (!empty).then_some(range)
    }

    /// First and last cell of the word at a point: a URL, on a quote or bracket all that is in it, else what stands between separators, else the
    /// run of blanks or the one separator.
    fn word(&self, point: Point, separators: &str) -> (Point, Point) {
        let text = self.line_text(point.line.0);
        let Some(at) = text.cell_at(point) else {
            return (point, point);
        };
        if let Some((first, last)) = url::at(&text, at) {
            return (text.cells[first].point, text.cells[last].last_point());
        }
        if let Some((first, last)) = smart::delimited(&text, at) {
            return (text.cells[first].point, text.cells[last].last_point());
        }
        let class = |cell: usize| match text.text_of(cell).chars().next() {
            Some(c) if c.is_whitespace() => Class::Blank,
            Some(c) if separators.contains(c) => Class::Separator,
            _ => Class::Word,
        };
        let here = class(at);
        let (mut first, mut last) = (at, at);
        if here != Class::Separator {
            while first > 0 && class(first - 1) == here {
                first -= 1;
            }
            while last + 1 < text.cells.len() && class(last + 1) == here {
                last += 1;
            }
        }
        (text.cells[first].point, text.cells[last].last_point())
    }

    /// Drops the selection if an end is gone or a cell in it changed since it was made.
    pub(crate) fn check_selection(&mut self) {
        let generation = self.generation();
        let Some(selection) = &self.selection else {
            return;
        };
        if selection.checked == generation {
            return;
        }
        if self.selection_holds() {
            self.remember_selection();
        } else {
            self.clear_selection();
        }
    }

    fn selection_holds(&self) -> bool {
        let Some(selection) = &self.selection else {
            return true;
        };
        let Some(range) = self.selected_range() else {
            // An empty one holds as long as its cells are there.
            let ends = [selection.fixed, selection.free];
            return selection.rows == 0
                && ends
                    .iter()
                    .all(|end| self.resolve(end.line, end.offset).is_some());
        };
        if range.end.0 - range.start.0 + 1 != selection.rows {
            return false;
        }
        (range.start.0.max(0)..=range.end.0).all(|line| {
            let (id, offset, generation) = self.live_identity(line as usize);
            let seen = selection
                .seen
                .iter()
                .find(|seen| (seen.line, seen.offset) == (id, offset));
            seen.is_some_and(|seen| {
                seen.generation == generation || seen.hash == self.hash_selected(line, &range)
            })
        })
    }

    /// Notes what the selected live rows are now.
    pub(crate) fn remember_selection(&mut self) {
        let range = self.selected_range();
        let mut seen = Vec::new();
        if let Some(range) = &range {
            for line in range.start.0.max(0)..=range.end.0 {
                let (id, offset, generation) = self.live_identity(line as usize);
                let hash = self.hash_selected(line, range);
                seen.push(Seen {
                    line: id,
                    offset,
                    generation,
                    hash,
                });
            }
        }
        let checked = self.generation();
        if let Some(selection) = &mut self.selection {
            selection.seen = seen;
            selection.rows = range.map_or(0, |range| range.end.0 - range.start.0 + 1);
            selection.checked = checked;
        }
    }

    fn live_identity(&self, row: usize) -> (LineId, u32, u64) {
        let meta = self.grid.meta(row);
        (meta.line, meta.offset, meta.generation)
    }

    fn hash_selected(&self, line: i32, range: &SelectedRange) -> u64 {
        let mut hasher = FxHasher::default();
        let columns = range.columns(line, self.size().columns).unwrap_or((0, 0));
        for column in columns.0..columns.1 {
            let cell = self.grid.get(line as usize, usize::from(column));
            match cell.content() {
                // A blank and a space are the same text.
                Content::Blank => hasher.write_u32(u32::from(' ')),
                Content::Char(c) => hasher.write_u32(u32::from(c)),
                Content::Cluster(id) => hasher.write(self.clusters.get(id).as_bytes()),
            }
        }
        hasher.finish()
    }

    /// The selected text: soft wraps joined, trailing blanks removed; `None` when nothing is selected.
    pub(crate) fn selected_text(&self) -> Option<String> {
        let range = self.selected_range()?;
        Some(self.text_of_range(&range))
    }

    /// The text from `start` to `end`, inclusive, as copying would give it.
    pub(crate) fn text(&self, start: Point, end: Point) -> String {
        let (start, end) = (start.min(end), start.max(end));
        let range = SelectedRange {
            start: (start.line.0, start.column.0),
            end: (end.line.0, end.column.0.saturating_add(1)),
            block: false,
        };
        self.text_of_range(&range)
    }

    fn text_of_range(&self, range: &SelectedRange) -> String {
        let size = self.size();
        let mut text = String::new();
        let mut row = FrameRow::default();
        let mut buffer = [0; 4];
        let first = range.start.0.max(-(self.scrollback_rows() as i32));
        let last = range.end.0.min(i32::from(size.rows) - 1);
        for line in first..=last {
            if !self.read_viewport_row(Line(line), Some(range), &mut row) {
                continue;
            }
            if self.hidden.contains(row.line_id) {
                continue;
            }
            let (left, right) = row.selected;
            let start = text.len();
            let cells = row
                .cells
                .get(usize::from(left)..usize::from(right))
                .unwrap_or_default();
            for cell in cells {
                if !matches!(cell.width, CellWidth::Spacer | CellWidth::LeadingSpacer) {
                    text.push_str(row.text(cell, &mut buffer));
                }
            }
            let goes_on = row.wrapped && !range.block && right == size.columns;
            if goes_on && line < last {
                continue;
            }
            let blank_after = row
                .cells
                .iter()
                .skip(usize::from(right))
                .all(|c| c.character == ' ');
            if line < last || range.block || (blank_after && !goes_on) {
                let trimmed = text[start..].trim_end_matches(' ').len();
                text.truncate(start + trimmed);
            }
            if line < last {
                text.push('\n');
            }
        }
        text
    }

    /// The hyperlink at a point: an OSC 8 link, else a URL found in the text.
    pub(crate) fn link_at(&self, point: Point) -> Option<Link> {
        let text = self.text_around(point.line.0, url::MAX_CELLS);
        let at = text.cell_at(point)?;
        let link = text.cells[at].link;
        if let Some(uri) = self.link_uri(link) {
            let uri = uri.to_owned();
            let (first, last) = run_of(&text, at, |cell| text.cells[cell].link == link);
            return Some(Link {
                uri,
                start: text.cells[first].point,
                end: text.cells[last].last_point(),
            });
        }
        let (first, last) = url::at(&text, at)?;
        let uri = (first..=last).map(|cell| text.text_of(cell)).collect();
        Some(Link {
            uri,
            start: text.cells[first].point,
            end: text.cells[last].last_point(),
        })
    }
}

/// What a character is to word selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Word,
    Separator,
    Blank,
}

/// The cells around `at` for which `same` holds without a gap.
fn run_of(text: &LineText, at: usize, same: impl Fn(usize) -> bool) -> (usize, usize) {
    let (mut first, mut last) = (at, at);
    while first > 0 && same(first - 1) {
        first -= 1;
    }
    while last + 1 < text.cells.len() && same(last + 1) {
        last += 1;
    }
    (first, last)
}

#[cfg(test)]
mod tests;

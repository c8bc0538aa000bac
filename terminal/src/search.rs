//! Searching the screen and the scrollback, over soft wraps.
//!
//! A search goes from the newest line to the oldest in steps of a bounded amount of text, so that the caller
//! can show what was found so far, and stop, while a long scrollback is being read. A page of scrollback is
//! searched as one text (`text.rs`) by a pattern that stays within lines (`pattern.rs`); cells are worked out
//! for what is found only. When output comes, [`Terminal::search_again`] lets the search look at the screen
//! and at what left it since; what was found in older lines stays found.

mod matches;
mod pattern;
mod text;

use crate::cell::{CellWidth, Content};
use crate::grid::RowFlags;
use crate::grid::scrollback::PageRef;
use crate::index::LineId;
use crate::screen::Screen;
use crate::terminal::Terminal;

pub use matches::{MAX_MATCHES, Matches};
pub use pattern::{Case, Pattern, PatternError, PatternKind, PatternOptions};
use text::{Cells, Piece, Source, Text};

/// Bytes of a line's end that are kept to be searched with the line's beginning, in an older page. A longer
/// line is searched in two parts.
const MAX_CARRY: usize = 256 * 1024;

/// A piece of text that was found: cells `start..end` of a logical line, which
/// [`Terminal::resolve`] turns into points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Match {
    /// The logical line.
    pub line: LineId,
    /// Its first cell.
    pub start: u32,
    /// The cell after its last one.
    pub end: u32,
    /// About which row it is in, counted as [`Terminal::row_numbers`] does.
    pub row: u64,
}

/// A match with the text around it, for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// What stands before it in its line.
    pub before: String,
    /// The match.
    pub text: String,
    /// What stands after it.
    pub after: String,
}

/// A place between segments of scrollback: a page's serial, and how many of its segments are before.
type Place = (u64, usize);

/// Segments of scrollback that are still to be searched, from `upper` back to `lower`.
#[derive(Clone, Debug)]
struct Span {
    upper: Place,
    lower: Place,
    /// The end of a line whose beginning is before `upper`.
    carry: Text,
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct Search {
    pattern: Pattern,
    matches: Matches,
    /// What is known holds for this screen and this numbering of rows.
    identity: Option<(bool, u64)>,
    /// The live screen is to be searched.
    live_due: bool,
    /// Where scrollback began when the screen was last searched.
    border: Place,
    /// What left the screen since the search began, and what was found in it, newest first.
    newer: Option<(Span, Vec<Match>)>,
    /// What was in scrollback at the beginning.
    older: Option<Span>,
    scratch: Text,
}

impl Search {
    /// A search from the newest line on.
    pub fn new(pattern: Pattern) -> Self {
        Self {
            pattern,
            matches: Matches::default(),
            identity: None,
            live_due: true,
            border: (0, 0),
            newer: None,
            older: None,
            scratch: Text::default(),
        }
    }

    /// What was found so far.
    pub fn matches(&self) -> &Matches {
        &self.matches
    }

    /// Whether everything was searched, or as much found as is kept.
    pub fn is_done(&self) -> bool {
        let caught_up = !self.live_due && self.newer.is_none();
        caught_up && (self.older.is_none() || self.matches.is_full())
    }
}

impl Terminal {
    /// Goes on with a search through about `budget` bytes of text; returns whether there is more to do. Lines
    /// that came after the search began are not in it until [`Terminal::search_again`].
    pub fn search(&self, search: &mut Search, budget: usize) -> bool {
        let identity = (self.is_alternate(), self.screen().scrollback_epoch());
        if search.identity != Some(identity) {
            *search = Search {
                identity: Some(identity),
                ..Search::new(search.pattern.clone())
            };
        }
        self.screen().search(search, budget);
        !search.is_done()
    }

    /// Lets a search look again at the screen and at what left it: output came.
    pub fn search_again(&self, search: &mut Search) {
        search.live_due = true;
    }

    /// A match with up to `around` cells of its line before and after it; `None` if it is gone.
    pub fn excerpt(&self, found: &Match, around: usize) -> Option<Excerpt> {
        self.screen().excerpt(found, around)
    }

    /// The numbers of the oldest row that can be seen and of the one after the last row of the screen.
    pub fn row_numbers(&self) -> (u64, u64) {
        self.screen().row_span()
    }
}

impl Screen {
    pub(crate) fn scrollback_epoch(&self) -> u64 {
        self.scrollback.epoch()
    }

    pub(crate) fn row_span(&self) -> (u64, u64) {
        let end = self.scrollback.end_row();
        (
            end - self.scrollback.rows() as u64,
            end + self.grid.rows() as u64,
        )
    }

    fn excerpt(&self, found: &Match, around: usize) -> Option<Excerpt> {
        let start = self.resolve(found.line, found.start)?;
        let end = self.resolve(found.line, found.end.checked_sub(1)?)?;
        let line = self.line_text(start.line.0);
        let (first, last) = (line.cell_at(start)?, line.cell_at(end)?);
        let text = |cells: std::ops::Range<usize>| -> String {
            cells.map(|cell| line.text_of(cell)).collect()
        };
        let after = last + 1..(last + 1 + around).min(line.cells.len());
        Some(Excerpt {
            before: text(first.saturating_sub(around)..first)
                .trim_start()
                .to_owned(),
            text: text(first..last + 1),
            after: text(after).trim_end().to_owned(),
        })
    }

    /// See [`Terminal::search`].
    pub(crate) fn search(&self, search: &mut Search, budget: usize) {
        let mut left = budget.max(1);
        if search.live_due {
            left = left.saturating_sub(self.grid.columns() * self.grid.rows());
            self.search_screen(search);
        }
        while left > 0
            && let Some((mut span, mut found)) = search.newer.take()
        {
            if self.search_page(
                &search.pattern,
                &mut span,
                &mut search.scratch,
                &mut left,
                &mut found,
            ) {
                search.newer = Some((span, found));
            } else {
                for found in found.into_iter().rev() {
                    search.matches.older.push_front(found);
                }
                search.matches.older.truncate(MAX_MATCHES);
            }
        }
        let mut found = Vec::new();
        while left > 0
            && !search.matches.is_full()
            && search.newer.is_none()
            && let Some(mut span) = search.older.take()
        {
            found.clear();
            if self.search_page(
                &search.pattern,
                &mut span,
                &mut search.scratch,
                &mut left,
                &mut found,
            ) {
                search.older = Some(span);
            }
            let room = MAX_MATCHES - search.matches.len();
            search.matches.older.extend(found.iter().take(room));
        }
    }

    /// Searches the live rows, and notes what of scrollback is to be searched.
    fn search_screen(&self, search: &mut Search) {
        let mut text = std::mem::take(&mut search.scratch);
        text.clear();
        let joined = self.push_screen(&mut text);
        let border = self.scrollback.end_place(joined);
        search.matches.live.clear();
        let width = u32::try_from(self.grid.columns()).unwrap_or(1);
        let found = &mut search.matches.live;
        text.find(&search.pattern, 0, None, width, MAX_MATCHES, found);
        search.scratch = text;
        search.live_due = false;
        let begun = std::mem::replace(&mut search.border, border);
        let span = |lower| Span {
            upper: border,
            lower,
            carry: Text::default(),
        };
        if begun == (0, 0) {
            search.older = (border > begun).then(|| span(begun));
        } else if let Some((unfinished, _)) = search.newer.take() {
            // What was not yet caught up with is caught up with from the new border on.
            search.newer = Some((span(unfinished.lower), Vec::new()));
        } else if border > begun {
            search.newer = Some((span(begun), Vec::new()));
        }
        search.matches.drop_before(self.row_span().0);
    }

    /// Searches the newest page of a span; returns whether there is more.
    fn search_page(
        &self,
        pattern: &Pattern,
        span: &mut Span,
        text: &mut Text,
        left: &mut usize,
        found: &mut Vec<Match>,
    ) -> bool {
        let width = u32::try_from(self.grid.columns()).unwrap_or(1);
        let first_row = self.row_span().0;
        let lower = span.lower;
        let carry = std::mem::take(&mut span.carry);
        let next = self
            .scrollback
            .page_before(span.upper, |page: PageRef<'_>| {
                let from = if page.page.serial == lower.0 {
                    lower.1
                } else {
                    0
                };
                text.clear();
                page.push_text(from, text);
                text.append(&carry);
                let source = Source {
                    page: page.page,
                    body: page.body,
                    tail: page.tail,
                };
                // A line that began in the page before is searched there.
                let mut begin = 0;
                let mut head = Text::default();
                if from == 0 && page.goes_on_from_before && (page.page.serial, 0) > lower {
                    let end = text.first_line().end;
                    if end <= MAX_CARRY {
                        begin = end;
                        head = text.head(end, &source);
                    }
                }
                let before = found.len();
                text.find(pattern, begin, Some(&source), width, MAX_MATCHES, found);
                // Newest first, so what can no longer be seen is at the end.
                let hidden = found[before..]
                    .iter()
                    .rev()
                    .take_while(|found| found.row < first_row);
                let kept = found.len() - hidden.count();
                found.truncate(kept);
                *left = left.saturating_sub(text.bytes.len() + 1);
                head
            });
        match next {
            Some((place, head)) => {
                span.upper = place;
                span.carry = head;
                place > lower
            }
            None => false,
        }
    }

    /// Adds the live rows to a text; returns whether the first line began in scrollback, whose newest
    /// segment is in the text then.
    fn push_screen(&self, text: &mut Text) -> bool {
        let first = self.grid.meta(0);
        let joined = self.scrollback.open_end() == Some((first.line, first.offset));
        let end_row = self.scrollback.end_row();
        if joined {
            let place = self.scrollback.end_place(false);
            self.scrollback.page_before(place, |page| {
                let mut newest = Text::default();
                page.push_text(place.1.saturating_sub(1), &mut newest);
                let source = Source {
                    page: page.page,
                    body: page.body,
                    tail: page.tail,
                };
                text.append(&newest.head(newest.bytes.len(), &source));
            });
        }
        for row in 0..self.grid.rows() {
            let goes_on = self.grid.meta(row).flags.contains(RowFlags::WRAPPED);
            self.push_live_row(row, end_row + row as u64, text);
            if !goes_on {
                text.end_line();
            }
        }
        joined
    }

    fn push_live_row(&self, row: usize, number: u64, text: &mut Text) {
        let meta = self.grid.meta(row);
        let (start, first) = (text.bytes.len(), text.cells.len());
        let mut offset = meta.offset;
        let mut buffer = [0; 4];
        for cell in self.grid.cells(row) {
            let string = match (cell.width(), cell.content()) {
                (CellWidth::LeadingSpacer, _) => continue,
                (CellWidth::Spacer, _) => "",
                (_, Content::Blank) => " ",
                (_, Content::Char(c)) => c.encode_utf8(&mut buffer),
                (_, Content::Cluster(id)) => self.clusters.get(id),
            };
            if !string.is_empty() {
                let byte = u32::try_from(text.bytes.len() - start).unwrap_or(u32::MAX);
                text.cells.push((byte, offset));
                text.bytes.extend_from_slice(string.as_bytes());
            }
            offset += 1;
        }
        let end = u32::try_from(text.bytes.len() - start).unwrap_or(u32::MAX);
        text.cells.push((end, offset));
        text.pieces.push(Piece {
            start,
            line: meta.line,
            offset: meta.offset,
            row: number,
            cells: Cells::Listed(first, text.cells.len()),
        });
    }
}

impl PageRef<'_> {
    /// Adds the segments from `from` to the page's limit to a text; the last line is ended unless it goes on.
    fn push_text(&self, from: usize, text: &mut Text) {
        let source = Source {
            page: self.page,
            body: self.body,
            tail: self.tail,
        };
        let (mut row, mut start) = (self.page.first_row, 0);
        for index in 0..self.limit {
            let (segment, next) = source.segment(index, start);
            if index >= from {
                text.push_segment(&segment, index, start, row);
                let goes_on = self.is_open && index + 1 == self.limit;
                if !goes_on && !self.page.continues(index) {
                    text.end_line();
                }
            }
            let rows = self.page.rows_at(index, self.width);
            row += u64::from(rows.unwrap_or_else(|| segment.rows(self.width)));
            start = next;
        }
    }
}

#[cfg(test)]
mod tests;

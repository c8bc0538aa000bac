//! Searching the screen and the scrollback, over soft wraps.
//!
//! The text searched is that of logical lines, so a match may stand on several rows. A search goes from
//! the newest line to the oldest in steps of a bounded amount of text, so that the caller can show what was
//! found so far, and stop, while a long scrollback is being read. Patterns run in linear time (`regex`).

use regex::{Regex, RegexBuilder};

use crate::cell::{CellWidth, Content};
use crate::grid::RowFlags;
use crate::grid::scrollback::SegmentRef;
use crate::index::LineId;
use crate::screen::Screen;
use crate::terminal::Terminal;

/// Bytes a compiled pattern may take.
const MAX_PATTERN_SIZE: usize = 1 << 20;

/// How a pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternKind {
    /// As it stands.
    Plain,
    /// As a regular expression of the `regex` crate.
    Regex,
}

/// Whether upper and lower case are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// They differ.
    Sensitive,
    /// They are the same.
    Insensitive,
    /// They are the same unless the pattern has an upper-case letter.
    Smart,
}

/// Why a pattern cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is no regular expression.
    #[error("{0}")]
    Syntax(String),
    /// It would take too much memory.
    #[error("pattern is too large; use a simpler one")]
    TooLarge,
}

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
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct Search {
    regex: Regex,
    position: Position,
}

/// Where a search goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    /// With the live screen.
    Screen,
    /// With the scrollback before a segment, if there is one.
    Scrollback(Option<(u64, usize)>),
    /// Nowhere: everything was searched.
    Done,
}

impl Search {
    /// A search from the newest line on.
    ///
    /// # Errors
    ///
    /// When the pattern is no regular expression, or one too large.
    pub fn new(pattern: &str, kind: PatternKind, case: Case) -> Result<Self, PatternError> {
        let escaped = match kind {
            PatternKind::Plain => regex::escape(pattern),
            PatternKind::Regex => pattern.to_owned(),
        };
        let insensitive = match case {
            Case::Sensitive => false,
            Case::Insensitive => true,
            Case::Smart => !pattern.chars().any(char::is_uppercase),
        };
        let regex = RegexBuilder::new(&escaped)
            .case_insensitive(insensitive)
            .size_limit(MAX_PATTERN_SIZE)
            .dfa_size_limit(MAX_PATTERN_SIZE)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
                error => PatternError::Syntax(error.to_string()),
            })?;
        Ok(Self {
            regex,
            position: Position::Screen,
        })
    }

    /// Begins again at the newest line.
    pub fn restart(&mut self) {
        self.position = Position::Screen;
    }

    /// Whether everything was searched.
    pub fn is_done(&self) -> bool {
        self.position == Position::Done
    }
}

impl Terminal {
    /// Goes on with a search through about `budget` bytes of text; returns what was found, newest first.
    /// Lines that came after the search began are not in it.
    pub fn search(&self, search: &mut Search, budget: usize) -> Vec<Match> {
        self.screen().search(search, budget)
    }
}

/// A logical line's text and where each cell's text begins in it.
#[derive(Debug, Default)]
struct Haystack {
    text: String,
    /// Byte and cell offset.
    cells: Vec<(usize, u32)>,
}

impl Haystack {
    fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
    }

    fn push(&mut self, text: &str, cell: u32) {
        self.cells.push((self.text.len(), cell));
        self.text.push_str(text);
    }

    fn push_segment(&mut self, segment: &SegmentRef<'_>) -> u32 {
        let mut offset = segment.offset;
        for cell in segment.segment.iter() {
            self.push(cell.text, offset);
            offset += 1 + u32::from(cell.wide);
        }
        offset
    }

    /// Appends the matches, the last one first.
    fn find(&self, regex: &Regex, line: LineId, end: u32, found: &mut Vec<Match>) {
        let first = found.len();
        let cell = |byte: usize| {
            let index = self.cells.partition_point(|(begin, _)| *begin <= byte);
            index.checked_sub(1).map_or(0, |index| self.cells[index].1)
        };
        let after = |byte: usize| {
            let index = self.cells.partition_point(|(begin, _)| *begin <= byte);
            self.cells.get(index).map_or(end, |next| next.1)
        };
        for hit in regex.find_iter(&self.text).filter(|hit| !hit.is_empty()) {
            let (start, end) = (cell(hit.start()), after(hit.end() - 1));
            found.push(Match { line, start, end });
        }
        found[first..].reverse();
    }
}

impl Screen {
    /// See [`Terminal::search`].
    pub(crate) fn search(&self, search: &mut Search, budget: usize) -> Vec<Match> {
        let mut found = Vec::new();
        let mut left = budget.max(1);
        if search.position == Position::Screen {
            let joined = self.search_live(&search.regex, &mut found);
            search.position = Position::Scrollback(self.scrollback.end_position(joined));
            left = left.saturating_sub(self.grid.columns() * self.grid.rows());
        }
        let Position::Scrollback(from) = search.position else {
            return found;
        };
        if left == 0 {
            return found;
        }
        let mut haystack = Haystack::default();
        let mut last = None;
        let mut more = false;
        self.scrollback.segments_back(from, |segment| {
            if left == 0 {
                more = true;
                return false;
            }
            haystack.clear();
            let end = haystack.push_segment(&segment);
            haystack.find(&search.regex, segment.line, end, &mut found);
            left = left.saturating_sub(haystack.text.len() + 1);
            last = Some(segment.place);
            true
        });
        search.position = if more {
            Position::Scrollback(last)
        } else {
            Position::Done
        };
        found
    }

    /// Searches the live rows, from the last logical line to the first; returns whether the first one
    /// began in scrollback, whose newest segment was searched with it.
    fn search_live(&self, regex: &Regex, found: &mut Vec<Match>) -> bool {
        let n_rows = self.grid.rows();
        let mut starts: Vec<usize> = (0..n_rows)
            .filter(|&row| row == 0 || !self.grid.meta(row - 1).flags.contains(RowFlags::WRAPPED))
            .collect();
        starts.push(n_rows);
        let first = self.grid.meta(0);
        let joined = self.scrollback.open_end() == Some((first.line, first.offset));
        let mut haystack = Haystack::default();
        for rows in starts.windows(2).rev() {
            haystack.clear();
            if rows[0] == 0 && joined {
                self.scrollback.segments_back(None, |segment| {
                    haystack.push_segment(&segment);
                    false
                });
            }
            let mut end = 0;
            for row in rows[0]..rows[1] {
                end = self.push_live_row(row, &mut haystack);
            }
            let line = self.grid.meta(rows[0]).line;
            haystack.find(regex, line, end, found);
        }
        joined
    }

    /// Returns the offset after the row's last cell.
    fn push_live_row(&self, row: usize, haystack: &mut Haystack) -> u32 {
        let mut offset = self.grid.meta(row).offset;
        let mut buffer = [0; 4];
        for cell in self.grid.cells(row) {
            match (cell.width(), cell.content()) {
                (CellWidth::LeadingSpacer, _) => continue,
                (CellWidth::Spacer, _) => {}
                (_, Content::Blank) => haystack.push(" ", offset),
                (_, Content::Char(c)) => haystack.push(c.encode_utf8(&mut buffer), offset),
                (_, Content::Cluster(id)) => haystack.push(self.clusters.get(id), offset),
            }
            offset += 1;
        }
        offset
    }
}

#[cfg(test)]
mod tests;

//! What a search found, in the order of the text.

use std::collections::VecDeque;

use super::Match;
use crate::index::LineId;
use crate::screen::hidden::ShownRows;

/// Matches that are kept of one search; it ends there.
pub const MAX_MATCHES: usize = 1_000_000;

/// The matches of a search. They are numbered from the oldest line down, from 0.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// On the live screen, newest first; found anew whenever the screen changes.
    pub(super) live: Vec<Match>,
    /// In scrollback, newest first.
    pub(super) older: VecDeque<Match>,
}

impl Matches {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.live.len() + self.older.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there were more than are kept.
    pub fn is_full(&self) -> bool {
        self.len() >= MAX_MATCHES
    }

    /// A match by its number.
    pub fn get(&self, index: usize) -> Option<Match> {
        let from_newest = self.len().checked_sub(index + 1)?;
        match from_newest.checked_sub(self.live.len()) {
            None => self.live.get(from_newest).copied(),
            Some(older) => self.older.get(older).copied(),
        }
    }

    /// The number of a match, if it is (still) among them.
    pub fn index_of(&self, found: &Match) -> Option<usize> {
        let index = self.first_from(found.line, found.start);
        let same = self.get(index)?;
        ((same.line, same.start, same.end) == (found.line, found.start, found.end)).then_some(index)
    }

    /// The number of the first match that begins at a cell of a line or after it: how many begin before.
    pub fn first_from(&self, line: LineId, offset: u32) -> usize {
        let after = |found: &Match| (found.line, found.start) >= (line, offset);
        let live = self.live.partition_point(after);
        let older = self.older.partition_point(after);
        self.len() - live - older
    }

    /// The matches of one logical line that reach into its cells `from..to`, the last one first.
    pub fn within(&self, line: LineId, from: u32, to: u32) -> impl Iterator<Item = Match> {
        let end = self.first_from(line, to);
        (0..end)
            .rev()
            .map_while(|index| self.get(index))
            .take_while(move |found| found.line == line && found.end > from)
    }

    /// Which of `n` equal parts of the rows that are shown hold a match: marks for a scrollbar. What is in a fold
    /// is where the fold is.
    pub fn marks(&self, shown: &ShownRows, n: usize) -> Vec<bool> {
        let found = self.live.iter().chain(&self.older);
        shown.marks(found.map(|found| found.row), n)
    }

    /// Drops what is above a row.
    pub(super) fn drop_before(&mut self, row: u64) {
        while self.older.back().is_some_and(|found| found.row < row) {
            self.older.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: u64, start: u32) -> Match {
        Match {
            line: LineId(line),
            start,
            end: start + 2,
            row: line * 10,
        }
    }

    fn some() -> Matches {
        Matches {
            live: vec![found(9, 5), found(9, 0)],
            older: [found(7, 3), found(5, 8), found(5, 1)].into(),
        }
    }

    #[test]
    fn they_are_numbered_from_the_top() {
        let matches = some();
        let all: Vec<_> = (0..5).map(|index| matches.get(index).unwrap()).collect();
        let expected = [(5, 1), (5, 8), (7, 3), (9, 0), (9, 5)].map(|(l, s)| found(l, s));
        assert_eq!(all, expected);
        assert_eq!(matches.get(5), None);
        for (index, found) in all.iter().enumerate() {
            assert_eq!(matches.index_of(found), Some(index));
        }
        assert_eq!(matches.index_of(&found(9, 1)), None);
    }

    #[test]
    fn places_between_lines_find_the_next() {
        let matches = some();
        let first = |line, offset| matches.first_from(LineId(line), offset);
        assert_eq!(
            [first(0, 0), first(5, 1), first(5, 2), first(6, 0)],
            [0, 0, 1, 2]
        );
        assert_eq!([first(9, 1), first(9, 6), first(10, 0)], [4, 5, 5]);
    }

    #[test]
    fn cells_of_a_row_are_found() {
        let matches = some();
        let within = |line, from, to| -> Vec<u32> {
            let found = matches.within(LineId(line), from, to);
            found.map(|found| found.start).collect()
        };
        assert_eq!(within(5, 0, 10), [8, 1]);
        assert_eq!(within(5, 2, 9), [8, 1], "cut at both edges");
        assert_eq!(within(5, 3, 8), Vec::<u32>::new());
        assert_eq!(within(6, 0, 10), Vec::<u32>::new());
        assert_eq!(within(9, 0, 80), [5, 0]);
    }

    #[test]
    fn marks_are_parts_of_the_rows() {
        let matches = some();
        assert_eq!(
            matches.marks(&ShownRows::all(50, 100), 5),
            [true, false, true, false, true]
        );
        assert_eq!(matches.marks(&ShownRows::all(60, 100), 2), [true, true]);
        let mut matches = matches;
        matches.drop_before(60);
        assert_eq!(matches.len(), 3);
    }
}

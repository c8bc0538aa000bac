//! Rows that are not shown: folded output, lines that a filter leaves out.
//!
//! What is hidden is said in logical lines, by id, so that neither scrolling nor reflow changes it. The
//! viewport needs it in rows: [`HiddenRows`] maps rows, numbered through scrollback and screen, to shown rows
//! and back, each by one binary search. It is made anew when rows changed their numbers; what scrolls keeps
//! its number, so in between only the ranges on the screen are looked at again.

use super::Screen;
use crate::index::{Line, LineId};

/// A stretch of hidden rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    start: u64,
    end: u64,
    /// Hidden rows before it.
    before: u64,
}

/// Stretches of hidden rows, in order, none touching another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HiddenRows {
    stretches: Vec<Stretch>,
}

impl HiddenRows {
    /// Adds `start..end`, which begins after all others.
    fn push(&mut self, start: u64, end: u64) {
        if start >= end {
            return;
        }
        let before = self.total();
        match self.stretches.last_mut() {
            Some(last) if last.end >= start => last.end = last.end.max(end),
            _ => self.stretches.push(Stretch { start, end, before }),
        }
    }

    /// All hidden rows.
    pub(crate) fn total(&self) -> u64 {
        self.stretches
            .last()
            .map_or(0, |last| last.before + last.end - last.start)
    }

    /// Hidden rows before a row.
    pub(crate) fn before(&self, row: u64) -> u64 {
        let after = self.stretches.partition_point(|s| s.start < row);
        match after.checked_sub(1).map(|index| self.stretches[index]) {
            Some(last) => last.before + last.end.min(row) - last.start,
            None => 0,
        }
    }

    /// Whether a row is hidden.
    #[cfg(test)]
    fn contains(&self, row: u64) -> bool {
        let after = self.stretches.partition_point(|s| s.start <= row);
        after > 0 && row < self.stretches[after - 1].end
    }

    /// How many shown rows are before a row.
    pub(crate) fn shown_before(&self, row: u64) -> u64 {
        row - self.before(row)
    }

    /// The row before which there are `shown` shown ones, and which is shown itself.
    pub(crate) fn nth_shown(&self, shown: u64) -> u64 {
        let passed = self
            .stretches
            .partition_point(|stretch| stretch.start - stretch.before <= shown);
        let hidden = passed.checked_sub(1).map_or(0, |index| {
            let last = self.stretches[index];
            last.before + last.end - last.start
        });
        shown + hidden
    }
}

/// Where rows are among those that are shown, folded ones left out: what a scrollbar spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownRows {
    hidden: HiddenRows,
    first: u64,
    end: u64,
}

impl ShownRows {
    /// The rows `first..end` with none of them hidden.
    pub fn all(first: u64, end: u64) -> Self {
        Self {
            hidden: HiddenRows::default(),
            first,
            end,
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.hidden.shown_before(self.end) - self.hidden.shown_before(self.first)
    }

    /// How many are above a row, by its number; a hidden one is where the next shown one is. `None` for rows that
    /// are gone.
    pub fn above(&self, row: u64) -> Option<u64> {
        (self.first..self.end)
            .contains(&row)
            .then(|| self.hidden.shown_before(row) - self.hidden.shown_before(self.first))
    }

    /// Which of `n` equal parts of them hold one of `rows`, by their numbers: marks for a scrollbar. What is in a
    /// fold is where the fold is.
    pub fn marks(&self, rows: impl Iterator<Item = u64>, n: usize) -> Vec<bool> {
        let mut marks = vec![false; n];
        let all = self.count().max(1);
        for row in rows {
            if let Some(above) = self.above(row)
                && let Ok(part) = usize::try_from(u128::from(above) * n as u128 / u128::from(all))
                && let Some(mark) = marks.get_mut(part)
            {
                *mark = true;
            }
        }
        marks
    }
}

/// What a screen hides.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    /// By the ids of the first line and of the line after the last, in order, none touching another.
    lines: Vec<(LineId, LineId)>,
    rows: HiddenRows,
    /// How many of `lines` are in scrollback and stand in `rows` for good, and how many stretches they made.
    settled: (usize, usize),
    /// The scrollback's epoch and the screen's generation and end when `rows` was right.
    seen: Option<(u64, u64, u64)>,
    /// Changes whenever something else is hidden.
    pub(crate) version: u64,
}

impl Hidden {
    /// Whether a line is hidden.
    pub(crate) fn contains(&self, line: LineId) -> bool {
        let after = self.lines.partition_point(|range| range.0 <= line);
        after > 0 && line < self.lines[after - 1].1
    }
}

impl Screen {
    /// Hides these lines and no others. Ranges may touch and overlap, but begin in order.
    pub(crate) fn hide_lines(&mut self, ranges: impl Iterator<Item = (LineId, LineId)>) {
        let mut lines: Vec<(LineId, LineId)> = Vec::new();
        for (start, end) in ranges.filter(|(start, end)| start < end) {
            match lines.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => lines.push((start, end)),
            }
        }
        if lines != self.hidden.lines {
            self.hidden.lines = lines;
            self.hidden.seen = None;
            self.hidden.version += 1;
            self.grid.bump();
        }
    }

    /// Hides these lines in place of those that are hidden from a line on. Returns `false`, having done nothing,
    /// when what is hidden before reaches up to it.
    pub(crate) fn hide_tail(&mut self, from: LineId, ranges: &[(LineId, LineId)]) -> bool {
        let hidden = &mut self.hidden;
        let kept = hidden.lines.partition_point(|range| range.0 < from);
        if kept > 0 && hidden.lines[kept - 1].1 >= from {
            return false;
        }
        if hidden.lines[kept..] != *ranges {
            hidden.lines.truncate(kept);
            hidden.lines.extend_from_slice(ranges);
            if kept < hidden.settled.0 {
                hidden.settled = (0, 0);
            }
            // Only what is settled stays right.
            hidden.seen = hidden.seen.map(|seen| (seen.0, u64::MAX, seen.2));
            hidden.version += 1;
            self.grid.bump();
        }
        true
    }

    /// Brings the map of rows up to date; before the viewport is looked at.
    pub(crate) fn sync_hidden(&mut self) {
        if self.hidden.lines.is_empty() {
            self.hidden.rows.stretches.clear();
            self.clamp_offset();
            return;
        }
        let end_row = self.scrollback.end_row();
        let (epoch, generation) = (self.scrollback.epoch(), self.grid.generation());
        if self.hidden.seen == Some((epoch, generation, end_row)) {
            return;
        }
        if self.hidden.seen.is_none_or(|seen| seen.0 != epoch) {
            self.hidden.settled = (0, 0);
        }
        let (first, stretches) = self.hidden.settled;
        let mut rows = std::mem::take(&mut self.hidden.rows);
        rows.stretches.truncate(stretches);
        let ranges = &self.hidden.lines[first..];
        let ends: Vec<LineId> = ranges.iter().flat_map(|range| [range.0, range.1]).collect();
        let numbers = self.row_numbers(&ends);
        let mut settled = (first, stretches);
        for (index, pair) in numbers.chunks_exact(2).enumerate() {
            rows.push(pair[0], pair[1]);
            if pair[1] <= end_row && settled.0 == first + index {
                // The one after it may touch it and make it longer: then both are one stretch, which ends
                // where this one did only if nothing follows.
                settled.0 = first + index + 1;
                settled.1 = rows.stretches.len();
            }
        }
        // A stretch that a range on the screen made longer is not settled.
        if rows
            .stretches
            .get(settled.1.wrapping_sub(1))
            .is_some_and(|last| last.end > end_row)
        {
            settled = (first, stretches);
        }
        self.hidden.rows = rows;
        self.hidden.settled = settled;
        self.hidden.seen = Some((epoch, generation, end_row));
        self.clamp_offset();
    }

    fn clamp_offset(&mut self) {
        self.display_offset = self.display_offset.min(self.most_offset());
    }

    /// The numbers of the first rows of lines that are not before the given ones, which are in order.
    pub(crate) fn row_numbers(&self, lines: &[LineId]) -> Vec<u64> {
        let end_row = self.scrollback.end_row();
        let mut numbers = Vec::with_capacity(lines.len());
        self.scrollback.row_numbers(lines, &mut numbers);
        let mut row = 0;
        for &line in &lines[numbers.len()..] {
            while row < self.grid.rows() && self.grid.meta(row).line < line {
                row += 1;
            }
            numbers.push(end_row + row as u64);
        }
        numbers
    }

    /// The number of a row.
    fn number_of(&self, line: Line) -> u64 {
        self.scrollback
            .end_row()
            .saturating_add_signed(i64::from(line.0))
    }

    /// The number of the oldest row there is.
    fn first_number(&self) -> u64 {
        self.scrollback.end_row() - self.scrollback.rows() as u64
    }

    /// The rows that are shown or could be by scrolling.
    pub(crate) fn shown(&mut self) -> ShownRows {
        self.sync_hidden();
        ShownRows {
            hidden: self.hidden.rows.clone(),
            first: self.first_number(),
            end: self.scrollback.end_row() + self.grid.rows() as u64,
        }
    }

    /// Rows that are shown or could be by scrolling.
    fn shown_rows(&self) -> u64 {
        let rows = &self.hidden.rows;
        let end = self.scrollback.end_row() + self.grid.rows() as u64;
        rows.shown_before(end) - rows.shown_before(self.first_number())
    }

    /// The furthest that the viewport can be scrolled back.
    pub(crate) fn most_offset(&self) -> usize {
        let most = self.shown_rows().saturating_sub(self.grid.rows() as u64);
        usize::try_from(most).unwrap_or(usize::MAX)
    }

    /// Shown rows above the viewport.
    fn rows_above(&self) -> u64 {
        (self.most_offset() - self.display_offset.min(self.most_offset())) as u64
    }

    /// The row that is shown in a row of the viewport; `None` below the last.
    pub(crate) fn viewport_line(&self, row: usize) -> Option<Line> {
        let index = self.rows_above() + row as u64;
        if index >= self.shown_rows() {
            return None;
        }
        let rows = &self.hidden.rows;
        let number = rows.nth_shown(rows.shown_before(self.first_number()) + index);
        let line = i64::try_from(number).ok()? - i64::try_from(self.scrollback.end_row()).ok()?;
        i32::try_from(line).ok().map(Line)
    }

    /// Where a row is relative to the viewport's first; that of the next shown one if it is hidden.
    pub(crate) fn viewport_row(&self, line: Line) -> i64 {
        let rows = &self.hidden.rows;
        let number = self.number_of(line).max(self.first_number());
        let index = rows.shown_before(number) - rows.shown_before(self.first_number());
        i64::try_from(index).unwrap_or(i64::MAX) - i64::try_from(self.rows_above()).unwrap_or(0)
    }

    /// Scrolls so that a row is shown in a row of the viewport, as near as can be.
    pub(crate) fn scroll_line_to(&mut self, line: Line, row: i64) {
        self.sync_hidden();
        let now = i64::try_from(self.display_offset).unwrap_or(i64::MAX);
        let most = i64::try_from(self.most_offset()).unwrap_or(i64::MAX);
        let offset = (now + row - self.viewport_row(line)).clamp(0, most);
        self.display_offset = usize::try_from(offset).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(ranges: &[(u64, u64)]) -> HiddenRows {
        let mut rows = HiddenRows::default();
        for &(start, end) in ranges {
            rows.push(start, end);
        }
        rows
    }

    #[test]
    fn rows_and_shown_rows() {
        let rows = rows(&[(2, 5), (5, 6), (9, 10)]);
        assert_eq!(rows.total(), 5);
        let shown: Vec<u64> = (0..6).map(|n| rows.nth_shown(n)).collect();
        assert_eq!(shown, [0, 1, 6, 7, 8, 10]);
        assert!(rows.contains(2) && rows.contains(5) && !rows.contains(6));
        assert_eq!(rows.shown_before(4), 2);
        assert_eq!(rows.shown_before(100), 95);
        let shown = ShownRows {
            hidden: rows,
            first: 1,
            end: 12,
        };
        assert_eq!(shown.count(), 6);
        let above = [0, 1, 2, 5, 6, 11, 12].map(|row| shown.above(row));
        assert_eq!(
            above,
            [None, Some(0), Some(1), Some(1), Some(1), Some(5), None]
        );
    }

    proptest! {
        #[test]
        fn the_map_is_what_counting_gives(
            gaps in prop::collection::vec((0u64..5, 1u64..5), 0..20),
        ) {
            let mut at = 0;
            let mut ranges = Vec::new();
            for (gap, length) in gaps {
                ranges.push((at + gap, at + gap + length));
                at += gap + length;
            }
            let rows = rows(&ranges);
            let hidden = |row: u64| ranges.iter().any(|(a, b)| (*a..*b).contains(&row));
            let mut shown = 0;
            for row in 0..at + 10 {
                prop_assert_eq!(rows.contains(row), hidden(row));
                prop_assert_eq!(rows.shown_before(row), shown);
                if !hidden(row) {
                    prop_assert_eq!(rows.nth_shown(shown), row);
                    shown += 1;
                }
            }
        }
    }
}

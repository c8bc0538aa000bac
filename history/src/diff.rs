//! The difference between two outputs, line by line, as it is shown side by side or as a unified diff.
//!
//! Styles must be off already ([`crate::record::plain`]). Lines are compared by a normal form in which
//! what differs at every run (times, durations, ids, temporary paths) is one placeholder; what is shown
//! are the lines themselves. Pure: no input or output, but a deadline, after which the difference is
//! coarser, never wrong.

use std::fmt::Write as _;
use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp};

mod rules;

pub use rules::{Rules, normalize};

/// How long one comparison may take before it becomes coarser.
const LIMIT: Duration = Duration::from_secs(2);
/// Lines of a changed passage that are paired by likeness; longer passages are paired in order.
const MAX_PAIRED: usize = 64;
/// Share of equal words from which two lines are one line that changed.
const LIKENESS: f32 = 0.4;

/// One line of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Its number, from 1.
    pub number: usize,
    /// The line, without its end.
    pub text: String,
    /// The bytes that differ from the other side; empty where the whole line is meant.
    pub changed: Vec<Range<usize>>,
}

/// One row of the comparison side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The same on both sides, but perhaps for what the rules put aside.
    Same(Side, Side),
    /// One line that changed.
    Changed(Side, Side),
    /// Only on the old side.
    Removed(Side),
    /// Only on the new side.
    Added(Side),
}

/// A comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Its rows, from the top.
    pub rows: Vec<Row>,
}

/// Compares two texts.
#[must_use]
pub fn diff(old: &str, new: &str, rules: Rules) -> Diff {
    diff_by(old, new, |line| normalize(line, rules))
}

/// Compares two lists of facts, one a line, of which `key` gives the name: facts of the same name are one row, those
/// of different names never.
#[must_use]
pub fn diff_facts(old: &str, new: &str, key: impl Fn(&str) -> &str) -> Diff {
    let mut rows = Vec::new();
    for row in diff_by(old, new, |line| key(line).to_owned()).rows {
        match row {
            Row::Same(old, new) if old.text != new.text => rows.push(changed(old, new)),
            Row::Changed(mut old, mut new) if key(&old.text) != key(&new.text) => {
                (old.changed, new.changed) = (Vec::new(), Vec::new());
                rows.extend([Row::Removed(old), Row::Added(new)]);
            }
            row => rows.push(row),
        }
    }
    Diff { rows }
}

fn diff_by(old: &str, new: &str, form: impl Fn(&str) -> String) -> Diff {
    let deadline = Instant::now() + LIMIT;
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    let forms = |lines: &[&str]| -> Vec<String> { lines.iter().map(|line| form(line)).collect() };
    let ops = similar::capture_diff_slices_deadline(
        Algorithm::Histogram,
        &forms(&old),
        &forms(&new),
        Some(deadline),
    );
    let mut rows = Vec::with_capacity(old.len().max(new.len()));
    for op in ops {
        match op {
            DiffOp::Equal {
                old_index,
                new_index,
                len,
            } => rows
                .extend((0..len).map(|idx| {
                    Row::Same(side(&old, old_index + idx), side(&new, new_index + idx))
                })),
            DiffOp::Delete {
                old_index, old_len, ..
            } => rows
                .extend((old_index..old_index + old_len).map(|idx| Row::Removed(side(&old, idx)))),
            DiffOp::Insert {
                new_index, new_len, ..
            } => {
                rows.extend((new_index..new_index + new_len).map(|idx| Row::Added(side(&new, idx))))
            }
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => replaced(
                &mut rows,
                (&old, old_index..old_index + old_len),
                (&new, new_index..new_index + new_len),
            ),
        }
    }
    Diff { rows }
}

impl Diff {
    /// Lines that are only old, only new; a changed line counts on both sides.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        self.rows
            .iter()
            .fold((0, 0), |(removed, added), row| match row {
                Row::Same(..) => (removed, added),
                Row::Changed(..) => (removed + 1, added + 1),
                Row::Removed(_) => (removed + 1, added),
                Row::Added(_) => (removed, added + 1),
            })
    }

    /// Nothing differs but what the rules put aside.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.counts() == (0, 0)
    }

    /// The ranges of rows that differ, each with `context` rows around it; touching ranges are one.
    #[must_use]
    pub fn hunks(&self, context: usize) -> Vec<Range<usize>> {
        let mut hunks: Vec<Range<usize>> = Vec::new();
        for (idx, row) in self.rows.iter().enumerate() {
            if matches!(row, Row::Same(..)) {
                continue;
            }
            let range = idx.saturating_sub(context)..(idx + context + 1).min(self.rows.len());
            match hunks.last_mut() {
                Some(last) if range.start <= last.end => last.end = range.end,
                _ => hunks.push(range),
            }
        }
        hunks
    }

    /// The comparison in the form of `diff -u`, `context` lines around each difference; empty where
    /// nothing differs.
    #[must_use]
    pub fn unified(&self, old_name: &str, new_name: &str, context: usize) -> String {
        let hunks = self.hunks(context);
        let mut text = String::new();
        if hunks.is_empty() {
            return text;
        }
        let _ = writeln!(text, "--- {old_name}\n+++ {new_name}");
        for hunk in hunks {
            let rows = &self.rows[hunk];
            let (mut old, mut new) = ((0, 0), (0, 0));
            for row in rows {
                let (left, right) = row.sides();
                for (count, side) in [(&mut old, left), (&mut new, right)] {
                    if let Some(side) = side {
                        *count = (
                            if count.1 == 0 { side.number } else { count.0 },
                            count.1 + 1,
                        );
                    }
                }
            }
            let _ = writeln!(text, "@@ -{},{} +{},{} @@", old.0, old.1, new.0, new.1);
            unified_rows(&mut text, rows);
        }
        text
    }
}

/// Removed lines of a passage stand before the added ones.
fn unified_rows(text: &mut String, rows: &[Row]) {
    let mut added = String::new();
    for row in rows {
        match row {
            Row::Same(_, new) => {
                text.push_str(&std::mem::take(&mut added));
                let _ = writeln!(text, " {}", new.text);
            }
            Row::Changed(old, new) => {
                let _ = writeln!(text, "-{}", old.text);
                let _ = writeln!(added, "+{}", new.text);
            }
            Row::Removed(old) => {
                let _ = writeln!(text, "-{}", old.text);
            }
            Row::Added(new) => {
                let _ = writeln!(added, "+{}", new.text);
            }
        }
    }
    text.push_str(&added);
}

impl Row {
    /// Its old and its new line.
    #[must_use]
    pub fn sides(&self) -> (Option<&Side>, Option<&Side>) {
        match self {
            Self::Same(old, new) | Self::Changed(old, new) => (Some(old), Some(new)),
            Self::Removed(old) => (Some(old), None),
            Self::Added(new) => (None, Some(new)),
        }
    }
}

fn side(lines: &[&str], idx: usize) -> Side {
    Side {
        number: idx + 1,
        text: lines[idx].to_owned(),
        changed: Vec::new(),
    }
}

/// A passage that stands for another: lines that are alike become one row.
fn replaced(rows: &mut Vec<Row>, old: (&[&str], Range<usize>), new: (&[&str], Range<usize>)) {
    let (old_lines, old_range) = old;
    let (new_lines, new_range) = new;
    let pairs = pairs(&old_lines[old_range.clone()], &new_lines[new_range.clone()]);
    let (mut left, mut right) = (old_range.start, new_range.start);
    for (old_idx, new_idx) in pairs {
        let (old_idx, new_idx) = (old_range.start + old_idx, new_range.start + new_idx);
        rows.extend((left..old_idx).map(|idx| Row::Removed(side(old_lines, idx))));
        rows.extend((right..new_idx).map(|idx| Row::Added(side(new_lines, idx))));
        rows.push(changed(side(old_lines, old_idx), side(new_lines, new_idx)));
        (left, right) = (old_idx + 1, new_idx + 1);
    }
    rows.extend((left..old_range.end).map(|idx| Row::Removed(side(old_lines, idx))));
    rows.extend((right..new_range.end).map(|idx| Row::Added(side(new_lines, idx))));
}

/// Which old line is which new one: the pairing with the greatest likeness in all, in order.
fn pairs(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if old.len() > MAX_PAIRED || new.len() > MAX_PAIRED {
        return (0..old.len().min(new.len()))
            .map(|idx| (idx, idx))
            .collect();
    }
    let old_words: Vec<_> = old.iter().map(|line| words(line)).collect();
    let new_words: Vec<_> = new.iter().map(|line| words(line)).collect();
    let width = new.len() + 1;
    let mut best = vec![0.0_f32; (old.len() + 1) * width];
    let mut alike = vec![0.0_f32; old.len() * new.len()];
    for left in (0..old.len()).rev() {
        for right in (0..new.len()).rev() {
            let ratio = likeness(&old_words[left], &new_words[right]);
            alike[left * new.len() + right] = ratio;
            let paired = if ratio >= LIKENESS {
                ratio + best[(left + 1) * width + right + 1]
            } else {
                0.0
            };
            best[left * width + right] = paired
                .max(best[(left + 1) * width + right])
                .max(best[left * width + right + 1]);
        }
    }
    let (mut left, mut right, mut found) = (0, 0, Vec::new());
    while left < old.len() && right < new.len() {
        let here = best[left * width + right];
        if here <= best[(left + 1) * width + right] {
            left += 1;
        } else if here <= best[left * width + right + 1] {
            right += 1;
        } else {
            found.push((left, right));
            (left, right) = (left + 1, right + 1);
        }
    }
    found
}

/// The share of words that two lines have in common, about: words are counted, not ordered.
fn likeness(old: &[&str], new: &[&str]) -> f32 {
    let solid = |words: &[&str]| -> Vec<String> {
        let mut solid: Vec<String> = words
            .iter()
            .filter(|word| !word.trim().is_empty())
            .map(|word| (*word).to_owned())
            .collect();
        solid.sort_unstable();
        solid
    };
    let (old, new) = (solid(old), solid(new));
    let total = old.len() + new.len();
    if total == 0 {
        return 1.0;
    }
    let (mut left, mut right, mut same) = (0, 0, 0_u16);
    while left < old.len() && right < new.len() {
        match old[left].cmp(&new[right]) {
            std::cmp::Ordering::Less => left += 1,
            std::cmp::Ordering::Greater => right += 1,
            std::cmp::Ordering::Equal => {
                (left, right) = (left + 1, right + 1);
                same = same.saturating_add(1);
            }
        }
    }
    2.0 * f32::from(same) / f32::from(u16::try_from(total).unwrap_or(u16::MAX))
}

/// Runs of letters and digits, runs of blanks, and every other character for itself.
fn words(line: &str) -> Vec<&str> {
    #[derive(PartialEq)]
    enum Kind {
        Word,
        Blank,
        Other,
    }
    let kind = |one: char| {
        if one.is_alphanumeric() || one == '_' {
            Kind::Word
        } else if one.is_whitespace() {
            Kind::Blank
        } else {
            Kind::Other
        }
    };
    let mut found = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, one) in line.char_indices() {
        let now = kind(one);
        if last
            .as_ref()
            .is_some_and(|last| *last != now || now == Kind::Other)
        {
            found.push(&line[start..at]);
            start = at;
        }
        last = Some(now);
    }
    if start < line.len() {
        found.push(&line[start..]);
    }
    found
}

/// One line that changed, with the words that differ.
fn changed(mut old: Side, mut new: Side) -> Row {
    let (old_words, new_words) = (words(&old.text), words(&new.text));
    let ops = similar::capture_diff_slices(Algorithm::Myers, &old_words, &new_words);
    let mut old_changed = Vec::new();
    let mut new_changed = Vec::new();
    for op in &ops {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        push_bytes(&mut old_changed, &old_words, op.old_range());
        push_bytes(&mut new_changed, &new_words, op.new_range());
    }
    old.changed = old_changed;
    new.changed = new_changed;
    Row::Changed(old, new)
}

fn push_bytes(into: &mut Vec<Range<usize>>, words: &[&str], range: Range<usize>) {
    let start: usize = words[..range.start].iter().map(|word| word.len()).sum();
    let length: usize = words[range].iter().map(|word| word.len()).sum();
    match into.last_mut() {
        _ if length == 0 => {}
        Some(last) if last.end == start => last.end = start + length,
        _ => into.push(start..start + length),
    }
}

#[cfg(test)]
mod tests;

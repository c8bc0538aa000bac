//! Filtering: which lines of a block's output a pattern leaves out. Nothing is ever removed.
//!
//! A command that runs is filtered while it prints. Lines in scrollback never change, so each of them is
//! looked at once; those on the screen, which the program may still paint over, are looked at again with each
//! frame. The line that the cursor is on is always shown.

use std::collections::VecDeque;

use regex::{Regex, RegexBuilder};

use super::fold::each_seen_line;
use super::{Anchor, BlockId, Flags};
use crate::damage::Stamp;
use crate::index::LineId;
use crate::limits::{MAX_FILTER_LINES, MAX_HIDDEN_RANGES};
use crate::terminal::Terminal;
use crate::terminal::state::State;

/// Bytes that a filter's compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Which lines of a block's output are shown.
#[derive(Clone, Debug)]
pub struct LineFilter {
    pattern: Regex,
    /// Those that do not match.
    pub invert: bool,
    /// Lines shown before and after each match.
    pub context: usize,
}

impl LineFilter {
    /// A filter for a text, or for a regular expression. Capital letters in it make case count.
    ///
    /// # Errors
    /// When the expression is not one, or too large; the text says where.
    pub fn new(text: &str, is_regex: bool) -> Result<Self, String> {
        let pattern = if is_regex {
            text.to_owned()
        } else {
            regex::escape(text)
        };
        let pattern = RegexBuilder::new(&pattern)
            .case_insensitive(!text.chars().any(char::is_uppercase))
            .size_limit(MAX_PATTERN_BYTES)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            pattern,
            invert: false,
            context: 0,
        })
    }
}

impl PartialEq for LineFilter {
    fn eq(&self, other: &Self) -> bool {
        let parts = |filter: &Self| (filter.invert, filter.context);
        self.pattern.as_str() == other.pattern.as_str() && parts(self) == parts(other)
    }
}

impl Eq for LineFilter {}

/// How many lines a filter shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    /// Lines that match.
    pub matched: usize,
    /// Lines there are.
    pub total: usize,
}

/// A filter that is in force, with what it has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActiveFilter {
    filter: LineFilter,
    /// What was found of the lines before `next`, which do not change any more.
    sieve: Sieve,
    /// How many of the block's hidden ranges are of those lines.
    settled: usize,
    /// The first line that is looked at again.
    next: LineId,
    /// What was found of all lines at the last look.
    found: Filtered,
    /// The screen's stamp at the last look.
    seen: Option<Stamp>,
}

impl ActiveFilter {
    /// A filter that has looked at nothing.
    fn new(filter: LineFilter) -> Self {
        Self {
            filter,
            sieve: Sieve::default(),
            settled: 0,
            next: LineId(0),
            found: Filtered::default(),
            seen: None,
        }
    }

    /// What it found.
    pub(crate) fn found(&self) -> Filtered {
        self.found
    }
}

/// Takes lines one after the other and gives the ranges that are hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sieve {
    counts: Filtered,
    /// Where hidden lines begin that go on.
    open: Option<LineId>,
    /// The last lines, which are hidden unless one of the next lines matches.
    before: VecDeque<LineId>,
    /// Lines still to be shown after a match.
    after: usize,
}

impl Sieve {
    fn feed(
        &mut self,
        filter: &LineFilter,
        id: LineId,
        text: &str,
        hidden: &mut Vec<(LineId, LineId)>,
    ) {
        self.counts.total += 1;
        if filter.pattern.is_match(text) != filter.invert {
            self.counts.matched += 1;
            let shown = self.before.front().copied().unwrap_or(id);
            self.before.clear();
            self.after = filter.context;
            if let Some(first) = self.open.take()
                && hidden.len() < MAX_HIDDEN_RANGES
            {
                hidden.push((first, shown));
            }
        } else if let Some(rest) = self.after.checked_sub(1) {
            self.after = rest;
        } else {
            self.before.push_back(id);
            if self.before.len() > filter.context
                && let Some(gone) = self.before.pop_front()
            {
                self.open.get_or_insert(gone);
            }
        }
    }

    /// Where the lines begin that are hidden if no other line comes.
    fn begin(&self) -> Option<LineId> {
        self.open.or_else(|| self.before.front().copied())
    }
}

impl Terminal {
    /// Shows only the lines of a block that a filter matches, or all of them again. What a running command prints
    /// from now on is filtered as it comes.
    pub fn filter_block(&mut self, id: BlockId, filter: Option<&LineFilter>) -> Option<Filtered> {
        let follows = self.display_offset() == 0;
        let place = self.place_of(Some(id));
        let block = self.state.blocks.get_mut(id)?;
        // Who watches the end of what is printed goes on doing so.
        let place = place.filter(|_| !(follows && block.is_running()));
        block.flags.set(Flags::FILTERED, filter.is_some());
        block.flags.remove(Flags::FOLDED);
        block.hidden.clear();
        block.filter = filter.map(|filter| Box::new(ActiveFilter::new(filter.clone())));
        self.state.sift(id);
        self.state.hide_folded();
        self.put_back(Some(id), place);
        let found = self.state.blocks.get(id)?.filtered();
        Some(found.unwrap_or_default())
    }
}

impl State {
    /// Filters what running commands have printed since the last frame.
    pub(crate) fn sift_running(&mut self) {
        if self.is_alternate() {
            return;
        }
        let mut running = self.blocks.shells.running();
        while let Some(id) = running
            && let Some(block) = self.blocks.get(id)
        {
            running = block.parent;
            if block.filter.is_none() {
                continue;
            }
            let stamp = self.primary().stamp();
            let seen = block.filter.as_ref().and_then(|active| active.seen);
            if seen == Some(stamp) {
                continue;
            }
            self.sift_and_hide(id);
            let stamp = self.primary().stamp();
            if let Some(active) = self.blocks.filter_mut(id) {
                active.seen = Some(stamp);
            }
        }
    }

    /// Filters the new lines of a block and hides those that do not match.
    fn sift_and_hide(&mut self, id: BlockId) {
        let Some(from) = self.sift(id) else { return };
        let newest = self.blocks.last().is_some_and(|block| block.id == id);
        let done = match self.blocks.get(id) {
            Some(block) if newest && block.sections.is_empty() => {
                let after = block.hidden.partition_point(|range| range.0 < from);
                let tail = block.hidden[after..].to_vec();
                self.primary_mut().hide_tail(from, &tail)
            }
            _ => false,
        };
        if done {
            self.blocks.changed();
        } else {
            self.hide_folded();
        }
    }

    /// Looks at the lines of a block that its filter has not seen or that may have changed. Returns the line from
    /// which on the block's hidden ranges are other ones.
    pub(crate) fn sift(&mut self, id: BlockId) -> Option<LineId> {
        let block = self.blocks.get_mut(id)?;
        let output = block.output?;
        let mut active = block.filter.take()?;
        let mut hidden = std::mem::take(&mut block.hidden);
        let end = block.end;
        let screen = self.primary();
        let live = screen.first_live_anchor().line;
        let from = Anchor {
            line: active.next,
            cell: 0,
        };
        let from = output.max(from);
        let cursor = || Anchor {
            line: screen.cursor_place().line,
            cell: 0,
        };
        let until = end.unwrap_or_else(cursor);
        let changed = active.sieve.begin().unwrap_or(from.line);
        hidden.truncate(active.settled);
        let mut sieve = active.sieve.clone();
        let mut last = None;
        let mut settled = None;
        each_seen_line(screen, from, until, &mut |line, text| {
            if line >= live && settled.is_none() {
                settled = Some((sieve.clone(), hidden.len(), line));
            }
            sieve.feed(&active.filter, line, text, &mut hidden);
            last = Some(line);
            sieve.counts.total < MAX_FILTER_LINES
        });
        let after = |line: LineId| LineId(line.0 + 1);
        let end = last.map_or(from.line, after);
        active.found = sieve.counts;
        let begin = sieve.begin();
        (active.sieve, active.settled, active.next) =
            settled.unwrap_or((sieve, hidden.len(), end.max(active.next)));
        if let Some(begin) = begin.filter(|begin| *begin < end)
            && hidden.len() < MAX_HIDDEN_RANGES
        {
            hidden.push((begin, end));
        }
        let block = self.blocks.get_mut(id)?;
        block.hidden = hidden;
        block.filter = Some(active);
        Some(changed)
    }
}

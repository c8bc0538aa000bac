//! Folding: which lines of a block are not shown. Nothing is ever removed.

use super::{Anchor, Block, BlockId, Flags, Format, Section};
use crate::index::{Line, LineId};
use crate::limits::{MAX_FILTER_LINES, MAX_HIDDEN_RANGES, MAX_SECTIONS};
use crate::screen::{Piece, Screen};
use crate::terminal::Terminal;

impl Terminal {
    /// Folds or unfolds a block's output; the row of its command stays where it is in the viewport.
    pub fn fold_block(&mut self, id: BlockId, folded: bool) {
        self.fold_where(Some(id), |block| {
            if block.id == id {
                folded
            } else {
                block.flags.contains(Flags::FOLDED)
            }
        });
    }

    /// Folds the blocks for which `folded` says so and unfolds all others; commands that run are never folded.
    /// `anchor` stays where it is in the viewport.
    pub fn fold_where(&mut self, anchor: Option<BlockId>, folded: impl Fn(&Block) -> bool) {
        let place = self.place_of(anchor);
        let mut changed = false;
        for block in self.state.blocks.iter_mut() {
            let wanted = folded(block) && !block.is_running();
            if wanted != block.flags.contains(Flags::FOLDED) {
                block.flags.set(Flags::FOLDED, wanted);
                changed = true;
            }
        }
        if changed {
            self.hide();
            self.put_back(anchor, place);
        }
    }

    /// Folds or unfolds a section of a block's output.
    pub fn fold_section(&mut self, id: BlockId, section: usize, folded: bool) {
        let place = self.place_of(Some(id));
        if let Some(section) = self
            .state
            .blocks
            .get_mut(id)
            .and_then(|block| block.sections.get_mut(section))
        {
            section.folded = folded;
        }
        self.hide();
        self.put_back(Some(id), place);
    }

    /// Finds the sections that an ended block's output marks with `::group::` and `::endgroup::`.
    pub fn find_sections(&mut self, id: BlockId) {
        let Some(block) = self.state.blocks.get(id) else {
            return;
        };
        if block.is_running() {
            return;
        }
        let mut found = groups(self.state.primary(), block);
        // Those of OSC 1337, and those that were found before.
        found.retain(|one| {
            !block
                .sections
                .iter()
                .any(|known| known.start.line == one.start.line)
        });
        if !found.is_empty()
            && let Some(block) = self.state.blocks.get_mut(id)
        {
            block.sections.append(&mut found);
            block.sections.sort_by_key(|section| section.start);
            block.sections.truncate(MAX_SECTIONS);
        }
    }

    /// Takes a block out of the list; its lines stay, as plain text.
    pub fn forget_block(&mut self, id: BlockId) {
        if self.state.blocks.remove(id).is_some() {
            self.hide();
        }
    }

    /// Marks a block, or not.
    pub fn bookmark_block(&mut self, id: BlockId, marked: bool) {
        if let Some(block) = self.state.blocks.get_mut(id) {
            block.flags.set(Flags::BOOKMARK, marked);
        }
    }

    /// What the user wrote beside a block.
    pub fn set_block_notes(&mut self, id: BlockId, notes: super::Notes) {
        self.state.blocks.set_notes(id, notes);
    }

    /// Rows of a block's output, hidden ones included, as far as they are left.
    #[must_use]
    pub fn block_height(&self, id: BlockId) -> usize {
        let Some(block) = self.state.blocks.get(id) else {
            return 0;
        };
        let next = self.state.blocks.after(id);
        self.rows_between(output_lines(&self.state, block, next))
    }

    /// Rows of a section below its title, hidden ones included, as far as they are left.
    #[must_use]
    pub fn section_height(&self, id: BlockId, section: usize) -> usize {
        let block = self.state.blocks.get(id);
        let section = block.and_then(|block| block.sections.get(section));
        self.rows_between(section.and_then(section_lines))
    }

    fn rows_between(&self, lines: Option<(LineId, LineId)>) -> usize {
        let Some((first, after)) = lines else {
            return 0;
        };
        let numbers = self.state.primary().row_numbers(&[first, after]);
        usize::try_from(numbers[1].saturating_sub(numbers[0])).unwrap_or(usize::MAX)
    }

    /// The row in which a block begins, if it is left.
    #[must_use]
    pub fn block_line(&self, id: BlockId) -> Option<Line> {
        let start = self.state.blocks.get(id)?.start()?;
        let point = self.state.primary().resolve(start.line, start.cell)?;
        Some(point.line)
    }

    /// Tells of blocks whether something of them is left on the screen or can be scrolled to: they are not lost,
    /// cleared by the user, or only a clearing of the screen. One answer for as many blocks as are asked about.
    pub fn shown_blocks(&self) -> impl Fn(&Block) -> bool + use<> {
        let screen = self.state.primary();
        let oldest = screen.scrollback.oldest_line();
        let oldest = oldest.unwrap_or(screen.top_anchor().line);
        let oldest = oldest.max(self.state.blocks.cleared_above);
        move |block| {
            let begins = block.start().is_some_and(|start| start.line >= oldest);
            !block.flags.contains(Flags::CLEARED)
                && (begins || block.end.is_none_or(|end| end.line > oldest))
        }
    }

    /// Lines of a block's output that are in neither its beginning nor its end, which alone are kept of much.
    #[must_use]
    pub fn dropped_lines(&self, id: BlockId) -> u64 {
        let block = self.state.blocks.get(id);
        block.map_or(0, |block| match block.is_running() {
            true => self.state.primary().scrollback.run_dropped().0,
            false => block.dropped.0,
        })
    }

    /// The row in which an anchor is now, if it is left.
    #[must_use]
    pub fn anchor_line(&self, at: Anchor) -> Option<Line> {
        let point = self.state.primary().resolve(at.line, at.cell)?;
        Some(point.line)
    }

    /// Shows a row again if it is hidden, and scrolls to it if it is not in the viewport.
    pub fn reveal(&mut self, line: Line) {
        let Some(id) = self.state.primary().line_id(line) else {
            return;
        };
        while self.state.primary().hidden.contains(id) {
            let Some(index) = self.state.blocks.index_at(id) else {
                break;
            };
            let mut next = self.state.blocks.nth(index).map(|block| block.id);
            while let Some(block) = next.and_then(|next| self.state.blocks.get_mut(next)) {
                block.flags.remove(Flags::FOLDED | Flags::FILTERED);
                block.filter = None;
                block.hidden.clear();
                for section in &mut block.sections {
                    section.folded = false;
                }
                next = block.parent;
            }
            self.hide();
        }
        let screen = self.state.primary_mut();
        screen.sync_hidden();
        let rows = i64::from(screen.size().rows);
        let row = screen.viewport_row(line);
        if !(0..rows).contains(&row) {
            screen.scroll_line_to(line, rows / 3);
        }
    }

    /// Scrolls so that a row is in a row of the viewport, as near as can be.
    pub fn scroll_to_line(&mut self, line: Line, row: u16) {
        self.state.screen_mut().scroll_line_to(line, i64::from(row));
    }

    /// Where a block begins, relative to the viewport.
    pub(super) fn place_of(&mut self, id: Option<BlockId>) -> Option<i64> {
        let line = self.block_line(id?)?;
        let screen = self.state.primary_mut();
        screen.sync_hidden();
        Some(screen.viewport_row(line))
    }

    /// Scrolls so that a block begins where it did. If the screen was in view and it can be with all of the block,
    /// it stays: the prompt is there.
    pub(super) fn put_back(&mut self, id: Option<BlockId>, place: Option<i64>) {
        if let Some(place) = place
            && let Some(line) = id.and_then(|id| self.block_line(id))
        {
            let screen = self.state.primary_mut();
            screen.sync_hidden();
            if screen.display_offset() > 0 || screen.viewport_row(line) < 0 {
                screen.scroll_line_to(line, place.max(0));
            }
        }
    }

    /// Tells the screen which lines are hidden now.
    fn hide(&mut self) {
        self.state.hide_folded();
    }
}

impl crate::terminal::state::State {
    /// Tells the screen which lines are hidden now.
    pub(crate) fn hide_folded(&mut self) {
        let mut ranges = vec![(LineId(0), self.blocks.cleared_above)];
        let mut blocks = self.blocks.iter().peekable();
        while let Some(block) = blocks.next() {
            let before = ranges.len();
            if block.flags.contains(Flags::FOLDED) {
                ranges.extend(output_lines(self, block, blocks.peek().copied()));
            } else if !block.hidden.is_empty() || !block.sections.is_empty() {
                ranges.extend_from_slice(&block.hidden);
                let folded = block.sections.iter().filter(|section| section.folded);
                ranges.extend(folded.filter_map(section_lines));
                ranges[before..].sort_unstable();
            }
            if ranges.len() > MAX_HIDDEN_RANGES {
                ranges.truncate(MAX_HIDDEN_RANGES);
                break;
            }
        }
        // Blocks begin in order, but what is hidden of an outer one may begin after an inner one.
        ranges.sort_unstable();
        self.primary_mut().hide_lines(ranges.into_iter());
        self.blocks.changed();
    }
}

/// The lines that are a block's output and nothing else's; `next`: the block after it in the list.
fn output_lines(
    state: &crate::terminal::state::State,
    block: &Block,
    next: Option<&Block>,
) -> Option<(LineId, LineId)> {
    let (output, end) = (block.output?, block.end?);
    let first = match output.cell {
        0 => output.line,
        // The command stands on the same line.
        _ => LineId(output.line.0 + 1),
    };
    let shared = || {
        let starts = [next, state.blocks.pending()];
        starts
            .into_iter()
            .flatten()
            .any(|next| next.start().is_some_and(|start| start.line == end.line))
    };
    let after = match end.cell {
        0 => end.line,
        _ if shared() => end.line,
        _ => LineId(end.line.0 + 1),
    };
    (first < after).then_some((first, after))
}

/// The lines of a section below its title.
fn section_lines(section: &Section) -> Option<(LineId, LineId)> {
    let end = section.end?;
    let after = LineId(end.line.0 + u64::from(end.cell > 0));
    let first = LineId(section.start.line.0 + 1);
    (first < after).then_some((first, after))
}

/// Calls `f` with each line between two places that can be seen, and its id, until it returns `false`.
pub(crate) fn each_seen_line(
    screen: &Screen,
    from: Anchor,
    end: Anchor,
    f: &mut dyn FnMut(LineId, &str) -> bool,
) {
    let mut line = String::new();
    let mut last = None;
    let mut more = true;
    screen.each_piece(from, end, &mut |piece| {
        match piece {
            Piece::Text(text, _) => line.push_str(text),
            Piece::LineEnd(id) => {
                more = f(id, &line);
                line.clear();
                last = Some(id);
            }
            Piece::Gap => {}
        }
        more
    });
    if more && !line.is_empty() && last.is_none_or(|last| last < end.line) {
        f(end.line, &line);
    }
}

/// The sections between `::group::` and `::endgroup::`, or `##[group]` and `##[endgroup]`.
fn groups(screen: &Screen, block: &Block) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut lines = 0;
    let (Some(from), Some(end)) = (block.output, block.end) else {
        return sections;
    };
    each_seen_line(screen, from, end, &mut |id, text| {
        lines += 1;
        let at = Anchor { line: id, cell: 0 };
        let text = text.trim_start();
        let title = text
            .strip_prefix("::group::")
            .or_else(|| text.strip_prefix("##[group]"));
        if let Some(title) = title {
            open.push(sections.len());
            sections.push(Section {
                title: title.trim().chars().take(255).collect(),
                start: at,
                end: None,
                depth: u8::try_from(open.len() - 1).unwrap_or(u8::MAX),
                folded: false,
            });
        } else if (text.starts_with("::endgroup::") || text.starts_with("##[endgroup]"))
            && let Some(section) = open.pop().and_then(|index| sections.get_mut(index))
        {
            section.end = Some(Anchor {
                line: id,
                cell: u32::MAX,
            });
        }
        lines < MAX_FILTER_LINES && sections.len() < MAX_SECTIONS
    });
    for section in &mut sections {
        section.end = section.end.or(block.end);
    }
    sections
}

impl Screen {
    /// The logical line that a row is part of.
    pub(crate) fn line_id(&self, line: Line) -> Option<LineId> {
        self.anchor(crate::index::Point {
            line,
            column: crate::index::Column(0),
        })
        .map(|(id, _)| id)
    }
}

impl Terminal {
    /// A block's text of what is shown of it: without what is folded or left out by its filter.
    #[must_use]
    pub fn block_shown_text(&self, id: BlockId) -> Option<String> {
        let block = self.state.blocks.get(id)?;
        if !block.flags.contains(Flags::FILTERED) {
            return self.block_text(id, super::Part::Output, Format::Text);
        }
        let screen = self.state.primary();
        let mut text = String::new();
        let from = block.output?;
        let end = block.end.unwrap_or_else(|| screen.cursor_place());
        each_seen_line(screen, from, end, &mut |id, line| {
            if !screen.hidden.contains(id) {
                text.push_str(line.trim_end_matches(' '));
                text.push('\n');
            }
            true
        });
        Some(text)
    }
}

impl Terminal {
    /// Hides everything above a block from screen and scrollback, as a user's action.
    pub fn clear_above(&mut self, id: BlockId) {
        if let Some(start) = self.state.blocks.get(id).and_then(Block::start) {
            self.state.blocks.cleared_above = start.line;
            self.hide();
        }
    }
}

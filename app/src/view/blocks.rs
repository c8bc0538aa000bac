//! Blocks as a pane shows them: which are in the viewport, what is said of each, what is selected.
//!
//! A pane's [`BlockView`] is brought up to date with each frame, under the pane's lock, for the rows of the
//! viewport only: each row finds its block by binary search, so a hundred thousand blocks cost no more than
//! ten. Headers are written into blank cells of a copy of their row (`decorate.rs`), so they scroll, are cached
//! and are drawn as text is; the gutter is beside the grid.

pub(crate) mod compare;
pub(crate) mod decorate;
pub(crate) mod dialogs;
pub(crate) mod gutter;
pub(crate) mod header;
pub(crate) mod html;
pub(crate) mod summary;
pub(crate) mod tools;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use terminal::blocks::{Block, Blocks, Flags, State, Trust};
use terminal::event::Progress;
use terminal::frame::FrameRow;
use terminal::{BlockId, Frame, Origin, Terminal};

use crate::git::Branch;
use dialogs::FilterWords;
use header::{Click, Piece};
use summary::{Status, Summary};
use tools::Tool;

/// Rows that a pane needs for one of them to show a command all the time.
const STICKY_ROWS: u16 = 5;

/// Branches of folders that are remembered.
const MAX_BRANCHES: usize = 64;

/// What the settings say of blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockLook {
    /// Show headers.
    pub(crate) headers: bool,
    /// Keep the command in sight at the top.
    pub(crate) sticky: bool,
    /// Show tools under the pointer.
    pub(crate) toolbar: bool,
    /// Show when commands started.
    pub(crate) time: bool,
    /// Show durations from this one on.
    pub(crate) duration_from: Duration,
    /// The user's home folder.
    pub(crate) home: Option<String>,
}

/// A block in the viewport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Which.
    pub(crate) id: BlockId,
    /// Its rows of the viewport.
    pub(crate) rows: Range<u16>,
    /// Its first row is among them.
    pub(crate) starts: bool,
    /// The row beside which its mark stands: the first that is not empty.
    pub(crate) mark_row: u16,
    /// How it ended.
    pub(crate) status: Status,
    /// A shell that proved itself says so.
    pub(crate) believed: bool,
    /// How many commands stand around it: its shell was started by one, whose shell by another.
    pub(crate) depth: usize,
    /// It ran in an earlier session.
    pub(crate) old: bool,
    /// What is written beside its command.
    pub(crate) pieces: Vec<Piece>,
    /// The row in which: the command's first one, or a later one if that is full.
    pub(crate) header_row: u16,
    /// It is selected.
    pub(crate) selected: bool,
}

/// A title of a section in the viewport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenSection {
    /// Its row of the viewport.
    pub(crate) row: u16,
    /// Which.
    pub(crate) section: SectionOf,
    /// What is written beside its title: how much is hidden.
    pub(crate) pieces: Vec<Piece>,
}

/// A section of a block's output, as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SectionOf {
    /// Whose.
    pub(crate) block: BlockId,
    /// Which of the block's.
    pub(crate) index: usize,
    /// Its lines are hidden.
    pub(crate) folded: bool,
}

/// The command whose output fills the viewport, shown in its first row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sticky {
    /// Which block's.
    pub(crate) id: BlockId,
    /// How it ended.
    pub(crate) status: Status,
    /// The command's first line.
    pub(crate) command: String,
    /// What is said of it at the right.
    pub(crate) pieces: Vec<Piece>,
}

/// What is under the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hit {
    /// A block's gutter.
    Gutter(BlockId),
    /// A part of a block's header that can be clicked.
    Piece(BlockId, Click),
    /// The first row of a block, beside its header.
    Row(BlockId),
    /// The sticky header.
    Sticky(BlockId),
    /// The mark of a section, or what tells how much of it is hidden.
    Section(SectionOf),
}

/// A pane's blocks, as the window shows them.
#[derive(Debug, Default)]
pub(crate) struct BlockView {
    /// The selected blocks.
    pub(crate) selected: BTreeSet<BlockId>,
    /// The one from which the selection goes on.
    pub(crate) head: Option<BlockId>,
    /// The block whose tools are shown, and the tool under the pointer.
    pub(crate) hovered: Option<(BlockId, Option<Tool>)>,
    /// The filters of blocks, as they were written.
    pub(crate) filters: BTreeMap<BlockId, FilterWords>,
    /// Blocks whose end is to be told in any case.
    pub(crate) watched: BTreeSet<BlockId>,
    /// The blocks in the viewport, from the top.
    pub(crate) seen: Vec<Seen>,
    /// The titles of sections in the viewport, from the top.
    pub(crate) sections: Vec<SeenSection>,
    /// How far the running program says it is (OSC 9;4).
    pub(crate) progress: Option<Progress>,
    /// What is written into the viewport's first row.
    pub(crate) sticky: Option<Sticky>,
    /// Where the pane's own shell runs, if not on this machine.
    pub(crate) environment: Option<String>,
    /// When the shown elapsed time of a running command changes next, in the session's time.
    pub(crate) next_second: Option<Duration>,
    branches: VecDeque<(String, Option<Arc<Branch>>)>,
}

impl BlockView {
    /// Brings it up to date with a frame just copied; returns whether anything that is drawn changed.
    pub(crate) fn update(
        &mut self,
        terminal: &Terminal,
        frame: &Frame,
        look: &BlockLook,
        now: Duration,
        born: SystemTime,
    ) -> bool {
        let blocks = terminal.blocks();
        self.next_second = None;
        if frame.alternate_screen || (blocks.is_empty() && blocks.pending().is_none()) {
            let had = !self.seen.is_empty() || self.sticky.is_some();
            self.seen.clear();
            self.sections.clear();
            self.sticky = None;
            return had;
        }
        let context = Told {
            terminal,
            look,
            now,
            born,
        };
        let seen = self.look_at_rows(&context, frame);
        let sticky = self.find_sticky(&context, frame);
        let sections = find_sections(terminal, frame);
        let changed = seen != self.seen || sticky != self.sticky || sections != self.sections;
        self.seen = seen;
        self.sections = sections;
        self.sticky = sticky;
        changed
    }

    fn look_at_rows(&mut self, context: &Told<'_>, frame: &Frame) -> Vec<Seen> {
        let blocks = context.terminal.blocks();
        let mut seen: Vec<Seen> = Vec::new();
        let mut before = None;
        for (row, number) in frame.rows.iter().zip(0u16..) {
            if usize::from(number) >= frame.lines.len() {
                break;
            }
            let index = blocks.index_at(row.line_id);
            let new_line = before != Some(row.line_id);
            before = Some(row.line_id);
            let Some(block) = index.and_then(|index| blocks.nth(index)) else {
                continue;
            };
            if block.flags.contains(Flags::CLEARED) {
                continue;
            }
            // What is left of a prompt of several rows, of which the first have been scrolled away, is its start.
            let in_prompt =
                number == 0 && block.input.is_some_and(|input| row.line_id <= input.line);
            let starts = new_line
                && (in_prompt || block.start().is_some_and(|start| start.line == row.line_id));
            // A command may take several rows; the first that has room gets the header.
            let on_command = block
                .output
                .or(block.end)
                .is_none_or(|output| row.line_id < output.line);
            let known = seen
                .last()
                .is_some_and(|last| last.id == block.id && !starts);
            // Many prompts begin with an empty line, which belongs to nothing that the eye sees.
            let typed = block.input.or(block.output);
            let empty =
                typed.is_some_and(|typed| row.line_id < typed.line) && decorate::is_empty(row);
            let wanted = !empty
                && match seen.last().filter(|_| known) {
                    Some(last) => last.starts && last.pieces.is_empty() && on_command,
                    None => starts,
                };
            let pieces = if wanted {
                self.pieces(context, blocks, index.unwrap_or(0), block, row)
            } else {
                Vec::new()
            };
            if let Some(last) = seen.last_mut().filter(|_| known) {
                if last.starts && last.mark_row == last.rows.end {
                    last.mark_row += u16::from(empty);
                }
                last.rows.end = number + 1;
                if !pieces.is_empty() {
                    last.pieces = pieces;
                    last.header_row = number;
                }
                continue;
            }
            seen.push(Seen {
                header_row: number,
                mark_row: number + u16::from(empty),
                believed: block.is_verified(),
                // The commands around it may have left the list.
                depth: blocks.depth(block).max(usize::from(block.parent.is_some())),
                old: block.is_old(),
                id: block.id,
                rows: number..number + 1,
                starts,
                status: Status::of(block),
                pieces,
                selected: self.selected.contains(&block.id),
            });
        }
        seen
    }

    fn pieces(
        &mut self,
        context: &Told<'_>,
        blocks: &Blocks,
        index: usize,
        block: &Block,
        row: &FrameRow,
    ) -> Vec<Piece> {
        let blank = decorate::blank_cells(row);
        if context.look.toolbar
            && let Some((id, tool)) = self.hovered
            && id == block.id
        {
            let tools = if block.is_running() {
                Tool::RUNNING
            } else {
                Tool::ALL
            };
            let folded = block.flags.contains(Flags::FOLDED);
            return header::toolbar(tools, tool, folded, &blank);
        }
        if !context.look.headers {
            return Vec::new();
        }
        header::header(&self.summary(context, blocks, index, block), &blank)
    }

    fn summary(
        &mut self,
        context: &Told<'_>,
        blocks: &Blocks,
        index: usize,
        block: &Block,
    ) -> Summary {
        let previous = index
            .checked_sub(1)
            .and_then(|index| blocks.nth(index))
            .filter(|previous| previous.shell == block.shell);
        let folder = block.context.cwd.as_deref();
        let folder_before = previous.and_then(|block| block.context.cwd.as_deref());
        let moved = previous.is_none() || folder != folder_before;
        let branch = self.branch_of(folder);
        let branch_before = self.branch_of(folder_before);
        let new_branch = previous.is_none() || branch != branch_before;
        let new_place = previous.is_none_or(|previous| {
            let place = |block: &Block| (block.context.user.clone(), block.context.host.clone());
            place(previous) != place(block)
        });
        let place = if new_place {
            self.place(blocks, block)
        } else {
            None
        };
        let duration = match &block.state {
            State::Running => {
                let elapsed = context.now.saturating_sub(block.started);
                let whole = Duration::from_secs(elapsed.as_secs() + 1);
                let next = block.started + whole;
                self.next_second = Some(self.next_second.map_or(next, |known| known.min(next)));
                Some(elapsed).filter(|elapsed| elapsed.as_secs() > 0)
            }
            _ => block
                .duration()
                .filter(|duration| *duration >= context.look.duration_from),
        };
        let notes = block.notes.as_deref();
        Summary {
            status: Status::of(block),
            exit: match &block.state {
                State::Rejected { status: 130 } => Some("cancelled".to_owned()),
                State::Rejected { .. } => Some("not run".to_owned()),
                // With the connection, or as `exit` does it.
                State::Lost if self.environment.is_some() && block.parent.is_none() => {
                    Some("interrupted".to_owned())
                }
                State::Lost => Some("ended with its shell".to_owned()),
                _ => block.exit().and_then(summary::exit_text),
            },
            duration,
            progress: match self.progress {
                Some(Progress::Normal(percent)) if block.is_running() => {
                    Some(format!("{percent} %"))
                }
                Some(Progress::Paused(percent)) if block.is_running() => {
                    Some(format!("{percent} %, paused"))
                }
                Some(Progress::Error(percent)) if block.is_running() => {
                    Some(format!("{percent} %, in trouble"))
                }
                _ => None,
            },
            full_screen: block.flags.contains(Flags::ALT_SCREEN) && !block.is_running(),
            folder: folder.filter(|_| moved).map(|folder| {
                let home = context.look.home.as_deref();
                let home = home.filter(|_| !is_elsewhere(blocks, block));
                summary::folder_text(folder, home)
            }),
            branch: branch.filter(|_| new_branch),
            place: place.filter(|place| !place.is_empty()),
            name: notes
                .map(|notes| notes.name.clone())
                .filter(|name| !name.is_empty()),
            bookmark: block.flags.intersects(Flags::BOOKMARK | Flags::MARKED),
            hidden: summary::hidden_text(
                block,
                if block.flags.contains(Flags::FOLDED) {
                    context.terminal.block_height(block.id)
                } else {
                    0
                },
                self.filters.get(&block.id),
            ),
            old: block.is_old(),
            time: match block.is_old() {
                true => crate::local_time::date_and_time(
                    block.started_at(context.born),
                    SystemTime::now(),
                ),
                false => context
                    .look
                    .time
                    .then(|| crate::local_time::hour_and_minute(context.born + block.started))
                    .flatten(),
            },
        }
    }

    /// Where a block's shell runs, if that is not where the pane's own runs on this machine: the environment's
    /// name, or user and host of a shell inside another.
    fn place(&self, blocks: &Blocks, block: &Block) -> Option<String> {
        let context = &block.context;
        if block.parent.is_none_or(|id| blocks.get(id).is_none())
            && let Some(environment) = &self.environment
        {
            return Some(environment.clone());
        }
        is_elsewhere(blocks, block).then(|| match context.user.as_str() {
            "" => context.host.clone(),
            user => format!("{user}@{}", context.host),
        })
    }

    /// The block whose output begins above the viewport and fills it, if the settings want to see its command.
    fn find_sticky(&mut self, context: &Told<'_>, frame: &Frame) -> Option<Sticky> {
        if !context.look.sticky || frame.cursor.visible && frame.cursor.row == 0 {
            return None;
        }
        // What the header covers must be reached by scrolling, and worth less than the command.
        let scrolls = frame.display_offset < frame.scrollback_rows;
        let begins = frame.display_offset == 0 && frame.cursor.row < frame.size.rows / 2;
        if !scrolls || begins || frame.size.rows < STICKY_ROWS {
            return None;
        }
        let first = frame.rows.first()?;
        let blocks = context.terminal.blocks();
        let index = blocks.index_at(first.line_id)?;
        let block = blocks.nth(index)?;
        let output = block.output?;
        let above = output.line < first.line_id && !block.flags.contains(Flags::CLEARED);
        // A program that paints over its own output draws the screen itself.
        let paints = block.is_running() && block.flags.contains(Flags::LIVE);
        let second = frame
            .rows
            .get(1)
            .and_then(|row| blocks.index_at(row.line_id));
        if !above || paints || second != Some(index) {
            return None;
        }
        let command = block.command.text.lines().next().unwrap_or_default();
        let columns = usize::from(frame.size.columns);
        let room = columns.saturating_sub(4);
        let mut shown: String = command.chars().take(room).collect();
        if command.chars().nth(room).is_some() {
            shown.pop();
            shown.push('…');
        }
        let taken = shown.chars().count() + 2;
        let blank: Vec<bool> = (0..columns).map(|column| column >= taken).collect();
        let summary = self.summary(context, blocks, index, block);
        Some(Sticky {
            id: block.id,
            status: Status::of(block),
            command: shown,
            pieces: header::header(&summary, &blank),
        })
    }

    /// What is at a cell of the viewport, or in the gutter beside a row when `column` is `None`.
    pub(crate) fn hit(&self, row: u16, column: Option<u16>) -> Option<Hit> {
        if let Some(sticky) = &self.sticky
            && row == 0
        {
            return Some(Hit::Sticky(sticky.id));
        }
        let seen = self.seen.iter().find(|seen| seen.rows.contains(&row))?;
        let section = self.sections.iter().find(|section| section.row == row);
        let Some(column) = column else {
            return Some(section.map_or(Hit::Gutter(seen.id), |one| Hit::Section(one.section)));
        };
        if let Some(section) = section
            && section
                .pieces
                .iter()
                .any(|piece| piece.columns().contains(&column))
        {
            return Some(Hit::Section(section.section));
        }
        if !seen.starts || row != seen.header_row {
            return None;
        }
        let piece = seen
            .pieces
            .iter()
            .find(|piece| piece.click != Click::None && piece.columns().contains(&column));
        Some(match piece {
            Some(piece) => Hit::Piece(seen.id, piece.click),
            None => Hit::Row(seen.id),
        })
    }

    /// The block at a row of the viewport.
    pub(crate) fn at(&self, row: u16) -> Option<BlockId> {
        let seen = self.seen.iter().find(|seen| seen.rows.contains(&row));
        seen.map(|seen| seen.id)
    }

    /// Selects one block only.
    pub(crate) fn select(&mut self, id: BlockId) {
        self.selected = BTreeSet::from([id]);
        self.head = Some(id);
    }

    /// Adds a block to the selection, or takes it out.
    pub(crate) fn toggle(&mut self, id: BlockId) {
        if !self.selected.remove(&id) {
            self.selected.insert(id);
        }
        self.head = Some(id);
    }

    /// Selects all blocks between the last one selected and this one.
    pub(crate) fn extend_to(&mut self, blocks: &Blocks, id: BlockId) {
        let from = self.head.unwrap_or(id);
        let places = [blocks.position(from), blocks.position(id)];
        let [Some(from), Some(to)] = places else {
            self.select(id);
            return;
        };
        let range = from.min(to)..=from.max(to);
        let between = range.filter_map(|index| blocks.nth(index));
        self.selected.extend(
            between
                .filter(|block| !block.flags.contains(Flags::CLEARED))
                .map(|block| block.id),
        );
        self.head = Some(id);
    }

    /// Selects none; returns whether any was.
    pub(crate) fn clear_selection(&mut self) -> bool {
        self.head = None;
        !std::mem::take(&mut self.selected).is_empty()
    }

    /// A block left the list.
    pub(crate) fn forget(&mut self, id: BlockId) {
        self.selected.remove(&id);
        self.filters.remove(&id);
        self.watched.remove(&id);
        self.head = self.head.filter(|head| *head != id);
        self.hovered = self.hovered.filter(|(hovered, _)| *hovered != id);
    }

    /// The branch of a folder was found out.
    pub(crate) fn set_branch(&mut self, folder: String, branch: Option<Branch>) -> bool {
        let branch = branch.map(Arc::new);
        let known = self.branches.iter_mut().find(|known| known.0 == folder);
        if let Some(known) = known {
            let changed = known.1 != branch;
            known.1 = branch;
            return changed;
        }
        if self.branches.len() == MAX_BRANCHES {
            self.branches.pop_front();
        }
        let changed = branch.is_some();
        self.branches.push_back((folder, branch));
        changed
    }

    fn branch_of(&self, folder: Option<&str>) -> Option<Arc<Branch>> {
        let folder = folder?;
        let known = self.branches.iter().find(|known| known.0 == folder)?;
        known.1.clone()
    }
}

/// Whether a block's shell is another user's or host's than the one that it was started from.
fn is_elsewhere(blocks: &Blocks, block: &Block) -> bool {
    let context = &block.context;
    let outer = block.parent.and_then(|id| blocks.get(id));
    let other = outer.is_some_and(|outer| {
        outer.context.user != context.user || outer.context.host != context.host
    });
    other || matches!(block.trust, Trust::Verified(Origin::Remote))
}

/// The titles of sections in the viewport.
fn find_sections(terminal: &Terminal, frame: &Frame) -> Vec<SeenSection> {
    let blocks = terminal.blocks();
    let mut sections = Vec::new();
    let mut before = None;
    for (row, number) in frame.rows.iter().zip(0u16..).take(frame.lines.len()) {
        if before.replace(row.line_id) == Some(row.line_id) {
            continue;
        }
        let Some(block) = blocks.at(row.line_id) else {
            continue;
        };
        let index = block
            .sections
            .binary_search_by_key(&row.line_id, |section| section.start.line);
        let Ok(index) = index else { continue };
        let folded = block.sections.get(index).is_some_and(|one| one.folded);
        let hidden = match folded {
            true => summary::folded_text(terminal.section_height(block.id, index)),
            false => None,
        };
        let pieces = hidden.map_or_else(Vec::new, |hidden| {
            header::note(hidden, &decorate::blank_cells(row))
        });
        sections.push(SeenSection {
            row: number,
            section: SectionOf {
                block: block.id,
                index,
                folded,
            },
            pieces,
        });
    }
    sections
}

/// What a view is made from.
struct Told<'a> {
    terminal: &'a Terminal,
    look: &'a BlockLook,
    now: Duration,
    born: SystemTime,
}

#[cfg(test)]
mod tests;

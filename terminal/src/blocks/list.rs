//! The blocks of a pane, oldest first: found by id, by place and by line with binary search.
//!
//! Ids grow with time and lines grow downwards, so the list is sorted by both. A block that a later prompt took
//! the lines of keeps its text (`capture.rs`) and an empty place where that prompt began.

use std::collections::VecDeque;

use super::filter::ActiveFilter;
use super::live::Live;
use super::shells::Shells;
use super::{Anchor, Block, BlockId, Flags, Notes};
use crate::index::LineId;
use crate::limits::{MAX_BLOCKS, MAX_DETACHED_BLOCKS};

/// The blocks of a pane.
#[derive(Debug)]
pub struct Blocks {
    list: VecDeque<Block>,
    next: BlockId,
    /// Blocks at the front that have no line left.
    detached: usize,
    /// Something that the view shows of blocks changed.
    generation: u64,
    pub(crate) shells: Shells,
    /// Blocks that ended may have rows on the screen that were not copied yet.
    pub(crate) unsettled: bool,
    /// A command runs that has not moved up yet.
    pub(crate) unmoved: bool,
    /// Where the command that runs comes back to, if one does.
    pub(crate) live: Option<Live>,
    /// The screen was cleared since the running command began.
    pub(crate) cleared: bool,
    /// Blocks with a capture, the oldest capture first.
    pub(crate) captures: VecDeque<BlockId>,
    /// Bytes of all captures.
    pub(crate) captured: usize,
    /// Lines before this one are not shown: the user cleared them.
    pub(crate) cleared_above: LineId,
}

impl Default for Blocks {
    fn default() -> Self {
        Self {
            list: VecDeque::new(),
            next: BlockId::FIRST,
            detached: 0,
            generation: 0,
            shells: Shells::default(),
            unsettled: false,
            unmoved: false,
            live: None,
            cleared: false,
            captures: VecDeque::new(),
            captured: 0,
            cleared_above: LineId(0),
        }
    }
}

impl Blocks {
    /// All of them, oldest first; that of the prompt that waits is not among them.
    pub fn iter(&self) -> std::collections::vec_deque::Iter<'_, Block> {
        self.list.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> std::collections::vec_deque::IterMut<'_, Block> {
        self.list.iter_mut()
    }

    /// The block after one in the list.
    pub(crate) fn after(&self, id: BlockId) -> Option<&Block> {
        self.position(id).and_then(|at| self.list.get(at + 1))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The block at a place in the list.
    #[must_use]
    pub fn nth(&self, index: usize) -> Option<&Block> {
        self.list.get(index)
    }

    /// The block with an id, that of the waiting prompt included.
    #[must_use]
    pub fn get(&self, id: BlockId) -> Option<&Block> {
        match self.position(id) {
            Some(index) => self.list.get(index),
            None => self.pending().filter(|block| block.id == id),
        }
    }

    /// A block's place in the list.
    #[must_use]
    pub fn position(&self, id: BlockId) -> Option<usize> {
        self.list.binary_search_by_key(&id, |block| block.id).ok()
    }

    /// How many commands stand around a block: its shell was started by one, whose shell by another.
    #[must_use]
    pub fn depth(&self, block: &Block) -> usize {
        let outer = |block: &Block| self.get(block.parent?);
        std::iter::successors(outer(block), |block| outer(block)).count()
    }

    /// The newest block.
    #[must_use]
    pub fn last(&self) -> Option<&Block> {
        self.list.back()
    }

    /// The block of the prompt that waits, if one does.
    #[must_use]
    pub fn pending(&self) -> Option<&Block> {
        self.shells.pending()
    }

    /// The innermost command that runs.
    #[must_use]
    pub fn running(&self) -> Option<&Block> {
        self.get(self.shells.running()?)
    }

    /// Whether a shell that proved itself waits at its prompt.
    #[must_use]
    pub fn is_at_prompt(&self) -> bool {
        self.pending().is_some_and(Block::is_verified)
    }

    /// Changes whenever something did that a view of the blocks shows.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The first block that begins at or after a line, by its place in the list.
    #[must_use]
    pub fn first_from(&self, line: LineId) -> usize {
        self.list
            .partition_point(|block| block.start().is_some_and(|start| start.line < line))
    }

    /// The innermost block that a line belongs to, by its place in the list.
    #[must_use]
    pub fn index_at(&self, line: LineId) -> Option<usize> {
        let after = self
            .list
            .partition_point(|block| block.start().is_some_and(|start| start.line <= line));
        let mut index = after.checked_sub(1)?;
        loop {
            let block = self.list.get(index)?;
            if block.covers(line) {
                return Some(index);
            }
            // Past the end of a block within another one, the line is the outer one's.
            index = self.position(block.parent?)?;
        }
    }

    /// The innermost block that a line belongs to.
    #[must_use]
    pub fn at(&self, line: LineId) -> Option<&Block> {
        match self.index_at(line) {
            Some(index) => self.list.get(index),
            None => self.pending().filter(|block| block.covers(line)),
        }
    }

    pub(crate) fn get_mut(&mut self, id: BlockId) -> Option<&mut Block> {
        let index = self.position(id)?;
        self.changed();
        self.list.get_mut(index)
    }

    /// The filter of a block, if it has one.
    pub(crate) fn filter_mut(&mut self, id: BlockId) -> Option<&mut ActiveFilter> {
        let index = self.position(id)?;
        self.list.get_mut(index)?.filter.as_deref_mut()
    }

    pub(crate) fn nth_mut(&mut self, index: usize) -> Option<&mut Block> {
        self.list.get_mut(index)
    }

    /// A view of the blocks must be made anew.
    pub(crate) fn changed(&mut self) {
        self.generation += 1;
    }

    /// An id for a new block.
    pub(crate) fn fresh_id(&mut self) -> BlockId {
        let id = self.next;
        self.next = id.next();
        id
    }

    /// Adds the newest block; returns the ids of those that must go for it.
    pub(crate) fn push(&mut self, block: Block) -> Vec<BlockId> {
        self.changed();
        self.list.push_back(block);
        let mut gone = Vec::new();
        while self.list.len() > MAX_BLOCKS || self.detached > MAX_DETACHED_BLOCKS {
            let Some(block) = self.list.pop_front() else {
                break;
            };
            self.detached = self.detached.saturating_sub(1);
            self.captured -= block.capture_bytes();
            gone.push(block.id);
        }
        gone
    }

    /// Takes a block out of the list, as a user's action.
    pub(crate) fn remove(&mut self, id: BlockId) -> Option<Block> {
        let index = self.position(id)?;
        let block = self.list.remove(index)?;
        if index < self.detached {
            self.detached -= 1;
        }
        self.captured -= block.capture_bytes();
        self.changed();
        Some(block)
    }

    /// The oldest line that is left is now `oldest`: the ids of blocks that have none any more.
    pub(crate) fn detach_before(&mut self, oldest: LineId) -> Vec<BlockId> {
        let mut ids = Vec::new();
        while let Some(block) = self.list.get(self.detached)
            && !block.is_running()
            && block.last_line().is_none_or(|last| last < oldest)
        {
            ids.push(block.id);
            self.detached += 1;
        }
        if !ids.is_empty() {
            self.changed();
        }
        ids
    }

    /// Blocks at the front of the list that have no line left.
    #[must_use]
    pub fn detached(&self) -> usize {
        self.detached
    }

    /// Whether a block that ended reaches past a place.
    pub(crate) fn reach_past(&self, at: Anchor) -> bool {
        // Ends may be out of order only where blocks are within others, the newest of which is last.
        let mut block = self.list.back();
        while let Some(one) = block {
            if one.end.is_some_and(|end| end > at) || one.start().is_some_and(|start| start >= at) {
                return true;
            }
            block = one
                .parent
                .and_then(|id| self.position(id))
                .and_then(|index| self.list.get(index));
        }
        false
    }

    /// What a new prompt at `at` takes from the blocks before it: their lines from there on.
    pub(crate) fn displace(&mut self, at: Anchor) {
        for block in self.list.iter_mut().rev() {
            if block.last_line().is_some_and(|last| last < at.line) {
                break;
            }
            let clamp = |anchor: &mut Option<Anchor>| {
                if let Some(anchor) = anchor
                    && *anchor > at
                {
                    *anchor = at;
                }
            };
            if block.is_running() {
                continue;
            }
            if block.start().is_some_and(|start| start >= at)
                || block.end.is_some_and(|end| end.line > at.line)
            {
                block.flags |= Flags::OVERDRAWN;
            }
            clamp(&mut block.prompt);
            clamp(&mut block.input);
            clamp(&mut block.output);
            clamp(&mut block.end);
        }
    }

    pub(crate) fn set_notes(&mut self, id: BlockId, notes: Notes) {
        if let Some(block) = self.get_mut(id) {
            let empty = notes == Notes::default();
            block.notes = (!empty).then(|| Box::new(notes));
        }
    }
}

impl Block {
    /// Whether a line is among its lines.
    fn covers(&self, line: LineId) -> bool {
        let begun = self.start().is_some_and(|start| start.line <= line);
        begun
            && match self.end {
                Some(_) => self.last_line().is_some_and(|last| line <= last),
                None => true,
            }
    }

    /// Its last line; `None` while it goes on, and when it has no line.
    #[must_use]
    pub fn last_line(&self) -> Option<LineId> {
        let end = self.end?;
        let first = self.start()?.line;
        match end.cell {
            // The end is the place after the last cell: at the start of a line it is before that line.
            0 if end.line > first => Some(LineId(end.line.0 - 1)),
            _ => Some(end.line),
        }
    }

    pub(crate) fn capture_bytes(&self) -> usize {
        self.capture
            .as_ref()
            .map_or(0, |capture| capture.text.len())
    }
}

impl<'a> IntoIterator for &'a Blocks {
    type Item = &'a Block;
    type IntoIter = std::collections::vec_deque::Iter<'a, Block>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

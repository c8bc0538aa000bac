//! Prompts: where one begins, what belongs to it, what is typed there.

use std::time::Duration;

use super::{Keys, Phase, Prompt};
use crate::blocks::mark::{Claim, PromptPart, Proof};
use crate::blocks::{
    Anchor, Block, BlockEvent, BlockId, Clock, CommandText, Flags, Kind, State as BlockState, Trust,
};
use crate::index::LineId;
use crate::limits::MAX_PROMPT_PARTS;
use crate::terminal::Origin;
use crate::terminal::state::State;

/// How soon a shell answers a key.
const ANSWER: Duration = Duration::from_millis(300);

impl State {
    pub(super) fn begin_prompt(&mut self, index: usize, fresh_line: bool) {
        if !self.is_alternate() {
            if fresh_line {
                self.fresh_line();
            }
            self.primary_mut().begin_line();
        }
        let at = self.cursor_anchor();
        if self.blocks.reach_past(at) {
            // The prompt takes lines that blocks before it stand on.
            self.settle();
            self.blocks.displace(at);
        }
        let block = self.new_block(index, at);
        let id = block.id;
        let shell = &mut self.blocks.shells.stack[index];
        shell.phase = Phase::Prompt(Box::new(Prompt {
            block,
            parts: Vec::new(),
            part: None,
            cleared: false,
        }));
        let enter_starts = shell.enter_starts;
        self.blocks.shells.awaits_enter = enter_starts;
        self.blocks.shells.entered = false;
        self.blocks.changed();
        self.effects.block(BlockEvent::Prompted(id));
    }

    pub(super) fn new_block(&mut self, index: usize, at: Anchor) -> Block {
        let id = self.blocks.fresh_id();
        let shells = &self.blocks.shells;
        let shell = &shells.stack[index];
        let trust = match shell.key {
            None => Trust::Unverified,
            Some(_) if self.options.origin == Origin::Remote => Trust::Verified(Origin::Remote),
            Some(key) => Trust::Verified(shells.keys[key].0.origin),
        };
        Block {
            id,
            shell: shell.id,
            parent: shell.parent,
            cycle: shell.cycle,
            kind: Kind::Command,
            state: BlockState::Pending,
            trust,
            prompt: Some(at),
            input: None,
            output: None,
            end: None,
            command: CommandText::default(),
            context: shells.context(shell.id),
            started: self.effects.now(),
            earlier: None,
            flags: Flags::empty(),
            sections: Vec::new(),
            notes: None,
            dropped: (0, 0),
            hidden: Vec::new(),
            filter: None,
            capture: None,
        }
    }

    pub(super) fn prompt(&mut self, index: usize) -> Option<&mut Prompt> {
        match &mut self.blocks.shells.stack.get_mut(index)?.phase {
            Phase::Prompt(prompt) => Some(prompt),
            _ => None,
        }
    }

    /// The prompt is drawn again, or begins only now. Lines between its old and its new place are no prompt.
    pub(super) fn move_prompt(&mut self, index: usize) {
        if self.prompt(index).is_none() {
            return;
        }
        self.primary_mut().begin_line();
        let at = self.cursor_anchor();
        // A mark without proof takes no line from a block before.
        if self.blocks.reach_past(at) {
            return;
        }
        let Some(prompt) = self.prompt(index) else {
            return;
        };
        let old = prompt.block.prompt.unwrap_or(at);
        let input = prompt.block.input;
        let cleared = std::mem::take(&mut prompt.cleared);
        prompt.block.prompt = Some(at);
        prompt.block.input = None;
        let parts = std::mem::take(&mut prompt.parts);
        prompt.part = None;
        self.blocks.changed();
        if let Some(input) = input.filter(|_| !cleared && at.line > old.line) {
            self.keep_notice(index, input, &parts, at);
        }
    }

    /// What a background job printed at a prompt, which was then drawn again.
    fn keep_notice(&mut self, index: usize, input: Anchor, parts: &[(Anchor, Anchor)], at: Anchor) {
        if self.answers_a_key()
            || self
                .blocks
                .shells
                .context_of(index)
                .shell
                .starts_with("bash")
        {
            // Completions. bash draws its prompt again for nothing else.
            return;
        }
        let below = |line: LineId| {
            let line = self.primary().next_line_after(line)?;
            Some(Anchor { line, cell: 0 })
        };
        // What was typed stands before what was printed on the same line, and nobody knows how far it goes.
        let typed = self.blocks.shells.struck.is_some_and(|keys| !keys.below[0]);
        let first = if typed {
            below(input.line)
        } else {
            Some(input)
        };
        let mut lines = std::iter::successors(first, |start| below(start.line));
        let printed = lines.find(|start| {
            let end = below(start.line).unwrap_or(at).min(at);
            let text = || self.primary().text_without(*start, end, parts);
            *start >= at || !text().trim().is_empty()
        });
        let Some(start) = printed.filter(|start| *start < at) else {
            return;
        };
        let fresh = self.push_background(index, start, at);
        if let Some(prompt) = self.prompt(index) {
            prompt.block.id = fresh;
            self.effects.block(BlockEvent::Prompted(fresh));
        }
    }

    /// Makes what was printed at a prompt a block of its own. Returns the id that the prompt's block is to have from now
    /// on: ids grow with the lines.
    pub(super) fn push_background(&mut self, index: usize, from: Anchor, to: Anchor) -> BlockId {
        let printed = Block {
            kind: Kind::Background,
            state: BlockState::Done {
                exit: None,
                duration: None,
                clock: Clock::Terminal,
            },
            prompt: None,
            output: Some(from),
            end: Some(to),
            ..self.new_block(index, from)
        };
        let id = printed.id;
        self.push_block(printed);
        self.effects.block(BlockEvent::Finished(id));
        self.blocks.fresh_id()
    }

    pub(super) fn prompt_part(&mut self, index: usize, part: PromptPart) {
        if part == PromptPart::First {
            self.move_prompt(index);
            return;
        }
        let at = self.cursor_anchor();
        if let Some(prompt) = self.prompt(index) {
            prompt.part = Some(at);
            self.set_in_right_prompt(part == PromptPart::Right);
        }
    }

    pub(super) fn set_in_right_prompt(&mut self, inside: bool) {
        if std::mem::replace(&mut self.blocks.shells.in_right_prompt, inside) != inside {
            self.update_edit_modes();
        }
    }

    pub(super) fn begin_input(&mut self, index: usize) {
        let at = self.cursor_anchor();
        self.blocks.shells.struck = None;
        let Some(prompt) = self.prompt(index) else {
            return;
        };
        match prompt.part.take() {
            Some(start) => {
                if prompt.parts.len() < MAX_PROMPT_PARTS {
                    prompt.parts.push((start, at));
                }
            }
            // Input is never before its prompt, whatever moved the cursor there.
            None if prompt.block.prompt.is_some_and(|start| at < start) => return,
            None => prompt.block.input = Some(at),
        }
        self.blocks.changed();
    }

    /// The screen is about to be cleared: the prompt will be drawn again elsewhere. Returns the row from which
    /// the rows are the prompt's, and so not worth keeping.
    pub(crate) fn clear_at_prompt(&mut self) -> Option<usize> {
        let last = self.blocks.shells.stack.len().checked_sub(1)?;
        let at = {
            let prompt = self.prompt(last)?;
            prompt.cleared = true;
            prompt.block.prompt?
        };
        self.primary().row_of(at)
    }

    /// The screen was cleared: output that has not begun yet begins at its top, not on a line that left it.
    pub(crate) fn output_begins_anew(&mut self) {
        let top = self.primary().top_anchor();
        let Some((id, output)) = self
            .blocks
            .running()
            .and_then(|block| Some((block.id, block.output?)))
        else {
            return;
        };
        if output < top
            && self.primary().is_blank_between(output, top)
            && let Some(block) = self.blocks.get_mut(id)
        {
            block.output = Some(top);
            self.blocks.changed();
        }
    }

    /// The first row of the prompt that waits, which a resize leaves as it is.
    pub(crate) fn prompt_row(&self) -> Option<usize> {
        let at = self.blocks.shells.pending()?.prompt?;
        self.primary().row_of(at)
    }

    /// The user sent a key to the program.
    pub(crate) fn typed(&mut self, bytes: &[u8], now: Duration) {
        let at = self.cursor_anchor();
        let index = self.blocks.shells.stack.len().checked_sub(1);
        let prompt = index.and_then(|index| self.prompt(index));
        let below = prompt.is_some_and(|prompt| {
            let typed = prompt.parts.iter().map(|(_, end)| end.line).max();
            let input = prompt.block.input.map(|input| input.line);
            input.is_some_and(|input| at.line > typed.unwrap_or(input).max(input))
        });
        let shells = &mut self.blocks.shells;
        shells.entered |= bytes.contains(&b'\r');
        shells.struck = Some(Keys {
            last: now,
            is_tab: bytes == b"\t",
            below: [shells.struck.map_or(below, |keys| keys.below[0]), below],
        });
    }

    /// Whether what is printed at a prompt is the shell's answer to a key, such as a list of completions: it comes
    /// soon after the key, or after Tab.
    fn answers_a_key(&self) -> bool {
        let since = |at| self.effects.now().saturating_sub(at);
        let keys = self.blocks.shells.struck.filter(|keys| !keys.below[1]);
        keys.is_some_and(|keys| keys.is_tab || since(keys.last) < ANSWER)
    }

    /// The first line feed after Enter starts the command of a shell that cannot say so.
    pub(crate) fn line_feed_after_enter(&mut self) {
        self.blocks.shells.entered = false;
        self.blocks.shells.awaits_enter = false;
        let at = self.cursor_anchor();
        let Some(index) = self.blocks.shells.stack.len().checked_sub(1) else {
            return;
        };
        let Some(prompt) = self.prompt(index) else {
            return;
        };
        let (input, parts) = (prompt.block.input, prompt.parts.clone());
        // An empty line runs nothing; the next prompt ends its cycle.
        let is_empty = input.is_some_and(|input| {
            let text = self.primary().text_without(input, at, &parts);
            text.trim().is_empty()
        });
        if !is_empty {
            self.begin_command(index, Claim::default());
        }
    }

    /// Whether the prompt of the innermost shell says that Enter starts its command (`c=enter`).
    pub(crate) fn set_enter_starts(&mut self, proof: Proof<'_>, on: bool) {
        let shells = &mut self.blocks.shells;
        let Some(key) = shells.verify(proof) else {
            return;
        };
        if let Some(shell) = shells
            .stack
            .iter_mut()
            .find(|shell| shell.key == Some(key) && shell.cycle == proof.cycle)
        {
            shell.enter_starts = on;
            shells.awaits_enter = on;
        }
    }
}

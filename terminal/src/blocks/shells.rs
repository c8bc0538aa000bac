//! Which shell says what: the stack of shells of a pane and the state of each (`blocks.md` 1.7).
//!
//! A shell that was started with a [`ShellKey`] proves each of its marks; only such marks begin, name and end its
//! commands. Marks without proof move the borders of a prompt that waits, and nothing while a command runs. A
//! pane in which no shell ever proved itself shows blocks from plain marks, which are never believed.

use std::sync::Arc;
use std::time::Duration;

use super::live::Live;
use super::mark::{Claim, Ending, Fields, PromptPart, Proof, Signal, command_text};
use super::{
    Anchor, Block, BlockEvent, BlockId, Clock, CommandText, Context, Flags, Kind, ShellId,
    ShellKey, State as BlockState, TextSource, Trust,
};
use crate::index::LineId;
use crate::limits::{MAX_PROMPT_PARTS, MAX_SHELL_KEYS, MAX_SHELLS};
use crate::terminal::Origin;
use crate::terminal::state::State;

/// Digits of a nonce: 128 bits in hexadecimal.
const NONCE_LENGTH: usize = 32;

/// Blanks after a prompt beyond which a text is no input.
const RIGHT_PROMPT_GAP: usize = 8;

/// The dialects of marks without proof, the least telling first. One that was heard silences those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dialect {
    /// Nothing was heard yet.
    #[default]
    None,
    /// OSC 3008.
    Systemd,
    /// OSC 633.
    Editor,
    /// OSC 133.
    SemanticPrompt,
}

/// The shells of a pane.
#[derive(Debug, Default)]
pub(crate) struct Shells {
    keys: Vec<(ShellKey, ShellId)>,
    /// The shell that is to say its key, with a one-time word in that key's place.
    expected: Option<ShellKey>,
    /// The innermost last.
    stack: Vec<Shell>,
    next: ShellId,
    /// What the last context of each key said.
    contexts: Vec<(ShellId, Arc<Context>)>,
    /// The context of shells without a key.
    plain: Arc<Context>,
    /// Which shell said its context last, and how.
    last_said: (Option<ShellId>, Vec<u8>),
    dialect: Dialect,
    /// A command's text that came before its `C` (OSC 633;E).
    said: Option<String>,
    /// The user pressed Enter at the prompt of a shell that cannot say when a command starts.
    entered: bool,
    /// There is such a shell at its prompt.
    awaits_enter: bool,
    /// A right prompt is being drawn. What does not fit is cut: its shell may not know the width yet, and would miss
    /// a row that it did not mean to begin.
    in_right_prompt: bool,
}

/// One shell.
#[derive(Debug)]
struct Shell {
    id: ShellId,
    /// Its place among the keys; `None` if it never proved anything.
    key: Option<usize>,
    /// The prompts it drew.
    cycle: u32,
    parent: Option<BlockId>,
    phase: Phase,
    /// It cannot say when a command starts (`c=enter`).
    enter_starts: bool,
}

#[derive(Debug)]
enum Phase {
    /// Between a command's end and the next prompt.
    Idle,
    /// At its prompt.
    Prompt(Box<Prompt>),
    /// Its command runs.
    Running(BlockId),
}

/// A prompt that waits.
#[derive(Debug)]
struct Prompt {
    block: Block,
    /// Cells that are a prompt's though they stand in the input: right prompts, continuations.
    parts: Vec<(Anchor, Anchor)>,
    /// Where such a part begins that has not ended.
    part: Option<Anchor>,
    /// The screen was cleared since it was drawn.
    cleared: bool,
}

impl Shells {
    /// A right prompt is being drawn.
    pub(crate) fn in_right_prompt(&self) -> bool {
        self.in_right_prompt
    }

    /// Believes the marks of a shell with this key from now on.
    pub(crate) fn register(&mut self, key: ShellKey) {
        if key.aid.is_empty() || key.nonce.is_empty() {
            return;
        }
        if self.keys.iter().any(|(known, _)| known.aid == key.aid) {
            return;
        }
        if self.keys.len() == MAX_SHELL_KEYS {
            // Numbers of keys stand in the stack, so one that is in use stays; the oldest other one goes.
            let used = |index| self.stack.iter().any(|shell| shell.key == Some(index));
            let Some(oldest) = (0..self.keys.len()).find(|&index| !used(index)) else {
                return;
            };
            self.keys.remove(oldest);
            for shell in &mut self.stack {
                shell.key = shell.key.map(|index| index - usize::from(index > oldest));
            }
        }
        let id = self.fresh_id();
        self.keys.push((key, id));
    }

    /// Believes the first shell that says its key after the word in this one's place.
    pub(crate) fn expect(&mut self, key: ShellKey) {
        self.expected = (!key.aid.is_empty() && !key.nonce.is_empty()).then_some(key);
    }

    /// Nobody is expected any more.
    pub(crate) fn expect_nobody(&mut self) {
        self.expected = None;
    }

    /// A shell says its key; gives it, if that shell was expected. One that could make no key has an empty nonce,
    /// and is never believed.
    fn introduced(&mut self, word: &[u8], nonce: &[u8]) -> Option<ShellKey> {
        let expected = self.expected.take_if(|key| key.nonce.as_bytes() == word)?;
        let is_nonce = nonce.len() == NONCE_LENGTH && nonce.iter().all(u8::is_ascii_hexdigit);
        let nonce = if is_nonce { nonce } else { &[] };
        let key = ShellKey {
            nonce: String::from_utf8_lossy(nonce).into_owned(),
            ..expected
        };
        self.register(key.clone());
        Some(key)
    }

    fn fresh_id(&mut self) -> ShellId {
        let id = self.next;
        self.next = ShellId(id.0 + 1);
        id
    }

    fn verify(&self, proof: Proof<'_>) -> Option<usize> {
        self.keys.iter().position(|(key, _)| {
            key.aid.as_bytes() == proof.aid && key.nonce.as_bytes() == proof.nonce
        })
    }

    /// The block of the innermost shell's prompt.
    pub(crate) fn pending(&self) -> Option<&Block> {
        match &self.stack.last()?.phase {
            Phase::Prompt(prompt) => Some(&prompt.block),
            _ => None,
        }
    }

    /// The innermost command that runs.
    pub(crate) fn running(&self) -> Option<BlockId> {
        self.stack.iter().rev().find_map(|shell| match shell.phase {
            Phase::Running(id) => Some(id),
            _ => None,
        })
    }

    /// Whether a shell proved itself.
    pub(crate) fn is_verified(&self) -> bool {
        self.stack.iter().any(|shell| shell.key.is_some())
    }

    /// Whether a line feed may be a command's start.
    #[inline]
    pub(crate) fn awaits_enter(&self) -> bool {
        self.awaits_enter && self.entered
    }

    /// Whether a shell said just the same of its context the last time, as most do at most prompts.
    fn said_before(&self, id: ShellId, fields: &Fields<'_>) -> bool {
        self.last_said.0 == Some(id) && fields.without("n").eq(Fields::new(&self.last_said.1).all())
    }

    fn remember_said(&mut self, id: ShellId, fields: &Fields<'_>) {
        self.last_said.0 = Some(id);
        let said = &mut self.last_said.1;
        said.clear();
        for field in fields.without("n") {
            if !said.is_empty() {
                said.push(b';');
            }
            said.extend_from_slice(field);
        }
    }

    fn context(&self, id: ShellId) -> Arc<Context> {
        let known = self.contexts.iter().find(|(known, _)| *known == id);
        known.map_or_else(
            || Arc::clone(&self.plain),
            |(_, context)| Arc::clone(context),
        )
    }
}

impl State {
    /// Hears a mark.
    ///
    /// Returns whether it was: a flood is not.
    pub(crate) fn hear(
        &mut self,
        signal: Signal,
        proof: Option<Proof<'_>>,
        dialect: Dialect,
    ) -> bool {
        self.notice_evictions();
        let known = proof.and_then(|proof| {
            let key = self.blocks.shells.verify(proof)?;
            Some((key, proof.cycle))
        });
        // A flood ends with the next prompt of a shell that proves itself.
        let fresh = known.is_some() && matches!(signal, Signal::Prompt { .. });
        if fresh {
            self.effects.reset_marks();
        } else if !self.effects.allow_mark() {
            return false;
        }
        self.set_in_right_prompt(false);
        match known {
            Some((key, cycle)) if self.is_current(key, cycle, &signal) => {
                self.hear_verified(key, cycle, signal);
            }
            // A proof that was used before is none.
            _ => self.hear_plain(signal, dialect),
        }
        true
    }

    /// Whether a proven mark is the next of its shell, not a recording of an earlier one. A count that skips
    /// is good: marks may get lost.
    fn is_current(&self, key: usize, cycle: u32, signal: &Signal) -> bool {
        let shells = &self.blocks.shells;
        let Some(shell) = shells.stack.iter().find(|shell| shell.key == Some(key)) else {
            let room = shells.stack.len() < MAX_SHELLS;
            return matches!(signal, Signal::Prompt { .. }) && cycle > 0 && room;
        };
        match (signal, &shell.phase) {
            (Signal::Prompt { .. }, _) => cycle > shell.cycle,
            (Signal::Output(_), Phase::Prompt(_)) => cycle == shell.cycle,
            (Signal::End(_), Phase::Prompt(_) | Phase::Running(_)) => cycle == shell.cycle,
            _ => false,
        }
    }

    fn hear_verified(&mut self, key: usize, cycle: u32, signal: Signal) {
        if !self.blocks.shells.is_verified() {
            // What came before the first proof was some program's.
            self.close_shells(0);
        }
        let stack = &self.blocks.shells.stack;
        let index = match stack.iter().position(|shell| shell.key == Some(key)) {
            Some(index) => {
                self.close_shells(index + 1);
                index
            }
            None => self.open_shell(Some(key)),
        };
        match signal {
            Signal::Prompt { fresh_line } => {
                self.lose_command(index);
                self.blocks.shells.stack[index].cycle = cycle;
                self.begin_prompt(index, fresh_line);
            }
            Signal::Output(claim) => self.begin_command(index, claim),
            Signal::End(ending) => self.end_command(index, &ending),
            Signal::Part(_) | Signal::Input => {}
        }
    }

    fn hear_plain(&mut self, signal: Signal, dialect: Dialect) {
        if self.is_alternate() {
            return;
        }
        if self.blocks.shells.is_verified() {
            let index = self.blocks.shells.stack.len() - 1;
            match signal {
                Signal::Prompt { .. } => self.move_prompt(index),
                Signal::Part(part) => self.prompt_part(index, part),
                Signal::Input => self.begin_input(index),
                Signal::Output(_) | Signal::End(_) => {}
            }
            return;
        }
        if dialect < self.blocks.shells.dialect {
            return;
        }
        self.blocks.shells.dialect = dialect;
        if self.blocks.shells.stack.is_empty() {
            self.open_shell(None);
        }
        let index = 0;
        match (signal, &self.blocks.shells.stack[index].phase) {
            (Signal::Prompt { .. }, Phase::Prompt(_)) => self.move_prompt(index),
            (Signal::Prompt { .. }, Phase::Running(_)) => {
                // nushell sends `C` but no `D` for an empty line.
                self.end_command(index, &Ending::default());
                self.begin_prompt(index, false);
            }
            (Signal::Prompt { .. }, Phase::Idle) => self.begin_prompt(index, false),
            (Signal::Part(PromptPart::First), Phase::Idle) => self.begin_prompt(index, false),
            (Signal::Part(part), _) => self.prompt_part(index, part),
            (Signal::Input, _) => self.begin_input(index),
            (Signal::Output(_), Phase::Running(_)) => {}
            (Signal::Output(claim), phase) => {
                if matches!(phase, Phase::Idle) {
                    self.begin_prompt(index, false);
                }
                self.begin_command(index, claim);
            }
            (Signal::End(ending), _) => self.end_command(index, &ending),
        }
    }

    /// A shell that was not heard of before; returns its place in the stack.
    fn open_shell(&mut self, key: Option<usize>) -> usize {
        let shells = &mut self.blocks.shells;
        let id = match key {
            Some(key) => shells.keys[key].1,
            None => shells.fresh_id(),
        };
        let parent = shells.running();
        shells.stack.push(Shell {
            id,
            key,
            cycle: 0,
            parent,
            phase: Phase::Idle,
            enter_starts: false,
        });
        shells.stack.len() - 1
    }

    /// The shells from a place in the stack on are gone.
    pub(crate) fn close_shells(&mut self, from: usize) {
        if self.blocks.shells.stack.len() <= from {
            return;
        }
        while self.blocks.shells.stack.len() > from {
            let last = self.blocks.shells.stack.len() - 1;
            self.lose_command(last);
            self.blocks.shells.stack.pop();
        }
        self.note_running();
    }

    /// Nobody will say how a shell's command ended.
    fn lose_command(&mut self, index: usize) {
        let shell = &mut self.blocks.shells.stack[index];
        if let Phase::Running(id) = shell.phase {
            shell.phase = Phase::Idle;
            self.primary_mut().thaw();
            let (end, no_eol) = self.output_end();
            self.finish(id, BlockState::Lost, end, no_eol);
            self.note_running();
        }
    }

    // --- prompts ---------------------------------------------------------------------------------

    fn begin_prompt(&mut self, index: usize, fresh_line: bool) {
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

    fn new_block(&mut self, index: usize, at: Anchor) -> Block {
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

    fn prompt(&mut self, index: usize) -> Option<&mut Prompt> {
        match &mut self.blocks.shells.stack.get_mut(index)?.phase {
            Phase::Prompt(prompt) => Some(prompt),
            _ => None,
        }
    }

    /// The prompt is drawn again, or begins only now. Lines between its old and its new place are no prompt.
    fn move_prompt(&mut self, index: usize) {
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
        let drawn = prompt.block.input.is_some();
        let cleared = std::mem::take(&mut prompt.cleared);
        prompt.block.prompt = Some(at);
        prompt.block.input = None;
        prompt.parts.clear();
        prompt.part = None;
        self.blocks.changed();
        if drawn && !cleared && at.line > old.line {
            self.keep_notice(index, old, at);
        }
    }

    /// What a background job printed below a prompt, which was then drawn again.
    fn keep_notice(&mut self, index: usize, old: Anchor, at: Anchor) {
        let Some(first) = self.primary().next_line_after(old.line) else {
            return;
        };
        let start = Anchor {
            line: first,
            cell: 0,
        };
        if start >= at || self.primary().is_blank_between(start, at) {
            return;
        }
        let now = self.effects.now();
        let notice = Block {
            kind: Kind::Background,
            state: BlockState::Done {
                exit: None,
                duration: None,
                clock: Clock::Terminal,
            },
            prompt: None,
            output: Some(start),
            end: Some(at),
            started: now,
            ..self.new_block(index, start)
        };
        let id = notice.id;
        self.push_block(notice);
        self.effects.block(BlockEvent::Finished(id));
        // Ids grow with the lines: the prompt is a new one.
        let fresh = self.blocks.fresh_id();
        if let Some(prompt) = self.prompt(index) {
            prompt.block.id = fresh;
            self.effects.block(BlockEvent::Prompted(fresh));
        }
    }

    fn prompt_part(&mut self, index: usize, part: PromptPart) {
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

    fn set_in_right_prompt(&mut self, inside: bool) {
        if std::mem::replace(&mut self.blocks.shells.in_right_prompt, inside) != inside {
            self.update_edit_modes();
        }
    }

    fn begin_input(&mut self, index: usize) {
        let at = self.cursor_anchor();
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

    /// The user sent Enter to the program.
    pub(crate) fn entered(&mut self) {
        self.blocks.shells.entered = true;
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

    // --- commands --------------------------------------------------------------------------------

    fn begin_command(&mut self, index: usize, claim: Claim) {
        let at = self.cursor_anchor();
        let now = self.effects.now();
        let said = self.blocks.shells.said.take();
        let shell = &mut self.blocks.shells.stack[index];
        let Phase::Prompt(prompt) = std::mem::replace(&mut shell.phase, Phase::Idle) else {
            return;
        };
        shell.phase = Phase::Running(prompt.block.id);
        self.blocks.shells.awaits_enter = false;
        let mut block = prompt.block;
        block.state = BlockState::Running;
        block.started = now;
        // A program that went up before is no reason to take lines from the block before.
        block.output = Some(at.max(block.input.or(block.prompt).unwrap_or(at)));
        block.context = self.blocks.shells.context(block.shell);
        if claim.truncated {
            block.flags |= Flags::TRUNCATED;
        }
        let on_screen = || {
            let input = block.input?;
            let text = command_text(&self.primary().text_without(input, at, &prompt.parts));
            Some(text).filter(|text| !text.trim().is_empty())
        };
        let private = claim.private;
        let claimed = (!claim.text.is_empty()).then_some((claim.text, claim.source));
        let said = said.map(|text| (text, TextSource::Shell));
        let (text, source) = match claimed {
            // Here-documents are missing from what bash 3.2 says.
            Some((text, source)) if claim.partial => match on_screen() {
                Some(screen) if screen.lines().count() > text.lines().count() => {
                    (screen, TextSource::Screen)
                }
                _ => (text, source),
            },
            Some(claimed) => claimed,
            None => on_screen()
                .map(|text| (text, TextSource::Screen))
                .or(said)
                .unwrap_or_default(),
        };
        block.command = CommandText {
            private: private || text.starts_with(' '),
            text,
            source,
        };
        let id = block.id;
        self.push_block(block);
        self.note_running();
        self.effects.block(BlockEvent::Started(id));
    }

    fn end_command(&mut self, index: usize, ending: &Ending) {
        let shell = &mut self.blocks.shells.stack[index];
        match std::mem::replace(&mut shell.phase, Phase::Idle) {
            Phase::Idle => {}
            Phase::Running(id) => {
                self.primary_mut().thaw();
                let (end, no_eol) = self.output_end();
                let (duration, clock) = match ending.duration {
                    Some(duration) => (duration, Clock::Shell),
                    None => (self.ran_for(id), Clock::Terminal),
                };
                let exit = ending.exit.clone().or_else(|| {
                    let code = ending.status?;
                    Some(super::Exit {
                        code,
                        pipe: Vec::new(),
                    })
                });
                let state = BlockState::Done {
                    exit,
                    duration: Some(duration),
                    clock,
                };
                self.finish(id, state, end, no_eol);
                self.note_running();
            }
            Phase::Prompt(prompt) => self.reject(*prompt, ending),
        }
    }

    fn ran_for(&self, id: BlockId) -> Duration {
        let started = self.blocks.get(id).map(|block| block.started);
        started.map_or(Duration::ZERO, |started| {
            self.effects.now().saturating_sub(started)
        })
    }

    /// A prompt ended and nothing ran: dropped if nothing was entered, else a block of its own.
    fn reject(&mut self, prompt: Prompt, ending: &Ending) {
        let (end, no_eol) = self.output_end();
        let mut block = prompt.block;
        self.blocks.changed();
        let Some(input) = block.input.filter(|_| !prompt.cleared) else {
            return;
        };
        let last = prompt.parts.iter().map(|(_, end)| end.line).max();
        let last = last.unwrap_or(input.line).max(input.line);
        let after = self
            .primary()
            .next_line_after(last)
            .unwrap_or(LineId(last.0 + 1));
        let mut output = Anchor {
            line: after,
            cell: 0,
        };
        let (typed, source) = if ending.entered.is_empty() {
            let until = output.min(end.max(input));
            let typed = self.primary().text_without(input, until, &prompt.parts);
            let typed = command_text(typed.trim_end().trim_end_matches("^C"));
            // What stands far from the prompt with nothing before it is a right prompt that is not marked (nushell).
            let gap = typed.len() - typed.trim_start_matches(' ').len();
            if typed.trim().is_empty() || gap >= RIGHT_PROMPT_GAP {
                return;
            }
            (typed, TextSource::Screen)
        } else {
            // Where it stands may be further down, after what a job in the background printed.
            let from = input.max(Anchor {
                line: last,
                cell: 0,
            });
            let ends_in = ending.entered.lines().last().unwrap_or_default();
            let primary = self.primary();
            let echo = primary.line_ending_in(from, end, ends_in);
            if let Some(line) = echo.and_then(|echo| primary.next_line_after(echo)) {
                output = Anchor { line, cell: 0 };
            }
            (ending.entered.clone(), TextSource::Shell)
        };
        let end = end.max(output);
        block.end = Some(end);
        let is_bash = block.context.shell.starts_with("bash");
        if is_bash && source == TextSource::Screen && !matches!(ending.status, Some(2 | 130)) {
            // What bash rejects has these statuses. After an empty line it says the old one: the text was printed
            // by a job in the background, and bash does not draw its prompt again for it.
            block.kind = Kind::Background;
            block.state = BlockState::Done {
                exit: None,
                duration: None,
                clock: Clock::Terminal,
            };
            block.output = Some(input);
            (block.prompt, block.input) = (None, None);
        } else {
            block.command = CommandText {
                private: typed.starts_with(' '),
                text: typed,
                source,
            };
            block.state = BlockState::Rejected {
                status: ending.status.unwrap_or(1),
            };
            block.output = Some(output);
        }
        if no_eol {
            block.flags |= Flags::NO_EOL;
        }
        let (id, kind) = (block.id, block.kind);
        self.push_block(block);
        self.blocks.unsettled = true;
        self.effects.block(match kind {
            Kind::Command => BlockEvent::Rejected(id),
            Kind::Background => BlockEvent::Finished(id),
        });
    }

    fn finish(&mut self, id: BlockId, state: BlockState, end: Anchor, no_eol: bool) {
        let dropped = self.primary().scrollback.run_dropped();
        let cleared = std::mem::take(&mut self.blocks.cleared);
        let end_of = |output: Option<Anchor>| output.map_or(end, |output| end.max(output));
        let Some(block) = self.blocks.get_mut(id) else {
            return;
        };
        block.state = state;
        block.end = Some(end_of(block.output));
        block.dropped = dropped;
        if no_eol {
            block.flags |= Flags::NO_EOL;
        }
        for section in &mut block.sections {
            section.end.get_or_insert(end);
        }
        let folded = block.sections.iter().any(|section| section.folded);
        let (output, end) = (block.output, block.end);
        if self.sift(id).is_some() || folded {
            self.hide_folded();
        }
        if cleared
            && let (Some(output), Some(end)) = (output, end)
            && self.primary().is_blank_between(output, end)
            && let Some(block) = self.blocks.get_mut(id)
        {
            block.flags |= Flags::CLEARED;
        }
        self.blocks.unsettled = true;
        self.effects.block(BlockEvent::Finished(id));
    }

    fn push_block(&mut self, block: Block) {
        for id in self.blocks.push(block) {
            self.effects.block(BlockEvent::Forgotten(id));
        }
    }

    /// Tells the scrollback from which line on a running command's output goes.
    fn note_running(&mut self) {
        let running = self.blocks.running();
        let from = running.and_then(|block| block.output);
        let none = self.blocks.is_empty();
        let scrollback = &mut self.primary_mut().scrollback;
        scrollback.set_running(from.map(|at| at.line), !none);
        self.blocks.unmoved = from.is_some();
        self.blocks.live = from.map(|_| Live::default());
        self.blocks.cleared = false;
    }

    /// Whether the running command used the alternate screen.
    pub(crate) fn note_alternate(&mut self) {
        if let Some(id) = self.blocks.shells.running()
            && let Some(block) = self.blocks.get_mut(id)
        {
            block.flags |= Flags::ALT_SCREEN;
        }
    }

    // --- context ---------------------------------------------------------------------------------

    /// The text of the command that starts next, by OSC 633;E.
    pub(crate) fn say_command(&mut self, text: String) {
        if !self.blocks.shells.is_verified() {
            self.blocks.shells.said = Some(text);
        }
    }

    /// OSC 8377;key: the shell that was expected says its key.
    pub(crate) fn introduce_shell(&mut self, word: &[u8], nonce: &[u8]) {
        if let Some(key) = self.blocks.shells.introduced(word, nonce) {
            self.effects.shell(key);
        }
    }

    /// OSC 8377;ctx: believed only with a proof that is not older than the shell's last prompt.
    pub(crate) fn set_context(&mut self, fields: &Fields<'_>) {
        let shells = &self.blocks.shells;
        let Some((key, proof)) = fields
            .proof()
            .and_then(|proof| Some((shells.verify(proof)?, proof)))
        else {
            return;
        };
        let shell = shells.stack.iter().find(|shell| shell.key == Some(key));
        if shell.is_some_and(|shell| proof.cycle <= shell.cycle) {
            return;
        }
        let (id, origin) = (shells.keys[key].1, shells.keys[key].0.origin);
        if shells.said_before(id, fields) {
            return;
        }
        let old = shells.context(id);
        let new = old.updated(fields);
        self.blocks.shells.remember_said(id, fields);
        // In a pane that runs elsewhere it is text, and where the next shell over there begins; a nested shell
        // elsewhere does not move a pane on this machine.
        let own = origin == Origin::Local || self.options.origin == Origin::Remote;
        if own && let Some(cwd) = &new.cwd {
            self.believe_folder(cwd.clone());
        }
        if *old != new {
            self.put_context(id, new);
        }
    }

    fn put_context(&mut self, id: ShellId, context: Context) {
        let context = Arc::new(context);
        let shells = &mut self.blocks.shells;
        match shells.contexts.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => *known = Arc::clone(&context),
            None => {
                if shells.contexts.len() == MAX_SHELL_KEYS {
                    shells.contexts.remove(0);
                }
                shells.contexts.push((id, Arc::clone(&context)));
            }
        }
        self.effects.block(BlockEvent::ContextChanged(context));
    }

    /// A folder that a program named without proof (OSC 7 and its kin): where a shell proves its own it is not
    /// taken. Returns whether it may be.
    pub(crate) fn take_folder(&mut self, path: &str) -> bool {
        let shells = &mut self.blocks.shells;
        let Some(shell) = shells.stack.last() else {
            shells.plain = Arc::new(shells.plain.in_folder(path.to_owned()));
            return true;
        };
        if shell.key.is_some() {
            return false;
        }
        shells.plain = Arc::new(shells.plain.in_folder(path.to_owned()));
        let context = Arc::clone(&shells.plain);
        if let Some(index) = shells.stack.len().checked_sub(1)
            && let Some(prompt) = self.prompt(index)
        {
            prompt.block.context = context;
        }
        true
    }

    /// Where the program's user, host and such are by iTerm2's word (OSC 1337;RemoteHost): shown, not believed.
    pub(crate) fn claim_host(&mut self, user: &str, host: &str) {
        let shells = &mut self.blocks.shells;
        shells.plain = Arc::new(Context {
            user: user.to_owned(),
            host: host.to_owned(),
            ..(*shells.plain).clone()
        });
    }
}

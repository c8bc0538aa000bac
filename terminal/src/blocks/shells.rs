//! Which shell says what: the stack of shells of a pane and the state of each (`blocks.md` 1.7).
//!
//! A shell that was started with a [`ShellKey`] proves each of its marks; only such marks begin, name and end its
//! commands. Marks without proof move the borders of a prompt that waits, and nothing while a command runs. A
//! pane in which no shell ever proved itself shows blocks from plain marks, which are never believed.

mod commands;
mod context;
mod prompts;

use std::sync::Arc;
use std::time::Duration;

use super::mark::{Ending, Fields, PromptPart, Proof, Signal};
use super::{Anchor, Block, BlockId, Context, ShellId, ShellKey, State as BlockState};
use crate::limits::{MAX_SHELL_KEYS, MAX_SHELLS};
use crate::terminal::state::State;

/// Digits of a nonce: 128 bits in hexadecimal.
const NONCE_LENGTH: usize = 32;

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
    /// What the user typed since the prompt was drawn.
    struck: Option<Keys>,
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

/// What was typed at a prompt.
#[derive(Clone, Copy, Debug)]
struct Keys {
    /// When the last key was pressed.
    last: Duration,
    /// It was Tab.
    is_tab: bool,
    /// Something had been printed below the prompt by the first key, and by the last.
    below: [bool; 2],
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

    /// The context of a shell in the stack.
    fn context_of(&self, index: usize) -> Arc<Context> {
        let shell = self.stack.get(index);
        shell.map_or_else(|| Arc::clone(&self.plain), |shell| self.context(shell.id))
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
}

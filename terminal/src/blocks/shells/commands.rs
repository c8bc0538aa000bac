//! Commands: how they begin and end, and what stands between.

use std::time::Duration;

use unicode_width::UnicodeWidthChar;

use super::{Phase, Prompt};
use crate::blocks::live::Live;
use crate::blocks::mark::{Claim, Ending, command_text};
use crate::blocks::{
    Anchor, Block, BlockEvent, BlockId, Clock, CommandText, Exit, Flags, Kind, State as BlockState,
    TextSource,
};
use crate::index::LineId;
use crate::terminal::state::State;

/// Blanks after a prompt beyond which a text is no input.
const RIGHT_PROMPT_GAP: usize = 8;

impl State {
    pub(super) fn begin_command(&mut self, index: usize, claim: Claim) {
        let at = self.cursor_anchor();
        let now = self.effects.now();
        let said = self.blocks.shells.said.take();
        let shell = &mut self.blocks.shells.stack[index];
        let Phase::Prompt(prompt) = std::mem::replace(&mut shell.phase, Phase::Idle) else {
            return;
        };
        self.blocks.shells.awaits_enter = false;
        let mut block = prompt.block;
        block.state = BlockState::Running;
        block.started = now;
        // The shell went up and drew a shorter prompt, without marks: zsh's `reset-prompt` in `zle-line-finish`.
        block.input = block.input.filter(|input| *input <= at);
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
        if matches!(source, TextSource::Shell)
            && let Some(input) = block.input
            // Nothing but the line of most commands stands between.
            && self.primary().next_line_after(input.line).is_some_and(|next| next < at.line)
        {
            let screen = self.primary().text_without(input, at, &prompt.parts);
            if let Some(echo) = self.echo_below(input, at, &screen, &text) {
                self.keep_printed(index, &mut block, input, echo);
            } else if let Some(after) = printed_after(input, at, &screen, &text) {
                block.output = Some(after);
            }
        }
        block.command = CommandText {
            private: private || text.starts_with(' '),
            text,
            source,
        };
        let id = block.id;
        self.blocks.shells.stack[index].phase = Phase::Running(id);
        self.push_block(block);
        self.note_running();
        self.effects.block(BlockEvent::Started(id));
    }

    /// The line on which a command was typed, as its shell says it, if that is not the prompt's: a job in the
    /// background printed in between, and the shell did not draw its prompt again. `screen`: the text from the input on.
    fn echo_below(&self, input: Anchor, at: Anchor, screen: &str, command: &str) -> Option<LineId> {
        let primary = self.primary();
        let screen: Vec<&str> = screen.trim_end().lines().collect();
        let command: Vec<&str> = command.trim_end().lines().collect();
        let printed = screen.len().checked_sub(command.len())?;
        // fish moves the cursor to where its prompt would have ended.
        let same = screen[printed..]
            .iter()
            .zip(&command)
            .all(|(seen, said)| seen.trim() == said.trim());
        let is_blank = screen[..printed].iter().all(|line| line.trim().is_empty());
        if is_blank || command.is_empty() || !same {
            return None;
        }
        // Shells print what a line became by history expansion.
        if screen[0].contains(['!', '^']) {
            return None;
        }
        (0..printed)
            .try_fold(input.line, |line, _| primary.next_line_after(line))
            // Where a program moved lines about, the text has another number of them.
            .filter(|echo| *echo < at.line)
    }

    /// What was printed between a prompt and the line of its command is a block of its own; the command begins there.
    fn keep_printed(&mut self, index: usize, block: &mut Block, input: Anchor, echo: LineId) {
        let echo = Anchor {
            line: echo,
            cell: 0,
        };
        block.id = self.push_background(index, input, echo);
        (block.prompt, block.input) = (Some(echo), Some(echo));
        self.effects.block(BlockEvent::Prompted(block.id));
    }

    pub(super) fn end_command(&mut self, index: usize, ending: &Ending) {
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
                    Some(Exit {
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
            Phase::Prompt(prompt) => self.reject(index, *prompt, ending),
        }
    }

    fn ran_for(&self, id: BlockId) -> Duration {
        let started = self.blocks.get(id).map(|block| block.started);
        started.map_or(Duration::ZERO, |started| {
            self.effects.now().saturating_sub(started)
        })
    }

    /// A prompt ended and nothing ran: dropped if nothing was entered, else a block of its own.
    fn reject(&mut self, index: usize, prompt: Prompt, ending: &Ending) {
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
            if let Some(echo) = echo.filter(|echo| {
                *echo > last && *echo <= end.line && ending.entered.lines().count() == 1
            }) {
                self.keep_printed(index, &mut block, input, echo);
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
                status: ending
                    .status
                    .or(ending.exit.as_ref().map(|exit| exit.code))
                    .unwrap_or(1),
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

    pub(super) fn finish(&mut self, id: BlockId, state: BlockState, end: Anchor, no_eol: bool) {
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

    pub(super) fn push_block(&mut self, block: Block) {
        for id in self.blocks.push(block) {
            self.effects.block(BlockEvent::Forgotten(id));
        }
    }

    /// Tells the scrollback from which line on a running command's output goes.
    pub(super) fn note_running(&mut self) {
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
}

/// Where a command of one line ends on the screen, if a job in the background printed after it, before it began:
/// nobody typed that, so it is output. `screen`: the text from the input on.
fn printed_after(input: Anchor, at: Anchor, screen: &str, command: &str) -> Option<Anchor> {
    let rest = screen.strip_prefix(command)?;
    let (first, below) = rest.split_once('\n')?;
    let is_right_prompt = first.len() - first.trim_start_matches(' ').len() >= RIGHT_PROMPT_GAP;
    let is_one_line = !command.is_empty() && !command.contains('\n');
    if !is_one_line || is_right_prompt || below.trim().is_empty() {
        return None;
    }
    let cells: usize = command.chars().map(|one| one.width().unwrap_or(0)).sum();
    let after = Anchor {
        line: input.line,
        cell: input.cell + u32::try_from(cells).ok()?,
    };
    (after < at).then_some(after)
}

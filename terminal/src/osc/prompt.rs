//! Marks of shells: OSC 133 (Per Bothner's semantic prompts), OSC 633 (VS Code), OSC 8377 (ours). Dialects in
//! `blocks.md` 1.2 to 1.6.
//!
//! Here they are only read. Which of them may be believed is for `blocks/shells.rs` to judge.

use crate::blocks::MarkKind;
use crate::blocks::mark::{Editor, Fields, PromptPart, Signal, editor_mark, semantic_prompt};
use crate::blocks::shells::Dialect;
use crate::terminal::state::State;

/// Bytes of the word by which a shell says that it reads what is typed into it (OSC 8377;ready).
const MAX_READY_WORD: usize = 64;

impl State {
    /// OSC 133.
    pub(super) fn osc_prompt(&mut self, text: &[u8]) {
        if text == b"L" || text.starts_with(b"L;") {
            if !self.blocks.shells.is_verified() {
                self.fresh_line();
            }
            return;
        }
        let Some((signal, proof)) = semantic_prompt(text) else {
            return;
        };
        let kind = mark_kind(&signal);
        let enter = matches!(signal, Signal::Prompt { .. }) && Fields::new(text).get("c").is_some();
        if !self.hear(signal, proof, Dialect::SemanticPrompt) {
            return;
        }
        if let Some(kind) = kind {
            self.mark(kind);
        }
        if let Some(proof) = proof.filter(|_| enter) {
            self.set_enter_starts(proof, Fields::new(text).get("c") == Some(b"enter"));
        }
    }

    /// OSC 633. Never with a proof: `I` means another thing there than in 133, and its own nonce is none of ours.
    pub(super) fn osc_editor(&mut self, text: &[u8]) {
        match editor_mark(text) {
            Some(Editor::Signal(signal)) => {
                self.hear(signal, None, Dialect::Editor);
            }
            Some(Editor::Command(command)) => self.say_command(command),
            Some(Editor::Folder(path)) => self.osc_folder_path(path.as_bytes()),
            None => {}
        }
    }

    /// OSC 8377: what the shell says beside its marks: `ctx` before each prompt, `key` once, before it starts.
    pub(super) fn osc_terrace(&mut self, text: &[u8]) {
        if let Some(rest) = text.strip_prefix(b"ctx;") {
            self.set_context(&Fields::new(rest));
        } else if let Some(rest) = text.strip_prefix(b"key;")
            && let Some(at) = rest.iter().position(|&byte| byte == b';')
        {
            self.introduce_shell(&rest[..at], &rest[at + 1..]);
        } else if let Some(word) = text.strip_prefix(b"ready;")
            && word.len() <= MAX_READY_WORD
            && let Ok(word) = std::str::from_utf8(word)
            && self.effects.allow_mark()
        {
            self.effects.shell_ready(word);
        }
    }

    /// `L`, or `A` with `fl=1`: a new line, unless the cursor is at the beginning of one.
    pub(crate) fn fresh_line(&mut self) {
        let screen = self.screen_mut();
        if screen.cursor_column() > 0 {
            screen.carriage_return();
            screen.index();
        }
    }
}

/// How a mark is listed among the marks, if it is.
fn mark_kind(signal: &Signal) -> Option<MarkKind> {
    Some(match signal {
        Signal::Prompt { .. } | Signal::Part(PromptPart::First) => MarkKind::PromptStart,
        Signal::Part(_) => return None,
        Signal::Input => MarkKind::InputStart,
        Signal::Output(_) => MarkKind::OutputStart,
        Signal::End(ending) => MarkKind::End {
            status: ending.exit.as_ref().map(|exit| i32::from(exit.code)),
        },
    })
}

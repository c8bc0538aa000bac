//! Integrating a shell that Terrace did not start: one behind `ssh`, `docker`, `su`, or typed by hand.
//!
//! The user asks for it and sees what is typed. The first line turns the echo off and says that it reads; only
//! then is that line taken from the screen, and come the lines of the script. Where nothing reads them, nothing
//! more is typed, and the shell is what it was.

use std::time::{Duration, Instant};

use pty::integration::remote::{Bootstrap, Dialect, Typed};
use terminal::index::LineId;

use crate::pane::{Pane, PaneId};
use crate::view::dialog::Question;
use crate::view::notices::Severity;
use crate::window::Window;

/// How long the shell has to say that it reads.
const PATIENCE: Duration = Duration::from_secs(10);
/// Programs that start a shell on this machine, or are one.
const LOCAL: [&str; 17] = [
    "ash", "bash", "busybox", "dash", "doas", "elvish", "fish", "ksh", "login", "mksh", "newgrp",
    "nu", "run0", "sh", "su", "sudo", "zsh",
];

/// Lines that wait for a shell that reads them.
#[derive(Debug)]
pub(crate) struct Integrating {
    typed: Typed,
    until: Instant,
    /// The line that the first one was typed into.
    from: LineId,
}

impl Window {
    /// Asks whether the shell in front of the focused pane is to be integrated, showing what would be typed.
    pub(crate) fn ask_to_integrate(&mut self) -> bool {
        let Some(pane) = self.focused_pane() else {
            return false;
        };
        let refusal = {
            let terminal = pane.session.lock();
            if terminal.is_alternate() {
                Some("a program fills the screen; integrate a shell at its prompt")
            } else if terminal.blocks().is_at_prompt() {
                Some("this shell is integrated already")
            } else {
                None
            }
        };
        if let Some(text) = refusal {
            self.notify(Severity::Info, "integrate", text);
            return true;
        }
        let id = pane.id;
        let program = pane.session.program_name();
        let dialect = match program.as_str() {
            "fish" => Dialect::Fish,
            _ => Dialect::Posix,
        };
        let local = LOCAL.contains(&program.as_str()) && pane.environment.is_none();
        let key = pty::ShellKey::new();
        let typed = key.and_then(|key| {
            let other = match dialect {
                Dialect::Posix => Dialect::Fish,
                Dialect::Fish => Dialect::Posix,
            };
            let bootstrap = Bootstrap::new(key.clone());
            Some((key, bootstrap.typed(dialect)?, bootstrap.typed(other)?))
        });
        let Some((key, typed, other)) = typed else {
            self.notify(
                Severity::Error,
                "integrate",
                "the system has no random numbers",
            );
            return true;
        };
        self.ask(Question::Integrate {
            pane: id,
            program,
            key,
            local,
            fish: dialect == Dialect::Fish,
            typed,
            other,
        });
        true
    }

    /// Types the first line into a pane's shell; the others wait until it reads.
    pub(in crate::window) fn integrate(
        &mut self,
        id: PaneId,
        key: &pty::ShellKey,
        local: bool,
        typed: Typed,
    ) {
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        let ours = terminal::ShellKey::new(&*key.aid, &*key.nonce);
        let ours = if local { ours } else { ours.remote() };
        let from = {
            let mut terminal = pane.session.lock();
            terminal.register_shell(ours);
            terminal.cursor_line()
        };
        if let Some(recorder) = pane.session.recorder() {
            recorder.believe_too(key.nonce.clone());
        }
        pane.session.send_text(&format!("{}\r", typed.first));
        pane.integrating = Some(Integrating {
            typed,
            until: Instant::now() + PATIENCE,
            from,
        });
    }

    /// A program in a pane says that it reads.
    pub(in crate::window) fn shell_ready(&mut self, id: PaneId, word: &str) {
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        let awaited = |waiting: &mut Integrating| waiting.is_for(word);
        if let Some(waiting) = pane.integrating.take_if(awaited) {
            // It reads, and so prints nothing until it has read all.
            pane.session.lock().take_back_line(waiting.from);
            let mut lines = waiting.typed.lines.join("\r");
            lines.push('\r');
            pane.session.write(lines.into_bytes());
        }
    }

    /// Gives up shells that have not said that they read.
    pub(in crate::window) fn integrations_overdue(&mut self, now: Instant) {
        let mut silent = false;
        for pane in self.panes.values_mut() {
            let due = |waiting: &mut Integrating| waiting.until <= now;
            silent |= pane.integrating.take_if(due).is_some();
        }
        if silent {
            let text = "the shell did not answer; it is as it was";
            self.notify(Severity::Info, "integrate", text);
        }
    }
}

impl Integrating {
    /// Whether a word is the one that this shell was to say.
    fn is_for(&self, word: &str) -> bool {
        self.typed.ready.strip_prefix("8377;ready;") == Some(word)
    }
}

impl Pane {
    /// When a shell that was to be integrated is given up.
    pub(in crate::window) fn integration_deadline(&self) -> Option<Instant> {
        self.integrating.as_ref().map(|waiting| waiting.until)
    }
}

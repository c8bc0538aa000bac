//! Questions that must be answered before something is done: closing what runs, pasting what may harm.
//!
//! They live outside the grid, so that output cannot draw them (`security.md` 5), and take no key in
//! their first half second, so that typing ahead answers nothing.

use std::cell::Cell;
use std::time::{Duration, Instant};

use config::control::Scope;
use egui::{Align, Button, Layout, RichText};

use pty::integration::remote::Typed;

use super::tokens::{RADIUS, STEP, Tokens};
use crate::pane::PaneId;
use crate::tabs::TabId;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Close a tab though programs run in it.
    CloseTab {
        /// The tab.
        tab: TabId,
        /// The programs, by name.
        programs: Vec<String>,
    },
    /// Close a pane though a program runs in it.
    ClosePane {
        /// The pane.
        pane: PaneId,
        /// The program, by name.
        programs: Vec<String>,
    },
    /// Close the window though programs run in it.
    CloseWindow {
        /// The programs, by name.
        programs: Vec<String>,
    },
    /// Close every window though programs run in them.
    Quit {
        /// The programs, by name.
        programs: Vec<String>,
    },
    /// Paste a text that may do more than it seems.
    Paste {
        /// Into which pane.
        pane: PaneId,
        /// The text as it came.
        text: String,
        /// Why it is asked.
        reasons: Vec<&'static str>,
    },
    /// Open an address that is not what it seems, or goes to a program of its own.
    OpenLink {
        /// The address.
        uri: String,
        /// Why it is asked.
        reason: String,
    },
    /// Let a program set the clipboard (OSC 52).
    WriteClipboard {
        /// The selections it named.
        selections: String,
        /// What it wants to put there.
        text: String,
    },
    /// Do something with an environment by which something is lost: end it for good, stop what others use.
    Environment {
        /// Which.
        id: environments::EnvironmentId,
        /// What is done.
        act: environments::Act,
        /// Its name.
        name: String,
        /// What is lost.
        loses: String,
        /// What else should be known.
        note: Option<String>,
    },
    /// Run a command in environments that call for caution.
    RunIn {
        /// Their names.
        names: Vec<String>,
        /// What is run, and where first.
        command: crate::actions::parity::Command,
        /// Where else.
        right: environments::EnvironmentId,
    },
    /// Type the integration into a shell that Terrace did not start.
    Integrate {
        /// In which pane.
        pane: PaneId,
        /// What runs there in the foreground.
        program: String,
        /// The key of the shell's marks.
        key: pty::ShellKey,
        /// The shell runs on this machine.
        local: bool,
        /// It is taken for fish.
        fish: bool,
        /// What is typed.
        typed: Typed,
        /// What is typed into the other kind of shell.
        other: Typed,
    },
    /// Let another program do what the settings do not allow it.
    Control {
        /// The question's number for those who wait for its answer.
        ticket: u64,
        /// The program's file.
        program: String,
        /// Its command line.
        line: String,
        /// The pane that it runs in; `None`: outside of Terrace.
        own: Option<String>,
        /// What it wants to do.
        scope: Scope,
        /// The pane that it named.
        target: Option<String>,
    },
    /// Let a program read the clipboard (OSC 52).
    ReadClipboard {
        /// Which pane asks.
        pane: PaneId,
        /// The selections it asked for, to be repeated in the answer.
        selections: String,
    },
}

/// An answer to a [`Question`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Do it.
    Yes,
    /// Do it, and do not ask this again (other programs only).
    Lasting,
    /// Do it, but with the lines joined by spaces (pastes only).
    AsOneLine,
    /// Do it, for the other kind of shell (integration only).
    OtherShell,
    /// Do not.
    No,
}

/// A question being asked.
#[derive(Debug)]
pub(crate) struct Dialog {
    /// What is asked.
    pub(crate) question: Question,
    asked: Instant,
    /// It has been drawn.
    shown: Cell<bool>,
}

/// Keys in this time after the dialog came up were meant for the shell.
const DEAD_TIME: Duration = Duration::from_millis(500);
/// Lines of a paste that are shown.
const PREVIEW_LINES: usize = 8;

impl Dialog {
    /// Asks from now on.
    pub(crate) fn new(question: Question, now: Instant) -> Self {
        Self {
            question,
            asked: now,
            shown: Cell::new(false),
        }
    }

    /// Draws the question; returns the answer once it is given.
    pub(crate) fn show(
        &self,
        context: &egui::Context,
        tokens: &Tokens,
        now: Instant,
    ) -> Option<Answer> {
        let mut answer = None;
        let frame = egui::Frame::new()
            .fill(tokens.raised)
            .stroke(egui::Stroke::new(1.0, tokens.line))
            .corner_radius(RADIUS)
            .inner_margin(egui::Margin::same(20));
        let modal = egui::Modal::new(egui::Id::unique("dialog")).frame(frame);
        let modal = modal.show(context, |ui| {
            ui.set_width((context.content_rect().width() - STEP * 16.0).clamp(200.0, 440.0));
            ui.label(RichText::new(self.title()).heading().strong());
            ui.add_space(STEP);
            self.body(ui, tokens);
            ui.add_space(STEP * 2.0);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                // The safe answer has the focus: Enter cancels, Tab reaches the others. What had it in an earlier
                // question has it no longer.
                let cancel = ui.button(self.no());
                let begins = !self.shown.replace(true);
                if begins || !ui.memory(|memory| memory.focused().is_some()) {
                    cancel.request_focus();
                }
                if cancel.clicked() {
                    answer = Some(Answer::No);
                }
                let yes = RichText::new(self.yes()).color(tokens.error);
                if ui.add(Button::new(yes)).clicked() {
                    answer = Some(Answer::Yes);
                }
                if let Some(lasting) = self.lasting()
                    && ui
                        .button(RichText::new(lasting).color(tokens.error))
                        .clicked()
                {
                    answer = Some(Answer::Lasting);
                }
                if matches!(&self.question, Question::Paste { text, .. } if text.contains('\n'))
                    && ui.button("As one line").clicked()
                {
                    answer = Some(Answer::AsOneLine);
                }
                if let Question::Integrate { fish, .. } = &self.question {
                    let other = if *fish {
                        "It is not fish"
                    } else {
                        "It is fish"
                    };
                    if ui.button(other).clicked() {
                        answer = Some(Answer::OtherShell);
                    }
                }
            });
        });
        if modal.should_close() {
            answer = Some(Answer::No);
        }
        answer.filter(|_| now.duration_since(self.asked) >= DEAD_TIME)
    }

    fn title(&self) -> &'static str {
        match &self.question {
            Question::CloseTab { .. } => "Close the tab?",
            Question::ClosePane { .. } => "Close the pane?",
            Question::CloseWindow { .. } => "Close the window?",
            Question::Quit { .. } => "Close every window?",
            Question::Paste { .. } => "Paste this?",
            Question::OpenLink { .. } => "Open this link?",
            Question::Environment { act, .. } => match act {
                environments::Act::Discard => "Discard the environment?",
                environments::Act::Stop => "Stop the environment?",
                _ => "Do this with the environment?",
            },
            Question::RunIn { .. } => "Run this in production?",
            Question::Integrate { .. } => "Integrate this shell?",
            Question::WriteClipboard { .. } => "Let the program set the clipboard?",
            Question::ReadClipboard { .. } => "Let the program read the clipboard?",
            Question::Control { .. } => "Let a program control Terrace?",
        }
    }

    fn no(&self) -> &'static str {
        match &self.question {
            Question::Control { .. } => "Deny",
            _ => "Cancel",
        }
    }

    /// What the answer is called that holds from then on.
    fn lasting(&self) -> Option<&'static str> {
        match &self.question {
            Question::Control { own: Some(_), .. } => Some("Allow until the pane closes"),
            Question::Control { own: None, .. } => Some("Allow until Terrace ends"),
            _ => None,
        }
    }

    fn yes(&self) -> &'static str {
        match &self.question {
            Question::CloseTab { .. }
            | Question::ClosePane { .. }
            | Question::CloseWindow { .. }
            | Question::Quit { .. } => "Close",
            Question::Paste { .. } => "Paste",
            Question::OpenLink { .. } => "Open",
            Question::Environment { act, .. } => match act {
                environments::Act::Discard => "Discard",
                environments::Act::Stop => "Stop",
                _ => "Do it",
            },
            Question::RunIn { .. } => "Run",
            Question::Integrate { .. } => "Type it",
            Question::WriteClipboard { .. }
            | Question::ReadClipboard { .. }
            | Question::Control { .. } => "Allow once",
        }
    }

    fn body(&self, ui: &mut egui::Ui, tokens: &Tokens) {
        match &self.question {
            Question::CloseTab { programs, .. }
            | Question::ClosePane { programs, .. }
            | Question::CloseWindow { programs }
            | Question::Quit { programs } => {
                ui.label(still_running(programs));
            }
            Question::Paste { text, reasons, .. } => {
                for reason in reasons {
                    ui.label(*reason);
                }
                show_preview(ui, text, tokens);
            }
            Question::OpenLink { uri, reason } => {
                ui.label(reason);
                show_preview(ui, uri, tokens);
            }
            Question::Environment {
                name, loses, note, ..
            } => {
                ui.label(RichText::new(name).strong());
                ui.add(egui::Label::new(format!("This loses {loses}.")).wrap());
                if let Some(note) = note {
                    ui.label(RichText::new(note).color(tokens.subtle));
                }
            }
            Question::RunIn { names, command, .. } => {
                ui.label(RichText::new(names.join(", ")).strong());
                show_preview(ui, &command.line, tokens);
            }
            Question::Integrate { program, typed, .. } => {
                ui.add(egui::Label::new(integrates(program, typed.lines.len())).wrap());
                show_preview(ui, &typed.first, tokens);
            }
            Question::WriteClipboard { text, .. } => {
                ui.label("A program in this pane wants to put this where you paste from.");
                show_preview(ui, text, tokens);
            }
            Question::Control {
                program,
                line,
                own,
                scope,
                target,
                ..
            } => {
                let place = match own {
                    Some(pane) => format!("It runs in the pane “{}”", visible(pane, 60)),
                    None => "It runs outside of Terrace's panes".to_owned(),
                };
                let target = target.as_ref().map_or_else(String::new, |pane| {
                    format!(" (now: “{}”)", visible(pane, 60))
                });
                show_preview(ui, &format!("{program}\n{line}"), tokens);
                let text = format!("{place} and asks to {}{target}.", wants(*scope));
                ui.add(egui::Label::new(text).wrap());
            }
            Question::ReadClipboard { .. } => {
                ui.label("A program in this pane asks for what you copied. It will see all of it.");
            }
        }
    }
}

/// What a program asks to do.
fn wants(scope: Scope) -> &'static str {
    match scope {
        Scope::StateRead => "list windows, tabs and panes and be told of changes",
        Scope::ScreenRead => "read what panes show",
        Scope::PaneCreate => "open, arrange and close windows, tabs and panes",
        Scope::InputSend => "type into panes and run actions, which can do all that you can",
        Scope::ConfigWrite => "change the theme",
    }
}

fn show_preview(ui: &mut egui::Ui, text: &str, tokens: &Tokens) {
    let preview = RichText::new(preview(text)).monospace().color(tokens.text);
    let frame = egui::Frame::new().fill(tokens.surface).inner_margin(8);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(egui::Label::new(preview).wrap());
    });
}

fn integrates(program: &str, lines: usize) -> String {
    format!(
        "A shell must wait at its prompt here; {program} is in front. Terrace types this line into it, and {lines} \
         more that are not shown, if it answers. Nothing is written to a file, and a shell that cannot do it stays \
         what it is."
    )
}

fn still_running(programs: &[String]) -> String {
    match programs {
        [] => "A program is still running.".to_owned(),
        [one] => format!("{one} is still running and will be ended."),
        [most @ .., last] => {
            format!(
                "{} and {last} are still running and will be ended.",
                most.join(", ")
            )
        }
    }
}

/// The first lines of a text, controls made visible.
fn preview(text: &str) -> String {
    let mut lines: Vec<String> = text
        .lines()
        .take(PREVIEW_LINES)
        .map(|line| visible(line, 200))
        .collect();
    let more = text.lines().count().saturating_sub(PREVIEW_LINES);
    if more > 0 {
        lines.push(format!("… {more} more lines"));
    }
    lines.join("\n")
}

/// `line` with controls and invisible characters written as `<XXXX>`, at most `limit` characters of it.
fn visible(line: &str, limit: usize) -> String {
    let mut shown = String::new();
    for character in line.chars().take(limit) {
        let hidden = matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        if hidden || (character.is_control() && character != '\t') {
            shown.push_str(&format!("<{:04X}>", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    if line.chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_shows_what_hides() {
        assert_eq!(preview("ls\x1b[31m\u{202e}"), "ls<001B>[31m<202E>");
        assert_eq!(
            preview(&"x\n".repeat(10)).lines().last(),
            Some("… 2 more lines")
        );
        assert_eq!(visible("abcdef", 3), "abc…");
    }

    #[test]
    fn programs_are_named() {
        assert_eq!(
            still_running(&["vim".into()]),
            "vim is still running and will be ended."
        );
        let two = ["vim".into(), "make".into()];
        assert_eq!(
            still_running(&two),
            "vim and make are still running and will be ended."
        );
    }
}

//! Hint mode: letters on what can be opened, copied, inserted or run, chosen by the keyboard.

use std::process::Command;

use config::HintAction;
use terminal::encode::key::{Key, KeyEvent as TerminalKey, KeyEventKind, NamedKey};
use terminal::hints::{FilePath, Hint, HintKind};

use super::Window;
use crate::hints::{HintsFound, Looking};
use crate::input::clipboard::Selection;
use crate::links;
use crate::pane::PaneId;
use crate::services::Services;
use crate::settings;
use crate::view::hints::{Labelled, label};
use crate::view::notices::Severity;

/// The mode's state.
pub(super) struct HintMode {
    /// Whose hints they are.
    pub(super) pane: PaneId,
    /// What can be chosen.
    pub(super) hints: Vec<Labelled>,
    /// The letters typed so far.
    pub(super) typed: String,
    /// Several are chosen before anything is done.
    pub(super) several: bool,
    /// What is done, whatever was found.
    action: Option<HintAction>,
    /// The pane is still being looked through.
    waiting: Option<Waiting>,
}

/// A question for hints, and what was typed before its answer.
struct Waiting {
    looking: Looking,
    keys: Vec<TerminalKey>,
}

/// Keys typed ahead of the labels that are kept.
const MAX_KEYS_AHEAD: usize = 16;

impl HintMode {
    /// What the badge says.
    pub(super) fn badge(&self) -> String {
        let action = self.action.map_or("hints", HintAction::name);
        if self.several {
            let n = self.hints.iter().filter(|one| one.picked).count();
            format!("{action}: {n} chosen, enter ends")
        } else {
            format!("{action} {}", self.typed).trim_end().to_owned()
        }
    }
}

impl Window {
    /// Labels what the focused pane shows, once that is found; `action` is done whatever is chosen, else what suits it.
    pub(crate) fn start_hints(&mut self, services: &Services, action: Option<HintAction>) {
        let Some(pane) = self.focused_pane() else {
            return;
        };
        let id = pane.id;
        let text = pane.session.lock().hint_text();
        self.end_hints();
        self.hints = Some(HintMode {
            pane: id,
            hints: Vec::new(),
            typed: String::new(),
            several: false,
            action,
            waiting: Some(Waiting {
                looking: services.look_for_hints(id, text),
                keys: Vec::new(),
            }),
        });
    }

    /// A pane was looked through: its hints get their labels, and the keys that were typed meanwhile are for them.
    pub(crate) fn hints_found(&mut self, services: &mut Services, found: HintsFound) {
        let Some(mode) = &mut self.hints else { return };
        let asked = |waiting: &mut Waiting| waiting.looking == found.looking;
        let Some(waiting) = mode.waiting.take_if(asked) else {
            return;
        };
        if let Some(wrong) = found.wrong {
            self.notify(Severity::Warning, "hints", wrong);
        } else if found.hints.is_empty() {
            let text = "nothing here to be opened or copied";
            self.notify(Severity::Info, "hints", text);
        }
        let (Some(mode), Some(pane)) = (&mut self.hints, self.panes.get_mut(&found.pane)) else {
            return;
        };
        if found.hints.is_empty() {
            self.end_hints();
            return;
        }
        pane.update_frame(&settings::block_look(&services.config));
        let cursor = (pane.frame.cursor.row, pane.frame.cursor.column);
        let letters = &services.config.links.hint_letters;
        mode.hints = label(found.hints, &pane.frame, cursor, letters);
        self.redraw();
        for key in &waiting.keys {
            self.hint_key(services, key);
        }
    }

    /// Leaves the mode; a pane went, or the focus.
    pub(super) fn end_hints(&mut self) {
        if let Some(mode) = self.hints.take() {
            if let Some(waiting) = mode.waiting {
                waiting.looking.give_up();
            }
            self.redraw();
        }
    }

    /// Takes a key while the mode is on; returns whether it is.
    pub(super) fn hint_key(&mut self, services: &mut Services, key: &TerminalKey) -> bool {
        let Some(mode) = &mut self.hints else {
            return false;
        };
        if key.kind == KeyEventKind::Release {
            return true;
        }
        if let Some(waiting) = &mut mode.waiting
            && key.key != Key::Named(NamedKey::Escape)
        {
            if waiting.keys.len() < MAX_KEYS_AHEAD {
                waiting.keys.push(key.clone());
            }
            return true;
        }
        match key.key {
            Key::Named(NamedKey::Escape) => self.end_hints(),
            Key::Named(NamedKey::Backspace) => {
                mode.typed.pop();
            }
            Key::Named(NamedKey::Tab) | Key::Character(' ') => mode.several = !mode.several,
            Key::Named(NamedKey::Enter | NamedKey::KeypadEnter) => {
                let picked: Vec<Hint> = mode
                    .hints
                    .iter()
                    .filter(|one| one.picked)
                    .map(|one| one.hint.clone())
                    .collect();
                let (pane, action) = (mode.pane, mode.action);
                self.end_hints();
                self.do_hints(services, pane, &picked, action, false);
            }
            Key::Character(letter) => self.hint_letter(services, letter, key),
            Key::Named(_) => {}
        }
        self.redraw();
        true
    }

    fn hint_letter(&mut self, services: &mut Services, letter: char, key: &TerminalKey) {
        use terminal::encode::key::Modifiers;
        let Some(mode) = &mut self.hints else { return };
        let mut typed = mode.typed.clone();
        typed.extend(letter.to_lowercase());
        let fits = |one: &&mut Labelled| one.label.starts_with(&typed);
        let mut fitting: Vec<&mut Labelled> = mode.hints.iter_mut().filter(fits).collect();
        let Some(first) = fitting.first_mut() else {
            return;
        };
        if first.label != typed {
            mode.typed = typed;
            return;
        }
        mode.typed.clear();
        if mode.several {
            first.picked = !first.picked;
            return;
        }
        let (pane, action, hint) = (mode.pane, mode.action, first.hint.clone());
        let other = key.modifiers.intersects(Modifiers::SHIFT | Modifiers::ALT);
        self.end_hints();
        self.do_hints(services, pane, &[hint], action, other);
    }

    /// Does with hints what was asked: all with the action of the first one.
    fn do_hints(
        &mut self,
        services: &mut Services,
        pane: PaneId,
        hints: &[Hint],
        action: Option<HintAction>,
        other: bool,
    ) {
        let Some(first) = hints.first() else { return };
        let suited = suited(services, first);
        let action = action.unwrap_or(if other { suited.1 } else { suited.0 });
        let joined = |between: &str| {
            let texts: Vec<&str> = hints.iter().map(|hint| hint.text.as_str()).collect();
            texts.join(between)
        };
        match action {
            HintAction::Copy => {
                services.clipboard.store(Selection::Clipboard, joined("\n"));
                self.notify(Severity::Info, "hints", format!("copied {}", joined(", ")));
            }
            HintAction::Insert => {
                self.paste(services, pane, &joined(" "));
            }
            HintAction::Open => {
                for hint in hints {
                    match &hint.path {
                        Some(path) => self.open_path(services, pane, path.clone()),
                        None if hint.text.contains(':') => {
                            self.open_link(services, pane, &hint.text, None);
                        }
                        None => {
                            let path = FilePath {
                                path: hint.text.clone(),
                                line: None,
                                column: None,
                            };
                            self.open_path(services, pane, path);
                        }
                    }
                }
            }
            HintAction::Run => {
                for hint in hints {
                    if let Err(error) = run(services, hint) {
                        self.notify(Severity::Error, "hints", format!("{error:#}"));
                    }
                }
            }
        }
    }
}

/// What is done with a hint, and what with shift.
fn suited(services: &Services, hint: &Hint) -> (HintAction, HintAction) {
    match hint.kind {
        HintKind::Url | HintKind::Path => (HintAction::Open, HintAction::Copy),
        HintKind::Hash | HintKind::Ip => (HintAction::Copy, HintAction::Insert),
        HintKind::Own(number) => services
            .config
            .hints
            .get(number)
            .map_or((HintAction::Copy, HintAction::Copy), |rule| {
                (rule.action, rule.alternative)
            }),
    }
}

/// Runs the command of the user's own hint.
fn run(services: &Services, hint: &Hint) -> anyhow::Result<()> {
    use anyhow::{Context, bail};
    let HintKind::Own(number) = hint.kind else {
        bail!("nothing to run is set for this; see [[hints]]");
    };
    let rule = services
        .config
        .hints
        .get(number)
        .context("the settings changed meanwhile")?;
    let words = rule.command_for(&hint.text);
    if hint.text.starts_with('-') && words.contains(&hint.text) {
        bail!(
            "\"{}\" looks like an option and is not handed on",
            hint.text
        );
    }
    let (program, args) = words.split_first().context("the hint has no command")?;
    let mut command = Command::new(program);
    command.args(args);
    links::start(command)
        .with_context(|| format!("{program} does not start; see the command of [[hints]]"))
}

//! Running commands again in other places: another pane, an environment.

use std::rc::Rc;

use environments::EnvironmentId;

use super::run::command;
use crate::layout::Direction;
use crate::palette::{Command, Entry, Mode};
use crate::pane::PaneId;
use crate::services::{Request, Services};
use crate::view::notices::Severity;
use crate::window::{Place, Window};

/// The command that the action is about; says why if there is none to be run.
fn wanted(window: &mut Window) -> Option<String> {
    match command(window)? {
        Ok(text) => Some(text),
        Err(why) => {
            window.notify(Severity::Info, "rerun", why);
            None
        }
    }
}

/// Lists the panes in which the command can be run again.
pub(super) fn choose(window: &mut Window, services: &mut Services) -> bool {
    if wanted(window).is_some() {
        let mode = Mode::Pick("Run again in", places);
        services
            .requests
            .push(Request::Palette(window.handle.id(), mode));
    }
    true
}

fn places(window: &Window, _: &Services) -> Vec<Entry> {
    let Some(Ok(text)) = command(window) else {
        return Vec::new();
    };
    let split = |side| {
        let text = text.clone();
        Command::Do(Rc::new(
            move |window: &mut Window, services: &mut Services| {
                beside(window, services, side, text.clone());
            },
        ))
    };
    let in_tab = text.clone();
    let in_environment = text.clone();
    let mut entries = vec![
        Entry::new("", "A new pane to the right", split(Direction::Right)),
        Entry::new("", "A new pane below", split(Direction::Down)),
        Entry::new(
            "",
            "A new tab",
            Command::Do(Rc::new(move |window, services| {
                window.new_tab(services);
                window.paste_at_prompt(in_tab.clone());
            })),
        ),
        Entry::new(
            "",
            "An environment …",
            Command::Do(Rc::new(move |window, services| {
                let text = in_environment.clone();
                crate::actions::environments::choose(window, services, text);
            })),
        ),
    ];
    let focused = window.focused_pane().map(|pane| pane.id);
    for (number, tab) in window.tabs.iter().enumerate() {
        for id in tab.layout.panes() {
            let Some(pane) = window.panes.get(&id).filter(|_| Some(id) != focused) else {
                continue;
            };
            if !pane.session.lock().blocks().is_at_prompt() {
                continue;
            }
            let text = text.clone();
            entries.push(Entry {
                detail: format!("pane in tab {}, at its prompt", number + 1),
                about: pane.folder.clone().unwrap_or_default(),
                ..Entry::new(
                    "",
                    pane.label(),
                    Command::Do(Rc::new(move |window, services| {
                        in_pane(window, services, id, &text);
                    })),
                )
            });
        }
    }
    entries
}

/// Puts a command at the prompt of a pane that is there already.
fn in_pane(window: &mut Window, services: &mut Services, id: PaneId, text: &str) {
    let waits = window
        .panes
        .get(&id)
        .is_some_and(|pane| pane.session.lock().blocks().is_at_prompt());
    if waits {
        window.show_pane(services, id);
        window.paste(services, id, text);
    } else {
        let text = "the pane does not wait at its prompt any more";
        window.notify(Severity::Info, "rerun", text);
    }
}

/// Puts a command at the prompt of a new pane beside the focused one.
pub(super) fn beside(window: &mut Window, services: &mut Services, side: Direction, text: String) {
    let before = window.focused_pane().map(|pane| pane.id);
    window.split(services, side);
    // Where there is no room for another pane the split says so.
    if window.focused_pane().map(|pane| pane.id) != before {
        window.paste_at_prompt(text);
    }
}

/// Lists the environments in which the command can be run again.
pub(super) fn choose_environment(window: &mut Window, services: &mut Services) -> bool {
    if let Some(text) = wanted(window) {
        crate::actions::environments::choose(window, services, text);
    }
    true
}

/// An environment was chosen for a command that is to be run again.
pub(crate) fn chosen(
    window: &mut Window,
    services: &mut Services,
    env: &EnvironmentId,
    command: String,
) {
    window.open_environment(services, env, None, Place::Tab);
    window.paste_at_prompt(command);
}

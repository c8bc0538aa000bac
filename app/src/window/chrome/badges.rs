//! What is said as long as it lasts: keys that go to several panes, a mode of the keyboard, the numbers of panes.

use std::collections::BTreeMap;
use std::time::Instant;

use config::{Action, ActionName, Sequence};
use renderer::units::Rect;

use crate::palette::sources::title_of;
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::tabs::Tabs;
use crate::view::badges::{Badge, PaneBadge};
use crate::window::Window;
use crate::window::arrange::PANE_KEYS;

impl Window {
    /// What must be said as long as it lasts.
    pub(super) fn badges(&self, services: &Services) -> Vec<Badge> {
        let mut badges: Vec<Badge> = self.carry_badge().into_iter().collect();
        if let Some(tab) = self.tabs.active().filter(|tab| tab.is_broadcasting()) {
            let key = services.config.keys.way_to(ActionName::BroadcastTab);
            let ends = key.map_or_else(String::new, |key| format!("{key} ends it"));
            badges.push(Badge {
                title: format!("Typing into {} panes", tab.broadcast.len()),
                lines: Vec::new(),
                note: ends,
                warns: true,
            });
        }
        let keys = &services.config.keys;
        let table = keys.table(self.keyboard.mode());
        if let Some(mode) = self.keyboard.mode().and_then(|name| keys.mode(name)) {
            badges.push(Badge {
                title: format!("Mode: {}", mode.name),
                lines: hints(table.continuations(&[])),
                note: String::new(),
                warns: false,
            });
        }
        let held = self.keyboard.held();
        if !held.is_empty() {
            let listed = self.keyboard.hints(Instant::now());
            badges.push(Badge {
                title: format!("{} …", self.keyboard.held_text()),
                lines: if listed {
                    hints(table.continuations(held))
                } else {
                    Vec::new()
                },
                note: String::new(),
                warns: false,
            });
        }
        badges
    }
}

/// Keys and what they do, one line for all keys that do the same.
fn hints(follow: Vec<(Sequence, &Action)>) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for (keys, action) in follow {
        let deed = deed(action);
        match lines.iter_mut().find(|(_, known)| *known == deed) {
            Some((known, _)) => known.push_str(&format!(", {keys}")),
            None => lines.push((keys.to_string(), deed)),
        }
    }
    lines
}

/// What an action does, in a few words.
fn deed(action: &Action) -> String {
    match action {
        Action::Run(name) => title_of(*name),
        Action::Mode(name) => format!("Mode {name}"),
        Action::Pass => "To the program".to_owned(),
        Action::Ignore => "Nothing".to_owned(),
        other => other.to_string().escape_debug().to_string(),
    }
}

/// The shown panes with the keys that they are reached by, where they are.
pub(super) fn shown_areas(tabs: &Tabs, panes: &BTreeMap<PaneId, Pane>) -> Vec<Rect> {
    let Some(tab) = tabs.active() else {
        return Vec::new();
    };
    let shown = if tab.zoomed {
        vec![tab.focused]
    } else {
        tab.layout.panes()
    };
    shown
        .iter()
        .filter_map(|id| panes.get(id))
        .map(|pane| pane.area)
        .collect()
}

/// The keys of panes, each in the middle of its pane.
pub(super) fn pane_badges(areas: &[Rect], scale: f32) -> Vec<PaneBadge> {
    areas
        .iter()
        .zip(PANE_KEYS.chars())
        .map(|(area, key)| PaneBadge {
            area: super::logical(*area, scale),
            key,
        })
        .collect()
}

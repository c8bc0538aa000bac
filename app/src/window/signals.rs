//! What programs and tabs signal: notifications, progress, activity, silence, titles.

use std::time::{Duration, Instant};

use config::notifications::{NotificationPlace, ShowNotifications};
use terminal::event::Progress;
use winit::window::UserAttentionType;

use super::Window;
use crate::notifications::joined;
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::tabs::Tab;

impl Window {
    /// A program wants to be noticed (OSC 9, 99, 777). How often is bounded by the core.
    pub(super) fn notification(
        &mut self,
        services: &mut Services,
        id: PaneId,
        title: String,
        body: String,
    ) {
        let settings = &services.config.notifications;
        let wanted = match settings.show {
            ShowNotifications::Always => true,
            ShowNotifications::Unfocused => !self.has_keyboard(id),
            ShowNotifications::Never => false,
        };
        if !wanted {
            return;
        }
        let place = settings.place;
        let label = self.name_of(id);
        match (place, services.desktop()) {
            (NotificationPlace::Desktop, Some(desktop)) => desktop.show(id, label, title, body),
            _ => self.show_notification(id, &joined(&title, &body)),
        }
    }

    /// Shows a notification in the window: the settings say so, or the desktop shows none.
    pub(crate) fn show_notification(&mut self, id: PaneId, text: &str) {
        let text = format!("{}: {text}", self.name_of(id));
        self.overlay.notices.push_from(id, text, Instant::now());
        self.overlay.changed();
        self.redraw();
        if !self.focused {
            let attention = Some(UserAttentionType::Informational);
            self.handle.request_user_attention(attention);
        }
    }

    /// What the user calls a pane: the name given to its tab, else what it says of itself.
    fn name_of(&self, id: PaneId) -> String {
        let mut tabs = self.tabs.iter();
        let tab = tabs.find(|tab| tab.layout.panes().contains(&id));
        let named = tab.and_then(|tab| tab.name.clone());
        named
            .or_else(|| self.panes.get(&id).map(Pane::label))
            .unwrap_or_default()
    }

    /// Brings a pane to the front: its notification was clicked.
    pub(crate) fn show_pane(&mut self, services: &Services, id: PaneId) {
        let place = self
            .tabs
            .iter()
            .position(|tab| tab.layout.panes().contains(&id));
        let Some(place) = place else { return };
        self.tabs.show(place);
        if let Some(tab) = self.tabs.active_mut() {
            tab.focused = id;
        }
        self.handle.set_minimized(false);
        self.handle.focus_window();
        self.focus_moved(services);
    }

    /// A program tells how far it is (OSC 9;4).
    pub(super) fn progress(&mut self, services: &mut Services, id: PaneId, progress: Progress) {
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        pane.progress = progress;
        pane.blocks.progress = Some(progress);
        self.tell_progress(services);
        self.update_title(services);
        self.overlay.changed();
        self.redraw();
    }

    /// Tells the taskbar how far the least advanced program is.
    pub(super) fn tell_progress(&self, services: &mut Services) {
        if !services.config.notifications.taskbar_progress {
            return;
        }
        let progress = self.panes.values().map(|pane| pane.progress);
        let worst = progress.min_by_key(|progress| rank(*progress));
        if let Some(desktop) = services.desktop() {
            desktop.progress(worst.unwrap_or(Progress::None));
        }
    }

    /// Output came: marks the pane's tab if it is not shown.
    pub(super) fn output_marks(&mut self, services: &Services, id: PaneId) {
        let shown = self.shown_panes().contains(&id);
        let settings = &services.config.tabs;
        let quiet = u64::from(settings.silence_after);
        let now = Instant::now();
        if let Some(pane) = self.panes.get_mut(&id) {
            pane.quiet_at = (quiet > 0 && !shown).then(|| now + Duration::from_secs(quiet));
            if pane.look_at_program(now) {
                self.overlay.changed();
                self.update_title(services);
            }
        }
        if let Some(tab) = self.tabs.of_pane(id)
            && !shown
        {
            let before = (tab.activity, tab.silence);
            tab.activity |= settings.mark_activity;
            tab.silence = false;
            if before != (tab.activity, tab.silence) {
                self.overlay.changed();
                self.redraw();
            }
        }
    }

    /// Marks the tabs that have been quiet long enough.
    pub(super) fn mark_silence(&mut self, now: Instant) {
        let quiet: Vec<PaneId> = self
            .panes
            .values_mut()
            .filter(|pane| pane.quiet_at.is_some_and(|at| at <= now))
            .map(|pane| {
                pane.quiet_at = None;
                pane.id
            })
            .collect();
        for id in quiet {
            let shown = self.shown_panes().contains(&id);
            if let Some(tab) = self.tabs.of_pane(id)
                && !shown
            {
                tab.silence = true;
                self.overlay.changed();
                self.redraw();
            }
        }
    }

    /// What a tab says in the bar.
    pub(super) fn tab_title(
        &self,
        services: &Services,
        tab: &Tab,
        index: usize,
    ) -> (String, Progress) {
        let settings = &services.config.tabs;
        let panes = tab.layout.panes();
        let progress = panes
            .iter()
            .filter_map(|id| self.panes.get(id))
            .map(|pane| pane.progress)
            .min_by_key(|progress| rank(*progress))
            .filter(|_| settings.progress);
        let text = settings
            .title
            .fill(|name| self.title_value(tab, index, name));
        let text = self.in_environment(Some(tab.focused), text);
        (text, progress.unwrap_or(Progress::None))
    }

    /// What a name of a title template is for a tab.
    pub(super) fn title_value(&self, tab: &Tab, index: usize, name: &str) -> String {
        let pane = self.panes.get(&tab.focused);
        let mark = |on: bool, sign: &str| {
            if on {
                format!("{sign} ")
            } else {
                String::new()
            }
        };
        let folder = pane.and_then(|pane| pane.folder.as_deref());
        match name {
            "title" => pane.map(|pane| pane.title.clone()).unwrap_or_default(),
            "name" => tab.name.clone().unwrap_or_default(),
            "folder" => {
                let last = folder.and_then(|path| path.rsplit('/').find(|part| !part.is_empty()));
                last.or(folder).unwrap_or_default().to_owned()
            }
            "path" => folder.unwrap_or_default().to_owned(),
            "program" => pane.map(|pane| pane.program.clone()).unwrap_or_default(),
            "index" => (index + 1).to_string(),
            "panes" => match tab.layout.panes().len() {
                0 | 1 => String::new(),
                n => n.to_string(),
            },
            "bell" => mark(tab.bell, "●"),
            "activity" => mark(tab.activity && !tab.bell, "•"),
            "silence" => mark(tab.silence, "◦"),
            "progress" => match pane.map_or(Progress::None, |pane| pane.progress) {
                Progress::None => String::new(),
                Progress::Normal(percent) => format!("[{percent}%] "),
                Progress::Error(_) => "[failed] ".to_owned(),
                Progress::Indeterminate => "[…] ".to_owned(),
                Progress::Paused(percent) => format!("[{percent}% paused] "),
            },
            _ => String::new(),
        }
    }
}

/// Which of several progresses is shown: what failed first, then what has the longest way to go, nothing last.
fn rank(progress: Progress) -> u16 {
    match progress {
        Progress::Error(_) => 0,
        Progress::Paused(percent) => 1 + u16::from(percent),
        Progress::Indeterminate => 200,
        Progress::Normal(percent) => 300 + u16::from(percent),
        Progress::None => u16::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_shown_before_what_goes_on() {
        let mut all = [
            Progress::None,
            Progress::Normal(90),
            Progress::Normal(10),
            Progress::Indeterminate,
            Progress::Error(0),
        ];
        all.sort_by_key(|progress| rank(*progress));
        assert_eq!(all[0], Progress::Error(0));
        assert_eq!(all[2], Progress::Normal(10));
        assert_eq!(all[4], Progress::None);
    }
}

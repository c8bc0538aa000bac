//! Layouts of the settings: opening one in this window, keeping the window as one.

use config::layouts::{LayoutSpec, PaneSpec, TabSpec};

use super::Window;
use crate::palette::sources::shown_path;
use crate::pane::PaneId;
use crate::services::Services;
use crate::view::notices::Severity;

impl Window {
    /// Opens a layout's tabs after those that are there, and shows the first of them.
    pub(crate) fn open_layout(&mut self, services: &mut Services, name: &str) {
        let layout = match services.config.layouts.get(name) {
            Ok(layout) => layout.clone(),
            Err(text) => {
                self.notify(Severity::Error, "layout", text);
                return;
            }
        };
        let first = self.tabs.len();
        for tab in services.open_layout(&layout) {
            self.adopt(services, tab, true);
        }
        self.tabs.show(first);
        self.focus_moved(services);
    }

    /// Keeps the window's tabs as a layout in the settings.
    pub(crate) fn save_layout(&mut self, services: &mut Services, name: &str) {
        let tabs = self.tabs.iter().map(|tab| TabSpec {
            name: tab.name.clone(),
            root: tab
                .layout
                .to_spec(&|id| self.describe(id, tab.focused == id)),
        });
        let layout = LayoutSpec {
            name: name.to_owned(),
            tabs: tabs.collect(),
        };
        let panes = self.panes.len();
        services.save_layout(layout);
        let text = format!(
            "Kept as the layout “{name}”: {} tabs, {panes} panes.",
            self.tabs.len()
        );
        self.notify(Severity::Info, "layout", text);
    }

    fn describe(&self, id: PaneId, focused: bool) -> PaneSpec {
        let Some(pane) = self.panes.get(&id) else {
            return PaneSpec::default();
        };
        let home = std::env::home_dir();
        let folder = pane.session.folder();
        PaneSpec {
            folder: folder.map(|folder| shown_path(&folder, home.as_deref())),
            command: pane.command.clone(),
            run: None,
            focus: focused,
        }
    }
}

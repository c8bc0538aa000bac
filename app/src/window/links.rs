//! Links and paths that the user chose, and files that were dropped.

use std::path::Path;

use terminal::encode::paste::quote_path;
use terminal::hints::FilePath;

use super::Window;
use crate::links;
use crate::pane::PaneId;
use crate::services::Services;
use crate::view::dialog::Question;
use crate::view::notices::Severity;

impl Window {
    /// Opens a link after a click; what is refused or fails is said in the window.
    /// `shown` is the text that a program marked with it.
    pub(super) fn open_link(
        &mut self,
        services: &Services,
        pane: PaneId,
        uri: &str,
        shown: Option<&str>,
    ) {
        if let Some(path) = links::local_file(uri, services.hostname()) {
            let path = FilePath {
                path,
                line: None,
                column: None,
            };
            self.open_path(services, pane, path);
            return;
        }
        let opened =
            links::allowed(uri, &services.config.links).and_then(|()| {
                match links::question(uri, shown) {
                    Some(reason) => {
                        let uri = uri.to_owned();
                        self.ask(Question::OpenLink { uri, reason });
                        Ok(())
                    }
                    None => services.open_link(uri),
                }
            });
        if let Err(error) = opened {
            self.notify(Severity::Warning, "link", format!("{error:#}"));
        }
    }

    /// Opens the path of a file that a pane's text names.
    pub(super) fn open_path(&mut self, services: &Services, pane: PaneId, path: FilePath) {
        let Some(pane) = self.panes.get(&pane) else {
            return;
        };
        if pane.environment.is_some() {
            let text = format!("{} is in another environment and is not opened", path.path);
            self.notify(Severity::Warning, "link", text);
            return;
        }
        services.open_path(path, pane);
    }

    /// A file was dropped: its path goes to the program, quoted for the shell.
    pub(super) fn dropped(&mut self, services: &mut Services, path: &Path) {
        let quoted = path.to_str().and_then(quote_path);
        let Some(focused) = self.tabs.active().map(|tab| tab.focused) else {
            return;
        };
        let id = self.pane_at(self.pointer.position()).unwrap_or(focused);
        match quoted {
            Some(quoted) => {
                self.paste(services, id, &format!("{quoted} "));
            }
            None => {
                let name = path.display();
                let text = format!("{name} has control characters in its name and is not inserted");
                self.notify(Severity::Warning, "drop", text);
            }
        }
    }
}

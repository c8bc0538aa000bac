//! Texts for prompts, and what is moved or written for a pane.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempPath;

use crate::event::AppEvent;
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::tabs::Tab;
use crate::view::notices::Severity;
use crate::window::Window;

/// How long a text waits for a prompt that does not say that it is one.
const PROMPT_WAIT: Duration = Duration::from_secs(2);
/// How long it waits for a shell elsewhere, which may have to be started first.
const ELSEWHERE_WAIT: Duration = Duration::from_secs(300);

/// A text that waits for a prompt.
#[derive(Debug)]
pub(crate) struct AtPrompt {
    /// The text.
    text: String,
    /// Until when it waits.
    pub(crate) until: Instant,
    /// Then it is pasted all the same. Never where something else may ask first, such as for a password.
    anyhow: bool,
}

impl Window {
    /// Puts a text at the focused pane's next prompt, as a paste. In an environment only a prompt that says so is
    /// taken for one.
    pub(crate) fn paste_at_prompt(&mut self, text: String) {
        let Some(id) = self.tabs.active().map(|tab| tab.focused) else {
            return;
        };
        if let Some(pane) = self.panes.get_mut(&id) {
            let anyhow = pane.environment.is_none();
            let wait = if anyhow { PROMPT_WAIT } else { ELSEWHERE_WAIT };
            pane.for_prompt = Some(AtPrompt {
                text,
                until: Instant::now() + wait,
                anyhow,
            });
        }
    }

    /// A pane's prompt is there, or has had its time: what waits for it is pasted.
    pub(in crate::window) fn prompt_ready(&mut self, services: &Services, id: PaneId) {
        let waiting = self
            .panes
            .get_mut(&id)
            .and_then(|pane| pane.for_prompt.take());
        if let Some(waiting) = waiting {
            self.paste(services, id, &waiting.text);
        }
    }

    /// Pastes what waited too long for a prompt, or gives it up.
    pub(in crate::window) fn paste_overdue(&mut self, services: &Services, now: Instant) {
        let due = |pane: &&mut Pane| pane.for_prompt.as_ref().is_some_and(|one| one.until <= now);
        let mut overdue = Vec::new();
        let mut given_up = None;
        for pane in self.panes.values_mut().filter(due) {
            match &pane.for_prompt {
                Some(waiting) if waiting.anyhow => overdue.push(pane.id),
                _ => given_up = pane.for_prompt.take(),
            }
        }
        for id in overdue {
            self.prompt_ready(services, id);
        }
        if let Some(waiting) = given_up {
            let text = format!("no prompt came for: {}", waiting.text);
            self.notify(Severity::Warning, "rerun", text);
        }
    }

    /// A block's output was written to a file: a new pane's prompt reads it.
    pub(crate) fn output_written(
        &mut self,
        services: &mut Services,
        written: Result<Arc<TempPath>, String>,
    ) {
        match written {
            Ok(path) => {
                let quoted = path.to_str().and_then(terminal::encode::paste::quote_path);
                let Some(quoted) = quoted else { return };
                self.split(services, crate::layout::Direction::Down);
                self.paste_at_prompt(format!("cat {quoted} | "));
                if let Some(id) = self.tabs.active().map(|tab| tab.focused)
                    && let Some(pane) = self.panes.get_mut(&id)
                {
                    pane.temporary = Some(path);
                }
            }
            Err(error) => self.notify(Severity::Error, "pipe", error),
        }
    }

    /// Gives the focused pane's session a tab of its own, and its place to a new shell in the same folder: the
    /// program keeps its terminal, and the user the place where to type.
    pub(crate) fn move_pane_away(&mut self, services: &mut Services) {
        let Some(old) = self.tabs.active().map(|tab| tab.focused) else {
            return;
        };
        let new = self.new_pane(services, None);
        let Some(tab) = self.tabs.active_mut() else {
            return;
        };
        tab.layout.replace(old, new);
        tab.focused = new;
        self.tabs.insert(Tab::new(old), false);
        self.tabs.show_previous();
        self.overlay.changed();
        self.focus_moved(services);
        self.notify(
            Severity::Info,
            "move",
            "the running command is in the next tab",
        );
    }
}

/// What the names of files with piped output begin with; the number of the process follows.
const PIPED: &str = "terrace-output-";

/// How long such a file of a Terrace that is not to be seen is left alone.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Writes a text to a new file that only this user reads, and that goes when nobody holds its path any more.
pub(crate) fn write_temporary(text: &str) -> Result<Arc<TempPath>, String> {
    use std::io::Write as _;
    let folder = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .unwrap_or_else(std::env::temp_dir);
    sweep(&folder);
    let prefix = format!("{PIPED}{}-", std::process::id());
    tempfile::Builder::new()
        .prefix(&prefix)
        .suffix(".txt")
        .tempfile_in(&folder)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            Ok(Arc::new(file.into_temp_path()))
        })
        .map_err(|error| format!("the output cannot be written: {error}"))
}

/// Removes the files of Terraces that were killed.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| {
            let (number, _) = name.strip_prefix(PIPED)?.split_once('-')?;
            number.parse::<u32>().ok()
        });
        // A Terrace in a container that shares the folder has its processes elsewhere; it lives less than a day.
        let written = entry.metadata().and_then(|entry| entry.modified()).ok();
        let is_old = written.and_then(|at| at.elapsed().ok()) > Some(KEPT);
        if let Some(number) = number
            && is_old
            && !Path::new(&format!("/proc/{number}")).exists()
        {
            // Another user's stays, whose folder it then is.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Does work that may take a while on a thread of its own, and sends what comes of it.
pub(crate) fn in_background(
    name: &'static str,
    proxy: winit::event_loop::EventLoopProxy<AppEvent>,
    work: impl FnOnce() -> AppEvent + Send + 'static,
) {
    let started = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // Fails only when the loop has ended.
            let _ = proxy.send_event(work());
        });
    if let Err(error) = started {
        tracing::warn!(%error, name, "no thread");
    }
}

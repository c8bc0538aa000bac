//! Texts for prompts, and what is moved or written for a pane.

use std::time::{Duration, Instant};

use crate::event::AppEvent;
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::tabs::Tab;
use crate::view::notices::Severity;
use crate::window::Window;

/// How long a text waits for a prompt that does not say that it is one.
const PROMPT_WAIT: Duration = Duration::from_secs(2);

impl Window {
    /// Puts a text at the focused pane's next prompt, as a paste.
    pub(crate) fn paste_at_prompt(&mut self, text: String) {
        let Some(id) = self.tabs.active().map(|tab| tab.focused) else {
            return;
        };
        if let Some(pane) = self.panes.get_mut(&id) {
            pane.for_prompt = Some((text, Instant::now() + PROMPT_WAIT));
        }
    }

    /// A pane's prompt is there, or has had its time: what waits for it is pasted.
    pub(in crate::window) fn prompt_ready(&mut self, services: &Services, id: PaneId) {
        let waiting = self
            .panes
            .get_mut(&id)
            .and_then(|pane| pane.for_prompt.take());
        if let Some((text, _)) = waiting {
            self.paste(services, id, &text);
        }
    }

    /// Pastes what waited too long for a prompt.
    pub(in crate::window) fn paste_overdue(&mut self, services: &Services, now: Instant) {
        let due = |pane: &&Pane| pane.for_prompt.as_ref().is_some_and(|(_, at)| *at <= now);
        let overdue: Vec<PaneId> = self
            .panes
            .values()
            .filter(due)
            .map(|pane| pane.id)
            .collect();
        for id in overdue {
            self.prompt_ready(services, id);
        }
    }

    /// A block's output was written to a file: a new pane's prompt reads it.
    pub(crate) fn output_written(
        &mut self,
        services: &mut Services,
        written: Result<std::path::PathBuf, String>,
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

/// Writes a text to a file that only this user reads; a new one each time.
pub(crate) fn write_temporary(text: &str) -> Result<std::path::PathBuf, String> {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let folder = std::env::var_os("XDG_RUNTIME_DIR")
        .map(std::path::PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .unwrap_or_else(std::env::temp_dir);
    let name = format!(
        "terrace-output-{}-{}.txt",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let path = folder.join(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    Ok(path)
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

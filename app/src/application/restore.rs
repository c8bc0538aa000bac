//! The last session: what the windows show is kept as they change, and comes back at the start.

use std::sync::Arc;
use std::time::{Duration, Instant};

use history::Notice;
use winit::event_loop::ActiveEventLoop;
use winit::window::WindowId;

use super::Application;
use crate::layout::{Axis, Layout};
use crate::pane::environment::PaneEnvironment;
use crate::pane::{Pane, PaneId};
use crate::saved::{
    Keep, Node, Saved, SavedEnvironment, SavedPane, SavedSize, SavedTab, SavedWindow,
};
use crate::view::notices::Severity;
use crate::window::{TabOfPanes, Window};

/// Changes are written so far apart.
const INTERVAL: Duration = Duration::from_secs(2);

/// What was kept of the windows, and when it is looked at again.
#[derive(Default)]
pub(super) struct LastSession {
    keep: Option<Arc<Keep>>,
    written: Option<Saved>,
    /// When something may have changed since it was written, the moment to look.
    look_at: Option<Instant>,
    looked: Option<Instant>,
}

impl LastSession {
    /// Keeps windows from now on, if there is a place for it.
    pub(super) fn new(wanted: bool) -> Self {
        let keep = wanted
            .then(crate::saved::folder)
            .flatten()
            .and_then(|folder| {
                Keep::new(&folder)
                    .inspect_err(|error| {
                        tracing::warn!("the session is not kept in {}: {error}", folder.display());
                    })
                    .ok()
            });
        Self {
            keep: keep.map(Arc::new),
            ..Self::default()
        }
    }

    /// Something may have changed.
    pub(super) fn touch(&mut self) {
        if self.keep.is_some() && self.look_at.is_none() {
            let next = self.looked.map(|looked| looked + INTERVAL);
            self.look_at = Some(next.unwrap_or_else(Instant::now));
        }
    }

    /// When it is to be looked at.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.look_at
    }

    /// What is to be written, if it is anything new.
    fn news(&mut self, saved: Saved) -> Option<(Arc<Keep>, Saved)> {
        let keep = self.keep.clone()?;
        let known = self.written.as_ref() == Some(&saved);
        self.written = Some(saved.clone());
        (!known).then_some((keep, saved))
    }
}

impl Application {
    /// Keeps what the windows show now, if that is due.
    pub(super) fn keep_session(&mut self, now: Instant) {
        if self.session.look_at.is_none_or(|at| at > now) {
            return;
        }
        (self.session.look_at, self.session.looked) = (None, Some(now));
        if !self.windows.is_empty() {
            self.write_session(false);
        }
    }

    /// All windows close: they come back at the next start, but for those whose last shell ended.
    pub(super) fn keep_session_at_the_end(&mut self) {
        let all_close = self.windows.values().all(|window| window.closing);
        if all_close && !self.windows.is_empty() {
            self.write_session(true);
        }
    }

    fn write_session(&mut self, closed: bool) {
        let windows = self.windows.values().map(describe).collect();
        if let Some((keep, saved)) = self.session.news(Saved::new(windows, closed)) {
            self.services.write_session(keep, saved);
        }
    }

    /// Opens the windows that come back, beyond the first.
    pub(super) fn open_more_windows(&mut self, event_loop: &ActiveEventLoop) {
        for restored in std::mem::take(&mut self.more) {
            let RestoredWindow { tabs, shown, size } = restored;
            let mut tabs = tabs.into_iter();
            let Some(first) = tabs.next() else { continue };
            let before: Vec<WindowId> = self.windows.keys().copied().collect();
            self.open_window_as(event_loop, first, size);
            let id = self.windows.keys().find(|id| !before.contains(id)).copied();
            if let Some(window) = id.and_then(|id| self.windows.get_mut(&id)) {
                for tab in tabs {
                    window.adopt(&mut self.services, tab, true);
                }
                window.tabs.show(shown);
                window.focus_moved(&self.services);
            }
        }
    }

    /// The store of the history has something to tell: what the user must act on stays until it is over.
    pub(super) fn history_notice(&mut self, notice: &Notice) {
        const TOPIC: &str = "history-store";
        let severity = match notice {
            Notice::Paused(_) | Notice::ReadOnly(_) | Notice::SetAside { .. } => Severity::Error,
            Notice::Dropped { .. } => Severity::Warning,
            Notice::Resumed | Notice::Recovered(_) => Severity::Info,
        };
        if matches!(notice, Notice::Resumed) {
            for window in self.windows.values_mut() {
                window.overlay.notices.clear(TOPIC);
            }
        }
        if let Some(window) = self.front() {
            window.notify(severity, TOPIC, notice.to_string());
        }
    }

    /// A pane has its old blocks, or there are none: its shell starts.
    pub(super) fn restored(&mut self, id: PaneId) {
        let Some(window) = super::holder(&mut self.windows, id) else {
            // Its window is not open yet; it looks when it takes the pane in.
            self.ready.push(id);
            return;
        };
        window.start_waiting(&mut self.services, id);
    }

    /// Starts the shells of panes that were ready before their windows.
    pub(super) fn start_ready(&mut self) {
        for id in std::mem::take(&mut self.ready) {
            self.restored(id);
        }
    }
}

/// A window as it is kept. Panes that are private, show a text, or have ended are left out.
fn describe(window: &Window) -> SavedWindow {
    let mut shown = 0;
    let mut tabs = Vec::new();
    for (index, tab) in window.tabs.iter().enumerate() {
        if index == window.tabs.active_index() {
            shown = tabs.len();
        }
        let root = node(&tab.layout, &|id| {
            pane(window.panes.get(&id)?, tab.focused == id)
        });
        tabs.extend(root.map(|root| SavedTab {
            name: tab.name.clone(),
            zoomed: tab.zoomed,
            root,
        }));
    }
    SavedWindow {
        shown,
        size: window.saved_size(),
        tabs,
    }
}

fn node(layout: &Layout, describe: &impl Fn(PaneId) -> Option<SavedPane>) -> Option<Node> {
    match layout {
        Layout::Pane(id) => describe(*id).map(Node::Pane),
        Layout::Split {
            axis,
            ratio,
            first,
            second,
        } => match (node(first, describe), node(second, describe)) {
            (Some(first), Some(second)) => Some(Node::Split {
                rows: *axis == Axis::Rows,
                ratio: *ratio,
                first: Box::new(first),
                second: Box::new(second),
            }),
            (one, other) => one.or(other),
        },
    }
}

fn pane(pane: &Pane, focused: bool) -> Option<SavedPane> {
    let recorder = pane.session.recorder();
    let connects = (pane.environment.as_ref()).is_some_and(PaneEnvironment::can_reopen);
    if (pane.ended && !connects)
        || recorder.is_some_and(crate::history::recorder::Recorder::is_private)
    {
        return None;
    }
    let mut sessions: Vec<String> = pane.earlier.iter().map(ToString::to_string).collect();
    sessions.extend(recorder.map(|recorder| recorder.uid().to_string()));
    let excess = sessions.len().saturating_sub(MAX_SESSIONS);
    sessions.drain(..excess);
    Some(SavedPane {
        folder: pane.folder.clone().or_else(|| {
            let folder = pane.session.folder()?;
            Some(folder.to_string_lossy().into_owned())
        }),
        sessions,
        elsewhere: pane
            .environment
            .as_ref()
            .map(|environment| SavedEnvironment {
                id: environment.id().to_string(),
                name: environment.spec.name.clone(),
                integrated: environment.wish.integrate,
            }),
        focused,
    })
}

/// Sessions of a pane that are remembered: it may have come back that often.
const MAX_SESSIONS: usize = 16;

/// The tree that a node describes; `open` makes a pane for each of its places.
pub(crate) fn layout(node: &Node, open: &mut impl FnMut(&SavedPane) -> PaneId) -> Layout {
    match node {
        Node::Pane(pane) => Layout::Pane(open(pane)),
        Node::Split {
            rows,
            ratio,
            first,
            second,
        } => Layout::Split {
            axis: if *rows { Axis::Rows } else { Axis::Columns },
            ratio: if ratio.is_finite() {
                ratio.clamp(0.02, 0.98)
            } else {
                0.5
            },
            first: Box::new(layout(first, open)),
            second: Box::new(layout(second, open)),
        },
    }
}

/// A window that comes back.
pub(crate) struct RestoredWindow {
    /// Its tabs.
    pub(crate) tabs: Vec<TabOfPanes>,
    /// Which of them is shown.
    pub(crate) shown: usize,
    /// Its size.
    pub(crate) size: Option<SavedSize>,
}

//! What the user closed a moment ago: for ten seconds the programs run on and everything can be opened again.

use std::time::{Duration, Instant};

use winit::window::WindowId;

use crate::layout::Layout;
use crate::pane::{Pane, PaneId};
use crate::tabs::TabId;
use crate::window::TabOfPanes;

/// How long what was closed can be opened again.
pub(crate) const KEPT_FOR: Duration = Duration::from_secs(10);

/// Something closed, whole.
pub(crate) enum Closed {
    /// One pane of a tab that stays.
    Pane {
        /// The pane.
        pane: Box<Pane>,
        /// The tab it was in.
        tab: TabId,
        /// The tab's panes before it was closed.
        before: Layout,
    },
    /// A whole tab.
    Tab {
        /// The tab and its panes.
        tab: Box<TabOfPanes>,
        /// Where it was, counted from the left.
        index: usize,
    },
}

impl Closed {
    fn panes(&self) -> Vec<&Pane> {
        match self {
            Closed::Pane { pane, .. } => vec![pane],
            Closed::Tab { tab, .. } => tab.panes.iter().collect(),
        }
    }
}

/// One thing kept, and from where.
struct Kept {
    what: Closed,
    window: WindowId,
    until: Instant,
}

/// Everything closed that can still be opened again, oldest first.
#[derive(Default)]
pub(crate) struct Attic {
    list: Vec<Kept>,
}

impl Attic {
    /// Keeps what was closed in a window.
    pub(crate) fn keep(&mut self, what: Closed, window: WindowId, now: Instant) {
        self.list.push(Kept {
            what,
            window,
            until: now + KEPT_FOR,
        });
    }

    /// Gives back what was closed last, and the window in which.
    pub(crate) fn take(&mut self) -> Option<(Closed, WindowId)> {
        self.list.pop().map(|kept| (kept.what, kept.window))
    }

    /// Ends the programs of what was kept long enough; returns whether anything went.
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        let before = self.list.len();
        self.list.retain(|kept| {
            let stays = kept.until > now;
            if !stays {
                for pane in kept.what.panes() {
                    pane.session.close();
                }
            }
            stays
        });
        self.list.len() < before
    }

    /// When the next thing goes for good.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.list.iter().map(|kept| kept.until).min()
    }

    /// A kept pane has output, or its program ended: what has no program left is let go.
    pub(crate) fn pane_changed(&mut self, id: PaneId) {
        for kept in &self.list {
            for pane in kept.what.panes().iter().filter(|pane| pane.id == id) {
                pane.session.acknowledge();
            }
        }
        self.list.retain(|kept| {
            kept.what
                .panes()
                .iter()
                .any(|pane| pane.session.ended().is_none())
        });
    }
}

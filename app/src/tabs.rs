//! The tabs of a window: their order, which one is shown, and which was before.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::layout::Layout;
use crate::pane::PaneId;

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// Identifies a tab while it lives; never reused in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TabId(pub(crate) u64);

/// One tab: a split tree of panes and what is said of it.
#[derive(Clone, Debug)]
pub(crate) struct Tab {
    /// Its identity.
    pub(crate) id: TabId,
    /// Its panes.
    pub(crate) layout: Layout,
    /// The pane that has the keyboard when the tab is shown.
    pub(crate) focused: PaneId,
    /// The focused pane fills the tab, the others wait.
    pub(crate) zoomed: bool,
    /// The user's own name for it, which wins over the program's title.
    pub(crate) name: Option<String>,
    /// A bell rang while it was not shown.
    pub(crate) bell: bool,
    /// Something was printed while it was not shown.
    pub(crate) activity: bool,
    /// What printed there has been quiet for as long as the settings say.
    pub(crate) silence: bool,
    /// The panes that are typed into together; empty, or none but these.
    pub(crate) broadcast: BTreeSet<PaneId>,
}

impl Tab {
    /// A tab around one pane.
    pub(crate) fn new(pane: PaneId) -> Self {
        Self {
            id: TabId(NEXT_ID.fetch_add(1, Ordering::Relaxed)),
            layout: Layout::Pane(pane),
            focused: pane,
            zoomed: false,
            name: None,
            bell: false,
            activity: false,
            silence: false,
            broadcast: BTreeSet::new(),
        }
    }

    /// Whether what is typed into the focused pane goes to others, too.
    pub(crate) fn is_broadcasting(&self) -> bool {
        self.broadcast.len() > 1 && self.broadcast.contains(&self.focused)
    }

    /// A pane leaves; `rest` is the tree without it.
    pub(crate) fn leave(&mut self, pane: PaneId, rest: Layout) {
        if self.focused == pane {
            self.focused = nearest(&self.layout, &rest, pane);
        }
        self.layout = rest;
        self.broadcast.remove(&pane);
        if matches!(self.layout, Layout::Pane(_)) {
            self.zoomed = false;
            self.broadcast.clear();
        }
    }
}

/// The pane that gets the keyboard when one leaves: the one before it in reading order, else the first.
fn nearest(before: &Layout, rest: &Layout, leaving: PaneId) -> PaneId {
    let panes = before.panes();
    let at = panes.iter().position(|id| *id == leaving).unwrap_or(0);
    let near = at.checked_sub(1).and_then(|at| panes.get(at)).copied();
    near.filter(|id| rest.contains(*id))
        .or_else(|| rest.panes().first().copied())
        .unwrap_or(leaving)
}

/// The tabs, at least one while the window is open.
#[derive(Debug, Default)]
pub(crate) struct Tabs {
    list: Vec<Tab>,
    active: usize,
    previous: Option<TabId>,
}

impl Tabs {
    /// Adds a tab after the shown one, or after all, and shows it.
    pub(crate) fn insert(&mut self, tab: Tab, at_end: bool) {
        let after = if at_end {
            self.list.len()
        } else {
            self.active + 1
        };
        let at = after.min(self.list.len());
        self.previous = self.active().map(|tab| tab.id);
        self.list.insert(at, tab);
        self.active = at;
    }

    /// The tabs from left to right.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Tab> {
        self.list.iter()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The index of the shown one.
    pub(crate) fn active_index(&self) -> usize {
        self.active
    }

    /// The shown one.
    pub(crate) fn active(&self) -> Option<&Tab> {
        self.list.get(self.active)
    }

    /// The shown one, to change it.
    pub(crate) fn active_mut(&mut self) -> Option<&mut Tab> {
        self.list.get_mut(self.active)
    }

    /// Where a tab is, counted from the left.
    pub(crate) fn index_of(&self, id: TabId) -> Option<usize> {
        self.list.iter().position(|tab| tab.id == id)
    }

    /// A tab by identity.
    pub(crate) fn get(&self, id: TabId) -> Option<&Tab> {
        self.list.iter().find(|tab| tab.id == id)
    }

    /// A tab by identity, to change it.
    pub(crate) fn get_mut(&mut self, id: TabId) -> Option<&mut Tab> {
        self.list.iter_mut().find(|tab| tab.id == id)
    }

    /// The tab that holds a pane.
    pub(crate) fn of_pane(&mut self, pane: PaneId) -> Option<&mut Tab> {
        self.list.iter_mut().find(|tab| tab.layout.contains(pane))
    }

    /// Shows the tab at `index`, counted from the left; out of range is ignored.
    pub(crate) fn show(&mut self, index: usize) {
        if index < self.list.len() && index != self.active {
            self.previous = self.active().map(|tab| tab.id);
            self.active = index;
            let tab = &mut self.list[index];
            (tab.bell, tab.activity, tab.silence) = (false, false, false);
        }
    }

    /// Shows the tab `step` places to the right (negative: left), going round.
    pub(crate) fn step(&mut self, step: isize) {
        self.show(self.wrapped(step));
    }

    /// Shows the tab that was shown before.
    pub(crate) fn show_previous(&mut self) {
        let index = self
            .list
            .iter()
            .position(|tab| Some(tab.id) == self.previous);
        if let Some(index) = index {
            self.show(index);
        }
    }

    /// Moves the shown tab `step` places to the right (negative: left), going round.
    pub(crate) fn move_active(&mut self, step: isize) {
        self.move_active_to(self.wrapped(step));
    }

    /// Moves the shown tab to a place, counted from the left.
    pub(crate) fn move_active_to(&mut self, index: usize) {
        if self.active < self.list.len() && index < self.list.len() {
            let tab = self.list.remove(self.active);
            self.list.insert(index, tab);
            self.active = index;
        }
    }

    /// Takes a tab out; the one shown before it, else its neighbour, is shown then.
    pub(crate) fn close(&mut self, id: TabId) -> Option<Tab> {
        let index = self.list.iter().position(|tab| tab.id == id)?;
        let shown = self.active().map(|tab| tab.id);
        let tab = self.list.remove(index);
        let next = if shown == Some(id) {
            self.previous
        } else {
            shown
        };
        self.active = next
            .and_then(|next| self.list.iter().position(|tab| tab.id == next))
            .unwrap_or_else(|| index.min(self.list.len().saturating_sub(1)));
        Some(tab)
    }

    fn wrapped(&self, step: isize) -> usize {
        let count = self.list.len().max(1);
        let step = step.rem_euclid(isize::try_from(count).unwrap_or(isize::MAX));
        (self.active + step.unsigned_abs()) % count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tabs(count: u64) -> Tabs {
        let mut tabs = Tabs::default();
        for pane in 0..count {
            tabs.insert(Tab::new(PaneId(pane)), false);
        }
        tabs
    }

    #[track_caller]
    fn check(tabs: &Tabs, expected: &[u64], active: u64) {
        let order: Vec<u64> = tabs.iter().map(|tab| tab.focused.0).collect();
        assert_eq!(order, expected);
        assert_eq!(tabs.active().map(|tab| tab.focused.0), Some(active));
    }

    #[test]
    fn a_new_tab_opens_right_of_the_shown_one() {
        let mut tabs = tabs(3);
        tabs.show(0);
        tabs.insert(Tab::new(PaneId(9)), false);
        check(&tabs, &[0, 9, 1, 2], 9);
        tabs.insert(Tab::new(PaneId(8)), true);
        check(&tabs, &[0, 9, 1, 2, 8], 8);
    }

    #[test]
    fn stepping_goes_round() {
        let mut tabs = tabs(3);
        tabs.step(1);
        check(&tabs, &[0, 1, 2], 0);
        tabs.step(-1);
        check(&tabs, &[0, 1, 2], 2);
    }

    #[test]
    fn moving_takes_the_shown_tab_along() {
        let mut tabs = tabs(3);
        tabs.move_active(-1);
        check(&tabs, &[0, 2, 1], 2);
        tabs.move_active_to(0);
        check(&tabs, &[2, 0, 1], 2);
        tabs.move_active(-1);
        check(&tabs, &[0, 1, 2], 2);
    }

    #[test]
    fn closing_the_shown_tab_shows_the_one_before() {
        let mut tabs = tabs(4);
        tabs.show(1);
        tabs.show(3);
        let id = tabs.active().expect("a tab is shown").id;
        tabs.close(id);
        check(&tabs, &[0, 1, 2], 1);
    }

    #[test]
    fn closing_another_tab_leaves_the_shown_one() {
        let mut tabs = tabs(3);
        let id = tabs.iter().next().expect("there are three").id;
        tabs.close(id);
        check(&tabs, &[1, 2], 2);
    }

    #[test]
    fn closing_the_last_tab_leaves_none() {
        let mut tabs = tabs(1);
        let id = tabs.active().expect("a tab is shown").id;
        assert!(tabs.close(id).is_some());
        assert!(tabs.active().is_none());
        assert_eq!(tabs.len(), 0);
    }
}

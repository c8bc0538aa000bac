//! Panes on the move: focus, zoom, places and sizes, other tabs and windows; closing and opening again; typing
//! into several at once.

use std::time::Instant;

use terminal::GridSize;

use super::panes::TabOfPanes;
use super::{Place, Window};
use crate::closed::{Closed, KEPT_FOR};
use crate::layout::{Axis, Border, Direction, Layout};
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::tabs::{Tab, TabId};
use crate::view::notices::{Offer, Severity};

/// What one press of a key that resizes moves a border by, in cells.
const STEP_COLUMNS: u32 = 2;
const STEP_ROWS: u32 = 1;

/// The keys that stand for panes while numbers are shown, in reading order.
pub(crate) const PANE_KEYS: &str = "123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

impl Window {
    /// Splits the focused pane; the new one is on the side named. A pane too small for it says so.
    pub(crate) fn split(&mut self, services: &mut Services, side: Direction) {
        if !self.has_room(services, side) {
            return;
        }
        if let Some((id, folder)) = self.environment_here() {
            self.open_environment(services, &id, folder, Place::Split(side));
            return;
        }
        let new = self.new_pane(services, None);
        self.place_beside_focused(services, side, new);
    }

    /// Splits the focused pane for something that was asked from outside; `None` where there is no room.
    pub(crate) fn split_with(
        &mut self,
        services: &mut Services,
        side: Direction,
        spec: &config::layouts::PaneSpec,
    ) -> Option<PaneId> {
        if !self.has_room(services, side) {
            return None;
        }
        let size = self.focused_pane()?.cells.size;
        let pane = services.open_pane_at(size, spec);
        let new = self.keep_pane(pane);
        self.place_beside_focused(services, side, new);
        Some(new)
    }

    /// Moves a pane's borders so that it has so many cells, as far as they are given and there is room; returns
    /// how many it has then.
    ///
    /// # Errors
    /// When it has no border to be moved; the text says why.
    pub(crate) fn resize_pane_to(
        &mut self,
        services: &Services,
        id: PaneId,
        columns: Option<u16>,
        rows: Option<u16>,
    ) -> Result<GridSize, &'static str> {
        let (area, spacing) = (self.pane_area(services), self.spacing(services));
        let cell = self.cell().ok_or("the window cannot be drawn now")?;
        let shown = self.tabs.active().map(|tab| tab.id);
        let tab = self.tabs.of_pane(id).ok_or("the pane is in no tab")?;
        if tab.zoomed {
            return Err("the pane fills its tab; toggle zoom-pane first");
        }
        let tab_id = tab.id;
        let mut layout = tab.layout.clone();
        for (axis, wanted, cell) in [
            (Axis::Columns, columns, cell.width),
            (Axis::Rows, rows, cell.height),
        ] {
            let Some(wanted) = wanted else { continue };
            let now = self.cells_of(services, &layout, id);
            let now = match axis {
                Axis::Columns => now.columns,
                Axis::Rows => now.rows,
            };
            let by = (i32::from(wanted) - i32::from(now)) * i32::from(cell);
            layout
                .grow(id, axis, by, area, spacing)
                .ok_or("nothing lies beside the pane there; resize its window")?;
        }
        let size = self.cells_of(services, &layout, id);
        if let Some(tab) = self.tabs.get_mut(tab_id) {
            tab.layout = layout;
        }
        if shown == Some(tab_id) {
            self.lay_out(services);
        }
        Ok(size)
    }

    /// Whether the focused pane can be split; says why not.
    fn has_room(&mut self, services: &Services, side: Direction) -> bool {
        let (Some(tab), Some(pane)) = (self.tabs.active(), self.focused_pane()) else {
            return false;
        };
        let spacing = self.spacing(services);
        let area = tab
            .layout
            .rectangles(self.pane_area(services), spacing)
            .into_iter()
            .find(|(id, _)| *id == tab.focused)
            .map_or(pane.area, |(_, area)| area);
        let (length, least, what) = match side.axis() {
            Axis::Columns => (area.width, spacing.minimum.0, "narrow"),
            Axis::Rows => (area.height, spacing.minimum.1, "low"),
        };
        if length >= 2 * least + spacing.border {
            return true;
        }
        let GridSize { columns, rows } = pane.cells.size;
        let text = format!("The pane ({columns} × {rows}) is too {what} to be split.");
        self.notify(Severity::Warning, "split", text);
        false
    }

    pub(super) fn place_beside_focused(
        &mut self,
        services: &Services,
        side: Direction,
        new: PaneId,
    ) {
        let Some(tab) = self.tabs.active_mut() else {
            return;
        };
        let layout = std::mem::replace(&mut tab.layout, Layout::Pane(new));
        tab.layout = layout.split(tab.focused, side, new);
        tab.focused = new;
        tab.zoomed = false;
        self.focus_moved(services);
    }

    /// Gives the keyboard to a pane of the shown tab.
    pub(crate) fn focus_pane(&mut self, services: &Services, id: PaneId) {
        if let Some(tab) = self.tabs.active_mut()
            && tab.layout.contains(id)
            && tab.focused != id
        {
            tab.focused = id;
            self.focus_moved(services);
        }
    }

    /// Gives the keyboard to the next pane of the tab (`step` −1: the one before).
    pub(crate) fn focus_step(&mut self, services: &Services, step: isize) {
        let Some(tab) = self.tabs.active() else {
            return;
        };
        let panes = tab.layout.panes();
        let Some(at) = panes.iter().position(|id| *id == tab.focused) else {
            return;
        };
        let count = isize::try_from(panes.len()).unwrap_or(1);
        let next = (isize::try_from(at).unwrap_or(0) + step).rem_euclid(count);
        self.focus_pane(services, panes[next.unsigned_abs()]);
    }

    /// The pane on a side of the focused one.
    fn neighbor(&self, services: &Services, side: Direction) -> Option<PaneId> {
        let tab = self.tabs.active()?;
        tab.layout
            .neighbor(tab.focused, side, self.pane_area(services))
    }

    /// Gives the keyboard to the pane on a side.
    pub(crate) fn focus_toward(&mut self, services: &Services, side: Direction) {
        if let Some(next) = self.neighbor(services, side) {
            self.focus_pane(services, next);
        }
    }

    /// Lets the focused pane change places with the one on a side.
    pub(crate) fn swap_toward(&mut self, services: &Services, side: Direction) {
        let Some(other) = self.neighbor(services, side) else {
            return;
        };
        let Some(focused) = self.tabs.active().map(|tab| tab.focused) else {
            return;
        };
        self.change_layout(services, |layout| layout.swap(focused, other));
    }

    /// Changes the shown tab's tree; all panes are to be seen then.
    pub(crate) fn change_layout(&mut self, services: &Services, change: impl FnOnce(&mut Layout)) {
        let Some(tab) = self.tabs.active_mut() else {
            return;
        };
        change(&mut tab.layout);
        tab.zoomed = false;
        self.focus_moved(services);
    }

    /// Lets the focused pane fill the tab, or gives the others their places again.
    pub(crate) fn zoom_pane(&mut self, services: &Services) {
        let Some(tab) = self.tabs.active_mut() else {
            return;
        };
        if matches!(tab.layout, Layout::Split { .. }) {
            tab.zoomed = !tab.zoomed;
            self.focus_moved(services);
        }
    }

    /// Moves the focused pane's border by a step.
    pub(crate) fn resize_pane(&mut self, services: &Services, direction: Direction) {
        let (area, spacing) = (self.pane_area(services), self.spacing(services));
        let Some(cell) = self.cell() else { return };
        let by = match direction.axis() {
            Axis::Columns => u32::from(cell.width) * STEP_COLUMNS,
            Axis::Rows => u32::from(cell.height) * STEP_ROWS,
        };
        let Some(tab) = self.tabs.active_mut().filter(|tab| !tab.zoomed) else {
            return;
        };
        if tab.layout.resize(tab.focused, direction, by, area, spacing) {
            self.lay_out(services);
        }
    }

    /// Puts a border where the pointer dragged it.
    pub(super) fn drag_border(&mut self, services: &Services, border: &Border, to: i32) {
        let (area, spacing) = (self.pane_area(services), self.spacing(services));
        if let Some(tab) = self.tabs.active_mut()
            && tab.layout.move_border(&border.path, to, area, spacing)
        {
            self.lay_out(services);
        }
    }

    /// Shows a number on each pane, of which the next key chooses one.
    pub(crate) fn number_panes(&mut self) {
        if self.shown_panes().len() > 1 {
            self.overlay.set_numbers(true);
            self.redraw();
        }
    }

    /// The pane that a typed character stands for while numbers are shown.
    pub(super) fn numbered_pane(&self, typed: &str) -> Option<PaneId> {
        let at = PANE_KEYS
            .char_indices()
            .position(|(_, key)| typed == key.encode_utf8(&mut [0; 4]))?;
        self.shown_panes().get(at).copied()
    }

    /// Takes the focused pane out as a tab of its own; `None` when it is the window's only one.
    pub(crate) fn take_focused_pane(&mut self, services: &mut Services) -> Option<TabOfPanes> {
        let tab = self.tabs.active()?;
        let (tab_id, focused) = (tab.id, tab.focused);
        if matches!(tab.layout, Layout::Pane(_)) {
            if self.tabs.len() == 1 {
                return None;
            }
            return self.give_tab(services, tab_id);
        }
        let (pane, _) = self.detach_pane(focused)?;
        self.after_close(services);
        Some(TabOfPanes::new(pane))
    }

    /// Takes the focused pane out, and closes the window if it was its only one.
    pub(crate) fn take_pane_for_good(&mut self, services: &mut Services) -> Option<TabOfPanes> {
        match self.take_focused_pane(services) {
            Some(panes) => Some(panes),
            None => {
                let only = self.tabs.active()?.id;
                self.give_tab(services, only)
            }
        }
    }

    /// Moves the focused pane to a tab of its own beside this one.
    pub(crate) fn pane_to_new_tab(&mut self, services: &mut Services) {
        let is_split = self
            .tabs
            .active()
            .is_some_and(|tab| matches!(tab.layout, Layout::Split { .. }));
        if is_split && let Some(tab) = self.take_focused_pane(services) {
            self.adopt(services, tab, false);
        }
    }

    /// Takes panes into a tab of this window, beside its focused one, and shows it. Where there is no such tab
    /// they get one of their own.
    pub(crate) fn take_in(&mut self, services: &mut Services, panes: TabOfPanes, tab: TabId) {
        let Some(index) = self.tabs.index_of(tab) else {
            self.adopt(services, panes, true);
            return;
        };
        self.tabs.show(index);
        for pane in panes.panes {
            let id = pane.id;
            self.panes.insert(id, pane);
            let side = match self.focused_pane().map(|pane| pane.area) {
                Some(area) if area.height > area.width => Direction::Down,
                _ => Direction::Right,
            };
            self.place_beside_focused(services, side, id);
            self.pane_changed(services, id);
        }
    }

    /// Takes a pane out of its tab, which has others; gives it and the tree as it was.
    fn detach_pane(&mut self, id: PaneId) -> Option<(Pane, Layout)> {
        let tab = self.tabs.of_pane(id)?;
        let before = tab.layout.clone();
        let rest = before.clone().without(id)?;
        tab.leave(id, rest);
        let pane = self.panes.remove(&id)?;
        self.forget_view(id);
        Some((pane, before))
    }

    /// Closes a pane of a tab with several; it can be opened again for a while.
    pub(crate) fn close_pane_now(&mut self, services: &mut Services, id: PaneId) {
        let Some(tab) = self.tabs.of_pane(id).map(|tab| tab.id) else {
            return;
        };
        let label = self.panes.get(&id).map(Pane::label).unwrap_or_default();
        let bound = self.bound_to(&[id]);
        let Some((pane, before)) = self.detach_pane(id) else {
            return;
        };
        if pane.ended {
            pane.session.close();
        } else {
            let pane = Box::new(pane);
            self.keep_closed(services, Closed::Pane { pane, tab, before }, &label);
        }
        for env in bound {
            self.ask_to_discard(services, &env);
        }
        self.after_close(services);
    }

    /// Closes a tab without asking; it can be opened again for a while, unless nothing runs in it.
    pub(crate) fn close_tab_now(&mut self, services: &mut Services, id: TabId) {
        let Some(index) = self.tabs.index_of(id) else {
            return;
        };
        let label = self.tabs.get(id).map(|tab| self.tab_label(tab));
        let panes = self.tabs.get(id).map(|tab| tab.layout.panes());
        let bound = self.bound_to(&panes.unwrap_or_default());
        let Some(tab) = self.give_tab(services, id) else {
            return;
        };
        for env in bound {
            self.ask_to_discard(services, &env);
        }
        if tab.panes.iter().all(|pane| pane.ended) {
            tab.panes.iter().for_each(|pane| pane.session.close());
            return;
        }
        let tab = Box::new(tab);
        self.keep_closed(
            services,
            Closed::Tab { tab, index },
            &label.unwrap_or_default(),
        );
    }

    fn keep_closed(&mut self, services: &mut Services, what: Closed, label: &str) {
        let kind = match what {
            Closed::Pane { .. } => "pane",
            Closed::Tab { .. } => "tab",
        };
        let now = Instant::now();
        services.attic.keep(what, self.handle.id(), now);
        let action = config::ActionName::ReopenClosed;
        let keys = services.config.keys.keys_of(action);
        let key = keys.map_or_else(String::new, |keys| format!(" ({keys})"));
        let text = format!("Closed the {kind} “{label}”.");
        let offer = Offer {
            label: format!("Undo{key}"),
            action,
        };
        self.overlay
            .notices
            .push_offer(Severity::Info, "closed", text, offer, now + KEPT_FOR);
        self.overlay.changed();
        self.redraw();
    }

    /// Opens again what was closed.
    pub(crate) fn reopen(&mut self, services: &mut Services, what: Closed) {
        self.overlay.notices.clear("closed");
        self.overlay.changed();
        match what {
            Closed::Tab { tab, index } => {
                self.adopt(services, *tab, true);
                self.tabs.move_active_to(index);
                self.focus_moved(services);
            }
            Closed::Pane { pane, tab, before } => {
                let id = pane.id;
                let now = self.tabs.get(tab).map(|tab| tab.layout.panes());
                let rest = before.clone().without(id).map(|rest| rest.panes());
                match self.tabs.index_of(tab) {
                    Some(index) if rest == now => {
                        self.panes.insert(id, *pane);
                        self.tabs.show(index);
                        if let Some(tab) = self.tabs.active_mut() {
                            tab.layout = before;
                            tab.focused = id;
                            tab.zoomed = false;
                        }
                        self.focus_moved(services);
                        self.pane_changed(services, id);
                    }
                    _ => self.take_in(services, TabOfPanes::new(*pane), tab),
                }
            }
        }
    }

    /// The panes that what is typed now goes to: the focused one, or all that it is typed into together with.
    pub(crate) fn typing_panes(&self) -> Vec<PaneId> {
        match self.tabs.active() {
            Some(tab) if tab.is_broadcasting() => tab.broadcast.iter().copied().collect(),
            Some(tab) => vec![tab.focused],
            None => Vec::new(),
        }
    }

    /// Sends what is typed to every pane of the tab, or stops doing so.
    pub(crate) fn broadcast_tab(&mut self, services: &Services) {
        self.change_broadcast(services, |tab| {
            tab.broadcast = if tab.broadcast.is_empty() {
                tab.layout.panes().into_iter().collect()
            } else {
                Default::default()
            };
        });
    }

    /// Takes the focused pane into those that are typed into together, or out of them.
    pub(crate) fn broadcast_pane(&mut self, services: &Services) {
        self.change_broadcast(services, |tab| {
            if !tab.broadcast.remove(&tab.focused) {
                tab.broadcast.insert(tab.focused);
            }
        });
    }

    fn change_broadcast(&mut self, services: &Services, change: impl FnOnce(&mut Tab)) {
        let Some(tab) = self.tabs.active_mut() else {
            return;
        };
        if matches!(tab.layout, Layout::Pane(_)) {
            let text = "The tab has one pane; there is no other to type into.";
            self.notify(Severity::Info, "broadcast", text);
            return;
        }
        change(tab);
        self.focus_moved(services);
    }
}

//! Tabs and panes that were let go outside of their window.

use winit::dpi::PhysicalPosition;
use winit::event_loop::ActiveEventLoop;
use winit::window::WindowId;

use super::Application;
use crate::pane::PaneId;
use crate::tabs::TabId;
use crate::window::ScreenPoint;

impl Application {
    /// The window, other than one, at a place of the screen, and the place in it. Of several, the one that had the
    /// keyboard last: which lies before which, no desktop tells.
    fn window_at(
        &self,
        at: Option<ScreenPoint>,
        from: WindowId,
    ) -> Option<(WindowId, PhysicalPosition<f64>)> {
        let at = at?;
        let here = |id: &WindowId| Some((*id, self.windows.get(id)?.place_of(at)?));
        let recent = self.focused.iter();
        recent
            .chain(self.windows.keys())
            .filter(|id| **id != from)
            .find_map(here)
    }

    /// Moves a tab to the window on whose bar it was let go, or to a window of its own.
    pub(super) fn drop_tab(
        &mut self,
        event_loop: &ActiveEventLoop,
        from: WindowId,
        tab: TabId,
        at: Option<ScreenPoint>,
    ) {
        let goal = self.window_at(at, from).filter(|(id, at)| {
            let window = self.windows.get(id);
            window.is_some_and(|window| window.is_at_bar(&self.services, *at))
        });
        let Some(source) = self.windows.get_mut(&from) else {
            return;
        };
        // A window with one tab is its own already.
        if goal.is_none() && source.tabs.len() < 2 {
            return;
        }
        let Some(tab) = source.give_tab(&mut self.services, tab) else {
            return;
        };
        match goal.and_then(|(id, at)| Some((self.windows.get_mut(&id)?, at))) {
            Some((window, at)) => window.take_tab_at(&mut self.services, tab, at),
            None => self.open_window(event_loop, tab),
        }
    }

    /// Moves a pane to the window over which it was let go, or to a window of its own.
    pub(super) fn drop_pane(
        &mut self,
        event_loop: &ActiveEventLoop,
        from: WindowId,
        pane: PaneId,
        at: Option<ScreenPoint>,
    ) {
        let goal = self.window_at(at, from);
        let Some(source) = self.windows.get_mut(&from) else {
            return;
        };
        if goal.is_none() && !source.has_more_than(pane) {
            return;
        }
        let Some(panes) = source.take_pane(&mut self.services, pane) else {
            return;
        };
        match goal.and_then(|(id, at)| Some((self.windows.get_mut(&id)?, at))) {
            Some((window, at)) => window.take_panes_at(&mut self.services, panes, at),
            None => self.open_window(event_loop, panes),
        }
    }
}

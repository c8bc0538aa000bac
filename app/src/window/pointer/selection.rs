//! Selecting with the mouse, also past the edge of the pane, which scrolls then.

use std::time::{Duration, Instant};

use terminal::Side;
use terminal::selection::SelectionKind;
use terminal::terminal::Scroll;

use super::Drag;
use crate::input::clipboard::Selection;
use crate::pane::PaneId;
use crate::services::Services;
use crate::settings;
use crate::window::Window;

/// How often a selection dragged out of the pane scrolls it.
pub(super) const DRAG_SCROLL: Duration = Duration::from_millis(30);

impl Window {
    pub(super) fn begin_selection(&mut self, services: &Services, id: PaneId) {
        let clicks = self
            .pointer
            .clicks
            .press(Instant::now(), self.pointer.position);
        let block = settings::selects_block(&services.config, self.modifiers);
        let kind = match clicks {
            1 if block => SelectionKind::Block,
            1 => SelectionKind::Character,
            2 => SelectionKind::Word,
            _ => SelectionKind::Line,
        };
        let Some(pane) = self.panes.get(&id) else {
            return;
        };
        let at = pane.cell_at(self.pointer.position);
        {
            let mut terminal = pane.session.lock();
            let point = at.point(&mut terminal);
            if self.modifiers.shift_key() && clicks == 1 && terminal.selected_text().is_some() {
                terminal.extend_selection(point, at.side);
            } else {
                terminal.start_selection(kind, point, at.side);
            }
        }
        self.pointer.drag = Drag::Select(id);
        self.redraw();
    }

    pub(super) fn extend_selection(&mut self, id: PaneId) {
        let Some(pane) = self.panes.get(&id) else {
            return;
        };
        let at = pane.cell_at(self.pointer.position);
        let side = match at.beyond {
            0 => at.side,
            above if above < 0 => Side::Left,
            _ => Side::Right,
        };
        {
            let mut terminal = pane.session.lock();
            let point = at.point(&mut terminal);
            terminal.extend_selection(point, side);
        }
        self.redraw();
    }

    /// Scrolls while a selection is dragged out of the pane; called as time passes.
    pub(in crate::window) fn drag_scroll(&mut self, _services: &Services, now: Instant) {
        let (Drag::Select(id), Some(due)) = (self.pointer.drag, self.pointer.scroll_at) else {
            return;
        };
        if due > now {
            return;
        }
        let Some(pane) = self.panes.get(&id) else {
            return;
        };
        let beyond = pane.cell_at(self.pointer.position).beyond.clamp(-20, 20);
        pane.session.lock().scroll_display(Scroll::Rows(-beyond));
        self.extend_selection(id);
        self.pointer.scroll_at = Some(now + DRAG_SCROLL);
    }

    /// When a dragged selection scrolls next.
    pub(in crate::window) fn drag_deadline(&self) -> Option<Instant> {
        self.pointer
            .scroll_at
            .filter(|_| matches!(self.pointer.drag, Drag::Select(_)))
    }

    pub(super) fn selection_done(&mut self, services: &Services, id: PaneId) {
        let Some(pane) = self.panes.get(&id) else {
            return;
        };
        let text = pane.session.lock().selected_text();
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return;
        };
        if services.config.mouse.copy_on_select {
            services.clipboard.store(Selection::Clipboard, text.clone());
        }
        services.clipboard.store(Selection::Primary, text);
    }
}

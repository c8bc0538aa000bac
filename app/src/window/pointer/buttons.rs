//! Buttons of the mouse: what a press begins, and what comes of it when the button goes up.

use std::time::Instant;

use config::mouse::{MiddleClick, RightClick};
use terminal::encode::mouse::{MouseButton, MouseEventKind};
use winit::event::{ElementState, MouseButton as WinitButton};

use super::{Drag, pixel};
use crate::actions;
use crate::input::clipboard::{Purpose, Selection};
use crate::input::mouse::contains;
use crate::pane::PaneId;
use crate::services::Services;
use crate::session::MouseOutcome;
use crate::settings;
use crate::window::Window;
use crate::window::carry::Carried;

impl Window {
    pub(in crate::window) fn pointer_button(
        &mut self,
        services: &mut Services,
        state: ElementState,
        button: WinitButton,
    ) {
        let at = self.pointer.position;
        match state {
            ElementState::Released => self.released(services, button),
            ElementState::Pressed if self.overlay.covers(&self.handle, self.scale, at) => {}
            ElementState::Pressed => {
                self.overlay.close_menu();
                self.pointer.menu_at = None;
                self.overlay.set_numbers(false);
                if button == WinitButton::Left && self.pointer.border.is_some() {
                    let clicks = self.pointer.clicks.press(Instant::now(), at);
                    if clicks == 2 {
                        self.change_layout(services, crate::layout::Layout::even);
                    } else {
                        self.pointer.drag = Drag::Border;
                    }
                    return;
                }
                let Some(id) = self.pane_at(at) else { return };
                self.focus_pane(services, id);
                self.pressed(services, id, button);
            }
        }
    }

    pub(super) fn pressed(&mut self, services: &mut Services, id: PaneId, button: WinitButton) {
        let at = self.pointer.position;
        let Some(pane) = self.panes.get(&id) else {
            return;
        };
        if button == WinitButton::Left
            && let Some(bar) = self
                .scrollbar_of(services, pane)
                .filter(|bar| contains(bar.track, at))
        {
            let inside = contains(bar.thumb, at);
            let y = pixel(at.y);
            let half = i32::try_from(bar.thumb.height / 2).unwrap_or(0);
            let hold = if inside { y - bar.thumb.y } else { half };
            self.pointer.drag = Drag::Scrollbar(id, hold);
            self.drag_scrollbar(services, id, hold);
            return;
        }
        if button == WinitButton::Left && settings::carries_pane(&services.config, self.modifiers) {
            self.pointer.drag = Drag::Carry;
            self.pointer.carried = Some(Carried::new(id, at));
            return;
        }
        if button == WinitButton::Left
            && let Some((_, link)) = &self.pointer.hovered
        {
            self.pointer.drag = Drag::Link(id, link.start);
            return;
        }
        if button == WinitButton::Left
            && let Some(hit) = self.block_hit(id, at)
            && self.press_block(services, id, hit)
        {
            return;
        }
        if !self.modifiers.shift_key()
            && let Some(reported) = mouse_button(button)
            && self.report(id, MouseEventKind::Press(reported)) == MouseOutcome::Reported
        {
            self.pointer.drag = Drag::Report(id, reported);
            return;
        }
        match button {
            WinitButton::Left => self.begin_selection(services, id),
            WinitButton::Middle => match services.config.mouse.middle_click {
                MiddleClick::PastePrimary => {
                    services
                        .clipboard
                        .load(Selection::Primary, id, Purpose::Paste);
                }
                MiddleClick::Paste => {
                    services
                        .clipboard
                        .load(Selection::Clipboard, id, Purpose::Paste);
                }
                MiddleClick::None => {}
            },
            WinitButton::Right => self.right_click(services, id),
            _ => {}
        }
    }

    pub(super) fn right_click(&mut self, services: &mut Services, id: PaneId) {
        match services.config.mouse.right_click {
            RightClick::Menu => {
                self.pointer.menu_at = Some(self.pointer.position);
                self.open_context_menu(services, id);
            }
            RightClick::CopyOrPaste => {
                if !actions::clipboard::copy(self, services) {
                    services
                        .clipboard
                        .load(Selection::Clipboard, id, Purpose::Paste);
                }
            }
            RightClick::Paste => {
                services
                    .clipboard
                    .load(Selection::Clipboard, id, Purpose::Paste);
            }
            RightClick::Extend => {
                self.extend_selection(id);
                self.selection_done(services, id);
            }
            RightClick::None => {}
        }
    }

    /// Opens the menu of what is under the pointer; the block there is the one that it is about.
    pub(in crate::window) fn open_context_menu(&mut self, services: &Services, id: PaneId) {
        let at = self.pointer.position;
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        let block = pane.blocks.at(pane.cells.at(at).row);
        if let Some(block) = block
            && !pane.blocks.selected.contains(&block)
        {
            pane.blocks.select(block);
        }
        let mut terminal = pane.session.lock();
        let point = pane.cell_at(at).point(&mut terminal);
        let link = settings::link_at(&services.config, &terminal, point).map(|link| link.uri);
        let selected = terminal.selected_text().is_some();
        let block = block.and_then(|id| terminal.blocks().get(id));
        self.overlay
            .open_menu(self.scale, at, selected, link, block);
        drop(terminal);
        self.redraw();
    }

    pub(super) fn released(&mut self, services: &mut Services, button: WinitButton) {
        let drag = self.pointer.drag;
        let left = button == WinitButton::Left;
        match drag {
            Drag::Report(id, held) if mouse_button(button) == Some(held) => {
                self.report(id, MouseEventKind::Release(held));
                self.pointer.drag = Drag::None;
            }
            Drag::Select(id) if left => {
                self.pointer.drag = Drag::None;
                self.pointer.scroll_at = None;
                self.selection_done(services, id);
            }
            Drag::Scrollbar(..) | Drag::Border if left => {
                self.pointer.drag = Drag::None;
                self.redraw();
            }
            Drag::Carry if left => {
                self.pointer.drag = Drag::None;
                if let Some(carried) = self.pointer.carried.take() {
                    self.put_down(services, &carried);
                }
                self.hover(services);
            }
            Drag::Link(id, start) if left => {
                self.pointer.drag = Drag::None;
                if let Some((pane, link)) = self.pointer.hovered.clone()
                    && (pane, link.start) == (id, start)
                {
                    match self.pointer.hovered_path.clone() {
                        Some(path) => self.open_path(services, pane, path),
                        None => {
                            let shown = self.panes.get(&pane).map(|pane| {
                                pane.session
                                    .lock()
                                    .text(link.start, link.end)
                                    .replace('\n', "")
                            });
                            self.open_link(services, pane, &link.uri, shown.as_deref());
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

fn mouse_button(button: WinitButton) -> Option<MouseButton> {
    Some(match button {
        WinitButton::Left => MouseButton::Left,
        WinitButton::Middle => MouseButton::Middle,
        WinitButton::Right => MouseButton::Right,
        WinitButton::Back => MouseButton::Back,
        WinitButton::Forward => MouseButton::Forward,
        WinitButton::Other(_) => return None,
    })
}

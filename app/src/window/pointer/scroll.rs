//! Scrolling with the mouse: the wheel, which may be the program's, and the scrollbar.

use terminal::encode::mouse::{MouseButton, MouseEventKind};
use terminal::terminal::Scroll;
use winit::event::MouseScrollDelta;

use super::pixel;
use crate::actions;
use crate::pane::PaneId;
use crate::services::Services;
use crate::window::Window;

impl Window {
    pub(super) fn drag_scrollbar(&mut self, services: &Services, id: PaneId, hold: i32) {
        let Some(pane) = self.panes.get(&id) else {
            return;
        };
        let Some(bar) = self.scrollbar_of(services, pane) else {
            return;
        };
        let offset = bar.offset_at(pixel(self.pointer.position.y) - hold);
        pane.session.lock().scroll_display(Scroll::To(offset));
        self.redraw();
    }

    pub(in crate::window) fn wheel(&mut self, services: &mut Services, delta: MouseScrollDelta) {
        if self
            .overlay
            .covers(&self.handle, self.scale, self.pointer.position)
        {
            return;
        }
        let Some(id) = self.pane_at(self.pointer.position) else {
            return;
        };
        let Some(pane) = self.panes.get(&id) else {
            return;
        };
        let cell = (pane.cells.cell_width, pane.cells.cell_height);
        let reports = pane.session.lock().input_modes().mouse_tracking
            != terminal::modes::MouseTracking::Off
            && !self.modifiers.shift_key();
        if self.modifiers.control_key() && !reports {
            let (_, notches) = self.pointer.wheel.turn(delta, 1.0, cell);
            if notches != 0 {
                actions::font::resize(self, services, if notches > 0 { 1.0 } else { -1.0 });
            }
            return;
        }
        // A program that reads the mouse gets notches; it has its own idea of lines.
        let lines = if reports {
            1.0
        } else {
            f64::from(services.config.mouse.wheel_lines)
        };
        let (columns, rows) = self.pointer.wheel.turn(delta, lines, cell);
        if reports {
            let turns = [
                (rows, MouseButton::WheelUp, MouseButton::WheelDown),
                (columns, MouseButton::WheelRight, MouseButton::WheelLeft),
            ];
            for (count, positive, negative) in turns {
                let button = if count > 0 { positive } else { negative };
                for _ in 0..count.unsigned_abs().min(100) {
                    self.report(id, MouseEventKind::Press(button));
                }
            }
            return;
        }
        if rows == 0 {
            return;
        }
        let button = if rows > 0 {
            MouseButton::WheelUp
        } else {
            MouseButton::WheelDown
        };
        let count = u16::try_from(rows.unsigned_abs())
            .unwrap_or(u16::MAX)
            .min(1000);
        let arrows = services.config.mouse.wheel_sends_arrows;
        if arrows && pane.session.send_alternate_scroll(button, count) {
            return;
        }
        pane.session.lock().scroll_display(Scroll::Rows(rows));
        self.hover(services);
        self.redraw();
    }
}

//! The pointer over the panes: where it is, what it is doing, and what programs are told of it.
//!
//! A program that asked for the mouse gets it; with Shift held the mouse is the user's.

mod buttons;
mod hover;
mod scroll;
mod selection;

use std::time::Instant;

use renderer::units::Rect;
use terminal::encode::mouse::{MouseButton, MouseEvent, MouseEventKind};
use terminal::hints::FilePath;
use terminal::terminal::Link;
use terminal::{Frame, Line, Point};
use winit::dpi::PhysicalPosition;
use winit::window::CursorIcon;

use super::Window;
use super::carry::Carried;
use crate::input::keyboard::modifier_flags;
use crate::input::mouse::{ClickCounter, Wheel, contains};
use crate::layout::{Axis, Border};
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::session::MouseOutcome;
use crate::view::scrollbar::Scrollbar;

/// What the held left button is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Drag {
    /// Nothing.
    #[default]
    None,
    /// Selecting in a pane.
    Select(PaneId),
    /// Moving a pane's scrollbar; the pointer holds the thumb this far below its top.
    Scrollbar(PaneId, i32),
    /// A program gets the motion.
    Report(PaneId, MouseButton),
    /// Moving the border between panes that is kept in [`Pointer::border`].
    Border,
    /// Carrying the pane that is kept in [`Pointer::carried`].
    Carry,
    /// A click on a link, opened when the button comes up where it went down.
    Link(PaneId, Point),
}

/// The pointer's state.
#[derive(Debug, Default)]
pub(super) struct Pointer {
    position: PhysicalPosition<f64>,
    /// Where the context menu was opened.
    menu_at: Option<PhysicalPosition<f64>>,
    inside: bool,
    clicks: ClickCounter,
    drag: Drag,
    wheel: Wheel,
    scroll_at: Option<Instant>,
    hovered: Option<(PaneId, Link)>,
    /// The hovered link is a file's path.
    hovered_path: Option<FilePath>,
    shape: Option<(PaneId, &'static str)>,
    hidden: bool,
    near_scrollbar: Option<PaneId>,
    /// The border between panes that is under the pointer, or dragged.
    border: Option<Border>,
    /// The pane that is carried.
    carried: Option<Carried>,
}

impl Pointer {
    /// The hovered link's cells in a pane's viewport: row, first column, column after the last.
    pub(super) fn hovered_cells(&self, pane: PaneId, frame: &Frame) -> Vec<(u16, u16, u16)> {
        let Some((_, link)) = self.hovered.as_ref().filter(|(id, _)| *id == pane) else {
            return Vec::new();
        };
        let columns = frame.size.columns;
        (link.start.line.0..=link.end.line.0)
            .filter_map(|line| {
                let row = frame.row_of(Line(line))?;
                let first = if line == link.start.line.0 {
                    link.start.column.0
                } else {
                    0
                };
                let end = if line == link.end.line.0 {
                    link.end.column.0 + 1
                } else {
                    columns
                };
                Some((row, first, end))
            })
            .collect()
    }

    /// Whether the pointer is at (or drags) a pane's scrollbar.
    pub(super) fn near_scrollbar(&self, pane: PaneId) -> bool {
        self.near_scrollbar == Some(pane)
            || matches!(self.drag, Drag::Scrollbar(id, _) if id == pane)
    }

    /// Counts a click at the pointer's place: 1, 2 or 3.
    pub(super) fn clicks_at(&mut self, now: Instant) -> u8 {
        self.clicks.press(now, self.position)
    }

    /// A program chose a pointer shape (OSC 22).
    pub(super) fn program_shape(&mut self, pane: PaneId, name: &'static str) {
        self.shape = Some((pane, name));
    }

    /// Where it is in the window, in physical pixels.
    pub(super) fn position(&self) -> PhysicalPosition<f64> {
        self.position
    }

    /// The pane that is carried.
    pub(super) fn carried(&self) -> Option<&Carried> {
        self.carried.as_ref()
    }

    /// The same, to be changed.
    pub(super) fn carried_mut(&mut self) -> Option<&mut Carried> {
        self.carried.as_mut()
    }

    /// Leaves a carried pane where it is; returns whether there was one.
    pub(super) fn drop_carried(&mut self) -> bool {
        if self.drag == Drag::Carry {
            self.drag = Drag::None;
        }
        self.carried.take().is_some()
    }

    /// A pane is gone.
    pub(super) fn forget(&mut self, pane: PaneId) {
        if self.hovered.as_ref().is_some_and(|(id, _)| *id == pane) {
            self.hovered = None;
        }
        self.shape = self.shape.filter(|(id, _)| *id != pane);
        self.near_scrollbar = self.near_scrollbar.filter(|id| *id != pane);
        if self.carried.as_ref().is_some_and(|one| one.pane == pane) {
            self.drop_carried();
        }
        let dragged = match self.drag {
            Drag::None | Drag::Border | Drag::Carry => None,
            Drag::Select(id) | Drag::Scrollbar(id, _) | Drag::Report(id, _) | Drag::Link(id, _) => {
                Some(id)
            }
        };
        if dragged == Some(pane) {
            self.drag = Drag::None;
        }
    }
}

impl Window {
    /// The pane under the pointer.
    pub(super) fn pane_at(&self, position: PhysicalPosition<f64>) -> Option<PaneId> {
        self.shown_panes().into_iter().find(|id| {
            self.panes
                .get(id)
                .is_some_and(|pane| contains(pane.area, position))
        })
    }

    fn scrollbar_of(&self, services: &Services, pane: &Pane) -> Option<Scrollbar> {
        if !services.config.scrollback.scrollbar {
            return None;
        }
        let frame = &pane.frame;
        let scale = self.scale;
        let (offset, total) = (frame.display_offset, frame.scrollback_rows);
        Scrollbar::new(pane.area, frame.size.rows, offset, total, scale)
    }

    /// The cell of the focused pane that the pointer is on, or was on when the menu was opened there.
    pub(crate) fn pointed_at(&self) -> Option<Point> {
        let pane = self.focused_pane()?;
        let at = self.pointer.menu_at.unwrap_or(self.pointer.position);
        let mut terminal = pane.session.lock();
        let point = pane.cell_at(at).point(&mut terminal);
        contains(cell_rect(pane), at).then_some(point)
    }

    /// Whether the chrome, not a pane, is under the pointer.
    pub(super) fn is_covered(&self) -> bool {
        self.overlay
            .covers(&self.handle, self.scale, self.pointer.position)
    }

    pub(super) fn pointer_moved(&mut self, services: &mut Services, at: PhysicalPosition<f64>) {
        if self.pointer.inside && at == self.pointer.position {
            return;
        }
        self.pointer.position = at;
        self.pointer.inside = true;
        self.show_pointer();
        match self.pointer.drag {
            Drag::Select(id) => {
                self.extend_selection(id);
                let beyond = self
                    .panes
                    .get(&id)
                    .map_or(0, |pane| pane.cell_at(at).beyond);
                self.pointer.scroll_at = (beyond != 0).then(|| {
                    self.pointer
                        .scroll_at
                        .unwrap_or(Instant::now() + selection::DRAG_SCROLL)
                });
                return;
            }
            Drag::Scrollbar(id, hold) => {
                self.drag_scrollbar(services, id, hold);
                return;
            }
            Drag::Report(id, button) => {
                self.report(id, MouseEventKind::Motion(Some(button)));
                return;
            }
            Drag::Border => {
                if let Some(border) = self.pointer.border.clone() {
                    let to = match border.axis {
                        Axis::Columns => pixel(at.x),
                        Axis::Rows => pixel(at.y),
                    };
                    self.drag_border(services, &border, to);
                }
                return;
            }
            Drag::Carry => {
                self.handle.set_cursor(CursorIcon::Grabbing);
                self.carry_to(at);
                return;
            }
            Drag::None | Drag::Link(..) => {}
        }
        self.hover(services);
        if self.overlay.covers(&self.handle, self.scale, at) {
            return;
        }
        if let Some(id) = self.pane_at(at)
            && !self.modifiers.shift_key()
        {
            self.report(id, MouseEventKind::Motion(None));
        }
    }

    pub(super) fn pointer_left(&mut self) {
        self.pointer.inside = false;
        self.hover_blocks(None);
        let hovered = self.pointer.hovered.take().is_some();
        if hovered || self.pointer.near_scrollbar.take().is_some() {
            self.redraw();
        }
    }

    /// Shows the pointer again after typing hid it.
    pub(super) fn show_pointer(&mut self) {
        if self.pointer.hidden {
            self.pointer.hidden = false;
            self.handle.set_cursor_visible(true);
        }
    }

    /// Hides the pointer while the user types.
    pub(super) fn hide_pointer(&mut self) {
        if !self.pointer.hidden && self.pointer.inside {
            self.pointer.hidden = true;
            self.handle.set_cursor_visible(false);
        }
    }

    /// Offers a mouse event at the pointer's place to a pane's program.
    fn report(&self, id: PaneId, kind: MouseEventKind) -> MouseOutcome {
        let Some(pane) = self.panes.get(&id) else {
            return MouseOutcome::Unclaimed;
        };
        let at = pane.cell_at(self.pointer.position);
        pane.session.send_mouse(&MouseEvent {
            kind,
            column: at.column,
            row: at.row,
            x: at.x,
            y: at.y,
            modifiers: modifier_flags(self.modifiers),
        })
    }
}

/// The rectangle of a pane's cells.
fn cell_rect(pane: &Pane) -> Rect {
    let cells = pane.cells;
    Rect {
        x: cells.x,
        y: cells.y,
        width: cells.cell_width * u32::from(cells.size.columns),
        height: cells.cell_height * u32::from(cells.size.rows),
    }
}

fn pixel(value: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates floats")]
    let value = value.floor() as i32;
    value
}

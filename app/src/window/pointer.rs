//! The pointer over the panes: reports to programs, selections, links, the scrollbar, the wheel.
//!
//! A program that asked for the mouse gets it; with Shift held the mouse is the user's.

use std::path::Path;
use std::time::{Duration, Instant};

use config::mouse::{MiddleClick, RightClick};
use renderer::units::Rect;
use terminal::encode::mouse::{MouseButton, MouseEvent, MouseEventKind};
use terminal::encode::paste::quote_path;
use terminal::hints::FilePath;
use terminal::selection::SelectionKind;
use terminal::terminal::{Link, Scroll};
use terminal::{Frame, Line, Point, Side};
use winit::dpi::PhysicalPosition;
use winit::event::{ElementState, MouseButton as WinitButton, MouseScrollDelta};
use winit::window::CursorIcon;

use super::Window;
use super::carry::Carried;
use crate::actions;
use crate::input::clipboard::{Purpose, Selection};
use crate::input::keyboard::modifier_flags;
use crate::input::mouse::{ClickCounter, Wheel, contains};
use crate::layout::{Axis, Border};
use crate::links;
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::session::MouseOutcome;
use crate::settings;
use crate::view::blocks::Hit;
use crate::view::dialog::Question;
use crate::view::notices::Severity;
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

/// How near to a border the pointer takes hold of it, in logical pixels on each side.
const BORDER_REACH: f32 = 4.0;

/// How often a selection dragged out of the pane scrolls it.
const DRAG_SCROLL: Duration = Duration::from_millis(30);

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
                        .unwrap_or(Instant::now() + DRAG_SCROLL)
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

    /// Finds what is under the pointer: a link, the scrollbar; sets the pointer's shape.
    pub(super) fn hover(&mut self, services: &Services) {
        let at = self.pointer.position;
        let covered = !self.pointer.inside || self.overlay.covers(&self.handle, self.scale, at);
        let border = self.border_at(services, at).filter(|_| !covered);
        let border_shape = border.as_ref().map(|border| match border.axis {
            Axis::Columns => CursorIcon::ColResize,
            Axis::Rows => CursorIcon::RowResize,
        });
        self.pointer.border = border;
        let pane = self
            .pane_at(at)
            .filter(|_| !covered && border_shape.is_none())
            .and_then(|id| self.panes.get(&id));
        let bar = pane.and_then(|pane| self.scrollbar_of(services, pane));
        let near = pane
            .filter(|_| bar.is_some_and(|bar| contains(bar.track, at)))
            .map(|p| p.id);
        let link = pane
            .filter(|pane| near.is_none() && contains(cell_rect(pane), at))
            .filter(|_| settings::opens_links(&services.config, self.modifiers))
            .and_then(|pane| {
                let mut terminal = pane.session.lock();
                let point = pane.cell_at(at).point(&mut terminal);
                match settings::link_at(&services.config, &terminal, point) {
                    Some(link) => Some((pane.id, link, None)),
                    None if services.config.links.paths && pane.environment.is_none() => {
                        let (path, start, end) = terminal.path_at(point)?;
                        let uri = terminal.text(start, end).replace('\n', "");
                        Some((pane.id, Link { uri, start, end }, Some(path)))
                    }
                    None => None,
                }
            });
        let (link, path) = match link {
            Some((id, link, path)) => (Some((id, link)), path),
            None => (None, None),
        };
        self.pointer.hovered_path = path;
        let hit = pane
            .filter(|_| near.is_none() && link.is_none())
            .and_then(|pane| Some((pane.id, self.block_hit(pane.id, at)?)));
        let on_block = matches!(
            hit,
            Some((
                _,
                Hit::Gutter(_) | Hit::Sticky(_) | Hit::Section(_) | Hit::Piece(..)
            ))
        );
        let shape = match (&link, pane) {
            (Some(_), _) => CursorIcon::Pointer,
            (None, _) if on_block => CursorIcon::Pointer,
            (None, Some(pane)) if near.is_none() => self.grid_shape(pane),
            _ => border_shape.unwrap_or(CursorIcon::Default),
        };
        if link != self.pointer.hovered || near != self.pointer.near_scrollbar {
            self.overlay
                .set_hovered_link(link.as_ref().map(|(_, link)| link.uri.clone()));
            self.pointer.hovered = link;
            self.pointer.near_scrollbar = near;
            self.redraw();
        }
        if !covered {
            self.handle.set_cursor(shape);
        }
        self.hover_blocks(hit);
    }

    /// The border between panes at a position, with some room on its sides.
    fn border_at(&self, services: &Services, at: PhysicalPosition<f64>) -> Option<Border> {
        let scale = self.scale;
        let reach = pixel(f64::from(BORDER_REACH * scale));
        let (x, y) = (pixel(at.x), pixel(at.y));
        self.borders(services).into_iter().find(|border| {
            let line = border.line;
            match border.axis {
                Axis::Columns => {
                    (line.x - reach..line.right() + reach).contains(&x)
                        && (line.y..line.bottom()).contains(&y)
                }
                Axis::Rows => {
                    (line.y - reach..line.bottom() + reach).contains(&y)
                        && (line.x..line.right()).contains(&x)
                }
            }
        })
    }

    fn grid_shape(&self, pane: &Pane) -> CursorIcon {
        let named = self.pointer.shape.filter(|(id, _)| *id == pane.id);
        if let Some(shape) = named.and_then(|(_, name)| name.parse().ok()) {
            return shape;
        }
        let tracked = pane.session.lock().input_modes().mouse_tracking;
        let user = tracked == terminal::modes::MouseTracking::Off || self.modifiers.shift_key();
        if user {
            CursorIcon::Text
        } else {
            CursorIcon::Default
        }
    }

    pub(super) fn pointer_button(
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

    fn pressed(&mut self, services: &mut Services, id: PaneId, button: WinitButton) {
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

    fn right_click(&mut self, services: &mut Services, id: PaneId) {
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
    pub(super) fn open_context_menu(&mut self, services: &Services, id: PaneId) {
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

    fn begin_selection(&mut self, services: &Services, id: PaneId) {
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

    fn extend_selection(&mut self, id: PaneId) {
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
    pub(super) fn drag_scroll(&mut self, _services: &Services, now: Instant) {
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
    pub(super) fn drag_deadline(&self) -> Option<Instant> {
        self.pointer
            .scroll_at
            .filter(|_| matches!(self.pointer.drag, Drag::Select(_)))
    }

    fn released(&mut self, services: &mut Services, button: WinitButton) {
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

    fn selection_done(&mut self, services: &Services, id: PaneId) {
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

    /// Opens a link after a click; what is refused or fails is said in the window.
    /// `shown` is the text that a program marked with it.
    pub(super) fn open_link(
        &mut self,
        services: &Services,
        pane: PaneId,
        uri: &str,
        shown: Option<&str>,
    ) {
        if let Some(path) = links::local_file(uri, services.hostname()) {
            let path = FilePath {
                path,
                line: None,
                column: None,
            };
            self.open_path(services, pane, path);
            return;
        }
        let opened =
            links::allowed(uri, &services.config.links).and_then(|()| {
                match links::question(uri, shown) {
                    Some(reason) => {
                        let uri = uri.to_owned();
                        self.ask(Question::OpenLink { uri, reason });
                        Ok(())
                    }
                    None => services.open_link(uri),
                }
            });
        if let Err(error) = opened {
            self.notify(Severity::Warning, "link", format!("{error:#}"));
        }
    }

    /// Opens the path of a file that a pane's text names.
    pub(super) fn open_path(&mut self, services: &Services, pane: PaneId, path: FilePath) {
        let Some(pane) = self.panes.get(&pane) else {
            return;
        };
        if pane.environment.is_some() {
            let text = format!("{} is in another environment and is not opened", path.path);
            self.notify(Severity::Warning, "link", text);
            return;
        }
        services.open_path(path, pane);
    }

    fn drag_scrollbar(&mut self, services: &Services, id: PaneId, hold: i32) {
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

    pub(super) fn wheel(&mut self, services: &mut Services, delta: MouseScrollDelta) {
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

    /// A file was dropped: its path goes to the program, quoted for the shell.
    pub(super) fn dropped(&mut self, services: &mut Services, path: &Path) {
        let quoted = path.to_str().and_then(quote_path);
        let Some(focused) = self.tabs.active().map(|tab| tab.focused) else {
            return;
        };
        let id = self.pane_at(self.pointer.position).unwrap_or(focused);
        match quoted {
            Some(quoted) => self.paste(services, id, &format!("{quoted} ")),
            None => {
                let name = path.display();
                let text = format!("{name} has control characters in its name and is not inserted");
                self.notify(Severity::Warning, "drop", text);
            }
        }
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

//! What is under the pointer: a link, a border between panes, a scrollbar, a block; and the shape that it has there.

use terminal::terminal::Link;
use winit::dpi::PhysicalPosition;
use winit::window::CursorIcon;

use super::{cell_rect, pixel};
use crate::input::mouse::contains;
use crate::layout::{Axis, Border};
use crate::pane::Pane;
use crate::services::Services;
use crate::settings;
use crate::view::blocks::Hit;
use crate::window::Window;

/// How near to a border the pointer takes hold of it, in logical pixels on each side.
const BORDER_REACH: f32 = 4.0;

impl Window {
    /// Finds what is under the pointer: a link, the scrollbar; sets the pointer's shape.
    pub(in crate::window) fn hover(&mut self, services: &Services) {
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
    pub(super) fn border_at(
        &self,
        services: &Services,
        at: PhysicalPosition<f64>,
    ) -> Option<Border> {
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

    pub(super) fn grid_shape(&self, pane: &Pane) -> CursorIcon {
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
}

//! Panes and where they are: focus, size, places, other tabs and windows, typing into several.

use config::ActionName as A;

use crate::layout::Direction;
use crate::services::{Request, Services};
use crate::window::Window;

/// Does an action on panes; `None` when it is none.
pub(super) fn run(window: &mut Window, services: &mut Services, action: A) -> Option<bool> {
    use Direction as D;
    match action {
        A::SplitRight => window.split(services, D::Right),
        A::SplitDown => window.split(services, D::Down),
        A::SplitLeft => window.split(services, D::Left),
        A::SplitUp => window.split(services, D::Up),
        A::ClosePane => window.close_pane(services),
        A::NextPane => window.focus_step(services, 1),
        A::PreviousPane => window.focus_step(services, -1),
        A::FocusLeft => window.focus_toward(services, D::Left),
        A::FocusRight => window.focus_toward(services, D::Right),
        A::FocusUp => window.focus_toward(services, D::Up),
        A::FocusDown => window.focus_toward(services, D::Down),
        A::FocusByNumber => window.number_panes(),
        A::ZoomPane => window.zoom_pane(services),
        A::SwapPaneLeft => window.swap_toward(services, D::Left),
        A::SwapPaneRight => window.swap_toward(services, D::Right),
        A::SwapPaneUp => window.swap_toward(services, D::Up),
        A::SwapPaneDown => window.swap_toward(services, D::Down),
        A::RotatePanes => window.change_layout(services, |layout| layout.rotate(true)),
        A::RotatePanesBack => window.change_layout(services, |layout| layout.rotate(false)),
        A::ResizePaneLeft => window.resize_pane(services, D::Left),
        A::ResizePaneRight => window.resize_pane(services, D::Right),
        A::ResizePaneUp => window.resize_pane(services, D::Up),
        A::ResizePaneDown => window.resize_pane(services, D::Down),
        A::EvenPanes => window.change_layout(services, crate::layout::Layout::even),
        A::MovePaneToNewTab => window.pane_to_new_tab(services),
        A::MovePaneToNewWindow => {
            if let Some(tab) = window.take_focused_pane(services) {
                services.requests.push(Request::WindowAround(Box::new(tab)));
            }
        }
        A::MoveTabToNewWindow => {
            let shown = window.tabs.active().map(|tab| tab.id);
            // A window's only tab is in a window of its own already.
            if let Some(id) = shown.filter(|_| window.tabs.len() > 1)
                && let Some(tab) = window.give_tab(services, id)
            {
                services.requests.push(Request::WindowAround(Box::new(tab)));
            }
        }
        A::ReopenClosed => services.requests.push(Request::Reopen(window.handle.id())),
        A::BroadcastTab => window.broadcast_tab(services),
        A::BroadcastPane => window.broadcast_pane(services),
        _ => return None,
    }
    Some(true)
}

//! The history: its panel, the figures, private panes.

use config::ActionName;

use crate::services::Services;
use crate::view::history::Page;
use crate::window::Window;

/// Does an action about the history; `None` when it is not one.
pub(super) fn run(
    window: &mut Window,
    services: &mut Services,
    action: ActionName,
) -> Option<bool> {
    match action {
        ActionName::ShowHistory => window.toggle_history(services, Page::Blocks),
        ActionName::ShowInnerLoop => window.toggle_history(services, Page::Stats),
        ActionName::TogglePrivate => return Some(window.toggle_private()),
        _ => return None,
    }
    Some(true)
}

//! Searching: opening the bar, going from match to match.

use config::ActionName;

use crate::services::Services;
use crate::window::{Step, Window};

/// Does one of the actions that search.
pub(super) fn run(window: &mut Window, services: &mut Services, action: ActionName) {
    match action {
        ActionName::Search => window.open_search(services, false),
        ActionName::SearchAllPanes => window.open_search(services, true),
        ActionName::SearchNext => window.step_search(services, Step::Next),
        ActionName::SearchPrevious => window.step_search(services, Step::Previous),
        _ => {}
    }
}

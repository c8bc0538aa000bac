//! Copying, pasting, selecting everything.

use crate::input::clipboard::{Purpose, Selection};
use crate::services::Services;
use crate::view::notices::Severity;
use crate::window::Window;

/// Copies the selection; `false` when nothing is selected.
pub(crate) fn copy(window: &Window, services: &Services) -> bool {
    let selected = window
        .focused_pane()
        .and_then(|pane| pane.session.lock().selected_text());
    match selected {
        Some(text) if !text.is_empty() => {
            services.clipboard.store(Selection::Clipboard, text);
            true
        }
        _ => false,
    }
}

/// Copies the selection and drops it; `false` when nothing is selected.
pub(crate) fn copy_and_drop(window: &mut Window, services: &Services) -> bool {
    let copied = copy(window, services);
    if copied && let Some(pane) = window.focused_pane() {
        pane.session.lock().clear_selection();
        window.redraw();
    }
    copied
}

/// Pastes the clipboard.
pub(crate) fn paste(window: &Window, services: &Services) {
    load(window, services, Selection::Clipboard);
}

/// Pastes the primary selection.
pub(crate) fn paste_selection(window: &Window, services: &Services) {
    load(window, services, Selection::Primary);
}

fn load(window: &Window, services: &Services, selection: Selection) {
    if let Some(pane) = window.focused_pane() {
        services.clipboard.load(selection, pane.id, Purpose::Paste);
    }
}

/// Selects the output of the command under the pointer, or of the last one; `false` where the shell marks none.
pub(crate) fn select_output(window: &mut Window, under_pointer: bool) -> bool {
    let point = under_pointer.then(|| window.pointed_at()).flatten();
    if under_pointer && point.is_none() {
        return false;
    }
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let selected = pane.session.lock().select_output(point);
    if selected {
        window.redraw();
    } else {
        let text = "no output of a command here; the shell must mark its prompts (OSC 133)";
        window.notify(Severity::Info, "output", text);
    }
    true
}

/// Selects everything, scrollback included.
pub(crate) fn select_all(window: &mut Window) {
    if let Some(pane) = window.focused_pane() {
        pane.session.lock().select_all();
        window.redraw();
    }
}

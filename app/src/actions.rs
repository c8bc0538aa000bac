//! The closed list of actions: what a key, a menu or a button can do. One file a subject.

pub(crate) mod blocks;
pub(crate) mod clipboard;
pub(crate) mod environments;
pub(crate) mod font;
mod history;
mod palette;
mod panes;
pub(crate) mod parity;
mod scroll;
pub(crate) use scroll::prompt_points;
mod search;

use config::{Action, ActionName, HintAction};

use crate::services::{Request, Services};
use crate::view::notices::Severity;
use crate::window::Window;

/// Does what a key is bound to; `false` when it is the program's after all (nothing is selected to be
/// copied, no scrollback to be scrolled on the alternate screen).
pub(crate) fn run_bound(window: &mut Window, services: &mut Services, action: &Action) -> bool {
    match action {
        Action::Run(name) => run(window, services, *name),
        Action::Text(text) => {
            for id in window.typing_panes() {
                if let Some(pane) = window.panes.get(&id) {
                    pane.session.send_text(text);
                }
            }
            true
        }
        Action::Bytes(bytes) => {
            for id in window.typing_panes() {
                if let Some(pane) = window.panes.get(&id) {
                    pane.session.write(bytes.clone());
                }
            }
            true
        }
        Action::Mode(name) => {
            window.set_key_mode(Some(name.clone()));
            true
        }
        Action::Ignore => true,
        Action::Pass | Action::Unbind => false,
    }
}

/// Does a named action; `false` when there is nothing to do it to.
pub(crate) fn run(window: &mut Window, services: &mut Services, action: ActionName) -> bool {
    use ActionName as A;
    if action.scrolls() {
        return scroll::run(window, action);
    }
    if action.searches() {
        search::run(window, services, action);
        return true;
    }
    if let Some(index) = action.tab_idx() {
        window.tabs.show(index);
        window.focus_moved(services);
        return true;
    }
    if let Some(done) = panes::run(window, services, action)
        .or_else(|| palette::run(window, services, action))
        .or_else(|| blocks::run(window, services, action))
    {
        return done;
    }
    if let Some(done) = history::run(window, services, action) {
        return done;
    }
    match action {
        A::CopyMode => window.toggle_copy_mode(),
        A::Hints => window.start_hints(services, None),
        A::HintsCopy => window.start_hints(services, Some(HintAction::Copy)),
        A::HintsInsert => window.start_hints(services, Some(HintAction::Insert)),
        A::Copy => return clipboard::copy(window, services),
        A::CopyOrInterrupt => return clipboard::copy_and_drop(window, services),
        A::Paste => clipboard::paste(window, services),
        A::PasteSelection => clipboard::paste_selection(window, services),
        A::SelectLastOutput => return clipboard::select_output(window, false),
        A::SelectOutput => return clipboard::select_output(window, true),
        A::SelectAll => clipboard::select_all(window),
        A::NewWindow => {
            let folder = window.focused_pane().and_then(|pane| pane.session.folder());
            services.requests.push(Request::NewWindow(folder));
        }
        A::NewTab => window.new_tab(services),
        A::NewLocalTab => window.new_local_tab(services),
        A::StopEnvironment => return window.stop_environment(services),
        A::BindEnvironment => return window.bind_environment(services),
        A::CloseTab => {
            if let Some(id) = window.tabs.active().map(|tab| tab.id) {
                window.close_tab(services, id);
            }
        }
        A::NextTab => step(window, services, 1),
        A::PreviousTab => step(window, services, -1),
        A::LastTab => {
            window.tabs.show_previous();
            window.focus_moved(services);
        }
        A::MoveTabLeft => shift(window, services, -1),
        A::MoveTabRight => shift(window, services, 1),
        A::RenameTab => window.rename_tab(services),
        A::IncreaseFontSize => font::resize(window, services, 1.0),
        A::DecreaseFontSize => font::resize(window, services, -1.0),
        A::ResetFontSize => font::reset(window, services),
        A::ToggleFullscreen => window.toggle_fullscreen(),
        A::Clear => scroll::clear(window),
        A::Reset => scroll::reset(window),
        A::Environments => environments::toggle(window, services),
        A::CompareEnvironments => return parity::of_block(window, services),
        A::OpenConfig => match services.open_config() {
            Ok(path) => {
                let text = format!("{} opens in your editor", path.display());
                window.notify(Severity::Info, "config-file", text);
            }
            Err(error) => window.notify(Severity::Error, "config-file", format!("{error:#}")),
        },
        A::LeaveMode => window.set_key_mode(None),
        A::ReloadConfig => services.reload(),
        A::Quit => services.requests.push(Request::Quit),
        // Tabs by number, scrolling, panes, the palette and blocks were dealt with above.
        _ => return false,
    }
    true
}

/// Whether a bound key does what it is bound to while the search bar has the keyboard; all others are for its
/// text.
pub(crate) fn works_while_searching(action: &Action) -> bool {
    use ActionName as A;
    matches!(
        action,
        Action::Run(
            A::Search
                | A::SearchNext
                | A::SearchPrevious
                | A::SearchAllPanes
                | A::Copy
                | A::ScrollLineUp
                | A::ScrollLineDown
                | A::ScrollPageUp
                | A::ScrollPageDown
                | A::ToggleFullscreen
        )
    )
}

fn step(window: &mut Window, services: &Services, by: isize) {
    window.tabs.step(by);
    window.focus_moved(services);
}

fn shift(window: &mut Window, services: &Services, by: isize) {
    window.tabs.move_active(by);
    window.focus_moved(services);
}

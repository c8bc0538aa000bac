//! Moving the viewport; clearing and resetting what it shows.

use config::ActionName;
use terminal::Point;
use terminal::blocks::MarkKind;
use terminal::terminal::{Scroll, Terminal};

use crate::window::Window;

/// Scrolls the focused pane; `false` on the alternate screen, which has no scrollback: the key is the
/// program's then.
pub(super) fn run(window: &mut Window, action: ActionName) -> bool {
    use ActionName as A;
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    {
        let mut terminal = pane.session.lock();
        if terminal.is_alternate() {
            return false;
        }
        if let A::ScrollToPreviousPrompt | A::ScrollToNextPrompt = action {
            let direction = match action {
                A::ScrollToNextPrompt => Direction::Forward,
                _ => Direction::Back,
            };
            go_to_prompt(&mut terminal, direction);
        }
        let to = match action {
            ActionName::ScrollLineUp => Some(Scroll::Rows(1)),
            ActionName::ScrollLineDown => Some(Scroll::Rows(-1)),
            ActionName::ScrollPageUp => Some(Scroll::PageUp),
            ActionName::ScrollPageDown => Some(Scroll::PageDown),
            ActionName::ScrollTop => Some(Scroll::Top),
            ActionName::ScrollBottom => Some(Scroll::Bottom),
            ActionName::ScrollToPreviousPrompt | ActionName::ScrollToNextPrompt => None,
            _ => return false,
        };
        if let Some(to) = to {
            terminal.scroll_display(to);
        }
    }
    window.redraw();
    true
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Back,
    Forward,
}

/// Where prompts begin.
pub(crate) fn prompt_points(terminal: &Terminal) -> Vec<Point> {
    let marks = terminal.marks();
    let prompts = marks
        .iter()
        .filter(|mark| mark.kind == MarkKind::PromptStart);
    prompts
        .filter_map(|mark| terminal.resolve(mark.line, mark.offset))
        .collect()
}

/// Brings the prompt before or after the viewport's first row to its top.
fn go_to_prompt(terminal: &mut Terminal, direction: Direction) {
    let top = terminal.point_at(0, 0).line;
    let marks = terminal.marks();
    let mut prompts = marks
        .iter()
        .filter(|mark| mark.kind == MarkKind::PromptStart)
        .filter_map(|mark| terminal.resolve(mark.line, mark.offset))
        .map(|point| point.line);
    let line = match direction {
        Direction::Back => prompts.filter(|line| *line < top).max(),
        Direction::Forward => prompts.find(|line| *line > top),
    };
    match (line, direction) {
        (Some(line), _) => terminal.scroll_to_line(line, 0),
        (None, Direction::Forward) => terminal.scroll_display(Scroll::Bottom),
        (None, Direction::Back) => {}
    }
}

/// Clears screen and scrollback.
pub(super) fn clear(window: &mut Window) {
    if let Some(pane) = window.focused_pane() {
        pane.session.lock().clear();
        window.redraw();
    }
}

/// Brings the terminal back to its first state.
pub(super) fn reset(window: &mut Window) {
    if let Some(pane) = window.focused_pane() {
        pane.session.lock().reset();
        window.redraw();
    }
}

//! Moving the viewport; clearing and resetting what it shows.

use config::ActionName;
use terminal::blocks::MarkKind;
use terminal::terminal::{Scroll, Terminal};
use terminal::{Line, Point};

use crate::window::Window;

/// Scrolls the focused pane; `false` on the alternate screen, which has no scrollback: the key is the
/// program's then.
pub(super) fn run(window: &mut Window, action: ActionName) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    {
        let mut terminal = pane.session.lock();
        if terminal.is_alternate() {
            return false;
        }
        let to = match action {
            ActionName::ScrollLineUp => Some(Scroll::Rows(1)),
            ActionName::ScrollLineDown => Some(Scroll::Rows(-1)),
            ActionName::ScrollPageUp => Some(Scroll::PageUp),
            ActionName::ScrollPageDown => Some(Scroll::PageDown),
            ActionName::ScrollTop => Some(Scroll::Top),
            ActionName::ScrollBottom => Some(Scroll::Bottom),
            ActionName::ScrollToPreviousPrompt => prompt(&terminal, Direction::Back),
            ActionName::ScrollToNextPrompt => prompt(&terminal, Direction::Forward),
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

/// The scroll that brings the prompt before or after the viewport's first row to its top.
fn prompt(terminal: &Terminal, direction: Direction) -> Option<Scroll> {
    let offset = i32::try_from(terminal.display_offset()).unwrap_or(i32::MAX);
    let top = Line(-offset);
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
        (Some(line), _) => Some(Scroll::To(u32::try_from(-line.0).unwrap_or(0))),
        (None, Direction::Forward) => Some(Scroll::Bottom),
        (None, Direction::Back) => None,
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

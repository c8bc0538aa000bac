//! Copy mode in a pane: keys to the core's [`CopyMode`], and what follows from them.

use config::ActionName;
use terminal::copy_mode::{CopyKey, CopyMode, CopyNamed, Outcome, Seen, Visual};
use terminal::encode::key::{Key, KeyEvent as TerminalKey, KeyEventKind, Modifiers, NamedKey};
use terminal::frame::{CursorShape, FrameCursor};
use terminal::hints::place_in;
use terminal::motion::{Direction, Text};
use terminal::selection::SelectionKind;
use terminal::{Frame, Point, Side, Terminal};

use super::Window;
use super::find::Step;
use crate::actions;
use crate::input::clipboard::Selection;
use crate::pane::{Pane, PaneId};
use crate::services::Services;

/// The mode's state.
pub(super) struct Copying {
    /// In which pane.
    pub(super) pane: PaneId,
    mode: CopyMode,
    /// Which way the last search went.
    direction: Direction,
    /// The numbering of rows that the mode's spots stand on: rewrapped text has another.
    size: terminal::GridSize,
    /// What the viewport showed before.
    view: Option<(terminal::LineId, u32)>,
}

impl Copying {
    /// What the badge says.
    pub(super) fn badge(&self) -> String {
        let name = match self.mode.visual() {
            None => "copy mode",
            Some((Visual::Character, _)) => "visual",
            Some((Visual::Line, _)) => "visual line",
            Some((Visual::Block, _)) => "visual block",
        };
        format!("{name} {}", self.mode.typed())
            .trim_end()
            .to_owned()
    }

    /// Puts the frame's cursor where the mode's is. `top` is the number of the viewport's first row.
    pub(super) fn place_cursor(&self, terminal: &Terminal, frame: &mut Frame) {
        let anchor = terminal
            .point(self.mode.cursor())
            .and_then(|point| terminal.anchor(point));
        let shown = anchor
            .and_then(|(line, cell)| place_in(frame, line, cell))
            .map(|(row, _)| row);
        let cell = shown.and_then(|row| {
            let row = frame.rows.get(usize::from(row))?;
            row.cells.get(usize::from(self.mode.cursor().column))
        });
        frame.cursor = FrameCursor {
            row: shown.unwrap_or(u16::MAX),
            column: self.mode.cursor().column,
            visible: shown.is_some(),
            shape: CursorShape::Block,
            blinking: false,
            wide: cell.is_some_and(|cell| cell.width == terminal::cell::CellWidth::Wide),
        };
    }
}

impl Window {
    /// Enters copy mode in the focused pane, or leaves it.
    pub(crate) fn toggle_copy_mode(&mut self) {
        if self.copying.is_some() {
            self.end_copying(true);
            return;
        }
        let Some(pane) = self.focused_pane() else {
            return;
        };
        let copying = {
            let mut terminal = pane.session.lock();
            terminal.clear_selection();
            let (mut cursor, _) = terminal.cursor();
            // Scrolled back, the cursor begins at what is seen.
            let rows = terminal.size().rows;
            let last = terminal.point_at(rows - 1, 0);
            if cursor.line > last.line {
                cursor = last;
            }
            let spot = terminal.spot(cursor);
            let spot = Text::new(&*terminal).settle(spot);
            Copying {
                pane: pane.id,
                mode: CopyMode::new(spot),
                direction: Direction::Forward,
                size: terminal.size(),
                view: terminal.view_anchor(),
            }
        };
        self.copying = Some(copying);
        self.redraw();
    }

    /// Leaves copy mode; `restore` takes the viewport back and drops the selection.
    pub(super) fn end_copying(&mut self, restore: bool) {
        let Some(copying) = self.copying.take() else {
            return;
        };
        self.end_quiet_search();
        if let Some(pane) = self.panes.get(&copying.pane) {
            let mut terminal = pane.session.lock();
            if restore {
                terminal.clear_selection();
            }
            terminal.show_anchor(copying.view);
        }
        self.redraw();
    }

    /// Takes a key while the mode is on; returns whether it did. Keys that are bound come first.
    pub(super) fn copy_key(&mut self, services: &mut Services, key: &TerminalKey) -> bool {
        let Some(copying) = &mut self.copying else {
            return false;
        };
        let Some(pane) = self.panes.get(&copying.pane) else {
            return false;
        };
        if key.kind == KeyEventKind::Release {
            return true;
        }
        let Some(key) = copy_key(key) else {
            return true;
        };
        let outcome = {
            let mut terminal = pane.session.lock();
            if terminal.size() != copying.size {
                // Rows have other numbers now.
                copying.size = terminal.size();
                let (cursor, _) = terminal.cursor();
                copying.mode = CopyMode::new(terminal.spot(cursor));
            }
            let seen = seen(&mut terminal);
            let outcome = copying.mode.key(key, &Text::new(&*terminal), seen);
            follow(&mut terminal, &copying.mode);
            outcome
        };
        self.copy_outcome(services, outcome);
        self.redraw();
        true
    }

    /// Output came: the cursor stays where its text is, and the viewport with it.
    pub(super) fn hold_copy_cursor(&mut self, id: PaneId) {
        if let Some(copying) = self.copying.as_ref().filter(|copying| copying.pane == id)
            && let Some(pane) = self.panes.get(&id)
        {
            let mut terminal = pane.session.lock();
            if let Some(cursor) = terminal.point(copying.mode.cursor()) {
                scroll_to(&mut terminal, cursor);
            }
        }
    }

    fn copy_outcome(&mut self, services: &mut Services, outcome: Outcome) {
        match outcome {
            Outcome::Moved | Outcome::Nothing => {}
            Outcome::Leave => self.end_copying(true),
            Outcome::Copy => {
                if let Some(pane) = self.copying.as_ref().and_then(|c| self.panes.get(&c.pane))
                    && let Some(text) = pane.session.lock().selected_text()
                {
                    services.clipboard.store(Selection::Primary, text.clone());
                    services.clipboard.store(Selection::Clipboard, text);
                }
                self.end_copying(true);
            }
            Outcome::Search(direction) => {
                if let Some(copying) = &mut self.copying {
                    copying.direction = direction;
                }
                self.open_search(services, false);
            }
            Outcome::SearchWord(word, direction) => {
                if let Some(copying) = &mut self.copying {
                    copying.direction = direction;
                }
                self.search_word(services, word, step(direction));
            }
            Outcome::SearchAgain { same_way } => {
                let direction = self.copying.as_ref().map(|copying| copying.direction);
                let direction = direction.unwrap_or(Direction::Forward);
                let direction = if same_way {
                    direction
                } else {
                    direction.reversed()
                };
                self.step_quietly(services, step(direction));
            }
            Outcome::Prompt(direction) => self.copy_to_prompt(direction),
        }
    }

    /// Puts copy mode's cursor on a point, with the selection after it: a match, a prompt.
    pub(super) fn copy_to(&mut self, point: Point) {
        let Some(copying) = &mut self.copying else {
            return;
        };
        if let Some(pane) = self.panes.get(&copying.pane) {
            let mut terminal = pane.session.lock();
            copying.mode.set_cursor(terminal.spot(point));
            follow(&mut terminal, &copying.mode);
        }
    }

    fn copy_to_prompt(&mut self, direction: Direction) {
        let Some(copying) = &self.copying else { return };
        let Some(pane) = self.panes.get(&copying.pane) else {
            return;
        };
        let point = {
            let terminal = pane.session.lock();
            let here = terminal.point(copying.mode.cursor()).unwrap_or_default();
            let prompts = actions::prompt_points(&terminal);
            let others = prompts.into_iter().filter(|point| match direction {
                Direction::Forward => point.line > here.line,
                Direction::Backward => point.line < here.line,
            });
            match direction {
                Direction::Forward => others.min(),
                Direction::Backward => others.max(),
            }
        };
        if let Some(point) = point {
            self.copy_to(point);
        }
    }

    /// The line and cell of copy mode's cursor, while it is on.
    pub(super) fn copy_anchor(&self) -> Option<(terminal::LineId, u32)> {
        let copying = self.copying.as_ref()?;
        let terminal = self.panes.get(&copying.pane)?.session.lock();
        terminal.anchor(terminal.point(copying.mode.cursor())?)
    }

    /// Whether copy mode is on in a pane.
    pub(super) fn copies_in(&self, pane: &Pane) -> Option<&Copying> {
        self.copying
            .as_ref()
            .filter(|copying| copying.pane == pane.id)
    }
}

/// Whether an action is done while copy mode has the keyboard; keys of others are the mode's.
pub(super) fn works_while_copying(action: &config::Action) -> bool {
    let config::Action::Run(name) = action else {
        return false;
    };
    // Scrolling by keys moves the cursor instead; what the mode has keys for is the mode's.
    !name.scrolls() && !matches!(name, ActionName::CopyOrInterrupt)
}

fn step(direction: Direction) -> Step {
    match direction {
        Direction::Forward => Step::Next,
        Direction::Backward => Step::Previous,
    }
}

fn seen(terminal: &mut Terminal) -> Seen {
    let first = terminal.point_at(0, 0);
    Seen {
        first: terminal.spot(first).row,
        rows: terminal.size().rows,
    }
}

/// Scrolls to the cursor and selects what the mode selects.
fn follow(terminal: &mut Terminal, mode: &CopyMode) {
    let Some(cursor) = terminal.point(mode.cursor()) else {
        return;
    };
    scroll_to(terminal, cursor);
    let selected = mode.visual().and_then(|(visual, anchor)| {
        let anchor = terminal.point(anchor)?;
        Some((visual, anchor))
    });
    match selected {
        None => terminal.clear_selection(),
        Some((visual, anchor)) => {
            let kind = match visual {
                Visual::Character => SelectionKind::Character,
                Visual::Line => SelectionKind::Line,
                Visual::Block => SelectionKind::Block,
            };
            // Both ends are in it, whichever comes first.
            let forward = match visual {
                Visual::Block => anchor.column <= cursor.column,
                Visual::Character | Visual::Line => anchor <= cursor,
            };
            let sides = if forward {
                (Side::Left, Side::Right)
            } else {
                (Side::Right, Side::Left)
            };
            terminal.start_selection(kind, anchor, sides.0);
            terminal.extend_selection(cursor, sides.1);
        }
    }
}

/// Scrolls by as little as shows the cursor, far away so that it is well inside, and unfolds what hides it.
fn scroll_to(terminal: &mut Terminal, cursor: Point) {
    if terminal.is_alternate() {
        return;
    }
    let rows = terminal.size().rows;
    let distance = terminal.viewport_distance(cursor.line);
    let height = i64::from(rows);
    if (-height..0).contains(&distance) {
        terminal.scroll_to_line(cursor.line, 0);
    } else if (height..2 * height).contains(&distance) {
        terminal.scroll_to_line(cursor.line, rows - 1);
    }
    terminal.reveal(cursor.line);
}

/// The mode's key for a key of the keyboard.
fn copy_key(key: &TerminalKey) -> Option<CopyKey> {
    let shift = key.modifiers.contains(Modifiers::SHIFT);
    let ctrl = key.modifiers.contains(Modifiers::CTRL);
    let named = |key| CopyKey::Named { key, shift, ctrl };
    Some(match key.key {
        Key::Character(letter) if ctrl => CopyKey::Ctrl(letter),
        Key::Character(letter) => {
            CopyKey::Char(key.text.chars().next().or(key.shifted).unwrap_or(letter))
        }
        Key::Named(name) => named(match name {
            NamedKey::Escape => CopyNamed::Escape,
            NamedKey::Enter | NamedKey::KeypadEnter => CopyNamed::Enter,
            NamedKey::Left | NamedKey::KeypadLeft => CopyNamed::Left,
            NamedKey::Right | NamedKey::KeypadRight => CopyNamed::Right,
            NamedKey::Up | NamedKey::KeypadUp => CopyNamed::Up,
            NamedKey::Down | NamedKey::KeypadDown => CopyNamed::Down,
            NamedKey::Home | NamedKey::KeypadHome => CopyNamed::Home,
            NamedKey::End | NamedKey::KeypadEnd => CopyNamed::End,
            NamedKey::PageUp | NamedKey::KeypadPageUp => CopyNamed::PageUp,
            NamedKey::PageDown | NamedKey::KeypadPageDown => CopyNamed::PageDown,
            _ => return None,
        }),
    })
}

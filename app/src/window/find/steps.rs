//! From match to match: which one is chosen, and how it comes into view.

use terminal::search::Match;
use terminal::selection::SelectionKind;
use terminal::{LineId, Point, Side, Terminal};

use super::Step;
use crate::services::Services;
use crate::view::search;
use crate::window::Window;

impl Window {
    /// Goes to the match before or after; without a bar it opens one with what was searched for last.
    pub(crate) fn step_search(&mut self, services: &mut Services, step: Step) {
        if self.overlay.search.is_none() {
            self.open_search(services, false);
        }
        self.go_to_next(step);
    }

    /// Chooses the match nearest to where the search began, unless one is chosen that is still there.
    pub(super) fn choose_first(&mut self) {
        let Some(find) = &self.find.one else { return };
        let Some(searching) = &find.searching else {
            return;
        };
        let found = {
            let search = searching.search();
            let matches = search.matches();
            if find
                .current
                .is_some_and(|now| matches.index_of(&now).is_some())
            {
                return;
            }
            // At a place that was chosen before, more letters narrow what is found there.
            let near = find
                .current
                .map(|now| (now.line, now.start + 1))
                .or(find.from);
            let before = near.map_or(matches.len(), |(line, cell)| matches.first_from(line, cell));
            match before.checked_sub(1) {
                Some(index) => matches.get(index),
                None if search.is_done() => matches.get(0),
                None => return,
            }
        };
        self.choose(found);
    }

    pub(super) fn go_to_next(&mut self, step: Step) {
        let Some(find) = &self.find.one else { return };
        let (Some(searching), Some(pane)) = (&find.searching, self.panes.get(&find.pane)) else {
            return;
        };
        let seen = {
            let mut terminal = pane.session.lock();
            let line = |found: Match| terminal.resolve(found.line, found.start);
            let point = find.current.and_then(line);
            let in_view = point.is_some_and(|point| {
                let row = terminal.viewport_distance(point.line);
                (0..i64::from(terminal.size().rows)).contains(&row)
            });
            // Scrolled away, the search goes on from what is seen.
            (!in_view).then(|| (viewport_start(&mut terminal), viewport_end(&mut terminal)))
        };
        let copy_cursor = self.copy_anchor();
        let found = {
            let search = searching.search();
            let matches = search.matches();
            let n = matches.len();
            if n == 0 {
                return;
            }
            let at = |place: Option<(LineId, u32)>| {
                place.map_or(n, |(line, cell)| matches.first_from(line, cell))
            };
            let index = match (seen, find.current, step) {
                _ if copy_cursor.is_some() => {
                    let cell = |by| copy_cursor.map(|(line, cell)| (line, cell + by));
                    match step {
                        Step::Next => at(cell(1)),
                        Step::Previous => (at(cell(0)) + n - 1) % n,
                    }
                }
                (None, Some(now), _) => {
                    let here = matches.first_from(now.line, now.start);
                    let still = matches.index_of(&now).is_some();
                    match step {
                        Step::Next => here + usize::from(still),
                        Step::Previous => (here + n - 1) % n,
                    }
                }
                (Some((start, _)), _, Step::Next) => at(start),
                (Some((_, end)), _, Step::Previous) => (at(end) + n - 1) % n,
                (None, None, _) => return,
            };
            matches.get(index % n)
        };
        self.choose(found);
        self.update_status();
        self.overlay.changed();
        self.redraw();
    }

    /// Selects a match and brings it into view.
    pub(super) fn choose(&mut self, found: Option<Match>) {
        let covered = self.covered_rows();
        let Some(find) = &mut self.find.one else {
            return;
        };
        find.current = found;
        let Some(pane) = self.panes.get(&find.pane) else {
            return;
        };
        if self.copying.is_some() && self.overlay.search.is_none() {
            let start =
                found.and_then(|found| pane.session.lock().resolve(found.line, found.start));
            if let Some(start) = start {
                self.copy_to(start);
            }
            return;
        }
        let mut terminal = pane.session.lock();
        let row = match found {
            Some(found) => show_match(&mut terminal, &found, covered),
            None => {
                terminal.clear_selection();
                None
            }
        };
        drop(terminal);
        if let Some(bar) = &mut self.overlay.search {
            // At the beginning of all there is, nothing can be scrolled away from under it.
            bar.low = row.is_some_and(|row| row < i64::from(covered));
        }
    }

    /// Rows of the pane that the bar covers.
    pub(super) fn covered_rows(&self) -> u16 {
        let pane = self
            .find
            .one
            .as_ref()
            .and_then(|find| self.panes.get(&find.pane));
        let Some(pane) = pane else { return 0 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few pixels, positive"
        )]
        let height = (search::HEIGHT * self.scale) as u32;
        u16::try_from(height.div_ceil(pane.cells.cell_height.max(1))).unwrap_or(0)
    }
}

/// The first cell of the viewport.
fn viewport_start(terminal: &mut Terminal) -> Option<(LineId, u32)> {
    let first = terminal.point_at(0, 0);
    terminal.anchor(first)
}

/// The cell after the last one of the viewport.
pub(super) fn viewport_end(terminal: &mut Terminal) -> Option<(LineId, u32)> {
    let size = terminal.size();
    let last = terminal.point_at(size.rows - 1, size.columns - 1);
    let (line, cell) = terminal.anchor(last)?;
    Some((line, cell + 1))
}

/// Selects a match and scrolls so far that it is seen below the first `covered` rows, if it can be; the row of the
/// viewport where it is then.
pub(super) fn show_match(terminal: &mut Terminal, found: &Match, covered: u16) -> Option<i64> {
    let start = terminal.resolve(found.line, found.start);
    let end = terminal.resolve(found.line, found.end.saturating_sub(1));
    let (start, end) = (start?, end?);
    terminal.start_selection(SelectionKind::Character, start, Side::Left);
    terminal.extend_selection(end, Side::Right);
    reveal(terminal, start, covered);
    Some(terminal.viewport_distance(start.line))
}

/// Unfolds and scrolls, if it must, so that a point is seen below the first `covered` rows.
fn reveal(terminal: &mut Terminal, point: Point, covered: u16) {
    if terminal.is_alternate() {
        return;
    }
    terminal.reveal(point.line);
    if terminal.viewport_distance(point.line) < i64::from(covered) {
        let middle = terminal.size().rows / 2;
        terminal.scroll_to_line(point.line, middle);
    }
}

//! Searching from this window: what the bar asks, where the viewport goes, what is marked.

mod everywhere;

use std::sync::Arc;
use std::time::{Duration, Instant};

use renderer::Highlight;
use terminal::search::{Case, Match, Pattern, PatternOptions};
use terminal::selection::SelectionKind;
use terminal::{Frame, LineId, Point, Rgb, Side, Terminal};

use super::Window;
use crate::finder::Searching;
use crate::pane::PaneId;
use crate::services::{Request, Services};
use crate::view::notices::Severity;
use crate::view::search::{self, ResultList, SearchAction, SearchBar, Status};
use crate::view::tokens::Tokens;

/// How long after output the screen is searched again.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
/// A selection of at most this many bytes, without line breaks, is what a new search begins with.
const MAX_PREFILL: usize = 200;

/// What this window searches.
#[derive(Default)]
pub(super) struct Find {
    one: Option<PaneFind>,
    /// The searches of the list over all panes, each with what its pane is called.
    all: Vec<(String, Arc<Searching>)>,
    /// What was searched for last.
    last: (String, PatternOptions),
    again_at: Option<Instant>,
}

/// The search in one pane.
struct PaneFind {
    pane: PaneId,
    /// Nothing, while nothing (or nothing that can be searched for) is typed.
    searching: Option<Arc<Searching>>,
    /// The chosen match.
    current: Option<Match>,
    /// What the viewport showed first, when the bar was opened; `None` is the active screen.
    view: Option<(LineId, u32)>,
    /// Where the viewport ended then: the search begins there.
    from: Option<(LineId, u32)>,
    /// A step that waits for what will be found.
    step: Option<Step>,
}

/// Which way to the next match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Down, to newer lines.
    Next,
    /// Up, to older ones.
    Previous,
}

impl Find {
    /// When [`Window::search_if_due`] is to be called.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.again_at
    }

    /// The cells of a pane's frame that were found.
    pub(super) fn highlights(
        &self,
        pane: PaneId,
        frame: &Frame,
        tokens: &Tokens,
    ) -> Vec<Highlight> {
        let Some((find, searching)) = self.shown(pane) else {
            return Vec::new();
        };
        let rgb = |color: egui::Color32| Rgb::new(color.r(), color.g(), color.b());
        let (plain, chosen) = (rgb(tokens.found), rgb(tokens.found_chosen));
        let search = searching.search();
        let matches = search.matches();
        if matches.is_empty() {
            return Vec::new();
        }
        let mut highlights = Vec::new();
        for (index, row) in frame.rows.iter().enumerate() {
            let next = frame
                .rows
                .get(index + 1)
                .filter(|next| next.line_id == row.line_id);
            let full = row.offset + u32::from(frame.size.columns);
            let end = next.map_or(full, |next| next.offset.clamp(row.offset, full));
            for found in matches.within(row.line_id, row.offset, end) {
                let column = |cell: u32| {
                    let cell = cell.clamp(row.offset, end) - row.offset;
                    u16::try_from(cell).unwrap_or(u16::MAX)
                };
                let is_chosen = find.current == Some(found);
                highlights.push(Highlight {
                    row: u16::try_from(index).unwrap_or(u16::MAX),
                    start: column(found.start),
                    end: column(found.end),
                    background: if is_chosen { chosen } else { plain },
                });
            }
        }
        highlights
    }

    /// The search that is shown in a pane.
    pub(super) fn searching_in(&self, pane: PaneId) -> Option<&Searching> {
        self.shown(pane).map(|(_, searching)| &**searching)
    }

    /// Whether a search found something in a pane.
    pub(super) fn marks_pane(&self, pane: PaneId) -> bool {
        self.shown(pane)
            .is_some_and(|(_, searching)| !searching.search().matches().is_empty())
    }

    fn shown(&self, pane: PaneId) -> Option<(&PaneFind, &Arc<Searching>)> {
        let find = self.one.as_ref().filter(|find| find.pane == pane)?;
        Some((find, find.searching.as_ref()?))
    }
}

impl Window {
    /// Opens the bar over the focused pane, or the list over all panes.
    pub(crate) fn open_search(&mut self, services: &mut Services, everywhere: bool) {
        let Some(pane) = self.focused_pane() else {
            return;
        };
        let (id, selected, view, from) = {
            let mut terminal = pane.session.lock();
            let (view, from) = (terminal.view_anchor(), viewport_end(&mut terminal));
            (pane.id, terminal.selected_text(), view, from)
        };
        if self.overlay.search.is_none() {
            let (text, options) = self.find.last.clone();
            let text = selected
                .filter(|text| !text.contains('\n') && !text.is_empty())
                .filter(|text| text.len() <= MAX_PREFILL)
                .unwrap_or(text);
            self.overlay.search = Some(SearchBar {
                text,
                options,
                ..SearchBar::default()
            });
            self.find.one = Some(PaneFind {
                pane: id,
                searching: None,
                current: None,
                view,
                from,
                step: None,
            });
        }
        if let Some(bar) = &mut self.overlay.search {
            bar.fresh = true;
            bar.list = everywhere.then(ResultList::default);
        }
        self.place_search();
        self.search_changed(services);
    }

    /// Goes to the match before or after; without a bar it opens one with what was searched for last.
    pub(crate) fn step_search(&mut self, services: &mut Services, step: Step) {
        if self.overlay.search.is_none() {
            self.open_search(services, false);
        }
        self.go_to_next(step);
    }

    /// Where the bar goes: over its pane.
    pub(super) fn place_search(&mut self) {
        let scale = self.scale;
        let pane = self
            .find
            .one
            .as_ref()
            .and_then(|find| self.panes.get(&find.pane));
        if let (Some(pane), Some(bar)) = (pane, &mut self.overlay.search) {
            #[expect(clippy::cast_precision_loss, reason = "pixels of a window")]
            let logical = |pixels: i32| pixels as f32 / scale;
            let width = i32::try_from(pane.area.width).unwrap_or(i32::MAX);
            bar.place = (
                logical(pane.area.right()),
                logical(pane.area.y),
                logical(width),
            );
            self.overlay.changed();
        }
    }

    /// Does what the user did to the bar.
    pub(super) fn search_action(&mut self, services: &mut Services, action: SearchAction) {
        match action {
            SearchAction::Changed => self.search_changed(services),
            SearchAction::Next => self.go_to_next(Step::Next),
            SearchAction::Previous => self.go_to_next(Step::Previous),
            SearchAction::Keep => self.close_search(true),
            SearchAction::Restore => self.close_search(false),
            SearchAction::Everywhere => {
                if let Some(bar) = &mut self.overlay.search {
                    bar.list = match bar.list {
                        Some(_) => None,
                        None => Some(ResultList::default()),
                    };
                }
                self.search_changed(services);
            }
            SearchAction::GoTo(index) => self.go_to_listed(services, index),
        }
        self.overlay.changed();
        self.redraw();
    }

    /// Closes the bar: the viewport and the chosen match as selection stay, or all is as it was before.
    pub(crate) fn close_search(&mut self, keep: bool) {
        let Some(bar) = self.overlay.search.take() else {
            return;
        };
        self.find.last = (bar.text, bar.options);
        self.overlay.changed();
        self.redraw();
        if keep && self.copying.is_some() {
            // Copy mode goes on from the match, with all of them marked.
            if let Some(found) = self.find.one.as_ref().and_then(|find| find.current) {
                self.choose(Some(found));
            }
            return;
        }
        self.cancel_searches();
        self.find.again_at = None;
        if let Some(find) = self.find.one.take()
            && !keep
            && let Some(pane) = self.panes.get(&find.pane)
        {
            let mut terminal = pane.session.lock();
            terminal.clear_selection();
            terminal.show_anchor(find.view);
        }
        self.overlay.changed();
        self.redraw();
    }

    /// A pane is gone, or does not have the keyboard any more.
    pub(super) fn forget_search(&mut self, keeps: Option<PaneId>) {
        let pane = self.find.one.as_ref().map(|find| find.pane);
        if pane.is_some() && pane != keeps {
            self.close_search(true);
        }
    }

    /// Ends a search without a bar.
    pub(super) fn end_quiet_search(&mut self) {
        if self.overlay.search.is_none() {
            self.cancel_searches();
            self.find.one = None;
        }
    }

    /// Searches for a whole word without a bar, from copy mode's cursor.
    pub(super) fn search_word(&mut self, services: &mut Services, word: String, step: Step) {
        let options = PatternOptions {
            case: Case::Sensitive,
            whole_word: true,
            ..PatternOptions::default()
        };
        self.find.last = (word, options);
        self.search_quietly(services, step);
    }

    /// Goes to the next match from copy mode's cursor, without a bar.
    pub(super) fn step_quietly(&mut self, services: &mut Services, step: Step) {
        if self
            .find
            .one
            .as_ref()
            .is_some_and(|find| find.searching.is_some())
        {
            self.go_to_next(step);
        } else {
            self.search_quietly(services, step);
        }
    }

    fn search_quietly(&mut self, services: &mut Services, step: Step) {
        let (text, options) = self.find.last.clone();
        let Ok(pattern) = Pattern::new(&text, options) else {
            return;
        };
        self.cancel_searches();
        let Some(pane) = self.focused_pane().filter(|_| !text.is_empty()) else {
            return;
        };
        let (id, session) = (pane.id, Arc::clone(&pane.session));
        let searching = match services.finder() {
            Ok(finder) => finder.search(id, &session, pattern, 0),
            Err(error) => {
                self.notify(Severity::Error, "search", format!("{error:#}"));
                return;
            }
        };
        let view = session.lock().view_anchor();
        self.find.one = Some(PaneFind {
            pane: id,
            searching: Some(searching),
            current: None,
            view,
            from: None,
            step: Some(step),
        });
    }

    fn cancel_searches(&mut self) {
        for (_, searching) in self.find.all.drain(..) {
            searching.cancel();
        }
        if let Some(find) = &mut self.find.one
            && let Some(searching) = find.searching.take()
        {
            searching.cancel();
        }
    }

    /// Searches for what is typed now.
    fn search_changed(&mut self, services: &mut Services) {
        self.cancel_searches();
        let Some(bar) = &mut self.overlay.search else {
            return;
        };
        bar.status = Status::default();
        let everywhere = bar.list.is_some();
        if let Some(list) = &mut bar.list {
            list.panes.clear();
            list.chosen = 0;
        }
        let pattern = match Pattern::new(&bar.text, bar.options) {
            Ok(pattern) => (!bar.text.is_empty()).then_some(pattern),
            Err(error) => {
                bar.status.error = Some(error.to_string());
                None
            }
        };
        bar.status.running = pattern.is_some();
        if let Some(pattern) = pattern {
            if everywhere {
                // By way of the program, which knows the panes of all windows.
                let request = Request::SearchPanes(self.handle.id());
                services.requests.push(request);
            } else if let Some(find) = &mut self.find.one
                && let Some(pane) = self.panes.get(&find.pane)
            {
                let searching = services
                    .finder()
                    .map(|finder| finder.search(pane.id, &pane.session, pattern, 0));
                match searching {
                    Ok(searching) => find.searching = Some(searching),
                    Err(error) => {
                        self.notify(Severity::Error, "search", format!("{error:#}"));
                        return;
                    }
                }
            }
        } else if let Some(find) = &mut self.find.one {
            find.current = None;
            if let Some(pane) = self.panes.get(&find.pane) {
                let mut terminal = pane.session.lock();
                terminal.clear_selection();
                terminal.show_anchor(find.view);
            }
        }
        self.overlay.changed();
        self.redraw();
    }

    /// A search found something, or ended.
    pub(crate) fn found(&mut self, id: PaneId) {
        let own = self
            .find
            .one
            .as_ref()
            .and_then(|find| find.searching.as_ref());
        let others = self.find.all.iter().map(|(_, searching)| searching);
        let mut concerns = false;
        for searching in others.chain(own).filter(|one| one.pane == id) {
            searching.acknowledge();
            concerns = true;
        }
        if !concerns {
            return;
        }
        if self
            .overlay
            .search
            .as_ref()
            .is_some_and(|bar| bar.list.is_some())
        {
            self.list_found(id);
        } else if self.overlay.search.is_some() {
            self.choose_first();
        } else if let Some(find) = &mut self.find.one
            && find
                .searching
                .as_ref()
                .is_some_and(|searching| searching.search().is_done())
            && let Some(step) = find.step.take()
        {
            self.go_to_next(step);
        }
        self.update_status();
        self.overlay.changed();
        self.redraw();
    }

    /// Chooses the match nearest to where the search began, unless one is chosen that is still there.
    fn choose_first(&mut self) {
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

    fn go_to_next(&mut self, step: Step) {
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
    fn choose(&mut self, found: Option<Match>) {
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
        match found {
            Some(found) => show_match(&mut terminal, &found, covered),
            None => terminal.clear_selection(),
        }
    }

    /// Rows of the pane that the bar covers.
    fn covered_rows(&self) -> u16 {
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

    fn update_status(&mut self) {
        let Some(bar) = &mut self.overlay.search else {
            return;
        };
        if let Some(list) = &bar.list {
            bar.status.count = list.panes.iter().map(|pane| pane.count).sum();
            bar.status.position = None;
            let mut searches = self.find.all.iter().map(|(_, one)| one.search());
            bar.status.running = searches.any(|search| !search.is_done());
            return;
        }
        let Some(find) = &self.find.one else { return };
        let Some(searching) = &find.searching else {
            return;
        };
        let search = searching.search();
        let matches = search.matches();
        bar.status = Status {
            count: matches.len(),
            position: find
                .current
                .and_then(|now| matches.index_of(&now))
                .map(|index| index + 1),
            running: !search.is_done(),
            full: matches.is_full(),
            error: None,
        };
    }

    /// A pane has new output: what is found there is looked at again soon.
    pub(super) fn search_again_soon(&mut self, id: PaneId) {
        let searched = self.find.shown(id).is_some();
        if searched {
            self.find
                .again_at
                .get_or_insert(Instant::now() + AGAIN_AFTER);
        }
    }

    /// Looks again if that is due.
    pub(super) fn search_if_due(&mut self, services: &mut Services, now: Instant) {
        if self.find.again_at.is_none_or(|at| at > now) {
            return;
        }
        self.find.again_at = None;
        if let Some(find) = &self.find.one
            && let Some(searching) = &find.searching
            && let Ok(finder) = services.finder()
        {
            finder.again(searching);
        }
    }
}

/// The first cell of the viewport.
fn viewport_start(terminal: &mut Terminal) -> Option<(LineId, u32)> {
    let first = terminal.point_at(0, 0);
    terminal.anchor(first)
}

/// The cell after the last one of the viewport.
fn viewport_end(terminal: &mut Terminal) -> Option<(LineId, u32)> {
    let size = terminal.size();
    let last = terminal.point_at(size.rows - 1, size.columns - 1);
    let (line, cell) = terminal.anchor(last)?;
    Some((line, cell + 1))
}

/// Selects a match and scrolls so far that it is seen below the first `covered` rows.
fn show_match(terminal: &mut Terminal, found: &Match, covered: u16) {
    let start = terminal.resolve(found.line, found.start);
    let end = terminal.resolve(found.line, found.end.saturating_sub(1));
    let (Some(start), Some(end)) = (start, end) else {
        return;
    };
    terminal.start_selection(SelectionKind::Character, start, Side::Left);
    terminal.extend_selection(end, Side::Right);
    reveal(terminal, start, covered);
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

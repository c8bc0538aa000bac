//! Searching from this window: what the bar asks, what is marked.

mod everywhere;
mod quiet;
mod steps;

use std::sync::Arc;
use std::time::{Duration, Instant};

use renderer::Highlight;
use terminal::search::{Match, Pattern, PatternOptions};
use terminal::{Frame, LineId, Rgb};

use self::steps::viewport_end;
use super::Window;
use super::chrome::logical;
use crate::finder::Searching;
use crate::pane::PaneId;
use crate::services::{Request, Services};
use crate::view::notices::Severity;
use crate::view::search::{ResultList, SearchAction, SearchBar, Status};
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
            self.overlay.search = Some(SearchBar::new(text, options));
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

    /// Where the bar goes: over its pane.
    pub(super) fn place_search(&mut self) {
        let scale = self.scale;
        let pane = self
            .find
            .one
            .as_ref()
            .and_then(|find| self.panes.get(&find.pane));
        if let (Some(pane), Some(bar)) = (pane, &mut self.overlay.search) {
            bar.pane = logical(pane.area, scale);
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

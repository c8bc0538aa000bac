//! The search over the panes of all windows, and the list of what it found.

use std::sync::Arc;

use terminal::search::{Match, Pattern};

use super::super::Window;
use super::steps::show_match;
use crate::finder::Searching;
use crate::pane::PaneId;
use crate::services::{Request, Services};
use crate::session::Session;
use crate::view::notices::Severity;
use crate::view::search::PaneResults;

/// Matches of one pane that are listed when all panes are searched.
const LISTED: usize = 200;

/// A pane that is searched.
pub(crate) struct Searched {
    pane: PaneId,
    /// What it is called: its tab's place and its title.
    pub(crate) label: String,
    session: Arc<Session>,
}

impl Window {
    /// The panes of this window, in the order of its tabs.
    pub(crate) fn searched_panes(&self) -> Vec<Searched> {
        let mut searched = Vec::new();
        for (number, tab) in (1..).zip(self.tabs.iter()) {
            let ids = tab.layout.panes();
            for (place, id) in (1..).zip(&ids) {
                let Some(pane) = self.panes.get(id) else {
                    continue;
                };
                searched.push(Searched {
                    pane: *id,
                    label: if ids.len() > 1 {
                        format!("{number}.{place}  {}", pane.label())
                    } else {
                        format!("{number}  {}", self.tab_label(tab))
                    },
                    session: Arc::clone(&pane.session),
                });
            }
        }
        searched
    }

    /// Searches panes, of this window and others, for what is typed.
    pub(crate) fn search_panes(&mut self, services: &mut Services, panes: Vec<Searched>) {
        let Some(bar) = self.overlay.search.as_ref() else {
            return;
        };
        let Ok(pattern) = Pattern::new(&bar.text, bar.options) else {
            return;
        };
        self.cancel_searches();
        match services.finder() {
            Ok(finder) => {
                let search = |one: Searched| {
                    let pattern = pattern.clone();
                    let searching = finder.search(one.pane, &one.session, pattern, LISTED);
                    (one.label, searching)
                };
                self.find.all = panes.into_iter().map(search).collect();
            }
            Err(error) => self.notify(Severity::Error, "search", format!("{error:#}")),
        }
    }

    /// Puts what was found in a pane so far into the list.
    pub(super) fn list_found(&mut self, id: PaneId) {
        let results = |(label, searching): &(String, Arc<Searching>)| PaneResults {
            pane: searching.pane,
            label: label.clone(),
            count: searching.search().matches().len(),
            listed: searching.listed(),
        };
        let all = &self.find.all;
        let list = self
            .overlay
            .search
            .as_mut()
            .and_then(|bar| bar.list.as_mut());
        let Some(list) = list else { return };
        if list.panes.len() != all.len() {
            list.panes = all.iter().map(results).collect();
            return;
        }
        // With hundreds of panes, the others are not listed anew.
        let searches = list.panes.iter_mut().zip(all);
        for (known, one) in searches.filter(|(known, _)| known.pane == id) {
            *known = results(one);
        }
    }

    /// Closes the list and has the pane of a listed match shown, in whichever window it is.
    pub(super) fn go_to_listed(&mut self, services: &mut Services, index: usize) {
        let list = self
            .overlay
            .search
            .as_ref()
            .and_then(|bar| bar.list.as_ref());
        let Some((pane, found)) = list
            .and_then(|list| list.get(index))
            .map(|(pane, listed)| (pane, listed.found))
        else {
            return;
        };
        self.close_search(true);
        services.requests.push(Request::ShowMatch(pane, found));
    }

    /// Shows a pane of this window with a match in it.
    pub(crate) fn show_listed(&mut self, services: &Services, pane: PaneId, found: &Match) {
        self.show_pane(services, pane);
        if let Some(pane) = self.panes.get(&pane) {
            show_match(&mut pane.session.lock(), found, 0);
        }
        self.redraw();
    }
}

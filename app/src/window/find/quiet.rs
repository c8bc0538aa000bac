//! Searching without the bar, from copy mode's cursor.

use std::sync::Arc;

use terminal::search::{Case, Pattern, PatternOptions};

use super::{PaneFind, Step};
use crate::services::Services;
use crate::view::notices::Severity;
use crate::window::Window;

impl Window {
    /// Ends a search without a bar.
    pub(in crate::window) fn end_quiet_search(&mut self) {
        if self.overlay.search.is_none() {
            self.cancel_searches();
            self.find.one = None;
        }
    }

    /// Searches for a whole word without a bar, from copy mode's cursor.
    pub(in crate::window) fn search_word(
        &mut self,
        services: &mut Services,
        word: String,
        step: Step,
    ) {
        let options = PatternOptions {
            case: Case::Sensitive,
            whole_word: true,
            ..PatternOptions::default()
        };
        self.find.last = (word, options);
        self.search_quietly(services, step);
    }

    /// Goes to the next match from copy mode's cursor, without a bar.
    pub(in crate::window) fn step_quietly(&mut self, services: &mut Services, step: Step) {
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

    pub(super) fn search_quietly(&mut self, services: &mut Services, step: Step) {
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
}

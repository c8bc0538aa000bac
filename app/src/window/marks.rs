//! Marks beside the scrollbars: at the left of the track where commands failed, at its right what a search found.
//!
//! They are made anew only when what they stand for changed, or the rows that the track spans.

use std::collections::BTreeMap;

use renderer::Renderer;
use renderer::units::Rect;
use terminal::ShownRows;
use terminal::blocks::Failures;

use crate::finder::Searching;
use crate::pane::{Pane, PaneId};
use crate::view::scrollbar::{self, Scrollbar};
use crate::view::tokens::Tokens;

/// The marks of all panes whose scrollbars were seen.
#[derive(Default)]
pub(super) struct Marks(BTreeMap<PaneId, PaneMarks>);

#[derive(Default)]
struct PaneMarks {
    failures: Failures,
    failed: Lane,
    found: Lane,
}

/// Marks, and what they were made from: how many there are to be marked, the rows, the track's height.
#[derive(Default)]
struct Lane {
    key: (usize, ShownRows, usize),
    marks: Vec<bool>,
}

impl Lane {
    /// Makes the marks again unless they are of these.
    fn update(
        &mut self,
        key: (usize, ShownRows, usize),
        make: impl FnOnce(&ShownRows, usize) -> Vec<bool>,
    ) {
        if self.key != key {
            self.marks = make(&key.1, key.2);
            self.key = key;
        }
    }
}

impl Marks {
    /// Draws a pane's marks over its scrollbar; `searching` is the search that is shown in it.
    pub(super) fn draw(
        &mut self,
        pane: &Pane,
        searching: Option<&Searching>,
        bar: &Scrollbar,
        renderer: &mut Renderer,
        tokens: &Tokens,
        scale: f32,
    ) {
        let marks = self.0.entry(pane.id).or_default();
        let shown = {
            let mut terminal = pane.session.lock();
            if terminal.is_alternate() {
                return;
            }
            let shown = terminal.shown_rows();
            if marks.failures.update(&terminal) {
                marks.failed = Lane::default();
            }
            shown
        };
        let height = usize::try_from(bar.track.height).unwrap_or(0);
        let rows = marks.failures.rows();
        let key = (rows.len(), shown.clone(), height);
        let failed = |shown: &ShownRows, n| shown.marks(rows.iter().copied(), n);
        marks.failed.update(key, failed);
        match searching.map(Searching::search) {
            Some(search) => {
                let found = search.matches();
                let key = (found.len(), shown, height);
                marks.found.update(key, |shown, n| found.marks(shown, n));
            }
            None => marks.found = Lane::default(),
        }
        let (left, right) = bar.lanes();
        for (lane, at, color) in [
            (&marks.failed, left, tokens.error),
            (&marks.found, right, tokens.found_chosen),
        ] {
            for (y, _) in (0..).zip(&lane.marks).filter(|(_, mark)| **mark) {
                let mark = Rect {
                    y: at.y + y,
                    height: scrollbar::mark_height(scale),
                    ..at
                };
                renderer.draw_quad(mark, color.to_array());
            }
        }
    }

    /// A pane is gone.
    pub(super) fn forget(&mut self, pane: PaneId) {
        self.0.remove(&pane);
    }
}

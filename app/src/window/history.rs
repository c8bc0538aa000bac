//! The history in the window: its panel, what the user does in it, and private panes.

use std::sync::Arc;

use history::Annotation;
use history::Selection as Chosen;
use terminal::blocks::BlockId;

use super::{TabOfPanes, Window};
use crate::actions::blocks::compare::runs_found;
use crate::history::seeker::{Answer, Whole};
use crate::input::clipboard::Selection;
use crate::pane::PaneId;
use crate::services::Services;
use crate::view::history::{Here, HistoryEvent, HistoryPanel, Page};
use crate::view::notices::Severity;

impl Window {
    /// Opens the history panel, or closes it.
    pub(crate) fn toggle_history(&mut self, services: &mut Services, page: Page) {
        if self.overlay.history.take().is_some() {
            self.overlay.changed();
            self.redraw();
            return;
        }
        let Some(seeker) = services.seeker() else {
            let text = "nothing is kept: history.enabled is off";
            self.notify(Severity::Warning, "history", text);
            return;
        };
        seeker.places();
        let here = self.focused_pane().map_or_else(Here::default, |pane| Here {
            folder: pane.folder.clone(),
            session: pane
                .session
                .recorder()
                .map(crate::history::recorder::Recorder::uid),
        });
        self.overlay.history = Some(HistoryPanel::new(page, here));
        self.prepare_chrome();
        match page {
            Page::Blocks => self.search_history(services),
            Page::Stats => self.ask_stats(services),
        }
    }

    fn search_history(&mut self, services: &mut Services) {
        let question = self.overlay.next_question();
        if let (Some(panel), Some(seeker)) = (&mut self.overlay.history, services.seeker()) {
            panel.ask(question);
            seeker.search(question, panel.filter());
        }
        self.overlay.changed();
        self.redraw();
    }

    fn ask_stats(&mut self, services: &mut Services) {
        if let (Some(panel), Some(seeker)) = (&self.overlay.history, services.seeker()) {
            seeker.stats(panel.stats_question());
        }
        self.overlay.changed();
        self.redraw();
    }

    /// The thread that reads has an answer.
    pub(crate) fn history_answer(&mut self, services: &mut Services, answer: Answer) {
        if let Answer::Whole(whole) = answer {
            self.open_block(services, &whole);
            return;
        }
        let answer = match answer {
            Answer::Runs(question, rows) => {
                runs_found(self, services, question, &rows);
                return;
            }
            Answer::Compared(found) => {
                self.compare_with_run(services, &found);
                return;
            }
            answer => answer,
        };
        let Some(panel) = &mut self.overlay.history else {
            return;
        };
        match answer {
            Answer::Rows { question, rows } => {
                if panel.question != question {
                    return;
                }
                if let Some(id) = panel.set_rows(rows)
                    && let Some(seeker) = services.seeker()
                {
                    seeker.preview(id);
                }
            }
            Answer::Preview(preview) => panel.set_preview(preview),
            Answer::Stats(report) => panel.set_report(report),
            Answer::Places(hosts, projects) => panel.set_places(hosts, projects),
            Answer::Failed(problem) => panel.set_problem(problem),
            Answer::Whole(_) | Answer::Runs(..) | Answer::Compared(_) => {}
        }
        self.overlay.changed();
        self.redraw();
    }

    /// The user did something in the panel.
    pub(super) fn history_event(&mut self, services: &mut Services, event: HistoryEvent) {
        match event {
            HistoryEvent::Closed => self.overlay.history = None,
            HistoryEvent::Changed => self.search_history(services),
            HistoryEvent::Stats => self.ask_stats(services),
            HistoryEvent::Moved(id) => {
                if let Some(seeker) = services.seeker() {
                    seeker.preview(id);
                }
            }
            HistoryEvent::Insert(command) => {
                self.overlay.history = None;
                if let Some(id) = self.focused_pane().map(|pane| pane.id) {
                    // As a paste: nothing of it runs before the user says so.
                    self.paste(services, id, &command);
                }
            }
            HistoryEvent::Run(command) => self.run_at_prompt(services, &command),
            HistoryEvent::Copy(command) => {
                self.overlay.history = None;
                services.clipboard.store(Selection::Clipboard, command);
            }
            HistoryEvent::Open(id) => {
                self.overlay.history = None;
                if let Some(seeker) = services.seeker() {
                    seeker.whole(id);
                }
            }
            HistoryEvent::Bookmark(uid, marked) => {
                services.bookmark(uid, marked);
            }
            HistoryEvent::Note(uid, note) => services.note_block(uid, note),
            HistoryEvent::Forget(uid) => {
                services.forget_blocks(Chosen::Blocks(vec![uid]));
            }
        }
        self.overlay.changed();
        self.redraw();
    }

    /// Runs a command at the prompt of the focused pane, unless it must be asked about: then it is Enter's turn.
    fn run_at_prompt(&mut self, services: &Services, command: &str) {
        let Some(pane) = self.focused_pane() else {
            return;
        };
        let id = pane.id;
        if !pane.session.lock().blocks().is_at_prompt() {
            let text = "no prompt to run it at; Enter inserts it all the same";
            self.notify(Severity::Info, "history", text);
            return;
        }
        self.overlay.history = None;
        for id in self.paste(services, id, command) {
            if let Some(pane) = self.panes.get(&id) {
                pane.session.send_text("\r");
            }
        }
    }

    /// What the user changed is written, or cannot be.
    pub(crate) fn history_changed(&mut self, services: &mut Services, result: Result<(), String>) {
        match result {
            Ok(()) => {
                if let Some(panel) = &mut self.overlay.history {
                    panel.forget_preview();
                }
                self.search_history(services);
            }
            Err(problem) => self.notify(Severity::Error, "history", problem),
        }
    }

    /// Shows a block of the history in a tab of its own: text without a program, visibly old.
    fn open_block(&mut self, services: &mut Services, whole: &Arc<Whole>) {
        let Some((size, cell)) = self
            .focused_pane()
            .map(|pane| (pane.cells.size, pane.session.lock().cell_size()))
        else {
            return;
        };
        let pane = services.open_text(size, cell, &crate::history::old_text(whole));
        let name = whole.command.lines().next().unwrap_or_default().to_owned();
        let mut tab = TabOfPanes::new(pane);
        tab.tab.name = Some(name).filter(|name| !name.is_empty());
        let at_end = services.config.tabs.new_tab == config::tabs::NewTab::End;
        self.adopt(services, tab, at_end);
    }

    /// Keeps nothing of the focused pane from now on, or keeps again.
    pub(crate) fn toggle_private(&mut self) -> bool {
        let Some(recorder) = self.focused_pane().and_then(|pane| pane.session.recorder()) else {
            return false;
        };
        recorder.set_private(!recorder.is_private());
        self.overlay.changed();
        self.redraw();
        true
    }

    /// The shown panes of which nothing is kept, and where they are.
    pub(super) fn private_panes(&self) -> Vec<renderer::units::Rect> {
        self.shown_panes()
            .iter()
            .filter_map(|id| self.panes.get(id))
            .filter(|pane| {
                pane.session
                    .recorder()
                    .is_some_and(crate::history::recorder::Recorder::is_private)
            })
            .map(|pane| pane.area)
            .collect()
    }

    /// What the user said of a block goes to the history too.
    pub(crate) fn annotate_block(&self, pane: PaneId, block: BlockId, change: Annotation) {
        if let Some(recorder) = self
            .panes
            .get(&pane)
            .and_then(|pane| pane.session.recorder())
        {
            recorder.annotate(block, change);
        }
    }
}

//! Two blocks side by side.

use std::sync::Arc;

use terminal::BlockId;
use terminal::blocks::{Block, Format};

use crate::actions;
use crate::pane::PaneId;
use crate::services::Services;
use crate::settings;
use crate::view::blocks::compare::{CompareAction, Compared, Comparison};
use crate::view::blocks::summary::exit_text;
use crate::window::Window;

impl Window {
    /// Compares two blocks, each with the pane that it is in.
    pub(crate) fn compare_blocks(
        &mut self,
        services: &Services,
        old: (PaneId, BlockId),
        new: (PaneId, BlockId),
    ) {
        let mut sides = [old, new].map(|(pane, block)| self.side(pane, block));
        if old.0 != new.0 {
            for (side, (pane, _)) in sides.iter_mut().zip([old, new]) {
                if let (Some(side), Some(pane)) = (side, self.panes.get(&pane)) {
                    side.title = format!("{}:  {}", pane.label(), side.title);
                }
            }
        }
        if let [Some(old), Some(new)] = sides {
            self.show_comparison(services, [old, new], None);
        }
    }

    /// A run from the history was read, with which a block is to be compared.
    pub(in crate::window) fn compare_with_run(
        &mut self,
        services: &Services,
        run: &(String, String),
    ) {
        let Some(runs) = self.overlay.runs.take() else {
            return;
        };
        let (title, text) = run;
        let old = Compared {
            title: title.clone(),
            text: text.as_str().into(),
        };
        if let Some(new) = self.side(runs.pane, runs.block) {
            self.show_comparison(services, [old, new], None);
        }
    }

    /// A block as a side of a comparison.
    fn side(&self, pane: PaneId, block: BlockId) -> Option<Compared> {
        let pane = self.panes.get(&pane)?;
        let born = pane.session.born();
        let terminal = pane.session.lock();
        let spool = terminal.block_spool(block, Format::Text)?;
        let text = if spool.dropped_lines > 0 {
            let gap = format!("… {} lines …\n", spool.dropped_lines);
            spool.head + &gap + &spool.tail
        } else {
            spool.head
        };
        Some(Compared {
            title: title_of(terminal.blocks().get(block)?, born),
            text: text.into(),
        })
    }

    /// Shows two outputs side by side, once nothing is waited for any more.
    pub(crate) fn show_comparison(
        &mut self,
        services: &Services,
        [old, new]: [Compared; 2],
        waiting: Option<String>,
    ) {
        let comparison = Comparison {
            old,
            new,
            rules: settings::compare_rules(&services.config),
            only_changes: false,
            diff: None,
            waiting,
            question: self.overlay.next_question(),
        };
        if comparison.waiting.is_none() {
            services.compare(&comparison);
        }
        self.prepare_chrome();
        self.overlay.compare = Some(comparison);
        self.prepare_chrome();
        self.overlay.changed();
        self.redraw();
    }

    pub(in crate::window) fn compare_action(&mut self, services: &Services, action: CompareAction) {
        match action {
            CompareAction::Close => {
                self.overlay.compare = None;
                actions::parity::call_off(self, services);
            }
            CompareAction::Again => {
                let question = self.overlay.next_question();
                let shown = self.overlay.compare.as_mut();
                if let Some(comparison) = shown.filter(|shown| shown.waiting.is_none()) {
                    comparison.question = question;
                    services.compare(comparison);
                }
            }
        }
        self.overlay.changed();
        self.redraw();
    }

    /// A comparison is done.
    pub(crate) fn compared(&mut self, question: u64, diff: Arc<history::diff::Diff>) {
        if let Some(comparison) = &mut self.overlay.compare
            && comparison.question == question
        {
            comparison.diff = Some(diff);
            self.overlay.changed();
            self.redraw();
        }
    }
}

fn title_of(block: &Block, born: std::time::SystemTime) -> String {
    let time = crate::local_time::hour_and_minute(block.started_at(born)).unwrap_or_default();
    let exit = block.exit().and_then(exit_text).unwrap_or_default();
    let command = block.command.text.lines().next().unwrap_or_default();
    let parts = [time.as_str(), command, exit.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("  ")
}

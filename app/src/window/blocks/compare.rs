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
    /// Compares two blocks.
    pub(crate) fn compare_blocks(
        &mut self,
        services: &Services,
        id: PaneId,
        old: BlockId,
        new: BlockId,
    ) {
        let Some(pane) = self.panes.get(&id) else {
            return;
        };
        let born = pane.session.born();
        let sides = {
            let terminal = pane.session.lock();
            [old, new].map(|id| {
                let block = terminal.blocks().get(id)?;
                let spool = terminal.block_spool(id, Format::Text)?;
                let text = if spool.dropped_lines > 0 {
                    let gap = format!("… {} lines …\n", spool.dropped_lines);
                    spool.head + &gap + &spool.tail
                } else {
                    spool.head
                };
                Some(Compared {
                    title: title_of(block, born),
                    text: text.into(),
                })
            })
        };
        let [Some(old), Some(new)] = sides else {
            return;
        };
        self.show_comparison(services, [old, new], None);
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
    let time = crate::local_time::hour_and_minute(born + block.started).unwrap_or_default();
    let exit = block.exit().and_then(exit_text).unwrap_or_default();
    let command = block.command.text.lines().next().unwrap_or_default();
    let parts = [time.as_str(), command, exit.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("  ")
}

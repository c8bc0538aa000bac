//! Folding blocks and their sections; filtering lines.

use terminal::blocks::{Block, Flags};

use super::targets;
use crate::window::Window;

/// Folds the blocks that the action is about; unfolds them if all are folded.
pub(super) fn toggle(window: &mut Window) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    {
        let mut terminal = pane.session.lock();
        let targets = targets(pane, &terminal);
        if targets.is_empty() {
            return false;
        }
        let blocks = terminal.blocks();
        let folded = |id: &terminal::BlockId| {
            let block = blocks.get(*id);
            block.is_some_and(|block| block.flags.contains(Flags::FOLDED))
        };
        let fold = !targets.iter().all(folded);
        let anchor = targets.first().copied();
        terminal.fold_where(anchor, |block| {
            if targets.contains(&block.id) {
                fold
            } else {
                block.flags.contains(Flags::FOLDED)
            }
        });
    }
    window.redraw();
    true
}

/// Folds the blocks for which `folded` holds, and unfolds all others.
pub(super) fn all(window: &mut Window, folded: impl Fn(&Block) -> bool) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    {
        let mut terminal = pane.session.lock();
        if terminal.blocks().is_empty() {
            return false;
        }
        let anchor = pane.blocks.head.or_else(|| pane.blocks.at(0));
        terminal.fold_where(anchor, folded);
    }
    window.redraw();
    true
}

/// Folds the sections of the blocks that the action is about; unfolds them if all are folded.
pub(super) fn sections(window: &mut Window) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let found = {
        let mut terminal = pane.session.lock();
        let mut found = 0;
        for id in targets(pane, &terminal) {
            terminal.find_sections(id);
            let Some(block) = terminal.blocks().get(id) else {
                continue;
            };
            let sections = block.sections.len();
            let fold = !block.sections.iter().all(|section| section.folded);
            for section in 0..sections {
                terminal.fold_section(id, section, fold);
            }
            found += sections;
        }
        found
    };
    if found == 0 {
        let text = "the block has no sections (::group:: lines, or OSC 1337 Block)";
        window.notify(crate::view::notices::Severity::Info, "sections", text);
    }
    window.redraw();
    true
}

/// Opens the filter of the block that the action is about.
pub(super) fn filter(window: &mut Window) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let block = {
        let terminal = pane.session.lock();
        targets(pane, &terminal).last().copied()
    };
    let pane = pane.id;
    match block {
        Some(block) => window.open_filter(pane, block),
        None => return false,
    }
    true
}

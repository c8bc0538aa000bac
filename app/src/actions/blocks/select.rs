//! Selecting blocks and going to them.

use terminal::blocks::Block;
use terminal::{BlockId, Terminal};

use super::newest;
use crate::pane::{Pane, PaneId};
use crate::window::Window;

/// In which direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// To older blocks.
    Back,
    /// To newer ones.
    Forward,
}

/// Which end of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Its command.
    Start,
    /// The end of its output.
    End,
}

/// Selects the block before or after, or adds it.
pub(super) fn step(window: &mut Window, step: Step, extend: bool) -> bool {
    let Some(id) = window.focused_pane().map(|pane| pane.id) else {
        return false;
    };
    with_pane(window, id, |pane| {
        let session = std::sync::Arc::clone(&pane.session);
        let mut terminal = session.lock();
        let found = next(&terminal, pane.blocks.head, step, &|_| true);
        let Some(found) = found else {
            // Past the newest block there is none; going on leaves the selection. The key is ours all the same.
            let selected = pane.blocks.head.is_some();
            if step == Step::Forward && !extend {
                pane.blocks.clear_selection();
            }
            return selected;
        };
        if extend && pane.blocks.head.is_some() {
            pane.blocks.extend_to(terminal.blocks(), found);
        } else {
            pane.blocks.select(found);
        }
        show(&mut terminal, found);
        true
    })
}

/// Selects the next block in a direction for which `wanted` holds.
pub(super) fn find(window: &mut Window, step: Step, wanted: &dyn Fn(&Block) -> bool) -> bool {
    let Some(id) = window.focused_pane().map(|pane| pane.id) else {
        return false;
    };
    with_pane(window, id, |pane| {
        let session = std::sync::Arc::clone(&pane.session);
        let mut terminal = session.lock();
        if terminal.blocks().is_empty() {
            return false;
        }
        let found = next(&terminal, pane.blocks.head, step, wanted)
            // Once around.
            .or_else(|| next(&terminal, None, step, wanted));
        if let Some(found) = found {
            pane.blocks.select(found);
            show(&mut terminal, found);
        }
        true
    })
}

/// Selects all.
pub(super) fn all(window: &mut Window) -> bool {
    let Some(id) = window.focused_pane().map(|pane| pane.id) else {
        return false;
    };
    with_pane(window, id, |pane| {
        let session = std::sync::Arc::clone(&pane.session);
        let terminal = session.lock();
        let is_shown = terminal.shown_blocks();
        let shown = terminal.blocks().iter().filter(|block| is_shown(block));
        pane.blocks.selected = shown.map(|block| block.id).collect();
        pane.blocks.head = newest(&terminal);
        !pane.blocks.selected.is_empty()
    })
}

/// Selects none.
pub(super) fn clear(window: &mut Window) -> bool {
    let Some(id) = window.focused_pane().map(|pane| pane.id) else {
        return false;
    };
    with_pane(window, id, |pane| pane.blocks.clear_selection())
}

/// Scrolls to an edge of the block that the viewport's first row is in.
pub(super) fn scroll(window: &mut Window, edge: Edge) -> bool {
    let Some(id) = window.focused_pane().map(|pane| pane.id) else {
        return false;
    };
    with_pane(window, id, |pane| {
        let block = match pane.blocks.head {
            Some(head) => Some(head),
            None => pane.blocks.at(0),
        };
        let Some(block) = block else { return false };
        let mut terminal = pane.session.lock();
        to_edge(&mut terminal, block, edge);
        true
    })
}

/// Scrolls so that an edge of a block is in sight.
pub(crate) fn to_edge(terminal: &mut Terminal, id: BlockId, edge: Edge) {
    let rows = terminal.size().rows;
    let Some(block) = terminal.blocks().get(id) else {
        return;
    };
    let (line, row) = match edge {
        Edge::Start => (terminal.block_line(id), 0),
        Edge::End => {
            let end = block.end.and_then(|end| terminal.anchor_line(end));
            (end, rows.saturating_sub(2))
        }
    };
    if let Some(line) = line {
        terminal.scroll_to_line(line, row);
    }
}

fn with_pane(window: &mut Window, id: PaneId, f: impl FnOnce(&mut Pane) -> bool) -> bool {
    let done = window.panes.get_mut(&id).is_some_and(f);
    if done {
        window.redraw();
    }
    done
}

/// The next block in a direction for which `wanted` holds.
fn next(
    terminal: &Terminal,
    from: Option<BlockId>,
    step: Step,
    wanted: &dyn Fn(&Block) -> bool,
) -> Option<BlockId> {
    let blocks = terminal.blocks();
    let is_shown = terminal.shown_blocks();
    let fits = |block: &&Block| is_shown(block) && wanted(block);
    let place = from.and_then(|id| blocks.position(id));
    match step {
        Step::Back => {
            let end = place.unwrap_or(blocks.len());
            let before = (0..end).rev().filter_map(|index| blocks.nth(index));
            before.filter(fits).map(|block| block.id).next()
        }
        Step::Forward => {
            let start = match (place, from) {
                (Some(place), _) => place + 1,
                (None, _) => 0,
            };
            let after = (start..blocks.len()).filter_map(|index| blocks.nth(index));
            after.filter(fits).map(|block| block.id).next()
        }
    }
}

/// Brings a block's first row into the viewport if it is not there.
fn show(terminal: &mut Terminal, id: BlockId) {
    if let Some(line) = terminal.block_line(id) {
        terminal.reveal(line);
    }
}

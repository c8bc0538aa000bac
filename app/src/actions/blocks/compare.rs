//! Comparing blocks: two of a pane, one each of two panes, one with an earlier run.

use std::rc::Rc;

use terminal::BlockId;
use terminal::blocks::Blocks;

use super::targets;
use crate::history::seeker::Row;
use crate::palette::{Command, Entry, Mode};
use crate::pane::PaneId;
use crate::services::{Request, Services};
use crate::view::notices::Severity;
use crate::window::Window;

/// A block of a pane.
type Place = (PaneId, BlockId);

/// Compares the selected blocks, or one with the run before.
pub(super) fn run(window: &mut Window, services: &mut Services) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let id = pane.id;
    let targets = {
        let terminal = pane.session.lock();
        targets(pane, &terminal)
    };
    let pair = match targets[..] {
        [] => return false,
        [first, .., last] => Some(((id, first), (id, last))),
        [one] => match selected_elsewhere(window, id) {
            Some(other) => Some((other, (id, one))),
            None => {
                let terminal = pane.session.lock();
                previous_run(terminal.blocks(), one).map(|before| ((id, before), (id, one)))
            }
        },
    };
    match pair {
        Some((old, new)) => window.compare_blocks(services, old, new),
        // An earlier day may have seen it run.
        None => return with_history(window, services),
    }
    true
}

/// The block that is selected in another pane of the tab, the last of several.
fn selected_elsewhere(window: &Window, focused: PaneId) -> Option<Place> {
    let panes = window.tabs.active()?.layout.panes();
    let others = panes.iter().filter(|id| **id != focused);
    let mut selected = others.filter_map(|id| {
        let pane = window.panes.get(id)?;
        let block = pane.blocks.selected.last()?;
        pane.session.lock().blocks().get(*block)?;
        Some((*id, *block))
    });
    selected.next()
}

/// The last run of the same command in the same folder before a block.
fn previous_run(blocks: &Blocks, id: BlockId) -> Option<BlockId> {
    let block = blocks.get(id)?;
    let index = blocks.position(id)?;
    let same = |other: &&terminal::blocks::Block| {
        other.command.text == block.command.text
            && other.context.cwd == block.context.cwd
            && !other.command.text.is_empty()
    };
    let before = (0..index).rev().filter_map(|index| blocks.nth(index));
    before.filter(same).map(|block| block.id).next()
}

/// Asks the history for earlier runs of a block's command; they are listed when they come.
pub(super) fn with_history(window: &mut Window, services: &mut Services) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let id = pane.id;
    let found = {
        let terminal = pane.session.lock();
        let blocks = terminal.blocks();
        let target = targets(pane, &terminal).last().copied();
        target.and_then(|target| {
            let block = blocks.get(target)?;
            let started = pane.session.born() + block.started;
            Some((target, block.command.text.clone(), started))
        })
    };
    let Some((block, command, started)) = found else {
        return false;
    };
    if command.is_empty() {
        let text = "the text of this command is not known";
        window.notify(Severity::Info, "compare", text);
        return true;
    }
    let Some(seeker) = services.seeker() else {
        let text =
            "no earlier run of this command here, and nothing is kept: history.enabled is off";
        window.notify(Severity::Info, "compare", text);
        return true;
    };
    let question = window.overlay.next_question();
    seeker.runs(question, command, started);
    window.overlay.runs = Some(Runs {
        question,
        pane: id,
        block,
        rows: Vec::new(),
    });
    true
}

/// Earlier runs of a block's command.
pub(crate) struct Runs {
    /// Which question they answer.
    pub(crate) question: u64,
    /// The block's pane.
    pub(crate) pane: PaneId,
    /// The block.
    pub(crate) block: BlockId,
    /// The runs, newest first.
    pub(crate) rows: Vec<Row>,
}

/// Earlier runs came: lists them.
pub(crate) fn runs_found(
    window: &mut Window,
    services: &mut Services,
    question: u64,
    rows: &[Row],
) {
    let Some(runs) = window
        .overlay
        .runs
        .as_mut()
        .filter(|runs| runs.question == question)
    else {
        return;
    };
    if rows.is_empty() {
        window.overlay.runs = None;
        let text = "no earlier run of this command is known; select two blocks to compare";
        window.notify(Severity::Info, "compare", text);
        return;
    }
    runs.rows = rows.to_vec();
    let mode = Mode::Pick("Compare with the run of", entries);
    services
        .requests
        .push(Request::Palette(window.handle.id(), mode));
}

fn entries(window: &Window, _: &Services) -> Vec<Entry> {
    let Some(runs) = &window.overlay.runs else {
        return Vec::new();
    };
    let rows = runs.rows.iter();
    rows.map(|row| {
        let hit = &row.hit;
        let id = hit.id;
        let mut facts = vec![match hit.exit.status {
            Some(0) => "succeeded".to_owned(),
            Some(status) => format!("exit {status}"),
            None => "did not end".to_owned(),
        }];
        facts.extend(hit.duration.map(history::time::human));
        facts.extend(hit.folder.clone());
        let deed = Rc::new(move |_: &mut Window, services: &mut Services| {
            if let Some(seeker) = services.seeker() {
                seeker.compared(id);
            }
        });
        Entry {
            detail: facts.join("  "),
            about: format!("{}@{}", hit.host.user, hit.host.name),
            ..Entry::new("", row.when.clone(), Command::Do(deed))
        }
    })
    .collect()
}

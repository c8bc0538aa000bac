//! What can be done with blocks: selecting, copying, folding, running again, comparing.
//!
//! Each action works on the selected blocks, or on the newest when none is.

pub(crate) mod compare;
mod copy;
pub(crate) mod elsewhere;
mod fold;
mod run;
pub(crate) mod select;

pub(super) use run::rerunnable;

use config::ActionName;
use terminal::blocks::{Block, Flags};
use terminal::{BlockId, Terminal};

use crate::pane::Pane;
use crate::services::Services;
use crate::window::Window;

/// Does an action on blocks; `None` if it is none of these, `false` when there is nothing to do it to: the key is
/// the program's then.
pub(super) fn run(
    window: &mut Window,
    services: &mut Services,
    action: ActionName,
) -> Option<bool> {
    use ActionName as A;
    let done = match action {
        A::SelectPreviousBlock => select::step(window, select::Step::Back, false),
        A::SelectNextBlock => select::step(window, select::Step::Forward, false),
        A::ExtendBlocksUp => select::step(window, select::Step::Back, true),
        A::ExtendBlocksDown => select::step(window, select::Step::Forward, true),
        A::SelectAllBlocks => select::all(window),
        A::ClearBlockSelection => select::clear(window),
        A::SelectPreviousFailedBlock => {
            select::find(window, select::Step::Back, &Block::is_failure)
        }
        A::SelectNextFailedBlock => select::find(window, select::Step::Forward, &Block::is_failure),
        A::SelectPreviousBookmark => select::find(window, select::Step::Back, &is_marked),
        A::SelectNextBookmark => select::find(window, select::Step::Forward, &is_marked),
        A::ScrollToBlockStart => select::scroll(window, select::Edge::Start),
        A::ScrollToBlockEnd => select::scroll(window, select::Edge::End),
        A::CopyBlock => copy::run(window, services, copy::Form::Both),
        A::CopyBlockCommand => copy::run(window, services, copy::Form::Command),
        A::CopyBlockOutput => copy::run(window, services, copy::Form::Output),
        A::CopyBlockMarkdown => copy::run(window, services, copy::Form::Markdown),
        A::CopyBlockHtml => copy::run(window, services, copy::Form::Html),
        A::CopyLastOutput => copy::last_output(window, services),
        A::FoldBlock => fold::toggle(window),
        A::FoldAllBlocks => fold::all(window, |_| true),
        A::FoldAllButFailed => fold::all(window, |block| !block.is_failure()),
        A::UnfoldAllBlocks => fold::all(window, |_| false),
        A::FoldSections => fold::sections(window),
        A::FilterBlock => fold::filter(window),
        A::RerunBlock => run::again(window, services),
        A::RerunBlockInPane => run::again_beside(window, services),
        A::RerunBlockElsewhere => elsewhere::choose(window, services),
        A::RerunBlockInEnvironment => elsewhere::choose_environment(window, services),
        A::CompareWithHistory => compare::with_history(window, services),
        A::IntegrateShell => window.ask_to_integrate(),
        A::PipeBlock => run::pipe(window, services),
        A::BookmarkBlock => bookmark(window),
        A::NoteBlock => note(window),
        A::CompareBlocks => compare::run(window, services),
        A::MoveRunningCommand => run::move_running(window, services),
        A::NotifyWhenDone => run::watch(window),
        A::ForgetBlock => forget(window),
        A::ClearAboveBlock => clear_above(window),
        _ => return None,
    };
    Some(done)
}

/// By the user or by a program.
fn is_marked(block: &Block) -> bool {
    block.flags.intersects(Flags::BOOKMARK | Flags::MARKED)
}

fn is_bookmarked(block: &Block) -> bool {
    block.flags.contains(Flags::BOOKMARK)
}

/// The blocks that an action is about: the selected ones, else the newest that is shown.
fn targets(pane: &Pane, terminal: &Terminal) -> Vec<BlockId> {
    let blocks = terminal.blocks();
    let selected: Vec<BlockId> = pane
        .blocks
        .selected
        .iter()
        .copied()
        .filter(|id| blocks.get(*id).is_some())
        .collect();
    if !selected.is_empty() {
        return selected;
    }
    newest(terminal).into_iter().collect()
}

/// The newest block that is shown.
fn newest(terminal: &Terminal) -> Option<BlockId> {
    let is_shown = terminal.shown_blocks();
    let mut blocks = terminal.blocks().iter().rev();
    blocks.find(|block| is_shown(block)).map(|block| block.id)
}

fn bookmark(window: &mut Window) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let (pane, targets, marked) = {
        let mut terminal = pane.session.lock();
        let targets = targets(pane, &terminal);
        if targets.is_empty() {
            return false;
        }
        let blocks = terminal.blocks();
        let is_marked = |id: &BlockId| blocks.get(*id).is_some_and(is_bookmarked);
        let marked = !targets.iter().all(is_marked);
        for id in &targets {
            terminal.bookmark_block(*id, marked);
        }
        (pane.id, targets, marked)
    };
    for id in targets {
        window.annotate_block(pane, id, history::Annotation::Bookmark(marked));
    }
    window.redraw();
    true
}

fn note(window: &mut Window) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let (id, notes) = {
        let terminal = pane.session.lock();
        let blocks = terminal.blocks();
        let Some(id) = targets(pane, &terminal).last().copied() else {
            return false;
        };
        let notes = blocks.get(id).and_then(|block| block.notes.as_deref());
        (id, notes.cloned().unwrap_or_default())
    };
    let pane = pane.id;
    window.write_note(pane, id, notes);
    true
}

fn forget(window: &mut Window) -> bool {
    let Some(id) = window.focused_pane().map(|pane| pane.id) else {
        return false;
    };
    let Some(pane) = window.panes.get_mut(&id) else {
        return false;
    };
    let targets = {
        let mut terminal = pane.session.lock();
        let ended: Vec<BlockId> = pane
            .blocks
            .selected
            .iter()
            .copied()
            .filter(|id| {
                let block = terminal.blocks().get(*id);
                block.is_some_and(|block| !block.is_running())
            })
            .collect();
        for id in &ended {
            terminal.forget_block(*id);
        }
        ended
    };
    for id in &targets {
        pane.blocks.forget(*id);
    }
    window.redraw();
    !targets.is_empty()
}

fn clear_above(window: &mut Window) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    {
        let mut terminal = pane.session.lock();
        let Some(id) = targets(pane, &terminal).first().copied() else {
            return false;
        };
        terminal.clear_above(id);
    }
    window.redraw();
    true
}

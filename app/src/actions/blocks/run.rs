//! Running commands again, giving output to others, moving what runs.
//!
//! A command's text goes to the prompt as a paste does and is never followed by Enter: that is the user's.

use terminal::BlockId;
use terminal::blocks::{Format, Part};

use super::targets;
use crate::layout::Direction;
use crate::services::Services;
use crate::view::notices::Severity;
use crate::window::Window;

/// The text of a block's command and the folder it ran in, if it may be run again; else why not.
pub(in crate::actions) fn rerunnable(
    window: &Window,
) -> Option<Result<(String, Option<String>), &'static str>> {
    let pane = window.focused_pane()?;
    let terminal = pane.session.lock();
    let blocks = terminal.blocks();
    let id = targets(pane, &terminal).last().copied()?;
    let block = blocks.get(id)?;
    Some(if block.command.text.is_empty() {
        Err("the text of this command is not known")
    } else if block.is_verified() {
        Ok((block.command.text.clone(), block.context.cwd.clone()))
    } else {
        Err("no shell vouches for the text of this command; copy it to run it again")
    })
}

/// The text of a block's command, if it may be run again; else why not.
pub(super) fn command(window: &Window) -> Option<Result<String, &'static str>> {
    rerunnable(window).map(|found| found.map(|(text, _)| text))
}

/// Puts the command at this pane's prompt.
pub(super) fn again(window: &mut Window, services: &Services) -> bool {
    let text = match command(window) {
        None => return false,
        Some(Err(why)) => {
            window.notify(Severity::Info, "rerun", why);
            return true;
        }
        Some(Ok(text)) => text,
    };
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let waits = pane.session.lock().blocks().is_at_prompt();
    let id = pane.id;
    if waits {
        window.paste(services, id, &text);
    } else {
        let text = "a command runs in this pane; run it again in another one";
        window.notify(Severity::Info, "rerun", text);
    }
    true
}

/// Puts the command at the prompt of a new pane.
pub(super) fn again_beside(window: &mut Window, services: &mut Services) -> bool {
    match command(window) {
        None => false,
        Some(Err(why)) => {
            window.notify(Severity::Info, "rerun", why);
            true
        }
        Some(Ok(text)) => {
            super::elsewhere::beside(window, services, Direction::Right, text);
            true
        }
    }
}

/// Writes the output to a file and puts a command that reads it at the prompt of a new pane: what it is piped
/// to is typed there, with the shell's own help.
pub(super) fn pipe(window: &mut Window, services: &Services) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let text = {
        let terminal = pane.session.lock();
        let mut text = String::new();
        for id in targets(pane, &terminal) {
            let output = terminal.block_text(id, Part::Output, Format::Text);
            text.push_str(&output.unwrap_or_default());
        }
        text
    };
    if text.is_empty() {
        window.notify(Severity::Info, "pipe", "there is no output to pipe");
        return true;
    }
    services.write_output(text);
    true
}

/// Moves the running command to a tab of its own.
pub(super) fn move_running(window: &mut Window, services: &mut Services) -> bool {
    let Some(pane) = window.focused_pane() else {
        return false;
    };
    let runs = pane.session.lock().blocks().running().is_some()
        || pane.session.running_program().is_some();
    if !runs {
        let text = "no command runs in this pane";
        window.notify(Severity::Info, "move", text);
        return true;
    }
    window.move_pane_away(services);
    true
}

/// Tells when the running command ends, or no more.
pub(super) fn watch(window: &mut Window) -> bool {
    let Some(id) = window.focused_pane().map(|pane| pane.id) else {
        return false;
    };
    let Some(pane) = window.panes.get_mut(&id) else {
        return false;
    };
    let running: Option<BlockId> = pane.session.lock().blocks().running().map(|block| block.id);
    let text = match running {
        None => "no command runs in this pane",
        Some(block) if pane.blocks.watched.remove(&block) => "the end will not be told",
        Some(block) => {
            pane.blocks.watched.insert(block);
            "you will be told when the command ends"
        }
    };
    window.notify(Severity::Info, "watch", text);
    true
}

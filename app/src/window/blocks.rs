//! Blocks in the window: what the pointer does to them, and what their events mean.

mod compare;
mod dialogs;
mod gutter;
mod integrate;
mod prompts;

use std::sync::Arc;
use std::time::{Duration, Instant};

use config::ActionName;
use config::blocks::NotifyEnd;
use config::notifications::NotificationPlace;
use terminal::blocks::{Flags, Kind};
use terminal::{BlockEvent, BlockId};
use winit::dpi::PhysicalPosition;
use winit::window::UserAttentionType;

use self::gutter::gutter_of;
use super::Window;
use crate::actions;
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::settings;
use crate::view::blocks::Hit;
use crate::view::blocks::header::Click;
use crate::view::blocks::summary::{Status, duration_text, exit_text};
use crate::view::notices::Severity;

pub(crate) use self::integrate::Integrating;
pub(crate) use self::prompts::{AtPrompt, in_background, write_temporary};

/// Rows of output in which sections are looked for by themselves.
const MAX_SEARCHED: usize = 20_000;

impl Window {
    /// Something happened to a pane's blocks.
    pub(super) fn block_event(&mut self, services: &mut Services, id: PaneId, event: &BlockEvent) {
        match event {
            BlockEvent::Started(block) => {
                if let Some(pane) = self.panes.get(&id)
                    && let Some(folder) = believed_folder(pane, *block)
                {
                    services.find_branch(id, &folder);
                }
            }
            BlockEvent::Finished(block) | BlockEvent::Rejected(block) => {
                self.block_ended(services, id, *block);
            }
            BlockEvent::Forgotten(block) => {
                if let Some(pane) = self.panes.get_mut(&id) {
                    pane.blocks.forget(*block);
                }
            }
            BlockEvent::Prompted(_) => {
                if let Some(pane) = self.panes.get_mut(&id) {
                    pane.blocks.progress = None;
                }
            }
            BlockEvent::ContextChanged(_) | BlockEvent::Detached(_) => {}
        }
    }

    fn block_ended(&mut self, services: &mut Services, id: PaneId, block: BlockId) {
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        let ended = {
            let mut terminal = pane.session.lock();
            let height = terminal.block_height(block);
            let Some(ended) = terminal.blocks().get(block) else {
                return;
            };
            let told = Ended {
                name: ended
                    .command
                    .text
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                status: Status::of(ended),
                exit: ended.exit().and_then(exit_text),
                duration: ended.duration().unwrap_or_default(),
                counts: ended.is_verified()
                    && ended.kind == Kind::Command
                    && !ended.flags.contains(Flags::ALT_SCREEN),
            };
            if settings::folds(
                &services.config,
                &told.name,
                told.status == Status::Ok,
                height,
            ) {
                terminal.fold_block(block, true);
            }
            if height <= MAX_SEARCHED {
                terminal.find_sections(block);
            }
            told
        };
        let asked = pane.blocks.watched.remove(&block);
        let shown = self.shown_panes().contains(&id);
        let blocks = &services.config.blocks;
        let long = ended.duration >= Duration::from_secs(u64::from(blocks.notify_after));
        let unseen = !shown || !self.focused;
        if asked || (blocks.notify == NotifyEnd::Unfocused && ended.counts && long && unseen) {
            self.tell_end(services, id, &ended);
        }
    }

    fn is_in_environment(&self, id: PaneId) -> bool {
        let pane = self.panes.get(&id);
        pane.is_some_and(|pane| pane.environment.is_some())
    }

    /// Tells that a command ended: by the desktop when nobody looks at the window, else in the window.
    fn tell_end(&mut self, services: &mut Services, id: PaneId, ended: &Ended) {
        let how = match (&ended.exit, ended.status) {
            (Some(exit), _) => exit.clone(),
            (None, Status::Lost) if self.is_in_environment(id) => "interrupted".to_owned(),
            (None, Status::Lost) => "ended with its shell".to_owned(),
            (None, _) => "done".to_owned(),
        };
        let name: String = ended.name.chars().take(60).collect();
        let how = format!("{how}, {}", duration_text(ended.duration));
        let severity = match ended.status {
            Status::Failed => Severity::Warning,
            _ => Severity::Info,
        };
        if !self.shown_panes().contains(&id)
            && let Some(tab) = self.tabs.of_pane(id)
        {
            tab.bell = true;
        }
        let by_desktop = services.config.notifications.place == NotificationPlace::Desktop;
        if !self.focused
            && by_desktop
            && let Some(desktop) = services.desktop()
        {
            let label = self.panes.get(&id).map(Pane::label).unwrap_or_default();
            desktop.show(id, label, name, how);
            return;
        }
        self.notify(severity, "block", format!("{name}: {how}"));
        if !self.focused {
            self.handle
                .request_user_attention(Some(UserAttentionType::Informational));
        }
    }

    /// A folder's branch was found.
    pub(crate) fn branch_found(
        &mut self,
        id: PaneId,
        folder: String,
        branch: Option<crate::git::Branch>,
    ) {
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        if pane.blocks.set_branch(folder, branch) {
            self.redraw();
        }
    }

    /// What of a pane's blocks is at a position of the window.
    pub(super) fn block_hit(&self, id: PaneId, at: PhysicalPosition<f64>) -> Option<Hit> {
        let pane = self.panes.get(&id)?;
        let cell = pane.cells.at(at);
        if cell.beyond != 0 {
            return None;
        }
        if crate::input::mouse::contains(gutter_of(pane), at) {
            return pane.blocks.hit(cell.row, None);
        }
        let inside = at.x >= f64::from(pane.cells.x);
        inside
            .then(|| pane.blocks.hit(cell.row, Some(cell.column)))
            .flatten()
    }

    /// The pointer is over a pane: shows the tools of the block whose first row it is on.
    pub(super) fn hover_blocks(&mut self, hit: Option<(PaneId, Hit)>) {
        for pane in self.panes.values_mut() {
            let hovered = match hit {
                Some((id, Hit::Row(block) | Hit::Gutter(block))) if id == pane.id => {
                    Some((block, None))
                }
                Some((id, Hit::Piece(block, Click::Tool(tool)))) if id == pane.id => {
                    Some((block, Some(tool)))
                }
                Some((id, Hit::Piece(block, _))) if id == pane.id => Some((block, None)),
                _ => None,
            };
            if pane.blocks.hovered != hovered {
                pane.blocks.hovered = hovered;
                self.pace.needed = true;
            }
        }
        if self.pace.needed {
            self.request_frame();
        }
    }

    /// The left button went down on something of a block; returns whether that was all it meant.
    pub(super) fn press_block(&mut self, services: &mut Services, id: PaneId, hit: Hit) -> bool {
        let (extend, toggle) = (self.modifiers.shift_key(), self.modifiers.control_key());
        let clicks = match hit {
            Hit::Gutter(_) => self.pointer.clicks_at(Instant::now()),
            _ => 1,
        };
        let Some(pane) = self.panes.get_mut(&id) else {
            return false;
        };
        match hit {
            Hit::Row(_) | Hit::Piece(_, Click::None) => return false,
            Hit::Gutter(block) => {
                if clicks == 2 {
                    pane.blocks.select(block);
                    actions::run(self, services, ActionName::FoldBlock);
                } else if extend {
                    let session = Arc::clone(&pane.session);
                    pane.blocks.extend_to(session.lock().blocks(), block);
                } else if toggle {
                    pane.blocks.toggle(block);
                } else if pane.blocks.selected.len() == 1 && pane.blocks.selected.contains(&block) {
                    pane.blocks.clear_selection();
                } else {
                    pane.blocks.select(block);
                }
            }
            Hit::Section(section) => {
                let mut terminal = pane.session.lock();
                terminal.fold_section(section.block, section.index, !section.folded);
            }
            Hit::Sticky(block) => {
                let mut terminal = pane.session.lock();
                if let Some(line) = terminal.block_line(block) {
                    terminal.scroll_to_line(line, 0);
                }
            }
            Hit::Piece(block, Click::Unfold) => {
                let mut terminal = pane.session.lock();
                terminal.fold_block(block, false);
                terminal.filter_block(block, None);
                drop(terminal);
                pane.blocks.filters.remove(&block);
            }
            Hit::Piece(block, Click::Tool(tool)) => {
                if !pane.blocks.selected.contains(&block) {
                    pane.blocks.select(block);
                }
                match tool.action() {
                    Some(action) => {
                        actions::run(self, services, action);
                    }
                    None => self.open_context_menu(services, id),
                }
            }
        }
        self.redraw();
        true
    }
}

/// What is told of a command that ended.
struct Ended {
    name: String,
    status: Status,
    exit: Option<String>,
    duration: Duration,
    /// It was a command of a shell that proved itself, and no program that fills the screen.
    counts: bool,
}

/// The folder of a block, if it is on this machine and may be believed.
fn believed_folder(pane: &Pane, id: BlockId) -> Option<String> {
    let terminal = pane.session.lock();
    let block = terminal.blocks().get(id)?;
    let local = block.trust == terminal::blocks::Trust::Verified(terminal::Origin::Local);
    block.context.cwd.clone().filter(|_| local)
}

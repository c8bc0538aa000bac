//! A block's name and note, and the filter of its lines.

use history::Annotation;
use renderer::units::Rect;
use terminal::BlockId;
use terminal::blocks::{Filtered, Notes};

use crate::pane::{Pane, PaneId};
use crate::view::blocks::dialogs::{FilterAction, FilterBar, Left, NoteDialog};
use crate::window::Window;
use crate::window::chrome::logical;

impl Window {
    /// Asks for a block's name and note.
    pub(crate) fn write_note(&mut self, pane: PaneId, block: BlockId, notes: Notes) {
        self.overlay.note = Some(NoteDialog::new(pane, block, notes));
        self.overlay.changed();
        self.redraw();
    }

    pub(in crate::window) fn note_left(&mut self, left: Left) {
        let Some(dialog) = self.overlay.note.take() else {
            return;
        };
        if left == Left::Kept
            && let Some(pane) = self.panes.get(&dialog.pane)
        {
            let mut notes = dialog.notes;
            notes.name = notes.name.trim().to_owned();
            notes.note = notes.note.trim().to_owned();
            let change = [
                Annotation::Name(notes.name.clone()),
                Annotation::Note(notes.note.clone()),
            ];
            pane.session.lock().set_block_notes(dialog.block, notes);
            for change in change {
                self.annotate_block(dialog.pane, dialog.block, change);
            }
        }
        self.overlay.changed();
        self.redraw();
    }

    /// Opens the filter of a block's lines.
    pub(crate) fn open_filter(&mut self, pane: PaneId, block: BlockId) {
        let Some(known) = self.panes.get(&pane) else {
            return;
        };
        let words = known.blocks.filters.get(&block).cloned();
        let mut bar = FilterBar::new(pane, block, words.unwrap_or_default());
        bar.found = found(known, block);
        self.overlay.filter = Some(bar);
        self.overlay.changed();
        self.redraw();
    }

    pub(in crate::window) fn filter_action(&mut self, action: FilterAction) {
        let Some(mut bar) = self.overlay.filter.take() else {
            return;
        };
        if let Some(pane) = self.panes.get_mut(&bar.pane) {
            let clear = action == FilterAction::Clear;
            let filter = if clear { Ok(None) } else { bar.words.filter() };
            match filter {
                Ok(filter) => {
                    bar.error = None;
                    let found = pane.session.lock().filter_block(bar.block, filter.as_ref());
                    bar.found = found.filter(|_| filter.is_some());
                    if filter.is_some() {
                        pane.blocks.filters.insert(bar.block, bar.words.clone());
                    } else {
                        pane.blocks.filters.remove(&bar.block);
                    }
                }
                Err(error) => bar.error = Some(error),
            }
            if action == FilterAction::Changed {
                self.overlay.filter = Some(bar);
            }
        }
        self.overlay.changed();
        self.redraw();
    }

    /// Brings the count in the filter's bar up to date with what a running command printed; returns whether it is
    /// another one.
    pub(in crate::window) fn count_filtered(&mut self) -> bool {
        let Some(bar) = &mut self.overlay.filter else {
            return false;
        };
        let Some(pane) = self.panes.get(&bar.pane) else {
            return false;
        };
        let found = found(pane, bar.block);
        if found == bar.found {
            return false;
        }
        bar.found = found;
        self.overlay.changed();
        true
    }

    /// Where the bar of the filter stands: at the upper edge of its pane, in logical pixels.
    pub(in crate::window) fn filter_place(&self) -> egui::Pos2 {
        let scale = self.scale;
        let area = self
            .overlay
            .filter
            .as_ref()
            .and_then(|bar| self.panes.get(&bar.pane))
            .map_or(Rect::default(), |pane| pane.area);
        logical(area, scale).center_top() + egui::vec2(0.0, 8.0)
    }
}

/// What the filter of a block has found.
fn found(pane: &Pane, block: BlockId) -> Option<Filtered> {
    let terminal = pane.session.lock();
    terminal.blocks().get(block)?.filtered()
}

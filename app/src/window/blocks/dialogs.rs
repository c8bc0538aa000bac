//! A block's name and note, and the filter of its lines.

use history::Annotation;
use renderer::units::Rect;
use terminal::BlockId;
use terminal::blocks::{LineFilter, Notes};

use crate::pane::PaneId;
use crate::view::blocks::dialogs::{FilterAction, FilterBar, Left, NoteDialog};
use crate::window::Window;

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
        self.overlay.filter = Some(FilterBar::new(pane, block));
        self.overlay.changed();
        self.redraw();
    }

    pub(in crate::window) fn filter_action(&mut self, action: FilterAction) {
        let Some(mut bar) = self.overlay.filter.take() else {
            return;
        };
        if let Some(pane) = self.panes.get_mut(&bar.pane) {
            let clear = action == FilterAction::Clear || bar.text.is_empty();
            let filter = if clear {
                Ok(None)
            } else {
                LineFilter::new(&bar.text, bar.regex).map(|mut filter| {
                    filter.invert = bar.invert;
                    filter.context = bar.context;
                    Some(filter)
                })
            };
            match filter {
                Ok(filter) => {
                    bar.error = None;
                    let found = pane.session.lock().filter_block(bar.block, filter.as_ref());
                    bar.found = found.filter(|_| !clear);
                    if clear {
                        pane.blocks.filters.remove(&bar.block);
                    } else {
                        pane.blocks.filters.insert(bar.block, bar.label());
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

    /// Where the filter's bar stands: at the bottom of its pane, in logical pixels.
    pub(in crate::window) fn filter_place(&self) -> egui::Pos2 {
        let scale = self.scale;
        let area = self
            .overlay
            .filter
            .as_ref()
            .and_then(|bar| self.panes.get(&bar.pane))
            .map_or(Rect::default(), |pane| pane.area);
        #[expect(clippy::cast_precision_loss, reason = "pixels of a window")]
        let (x, y) = (
            area.x as f32 + area.width as f32 / 2.0,
            area.bottom() as f32,
        );
        egui::pos2(x / scale, y / scale - 12.0)
    }
}

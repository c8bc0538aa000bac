//! The mark of a private pane, in its frame: nothing of it is kept.

use egui::{Align2, FontId, Rect, Stroke, StrokeKind};

use super::tokens::{RADIUS, STEP, TEXT, Tokens};

/// Draws the mark in each of the panes.
pub(crate) fn show(context: &egui::Context, panes: &[Rect], tokens: &Tokens) {
    for (idx, pane) in panes.iter().enumerate() {
        let id = egui::Id::unique(("private", idx));
        let painter = context.layer_painter(egui::LayerId::new(egui::Order::Middle, id));
        painter.rect_stroke(
            pane.shrink(0.5),
            0.0,
            Stroke::new(1.0, tokens.warning),
            StrokeKind::Inside,
        );
        let font = FontId::monospace(TEXT - 1.0);
        let text = painter.layout_no_wrap("private".to_owned(), font, tokens.warning);
        let room = egui::vec2(STEP * 2.0, STEP * 0.5);
        let size = text.size() + room * 2.0;
        let place = Align2::RIGHT_BOTTOM.align_size_within_rect(size, pane.shrink(STEP * 2.0));
        painter.rect(
            place,
            RADIUS - 2,
            tokens.raised,
            Stroke::new(1.0, tokens.warning),
            StrokeKind::Inside,
        );
        painter.galley(place.min + room, text, tokens.warning);
    }
}

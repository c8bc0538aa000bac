//! What must be said as long as it lasts: that keys go to several panes, a mode of the keyboard, keys that wait
//! for more; and the key that each pane is reached by.

use egui::{Align2, Color32, CornerRadius, FontId, Frame, Margin, RichText, Stroke};

use super::tokens::{RADIUS, STEP, TEXT, Tokens};

/// A state that lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Badge {
    /// What it is.
    pub(crate) title: String,
    /// Keys and what they do now.
    pub(crate) lines: Vec<(String, String)>,
    /// What else is to be known, such as the key that ends it.
    pub(crate) note: String,
    /// It may do harm to forget it.
    pub(crate) warns: bool,
}

/// A pane with the key that it is reached by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PaneBadge {
    /// Where the pane is, in logical pixels.
    pub(crate) area: egui::Rect,
    /// The key.
    pub(crate) key: char,
}

/// More keys than these are not listed: the keys page has them all.
const MAX_LINES: usize = 32;
/// So many lie one above the other before there are two columns.
const ONE_COLUMN: usize = 8;

/// Height of a line with its gap, in logical pixels.
const LINE: f32 = 22.0;
/// What is above and below the lines.
const AROUND: f32 = 116.0;
/// A narrower window has no room for two columns.
const TWO_COLUMNS: f32 = 560.0;

/// Draws the badges, one above the other, `top` below the upper edge of the window: at the lower one prompts stand.
pub(crate) fn show(context: &egui::Context, badges: &[Badge], tokens: &Tokens, top: f32) {
    if badges.is_empty() {
        return;
    }
    // Another content is another area: its size, by which it is placed, is not that of the one before.
    let content: Vec<_> = badges
        .iter()
        .map(|one| (&one.title, one.lines.len()))
        .collect();
    egui::Area::new(egui::Id::unique(("badges", content)))
        .anchor(Align2::CENTER_TOP, egui::vec2(0.0, top + STEP * 2.0))
        .order(egui::Order::Foreground)
        .interactable(false)
        .show(context, |ui| {
            for badge in badges {
                ui.vertical_centered(|ui| one(ui, badge, tokens));
            }
        });
}

fn one(ui: &mut egui::Ui, badge: &Badge, tokens: &Tokens) {
    let color = if badge.warns {
        tokens.warning
    } else {
        tokens.accent
    };
    let frame = Frame::new()
        .fill(tokens.raised)
        .stroke(Stroke::new(1.0, color))
        .corner_radius(CornerRadius::same(RADIUS))
        .inner_margin(Margin::symmetric(12, 6));
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new(&badge.title).color(color).strong());
            if !badge.note.is_empty() {
                ui.label(RichText::new(&badge.note).color(tokens.text));
            }
        });
        if !badge.lines.is_empty() {
            let window = ui.ctx().content_rect().size();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "lines of a window, at least one"
            )]
            let room = ((window.y - AROUND) / LINE).max(1.0) as usize;
            let columns = if badge.lines.len() > ONE_COLUMN && window.x >= TWO_COLUMNS {
                2
            } else {
                1
            };
            let shown = badge.lines.len().min(MAX_LINES).min(room * columns);
            let rows = shown.div_ceil(columns);
            egui::Grid::new(("badge", &badge.title))
                .spacing(egui::vec2(STEP * 3.0, STEP))
                .show(ui, |ui| {
                    for row in 0..rows {
                        let cells = badge.lines[..shown].iter().skip(row).step_by(rows);
                        for (column, (key, what)) in cells.enumerate() {
                            if column > 0 {
                                ui.allocate_space(egui::vec2(STEP * 4.0, 0.0));
                            }
                            ui.label(RichText::new(key).color(tokens.accent));
                            ui.label(what);
                        }
                        ui.end_row();
                    }
                });
            let more = badge.lines.len() - shown;
            if more > 0 {
                ui.label(RichText::new(format!("… {more} more")).color(tokens.text));
            }
        }
    });
}

/// Draws on each pane the key that it is reached by.
pub(crate) fn numbers(context: &egui::Context, panes: &[PaneBadge], tokens: &Tokens) {
    if panes.is_empty() {
        return;
    }
    let layer = egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("numbers"));
    let painter = context.layer_painter(layer);
    for pane in panes {
        let side = (pane.area.width().min(pane.area.height()) * 0.6).clamp(TEXT * 1.6, 72.0);
        let plate = egui::Rect::from_center_size(pane.area.center(), egui::Vec2::splat(side));
        painter.rect(
            plate,
            CornerRadius::same(RADIUS),
            tokens.raised,
            Stroke::new(1.0, tokens.accent),
            egui::StrokeKind::Inside,
        );
        let (text, font) = (pane.key.to_string(), FontId::monospace(side * 0.6));
        painter.text(
            plate.center(),
            Align2::CENTER_CENTER,
            text,
            font,
            text_color(tokens),
        );
    }
}

fn text_color(tokens: &Tokens) -> Color32 {
    tokens.text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_keys_are_listed_in_windows_of_every_size() {
        let theme = config::theme::find("Terrace Dark", None).unwrap();
        let lines = (0..50).map(|n| (format!("ctrl+{n}"), format!("Action {n}")));
        let badge = Badge {
            title: "Mode: all".to_owned(),
            lines: lines.collect(),
            note: "escape ends it".to_owned(),
            warns: true,
        };
        for size in [(40.0, 30.0), (400.0, 300.0), (1200.0, 900.0)] {
            let window = egui::Rect::from_min_size(egui::Pos2::ZERO, size.into());
            let input = || egui::RawInput {
                screen_rect: Some(window),
                ..egui::RawInput::default()
            };
            let context = egui::Context::default();
            let draw = |ui: &mut egui::Ui| {
                show(
                    ui.ctx(),
                    std::slice::from_ref(&badge),
                    &Tokens::new(&theme),
                    32.0,
                );
            };
            context.run_ui(input(), draw).textures_delta.clear();
            context.run_ui(input(), draw).textures_delta.clear();
            let shown = context.memory(|memory| {
                memory.area_rect(egui::Id::unique((
                    "badges",
                    vec![(&badge.title, badge.lines.len())],
                )))
            });
            let shown = shown.expect("the badge is drawn");
            assert!(
                size.0 < 200.0 || window.contains_rect(shown),
                "{shown:?} in {window:?}"
            );
        }
    }
}

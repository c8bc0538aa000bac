//! Two blocks side by side: what differs between two runs, line by line and word by word.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Key, RichText, ScrollArea};
use history::diff::{Diff, Row, Rules, Side};

use crate::view::tokens::{BAR_HEIGHT, STEP, TEXT, Tokens};

/// One of the two outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    /// What stands above it.
    pub(crate) title: String,
    /// Its text.
    pub(crate) text: Arc<str>,
}

/// A comparison being looked at.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    /// The earlier one.
    pub(crate) old: Compared,
    /// The later one.
    pub(crate) new: Compared,
    /// What is passed over.
    pub(crate) rules: Rules,
    /// Only what differs is shown, with a few lines around.
    pub(crate) only_changes: bool,
    /// The difference, once it is there; under other rules the old one stays until then.
    pub(crate) diff: Option<Arc<Diff>>,
    /// What is waited for, before there is something to compare.
    pub(crate) waiting: Option<String>,
    /// Counts the questions, so that a late answer is not taken for a newer one.
    pub(crate) question: u64,
}

/// What the user did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompareAction {
    /// Other rules: compare again.
    Again,
    /// Enough.
    Close,
}

/// Rows shown around each difference.
const AROUND: usize = 3;

impl Comparison {
    /// Draws it over everything; returns what the user did.
    pub(crate) fn show(
        &mut self,
        context: &egui::Context,
        tokens: &Tokens,
    ) -> Option<CompareAction> {
        let mut action = None;
        // The tab bar stays whole, above or below.
        let area = context.content_rect();
        let area = area.shrink2(egui::vec2(STEP * 4.0, BAR_HEIGHT + STEP * 2.0));
        let frame = egui::Frame::new()
            .fill(tokens.surface)
            .stroke(egui::Stroke::new(1.0, tokens.line))
            .corner_radius(crate::view::tokens::RADIUS)
            .inner_margin(egui::Margin::same(12));
        egui::Area::new(egui::Id::unique("compare"))
            .fixed_pos(area.min)
            .order(egui::Order::Foreground)
            .show(context, |ui| {
                frame.show(ui, |ui| {
                    ui.set_min_size(area.size() - egui::vec2(24.0, 24.0));
                    ui.set_max_size(area.size() - egui::vec2(24.0, 24.0));
                    action = self.bar(ui, tokens);
                    ui.add_space(STEP);
                    self.titles(ui, tokens);
                    ui.separator();
                    self.rows(ui, tokens);
                });
            });
        if context.input(|input| input.key_pressed(Key::Escape)) {
            action = Some(CompareAction::Close);
        }
        action
    }

    fn bar(&mut self, ui: &mut egui::Ui, tokens: &Tokens) -> Option<CompareAction> {
        let mut action = None;
        ui.horizontal(|ui| {
            ui.label(RichText::new("Compare").heading().strong());
            ui.add_space(STEP * 2.0);
            let counts = self.diff.as_ref().map(|diff| diff.counts());
            let text = match (&self.waiting, counts) {
                (Some(waiting), _) => waiting.clone(),
                (None, None) => "comparing …".to_owned(),
                (None, Some((0, 0))) => "no difference".to_owned(),
                (None, Some((removed, added))) => format!("−{removed}  +{added}"),
            };
            ui.label(RichText::new(text).color(tokens.subtle));
            ui.add_space(STEP * 2.0);
            ui.checkbox(&mut self.only_changes, "only changes");
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.button("Close").clicked() {
                    action = Some(CompareAction::Close);
                }
            });
        });
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new("pass over").color(tokens.subtle));
            let rules = &mut self.rules;
            for (on, label) in [
                (&mut rules.times, "times"),
                (&mut rules.durations, "durations"),
                (&mut rules.hex, "addresses"),
                (&mut rules.temporary_paths, "temporary files"),
                (&mut rules.numbers, "numbers"),
                (&mut rules.blanks, "blanks"),
            ] {
                if ui.checkbox(on, label).changed() {
                    action = Some(CompareAction::Again);
                }
            }
        });
        action
    }

    fn titles(&self, ui: &mut egui::Ui, tokens: &Tokens) {
        ui.columns(2, |columns| {
            for (column, side) in columns.iter_mut().zip([&self.old, &self.new]) {
                let title = RichText::new(&side.title).color(tokens.subtle);
                column.add(egui::Label::new(title).truncate());
            }
        });
    }

    fn rows(&self, ui: &mut egui::Ui, tokens: &Tokens) {
        let Some(diff) = &self.diff else { return };
        let shown: Vec<usize> = if self.only_changes {
            diff.hunks(AROUND).into_iter().flatten().collect()
        } else {
            (0..diff.rows.len()).collect()
        };
        if shown.is_empty() {
            let text = "Both runs printed the same, but for what is passed over.";
            ui.label(RichText::new(text).color(tokens.subtle));
            return;
        }
        let height = TEXT * 1.4;
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show_rows(ui, height, shown.len(), |ui, range| {
                for index in range {
                    let Some(row) = shown.get(index).and_then(|row| diff.rows.get(*row)) else {
                        continue;
                    };
                    let (rect, _) = ui.allocate_exact_size(
                        egui::vec2(ui.available_width(), height),
                        egui::Sense::hover(),
                    );
                    self.row(ui, rect, row, tokens);
                }
            });
    }

    fn row(&self, ui: &egui::Ui, rect: egui::Rect, row: &Row, tokens: &Tokens) {
        let middle = rect.center().x;
        let halves = [
            egui::Rect::from_min_max(rect.min, egui::pos2(middle - STEP, rect.max.y)),
            egui::Rect::from_min_max(egui::pos2(middle + STEP, rect.min.y), rect.max),
        ];
        let (left, right) = row.sides();
        let changed = !matches!(row, Row::Same(..));
        for ((half, side), color) in halves
            .into_iter()
            .zip([left, right])
            .zip([tokens.error, tokens.accent])
        {
            let painter = ui.painter_at(half);
            let Some(side) = side else {
                continue;
            };
            if changed {
                painter.rect_filled(half, 0.0, color.gamma_multiply(0.14));
            }
            let number = side.number.to_string();
            let gutter = STEP * 11.0;
            painter.text(
                egui::pos2(half.left() + gutter - STEP * 2.0, half.center().y),
                egui::Align2::RIGHT_CENTER,
                number,
                FontId::monospace(TEXT - 1.0),
                tokens.subtle,
            );
            let galley = painter.layout_job(line(side, changed, color, tokens));
            let at = egui::pos2(
                half.left() + gutter,
                half.center().y - galley.size().y / 2.0,
            );
            painter.galley(at, galley, tokens.text);
        }
        ui.painter()
            .vline(middle, rect.y_range(), egui::Stroke::new(1.0, tokens.line));
    }
}

/// A line with its changed words set off.
fn line(side: &Side, changed: bool, color: Color32, tokens: &Tokens) -> LayoutJob {
    let format = |marked: bool| TextFormat {
        font_id: FontId::monospace(TEXT),
        color: tokens.text,
        background: if marked {
            color.gamma_multiply(0.35)
        } else {
            Color32::TRANSPARENT
        },
        ..TextFormat::default()
    };
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    let mut at = 0;
    let ranges = side.changed.iter().filter(|_| changed);
    for range in ranges {
        let (Some(before), Some(word)) =
            (side.text.get(at..range.start), side.text.get(range.clone()))
        else {
            continue;
        };
        job.append(before, 0.0, format(false));
        job.append(word, 0.0, format(true));
        at = range.end;
    }
    job.append(side.text.get(at..).unwrap_or_default(), 0.0, format(false));
    job
}

//! The rows in view: a mark for the state, the name with the letters that were found, and what else there is
//! to say at the right.

use std::time::{Duration, SystemTime};

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, Align2, Color32, CornerRadius, FontId, Modifiers, Rect, Sense, Stroke, StrokeKind,
};
use environments::State;

use super::rows::Row;
use super::{Panel, ROW, ROWS, line, text};
use crate::view::tokens::{RADIUS, STEP, TEXT, Tokens};

/// How often the ages are written anew.
const AGE: Duration = Duration::from_secs(30);

/// A row that was clicked.
pub(super) struct Click {
    /// Its place.
    pub(super) at: usize,
    /// By the right button.
    pub(super) right: bool,
    /// What was held.
    pub(super) modifiers: Modifiers,
}

/// Draws the rows in view; returns the one that was clicked.
pub(super) fn show(
    panel: &mut Panel,
    ui: &mut egui::Ui,
    room: f32,
    now: SystemTime,
    tokens: &Tokens,
) -> Option<Click> {
    let count = panel.rows.rows().len();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few rows, clamped"
    )]
    let rows = ((room / ROW).floor().max(3.0) as usize)
        .min(ROWS)
        .min(count);
    panel.rows_shown = rows;
    let (chosen, last_top) = (panel.rows.chosen(), count - rows);
    if std::mem::take(&mut panel.scroll) {
        // The first row below a heading brings the heading along.
        let above = usize::from(
            chosen > 0 && matches!(panel.rows.rows().get(chosen - 1), Some(Row::Head { .. })),
        );
        let lowest = (chosen + 1).saturating_sub(rows);
        panel.top = panel.top.clamp(lowest, (chosen - above).max(lowest));
    }
    panel.top = panel.top.min(last_top);
    // The times grow, though nothing else changes.
    ui.ctx().request_repaint_after(AGE);
    if count == 0 {
        nothing(panel, ui, tokens);
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let size = egui::vec2(ui.available_width(), rows as f32 * ROW);
    ui.add_space(STEP);
    let (area, response) = ui.allocate_exact_size(size, Sense::CLICK);
    ui.add_space(STEP);
    let pointer = response.hover_pos();
    if pointer.is_some() {
        // Parts of a row add up over layouts.
        panel.wheel += ui.input(|input| input.smooth_scroll_delta().y);
        let rows = (panel.wheel / ROW).trunc();
        panel.wheel -= rows * ROW;
        #[expect(clippy::cast_possible_truncation, reason = "a few rows")]
        let by = -(rows as isize);
        panel.top = panel.top.saturating_add_signed(by).min(last_top);
    }
    let top = panel.top;
    let mut clicked = None;
    for (nth, at) in (top..top + rows).enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a few rows")]
        let place = Rect::from_min_size(
            area.min + egui::vec2(0.0, nth as f32 * ROW),
            egui::vec2(area.width(), ROW),
        );
        let row = panel.rows.rows()[at];
        let hovered = pointer.is_some_and(|at| place.contains(at));
        let chooses = !matches!(row, Row::Head { .. });
        ground(ui, place, at == chosen, hovered && chooses, tokens);
        one(panel, ui, row, place, now, tokens);
        let right = response.secondary_clicked();
        if hovered && (response.clicked() || right) {
            let modifiers = ui.input(|input| input.modifiers);
            clicked = Some(Click {
                at,
                right,
                modifiers,
            });
        }
    }
    if count > rows {
        thumb(ui, area, top, rows, count, tokens);
    }
    clicked
}

/// What is behind a row: filled for the chosen one, outlined for the one under the pointer.
pub(super) fn ground(ui: &egui::Ui, place: Rect, chosen: bool, hovered: bool, tokens: &Tokens) {
    let inner = place.shrink2(egui::vec2(STEP, 0.0));
    let radius = CornerRadius::same(RADIUS - 2);
    if hovered {
        let stroke = Stroke::new(1.0, tokens.line);
        ui.painter()
            .rect_stroke(inner, radius, stroke, StrokeKind::Inside);
    }
    if chosen {
        ui.painter().rect_filled(inner, radius, tokens.surface);
        let bar = Rect::from_min_size(inner.min, egui::vec2(2.0, inner.height()));
        ui.painter()
            .rect_filled(bar, CornerRadius::ZERO, tokens.accent);
    }
}

fn one(panel: &mut Panel, ui: &egui::Ui, row: Row, place: Rect, now: SystemTime, tokens: &Tokens) {
    let room = place.shrink2(egui::vec2(STEP * 3.0, 0.0));
    match row {
        Row::Head {
            count,
            provider: at,
        } => {
            let Some(provider) = panel.rows.provider(row) else {
                return;
            };
            let more = if provider.truncated { "+" } else { "" };
            let right = Rect::from_min_max(room.center_top(), room.max);
            line(
                ui,
                format!("{count}{more}"),
                right,
                tokens.subtle,
                Align::Max,
            );
            let title = if panel.rows.is_awaited(at) {
                format!("{} …", provider.title)
            } else {
                provider.title.clone()
            };
            let y = place.bottom() - 1.0;
            ui.painter()
                .hline(room.x_range(), y, Stroke::new(1.0, tokens.line));
            line(ui, title, room, tokens.subtle, Align::Min);
        }
        Row::Quiet { .. } => {
            let Some(provider) = panel.rows.provider(row) else {
                return;
            };
            let (said, remedy) = text::quiet(provider);
            let indented = indented(room);
            let width = ends_with(ui, &remedy, indented, tokens.accent, 0.5);
            let left = Rect::from_min_max(indented.min, indented.max - egui::vec2(width, 0.0));
            mark_quiet(ui, room, tokens.warning);
            line(ui, said, left, tokens.subtle, Align::Min);
        }
        Row::Missing => {
            let names: Vec<&str> = panel.rows.missing().map(|one| one.title.as_str()).collect();
            let sign = if panel.rows.shows_missing() {
                "−"
            } else {
                "+"
            };
            let text = format!("{sign} not installed or set up: {}", names.join(", "));
            line(ui, text, room, tokens.subtle, Align::Min);
        }
        Row::Item { provider, item } => {
            let letters = panel.rows.letters(provider, item);
            item_row(panel, ui, row, &letters, room, now, tokens);
        }
    }
}

fn item_row(
    panel: &Panel,
    ui: &egui::Ui,
    row: Row,
    letters: &[usize],
    room: Rect,
    now: SystemTime,
    tokens: &Tokens,
) {
    let Some(env) = panel.rows.item(row) else {
        return;
    };
    mark(ui, room, env.state, tokens);
    let indented = indented(room);
    let columns = panel.rows.columns();
    let look = panel.rows.look(env);
    let facts = text::facts(env, look.cost, now, columns);
    let width = ends_with(ui, &facts, indented, tokens.subtle, 0.5);
    let left = Rect::from_min_max(indented.min, indented.max - egui::vec2(width, 0.0));
    let font = FontId::monospace(TEXT);
    let plain = TextFormat::simple(font.clone(), tokens.text);
    let found = TextFormat {
        underline: Stroke::new(1.0, tokens.accent),
        ..TextFormat::simple(font.clone(), tokens.text)
    };
    let mut job = LayoutJob::default();
    let mut letters = letters.iter().copied().peekable();
    let mut at = 0;
    let mut append = |job: &mut LayoutJob, text: &str, gap: f32, plain: &TextFormat| {
        for (nth, letter) in text.chars().enumerate() {
            let format = if letters.next_if_eq(&at).is_some() {
                &found
            } else {
                plain
            };
            let gap = if nth == 0 { gap } else { 0.0 };
            job.append(letter.encode_utf8(&mut [0; 4]), gap, format.clone());
            at += 1;
        }
        // The space between the parts that are searched.
        at += 1;
    };
    append(&mut job, &env.name, 0.0, &plain);
    let muted = TextFormat::simple(font, tokens.subtle);
    if let Some(group) = &env.group {
        append(&mut job, group, STEP * 3.0, &muted);
    }
    if let Some((_, address)) = env.detail.iter().find(|(label, _)| label == "address") {
        job.append(address, STEP * 3.0, muted);
    }
    if let Some(badge) = &look.badge {
        let color = look
            .color
            .map_or(tokens.accent, |color| tokens.visible(color));
        let format = TextFormat::simple(FontId::monospace(TEXT), color);
        job.append(badge, STEP * 3.0, format);
    }
    job.wrap = egui::text::TextWrapping::truncate_at_width(left.width());
    let galley = ui.painter().layout_job(job);
    let at = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), left);
    ui.painter().galley(at.min, galley, tokens.text);
}

/// A row's room after its mark.
fn indented(room: Rect) -> Rect {
    Rect::from_min_max(room.min + egui::vec2(STEP * 5.0, 0.0), room.max)
}

/// Text at the right end, at most a share of the room; returns the width it takes with its gap.
fn ends_with(ui: &egui::Ui, text: &str, room: Rect, color: Color32, share: f32) -> f32 {
    if text.is_empty() {
        return 0.0;
    }
    let mut job = LayoutJob::simple_singleline(text.to_owned(), FontId::monospace(TEXT), color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room.width() * share);
    let galley = ui.painter().layout_job(job);
    let width = galley.size().x;
    let at = Align2::RIGHT_CENTER.align_size_within_rect(galley.size(), room);
    ui.painter().galley(at.min, galley, color);
    width + STEP * 3.0
}

/// The state, by shape as well as by color: full, half, hollow, crossed, in doubt.
fn mark(ui: &egui::Ui, room: Rect, state: State, tokens: &Tokens) {
    let center = room.left_center() + egui::vec2(STEP * 1.5, 0.0);
    let painter = ui.painter();
    let radius = 4.5;
    match state {
        State::Ready => {
            painter.circle_filled(center, radius, tokens.success);
        }
        State::Creating | State::Starting | State::Stopping => {
            painter.circle_stroke(center, radius - 0.6, Stroke::new(1.3, tokens.accent));
            painter.circle_filled(center, radius * 0.45, tokens.accent);
        }
        State::Stopped | State::Absent => {
            painter.circle_stroke(center, radius - 0.6, Stroke::new(1.3, tokens.subtle));
        }
        State::Failed => {
            let stroke = Stroke::new(1.6, tokens.error);
            for (a, b) in [((-3.5, -3.5), (3.5, 3.5)), ((-3.5, 3.5), (3.5, -3.5))] {
                let (a, b) = (egui::vec2(a.0, a.1), egui::vec2(b.0, b.1));
                painter.line_segment([center + a, center + b], stroke);
            }
        }
        State::Lost => mark_quiet(ui, room, tokens.warning),
        State::Unknown => {
            let (a, b) = (egui::vec2(-3.5, 0.0), egui::vec2(3.5, 0.0));
            let stroke = Stroke::new(1.6, tokens.subtle);
            painter.line_segment([center + a, center + b], stroke);
        }
    }
}

/// A warning: a triangle.
fn mark_quiet(ui: &egui::Ui, room: Rect, color: Color32) {
    let center = room.left_center() + egui::vec2(STEP * 1.5, 0.0);
    let points = [(0.0, -4.5), (4.8, 3.8), (-4.8, 3.8)].map(|(x, y)| center + egui::vec2(x, y));
    let stroke = Stroke::new(1.3, color);
    ui.painter()
        .add(egui::Shape::closed_line(points.to_vec(), stroke));
}

/// How far the list is scrolled.
fn thumb(ui: &egui::Ui, area: Rect, top: usize, rows: usize, count: usize, tokens: &Tokens) {
    #[expect(clippy::cast_precision_loss, reason = "some thousand rows")]
    let (top, rows, count) = (top as f32, rows as f32, count as f32);
    let height = (area.height() * rows / count).max(12.0);
    let y = area.top() + (area.height() - height) * top / (count - rows).max(1.0);
    let bar = Rect::from_min_size(egui::pos2(area.right() - 4.0, y), egui::vec2(3.0, height));
    ui.painter()
        .rect_filled(bar, CornerRadius::same(1), tokens.line);
}

/// What is said when there is no row.
fn nothing(panel: &Panel, ui: &mut egui::Ui, tokens: &Tokens) {
    let lines: &[&str] = match (panel.query.trim().is_empty(), panel.rows.awaits()) {
        (false, true) => &["Nothing yet; still asking …"],
        (false, false) => &["Nothing matches."],
        (true, true) => &["Asking the tools on this machine …"],
        (true, false) => &[
            "There is nothing here yet.",
            "Hosts of ~/.ssh/config, containers, pods and cloud environments",
            "are listed when their tools are installed and logged in.",
        ],
    };
    ui.add_space(STEP * 2.0);
    for text in lines {
        let size = egui::vec2(ui.available_width(), ROW);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let room = rect.shrink2(egui::vec2(STEP * 3.0, 0.0));
        line(ui, (*text).to_owned(), room, tokens.subtle, Align::Min);
    }
    ui.add_space(STEP * 2.0);
}

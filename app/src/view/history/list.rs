//! What is found: two lines a block, the command and where it ran, or the line in which the words stand.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, CornerRadius, FontId, Rect, Sense, Stroke};
use history::{Pattern, State};

use super::{HistoryEvent, HistoryPanel};
use crate::history::seeker::Row;
use crate::view::blocks::summary::duration_text;
use crate::view::tokens::{RADIUS, STEP, TEXT, Tokens};

/// Height of one block, in logical pixels.
const ROW: f32 = 42.0;

/// Draws the blocks in view.
pub(super) fn show(
    ui: &mut egui::Ui,
    panel: &mut HistoryPanel,
    area: Rect,
    tokens: &Tokens,
) -> Option<HistoryEvent> {
    let area = area.shrink2(egui::vec2(0.0, STEP));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few rows"
    )]
    let fitting = (area.height() / ROW).floor().max(1.0) as usize;
    let count = panel.rows.len();
    let rows = fitting.min(count);
    panel.rows_shown = fitting;
    let response = ui.interact(area, egui::Id::unique("history-list"), Sense::click());
    let pointer = response.hover_pos();
    if pointer.is_some() {
        // Parts of a row add up over layouts.
        panel.wheel += ui.input(|input| input.smooth_scroll_delta().y);
        let whole = (panel.wheel / ROW).trunc();
        panel.wheel -= whole * ROW;
        #[expect(clippy::cast_possible_truncation, reason = "a few rows")]
        let by = -(whole as isize);
        panel.top = panel.top.saturating_add_signed(by);
    }
    panel.top = panel.top.min(count - rows);
    if count == 0 {
        nothing(ui, panel, area, tokens);
        return None;
    }
    let pattern = Pattern::new(&panel.text);
    let mut clicked = None;
    for place in 0..rows {
        let at = panel.top + place;
        #[expect(clippy::cast_precision_loss, reason = "a few rows")]
        let y = place as f32 * ROW;
        let rect =
            Rect::from_min_size(area.min + egui::vec2(0.0, y), egui::vec2(area.width(), ROW));
        let hovered = pointer.is_some_and(|at| rect.contains(at));
        one(
            ui,
            &panel.rows[at],
            rect,
            at == panel.selected,
            hovered,
            &pattern,
            tokens,
        );
        if hovered && response.clicked() {
            clicked = Some(at);
        }
    }
    if count > rows {
        thumb(ui, area, (panel.top, rows, count), tokens);
    }
    let at = clicked?;
    if panel.selected == at && response.double_clicked() {
        return panel.chosen_event(|row| HistoryEvent::Insert(row.hit.command.clone()));
    }
    panel.selected = at;
    panel.deleting = None;
    panel.wanted_preview().map(HistoryEvent::Moved)
}

fn nothing(ui: &egui::Ui, panel: &HistoryPanel, area: Rect, tokens: &Tokens) {
    let (text, color) = match (&panel.problem, panel.answered) {
        (Some(problem), _) => (problem.as_str(), tokens.error),
        (None, true) => ("Nothing matches", tokens.subtle),
        (None, false) => ("Searching …", tokens.subtle),
    };
    let job = LayoutJob::simple(
        text.to_owned(),
        FontId::monospace(TEXT),
        color,
        area.width() - STEP * 6.0,
    );
    let galley = ui.painter().layout_job(job);
    ui.painter()
        .galley(area.min + egui::vec2(STEP * 3.0, STEP * 2.0), galley, color);
}

fn one(
    ui: &egui::Ui,
    row: &Row,
    place: Rect,
    chosen: bool,
    hovered: bool,
    pattern: &Pattern,
    tokens: &Tokens,
) {
    let painter = ui.painter_at(place);
    let inner = place.shrink2(egui::vec2(STEP, 0.0));
    if chosen || hovered {
        let fill = if chosen {
            tokens.surface
        } else {
            tokens.raised.lerp_to_gamma(tokens.surface, 0.5)
        };
        painter.rect_filled(inner, CornerRadius::same(RADIUS - 2), fill);
    }
    mark(&painter, row, inner, tokens);
    let room = Rect::from_min_max(
        place.min + egui::vec2(STEP * 5.0, STEP),
        place.max - egui::vec2(STEP * 3.0, STEP),
    );
    let small = FontId::monospace(TEXT - 1.0);
    let time = painter.layout_no_wrap(row.when.clone(), small.clone(), tokens.subtle);
    let left = room.width() - time.size().x - STEP * 3.0;
    painter.galley(
        egui::pos2(room.right() - time.size().x, room.top() + 1.0),
        time,
        tokens.subtle,
    );

    let bold = TextFormat::simple(FontId::monospace(TEXT), tokens.text);
    let command = one_line(&row.hit.command);
    let job = highlighted(&command, pattern, &bold, tokens.accent, left);
    painter.galley(room.min, painter.layout_job(job), tokens.text);

    let second = match &row.snippet {
        Some(line) => line.clone(),
        None => about(row),
    };
    let muted = TextFormat::simple(small, tokens.subtle);
    let job = match row.snippet {
        Some(_) => highlighted(&second, pattern, &muted, tokens.accent, room.width()),
        None => highlighted(
            &second,
            &Pattern::default(),
            &muted,
            tokens.accent,
            room.width(),
        ),
    };
    let galley = painter.layout_job(job);
    let at = Align2::LEFT_BOTTOM.align_size_within_rect(galley.size(), room);
    painter.galley(at.min, galley, tokens.subtle);
}

/// How it ended, by color and by shape: a dot, a cross, a ring.
fn mark(painter: &egui::Painter, row: &Row, inner: Rect, tokens: &Tokens) {
    let at = egui::pos2(inner.left() + STEP * 2.0, inner.top() + STEP + TEXT * 0.55);
    let hit = &row.hit;
    let (color, radius) = (tokens.subtle, 3.0);
    match (hit.state, hit.exit.status) {
        _ if hit.failed() => {
            let stroke = Stroke::new(1.6, tokens.error);
            let arm = egui::vec2(radius, radius);
            painter.line_segment([at - arm, at + arm], stroke);
            let arm = egui::vec2(radius, -radius);
            painter.line_segment([at - arm, at + arm], stroke);
        }
        (State::Done, Some(0)) => {
            painter.circle_filled(at, radius, color.gamma_multiply(0.8));
        }
        _ => {
            painter.circle_stroke(at, radius, Stroke::new(1.2, color));
        }
    }
    if hit.flags.contains(history::Flags::BOOKMARK) {
        let bar = Rect::from_min_size(inner.min, egui::vec2(2.0, inner.height()));
        painter.rect_filled(bar, CornerRadius::ZERO, tokens.warning);
    }
}

/// Where it ran and how long it took.
fn about(row: &Row) -> String {
    let hit = &row.hit;
    let mut facts: Vec<String> = Vec::new();
    facts.extend(hit.name.clone());
    facts.extend(crate::history::place_name(&hit.host));
    facts.extend(hit.folder.as_deref().map(short_folder));
    facts.extend(hit.git.clone());
    facts.extend(hit.duration.map(duration_text));
    if hit.failed()
        && let Some(status) = hit.exit.status
    {
        facts.push(format!("exit {status}"));
    }
    facts.join("  ")
}

fn short_folder(folder: &str) -> String {
    let home = std::env::home_dir();
    match home
        .as_deref()
        .and_then(std::path::Path::to_str)
        .and_then(|home| folder.strip_prefix(home))
    {
        Some(below) if below.is_empty() || below.starts_with('/') => format!("~{below}"),
        _ => folder.to_owned(),
    }
}

fn one_line(command: &str) -> String {
    let mut lines = command.lines();
    let first = lines.next().unwrap_or_default().replace('\t', " ");
    match lines.count() {
        0 => first,
        more => format!("{first} ⏎ +{more}"),
    }
}

/// A line with the found words in the accent's color, cut at a width.
fn highlighted(
    line: &str,
    pattern: &Pattern,
    format: &TextFormat,
    accent: Color32,
    width: f32,
) -> LayoutJob {
    let found = TextFormat {
        color: accent,
        underline: Stroke::new(1.0, accent),
        ..format.clone()
    };
    let mut job = LayoutJob::default();
    let mut done = 0;
    for range in pattern.find(line) {
        job.append(&line[done..range.start], 0.0, format.clone());
        job.append(&line[range.clone()], 0.0, found.clone());
        done = range.end;
    }
    job.append(&line[done..], 0.0, format.clone());
    job.wrap = TextWrapping::truncate_at_width(width);
    job
}

/// How far the list is scrolled.
fn thumb(ui: &egui::Ui, area: Rect, (top, rows, count): (usize, usize, usize), tokens: &Tokens) {
    #[expect(clippy::cast_precision_loss, reason = "some hundred rows")]
    let (top, rows, count) = (top as f32, rows as f32, count as f32);
    let height = (area.height() * rows / count).max(12.0);
    let y = area.top() + (area.height() - height) * top / (count - rows).max(1.0);
    let bar = Rect::from_min_size(egui::pos2(area.right() - 4.0, y), egui::vec2(3.0, height));
    ui.painter()
        .rect_filled(bar, CornerRadius::same(1), tokens.line);
}

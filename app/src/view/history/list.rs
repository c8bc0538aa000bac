//! What is found: two lines a block, the command and where it ran, or the line in which the words stand.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, CornerRadius, FontId, Rect, Sense, Stroke};
use history::{Hit, Pattern, State};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{HistoryEvent, HistoryPanel, keys};
use crate::history::seeker::Row;
use crate::view::blocks::gutter;
use crate::view::blocks::header::Ink;
use crate::view::blocks::summary::{Status, duration_text};
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
    let pressed = response.clicked() || response.secondary_clicked();
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
        if hovered && pressed {
            clicked = Some(at);
        }
    }
    if count > rows {
        thumb(ui, area, (panel.top, rows, count), tokens);
    }
    let mut chosen = None;
    response.context_menu(|ui| chosen = keys::menu(ui, panel));
    if chosen.is_some() {
        return chosen;
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

    let of_a_job = row.hit.state == State::Background;
    let ink = if of_a_job { tokens.subtle } else { tokens.text };
    let bold = TextFormat::simple(FontId::monospace(TEXT), ink);
    // As the header in the pane calls it: it has no command.
    let job = match of_a_job {
        true => highlighted("background job", &Pattern::default(), &bold, ink, left),
        false => highlighted(
            &one_line(&row.hit.command),
            pattern,
            &bold,
            tokens.accent,
            left,
        ),
    };
    painter.galley(room.min, painter.layout_job(job), tokens.text);

    let letter = painter.layout_no_wrap("0".to_owned(), small.clone(), tokens.subtle);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "letters of a row"
    )]
    let letters = (room.width() / letter.size().x.max(1.0)) as usize;
    let second = match &row.snippet {
        Some(line) => line.clone(),
        None => about(&row.hit, letters),
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

/// How it ended, by color and by shape, as in the gutter.
fn mark(painter: &egui::Painter, row: &Row, inner: Rect, tokens: &Tokens) {
    const SIDE: u32 = 16;
    let hit = &row.hit;
    let scale = painter.pixels_per_point();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few pixels"
    )]
    let side = (SIDE as f32 * scale).round() as u32;
    let square = renderer::Rect {
        x: 0,
        y: 0,
        width: side,
        height: side,
    };
    let (rects, ink) = gutter::mark(status(hit), square, square, scale);
    let color = match ink {
        Ink::Error => tokens.error,
        Ink::Accent => tokens.accent,
        Ink::Text => tokens.text,
        Ink::Muted => tokens.subtle,
    };
    // On whole pixels, as the gutter's.
    let corner = egui::pos2(inner.left(), inner.top() + STEP + TEXT * 0.55 - 8.0);
    let corner = egui::vec2(corner.x * scale, corner.y * scale).round();
    // As triangles: rectangles of a pixel would be blurred.
    let mut shape = egui::Mesh::default();
    for rect in rects {
        #[expect(clippy::cast_precision_loss, reason = "a few pixels")]
        let rect = Rect::from_min_size(
            ((corner + egui::vec2(rect.x as f32, rect.y as f32)) / scale).to_pos2(),
            egui::vec2(rect.width as f32, rect.height as f32) / scale,
        );
        shape.add_colored_rect(rect, color);
    }
    painter.add(shape);
    if hit.flags.contains(history::Flags::BOOKMARK) {
        let bar = Rect::from_min_size(inner.min, egui::vec2(2.0, inner.height()));
        painter.rect_filled(bar, CornerRadius::ZERO, tokens.warning);
    }
}

/// How a block ended, as the gutter shows it.
fn status(hit: &Hit) -> Status {
    match (hit.state, hit.exit.status) {
        (State::Lost, _) => Status::Lost,
        (State::Background, _) => Status::Background,
        (State::Rejected, Some(130)) => Status::Neutral,
        (State::Rejected, _) => Status::Rejected,
        _ if hit.failed() => Status::Failed,
        (_, None | Some(0)) => Status::Ok,
        _ => Status::Neutral,
    }
}

/// Where it ran, how long it took and how it ended, in so many letters: the folder is shortened first.
fn about(hit: &Hit, letters: usize) -> String {
    const GAP: &str = "  ";
    let mut before: Vec<String> = Vec::new();
    before.extend(hit.name.clone());
    before.extend(crate::history::place_name(&hit.host));
    let mut after: Vec<String> = Vec::new();
    after.extend(hit.git.clone());
    after.extend(hit.duration.map(duration_text));
    after.extend(match (hit.state, hit.exit.status) {
        (State::Lost, _) => Some("lost".to_owned()),
        (State::Rejected, Some(130)) => Some("cancelled".to_owned()),
        (State::Rejected, _) => Some("not run".to_owned()),
        (_, Some(status)) if hit.failed() => Some(format!("exit {status}")),
        _ => None,
    });
    let others = before.iter().chain(&after);
    let taken: usize = others.map(|fact| fact.width() + GAP.len()).sum();
    // Elsewhere, and for another user, the home folder is another.
    let is_here = hit.host.kind == history::HostKind::Local;
    let folder = hit.folder.as_deref().map(|folder| match is_here {
        true => short_folder(folder),
        false => folder.to_owned(),
    });
    let folder = folder.map(|folder| ending(&folder, letters.saturating_sub(taken)));
    let facts: Vec<String> = before.into_iter().chain(folder).chain(after).collect();
    facts.join(GAP)
}

/// The end of a path in so many letters, whole parts if one fits; `…` stands for what is left out.
fn ending(path: &str, letters: usize) -> String {
    if path.width() <= letters {
        return path.to_owned();
    }
    let parts = path.match_indices('/').map(|(at, _)| &path[at..]);
    let fitting = parts.clone().find(|end| end.width() < letters);
    if let Some(end) = fitting.filter(|end| end.len() > 1) {
        return format!("…{end}");
    }
    // Not even the last part fits: its end, never less than a few letters.
    let mut room = letters.max(6);
    let last = path.char_indices().rev().take_while(|(_, one)| {
        let width = one.width().unwrap_or(0);
        let fits = width < room;
        room = room.saturating_sub(width);
        fits
    });
    let at = last.last().map_or(path.len(), |(at, _)| at);
    format!("…{}", &path[at..])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_their_beginning() {
        #[track_caller]
        fn check(path: &str, letters: usize, expected: &str) {
            assert_eq!(ending(path, letters), expected);
            assert!(expected.width() <= letters.max(6));
        }
        check("~/src/terrace", 20, "~/src/terrace");
        check("~/src/terrace", 13, "~/src/terrace");
        check("~/src/terrace/app", 14, "…/terrace/app");
        check("~/src/terrace/app", 12, "…/app");
        check("/very/long-name-of-a-folder", 8, "…-folder");
        check("/very/long-name-of-a-folder", 0, "…older");
        check("/src/日本語日本語", 8, "…日本語");
    }
}

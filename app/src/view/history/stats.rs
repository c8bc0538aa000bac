//! The inner loop: how long one waited each day, and for what.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, CornerRadius, FontId, Rect, ScrollArea, Sense};
use history::stats::{Report, Row};

use crate::view::blocks::summary::duration_text;
use crate::view::tokens::{STEP, TEXT, Tokens};

/// Days of the chart.
const DAYS: usize = 28;
/// Height of the chart, in logical pixels.
const CHART: f32 = 96.0;
/// Height of a line of the table, in logical pixels.
const LINE: f32 = 22.0;
/// Width of a day in the chart, at least: its share stands over it.
const DAY: f32 = 30.0;
/// Room for the commands, at least; columns go until there is so much.
const COMMAND: f32 = 200.0;
/// The table's columns: heading, width in logical pixels, and which go first where there is no room, 0 never. The
/// last takes the rest.
const COLUMNS: [(&str, f32, u8); 10] = [
    ("waited", 96.0, 0),
    ("share", 56.0, 2),
    ("runs", 52.0, 0),
    ("failed", 58.0, 1),
    ("median", 96.0, 1),
    ("p95", 96.0, 3),
    ("per hour", 72.0, 4),
    ("to green", 96.0, 5),
    ("weeks", 76.0, 4),
    ("command", 0.0, 0),
];

/// Which columns are shown in a width.
fn shown(width: f32) -> [bool; 10] {
    let mut shown = [true; 10];
    for rank in (1..=5).rev() {
        let taken = COLUMNS.iter().zip(shown).filter(|(_, shown)| *shown);
        let taken: f32 = taken.map(|((_, width, _), _)| width).sum();
        if taken + COMMAND <= width {
            break;
        }
        for (shown, (_, _, rank_of)) in shown.iter_mut().zip(COLUMNS) {
            *shown &= rank_of != rank;
        }
    }
    shown
}

/// How far the figures are scrolled.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scroll {
    /// Logical pixels from their top.
    offset: f32,
    /// Logical pixels in view.
    room: f32,
}

impl Scroll {
    /// So many lines down, or up.
    pub(super) fn step(&mut self, lines: isize) {
        #[expect(clippy::cast_precision_loss, reason = "a few lines")]
        let lines = lines as f32;
        self.offset = (self.offset + lines * LINE).max(0.0);
    }

    /// Lines in view but for one, which stays in sight when a page is turned.
    pub(super) fn page(&self) -> isize {
        #[expect(clippy::cast_possible_truncation, reason = "a few lines")]
        let lines = (self.room / LINE) as isize;
        (lines - 1).max(1)
    }
}

/// Draws the figures.
pub(super) fn show(
    ui: &mut egui::Ui,
    report: Option<&Report>,
    scroll: &mut Scroll,
    room: f32,
    tokens: &Tokens,
) {
    let (area, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), room), Sense::hover());
    let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(area));
    let shown = ScrollArea::vertical()
        .auto_shrink(false)
        .vertical_scroll_offset(scroll.offset)
        .show(&mut ui, |ui| figures(ui, report, tokens));
    scroll.room = room;
    scroll.offset = shown.state.clamped_offset().y;
}

fn figures(ui: &mut egui::Ui, report: Option<&Report>, tokens: &Tokens) {
    let width = ui.available_width() - STEP * 6.0;
    let summary = summary(report);
    let color = match report {
        Some(report) if report.total.runs > 0 => tokens.text,
        _ => tokens.subtle,
    };
    let text = ui
        .painter()
        .layout(summary, FontId::monospace(TEXT), color, width);
    let report = report.filter(|report| report.total.runs > 0);
    let chart_top = STEP * 2.0 + text.size().y + (LINE - TEXT);
    let table_top = chart_top + CHART + STEP * 3.0;
    #[expect(clippy::cast_precision_loss, reason = "some hundred rows")]
    let height = report.map_or(chart_top, |report| {
        table_top + LINE * (report.rows.len() + 1) as f32 + STEP
    });
    let size = egui::vec2(ui.available_width(), height);
    let (area, _) = ui.allocate_exact_size(size, Sense::hover());
    let at = area.min + egui::vec2(STEP * 3.0, STEP * 2.0);
    ui.painter().galley(at, text, color);
    let Some(report) = report else { return };
    let chart = Rect::from_min_size(
        egui::pos2(at.x, area.top() + chart_top),
        egui::vec2(width, CHART),
    );
    days(ui.painter(), report, chart, tokens);
    let table = Rect::from_min_max(
        egui::pos2(at.x, area.top() + table_top),
        egui::pos2(at.x + width, area.bottom()),
    );
    rows(ui.painter(), &report.rows, table, tokens);
}

fn summary(report: Option<&Report>) -> String {
    let Some(report) = report else {
        return "Working it out …".to_owned();
    };
    let total = &report.total;
    if total.runs == 0 {
        return "No command ran to its end in this time".to_owned();
    }
    format!(
        "{} commands, {} failed; waited {} of {} at work ({})",
        total.runs,
        total.failures,
        duration_text(total.waiting),
        duration_text(total.active),
        percent(total.share())
    )
}

/// A bar a day; the part of the day at work that was waiting stands above it.
fn days(painter: &egui::Painter, report: &Report, area: Rect, tokens: &Tokens) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "some days"
    )]
    let fitting = (area.width() / DAY).max(1.0) as usize;
    let fitting = fitting.min(DAYS);
    let days = &report.days[report.days.len().saturating_sub(fitting)..];
    let longest = days
        .iter()
        .map(|day| day.waiting)
        .max()
        .unwrap_or_default()
        .as_secs_f32()
        .max(1.0);
    let ground = area.bottom() - TEXT - STEP;
    #[expect(clippy::cast_precision_loss, reason = "a few days")]
    let step = (area.width() / fitting as f32).min(40.0);
    let small = FontId::monospace(TEXT - 3.0);
    for (idx, day) in days.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a few days")]
        let x = area.left() + idx as f32 * step;
        let height =
            (day.waiting.as_secs_f32() / longest * (ground - area.top() - TEXT - STEP)).max(1.0);
        let bar = Rect::from_min_max(
            egui::pos2(x, ground - height),
            egui::pos2(x + step - 4.0, ground),
        );
        painter.rect_filled(bar, CornerRadius::same(1), tokens.accent);
        let number = day.date.get(8..).unwrap_or_default();
        painter.text(
            egui::pos2(bar.center().x, ground + 2.0),
            Align2::CENTER_TOP,
            number,
            small.clone(),
            tokens.subtle,
        );
        painter.text(
            egui::pos2(bar.center().x, bar.top() - 1.0),
            Align2::CENTER_BOTTOM,
            percent(day.share()),
            small.clone(),
            tokens.subtle,
        );
    }
}

fn rows(painter: &egui::Painter, rows: &[Row], area: Rect, tokens: &Tokens) {
    let font = FontId::monospace(TEXT - 1.0);
    let mut y = area.top();
    let columns = shown(area.width());
    let view = painter.clip_rect();
    let mut line = |cells: [(String, Color32); 10]| {
        let top = y;
        y += LINE;
        if !view.y_range().intersects(egui::Rangef::new(top, y)) {
            return;
        }
        let mut x = area.left();
        for (((cell, color), (_, width, _)), shown) in cells.into_iter().zip(COLUMNS).zip(columns) {
            if !shown {
                continue;
            }
            let last = width == 0.0;
            let room = if last { area.right() - x } else { width };
            let mut job = LayoutJob::simple_singleline(cell, font.clone(), color);
            job.wrap = TextWrapping::truncate_at_width(room.max(20.0));
            let galley = painter.layout_job(job);
            let at = if last {
                x
            } else {
                x + width - galley.size().x - STEP * 3.0
            };
            painter.galley(egui::pos2(at, top), galley, color);
            x += width;
        }
    };
    line(COLUMNS.map(|(name, ..)| (name.to_owned(), tokens.subtle)));
    for row in rows {
        let project = row
            .project
            .as_deref()
            .and_then(|root| root.rsplit('/').next());
        let command = row.command.lines().next().unwrap_or_default();
        let named = match project {
            Some(project) => format!("{project}  {command}"),
            None => command.to_owned(),
        };
        #[expect(clippy::cast_precision_loss, reason = "counts of commands")]
        let failed = row.failures as f64 / row.runs.max(1) as f64;
        let color = if row.failures > 0 {
            tokens.error
        } else {
            tokens.subtle
        };
        line([
            (duration_text(row.waiting), tokens.text),
            (percent(row.share), tokens.subtle),
            (row.runs.to_string(), tokens.subtle),
            (
                if row.failures > 0 {
                    percent(failed)
                } else {
                    "–".to_owned()
                },
                color,
            ),
            (duration_text(row.median), tokens.text),
            (duration_text(row.p95), tokens.text),
            (
                row.per_hour
                    .map(|rate| format!("{rate:.1}"))
                    .unwrap_or_default(),
                tokens.subtle,
            ),
            (
                row.time_to_green.map(duration_text).unwrap_or_default(),
                tokens.subtle,
            ),
            (trend(row), tokens.accent),
            (named, tokens.text),
        ]);
    }
}

/// The medians of the last weeks as a line of bars.
fn trend(row: &Row) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let weeks = &row.weeks[row.weeks.len().saturating_sub(8)..];
    let longest = weeks
        .iter()
        .map(|week| week.median)
        .max()
        .unwrap_or_default()
        .as_secs_f64();
    let level = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 7"
        )]
        let level = (share * 7.0).round() as usize;
        LEVELS[level.min(7)]
    };
    weeks
        .iter()
        .map(|week| {
            level(if longest > 0.0 {
                week.median.as_secs_f64() / longest
            } else {
                0.0
            })
        })
        .collect()
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_have_room_in_any_width() {
        for width in [300.0_f32, 480.0, 640.0, 900.0, 1240.0] {
            let shown = shown(width);
            let columns = COLUMNS.iter().zip(shown).filter(|(_, shown)| *shown);
            let taken: f32 = columns.map(|((_, width, _), _)| width).sum();
            assert!(shown[0] && shown[9], "{width}");
            assert!(
                width < 400.0 || taken + COMMAND <= width,
                "{width}: {taken}"
            );
        }
        assert_eq!(shown(1240.0), [true; 10]);
    }
}

//! The preview: the command whole, facts, and the first lines of the output in their colors.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, FontId, Rect, Stroke};
use history::Flags;
use history::export::{Look, colors};
use history::styled::{Rgb, Style};

use super::HistoryPanel;
use crate::view::tokens::{STEP, TEXT, Tokens};

/// Lines of a command that are shown.
const COMMAND_LINES: usize = 8;

/// Draws the preview of the chosen block.
pub(super) fn show(
    ui: &mut egui::Ui,
    panel: &HistoryPanel,
    area: Rect,
    look: &Look,
    tokens: &Tokens,
) {
    let painter = ui.painter_at(area);
    painter.rect_filled(area, 0.0, color32(look.background));
    let Some(row) = panel.chosen() else { return };
    let room = area.shrink2(egui::vec2(STEP * 3.0, STEP * 2.0));
    let mut y = room.top();
    let mut line = |job: LayoutJob, gap: f32| {
        let galley = painter.layout_job(job);
        let height = galley.size().y;
        if y + height <= room.bottom() + 1.0 {
            painter.galley(egui::pos2(room.left(), y), galley, tokens.text);
        }
        y += height + gap;
        y < room.bottom()
    };
    let foreground = color32(look.foreground);
    for text in row.hit.command.lines().take(COMMAND_LINES) {
        line(plain(text, TEXT + 1.0, foreground, room.width()), 1.0);
    }
    let Some(preview) = panel
        .preview
        .as_ref()
        .filter(|preview| preview.id == row.hit.id)
    else {
        return;
    };
    let dim = foreground.lerp_to_gamma(color32(look.background), 0.4);
    line(
        plain(&preview.facts, TEXT - 1.0, dim, room.width()),
        STEP * 2.0,
    );
    for spans in &preview.lines {
        let mut job = LayoutJob::default();
        for span in spans {
            job.append(&span.text, 0.0, format(&span.style, look));
        }
        if spans.is_empty() {
            job.append(" ", 0.0, format(&Style::default(), look));
        }
        job.wrap = TextWrapping::truncate_at_width(room.width());
        if !line(job, 0.0) {
            return;
        }
    }
    if let Some(rest) = &preview.rest {
        line(plain(rest, TEXT - 1.0, dim, room.width()), 0.0);
    } else if preview.lines.is_empty() {
        let why = if row.hit.flags.contains(Flags::ALT_SCREEN) {
            "a full-screen program, whose picture is not kept"
        } else if row.hit.bytes == 0 {
            "it printed nothing"
        } else {
            "its output is not kept any more"
        };
        line(plain(why, TEXT - 1.0, dim, room.width()), 0.0);
    }
}

fn plain(text: &str, size: f32, color: Color32, width: f32) -> LayoutJob {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), FontId::monospace(size), color);
    job.wrap = TextWrapping::truncate_at_width(width);
    job
}

fn format(style: &Style, look: &Look) -> TextFormat {
    let (foreground, background) = colors(style, look);
    let foreground = color32(foreground);
    let stroke = |on: bool| {
        if on {
            Stroke::new(1.0, foreground)
        } else {
            Stroke::NONE
        }
    };
    TextFormat {
        background: background.map_or(Color32::TRANSPARENT, color32),
        italics: style.italic,
        underline: stroke(style.underline || style.link.is_some()),
        strikethrough: stroke(style.strike),
        ..TextFormat::simple(FontId::monospace(TEXT - 0.5), foreground)
    }
}

fn color32((red, green, blue): Rgb) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

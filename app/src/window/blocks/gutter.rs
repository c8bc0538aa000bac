//! What is drawn beside and behind a pane's blocks.

use renderer::Renderer;
use renderer::units::Rect;
use terminal::Rgb;

use crate::pane::Pane;
use crate::view::blocks::Seen;
use crate::view::blocks::decorate::Inks;
use crate::view::blocks::gutter;
use crate::view::blocks::header::Ink;
use crate::view::blocks::summary::Status;
use crate::window::Window;

impl Window {
    /// The colors of headers and marks.
    pub(in crate::window) fn inks(&self) -> Inks {
        let tokens = self.overlay.tokens();
        let rgb = |color: egui::Color32| Rgb::new(color.r(), color.g(), color.b());
        Inks {
            muted: rgb(tokens.muted),
            muted_raised: {
                let (a, b) = (rgb(tokens.muted), rgb(tokens.text));
                Rgb::new(a.r.midpoint(b.r), a.g.midpoint(b.g), a.b.midpoint(b.b))
            },
            text: rgb(tokens.text),
            accent: rgb(tokens.accent),
            error: rgb(tokens.error),
            raised: rgb(tokens.raised),
        }
    }

    /// Draws the marks beside a pane's blocks, and what is selected of them; `dim` is how much of the cells gives
    /// way to the ground (0 to 1).
    pub(in crate::window) fn draw_gutter(
        renderer: &mut Renderer,
        pane: &Pane,
        inks: &Inks,
        dim: f32,
        scale: f32,
    ) {
        let cells = pane.cells;
        let gutter = gutter_of(pane);
        if let Some(sticky) = &pane.blocks.sticky {
            let row = Rect {
                x: gutter.x,
                y: cells.y,
                width: gutter.width,
                height: cells.cell_height,
            };
            let Rgb { r, g, b } = inks.raised;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of a byte"
            )]
            let alpha = ((1.0 - dim.clamp(0.0, 1.0)) * 255.0).round() as u8;
            // Beside the cells there is the ground, so that this gives their color.
            for rect in [row, right_margin(pane)] {
                renderer.draw_quad(rect, [r, g, b, alpha]);
            }
            let (rects, ink) = gutter::mark(sticky.status, gutter, row, scale);
            let Rgb { r, g, b } = inks.color(ink);
            for rect in rects {
                renderer.draw_quad(rect, [r, g, b, 255]);
            }
        }
        for section in &pane.blocks.sections {
            let height = i32::try_from(cells.cell_height).unwrap_or(0);
            let row = Rect {
                x: gutter.x,
                y: cells.y + i32::from(section.row) * height,
                width: gutter.width,
                height: cells.cell_height,
            };
            let Rgb { r, g, b } = inks.text;
            for rect in gutter::section(section.section.folded, gutter, row, scale) {
                renderer.draw_quad(rect, [r, g, b, 200]);
            }
        }
        for seen in &pane.blocks.seen {
            let rows = rows_of(pane, seen);
            let color = |ink: Ink, alpha: u8| {
                let Rgb { r, g, b } = inks.color(ink);
                [r, g, b, alpha]
            };
            if seen.selected {
                let tint = Rect {
                    x: gutter.x,
                    y: rows.y,
                    width: gutter.width + cells.cell_width * u32::from(cells.size.columns),
                    height: rows.height,
                };
                renderer.draw_quad(tint, color(Ink::Accent, 28));
                renderer.draw_quad(gutter::bar(gutter, rows, scale), color(Ink::Accent, 255));
            } else if seen.old && gutter.width > 0 {
                renderer.draw_quad(gutter::bar(gutter, rows, scale), color(Ink::Muted, 70));
            } else if seen.status == Status::Failed && seen.believed && gutter.width > 0 {
                renderer.draw_quad(gutter::bar(gutter, rows, scale), color(Ink::Error, 110));
            }
            for rect in gutter::nesting(seen.depth, gutter, rows, scale) {
                renderer.draw_quad(rect, color(Ink::Muted, 160));
            }
            let covered = pane.blocks.sticky.is_some() && seen.mark_row == 0;
            if !seen.starts || covered || !seen.rows.contains(&seen.mark_row) {
                continue;
            }
            let height = i32::try_from(cells.cell_height).unwrap_or(0);
            let row = Rect {
                y: cells.y + i32::from(seen.mark_row) * height,
                height: cells.cell_height,
                ..rows
            };
            let (rects, ink) = gutter::mark(seen.status, gutter, row, scale);
            // What no shell vouches for has a shape, but no color; what is old is fainter, too.
            let plain = seen.old || !seen.believed;
            let ink = if plain { Ink::Muted } else { ink };
            let alpha = if seen.old { 140 } else { 255 };
            for rect in rects {
                renderer.draw_quad(rect, color(ink, alpha));
            }
        }
    }
}

/// The gutter of a pane: what is left of its cells.
pub(super) fn gutter_of(pane: &Pane) -> Rect {
    let width = u32::try_from(pane.cells.x - pane.area.x).unwrap_or(0);
    Rect {
        x: pane.area.x,
        y: pane.cells.y,
        width,
        height: pane.cells.cell_height * u32::from(pane.cells.size.rows),
    }
}

/// The rows of a block in the window.
fn rows_of(pane: &Pane, seen: &Seen) -> Rect {
    let cells = pane.cells;
    let height = i32::try_from(cells.cell_height).unwrap_or(0);
    Rect {
        x: cells.x,
        y: cells.y + i32::from(seen.rows.start) * height,
        width: cells.cell_width * u32::from(cells.size.columns),
        height: cells.cell_height * u32::from(seen.rows.end - seen.rows.start),
    }
}

/// What is beside a pane's first row, from its last cell to its border.
fn right_margin(pane: &Pane) -> Rect {
    let cells = pane.cells;
    let span = |length: u32| i32::try_from(length).unwrap_or(0);
    let left = cells.x + span(cells.cell_width * u32::from(cells.size.columns));
    let right = pane.area.x + span(pane.area.width);
    Rect {
        x: left,
        y: cells.y,
        width: u32::try_from(right - left).unwrap_or(0),
        height: cells.cell_height,
    }
}

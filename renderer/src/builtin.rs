//! Characters that we draw ourselves, at the size of the cell, so that they join their neighbours
//! without seams at any size; and the underlines that are no plain lines.
//!
//! Box drawing and blocks (U+2500–259F), braille (U+2800–28FF), legacy computing
//! (U+1FB00–1FBAF), Powerline (U+E0B0–E0D7), corner triangles (U+25E2–25E5) and the VT100's
//! scan lines (U+23BA–23BD). The forms are those of the Unicode charts; sizes and positions are
//! ours.
#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "coordinates inside one cell, at most 1024 pixels"
)]

mod blocks;
mod boxes;
mod canvas;
mod powerline;
mod shapes;
#[cfg(test)]
mod tests;

use canvas::Canvas;

use crate::CellMetrics;
use crate::font::raster::Bitmap;

/// Whether [`draw`] knows the character.
pub(crate) fn covers(c: char) -> bool {
    match u32::from(c) {
        0x23ba..=0x23bd => true,
        0..=0x24ff => false,
        0x2500..=0x259f | 0x2800..=0x28ff | 0x1_fb00..=0x1_fb3b | 0x1_fb70..=0x1_fb97 => true,
        code => powerline::covers(code) || shapes::covers(code),
    }
}

/// A character at the size of `cell`; `None` when it is not one of ours.
pub(crate) fn draw(c: char, cell: &CellMetrics) -> Option<Bitmap> {
    if !covers(c) {
        return None;
    }
    let mut canvas = Canvas::new(cell.width, cell.height);
    let code = u32::from(c);
    if let 0x2500..=0x257f = code {
        boxes::draw(&mut canvas, code, cell.box_thickness);
    } else if powerline::covers(code) {
        powerline::draw(&mut canvas, code, cell.box_thickness);
    } else if !blocks::draw(&mut canvas, code) {
        shapes::draw(&mut canvas, code, cell.box_thickness);
    }
    Some(bitmap(canvas, cell, 0))
}

/// Underlines that are drawn as glyphs, one for each cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decoration {
    /// A wave, one period a cell.
    Curly = 1,
    /// Dots as wide as their gaps.
    Dotted = 2,
    /// One dash a cell, with its gap in the middle of the cell's edges.
    Dashed = 3,
}

/// An underline at the size of `cell`.
pub(crate) fn decoration(form: Decoration, cell: &CellMetrics) -> Option<Bitmap> {
    let thick = cell.underline_thickness;
    let top = cell.underline_position;
    Some(match form {
        Decoration::Curly => curl(cell),
        Decoration::Dotted => {
            // A whole number of dots a cell: they go on evenly in the next one.
            let dots = (cell.width / (2 * thick)).max(1);
            let mut canvas = Canvas::new(cell.width, thick);
            for dot in 0..dots {
                let x = blocks::part(dot, dots, cell.width);
                let next = blocks::part(dot + 1, dots, cell.width);
                canvas.rect(x, 0, x + ((next - x) / 2).max(1), thick as i32, 255);
            }
            bitmap(canvas, cell, top)
        }
        Decoration::Dashed => {
            let gap = (cell.width / 3).max(1) as i32;
            let mut canvas = Canvas::new(cell.width, thick);
            let start = gap / 2;
            canvas.rect(start, 0, start + cell.width as i32 - gap, thick as i32, 255);
            bitmap(canvas, cell, top)
        }
    })
}

/// A cosine with its crests on the cell's edges, where it is level: waves join without a kink.
fn curl(cell: &CellMetrics) -> Bitmap {
    let thick = cell.underline_thickness as f32;
    let room = cell
        .height
        .saturating_sub(cell.baseline + 1)
        .max(cell.underline_thickness + 2);
    // Higher than a quarter of the cell, a wave is a picture of its own.
    let height = room
        .min((cell.height / 4).max(3))
        .max(cell.underline_thickness + 2);
    let lowest = cell.height.saturating_sub(height);
    let middle = cell.underline_position + cell.underline_thickness / 2;
    let top = middle
        .saturating_sub(height / 2)
        .max(cell.baseline + 1)
        .min(lowest);
    let mut canvas = Canvas::new(cell.width, height);
    let amplitude = (height as f32 - thick - 0.5).max(1.0) / 2.0;
    let center = height as f32 / 2.0;
    let turn = std::f32::consts::TAU / cell.width as f32;
    for y in 0..height {
        for x in 0..cell.width {
            let (fx, fy) = (x as f32 + 0.5, y as f32 + 0.5);
            let wave = center + amplitude * (fx * turn).cos();
            let slope = amplitude * turn * (fx * turn).sin();
            // Distance to the curve, not up to it: steep parts are as thick as level ones.
            let distance = (fy - wave).abs() / slope.hypot(1.0);
            let coverage = (thick / 2.0 + 0.5 - distance).clamp(0.0, 1.0);
            canvas.data[(y * cell.width + x) as usize] = crate::color::byte(coverage * 255.0);
        }
    }
    bitmap(canvas, cell, top)
}

/// A picture whose top edge is `top` pixels below the cell's.
fn bitmap(canvas: Canvas, cell: &CellMetrics, top: u32) -> Bitmap {
    Bitmap {
        width: canvas.width,
        height: canvas.height,
        left: 0,
        top: cell.baseline as i32 - top as i32,
        color: false,
        data: canvas.data,
    }
}

//! The size of a cell and the place of its lines, from the regular face.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths of a cell are rounded floats, kept between 1 and a few thousand"
)]

use super::library::Face;
use super::{CellMetrics, FontOptions};
use crate::Scale;
use crate::atlas::Stretch;

/// No side of a cell is longer than this, whatever a font file says.
const LARGEST: f32 = 1024.0;

/// The cell of `face` at the size of `options`.
pub(crate) fn cell_metrics(face: &Face, options: &FontOptions, scale: Scale) -> CellMetrics {
    let em = scale.em(sane_points(options.size_points));
    let font = face.font.as_swash();
    let metrics = font.metrics(&face.coords).scale(em);
    let glyphs = font.glyph_metrics(&face.coords).scale(em);
    let advance = ['0', 'M', ' ']
        .iter()
        .map(|&c| glyphs.advance_width(font.charmap().map(c)))
        .find(|&advance| advance > 0.0)
        .unwrap_or(em / 2.0);
    let spacing = (options.letter_spacing * scale.factor()).round();
    let width = (advance.round() + spacing).clamp(1.0, LARGEST);
    // Ascent and descent round apart, so that the baseline is on the grid too.
    let (ascent, descent) = (metrics.ascent.round(), metrics.descent.round());
    let natural = (ascent + descent + metrics.leading.round()).clamp(1.0, LARGEST);
    let line_height = if options.line_height.is_finite() {
        options.line_height
    } else {
        1.0
    };
    let height = (natural * line_height.clamp(0.5, 4.0))
        .round()
        .clamp(1.0, LARGEST);
    let baseline = (ascent + ((height - ascent - descent) / 2.0).floor()).clamp(1.0, height);

    // A hair above rounding: lines at the weight of the strokes, not below it.
    let stroke = (metrics.stroke_size + 0.2)
        .round()
        .clamp(1.0, (height / 4.0).max(1.0));
    let underline = if metrics.underline_offset == 0.0 {
        baseline + (descent / 3.0).round()
    } else {
        baseline - metrics.underline_offset.round()
    };
    let lowest = (height - stroke).max(0.0);
    let underline = underline.max(baseline + 1.0).min(lowest);
    let strikethrough = if metrics.strikeout_offset == 0.0 {
        baseline - (metrics.x_height / 2.0).round()
    } else {
        baseline - metrics.strikeout_offset.round()
    };
    CellMetrics {
        width: width as u32,
        height: height as u32,
        baseline: baseline as u32,
        underline_position: underline as u32,
        underline_thickness: stroke as u32,
        strikethrough_position: strikethrough.clamp(0.0, lowest) as u32,
        strikethrough_thickness: stroke as u32,
        box_thickness: (width / 8.0).round().max(1.0) as u32,
    }
}

impl CellMetrics {
    /// The cell of a row of double size.
    pub(crate) fn stretched(&self, stretch: Stretch) -> Self {
        let (x, y) = stretch.factors();
        let (x, y) = (u32::from(x), u32::from(y));
        Self {
            width: self.width * x,
            height: self.height * y,
            baseline: self.baseline * y,
            underline_position: self.underline_position * y,
            underline_thickness: self.underline_thickness * y,
            strikethrough_position: self.strikethrough_position * y,
            strikethrough_thickness: self.strikethrough_thickness * y,
            box_thickness: self.box_thickness * y,
        }
    }
}

/// The size in points, kept where glyphs are still glyphs.
pub(crate) fn sane_points(points: f32) -> f32 {
    if points.is_finite() {
        points.clamp(2.0, 200.0)
    } else {
        11.0
    }
}

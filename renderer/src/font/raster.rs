//! Glyphs to pixels: outlines, emoji bitmaps, feigned bold and italic, fitting into cells.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "sizes of glyphs are bounded by the atlas page, 1024 pixels, and rounded"
)]

use swash::scale::image::{Content, Image};
use swash::scale::{Render, ScaleContext, Source, StrikeWith};
use swash::zeno::{Angle, Format, Transform};

use super::CellMetrics;
use super::library::Face;
use crate::atlas::Stretch;
use crate::shape::OVERFLOW;

/// A rasterised glyph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bitmap {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// From the pen to the left edge.
    pub(crate) left: i32,
    /// From the baseline up to the top edge.
    pub(crate) top: i32,
    /// 4 bytes a pixel (straight sRGB) rather than 1 (coverage).
    pub(crate) color: bool,
    pub(crate) data: Vec<u8>,
}

/// How large a glyph is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlyphSize {
    /// Pixels of an em, before it is stretched.
    pub(crate) em: f32,
    pub(crate) stretch: Stretch,
}

impl GlyphSize {
    fn times(self, factor: f32) -> Self {
        Self {
            em: self.em * factor,
            ..self
        }
    }
}

/// Rasterises glyphs; keeps scratch memory between them.
pub(crate) struct Rasterizer {
    context: ScaleContext,
    image: Image,
}

/// How far feigned italics lean.
const SLANT_DEGREES: f32 = 14.0;

impl Rasterizer {
    pub(crate) fn new() -> Self {
        Self {
            context: ScaleContext::with_max_entries(8),
            image: Image::new(),
        }
    }

    /// The glyph at a size. With `span` > 0 it is fitted into that many columns of `cell` (which
    /// is stretched as it is; see [`OVERFLOW`]) and placed from their left edge; `None` when it has
    /// no pixels.
    pub(crate) fn rasterize(
        &mut self,
        face: &Face,
        glyph: u16,
        size: GlyphSize,
        span: u8,
        cell: &CellMetrics,
    ) -> Option<Bitmap> {
        if !self.draw(face, glyph, size, true) {
            return None;
        }
        let columns = u32::from(if span == OVERFLOW { 2 } else { span });
        if span > 0 {
            let room = ((columns * cell.width) as f32, cell.height as f32);
            let placement = self.image.placement;
            let (width, height) = (placement.width as f32, placement.height as f32);
            let is_bitmap = matches!(self.image.source, Source::ColorBitmap(_));
            // Ink that leaves its room by less than half a pixel is antialiasing.
            let fit = (room.0 / (width - 0.5)).min(room.1 / (height - 0.5));
            if is_bitmap {
                return self.fitted_bitmap(room, cell);
            }
            if fit < 1.0 && !self.draw(face, glyph, size.times(fit), false) {
                return None;
            }
        }
        let image = &self.image;
        let placement = image.placement;
        if placement.width == 0 || placement.height == 0 {
            return None;
        }
        let (mut left, mut top) = (placement.left, placement.top);
        if span > 0 {
            let one = span == OVERFLOW && placement.width <= cell.width;
            let room = if one {
                cell.width
            } else {
                columns * cell.width
            };
            left = if span == OVERFLOW && !one {
                0
            } else {
                fitted_left(face, glyph, size, room as i32, &placement)
            };
            let (above, below) = (cell.baseline as i32, (cell.height - cell.baseline) as i32);
            let height = placement.height as i32;
            top = top.max(height - below).min(above.max(height - below));
        }
        Some(Bitmap {
            width: placement.width,
            height: placement.height,
            left,
            top,
            color: image.content == Content::Color,
            data: image.data.clone(),
        })
    }

    /// Draws into `self.image`.
    fn draw(&mut self, face: &Face, glyph: u16, size: GlyphSize, hint: bool) -> bool {
        self.image.clear();
        let (x, y) = size.stretch.factors();
        let em = size.em * f32::from(y);
        // What is stretched one way only would be hinted for another width.
        let hint = hint && x == y;
        let font = face.font.as_swash();
        let mut scaler = self
            .context
            .builder(font)
            .size(em)
            .hint(hint && !face.skew)
            .normalized_coords(&face.coords)
            .build();
        let slant = Transform::skew(Angle::from_degrees(SLANT_DEGREES), Angle::ZERO);
        let mut transform = face.skew.then_some(slant);
        if x != y {
            let wider = Transform::scale(f32::from(x) / f32::from(y), 1.0);
            transform = Some(transform.map_or(wider, |slant| slant.then(&wider)));
        }
        let sources = [Source::ColorOutline(0), Source::Outline];
        let mut render = Render::new(&sources);
        render.format(Format::Alpha).transform(transform);
        if face.embolden {
            render.embolden(em / 48.0);
        }
        if scaler.has_color_bitmaps()
            && scaler.scale_color_bitmap_into(glyph, StrikeWith::BestFit, &mut self.image)
        {
            return true;
        }
        self.image.clear();
        render.render_into(&mut scaler, glyph, &mut self.image)
    }

    /// A bitmap glyph (emoji) shrunk into its room, in the middle of it.
    fn fitted_bitmap(&mut self, room: (f32, f32), cell: &CellMetrics) -> Option<Bitmap> {
        let placement = self.image.placement;
        let (width, height) = (placement.width as f32, placement.height as f32);
        if width < 1.0 || height < 1.0 || self.image.content != Content::Color {
            return None;
        }
        let fit = (room.0 / width).min(room.1 / height);
        let (new_width, new_height) = (
            (width * fit).round().max(1.0),
            (height * fit).round().max(1.0),
        );
        let data = resample(
            &self.image.data,
            (placement.width as usize, placement.height as usize),
            (new_width as usize, new_height as usize),
        );
        let drop = ((room.1 - new_height) / 2.0).floor() as i32;
        Some(Bitmap {
            width: new_width as u32,
            height: new_height as u32,
            left: ((room.0 - new_width) / 2.0).floor() as i32,
            top: cell.baseline as i32 - drop,
            color: true,
            data,
        })
    }
}

/// The left edge of a fitted outline: its advance in the middle of the room, its ink inside.
fn fitted_left(
    face: &Face,
    glyph: u16,
    size: GlyphSize,
    room: i32,
    placement: &swash::zeno::Placement,
) -> i32 {
    let font = face.font.as_swash();
    let advance = font
        .glyph_metrics(&face.coords)
        .scale(size.em * f32::from(size.stretch.factors().0))
        .advance_width(glyph);
    let width = placement.width as i32;
    let pen = ((room as f32 - advance) / 2.0).round() as i32;
    let left = pen + placement.left;
    if width >= room {
        (room - width) / 2
    } else {
        left.clamp(0, room - width)
    }
}

/// Averages areas, weighted by alpha and in linear light, so that edges keep their color.
fn resample(source: &[u8], from: (usize, usize), to: (usize, usize)) -> Vec<u8> {
    let mut light = [0.0_f32; 256];
    for (value, light) in light.iter_mut().enumerate() {
        *light = crate::color::linear(value as f32 / 255.0);
    }
    let encode = |light: f32| {
        let encoded = if light <= 0.003_130_8 {
            light * 12.92
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        };
        crate::color::byte(encoded * 255.0)
    };
    let mut out = Vec::with_capacity(to.0 * to.1 * 4);
    let step = (from.0 as f32 / to.0 as f32, from.1 as f32 / to.1 as f32);
    for y in 0..to.1 {
        let rows = weights(y as f32 * step.1, (y + 1) as f32 * step.1, from.1);
        for x in 0..to.0 {
            let mut sum = [0.0_f32; 4];
            let mut area = 0.0;
            for (row, row_weight) in rows.clone() {
                for (column, weight) in weights(x as f32 * step.0, (x + 1) as f32 * step.0, from.0)
                {
                    let at = (row * from.0 + column) * 4;
                    let Some(&[r, g, b, a]) = source.get(at..at + 4) else {
                        continue;
                    };
                    let weight = weight * row_weight;
                    let alpha = f32::from(a) / 255.0 * weight;
                    area += weight;
                    sum[0] += light[usize::from(r)] * alpha;
                    sum[1] += light[usize::from(g)] * alpha;
                    sum[2] += light[usize::from(b)] * alpha;
                    sum[3] += alpha;
                }
            }
            let alpha = sum[3].max(1e-6);
            out.extend([
                encode(sum[0] / alpha),
                encode(sum[1] / alpha),
                encode(sum[2] / alpha),
                crate::color::byte(sum[3] / area.max(1e-6) * 255.0),
            ]);
        }
    }
    out
}

/// The pixels between `start` and `end`, and how much of each is inside.
fn weights(start: f32, end: f32, limit: usize) -> impl Iterator<Item = (usize, f32)> + Clone {
    let first = start.floor() as usize;
    let last = (end.ceil() as usize).min(limit).max(first);
    (first..last).map(move |pixel| {
        let inside = end.min((pixel + 1) as f32) - start.max(pixel as f32);
        (pixel, inside.max(0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_averaged_without_fringes() {
        // Red beside nothing: half as opaque, just as red.
        let source = [255, 0, 0, 255, 0, 0, 0, 0];
        assert_eq!(resample(&source, (2, 1), (1, 1)), [255, 0, 0, 128]);
        // Black and white meet in the middle of the light, not of the numbers.
        let source = [255, 255, 255, 255, 0, 0, 0, 255];
        assert_eq!(resample(&source, (1, 2), (1, 1)), [188, 188, 188, 255]);
    }
}

//! The chrome drawn by the processor: egui's triangles over the renderer's picture, as egui's own painters draw
//! them (premultiplied colors, blended in gamma space, textures by their nearest texel: text lies on whole pixels).
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "positions inside of a picture, clipped before; textures of a few thousand texels a side"
)]

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use egui::epaint::{ClippedPrimitive, ImageData, ImageDelta, Primitive, Vertex};
use egui::{Color32, Mesh, Pos2, TextureId};
use renderer::{PixmapMut, Rect};

use super::Chrome;

/// What a window's chrome needs to be drawn, and what of it is shown.
#[derive(Default)]
pub(crate) struct SoftwareChrome {
    textures: HashMap<TextureId, Texture>,
    /// Textures that the last layout still drew from, but no later one.
    unused: Vec<TextureId>,
    shown: Vec<Shown>,
}

/// A primitive as it was drawn last.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shown {
    digest: u64,
    bounds: Rect,
}

/// An image that triangles take their colors from.
#[derive(Default)]
struct Texture {
    width: usize,
    height: usize,
    texels: Vec<Color32>,
}

impl SoftwareChrome {
    /// Takes over what was laid out; returns where it differs from what was shown before.
    pub(crate) fn update(&mut self, chrome: Option<&mut Chrome>) -> Vec<Rect> {
        let Some(chrome) = chrome else {
            return self.shown.drain(..).map(|shown| shown.bounds).collect();
        };
        for id in self.unused.drain(..) {
            self.textures.remove(&id);
        }
        let mut anew = false;
        for mut delta in chrome.textures.drain(..) {
            for (id, images) in &delta.set {
                for image in images {
                    anew |= image.is_whole();
                    self.textures.entry(*id).or_default().take(image);
                }
            }
            self.unused.extend(delta.free.iter().copied());
            // egui wants to hear that every change was dealt with.
            delta.clear();
        }
        if !std::mem::take(&mut chrome.changed) && !anew && !self.shown.is_empty() {
            return Vec::new();
        }
        let scale = chrome.pixels_per_point;
        let new: Vec<Shown> = chrome
            .primitives
            .iter()
            .map(|primitive| Shown {
                digest: digest(primitive),
                bounds: bounds(primitive, scale),
            })
            .collect();
        let mut changed = Vec::new();
        for index in 0..new.len().max(self.shown.len()) {
            let (before, after) = (self.shown.get(index), new.get(index));
            if before != after || anew {
                changed.extend(before.into_iter().chain(after).map(|shown| shown.bounds));
            }
        }
        self.shown = new;
        changed
    }

    /// Draws the part of it that lies in `part`.
    pub(crate) fn draw(&self, chrome: &Chrome, target: &mut PixmapMut<'_>, part: &Rect) {
        let scale = chrome.pixels_per_point;
        for (primitive, shown) in chrome.primitives.iter().zip(&self.shown) {
            let clip = shown.bounds.intersection(part);
            if clip.is_empty() {
                continue;
            }
            // Callbacks are for graphics devices; none of ours draws by one.
            if let Primitive::Mesh(mesh) = &primitive.primitive
                && let Some(texture) = self.textures.get(&mesh.texture_id)
            {
                draw_mesh(mesh, texture, scale, &clip, target);
            }
        }
    }
}

impl Texture {
    fn take(&mut self, delta: &ImageDelta) {
        let ImageData::Color(image) = &delta.image;
        let [width, height] = image.size;
        let Some([x, y]) = delta.pos else {
            (self.width, self.height) = (width, height);
            self.texels.clone_from(&image.pixels);
            return;
        };
        let rows = self.texels.chunks_exact_mut(self.width.max(1)).skip(y);
        for (to, from) in rows.zip(image.pixels.chunks_exact(width.max(1))) {
            if let Some(to) = to.get_mut(x..x + width) {
                to.copy_from_slice(from);
            }
        }
    }

    /// The texel at a place in texels, the nearest one if that is outside.
    fn at(&self, x: f32, y: f32) -> Color32 {
        let x = (x.max(0.0) as usize).min(self.width.saturating_sub(1));
        let y = (y.max(0.0) as usize).min(self.height.saturating_sub(1));
        let texel = self.texels.get(y * self.width + x);
        texel.copied().unwrap_or(Color32::TRANSPARENT)
    }
}

/// What a primitive is known by.
fn digest(primitive: &ClippedPrimitive) -> u64 {
    let mut hasher = DefaultHasher::new();
    if let Primitive::Mesh(mesh) = &primitive.primitive {
        mesh.texture_id.hash(&mut hasher);
        mesh.indices.hash(&mut hasher);
        for Vertex { pos, uv, color } in &mesh.vertices {
            [pos.x, pos.y, uv.x, uv.y]
                .map(f32::to_bits)
                .hash(&mut hasher);
            color.hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// The pixels that a primitive may touch.
fn bounds(primitive: &ClippedPrimitive, scale: f32) -> Rect {
    let Primitive::Mesh(mesh) = &primitive.primitive else {
        return Rect::default();
    };
    // egui clips at whole pixels, the nearest ones.
    let clip = pixels(primitive.clip_rect, scale, f32::round, f32::round);
    clip.intersection(&pixels(mesh.calc_bounds(), scale, f32::floor, f32::ceil))
}

/// A rectangle of points in pixels.
fn pixels(rect: egui::Rect, scale: f32, min: fn(f32) -> f32, max: fn(f32) -> f32) -> Rect {
    if !rect.is_positive() {
        return Rect::default();
    }
    let (left, top) = (
        min(rect.min.x * scale) as i32,
        min(rect.min.y * scale) as i32,
    );
    let (right, bottom) = (
        max(rect.max.x * scale) as i32,
        max(rect.max.y * scale) as i32,
    );
    let length = |from: i32, to: i32| u32::try_from(to.saturating_sub(from)).unwrap_or(0);
    Rect::new(left, top, length(left, right), length(top, bottom))
}

fn draw_mesh(mesh: &Mesh, texture: &Texture, scale: f32, clip: &Rect, target: &mut PixmapMut<'_>) {
    let corner = |index: u32| {
        let vertex = mesh.vertices.get(index as usize)?;
        Some(Corner {
            at: Pos2::new(vertex.pos.x * scale, vertex.pos.y * scale),
            texel: [
                vertex.uv.x * texture.width as f32,
                vertex.uv.y * texture.height as f32,
            ],
            color: vertex.color,
        })
    };
    for indices in mesh.indices.chunks_exact(3) {
        if let (Some(a), Some(b), Some(c)) =
            (corner(indices[0]), corner(indices[1]), corner(indices[2]))
        {
            Triangle { corners: [a, b, c] }.draw(texture, clip, target);
        }
    }
}

#[derive(Clone, Copy)]
struct Corner {
    /// In pixels.
    at: Pos2,
    texel: [f32; 2],
    color: Color32,
}

struct Triangle {
    corners: [Corner; 3],
}

/// A value that changes evenly over a triangle.
#[derive(Clone, Copy)]
struct Slope {
    /// At the target's origin, and per pixel to the right and down.
    origin: f32,
    x: f32,
    y: f32,
}

impl Slope {
    fn at(self, x: f32, y: f32) -> f32 {
        self.origin + self.x * x + self.y * y
    }
}

impl Triangle {
    fn draw(&self, texture: &Texture, clip: &Rect, target: &mut PixmapMut<'_>) {
        let [a, b, c] = &self.corners;
        let tops = [a.at.y, b.at.y, c.at.y];
        let top = tops.iter().copied().fold(f32::INFINITY, f32::min);
        let bottom = tops.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let (first, end) = (
            first_center(top).max(clip.y),
            first_center(bottom).min(clip.bottom()),
        );
        if first >= end {
            return;
        }
        let span = Rect::new(clip.x, first, clip.width, end.abs_diff(first));
        let paint = self.paint(texture);
        for (y, row) in (first..end).zip(target.rows(&span)) {
            let center = y as f32 + 0.5;
            let Some((left, right)) = self.crossing(center) else {
                continue;
            };
            let left = first_center(left).max(clip.x);
            let right = first_center(right).min(clip.right());
            if left >= right {
                continue;
            }
            let range = left.abs_diff(clip.x) as usize..right.abs_diff(clip.x) as usize;
            let Some(pixels) = row.get_mut(range) else {
                continue;
            };
            match &paint {
                Paint::Even(color) => cover(pixels, *color),
                Paint::Textured { color, texel } => {
                    for (x, pixel) in (left..right).zip(pixels) {
                        let x = x as f32 + 0.5;
                        let [u, v] = texel.map(|slope| slope.at(x, center));
                        let source = times(texture.at(u, v), *color);
                        *pixel = over(*pixel, source);
                    }
                }
                Paint::Shaded { color, texel } => {
                    for (x, pixel) in (left..right).zip(pixels) {
                        let x = x as f32 + 0.5;
                        let [u, v] = texel.map(|slope| slope.at(x, center));
                        let [r, g, b, a] = color.map(|slope| (slope.at(x, center) + 0.5) as u8);
                        let color = Color32::from_rgba_premultiplied(r, g, b, a);
                        *pixel = over(*pixel, times(texture.at(u, v), color));
                    }
                }
            }
        }
    }

    /// Where a row's centers enter and leave it. Edges are reckoned from their upper end, so that neighbors agree
    /// on the edge they share, and every pixel there belongs to just one of them.
    fn crossing(&self, y: f32) -> Option<(f32, f32)> {
        let [a, b, c] = self.corners.map(|corner| corner.at);
        let mut found = [(a, b), (b, c), (c, a)].into_iter().filter_map(|(a, b)| {
            let (upper, lower) = if (a.y, a.x) <= (b.y, b.x) {
                (a, b)
            } else {
                (b, a)
            };
            (upper.y <= y && y < lower.y)
                .then(|| upper.x + (y - upper.y) * (lower.x - upper.x) / (lower.y - upper.y))
        });
        let (one, other) = (found.next()?, found.next()?);
        Some((one.min(other), one.max(other)))
    }

    fn paint(&self, texture: &Texture) -> Paint {
        let [a, b, c] = &self.corners;
        let same_color = a.color == b.color && b.color == c.color;
        if same_color && a.texel == b.texel && b.texel == c.texel {
            return Paint::Even(times(texture.at(a.texel[0], a.texel[1]), a.color));
        }
        let texel = [0, 1].map(|axis| self.slope(|corner| corner.texel[axis]));
        if same_color {
            return Paint::Textured {
                color: a.color,
                texel,
            };
        }
        let color =
            [0, 1, 2, 3].map(|channel| self.slope(|corner| f32::from(corner.color[channel])));
        Paint::Shaded { color, texel }
    }

    fn slope(&self, value: impl Fn(&Corner) -> f32) -> Slope {
        let [a, b, c] = &self.corners;
        let (ab, ac) = (b.at - a.at, c.at - a.at);
        let area = ab.x * ac.y - ab.y * ac.x;
        if area == 0.0 {
            return Slope {
                origin: value(a),
                x: 0.0,
                y: 0.0,
            };
        }
        let (to_b, to_c) = (value(b) - value(a), value(c) - value(a));
        let x = (to_b * ac.y - to_c * ab.y) / area;
        let y = (to_c * ab.x - to_b * ac.x) / area;
        Slope {
            origin: value(a) - x * a.at.x - y * a.at.y,
            x,
            y,
        }
    }
}

/// What a triangle's pixels get.
enum Paint {
    /// One color.
    Even(Color32),
    /// Texels in one color: text.
    Textured { color: Color32, texel: [Slope; 2] },
    /// Colors that change: soft edges.
    Shaded {
        color: [Slope; 4],
        texel: [Slope; 2],
    },
}

/// The first pixel whose center is not before this edge.
fn first_center(edge: f32) -> i32 {
    (edge - 0.5).ceil() as i32
}

/// One color, premultiplied, over pixels.
fn cover(pixels: &mut [u32], color: Color32) {
    match color.a() {
        255 => pixels.fill(u32::from_be_bytes([255, color.r(), color.g(), color.b()])),
        _ if color == Color32::TRANSPARENT => {}
        _ => pixels
            .iter_mut()
            .for_each(|pixel| *pixel = over(*pixel, color)),
    }
}

/// A premultiplied color over a pixel.
fn over(pixel: u32, color: Color32) -> u32 {
    let [r, g, b, a] = color.to_array();
    let under = pixel.to_be_bytes();
    let channel = |over: u8, under: u8| over.saturating_add(share(under, 255 - a));
    u32::from_be_bytes([
        channel(a, under[0]),
        channel(r, under[1]),
        channel(g, under[2]),
        channel(b, under[3]),
    ])
}

/// A texel in a color.
fn times(texel: Color32, color: Color32) -> Color32 {
    if texel == Color32::WHITE {
        return color;
    }
    let [r, g, b, a] = std::array::from_fn(|channel| share(texel[channel], color[channel]));
    Color32::from_rgba_premultiplied(r, g, b, a)
}

/// `a` × `b` of 255, rounded.
fn share(a: u8, b: u8) -> u8 {
    ((u32::from(a) * u32::from(b) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use renderer::Pixmap;

    use super::*;

    /// What a mesh makes of 8 × 8 black pixels, a letter each: `.` black, `#` white, `+` between.
    fn drawn(mesh: &Mesh, clip: Rect) -> String {
        let texture = Texture {
            width: 1,
            height: 1,
            texels: vec![Color32::WHITE],
        };
        let mut picture = Pixmap::new(8, 8);
        for row in picture.as_mut().rows(&Rect::new(0, 0, 8, 8)) {
            row.fill(0xff00_0000);
        }
        draw_mesh(mesh, &texture, 1.0, &clip, &mut picture.as_mut());
        let letter = |pixel: &u32| match pixel & 0xff {
            0 => '.',
            255 => '#',
            _ => '+',
        };
        let rows = picture.pixels().chunks_exact(8);
        rows.map(|row| row.iter().map(letter).collect::<String>() + "\n")
            .collect()
    }

    #[test]
    fn translucent_triangles_that_meet_cover_each_pixel_once() {
        let mut mesh = Mesh::default();
        let rect = egui::Rect::from_min_max(Pos2::new(1.0, 1.0), Pos2::new(7.0, 6.0));
        mesh.add_colored_rect(rect, Color32::from_white_alpha(100));
        let texture = Texture {
            width: 1,
            height: 1,
            texels: vec![Color32::WHITE],
        };
        let mut picture = Pixmap::new(8, 8);
        draw_mesh(
            &mesh,
            &texture,
            1.0,
            &Rect::new(0, 0, 8, 8),
            &mut picture.as_mut(),
        );
        let count = |wanted: u32| {
            picture
                .pixels()
                .iter()
                .filter(|&&pixel| pixel == wanted)
                .count()
        };
        assert_eq!((count(0x6464_6464), count(0)), (30, 34));
    }

    #[test]
    fn rectangles_are_clipped_and_edges_are_soft() {
        let mut mesh = Mesh::default();
        let rect = egui::Rect::from_min_max(Pos2::new(-3.0, 2.0), Pos2::new(5.0, 20.0));
        mesh.add_colored_rect(rect, Color32::WHITE);
        let corner = drawn(&mesh, Rect::new(0, 0, 4, 4));
        assert_eq!(
            corner,
            "........\n........\n####....\n####....\n........\n........\n........\n........\n"
        );
        let mut soft = Mesh::default();
        soft.colored_vertex(Pos2::new(0.0, 0.0), Color32::BLACK);
        soft.colored_vertex(Pos2::new(8.0, 0.0), Color32::WHITE);
        soft.colored_vertex(Pos2::new(0.0, 8.0), Color32::BLACK);
        soft.add_triangle(0, 1, 2);
        let soft = drawn(&soft, Rect::new(0, 0, 8, 1));
        assert!(
            soft.starts_with("++++++++") || soft.starts_with("+++++++."),
            "{soft}"
        );
    }

    #[test]
    fn textures_take_patches() {
        let mut texture = Texture::default();
        let image = |size, color| egui::ColorImage::filled(size, color);
        texture.take(&ImageDelta::full(
            image([3, 3], Color32::BLACK),
            egui::TextureOptions::NEAREST,
        ));
        texture.take(&ImageDelta::partial(
            [1, 2],
            image([2, 1], Color32::WHITE),
            egui::TextureOptions::NEAREST,
        ));
        assert_eq!(texture.at(0.5, 2.5), Color32::BLACK);
        assert_eq!(texture.at(1.5, 2.5), Color32::WHITE);
        assert_eq!(texture.at(99.0, 99.0), Color32::WHITE);
    }
}

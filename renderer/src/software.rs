//! Scenes drawn by the processor, where no graphics hardware does it.
//!
//! A driver that plays a graphics card draws a terminal ten times slower than this does: it runs a
//! shader for every pixel, and hands whole pictures over. Here a rectangle is a fill, a glyph is a
//! blend of its few covered pixels, and only what differs from the last picture is drawn. Colors and
//! blending are those of the shader, in linear light.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions inside of a picture, clipped before"
)]

mod blend;

use std::fmt;

use crate::atlas::{Atlas, PAGE_SIZE, PageKind};
use crate::damage::{Damage, Outline};
use crate::pixmap::{Pixmap, PixmapMut};
use crate::scene::{Glyph, Layer, Quad};
use crate::view::Backdrop;
use crate::{Rect, Renderer};
use blend::{Blender, Solid, premultiplied};

/// Pixels of a page of the atlas.
const PAGE_PIXELS: usize = PAGE_SIZE as usize * PAGE_SIZE as usize;

/// Draws the scenes of one [`Renderer`] into a picture of its own.
#[derive(Default)]
pub struct SoftwarePainter {
    pages: Pages,
    blender: Blender,
    picture: Pixmap,
    /// What the picture shows, and what it is to show.
    outline: Outline,
    next: Outline,
    damage: Damage,
    /// Parts of the picture to move, and the row of pixels where they go.
    moves: Vec<(Rect, i32)>,
    changed: Damage,
}

impl fmt::Debug for SoftwarePainter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwarePainter")
            .field("size", &self.outline.size)
            .finish_non_exhaustive()
    }
}

impl SoftwarePainter {
    /// A painter without a picture yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The picture: the last scene painted.
    pub fn picture(&self) -> &Pixmap {
        &self.picture
    }

    /// Draws the scene; returns where the picture has changed, rectangles that do not overlap.
    pub fn paint(&mut self, renderer: &mut Renderer) -> &[Rect] {
        let (width, height) = renderer.size;
        let _span = tracing::trace_span!("frame", width, height).entered();
        self.pages.update(&mut renderer.engine.atlas);
        self.blender.set_stroke(renderer.stroke);
        self.compare(renderer);
        self.changed.clone_from(&self.damage);
        for (rows, y) in &self.moves {
            self.picture.scroll(rows, *y);
            self.changed.add(Rect { y: *y, ..*rows });
        }
        for part in self.damage.rects() {
            let mut brush = Brush {
                pages: &self.pages,
                blender: &mut self.blender,
                target: self.picture.as_mut(),
                clip: *part,
            };
            brush.scene(renderer);
        }
        for layer in &renderer.layers {
            if let Layer::Grid { view, .. } = layer
                && let Some(grid) = renderer.views.get_mut(view)
            {
                grid.settle();
            }
        }
        std::mem::swap(&mut self.outline, &mut self.next);
        self.changed.rects()
    }

    /// Finds out what differs from the picture.
    fn compare(&mut self, renderer: &Renderer) {
        self.damage.clear();
        self.moves.clear();
        let Backdrop { clear, opacity } = renderer.backdrop;
        let next = &mut self.next;
        (next.size, next.clear, next.opacity) = (renderer.size, clear, opacity);
        (next.stroke, next.fonts) = (renderer.stroke, renderer.fonts);
        next.layers.clone_from(&renderer.layers);
        next.overlay.clone_from(&renderer.overlay);
        let (width, height) = renderer.size;
        if self.outline.size != renderer.size {
            self.picture = Pixmap::new(width, height);
        }
        let whole = self.picture.bounds();
        if !self.outline.compare(next, &mut self.damage) {
            self.damage.set(whole);
            return;
        }
        for layer in &renderer.layers {
            let Layer::Grid { view, at } = layer else {
                continue;
            };
            let Some(grid) = renderer.views.get(view) else {
                continue;
            };
            // What lies over the rows must not move with them.
            let covered = self
                .outline
                .overlay
                .iter()
                .chain(&renderer.overlay)
                .any(|glyph| !glyph.bounds().intersection(at).is_empty());
            let moved = grid.moved().filter(|moved| {
                let rows = grid.place(moved.first..moved.last + 1, at);
                !covered && rows.intersection(at).intersection(&whole) == rows
            });
            if let Some(moved) = moved {
                let (from, to) = moved.starts();
                let (source, target) = (
                    grid.place(from..from + moved.count(), at),
                    grid.place(to..to + moved.count(), at),
                );
                self.moves.push((source, target.y));
            }
            grid.damage(at, moved, &mut self.damage);
        }
        self.damage.clip(&whole);
    }
}

/// The pages of the glyph atlas.
#[derive(Default)]
struct Pages {
    /// Coverage, a byte a pixel.
    masks: Vec<Box<[u8]>>,
    /// Straight sRGB: red, green, blue, alpha.
    colors: Vec<Box<[[u8; 4]]>>,
}

impl Pages {
    /// Takes over the new glyphs.
    fn update(&mut self, atlas: &mut Atlas) {
        let masks = atlas.pages(PageKind::Mask).max(self.masks.len());
        self.masks
            .resize_with(masks, || vec![0; PAGE_PIXELS].into_boxed_slice());
        let colors = atlas.pages(PageKind::Color).max(self.colors.len());
        self.colors
            .resize_with(colors, || vec![[0; 4]; PAGE_PIXELS].into_boxed_slice());
        let (uploads, pixels) = atlas.uploads();
        for upload in uploads {
            let slot = &upload.slot;
            let (width, height) = (usize::from(slot.width), usize::from(slot.height));
            let bytes = width * height * slot.kind.bytes();
            let Some(data) = pixels.get(upload.start..upload.start + bytes) else {
                continue;
            };
            let place = Place::of(slot.u, slot.v, slot.width);
            let layer = usize::from(slot.layer);
            match slot.kind {
                PageKind::Mask => {
                    let Some(page) = self.masks.get_mut(layer) else {
                        continue;
                    };
                    for (row, data) in data.chunks_exact(width).enumerate() {
                        page[place.row(row)].copy_from_slice(data);
                    }
                }
                PageKind::Color => {
                    let Some(page) = self.colors.get_mut(layer) else {
                        continue;
                    };
                    let (data, _) = data.as_chunks::<4>();
                    for (row, data) in data.chunks_exact(width).enumerate() {
                        page[place.row(row)].copy_from_slice(data);
                    }
                }
            }
        }
        atlas.uploaded();
    }
}

/// A rectangle on a page.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    width: usize,
}

impl Place {
    fn of(u: u16, v: u16, width: u16) -> Self {
        Self {
            start: usize::from(v) * PAGE_SIZE as usize + usize::from(u),
            width: usize::from(width),
        }
    }

    /// Where the pixels of one of its rows are.
    fn row(self, row: usize) -> std::ops::Range<usize> {
        let start = self.start + row * PAGE_SIZE as usize;
        start..start + self.width
    }
}

/// Draws one part of the picture.
struct Brush<'a> {
    pages: &'a Pages,
    blender: &'a mut Blender,
    target: PixmapMut<'a>,
    clip: Rect,
}

impl Brush<'_> {
    fn scene(&mut self, renderer: &Renderer) {
        let part = self.clip;
        let Backdrop { clear, opacity } = renderer.backdrop;
        let background = premultiplied([clear.r, clear.g, clear.b], opacity);
        self.fill(&part, background);
        for layer in &renderer.layers {
            match layer {
                Layer::Grid { view, at } => {
                    let Some(grid) = renderer.views.get(view) else {
                        continue;
                    };
                    self.clip = at.intersection(&part);
                    if self.clip.is_empty() {
                        continue;
                    }
                    let rows = grid.pictures();
                    let near = grid.rows_in(&self.clip, at);
                    let ground = rows.first().into_iter();
                    for row in ground.chain(&rows[near.clone()]) {
                        for quad in &row.quads {
                            self.quad(quad, at);
                        }
                    }
                    for row in &rows[near.clone()] {
                        self.glyphs(&row.masks, at);
                    }
                    for row in &rows[near] {
                        self.glyphs(&row.overs, at);
                    }
                }
                Layer::Overlay { start, end } => {
                    self.clip = part;
                    let range = *start as usize..*end as usize;
                    self.glyphs(&renderer.overlay[range], &Rect::default());
                }
            }
        }
    }

    fn fill(&mut self, rect: &Rect, pixel: u32) {
        let rect = rect.intersection(&self.clip);
        for row in self.target.rows(&rect) {
            row.fill(pixel);
        }
    }

    /// A rectangle that replaces what it covers.
    fn quad(&mut self, quad: &Quad, origin: &Rect) {
        let rect = Rect::new(
            origin.x + i32::from(quad.x),
            origin.y + i32::from(quad.y),
            u32::from(quad.width),
            u32::from(quad.height),
        );
        let [r, g, b, alpha] = quad.color;
        self.fill(&rect, premultiplied([r, g, b], f32::from(alpha) / 255.0));
    }

    fn glyphs(&mut self, glyphs: &[Glyph], origin: &Rect) {
        for glyph in glyphs {
            let bounds = glyph.bounds();
            let bounds = Rect {
                x: origin.x + bounds.x,
                y: origin.y + bounds.y,
                ..bounds
            };
            let visible = bounds.intersection(&self.clip);
            if !visible.is_empty() {
                self.glyph(glyph, &bounds, &visible);
            }
        }
    }

    /// Draws the `visible` part of a glyph that is at `bounds`.
    fn glyph(&mut self, glyph: &Glyph, bounds: &Rect, visible: &Rect) {
        let cut = ((visible.x - bounds.x) as u16, (visible.y - bounds.y) as u16);
        let place = Place::of(glyph.u + cut.0, glyph.v + cut.1, visible.width as u16);
        let layer = usize::from(glyph.layer);
        match glyph.kind {
            Glyph::MASK => {
                let Some(page) = self.pages.masks.get(layer) else {
                    return;
                };
                let mut rows = self.target.rows(visible).enumerate().peekable();
                let Some(&background) = rows.peek().and_then(|(_, row)| row.first()) else {
                    return;
                };
                let ink = self.blender.ink(glyph.color, glyph.backdrop, background);
                for (row, pixels) in rows {
                    ink.cover(pixels, &page[place.row(row)]);
                }
            }
            Glyph::COLOR => {
                let Some(page) = self.pages.colors.get(layer) else {
                    return;
                };
                let opacity = glyph.color[3];
                for (row, pixels) in self.target.rows(visible).enumerate() {
                    for (pixel, color) in pixels.iter_mut().zip(&page[place.row(row)]) {
                        if color[3] != 0 {
                            *pixel = Solid::new(*color).faded(opacity).over(*pixel);
                        }
                    }
                }
            }
            _ => {
                let solid = Solid::new(glyph.color);
                for pixels in self.target.rows(visible) {
                    solid.cover(pixels);
                }
            }
        }
    }
}

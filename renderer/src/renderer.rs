//! The renderer: scenes from grids, rectangles and text, and their way to the device.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixels and instances of one scene, far below the limits of their types"
)]

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use terminal::{Frame, Rgb};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::atlas::{GlyphKey, Stretch};
use crate::color::{byte, lightness, mix};
use crate::damage::{Damage, Outline};
use crate::font::library::FaceStyle;
use crate::pipeline::{Globals, Ink, OverlayBuffer, Painter, Pipeline};
use crate::rows::Scratch;
use crate::scene::{Glyph, Layer, Quad, opaque, quad};
use crate::shape::wants_color;
use crate::text::TextEngine;
use crate::view::{Backdrop, GridView};
use crate::{
    CellMetrics, FontOptions, FontScan, Gpu, Look, Preedit, Rect, Scale, Stats, ViewId, Warning,
    builtin,
};

/// The exponent of coverage with the option for thin strokes.
const THIN_STROKES: f32 = 1.35;

/// Most views kept that no scene draws any more (hidden tabs come back).
const MAX_IDLE_VIEWS: usize = 64;

/// Draws scenes of grids, rectangles and text.
///
/// A scene is begun, painted from back to front, and finished, as often as the picture changes.
/// Everything is kept from scene to scene; what did not change costs a comparison.
pub struct Renderer {
    engine: TextEngine,
    pipeline: Pipeline,
    views: FxHashMap<ViewId, GridView>,
    scratch: Scratch,
    layers: Vec<Layer>,
    overlay: Vec<Glyph>,
    overlay_buffer: OverlayBuffer<Glyph>,
    clear_buffer: OverlayBuffer<Quad>,
    globals: Vec<Globals>,
    outline: Outline,
    kept: Option<Kept>,
    damage: Damage,
    /// Parts of the kept picture to move, and the row of pixels where they go.
    moves: Vec<(Rect, i32)>,
    /// Counts up when fonts change.
    fonts: u64,
    size: (u32, u32),
    backdrop: Backdrop,
    scale: Scale,
    stroke: f32,
    scene: u64,
    stats: Stats,
}

/// The style of a piece of text drawn by [`Renderer::draw_text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Color.
    pub color: Rgb,
    /// What it is drawn on; weighs the strokes, and is not itself drawn.
    pub background: Rgb,
    /// Bold face.
    pub bold: bool,
    /// Italic face.
    pub italic: bool,
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer")
            .field("metrics", &self.engine.metrics)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

impl Renderer {
    /// A renderer for targets of `format` ([`WindowSurface::format`](crate::WindowSurface::format),
    /// [`Offscreen::FORMAT`](crate::Offscreen::FORMAT)), and what is wrong with the fonts. `scale`
    /// is physical pixels per logical one.
    ///
    /// Blending is in linear light when `format` is an sRGB one; in others it is in sRGB.
    pub fn new(
        gpu: &Gpu,
        format: wgpu::TextureFormat,
        fonts: &FontOptions,
        scale: f32,
    ) -> (Renderer, Vec<Warning>) {
        Self::with_scan(gpu, format, fonts, scale, None)
    }

    /// [`Renderer::new`] with the machine's fonts, which were read meanwhile: start the scan
    /// ([`FontScan::start`]) before opening the device.
    pub fn with_scan(
        gpu: &Gpu,
        format: wgpu::TextureFormat,
        fonts: &FontOptions,
        scale: f32,
        scan: Option<FontScan>,
    ) -> (Renderer, Vec<Warning>) {
        let scale = Scale::new(scale);
        let (engine, warnings) = TextEngine::new(fonts, scale, scan);
        let renderer = Renderer {
            engine,
            pipeline: Pipeline::new(gpu, format),
            views: FxHashMap::default(),
            scratch: Scratch::default(),
            layers: Vec::new(),
            overlay: Vec::new(),
            overlay_buffer: OverlayBuffer::default(),
            clear_buffer: OverlayBuffer::default(),
            globals: Vec::new(),
            outline: Outline::default(),
            kept: None,
            damage: Damage::default(),
            moves: Vec::new(),
            fonts: 0,
            size: (0, 0),
            backdrop: Backdrop {
                clear: Rgb::default(),
                opacity: 1.0,
            },
            scale,
            stroke: stroke(fonts),
            scene: 0,
            stats: Stats::default(),
        };
        (renderer, warnings)
    }

    /// Changes the fonts or the scale; everything is shaped anew for the next scene.
    pub fn set_fonts(&mut self, fonts: &FontOptions, scale: f32) -> Vec<Warning> {
        self.scale = Scale::new(scale);
        self.stroke = stroke(fonts);
        self.fonts += 1;
        self.layers.clear();
        self.overlay.clear();
        self.engine.configure(fonts, self.scale)
    }

    /// The size of a cell.
    pub fn metrics(&self) -> CellMetrics {
        self.engine.metrics
    }

    /// The files of the family's faces in use (regular, bold, italic, bold italic; each file
    /// once), for other text in the same font. The bytes are copied: ask once for each setting.
    pub fn font_data(&self) -> Vec<Arc<[u8]>> {
        let library = &self.engine.library;
        let mut seen = Vec::new();
        let mut files = Vec::new();
        for style in FaceStyle::ALL {
            let face = library.primary(style);
            if !seen.contains(&face) {
                seen.push(face);
                files.push(Arc::from(library.face(face).font.data()));
            }
        }
        files
    }

    /// Names of the installed monospaced families, sorted: for reports and for choosing one.
    /// Reads the machine's fonts on the first call.
    pub fn monospaced_families(&mut self) -> Vec<String> {
        self.engine.library.monospaced_families()
    }

    /// Begins a scene of `width` × `height` physical pixels, filled with `clear` at `opacity`
    /// (0 to 1).
    pub fn begin(&mut self, width: u32, height: u32, clear: Rgb, opacity: f32) {
        self.scene += 1;
        self.size = (width, height);
        self.backdrop = Backdrop { clear, opacity };
        self.layers.clear();
        self.overlay.clear();
        self.engine.atlas.begin_scene();
        if self.views.len() > MAX_IDLE_VIEWS {
            let recent = self.scene.saturating_sub(MAX_IDLE_VIEWS as u64);
            self.views.retain(|_, view| view.scene >= recent);
        }
    }

    /// Draws a grid with its top left cell at the corner of `at`, clipped to `at`.
    ///
    /// Rows are built only if their [`generation`](terminal::frame::FrameRow::generation) or
    /// something else that they show has changed since `view` was last drawn.
    pub fn draw_grid(&mut self, view: ViewId, frame: &Frame, at: Rect, look: &Look) {
        if at.is_empty() {
            return;
        }
        let grid = self.views.entry(view).or_default();
        grid.scene = self.scene;
        let built = grid.update(
            &mut self.engine,
            &mut self.scratch,
            frame,
            &at,
            look,
            (self.backdrop, self.scale.factor()),
        );
        self.stats.rows_shaped += built;
        self.layers.push(Layer::Grid { view, at });
        if let Some(preedit) = look
            .preedit
            .as_ref()
            .filter(|preedit| !preedit.text.is_empty())
        {
            self.draw_preedit(frame, at, preedit);
        }
    }

    /// Fills a rectangle with a color (red, green, blue, alpha; straight, sRGB).
    pub fn draw_quad(&mut self, rect: Rect, color: [u8; 4]) {
        if !rect.is_empty() {
            self.push(Glyph::solid(&rect, color));
        }
    }

    /// Draws one line of text in cells, the first one's top left corner at `x`, `y`; returns the
    /// columns it took.
    pub fn draw_text(&mut self, x: i32, y: i32, text: &str, style: TextStyle) -> u32 {
        let metrics = self.engine.metrics;
        let face = FaceStyle::new(style.bold, style.italic);
        let baseline = y + metrics.baseline as i32;
        let backdrop = lightness(style.background);
        let color = opaque(style.color);
        let mut columns = 0;
        for cluster in text.graphemes(true) {
            let width = columns_of(cluster);
            let left = x + (columns * metrics.width) as i32;
            columns += width;
            let mut chars = cluster.chars();
            let ours = match (chars.next(), chars.next()) {
                (Some(c), None) if self.engine.builtin && builtin::covers(c) => Some(c),
                _ => None,
            };
            if let Some(c) = ours {
                let key = GlyphKey::builtin(c, Stretch::None);
                let slot = self.engine.atlas.get(key, || builtin::draw(c, &metrics));
                if let Some(slot) = slot {
                    self.push(Glyph::new(left, baseline, &slot, color, backdrop));
                }
                continue;
            }
            let span = if width == 2 { 2 } else { 1 };
            let word = self
                .engine
                .cell(face, cluster, span, wants_color(cluster, width == 2));
            for index in 0.. {
                let Some((glyph, slot)) = self.engine.glyph(word, index, Stretch::None) else {
                    break;
                };
                if let Some(slot) = slot {
                    let (x, y) = (left + i32::from(glyph.x), baseline - i32::from(glyph.y));
                    self.push(Glyph::new(x, y, &slot, color, backdrop));
                }
            }
        }
        self.engine.shaper.make_room();
        columns
    }

    /// Uploads what changed and encodes one pass that draws the scene to `view`, whose size is
    /// that given to [`Renderer::begin`]. The caller submits the encoder.
    ///
    /// With a software driver, and if the view's texture can be copied to, the picture is kept
    /// and only what changed is drawn anew.
    pub fn finish(
        &mut self,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        view: &wgpu::TextureView,
    ) {
        let (width, height) = self.size;
        if width == 0 || height == 0 {
            return;
        }
        let _span = tracing::trace_span!("frame", width, height).entered();
        let keeps = gpu.is_software() && Kept::fits(&self.pipeline, view.texture(), self.size);
        if keeps {
            self.compare(gpu, view.texture());
        } else {
            self.kept = None;
        }
        self.stats.uploaded_bytes = self.upload(gpu);
        let whole = Rect::new(0, 0, width, height);
        if let Some(kept) = &mut self.kept {
            for (rows, y) in &self.moves {
                kept.scroll(gpu, encoder, rows, *y);
            }
        }
        match &self.kept {
            Some(kept) => {
                self.stats.draws = 0;
                if let [_, ..] = self.damage.rects() {
                    let mut painter = self.pipeline.begin(encoder, &kept.view, self.size, None);
                    let background = self.layers.len() as u32;
                    for part in self.damage.rects() {
                        if painter.clip(part) {
                            let clear = self.clear_buffer.buffer().map(|buffer| (buffer, 0..1));
                            painter.draw(background, Ink::Quads, clear);
                        }
                        self.paint(&mut painter, part);
                    }
                    self.stats.draws = painter.draws;
                }
                encoder.copy_texture_to_texture(
                    kept.texture.as_image_copy(),
                    view.texture().as_image_copy(),
                    kept.texture.size(),
                );
            }
            None => {
                let Backdrop { clear, opacity } = self.backdrop;
                let clear = self.pipeline.clear_color(clear, opacity);
                let mut painter = self.pipeline.begin(encoder, view, self.size, Some(clear));
                self.paint(&mut painter, &whole);
                self.stats.draws = painter.draws;
            }
        }
    }

    /// Finds out what differs from the kept picture, or starts a new one.
    fn compare(&mut self, gpu: &Gpu, texture: &wgpu::Texture) {
        self.damage.clear();
        self.moves.clear();
        let Backdrop { clear, opacity } = self.backdrop;
        let outline = &mut self.outline;
        (outline.size, outline.clear, outline.opacity) = (self.size, clear, opacity);
        (outline.stroke, outline.fonts) = (self.stroke, self.fonts);
        outline.layers.clone_from(&self.layers);
        outline.overlay.clone_from(&self.overlay);
        let alike = self.kept.as_ref().is_some_and(|kept| {
            kept.texture.format() == texture.format()
                && kept.outline.compare(outline, &mut self.damage)
        });
        if alike {
            let target = Rect::new(0, 0, self.size.0, self.size.1);
            let before = self
                .kept
                .as_ref()
                .map_or(&[][..], |kept| &kept.outline.overlay);
            for layer in &self.layers {
                let Layer::Grid { view, at } = layer else {
                    continue;
                };
                let Some(grid) = self.views.get(view) else {
                    continue;
                };
                // What lies over the rows must not move with them.
                let covered = before
                    .iter()
                    .chain(&self.overlay)
                    .any(|glyph| !glyph.bounds().intersection(at).is_empty());
                let moved = grid.moved().filter(|moved| {
                    let rows = grid.place(moved.first..moved.last + 1, at);
                    !covered && rows.intersection(at).intersection(&target) == rows
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
        } else {
            self.damage.set(Rect::new(0, 0, self.size.0, self.size.1));
        }
        let same_texture = |kept: &Kept| {
            kept.outline.size == self.size && kept.texture.format() == texture.format()
        };
        let mut kept = match self.kept.take().filter(same_texture) {
            Some(kept) => kept,
            None => Kept::new(gpu, &self.pipeline, texture.format(), self.size),
        };
        kept.outline.assign(&self.outline);
        self.kept = Some(kept);
    }

    /// Sends everything that the device does not have yet; returns the bytes sent.
    fn upload(&mut self, gpu: &Gpu) -> u64 {
        let (width, height) = self.size;
        let mut sent = self.pipeline.upload_glyphs(gpu, &mut self.engine.atlas);
        let mut most = self.overlay.len();
        let globals = |origin| Globals {
            size: [width as f32, height as f32],
            origin,
            stroke: self.stroke,
            padding: [0.0; 3],
        };
        self.globals.clear();
        for layer in &self.layers {
            let mut origin = [0.0, 0.0];
            if let Layer::Grid { view, at } = layer {
                origin = [at.x as f32, at.y as f32];
                if let Some(grid) = self.views.get_mut(view) {
                    sent += grid.upload(gpu);
                    most = most.max(grid.most());
                }
            }
            self.globals.push(globals(origin));
        }
        self.globals.push(globals([0.0, 0.0]));
        sent += self.overlay_buffer.update(gpu, &self.overlay);
        if self.kept.is_some() {
            let mut color = opaque(self.backdrop.clear);
            color[3] = byte(self.backdrop.opacity.clamp(0.0, 1.0) * 255.0);
            let clear = quad(&Rect::new(0, 0, width, height), color);
            sent += self.clear_buffer.update(gpu, &[clear]);
        }
        self.pipeline.reserve(gpu, most as u32);
        sent + self.pipeline.upload_globals(gpu, &self.globals)
    }

    /// Draws a part of the scene.
    fn paint(&self, painter: &mut Painter<'_>, part: &Rect) {
        for (index, layer) in self.layers.iter().enumerate() {
            let index = index as u32;
            match layer {
                Layer::Grid { view, at } => {
                    let visible = at.intersection(part);
                    if let Some(grid) = self.views.get(view)
                        && painter.clip(&visible)
                    {
                        grid.draw(painter, index, at, &visible);
                    }
                }
                Layer::Overlay { start, end } => {
                    let buffer = self.overlay_buffer.buffer();
                    if painter.clip(part) {
                        let span = buffer.map(|buffer| (buffer, *start..*end));
                        painter.draw(index, Ink::Any, span);
                    }
                }
            }
        }
    }

    /// Forgets the cached rows of a pane that was closed.
    pub fn forget_view(&mut self, view: ViewId) {
        self.views.remove(&view);
    }

    /// What was done so far.
    pub fn stats(&self) -> Stats {
        Stats {
            glyphs_rasterised: self.engine.atlas.rasterised(),
            atlas_bytes: self.engine.atlas.bytes(),
            ..self.stats
        }
    }

    /// Adds to the overlay: to the last layer if it is one, or else to a new one.
    fn push(&mut self, glyph: Glyph) {
        self.overlay.push(glyph);
        let end = self.overlay.len() as u32;
        match self.layers.last_mut() {
            Some(Layer::Overlay { end: last, .. }) => *last = end,
            _ => self.layers.push(Layer::Overlay {
                start: end - 1,
                end,
            }),
        }
    }

    /// What an input method composes: over the cells at the cursor, underlined, moved left where
    /// the row ends.
    fn draw_preedit(&mut self, frame: &Frame, at: Rect, preedit: &Preedit) {
        let metrics = self.engine.metrics;
        let (foreground, background) = if frame.reverse_screen {
            (frame.palette.background, frame.palette.foreground)
        } else {
            (frame.palette.foreground, frame.palette.background)
        };
        let columns: u32 = preedit.text.graphemes(true).map(columns_of).sum();
        let available = (at.width / metrics.width).max(1);
        let last = available.saturating_sub(columns);
        let column = u32::from(frame.cursor.column).min(last);
        let x = at.x + (column * metrics.width) as i32;
        let y = at.y + i32::from(frame.cursor.row) * metrics.height as i32;
        let width = columns.min(available) * metrics.width;
        self.draw_quad(Rect::new(x, y, width, metrics.height), opaque(background));
        if let Some((start, end)) = preedit.cursor.filter(|(start, end)| start < end) {
            let before = columns_before(&preedit.text, start);
            let through = columns_before(&preedit.text, end);
            let left = x + (before * metrics.width) as i32;
            let width = through.saturating_sub(before) * metrics.width;
            let marked = opaque(mix(background, foreground, 0.3));
            self.draw_quad(Rect::new(left, y, width, metrics.height), marked);
        }
        let style = TextStyle {
            color: foreground,
            background,
            bold: false,
            italic: false,
        };
        self.draw_text(x, y, &preedit.text, style);
        let line = y + metrics.underline_position as i32;
        let underline = Rect::new(x, line, width, metrics.underline_thickness);
        self.draw_quad(underline, opaque(foreground));
        if let Some((_, end)) = preedit.cursor {
            let before = columns_before(&preedit.text, end);
            let left = x + (before * metrics.width) as i32;
            let color = frame.palette.cursor.unwrap_or(foreground);
            let thick = self.scale.physical(crate::LogicalPx(1.5)).0.max(1) as u32;
            self.draw_quad(Rect::new(left, y, thick, metrics.height), opaque(color));
        }
    }
}

/// The picture as it was drawn last, for drivers that draw in software.
struct Kept {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    outline: Outline,
    /// Where parts that move pass through; made with the first.
    passage: Option<wgpu::Texture>,
}

impl Kept {
    /// Whether a target can receive a copy.
    fn fits(pipeline: &Pipeline, target: &wgpu::Texture, size: (u32, u32)) -> bool {
        target.usage().contains(wgpu::TextureUsages::COPY_DST)
            && (target.width(), target.height()) == size
            && target.format().remove_srgb_suffix() == pipeline.format().remove_srgb_suffix()
    }

    fn new(
        gpu: &Gpu,
        pipeline: &Pipeline,
        format: wgpu::TextureFormat,
        (width, height): (u32, u32),
    ) -> Self {
        let texture = gpu.device().create_texture(&wgpu::TextureDescriptor {
            label: Some("kept picture"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                | wgpu::TextureUsages::COPY_SRC
                | wgpu::TextureUsages::COPY_DST,
            view_formats: &[pipeline.format()],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor {
            format: Some(pipeline.format()),
            ..wgpu::TextureViewDescriptor::default()
        });
        Self {
            texture,
            view,
            outline: Outline::default(),
            passage: None,
        }
    }
}

impl Kept {
    /// Moves a part up or down: through another texture, since none can be copied to itself.
    fn scroll(&mut self, gpu: &Gpu, encoder: &mut wgpu::CommandEncoder, part: &Rect, y: i32) {
        let passage = self.passage.get_or_insert_with(|| {
            gpu.device().create_texture(&wgpu::TextureDescriptor {
                label: Some("passage"),
                size: self.texture.size(),
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: self.texture.format(),
                usage: wgpu::TextureUsages::COPY_SRC | wgpu::TextureUsages::COPY_DST,
                view_formats: &[],
            })
        });
        let at = |texture, y: i32| wgpu::TexelCopyTextureInfo {
            texture,
            mip_level: 0,
            origin: wgpu::Origin3d {
                x: part.x as u32,
                y: y as u32,
                z: 0,
            },
            aspect: wgpu::TextureAspect::All,
        };
        let size = wgpu::Extent3d {
            width: part.width,
            height: part.height,
            depth_or_array_layers: 1,
        };
        encoder.copy_texture_to_texture(at(&self.texture, part.y), at(passage, part.y), size);
        encoder.copy_texture_to_texture(at(passage, part.y), at(&self.texture, y), size);
    }
}

fn stroke(fonts: &FontOptions) -> f32 {
    if fonts.thin_strokes {
        THIN_STROKES
    } else {
        1.0
    }
}

/// Columns of a grapheme cluster: as in a grid, never more than two.
fn columns_of(cluster: &str) -> u32 {
    cluster.width().clamp(1, 2) as u32
}

/// Columns of the text before byte `end`.
fn columns_before(text: &str, end: usize) -> u32 {
    text.grapheme_indices(true)
        .take_while(|(start, _)| *start < end)
        .map(|(_, cluster)| columns_of(cluster))
        .sum()
}

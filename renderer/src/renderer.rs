//! The renderer: scenes from grids, rectangles and text.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "pixels and instances of one scene, far below the limits of their types"
)]

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use terminal::{Frame, Rgb};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::atlas::{GlyphKey, Stretch};
use crate::color::{lightness, mix};
use crate::font::library::FaceStyle;
use crate::rows::Scratch;
use crate::scene::{Glyph, Layer, opaque};
use crate::shape::wants_color;
use crate::text::TextEngine;
use crate::view::{Backdrop, GridView};
use crate::{
    CellMetrics, FontOptions, FontScan, Look, Preedit, Rect, Scale, StandIns, Stats, ViewId,
    Warning, builtin,
};

/// The exponent of coverage with the option for thin strokes.
const THIN_STROKES: f32 = 1.35;

/// Most views kept that no scene draws any more (hidden tabs come back).
const MAX_IDLE_VIEWS: usize = 64;

/// Makes scenes of grids, rectangles and text.
///
/// A scene is begun, and drawn from back to front, as often as the picture changes; a
/// [`GpuPainter`](crate::GpuPainter) or a [`SoftwarePainter`](crate::SoftwarePainter) makes it a
/// picture. Everything is kept from scene to scene; what did not change costs a comparison.
pub struct Renderer {
    pub(crate) engine: TextEngine,
    pub(crate) views: FxHashMap<ViewId, GridView>,
    scratch: Scratch,
    pub(crate) layers: Vec<Layer>,
    pub(crate) overlay: Vec<Glyph>,
    stand_ins: Arc<StandIns>,
    /// Counts up when fonts change.
    pub(crate) fonts: u64,
    /// Width and height of the scene in pixels.
    pub(crate) size: (u32, u32),
    pub(crate) backdrop: Backdrop,
    scale: Scale,
    /// The exponent of coverage.
    pub(crate) stroke: f32,
    scene: u64,
    pub(crate) stats: Stats,
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
    /// A renderer in these fonts, and what is wrong with them. `scale` is physical pixels per
    /// logical one.
    pub fn new(fonts: &FontOptions, scale: f32) -> (Renderer, Vec<Warning>) {
        Self::with_scan(fonts, scale, None)
    }

    /// [`Renderer::new`] with the machine's fonts, which were read meanwhile: start the scan
    /// ([`FontScan::start`]) before opening a device.
    pub fn with_scan(
        fonts: &FontOptions,
        scale: f32,
        scan: Option<FontScan>,
    ) -> (Renderer, Vec<Warning>) {
        let scale = Scale::new(scale);
        let (engine, warnings) = TextEngine::new(fonts, scale, scan);
        let renderer = Renderer {
            engine,
            stand_ins: Arc::new(StandIns::new(fonts)),
            views: FxHashMap::default(),
            scratch: Scratch::default(),
            layers: Vec::new(),
            overlay: Vec::new(),
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
        self.stand_ins = Arc::new(StandIns::new(fonts));
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

    /// What stands in for what the faces of [`Renderer::font_data`] lack.
    pub fn stand_ins(&self) -> Arc<StandIns> {
        Arc::clone(&self.stand_ins)
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

fn stroke(fonts: &FontOptions) -> f32 {
    if fonts.thin_strokes {
        THIN_STROKES
    } else {
        1.0
    }
}

/// Columns of a grapheme cluster: as in a grid, never more than two.
pub(crate) fn columns_of(cluster: &str) -> u32 {
    cluster.width().clamp(1, 2) as u32
}

/// Columns of the text before byte `end`.
fn columns_before(text: &str, end: usize) -> u32 {
    text.grapheme_indices(true)
        .take_while(|(start, _)| *start < end)
        .map(|(_, cluster)| columns_of(cluster))
        .sum()
}

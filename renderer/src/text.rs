//! Everything that turns text into glyphs of the atlas at one size: faces, shaping, rasterising.

use crate::atlas::{Atlas, GlyphKey, Slot, Stretch};
use crate::font::library::{FaceId, FaceStyle, Library};
use crate::font::metrics::{cell_metrics, sane_points};
use crate::font::raster::{GlyphSize, Rasterizer};
use crate::shape::{KnownSlot, ShapedGlyph, Shaper, Word};
use crate::{CellMetrics, FontOptions, FontScan, Scale, Warning};

/// Faces, words and glyphs of one font setting.
pub(crate) struct TextEngine {
    pub(crate) library: Library,
    pub(crate) shaper: Shaper,
    pub(crate) atlas: Atlas,
    pub(crate) metrics: CellMetrics,
    /// Whether we draw box drawing and its like ourselves.
    pub(crate) builtin: bool,
    rasterizer: Rasterizer,
    em: f32,
}

impl TextEngine {
    pub(crate) fn new(
        options: &FontOptions,
        scale: Scale,
        scan: Option<FontScan>,
    ) -> (Self, Vec<Warning>) {
        let mut library = Library::new(scan);
        let warnings = library.configure(options);
        let metrics = cell_metrics(
            library.face(library.primary(FaceStyle::Regular)),
            options,
            scale,
        );
        let engine = Self {
            library,
            shaper: Shaper::new(options.ligatures),
            atlas: Atlas::new(),
            metrics,
            builtin: options.builtin_box_drawing,
            rasterizer: Rasterizer::new(),
            em: scale.em(sane_points(options.size_points)),
        };
        (engine, warnings)
    }

    /// Changes the fonts or the size; every glyph is forgotten.
    pub(crate) fn configure(&mut self, options: &FontOptions, scale: Scale) -> Vec<Warning> {
        let warnings = self.library.configure(options);
        let regular = self.library.primary(FaceStyle::Regular);
        self.metrics = cell_metrics(self.library.face(regular), options, scale);
        self.shaper = Shaper::new(options.ligatures);
        self.builtin = options.builtin_box_drawing;
        self.em = scale.em(sane_points(options.size_points));
        self.atlas.clear();
        warnings
    }

    /// The glyphs of a run of narrow cells in one face.
    pub(crate) fn run(&mut self, face: FaceId, text: &str) -> Word {
        self.shaper
            .run(&mut self.library, face, text, &self.metrics, self.em)
    }

    /// The glyphs of one cell.
    pub(crate) fn cell(&mut self, style: FaceStyle, text: &str, span: u8, color: bool) -> Word {
        let size = (&self.metrics, self.em);
        self.shaper
            .cell(&mut self.library, style, text, (span, color), size)
    }

    /// A glyph of a word and its place in the atlas, drawn this much larger: `None` when it has no pixels.
    pub(crate) fn glyph(
        &mut self,
        word: Word,
        index: usize,
        stretch: Stretch,
    ) -> Option<(ShapedGlyph, Option<Slot>)> {
        let Self {
            library,
            shaper,
            atlas,
            rasterizer,
            metrics,
            em,
            ..
        } = self;
        let (glyph, known) = shaper.glyph(word, index)?;
        if stretch == Stretch::None && known.since == atlas.evictions() + 1 {
            if let Some(slot) = known.slot {
                atlas.touch(slot.kind, slot.layer);
            }
            return Some((glyph, known.slot));
        }
        let key = GlyphKey::glyph(glyph.face.0, glyph.glyph, glyph.span, stretch);
        let slot = atlas.get(key, || {
            let face = library.face(glyph.face);
            let size = GlyphSize { em: *em, stretch };
            let cell = metrics.stretched(stretch);
            rasterizer.rasterize(face, glyph.glyph, size, glyph.span, &cell)
        });
        if stretch == Stretch::None {
            *known = KnownSlot {
                since: atlas.evictions() + 1,
                slot,
            };
        }
        Some((glyph, slot))
    }
}

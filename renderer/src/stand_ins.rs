//! Fonts for text that others draw: what stands in for what their font lacks is what the grid would take.
//!
//! Nothing is read from the machine before the first question.

use std::fmt;
use std::sync::Arc;

use cosmic_text::Font;
use parking_lot::Mutex;

use crate::atlas::Stretch;
use crate::font::library::{FaceStyle, Library};
use crate::font::metrics::cell_metrics;
use crate::font::raster::{GlyphSize, Rasterizer};
use crate::renderer::columns_of;
use crate::shape::{Shaper, is_color, wants_color};
use crate::{FontOptions, Scale};

/// Points of a logical pixel.
const POINTS: f32 = 0.75;

/// What stands in for a font that lacks a character.
pub struct StandIns {
    options: FontOptions,
    found: Mutex<Option<Library>>,
}

/// A font file.
#[derive(Clone)]
pub struct FontFile {
    /// A name, one for each face.
    pub name: String,
    /// The file's bytes; they are not copied.
    pub data: Arc<dyn AsRef<[u8]> + Send + Sync>,
    /// The face in the file.
    pub index: u32,
    /// Whether the file has many weights, of which 400 is meant.
    pub is_variable: bool,
}

impl fmt::Debug for FontFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FontFile")
            .field("name", &self.name)
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

/// A glyph in colors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColorGlyph {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// From the pen to the left edge, in pixels.
    pub left: i32,
    /// From the baseline up to the top edge, in pixels.
    pub top: i32,
    /// How far the pen goes, in pixels.
    pub advance: u32,
    /// Straight sRGB, 4 bytes a pixel, row by row from the top.
    pub data: Vec<u8>,
}

/// The bytes of a font that is open.
struct Bytes(Arc<Font>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self.0.data()
    }
}

impl fmt::Debug for StandIns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIns")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl StandIns {
    /// What stands in for the family of `options`.
    pub fn new(options: &FontOptions) -> Self {
        Self {
            options: options.clone(),
            found: Mutex::new(None),
        }
    }

    /// The font with which the grid draws `text` (one grapheme cluster); `None` if none has it, or only one in colors.
    pub fn font(&self, text: &str) -> Option<FontFile> {
        self.with_library(|library, _| {
            let color = wants_color(text, columns_of(text) == 2);
            let face = library.resolve(text, FaceStyle::Regular, color)?;
            let face = library.face(face);
            if is_color(face) {
                return None;
            }
            let (name, index) = library.origin(face)?;
            Some(FontFile {
                name,
                data: Arc::new(Bytes(Arc::clone(&face.font))),
                index,
                is_variable: !face.coords.is_empty(),
            })
        })
    }

    /// `text` (one grapheme cluster) as the grid draws it, at `em` pixels; `None` if that is not in colors.
    pub fn color_glyph(&self, text: &str, em: f32) -> Option<ColorGlyph> {
        self.with_library(|library, options| {
            let columns = columns_of(text);
            let color = wants_color(text, columns == 2);
            let face = library.resolve(text, FaceStyle::Regular, color)?;
            if !is_color(library.face(face)) {
                return None;
            }
            let options = FontOptions {
                size_points: em * POINTS,
                letter_spacing: 0.0,
                ..options.clone()
            };
            let regular = library.face(library.primary(FaceStyle::Regular));
            let cell = cell_metrics(regular, &options, Scale::new(1.0));
            let span = if columns == 2 { 2 } else { 1 };
            // Whoever asks keeps what comes out.
            let mut shaper = Shaper::new(options.ligatures);
            let word = shaper.cell(
                library,
                FaceStyle::Regular,
                text,
                (span, color),
                (&cell, em),
            );
            let (glyph, _) = shaper.glyph(word, 0)?;
            let size = GlyphSize {
                em,
                stretch: Stretch::None,
            };
            let bitmap = Rasterizer::new().rasterize(
                library.face(glyph.face),
                glyph.glyph,
                size,
                glyph.span,
                &cell,
            )?;
            bitmap.color.then_some(ColorGlyph {
                width: bitmap.width,
                height: bitmap.height,
                left: bitmap.left,
                top: bitmap.top,
                advance: columns * cell.width,
                data: bitmap.data,
            })
        })
    }

    fn with_library<T>(
        &self,
        ask: impl FnOnce(&mut Library, &FontOptions) -> Option<T>,
    ) -> Option<T> {
        let mut found = self.found.lock();
        let library = found.get_or_insert_with(|| {
            let mut library = Library::new(None);
            // The renderer has told what is wrong with these options.
            let _ = library.configure(&self.options);
            library
        });
        ask(library, &self.options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the machine has a font with a character.
    fn has(c: char) -> bool {
        let found = Library::new(None).resolve_installed(c).is_some();
        if !found {
            eprintln!("skipped: no font of this machine has {c:?}");
        }
        found
    }

    #[test]
    fn nothing_is_read_before_it_is_asked_for() {
        let stand_ins = StandIns::new(&FontOptions::default());
        assert!(stand_ins.found.lock().is_none());
    }

    #[test]
    fn outlines_come_as_files_and_colors_as_pictures() {
        let stand_ins = StandIns::new(&FontOptions::default());
        if has('日') {
            let font = stand_ins.font("日").unwrap();
            let bytes = (*font.data).as_ref();
            let face = swash::FontRef::from_index(bytes, font.index as usize).unwrap();
            assert_ne!(face.charmap().map('日'), 0);
            assert!(stand_ins.color_glyph("日", 16.0).is_none());
            // The same font again, so that it is loaded once.
            assert_eq!(stand_ins.font("本").unwrap().name, font.name);
        }
        if has('🦀') && stand_ins.font("🦀").is_none() {
            let glyph = stand_ins.color_glyph("🦀", 16.0).unwrap();
            let pixels = glyph.width as usize * glyph.height as usize;
            assert_eq!(glyph.data.len(), pixels * 4);
            assert!(glyph.width <= glyph.advance && glyph.data.iter().any(|byte| *byte != 0));
        }
        // What no font has.
        assert!(stand_ins.font("\u{10fffd}").is_none());
        assert!(stand_ins.color_glyph("\u{10fffd}", 16.0).is_none());
    }
}

//! Fonts: what the user asks for, and the cell that comes out of it.

pub(crate) mod library;
pub(crate) mod metrics;
pub(crate) mod raster;

pub use library::FontScan;

/// The fonts to draw with.
#[derive(Clone, Debug, PartialEq)]
pub struct FontOptions {
    /// Family of the text. Empty, or `JetBrains Mono`: the embedded font; `monospace`: the
    /// desktop's own choice.
    pub family: String,
    /// Family of bold text; `None`: the same family.
    pub bold: Option<String>,
    /// Family of italic text; `None`: the same family.
    pub italic: Option<String>,
    /// Family of bold italic text; `None`: the same family.
    pub bold_italic: Option<String>,
    /// Families to look in, in order, for what the family lacks, before all others.
    pub fallback: Vec<String>,
    /// Size in points, 72 to the inch of 96 logical pixels.
    pub size_points: f32,
    /// Height of a line, in line heights of the font.
    pub line_height: f32,
    /// Added to the width of every cell, in logical pixels; may be negative.
    pub letter_spacing: f32,
    /// Whether the font's ligatures and contextual forms (`liga`, `calt`) are used.
    pub ligatures: bool,
    /// Whether strokes are drawn lighter than they are.
    pub thin_strokes: bool,
    /// Whether box drawing, blocks, braille, Powerline and legacy computing symbols are drawn by
    /// ourselves, seamless, or taken from the font.
    pub builtin_box_drawing: bool,
}

impl Default for FontOptions {
    fn default() -> Self {
        Self {
            family: String::new(),
            bold: None,
            italic: None,
            bold_italic: None,
            fallback: Vec::new(),
            size_points: 11.0,
            line_height: 1.0,
            letter_spacing: 0.0,
            ligatures: true,
            thin_strokes: false,
            builtin_box_drawing: true,
        }
    }
}

/// The cell and its lines, in physical pixels; positions are from the cell's top edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CellMetrics {
    /// Width of a column, at least 1.
    pub width: u32,
    /// Height of a row, at least 1.
    pub height: u32,
    /// From the top edge to the baseline.
    pub baseline: u32,
    /// From the top edge to the top of the underline.
    pub underline_position: u32,
    /// Height of the underline, at least 1.
    pub underline_thickness: u32,
    /// From the top edge to the top of the line through struck text.
    pub strikethrough_position: u32,
    /// Height of the line through struck text, at least 1.
    pub strikethrough_thickness: u32,
    /// Thickness of a light line of box drawing, at least 1.
    pub box_thickness: u32,
}

/// Something about the fonts that the user should know; the text is drawn all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// A family is not installed; the embedded font stands in.
    #[error("font \"{family}\" not found; see {option}")]
    FamilyNotFound {
        /// The family asked for.
        family: String,
        /// The option that asks for it, as `font.family`.
        option: &'static str,
    },
    /// A font file cannot be read.
    #[error("font \"{family}\" is damaged; see {option}")]
    Unreadable {
        /// The family asked for.
        family: String,
        /// The option that asks for it, as `font.family`.
        option: &'static str,
    },
}

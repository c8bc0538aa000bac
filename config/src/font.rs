//! `[font]`: families, size and spacing.

use crate::section::section;

section! {
    /// The text's font.
    pub struct Font in "font" {
        /// The family, as `fc-list : family` names it; empty for the JetBrains Mono that Terrace
        /// brings along. A family that is not installed gives a warning in the window.
        family: String = String::new();
        /// The family of bold text; empty for the same as `family`.
        bold_family: String = String::new();
        /// The family of italic text; empty for the same as `family`.
        italic_family: String = String::new();
        /// The family of bold italic text; empty for the same as `family`.
        bold_italic_family: String = String::new();
        /// The size in points: 1/72 inch at 96 pixels an inch, times the screen's scale.
        size: f32 = 11.0, in 2.0..=200.0;
        /// Families asked first for characters which the font lacks, before the other installed
        /// ones: `["Noto Sans CJK JP", "Noto Color Emoji"]`.
        fallback: Vec<String> = Vec::new();
        /// Join sequences such as `->` and `!=` where the font has a sign for them.
        ligatures: bool = false;
        /// The height of a row, as a multiple of the font's own.
        line_height: f32 = 1.0, in 0.5..=3.0;
        /// Pixels added to the width of every column; negative to bring them closer.
        letter_spacing: f32 = 0.0, in -20.0..=50.0;
        /// Draw strokes thinner, which some prefer for light text on dark ground.
        thin_strokes: bool = false;
        /// Draw box lines, blocks, braille and Powerline signs ourselves, so that they meet without
        /// gaps at every size, instead of taking the font's.
        builtin_box_drawing: bool = true;
    }
}

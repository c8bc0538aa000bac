//! What a cell looks like ([`Style`]) and how it is stored on the live screen ([`Cell`], 8 bytes).

use crate::color::Color;

bitflags::bitflags! {
    /// The independent attributes of SGR and DECSCA; the underline's form is [`UnderlineStyle`].
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Attrs: u16 {
        /// SGR 1.
        const BOLD = 1;
        /// SGR 2.
        const DIM = 1 << 1;
        /// SGR 3.
        const ITALIC = 1 << 2;
        /// SGR 5 and 6.
        const BLINK = 1 << 3;
        /// SGR 7.
        const REVERSE = 1 << 4;
        /// SGR 8.
        const CONCEAL = 1 << 5;
        /// SGR 9.
        const STRIKETHROUGH = 1 << 6;
        /// SGR 53.
        const OVERLINE = 1 << 7;
        /// DECSCA 1: DECSED, DECSEL and DECSERA leave the cell alone.
        const PROTECTED = 1 << 8;
    }
}

/// The form of the underline (SGR 4, 4:0–4:5, 21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnderlineStyle {
    /// None (SGR 24, 4:0).
    #[default]
    None,
    /// Single (SGR 4).
    Single,
    /// Double (SGR 21, 4:2).
    Double,
    /// Curly (SGR 4:3).
    Curly,
    /// Dotted (SGR 4:4).
    Dotted,
    /// Dashed (SGR 4:5).
    Dashed,
}

/// Everything SGR can say about a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// Text color.
    pub foreground: Color,
    /// Background color.
    pub background: Color,
    /// Underline color; `Default` is the text's.
    pub underline_color: Color,
    /// Underline form.
    pub underline: UnderlineStyle,
    /// The independent attributes.
    pub attrs: Attrs,
}

/// How many columns a cell's text takes, and what a cell without text of its own is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellWidth {
    /// One column.
    Narrow,
    /// Two columns; the next cell is its [`CellWidth::Spacer`].
    Wide,
    /// The second half of a wide cell.
    Spacer,
    /// The blank at the end of a row where a wide character did not fit before the soft wrap.
    LeadingSpacer,
}

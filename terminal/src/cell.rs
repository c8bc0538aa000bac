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

impl Style {
    /// This style as a blank's: the background only, since erasing (ED, EL, ECH …) takes nothing else
    /// of the pen (xterm's `bce`).
    pub(crate) fn erased(&self) -> Style {
        Style {
            background: self.background,
            ..Style::default()
        }
    }

    /// Everything but the underline's color in 64 bits, and that color: a cheap key for hashing.
    pub(crate) fn key(&self) -> (u64, u32) {
        fn color(color: Color) -> u64 {
            match color {
                Color::Default => 0,
                Color::Indexed(i) => 1 << 24 | u64::from(i),
                Color::Rgb(c) => {
                    2 << 24 | u64::from(c.r) << 16 | u64::from(c.g) << 8 | u64::from(c.b)
                }
            }
        }
        let underline = self.underline as u64;
        let attrs = u64::from(self.attrs.bits());
        let main =
            color(self.foreground) | color(self.background) << 26 | underline << 52 | attrs << 55;
        #[expect(clippy::cast_possible_truncation, reason = "a color's key has 26 bits")]
        let line = color(self.underline_color) as u32;
        (main, line)
    }
}

/// A cell of the live screen in 8 bytes.
///
/// From the low end: 21 bits code point or index of a cluster, 1 bit that tells which, 2 bits
/// [`CellWidth`], 24 bits style id, 16 bits hyperlink id. Style 0 is the default and link 0 is none,
/// so zero is a blank that was never written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell(pub(crate) u64);

const _: () = assert!(size_of::<Cell>() == 8);

/// What a [`Cell`] shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Nothing was written, or it was erased.
    Blank,
    /// One code point.
    Char(char),
    /// A grapheme cluster, by its index in the screen's table.
    Cluster(u32),
}

impl Cell {
    /// Never written, default style.
    pub(crate) const BLANK: Cell = Cell(0);
    /// Where style and link begin; what is above is a cell's "look".
    pub(crate) const LOOK_SHIFT: u32 = 24;
    const LINK_SHIFT: u32 = 48;
    const CLUSTER: u64 = 1 << 21;
    const CONTENT: u64 = (1 << 21) - 1;
    const WIDTH_SHIFT: u32 = 22;
    /// The largest style id.
    pub(crate) const MAX_STYLE: u32 = (1 << 24) - 1;
    /// The largest cluster index.
    pub(crate) const MAX_CLUSTER_INDEX: u32 = (1 << 21) - 1;

    /// The upper bits for a style and a link.
    pub(crate) const fn look_bits(style: u32, link: u16) -> u64 {
        (style as u64) << Self::LOOK_SHIFT | (link as u64) << Self::LINK_SHIFT
    }

    /// A cell of one code point; `look` is from [`Cell::look_bits`].
    pub(crate) const fn char(character: char, width: CellWidth, look: u64) -> Cell {
        Cell(character as u64 | (width as u64) << Self::WIDTH_SHIFT | look)
    }

    /// A cell of one cluster.
    pub(crate) const fn cluster(index: u32, width: CellWidth, look: u64) -> Cell {
        Cell(index as u64 | Self::CLUSTER | (width as u64) << Self::WIDTH_SHIFT | look)
    }

    /// A cell without content.
    pub(crate) const fn blank(width: CellWidth, look: u64) -> Cell {
        Cell((width as u64) << Self::WIDTH_SHIFT | look)
    }

    /// What it shows.
    pub(crate) fn content(self) -> Content {
        let content = (self.0 & Self::CONTENT) as u32;
        if self.0 & Self::CLUSTER != 0 {
            Content::Cluster(content)
        } else if content == 0 {
            Content::Blank
        } else {
            char::from_u32(content).map_or(Content::Blank, Content::Char)
        }
    }

    /// The code point, or the cluster's index; 0 for a blank.
    pub(crate) const fn code_point(self) -> u32 {
        (self.0 & Self::CONTENT) as u32
    }

    /// The index of the cluster it shows, if it does.
    #[inline]
    pub(crate) const fn cluster_index(self) -> Option<u32> {
        if self.0 & Self::CLUSTER == 0 {
            None
        } else {
            Some(self.code_point())
        }
    }

    /// What it shows, as a number: the code point, or the cluster's index and the bit that says so.
    pub(crate) const fn content_bits(self) -> u64 {
        self.0 & (Self::CONTENT | Self::CLUSTER)
    }

    /// The same cell with the content of another, whatever the width of that.
    pub(crate) const fn with_content(self, content: Cell) -> Cell {
        let bits = Self::CONTENT | Self::CLUSTER;
        Cell(self.0 & !bits | content.0 & bits)
    }

    /// The code point of a cell of one column that holds just one.
    #[inline]
    pub(crate) const fn narrow_char(self) -> Option<u32> {
        let other = Self::CLUSTER | 3 << Self::WIDTH_SHIFT;
        if self.0 & other == 0 && self.0 & Self::CONTENT != 0 {
            Some(self.code_point())
        } else {
            None
        }
    }

    /// How many columns it takes.
    pub(crate) const fn width(self) -> CellWidth {
        match self.0 >> Self::WIDTH_SHIFT & 3 {
            0 => CellWidth::Narrow,
            1 => CellWidth::Wide,
            2 => CellWidth::Spacer,
            _ => CellWidth::LeadingSpacer,
        }
    }

    /// Style and link, as the upper bits.
    pub(crate) const fn look(self) -> u64 {
        self.0 >> Self::LOOK_SHIFT << Self::LOOK_SHIFT
    }

    /// The style's id.
    pub(crate) const fn style(self) -> u32 {
        (self.0 >> Self::LOOK_SHIFT & 0xff_ffff) as u32
    }

    /// The hyperlink's id; 0 is none.
    pub(crate) const fn link(self) -> u16 {
        (self.0 >> Self::LINK_SHIFT) as u16
    }

    /// The same cell with another look.
    pub(crate) const fn with_look(self, look: u64) -> Cell {
        Cell(self.0 & ((1 << Self::LOOK_SHIFT) - 1) | look)
    }

    /// Nothing written, or a plain space: not worth keeping at the end of a line.
    pub(crate) const fn is_trimmable(self) -> bool {
        self.0 & !0x20 == 0
    }
}

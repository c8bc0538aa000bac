//! Colors as programs name them, and the palette that turns them into RGB.

/// An RGB color, 8 bits a channel, sRGB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rgb {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

impl Rgb {
    /// A color from its channels.
    pub const fn new(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b }
    }
}

/// A cell's color as the program set it (SGR 30–37, 38, 40–47, 48, 58, 90–97, 100–107).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Color {
    /// The default foreground or background (SGR 39, 49), or "as the text" for underlines (SGR 59).
    #[default]
    Default,
    /// One of the 256 palette entries.
    Indexed(u8),
    /// A true color.
    Rgb(Rgb),
}

/// The colors in force: the theme's, changed by OSC 4, 10–19 and 104–119.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The 256 indexed colors.
    pub indexed: [Rgb; 256],
    /// Default foreground (OSC 10).
    pub foreground: Rgb,
    /// Default background (OSC 11).
    pub background: Rgb,
    /// Cursor (OSC 12); `None`: the foreground of the cell below, inverted.
    pub cursor: Option<Rgb>,
    /// Text under a block cursor; `None`: the background of the cell below.
    pub cursor_text: Option<Rgb>,
    /// Selection background (OSC 17); `None`: reverse video.
    pub selection_background: Option<Rgb>,
    /// Selection foreground (OSC 19); `None`: the text keeps its color.
    pub selection_foreground: Option<Rgb>,
}

impl Default for Palette {
    /// xterm's 16 colors, its 6 × 6 × 6 cube and grey ramp, light grey on black.
    fn default() -> Self {
        const BASE: [u32; 16] = [
            0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
            0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
        ];
        let indexed = std::array::from_fn(|i| match i {
            0..16 => {
                let [_, r, g, b] = BASE[i].to_be_bytes();
                Rgb { r, g, b }
            }
            16..232 => {
                const STEP: [u8; 6] = [0, 95, 135, 175, 215, 255];
                let i = i - 16;
                Rgb {
                    r: STEP[i / 36],
                    g: STEP[i / 6 % 6],
                    b: STEP[i % 6],
                }
            }
            _ => {
                let grey = u8::try_from((i - 232) * 10 + 8).unwrap_or(u8::MAX);
                Rgb::new(grey, grey, grey)
            }
        });
        Self {
            indexed,
            foreground: Rgb::new(0xe5, 0xe5, 0xe5),
            background: Rgb::new(0, 0, 0),
            cursor: None,
            cursor_text: None,
            selection_background: None,
            selection_foreground: None,
        }
    }
}

//! Colors of cells: what the palette, SGR, the selection and the contrast option make of them.

use std::sync::LazyLock;

use terminal::cell::Attrs;
use terminal::{Color, Palette, Rgb, Style};

use crate::Look;

/// How much of the text's color dim text keeps (SGR 2).
const DIM_KEEPS: f32 = 0.6;

/// The least contrast of text on a highlight (WCAG 2, level AAA, where black or white reach it).
const HIGHLIGHT_CONTRAST: f32 = 7.0;

/// What a cell is drawn in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CellColors {
    pub(crate) foreground: Rgb,
    pub(crate) background: Rgb,
    pub(crate) underline: Rgb,
    /// The background is the screen's own: nothing to fill.
    pub(crate) plain: bool,
    /// The text is dimmed (color glyphs have no color to blend).
    pub(crate) dim: bool,
}

/// Turns styles into colors for one frame.
#[derive(Clone, Copy)]
pub(crate) struct Resolver<'a> {
    pub(crate) palette: &'a Palette,
    pub(crate) look: &'a Look,
    pub(crate) reverse_screen: bool,
}

impl Resolver<'_> {
    /// What the screen is filled with (DECSCNM swaps it).
    pub(crate) fn screen(&self) -> Rgb {
        if self.reverse_screen {
            self.palette.foreground
        } else {
            self.palette.background
        }
    }

    fn rgb(&self, color: Color, default: Rgb) -> Rgb {
        match color {
            Color::Default => default,
            Color::Indexed(index) => self.palette.indexed[usize::from(index)],
            Color::Rgb(rgb) => rgb,
        }
    }

    /// A cell's colors, the cursor apart.
    pub(crate) fn cell(&self, style: &Style, selected: bool) -> CellColors {
        let attrs = style.attrs;
        let bright = self.look.bold_is_bright && attrs.contains(Attrs::BOLD);
        let color = match style.foreground {
            Color::Indexed(index @ 0..8) if bright => Color::Indexed(index + 8),
            other => other,
        };
        let mut fg = self.rgb(color, self.palette.foreground);
        let mut bg = self.rgb(style.background, self.palette.background);
        let reverse = attrs.contains(Attrs::REVERSE);
        if reverse != self.reverse_screen {
            std::mem::swap(&mut fg, &mut bg);
        }
        let mut plain = style.background == Color::Default && !reverse;
        if selected {
            match self.palette.selection_background {
                Some(color) => bg = color,
                None => std::mem::swap(&mut fg, &mut bg),
            }
            if let Some(color) = self.palette.selection_foreground {
                fg = color;
            }
            plain = false;
        }
        let dim = attrs.contains(Attrs::DIM);
        self.finish(style, fg, bg, plain, dim)
    }

    /// The last steps, shared with the cell under a block cursor: dim, contrast, inactive panes.
    fn finish(&self, style: &Style, fg: Rgb, bg: Rgb, plain: bool, dim: bool) -> CellColors {
        let mut fg = fg;
        let mut bg = bg;
        let mut underline = self.rgb(style.underline_color, fg);
        if dim {
            fg = mix(bg, fg, DIM_KEEPS);
            underline = mix(bg, underline, DIM_KEEPS);
        }
        if self.look.minimum_contrast > 1.0 {
            fg = with_contrast(fg, bg, self.look.minimum_contrast);
        }
        if self.look.dim > 0.0 {
            let keep = 1.0 - self.look.dim.clamp(0.0, 1.0);
            let screen = self.screen();
            fg = mix(screen, fg, keep);
            underline = mix(screen, underline, keep);
            bg = mix(screen, bg, keep);
        }
        CellColors {
            foreground: fg,
            background: bg,
            underline,
            plain,
            dim,
        }
    }

    /// A cell's colors on the ground of a highlight.
    pub(crate) fn highlighted(&self, cell: &CellColors, background: Rgb) -> CellColors {
        let screen = self.screen();
        let keep = 1.0 - self.look.dim.clamp(0.0, 1.0);
        let background = mix(screen, background, keep);
        CellColors {
            foreground: with_contrast(cell.foreground, background, HIGHLIGHT_CONTRAST),
            underline: with_contrast(cell.underline, background, HIGHLIGHT_CONTRAST),
            background,
            plain: false,
            dim: cell.dim,
        }
    }

    /// The colors of a cell under a block cursor: the fill, and the text on it.
    pub(crate) fn block_cursor(&self, cell: &CellColors) -> CellColors {
        let fill = self.cursor(cell);
        let mut text = self.palette.cursor_text.unwrap_or(cell.background);
        if contrast(fill, text) < 1.3 {
            // A cursor in the background's color would hide the text under it.
            text = if contrast(fill, cell.foreground) < 1.3 {
                readable_on(fill)
            } else {
                cell.foreground
            };
        }
        CellColors {
            foreground: text,
            background: fill,
            underline: text,
            plain: false,
            dim: false,
        }
    }

    /// The cursor's own color over a cell.
    pub(crate) fn cursor(&self, cell: &CellColors) -> Rgb {
        self.palette.cursor.unwrap_or(cell.foreground)
    }
}

/// `keep` of `to`, the rest of `from`, in sRGB as the eye sees it.
pub(crate) fn mix(from: Rgb, to: Rgb, keep: f32) -> Rgb {
    let blend = |from: u8, to: u8| byte(f32::from(from) + (f32::from(to) - f32::from(from)) * keep);
    Rgb {
        r: blend(from.r, to.r),
        g: blend(from.g, to.g),
        b: blend(from.b, to.b),
    }
}

/// The nearest 8-bit value.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte before the cast"
)]
pub(crate) fn byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// A channel's light (IEC 61966-2-1), 0 to 1.
pub(crate) fn linear(channel: f32) -> f32 {
    if channel <= 0.04045 {
        channel / 12.92
    } else {
        ((channel + 0.055) / 1.055).powf(2.4)
    }
}

/// The channel of this much light (IEC 61966-2-1), both 0 to 1.
pub(crate) fn encoded(light: f32) -> f32 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

/// The light of every 8-bit channel: cells are colored by the thousand.
static LIGHT: LazyLock<[f32; 256]> =
    LazyLock::new(|| std::array::from_fn(|channel| linear(channel as f32 / 255.0)));

/// Relative luminance (WCAG 2), 0 to 1.
pub(crate) fn luminance(color: Rgb) -> f32 {
    let light = |channel: u8| LIGHT[usize::from(channel)];
    0.2126 * light(color.r) + 0.7152 * light(color.g) + 0.0722 * light(color.b)
}

/// Contrast ratio (WCAG 2), 1 to 21.
pub(crate) fn contrast(a: Rgb, b: Rgb) -> f32 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Black or white, whichever is better to read on `background`.
pub(crate) fn readable_on(background: Rgb) -> Rgb {
    let (black, white) = (Rgb::new(0, 0, 0), Rgb::new(255, 255, 255));
    if contrast(background, black) > contrast(background, white) {
        black
    } else {
        white
    }
}

/// `color`, moved towards black or white just as far as `minimum` asks for on `background`.
pub(crate) fn with_contrast(color: Rgb, background: Rgb, minimum: f32) -> Rgb {
    if contrast(color, background) >= minimum {
        return color;
    }
    let end = readable_on(background);
    let (mut low, mut high) = (0.0_f32, 1.0_f32);
    for _ in 0..8 {
        let middle = (low + high) / 2.0;
        if contrast(mix(color, end, middle), background) >= minimum {
            high = middle;
        } else {
            low = middle;
        }
    }
    mix(color, end, high)
}

/// How light a color looks, as the shader reckons it: encoded luminance in a byte.
pub(crate) fn lightness(color: Rgb) -> u8 {
    byte(encoded(luminance(color)) * 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLACK: Rgb = Rgb::new(0, 0, 0);
    const WHITE: Rgb = Rgb::new(255, 255, 255);
    const RED: Rgb = Rgb::new(0xcd, 0, 0);

    fn palette() -> Palette {
        Palette {
            foreground: WHITE,
            background: BLACK,
            ..Palette::default()
        }
    }

    fn style(foreground: Color, background: Color, attrs: Attrs) -> Style {
        Style {
            foreground,
            background,
            attrs,
            ..Style::default()
        }
    }

    #[track_caller]
    fn check(style: Style, selected: bool, foreground: Rgb, background: Rgb, plain: bool) {
        let (palette, look) = (palette(), Look::default());
        let resolver = Resolver {
            palette: &palette,
            look: &look,
            reverse_screen: false,
        };
        let colors = resolver.cell(&style, selected);
        assert_eq!(
            (colors.foreground, colors.background, colors.plain),
            (foreground, background, plain)
        );
    }

    #[test]
    fn styles_become_colors() {
        use Color::{Default as D, Indexed as I};
        check(style(D, D, Attrs::empty()), false, WHITE, BLACK, true);
        check(style(I(1), D, Attrs::empty()), false, RED, BLACK, true);
        check(style(D, I(1), Attrs::empty()), false, WHITE, RED, false);
        check(style(I(1), D, Attrs::REVERSE), false, BLACK, RED, false);
        check(style(I(1), D, Attrs::BOLD), false, RED, BLACK, true);
        check(
            style(D, D, Attrs::DIM),
            false,
            Rgb::new(153, 153, 153),
            BLACK,
            true,
        );
        // Without a selection color the selection is reverse video.
        check(style(D, D, Attrs::empty()), true, BLACK, WHITE, false);
        check(style(D, D, Attrs::REVERSE), true, WHITE, BLACK, false);
    }

    #[test]
    fn options_change_colors() {
        let mut palette = palette();
        let mut look = Look {
            bold_is_bright: true,
            ..Look::default()
        };
        let bold = style(Color::Indexed(1), Color::Default, Attrs::BOLD);
        let resolve = |palette: &Palette, look: &Look, reverse_screen, style: &Style, selected| {
            Resolver {
                palette,
                look,
                reverse_screen,
            }
            .cell(style, selected)
        };
        assert_eq!(
            resolve(&palette, &look, false, &bold, false).foreground,
            Rgb::new(255, 0, 0),
            "bold is bright"
        );
        let plain = resolve(&palette, &look, true, &Style::default(), false);
        assert_eq!(
            (plain.foreground, plain.background),
            (BLACK, WHITE),
            "DECSCNM"
        );
        assert!(plain.plain);
        palette.selection_background = Some(RED);
        let selected = resolve(&palette, &look, false, &Style::default(), true);
        assert_eq!(
            (selected.foreground, selected.background),
            (WHITE, RED),
            "selection color"
        );
        look.minimum_contrast = 7.0;
        let dark = style(
            Color::Rgb(Rgb::new(10, 10, 60)),
            Color::Default,
            Attrs::empty(),
        );
        let readable = resolve(&palette, &look, false, &dark, false).foreground;
        assert!(contrast(readable, BLACK) >= 7.0, "{readable:?}");
    }

    #[test]
    fn text_on_highlights_can_be_read() {
        let (palette, look) = (palette(), Look::default());
        let resolver = Resolver {
            palette: &palette,
            look: &look,
            reverse_screen: false,
        };
        let plain = resolver.cell(&Style::default(), false);
        for background in [
            Rgb::new(230, 200, 80),
            Rgb::new(90, 70, 0),
            RED,
            WHITE,
            BLACK,
        ] {
            let colors = resolver.highlighted(&plain, background);
            assert_eq!((colors.background, colors.plain), (background, false));
            assert!(contrast(colors.foreground, background) >= 4.4, "{colors:?}");
        }
        let readable = resolver.highlighted(&plain, Rgb::new(90, 70, 0));
        assert_eq!(
            readable.foreground, WHITE,
            "its own color, where that will do"
        );
    }

    #[test]
    fn cursors_stay_readable() {
        let mut palette = palette();
        let look = Look::default();
        let cell = CellColors {
            foreground: WHITE,
            background: BLACK,
            ..CellColors::default()
        };
        let block = |palette: &Palette| {
            let colors = Resolver {
                palette,
                look: &look,
                reverse_screen: false,
            }
            .block_cursor(&cell);
            (colors.background, colors.foreground)
        };
        assert_eq!(block(&palette), (WHITE, BLACK), "inverse by default");
        palette.cursor = Some(RED);
        assert_eq!(block(&palette), (RED, BLACK));
        palette.cursor_text = Some(WHITE);
        assert_eq!(block(&palette), (RED, WHITE));
        palette.cursor = Some(Rgb::new(250, 250, 250));
        assert_eq!(block(&palette).1, BLACK, "a light cursor under light text");
    }

    #[test]
    fn contrast_follows_wcag() {
        assert!((contrast(BLACK, WHITE) - 21.0).abs() < 0.01);
        assert!((contrast(RED, RED) - 1.0).abs() < 0.01);
        assert_eq!(lightness(BLACK), 0);
        assert_eq!(lightness(WHITE), 255);
        assert_eq!(with_contrast(WHITE, BLACK, 21.0), WHITE);
    }
}

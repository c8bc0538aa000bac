//! SGR, Select Graphic Rendition (`CSI … m`, ECMA-48 8.3.117, xterm ctlseqs, ITU-T T.416 colors).

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::cell::{Attrs, Style, UnderlineStyle};
use crate::color::{Color, Rgb};
use crate::parser::Params;

/// Changes a style as SGR's parameters say. Protection (DECSCA) is not SGR's to change.
pub(crate) fn apply(style: &mut Style, params: &Params) {
    apply_values(style, params, 0);
}

/// As [`apply`], from the value at `start` on (DECCARA has a rectangle before).
pub(crate) fn apply_values(style: &mut Style, params: &Params, start: usize) {
    let mut groups = Groups { params, at: start };
    while let Some(group) = groups.next() {
        let attrs = &mut style.attrs;
        match group[0] {
            0 => {
                *style = Style {
                    attrs: style.attrs & Attrs::PROTECTED,
                    ..Style::default()
                }
            }
            1 => attrs.insert(Attrs::BOLD),
            2 => attrs.insert(Attrs::DIM),
            3 => attrs.insert(Attrs::ITALIC),
            4 => match group.get(1) {
                None => style.underline = UnderlineStyle::Single,
                Some(&form) => {
                    if let Some(form) = underline_form(form) {
                        style.underline = form;
                    }
                }
            },
            5 | 6 => attrs.insert(Attrs::BLINK),
            7 => attrs.insert(Attrs::REVERSE),
            8 => attrs.insert(Attrs::CONCEAL),
            9 => attrs.insert(Attrs::STRIKETHROUGH),
            21 => style.underline = UnderlineStyle::Double,
            22 => attrs.remove(Attrs::BOLD | Attrs::DIM),
            23 => attrs.remove(Attrs::ITALIC),
            24 => style.underline = UnderlineStyle::None,
            25 => attrs.remove(Attrs::BLINK),
            27 => attrs.remove(Attrs::REVERSE),
            28 => attrs.remove(Attrs::CONCEAL),
            29 => attrs.remove(Attrs::STRIKETHROUGH),
            30..=37 => style.foreground = indexed(group[0] - 30),
            38 => set(&mut style.foreground, groups.color(group)),
            39 => style.foreground = Color::Default,
            40..=47 => style.background = indexed(group[0] - 40),
            48 => set(&mut style.background, groups.color(group)),
            49 => style.background = Color::Default,
            53 => attrs.insert(Attrs::OVERLINE),
            55 => attrs.remove(Attrs::OVERLINE),
            58 => set(&mut style.underline_color, groups.color(group)),
            59 => style.underline_color = Color::Default,
            90..=97 => style.foreground = indexed(group[0] - 90 + 8),
            100..=107 => style.background = indexed(group[0] - 100 + 8),
            _ => {}
        }
    }
}

/// DECRARA (`CSI Pt ; … $ t`): inverts the attributes named; 0 means all that can be.
pub(crate) fn invert(style: &mut Style, params: &Params, start: usize) {
    for &value in params.values().get(start..).unwrap_or_default() {
        match value {
            0 => {
                style
                    .attrs
                    .toggle(Attrs::BOLD | Attrs::BLINK | Attrs::REVERSE);
                toggle_underline(style);
            }
            1 => style.attrs.toggle(Attrs::BOLD),
            4 => toggle_underline(style),
            5 => style.attrs.toggle(Attrs::BLINK),
            7 => style.attrs.toggle(Attrs::REVERSE),
            8 => style.attrs.toggle(Attrs::CONCEAL),
            _ => {}
        }
    }
}

fn toggle_underline(style: &mut Style) {
    style.underline = match style.underline {
        UnderlineStyle::None => UnderlineStyle::Single,
        _ => UnderlineStyle::None,
    };
}

/// A style as SGR's parameters, for DECRQSS: begins with 0, colors in the form xterm answers.
pub(crate) fn describe(style: &Style) -> String {
    let mut text = "0".to_owned();
    let flags = [
        (Attrs::BOLD, "1"),
        (Attrs::DIM, "2"),
        (Attrs::ITALIC, "3"),
        (Attrs::BLINK, "5"),
        (Attrs::REVERSE, "7"),
        (Attrs::CONCEAL, "8"),
        (Attrs::STRIKETHROUGH, "9"),
        (Attrs::OVERLINE, "53"),
    ];
    for (flag, code) in flags {
        if style.attrs.contains(flag) {
            text.push(';');
            text.push_str(code);
        }
    }
    text.push_str(match style.underline {
        UnderlineStyle::None => "",
        UnderlineStyle::Single => ";4",
        UnderlineStyle::Double => ";21",
        UnderlineStyle::Curly => ";4:3",
        UnderlineStyle::Dotted => ";4:4",
        UnderlineStyle::Dashed => ";4:5",
    });
    for (color, base) in [
        (style.foreground, 30),
        (style.background, 40),
        (style.underline_color, 50),
    ] {
        // Writing to a string cannot fail.
        let _ = match color {
            Color::Default => Ok(()),
            Color::Indexed(index @ 0..=7) if base < 50 => {
                write!(text, ";{}", base + u16::from(index))
            }
            Color::Indexed(index @ 8..=15) if base < 50 => {
                write!(text, ";{}", base + 52 + u16::from(index))
            }
            Color::Indexed(index) => write!(text, ";{}:5:{index}", base + 8),
            Color::Rgb(Rgb { r, g, b }) => write!(text, ";{}:2::{r}:{g}:{b}", base + 8),
        };
    }
    text
}

/// Walks parameters; a color in the semicolon form takes several.
struct Groups<'a> {
    params: &'a Params,
    at: usize,
}

impl<'a> Groups<'a> {
    fn next(&mut self) -> Option<&'a [u16]> {
        let group = self.params.group_at(self.at)?;
        self.at += group.len();
        Some(group)
    }

    /// The color after 38, 48 or 58, in any of the forms in use: `38:2:[space]:r:g:b`, `38:2:r:g:b`,
    /// `38:5:n`, `38;2;r;g;b`, `38;5;n`.
    fn color(&mut self, group: &[u16]) -> Option<Color> {
        match *group {
            [_, 5, index, ..] => palette(index),
            [_, 2, _, r, g, b, ..] | [_, 2, r, g, b] => rgb(r, g, b),
            [_] => {
                let kind = self.next()?;
                match kind[0] {
                    5 => {
                        let index = self.next()?;
                        palette(index[0])
                    }
                    2 => {
                        let (r, g, b) = (self.next()?, self.next()?, self.next()?);
                        rgb(r[0], g[0], b[0])
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn set(slot: &mut Color, color: Option<Color>) {
    if let Some(color) = color {
        *slot = color;
    }
}

fn indexed(index: u16) -> Color {
    palette(index).unwrap_or_default()
}

fn palette(index: u16) -> Option<Color> {
    u8::try_from(index).ok().map(Color::Indexed)
}

fn rgb(r: u16, g: u16, b: u16) -> Option<Color> {
    let channel = |value: u16| u8::try_from(value).ok();
    Some(Color::Rgb(Rgb::new(channel(r)?, channel(g)?, channel(b)?)))
}

fn underline_form(form: u16) -> Option<UnderlineStyle> {
    Some(match form {
        0 => UnderlineStyle::None,
        1 => UnderlineStyle::Single,
        2 => UnderlineStyle::Double,
        3 => UnderlineStyle::Curly,
        4 => UnderlineStyle::Dotted,
        5 => UnderlineStyle::Dashed,
        _ => return None,
    })
}

bitflags::bitflags! {
    /// What XTPUSHSGR keeps (xterm ctlseqs).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Kept: u16 {
        const BOLD = 1;
        const DIM = 1 << 1;
        const ITALIC = 1 << 2;
        const UNDERLINE = 1 << 3;
        const BLINK = 1 << 4;
        const REVERSE = 1 << 5;
        const CONCEAL = 1 << 6;
        const STRIKETHROUGH = 1 << 7;
        const FOREGROUND = 1 << 8;
        const BACKGROUND = 1 << 9;
    }
}

/// An entry of XTPUSHSGR's stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SavedSgr {
    style: Style,
    kept: Kept,
}

impl SavedSgr {
    /// XTPUSHSGR: keeps what the parameters name, or everything.
    pub(crate) fn new(style: Style, params: &Params) -> Self {
        let mut kept = Kept::empty();
        for &value in params.values() {
            kept |= match value {
                1 => Kept::BOLD,
                2 => Kept::DIM,
                3 => Kept::ITALIC,
                4 | 21 => Kept::UNDERLINE,
                5 => Kept::BLINK,
                7 => Kept::REVERSE,
                8 => Kept::CONCEAL,
                9 => Kept::STRIKETHROUGH,
                30 => Kept::FOREGROUND,
                31 => Kept::BACKGROUND,
                _ => Kept::empty(),
            };
        }
        if params.values() == [0] {
            kept = Kept::all();
        }
        Self { style, kept }
    }

    /// XTPOPSGR: puts back what was kept.
    pub(crate) fn restore(&self, style: &mut Style) {
        let flags = [
            (Kept::BOLD, Attrs::BOLD),
            (Kept::DIM, Attrs::DIM),
            (Kept::ITALIC, Attrs::ITALIC),
            (Kept::BLINK, Attrs::BLINK),
            (Kept::REVERSE, Attrs::REVERSE),
            (Kept::CONCEAL, Attrs::CONCEAL),
            (Kept::STRIKETHROUGH, Attrs::STRIKETHROUGH),
        ];
        for (kept, attr) in flags {
            if self.kept.contains(kept) {
                style.attrs.set(attr, self.style.attrs.contains(attr));
            }
        }
        if self.kept.contains(Kept::UNDERLINE) {
            style.underline = self.style.underline;
        }
        if self.kept.contains(Kept::FOREGROUND) {
            style.foreground = self.style.foreground;
        }
        if self.kept.contains(Kept::BACKGROUND) {
            style.background = self.style.background;
        }
        if self.kept == Kept::all() {
            style.underline_color = self.style.underline_color;
            style
                .attrs
                .set(Attrs::OVERLINE, self.style.attrs.contains(Attrs::OVERLINE));
        }
    }
}

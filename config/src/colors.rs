//! `[colors]`: the theme, and what to change of it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use toml::de::DeValue;

use crate::section::section;
use crate::value::{Problem, Setting, describe};

section! {
    /// The theme, and what to change of it.
    pub struct Colors in "colors" {
        /// The theme: a name, or a pair of names between which the desktop's preference decides:
        /// `{ dark = "Nord", light = "One Light" }`. `terrace theme list` names them all; your own
        /// are files `themes/NAME.toml` beside this one.
        theme: ThemeChoice = ThemeChoice::default();
        /// The least contrast between text and its background, from 1 to 21 (WCAG 2). Text that
        /// has less is made lighter or darker; 1 leaves all colors as they are, 4.5 is legible.
        minimum_contrast: f32 = 1.0, in 1.0..=21.0;
        /// Show bold text of the colors 0 to 7 in their bright variants, 8 to 15.
        bold_is_bright: bool = false;
        /// The text's color, instead of the theme's.
        foreground: Override = Override::Theme;
        /// The ground's color.
        background: Override = Override::Theme;
        /// The cursor's color.
        cursor: Override = Override::Theme;
        /// The color of the text under a block cursor.
        cursor_text: Override = Override::Theme;
        /// The ground of selected text.
        selection_background: Override = Override::Theme;
        /// The color of selected text.
        selection_foreground: Override = Override::Theme;
        /// Colors to change by their number, from 0 to 255: `{ 1 = "#ff5555", 9 = "#ff8888" }`.
        palette: BTreeMap<u8, Rgb> = BTreeMap::new();
    }
}

/// A color, 8 bits a channel, in sRGB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Rgb {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

impl Rgb {
    /// How one is written, for messages.
    const EXPECTED: &str = "a color: \"#rrggbb\"";

    /// A color from its channels.
    #[must_use]
    pub const fn new(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b }
    }

    /// The luminance relative to white, from 0 to 1 (WCAG 2.2, "relative luminance").
    #[must_use]
    pub fn luminance(self) -> f32 {
        let [r, g, b] = self.linear();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// The channels as shares of light, from 0 to 1 (IEC 61966-2-1).
    fn linear(self) -> [f32; 3] {
        [self.r, self.g, self.b].map(|value| {
            let value = f32::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    /// How different another color looks: 0 is the same, black and white are 1 apart (the distance in Oklab, Björn
    /// Ottosson, "A perceptual color space for image processing").
    #[must_use]
    pub fn difference(self, other: Self) -> f32 {
        let (a, b) = (self.oklab(), other.oklab());
        let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
        squares.sum::<f32>().sqrt()
    }

    fn oklab(self) -> [f32; 3] {
        let [r, g, b] = self.linear();
        let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
        let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
        let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
        [
            0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
            1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        ]
    }

    /// The contrast to another color, from 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f32 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This color with a share of another, from 0 to 1, mixed in.
    #[must_use]
    pub fn mix(self, other: Self, share: f32) -> Self {
        let channel = |from: u8, to: u8| {
            let mixed = f32::from(from) + (f32::from(to) - f32::from(from)) * share.clamp(0.0, 1.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between two channels, so from 0 to 255"
            )]
            let channel = mixed.round() as u8;
            channel
        };
        Self::new(
            channel(self.r, other.r),
            channel(self.g, other.g),
            channel(self.b, other.b),
        )
    }
}

impl From<Rgb> for (u8, u8, u8) {
    fn from(color: Rgb) -> Self {
        (color.r, color.g, color.b)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }
}

impl FromStr for Rgb {
    type Err = Problem;

    /// Reads `#rrggbb`, `#rgb`, either without the `#`, or with `0x`.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let digits = text
            .strip_prefix('#')
            .or_else(|| text.strip_prefix("0x"))
            .unwrap_or(text);
        let parse = |digit: &str| u8::from_str_radix(digit, 16).ok();
        let color = if digits.is_ascii() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            match digits.len() {
                6 => (|| {
                    Some(Self::new(
                        parse(&digits[..2])?,
                        parse(&digits[2..4])?,
                        parse(&digits[4..])?,
                    ))
                })(),
                3 => (|| {
                    let twice = |at: usize| parse(&digits[at..=at]).map(|nibble| nibble * 17);
                    Some(Self::new(twice(0)?, twice(1)?, twice(2)?))
                })(),
                _ => None,
            }
        } else {
            None
        };
        color.ok_or_else(|| {
            let found = describe(&DeValue::String(text.into()));
            Problem::meaning(format!("found {found}"), Self::EXPECTED)
        })
    }
}

impl TryFrom<String> for Rgb {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl Setting for Rgb {
    fn expected() -> String {
        Self::EXPECTED.to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        value
            .as_str()
            .ok_or_else(|| Problem::kind(Self::EXPECTED, value))?
            .parse()
    }

    fn write(&self) -> toml::Value {
        toml::Value::String(self.to_string())
    }
}

/// A color of the theme, or one in its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Override {
    /// The theme's.
    #[default]
    Theme,
    /// This one.
    Color(Rgb),
}

impl Override {
    /// The color to use.
    #[must_use]
    pub fn or(self, theme: Rgb) -> Rgb {
        match self {
            Self::Theme => theme,
            Self::Color(color) => color,
        }
    }
}

impl Setting for Override {
    fn expected() -> String {
        "\"theme\" or a color: \"#rrggbb\"".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        if value.as_str() == Some("theme") {
            return Ok(Self::Theme);
        }
        let color = Rgb::read(value).map_err(|_| Problem::kind(Self::expected(), value))?;
        Ok(Self::Color(color))
    }

    fn write(&self) -> toml::Value {
        match self {
            Self::Theme => toml::Value::String("theme".to_owned()),
            Self::Color(color) => color.write(),
        }
    }
}

/// Which theme, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThemeChoice {
    /// One for all times.
    One(String),
    /// One of two, as the desktop prefers.
    Pair {
        /// While the desktop prefers dark windows, or says nothing.
        dark: String,
        /// While it prefers light ones.
        light: String,
    },
}

impl Default for ThemeChoice {
    fn default() -> Self {
        Self::Pair {
            dark: "Terrace Dark".to_owned(),
            light: "Terrace Light".to_owned(),
        }
    }
}

impl Setting for ThemeChoice {
    fn expected() -> String {
        "a theme's name, or { dark = \"name\", light = \"name\" }".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        if let Some(name) = value.as_str() {
            return Ok(Self::One(name.to_owned()));
        }
        let problem = || Problem::kind(Self::expected(), value);
        let table = value.as_table().ok_or_else(problem)?;
        let name = |key: &str| {
            table
                .get(key)
                .and_then(|name| name.get_ref().as_str())
                .map(str::to_owned)
        };
        match (name("dark"), name("light"), table.len()) {
            (Some(dark), Some(light), 2) => Ok(Self::Pair { dark, light }),
            _ => Err(Problem::meaning(
                "the pair is not complete",
                Self::expected(),
            )),
        }
    }

    fn write(&self) -> toml::Value {
        match self {
            Self::One(name) => name.write(),
            Self::Pair { dark, light } => toml::Value::Table(
                [("dark", dark), ("light", light)]
                    .map(|(key, name)| (key.to_owned(), name.write()))
                    .into_iter()
                    .collect(),
            ),
        }
    }
}

impl Setting for BTreeMap<u8, Rgb> {
    fn expected() -> String {
        "a table of colors by number: { 1 = \"#rrggbb\" }".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        if let Some(array) = value.as_array() {
            let colors = array.iter().enumerate().map(|(number, color)| {
                let number = u8::try_from(number)
                    .map_err(|_| Problem::meaning("more than 256 colors", Self::expected()))?;
                Ok((number, Rgb::read(color.get_ref())?))
            });
            return colors.collect();
        }
        let table = value
            .as_table()
            .ok_or_else(|| Problem::kind(Self::expected(), value))?;
        let colors = table.iter().map(|(number, color)| {
            let number = number.get_ref().parse::<u8>().map_err(|_| {
                let message = format!("found \"{}\"", number.get_ref().escape_debug());
                Problem::meaning(message, "a number from 0 to 255")
            })?;
            Ok((number, Rgb::read(color.get_ref())?))
        });
        colors.collect()
    }

    fn write(&self) -> toml::Value {
        let colors = self
            .iter()
            .map(|(number, color)| (number.to_string(), color.write()));
        toml::Value::Table(colors.collect())
    }
}

#[cfg(test)]
mod tests;

//! The themes that come with Terrace, embedded from `assets/themes`.
//!
//! Their files are parsed when one is asked for; that each is sound is tested. Where their colors
//! come from stands in `assets/themes/LICENSES.md`.

use super::{Appearance, Chrome, Theme, fold, indexed};
use crate::colors::Rgb;

/// A theme's name and its file's text.
macro_rules! theme {
    ($name:literal, $file:literal) => {
        (
            $name,
            include_str!(concat!("../../../assets/themes/", $file)),
        )
    };
}

/// Every theme by name, with its file.
const FILES: &[(&str, &str)] = &[
    theme!("Terrace Dark", "terrace-dark.toml"),
    theme!("Terrace Light", "terrace-light.toml"),
    theme!("Gruvbox Dark", "gruvbox-dark.toml"),
    theme!("Gruvbox Light", "gruvbox-light.toml"),
    theme!("Solarized Dark", "solarized-dark.toml"),
    theme!("Solarized Light", "solarized-light.toml"),
    theme!("Catppuccin Mocha", "catppuccin-mocha.toml"),
    theme!("Catppuccin Macchiato", "catppuccin-macchiato.toml"),
    theme!("Catppuccin Frappé", "catppuccin-frappe.toml"),
    theme!("Catppuccin Latte", "catppuccin-latte.toml"),
    theme!("Nord", "nord.toml"),
    theme!("Dracula", "dracula.toml"),
    theme!("Tokyo Night", "tokyo-night.toml"),
    theme!("Tokyo Night Storm", "tokyo-night-storm.toml"),
    theme!("Tokyo Night Day", "tokyo-night-day.toml"),
    theme!("One Dark", "one-dark.toml"),
    theme!("One Light", "one-light.toml"),
    theme!("Rosé Pine", "rose-pine.toml"),
    theme!("Rosé Pine Moon", "rose-pine-moon.toml"),
    theme!("Rosé Pine Dawn", "rose-pine-dawn.toml"),
    theme!("Everforest Dark", "everforest-dark.toml"),
    theme!("Everforest Light", "everforest-light.toml"),
    theme!("Kanagawa", "kanagawa.toml"),
    theme!("GitHub Dark", "github-dark.toml"),
    theme!("GitHub Light", "github-light.toml"),
    theme!("XTerm", "xterm.toml"),
];

/// The names, in no order that means something.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The text of a theme's file, to start one's own from.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(known, _)| fold(known) == fold(name))
        .map(|(_, text)| *text)
}

/// The theme of a name.
#[must_use]
pub fn find(name: &str) -> Option<Theme> {
    Theme::parse(text(name)?).ok()
}

/// The default on a dark desktop.
#[must_use]
pub fn terrace_dark() -> Theme {
    find("Terrace Dark").unwrap_or_else(|| bare(Appearance::Dark))
}

/// The default on a light desktop.
#[must_use]
pub fn terrace_light() -> Theme {
    find("Terrace Light").unwrap_or_else(|| bare(Appearance::Light))
}

/// Black and white, should an embedded file be broken; tests see to it that none is.
fn bare(appearance: Appearance) -> Theme {
    let (black, white) = (Rgb::new(0, 0, 0), Rgb::new(255, 255, 255));
    let gray = Rgb::new(128, 128, 128);
    let (foreground, background) = match appearance {
        Appearance::Dark => (white, black),
        Appearance::Light => (black, white),
    };
    let mut named = [foreground; 16];
    named[0] = black;
    named[8] = gray;
    Theme {
        name: String::new(),
        appearance,
        foreground,
        background,
        cursor: foreground,
        cursor_text: background,
        selection_background: gray,
        selection_foreground: None,
        palette: indexed(&named),
        chrome: Chrome {
            background,
            foreground,
            accent: foreground,
            border: gray,
        },
    }
}

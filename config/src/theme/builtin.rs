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
    theme!("Ayu Dark", "ayu-dark.toml"),
    theme!("Ayu Light", "ayu-light.toml"),
    theme!("Ayu Mirage", "ayu-mirage.toml"),
    theme!("Tomorrow", "tomorrow.toml"),
    theme!("Tomorrow Night", "tomorrow-night.toml"),
    theme!("Tomorrow Night Eighties", "tomorrow-night-eighties.toml"),
    theme!("Tomorrow Night Bright", "tomorrow-night-bright.toml"),
    theme!("Tomorrow Night Blue", "tomorrow-night-blue.toml"),
    theme!("Molokai", "molokai.toml"),
    theme!("One Half Dark", "one-half-dark.toml"),
    theme!("One Half Light", "one-half-light.toml"),
    theme!("Iceberg Dark", "iceberg-dark.toml"),
    theme!("Iceberg Light", "iceberg-light.toml"),
    theme!("Flexoki Dark", "flexoki-dark.toml"),
    theme!("Flexoki Light", "flexoki-light.toml"),
    theme!("Snazzy", "snazzy.toml"),
    theme!("Oceanic Next", "oceanic-next.toml"),
    theme!("Cobalt2", "cobalt2.toml"),
    theme!("Challenger Deep", "challenger-deep.toml"),
    theme!("Jellybeans", "jellybeans.toml"),
    theme!("Shades of Purple", "shades-of-purple.toml"),
    theme!("Zenbones Dark", "zenbones-dark.toml"),
    theme!("Zenbones Light", "zenbones-light.toml"),
    theme!("Neobones Dark", "neobones-dark.toml"),
    theme!("Neobones Light", "neobones-light.toml"),
    theme!("Zenwritten Dark", "zenwritten-dark.toml"),
    theme!("Zenwritten Light", "zenwritten-light.toml"),
    theme!("Seoulbones Dark", "seoulbones-dark.toml"),
    theme!("Seoulbones Light", "seoulbones-light.toml"),
    theme!("Kanagawabones", "kanagawabones.toml"),
    theme!("Vimbones", "vimbones.toml"),
    theme!("Duckbones", "duckbones.toml"),
    theme!("Zenburned", "zenburned.toml"),
    theme!("Everblush", "everblush.toml"),
    theme!("Doom One", "doom-one.toml"),
    theme!("Andromeda", "andromeda.toml"),
    theme!("Hybrid", "hybrid.toml"),
    theme!("Spacegray", "spacegray.toml"),
    theme!("Seti", "seti.toml"),
    theme!("Tango Dark", "tango-dark.toml"),
    theme!("Tango Light", "tango-light.toml"),
    theme!("Gruvbox Dark Hard", "gruvbox-dark-hard.toml"),
    theme!("3024 Day", "3024-day.toml"),
    theme!("3024 Night", "3024-night.toml"),
    theme!("Paraiso Dark", "paraiso-dark.toml"),
    theme!("Hopscotch", "hopscotch.toml"),
    theme!("Atelier Sulphurpool", "atelier-sulphurpool.toml"),
    theme!("Darcula", "darcula.toml"),
    theme!("Pencil Dark", "pencil-dark.toml"),
    theme!("Pencil Light", "pencil-light.toml"),
    theme!("Kanagawa Dragon", "kanagawa-dragon.toml"),
    theme!("Kanagawa Lotus", "kanagawa-lotus.toml"),
    theme!("XTerm", "xterm.toml"),
];

/// Themes of one family, the dark before the light.
const PAIRS: &[(&str, &str)] = &[
    ("Terrace Dark", "Terrace Light"),
    ("3024 Night", "3024 Day"),
    ("Ayu Dark", "Ayu Light"),
    ("Ayu Mirage", "Ayu Light"),
    ("Catppuccin Mocha", "Catppuccin Latte"),
    ("Catppuccin Macchiato", "Catppuccin Latte"),
    ("Catppuccin Frappé", "Catppuccin Latte"),
    ("Everforest Dark", "Everforest Light"),
    ("Flexoki Dark", "Flexoki Light"),
    ("GitHub Dark", "GitHub Light"),
    ("Gruvbox Dark", "Gruvbox Light"),
    ("Gruvbox Dark Hard", "Gruvbox Light"),
    ("Iceberg Dark", "Iceberg Light"),
    ("Kanagawa", "Kanagawa Lotus"),
    ("Kanagawa Dragon", "Kanagawa Lotus"),
    ("Neobones Dark", "Neobones Light"),
    ("One Dark", "One Light"),
    ("One Half Dark", "One Half Light"),
    ("Pencil Dark", "Pencil Light"),
    ("Rosé Pine", "Rosé Pine Dawn"),
    ("Rosé Pine Moon", "Rosé Pine Dawn"),
    ("Seoulbones Dark", "Seoulbones Light"),
    ("Solarized Dark", "Solarized Light"),
    ("Tango Dark", "Tango Light"),
    ("Tokyo Night", "Tokyo Night Day"),
    ("Tokyo Night Storm", "Tokyo Night Day"),
    ("Tomorrow Night", "Tomorrow"),
    ("Zenbones Dark", "Zenbones Light"),
    ("Zenwritten Dark", "Zenwritten Light"),
];

/// The theme of the same family for the other preference of the desktop, as `colors.theme` takes it in a
/// pair; a light theme with several dark ones has the first of them.
#[must_use]
pub fn partner(name: &str) -> Option<&'static str> {
    let name = fold(name);
    PAIRS.iter().find_map(|(dark, light)| {
        if fold(dark) == name {
            Some(*light)
        } else {
            (fold(light) == name).then_some(*dark)
        }
    })
}

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

//! Themes: what each color of the terminal is, and of the bars around it.
//!
//! A theme is a closed schema, so that one from elsewhere can do nothing but color: its file has a
//! name and colors, at most [`MAX_THEME_BYTES`], and an unknown key is an error. Those that come
//! with Terrace are in [`builtin`]; the user's are `themes/NAME.toml` beside the configuration file
//! and come first. Which theme is in force when is left to `app`.

pub mod builtin;
pub mod import;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::colors::{Colors, Rgb, ThemeChoice};
use crate::diagnostic::line_and_column;
use crate::load::{Unreadable, read_private};
use crate::nearest::nearest;

/// The largest theme file, in bytes.
pub const MAX_THEME_BYTES: u64 = 64 * 1024;

/// How many files of the user's themes folder are looked at.
const MAX_USER_THEMES: usize = 10_000;

/// Whether a theme is light text on dark ground or the other way round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Appearance {
    /// A dark ground.
    #[default]
    Dark,
    /// A light ground.
    Light,
}

/// The colors of everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name, as people read it.
    pub name: String,
    /// Whether the ground is dark or light; programs may ask (mode 2031).
    pub appearance: Appearance,
    /// Text.
    pub foreground: Rgb,
    /// The ground.
    pub background: Rgb,
    /// The cursor.
    pub cursor: Rgb,
    /// The text under a block cursor.
    pub cursor_text: Rgb,
    /// The ground of selected text.
    pub selection_background: Rgb,
    /// Selected text; `None` to keep its colors.
    pub selection_foreground: Option<Rgb>,
    /// The 256 colors: 0 to 15 the theme's, then xterm's cube and gray ramp, each unless changed
    /// by `colors.palette`.
    pub palette: [Rgb; 256],
    /// The bars and panels around the text.
    pub chrome: Chrome,
}

/// The colors of the bars and panels around the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chrome {
    /// The ground of the tab bar.
    pub background: Rgb,
    /// Its text.
    pub foreground: Rgb,
    /// What is active or asks for attention.
    pub accent: Rgb,
    /// Lines between things.
    pub border: Rgb,
}

impl Theme {
    /// Reads a theme file's text.
    ///
    /// # Errors
    /// The text is not TOML, lacks a color, or has a key that themes do not have.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str::<ThemeFile>(text).map(Self::from)
    }

    /// This theme with the changes of `[colors]`.
    #[must_use]
    pub fn with(mut self, colors: &Colors) -> Self {
        use crate::colors::Override;
        self.foreground = colors.foreground.or(self.foreground);
        if let Override::Color(background) = colors.background {
            self.background = background;
            self.appearance = appearance_of(background);
        }
        self.cursor = colors.cursor.or(self.cursor);
        self.cursor_text = colors.cursor_text.or(self.cursor_text);
        self.selection_background = colors.selection_background.or(self.selection_background);
        if let Override::Color(color) = colors.selection_foreground {
            self.selection_foreground = Some(color);
        }
        for (number, color) in &colors.palette {
            self.palette[usize::from(*number)] = *color;
        }
        self
    }
}

/// Dark or light, as it looks.
fn appearance_of(background: Rgb) -> Appearance {
    // Where black and white text have the same contrast to it (WCAG 2).
    if background.luminance() > 0.179 {
        Appearance::Light
    } else {
        Appearance::Dark
    }
}

/// A theme as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    name: String,
    appearance: Option<Appearance>,
    foreground: Rgb,
    background: Rgb,
    cursor: Option<Rgb>,
    cursor_text: Option<Rgb>,
    selection_background: Option<Rgb>,
    selection_foreground: Option<Rgb>,
    palette: [Rgb; 16],
    #[serde(default)]
    chrome: ChromeFile,
}

/// The chrome's colors as the file has them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChromeFile {
    background: Option<Rgb>,
    foreground: Option<Rgb>,
    accent: Option<Rgb>,
    border: Option<Rgb>,
}

impl From<ThemeFile> for Theme {
    fn from(file: ThemeFile) -> Self {
        let ThemeFile {
            foreground,
            background,
            palette,
            chrome,
            ..
        } = file;
        let appearance = file.appearance.unwrap_or_else(|| appearance_of(background));
        // A step away from the ground: deeper below light text, duller below dark text.
        let black = Rgb::new(0, 0, 0);
        let step = match appearance {
            Appearance::Dark => 0.25,
            Appearance::Light => 0.06,
        };
        let ground = chrome
            .background
            .unwrap_or_else(|| background.mix(black, step));
        Self {
            // What a file says of itself is shown in lists: one line, of sane length.
            name: file
                .name
                .chars()
                .filter(|c| !c.is_control())
                .take(80)
                .collect(),
            appearance,
            foreground,
            background,
            cursor: file.cursor.unwrap_or(foreground),
            cursor_text: file.cursor_text.unwrap_or(background),
            selection_background: file
                .selection_background
                .unwrap_or_else(|| background.mix(palette[4], 0.35)),
            selection_foreground: file.selection_foreground,
            palette: indexed(&palette),
            chrome: Chrome {
                background: ground,
                foreground: chrome.foreground.unwrap_or(foreground),
                accent: chrome
                    .accent
                    .unwrap_or_else(|| accent(&palette, ground, foreground)),
                border: chrome
                    .border
                    .unwrap_or_else(|| background.mix(foreground, 0.15)),
            },
        }
    }
}

/// How different (by [`Rgb::difference`]) what is chosen and what went wrong must look at least.
pub const TOLD_APART: f32 = 0.115;

/// The theme's blue where it can be told from the bars' ground (WCAG 2 asks 3 of graphics), else another of its colors
/// that cannot be taken for the red of errors, else its blue drawn toward the text until it can be told.
fn accent(palette: &[Rgb; 16], ground: Rgb, text: Rgb) -> Rgb {
    const ORDER: [usize; 10] = [4, 12, 6, 14, 5, 13, 2, 10, 3, 11];
    const LEAST: f32 = 3.0;
    let fits = |color: &Rgb| {
        let is_red = [1, 9]
            .iter()
            .any(|red| palette[*red].difference(*color) < TOLD_APART);
        color.contrast(ground) >= LEAST && !is_red
    };
    let own = ORDER.iter().map(|number| palette[*number]);
    let drawn = (1..=10u8).map(|share| palette[4].mix(text, f32::from(share) / 10.0));
    own.chain(drawn).find(fits).unwrap_or(text)
}

/// The 256 colors over the 16 of a theme: the 6×6×6 cube and the 24 grays of xterm
/// (`256colres.pl` of its sources).
fn indexed(named: &[Rgb; 16]) -> [Rgb; 256] {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let mut all = [Rgb::default(); 256];
    all[..16].copy_from_slice(named);
    let cube = LEVELS.iter().flat_map(|r| {
        LEVELS
            .iter()
            .flat_map(move |g| LEVELS.iter().map(move |b| Rgb::new(*r, *g, *b)))
    });
    let grays = (0..24u8)
        .map(|step| 8 + step * 10)
        .map(|gray| Rgb::new(gray, gray, gray));
    for (slot, color) in all[16..].iter_mut().zip(cube.chain(grays)) {
        *slot = color;
    }
    all
}

/// The themes in force: one for each preference of the desktop, or one twice.
#[derive(Clone, Debug, PartialEq)]
pub struct ThemePair {
    /// While the desktop prefers dark windows, or says nothing.
    pub dark: Theme,
    /// While it prefers light ones.
    pub light: Theme,
}

impl ThemePair {
    /// The theme for a preference.
    #[must_use]
    pub fn get(&self, appearance: Appearance) -> &Theme {
        match appearance {
            Appearance::Dark => &self.dark,
            Appearance::Light => &self.light,
        }
    }
}

impl Default for ThemePair {
    fn default() -> Self {
        Self {
            dark: builtin::terrace_dark(),
            light: builtin::terrace_light(),
        }
    }
}

/// Why there is no such theme.
#[derive(Debug)]
pub enum ThemeError {
    /// No theme has that name.
    Unknown {
        /// The name.
        name: String,
        /// A name like it.
        near: Option<String>,
    },
    /// The user's file cannot be read.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What is wrong, with the remedy.
        reason: String,
    },
    /// The user's file is no theme.
    Malformed {
        /// The file.
        file: PathBuf,
        /// Line and column, from 1.
        position: Option<(usize, usize)>,
        /// What is wrong.
        message: String,
    },
}

impl ThemeError {
    /// The file that is wrong, with line and column where these are known.
    #[must_use]
    pub fn file(&self) -> Option<(&Path, Option<(usize, usize)>)> {
        match self {
            Self::Unknown { .. } => None,
            Self::Unreadable { file, .. } => Some((file, None)),
            Self::Malformed { file, position, .. } => Some((file, *position)),
        }
    }
}

impl fmt::Display for ThemeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown {
                name,
                near: Some(near),
            } => {
                write!(
                    formatter,
                    "theme \"{}\" not found; did you mean \"{near}\"?",
                    name.escape_debug()
                )
            }
            Self::Unknown { name, near: None } => {
                write!(
                    formatter,
                    "theme \"{}\" not found; see `terrace theme list`",
                    name.escape_debug()
                )
            }
            Self::Unreadable { reason, .. } => formatter.write_str(reason),
            Self::Malformed { message, .. } => formatter.write_str(message),
        }
    }
}

impl std::error::Error for ThemeError {}

/// A theme that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThemeEntry {
    /// The name by which `colors.theme` chooses it.
    pub name: String,
    /// The user's file; `None` for one that comes with Terrace.
    pub file: Option<PathBuf>,
}

/// The user's themes folder: `themes` in [`crate::load::default_folder`].
#[must_use]
pub fn default_folder() -> Option<PathBuf> {
    crate::load::default_folder().map(|folder| folder.join("themes"))
}

/// Every theme that can be chosen, the user's first, each kind by name.
#[must_use]
pub fn list(folder: Option<&Path>) -> Vec<ThemeEntry> {
    let mut entries = user_themes(folder);
    let mut own: Vec<ThemeEntry> = builtin::names()
        .filter(|name| !entries.iter().any(|user| fold(&user.name) == fold(name)))
        .map(|name| ThemeEntry {
            name: name.to_owned(),
            file: None,
        })
        .collect();
    own.sort_by_key(|entry| fold(&entry.name));
    entries.append(&mut own);
    entries
}

/// Finds a theme by its name, the user's before Terrace's own. Letter case, spaces and hyphens do
/// not matter.
///
/// # Errors
/// There is none of that name, or its file is wrong.
pub fn find(name: &str, folder: Option<&Path>) -> Result<Theme, ThemeError> {
    if let Some(file) = user_file(name, folder) {
        return read(&file);
    }
    if let Some(theme) = builtin::find(name) {
        return Ok(theme);
    }
    let known = list(folder);
    let near = nearest(name, known.iter().map(|entry| entry.name.as_str())).map(str::to_owned);
    Err(ThemeError::Unknown {
        name: name.to_owned(),
        near,
    })
}

/// What [`resolve`] found.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// The themes, Terrace's own in place of those that were not found.
    pub(crate) themes: ThemePair,
    /// Why some were not found.
    pub(crate) errors: Vec<ThemeError>,
    /// The user's files that were read.
    pub(crate) files: Vec<PathBuf>,
}

/// The themes that `[colors]` chooses, with its changes; Terrace's own in place of what is not found.
#[must_use]
pub fn pair(colors: &Colors, folder: Option<&Path>) -> ThemePair {
    resolve(colors, folder).themes
}

/// Finds the themes that `[colors]` chooses and applies its changes.
pub(crate) fn resolve(colors: &Colors, folder: Option<&Path>) -> Resolved {
    let (dark, light) = match &colors.theme {
        ThemeChoice::One(name) => (name, None),
        ThemeChoice::Pair { dark, light } => (dark, Some(light)),
    };
    let mut errors = Vec::new();
    let mut files = Vec::new();
    let mut get = |name: &str| {
        files.extend(user_file(name, folder));
        find(name, folder).map_err(|error| errors.push(error)).ok()
    };
    let (dark, light) = match light {
        // One that cannot be had must not replace a light ground by a dark one unasked, so the
        // default pair takes its place.
        None => get(dark).map_or((None, None), |one| (Some(one.clone()), Some(one))),
        Some(light) => (get(dark), get(light)),
    };
    let themes = ThemePair {
        dark: dark.unwrap_or_else(builtin::terrace_dark).with(colors),
        light: light.unwrap_or_else(builtin::terrace_light).with(colors),
    };
    Resolved {
        themes,
        errors,
        files,
    }
}

/// The user's file of a theme. It is looked for in the folder's list, never made from the name, so
/// that a name cannot point elsewhere.
fn user_file(name: &str, folder: Option<&Path>) -> Option<PathBuf> {
    user_themes(folder)
        .into_iter()
        .find(|entry| fold(&entry.name) == fold(name))?
        .file
}

/// The user's themes by their files' names, sorted.
fn user_themes(folder: Option<&Path>) -> Vec<ThemeEntry> {
    let Some(entries) = folder.and_then(|folder| fs::read_dir(folder).ok()) else {
        return Vec::new();
    };
    let mut themes: Vec<ThemeEntry> = entries
        .take(MAX_USER_THEMES)
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_stem()?.to_str()?.to_owned();
            let is_theme = path
                .extension()
                .is_some_and(|extension| extension == "toml");
            (is_theme && !name.starts_with('.')).then_some(ThemeEntry {
                name,
                file: Some(path),
            })
        })
        .collect();
    themes.sort_by_key(|entry| fold(&entry.name));
    themes
}

/// Reads a theme's file.
fn read(file: &Path) -> Result<Theme, ThemeError> {
    let text = read_private(file, MAX_THEME_BYTES).map_err(|reason: Unreadable| {
        let (message, remedy) = reason.explain(file);
        ThemeError::Unreadable {
            file: file.to_path_buf(),
            reason: format!("{message}; expected {remedy}"),
        }
    })?;
    Theme::parse(&text).map_err(|error| ThemeError::Malformed {
        file: file.to_path_buf(),
        position: error.span().map(|span| line_and_column(&text, span.start)),
        message: error.message().trim().replace('\n', "; "),
    })
}

/// A name without what people get wrong: letter case, spaces, hyphens, accents.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'é' { 'e' } else { c })
        .collect()
}

#[cfg(test)]
mod tests;

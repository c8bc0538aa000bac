//! Other terminals' color schemes, read as themes of ours.
//!
//! Every format is first read as a flat list of keys and values ([`read`]), then a table says which
//! color each key is ([`slots`]). What a scheme has and a theme of ours does not is told, not lost
//! in silence. Nothing here touches a file: text goes in, the text of a theme file comes out.

mod read;
mod slots;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::colors::Rgb;
use crate::section::choice;
use read::Pair;
use slots::{Slot, slots};

use super::{Theme, appearance_of};

choice! {
    /// Whose scheme a file is.
    pub enum Format {
        /// iTerm2: a property list, `.itermcolors`.
        Iterm2 = "iterm2",
        /// Alacritty: TOML, or YAML from before version 0.13.
        Alacritty = "alacritty",
        /// kitty: `color0 #rrggbb`.
        Kitty = "kitty",
        /// Ghostty: `palette = 0=#rrggbb`.
        Ghostty = "ghostty",
        /// Base16 and Base24: YAML with `base00` to `base0F` or `base17`.
        Base16 = "base16",
        /// Windows Terminal: a scheme in JSON, or a `settings.json` with several.
        WindowsTerminal = "windows-terminal",
    }
}

impl Format {
    /// The format that a file seems to be of, by its name's ending and its text.
    #[must_use]
    pub fn guess(file_name: &str, text: &str) -> Option<Self> {
        let extension = file_name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match extension.to_ascii_lowercase().as_str() {
            "itermcolors" | "plist" => return Some(Self::Iterm2),
            "toml" => return Some(Self::Alacritty),
            "json" | "jsonc" => return Some(Self::WindowsTerminal),
            _ => {}
        }
        let start = text.trim_start();
        if start.starts_with("<?xml") || start.starts_with("<plist") {
            return Some(Self::Iterm2);
        }
        if start.starts_with('{') {
            return Some(Self::WindowsTerminal);
        }
        let begins = |what: &str| text.lines().any(|line| line.trim_start().starts_with(what));
        if begins("base00:") {
            return Some(Self::Base16);
        }
        if begins("colors:") {
            return Some(Self::Alacritty);
        }
        if begins("palette =") || begins("palette=") {
            return Some(Self::Ghostty);
        }
        begins("color0").then_some(Self::Kitty)
    }
}

/// A scheme read as a theme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The theme's name.
    pub name: String,
    /// The text of its file, as [`Theme::parse`] takes it.
    pub text: String,
    /// What could not be carried over, or had to be made up; a sentence each.
    pub notes: Vec<String>,
}

/// Why a scheme cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The text is not what its format says.
    #[error("{}no scheme of {format}: {message}", at(*.position))]
    Syntax {
        /// The format.
        format: Format,
        /// Line and column, from 1.
        position: Option<(usize, usize)>,
        /// What is wrong.
        message: String,
    },
    /// A value that should be a color is none.
    #[error("{}{key}: found \"{}\"; expected a color as in #rrggbb", at(*.position), .found.escape_debug())]
    Color {
        /// Line and column, from 1.
        position: Option<(usize, usize)>,
        /// Its key.
        key: String,
        /// What stands there.
        found: String,
    },
    /// Colors that a theme must have are missing.
    #[error("the scheme of {format} lacks {}", .missing.join(", "))]
    Missing {
        /// The format.
        format: Format,
        /// Their keys, as the format has them.
        missing: Vec<String>,
    },
    /// The file has several schemes.
    #[error("there are several schemes; choose one of {} by its name", .names.join(", "))]
    Several {
        /// Their names.
        names: Vec<String>,
    },
}

impl ImportError {
    /// The same with the place of the color, if just one line has the value after its key.
    fn placed_in(mut self, text: &str) -> Self {
        if let Self::Color {
            position,
            key,
            found,
        } = &mut self
        {
            let last = key.rsplit('.').next().unwrap_or(key.as_str());
            let is_part = |one: char| one.is_alphanumeric() || one == '_' || one == '-';
            let lines = text.lines().enumerate();
            let mut places = lines.filter_map(|(number, line)| {
                let (before, _) = line.split_once(found.as_str())?;
                let has_key = before.split(|one| !is_part(one)).any(|word| word == last);
                (has_key && !found.is_empty()).then(|| (number + 1, before.chars().count() + 1))
            });
            *position = places.next().filter(|_| places.next().is_none());
        }
        self
    }
}

/// `3:7: `, or nothing.
fn at(position: Option<(usize, usize)>) -> String {
    position.map_or_else(String::new, |(line, column)| format!("{line}:{column}: "))
}

/// The colors of a scheme, as far as it has them.
#[derive(Default)]
struct Scheme {
    name: Option<String>,
    foreground: Option<Rgb>,
    background: Option<Rgb>,
    cursor: Option<Rgb>,
    cursor_text: Option<Rgb>,
    selection_background: Option<Rgb>,
    selection_foreground: Option<Rgb>,
    palette: [Option<Rgb>; 16],
}

/// Reads a scheme. `name` is the theme's name, and where a file has several schemes chooses one; without
/// it the scheme's own is taken, or else `file_stem`.
///
/// # Errors
/// The text is not of that format, or lacks colors that every theme has.
pub fn import(
    text: &str,
    format: Format,
    name: Option<&str>,
    file_stem: &str,
) -> Result<Imported, ImportError> {
    let pairs = read::read(text, format, name)?;
    let mut scheme = Scheme::default();
    let mut notes = Vec::new();
    let mut left = BTreeSet::new();
    for pair in &pairs {
        let targets = slots(format, &pair.key);
        if targets.is_empty() {
            left.insert(pair.key.clone());
        }
        for slot in targets {
            scheme
                .set(slot, pair, &mut notes)
                .map_err(|error| error.placed_in(text))?;
        }
    }
    let missing = scheme.fill(format, &mut notes);
    if !missing.is_empty() {
        return Err(ImportError::Missing { format, missing });
    }
    if !left.is_empty() {
        notes.push(format!("not carried over: {}", shorten(&left)));
    }
    let chosen = name.map(str::to_owned).or_else(|| scheme.name.take());
    let name = one_line(&chosen.unwrap_or_else(|| file_stem.to_owned()));
    let text = scheme.write(&name, format);
    debug_assert!(Theme::parse(&text).is_ok(), "{text}");
    Ok(Imported { name, text, notes })
}

/// A name as a theme may have it.
fn one_line(name: &str) -> String {
    let kept: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    let kept = kept.trim();
    if kept.is_empty() { "Imported" } else { kept }.to_owned()
}

/// The keys, by their first parts where there are many.
fn shorten(keys: &BTreeSet<String>) -> String {
    const MANY: usize = 12;
    let short: BTreeSet<&str> = if keys.len() > MANY {
        keys.iter()
            .map(|key| key.split('.').next().unwrap_or(key))
            .collect()
    } else {
        keys.iter().map(String::as_str).collect()
    };
    let mut all: Vec<&str> = short.into_iter().collect();
    let more = all.len().saturating_sub(MANY);
    all.truncate(MANY);
    let mut text = all.join(", ");
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

impl Scheme {
    /// Takes one value.
    fn set(&mut self, slot: Slot, pair: &Pair, notes: &mut Vec<String>) -> Result<(), ImportError> {
        if slot == Slot::Name {
            self.name = Some(pair.value.clone());
            return Ok(());
        }
        if slot == Slot::Metadata {
            return Ok(());
        }
        // Alacritty and kitty may take a color from the cell beneath, which a theme of ours cannot say.
        if [
            "CellForeground",
            "CellBackground",
            "none",
            "cell-foreground",
            "cell-background",
        ]
        .contains(&pair.value.as_str())
        {
            if slot != Slot::SelectionForeground {
                notes.push(format!(
                    "{} = {} is left to Terrace: a theme has no color of the cell beneath",
                    pair.key, pair.value
                ));
            }
            return Ok(());
        }
        let color: Rgb = pair.value.parse().map_err(|_| ImportError::Color {
            position: None,
            key: pair.key.clone(),
            found: pair.value.clone(),
        })?;
        match slot {
            Slot::Foreground => self.foreground = Some(color),
            Slot::Background => self.background = Some(color),
            Slot::Cursor => self.cursor = Some(color),
            Slot::CursorText => self.cursor_text = Some(color),
            Slot::SelectionBackground => self.selection_background = Some(color),
            Slot::SelectionForeground => self.selection_foreground = Some(color),
            Slot::Palette(number) => {
                if let Some(place) = self.palette.get_mut(usize::from(number)) {
                    *place = Some(color);
                }
            }
            Slot::Name | Slot::Metadata => {}
        }
        Ok(())
    }

    /// Makes bright colors from the plain ones where they are missing; returns what cannot be made.
    fn fill(&mut self, format: Format, notes: &mut Vec<String>) -> Vec<String> {
        let mut missing = Vec::new();
        if self.foreground.is_none() {
            missing.push("a foreground".to_owned());
        }
        if self.background.is_none() {
            missing.push("a background".to_owned());
        }
        for number in 0..8 {
            if self.palette[number].is_none() {
                missing.push(format!("color {number}"));
            }
        }
        let mut made = Vec::new();
        for number in 8..16 {
            if self.palette[number].is_none() {
                self.palette[number] = self.palette[number - 8];
                made.push(number.to_string());
            }
        }
        if !made.is_empty() && missing.is_empty() {
            notes.push(format!(
                "the scheme of {format} lacks colors {}, which are those eight below them now",
                made.join(", ")
            ));
        }
        missing
    }

    /// The text of the theme's file.
    fn write(&self, name: &str, format: Format) -> String {
        let background = self.background.unwrap_or_default();
        let appearance = match appearance_of(background) {
            super::Appearance::Dark => "dark",
            super::Appearance::Light => "light",
        };
        let mut text = format!(
            "# Imported from a scheme for {format}.\nname = {}\nappearance = \"{appearance}\"\n\n",
            toml::Value::String(name.to_owned())
        );
        let colors = [
            ("foreground", self.foreground),
            ("background", self.background),
            ("cursor", self.cursor),
            ("cursor_text", self.cursor_text),
            ("selection_background", self.selection_background),
            ("selection_foreground", self.selection_foreground),
        ];
        for (key, color) in colors {
            if let Some(color) = color {
                let _ = writeln!(text, "{key} = \"{color}\"");
            }
        }
        text.push_str(
            "\n# Black, red, green, yellow, blue, magenta, cyan, white; then their bright variants.\n\
             palette = [\n",
        );
        for four in self.palette.chunks(4) {
            let four: Vec<String> = four
                .iter()
                .map(|color| format!("\"{}\"", color.unwrap_or_default()))
                .collect();
            let _ = writeln!(text, "    {},", four.join(", "));
        }
        text.push_str("]\n");
        text
    }
}

#[cfg(test)]
mod tests;

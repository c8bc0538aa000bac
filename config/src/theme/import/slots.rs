//! Which color each key of each format is.

use super::Format;

/// What a value is in a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The scheme's name.
    Name,
    /// Something about the scheme that a theme need not have: its author, say.
    Metadata,
    /// The color of text.
    Foreground,
    /// The ground.
    Background,
    /// The cursor.
    Cursor,
    /// The text under it.
    CursorText,
    /// The ground of selected text.
    SelectionBackground,
    /// Selected text.
    SelectionForeground,
    /// A color by its number, 0 to 15.
    Palette(u8),
}

/// The eight colors in the order of their numbers (ECMA-48, SGR 30 to 37).
const NAMES: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

/// The number of a color from a base number and a name.
fn named(base: u8, name: &str) -> Option<Slot> {
    let number = NAMES.iter().position(|known| *known == name)?;
    Some(Slot::Palette(base + u8::try_from(number).ok()?))
}

/// A number from 0 to 15.
fn numbered(text: &str) -> Option<Slot> {
    let number = text.parse::<u8>().ok().filter(|number| *number < 16)?;
    Some(Slot::Palette(number))
}

/// What the value of `key` is; nothing if a theme has no place for it.
pub(super) fn slots(format: Format, key: &str) -> Vec<Slot> {
    match format {
        Format::Iterm2 => iterm2(key).into_iter().collect(),
        Format::Alacritty => alacritty(key).into_iter().collect(),
        Format::Kitty => kitty(key).into_iter().collect(),
        Format::Ghostty => ghostty(key).into_iter().collect(),
        Format::WindowsTerminal => windows_terminal(key).into_iter().collect(),
        Format::Base16 => base16(key),
    }
}

fn iterm2(key: &str) -> Option<Slot> {
    if let Some(number) = key.strip_prefix("Ansi ") {
        return numbered(number.strip_suffix(" Color")?);
    }
    Some(match key {
        "Foreground Color" => Slot::Foreground,
        "Background Color" => Slot::Background,
        "Cursor Color" => Slot::Cursor,
        "Cursor Text Color" => Slot::CursorText,
        "Selection Color" => Slot::SelectionBackground,
        "Selected Text Color" => Slot::SelectionForeground,
        _ => return None,
    })
}

fn alacritty(key: &str) -> Option<Slot> {
    let key = key.strip_prefix("colors.")?;
    if let Some(name) = key.strip_prefix("normal.") {
        return named(0, name);
    }
    if let Some(name) = key.strip_prefix("bright.") {
        return named(8, name);
    }
    Some(match key {
        "primary.foreground" => Slot::Foreground,
        "primary.background" => Slot::Background,
        "cursor.cursor" => Slot::Cursor,
        "cursor.text" => Slot::CursorText,
        "selection.background" => Slot::SelectionBackground,
        "selection.text" => Slot::SelectionForeground,
        _ => return None,
    })
}

fn kitty(key: &str) -> Option<Slot> {
    if let Some(number) = key.strip_prefix("color") {
        return numbered(number);
    }
    Some(match key {
        "name" => Slot::Name,
        "author" | "license" | "upstream" | "blurb" => Slot::Metadata,
        "foreground" => Slot::Foreground,
        "background" => Slot::Background,
        "cursor" => Slot::Cursor,
        "cursor_text_color" => Slot::CursorText,
        "selection_background" => Slot::SelectionBackground,
        "selection_foreground" => Slot::SelectionForeground,
        _ => return None,
    })
}

fn ghostty(key: &str) -> Option<Slot> {
    if let Some(number) = key.strip_prefix("palette.") {
        return numbered(number);
    }
    Some(match key {
        "foreground" => Slot::Foreground,
        "background" => Slot::Background,
        "cursor-color" => Slot::Cursor,
        "cursor-text" => Slot::CursorText,
        "selection-background" => Slot::SelectionBackground,
        "selection-foreground" => Slot::SelectionForeground,
        _ => return None,
    })
}

fn windows_terminal(key: &str) -> Option<Slot> {
    // Windows calls magenta purple.
    let name = |name: &str| match name.to_ascii_lowercase().as_str() {
        "purple" => "magenta".to_owned(),
        other => other.to_owned(),
    };
    if let Some(bright) = key.strip_prefix("bright") {
        return named(8, &name(bright));
    }
    Some(match key {
        "name" => Slot::Name,
        "foreground" => Slot::Foreground,
        "background" => Slot::Background,
        "cursorColor" => Slot::Cursor,
        "selectionBackground" => Slot::SelectionBackground,
        plain => return named(0, &name(plain)),
    })
}

/// Base16's styling guide and Base24's, as the terminals' templates of tinted-theming apply them.
fn base16(key: &str) -> Vec<Slot> {
    use Slot::Palette as P;
    // Newer files have the colors under `palette`.
    let key = key.strip_prefix("palette.").unwrap_or(key);
    match key.to_ascii_lowercase().as_str() {
        "scheme" | "name" => vec![Slot::Name],
        "author" | "system" | "variant" | "slug" | "description" => vec![Slot::Metadata],
        "base00" => vec![Slot::Background, Slot::CursorText, P(0)],
        "base02" => vec![Slot::SelectionBackground],
        "base03" => vec![P(8)],
        "base05" => vec![Slot::Foreground, Slot::Cursor, P(7)],
        "base07" => vec![P(15)],
        "base08" => vec![P(1)],
        "base0a" => vec![P(3)],
        "base0b" => vec![P(2)],
        "base0c" => vec![P(6)],
        "base0d" => vec![P(4)],
        "base0e" => vec![P(5)],
        "base12" => vec![P(9)],
        "base13" => vec![P(11)],
        "base14" => vec![P(10)],
        "base15" => vec![P(14)],
        "base16" => vec![P(12)],
        "base17" => vec![P(13)],
        // Shades for editors: a terminal has no place for them.
        "base01" | "base04" | "base06" | "base09" | "base0f" | "base10" | "base11" => {
            vec![Slot::Metadata]
        }
        _ => Vec::new(),
    }
}

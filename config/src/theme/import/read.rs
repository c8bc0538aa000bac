//! Each format as a flat list of keys and values.

use std::io::Cursor;

use saphyr_parser::{Event, Parser};

use super::{Format, ImportError};
use crate::colors::Rgb;
use crate::diagnostic::line_and_column;

/// A key, its parts joined by dots, and its value as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// The key.
    pub(super) key: String,
    /// The value.
    pub(super) value: String,
}

impl Pair {
    fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

/// How deep a file may nest; schemes need three levels.
const MAX_DEPTH: usize = 32;

/// Reads a text of a format. `name` chooses among several schemes.
pub(super) fn read(
    text: &str,
    format: Format,
    name: Option<&str>,
) -> Result<Vec<Pair>, ImportError> {
    let wrong = |position: Option<(usize, usize)>, message: String| ImportError::Syntax {
        format,
        position,
        message: message.trim().replace('\n', "; "),
    };
    match format {
        Format::Kitty => Ok(lines(text, kitty_line)),
        Format::Ghostty => Ok(lines(text, ghostty_line)),
        Format::Base16 => yaml(text).map_err(|(position, message)| wrong(position, message)),
        Format::Alacritty => match toml::from_str::<toml::Table>(text) {
            Ok(table) => {
                let mut pairs = Vec::new();
                flatten_toml(&toml::Value::Table(table), "", 0, &mut pairs);
                Ok(pairs)
            }
            // Before 0.13 the file was YAML.
            Err(error) => match yaml(text) {
                Ok(pairs) if pairs.iter().any(|pair| pair.key.starts_with("colors.")) => Ok(pairs),
                _ => {
                    let position = error.span().map(|span| line_and_column(text, span.start));
                    Err(wrong(position, error.message().to_owned()))
                }
            },
        },
        Format::Iterm2 => iterm2(text).map_err(|(position, message)| wrong(position, message)),
        Format::WindowsTerminal => {
            let value = jsonc_parser::parse_to_serde_value::<serde_json::Value>(
                text,
                &jsonc_parser::ParseOptions::default(),
            )
            .map_err(|error| {
                let position = (error.line_display(), error.column_display());
                wrong(Some(position), error.kind().to_string())
            })?;
            let scheme = one_scheme(&value, name)?;
            let mut pairs = Vec::new();
            flatten_json(scheme, "", 0, &mut pairs);
            Ok(pairs)
        }
    }
}

/// The pairs of a text with one a line.
fn lines(text: &str, pair: fn(&str) -> Option<Pair>) -> Vec<Pair> {
    text.lines().filter_map(|line| pair(line.trim())).collect()
}

/// kitty.conf: `key value`; kitty's theme collection has the name in a comment, `## name: …`.
fn kitty_line(line: &str) -> Option<Pair> {
    if let Some(comment) = line.strip_prefix("##") {
        let (key, value) = comment.trim().split_once(':')?;
        let known = ["name", "author", "license", "upstream", "blurb"].contains(&key);
        return known.then(|| Pair::new(key, value.trim()));
    }
    if line.starts_with('#') {
        return None;
    }
    let (key, value) = line.split_once(char::is_whitespace)?;
    Some(Pair::new(key, value.trim()))
}

/// Ghostty: `key = value`, and `palette = N=color`.
fn ghostty_line(line: &str) -> Option<Pair> {
    if line.starts_with('#') {
        return None;
    }
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim().trim_matches('"'));
    if key == "palette" {
        let (number, color) = value.split_once('=')?;
        return Some(Pair::new(
            format!("palette.{}", number.trim()),
            color.trim(),
        ));
    }
    Some(Pair::new(key, value))
}

/// `parent.key`, or the key alone.
fn join(parent: &str, key: &str) -> String {
    if parent.is_empty() {
        key.to_owned()
    } else {
        format!("{parent}.{key}")
    }
}

fn flatten_toml(value: &toml::Value, key: &str, depth: usize, pairs: &mut Vec<Pair>) {
    match value {
        _ if depth > MAX_DEPTH => {}
        toml::Value::Table(table) => {
            for (name, value) in table {
                flatten_toml(value, &join(key, name), depth + 1, pairs);
            }
        }
        toml::Value::String(text) => pairs.push(Pair::new(key, text.clone())),
        other => pairs.push(Pair::new(key, other.to_string())),
    }
}

fn flatten_json(value: &serde_json::Value, key: &str, depth: usize, pairs: &mut Vec<Pair>) {
    match value {
        _ if depth > MAX_DEPTH => {}
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                flatten_json(value, &join(key, name), depth + 1, pairs);
            }
        }
        serde_json::Value::String(text) => pairs.push(Pair::new(key, text.clone())),
        other => pairs.push(Pair::new(key, other.to_string())),
    }
}

/// The scheme of a Windows Terminal file: the whole of it, or one of its `schemes`.
fn one_scheme<'a>(
    value: &'a serde_json::Value,
    name: Option<&str>,
) -> Result<&'a serde_json::Value, ImportError> {
    let schemes = match value {
        serde_json::Value::Array(all) => all,
        _ => match value.get("schemes").and_then(serde_json::Value::as_array) {
            Some(all) => all,
            None => return Ok(value),
        },
    };
    let name_of = |scheme: &serde_json::Value| {
        scheme
            .get("name")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    match schemes.as_slice() {
        [one] => Ok(one),
        all => all
            .iter()
            .find(|scheme| name.is_some_and(|name| name_of(scheme).eq_ignore_ascii_case(name)))
            .ok_or_else(|| ImportError::Several {
                names: all
                    .iter()
                    .map(|one| format!("\"{}\"", name_of(one)))
                    .collect(),
            }),
    }
}

/// Where in a text something is wrong, and what.
type Wrong = (Option<(usize, usize)>, String);

/// YAML's scalars as they are written: `282828` is a color, not a number.
fn yaml(text: &str) -> Result<Vec<Pair>, Wrong> {
    /// Where we are: in a mapping, whose key may have been read, or in a sequence.
    enum Level {
        Mapping(Option<String>),
        Sequence,
    }
    fn path(levels: &[Level]) -> String {
        let keys: Vec<&str> = levels
            .iter()
            .filter_map(|level| match level {
                Level::Mapping(key) => key.as_deref(),
                Level::Sequence => None,
            })
            .collect();
        keys.join(".")
    }
    /// A value ended: the mapping around it waits for its next key.
    fn done(levels: &mut [Level]) {
        if let Some(Level::Mapping(key)) = levels.last_mut() {
            *key = None;
        }
    }
    let mut levels: Vec<Level> = Vec::new();
    let mut pairs = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| {
            let at = error.marker();
            (Some((at.line(), at.col() + 1)), error.info().to_owned())
        })?;
        match event {
            Event::MappingStart(..) => levels.push(Level::Mapping(None)),
            Event::SequenceStart(..) => levels.push(Level::Sequence),
            Event::MappingEnd | Event::SequenceEnd => {
                levels.pop();
                done(&mut levels);
            }
            Event::Alias(_) => done(&mut levels),
            Event::Scalar(value, ..) => match levels.last_mut() {
                Some(Level::Mapping(key @ None)) => *key = Some(value.into_owned()),
                _ => {
                    pairs.push(Pair::new(path(&levels), value.into_owned()));
                    done(&mut levels);
                }
            },
            _ => {}
        }
        if levels.len() > MAX_DEPTH {
            return Err((None, "nested too deeply".to_owned()));
        }
    }
    Ok(pairs)
}

/// A property list whose values are colors by their components.
fn iterm2(text: &str) -> Result<Vec<Pair>, Wrong> {
    let value = plist::Value::from_reader_xml(Cursor::new(text.as_bytes()))
        .map_err(|error| (None, error.to_string()))?;
    let dictionary = value
        .as_dictionary()
        .ok_or_else(|| (None, "found no dictionary at its root".to_owned()))?;
    // A profile has colors of its own for light and dark; those without a suffix are the scheme's.
    Ok(dictionary
        .iter()
        .map(|(key, value)| {
            let color = value.as_dictionary().and_then(components);
            Pair::new(
                key.clone(),
                color.map_or_else(|| "no color".to_owned(), |color| color.to_string()),
            )
        })
        .collect())
}

/// The color of iTerm2's components, each from 0 to 1, in the named color space.
fn components(color: &plist::Dictionary) -> Option<Rgb> {
    let component = |name: &str| {
        let value = color.get(name)?;
        value
            .as_real()
            .or_else(|| value.as_signed_integer().map(|one| one as f64))
    };
    let channels = [
        component("Red Component")?,
        component("Green Component")?,
        component("Blue Component")?,
    ];
    let p3 = color.get("Color Space").and_then(plist::Value::as_string) == Some("P3");
    let channels = if p3 { p3_to_srgb(channels) } else { channels };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0 to 255"
    )]
    let byte = |channel: f64| (channel.clamp(0.0, 1.0) * 255.0).round() as u8;
    let [r, g, b] = channels.map(byte);
    Some(Rgb::new(r, g, b))
}

/// Display P3 to sRGB (CSS Color 4, section 10.2 and its sample code): both have sRGB's transfer curve.
fn p3_to_srgb(channels: [f64; 3]) -> [f64; 3] {
    const MATRIX: [[f64; 3]; 3] = [
        [1.224_940_18, -0.224_940_18, 0.0],
        [-0.042_056_95, 1.042_056_95, 0.0],
        [-0.019_637_55, -0.078_636_05, 1.098_273_6],
    ];
    let linear = channels.map(|channel| {
        if channel <= 0.040_45 {
            channel / 12.92
        } else {
            ((channel + 0.055) / 1.055).powf(2.4)
        }
    });
    MATRIX.map(|row| {
        let light: f64 = row
            .iter()
            .zip(linear)
            .map(|(factor, one)| factor * one)
            .sum();
        if light <= 0.003_130_8 {
            light * 12.92
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        }
    })
}

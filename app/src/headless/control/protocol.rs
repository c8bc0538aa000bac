//! Lines of the control socket to requests. Mistakes are named; nothing is guessed.

use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use serde_json::{Map, Value};
use terminal::encode::key::{Key, KeyEvent, KeyEventKind, Modifiers, NamedKey};
use terminal::encode::mouse::{MouseButton, MouseEvent, MouseEventKind};
use terminal::selection::SelectionKind;
use terminal::terminal::Scroll;
use terminal::{GridSize, PixelSize, Point};

use super::cell_size;
use crate::cli::Format;

/// How long `{"sync":true}` waits for a program that does not stop writing.
const SYNC_TIMEOUT: Duration = Duration::from_secs(2);
/// How long `{"wait":…}` waits.
const WAIT_TIMEOUT: Duration = Duration::from_secs(10);

/// One command.
#[derive(Debug, PartialEq)]
pub(super) enum Request {
    /// Print the state.
    Dump {
        /// In which form.
        format: Format,
        /// With how many rows of scrollback.
        scrollback: Option<usize>,
    },
    /// Answer when all output is parsed.
    Sync {
        /// At the latest after this time.
        timeout: Duration,
    },
    /// Answer when the screen holds a text.
    Wait {
        /// The text.
        text: String,
        /// Fail after this time.
        timeout: Duration,
    },
    /// Change the size.
    Resize {
        /// In cells.
        size: GridSize,
        /// A cell's, if it changes.
        cell: Option<PixelSize>,
    },
    /// A key event.
    Key(KeyEvent),
    /// Text as from an input method.
    Type(String),
    /// A mouse event.
    Mouse(Pointer),
    /// A paste.
    Paste(String),
    /// The keyboard focus comes or goes.
    Focus(bool),
    /// Move the viewport.
    Scroll(Scroll),
    /// Select text.
    Select(Selection),
    /// Give the selected text.
    Copy,
    /// Draw a picture.
    Screenshot(Shot),
    /// Set the clock.
    Clock(Duration),
    /// Tell sizes.
    Stats,
    /// Tell whether the program runs.
    Status,
    /// End the program.
    Quit,
}

/// A mouse event, and its place in pixels where one was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pointer {
    pub(super) event: MouseEvent,
    pub(super) x: Option<u32>,
    pub(super) y: Option<u32>,
}

/// What to select.
#[derive(Debug, PartialEq)]
pub(super) enum Selection {
    Nothing,
    Everything,
    Cells {
        kind: SelectionKind,
        start: Point,
        end: Point,
    },
}

/// A picture to draw.
#[derive(Debug, PartialEq)]
pub(super) struct Shot {
    pub(super) file: String,
    pub(super) scale: f32,
    pub(super) theme: Option<String>,
}

/// Reads one line.
///
/// # Errors
/// When it is no JSON object with one known command.
pub(super) fn parse(line: &[u8]) -> anyhow::Result<Request> {
    let value: Value = serde_json::from_slice(line).context("not JSON")?;
    let object = value
        .as_object()
        .context("expected an object with one command")?;
    let mut commands = object.iter();
    let (Some((command, argument)), None) = (commands.next(), commands.next()) else {
        bail!("expected an object with one command");
    };
    request(command, argument).with_context(|| command.clone())
}

fn request(command: &str, argument: &Value) -> anyhow::Result<Request> {
    Ok(match command {
        "dump" => dump(argument)?,
        "sync" => Request::Sync {
            timeout: timeout(argument)?.unwrap_or(SYNC_TIMEOUT),
        },
        "wait" => Request::Wait {
            text: match argument {
                Value::Object(object) => text(object.get("text").unwrap_or(&Value::Null))?,
                other => text(other)?,
            },
            timeout: timeout(argument)?.unwrap_or(WAIT_TIMEOUT),
        },
        "resize" => resize(argument)?,
        "key" => Request::Key(key(argument)?),
        "type" => Request::Type(text(argument)?),
        "mouse" => Request::Mouse(mouse(argument)?),
        "paste" => Request::Paste(text(argument)?),
        "focus" => Request::Focus(argument.as_bool().context("expected true or false")?),
        "scroll" => Request::Scroll(scroll(argument)?),
        "select" => Request::Select(select(argument)?),
        "copy" => Request::Copy,
        "screenshot" => Request::Screenshot(shot(argument)?),
        "clock" => {
            let ms = argument.as_f64().context("expected milliseconds")?;
            let time = Duration::try_from_secs_f64(ms / 1000.0);
            Request::Clock(time.context("expected milliseconds from 0")?)
        }
        "stats" => Request::Stats,
        "status" => Request::Status,
        "quit" => Request::Quit,
        _ => bail!("unknown command"),
    })
}

fn text(value: &Value) -> anyhow::Result<String> {
    Ok(value.as_str().context("expected text")?.to_owned())
}

fn number<T: TryFrom<i64>>(value: &Value) -> anyhow::Result<T> {
    let number = value
        .as_i64()
        .with_context(|| format!("expected a whole number, not {value}"))?;
    T::try_from(number).map_err(|_| anyhow!("{number} is out of range"))
}

fn timeout(argument: &Value) -> anyhow::Result<Option<Duration>> {
    let ms = argument
        .get("timeout_ms")
        .map(|ms| ms.as_u64().context("timeout_ms: expected a number"));
    Ok(ms.transpose()?.map(Duration::from_millis))
}

fn dump(argument: &Value) -> anyhow::Result<Request> {
    let format = match argument.get("format").map(Value::as_str) {
        None | Some(Some("json")) => Format::Json,
        Some(Some("text")) => Format::Text,
        Some(Some("ansi")) => Format::Ansi,
        Some(Some("png")) => Format::Png,
        Some(_) => bail!("format: expected \"json\", \"text\" or \"ansi\""),
    };
    let scrollback = argument.get("scrollback").map(number::<usize>).transpose();
    Ok(Request::Dump {
        format,
        scrollback: scrollback.context("scrollback")?,
    })
}

fn resize(argument: &Value) -> anyhow::Result<Request> {
    let numbers = argument.as_array().context("expected [columns, rows]")?;
    let numbers = numbers
        .iter()
        .map(number::<u16>)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let (columns, rows, cell) = match numbers[..] {
        [columns, rows] => (columns, rows, None),
        [columns, rows, width, height] => (columns, rows, Some(cell_size(width, height))),
        _ => bail!("expected [columns, rows] or [columns, rows, cell width, cell height]"),
    };
    ensure!(
        columns > 0 && rows > 0,
        "expected at least one column and one row"
    );
    Ok(Request::Resize {
        size: GridSize::new(columns, rows),
        cell,
    })
}

fn scroll(argument: &Value) -> anyhow::Result<Scroll> {
    Ok(match argument.as_str() {
        Some("top") => Scroll::Top,
        Some("bottom") => Scroll::Bottom,
        Some("page_up") => Scroll::PageUp,
        Some("page_down") => Scroll::PageDown,
        Some(_) => bail!("expected rows, \"top\", \"bottom\", \"page_up\" or \"page_down\""),
        None => Scroll::Rows(number::<i32>(argument)?.saturating_neg()),
    })
}

fn select(argument: &Value) -> anyhow::Result<Selection> {
    if argument.is_null() || argument == &Value::Bool(false) {
        return Ok(Selection::Nothing);
    }
    if argument.as_str() == Some("all") {
        return Ok(Selection::Everything);
    }
    let list = argument
        .as_array()
        .context("expected [[row,col],[row,col],\"word\"]")?;
    let (start, end, kind) = match &list[..] {
        [start, end] => (start, end, "character"),
        [start, end, kind] => (start, end, kind.as_str().unwrap_or_default()),
        _ => bail!("expected [[row,col],[row,col],\"word\"]"),
    };
    let point = |value: &Value| -> anyhow::Result<Point> {
        match value.as_array().map(Vec::as_slice) {
            Some([row, column]) => Ok(Point::new(number(row)?, number(column)?)),
            _ => bail!("expected [row, col]"),
        }
    };
    let kind = match kind {
        "character" | "char" | "simple" => SelectionKind::Character,
        "word" => SelectionKind::Word,
        "line" => SelectionKind::Line,
        "block" => SelectionKind::Block,
        _ => bail!("expected \"character\", \"word\", \"line\" or \"block\""),
    };
    Ok(Selection::Cells {
        kind,
        start: point(start)?,
        end: point(end)?,
    })
}

fn shot(argument: &Value) -> anyhow::Result<Shot> {
    if let Some(file) = argument.as_str() {
        return Ok(Shot {
            file: file.to_owned(),
            scale: 1.0,
            theme: None,
        });
    }
    let object = argument.as_object().context("expected a file's name")?;
    known(object, &["file", "scale", "theme"])?;
    let scale = object.get("scale").map_or(Some(1.0), Value::as_f64);
    let scale = scale.filter(|scale| (0.25..=8.0).contains(scale));
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a factor between 0.25 and 8"
    )]
    let scale = scale.context("scale: expected a factor from 0.25 to 8")? as f32;
    Ok(Shot {
        file: text(object.get("file").unwrap_or(&Value::Null)).context("file")?,
        scale,
        theme: object.get("theme").map(text).transpose().context("theme")?,
    })
}

/// Refuses names that would be ignored.
fn known(object: &Map<String, Value>, names: &[&str]) -> anyhow::Result<()> {
    match object.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => bail!("unknown name \"{name}\"; expected {}", names.join(", ")),
        None => Ok(()),
    }
}

fn modifiers(object: &Map<String, Value>) -> anyhow::Result<Modifiers> {
    let Some(list) = object.get("mods") else {
        return Ok(Modifiers::empty());
    };
    let list = list.as_array().context("mods: expected a list")?;
    list.iter().try_fold(Modifiers::empty(), |all, name| {
        let one = match name.as_str().unwrap_or_default() {
            "shift" => Modifiers::SHIFT,
            "alt" => Modifiers::ALT,
            "ctrl" | "control" => Modifiers::CTRL,
            "super" => Modifiers::SUPER,
            "hyper" => Modifiers::HYPER,
            "meta" => Modifiers::META,
            "caps_lock" => Modifiers::CAPS_LOCK,
            "num_lock" => Modifiers::NUM_LOCK,
            _ => bail!("mods: unknown modifier {name}"),
        };
        Ok(all | one)
    })
}

/// A key event: `{"key":"a","mods":["ctrl"],"type":"press","text":"a"}`.
pub(crate) fn key(argument: &Value) -> anyhow::Result<KeyEvent> {
    let short;
    let object = match argument {
        Value::Object(object) => object,
        Value::String(_) => {
            short = Map::from_iter([("key".to_owned(), argument.clone())]);
            &short
        }
        _ => bail!("expected an object with \"key\""),
    };
    known(object, &["key", "mods", "type", "text", "shifted", "base"])?;
    let name = object
        .get("key")
        .and_then(Value::as_str)
        .context("key: expected text")?;
    let mut modifiers = modifiers(object)?;
    let kind = match object.get("type").map(Value::as_str) {
        None | Some(Some("press")) => KeyEventKind::Press,
        Some(Some("repeat")) => KeyEventKind::Repeat,
        Some(Some("release")) => KeyEventKind::Release,
        Some(_) => bail!("type: expected \"press\", \"repeat\" or \"release\""),
    };
    let one = |value: &Value| -> anyhow::Result<char> {
        let mut characters = value.as_str().unwrap_or_default().chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => Ok(character),
            _ => bail!("expected one character"),
        }
    };
    let mut shifted = object
        .get("shifted")
        .map(one)
        .transpose()
        .context("shifted")?;
    let base_layout = object.get("base").map(one).transpose().context("base")?;
    let name = if name == "space" { " " } else { name };
    let mut characters = name.chars();
    let key = match (characters.next(), characters.next()) {
        (Some(character), None) => {
            let mut lower = character.to_lowercase();
            match (lower.next(), lower.next()) {
                // "A" is what a person types with Shift and the key "a".
                (Some(low), None) if low != character => {
                    shifted = shifted.or(Some(character));
                    modifiers |= Modifiers::SHIFT;
                    Key::Character(low)
                }
                _ => Key::Character(character),
            }
        }
        _ => Key::Named(named(name).with_context(|| format!("key: unknown key \"{name}\""))?),
    };
    let typed = match object.get("text") {
        Some(value) => text(value).context("text")?,
        None => typed(&key, shifted, modifiers),
    };
    Ok(KeyEvent {
        key,
        shifted,
        base_layout,
        modifiers,
        kind,
        text: typed,
    })
}

/// What a key types when nobody says: itself, shifted where Shift is held.
fn typed(key: &Key, shifted: Option<char>, modifiers: Modifiers) -> String {
    let Key::Character(character) = key else {
        return String::new();
    };
    if !modifiers.contains(Modifiers::SHIFT) {
        return character.to_string();
    }
    shifted.map_or_else(|| character.to_uppercase().collect(), String::from)
}

/// Keys by name, in lower case with underscores.
fn named(name: &str) -> Option<NamedKey> {
    use NamedKey as K;
    const NAMES: [(&str, NamedKey); 86] = [
        ("escape", K::Escape),
        ("enter", K::Enter),
        ("tab", K::Tab),
        ("backspace", K::Backspace),
        ("insert", K::Insert),
        ("delete", K::Delete),
        ("left", K::Left),
        ("right", K::Right),
        ("up", K::Up),
        ("down", K::Down),
        ("page_up", K::PageUp),
        ("page_down", K::PageDown),
        ("home", K::Home),
        ("end", K::End),
        ("caps_lock", K::CapsLock),
        ("scroll_lock", K::ScrollLock),
        ("num_lock", K::NumLock),
        ("print_screen", K::PrintScreen),
        ("pause", K::Pause),
        ("menu", K::Menu),
        ("kp_0", K::Keypad0),
        ("kp_1", K::Keypad1),
        ("kp_2", K::Keypad2),
        ("kp_3", K::Keypad3),
        ("kp_4", K::Keypad4),
        ("kp_5", K::Keypad5),
        ("kp_6", K::Keypad6),
        ("kp_7", K::Keypad7),
        ("kp_8", K::Keypad8),
        ("kp_9", K::Keypad9),
        ("kp_decimal", K::KeypadDecimal),
        ("kp_divide", K::KeypadDivide),
        ("kp_multiply", K::KeypadMultiply),
        ("kp_subtract", K::KeypadSubtract),
        ("kp_add", K::KeypadAdd),
        ("kp_enter", K::KeypadEnter),
        ("kp_equal", K::KeypadEqual),
        ("kp_separator", K::KeypadSeparator),
        ("kp_left", K::KeypadLeft),
        ("kp_right", K::KeypadRight),
        ("kp_up", K::KeypadUp),
        ("kp_down", K::KeypadDown),
        ("kp_page_up", K::KeypadPageUp),
        ("kp_page_down", K::KeypadPageDown),
        ("kp_home", K::KeypadHome),
        ("kp_end", K::KeypadEnd),
        ("kp_insert", K::KeypadInsert),
        ("kp_delete", K::KeypadDelete),
        ("kp_begin", K::KeypadBegin),
        ("media_play", K::MediaPlay),
        ("media_pause", K::MediaPause),
        ("media_play_pause", K::MediaPlayPause),
        ("media_reverse", K::MediaReverse),
        ("media_stop", K::MediaStop),
        ("media_fast_forward", K::MediaFastForward),
        ("media_rewind", K::MediaRewind),
        ("media_track_next", K::MediaTrackNext),
        ("media_track_previous", K::MediaTrackPrevious),
        ("media_record", K::MediaRecord),
        ("lower_volume", K::LowerVolume),
        ("raise_volume", K::RaiseVolume),
        ("mute_volume", K::MuteVolume),
        ("left_shift", K::LeftShift),
        ("left_control", K::LeftControl),
        ("left_alt", K::LeftAlt),
        ("left_super", K::LeftSuper),
        ("left_hyper", K::LeftHyper),
        ("left_meta", K::LeftMeta),
        ("right_shift", K::RightShift),
        ("right_control", K::RightControl),
        ("right_alt", K::RightAlt),
        ("right_super", K::RightSuper),
        ("right_hyper", K::RightHyper),
        ("right_meta", K::RightMeta),
        ("iso_level3_shift", K::IsoLevel3Shift),
        ("iso_level5_shift", K::IsoLevel5Shift),
        // Other common names of the same keys.
        ("esc", K::Escape),
        ("return", K::Enter),
        ("pageup", K::PageUp),
        ("pagedown", K::PageDown),
        ("pgup", K::PageUp),
        ("pgdn", K::PageDown),
        ("ins", K::Insert),
        ("del", K::Delete),
        ("left_ctrl", K::LeftControl),
        ("right_ctrl", K::RightControl),
    ];
    let name = name.to_ascii_lowercase();
    if let Some(number) = name
        .strip_prefix('f')
        .and_then(|number| number.parse::<u8>().ok())
    {
        return (1..=35).contains(&number).then_some(K::F(number));
    }
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, key)| *key)
}

/// A mouse event: `{"type":"press","button":"left","row":0,"col":0}`.
fn mouse(argument: &Value) -> anyhow::Result<Pointer> {
    let object = argument.as_object().context("expected an object")?;
    known(object, &["type", "button", "row", "col", "x", "y", "mods"])?;
    let button = match object
        .get("button")
        .map(|name| name.as_str().unwrap_or_default())
    {
        None | Some("none") => None,
        Some(name) => Some(match name {
            "left" => MouseButton::Left,
            "middle" => MouseButton::Middle,
            "right" => MouseButton::Right,
            "wheel_up" => MouseButton::WheelUp,
            "wheel_down" => MouseButton::WheelDown,
            "wheel_left" => MouseButton::WheelLeft,
            "wheel_right" => MouseButton::WheelRight,
            "back" => MouseButton::Back,
            "forward" => MouseButton::Forward,
            _ => bail!("button: unknown button \"{name}\""),
        }),
    };
    let needed = || button.context("button: expected a name, as \"left\"");
    let kind = match object
        .get("type")
        .map(|name| name.as_str().unwrap_or_default())
    {
        None | Some("press") => MouseEventKind::Press(needed()?),
        Some("release") => MouseEventKind::Release(needed()?),
        Some("motion" | "move") => MouseEventKind::Motion(button),
        Some(_) => bail!("type: expected \"press\", \"release\" or \"motion\""),
    };
    let optional = |name: &'static str| {
        object
            .get(name)
            .map(number::<u32>)
            .transpose()
            .context(name)
    };
    let cell = |name: &'static str| number(object.get(name).unwrap_or(&Value::Null)).context(name);
    Ok(Pointer {
        event: MouseEvent {
            kind,
            column: cell("col")?,
            row: cell("row")?,
            x: 0,
            y: 0,
            modifiers: modifiers(object)?,
        },
        x: optional("x")?,
        y: optional("y")?,
    })
}

#[cfg(test)]
mod tests;

//! What the mouse sends (xterm ctlseqs, "Mouse Tracking").

use super::key::{Key, KeyEvent, Modifiers, NamedKey, encode_key};
use crate::modes::{InputModes, KeyModes, MouseEncoding, MouseTracking};

/// A mouse button or wheel direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MouseButton {
    /// Button 1.
    Left,
    /// Button 2.
    Middle,
    /// Button 3.
    Right,
    /// Button 4.
    WheelUp,
    /// Button 5.
    WheelDown,
    /// Button 6.
    WheelLeft,
    /// Button 7.
    WheelRight,
    /// Button 8.
    Back,
    /// Button 9.
    Forward,
}

/// Press, release or motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MouseEventKind {
    /// A button went down.
    Press(MouseButton),
    /// A button went up.
    Release(MouseButton),
    /// The pointer moved, with this button held if any.
    Motion(Option<MouseButton>),
}

/// A mouse event over the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MouseEvent {
    /// What happened.
    pub kind: MouseEventKind,
    /// Column of the active screen, 0-based.
    pub column: u16,
    /// Row of the active screen, 0-based.
    pub row: u16,
    /// Physical pixels from the grid's left edge (for 1016).
    pub x: u32,
    /// Physical pixels from the grid's top edge (for 1016).
    pub y: u32,
    /// Modifiers held.
    pub modifiers: Modifiers,
}

/// The bytes that a mouse event sends under these modes; empty when it is not reported.
///
/// That motion within a cell is reported once only is up to the caller, who knows the cell that
/// was reported last; with [`MouseEncoding::SgrPixels`] each pixel counts.
pub fn encode_mouse(event: &MouseEvent, modes: &InputModes) -> Vec<u8> {
    if !is_reported(event.kind, modes.mouse_tracking) {
        return Vec::new();
    }
    let is_release = matches!(event.kind, MouseEventKind::Release(_));
    let names_releases = matches!(
        modes.mouse_encoding,
        MouseEncoding::Sgr | MouseEncoding::SgrPixels
    );
    let code = button_code(event.kind, names_releases)
        + if modes.mouse_tracking == MouseTracking::Press {
            0
        } else {
            modifiers(event)
        };
    let cell = (u32::from(event.column) + 1, u32::from(event.row) + 1);
    match modes.mouse_encoding {
        MouseEncoding::Default => in_bytes(code, cell).unwrap_or_default(),
        MouseEncoding::Utf8 => in_utf8(code, cell).unwrap_or_default(),
        MouseEncoding::Sgr => in_sgr(code, cell, is_release),
        MouseEncoding::SgrPixels => in_sgr(
            code,
            (event.x.saturating_add(1), event.y.saturating_add(1)),
            is_release,
        ),
        MouseEncoding::Urxvt => format!("\x1b[{};{};{}M", code + 32, cell.0, cell.1).into_bytes(),
    }
}

/// What the wheel sends to a full-screen program that does not ask for the mouse: cursor keys,
/// `count` of them (mode 1007). `None` when the wheel scrolls the view instead.
pub fn encode_alternate_scroll(
    wheel: MouseButton,
    count: u16,
    modes: &InputModes,
    key_modes: &KeyModes,
) -> Option<Vec<u8>> {
    let in_effect = modes.alternate_scroll
        && modes.alternate_screen
        && modes.mouse_tracking == MouseTracking::Off;
    let key = match wheel {
        MouseButton::WheelUp => NamedKey::Up,
        MouseButton::WheelDown => NamedKey::Down,
        MouseButton::WheelLeft => NamedKey::Left,
        MouseButton::WheelRight => NamedKey::Right,
        _ => return None,
    };
    in_effect.then(|| {
        let press = KeyEvent::press(Key::Named(key), Modifiers::empty());
        encode_key(&press, key_modes).repeat(usize::from(count))
    })
}

fn is_reported(kind: MouseEventKind, tracking: MouseTracking) -> bool {
    match (kind, tracking) {
        (_, MouseTracking::Off) => false,
        // A wheel does not stay down.
        (MouseEventKind::Release(button), _) if button.is_wheel() => false,
        (MouseEventKind::Press(_), _) => true,
        (MouseEventKind::Release(_), tracking) => tracking != MouseTracking::Press,
        (MouseEventKind::Motion(Some(_)), tracking) => {
            matches!(tracking, MouseTracking::Drag | MouseTracking::Motion)
        }
        (MouseEventKind::Motion(None), tracking) => tracking == MouseTracking::Motion,
    }
}

impl MouseButton {
    /// True for the wheel's directions, which are pressed but never released.
    pub fn is_wheel(self) -> bool {
        matches!(
            self,
            Self::WheelUp | Self::WheelDown | Self::WheelLeft | Self::WheelRight
        )
    }

    /// xterm's code: the low two bits, and 64 for buttons 4–7, 128 for 8–11.
    fn code(self) -> u8 {
        match self {
            Self::Left => 0,
            Self::Middle => 1,
            Self::Right => 2,
            Self::WheelUp => 64,
            Self::WheelDown => 65,
            Self::WheelLeft => 66,
            Self::WheelRight => 67,
            Self::Back => 128,
            Self::Forward => 129,
        }
    }
}

/// The button without modifiers. The old encodings have one code for every release.
fn button_code(kind: MouseEventKind, names_releases: bool) -> u8 {
    const NONE: u8 = 3;
    const MOTION: u8 = 32;
    match kind {
        MouseEventKind::Press(button) => button.code(),
        MouseEventKind::Release(button) if names_releases => button.code(),
        MouseEventKind::Release(_) => NONE,
        MouseEventKind::Motion(button) => button.map_or(NONE, MouseButton::code) + MOTION,
    }
}

fn modifiers(event: &MouseEvent) -> u8 {
    let held = |modifiers, bits| {
        if event.modifiers.intersects(modifiers) {
            bits
        } else {
            0
        }
    };
    held(Modifiers::SHIFT, 4)
        + held(Modifiers::ALT | Modifiers::META, 8)
        + held(Modifiers::CTRL, 16)
}

/// `CSI M` and three bytes over 32. A place past column or row 223 cannot be written, and is
/// not: a wrong one would be worse.
fn in_bytes(code: u8, (column, row): (u32, u32)) -> Option<Vec<u8>> {
    let byte = |value: u32| u8::try_from(value + 32).ok();
    Some(vec![
        0x1b,
        b'[',
        b'M',
        byte(code.into())?,
        byte(column)?,
        byte(row)?,
    ])
}

/// The same with UTF-8 characters of up to two bytes: up to 2015.
fn in_utf8(code: u8, (column, row): (u32, u32)) -> Option<Vec<u8>> {
    const LIMIT: u32 = 0x7ff;
    let mut text = String::from("\x1b[M");
    for value in [code.into(), column, row] {
        text.push(
            Some(value + 32)
                .filter(|value| *value <= LIMIT)
                .and_then(char::from_u32)?,
        );
    }
    Some(text.into_bytes())
}

fn in_sgr(code: u8, (x, y): (u32, u32), is_release: bool) -> Vec<u8> {
    format!("\x1b[<{code};{x};{y}{}", if is_release { 'm' } else { 'M' }).into_bytes()
}

#[cfg(test)]
mod tests;

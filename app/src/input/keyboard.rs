//! Keys: winit's events to the core's [`KeyEvent`], and to the chords of key bindings.
//!
//! A key press is first looked up among the bindings; only what no binding takes reaches
//! [`terminal::encode::key::encode_key`] and the program.

use config::KeyName;
use terminal::encode::key::{Key, KeyEvent, KeyEventKind, Modifiers, NamedKey};
use winit::event::ElementState;
use winit::keyboard::{
    Key as WinitKey, KeyCode, KeyLocation, ModifiersState, NamedKey as WinitNamed, PhysicalKey,
};
use winit::platform::modifier_supplement::KeyEventExtModifierSupplement;

/// The core's key event for a winit one, with the `locks` that are on if they are known; `None` for keys that no
/// protocol has a code for (dead keys, laptop hot keys). While a dead key is pending winit gives no text, so nothing
/// is sent.
pub(crate) fn key_event(
    event: &winit::event::KeyEvent,
    modifiers: ModifiersState,
    locks: Option<Modifiers>,
) -> Option<KeyEvent> {
    let unmodified = event.key_without_modifiers();
    let keypad = event.location == KeyLocation::Numpad || is_operator(event.physical_key);
    let logical = match &event.logical_key {
        // Ctrl+Alt with the keypad's operators is a key for the X server itself (`XF86ClearGrab`), with function keys
        // one for the console; a program in a window is told the key that was pressed.
        WinitKey::Unidentified(_) => &unmodified,
        logical => logical,
    };
    let key = match logical {
        WinitKey::Named(WinitNamed::Space) => Key::Character(' '),
        WinitKey::Named(named) => Key::Named(named_key(*named, event.location)?),
        WinitKey::Character(text) if keypad => match keypad_character(text) {
            Some(named) => Key::Named(named),
            None => character_key(&unmodified)?,
        },
        WinitKey::Character(_) => character_key(&unmodified)?,
        // The middle of the keypad without Num Lock, for which winit has no name under X11 and Wayland.
        WinitKey::Unidentified(_) if event.physical_key == KeyCode::Numpad5 => {
            Key::Named(NamedKey::KeypadBegin)
        }
        WinitKey::Dead(_) | WinitKey::Unidentified(_) => return None,
    };
    let shifted = match (&key, logical) {
        (Key::Character(base), WinitKey::Character(text)) if modifiers.shift_key() => {
            single(text).filter(|c| c != base)
        }
        _ => None,
    };
    let base_layout = match &key {
        Key::Character(base) => us_character(event.physical_key).filter(|c| c != base),
        Key::Named(_) => None,
    };
    let kind = match (event.state, event.repeat) {
        (ElementState::Released, _) => KeyEventKind::Release,
        (ElementState::Pressed, true) => KeyEventKind::Repeat,
        (ElementState::Pressed, false) => KeyEventKind::Press,
    };
    let mut flags = modifier_flags(modifiers);
    // A modifier's own event counts as what it changes; winit tells of the change before or after, as the system does.
    if let Key::Named(named) = &key
        && let Some(own) = own_modifier(*named)
    {
        flags.set(own, kind != KeyEventKind::Release);
    }
    match locks {
        Some(locks) => flags |= locks,
        // winit does not tell whether Num Lock is on, but only with it does the keypad type digits.
        None => flags.set(
            Modifiers::NUM_LOCK,
            matches!(&key, Key::Named(named) if is_keypad_digit(*named)),
        ),
    }
    // Enter, Tab, Backspace and Escape carry a control character as text; their codes come from the key.
    let text = event
        .text
        .as_deref()
        .filter(|t| !t.chars().any(char::is_control));
    Some(KeyEvent {
        key,
        shifted,
        base_layout,
        modifiers: flags,
        kind,
        text: text.unwrap_or_default().to_owned(),
    })
}

/// The core's modifiers for winit's.
pub(crate) fn modifier_flags(state: ModifiersState) -> Modifiers {
    let mut flags = Modifiers::empty();
    flags.set(Modifiers::SHIFT, state.shift_key());
    flags.set(Modifiers::ALT, state.alt_key());
    flags.set(Modifiers::CTRL, state.control_key());
    flags.set(Modifiers::SUPER, state.super_key());
    flags
}

/// What a modifier key switches on while it is held.
fn own_modifier(key: NamedKey) -> Option<Modifiers> {
    Some(match key {
        NamedKey::LeftShift | NamedKey::RightShift => Modifiers::SHIFT,
        NamedKey::LeftControl | NamedKey::RightControl => Modifiers::CTRL,
        NamedKey::LeftAlt | NamedKey::RightAlt => Modifiers::ALT,
        NamedKey::LeftSuper | NamedKey::RightSuper => Modifiers::SUPER,
        _ => return None,
    })
}

fn character_key(key: &WinitKey) -> Option<Key> {
    match key {
        WinitKey::Character(text) => {
            let character = single(text)?;
            let mut lower = character.to_lowercase();
            // "İ" has no single lower-case form; such a key stays as it is.
            let first = lower.next()?;
            Some(Key::Character(if lower.next().is_none() {
                first
            } else {
                character
            }))
        }
        WinitKey::Named(WinitNamed::Space) => Some(Key::Character(' ')),
        _ => None,
    }
}

fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

/// Whether a key is one of the keypad's that are no digits in any state, by its place.
fn is_operator(key: PhysicalKey) -> bool {
    matches!(
        key,
        PhysicalKey::Code(
            KeyCode::NumpadAdd
                | KeyCode::NumpadSubtract
                | KeyCode::NumpadMultiply
                | KeyCode::NumpadDivide
        )
    )
}

fn is_keypad_digit(named: NamedKey) -> bool {
    use NamedKey as K;
    matches!(
        named,
        K::Keypad0
            | K::Keypad1
            | K::Keypad2
            | K::Keypad3
            | K::Keypad4
            | K::Keypad5
            | K::Keypad6
            | K::Keypad7
            | K::Keypad8
            | K::Keypad9
            | K::KeypadDecimal
            | K::KeypadSeparator
    )
}

fn keypad_character(text: &str) -> Option<NamedKey> {
    Some(match single(text)? {
        '0' => NamedKey::Keypad0,
        '1' => NamedKey::Keypad1,
        '2' => NamedKey::Keypad2,
        '3' => NamedKey::Keypad3,
        '4' => NamedKey::Keypad4,
        '5' => NamedKey::Keypad5,
        '6' => NamedKey::Keypad6,
        '7' => NamedKey::Keypad7,
        '8' => NamedKey::Keypad8,
        '9' => NamedKey::Keypad9,
        '.' => NamedKey::KeypadDecimal,
        ',' => NamedKey::KeypadSeparator,
        '/' => NamedKey::KeypadDivide,
        '*' => NamedKey::KeypadMultiply,
        '-' => NamedKey::KeypadSubtract,
        '+' => NamedKey::KeypadAdd,
        '=' => NamedKey::KeypadEqual,
        _ => return None,
    })
}

fn named_key(named: WinitNamed, location: KeyLocation) -> Option<NamedKey> {
    let keypad = location == KeyLocation::Numpad;
    let right = location == KeyLocation::Right;
    let side = |l, r| if right { r } else { l };
    let pad = |k, p| if keypad { p } else { k };
    Some(match named {
        WinitNamed::Escape => NamedKey::Escape,
        WinitNamed::Enter => pad(NamedKey::Enter, NamedKey::KeypadEnter),
        WinitNamed::Tab => NamedKey::Tab,
        WinitNamed::Backspace => NamedKey::Backspace,
        WinitNamed::Insert => pad(NamedKey::Insert, NamedKey::KeypadInsert),
        WinitNamed::Delete => pad(NamedKey::Delete, NamedKey::KeypadDelete),
        WinitNamed::ArrowLeft => pad(NamedKey::Left, NamedKey::KeypadLeft),
        WinitNamed::ArrowRight => pad(NamedKey::Right, NamedKey::KeypadRight),
        WinitNamed::ArrowUp => pad(NamedKey::Up, NamedKey::KeypadUp),
        WinitNamed::ArrowDown => pad(NamedKey::Down, NamedKey::KeypadDown),
        WinitNamed::PageUp => pad(NamedKey::PageUp, NamedKey::KeypadPageUp),
        WinitNamed::PageDown => pad(NamedKey::PageDown, NamedKey::KeypadPageDown),
        WinitNamed::Home => pad(NamedKey::Home, NamedKey::KeypadHome),
        WinitNamed::End => pad(NamedKey::End, NamedKey::KeypadEnd),
        WinitNamed::Clear if keypad => NamedKey::KeypadBegin,
        WinitNamed::CapsLock => NamedKey::CapsLock,
        WinitNamed::ScrollLock => NamedKey::ScrollLock,
        WinitNamed::NumLock => NamedKey::NumLock,
        WinitNamed::PrintScreen => NamedKey::PrintScreen,
        WinitNamed::Pause => NamedKey::Pause,
        WinitNamed::ContextMenu => NamedKey::Menu,
        WinitNamed::MediaPlay => NamedKey::MediaPlay,
        WinitNamed::MediaPause => NamedKey::MediaPause,
        WinitNamed::MediaPlayPause => NamedKey::MediaPlayPause,
        WinitNamed::MediaStop => NamedKey::MediaStop,
        WinitNamed::MediaFastForward => NamedKey::MediaFastForward,
        WinitNamed::MediaRewind => NamedKey::MediaRewind,
        WinitNamed::MediaTrackNext => NamedKey::MediaTrackNext,
        WinitNamed::MediaTrackPrevious => NamedKey::MediaTrackPrevious,
        WinitNamed::MediaRecord => NamedKey::MediaRecord,
        WinitNamed::AudioVolumeDown => NamedKey::LowerVolume,
        WinitNamed::AudioVolumeUp => NamedKey::RaiseVolume,
        WinitNamed::AudioVolumeMute => NamedKey::MuteVolume,
        WinitNamed::Shift => side(NamedKey::LeftShift, NamedKey::RightShift),
        WinitNamed::Control => side(NamedKey::LeftControl, NamedKey::RightControl),
        WinitNamed::Alt => side(NamedKey::LeftAlt, NamedKey::RightAlt),
        WinitNamed::Super => side(NamedKey::LeftSuper, NamedKey::RightSuper),
        WinitNamed::Hyper => side(NamedKey::LeftHyper, NamedKey::RightHyper),
        WinitNamed::Meta => side(NamedKey::LeftMeta, NamedKey::RightMeta),
        WinitNamed::AltGraph => NamedKey::IsoLevel3Shift,
        other => NamedKey::F(function_number(other)?),
    })
}

fn function_number(named: WinitNamed) -> Option<u8> {
    const FUNCTION_KEYS: [WinitNamed; 35] = [
        WinitNamed::F1,
        WinitNamed::F2,
        WinitNamed::F3,
        WinitNamed::F4,
        WinitNamed::F5,
        WinitNamed::F6,
        WinitNamed::F7,
        WinitNamed::F8,
        WinitNamed::F9,
        WinitNamed::F10,
        WinitNamed::F11,
        WinitNamed::F12,
        WinitNamed::F13,
        WinitNamed::F14,
        WinitNamed::F15,
        WinitNamed::F16,
        WinitNamed::F17,
        WinitNamed::F18,
        WinitNamed::F19,
        WinitNamed::F20,
        WinitNamed::F21,
        WinitNamed::F22,
        WinitNamed::F23,
        WinitNamed::F24,
        WinitNamed::F25,
        WinitNamed::F26,
        WinitNamed::F27,
        WinitNamed::F28,
        WinitNamed::F29,
        WinitNamed::F30,
        WinitNamed::F31,
        WinitNamed::F32,
        WinitNamed::F33,
        WinitNamed::F34,
        WinitNamed::F35,
    ];
    let index = FUNCTION_KEYS.iter().position(|key| *key == named)?;
    u8::try_from(index + 1).ok()
}

/// The character at a key's place in the PC-101 layout, unshifted.
pub(crate) fn us_character(key: PhysicalKey) -> Option<char> {
    let PhysicalKey::Code(code) = key else {
        return None;
    };
    Some(match code {
        KeyCode::KeyA => 'a',
        KeyCode::KeyB => 'b',
        KeyCode::KeyC => 'c',
        KeyCode::KeyD => 'd',
        KeyCode::KeyE => 'e',
        KeyCode::KeyF => 'f',
        KeyCode::KeyG => 'g',
        KeyCode::KeyH => 'h',
        KeyCode::KeyI => 'i',
        KeyCode::KeyJ => 'j',
        KeyCode::KeyK => 'k',
        KeyCode::KeyL => 'l',
        KeyCode::KeyM => 'm',
        KeyCode::KeyN => 'n',
        KeyCode::KeyO => 'o',
        KeyCode::KeyP => 'p',
        KeyCode::KeyQ => 'q',
        KeyCode::KeyR => 'r',
        KeyCode::KeyS => 's',
        KeyCode::KeyT => 't',
        KeyCode::KeyU => 'u',
        KeyCode::KeyV => 'v',
        KeyCode::KeyW => 'w',
        KeyCode::KeyX => 'x',
        KeyCode::KeyY => 'y',
        KeyCode::KeyZ => 'z',
        KeyCode::Digit0 => '0',
        KeyCode::Digit1 => '1',
        KeyCode::Digit2 => '2',
        KeyCode::Digit3 => '3',
        KeyCode::Digit4 => '4',
        KeyCode::Digit5 => '5',
        KeyCode::Digit6 => '6',
        KeyCode::Digit7 => '7',
        KeyCode::Digit8 => '8',
        KeyCode::Digit9 => '9',
        KeyCode::Backquote => '`',
        KeyCode::Minus => '-',
        KeyCode::Equal => '=',
        KeyCode::BracketLeft => '[',
        KeyCode::BracketRight => ']',
        KeyCode::Backslash => '\\',
        KeyCode::Semicolon => ';',
        KeyCode::Quote => '\'',
        KeyCode::Comma => ',',
        KeyCode::Period => '.',
        KeyCode::Slash => '/',
        _ => return None,
    })
}

/// A key press as bindings know it; `None` for keys that cannot be bound.
pub(crate) fn press(
    event: &winit::event::KeyEvent,
    modifiers: ModifiersState,
) -> Option<config::Press> {
    let produced = match &event.logical_key {
        WinitKey::Character(text) => single(text),
        _ => None,
    };
    let keypad = event.location == KeyLocation::Numpad;
    let base = match &event.logical_key {
        WinitKey::Named(WinitNamed::Space) => KeyName::of_char(' '),
        WinitKey::Named(named) => match function_number(*named) {
            Some(number) => KeyName::Function(number),
            None => KeyName::Named(binding_key(*named, keypad)?),
        },
        WinitKey::Character(text) if keypad => KeyName::Named(binding_keypad(text)?),
        WinitKey::Character(_) => match character_key(&event.key_without_modifiers())? {
            Key::Character(character) => KeyName::of_char(character),
            Key::Named(_) => return None,
        },
        WinitKey::Dead(_) | WinitKey::Unidentified(_) => return None,
    };
    Some(config::Press {
        modifiers: chord_modifiers(modifiers),
        base,
        produced,
        physical: us_character(event.physical_key),
    })
}

/// Held modifiers as bindings name them.
pub(crate) fn chord_modifiers(held: ModifiersState) -> config::Modifiers {
    use config::Modifiers as M;
    let pairs = [
        (held.shift_key(), M::SHIFT),
        (held.alt_key(), M::ALT),
        (held.control_key(), M::CTRL),
        (held.super_key(), M::SUPER),
    ];
    pairs
        .iter()
        .filter(|(held, _)| *held)
        .fold(M::NONE, |all, (_, one)| all.with(*one))
}

fn binding_key(named: WinitNamed, keypad: bool) -> Option<config::NamedKey> {
    use config::NamedKey as B;
    Some(match named {
        WinitNamed::Enter if keypad => B::KeypadEnter,
        WinitNamed::Enter => B::Enter,
        WinitNamed::Tab => B::Tab,
        WinitNamed::Backspace => B::Backspace,
        WinitNamed::Escape => B::Escape,
        WinitNamed::Insert => B::Insert,
        WinitNamed::Delete => B::Delete,
        WinitNamed::Home => B::Home,
        WinitNamed::End => B::End,
        WinitNamed::PageUp => B::PageUp,
        WinitNamed::PageDown => B::PageDown,
        WinitNamed::ArrowUp => B::Up,
        WinitNamed::ArrowDown => B::Down,
        WinitNamed::ArrowLeft => B::Left,
        WinitNamed::ArrowRight => B::Right,
        WinitNamed::ContextMenu => B::Menu,
        WinitNamed::PrintScreen => B::PrintScreen,
        WinitNamed::Pause => B::Pause,
        WinitNamed::Copy => B::Copy,
        WinitNamed::Paste => B::Paste,
        WinitNamed::Cut => B::Cut,
        _ => return None,
    })
}

fn binding_keypad(text: &str) -> Option<config::NamedKey> {
    use config::NamedKey as B;
    Some(match single(text)? {
        '0' => B::Keypad0,
        '1' => B::Keypad1,
        '2' => B::Keypad2,
        '3' => B::Keypad3,
        '4' => B::Keypad4,
        '5' => B::Keypad5,
        '6' => B::Keypad6,
        '7' => B::Keypad7,
        '8' => B::Keypad8,
        '9' => B::Keypad9,
        '+' => B::KeypadAdd,
        '-' => B::KeypadSubtract,
        '*' => B::KeypadMultiply,
        '/' => B::KeypadDivide,
        '.' | ',' => B::KeypadDecimal,
        _ => return None,
    })
}

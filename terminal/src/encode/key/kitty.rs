//! The kitty keyboard protocol: `CSI key:shifted:base ; modifiers:event ; text u`.

use std::fmt::Write;

use super::{Key, KeyEvent, KeyEventKind, Modifiers, NamedKey, legacy};
use crate::modes::{KeyModes, KeyboardFlags};

/// What a key event sends to a program that has switched on some of the protocol.
pub(super) fn encode(event: &KeyEvent, modes: &KeyModes) -> Vec<u8> {
    let flags = modes.keyboard_flags;
    let all = flags.contains(KeyboardFlags::ALL_KEYS);
    let disambiguate = all || flags.contains(KeyboardFlags::DISAMBIGUATE);
    let released = event.kind == KeyEventKind::Release;
    if released && !flags.contains(KeyboardFlags::EVENT_TYPES) {
        return Vec::new();
    }

    let key = match &event.key {
        Key::Character(_) => {
            let shortcut = event
                .modifiers
                .intersects(Modifiers::SUPER | Modifiers::HYPER);
            let has_legacy_form = is_plain(event) || !(disambiguate || shortcut);
            if !all && !released && has_legacy_form {
                return legacy::encode(event, &without_other_keys(modes));
            }
            return sequence(event, modes, &character_code(event), 'u');
        }
        // Without disambiguation the keypad is no keypad.
        Key::Named(key) if disambiguate => *key,
        Key::Named(key) => key.without_keypad(),
    };
    if key.is_modifier() && !all {
        return Vec::new();
    }
    if !all && !released && key.keypad_character().is_some() && is_plain(event) {
        let typed = event.typed();
        let is_text_key = event.modifiers.contains(Modifiers::NUM_LOCK) || !event.text.is_empty();
        if is_text_key || !disambiguate {
            return typed.into_bytes();
        }
    }
    // So that `reset` can be typed after a program that did not clean up. With a modifier, kitty tells of the
    // release too.
    let locks = Modifiers::CAPS_LOCK | Modifiers::NUM_LOCK;
    if !all
        && matches!(key, NamedKey::Enter | NamedKey::Tab | NamedKey::Backspace)
        && event.modifiers.difference(locks).is_empty()
    {
        if released {
            return Vec::new();
        }
        return legacy::control_key(key, &without_other_keys(modes), Modifiers::empty());
    }
    if key == NamedKey::Escape && !disambiguate && !released {
        return legacy::control_key(key, &without_other_keys(modes), event.modifiers);
    }
    match functional_code(key) {
        Some((code, last)) => sequence(event, modes, &code.to_string(), last),
        None => Vec::new(),
    }
}

impl NamedKey {
    /// The keys that are reported with "all keys" only, since they do nothing by themselves.
    fn is_modifier(self) -> bool {
        matches!(
            self,
            Self::CapsLock
                | Self::ScrollLock
                | Self::NumLock
                | Self::LeftShift
                | Self::LeftControl
                | Self::LeftAlt
                | Self::LeftSuper
                | Self::LeftHyper
                | Self::LeftMeta
                | Self::RightShift
                | Self::RightControl
                | Self::RightAlt
                | Self::RightSuper
                | Self::RightHyper
                | Self::RightMeta
                | Self::IsoLevel3Shift
                | Self::IsoLevel5Shift
        )
    }
}

/// The two protocols exclude each other, and this one was asked for later or louder.
fn without_other_keys(modes: &KeyModes) -> KeyModes {
    KeyModes {
        modify_other_keys: 0,
        ..*modes
    }
}

/// True when nothing is held that would make the event more than its text.
fn is_plain(event: &KeyEvent) -> bool {
    let harmless = Modifiers::SHIFT | Modifiers::CAPS_LOCK | Modifiers::NUM_LOCK;
    event.modifiers.difference(harmless).is_empty()
}

/// The key's code and, if asked for, its alternates. They stand in the first field of every
/// form, so this needs the event only; [`sequence`] leaves them out when not asked for.
fn character_code(event: &KeyEvent) -> String {
    let Key::Character(character) = event.key else {
        return String::new();
    };
    // The code is that of the unshifted key, whatever the windowing library said.
    let mut lower = character.to_lowercase();
    let code = match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => character,
    };
    u32::from(code).to_string()
}

fn alternates(event: &KeyEvent) -> String {
    let Key::Character(character) = event.key else {
        return String::new();
    };
    let shift = event.modifiers.contains(Modifiers::SHIFT);
    let shifted = event
        .shifted_character()
        .filter(|shifted| shift && *shifted != character);
    let base = event.base_layout.filter(|base| *base != character);
    match (shifted, base) {
        (None, None) => String::new(),
        (Some(shifted), None) => format!(":{}", u32::from(shifted)),
        (None, Some(base)) => format!("::{}", u32::from(base)),
        (Some(shifted), Some(base)) => format!(":{}:{}", u32::from(shifted), u32::from(base)),
    }
}

/// Writes one event. `last` is `u`, `~`, or the letter of a key whose code is 1, which is left
/// out when it would stand alone.
fn sequence(event: &KeyEvent, modes: &KeyModes, code: &str, last: char) -> Vec<u8> {
    let flags = modes.keyboard_flags;
    let modifiers = reported_modifiers(event, flags).bits();
    let event_type = match event.kind {
        KeyEventKind::Repeat if flags.contains(KeyboardFlags::EVENT_TYPES) => ":2",
        KeyEventKind::Release => ":3",
        KeyEventKind::Press | KeyEventKind::Repeat => "",
    };
    let text = if last == 'u' {
        associated_text(event, flags)
    } else {
        String::new()
    };
    let has_modifiers = modifiers != 0 || !event_type.is_empty();

    let mut result = String::from("\x1b[");
    if matches!(last, 'u' | '~') || has_modifiers {
        result.push_str(code);
    }
    if flags.contains(KeyboardFlags::ALTERNATE_KEYS) {
        result.push_str(&alternates(event));
    }
    if has_modifiers {
        // Writing to a string cannot fail.
        let _ = write!(result, ";{}{event_type}", u16::from(modifiers) + 1);
    }
    if !text.is_empty() {
        result.push_str(if has_modifiers { ";" } else { ";;" });
        result.push_str(&text);
    }
    result.push(last);
    result.into_bytes()
}

/// The locks are not told of keys that type text, unless all keys are asked for: else a shell
/// that a crashed program left in this mode would be lost while Caps Lock is on.
fn reported_modifiers(event: &KeyEvent, flags: KeyboardFlags) -> Modifiers {
    let locks = Modifiers::CAPS_LOCK | Modifiers::NUM_LOCK;
    let types_text = match &event.key {
        Key::Character(_) => true,
        Key::Named(key) => matches!(key, NamedKey::Enter | NamedKey::Tab | NamedKey::Backspace),
    };
    if types_text && !flags.contains(KeyboardFlags::ALL_KEYS) {
        event.modifiers - locks
    } else if let (KeyEventKind::Press, Key::Named(key)) = (event.kind, &event.key) {
        // A modifier's own press counts as held; not every windowing library says so in time.
        event.modifiers | own_modifier(*key)
    } else {
        event.modifiers
    }
}

fn own_modifier(key: NamedKey) -> Modifiers {
    match key {
        NamedKey::LeftShift | NamedKey::RightShift => Modifiers::SHIFT,
        NamedKey::LeftControl | NamedKey::RightControl => Modifiers::CTRL,
        NamedKey::LeftAlt | NamedKey::RightAlt => Modifiers::ALT,
        NamedKey::LeftSuper | NamedKey::RightSuper => Modifiers::SUPER,
        NamedKey::LeftHyper | NamedKey::RightHyper => Modifiers::HYPER,
        NamedKey::LeftMeta | NamedKey::RightMeta => Modifiers::META,
        _ => Modifiers::empty(),
    }
}

/// The text as code points, if it was asked for and the event types any. Never control codes.
fn associated_text(event: &KeyEvent, flags: KeyboardFlags) -> String {
    let asked = KeyboardFlags::ALL_KEYS | KeyboardFlags::ASSOCIATED_TEXT;
    if !flags.contains(asked) || event.kind == KeyEventKind::Release || !is_plain(event) {
        return String::new();
    }
    let is_keypad_off = matches!(event.key, Key::Named(_))
        && event.text.is_empty()
        && !event.modifiers.contains(Modifiers::NUM_LOCK);
    if is_keypad_off {
        return String::new();
    }
    let codes: Vec<String> = event
        .typed()
        .chars()
        .map(|c| u32::from(c).to_string())
        .collect();
    codes.join(":")
}

/// The protocol's table of functional keys: code and last character.
fn functional_code(key: NamedKey) -> Option<(u32, char)> {
    Some(match key {
        NamedKey::Escape => (27, 'u'),
        NamedKey::Enter => (13, 'u'),
        NamedKey::Tab => (9, 'u'),
        NamedKey::Backspace => (127, 'u'),
        NamedKey::Insert => (2, '~'),
        NamedKey::Delete => (3, '~'),
        NamedKey::Left => (1, 'D'),
        NamedKey::Right => (1, 'C'),
        NamedKey::Up => (1, 'A'),
        NamedKey::Down => (1, 'B'),
        NamedKey::PageUp => (5, '~'),
        NamedKey::PageDown => (6, '~'),
        NamedKey::Home => (1, 'H'),
        NamedKey::End => (1, 'F'),
        NamedKey::CapsLock => (57358, 'u'),
        NamedKey::ScrollLock => (57359, 'u'),
        NamedKey::NumLock => (57360, 'u'),
        NamedKey::PrintScreen => (57361, 'u'),
        NamedKey::Pause => (57362, 'u'),
        NamedKey::Menu => (57363, 'u'),
        NamedKey::F(1) => (1, 'P'),
        NamedKey::F(2) => (1, 'Q'),
        // `CSI R` is the cursor's position.
        NamedKey::F(3) => (13, '~'),
        NamedKey::F(4) => (1, 'S'),
        NamedKey::F(5) => (15, '~'),
        NamedKey::F(n @ 6..=10) => (17 + u32::from(n) - 6, '~'),
        NamedKey::F(n @ 11..=12) => (23 + u32::from(n) - 11, '~'),
        NamedKey::F(n @ 13..=35) => (57376 + u32::from(n) - 13, 'u'),
        NamedKey::F(_) => return None,
        NamedKey::Keypad0 => (57399, 'u'),
        NamedKey::Keypad1 => (57400, 'u'),
        NamedKey::Keypad2 => (57401, 'u'),
        NamedKey::Keypad3 => (57402, 'u'),
        NamedKey::Keypad4 => (57403, 'u'),
        NamedKey::Keypad5 => (57404, 'u'),
        NamedKey::Keypad6 => (57405, 'u'),
        NamedKey::Keypad7 => (57406, 'u'),
        NamedKey::Keypad8 => (57407, 'u'),
        NamedKey::Keypad9 => (57408, 'u'),
        NamedKey::KeypadDecimal => (57409, 'u'),
        NamedKey::KeypadDivide => (57410, 'u'),
        NamedKey::KeypadMultiply => (57411, 'u'),
        NamedKey::KeypadSubtract => (57412, 'u'),
        NamedKey::KeypadAdd => (57413, 'u'),
        NamedKey::KeypadEnter => (57414, 'u'),
        NamedKey::KeypadEqual => (57415, 'u'),
        NamedKey::KeypadSeparator => (57416, 'u'),
        NamedKey::KeypadLeft => (57417, 'u'),
        NamedKey::KeypadRight => (57418, 'u'),
        NamedKey::KeypadUp => (57419, 'u'),
        NamedKey::KeypadDown => (57420, 'u'),
        NamedKey::KeypadPageUp => (57421, 'u'),
        NamedKey::KeypadPageDown => (57422, 'u'),
        NamedKey::KeypadHome => (57423, 'u'),
        NamedKey::KeypadEnd => (57424, 'u'),
        NamedKey::KeypadInsert => (57425, 'u'),
        NamedKey::KeypadDelete => (57426, 'u'),
        NamedKey::KeypadBegin => (1, 'E'),
        NamedKey::MediaPlay => (57428, 'u'),
        NamedKey::MediaPause => (57429, 'u'),
        NamedKey::MediaPlayPause => (57430, 'u'),
        NamedKey::MediaReverse => (57431, 'u'),
        NamedKey::MediaStop => (57432, 'u'),
        NamedKey::MediaFastForward => (57433, 'u'),
        NamedKey::MediaRewind => (57434, 'u'),
        NamedKey::MediaTrackNext => (57435, 'u'),
        NamedKey::MediaTrackPrevious => (57436, 'u'),
        NamedKey::MediaRecord => (57437, 'u'),
        NamedKey::LowerVolume => (57438, 'u'),
        NamedKey::RaiseVolume => (57439, 'u'),
        NamedKey::MuteVolume => (57440, 'u'),
        NamedKey::LeftShift => (57441, 'u'),
        NamedKey::LeftControl => (57442, 'u'),
        NamedKey::LeftAlt => (57443, 'u'),
        NamedKey::LeftSuper => (57444, 'u'),
        NamedKey::LeftHyper => (57445, 'u'),
        NamedKey::LeftMeta => (57446, 'u'),
        NamedKey::RightShift => (57447, 'u'),
        NamedKey::RightControl => (57448, 'u'),
        NamedKey::RightAlt => (57449, 'u'),
        NamedKey::RightSuper => (57450, 'u'),
        NamedKey::RightHyper => (57451, 'u'),
        NamedKey::RightMeta => (57452, 'u'),
        NamedKey::IsoLevel3Shift => (57453, 'u'),
        NamedKey::IsoLevel5Shift => (57454, 'u'),
    })
}

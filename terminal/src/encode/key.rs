//! What a key sends: xterm's legacy forms, modifyOtherKeys, and the kitty keyboard protocol.
//!
//! `key/legacy.rs` is what programs get that ask for nothing, `key/kitty.rs` what they get that
//! ask for the kitty protocol, `key/vt52.rs` what they get in VT52 mode. Sources: xterm's "ctlseqs" and "modified keys" pages, the VT220
//! and VT510 manuals, and "Comprehensive keyboard handling in terminals" of kitty.

mod kitty;
mod legacy;
mod vt52;

use crate::modes::{KeyModes, KeyboardFlags};

bitflags::bitflags! {
    /// Modifier keys held, with the bit values of the kitty protocol (CSI reports 1 + bits).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Modifiers: u8 {
        /// Shift.
        const SHIFT = 1;
        /// Alt / Option.
        const ALT = 2;
        /// Control.
        const CTRL = 4;
        /// Super / Command / Windows.
        const SUPER = 8;
        /// Hyper.
        const HYPER = 16;
        /// Meta.
        const META = 32;
        /// Caps Lock is on.
        const CAPS_LOCK = 64;
        /// Num Lock is on. It decides what the keypad sends in application mode: as in xterm,
        /// what is printed on the keys while it is on. A windowing library that does not tell
        /// it shows it nevertheless: a keypad digit arrives only with it, [`NamedKey::KeypadHome`]
        /// and its like only without.
        const NUM_LOCK = 128;
    }
}

/// Press, repeat or release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyEventKind {
    /// The key went down.
    #[default]
    Press,
    /// It is held.
    Repeat,
    /// It went up.
    Release,
}

/// A key, independent of the windowing library.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A key that types this character unshifted in the active layout (lower case).
    Character(char),
    /// A named key.
    Named(NamedKey),
}

/// Keys without text of their own. Keypad keys are apart, as programs can tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the keys")]
pub enum NamedKey {
    Escape,
    Enter,
    Tab,
    Backspace,
    Insert,
    Delete,
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    CapsLock,
    ScrollLock,
    NumLock,
    PrintScreen,
    Pause,
    Menu,
    /// F1–F35.
    F(u8),
    Keypad0,
    Keypad1,
    Keypad2,
    Keypad3,
    Keypad4,
    Keypad5,
    Keypad6,
    Keypad7,
    Keypad8,
    Keypad9,
    KeypadDecimal,
    KeypadDivide,
    KeypadMultiply,
    KeypadSubtract,
    KeypadAdd,
    KeypadEnter,
    KeypadEqual,
    KeypadSeparator,
    KeypadLeft,
    KeypadRight,
    KeypadUp,
    KeypadDown,
    KeypadPageUp,
    KeypadPageDown,
    KeypadHome,
    KeypadEnd,
    KeypadInsert,
    KeypadDelete,
    KeypadBegin,
    MediaPlay,
    MediaPause,
    MediaPlayPause,
    MediaReverse,
    MediaStop,
    MediaFastForward,
    MediaRewind,
    MediaTrackNext,
    MediaTrackPrevious,
    MediaRecord,
    LowerVolume,
    RaiseVolume,
    MuteVolume,
    LeftShift,
    LeftControl,
    LeftAlt,
    LeftSuper,
    LeftHyper,
    LeftMeta,
    RightShift,
    RightControl,
    RightAlt,
    RightSuper,
    RightHyper,
    RightMeta,
    IsoLevel3Shift,
    IsoLevel5Shift,
}

/// A key event.
///
/// Dead keys and keys that an input method has taken are none; what they compose is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEvent {
    /// The key.
    pub key: Key,
    /// The character the key types with Shift alone, when it differs (kitty's shifted key).
    pub shifted: Option<char>,
    /// The character at this place in the PC-101 layout, when it differs (kitty's base layout key).
    pub base_layout: Option<char>,
    /// Modifiers held. For a modifier key itself: including what this event changes.
    pub modifiers: Modifiers,
    /// Press, repeat, release.
    pub kind: KeyEventKind,
    /// The text the event types, Shift and layout applied but not Ctrl or Alt; may be empty.
    pub text: String,
}

impl KeyEvent {
    /// A press of `key` with `modifiers`, and no text of its own: what it types is derived.
    pub fn press(key: Key, modifiers: Modifiers) -> Self {
        Self {
            key,
            shifted: None,
            base_layout: None,
            modifiers,
            kind: KeyEventKind::Press,
            text: String::new(),
        }
    }

    /// What the event types: its text, unless it has control characters, which some windowing
    /// libraries give for Ctrl; else what the key types by itself. Empty for keys without text.
    fn typed(&self) -> String {
        if !self.text.is_empty() && !self.text.chars().any(char::is_control) {
            return self.text.clone();
        }
        match &self.key {
            Key::Character(character) if self.modifiers.contains(Modifiers::SHIFT) => {
                self.shifted_character().unwrap_or(*character).into()
            }
            Key::Character(character) => (*character).into(),
            Key::Named(key) => key.keypad_character().map(String::from).unwrap_or_default(),
        }
    }

    /// The character that the key types with Shift: as told, or upper case.
    fn shifted_character(&self) -> Option<char> {
        let Key::Character(character) = self.key else {
            return None;
        };
        let upper = || {
            let mut upper = character.to_uppercase();
            upper
                .next()
                .filter(|first| *first != character && upper.next().is_none())
        };
        self.shifted.or_else(upper)
    }
}

impl NamedKey {
    /// The character that a keypad key types while Num Lock is on.
    fn keypad_character(self) -> Option<char> {
        Some(match self {
            Self::Keypad0 => '0',
            Self::Keypad1 => '1',
            Self::Keypad2 => '2',
            Self::Keypad3 => '3',
            Self::Keypad4 => '4',
            Self::Keypad5 => '5',
            Self::Keypad6 => '6',
            Self::Keypad7 => '7',
            Self::Keypad8 => '8',
            Self::Keypad9 => '9',
            Self::KeypadDecimal => '.',
            Self::KeypadDivide => '/',
            Self::KeypadMultiply => '*',
            Self::KeypadSubtract => '-',
            Self::KeypadAdd => '+',
            Self::KeypadEqual => '=',
            Self::KeypadSeparator => ',',
            _ => return None,
        })
    }

    /// The key outside the keypad that does the same.
    fn without_keypad(self) -> Self {
        match self {
            Self::KeypadEnter => Self::Enter,
            Self::KeypadLeft => Self::Left,
            Self::KeypadRight => Self::Right,
            Self::KeypadUp => Self::Up,
            Self::KeypadDown => Self::Down,
            Self::KeypadPageUp => Self::PageUp,
            Self::KeypadPageDown => Self::PageDown,
            Self::KeypadHome => Self::Home,
            Self::KeypadEnd => Self::End,
            Self::KeypadInsert => Self::Insert,
            Self::KeypadDelete => Self::Delete,
            other => other,
        }
    }
}

/// The bytes that a key event sends under these modes; empty when it sends nothing.
pub fn encode_key(event: &KeyEvent, modes: &KeyModes) -> Vec<u8> {
    // Alternate keys and associated text only add to the forms that these three ask for.
    let forms = KeyboardFlags::DISAMBIGUATE | KeyboardFlags::EVENT_TYPES | KeyboardFlags::ALL_KEYS;
    if modes.vt52 {
        vt52::encode(event, modes)
    } else if modes.keyboard_flags.intersects(forms) {
        kitty::encode(event, modes)
    } else if event.kind == KeyEventKind::Release {
        Vec::new()
    } else {
        legacy::encode(event, modes)
    }
}

#[cfg(test)]
mod tests;

//! What a key sends: xterm's legacy forms, modifyOtherKeys, and the kitty keyboard protocol.

use crate::modes::KeyModes;

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
        /// Num Lock is on.
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
    Escape, Enter, Tab, Backspace, Insert, Delete, Left, Right, Up, Down, PageUp, PageDown, Home, End,
    CapsLock, ScrollLock, NumLock, PrintScreen, Pause, Menu,
    /// F1–F35.
    F(u8),
    Keypad0, Keypad1, Keypad2, Keypad3, Keypad4, Keypad5, Keypad6, Keypad7, Keypad8, Keypad9,
    KeypadDecimal, KeypadDivide, KeypadMultiply, KeypadSubtract, KeypadAdd, KeypadEnter, KeypadEqual,
    KeypadSeparator, KeypadLeft, KeypadRight, KeypadUp, KeypadDown, KeypadPageUp, KeypadPageDown,
    KeypadHome, KeypadEnd, KeypadInsert, KeypadDelete, KeypadBegin,
    MediaPlay, MediaPause, MediaPlayPause, MediaReverse, MediaStop, MediaFastForward, MediaRewind,
    MediaTrackNext, MediaTrackPrevious, MediaRecord, LowerVolume, RaiseVolume, MuteVolume,
    LeftShift, LeftControl, LeftAlt, LeftSuper, LeftHyper, LeftMeta,
    RightShift, RightControl, RightAlt, RightSuper, RightHyper, RightMeta,
    IsoLevel3Shift, IsoLevel5Shift,
}

/// A key event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEvent {
    /// The key.
    pub key: Key,
    /// The character the key types with Shift alone, when it differs (kitty's shifted key).
    pub shifted: Option<char>,
    /// The character at this place in the PC-101 layout, when it differs (kitty's base layout key).
    pub base_layout: Option<char>,
    /// Modifiers held.
    pub modifiers: Modifiers,
    /// Press, repeat, release.
    pub kind: KeyEventKind,
    /// The text the event types, Shift and layout applied but not Ctrl or Alt; may be empty.
    pub text: String,
}

/// The bytes that a key event sends under these modes; empty when it sends nothing.
pub fn encode_key(event: &KeyEvent, modes: &KeyModes) -> Vec<u8> {
    let _ = (event, modes);
    todo!()
}

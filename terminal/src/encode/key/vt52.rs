//! What a VT52 sends (VT100 User Guide, tables 3-6 to 3-8): cursor and PF keys are ESC and their letter, the
//! keypad in application mode puts a `?` between. It knows no modifiers but what Control makes of letters.

use super::legacy::{self, Form};
use super::{Key, KeyEvent, KeyEventKind, Modifiers};
use crate::modes::{KeyModes, KeyboardFlags};

/// What a press or repeat sends while DECANM is reset.
pub(super) fn encode(event: &KeyEvent, modes: &KeyModes) -> Vec<u8> {
    if event.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let mut modifiers = event.modifiers;
    if let Key::Named(key) = event.key {
        if let Some(letter) = legacy::application_keypad(key, modes, modifiers) {
            return vec![0x1b, b'?', letter];
        }
        match legacy::form(key.without_keypad()) {
            Some(Form::Cursor(letter) | Form::Pf(letter)) => return vec![0x1b, letter],
            Some(Form::Tilde(_)) => modifiers = Modifiers::empty(),
            None => {}
        }
    }
    // Keys that no VT52 had send what they always do, as in xterm; protocols of later terminals rest.
    let plain = KeyModes {
        modify_other_keys: 0,
        keyboard_flags: KeyboardFlags::empty(),
        ..*modes
    };
    let event = KeyEvent {
        modifiers,
        ..event.clone()
    };
    legacy::encode(&event, &plain)
}

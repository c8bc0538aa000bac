//! xterm's own forms, and modifyOtherKeys.

use super::{Key, KeyEvent, Modifiers, NamedKey};
use crate::modes::KeyModes;

/// How a function key is written; xterm ctlseqs, "PC-Style Function Keys".
pub(super) enum Form {
    /// `CSI letter` (SS3 in application cursor mode), `CSI 1 ; m letter`.
    Cursor(u8),
    /// `SS3 letter`, `CSI 1 ; m letter`.
    Pf(u8),
    /// `CSI n ~`, `CSI n ; m ~`.
    Tilde(u8),
}

/// What a press or repeat sends to a program that has asked for nothing more.
pub(super) fn encode(event: &KeyEvent, modes: &KeyModes) -> Vec<u8> {
    let modifiers = event.modifiers;
    match event.key {
        Key::Character(_) => character(event, modes),
        Key::Named(key) => {
            if let Some(letter) = application_keypad(key, modes, modifiers) {
                return keypad(letter, modifiers);
            }
            // As in xterm, no modifier counts for these: not even Alt with its ESC.
            if key.keypad_character().is_some() {
                return event.typed().into_bytes();
            }
            if key == NamedKey::KeypadEnter {
                return control_key(NamedKey::Enter, modes, Modifiers::empty());
            }
            let key = key.without_keypad();
            match form(key) {
                Some(form) => function(&form, modes, modifiers),
                None => control_key(key, modes, modifiers),
            }
        }
    }
}

/// xterm's modifier parameter without its 1: Shift 1, Alt 2, Control 4, Meta 8. It knows no
/// Super, which stands on the same key as Meta did.
fn modifier_bits(modifiers: Modifiers) -> u8 {
    let meta = modifiers.intersects(Modifiers::SUPER | Modifiers::META);
    (modifiers & (Modifiers::SHIFT | Modifiers::ALT | Modifiers::CTRL)).bits()
        | if meta { 8 } else { 0 }
}

pub(super) fn form(key: NamedKey) -> Option<Form> {
    // DEC's numbers leave gaps, as the keys on an LK201 keyboard did. Past F20 they are xterm's.
    const F5_TO_F20: [u8; 16] = [
        15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34,
    ];
    Some(match key {
        NamedKey::Up => Form::Cursor(b'A'),
        NamedKey::Down => Form::Cursor(b'B'),
        NamedKey::Right => Form::Cursor(b'C'),
        NamedKey::Left => Form::Cursor(b'D'),
        NamedKey::KeypadBegin => Form::Cursor(b'E'),
        NamedKey::End => Form::Cursor(b'F'),
        NamedKey::Home => Form::Cursor(b'H'),
        NamedKey::Insert => Form::Tilde(2),
        NamedKey::Delete => Form::Tilde(3),
        NamedKey::PageUp => Form::Tilde(5),
        NamedKey::PageDown => Form::Tilde(6),
        // DEC's Do key.
        NamedKey::Menu => Form::Tilde(29),
        NamedKey::F(n @ 1..=4) => Form::Pf(b'P' + n - 1),
        NamedKey::F(n @ 5..=20) => Form::Tilde(F5_TO_F20[usize::from(n) - 5]),
        NamedKey::F(n @ 21..=35) => Form::Tilde(n - 21 + 42),
        _ => return None,
    })
}

fn function(form: &Form, modes: &KeyModes, modifiers: Modifiers) -> Vec<u8> {
    let bits = modifier_bits(modifiers);
    let text = match (form, bits) {
        (Form::Cursor(letter), 0) if modes.application_cursor => return vec![0x1b, b'O', *letter],
        (Form::Cursor(letter), 0) => return vec![0x1b, b'[', *letter],
        (Form::Pf(letter), 0) => return vec![0x1b, b'O', *letter],
        (Form::Cursor(letter) | Form::Pf(letter), bits) => {
            format!("\x1b[1;{}{}", bits + 1, char::from(*letter))
        }
        (Form::Tilde(number), 0) => format!("\x1b[{number}~"),
        (Form::Tilde(number), bits) => format!("\x1b[{number};{}~", bits + 1),
    };
    text.into_bytes()
}

/// DECKPAM: the letter of a keypad key, if the mode holds for it.
pub(super) fn application_keypad(
    key: NamedKey,
    modes: &KeyModes,
    modifiers: Modifiers,
) -> Option<u8> {
    if !modes.application_keypad || modifiers.contains(Modifiers::NUM_LOCK) {
        return None;
    }
    if key == NamedKey::KeypadEnter {
        return Some(b'M');
    }
    // VT220: the letters lie 0x40 above the characters, `=` apart.
    match key.keypad_character()? {
        '=' => Some(b'X'),
        character => u8::try_from(character).ok().map(|byte| byte + 0x40),
    }
}

fn keypad(letter: u8, modifiers: Modifiers) -> Vec<u8> {
    match modifier_bits(modifiers) {
        0 => vec![0x1b, b'O', letter],
        bits => format!("\x1bO{}{}", bits + 1, char::from(letter)).into_bytes(),
    }
}

/// Enter, Tab, Backspace and Escape; nothing for keys that have no legacy form.
pub(super) fn control_key(key: NamedKey, modes: &KeyModes, modifiers: Modifiers) -> Vec<u8> {
    let (shift, ctrl) = (
        modifiers.contains(Modifiers::SHIFT),
        modifiers.contains(Modifiers::CTRL),
    );
    let erase = |bs: bool| if bs { b"\x08".as_slice() } else { b"\x7f" };
    let (code, bytes): (u8, &[u8]) = match key {
        NamedKey::Enter if modes.newline => (b'\r', b"\r\n"),
        NamedKey::Enter => (b'\r', b"\r"),
        NamedKey::Tab if shift => (b'\t', b"\x1b[Z"),
        NamedKey::Tab => (b'\t', b"\t"),
        NamedKey::Escape => (0x1b, b"\x1b"),
        // Control gives the other of the two.
        NamedKey::Backspace => {
            let bytes = erase(modes.backarrow_sends_bs != ctrl);
            (bytes[0], bytes)
        }
        _ => return Vec::new(),
    };
    match modifies_control_key(key, modes, modifiers) {
        Some(told) => other_key(u32::from(code), modes, told),
        // Back tab is a key of its own, which Alt does not make another.
        None if key == NamedKey::Tab && shift => bytes.to_vec(),
        None => with_escape(bytes, modes, modifiers),
    }
}

/// A key that types text, with Control and Alt applied.
fn character(event: &KeyEvent, modes: &KeyModes) -> Vec<u8> {
    let modifiers = event.modifiers;
    if modifiers.intersects(Modifiers::SUPER | Modifiers::HYPER) {
        // They belong to the desktop; typing the letter of a shortcut that it did not take
        // would be a surprise.
        return Vec::new();
    }
    let typed = event.typed();
    let mut characters = typed.chars();
    let (Some(first), None) = (characters.next(), characters.next()) else {
        return with_escape(typed.as_bytes(), modes, modifiers);
    };
    // Control of a letter that is not ASCII is that of the key's place in the PC-101 layout.
    let ctrl = modifiers.contains(Modifiers::CTRL);
    let basis = match event.base_layout {
        Some(base) if ctrl && !first.is_ascii() && base.is_ascii() => base,
        _ => first,
    };
    if let Some(told) = modifies_character(basis, modes, modifiers) {
        return other_key(u32::from(basis), modes, told);
    }
    match control_code(basis) {
        Some(code) if ctrl => with_escape(&[code], modes, modifiers),
        _ => with_escape(typed.as_bytes(), modes, modifiers),
    }
}

/// What Control makes of an ASCII character (VT100 User Guide, table 3-5, and what X11 adds:
/// the digits 2–8 and `/`).
pub(super) fn control_code(character: char) -> Option<u8> {
    let byte = u8::try_from(character).ok()?;
    Some(match byte {
        b'@'..=b'~' | b' ' => byte & 0x1f,
        b'2' => 0x00,
        b'3'..=b'7' => byte - b'3' + 0x1b,
        b'8' | b'?' => 0x7f,
        b'/' => 0x1f,
        _ => return None,
    })
}

/// Alt and Meta put an ESC before what the key sends, unless mode 1036 is off.
fn with_escape(bytes: &[u8], modes: &KeyModes, modifiers: Modifiers) -> Vec<u8> {
    let escape = modes.alt_sends_escape
        && modifiers.intersects(Modifiers::ALT | Modifiers::META)
        && !bytes.is_empty();
    let mut result = Vec::with_capacity(bytes.len() + 1);
    result.extend(escape.then_some(0x1b));
    result.extend_from_slice(bytes);
    result
}

/// modifyOtherKeys: the modifiers to tell if this character with those held becomes an escape sequence.
///
/// Level 1 leaves alone what has a well-known form: Shift, Alt with its ESC, Control with a
/// character that has a control code. Level 2 leaves alone what types plain text; to it, as to
/// xterm, a shifted letter does not. What level 1 tells is without an Alt that sends ESC.
fn modifies_character(character: char, modes: &KeyModes, held: Modifiers) -> Option<Modifiers> {
    let (shift, ctrl) = (
        held.contains(Modifiers::SHIFT),
        held.contains(Modifiers::CTRL),
    );
    let alts = Modifiers::ALT | Modifiers::META;
    let alt = held.intersects(alts);
    let is_column_of_letters = matches!(character, '@'..='~');
    // Not well known: Control with `?`, and all three with a space.
    let known = match character {
        '?' => false,
        ' ' => !(shift && alt),
        other => control_code(other).is_some(),
    };
    let told = match modes.modify_other_keys {
        0 => return None,
        1 if modes.alt_sends_escape => held - alts,
        _ => held,
    };
    let modified = match modes.modify_other_keys {
        1 if ctrl => !known,
        1 => alt && !modes.alt_sends_escape,
        _ => ctrl || alt || (shift && (is_column_of_letters || character == ' ')),
    };
    modified.then_some(told)
}

/// modifyOtherKeys for the keys that send control characters by themselves. At level 1 an Alt that sends
/// ESC is not told; beside it Escape tells the others, Enter Shift alone, and Tab none.
fn modifies_control_key(key: NamedKey, modes: &KeyModes, held: Modifiers) -> Option<Modifiers> {
    let alts = Modifiers::ALT | Modifiers::META;
    let held = held & (Modifiers::SHIFT | Modifiers::CTRL | alts);
    let alt = held.intersects(alts);
    let told = match (modes.modify_other_keys, key) {
        (0, _) => return None,
        (1, NamedKey::Enter) if alt => held & Modifiers::SHIFT,
        (1, NamedKey::Enter) => held,
        (1, NamedKey::Escape) if alt => held - alts,
        (1, NamedKey::Tab) if !alt && held == Modifiers::CTRL => held,
        (1, _) => return None,
        // Control-Backspace is the other erase character, Shift-Tab a key of its own.
        (_, NamedKey::Backspace) if held == Modifiers::CTRL => return None,
        (_, NamedKey::Tab) if held == Modifiers::SHIFT => return None,
        (_, _) => held,
    };
    (!told.is_empty()).then_some(told)
}

/// xterm's form of a modified key: `CSI 27 ; m ; c ~`, or `CSI c ; m u` with formatOtherKeys.
fn other_key(code: u32, modes: &KeyModes, modifiers: Modifiers) -> Vec<u8> {
    let parameter = modifier_bits(modifiers) + 1;
    let text = match modes.format_other_keys {
        0 => format!("\x1b[27;{parameter};{code}~"),
        _ => format!("\x1b[{code};{parameter}u"),
    };
    text.into_bytes()
}

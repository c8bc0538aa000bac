//! Key tables: xterm's legacy forms, modifyOtherKeys, and the kitty protocol's own examples.

use super::{Key, KeyEvent, KeyEventKind, Modifiers, NamedKey, encode_key};
use crate::modes::{KeyModes, KeyboardFlags};

const NONE: Modifiers = Modifiers::empty();
const SHIFT: Modifiers = Modifiers::SHIFT;
const ALT: Modifiers = Modifiers::ALT;
const CTRL: Modifiers = Modifiers::CTRL;
const SUPER: Modifiers = Modifiers::SUPER;
const NUM: Modifiers = Modifiers::NUM_LOCK;
const CAPS: Modifiers = Modifiers::CAPS_LOCK;

/// What a fresh terminal has.
const MODES: KeyModes = KeyModes {
    application_cursor: false,
    application_keypad: false,
    newline: false,
    backarrow_sends_bs: false,
    alt_sends_escape: true,
    modify_other_keys: 0,
    format_other_keys: 0,
    keyboard_flags: KeyboardFlags::empty(),
    vt52: false,
};

impl From<char> for Key {
    fn from(character: char) -> Self {
        Self::Character(character)
    }
}

impl From<NamedKey> for Key {
    fn from(key: NamedKey) -> Self {
        Self::Named(key)
    }
}

/// A press on a US keyboard.
fn us(key: impl Into<Key>, modifiers: Modifiers) -> KeyEvent {
    let key = key.into();
    let shifted = match key {
        Key::Character(c) => shifted_on_us(c),
        Key::Named(_) => None,
    };
    KeyEvent {
        shifted,
        ..KeyEvent::press(key, modifiers)
    }
}

fn shifted_on_us(character: char) -> Option<char> {
    let plain = "`1234567890-=[]\\;',./";
    let shifted = "~!@#$%^&*()_+{}|:\"<>?";
    let found = plain
        .chars()
        .zip(shifted.chars())
        .find(|(plain, _)| *plain == character);
    found.map(|(_, shifted)| shifted)
}

#[track_caller]
fn check_event(event: &KeyEvent, modes: &KeyModes, expected: &str) {
    let sent = encode_key(event, modes);
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    assert_eq!(
        text(&sent),
        text(expected.as_bytes()),
        "{event:?} {modes:?}"
    );
}

#[track_caller]
fn check(key: impl Into<Key>, modifiers: Modifiers, modes: KeyModes, expected: &str) {
    check_event(&us(key, modifiers), &modes, expected);
}

#[test]
fn text_is_sent_as_it_is() {
    check('a', NONE, MODES, "a");
    check('a', SHIFT, MODES, "A");
    check('3', SHIFT, MODES, "#");
    check('é', NONE, MODES, "é");
    check('é', SHIFT, MODES, "É");
    check(' ', NONE, MODES, " ");
    check(' ', SHIFT, MODES, " ");
    check('a', CAPS | NUM, MODES, "a");
    let text = |text: &str| KeyEvent {
        text: text.into(),
        ..us('a', NONE)
    };
    check_event(&text("A"), &MODES, "A");
    check_event(&text("ñandú 👩‍👧"), &MODES, "ñandú 👩‍👧");
    // Some windowing libraries give the control character as text.
    check_event(
        &KeyEvent {
            text: "\x01".into(),
            ..us('a', CTRL)
        },
        &MODES,
        "\x01",
    );
    // The desktop's own shortcuts type nothing.
    check('a', SUPER, MODES, "");
}

#[test]
fn repeats_are_presses_and_releases_are_nothing() {
    let event = |kind| KeyEvent {
        kind,
        ..us('a', NONE)
    };
    check_event(&event(KeyEventKind::Repeat), &MODES, "a");
    check_event(&event(KeyEventKind::Release), &MODES, "");
    check_event(
        &KeyEvent {
            kind: KeyEventKind::Release,
            ..us(NamedKey::Up, NONE)
        },
        &MODES,
        "",
    );
}

/// The table of control codes in kitty's specification, and what X11 adds to it.
#[test]
fn control_has_its_table() {
    let table = [
        (' ', 0),
        ('/', 31),
        ('0', 48),
        ('1', 49),
        ('2', 0),
        ('3', 27),
        ('4', 28),
        ('5', 29),
        ('6', 30),
        ('7', 31),
        ('8', 127),
        ('9', 57),
        ('[', 27),
        ('\\', 28),
        (']', 29),
        (';', 59),
        ('=', 61),
        ('-', 45),
        ('\'', 39),
        (',', 44),
        ('.', 46),
        ('`', 0),
    ];
    for (key, byte) in table {
        check(key, CTRL, MODES, &char::from(byte).to_string());
        check(key, CTRL | ALT, MODES, &format!("\x1b{}", char::from(byte)));
    }
    for (key, byte) in ('a'..='z').zip(1..=26_u8) {
        check(key, CTRL, MODES, &char::from(byte).to_string());
        check(key, CTRL | SHIFT, MODES, &char::from(byte).to_string());
        check(key, CTRL | ALT, MODES, &format!("\x1b{}", char::from(byte)));
    }
    for (key, byte) in [
        ('2', 0),
        ('6', 30),
        ('-', 31),
        ('/', 127),
        ('`', 30),
        ('[', 27),
    ] {
        check(key, CTRL | SHIFT, MODES, &char::from(byte).to_string());
    }
    check('1', CTRL | SHIFT, MODES, "!");
    check('é', CTRL, MODES, "é");
}

#[test]
fn control_of_other_alphabets_goes_by_the_place() {
    let cyrillic = |modifiers| KeyEvent {
        base_layout: Some('c'),
        ..us('с', modifiers)
    };
    check_event(&cyrillic(CTRL), &MODES, "\x03");
    check_event(&cyrillic(CTRL | ALT), &MODES, "\x1b\x03");
    check_event(&cyrillic(NONE), &MODES, "с");
    check_event(&cyrillic(ALT), &MODES, "\x1bс");
    // A Latin layout keeps its own letters.
    check_event(
        &KeyEvent {
            base_layout: Some('q'),
            ..us('a', CTRL)
        },
        &MODES,
        "\x01",
    );
}

#[test]
fn alt_sends_an_escape_first() {
    check('a', ALT, MODES, "\x1ba");
    check('a', ALT | SHIFT, MODES, "\x1bA");
    check('[', ALT, MODES, "\x1b[");
    check('é', ALT, MODES, "\x1bé");
    check(' ', ALT, MODES, "\x1b ");
    check('a', Modifiers::META, MODES, "\x1ba");
    check(
        'a',
        ALT,
        KeyModes {
            alt_sends_escape: false,
            ..MODES
        },
        "a",
    );
}

/// xterm's practice; kitty's table differs in Enter of the keypad and in back tab with Alt.
#[test]
fn keys_that_are_control_characters() {
    use NamedKey::{Backspace, Enter, Escape, KeypadEnter, Tab};
    let columns = [
        NONE,
        CTRL,
        ALT,
        SHIFT,
        CTRL | SHIFT,
        ALT | SHIFT,
        CTRL | ALT,
    ];
    let rows = [
        (
            Enter,
            ["\r", "\r", "\x1b\r", "\r", "\r", "\x1b\r", "\x1b\r"],
        ),
        (KeypadEnter, ["\r"; 7]),
        (
            Escape,
            [
                "\x1b", "\x1b", "\x1b\x1b", "\x1b", "\x1b", "\x1b\x1b", "\x1b\x1b",
            ],
        ),
        (
            Backspace,
            [
                "\x7f", "\x08", "\x1b\x7f", "\x7f", "\x08", "\x1b\x7f", "\x1b\x08",
            ],
        ),
        (
            Tab,
            ["\t", "\t", "\x1b\t", "\x1b[Z", "\x1b[Z", "\x1b[Z", "\x1b\t"],
        ),
    ];
    for (key, row) in rows {
        for (modifiers, expected) in columns.into_iter().zip(row) {
            check(key, modifiers, MODES, expected);
        }
    }
    let backarrow = KeyModes {
        backarrow_sends_bs: true,
        ..MODES
    };
    check(Backspace, NONE, backarrow, "\x08");
    check(Backspace, CTRL, backarrow, "\x7f");
    let newline = KeyModes {
        newline: true,
        ..MODES
    };
    check(Enter, NONE, newline, "\r\n");
    check(Enter, ALT, newline, "\x1b\r\n");
}

#[test]
fn cursor_keys_follow_their_mode() {
    let application = KeyModes {
        application_cursor: true,
        ..MODES
    };
    let keys = [
        (NamedKey::Up, 'A'),
        (NamedKey::Down, 'B'),
        (NamedKey::Right, 'C'),
        (NamedKey::Left, 'D'),
        (NamedKey::Home, 'H'),
        (NamedKey::End, 'F'),
        (NamedKey::KeypadBegin, 'E'),
        (NamedKey::KeypadUp, 'A'),
        (NamedKey::KeypadLeft, 'D'),
        (NamedKey::KeypadHome, 'H'),
    ];
    for (key, letter) in keys {
        check(key, NONE, MODES, &format!("\x1b[{letter}"));
        check(key, NONE, application, &format!("\x1bO{letter}"));
        for modes in [MODES, application] {
            check(key, SHIFT, modes, &format!("\x1b[1;2{letter}"));
            check(key, ALT, modes, &format!("\x1b[1;3{letter}"));
            check(key, SHIFT | ALT, modes, &format!("\x1b[1;4{letter}"));
            check(key, CTRL, modes, &format!("\x1b[1;5{letter}"));
            check(key, CTRL | SHIFT, modes, &format!("\x1b[1;6{letter}"));
            check(key, CTRL | ALT, modes, &format!("\x1b[1;7{letter}"));
            check(key, CTRL | ALT | SHIFT, modes, &format!("\x1b[1;8{letter}"));
            check(key, SUPER, modes, &format!("\x1b[1;9{letter}"));
        }
        check(key, NUM | CAPS, MODES, &format!("\x1b[{letter}"));
    }
}

#[test]
fn function_keys_have_decs_numbers() {
    for (n, letter) in (1..=4).zip("PQRS".chars()) {
        check(NamedKey::F(n), NONE, MODES, &format!("\x1bO{letter}"));
        check(NamedKey::F(n), CTRL, MODES, &format!("\x1b[1;5{letter}"));
    }
    let numbers = [
        15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34, 42, 43,
    ];
    for (n, number) in (5..).zip(numbers) {
        check(NamedKey::F(n), NONE, MODES, &format!("\x1b[{number}~"));
        check(
            NamedKey::F(n),
            SHIFT | CTRL,
            MODES,
            &format!("\x1b[{number};6~"),
        );
    }
    check(NamedKey::F(36), NONE, MODES, "");
    let keys = [
        (NamedKey::Insert, 2),
        (NamedKey::Delete, 3),
        (NamedKey::PageUp, 5),
        (NamedKey::PageDown, 6),
        (NamedKey::KeypadInsert, 2),
        (NamedKey::KeypadDelete, 3),
        (NamedKey::KeypadPageUp, 5),
        (NamedKey::KeypadPageDown, 6),
        (NamedKey::Menu, 29),
    ];
    for (key, number) in keys {
        check(key, NONE, MODES, &format!("\x1b[{number}~"));
        check(key, SHIFT, MODES, &format!("\x1b[{number};2~"));
    }
    for key in [
        NamedKey::LeftShift,
        NamedKey::CapsLock,
        NamedKey::MediaPlay,
        NamedKey::Pause,
    ] {
        check(key, NONE, MODES, "");
    }
}

#[test]
fn the_keypad_follows_its_mode_while_num_lock_is_off() {
    let application = KeyModes {
        application_keypad: true,
        ..MODES
    };
    let keys = [
        (NamedKey::Keypad0, "0", 'p'),
        (NamedKey::Keypad1, "1", 'q'),
        (NamedKey::Keypad2, "2", 'r'),
        (NamedKey::Keypad3, "3", 's'),
        (NamedKey::Keypad4, "4", 't'),
        (NamedKey::Keypad5, "5", 'u'),
        (NamedKey::Keypad6, "6", 'v'),
        (NamedKey::Keypad7, "7", 'w'),
        (NamedKey::Keypad8, "8", 'x'),
        (NamedKey::Keypad9, "9", 'y'),
        (NamedKey::KeypadDecimal, ".", 'n'),
        (NamedKey::KeypadDivide, "/", 'o'),
        (NamedKey::KeypadMultiply, "*", 'j'),
        (NamedKey::KeypadSubtract, "-", 'm'),
        (NamedKey::KeypadAdd, "+", 'k'),
        (NamedKey::KeypadSeparator, ",", 'l'),
        (NamedKey::KeypadEqual, "=", 'X'),
        (NamedKey::KeypadEnter, "\r", 'M'),
    ];
    for (key, text, letter) in keys {
        check(key, NONE, MODES, text);
        check(key, NUM, MODES, text);
        check(key, NUM, application, text);
        check(key, NONE, application, &format!("\x1bO{letter}"));
        check(key, CTRL, application, &format!("\x1bO5{letter}"));
    }
    // The layout says what the decimal key types.
    let comma = KeyEvent {
        text: ",".into(),
        ..us(NamedKey::KeypadDecimal, NUM)
    };
    check_event(&comma, &application, ",");
    check(NamedKey::Keypad5, CTRL, MODES, "5");
    check(NamedKey::KeypadHome, NONE, application, "\x1b[H");
}

/// xterm's "modified keys" page: what Emacs gets.
#[test]
fn modify_other_keys_1_keeps_what_is_well_known() {
    let modes = KeyModes {
        modify_other_keys: 1,
        ..MODES
    };
    check('a', NONE, modes, "a");
    check('a', SHIFT, modes, "A");
    check('a', CTRL, modes, "\x01");
    check('a', CTRL | SHIFT, modes, "\x01");
    check('a', ALT, modes, "\x1ba");
    check('a', CTRL | ALT, modes, "\x1b\x01");
    check('a', CTRL | ALT | SHIFT, modes, "\x1b\x01");
    check(' ', CTRL, modes, "\0");
    check(' ', SHIFT, modes, " ");
    check('3', CTRL, modes, "\x1b");
    for (key, code) in [
        (',', 44),
        ('.', 46),
        (';', 59),
        ('=', 61),
        ('1', 49),
        ('0', 48),
    ] {
        check(key, CTRL, modes, &format!("\x1b[27;5;{code}~"));
    }
    for (key, code) in [('1', 33), ('4', 36), (';', 58), ('/', 63), (',', 60)] {
        check(key, CTRL | SHIFT, modes, &format!("\x1b[27;6;{code}~"));
    }
    check(NamedKey::Tab, NONE, modes, "\t");
    check(NamedKey::Tab, CTRL, modes, "\x1b[27;5;9~");
    check(NamedKey::Tab, SHIFT, modes, "\x1b[Z");
    check(NamedKey::Tab, CTRL | SHIFT, modes, "\x1b[Z");
    check(NamedKey::Enter, CTRL, modes, "\x1b[27;5;13~");
    check(NamedKey::Enter, SHIFT, modes, "\x1b[27;2;13~");
    check(NamedKey::Enter, ALT, modes, "\x1b\r");
    check(NamedKey::Backspace, CTRL, modes, "\x08");
    check(NamedKey::Backspace, SHIFT, modes, "\x7f");
    check(NamedKey::Escape, SHIFT, modes, "\x1b");
    check(NamedKey::Up, CTRL, modes, "\x1b[1;5A");
    let no_escape = KeyModes {
        alt_sends_escape: false,
        ..modes
    };
    check('a', ALT, no_escape, "\x1b[27;3;97~");
}

#[test]
fn modify_other_keys_2_reports_every_modified_key() {
    let modes = KeyModes {
        modify_other_keys: 2,
        ..MODES
    };
    check('a', NONE, modes, "a");
    check('a', SHIFT, modes, "\x1b[27;2;65~");
    check('1', SHIFT, modes, "!");
    check(' ', SHIFT, modes, "\x1b[27;2;32~");
    check('a', CTRL, modes, "\x1b[27;5;97~");
    check('a', ALT, modes, "\x1b[27;3;97~");
    check('a', CTRL | ALT, modes, "\x1b[27;7;97~");
    check('a', CTRL | SHIFT, modes, "\x1b[27;6;65~");
    check(' ', CTRL, modes, "\x1b[27;5;32~");
    check('3', CTRL, modes, "\x1b[27;5;51~");
    check('é', CTRL, modes, "\x1b[27;5;233~");
    check(NamedKey::Tab, NONE, modes, "\t");
    check(NamedKey::Tab, SHIFT, modes, "\x1b[Z");
    check(NamedKey::Enter, SHIFT, modes, "\x1b[27;2;13~");
    check(NamedKey::Escape, SHIFT, modes, "\x1b[27;2;27~");
    check(NamedKey::Backspace, CTRL, modes, "\x08");
    check(NamedKey::Backspace, ALT, modes, "\x1b[27;3;127~");
    check(NamedKey::Up, SHIFT, modes, "\x1b[1;2A");
    check(NamedKey::Keypad5, CTRL, modes, "5");
    let formatted = KeyModes {
        format_other_keys: 1,
        ..modes
    };
    check('a', CTRL, formatted, "\x1b[97;5u");
    check('a', SHIFT, formatted, "\x1b[65;2u");
    check(NamedKey::Tab, CTRL, formatted, "\x1b[9;5u");
}

fn kitty(flags: u8) -> KeyModes {
    // What the other protocols would do must not show.
    KeyModes {
        keyboard_flags: KeyboardFlags::from_bits_truncate(flags),
        application_cursor: true,
        application_keypad: true,
        modify_other_keys: 2,
        ..MODES
    }
}

#[test]
fn kitty_1_disambiguates() {
    let modes = kitty(1);
    check('a', NONE, modes, "a");
    check('a', SHIFT, modes, "A");
    check('é', NONE, modes, "é");
    check(' ', SHIFT, modes, " ");
    for (modifiers, parameter) in [
        (CTRL, 5),
        (ALT, 3),
        (CTRL | SHIFT, 6),
        (ALT | SHIFT, 4),
        (CTRL | ALT, 7),
        (SUPER, 9),
    ] {
        check('a', modifiers, modes, &format!("\x1b[97;{parameter}u"));
        check(' ', modifiers, modes, &format!("\x1b[32;{parameter}u"));
        check('[', modifiers, modes, &format!("\x1b[91;{parameter}u"));
    }
    check('a', Modifiers::HYPER, modes, "\x1b[97;17u");
    check('a', Modifiers::META, modes, "\x1b[97;33u");
    check(NamedKey::Escape, NONE, modes, "\x1b[27u");
    check(NamedKey::Escape, SHIFT, modes, "\x1b[27;2u");
    for (key, code, bytes) in [
        (NamedKey::Enter, 13, "\r"),
        (NamedKey::Tab, 9, "\t"),
        (NamedKey::Backspace, 127, "\x7f"),
    ] {
        check(key, NONE, modes, bytes);
        check(key, CAPS | NUM, modes, bytes);
        check(key, SHIFT, modes, &format!("\x1b[{code};2u"));
        check(key, CTRL, modes, &format!("\x1b[{code};5u"));
        check(key, ALT, modes, &format!("\x1b[{code};3u"));
        check(key, CTRL | SHIFT, modes, &format!("\x1b[{code};6u"));
    }
    // The code is that of the unshifted key.
    check_event(
        &KeyEvent::press('A'.into(), CTRL | SHIFT),
        &modes,
        "\x1b[97;6u",
    );
    check(NamedKey::LeftShift, SHIFT, modes, "");
    check(NamedKey::CapsLock, NONE, modes, "");
    // Locks are told, but not of keys that type.
    check('a', CTRL | NUM, modes, "\x1b[97;5u");
    check(NamedKey::Up, NUM, modes, "\x1b[1;129A");
    check(NamedKey::Up, CAPS | SHIFT, modes, "\x1b[1;66A");
    let release = KeyEvent {
        kind: KeyEventKind::Release,
        ..us('a', CTRL)
    };
    check_event(&release, &modes, "");
    let repeat = KeyEvent {
        kind: KeyEventKind::Repeat,
        ..us('a', CTRL)
    };
    check_event(&repeat, &modes, "\x1b[97;5u");
}

#[test]
fn kitty_keeps_the_cursor_and_function_keys_forms() {
    let modes = kitty(1);
    let letters = [
        (NamedKey::Up, "A"),
        (NamedKey::Down, "B"),
        (NamedKey::Right, "C"),
        (NamedKey::Left, "D"),
        (NamedKey::Home, "H"),
        (NamedKey::End, "F"),
        (NamedKey::KeypadBegin, "E"),
        (NamedKey::F(1), "P"),
        (NamedKey::F(2), "Q"),
        (NamedKey::F(4), "S"),
    ];
    for (key, letter) in letters {
        check(key, NONE, modes, &format!("\x1b[{letter}"));
        check(key, SHIFT, modes, &format!("\x1b[1;2{letter}"));
    }
    let numbers = [
        (NamedKey::Insert, 2),
        (NamedKey::Delete, 3),
        (NamedKey::PageUp, 5),
        (NamedKey::PageDown, 6),
        (NamedKey::F(3), 13),
        (NamedKey::F(5), 15),
        (NamedKey::F(6), 17),
        (NamedKey::F(10), 21),
        (NamedKey::F(11), 23),
        (NamedKey::F(12), 24),
    ];
    for (key, number) in numbers {
        check(key, NONE, modes, &format!("\x1b[{number}~"));
        check(key, CTRL, modes, &format!("\x1b[{number};5~"));
    }
    let codes = [
        (NamedKey::PrintScreen, 57361),
        (NamedKey::Pause, 57362),
        (NamedKey::Menu, 57363),
        (NamedKey::F(13), 57376),
        (NamedKey::F(35), 57398),
        (NamedKey::KeypadEnter, 57414),
        (NamedKey::KeypadLeft, 57417),
        (NamedKey::KeypadDelete, 57426),
        (NamedKey::MediaPlay, 57428),
        (NamedKey::MediaRecord, 57437),
        (NamedKey::LowerVolume, 57438),
        (NamedKey::MuteVolume, 57440),
    ];
    for (key, code) in codes {
        check(key, NONE, modes, &format!("\x1b[{code}u"));
        check(key, ALT, modes, &format!("\x1b[{code};3u"));
    }
    check(NamedKey::F(36), NONE, modes, "");
}

#[test]
fn kitty_keypad_keys_are_text_while_they_type() {
    let modes = kitty(1);
    check(NamedKey::Keypad5, NUM, modes, "5");
    let typed = KeyEvent {
        text: "5".into(),
        ..us(NamedKey::Keypad5, NONE)
    };
    check_event(&typed, &modes, "5");
    check(NamedKey::Keypad5, NONE, modes, "\x1b[57404u");
    check(NamedKey::Keypad5, CTRL, modes, "\x1b[57404;5u");
    check(NamedKey::KeypadAdd, NUM, modes, "+");
    check(NamedKey::KeypadEnter, NUM, modes, "\x1b[57414;129u");
    // Without disambiguation there is no keypad.
    check(NamedKey::KeypadEnter, NONE, kitty(2), "\r");
    check(NamedKey::KeypadUp, NONE, kitty(2), "\x1b[A");
    check(NamedKey::Keypad5, NONE, kitty(2), "5");
}

#[test]
fn kitty_2_tells_repeats_and_releases() {
    #[track_caller]
    fn check(key: impl Into<Key>, modifiers: Modifiers, flags: u8, expected: [&str; 3]) {
        let event = us(key, modifiers);
        let kinds = [
            KeyEventKind::Press,
            KeyEventKind::Repeat,
            KeyEventKind::Release,
        ];
        for (kind, expected) in kinds.into_iter().zip(expected) {
            check_event(
                &KeyEvent {
                    kind,
                    ..event.clone()
                },
                &kitty(flags),
                expected,
            );
        }
    }
    check('a', NONE, 2, ["a", "a", "\x1b[97;1:3u"]);
    check('a', NONE, 3, ["a", "a", "\x1b[97;1:3u"]);
    check('a', CTRL, 3, ["\x1b[97;5u", "\x1b[97;5:2u", "\x1b[97;5:3u"]);
    check('a', CTRL, 2, ["\x01", "\x01", "\x1b[97;5:3u"]);
    check(
        'a',
        SUPER,
        2,
        ["\x1b[97;9u", "\x1b[97;9:2u", "\x1b[97;9:3u"],
    );
    check(
        NamedKey::Up,
        NONE,
        3,
        ["\x1b[A", "\x1b[1;1:2A", "\x1b[1;1:3A"],
    );
    check(
        NamedKey::Up,
        SHIFT,
        3,
        ["\x1b[1;2A", "\x1b[1;2:2A", "\x1b[1;2:3A"],
    );
    check(
        NamedKey::Delete,
        NONE,
        3,
        ["\x1b[3~", "\x1b[3;1:2~", "\x1b[3;1:3~"],
    );
    check(
        NamedKey::Escape,
        NONE,
        3,
        ["\x1b[27u", "\x1b[27;1:2u", "\x1b[27;1:3u"],
    );
    check(NamedKey::Escape, NONE, 2, ["\x1b", "\x1b", "\x1b[27;1:3u"]);
    check(NamedKey::Enter, NONE, 3, ["\r", "\r", ""]);
    check(
        NamedKey::Enter,
        SHIFT,
        3,
        ["\x1b[13;2u", "\x1b[13;2:2u", "\x1b[13;2:3u"],
    );
    check(
        NamedKey::Enter,
        NONE,
        11,
        ["\x1b[13u", "\x1b[13;1:2u", "\x1b[13;1:3u"],
    );
    check('a', NONE, 11, ["\x1b[97u", "\x1b[97;1:2u", "\x1b[97;1:3u"]);
    // A release is nothing to a program that did not ask.
    check('a', NONE, 9, ["\x1b[97u", "\x1b[97u", ""]);
}

#[test]
fn kitty_4_tells_alternate_keys() {
    let modes = kitty(5);
    check('a', SHIFT, modes, "A");
    check('a', CTRL, modes, "\x1b[97;5u");
    check('a', CTRL | SHIFT, modes, "\x1b[97:65;6u");
    check('=', CTRL | SHIFT, modes, "\x1b[61:43;6u");
    let cyrillic = |modifiers| KeyEvent {
        base_layout: Some('c'),
        ..us('с', modifiers)
    };
    check_event(&cyrillic(CTRL), &modes, "\x1b[1089::99;5u");
    check_event(&cyrillic(CTRL | SHIFT), &modes, "\x1b[1089:1057:99;6u");
    check_event(&cyrillic(CTRL), &kitty(1), "\x1b[1089;5u");
    check_event(
        &KeyEvent {
            base_layout: Some('a'),
            ..us('a', CTRL)
        },
        &modes,
        "\x1b[97;5u",
    );
    check(NamedKey::Up, SHIFT, modes, "\x1b[1;2A");
    // Alone it asks for nothing.
    check(
        'a',
        CTRL,
        KeyModes {
            keyboard_flags: KeyboardFlags::ALTERNATE_KEYS,
            ..MODES
        },
        "\x01",
    );
}

#[test]
fn kitty_8_reports_all_keys() {
    let modes = kitty(8);
    check('a', NONE, modes, "\x1b[97u");
    check('a', SHIFT, modes, "\x1b[97;2u");
    check('a', CTRL, modes, "\x1b[97;5u");
    check('a', CAPS, modes, "\x1b[97;65u");
    check('a', NUM | CTRL, modes, "\x1b[97;133u");
    check(' ', NONE, modes, "\x1b[32u");
    check('é', NONE, modes, "\x1b[233u");
    check(NamedKey::Enter, NONE, modes, "\x1b[13u");
    check(NamedKey::Tab, NONE, modes, "\x1b[9u");
    check(NamedKey::Backspace, NONE, modes, "\x1b[127u");
    check(NamedKey::Escape, NONE, modes, "\x1b[27u");
    check(NamedKey::Up, NONE, modes, "\x1b[A");
    check(NamedKey::Keypad5, NUM, modes, "\x1b[57404;129u");
    check(NamedKey::CapsLock, CAPS, modes, "\x1b[57358;65u");
    let modifiers = [
        (NamedKey::LeftShift, 57441, 2),
        (NamedKey::LeftControl, 57442, 5),
        (NamedKey::LeftAlt, 57443, 3),
        (NamedKey::LeftSuper, 57444, 9),
        (NamedKey::LeftHyper, 57445, 17),
        (NamedKey::LeftMeta, 57446, 33),
        (NamedKey::RightShift, 57447, 2),
        (NamedKey::RightControl, 57448, 5),
        (NamedKey::RightAlt, 57449, 3),
        (NamedKey::RightSuper, 57450, 9),
        (NamedKey::RightHyper, 57451, 17),
        (NamedKey::RightMeta, 57452, 33),
    ];
    for (key, code, parameter) in modifiers {
        check(key, NONE, modes, &format!("\x1b[{code};{parameter}u"));
    }
    check(NamedKey::IsoLevel3Shift, NONE, modes, "\x1b[57453u");
    check(NamedKey::IsoLevel5Shift, NONE, modes, "\x1b[57454u");
    let release = KeyEvent {
        kind: KeyEventKind::Release,
        ..us(NamedKey::LeftShift, NONE)
    };
    check_event(&release, &kitty(10), "\x1b[57441;1:3u");
}

#[test]
fn kitty_16_tells_the_text() {
    let modes = kitty(24);
    check('a', NONE, modes, "\x1b[97;;97u");
    check('a', SHIFT, modes, "\x1b[97;2;65u");
    check('a', CTRL, modes, "\x1b[97;5u");
    check(' ', NONE, modes, "\x1b[32;;32u");
    let text = |text: &str| KeyEvent {
        text: text.into(),
        ..us('a', NONE)
    };
    check_event(&text("å"), &modes, "\x1b[97;;229u");
    check_event(&text("AB"), &modes, "\x1b[97;;65:66u");
    check_event(&text("\x01"), &modes, "\x1b[97;;97u");
    check(NamedKey::Enter, NONE, modes, "\x1b[13u");
    let enter = KeyEvent {
        text: "\r".into(),
        ..us(NamedKey::Enter, NONE)
    };
    check_event(&enter, &modes, "\x1b[13u");
    check(NamedKey::Up, NONE, modes, "\x1b[A");
    check(NamedKey::Keypad5, NUM, modes, "\x1b[57404;129;53u");
    let all = kitty(31);
    check('a', SHIFT, all, "\x1b[97:65;2;65u");
    let repeat = KeyEvent {
        kind: KeyEventKind::Repeat,
        ..us('a', NONE)
    };
    check_event(&repeat, &all, "\x1b[97;1:2;97u");
    let release = KeyEvent {
        kind: KeyEventKind::Release,
        ..us('a', SHIFT)
    };
    check_event(&release, &all, "\x1b[97:65;2:3u");
    // Without "all keys" it asks for nothing.
    check('a', NONE, kitty(17), "a");
}

#[test]
fn a_vt52_has_its_own_keys() {
    let vt52 = KeyModes {
        vt52: true,
        application_cursor: true,
        ..MODES
    };
    check(NamedKey::Up, NONE, vt52, "\x1bA");
    check(NamedKey::Left, CTRL | SHIFT, vt52, "\x1bD");
    check(NamedKey::KeypadRight, NONE, vt52, "\x1bC");
    check(NamedKey::F(1), NONE, vt52, "\x1bP");
    check(NamedKey::F(4), SHIFT, vt52, "\x1bS");
    check(NamedKey::F(5), NONE, vt52, "\x1b[15~");
    check(NamedKey::Keypad7, NONE, vt52, "7");
    check('a', CTRL, vt52, "\x01");
    check('é', NONE, vt52, "é");
    check(NamedKey::Tab, SHIFT, vt52, "\x1b[Z");
    check(NamedKey::Delete, CTRL, vt52, "\x1b[3~");
    let keypad = KeyModes {
        application_keypad: true,
        ..vt52
    };
    check(NamedKey::Keypad0, NONE, keypad, "\x1b?p");
    check(NamedKey::Keypad9, NONE, keypad, "\x1b?y");
    check(NamedKey::KeypadSubtract, NONE, keypad, "\x1b?m");
    check(NamedKey::KeypadSeparator, NONE, keypad, "\x1b?l");
    check(NamedKey::KeypadDecimal, NONE, keypad, "\x1b?n");
    check(NamedKey::KeypadEnter, NONE, keypad, "\x1b?M");
    check(NamedKey::KeypadEnter, NONE, vt52, "\r");
    // What later terminals added rests.
    let protocols = KeyModes {
        keyboard_flags: KeyboardFlags::all(),
        modify_other_keys: 2,
        ..vt52
    };
    check('a', CTRL, protocols, "\x01");
    check(NamedKey::Up, NONE, protocols, "\x1bA");
    check(NamedKey::Escape, NONE, protocols, "\x1b");
    let release = KeyEvent {
        kind: KeyEventKind::Release,
        ..us('a', NONE)
    };
    check_event(&release, &protocols, "");
}

/// The key that a line of `xterm.txt` begins with.
fn key_named(name: &str) -> Key {
    let named = match name {
        "Space" => return Key::Character(' '),
        "Enter" => NamedKey::Enter,
        "Tab" => NamedKey::Tab,
        "Backspace" => NamedKey::Backspace,
        "Escape" => NamedKey::Escape,
        "Delete" => NamedKey::Delete,
        "Insert" => NamedKey::Insert,
        "Home" => NamedKey::Home,
        "End" => NamedKey::End,
        "PageUp" => NamedKey::PageUp,
        "PageDown" => NamedKey::PageDown,
        "Up" => NamedKey::Up,
        "Down" => NamedKey::Down,
        "Left" => NamedKey::Left,
        "Right" => NamedKey::Right,
        "Menu" => NamedKey::Menu,
        "KP_Add" => NamedKey::KeypadAdd,
        "KP_Subtract" => NamedKey::KeypadSubtract,
        "KP_Multiply" => NamedKey::KeypadMultiply,
        "KP_Divide" => NamedKey::KeypadDivide,
        "KP_Enter" => NamedKey::KeypadEnter,
        "KP_Home" => NamedKey::KeypadHome,
        "KP_Up" => NamedKey::KeypadUp,
        "KP_Begin" => NamedKey::KeypadBegin,
        "KP_End" => NamedKey::KeypadEnd,
        "KP_Insert" => NamedKey::KeypadInsert,
        "KP_Delete" => NamedKey::KeypadDelete,
        "KP_Prior" => NamedKey::KeypadPageUp,
        "Pause" => NamedKey::Pause,
        "Print" => NamedKey::PrintScreen,
        function if function.len() > 1 => {
            NamedKey::F(function[1..].parse().expect("a function key's number"))
        }
        character => return Key::Character(character.chars().next().unwrap()),
    };
    Key::Named(named)
}

/// Compares what a file recorded of another terminal with what `send` gives: how many, and those that differ. The
/// file's sections are named in brackets; see its head for its columns.
fn compare(
    file: &str,
    held: &[Modifiers],
    modes: impl Fn(&str) -> KeyModes,
    send: impl Fn(&KeyEvent, &KeyModes) -> Vec<u8>,
) -> (usize, Vec<String>) {
    let mut section = "";
    let (mut compared, mut different) = (0, Vec::new());
    for line in file.lines().filter(|line| !line.starts_with("# ")) {
        if let Some(title) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            && !title.is_empty()
        {
            section = title;
            continue;
        }
        let mut columns = line.split(' ');
        let name = columns.next().unwrap();
        for (&held, expected) in held.iter().zip(columns) {
            if expected == "~" {
                continue;
            }
            let sent = send(&us(key_named(name), held), &modes(section));
            let sent = sent.escape_ascii().to_string().replace(' ', "\\x20");
            compared += 1;
            if sent != expected {
                different.push(format!(
                    "{section}: {name} {held:?}: {sent}, not {expected}"
                ));
            }
        }
    }
    (compared, different)
}

#[test]
fn keys_are_those_of_xterm() {
    let held = [
        NONE,
        SHIFT,
        CTRL,
        ALT,
        CTRL | SHIFT,
        CTRL | ALT,
        SHIFT | ALT,
        CTRL | SHIFT | ALT,
    ];
    let modes = |title: &str| KeyModes {
        application_cursor: title == "application cursor",
        application_keypad: title.ends_with("application keypad"),
        modify_other_keys: match title.strip_prefix("modifyOtherKeys ") {
            Some(level) => level[..1].parse().unwrap(),
            None => 0,
        },
        format_other_keys: u8::from(title.ends_with("formatOtherKeys 1")),
        vt52: title.starts_with("VT52"),
        ..MODES
    };
    let (compared, different) = compare(include_str!("xterm.txt"), &held, modes, encode_key);
    assert!(compared > 3000, "{compared}");
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn keys_of_the_kitty_protocol_are_those_of_kitty() {
    let held = [
        NONE,
        SHIFT,
        CTRL,
        ALT,
        SUPER,
        CTRL | SHIFT,
        CTRL | ALT,
        SHIFT | ALT,
    ];
    let modes = |title: &str| KeyModes {
        keyboard_flags: KeyboardFlags::from_bits_truncate(title[6..].parse().unwrap()),
        ..MODES
    };
    let press_and_release = |press: &KeyEvent, modes: &KeyModes| {
        let mut press = press.clone();
        if SHIFT.contains(press.modifiers) {
            press.text = press.typed();
        }
        let release = KeyEvent {
            kind: KeyEventKind::Release,
            ..press.clone()
        };
        [encode_key(&press, modes), encode_key(&release, modes)].concat()
    };
    let (compared, different) = compare(include_str!("kitty.txt"), &held, modes, press_and_release);
    assert!(compared > 2000, "{compared}");
    assert!(different.is_empty(), "{}", different.join("\n"));
}

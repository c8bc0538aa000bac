//! Mouse reports as xterm's ctlseqs describe them.

use super::{MouseButton, MouseEvent, MouseEventKind, encode_alternate_scroll, encode_mouse};
use crate::encode::key::Modifiers;
use crate::modes::{InputModes, KeyModes, KeyboardFlags, MouseEncoding, MouseTracking};
use MouseEventKind::{Motion, Press, Release};

const LEFT: MouseButton = MouseButton::Left;

fn event(kind: MouseEventKind, column: u16, row: u16) -> MouseEvent {
    let (x, y) = (u32::from(column) * 8 + 3, u32::from(row) * 16 + 5);
    MouseEvent {
        kind,
        column,
        row,
        x,
        y,
        modifiers: Modifiers::empty(),
    }
}

#[track_caller]
fn check_at(
    tracking: MouseTracking,
    encoding: MouseEncoding,
    event: MouseEvent,
    expected: impl AsRef<[u8]>,
) {
    let modes = InputModes {
        mouse_tracking: tracking,
        mouse_encoding: encoding,
        ..InputModes::default()
    };
    let sent = encode_mouse(&event, &modes);
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    assert_eq!(
        text(&sent),
        text(expected.as_ref()),
        "{tracking:?} {encoding:?} {event:?}"
    );
}

/// All motion, SGR, column 5, row 7.
#[track_caller]
fn check_button(kind: MouseEventKind, modifiers: Modifiers, expected: &str) {
    let event = MouseEvent {
        modifiers,
        ..event(kind, 5, 7)
    };
    check_at(MouseTracking::Motion, MouseEncoding::Sgr, event, expected);
}

#[test]
fn each_mode_reports_what_it_is_for() {
    use MouseTracking::{Click, Drag, Motion as All, Off, Press as X10};
    #[track_caller]
    fn check(kind: MouseEventKind, reported: &[MouseTracking]) {
        for tracking in [Off, X10, Click, Drag, All] {
            let modes = InputModes {
                mouse_tracking: tracking,
                mouse_encoding: MouseEncoding::Sgr,
                ..InputModes::default()
            };
            let sent = !encode_mouse(&event(kind, 0, 0), &modes).is_empty();
            assert_eq!(sent, reported.contains(&tracking), "{kind:?} {tracking:?}");
        }
    }
    check(Press(LEFT), &[X10, Click, Drag, All]);
    check(Release(LEFT), &[Click, Drag, All]);
    check(Motion(Some(LEFT)), &[Drag, All]);
    check(Motion(None), &[All]);
    check(Press(MouseButton::WheelUp), &[X10, Click, Drag, All]);
    check(Release(MouseButton::WheelUp), &[]);
}

#[test]
fn buttons_have_xterms_codes() {
    let none = Modifiers::empty();
    check_button(Press(LEFT), none, "\x1b[<0;6;8M");
    check_button(Press(MouseButton::Middle), none, "\x1b[<1;6;8M");
    check_button(Press(MouseButton::Right), none, "\x1b[<2;6;8M");
    check_button(Press(MouseButton::WheelUp), none, "\x1b[<64;6;8M");
    check_button(Press(MouseButton::WheelDown), none, "\x1b[<65;6;8M");
    check_button(Press(MouseButton::WheelLeft), none, "\x1b[<66;6;8M");
    check_button(Press(MouseButton::WheelRight), none, "\x1b[<67;6;8M");
    check_button(Press(MouseButton::Back), none, "\x1b[<128;6;8M");
    check_button(Press(MouseButton::Forward), none, "\x1b[<129;6;8M");
    check_button(Release(MouseButton::Right), none, "\x1b[<2;6;8m");
    check_button(Release(MouseButton::Forward), none, "\x1b[<129;6;8m");
    check_button(Motion(Some(MouseButton::Middle)), none, "\x1b[<33;6;8M");
    check_button(Motion(None), none, "\x1b[<35;6;8M");
}

#[test]
fn modifiers_add_to_the_button() {
    check_button(Press(LEFT), Modifiers::SHIFT, "\x1b[<4;6;8M");
    check_button(Press(LEFT), Modifiers::ALT, "\x1b[<8;6;8M");
    check_button(Press(LEFT), Modifiers::META, "\x1b[<8;6;8M");
    check_button(Press(LEFT), Modifiers::CTRL, "\x1b[<16;6;8M");
    let all = Modifiers::SHIFT | Modifiers::ALT | Modifiers::CTRL;
    check_button(Motion(Some(MouseButton::Right)), all, "\x1b[<62;6;8M");
    check_button(
        Press(MouseButton::WheelDown),
        Modifiers::CTRL,
        "\x1b[<81;6;8M",
    );
    check_button(
        Press(LEFT),
        Modifiers::SUPER | Modifiers::NUM_LOCK,
        "\x1b[<0;6;8M",
    );
    // X10 knows none.
    let shifted = MouseEvent {
        modifiers: all,
        ..event(Press(LEFT), 0, 0)
    };
    check_at(
        MouseTracking::Press,
        MouseEncoding::Default,
        shifted,
        b"\x1b[M !!",
    );
}

#[test]
fn the_default_encoding_has_bytes_up_to_223() {
    #[track_caller]
    fn check(kind: MouseEventKind, column: u16, row: u16, expected: &[u8]) {
        let event = event(kind, column, row);
        check_at(
            MouseTracking::Motion,
            MouseEncoding::Default,
            event,
            expected,
        );
    }
    check(Press(LEFT), 0, 0, b"\x1b[M !!");
    check(Release(LEFT), 0, 0, b"\x1b[M#!!");
    check(Release(MouseButton::Right), 9, 1, b"\x1b[M#*\"");
    check(Motion(None), 0, 0, b"\x1b[MC!!");
    check(Motion(Some(LEFT)), 0, 0, b"\x1b[M@!!");
    check(Press(MouseButton::WheelUp), 0, 0, b"\x1b[M`!!");
    check(Press(MouseButton::Back), 0, 0, b"\x1b[M\xa0!!");
    check(Press(LEFT), 222, 222, b"\x1b[M \xff\xff");
    check(Press(LEFT), 223, 0, b"");
    check(Press(LEFT), 0, 223, b"");
}

#[test]
fn utf8_goes_up_to_2015() {
    #[track_caller]
    fn check(kind: MouseEventKind, column: u16, expected: &[u8]) {
        check_at(
            MouseTracking::Motion,
            MouseEncoding::Utf8,
            event(kind, column, 0),
            expected,
        );
    }
    check(Press(LEFT), 94, b"\x1b[M \x7f!");
    check(Press(LEFT), 95, b"\x1b[M \xc2\x80!");
    check(Press(LEFT), 2014, b"\x1b[M \xdf\xbf!");
    check(Press(LEFT), 2015, b"");
    check(Release(LEFT), 0, b"\x1b[M#!!");
    check(Press(MouseButton::Forward), 0, b"\x1b[M\xc2\xa1!!");
}

#[test]
fn sgr_pixels_and_urxvt() {
    use MouseEncoding::{Sgr, SgrPixels, Urxvt};
    #[track_caller]
    fn check(encoding: MouseEncoding, kind: MouseEventKind, column: u16, expected: &str) {
        check_at(
            MouseTracking::Motion,
            encoding,
            event(kind, column, 2),
            expected,
        );
    }
    check(Sgr, Press(LEFT), 4000, "\x1b[<0;4001;3M");
    check(Sgr, Release(LEFT), 4000, "\x1b[<0;4001;3m");
    check(SgrPixels, Press(LEFT), 10, "\x1b[<0;84;38M");
    check(SgrPixels, Release(LEFT), 10, "\x1b[<0;84;38m");
    check(SgrPixels, Motion(None), 10, "\x1b[<35;84;38M");
    check(Urxvt, Press(LEFT), 4000, "\x1b[32;4001;3M");
    check(Urxvt, Release(LEFT), 4000, "\x1b[35;4001;3M");
    check(Urxvt, Motion(Some(LEFT)), 4000, "\x1b[64;4001;3M");
}

#[test]
fn the_wheel_sends_cursor_keys_to_programs_without_mouse() {
    #[track_caller]
    fn check(wheel: MouseButton, modes: InputModes, key_modes: KeyModes, expected: Option<&str>) {
        let sent = encode_alternate_scroll(wheel, 3, &modes, &key_modes);
        assert_eq!(sent.as_deref(), expected.map(str::as_bytes));
    }
    let modes = InputModes {
        alternate_scroll: true,
        alternate_screen: true,
        ..InputModes::default()
    };
    let keys = KeyModes::default();
    let application = KeyModes {
        application_cursor: true,
        ..keys
    };
    let kitty = KeyModes {
        keyboard_flags: KeyboardFlags::all(),
        ..application
    };
    check(
        MouseButton::WheelUp,
        modes,
        keys,
        Some("\x1b[A\x1b[A\x1b[A"),
    );
    check(
        MouseButton::WheelDown,
        modes,
        application,
        Some("\x1bOB\x1bOB\x1bOB"),
    );
    check(
        MouseButton::WheelDown,
        modes,
        kitty,
        Some("\x1b[B\x1b[B\x1b[B"),
    );
    check(
        MouseButton::WheelLeft,
        modes,
        keys,
        Some("\x1b[D\x1b[D\x1b[D"),
    );
    check(
        MouseButton::WheelRight,
        modes,
        keys,
        Some("\x1b[C\x1b[C\x1b[C"),
    );
    check(LEFT, modes, keys, None);
    check(
        MouseButton::WheelUp,
        InputModes {
            alternate_scroll: false,
            ..modes
        },
        keys,
        None,
    );
    check(
        MouseButton::WheelUp,
        InputModes {
            alternate_screen: false,
            ..modes
        },
        keys,
        None,
    );
    let tracked = InputModes {
        mouse_tracking: MouseTracking::Click,
        ..modes
    };
    check(MouseButton::WheelUp, tracked, keys, None);
}

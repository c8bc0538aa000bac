//! Escape sequences and C0 controls: what they do to a screen of 10 × 4.

use crate::testing::{after, check, check_cursor, check_reply, replies, screen};

#[test]
fn c0_controls_move() {
    check("ab\r\ncd", "ab|cd");
    check("ab\ncd", "ab|  cd");
    check("ab\x0bcd\x0cef", "ab|  cd|    ef");
    check("abc\x08\x08X", "aXc");
    check("a\tb", "a       b");
    check("\x1b[20hab\ncd", "ab|cd");
    check("a\x00\x05\x06\x01b", "ab");
    check_cursor("\t\t\t\t", (1, 10));
}

#[test]
fn enquiry_is_not_answered() {
    check_reply("\x05", "");
}

#[test]
fn index_next_line_and_reverse_index_scroll() {
    check("a\x1bDb\x1bEc", "a| b|c");
    check("\x1b[4Ha\x1bDb", "||a| b");
    check("a\r\nb\x1bMc", "ac|b");
    check("a\x1b[H\x1bMb", "b|a");
    check("a\x1b[2;3rb\x1b[2H\x1bMc", "b|c");
}

#[test]
fn tabs_are_set() {
    check("\x1b[3C\x1bH\r\tx", "   x");
    check("\x1b[3C\x1bH\x1b[g\r\tx", "        x");
    check("\x1b[3g\ra\tx", "a        x");
    check("\x1b[3g\x1b[?5W\r\tx", "        x");
}

#[test]
fn saved_cursor_keeps_place_pen_origin_and_charsets() {
    check_cursor("\x1b[2;3H\x1b7\x1b[H\x1b8", (2, 3));
    check_cursor("\x1b[2;3H\x1b8", (1, 1));
    check("\x1b(0\x1b7\x1b(Bq\x1b8q", "─");
    check("\x1b7\x1b(0q\x1b8\x1b[Cq", "─q");
    check_reply("\x1b[1m\x1b7\x1b[m\x1b8\x1bP$qm\x1b\\", "^P1$r0;1m^\\");
    check_reply("\x1b7\x1b[?6h\x1b8\x1b[?6$p", "^[?6;2$y");
}

#[test]
fn charsets_are_designated_and_shifted() {
    check("\x1b(0lqk\x1b(Blqk", "┌─┐lqk");
    check("\x1b)0a\x0eq\x0fq", "a─q");
    check("\x1b*0\x1bNqq", "─q");
    check("\x1b+0\x1bOqq", "─q");
    check("\x1b*0\x1bnq\x1bo\x0fq", "─q");
    check("\x1b(A#", "£");
    check("\x1b(K[", "[");
    check("\x1b[?42h\x1b(K[", "Ä");
    check("\x1b%Gé", "é");
    check("\x1b(0é", "é");
    check("\x1b*0\x1bNéq", "éq");
}

#[test]
fn alignment_pattern_fills_the_screen() {
    check(
        "\x1b[2;3r\x1b#8",
        "EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE",
    );
    check_cursor("\x1b[2;3r\x1b[3;3H\x1b#8", (1, 1));
}

#[test]
fn back_and_forward_index_shift_columns() {
    check("abc\r\x1b6X", "Xabc");
    check("abcdefghij\x1b9X", "bcdefghijX");
    check_cursor("\x1b[1;3H\x1b6", (1, 2));
    check_cursor("\x1b[1;3H\x1b9", (1, 4));
}

#[test]
fn iso_protection_stops_every_erase() {
    check("a\x1bVb\x1bWc\x1b[2J", " b");
    check("a\x1bVb\x1bWc\r\x1b[K", " b");
    check("a\x1bVb\x1bWc\r\x1b[3X", " b");
    check("a\x1bVb\x1bWc\x1b[?2J", " b");
    check("a\x1bVb\x1bWc\x1b[1;1;1;3${", "");
}

#[test]
fn reset_forgets_everything_but_scrollback() {
    check("abc\x1bc", "");
    check("\x1b(0\x1b[4h\x1b[2;3r\x1b[?6h\x1bcq\rx\x1b[Hy", "y");
    let mut terminal =
        after("\x1b[?1049h\x1b[?1000h\x1b[?2004h\x1b[>1u\x1b[>4;2m\x1b[5 q\x1b]4;1;#000\x07\x1bc");
    assert!(!terminal.is_alternate());
    assert_eq!(terminal.input_modes(), after("").input_modes());
    assert_eq!(terminal.key_modes(), after("").key_modes());
    assert_eq!(terminal.cursor_look(), after("").cursor_look());
    assert_eq!(terminal.palette(), after("").palette());
    assert_eq!(terminal.modes(), after("").modes());
    assert_eq!(terminal.take_replies(), b"");
    let terminal = after("1\r\n2\r\n3\r\n4\r\n5\x1bc");
    assert!(terminal.scrollback_rows() >= 1);
    assert_eq!(screen(&terminal), "");
}

#[test]
fn c1_controls_come_as_characters() {
    check("a\u{84}b\u{85}c", "a| b|c");
    check("\u{9b}2;3Hx", "|  x");
    check("\u{9d}2;title\u{9c}x", "x");
    check("\u{90}q junk\u{9c}x", "x");
    check("\u{98}sos\u{9c}\u{9e}pm\u{9c}\u{9f}apc\u{9c}x", "x");
    check("\x1b[3\u{9b}2;2Hx", "| x");
    check("\x1b(\u{85}x", "|x");
    assert_eq!(replies("\u{9a}"), replies("\x1b[c"));
}

#[test]
fn raw_bytes_of_c1_are_malformed_text() {
    let mut terminal = crate::testing::small();
    terminal.advance(b"a\x9bb\x85c", std::time::Duration::ZERO);
    assert_eq!(screen(&terminal), "a\u{fffd}b\u{fffd}c");
}

#[test]
fn eight_bit_replies_on_request() {
    let mut terminal = after("\x1b G\x1b[5n\x1b F\x1b[5n");
    assert_eq!(terminal.take_replies(), b"\x9b0n\x1b[0n");
}

#[test]
fn keypad_modes() {
    assert!(after("\x1b=").key_modes().application_keypad);
    assert!(!after("\x1b=\x1b>").key_modes().application_keypad);
}

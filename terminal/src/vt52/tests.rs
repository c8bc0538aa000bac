//! VT52 mode on a screen of 10 × 4.

use crate::testing::{after, check, check_cursor, check_reply};

#[test]
fn the_cursor_moves_within_the_screen() {
    check_cursor("\x1b[2;3H\x1b[?2l\x1bA", (1, 3));
    check_cursor("\x1b[2;3H\x1b[?2l\x1bB\x1bC", (3, 4));
    check_cursor("\x1b[2;3H\x1b[?2l\x1bD\x1bD\x1bD\x1bD", (2, 1));
    check_cursor("\x1b[2;3H\x1b[?2l\x1bA\x1bA\x1bA", (1, 3));
    check_cursor("\x1b[2;3H\x1b[?2l\x1bH", (1, 1));
}

#[test]
fn addresses_count_from_a_space() {
    check_cursor("\x1b[?2l\x1bY\"#", (3, 4));
    check_cursor("\x1b[?2l\x1bY  ", (1, 1));
    check_cursor("\x1b[?2l\x1bY~~", (4, 10));
    check_cursor("\x1b[?2l\x1bY~(", (4, 9));
    check("\x1b[?2l\x1bY!)wrap", "|         w|rap");
}

#[test]
fn reverse_line_feed_scrolls_at_the_top() {
    check("a\r\nb\x1b[?2l\x1bH\x1bIc", "c|a|b");
    check("a\r\nb\x1b[?2l\x1bIc", "ac|b");
    check("a\r\nb\r\nc\x1b[2;3r\x1b[?2l\x1bY! \x1bId", "a|d|b");
}

#[test]
fn erasing_goes_to_the_end() {
    check("abc\r\ndef\r\nghi\x1b[?2l\x1bY!!\x1bJ", "abc|d");
    check("abc\r\ndef\r\nghi\x1b[?2l\x1bY!!\x1bK", "abc|d|ghi");
}

#[test]
fn graphics_are_those_of_a_vt100() {
    check("\x1b[?2lq\x1bFlq\x1bGq", "q┌─q");
    // The sets of before come back.
    check("\x1b(0q\x1b[?2lq\x1b<q", "─q─");
    check("\x1b[?2l\x1bF\x1b<q", "q");
}

#[test]
fn it_says_what_it_is() {
    check_reply("\x1b[?2l\x1bZ", "^/Z");
    check_reply("\x1b[?2l\x1b[c", "");
    check_reply("\x1b[?2l\x1b<\x1b[?2$p", "^[?2;1$y");
    check_reply("\x1b G\x1b[?2l\x1bZ", "^/Z");
}

#[test]
fn sequences_of_later_terminals_are_text() {
    check("\x1b[?2l\x1b[2;3Hx", "2;3Hx");
    check("\x1b[?2l\x1b]2;t\x07x", "2;tx");
    check("\x1b[?2l\u{9b}2;3Hx", "2;3Hx");
    check("\x1b[?2l\x1b<\x1b[2;3Hx", "|  x");
    check("\x1b<\x1b[2;3Hx", "|  x");
    // XTSAVE and XTRESTORE cannot bring it there twice.
    check("\x1b[?2s\x1b[?2l\x1b<\x1b[?2r\x1b[2;3Hx", "|  x");
}

#[test]
fn keypad_modes() {
    assert!(after("\x1b[?2l\x1b=").key_modes().application_keypad);
    assert!(!after("\x1b[?2l\x1b=\x1b>").key_modes().application_keypad);
    assert!(after("\x1b[?2l").key_modes().vt52);
    assert!(!after("\x1b[?2l\x1b<").key_modes().vt52);
}

#[test]
fn a_users_reset_ends_it() {
    let mut terminal = after("\x1b(0\x1b[?2l\x1bY!");
    terminal.reset();
    crate::testing::feed(&mut terminal, "\x1b[2;3Hq");
    assert_eq!(crate::testing::screen(&terminal), "\n  q");
}

//! Escape sequences and C0 controls: what they do to a screen of 10 × 4.

use crate::size::LineSize;
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

/// The sizes of the rows after `input`: `-` single, `w` double width, `t` and `b` double height.
#[track_caller]
fn check_sizes(input: &str, expected: &str) {
    let terminal = after(input);
    let mut row = crate::frame::FrameRow::default();
    let sizes: String = (0..4)
        .map(|line| {
            assert!(terminal.read_row(crate::index::Line(line), &mut row));
            match row.size {
                LineSize::Single => '-',
                LineSize::DoubleWidth => 'w',
                LineSize::DoubleTop => 't',
                LineSize::DoubleBottom => 'b',
            }
        })
        .collect();
    assert_eq!(sizes, expected, "after {input:?}");
}

#[test]
fn lines_have_sizes() {
    check_sizes("\x1b#3a\r\n\x1b#4a\r\n\x1b#6a", "tbw-");
    check_sizes("\x1b#6a\x1b#5", "----");
    check_sizes("\x1b#6a\x1b#3", "t---");
    // They move with their rows, and new rows are single.
    check_sizes("\x1b#6\r\n\n\n\n", "----");
    check_sizes("\x1b[3H\x1b#6\x1b[4H\n", "-w--");
    check_sizes("\x1b#6\x1b[H\x1b[L", "-w--");
    check_sizes("\x1b[2H\x1b#6\x1b[H\x1b[M", "w---");
    check_sizes("\x1b[2H\x1b#6\x1b[3H\x1b#3\x1b[2;3r\x1b[S", "-t--");
    check_sizes("\x1b#6\x1b[?1049h", "----");
    check_sizes("\x1b#6\x1b[?1049h\x1b[?1049l", "w---");
    check_sizes("\x1b#6\x1bc", "----");
    check_sizes("\x1b#6\x1b#8", "----");
    check_sizes("\x1b#6\x1b[!p", "w---");
}

#[test]
fn erased_lines_become_single() {
    let all = "\x1b#6\r\n\x1b#6\r\n\x1b#6\r\n\x1b#6";
    check_sizes(all, "wwww");
    check_sizes(&format!("{all}\x1b[2;1H\x1b[J"), "ww--");
    check_sizes(&format!("{all}\x1b[2;1H\x1b[1J"), "-www");
    check_sizes(&format!("{all}\x1b[2J"), "----");
    check_sizes(&format!("{all}\x1b[2K"), "wwww");
    check_sizes(&format!("\x1b[\"q{all}\x1b[2;1H\x1b[?J"), "wwww");
    check_sizes(&format!("{all}\x1b[?1049h\x1b#6\x1b[2J"), "----");
}

#[test]
fn double_lines_have_half_the_columns() {
    // The right half is lost.
    check("0123456789\r\x1b#6", "01234");
    check("0123456789\r\x1b#6\x1b#5", "01234");
    check("01漢3\r\x1b#6\x1b#5", "01漢3");
    check("0123漢\r\x1b#6", "0123");
    check_cursor("\x1b[1;9H\x1b#6", (1, 5));
    check_cursor("\x1b#6\x1b[1;9H", (1, 5));
    check_cursor("\x1b#6\x1b[9C", (1, 5));
    check_cursor("\x1b#6\x1b[9G", (1, 5));
    check_cursor("\x1b#6\t", (1, 5));
    check_cursor("\x1b#6\x1b[2;9H\x1b[A", (1, 5));
    check_cursor("\x1b[2H\x1b#6\x1b[1;9H\x1b[B", (2, 5));
    check_cursor("\x1b[2H\x1b#6\x1b[1;9H\n", (2, 5));
    check_cursor("\x1b#6\x1b[2;9H\x1bM", (1, 5));
    check_cursor("\x1b#6\x1b[2;9H\x1b7\x1b[2H\x1b#6\x1b8", (2, 5));
    check_cursor("\x1b#6\x1b[2;9H\x1b[T\x1b[6n", (2, 5));
    check_reply("\x1b#6\x1b[1;9H\x1b[6n", "^[1;5R");
    // Autowrap goes on from there, and no logical line over it.
    check("\x1b#6abcdefgh", "abcde|fgh");
    check("\x1b#6\x1b[?7labcdefgh", "abcdh");
    check(
        "\x1b[2H\x1b#6\x1b[H0123456789abcdefgh",
        "0123456789|abcde|fgh",
    );
    check("\x1b#6abc漢x", "abc漢|x");
    check("\x1b#6abcd漢x", "abcd|漢x");
    check("\x1b#6éééééé", "ééééé|é");
    check("\x1b#6ab\x1b[9b", "abbbb|bbbbbb");
}

#[test]
fn double_lines_are_edited_in_their_half() {
    check("\x1b#6abcde\r\x1b[2@", "  abc");
    check("\x1b#6abcde\r\x1b[2P", "cde");
    check("\x1b#6abcde\r\x1b[4hX", "Xabcd");
    check("\x1b#6abcde\x1b[1;3H\x1b[K", "ab");
    check("\x1b#6abcde\x1b[1;3H\x1b[1K", "   de");
    check("\x1b#6abcde\r\x1b6", " abcd");
    check("\x1b#6abcde\x1b9", "bcde");
    check("\x1b[?45h\x1b#6abcdef\x1b[3D!", "abc!e|f");
}

#[test]
fn left_and_right_margins_know_no_double_lines() {
    check_sizes("\x1b#6\x1b[?69h", "----");
    check_sizes("\x1b[?69h\x1b#6", "----");
    check_sizes("\x1b[?69h\x1b[?69l\x1b#6", "w---");
}

#[test]
fn double_lines_stand_alone() {
    // A line that wrapped is two from then on.
    let wrapped = |input: &str| {
        let terminal = after(&format!("0123456789abcdefghijKLM{input}"));
        let mut row = crate::frame::FrameRow::default();
        (0..3)
            .map(|line| {
                assert!(terminal.read_row(crate::index::Line(line), &mut row));
                row.wrapped
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(wrapped(""), [true, true, false]);
    assert_eq!(wrapped("\x1b[1H\x1b#6"), [false, true, false]);
    assert_eq!(wrapped("\x1b[2H\x1b#6"), [false, false, false]);
    assert_eq!(wrapped("\x1b[3H\x1b#6"), [true, false, false]);
}

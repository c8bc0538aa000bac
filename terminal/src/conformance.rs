//! What xterm does at margins and edges, by sequence, on a screen of 10 × 6. The facts are those that its
//! control sequence manual, DEC STD 070 and xterm's own behavior give; every case is one line.

use crate::testing::{feed, screen, shown, sized};

/// The screen after `input`, rows joined by `|`, and the cursor as CPR gives it in absolute terms.
#[track_caller]
fn check(input: &str, expected: &str, cursor: (i32, u16)) {
    let mut terminal = sized(10, 6);
    feed(&mut terminal, input);
    let (point, _) = terminal.cursor();
    let found = (
        screen(&terminal).replace('\n', "|"),
        (point.line.0 + 1, point.column.0 + 1),
    );
    assert_eq!(found, (expected.to_owned(), cursor), "after {input:?}");
}

/// Five rows of five letters, the middle 3 × 3 of which are capitals.
const BOX: &str = "abcde\r\nfGHIj\r\nkLMNo\r\npQRSt\r\nuvwxy";

/// [`BOX`] with margins around the capitals.
#[track_caller]
fn check_box(input: &str, expected: &str, cursor: (i32, u16)) {
    check(
        &format!("{BOX}\x1b[?69h\x1b[2;4s\x1b[2;4r{input}"),
        expected,
        cursor,
    );
}

const WHOLE: &str = "abcde|fGHIj|kLMNo|pQRSt|uvwxy";

#[test]
fn carriage_return() {
    check("\x1b[3;3H\r", "", (3, 1));
    check("\x1b[?69h\x1b[3;8s\x1b[1;6H\r", "", (1, 3));
    check("\x1b[?69h\x1b[3;8s\x1b[1;2H\r", "", (1, 1));
    check("\x1b[?69h\x1b[3;8s\x1b[1;3H\r", "", (1, 3));
    check("\x1b[?69h\x1b[3;8s\x1b[?6h\x1b[1;2H\r", "", (1, 3));
}

#[test]
fn backspace_and_cursor_backward() {
    check("\x1b[3;3H\x08", "", (3, 2));
    check("\x1b[3;1H\x08", "", (3, 1));
    check("\x1b[?69h\x1b[3;8s\x1b[1;3H\x08", "", (1, 3));
    check("\x1b[?69h\x1b[3;8s\x1b[1;2H\x08", "", (1, 1));
    check("\x1b[1;9Hab\x08X", "        Xb", (1, 10));
    check("\x1b[1;9Hab\x1b[D", "        ab", (1, 9));
    check("\x1b[?69h\x1b[3;8s\x1b[1;2H\x1b[99D", "", (1, 1));
}

#[test]
fn reverse_wraparound() {
    // 45 goes back over soft wraps only, 1045 anywhere and around the margins (xterm 383).
    check("\x1b[?45h0123456789ab\x1b[4D", "0123456789|ab", (1, 9));
    check("\x1b[?45h\x1b[3;1H\x08", "", (3, 1));
    check("\x1b[?1045h\x1b[3;1H\x08", "", (2, 10));
    check("\x1b[?1045h\x1b[?7l\x1b[3;1H\x08", "", (3, 1));
    check("\x1b[?1045h\x1b[2;5r\x1b[2;1H\x08", "", (5, 10));
    check("\x1b[?1045h\x1b[?69h\x1b[3;8s\x1b[3;3H\x08", "", (2, 8));
    check("\x1b[?1045h\x1b[?69h\x1b[3;8s\x1b[3;1H\x08", "", (2, 8));
    check("\x1b[?1045h\x1b[1;9Hab\x08", "        ab", (1, 10));
    check("\x1b[?1045h\x1b[1;1H\x08", "", (6, 10));
}

#[test]
fn autowrap() {
    check("\x1b[?7h\x1b[1;9Habc", "        ab|c", (2, 2));
    check("\x1b[?7l\x1b[1;9Habc", "        ac", (1, 10));
    check("\x1b[?69h\x1b[3;6s\x1b[1;5Habcdef", "    ab|  cdef", (2, 6));
    check(
        "\x1b[?69h\x1b[3;6s\x1b[?7l\x1b[1;5Habcdef",
        "    af",
        (1, 6),
    );
    check(
        "\x1b[?69h\x1b[3;6s\x1b[1;8Habcdef",
        "       abc|  def",
        (2, 6),
    );
    check("\x1b[?69h\x1b[2;4sabcdefgh", "abcd| efg| h", (3, 3));
    check("0123456789\x1b[mX", "0123456789|X", (2, 2));
    check("0123456789\x1b[1;10HX", "012345678X", (1, 10));
    check("0123456789\r\nX", "0123456789|X", (2, 2));
}

#[test]
fn index_and_line_feed() {
    check_box("\x1b[4;3H\x1bD", "abcde|fLMNj|kQRSo|p   t|uvwxy", (4, 3));
    check_box("\x1b[4;3H\n", "abcde|fLMNj|kQRSo|p   t|uvwxy", (4, 3));
    check_box("\x1b[4;1H\x1bD", WHOLE, (4, 1));
    check_box("\x1b[4;6H\x1bD", WHOLE, (4, 6));
    check_box("\x1b[5;3H\x1bD", WHOLE, (6, 3));
    check_box("\x1b[6;3H\x1bD", WHOLE, (6, 3));
    check_box("\x1b[4;3H\x1bE", "abcde|fLMNj|kQRSo|p   t|uvwxy", (4, 2));
    check("\x1b[6;1Ha\n\nb", "|||a|| b", (6, 3));
}

#[test]
fn reverse_index() {
    check_box("\x1b[2;3H\x1bM", "abcde|f   j|kGHIo|pLMNt|uvwxy", (2, 3));
    check_box("\x1b[2;1H\x1bM", WHOLE, (2, 1));
    check_box("\x1b[2;6H\x1bM", WHOLE, (2, 6));
    check_box("\x1b[1;3H\x1bM", WHOLE, (1, 3));
    check_box(
        "\x1b[5;3H\x1bM\x1bM\x1bM\x1bM",
        "abcde|f   j|kGHIo|pLMNt|uvwxy",
        (2, 3),
    );
}

#[test]
fn scrolling_sequences_do_not_depend_on_the_cursor() {
    for place in ["\x1b[3;3H", "\x1b[1;1H", "\x1b[6;10H"] {
        let mut terminal = sized(10, 6);
        let before = format!("{BOX}\x1b[?69h\x1b[2;4s\x1b[2;4r{place}");
        feed(&mut terminal, &format!("{before}\x1b[S"));
        assert_eq!(
            screen(&terminal).replace('\n', "|"),
            "abcde|fLMNj|kQRSo|p   t|uvwxy"
        );
        let mut terminal = sized(10, 6);
        feed(&mut terminal, &format!("{before}\x1b[2T"));
        assert_eq!(
            screen(&terminal).replace('\n', "|"),
            "abcde|f   j|k   o|pGHIt|uvwxy"
        );
        let mut terminal = sized(10, 6);
        feed(&mut terminal, &format!("{before}\x1b[99S"));
        assert_eq!(
            screen(&terminal).replace('\n', "|"),
            "abcde|f   j|k   o|p   t|uvwxy"
        );
    }
    check("a\r\nb\r\nc\x1b[9S", "", (3, 2));
}

#[test]
fn inserting_and_deleting_lines() {
    check_box("\x1b[2;3H\x1b[L", "abcde|f   j|kGHIo|pLMNt|uvwxy", (2, 2));
    check_box("\x1b[3;3H\x1b[M", "abcde|fGHIj|kQRSo|p   t|uvwxy", (3, 2));
    check_box("\x1b[2;3H\x1b[99L", "abcde|f   j|k   o|p   t|uvwxy", (2, 2));
    for outside in ["\x1b[1;3H", "\x1b[5;3H", "\x1b[3;1H", "\x1b[3;5H"] {
        for edit in ["\x1b[L", "\x1b[M", "\x1b['}", "\x1b['~"] {
            let mut terminal = sized(10, 6);
            feed(
                &mut terminal,
                &format!("{BOX}\x1b[?69h\x1b[2;4s\x1b[2;4r{outside}{edit}"),
            );
            assert_eq!(
                screen(&terminal).replace('\n', "|"),
                WHOLE,
                "{outside:?} {edit:?}"
            );
        }
    }
}

#[test]
fn inserting_and_deleting_cells() {
    check_box("\x1b[3;3H\x1b[@", "abcde|fGHIj|kL Mo|pQRSt|uvwxy", (3, 3));
    check_box("\x1b[3;3H\x1b[P", "abcde|fGHIj|kLN o|pQRSt|uvwxy", (3, 3));
    check_box("\x1b[3;1H\x1b[@\x1b[P", WHOLE, (3, 1));
    check_box("\x1b[3;5H\x1b[@\x1b[P", WHOLE, (3, 5));
    check_box("\x1b[3;3H\x1b[99@", "abcde|fGHIj|kL  o|pQRSt|uvwxy", (3, 3));
    check_box("\x1b[3;3H\x1b[99P", "abcde|fGHIj|kL  o|pQRSt|uvwxy", (3, 3));
    check_box("\x1b[3;3H\x1b[4hX", "abcde|fGHIj|kLXMo|pQRSt|uvwxy", (3, 4));
    check_box("\x1b[3;3H\x1b[99X", "abcde|fGHIj|kL|pQRSt|uvwxy", (3, 3));
    check("0123456789\x1b[1;1H\x1b[4hX", "X012345678", (1, 2));
}

#[test]
fn inserting_and_deleting_columns() {
    check_box("\x1b[3;3H\x1b['}", "abcde|fG Hj|kL Mo|pQ Rt|uvwxy", (3, 3));
    check_box("\x1b[3;3H\x1b['~", "abcde|fGI j|kLN o|pQS t|uvwxy", (3, 3));
    check_box(
        "\x1b[3;2H\x1b[99'}",
        "abcde|f   j|k   o|p   t|uvwxy",
        (3, 2),
    );
    check_box("\x1b[3;4H\x1b9", "abcde|fHI j|kMN o|pRS t|uvwxy", (3, 4));
    check_box("\x1b[3;2H\x1b6", "abcde|f GHj|k LMo|p QRt|uvwxy", (3, 2));
    check_box("\x1b[3;1H\x1b6", WHOLE, (3, 1));
    check_box("\x1b[3;6H\x1b9", WHOLE, (3, 7));
    check_box("\x1b[3;10H\x1b9", WHOLE, (3, 10));
    check_box("\x1b[3;6H\x1b6", WHOLE, (3, 5));
}

#[test]
fn erasing_does_not_know_margins() {
    check_box("\x1b[3;3H\x1b[J", "abcde|fGHIj|kL", (3, 3));
    check_box("\x1b[3;3H\x1b[1J", "||   No|pQRSt|uvwxy", (3, 3));
    check_box("\x1b[3;3H\x1b[2J", "", (3, 3));
    check_box("\x1b[3;3H\x1b[K", "abcde|fGHIj|kL|pQRSt|uvwxy", (3, 3));
    check_box("\x1b[3;3H\x1b[1K", "abcde|fGHIj|   No|pQRSt|uvwxy", (3, 3));
    check_box("\x1b[3;3H\x1b[2K", "abcde|fGHIj||pQRSt|uvwxy", (3, 3));
    check("0123456789\x1b[K", "012345678", (1, 10));
}

#[test]
fn tabs_and_margins() {
    check("\x1b[?69h\x1b[2;5s\x1b[1;3H\t", "", (1, 5));
    check("\x1b[?69h\x1b[2;5s\x1b[1;7H\t", "", (1, 9));
    check("\x1b[?69h\x1b[2;5s\x1b[1;10H\x1b[2Z", "", (1, 1));
    check("\x1b[1;5H\x1b[9Z", "", (1, 1));
    check("0123456789\tX", "0123456789|X", (2, 2));
}

#[test]
fn next_and_previous_line() {
    check("\x1b[?69h\x1b[3;8s\x1b[2;4r\x1b[3;5H\x1b[9E", "", (4, 3));
    check("\x1b[?69h\x1b[3;8s\x1b[2;4r\x1b[3;5H\x1b[9F", "", (2, 3));
    check("\x1b[?69h\x1b[3;8s\x1b[2;4r\x1b[5;5H\x1b[9E", "", (6, 3));
    check("\x1b[2;4r\x1b[1;5H\x1b[9F", "", (1, 1));
}

#[test]
fn positions_relative_to_the_origin() {
    let region = "\x1b[2;5r\x1b[?69h\x1b[3;8s\x1b[?6h";
    check(&format!("{region}\x1b[2;2HX"), "||   X", (3, 5));
    check(&format!("{region}\x1b[2;2H\x1b[1GX"), "||  X", (3, 4));
    check(
        &format!("{region}\x1b[2;2H\x1b[4d\x1b[2`X"),
        "||||   X",
        (5, 5),
    );
    check(&format!("{region}\x1b[2;2H\x1b[2eX"), "||||   X", (5, 5));
    check(
        &format!("{region}\x1b[2;2H\x1b[9e\x1b[9aX"),
        "||||       X",
        (5, 8),
    );
    check(&format!("{region}\x1b[99;99HX"), "||||       X", (5, 8));
}

#[test]
fn alignment_pattern_resets_margins() {
    let all = ["EEEEEEEEEE"; 6].join("|");
    check("\x1b[?69h\x1b[3;5s\x1b[2;4r\x1b#8", &all, (1, 1));
    check(
        "\x1b[?69h\x1b[3;5s\x1b[2;4r\x1b#8\x1b[4;4H\x1b[9B\x1b[9C",
        &all,
        (6, 10),
    );
}

#[test]
fn repeating_at_margins() {
    check("\x1b[?69h\x1b[2;4s\x1b[1;2Ha\x1b[3b", " aaa| a", (2, 3));
    check("\x1b[2;4r\x1b[4;8Ha\x1b[3b", "||       aaa|a", (4, 2));
}

#[test]
fn checksums_count_from_the_origin() {
    let mut terminal = sized(10, 6);
    feed(
        &mut terminal,
        "\x1b[3;4HX\x1b[3;5r\x1b[?69h\x1b[4;8s\x1b[?6h\x1b[9;1;1;1;1;1*y",
    );
    assert_eq!(shown(&terminal.take_replies()), "^P9!~FFA8^\\");
}

#[test]
fn wide_characters_at_edges() {
    check("\x1b[1;10H漢", "|漢", (2, 3));
    check("\x1b[?7l\x1b[1;10H漢x", "         x", (1, 10));
    check("漢字\x1b[1;2HX", " X字", (1, 3));
    check("漢字\x1b[1;3HX", "漢X", (1, 4));
    check("漢字\x1b[1;2H\x1b[X", "  字", (1, 2));
    check("漢字\x1b[1;2H\x1b[@", "   字", (1, 2));
    check("漢字x\x1b[1;2H\x1b[P", " 字x", (1, 2));
    check("漢字x\x1b[1;3H\x1b[1;2;1;3$z", "    x", (1, 3));
    check("漢\x1b[?69h\x1b[2;5s\x1b[1;2H\x1b[P", "", (1, 2));
}

#[test]
fn combining_marks_join_and_width_zero_moves_nothing() {
    check("e\u{301}x", "e\u{301}x", (1, 3));
    check("\u{301}x", "x", (1, 2));
    check("0123456789\u{301}x", "0123456789\u{301}|x", (2, 2));
    check("a\u{200b}b", "a\u{200b}b", (1, 3));
}

//! Control sequences: what they do to a screen of 10 × 4, and what they answer.

use crate::frame::CursorShape;
use crate::modes::{MouseEncoding, MouseTracking};
use crate::testing::{after, check, check_cursor, check_reply, feed, screen, shown, sized};

const LETTERS: &str = "abcdefghij\r\nklmnopqrst\r\nuvwxyzABCD\r\nEFGHIJKLMN";

#[track_caller]
fn check_letters(input: &str, expected: &str) {
    check(&format!("{LETTERS}{input}"), expected);
}

#[test]
fn cursor_moves() {
    check_cursor("\x1b[2;3H", (2, 3));
    check_cursor("\x1b[2;3f", (2, 3));
    check_cursor("\x1b[3H", (3, 1));
    check_cursor("\x1b[;3H", (1, 3));
    check_cursor("\x1b[2;3H\x1b[0;0H", (1, 1));
    check_cursor("\x1b[99;999H", (4, 10));
    check_cursor("\x1b[65535;65535H", (4, 10));
    check_cursor("\x1b[99999999999;1H", (4, 1));
    check_cursor("\x1b[4;4H\x1b[A\x1b[2D", (3, 2));
    check_cursor("\x1b[2B\x1b[3C", (3, 4));
    check_cursor("\x1b[0B\x1b[0C", (2, 2));
    check_cursor("\x1b[2;5H\x1b[2E", (4, 1));
    check_cursor("\x1b[3;5H\x1b[2F", (1, 1));
    check_cursor("\x1b[2;5H\x1b[7G", (2, 7));
    check_cursor("\x1b[2;5H\x1b[7`", (2, 7));
    check_cursor("\x1b[2;5H\x1b[2a", (2, 7));
    check_cursor("\x1b[2;5H\x1b[4d", (4, 5));
    check_cursor("\x1b[2;5H\x1b[1e", (3, 5));
    check_cursor("\x1b[I", (1, 9));
    check_cursor("\x1b[9I", (1, 10));
    check_cursor("\x1b[1;10H\x1b[Z", (1, 9));
    check_cursor("\x1b[1;10H\x1b[2Z", (1, 1));
    check_cursor("\x1b[2;3H\x1b[s\x1b[H\x1b[u", (2, 3));
}

#[test]
fn margins_stop_cursor_moves_only_from_inside() {
    check_cursor("\x1b[2;3r\x1b[2;1H\x1b[9A", (2, 1));
    check_cursor("\x1b[2;3r\x1b[2;1H\x1b[9B", (3, 1));
    check_cursor("\x1b[2;3r\x1b[4;1H\x1b[9A", (2, 1));
    check_cursor("\x1b[2;3r\x1b[H\x1b[9B", (3, 1));
    check_cursor("\x1b[?69h\x1b[3;6s\x1b[1;4H\x1b[9C", (1, 6));
    check_cursor("\x1b[?69h\x1b[3;6s\x1b[1;4H\x1b[9D", (1, 3));
    check_cursor("\x1b[?69h\x1b[3;6s\x1b[1;8H\x1b[9C", (1, 10));
    check_cursor("\x1b[?69h\x1b[3;6s\x1b[1;4H\r", (1, 3));
    check_cursor("\x1b[2;3r\x1b[2;1H\x1b[9e", (4, 1));
}

#[test]
fn origin_mode_counts_from_the_margins() {
    check_cursor("\x1b[2;3r\x1b[?6h", (2, 1));
    check_cursor("\x1b[2;3r\x1b[?6h\x1b[9;9H", (3, 9));
    check_cursor("\x1b[?69h\x1b[3;6s\x1b[2;3r\x1b[?6h\x1b[1;1H", (2, 3));
    check_cursor("\x1b[?69h\x1b[3;6s\x1b[2;3r\x1b[?6h\x1b[9;9H", (3, 6));
    check_cursor("\x1b[2;3r\x1b[?6h\x1b[2d", (3, 1));
    check_cursor("\x1b[2;3r\x1b[?6h\x1b[9e", (3, 1));
    check_cursor("\x1b[2;3r\x1b[?6h\x1b[?6l", (1, 1));
    check_reply("\x1b[2;3r\x1b[?6h\x1b[2;4H\x1b[6n", "^[2;4R");
    check_reply("\x1b[2;3r\x1b[?6h\x1b[2;4H\x1b[?6n", "^[?2;4;1R");
}

#[test]
fn margins_need_two_lines_or_columns() {
    check_cursor("\x1b[3;3H\x1b[2;2r", (3, 3));
    check_cursor("\x1b[3;3H\x1b[3;2r", (3, 3));
    check_cursor("\x1b[3;3H\x1b[2;3r", (1, 1));
    check_cursor("\x1b[3;3H\x1b[0;99r", (1, 1));
    check_cursor("\x1b[3;3H\x1b[?69h\x1b[4;4s", (3, 3));
    check_reply("\x1b[2;9r\x1bP$qr\x1b\\", "^P1$r2;4r^\\");
    check_reply(
        "\x1b[?69h\x1b[2;5s\x1bP$qs\x1b\\\x1b[s\x1bP$qs\x1b\\",
        "^P1$r2;5s^\\^P1$r1;10s^\\",
    );
}

#[test]
fn erasing() {
    check_letters("\x1b[2;4H\x1b[J", "abcdefghij|klm");
    check_letters("\x1b[2;4H\x1b[1J", "|    opqrst|uvwxyzABCD|EFGHIJKLMN");
    check_letters("\x1b[2J", "");
    check_letters("\x1b[2;4H\x1b[K", "abcdefghij|klm|uvwxyzABCD|EFGHIJKLMN");
    check_letters(
        "\x1b[2;4H\x1b[1K",
        "abcdefghij|    opqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters("\x1b[2;4H\x1b[2K", "abcdefghij||uvwxyzABCD|EFGHIJKLMN");
    check_letters(
        "\x1b[1;2H\x1b[3X",
        "a   efghij|klmnopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[H\x1b[7J\x1b[7K",
        "abcdefghij|klmnopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
}

#[test]
fn selective_erasing_leaves_protected_cells() {
    check("a\x1b[1\"qb\x1b[0\"qc\x1b[?2J", " b");
    check("a\x1b[1\"qb\x1b[2\"qc\r\x1b[?K", " b");
    check("a\x1b[1\"qb\x1b[\"qc\x1b[?1K", " b");
    check("a\x1b[1\"qb\x1b[\"qc\x1b[?1J", " b");
    check("a\x1b[1\"qb\x1b[\"qc\r\x1b[?J", " b");
    check("a\x1b[1\"qb\x1b[\"qc\x1b[2J", "");
    check("a\x1b[1\"qb\x1b[\"qc\r\x1b[3X", "");
    check("a\x1b[1\"qb\x1b[\"qc\x1b[1;1;1;3${", " b");
    check("a\x1b[1\"qb\x1b[\"qc\x1b[1;1;1;3$z", "");
}

#[test]
fn scrollback_is_erased() {
    let mut terminal = after("1\r\n2\r\n3\r\n4\r\n5\r\n6");
    assert_eq!(terminal.scrollback_rows(), 2);
    feed(&mut terminal, "\x1b[3J");
    assert_eq!(terminal.scrollback_rows(), 0);
    assert_eq!(screen(&terminal), "3\n4\n5\n6");
}

#[test]
fn inserting_and_deleting() {
    check_letters(
        "\x1b[1;3H\x1b[2@",
        "ab  cdefgh|klmnopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[1;3H\x1b[2P",
        "abefghij|klmnopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters("\x1b[2H\x1b[L", "abcdefghij||klmnopqrst|uvwxyzABCD");
    check_letters("\x1b[2H\x1b[2M", "abcdefghij|EFGHIJKLMN");
    check_letters(
        "\x1b[2;3r\x1b[2H\x1b[L",
        "abcdefghij||klmnopqrst|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[2;3r\x1b[4H\x1b[L",
        "abcdefghij|klmnopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[1;3H\x1b['}",
        "ab cdefghi|kl mnopqrs|uv wxyzABC|EF GHIJKLM",
    );
    check_letters(
        "\x1b[1;3H\x1b['~",
        "abdefghij|klnopqrst|uvxyzABCD|EFHIJKLMN",
    );
    check_letters(
        "\x1b[65535@\x1b[65535P\x1b[65535L\x1b[65535M",
        "abcdefghij|klmnopqrst|uvwxyzABCD",
    );
    check("abc\x1b[H\x1b[4hX", "Xabc");
}

#[test]
fn scrolling() {
    check_letters("\x1b[S", "klmnopqrst|uvwxyzABCD|EFGHIJKLMN");
    check_letters("\x1b[T", "|abcdefghij|klmnopqrst|uvwxyzABCD");
    check_letters("\x1b[^", "|abcdefghij|klmnopqrst|uvwxyzABCD");
    check_letters(
        "\x1b[1;1;1;1;1T",
        "abcdefghij|klmnopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters("\x1b[2 @", "cdefghij|mnopqrst|wxyzABCD|GHIJKLMN");
    check_letters("\x1b[2 A", "  abcdefgh|  klmnopqr|  uvwxyzAB|  EFGHIJKL");
    check_letters("\x1b[2;3r\x1b[S", "abcdefghij|uvwxyzABCD||EFGHIJKLMN");
    check_letters(
        "\x1b[?69h\x1b[2;3s\x1b[S",
        "almdefghij|kvwnopqrst|uFGxyzABCD|E  HIJKLMN",
    );
    check_letters("\x1b[65535S", "");
}

#[test]
fn repeating() {
    check("a\x1b[3b", "aaaa");
    check("é\x1b[2b", "ééé");
    check("\x1b[3bx", "x");
    // As often as there are cells, at most: one more than the screen holds.
    check("a\x1b[65535b", "aaaaaaaaaa|aaaaaaaaaa|aaaaaaaaaa|a");
}

#[test]
fn rectangles() {
    check_letters(
        "\x1b[33;2;2;3;4$x",
        "abcdefghij|k!!!opqrst|u!!!yzABCD|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[2;2;3;4$z",
        "abcdefghij|k   opqrst|u   yzABCD|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[1;1;2;2;1;3;3;1$v",
        "abcdefghij|klmnopqrst|uvabyzABCD|EFklIJKLMN",
    );
    check_letters(
        "\x1b[2;2;3;3;1;1;1;1$v",
        "lmcdefghij|vwmnopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[3;3;2;2$z",
        "abcdefghij|klmnopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[33;9;9;99;99$x",
        "abcdefghij|klmnopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[7;1;1;2;2$x",
        "abcdefghij|klmnopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[2;3r\x1b[?69h\x1b[2;9s\x1b[?6h\x1b[33;1;1;1;2$x",
        "abcdefghij|k!!nopqrst|uvwxyzABCD|EFGHIJKLMN",
    );
    check_letters(
        "\x1b[2J\x1b[33$x",
        "!!!!!!!!!!|!!!!!!!!!!|!!!!!!!!!!|!!!!!!!!!!",
    );
    check_letters(
        "\x1b[1;1;4;2;1;1;10;1$v",
        "abcdefghia|klmnopqrsk|uvwxyzABCu|EFGHIJKLME",
    );
}

/// The checksum of one cell tells its attributes.
#[track_caller]
fn check_cell(input: &str, row: u16, column: u16, expected: u16) {
    let query = format!("{input}\x1b[1#y\x1b[7;1;{row};{column};{row};{column}*y");
    check_reply(&query, &format!("^P7!~{expected:04X}^\\"));
}

#[test]
fn rectangles_of_attributes() {
    let changed = "abc\r\ndef\x1b[2*x\x1b[1;2;2;2;1$r";
    check_cell(changed, 1, 1, u16::from(b'a'));
    check_cell(changed, 1, 2, u16::from(b'b') + 0x80);
    check_cell(changed, 2, 2, u16::from(b'e') + 0x80);
    check_cell(changed, 2, 1, u16::from(b'd'));
    let stream = "abc\r\ndef\x1b[1;2;2;2;1$r";
    check_cell(stream, 1, 3, u16::from(b'c') + 0x80);
    check_cell(stream, 2, 1, u16::from(b'd') + 0x80);
    check_cell(stream, 2, 3, u16::from(b'f'));
    let inverted = "\x1b[1mab\x1b[1;1;1;1;1$t";
    check_cell(inverted, 1, 1, u16::from(b'a'));
    check_cell(inverted, 1, 2, u16::from(b'b') + 0x80);
}

#[test]
fn checksums() {
    check_reply("A\x1b[5;1;1;1;1;1*y", "^P5!~FFBF^\\");
    check_reply("\x1b[5;1;1;1;1;1*y", "^P5!~FFE0^\\");
    check_reply("A\x1b[3#y\x1b[5;1;1;1;1;1*y", "^P5!~0041^\\");
    check_reply("A B\x1b[1#y\x1b[5;1;1;1;1;10*y", "^P5!~00A3^\\");
    check_reply("A\x1b[1#y\x1b[5;1;1;3;1;2*y", "^P5!~0000^\\");
    check_reply("\x1b[1mA\x1b[3#y\x1b[5;1;1;1;1;1*y", "^P5!~0041^\\");
    let options = crate::terminal::Options::default();
    let mut terminal = crate::testing::with_options(10, 4, options);
    feed(&mut terminal, "A\x1b[5;1;1;1;1;1*y");
    assert_eq!(shown(&terminal.take_replies()), "", "off by default");
}

#[test]
fn device_attributes_and_reports() {
    check_reply("\x1b[c", "^[?64;1;2;6;9;15;16;17;18;21;22;28;29;52c");
    check_reply("\x1b[0c", "^[?64;1;2;6;9;15;16;17;18;21;22;28;29;52c");
    check_reply("\x1b[1c", "");
    check_reply("\x1b[>c", "^[>41;390;0c");
    check_reply("\x1b[=c", "^P!|00000000^\\");
    check_reply(
        "\x1b[>q",
        &format!("^P>|Terrace({})^\\", env!("CARGO_PKG_VERSION")),
    );
    check_reply("\x1b[5n", "^[0n");
    check_reply("\x1b[2;3H\x1b[6n", "^[2;3R");
    check_reply("\x1b[?15n\x1b[?25n\x1b[?26n", "^[?13n^[?21n^[?27;1;0;0n");
    check_reply("\x1b[?53n\x1b[?55n\x1b[?56n", "^[?50n^[?50n^[?57;0n");
    check_reply("\x1b[?62n\x1b[?63;9n", "^[0*{^P9!~0000^\\");
    check_reply("\x1b[?75n\x1b[?85n\x1b[?996n", "^[?70n^[?83n^[?997;1n");
    check_reply(
        "\x1b[x\x1b[1x\x1b[2x",
        "^[2;1;1;128;128;1;0x^[3;1;1;128;128;1;0x",
    );
    check_reply("\x1b[i\x1b[5i\x1b[8n\x1b[?999n", "");
}

#[test]
fn window_sizes_are_reported_and_nothing_else_of_the_window() {
    check_reply("\x1b[14t\x1b[16t\x1b[18t", "^[4;64;80t^[6;16;8t^[8;4;10t");
    check_reply(
        "\x1b]2;secret\x07\x1b[11t\x1b[13t\x1b[15t\x1b[19t\x1b[20t\x1b[21t",
        "",
    );
    let terminal =
        after("\x1b[8;50;200t\x1b[4;999;999t\x1b[3;1;1t\x1b[?3h\x1b[50*|\x1b[99$|\x1b[48t");
    assert_eq!(terminal.size(), crate::size::GridSize::new(10, 4));
}

#[test]
fn modes_are_reported() {
    check_reply("\x1b[?7$p\x1b[?7l\x1b[?7$p", "^[?7;1$y^[?7;2$y");
    check_reply("\x1b[4$p\x1b[4h\x1b[4$p", "^[4;2$y^[4;1$y");
    check_reply("\x1b[?9999$p\x1b[9999$p", "^[?9999;0$y^[9999;0$y");
    check_reply("\x1b[1$p\x1b[?8$p\x1b[?38$p", "^[1;4$y^[?8;3$y^[?38;4$y");
    check_reply(
        "\x1b[?2026$p\x1b[?2026h\x1b[?2026$p",
        "^[?2026;2$y^[?2026;1$y",
    );
    check_reply(
        "\x1b[?1049h\x1b[?1049$p\x1b[?47$p\x1b[?1049l\x1b[?1049$p",
        "^[?1049;1$y^[?47;1$y^[?1049;2$y",
    );
}

#[test]
fn every_switchable_mode_is_reported_as_it_is_switched() {
    for (mode, number) in crate::modes::Mode::all() {
        use crate::modes::Mode;
        // DECSC is no state, a VT52 makes no reports; the others need a permission or a conformance level
        // first.
        if matches!(
            mode,
            Mode::SavedCursor | Mode::Ansi | Mode::Columns132 | Mode::NoClearOnColumns
        ) {
            continue;
        }
        let (private, n) = if number < 0 {
            ("", -number)
        } else {
            ("?", number)
        };
        let mut terminal = after(&format!("\x1b[{private}{n}h"));
        terminal.take_replies();
        feed(
            &mut terminal,
            &format!("\x1b[{private}{n}$p\x1b[{private}{n}l\x1b[{private}{n}$p"),
        );
        let expected = format!("^[{private}{n};1$y^[{private}{n};2$y");
        assert_eq!(shown(&terminal.take_replies()), expected);
    }
}

#[test]
fn modes_are_saved_and_restored() {
    check_reply("\x1b[?7l\x1b[?7s\x1b[?7h\x1b[?7r\x1b[?7$p", "^[?7;2$y");
    check_reply(
        "\x1b[?1000;1006h\x1b[?1000;1006s\x1b[?1000;1006l\x1b[?1000;1006r\x1b[?1000$p\x1b[?1006$p",
        "^[?1000;1$y^[?1006;1$y",
    );
    check_cursor("\x1b[3;3H\x1b[?6r", (3, 3));
}

#[test]
fn mouse_modes_exclude_each_other() {
    let check = |input: &str, tracking, encoding| {
        let modes = after(input).input_modes();
        assert_eq!(
            (modes.mouse_tracking, modes.mouse_encoding),
            (tracking, encoding),
            "{input:?}"
        );
    };
    check("", MouseTracking::Off, MouseEncoding::Default);
    check("\x1b[?9h", MouseTracking::Press, MouseEncoding::Default);
    check("\x1b[?1000;1006h", MouseTracking::Click, MouseEncoding::Sgr);
    check(
        "\x1b[?1002h\x1b[?1015h",
        MouseTracking::Drag,
        MouseEncoding::Urxvt,
    );
    check(
        "\x1b[?1000h\x1b[?1003h",
        MouseTracking::Motion,
        MouseEncoding::Default,
    );
    check(
        "\x1b[?1003h\x1b[?1000l",
        MouseTracking::Off,
        MouseEncoding::Default,
    );
    check(
        "\x1b[?1005;1016h",
        MouseTracking::Off,
        MouseEncoding::SgrPixels,
    );
    check(
        "\x1b[?1006h\x1b[?1005l",
        MouseTracking::Off,
        MouseEncoding::Sgr,
    );
}

#[test]
fn soft_reset() {
    check_cursor("\x1b[3;4H\x1b[!p", (3, 4));
    check("\x1b[4h\x1b[!pab\x1b[HX", "Xb");
    check_reply(
        "\x1b[?6h\x1b[?25l\x1b[?7l\x1b[!p\x1b[?6$p\x1b[?25$p\x1b[?7$p",
        "^[?6;2$y^[?25;1$y^[?7;1$y",
    );
    check_reply(
        "\x1b[2;3r\x1b[1m\x1b[!p\x1bP$qr\x1b\\\x1bP$qm\x1b\\",
        "^P1$r1;4r^\\^P1$r0m^\\",
    );
    check_cursor("\x1b[3;4H\x1b7\x1b[!p\x1b8", (1, 1));
    check_cursor("\x1b[?45h\x1b[!p\x1b[2H\x08", (2, 1));
    assert!(
        after("\x1b[?2004h\x1b[!p").input_modes().bracketed_paste,
        "not DECSTR's"
    );
}

#[test]
fn conformance_levels() {
    check_reply("\x1b[62;1\"p\x1b[4$p", "");
    check_reply("\x1b[63;1\"p\x1b[4$p", "^[4;2$y");
    check_reply(
        "\x1b[65;1\"p\x1b[c\x1b[>c",
        "^[?65;1;2;6;9;15;16;17;18;21;22;28;29;52c^[>64;390;0c",
    );
    check_cursor("\x1b[63;1\"p\x1b[?69h\x1b[5;6s\x1b[1;5Habc", (1, 8));
    check_reply("\x1b[64;1\"p\x1bP$q\"p\x1b\\", "^P1$r64;1\"p^\\");
    assert_eq!(after("\x1b[65;2\"p\x1b[5n").take_replies(), b"\x9b0n");
    check_reply("\x1b[70\"p\x1bP$q\"p\x1b\\", "^P1$r64;1\"p^\\");
}

#[test]
fn columns_mode_clears_without_resizing() {
    check("abc\x1b[?3h", "abc");
    check("abc\x1b[?40h\x1b[?3hx", "x");
    check_cursor("\x1b[?40h\x1b[2;3r\x1b[3;3H\x1b[?3h", (1, 1));
    check_reply(
        "\x1b[?40h\x1b[?3h\x1b[?3$p\x1bP$qr\x1b\\",
        "^[?3;1$y^P1$r1;4r^\\",
    );
    check("\x1b[65;1\"pabc\x1b[?40;95h\x1b[?3hx", "xbc");
}

#[test]
fn cursor_style() {
    let check =
        |input: &str, expected| assert_eq!(after(input).cursor_look(), expected, "{input:?}");
    check("", (CursorShape::Block, false, true));
    check("\x1b[1 q", (CursorShape::Block, true, true));
    check("\x1b[4 q", (CursorShape::Underline, false, true));
    check("\x1b[5 q", (CursorShape::Beam, true, true));
    check("\x1b[6 q\x1b[ q", (CursorShape::Block, false, true));
    check("\x1b[6 q\x1b[99 q", (CursorShape::Beam, false, true));
    check("\x1b[6 q\x1b[?12h", (CursorShape::Beam, true, true));
    check("\x1b[?25l", (CursorShape::Block, false, false));
}

#[test]
fn keyboard_flags_have_a_stack_per_screen() {
    check_reply("\x1b[?u", "^[?0u");
    check_reply("\x1b[>5u\x1b[?u\x1b[<u\x1b[?u", "^[?5u^[?0u");
    check_reply("\x1b[=3u\x1b[=4;2u\x1b[?u\x1b[=1;3u\x1b[?u", "^[?7u^[?6u");
    check_reply("\x1b[>1u\x1b[>2u\x1b[<9u\x1b[?u", "^[?0u");
    check_reply(
        "\x1b[>1u\x1b[?1049h\x1b[?u\x1b[>2u\x1b[?1049l\x1b[?u",
        "^[?0u^[?1u",
    );
    check_reply("\x1b[>255u\x1b[?u", "^[?31u");
    let pushes: String = (1..=20).map(|i| format!("\x1b[>{i}u")).collect();
    let limit = crate::limits::MAX_KEYBOARD_STACK;
    check_reply(&format!("{pushes}\x1b[<{limit}u\x1b[?u"), "^[?12u");
    check_reply(&format!("{pushes}\x1b[<{}u\x1b[?u", limit + 1), "^[?0u");
}

#[test]
fn other_keys_are_modified() {
    check_reply(
        "\x1b[?4m\x1b[>4;2m\x1b[?4m\x1b[>4m\x1b[?4m",
        "^[>4;0m^[>4;2m^[>4;0m",
    );
    check_reply("\x1b[>4;1m\x1b[>4n\x1b[?4m", "^[>4;0m");
    check_reply("\x1b[>4;1f\x1b[?4g", "^[>4;1f");
    check_reply("\x1b[>4;9m\x1b[?4m\x1b[>1;2m\x1b[?4m", "^[>4;0m^[>4;0m");
}

#[test]
fn alternate_screen() {
    check("abc\x1b[?47h", "");
    check("abc\x1b[?1049hx\x1b[?1049ld", "abcd");
    check("abc\x1b[?1047h\rx\x1b[?1047l", "abc");
    check("\x1b[?47h\rx\x1b[?47l\x1b[?47h", "x");
    check("\x1b[?1047h\rx\x1b[?1047l\x1b[?1047h", "");
    check("\x1b[?1049h\rx\x1b[?1049l\x1b[?1049h", "");
    check_cursor("\x1b[2;3H\x1b[?1049h\x1b[4;4H\x1b[?1049l", (2, 3));
    check_cursor("\x1b[2;3H\x1b[?47h", (2, 3));
    check_cursor("\x1b[2;3H\x1b[?1048h\x1b[H\x1b[?1048l", (2, 3));
    check("abc\x1b[?1046l\x1b[?1049h", "abc");
    let terminal = after("\x1b[?1049h1\r\n2\r\n3\r\n4\r\n5\r\n6");
    assert_eq!(
        (terminal.is_alternate(), terminal.scrollback_rows()),
        (true, 0)
    );
}

#[test]
fn saved_cursors_are_of_their_screen() {
    check_cursor(
        "\x1b[2;3H\x1b7\x1b[?47h\x1b[4;5H\x1b7\x1b[?47l\x1b8",
        (2, 3),
    );
    check_cursor(
        "\x1b[2;3H\x1b7\x1b[?47h\x1b[4;5H\x1b7\x1b[?47l\x1b[?47h\x1b8",
        (4, 5),
    );
}

#[test]
fn presentation_is_reported_and_restored() {
    check_reply(
        "\x1b[1;4m\x1b[2;3H\x1b[1$w",
        "^P1$u2;3;1;C;@;@;0;2;@;BBBB^\\",
    );
    check_reply(
        "\x1b(0\x1b[1\"q\x1b[?6h\x1b[1$w",
        "^P1$u1;1;1;@;A;A;0;2;@;0BBB^\\",
    );
    check_reply("\x1b[2$w", "^P2$u9^\\");
    check_reply("\x1b[3g\x1bP2$t3/7\x1b\\\x1b[2$w", "^P2$u3/7^\\");
    check_reply(
        "\x1bP1$t2;3;1;C;A;@;0;2;@;0BBB\x1b\\\x1b[1$w",
        "^P1$u2;3;1;C;A;@;0;2;@;0BBB^\\",
    );
    check_reply(
        "\x1bP1$t2;3\x1b\\\x1b[1$w",
        "^P1$u1;1;1;@;@;@;0;2;@;BBBB^\\",
    );
}

#[test]
fn colors_are_pushed_and_popped() {
    check_reply(
        "\x1b[#P\x1b]4;1;#010203\x07\x1b[#R\x1b[#Q\x1b]4;1;?\x07\x1b[#R",
        "^[1;1#Q^]4;1;rgb:cdcd/0000/0000\x07^[0;0#Q",
    );
}

#[test]
fn sizes_are_reported_in_band() {
    let mut terminal = after("\x1b[?2048h");
    assert_eq!(shown(&terminal.take_replies()), "^[48;4;10;64;80t");
    terminal.resize(crate::size::GridSize::new(20, 5), terminal.cell_size());
    assert_eq!(shown(&terminal.take_replies()), "^[48;5;20;80;160t");
    terminal.resize(crate::size::GridSize::new(20, 5), terminal.cell_size());
    assert_eq!(shown(&terminal.take_replies()), "");
}

#[test]
fn more_fix_wraps_before_a_tab() {
    check_cursor("\x1b[?41h0123456789\t", (2, 9));
    check_cursor("0123456789\t", (1, 10));
}

#[test]
fn unknown_sequences_are_ignored() {
    check(
        "a\x1b[1;2;3yb\x1b[?99Zc\x1b[>9pd\x1b[=9pe\x1b[1 !xf\x1b[1:2Hg",
        "abcdefg",
    );
    check("a\x1b[?1?hb\x1b[1 2hc", "abc");
    check("a\x1b[12\x18b\x1b[12\x1ac", "abc");
    check("a\x1b[12\x1b[3Gb", "a b");
    check("a\x1b[3\nGb", "a|  b");
}

#[test]
fn a_large_count_costs_no_more_than_the_screen() {
    let mut terminal = sized(80, 24);
    for last in "@ABCDEFGIJKLMPSTXZ^`abcde".chars() {
        feed(&mut terminal, &format!("\x1b[12;40Hx\x1b[65535{last}"));
    }
    for last in ["'}", "'~", " @", " A"] {
        feed(&mut terminal, &format!("\x1b[12;40Hx\x1b[65535{last}"));
    }
    terminal.take_replies();
    feed(&mut terminal, "\x1b[5n");
    assert_eq!(shown(&terminal.take_replies()), "^[0n");
}

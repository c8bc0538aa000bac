//! What xterm does with control sequences, case by case, through `terrace dump`.
//!
//! The expectations come from ECMA-48, DEC's manuals (VT420 Programmer's Reference) and xterm's
//! ctlseqs, not from what Terrace happens to do. Each case is a stream, the rows it must leave, and
//! where the cursor must stand.

use serde_json::json;
use tests::{Screen, dump};

/// 10 × 5 cells.
#[track_caller]
fn shows(bytes: &str, rows: &[&str], cursor: (i64, i64)) -> Screen {
    let screen = dump(10, 5, bytes.as_bytes());
    let mut expected: Vec<&str> = rows.to_vec();
    expected.resize(5, "");
    assert_eq!(screen.rows(), expected, "{bytes:?}");
    assert_eq!(screen.cursor(), cursor, "cursor after {bytes:?}");
    screen
}

#[track_caller]
fn answers(bytes: &str, expected: &str) {
    let replies = dump(80, 24, bytes.as_bytes()).replies();
    assert_eq!(String::from_utf8_lossy(&replies), expected, "{bytes:?}");
}

const FILL: &str = "aaaaa\r\nbbbbb\r\nccccc\r\nddddd\r\neeeee";

#[track_caller]
fn filled(bytes: &str, rows: &[&str], cursor: (i64, i64)) {
    shows(&format!("{FILL}{bytes}"), rows, cursor);
}

#[test]
fn printing_and_wrapping() {
    shows("0123456789", &["0123456789"], (0, 9));
    shows("0123456789a", &["0123456789", "a"], (1, 1));
    shows("0123456789\rx", &["x123456789"], (0, 1));
    shows("0123456789\x08x", &["01234567x9"], (0, 9));
    // EL ends the pending wrap, as xterm's ClearRight does.
    shows("0123456789\x1b[Kx", &["012345678x"], (0, 9));
    shows("\x1b[?7l0123456789abc", &["012345678c"], (0, 9));
    shows("012345678宽", &["012345678", "宽"], (1, 2));
    shows("\x1b[?7l012345678宽", &["01234567宽"], (0, 9));
    shows("abc\x1b[2D\x1b[4hX\x1b[4lY", &["aXYc"], (0, 3));
    shows("宽\x1b[2Gx", &[" x"], (0, 2));
    shows("宽\rx", &["x"], (0, 1));
    shows("a\x1b[3b", &["aaaa"], (0, 4));
    shows("a\tb", &["a       b"], (0, 9));
    shows("a\t\tb", &["a        b"], (0, 9));
    shows("ab\x1b[10Gc\x1b[6n\x1b[D", &["ab       c"], (0, 8));
}

#[test]
fn moving() {
    shows("\x1b[3;4Hx", &["", "", "   x"], (2, 4));
    shows("\x1b[99;99Hx", &["", "", "", "", "         x"], (4, 9));
    shows("\x1b[3;4H\x1b[Ax", &["", "   x"], (1, 4));
    shows("\x1b[3;4H\x1b[99Ax", &["   x"], (0, 4));
    shows("\x1b[3;4H\x1b[2Bx", &["", "", "", "", "   x"], (4, 4));
    shows("\x1b[3;4H\x1b[99Dx", &["", "", "x"], (2, 1));
    shows("\x1b[3;4H\x1b[Cx", &["", "", "    x"], (2, 5));
    shows("\x1b[3;4H\x1b[Ex", &["", "", "", "x"], (3, 1));
    shows("\x1b[3;4H\x1b[Fx", &["", "x"], (1, 1));
    shows("\x1b[3;4H\x1b[2Gx", &["", "", " x"], (2, 2));
    shows("\x1b[3;4H\x1b[2dx", &["", "   x"], (1, 4));
    shows("\x1b[3;4H\x1b[2`x", &["", "", " x"], (2, 2));
    shows("\x1b[3;4H\x1b[2ax", &["", "", "     x"], (2, 6));
    shows("\x1b[3;4H\x1b[1ex", &["", "", "", "   x"], (3, 4));
    shows("\x1b[3;4H\x1b7\x1b[Hx\x1b8y", &["x", "", "   y"], (2, 4));
    shows("\x1b[2;4r\x1b[?6h\x1b[2;2Hx", &["", "", " x"], (2, 2));
    shows("\x1b[2;4r\x1b[?6h\x1b[9;2Hx", &["", "", "", " x"], (3, 2));
    shows("\x1b[2;4r\x1b[4;1H\x1b[9Bx", &["", "", "", "x"], (3, 1));
    shows("\x1b[2;4r\x1b[5;1H\x1b[9Bx", &["", "", "", "", "x"], (4, 1));
    shows("\x1b[2;4r\x1b[1;1H\x1b[9Bx", &["", "", "", "x"], (3, 1));
    shows("ab\x1b[0;0Hx", &["xb"], (0, 1));
    // Reverse wrap goes back over soft wraps only, its extension over any edge.
    shows("\x1b[?45h\x1b[2;1H\x08x", &["", "x"], (1, 1));
    shows(
        "\x1b[?45h0123456789a\x08\x08x",
        &["012345678x", "a"],
        (0, 9),
    );
    shows("\x1b[?1045h\x1b[2;1H\x08x", &["         x"], (0, 9));
}

#[test]
fn scrolling_and_margins() {
    filled("\n", &["bbbbb", "ccccc", "ddddd", "eeeee"], (4, 5));
    filled(
        "\x1b[H\x1bM",
        &["", "aaaaa", "bbbbb", "ccccc", "ddddd"],
        (0, 0),
    );
    filled(
        "\x1b[2;4r\x1b[4;1H\n",
        &["aaaaa", "ccccc", "ddddd", "", "eeeee"],
        (3, 0),
    );
    filled(
        "\x1b[2;4r\x1b[2;1H\x1bM",
        &["aaaaa", "", "bbbbb", "ccccc", "eeeee"],
        (1, 0),
    );
    filled(
        "\x1b[2;4r\x1b[5;1H\n",
        &["aaaaa", "bbbbb", "ccccc", "ddddd", "eeeee"],
        (4, 0),
    );
    filled("\x1b[2S", &["ccccc", "ddddd", "eeeee"], (4, 5));
    filled("\x1b[2T", &["", "", "aaaaa", "bbbbb", "ccccc"], (4, 5));
    filled(
        "\x1b[2;4r\x1b[S",
        &["aaaaa", "ccccc", "ddddd", "", "eeeee"],
        (0, 0),
    );
    filled(
        "\x1b[2;1H\x1b[L",
        &["aaaaa", "", "bbbbb", "ccccc", "ddddd"],
        (1, 0),
    );
    filled("\x1b[2;3H\x1b[2M", &["aaaaa", "ddddd", "eeeee"], (1, 0));
    filled(
        "\x1b[2;4r\x1b[3;3H\x1b[L",
        &["aaaaa", "bbbbb", "", "ccccc", "eeeee"],
        (2, 0),
    );
    filled(
        "\x1b[2;4r\x1b[1;3H\x1b[L",
        &["aaaaa", "bbbbb", "ccccc", "ddddd", "eeeee"],
        (0, 2),
    );
    filled(
        "\x1b[?69h\x1b[2;4s\x1b[S",
        &["abbba", "bcccb", "cdddc", "deeed", "e   e"],
        (0, 0),
    );
    filled(
        "\x1b[?69h\x1b[2;4s\x1b[2;3H\x1b[L",
        &["aaaaa", "b   b", "cbbbc", "dcccd", "eddde"],
        (1, 1),
    );
    filled(
        "\x1b[?69h\x1b[2;4s\x1b[1;2HXYZW",
        &["aXYZa", "bWbbb", "ccccc", "ddddd", "eeeee"],
        (1, 2),
    );
    filled(
        "\x1b[3;2r",
        &["aaaaa", "bbbbb", "ccccc", "ddddd", "eeeee"],
        (4, 5),
    );
    filled("\x1b[2 @", &["aaa", "bbb", "ccc", "ddd", "eee"], (4, 5));
    filled(
        "\x1b[2 A",
        &["  aaaaa", "  bbbbb", "  ccccc", "  ddddd", "  eeeee"],
        (4, 5),
    );
    filled(
        "\x1b[1;2H\x1b['}",
        &["a aaaa", "b bbbb", "c cccc", "d dddd", "e eeee"],
        (0, 1),
    );
    filled(
        "\x1b[1;2H\x1b['~",
        &["aaaa", "bbbb", "cccc", "dddd", "eeee"],
        (0, 1),
    );
    filled(
        "\x1b[1;1H\x1b6",
        &[" aaaaa", " bbbbb", " ccccc", " ddddd", " eeeee"],
        (0, 0),
    );
}

#[test]
fn erasing() {
    filled("\x1b[3;3H\x1b[J", &["aaaaa", "bbbbb", "cc"], (2, 2));
    filled(
        "\x1b[3;3H\x1b[1J",
        &["", "", "   cc", "ddddd", "eeeee"],
        (2, 2),
    );
    filled("\x1b[3;3H\x1b[2J", &[], (2, 2));
    filled(
        "\x1b[3;3H\x1b[K",
        &["aaaaa", "bbbbb", "cc", "ddddd", "eeeee"],
        (2, 2),
    );
    filled(
        "\x1b[3;3H\x1b[1K",
        &["aaaaa", "bbbbb", "   cc", "ddddd", "eeeee"],
        (2, 2),
    );
    filled(
        "\x1b[3;3H\x1b[2K",
        &["aaaaa", "bbbbb", "", "ddddd", "eeeee"],
        (2, 2),
    );
    filled(
        "\x1b[3;3H\x1b[2X",
        &["aaaaa", "bbbbb", "cc  c", "ddddd", "eeeee"],
        (2, 2),
    );
    filled(
        "\x1b[3;3H\x1b[2P",
        &["aaaaa", "bbbbb", "ccc", "ddddd", "eeeee"],
        (2, 2),
    );
    filled(
        "\x1b[3;3H\x1b[2@",
        &["aaaaa", "bbbbb", "cc  ccc", "ddddd", "eeeee"],
        (2, 2),
    );
    shows("a\x1b[1\"qb\x1b[0\"qc\x1b[?2J", &[" b"], (0, 3));
    shows("a\x1b[1\"qb\x1b[0\"qc\x1b[2J", &[], (0, 3));
    shows("a\x1b[1\"qb\x1b[0\"qc\r\x1b[?K", &[" b"], (0, 0));
    shows("a宽b\x1b[1;3H\x1b[X", &["a  b"], (0, 2));
    shows("a宽b\x1b[1;2H\x1b[P", &["a b"], (0, 1));
    let screen = shows("\x1b[44m\x1b[2J\x1b[Kx", &["x"], (0, 1));
    assert_eq!(
        screen.cell(3, 3),
        &json!([" ", null, 4, ""]),
        "blanks take the background"
    );
}

#[test]
fn rectangles() {
    filled(
        "\x1b[88;2;2;4;4$x",
        &["aaaaa", "bXXXb", "cXXXc", "dXXXd", "eeeee"],
        (4, 5),
    );
    filled(
        "\x1b[2;2;4;4$z",
        &["aaaaa", "b   b", "c   c", "d   d", "eeeee"],
        (4, 5),
    );
    filled(
        "\x1b[1;1;2;2;1;4;4;1$v",
        &["aaaaa", "bbbbb", "ccccc", "dddaa", "eeebb"],
        (4, 5),
    );
    let screen = dump(
        10,
        5,
        format!("{FILL}\x1b[2*x\x1b[2;2;3;3;1;4$r").as_bytes(),
    );
    assert_eq!(screen.cell(1, 1)[3], "bu");
    assert_eq!(screen.cell(2, 2)[3], "bu");
    assert_eq!(screen.cell(2, 3)[3], "");
    let screen = dump(
        10,
        5,
        format!("{FILL}\x1b[1;2;3;3;7$t\x1b[1*x\x1b[1;2;2;3;4$t").as_bytes(),
    );
    assert_eq!(
        screen.cell(1, 0)[3],
        "ur",
        "a stream goes on at the start of the next row"
    );
}

#[test]
fn tabs() {
    shows("\x1b[3g\x1b[4G\x1bH\r\tx", &["   x"], (0, 4));
    shows("\x1b[3g\tx", &["         x"], (0, 9));
    shows("\x1b[10G\x1b[Zx", &["        x"], (0, 9));
    shows("\x1b[9G\x1b[g\r\tx", &["         x"], (0, 9));
    shows("\x1b[2Ix", &["         x"], (0, 9));
}

#[test]
fn charsets() {
    shows("\x1b(0lqk\x1b(Bl", &["┌─┐l"], (0, 4));
    shows("\x1b)0\x0eq\x0fq", &["─q"], (0, 2));
    shows("\x1b(A#\x1b(B#", &["£#"], (0, 2));
    shows("\x1b*0\x1bNqq", &["─q"], (0, 2));
    shows("\x1b+0\x1bOqq", &["─q"], (0, 2));
    shows("\x1b(0\x1b7\x1b(B\x1b8q", &["─"], (0, 1));
}

#[test]
fn screens() {
    shows("ab\x1b[?1049hcd\x1b[?1049le", &["abe"], (0, 3));
    shows("ab\x1b[?47hcd\x1b[?47le", &["ab  e"], (0, 5));
    shows("ab\x1b[?1049h", &[], (0, 2));
    shows("\x1b#8\x1b[2J", &[], (0, 0));
    shows("\x1b#8", &["EEEEEEEEEE"; 5], (0, 0));
    shows("ab\x1bcd", &["d"], (0, 1));
    shows(
        "\x1b[3;3H\x1b[4h\x1b[?6h\x1b[1;31m\x1b[!pab\rX",
        &["Xb"],
        (0, 1),
    );
    let screen = dump(10, 5, b"\x1b[?1049h\x1b[?1049h\x1b[?1049l");
    assert_eq!(screen.0["screen"], "main");
}

#[test]
fn what_is_broken_is_ignored() {
    shows(
        "a\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18zb",
        &["ab"],
        (0, 2),
    );
    shows("a\x1b[?9999hb\x1b[>99;99yc", &["abc"], (0, 3));
    shows("a\x1b[12\x18b", &["ab"], (0, 2));
    shows("a\x1b[2\x08Cb", &["a b"], (0, 3));
    shows("a\x1b]9999;no such thing\x07b", &["ab"], (0, 2));
    shows("a\x1bP9999q no such thing\x1b\\b", &["ab"], (0, 2));
    shows(
        "a\x1b_application\x1b\\b\x1b^private\x1b\\c\x1bXstring\x1b\\d",
        &["abcd"],
        (0, 4),
    );
    shows("a\x7f\0b", &["ab"], (0, 2));
    shows("a\x1b[99999999999999999999Cb", &["a        b"], (0, 9));
}

#[test]
fn questions_are_answered() {
    answers("\x1b[5n", "\x1b[0n");
    answers("\x1b[3;7H\x1b[6n", "\x1b[3;7R");
    answers("\x1b[3;7H\x1b[?6n", "\x1b[?3;7;1R");
    answers("\x1b[5;9r\x1b[?6h\x1b[2;2H\x1b[6n", "\x1b[2;2R");
    answers(
        "\x1b[?7$p\x1b[?25$p\x1b[?1049$p\x1b[?9999$p",
        "\x1b[?7;1$y\x1b[?25;1$y\x1b[?1049;2$y\x1b[?9999;0$y",
    );
    answers("\x1b[4$p\x1b[20$p", "\x1b[4;2$y\x1b[20;2$y");
    answers("\x1b[18t", "\x1b[8;24;80t");
    answers("\x1b[21t\x1b[20t", "");
    answers("\x1bP$qm\x1b\\", "\x1bP1$r0m\x1b\\");
    answers("\x1b[1;4;31m\x1bP$qm\x1b\\", "\x1bP1$r0;1;4;31m\x1b\\");
    answers("\x1b[3;9r\x1bP$qr\x1b\\", "\x1bP1$r3;9r\x1b\\");
    answers("\x1b[4 q\x1bP$q q\x1b\\", "\x1bP1$r4 q\x1b\\");
    answers("\x1bP$qnonsense\x1b\\", "\x1bP0$r\x1b\\");
    answers(
        "\x1b]4;1;#102030\x07\x1b]4;1;?\x07",
        "\x1b]4;1;rgb:1010/2020/3030\x07",
    );
    answers(
        "\x1b]11;#000000\x1b\\\x1b]11;?\x1b\\",
        "\x1b]11;rgb:0000/0000/0000\x1b\\",
    );
    answers("\x1b[?u", "\x1b[?0u");
    answers("\x1b[>5u\x1b[?u\x1b[<u\x1b[?u", "\x1b[?5u\x1b[?0u");
    answers("\x1bP+q6e6f73756368\x1b\\", "\x1bP0+r\x1b\\");
}

#[test]
fn widths_and_clusters() {
    shows("宽e\u{301}x", &["宽e\u{301}x"], (0, 4));
    shows("👍x", &["👍x"], (0, 3));
    shows("\x1b[?2027h👩‍👩‍👧x", &["👩‍👩‍👧x"], (0, 3));
    shows("\x1b[?2027h👍🏽x", &["👍🏽x"], (0, 3));
    shows("\x1b[?2027h🇩🇪x", &["🇩🇪x"], (0, 3));
    shows("\x1b[?2027h☺\u{fe0f}x", &["☺\u{fe0f}x"], (0, 3));
    shows("\u{1100}\u{1161}x", &["\u{1100}\u{1161}x"], (0, 3));
    shows("a\u{200b}b", &["a\u{200b}b"], (0, 2));
    shows("\u{ad}x", &["\u{ad}x"], (0, 2));
}

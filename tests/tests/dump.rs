//! `terrace dump`: its forms and options, and that the documented names are there.

use serde_json::json;
use tests::{Screen, dump, dump_all, run, terrace};

fn dump_with(args: &[&str], bytes: &[u8]) -> String {
    let output = run(terrace().arg("dump").args(args), bytes);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    output.text()
}

#[test]
fn text_is_the_screen() {
    let text = dump_with(
        &["--cols", "10", "--rows", "3"],
        b"hello  \r\n\x1b[31mworld",
    );
    assert_eq!(text, "hello\nworld\n\n");
}

#[test]
fn ansi_draws_the_same_screen_again() {
    let bytes =
        "\x1b[1;3;4:3;31;48;2;1;2;3;58;5;9mA\x1b[0;7;9;53;92mB\x1b[m c\r\n\x1b[44m  \x1b[m\r\n宽字"
            .as_bytes();
    let ansi = dump_with(&["--cols", "20", "--rows", "4", "--format", "ansi"], bytes);
    let [first, second] = [
        bytes,
        ansi.trim_end_matches('\n').replace('\n', "\r\n").as_bytes(),
    ]
    .map(|it| dump(20, 4, it));
    assert_eq!(first.0["lines"], second.0["lines"], "{ansi:?}");
}

#[test]
fn a_line_feed_is_a_line_feed() {
    assert_eq!(dump(10, 3, b"ab\ncd").rows(), ["ab", "  cd", ""]);
}

#[test]
fn json_has_every_documented_name() {
    let screen = dump(7, 2, b"");
    for name in [
        "version",
        "cols",
        "rows",
        "cursor",
        "screen",
        "title",
        "modes",
        "keyboard_flags",
        "lines",
        "scrollback",
        "marks",
        "links",
        "images",
        "palette",
        "working_directory",
        "replies",
        "events",
    ] {
        assert!(screen.0.get(name).is_some(), "{name} is missing");
    }
    assert_eq!(screen.0["cols"], 7);
    assert_eq!(screen.0["rows"], 2);
    assert_eq!(screen.0["screen"], "main");
    assert_eq!(
        screen.0["cursor"],
        json!({"row": 0, "col": 0, "visible": true, "shape": "block", "blink": false,
               "pending_wrap": false})
    );
    assert_eq!(
        screen.0["lines"][1]["cells"][6],
        json!([" ", null, null, ""])
    );
    assert_eq!(screen.mode("7"), Some(true));
    assert_eq!(screen.mode("25"), Some(true));
    assert_eq!(screen.mode("1049"), Some(false));
    assert_eq!(screen.mode("-4"), Some(false));
}

#[track_caller]
fn check_cell(bytes: &str, col: usize, expected: serde_json::Value) {
    let screen = dump(20, 2, bytes.as_bytes());
    assert_eq!(screen.cell(0, col), &expected, "{bytes:?}");
}

#[test]
fn cells_are_as_documented() {
    check_cell("\x1b[31;44mx", 0, json!(["x", 1, 4, ""]));
    check_cell(
        "\x1b[38;5;200;48;2;1;2;3mx",
        0,
        json!(["x", 200, "#010203", ""]),
    );
    check_cell(
        "\x1b[1;2;3;4;5;7;8;9;53mx",
        0,
        json!(["x", null, null, "bdiurhsoB"]),
    );
    check_cell("\x1b[4:2mx", 0, json!(["x", null, null, "U"]));
    check_cell("\x1b[4:3mx", 0, json!(["x", null, null, "c"]));
    check_cell("\x1b[4:4mx", 0, json!(["x", null, null, "."]));
    check_cell("\x1b[4:5mx", 0, json!(["x", null, null, "-"]));
    check_cell(
        "\x1b[4;58;5;3mx",
        0,
        json!(["x", null, null, "u", {"underline": 3}]),
    );
    check_cell(
        "\x1b[1\"qx",
        0,
        json!(["x", null, null, "", {"protected": true}]),
    );
    check_cell("宽", 0, json!(["宽", null, null, ""]));
    check_cell("宽", 1, json!(["", null, null, ""]));
    check_cell("e\u{301}", 0, json!(["e\u{301}", null, null, ""]));
    check_cell("\"\\", 0, json!(["\"", null, null, ""]));
    check_cell("\"\\", 1, json!(["\\", null, null, ""]));
}

#[test]
fn effects_are_listed() {
    let screen = dump(
        20,
        3,
        b"\x1b]2;hi\x07\x07\x1b]52;c;YWJj\x07\x1b]4;5;#123456\x07\x1b[c\x1b]8;;http://x/\x07ab\x1b]8;;\x07",
    );
    let events = screen.0["events"].as_array().unwrap();
    for expected in [
        json!(["title", "hi"]),
        json!(["bell"]),
        json!(["clipboard", "c", "YWJj"]),
    ] {
        assert!(
            events.contains(&expected),
            "{expected} is not in {events:?}"
        );
    }
    assert_eq!(screen.0["title"], "hi");
    assert_eq!(screen.0["palette"], json!({"5": "#123456"}));
    assert!(
        screen.replies().starts_with(b"\x1b[?6"),
        "{:?}",
        screen.replies()
    );
    assert_eq!(screen.0["links"][0]["uri"], "http://x/");
    assert_eq!(screen.0["links"][0]["spans"], json!([[0, 0, 1]]));
}

#[test]
fn prompt_marks_have_places() {
    let bytes = b"\x1b]133;A\x07$ \x1b]133;B\x07false\r\n\x1b]133;C\x07\x1b]133;D;1\x07";
    let marks = &dump(20, 3, bytes).0["marks"];
    let kinds: Vec<_> = (0..4).map(|i| marks[i]["kind"].clone()).collect();
    assert_eq!(kinds, ["prompt", "input", "output", "end"]);
    assert_eq!((&marks[0]["row"], &marks[0]["col"]), (&json!(0), &json!(0)));
    assert_eq!((&marks[1]["row"], &marks[1]["col"]), (&json!(0), &json!(2)));
    assert_eq!(
        (&marks[3]["row"], &marks[3]["status"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn scrollback_is_printed_as_far_as_asked() {
    let bytes = b"1\r\n2\r\n3\r\n4\r\n5";
    let size = ["--cols", "5", "--rows", "2"];
    assert_eq!(dump_with(&size, bytes), "4\n5\n");
    assert_eq!(
        dump_with(&[&size[..], &["--scrollback", "2"]].concat(), bytes),
        "2\n3\n4\n5\n"
    );
    let json = dump_with(
        &[&size[..], &["--format", "json", "--scrollback", "1"]].concat(),
        bytes,
    );
    assert_eq!(Screen::parse(&json).scrollback(), ["3"]);
    assert_eq!(dump(5, 2, bytes).scrollback(), ["1", "2", "3"]);
    let json = dump_with(
        &[&size[..], &["--format", "json", "--scrollback", "0"]].concat(),
        bytes,
    );
    assert!(Screen::parse(&json).scrollback().is_empty());
}

#[test]
fn a_batch_is_as_many_dumps() {
    let cases: [(u16, u16, &[u8]); 4] = [
        (80, 24, b"a"),
        (5, 2, b""),
        (3, 1, b"wide\r\nlines"),
        (80, 24, &[0xff; 100_000]),
    ];
    for ((cols, rows, bytes), screen) in cases.iter().zip(dump_all(&cases)) {
        let size = [cols.to_string(), rows.to_string()];
        let args = ["--cols", &size[0], "--rows", &size[1], "--format", "json"];
        assert_eq!(screen, Screen::parse(&dump_with(&args, bytes)));
    }
}

#[track_caller]
fn check_failure(args: &[&str], input: &[u8], expected: &str) {
    let output = run(terrace().arg("dump").args(args), input);
    assert_ne!(output.code, Some(0));
    assert!(output.stderr.contains(expected), "{}", output.stderr);
}

#[test]
fn mistakes_are_told_in_a_sentence() {
    check_failure(&["/no/such/file"], b"", "cannot read /no/such/file");
    check_failure(
        &["--batch"],
        b"\x05\0\0\0\x50\0\x18\0abc",
        "ends within a frame",
    );
    check_failure(&["--batch"], b"\x05\0\0", "cannot read -");
    check_failure(&["--cols", "0"], b"", "--cols");
    check_failure(&["--format", "gif"], b"", "gif");
}

#[test]
fn synchronized_updates_do_not_hide_the_state() {
    let screen = dump(10, 2, b"a\x1b[?2026hb");
    assert_eq!(screen.text(), "ab");
    assert_eq!(screen.mode("2026"), Some(true));
}

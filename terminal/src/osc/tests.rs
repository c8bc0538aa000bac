//! Operating system commands: state, events and answers.

use std::time::Duration;

use crate::blocks::MarkKind;
use crate::event::{Event, Progress};
use crate::index::Point;
use crate::terminal::{Options, Origin};
use crate::testing::{after, check, check_reply, events, feed, row, shown, with_options};

#[track_caller]
fn check_events(input: &str, expected: &[Event]) {
    assert_eq!(events(input), expected, "after {input:?}");
}

fn title(text: &str) -> Event {
    Event::Title(text.to_owned())
}

fn notification(title: &str, body: &str) -> Event {
    Event::Notification {
        title: title.to_owned(),
        body: body.to_owned(),
    }
}

fn folder(path: &str) -> Event {
    Event::WorkingDirectory(path.to_owned())
}

fn store(selections: &str, text: &str) -> Event {
    Event::ClipboardStore {
        selections: selections.to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn a_program_s_mark_is_no_bookmark() {
    use crate::blocks::Flags;
    let terminal = after("\x1b]133;A\x07$ \x1b]133;B\x07ls\r\n\x1b]133;C\x07\x1b]1337;SetMark\x07");
    let flags = terminal.blocks().last().unwrap().flags;
    assert!(flags.contains(Flags::MARKED) && !flags.contains(Flags::BOOKMARK));
}

#[test]
fn titles() {
    check_events("\x1b]2;a;b\x07", &[title("a;b")]);
    check_events("\x1b]1;i\x1b\\", &[Event::IconName("i".to_owned())]);
    check_events(
        "\x1b]0;x\x07",
        &[Event::IconName("x".to_owned()), title("x")],
    );
    check_events("\x1b]2;a\u{202e}b\u{85}c\u{200b}d\x07", &[title("abcd")]);
    check_events("\x1b]2;a\x1b[31mb", &[]);
    check_events("\x1b]2;\x07", &[]);
    assert_eq!(after("\x1b]2;a\tb\x07").title(), "ab", "C0 goes");
    let long = "ü".repeat(5000);
    assert_eq!(
        after(&format!("\x1b]2;{}\x07", &long[..4000]))
            .title()
            .len(),
        crate::limits::MAX_TITLE
    );
}

#[test]
fn titles_have_a_stack() {
    assert_eq!(
        after("\x1b]2;a\x07\x1b[22t\x1b]2;b\x07\x1b[23t").title(),
        "a"
    );
    assert_eq!(
        after("\x1b]2;a\x07\x1b[22;1t\x1b]2;b\x07\x1b[23t").title(),
        "b"
    );
    assert_eq!(after("\x1b]2;a\x07\x1b[23t").title(), "a");
    let pushes: String = (0..20)
        .map(|i| format!("\x1b]2;t{i}\x07\x1b[22;2t"))
        .collect();
    let pops = "\x1b[23;2t".repeat(crate::limits::MAX_TITLE_STACK);
    assert_eq!(after(&format!("{pushes}{pops}")).title(), "t12");
    assert_eq!(
        after(&format!("{pushes}{pops}\x1b]2;x\x07\x1b[23t")).title(),
        "x"
    );
}

#[test]
fn titles_are_never_sent_back() {
    check_reply("\x1b]2;evil\rrm\x07\x1b[20t\x1b[21t\x1b[>2;3t", "");
}

#[test]
fn colors_are_set_asked_and_reset() {
    check_reply("\x1b]4;1;?\x1b\\", "^]4;1;rgb:cdcd/0000/0000^\\");
    check_reply("\x1b]4;1;?\x07", "^]4;1;rgb:cdcd/0000/0000\x07");
    check_reply(
        "\x1b]4;1;#123456;2;rgb:1/2/3\x07\x1b]4;1;?;2;?\x07",
        "^]4;1;rgb:1212/3434/5656\x07^]4;2;rgb:1111/2222/3333\x07",
    );
    check_reply(
        "\x1b]4;1;#123456\x07\x1b]104;1\x07\x1b]4;1;?\x07",
        "^]4;1;rgb:cdcd/0000/0000\x07",
    );
    check_reply(
        "\x1b]4;1;#123456\x07\x1b]104\x07\x1b]4;1;?\x07",
        "^]4;1;rgb:cdcd/0000/0000\x07",
    );
    check_reply(
        "\x1b]10;#f00;#0f0\x07\x1b]10;?;?\x07",
        "^]10;rgb:f0f0/0000/0000\x07^]11;rgb:0000/f0f0/0000\x07",
    );
    check_reply(
        "\x1b]10;#f00\x07\x1b]110\x07\x1b]10;?\x07",
        "^]10;rgb:e5e5/e5e5/e5e5\x07",
    );
    check_reply(
        "\x1b]12;?\x07\x1b]17;?\x07\x1b]19;?\x07",
        "^]12;rgb:e5e5/e5e5/e5e5\x07^]17;rgb:e5e5/e5e5/e5e5\x07^]19;rgb:0000/0000/0000\x07",
    );
    check_reply(
        "\x1b]13;#010203\x07\x1b]13;?\x07\x1b]113\x07\x1b]13;?\x07",
        "^]13;rgb:0101/0202/0303\x07^]13;rgb:e5e5/e5e5/e5e5\x07",
    );
    check_reply(
        "\x1b]5;0;#aaaabbbbcccc\x07\x1b]5;0;?\x07\x1b]4;256;?\x07",
        "^]5;0;rgb:aaaa/bbbb/cccc\x07^]4;256;rgb:aaaa/bbbb/cccc\x07",
    );
    check_reply(
        "\x1b]5;0;#fff\x07\x1b]105;0\x07\x1b]5;0;?\x07",
        "^]5;0;rgb:e5e5/e5e5/e5e5\x07",
    );
    let terminal = after("\x1b]4;7;#010203\x07");
    assert_eq!(
        terminal.changed_palette(),
        [(7, crate::color::Rgb::new(1, 2, 3))]
    );
    check_events(
        "\x1b]4;7;#010203\x07\x1b]11;#fff\x07",
        &[Event::PaletteChanged],
    );
    check_events("\x1b]4;7;?\x07", &[]);
}

#[test]
fn color_queries_repeat_nothing_unchecked() {
    check_reply(
        "\x1b]4;evil;?\x07\x1b]4;300;?\x07\x1b]4;-1;?\x07\x1b]4;?\x07\x1b]20;?\x07\x1b]21;evil=?\x07",
        "",
    );
    check_reply(
        "\x1b]4;1;red\x07\x1b]4;1;?\x07",
        "^]4;1;rgb:cdcd/0000/0000\x07",
    );
    check_reply("\x1b]50;?\x07\x1b]60\x07\x1b]61\x07", "");
    check_reply("\x1b]104;x;;99999\x07\x1b]5;9;?\x07", "");
}

#[test]
fn folders_are_believed_from_this_machine_only() {
    check_events("\x1b]7;file:///tmp/a%20b\x07", &[folder("/tmp/a b")]);
    check_events("\x1b]7;file://localhost/tmp\x07", &[folder("/tmp")]);
    check_events("\x1b]7;file://elsewhere/tmp\x07", &[]);
    check_events("\x1b]7;kitty-shell-cwd:///a%20b\x07", &[folder("/a%20b")]);
    check_events("\x1b]7;file:///a%0ab\x07", &[]);
    check_events(
        "\x1b]7;file:///a%\x07\x1b]7;file:///%ff\x07\x1b]7;file:///%zz\x07",
        &[],
    );
    check_events("\x1b]7;/tmp\x07\x1b]7;http:///x\x07", &[]);
    check_events("\x1b]9;9;\"C:\\x\"\x07", &[folder("C:\\x")]);
    check_events("\x1b]1337;CurrentDir=/x\x07", &[folder("/x")]);
    check_events("\x1b]9;9;relative\x07", &[]);
    let long = format!(
        "\x1b]7;file:///{}\x07",
        "x".repeat(crate::limits::MAX_FOLDER)
    );
    check_events(&long, &[]);
    let options = Options {
        hostname: "Box".to_owned(),
        ..Options::default()
    };
    let mut terminal = with_options(10, 4, options.clone());
    feed(&mut terminal, "\x1b]7;file://box/home\x07");
    assert_eq!(terminal.working_directory(), Some("/home"));
    let mut terminal = with_options(
        10,
        4,
        Options {
            origin: Origin::Remote,
            ..options
        },
    );
    feed(
        &mut terminal,
        "\x1b]7;file://box/home\x07\x1b]7;file://elsewhere/srv\x07",
    );
    // Display text, and where the next shell over there begins.
    assert_eq!(terminal.working_directory(), Some("/srv"));
}

#[test]
fn links_cover_what_is_printed() {
    let terminal = after("a\x1b]8;;https://example.org/\x07bc\x1b]8;;\x07d");
    let link = terminal.link_at(Point::new(0, 2)).unwrap();
    assert_eq!(
        (link.uri.as_str(), link.start, link.end),
        ("https://example.org/", Point::new(0, 1), Point::new(0, 2))
    );
    assert_eq!(terminal.link_at(Point::new(0, 3)), None);
    let bad = [
        "\u{202e}x",
        "a\u{85}b",
        &"u".repeat(crate::limits::MAX_LINK_URI + 1),
    ];
    for uri in bad {
        assert_eq!(
            after(&format!("\x1b]8;;{uri}\x07bc")).links(),
            [],
            "{uri:?}"
        );
    }
    let terminal = after("\x1b]8;id=1;u:a\x07a\x1b]8;x=1:id=1;u:a\x07b\x1b]8;id=2;u:a\x07c");
    assert_eq!(terminal.links().len(), 2);
}

#[test]
fn notifications() {
    check_events("\x1b]9;done\x07", &[notification("", "done")]);
    check_events("\x1b]777;notify;t;b;c\x07", &[notification("t", "b;c")]);
    check_events(
        "\x1b]99;i=1:d=0;Hello\x1b\\\x1b]99;i=1:d=1:p=body;World\x1b\\",
        &[notification("Hello", "World")],
    );
    check_events("\x1b]99;;Hi\x07", &[notification("Hi", "")]);
    check_events("\x1b]99;e=1;SGk=\x07", &[notification("Hi", "")]);
    check_events("\x1b]99;i=a$b;Hi\x07\x1b]99;p=?;\x07\x1b]99;e=1;!\x07", &[]);
    check_events("\x1b]9;a\u{202e}b\x07", &[notification("", "ab")]);
    check_events("\x1b]9;\x07\x1b]777;other\x07\x1b]9;5;x\x07", &[]);
    check_events("\x1b]9;1\x07\x1b]9;2\x07", &[notification("", "1")]);
    let long = events(&format!("\x1b]9;{}\x07", "é".repeat(400)));
    assert_eq!(
        long,
        [notification(
            "",
            &"é".repeat(crate::limits::MAX_NOTIFICATION)
        )]
    );
}

#[test]
fn progress() {
    check_events(
        "\x1b]9;4;1;50\x07",
        &[Event::Progress(Progress::Normal(50))],
    );
    check_events(
        "\x1b]9;4;1;500\x07",
        &[Event::Progress(Progress::Normal(100))],
    );
    check_events("\x1b]9;4;2;7\x07", &[Event::Progress(Progress::Error(7))]);
    check_events(
        "\x1b]9;4;3\x07",
        &[Event::Progress(Progress::Indeterminate)],
    );
    check_events(
        "\x1b]9;4;4;1\x07\x1b]9;4;0;\x07",
        &[Event::Progress(Progress::None)],
    );
    check_events("\x1b]9;4;9\x07\x1b]9;4\x07", &[]);
}

#[test]
fn pointer_shapes_come_from_a_list() {
    let shape = |name| [Event::PointerShape(name)];
    check_events("\x1b]22;pointer\x07", &shape("pointer"));
    check_events("\x1b]22;hand2\x07", &shape("pointer"));
    check_events("\x1b]22;text\x07\x1b]22;\x07", &shape("default"));
    check_events(
        "\x1b]22;>wait\x07\x1b]22;>help\x07\x1b]22;<\x07",
        &shape("wait"),
    );
    check_events("\x1b]22;../../evil\x07", &[]);
    check_reply("\x1b]22;?text,evil,wait\x07", "^]22;1,0,1^\\");
}

#[test]
fn clipboard_is_passed_on() {
    check_events("\x1b]52;c;aGk=\x07", &[store("c", "hi")]);
    check_events("\x1b]52;c;aGk\x07", &[store("c", "hi")]);
    check_events("\x1b]52;;aGk=\x07", &[store("c", "hi")]);
    check_events("\x1b]52;pcp;aGk=\x07", &[store("pc", "hi")]);
    check_events("\x1b]52;c;aGk=\x07\x1b]52;c;eA==\x07", &[store("c", "x")]);
    check_events("\x1b]52;c;\x07", &[store("c", "")]);
    check_events(
        "\x1b]52;c;!!\x07\x1b]52;x;aGk=\x07\x1b]52;c\x07\x1b]52;c;gA==\x07",
        &[],
    );
    check_events("\x1b]52;c;?\x07", &[]);
    check_reply("\x1b]52;c;?\x07", "");
    let options = Options {
        clipboard_read: true,
        clipboard_write: false,
        ..Options::default()
    };
    let mut terminal = with_options(10, 4, options.clone());
    feed(&mut terminal, "\x1b]52;c;aGk=\x07\x1b]52;p;?\x07");
    assert_eq!(
        terminal.take_events(),
        [Event::ClipboardLoad {
            selections: "p".to_owned()
        }]
    );
    terminal.reply_clipboard("p\x1b;", "hi");
    assert_eq!(shown(&terminal.take_replies()), "^]52;p;aGk=^\\");
    let mut terminal = with_options(
        10,
        4,
        Options {
            origin: Origin::Remote,
            ..options
        },
    );
    feed(&mut terminal, "\x1b]52;p;?\x07");
    assert_eq!(terminal.take_events(), [], "never from a remote");
}

#[test]
fn clipboard_texts_are_bounded() {
    let text = |bytes: usize| format!("\x1b]52;c;{}\x07", "eHh4".repeat(bytes / 3));
    assert_eq!(events(&text(crate::limits::MAX_CLIPBOARD_LOCAL)).len(), 1);
    assert_eq!(
        events(&text(crate::limits::MAX_CLIPBOARD_LOCAL + 3)).len(),
        0
    );
    let options = Options {
        origin: Origin::Remote,
        ..Options::default()
    };
    let mut terminal = with_options(10, 4, options);
    feed(
        &mut terminal,
        &text(crate::limits::MAX_CLIPBOARD_REMOTE + 3),
    );
    assert_eq!(terminal.take_events(), []);
    feed(&mut terminal, &text(crate::limits::MAX_CLIPBOARD_REMOTE));
    assert_eq!(terminal.take_events().len(), 1);
}

/// The marks after `input`: kind, line, offset.
fn marks(input: &str) -> Vec<(MarkKind, i32, u32)> {
    let terminal = after(input);
    let place = |mark: &crate::blocks::Mark| terminal.resolve(mark.line, 0).unwrap().line.0;
    terminal
        .marks()
        .iter()
        .map(|mark| (mark.kind, place(mark), mark.offset))
        .collect()
}

#[test]
fn prompt_marks_stay_on_their_lines() {
    use MarkKind::{End, InputStart, OutputStart, PromptStart};
    let session = "\x1b]133;A\x07$ \x1b]133;B\x07ls\r\n\x1b]133;C\x07out\r\n\x1b]133;D;3\x07";
    assert_eq!(
        marks(session),
        [
            (PromptStart, 0, 0),
            (InputStart, 0, 2),
            (OutputStart, 1, 0),
            (End { status: Some(3) }, 2, 0)
        ]
    );
    assert_eq!(
        marks(&format!("{session}\r\n\r\n"))[0],
        (PromptStart, -1, 0),
        "scrolled away"
    );
    assert_eq!(marks("\x1b]133;D\x07"), [(End { status: None }, 0, 0)]);
    assert_eq!(
        marks("\x1b]133;D;;aid=1\x07"),
        [(End { status: None }, 0, 0)]
    );
    assert_eq!(
        marks("\x1b]133;P;k=i\x07> \x1b]133;P;k=s\x07"),
        [(PromptStart, 0, 0)]
    );
    assert_eq!(
        marks("\x1b]133;A;cl=m\x07$ \x1b]133;B\x07\r\x1b]133;A\x07"),
        [(PromptStart, 0, 0)],
        "drawn again"
    );
    assert_eq!(
        marks("\x1b]133;A\x18\x07\x1b]133\x07\x1b]133;Z\x07"),
        [],
        "cut and unknown"
    );
    assert_eq!(
        marks("\x1b[?1049h\x1b]133;A\x07\x1b[?1049l"),
        [],
        "none on the alternate screen"
    );
    assert_eq!(marks("\x1b]9;12\x07"), [(InputStart, 0, 0)]);
    check("ab\x1b]133;L\x07c\r\x1b]133;L\x07d", "ab|d");
    let mark = events("\x1b]133;A\x07");
    assert!(matches!(mark[..], [_, Event::PromptMark(mark)] if mark.kind == PromptStart));
}

#[test]
fn marks_of_lost_lines_are_gone() {
    let mut terminal = after("\x1b]133;A\x07$ \r\n2\r\n3\r\n4\r\n5");
    assert_eq!(terminal.marks().len(), 1);
    feed(&mut terminal, "\x1b[3J");
    assert_eq!(terminal.marks(), []);
}

#[test]
fn a_flood_of_marks_is_bounded() {
    let mut terminal = after("");
    let flood: String = (0..20_000)
        .map(|_| "\x1b]133;A\x07x\x1b]133;C\x07\r\n")
        .collect();
    for second in 0..10 {
        terminal.advance(flood.as_bytes(), Duration::from_secs(second));
        let events = terminal.take_events();
        assert!(
            // A mark is told as such, and for what it does to blocks: some end, begin, or are forgotten.
            events.len() <= 4 * crate::limits::MAX_MARKS_PER_SECOND as usize,
            "{}",
            events.len()
        );
    }
    assert!(terminal.marks().len() <= crate::limits::MAX_MARKS);
}

#[test]
fn an_osc_over_its_limit_is_swallowed() {
    let limits = [
        ("2", crate::limits::MAX_OSC),
        ("8", crate::limits::MAX_OSC),
        ("133", crate::limits::MAX_OSC_MARK),
        ("52", crate::limits::MAX_OSC_DATA),
    ];
    for (number, limit) in limits {
        let input = format!("a\x1b]{number};{}\x1b\\b", "x".repeat(limit));
        let mut terminal = after(&input);
        assert_eq!(row(&terminal, 0), "ab", "OSC {number}");
        assert_eq!(terminal.take_events(), [], "OSC {number}");
    }
    let fits = "t".repeat(crate::limits::MAX_OSC - 2);
    assert_eq!(events(&format!("\x1b]2;{fits}\x07")).len(), 1);
    assert_eq!(events(&format!("\x1b]2;{fits}t\x07")).len(), 0);
}

#[test]
fn broken_commands_are_ignored() {
    check(
        "a\x1b]\x07b\x1b];;\x07c\x1b]x;y\x07d\x1b]99999;x\x07e\x1b]100000;x\x07f",
        "abcdef",
    );
    check_events("\x1b]2;a\x18\x1b]2;b\x1a\x1b]2;c\x1bc", &[]);
    check("\x1b]2;t\x1b[2;2Hx", "| x");
}

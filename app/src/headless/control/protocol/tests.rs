//! Lines to requests, and mistakes to messages.

use super::*;

#[track_caller]
fn check(line: &str, expected: Request) {
    assert_eq!(parse(line.as_bytes()).unwrap(), expected);
}

#[track_caller]
fn check_error(line: &str, expected: &str) {
    assert_eq!(
        format!("{:#}", parse(line.as_bytes()).unwrap_err()),
        expected
    );
}

#[test]
fn commands() {
    check(
        r#"{"dump":{}}"#,
        Request::Dump {
            format: Format::Json,
            scrollback: None,
        },
    );
    check(
        r#"{"dump":{"format":"text","scrollback":5}}"#,
        Request::Dump {
            format: Format::Text,
            scrollback: Some(5),
        },
    );
    check(
        r#"{"sync":true}"#,
        Request::Sync {
            timeout: SYNC_TIMEOUT,
        },
    );
    check(
        r#"{"sync":{"timeout_ms":7}}"#,
        Request::Sync {
            timeout: Duration::from_millis(7),
        },
    );
    check(
        r#"{"wait":"x"}"#,
        Request::Wait {
            text: "x".into(),
            timeout: WAIT_TIMEOUT,
        },
    );
    check(
        r#"{"resize":[100,30]}"#,
        Request::Resize {
            size: GridSize::new(100, 30),
            cell: None,
        },
    );
    check(
        r#"{"resize":[100,30,9,18]}"#,
        Request::Resize {
            size: GridSize::new(100, 30),
            cell: Some(cell_size(9, 18)),
        },
    );
    check(r#"{"paste":"a\nb"}"#, Request::Paste("a\nb".into()));
    check(r#"{"focus":false}"#, Request::Focus(false));
    check(r#"{"scroll":-3}"#, Request::Scroll(Scroll::Rows(3)));
    check(r#"{"scroll":"top"}"#, Request::Scroll(Scroll::Top));
    check(
        r#"{"clock":1500}"#,
        Request::Clock(Duration::from_millis(1500)),
    );
    check(r#"{"copy":true}"#, Request::Copy);
    check(r#"{"select":null}"#, Request::Select(Selection::Nothing));
    check(
        r#"{"select":[[-1,0],[2,5],"word"]}"#,
        Request::Select(Selection::Cells {
            kind: SelectionKind::Word,
            start: Point::new(-1, 0),
            end: Point::new(2, 5),
        }),
    );
    check(
        r#"{"screenshot":{"file":"f.png","scale":1.5}}"#,
        Request::Screenshot(Shot {
            file: "f.png".into(),
            scale: 1.5,
            theme: None,
        }),
    );
}

#[track_caller]
fn check_key(line: &str, key: Key, modifiers: Modifiers, text: &str) {
    let Request::Key(event) = parse(format!(r#"{{"key":{line}}}"#).as_bytes()).unwrap() else {
        panic!("no key");
    };
    assert_eq!(
        (event.key, event.modifiers, event.text.as_str()),
        (key, modifiers, text)
    );
}

#[test]
fn keys() {
    let none = Modifiers::empty();
    check_key(r#"{"key":"a"}"#, Key::Character('a'), none, "a");
    check_key(
        r#"{"key":"a","mods":["ctrl"],"type":"press","text":"a"}"#,
        Key::Character('a'),
        Modifiers::CTRL,
        "a",
    );
    check_key(r#"{"key":"A"}"#, Key::Character('a'), Modifiers::SHIFT, "A");
    check_key(
        r#"{"key":"a","mods":["shift"]}"#,
        Key::Character('a'),
        Modifiers::SHIFT,
        "A",
    );
    check_key(
        r#"{"key":"1","mods":["shift"],"shifted":"!"}"#,
        Key::Character('1'),
        Modifiers::SHIFT,
        "!",
    );
    check_key(r#"{"key":"Enter"}"#, Key::Named(NamedKey::Enter), none, "");
    check_key(r#""page_up""#, Key::Named(NamedKey::PageUp), none, "");
    check_key(r#"{"key":"f12"}"#, Key::Named(NamedKey::F(12)), none, "");
    check_key(r#"{"key":"f"}"#, Key::Character('f'), none, "f");
    check_key(r#"{"key":" "}"#, Key::Character(' '), none, " ");
    check_key(r#"{"key":"space"}"#, Key::Character(' '), none, " ");
    check_key(r#"{"key":"ß"}"#, Key::Character('ß'), none, "ß");
}

#[test]
fn mice() {
    let Request::Mouse(pointer) =
        parse(br#"{"mouse":{"type":"motion","row":3,"col":4,"x":9,"mods":["alt"]}}"#).unwrap()
    else {
        panic!("no mouse");
    };
    assert_eq!(pointer.event.kind, MouseEventKind::Motion(None));
    assert_eq!((pointer.event.row, pointer.event.column), (3, 4));
    assert_eq!(
        (pointer.x, pointer.y, pointer.event.modifiers),
        (Some(9), None, Modifiers::ALT)
    );
}

#[test]
fn mistakes() {
    check_error("{}", "expected an object with one command");
    check_error("[]", "expected an object with one command");
    check_error(
        r#"{"copy":true,"sync":true}"#,
        "expected an object with one command",
    );
    check_error(r#"{"dance":true}"#, "dance: unknown command");
    check_error(
        r#"{"resize":[0,5]}"#,
        "resize: expected at least one column and one row",
    );
    check_error(r#"{"resize":[70000,5]}"#, "resize: 70000 is out of range");
    check_error(
        r#"{"key":{"key":"enterr"}}"#,
        "key: key: unknown key \"enterr\"",
    );
    check_error(r#"{"key":{"key":"f36"}}"#, "key: key: unknown key \"f36\"");
    check_error(
        r#"{"key":{"key":"a","mods":["fn"]}}"#,
        "key: mods: unknown modifier \"fn\"",
    );
    check_error(
        r#"{"mouse":{"type":"press","row":0,"col":0}}"#,
        "mouse: button: expected a name, as \"left\"",
    );
    check_error(
        r#"{"mouse":{"button":"left","col":0}}"#,
        "mouse: row: expected a whole number, not null",
    );
    check_error(
        r#"{"clock":-1}"#,
        "clock: expected milliseconds from 0: cannot convert float seconds to Duration: value is negative",
    );
    check_error(
        r#"{"scroll":"up"}"#,
        "scroll: expected rows, \"top\", \"bottom\", \"page_up\" or \"page_down\"",
    );
}

//! The control socket: a session driven as a window drives it, without one.

use serde_json::json;
use tests::{RunningSession, Screen};

/// `cat` with the line discipline out of the way: it prints what it is sent, made visible.
const VISIBLE: [&str; 3] = ["sh", "-c", "stty raw -echo; echo ready; exec cat -v"];

#[test]
fn keys_reach_the_program() {
    let mut session = RunningSession::start(&[], &VISIBLE);
    let control = &mut session.control;
    control.wait_for("ready");
    for key in [
        json!({"key": "a", "mods": ["ctrl"], "type": "press", "text": "a"}),
        json!({"key": "x"}),
        json!({"key": "up"}),
        json!({"key": "f5", "mods": ["shift"]}),
        json!({"key": "a", "mods": ["alt"]}),
        json!({"key": "Z"}),
        json!({"key": "tab", "mods": ["shift"]}),
    ] {
        assert_eq!(control.tell(&json!({"key": key}))["sent"], true);
    }
    assert_eq!(
        control.tell(&json!({"key": {"key": "left_shift"}}))["sent"],
        false
    );
    assert_eq!(
        control.tell(&json!({"key": {"key": "b", "type": "release"}}))["sent"],
        false
    );
    control.wait_for("^Ax^[[A^[[15;2~^[aZ^[[Z");
}

#[test]
fn modes_decide_what_keys_send() {
    let script = "stty raw -echo; printf '\\033[?1h\\033[>1uready'; exec cat -v";
    let mut session = RunningSession::start(&[], &["sh", "-c", script]);
    let control = &mut session.control;
    control.wait_for("ready");
    assert_eq!(control.screen().0["keyboard_flags"], 1);
    control.tell(&json!({"key": "up"}));
    control.tell(&json!({"key": "escape"}));
    control.wait_for("^[[27u");
}

#[test]
fn mouse_paste_and_focus_follow_the_modes() {
    let script = "stty raw -echo; \
        printf '\\033[?1000h\\033[?1006h\\033[?2004h\\033[?1004hready\\r\\n'; exec cat -v";
    let mut session = RunningSession::start(&[], &["sh", "-c", script]);
    let control = &mut session.control;
    control.wait_for("ready");
    let press = json!({"type": "press", "button": "left", "row": 2, "col": 4});
    assert_eq!(control.tell(&json!({"mouse": press}))["reported"], true);
    control.wait_for("^[[<0;5;3M");
    let wheel = json!({"button": "wheel_up", "row": 0, "col": 0, "mods": ["ctrl"]});
    assert_eq!(control.tell(&json!({"mouse": wheel}))["reported"], true);
    control.wait_for("^[[<80;1;1M");
    control.tell(&json!({"paste": "a\u{1b}[201~b"}));
    control.wait_for("^[[200~a [201~b^[[201~");
    control.tell(&json!({"focus": false}));
    control.wait_for("^[[O");
}

#[test]
fn the_size_changes_for_both_sides() {
    let script = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done";
    let mut session = RunningSession::start(&[], &["sh", "-c", script]);
    let control = &mut session.control;
    control.wait_for("ready");
    control.tell(&json!({"resize": [100, 30]}));
    control.wait_for("30 100");
    let screen = control.screen();
    assert_eq!(
        (&screen.0["cols"], &screen.0["rows"]),
        (&json!(100), &json!(30))
    );
}

#[test]
fn text_is_selected_and_copied() {
    let script = "seq 1 50; printf 'some words here'; exec cat";
    let mut session = RunningSession::start(&["--rows", "10"], &["sh", "-c", script]);
    let control = &mut session.control;
    control.wait_for("words here");
    assert_eq!(control.tell(&json!({"copy": true}))["text"], json!(null));
    control.tell(&json!({"select": [[9, 6], [9, 6], "word"]}));
    assert_eq!(control.tell(&json!({"copy": true}))["text"], "words");
    control.tell(&json!({"select": [[9, 0], [9, 3]]}));
    assert_eq!(control.tell(&json!({"copy": true}))["text"], "some");
    control.tell(&json!({"select": [[-1, 0], [0, 1], "line"]}));
    assert_eq!(
        control.tell(&json!({"copy": true}))["text"]
            .as_str()
            .unwrap()
            .trim_end(),
        "41\n42"
    );
    control.tell(&json!({"select": null}));
    assert_eq!(control.tell(&json!({"copy": true}))["text"], json!(null));
}

#[test]
fn the_viewport_scrolls_and_comes_back() {
    let mut session = RunningSession::start(&["--rows", "5"], &["sh", "-c", "seq 1 50; exec cat"]);
    let control = &mut session.control;
    control.wait_for("50");
    assert_eq!(control.tell(&json!({"scroll": -3}))["offset"], 3);
    assert_eq!(control.tell(&json!({"scroll": 1}))["offset"], 2);
    assert_eq!(control.tell(&json!({"scroll": "top"}))["offset"], 46);
    control.tell(&json!({"key": "x"}));
    assert_eq!(control.tell(&json!({"scroll": 0}))["offset"], 0);
    let wheel = json!({"button": "wheel_up", "row": 0, "col": 0});
    assert_eq!(control.tell(&json!({"mouse": wheel}))["reported"], false);
    assert_eq!(control.tell(&json!({"scroll": 0}))["offset"], 3);
}

#[test]
fn sync_waits_for_all_that_was_written() {
    let mut session = RunningSession::start(&[], &["sh", "-i"]);
    let control = &mut session.control;
    control.tell(&json!({"sync": true}));
    for round in 0..10 {
        control.type_line(&format!("seq 1 {round}000; echo end-$((7 * {round}))"));
        control.wait_for(&format!("end-{}", 7 * round));
        control.tell(&json!({"sync": true}));
        let text = control.screen().text();
        assert!(
            text.lines()
                .any(|line| line == format!("end-{}", 7 * round)),
            "{text}"
        );
    }
    control.type_line("yes");
    control.wait_for("y\ny\ny");
    let answer = control.tell(&json!({"sync": {"timeout_ms": 300}}));
    assert!(answer["bytes"].as_u64() > Some(0), "{answer}");
}

#[test]
fn the_last_screen_can_be_asked_for() {
    let mut session = RunningSession::start(&["--dump", "text"], &["sh", "-c", "echo bye; exit 3"]);
    session.control.wait_for("bye");
    // The program ends on its own; the answer comes all the same.
    let mut status = session.control.tell(&json!({"status": true}));
    while status["running"] == true {
        session.control.tell(&json!({"sync": true}));
        status = session.control.tell(&json!({"status": true}));
    }
    assert_eq!(status["exit"], 3);
    assert_eq!(session.control.screen().text(), "bye");
    let (code, output) = session.finish();
    assert_eq!(code, Some(3));
    assert!(output.starts_with("bye\n"));
}

#[test]
fn two_clients_share_a_session() {
    let mut session = RunningSession::start(&[], &["cat"]);
    let mut second = session.connect();
    session.control.tell(&json!({"type": "typed by one\r"}));
    second.wait_for("typed by one");
    second.tell(&json!({"quit": true}));
    second.disconnect();
    let (code, _) = session.finish();
    assert_eq!(code, Some(129), "hung up");
}

#[test]
fn time_stands_still_once_the_clock_is_set() {
    let script = "printf '\\033[?2026hheld'; exec cat";
    let mut session = RunningSession::start(&[], &["sh", "-c", script]);
    let control = &mut session.control;
    control.tell(&json!({"clock": 0}));
    control.wait_for("held");
    control.tell(&json!({"clock": 60_000}));
    // A synchronized update that nobody ended is over by then.
    assert_eq!(control.screen().mode("2026"), Some(false));
}

#[test]
fn stats_have_figures() {
    let mut session = RunningSession::start(&[], &["sh", "-c", "seq 1 5000; exec cat"]);
    let control = &mut session.control;
    control.wait_for("5000");
    let stats = control.tell(&json!({"stats": true}));
    assert!(stats["rss"].as_u64() > Some(1_000_000), "{stats}");
    assert!(
        stats["grid"].as_u64() > Some(0) && stats["scrollback"].as_u64() > Some(0),
        "{stats}"
    );
    assert!(stats["bytes"].as_u64() > Some(20_000), "{stats}");
    assert_eq!((&stats["images"], &stats["frames"]), (&json!(0), &json!(0)));
}

#[test]
fn the_state_is_that_of_dump() {
    let mut session =
        RunningSession::start(&["--cols", "20", "--rows", "4"], &["printf", "a\\033[31mb"]);
    session.control.wait_for("ab");
    let of_run = session.control.screen();
    let of_dump = tests::dump(20, 4, b"a\x1b[31mb");
    for name in [
        "version",
        "lines",
        "cursor",
        "modes",
        "screen",
        "links",
        "scrollback",
    ] {
        assert_eq!(of_run.0[name], of_dump.0[name], "{name}");
    }
    let Screen(value) = of_run;
    assert_eq!(value["ok"], true);
}

#[test]
fn mistakes_are_answered() {
    let mut session = RunningSession::start(&[], &["cat"]);
    for line in [
        "nonsense",
        "{}",
        r#"{"fly":true}"#,
        r#"{"resize":[0,0]}"#,
        r#"{"wait":{"text":"never","timeout_ms":20}}"#,
    ] {
        let answer = session.control.ask(line);
        assert_eq!(answer["ok"], false, "{line}");
        assert!(
            answer["error"]
                .as_str()
                .is_some_and(|error| !error.is_empty()),
            "{answer}"
        );
    }
    session.control.tell(&json!({"status": true}));
}

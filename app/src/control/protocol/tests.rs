use super::*;

#[test]
fn requests_are_read() {
    #[track_caller]
    fn check(line: &str, expected: Request) {
        let (_, request) = parse(line.as_bytes()).unwrap();
        assert_eq!(request, expected);
    }
    check(r#"{"v":1,"do":"list"}"#, Request::List {});
    check(
        r#"{"v":1,"id":7,"do":"split","with":{"pane":3,"side":"down"}}"#,
        Request::Split {
            pane: Some(3),
            side: Side::Down,
            place: Place::default(),
        },
    );
    check(
        r#"{"v":1,"do":"open","with":{"place":{"folder":"/tmp","command":["ls"]}}}"#,
        Request::Open {
            kind: OpenKind::Tab,
            window: None,
            place: Place {
                folder: Some("/tmp".to_owned()),
                command: vec!["ls".to_owned()],
                ..Place::default()
            },
            name: None,
        },
    );
    check(
        r#"{"v":1,"do":"split","with":{"place":{"environment":"ssh:web"}}}"#,
        Request::Split {
            pane: None,
            side: Side::Right,
            place: Place {
                environment: Some("ssh:web".to_owned()),
                ..Place::default()
            },
        },
    );
}

#[test]
fn what_is_wrong_is_named() {
    #[track_caller]
    fn check(line: &str, id: Value, expected: &str) {
        let (found, failure) = parse(line.as_bytes()).unwrap_err();
        assert_eq!(found, id);
        assert_eq!(failure.code, "request");
        assert!(failure.message.contains(expected), "{}", failure.message);
    }
    check("hello", Value::Null, "not a request");
    check(
        r#"{"v":2,"id":1,"do":"list"}"#,
        json!(1),
        "this Terrace speaks 1",
    );
    check(
        r#"{"v":1,"id":1,"do":"lsit"}"#,
        json!(1),
        "unknown variant `lsit`",
    );
    check(
        r#"{"v":1,"id":"x","do":"list","with":{"a":1}}"#,
        json!("x"),
        "unknown field `a`",
    );
    check(
        r#"{"v":1,"do":"list","shell":"x"}"#,
        Value::Null,
        "unknown field `shell`",
    );
    check(
        &format!(
            r#"{{"v":1,"do":"list","with":{}{}}}"#,
            "[".repeat(500),
            "]".repeat(500)
        ),
        Value::Null,
        "recursion limit",
    );
}

#[test]
fn every_request_needs_what_it_touches() {
    #[track_caller]
    fn check(line: &str, scope: Option<Scope>) {
        assert_eq!(parse(line.as_bytes()).unwrap().1.scope(), scope);
    }
    check(r#"{"v":1,"do":"hello"}"#, None);
    check(r#"{"v":1,"do":"text"}"#, Some(Scope::ScreenRead));
    check(
        r#"{"v":1,"do":"send-text","with":{"text":"x"}}"#,
        Some(Scope::InputSend),
    );
    check(
        r#"{"v":1,"do":"theme","with":{"name":"x"}}"#,
        Some(Scope::ConfigWrite),
    );
    check(r#"{"v":1,"do":"close"}"#, Some(Scope::PaneCreate));
    check(r#"{"v":1,"do":"audit"}"#, Some(Scope::StateRead));
    check(r#"{"v":1,"do":"revoke"}"#, None);
}

#[test]
fn changes_are_written() {
    #[track_caller]
    fn check(change: Change, expected: &str) {
        assert_eq!(serde_json::to_string(&change).unwrap(), expected);
    }
    check(Change::Bell { pane: 3 }, r#"{"event":"bell","pane":3}"#);
    check(
        Change::Ended {
            pane: 3,
            exit: Some(1),
        },
        r#"{"event":"ended","pane":3,"exit":1}"#,
    );
    let block = Change::Block {
        pane: 3,
        block: 9,
        state: BlockState::Ended,
        command: Some("make".to_owned()),
        exit: Some(2),
        took: Some(1500),
    };
    check(
        block.clone(),
        r#"{"event":"block","pane":3,"block":9,"state":"ended","command":"make","exit":2,"took":1500}"#,
    );
    check(
        block.without_text(),
        r#"{"event":"block","pane":3,"block":9,"state":"ended","exit":2,"took":1500}"#,
    );
}

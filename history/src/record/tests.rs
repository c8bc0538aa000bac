use super::*;

#[test]
fn numbers_and_names_lead_back() {
    for state in [State::Done, State::Lost, State::Rejected, State::Background] {
        assert_eq!(State::from_number(state.number()), Some(state));
        assert_eq!(State::from_name(state.name()), Some(state));
    }
    assert_eq!(Trust::from_number(99), None);
    assert_eq!(HostKind::from_name("moon"), None);
}

#[test]
fn styles_and_controls_are_taken_out() {
    #[track_caller]
    fn check(styled: &str, expected: &str) {
        assert_eq!(plain(styled.as_bytes()), expected, "{styled:?}");
    }
    check("", "");
    check("a\tb\nc", "a\tb\nc");
    check("\x1b[1;31merror\x1b[0m: no", "error: no");
    check("\x1b]8;;https://x.org\x1b\\link\x1b]8;;\x1b\\!", "link!");
    check("\x1b]8;;https://x.org\x07link\x1b]8;;\x07!", "link!");
    check("\x1b(Bx\x1b=y\x1b", "xy");
    check("a\r\x08\x07ä", "aä");
    check("\x1b[", "");
    check("£ÂÃ\u{85}x\u{9f}\u{a0}", "£ÂÃx\u{a0}");
    for length in 30..70 {
        let clean = "y".repeat(length);
        check(&format!("{clean}\x1b[1m{clean}\x07"), &clean.repeat(2));
    }
    check("\x1bä", "ä");
    check("\x1b]0;never ended", "");
    assert_eq!(plain(b"a\xffb"), "a\u{fffd}b");
}

#[test]
fn output_is_bounded_with_head_and_tail() {
    let text: Vec<u8> = (0..1000)
        .flat_map(|n| format!("line {n}\n").into_bytes())
        .collect();
    let mut output = Output::whole(&text);
    assert_eq!((output.lines, output.bytes), (1000, text.len() as u64));
    output.bound(1000);
    assert!(
        output.size() <= 1000 && output.size() > 900,
        "{}",
        output.size()
    );
    assert!(output.head.starts_with(b"line 0\n") && output.head.ends_with(b"\n"));
    assert!(output.tail.starts_with(b"line ") && output.tail.ends_with(b"line 999\n"));
    let kept = lines_in(&output.head) + lines_in(&output.tail);
    assert_eq!(output.dropped_lines + kept as u64, 1000);
    assert_eq!(
        output.dropped_bytes + output.size() as u64,
        text.len() as u64
    );
    // A second, tighter bound counts on.
    output.bound(200);
    let kept = lines_in(&output.head) + lines_in(&output.tail);
    assert!(output.size() <= 200);
    assert_eq!(output.dropped_lines + kept as u64, 1000);
    assert_eq!(
        output.dropped_bytes + output.size() as u64,
        text.len() as u64
    );
    assert!(output.plain().contains("not kept"));
}

#[test]
fn a_bound_cuts_no_character() {
    let mut output = Output::whole("äöü€".repeat(1000).as_bytes());
    output.bound(101);
    assert!(std::str::from_utf8(&output.head).is_ok());
    assert!(std::str::from_utf8(&output.tail).is_ok());
    assert!(output.size() <= 101);
}

#[test]
fn signals_are_read_from_the_status() {
    assert_eq!(Exit::from_status(130).signal, Some(2));
    assert_eq!(Exit::from_status(0).signal, None);
    assert_eq!(Exit::from_status(255).signal, None);
}

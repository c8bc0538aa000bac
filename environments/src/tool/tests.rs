use std::time::{Duration, Instant};

use super::{Cancel, Limit, Output, Status, Stream, ToolCall, check_name, quote, run, stream};
use crate::failure::Failure;

fn sh(script: &str) -> ToolCall {
    ToolCall::new("sh").args(["-c", script])
}

fn soon() -> Limit {
    Limit::within(Duration::from_secs(60))
}

#[test]
fn both_outputs_and_the_status_come_back() {
    let output = run(&sh("echo out; echo err >&2; exit 3"), &soon()).expect("sh runs");
    assert_eq!(output.stdout_text(), "out\n");
    assert_eq!(output.stderr_text(), "err\n");
    assert_eq!(output.status, Status::Code(3));
}

#[test]
fn the_input_is_what_was_given_or_nothing() {
    let output = run(&ToolCall::new("cat").input("abc"), &soon()).expect("cat runs");
    assert_eq!(output.stdout, b"abc");
    let output = run(&ToolCall::new("cat"), &soon()).expect("cat runs");
    assert_eq!(output.stdout, b"");
}

#[test]
fn much_output_does_not_block() {
    let script = "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2";
    let output = run(&sh(script), &soon()).expect("sh runs");
    assert_eq!(
        (output.stdout.len(), output.stderr.len()),
        (300_000, 300_000)
    );
}

#[test]
fn there_is_no_terminal() {
    let output = run(
        &sh("if ( : </dev/tty ) 2>/dev/null; then echo one; else echo none; fi"),
        &soon(),
    );
    assert_eq!(output.expect("sh runs").stdout_text(), "none\n");
}

#[test]
fn a_missing_program_is_named_with_a_remedy() {
    let failure =
        run(&ToolCall::new("terrace-no-such-tool"), &soon()).expect_err("it is not there");
    assert_eq!(failure.kind(), "missing");
    assert!(
        failure.to_string().contains("install terrace-no-such-tool"),
        "{failure}"
    );
}

#[test]
fn a_tool_that_hangs_is_ended_with_all_it_started() {
    let call = sh("sleep 1000 & echo $!; wait").timeout(Duration::from_millis(300));
    let mut pid = String::new();
    let before = Instant::now();
    let failure = stream(&call, &soon(), &mut |_, line| {
        line.clone_into(&mut pid);
        true
    });
    assert!(matches!(failure, Err(Failure::Slow(_))), "{failure:?}");
    assert!(before.elapsed() < Duration::from_secs(30));
    let deadline = Instant::now() + Duration::from_secs(30);
    while std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.contains(" Z "))
    {
        assert!(Instant::now() < deadline, "the grandchild still runs");
        std::thread::yield_now();
    }
}

#[test]
fn a_tool_that_ignores_sigterm_is_killed() {
    let call = sh("trap '' TERM; while :; do sleep 1000; done").timeout(Duration::from_millis(200));
    assert!(matches!(run(&call, &soon()), Err(Failure::Slow(_))));
}

#[test]
fn a_daemon_that_keeps_the_output_open_is_not_waited_for() {
    let before = Instant::now();
    let output = run(&sh("sleep 300 & echo $!"), &soon()).expect("sh runs");
    assert!(before.elapsed() < Duration::from_secs(60));
    let pid = output.stdout_text();
    run(&ToolCall::new("kill").arg(pid.trim()), &soon()).expect("kill runs");
}

#[test]
fn cancelling_ends_it_from_another_thread() {
    let cancel = Cancel::new();
    let limit = Limit {
        cancel: cancel.clone(),
        ..soon()
    };
    let failure = stream(&sh("echo ready; sleep 1000"), &limit, &mut |_, _| {
        let cancel = cancel.clone();
        std::thread::spawn(move || cancel.cancel());
        true
    });
    assert_eq!(failure.map(|output| output.status), Err(Failure::Cancelled));
    assert_eq!(
        run(&sh("echo"), &limit).map(|o| o.status),
        Err(Failure::Cancelled)
    );
}

#[test]
fn a_reader_that_has_enough_ends_it() {
    let mut seen = Vec::new();
    let call = sh("echo a; echo b; sleep 1000");
    let result = stream(&call, &soon(), &mut |_, line| {
        seen.push(line.to_owned());
        line != "b"
    });
    assert!(result.is_ok());
    assert_eq!(seen, ["a", "b"]);
}

#[test]
fn lines_end_with_line_feed_carriage_return_or_the_output() {
    let mut seen = Vec::new();
    let call = sh(r"printf 'one\ntwo\rthree\r\nfour'; printf 'log\n' >&2");
    stream(&call, &soon(), &mut |stream, line| {
        if stream == Stream::Out {
            seen.push(line.to_owned());
        }
        true
    })
    .expect("sh runs");
    assert_eq!(seen, ["one", "two", "three", "four"]);
}

#[track_caller]
fn check_json(stdout: &str, expected: Option<usize>) {
    let output = Output {
        status: Status::Code(0),
        stdout: stdout.as_bytes().to_vec(),
        stderr: Vec::new(),
        cut: false,
    };
    let items = output.json_items();
    assert_eq!(items.as_ref().map(Vec::len).ok(), expected, "{items:?}");
}

#[test]
fn three_shapes_of_json_read_alike() {
    check_json("", Some(0));
    check_json("null\n", Some(0));
    check_json("[]", Some(0));
    check_json("\u{feff}[{\"a\":1}]", Some(1));
    check_json("{\"a\":1}\n{\"a\":2}\n", Some(2));
    check_json("{\n \"a\":1\n}\n{\n \"a\":2\n}", Some(2));
    check_json("Error: access token has not been found", None);
}

#[test]
fn names_that_could_be_options_or_scripts_are_refused() {
    for name in ["web", "a.b-c_d", "user@host:22", "arn:aws:eks:x/y", "0"] {
        assert_eq!(check_name(name), Ok(name));
    }
    for name in [
        "",
        "-oProxyCommand=x",
        "a b",
        "a;b",
        "$(x)",
        "../x",
        "a\nb",
        "ä",
        "a'b",
    ] {
        assert_eq!(
            check_name(name).map_err(|f| f.kind()),
            Err("refused"),
            "{name}"
        );
    }
}

#[test]
fn words_are_quoted_for_the_other_side() {
    assert_eq!(quote("/srv/app-1"), "/srv/app-1");
    assert_eq!(quote(""), "''");
    assert_eq!(quote("it's"), r"'it'\''s'");
    assert_eq!(quote("$(x)"), "'$(x)'");
}

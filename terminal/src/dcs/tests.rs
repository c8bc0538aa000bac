//! Device control strings.

use crate::testing::{check, check_reply};

#[test]
fn settings_are_reported() {
    let cases = [
        ("m", "1$r0m"),
        ("r", "1$r1;4r"),
        ("s", "1$r1;10s"),
        ("t", "1$r4t"),
        ("$|", "1$r10$|"),
        ("*|", "1$r4*|"),
        ("\"p", "1$r64;1\"p"),
        ("\"q", "1$r0\"q"),
        (" q", "1$r2 q"),
        ("*x", "1$r0*x"),
        ("$}", "1$r0$}"),
        ("$~", "1$r0$~"),
        ("", "0$r"),
        ("x", "0$r"),
        ("mm", "0$r"),
        ("+q", "0$r"),
        ("m\rls", "0$r"),
    ];
    for (request, expected) in cases {
        let reply = format!("^P{expected}^\\");
        let reply = if request.contains('\r') {
            "^P0$r^\\".to_owned()
        } else {
            reply
        };
        check_reply(&format!("\x1bP$q{request}\x1b\\"), &reply);
    }
    check_reply("\x1b[1\"q\x1bP$q\"q\x1b\\", "^P1$r1\"q^\\");
    check_reply("\x1b[3 q\x1bP$q q\x1b\\", "^P1$r3 q^\\");
    check_reply("\x1b[2*x\x1bP$q*x\x1b\\", "^P1$r2*x^\\");
    check_reply("\x1b[2;3r\x1bP$qr\x1b\\", "^P1$r2;3r^\\");
}

#[test]
fn a_setting_request_is_never_repeated() {
    check_reply("\x1bP$qevil;rm -rf\x1b\\", "^P0$r^\\");
}

#[test]
fn capabilities_are_reported() {
    check_reply("\x1bP+q436f\x1b\\", "^P1+r436F=323536^\\");
    check_reply(
        "\x1bP+q544e\x1b\\",
        "^P1+r544E=787465726D2D323536636F6C6F72^\\",
    );
    check_reply("\x1bP+q5463\x1b\\", "^P1+r5463^\\");
    check_reply("\x1bP+q436F;6576696c\x1b\\", "^P1+r436F=323536^\\^P0+r^\\");
    check_reply("\x1bP+q4;zz;\x1b\\", "^P0+r^\\^P0+r^\\^P0+r^\\");
    let many = vec!["436f"; 100].join(";");
    let answers = crate::testing::replies(&format!("\x1bP+q{many}\x1b\\"));
    assert_eq!(
        answers.matches("436F").count(),
        crate::limits::MAX_CAPABILITY_NAMES
    );
}

#[test]
fn everything_else_is_swallowed() {
    check("a\x1bPq#0;2;0;0;0~~$-\x1b\\b", "ab");
    check("a\x1bP0;1|17/41\x1b\\b", "ab");
    check("a\x1bPz0\x1b\\b\x1bP\x1b\\c\x1bP1;2;3\x1b\\d", "abcd");
    check("a\x1bP$qm\x18b", "ab");
    check_reply("\x1bP$qm\x18\x1bP$qm\x1a\x1bP$qm\x1b[5n", "^[0n");
    check_reply("\x1bP@kitty-echo|cm0gLXJm\x1b\\\x1bP@kitty-cmd{}\x1b\\", "");
    check("a\x1bP1000p\x1b\\b\x1bP2000p\x1b\\c", "abc");
}

#[test]
fn a_string_over_its_limit_is_swallowed() {
    let long = "m".repeat(crate::limits::MAX_DCS);
    check(&format!("a\x1bP$q{long}\x1b\\b"), "ab");
    check_reply(&format!("\x1bP$q{long}\x1b\\"), "");
}

#[test]
fn other_strings_are_swallowed() {
    check(
        "a\x1b_Gi=1;AAAA\x1b\\b\x1b^pm\x1b\\c\x1bXsos\x1b\\d",
        "abcd",
    );
    check("a\x1b_x\x07y\x1b\\b", "ab");
    check(
        &format!("a\x1b_{}\x1b\\b", "x".repeat(crate::limits::MAX_APC + 1)),
        "ab",
    );
    check(&format!("a\x1bX{}\x1b\\b", "x".repeat(100_000)), "ab");
}

#[test]
fn synchronized_updates_in_their_older_form() {
    check_reply(
        "\x1bP=1s\x1b\\\x1b[?2026$p\x1bP=2s\x1b\\\x1b[?2026$p",
        "^[?2026;1$y^[?2026;2$y",
    );
}

//! The paste filter against what has gone wrong elsewhere.

use super::{PasteRisk, filter_paste, quote_path, reveal, without_invisible};
use PasteRisk::{Controls, Invisible, Large, Newlines};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

/// What `stty sane` sets on Linux.
const SPECIAL: &[u8] = b"\x03\x1c\x7f\x15\x04\x11\x13\x1a\x12\x0f\x17\x16";

#[track_caller]
fn check(text: &str, plain: &str, risks: &[PasteRisk]) {
    let paste = filter_paste(text, false, SPECIAL);
    assert_eq!(
        paste.bytes.escape_ascii().to_string(),
        plain.as_bytes().escape_ascii().to_string()
    );
    assert_eq!(paste.risks, risks, "{text:?}");
}

#[track_caller]
fn check_bracketed(text: &str, inner: &str, risks: &[PasteRisk]) {
    let paste = filter_paste(text, true, SPECIAL);
    let expected = format!("\x1b[200~{inner}\x1b[201~");
    assert_eq!(
        paste.bytes.escape_ascii().to_string(),
        expected.as_bytes().escape_ascii().to_string()
    );
    assert_eq!(paste.risks, risks, "{text:?}");
}

#[test]
fn plain_text_stays() {
    check("", "", &[]);
    check("ls -l\t/tmp", "ls -l\t/tmp", &[]);
    check("naïve 日本語 👩‍👩‍👧", "naïve 日本語 👩‍👩‍👧", &[]);
    check_bracketed("ls", "ls", &[]);
}

#[test]
fn newlines_become_what_enter_sends_or_line_feeds() {
    check("a\nb\r\nc\rd", "a\rb\rc\rd", &[Newlines]);
    check("a\r\r\n\n", "a\r\r\r", &[Newlines]);
    check_bracketed("a\nb\r\nc\rd", "a\nb\nc\nd", &[]);
    // Even a terminal that has a newline among its special characters.
    assert_eq!(
        filter_paste("a\tb\n", true, b"\n\t\r").bytes,
        b"\x1b[200~a\tb\n\x1b[201~"
    );
}

#[test]
fn controls_become_spaces() {
    // CVE-2026-26982: Ctrl-C in a bracketed paste ends the line editor, the rest runs.
    check_bracketed("echo\x03rm -rf x\n", "echo rm -rf x\n", &[Controls]);
    // An end of paste from within.
    check_bracketed("x\x1b[201~rm\n", "x [201~rm\n", &[Controls]);
    check_bracketed("x\u{9b}201~rm", "x 201~rm", &[Controls]);
    for control in ('\0'..=' ')
        .filter(|c| !"\t\n\r ".contains(*c))
        .chain('\x7f'..='\u{9f}')
    {
        check(&format!("a{control}b"), "a b", &[Controls]);
    }
    // What the terminal has for erase may be any character.
    assert_eq!(filter_paste("a#b", false, b"#").bytes, b"a b");
    assert_eq!(filter_paste("a#b", false, b"").bytes, b"a#b");
    // Only characters are special, not the bytes of others.
    assert_eq!(
        filter_paste("ã", false, b"\xc3\xa3\xe3").bytes,
        "ã".as_bytes()
    );
}

#[test]
fn invisible_characters_are_told() {
    for invisible in [
        "\u{200b}",
        "\u{202e}",
        "\u{2066}",
        "\u{feff}",
        "\u{e0041}",
        "\u{200d}",
    ] {
        let text = format!("ls{invisible}x");
        check(&text, &text, &[Invisible]);
        assert_eq!(without_invisible(&text), "lsx");
    }
    check("👨\u{200d}💻", "👨\u{200d}💻", &[]);
    check("می\u{200c}خواهم", "می\u{200c}خواهم", &[]);
}

#[test]
fn large_texts_are_told() {
    let large = "x".repeat(64 * 1024);
    check(&large, &large, &[]);
    let larger = large + "\n\x1b\u{200b}";
    let paste = filter_paste(&larger, false, SPECIAL);
    assert_eq!(paste.risks, [Newlines, Controls, Large, Invisible]);
}

#[test]
fn what_is_hidden_can_be_shown() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(reveal(text), expected);
    }
    check("a\tb\nc", "a\tb\nc");
    check("\x1b[201~\x03\x7f\r", "␛[201~␃␡␍");
    check("a\u{202e}b\u{9b}", "a<U+202E>b<U+009B>");
    check("👨\u{200d}💻", "👨\u{200d}💻");
}

#[test]
fn paths_become_one_word() {
    #[track_caller]
    fn check(path: &str, expected: Option<&str>) {
        assert_eq!(quote_path(path).as_deref(), expected);
    }
    check("/home/u/file.txt", Some("/home/u/file.txt"));
    check("/home/u/größe", Some("/home/u/größe"));
    check("/a b", Some("'/a b'"));
    check("/a'b", Some(r"'/a'\''b'"));
    check(r"/a\b", Some(r"'/a'\\'b'"));
    check(
        "/$(rm -rf ~)`x`;&|<>*?[]{}!\"#",
        Some("'/$(rm -rf ~)`x`;&|<>*?[]{}!\"#'"),
    );
    check("~user", Some("'~user'"));
    check("-rf", Some("./-rf"));
    check("", None);
    check("/a\nb", None);
    check("/a\x1bb", None);
    check("/a\u{9b}b", None);
}

proptest! {
    #[test]
    fn nothing_dangerous_gets_through(text in any::<String>(), bracketed in any::<bool>()) {
        let paste = filter_paste(&text, bracketed, SPECIAL);
        let body = if bracketed { &paste.bytes[6..paste.bytes.len() - 6] } else { &paste.bytes[..] };
        let body = str::from_utf8(body).expect("the filter keeps text");
        let newline = if bracketed { '\n' } else { '\r' };
        for character in body.chars() {
            let harmless = character == '\t' || character == newline || !character.is_control();
            prop_assert!(harmless, "{character:?}");
        }
        // Once filtered, always filtered.
        let again = filter_paste(body, bracketed, SPECIAL);
        prop_assert_eq!(&again.bytes, &paste.bytes);
        prop_assert!(!again.risks.contains(&Controls));
    }
}

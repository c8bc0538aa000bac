//! The parser by itself: what it calls, whatever the split, with and without the fast path.

use proptest::prelude::*;

use super::*;

/// What the parser called; runs of text are joined, since a split may cut them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Recorder(Vec<Call>, bool);

#[derive(Debug, PartialEq, Eq)]
enum Call {
    Print(String),
    Execute(u8),
    Escape(Vec<u8>, u8),
    Csi(Csi),
    String(StringKind, Vec<u8>, bool),
    Vt52Escape(u8),
    Vt52Address(u8, u8),
}

impl Handler for Recorder {
    fn print_ascii(&mut self, text: &[u8]) {
        assert!(!text.is_empty() && text.iter().all(|byte| (0x20..0x7f).contains(byte)));
        self.print_str(std::str::from_utf8(text).unwrap());
    }

    fn print_str(&mut self, text: &str) {
        assert!(!text.is_empty() && !text.chars().any(char::is_control));
        match self.0.last_mut() {
            Some(Call::Print(printed)) => printed.push_str(text),
            _ => self.0.push(Call::Print(text.to_owned())),
        }
    }

    fn execute(&mut self, control: u8) {
        assert!(control < 0x20 && ![ESC, CAN, SUB].contains(&control));
        self.0.push(Call::Execute(control));
    }

    fn escape(&mut self, intermediates: &[u8], last: u8) {
        self.0.push(Call::Escape(intermediates.to_vec(), last));
    }

    fn csi(&mut self, sequence: &Csi) {
        if *sequence == *DECANM_RESET {
            self.1 = true;
        }
        self.0.push(Call::Csi(*sequence));
    }

    fn string(&mut self, kind: StringKind, data: &[u8], bell: bool) {
        self.0.push(Call::String(kind, data.to_vec(), bell));
    }

    fn is_vt52(&self) -> bool {
        self.1
    }

    fn vt52_escape(&mut self, last: u8) {
        self.1 &= last != b'<';
        self.0.push(Call::Vt52Escape(last));
    }

    fn vt52_address(&mut self, row: u8, column: u8) {
        self.0.push(Call::Vt52Address(row, column));
    }
}

/// `CSI ? 2 l`.
static DECANM_RESET: std::sync::LazyLock<Csi> = std::sync::LazyLock::new(|| {
    let mut csi = Csi {
        prefix: b'?',
        last: b'l',
        ..Csi::default()
    };
    csi.params.push(2, false);
    csi
});

fn parse(parser: &mut Parser, pieces: &[&[u8]]) -> Vec<Call> {
    let mut recorder = Recorder::default();
    for piece in pieces {
        parser.advance(&mut recorder, piece);
    }
    recorder.0
}

fn print(text: &str) -> Call {
    Call::Print(text.to_owned())
}

fn csi(prefix: u8, intermediate: u8, last: u8, values: &[(u16, bool)]) -> Call {
    let mut csi = Csi {
        prefix,
        intermediate,
        last,
        ..Csi::default()
    };
    for &(value, after_colon) in values {
        csi.params.push(value, after_colon);
    }
    Call::Csi(csi)
}

fn osc(data: &[u8], bell: bool) -> Call {
    Call::String(StringKind::Osc, data.to_vec(), bell)
}

/// The calls for `input` are `expected`: whole, byte by byte, and through `vte`.
#[track_caller]
fn check(input: &[u8], expected: &[Call]) {
    assert_eq!(
        parse(&mut Parser::default(), &[input]),
        expected,
        "{input:?}"
    );
    let bytes: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(
        parse(&mut Parser::default(), &bytes),
        expected,
        "byte by byte: {input:?}"
    );
    let slow = parse(&mut Parser::without_fast_path(), &[input]);
    assert_eq!(slow, expected, "without the fast path: {input:?}");
}

#[test]
fn text_and_controls() {
    check(b"", &[]);
    check(
        b"ab\ncd\r",
        &[
            print("ab"),
            Call::Execute(10),
            print("cd"),
            Call::Execute(13),
        ],
    );
    check(b"a\x7fb\x18c\x1ad", &[print("abcd")]);
    check("aé漢🙂b".as_bytes(), &[print("aé漢🙂b")]);
}

#[test]
fn malformed_utf8_is_replaced_by_maximal_subparts() {
    // Unicode 16, table 3-8 to 3-11.
    check(b"a\xffb", &[print("a\u{fffd}b")]);
    check(
        b"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41",
        &[print(
            "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}A",
        )],
    );
    check(
        b"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41",
        &[print(
            "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}A",
        )],
    );
    check(
        b"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41",
        &[print("\u{fffd}\u{fffd}\u{fffd}\u{fffd}A")],
    );
    check(
        b"\xe2\x82\x1b[m",
        &[print("\u{fffd}"), csi(0, 0, b'm', &[(0, false)])],
    );
    check(b"\xf0\x9f\n", &[print("\u{fffd}"), Call::Execute(10)]);
    check(b"\xe2\x82\xe2\x82\xac", &[print("\u{fffd}€")]);
    check(b"\x80\x9b\x9d", &[print("\u{fffd}\u{fffd}\u{fffd}")]);
}

#[test]
fn control_sequences() {
    check(b"\x1b[m", &[csi(0, 0, b'm', &[(0, false)])]);
    check(b"\x1b[1;2H", &[csi(0, 0, b'H', &[(1, false), (2, false)])]);
    check(b"\x1b[;H", &[csi(0, 0, b'H', &[(0, false), (0, false)])]);
    check(b"\x1b[?25h", &[csi(b'?', 0, b'h', &[(25, false)])]);
    check(
        b"\x1b[38:2::1:2m",
        &[csi(
            0,
            0,
            b'm',
            &[(38, false), (2, true), (0, true), (1, true), (2, true)],
        )],
    );
    check(b"\x1b[ q", &[csi(0, b' ', b'q', &[(0, false)])]);
    check(b"\x1b[?2026$p", &[csi(b'?', b'$', b'p', &[(2026, false)])]);
    check(b"\x1b[99999H", &[csi(0, 0, b'H', &[(65535, false)])]);
    check(
        b"\x1b[3\nA",
        &[Call::Execute(10), csi(0, 0, b'A', &[(3, false)])],
    );
    check(b"\x1b[3\x18Ax", &[print("Ax")]);
    check(b"\x1b[3\x1aAx", &[print("Ax")]);
    check(b"\x1b[3\x1b[4A", &[csi(0, 0, b'A', &[(4, false)])]);
    check(b"\x1b[1?hx", &[print("x")]);
    check(b"\x1b[??hx", &[print("x")]);
    check(b"\x1b[1 2hx", &[print("x")]);
    check(b"\x1b[1 !\"hx", &[print("x")]);
    check(b"\x1b[1\x7fA", &[csi(0, 0, b'A', &[(1, false)])]);
    check(
        "\x1b[1éAx".as_bytes(),
        &[csi(0, 0, b'A', &[(1, false)]), print("x")],
    );
}

#[test]
fn parameters_past_the_limit_are_dropped() {
    let values: Vec<(u16, bool)> = (0..32).map(|_| (1, false)).collect();
    let input = |n: usize| format!("\x1b[{}m", vec!["1"; n].join(";"));
    check(input(32).as_bytes(), &[csi(0, 0, b'm', &values)]);
    check(input(33).as_bytes(), &[csi(0, 0, b'm', &values)]);
    check(input(5000).as_bytes(), &[csi(0, 0, b'm', &values)]);
}

#[test]
fn escape_sequences() {
    check(b"\x1bcx", &[Call::Escape(vec![], b'c'), print("x")]);
    check(b"\x1b(0", &[Call::Escape(b"(".to_vec(), b'0')]);
    check(b"\x1b\x1bc", &[Call::Escape(vec![], b'c')]);
    check(b"\x1b\nc", &[Call::Execute(10), Call::Escape(vec![], b'c')]);
    check(b"\x1b\x18c", &[print("c")]);
    check(b"\x1b(\x18c", &[print("c")]);
    check(b"\x1b(\x1bc", &[Call::Escape(vec![], b'c')]);
    check(b"\x1b%/G", &[Call::Escape(b"%/".to_vec(), b'G')]);
    check(b"\x1b(((((0x", &[print("x")]);
    check(b"\x1b\\", &[Call::Escape(vec![], b'\\')]);
}

#[test]
fn strings() {
    check(b"\x1b]2;t\x07x", &[osc(b"2;t", true), print("x")]);
    check(b"\x1b]2;t\x1b\\x", &[osc(b"2;t", false), print("x")]);
    check(
        "\x1b]2;é✜\u{9c}x".as_bytes(),
        &[osc("2;é✜".as_bytes(), false), print("x")],
    );
    check(b"\x1b]2;a\nb\x00c\x7fd\x07", &[osc(b"2;abcd", true)]);
    check(b"\x1b]2;t\x18x", &[print("x")]);
    check(b"\x1b]2;t\x1ax", &[print("x")]);
    check(
        b"\x1b]2;t\x1b[mx",
        &[csi(0, 0, b'm', &[(0, false)]), print("x")],
    );
    check(b"\x1b]2;t\x1b]2;u\x07", &[osc(b"2;u", true)]);
    check(
        b"\x1b]2;t\x1b\x1b\\x",
        &[Call::Escape(vec![], b'\\'), print("x")],
    );
    check(
        b"\x1bPq\x07z\x1b\\",
        &[Call::String(StringKind::Dcs, b"qz".to_vec(), false)],
    );
    check(
        b"\x1b_Ga\x1b\\",
        &[Call::String(StringKind::Apc, b"Ga".to_vec(), false)],
    );
    check(b"\x1bXabc\x1b\\x\x1b^abc\x1b\\", &[print("x")]);
    check(b"\x1b[3\x1b]2;t\x07", &[osc(b"2;t", true)]);
}

#[test]
fn c1_controls_in_utf8() {
    check("\u{85}".as_bytes(), &[Call::Escape(vec![], b'E')]);
    check(
        "a\u{9b}1mb".as_bytes(),
        &[print("a"), csi(0, 0, b'm', &[(1, false)]), print("b")],
    );
    check("\u{9d}2;t\u{9c}".as_bytes(), &[osc(b"2;t", false)]);
    check(
        "\u{90}q\u{9c}".as_bytes(),
        &[Call::String(StringKind::Dcs, b"q".to_vec(), false)],
    );
    check(
        "\x1b[1\u{9b}2m".as_bytes(),
        &[csi(0, 0, b'm', &[(2, false)])],
    );
    check("\u{a0}".as_bytes(), &[print("\u{a0}")]);
}

#[test]
fn a_large_buffer_is_given_back() {
    let mut parser = Parser::default();
    let mut input = b"\x1b]52;c;".to_vec();
    input.resize(1 << 20, b'A');
    input.push(7);
    assert_eq!(parse(&mut parser, &[&input]).len(), 1);
    assert!(parser.string.capacity() <= KEPT_CAPACITY);
    assert!(parser.is_ground());
}

#[test]
fn skipped_strings_keep_nothing() {
    let mut parser = Parser::default();
    parse(&mut parser, &[b"\x1bX", &[b'x'; 1 << 20]]);
    assert_eq!(parser.string.capacity(), 0);
    let mut long = vec![b'x'; MAX_OSC + 1];
    long.splice(0..0, *b"\x1b]2;");
    let mut parser = Parser::default();
    parse(&mut parser, &[&long]);
    assert_eq!(parser.string.capacity(), 0);
}

#[test]
fn runs_of_ascii_are_found_at_every_length() {
    for length in 0..200 {
        let mut bytes = vec![b'x'; length];
        assert_eq!(ascii_run(&bytes), length);
        for stop in [0x1f, 0x7f, 0x80, 0xff, 0] {
            bytes.push(stop);
            bytes.extend_from_slice(b"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");
            assert_eq!(ascii_run(&bytes), length);
            bytes.truncate(length);
        }
    }
}

/// Bytes that are likely to be sequences.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        4 => "[ -~]{0,40}".prop_map(String::into_bytes),
        4 => "\x1b\\[[<=>?]?[0-9;:]{0,12}[ !\"$'*#]?[@-~]".prop_map(String::into_bytes),
        1 => "\x1b\\[[0-?]{0,80}[ -/]{0,3}[@-~]".prop_map(String::into_bytes),
        2 => "\x1b[ -/]{0,3}[0-~]".prop_map(String::into_bytes),
        2 => "\x1b[\\]P_^X][0-9;a-z]{0,12}(\x07|\x1b\\\\|\x18|\u{9c}|)".prop_map(String::into_bytes),
        2 => "\\PC{1,6}".prop_map(String::into_bytes),
        1 => "[\u{80}-\u{9f}]".prop_map(String::into_bytes),
        2 => prop::collection::vec(any::<u8>(), 1..6),
        1 => prop::collection::vec(0u8..0x20, 1..4),
    ];
    prop::collection::vec(token, 0..16).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn how_the_input_is_split_changes_nothing(input in input(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let whole = parse(&mut Parser::default(), &[&input]);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
        cuts.extend([0, input.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &input[cut[0]..cut[1]]).collect();
        prop_assert_eq!(parse(&mut Parser::default(), &pieces), whole);
    }

    #[test]
    fn the_fast_path_gives_what_vte_gives(input in input()) {
        let fast = parse(&mut Parser::default(), &[&input]);
        let slow = parse(&mut Parser::without_fast_path(), &[&input]);
        prop_assert_eq!(fast, slow);
    }

    #[test]
    fn can_always_leads_back_to_the_ground_state(input in input()) {
        let mut parser = Parser::default();
        parse(&mut parser, &[&input]);
        let after = parse(&mut parser, &[b"\x18x"]);
        prop_assert!(parser.is_ground());
        prop_assert!(matches!(after.last(), Some(Call::Print(text)) if text.ends_with('x')));
    }
}

#[test]
fn sequences_of_a_vt52() {
    let start = || Call::Csi(*DECANM_RESET);
    let escape = Call::Vt52Escape;
    check(
        b"\x1b[?2la\x1bAb\x1b[c\x1b<\x1bA",
        &[
            start(),
            print("a"),
            escape(b'A'),
            print("b"),
            escape(b'['),
            print("c"),
            escape(b'<'),
            Call::Escape(Vec::new(), b'A'),
        ],
    );
    check(
        b"\x1b[?2l\x1bY\x20\x6fx\x1bY!\n~",
        &[
            start(),
            Call::Vt52Address(0, 79),
            print("x"),
            Call::Execute(10),
            Call::Vt52Address(1, 94),
        ],
    );
    // Cut sequences, and what has no meaning there.
    check(
        b"\x1b[?2l\x1b\x1bA\x1b\x18B\x1bY\x1bC\x1bY!\x1aD",
        &[start(), escape(b'A'), print("B"), escape(b'C'), print("D")],
    );
    check(
        "\x1b[?2l\x1bé\x1bY!é\u{9b}m\u{90}q".as_bytes(),
        &[start(), print("éémq")],
    );
}

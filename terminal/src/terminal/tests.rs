//! The terminal as a whole: time, options, frames, limits, and properties over any input.

use std::time::Duration;

use proptest::prelude::*;

use crate::event::Event;
use crate::frame::{CursorShape, Frame};
use crate::limits;
use crate::size::{GridSize, PixelSize};
use crate::terminal::{Options, Terminal};
use crate::testing::{after, feed, row, screen, shown, small, with_options};

fn at(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn synchronized_updates_hold_the_frame_back() {
    let mut terminal = small();
    let mut frame = Frame::new();
    assert!(frame.update(&mut terminal));
    terminal.advance(b"\x1b[?2026habc", at(0));
    assert!(!terminal.is_damaged());
    assert!(!frame.update(&mut terminal));
    assert_eq!(terminal.deadline(), Some(at(150)));
    terminal.advance(b"def", at(100));
    assert_eq!(terminal.deadline(), Some(at(250)));
    terminal.advance(b"\x1b[?2026l", at(200));
    assert!(terminal.is_damaged());
    assert!(frame.update(&mut terminal));
    assert!(!terminal.is_damaged());
    assert!(!frame.update(&mut terminal));
    assert_eq!(screen(&terminal), "abcdef");
}

#[test]
fn synchronized_updates_end() {
    let open = |terminal: &Terminal| terminal.modes().contains(&(2026, true));
    let mut terminal = small();
    terminal.advance(b"\x1b[?2026h", at(0));
    terminal.tick(at(149));
    assert!(open(&terminal));
    terminal.tick(at(150));
    assert!(!open(&terminal), "without output");

    terminal.advance(b"\x1b[?2026h", at(1000));
    for step in 1..10 {
        terminal.advance(b"\x1b[?2026hx", at(1000 + 100 * step));
        assert!(open(&terminal));
    }
    terminal.advance(b"x", at(2000));
    assert!(
        !open(&terminal),
        "after a second, however often it is opened again"
    );

    terminal.advance(b"\x1b[?2026h", at(3000));
    terminal.advance(&vec![b'x'; limits::SYNC_BYTES + 1], at(3000));
    assert!(!open(&terminal), "after too many bytes");

    terminal.advance(b"\x1b[?2026h", at(4000));
    terminal.resize(GridSize::new(20, 5), PixelSize::default());
    assert!(!open(&terminal), "by a resize");

    terminal.advance(b"\x1b[?2026h\x1bc", at(5000));
    assert!(!open(&terminal), "by a reset");
}

#[test]
fn inversions_of_the_screen_are_limited() {
    let mut terminal = small();
    let mut frame = Frame::new();
    let mut inversions = 0;
    let mut last = false;
    for step in 0..1000 {
        let switch: &[u8] = if step % 2 == 0 {
            b"\x1b[?5h"
        } else {
            b"\x1b[?5l"
        };
        terminal.advance(switch, at(step));
        frame.update(&mut terminal);
        inversions += usize::from(frame.reverse_screen != last);
        last = frame.reverse_screen;
    }
    assert_eq!(inversions, limits::MAX_INVERSIONS_PER_SECOND);
    terminal.advance(b"\x1b[?5h", at(1000));
    let due = terminal.deadline().unwrap_or(at(1000));
    terminal.tick(due);
    frame.update(&mut terminal);
    assert!(frame.reverse_screen, "in the end it is as it was asked");
    assert_eq!(terminal.deadline(), None);
}

#[test]
fn damage_is_seen_and_cleared() {
    let mut terminal = small();
    let mut frame = Frame::new();
    frame.update(&mut terminal);
    let changes = [
        "x",
        "\x1b[5C",
        "\x1b[?25l",
        "\x1b[3 q",
        "\x1b]11;#fff\x07",
        "\x1b[?1049h",
        "\x1b[?5h",
    ];
    for change in changes {
        assert!(!terminal.is_damaged(), "before {change:?}");
        feed(&mut terminal, change);
        assert!(terminal.is_damaged(), "after {change:?}");
        assert!(frame.update(&mut terminal), "after {change:?}");
    }
    feed(&mut terminal, "\x1b[1m\x1b[6n\x07");
    assert!(!terminal.is_damaged(), "nothing to see");
    terminal.damage_all();
    assert!(terminal.is_damaged());
    assert!(frame.update(&mut terminal));
    assert!(frame.changed.iter().all(|changed| *changed));
}

#[test]
fn options_change_under_way() {
    let mut terminal = after("\x1b[?2031h\x1b]4;1;#010203\x07");
    terminal.take_events();
    let mut options = Options {
        dark: false,
        cursor_shape: CursorShape::Beam,
        ..Options::default()
    };
    options.palette.background = crate::color::Rgb::new(255, 255, 255);
    terminal.set_options(options.clone());
    assert_eq!(shown(&terminal.take_replies()), "^[?997;2n");
    assert_eq!(terminal.palette().background, options.palette.background);
    assert_eq!(
        terminal.palette().indexed[1],
        crate::color::Rgb::new(1, 2, 3)
    );
    assert_eq!(terminal.cursor_look().0, CursorShape::Beam);
    feed(&mut terminal, "\x1b[4 q");
    terminal.set_options(Options {
        cursor_shape: CursorShape::Block,
        ..options
    });
    assert_eq!(
        terminal.cursor_look().0,
        CursorShape::Underline,
        "the program's choice stays"
    );
    let mut silent = small();
    silent.set_options(Options {
        dark: false,
        ..Options::default()
    });
    assert_eq!(silent.take_replies(), b"");
}

#[test]
fn events_come_in_the_order_they_happened() {
    let mut terminal = after("\x07\x1b]2;a\x07\x1b]9;n\x07\x1b]2;b\x07");
    let body = "n".to_owned();
    assert_eq!(
        terminal.take_events(),
        [
            Event::Bell,
            Event::Notification {
                title: String::new(),
                body
            },
            Event::Title("b".to_owned()),
        ]
    );
    assert!(!terminal.has_output());
    feed(&mut terminal, "\x07");
    assert!(!terminal.has_output(), "not yet");
    assert_eq!(terminal.deadline(), Some(at(100)));
    terminal.tick(at(100));
    assert!(terminal.has_output());
    assert_eq!(terminal.take_events(), [Event::Bell]);
}

#[test]
fn a_million_bells_are_one_event() {
    let mut terminal = small();
    terminal.advance(&vec![7; 1_000_000], at(0));
    assert_eq!(terminal.take_events(), [Event::Bell]);
}

#[test]
fn replies_that_nobody_reads_are_bounded() {
    let mut terminal = small();
    for _ in 0..100 {
        terminal.advance("\x1b[c".repeat(10_000).as_bytes(), at(0));
    }
    assert!(terminal.take_replies().len() <= limits::MAX_REPLIES);
    feed(&mut terminal, "\x1b[5n");
    assert_eq!(shown(&terminal.take_replies()), "^[0n");
}

#[test]
fn hostile_floods_end_quickly_and_keep_little() {
    let floods: [String; 9] = [
        "\x1b[65535b".repeat(20_000),
        "x\x1b[65535b".repeat(2_000),
        "\x1b[65535S\x1b[65535T\x1b[65535L\x1b[65535M".repeat(5_000),
        "\x1b[65535I\x1b[65535Z\x1b[65535@\x1b[65535P".repeat(5_000),
        "\x1b[22t\x1b[#{\x1b[#P\x1b[>1u\x1b]22;>wait\x07".repeat(5_000),
        "\x1b]8;;http://x/\x07x".repeat(20_000),
        "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}".repeat(5_000),
        "e".to_owned() + &"\u{301}".repeat(100_000),
        "\x1b[1;1;65535;65535;1;2;2;1$v\x1b[33;1;1;65535;65535$x".repeat(2_000),
    ];
    let mut terminal = with_options(80, 24, Options::default());
    for flood in floods {
        feed(&mut terminal, &flood);
    }
    let (grids, scrollback) = terminal.memory();
    assert!(grids < 4_000_000, "{grids}");
    assert!(scrollback < limits::MAX_SCROLLBACK_BYTES, "{scrollback}");
}

#[test]
fn clearing_and_resetting_are_actions_too() {
    let mut terminal = after("1\r\n2\r\n3\r\n4\r\n5\r\n$ ");
    terminal.clear();
    assert_eq!(
        (screen(&terminal).as_str(), terminal.scrollback_rows()),
        ("$", 0)
    );
    feed(&mut terminal, "\x1b]2;never ended");
    terminal.reset();
    feed(&mut terminal, "x");
    assert_eq!(screen(&terminal), "x");
}

#[test]
fn what_a_lost_program_showed_stays_on_the_primary_screen() {
    let mut terminal =
        after("$ go\x1b[?1049h\x1b[2;3HTop\x1b[4;1H\x1b[7mbar\x1b[m\x1b[2;3r\x1b[?6h\x1b]2;half");
    terminal.keep_alternate();
    assert!(!terminal.is_alternate());
    feed(&mut terminal, "[lost]");
    let rows: Vec<String> = (-2..4).map(|line| row(&terminal, line)).collect();
    assert_eq!(rows, ["$ go", "", "  Top", "", "bar", "[lost]"]);
    // On the primary screen there is nothing to keep.
    let mut terminal = after("$ go");
    terminal.keep_alternate();
    feed(&mut terminal, "!");
    assert_eq!(screen(&terminal), "$ go!");
}

#[test]
fn what_an_attaching_program_clears_is_kept_once() {
    let mut terminal = after("$ go\r\n1");
    terminal.keep_next_clear();
    feed(
        &mut terminal,
        "\x1b[2;1H\x1b[J\x1b[H\x1b[Jnew\x1b[H\x1b[Jnewer",
    );
    assert_eq!(
        (screen(&terminal).as_str(), row(&terminal, -1).as_str()),
        ("newer", "$ go")
    );
    assert_eq!(terminal.scrollback_rows(), 1);
}

#[test]
fn selections_and_views_reach_the_active_screen() {
    use crate::index::{Point, Side};
    use crate::selection::SelectionKind;
    use crate::terminal::Scroll;
    let mut terminal = after("one two\r\n2\r\n3\r\n4\r\n5");
    terminal.start_selection(SelectionKind::Word, Point::new(-1, 5), Side::Left);
    assert_eq!(terminal.selected_text().as_deref(), Some("two"));
    terminal.scroll_display(Scroll::Top);
    assert_eq!(terminal.display_offset(), 1);
    assert_eq!(
        terminal.text(Point::new(-1, 0), Point::new(0, 0)),
        "one two\n2"
    );
    terminal.clear_selection();
    assert_eq!(terminal.selected_text(), None);
    terminal.select_all();
    assert_eq!(
        terminal.selected_text().as_deref(),
        Some("one two\n2\n3\n4\n5")
    );
}

#[test]
fn the_smallest_terminal_works() {
    let mut terminal = with_options(0, 0, Options::default());
    assert_eq!(terminal.size(), GridSize::new(2, 1));
    feed(
        &mut terminal,
        "漢字\r\n漢\x1b[?69h\x1b[1;2s\x1b[r\x1b[@\x1b[P\x1b[L\x1b[M\x1b['}\x1b['~\x1b#8\x1b[J",
    );
    terminal.resize(
        GridSize::new(u16::MAX, 1),
        PixelSize {
            width: 0,
            height: 0,
        },
    );
    assert_eq!(terminal.size().columns, GridSize::MAX.columns);
}

/// Everything a caller can see of a terminal.
fn observe(terminal: &mut Terminal) -> String {
    let rows = i32::from(terminal.size().rows);
    let back = i32::try_from(terminal.scrollback_rows()).unwrap();
    let mut text = String::new();
    let mut row = crate::frame::FrameRow::default();
    for line in -back..rows {
        assert!(terminal.read_row(crate::index::Line(line), &mut row));
        row.generation = 0;
        // Numbers of lines and links are names, not content.
        row.line_id = crate::index::LineId(0);
        text += &format!("{row:?}\n");
    }
    let (replies, events) = (terminal.take_replies(), terminal.take_events());
    text += &format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        terminal.cursor(),
        terminal.cursor_look(),
        terminal.modes(),
        terminal.key_modes(),
        terminal.title(),
        terminal.palette(),
        terminal.marks(),
        shown(&replies),
        events,
    );
    text
}

fn input() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        4 => "[ -~]{0,20}".prop_map(String::into_bytes),
        4 => "\x1b\\[[?>=<]?[0-9]{0,3}(;[0-9]{0,3}){0,5}[ !\"$'*#]?[@-~]".prop_map(String::into_bytes),
        2 => "\x1b\\[\\?(3|5|6|7|25|40|41|42|45|47|69|1045|1047|1048|1049|2026|2027)[hl]".prop_map(String::into_bytes),
        2 => "\x1b[ -/]?[0-~]".prop_map(String::into_bytes),
        2 => "\x1b\\](0|2|4|7|8|9|10|22|52|104|133);[ -~]{0,12}(\x07|\x1b\\\\)".prop_map(String::into_bytes),
        1 => "\x1bP[$+=][qs][ -~]{0,6}\x1b\\\\".prop_map(String::into_bytes),
        2 => "(漢|é|e\u{301}|🙂|👩\u{200d}🚀|🇨🇭|한|\u{ad}|\u{fe0f}|ﷺ){1,4}".prop_map(String::into_bytes),
        2 => "[\r\n\t\x08\x0e\x0f]{1,3}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 1..8),
    ];
    prop::collection::vec(token, 0..30).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn how_the_input_is_split_changes_nothing(
        input in input(),
        size in (2u16..12, 1u16..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let options = Options { checksum_reports: true, ..Options::default() };
        let mut whole = with_options(size.0, size.1, options.clone());
        whole.advance(&input, at(0));
        let mut pieces = with_options(size.0, size.1, options);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
        cuts.extend([0, input.len()]);
        cuts.sort_unstable();
        for cut in cuts.windows(2) {
            pieces.advance(&input[cut[0]..cut[1]], at(0));
        }
        prop_assert_eq!(observe(&mut pieces), observe(&mut whole));
    }

    #[test]
    fn no_input_panics_and_frames_agree(
        pieces in prop::collection::vec((input(), (0u16..14, 0u16..7), 0u64..400), 1..5),
    ) {
        let mut terminal = small();
        let mut kept = Frame::new();
        let mut now = 0;
        for (bytes, (columns, rows), pause) in pieces {
            now += pause;
            terminal.advance(&bytes, at(now));
            terminal.tick(at(now));
            if columns > 0 {
                terminal.resize(GridSize::new(columns, rows), PixelSize::default());
            }
            kept.update(&mut terminal);
            terminal.compact(10);
            observe(&mut terminal);
            terminal.deadline();
        }
        // Old frame + damage = new frame.
        terminal.tick(at(now + 5000));
        kept.update(&mut terminal);
        let mut fresh = Frame::new();
        fresh.update(&mut terminal);
        prop_assert_eq!(&kept.cursor, &fresh.cursor);
        prop_assert_eq!(&kept.palette, &fresh.palette);
        prop_assert_eq!(kept.rows.len(), fresh.rows.len());
        for (kept, fresh) in kept.rows.iter().zip(&fresh.rows) {
            prop_assert_eq!(&kept.cells, &fresh.cells);
            prop_assert_eq!(&kept.clusters, &fresh.clusters);
        }
    }

    #[test]
    fn replies_hold_nothing_that_came_in(text in "[g-zG-Z]{6,30}", number in 0u16..2000) {
        // R0: letters that no reply of ours contains never come back, whatever sequence carries them.
        let mut terminal = small();
        let carriers = [
            format!("\x1b]{number};{text};?\x07"),
            format!("\x1b]4;{text};?\x07\x1b]{number};?{text}\x1b\\"),
            format!("\x1bP$q{text}\x1b\\\x1bP+q{text}\x1b\\\x1bP{number}{text}\x1b\\"),
            format!("\x1b]2;{text}\x07\x1b]1;{text}\x07\x1b[21t\x1b[20t\x1b[{number}t"),
            format!("\x1b_G{text}\x1b\\\x1b^{text}\x1b\\\x1bX{text}\x1b\\{text}\x05\x1b[{number}n\x1b[?{number}n"),
        ];
        for carrier in carriers {
            feed(&mut terminal, &carrier);
        }
        let replies = shown(&terminal.take_replies());
        prop_assert!(!replies.contains(&text), "{}", replies);
        for reply in replies.split('^') {
            prop_assert!(reply.len() <= limits::MAX_REPLY);
            prop_assert!(!reply.contains(['\r', '\n']));
        }
    }
}

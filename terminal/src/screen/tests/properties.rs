//! Properties: whatever is done, the screen stays sound, text survives resizing, frames follow.

use proptest::prelude::*;

use super::*;
use crate::size::LineSize;

#[derive(Clone, Debug)]
enum Op {
    Print(String),
    Ascii(usize),
    Goto(u16, u16),
    Newline,
    Edit(u8, u16),
    Margins(u16, u16, u16, u16, bool),
    Pen(u8),
    Mode(u8, bool),
    Resize(u16, u16),
    Thaw,
    View(i32),
    Select(u8, i32, u16),
    Compact,
}

fn op() -> impl Strategy<Value = Op> {
    let text = prop::collection::vec(
        prop_oneof![
            Just('a'),
            Just(' '),
            Just('é'),
            Just('中'),
            Just('\u{301}'),
            Just('👨'),
            Just('\u{200d}'),
            Just('\u{fe0f}'),
            Just('❤'),
            Just('🇩'),
            Just('─'),
            Just('\u{1100}'),
            Just('\u{1161}'),
        ],
        1..12,
    );
    prop_oneof![
        4 => text.prop_map(|chars| Op::Print(chars.into_iter().collect())),
        2 => (1..30_usize).prop_map(Op::Ascii),
        2 => (0..12_u16, 0..16_u16).prop_map(|(row, column)| Op::Goto(row, column)),
        4 => Just(Op::Newline),
        6 => (0..36_u8, 0..9_u16).prop_map(|(which, n)| Op::Edit(which, n)),
        1 => (0..8_u16, 0..8_u16, 0..12_u16, 0..12_u16, any::<bool>())
            .prop_map(|(t, b, l, r, on)| Op::Margins(t, b, l, r, on)),
        2 => (0..6_u8).prop_map(Op::Pen),
        1 => (0..6_u8, any::<bool>()).prop_map(|(which, on)| Op::Mode(which, on)),
        1 => (2..14_u16, 1..9_u16).prop_map(|(columns, rows)| Op::Resize(columns, rows)),
        1 => Just(Op::Thaw),
        1 => (-5..9_i32).prop_map(Op::View),
        1 => (0..5_u8, -20..9_i32, 0..14_u16).prop_map(|(kind, line, column)| Op::Select(kind, line, column)),
        1 => Just(Op::Compact),
    ]
}

fn apply(screen: &mut Screen, op: &Op, reflow: bool) {
    match *op {
        Op::Print(ref text) => screen.print_str(text),
        Op::Ascii(n) => screen.print_ascii(&vec![b'x'; n]),
        Op::Goto(row, column) => screen.goto(row, column),
        Op::Newline => {
            screen.carriage_return();
            screen.index();
        }
        Op::Margins(a, b, c, d, on) => {
            screen.set_vertical_margins(a.min(b), a.max(b));
            screen.set_horizontal_margins(c.min(d), c.max(d));
            screen.modes.left_right_margins = on;
            if on {
                screen.make_all_single();
            }
        }
        Op::Pen(n) => {
            let color = if n < 3 {
                Color::Default
            } else {
                Color::Indexed(n)
            };
            let attrs = if n == 5 {
                Attrs::PROTECTED | Attrs::BLINK
            } else {
                Attrs::empty()
            };
            screen.set_pen(Style {
                background: color,
                attrs,
                ..Style::default()
            });
            screen.set_pen_link((n == 4).then_some(("http://x/", "")));
        }
        Op::Mode(which, on) => match which {
            0 => screen.modes.autowrap = on,
            1 => screen.modes.insert = on,
            2 => screen.modes.reverse_wrap = on,
            3 => screen.modes.reverse_wrap_extended = on,
            4 => screen.modes.grapheme_clusters = on,
            _ => screen.modes.ambiguous_wide = on,
        },
        Op::Resize(columns, rows) => screen.resize(
            GridSize { columns, rows },
            if reflow {
                // Sometimes the lower rows are a prompt, or what a program paints in place.
                let frozen = (columns % 3 == 0).then(|| usize::from(rows % screen.size().rows));
                Resize::Reflow { frozen }
            } else {
                Resize::Cut
            },
        ),
        Op::Thaw => screen.thaw(),
        Op::View(n) => screen.scroll_display(crate::terminal::Scroll::Rows(n)),
        Op::Select(kind, line, column) => {
            use crate::index::Side;
            use crate::selection::SelectionKind as Kind;
            let point = Point::new(line, column);
            match kind {
                0 => screen.start_selection(Kind::Character, point, Side::Left, " "),
                1 => screen.start_selection(Kind::Word, point, Side::Left, " "),
                2 => screen.start_selection(Kind::Line, point, Side::Right, " "),
                3 => screen.start_selection(Kind::Block, point, Side::Left, " "),
                _ => screen.extend_selection(point, Side::Right),
            }
            let _ = screen.selected_text();
        }
        Op::Compact => {
            screen.compact(10);
        }
        Op::Edit(which, n) => edit(screen, which, n),
    }
}

fn edit(screen: &mut Screen, which: u8, n: u16) {
    let kind = if n.is_multiple_of(2) {
        Erase::All
    } else {
        Erase::Unprotected
    };
    let rect = CellRect {
        top: n % 5,
        left: n,
        bottom: n % 5 + 2,
        right: n + 4,
    };
    match which {
        0 => screen.erase_below(kind),
        1 => screen.erase_above(kind),
        2 => screen.erase_screen(kind),
        3 => screen.erase_line(kind),
        4 => screen.erase_line_left(kind),
        5 => screen.erase_line_right(kind),
        6 => screen.erase_characters_kind(n, kind),
        7 => screen.insert_blanks(n),
        8 => screen.delete_characters(n),
        9 => screen.insert_lines(n),
        10 => screen.delete_lines(n),
        11 => screen.insert_columns(n),
        12 => screen.delete_columns(n),
        13 => screen.scroll_up(n),
        14 => screen.scroll_down(n),
        15 => screen.scroll_left(n),
        16 => screen.scroll_right(n),
        17 => screen.move_left(n),
        18 => screen.move_right(n),
        19 => screen.move_up(n),
        20 => screen.move_down(n),
        21 => screen.tab(n),
        22 => screen.reverse_index(),
        23 => screen.forward_index(),
        24 => screen.back_index(),
        25 => screen.save_cursor(),
        26 => screen.restore_cursor(),
        27 => screen.repeat_last(n),
        28 => screen.fill_rect(rect, if n.is_multiple_of(2) { '#' } else { 'é' }),
        29 => screen.copy_rect(rect, n % 4, n % 7),
        30 => screen.erase_rect(rect, kind),
        32 => screen.set_line_size(LineSize::Single),
        33 => screen.set_line_size(LineSize::DoubleWidth),
        34 => screen.set_line_size(LineSize::DoubleTop),
        35 => screen.set_line_size(LineSize::DoubleBottom),
        _ => screen.change_rect(rect, n.is_multiple_of(2), &|style| Style {
            attrs: Attrs::BOLD,
            ..style
        }),
    }
}

fn copy(frame: &mut crate::frame::Frame, screen: &mut Screen) -> bool {
    let palette = crate::color::Palette::default();
    frame.copy(crate::frame::FrameSource {
        screen,
        alternate_screen: false,
        palette: &palette,
        palette_generation: 1,
        reverse_screen: false,
        cursor_shape: crate::frame::CursorShape::Block,
        cursor_blinking: false,
        cursor_visible: true,
        epoch: 1,
        held: false,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_screen_stays_sound_and_frames_follow(
        ops in prop::collection::vec(op(), 1..80),
        reflow in any::<bool>(),
        every in 1..6_usize,
    ) {
        let lines = if reflow { 30 } else { 0 };
        let mut screen = Screen::new(GridSize { columns: 10, rows: 6 }, lines, 1 << 20);
        let mut frame = crate::frame::Frame::new();
        for (i, op) in ops.iter().enumerate() {
            apply(&mut screen, op, reflow);
            check_invariants(&screen);
            if i % every != 0 {
                continue;
            }
            let before = frame.clone();
            let changed = copy(&mut frame, &mut screen);
            let mut whole = crate::frame::Frame::new();
            copy(&mut whole, &mut screen);
            prop_assert_eq!(&frame.rows, &whole.rows, "after {:?}", op);
            prop_assert_eq!(frame.cursor, whole.cursor);
            prop_assert_eq!(frame.has_blinking_text, whole.has_blinking_text);
            let same_size = before.rows.len() == frame.rows.len();
            for (row, changed) in frame.changed.iter().enumerate() {
                if !changed && same_size {
                    prop_assert_eq!(&before.rows[row], &frame.rows[row]);
                }
            }
            if !changed {
                prop_assert_eq!(&before.rows, &frame.rows);
            }
            prop_assert!(!copy(&mut frame, &mut screen), "nothing changed since");
        }
    }

    #[test]
    fn resizing_there_and_back_gives_the_same_text(
        lines in prop::collection::vec("[a-z中文é ]{0,40}", 1..20),
        sizes in prop::collection::vec((2..60_u16, 1..20_u16, prop::option::of(0..20_usize)), 1..6),
    ) {
        let mut screen = Screen::new(GridSize { columns: 20, rows: 6 }, 10_000, 1 << 24);
        for line in &lines {
            // Blanks at the end of a line are not text.
            screen.print_str(line.trim_end());
            screen.carriage_return();
            screen.index();
        }
        screen.print_str("$ ");
        let before = history_of(&screen);
        let anchors: Vec<_> = (0..6)
            .filter(|row| !screen.grid.is_blank(*row))
            .map(|row| (screen.grid.meta(row).line, screen.grid.meta(row).offset, screen.grid.get(row, 0).content()))
            .collect();
        let any_frozen = sizes.iter().any(|(_, _, frozen)| frozen.is_some());
        for (columns, rows, frozen) in sizes {
            screen.resize(GridSize { columns, rows }, Resize::Reflow { frozen });
            check_invariants(&screen);
            if any_frozen {
                // Cells of frozen rows may be cut off for now.
                continue;
            }
            for (line, offset, content) in &anchors {
                let point = screen.resolve(*line, *offset);
                prop_assert!(point.is_some());
                let point = point.unwrap();
                if point.line.0 >= 0 && *content != Content::Blank {
                    let row = usize::try_from(point.line.0).unwrap();
                    let cell = screen.grid.get(row, usize::from(point.column.0));
                    prop_assert_eq!(cell.content(), *content);
                }
            }
        }
        screen.resize(GridSize { columns: 20, rows: 6 }, Resize::FLOW);
        let after = history_of(&screen);
        if any_frozen {
            // A line that left the screen in frozen rows may have come apart.
            let text = |rows: &[String]| rows.concat().replace(['\\', ' '], "");
            prop_assert_eq!(text(&after), text(&before));
        } else {
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn scrollback_shows_what_the_screen_showed(
        lines in prop::collection::vec("[a-z中é\u{301}]{0,30}", 1..60),
        pen in 0..6_u8,
        compact in any::<bool>(),
    ) {
        // A tall screen keeps all live; a short one sends most to scrollback.
        let mut tall = Screen::new(GridSize { columns: 9, rows: 400 }, 10, 1 << 20);
        let mut short = Screen::new(GridSize { columns: 9, rows: 2 }, 10_000, 1 << 24);
        for screen in [&mut tall, &mut short] {
            for (i, line) in lines.iter().enumerate() {
                // Foregrounds only: a background would also color the row that wrapping scrolls in.
                let color = Color::Indexed(pen + u8::try_from(i % 4).unwrap());
                screen.set_pen(Style { foreground: color, ..Style::default() });
                screen.set_pen_link((i % 5 == 0).then_some(("http://x/", "")));
                screen.print_str(line);
                screen.set_pen(Style::default());
                screen.carriage_return();
                screen.index();
            }
        }
        if compact {
            while short.compact(1) {}
        }
        let first = -i32::try_from(short.scrollback_rows()).unwrap();
        let (mut a, mut b) = (FrameRow::default(), FrameRow::default());
        for i in 0..-first {
            prop_assert!(tall.read_row(Line(i), &mut a) && short.read_row(Line(first + i), &mut b));
            prop_assert_eq!(a.wrapped, b.wrapped);
            let cells = |row: &FrameRow| {
                let mut buffer = [0; 4];
                row.cells.iter().map(|c| (row.text(c, &mut buffer).to_owned(), c.width, c.style, c.link)).collect::<Vec<_>>()
            };
            prop_assert_eq!(cells(&a), cells(&b));
        }
    }

    #[test]
    fn many_lines_at_once_are_as_one_after_the_other(
        ops in prop::collection::vec(op(), 0..40),
        lines in prop::collection::vec("[ -~]{0,10}| {0,6}", 20..80),
        scrollback in (0..4_usize).prop_map(|n| [0, 3, 30, 500][n]),
        view in 0..40_i32,
        tidy in any::<bool>(),
    ) {
        let make = || {
            let mut screen = Screen::new(GridSize { columns: 10, rows: 6 }, scrollback, 1 << 20);
            for op in &ops {
                apply(&mut screen, op, true);
            }
            if tidy {
                screen.set_vertical_margins(0, u16::MAX);
                screen.modes.left_right_margins = false;
                screen.modes.insert = false;
                screen.set_pen(Style::default());
                screen.set_pen_link(None);
                screen.make_all_single();
                screen.goto(u16::MAX, 0);
            }
            screen.scroll_display(crate::terminal::Scroll::Rows(view));
            screen
        };
        let (mut at_once, mut one_by_one) = (make(), make());
        let bytes: Vec<u8> = lines.iter().flat_map(|line| [line, "\r\n"].concat().into_bytes()).collect();
        let mut frame = crate::frame::Frame::new();
        copy(&mut frame, &mut at_once);
        let taken = at_once.print_lines(&bytes);
        let Ok(taken) = taken else { return Ok(()) };
        // Up to a line that is wider than the screen.
        let taken = bytes[..taken].iter().filter(|byte| **byte == b'\n').count();
        for line in &lines[..taken] {
            one_by_one.print_ascii(line.as_bytes());
            one_by_one.end_line();
        }
        check_invariants(&at_once);
        prop_assert_eq!(history_of(&at_once), history_of(&one_by_one));
        let facts = |screen: &Screen| {
            let rows: Vec<_> = (0..screen.grid.rows()).map(|row| {
                let meta = screen.grid.meta(row);
                (meta.line, meta.offset, meta.flags)
            }).collect();
            let cursor = (screen.cursor.row, screen.cursor.column, screen.cursor.pending_wrap);
            let printed = (screen.last_char, screen.joinable, screen.sticky);
            let kept: Vec<_> = (0..screen.scrollback.rows())
                .map(|row| screen.scrollback.row(row, |_, _, _, _| {}))
                .collect();
            let newest = screen.scrollback.newest_line();
            (rows, cursor, printed, kept, newest, screen.display_offset)
        };
        prop_assert_eq!(facts(&at_once), facts(&one_by_one));
        // A frame that followed all along shows the same as a new one.
        copy(&mut frame, &mut at_once);
        let mut whole = crate::frame::Frame::new();
        copy(&mut whole, &mut at_once);
        prop_assert_eq!(&frame.rows, &whole.rows);
        // What comes next goes on from the same state.
        for screen in [&mut at_once, &mut one_by_one] {
            screen.print_str("e\u{301}");
            screen.repeat_last(2);
        }
        prop_assert_eq!(history_of(&at_once), history_of(&one_by_one));
    }
}

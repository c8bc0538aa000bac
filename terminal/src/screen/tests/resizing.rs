//! Resizing and reflow.

use super::*;
use crate::size::LineSize;

#[track_caller]
fn check_resize(screen: &mut Screen, columns: u16, rows: u16, after: &[&str], cursor: (u16, u16)) {
    screen.resize(GridSize { columns, rows }, Resize::FLOW);
    assert_eq!(history_of(screen), after);
    assert_eq!((screen.cursor_row(), screen.cursor_column()), cursor);
    check_invariants(screen);
}

fn typed(columns: u16, rows: u16, lines: &[&str]) -> Screen {
    let mut screen = Screen::new(GridSize { columns, rows }, 1000, 10_000_000);
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            screen.carriage_return();
            screen.index();
        }
        screen.print_str(line);
    }
    screen
}

#[test]
fn what_was_erased_with_a_color_keeps_it_below_the_text() {
    let mut screen = typed(10, 4, &[]);
    let pen = Style {
        background: Color::Indexed(5),
        ..Style::default()
    };
    screen.set_pen(pen);
    screen.erase_screen(Erase::All);
    screen.set_pen(Style::default());
    for (columns, rows, colored) in [(14, 6, 4), (9, 3, 3), (9, 5, 3)] {
        screen.resize(GridSize { columns, rows }, Resize::FLOW);
        check_invariants(&screen);
        let is_colored = |row: &usize| {
            let look = screen.grid.get(*row, 0).look();
            screen.styles.get(Cell(look).style()).background == pen.background
        };
        let found: Vec<usize> = (0..usize::from(rows)).filter(is_colored).collect();
        assert_eq!(found, (0..colored).collect::<Vec<_>>());
    }
}

#[test]
fn lines_wrap_and_unwrap_and_the_cursor_stays_on_its_text() {
    let mut screen = typed(10, 4, &["0123456789abc", "$ x"]);
    check_resize(&mut screen, 10, 4, &["0123456789\\", "abc", "$ x"], (2, 3));
    check_resize(
        &mut screen,
        5,
        4,
        &["01234\\", "56789\\", "abc", "$ x"],
        (3, 3),
    );
    check_resize(
        &mut screen,
        4,
        4,
        &["0123\\", "4567\\", "89ab\\", "c", "$ x"],
        (3, 3),
    );
    assert_eq!(screen.scrollback_rows(), 1);
    check_resize(&mut screen, 20, 4, &["0123456789abc", "$ x"], (1, 3));
    check_resize(
        &mut screen,
        2,
        2,
        &[
            "01\\", "23\\", "45\\", "67\\", "89\\", "ab\\", "c", "$\\", "x",
        ],
        (1, 1),
    );
    check_resize(&mut screen, 10, 4, &["0123456789\\", "abc", "$ x"], (2, 3));
}

#[test]
fn wide_characters_that_do_not_fit_leave_a_leading_spacer() {
    let mut screen = typed(8, 4, &["中文字漢", "x"]);
    check_resize(&mut screen, 5, 4, &["中文\\", "字漢", "x"], (2, 1));
    assert_eq!(row_text(&screen, 0), "中_文_>");
    check_resize(
        &mut screen,
        3,
        2,
        &["中\\", "文\\", "字\\", "漢", "x"],
        (1, 1),
    );
    check_resize(&mut screen, 8, 4, &["中文字漢", "x"], (1, 1));
    assert_eq!(row_text(&screen, 0), "中_文_字_漢_");
}

#[test]
fn rows_go_to_scrollback_and_come_back() {
    let mut screen = typed(8, 4, &["a", "b", "c", "d"]);
    check_resize(&mut screen, 8, 2, &["a", "b", "c", "d"], (1, 1));
    assert_eq!(screen.scrollback_rows(), 2);
    check_resize(&mut screen, 8, 3, &["a", "b", "c", "d"], (2, 1));
    check_resize(&mut screen, 8, 6, &["a", "b", "c", "d"], (3, 1));
    assert_eq!(screen.scrollback_rows(), 0);
    // Blank rows below the cursor go first.
    check_resize(&mut screen, 8, 4, &["a", "b", "c", "d"], (3, 1));
    assert_eq!(screen.scrollback_rows(), 0);
}

#[test]
fn text_below_the_cursor_never_pushes_the_cursor_off() {
    let mut screen = screen_of(&ABC);
    screen.resize(
        GridSize {
            columns: 8,
            rows: 2,
        },
        Resize::FLOW,
    );
    assert_eq!(
        (place(&screen), rows_of(&screen)),
        ((0, 0, false), vec!["abcdefgh".into(), "ijklmnop".into()])
    );
}

#[test]
fn a_line_that_began_in_scrollback_is_rewrapped_whole() {
    let mut screen = typed(4, 2, &["0123456789abcdefghij", "$"]);
    assert_eq!(screen.scrollback_rows(), 4);
    check_resize(
        &mut screen,
        8,
        2,
        &["01234567\\", "89abcdef\\", "ghij", "$"],
        (1, 1),
    );
    check_resize(&mut screen, 20, 2, &["0123456789abcdefghij", "$"], (1, 1));
    check_resize(
        &mut screen,
        4,
        2,
        &["0123\\", "4567\\", "89ab\\", "cdef\\", "ghij", "$"],
        (1, 1),
    );
}

#[test]
fn pending_wrap_and_saved_cursor_follow() {
    let mut screen = typed(4, 3, &["ab", "0123"]);
    screen.save_cursor();
    assert_eq!(place(&screen), (1, 3, true));
    screen.resize(
        GridSize {
            columns: 8,
            rows: 3,
        },
        Resize::FLOW,
    );
    assert_eq!(place(&screen), (1, 4, false));
    screen.goto(0, 0);
    screen.restore_cursor();
    assert_eq!(place(&screen), (1, 4, false));
    screen.resize(
        GridSize {
            columns: 2,
            rows: 3,
        },
        Resize::FLOW,
    );
    assert_eq!(history_of(&screen), ["ab", "01\\", "23"]);
}

#[test]
fn the_alternate_screen_is_cut_and_padded() {
    let mut screen = Screen::new(
        GridSize {
            columns: 8,
            rows: 4,
        },
        0,
        0,
    );
    for (row, line) in (0..).zip(ABC) {
        screen.goto(row, 0);
        screen.print_str(line);
    }
    screen.resize(
        GridSize {
            columns: 4,
            rows: 3,
        },
        Resize::Cut,
    );
    assert_eq!(rows_of(&screen), ["ijkl", "qrst", "yz"]);
    assert_eq!(place(&screen), (2, 2, false));
    screen.resize(
        GridSize {
            columns: 6,
            rows: 4,
        },
        Resize::Cut,
    );
    assert_eq!(rows_of(&screen), ["ijkl", "qrst", "yz"]);
    let mut screen = Screen::new(
        GridSize {
            columns: 4,
            rows: 1,
        },
        0,
        0,
    );
    screen.print_str("a中");
    screen.resize(
        GridSize {
            columns: 2,
            rows: 1,
        },
        Resize::Cut,
    );
    assert_eq!(rows_of(&screen), ["a"]);
    check_invariants(&screen);
}

#[test]
fn a_view_that_is_scrolled_back_stays_on_its_text() {
    let lines: Vec<String> = (0..40).map(|i| format!("line {i:02} is long")).collect();
    let mut screen = typed(16, 4, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    screen.scroll_display(crate::terminal::Scroll::To(20));
    let top = |s: &Screen| {
        let mut row = FrameRow::default();
        assert!(s.read_row(Line(-i32::try_from(s.display_offset()).unwrap()), &mut row));
        row.line_id
    };
    let before = top(&screen);
    screen.print_str("more\u{301}");
    for _ in 0..5 {
        screen.index();
    }
    assert_eq!((top(&screen), screen.display_offset()), (before, 26));
    screen.resize(
        GridSize {
            columns: 8,
            rows: 6,
        },
        Resize::FLOW,
    );
    assert_eq!(top(&screen), before);
    screen.resize(
        GridSize {
            columns: 40,
            rows: 3,
        },
        Resize::FLOW,
    );
    assert_eq!(top(&screen), before);
}

#[test]
fn anchors_find_their_text_after_every_reflow() {
    let lines: Vec<String> = (0..30)
        .map(|i| format!("{i:02} {}", "word ".repeat(i % 7)))
        .collect();
    let mut screen = typed(20, 5, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    let anchors: Vec<_> = (0..screen.scrollback_rows() + 5)
        .map(|row| {
            let line =
                i32::try_from(row).unwrap() - i32::try_from(screen.scrollback_rows()).unwrap();
            (
                screen.anchor(Point::new(line, 1)).unwrap(),
                screen.text(Point::new(line, 1), Point::new(line, 1)),
            )
        })
        .collect();
    for columns in [7, 40, 3, 20] {
        screen.resize(GridSize { columns, rows: 5 }, Resize::FLOW);
        for ((line, offset), text) in &anchors {
            let point = screen.resolve(*line, *offset).unwrap();
            assert_eq!(
                screen.text(point, point),
                *text,
                "at {columns} columns: {line:?} {offset}"
            );
        }
    }
}

/// The size and the shown text of every row, scrollback first.
fn sizes_of(screen: &Screen) -> Vec<(LineSize, String)> {
    let first = -i32::try_from(screen.scrollback_rows()).unwrap();
    let last = i32::from(screen.size().rows);
    let mut row = FrameRow::default();
    let mut rows: Vec<_> = (first..last)
        .map(|line| {
            assert!(screen.read_row(Line(line), &mut row));
            let text: String = row.shown().iter().map(|cell| cell.character).collect();
            (row.size, text.trim_end().to_owned())
        })
        .collect();
    while rows.last().is_some_and(|(_, text)| text.is_empty()) {
        rows.pop();
    }
    rows
}

#[test]
fn double_lines_are_one_row_at_any_width() {
    use LineSize::{DoubleBottom, DoubleTop, DoubleWidth, Single};
    let mut screen = Screen::new(
        GridSize {
            columns: 12,
            rows: 6,
        },
        1000,
        10_000_000,
    );
    for (size, text) in [
        (Single, "0123456789abcdef"),
        (DoubleTop, "title!"),
        (DoubleBottom, "title!"),
        (DoubleWidth, "wide中"),
        (Single, "end"),
    ] {
        screen.set_line_size(size);
        screen.print_str(text);
        screen.carriage_return();
        screen.index();
    }
    screen.move_up(1);
    screen.move_right(3);
    let whole = |first: &[&str]| {
        let mut rows: Vec<_> = first
            .iter()
            .map(|text| (Single, (*text).to_owned()))
            .collect();
        rows.extend([
            (DoubleTop, "title!".to_owned()),
            (DoubleBottom, "title!".to_owned()),
            (DoubleWidth, "wide中".to_owned()),
            (Single, "end".to_owned()),
        ]);
        rows
    };
    assert_eq!(sizes_of(&screen), whole(&["0123456789ab", "cdef"]));
    for (columns, rows) in [(14, 3), (20, 9), (12, 2), (16, 6), (12, 6)] {
        screen.resize(GridSize { columns, rows }, Resize::FLOW);
        check_invariants(&screen);
        let first: &[&str] = match columns {
            12 => &["0123456789ab", "cdef"],
            14 => &["0123456789abcd", "ef"],
            _ => &["0123456789abcdef"],
        };
        assert_eq!(sizes_of(&screen), whole(first), "{columns} columns");
    }
    // What a narrower screen does not show is still there.
    screen.resize(
        GridSize {
            columns: 6,
            rows: 6,
        },
        Resize::FLOW,
    );
    check_invariants(&screen);
    let shown = sizes_of(&screen);
    assert!(shown.contains(&(DoubleTop, "tit".to_owned())), "{shown:?}");
    screen.resize(
        GridSize {
            columns: 12,
            rows: 6,
        },
        Resize::FLOW,
    );
    assert_eq!(sizes_of(&screen), whole(&["0123456789ab", "cdef"]));
}

#[test]
fn a_line_that_began_in_scrollback_ends_where_a_row_becomes_double() {
    let mut screen = Screen::new(
        GridSize {
            columns: 8,
            rows: 2,
        },
        1000,
        10_000_000,
    );
    screen.print_str("0123456789abcdefghij");
    assert_eq!(screen.scrollback_rows(), 1);
    screen.goto(0, 0);
    screen.set_line_size(LineSize::DoubleWidth);
    check_invariants(&screen);
    assert_eq!(
        sizes_of(&screen),
        [
            (LineSize::Single, "01234567".to_owned()),
            (LineSize::DoubleWidth, "89ab".to_owned()),
            (LineSize::Single, "ghij".to_owned()),
        ]
    );
    for columns in [20, 8] {
        screen.resize(GridSize { columns, rows: 2 }, Resize::FLOW);
        check_invariants(&screen);
        assert_eq!(
            sizes_of(&screen).last().map(|row| row.1.as_str()),
            Some("ghij")
        );
    }
}

#[test]
fn double_lines_that_come_back_between_left_and_right_margins_are_single() {
    let mut screen = Screen::new(
        GridSize {
            columns: 8,
            rows: 1,
        },
        1000,
        10_000_000,
    );
    screen.set_line_size(LineSize::DoubleWidth);
    screen.print_str("wide");
    screen.carriage_return();
    screen.index();
    screen.modes.left_right_margins = true;
    screen.resize(
        GridSize {
            columns: 8,
            rows: 3,
        },
        Resize::FLOW,
    );
    check_invariants(&screen);
    assert_eq!(sizes_of(&screen), [(LineSize::Single, "wide".to_owned())]);
}

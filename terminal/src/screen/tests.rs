//! Tests of `screen.rs` and its parts: operations on small screens, compared as text.

use super::*;
use crate::cell::{Attrs, CellWidth};
use crate::color::{Color, Rgb};
use crate::frame::FrameRow;
use crate::index::{Line, Point};

/// A screen of 8 × 4 with `lines` printed into it, the cursor home.
fn screen_of(lines: &[&str]) -> Screen {
    sized(8, 4, lines)
}

fn sized(columns: u16, rows: u16, lines: &[&str]) -> Screen {
    let mut screen = Screen::new(GridSize { columns, rows }, 1000, 10_000_000);
    for (row, line) in (0..).zip(lines) {
        screen.goto(row, 0);
        screen.print_str(line);
    }
    screen.goto(0, 0);
    screen
}

/// A row as text: `·` for a blank never written, `_` for the second half of a wide cell, `>` for a leading
/// spacer; blanks at the end are left out.
fn row_text(screen: &Screen, row: usize) -> String {
    let mut text = String::new();
    for column in 0..screen.grid.columns() {
        let cell = screen.grid.get(row, column);
        match (cell.width(), cell.content()) {
            (CellWidth::Spacer, _) => text.push('_'),
            (CellWidth::LeadingSpacer, _) => text.push('>'),
            (_, Content::Blank) => text.push('·'),
            (_, Content::Char(c)) => text.push(c),
            (_, Content::Cluster(id)) => text.push_str(screen.clusters.get(id)),
        }
    }
    text.trim_end_matches('·').to_owned()
}

fn rows_of(screen: &Screen) -> Vec<String> {
    let mut rows: Vec<_> = (0..screen.grid.rows())
        .map(|row| row_text(screen, row))
        .collect();
    while rows.last().is_some_and(String::is_empty) {
        rows.pop();
    }
    rows
}

/// Scrollback and screen as text, a `\` where a row is wrapped.
fn history_of(screen: &Screen) -> Vec<String> {
    let mut row = FrameRow::default();
    let first = -i32::try_from(screen.scrollback_rows()).unwrap();
    let mut rows = Vec::new();
    let mut line = first;
    while screen.read_row(Line(line), &mut row) {
        let mut buffer = [0; 4];
        let mut text = String::new();
        for cell in &row.cells {
            if !matches!(cell.width, CellWidth::Spacer | CellWidth::LeadingSpacer) {
                text.push_str(row.text(cell, &mut buffer));
            }
        }
        let mut text = text.trim_end().to_owned();
        if row.wrapped {
            text.push('\\');
        }
        rows.push(text);
        line += 1;
    }
    while rows.last().is_some_and(String::is_empty) {
        rows.pop();
    }
    rows
}

fn place(screen: &Screen) -> (u16, u16, bool) {
    (
        screen.cursor_row(),
        screen.cursor_column(),
        screen.pending_wrap(),
    )
}

/// Runs `act` on a screen with `before` in it and compares the rows after.
#[track_caller]
fn check(before: &[&str], act: impl FnOnce(&mut Screen), after: &[&str]) {
    let mut screen = screen_of(before);
    act(&mut screen);
    assert_eq!(rows_of(&screen), after);
    check_invariants(&screen);
}

/// As [`check`], and the cursor too.
#[track_caller]
fn check_cursor(before: &[&str], act: impl FnOnce(&mut Screen), cursor: (u16, u16, bool)) {
    let mut screen = screen_of(before);
    act(&mut screen);
    assert_eq!(place(&screen), cursor);
    check_invariants(&screen);
}

/// What holds whatever happened.
#[track_caller]
fn check_invariants(screen: &Screen) {
    let (columns, rows) = (screen.grid.columns(), screen.grid.rows());
    assert!(screen.cursor.row < rows && screen.cursor.column < columns);
    assert!(screen.top <= screen.bottom && screen.bottom < rows);
    assert!(screen.left <= screen.right && screen.right < columns);
    assert!(screen.cursor.column <= screen.last_column(screen.cursor.row));
    let mut last_line = LineId(0);
    for row in 0..rows {
        let meta = screen.grid.meta(row);
        if meta.flags.size().is_double() {
            assert!(screen.has_double && !screen.modes.left_right_margins);
            assert!(!meta.flags.contains(crate::grid::RowFlags::WRAPPED));
            assert!(meta.line > last_line, "row {row} stands alone");
            assert!(row + 1 == rows || screen.grid.meta(row + 1).line > meta.line);
        }
        assert!(meta.line >= last_line, "ids grow downwards: row {row}");
        last_line = meta.line;
        if meta.flags.contains(crate::grid::RowFlags::WRAPPED) && row + 1 < rows {
            let next = screen.grid.meta(row + 1);
            assert_eq!(
                screen.grid.continuation(row),
                (next.line, next.offset),
                "row {row}"
            );
        }
        for column in 0..columns {
            let cell = screen.grid.get(row, column);
            match cell.width() {
                CellWidth::Wide => {
                    let next = screen.grid.get(row, column + 1);
                    assert_eq!(next.width(), CellWidth::Spacer, "row {row} column {column}");
                }
                CellWidth::Spacer => {
                    assert!(column > 0, "row {row}");
                    let wide = screen.grid.get(row, column - 1);
                    assert_eq!(wide.width(), CellWidth::Wide, "row {row} column {column}");
                }
                CellWidth::LeadingSpacer => assert_eq!(column, columns - 1),
                CellWidth::Narrow => {}
            }
            assert!((cell.style() as usize) < 1 << 24);
            screen.styles.get(cell.style());
        }
    }
}

const ABC: [&str; 4] = ["abcdefgh", "ijklmnop", "qrstuvwx", "yz"];

#[test]
fn printing_wraps_at_the_edge_and_scrolls_at_the_bottom() {
    check(&[], |s| s.print_ascii(b"hello"), &["hello"]);
    check(&[], |s| s.print_ascii(b"0123456789"), &["01234567", "89"]);
    check_cursor(&[], |s| s.print_ascii(b"01234567"), (0, 7, true));
    check_cursor(&[], |s| s.print_ascii(b"012345678"), (1, 1, false));
    check(
        &[],
        |s| s.print_ascii(b"01234567abcdefgh01234567abcdefgh!"),
        &["abcdefgh", "01234567", "abcdefgh", "!"],
    );
}

#[test]
fn without_autowrap_the_last_column_is_overwritten() {
    check(
        &[],
        |s| {
            s.modes.autowrap = false;
            s.print_ascii(b"0123456789");
            s.print_ascii(b"x");
        },
        &["0123456x"],
    );
}

#[test]
fn insert_mode_shifts_the_rest() {
    check(
        &["abcdefgh"],
        |s| {
            s.modes.insert = true;
            s.goto(0, 2);
            s.print_ascii(b"XY");
            s.print_str("中");
        },
        &["abXY中_cd"],
    );
}

#[test]
fn pending_wrap_is_cleared_by_movement_and_kept_by_the_pen() {
    check_cursor(
        &["01234567"],
        |s| {
            s.goto(0, 7);
            s.print_ascii(b"x");
            s.set_pen(Style {
                attrs: Attrs::BOLD,
                ..Style::default()
            });
        },
        (0, 7, true),
    );
    check_cursor(
        &[],
        |s| {
            s.print_ascii(b"01234567");
            s.move_left(1);
        },
        (0, 6, false),
    );
    check_cursor(
        &[],
        |s| {
            s.print_ascii(b"01234567");
            s.tab(1);
        },
        (0, 7, true),
    );
}

#[test]
fn wide_characters_wrap_whole_and_leave_a_spacer() {
    check(&[], |s| s.print_str("abcdefg中x"), &["abcdefg>", "中_x"]);
    check(&[], |s| s.print_str("中文字漢字"), &["中_文_字_漢_", "字_"]);
    check(
        &[],
        |s| {
            s.modes.autowrap = false;
            s.print_str("abcdefgh中");
        },
        &["abcdef中_"],
    );
}

#[test]
fn halves_of_wide_cells_are_edited_together() {
    let wide = ["中文字漢"];
    let at = |column: u16, text: &'static str| {
        move |s: &mut Screen| {
            s.goto(0, column);
            s.print_str(text);
        }
    };
    check(&wide, at(1, "x"), &["·x文_字_漢_"]);
    check(&wide, at(0, "x"), &["x·文_字_漢_"]);
    check(&wide, at(1, "語"), &["·語_·字_漢_"]);
    check(&wide, at(3, "abc"), &["中_·abc漢_"]);
    let edit = |f: fn(&mut Screen)| {
        move |s: &mut Screen| {
            s.goto(0, 3);
            f(s);
        }
    };
    check(
        &wide,
        edit(|s| s.erase_characters_kind(1, Erase::All)),
        &["中_··字_漢_"],
    );
    check(&wide, edit(|s| s.delete_characters(1)), &["中_·字_漢_"]);
    check(&wide, edit(|s| s.delete_characters(2)), &["中_··漢_"]);
    check(&wide, edit(|s| s.insert_blanks(1)), &["中_···字_"]);
    check(&wide, edit(|s| s.erase_line_right(Erase::All)), &["中_"]);
    check(
        &wide,
        edit(|s| s.erase_line_left(Erase::All)),
        &["····字_漢_"],
    );
}

#[test]
fn code_points_without_width_join_the_cell_before() {
    check(&[], |s| s.print_str("e\u{301}x"), &["e\u{301}x"]);
    check(&[], |s| s.print_str("\u{301}x"), &["x"]);
    check(
        &[],
        |s| {
            s.print_str("abcdefgh");
            s.print_str("\u{301}");
            s.print_str("x");
        },
        &["abcdefgh\u{301}", "x"],
    );
    check(&[], |s| s.print_str("中\u{301}x"), &["中\u{301}_x"]);
    // At most 16 code points a cell.
    let many = format!("e{}", "\u{301}".repeat(100));
    let kept = format!("e{}", "\u{301}".repeat(15));
    check(&[], |s| s.print_str(&many), &[&kept]);
}

#[test]
fn without_mode_2027_widths_are_those_of_wcwidth() {
    check(&[], |s| s.print_str("👨\u{200d}👩x"), &["👨\u{200d}_👩_x"]);
    check(&[], |s| s.print_str("❤\u{fe0f}x"), &["❤\u{fe0f}x"]);
    check(&[], |s| s.print_str("👍🏽x"), &["👍_🏽_x"]);
    check(&[], |s| s.print_str("🇩🇪x"), &["🇩🇪x"]);
    check(&[], |s| s.print_str("\u{ad}x"), &["\u{ad}x"]);
}

#[test]
fn with_mode_2027_clusters_share_a_cell_and_decide_its_width() {
    #[track_caller]
    fn clusters(text: &str, after: &[&str]) {
        let run = |pieces: &mut dyn Iterator<Item = String>| {
            let mut screen = screen_of(&[]);
            screen.modes.grapheme_clusters = true;
            pieces.for_each(|piece| screen.print_str(&piece));
            check_invariants(&screen);
            rows_of(&screen)
        };
        assert_eq!(run(&mut std::iter::once(text.to_owned())), after, "whole");
        assert_eq!(
            run(&mut text.chars().map(|c| c.to_string())),
            after,
            "by code point"
        );
    }
    clusters("👨\u{200d}👩\u{200d}👧x", &["👨\u{200d}👩\u{200d}👧_x"]);
    clusters("❤\u{fe0f}x", &["❤\u{fe0f}_x"]);
    clusters("👍🏽x", &["👍🏽_x"]);
    clusters("🇩🇪🇫🇷x", &["🇩🇪_🇫🇷_x"]);
    clusters("🇩x", &["🇩x"]);
    clusters("e\u{301}\u{302}x", &["e\u{301}\u{302}x"]);
    clusters("\u{1112}\u{1161}\u{11ab}x", &["\u{1112}\u{1161}\u{11ab}_x"]);
    clusters("⌚\u{fe0e}x", &["⌚\u{fe0e}x"]);
    clusters("1\u{fe0f}\u{20e3}x", &["1\u{fe0f}\u{20e3}_x"]);
    clusters("abcdefg❤\u{fe0f}x", &["abcdefg>", "❤\u{fe0f}_x"]);
    clusters("abcdefg🇩🇪x", &["abcdefg>", "🇩🇪_x"]);
    clusters("👨\u{200d}x", &["👨\u{200d}_x"]);
}

#[test]
fn clusters_do_not_join_over_a_cursor_movement() {
    check(
        &[],
        |s| {
            s.modes.grapheme_clusters = true;
            s.print_str("🇩");
            s.goto(0, 1);
            s.print_str("🇪");
        },
        &["🇩🇪"],
    );
    let mut screen = screen_of(&[]);
    screen.modes.grapheme_clusters = true;
    screen.print_str("🇩");
    screen.goto(0, 1);
    screen.print_str("🇪");
    assert_eq!(place(&screen), (0, 2, false));
    assert_eq!(screen.grid.get(0, 0).width(), CellWidth::Narrow);
}

#[test]
fn ambiguous_characters_are_wide_on_request() {
    check(&[], |s| s.print_str("─α"), &["─α"]);
    check(
        &[],
        |s| {
            s.modes.ambiguous_wide = true;
            s.print_str("§°x");
        },
        &["§_°_x"],
    );
}

#[test]
fn rep_repeats_the_last_character() {
    check(
        &[],
        |s| {
            s.print_ascii(b"ab");
            s.repeat_last(3);
        },
        &["abbbb"],
    );
    check(
        &[],
        |s| {
            s.print_str("é");
            s.repeat_last(2);
        },
        &["ééé"],
    );
    check(&[], |s| s.repeat_last(5), &[]);
    // Clamped to what the screen has.
    check(
        &[],
        |s| {
            s.print_ascii(b"x");
            s.repeat_last(u16::MAX);
        },
        &["xxxxxxxx", "xxxxxxxx", "xxxxxxxx", "x"],
    );
}

#[test]
fn cursor_movement_stops_at_margins_it_is_inside() {
    let margins = |s: &mut Screen| {
        s.set_vertical_margins(1, 2);
        s.modes.left_right_margins = true;
        s.set_horizontal_margins(2, 5);
    };
    #[track_caller]
    fn moves(from: (u16, u16), act: fn(&mut Screen), to: (u16, u16), margins: fn(&mut Screen)) {
        let mut screen = screen_of(&[]);
        margins(&mut screen);
        screen.goto(from.0, from.1);
        act(&mut screen);
        assert_eq!(place(&screen), (to.0, to.1, false));
    }
    moves((2, 3), |s| s.move_up(9), (1, 3), margins);
    moves((0, 3), |s| s.move_up(9), (0, 3), margins);
    moves((1, 3), |s| s.move_down(9), (2, 3), margins);
    moves((3, 3), |s| s.move_up(9), (1, 3), margins);
    moves((3, 3), |s| s.move_down(9), (3, 3), margins);
    moves((0, 3), |s| s.move_down(9), (2, 3), margins);
    moves((1, 3), |s| s.move_right(9), (1, 5), margins);
    moves((1, 6), |s| s.move_right(9), (1, 7), margins);
    moves((1, 4), |s| s.move_left(9), (1, 2), margins);
    moves((1, 1), |s| s.move_left(9), (1, 0), margins);
    moves((1, 4), |s| s.carriage_return(), (1, 2), margins);
    moves((1, 1), |s| s.carriage_return(), (1, 0), margins);
    moves(
        (1, 1),
        |s| {
            s.modes.origin = true;
            s.carriage_return()
        },
        (1, 2),
        margins,
    );
    moves((0, 0), |s| s.move_down(u16::MAX), (3, 0), |_| {});
}

#[test]
fn reverse_wrap_goes_back_over_soft_wraps_or_everything() {
    let wrapped = |s: &mut Screen| s.print_ascii(b"0123456789");
    check_cursor(
        &[],
        |s| {
            wrapped(s);
            s.move_left(3)
        },
        (1, 0, false),
    );
    check_cursor(
        &[],
        |s| {
            s.modes.reverse_wrap = true;
            wrapped(s);
            s.move_left(3)
        },
        (0, 7, false),
    );
    // A hard line break stops mode 45, not mode 1045.
    let hard = |s: &mut Screen| s.goto(1, 0);
    check_cursor(
        &ABC,
        |s| {
            s.modes.reverse_wrap = true;
            hard(s);
            s.move_left(1)
        },
        (1, 0, false),
    );
    let extended = |s: &mut Screen| s.modes.reverse_wrap_extended = true;
    check_cursor(
        &["a", "b"],
        |s| {
            extended(s);
            hard(s);
            s.move_left(1)
        },
        (0, 7, false),
    );
    check_cursor(
        &["a", "b"],
        |s| {
            extended(s);
            s.move_left(1)
        },
        (3, 7, false),
    );
    check_cursor(
        &[],
        |s| {
            extended(s);
            s.move_left(u16::MAX)
        },
        (0, 0, false),
    );
    // From a pending wrap the first step only takes the wrap back.
    check_cursor(
        &[],
        |s| {
            extended(s);
            s.print_ascii(b"01234567");
            s.move_left(1)
        },
        (0, 7, false),
    );
    check_cursor(
        &[],
        |s| {
            s.print_ascii(b"01234567");
            s.move_left(1)
        },
        (0, 6, false),
    );
}

#[test]
fn tabs_stop_at_stops_and_margins() {
    let mut screen = sized(30, 2, &[]);
    let mut step = |f: fn(&mut Screen), column: u16| {
        f(&mut screen);
        assert_eq!(screen.cursor_column(), column);
    };
    step(|s| s.tab(1), 8);
    step(|s| s.tab(2), 24);
    step(|s| s.tab(1), 29);
    step(|s| s.back_tab(1), 24);
    step(|s| s.back_tab(u16::MAX), 0);
    step(
        |s| {
            s.goto(0, 5);
            s.set_tab();
            s.goto(0, 0);
            s.tab(1)
        },
        5,
    );
    step(
        |s| {
            s.clear_tab();
            s.goto(0, 0);
            s.tab(1)
        },
        8,
    );
    step(
        |s| {
            s.clear_all_tabs();
            s.goto(0, 0);
            s.tab(1)
        },
        29,
    );
    step(
        |s| {
            s.reset_tabs();
            s.goto(0, 0);
            s.tab(u16::MAX)
        },
        29,
    );
    step(
        |s| {
            s.modes.left_right_margins = true;
            s.set_horizontal_margins(2, 10);
            s.goto(0, 9);
            s.tab(1)
        },
        10,
    );
    assert_eq!(screen.tab_stops(), [8, 16, 24]);
    screen.resize(
        GridSize {
            columns: 50,
            rows: 2,
        },
        Resize::FLOW,
    );
    assert_eq!(screen.tab_stops(), [8, 16, 24, 32, 40, 48]);
}

#[test]
fn erasing() {
    let at = |f: fn(&mut Screen)| {
        move |s: &mut Screen| {
            s.goto(1, 3);
            f(s)
        }
    };
    check(
        &ABC,
        at(|s| s.erase_line_right(Erase::All)),
        &["abcdefgh", "ijk", "qrstuvwx", "yz"],
    );
    check(
        &ABC,
        at(|s| s.erase_line_left(Erase::All)),
        &["abcdefgh", "····mnop", "qrstuvwx", "yz"],
    );
    check(
        &ABC,
        at(|s| s.erase_line(Erase::All)),
        &["abcdefgh", "", "qrstuvwx", "yz"],
    );
    check(
        &ABC,
        at(|s| s.erase_below(Erase::All)),
        &["abcdefgh", "ijk"],
    );
    check(
        &ABC,
        at(|s| s.erase_above(Erase::All)),
        &["", "····mnop", "qrstuvwx", "yz"],
    );
    check(
        &ABC,
        at(|s| s.erase_characters_kind(2, Erase::All)),
        &["abcdefgh", "ijk··nop", "qrstuvwx", "yz"],
    );
    check(
        &ABC,
        at(|s| s.erase_characters_kind(u16::MAX, Erase::All)),
        &["abcdefgh", "ijk", "qrstuvwx", "yz"],
    );
    check(&ABC, at(|s| s.erase_screen(Erase::All)), &[]);
}

#[test]
fn protected_cells_survive_selective_erasing_only() {
    let protect = |s: &mut Screen| {
        s.goto(0, 2);
        s.set_pen(Style {
            attrs: Attrs::PROTECTED,
            ..Style::default()
        });
        s.print_ascii(b"PP");
        s.set_pen(Style::default());
        s.goto(0, 0);
    };
    check(
        &["abcdefgh"],
        |s| {
            protect(s);
            s.erase_line(Erase::Unprotected)
        },
        &["··PP"],
    );
    check(
        &["abcdefgh"],
        |s| {
            protect(s);
            s.erase_screen(Erase::Unprotected)
        },
        &["··PP"],
    );
    check(
        &["abcdefgh"],
        |s| {
            protect(s);
            s.erase_line(Erase::All)
        },
        &[],
    );
}

#[test]
fn blanks_take_the_background_and_nothing_else() {
    let red = Style {
        background: Color::Indexed(1),
        foreground: Color::Indexed(2),
        attrs: Attrs::BOLD,
        ..Style::default()
    };
    let blank = (
        '\0',
        Style {
            background: Color::Indexed(1),
            ..Style::default()
        },
    );
    let mut screen = screen_of(&ABC);
    screen.set_pen(red);
    screen.goto(0, 6);
    screen.erase_line_right(Erase::All);
    assert_eq!(screen.cell_character(0, 7), blank);
    screen.goto(1, 0);
    screen.insert_blanks(2);
    assert_eq!(screen.cell_character(1, 1), blank);
    screen.delete_characters(3);
    assert_eq!(screen.cell_character(1, 7), blank);
    screen.insert_lines(1);
    assert_eq!(screen.cell_character(1, 4), blank);
    screen.goto(3, 0);
    screen.index();
    assert_eq!(screen.cell_character(3, 0), blank);
    check_invariants(&screen);
}

#[test]
fn inserting_and_deleting_characters() {
    let at = |f: fn(&mut Screen)| {
        move |s: &mut Screen| {
            s.goto(0, 2);
            f(s)
        }
    };
    check(&["abcdefgh"], at(|s| s.insert_blanks(2)), &["ab··cdef"]);
    check(&["abcdefgh"], at(|s| s.insert_blanks(u16::MAX)), &["ab"]);
    check(&["abc"], at(|s| s.insert_blanks(2)), &["ab··c"]);
    check(&["a"], at(|s| s.insert_blanks(2)), &["a"]);
    check(&["abcdefgh"], at(|s| s.delete_characters(2)), &["abefgh"]);
    check(
        &["abcdefgh"],
        at(|s| s.delete_characters(u16::MAX)),
        &["ab"],
    );
    check(&["abc"], at(|s| s.delete_characters(2)), &["ab"]);
    check(&["a"], at(|s| s.delete_characters(2)), &["a"]);
    let margins = |f: fn(&mut Screen)| {
        move |s: &mut Screen| {
            s.modes.left_right_margins = true;
            s.set_horizontal_margins(1, 4);
            s.goto(0, 2);
            f(s);
        }
    };
    check(
        &["abcdefgh"],
        margins(|s| s.insert_blanks(1)),
        &["ab·cdfgh"],
    );
    check(
        &["abcdefgh"],
        margins(|s| s.delete_characters(1)),
        &["abde·fgh"],
    );
    check(&["abc"], margins(|s| s.delete_characters(1)), &["ab"]);
    check(
        &["abcdefgh"],
        margins(|s| {
            s.goto(0, 6);
            s.insert_blanks(1);
            s.delete_characters(1)
        }),
        &["abcdefgh"],
    );
}

#[test]
fn inserting_and_deleting_lines() {
    let at = |f: fn(&mut Screen)| {
        move |s: &mut Screen| {
            s.goto(1, 3);
            f(s)
        }
    };
    check(
        &ABC,
        at(|s| s.insert_lines(1)),
        &["abcdefgh", "", "ijklmnop", "qrstuvwx"],
    );
    check(&ABC, at(|s| s.insert_lines(u16::MAX)), &["abcdefgh"]);
    check(
        &ABC,
        at(|s| s.delete_lines(1)),
        &["abcdefgh", "qrstuvwx", "yz"],
    );
    check(&ABC, at(|s| s.delete_lines(u16::MAX)), &["abcdefgh"]);
    check_cursor(&ABC, at(|s| s.delete_lines(1)), (1, 0, false));
    let region = |f: fn(&mut Screen)| {
        move |s: &mut Screen| {
            s.set_vertical_margins(1, 2);
            s.goto(1, 3);
            f(s)
        }
    };
    check(
        &ABC,
        region(|s| s.insert_lines(1)),
        &["abcdefgh", "", "ijklmnop", "yz"],
    );
    check(
        &ABC,
        region(|s| s.delete_lines(1)),
        &["abcdefgh", "qrstuvwx", "", "yz"],
    );
    check(
        &ABC,
        region(|s| {
            s.goto(3, 0);
            s.delete_lines(1);
            s.insert_lines(1)
        }),
        &ABC,
    );
    let rect = |f: fn(&mut Screen)| {
        move |s: &mut Screen| {
            s.modes.left_right_margins = true;
            s.set_horizontal_margins(2, 4);
            s.goto(1, 3);
            f(s);
        }
    };
    check(
        &ABC,
        rect(|s| s.insert_lines(1)),
        &["abcdefgh", "ij···nop", "qrklmvwx", "yzstu"],
    );
    check(
        &ABC,
        rect(|s| s.delete_lines(1)),
        &["abcdefgh", "ijstunop", "qr···vwx", "yz"],
    );
    check_cursor(&ABC, rect(|s| s.delete_lines(1)), (1, 2, false));
    check(
        &ABC,
        rect(|s| {
            s.goto(1, 6);
            s.delete_lines(1)
        }),
        &ABC,
    );
}

#[test]
fn scrolling_regions_and_rectangles() {
    check(&ABC, |s| s.scroll_up(1), &["ijklmnop", "qrstuvwx", "yz"]);
    check(
        &ABC,
        |s| s.scroll_down(1),
        &["", "abcdefgh", "ijklmnop", "qrstuvwx"],
    );
    check(&ABC, |s| s.scroll_down(u16::MAX), &[]);
    check(
        &ABC,
        |s| {
            s.set_vertical_margins(1, 2);
            s.scroll_up(1)
        },
        &["abcdefgh", "qrstuvwx", "", "yz"],
    );
    let rect = |f: fn(&mut Screen)| {
        move |s: &mut Screen| {
            s.modes.left_right_margins = true;
            s.set_horizontal_margins(2, 4);
            s.set_vertical_margins(0, 2);
            f(s);
        }
    };
    check(
        &ABC,
        rect(|s| s.scroll_up(1)),
        &["abklmfgh", "ijstunop", "qr···vwx", "yz"],
    );
    check(
        &ABC,
        rect(|s| s.scroll_down(2)),
        &["ab···fgh", "ij···nop", "qrcdevwx", "yz"],
    );
    check(
        &ABC,
        rect(|s| {
            s.goto(2, 3);
            s.index()
        }),
        &["abklmfgh", "ijstunop", "qr···vwx", "yz"],
    );
    check(
        &ABC,
        rect(|s| {
            s.goto(2, 6);
            s.index()
        }),
        &ABC,
    );
    check(
        &ABC,
        rect(|s| {
            s.goto(0, 3);
            s.reverse_index()
        }),
        &["ab···fgh", "ijcdenop", "qrklmvwx", "yz"],
    );
    check(
        &ABC,
        rect(|s| s.scroll_left(1)),
        &["abde·fgh", "ijlm·nop", "qrtu·vwx", "yz"],
    );
    check(
        &ABC,
        rect(|s| s.scroll_right(1)),
        &["ab·cdfgh", "ij·klnop", "qr·stvwx", "yz"],
    );
    check(
        &ABC,
        rect(|s| {
            s.goto(1, 3);
            s.insert_columns(1)
        }),
        &["abc·dfgh", "ijk·lnop", "qrs·tvwx", "yz"],
    );
    check(
        &ABC,
        rect(|s| {
            s.goto(1, 3);
            s.delete_columns(1)
        }),
        &["abce·fgh", "ijkm·nop", "qrsu·vwx", "yz"],
    );
    check(
        &ABC,
        rect(|s| {
            s.goto(1, 4);
            s.forward_index()
        }),
        &["abde·fgh", "ijlm·nop", "qrtu·vwx", "yz"],
    );
    check(
        &ABC,
        rect(|s| {
            s.goto(1, 2);
            s.back_index()
        }),
        &["ab·cdfgh", "ij·klnop", "qr·stvwx", "yz"],
    );
    check_cursor(
        &ABC,
        rect(|s| {
            s.goto(1, 3);
            s.forward_index()
        }),
        (1, 4, false),
    );
    check_cursor(
        &ABC,
        rect(|s| {
            s.goto(1, 3);
            s.back_index()
        }),
        (1, 2, false),
    );
}

#[test]
fn line_feeds_below_the_region_do_not_scroll() {
    check_cursor(
        &ABC,
        |s| {
            s.set_vertical_margins(0, 1);
            s.goto(3, 2);
            s.index()
        },
        (3, 2, false),
    );
    check(
        &ABC,
        |s| {
            s.set_vertical_margins(0, 1);
            s.goto(3, 2);
            s.index()
        },
        &ABC,
    );
    check(
        &ABC,
        |s| {
            s.set_vertical_margins(2, 3);
            s.goto(0, 0);
            s.reverse_index()
        },
        &ABC,
    );
}

#[test]
fn rectangles() {
    let rect = |top, left, bottom, right| CellRect {
        top,
        left,
        bottom,
        right,
    };
    check(
        &ABC,
        |s| s.fill_rect(rect(0, 1, 1, 2), '#'),
        &["a##defgh", "i##lmnop", "qrstuvwx", "yz"],
    );
    check(
        &ABC,
        |s| s.erase_rect(rect(1, 6, 2, 200), Erase::All),
        &["abcdefgh", "ijklmn", "qrstuv", "yz"],
    );
    check(
        &ABC,
        |s| s.erase_rect(rect(9, 6, 12, 200), Erase::All),
        &ABC,
    );
    check(
        &ABC,
        |s| s.copy_rect(rect(0, 0, 1, 2), 2, 4),
        &["abcdefgh", "ijklmnop", "qrstabcx", "yz··ijk"],
    );
    check(
        &ABC,
        |s| s.copy_rect(rect(0, 0, 2, 7), 1, 1),
        &["abcdefgh", "iabcdefg", "qijklmno", "yqrstuvw"],
    );
    check(
        &ABC,
        |s| s.copy_rect(rect(0, 0, 3, 7), 3, 7),
        &["abcdefgh", "ijklmnop", "qrstuvwx", "yz·····a"],
    );
    check(
        &["中文"],
        |s| s.copy_rect(rect(0, 1, 0, 2), 1, 0),
        &["中_文_"],
    );
    check(
        &["中文"],
        |s| s.copy_rect(rect(0, 0, 0, 1), 0, 1),
        &["·中_"],
    );
    let mut screen = screen_of(&ABC);
    let bold = |style: Style| Style {
        attrs: style.attrs | Attrs::BOLD,
        ..style
    };
    let is_bold =
        |s: &Screen, row, column| s.cell_character(row, column).1.attrs.contains(Attrs::BOLD);
    screen.change_rect(rect(0, 6, 1, 1), true, &bold);
    assert!(is_bold(&screen, 0, 6) && is_bold(&screen, 0, 7) && is_bold(&screen, 1, 0));
    assert!(!is_bold(&screen, 0, 5) && !is_bold(&screen, 1, 2));
    screen.change_rect(rect(2, 6, 3, 7), false, &bold);
    assert!(is_bold(&screen, 3, 7) && !is_bold(&screen, 3, 0));
    screen.change_rect(rect(2, 6, 3, 3), false, &bold);
    check_invariants(&screen);
}

#[test]
fn the_alignment_pattern_fills_everything() {
    check(
        &ABC,
        |s| {
            s.set_vertical_margins(1, 2);
            s.alignment_pattern();
            assert_eq!(s.vertical_margins(), (0, 3));
        },
        &["EEEEEEEE"; 4],
    );
}

#[test]
fn the_cursor_is_saved_with_pen_and_origin() {
    let bold = Style {
        attrs: Attrs::BOLD,
        ..Style::default()
    };
    let mut screen = screen_of(&[]);
    screen.goto(2, 0);
    screen.print_ascii(b"01234567");
    screen.set_pen(bold);
    screen.modes.origin = true;
    screen.save_cursor();
    screen.set_pen(Style::default());
    screen.modes.origin = false;
    screen.goto(0, 0);
    screen.restore_cursor();
    assert_eq!(
        (place(&screen), screen.pen(), screen.modes.origin),
        ((2, 7, true), bold, true)
    );
    screen.forget_saved_cursor();
    screen.restore_cursor();
    let home = (0, 0, false);
    assert_eq!(
        (place(&screen), screen.pen(), screen.modes.origin),
        (home, Style::default(), false)
    );
}

#[test]
fn rows_leave_for_scrollback_from_the_top_only() {
    let mut screen = screen_of(&ABC);
    screen.goto(3, 0);
    screen.index();
    screen.index();
    assert_eq!(
        history_of(&screen),
        ["abcdefgh", "ijklmnop", "qrstuvwx", "yz"]
    );
    assert_eq!(screen.scrollback_rows(), 2);
    // A region below the top keeps nothing, one from the top does.
    screen.set_vertical_margins(1, 3);
    screen.scroll_up(1);
    assert_eq!(screen.scrollback_rows(), 2);
    screen.set_vertical_margins(0, 2);
    screen.scroll_up(1);
    assert_eq!(screen.scrollback_rows(), 3);
    // DL and rectangles keep nothing.
    screen.goto(0, 0);
    screen.delete_lines(1);
    screen.modes.left_right_margins = true;
    screen.set_horizontal_margins(0, 3);
    screen.scroll_up(1);
    assert_eq!(screen.scrollback_rows(), 3);
    screen.erase_scrollback();
    assert_eq!(screen.scrollback_rows(), 0);
}

#[test]
fn the_alternate_screen_has_no_scrollback() {
    let mut screen = Screen::new(
        GridSize {
            columns: 8,
            rows: 2,
        },
        0,
        0,
    );
    screen.print_ascii(&[b'x'; 100]);
    screen.erase_screen(Erase::All);
    assert_eq!((screen.scrollback_rows(), screen.memory().1), (0, 0));
}

#[test]
fn erasing_the_screen_keeps_its_text_in_scrollback() {
    let mut screen = screen_of(&["one", "", "two"]);
    screen.erase_screen(Erase::All);
    assert_eq!(history_of(&screen), ["one", "", "two"]);
    assert_eq!(screen.scrollback_rows(), 3);
    // Nothing to keep, nothing kept.
    screen.erase_screen(Erase::All);
    assert_eq!(screen.scrollback_rows(), 3);
    screen.print_ascii(b"x");
    screen.reset();
    assert_eq!(
        (screen.scrollback_rows(), place(&screen)),
        (4, (0, 0, false))
    );
}

#[test]
fn clearing_by_hand_leaves_the_line_of_the_cursor() {
    let mut screen = screen_of(&["one", "$ 01234567890123", "", "below"]);
    screen.goto(0, 0);
    screen.scroll_up(1);
    screen.goto(1, 3);
    screen.clear_all();
    assert_eq!(history_of(&screen), ["$ 012345\\", "67890123"]);
    assert_eq!(
        (screen.scrollback_rows(), place(&screen)),
        (0, (1, 3, false))
    );
    check_invariants(&screen);
    // In the middle of a line, what follows is gone and so is the wrap.
    screen.goto(0, 2);
    screen.clear_all();
    assert_eq!(history_of(&screen), ["$ 012345"]);
    check_invariants(&screen);
}

#[test]
fn scrollback_gives_back_what_it_took() {
    let style = |i: u8| Style {
        foreground: Color::Indexed(i),
        ..Style::default()
    };
    let mut screen = sized(12, 2, &[]);
    screen.print_str("中文e\u{301}x");
    screen.set_pen(style(3));
    screen.print_str("red");
    screen.set_pen_link(Some(("http://a/", "")));
    screen.print_str("ln");
    screen.set_pen_link(None);
    screen.set_pen(Style::default());
    screen.carriage_return();
    let mut live = FrameRow::default();
    assert!(screen.read_row(Line(0), &mut live));
    screen.goto(1, 0);
    screen.index();
    let mut kept = FrameRow::default();
    assert!(screen.read_row(Line(-1), &mut kept));
    kept.generation = live.generation;
    assert_eq!(live, kept);
    assert_eq!(
        screen.links(),
        [(kept.cells[10].link, "http://a/".to_owned())]
    );
    assert!(!screen.read_row(Line(-2), &mut kept));
    assert!(!screen.read_row(Line(2), &mut kept));
}

#[test]
fn clusters_of_every_length_come_back_from_scrollback() {
    for cluster in [
        "e\u{301}",
        "é\u{1ab0}",
        "中\u{301}",
        "中\u{301}é\u{1ab0}",
        "é\u{1ab0}中\u{301}",
        "e\u{301}\u{302}\u{303}",
        "x中e\u{301}\u{302}\u{303}中\u{301}\u{302}",
        "👩\u{200d}🚀é\u{1ab0}",
    ] {
        let mut screen = Screen::new(
            GridSize {
                columns: 128,
                rows: 1,
            },
            10,
            1 << 20,
        );
        screen.modes.grapheme_clusters = true;
        let text = cluster.repeat(16);
        screen.print_str(&text);
        screen.carriage_return();
        screen.index();
        assert_eq!(history_of(&screen), [text]);
    }
}

#[test]
fn styles_and_links_are_swept_when_no_cell_has_them() {
    let mut screen = sized(40, 4, &[]);
    for i in 0..20_000_u32 {
        let [_, r, g, b] = i.to_be_bytes();
        let style = Style {
            foreground: Color::Rgb(Rgb::new(r, g, b)),
            ..Style::default()
        };
        screen.set_pen(style);
        screen.set_pen_link(Some((&format!("http://h/{}", i / 4), "")));
        screen.print_ascii(b"x");
        assert_eq!(
            screen
                .cell_character(
                    screen.cursor_row(),
                    screen.cursor_column().saturating_sub(1)
                )
                .0,
            'x'
        );
    }
    check_invariants(&screen);
    let (live, _) = screen.memory();
    assert!(live < 4_000_000, "{live} bytes");
    // The scrollback is gone, so are its links at the next sweep.
    screen.erase_scrollback();
    screen.sweep_links();
    assert!(screen.links().len() <= 42, "{}", screen.links().len());
    let last = screen.cell_character(3, 0).1.foreground;
    assert!(matches!(last, Color::Rgb(_)), "{last:?}");
}

#[test]
fn the_number_of_live_links_is_bounded_and_the_oldest_go_first() {
    let mut screen = sized(40, 4, &[]);
    for i in 0..70_000 {
        screen.set_pen_link(Some((&format!("http://h/{i}"), "")));
        screen.print_ascii(b"x");
    }
    let links = screen.links();
    assert!(links.len() <= crate::limits::MAX_LINKS);
    let has = |n: u32| links.iter().any(|(_, uri)| *uri == format!("http://h/{n}"));
    assert!(has(69_999) && !has(0));
}

#[test]
fn clusters_are_swept_when_no_cell_has_them() {
    let mut screen = sized(40, 4, &[]);
    for i in 0..20_000_u32 {
        let (a, b) = (0x300 + i % 100, 0x300 + i / 100 % 100);
        let marks = [a, b].map(|c| char::from_u32(c).unwrap());
        screen.print_str(&format!(
            "{}{}{}",
            char::from(b'a' + (i % 26) as u8),
            marks[0],
            marks[1]
        ));
    }
    check_invariants(&screen);
    assert!(screen.memory().0 < 2_000_000);
    assert!(row_text(&screen, 0).starts_with(|c: char| c.is_ascii_lowercase()));
}

#[test]
fn lines_keep_their_ids_while_they_move() {
    let mut screen = screen_of(&ABC);
    let ids = |s: &Screen| {
        (0..4)
            .map(|row| s.grid.meta(row).line.0)
            .collect::<Vec<_>>()
    };
    let before = ids(&screen);
    screen.goto(1, 0);
    screen.insert_lines(1);
    let after = ids(&screen);
    assert_eq!(
        (after[0], after[2], after[3]),
        (before[0], before[1], before[2])
    );
    assert!(before[0] < after[1] && after[1] < before[1]);
    // Erasing changes no id.
    screen.erase_below(Erase::All);
    assert_eq!(ids(&screen), after);
    // Many insertions at one place use up the room between two ids; order holds, ids are not reused.
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..70_000 {
        screen.insert_lines(1);
        assert!(seen.insert(screen.grid.meta(1).line));
    }
    check_invariants(&screen);
}

#[test]
fn a_soft_wrap_makes_one_logical_line_and_a_line_feed_two() {
    let mut screen = screen_of(&[]);
    screen.print_ascii(b"0123456789");
    let (first, second) = (*screen.grid.meta(0), *screen.grid.meta(1));
    assert_eq!((second.line, second.offset), (first.line, 8));
    assert_eq!(screen.cursor_anchor(), (first.line, 10));
    // Rewriting the last column and going on by hand breaks it.
    screen.goto(0, 7);
    screen.print_ascii(b"x");
    screen.carriage_return();
    screen.index();
    let second = *screen.grid.meta(1);
    assert!(second.line > first.line);
    assert_eq!(second.offset, 0);
    check_invariants(&screen);
}

mod properties;
mod resizing;

//! Tests of `selection.rs`.

use super::*;
use crate::size::GridSize;

const SEPARATORS: &str = ",│`|:\"' ()[]{}<>\t";

fn screen_of(lines: &[&str]) -> Screen {
    let mut screen = Screen::new(
        GridSize {
            columns: 20,
            rows: 4,
        },
        1000,
        1 << 24,
    );
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            screen.carriage_return();
            screen.index();
        }
        screen.print_str(line);
    }
    screen
}

/// A line, a column and the half of its cell.
type Border = (i32, u16, Side);
/// A line and a column.
type Place = (i32, u16);
const L: Side = Side::Left;
const R: Side = Side::Right;

#[track_caller]
fn check(lines: &[&str], kind: SelectionKind, from: Border, to: Border, expected: Option<&str>) {
    let mut screen = screen_of(lines);
    screen.start_selection(kind, Point::new(from.0, from.1), from.2, SEPARATORS);
    screen.extend_selection(Point::new(to.0, to.1), to.2);
    assert_eq!(screen.selected_text().as_deref(), expected);
}

use SelectionKind::{Block, Character, Line as WholeLine, Word};

#[test]
fn characters_are_selected_between_borders() {
    let lines = ["hello world", "second line", "third"];
    check(&lines, Character, (0, 0, L), (0, 4, R), Some("hello"));
    check(&lines, Character, (0, 4, R), (0, 0, L), Some("hello"));
    check(&lines, Character, (0, 0, R), (0, 4, L), Some("ell"));
    check(&lines, Character, (0, 3, L), (0, 3, L), None);
    check(&lines, Character, (0, 3, L), (0, 3, R), Some("l"));
    check(
        &lines,
        Character,
        (0, 6, L),
        (1, 5, R),
        Some("world\nsecond"),
    );
    check(
        &lines,
        Character,
        (1, 5, R),
        (0, 6, L),
        Some("world\nsecond"),
    );
    // Past the text: blanks are not part of it.
    check(&lines, Character, (0, 6, L), (0, 19, R), Some("world"));
    check(
        &lines,
        Character,
        (0, 6, L),
        (2, 19, R),
        Some("world\nsecond line\nthird"),
    );
    check(&lines, Character, (0, 15, L), (1, 2, R), Some("\nsec"));
    // Between rows.
    check(&lines, Character, (0, 19, R), (1, 5, R), Some("second"));
    check(&lines, Character, (0, 0, L), (1, 0, L), Some("hello world"));
}

#[test]
fn a_space_that_was_written_and_selected_is_text() {
    check(&["ab cd"], Character, (0, 0, L), (0, 2, R), Some("ab "));
    check(&["ab   "], Character, (0, 0, L), (0, 19, R), Some("ab"));
}

#[test]
fn soft_wraps_are_joined() {
    let long = "0123456789abcdefghijKLMNO";
    check(
        &[long, "x"],
        Character,
        (0, 10, L),
        (1, 1, R),
        Some("abcdefghijKL"),
    );
    check(
        &[long, "x"],
        Character,
        (0, 10, L),
        (2, 0, R),
        Some("abcdefghijKLMNO\nx"),
    );
    check(&[long, "x"], Block, (0, 1, L), (1, 2, R), Some("12\nLM"));
    check(
        &["0123456789abcdefghi中x"],
        Character,
        (0, 18, L),
        (1, 2, R),
        Some("i中x"),
    );
}

#[test]
fn wide_characters_are_selected_whole() {
    check(&["a中文b"], Character, (0, 1, L), (0, 1, R), Some("中"));
    check(&["a中文b"], Character, (0, 2, L), (0, 3, R), Some("中文"));
    check(&["a中文b"], Block, (0, 2, L), (0, 2, R), Some("中"));
    check(
        &["e\u{301}x"],
        Character,
        (0, 0, L),
        (0, 0, R),
        Some("e\u{301}"),
    );
}

#[test]
fn words_end_at_separators_and_go_over_soft_wraps() {
    let lines = ["one two_three (four)", "five"];
    check(&lines, Word, (0, 5, L), (0, 5, L), Some("two_three"));
    check(&lines, Word, (0, 5, R), (0, 16, L), Some("two_three (four"));
    check(&lines, Word, (0, 16, R), (0, 5, L), Some("two_three (four"));
    check(&lines, Word, (0, 14, L), (0, 14, R), Some("(four)"));
    check(&["a, b"], Word, (0, 1, L), (0, 1, R), Some(","));
    check(&["a   b"], Word, (0, 2, L), (0, 2, L), Some("   "));
    check(
        &["0123456789 abcdefghijKL mno"],
        Word,
        (1, 1, L),
        (1, 1, L),
        Some("abcdefghijKL"),
    );
    check(
        &["see https://a.b/c?d=(e) now"],
        Word,
        (0, 10, L),
        (0, 10, L),
        Some("https://a.b/c?d=(e)"),
    );
}

#[test]
fn lines_are_logical_lines() {
    let long = "0123456789abcdefghijKLMNO";
    check(&["x", long], WholeLine, (2, 1, L), (2, 1, L), Some(long));
    check(
        &["x", long],
        WholeLine,
        (0, 0, L),
        (1, 3, L),
        Some(&format!("x\n{long}")),
    );
    check(
        &["x", "", "y"],
        WholeLine,
        (1, 5, L),
        (2, 5, L),
        Some("\ny"),
    );
}

#[test]
fn blocks_are_lines_of_the_same_columns() {
    let lines = ["abcdef", "gh", "ijklmn"];
    check(&lines, Block, (0, 1, L), (2, 3, R), Some("bcd\nh\njkl"));
    check(&lines, Block, (2, 3, R), (0, 1, L), Some("bcd\nh\njkl"));
    check(&lines, Block, (0, 3, R), (2, 1, L), Some("bcd\nh\njkl"));
    check(&lines, Block, (0, 3, L), (2, 3, L), None);
}

#[test]
fn everything_can_be_selected() {
    let mut screen = screen_of(&["a", "b", "c", "d", "e", "f"]);
    screen.select_all();
    assert_eq!(screen.selected_text().as_deref(), Some("a\nb\nc\nd\ne\nf"));
}

/// Selects `one` in the second row, lets `act` happen, and says what is selected then.
#[track_caller]
fn check_after(act: impl FnOnce(&mut Screen), expected: Option<&str>) {
    let mut screen = screen_of(&["zero", "one two", "three"]);
    screen.start_selection(Character, Point::new(1, 0), L, SEPARATORS);
    screen.extend_selection(Point::new(1, 2), R);
    act(&mut screen);
    screen.check_selection();
    assert_eq!(screen.selected_text().as_deref(), expected);
}

#[test]
fn a_selection_follows_its_text_and_goes_with_it() {
    use crate::screen::Erase;
    let scroll = |n: usize| {
        move |s: &mut Screen| {
            s.goto(3, 0);
            (0..n).for_each(|_| s.index());
        }
    };
    let at = |row: u16, column: u16, text: &'static str| {
        move |s: &mut Screen| {
            s.goto(row, column);
            s.print_str(text);
        }
    };
    check_after(scroll(1), Some("one"));
    check_after(scroll(30), Some("one"));
    check_after(
        |s| {
            s.goto(0, 0);
            s.insert_lines(1)
        },
        Some("one"),
    );
    check_after(
        |s| {
            s.resize(
                GridSize {
                    columns: 5,
                    rows: 2,
                },
                crate::screen::Resize::FLOW,
            )
        },
        Some("one"),
    );
    check_after(
        |s| {
            s.goto(0, 0);
            s.erase_screen(Erase::All)
        },
        Some("one"),
    );
    check_after(at(2, 0, "other row"), Some("one"));
    check_after(at(1, 5, "same row"), Some("one"));
    check_after(at(1, 0, "one"), Some("one"));
    check_after(at(1, 2, "X"), None);
    check_after(
        |s| {
            s.goto(1, 0);
            s.delete_characters(1)
        },
        None,
    );
    check_after(
        |s| {
            s.goto(1, 0);
            s.delete_lines(1)
        },
        None,
    );
    check_after(
        |s| {
            s.goto(1, 0);
            s.erase_below(Erase::All)
        },
        None,
    );
    check_after(
        |s| {
            scroll(30)(s);
            s.erase_scrollback()
        },
        None,
    );
    check_after(Screen::clear_selection, None);
}

#[test]
fn a_line_inserted_into_a_selection_ends_it() {
    let mut screen = screen_of(&["zero", "one", "two", "three"]);
    screen.start_selection(Character, Point::new(0, 0), L, SEPARATORS);
    screen.extend_selection(Point::new(2, 2), R);
    screen.goto(1, 0);
    screen.insert_lines(1);
    screen.check_selection();
    assert_eq!(screen.selected_text(), None);
}

#[test]
fn text_between_points_is_what_copying_gives() {
    let screen = screen_of(&["0123456789abcdefghijKLMNO", "x", "y", "z"]);
    assert_eq!(screen.text(Point::new(-1, 18), Point::new(0, 1)), "ijKL");
    assert_eq!(
        screen.text(Point::new(1, 0), Point::new(-1, 19)),
        "jKLMNO\nx"
    );
    assert_eq!(
        screen
            .text(Point::new(-9, 0), Point::new(99, 0))
            .lines()
            .count(),
        4
    );
}

#[track_caller]
fn check_link(screen: &Screen, at: (i32, u16), expected: Option<(&str, Place, Place)>) {
    let link = screen.link_at(Point::new(at.0, at.1));
    let expected = expected.map(|(uri, start, end)| Link {
        uri: uri.to_owned(),
        start: Point::new(start.0, start.1),
        end: Point::new(end.0, end.1),
    });
    assert_eq!(link, expected);
}

#[test]
fn links_are_found_by_escape_sequence_and_by_text() {
    let mut screen = screen_of(&[
        "go http://h/p, then",
        "0123456789 https://long.example/path",
    ]);
    check_link(&screen, (0, 5), Some(("http://h/p", (0, 3), (0, 12))));
    check_link(&screen, (0, 13), None);
    check_link(&screen, (0, 0), None);
    let long = "https://long.example/path";
    check_link(&screen, (1, 12), Some((long, (1, 11), (2, 15))));
    check_link(&screen, (2, 0), Some((long, (1, 11), (2, 15))));
    check_link(&screen, (2, 19), None);
    check_link(&screen, (99, 0), None);
    screen.goto(0, 2);
    screen.set_pen_link(Some(("x:y", "id")));
    screen.print_str("中b");
    screen.set_pen_link(None);
    check_link(&screen, (0, 3), Some(("x:y", (0, 2), (0, 4))));
    check_link(&screen, (0, 4), Some(("x:y", (0, 2), (0, 4))));
    screen.goto(3, 0);
    screen.index();
    check_link(&screen, (-1, 4), Some(("x:y", (-1, 2), (-1, 4))));
}

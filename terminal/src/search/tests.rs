//! Tests of `search.rs`.

use super::*;
use crate::index::Point;
use crate::size::GridSize;

fn screen_of(lines: &[&str]) -> Screen {
    let mut screen = Screen::new(
        GridSize {
            columns: 10,
            rows: 3,
        },
        10_000,
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

/// Searches in steps of `budget`; the points and texts of what is found.
fn run(screen: &Screen, mut search: Search, budget: usize) -> Vec<(i32, u16, String)> {
    let mut found = Vec::new();
    while !search.is_done() {
        for hit in screen.search(&mut search, budget) {
            let start = screen.resolve(hit.line, hit.start).unwrap();
            let end = screen.resolve(hit.line, hit.end - 1).unwrap();
            found.push((start.line.0, start.column.0, screen.text(start, end)));
        }
    }
    found
}

#[track_caller]
fn check(
    lines: &[&str],
    pattern: &str,
    kind: PatternKind,
    case: Case,
    expected: &[(i32, u16, &str)],
) {
    let mut screen = screen_of(lines);
    let expected: Vec<_> = expected
        .iter()
        .map(|(line, column, text)| (*line, *column, (*text).to_owned()))
        .collect();
    for round in 0..2 {
        for budget in [1, 40, usize::MAX] {
            let search = Search::new(pattern, kind, case).unwrap();
            assert_eq!(
                run(&screen, search, budget),
                expected,
                "budget {budget}, round {round}"
            );
        }
        while screen.compact(1) {}
    }
}

const PLAIN: PatternKind = PatternKind::Plain;
const REGEX: PatternKind = PatternKind::Regex;

#[test]
fn matches_are_found_newest_first() {
    let lines = ["one two", "two", "three", "two two", "x"];
    let expected = [(1, 4, "two"), (1, 0, "two"), (-1, 0, "two"), (-2, 4, "two")];
    check(&lines, "two", PLAIN, Case::Sensitive, &expected);
    check(
        &lines,
        "t(w|h)\\w+",
        REGEX,
        Case::Sensitive,
        &[
            (1, 4, "two"),
            (1, 0, "two"),
            (0, 0, "three"),
            (-1, 0, "two"),
            (-2, 4, "two"),
        ],
    );
    check(&lines, "nothing", PLAIN, Case::Sensitive, &[]);
    check(&lines, "", PLAIN, Case::Sensitive, &[]);
}

#[test]
fn matches_go_over_soft_wraps_on_the_screen_and_in_scrollback() {
    check(
        &["01234567abcd", "x", "y"],
        "abc",
        PLAIN,
        Case::Sensitive,
        &[(-1, 8, "abc")],
    );
    check(
        &["x", "01234567abcd", "y"],
        "abc",
        PLAIN,
        Case::Sensitive,
        &[(0, 8, "abc")],
    );
    check(
        &["01234567abcd", "x", "y", "z", "w"],
        "abc",
        PLAIN,
        Case::Sensitive,
        &[(-3, 8, "abc")],
    );
    // A match that begins in the newest row of scrollback and ends on the screen.
    let long = "0123456789".repeat(4) + "end";
    check(
        &[&long],
        "9012",
        PLAIN,
        Case::Sensitive,
        &[(0, 9, "9012"), (-1, 9, "9012"), (-2, 9, "9012")],
    );
}

#[test]
fn case_is_as_asked() {
    let lines = ["Word word", "x", "y"];
    check(&lines, "word", PLAIN, Case::Sensitive, &[(0, 5, "word")]);
    check(
        &lines,
        "WORD",
        PLAIN,
        Case::Insensitive,
        &[(0, 5, "word"), (0, 0, "Word")],
    );
    check(
        &lines,
        "word",
        PLAIN,
        Case::Smart,
        &[(0, 5, "word"), (0, 0, "Word")],
    );
    check(&lines, "Word", PLAIN, Case::Smart, &[(0, 0, "Word")]);
}

#[test]
fn wide_characters_and_clusters_count_as_cells() {
    check(
        &["中文x字", "a", "b", "c"],
        "x字",
        PLAIN,
        Case::Sensitive,
        &[(-1, 4, "x字")],
    );
    check(
        &["e\u{301}x", "a", "b", "c"],
        "x",
        PLAIN,
        Case::Sensitive,
        &[(-1, 1, "x")],
    );
    check(&["中文x字"], "文", PLAIN, Case::Sensitive, &[(0, 2, "文")]);
}

#[test]
fn plain_patterns_have_no_operators_and_bad_ones_say_so() {
    check(
        &["a.b a+b"],
        "a.b",
        PLAIN,
        Case::Sensitive,
        &[(0, 0, "a.b")],
    );
    check(
        &["a.b a+b"],
        "a.b",
        REGEX,
        Case::Sensitive,
        &[(0, 4, "a+b"), (0, 0, "a.b")],
    );
    assert!(matches!(
        Search::new("(", REGEX, Case::Smart),
        Err(PatternError::Syntax(_))
    ));
    assert!(matches!(
        Search::new("(\\w{1000}){1000}", REGEX, Case::Smart),
        Err(PatternError::TooLarge)
    ));
}

#[test]
fn a_search_goes_on_where_it_was_while_lines_arrive_and_can_begin_again() {
    let lines: Vec<String> = (0..3000).map(|i| format!("n{i}")).collect();
    let mut screen = screen_of(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let mut search = Search::new("n", PLAIN, Case::Sensitive).unwrap();
    let mut found = screen.search(&mut search, 2000);
    assert!(found.len() < 3000 && !search.is_done());
    for _ in 0..50 {
        screen.print_str("\u{fe0f}n");
        screen.index();
    }
    while !search.is_done() {
        found.extend(screen.search(&mut search, 2000));
    }
    assert_eq!(found.len(), 3000);
    let distinct: std::collections::HashSet<_> = found.iter().collect();
    assert_eq!(distinct.len(), 3000);
    search.restart();
    assert_eq!(screen.search(&mut search, usize::MAX).len(), 3050);
    assert_eq!(
        screen.resolve(found[0].line, 0).map(|p| p.column),
        Some(Point::new(0, 0).column)
    );
}

//! Tests of `search.rs`.

use super::*;
use crate::screen::hidden::ShownRows;
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

/// Searches in steps of `budget`; the points and texts of what is found, the newest first.
fn run(screen: &Screen, pattern: &Pattern, budget: usize) -> Vec<(i32, u16, String)> {
    let mut search = Search::new(pattern.clone());
    while !search.is_done() {
        screen.search(&mut search, budget);
    }
    let (first_row, end_row) = screen.row_span();
    (0..search.matches().len())
        .rev()
        .map(|index| {
            let hit = search.matches().get(index).unwrap();
            let start = screen.resolve(hit.line, hit.start).unwrap();
            let end = screen.resolve(hit.line, hit.end - 1).unwrap();
            assert!((first_row..end_row).contains(&hit.row));
            let live_top = end_row - screen.grid.rows() as u64;
            if hit.row > live_top || !screen.text(start, start).contains('字') {
                let line = hit.row as i64 - live_top as i64;
                assert!(
                    (line - i64::from(start.line.0)).abs() <= 1,
                    "{hit:?} {start:?}"
                );
            }
            (start.line.0, start.column.0, screen.text(start, end))
        })
        .collect()
}

fn pattern(text: &str, kind: PatternKind, case: Case) -> Result<Pattern, PatternError> {
    let options = PatternOptions {
        kind,
        case,
        whole_word: false,
    };
    Pattern::new(text, options)
}

#[track_caller]
fn check(lines: &[&str], text: &str, kind: PatternKind, case: Case, expected: &[(i32, u16, &str)]) {
    let mut screen = screen_of(lines);
    let expected: Vec<_> = expected
        .iter()
        .map(|(line, column, text)| (*line, *column, (*text).to_owned()))
        .collect();
    for round in 0..2 {
        for budget in [1, 40, usize::MAX] {
            let pattern = pattern(text, kind, case).unwrap();
            assert_eq!(
                run(&screen, &pattern, budget),
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
    assert!(pattern("(", REGEX, Case::Smart).is_err());
}

/// Everything that a fresh search finds.
fn all(screen: &Screen, pattern: &Pattern) -> Vec<(LineId, u32, u32)> {
    let mut search = Search::new(pattern.clone());
    while !search.is_done() {
        screen.search(&mut search, usize::MAX);
    }
    listed(&search)
}

fn listed(search: &Search) -> Vec<(LineId, u32, u32)> {
    let matches = search.matches();
    (0..matches.len())
        .filter_map(|index| matches.get(index))
        .map(|found| (found.line, found.start, found.end))
        .collect()
}

#[test]
fn a_search_looks_again_at_what_came_while_it_ran_and_after() {
    let lines: Vec<String> = (0..9000).map(|i| format!("n{i}")).collect();
    let mut screen = screen_of(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let pattern = pattern("n", PLAIN, Case::Sensitive).unwrap();
    let mut search = Search::new(pattern.clone());
    screen.search(&mut search, 1);
    assert!(!search.is_done());
    for round in 0..40 {
        for i in 0..round * 50 {
            screen.print_str(if i % 7 == 0 {
                "long line of n and more n"
            } else {
                "n字"
            });
            screen.carriage_return();
            screen.index();
        }
        search.live_due = true;
        screen.search(&mut search, 1);
    }
    while !search.is_done() {
        screen.search(&mut search, 1000);
    }
    assert_eq!(listed(&search), all(&screen, &pattern));
    let matches = search.matches();
    assert!(listed(&search).is_sorted());
    let (first, end) = screen.row_span();
    assert!(
        matches
            .marks(&ShownRows::all(first, end), 100)
            .iter()
            .all(|mark| *mark)
    );
}

#[test]
fn lines_over_pages_are_searched_as_one() {
    // Lines of 1,000 cells fill pages in their middle.
    let mut screen = Screen::new(
        GridSize {
            columns: 80,
            rows: 5,
        },
        100_000,
        1 << 30,
    );
    let line = "0123456789".repeat(100);
    for _ in 0..500 {
        screen.print_str(&line);
        screen.carriage_return();
        screen.index();
    }
    let pattern = pattern(
        "90123456789012345678901234567890123456789",
        PLAIN,
        Case::Smart,
    )
    .unwrap();
    for _ in 0..2 {
        let found = all(&screen, &pattern);
        // Each is 41 cells, so every fifth begin counts: 25 − 1 rounds of 40 in 1,000, less the first.
        assert_eq!(found.len() % 500, 0, "{}", found.len());
        let of_line = found.len() / 500;
        let mut lines: Vec<_> = found.iter().map(|found| found.0).collect();
        lines.dedup();
        assert_eq!(lines.len(), 500);
        for line in lines {
            let n = found.iter().filter(|found| found.0 == line).count();
            assert_eq!(n, of_line);
        }
        while screen.compact(1) {}
    }
}

#[test]
fn what_is_cleared_or_rewrapped_is_searched_afresh() {
    let mut terminal = crate::testing::sized(10, 4);
    for i in 0..50 {
        crate::testing::feed(&mut terminal, &format!("line {i} of many\r\n"));
    }
    let pattern = pattern("of", PLAIN, Case::Smart).unwrap();
    let mut search = Search::new(pattern);
    while terminal.search(&mut search, usize::MAX) {}
    assert_eq!(search.matches().len(), 50);
    terminal.resize(GridSize::new(30, 4), crate::size::PixelSize::default());
    terminal.search_again(&mut search);
    while terminal.search(&mut search, usize::MAX) {}
    assert_eq!(search.matches().len(), 50);
    crate::testing::feed(&mut terminal, "\x1b[?1049h");
    terminal.search_again(&mut search);
    while terminal.search(&mut search, usize::MAX) {}
    assert_eq!(search.matches().len(), 0, "the alternate screen is another");
    crate::testing::feed(&mut terminal, "\x1b[?1049l");
    terminal.clear();
    terminal.search_again(&mut search);
    while terminal.search(&mut search, usize::MAX) {}
    assert_eq!(search.matches().len(), 0);
}

#[test]
fn evicted_lines_are_forgotten() {
    let mut screen = Screen::new(
        GridSize {
            columns: 10,
            rows: 3,
        },
        100,
        1 << 20,
    );
    let pattern = pattern("n", PLAIN, Case::Smart).unwrap();
    let mut search = Search::new(pattern.clone());
    for round in 0..30 {
        for _ in 0..40 {
            screen.print_str("n");
            screen.carriage_return();
            screen.index();
        }
        search.live_due = true;
        while !search.is_done() {
            screen.search(&mut search, usize::MAX);
        }
        assert_eq!(
            search.matches().len(),
            (40 * (round + 1)).min(102),
            "{round}"
        );
        assert_eq!(listed(&search), all(&screen, &pattern));
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Searching pages at once finds what searching each line's own text finds.
        #[test]
        fn pages_are_searched_like_lines(
            lines in proptest::collection::vec("[ab字é ]{0,40}|\\PC{0,8}", 1..80),
            text in prop::sample::select(vec![
                "a", "ab", "aab", "a[^b]", "字", "b+a?", "^a|b$", "[^ ]+", "é.*a", "\\bab?\\b",
            ]),
            cold in any::<bool>(),
        ) {
            let shown: Vec<&str> = lines.iter().map(String::as_str).collect();
            let mut screen = screen_of(&shown);
            if cold {
                while screen.compact(1) {}
            }
            let pattern = pattern(text, REGEX, Case::Sensitive).unwrap();
            let found = run(&screen, &pattern, 1);
            let single = regex::Regex::new(text).unwrap();
            let size = screen.size();
            let mut expected = 0;
            let mut line = -i32::try_from(screen.scrollback_rows()).unwrap();
            while line < i32::from(size.rows) {
                let (first, last) = screen.logical_rows(line);
                let whole = screen.rows_text(first, last).text;
                expected += single.find_iter(whole.trim_end_matches(' ')).filter(|hit| !hit.is_empty()).count();
                line = last + 1;
            }
            prop_assert_eq!(found.len(), expected);
        }
    }
}

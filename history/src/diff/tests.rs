use super::*;

/// Rows as text: ` same`, `~old|new`, `-old`, `+new`; what changed in a line stands in `[]`.
fn shown(diff: &Diff) -> Vec<String> {
    let mark = |side: &Side| {
        let mut text = side.text.clone();
        for range in side.changed.iter().rev() {
            text.insert(range.end, ']');
            text.insert(range.start, '[');
        }
        text
    };
    diff.rows
        .iter()
        .map(|row| match row {
            Row::Same(_, new) => format!(" {}", new.text),
            Row::Changed(old, new) => format!("~{}|{}", mark(old), mark(new)),
            Row::Removed(old) => format!("-{}", old.text),
            Row::Added(new) => format!("+{}", new.text),
        })
        .collect()
}

#[track_caller]
fn check(old: &str, new: &str, expected: &[&str]) {
    assert_eq!(shown(&diff(old, new, Rules::default())), expected);
}

#[test]
fn lines_are_compared() {
    check("", "", &[]);
    check("a\nb\n", "a\nb\n", &[" a", " b"]);
    check("a\nb", "a\nb\n", &[" a", " b"]);
    check("a\nb\nc\n", "a\nc\n", &[" a", "-b", " c"]);
    check("a\nc\n", "a\nb\nc\n", &[" a", "+b", " c"]);
    check("one\n", "quite another\n", &["-one", "+quite another"]);
}

#[test]
fn facts_are_paired_by_their_names_alone() {
    fn name(line: &str) -> &str {
        line.split_once(':').map_or(line, |(name, _)| name)
    }
    assert_eq!(
        shown(&diff_facts(
            "rustc: 1.95\nnode: missing\ngit: git version 2.4\nvariable A\nvariable C\n",
            "rustc: error: no toolchain\nnode: v20\ngit: git version 2.4\nvariable B\nvariable C\n",
            name,
        )),
        [
            "~rustc: [1.95]|rustc: [error: no toolchain]",
            "~node: [missing]|node: [v20]",
            " git: git version 2.4",
            "-variable A",
            "+variable B",
            " variable C",
        ]
    );
}

#[test]
fn a_line_that_changed_is_one_row_with_its_words() {
    check(
        "test a::b ... ok\n",
        "test a::b ... FAILED\n",
        &["~test a::b ... [ok]|test a::b ... [FAILED]"],
    );
    check(
        "x\nlet total = 10;\ny\n",
        "x\nnew line here\nlet total = 12;\ny\n",
        &[
            " x",
            "+new line here",
            "~let total = [10];|let total = [12];",
            " y",
        ],
    );
}

#[test]
fn what_the_rules_put_aside_is_no_difference_but_is_shown() {
    let found = diff("done in 0.5s\n", "done in 0.7s\n", Rules::default());
    assert!(found.is_same());
    assert_eq!(shown(&found), [" done in 0.7s"]);
    assert_eq!(
        diff("done in 0.5s", "done in 0.7s", Rules::EXACT).counts(),
        (1, 1)
    );
}

#[test]
fn the_unified_form_is_that_of_diff() {
    let old = "1\n2\n3\n4\n5\n6\n7\n8\nlast line old\n";
    let new = "1\n2\n3\n4\nfour and a half\n5\n6\n7\n8\nlast line new\n";
    let text = diff(old, new, Rules::EXACT).unified("a", "b", 1);
    assert_eq!(
        text,
        "--- a\n+++ b\n@@ -4,2 +4,3 @@\n 4\n+four and a half\n 5\n@@ -8,2 +9,2 @@\n 8\n-last line old\n+last line new\n"
    );
    assert_eq!(diff(old, old, Rules::EXACT).unified("a", "b", 3), "");
}

#[test]
fn large_texts_take_no_longer_than_allowed() {
    let text = |seed: u32| -> String {
        let mut number = seed;
        (0..30_000)
            .map(|_| {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                format!("{}\n", number >> 22)
            })
            .collect()
    };
    let (old, new) = (text(1), text(2));
    let found = diff(&old, &new, Rules::EXACT);
    let sides = |pick: fn(&Row) -> Option<&Side>| found.rows.iter().filter_map(pick).count();
    assert_eq!(sides(|row| row.sides().0), 30_000);
    assert_eq!(sides(|row| row.sides().1), 30_000);
}

#[test]
fn every_line_of_both_sides_is_there_in_order() {
    let old = "a\nb\nc d e\nf\ng h\n";
    let new = "b\nc d x\nq\ng h i\na\n";
    let found = diff(old, new, Rules::EXACT);
    let left: Vec<_> = found.rows.iter().filter_map(|row| row.sides().0).collect();
    let right: Vec<_> = found.rows.iter().filter_map(|row| row.sides().1).collect();
    assert!(left.iter().map(|side| side.text.as_str()).eq(old.lines()));
    assert!(right.iter().map(|side| side.text.as_str()).eq(new.lines()));
}

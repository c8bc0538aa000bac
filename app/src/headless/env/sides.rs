//! A comparison printed side by side, in columns of text.

use history::diff::{Diff, Row, Side};

/// Rows that are the same and shown around those that are not.
const CONTEXT: usize = 3;

/// Two columns under their heads; what is the same far from any difference is left out.
pub(super) fn show(left: &str, right: &str, diff: &Diff, width: usize) -> String {
    let column = width.saturating_sub(3) / 2;
    let mut text = row(left, right, ' ', column);
    text.push_str(&"─".repeat(column));
    text.push_str("─┬─");
    text.push_str(&"─".repeat(column));
    text.push('\n');
    if diff.rows.is_empty() {
        text.push_str(&row("(no output)", "(no output)", '│', column));
    }
    let hunks = diff.hunks(CONTEXT);
    if hunks.is_empty() && !diff.rows.is_empty() {
        let same = match diff.rows.len() {
            1 => "(1 line, the same)".to_owned(),
            count => format!("({count} lines, all the same)"),
        };
        text.push_str(&row(&same, "", '│', column));
    }
    let mut shown = 0;
    for hunk in hunks {
        if hunk.start > shown {
            let same = format!("({} the same)", counted(hunk.start - shown));
            text.push_str(&row(&same, "", '│', column));
        }
        for one in &diff.rows[hunk.clone()] {
            let mark = match one {
                Row::Same(..) => '│',
                Row::Changed(..) => '≠',
                Row::Removed(_) => '<',
                Row::Added(_) => '>',
            };
            let (left, right) = one.sides();
            text.push_str(&row(line(left), line(right), mark, column));
        }
        shown = hunk.end;
    }
    if shown > 0 && shown < diff.rows.len() {
        let same = format!("({} the same)", counted(diff.rows.len() - shown));
        text.push_str(&row(&same, "", '│', column));
    }
    text
}

/// So many lines.
pub(super) fn counted(lines: usize) -> String {
    match lines {
        1 => "1 line".to_owned(),
        lines => format!("{lines} lines"),
    }
}

fn line(side: Option<&Side>) -> &str {
    side.map_or("", |side| side.text.as_str())
}

/// Two texts in columns, cut to fit; control characters do not get through.
fn row(left: &str, right: &str, mark: char, column: usize) -> String {
    let left = cut(left, column);
    let pad = column.saturating_sub(left.chars().count());
    let line = format!("{left}{:pad$} {mark} {}", "", cut(right, column));
    format!("{}\n", line.trim_end())
}

fn cut(text: &str, column: usize) -> String {
    let text: String = text
        .chars()
        .map(|character| if character == '\t' { ' ' } else { character })
        .filter(|character| !character.is_control())
        .collect();
    if text.chars().count() <= column {
        return text;
    }
    let mut short: String = text.chars().take(column.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::show;
    use history::diff::{Rules, diff};

    #[test]
    fn sides_stand_side_by_side() {
        let comparison = diff(
            "a\nrust 1.1\nb\nc\n",
            "a\nrust 1.2\nb\nd\ne\n",
            Rules::default(),
        );
        let text = show("left", "right", &comparison, 27);
        assert!(text.starts_with("left           right\n"), "{text}");
        assert!(text.contains("\nrust 1.1     ≠ rust 1.2\n"), "{text}");
        assert!(text.contains("> e\n"), "{text}");
    }

    #[test]
    fn what_is_the_same_is_counted() {
        let same: String = (0..20).map(|n| format!("{n}\n")).collect();
        let comparison = diff(&same, &same, Rules::default());
        assert!(show("l", "r", &comparison, 80).contains("(20 lines, all the same)"));
        let comparison = diff(
            &format!("{same}x\n"),
            &format!("{same}y\n"),
            Rules::default(),
        );
        assert!(show("l", "r", &comparison, 80).contains("(17 lines the same)"));
    }
}

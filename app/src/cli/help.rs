//! A page of the manual as the end of a help text, which clap wraps to the terminal.

/// A page whose lines were wrapped by hand, with a line a paragraph, and each row of a table as one: `first: second;
/// needs: third`.
pub(super) fn unwrapped(page: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    // The heads of the table that a row is in.
    let mut heads: Option<Vec<&str>> = None;
    let mut joins = false;
    for line in page.lines() {
        let Some(row) = line.strip_prefix('|') else {
            heads = None;
            let alone = line.is_empty() || line.starts_with('#') || line.starts_with("    ");
            match lines.last_mut().filter(|_| joins && !alone) {
                Some(last) if !line.starts_with("- ") => {
                    last.push(' ');
                    last.push_str(line.trim_start());
                }
                _ => lines.push(line.to_owned()),
            }
            joins = !alone;
            continue;
        };
        joins = false;
        let cells: Vec<&str> = row
            .trim_end_matches('|')
            .split('|')
            .map(str::trim)
            .collect();
        match &heads {
            None => heads = Some(cells),
            Some(_) if row.starts_with("---") => {}
            Some(heads) => lines.push(as_line(heads, &cells)),
        }
    }
    lines.join("\n")
}

fn as_line(heads: &[&str], cells: &[&str]) -> String {
    let mut text = String::new();
    for (nth, (head, cell)) in heads.iter().zip(cells).enumerate() {
        match nth {
            _ if cell.is_empty() => {}
            0 => text.push_str(&format!("{cell}:")),
            1 => text.push_str(&format!(" {cell}")),
            _ => text.push_str(&format!("; {}: {cell}", head.to_lowercase())),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    #[test]
    fn paragraphs_and_rows_are_lines() {
        let page = "# Title\n\nOne\ntwo.\n\n    a  b\n    c\n\n| Kind | Is | Needs |\n|---|---|---|\n| `x` | this | |\n\
            | `y` | that | `z` |\n\n- a\n  b\n- c\n";
        let expected = "# Title\n\nOne two.\n\n    a  b\n    c\n\n`x`: this\n`y`: that; needs: `z`\n\n- a b\n- c";
        assert_eq!(unwrapped(page), expected);
    }
}

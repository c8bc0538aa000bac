//! Tables: aligned columns, the last one cut to the terminal's width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Looks;

/// Where a column's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// One cell: a text and its style (SGR parameters).
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) style: &'static str,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            style: "",
        }
    }

    pub(super) fn styled(text: impl Into<String>, style: &'static str) -> Self {
        Self {
            text: text.into(),
            style,
        }
    }
}

/// Rows under headings. Columns in which every cell is empty are left out.
pub(super) struct Table {
    headings: Vec<(&'static str, Align)>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(super) fn new(headings: &[(&'static str, Align)]) -> Self {
        Self {
            headings: headings.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// The table as text, nothing without rows. On a terminal the last column is cut at its edge; elsewhere nothing is cut.
    pub(super) fn text(&self, looks: Looks) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let used: Vec<usize> = (0..self.headings.len())
            .filter(|idx| self.rows.iter().any(|row| !row[*idx].text.is_empty()))
            .collect();
        let widths: Vec<usize> = used
            .iter()
            .map(|idx| {
                let cells = self.rows.iter().map(|row| row[*idx].text.width());
                cells.max().unwrap_or(0).max(self.headings[*idx].0.width())
            })
            .collect();
        let mut text = String::new();
        let heading: Vec<Cell> = self
            .headings
            .iter()
            .map(|(name, _)| Cell::styled(*name, "2"))
            .collect();
        for row in std::iter::once(&heading).chain(&self.rows) {
            let mut column = 0;
            for (place, idx) in used.iter().enumerate() {
                let cell = &row[*idx];
                let width = widths[place];
                let last = place + 1 == used.len();
                let shown = if last {
                    cut(&cell.text, looks, column)
                } else {
                    cell.text.clone()
                };
                let blanks = " ".repeat(width.saturating_sub(shown.width()));
                let painted = looks.paint(cell.style, &shown);
                match self.headings[*idx].1 {
                    Align::Right => {
                        text.push_str(&blanks);
                        text.push_str(&painted);
                    }
                    Align::Left => {
                        text.push_str(&painted);
                        if !last {
                            text.push_str(&blanks);
                        }
                    }
                }
                if !last {
                    text.push_str("  ");
                }
                column += width + 2;
            }
            while text.ends_with(' ') {
                text.pop();
            }
            text.push('\n');
        }
        text
    }
}

/// A text that begins at a column, cut at the terminal's edge.
fn cut(text: &str, looks: Looks, column: usize) -> String {
    let Some(columns) = looks.columns else {
        return text.to_owned();
    };
    shorten(text, columns.saturating_sub(column).max(10))
}

/// A text of at most so many cells; `…` stands for what was cut.
pub(super) fn shorten(text: &str, cells: usize) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 1;
    for one in text.chars() {
        used += one.width().unwrap_or(0);
        if used > cells {
            break;
        }
        short.push(one);
    }
    short.push('…');
    short
}

/// A command in one line.
pub(super) fn one_line(command: &str) -> String {
    let mut lines = command.lines();
    let first = lines.next().unwrap_or_default();
    let more = lines.count();
    let first: String = first
        .chars()
        .map(|one| if one.is_control() { ' ' } else { one })
        .collect();
    if more == 0 {
        first
    } else {
        format!("{first} ⏎ +{more}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_the_last_is_cut() {
        let mut table = Table::new(&[
            ("A", Align::Left),
            ("none", Align::Left),
            ("N", Align::Right),
            ("text", Align::Left),
        ]);
        table.push(vec![
            Cell::new("größe"),
            Cell::default(),
            Cell::new("7"),
            Cell::new("short"),
        ]);
        table.push(vec![
            Cell::new("x"),
            Cell::default(),
            Cell::new("1234"),
            Cell::new("a much longer text"),
        ]);
        let plain = Looks {
            colors: false,
            columns: None,
        };
        assert_eq!(
            table.text(plain),
            "A         N  text\ngröße     7  short\nx      1234  a much longer text\n"
        );
        assert_eq!(Table::new(&[("A", Align::Left)]).text(plain), "");
        let narrow = Looks {
            colors: true,
            columns: Some(25),
        };
        assert!(table.text(narrow).contains("a much long…"));
        assert!(table.text(narrow).starts_with("\x1b[2mA\x1b[0m"));
    }

    #[test]
    fn commands_stand_in_one_line() {
        assert_eq!(one_line("a\tb"), "a b");
        assert_eq!(one_line("for x\ndo\ndone"), "for x ⏎ +2");
        assert_eq!(shorten("日本語", 4), "日…");
    }
}

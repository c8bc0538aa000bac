//! What a double click means beyond a word: a path, a quoted or a bracketed text; and the output of a command.

use crate::blocks::MarkKind;
use crate::index::{LineId, Point, Side};
use crate::screen::LineText;
use crate::selection::SelectionKind;
use crate::terminal::Terminal;

/// Pairs of brackets.
const BRACKETS: [(char, char); 4] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')];
/// Signs that begin and end a quotation.
const QUOTES: [char; 3] = ['"', '\'', '`'];

/// First and last cell of the quoted or bracketed text that begins or ends at a cell, signs included.
pub(super) fn delimited(text: &LineText, cell: usize) -> Option<(usize, usize)> {
    let sign = |cell: usize| text.text_of(cell).chars().next();
    let here = sign(cell)?;
    if QUOTES.contains(&here) {
        return quoted(text, cell, here);
    }
    let (open, close, forward) = BRACKETS.iter().find_map(|&(open, close)| match here {
        c if c == open => Some((open, close, true)),
        c if c == close => Some((open, close, false)),
        _ => None,
    })?;
    let mut depth = 0;
    let mut step = |cell: usize| {
        match sign(cell) {
            Some(c) if c == open => depth += 1,
            Some(c) if c == close => depth -= 1,
            _ => {}
        }
        depth == 0
    };
    if forward {
        (cell..text.cells.len())
            .find(|&at| step(at))
            .map(|end| (cell, end))
    } else {
        (0..=cell)
            .rev()
            .find(|&at| step(at))
            .map(|start| (start, cell))
    }
}

/// A quotation: the signs of one kind in a line belong together two by two, those within words aside.
fn quoted(text: &LineText, cell: usize, quote: char) -> Option<(usize, usize)> {
    let letter = |cell: usize| {
        let first = text.cells.get(cell).map(|_| text.text_of(cell));
        first
            .and_then(|text| text.chars().next())
            .is_some_and(char::is_alphanumeric)
    };
    let is_sign = |at: usize| {
        let apostrophe = at > 0 && letter(at - 1) && letter(at + 1);
        text.text_of(at).starts_with(quote) && !apostrophe
    };
    let signs: Vec<usize> = (0..text.cells.len()).filter(|&at| is_sign(at)).collect();
    let place = signs.iter().position(|&at| at == cell)?;
    let other = *signs.get(place ^ 1)?;
    Some((cell.min(other), cell.max(other)))
}

impl Terminal {
    /// Selects the output of the command at a point, or of the last one; `false` where the shell marked none
    /// (OSC 133).
    pub fn select_output(&mut self, at: Option<Point>) -> bool {
        let Some((start, end)) = self.output_range(at) else {
            return false;
        };
        self.start_selection(SelectionKind::Character, start, Side::Left);
        self.extend_selection(end, Side::Right);
        true
    }

    /// First and last cell of the output of the command at a point, or of the last one.
    fn output_range(&self, at: Option<Point>) -> Option<(Point, Point)> {
        if self.is_alternate() {
            return None;
        }
        let limit = match at {
            Some(point) => self.anchor(point)?,
            None => (LineId(u64::MAX), 0),
        };
        let marks: Vec<_> = self.marks_kept().collect();
        // The prompt and the command line above an output belong to it, too.
        let block = marks
            .iter()
            .rposition(|mark| {
                mark.kind == MarkKind::PromptStart && (mark.line, mark.offset) <= limit
            })
            .unwrap_or(0);
        let is_output = |kind| kind == MarkKind::OutputStart;
        let later = |from: usize| (from..marks.len()).find(|&i| is_output(marks[i].kind));
        let earlier = || (0..block).rev().find(|&i| is_output(marks[i].kind));
        let begin = match at {
            Some(_) => later(block)?,
            // At the prompt, the last command is the one before.
            None => later(block).or_else(earlier)?,
        };
        let start = self.resolve(marks[begin].line, marks[begin].offset)?;
        let end = marks[begin + 1..]
            .iter()
            .find(|mark| !is_output(mark.kind))
            .and_then(|mark| self.resolve(mark.line, mark.offset));
        let end = end.unwrap_or_else(|| self.cursor().0);
        let columns = self.size().columns;
        // The mark stands after the last cell.
        let last = match end.column.0.checked_sub(1) {
            Some(column) => Point::new(end.line.0, column),
            None => Point::new(end.line.0 - 1, columns - 1),
        };
        (start <= last).then_some((start, last))
    }
}

#[cfg(test)]
mod tests {
    use crate::index::{Point, Side};
    use crate::selection::SelectionKind;
    use crate::testing::{feed, sized};

    /// A double click on each `^` below the text selects the same.
    #[track_caller]
    fn check(text: &str, clicks: &str, expected: &str) {
        let mut terminal = sized(60, 3);
        feed(&mut terminal, text);
        let columns = (0..).zip(clicks.chars()).filter(|(_, sign)| *sign == '^');
        for (column, _) in columns {
            terminal.start_selection(SelectionKind::Word, Point::new(0, column), Side::Left);
            assert_eq!(
                terminal.selected_text().as_deref(),
                Some(expected),
                "at {column}"
            );
        }
    }

    #[test]
    fn quotes_and_brackets_select_what_is_in_them() {
        check("say \"two words\" now", "    ^         ^", "\"two words\"");
        check("don't 'do it' twice", "      ^     ^", "'do it'");
        check("f(a, (b)) + c", " ^      ^", "(a, (b))");
        check("f(a, (b)) + c", "     ^ ^", "(b)");
        check("a \" b", "  ^", "\"");
        check("a ) b", "  ^", ")");
        check("see ~/src/a-b.rs:12", "    ^  ^   ^ ^", "~/src/a-b.rs");
        check("x = [1, 2]; y", "    ^    ^", "[1, 2]");
    }

    #[test]
    fn the_output_of_a_command_is_selected() {
        let mut terminal = sized(20, 4);
        let prompt = "\x1b]133;A\x07$ \x1b]133;B\x07";
        feed(&mut terminal, prompt);
        assert!(!terminal.select_output(None), "no command yet");
        feed(
            &mut terminal,
            "ls\r\n\x1b]133;C\x07a\r\nb\r\n\x1b]133;D;0\x07",
        );
        feed(
            &mut terminal,
            &format!("{prompt}true\r\n\x1b]133;C\x07\x1b]133;D;0\x07{prompt}echo hi\r\n"),
        );
        feed(&mut terminal, "\x1b]133;C\x07hi\r\nho");
        assert!(terminal.select_output(None));
        assert_eq!(
            terminal.selected_text().as_deref(),
            Some("hi\nho"),
            "still running"
        );
        feed(&mut terminal, &format!("\r\n\x1b]133;D;0\x07{prompt}"));
        assert!(terminal.select_output(None));
        assert_eq!(terminal.selected_text().as_deref(), Some("hi\nho"));
        let top = -i32::try_from(terminal.scrollback_rows()).unwrap();
        for line in [top, top + 1, top + 2] {
            assert!(terminal.select_output(Some(Point::new(line, 0))));
            assert_eq!(terminal.selected_text().as_deref(), Some("a\nb"), "{line}");
        }
        assert!(
            !terminal.select_output(Some(Point::new(top + 3, 0))),
            "it printed nothing"
        );
    }
}

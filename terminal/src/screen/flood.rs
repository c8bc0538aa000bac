//! Whole lines that come so fast that most of them are never on the screen.

use super::Screen;
use crate::cell::Cell;
use crate::parser::ascii_run;

/// Lines beyond those of the screen from which on it is worth counting them first.
const WORTH: usize = 16;
/// Lines taken at once.
const MOST: usize = 8192;

impl Screen {
    /// Prints the lines of printable ASCII, each ended by CR and LF, that `bytes` begin with, if they are so many
    /// that the first of them leave the screen again. Those go into scrollback without a stop in the grid; all is
    /// as after [`Screen::print_ascii`] and [`Screen::end_line`] for each. Returns the bytes taken, else those that
    /// were looked through in vain.
    pub(crate) fn print_lines(&mut self, bytes: &[u8]) -> Result<usize, usize> {
        let rows = self.grid.rows();
        if !self.scrolls_plainly() {
            return Err(0);
        }
        let mut lines = std::mem::take(&mut self.lines);
        let seen = find_lines(bytes, self.grid.columns(), &mut lines);
        let enough = lines.len() >= rows + WORTH;
        if enough {
            self.print_found_lines(bytes, &lines);
        }
        self.lines = lines;
        if enough { Ok(seen) } else { Err(seen) }
    }

    /// Whether a line that is printed now in the default look begins at the left of the last row, and moves the
    /// whole screen into scrollback as it ends.
    fn scrolls_plainly(&mut self) -> bool {
        let last = self.grid.rows() - 1;
        (self.cursor.row, self.cursor.column) == (last, 0)
            && (self.top, self.bottom) == (0, last)
            && self.scrollback.is_enabled()
            && !self.cursor.pending_wrap
            && !self.has_double
            && !self.modes.insert
            && !self.modes.left_right_margins
            && self.look() == 0
            && self.blank() == Cell::BLANK
    }

    fn print_found_lines(&mut self, bytes: &[u8], lines: &[(u32, u32)]) {
        let rows = self.grid.rows();
        let text = |&(start, end): &(u32, u32)| &bytes[start as usize..end as usize];
        let Some((first, rest)) = lines.split_first() else {
            return;
        };
        let (passing, staying) = rest.split_at(rest.len() + 1 - rows);
        self.grid.write_ascii(rows - 1, 0, text(first), 0);
        self.keep_rows(rows);
        for line in passing {
            let id = self.grid.fresh_line();
            self.scrollback.push_text(text(line), id, &mut self.links);
        }
        if self.display_offset > 0 {
            let most = self.scrollback.rows();
            self.display_offset = (self.display_offset + passing.len()).min(most);
        }
        for row in 0..rows {
            let id = self.grid.fresh_line();
            self.grid.reset_row(row, id, 0, Cell::BLANK);
            if let Some(line) = staying.get(row) {
                self.grid.write_ascii(row, 0, text(line), 0);
            }
        }
        if let Some(last) = lines.iter().rev().find_map(|line| text(line).last()) {
            self.last_char = Some(char::from(*last));
            self.sticky = false;
        }
        self.moved();
    }
}

/// Where lines begin and end that are no wider than the screen; returns the bytes they take with their ends.
fn find_lines(bytes: &[u8], columns: usize, lines: &mut Vec<(u32, u32)>) -> usize {
    lines.clear();
    let mut at = 0;
    while lines.len() < MOST {
        let end = at + ascii_run(&bytes[at..]);
        if end - at > columns || bytes.get(end..end + 2) != Some(b"\r\n") {
            break;
        }
        lines.push((at as u32, end as u32));
        at = end + 2;
    }
    at
}

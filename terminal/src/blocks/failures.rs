//! Where commands failed, for marks beside a scrollbar.

use crate::index::LineId;
use crate::terminal::Terminal;

/// The rows in which failed blocks begin, kept while neither blocks nor the numbers of rows change.
#[derive(Debug, Default)]
pub struct Failures {
    /// The blocks' generation and the scrollback's epoch that `rows` was made from.
    made_from: Option<(u64, u64)>,
    rows: Vec<u64>,
}

impl Failures {
    /// Looks again if something changed, and returns whether it did. Costs a step for each block then, and nothing
    /// otherwise.
    pub fn update(&mut self, terminal: &Terminal) -> bool {
        let (blocks, screen) = (terminal.blocks(), terminal.state.primary());
        let now = Some((blocks.generation(), screen.scrollback_epoch()));
        if self.made_from == now {
            return false;
        }
        self.made_from = now;
        let mut lines: Vec<LineId> = blocks
            .iter()
            .skip(blocks.detached())
            .filter(|block| block.is_failure())
            .filter_map(|block| Some(block.start()?.line))
            .filter(|line| *line >= blocks.cleared_above)
            .collect();
        lines.sort_unstable();
        self.rows = screen.row_numbers(&lines);
        true
    }

    /// The rows, by their numbers, oldest first.
    pub fn rows(&self) -> &[u64] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::size::{GridSize, PixelSize};
    use crate::testing::{feed, sized};

    /// Commands without a key, each with a line of output; those that are to fail do so.
    fn commands(terminal: &mut Terminal, fail: &[bool]) {
        for failed in fail {
            feed(
                terminal,
                &format!(
                    "\x1b]133;A\x07$ \x1b]133;B\x07c\r\n\x1b]133;C\x07out\r\n\x1b]133;D;{}\x07",
                    u8::from(*failed)
                ),
            );
        }
        feed(terminal, "\x1b]133;A\x07$ \x1b]133;B\x07");
    }

    #[test]
    fn failures_are_where_they_begin_also_after_a_resize_and_a_clear() {
        let mut terminal = sized(20, 4);
        commands(&mut terminal, &[false, true, false, true]);
        let mut failures = Failures::default();
        assert!(failures.update(&terminal) && !failures.update(&terminal));
        assert_eq!(failures.rows(), [2, 6]);
        let shown = terminal.shown_rows();
        let marks = shown.marks(failures.rows().iter().copied(), 3);
        assert_eq!(marks, [true, false, true]);
        // Each command's two lines stay two rows in a narrower grid.
        terminal.resize(GridSize::new(4, 4), PixelSize::default());
        assert!(failures.update(&terminal));
        let (first, _) = terminal.row_numbers();
        let rows: Vec<u64> = failures.rows().iter().map(|row| row - first).collect();
        assert_eq!(rows, [2, 6]);
        let third = terminal.blocks().nth(2).unwrap().id;
        terminal.clear_above(third);
        assert!(failures.update(&terminal));
        assert_eq!(failures.rows().len(), 1);
    }
}

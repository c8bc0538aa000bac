//! A block's text: read where it is, from the screen and scrollback, from rows kept beside it, from the capture.

use super::styled::{Styler, plain};
use super::{Block, BlockId};
use crate::limits::MAX_SPOOL;
use crate::screen::{Piece, Screen};
use crate::terminal::Terminal;

/// What of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The command.
    Command,
    /// What it printed.
    Output,
    /// The command, and what it printed on the lines after it.
    Both,
}

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Characters, spaces and newlines; blanks at the ends of lines are cut.
    Text,
    /// The same with SGR and OSC 8 where the look changes; every line ends in the default look.
    Styled,
}

/// A block's output with a bound: what is kept of it elsewhere. Its head and its tail are whole lines, unless one
/// line is longer than a half of [`MAX_SPOOL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spool {
    /// The beginning, or all of it.
    pub head: String,
    /// The end, if lines between were dropped.
    pub tail: String,
    /// Lines that there were, the dropped ones included.
    pub lines: u64,
    /// Bytes that there were.
    pub bytes: u64,
    /// Lines between head and tail.
    pub dropped_lines: u64,
    /// Bytes between head and tail.
    pub dropped_bytes: u64,
}

const HALF: usize = MAX_SPOOL / 2;

impl Spool {
    fn line(&mut self, line: &str, gap: bool) {
        self.lines += 1;
        self.bytes += line.len() as u64;
        if !gap
            && self.tail.is_empty()
            && self.dropped_lines == 0
            && self.head.len() + line.len() <= HALF
        {
            self.head.push_str(line);
            return;
        }
        self.tail.push_str(line);
        if self.tail.len() > 2 * HALF {
            self.cut_tail();
        }
    }

    /// Drops the beginning of the tail, up to the end of a line.
    fn cut_tail(&mut self) {
        let Some(excess) = self.tail.len().checked_sub(HALF).filter(|n| *n > 0) else {
            return;
        };
        let newline = memchr::memchr(b'\n', &self.tail.as_bytes()[excess - 1..]);
        let mut end = newline.map_or(self.tail.len(), |at| excess + at);
        if end == self.tail.len() {
            // One line fills the tail: its end is worth more than nothing.
            end = excess;
            while !self.tail.is_char_boundary(end) {
                end += 1;
            }
        }
        let dropped: String = self.tail.drain(..end).collect();
        self.dropped_bytes += dropped.len() as u64;
        self.dropped_lines += memchr::memchr_iter(b'\n', dropped.as_bytes()).count() as u64;
    }

    fn finish(&mut self, dropped: (u64, u64)) {
        self.cut_tail();
        self.dropped_lines += dropped.0;
        self.dropped_bytes += dropped.1;
        self.lines += dropped.0;
        self.bytes += dropped.1;
        if self.dropped_lines == 0 && self.dropped_bytes == 0 {
            self.head.push_str(&std::mem::take(&mut self.tail));
        }
    }
}

impl Terminal {
    /// A block's text, as much of it as is left, of any size; `None` if there is no such block. Output ends with
    /// a newline if the program's did.
    #[must_use]
    pub fn block_text(&self, id: BlockId, part: Part, format: Format) -> Option<String> {
        let block = self.state.blocks.get(id)?;
        let mut text = String::new();
        if part != Part::Output {
            text.push_str(&block.command.text);
        }
        if part == Part::Both && !text.is_empty() {
            text.push('\n');
        }
        if part != Part::Command {
            each_line(self.state.primary(), block, format, &mut |line, _| {
                text.push_str(line);
                true
            });
        }
        Some(text)
    }

    /// A block's output with a bound of [`MAX_SPOOL`] bytes; `None` if there is no such block. Costs no more than
    /// that bound but for counting.
    #[must_use]
    pub fn block_spool(&self, id: BlockId, format: Format) -> Option<Spool> {
        let block = self.state.blocks.get(id)?;
        let mut spool = Spool::default();
        each_line(self.state.primary(), block, format, &mut |line, gap| {
            spool.line(line, gap);
            true
        });
        spool.finish(block.dropped);
        Some(spool)
    }
}

/// Calls `f` for each line of a block's output, its newline included, until it returns `false`; the second
/// argument says that lines before it are gone.
pub(crate) fn each_line(
    screen: &Screen,
    block: &Block,
    format: Format,
    f: &mut dyn FnMut(&str, bool) -> bool,
) {
    let Some(from) = block.output else { return };
    let end = block.end.unwrap_or_else(|| screen.cursor_place());
    let until = match &block.capture {
        Some(capture) => end.min(capture.from),
        None => end,
    };
    let mut lines = Lines {
        line: String::new(),
        styler: Styler::new(format == Format::Styled),
        trims: format == Format::Text,
        gap: false,
        more: true,
    };
    if from < until {
        screen.each_piece(from, until, &mut |piece| {
            match piece {
                Piece::Text(text, look) => lines.styler.text(&mut lines.line, text, &look),
                Piece::LineEnd(_) => lines.end(f),
                Piece::Gap => lines.gap = true,
            }
            lines.more
        });
    }
    if let Some(capture) = &block.capture {
        let stripped;
        let text = match format {
            Format::Styled => capture.text.as_str(),
            Format::Text => {
                stripped = plain(&capture.text);
                stripped.as_str()
            }
        };
        for line in text.split_inclusive('\n') {
            lines.line.push_str(line.trim_end_matches('\n'));
            if line.ends_with('\n') && lines.more {
                lines.end(f);
            }
        }
    }
    if lines.more && !lines.line.is_empty() {
        lines.styler.reset(&mut lines.line);
        f(&lines.line, lines.gap);
    }
}

struct Lines {
    line: String,
    styler: Styler,
    trims: bool,
    gap: bool,
    more: bool,
}

impl Lines {
    fn end(&mut self, f: &mut dyn FnMut(&str, bool) -> bool) {
        self.styler.reset(&mut self.line);
        if self.trims {
            self.line.truncate(self.line.trim_end_matches(' ').len());
        }
        self.line.push('\n');
        self.more = f(&self.line, self.gap);
        self.gap = false;
        self.line.clear();
    }
}

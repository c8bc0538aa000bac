//! A block's text: read where it is, from the screen and scrollback, from rows kept beside it, from the capture.

use super::styled::{Styler, plain};
use super::{Anchor, Block, BlockId};
use crate::index::LineId;
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
            each_line(self.state.primary(), block, None, format, &mut |line| {
                text.push_str(line.text);
                true
            });
        }
        Some(text)
    }
}

/// A line of a block's output.
pub(crate) struct Line<'a> {
    /// Its text, and its newline if it has one.
    pub(crate) text: &'a str,
    /// Which logical line it is; `None` for one that was copied, or has not ended.
    pub(crate) id: Option<LineId>,
    /// Lines before it are gone.
    pub(crate) gap: bool,
}

/// Calls `f` for each line of a block's output, from `from` on if that is given, until it returns `false`.
pub(crate) fn each_line(
    screen: &Screen,
    block: &Block,
    from: Option<Anchor>,
    format: Format,
    f: &mut dyn FnMut(Line<'_>) -> bool,
) {
    let Some(output) = block.output else { return };
    let from = from.map_or(output, |from| from.max(output));
    let end = block.end.unwrap_or_else(|| screen.cursor_place());
    let until = match &block.capture {
        Some(capture) => end.min(capture.from),
        None => end,
    };
    let mut lines = Lines::new(format);
    lines.read(screen, from, until, f);
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
                lines.end(None, f);
            }
        }
    }
    lines.finish(f);
}

/// Calls `f` for each line between two places; the last one may have no newline.
pub(crate) fn each_line_between(
    screen: &Screen,
    from: Anchor,
    until: Anchor,
    format: Format,
    f: &mut dyn FnMut(Line<'_>) -> bool,
) {
    let mut lines = Lines::new(format);
    lines.read(screen, from, until, f);
    lines.finish(f);
}

struct Lines {
    line: String,
    styler: Styler,
    trims: bool,
    gap: bool,
    more: bool,
}

impl Lines {
    fn new(format: Format) -> Self {
        Self {
            line: String::new(),
            styler: Styler::new(format == Format::Styled),
            trims: format == Format::Text,
            gap: false,
            more: true,
        }
    }

    fn read(
        &mut self,
        screen: &Screen,
        from: Anchor,
        until: Anchor,
        f: &mut dyn FnMut(Line<'_>) -> bool,
    ) {
        if from >= until {
            return;
        }
        screen.each_piece(from, until, &mut |piece| {
            match piece {
                Piece::Text(text, look) => self.styler.text(&mut self.line, text, &look),
                Piece::LineEnd(id) => self.end(Some(id), f),
                Piece::Gap => self.gap = true,
            }
            self.more
        });
    }

    fn end(&mut self, id: Option<LineId>, f: &mut dyn FnMut(Line<'_>) -> bool) {
        self.styler.reset(&mut self.line);
        if self.trims {
            self.line.truncate(self.line.trim_end_matches(' ').len());
        }
        self.line.push('\n');
        self.give(id, f);
    }

    /// What comes after the last newline.
    fn finish(mut self, f: &mut dyn FnMut(Line<'_>) -> bool) {
        if self.more && !self.line.is_empty() {
            self.styler.reset(&mut self.line);
            self.give(None, f);
        }
    }

    fn give(&mut self, id: Option<LineId>, f: &mut dyn FnMut(Line<'_>) -> bool) {
        self.more = f(Line {
            text: &self.line,
            id,
            gap: std::mem::take(&mut self.gap),
        });
        self.line.clear();
    }
}

//! Logical lines between two anchors as text: from scrollback, from rows kept beside it, from the screen.

#![expect(
    clippy::cast_possible_truncation,
    reason = "columns are at most 4096, lines of a segment at most 16,383 cells"
)]

use super::Screen;
use crate::blocks::styled::{Styler, TextLook};
use crate::blocks::{Anchor, Format};
use crate::cell::{Cell, CellWidth, Content};
use crate::grid::RowFlags;
use crate::grid::page::Page;
use crate::grid::scrollback::SegmentRef;
use crate::index::LineId;

/// What is met while walking over lines.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    /// Text of one look.
    Text(&'a str, TextLook<'a>),
    /// The end of a logical line, by its id.
    LineEnd(LineId),
    /// Lines that nothing holds any more.
    Gap,
}

impl Screen {
    /// Where the first row of the screen begins.
    pub(crate) fn first_live_anchor(&self) -> Anchor {
        let meta = self.grid.meta(0);
        Anchor {
            line: meta.line,
            cell: meta.offset,
        }
    }

    /// The cursor's place; past the last cell when the next character wraps.
    pub(crate) fn cursor_place(&self) -> Anchor {
        let (line, cell) = self.cursor_anchor();
        Anchor {
            line,
            cell: cell + u32::from(self.cursor.pending_wrap),
        }
    }

    /// Makes the cursor's row begin a logical line if the cursor is at its start: what a shell printed to get
    /// there (zsh's blanks after output without a newline) is no part of the prompt.
    pub(crate) fn begin_line(&mut self) {
        let row = self.cursor.row;
        if self.cursor.column == 0 && row > 0 && !self.cursor.pending_wrap {
            self.grid.break_below(row - 1);
        }
    }

    /// The first logical line on the screen after `line`.
    pub(crate) fn next_line_after(&self, line: LineId) -> Option<LineId> {
        (0..self.grid.rows())
            .map(|row| self.grid.meta(row).line)
            .find(|other| *other > line)
    }

    /// The first cell of the screen.
    pub(crate) fn top_anchor(&self) -> Anchor {
        self.start_of(0)
    }

    /// Where a row of the screen begins.
    pub(crate) fn start_of(&self, row: usize) -> Anchor {
        let meta = self.grid.meta(row);
        Anchor {
            line: meta.line,
            cell: meta.offset,
        }
    }

    /// What the screen shows, with its looks, without the blank rows at its end; every line ends with a newline.
    pub(crate) fn shown_text(&self) -> String {
        let used = (0..self.grid.rows())
            .rev()
            .find(|&row| !self.grid.is_blank(row));
        let Some(last) = used else {
            return String::new();
        };
        let mut until = self.start_of(last);
        until.cell += self.grid.columns() as u32;
        let mut text = self.text_between(self.top_anchor(), until, Format::Styled);
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    /// The first row on the screen of the logical line that a row is part of.
    pub(crate) fn first_row_of_line(&self, row: usize) -> usize {
        let line = self.grid.meta(row).line;
        let above = (0..row).rev();
        above
            .take_while(|&row| self.grid.meta(row).line == line)
            .last()
            .unwrap_or(row)
    }

    /// The row of the screen that an anchor is in.
    pub(crate) fn row_of(&self, at: Anchor) -> Option<usize> {
        (0..self.grid.rows()).rev().find(|&row| {
            let meta = self.grid.meta(row);
            meta.line == at.line && meta.offset <= at.cell
        })
    }

    /// Where a command's output ends if the cursor is where the shell put it before its prompt, and whether it
    /// lacks a newline there. zsh marks that with a reversed `%` or `#`, which is not output.
    pub(crate) fn output_end(&self) -> (Anchor, bool) {
        let at = self.cursor_place();
        match self.end_mark() {
            Some(mark) => (mark, true),
            None => (at, self.cursor.column > 0 || self.cursor.pending_wrap),
        }
    }

    /// zsh's PROMPT_SP: the mark, blanks to the margin and beyond, and back to the first column.
    fn end_mark(&self) -> Option<Anchor> {
        let above = self.cursor.row.checked_sub(1)?;
        let meta = self.grid.meta(above);
        if self.cursor.column != 0 || !meta.flags.contains(RowFlags::WRAPPED) {
            return None;
        }
        let cells = self.grid.cells(above);
        let column = cells.iter().rposition(|cell| !cell.is_trimmable())?;
        let cell = cells[column];
        let attrs = self.styles.get(cell.style()).attrs;
        let marked = matches!(cell.content(), Content::Char('%' | '#'))
            && attrs.contains(crate::cell::Attrs::REVERSE | crate::cell::Attrs::BOLD);
        marked.then(|| Anchor {
            line: meta.line,
            cell: meta.offset + column as u32,
        })
    }

    /// The text between two places, soft wraps joined.
    pub(crate) fn text_between(&self, from: Anchor, until: Anchor, format: Format) -> String {
        let mut text = String::new();
        let mut styler = Styler::new(format == Format::Styled);
        self.each_piece(from, until, &mut |piece| {
            match piece {
                Piece::Text(piece, look) => styler.text(&mut text, piece, &look),
                Piece::LineEnd(_) => {
                    styler.reset(&mut text);
                    if format == Format::Text {
                        let kept = text.trim_end_matches(' ').len();
                        text.truncate(kept);
                    }
                    text.push('\n');
                }
                Piece::Gap => {}
            }
            true
        });
        styler.reset(&mut text);
        text
    }

    /// The text between two places but for some cells between others.
    pub(crate) fn text_without(
        &self,
        from: Anchor,
        until: Anchor,
        parts: &[(Anchor, Anchor)],
    ) -> String {
        let mut text = String::new();
        let mut at = from;
        for (start, end) in parts {
            if *start < at || *end > until {
                continue;
            }
            text += &self.text_between(at, *start, Format::Text);
            // A right prompt stands far from the text before it.
            text.truncate(text.trim_end_matches(' ').len());
            at = *end;
        }
        text + &self.text_between(at, until, Format::Text)
    }

    /// The first logical line between two places whose text ends in `ending`, blanks at its end aside.
    pub(crate) fn line_ending_in(
        &self,
        from: Anchor,
        until: Anchor,
        ending: &str,
    ) -> Option<LineId> {
        let mut text = String::new();
        let mut found = None;
        self.each_piece(from, until, &mut |piece| {
            match piece {
                Piece::Text(piece, _) => text.push_str(piece),
                Piece::LineEnd(line) => {
                    let ends = text.trim_end_matches(' ').ends_with(ending.trim_end());
                    found = ends.then_some(line);
                    text.clear();
                }
                Piece::Gap => {}
            }
            found.is_none()
        });
        found
    }

    /// Whether there is no text between two places.
    pub(crate) fn is_blank_between(&self, from: Anchor, until: Anchor) -> bool {
        let mut blank = true;
        self.each_piece(from, until, &mut |piece| {
            if let Piece::Text(text, _) = piece {
                blank &= text.bytes().all(|byte| byte == b' ');
            }
            blank
        });
        blank
    }

    /// Calls `f` for the pieces between two places until it returns `false`.
    pub(crate) fn each_piece(
        &self,
        from: Anchor,
        until: Anchor,
        f: &mut dyn FnMut(Piece<'_>) -> bool,
    ) {
        let mut more = true;
        let goes_on = self.scrollback_goes_on();
        let newest = self.scrollback.end_place(false);
        self.scrollback.walk(from.line, |gap, page, segment| {
            if (segment.line, segment.offset) >= (until.line, until.cell) {
                more = false;
                return false;
            }
            if gap {
                more &= f(Piece::Gap);
            }
            let is_newest = newest == (segment.place.0, segment.place.1 + 1);
            let joined = page.continues(segment.place.1) || (is_newest && goes_on);
            more = more && self.segment_pieces(page, &segment, from, until, joined, f);
            more
        });
        for row in 0..self.grid.rows() {
            if !more {
                return;
            }
            let meta = self.grid.meta(row);
            if meta.line < from.line {
                continue;
            }
            if (meta.line, meta.offset) >= (until.line, until.cell) {
                return;
            }
            more = self.row_pieces(row, from, until, f);
        }
    }

    fn segment_pieces(
        &self,
        page: &Page,
        segment: &SegmentRef<'_>,
        from: Anchor,
        until: Anchor,
        joined: bool,
        f: &mut dyn FnMut(Piece<'_>) -> bool,
    ) -> bool {
        let (first, end) = clip(segment.line, segment.offset, from, until);
        let length = segment.segment.cells as u32;
        let uri = |link: u16| self.links.uri(link);
        let mut more = true;
        let whole = first == 0 && end >= length;
        match segment.segment.plain_text().filter(|_| first < end) {
            Some(text) => {
                let cells = first.min(length) as usize..end.min(length) as usize;
                let text = text.get(cells).unwrap_or_default();
                if !text.is_empty() {
                    more = f(Piece::Text(text, TextLook::default()));
                }
            }
            None => {
                let mut run = String::new();
                let mut look = None;
                let mut at = 0;
                for cell in segment.segment.iter() {
                    let width = 1 + u32::from(cell.wide);
                    if !whole && (at < first || at >= end) {
                        at += width;
                        continue;
                    }
                    at += width;
                    if cell.look != look {
                        more = more && give(&run, look_of(page, look, &uri), f);
                        run.clear();
                        look = cell.look;
                    }
                    run.push_str(cell.text);
                }
                more = more && give(&run, look_of(page, look, &uri), f);
            }
        }
        if more && !joined && (segment.line < until.line) {
            more = f(Piece::LineEnd(segment.line));
        }
        more
    }

    fn row_pieces(
        &self,
        row: usize,
        from: Anchor,
        until: Anchor,
        f: &mut dyn FnMut(Piece<'_>) -> bool,
    ) -> bool {
        let meta = self.grid.meta(row);
        let (first, end) = clip(meta.line, meta.offset, from, until);
        // What a resize cut off is text all the same.
        let (mut cells, wrapped) = match self.whole(row) {
            Some(frozen) => (frozen.cells(), frozen.wrapped()),
            None => (self.grid.cells(row), meta.flags.contains(RowFlags::WRAPPED)),
        };
        let joined =
            wrapped && row + 1 < self.grid.rows() && self.grid.meta(row + 1).line == meta.line;
        if !joined {
            while let Some((last, rest)) = cells.split_last()
                && last.is_trimmable()
            {
                cells = rest;
            }
        }
        let end = (end as usize).min(cells.len());
        let first = (first as usize).min(end);
        let mut more = true;
        let mut run = String::new();
        let mut look = 0;
        for &cell in &cells[first..end] {
            if matches!(cell.width(), CellWidth::Spacer | CellWidth::LeadingSpacer) {
                continue;
            }
            if cell.look() != look {
                more = more && give(&run, self.live_look(look), f);
                run.clear();
                look = cell.look();
            }
            match cell.content() {
                Content::Blank => run.push(' '),
                Content::Char(c) => run.push(c),
                Content::Cluster(id) => run.push_str(self.clusters.get(id)),
            }
        }
        more = more && give(&run, self.live_look(look), f);
        if more && !joined && meta.line < until.line {
            more = f(Piece::LineEnd(meta.line));
        }
        more
    }

    fn live_look(&self, bits: u64) -> TextLook<'_> {
        let cell = Cell(bits);
        TextLook {
            style: *self.styles.get(cell.style()),
            link: self.links.uri(cell.link()),
        }
    }
}

/// The cells of a stretch of a line, which begins at `offset`, that are between two places.
fn clip(line: LineId, offset: u32, from: Anchor, until: Anchor) -> (u32, u32) {
    let first = if line == from.line {
        from.cell.saturating_sub(offset)
    } else {
        0
    };
    let end = if line == until.line {
        until.cell.saturating_sub(offset)
    } else {
        u32::MAX
    };
    (first, end)
}

fn look_of<'a>(
    page: &Page,
    look: Option<u32>,
    uri: &impl Fn(u16) -> Option<&'a str>,
) -> TextLook<'a> {
    let look = look.map_or_else(Default::default, |index| page.look(index));
    TextLook {
        style: look.style,
        link: uri(look.link),
    }
}

fn give(text: &str, look: TextLook<'_>, f: &mut dyn FnMut(Piece<'_>) -> bool) -> bool {
    text.is_empty() || f(Piece::Text(text, look))
}

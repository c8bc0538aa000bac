//! A block's output with a bound, for who keeps it elsewhere: its head and its tail. What lies between is neither
//! read nor decompressed, so that keeping the output of a flood costs no more than keeping a megabyte.

use super::text::{Format, Line, each_line, each_line_between};
use super::{Anchor, BlockId};
use crate::index::LineId;
use crate::limits::MAX_SPOOL;
use crate::terminal::Terminal;

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
    /// Whether a line goes to the head.
    fn fits_head(&self, line: &Line<'_>) -> bool {
        !line.gap
            && self.tail.is_empty()
            && self.dropped_lines == 0
            && self.head.len() + line.text.len() <= HALF
    }

    fn line(&mut self, line: &Line<'_>) {
        self.lines += 1;
        self.bytes += line.text.len() as u64;
        if self.fits_head(line) {
            self.head.push_str(line.text);
            return;
        }
        self.tail.push_str(line.text);
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

    /// Lines and bytes that are not read at all.
    fn skip(&mut self, (lines, bytes): (u64, u64)) {
        self.dropped_lines += lines;
        self.dropped_bytes += bytes;
        self.lines += lines;
        self.bytes += bytes;
    }

    fn finish(&mut self, dropped: (u64, u64)) {
        self.cut_tail();
        self.skip(dropped);
        if self.dropped_lines == 0 && self.dropped_bytes == 0 {
            self.head.push_str(&std::mem::take(&mut self.tail));
        }
    }
}

/// How far the output of a running block was read; see [`Terminal::block_news`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpoolPlace {
    /// What comes next; `None` before the beginning.
    at: Option<Anchor>,
    /// Bytes of the head that were read.
    head: usize,
    /// Lines and bytes of the run that nothing held any more at the last look.
    dropped: (u64, u64),
}

/// What a running block has printed since it was last read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Final text that follows what was read before.
    pub more: String,
    /// Lines and bytes between it and `rest`.
    pub skipped: (u64, u64),
    /// Final text after what was skipped; empty if nothing was.
    pub rest: String,
    /// The text after all that, which may still change: what is on the screen.
    pub screen: String,
}

impl Terminal {
    /// A block's output with a bound of [`MAX_SPOOL`] bytes; `None` if there is no such block. Costs no more than
    /// that bound but for counting.
    #[must_use]
    pub fn block_spool(&self, id: BlockId, format: Format) -> Option<Spool> {
        let block = self.state.blocks.get(id)?;
        let screen = self.state.primary();
        let mut spool = Spool::default();
        let mut between: Option<(LineId, LineId)> = None;
        let mut looked = false;
        each_line(screen, block, None, format, &mut |line| {
            // The first line past the head: is there more to come than the tail will hold?
            if !looked && !spool.fits_head(&line) {
                looked = true;
                let tail = screen.scrollback.line_before_end(HALF as u64);
                between = line.id.zip(tail).filter(|(next, tail)| next < tail);
            }
            if between.is_none() {
                spool.line(&line);
            }
            between.is_none()
        });
        if let Some((next, tail)) = between {
            spool.skip(screen.scrollback.measure(next, tail));
            let from = Some(Anchor {
                line: tail,
                cell: 0,
            });
            each_line(screen, block, from, format, &mut |line| {
                spool.line(&line);
                true
            });
        }
        spool.finish(block.dropped);
        Some(spool)
    }

    /// What a running block has printed since `place`, which moves on; `None` if there is no such block. All news of
    /// a block one after the other are what [`Terminal::block_spool`] gives, but for what was skipped: of a flood
    /// between two looks no more is read than that holds.
    #[must_use]
    pub fn block_news(&self, id: BlockId, format: Format, place: &mut SpoolPlace) -> Option<News> {
        let block = self.state.blocks.get(id)?;
        let screen = self.state.primary();
        let mut news = News::default();
        let from = place.at.or(block.output)?;
        let until = block.end.unwrap_or_else(|| screen.cursor_place());
        // What is in scrollback never changes.
        let stable = screen.first_live_anchor().min(until).max(from);
        let (_, waiting) = screen.scrollback.measure(from.line, stable.line);
        let room = HALF.saturating_sub(place.head);
        let tail = (waiting > (room + HALF) as u64)
            .then(|| screen.scrollback.line_before_end(HALF as u64))
            .flatten()
            .filter(|tail| *tail > from.line);
        let mut gap = false;
        let mut next = None;
        each_line_between(screen, from, stable, format, &mut |line| {
            gap |= line.gap;
            let past = tail.is_some() && news.more.len() + line.text.len() > room;
            if past && line.id.is_some_and(|id| Some(id) < tail) {
                next = line.id;
                return false;
            }
            news.more.push_str(line.text);
            true
        });
        place.head = HALF.min(place.head + news.more.len());
        if let (Some(next), Some(tail)) = (next, tail) {
            news.skipped = screen.scrollback.measure(next, tail);
            let from = Anchor {
                line: tail,
                cell: 0,
            };
            each_line_between(screen, from, stable, format, &mut |line| {
                gap |= line.gap;
                news.rest.push_str(line.text);
                true
            });
        }
        let dropped = screen.scrollback.run_dropped();
        if gap {
            news.skipped.0 += dropped.0.saturating_sub(place.dropped.0);
            news.skipped.1 += dropped.1.saturating_sub(place.dropped.1);
        }
        place.dropped = dropped;
        place.at = Some(stable);
        each_line_between(screen, stable, until, format, &mut |line| {
            news.screen.push_str(line.text);
            true
        });
        Some(news)
    }
}

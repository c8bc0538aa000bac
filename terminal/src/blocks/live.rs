//! Rows that a running command paints again (`blocks.md` 4.3).
//!
//! A program that draws its progress in place goes back to its first row by its own count of rows, as a shell does
//! at its prompt. So a resize must leave those rows as they are: rewrapped, they would be more than the program
//! counted, and the first of them would stay above what it draws next. Which rows they are is learned from the
//! cursor: how far it went back up of late, and whether it came back to the start of its line.

use std::time::Duration;

use super::{Anchor, Flags};
use crate::index::LineId;
use crate::parser::Csi;
use crate::terminal::state::State;

/// How long a way up is remembered at least; at most twice as long.
const STRETCH: Duration = Duration::from_secs(1);

/// Where the running command comes back to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Live {
    /// The lowest row from which the cursor went up.
    bottom: Option<Anchor>,
    /// The most rows it went up from there, in this stretch of time and in the one before: what is printed above
    /// such rows moves them down, so only the distance tells where they are.
    heights: [usize; 2],
    /// When this stretch of time began.
    since: Duration,
    /// The topmost row that the cursor was put on by its place on the screen.
    placed: Option<Anchor>,
    /// The line to whose start it came back after some text (CR, CHA).
    returned: Option<LineId>,
}

impl State {
    /// Does what a sequence says that may go back over what the running command printed.
    #[inline(never)]
    pub(crate) fn dispatch_moving(&mut self, csi: &Csi) {
        if self.is_alternate() {
            return self.dispatch_csi(csi);
        }
        let from = self.primary().cursor_row();
        match csi.last {
            b'G' if csi.prefix == 0 && csi.intermediate == 0 && csi.params.get(0) <= 1 => {
                self.note_return();
            }
            b'G' => {}
            _ => self.before_moving_up(csi),
        }
        self.dispatch_csi(csi);
        if csi.intermediate == 0 && csi.prefix == 0 {
            match csi.last {
                b'A' | b'F' => self.note_way_up(from, false),
                b'H' | b'd' | b'f' | b'u' => self.note_way_up(from, true),
                _ => {}
            }
        }
    }

    /// The running command moves up: it paints over what it printed.
    pub(crate) fn note_live(&mut self) {
        if !std::mem::take(&mut self.blocks.unmoved) || self.is_alternate() {
            return;
        }
        if let Some(id) = self.blocks.shells.running()
            && let Some(block) = self.blocks.get_mut(id)
        {
            block.flags |= Flags::LIVE;
        }
    }

    /// The cursor was in the row `from`; if it stands higher now, and there is text on the way, it came back.
    pub(crate) fn note_way_up(&mut self, from: u16, placed: bool) {
        let (from, now) = (usize::from(from), self.effects.now());
        let screen = self.primary();
        let to = usize::from(screen.cursor_row());
        if to >= from || (to..=from).all(|row| screen.grid.is_blank(row)) {
            return;
        }
        let Some(mut live) = self.blocks.live else {
            return;
        };
        if placed {
            let known = live.placed.and_then(|at| screen.row_of(at));
            if known.is_none_or(|known| to < known) {
                live.placed = Some(screen.start_of(to));
            }
        } else {
            let known = live.bottom.and_then(|at| screen.row_of(at));
            let bottom = match known {
                Some(known) if known > from => known,
                _ => {
                    live.bottom = Some(screen.start_of(from));
                    from
                }
            };
            if now.saturating_sub(live.since) >= STRETCH {
                live.heights = [0, live.heights[0]];
                live.since = now;
            }
            live.heights[0] = live.heights[0].max(bottom - to);
        }
        self.blocks.live = Some(live);
    }

    /// The cursor is about to come back to the start of its line.
    pub(crate) fn note_return(&mut self) {
        if self.is_alternate() || self.primary().cursor_column() == 0 {
            return;
        }
        let (line, _) = self.primary().cursor_anchor();
        if let Some(live) = &mut self.blocks.live {
            live.returned = Some(line);
        }
    }

    /// The screen was cleared: there is nothing to come back to.
    pub(crate) fn forget_ways_up(&mut self) {
        if let Some(live) = &mut self.blocks.live {
            *live = Live::default();
        }
    }

    /// The first row that the running command draws again, which a resize leaves as it is with all below it.
    pub(crate) fn live_row(&self) -> Option<usize> {
        let live = self.blocks.live?;
        let output = self.blocks.running()?.output?;
        let screen = self.primary();
        let cursor = usize::from(screen.cursor_row());
        let row_of = |at: Option<Anchor>| screen.row_of(at?);
        let lowest = row_of(live.bottom).map_or(cursor, |bottom| bottom.max(cursor));
        let height = live.heights[0].max(live.heights[1]);
        let reached = (height > 0).then(|| lowest.saturating_sub(height));
        let returned = live.returned == Some(screen.cursor_anchor().0);
        let returned = returned.then_some(cursor);
        let rows = [reached, row_of(live.placed), returned];
        let row = rows.into_iter().flatten().min()?;
        // What stands above its output is not the command's, and a line is left as it is as a whole.
        let first = screen.row_of(output).unwrap_or(0);
        Some(screen.first_row_of_line(row).max(first))
    }
}

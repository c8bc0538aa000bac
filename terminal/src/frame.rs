//! The copy of the viewport that a renderer reads, without a lock.
//!
//! [`Frame::update`] copies the damaged rows only. Old frame + damage = new frame.

use crate::cell::{Attrs, CellWidth, Style};
use crate::color::{Palette, Rgb};
use crate::index::{Line, LineId};
use crate::screen::Screen;
use crate::selection::SelectedRange;
use crate::size::{GridSize, LineSize};
use crate::terminal::Terminal;

/// One cell as it is drawn: text, style, link; colors are not yet resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameCell {
    /// The character, or the first of the cluster; `' '` for blanks and spacers.
    pub character: char,
    /// 0, or 1 + the index in [`FrameRow::clusters`] of the whole grapheme cluster.
    pub cluster: u16,
    /// Columns taken.
    pub width: CellWidth,
    /// The cell's style.
    pub style: Style,
    /// 0, or an id that cells of one OSC 8 hyperlink share.
    pub link: u16,
}

/// One row of the viewport.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameRow {
    /// The cells, `columns` of them; in a row of double size only the first half is shown.
    pub cells: Vec<FrameCell>,
    /// Grapheme clusters of more than one code point.
    pub clusters: Vec<Box<str>>,
    /// The logical line it belongs to.
    pub line_id: LineId,
    /// Cells of the logical line before its first one.
    pub offset: u32,
    /// The size of its characters (DECDWL, DECDHL).
    pub size: LineSize,
    /// True when the row goes on in the next one (soft wrap).
    pub wrapped: bool,
    /// Selected columns, `start..end`, empty when nothing is.
    pub selected: (u16, u16),
    /// Changes whenever anything above changes: a key for caches of shaped rows.
    pub generation: u64,
}

impl FrameRow {
    /// The cells that are shown.
    pub fn shown(&self) -> &[FrameCell] {
        &self.cells[..self.size.columns(self.cells.len())]
    }

    /// The text of a cell: its cluster or its character.
    pub fn text<'a>(&'a self, cell: &FrameCell, buffer: &'a mut [u8; 4]) -> &'a str {
        match cell.cluster {
            0 => cell.character.encode_utf8(buffer),
            n => &self.clusters[usize::from(n) - 1],
        }
    }
}

/// The cursor's form (DECSCUSR).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CursorShape {
    /// A filled cell.
    #[default]
    Block,
    /// A line below the text.
    Underline,
    /// A line left of the text.
    Beam,
}

/// The cursor in the viewport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameCursor {
    /// Viewport row; may be past the last one while scrolled back (then it is not drawn).
    pub row: u16,
    /// Column.
    pub column: u16,
    /// False when hidden (DECTCEM) or scrolled out of view.
    pub visible: bool,
    /// Its form.
    pub shape: CursorShape,
    /// Whether it blinks.
    pub blinking: bool,
    /// Whether it stands on a wide cell.
    pub wide: bool,
}

/// The viewport, owned by the reader of the terminal's state.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its size.
    pub size: GridSize,
    /// Its rows, top first.
    pub rows: Vec<FrameRow>,
    /// Rows copied by the last [`Frame::update`].
    pub changed: Vec<bool>,
    /// The cursor.
    pub cursor: FrameCursor,
    /// The colors in force.
    pub palette: Palette,
    /// DECSCNM: the whole screen in reverse video.
    pub reverse_screen: bool,
    /// Rows scrolled back; 0 shows the active screen.
    pub display_offset: u32,
    /// The furthest that the viewport can be scrolled back: rows of scrollback, but for hidden ones.
    pub scrollback_rows: u32,
    /// True on the alternate screen.
    pub alternate_screen: bool,
    /// Whether any visible cell blinks (SGR 5).
    pub has_blinking_text: bool,
    /// The row that each row of the viewport shows, rising; fewer than there are rows when so much is folded
    /// that the last ones show none.
    pub lines: Vec<Line>,
    /// Bookkeeping of [`Frame::update`]; opaque.
    pub(crate) synced: FrameSync,
}

/// What the terminal's state was when the frame was last updated.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrameSync {
    pub(crate) epoch: u64,
    pub(crate) palette_generation: u64,
    /// Number and epoch of the scrollback row shown first, when one is.
    top: Option<(u64, u64, u64)>,
    selection: Option<SelectedRange>,
    /// Rows with blinking text.
    blinking: Vec<bool>,
}

/// What a frame is made from; the terminal gives it through `Terminal::frame_source`.
#[derive(Debug)]
pub(crate) struct FrameSource<'a> {
    /// The active screen.
    pub(crate) screen: &'a mut Screen,
    /// Whether it is the alternate one.
    pub(crate) alternate_screen: bool,
    /// The colors in force.
    pub(crate) palette: &'a Palette,
    /// New whenever the palette is.
    pub(crate) palette_generation: u64,
    /// DECSCNM.
    pub(crate) reverse_screen: bool,
    /// DECSCUSR.
    pub(crate) cursor_shape: CursorShape,
    /// DECSCUSR, mode 12.
    pub(crate) cursor_blinking: bool,
    /// DECTCEM.
    pub(crate) cursor_visible: bool,
    /// New whenever everything is to be copied again (`Terminal::damage_all`); starts at 1.
    pub(crate) epoch: u64,
    /// A synchronized update is open: nothing is copied.
    pub(crate) held: bool,
}

impl Frame {
    /// An empty frame; the first update fills it.
    pub fn new() -> Self {
        Self {
            size: GridSize::default(),
            rows: Vec::new(),
            changed: Vec::new(),
            cursor: FrameCursor {
                row: 0,
                column: 0,
                visible: false,
                shape: CursorShape::Block,
                blinking: false,
                wide: false,
            },
            palette: Palette::default(),
            reverse_screen: false,
            display_offset: 0,
            scrollback_rows: 0,
            alternate_screen: false,
            has_blinking_text: false,
            lines: Vec::new(),
            synced: FrameSync::default(),
        }
    }

    /// Copies what changed since the last call; returns whether anything did.
    /// While a synchronized update (mode 2026) is open, copies nothing and returns `false`.
    pub fn update(&mut self, terminal: &mut Terminal) -> bool {
        self.copy(terminal.frame_source())
    }

    pub(crate) fn copy(&mut self, source: FrameSource<'_>) -> bool {
        if source.held {
            self.changed.fill(false);
            return false;
        }
        let screen = source.screen;
        screen.check_selection();
        screen.sync_hidden();
        let size = screen.size();
        let n_rows = usize::from(size.rows);
        let all = self.synced.epoch != source.epoch
            || self.size != size
            || self.alternate_screen != source.alternate_screen
            || self.rows.len() != n_rows;
        self.rows.resize_with(n_rows, FrameRow::default);
        self.synced.blinking.resize(n_rows, false);
        self.changed.clear();
        self.changed.resize(n_rows, all);

        let offset = screen.display_offset();
        let selection = screen.selected_range();
        let top = screen.viewport_top();
        let still = !all && top.is_some() && top == self.synced.top;
        // Its lines count from the screen, so after rows went into scrollback the same numbers mean others.
        let same_selection = selection == self.synced.selection
            && (selection.is_none() || offset == self.display_offset);
        let salt = u64::from(source.alternate_screen) << 63;
        let mut any = all;
        let before = std::mem::take(&mut self.lines);
        self.lines = (0..n_rows)
            .map_while(|row| screen.viewport_line(row))
            .collect();
        for index in 0..n_rows {
            let Some(&Line(line)) = self.lines.get(index) else {
                let row = &mut self.rows[index];
                if *row != FrameRow::default() || all {
                    *row = FrameRow::default();
                    self.changed[index] = true;
                    any = true;
                }
                self.synced.blinking[index] = false;
                continue;
            };
            let was_older = before.get(index).is_some_and(|line| line.0 < -1);
            if line < -1 && was_older && still && same_selection {
                // Rows of scrollback do not change; the newest may come to be wrapped or not.
                continue;
            }
            let row = &mut self.rows[index];
            if line >= 0 && !all {
                let generation = screen.live_generation(line, selection.as_ref()) | salt;
                if generation == row.generation {
                    continue;
                }
            }
            let before = (!all).then_some(row.generation);
            if screen.read_viewport_row(Line(line), selection.as_ref(), row) {
                row.generation |= salt;
            } else {
                *row = FrameRow::default();
            }
            if before != Some(row.generation) {
                let blinks = |cell: &FrameCell| cell.style.attrs.contains(Attrs::BLINK);
                self.synced.blinking[index] = row.cells.iter().any(blinks);
                self.changed[index] = true;
                any = true;
            }
        }

        let (row, column) = (screen.cursor_row(), screen.cursor_column());
        let shown = screen.viewport_row(Line(i32::from(row)));
        let cursor = FrameCursor {
            row: u16::try_from(shown).unwrap_or(u16::MAX),
            column,
            visible: source.cursor_visible && (0..i64::from(size.rows)).contains(&shown),
            shape: source.cursor_shape,
            blinking: source.cursor_blinking,
            wide: screen.is_wide(row, column),
        };
        let scrollback_rows = u32::try_from(screen.most_offset()).unwrap_or(u32::MAX);
        let blinking = self.synced.blinking.contains(&true);
        any |= set(&mut self.size, size);
        any |= set(&mut self.cursor, cursor);
        any |= set(&mut self.reverse_screen, source.reverse_screen);
        any |= set(&mut self.display_offset, offset);
        any |= set(&mut self.scrollback_rows, scrollback_rows);
        any |= set(&mut self.alternate_screen, source.alternate_screen);
        any |= set(&mut self.has_blinking_text, blinking);
        if all || self.synced.palette_generation != source.palette_generation {
            any |= self.palette != *source.palette;
            self.palette.clone_from(source.palette);
            self.synced.palette_generation = source.palette_generation;
        }
        self.synced.epoch = source.epoch;
        self.synced.top = top;
        self.synced.selection = selection;
        any
    }

    /// The row that a row of the viewport shows; of one below the last, the last.
    #[must_use]
    pub fn line_at(&self, row: u16) -> Line {
        let line = self.lines.get(usize::from(row)).or(self.lines.last());
        line.copied().unwrap_or_default()
    }

    /// The row of the viewport that shows a row, if one does.
    #[must_use]
    pub fn row_of(&self, line: Line) -> Option<u16> {
        let row = self.lines.binary_search(&line).ok()?;
        u16::try_from(row).ok()
    }

    /// The cursor's color, if OSC 12 or the theme set one.
    pub fn cursor_color(&self) -> Option<Rgb> {
        self.palette.cursor
    }
}

impl Default for Frame {
    fn default() -> Self {
        Self::new()
    }
}

/// Sets a value; returns whether it is another than before.
fn set<T: PartialEq>(place: &mut T, value: T) -> bool {
    let changed = *place != value;
    *place = value;
    changed
}

#[cfg(test)]
mod tests;

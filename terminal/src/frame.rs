//! The copy of the viewport that a renderer reads, without a lock.
//!
//! [`Frame::update`] copies the damaged rows only. Old frame + damage = new frame.

use crate::cell::{CellWidth, Style};
use crate::color::{Palette, Rgb};
use crate::index::LineId;
use crate::size::GridSize;
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
    /// The cells, `columns` of them.
    pub cells: Vec<FrameCell>,
    /// Grapheme clusters of more than one code point.
    pub clusters: Vec<Box<str>>,
    /// The logical line it belongs to.
    pub line_id: LineId,
    /// True when the row goes on in the next one (soft wrap).
    pub wrapped: bool,
    /// Selected columns, `start..end`, empty when nothing is.
    pub selected: (u16, u16),
    /// Changes whenever anything above changes: a key for caches of shaped rows.
    pub generation: u64,
}

impl FrameRow {
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
    /// Rows of scrollback there are.
    pub scrollback_rows: u32,
    /// True on the alternate screen.
    pub alternate_screen: bool,
    /// Whether any visible cell blinks (SGR 5).
    pub has_blinking_text: bool,
    /// Bookkeeping of [`Frame::update`]; opaque.
    pub(crate) synced: FrameSync,
}

/// What the terminal's state was when the frame was last updated.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrameSync {
    pub(crate) epoch: u64,
    pub(crate) palette_generation: u64,
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
            synced: FrameSync::default(),
        }
    }

    /// Copies what changed since the last call; returns whether anything did.
    /// While a synchronized update (mode 2026) is open, copies nothing and returns `false`.
    pub fn update(&mut self, terminal: &mut Terminal) -> bool {
        let _ = (terminal, &self.synced);
        todo!()
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

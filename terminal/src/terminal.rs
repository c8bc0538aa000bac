//! [`Terminal`]: the two screens, modes, palette and title; advance, resize, drain.

use std::time::Duration;

use crate::blocks::Mark;
use crate::color::Palette;
use crate::event::Event;
use crate::frame::{CursorShape, FrameRow};
use crate::index::{Line, LineId, Point, Side};
use crate::modes::{InputModes, KeyModes};
use crate::selection::SelectionKind;
use crate::size::{GridSize, PixelSize};

/// Where a pane's program runs; decided by how it was started, never by its output (`security.md` 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    /// This machine.
    #[default]
    Local,
    /// Somewhere else; its claims about folders and files are display text.
    Remote,
}

/// What the user's settings say to the core.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rows of scrollback kept.
    pub scrollback_lines: usize,
    /// Bytes of scrollback kept, all forms together.
    pub scrollback_bytes: usize,
    /// The theme's colors.
    pub palette: Palette,
    /// Whether the theme is dark (CSI ? 996 n, mode 2031).
    pub dark: bool,
    /// The cursor's form before a program changes it.
    pub cursor_shape: CursorShape,
    /// Whether it blinks before a program says so.
    pub cursor_blinking: bool,
    /// Characters that end a word, besides white space.
    pub word_separators: String,
    /// DECRQCRA answers; off unless conformance tests need it.
    pub checksum_reports: bool,
    /// East Asian ambiguous characters take two columns.
    pub ambiguous_wide: bool,
    /// Where the program runs.
    pub origin: Origin,
    /// This machine's host name, to judge OSC 7.
    pub hostname: String,
    /// OSC 52 writes are passed on.
    pub clipboard_write: bool,
    /// OSC 52 reads are passed on.
    pub clipboard_read: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scrollback_lines: 10_000,
            scrollback_bytes: crate::limits::MAX_SCROLLBACK_BYTES,
            palette: Palette::default(),
            dark: true,
            cursor_shape: CursorShape::Block,
            cursor_blinking: false,
            word_separators: ",│`|:\"' ()[]{}<>\t".to_owned(),
            checksum_reports: false,
            ambiguous_wide: false,
            origin: Origin::Local,
            hostname: String::new(),
            clipboard_write: true,
            clipboard_read: false,
        }
    }
}

/// How far to scroll the viewport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scroll {
    /// Rows; positive goes back in time.
    Rows(i32),
    /// A screen back.
    PageUp,
    /// A screen forward.
    PageDown,
    /// The oldest row.
    Top,
    /// The active screen.
    Bottom,
    /// So that this many rows of scrollback are shown above.
    To(u32),
}

/// A link under a point: OSC 8, with the cells it covers in that row run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Target.
    pub uri: String,
    /// First cell (the run may go over soft wraps).
    pub start: Point,
    /// Last cell, inclusive.
    pub end: Point,
}

/// A terminal. Time is given by the caller as the duration since any fixed moment.
pub struct Terminal {
    _private: (),
}

#[expect(unused_variables, clippy::todo, reason = "to be written")]
impl Terminal {
    /// A terminal of this size, cleared.
    pub fn new(size: GridSize, options: Options) -> Self {
        todo!()
    }

    /// Feeds a program's output. Never fails; how the input is split never matters.
    pub fn advance(&mut self, bytes: &[u8], now: Duration) {
        todo!()
    }

    /// Does what time makes due: ends an overdue synchronized update, releases coalesced events.
    pub fn tick(&mut self, now: Duration) {
        todo!()
    }

    /// When [`Terminal::tick`] must be called next, if nothing else happens.
    pub fn deadline(&self) -> Option<Duration> {
        todo!()
    }

    /// Spends a little time (about `budget_rows` rows' worth) on compressing cold scrollback; call when idle.
    /// Returns whether there is more to do.
    pub fn compact(&mut self, budget_rows: usize) -> bool {
        todo!()
    }

    /// Changes the size: reflows the primary screen; the alternate screen is cut or padded.
    pub fn resize(&mut self, size: GridSize, cell: PixelSize) {
        todo!()
    }

    /// Replaces the options; a program's own palette changes are kept over the new theme.
    pub fn set_options(&mut self, options: Options) {
        todo!()
    }

    /// Takes the events queued since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        todo!()
    }

    /// Takes the bytes the terminal answers (DA, DSR, DECRQM, …), to be written to the program.
    pub fn take_replies(&mut self) -> Vec<u8> {
        todo!()
    }

    /// Whether events or replies wait to be taken.
    pub fn has_output(&self) -> bool {
        todo!()
    }

    /// Answers an [`Event::ClipboardLoad`] that the user allowed.
    pub fn reply_clipboard(&mut self, selections: &str, text: &str) {
        todo!()
    }

    /// Whether a frame update would copy anything (damage, and no synchronized update open).
    pub fn is_damaged(&self) -> bool {
        todo!()
    }

    /// Marks everything damaged.
    pub fn damage_all(&mut self) {
        todo!()
    }

    /// The size in cells.
    pub fn size(&self) -> GridSize {
        todo!()
    }

    /// The size of a cell in pixels, as last told.
    pub fn cell_size(&self) -> PixelSize {
        todo!()
    }

    /// The window title; empty when none was set.
    pub fn title(&self) -> &str {
        todo!()
    }

    /// The shell's folder (OSC 7), if it may be believed.
    pub fn working_directory(&self) -> Option<&str> {
        todo!()
    }

    /// True on the alternate screen.
    pub fn is_alternate(&self) -> bool {
        todo!()
    }

    /// The colors in force.
    pub fn palette(&self) -> &Palette {
        todo!()
    }

    /// The palette entries that a program changed: index and color.
    pub fn changed_palette(&self) -> Vec<(u8, crate::color::Rgb)> {
        todo!()
    }

    /// What the key encoder needs.
    pub fn key_modes(&self) -> KeyModes {
        todo!()
    }

    /// What the mouse, paste and focus encoders need.
    pub fn input_modes(&self) -> InputModes {
        todo!()
    }

    /// Every mode by number: DEC private modes as they are, ANSI modes negative (`-4` is IRM).
    pub fn modes(&self) -> Vec<(i32, bool)> {
        todo!()
    }

    /// The cursor on the active screen, the viewport left aside: point, pending wrap.
    pub fn cursor(&self) -> (Point, bool) {
        todo!()
    }

    /// The cursor's form, blinking and visibility.
    pub fn cursor_look(&self) -> (CursorShape, bool, bool) {
        todo!()
    }

    /// Rows of scrollback of the current screen.
    pub fn scrollback_rows(&self) -> usize {
        todo!()
    }

    /// Bytes held: (active grids, scrollback).
    pub fn memory(&self) -> (usize, usize) {
        todo!()
    }

    /// Copies any row, scrollback included, into `row`; `false` if there is no such line.
    pub fn read_row(&self, line: Line, row: &mut FrameRow) -> bool {
        todo!()
    }

    /// Moves the viewport.
    pub fn scroll_display(&mut self, scroll: Scroll) {
        todo!()
    }

    /// Rows scrolled back.
    pub fn display_offset(&self) -> u32 {
        todo!()
    }

    /// Begins a selection at a point (relative to the active screen; scrollback is negative).
    pub fn start_selection(&mut self, kind: SelectionKind, point: Point, side: Side) {
        todo!()
    }

    /// Moves its free end.
    pub fn extend_selection(&mut self, point: Point, side: Side) {
        todo!()
    }

    /// Drops it.
    pub fn clear_selection(&mut self) {
        todo!()
    }

    /// Selects everything.
    pub fn select_all(&mut self) {
        todo!()
    }

    /// The selected text: soft wraps joined, trailing blanks removed; `None` when nothing is selected.
    pub fn selected_text(&self) -> Option<String> {
        todo!()
    }

    /// The hyperlink at a point: an OSC 8 link, else a URL found in the text.
    pub fn link_at(&self, point: Point) -> Option<Link> {
        todo!()
    }

    /// Every OSC 8 link on the screen and in scrollback: id, uri.
    pub fn links(&self) -> Vec<(u16, String)> {
        todo!()
    }

    /// The prompt marks kept, oldest first.
    pub fn marks(&self) -> Vec<Mark> {
        todo!()
    }

    /// The line where a logical line's cell is now, if it is still there.
    pub fn resolve(&self, line: LineId, offset: u32) -> Option<Point> {
        todo!()
    }

    /// The text from `start` to `end`, inclusive, as copying would give it.
    pub fn text(&self, start: Point, end: Point) -> String {
        todo!()
    }

    /// Clears screen and scrollback, as a user's action.
    pub fn clear(&mut self) {
        todo!()
    }

    /// Resets everything (RIS), as a user's action.
    pub fn reset(&mut self) {
        todo!()
    }
}

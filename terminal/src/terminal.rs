//! [`Terminal`]: the two screens, modes, palette and title; advance, resize, drain.
//!
//! Everything a program can change is in `State` (`terminal/state.rs`); this is the face that the application sees.

mod clean;
mod colors;
mod effects;
mod pacing;
pub(crate) mod state;
#[cfg(test)]
mod tests;

pub(crate) use clean::{clean_text, is_hidden};
pub(crate) use colors::{DynamicColor, SPECIAL_COLORS, parse_color};

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::blocks::{Blocks, Mark, ShellKey};
use crate::color::Palette;
use crate::damage::Stamp;
use crate::event::Event;
use crate::frame::{CursorShape, FrameRow, FrameSource};
use crate::index::{Line, LineId, Point, Side};
use crate::modes::{InputModes, KeyModes, Mode};
use crate::parser::Parser;
use crate::reply::Reply;
use crate::screen::Screen;
use crate::screen::hidden::ShownRows;
use crate::selection::SelectionKind;
use crate::size::{GridSize, PixelSize};
use crate::terminal::state::State;

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
///
/// ```
/// use std::time::Duration;
/// use terminal::{Event, GridSize, Options, Terminal};
///
/// let mut terminal = Terminal::new(GridSize::new(80, 24), Options::default());
/// terminal.advance(b"\x1b]2;build\x07\x1b[1mok\x1b[m\x1b[6n", Duration::ZERO);
/// assert_eq!(terminal.take_events(), [Event::Title("build".to_owned())]);
/// assert_eq!(terminal.take_replies(), b"\x1b[1;3R");
/// ```
pub struct Terminal {
    parser: Parser,
    pub(crate) state: State,
    /// Counts [`Terminal::damage_all`].
    epoch: u64,
    /// What the last frame was made from.
    seen: Option<Seen>,
}

/// Everything a frame shows, small enough to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    epoch: u64,
    stamp: Stamp,
    alternate: bool,
    palette: u64,
    cursor: (CursorShape, bool, bool),
}

impl Terminal {
    /// A terminal of this size, cleared.
    pub fn new(size: GridSize, options: Options) -> Self {
        let size = GridSize::new(size.columns, size.rows);
        Self {
            parser: Parser::default(),
            state: State::new(size, options),
            epoch: 1,
            seen: None,
        }
    }

    /// Feeds a program's output. Never fails; how the input is split never matters.
    pub fn advance(&mut self, bytes: &[u8], now: Duration) {
        self.state.effects.set_now(now);
        self.state.check_sync();
        self.parser.advance(&mut self.state, bytes);
        self.state.feed_sync(bytes.len());
    }

    /// Does what time makes due: ends an overdue synchronized update, releases coalesced events.
    pub fn tick(&mut self, now: Duration) {
        self.state.effects.set_now(now);
        self.state.check_sync();
    }

    /// When [`Terminal::tick`] must be called next, if nothing else happens.
    pub fn deadline(&self) -> Option<Duration> {
        self.state.deadline()
    }

    /// Spends a little time (about `budget_rows` rows' worth) on compressing cold scrollback; call when idle.
    /// Returns whether there is more to do.
    pub fn compact(&mut self, budget_rows: usize) -> bool {
        self.state.primary_mut().compact(budget_rows)
    }

    /// Changes the size: reflows the primary screen; the alternate screen is cut or padded.
    pub fn resize(&mut self, size: GridSize, cell: PixelSize) {
        self.state
            .resize(GridSize::new(size.columns, size.rows), cell);
    }

    /// Replaces the options; a program's own palette changes are kept over the new theme.
    pub fn set_options(&mut self, options: Options) {
        let old = std::mem::replace(&mut self.state.options, options);
        let options = &self.state.options;
        let (lines, bytes) = (options.scrollback_lines, options.scrollback_bytes);
        let (shape, blinking) = (options.cursor_shape, options.cursor_blinking);
        let dark = options.dark;
        self.state.colors.set_theme(options.palette.clone());
        if (lines, bytes) != (old.scrollback_lines, old.scrollback_bytes) {
            self.state.primary_mut().set_scrollback_limits(lines, bytes);
        }
        // A program's own choice of cursor stays; the old default follows the new one.
        if self.state.cursor.shape == old.cursor_shape
            && self.state.cursor.blinking == old.cursor_blinking
        {
            self.state.cursor = state::CursorStyle { shape, blinking };
            self.state.modes.assign(Mode::CursorBlink, blinking);
        }
        if dark != old.dark && self.state.modes.is_set(Mode::ColorSchemeReports) {
            self.state.replies.push(Reply::ColorScheme { dark });
        }
        self.state.update_edit_modes();
    }

    /// Takes the events queued since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.state.notice_evictions();
        self.state.effects.take()
    }

    /// Takes the bytes the terminal answers (DA, DSR, DECRQM, …), to be written to the program.
    pub fn take_replies(&mut self) -> Vec<u8> {
        self.state.replies.take()
    }

    /// Whether events or replies wait to be taken.
    pub fn has_output(&self) -> bool {
        self.state.effects.is_ready()
            || !self.state.replies.is_empty()
            || self.state.has_evictions()
    }

    /// Answers an [`Event::ClipboardLoad`] that the user allowed.
    pub fn reply_clipboard(&mut self, selections: &str, text: &str) {
        let selections: String = selections
            .chars()
            .filter(|&letter| crate::osc::clipboard::is_selection(letter))
            .take(12)
            .collect();
        self.state
            .replies
            .push_clipboard(&selections, &BASE64.encode(text));
    }

    /// Whether a frame update would copy anything (damage, and no synchronized update open).
    pub fn is_damaged(&self) -> bool {
        !self.state.is_synchronizing()
            && (self.seen != Some(self.shown()) || self.state.inversion_due())
    }

    /// Marks everything damaged.
    pub fn damage_all(&mut self) {
        self.epoch += 1;
    }

    /// The active screen.
    pub(crate) fn screen(&self) -> &Screen {
        self.state.screen()
    }

    /// The size in cells.
    pub fn size(&self) -> GridSize {
        self.state.size()
    }

    /// The size of a cell in pixels, as last told.
    pub fn cell_size(&self) -> PixelSize {
        self.state.cell
    }

    /// The window title; empty when none was set.
    pub fn title(&self) -> &str {
        &self.state.titles.title
    }

    /// The shell's folder (OSC 7), if it may be believed.
    pub fn working_directory(&self) -> Option<&str> {
        self.state.folder.as_deref()
    }

    /// True on the alternate screen.
    pub fn is_alternate(&self) -> bool {
        self.state.is_alternate()
    }

    /// The colors in force.
    pub fn palette(&self) -> &Palette {
        self.state.colors.palette()
    }

    /// The palette entries that a program changed: index and color.
    pub fn changed_palette(&self) -> Vec<(u8, crate::color::Rgb)> {
        self.state.colors.changed()
    }

    /// What the key encoder needs.
    pub fn key_modes(&self) -> KeyModes {
        let modes = &self.state.modes;
        KeyModes {
            application_cursor: modes.is_set(Mode::ApplicationCursor),
            application_keypad: modes.is_set(Mode::ApplicationKeypad),
            newline: modes.is_set(Mode::Newline),
            backarrow_sends_bs: modes.is_set(Mode::BackarrowSendsBackspace),
            alt_sends_escape: modes.is_set(Mode::MetaSendsEscape)
                || modes.is_set(Mode::AltSendsEscape),
            modify_other_keys: self.state.keyboard.modify_other,
            format_other_keys: self.state.keyboard.format_other,
            keyboard_flags: self.state.keyboard_flags(),
            vt52: !modes.is_set(Mode::Ansi),
        }
    }

    /// What the mouse, paste and focus encoders need.
    pub fn input_modes(&self) -> InputModes {
        let modes = &self.state.modes;
        InputModes {
            mouse_tracking: modes.mouse_tracking(),
            mouse_encoding: modes.mouse_encoding(),
            focus_reports: modes.is_set(Mode::FocusReports),
            bracketed_paste: modes.is_set(Mode::BracketedPaste),
            alternate_scroll: modes.is_set(Mode::AlternateScroll),
            alternate_screen: self.state.is_alternate(),
        }
    }

    /// Every mode by number: DEC private modes as they are, ANSI modes negative (`-4` is IRM).
    pub fn modes(&self) -> Vec<(i32, bool)> {
        Mode::all()
            .map(|(mode, number)| (number, self.state.modes.is_set(mode)))
            .collect()
    }

    /// The cursor on the active screen, the viewport left aside: point, pending wrap.
    pub fn cursor(&self) -> (Point, bool) {
        let screen = self.state.screen();
        let point = Point::new(i32::from(screen.cursor_row()), screen.cursor_column());
        (point, screen.pending_wrap())
    }

    /// The cursor's form, blinking and visibility.
    pub fn cursor_look(&self) -> (CursorShape, bool, bool) {
        let cursor = self.state.cursor;
        (
            cursor.shape,
            cursor.blinking,
            self.state.modes.is_set(Mode::CursorVisible),
        )
    }

    /// Rows of scrollback of the current screen.
    pub fn scrollback_rows(&self) -> usize {
        self.state.screen().scrollback_rows()
    }

    /// Bytes held: (active grids, scrollback).
    pub fn memory(&self) -> (usize, usize) {
        let [primary, alternate] = self.state.screens().map(Screen::memory);
        (primary.0 + alternate.0, primary.1 + alternate.1)
    }

    /// Copies any row, scrollback included, into `row`; `false` if there is no such line.
    pub fn read_row(&self, line: Line, row: &mut FrameRow) -> bool {
        self.state.screen().read_row(line, row)
    }

    /// Moves the viewport.
    pub fn scroll_display(&mut self, scroll: Scroll) {
        self.state.screen_mut().scroll_display(scroll);
    }

    /// Rows scrolled back.
    pub fn display_offset(&self) -> u32 {
        self.state.screen().display_offset()
    }

    /// The logical line and cell of a point: what [`Terminal::resolve`] turns back into it wherever it moves.
    pub fn anchor(&self, point: Point) -> Option<(LineId, u32)> {
        self.state.screen().anchor(point)
    }

    /// What the viewport shows first, if it is scrolled back.
    pub fn view_anchor(&self) -> Option<(LineId, u32)> {
        self.state.screen().view_anchor()
    }

    /// Moves the viewport so that it shows an anchor first; `None` is the active screen.
    pub fn show_anchor(&mut self, anchor: Option<(LineId, u32)>) {
        self.state.screen_mut().restore_view(anchor);
    }

    /// The point that a cell of the viewport shows; of rows below the last, in the last.
    pub fn point_at(&mut self, row: u16, column: u16) -> Point {
        let screen = self.state.screen_mut();
        screen.sync_hidden();
        let mut row = usize::from(row);
        let line = loop {
            match (screen.viewport_line(row), row) {
                (Some(line), _) => break line,
                (None, 0) => break Line(0),
                (None, _) => row -= 1,
            }
        };
        Point {
            line,
            column: crate::index::Column(column),
        }
    }

    /// Where a row is relative to the viewport's first one; that of the next shown one if it is hidden.
    pub fn viewport_distance(&mut self, line: Line) -> i64 {
        let screen = self.state.screen_mut();
        screen.sync_hidden();
        screen.viewport_row(line)
    }

    /// Where rows, by their numbers, are among those that scrolling can show.
    pub fn shown_rows(&mut self) -> ShownRows {
        self.state.screen_mut().shown()
    }

    /// Begins a selection at a point (relative to the active screen; scrollback is negative).
    pub fn start_selection(&mut self, kind: SelectionKind, point: Point, side: Side) {
        let separators = std::mem::take(&mut self.state.options.word_separators);
        self.state
            .screen_mut()
            .start_selection(kind, point, side, &separators);
        self.state.options.word_separators = separators;
    }

    /// Moves its free end.
    pub fn extend_selection(&mut self, point: Point, side: Side) {
        self.state.screen_mut().extend_selection(point, side);
    }

    /// Drops it.
    pub fn clear_selection(&mut self) {
        self.state.screen_mut().clear_selection();
    }

    /// Selects everything.
    pub fn select_all(&mut self) {
        self.state.screen_mut().select_all();
    }

    /// The selected text: soft wraps joined, trailing blanks removed; `None` when nothing is selected.
    pub fn selected_text(&self) -> Option<String> {
        self.state.screen().selected_text()
    }

    /// The hyperlink at a point: an OSC 8 link, else a URL found in the text.
    pub fn link_at(&self, point: Point) -> Option<Link> {
        self.state.screen().link_at(point)
    }

    /// Every OSC 8 link on the screen and in scrollback: id, uri.
    pub fn links(&self) -> Vec<(u16, String)> {
        self.state.screen().links()
    }

    /// The prompt marks kept, oldest first.
    pub fn marks(&self) -> Vec<Mark> {
        let screen = self.state.primary();
        let marks = self.state.marks.iter().copied();
        marks
            .filter(|mark| screen.resolve(mark.line, mark.offset).is_some())
            .collect()
    }

    /// The prompt marks, whether their line is still there or not.
    pub(crate) fn marks_kept(&self) -> impl Iterator<Item = Mark> {
        self.state.marks.iter().copied()
    }

    /// The logical line of the main screen that the cursor is in.
    pub fn cursor_line(&self) -> LineId {
        self.state.cursor_anchor().line
    }

    /// Erases a logical line of the main screen and all below it, and puts the cursor at its start: what was typed
    /// for the user, once the program has read it and prints nothing. A line that has scrolled away stays.
    pub fn take_back_line(&mut self, line: LineId) {
        if !self.is_alternate() {
            self.state.primary_mut().take_back(line);
        }
    }

    /// What the next program erases with ED 0 from the first cell goes into the scrollback before: it clears the screen
    /// as it attaches, as dtach does, and what is there is not its own.
    pub fn keep_next_clear(&mut self) {
        self.state.primary_mut().keeps_next = true;
    }

    /// Leaves the alternate screen and prints what it shows onto the primary one: the program that drew it is gone, and
    /// what it showed is to stay. Does nothing on the primary screen.
    pub fn keep_alternate(&mut self) {
        if !self.is_alternate() {
            return;
        }
        let shown = self.state.screen().shown_text().replace('\n', "\r\n");
        let now = self.state.effects.now();
        // Out of a sequence that was not ended, of margins, of origin mode.
        self.advance(b"\x18\x1b[?1049l\x1b[!p\x1b[m", now);
        if self.state.cursor_anchor().cell > 0 {
            self.advance(b"\r\n", now);
        }
        self.advance(shown.as_bytes(), now);
    }

    /// Believes the marks of a shell that is given this key: called by whoever starts a shell or types an
    /// integration at the user's request, never because of output.
    pub fn register_shell(&mut self, key: ShellKey) {
        self.state.blocks.shells.register(key);
    }

    /// Believes the first shell that says a key of its own after the one-time word `key.nonce` (OSC 8377;key), by
    /// that key: for a shell elsewhere, to which no secret can be brought unseen.
    pub fn expect_shell(&mut self, key: ShellKey) {
        self.state.blocks.shells.expect(key);
    }

    /// The command blocks.
    pub fn blocks(&self) -> &Blocks {
        &self.state.blocks
    }

    /// The user sent a key to the program: Enter starts the command of shells that cannot say so, and what is
    /// printed at a prompt soon after a key is the shell's answer, not a background job's output.
    pub fn typed(&mut self, bytes: &[u8], now: Duration) {
        self.state.typed(bytes, now);
    }

    /// The program is gone, and all shells of the pane with it: what still ran is lost.
    pub fn shells_ended(&mut self) {
        self.state.close_shells(0);
        self.state.blocks.shells.expect_nobody();
    }

    /// The line where a logical line's cell is now, if it is still there.
    pub fn resolve(&self, line: LineId, offset: u32) -> Option<Point> {
        self.state.screen().resolve(line, offset)
    }

    /// The text from `start` to `end`, inclusive, as copying would give it.
    pub fn text(&self, start: Point, end: Point) -> String {
        self.state.screen().text(start, end)
    }

    /// Clears screen and scrollback, as a user's action.
    pub fn clear(&mut self) {
        self.state.screen_mut().clear_all();
    }

    /// Resets everything (RIS), as a user's action.
    pub fn reset(&mut self) {
        self.parser = Parser::default();
        self.state.reset();
    }

    /// What the next frame is made from.
    pub(crate) fn frame_source(&mut self) -> FrameSource<'_> {
        let held = self.state.is_synchronizing();
        let reverse_screen = if held {
            false
        } else {
            self.state.settle_inversion()
        };
        if !held {
            self.state.sift_running();
            self.seen = Some(self.shown());
        }
        let (cursor_shape, cursor_blinking, cursor_visible) = self.cursor_look();
        let (screen, palette, palette_generation) = self.state.parts();
        FrameSource {
            alternate_screen: screen.1,
            screen: screen.0,
            palette,
            palette_generation,
            reverse_screen,
            cursor_shape,
            cursor_blinking,
            cursor_visible,
            epoch: self.epoch,
            held,
        }
    }

    fn shown(&self) -> Seen {
        Seen {
            epoch: self.epoch,
            stamp: self.state.screen().stamp(),
            alternate: self.state.is_alternate(),
            palette: self.state.colors.generation(),
            cursor: self.cursor_look(),
        }
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the content: what is printed in a pane belongs in no log.
        f.debug_struct("Terminal")
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

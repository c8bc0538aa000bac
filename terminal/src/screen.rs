//! One screen: grid, cursor, margins, tabs, saved state; every operation that edits cells.
//!
//! Positions are 0-based and absolute; counts are clamped here, before any loop. The families of sequences
//! (`csi.rs`, `esc.rs`, `c0.rs`) translate parameters, origin mode included, and call these.
#![expect(unused_variables, dead_code, clippy::todo, reason = "to be written")]

use crate::cell::Style;
use crate::size::GridSize;

/// The switches of a terminal that decide how cells are edited; one table with [`crate::modes`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct EditModes {
    /// DECAWM (7).
    pub(crate) autowrap: bool,
    /// IRM (4).
    pub(crate) insert: bool,
    /// DECOM (6).
    pub(crate) origin: bool,
    /// Reverse wrap (45).
    pub(crate) reverse_wrap: bool,
    /// Extended reverse wrap (1045).
    pub(crate) reverse_wrap_extended: bool,
    /// DECLRMM (69).
    pub(crate) left_right_margins: bool,
    /// Grapheme clustering (2027): clusters, not code points, decide the width.
    pub(crate) grapheme_clusters: bool,
    /// East Asian ambiguous characters are wide.
    pub(crate) ambiguous_wide: bool,
}

/// A rectangle of cells, all bounds inclusive, already clamped to the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellRect {
    pub(crate) top: u16,
    pub(crate) left: u16,
    pub(crate) bottom: u16,
    pub(crate) right: u16,
}

/// Which cells an erase leaves alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Erase {
    /// ED, EL, ECH: everything goes.
    All,
    /// DECSED, DECSEL, DECSERA: cells under DECSCA protection stay.
    Unprotected,
}

pub(crate) struct Screen {
    // grid, cursor {row, column, pending_wrap}, pen {style, link}, margins, tabs, saved cursor …
    pub(crate) modes: EditModes,
}

impl Screen {
    pub(crate) fn new(size: GridSize, scrollback_lines: usize, scrollback_bytes: usize) -> Self { todo!() }

    // --- reading -------------------------------------------------------------------------------------
    pub(crate) fn cursor_row(&self) -> u16 { todo!() }
    pub(crate) fn cursor_column(&self) -> u16 { todo!() }
    pub(crate) fn pending_wrap(&self) -> bool { todo!() }
    /// (top, bottom), inclusive.
    pub(crate) fn vertical_margins(&self) -> (u16, u16) { todo!() }
    /// (left, right), inclusive; the full width unless DECLRMM is set.
    pub(crate) fn horizontal_margins(&self) -> (u16, u16) { todo!() }
    pub(crate) fn pen(&self) -> Style { todo!() }
    /// The text of the cell and its style, for DECRQCRA and REP; `'\0'` for a cell never written.
    pub(crate) fn cell_character(&self, row: u16, column: u16) -> (char, Style) { todo!() }

    // --- pen -----------------------------------------------------------------------------------------
    pub(crate) fn set_pen(&mut self, style: Style) { todo!() }
    /// OSC 8: `None` ends the link.
    pub(crate) fn set_pen_link(&mut self, link: Option<(&str, &str)>) { todo!() }

    // --- printing ------------------------------------------------------------------------------------
    /// Printable ASCII (0x20–0x7E) only: the fast path.
    pub(crate) fn print_ascii(&mut self, text: &[u8]) { todo!() }
    /// Any text without controls, charset already applied; joins clusters across calls.
    pub(crate) fn print_str(&mut self, text: &str) { todo!() }
    /// REP: repeats the last printed character.
    pub(crate) fn repeat_last(&mut self, count: u16) { todo!() }

    // --- cursor --------------------------------------------------------------------------------------
    /// Absolute position, clamped to the screen; clears pending wrap.
    pub(crate) fn goto(&mut self, row: u16, column: u16) { todo!() }
    pub(crate) fn goto_column(&mut self, column: u16) { todo!() }
    /// CUU / CUD / CUF / CUB, stopping at margins as xterm does (CUB honours reverse wrap).
    pub(crate) fn move_up(&mut self, n: u16) { todo!() }
    pub(crate) fn move_down(&mut self, n: u16) { todo!() }
    pub(crate) fn move_right(&mut self, n: u16) { todo!() }
    pub(crate) fn move_left(&mut self, n: u16) { todo!() }
    pub(crate) fn carriage_return(&mut self) { todo!() }
    pub(crate) fn backspace(&mut self) { todo!() }
    /// IND / LF: down, scrolling at the bottom margin.
    pub(crate) fn index(&mut self) { todo!() }
    /// RI.
    pub(crate) fn reverse_index(&mut self) { todo!() }
    /// DECFI.
    pub(crate) fn forward_index(&mut self) { todo!() }
    /// DECBI.
    pub(crate) fn back_index(&mut self) { todo!() }
    /// DECSC: position, pen, pending wrap, origin mode; charsets are kept by the caller.
    pub(crate) fn save_cursor(&mut self) { todo!() }
    /// DECRC; home and defaults when nothing was saved.
    pub(crate) fn restore_cursor(&mut self) { todo!() }

    // --- tabs ----------------------------------------------------------------------------------------
    pub(crate) fn tab(&mut self, n: u16) { todo!() }
    pub(crate) fn back_tab(&mut self, n: u16) { todo!() }
    pub(crate) fn set_tab(&mut self) { todo!() }
    pub(crate) fn clear_tab(&mut self) { todo!() }
    pub(crate) fn clear_all_tabs(&mut self) { todo!() }
    pub(crate) fn reset_tabs(&mut self) { todo!() }
    /// For DECRQPSR (DECTABSR).
    pub(crate) fn tab_stops(&self) -> Vec<u16> { todo!() }

    // --- margins -------------------------------------------------------------------------------------
    /// DECSTBM, inclusive; the caller checked top < bottom.
    pub(crate) fn set_vertical_margins(&mut self, top: u16, bottom: u16) { todo!() }
    /// DECSLRM, inclusive.
    pub(crate) fn set_horizontal_margins(&mut self, left: u16, right: u16) { todo!() }
    pub(crate) fn reset_margins(&mut self) { todo!() }

    // --- erasing and shifting (BCE: blanks take the pen's background) ------------------------------------
    pub(crate) fn erase_below(&mut self, kind: Erase) { todo!() }
    pub(crate) fn erase_above(&mut self, kind: Erase) { todo!() }
    /// ED 2. On the primary screen `Erase::All` scrolls the content into scrollback first (blocks.md 4.3).
    pub(crate) fn erase_screen(&mut self, kind: Erase) { todo!() }
    /// ED 3.
    pub(crate) fn erase_scrollback(&mut self) { todo!() }
    pub(crate) fn erase_line_right(&mut self, kind: Erase) { todo!() }
    pub(crate) fn erase_line_left(&mut self, kind: Erase) { todo!() }
    pub(crate) fn erase_line(&mut self, kind: Erase) { todo!() }
    /// ECH.
    pub(crate) fn erase_characters(&mut self, n: u16) { todo!() }
    /// ICH.
    pub(crate) fn insert_blanks(&mut self, n: u16) { todo!() }
    /// DCH.
    pub(crate) fn delete_characters(&mut self, n: u16) { todo!() }
    /// IL.
    pub(crate) fn insert_lines(&mut self, n: u16) { todo!() }
    /// DL.
    pub(crate) fn delete_lines(&mut self, n: u16) { todo!() }
    /// DECIC.
    pub(crate) fn insert_columns(&mut self, n: u16) { todo!() }
    /// DECDC.
    pub(crate) fn delete_columns(&mut self, n: u16) { todo!() }
    /// SU.
    pub(crate) fn scroll_up(&mut self, n: u16) { todo!() }
    /// SD.
    pub(crate) fn scroll_down(&mut self, n: u16) { todo!() }
    /// SL.
    pub(crate) fn scroll_left(&mut self, n: u16) { todo!() }
    /// SR.
    pub(crate) fn scroll_right(&mut self, n: u16) { todo!() }
    /// DECALN: fills with `E`, resets margins, homes the cursor.
    pub(crate) fn alignment_pattern(&mut self) { todo!() }

    // --- rectangles (margins and origin already applied) ---------------------------------------------------
    /// DECFRA.
    pub(crate) fn fill_rect(&mut self, rect: CellRect, character: char) { todo!() }
    /// DECERA, DECSERA.
    pub(crate) fn erase_rect(&mut self, rect: CellRect, kind: Erase) { todo!() }
    /// DECCRA.
    pub(crate) fn copy_rect(&mut self, rect: CellRect, to_row: u16, to_column: u16) { todo!() }
    /// DECCARA, DECRARA: `change` maps each style; `stream` is DECSACE's mode (else rectangle).
    pub(crate) fn change_rect(&mut self, rect: CellRect, stream: bool, change: &dyn Fn(Style) -> Style) { todo!() }

    // --- life ----------------------------------------------------------------------------------------
    /// RIS: everything but scrollback back to the start.
    pub(crate) fn reset(&mut self) { todo!() }
    /// `reflow` on the primary screen only.
    pub(crate) fn resize(&mut self, size: GridSize, reflow: bool) { todo!() }
    /// The logical line the cursor is on and the cell offset in it (for marks).
    pub(crate) fn cursor_anchor(&self) -> (crate::index::LineId, u32) { todo!() }
}

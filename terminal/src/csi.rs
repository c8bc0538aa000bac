//! Control sequences (`CSI …`): one arm a sequence, named by its mnemonic.
//!
//! Sources: ECMA-48 8.3, DEC STD 070, the VT420 and VT520 manuals, xterm ctlseqs, the kitty keyboard
//! protocol. Parameters are translated here (defaults, origin mode); counts are clamped by the screen.

mod rectangle;
mod report;
#[cfg(test)]
mod tests;

use crate::cell::Attrs;
use crate::modes::{KeyboardFlags, Mode};
use crate::parser::{Csi, Params};
use crate::reply::Reply;
use crate::screen::Erase;
use crate::sgr::{self, SavedSgr};
use crate::terminal::state::{Protection, State, TitleKind};

/// DECRST, RM or DECSET, SM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Switch {
    Reset,
    Set,
    Save,
    Restore,
}

impl State {
    /// Does what a control sequence says.
    pub(crate) fn dispatch_csi(&mut self, csi: &Csi) {
        let params = &csi.params;
        if csi.last == b'm' && csi.prefix == 0 && csi.intermediate == 0 {
            return self.select_graphic_rendition(params);
        }
        if params.has_colons() {
            // Only SGR has sub-parameters that mean anything to a terminal's state.
            tracing::trace!(?csi, "control sequence with colons ignored");
            return;
        }
        match (csi.prefix, csi.intermediate) {
            (0, 0) => self.dispatch_plain(csi.last, params),
            (b'?', 0) => self.dispatch_private(csi.last, params),
            (b'>', 0) => self.dispatch_greater(csi.last, params),
            (b'<', 0) if csi.last == b'u' => self.pop_keyboard_flags(params.or(0, 1)),
            (b'=', 0) => match csi.last {
                b'c' if params.get(0) == 0 => self.replies.push(Reply::TertiaryAttributes), // DA3
                b'u' => self.set_keyboard_flags(keyboard_flags(params.get(0)), params.or(1, 1)),
                _ => trace_ignored(csi),
            },
            (0, intermediate) => self.dispatch_intermediate(intermediate, csi),
            (b'?', b'$') if csi.last == b'p' => self.report_mode(params.get(0), true), // DECRQM
            _ => trace_ignored(csi),
        }
    }

    /// `CSI … final` without prefix or intermediate.
    fn dispatch_plain(&mut self, last: u8, params: &Params) {
        let n = params.or(0, 1);
        match last {
            b'@' => self.screen_mut().insert_blanks(n), // ICH
            b'A' => self.screen_mut().move_up(n),       // CUU
            b'B' => self.screen_mut().move_down(n),     // CUD
            b'C' => self.screen_mut().move_right(n),    // CUF
            b'D' => self.screen_mut().move_left(n),     // CUB
            b'E' => self.cursor_next_line(n),           // CNL
            b'F' => self.cursor_previous_line(n),       // CPL
            b'G' | b'`' => self.cursor_column(n - 1),   // CHA, HPA
            b'H' | b'f' => self.cursor_address(n - 1, params.or(1, 1) - 1), // CUP, HVP
            b'I' => self.screen_mut().tab(n),           // CHT
            b'J' => self.erase_in_display(params.get(0), false), // ED
            b'K' => self.erase_in_line(params.get(0), false), // EL
            b'L' => self.screen_mut().insert_lines(n),  // IL
            b'M' => self.screen_mut().delete_lines(n),  // DL
            b'P' => self.screen_mut().delete_characters(n), // DCH
            b'S' => self.screen_mut().scroll_up(n),     // SU
            // SD; with five parameters it is xterm's highlight mouse tracking, which is refused.
            b'T' if params.len() == 1 => self.screen_mut().scroll_down(n),
            b'^' => self.screen_mut().scroll_down(n), // SD as ECMA-48 has it
            b'X' => self.erase_characters(n),         // ECH
            b'Z' => self.screen_mut().back_tab(n),    // CBT
            b'a' => self.cursor_right_absolute(n),    // HPR
            b'b' => self.screen_mut().repeat_last(n), // REP
            b'c' if params.get(0) == 0 => self.primary_attributes(), // DA1
            b'd' => self.cursor_row(n - 1),           // VPA
            b'e' => self.cursor_down_absolute(n),     // VPR
            b'g' => self.tabulation_clear(params.get(0)), // TBC
            b'h' => self.switch_modes(params, false, Switch::Set), // SM
            b'l' => self.switch_modes(params, false, Switch::Reset), // RM
            b'n' => self.device_status(params.get(0)), // DSR
            b'r' => self.set_top_and_bottom_margins(params), // DECSTBM
            b's' if self.modes.is_set(Mode::LeftRightMargins) => {
                self.set_left_and_right_margins(params); // DECSLRM
            }
            b's' => self.save_cursor(),            // SCOSC
            b't' => self.window_operation(params), // XTWINOPS
            b'u' => self.restore_cursor(),         // SCORC
            b'x' => self.request_terminal_parameters(params.get(0)), // DECREQTPARM
            _ => tracing::trace!(last, ?params, "control sequence ignored"),
        }
    }

    /// `CSI ? … final`.
    fn dispatch_private(&mut self, last: u8, params: &Params) {
        match last {
            b'J' => self.erase_in_display(params.get(0), true), // DECSED
            b'K' => self.erase_in_line(params.get(0), true),    // DECSEL
            b'W' if params.get(0) == 5 => self.screen_mut().reset_tabs(), // DECST8C
            b'g' if params.get(0) == 4 => {
                self.replies
                    .push(Reply::FormatOtherKeys(self.keyboard.format_other)); // XTQFMTKEYS
            }
            b'h' => self.switch_modes(params, true, Switch::Set), // DECSET
            b'l' => self.switch_modes(params, true, Switch::Reset), // DECRST
            b'm' if params.get(0) == 4 => {
                self.replies
                    .push(Reply::ModifyOtherKeys(self.keyboard.modify_other)); // XTQMODKEYS
            }
            b'n' => self.device_status_private(params), // DSR (DEC)
            b'r' => self.switch_modes(params, true, Switch::Restore), // XTRESTORE
            b's' => self.switch_modes(params, true, Switch::Save), // XTSAVE
            b'u' => {
                let flags = self.keyboard_flags().bits();
                self.replies.push(Reply::KeyboardFlags(flags));
            }
            _ => tracing::trace!(last, ?params, "private control sequence ignored"),
        }
    }

    /// `CSI > … final`.
    fn dispatch_greater(&mut self, last: u8, params: &Params) {
        match last {
            b'c' if params.get(0) == 0 => {
                self.replies.push(Reply::SecondaryAttributes {
                    level: self.dec.level,
                }); // DA2
            }
            b'f' => self.set_key_option(params, KeyOption::Format), // XTFMTKEYS
            b'm' => self.set_key_option(params, KeyOption::Modify), // XTMODKEYS
            b'n' if params.get(0) == 4 => self.keyboard.modify_other = 0, // XTMODKEYS, disabled
            b'q' if params.get(0) == 0 => self.replies.push(Reply::Version), // XTVERSION
            b'u' => self.push_keyboard_flags(keyboard_flags(params.get(0))),
            _ => tracing::trace!(last, ?params, "control sequence with > ignored"),
        }
    }

    /// `CSI … intermediate final`.
    fn dispatch_intermediate(&mut self, intermediate: u8, csi: &Csi) {
        let params = &csi.params;
        let n = params.or(0, 1);
        match (intermediate, csi.last) {
            (b' ', b'@') => self.screen_mut().scroll_left(n), // SL
            (b' ', b'A') => self.screen_mut().scroll_right(n), // SR
            (b' ', b'q') => self.set_cursor_style(params.get(0)), // DECSCUSR
            (b'!', b'p') => self.soft_reset(),                // DECSTR
            (b'"', b'p') => self.set_conformance_level(params), // DECSCL
            (b'"', b'q') => self.set_protection(Protection::Dec, params.get(0) == 1), // DECSCA
            (b'\'', b'}') => self.screen_mut().insert_columns(n), // DECIC
            (b'\'', b'~') => self.screen_mut().delete_columns(n), // DECDC
            (b'$', b'p') => self.report_mode(params.get(0), false), // DECRQM
            (b'$', b'w') => self.report_presentation(params.get(0)), // DECRQPSR
            (b'#', b'P') => self.colors.push(usize::from(params.get(0))), // XTPUSHCOLORS
            (b'#', b'Q') => self.pop_colors(params.get(0)),   // XTPOPCOLORS
            (b'#', b'R') => {
                let depth = self.colors.depth();
                self.replies.push(Reply::ColorStack {
                    current: depth,
                    depth,
                }); // XTREPORTCOLORS
            }
            (b'#', b'p' | b'{') => self.push_sgr(params), // XTPUSHSGR
            (b'#', b'q' | b'}') => self.pop_sgr(),        // XTPOPSGR
            (b'#', b'y') => self.dec.checksum_flags = params.get(0), // XTCHECKSUM
            (b'*', b'x') => self.dec.extent = params.get(0), // DECSACE
            (b'$' | b'*', _) => self.dispatch_rectangle(intermediate, csi),
            _ => trace_ignored(csi),
        }
    }

    // --- cursor ----------------------------------------------------------------------------------

    /// CNL.
    fn cursor_next_line(&mut self, n: u16) {
        let screen = self.screen_mut();
        screen.move_down(n);
        screen.carriage_return();
    }

    /// CPL.
    fn cursor_previous_line(&mut self, n: u16) {
        let screen = self.screen_mut();
        screen.move_up(n);
        screen.carriage_return();
    }

    /// CHA, HPA.
    fn cursor_column(&mut self, column: u16) {
        let (row, _) = self.cursor_addressed();
        self.cursor_address(row, column);
    }

    /// VPA.
    fn cursor_row(&mut self, row: u16) {
        let (_, column) = self.cursor_addressed();
        self.cursor_address(row, column);
    }

    /// HPR: margins do not stop it, but for origin mode.
    fn cursor_right_absolute(&mut self, n: u16) {
        let (row, column) = self.cursor_addressed();
        self.cursor_address(row, column.saturating_add(n));
    }

    /// VPR: likewise.
    fn cursor_down_absolute(&mut self, n: u16) {
        let (row, column) = self.cursor_addressed();
        self.cursor_address(row.saturating_add(n), column);
    }

    /// TBC.
    fn tabulation_clear(&mut self, which: u16) {
        match which {
            0 => self.screen_mut().clear_tab(),
            3 => self.screen_mut().clear_all_tabs(),
            _ => {}
        }
    }

    // --- margins ---------------------------------------------------------------------------------

    /// DECSTBM. Fewer than two lines are no region.
    fn set_top_and_bottom_margins(&mut self, params: &Params) {
        let rows = self.size().rows;
        let top = params.or(0, 1);
        let bottom = params.or(1, rows).min(rows);
        if top < bottom {
            self.screen_mut().set_vertical_margins(top - 1, bottom - 1);
            self.cursor_address(0, 0);
        }
    }

    /// DECSLRM. Fewer than two columns are no region.
    fn set_left_and_right_margins(&mut self, params: &Params) {
        let columns = self.size().columns;
        let left = params.or(0, 1);
        let right = params.or(1, columns).min(columns);
        if left < right {
            self.screen_mut()
                .set_horizontal_margins(left - 1, right - 1);
            self.cursor_address(0, 0);
        }
    }

    // --- erasing ---------------------------------------------------------------------------------

    /// What ED, EL, ECH (`selective`: DECSED, DECSEL) leave alone. As in xterm, ISO protection stops them
    /// all and DECSCA only the selective ones.
    fn erase_kind(&self, selective: bool) -> Erase {
        match self.dec.protection {
            Protection::Iso => Erase::Unprotected,
            Protection::Dec if selective => Erase::Unprotected,
            Protection::Dec | Protection::Off => Erase::All,
        }
    }

    /// ED, DECSED.
    fn erase_in_display(&mut self, what: u16, selective: bool) {
        let kind = self.erase_kind(selective);
        let from_top = what == 0 && self.screen().cursor_place() == self.screen().top_anchor();
        if (what == 2 || from_top) && !self.is_alternate() {
            self.forget_ways_up();
        }
        if matches!(what, 2 | 3) && !self.is_alternate() {
            self.blocks.cleared = true;
            if what == 2 && kind == Erase::All {
                let prompt = self.clear_at_prompt();
                self.primary_mut().erase_screen_but(prompt);
                return self.output_begins_anew();
            }
        }
        let screen = self.screen_mut();
        match what {
            0 => screen.erase_below(kind),
            1 => screen.erase_above(kind),
            2 => screen.erase_screen(kind),
            3 if !selective => self.primary_mut().erase_scrollback(),
            _ => {}
        }
    }

    /// EL, DECSEL.
    fn erase_in_line(&mut self, what: u16, selective: bool) {
        let kind = self.erase_kind(selective);
        let screen = self.screen_mut();
        match what {
            0 => screen.erase_line_right(kind),
            1 => screen.erase_line_left(kind),
            2 => screen.erase_line(kind),
            _ => {}
        }
    }

    /// ECH.
    fn erase_characters(&mut self, n: u16) {
        let kind = self.erase_kind(false);
        self.screen_mut().erase_characters_kind(n, kind);
    }

    // --- pen -------------------------------------------------------------------------------------

    /// SGR.
    #[inline]
    fn select_graphic_rendition(&mut self, params: &Params) {
        let screen = self.screen_mut();
        if params.values() == [0] && !screen.pen().attrs.contains(Attrs::PROTECTED) {
            // Every other one is this.
            screen.reset_pen();
            return;
        }
        screen.change_pen(params, |pen| sgr::apply(pen, params));
    }

    /// XTPUSHSGR.
    fn push_sgr(&mut self, params: &Params) {
        if self.sgr_stack.len() == crate::limits::MAX_SGR_STACK {
            self.sgr_stack.remove(0);
        }
        let saved = SavedSgr::new(self.screen().pen(), params);
        self.sgr_stack.push(saved);
    }

    /// XTPOPSGR.
    fn pop_sgr(&mut self) {
        let Some(saved) = self.sgr_stack.pop() else {
            return;
        };
        let screen = self.screen_mut();
        let mut pen = screen.pen();
        saved.restore(&mut pen);
        screen.set_pen(pen);
    }

    /// XTPOPCOLORS.
    fn pop_colors(&mut self, slot: u16) {
        let before = self.colors.generation();
        self.colors.pop(usize::from(slot));
        self.colors_changed(before);
    }

    // --- modes -----------------------------------------------------------------------------------

    /// SM, RM, DECSET, DECRST, XTSAVE, XTRESTORE.
    fn switch_modes(&mut self, params: &Params, private: bool, how: Switch) {
        for &number in params.values() {
            let number = if private {
                i32::from(number)
            } else {
                -i32::from(number)
            };
            let Some(mode) = Mode::from_number(number) else {
                tracing::trace!(number, ?how, "unknown mode");
                continue;
            };
            match how {
                Switch::Set => self.set_mode(mode, true),
                Switch::Reset => self.set_mode(mode, false),
                Switch::Save => self.modes.save(mode),
                Switch::Restore => {
                    // What changes nothing must not have effects (a cursor sent home by DECOM).
                    let saved = self.modes.saved(mode);
                    if saved != self.modes.is_set(mode) {
                        self.set_mode(mode, saved);
                    }
                }
            }
        }
    }

    /// DECSCL: the level, and 8-bit controls unless the second parameter is 1. It resets as DECSTR does.
    fn set_conformance_level(&mut self, params: &Params) {
        let level @ 61..=65 = params.get(0) else {
            return;
        };
        self.soft_reset();
        // The range above is 1 to 5.
        self.dec.level = u8::try_from(level - 60).unwrap_or(1);
        self.replies.eight_bit = level > 61 && params.len() > 1 && params.get(1) != 1;
    }

    // --- keyboard --------------------------------------------------------------------------------

    /// XTMODKEYS, XTFMTKEYS: only resource 4, the other keys, has a choice here.
    fn set_key_option(&mut self, params: &Params, option: KeyOption) {
        let value = match (params.get(0), params.len()) {
            // Without parameters all go back to their start; without a value this one does.
            (0, 1) | (4, 1) => 0,
            (4, _) => params.get(1),
            _ => return,
        };
        match (option, value) {
            (KeyOption::Modify, 0..=2) => {
                self.keyboard.modify_other = u8::try_from(value).unwrap_or(0)
            }
            (KeyOption::Format, 0..=1) => {
                self.keyboard.format_other = u8::try_from(value).unwrap_or(0)
            }
            _ => {}
        }
    }

    // --- window ----------------------------------------------------------------------------------

    /// XTWINOPS: size reports and the title stack. The window is the user's, and titles are never
    /// reported (`security.md` 2.1, 2.2).
    fn window_operation(&mut self, params: &Params) {
        let size = self.size();
        let (height, width) = (u32::from(self.cell.height), u32::from(self.cell.width));
        let (rows, columns) = (u32::from(size.rows), u32::from(size.columns));
        let kind = match params.get(1) {
            0 => TitleKind::Both,
            1 => TitleKind::Icon,
            _ => TitleKind::Window,
        };
        match params.get(0) {
            14 => self.replies.push(Reply::WindowSize {
                kind: 4,
                height: rows * height,
                width: columns * width,
            }),
            16 => self.replies.push(Reply::WindowSize {
                kind: 6,
                height,
                width,
            }),
            18 => self.replies.push(Reply::WindowSize {
                kind: 8,
                height: rows,
                width: columns,
            }),
            22 => self.push_title(kind),
            23 => self.pop_title(kind),
            operation => tracing::trace!(operation, "window operation ignored"),
        }
    }
}

/// Which of xterm's options for other keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyOption {
    Modify,
    Format,
}

fn keyboard_flags(value: u16) -> KeyboardFlags {
    KeyboardFlags::from_bits_truncate(u8::try_from(value & 0xff).unwrap_or(0))
}

fn trace_ignored(csi: &Csi) {
    tracing::trace!(?csi, "control sequence ignored");
}

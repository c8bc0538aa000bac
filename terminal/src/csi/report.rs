//! Sequences that ask: DSR, DECRQM, DECRQPSR, DECREQTPARM.

use crate::cell::{Attrs, UnderlineStyle};
use crate::modes::{Mode, permanent};
use crate::parser::Params;
use crate::reply::Reply;
use crate::terminal::state::State;

impl State {
    /// DSR.
    pub(super) fn device_status(&mut self, what: u16) {
        match what {
            5 => self.replies.push(Reply::OperatingStatus),
            6 => {
                let (row, column) = self.cursor_addressed();
                self.replies.push(Reply::CursorPosition {
                    row: row + 1,
                    column: column + 1,
                });
            }
            _ => {}
        }
    }

    /// DSR in DEC's private form: what there is no hardware for is answered as absent.
    pub(super) fn device_status_private(&mut self, params: &Params) {
        let reply = match params.get(0) {
            6 => {
                let (row, column) = self.cursor_addressed();
                Reply::ExtendedCursorPosition {
                    row: row + 1,
                    column: column + 1,
                }
            }
            15 => Reply::Status(&[13]),          // no printer
            25 => Reply::Status(&[21]),          // user-defined keys are locked
            26 => Reply::Status(&[27, 1, 0, 0]), // keyboard: North American, ready, LK201
            53 | 55 => Reply::Status(&[50]),     // no locator
            56 => Reply::Status(&[57, 0]),       // of no known type
            62 => Reply::MacroSpace,
            63 => Reply::MacroChecksum { id: params.get(1) },
            75 => Reply::Status(&[70]), // no data errors
            85 => Reply::Status(&[83]), // not configured for several sessions
            996 => Reply::ColorScheme {
                dark: self.options.dark,
            },
            _ => return,
        };
        self.replies.push(reply);
    }

    /// DECRQM, from VT300 on: 1 set, 2 reset, 3 and 4 permanently so, 0 unknown.
    pub(super) fn report_mode(&mut self, number: u16, private: bool) {
        if self.dec.level < 3 {
            return;
        }
        let signed = if private {
            i32::from(number)
        } else {
            -i32::from(number)
        };
        let answer = match Mode::from_number(signed) {
            Some(mode) if self.modes.is_set(mode) => 1,
            Some(_) => 2,
            None => permanent(signed).unwrap_or(0),
        };
        self.replies.push(Reply::Mode {
            number,
            private,
            answer,
        });
    }

    /// DECREQTPARM.
    pub(super) fn request_terminal_parameters(&mut self, solicited: u16) {
        if solicited < 2 {
            self.replies.push(Reply::TerminalParameters {
                solicited: solicited == 1,
            });
        }
    }

    /// DECRQPSR: 1 asks for DECCIR, 2 for DECTABSR.
    pub(super) fn report_presentation(&mut self, what: u16) {
        match what {
            1 => {
                let information = self.cursor_information();
                self.replies.push(Reply::CursorInformation(information));
            }
            2 => {
                let stops = self
                    .screen()
                    .tab_stops()
                    .into_iter()
                    .map(|column| column + 1)
                    .collect();
                self.replies.push(Reply::TabStops(stops));
            }
            _ => {}
        }
    }

    /// DECCIR's body (VT420 manual): place, page, rendition, attributes, flags, GL, GR, set sizes, sets.
    fn cursor_information(&self) -> String {
        let screen = self.screen();
        let pen = screen.pen();
        let (row, column) = self.cursor_addressed();
        let (sets, left, right, single) = self.charsets.report();
        let letter = |bits: &[bool]| {
            let value = bits
                .iter()
                .rev()
                .fold(0u8, |value, &bit| value << 1 | u8::from(bit));
            char::from(0x40 + value)
        };
        let rendition = letter(&[
            pen.attrs.contains(Attrs::BOLD),
            pen.underline != UnderlineStyle::None,
            pen.attrs.contains(Attrs::BLINK),
            pen.attrs.contains(Attrs::REVERSE),
        ]);
        let attributes = letter(&[pen.attrs.contains(Attrs::PROTECTED)]);
        let flags = letter(&[
            self.modes.is_set(Mode::Origin),
            single == Some(2),
            single == Some(3),
            screen.pending_wrap(),
        ]);
        let sizes = letter(&sets.map(crate::charset::Charset::has_96_characters));
        let designators: String = sets.iter().map(|set| set.designator()).collect();
        let (row, column) = (row + 1, column + 1);
        format!(
            "{row};{column};1;{rendition};{attributes};{flags};{left};{right};{sizes};{designators}"
        )
    }
}

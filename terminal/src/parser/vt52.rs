//! The sequences of a VT52 (DECANM reset; VT100 User Guide, chapter 3): `ESC` and one character, and
//! `ESC Y` with the two characters of an address.

use super::{CAN, DEL, ESC, Handler, Parser, SUB};

/// How far a sequence has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// ESC was seen.
    Escape,
    /// `ESC Y` was seen: the row follows.
    Row,
    /// And the row: the column follows.
    Column(u8),
}

/// What stands for row and column 0.
const ORIGIN: u8 = b' ';

impl Parser {
    /// Takes the next byte of a sequence; returns how many bytes that were.
    pub(super) fn vt52<H: Handler>(&mut self, handler: &mut H, state: State, byte: u8) -> usize {
        self.state = super::State::Ground;
        let next = match (state, byte) {
            (_, ESC) => Some(State::Escape),
            (_, CAN | SUB) => None,
            (_, control @ 0..ORIGIN) => {
                handler.execute(control);
                Some(state)
            }
            (_, DEL) => Some(state),
            // Not of this sequence, which is cut.
            (_, 0x80..) => return 0,
            (State::Escape, b'Y') => Some(State::Row),
            (State::Escape, last) => {
                handler.vt52_escape(last);
                None
            }
            (State::Row, row) => Some(State::Column(row - ORIGIN)),
            (State::Column(row), column) => {
                handler.vt52_address(row, column - ORIGIN);
                None
            }
        };
        if let Some(next) = next {
            self.state = super::State::Vt52(next);
        }
        1
    }
}

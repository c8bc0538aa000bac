//! Focus reports (mode 1004).

use crate::modes::InputModes;

/// `CSI I` or `CSI O`, or nothing when the program did not ask.
pub fn encode_focus(focused: bool, modes: &InputModes) -> &'static [u8] {
    match (modes.focus_reports, focused) {
        (false, _) => b"",
        (true, true) => b"\x1b[I",
        (true, false) => b"\x1b[O",
    }
}

//! Device control strings (`DCS params intermediates final data ST`).
//!
//! Sixel (`q`), user-defined keys (`|`) and everything unknown is consumed and ignored.

mod capability;
mod presentation;
mod setting;
#[cfg(test)]
mod tests;

use crate::terminal::state::State;

impl State {
    /// Does what a device control string says.
    pub(crate) fn dispatch_dcs(&mut self, string: &[u8]) {
        let header = string.iter().position(|byte| matches!(byte, 0x40..=0x7e));
        let Some(last) = header else { return };
        let (head, data) = (&string[..last], &string[last + 1..]);
        match (head, string[last]) {
            (b"$", b'q') => self.request_setting(data), // DECRQSS
            (b"+", b'q') => self.request_capabilities(data), // XTGETTCAP
            (b"1$", b't') => self.restore_cursor_report(data), // DECRSPS, DECCIR
            (b"2$", b't') => self.restore_tab_report(data), // DECRSPS, DECTABSR
            // The older form of mode 2026.
            (b"=1" | b"=2", b's') => match head {
                b"=1" => self.begin_sync(),
                _ => self.end_sync(),
            },
            _ => tracing::trace!(bytes = string.len(), "DCS ignored"),
        }
    }
}

//! OSC 52: the clipboard. The core decodes and passes on; whether it may happen is the user's to say.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::event::Event;
use crate::limits::{MAX_CLIPBOARD_LOCAL, MAX_CLIPBOARD_REMOTE};
use crate::terminal::Origin;
use crate::terminal::state::State;

/// Programs leave the padding out, so it may be missing.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether a letter names a selection: clipboard, primary, secondary, select, cut buffers.
pub(crate) fn is_selection(letter: char) -> bool {
    matches!(letter, 'c' | 'p' | 'q' | 's' | '0'..='7')
}

impl State {
    /// OSC 52.
    pub(super) fn osc_clipboard(&mut self, text: &[u8]) {
        let Some(at) = text.iter().position(|&byte| byte == b';') else {
            return;
        };
        let (letters, data) = (&text[..at], &text[at + 1..]);
        let mut selections = String::new();
        for letter in letters
            .iter()
            .map(|&byte| char::from(byte))
            .filter(|&letter| is_selection(letter))
        {
            if !selections.contains(letter) {
                selections.push(letter);
            }
        }
        if selections.is_empty() {
            if !letters.is_empty() {
                return;
            }
            selections.push('c');
        }
        if data == b"?" {
            if self.options.clipboard_read && self.options.origin == Origin::Local {
                self.clipboard(Event::ClipboardLoad { selections });
            }
            return;
        }
        if !self.options.clipboard_write {
            return;
        }
        let most = match self.options.origin {
            Origin::Local => MAX_CLIPBOARD_LOCAL,
            Origin::Remote => MAX_CLIPBOARD_REMOTE,
        };
        // What is not base64 is not text to store; xterm clears the selection, which is no better.
        let Ok(bytes) = LENIENT.decode(data) else {
            return;
        };
        if bytes.len() > most {
            tracing::debug!(bytes = bytes.len(), "clipboard text over its limit");
            return;
        }
        if let Ok(text) = String::from_utf8(bytes) {
            self.clipboard(Event::ClipboardStore { selections, text });
        }
    }
}

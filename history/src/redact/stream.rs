//! Redaction of output that still arrives: whole lines at a time, with a carry over chunk borders.

use super::Redactor;

/// Bytes of a line that has not ended which are held back; of a longer one the beginning goes out.
const MAX_CARRY: usize = 4096;
/// What opens and closes a private key.
const KEY_BEGIN: &str = "-----BEGIN ";
const KEY_END: &str = "-----END ";

/// Redacts a stream piece by piece.
#[derive(Debug, Default)]
pub struct LineRedactor {
    carry: String,
    in_key: bool,
}

impl LineRedactor {
    /// Takes more of the stream; returns the whole lines that are ready, redacted.
    pub fn push(&mut self, redactor: &Redactor, more: &str) -> String {
        self.carry.push_str(more);
        let ready = match self.carry.rfind('\n') {
            Some(end) => end + 1,
            None if self.carry.len() > MAX_CARRY => self.last_blank(),
            None => return String::new(),
        };
        let rest = self.carry.split_off(ready);
        let lines = std::mem::replace(&mut self.carry, rest);
        self.without_keys(redactor, &lines)
    }

    /// The line that has not ended, as far as it may be shown: without its last word, which may be the
    /// beginning of a secret.
    #[must_use]
    pub fn partial(&self, redactor: &Redactor) -> String {
        if self.in_key {
            return String::new();
        }
        let shown = &self.carry[..self.last_blank()];
        redactor.redact(shown).into_owned()
    }

    /// The end of the stream: what was held back, redacted.
    pub fn finish(&mut self, redactor: &Redactor) -> String {
        let rest = std::mem::take(&mut self.carry);
        self.without_keys(redactor, &rest)
    }

    fn last_blank(&self) -> usize {
        self.carry
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + 1)
            .min(self.carry.len())
    }

    /// Redacts lines, of which a private key may take up several pieces of the stream.
    fn without_keys(&mut self, redactor: &Redactor, lines: &str) -> String {
        let mut text = String::new();
        let mut plain = String::new();
        for line in lines.split_inclusive('\n') {
            if self.in_key {
                self.in_key = !(line.contains(KEY_END) && line.contains("PRIVATE KEY"));
                continue;
            }
            if line.contains(KEY_BEGIN) && line.contains("PRIVATE KEY") && !line.contains(KEY_END) {
                self.in_key = true;
                text.push_str(&redactor.redact(&plain));
                plain.clear();
                text.push_str("[redacted: private key]\n");
                continue;
            }
            plain.push_str(line);
        }
        text.push_str(&redactor.redact(&plain));
        text
    }
}

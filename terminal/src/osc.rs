//! Operating system commands (`OSC number ; text ST`), one file a family.
//!
//! Sources: xterm ctlseqs, the semantic prompts proposal (133), VS Code (633), ConEmu (9;4, 9;9), iTerm2 (1337),
//! kitty (22, 99), UAPI.15 (3008). Text from here is display text: cleaned, bounded, never sent back (`security.md` 2.1, 2.2).

pub(crate) mod clipboard;
mod color;
pub(crate) mod context;
mod folder;
mod iterm;
mod link;
pub(crate) mod notify;
mod pointer;
mod prompt;
#[cfg(test)]
mod tests;

use crate::terminal::state::{State, TitleKind};

impl State {
    /// Does what an OSC says; `bell` tells how it ended, since color reports end alike.
    pub(crate) fn dispatch_osc(&mut self, data: &[u8], bell: bool) {
        let (number, rest) = match data.iter().position(|&byte| byte == b';') {
            Some(at) => (&data[..at], &data[at + 1..]),
            None => (data, &[][..]),
        };
        let Some(number) = decimal(number) else {
            return;
        };
        match number {
            0 => self.osc_title(TitleKind::Both, rest),
            1 => self.osc_title(TitleKind::Icon, rest),
            2 => self.osc_title(TitleKind::Window, rest),
            4 => self.osc_indexed_colors(rest, bell),
            5 => self.osc_special_colors(rest, bell),
            7 => self.osc_folder(rest),
            8 => self.osc_link(rest),
            9 => self.osc_notify_or_conemu(rest),
            10..=19 => self.osc_dynamic_colors(number, rest, bell),
            22 => self.osc_pointer(rest),
            52 => self.osc_clipboard(rest),
            99 => self.osc_notify_kitty(rest),
            104 => self.osc_reset_indexed_colors(rest),
            105 => self.osc_reset_special_colors(rest),
            110..=119 => self.osc_reset_dynamic_color(number),
            133 => self.osc_prompt(rest),
            633 => self.osc_editor(rest),
            777 => self.osc_notify_urxvt(rest),
            1337 => self.osc_iterm(rest),
            3008 => self.osc_context(rest),
            8377 => self.osc_terrace(rest),
            _ => tracing::trace!(number, "OSC ignored"),
        }
    }

    /// OSC 0, 1, 2.
    fn osc_title(&mut self, kind: TitleKind, text: &[u8]) {
        self.set_title(kind, &String::from_utf8_lossy(text));
    }
}

/// A number of at most five digits.
pub(crate) fn decimal(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() || digits.len() > 5 {
        return None;
    }
    let value = digits.iter().try_fold(0u32, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u32::from(digit - b'0'))
    })?;
    u16::try_from(value).ok()
}

/// Decodes `%HH` once; `None` if a `%` stands alone or a byte is a control.
pub(crate) fn percent_decode(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'%' {
            let digit = |offset: usize| char::from(*text.get(at + offset)?).to_digit(16);
            bytes.push(u8::try_from(digit(1)? * 16 + digit(2)?).ok()?);
            at += 3;
        } else {
            bytes.push(text[at]);
            at += 1;
        }
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.chars().any(char::is_control))
}

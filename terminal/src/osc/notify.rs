//! OSC 9, 99, 777: notifications; OSC 9;4: progress; OSC 9;9 and 9;12: ConEmu's folder and prompt mark.

use base64::Engine as _;

use super::decimal;
use crate::blocks::MarkKind;
use crate::blocks::mark::Signal;
use crate::blocks::shells::Dialect;
use crate::event::Progress;
use crate::limits::MAX_NOTIFICATION;
use crate::terminal::clean_text;
use crate::terminal::state::State;

/// A kitty notification that comes in pieces (OSC 99 with `d=0`).
#[derive(Debug, Default)]
pub(crate) struct Pending {
    id: String,
    title: String,
    body: String,
}

impl State {
    /// OSC 9: ConEmu's numbered commands, else iTerm2's notification.
    pub(super) fn osc_notify_or_conemu(&mut self, text: &[u8]) {
        let (first, rest) = match text.iter().position(|&byte| byte == b';') {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => (text, &[][..]),
        };
        match decimal(first) {
            Some(4) => self.osc_progress(rest),
            Some(9) => {
                let path = rest
                    .strip_prefix(b"\"")
                    .and_then(|path| path.strip_suffix(b"\""))
                    .unwrap_or(rest);
                self.osc_folder_path(path);
            }
            Some(12) => {
                if self.hear(Signal::Input, None, Dialect::SemanticPrompt) {
                    self.mark(MarkKind::InputStart);
                }
            }
            // ConEmu's other commands are for ConEmu.
            Some(1..=11) if first.len() < text.len() => {}
            _ => self.notify("", &String::from_utf8_lossy(text)),
        }
    }

    /// OSC 9;4: state and percentage.
    fn osc_progress(&mut self, text: &[u8]) {
        let mut fields = text.split(|&byte| byte == b';').map(decimal);
        let state = fields.next().flatten();
        let percent = u8::try_from(fields.next().flatten().unwrap_or(0).min(100)).unwrap_or(100);
        let progress = match state {
            Some(0) => Progress::None,
            Some(1) => Progress::Normal(percent),
            Some(2) => Progress::Error(percent),
            Some(3) => Progress::Indeterminate,
            Some(4) => Progress::Paused(percent),
            _ => return,
        };
        self.effects.progress(progress);
    }

    /// OSC 777: `notify ; title ; body`.
    pub(super) fn osc_notify_urxvt(&mut self, text: &[u8]) {
        let Some(rest) = text.strip_prefix(b"notify;") else {
            return;
        };
        let rest = String::from_utf8_lossy(rest);
        let (title, body) = rest.split_once(';').unwrap_or((&rest, ""));
        self.notify(title, body);
    }

    /// OSC 99: `key=value : … ; payload`. Of kitty's protocol, title, body, pieces and base64 are read;
    /// actions, icons and queries are not.
    pub(super) fn osc_notify_kitty(&mut self, text: &[u8]) {
        let Some(at) = text.iter().position(|&byte| byte == b';') else {
            return;
        };
        let (metadata, payload) = (&text[..at], &text[at + 1..]);
        let value = |key: &[u8]| {
            metadata.split(|&byte| byte == b':').find_map(|pair| {
                let (found, value) = pair.split_at_checked(key.len() + 1)?;
                (found.strip_suffix(b"=") == Some(key)).then_some(value)
            })
        };
        let id = String::from_utf8_lossy(value(b"i").unwrap_or_default());
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '.' | '-');
        if id.len() > 64 || !id.chars().all(allowed) {
            return;
        }
        let payload = if value(b"e") == Some(b"1") {
            match base64::engine::general_purpose::STANDARD.decode(payload) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(_) => return,
            }
        } else {
            String::from_utf8_lossy(payload).into_owned()
        };
        if self.notification.id != id {
            self.notification = Pending {
                id: id.into_owned(),
                ..Pending::default()
            };
        }
        let part = match value(b"p") {
            None | Some(b"title") => &mut self.notification.title,
            Some(b"body") => &mut self.notification.body,
            _ => return,
        };
        let room = (MAX_NOTIFICATION * 4).saturating_sub(part.len());
        part.push_str(&clean_text(&payload, room));
        if value(b"d") != Some(b"0") {
            let Pending { title, body, .. } = std::mem::take(&mut self.notification);
            self.notify(&title, &body);
        }
    }

    fn notify(&mut self, title: &str, body: &str) {
        let clean = |text: &str| -> String {
            clean_text(text, MAX_NOTIFICATION * 4)
                .chars()
                .take(MAX_NOTIFICATION)
                .collect()
        };
        let (title, body) = (clean(title), clean(body));
        if !title.is_empty() || !body.is_empty() {
            self.effects.notification(title, body);
        }
    }
}

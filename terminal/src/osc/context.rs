//! OSC 3008: contexts (UAPI.15), sent by systemd's tools and its shell profile.
//!
//! Everything here is a hint: a prompt, a command and its end where no other marks come, nothing that is believed.

use crate::blocks::Exit;
use crate::blocks::mark::{Claim, Ending, Fields, Signal, unescape};
use crate::blocks::shells::Dialect;
use crate::limits::MAX_CONTEXTS;
use crate::terminal::clean_text;
use crate::terminal::state::State;

/// Bytes of a context's id and of a field.
const MAX_ID: usize = 64;
const MAX_TEXT: usize = 255;

/// A context that was opened and not yet closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    id: Box<[u8]>,
    kind: Box<str>,
}

impl State {
    /// OSC 3008.
    pub(super) fn osc_context(&mut self, text: &[u8]) {
        let fields = Fields::new(text);
        if let Some(id) = fields.get("start") {
            self.open_context(id, &fields);
        } else if let Some(id) = fields.get("end") {
            self.close_context(id, &fields);
        }
    }

    fn open_context(&mut self, id: &[u8], fields: &Fields<'_>) {
        if id.is_empty() || id.len() > MAX_ID {
            return;
        }
        if let Some(known) = self.contexts.iter().position(|open| *open.id == *id) {
            // An update, or a return from what was opened inside.
            self.contexts.truncate(known);
        }
        if self.contexts.len() == MAX_CONTEXTS {
            return;
        }
        let kind = fields.text("type").unwrap_or_default();
        self.contexts.push(Open {
            id: id.into(),
            kind: kind.into(),
        });
        let field = |key: &str| {
            let value = fields.get(key).filter(|value| value.len() <= MAX_TEXT)?;
            Some(clean_text(&unescape(value), MAX_TEXT))
        };
        match kind {
            "shell" => {
                self.hear(Signal::Prompt { fresh_line: false }, None, Dialect::Systemd);
            }
            "command" => {
                let claim = Claim {
                    text: field("cmdline").unwrap_or_default(),
                    ..Claim::default()
                };
                self.hear(Signal::Output(claim), None, Dialect::Systemd);
            }
            _ => {}
        }
        if let Some(cwd) = field("cwd") {
            self.osc_folder_path(cwd.as_bytes());
        }
    }

    fn close_context(&mut self, id: &[u8], fields: &Fields<'_>) {
        let Some(known) = self.contexts.iter().position(|open| *open.id == *id) else {
            return;
        };
        let command = &*self.contexts[known].kind == "command";
        self.contexts.truncate(known);
        if !command {
            return;
        }
        let status = fields.number::<u8>("status");
        let code = match (status, fields.text("exit")) {
            (Some(status), _) => Some(status),
            (None, Some("success")) => Some(0),
            (None, Some("interrupt")) => Some(130),
            (None, Some(_)) => Some(1),
            (None, None) => None,
        };
        let ending = Ending {
            exit: code.map(|code| Exit {
                code,
                pipe: Vec::new(),
            }),
            ..Ending::default()
        };
        self.hear(Signal::End(ending), None, Dialect::Systemd);
    }
}

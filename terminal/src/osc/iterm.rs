//! OSC 1337: of iTerm2's commands the folder, the host, the mark and the sections of output.

use crate::blocks::mark::Fields;
use crate::blocks::{Flags, Section};
use crate::limits::MAX_SECTIONS;
use crate::terminal::clean_text;
use crate::terminal::state::State;

/// Bytes of a section's title.
const MAX_TITLE: usize = 255;

impl State {
    /// OSC 1337.
    pub(super) fn osc_iterm(&mut self, text: &[u8]) {
        if let Some(path) = text.strip_prefix(b"CurrentDir=") {
            self.osc_folder_path(path);
        } else if let Some(host) = text.strip_prefix(b"RemoteHost=") {
            let host = clean_text(&String::from_utf8_lossy(host), MAX_TITLE);
            let (user, host) = host.split_once('@').unwrap_or(("", &host));
            self.claim_host(user, host);
        } else if text == b"SetMark" {
            self.set_mark();
        } else if let Some(block) = text.strip_prefix(b"Block=") {
            self.section(&Fields::new(block));
        } else if let Some(block) = text.strip_prefix(b"UpdateBlock=") {
            self.update_section(&Fields::new(block));
        }
    }

    /// `SetMark`: the running block is marked, else the newest. It is no bookmark: those are the user's, and kept.
    fn set_mark(&mut self) {
        if self.is_alternate() {
            return;
        }
        let running = self.blocks.running().or_else(|| self.blocks.last());
        if let Some(id) = running.map(|block| block.id)
            && let Some(block) = self.blocks.get_mut(id)
        {
            block.flags |= Flags::MARKED;
        }
    }

    /// `Block`: a section of the running command's output begins or ends.
    fn section(&mut self, fields: &Fields<'_>) {
        if self.is_alternate() {
            return;
        }
        let at = self.cursor_anchor();
        let Some(id) = self.blocks.running().map(|block| block.id) else {
            return;
        };
        let Some(block) = self.blocks.get_mut(id) else {
            return;
        };
        let name = fields.text("id").unwrap_or_default();
        match fields.get("attr") {
            Some(b"start") if block.sections.len() < MAX_SECTIONS => {
                let depth = block.sections.iter().filter(|s| s.end.is_none()).count();
                block.sections.push(Section {
                    title: clean_text(name, MAX_TITLE),
                    start: at,
                    end: None,
                    depth: u8::try_from(depth).unwrap_or(u8::MAX),
                    folded: false,
                });
            }
            Some(b"end") => {
                let open = block
                    .sections
                    .iter_mut()
                    .rev()
                    .find(|section| section.end.is_none() && section.title == name);
                if let Some(section) = open {
                    section.end = Some(at);
                }
            }
            _ => {}
        }
    }

    /// `UpdateBlock`: a section is folded or unfolded.
    fn update_section(&mut self, fields: &Fields<'_>) {
        let name = fields.text("id").unwrap_or_default();
        let folded = match fields.get("action") {
            Some(b"fold") => true,
            Some(b"unfold") => false,
            _ => return,
        };
        let Some(id) = self.blocks.running().map(|block| block.id) else {
            return;
        };
        // Each one looks at all blocks, so they are counted as marks are.
        if !self.effects.allow_mark() {
            return;
        }
        if let Some(block) = self.blocks.get_mut(id) {
            let sections = block.sections.iter_mut().rev();
            if let Some(section) = sections.into_iter().find(|section| section.title == name) {
                section.folded = folded;
            }
        }
        self.hide_folded();
    }
}

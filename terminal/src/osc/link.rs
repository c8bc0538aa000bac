//! OSC 8: hyperlinks.

use crate::limits::{MAX_LINK_ID, MAX_LINK_URI};
use crate::terminal::is_hidden;
use crate::terminal::state::State;

impl State {
    /// OSC 8: `params ; URI`, where the parameters are `key=value` joined by `:`; no URI ends the link. A
    /// target with controls or bidi controls, or one too long, is no link (`security.md` 4).
    pub(super) fn osc_link(&mut self, text: &[u8]) {
        let link = parse(text);
        self.screen_mut().set_pen_link(link);
    }
}

/// Target and identity of a link.
fn parse(text: &[u8]) -> Option<(&str, &str)> {
    let at = text.iter().position(|&byte| byte == b';')?;
    let (params, uri) = (&text[..at], &text[at + 1..]);
    let uri = std::str::from_utf8(uri).ok()?;
    if uri.is_empty() || uri.len() > MAX_LINK_URI || uri.chars().any(is_hidden) {
        return None;
    }
    let id = params
        .split(|&byte| byte == b':')
        .find_map(|param| param.strip_prefix(b"id="));
    let id = id
        .and_then(|id| std::str::from_utf8(id).ok())
        .unwrap_or_default();
    Some((uri, if id.len() > MAX_LINK_ID { "" } else { id }))
}

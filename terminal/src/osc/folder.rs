//! OSC 7 and its kin: the folder the shell is in. From this machine it must name this machine; from elsewhere it is
//! display text, and where the next shell over there begins (`security.md` 2.2).

use super::percent_decode;
use crate::limits::MAX_FOLDER;
use crate::terminal::Origin;
use crate::terminal::state::State;

impl State {
    /// OSC 7: `file://host/percent%20path`, or kitty's `kitty-shell-cwd://host/raw path`.
    pub(super) fn osc_folder(&mut self, text: &[u8]) {
        let (rest, encoded) = if let Some(rest) = text.strip_prefix(b"file://") {
            (rest, true)
        } else if let Some(rest) = text.strip_prefix(b"kitty-shell-cwd://") {
            (rest, false)
        } else {
            return;
        };
        let Some(at) = rest.iter().position(|&byte| byte == b'/') else {
            return;
        };
        let (host, path) = rest.split_at(at);
        let ours = self.options.origin == Origin::Remote
            || host.is_empty()
            || host.eq_ignore_ascii_case(b"localhost")
            || host.eq_ignore_ascii_case(self.options.hostname.as_bytes());
        if !ours {
            return;
        }
        if encoded {
            if let Some(path) = percent_decode(path) {
                self.set_folder(path);
            }
        } else {
            self.osc_folder_path(path);
        }
    }

    /// OSC 9;9, 1337;CurrentDir: a path as it is, from a host that is not named.
    pub(crate) fn osc_folder_path(&mut self, path: &[u8]) {
        if let Ok(path) = std::str::from_utf8(path)
            && !path.chars().any(char::is_control)
        {
            self.set_folder(path.to_owned());
        }
    }

    fn set_folder(&mut self, path: String) {
        let absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
        let fits = absolute && path.len() <= MAX_FOLDER && !path.chars().any(char::is_control);
        if fits && self.take_folder(&path) {
            self.believe_folder(path);
        }
    }

    /// The pane's folder is this one.
    pub(crate) fn believe_folder(&mut self, path: String) {
        if self.folder.as_deref() != Some(&path) {
            self.effects.folder(path.clone());
            self.folder = Some(path);
        }
    }
}

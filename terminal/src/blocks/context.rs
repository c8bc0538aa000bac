//! Where a command ran, as its shell says it (OSC 8377; OSC 7 and its kin for the folder).

use super::mark::{Fields, percent_decode_lossy};
use crate::limits::MAX_FIELD;
use crate::terminal::clean_text;

/// Where a command ran. Everything here is display text: of a remote shell it is a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Context {
    /// The folder, absolute.
    pub cwd: Option<String>,
    /// The machine's name.
    pub host: String,
    /// The user's name.
    pub user: String,
    /// The shell and its version: `zsh/5.9`.
    pub shell: String,
    /// The shell's process id.
    pub pid: Option<u32>,
    /// The Python virtual environment (or conda's) in force.
    pub venv: Option<String>,
}

impl Context {
    /// The context that the fields of `8377;ctx` name. What is missing is as in `self`, the virtual environment
    /// aside, which is left by not being named.
    pub(crate) fn updated(&self, fields: &Fields<'_>) -> Self {
        let text = |key: &str| {
            let value = fields.get(key)?;
            (value.len() <= MAX_FIELD).then(|| clean_text(&percent_decode_lossy(value), MAX_FIELD))
        };
        let or = |key: &str, old: &str| text(key).unwrap_or_else(|| old.to_owned());
        Self {
            cwd: text("cwd")
                .filter(|cwd| cwd.starts_with('/') || cwd.as_bytes().get(1) == Some(&b':'))
                .or_else(|| self.cwd.clone()),
            host: or("host", &self.host),
            user: or("user", &self.user),
            shell: or("sh", &self.shell),
            pid: text("pid").map_or(self.pid, |pid| pid.parse().ok()),
            venv: text("venv").filter(|venv| !venv.is_empty()),
        }
    }

    /// The same context in another folder.
    pub(crate) fn in_folder(&self, cwd: String) -> Self {
        Self {
            cwd: Some(cwd),
            ..self.clone()
        }
    }
}

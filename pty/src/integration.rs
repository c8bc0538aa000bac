//! Shell integration: how a shell that we start comes to tell its prompts, commands and statuses.
//!
//! The scripts are in `assets/shell` and are part of the program. [`integrate`] changes a [`Command`]
//! that starts a known shell for a user at its prompt so that the shell reads its script first, with
//! no file of the user's touched; [`offer`] only hands over the key, for a script that the user's own
//! files source. What the marks mean is the terminal's business: whoever starts the command gives
//! [`Command::shell_key`] to it before the first byte is read.
//!
//! A shell on the other side of a connection is integrated by [`remote`].

mod files;
pub use files::runtime_folder;
mod random;
pub mod remote;
mod scripts;
mod start;

use std::ffi::OsString;
use std::fmt;

use crate::Command;

pub use scripts::Shell;
use start::{BashStart, Start};

/// Marks that bear these two words come from the shell that we started, and from nobody who only
/// wrote a file.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ShellKey {
    /// Which shell: 64 random bits in hexadecimal; option `aid` of a mark.
    pub aid: String,
    /// The secret of this one shell: 128 random bits in hexadecimal; option `tn` of a mark.
    pub nonce: String,
}

impl ShellKey {
    /// A fresh key; `None` when the system has no random numbers.
    pub fn new() -> Option<Self> {
        Some(Self {
            aid: random::hexadecimal(8)?,
            nonce: random::hexadecimal(16)?,
        })
    }
}

impl fmt::Debug for ShellKey {
    /// Without the secret: it belongs into no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShellKey")
            .field("aid", &self.aid)
            .finish_non_exhaustive()
    }
}

/// Changes `command`, if it starts a known shell at a prompt, so that the shell integrates itself,
/// and returns the key its marks will bear, which [`Command::shell_key`] returns from then on.
///
/// `None`, with the command as it was, when it starts something else; when the user's own arguments
/// hold a script, `-c`, `--norc`, `--posix` or another wish that we would break; and when the scripts
/// cannot be kept in a folder that is ours alone.
pub fn integrate(command: &mut Command) -> Option<ShellKey> {
    let start = Start::of(command)?;
    if start == Start::Plain {
        return None;
    }
    let folder = match files::folder() {
        Ok(folder) => folder,
        Err(error) => {
            tracing::warn!(%error, "shell integration is off");
            return None;
        }
    };
    let before = command.clone();
    if inject(command, start, &folder).is_none() {
        *command = before;
        return None;
    }
    hand_over(command)
}

/// Hands a fresh key to a shell that is started at a prompt, in `TERRACE_NONCE` and `TERRACE_AID`, for
/// an integration script that the user's own files source; `None` when `command` starts anything else.
pub fn offer(command: &mut Command) -> Option<ShellKey> {
    Start::of(command)?;
    hand_over(command)
}

fn hand_over(command: &mut Command) -> Option<ShellKey> {
    let key = ShellKey::new()?;
    command.set_env("TERRACE_NONCE", &key.nonce);
    command.set_env("TERRACE_AID", &key.aid);
    command.set_shell_key(key.clone());
    Some(key)
}

/// The arguments and variables by which a shell finds its script in `folder`.
fn inject(command: &mut Command, start: Start, folder: &files::Folder) -> Option<()> {
    let environment = command.environment();
    let variable = |name: &str| environment.get(std::ffi::OsStr::new(name));
    match start {
        Start::Plain => return None,
        Start::Bash(start) => {
            let script = folder.script(Shell::Bash);
            let BashStart {
                login,
                as_sh,
                rcfile,
                arguments,
            } = start;
            let mut words: Vec<OsString> = Vec::new();
            if as_sh {
                command.set_env("TERRACE_BASH_INJECT", "sh");
            } else if login && !start::is_apples_bash(command.program()) {
                command.set_env("TERRACE_BASH_INJECT", "posix");
                words.push("--posix".into());
                if variable("HISTFILE").is_none() {
                    // Posix mode would take ~/.sh_history, and decides before any file is read.
                    let mut file = variable("HOME")?.clone();
                    file.push("/.bash_history");
                    command.set_env("HISTFILE", file);
                    command.set_env("TERRACE_BASH_UNEXPORT_HISTFILE", "1");
                }
            } else {
                let how = if login { "rcfile login" } else { "rcfile" };
                command.set_env("TERRACE_BASH_INJECT", how);
                words.extend(["--rcfile".into(), script.clone().into_os_string()]);
                if login {
                    // A login shell does not read --rcfile; the script reads the login files.
                    command.drop_argv0();
                }
            }
            if as_sh || (login && !start::is_apples_bash(command.program())) {
                if let Some(file) = variable("ENV") {
                    command.set_env("TERRACE_BASH_ENV", file);
                }
                command.set_env("ENV", script);
            }
            if let Some(file) = rcfile {
                command.set_env("TERRACE_BASH_RCFILE", file);
            }
            words.extend(arguments);
            command.set_arguments(words);
        }
        Start::Zsh => {
            if let Some(folder) = variable("ZDOTDIR") {
                command.set_env("TERRACE_ZDOTDIR", folder);
            }
            command.set_env("ZDOTDIR", folder.zsh());
        }
        Start::Fish | Start::Nushell => {
            let data = folder.data()?;
            let mut folders = data.as_os_str().to_owned();
            folders.push(":");
            match variable("XDG_DATA_DIRS") {
                Some(old) => folders.push(old),
                None => {
                    folders.push("/usr/local/share:/usr/share");
                    command.set_env("TERRACE_XDG_UNSET", "1");
                }
            }
            command.set_env("XDG_DATA_DIRS", folders);
            command.set_env("TERRACE_XDG_DIR", data);
        }
        Start::PowerShell => {
            let script = folder.script(Shell::PowerShell);
            let script = script.to_str()?.replace('\'', "''");
            let mut words = command.arguments().to_vec();
            words.extend(["-NoExit".into(), "-Command".into()]);
            words.push(format!(". '{script}'").into());
            command.set_arguments(words);
        }
        Start::Elvish => {
            command.set_env("TERRACE_ELVISH_INJECT", "1");
            let mut words = vec!["-rc".into(), folder.script(Shell::Elvish).into_os_string()];
            words.extend(command.arguments().iter().cloned());
            command.set_arguments(words);
        }
        Start::Sh => {
            if let Some(file) = variable("ENV") {
                command.set_env("TERRACE_SH_ENV", file);
            }
            command.set_env("TERRACE_SH_INJECT", "1");
            command.set_env("ENV", folder.script(Shell::Sh));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests;

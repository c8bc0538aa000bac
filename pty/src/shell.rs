//! Which shell the user wants.

use std::path::{Path, PathBuf};

use portable_pty::CommandBuilder;

/// How a shell is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShellKind {
    /// Interactive, as terminals on Linux do: the login files were read by the desktop session.
    Interactive,
    /// A login shell (`argv[0]` begins with `-`), as terminals on macOS do, where no session did.
    Login,
}

impl Default for ShellKind {
    fn default() -> Self {
        if cfg!(target_os = "macos") {
            Self::Login
        } else {
            Self::Interactive
        }
    }
}

/// The user's shell: `$SHELL`, else the account's entry, else `/bin/sh`. One that only refuses
/// (`nologin`, `false`: service accounts) counts as none.
pub fn user_shell() -> PathBuf {
    let mut builder = CommandBuilder::new_default_prog();
    let shell = PathBuf::from(builder.get_shell());
    if lets_in(&shell) {
        return shell;
    }
    builder.env_remove("SHELL");
    let shell = PathBuf::from(builder.get_shell());
    if lets_in(&shell) {
        shell
    } else {
        PathBuf::from("/bin/sh")
    }
}

/// False for the programs that stand in the account entry of users who must not log in.
fn lets_in(shell: &Path) -> bool {
    let name = shell.file_name().and_then(|name| name.to_str());
    shell.is_absolute() && !matches!(name, Some("nologin" | "false" | "true" | "sync"))
}

#[cfg(test)]
mod tests {
    use super::{lets_in, user_shell};
    use std::path::Path;

    #[test]
    fn accounts_without_login_get_another_shell() {
        #[track_caller]
        fn check(shell: &str, expected: bool) {
            assert_eq!(lets_in(Path::new(shell)), expected, "{shell}");
        }
        check("/bin/bash", true);
        check("/usr/bin/fish", true);
        check("/usr/sbin/nologin", false);
        check("/bin/false", false);
        check("bash", false);
        check("", false);
    }

    #[test]
    fn there_always_is_a_shell() {
        assert!(user_shell().is_file());
    }
}

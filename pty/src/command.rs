//! What to run: program, arguments, folder, environment variables.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::integration::ShellKey;
use crate::shell::{ShellKind, user_shell};

/// A program to be started under a pseudo-terminal.
///
/// Arguments are a list and stay one: nothing here goes through a shell's parser.
#[derive(Clone, Debug)]
pub struct Command {
    program: OsString,
    argv0: Option<OsString>,
    args: Vec<OsString>,
    folder: Option<PathBuf>,
    identity: Identity,
    changes: BTreeMap<OsString, Option<OsString>>,
    shell_key: Option<ShellKey>,
    expected_shell: Option<ShellKey>,
}

/// Who we say we are, in the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `TERM`: a terminfo entry.
    pub term: String,
    /// `TERM_PROGRAM_VERSION`.
    pub version: String,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            term: "xterm-256color".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }
}

impl Command {
    /// Runs `program`, a path or a name to be looked up in the `PATH` that the program will have.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            argv0: None,
            args: Vec::new(),
            folder: None,
            identity: Identity::default(),
            changes: BTreeMap::new(),
            shell_key: None,
            expected_shell: None,
        }
    }

    /// Runs a shell.
    pub fn shell(shell: &Path, kind: ShellKind) -> Self {
        let mut command = Self::new(shell);
        if kind == ShellKind::Login {
            let mut name = OsString::from("-");
            name.push(shell.file_name().unwrap_or(shell.as_os_str()));
            command.argv0 = Some(name);
        }
        command
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// The folder to start in. Without one, or when it is missing, it is the home folder; that a
    /// folder was missing stands in [`crate::Pty::note`].
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Who the program is told we are.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self
    }

    /// Sets an environment variable, over whatever Terrace itself sets.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.changes.insert(name.into(), Some(value.into()));
        self
    }

    /// Removes an environment variable.
    #[must_use]
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.changes.insert(name.into(), None);
        self
    }

    /// The program as it was asked for.
    pub fn program(&self) -> &OsStr {
        &self.program
    }

    /// The arguments after the program.
    pub fn arguments(&self) -> &[OsString] {
        &self.args
    }

    /// The folder that was asked for.
    pub fn working_folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Says by which key the marks of the shell that this starts are told from forged ones: for a
    /// shell that the program brings up elsewhere ([`crate::integration::remote`]).
    #[must_use]
    pub fn with_shell_key(mut self, key: ShellKey) -> Self {
        self.shell_key = Some(key);
        self
    }

    /// The key that the started shell's marks bear, if it was given one. Whoever reads the program's
    /// output registers it with the terminal before the first byte.
    pub fn shell_key(&self) -> Option<&ShellKey> {
        self.shell_key.as_ref()
    }

    /// The environment variables that were set, or removed (`None`), over what Terrace itself sets.
    pub fn variable_changes(&self) -> impl Iterator<Item = (&OsStr, Option<&OsStr>)> {
        let changes = self.changes.iter();
        changes.map(|(name, value)| (name.as_os_str(), value.as_deref()))
    }

    /// `argv[0]`, when it differs from the program.
    pub(crate) fn argv0(&self) -> Option<&OsStr> {
        self.argv0.as_deref()
    }

    pub(crate) fn drop_argv0(&mut self) {
        self.argv0 = None;
    }

    pub(crate) fn set_arguments(&mut self, args: Vec<OsString>) {
        self.args = args;
    }

    pub(crate) fn set_env(&mut self, name: &str, value: impl Into<OsString>) {
        self.changes.insert(name.into(), Some(value.into()));
    }

    pub(crate) fn set_shell_key(&mut self, key: ShellKey) {
        self.shell_key = Some(key);
    }

    /// Says that the shell which the program brings up elsewhere makes its own key, and says it after the one-time
    /// word `key.nonce` ([`crate::integration::remote::Bootstrap::makes_its_key`]).
    #[must_use]
    pub fn with_expected_shell(mut self, key: ShellKey) -> Self {
        self.expected_shell = Some(key);
        self
    }

    /// The shell that is to say its key, with a one-time word in that key's place.
    pub fn expected_shell(&self) -> Option<&ShellKey> {
        self.expected_shell.as_ref()
    }

    /// All environment variables that the program gets.
    pub fn environment(&self) -> BTreeMap<OsString, OsString> {
        let mut variables = terminal_environment(std::env::vars_os(), &self.identity);
        variables
            .entry("SHELL".into())
            .or_insert_with(|| user_shell().into_os_string());
        for (name, change) in &self.changes {
            match change {
                Some(value) => variables.insert(name.clone(), value.clone()),
                None => variables.remove(name),
            };
        }
        variables
    }
}

/// The environment of a program in a terminal: `base` without what describes another terminal
/// or another window, and with what describes this one.
pub fn terminal_environment(
    base: impl IntoIterator<Item = (OsString, OsString)>,
    identity: &Identity,
) -> BTreeMap<OsString, OsString> {
    let mut variables: BTreeMap<OsString, OsString> = base.into_iter().collect();
    // kitty and Ghostty point TERMINFO at a folder of their own, which goes away with them.
    let foreign = |name: &OsStr| starts_with(name, "KITTY_") || starts_with(name, "GHOSTTY_");
    if variables.keys().any(|name| foreign(name)) {
        variables.remove(OsStr::new("TERMINFO"));
    }
    variables.retain(|name, _| !is_stale(name));
    for (name, value) in [
        ("TERM", identity.term.as_str()),
        ("COLORTERM", "truecolor"),
        ("TERM_PROGRAM", "Terrace"),
        ("TERM_PROGRAM_VERSION", identity.version.as_str()),
    ] {
        variables.insert(name.into(), value.into());
    }
    variables
}

/// Variables that another terminal, or the one we were started from, left for its own programs.
fn is_stale(name: &OsStr) -> bool {
    const NAMES: [&str; 24] = [
        "COLORFGBG",
        "COLUMNS",
        // A launcher's token is good for one window; ours has used it.
        "DESKTOP_STARTUP_ID",
        "LC_TERMINAL",
        "LC_TERMINAL_VERSION",
        "LINES",
        "OLDPWD",
        "TERMCAP",
        "TERMINATOR_DBUS_NAME",
        "TERMINATOR_DBUS_PATH",
        "TERMINATOR_UUID",
        "TERMINAL_EMULATOR",
        "TERM_SESSION_ID",
        "TILIX_ID",
        "VTE_VERSION",
        "WINDOWID",
        "WINDOWPATH",
        "WT_PROFILE_ID",
        "WT_SESSION",
        "XDG_ACTIVATION_TOKEN",
        "XTERM_LOCALE",
        "XTERM_SHELL",
        "XTERM_VERSION",
        "ZED_TERM",
    ];
    const PREFIXES: [&str; 9] = [
        "ALACRITTY_",
        "GHOSTTY_",
        "GNOME_TERMINAL_",
        "ITERM_",
        "KITTY_",
        "KONSOLE_",
        "TERRACE_",
        "WARP_",
        "WEZTERM_",
    ];
    name.to_str().is_some_and(|name| NAMES.contains(&name))
        || PREFIXES.iter().any(|prefix| starts_with(name, prefix))
}

fn starts_with(name: &OsStr, prefix: &str) -> bool {
    name.as_encoded_bytes().starts_with(prefix.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{Command, Identity, terminal_environment};
    use crate::shell::ShellKind;
    use std::ffi::OsStr;
    use std::path::Path;

    #[track_caller]
    fn check(base: &[(&str, &str)], name: &str, expected: Option<&str>) {
        let base = base.iter().map(|(name, value)| (name.into(), value.into()));
        let identity = Identity {
            term: "xterm-256color".into(),
            version: "1.2".into(),
        };
        let variables = terminal_environment(base, &identity);
        assert_eq!(
            variables
                .get(OsStr::new(name))
                .and_then(|value| value.to_str()),
            expected
        );
    }

    #[test]
    fn the_environment_describes_this_terminal() {
        check(&[], "TERM", Some("xterm-256color"));
        check(&[("TERM", "xterm-kitty")], "TERM", Some("xterm-256color"));
        check(&[], "COLORTERM", Some("truecolor"));
        check(
            &[("TERM_PROGRAM", "iTerm.app")],
            "TERM_PROGRAM",
            Some("Terrace"),
        );
        check(&[], "TERM_PROGRAM_VERSION", Some("1.2"));
    }

    #[test]
    fn variables_of_other_terminals_go_and_the_rest_stays() {
        for name in [
            "LINES",
            "COLUMNS",
            "TERMCAP",
            "VTE_VERSION",
            "WINDOWID",
            "KITTY_PID",
        ] {
            check(&[(name, "1")], name, None);
        }
        check(&[("ALACRITTY_SOCKET", "x")], "ALACRITTY_SOCKET", None);
        check(&[("TERRACE_NONCE", "x")], "TERRACE_NONCE", None);
        check(&[("TMUX", "x")], "TMUX", Some("x"));
        check(&[("PATH", "/bin")], "PATH", Some("/bin"));
        check(
            &[("TERMINFO", "/home/u/.terminfo")],
            "TERMINFO",
            Some("/home/u/.terminfo"),
        );
        check(
            &[("TERMINFO", "/opt/kitty"), ("KITTY_PID", "1")],
            "TERMINFO",
            None,
        );
    }

    #[test]
    fn changes_come_last() {
        let command = Command::new("x")
            .env("TERM", "dumb")
            .env_remove("COLORTERM");
        let variables = command.environment();
        assert_eq!(
            variables.get(OsStr::new("TERM")).map(|v| v.as_os_str()),
            Some("dumb".as_ref())
        );
        assert!(!variables.contains_key(OsStr::new("COLORTERM")));
    }

    #[test]
    fn a_login_shell_is_told_by_its_name() {
        let shell = Path::new("/usr/bin/zsh");
        assert_eq!(
            Command::shell(shell, ShellKind::Login).argv0(),
            Some(OsStr::new("-zsh"))
        );
        assert_eq!(Command::shell(shell, ShellKind::Interactive).argv0(), None);
    }
}

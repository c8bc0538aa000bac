//! What a command starts: a known shell at a prompt, and how, by its name and arguments.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::Command;

/// How a shell is started by a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// A known shell at a prompt, with arguments that we would break.
    Plain,
    Bash(BashStart),
    Zsh,
    Fish,
    Nushell,
    PowerShell,
    Elvish,
    Sh,
}

/// What bash was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BashStart {
    /// It reads the profile files.
    pub(super) login: bool,
    /// It was called `sh`: it reads `ENV` alone.
    pub(super) as_sh: bool,
    /// The file to read in place of `~/.bashrc`.
    pub(super) rcfile: Option<OsString>,
    /// The other arguments.
    pub(super) arguments: Vec<OsString>,
}

/// What is to be made of a shell's arguments.
enum Wish {
    /// Start it integrated.
    Integrate,
    /// A prompt, but not ours to meddle with.
    LeaveAlone,
    /// No prompt: a script, a command, a question for the version.
    NoPrompt,
}

impl Start {
    /// `None` for what is no known shell, or shows no prompt.
    pub(super) fn of(command: &Command) -> Option<Self> {
        let name = Path::new(command.program()).file_name()?.to_str()?;
        let mut arguments = command.arguments();
        let mut shell = name.trim_end_matches(".exe");
        if shell == "busybox" {
            let (applet, rest) = arguments.split_first()?;
            shell = applet.to_str()?;
            arguments = rest;
            if !matches!(shell, "sh" | "ash") {
                return None;
            }
        }
        let login = command
            .argv0()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"-"));
        let (wish, start) = match shell {
            "bash" => return bash(arguments, login, false),
            "sh" if is_bash(command) => return bash(arguments, login, true),
            "zsh" => (
                simple(arguments, "il", &["login", "interactive"]),
                Self::Zsh,
            ),
            "fish" => (
                simple(arguments, "ilP", &["login", "interactive", "private"]),
                Self::Fish,
            ),
            "nu" => (
                simple(arguments, "il", &["login", "interactive"]),
                Self::Nushell,
            ),
            "elvish" => (simple(arguments, "i", &[]), Self::Elvish),
            "pwsh" => (power_shell(arguments), Self::PowerShell),
            "sh" | "dash" | "ash" | "ksh" | "ksh93" | "mksh" => {
                (simple(arguments, "il", &[]), Self::Sh)
            }
            _ => return None,
        };
        match wish {
            Wish::Integrate => Some(start),
            Wish::LeaveAlone => Some(Self::Plain),
            Wish::NoPrompt => None,
        }
    }
}

/// macOS's own bash ignores `ENV` when it is started as a login shell.
pub(super) fn is_apples_bash(program: &OsStr) -> bool {
    cfg!(target_os = "macos") && (program == "/bin/bash" || program == "bash")
}

/// Whether the program `sh` is bash, as on macOS, Fedora and Arch.
fn is_bash(command: &Command) -> bool {
    let program = Path::new(command.program());
    let file = if program.is_absolute() {
        Some(program.to_owned())
    } else {
        let path = command.environment().remove(OsStr::new("PATH"));
        path.and_then(|path| {
            std::env::split_paths(&path)
                .map(|folder| folder.join(program))
                .find(|file| file.is_file())
        })
    };
    let real: Option<PathBuf> = file.and_then(|file| file.canonicalize().ok());
    real.is_some_and(|file| file.file_name() == Some(OsStr::new("bash")))
}

/// Shells whose arguments at a prompt are these letters and long words, and no more that matter to us.
fn simple(arguments: &[OsString], letters: &str, words: &[&str]) -> Wish {
    for argument in arguments {
        let Some(argument) = argument.to_str() else {
            return Wish::NoPrompt;
        };
        let harmless = match argument.strip_prefix("--") {
            Some(word) => words.contains(&word),
            None => match argument.strip_prefix('-') {
                Some(flags) => !flags.is_empty() && flags.chars().all(|f| letters.contains(f)),
                None => return Wish::NoPrompt,
            },
        };
        if !harmless {
            return unknown(argument);
        }
    }
    Wish::Integrate
}

/// An option that we do not know leaves the shell alone; one that holds a command shows no prompt.
fn unknown(argument: &str) -> Wish {
    let command = match argument.strip_prefix("--") {
        Some(word) => matches!(
            word.split('=').next(),
            Some("command" | "commands" | "version" | "help" | "")
        ),
        None => argument.contains('c') || argument == "-",
    };
    if command {
        Wish::NoPrompt
    } else {
        Wish::LeaveAlone
    }
}

fn power_shell(arguments: &[OsString]) -> Wish {
    for argument in arguments {
        let Some(argument) = argument.to_str() else {
            return Wish::NoPrompt;
        };
        match argument.to_ascii_lowercase().as_str() {
            "-nologo" | "-login" | "-l" | "-noexit" | "-interactive" | "-i" => {}
            "-noprofile" | "-nop" => return Wish::LeaveAlone,
            _ => return Wish::NoPrompt,
        }
    }
    Wish::Integrate
}

/// bash(1), "Options": words of two dashes come first, then letters, which may take a word each.
fn bash(arguments: &[OsString], login: bool, as_sh: bool) -> Option<Start> {
    let mut start = BashStart {
        login,
        as_sh,
        ..BashStart::default()
    };
    let mut arguments = arguments.iter();
    while let Some(word) = arguments.next() {
        let text = word.to_str()?;
        match text {
            "--login" => start.login = true,
            "--rcfile" | "--init-file" => {
                start.rcfile = Some(arguments.next()?.clone());
                continue;
            }
            "--noediting" | "--noprofile" | "--norc" | "--posix" | "--restricted" => {
                return Some(Start::Plain);
            }
            // A shell option by name.
            "-o" | "+o" | "-O" | "+O" => {
                start.arguments.push(word.clone());
                let option = arguments.next()?;
                if option == "posix" {
                    return Some(Start::Plain);
                }
                start.arguments.push(option.clone());
                continue;
            }
            _ => {
                let flags = text.strip_prefix('-')?;
                // A script, `--`, a question for the version, a command.
                if flags.is_empty() || flags.starts_with('-') || flags.contains(['c', 's']) {
                    return None;
                }
                if !flags.chars().all(|flag| "ilhmBH".contains(flag)) {
                    return Some(Start::Plain);
                }
                start.login |= flags.contains('l');
            }
        }
        start.arguments.push(word.clone());
    }
    // Only a shell that is not one for login reads a file in place of ~/.bashrc.
    if start.rcfile.is_some() && (start.login || as_sh) {
        return Some(Start::Plain);
    }
    Some(Start::Bash(start))
}

#[cfg(test)]
mod tests {
    use super::{BashStart, Start};
    use crate::{Command, ShellKind};
    use std::path::Path;

    #[track_caller]
    fn check(words: &[&str], expected: Option<Start>) {
        let command = Command::new(words[0]).args(&words[1..]);
        assert_eq!(Start::of(&command), expected, "{words:?}");
    }

    fn plain_bash(arguments: &[&str]) -> BashStart {
        BashStart {
            arguments: arguments.iter().map(Into::into).collect(),
            ..BashStart::default()
        }
    }

    #[test]
    fn shells_at_a_prompt_are_known() {
        check(&["/bin/zsh"], Some(Start::Zsh));
        check(&["zsh", "-il"], Some(Start::Zsh));
        check(&["fish", "--login"], Some(Start::Fish));
        check(&["nu"], Some(Start::Nushell));
        check(&["elvish"], Some(Start::Elvish));
        check(&["pwsh", "-NoLogo"], Some(Start::PowerShell));
        check(&["dash", "-i"], Some(Start::Sh));
        check(&["busybox", "sh"], Some(Start::Sh));
        check(&["busybox", "ash", "-l"], Some(Start::Sh));
        check(&["mksh"], Some(Start::Sh));
    }

    #[test]
    fn scripts_and_commands_are_no_prompt() {
        check(&["sh", "-c", "exit"], None);
        check(&["bash", "-ic", "exit"], None);
        check(&["bash", "--version"], None);
        check(&["bash", "script"], None);
        check(&["bash", "-i", "script"], None);
        check(&["bash", "-s"], None);
        check(&["zsh", "-c", "exit"], None);
        check(&["fish", "--command=exit"], None);
        check(&["fish", "file.fish"], None);
        check(&["pwsh", "-File", "x.ps1"], None);
        check(&["busybox", "ls"], None);
        check(&["busybox"], None);
        check(&["vim"], None);
        check(&["/"], None);
    }

    #[test]
    fn wishes_that_we_would_break_are_left_alone() {
        check(&["bash", "--norc"], Some(Start::Plain));
        check(&["bash", "--posix"], Some(Start::Plain));
        check(&["bash", "-o", "posix"], Some(Start::Plain));
        check(&["bash", "--noprofile", "-l"], Some(Start::Plain));
        check(&["bash", "-r"], Some(Start::Plain));
        check(&["bash", "--rcfile", "f", "-l"], Some(Start::Plain));
        check(&["zsh", "-f"], Some(Start::Plain));
        check(&["fish", "--no-config"], Some(Start::Plain));
        check(&["nu", "-n"], Some(Start::Plain));
        check(&["elvish", "-norc"], None);
        check(&["pwsh", "-NoProfile"], Some(Start::Plain));
        check(&["dash", "-x"], Some(Start::Plain));
    }

    #[test]
    fn bash_is_asked_in_many_ways() {
        check(&["bash"], Some(Start::Bash(plain_bash(&[]))));
        check(&["bash", "-i"], Some(Start::Bash(plain_bash(&["-i"]))));
        check(
            &["bash", "-o", "vi", "-O", "globstar"],
            Some(Start::Bash(plain_bash(&["-o", "vi", "-O", "globstar"]))),
        );
        check(
            &["bash", "--rcfile", "my rc", "-i"],
            Some(Start::Bash(BashStart {
                rcfile: Some("my rc".into()),
                ..plain_bash(&["-i"])
            })),
        );
        check(
            &["bash", "--login"],
            Some(Start::Bash(BashStart {
                login: true,
                ..plain_bash(&["--login"])
            })),
        );
        let command = Command::shell(Path::new("/bin/bash"), ShellKind::Login);
        assert_eq!(
            Start::of(&command),
            Some(Start::Bash(BashStart {
                login: true,
                ..plain_bash(&[])
            }))
        );
    }
}

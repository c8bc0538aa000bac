//! `terrace integration`: a shell's script, for those who source it themselves.

use std::process::ExitCode;

use pty::integration::Shell;

use super::print;
use crate::cli::{IntegrationArgs, ShellName};

/// Runs the command.
pub(super) fn run(args: &IntegrationArgs) -> anyhow::Result<ExitCode> {
    let shell = match args.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
        ShellName::Nu => Shell::Nushell,
        ShellName::Pwsh => Shell::PowerShell,
        ShellName::Elvish => Shell::Elvish,
        ShellName::Sh => Shell::Sh,
    };
    print(shell.script())?;
    Ok(ExitCode::SUCCESS)
}

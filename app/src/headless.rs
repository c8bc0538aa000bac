//! Terrace without a window: the same core, pseudo-terminal and renderer, for tests, pictures, bug
//! reports and scripts.

mod control;
mod doctor;
mod dump;
mod picture;
mod run;
mod settings;
mod shot;
mod state;
mod typist;

use std::io::Write;
use std::process::ExitCode;

use crate::cli::Command;
use crate::logging;

/// The exit status of `terrace run` when `--timeout` is over, as that of timeout(1).
const TIMED_OUT: u8 = 124;

/// Does what the command says.
///
/// # Errors
/// What went wrong, for the user.
pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    // `dump` starts nothing that it does not need: it takes a few milliseconds in all.
    if !matches!(command, Command::Dump(_)) {
        logging::init();
    }
    match command {
        Command::Dump(args) => dump::run(&args),
        Command::Run(args) => run::run(args),
        Command::Shot(args) => shot::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Config(args) => settings::config(&args),
        Command::Theme(args) => settings::theme(&args),
        Command::Keys(args) => settings::keys(&args),
    }
}

/// Tells the user on the standard error what went wrong, in one line.
pub(crate) fn complain(error: &anyhow::Error) {
    let broken_pipe = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    if error.chain().any(|cause| cause.downcast_ref().is_some_and(broken_pipe)) {
        // Whoever read our output has enough of it: `terrace theme list | head`.
        return;
    }
    let _ = writeln!(std::io::stderr(), "terrace: {error:#}");
}

/// Prints to the standard output.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

//! Terrace without a window: the same core, pseudo-terminal and renderer, for tests, pictures, bug
//! reports and scripts.

mod blocks;
pub(crate) mod control;
mod doctor;
mod dump;
mod env;
mod inspect;
mod integration;
pub(crate) mod picture;
mod run;
mod shot;
pub(crate) mod state;
mod typist;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use config::Loaded;

use crate::cli::{Command, SettingsArgs};
use crate::{logging, settings};

/// The exit status of `terrace run` when `--timeout` is over, as that of timeout(1).
const TIMED_OUT: u8 = 124;

/// Does what the command says.
///
/// # Errors
/// What went wrong, for the user.
pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    // `dump` starts nothing that it does not need: it takes a few milliseconds in all. Each new shell
    // may wait for `integration`.
    if !matches!(command, Command::Dump(_) | Command::Integration(_)) {
        logging::init();
    }
    match command {
        Command::Dump(args) => dump::run(&args),
        Command::Run(args) => run::run(args),
        Command::Shot(args) => shot::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Config(args) => inspect::config(&args),
        Command::Theme(args) => inspect::theme(&args),
        Command::Keys(args) => inspect::keys(&args),
        Command::Env(args) => env::run(args),
        Command::Integration(args) => integration::run(&args),
        Command::Blocks(args) => blocks::run(&args),
        Command::Ctl(args) => crate::control::client::run(&args),
    }
}

/// A command line with a mistake, or one that asks for help. A mistake is told on the standard error, and as a document
/// too where JSON is wanted: the exit status is then that of every error.
pub(crate) fn not_understood(error: &clap::Error, words: &[OsString]) -> ExitCode {
    let Some(document) = env::usage::document(error, words) else {
        error.exit()
    };
    let _ = error.print();
    let _ = print(&document);
    ExitCode::FAILURE
}

/// Tells the user on the standard error what went wrong, in one line.
pub(crate) fn complain(error: &anyhow::Error) {
    let broken_pipe = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    if error
        .chain()
        .any(|cause| cause.downcast_ref().is_some_and(broken_pipe))
    {
        // Whoever read our output has enough of it: `terrace theme list | head`.
        return;
    }
    let _ = writeln!(std::io::stderr(), "terrace: {error:#}");
}

/// The text on a session's screen, a line a row.
pub(crate) fn screen_text(session: &crate::session::Session) -> String {
    state::text(&session.lock(), 0)
}

/// Prints to the standard output.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// The settings; their mistakes are logged, and what was understood is in force.
///
/// # Errors
/// When an option that was given on this command line is wrong: what was asked for is not what
/// would happen.
fn load(args: &SettingsArgs) -> anyhow::Result<Loaded> {
    let loaded = config::load(&args.sources());
    for diagnostic in &loaded.diagnostics {
        let asked = matches!(diagnostic.place, config::Place::CommandLine(_));
        anyhow::ensure!(!asked, "{diagnostic}");
        tracing::warn!("{diagnostic}");
    }
    Ok(loaded)
}

/// The core's options, under the dark theme: without a window no desktop prefers another.
fn terminal_options(loaded: &Loaded) -> terminal::Options {
    let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    settings::terminal_options(&loaded.config, &loaded.themes.dark, hostname.trim())
}

/// What to run: a program with its arguments, or the user's shell when there is none; in `folder`, or
/// where the settings say.
fn command(config: &config::Config, words: &[OsString], folder: Option<&Path>) -> pty::Command {
    let command = match words.split_first() {
        Some((program, args)) => settings::program_command(config, program, args, None),
        None => settings::shell_command(config, None),
    };
    match folder {
        Some(folder) => command.folder(folder),
        None => command,
    }
}

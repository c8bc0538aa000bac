//! Terrace: the program, with and without a window.

mod actions;
mod application;
mod bell;
mod cli;
mod closed;
mod control;
mod desktop;
mod environments;
mod event;
mod finder;
mod git;
mod headless;
mod hints;
mod history;
mod input;
mod layout;
mod links;
mod local_time;
mod logging;
mod memory;
mod notifications;
mod palette;
mod pane;
mod reload;
mod saved;
mod services;
mod session;
mod settings;
mod signals;
mod tabs;
mod view;
mod window;
mod writer;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let words: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let cli = match cli::Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return headless::not_understood(&error, &words),
    };
    let outcome = match cli.job() {
        cli::Job::Headless(command) => headless::run(*command),
        cli::Job::Window(options) => {
            logging::init();
            application::run(*options)
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            headless::complain(&error);
            ExitCode::FAILURE
        }
    }
}

//! Terrace: the program, with and without a window.

mod application;
mod cli;
mod headless;
mod logging;
mod session;
mod settings;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let outcome = match cli::Cli::parse().split() {
        Ok(command) => headless::run(command),
        Err(window) => {
            logging::init();
            application::run(window)
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

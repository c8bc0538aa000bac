//! Terrace: the program, with and without a window.

mod actions;
mod application;
mod bell;
mod cli;
mod event;
mod headless;
mod input;
mod layout;
mod links;
mod logging;
mod pane;
mod reload;
mod session;
mod settings;
mod tabs;
mod view;
mod window;

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

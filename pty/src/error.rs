//! Why a program could not be started.

use std::io;

/// What went wrong in starting a program, told so that it can be shown in the pane as it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such program, neither as a path nor in `PATH`.
    #[error("program \"{program}\" not found; see shell.program")]
    NotFound {
        /// The program as it was asked for.
        program: String,
    },
    /// The program is there but the system refuses to run it.
    #[error("program \"{program}\" cannot be run: {reason}; see shell.program")]
    NotRunnable {
        /// The program as it was asked for.
        program: String,
        /// Why, in words.
        reason: String,
    },
    /// The system has no pseudo-terminal for us.
    #[error("no pseudo-terminal could be opened: {0}; is /dev/pts mounted and not full?")]
    Open(String),
    /// A thread could not be started.
    #[error("a thread for the program could not be started: {0}; close some panes")]
    Thread(#[source] io::Error),
    /// Any other refusal of the system.
    #[error("{what} failed: {source}")]
    System {
        /// What was attempted.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// Turns an I/O error into [`Error::System`], naming what was attempted.
    pub(crate) fn system(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { what, source }
    }
}

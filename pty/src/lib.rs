//! A program under a pseudo-terminal: starting it, its two threads, its end.
//!
//! [`Command`] says what to run and in which environment, [`Pty::spawn`] starts it, and
//! [`spawn_io`] gives it the reader and the writer thread of a pane. What the bytes mean is none
//! of this crate's business: it knows no other crate of ours.
//!
//! ```no_run
//! use pty::{Command, PaneHandler, Pty, WindowSize};
//!
//! struct Print;
//!
//! impl PaneHandler for Print {
//!     fn output(&mut self, bytes: &[u8], _input: &pty::InputQueue) {
//!         println!("{} bytes", bytes.len());
//!     }
//!
//!     fn closed(&mut self, end: pty::Closed) {
//!         println!("{end}");
//!     }
//! }
//!
//! let shell = Command::shell(&pty::user_shell(), pty::ShellKind::default());
//! let pty = Pty::spawn(&shell, WindowSize::from_cells(80, 24, 8, 16))?;
//! let pane = pty::spawn_io(pty, "1", Print, || ())?;
//! pane.input().push(b"echo hello\r".to_vec())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`integration`] has the shell of a command tell its prompts, commands and statuses: here
//! ([`integration::integrate`]) and on the other side of a connection ([`integration::remote`]).
//! The key by which such marks are told from forged ones travels with the command
//! ([`Command::shell_key`]).

mod command;
mod error;
mod foreground;
pub mod integration;
mod io;
mod process;
mod shell;
mod size;
mod status;
mod sys;
mod wake;

pub use command::{Command, Identity, terminal_environment};
pub use error::Error;
pub use foreground::ForegroundProcess;
pub use integration::{ShellKey, runtime_folder};
pub use io::{
    CloseReason, Closed, InputError, InputQueue, MAX_INPUT, MAX_REPLIES, PaneHandler, PaneInput,
    PaneIo, spawn_io,
};
pub use process::{LineState, Pty, PtyControl, PtyReader, PtyWriter, Signal};
pub use shell::{ShellKind, user_shell};
pub use size::WindowSize;
pub use status::ExitStatus;
pub use sys::leave_terminal;

//! What the cross-crate tests share: the program under test, its state read back, its control socket.
//!
//! Every test drives the `terrace` binary as a user would, so it passes or fails on behaviour alone.

mod control;
pub mod display;
pub mod environments;
mod program;
mod screen;
pub mod shell;
pub mod sshd;

pub use control::{Control, RunningSession};
pub use program::{Output, data_folder, dump, dump_all, is_installed, run, terrace};
pub use screen::Screen;

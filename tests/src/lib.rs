//! What the cross-crate tests share: the program under test, its state read back, its control socket.
//!
//! Every test drives the `terrace` binary as a user would, so it passes or fails on behaviour alone.

mod control;
pub mod ctl;
pub mod display;
pub mod environments;
mod program;
mod screen;
pub mod shell;
pub mod sshd;
mod stand_in;
pub mod x11;

pub use control::{Control, RunningSession};
pub use program::{Output, data_folder, dump, dump_all, is_installed, run, terrace};
pub use screen::Screen;
pub use stand_in::{Answer, StandIn, recordings};

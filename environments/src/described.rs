//! Kinds of environment that are data: one TOML file says how a tool lists, enters and changes them.
//!
//! The files that come with Terrace are in `assets/environments`, the user's own in
//! `environments/` beside the configuration file; how they are written is the manual's page
//! "environments-descriptions". A [`Described`] is such a file as a [`crate::Provider`], from outside no
//! other than one in code. Nothing that a listing says is ever parsed by a shell on this machine.

mod acts;
mod broken;
pub mod check;
mod description;
mod failures;
mod fill;
mod here;
pub(crate) mod http;
mod list;
mod output;
mod problem;
mod provider;
mod read;
mod reader;
mod shell;
mod shipped;
mod template;
mod time;
mod value;

pub use broken::Broken;
pub use description::Description;
pub use problem::Problem;
pub use provider::Described;
pub use shipped::{Found, Origin, all, read_file, shipped, users};

impl Description {
    /// Reads a description.
    ///
    /// # Errors
    /// All that is wrong with it, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        match read::read(text) {
            (Some(description), _) => Ok(description),
            (None, problems) => Err(problems),
        }
    }
}

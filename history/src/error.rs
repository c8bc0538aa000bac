//! What can go wrong, by what the caller can do about it.

use std::path::PathBuf;

/// An error of the store or of a reader.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no database yet: nothing was ever stored.
    #[error("there is no history at {} yet; see history.enabled", .0.display())]
    Missing(PathBuf),
    /// The file was written by a newer Terrace: it is read, never written.
    #[error("the history at {} is of a newer Terrace (version {found}); it is read but not written", .path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema's version.
        found: i64,
    },
    /// The folder or file has the wrong owner or mode.
    #[error("{} is open to others; make it yours alone: chmod {mode} {}", .path.display(), .path.display())]
    Open {
        /// The folder or file.
        path: PathBuf,
        /// The mode that it should have.
        mode: &'static str,
    },
    /// The folder cannot be made or the file not opened.
    #[error("cannot use {}: {source}", .path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No block with that identity.
    #[error("no such block: {0}; `terrace blocks list` shows those there are")]
    NoBlock(String),
    /// A filter or a file of another program cannot be read.
    #[error("{0}")]
    Input(String),
    /// SQLite says no.
    #[error("the history cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

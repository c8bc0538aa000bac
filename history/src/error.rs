//! What can go wrong, by what the caller can do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

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
        /// Why. It stands in the message: as a source it would be told twice.
        r#source: std::io::Error,
    },
    /// No block with that identity.
    #[error("no such block: {0}; `terrace blocks list` shows those there are")]
    NoBlock(String),
    /// A filter or a file of another program cannot be read.
    #[error("{0}")]
    Input(String),
    /// The database is broken.
    #[error("the history at {} is damaged ({reason}); Terrace keeps it as {}.damaged-… and begins a new one when it next starts", .path.display(), .path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite says of it.
        reason: String,
    },
    /// SQLite says no. Its sources say the same again.
    #[error("the history cannot be used: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Error {
    /// The same with the database's path, if that is what is broken.
    #[must_use]
    pub fn at(self, path: &Path) -> Self {
        match self {
            Self::Sqlite(error) if is_damage(&error) => Self::Damaged {
                path: path.to_owned(),
                reason: error.to_string(),
            },
            other => other,
        }
    }
}

/// The database itself is broken, as opposed to the way to it.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

//! The blocks that are kept, across sessions and environments: SQLite, search, figures, export.
//!
//! A [`Record`] is one finished (or lost) block as this crate knows it; it depends on no other crate of
//! ours, so the caller translates. [`HistoryStore`] writes records on a thread of its own and never
//! makes its caller wait. [`Reader`] answers questions on a connection that cannot write.
//!
//! Nothing is written before [`redact`] has seen it.
#![forbid(unsafe_code)]

pub mod diff;
mod error;
pub mod export;
pub mod id;
pub mod import;
pub mod json;
pub mod query;
pub mod record;
pub mod redact;
pub mod schema;
pub mod stats;
pub mod store;
pub mod styled;
#[cfg(test)]
mod testing;
pub mod time;
pub mod words;

pub use error::Error;
pub use id::Uid;
pub use query::{Filter, Hit, Reader};
pub use record::{
    CommandText, Exit, Flags, Host, HostKind, Output, Record, Session, State, TextSource, Trust,
};
pub use store::{Annotation, HistoryStore, Notice, Options, Policy, Running, Selection};
pub use words::Pattern;

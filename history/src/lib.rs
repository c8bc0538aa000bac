//! The blocks that are kept, across sessions and environments: SQLite, search, figures, export.
#![forbid(unsafe_code)]

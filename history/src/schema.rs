//! The tables, and how older ones become today's.
//!
//! What stands here and not in the text of a migration:
//! - **A block's rowid is the millisecond in which it began** (the next free one, if several began
//!   together). So "newest first" is the order of the rows and of the index, a span of time is a span of
//!   rowids, and what is imported finds its place between what is there.
//! - **The index has each word once** ([`crate::words`]), and says in which column, not where in it
//!   (`detail=column`). Its column `ctx` holds words made here: `h_1` the host, `d_4` the folder, `p_2`
//!   the project, `s_…` the session, `x_failed`, so that filters are part of the same question: with
//!   them as joins, a common word in a small project had to be looked up row by row.
//! - `counter` knows how many bytes of output there are; adding them up would read the whole file.

use rusqlite::{Connection, TransactionBehavior};

/// The version of the schema that this program writes.
pub const VERSION: i64 = 1;

/// Set on each connection that writes. `auto_vacuum` must come before the first table.
pub(crate) const SETTINGS: &str = "
    PRAGMA auto_vacuum=INCREMENTAL;
    PRAGMA journal_mode=WAL;
    PRAGMA synchronous=NORMAL;
    PRAGMA foreign_keys=ON;
    PRAGMA secure_delete=ON;
    PRAGMA temp_store=MEMORY;
    PRAGMA wal_autocheckpoint=1000;
    PRAGMA journal_size_limit=16777216;
";

/// From each version to the next, beginning with an empty file.
const MIGRATIONS: [&str; 1] = ["
CREATE TABLE host(id INTEGER PRIMARY KEY, name TEXT NOT NULL, user TEXT NOT NULL, kind INTEGER NOT NULL DEFAULT 0,
  machine_id TEXT NOT NULL DEFAULT '', UNIQUE(name,user,kind,machine_id)) STRICT;
CREATE TABLE project(id INTEGER PRIMARY KEY, host_id INTEGER NOT NULL REFERENCES host(id) ON DELETE CASCADE,
  root TEXT NOT NULL, UNIQUE(host_id,root)) STRICT;
CREATE TABLE dir(id INTEGER PRIMARY KEY, host_id INTEGER NOT NULL REFERENCES host(id) ON DELETE CASCADE, path TEXT NOT NULL,
  project_id INTEGER REFERENCES project(id) ON DELETE SET NULL, UNIQUE(host_id,path)) STRICT;
CREATE INDEX dir_project ON dir(project_id) WHERE project_id IS NOT NULL;
CREATE TABLE session(id BLOB PRIMARY KEY, parent BLOB REFERENCES session(id) ON DELETE SET NULL, host_id INTEGER NOT NULL REFERENCES host(id),
  shell TEXT NOT NULL, started_us INTEGER NOT NULL, ended_us INTEGER, pane TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX session_parent ON session(parent) WHERE parent IS NOT NULL;
CREATE INDEX session_host ON session(host_id);
CREATE TABLE command(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE block(id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE,
  session_id BLOB NOT NULL REFERENCES session(id) ON DELETE CASCADE, parent_id INTEGER REFERENCES block(id) ON DELETE SET NULL,
  seq INTEGER NOT NULL, command_id INTEGER REFERENCES command(id), dir_id INTEGER REFERENCES dir(id),
  started_us INTEGER NOT NULL, duration_us INTEGER, exit_status INTEGER, exit_signal INTEGER, pipestatus TEXT,
  state INTEGER NOT NULL, trust INTEGER NOT NULL, text_src INTEGER NOT NULL, flags INTEGER NOT NULL DEFAULT 0,
  git TEXT, name TEXT, note TEXT, out_lines INTEGER NOT NULL DEFAULT 0, out_bytes INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX block_parent ON block(parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX block_session ON block(session_id, seq);
CREATE INDEX block_dir ON block(dir_id, started_us);
CREATE INDEX block_cmd ON block(command_id, started_us);
CREATE INDEX block_time ON block(started_us);
CREATE INDEX block_failed ON block(started_us) WHERE exit_status <> 0;
CREATE INDEX block_marked ON block(started_us) WHERE flags & 1;
CREATE TABLE output(block_id INTEGER PRIMARY KEY REFERENCES block(id) ON DELETE CASCADE, codec INTEGER NOT NULL,
  head BLOB NOT NULL, tail BLOB, dropped_lines INTEGER NOT NULL DEFAULT 0, dropped_bytes INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES('output_bytes', 0);
CREATE VIRTUAL TABLE block_fts USING fts5(cmd, out, ctx, content='', contentless_delete=1, detail=column,
  tokenize=\"ascii tokenchars '_'\", prefix='3');
CREATE VIRTUAL TABLE command_tri USING fts5(text, content='command', content_rowid='id', tokenize='trigram', detail=none);
CREATE TRIGGER command_ai AFTER INSERT ON command BEGIN INSERT INTO command_tri(rowid,text) VALUES(new.id,new.text); END;
CREATE TRIGGER command_ad AFTER DELETE ON command BEGIN INSERT INTO command_tri(command_tri,rowid,text) VALUES('delete',old.id,old.text); END;
CREATE TRIGGER block_ad AFTER DELETE ON block BEGIN DELETE FROM block_fts WHERE rowid=old.id; END;
CREATE TRIGGER output_ai AFTER INSERT ON output BEGIN
  UPDATE counter SET value = value + length(new.head) + ifnull(length(new.tail),0) WHERE name='output_bytes'; END;
CREATE TRIGGER output_ad AFTER DELETE ON output BEGIN
  UPDATE counter SET value = value - length(old.head) - ifnull(length(old.tail),0) WHERE name='output_bytes'; END;
"];

/// The version of an open database.
///
/// # Errors
/// When the file is no database.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a database to [`VERSION`]; one that is newer stays as it is. Two programs may do so at once.
///
/// # Errors
/// When the file cannot be written or is no database.
pub(crate) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    if version(connection)? >= VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from = version(&transaction)?;
    for (idx, step) in MIGRATIONS.iter().enumerate() {
        let to = idx as i64 + 1;
        if from < to {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", to)?;
        }
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_made_in_one_go_and_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SETTINGS).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), VERSION);
        migrate(&mut connection).unwrap();
        let vacuum: i64 = connection
            .query_row("PRAGMA auto_vacuum", [], |row| row.get(0))
            .unwrap();
        assert_eq!(vacuum, 2);
    }

    #[test]
    fn a_newer_database_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), 99);
    }
}

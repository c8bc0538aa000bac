//! atuin's `history.db`: the table `history`, times in nanoseconds, `hostname` as `host:user`, an exit
//! status of −1 where it is not known.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::Entry;
use crate::error::Error;

/// Reads the database, the oldest command first.
pub(super) fn read(path: &Path) -> Result<Vec<Entry>, Error> {
    let wrong = |error: rusqlite::Error| {
        Error::Input(format!(
            "{} is not atuin's database: {error}",
            path.display()
        ))
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(wrong)?;
    connection
        .busy_timeout(std::time::Duration::from_secs(5))
        .map_err(wrong)?;
    // Old versions have no deleted_at.
    let deletes = connection
        .prepare("SELECT deleted_at FROM history LIMIT 0")
        .is_ok();
    let condition = if deletes {
        "WHERE deleted_at IS NULL"
    } else {
        ""
    };
    let sql = format!(
        "SELECT command, timestamp, duration, exit, cwd, session, hostname FROM history {condition} ORDER BY timestamp"
    );
    let mut statement = connection.prepare(&sql).map_err(wrong)?;
    let rows = statement
        .query_map([], |row| {
            let started: i64 = row.get(1)?;
            let duration: i64 = row.get(2)?;
            let status: i64 = row.get(3)?;
            let host: String = row.get(6)?;
            Ok(Entry {
                command: row.get(0)?,
                started_us: Some(started / 1000),
                duration_us: u64::try_from(duration).ok().map(|nanos| nanos / 1000),
                status: (status >= 0).then(|| u8::try_from(status & 255).unwrap_or(0)),
                folder: row.get(4)?,
                session: row.get(5)?,
                host: host
                    .split_once(':')
                    .map(|(host, user)| (host.to_owned(), user.to_owned())),
            })
        })
        .map_err(wrong)?;
    rows.collect::<Result<_, _>>().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_with_their_units() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE history(id text primary key, timestamp integer not null, duration integer not null, exit integer not null,
                   command text not null, cwd text not null, session text not null, hostname text not null, deleted_at integer);
                 INSERT INTO history VALUES('1', 1700000000123456789, 2500000000, 3, 'make', '/src', 's', 'desk:me', NULL);
                 INSERT INTO history VALUES('2', 1700000001000000000, -1, -1, 'gone', '/src', 's', 'desk:me', 5);
                 INSERT INTO history VALUES('3', 1700000002000000000, -1, -1, 'ls', 'unknown', 's', 'desk:me', NULL);",
            )
            .unwrap();
        let entries = read(&path).unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].started_us, Some(1_700_000_000_123_456));
        assert_eq!(entries[0].duration_us, Some(2_500_000));
        assert_eq!(entries[0].status, Some(3));
        assert_eq!(entries[0].host, Some(("desk".to_owned(), "me".to_owned())));
        assert_eq!((entries[1].duration_us, entries[1].status), (None, None));
        std::fs::write(&path, "no database").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("not atuin's"));
    }
}

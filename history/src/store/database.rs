//! The connection that writes: opening, storing, annotating.

use std::collections::HashMap;
use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params,
};

use crate::error::Error;
use crate::id::Uid;
use crate::record::{Flags, Host, Output, Record, Session};
use crate::schema;
use crate::time::{micros, millis};
use crate::words;

/// How long to wait for another program that writes.
const BUSY: Duration = Duration::from_secs(5);
/// Output shorter than this is not worth compressing.
const MIN_COMPRESSED: usize = 256;
/// zstd's level: the fastest of its ordinary ones.
const LEVEL: i32 = 1;
/// Entries of a cache of ids; beyond it begins anew.
const MAX_CACHED: usize = 4096;

/// A change to what the user said of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Annotation {
    /// Whether it is bookmarked.
    Bookmark(bool),
    /// Its name; empty: none.
    Name(String),
    /// Its note; empty: none.
    Note(String),
}

/// Ids of folders and their projects, by host, path and the project's root.
type Folders = HashMap<(i64, String, Option<String>), (i64, Option<i64>)>;

/// The database, open for writing.
#[derive(Debug)]
pub(crate) struct Database {
    pub(super) connection: Connection,
    hosts: HashMap<Host, i64>,
    dirs: Folders,
    commands: HashMap<String, i64>,
    sessions: HashMap<Uid, i64>,
    /// Blocks stored before the block inside which they ran.
    children: HashMap<Uid, Vec<i64>>,
}

/// Makes the folder, for its owner alone; refuses one that is open to others.
pub(crate) fn prepare_folder(folder: &Path) -> Result<(), Error> {
    let io = |source| Error::Io {
        path: folder.to_owned(),
        source,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(io)?;
    let mode = std::fs::metadata(folder).map_err(io)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::Open {
            path: folder.to_owned(),
            mode: "700",
        });
    }
    Ok(())
}

/// Opens or makes a file that only its owner reads.
pub(crate) fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Makes a database's file, for its owner alone, where there is none; SQLite gives its other files the same mode.
///
/// One that is there is not opened: with the first descriptor of a file that a process closes, the system takes away
/// all of the process's locks on it (fcntl(2), POSIX), those of SQLite's other connections too.
fn private_database(path: &Path) -> std::io::Result<()> {
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match created {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
            }
            Ok(())
        }
        created => created.map(drop),
    }
}

impl Database {
    /// Opens the database, making it where there is none; `checked`: look through it first, because its
    /// last writer ended badly.
    pub(crate) fn open(path: &Path, checked: bool) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            prepare_folder(folder)?;
        }
        private_database(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        let found = schema::version(&connection)?;
        if found > schema::VERSION {
            return Err(Error::Newer {
                path: path.to_owned(),
                found,
            });
        }
        connection.execute_batch(schema::SETTINGS)?;
        connection.set_prepared_statement_cache_capacity(64);
        schema::migrate(&mut connection)?;
        if checked {
            let verdict: String =
                connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if verdict != "ok" {
                return Err(Error::Sqlite(corrupt(&verdict)));
            }
        }
        Ok(Self {
            connection,
            hosts: HashMap::new(),
            dirs: HashMap::new(),
            commands: HashMap::new(),
            sessions: HashMap::new(),
            children: HashMap::new(),
        })
    }

    /// Stores redacted records in one transaction; those that are there already are left out. Returns
    /// how many are new.
    pub(crate) fn store(&mut self, records: &[Record]) -> rusqlite::Result<usize> {
        let mut order: Vec<&Record> = records.iter().collect();
        // The index takes rows in ascending order at once; any other order makes it write early.
        order.sort_by_key(|record| record.started);
        let result = self.store_sorted(&order);
        if result.is_err() {
            // Ids that were rolled back must not be used.
            self.forget_ids();
        }
        result
    }

    /// Forgets the ids that it remembers: rows may have gone.
    pub(super) fn forget_ids(&mut self) {
        self.hosts.clear();
        self.dirs.clear();
        self.commands.clear();
        self.sessions.clear();
    }

    fn store_sorted(&mut self, records: &[&Record]) -> rusqlite::Result<usize> {
        let Self {
            connection,
            hosts,
            dirs,
            commands,
            sessions,
            children,
        } = self;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut writer = Writer {
            transaction: &transaction,
            hosts,
            dirs,
            commands,
            sessions,
            children,
        };
        let mut stored = 0;
        for record in records {
            stored += usize::from(writer.record(record)?);
        }
        transaction.commit()?;
        Ok(stored)
    }

    /// Changes what the user said of a block; `false` if there is no such block.
    pub(crate) fn annotate(&mut self, uid: Uid, change: &Annotation) -> rusqlite::Result<bool> {
        let connection = &self.connection;
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let changed = match change {
            Annotation::Bookmark(true) => connection.execute(
                "UPDATE block SET flags = flags | ?2 WHERE uid = ?1",
                params![uid.0, Flags::BOOKMARK.0],
            ),
            Annotation::Bookmark(false) => connection.execute(
                "UPDATE block SET flags = flags & ~?2 WHERE uid = ?1",
                params![uid.0, Flags::BOOKMARK.0],
            ),
            Annotation::Name(name) => connection.execute(
                "UPDATE block SET name = ?2 WHERE uid = ?1",
                params![uid.0, text(name)],
            ),
            Annotation::Note(note) => connection.execute(
                "UPDATE block SET note = ?2 WHERE uid = ?1",
                params![uid.0, text(note)],
            ),
        }?;
        Ok(changed > 0)
    }

    /// Notes when a shell ended.
    pub(crate) fn end_session(&mut self, uid: Uid, ended_us: i64) -> rusqlite::Result<()> {
        self.connection.execute(
            "UPDATE session SET ended_us = ?2 WHERE id = ?1",
            params![uid.0, ended_us],
        )?;
        Ok(())
    }
}

/// An error as SQLite gives it for a damaged file.
pub(crate) fn corrupt(reason: &str) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
        Some(reason.to_owned()),
    )
}

/// One transaction's view of the tables, with the ids that are known already.
struct Writer<'a> {
    transaction: &'a Transaction<'a>,
    hosts: &'a mut HashMap<Host, i64>,
    dirs: &'a mut Folders,
    commands: &'a mut HashMap<String, i64>,
    sessions: &'a mut HashMap<Uid, i64>,
    children: &'a mut HashMap<Uid, Vec<i64>>,
}

impl Writer<'_> {
    /// Stores one record; `false` if it was there.
    fn record(&mut self, record: &Record) -> rusqlite::Result<bool> {
        if self.is_known(record.uid)? {
            return Ok(false);
        }
        let host = self.host(&record.session.host)?;
        self.session(&record.session, host)?;
        let dir = match &record.folder {
            Some(folder) => Some(self.dir(host, folder, record.project.as_deref())?),
            None => None,
        };
        let text = record.command.text.as_str();
        let command = if text.is_empty() {
            None
        } else {
            Some(self.command(text)?)
        };
        let id = self.free_id(millis(record.started))?;
        let parent = match record.parent {
            Some(parent) => self.id_of(parent)?,
            None => None,
        };
        let pipe = (!record.exit.pipe.is_empty()).then(|| {
            let codes: Vec<String> = record.exit.pipe.iter().map(u8::to_string).collect();
            codes.join("|")
        });
        let mut flags = record.flags;
        if record.output.dropped_bytes > 0 || record.output.dropped_lines > 0 {
            flags.insert(Flags::TRUNCATED);
        }
        self.transaction
            .prepare_cached(
                "INSERT INTO block(id,uid,session_id,parent_id,seq,command_id,dir_id,started_us,duration_us,exit_status,
                 exit_signal,pipestatus,state,trust,text_src,flags,git,name,note,out_lines,out_bytes)
                 VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21)",
            )?
            .execute(params![
                id,
                record.uid.0,
                record.session.uid.0,
                parent,
                record.seq,
                command,
                dir.map(|(dir, _)| dir),
                micros(record.started),
                record.duration.map(|time| i64::try_from(time.as_micros()).unwrap_or(i64::MAX)),
                record.exit.status,
                record.exit.signal,
                pipe,
                record.state.number(),
                record.trust.number(),
                record.command.source.number(),
                flags.0,
                record.git,
                record.name,
                record.note,
                count(record.output.lines),
                count(record.output.bytes),
            ])?;
        self.output(id, &record.output)?;
        self.join_family(id, record, parent)?;
        let context = Context {
            host,
            dir: dir.map(|(dir, _)| dir),
            project: dir.and_then(|(_, project)| project),
            session: record.session.uid,
            failed: record.exit.status.is_some_and(|status| status != 0),
        };
        let words = if record.output.is_empty() {
            String::new()
        } else {
            words::of_output(&record.output)
        };
        self.transaction
            .prepare_cached("INSERT INTO block_fts(rowid,cmd,out,ctx) VALUES(?1,?2,?3,?4)")?
            .execute(params![id, words::distinct(text), words, context.words()])?;
        Ok(true)
    }

    /// A block inside another ends before it: the inner ones learn their parent when it is stored.
    fn join_family(
        &mut self,
        id: i64,
        record: &Record,
        parent: Option<i64>,
    ) -> rusqlite::Result<()> {
        if let (Some(outer), None) = (record.parent, parent) {
            if self.children.len() >= MAX_CACHED {
                self.children.clear();
            }
            self.children.entry(outer).or_default().push(id);
        }
        for child in self.children.remove(&record.uid).unwrap_or_default() {
            self.transaction
                .prepare_cached("UPDATE block SET parent_id = ?2 WHERE id = ?1")?
                .execute([child, id])?;
        }
        Ok(())
    }

    fn is_known(&self, uid: Uid) -> rusqlite::Result<bool> {
        Ok(self.id_of(uid)?.is_some())
    }

    fn id_of(&self, uid: Uid) -> rusqlite::Result<Option<i64>> {
        self.transaction
            .prepare_cached("SELECT id FROM block WHERE uid = ?1")?
            .query_row([uid.0], |row| row.get(0))
            .optional()
    }

    /// The first id from `wanted` that no block has.
    fn free_id(&self, wanted: i64) -> rusqlite::Result<i64> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT id FROM block WHERE id >= ?1 ORDER BY id LIMIT 1024")?;
        let mut id = wanted.max(1);
        loop {
            let mut rows = statement.query([id])?;
            let mut taken = 0;
            while let Some(row) = rows.next()? {
                if row.get::<_, i64>(0)? != id {
                    return Ok(id);
                }
                id += 1;
                taken += 1;
            }
            if taken < 1024 {
                return Ok(id);
            }
        }
    }

    fn host(&mut self, host: &Host) -> rusqlite::Result<i64> {
        if let Some(id) = self.hosts.get(host) {
            return Ok(*id);
        }
        let values = params![host.name, host.user, host.kind.number(), host.machine_id];
        self.transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO host(name,user,kind,machine_id) VALUES(?1,?2,?3,?4)",
            )?
            .execute(values)?;
        let id = self
            .transaction
            .prepare_cached(
                "SELECT id FROM host WHERE name=?1 AND user=?2 AND kind=?3 AND machine_id=?4",
            )?
            .query_row(values, |row| row.get(0))?;
        remember(self.hosts, host.clone(), id);
        Ok(id)
    }

    fn session(&mut self, session: &Session, host: i64) -> rusqlite::Result<()> {
        if self.sessions.contains_key(&session.uid) {
            return Ok(());
        }
        let parent: Option<Vec<u8>> = match session.parent {
            Some(parent) => self
                .transaction
                .prepare_cached("SELECT id FROM session WHERE id = ?1")?
                .query_row([parent.0], |row| row.get(0))
                .optional()?,
            None => None,
        };
        self.transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO session(id,parent,host_id,shell,started_us,pane) VALUES(?1,?2,?3,?4,?5,?6)",
            )?
            .execute(params![
                session.uid.0,
                parent,
                host,
                session.shell,
                micros(session.started),
                session.pane
            ])?;
        remember(self.sessions, session.uid, host);
        Ok(())
    }

    /// The ids of a folder and of its project.
    fn dir(
        &mut self,
        host: i64,
        path: &str,
        root: Option<&str>,
    ) -> rusqlite::Result<(i64, Option<i64>)> {
        let key = (host, path.to_owned(), root.map(str::to_owned));
        if let Some(ids) = self.dirs.get(&key) {
            return Ok(*ids);
        }
        let project: Option<i64> = match root {
            Some(root) => {
                self.transaction
                    .prepare_cached("INSERT OR IGNORE INTO project(host_id,root) VALUES(?1,?2)")?
                    .execute(params![host, root])?;
                self.transaction
                    .prepare_cached("SELECT id FROM project WHERE host_id=?1 AND root=?2")?
                    .query_row(params![host, root], |row| row.get(0))
                    .optional()?
            }
            None => None,
        };
        let id = self
            .transaction
            .prepare_cached(
                "INSERT INTO dir(host_id,path,project_id) VALUES(?1,?2,?3)
                 ON CONFLICT(host_id,path) DO UPDATE SET project_id = ifnull(excluded.project_id, project_id) RETURNING id",
            )?
            .query_row(params![host, path, project], |row| row.get(0))?;
        remember(self.dirs, key, (id, project));
        Ok((id, project))
    }

    fn command(&mut self, text: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.commands.get(text) {
            return Ok(*id);
        }
        let known = self
            .transaction
            .prepare_cached("SELECT id FROM command WHERE text = ?1")?
            .query_row([text], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => self
                .transaction
                .prepare_cached("INSERT INTO command(text) VALUES(?1) RETURNING id")?
                .query_row([text], |row| row.get(0))?,
        };
        if text.len() < 1024 {
            remember(self.commands, text.to_owned(), id);
        }
        Ok(id)
    }

    fn output(&self, id: i64, output: &Output) -> rusqlite::Result<()> {
        if output.is_empty() && output.dropped_bytes == 0 {
            return Ok(());
        }
        let compressed = (output.size() >= MIN_COMPRESSED)
            .then(|| {
                let head = zstd::bulk::compress(&output.head, LEVEL).ok()?;
                let tail = zstd::bulk::compress(&output.tail, LEVEL).ok()?;
                Some((head, tail))
            })
            .flatten();
        let (codec, head, tail) = match &compressed {
            Some((head, tail)) => (1, head, tail),
            None => (0, &output.head, &output.tail),
        };
        let tail = (!output.tail.is_empty()).then_some(tail);
        self.transaction
            .prepare_cached(
                "INSERT INTO output(block_id,codec,head,tail,dropped_lines,dropped_bytes) VALUES(?1,?2,?3,?4,?5,?6)",
            )?
            .execute(params![
                id,
                codec,
                head,
                tail,
                count(output.dropped_lines),
                count(output.dropped_bytes)
            ])?;
        Ok(())
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn remember<K: std::hash::Hash + Eq, V>(cache: &mut HashMap<K, V>, key: K, value: V) {
    if cache.len() >= MAX_CACHED {
        cache.clear();
    }
    cache.insert(key, value);
}

/// What filters ask of a block, as words of the index's column `ctx`.
pub(crate) struct Context {
    pub(crate) host: i64,
    pub(crate) dir: Option<i64>,
    pub(crate) project: Option<i64>,
    pub(crate) session: Uid,
    pub(crate) failed: bool,
}

impl Context {
    pub(crate) fn words(&self) -> String {
        let mut words = format!(
            "h_{} s_{}",
            self.host,
            self.session.to_string().to_lowercase()
        );
        if let Some(dir) = self.dir {
            words.push_str(&format!(" d_{dir}"));
        }
        if let Some(project) = self.project {
            words.push_str(&format!(" p_{project}"));
        }
        if self.failed {
            words.push_str(" x_failed");
        }
        words
    }
}

/// The file's name beside which a damaged one is put.
pub(crate) fn aside(path: &Path, stamp: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".damaged-{stamp}"));
    path.with_file_name(name)
}

//! The thread that writes: batches, and what is done when the disk says no.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crossbeam::channel::Sender;
use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

use super::database::{Database, aside};
use super::journal::{Journal, Orphan, orphans};
use super::queue::{Batch, Job, Queue};
use super::{Notice, Options, tag};
use crate::error::{Error, is_damage};
use crate::id::Uid;
use crate::record::Record;
use crate::time::{Civil, micros};

/// Pause before writing is tried again: the first, and the longest.
const RETRY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(20));
/// Age and size are looked at after so many blocks.
const RETAIN_EVERY: usize = 100;
/// Attempts at the end of the program.
const LAST_ATTEMPTS: u32 = 2;
/// How long to wait at the end for others to let the write-ahead log go.
const LAST_WAIT: Duration = Duration::from_millis(500);

/// Runs until the queue is closed.
pub(super) fn run(queue: &Queue, options: Options, notify: &dyn Fn(Notice)) {
    Writer {
        queue,
        journal: Journal::new(&options.folder, options.max_block_bytes),
        options,
        notify,
        database: None,
        trouble: None,
        since_retention: RETAIN_EVERY,
        read_only: false,
        unkept: Vec::new(),
        told: None,
    }
    .run();
}

/// Why nothing could be written; it is over when something was.
struct Trouble {
    reason: String,
    wait: Duration,
    until: Instant,
    attempts: u32,
}

struct Writer<'a> {
    queue: &'a Queue,
    options: Options,
    notify: &'a dyn Fn(Notice),
    database: Option<Database>,
    journal: Journal,
    trouble: Option<Trouble>,
    since_retention: usize,
    /// The file is of a newer version: nothing is written, ever.
    read_only: bool,
    /// What runs and could not be kept when it was last tried.
    unkept: Vec<Uid>,
    /// Why the history pauses, as it was told last.
    told: Option<String>,
}

impl Writer<'_> {
    fn run(mut self) {
        self.open();
        loop {
            if let Some(trouble) = &self.trouble {
                self.queue.pause(trouble.until);
                self.open();
            }
            let more = self.retention_is_due();
            let deadline = more.then(Instant::now);
            let batch = self.queue.next(deadline);
            let closed = batch.closed;
            let idle = batch.jobs.is_empty();
            self.work(batch);
            if idle && more {
                self.retain();
            }
            let given_up = self
                .trouble
                .as_ref()
                .is_some_and(|trouble| trouble.attempts >= LAST_ATTEMPTS);
            // What could not be written is in the queue again: then it is not idle.
            if closed && (self.trouble.is_none() || idle || given_up || self.read_only) {
                break;
            }
        }
        self.checkpoint();
    }

    /// Puts what is in the write-ahead log into the database: another connection that is still open, such as the
    /// window's that reads, would keep SQLite from doing it when this one is closed.
    fn checkpoint(&self) {
        let Some(database) = &self.database else {
            return;
        };
        let connection = &database.connection;
        let busy = connection.busy_timeout(LAST_WAIT).and_then(|()| {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, bool>(0)
            })
        });
        match busy {
            Ok(false) => {}
            Ok(true) => tracing::debug!("the history's log stays: others read it"),
            Err(error) => tracing::warn!("the history's log stays: {error}"),
        }
    }

    fn retention_is_due(&self) -> bool {
        self.since_retention >= RETAIN_EVERY && self.database.is_some() && self.trouble.is_none()
    }

    /// Opens the database if it is not open, with what a process that ended badly left.
    fn open(&mut self) {
        if self.database.is_some() || self.read_only {
            return;
        }
        let path = self.options.file();
        let left = orphans(&self.options.folder, self.options.max_block_bytes);
        match self.open_or_begin_anew(&path, !left.is_empty()) {
            Ok(database) => {
                self.database = Some(database);
                self.tag();
                // Opening it writes nothing: whether the trouble is over is known by the next write.
                self.recover(left);
            }
            Err(error @ Error::Newer { .. }) => {
                self.read_only = true;
                self.trouble = None;
                (self.notify)(Notice::ReadOnly(error.to_string()));
            }
            Err(error) => self.paused(&error),
        }
    }

    /// Marks the folder for backup programs, or not.
    fn tag(&self) {
        if let Err(error) = tag::set(&self.options.folder, !self.options.backups) {
            tracing::warn!("{} in the history's folder: {error}", tag::NAME);
        }
    }

    fn open_or_begin_anew(&self, path: &Path, checked: bool) -> Result<Database, Error> {
        match Database::open(path, checked) {
            Err(Error::Sqlite(error)) if is_damage(&error) => {
                self.set_aside(path, &error)?;
                Database::open(path, false)
            }
            other => other,
        }
    }

    /// Keeps a damaged database under another name.
    fn set_aside(&self, path: &Path, error: &rusqlite::Error) -> Result<(), Error> {
        let now = micros(SystemTime::now()).div_euclid(1_000_000);
        let stamp = Civil::from_seconds(now)
            .to_string()
            .replace([' ', ':'], "-");
        let to = aside(path, &stamp);
        std::fs::rename(path, &to).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })?;
        for suffix in ["-wal", "-shm"] {
            let with = |path: &Path| {
                let mut name = path.as_os_str().to_os_string();
                name.push(suffix);
                PathBuf::from(name)
            };
            // They belong to the damaged file: the new one must not read them.
            let _ = std::fs::rename(with(path), with(&to));
        }
        (self.notify)(Notice::SetAside {
            path: to,
            reason: error.to_string(),
        });
        Ok(())
    }

    fn recover(&mut self, left: Vec<Orphan>) {
        let mut recovered = 0;
        for orphan in left {
            let mut records = orphan.records.clone();
            // What is in the file was redacted by the rules of its time; rules only get stricter.
            self.prepare(&mut records);
            match self.store(&records) {
                Ok(stored) => {
                    recovered += stored;
                    orphan.remove();
                }
                Err(()) => return,
            }
        }
        if recovered > 0 {
            (self.notify)(Notice::Recovered(recovered));
        }
    }

    /// Bounds and redacts; leaves out what is not to be stored.
    fn prepare(&self, records: &mut Vec<Record>) {
        records.retain(|record| self.options.policy.keeps(record));
        for record in records {
            record.output.bound(self.options.max_block_bytes);
            self.options.policy.redactor().redact_record(record);
        }
    }

    fn work(&mut self, batch: Batch) {
        if batch.dropped != (0, 0) {
            let (outputs, blocks) = batch.dropped;
            (self.notify)(Notice::Dropped { outputs, blocks });
        }
        let mut records: Vec<Record> = Vec::new();
        for job in batch.jobs {
            if let Job::Insert(record) = job {
                records.push(*record);
                continue;
            }
            // Everything else sees what was inserted before it.
            if !matches!(job, Job::Running(_)) {
                self.write(std::mem::take(&mut records));
            }
            self.other(job);
        }
        self.write(records);
    }

    fn write(&mut self, mut records: Vec<Record>) {
        if records.is_empty() {
            return;
        }
        let over: Vec<_> = records.iter().map(|record| record.uid).collect();
        self.prepare(&mut records);
        let stored = match self.read_only {
            true => Ok(0),
            false => self.store(&records),
        };
        let Ok(stored) = stored else {
            self.queue.put_back(records);
            return;
        };
        for uid in over {
            self.journal_ended(uid);
        }
        if stored > 0 {
            self.resumed();
        }
    }

    fn store(&mut self, records: &[Record]) -> Result<usize, ()> {
        let Some(database) = &mut self.database else {
            return Err(());
        };
        let mut result = database.store(records);
        if let Err(error) = result {
            self.failed(error);
            // A damaged database was replaced by a new one: that one takes them.
            let Some(database) = &mut self.database else {
                return Err(());
            };
            result = database.store(records);
        }
        match result {
            Ok(stored) => {
                self.since_retention += stored;
                if stored > 0 {
                    self.written();
                }
                Ok(stored)
            }
            Err(error) => {
                self.failed(error);
                Err(())
            }
        }
    }

    /// Something was written to the database.
    fn written(&mut self) {
        self.trouble = None;
        self.resumed();
    }

    /// Tells that writing goes on, if it was told that it does not.
    fn resumed(&mut self) {
        if self.trouble.is_none() && self.unkept.is_empty() && self.told.take().is_some() {
            (self.notify)(Notice::Resumed);
        }
    }

    /// Tells why writing pauses, once.
    fn tell(&mut self, reason: &str) {
        if self.told.as_deref() != Some(reason) {
            self.told = Some(reason.to_owned());
            (self.notify)(Notice::Paused(reason.to_owned()));
        }
    }

    /// Writing failed: a damaged database is replaced, anything else means a pause.
    fn failed(&mut self, error: rusqlite::Error) {
        self.database = None;
        if is_damage(&error) {
            let path = self.options.file();
            match self
                .set_aside(&path, &error)
                .and_then(|()| Database::open(&path, false))
            {
                Ok(database) => self.database = Some(database),
                Err(error) => self.paused(&error),
            }
        } else {
            self.paused(&Error::Sqlite(error));
        }
    }

    fn paused(&mut self, error: &Error) {
        let reason = explain(error, &self.options.file());
        let (wait, attempts) = match &self.trouble {
            Some(trouble) => ((trouble.wait * 2).min(RETRY.1), trouble.attempts + 1),
            None => (RETRY.0, 1),
        };
        self.tell(&reason);
        self.trouble = Some(Trouble {
            reason,
            wait,
            until: Instant::now() + wait,
            attempts,
        });
    }

    fn other(&mut self, job: Job) {
        match job {
            Job::Insert(_) => {}
            Job::Running(running) => {
                let wanted = running
                    .begin
                    .as_ref()
                    .is_none_or(|record| self.options.policy.keeps(record));
                if wanted && !self.read_only {
                    let uid = running.uid;
                    let written = self.journal.write(running, self.options.policy.redactor());
                    self.journal_written(uid, written);
                }
            }
            Job::Abandon(uid) => {
                self.journal_ended(uid);
            }
            Job::EndSession(uid, at) => {
                if let Some(database) = &mut self.database
                    && let Err(error) = database.end_session(uid, micros(at))
                {
                    self.failed(error);
                }
            }
            Job::Annotate(uid, mut change, answer) => {
                self.redact_annotation(&mut change);
                self.answer(&answer, |database, _| database.annotate(uid, &change));
            }
            Job::Forget(selection, answer) => {
                self.answer(&answer, |database, _| database.forget(&selection));
            }
            Job::Prune(answer) => {
                self.answer(&answer, |database, options| {
                    database.prune(options, SystemTime::now())
                });
            }
            Job::Flush(answer) => self.answer(&answer, |_, _| Ok(())),
            Job::SetOptions(options) => {
                let folder = self.options.folder.clone();
                self.options = Options { folder, ..*options };
                self.tag();
                self.since_retention = RETAIN_EVERY;
            }
        }
    }

    fn redact_annotation(&self, change: &mut super::Annotation) {
        if let super::Annotation::Name(text) | super::Annotation::Note(text) = change {
            *text = self.options.policy.redactor().redact(text).into_owned();
        }
    }

    /// Does what somebody waits for and tells how it went.
    fn answer<T>(
        &mut self,
        to: &Sender<Result<T, Error>>,
        what: impl FnOnce(&mut Database, &Options) -> rusqlite::Result<T>,
    ) {
        let result = match (&mut self.database, &self.trouble) {
            (Some(database), _) => what(database, &self.options),
            (_, Some(trouble)) => {
                let _ = to.send(Err(Error::Input(trouble.reason.clone())));
                return;
            }
            (None, None) => {
                let reason = "the history is not written: it is of a newer Terrace".to_owned();
                let _ = to.send(Err(Error::Input(reason)));
                return;
            }
        };
        let answer = result.map_err(|error| {
            let reason = explain(&Error::Sqlite(copy(&error)), &self.options.file());
            self.failed(error);
            Error::Input(reason)
        });
        // Who asked may have gone.
        let _ = to.send(answer);
    }

    fn retain(&mut self) {
        let Some(database) = &mut self.database else {
            return;
        };
        match database.retain(&self.options, SystemTime::now()) {
            Ok(Some(_)) => {}
            Ok(None) => self.since_retention = 0,
            Err(error) => {
                self.since_retention = 0;
                self.failed(error);
            }
        }
    }

    fn journal_ended(&mut self, uid: Uid) {
        self.unkept.retain(|one| *one != uid);
        if let Err(error) = self.journal.end(uid) {
            // It may come back as lost beside its stored self, which is known by its id and left out.
            tracing::warn!("the journal of running commands: {error}");
        }
    }

    /// What runs was kept or not; the first failure is told, and its end.
    fn journal_written(&mut self, uid: Uid, result: std::io::Result<()>) {
        let before = self.unkept.len();
        self.unkept.retain(|one| *one != uid);
        match result {
            Err(source) => {
                self.unkept.push(uid);
                let path = self.options.folder.clone();
                let reason = explain(&Error::Io { path, source }, &self.options.file());
                self.tell(&reason);
            }
            Ok(()) if self.unkept.len() < before => self.resumed(),
            Ok(()) => {}
        }
    }
}

/// The same error once more: errors of SQLite cannot be copied.
fn copy(error: &rusqlite::Error) -> rusqlite::Error {
    match error {
        rusqlite::Error::SqliteFailure(code, text) => {
            rusqlite::Error::SqliteFailure(*code, text.clone())
        }
        other => super::database::corrupt(&other.to_string()),
    }
}

/// What is wrong and what helps.
fn explain(error: &Error, path: &Path) -> String {
    let path = path.display();
    let full = || format!("the disk of {path} is full; make room there");
    let sqlite = match error {
        Error::Sqlite(sqlite) => sqlite,
        Error::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            return full();
        }
        error => return error.to_string(),
    };
    // The file by which programs share the database has no place.
    if sqlite.sqlite_error().map(|error| error.extended_code) == Some(SQLITE_IOERR_SHMSIZE) {
        return full();
    }
    match sqlite.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => full(),
        Some(ErrorCode::ReadOnly) => {
            format!("{path} cannot be written; check its mode and its disk")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("{path} is locked by another program")
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            format!("{path} cannot be opened; check its mode and its folder")
        }
        Some(ErrorCode::SystemIoFailure) => format!("the disk of {path} gives errors: {sqlite}"),
        _ => format!("{path}: {sqlite}"),
    }
}

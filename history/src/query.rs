//! [`Reader`]: questions about what is stored, on a connection that cannot write.
//!
//! A search goes newest first and stops when it has enough. Words and most filters are one question to
//! the word index; what the index cannot tell is checked on the texts. Any question can be interrupted
//! from another thread ([`Reader::interrupter`]), so that the next key need not wait for the last.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use crate::error::Error;
use crate::id::Uid;
use crate::record::{
    CommandText, Exit, Flags, Host, HostKind, Output, Record, Session, State, TextSource, Trust,
};
use crate::schema;
use crate::time::from_micros;
use crate::words::Pattern;

pub(crate) mod conditions;
mod search;
mod texts;

/// Bytes of one output that are looked through for a line to show.
const MAX_SNIPPET: usize = 1 << 20;
/// Characters of a line that is shown.
const MAX_LINE: usize = 400;
/// Digits of a block's short name.
const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Which blocks are sought. Everything that is set must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Words of the command or the output.
    pub text: Pattern,
    /// The host's name.
    pub host: Option<String>,
    /// What the host is.
    pub kind: Option<HostKind>,
    /// The folder, or one above it.
    pub folder: Option<String>,
    /// The project: its root, or the last part of it.
    pub project: Option<String>,
    /// The session.
    pub session: Option<Uid>,
    /// The command's whole text.
    pub command: Option<String>,
    /// Only what failed.
    pub failed: bool,
    /// Only what is bookmarked.
    pub bookmarked: bool,
    /// Not before this.
    pub since: Option<SystemTime>,
    /// Before this.
    pub until: Option<SystemTime>,
    /// Only what can be older than this block: the next page.
    pub before: Option<i64>,
}

/// One block of an answer: all but its output.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its row: the millisecond in which it began, about.
    pub id: i64,
    /// Its identity.
    pub uid: Uid,
    /// Its session.
    pub session: Uid,
    /// Its shell.
    pub shell: String,
    /// What was typed.
    pub command: String,
    /// Its folder.
    pub folder: Option<String>,
    /// Its project's root.
    pub project: Option<String>,
    /// Branch or commit.
    pub git: Option<String>,
    /// Where it ran.
    pub host: Host,
    /// When it began.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Option<Duration>,
    /// How it ended.
    pub exit: Exit,
    /// What became of it.
    pub state: State,
    /// Who says so.
    pub trust: Trust,
    /// What is noteworthy.
    pub flags: Flags,
    /// The user's name for it.
    pub name: Option<String>,
    /// The user's note.
    pub note: Option<String>,
    /// Lines that it printed.
    pub lines: u64,
    /// Bytes that it printed.
    pub bytes: u64,
}

impl Hit {
    /// A short name by which the block can be asked for.
    #[must_use]
    pub fn short(&self) -> String {
        short(self.id)
    }

    /// Failed, as people mean it: Ctrl-C and a closed pipe are no failures.
    #[must_use]
    pub fn failed(&self) -> bool {
        failed(&self.exit)
    }
}

/// Failed, as people mean it: neither Ctrl-C (130) nor a closed pipe (141) nor a stop (148).
#[must_use]
pub fn failed(exit: &Exit) -> bool {
    !matches!(exit.status, None | Some(0 | 130 | 141 | 148))
}

/// The short name of a row.
#[must_use]
pub fn short(id: i64) -> String {
    let mut rest = id.unsigned_abs();
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        digits.push(BASE32[usize::try_from(rest % 32).unwrap_or(0)]);
        rest /= 32;
    }
    digits.iter().rev().copied().map(char::from).collect()
}

fn from_short(name: &str) -> Option<i64> {
    if name.is_empty() || name.len() > 11 {
        return None;
    }
    name.bytes().try_fold(0_i64, |number, byte| {
        let digit = BASE32
            .iter()
            .position(|one| *one == byte.to_ascii_lowercase())?;
        number
            .checked_mul(32)?
            .checked_add(i64::try_from(digit).ok()?)
    })
}

/// A host as the filters offer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name: of a host, or the root of a project.
    pub name: String,
    /// What the host is.
    pub kind: HostKind,
}

/// A connection that reads.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
}

/// Stops a [`Reader`] in the middle of a question, from another thread.
pub struct Interrupter(rusqlite::InterruptHandle);

impl std::fmt::Debug for Interrupter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Interrupter")
    }
}

impl Interrupter {
    /// The question that runs now ends with [`Reader::is_interrupted`]'s error.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

impl Reader {
    /// Opens the database of a history's folder.
    ///
    /// # Errors
    /// When nothing was ever stored there, or the file cannot be read.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(crate::store::FILE);
        Self::open_file(path.clone()).map_err(|error| error.at(&path))
    }

    fn open_file(path: PathBuf) -> Result<Self, Error> {
        if !path.exists() {
            return Err(Error::Missing(path));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch(
            "PRAGMA query_only=ON; PRAGMA cache_size=-16384; PRAGMA mmap_size=268435456;",
        )?;
        connection.set_prepared_statement_cache_capacity(64);
        // An empty file is one that another Terrace is about to fill.
        if schema::version(&connection)? == 0 {
            return Err(Error::Missing(path));
        }
        Ok(Self { connection, path })
    }

    /// The database's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What stops this reader from another thread.
    #[must_use]
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.connection.get_interrupt_handle())
    }

    /// Whether an error is only that of [`Interrupter::interrupt`].
    #[must_use]
    pub fn is_interrupted(error: &Error) -> bool {
        matches!(error, Error::Sqlite(error)
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted))
    }

    /// The newest blocks that a filter finds, newest first.
    ///
    /// # Errors
    /// When the file cannot be read, or the question was interrupted.
    pub fn search(&self, filter: &Filter, limit: usize) -> Result<Vec<Hit>, Error> {
        Ok(search::run(&self.connection, filter, limit)?)
    }

    /// How many blocks there are in all.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn count(&self) -> Result<u64, Error> {
        let count: i64 = self
            .connection
            .query_row("SELECT count(*) FROM block", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The block that a name means: an id, a short name, `last`, or `-2` for the last but one.
    ///
    /// # Errors
    /// When there is none.
    pub fn resolve(&self, name: &str) -> Result<i64, Error> {
        let connection = &self.connection;
        let back = match name {
            "last" => Some(1),
            _ => name
                .strip_prefix('-')
                .and_then(|digits| digits.parse::<i64>().ok()),
        };
        let found: Option<i64> = if let Some(back) = back.filter(|back| *back > 0) {
            connection
                .query_row(
                    "SELECT id FROM block ORDER BY id DESC LIMIT 1 OFFSET ?1",
                    [back - 1],
                    |row| row.get(0),
                )
                .optional()?
        } else if let Ok(uid) = name.parse::<Uid>() {
            connection
                .query_row("SELECT id FROM block WHERE uid = ?1", [uid.0], |row| {
                    row.get(0)
                })
                .optional()?
        } else if let Some(id) = from_short(name) {
            connection
                .query_row("SELECT id FROM block WHERE id = ?1", [id], |row| row.get(0))
                .optional()?
        } else {
            None
        };
        found.ok_or_else(|| Error::NoBlock(name.to_owned()))
    }

    /// One block, whole.
    ///
    /// # Errors
    /// When there is none, or the file cannot be read.
    pub fn record(&self, id: i64) -> Result<Record, Error> {
        load(&self.connection, id)?.ok_or_else(|| Error::NoBlock(short(id)))
    }

    /// The run of the same command in the same project (else the same folder) before a block.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn previous_run(&self, id: i64) -> Result<Option<i64>, Error> {
        let found = self
            .connection
            .query_row(
                "SELECT b.id FROM block a JOIN block b ON b.command_id = a.command_id AND b.started_us <= a.started_us AND b.id <> a.id
                 LEFT JOIN dir da ON da.id = a.dir_id LEFT JOIN dir db ON db.id = b.dir_id
                 WHERE a.id = ?1 AND (b.dir_id IS a.dir_id OR (da.project_id IS NOT NULL AND da.project_id = db.project_id))
                   AND EXISTS (SELECT 1 FROM output WHERE block_id = b.id)
                 ORDER BY b.started_us DESC, b.id DESC LIMIT 1",
                [id],
                |row| row.get(0),
            )
            .optional()?;
        Ok(found)
    }

    /// The line of a block's output in which most of the pattern stands, for a list; `None` where it
    /// stands in the command only.
    ///
    /// # Errors
    /// When the file cannot be read, or the question was interrupted.
    pub fn snippet(&self, id: i64, pattern: &Pattern) -> Result<Option<String>, Error> {
        let output = output(&self.connection, id)?;
        let mut best: Option<(usize, &str)> = None;
        let texts = [&output.head, &output.tail]
            .map(|bytes| crate::record::plain(&bytes[..bytes.len().min(MAX_SNIPPET)]));
        for line in texts.iter().flat_map(|text| text.lines()) {
            let lower = line.to_lowercase();
            let found = pattern
                .terms()
                .iter()
                .filter(|term| lower.contains(term.as_str()))
                .count();
            if found > best.map_or(0, |(most, _)| most) {
                best = Some((found, line));
                if found == pattern.terms().len() {
                    break;
                }
            }
        }
        Ok(best.map(|(_, line)| line.trim().chars().take(MAX_LINE).collect()))
    }

    /// Hosts of which there are blocks, those last used first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn hosts(&self) -> Result<Vec<Place>, Error> {
        self.places(
            "SELECT h.name, h.kind, max(s.started_us) AS last FROM host h JOIN session s ON s.host_id = h.id
             GROUP BY h.name, h.kind ORDER BY last DESC LIMIT 200",
        )
    }

    /// Projects of which there are blocks, by their name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn projects(&self) -> Result<Vec<Place>, Error> {
        self.places(
            "SELECT p.root, h.kind FROM project p JOIN host h ON h.id = p.host_id ORDER BY p.root LIMIT 1000",
        )
    }

    fn places(&self, sql: &str) -> Result<Vec<Place>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Place {
                name: row.get(0)?,
                kind: HostKind::from_number(row.get(1)?).unwrap_or(HostKind::Other),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The newest blocks of a session, oldest first, for a pane that comes back.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn session_tail(&self, session: Uid, limit: usize) -> Result<Vec<Record>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM block WHERE session_id = ?1 AND parent_id IS NULL ORDER BY seq DESC, id DESC LIMIT ?2",
        )?;
        let ids: Vec<i64> = statement
            .query_map(
                params![session.0, i64::try_from(limit).unwrap_or(i64::MAX)],
                |row| row.get(0),
            )?
            .collect::<Result<_, _>>()?;
        let mut records = Vec::with_capacity(ids.len());
        for id in ids.into_iter().rev() {
            records.extend(load(&self.connection, id)?);
        }
        Ok(records)
    }

    /// The connection, for the figures.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// The columns of a [`Hit`], in the order in which [`hit`] reads them.
pub(crate) const COLUMNS: &str = "b.id, b.uid, b.session_id, s.shell, ifnull(c.text,''), d.path, p.root, b.git, h.name, h.user, h.kind, h.machine_id,
 b.started_us, b.duration_us, b.exit_status, b.exit_signal, b.pipestatus, b.state, b.trust, b.flags, b.name, b.note, b.out_lines, b.out_bytes";

/// What [`COLUMNS`] are taken from, beside `block b`.
pub(crate) const JOINS: &str = "JOIN session s ON s.id = b.session_id JOIN host h ON h.id = s.host_id
 LEFT JOIN command c ON c.id = b.command_id LEFT JOIN dir d ON d.id = b.dir_id LEFT JOIN project p ON p.id = d.project_id";

pub(crate) fn hit(row: &Row<'_>) -> rusqlite::Result<Hit> {
    let pipe: Option<String> = row.get(16)?;
    let time: Option<i64> = row.get(13)?;
    let count = |idx| -> rusqlite::Result<u64> { Ok(row.get::<_, i64>(idx)?.unsigned_abs()) };
    Ok(Hit {
        id: row.get(0)?,
        uid: Uid(row.get(1)?),
        session: Uid(row.get(2)?),
        shell: row.get(3)?,
        command: row.get(4)?,
        folder: row.get(5)?,
        project: row.get(6)?,
        git: row.get(7)?,
        host: Host {
            name: row.get(8)?,
            user: row.get(9)?,
            kind: HostKind::from_number(row.get(10)?).unwrap_or(HostKind::Other),
            machine_id: row.get(11)?,
        },
        started: from_micros(row.get(12)?),
        duration: time.map(|time| Duration::from_micros(time.unsigned_abs())),
        exit: Exit {
            status: row.get(14)?,
            signal: row.get(15)?,
            pipe: pipe
                .iter()
                .flat_map(|codes| codes.split('|'))
                .filter_map(|code| code.parse().ok())
                .collect(),
        },
        state: State::from_number(row.get(17)?).unwrap_or(State::Done),
        trust: Trust::from_number(row.get(18)?).unwrap_or(Trust::Unverified),
        flags: Flags(row.get(19)?),
        name: row.get(20)?,
        note: row.get(21)?,
        lines: count(22)?,
        bytes: count(23)?,
    })
}

/// One block, whole.
pub(crate) fn load(connection: &Connection, id: i64) -> rusqlite::Result<Option<Record>> {
    let sql = format!(
        "SELECT {COLUMNS}, s.parent, s.started_us, s.pane, b.seq, b.text_src, around.uid FROM block b {JOINS}
         LEFT JOIN block around ON around.id = b.parent_id WHERE b.id = ?1"
    );
    let found = connection
        .prepare_cached(&sql)?
        .query_row([id], |row| {
            let hit = hit(row)?;
            let parent: Option<[u8; 16]> = row.get(24)?;
            let outer: Option<[u8; 16]> = row.get(29)?;
            Ok(Record {
                uid: hit.uid,
                session: Session {
                    uid: hit.session,
                    parent: parent.map(Uid),
                    host: hit.host,
                    shell: hit.shell,
                    started: from_micros(row.get(25)?),
                    pane: row.get(26)?,
                },
                parent: outer.map(Uid),
                seq: row.get(27)?,
                command: CommandText {
                    text: hit.command,
                    source: TextSource::from_number(row.get(28)?).unwrap_or(TextSource::None),
                    unwanted: false,
                },
                folder: hit.folder,
                project: hit.project,
                git: hit.git,
                started: hit.started,
                duration: hit.duration,
                exit: hit.exit,
                state: hit.state,
                trust: hit.trust,
                flags: hit.flags,
                name: hit.name,
                note: hit.note,
                output: Output {
                    lines: hit.lines,
                    bytes: hit.bytes,
                    ..Output::default()
                },
                nonces: Vec::new(),
            })
        })
        .optional()?;
    let Some(mut record) = found else {
        return Ok(None);
    };
    let kept = output(connection, id)?;
    let (lines, bytes) = (record.output.lines, record.output.bytes);
    record.output = Output {
        lines,
        bytes,
        ..kept
    };
    if record.output.is_empty() {
        record.output.dropped_lines = lines;
        record.output.dropped_bytes = bytes;
    }
    Ok(Some(record))
}

/// A block's output as it is kept; its counts of lines and bytes are left at 0.
pub(crate) fn output(connection: &Connection, id: i64) -> rusqlite::Result<Output> {
    let found = connection
        .prepare_cached("SELECT codec, head, tail, dropped_lines, dropped_bytes FROM output WHERE block_id = ?1")?
        .query_row([id], |row| {
            let codec: i64 = row.get(0)?;
            let tail: Option<Vec<u8>> = row.get(2)?;
            let count = |idx| -> rusqlite::Result<u64> { Ok(row.get::<_, i64>(idx)?.unsigned_abs()) };
            Ok(Output {
                head: decoded(codec, row.get(1)?)?,
                tail: decoded(codec, tail.unwrap_or_default())?,
                dropped_lines: count(3)?,
                dropped_bytes: count(4)?,
                ..Output::default()
            })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Bytes that one output may have when it is unpacked.
const MAX_OUTPUT: usize = 64 << 20;

fn decoded(codec: i64, bytes: Vec<u8>) -> rusqlite::Result<Vec<u8>> {
    if codec == 0 || bytes.is_empty() {
        return Ok(bytes);
    }
    zstd::bulk::decompress(&bytes, texts::unpacked_size(&bytes)).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Blob, Box::new(error))
    })
}

#[cfg(test)]
mod tests;

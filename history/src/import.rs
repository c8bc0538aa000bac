//! The histories of other programs, as records without output.
//!
//! Each form has a pure reader of its bytes; what an entry lacks (a time, a folder) stays unknown, and a
//! time that is unknown is counted back from the file's. Ids are derived from what an entry says, so that
//! a second import of the same file adds nothing.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::Error;
use crate::id::Uid;
use crate::record::{CommandText, Exit, Host, Output, Record, Session, State, TextSource, Trust};

mod atuin;
mod bash;
mod fish;
mod zsh;

/// Bytes of a history file, at most.
const MAX_FILE: u64 = 512 << 20;
/// Bytes of one command, as in a block.
const MAX_COMMAND: usize = 64 << 10;

/// Whose history it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// bash, with or without time stamps.
    Bash,
    /// zsh, extended or not.
    Zsh,
    /// fish's `fish_history`.
    Fish,
    /// atuin's `history.db`.
    Atuin,
    /// Terrace's own export: lines of JSON.
    Json,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Bash, Self::Zsh, Self::Fish, Self::Atuin, Self::Json];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Atuin => "atuin",
            Self::Json => "json",
        }
    }

    /// Where the program keeps its history, below the home folder (or what it has set instead).
    #[must_use]
    pub fn usual_path(self, home: &Path) -> Option<std::path::PathBuf> {
        let data = std::env::var_os("XDG_DATA_HOME")
            .map_or_else(|| home.join(".local/share"), std::path::PathBuf::from);
        match self {
            Self::Bash => Some(home.join(".bash_history")),
            Self::Zsh => [".zsh_history", ".histfile", ".zhistory"]
                .map(|name| home.join(name))
                .into_iter()
                .find(|path| path.exists())
                .or_else(|| Some(home.join(".zsh_history"))),
            Self::Fish => Some(data.join("fish/fish_history")),
            Self::Atuin => Some(data.join("atuin/history.db")),
            Self::Json => None,
        }
    }
}

/// One command as another program remembers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) command: String,
    /// Microseconds since 1970.
    pub(crate) started_us: Option<i64>,
    pub(crate) duration_us: Option<u64>,
    pub(crate) status: Option<u8>,
    pub(crate) folder: Option<String>,
    /// The other program's name for the session, where it has one.
    pub(crate) session: Option<String>,
    /// Host and user, where the program knows them.
    pub(crate) host: Option<(String, String)>,
}

/// Reads a history file as records, the oldest first.
///
/// # Errors
/// When the file cannot be read or is none of that program's.
pub fn read(source: Source, path: &Path, host: &Host) -> Result<Vec<Record>, Error> {
    let io = |error: std::io::Error| Error::Io {
        path: path.to_owned(),
        source: error,
    };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if metadata.len() > MAX_FILE {
        return Err(Error::Input(format!(
            "{} is too large to be a history: {} bytes",
            path.display(),
            metadata.len()
        )));
    }
    let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
    if source == Source::Atuin {
        return Ok(records(source, path, host, modified, atuin::read(path)?));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let entries = match source {
        Source::Bash => bash::read(&bytes),
        Source::Zsh => zsh::read(&bytes),
        Source::Fish => fish::read(&bytes),
        Source::Json => return own_export(path, &bytes),
        Source::Atuin => Vec::new(),
    };
    Ok(records(source, path, host, modified, entries))
}

/// Lines of JSON as `terrace blocks export` writes them.
fn own_export(path: &Path, bytes: &[u8]) -> Result<Vec<Record>, Error> {
    let text = String::from_utf8_lossy(bytes);
    let mut records = Vec::new();
    for (idx, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let record = crate::json::parse_record(line)
            .map_err(|reason| Error::Input(format!("{}:{}: {reason}", path.display(), idx + 1)))?;
        records.push(record);
    }
    Ok(records)
}

fn records(
    source: Source,
    path: &Path,
    host: &Host,
    modified: SystemTime,
    entries: Vec<Entry>,
) -> Vec<Record> {
    let total = entries.len() as u64;
    let mut last = i64::MIN;
    let mut records: Vec<Record> = Vec::with_capacity(entries.len());
    for (idx, mut entry) in entries.into_iter().enumerate() {
        if entry.command.trim().is_empty() {
            continue;
        }
        cut(&mut entry.command);
        let started = match entry.started_us {
            Some(micros) => crate::time::from_micros(micros),
            // One second for each command that came after it; never before one whose time is known.
            None => {
                let back = Duration::from_secs(total - idx as u64);
                let guess = modified.checked_sub(back).unwrap_or(UNIX_EPOCH);
                crate::time::from_micros(crate::time::micros(guess).max(last))
            }
        };
        last = crate::time::micros(started);
        let host = match &entry.host {
            Some((name, user)) if *name != host.name => Host {
                name: name.clone(),
                user: user.clone(),
                kind: crate::record::HostKind::Other,
                machine_id: String::new(),
            },
            _ => host.clone(),
        };
        let place = path.to_string_lossy();
        let session = entry.session.as_deref().unwrap_or(&place);
        let session = Session {
            uid: Uid::derived(
                UNIX_EPOCH,
                &[
                    source.name().as_bytes(),
                    host.name.as_bytes(),
                    session.as_bytes(),
                ],
            ),
            parent: None,
            host,
            shell: if source == Source::Atuin {
                String::new()
            } else {
                source.name().to_owned()
            },
            started,
            pane: None,
        };
        let folder = entry.folder.filter(|folder| folder.starts_with('/'));
        records.push(Record {
            // A command without a time is the same entry only at the same place of the file.
            uid: match entry.started_us {
                Some(_) => Uid::derived(
                    started,
                    &[source.name().as_bytes(), entry.command.as_bytes()],
                ),
                None => Uid::derived(
                    UNIX_EPOCH,
                    &[
                        source.name().as_bytes(),
                        place.as_bytes(),
                        &idx.to_le_bytes(),
                        entry.command.as_bytes(),
                    ],
                ),
            },
            session,
            parent: None,
            seq: u32::try_from(idx + 1).unwrap_or(u32::MAX),
            command: CommandText {
                text: entry.command,
                source: TextSource::File,
                unwanted: false,
            },
            folder,
            project: None,
            git: None,
            started,
            duration: entry.duration_us.map(Duration::from_micros),
            exit: entry.status.map(Exit::from_status).unwrap_or_default(),
            state: State::Done,
            trust: Trust::Imported,
            flags: crate::record::Flags::default(),
            name: None,
            note: None,
            output: Output::default(),
            nonces: Vec::new(),
        });
    }
    records
}

fn cut(command: &mut String) {
    let mut end = command.len().min(MAX_COMMAND);
    while !command.is_char_boundary(end) {
        end -= 1;
    }
    command.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_times_are_counted_back_and_ids_stay_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h");
        std::fs::write(&path, "one\ntwo\n\nthree\n").unwrap();
        let host = crate::testing::host();
        let first = read(Source::Bash, &path, &host).unwrap();
        let again = read(Source::Bash, &path, &host).unwrap();
        let texts: Vec<&str> = first
            .iter()
            .map(|record| record.command.text.as_str())
            .collect();
        assert_eq!(texts, ["one", "two", "three"]);
        assert!(
            first
                .windows(2)
                .all(|pair| pair[0].started < pair[1].started)
        );
        assert!(first.iter().zip(&again).all(|(a, b)| a.uid == b.uid));
        assert!(first.iter().all(|record| record.trust == Trust::Imported));
    }

    #[test]
    fn a_bad_line_of_an_export_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        std::fs::write(
            &path,
            "{\"v\":1,\"started_us\":5,\"command\":\"ls\"}\nnonsense\n",
        )
        .unwrap();
        let error = read(Source::Json, &path, &crate::testing::host()).unwrap_err();
        assert!(error.to_string().contains("x.jsonl:2:"), "{error}");
        assert!(
            read(
                Source::Bash,
                &folder.path().join("none"),
                &crate::testing::host()
            )
            .is_err()
        );
    }
}

//! Blocks of earlier sessions, read from the history and put into panes that come back.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use history::time::Zone;
use history::{Flags, HistoryStore, Reader, Record, State, TextSource, Trust, Uid, styled};
use terminal::Origin;
use terminal::blocks::{self, Context, Kind, Notes, OldBlock};

use super::keeper::Keeper;
use crate::pane::PaneId;
use crate::session::Session;

/// Blocks of a pane that come back, the newest ones.
const MAX_BLOCKS: usize = 200;
/// Bytes of their outputs, all together.
const MAX_BYTES: usize = 1 << 20;
/// How long it is waited for what ran when Terrace was killed to be in the history.
const PATIENCE: Duration = Duration::from_secs(2);

/// A pane that waits for its old blocks.
pub(crate) struct Waiting {
    /// Which.
    pub(crate) pane: PaneId,
    /// Its session, which has no program yet.
    pub(crate) session: Arc<Session>,
    /// The sessions whose blocks were in it, oldest first.
    pub(crate) sessions: Vec<Uid>,
}

/// Fills panes with their old blocks, one after the other, on a thread of its own; `done` is called there for each.
/// A pane whose blocks cannot be read is done without them.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn fill(
    keeper: Option<Arc<Keeper>>,
    folder: PathBuf,
    panes: Vec<Waiting>,
    done: impl Fn(PaneId) + Send + 'static,
) -> Result<()> {
    std::thread::Builder::new()
        .name("restore".to_owned())
        .spawn(move || {
            let reader = keeper.and_then(|keeper| open(keeper.store(), &folder));
            for pane in panes {
                if let Some(reader) = &reader {
                    put(reader, &pane);
                }
                done(pane.pane);
            }
        })
        .context("no thread to restore blocks with")?;
    Ok(())
}

fn open(store: &HistoryStore, folder: &std::path::Path) -> Option<Reader> {
    // What ran when Terrace was killed is stored first.
    let _ = store.flush().recv_timeout(PATIENCE);
    Reader::open(folder)
        .inspect_err(|error| tracing::info!("no blocks come back: {error}"))
        .ok()
}

fn put(reader: &Reader, pane: &Waiting) {
    let records = newest(reader, &pane.sessions);
    let Some(last) = records.last() else { return };
    let zone = Zone::local();
    let until = zone.civil(last.started + last.duration.unwrap_or_default());
    let divider = format!("\x1b[2m── until {until} · the shell below is new ──");
    let born = pane.session.born();
    let mut ids = Vec::with_capacity(records.len());
    {
        let mut terminal = pane.session.lock();
        for record in records {
            let uid = record.uid;
            ids.push((terminal.restore_block(old_block(record, born)), uid));
        }
        terminal.print_divider(&divider);
    }
    if let Some(recorder) = pane.session.recorder() {
        recorder.adopt(ids);
    }
}

/// The newest blocks of some sessions, oldest first, as many as fit.
fn newest(reader: &Reader, sessions: &[Uid]) -> Vec<Record> {
    let mut newest: Vec<Record> = Vec::new();
    let mut room = MAX_BYTES;
    for session in sessions.iter().rev() {
        let left = MAX_BLOCKS.saturating_sub(newest.len());
        let Ok(tail) = reader.session_tail(*session, left) else {
            continue;
        };
        for mut record in tail.into_iter().rev() {
            record.output.bound(room);
            room -= record.output.size().min(room);
            newest.push(record);
        }
    }
    newest.reverse();
    newest
}

fn old_block(record: Record, born: SystemTime) -> OldBlock {
    let mut output = String::from_utf8_lossy(&record.output.head).into_owned();
    if record.output.dropped_bytes > 0 {
        if !output.is_empty() && !output.ends_with('\n') {
            output.push('\n');
        }
        output.push_str(&format!("\x1b[2m{}\x1b[m\n", record.output.gap()));
    }
    output.push_str(&String::from_utf8_lossy(&record.output.tail));
    let host = record.session.host;
    let mut flags = blocks::Flags::empty();
    flags.set(
        blocks::Flags::BOOKMARK,
        record.flags.contains(Flags::BOOKMARK),
    );
    flags.set(
        blocks::Flags::ALT_SCREEN,
        record.flags.contains(Flags::ALT_SCREEN),
    );
    let notes = Notes {
        name: record.name.unwrap_or_default(),
        note: record.note.unwrap_or_default(),
    };
    OldBlock {
        kind: if record.state == State::Background {
            Kind::Background
        } else {
            Kind::Command
        },
        state: match (record.state, record.exit.status) {
            (State::Rejected, status) => blocks::State::Rejected {
                status: status.unwrap_or(1),
            },
            (State::Lost, _) => blocks::State::Lost,
            (_, status) => blocks::State::Done {
                exit: status.map(|code| blocks::Exit {
                    code,
                    pipe: record.exit.pipe,
                }),
                duration: record.duration,
                clock: blocks::Clock::Shell,
            },
        },
        trust: match record.trust {
            Trust::Local => blocks::Trust::Verified(Origin::Local),
            Trust::Remote => blocks::Trust::Verified(Origin::Remote),
            Trust::Unverified | Trust::Imported => blocks::Trust::Unverified,
        },
        command: blocks::CommandText {
            text: record.command.text,
            source: match record.command.source {
                TextSource::None => blocks::TextSource::None,
                TextSource::Screen | TextSource::Partial => blocks::TextSource::Screen,
                TextSource::Expanded => blocks::TextSource::Expanded,
                TextSource::Shell | TextSource::File => blocks::TextSource::Shell,
            },
            private: false,
        },
        output: styled::ansi(&output),
        context: Arc::new(Context {
            cwd: record.folder,
            host: host.name,
            user: host.user,
            shell: record.session.shell,
            ..Context::default()
        }),
        earlier: born.duration_since(record.started).unwrap_or_default(),
        flags,
        notes: (notes != Notes::default()).then_some(notes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use history::{Host, HostKind, Options};
    use std::os::unix::fs::PermissionsExt;

    fn record(session: u8, second: u64, output: &str) -> Record {
        let started = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_953_600 + second);
        let host = Host {
            name: "desk".to_owned(),
            user: "me".to_owned(),
            kind: HostKind::Local,
            machine_id: String::new(),
        };
        let session = history::Session {
            uid: Uid([session; 16]),
            parent: None,
            host,
            shell: "zsh/5.9".to_owned(),
            started,
            pane: None,
        };
        let mut record = Record::new(
            session,
            &format!("run {second}"),
            output.as_bytes(),
            started,
        );
        record.seq = u32::try_from(second).unwrap();
        record.exit = history::Exit::from_status(3);
        record
    }

    #[test]
    fn blocks_of_several_sessions_come_back_in_order_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder.path(), private).unwrap();
        let store = HistoryStore::open(Options::new(folder.path()), |_| ()).unwrap();
        for (session, second) in [(1, 1), (1, 2), (2, 3), (3, 4)] {
            store.insert(record(session, second, "\x1b[31mred\x1b[m\n"));
        }
        store.flush().recv().unwrap().unwrap();
        let reader = Reader::open(folder.path()).unwrap();
        let found = newest(&reader, &[Uid([1; 16]), Uid([2; 16])]);
        let commands: Vec<&str> = found.iter().map(|one| one.command.text.as_str()).collect();
        assert_eq!(commands, ["run 1", "run 2", "run 3"]);
        let born = found[2].started + Duration::from_secs(60);
        let block = old_block(found[2].clone(), born);
        assert_eq!(block.earlier, Duration::from_secs(60));
        assert_eq!(block.output, "\x1b[31mred\x1b[0m\n");
        assert!(matches!(
            block.state,
            blocks::State::Done {
                exit: Some(blocks::Exit { code: 3, .. }),
                ..
            }
        ));
        assert_eq!(newest(&reader, &[Uid([9; 16])]), []);
    }
}

//! The blocks of one session, handed to the store as they end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use history::{
    Annotation, CommandText, Exit, Flags, Host, HostKind, Output, Record, Running,
    Session as Shell, State, TextSource, Trust, Uid,
};
use parking_lot::Mutex;
use terminal::blocks::{self, Block, BlockEvent, BlockId, Format, Kind, ShellId, SpoolPlace};
use terminal::{Origin, Terminal};

use super::keeper::Keeper;
use crate::session::Session;

/// What a session's blocks are kept by.
pub(crate) struct Recorder {
    keeper: Arc<Keeper>,
    /// The session of the shell that the pane was started with.
    uid: Uid,
    /// This machine, where shells run that the pane starts itself.
    host: Host,
    /// The environment that the pane's shell runs in.
    environment: Mutex<Option<Host>>,
    born: SystemTime,
    nonces: Mutex<Vec<String>>,
    /// The session itself, which is asked once a second while a command runs in it.
    session: Mutex<Weak<Session>>,
    private: AtomicBool,
    known: Mutex<Known>,
}

/// The store's ids of the terminal's blocks.
#[derive(Debug, Default)]
struct Known {
    uids: BTreeMap<BlockId, Uid>,
    /// What was told of the running block, and how far its output was.
    running: Option<(BlockId, SpoolPlace)>,
    /// Bytes that the terminal had parsed when it was last asked.
    asked_at: u64,
}

impl Recorder {
    /// One for a session that begins now.
    pub(crate) fn new(keeper: Arc<Keeper>) -> Self {
        let born = SystemTime::now();
        Self {
            keeper,
            uid: Uid::new(born),
            host: super::local_host(),
            environment: Mutex::default(),
            born,
            nonces: Mutex::default(),
            session: Mutex::default(),
            private: AtomicBool::new(false),
            known: Mutex::default(),
        }
    }

    /// Has the commands that run in its session asked once a second.
    pub(crate) fn watch(&self, session: Weak<Session>) {
        *self.session.lock() = session;
    }

    /// The shell runs in an environment from now on.
    pub(crate) fn enter(&self, environment: Host) {
        *self.environment.lock() = Some(environment);
    }

    /// The nonce of the shell that is started now, which no text that is kept may hold.
    pub(crate) fn believe(&self, nonce: Option<String>) {
        *self.nonces.lock() = nonce.into_iter().collect();
    }

    /// The nonce of a shell that was integrated later, which no text that is kept may hold either.
    pub(crate) fn believe_too(&self, nonce: String) {
        self.nonces.lock().push(nonce);
    }

    /// The session's id, which its programs find in their environment.
    pub(crate) fn uid(&self) -> Uid {
        self.uid
    }

    /// Whether nothing of the session is kept.
    pub(crate) fn is_private(&self) -> bool {
        self.private.load(Ordering::Acquire)
    }

    /// Keeps nothing from now on, or keeps again. What runs now is not kept in either case.
    pub(crate) fn set_private(&self, private: bool) {
        self.private.store(private, Ordering::Release);
        let mut known = self.known.lock();
        if let Some((block, _)) = known.running.take()
            && let Some(uid) = known.uids.get(&block)
        {
            self.keeper.abandon(*uid);
        }
    }

    /// Blocks of earlier sessions are in the terminal: what the user says of them goes to what is kept of them.
    pub(crate) fn adopt(&self, blocks: Vec<(BlockId, Uid)>) {
        self.known.lock().uids.extend(blocks);
    }

    /// What the user said of a block.
    pub(crate) fn annotate(&self, block: BlockId, change: Annotation) {
        if let Some(uid) = self.known.lock().uids.get(&block) {
            self.keeper.annotate(*uid, change);
        }
    }

    /// Something happened to a block.
    pub(crate) fn on_event(&self, terminal: &Terminal, event: &BlockEvent) {
        match event {
            BlockEvent::Started(id) => self.started(terminal, *id),
            BlockEvent::Finished(id) | BlockEvent::Rejected(id) => self.ended(terminal, *id),
            BlockEvent::Forgotten(id) => {
                self.known.lock().uids.remove(id);
            }
            BlockEvent::Prompted(_) | BlockEvent::ContextChanged(_) | BlockEvent::Detached(_) => {}
        }
    }

    /// The session is over.
    pub(crate) fn closed(&self) {
        self.keeper.end_session(self.uid);
    }

    fn started(&self, terminal: &Terminal, id: BlockId) {
        if self.is_private() {
            return;
        }
        let Some(block) = terminal
            .blocks()
            .get(id)
            .filter(|block| block.is_verified())
        else {
            return;
        };
        let uid = Uid::new(self.born + block.started);
        self.known.lock().uids.insert(id, uid);
        self.keeper.watch(self.session.lock().clone());
        if block.trust == blocks::Trust::Verified(Origin::Local)
            && let Some(folder) = &block.context.cwd
        {
            self.keeper.began(uid, folder.clone());
        }
    }

    fn ended(&self, terminal: &Terminal, id: BlockId) {
        let mut known = self.known.lock();
        if known
            .running
            .as_ref()
            .is_some_and(|(running, _)| *running == id)
        {
            known.running = None;
        }
        let Some(block) = terminal
            .blocks()
            .get(id)
            .filter(|block| block.is_verified())
        else {
            return;
        };
        if self.is_private() {
            if let Some(uid) = known.uids.remove(&id) {
                self.keeper.abandon(uid);
            }
            return;
        }
        let mut record = self.record(&mut known, block);
        drop(known);
        if let Some(spool) = terminal.block_spool(id, Format::Styled) {
            record.output = Output {
                head: spool.head.into_bytes(),
                tail: spool.tail.into_bytes(),
                lines: spool.lines,
                bytes: spool.bytes,
                dropped_lines: spool.dropped_lines,
                dropped_bytes: spool.dropped_bytes,
            };
        }
        self.keeper.ended(record);
    }

    /// What the running command has printed since it was last asked; `parsed`: bytes that the terminal
    /// has parsed in all.
    pub(crate) fn running(&self, terminal: &Terminal, parsed: u64) -> Option<Running> {
        if self.is_private() {
            return None;
        }
        let block = terminal
            .blocks()
            .running()
            .filter(|block| block.is_verified())?;
        let mut known = self.known.lock();
        let known = &mut *known;
        let same = known
            .running
            .as_ref()
            .is_some_and(|(id, _)| *id == block.id);
        if same && known.asked_at == parsed {
            return None;
        }
        known.asked_at = parsed;
        let begin = (!same).then(|| {
            let mut record = self.record(known, block);
            record.state = State::Lost;
            Box::new(record)
        });
        if !same {
            known.running = Some((block.id, SpoolPlace::default()));
        }
        let uid = *known.uids.get(&block.id)?;
        let (_, place) = known.running.as_mut()?;
        let news = terminal.block_news(block.id, Format::Styled, place)?;
        Some(Running {
            uid,
            begin,
            more: news.more.into_bytes(),
            skipped: news.skipped,
            rest: news.rest.into_bytes(),
            screen: news.screen.into_bytes(),
        })
    }

    /// All that is known of a block but its output.
    fn record(&self, known: &mut Known, block: &Block) -> Record {
        let started = self.born + block.started;
        let uid = *known
            .uids
            .entry(block.id)
            .or_insert_with(|| Uid::new(started));
        let parent = block
            .parent
            .and_then(|parent| known.uids.get(&parent).copied());
        let (exit, duration) = match &block.state {
            blocks::State::Done { exit, duration, .. } => (exit.as_ref().map(exit_of), *duration),
            blocks::State::Rejected { status } => (Some(Exit::from_status(*status)), None),
            // It was lost just now.
            blocks::State::Lost => (None, SystemTime::now().duration_since(started).ok()),
            _ => (None, None),
        };
        Record {
            uid,
            session: self.shell(block),
            parent,
            seq: block.cycle,
            command: command(block),
            folder: block.context.cwd.clone(),
            project: None,
            git: None,
            started,
            duration,
            exit: exit.unwrap_or_default(),
            state: match (&block.state, block.kind) {
                (blocks::State::Done { .. }, Kind::Command) => State::Done,
                (blocks::State::Rejected { .. }, _) => State::Rejected,
                (_, Kind::Background) => State::Background,
                _ => State::Lost,
            },
            trust: match block.trust {
                blocks::Trust::Unverified => Trust::Unverified,
                blocks::Trust::Verified(Origin::Local) => Trust::Local,
                blocks::Trust::Verified(Origin::Remote) => Trust::Remote,
            },
            flags: flags(block),
            name: block
                .notes
                .as_ref()
                .map(|notes| notes.name.clone())
                .filter(|name| !name.is_empty()),
            note: block
                .notes
                .as_ref()
                .map(|notes| notes.note.clone())
                .filter(|note| !note.is_empty()),
            output: Output::default(),
            nonces: self.nonces.lock().clone(),
        }
    }

    /// The shell of a block: the pane's own, or one inside it.
    fn shell(&self, block: &Block) -> Shell {
        let context = &block.context;
        let own = block.shell == ShellId::default();
        let remote = block.trust == blocks::Trust::Verified(Origin::Remote);
        let host = if remote {
            // Elsewhere without an environment is only what a shell was integrated by hand in.
            let environment = self.environment.lock().clone();
            Host {
                user: context.user.clone(),
                ..environment.unwrap_or_else(|| Host {
                    name: context.host.clone(),
                    user: String::new(),
                    kind: HostKind::Ssh,
                    machine_id: String::new(),
                })
            }
        } else {
            let elevated = !["", self.host.user.as_str()].contains(&context.user.as_str())
                && !self.host.user.is_empty();
            Host {
                user: if context.user.is_empty() {
                    self.host.user.clone()
                } else {
                    context.user.clone()
                },
                kind: if elevated {
                    HostKind::Elevated
                } else {
                    self.host.kind
                },
                ..self.host.clone()
            }
        };
        Shell {
            uid: if own {
                self.uid
            } else {
                Uid::derived(self.born, &[&self.uid.0, &block.shell.0.to_le_bytes()])
            },
            parent: (!own).then_some(self.uid),
            host,
            shell: context.shell.clone(),
            started: self.born,
            pane: None,
        }
    }
}

fn exit_of(exit: &blocks::Exit) -> Exit {
    Exit {
        status: Some(exit.code),
        signal: exit.signal(),
        pipe: exit.pipe.clone(),
    }
}

fn command(block: &Block) -> CommandText {
    CommandText {
        text: block.command.text.clone(),
        source: match block.command.source {
            blocks::TextSource::None => TextSource::None,
            blocks::TextSource::Shell => TextSource::Shell,
            blocks::TextSource::Expanded => TextSource::Expanded,
            blocks::TextSource::Screen => TextSource::Screen,
        },
        unwanted: block.command.private,
    }
}

fn flags(block: &Block) -> Flags {
    let mut flags = Flags::default();
    for (there, flag) in [
        (blocks::Flags::BOOKMARK, Flags::BOOKMARK),
        (blocks::Flags::ALT_SCREEN, Flags::ALT_SCREEN),
        (blocks::Flags::TRUNCATED, Flags::TRUNCATED),
        (blocks::Flags::LIVE, Flags::LIVE),
    ] {
        if block.flags.contains(there) {
            flags.insert(flag);
        }
    }
    flags
}

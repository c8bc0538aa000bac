//! The thread between panes and the store: it finds out which project a command runs in, and asks
//! running commands once a second what they have printed.
//!
//! Folders may be on a network that does not answer, so neither a pane nor the store's own thread looks
//! at them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use history::{Annotation, HistoryStore, Notice, Options, Record, Uid};

use crate::git::{self, Branch};
use crate::session::Session;

/// How often running commands are asked.
const SECOND: Duration = Duration::from_secs(1);
/// Messages that wait; beyond, blocks are stored without their project.
const MAX_WAITING: usize = 512;
/// Commands whose project is remembered until they end.
const MAX_FOUND: usize = 4096;

enum Message {
    /// A session is to be asked once a second, as long as a command runs in it.
    Watch(Weak<Session>),
    /// A command began in a folder of this machine.
    Began(Uid, String),
    /// A block is over.
    Ended(Box<Record>),
    /// Say when all before is handed to the store.
    Reached(Sender<()>),
}

/// How long the end of the program waits for what is to be stored.
const PARTING: Duration = Duration::from_secs(3);

/// Starts the keeper if the settings want a history; without a thread for it there is none.
pub(crate) fn start(
    config: &config::Config,
    notify: impl Fn(Notice) + Send + 'static,
) -> Option<Arc<Keeper>> {
    if !config.history.enabled {
        return None;
    }
    let config = config.clone();
    Keeper::start(move || super::options(&config), notify)
        .inspect_err(|error| tracing::warn!("{error:#}"))
        .ok()
}

/// The store and the thread before it. One for the whole program.
pub(crate) struct Keeper {
    store: Arc<HistoryStore>,
    messages: Sender<Message>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keeper")
    }
}

impl Keeper {
    /// Opens the store; `notify` is called from its thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(
        options: impl FnOnce() -> Options + Send + 'static,
        notify: impl Fn(Notice) + Send + 'static,
    ) -> Result<Arc<Self>> {
        let store =
            HistoryStore::open_later(options, notify).context("no thread for the history")?;
        let store = Arc::new(store);
        let (messages, receiver) = bounded(MAX_WAITING);
        let theirs = Arc::clone(&store);
        std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || work(&receiver, &theirs))
            .context("no thread for the history")?;
        Ok(Arc::new(Self { store, messages }))
    }

    /// Asks a session once a second what its running command has printed, until there is none.
    pub(super) fn watch(&self, session: Weak<Session>) {
        let _ = self.messages.try_send(Message::Watch(session));
    }

    /// A command began in a folder of this machine: its project is looked for.
    pub(super) fn began(&self, uid: Uid, folder: String) {
        let _ = self.messages.try_send(Message::Began(uid, folder));
    }

    /// Stores a block.
    pub(super) fn ended(&self, record: Record) {
        match self.messages.try_send(Message::Ended(Box::new(record))) {
            Ok(()) => {}
            Err(
                TrySendError::Full(Message::Ended(record))
                | TrySendError::Disconnected(Message::Ended(record)),
            ) => {
                self.store.insert(*record);
            }
            Err(_) => {}
        }
    }

    /// A running block is not to be kept after all.
    pub(super) fn abandon(&self, uid: Uid) {
        self.store.abandon(uid);
    }

    /// A shell ended.
    pub(super) fn end_session(&self, uid: Uid) {
        self.store.end_session(uid);
    }

    /// Changes what the user said of a block.
    pub(crate) fn annotate(&self, uid: Uid, change: Annotation) {
        // Whether there is such a block: one that is not kept has no bookmark to keep either.
        drop(self.store.annotate(uid, change));
    }

    /// Waits a moment for all that was handed over to be stored: the program is about to end.
    pub(crate) fn close(&self) {
        let (answer, reached) = bounded(1);
        if self
            .messages
            .send_timeout(Message::Reached(answer), PARTING)
            .is_ok()
            && reached.recv_timeout(PARTING).is_ok()
        {
            let _ = self.store.flush().recv_timeout(PARTING);
        }
    }

    /// The store itself.
    pub(crate) fn store(&self) -> &HistoryStore {
        &self.store
    }
}

fn work(messages: &Receiver<Message>, store: &HistoryStore) {
    let mut sessions: Vec<Weak<Session>> = Vec::new();
    let mut found: HashMap<Uid, Option<Branch>> = HashMap::new();
    let mut next = Instant::now() + SECOND;
    loop {
        // Where no command runs nothing is to be asked, and the thread sleeps.
        let message = if sessions.is_empty() {
            messages.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            messages.recv_deadline(next)
        };
        match message {
            Ok(Message::Watch(session)) => {
                if sessions.is_empty() {
                    next = Instant::now() + SECOND;
                }
                if !sessions.iter().any(|known| known.ptr_eq(&session)) {
                    sessions.push(session);
                }
            }
            Ok(Message::Began(uid, folder)) => {
                if found.len() >= MAX_FOUND {
                    found.clear();
                }
                found.insert(uid, git::branch(Path::new(&folder)));
            }
            Ok(Message::Ended(mut record)) => {
                let branch = found.remove(&record.uid).flatten();
                if let Some(branch) = branch {
                    record.project = Some(branch.root.to_string_lossy().into_owned());
                    record.git = Some(branch.name);
                }
                store.insert(*record);
            }
            Ok(Message::Reached(answer)) => {
                let _ = answer.send(());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if !sessions.is_empty() && Instant::now() >= next {
            sessions.retain(|session| ask(session, store, &found));
            next = Instant::now() + SECOND;
        }
    }
}

/// Asks a session what its running command has printed; `false` when none runs any more.
fn ask(
    session: &Weak<Session>,
    store: &HistoryStore,
    found: &HashMap<Uid, Option<Branch>>,
) -> bool {
    let Some(session) = session.upgrade() else {
        return false;
    };
    if let Some(mut running) = session.running_output() {
        if let Some(begin) = &mut running.begin
            && let Some(Some(branch)) = found.get(&running.uid)
        {
            begin.project = Some(branch.root.to_string_lossy().into_owned());
            begin.git = Some(branch.name.clone());
        }
        store.running(running);
    }
    session.ended().is_none() && session.runs_command()
}

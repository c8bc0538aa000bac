//! [`HistoryStore`]: the thread that writes, and the handle through which it is told what.
//!
//! Nothing here makes a caller wait: what is to be written goes into a bounded queue, and what goes
//! wrong comes back as a [`Notice`]. The thread opens the database itself, so that not even a slow disk
//! delays a window's start.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam::channel::{Receiver, bounded};

use crate::error::Error;
use crate::id::Uid;
use crate::record::Record;
use crate::time::DAY;

mod database;
mod journal;
mod policy;
mod queue;
mod retention;
mod tag;
mod writer;

pub use database::Annotation;
pub use journal::Running;
pub use policy::Policy;
pub use retention::{Forgotten, Selection};

use queue::{Job, Queue};

/// The database's file in the history's folder.
pub const FILE: &str = "history.db";

/// What the store may keep, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder; it is made for its owner alone.
    pub folder: PathBuf,
    /// Bytes of output, compressed, beyond which the oldest goes.
    pub max_output_bytes: u64,
    /// Age beyond which output goes; the commands stay.
    pub max_output_age: Duration,
    /// Age beyond which commands go too.
    pub max_command_age: Duration,
    /// Bytes of one block's output that are kept, half from its beginning and half from its end.
    pub max_block_bytes: usize,
    /// Backup programs may take the folder; else a mark in it tells them to leave it out.
    pub backups: bool,
    /// What is not stored, and what is replaced.
    pub policy: Policy,
}

impl Options {
    /// The usual limits (`security.md` 9): 1 GiB or 90 days of output, 10 years of commands, 1 MiB a
    /// block.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        let days = |days: u64| Duration::from_secs(days * DAY.unsigned_abs());
        Self {
            folder: folder.to_owned(),
            max_output_bytes: 1 << 30,
            max_output_age: days(90),
            max_command_age: days(3652),
            max_block_bytes: 1 << 20,
            backups: false,
            policy: Policy::default(),
        }
    }

    /// The database's path.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }
}

/// What the user should know of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Nothing can be written now; it is tried again. The text says why and what to do.
    Paused(String),
    /// Writing goes on.
    Resumed,
    /// Nothing will be written: the text says why.
    ReadOnly(String),
    /// The database was damaged; it is kept under another name, and a new one has begun.
    SetAside {
        /// Where the damaged one is now.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// More came than could be written: so many outputs, and so many whole blocks, are not kept.
    Dropped {
        /// Outputs whose command is kept.
        outputs: u64,
        /// Blocks of which nothing is kept.
        blocks: u64,
    },
    /// Blocks that ran when Terrace ended without warning are kept as lost.
    Recovered(usize),
}

impl std::fmt::Display for Notice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Paused(reason) => write!(formatter, "history pauses: {reason}"),
            Self::Resumed => formatter.write_str("history is written again"),
            Self::ReadOnly(reason) => write!(formatter, "history is not written: {reason}"),
            Self::SetAside { path, reason } => write!(
                formatter,
                "the history was damaged ({reason}); it is kept as {}, and a new one has begun",
                path.display()
            ),
            Self::Dropped { outputs, blocks } => write!(
                formatter,
                "more output came than could be stored: the history lacks the output of {outputs} commands and {blocks} whole commands"
            ),
            Self::Recovered(1) => formatter.write_str(
                "The command that ran when Terrace ended is in the history, as far as it had come",
            ),
            Self::Recovered(blocks) => write!(
                formatter,
                "{blocks} commands that ran when Terrace ended are in the history, as far as they had come"
            ),
        }
    }
}

/// The handle to the thread that writes. Dropping it writes what waits, for a moment.
#[derive(Debug)]
pub struct HistoryStore {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
    done: Receiver<()>,
}

/// How long [`HistoryStore`] may hold up the end of the program.
const PARTING: Duration = Duration::from_secs(3);

impl HistoryStore {
    /// Starts the thread; `notify` is called on it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn open(
        options: Options,
        notify: impl Fn(Notice) + Send + 'static,
    ) -> std::io::Result<Self> {
        Self::open_later(move || options, notify)
    }

    /// [`HistoryStore::open`] with options that its thread makes: compiling the patterns of secrets takes tens of
    /// milliseconds, for which no shell should wait.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn open_later(
        options: impl FnOnce() -> Options + Send + 'static,
        notify: impl Fn(Notice) + Send + 'static,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let theirs = Arc::clone(&queue);
        let (end, done) = bounded(0);
        let thread = std::thread::Builder::new()
            .name("history".to_owned())
            .spawn(move || {
                writer::run(&theirs, options(), &notify);
                drop(end);
            })?;
        Ok(Self {
            queue,
            thread: Some(thread),
            done,
        })
    }

    /// Stores a finished block. Never waits: beyond 8 MiB that wait to be written, outputs are given
    /// up, then blocks, and a [`Notice::Dropped`] says so.
    pub fn insert(&self, record: Record) {
        self.queue.push(Job::Insert(Box::new(record)));
    }

    /// Keeps what a running block has printed so far, so that not even `kill -9` loses more than its
    /// last second. Call it about once a second while something new came.
    pub fn running(&self, running: Running) {
        self.queue.push(Job::Running(running));
    }

    /// The block is over, but is not to be stored.
    pub fn abandon(&self, uid: Uid) {
        self.queue.push(Job::Abandon(uid));
    }

    /// A shell ended, now.
    pub fn end_session(&self, uid: Uid) {
        self.queue
            .push(Job::EndSession(uid, std::time::SystemTime::now()));
    }

    /// Changes what the user said of a block; the answer tells whether there is such a block.
    pub fn annotate(&self, uid: Uid, change: Annotation) -> Receiver<Result<bool, Error>> {
        let (answer, receiver) = bounded(1);
        self.queue.push(Job::Annotate(uid, change, answer));
        receiver
    }

    /// Deletes blocks so that no byte of them is left in the files.
    pub fn forget(&self, selection: Selection) -> Receiver<Result<Forgotten, Error>> {
        let (answer, receiver) = bounded(1);
        self.queue.push(Job::Forget(selection, answer));
        receiver
    }

    /// Applies the limits and the rules of redaction to all that is stored.
    pub fn prune(&self) -> Receiver<Result<Forgotten, Error>> {
        let (answer, receiver) = bounded(1);
        self.queue.push(Job::Prune(answer));
        receiver
    }

    /// Answers when all that was inserted before is written.
    pub fn flush(&self) -> Receiver<Result<(), Error>> {
        let (answer, receiver) = bounded(1);
        self.queue.push(Job::Flush(answer));
        receiver
    }

    /// New limits and rules; a new folder counts from the next start.
    pub fn set_options(&self, options: Options) {
        self.queue.push(Job::SetOptions(Box::new(options)));
    }
}

impl Drop for HistoryStore {
    fn drop(&mut self) {
        self.queue.close();
        // A disk that hangs must not keep the program alive: then the thread is left to itself.
        let ended = !matches!(
            self.done.recv_timeout(PARTING),
            Err(crossbeam::channel::RecvTimeoutError::Timeout)
        );
        if let Some(thread) = self.thread.take().filter(|_| ended) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;

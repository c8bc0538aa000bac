//! The queue between panes and the thread that writes: bounded by bytes, and nobody waits on it.

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use crossbeam::channel::Sender;
use parking_lot::{Condvar, Mutex};

use super::{Annotation, Forgotten, Options, Running, Selection};
use crate::error::Error;
use crate::id::Uid;
use crate::record::{Flags, Record};

/// Bytes that wait to be written, at most (`security.md` 9).
pub(super) const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Batches are written so far apart, but the first after a pause at once …
const BATCH_TIME: Duration = Duration::from_millis(250);
/// … or when it has so many blocks …
const BATCH_BLOCKS: usize = 20;
/// … or so many bytes.
const BATCH_BYTES: usize = 256 * 1024;

/// Something for the thread to do.
#[derive(Debug)]
pub(super) enum Job {
    /// Store a block.
    Insert(Box<Record>),
    /// Keep what a running block has printed.
    Running(Running),
    /// A running block is over and not stored.
    Abandon(Uid),
    /// A shell ended.
    EndSession(Uid, SystemTime),
    /// Change what the user said.
    Annotate(Uid, Annotation, Sender<Result<bool, Error>>),
    /// Delete blocks.
    Forget(Selection, Sender<Result<Forgotten, Error>>),
    /// Apply limits and rules to everything.
    Prune(Sender<Result<Forgotten, Error>>),
    /// Say when all before is written.
    Flush(Sender<Result<(), Error>>),
    /// New limits and rules.
    SetOptions(Box<Options>),
}

impl Job {
    fn size(&self) -> usize {
        match self {
            Self::Insert(record) => record.size(),
            Self::Running(running) => running.size(),
            _ => 64,
        }
    }

    /// Somebody waits for it.
    fn is_urgent(&self) -> bool {
        matches!(
            self,
            Self::Annotate(..) | Self::Forget(..) | Self::Prune(_) | Self::Flush(_)
        )
    }
}

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    bytes: usize,
    blocks: usize,
    urgent: usize,
    /// When the last batch was taken.
    taken: Option<Instant>,
    dropped_outputs: u64,
    dropped_blocks: u64,
    closed: bool,
}

/// The jobs that wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

/// What the thread is given.
pub(super) struct Batch {
    /// Jobs, in their order; none when the time was up.
    pub(super) jobs: VecDeque<Job>,
    /// Nothing will come after them.
    pub(super) closed: bool,
    /// Outputs and blocks that were given up since the last batch.
    pub(super) dropped: (u64, u64),
}

impl Queue {
    /// Adds a job, giving up outputs, then blocks, where there is no room.
    pub(super) fn push(&self, mut job: Job) {
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return;
        }
        let mut size = job.size();
        if waiting.bytes + size > MAX_BYTES {
            match &mut job {
                Job::Insert(record) => {
                    if !record.output.is_empty() {
                        give_up_output(record);
                        waiting.dropped_outputs += 1;
                    }
                    size = job.size();
                    if waiting.bytes + size > MAX_BYTES {
                        waiting.free(size);
                    }
                    if waiting.bytes + size > MAX_BYTES {
                        waiting.dropped_blocks += 1;
                        return;
                    }
                }
                // The block itself will come with all its output.
                Job::Running(_) => return,
                _ => {}
            }
        }
        waiting.bytes += size;
        waiting.blocks += usize::from(matches!(job, Job::Insert(_)));
        waiting.urgent += usize::from(job.is_urgent());
        waiting.jobs.push_back(job);
        self.changed.notify_one();
    }

    /// Puts blocks back that could not be written, before all others.
    pub(super) fn put_back(&self, records: Vec<Record>) {
        let mut waiting = self.waiting.lock();
        for record in records.into_iter().rev() {
            let job = Job::Insert(Box::new(record));
            waiting.bytes += job.size();
            waiting.blocks += 1;
            waiting.jobs.push_front(job);
        }
        if waiting.bytes > MAX_BYTES {
            waiting.free(0);
        }
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.waiting.lock().closed = true;
        self.changed.notify_one();
    }

    /// Waits for a batch that is due, until `deadline` at the latest.
    pub(super) fn next(&self, deadline: Option<Instant>) -> Batch {
        let mut waiting = self.waiting.lock();
        loop {
            let now = Instant::now();
            let due = (!waiting.jobs.is_empty())
                .then(|| waiting.taken.map_or(now, |taken| taken + BATCH_TIME));
            let ready = waiting.closed
                || waiting.urgent > 0
                || waiting.blocks >= BATCH_BLOCKS
                || waiting.bytes >= BATCH_BYTES
                || due.is_some_and(|due| due <= now)
                || deadline.is_some_and(|deadline| deadline <= now);
            if ready {
                return waiting.take();
            }
            match due.into_iter().chain(deadline).min() {
                Some(until) => {
                    self.changed.wait_until(&mut waiting, until);
                }
                None => self.changed.wait(&mut waiting),
            }
        }
    }

    /// Waits until `deadline`, or until somebody waits for an answer or the queue is closed; blocks stay
    /// where they are.
    pub(super) fn pause(&self, deadline: Instant) {
        let mut waiting = self.waiting.lock();
        while !waiting.closed && waiting.urgent == 0 {
            if self.changed.wait_until(&mut waiting, deadline).timed_out() {
                return;
            }
        }
    }
}

impl Waiting {
    fn take(&mut self) -> Batch {
        self.bytes = 0;
        self.blocks = 0;
        self.urgent = 0;
        if !self.jobs.is_empty() {
            self.taken = Some(Instant::now());
        }
        Batch {
            jobs: std::mem::take(&mut self.jobs),
            closed: self.closed,
            dropped: (
                std::mem::take(&mut self.dropped_outputs),
                std::mem::take(&mut self.dropped_blocks),
            ),
        }
    }

    /// Gives up outputs, the oldest first, until `size` more bytes fit.
    fn free(&mut self, size: usize) {
        let Self {
            jobs,
            bytes,
            dropped_outputs,
            ..
        } = self;
        for job in jobs {
            if *bytes + size <= MAX_BYTES {
                break;
            }
            if let Job::Insert(record) = job
                && !record.output.is_empty()
            {
                *bytes -= record.output.size();
                give_up_output(record);
                *dropped_outputs += 1;
            }
        }
    }
}

fn give_up_output(record: &mut Record) {
    record.output.discard();
    record.flags.insert(Flags::TRUNCATED);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    #[test]
    fn outputs_are_given_up_before_blocks() {
        let queue = Queue::default();
        let megabyte = "x".repeat(1 << 20);
        for _ in 0..10 {
            queue.push(Job::Insert(Box::new(record("make", &megabyte))));
        }
        let batch = queue.next(None);
        assert_eq!(batch.jobs.len(), 10);
        assert_eq!(batch.dropped, (3, 0));
        let outputs = batch
            .jobs
            .iter()
            .filter(|job| matches!(job, Job::Insert(record) if !record.output.is_empty()))
            .count();
        assert_eq!(outputs, 7);
    }

    #[test]
    fn commands_alone_can_fill_it_and_then_are_counted() {
        let queue = Queue::default();
        let long = "y".repeat(60_000);
        for _ in 0..200 {
            queue.push(Job::Insert(Box::new(record(&long, "output"))));
        }
        let batch = queue.next(None);
        assert!(batch.dropped.1 > 0, "{:?}", batch.dropped);
        assert_eq!(batch.jobs.len() as u64 + batch.dropped.1, 200);
        let bytes: usize = batch.jobs.iter().map(Job::size).sum();
        assert!(bytes <= MAX_BYTES);
    }

    #[test]
    fn what_is_put_back_comes_first() {
        let queue = Queue::default();
        queue.push(Job::Insert(Box::new(record("third", ""))));
        queue.put_back(vec![record("first", ""), record("second", "")]);
        queue.close();
        let names: Vec<String> = queue
            .next(None)
            .jobs
            .iter()
            .map(|job| match job {
                Job::Insert(record) => record.command.text.clone(),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(names, ["first", "second", "third"]);
    }
}

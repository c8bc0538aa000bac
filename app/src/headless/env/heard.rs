//! What the manager tells, kept until whoever waits for it has it.
//!
//! Several threads may wait at once, each for its own job or for another snapshot: none takes what another waits
//! for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use environments::{EnvironmentEvent, JobEvent, Ticket};
use parking_lot::{Condvar, Mutex};

/// What was heard so far.
#[derive(Debug, Default)]
pub(super) struct Heard(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    told: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How often the snapshot was another.
    changes: u64,
    /// What jobs told and nobody has taken yet.
    jobs: BTreeMap<Ticket, VecDeque<JobEvent>>,
    /// Nobody tells anything any more.
    ended: bool,
}

impl Heard {
    /// What the manager is to call.
    pub(super) fn teller(&self) -> impl Fn(EnvironmentEvent) + Send + Sync + 'static {
        let teller = Teller(Arc::clone(&self.0));
        move |event| teller.tell(event)
    }

    /// How often the snapshot was another: ask before looking at it.
    pub(super) fn changes(&self) -> u64 {
        self.0.state.lock().changes
    }

    /// Waits until the snapshot is another than it was then; `None` when it is not by the deadline, or never will be.
    pub(super) fn wait_for_change(&self, seen: u64, deadline: Instant) -> Option<u64> {
        let mut state = self.0.state.lock();
        while state.changes == seen {
            if state.ended || self.0.told.wait_until(&mut state, deadline).timed_out() {
                return None;
            }
        }
        Some(state.changes)
    }

    /// Waits for the next that a job tells; `None` when nothing will come any more.
    pub(super) fn next(&self, ticket: Ticket) -> Option<JobEvent> {
        let mut state = self.0.state.lock();
        loop {
            if let Some(event) = state.jobs.get_mut(&ticket).and_then(VecDeque::pop_front) {
                return Some(event);
            }
            if state.ended {
                return None;
            }
            self.0.told.wait(&mut state);
        }
    }
}

/// The manager's end of it; when it goes, everything is told.
struct Teller(Arc<Inner>);

impl Teller {
    fn tell(&self, event: EnvironmentEvent) {
        let mut state = self.0.state.lock();
        match event {
            EnvironmentEvent::Changed => state.changes += 1,
            EnvironmentEvent::Job(ticket, event) => {
                state.jobs.entry(ticket).or_default().push_back(event);
            }
        }
        drop(state);
        self.0.told.notify_all();
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.0.state.lock().ended = true;
        self.0.told.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use environments::{EnvironmentEvent, Finished, JobEvent, Ticket};

    use super::Heard;

    fn done(ticket: u64) -> EnvironmentEvent {
        EnvironmentEvent::Job(Ticket(ticket), JobEvent::Done(Ok(Finished::default())))
    }

    #[test]
    fn each_thread_gets_what_it_waits_for_whatever_came_first() {
        let heard = Heard::default();
        let tell = heard.teller();
        let deadline = Instant::now() + Duration::from_secs(60);
        std::thread::scope(|threads| {
            let waits = |ticket| {
                threads.spawn({
                    let heard = &heard;
                    move || heard.next(Ticket(ticket))
                })
            };
            let (one, two) = (waits(1), waits(2));
            let lists: Vec<_> = (0..2)
                .map(|_| threads.spawn(|| heard.wait_for_change(0, deadline)))
                .collect();
            tell(done(2));
            tell(EnvironmentEvent::Changed);
            tell(done(1));
            for thread in [one, two] {
                let event = thread.join().expect("no panic");
                assert!(matches!(event, Some(JobEvent::Done(Ok(_)))), "{event:?}");
            }
            for thread in lists {
                assert_eq!(thread.join().expect("no panic"), Some(1));
            }
        });
        drop(tell);
        assert!(heard.next(Ticket(1)).is_none(), "nobody tells any more");
        assert_eq!(heard.wait_for_change(1, deadline), None);
    }
}

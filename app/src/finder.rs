//! Searching panes beside the user interface: one thread that holds a pane's lock for a step at a time.
//!
//! The window asks for a search and reads what was found so far; it is told "look again" when there is more.
//! A search that is no longer wanted ends with its step. The thread begins with the first search.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use crossbeam::channel::{Receiver, Sender, unbounded};
use parking_lot::{Mutex, MutexGuard};
use terminal::search::{Excerpt, Match, Pattern, Search};
use winit::event_loop::EventLoopProxy;

use crate::event::AppEvent;
use crate::pane::PaneId;
use crate::session::Session;

/// Bytes searched under the first hold of a pane's lock …
const FIRST_STEP: usize = 128 * 1024;
/// … and at the most; in between, as many as take about [`STEP_TIME`].
const LARGEST_STEP: usize = 2 * 1024 * 1024;
/// How long a step should hold the pane's lock.
const STEP_TIME: Duration = Duration::from_millis(2);
/// How often the window is told that there is more while a search runs.
const TELL_EVERY: Duration = Duration::from_millis(15);
/// Cells of text before and after a match in a list.
const AROUND: usize = 60;

/// The thread that searches.
pub(crate) struct Finder {
    jobs: Sender<Arc<Searching>>,
    proxy: EventLoopProxy<AppEvent>,
}

/// A line of a list of matches.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listed {
    /// The match.
    pub(crate) found: Match,
    /// Its row, counted from 1 for the oldest that can be seen.
    pub(crate) row: u64,
    /// The text around it.
    pub(crate) text: Excerpt,
}

/// A search in one pane.
pub(crate) struct Searching {
    /// Which pane.
    pub(crate) pane: PaneId,
    session: Weak<Session>,
    search: Mutex<Search>,
    /// How many of the newest matches are to be listed with their text.
    wanted: usize,
    listed: Mutex<Vec<Listed>>,
    cancelled: AtomicBool,
    /// The job waits in the queue.
    queued: AtomicBool,
    /// Output came: the screen is to be looked at again.
    again: AtomicBool,
    /// The window was told and has not looked yet.
    told: AtomicBool,
}

impl Finder {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(proxy: EventLoopProxy<AppEvent>) -> Result<Self> {
        let (jobs, queue) = unbounded();
        let teller = proxy.clone();
        thread::Builder::new()
            .name("search".into())
            .spawn(move || work(&queue, &teller))
            .context("no thread to search on")?;
        Ok(Self { jobs, proxy })
    }

    /// Begins a search in a pane, which lists the text of up to `wanted` matches when it is done.
    pub(crate) fn search(
        &self,
        pane: PaneId,
        session: &Arc<Session>,
        pattern: Pattern,
        wanted: usize,
    ) -> Arc<Searching> {
        let searching = Arc::new(Searching {
            pane,
            session: Arc::downgrade(session),
            search: Mutex::new(Search::new(pattern)),
            wanted,
            listed: Mutex::default(),
            cancelled: AtomicBool::new(false),
            queued: AtomicBool::new(false),
            again: AtomicBool::new(false),
            told: AtomicBool::new(false),
        });
        self.queue(&searching);
        searching
    }

    /// Lets a search look at what came since.
    pub(crate) fn again(&self, searching: &Arc<Searching>) {
        searching.again.store(true, Ordering::SeqCst);
        self.queue(searching);
    }

    fn queue(&self, searching: &Arc<Searching>) {
        if !searching.queued.swap(true, Ordering::SeqCst)
            && self.jobs.send(Arc::clone(searching)).is_err()
        {
            let lost = AppEvent::Notice("the search thread ended; start Terrace again".to_owned());
            let _ = self.proxy.send_event(lost);
        }
    }
}

impl Searching {
    /// What was found so far. Hold it to read; lock the pane before it, never after.
    pub(crate) fn search(&self) -> MutexGuard<'_, Search> {
        self.search.lock()
    }

    /// The newest matches with their text, once the search is done.
    pub(crate) fn listed(&self) -> Vec<Listed> {
        self.listed.lock().clone()
    }

    /// Says that the window looks now: it is told of what comes after.
    pub(crate) fn acknowledge(&self) {
        self.told.store(false, Ordering::SeqCst);
    }

    /// Ends it.
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    fn tell(&self, proxy: &EventLoopProxy<AppEvent>) {
        if !self.told.swap(true, Ordering::SeqCst) {
            // Fails only when the loop has ended.
            let _ = proxy.send_event(AppEvent::Found(self.pane));
        }
    }

    /// Writes down the newest matches.
    fn list(&self, session: &Session) {
        let terminal = session.lock();
        let search = self.search.lock();
        let matches = search.matches();
        let first_row = terminal.row_numbers().0;
        let listed = (0..matches.len())
            .rev()
            .take(self.wanted)
            .filter_map(|index| {
                let found = matches.get(index)?;
                Some(Listed {
                    found,
                    row: found.row.saturating_sub(first_row) + 1,
                    text: terminal.excerpt(&found, AROUND)?,
                })
            })
            .collect();
        *self.listed.lock() = listed;
    }
}

fn work(queue: &Receiver<Arc<Searching>>, proxy: &EventLoopProxy<AppEvent>) {
    for searching in queue {
        searching.queued.store(false, Ordering::SeqCst);
        run(&searching, proxy);
    }
}

/// Searches to the end, or until it is cancelled.
fn run(searching: &Searching, proxy: &EventLoopProxy<AppEvent>) {
    let Some(session) = searching.session.upgrade() else {
        return;
    };
    let mut step = FIRST_STEP;
    let started = Instant::now();
    let mut told = started;
    loop {
        if searching.cancelled.load(Ordering::SeqCst) {
            return;
        }
        let began;
        let more = {
            let terminal = session.lock();
            let mut search = searching.search.lock();
            began = Instant::now();
            if searching.again.swap(false, Ordering::SeqCst) {
                terminal.search_again(&mut search);
            }
            terminal.search(&mut search, step)
        };
        let took = began.elapsed();
        if took < STEP_TIME / 2 {
            step = (step * 2).min(LARGEST_STEP);
        } else if took > STEP_TIME {
            step = (step / 2).max(16 * 1024);
        }
        if !more {
            break;
        }
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            searching.tell(proxy);
        }
        // Whoever waits for the pane's lock gets it now.
        thread::yield_now();
    }
    let elapsed_us = started.elapsed().as_micros();
    let matches = searching.search.lock().matches().len();
    tracing::debug!(elapsed_us, matches, "searched");
    if searching.wanted > 0 {
        searching.list(&session);
    }
    searching.tell(proxy);
}

//! The manager's thread: the only place where what is known is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crossbeam::channel::{Receiver, Sender};
use parking_lot::Mutex;

use super::job::{Job, JobLog, Logs, Rest, Task, Tell};
use super::{EnvironmentEvent, JobEvent, JobSnapshot, ProviderSnapshot, Snapshot, Ticket};
use crate::failure::Failure;
use crate::plan::{Act, Cleanup, ShellWish, Values};
use crate::provider::{Abilities, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, Listing, ProviderId, Scope};
use crate::state::State;
use crate::tool::{self, Cancel, Limit, ToolCall};

/// A provider's thread that is this late is said to be slow, whatever it waits for.
const LATE: Duration = Duration::from_secs(5);
/// A list that is watched is still asked for this often: a line may have been missed.
const WATCHED: Duration = Duration::from_secs(60);
/// How long after a watching process's line the list is asked for: changes come in bursts.
const SETTLE: Duration = Duration::from_millis(150);
/// The first and the longest pause before a provider that failed is asked again by itself.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
/// How long tools wait when somebody begins to look: what is known is drawn before they take the processor.
const HEAD_START: Duration = Duration::from_millis(80);
/// How soon something that is on its way is looked at again; the pause grows while it stays on its way.
const PASSING: Duration = Duration::from_secs(2);
/// A list that changes all the time is asked for so seldom that asking takes at most this part of the time.
const SHARE: u32 = 5;
/// How long the end waits for threads that were called off.
const LAST_WORDS: Duration = Duration::from_secs(4);
/// A cleanup, and what is run at the end.
const CLEAN_UP: Duration = Duration::from_secs(10);

/// What the thread is told, by the handle and by its own threads.
pub(super) enum Message {
    Providers(Vec<Arc<dyn Provider>>),
    Scope(Scope),
    Refresh(Option<ProviderId>),
    Watch(bool),
    Open(Ticket, EnvironmentId, Box<ShellWish>),
    Act(Ticket, EnvironmentId, Act),
    Run(Ticket, EnvironmentId, Box<ShellWish>, Duration),
    Create(Ticket, ProviderId, Values),
    Parameters(Ticket, ProviderId, Values),
    Ports(Ticket, EnvironmentId),
    Cancel(Ticket),
    CleanUp(Cleanup),
    Lost(EnvironmentId),
    Quit,
    /// The same, without what the providers do at the end.
    Leave,
    /// A listing came back.
    Listed(ProviderId, u64, Result<Listing, Failure>),
    /// A watching process said something.
    Nudge(ProviderId),
    /// A watching process ended.
    Unwatched(ProviderId),
    /// A forward is ready, or an opening succeeded.
    Reached(Ticket, Option<u16>),
    /// A job's thread ended.
    Ended(Ticket, Rest),
    /// A cleanup's thread ended.
    Cleaned,
}

/// A provider and what is known of it.
struct Slot {
    provider: Arc<dyn Provider>,
    items: Arc<[EnvironmentSpec]>,
    failure: Option<Failure>,
    listed_at: Option<SystemTime>,
    /// When the last question was asked, and the last that was answered.
    began: SystemTime,
    asked_at: Option<SystemTime>,
    truncated: bool,
    /// The listing that runs: its switch, and when it is late.
    asking: Option<(Cancel, Instant)>,
    /// Ask again when the running listing is done: something changed since it began.
    again: bool,
    /// When to ask by itself.
    due: Option<Instant>,
    backoff: Duration,
    /// The pause before the next look at what is on its way.
    passing: Duration,
    /// Before this, a change is no reason to ask.
    rests_until: Instant,
    /// Counts listings, so that one that comes too late is known.
    epoch: u64,
    watcher: Option<Cancel>,
    watch_again: Option<Instant>,
}

impl Slot {
    fn new(provider: Arc<dyn Provider>) -> Self {
        Self {
            provider,
            items: Arc::default(),
            failure: None,
            listed_at: None,
            began: SystemTime::UNIX_EPOCH,
            asked_at: None,
            truncated: false,
            asking: None,
            again: false,
            due: None,
            backoff: BACKOFF.0,
            passing: PASSING,
            rests_until: Instant::now(),
            epoch: 0,
            watcher: None,
            watch_again: None,
        }
    }
}

/// A job that runs or lasts.
struct Running {
    cancel: Cancel,
    env: Option<EnvironmentId>,
    what: &'static str,
    since: SystemTime,
    passing: Option<State>,
    forward: Option<(u16, u16)>,
    remote: Option<u16>,
    /// Its thread has ended; this undoes what it did.
    undo: Option<(Arc<dyn Provider>, ToolCall)>,
}

/// The thread's own.
pub(super) struct Owner {
    slots: Vec<Slot>,
    scope: Scope,
    watched: bool,
    jobs: BTreeMap<Ticket, Running>,
    lost: BTreeSet<EnvironmentId>,
    /// Threads of listings, watchers, jobs and cleanups that have not said their last word.
    threads: usize,
    generation: u64,
    tell: Tell,
    back: Sender<Message>,
    snapshot: Arc<Mutex<Arc<Snapshot>>>,
    logs: Logs,
}

impl Owner {
    pub(super) fn new(
        providers: Vec<Arc<dyn Provider>>,
        tell: Tell,
        back: Sender<Message>,
        snapshot: Arc<Mutex<Arc<Snapshot>>>,
        logs: Logs,
    ) -> Self {
        let mut owner = Self {
            slots: providers.into_iter().map(Slot::new).collect(),
            scope: Scope::default(),
            watched: false,
            jobs: BTreeMap::new(),
            lost: BTreeSet::new(),
            threads: 0,
            generation: 0,
            tell,
            back,
            snapshot,
            logs,
        };
        owner.publish();
        owner
    }

    /// Works until it is told to quit.
    pub(super) fn run(&mut self, messages: &Receiver<Message>) {
        let mut leaves = false;
        loop {
            let message = match self.next_deadline() {
                Some(at) => match messages.recv_deadline(at) {
                    Ok(message) => Some(message),
                    Err(error) if error.is_timeout() => None,
                    Err(_) => break,
                },
                None => match messages.recv() {
                    Ok(message) => Some(message),
                    Err(_) => break,
                },
            };
            match message {
                Some(Message::Quit) => break,
                Some(Message::Leave) => {
                    leaves = true;
                    break;
                }
                Some(message) => self.on_message(message),
                None => {}
            }
            self.do_what_is_due();
        }
        self.end(messages, leaves);
    }

    fn on_message(&mut self, message: Message) {
        match message {
            Message::Providers(providers) => self.exchange(providers),
            Message::Scope(scope) => {
                if self.scope != scope {
                    self.scope = scope;
                    if self.watched {
                        self.ask_all();
                    }
                }
            }
            Message::Refresh(None) => self.ask_all(),
            Message::Refresh(Some(id)) => self.with_slot(&id, Self::ask),
            Message::Watch(looking) => self.watch(looking),
            Message::Open(ticket, id, wish) => {
                let env = self.spec(&id);
                self.lost.remove(&id);
                self.begin(ticket, &id.provider, Task::Open(env, wish));
            }
            Message::Act(ticket, id, act) => {
                let env = self.spec(&id);
                self.begin(ticket, &id.provider, Task::Act(env, act));
            }
            Message::Run(ticket, id, wish, within) => {
                let env = self.spec(&id);
                self.begin(ticket, &id.provider, Task::Run(env, wish, within));
            }
            Message::Create(ticket, provider, values) => {
                self.begin(ticket, &provider, Task::Create(values));
            }
            Message::Parameters(ticket, provider, known) => {
                self.begin(ticket, &provider, Task::Parameters(known));
            }
            Message::Ports(ticket, id) => {
                let env = self.spec(&id);
                self.begin(ticket, &id.provider, Task::Ports(env));
            }
            Message::Cancel(ticket) => self.cancel(ticket),
            Message::CleanUp(cleanup) => self.clean_up(cleanup),
            Message::Lost(id) => {
                self.lost.insert(id.clone());
                self.with_slot(&id.provider, Self::ask);
                self.publish();
            }
            Message::Listed(id, epoch, result) => self.listed(&id, epoch, result),
            Message::Nudge(id) => self.with_slot(&id, |owner, index| {
                let slot = &mut owner.slots[index];
                let soon = slot.rests_until.max(Instant::now() + SETTLE);
                // The first of a burst counts: one that does not end must not put it off for ever.
                slot.due = Some(slot.due.map_or(soon, |due| due.min(soon)));
            }),
            Message::Unwatched(id) => {
                self.threads -= 1;
                self.with_slot(&id, |owner, index| {
                    let slot = &mut owner.slots[index];
                    slot.watcher = None;
                    slot.watch_again = Some(Instant::now() + slot.backoff);
                    slot.due = slot.due.or(Some(Instant::now() + SETTLE));
                });
            }
            Message::Reached(ticket, port) => {
                if let Some(job) = self.jobs.get_mut(&ticket) {
                    job.forward = port.zip(job.remote);
                    self.publish();
                }
            }
            Message::Ended(ticket, rest) => self.ended(ticket, rest),
            Message::Cleaned => self.threads -= 1,
            Message::Quit | Message::Leave => {}
        }
    }

    /// The environment as it is known, or by its id alone.
    fn spec(&self, id: &EnvironmentId) -> EnvironmentSpec {
        let slot = self
            .slots
            .iter()
            .find(|slot| *slot.provider.id() == id.provider);
        let known = slot.and_then(|slot| slot.items.iter().find(|item| item.id == *id));
        known.cloned().unwrap_or_else(|| {
            let mut unlisted = EnvironmentSpec::new(id.clone(), id.local.clone());
            // What it can is asked when it matters.
            unlisted.can = Abilities::none();
            unlisted
        })
    }

    fn with_slot(&mut self, id: &ProviderId, run: impl FnOnce(&mut Self, usize)) {
        if let Some(index) = self.slots.iter().position(|slot| slot.provider.id() == id) {
            run(self, index);
        }
    }

    fn exchange(&mut self, providers: Vec<Arc<dyn Provider>>) {
        let mut old = std::mem::take(&mut self.slots);
        for provider in providers {
            let kept = old
                .iter()
                .position(|slot| slot.provider.id() == provider.id());
            let mut slot = match kept {
                Some(index) => old.swap_remove(index),
                None => Slot::new(Arc::clone(&provider)),
            };
            slot.provider = provider;
            slot.due = Some(Instant::now()).filter(|_| self.watched);
            self.slots.push(slot);
        }
        for slot in old {
            slot.call_off();
        }
        self.publish();
    }

    fn watch(&mut self, looking: bool) {
        if self.watched == looking {
            return;
        }
        self.watched = looking;
        for slot in &mut self.slots {
            if looking {
                let now = Instant::now() + HEAD_START;
                let fresh = slot.listed_at.and_then(|at| at.elapsed().ok());
                let every = slot.provider.pace().every;
                slot.due = Some(match fresh {
                    Some(age) if age < every => now + (every - age),
                    _ => now,
                });
                slot.watch_again = Some(now);
            } else {
                slot.due = None;
                slot.watch_again = None;
                if let Some(cancel) = &slot.watcher {
                    cancel.cancel();
                }
            }
        }
    }

    fn ask_all(&mut self) {
        for index in 0..self.slots.len() {
            self.ask(index);
        }
    }

    /// Asks a provider for its list, in a thread of its own.
    fn ask(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        slot.due = None;
        if slot.asking.is_some() {
            slot.again = true;
            return;
        }
        slot.epoch += 1;
        slot.began = SystemTime::now();
        let timeout = slot.provider.pace().timeout;
        let limit = Limit::within(timeout);
        slot.asking = Some((limit.cancel.clone(), Instant::now() + timeout + LATE));
        let (provider, epoch, scope) = (Arc::clone(&slot.provider), slot.epoch, self.scope.clone());
        let id = provider.id().clone();
        let back = self.back.clone();
        let name = format!("tool-{id}");
        let work = move || {
            let result = provider.list(&scope, &limit);
            let _ = back.send(Message::Listed(provider.id().clone(), epoch, result));
        };
        match std::thread::Builder::new().name(name).spawn(work) {
            Ok(_) => self.threads += 1,
            Err(error) => {
                let slot = &mut self.slots[index];
                slot.asking = None;
                slot.failure = Some(Failure::Other(format!("no thread: {error}")));
            }
        }
        self.publish();
    }

    fn listed(&mut self, id: &ProviderId, epoch: u64, result: Result<Listing, Failure>) {
        self.threads -= 1;
        let now = Instant::now();
        let watched = self.watched;
        self.with_slot(id, |owner, index| {
            let slot = &mut owner.slots[index];
            if slot.epoch != epoch {
                return;
            }
            slot.asking = None;
            slot.asked_at = Some(slot.began);
            slot.rests_until = now + slot.began.elapsed().unwrap_or_default() * SHARE;
            let next = match result {
                Ok(listing) => {
                    let items = merge(&slot.items, listing.items);
                    // Who looks at a list that is the same need not look again.
                    if slot.items != items {
                        slot.items = items;
                        slot.passing = PASSING;
                    }
                    slot.truncated = listing.truncated;
                    slot.failure = None;
                    slot.listed_at = Some(SystemTime::now());
                    slot.backoff = BACKOFF.0;
                    let every = match slot.watcher {
                        Some(_) => WATCHED,
                        None => slot.provider.pace().every,
                    };
                    if slot.items.iter().any(|item| item.state.is_passing()) {
                        let pause = slot.passing;
                        slot.passing = (pause * 3 / 2).min(every.max(PASSING));
                        pause.min(every)
                    } else {
                        every
                    }
                }
                Err(failure) => {
                    tracing::debug!(provider = %id, %failure, "not listed");
                    let next = if failure.may_pass() {
                        slot.backoff
                    } else {
                        BACKOFF.1
                    };
                    slot.backoff = (slot.backoff * 2).min(BACKOFF.1);
                    slot.failure = Some(failure);
                    next
                }
            };
            // What was nudged while it ran is sooner.
            let sooner = slot.due.map(|due| due.max(slot.rests_until));
            let due = sooner.map_or(now + next, |sooner| sooner.min(now + next));
            slot.due = watched.then_some(due);
            if std::mem::take(&mut slot.again) {
                owner.ask(index);
            }
        });
        self.publish();
    }

    /// Starts a job in a thread of its own.
    fn begin(&mut self, ticket: Ticket, provider: &ProviderId, task: Task) {
        let slot = self
            .slots
            .iter()
            .find(|slot| slot.provider.id() == provider);
        let Some(provider) = slot.map(|slot| Arc::clone(&slot.provider)) else {
            let failure = Err(super::no_provider(provider));
            (self.tell)(EnvironmentEvent::Job(ticket, JobEvent::Done(failure)));
            return;
        };
        let log = Arc::new(JobLog::default());
        self.logs.lock().push((ticket, Arc::clone(&log)));
        let cancel = Cancel::new();
        let remote = match &task {
            Task::Act(_, Act::Forward { remote, .. }) => Some(*remote),
            _ => None,
        };
        let running = Running {
            cancel: cancel.clone(),
            env: task.env().map(|env| env.id.clone()),
            what: task.name(),
            since: SystemTime::now(),
            passing: task.passing_state(),
            forward: None,
            remote,
            undo: None,
        };
        let back = self.back.clone();
        let outside = Arc::clone(&self.tell);
        let told = back.clone();
        let tell: Tell = Arc::new(move |event| {
            if let EnvironmentEvent::Job(ticket, JobEvent::Ready { port, .. }) = &event {
                let _ = told.send(Message::Reached(*ticket, *port));
            }
            outside(event);
        });
        let job = Job {
            ticket,
            provider,
            scope: self.scope.clone(),
            cancel,
            log,
            tell,
        };
        let work = move || {
            let name = job.provider_id().clone();
            tracing::debug!(provider = %name, task = task.name(), "begins");
            let rest = job.run(task);
            let _ = back.send(Message::Ended(ticket, rest));
        };
        match std::thread::Builder::new()
            .name(format!("environment-{}", ticket.0))
            .spawn(work)
        {
            Ok(_) => {
                self.threads += 1;
                self.jobs.insert(ticket, running);
                self.publish();
            }
            Err(error) => {
                let failure = Failure::Other(format!("no thread: {error}"));
                (self.tell)(EnvironmentEvent::Job(ticket, JobEvent::Done(Err(failure))));
            }
        }
    }

    fn ended(&mut self, ticket: Ticket, rest: Rest) {
        self.threads -= 1;
        let Some(job) = self.jobs.get_mut(&ticket) else {
            return;
        };
        let env = job.env.clone();
        let slot = env.as_ref().and_then(|env| {
            self.slots
                .iter()
                .find(|slot| *slot.provider.id() == env.provider)
        });
        match (rest, slot) {
            (Rest::Undo(call), Some(slot)) => {
                let called_off = job.cancel.is_cancelled();
                job.undo = Some((Arc::clone(&slot.provider), call));
                if called_off {
                    self.cancel(ticket);
                }
            }
            _ => {
                self.jobs.remove(&ticket);
                self.forget_log(ticket);
            }
        }
        // Whatever it did, the list is another now.
        if let Some(env) = env {
            self.with_slot(&env.provider, Self::ask);
        }
        self.publish();
    }

    fn cancel(&mut self, ticket: Ticket) {
        let Some(job) = self.jobs.get_mut(&ticket) else {
            return;
        };
        job.cancel.cancel();
        let Some((provider, call)) = job.undo.take() else {
            return;
        };
        self.jobs.remove(&ticket);
        self.forget_log(ticket);
        self.begin(ticket, &provider.id().clone(), Task::Undo(call));
    }

    fn forget_log(&mut self, ticket: Ticket) {
        // Lines that wait are taken after the last event; the newest few logs are kept for that.
        const KEPT: usize = 64;
        let mut logs = self.logs.lock();
        let ended = logs
            .iter()
            .filter(|(one, _)| !self.jobs.contains_key(one))
            .count();
        if ended > KEPT
            && let Some(oldest) = logs
                .iter()
                .position(|(one, _)| !self.jobs.contains_key(one))
        {
            logs.remove(oldest);
        }
        tracing::trace!(ticket = ticket.0, "job ended");
    }

    fn clean_up(&mut self, cleanup: Cleanup) {
        let back = self.back.clone();
        let work = move || {
            let limit = Limit::within(CLEAN_UP);
            if let Err(failure) = tool::run_ok(&cleanup.call, &limit, &[]) {
                tracing::warn!(env = %cleanup.env, %failure, "a process may be left over there");
            }
            let _ = back.send(Message::Cleaned);
        };
        match std::thread::Builder::new()
            .name("cleanup".into())
            .spawn(work)
        {
            Ok(_) => self.threads += 1,
            Err(error) => tracing::warn!(%error, "a process is left over there"),
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        let slots = self.slots.iter();
        let times = slots.flat_map(|slot| [slot.is_due_at(), slot.watch_again, slot.late()]);
        times.flatten().min()
    }

    fn do_what_is_due(&mut self) {
        let now = Instant::now();
        for index in 0..self.slots.len() {
            let slot = &mut self.slots[index];
            if slot.is_due_at().is_some_and(|at| at <= now) {
                self.ask(index);
            }
            let slot = &mut self.slots[index];
            if slot.late().is_some_and(|at| at <= now) {
                slot.failure = Some(Failure::Slow(slot.provider.pace().timeout));
                self.publish();
            }
            let slot = &mut self.slots[index];
            if slot.watch_again.is_some_and(|at| at <= now) {
                slot.watch_again = None;
                self.start_watcher(index);
            }
        }
    }

    fn start_watcher(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        // One that cannot be listed cannot be watched either; it is tried after the next listing.
        if slot.watcher.is_some() || !self.watched {
            return;
        }
        if slot.failure.is_some() {
            slot.watch_again = Some(Instant::now() + slot.backoff);
            return;
        }
        let Some(call) = slot.provider.watch(&self.scope) else {
            return;
        };
        let call = call.timeout(Duration::from_secs(24 * 3600));
        let limit = Limit::within(Duration::from_secs(24 * 3600));
        let cancel = limit.cancel.clone();
        let (id, back) = (slot.provider.id().clone(), self.back.clone());
        let name = format!("watch-{id}");
        let work = move || {
            let ended = tool::stream(&call, &limit, &mut |_, _| {
                back.send(Message::Nudge(id.clone())).is_ok()
            });
            tracing::debug!(provider = %id, ended = ?ended.map(|output| output.status), "not watched");
            let _ = back.send(Message::Unwatched(id));
        };
        match std::thread::Builder::new().name(name).spawn(work) {
            Ok(_) => {
                slot.watcher = Some(cancel);
                self.threads += 1;
            }
            Err(error) => tracing::warn!(%error, "not watched"),
        }
    }

    /// Makes what is known public.
    fn publish(&mut self) {
        self.generation += 1;
        let jobs = self.jobs.iter();
        let passing: BTreeMap<&EnvironmentId, State> = jobs
            .filter_map(|(_, job)| Some((job.env.as_ref()?, job.passing?)))
            .collect();
        let shown = |slot: &Slot| -> Arc<[EnvironmentSpec]> {
            let special = |item: &EnvironmentSpec| {
                passing.contains_key(&item.id) || self.lost.contains(&item.id)
            };
            if !slot.items.iter().any(special) {
                return Arc::clone(&slot.items);
            }
            let mut items = slot.items.to_vec();
            for item in &mut items {
                match passing.get(&item.id) {
                    Some(state) => item.state = *state,
                    None if self.lost.contains(&item.id) && item.state == State::Ready => {
                        item.state = State::Lost;
                    }
                    None => {}
                }
            }
            items.into()
        };
        let providers = self.slots.iter().map(|slot| ProviderSnapshot {
            id: slot.provider.id().clone(),
            title: slot.provider.title(),
            abilities: slot.provider.abilities(),
            asking: slot.asking.is_some(),
            failure: slot.failure.clone(),
            listed_at: slot.listed_at,
            asked_at: slot.asked_at,
            truncated: slot.truncated,
            items: shown(slot),
        });
        let jobs = self.jobs.iter().map(|(ticket, job)| JobSnapshot {
            ticket: *ticket,
            env: job.env.clone(),
            what: job.what,
            since: job.since,
            forward: job.forward,
        });
        let snapshot = Snapshot {
            generation: self.generation,
            providers: providers.collect(),
            jobs: jobs.collect(),
        };
        *self.snapshot.lock() = Arc::new(snapshot);
        (self.tell)(EnvironmentEvent::Changed);
    }

    /// Calls everything off, and waits for it a little; unless it `leaves`, providers do their last.
    fn end(&mut self, messages: &Receiver<Message>, leaves: bool) {
        for slot in &self.slots {
            slot.call_off();
        }
        let mut calls: Vec<ToolCall> = Vec::new();
        for job in std::mem::take(&mut self.jobs).into_values() {
            job.cancel.cancel();
            calls.extend(job.undo.map(|(_, call)| call));
        }
        if !leaves {
            calls.extend(self.slots.iter().flat_map(|slot| slot.provider.at_end()));
        }
        let until = Instant::now() + LAST_WORDS;
        for call in calls {
            let limit = Limit {
                until,
                cancel: Cancel::new(),
            };
            if let Err(failure) = tool::run(&call, &limit) {
                tracing::debug!(%failure, "at the end");
            }
        }
        while self.threads > 0 {
            match messages.recv_deadline(until) {
                Ok(
                    Message::Listed(..)
                    | Message::Unwatched(_)
                    | Message::Cleaned
                    | Message::Ended(_, Rest::Nothing),
                ) => {
                    self.threads -= 1;
                }
                Ok(Message::Ended(_, Rest::Undo(call))) => {
                    self.threads -= 1;
                    let _ = tool::run(
                        &call,
                        &Limit {
                            until,
                            cancel: Cancel::new(),
                        },
                    );
                }
                // A pane that was closed just before the window.
                Ok(Message::CleanUp(cleanup)) => self.clean_up(cleanup),
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
}

impl Slot {
    /// When to ask by itself; not while it is being asked.
    fn is_due_at(&self) -> Option<Instant> {
        self.due.filter(|_| self.asking.is_none())
    }

    /// When a running listing is late; `None` once that was said.
    fn late(&self) -> Option<Instant> {
        let (_, late) = self.asking.as_ref()?;
        let said = self
            .failure
            .as_ref()
            .is_some_and(|failure| failure.kind() == "slow");
        (!said).then_some(*late)
    }

    fn call_off(&self) {
        if let Some((cancel, _)) = &self.asking {
            cancel.cancel();
        }
        if let Some(cancel) = &self.watcher {
            cancel.cancel();
        }
    }
}

/// A new list after an old one: a word that we do not know leaves the last known state, with a question mark.
fn merge(old: &[EnvironmentSpec], mut new: Vec<EnvironmentSpec>) -> Arc<[EnvironmentSpec]> {
    if new
        .iter()
        .any(|item| item.state == State::Unknown && !item.raw_state.is_empty())
    {
        let known: BTreeMap<&EnvironmentId, State> =
            old.iter().map(|item| (&item.id, item.state)).collect();
        for item in &mut new {
            if item.state == State::Unknown
                && !item.raw_state.is_empty()
                && let Some(state) = known.get(&item.id)
            {
                item.state = *state;
                item.raw_state.push('?');
            }
        }
    }
    new.into()
}

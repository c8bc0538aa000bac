//! The owner of all lives: asks providers in the background, keeps what they said, carries plans out.
//!
//! A [`Manager`] is a handle to a thread, `environments`. It never waits: its methods send a command, and
//! what comes of it is read from [`Manager::snapshot`] or told by an [`EnvironmentEvent`]. Every listing
//! runs in a thread of its own, one at a time for a provider, within the provider's timeout; a tool that
//! hangs costs its provider's line and nothing else.

mod carry;
mod job;
mod lasting;
mod owner;
mod snapshot;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use parking_lot::Mutex;

use crate::failure::{Failure, Remedy};
use crate::plan::{Act, Cleanup, Plan, ShellPlan, ShellWish, Values};
use crate::provider::{Parameter, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, ProviderId, Scope};
use crate::tool::Output;
use job::Logs;
use owner::{Message, Owner};
pub use snapshot::{JobSnapshot, NotFound, ProviderSnapshot, Snapshot};

/// Names something that the manager does: an opening, a start, a forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What the manager tells, from its own threads.
#[derive(Clone, Debug)]
pub enum EnvironmentEvent {
    /// The snapshot is another.
    Changed,
    /// Something that was asked for goes on.
    Job(Ticket, JobEvent),
}

/// How something that was asked for goes on. [`JobEvent::Opened`] and [`JobEvent::Done`] are its last.
#[derive(Clone, Debug)]
pub enum JobEvent {
    /// There are new lines; take them by [`Manager::take_lines`]. Told once until they are taken.
    Progress,
    /// A shell can be started in a pane.
    Opened(Box<Opened>),
    /// What goes on until it is called off does what it is for now.
    Ready {
        /// The port on the loopback, of a forward.
        port: Option<u16>,
        /// What should be known of it.
        note: Option<String>,
        /// Where it can be opened.
        url: Option<String>,
    },
    /// It is done, or why not.
    Done(Result<Finished, Failure>),
}

/// A shell to be started.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The environment, as it is now.
    pub env: EnvironmentSpec,
    /// What to run in the pane.
    pub plan: ShellPlan,
}

/// What came of something that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// The environment that was created.
    pub created: Option<EnvironmentId>,
    /// What the parameters of a creation are, if they were asked for.
    pub parameters: Vec<Parameter>,
    /// What a command did that was run.
    pub ran: Option<Ran>,
}

/// What came of a command that was run without a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// How it ended, and what it printed.
    pub output: Output,
    /// How long it took, without the start of its environment.
    pub took: Duration,
}

/// Ends what a pane leaves behind, for whoever drops the pane; cheap to clone.
#[derive(Clone)]
pub struct Cleaner(Sender<Message>);

impl Cleaner {
    /// As [`Manager::clean_up`].
    pub fn clean_up(&self, cleanup: Cleanup) {
        let _ = self.0.send(Message::CleanUp(cleanup));
    }

    /// As [`Manager::cancel`].
    pub fn cancel(&self, ticket: Ticket) {
        let _ = self.0.send(Message::Cancel(ticket));
    }
}

impl std::fmt::Debug for Cleaner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cleaner").finish_non_exhaustive()
    }
}

/// The handle to the manager's thread. Dropping it calls everything off, without waiting.
pub struct Manager {
    commands: Sender<Message>,
    snapshot: Arc<Mutex<Arc<Snapshot>>>,
    providers: Arc<Mutex<Vec<Arc<dyn Provider>>>>,
    logs: Logs,
    next: AtomicU64,
    ended: Receiver<()>,
}

impl Manager {
    /// Starts the thread. Nothing is asked before [`Manager::refresh`], [`Manager::watch`] or a command.
    ///
    /// `tell` is called from the manager's threads, and must not wait.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(
        providers: Vec<Arc<dyn Provider>>,
        tell: impl Fn(EnvironmentEvent) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let (commands, messages) = unbounded();
        let (end, ended) = bounded(1);
        let manager = Self {
            commands: commands.clone(),
            snapshot: Arc::default(),
            providers: Arc::new(Mutex::new(providers.clone())),
            logs: Arc::default(),
            next: AtomicU64::new(1),
            ended,
        };
        let mut owner = Owner::new(
            providers,
            Arc::new(tell),
            commands,
            Arc::clone(&manager.snapshot),
            Arc::clone(&manager.logs),
        );
        std::thread::Builder::new()
            .name("environments".into())
            .spawn(move || {
                owner.run(&messages);
                let _ = end.send(());
            })?;
        Ok(manager)
    }

    /// What is known now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.lock())
    }

    /// Exchanges the providers: the settings changed, or a description file. What is known of those that stay is kept.
    pub fn set_providers(&self, providers: Vec<Arc<dyn Provider>>) {
        self.setter()(providers);
    }

    /// [`Manager::set_providers`] for another thread, which may outlive the manager.
    pub fn setter(&self) -> impl Fn(Vec<Arc<dyn Provider>>) + Send + 'static {
        let (commands, kept) = (self.commands.clone(), Arc::clone(&self.providers));
        move |providers| {
            kept.lock().clone_from(&providers);
            let _ = commands.send(Message::Providers(providers));
        }
    }

    /// Says where the user works; providers that depend on it are asked again when it is another.
    pub fn set_scope(&self, scope: Scope) {
        self.send(Message::Scope(scope));
    }

    /// Asks one provider, or all.
    pub fn refresh(&self, provider: Option<ProviderId>) {
        self.send(Message::Refresh(provider));
    }

    /// Somebody looks at the list, or nobody does any more: while they do, it is kept up to date.
    pub fn watch(&self, looking: bool) {
        self.send(Message::Watch(looking));
    }

    /// Opens a shell: starts the environment if need be, and ends in [`JobEvent::Opened`]. It need not have been
    /// listed.
    pub fn open(&self, env: EnvironmentId, wish: ShellWish) -> Ticket {
        let ticket = self.ticket();
        self.send(Message::Open(ticket, env, Box::new(wish)));
        ticket
    }

    /// Does something with an environment. What is lost by it is asked for before, by [`Manager::plan`].
    pub fn act(&self, env: EnvironmentId, act: Act) -> Ticket {
        let ticket = self.ticket();
        self.send(Message::Act(ticket, env, act));
        ticket
    }

    /// Runs a command in an environment without a terminal, `within` this time; a stopped environment is started
    /// first. [`Finished::ran`] has what came of it.
    pub fn run(&self, env: EnvironmentId, wish: ShellWish, within: Duration) -> Ticket {
        let ticket = self.ticket();
        self.send(Message::Run(ticket, env, Box::new(wish), within));
        ticket
    }

    /// Creates an environment; [`Finished::created`] names it.
    pub fn create(&self, provider: ProviderId, values: Values) -> Ticket {
        let ticket = self.ticket();
        self.send(Message::Create(ticket, provider, values));
        ticket
    }

    /// Asks what a creation needs to know; [`Finished::parameters`] has it. `known` are the values that were given
    /// already.
    pub fn parameters(&self, provider: ProviderId, known: Values) -> Ticket {
        let ticket = self.ticket();
        self.send(Message::Parameters(ticket, provider, known));
        ticket
    }

    /// Asks which ports an environment offers; [`Finished::parameters`] has one parameter, with them as
    /// choices.
    pub fn ports(&self, env: EnvironmentId) -> Ticket {
        let ticket = self.ticket();
        self.send(Message::Ports(ticket, env));
        ticket
    }

    /// What would be run; nothing is.
    ///
    /// # Errors
    /// When the environment is not listed, or cannot do it.
    pub fn plan(&self, env: &EnvironmentId, act: &Act) -> Result<Plan, Failure> {
        let snapshot = self.snapshot();
        let spec = snapshot.find(env).ok_or_else(|| Failure::gone(env))?;
        self.provider(&env.provider)?.plan(spec, act)
    }

    /// The command that opens a shell in an environment, as it could be typed; nothing is run.
    ///
    /// # Errors
    /// When the environment is not listed, or opens no shell.
    pub fn command(&self, env: &EnvironmentId) -> Result<String, Failure> {
        let snapshot = self.snapshot();
        let spec = snapshot.find(env).ok_or_else(|| Failure::gone(env))?;
        Ok(self.provider(&env.provider)?.connection(spec)?.to_string())
    }

    /// Calls something off: an opening, a start, a forward.
    pub fn cancel(&self, ticket: Ticket) {
        self.send(Message::Cancel(ticket));
    }

    /// Runs what ends far processes after a pane was closed. Complaints go to the log only.
    pub fn clean_up(&self, cleanup: Cleanup) {
        self.send(Message::CleanUp(cleanup));
    }

    /// A handle for whoever drops panes.
    #[must_use]
    pub fn cleaner(&self) -> Cleaner {
        Cleaner(self.commands.clone())
    }

    /// A shell there ended without the environment's doing: shown as lost until one is opened again.
    pub fn lost(&self, env: EnvironmentId) {
        self.send(Message::Lost(env));
    }

    /// The new lines of something that goes on; the oldest are dropped when nobody takes them.
    #[must_use]
    pub fn take_lines(&self, ticket: Ticket) -> Vec<String> {
        let logs = self.logs.lock();
        let log = logs.iter().find(|(one, _)| *one == ticket);
        log.map(|(_, log)| log.take()).unwrap_or_default()
    }

    /// Calls everything off and waits for its end; false when that takes longer.
    pub fn close(self, within: Duration) -> bool {
        self.send(Message::Quit);
        self.ended.recv_timeout(within).is_ok()
    }

    /// [`Manager::close`] for another thread, which may outlive the manager, and for one of several processes of the
    /// user's: what they share is left to them ([`Provider::at_end`] is not run).
    pub fn leaver(&self) -> impl Fn(Duration) -> bool + Send + Sync + 'static {
        let (commands, ended) = (self.commands.clone(), self.ended.clone());
        move |within| {
            let _ = commands.send(Message::Leave);
            // Another may have had the word that it has ended; then there is none any more.
            !matches!(ended.recv_timeout(within), Err(RecvTimeoutError::Timeout))
        }
    }

    fn provider(&self, id: &ProviderId) -> Result<Arc<dyn Provider>, Failure> {
        let providers = self.providers.lock();
        let provider = providers.iter().find(|provider| provider.id() == id);
        provider.cloned().ok_or_else(|| no_provider(id))
    }

    fn ticket(&self) -> Ticket {
        Ticket(self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn send(&self, message: Message) {
        // Fails only when the thread has ended, and everything with it.
        let _ = self.commands.send(message);
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        self.send(Message::Quit);
    }
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Manager").finish_non_exhaustive()
    }
}

fn no_provider(id: &ProviderId) -> Failure {
    Failure::Unsupported(format!(
        "no kind of environment is called {id:?}",
        id = id.as_str()
    ))
    .with_remedy(Remedy::say("see terrace env list"))
}

#[cfg(test)]
mod tests;

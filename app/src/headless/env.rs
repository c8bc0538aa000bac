//! `terrace env …`: environments without a window, by the same manager.

mod act;
mod check;
mod diff;
mod list;
mod run;
mod sides;
mod toolchain;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use config::Config;
use crossbeam::channel::{Receiver, unbounded};
use environments::{
    EnvironmentEvent, EnvironmentId, EnvironmentSpec, Failure, JobEvent, Limit, Manager, Provider,
    ProviderId, Scope, Ticket,
};

use crate::cli::env::{EnvArgs, EnvCommand};
use crate::cli::{EnvironmentOption, WindowOptions};
use crate::environments::providers;

/// The longest that the list of all kinds takes: each has its own limit, which is shorter.
const LISTING: Duration = Duration::from_secs(60);
/// How long the end waits for tools that were called off.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Does what the command says.
///
/// # Errors
/// What went wrong, for the user.
pub(super) fn run(args: EnvArgs) -> Result<ExitCode> {
    let loaded = super::load(&args.settings.settings())?;
    let session = Session::start(&loaded.config, &args.folder)?;
    let json = args.json;
    match args.command {
        EnvCommand::List { kinds } => list::list(&session, &kinds, json),
        EnvCommand::Show { name } => list::show(&session, &name, json),
        EnvCommand::Open {
            name,
            cd,
            window,
            command,
        } => {
            let id = session.resolve(&name)?.id;
            session.end();
            let options = WindowOptions {
                settings: args.settings.settings(),
                command,
                environment: Some(EnvironmentOption { id, folder: cd }),
                ..WindowOptions::default()
            };
            open(options, window)
        }
        EnvCommand::Run(run) => run::run(&session, &run, json),
        EnvCommand::Start { names } => act::start(&session, &names),
        EnvCommand::Stop { names } => act::stop(&session, &names),
        EnvCommand::Create { kind, values } => act::create(&session, &kind, values, json),
        EnvCommand::Discard { names, yes } => act::discard(&session, &names, yes),
        EnvCommand::Forward { name, ports } => act::forward(&session, &name, ports),
        EnvCommand::Logs { name, follow } => act::logs(&session, &name, follow),
        // A description is looked at by itself.
        EnvCommand::Check(args) => check::run(&args),
        EnvCommand::Diff(diff) => diff::diff(&session, &diff, json),
    }
}

/// Opens a tab with a shell in the environment in the Terrace that runs; a window where none does, where it may
/// not be asked, or where one is wanted.
fn open(options: WindowOptions, window: bool) -> Result<ExitCode> {
    // Settings of its own need a process of its own.
    let own = options.settings.config.is_some() || !options.settings.options.is_empty();
    let asked = (!window && !own).then(|| crate::control::client::open_tab(&options));
    match asked.flatten() {
        Some(Ok(())) => return Ok(ExitCode::SUCCESS),
        Some(Err(error)) => tracing::warn!("a window of its own: {error:#}"),
        None => {}
    }
    crate::application::run(options)
}

/// The manager, for the time of one command.
pub(super) struct Session {
    manager: Manager,
    events: Receiver<EnvironmentEvent>,
    providers: Vec<Arc<dyn Provider>>,
    scope: Scope,
}

impl Session {
    fn start(config: &Config, folders: &[PathBuf]) -> Result<Self> {
        let providers = providers(config);
        let (tell, events) = unbounded();
        let manager = Manager::start(providers.clone(), move |event| drop(tell.send(event)))
            .context("the thread for environments could not be started")?;
        let folders: Vec<PathBuf> = if folders.is_empty() {
            std::env::current_dir().into_iter().collect()
        } else {
            let whole = |folder: &PathBuf| {
                let what = || format!("folder {} cannot be entered", folder.display());
                folder.canonicalize().with_context(what)
            };
            folders.iter().map(whole).collect::<Result<_>>()?
        };
        let scope = Scope {
            folders,
            ..Scope::default()
        };
        manager.set_scope(scope.clone());
        Ok(Self {
            manager,
            events,
            providers,
            scope,
        })
    }

    /// Asks these kinds for their lists, and waits for the answers; none: all.
    fn list(&self, kinds: &[ProviderId]) -> Result<()> {
        if kinds.is_empty() {
            self.manager.refresh(None);
        }
        for kind in kinds {
            anyhow::ensure!(
                self.providers.iter().any(|provider| provider.id() == kind),
                "no kind of environment is called \"{kind}\"; there are {}",
                self.kinds()
            );
            self.manager.refresh(Some(kind.clone()));
        }
        let deadline = std::time::Instant::now() + LISTING;
        loop {
            let snapshot = self.manager.snapshot();
            let asked = |id: &ProviderId| kinds.is_empty() || kinds.contains(id);
            let all = snapshot
                .providers
                .iter()
                .filter(|provider| asked(&provider.id))
                .all(|provider| {
                    !provider.asking && (provider.listed_at.is_some() || provider.failure.is_some())
                });
            if all {
                return Ok(());
            }
            if self.events.recv_deadline(deadline).is_err() {
                bail!("the list did not come in {} s", LISTING.as_secs());
            }
        }
    }

    fn kinds(&self) -> String {
        let ids: Vec<&str> = self
            .providers
            .iter()
            .map(|provider| provider.id().as_str())
            .collect();
        ids.join(", ")
    }

    /// The environment that a person named. With `KIND:` before it only that kind is asked.
    fn resolve(&self, name: &str) -> Result<EnvironmentSpec> {
        let id = name.parse::<EnvironmentId>().ok();
        let kind = id.filter(|id| self.providers.iter().any(|one| *one.id() == id.provider));
        let Some(id) = kind else {
            self.list(&[])?;
            return Ok(self.manager.snapshot().by_name(name)?.clone());
        };
        self.list(std::slice::from_ref(&id.provider))?;
        let snapshot = self.manager.snapshot();
        match snapshot.by_name(name) {
            Ok(found) => Ok(found.clone()),
            // ssh knows more hosts than its files list.
            Err(_) if id.provider.as_str() == "ssh" => {
                Ok(EnvironmentSpec::new(id.clone(), id.local))
            }
            Err(error) => {
                let failure = snapshot
                    .provider(&id.provider)
                    .and_then(|one| one.failure.clone());
                Err(failure.map_or_else(|| error.into(), anyhow::Error::from))
            }
        }
    }

    fn resolve_all(&self, names: &[String]) -> Result<Vec<EnvironmentSpec>> {
        names.iter().map(|name| self.resolve(name)).collect()
    }

    fn provider(&self, env: &EnvironmentSpec) -> Result<Arc<dyn Provider>> {
        let provider = self
            .providers
            .iter()
            .find(|provider| *provider.id() == env.id.provider);
        provider
            .cloned()
            .with_context(|| format!("no kind of environment for {}", env.id))
    }

    /// The environment with all that a command in it needs; started, if it is stopped and can be.
    fn prepare(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<EnvironmentSpec, Failure> {
        let provider = self
            .provider(env)
            .map_err(|error| Failure::Other(error.to_string()))?;
        provider.prepare(env, limit)
    }

    /// Waits for a job's last event; its lines go to `line` as they come.
    fn wait(&self, ticket: Ticket, line: &mut dyn FnMut(&str)) -> Result<JobEvent> {
        loop {
            let event = self.events.recv().context("the manager has ended")?;
            let EnvironmentEvent::Job(one, event) = event else {
                continue;
            };
            if one != ticket {
                continue;
            }
            for text in self.manager.take_lines(ticket) {
                line(&text);
            }
            match event {
                JobEvent::Progress => {}
                event => return Ok(event),
            }
        }
    }

    fn end(self) {
        self.manager.close(LAST_WORDS);
    }
}

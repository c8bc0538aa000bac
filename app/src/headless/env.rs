//! `terrace env …`: environments without a window, by the same manager.

mod act;
mod check;
mod diff;
mod heard;
mod list;
mod run;
mod sides;
mod toolchain;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use config::Config;
use environments::{
    Abilities, Act, EnvironmentId, EnvironmentSpec, Failure, Finished, JobEvent, Limit, Manager,
    Provider, ProviderId, Scope, State, Ticket,
};

use crate::cli::env::{EnvArgs, EnvCommand};
use crate::cli::{EnvironmentOption, WindowOptions};
use crate::environments::providers;
use heard::Heard;

/// The longest that the list of all kinds takes: each has its own limit, which is shorter.
const LISTING: Duration = Duration::from_secs(60);
/// How long the end waits for tools that were called off.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Does what the command says.
///
/// # Errors
/// What went wrong, for the user.
pub(super) fn run(args: EnvArgs) -> Result<ExitCode> {
    let json = args.json;
    let outcome = carry_out(args);
    if let Err(error) = &outcome
        && json
    {
        let failure = match error.downcast_ref::<Failure>() {
            Some(failure) => failure.clone(),
            None => Failure::Other(format!("{error:#}")),
        };
        let value = serde_json::json!({
            "version": list::VERSION,
            "failure": list::failure_json(&failure),
        });
        super::print(&format!("{value}\n"))?;
    }
    outcome
}

fn carry_out(args: EnvArgs) -> Result<ExitCode> {
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
            let env = session.resolve(&name)?;
            let id = env.id.clone();
            session.end();
            let options = WindowOptions {
                settings: args.settings.settings(),
                command,
                environment: Some(EnvironmentOption { id, folder: cd }),
                ..WindowOptions::default()
            };
            open(options, window, json.then_some(&env))
        }
        EnvCommand::Run(run) => run::run(&session, &run, json),
        EnvCommand::Start { names } => act::start(&session, &names, json),
        EnvCommand::Stop { names } => act::stop(&session, &names, json),
        EnvCommand::Create { kind, values } => act::create(&session, &kind, values, json),
        EnvCommand::Discard { names, yes } => act::discard(&session, &names, yes, json),
        EnvCommand::Forward { name, ports } => act::forward(&session, &name, ports, json),
        EnvCommand::Logs { name, follow } => act::logs(&session, &name, follow),
        // A description is looked at by itself.
        EnvCommand::Check(args) => check::run(&args, json),
        EnvCommand::Diff(diff) => diff::diff(&session, &diff, json),
    }
}

/// Opens a tab with a shell in the environment in the Terrace that runs; a window where none does, where it may
/// not be asked, or where one is wanted. `told`: the environment, if what is opened is to be said as JSON.
fn open(options: WindowOptions, window: bool, told: Option<&EnvironmentSpec>) -> Result<ExitCode> {
    let tell = |opened: &str| match told {
        Some(env) => {
            let id = env.id.to_string();
            let value = serde_json::json!({
                "version": list::VERSION, "id": id, "name": env.name, "opened": opened,
            });
            super::print(&format!("{value}\n"))
        }
        None => Ok(()),
    };
    // Settings of its own need a process of its own.
    let own = options.settings.config.is_some() || !options.settings.options.is_empty();
    let asked = (!window && !own).then(|| crate::control::client::open_tab(&options));
    match asked.flatten() {
        Some(Ok(())) => {
            tell("tab")?;
            return Ok(ExitCode::SUCCESS);
        }
        Some(Err(error)) => tracing::warn!("a window of its own: {error:#}"),
        None => {}
    }
    crate::application::check_display()?;
    tell("window")?;
    crate::application::run(options)
}

/// The manager, for the time of one command. Several threads may wait for what they asked.
pub(super) struct Session {
    manager: Manager,
    heard: Heard,
    providers: Vec<Arc<dyn Provider>>,
    scope: Scope,
}

impl Session {
    fn start(config: &Config, folders: &[PathBuf]) -> Result<Self> {
        let providers = providers(config);
        let heard = Heard::default();
        let manager = Manager::start(providers.clone(), heard.teller())
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
            heard,
            providers,
            scope,
        })
    }

    /// Asks these kinds for their lists, and waits for the answers; none: all. An answer to a question that was asked
    /// before is as good.
    fn list(&self, kinds: &[ProviderId]) -> Result<()> {
        self.list_since(kinds, SystemTime::UNIX_EPOCH)
    }

    /// The same, by answers to questions that were not asked before `since`.
    fn list_since(&self, kinds: &[ProviderId], since: SystemTime) -> Result<()> {
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
        let deadline = Instant::now() + LISTING;
        let mut seen = self.heard.changes();
        loop {
            let snapshot = self.manager.snapshot();
            let asked = |id: &ProviderId| kinds.is_empty() || kinds.contains(id);
            let all = snapshot
                .providers
                .iter()
                .filter(|provider| asked(&provider.id))
                .all(|provider| {
                    !provider.asking && provider.asked_at.is_some_and(|asked| asked >= since)
                });
            if all {
                return Ok(());
            }
            match self.heard.wait_for_change(seen, deadline) {
                Some(changes) => seen = changes,
                None => bail!("the list did not come in {} s", LISTING.as_secs()),
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
        let mut envs = self.resolve_all(&[name.to_owned()])?;
        envs.pop().context("one name, one environment")
    }

    /// The environments that a person named; all that must be asked are asked at once.
    fn resolve_all(&self, names: &[String]) -> Result<Vec<EnvironmentSpec>> {
        let kinds: Option<BTreeSet<ProviderId>> = names
            .iter()
            .map(|name| self.with_kind(name).map(|id| id.provider))
            .collect();
        let kinds = kinds.map(Vec::from_iter).unwrap_or_default();
        self.list(&kinds)?;
        names.iter().map(|name| self.known(name)).collect()
    }

    /// What is written `KIND:NAME`, with a kind that there is.
    fn with_kind(&self, name: &str) -> Option<EnvironmentId> {
        let id = name.parse::<EnvironmentId>().ok()?;
        let known = self.providers.iter().any(|one| *one.id() == id.provider);
        known.then_some(id)
    }

    /// The environment of that name in what is known.
    fn known(&self, name: &str) -> Result<EnvironmentSpec> {
        let snapshot = self.manager.snapshot();
        let Some(id) = self.with_kind(name) else {
            return Ok(snapshot.by_name(name)?.clone());
        };
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

    fn provider(&self, env: &EnvironmentSpec) -> Result<Arc<dyn Provider>> {
        let provider = self
            .providers
            .iter()
            .find(|provider| *provider.id() == env.id.provider);
        provider
            .cloned()
            .with_context(|| format!("no kind of environment for {}", env.id))
    }

    /// The environment with all that a command in it needs.
    fn prepare(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<EnvironmentSpec, Failure> {
        let provider = self
            .provider(env)
            .map_err(|error| Failure::Other(error.to_string()))?;
        provider.prepare(env, limit)
    }

    /// The environment, started if it is stopped and can be; the lines of that go to `line`.
    fn start_if_stopped(
        &self,
        env: &EnvironmentSpec,
        line: &mut dyn FnMut(&str),
    ) -> Result<EnvironmentSpec, Failure> {
        let stopped = matches!(env.state, State::Stopped | State::Absent);
        if !stopped || !env.can.has(Abilities::START) {
            return Ok(env.clone());
        }
        let other = |error: anyhow::Error| Failure::Other(format!("{error:#}"));
        let ticket = self.manager.act(env.id.clone(), Act::Start);
        self.done(ticket, line).map_err(other)??;
        let since = SystemTime::now();
        // Starting may have given it what a shell needs to know.
        self.list_since(std::slice::from_ref(&env.id.provider), since)
            .map_err(other)?;
        let known = self.manager.snapshot().find(&env.id).cloned();
        Ok(known.unwrap_or_else(|| env.clone()))
    }

    /// Waits for what a job tells next, other than that there are lines; those go to `line` as they come.
    fn wait(&self, ticket: Ticket, line: &mut dyn FnMut(&str)) -> Result<JobEvent> {
        loop {
            let event = self.heard.next(ticket).context("the manager has ended")?;
            for text in self.manager.take_lines(ticket) {
                line(&text);
            }
            match event {
                JobEvent::Progress => {}
                event => return Ok(event),
            }
        }
    }

    /// Waits for a job's end.
    fn done(
        &self,
        ticket: Ticket,
        line: &mut dyn FnMut(&str),
    ) -> Result<Result<Finished, Failure>> {
        loop {
            if let JobEvent::Done(done) = self.wait(ticket, line)? {
                return Ok(done);
            }
        }
    }

    fn end(self) {
        self.manager.close(LAST_WORDS);
    }
}

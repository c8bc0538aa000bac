//! `terrace env …`: environments without a window, by the same manager.

mod act;
mod check;
mod diff;
mod heard;
mod interrupt;
mod list;
mod run;
mod sides;
mod toolchain;
pub(crate) mod usage;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use config::Config;
use environments::described::Broken;
use environments::{
    Abilities, Act, EnvironmentId, EnvironmentSpec, Failure, Finished, JobEvent, Limit, Manager,
    NotFound, Provider, ProviderId, ProviderSnapshot, Remedy, Scope, Snapshot, State, Ticket,
};

use crate::cli::env::{EnvArgs, EnvCommand};
use crate::cli::{EnvironmentOption, WindowOptions};
use crate::environments::providers;
use heard::Heard;
use interrupt::Interrupt;

/// The longest that the list of all kinds takes: each has its own limit, which is shorter.
const LISTING: Duration = Duration::from_secs(60);
/// How long the end waits for tools that were called off.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// How long the other kinds have to answer, once one has an environment of the name that stands alone.
const GRACE: Duration = Duration::from_millis(400);
/// How long is waited before it is said for whom.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a name is taken that stands without a kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// When one kind has it and the others were given a moment.
    Soon,
    /// When all kinds have answered, since what is done with it cannot be undone.
    Surely,
}

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
        super::print(&document(&failure))?;
    }
    outcome
}

/// What `--json` prints when there is no answer.
fn document(failure: &Failure) -> String {
    let value = serde_json::json!({
        "version": list::VERSION,
        "failure": list::failure_json(failure),
    });
    format!("{value}\n")
}

fn carry_out(args: EnvArgs) -> Result<ExitCode> {
    let loaded = super::load(&args.settings.settings())?;
    let session = Session::start(&loaded.config, &args.folder)?;
    let json = args.json;
    let answer = answer(&session, args.command, json);
    let by_signal = session.interrupt.status();
    session.end();
    if let Some(status) = by_signal {
        return Ok(ExitCode::from(u8::try_from(status).unwrap_or(255)));
    }
    match answer? {
        Answer::Done(status) => Ok(status),
        Answer::Open {
            env,
            folder,
            window,
            command,
        } => {
            let options = WindowOptions {
                settings: args.settings.settings(),
                command,
                environment: Some(EnvironmentOption {
                    id: env.id.clone(),
                    folder,
                }),
                ..WindowOptions::default()
            };
            open(options, window, json.then_some(&*env))
        }
    }
}

/// What came of a command while the session was there.
enum Answer {
    /// All of it.
    Done(ExitCode),
    /// What is to be opened, without the session.
    Open {
        env: Box<EnvironmentSpec>,
        folder: Option<String>,
        window: bool,
        command: Vec<OsString>,
    },
}

fn answer(session: &Session, command: EnvCommand, json: bool) -> Result<Answer> {
    let status = match command {
        EnvCommand::Open {
            name,
            cd,
            window,
            command,
        } => {
            return Ok(Answer::Open {
                env: Box::new(session.resolve(&name)?),
                folder: cd,
                window,
                command,
            });
        }
        EnvCommand::List { kinds } => list::list(session, &kinds, json),
        EnvCommand::Show { name } => list::show(session, &name, json),
        EnvCommand::Run(run) => run::run(session, &run, json),
        EnvCommand::Start { names } => act::start(session, &names, json),
        EnvCommand::Stop { names } => act::stop(session, &names, json),
        EnvCommand::Create { kind, values } => act::create(session, &kind, values, json),
        EnvCommand::Discard { names, yes } => act::discard(session, &names, yes, json),
        EnvCommand::Forward { name, ports } => act::forward(session, &name, ports, json),
        EnvCommand::Logs { name, follow } => act::logs(session, &name, follow),
        // A description is looked at by itself.
        EnvCommand::Check(args) => check::run(&args, json),
        EnvCommand::Diff(diff) => diff::diff(session, &diff, json),
    };
    status.map(Answer::Done)
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
    interrupt: Interrupt,
}

impl Session {
    fn start(config: &Config, folders: &[PathBuf]) -> Result<Self> {
        let providers = providers(config);
        let heard = Heard::default();
        let manager = Manager::start(providers.clone(), heard.teller())
            .context("the thread for environments could not be started")?;
        let interrupt = Interrupt::listen(manager.leaver())
            .context("the thread for signals could not be started")?;
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
            interrupt,
        })
    }

    /// Asks these kinds for their lists, and waits for the answers; none: all. An answer to a question that was asked
    /// before is as good.
    fn list(&self, kinds: &[ProviderId]) -> Result<()> {
        self.list_since(kinds, SystemTime::UNIX_EPOCH)
    }

    /// The same, by answers to questions that were not asked before `since`.
    fn list_since(&self, kinds: &[ProviderId], since: SystemTime) -> Result<()> {
        let asked = |id: &ProviderId| kinds.is_empty() || kinds.contains(id);
        self.ask(kinds)?;
        self.wait_for(|snapshot| {
            let mut asked = snapshot.providers.iter().filter(|one| asked(&one.id));
            match asked.all(|one| has_answered(one, since)) {
                true => Next::Enough,
                false => Next::Wait(None),
            }
        })
    }

    /// The same, handing over each kind when it has answered.
    fn list_each(
        &self,
        kinds: &[ProviderId],
        each: &mut dyn FnMut(&ProviderSnapshot) -> Result<()>,
    ) -> Result<()> {
        self.ask(kinds)?;
        let mut known: Vec<ProviderId> = Vec::new();
        let mut outcome = Ok(());
        self.wait_for(|snapshot| {
            let asked = |one: &&ProviderSnapshot| kinds.is_empty() || kinds.contains(&one.id);
            let asked: Vec<_> = snapshot.providers.iter().filter(asked).collect();
            for provider in &asked {
                let is_new = !known.contains(&provider.id);
                if is_new && has_answered(provider, SystemTime::UNIX_EPOCH) {
                    known.push(provider.id.clone());
                    outcome = std::mem::replace(&mut outcome, Ok(())).and_then(|()| each(provider));
                }
            }
            match known.len() == asked.len() || outcome.is_err() {
                true => Next::Enough,
                false => Next::Wait(None),
            }
        })?;
        outcome
    }

    /// Asks these kinds for their lists; none: all.
    fn ask(&self, kinds: &[ProviderId]) -> Result<()> {
        if kinds.is_empty() {
            self.manager.refresh(None);
        }
        for kind in kinds {
            if !self.providers.iter().any(|provider| provider.id() == kind) {
                let said = format!("no kind of environment is called \"{kind}\"");
                let remedy = Remedy::say(format!("there are {}", self.kinds()));
                return Err(Failure::Other(said).with_remedy(remedy).into());
            }
            self.manager.refresh(Some(kind.clone()));
        }
        Ok(())
    }

    /// Looks at what is known each time that it is another, until it is enough.
    fn wait_for(&self, mut look: impl FnMut(&Snapshot) -> Next) -> Result<()> {
        let deadline = Instant::now() + LISTING;
        let mut seen = self.heard.changes();
        loop {
            let until = match look(&self.manager.snapshot()) {
                Next::Enough => return Ok(()),
                Next::Wait(until) => until.map_or(deadline, |until| until.min(deadline)),
            };
            match self.heard.wait_for_change(seen, until) {
                Some(changes) => seen = changes,
                None if until < deadline => {}
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
        self.resolve_each(names, Taken::Soon)
    }

    /// The same, by kind and name or when all kinds have answered.
    fn resolve_surely(&self, names: &[String]) -> Result<Vec<EnvironmentSpec>> {
        self.resolve_each(names, Taken::Surely)
    }

    fn resolve_each(&self, names: &[String], taken: Taken) -> Result<Vec<EnvironmentSpec>> {
        let (mut kinds, mut alone) = (BTreeSet::new(), Vec::new());
        for name in names {
            match self.with_kind(name) {
                Some(id) => drop(kinds.insert(id.provider)),
                None => alone.push(name.as_str()),
            }
        }
        let asked: Vec<ProviderId> = match alone.is_empty() {
            true => kinds.iter().cloned().collect(),
            false => Vec::new(),
        };
        self.ask(&asked)?;
        let began = Instant::now();
        let (mut found, mut told) = (None, !std::io::stderr().is_terminal());
        self.wait_for(|snapshot| {
            let now = Instant::now();
            let waits: Vec<&ProviderSnapshot> = snapshot
                .providers
                .iter()
                .filter(|one| asked.is_empty() || asked.contains(&one.id))
                .filter(|one| !has_answered(one, SystemTime::UNIX_EPOCH))
                .collect();
            if waits.is_empty() {
                return Next::Enough;
            }
            let mut until = (!told).then_some(began + PATIENCE);
            let named = waits.iter().all(|one| !kinds.contains(&one.id));
            if taken == Taken::Soon && named && !alone.is_empty() {
                let answers: Vec<_> = alone.iter().map(|name| snapshot.by_name(name)).collect();
                let is_ambiguous = |answer: &_| matches!(answer, Err(NotFound::Several { .. }));
                if answers.iter().any(is_ambiguous) {
                    return Next::Enough;
                }
                if answers.iter().all(Result::is_ok) {
                    let enough = *found.get_or_insert(now) + GRACE;
                    if now >= enough {
                        return Next::Enough;
                    }
                    until = Some(until.map_or(enough, |until| until.min(enough)));
                }
            }
            if !told && now >= began + PATIENCE {
                told = true;
                let titles: Vec<&str> = waits.iter().map(|one| one.title.as_str()).collect();
                let _ = writeln!(std::io::stderr(), "waiting for {} …", titles.join(", "));
                until = found.map(|found: Instant| found + GRACE);
            }
            Next::Wait(until)
        })?;
        names.iter().map(|name| self.known(name)).collect()
    }

    /// What is written `KIND:NAME`, with a kind that there is.
    fn with_kind(&self, name: &str) -> Option<EnvironmentId> {
        let id = name.parse::<EnvironmentId>().ok()?;
        let provider = self.kind(id.provider.as_str())?;
        Some(EnvironmentId { provider, ..id })
    }

    /// The kind of that name, or what stands for the file of that name, which has mistakes.
    fn kind(&self, name: &str) -> Option<ProviderId> {
        [ProviderId::new(name), Broken::id_of(name)]
            .into_iter()
            .find(|id| self.providers.iter().any(|one| one.id() == id))
    }

    /// The environment of that name in what is known.
    fn known(&self, name: &str) -> Result<EnvironmentSpec> {
        let snapshot = self.manager.snapshot();
        let Some(id) = self.with_kind(name) else {
            let found = snapshot.by_name(name);
            return Ok(found.map_err(|none| not_found(&snapshot, none))?.clone());
        };
        match snapshot.by_name(name) {
            Ok(found) => Ok(found.clone()),
            // ssh knows more hosts than its files list.
            Err(_) if id.provider.as_str() == "ssh" => {
                Ok(EnvironmentSpec::new(id.clone(), id.local))
            }
            Err(none) => {
                let provider = snapshot.provider(&id.provider);
                let failure = provider
                    .and_then(|one| one.failure.clone().or_else(|| failure_above(one, &id)));
                Err(failure.unwrap_or_else(|| not_found(&snapshot, none)).into())
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
        if !is_stopped(env) || !env.can.has(Abilities::START) {
            return Ok(env.clone());
        }
        line(&format!("{} is {}; starting it", env.name, env.state));
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

    /// Calls off what is still asked, so that no tool is left behind.
    fn end(self) {
        self.manager.leaver()(LAST_WORDS);
    }
}

/// Whether what is known is enough.
enum Next {
    Enough,
    /// Look again at the next change, or then.
    Wait(Option<Instant>),
}

/// Whether a kind has answered a question that was not asked before.
fn has_answered(provider: &ProviderSnapshot, since: SystemTime) -> bool {
    !provider.asking && provider.asked_at.is_some_and(|asked| asked >= since)
}

/// Whether a command in it would have to start it.
fn is_stopped(env: &EnvironmentSpec) -> bool {
    matches!(env.state, State::Stopped | State::Absent)
}

/// Why an environment is not known that lies in one which could not be listed: a pod of a context that is down.
fn failure_above(provider: &ProviderSnapshot, id: &EnvironmentId) -> Option<Failure> {
    let holds = |env: &&EnvironmentSpec| {
        let rest = id.local.strip_prefix(env.id.local.as_str());
        env.state == State::Failed && rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let above = provider.items.iter().find(holds)?;
    let reason = above.reason.clone().unwrap_or_default();
    Some(Failure::Down {
        said: format!("{}: {reason}", above.name),
        remedy: Remedy::default(),
    })
}

/// That no environment, or more than one, has the name; with the kinds that could not say whether they have it.
fn not_found(snapshot: &Snapshot, none: NotFound) -> Failure {
    match none {
        NotFound::Several { name, ids } => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            Failure::Other(format!("several environments are called \"{name}\""))
                .with_remedy(Remedy::say(format!("write {}", ids.join(" or "))))
        }
        NotFound::Nobody { name, near } => {
            let mut said = format!("no environment is called \"{name}\"");
            for provider in &snapshot.providers {
                // What is not used here has none; what did not answer, and a description with mistakes, may have it.
                let may_have =
                    |failure: &&Failure| failure.may_pass() || failure.kind() == "unsupported";
                let failure = provider.failure.as_ref().filter(may_have);
                if let Some(failure) = failure {
                    said.push_str(&format!("; {}: {}", provider.title, failure.said()));
                }
                for closed in provider.items.iter().filter(|env| list::is_closed(env)) {
                    let reason = closed.reason.as_deref().unwrap_or_default();
                    said.push_str(&format!("; {}: {reason}", closed.name));
                }
            }
            let remedy = match near {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "see terrace env list".to_owned(),
            };
            Failure::Other(said).with_remedy(Remedy::say(remedy))
        }
    }
}

#[cfg(test)]
mod tests {
    use environments::{
        Abilities, EnvironmentId, EnvironmentSpec, Failure, NotFound, ProviderId, ProviderSnapshot,
        Snapshot, State,
    };
    use std::time::Duration;

    use super::{failure_above, not_found};

    fn provider(items: Vec<EnvironmentSpec>, failure: Option<Failure>) -> ProviderSnapshot {
        ProviderSnapshot {
            id: ProviderId::new("kubernetes"),
            title: "Kubernetes".into(),
            abilities: Abilities::SHELL,
            asking: false,
            failure,
            listed_at: None,
            asked_at: None,
            truncated: false,
            items: items.into(),
        }
    }

    fn id(text: &str) -> EnvironmentId {
        text.parse().expect("an id")
    }

    #[test]
    fn a_pod_of_a_context_that_is_down_says_why() {
        let mut context = EnvironmentSpec::new(id("kubernetes:staging"), "staging");
        context.state = State::Failed;
        context.reason = Some("the server does not answer".into());
        let provider = provider(vec![context], None);
        let above = |text| failure_above(&provider, &id(text)).map(|failure| failure.to_string());
        assert_eq!(
            above("kubernetes:staging/default/web/app").as_deref(),
            Some("staging: the server does not answer")
        );
        assert_eq!(above("kubernetes:staging-2/default/web/app"), None);
    }

    #[test]
    fn a_name_that_nobody_has_names_who_did_not_answer() {
        let slow = Failure::Slow(Duration::from_secs(10));
        let snapshot = Snapshot {
            providers: vec![provider(Vec::new(), Some(slow))],
            ..Snapshot::default()
        };
        let nobody = NotFound::Nobody {
            name: "web".into(),
            near: None,
        };
        assert_eq!(
            not_found(&snapshot, nobody).to_string(),
            "no environment is called \"web\"; Kubernetes: did not answer in 10 s; see terrace env list"
        );
        let several = NotFound::Several {
            name: "web".into(),
            ids: vec![id("docker:web"), id("podman:web")],
        };
        assert_eq!(
            not_found(&Snapshot::default(), several).to_string(),
            "several environments are called \"web\"; write docker:web or podman:web"
        );
    }
}

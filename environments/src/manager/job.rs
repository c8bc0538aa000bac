//! One thing that was asked for, in a thread of its own, and the lines it prints.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::carry::carry_out;
use super::{EnvironmentEvent, Finished, JobEvent, Opened, Ran, Ticket};
use crate::command::{self, RunKey};
use crate::failure::{Failure, Remedy};
use crate::plan::{Act, Created, ShellWish, Values};
use crate::provider::{Abilities, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, ProviderId, Scope};
use crate::state::State;
use crate::tool::{Cancel, Limit, ToolCall};

/// The longest that anything takes which ends by itself (a dev container is built from scratch).
const LONGEST: Duration = Duration::from_secs(3600);
/// Lines kept while nobody takes them.
const MAX_LINES: usize = 2_000;

/// The lines of a job, not yet taken.
#[derive(Debug, Default)]
pub(super) struct JobLog(Mutex<VecDeque<String>>);

impl JobLog {
    /// Adds a line; true when it is the first that waits.
    fn push(&self, line: String) -> bool {
        let mut lines = self.0.lock();
        if lines.len() >= MAX_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
        lines.len() == 1
    }

    pub(super) fn take(&self) -> Vec<String> {
        self.0.lock().drain(..).collect()
    }
}

/// The lines of the jobs, those that ended a while ago too.
pub(super) type Logs = Arc<Mutex<Vec<(Ticket, Arc<JobLog>)>>>;

/// The callback of [`super::Manager::start`].
pub(super) type Tell = Arc<dyn Fn(EnvironmentEvent) + Send + Sync>;

/// Whether ports can be forwarded from an environment in its state; one that no list has is tried.
fn can_forward(env: &EnvironmentSpec) -> Result<(), Failure> {
    if env.is_bare() || env.can.has(Abilities::FORWARD) {
        return Ok(());
    }
    let failure = Failure::Unsupported(format!(
        "no port of {} can be forwarded: it is {}",
        env.name, env.state
    ));
    Err(match env.can.has(Abilities::START) {
        true => failure.with_remedy(Remedy::say(format!(
            "start it: terrace env start {}",
            env.id
        ))),
        false => failure,
    })
}

/// What a job's thread works with.
pub(super) struct Job {
    pub(super) ticket: Ticket,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) scope: Scope,
    pub(super) cancel: Cancel,
    pub(super) log: Arc<JobLog>,
    pub(super) tell: Tell,
}

/// What a job is to do.
pub(super) enum Task {
    Open(EnvironmentSpec, Box<ShellWish>),
    Act(EnvironmentSpec, Act),
    /// A command without a terminal, at most so long.
    Run(EnvironmentSpec, Box<ShellWish>, Duration),
    Create(Values),
    Parameters(Values),
    Ports(EnvironmentSpec),
    /// What undoes a lasting job.
    Undo(ToolCall),
}

impl Task {
    pub(super) fn env(&self) -> Option<&EnvironmentSpec> {
        match self {
            Self::Open(env, _) | Self::Act(env, _) | Self::Run(env, ..) | Self::Ports(env) => {
                Some(env)
            }
            Self::Create(_) | Self::Parameters(_) | Self::Undo(_) => None,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Open(..) => "open",
            Self::Act(_, Act::Start) => "start",
            Self::Act(_, Act::Stop) => "stop",
            Self::Act(_, Act::Discard) => "discard",
            Self::Act(_, Act::Forward { .. }) => "forward",
            Self::Act(_, Act::Logs { .. }) => "logs",
            Self::Act(_, Act::Copy(_)) => "copy",
            Self::Run(..) => "run",
            Self::Create(_) => "create",
            Self::Parameters(_) => "parameters",
            Self::Ports(_) => "ports",
            Self::Undo(_) => "undo",
        }
    }

    /// The state that an environment is shown in while this goes on.
    pub(super) fn passing_state(&self) -> Option<State> {
        match self {
            Self::Act(_, Act::Start) => Some(State::Starting),
            Self::Act(_, Act::Stop | Act::Discard) => Some(State::Stopping),
            Self::Open(env, _) | Self::Run(env, ..)
                if matches!(env.state, State::Stopped | State::Absent)
                    && env.can.has(Abilities::START) =>
            {
                Some(State::Starting)
            }
            _ => None,
        }
    }
}

/// What is left when a job's thread ends.
pub(super) enum Rest {
    /// Nothing.
    Nothing,
    /// It lasts until this is run.
    Undo(ToolCall),
}

impl Job {
    /// Does it to its end, and tells what came of it.
    pub(super) fn run(&self, task: Task) -> Rest {
        let limit = Limit {
            until: Instant::now() + LONGEST,
            cancel: self.cancel.clone(),
        };
        let done = match task {
            Task::Open(env, wish) => match self.open(env, &wish, &limit) {
                Ok(opened) => {
                    self.say(JobEvent::Opened(Box::new(opened)));
                    return Rest::Nothing;
                }
                Err(failure) => Err(failure),
            },
            Task::Act(env, act) => match self.act(&env, &act, &limit) {
                Ok(Rest::Undo(call)) => return Rest::Undo(call),
                Ok(Rest::Nothing) => Ok(Finished::default()),
                Err(failure) => Err(failure),
            },
            Task::Run(env, wish, within) => self.command(&env, &wish, within, &limit),
            Task::Create(values) => self.create(&values, &limit),
            Task::Parameters(known) => {
                let parameters = self.provider.parameters(&self.scope, &known, &limit);
                parameters.map(|parameters| Finished {
                    parameters,
                    ..Finished::default()
                })
            }
            Task::Ports(env) => {
                let port = self.provider.ports(&env, &limit);
                port.map(|port| Finished {
                    parameters: vec![port],
                    ..Finished::default()
                })
            }
            Task::Undo(call) => {
                crate::tool::run_ok(&call, &limit, &[]).map(|_| Finished::default())
            }
        };
        self.say(JobEvent::Done(done));
        Rest::Nothing
    }

    fn open(
        &self,
        env: EnvironmentSpec,
        wish: &ShellWish,
        limit: &Limit,
    ) -> Result<Opened, Failure> {
        let env = self.ready(&env, limit)?;
        let plan = self.provider.shell(&env, wish)?;
        Ok(Opened { env, plan })
    }

    /// Runs a command to its end; its lines go to the log as they come.
    fn command(
        &self,
        env: &EnvironmentSpec,
        wish: &ShellWish,
        within: Duration,
        limit: &Limit,
    ) -> Result<Finished, Failure> {
        let env = self.ready(env, limit)?;
        let (key, began) = (RunKey::new(), Instant::now());
        let mut on_line = |_, line: &str| {
            self.line(line.to_owned());
            true
        };
        let provider = self.provider.as_ref();
        let output = command::run(provider, &env, wish, &key, within, limit, &mut on_line)?;
        Ok(Finished {
            ran: Some(Ran {
                output,
                took: began.elapsed(),
            }),
            ..Finished::default()
        })
    }

    /// The environment with all that a shell or a command in it needs; started, if it is stopped and can be.
    fn ready(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<EnvironmentSpec, Failure> {
        // One that was never listed (just created, named by another program) may be stopped; one that no list has
        // (a host) is taken by its name.
        let mut env = env.clone();
        if env.can == Abilities::none() {
            env.can = Abilities::SHELL;
            env = self.find(&env.id, limit).ok().flatten().unwrap_or(env);
        }
        env = self.provider.prepare(&env, limit)?;
        let stopped = matches!(
            env.state,
            State::Stopped | State::Stopping | State::Absent | State::Failed
        );
        if stopped && env.can.has(Abilities::START) {
            let plan = self.provider.plan(&env, &Act::Start)?;
            self.line(format!("Starting {} …", env.name));
            carry_out(self, Some(&env), &plan, limit)?;
            // Starting may have given it what a shell needs to know: another id, a folder.
            let listed = self.find(&env.id, limit)?;
            env = self.provider.prepare(&listed.unwrap_or(env), limit)?;
        }
        Ok(env)
    }

    fn act(&self, env: &EnvironmentSpec, act: &Act, limit: &Limit) -> Result<Rest, Failure> {
        let env = match act {
            Act::Forward { .. } | Act::Copy(_) | Act::Logs { .. } => {
                self.provider.prepare(env, limit)?
            }
            _ => env.clone(),
        };
        if let Act::Forward { .. } = act {
            can_forward(&env)?;
        }
        let plan = self.provider.plan(&env, act)?;
        let port = match act {
            Act::Forward { local, .. } => Some(*local),
            _ => None,
        };
        carry_out(self, Some(&env), &plan, limit)?;
        match &plan.lasting {
            Some(lasting) => super::lasting::keep(self, lasting, &plan, port, limit),
            None => Ok(Rest::Nothing),
        }
    }

    fn create(&self, values: &Values, limit: &Limit) -> Result<Finished, Failure> {
        let plan = self.provider.create(values)?;
        let last = carry_out(self, None, &plan, limit)?;
        let local = match plan.creates {
            Created::Nothing => None,
            Created::Id(id) => Some(id),
            Created::LastLine => last,
        };
        Ok(Finished {
            created: local.map(|local| EnvironmentId::new(self.provider.id(), local)),
            ..Finished::default()
        })
    }

    /// The environment as it is listed now; `None` when it is not any more.
    pub(super) fn find(
        &self,
        id: &EnvironmentId,
        limit: &Limit,
    ) -> Result<Option<EnvironmentSpec>, Failure> {
        let limit = Limit {
            until: limit
                .until
                .min(Instant::now() + self.provider.pace().timeout),
            cancel: limit.cancel.clone(),
        };
        let listing = self.provider.list(&self.scope, &limit)?;
        Ok(listing.items.into_iter().find(|item| item.id == *id))
    }

    /// Adds a line to the job's log.
    pub(super) fn line(&self, line: String) {
        if self.log.push(line) {
            self.say(JobEvent::Progress);
        }
    }

    pub(super) fn say(&self, event: JobEvent) {
        (self.tell)(EnvironmentEvent::Job(self.ticket, event));
    }

    pub(super) fn provider_id(&self) -> &ProviderId {
        self.provider.id()
    }
}

#[cfg(test)]
mod tests {
    use super::can_forward;
    use crate::provider::Abilities;
    use crate::spec::EnvironmentSpec;
    use crate::state::State;

    #[test]
    fn no_port_is_forwarded_of_what_does_not_run() {
        let id = || "docker:web".parse().expect("an id");
        let mut env = EnvironmentSpec::new(id(), "web");
        // One that no list has, such as a host, is tried.
        assert_eq!(can_forward(&env), Ok(()));
        env.state = State::Stopped;
        env.can = Abilities::START | Abilities::LOGS;
        let refused = can_forward(&env).map_err(|failure| failure.to_string());
        assert_eq!(
            refused.expect_err("it is stopped"),
            "no port of web can be forwarded: it is stopped; start it: terrace env start docker:web"
        );
        env.state = State::Ready;
        env.can = Abilities::FORWARD;
        assert_eq!(can_forward(&env), Ok(()));
    }
}

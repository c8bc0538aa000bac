//! The contract of all kinds of environment.

use std::ops::{BitOr, BitOrAssign};
use std::time::Duration;

use crate::failure::Failure;
use crate::plan::{Act, Plan, ShellPlan, ShellWish, Values};
use crate::spec::{EnvironmentSpec, Listing, ProviderId, Scope};
use crate::tool::{Limit, Output, ToolCall};

/// What can be done with an environment, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Abilities(u16);

impl Abilities {
    /// A shell can be opened in it.
    pub const SHELL: Self = Self(1);
    /// It can be started.
    pub const START: Self = Self(1 << 1);
    /// It can be stopped.
    pub const STOP: Self = Self(1 << 2);
    /// New ones can be created (a provider's ability).
    pub const CREATE: Self = Self(1 << 3);
    /// It can be ended for good.
    pub const DISCARD: Self = Self(1 << 4);
    /// Its ports can be made reachable here.
    pub const FORWARD: Self = Self(1 << 5);
    /// It has a log.
    pub const LOGS: Self = Self(1 << 6);
    /// Files can be copied there and back.
    pub const COPY: Self = Self(1 << 7);
    /// It tells of changes by itself (a provider's ability).
    pub const WATCH: Self = Self(1 << 8);
    /// A helper with a shell can be opened beside it.
    pub const DEBUG: Self = Self(1 << 9);
    /// It holds others, which are listed once it is looked into ([`Scope::opened`]).
    pub const LOOK: Self = Self(1 << 10);

    const NAMES: [(Self, &'static str); 11] = [
        (Self::SHELL, "shell"),
        (Self::START, "start"),
        (Self::STOP, "stop"),
        (Self::CREATE, "create"),
        (Self::DISCARD, "discard"),
        (Self::FORWARD, "forward"),
        (Self::LOGS, "logs"),
        (Self::COPY, "copy"),
        (Self::WATCH, "watch"),
        (Self::DEBUG, "debug"),
        (Self::LOOK, "look"),
    ];

    /// Nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// Whether all of `other` are among these.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These without `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Their names, as in JSON.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter(move |(one, _)| self.has(*one))
            .map(|(_, name)| name)
    }
}

impl BitOr for Abilities {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Abilities {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// How often a provider is asked, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The longest a listing takes.
    pub timeout: Duration,
    /// How long an answer is good, while somebody looks at the list.
    pub every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            every: Duration::from_secs(10),
        }
    }
}

/// Something that is asked before an environment is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name among the [`Values`].
    pub name: String,
    /// What the form calls it.
    pub label: String,
    /// What stands there at first.
    pub default: String,
    /// It may be left empty.
    pub optional: bool,
    /// What can be chosen.
    pub choices: Choices,
    /// The parameters before it whose values what can be chosen depends on.
    pub follows: Vec<String>,
}

impl Parameter {
    /// A parameter that must be given, and is any text.
    pub fn text(name: &str, label: &str) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            default: String::new(),
            optional: false,
            choices: Choices::Any,
            follows: Vec::new(),
        }
    }

    /// It may be left empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// What stands there at first.
    #[must_use]
    pub fn default(mut self, value: impl Into<String>) -> Self {
        self.default = value.into();
        self
    }
}

/// The values of a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choices {
    /// Any text.
    #[default]
    Any,
    /// One of these: value and label.
    Fixed(Vec<(String, String)>),
}

/// Where shells can run, as one tool knows it.
///
/// [`Provider::list`], [`Provider::prepare`] and [`Provider::parameters`] may run tools, and are called by the manager's
/// threads only; everything else starts nothing and returns at once.
pub trait Provider: Send + Sync {
    /// Its name: `docker`, `codespaces`, a user's own.
    fn id(&self) -> &ProviderId;

    /// The name that people read.
    fn title(&self) -> String;

    /// What its environments can do at most, and what it can do itself.
    fn abilities(&self) -> Abilities;

    /// How often it is asked.
    fn pace(&self) -> Pace {
        Pace::default()
    }

    /// All environments within the scope, bounded by the limit; pages that were had before it are returned
    /// as [`Listing::truncated`].
    ///
    /// # Errors
    /// Why there is no list.
    fn list(&self, scope: &Scope, limit: &Limit) -> Result<Listing, Failure>;

    /// Completes what the list did not say and the shell needs; `env` may also be one that was never listed, by
    /// its id alone. Called before [`Provider::shell`].
    ///
    /// # Errors
    /// Why no shell can be opened.
    fn prepare(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<EnvironmentSpec, Failure> {
        let _ = limit;
        Ok(env.clone())
    }

    /// What to run in a pane for a shell there.
    ///
    /// # Errors
    /// When the wish cannot be met.
    fn shell(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ShellPlan, Failure>;

    /// What to run for the wish's command without a terminal, so that its output can be read.
    ///
    /// # Errors
    /// When the wish has no command, or cannot be met.
    fn run(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ToolCall, Failure> {
        Ok(ToolCall::from_pty(&self.shell(env, wish)?.command))
    }

    /// What a person would type for a shell there: without what Terrace needs for itself.
    ///
    /// # Errors
    /// When no shell is opened there.
    fn connection(&self, env: &EnvironmentSpec) -> Result<ToolCall, Failure> {
        Ok(ToolCall::from_pty(
            &self.shell(env, &ShellWish::default())?.command,
        ))
    }

    /// What to run to do something with an environment.
    ///
    /// # Errors
    /// When this kind cannot do it.
    fn plan(&self, env: &EnvironmentSpec, act: &Act) -> Result<Plan, Failure> {
        let _ = (env, act);
        Err(Failure::Unsupported(format!(
            "{} cannot do that",
            self.title()
        )))
    }

    /// What is asked before [`Provider::create`]. `known` are values that were given already: what can be chosen may
    /// depend on them ([`Parameter::follows`]).
    ///
    /// # Errors
    /// Why the choices are not known.
    fn parameters(
        &self,
        scope: &Scope,
        known: &Values,
        limit: &Limit,
    ) -> Result<Vec<Parameter>, Failure> {
        let _ = (scope, known, limit);
        Err(Failure::Unsupported(format!(
            "{} creates nothing",
            self.title()
        )))
    }

    /// What to run to create an environment.
    ///
    /// # Errors
    /// When a value is missing or wrong, or this kind creates nothing.
    fn create(&self, values: &Values) -> Result<Plan, Failure> {
        let _ = values;
        Err(Failure::Unsupported(format!(
            "{} creates nothing",
            self.title()
        )))
    }

    /// What a tool's failure means.
    fn classify(&self, output: &Output) -> Failure {
        crate::failure::classify(output, &[])
    }

    /// What is asked before a port is forwarded: which, with those that the environment is known to offer as
    /// choices. May run a tool.
    ///
    /// # Errors
    /// Why they are not known; any can be given all the same.
    fn ports(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<Parameter, Failure> {
        let _ = (env, limit);
        Ok(Parameter::text("port", "Port over there"))
    }

    /// A process of which every line means "list again".
    fn watch(&self, scope: &Scope) -> Option<ToolCall> {
        let _ = scope;
        None
    }

    /// What is run when Terrace ends, to leave nothing behind.
    fn at_end(&self) -> Vec<ToolCall> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Abilities;

    #[test]
    fn abilities_are_a_set() {
        let set = Abilities::SHELL | Abilities::STOP;
        assert!(set.has(Abilities::STOP) && !set.has(Abilities::START));
        assert_eq!(set.names().collect::<Vec<_>>(), ["shell", "stop"]);
        assert_eq!(set.without(Abilities::STOP), Abilities::SHELL);
    }
}

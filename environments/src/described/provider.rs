//! A description as a provider.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::description::{Description, Origin};
use super::fill::Values;
use super::list::Lister;
use super::template::Template;
use super::{acts, failures, read, shell};
use crate::failure::{Failure, Remedy};
use crate::plan::{Act, Plan, ShellPlan, ShellWish};
use crate::provider::{Abilities, Pace, Parameter, Provider};
use crate::spec::{EnvironmentSpec, Listing, ProviderId, Scope};
use crate::tool::{Limit, Output, ToolCall, find_program, run};

/// A provider that is a description, with the user's settings for it.
#[derive(Debug)]
pub struct Described {
    pub(super) id: ProviderId,
    pub(super) description: Description,
    pub(super) settings: BTreeMap<String, String>,
    version: OnceLock<Result<(), Failure>>,
}

impl Described {
    /// The provider. `settings`: what the user says of it, by name; defaults fill the rest.
    #[must_use]
    pub fn new(description: Description, settings: &BTreeMap<String, String>) -> Self {
        let mut all = BTreeMap::new();
        for setting in &description.settings {
            let value = settings.get(&setting.name).or(setting.default.as_ref());
            if let Some(value) = value {
                all.insert(setting.name.clone(), value.clone());
            }
        }
        Self {
            id: ProviderId::new(&description.id),
            settings: all,
            description,
            version: OnceLock::new(),
        }
    }

    /// The description.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The settings as values for placeholders.
    pub(super) fn values(&self) -> Values<'_> {
        Values::new(&self.settings)
    }

    /// The program, by the first of its names that is there.
    pub(super) fn program(&self) -> Result<String, Failure> {
        let names = &self.description.programs;
        let there = names.iter().find(|name| find_program(name).is_some());
        there.cloned().ok_or_else(|| self.missing())
    }

    fn missing(&self) -> Failure {
        let names = &self.description.programs;
        let program = names.first().cloned().unwrap_or_default();
        let remedy = match &self.description.install {
            Some(from) => Remedy::say(format!("install it: {from}")),
            None => Remedy::say(format!("install {program}, or add its folder to PATH")),
        };
        Failure::Missing { program, remedy }
    }

    /// A call of the tool.
    pub(super) fn call(
        &self,
        args: &[Template],
        values: &Values<'_>,
        program: Option<&str>,
    ) -> Result<ToolCall, Failure> {
        let program = match program {
            Some(program) => program.to_owned(),
            None => self.program()?,
        };
        self.named_call(args, values, Some(program))
    }

    /// A call of a program that need not be there; `None` for the tool by its first name.
    pub(super) fn named_call(
        &self,
        args: &[Template],
        values: &Values<'_>,
        program: Option<String>,
    ) -> Result<ToolCall, Failure> {
        self.has_settings(args)?;
        let first = || {
            self.description
                .programs
                .first()
                .cloned()
                .unwrap_or_default()
        };
        let program = program.unwrap_or_else(first);
        let mut call = ToolCall::new(program).args(values.words(args)?);
        for (name, value) in &self.description.vars {
            call = call.env(name, values.word(value)?);
        }
        Ok(call)
    }

    /// Every setting that the words name has a value.
    pub(super) fn has_settings(&self, words: &[Template]) -> Result<(), Failure> {
        for hole in words.iter().flat_map(Template::holes) {
            let Some(name) = hole.strip_prefix("setting.") else {
                continue;
            };
            if !self.settings.contains_key(name) {
                let id = &self.id;
                return Err(Failure::NotSetUp {
                    said: format!("the setting \"{name}\" has no value"),
                    remedy: Remedy::say(format!(
                        "environments.settings = {{ \"{id}.{name}\" = \"…\" }}"
                    )),
                });
            }
        }
        Ok(())
    }

    /// The tool is there, and new enough. Asked once.
    pub(super) fn ready(&self, limit: &Limit) -> Result<(), Failure> {
        let needs = match self.description.list.from {
            Origin::Args { .. } => true,
            Origin::Folder(_) => !self.description.programs.is_empty(),
            Origin::Http(_) | Origin::Nowhere => false,
        };
        if needs {
            self.program()?;
        }
        if let Some(answer) = self.version.get() {
            return answer.clone();
        }
        let answer = self.check_version(limit);
        match &answer {
            // What may pass is asked again.
            Err(failure) if failure.may_pass() => {}
            _ => {
                let _ = self.version.set(answer.clone());
            }
        }
        answer
    }

    fn check_version(&self, limit: &Limit) -> Result<(), Failure> {
        let Some(version) = &self.description.version else {
            return Ok(());
        };
        let call = self.call(&version.args, &self.values(), None)?;
        let output = run(&call, limit).map_err(|failure| failure.of_call(&call))?;
        if !output.status.is_success() {
            return Err(failures::classify(self, &output));
        }
        let text = output.stdout_text();
        let found = version
            .pattern
            .captures(&text)
            .and_then(|found| found.get(1));
        let Some(found) = found.map(|found| found.as_str()) else {
            return Err(output.nonsense().of_call(&call));
        };
        let numbers = read::numbers(found).unwrap_or_default();
        if numbers >= version.least {
            return Ok(());
        }
        let least: Vec<String> = version.least.iter().map(u64::to_string).collect();
        let program = self.program()?;
        let remedy = match &self.description.install {
            Some(from) => Remedy::say(format!("{program} here is {found}; {from}")),
            None => Remedy::say(format!("{program} here is {found}")),
        };
        Err(Failure::Missing {
            program: format!("{program} {} or newer", least.join(".")),
            remedy,
        })
    }

    /// What can be done with any of its environments.
    pub(super) fn all_abilities(&self) -> Abilities {
        let description = &self.description;
        let able = |able: bool, ability| if able { ability } else { Abilities::none() };
        able(description.shell.is_some(), Abilities::SHELL)
            | able(description.start.is_some(), Abilities::START)
            | able(description.stop.is_some(), Abilities::STOP)
            | able(description.create.is_some(), Abilities::CREATE)
            | able(description.discard.is_some(), Abilities::DISCARD)
            | able(description.forward.is_some(), Abilities::FORWARD)
            | able(description.logs.is_some(), Abilities::LOGS)
    }
}

impl Provider for Described {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn title(&self) -> String {
        self.description.name.clone()
    }

    fn abilities(&self) -> Abilities {
        self.all_abilities()
    }

    fn pace(&self) -> Pace {
        Pace {
            timeout: self.description.list.timeout,
            every: self.description.list.every,
        }
    }

    fn list(&self, scope: &Scope, limit: &Limit) -> Result<Listing, Failure> {
        self.ready(limit)?;
        Lister::new(self, limit).list(scope)
    }

    fn prepare(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<EnvironmentSpec, Failure> {
        let words = self.description.shell.iter().flat_map(|shell| &shell.args);
        let mut facts = words
            .flat_map(Template::holes)
            .filter_map(|hole| hole.strip_prefix("fact."));
        if facts.all(|name| env.facts.contains_key(name)) {
            return Ok(env.clone());
        }
        let listing = self.list(&Scope::default(), limit)?;
        let found = listing.items.into_iter().find(|one| one.id == env.id);
        found.ok_or_else(|| Failure::gone(&env.id))
    }

    fn shell(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ShellPlan, Failure> {
        shell::plan(self, env, wish)
    }

    fn connection(&self, env: &EnvironmentSpec) -> Result<ToolCall, Failure> {
        shell::connection(self, env)
    }

    fn plan(&self, env: &EnvironmentSpec, act: &Act) -> Result<Plan, Failure> {
        acts::plan(self, env, act)
    }

    fn parameters(
        &self,
        scope: &Scope,
        known: &crate::plan::Values,
        limit: &Limit,
    ) -> Result<Vec<Parameter>, Failure> {
        acts::parameters(self, scope, known, limit)
    }

    fn create(&self, values: &crate::plan::Values) -> Result<Plan, Failure> {
        acts::create(self, values)
    }

    fn ports(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<Parameter, Failure> {
        acts::ports(self, env, limit)
    }

    fn classify(&self, output: &Output) -> Failure {
        failures::classify(self, output)
    }
}

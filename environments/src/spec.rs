//! What an environment is: its identity, and what its provider says of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::SystemTime;

use crate::provider::Abilities;
use crate::state::State;

/// Names a provider: `docker`, `ssh`, or a description's own id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(String);

impl ProviderId {
    /// The provider of that name: letters, digits, `-` and `_`.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Identifies an environment among all; written `provider:id`, as in `docker:web`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentId {
    /// Who knows it.
    pub provider: ProviderId,
    /// What its provider calls it. Data from outside: check it with [`crate::tool::check_name`] before it
    /// becomes an argument.
    pub local: String,
}

impl EnvironmentId {
    /// The environment that `provider` calls `local`.
    pub fn new(provider: &ProviderId, local: impl Into<String>) -> Self {
        Self {
            provider: provider.clone(),
            local: local.into(),
        }
    }
}

impl fmt::Display for EnvironmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.provider, self.local)
    }
}

impl FromStr for EnvironmentId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((provider, local)) if !provider.is_empty() && !local.is_empty() => Ok(Self {
                provider: ProviderId::new(provider),
                local: local.to_owned(),
            }),
            _ => Err("an environment is written PROVIDER:NAME, as in ssh:web"),
        }
    }
}

/// One environment as its provider describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvironmentSpec {
    /// Its identity, stable from one listing to the next.
    pub id: EnvironmentId,
    /// The name that people use.
    pub name: String,
    /// Where in its life it is.
    pub state: State,
    /// The tool's own word for that.
    pub raw_state: String,
    /// Why it failed, or what else should be known of its state.
    pub reason: Option<String>,
    /// What it is listed under: a Compose project, a context and namespace, a repository.
    pub group: Option<String>,
    /// The git branch it belongs to.
    pub branch: Option<String>,
    /// More to be shown, label and text, in order: image, ports, machine.
    pub detail: Vec<(String, String)>,
    /// What the provider wants to remember from the listing to the shell (`user`, `folder`), and what
    /// rules match on (`host`, `context`, `namespace`); not shown.
    pub facts: BTreeMap<String, String>,
    /// The environment that this one is a part of.
    pub parent: Option<EnvironmentId>,
    /// Since when it is in this state.
    pub since: Option<SystemTime>,
    /// What it costs an hour while it runs, where the provider says, in the provider's currency.
    pub cost_per_hour: Option<f64>,
    /// What can be done with it now; at most the provider's own abilities.
    pub can: Abilities,
}

impl EnvironmentSpec {
    /// An environment of which nothing but its name is known.
    pub fn new(id: EnvironmentId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            state: State::Unknown,
            raw_state: String::new(),
            reason: None,
            group: None,
            branch: None,
            detail: Vec::new(),
            facts: BTreeMap::new(),
            parent: None,
            since: None,
            cost_per_hour: None,
            can: Abilities::SHELL,
        }
    }

    /// Whether no listing says anything of it: it is known by its id alone.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.state == State::Unknown
            && self.raw_state.is_empty()
            && self.group.is_none()
            && self.branch.is_none()
            && self.detail.is_empty()
    }

    /// A fact by name; empty when there is none.
    #[must_use]
    pub fn fact(&self, name: &str) -> &str {
        self.facts.get(name).map_or("", String::as_str)
    }

    /// Keeps a fact, unless it is empty.
    #[must_use]
    pub fn with_fact(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.facts.insert(name.to_owned(), value);
        }
        self
    }

    /// Adds a line to be shown, unless its text is empty.
    #[must_use]
    pub fn with_detail(mut self, label: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.detail.push((label.to_owned(), text));
        }
        self
    }
}

/// What a provider knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The environments, in the order in which they are shown.
    pub items: Vec<EnvironmentSpec>,
    /// There are more, which were not asked for within the time.
    pub truncated: bool,
}

/// Where to look: what the listing of some providers depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The folders that the user works in, without repetition: those of the open panes.
    pub folders: Vec<PathBuf>,
    /// Environments that are looked into: a context whose pods are wanted.
    pub opened: Vec<EnvironmentId>,
}

#[cfg(test)]
mod tests {
    use super::EnvironmentId;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        for text in [
            "docker:web",
            "kubernetes:ctx/ns/pod/app",
            "ssh:user@host:22",
        ] {
            let id: EnvironmentId = text.parse().expect("a valid id");
            assert_eq!(id.to_string(), text);
        }
        for text in ["", "web", ":web", "docker:"] {
            assert!(text.parse::<EnvironmentId>().is_err(), "{text}");
        }
    }
}

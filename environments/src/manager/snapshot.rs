//! What is known at a moment, to be read without waiting.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use super::Ticket;
use crate::failure::Failure;
use crate::provider::Abilities;
use crate::spec::{EnvironmentId, EnvironmentSpec, ProviderId};

/// All that is known of environments.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Grows with every change.
    pub generation: u64,
    /// The providers, in the order in which they are shown.
    pub providers: Vec<ProviderSnapshot>,
    /// What goes on.
    pub jobs: Vec<JobSnapshot>,
}

/// What is known of a provider.
#[derive(Clone, Debug)]
pub struct ProviderSnapshot {
    /// Its name.
    pub id: ProviderId,
    /// The name that people read.
    pub title: String,
    /// What it can do.
    pub abilities: Abilities,
    /// It is being asked.
    pub asking: bool,
    /// Why the last listing failed; the items are then those of the one before.
    pub failure: Option<Failure>,
    /// When it last answered.
    pub listed_at: Option<SystemTime>,
    /// When the question was asked that it last answered, well or not: what it says is not older.
    pub asked_at: Option<SystemTime>,
    /// There are more.
    pub truncated: bool,
    /// Its environments.
    pub items: Arc<[EnvironmentSpec]>,
}

impl ProviderSnapshot {
    /// The items are old: the provider failed since.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.failure.is_some() && !self.items.is_empty()
    }
}

/// Something that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSnapshot {
    /// By which it is called off.
    pub ticket: Ticket,
    /// In which environment.
    pub env: Option<EnvironmentId>,
    /// What: `open`, `start`, `forward` …
    pub what: &'static str,
    /// Since when.
    pub since: SystemTime,
    /// The local port and the far one, of a forward that is ready.
    pub forward: Option<(u16, u16)>,
}

/// Why a name stands for no environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// None has it.
    Nobody {
        /// The name.
        name: String,
        /// The most similar one.
        near: Option<String>,
    },
    /// Several have it.
    Several {
        /// The name.
        name: String,
        /// Their ids.
        ids: Vec<EnvironmentId>,
    },
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody { name, near } => {
                write!(f, "no environment is called \"{name}\"")?;
                match near {
                    Some(near) => write!(f, "; did you mean \"{near}\"?"),
                    None => f.write_str("; see terrace env list"),
                }
            }
            Self::Several { name, ids } => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                write!(f, "\"{name}\" is ambiguous: {}", ids.join(", "))
            }
        }
    }
}

impl std::error::Error for NotFound {}

impl Snapshot {
    /// All environments, provider by provider.
    pub fn iter(&self) -> impl Iterator<Item = &EnvironmentSpec> {
        self.providers
            .iter()
            .flat_map(|provider| provider.items.iter())
    }

    /// A provider by name.
    #[must_use]
    pub fn provider(&self, id: &ProviderId) -> Option<&ProviderSnapshot> {
        self.providers.iter().find(|provider| provider.id == *id)
    }

    /// An environment by identity.
    #[must_use]
    pub fn find(&self, id: &EnvironmentId) -> Option<&EnvironmentSpec> {
        self.provider(&id.provider)?
            .items
            .iter()
            .find(|item| item.id == *id)
    }

    /// An environment as a person names it: `provider:id`, `provider:name`, or the name alone if only one has it.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn by_name(&self, name: &str) -> Result<&EnvironmentSpec, NotFound> {
        let exact = name.parse::<EnvironmentId>().ok();
        if let Some(found) = exact.as_ref().and_then(|id| self.find(id)) {
            return Ok(found);
        }
        let of_provider = exact.as_ref().and_then(|id| {
            let provider = self.provider(&id.provider)?;
            provider.items.iter().find(|item| item.name == id.local)
        });
        if let Some(found) = of_provider {
            return Ok(found);
        }
        let mut found = self
            .iter()
            .filter(|item| item.name == name || item.id.local == name);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => {
                let all = self
                    .iter()
                    .filter(|item| item.name == name || item.id.local == name);
                Err(NotFound::Several {
                    name: name.to_owned(),
                    ids: all.map(|item| item.id.clone()).collect(),
                })
            }
            (None, _) => Err(NotFound::Nobody {
                name: name.to_owned(),
                near: self.near(name),
            }),
        }
    }

    /// The name that differs least, if by little.
    fn near(&self, name: &str) -> Option<String> {
        let distance = |other: &str| distance(name, other);
        let names = self.iter().map(|item| item.name.as_str());
        let nearest = names.min_by_key(|other| distance(other))?;
        (distance(nearest) <= 2).then(|| nearest.to_owned())
    }
}

/// How many characters must be added, removed or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

//! A description that cannot be read, as a provider: it lists nothing, and its line says what is wrong, so
//! that a mistake is seen where its environments would be.

use super::problem::Problem;
use super::shipped::Origin;
use crate::failure::{Failure, Remedy};
use crate::plan::{ShellPlan, ShellWish};
use crate::provider::{Abilities, Provider};
use crate::spec::{EnvironmentSpec, Listing, ProviderId, Scope};
use crate::tool::{Limit, quote};

/// What stands in the list for a file with mistakes.
#[derive(Debug)]
pub struct Broken {
    id: ProviderId,
    title: String,
    says: String,
    path: String,
}

impl Broken {
    /// The provider for a file with these mistakes.
    #[must_use]
    pub fn new(origin: &Origin, problems: &[Problem]) -> Self {
        let path = origin.to_string();
        let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        let first = problems
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        let more = match problems.len().saturating_sub(1) {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        Self {
            id: Self::id_of(name.trim_end_matches(".toml")),
            title: name,
            says: format!("{first}{more}"),
            path,
        }
    }

    /// What the provider is called that stands for a file `NAME.toml` with mistakes.
    #[must_use]
    pub fn id_of(name: &str) -> ProviderId {
        ProviderId::new(format!("broken-{name}"))
    }

    fn failure(&self) -> Failure {
        let remedy = Remedy::say(format!("terrace env check {}", quote(&self.path)));
        Failure::Unsupported(self.says.clone()).with_remedy(remedy)
    }
}

impl Provider for Broken {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn title(&self) -> String {
        self.title.clone()
    }

    fn abilities(&self) -> Abilities {
        Abilities::none()
    }

    fn list(&self, _: &Scope, _: &Limit) -> Result<Listing, Failure> {
        Err(self.failure())
    }

    fn shell(&self, _: &EnvironmentSpec, _: &ShellWish) -> Result<ShellPlan, Failure> {
        Err(self.failure())
    }
}

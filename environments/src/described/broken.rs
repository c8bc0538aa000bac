//! A description that cannot be read, as a provider: it lists nothing, and its line says what is wrong, so
//! that a mistake is seen where its environments would be.

use super::problem::Problem;
use super::shipped::Origin;
use crate::failure::Failure;
use crate::plan::{ShellPlan, ShellWish};
use crate::provider::{Abilities, Provider};
use crate::spec::{EnvironmentSpec, Listing, ProviderId, Scope};
use crate::tool::Limit;

/// What stands in the list for a file with mistakes.
#[derive(Debug)]
pub struct Broken {
    id: ProviderId,
    title: String,
    says: String,
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
            more => format!(" (and {more} more: terrace env check {path})"),
        };
        Self {
            id: ProviderId::new(format!("broken-{name}")),
            title: name,
            says: format!("{first}{more}"),
        }
    }

    fn failure(&self) -> Failure {
        Failure::Unsupported(self.says.clone())
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

//! This machine.

use crate::failure::Failure;
use crate::plan::{ShellPlan, ShellWish};
use crate::provider::{Abilities, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, Listing, ProviderId, Scope};
use crate::state::State;
use crate::tool::{Limit, ToolCall};

/// This machine: one environment, always ready.
#[derive(Debug)]
pub struct Local {
    id: ProviderId,
}

impl Local {
    /// This machine.
    #[must_use]
    pub fn new() -> Self {
        Self {
            id: ProviderId::new("local"),
        }
    }
}

impl Default for Local {
    fn default() -> Self {
        Self::new()
    }
}

impl Provider for Local {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn title(&self) -> String {
        "This machine".into()
    }

    fn abilities(&self) -> Abilities {
        Abilities::SHELL
    }

    fn list(&self, _: &Scope, _: &Limit) -> Result<Listing, Failure> {
        let mut item = EnvironmentSpec::new(EnvironmentId::new(&self.id, "local"), "local");
        item.state = State::Ready;
        let name = rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned();
        Ok(Listing {
            items: vec![item.with_detail("host", &name).with_fact("host", name)],
            truncated: false,
        })
    }

    fn shell(&self, _: &EnvironmentSpec, wish: &ShellWish) -> Result<ShellPlan, Failure> {
        let mut command = match wish.command.split_first() {
            Some((program, args)) => pty::Command::new(program).args(args),
            None => pty::Command::shell(&pty::user_shell(), pty::ShellKind::default()),
        };
        for (name, value) in &wish.vars {
            command = command.env(name, value);
        }
        if let Some(folder) = &wish.folder {
            command = command.folder(folder);
        }
        Ok(ShellPlan::new(command))
    }

    fn run(&self, _: &EnvironmentSpec, wish: &ShellWish) -> Result<ToolCall, Failure> {
        let (program, args) = super::program(wish)?;
        let mut call = ToolCall::new(program).args(args);
        for (name, value) in &wish.vars {
            call = call.env(name, value);
        }
        Ok(match &wish.folder {
            Some(folder) => call.folder(folder),
            None => call,
        })
    }
}

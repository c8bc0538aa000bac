//! Where a pane's shell runs: this machine, an SSH host, a container, a pod.
//!
//! Every kind of environment is a [`Provider`]: it lists what it knows, says what to run for a shell
//! there (a [`ShellPlan`], with the `pty::Command` of the pane), and what would have to be run to
//! start, stop, create, discard or forward (a [`Plan`]). The [`Manager`] asks the providers in threads
//! of its own, keeps what they said, and carries plans out; whoever shows environments reads its
//! [`Snapshot`] and hears of changes by [`EnvironmentEvent`]s.
//!
//! All programs are run by [`tool`], with a list of arguments, without a terminal, within limits of
//! time and output; nothing here passes through a shell's parser on this machine.
#![forbid(unsafe_code)]

pub mod backstage;
pub mod command;
pub mod described;
pub mod failure;
pub mod kinds;
pub mod manager;
pub mod plan;
pub mod provider;
pub mod rules;
pub mod spec;
pub mod state;
pub mod tool;

pub use failure::{Failure, Remedy};
pub use manager::{
    Cleaner, EnvironmentEvent, Finished, JobEvent, JobSnapshot, Manager, NotFound, Opened,
    ProviderSnapshot, Ran, Snapshot, Ticket,
};
pub use plan::{
    Act, Cleanup, Copy, Created, Done, ExitMeaning, Lasting, Plan, Ready, ShellPlan, ShellWish,
    Values, Verdict,
};
pub use provider::{Abilities, Choices, Pace, Parameter, Provider};
pub use spec::{EnvironmentId, EnvironmentSpec, Listing, ProviderId, Scope};
pub use state::State;
pub use tool::{Cancel, Limit, ToolCall};

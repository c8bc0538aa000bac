//! The kinds of environment that are code: a file each.

pub mod compose;
pub mod container;
pub mod devcontainer;
pub(crate) mod far;
pub mod kubernetes;
pub mod local;
pub mod ssh;
mod time;

use std::path::PathBuf;
use std::sync::Arc;

use crate::provider::Provider;

pub use compose::Compose;
pub use container::{Containers, Engine};
pub use devcontainer::DevContainers;
pub use kubernetes::Kubernetes;
pub use local::Local;
pub use ssh::Ssh;
pub(crate) use ssh::config::matches;

/// What the user set of the kinds.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Kinds that are not wanted, by their ids.
    pub without: Vec<String>,
    /// A folder that only the user can enter, for sockets; `None`: connections are not shared.
    pub runtime: Option<PathBuf>,
    /// Hosts for ssh beside those of its configuration: `user@host`, `host:port`.
    pub hosts: Vec<String>,
    /// Contexts of Kubernetes that are listed beside the current one: names, with `*` for any text.
    pub contexts: Vec<String>,
}

/// The providers in code, in the order in which they are shown.
#[must_use]
pub fn all(options: &Options) -> Vec<Arc<dyn Provider>> {
    let mut all: Vec<Arc<dyn Provider>> = vec![
        Arc::new(Local::new()),
        Arc::new(Ssh::new(ssh::SshOptions {
            runtime: options.runtime.clone(),
            hosts: options.hosts.clone(),
            ..ssh::SshOptions::default()
        })),
        Arc::new(DevContainers::new()),
        Arc::new(Compose::new()),
        Arc::new(Containers::new(Engine::Docker)),
        Arc::new(Containers::new(Engine::Podman)),
        Arc::new(Kubernetes::new(options.contexts.clone())),
    ];
    all.retain(|provider| {
        let id = provider.id().as_str();
        !options.without.iter().any(|without| without == id)
    });
    all
}

/// A wish's command, which there must be where no shell is started.
fn program(
    wish: &crate::plan::ShellWish,
) -> Result<(&std::ffi::OsString, &[std::ffi::OsString]), crate::Failure> {
    wish.command
        .split_first()
        .ok_or_else(|| crate::Failure::Refused("a command is needed, after --".into()))
}

//! Environments as the application has them: the manager, the providers of the settings, what each looks like.
//!
//! The manager lives as long as the application and works in threads of its own; what it tells comes as
//! [`AppEvent::Environment`]. What a pane in an environment is stands in `pane/environment.rs`, what a window
//! does with it in `window/environments.rs`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use config::Config;
use config::environments::Reconnect;
use environments::kinds::{self, Options};
use environments::plan::ShellWish;
use environments::rules::{self, Look, Pattern, Rule};
use environments::{EnvironmentId, EnvironmentSpec, Manager, Provider, Scope, Snapshot, Ticket};
use winit::event_loop::EventLoopProxy;

use crate::event::AppEvent;

/// How long the end of the program waits for far processes to be ended.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The manager and what the settings say of environments.
pub(crate) struct Environments {
    manager: Manager,
    rules: Vec<Rule>,
    scope: Scope,
}

impl Environments {
    /// Starts the manager. No tool is run before somebody asks.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(crate) fn start(config: &Config, proxy: EventLoopProxy<AppEvent>) -> std::io::Result<Self> {
        let tell = move |event| {
            // Fails only when the loop has ended.
            let _ = proxy.send_event(AppEvent::Environment(event));
        };
        Ok(Self {
            manager: Manager::start(providers(config), tell)?,
            rules: rules_of(config),
            scope: Scope::default(),
        })
    }

    /// Takes changed settings.
    pub(crate) fn config_changed(&mut self, config: &Config) {
        self.rules = rules_of(config);
        self.manager.set_providers(providers(config));
    }

    /// Commands and questions to all that is known.
    pub(crate) fn manager(&self) -> &Manager {
        &self.manager
    }

    /// What is known now.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.manager.snapshot()
    }

    /// What the settings say of an environment's looks.
    pub(crate) fn look(&self, env: &EnvironmentSpec) -> Look {
        rules::look(&self.rules, env)
    }

    /// Says in which folders the user works: dev containers and Compose files are looked for there.
    pub(crate) fn set_folders(&mut self, folders: impl IntoIterator<Item = PathBuf>) {
        let mut folders: Vec<PathBuf> = folders.into_iter().collect();
        folders.sort();
        folders.dedup();
        if folders != self.scope.folders {
            self.scope.folders = folders;
            self.manager.set_scope(self.scope.clone());
        }
    }

    /// Opens a shell; what comes of it is told with the ticket.
    pub(crate) fn open(&self, id: &EnvironmentId, wish: &ShellWish) -> Ticket {
        self.manager.open(id.clone(), wish.clone())
    }

    /// Calls everything off, and waits a moment for what must be ended elsewhere.
    pub(crate) fn end(self) {
        if !self.manager.close(LAST_WORDS) {
            tracing::warn!("some tools of environments still run");
        }
    }
}

/// Whether a lost connection is made again by itself.
pub(crate) fn reconnects(config: &Config) -> bool {
    config.environments.reconnect == Reconnect::Auto
}

/// How a shell in an environment is wished for by the settings.
pub(crate) fn wish(config: &Config, folder: Option<String>) -> ShellWish {
    ShellWish {
        folder,
        term: config.shell.term.clone(),
        integrate: config.shell.integration,
        survive: config.environments.survive.then(session_name),
        ..ShellWish::default()
    }
}

/// A name for a session that survives, short enough to be typed.
fn session_name() -> String {
    let mut bytes = [0; 4];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::warn!(%error, "no random bytes");
    }
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("terrace-{digits}")
}

/// All providers that the settings name.
pub(crate) fn providers(config: &Config) -> Vec<Arc<dyn Provider>> {
    let section = &config.environments;
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|folder| folder.is_absolute() && section.share_connections);
    kinds::all(&Options {
        without: section.hide.clone(),
        runtime: runtime
            .as_deref()
            .map(|folder: &Path| folder.join("terrace")),
        hosts: section.hosts.clone(),
        contexts: section.contexts.clone(),
    })
}

/// The rules of the settings; one that cannot be read is named in the log and left out.
fn rules_of(config: &Config) -> Vec<Rule> {
    let read = |rule: &config::EnvironmentRule| {
        let patterns: Result<Vec<_>, String> = rule
            .patterns()
            .map(|(key, text)| Ok((key.to_owned(), Pattern::parse(text)?)))
            .collect();
        match patterns {
            Ok(patterns) => Some(Rule {
                patterns,
                look: Look {
                    color: rule.color.map(|color| [color.r, color.g, color.b]),
                    badge: rule.badge.clone(),
                    production: rule.production,
                    cost: rule.cost.map(f64::from),
                },
            }),
            Err(error) => {
                tracing::warn!("environments.rules: {error}");
                None
            }
        }
    };
    config.environments.rules.iter().filter_map(read).collect()
}

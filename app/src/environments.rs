//! Environments as the application has them: the manager, the providers of the settings, what each looks like.
//!
//! The manager lives as long as the application and works in threads of its own; what it tells comes as
//! [`AppEvent::Environment`]. What a pane in an environment is stands in `pane/environment.rs`, what a window
//! does with it in `window/environments.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use config::Config;
use config::environments::Reconnect;
use environments::backstage::{self, Backstage};
use environments::described::{self, Broken, Described};
use environments::kinds::{self, Options};
use environments::plan::ShellWish;
use environments::rules::{self, Look, Pattern, Rule};
use environments::{
    EnvironmentId, EnvironmentSpec, Manager, Provider, ProviderId, Scope, Snapshot, Ticket,
};
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
    /// Starts the manager. No tool is run before somebody asks; descriptions are read in the background, unless
    /// the first pane is to be opened by one (`first`).
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(crate) fn start(
        config: &Config,
        proxy: EventLoopProxy<AppEvent>,
        first: Option<&ProviderId>,
    ) -> std::io::Result<Self> {
        let tell = move |event| {
            // Fails only when the loop has ended.
            let _ = proxy.send_event(AppEvent::Environment(event));
        };
        let coded = coded(config);
        let waits = first.is_some_and(|first| !coded.iter().any(|one| one.id() == first));
        let at_first = if waits { providers(config) } else { coded };
        let environments = Self {
            manager: Manager::start(at_first, tell)?,
            rules: rules_of(config),
            scope: Scope::default(),
        };
        if !waits {
            environments.read_kinds(config)?;
        }
        Ok(environments)
    }

    /// Reads all kinds in the background: descriptions are files.
    fn read_kinds(&self, config: &Config) -> std::io::Result<()> {
        let (config, set) = (config.clone(), self.manager.setter());
        std::thread::Builder::new()
            .name("descriptions".into())
            .spawn(move || set(providers(&config)))?;
        Ok(())
    }

    /// Takes changed settings.
    pub(crate) fn config_changed(&mut self, config: &Config) {
        self.rules = rules_of(config);
        if let Err(error) = self.read_kinds(config) {
            tracing::warn!(%error, "descriptions of environments cannot be read");
        }
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

    /// What the settings say of environments' looks.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What is called an environment; one that is not listed by its id.
    pub(crate) fn name_of(&self, id: &EnvironmentId) -> String {
        let snapshot = self.snapshot();
        let known = snapshot.find(id).map(|env| env.name.clone());
        known.unwrap_or_else(|| id.local.clone())
    }

    /// Whether the settings call for caution there.
    pub(crate) fn is_production(&self, id: &EnvironmentId) -> bool {
        let snapshot = self.snapshot();
        let known = snapshot.find(id).cloned();
        let env = known.unwrap_or_else(|| EnvironmentSpec::new(id.clone(), id.local.clone()));
        self.look(&env).production == Some(true)
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

    /// Lists what an environment holds, from now on.
    pub(crate) fn look_into(&mut self, id: EnvironmentId) {
        if self.scope.opened.contains(&id) {
            self.manager.refresh(Some(id.provider));
        } else {
            let provider = id.provider.clone();
            self.scope.opened.push(id);
            self.manager.set_scope(self.scope.clone());
            self.manager.refresh(Some(provider));
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

/// The providers in code that the settings name.
fn coded(config: &Config) -> Vec<Arc<dyn Provider>> {
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

/// Where the user's own descriptions are.
pub(crate) fn descriptions() -> Option<PathBuf> {
    config::load::default_folder().map(|folder| folder.join("environments"))
}

/// All providers that the settings name: those in code, the shipped descriptions, the user's own. Reads files.
pub(crate) fn providers(config: &Config) -> Vec<Arc<dyn Provider>> {
    let mut providers = coded(config);
    let shown = |id: &str| !config.environments.hide.iter().any(|hidden| hidden == id);
    for found in described::all(descriptions().as_deref()) {
        match found.read {
            Ok(description) if shown(&description.id) => {
                let settings = settings_of(config, &description.id);
                providers.push(Arc::new(Described::new(description, &settings)));
            }
            Ok(_) => {}
            Err(problems) => {
                // The list has a line for it; that is enough for who asks for something else.
                for problem in &problems {
                    tracing::debug!("{}:{problem}", found.origin);
                }
                providers.push(Arc::new(Broken::new(&found.origin, &problems)));
            }
        }
    }
    let backstage = settings_of(config, "backstage");
    if let Some(url) = backstage.get("url").filter(|_| shown("backstage")) {
        let options = backstage::Options {
            url: url.clone(),
            token_variable: backstage.get("token").cloned().unwrap_or_default(),
        };
        let others = providers.clone();
        providers.push(Arc::new(Backstage::new(options, others)));
    }
    providers
}

/// What the user set for a provider: `"qovery.project" = "…"`.
fn settings_of(config: &Config, provider: &str) -> BTreeMap<String, String> {
    let settings = config.environments.settings.iter();
    let own = settings.filter_map(|(key, value)| {
        let name = key.strip_prefix(provider)?.strip_prefix('.')?;
        Some((name.to_owned(), value.clone()))
    });
    own.collect()
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

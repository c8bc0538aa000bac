//! Hosts by the user's own OpenSSH: its configuration, its keys, its known hosts, its questions.
//!
//! Nothing here weakens it: no option for host keys, no agent, no forwarding that the user's configuration does
//! not have. What is added is a shared connection, where the user has none: the second pane opens at once.

pub(crate) mod config;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;

use self::config::{Hosts, known_hosts};
use super::far;
use crate::failure::{Failure, Remedy, Rule, classify};
use crate::plan::{Act, Cleanup, Copy, ExitMeaning, Lasting, Plan, Ready, ShellPlan, ShellWish};
use crate::provider::{Abilities, Pace, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, Listing, ProviderId, Scope};
use crate::state::State;
use crate::tool::{self, Limit, Output, ToolCall, check_name};

/// The longest path of a control socket: ssh adds 17 bytes while it binds, and macOS has room for 104.
const MAX_SOCKET: usize = 86;
/// The length of `%C`.
const HASH: usize = 40;

/// Where the provider looks.
#[derive(Clone, Debug)]
pub struct SshOptions {
    /// The program.
    pub program: String,
    /// Another file than `~/.ssh/config` and the system's.
    pub config: Option<PathBuf>,
    /// A folder that only the user can enter; `None`: connections are not shared.
    pub runtime: Option<PathBuf>,
    /// Hosts beside those of the configuration.
    pub hosts: Vec<String>,
}

impl Default for SshOptions {
    fn default() -> Self {
        Self {
            program: "ssh".into(),
            config: None,
            runtime: None,
            hosts: Vec::new(),
        }
    }
}

/// Hosts, by ssh.
#[derive(Debug)]
pub struct Ssh {
    id: ProviderId,
    options: SshOptions,
    /// The folder of the control sockets, if connections can be shared.
    sockets: Option<PathBuf>,
    hosts: Mutex<Arc<Hosts>>,
    /// What `ssh -G` said, by name, while the files are the same.
    known: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

const RULES: [Rule; 7] = [
    Rule {
        text: "REMOTE HOST IDENTIFICATION HAS CHANGED",
        make: changed_key,
    },
    Rule {
        text: "Host key verification failed",
        make: unknown_key,
    },
    Rule {
        text: "Permission denied (",
        make: not_let_in,
    },
    Rule {
        text: "Could not resolve hostname",
        make: unreachable,
    },
    Rule {
        text: "connect to host",
        make: unreachable,
    },
    Rule {
        text: "Bad configuration option",
        make: Failure::Other,
    },
    Rule {
        text: "hostname contains invalid characters",
        make: Failure::Refused,
    },
];

fn changed_key(_: String) -> Failure {
    Failure::Forbidden {
        said: "the host's key is another than before".into(),
        remedy: Remedy::say("find out why from whoever runs the host, before anything else"),
    }
}

fn unknown_key(_: String) -> Failure {
    Failure::Forbidden {
        said: "the host's key is not known yet".into(),
        remedy: Remedy::say("open the host in a pane once, and answer its question"),
    }
}

fn not_let_in(said: String) -> Failure {
    Failure::Forbidden {
        said,
        remedy: Remedy::say("open the host in a pane, where a password can be given"),
    }
}

fn unreachable(said: String) -> Failure {
    Failure::Down {
        said,
        remedy: Remedy::default(),
    }
}

impl Ssh {
    /// Hosts as the options say.
    #[must_use]
    pub fn new(options: SshOptions) -> Self {
        let sockets = options.runtime.as_deref().and_then(socket_folder);
        Self {
            id: ProviderId::new("ssh"),
            options,
            sockets,
            hosts: Mutex::default(),
            known: Mutex::default(),
        }
    }

    /// ssh, on its configuration.
    fn call(&self) -> ToolCall {
        let call = ToolCall::new(&self.options.program);
        match &self.options.config {
            Some(file) => call.arg("-F").arg(file),
            None => call,
        }
    }

    fn hosts(&self) -> Arc<Hosts> {
        let mut hosts = self.hosts.lock();
        if !hosts.is_current() {
            let home = std::env::home_dir().unwrap_or_default();
            let read = match &self.options.config {
                Some(file) => Hosts::read(file, &home, Path::new("/nonexistent/ssh_config")),
                None => Hosts::read(
                    &home.join(".ssh/config"),
                    &home,
                    Path::new("/etc/ssh/ssh_config"),
                ),
            };
            *hosts = Arc::new(read);
            self.known.lock().clear();
        }
        Arc::clone(&hosts)
    }

    /// What ssh makes of a name. May run a `Match exec` of the user's, so it is asked for one host at a time.
    fn settings(&self, name: &str, limit: &Limit) -> Result<BTreeMap<String, String>, Failure> {
        // Reads anew what changed.
        let _ = self.hosts();
        if let Some(known) = self.known.lock().get(name) {
            return Ok(known.clone());
        }
        let call = self
            .call()
            .arg("-G")
            .args(target(name)?)
            .timeout(Duration::from_secs(5));
        let output = tool::run_ok(&call, limit, &RULES)?;
        let text = output.stdout_text();
        let mut settings = BTreeMap::new();
        for (key, value) in text.lines().filter_map(|line| line.split_once(' ')) {
            // Several of a kind: the first is enough for what is asked here.
            settings
                .entry(key.to_owned())
                .or_insert_with(|| value.to_owned());
        }
        self.known.lock().insert(name.to_owned(), settings.clone());
        Ok(settings)
    }

    /// The options by which connections are shared, unless the user's configuration shares them already.
    fn sharing(&self, env: &EnvironmentSpec) -> Vec<String> {
        let Some(folder) = self
            .sockets
            .as_ref()
            .filter(|_| env.fact("shares") != "own")
        else {
            return Vec::new();
        };
        let mut options = vec![
            "-o".into(),
            "ControlMaster=auto".into(),
            "-o".into(),
            format!("ControlPath={}/%C", folder.display()),
            "-o".into(),
            "ControlPersist=60".into(),
        ];
        // A shared connection that hangs hangs every pane on it.
        if env.fact("alive") != "own" {
            options.extend(
                [
                    "-o",
                    "ServerAliveInterval=15",
                    "-o",
                    "ServerAliveCountMax=3",
                ]
                .map(Into::into),
            );
        }
        options
    }

    /// Runs something over there without a terminal, and without a question.
    fn batch(&self, env: &EnvironmentSpec, words: &[OsString]) -> Result<ToolCall, Failure> {
        let batch = [
            "-T",
            "-o",
            "BatchMode=yes",
            "-o",
            "ConnectTimeout=10",
            "-o",
            "RemoteCommand=none",
        ];
        let call = self.call().args(self.sharing(env)).args(batch);
        let line = format!("exec {}", far::line(words));
        Ok(call.args(target(&env.id.local)?).arg(line))
    }

    /// Asks the shared connection something (`-O`).
    fn control(&self, env: &EnvironmentSpec, command: &str) -> Result<ToolCall, Failure> {
        let call = self.call().args(self.sharing(env)).args(["-O", command]);
        Ok(call.timeout(Duration::from_secs(5)))
    }

    fn is_connected(&self, env: &EnvironmentSpec, limit: &Limit) -> bool {
        let none_of_ours = || {
            let folder = self
                .sockets
                .as_ref()
                .and_then(|folder| std::fs::read_dir(folder).ok());
            folder.is_none_or(|mut entries| entries.next().is_none())
        };
        if env.fact("shares") != "own" && none_of_ours() {
            return false;
        }
        let check = self.control(env, "check").and_then(|call| {
            let call = call.args(target(&env.id.local)?);
            tool::run(&call, limit)
        });
        check.is_ok_and(|output| output.status.is_success())
    }

    fn item(&self, name: &str, group: &str) -> EnvironmentSpec {
        let mut item = EnvironmentSpec::new(EnvironmentId::new(&self.id, name), name);
        item.group = (!group.is_empty()).then(|| group.to_owned());
        item.can = Abilities::SHELL | Abilities::FORWARD | Abilities::COPY;
        item.with_fact("host", name)
    }
}

/// The destination as arguments: after `--`, with a port that was given in the name as ssh's own form of it.
fn target(name: &str) -> Result<[String; 2], Failure> {
    check_name(name)?;
    let with_port = name.rsplit_once(':').filter(|(host, port)| {
        !host.contains(':') && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    Ok(match with_port {
        Some(_) => ["--".into(), format!("ssh://{name}")],
        None => ["--".into(), name.to_owned()],
    })
}

/// Makes the folder of the sockets; `None` when its path is too long or it is not ours alone.
fn socket_folder(runtime: &Path) -> Option<PathBuf> {
    let folder = runtime.join("ssh");
    if folder.as_os_str().len() + 1 + HASH > MAX_SOCKET {
        tracing::info!(folder = %folder.display(), "too long for sockets: ssh connections are not shared");
        return None;
    }
    let mut builder = std::fs::DirBuilder::new();
    if let Err(error) = builder.recursive(true).mode(0o700).create(&folder) {
        tracing::warn!(%error, folder = %folder.display(), "ssh connections are not shared");
        return None;
    }
    let metadata = std::fs::symlink_metadata(&folder).ok()?;
    let private = metadata.is_dir()
        && metadata.mode() & 0o077 == 0
        && metadata.uid() == rustix::process::geteuid().as_raw();
    let spaces = folder
        .to_string_lossy()
        .contains(|c: char| c.is_whitespace() || c == '%' || c == '"');
    (private && !spaces).then_some(folder)
}

impl Provider for Ssh {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn title(&self) -> String {
        "SSH".into()
    }

    fn abilities(&self) -> Abilities {
        Abilities::SHELL | Abilities::FORWARD | Abilities::COPY
    }

    fn pace(&self) -> Pace {
        Pace {
            timeout: Duration::from_secs(5),
            every: Duration::from_secs(5),
        }
    }

    fn list(&self, _: &Scope, limit: &Limit) -> Result<Listing, Failure> {
        if tool::find_program(&self.options.program).is_none() {
            return Err(Failure::Missing {
                program: self.options.program.clone(),
                remedy: Remedy::say("install OpenSSH's client (openssh-client)"),
            });
        }
        let hosts = self.hosts();
        let safe = |name: &&String| {
            let safe = check_name(name).is_ok();
            if !safe {
                tracing::info!(%name, "a host's name cannot be passed on safely");
            }
            safe
        };
        let named = hosts.names.iter().filter(safe).map(|name| {
            let address = hosts.addresses.get(name).cloned();
            self.item(name, "")
                .with_detail("address", address.unwrap_or_default())
        });
        let mut items: Vec<EnvironmentSpec> = named.collect();
        let add = |name: &String, group: &str, items: &mut Vec<EnvironmentSpec>| {
            if !items.iter().any(|item| item.name == *name) {
                items.push(self.item(name, group));
            }
        };
        for name in self.options.hosts.iter().filter(safe) {
            add(name, "", &mut items);
        }
        if self.options.config.is_none() {
            let file = std::env::home_dir()
                .unwrap_or_default()
                .join(".ssh/known_hosts");
            for name in known_hosts(&file).iter().filter(safe) {
                add(name, "known hosts", &mut items);
            }
        }
        // Only those that were opened can have a connection of ours.
        let known: Vec<String> = self.known.lock().keys().cloned().collect();
        for name in &known {
            add(name, "opened before", &mut items);
        }
        for item in items.iter_mut().filter(|item| known.contains(&item.name)) {
            let settings = self.known.lock().get(&item.name).cloned();
            *item = describe(item.clone(), &settings.unwrap_or_default());
            if self.is_connected(item, limit) {
                item.state = State::Ready;
                item.raw_state = "connected".into();
            }
        }
        Ok(Listing {
            items,
            truncated: false,
        })
    }

    fn prepare(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<EnvironmentSpec, Failure> {
        let settings = self.settings(&env.id.local, limit)?;
        let mut env = describe(env.clone(), &settings);
        env.can = self.abilities();
        let host = env.id.local.clone();
        env = env.with_fact("host", host);
        let connected = self.is_connected(&env, limit);
        env.facts.insert(
            "connected".into(),
            if connected { "yes" } else { "no" }.into(),
        );
        // Whether it can be told that the connection is up.
        let shared = !self.sharing(&env).is_empty();
        Ok(env.with_fact("shared", if shared { "yes" } else { "" }))
    }

    fn shell(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ShellPlan, Failure> {
        let mut call = self
            .call()
            .args(self.sharing(env))
            .args(["-o", "SendEnv=COLORTERM"]);
        let plain = wish.folder.is_none()
            && wish.command.is_empty()
            && wish.vars.is_empty()
            && wish.survive.is_none();
        // ssh refuses a command beside a RemoteCommand; the user's own wins.
        let own_command = env.fact("remotecommand") == "own" || env.fact("requesttty") == "no";
        let integrated = if own_command {
            None
        } else {
            far::integrated(wish)
        };
        let integrates = integrated.is_some();
        let mut key = None;
        if let Some((mut bootstrap, its_key)) = integrated {
            for (name, value) in &wish.vars {
                bootstrap = bootstrap.env(name, value);
            }
            let bootstrap = far::surviving(bootstrap, wish);
            // An argument list is seen by all who use this machine or that one.
            let line = bootstrap.greeting(true).makes_its_key().command_line();
            call = call.arg("-t").args(target(&env.id.local)?).arg(line);
            key = Some(its_key);
        } else if plain || own_command {
            call = call.args(target(&env.id.local)?);
        } else {
            let mut words = vec!["env".into(), "COLORTERM=truecolor".into()];
            words.extend(
                wish.vars
                    .iter()
                    .map(|(name, value)| format!("{name}={value}").into()),
            );
            words.extend(far::start(wish));
            call = call
                .arg("-t")
                .args(target(&env.id.local)?)
                .arg(format!("exec {}", far::line(&words)));
        }
        let mut command = call.to_pty();
        if !wish.term.is_empty() {
            command = command.env("TERM", &wish.term);
        }
        if let Some(key) = key {
            command = command.with_expected_shell(key);
        }
        let mut plan = ShellPlan::new(command);
        plan.exit = ExitMeaning::Ssh;
        if let Some(name) = wish.survive.as_deref().filter(|_| !own_command) {
            plan.leaves_process = Some(Cleanup {
                env: env.id.clone(),
                call: self.batch(env, &far::end_survivor(name))?,
            });
        }
        if own_command {
            plan.lost_vars = wish.vars.iter().map(|(name, _)| name.clone()).collect();
        }
        if integrates {
            // Who refuses one command refuses every other.
            let plain = ShellWish {
                term: wish.term.clone(),
                ..ShellWish::default()
            };
            plan.plain = Some(Box::new(self.shell(env, &plain)?));
        }
        Ok(plan)
    }

    fn run(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ToolCall, Failure> {
        super::program(wish)?;
        let mut words: Vec<OsString> = Vec::new();
        if !wish.vars.is_empty() {
            words.push("env".into());
            words.extend(
                wish.vars
                    .iter()
                    .map(|(name, value)| format!("{name}={value}").into()),
            );
        }
        words.extend(far::run(wish));
        self.batch(env, &words)
    }

    fn connection(&self, env: &EnvironmentSpec) -> Result<ToolCall, Failure> {
        let [_, name] = target(&env.id.local)?;
        Ok(self.call().arg(name))
    }

    fn plan(&self, env: &EnvironmentSpec, act: &Act) -> Result<Plan, Failure> {
        match act {
            Act::Forward { remote, local } => {
                let rule = format!("127.0.0.1:{local}:127.0.0.1:{remote}");
                let url = Some(format!("http://127.0.0.1:{local}/"));
                let name = target(&env.id.local)?;
                if env.fact("connected") == "yes" {
                    let on = |command| -> Result<ToolCall, Failure> {
                        let call = self.control(env, command)?;
                        Ok(call.arg("-L").arg(&rule).args(name.clone()))
                    };
                    return Ok(Plan {
                        lasting: Some(Lasting::Undo(on("cancel")?)),
                        url,
                        ..Plan::one(on("forward")?)
                    });
                }
                let fixed = [
                    "-N",
                    "-o",
                    "BatchMode=yes",
                    "-o",
                    "ExitOnForwardFailure=yes",
                ];
                let alone = ["-o", "ControlMaster=no", "-o", "ControlPath=none"];
                let call = self
                    .call()
                    .args(fixed)
                    .args(alone)
                    .arg("-L")
                    .arg(rule)
                    .args(name);
                Ok(Plan {
                    lasting: Some(Lasting::Process {
                        call,
                        ready: Ready::Listening(*local),
                    }),
                    url,
                    ..Plan::default()
                })
            }
            Act::Copy(copy) => {
                let mut call = ToolCall::new("scp").args(["-r", "-o", "BatchMode=yes"]);
                if let Some(file) = &self.options.config {
                    call = call.arg("-F").arg(file);
                }
                check_name(&env.id.local)?;
                let far = |path: &str| format!("{}:{path}", env.id.local);
                let call = call.args(self.sharing(env)).arg("--");
                Ok(Plan::one(match copy {
                    Copy::To { from, to } => call.arg(from).arg(far(to)),
                    Copy::From { from, to } => call.arg(far(from)).arg(to),
                }))
            }
            Act::Logs { .. } => Err(Failure::Unsupported("ssh shows no log of a host".into())
                .with_remedy(Remedy::say("run what shows it there, such as journalctl"))),
            Act::Start | Act::Stop | Act::Discard => Err(Failure::Unsupported(
                "a host is not started, stopped or discarded by ssh".into(),
            )),
        }
    }

    fn classify(&self, output: &Output) -> Failure {
        classify(output, &RULES)
    }

    fn at_end(&self) -> Vec<ToolCall> {
        let known = std::mem::take(&mut *self.known.lock());
        let ours = known
            .iter()
            .filter(|(_, settings)| !shares_itself(settings));
        let calls = ours.filter_map(|(name, _)| {
            // The connection ends with the last session on it; other windows keep theirs.
            let env = self.item(name, "");
            Some(self.control(&env, "stop").ok()?.args(target(name).ok()?))
        });
        calls.collect()
    }
}

/// Whether the user's configuration has a shared connection of its own.
fn shares_itself(settings: &BTreeMap<String, String>) -> bool {
    let set = |key: &str, none: &[&str]| {
        settings
            .get(key)
            .is_some_and(|value| !none.contains(&value.as_str()))
    };
    set("controlmaster", &["false", "no"]) || set("controlpath", &["none"])
}

/// Puts what `ssh -G` said beside the name.
fn describe(mut env: EnvironmentSpec, settings: &BTreeMap<String, String>) -> EnvironmentSpec {
    let get = |key: &str| settings.get(key).map_or("", String::as_str);
    let own = |own: bool| if own { "own" } else { "" };
    let address = match (get("user"), get("hostname"), get("port")) {
        (_, "", _) => String::new(),
        (user, host, "22" | "") => format!("{user}@{host}"),
        (user, host, port) => format!("{user}@{host}:{port}"),
    };
    env.detail.clear();
    let jump = get("proxyjump").to_owned();
    env = env
        .with_detail("address", address)
        .with_detail("through", if jump == "none" { String::new() } else { jump });
    let remote_command = !matches!(get("remotecommand"), "" | "none");
    env.with_fact("hostname", get("hostname"))
        .with_fact("shares", own(shares_itself(settings)))
        .with_fact(
            "alive",
            own(!matches!(get("serveraliveinterval"), "" | "0")),
        )
        .with_fact("remotecommand", own(remote_command))
        .with_fact("requesttty", get("requesttty"))
}

/// Removes sockets of connections that are gone: ssh leaves one when it is killed. `older`: only those that
/// nobody touched since.
pub fn remove_stale_sockets(folder: &Path, older: SystemTime) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let old = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|time| time < older);
        let refused = std::os::unix::net::UnixStream::connect(&path)
            .is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused);
        if old && refused {
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests;

//! Containers of Docker and Podman, and what Compose services and dev containers have in common with them.

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{far, time};
use crate::failure::{Failure, Remedy, Rule, classify};
use crate::plan::{
    Act, Cleanup, Copy, Created, Done, ExitMeaning, Lasting, Plan, ShellPlan, ShellWish, Values,
};
use crate::provider::{Abilities, Choices, Pace, Parameter, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, Listing, ProviderId, Scope};
use crate::state::State;
use crate::tool::{self, Limit, Output, ToolCall, check_name};

/// A program that runs containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// `docker`.
    Docker,
    /// `podman`.
    Podman,
}

/// What frees Ctrl-P: the keys that leave a session must be some, and these nobody types.
const DETACH_KEYS: &str = "--detach-keys=ctrl-^,ctrl-@,ctrl-^";

const RULES: [Rule; 7] = [
    Rule {
        text: "Cannot connect to the Docker daemon",
        make: docker_down,
    },
    Rule {
        text: "error during connect",
        make: docker_down,
    },
    Rule {
        text: "Cannot connect to Podman",
        make: podman_down,
    },
    Rule {
        text: "no container with name or ID",
        make: Failure::Gone,
    },
    Rule {
        text: "No such container",
        make: Failure::Gone,
    },
    Rule {
        text: "unknown command: docker compose",
        make: no_compose,
    },
    Rule {
        text: "unknown shorthand flag",
        make: no_compose,
    },
];

fn docker_down(said: String) -> Failure {
    Failure::Down {
        said,
        remedy: Remedy::say("start it: systemctl start docker"),
    }
}

fn podman_down(said: String) -> Failure {
    Failure::Down {
        said,
        remedy: Remedy::say("start it: podman machine start"),
    }
}

fn no_compose(_: String) -> Failure {
    Failure::Missing {
        program: "Docker Compose".into(),
        remedy: Remedy::say("install docker-compose-plugin"),
    }
}

/// What a container's tools say of a failure.
pub(super) fn classify_containers(output: &Output) -> Failure {
    classify(output, &RULES)
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }

    /// The program, asked for something that it answers at once.
    pub(super) fn call(self) -> ToolCall {
        let call = ToolCall::new(self.name()).timeout(Duration::from_secs(10));
        match self {
            Self::Docker => call,
            // It dies of a folder that has no config.json, which docker's plugins are found by.
            Self::Podman => call.env_remove("DOCKER_CONFIG"),
        }
    }

    /// Runs it to a good end.
    pub(super) fn ask(self, call: &ToolCall, limit: &Limit) -> Result<Output, Failure> {
        let output = tool::run(call, limit).map_err(|failure| self.how_to_help(failure))?;
        if output.status.is_success() {
            Ok(output)
        } else {
            Err(classify_containers(&output))
        }
    }

    fn how_to_help(self, failure: Failure) -> Failure {
        match failure {
            Failure::Missing { program, .. } => Failure::Missing {
                program,
                remedy: Remedy::say(match self {
                    Self::Docker => "see https://docs.docker.com/engine/install",
                    Self::Podman => "see https://podman.io",
                }),
            },
            // The same for all that is asked of it, so that one that hangs is told once.
            other => other.of_call(&ToolCall::new(self.name()).arg("ps")),
        }
    }
}

/// A container, by whatever list it was found.
#[derive(Clone, Debug)]
pub(super) struct Container<'a> {
    pub(super) engine: Engine,
    /// Its id or name.
    pub(super) id: &'a str,
    /// The account in it; empty: the image's own.
    pub(super) user: &'a str,
    /// Variables for every process in it, beside the wish's.
    pub(super) vars: Vec<(String, String)>,
    /// Where a shell begins if the wish does not say.
    pub(super) folder: &'a str,
}

impl<'a> Container<'a> {
    pub(super) fn new(engine: Engine, id: &'a str) -> Self {
        Self {
            engine,
            id,
            user: "",
            vars: Vec::new(),
            folder: "",
        }
    }

    fn exec(&self, flags: &[&str], vars: &[(String, String)]) -> Result<ToolCall, Failure> {
        let mut call = self.engine.call().arg("exec").args(flags);
        for (name, value) in self.vars.iter().chain(vars) {
            call = call.arg("--env").arg(format!("{name}={value}"));
        }
        if !self.user.is_empty() {
            call = call.arg("--user").arg(check_name(self.user)?);
        }
        Ok(call.arg(check_name(self.id)?))
    }

    fn with_folder(&self, wish: &ShellWish) -> ShellWish {
        let mut wish = wish.clone();
        if wish.folder.is_none() && !self.folder.is_empty() {
            wish.folder = Some(self.folder.to_owned());
        }
        wish
    }

    /// A shell in it, on behalf of `env`.
    pub(super) fn shell(
        &self,
        env: &EnvironmentId,
        wish: &ShellWish,
    ) -> Result<ShellPlan, Failure> {
        if let Some(image) = &wish.debug_image {
            return self.helper(image);
        }
        let session = far::session_name();
        let term = if wish.term.is_empty() {
            "xterm-256color"
        } else {
            &wish.term
        };
        let mut vars = vec![
            ("TERM".to_owned(), term.to_owned()),
            ("COLORTERM".to_owned(), "truecolor".to_owned()),
            ("TERRACE_SESSION".to_owned(), session.clone()),
        ];
        vars.extend(wish.vars.iter().cloned());
        let wish = self.with_folder(wish);
        let command = match far::integrated(&wish) {
            Some((bootstrap, key)) => {
                let bootstrap = far::surviving(bootstrap, &wish);
                // By name only: the value goes by our environment, and no argument list shows it.
                let flags = [
                    "--interactive",
                    "--tty",
                    DETACH_KEYS,
                    "--env",
                    "TERRACE_NONCE",
                    "--env",
                    "TERRACE_AID",
                ];
                let call = self
                    .exec(&flags, &vars)?
                    .args(bootstrap.key_from_environment().arguments());
                let call = call
                    .env("TERRACE_NONCE", &key.nonce)
                    .env("TERRACE_AID", &key.aid);
                call.to_pty().with_shell_key(key)
            }
            None => {
                let call = self.exec(&["--interactive", "--tty", DETACH_KEYS], &vars)?;
                call.args(far::start(&wish)).to_pty()
            }
        };
        let mut plan = ShellPlan::new(command);
        let end = self.exec(&[], &[])?.args(far::hang_up(&session));
        plan.leaves_process = Some(Cleanup {
            env: env.clone(),
            call: end,
        });
        plan.resize_again = true;
        plan.exit = ExitMeaning::Container;
        Ok(plan)
    }

    /// A container beside it that sees its processes and its network, for one that has no shell.
    fn helper(&self, image: &str) -> Result<ShellPlan, Failure> {
        let id = check_name(self.id)?;
        let call = self
            .engine
            .call()
            .args(["run", "--rm", "--interactive", "--tty", DETACH_KEYS]);
        let call = call
            .arg(format!("--pid=container:{id}"))
            .arg(format!("--network=container:{id}"));
        let call = call.args([
            "--env",
            "COLORTERM=truecolor",
            "--env",
            "TERM=xterm-256color",
        ]);
        let mut plan = ShellPlan::new(call.arg(check_name(image)?).arg("sh").to_pty());
        plan.exit = ExitMeaning::Container;
        plan.resize_again = true;
        Ok(plan)
    }

    /// What a person would type for a shell in it.
    pub(super) fn connection(&self) -> Result<ToolCall, Failure> {
        let call = self.engine.call().args(["exec", "-it"]);
        Ok(call.arg(check_name(self.id)?).arg("sh"))
    }

    /// A command in it, without a terminal.
    pub(super) fn run(&self, wish: &ShellWish) -> Result<ToolCall, Failure> {
        super::program(wish)?;
        let call = self.exec(&["--interactive"], &wish.vars)?;
        Ok(call.args(far::run(&self.with_folder(wish))))
    }

    /// Its port on our loopback, a process in it for each connection: works on every system, and for
    /// programs that listen on the container's loopback only.
    pub(super) fn forward(&self, remote: u16, local: u16) -> Result<Plan, Failure> {
        Ok(Plan {
            lasting: Some(Lasting::Relay {
                local,
                call: self
                    .exec(&["--interactive"], &[])?
                    .args(far::connect(remote)),
            }),
            url: Some(format!("http://127.0.0.1:{local}/")),
            ..Plan::default()
        })
    }

    pub(super) fn logs(&self, follow: bool) -> Result<Plan, Failure> {
        let mut call = self.engine.call().args(["logs", "--tail", "1000"]);
        if follow {
            call = call.arg("--follow");
        }
        Ok(Plan::one(call.arg(check_name(self.id)?)))
    }

    pub(super) fn copy(&self, copy: &Copy) -> Result<Plan, Failure> {
        let id = check_name(self.id)?;
        let far = |path: &str| format!("{id}:{path}");
        let call = self
            .engine
            .call()
            .timeout(Duration::from_secs(3600))
            .args(["cp", "--"]);
        Ok(Plan::one(match copy {
            Copy::To { from, to } => call.arg(from).arg(far(to)),
            Copy::From { from, to } => call.arg(far(from)).arg(to),
        }))
    }

    /// `docker VERB ID`.
    pub(super) fn verb(&self, words: &[&str]) -> Result<ToolCall, Failure> {
        let call = self
            .engine
            .call()
            .timeout(Duration::from_secs(60))
            .args(words);
        Ok(call.arg(check_name(self.id)?))
    }
}

/// A container's row, whichever tool printed it.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) image: String,
    pub(super) state: String,
    pub(super) status: String,
    pub(super) ports: String,
    pub(super) since: Option<SystemTime>,
    pub(super) project: String,
    pub(super) service: String,
    pub(super) project_folder: String,
    pub(super) project_files: String,
    pub(super) oneoff: bool,
    pub(super) local_folder: String,
    pub(super) config_file: String,
    /// The tool that has it among its own; empty: none.
    pub(super) kept_by: &'static str,
}

/// docker's columns: as JSON, with the labels by name, since the text of all labels cannot be taken apart.
const FORMAT: &str = concat!(
    r#"{"id":{{json .ID}},"name":{{json .Names}},"image":{{json .Image}},"state":{{json .State}},"#,
    r#""status":{{json .Status}},"ports":{{json .Ports}},"#,
    r#""project":{{json (.Label "com.docker.compose.project")}},"#,
    r#""service":{{json (.Label "com.docker.compose.service")}},"#,
    r#""folder":{{json (.Label "com.docker.compose.project.working_dir")}},"#,
    r#""files":{{json (.Label "com.docker.compose.project.config_files")}},"#,
    r#""oneoff":{{json (.Label "com.docker.compose.oneoff")}},"#,
    r#""local_folder":{{json (.Label "devcontainer.local_folder")}},"#,
    r#""config_file":{{json (.Label "devcontainer.config_file")}}}"#,
);

/// All containers of an engine.
pub(super) fn rows(engine: Engine, limit: &Limit) -> Result<Vec<Row>, Failure> {
    let call = match engine {
        Engine::Docker => engine
            .call()
            .args(["ps", "--all", "--no-trunc", "--format", FORMAT]),
        Engine::Podman => engine.call().args(["ps", "--all", "--format", "json"]),
    };
    let output = engine.ask(&call, limit)?;
    let now = SystemTime::now();
    let unreadable = || {
        output
            .nonsense()
            .of_call(&ToolCall::new(engine.name()).arg("ps"))
    };
    let items = output.json_items().map_err(|_| unreadable())?;
    let row = |item: &Value| match engine {
        Engine::Docker => docker_row(item, now),
        Engine::Podman => podman_row(item),
    };
    let rows: Option<Vec<Row>> = items.iter().map(row).collect();
    rows.ok_or_else(unreadable)
}

fn text(item: &Value, key: &str) -> String {
    item.get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn docker_row(item: &Value, now: SystemTime) -> Option<Row> {
    let status = text(item, "status");
    Some(Row {
        id: item.get("id")?.as_str()?.to_owned(),
        // A container that is linked has several names.
        name: text(item, "name")
            .split(',')
            .next_back()
            .unwrap_or_default()
            .to_owned(),
        image: text(item, "image"),
        state: text(item, "state"),
        since: time::from_up(&status, now),
        status,
        ports: text(item, "ports"),
        project: text(item, "project"),
        service: text(item, "service"),
        project_folder: text(item, "folder"),
        project_files: text(item, "files"),
        oneoff: text(item, "oneoff") == "True",
        local_folder: text(item, "local_folder"),
        config_file: text(item, "config_file"),
        // Distrobox asks docker only where there is no podman, Toolbx never.
        kept_by: "",
    })
}

fn podman_row(item: &Value) -> Option<Row> {
    let label = |name: &str| {
        let labels = item.get("Labels").and_then(Value::as_object);
        labels
            .map(|labels| text(&Value::Object(labels.clone()), name))
            .unwrap_or_default()
    };
    let ports = item
        .get("Ports")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let ports = ports.filter_map(|port| {
        let number = |key: &str| port.get(key).and_then(Value::as_u64);
        let host = text(port, "host_ip");
        let protocol = text(port, "protocol");
        Some(format!(
            "{host}:{}->{}/{protocol}",
            number("host_port")?,
            number("container_port")?
        ))
    });
    let ports: Vec<String> = ports.collect();
    let state = text(item, "State");
    let started = item
        .get("StartedAt")
        .and_then(Value::as_i64)
        .and_then(time::from_epoch);
    let code = item.get("ExitCode").and_then(Value::as_i64).unwrap_or(0);
    let status = match text(item, "Status") {
        status if status.is_empty() && state == "exited" => format!("Exited ({code})"),
        status => status,
    };
    Some(Row {
        id: item.get("Id")?.as_str()?.to_owned(),
        name: item.get("Names")?.get(0)?.as_str()?.to_owned(),
        image: text(item, "Image"),
        since: started.filter(|_| state == "running"),
        state,
        status,
        ports: ports.join(", "),
        project: label("com.docker.compose.project"),
        service: label("com.docker.compose.service"),
        project_folder: label("com.docker.compose.project.working_dir"),
        project_files: label("com.docker.compose.project.config_files"),
        oneoff: label("com.docker.compose.oneoff") == "True",
        local_folder: label("devcontainer.local_folder"),
        config_file: label("devcontainer.config_file"),
        kept_by: if label("manager") == "distrobox" {
            "distrobox"
        } else if label("com.github.containers.toolbox") == "true" {
            "toolbox"
        } else {
            ""
        },
    })
}

impl Row {
    /// The life of it, and what should be known of its state.
    pub(super) fn life(&self) -> (State, Option<String>) {
        let status = self.status.as_str();
        match self.state.as_str() {
            "running" if status.contains("(health: starting)") || status.contains("(starting)") => {
                (State::Starting, Some("its health is not known yet".into()))
            }
            "running" if status.contains("(unhealthy)") => (State::Ready, Some("unhealthy".into())),
            "running" => (State::Ready, None),
            "paused" => (State::Stopped, Some("paused".into())),
            "created" | "initialized" | "stopped" | "configured" => (State::Stopped, None),
            "exited" => {
                let code = status.split(['(', ')']).nth(1).filter(|code| *code != "0");
                (
                    State::Stopped,
                    code.map(|code| format!("exit status {code}")),
                )
            }
            "restarting" => (State::Starting, Some("it restarts again and again".into())),
            "removing" | "stopping" => (State::Stopping, None),
            "dead" => (State::Failed, Some("dead".into())),
            _ => (State::Unknown, None),
        }
    }

    /// What can be done with it now.
    pub(super) fn can(&self) -> Abilities {
        let always = Abilities::DISCARD | Abilities::LOGS | Abilities::COPY;
        match self.life().0 {
            State::Ready | State::Starting => {
                always | Abilities::SHELL | Abilities::STOP | Abilities::FORWARD | Abilities::DEBUG
            }
            State::Stopped => always | Abilities::SHELL | Abilities::START,
            State::Unknown => always | Abilities::SHELL,
            _ => always,
        }
    }

    /// An environment of this life, with what is shown of every container.
    pub(super) fn describe(&self, mut item: EnvironmentSpec) -> EnvironmentSpec {
        (item.state, item.reason) = self.life();
        item.raw_state.clone_from(&self.state);
        item.since = self.since;
        item.can = self.can();
        let published = ports_of(&self.ports).into_iter().find_map(|(_, port)| port);
        if let Some(port) = published.filter(|_| item.state == State::Ready) {
            item = item.with_fact("url", format!("http://127.0.0.1:{port}/"));
        }
        let short: String = self.id.chars().take(12).collect();
        item.with_detail("image", &self.image)
            .with_detail("status", &self.status)
            .with_detail("ports", &self.ports)
            .with_detail("container", short)
            .with_fact("container", &self.id)
            .with_fact("image", &self.image)
    }
}

/// The port of an address at which a container's is published, if the loopback of this machine reaches it.
fn on_loopback(published: &str) -> Option<u16> {
    let (address, port) = published.rsplit_once(':').unwrap_or(("", published));
    let reached = matches!(
        address,
        "" | "0.0.0.0" | "127.0.0.1" | "[::]" | "::" | "[::1]" | "::1"
    );
    port.parse().ok().filter(|_| reached)
}

/// The ports of a container as its engine lists them, `127.0.0.1:34071->8080/tcp, 9000/tcp`: each over there, and what
/// reaches it on this machine, if anything does.
pub(super) fn ports_of(listed: &str) -> Vec<(u16, Option<u16>)> {
    let mut ports: Vec<(u16, Option<u16>)> = Vec::new();
    for part in listed.split(", ") {
        let (published, inner) = match part.split_once("->") {
            Some((published, inner)) => (on_loopback(published), inner),
            None => (None, part),
        };
        let Some(inner) = inner
            .strip_suffix("/tcp")
            .and_then(|port| port.trim().parse().ok())
        else {
            continue;
        };
        match ports.iter_mut().find(|(known, _)| *known == inner) {
            Some((_, known)) => *known = known.or(published),
            None => ports.push((inner, published)),
        }
    }
    ports
}

/// The ports of a container, to be chosen from.
pub(super) fn ports(env: &EnvironmentSpec) -> Parameter {
    let listed = env.detail.iter().find(|(label, _)| label == "ports");
    let ports = ports_of(listed.map_or("", |(_, text)| text));
    let choices = ports.into_iter().map(|(inner, published)| {
        let label = match published {
            Some(port) => format!("published as {port}"),
            None => inner.to_string(),
        };
        (inner.to_string(), label)
    });
    let mut parameter = Parameter::text("port", "Port over there");
    parameter.choices = Choices::Fixed(choices.collect());
    parameter
}

/// How a container is started again.
pub(super) fn start(container: &Container<'_>, paused: bool) -> Result<Plan, Failure> {
    let verb = if paused { "unpause" } else { "start" };
    Ok(Plan {
        done: Done::Listed {
            states: vec![State::Ready, State::Starting],
            within: Duration::from_secs(60),
        },
        ..Plan::one(container.verb(&[verb])?)
    })
}

/// Containers of Docker or Podman that belong to neither a Compose project nor a dev container.
#[derive(Debug)]
pub struct Containers {
    id: ProviderId,
    engine: Engine,
}

impl Containers {
    /// An engine's containers.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self {
            id: ProviderId::new(engine.name()),
            engine,
        }
    }

    fn container<'a>(&self, env: &'a EnvironmentSpec) -> Container<'a> {
        let id = match env.fact("container") {
            "" => env.id.local.as_str(),
            id => id,
        };
        Container::new(self.engine, id)
    }
}

impl Provider for Containers {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn title(&self) -> String {
        match self.engine {
            Engine::Docker => "Docker containers".into(),
            Engine::Podman => "Podman containers".into(),
        }
    }

    fn abilities(&self) -> Abilities {
        use Abilities as A;
        A::SHELL
            | A::START
            | A::STOP
            | A::CREATE
            | A::DISCARD
            | A::FORWARD
            | A::LOGS
            | A::COPY
            | A::WATCH
            | A::DEBUG
    }

    fn pace(&self) -> Pace {
        match self.engine {
            Engine::Docker => Pace {
                timeout: Duration::from_secs(5),
                every: Duration::from_secs(5),
            },
            Engine::Podman => Pace::default(),
        }
    }

    fn list(&self, _: &Scope, limit: &Limit) -> Result<Listing, Failure> {
        let rows = rows(self.engine, limit)?;
        let own = rows
            .iter()
            .filter(|row| row.project.is_empty() && row.local_folder.is_empty())
            .filter(|row| row.kept_by.is_empty() || tool::find_program(row.kept_by).is_none());
        let items = own.map(|row| {
            // Names are what people know, and stay when a container is made anew.
            let id = EnvironmentId::new(&self.id, &row.name);
            row.describe(EnvironmentSpec::new(id, &row.name))
        });
        Ok(Listing {
            items: items.collect(),
            truncated: false,
        })
    }

    fn shell(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ShellPlan, Failure> {
        self.container(env).shell(&env.id, wish)
    }

    fn run(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ToolCall, Failure> {
        self.container(env).run(wish)
    }

    fn connection(&self, env: &EnvironmentSpec) -> Result<ToolCall, Failure> {
        // By its name, which the list calls it by too.
        Container::new(self.engine, &env.id.local).connection()
    }

    fn plan(&self, env: &EnvironmentSpec, act: &Act) -> Result<Plan, Failure> {
        let container = self.container(env);
        match act {
            Act::Start => start(&container, env.raw_state == "paused"),
            Act::Stop => Ok(Plan::one(container.verb(&["stop"])?)),
            Act::Discard => {
                let plan = Plan::one(container.verb(&["rm", "--force"])?);
                Ok(plan.losing(format!(
                    "the container {} and every file that was changed in it",
                    env.name
                )))
            }
            Act::Forward { remote, local } => container.forward(*remote, *local),
            Act::Logs { follow } => container.logs(*follow),
            Act::Copy(copy) => container.copy(copy),
        }
    }

    fn parameters(&self, _: &Scope, _: &Values, _: &Limit) -> Result<Vec<Parameter>, Failure> {
        Ok(vec![
            Parameter::text("image", "Image"),
            Parameter::text("name", "Name").optional(),
            Parameter::text("command", "Command")
                .default("sleep infinity")
                .optional(),
            Parameter::text("port", "Published port").optional(),
        ])
    }

    fn ports(&self, env: &EnvironmentSpec, _: &Limit) -> Result<Parameter, Failure> {
        Ok(ports(env))
    }

    fn create(&self, values: &Values) -> Result<Plan, Failure> {
        let value = |name: &str| {
            values
                .get(name)
                .map(|value| value.trim())
                .filter(|value| !value.is_empty())
        };
        let image = value("image")
            .ok_or_else(|| Failure::Refused("an image is needed: image=NAME".into()))?;
        let mut call = self
            .engine
            .call()
            .timeout(Duration::from_secs(1800))
            .args(["run", "--detach"]);
        if let Some(name) = value("name") {
            call = call.arg("--name").arg(check_name(name)?);
        }
        if let Some(port) = value("port") {
            let port: u16 = port
                .parse()
                .map_err(|_| Failure::Refused(format!("{port:?} is no port")))?;
            call = call.arg("--publish").arg(format!("127.0.0.1::{port}"));
        }
        let words = value("command")
            .map(str::split_whitespace)
            .into_iter()
            .flatten();
        let call = call.arg(check_name(image)?).args(words.map(OsString::from));
        Ok(Plan {
            creates: match value("name") {
                Some(name) => Created::Id(name.to_owned()),
                None => Created::LastLine,
            },
            ..Plan::one(call)
        })
    }

    fn classify(&self, output: &Output) -> Failure {
        classify_containers(output)
    }

    fn watch(&self, _: &Scope) -> Option<ToolCall> {
        let call = self
            .engine
            .call()
            .args(["events", "--filter", "type=container"]);
        // Not those of exec, of which every shell makes some.
        let events = [
            "create",
            "start",
            "die",
            "pause",
            "unpause",
            "rename",
            "health_status",
        ];
        let call = events.iter().fold(call, |call, event| {
            call.arg("--filter").arg(format!("event={event}"))
        });
        Some(match self.engine {
            Engine::Docker => call.args(["--filter", "event=destroy", "--format", "{{.Action}}"]),
            Engine::Podman => call.args(["--filter", "event=remove", "--format", "{{.Status}}"]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Containers, Engine, Row, podman_row, ports, ports_of};
    use crate::plan::{Act, ShellWish};
    use crate::provider::{Choices, Provider};
    use crate::spec::EnvironmentSpec;
    use crate::state::State;

    #[track_caller]
    fn check_life(state: &str, status: &str, expected: State, reason: Option<&str>) {
        let row = Row {
            state: state.into(),
            status: status.into(),
            ..Row::default()
        };
        assert_eq!(row.life(), (expected, reason.map(str::to_owned)));
    }

    #[test]
    fn states_have_lives() {
        check_life("running", "Up 3 seconds", State::Ready, None);
        check_life("running", "Up 3 seconds (healthy)", State::Ready, None);
        check_life(
            "running",
            "Up 3 seconds (unhealthy)",
            State::Ready,
            Some("unhealthy"),
        );
        check_life("exited", "Exited (0) 1 second ago", State::Stopped, None);
        check_life(
            "exited",
            "Exited (3) 1 second ago",
            State::Stopped,
            Some("exit status 3"),
        );
        check_life(
            "paused",
            "Up 3 seconds (Paused)",
            State::Stopped,
            Some("paused"),
        );
        check_life("removing", "", State::Stopping, None);
        check_life("dead", "", State::Failed, Some("dead"));
        check_life("something new", "", State::Unknown, None);
    }

    #[test]
    fn podmans_types_are_read() {
        let json = r#"{"Command":["sleep","1000"],"ExitCode":0,"Id":"02ba81a0","Image":"localhost/app:1","Labels":null,"Names":["web"],"Ports":[{"host_ip":"127.0.0.1","container_port":8080,"host_port":34071,"range":1,"protocol":"tcp"}],"StartedAt":1795217505,"State":"running","Status":"Up About a minute ago"}"#;
        let row = podman_row(&serde_json::from_str(json).expect("JSON")).expect("a row");
        assert_eq!(
            (row.name.as_str(), row.ports.as_str()),
            ("web", "127.0.0.1:34071->8080/tcp")
        );
        assert!(row.since.is_some());
    }

    #[test]
    fn the_containers_of_other_tools_are_known() {
        #[track_caller]
        fn check(labels: &str, expected: &str) {
            let json = format!(r#"{{"Id":"02ba81a0","Names":["dev"],"Labels":{labels}}}"#);
            let row = podman_row(&serde_json::from_str(&json).expect("JSON")).expect("a row");
            assert_eq!(row.kept_by, expected);
        }
        check("null", "");
        check(r#"{"manager":"mine"}"#, "");
        check(r#"{"manager":"distrobox"}"#, "distrobox");
        check(r#"{"com.github.containers.toolbox":"true"}"#, "toolbox");
    }

    #[test]
    fn ports_are_read_as_engines_list_them() {
        let docker = "0.0.0.0:32768->80/tcp, [::]:32768->80/tcp, 8080/tcp, 53/udp, 7000-7002/tcp";
        assert_eq!(ports_of(docker), [(80, Some(32768)), (8080, None)]);
        assert_eq!(ports_of(""), []);
        // Another program may have that port on the loopback.
        assert_eq!(ports_of("192.168.1.5:8080->80/tcp"), [(80, None)]);
        let row = Row {
            state: "running".into(),
            ports: "127.0.0.1:34071->8080/tcp".into(),
            ..Row::default()
        };
        let env = row.describe(env());
        assert_eq!(env.fact("url"), "http://127.0.0.1:34071/");
        let Choices::Fixed(choices) = ports(&env).choices else {
            panic!("none to choose from");
        };
        assert_eq!(
            choices,
            [("8080".to_owned(), "published as 34071".to_owned())]
        );
    }

    fn env() -> EnvironmentSpec {
        EnvironmentSpec::new("docker:web".parse().expect("an id"), "web")
            .with_fact("container", "abc")
    }

    #[test]
    fn a_shell_frees_control_p_and_can_be_ended() {
        let docker = Containers::new(Engine::Docker);
        let wish = ShellWish {
            term: "xterm-256color".into(),
            ..ShellWish::default()
        };
        let plan = docker.shell(&env(), &wish).expect("a plan");
        let words: Vec<_> = plan
            .command
            .arguments()
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        assert_eq!(
            words[..4],
            [
                "exec",
                "--interactive",
                "--tty",
                "--detach-keys=ctrl-^,ctrl-@,ctrl-^"
            ]
        );
        assert!(
            words.contains(&"TERM=xterm-256color".into())
                && words.contains(&"COLORTERM=truecolor".into())
        );
        let session = words
            .iter()
            .find_map(|word| word.strip_prefix("TERRACE_SESSION="));
        let end = plan.leaves_process.expect("a cleanup").call;
        assert_eq!(
            end.arguments().last().and_then(|word| word.to_str()),
            session
        );
    }

    #[test]
    fn the_connection_command_is_what_a_person_would_type() {
        let docker = Containers::new(Engine::Docker);
        let call = docker.connection(&env()).expect("a command");
        assert_eq!(call.to_string(), "docker exec -it web sh");
    }

    #[test]
    fn what_is_lost_is_named() {
        let docker = Containers::new(Engine::Docker);
        let plan = docker.plan(&env(), &Act::Discard).expect("a plan");
        assert_eq!(plan.steps[0].to_string(), "docker rm --force abc");
        assert!(
            plan.loses
                .is_some_and(|loses| loses.contains("container web"))
        );
    }

    #[test]
    fn a_container_is_made_from_parameters() {
        let docker = Containers::new(Engine::Docker);
        let values = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let full = values(&[
            ("image", "app:1"),
            ("name", "web"),
            ("command", "sleep 10"),
            ("port", "80"),
        ]);
        let plan = docker.create(&full).expect("a plan");
        assert_eq!(
            plan.steps[0].to_string(),
            "docker run --detach --name web --publish 127.0.0.1::80 app:1 sleep 10"
        );
        assert!(docker.create(&values(&[])).is_err());
        assert!(
            docker
                .create(&values(&[("image", "--privileged")]))
                .is_err()
        );
    }
}

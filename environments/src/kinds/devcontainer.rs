//! Dev containers: the `devcontainer.json` files of the folders that the user works in, joined with the
//! containers that were made from such files. The real CLI builds and starts them; a shell in a running one is
//! opened by docker, as the account, in the folder and with the variables that the CLI would give it, since the
//! CLI itself takes a second longer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::container::{Container, Engine, Row, classify_containers, rows};
use crate::failure::{Failure, Remedy, tidy};
use crate::plan::{Act, Created, Plan, ShellPlan, ShellWish, Values};
use crate::provider::{Abilities, Pace, Parameter, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, Listing, ProviderId, Scope};
use crate::state::State;
use crate::tool::{self, Limit, Output, ToolCall};

/// A configuration is not longer than this.
const MAX_FILE: u64 = 1 << 20;

/// Dev containers.
#[derive(Debug)]
pub struct DevContainers {
    id: ProviderId,
    program: String,
}

impl DevContainers {
    /// Dev containers, by the program `devcontainer`.
    #[must_use]
    pub fn new() -> Self {
        Self {
            id: ProviderId::new("devcontainer"),
            program: "devcontainer".into(),
        }
    }

    fn call(&self) -> ToolCall {
        ToolCall::new(&self.program).timeout(Duration::from_secs(3600))
    }

    /// The identity of a configuration: its folder, or its file when the folder has several.
    fn item(&self, folder: &str, file: &str) -> EnvironmentSpec {
        let usual = is_usual(Path::new(folder), Path::new(file));
        let local = if usual { folder } else { file };
        let base = Path::new(folder)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let name = match Path::new(file).parent().and_then(Path::file_name) {
            Some(inner) if !usual => format!("{base}/{}", inner.to_string_lossy()),
            _ => base,
        };
        let item = EnvironmentSpec::new(EnvironmentId::new(&self.id, local), name);
        item.with_detail("folder", folder)
            .with_fact("folder", folder)
            .with_fact("config", file)
    }

    /// The folder and file that a local id stands for.
    fn place(local: &str) -> (String, String) {
        let path = Path::new(local);
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let mut folder = path.parent().unwrap_or(path);
            while folder
                .file_name()
                .is_some_and(|name| name != ".devcontainer")
            {
                folder = folder.parent().unwrap_or(Path::new("/"));
            }
            let folder = folder.parent().unwrap_or(Path::new("/"));
            return (folder.display().to_string(), local.to_owned());
        }
        let file = configurations(path).into_iter().next().unwrap_or_default();
        (local.to_owned(), file.display().to_string())
    }

    fn up(&self, folder: &str, file: &str) -> Result<ToolCall, Failure> {
        let mut call = self
            .call()
            .arg("up")
            .arg("--workspace-folder")
            .arg(check_path(folder)?);
        if !file.is_empty() && !is_usual(Path::new(folder), Path::new(file)) {
            call = call.arg("--config").arg(check_path(file)?);
        }
        Ok(call)
    }

    fn container<'a>(&self, env: &'a EnvironmentSpec) -> Result<Container<'a>, Failure> {
        let id = match env.fact("container") {
            "" => return Err(Failure::Other(format!("{} does not run", env.name))),
            id => id,
        };
        let mut container = Container::new(Engine::Docker, id);
        container.user = env.fact("user");
        container.folder = env.fact("workspace");
        let vars = env.facts.iter();
        container.vars = vars
            .filter_map(|(key, value)| Some((key.strip_prefix("env ")?.to_owned(), value.clone())))
            .collect();
        Ok(container)
    }
}

impl Default for DevContainers {
    fn default() -> Self {
        Self::new()
    }
}

/// A path that is passed on: absolute, so that it is no option.
fn check_path(path: &str) -> Result<&str, Failure> {
    if path.starts_with('/') && !path.chars().any(char::is_control) {
        Ok(path)
    } else {
        Err(Failure::Refused(format!("{path:?} is no absolute path")))
    }
}

/// Whether the CLI finds this file by the folder alone.
fn is_usual(folder: &Path, file: &Path) -> bool {
    let usual = folder.join(".devcontainer/devcontainer.json");
    file.as_os_str().is_empty()
        || file == usual
        || (file == folder.join(".devcontainer.json") && !usual.is_file())
}

/// The configurations of a folder, in the order of the specification.
fn configurations(folder: &Path) -> Vec<PathBuf> {
    let inner = folder.join(".devcontainer");
    let mut found: Vec<PathBuf> = [
        inner.join("devcontainer.json"),
        folder.join(".devcontainer.json"),
    ]
    .into_iter()
    .filter(|file| file.is_file())
    .collect();
    let entries = std::fs::read_dir(inner).into_iter().flatten().flatten();
    let mut deeper: Vec<PathBuf> = entries
        .map(|entry| entry.path().join("devcontainer.json"))
        .filter(|file| file.is_file())
        .collect();
    deeper.sort();
    found.extend(deeper);
    found
}

/// What a configuration file says, comments and trailing commas left aside.
fn read(file: &Path) -> Option<Value> {
    if std::fs::metadata(file).ok()?.len() > MAX_FILE {
        return None;
    }
    let text = std::fs::read_to_string(file).ok()?;
    jsonc_parser::parse_to_serde_value(&text, &jsonc_parser::ParseOptions::default())
        .ok()
        .flatten()
}

/// The account, the variables and the folder that the CLI gives to a shell, from `docker inspect`.
fn inspect(env: EnvironmentSpec, limit: &Limit) -> Result<EnvironmentSpec, Failure> {
    let id = tool::check_name(env.fact("container"))?;
    let format = r#"{"config":{{json .Config}},"mounts":{{json .Mounts}}}"#;
    let output = Engine::Docker.ask(
        &Engine::Docker
            .call()
            .args(["inspect", "--format", format, id]),
        limit,
    )?;
    let documents = output.json()?;
    let document = documents.first().ok_or_else(|| output.nonsense())?;
    Ok(apply(env, document))
}

fn apply(mut env: EnvironmentSpec, document: &Value) -> EnvironmentSpec {
    let config = &document["config"];
    let label = config["Labels"]["devcontainer.metadata"]
        .as_str()
        .unwrap_or_default();
    // One object, or one for each feature, of which a later one wins.
    let parts = match serde_json::from_str::<Value>(label) {
        Ok(Value::Array(parts)) => parts,
        Ok(object @ Value::Object(_)) => vec![object],
        _ => Vec::new(),
    };
    let last = |key: &str| {
        parts
            .iter()
            .rev()
            .find_map(|part| part.get(key)?.as_str())
            .map(str::to_owned)
    };
    let user = last("remoteUser").or_else(|| last("containerUser"));
    let user = user
        .or_else(|| config["User"].as_str().map(str::to_owned))
        .unwrap_or_default();
    let inside: BTreeMap<&str, &str> = config["Env"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.as_str()?.split_once('='))
        .collect();
    for part in &parts {
        for (name, value) in part["remoteEnv"].as_object().into_iter().flatten() {
            if let Some(value) = value.as_str() {
                env.facts
                    .insert(format!("env {name}"), substitute(value, &inside));
            }
        }
    }
    let folder = env.fact("folder").to_owned();
    let stated = read(Path::new(env.fact("config")))
        .and_then(|config| config.get("workspaceFolder")?.as_str().map(str::to_owned))
        .filter(|folder| !folder.contains("${"));
    let mounts = document["mounts"].as_array().into_iter().flatten();
    let mounted = mounts.clone().find_map(|mount| {
        // The mount may be of a folder above: the repository's root.
        let source = mount["Source"].as_str()?;
        let rest = Path::new(&folder).strip_prefix(source).ok()?;
        let target = Path::new(mount["Destination"].as_str()?);
        Some(
            target
                .join(rest)
                .display()
                .to_string()
                .trim_end_matches('/')
                .to_owned(),
        )
    });
    let workspace = stated.or(mounted).unwrap_or_default();
    env.with_fact("user", user)
        .with_fact("workspace", workspace)
}

/// `${containerEnv:NAME}` and `${containerEnv:NAME:otherwise}` filled in; other variables are left out.
fn substitute(text: &str, inside: &BTreeMap<&str, &str>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        result.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('}') else {
            break;
        };
        let expression = &rest[at + 2..at + end];
        if let Some(variable) = expression.strip_prefix("containerEnv:") {
            let (name, otherwise) = variable.split_once(':').unwrap_or((variable, ""));
            result.push_str(inside.get(name).copied().unwrap_or(otherwise));
        }
        rest = &rest[at + end + 1..];
    }
    result.push_str(rest);
    result
}

impl Provider for DevContainers {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn title(&self) -> String {
        "Dev containers".into()
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
    }

    fn pace(&self) -> Pace {
        Pace {
            timeout: Duration::from_secs(10),
            every: Duration::from_secs(10),
        }
    }

    fn list(&self, scope: &Scope, limit: &Limit) -> Result<Listing, Failure> {
        let mut items: Vec<EnvironmentSpec> = Vec::new();
        for folder in &scope.folders {
            for file in configurations(folder) {
                let mut item =
                    self.item(&folder.display().to_string(), &file.display().to_string());
                item.state = State::Absent;
                item.raw_state = "not created".into();
                item.can = Abilities::SHELL | Abilities::START;
                let config = read(&file);
                let named = config
                    .as_ref()
                    .and_then(|config| config.get("name")?.as_str())
                    .map(tidy);
                items.push(item.with_detail("name", named.unwrap_or_default()));
            }
        }
        let rows = match rows(Engine::Docker, limit) {
            Ok(rows) => rows,
            // Without docker the configurations are still worth seeing.
            Err(failure) if !items.is_empty() => {
                for item in &mut items {
                    item.reason = Some(tidy(&failure.to_string()));
                }
                Vec::new()
            }
            Err(failure) => return Err(failure),
        };
        for row in rows.iter().filter(|row| !row.local_folder.is_empty()) {
            join(
                &mut items,
                self.item(&row.local_folder, &row.config_file),
                row,
            );
        }
        if !items.is_empty() && tool::find_program(&self.program).is_none() {
            for item in &mut items {
                item.can = item.can.without(Abilities::START);
                let missing = format!(
                    "{} is not installed; npm install -g @devcontainers/cli",
                    self.program
                );
                item.reason.get_or_insert(missing);
            }
        }
        Ok(Listing {
            items,
            truncated: false,
        })
    }

    fn prepare(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<EnvironmentSpec, Failure> {
        let mut env = env.clone();
        if env.fact("folder").is_empty() {
            let (folder, file) = Self::place(&env.id.local);
            let scope = Scope {
                folders: vec![PathBuf::from(check_path(&folder)?)],
                ..Scope::default()
            };
            let listing = self.list(&scope, limit)?;
            let found = listing.items.into_iter().find(|item| item.id == env.id);
            env = found.ok_or_else(|| Failure::gone(format!("{file} in {folder}")))?;
        }
        if env.fact("container").is_empty() || env.state == State::Stopped {
            return Ok(env);
        }
        inspect(env, limit)
    }

    fn shell(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ShellPlan, Failure> {
        self.container(env)?.shell(&env.id, wish)
    }

    fn run(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ToolCall, Failure> {
        self.container(env)?.run(wish)
    }

    fn connection(&self, env: &EnvironmentSpec) -> Result<ToolCall, Failure> {
        let (folder, file) = (env.fact("folder"), env.fact("config"));
        let call =
            ToolCall::new(&self.program).args(["exec", "--workspace-folder", check_path(folder)?]);
        let call = match is_usual(Path::new(folder), Path::new(file)) {
            true => call,
            false => call.args(["--config", check_path(file)?]),
        };
        Ok(call.arg("sh"))
    }

    fn plan(&self, env: &EnvironmentSpec, act: &Act) -> Result<Plan, Failure> {
        match act {
            Act::Start => Ok(Plan::one(self.up(env.fact("folder"), env.fact("config"))?)),
            Act::Stop => Ok(Plan::one(match env.fact("project") {
                "" => self.container(env)?.verb(&["stop"])?,
                project => {
                    let project = tool::check_name(project)?;
                    Engine::Docker
                        .call()
                        .timeout(Duration::from_secs(120))
                        .args(["compose", "--project-name", project, "stop"])
                }
            })),
            Act::Discard => {
                let plan = Plan::one(match env.fact("project") {
                    "" => self.container(env)?.verb(&["rm", "--force"])?,
                    project => {
                        let project = tool::check_name(project)?;
                        Engine::Docker
                            .call()
                            .timeout(Duration::from_secs(120))
                            .args(["compose", "--project-name", project, "down"])
                    }
                });
                Ok(plan.losing(format!(
                    "the container of {} and what was installed in it; the folder {} stays",
                    env.name,
                    env.fact("folder")
                )))
            }
            Act::Forward { remote, local } => self.container(env)?.forward(*remote, *local),
            Act::Logs { follow } => self.container(env)?.logs(*follow),
            Act::Copy(copy) => self.container(env)?.copy(copy),
        }
    }

    fn parameters(&self, scope: &Scope, _: &Values, _: &Limit) -> Result<Vec<Parameter>, Failure> {
        let folder = scope
            .folders
            .first()
            .map(|folder| folder.display().to_string());
        Ok(vec![
            Parameter::text("folder", "Folder").default(folder.unwrap_or_default()),
        ])
    }

    fn create(&self, values: &Values) -> Result<Plan, Failure> {
        let folder = values.get("folder").map(String::as_str).unwrap_or_default();
        let folder = check_path(folder)?;
        if configurations(Path::new(folder)).is_empty() {
            return Err(Failure::gone(format!(
                "{folder}/.devcontainer/devcontainer.json"
            )));
        }
        Ok(Plan {
            creates: Created::Id(folder.to_owned()),
            ..Plan::one(self.up(folder, "")?)
        })
    }

    fn ports(&self, env: &EnvironmentSpec, _: &Limit) -> Result<Parameter, Failure> {
        Ok(super::container::ports(env))
    }

    /// The CLI's last line says what went wrong, on its standard output.
    fn classify(&self, output: &Output) -> Failure {
        let text = output.stdout_text();
        let last = text
            .lines()
            .rev()
            .find_map(|line| serde_json::from_str::<Value>(line).ok());
        match last.as_ref().and_then(|last| last.get("message")?.as_str()) {
            Some(message) if message.contains("spawn docker ENOENT") => Failure::Missing {
                program: "docker".into(),
                remedy: Remedy::say("see https://docs.docker.com/engine/install"),
            },
            Some(message) => Failure::Other(tidy(message)),
            None => classify_containers(output),
        }
    }

    fn watch(&self, _: &Scope) -> Option<ToolCall> {
        let call = Engine::Docker
            .call()
            .args(["events", "--filter", "type=container"]);
        let call = call.args(["--filter", "label=devcontainer.local_folder"]);
        let events = ["create", "start", "die", "destroy", "pause", "unpause"];
        let call = events.iter().fold(call, |call, event| {
            call.arg("--filter").arg(format!("event={event}"))
        });
        Some(call.args(["--format", "{{.Action}}"]))
    }
}

/// Puts a container to its configuration, or among the others when its folder is not one of the scope's.
fn join(items: &mut Vec<EnvironmentSpec>, item: EnvironmentSpec, row: &Row) {
    let item = row.describe(item).with_fact("project", &row.project);
    let mut item = item;
    item.can = item.can.without(Abilities::DEBUG);
    if item.state == State::Stopped {
        item.can |= Abilities::START;
    }
    match items.iter_mut().find(|one| one.id == item.id) {
        Some(one) => {
            let label = one
                .detail
                .iter()
                .find(|(label, _)| label == "name")
                .cloned();
            item.detail.splice(0..0, label);
            *one = item;
        }
        None => items.push(item),
    }
}

#[cfg(test)]
mod tests {
    use super::{DevContainers, apply, configurations, read, substitute};
    use crate::failure::Failure;
    use crate::provider::Provider;
    use crate::spec::EnvironmentSpec;
    use crate::tool::{Output, Status};
    use std::fs;

    #[test]
    fn configurations_are_found_in_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at(".devcontainer/rust")).expect("writable");
        for name in [
            ".devcontainer.json",
            ".devcontainer/devcontainer.json",
            ".devcontainer/rust/devcontainer.json",
        ] {
            fs::write(at(name), "{ // a comment\n \"name\": \"Shop\", }").expect("writable");
        }
        let found = configurations(folder.path());
        let expected = [
            at(".devcontainer/devcontainer.json"),
            at(".devcontainer.json"),
            at(".devcontainer/rust/devcontainer.json"),
        ];
        assert_eq!(found, expected);
        assert_eq!(read(&found[0]).expect("JSON with comments")["name"], "Shop");
        let provider = DevContainers::new();
        let path = folder.path().display().to_string();
        let third = provider.item(&path, &found[2].display().to_string());
        assert!(third.name.ends_with("/rust"), "{}", third.name);
        assert_eq!(
            DevContainers::place(&third.id.local),
            (path.clone(), found[2].display().to_string())
        );
        let call = provider
            .up(&path, &found[2].display().to_string())
            .expect("a call");
        assert!(call.to_string().contains("--config"), "{call}");
        assert!(
            !provider
                .up(&path, &found[0].display().to_string())
                .expect("a call")
                .to_string()
                .contains("--config")
        );
        assert!(provider.up("relative", "").is_err());
    }

    #[test]
    fn a_shell_gets_what_the_cli_would_give_it() {
        let metadata = r#"[{"remoteUser":"vscode","remoteEnv":{"A":"1"}},{"remoteUser":"dev","remoteEnv":{"PATH":"/x:${containerEnv:PATH}"}}]"#;
        let document = serde_json::json!({
            "config": {"Labels": {"devcontainer.metadata": metadata}, "User": "root", "Env": ["PATH=/bin"]},
            "mounts": [{"Source": "/home/me/shop", "Destination": "/workspaces/shop"}],
        });
        let env =
            EnvironmentSpec::new("devcontainer:/home/me/shop".parse().expect("an id"), "shop");
        let env = apply(env.with_fact("folder", "/home/me/shop"), &document);
        assert_eq!(
            (env.fact("user"), env.fact("workspace")),
            ("dev", "/workspaces/shop")
        );
        assert_eq!((env.fact("env A"), env.fact("env PATH")), ("1", "/x:/bin"));
    }

    #[test]
    fn variables_of_the_container_are_filled_in() {
        let inside = [("A", "1")].into();
        assert_eq!(
            substitute(
                "${containerEnv:A}-${containerEnv:B:2}-${localEnv:C}",
                &inside
            ),
            "1-2-"
        );
        assert_eq!(substitute("${open", &inside), "${open");
    }

    #[test]
    fn the_reason_stands_in_the_last_line() {
        let stdout = r#"{"outcome":"error","message":"Command failed: docker pull app:1","description":"An error occurred setting up the container."}"#;
        let output = Output {
            status: Status::Code(1),
            stdout: stdout.into(),
            stderr: b"[1 ms] log".to_vec(),
            cut: false,
        };
        let failure = DevContainers::new().classify(&output);
        assert_eq!(
            failure,
            Failure::Other("Command failed: docker pull app:1".into())
        );
    }
}

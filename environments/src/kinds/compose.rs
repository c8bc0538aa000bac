//! Services of Docker Compose: those that run or ran, by their containers' labels, and those of the folders that
//! the user works in.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::container::{Container, Engine, Row, classify_containers, rows};
use crate::failure::Failure;
use crate::plan::{Act, Done, Plan, ShellPlan, ShellWish};
use crate::provider::{Abilities, Pace, Parameter, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, Listing, ProviderId, Scope};
use crate::state::State;
use crate::tool::{Limit, Output, ToolCall, check_name};

/// The names by which Compose finds a project's file, in its order.
const FILES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// Services of Docker Compose.
#[derive(Debug)]
pub struct Compose {
    id: ProviderId,
}

impl Compose {
    /// Services of Docker Compose.
    #[must_use]
    pub fn new() -> Self {
        Self {
            id: ProviderId::new("compose"),
        }
    }

    fn item(&self, project: &str, service: &str) -> EnvironmentSpec {
        let id = EnvironmentId::new(&self.id, format!("{project}/{service}"));
        let mut item = EnvironmentSpec::new(id, format!("{project}/{service}"));
        item.group = Some(project.to_owned());
        item.with_fact("project", project)
            .with_fact("service", service)
    }

    /// The services of a project in a folder that were never started.
    fn in_folder(&self, folder: &Path, limit: &Limit) -> Result<Vec<EnvironmentSpec>, Failure> {
        let Some(file) = FILES
            .iter()
            .map(|name| folder.join(name))
            .find(|file| file.is_file())
        else {
            return Ok(Vec::new());
        };
        let call = Engine::Docker
            .call()
            .arg("compose")
            .arg("--file")
            .arg(&file);
        let call = call.args(["config", "--format", "json"]);
        let output = Engine::Docker.ask(&call, limit)?;
        let documents = output.json()?;
        let config = documents.first().ok_or_else(|| output.nonsense())?;
        let project = config
            .get("name")
            .and_then(|name| name.as_str())
            .unwrap_or_default();
        let services = config
            .get("services")
            .and_then(|services| services.as_object());
        let items = services.into_iter().flatten().map(|(service, settings)| {
            let image = settings
                .get("image")
                .and_then(|image| image.as_str())
                .unwrap_or_default();
            let mut item = self.item(project, service);
            item.state = State::Absent;
            item.raw_state = "not created".into();
            item.can = Abilities::SHELL | Abilities::START;
            item.with_detail("image", image)
                .with_detail("folder", folder.display().to_string())
                .with_fact("folder", folder.display().to_string())
                .with_fact("files", file.display().to_string())
        });
        Ok(items.collect())
    }
}

impl Default for Compose {
    fn default() -> Self {
        Self::new()
    }
}

/// `docker compose` for a project, wherever we are.
fn compose(env: &EnvironmentSpec) -> Result<ToolCall, Failure> {
    let project = check_name(env.fact("project"))?;
    let mut call = Engine::Docker.call().timeout(Duration::from_secs(1800));
    call = call.args(["compose", "--progress", "plain", "--project-name", project]);
    for file in env
        .fact("files")
        .split(',')
        .filter(|file| Path::new(file).is_file())
    {
        call = call.arg("--file").arg(file);
    }
    Ok(match env.fact("folder") {
        "" => call,
        folder => call.arg("--project-directory").arg(folder),
    })
}

/// How good a replica is to open a shell in.
fn rank(row: &Row) -> u8 {
    match row.life().0 {
        State::Ready => 3,
        State::Starting => 2,
        State::Stopped => 1,
        _ => 0,
    }
}

impl Provider for Compose {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn title(&self) -> String {
        "Compose services".into()
    }

    fn abilities(&self) -> Abilities {
        use Abilities as A;
        A::SHELL | A::START | A::STOP | A::DISCARD | A::FORWARD | A::LOGS | A::COPY | A::WATCH
    }

    fn pace(&self) -> Pace {
        Pace {
            timeout: Duration::from_secs(10),
            every: Duration::from_secs(10),
        }
    }

    fn list(&self, scope: &Scope, limit: &Limit) -> Result<Listing, Failure> {
        let rows = rows(Engine::Docker, limit)?;
        let mut services: BTreeMap<(String, String), Row> = BTreeMap::new();
        let mut replicas: BTreeMap<(String, String), usize> = BTreeMap::new();
        for row in rows {
            if row.project.is_empty()
                || row.service.is_empty()
                || row.oneoff
                || !row.local_folder.is_empty()
            {
                continue;
            }
            let key = (row.project.clone(), row.service.clone());
            *replicas.entry(key.clone()).or_default() += 1;
            let best = services.entry(key).or_insert_with(|| row.clone());
            if rank(&row) > rank(best) {
                *best = row;
            }
        }
        let mut items: Vec<EnvironmentSpec> = Vec::new();
        for ((project, service), row) in &services {
            let mut item = row.describe(self.item(project, service));
            item.can = item.can.without(Abilities::DEBUG);
            let count = replicas
                .get(&(project.clone(), service.clone()))
                .copied()
                .unwrap_or(1);
            let replicas = if count > 1 {
                count.to_string()
            } else {
                String::new()
            };
            item = item.with_detail("replicas", replicas);
            item = item
                .with_detail("folder", &row.project_folder)
                .with_fact("files", &row.project_files);
            items.push(item.with_fact("folder", &row.project_folder));
        }
        for folder in &scope.folders {
            match self.in_folder(folder, limit) {
                Ok(found) => {
                    for item in found {
                        if !items.iter().any(|one| one.id == item.id) {
                            items.push(item);
                        }
                    }
                }
                // A file with a mistake, or no Compose: the services that run are shown all the same.
                Err(failure) if !items.is_empty() => {
                    tracing::debug!(%failure, "services not asked for")
                }
                Err(failure) => return Err(failure),
            }
        }
        items.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Listing {
            items,
            truncated: false,
        })
    }

    fn prepare(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<EnvironmentSpec, Failure> {
        if !env.fact("project").is_empty() {
            return Ok(env.clone());
        }
        let listing = self.list(&Scope::default(), limit)?;
        let found = listing.items.into_iter().find(|item| item.id == env.id);
        found.ok_or_else(|| Failure::gone(&env.id))
    }

    fn shell(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ShellPlan, Failure> {
        match env.fact("container") {
            "" => Err(Failure::Other(format!("{} does not run", env.name))),
            // Compose has no detach keys, and starts another 100 ms later.
            container => Container::new(Engine::Docker, container).shell(&env.id, wish),
        }
    }

    fn run(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ToolCall, Failure> {
        match env.fact("container") {
            "" => Err(Failure::Other(format!("{} does not run", env.name))),
            container => Container::new(Engine::Docker, container).run(wish),
        }
    }

    fn connection(&self, env: &EnvironmentSpec) -> Result<ToolCall, Failure> {
        let project = check_name(env.fact("project"))?;
        let call = Engine::Docker
            .call()
            .args(["compose", "-p", project, "exec"]);
        Ok(call.args([check_name(env.fact("service"))?, "sh"]))
    }

    fn plan(&self, env: &EnvironmentSpec, act: &Act) -> Result<Plan, Failure> {
        let service = check_name(env.fact("service"))?;
        let container = || match env.fact("container") {
            "" => Err(Failure::Other(format!("{} was never started", env.name))),
            container => Ok(Container::new(Engine::Docker, container)),
        };
        match act {
            Act::Start => Ok(Plan {
                done: Done::Listed {
                    states: vec![State::Ready],
                    within: Duration::from_secs(120),
                },
                ..Plan::one(compose(env)?.args(["up", "--detach", service]))
            }),
            Act::Stop => Ok(Plan::one(compose(env)?.args(["stop", service]))),
            Act::Discard => {
                let plan = Plan::one(compose(env)?.args(["rm", "--stop", "--force", service]));
                Ok(plan.losing(format!(
                    "the containers of {} and every file that was changed in them; volumes stay",
                    env.name
                )))
            }
            Act::Forward { remote, local } => container()?.forward(*remote, *local),
            Act::Logs { follow } => {
                let mut call = compose(env)?.args(["logs", "--tail", "1000"]);
                if *follow {
                    call = call.arg("--follow");
                }
                Ok(Plan::one(call.arg(service)))
            }
            Act::Copy(copy) => container()?.copy(copy),
        }
    }

    fn ports(&self, env: &EnvironmentSpec, _: &Limit) -> Result<Parameter, Failure> {
        Ok(super::container::ports(env))
    }

    fn classify(&self, output: &Output) -> Failure {
        classify_containers(output)
    }

    fn watch(&self, _: &Scope) -> Option<ToolCall> {
        let call = Engine::Docker
            .call()
            .args(["events", "--filter", "type=container"]);
        let events = [
            "create",
            "start",
            "die",
            "destroy",
            "pause",
            "unpause",
            "health_status",
        ];
        let call = call.args(["--filter", "label=com.docker.compose.project"]);
        let call = events.iter().fold(call, |call, event| {
            call.arg("--filter").arg(format!("event={event}"))
        });
        Some(call.args(["--format", "{{.Action}}"]))
    }
}

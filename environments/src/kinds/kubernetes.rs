//! Pods and their containers, by kubectl. The context and namespace are always given, and the current ones never
//! changed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::ssh::config::matches;
use super::{far, time};
use crate::failure::{Failure, Remedy, Rule, classify, tidy};
use crate::plan::{Act, Cleanup, Copy, ExitMeaning, Lasting, Plan, Ready, ShellPlan, ShellWish};
use crate::provider::{Abilities, Pace, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, Listing, ProviderId, Scope};
use crate::state::State;
use crate::tool::{self, Limit, Output, ToolCall, check_name};

/// A pod a line, its parts by tabs: 2,000 pods are 200 kB so, and 30 MB as JSON.
const PODS: &str = concat!(
    r#"{range .items[*]}{.metadata.namespace}{"\t"}{.metadata.name}{"\t"}{.metadata.deletionTimestamp}{"\t"}"#,
    r#"{.status.phase}{"\t"}{.metadata.annotations.kubectl\.kubernetes\.io/default-container}{"\t"}"#,
    r#"{.spec.nodeName}{"\t"}{.spec.containers[*].name}{"\t"}"#,
    r#"{range .status.containerStatuses[*]}{.name}{"="}{.ready}{"="}{.state.waiting.reason}{"="}"#,
    r#"{.state.terminated.reason}{"="}{.restartCount}{"="}{.state.running.startedAt}{","}{end}{"\n"}{end}"#,
);

/// Why a container waits that will not start by itself.
const BROKEN: [&str; 7] = [
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];

const RULES: [Rule; 5] = [
    Rule {
        text: "getting credentials: exec: executable",
        make: no_plugin,
    },
    Rule {
        text: "You must be logged in",
        make: logged_out,
    },
    Rule {
        text: "Please enter Username",
        make: no_credentials,
    },
    Rule {
        text: "context was not found",
        make: Failure::Gone,
    },
    Rule {
        text: "Unable to connect to the server",
        make: down,
    },
];

fn no_plugin(said: String) -> Failure {
    let program = said
        .split("executable ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    Failure::Missing {
        program: program.unwrap_or("a credential plugin").to_owned(),
        remedy: Remedy::say("install your cloud's plugin for kubectl"),
    }
}

fn logged_out(_: String) -> Failure {
    Failure::LoggedOut {
        remedy: Remedy::say("log in to the cluster as its provider says"),
    }
}

fn no_credentials(_: String) -> Failure {
    Failure::LoggedOut {
        remedy: Remedy::say("the context's user has no credentials: see kubectl config view"),
    }
}

fn down(said: String) -> Failure {
    Failure::Down {
        said,
        remedy: Remedy::default(),
    }
}

/// Pods and their containers.
#[derive(Debug)]
pub struct Kubernetes {
    id: ProviderId,
    /// Contexts that are listed beside the current one.
    contexts: Vec<String>,
}

/// What the configuration file has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Contexts {
    current: String,
    /// Name and namespace.
    all: Vec<(String, String)>,
}

/// Where an environment is.
struct Place<'a> {
    context: &'a str,
    namespace: &'a str,
    pod: &'a str,
    container: &'a str,
}

impl Kubernetes {
    /// The current context, and those whose names match.
    #[must_use]
    pub fn new(contexts: Vec<String>) -> Self {
        Self {
            id: ProviderId::new("kubernetes"),
            contexts,
        }
    }

    fn contexts(&self, limit: &Limit) -> Result<Contexts, Failure> {
        let call = kubectl().args(["config", "view", "--output", "json"]);
        let output = tool::run(&call, limit).map_err(|failure| match failure {
            Failure::Missing { program, .. } => Failure::Missing {
                program,
                remedy: Remedy::say("see https://kubernetes.io/docs/tasks/tools"),
            },
            other => other.of_call(&kubectl().args(["config", "view"])),
        })?;
        if !output.status.is_success() {
            return Err(classify(&output, &RULES));
        }
        let documents = output.json()?;
        let config = documents.first().ok_or_else(|| output.nonsense())?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = config["contexts"].as_array().into_iter().flatten();
        Ok(Contexts {
            current: text(&config["current-context"]),
            all: all
                .map(|context| {
                    (
                        text(&context["name"]),
                        text(&context["context"]["namespace"]),
                    )
                })
                .filter(|(name, _)| check_name(name).is_ok())
                .collect(),
        })
    }

    /// The pods of all namespaces, or of the context's own where all are not to be seen.
    fn pods(
        &self,
        context: &str,
        namespace: &str,
        limit: &Limit,
    ) -> Result<Vec<EnvironmentSpec>, Failure> {
        let get = kubectl().args(["--context", context, "get", "pods", "--request-timeout=8s"]);
        let get = get.arg("--output").arg(format!("jsonpath={PODS}"));
        match tool::run_ok(&get.clone().arg("--all-namespaces"), limit, &RULES) {
            Ok(output) => self.items(context, &output),
            Err(Failure::Forbidden { .. }) => {
                let namespace = if namespace.is_empty() {
                    "default"
                } else {
                    namespace
                };
                let output = tool::run_ok(&get.args(["--namespace", namespace]), limit, &RULES)?;
                self.items(context, &output)
            }
            Err(failure @ Failure::Down { .. }) => Err(failure.with_remedy(Remedy::say(format!(
                "see kubectl --context {context} cluster-info"
            )))),
            Err(failure) => {
                Err(failure.of_call(&kubectl().args(["--context", context, "get", "pods"])))
            }
        }
    }

    fn items(&self, context: &str, output: &Output) -> Result<Vec<EnvironmentSpec>, Failure> {
        let text = output.stdout_text();
        let mut items = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let pod = Pod::read(line).ok_or_else(|| output.nonsense())?;
            let safe = [pod.namespace, pod.name]
                .iter()
                .all(|name| check_name(name).is_ok());
            if safe {
                items.extend(pod.items(&self.id, context));
            }
        }
        Ok(items)
    }

    fn context_item(&self, name: &str) -> EnvironmentSpec {
        let mut item = EnvironmentSpec::new(EnvironmentId::new(&self.id, name), name);
        item.group = Some("contexts".into());
        item.can = Abilities::LOOK;
        item.with_fact("context", name)
    }

    fn exec(&self, place: &Place<'_>, flags: &[&str]) -> Result<ToolCall, Failure> {
        let call = self.kubectl_at(place)?.arg("exec").args(flags);
        Ok(call.args([
            check_name(place.pod)?,
            "--container",
            check_name(place.container)?,
            "--",
        ]))
    }

    fn kubectl_at(&self, place: &Place<'_>) -> Result<ToolCall, Failure> {
        let (context, namespace) = (check_name(place.context)?, check_name(place.namespace)?);
        Ok(kubectl().args(["--context", context, "--namespace", namespace]))
    }
}

fn kubectl() -> ToolCall {
    ToolCall::new("kubectl").timeout(Duration::from_secs(10))
}

/// `context/namespace/pod/container`; a context's name may have a slash too.
fn place(env: &EnvironmentSpec) -> Result<Place<'_>, Failure> {
    let mut parts = env.id.local.rsplitn(4, '/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(container), Some(pod), Some(namespace), Some(context)) => Ok(Place {
            context,
            namespace,
            pod,
            container,
        }),
        _ => Err(Failure::Unsupported(format!(
            "{} is no container: write CONTEXT/NAMESPACE/POD/CONTAINER",
            env.id.local
        ))),
    }
}

/// A line of [`PODS`].
#[derive(Debug)]
struct Pod<'a> {
    namespace: &'a str,
    name: &'a str,
    deleted: bool,
    phase: &'a str,
    default: &'a str,
    node: &'a str,
    containers: Vec<&'a str>,
    statuses: BTreeMap<&'a str, Status<'a>>,
}

/// What a pod says of one of its containers.
#[derive(Clone, Copy, Debug, Default)]
struct Status<'a> {
    ready: bool,
    waiting: &'a str,
    terminated: &'a str,
    restarts: &'a str,
    started: &'a str,
}

impl<'a> Pod<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let parts: Vec<&str> = line.split('\t').collect();
        let [
            namespace,
            name,
            deleted,
            phase,
            default,
            node,
            containers,
            statuses,
        ] = parts.as_slice()
        else {
            return None;
        };
        let status = |text: &'a str| {
            let parts: Vec<&str> = text.split('=').collect();
            match parts.as_slice() {
                [name, ready, waiting, terminated, restarts, started] => Some((
                    *name,
                    Status {
                        ready: *ready == "true",
                        waiting,
                        terminated,
                        restarts,
                        started,
                    },
                )),
                _ => None,
            }
        };
        Some(Self {
            namespace,
            name,
            deleted: !deleted.is_empty(),
            phase,
            default,
            node,
            containers: containers.split_whitespace().collect(),
            statuses: statuses.split(',').filter_map(status).collect(),
        })
    }

    /// The life of one of its containers. The phase alone lies: a pod whose container crashes again and again
    /// is `Running`.
    fn life(&self, container: &str) -> (State, Option<String>) {
        let own = self.statuses.get(container).copied().unwrap_or_default();
        if self.deleted {
            return (State::Stopping, None);
        }
        let broken = self
            .statuses
            .values()
            .map(|status| status.waiting)
            .find(|reason| BROKEN.contains(reason));
        if let Some(reason) = broken {
            return (State::Failed, Some(reason.to_owned()));
        }
        if self.phase == "Failed" || matches!(own.terminated, "OOMKilled" | "Error") {
            let reason = if own.terminated.is_empty() {
                self.phase
            } else {
                own.terminated
            };
            return (State::Failed, Some(reason.to_owned()));
        }
        match self.phase {
            "Succeeded" => (State::Stopped, Some("completed".into())),
            "Pending" => (
                State::Starting,
                Some(own.waiting.to_owned()).filter(|reason| !reason.is_empty()),
            ),
            "Running" if own.ready => (State::Ready, None),
            "Running" if !own.terminated.is_empty() => {
                (State::Stopped, Some(own.terminated.to_owned()))
            }
            "Running" => (State::Starting, Some("not ready yet".into())),
            _ => (State::Unknown, None),
        }
    }

    fn items(&self, provider: &ProviderId, context: &str) -> Vec<EnvironmentSpec> {
        let mut containers = self.containers.clone();
        // The one that a shell without a name goes to comes first.
        containers.sort_by_key(|name| *name != self.default);
        let alone = containers.len() == 1;
        let item = |container: &&str| {
            let local = format!("{context}/{}/{}/{container}", self.namespace, self.name);
            let name = if alone {
                self.name.to_owned()
            } else {
                format!("{}/{container}", self.name)
            };
            let mut item = EnvironmentSpec::new(EnvironmentId::new(provider, local), name);
            (item.state, item.reason) = self.life(container);
            self.phase.clone_into(&mut item.raw_state);
            item.group = Some(format!("{context}/{}", self.namespace));
            item.parent = Some(EnvironmentId::new(provider, context));
            let status = self.statuses.get(*container).copied().unwrap_or_default();
            item.since = time::from_rfc3339(status.started);
            let runs = matches!(item.state, State::Ready | State::Starting | State::Unknown);
            item.can = Abilities::DISCARD | Abilities::LOGS | Abilities::DEBUG;
            if runs {
                item.can |= Abilities::SHELL | Abilities::FORWARD | Abilities::COPY;
            }
            let restarts = if status.restarts == "0" {
                ""
            } else {
                status.restarts
            };
            item.with_detail("node", self.node)
                .with_detail("restarts", restarts)
                .with_fact("context", context)
                .with_fact("namespace", self.namespace)
                .with_fact("pod", self.name)
        };
        containers
            .iter()
            .filter(|name| check_name(name).is_ok())
            .map(item)
            .collect()
    }
}

impl Provider for Kubernetes {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn title(&self) -> String {
        "Kubernetes".into()
    }

    fn abilities(&self) -> Abilities {
        use Abilities as A;
        A::SHELL | A::DISCARD | A::FORWARD | A::LOGS | A::COPY | A::WATCH | A::DEBUG
    }

    fn pace(&self) -> Pace {
        Pace {
            timeout: Duration::from_secs(10),
            every: Duration::from_secs(10),
        }
    }

    fn list(&self, scope: &Scope, limit: &Limit) -> Result<Listing, Failure> {
        let contexts = self.contexts(limit)?;
        let mut items = Vec::new();
        let mut rest = Vec::new();
        let mut wanted = Vec::new();
        for (name, namespace) in &contexts.all {
            let opened = scope
                .opened
                .iter()
                .any(|id| id.provider == self.id && id.local == *name);
            let listed = *name == contexts.current
                || opened
                || self.contexts.iter().any(|pattern| matches(pattern, name));
            if listed {
                wanted.push((name, namespace));
            } else {
                rest.push(self.context_item(name));
            }
        }
        // A cluster that does not answer must not keep the others.
        let answers: Vec<(&String, Result<Vec<EnvironmentSpec>, Failure>)> =
            std::thread::scope(|threads| {
                let asked: Vec<_> = wanted
                    .iter()
                    .map(|(name, namespace)| {
                        (*name, threads.spawn(|| self.pods(name, namespace, limit)))
                    })
                    .collect();
                let crashed = || Err(Failure::Other("the listing broke".into()));
                asked
                    .into_iter()
                    .map(|(name, asked)| (name, asked.join().unwrap_or_else(|_| crashed())))
                    .collect()
            });
        let alone = answers.len() == 1;
        for (name, answer) in answers {
            match answer {
                Ok(pods) => items.extend(pods),
                Err(failure) if alone && rest.is_empty() => return Err(failure),
                Err(failure) => {
                    let mut item = self.context_item(name);
                    item.state = State::Failed;
                    item.raw_state = failure.kind().into();
                    item.reason = Some(tidy(&failure.to_string()));
                    rest.push(item);
                }
            }
        }
        items.extend(rest);
        Ok(Listing {
            items,
            truncated: false,
        })
    }

    fn shell(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ShellPlan, Failure> {
        let place = place(env)?;
        if let Some(image) = &wish.debug_image {
            let call = self.kubectl_at(&place)?.args([
                "debug",
                "--stdin",
                "--tty",
                check_name(place.pod)?,
            ]);
            let call = call.arg(format!("--image={}", check_name(image)?));
            let call = call.arg(format!("--target={}", check_name(place.container)?));
            let mut plan = ShellPlan::new(call.args(["--profile=general", "--", "sh"]).to_pty());
            plan.exit = ExitMeaning::Kubectl;
            plan.resize_again = true;
            return Ok(plan);
        }
        let session = far::session_name();
        let term = if wish.term.is_empty() {
            "xterm-256color"
        } else {
            &wish.term
        };
        let call = self
            .exec(&place, &["--stdin", "--tty", "--quiet"])?
            .arg("env");
        let call = call.args([
            format!("TERM={term}"),
            "COLORTERM=truecolor".into(),
            format!("TERRACE_SESSION={session}"),
        ]);
        let call = call.args(
            wish.vars
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        let command = match far::integrated(wish) {
            Some((bootstrap, key)) => call
                .args(far::surviving(bootstrap, wish).makes_its_key().arguments())
                .to_pty()
                .with_expected_shell(key),
            None => call.args(far::start(wish)).to_pty(),
        };
        let mut plan = ShellPlan::new(command);
        plan.leaves_process = Some(Cleanup {
            env: env.id.clone(),
            call: self.exec(&place, &[])?.args(far::hang_up(&session)),
        });
        plan.exit = ExitMeaning::Kubectl;
        plan.resize_again = true;
        if plan.command.expected_shell().is_some() {
            let plain = ShellWish {
                integrate: false,
                ..wish.clone()
            };
            plan.plain = Some(Box::new(self.shell(env, &plain)?));
        }
        Ok(plan)
    }

    fn run(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ToolCall, Failure> {
        super::program(wish)?;
        let mut call = self.exec(&place(env)?, &["--quiet"])?;
        if !wish.vars.is_empty() {
            call = call.arg("env").args(
                wish.vars
                    .iter()
                    .map(|(name, value)| format!("{name}={value}")),
            );
        }
        Ok(call.args(far::run(wish)))
    }

    fn connection(&self, env: &EnvironmentSpec) -> Result<ToolCall, Failure> {
        Ok(self.exec(&place(env)?, &["-it"])?.arg("sh"))
    }

    fn plan(&self, env: &EnvironmentSpec, act: &Act) -> Result<Plan, Failure> {
        let place = place(env)?;
        let kubectl = self.kubectl_at(&place)?;
        let (pod, container) = (check_name(place.pod)?, check_name(place.container)?);
        match act {
            Act::Discard => {
                let plan = Plan::one(kubectl.args(["delete", "pod", pod, "--wait=false"]));
                Ok(plan
                    .losing(format!("the pod {pod} and what is in its own file system"))
                    .noting("what owns the pod makes another in its place"))
            }
            Act::Logs { follow } => {
                let mut call = kubectl.args(["logs", pod, "--container", container, "--tail=1000"]);
                if *follow {
                    call = call.args(["--follow", "--request-timeout=0"]);
                }
                Ok(Plan::one(call))
            }
            Act::Forward { remote, local } => {
                let call = kubectl.arg("port-forward").arg(format!("pod/{pod}"));
                let call = call
                    .args(["--address", "127.0.0.1"])
                    .arg(format!("{local}:{remote}"));
                let ready = regex::Regex::new("^Forwarding from ")
                    .map_err(|error| Failure::Other(error.to_string()))?;
                Ok(Plan {
                    lasting: Some(Lasting::Process {
                        call,
                        ready: Ready::Line(ready),
                    }),
                    url: Some(format!("http://127.0.0.1:{local}/")),
                    ..Plan::default()
                })
            }
            Act::Copy(copy) => {
                let far = |path: &str| format!("{pod}:{path}");
                let call = kubectl.timeout(Duration::from_secs(3600)).args([
                    "cp",
                    "--container",
                    container,
                ]);
                Ok(Plan::one(match copy {
                    Copy::To { from, to } => call.arg(from).arg(far(to)),
                    Copy::From { from, to } => call.arg(far(from)).arg(to),
                }))
            }
            Act::Start | Act::Stop => Err(Failure::Unsupported(
                "a pod is not started or stopped; scale what owns it".into(),
            )),
        }
    }

    fn classify(&self, output: &Output) -> Failure {
        classify(output, &RULES)
    }

    fn watch(&self, _: &Scope) -> Option<ToolCall> {
        let call = kubectl().args(["get", "pods", "--all-namespaces", "--watch-only"]);
        Some(call.args(["--output", "name", "--request-timeout=0"]))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kubernetes, Pod};
    use crate::plan::{Act, ShellWish};
    use crate::provider::Provider;
    use crate::spec::EnvironmentSpec;
    use crate::state::State;

    #[track_caller]
    fn check_life(line: &str, expected: State, reason: Option<&str>) {
        let pod = Pod::read(line).expect("a pod");
        let container = pod.containers[0];
        assert_eq!(
            pod.life(container),
            (expected, reason.map(str::to_owned)),
            "{line}"
        );
    }

    #[test]
    fn a_phase_alone_is_not_believed() {
        check_life(
            "d\tweb\t\tRunning\t\tn\tapp\tapp=true===0=2026-11-20T10:00:00Z,",
            State::Ready,
            None,
        );
        check_life(
            "d\tweb\t\tRunning\t\tn\tapp\tapp=false=CrashLoopBackOff==7=,",
            State::Failed,
            Some("CrashLoopBackOff"),
        );
        check_life(
            "d\tweb\t\tRunning\t\tn\tapp\tapp=false===0=,",
            State::Starting,
            Some("not ready yet"),
        );
        check_life(
            "d\tweb\t\tPending\t\t\tapp\tapp=false=ContainerCreating==0=,",
            State::Starting,
            Some("ContainerCreating"),
        );
        check_life("d\tweb\t\tPending\t\t\tapp\t", State::Starting, None);
        check_life(
            "d\tweb\t\tFailed\t\tn\tapp\tapp=false==OOMKilled=0=,",
            State::Failed,
            Some("OOMKilled"),
        );
        check_life(
            "d\tweb\t\tSucceeded\t\tn\tapp\tapp=false==Completed=0=,",
            State::Stopped,
            Some("completed"),
        );
        check_life(
            "d\tweb\t2026-11-20T10:00:00Z\tRunning\t\tn\tapp\tapp=true===0=,",
            State::Stopping,
            None,
        );
        check_life("d\tweb\t\tUnknown\t\tn\tapp\t", State::Unknown, None);
    }

    #[test]
    fn containers_are_items_and_the_default_is_first() {
        let pod = Pod::read(
            "prod\ttwo\t\tRunning\tsidecar\tn\tapp sidecar\tapp=true===0=,sidecar=true===2=,",
        )
        .expect("a pod");
        let items = pod.items(&super::ProviderId::new("kubernetes"), "arn:aws/x");
        let names: Vec<_> = items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["two/sidecar", "two/app"]);
        assert_eq!(
            items[0].id.to_string(),
            "kubernetes:arn:aws/x/prod/two/sidecar"
        );
        assert_eq!(
            (items[0].fact("context"), items[0].fact("namespace")),
            ("arn:aws/x", "prod")
        );
    }

    #[test]
    fn a_shell_names_context_namespace_and_container() {
        let id = "kubernetes:arn:aws/x/prod/two/app".parse().expect("an id");
        let env = EnvironmentSpec::new(id, "two/app");
        let wish = ShellWish {
            folder: Some("/srv".into()),
            ..ShellWish::default()
        };
        let plan = Kubernetes::new(Vec::new())
            .shell(&env, &wish)
            .expect("a plan");
        let words: Vec<_> = plan
            .command
            .arguments()
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        let expected = [
            "--context",
            "arn:aws/x",
            "--namespace",
            "prod",
            "exec",
            "--stdin",
            "--tty",
            "--quiet",
            "two",
            "--container",
            "app",
            "--",
            "env",
        ];
        assert_eq!(words[..expected.len()], expected);
        assert!(plan.leaves_process.is_some());
        let short = EnvironmentSpec::new("kubernetes:pod".parse().expect("an id"), "pod");
        assert!(Kubernetes::new(Vec::new()).shell(&short, &wish).is_err());
    }

    #[test]
    fn deleting_a_pod_says_that_it_comes_back() {
        let env = EnvironmentSpec::new("kubernetes:c/n/p/a".parse().expect("an id"), "p");
        let plan = Kubernetes::new(Vec::new())
            .plan(&env, &Act::Discard)
            .expect("a plan");
        assert_eq!(
            plan.steps[0].to_string(),
            "kubectl --context c --namespace n delete pod p --wait=false"
        );
        assert!(plan.note.is_some() && plan.loses.is_some());
    }
}

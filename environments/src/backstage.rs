//! Backstage: a catalogue of services, which points at places that other kinds know.
//!
//! A component has no shell and no state of its own. Its annotations name pods, codespaces or anything else;
//! each of these is a row here, and opening it finds the environment and hands it to its own kind. What it is
//! asked is the catalogue's `entities/by-query` (backstage.io, "Catalog API").

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;

use crate::described::http;
use crate::failure::{Failure, Remedy, tidy};
use crate::plan::{ShellPlan, ShellWish};
use crate::provider::{Abilities, Pace, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, Listing, ProviderId, Scope};
use crate::state::State;
use crate::tool::{Limit, ToolCall, check_name, run_ok};

/// Entities asked for at once.
const PAGE: usize = 200;
/// Pages asked for at most.
const MOST_PAGES: usize = 25;
/// Properties that are read of an entity.
const FIELDS: &str = "kind,metadata.name,metadata.namespace,metadata.title,metadata.annotations,metadata.links,spec,relations";

/// Where the catalogue is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The address of the backend: `https://backstage.example.com`.
    pub url: String,
    /// The environment variable that holds a token; empty: none is sent.
    pub token_variable: String,
}

/// The catalogue as a provider.
pub struct Backstage {
    id: ProviderId,
    options: Options,
    others: Vec<Arc<dyn Provider>>,
    /// What rows were found to stand for, since [`Provider::prepare`].
    found: Mutex<BTreeMap<EnvironmentId, EnvironmentSpec>>,
}

impl std::fmt::Debug for Backstage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backstage")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// What an entity points at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pointer {
    /// Pods with these labels.
    Pods {
        context: String,
        namespace: String,
        selector: String,
    },
    /// Codespaces of a repository.
    Codespaces(String),
    /// An environment by its id.
    Environment(EnvironmentId),
    /// Only an address.
    Link(String),
}

impl Backstage {
    /// The catalogue; `others` are the kinds that its entities may point at.
    #[must_use]
    pub fn new(options: Options, others: Vec<Arc<dyn Provider>>) -> Self {
        Self {
            id: ProviderId::new("backstage"),
            options,
            others,
            found: Mutex::default(),
        }
    }

    fn other(&self, id: &ProviderId) -> Result<&Arc<dyn Provider>, Failure> {
        let other = self.others.iter().find(|other| other.id() == id);
        other.ok_or_else(|| Failure::Unsupported(format!("no kind of environment is called {id}")))
    }

    /// One page of entities, and the mark of the next.
    fn page(
        &self,
        cursor: Option<&str>,
        limit: &Limit,
    ) -> Result<(Vec<Value>, Option<String>), Failure> {
        let base = self.options.url.trim_end_matches('/');
        let query = match cursor {
            // A mark stands for the filter as well.
            Some(cursor) => format!("cursor={}", encoded(cursor)),
            None => "filter=kind=component&filter=kind=resource".to_owned(),
        };
        let url =
            format!("{base}/api/catalog/entities/by-query?{query}&fields={FIELDS}&limit={PAGE}");
        let token = Some(self.options.token_variable.as_str()).filter(|name| !name.is_empty());
        let answer = http::get(&url, token, limit).map_err(http::Error::into_failure)?;
        if answer.status == 401 {
            let say = match token {
                Some(name) => format!("{name} holds no valid token"),
                None => "name the variable that holds a token: environments.settings = { \"backstage.token\" = \"…\" }".to_owned(),
            };
            return Err(Failure::LoggedOut {
                remedy: Remedy::say(say),
            });
        }
        if !(200..300).contains(&answer.status) {
            return Err(http::failure(answer.status, &answer.body));
        }
        let text = String::from_utf8_lossy(&answer.body);
        let nonsense = || Failure::Nonsense {
            first_line: tidy(
                text.lines()
                    .find(|line| !line.trim().is_empty())
                    .unwrap_or_default(),
            ),
        };
        let mut document: Value = serde_json::from_str(&text).map_err(|_| nonsense())?;
        let next = document
            .pointer("/pageInfo/nextCursor")
            .and_then(Value::as_str)
            .map(str::to_owned);
        match document.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok((items, next)),
            _ => Err(nonsense()),
        }
    }

    /// The rows of an entity: one for each place that it points at.
    fn rows(&self, entity: &Value) -> Vec<EnvironmentSpec> {
        let text = |path: &str| {
            entity
                .pointer(path)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let name = text("/metadata/name");
        if name.is_empty() {
            return Vec::new();
        }
        let namespace = match text("/metadata/namespace") {
            "" => "default",
            namespace => namespace,
        };
        let title = match text("/metadata/title") {
            "" => name,
            title => title,
        };
        let kind = text("/kind").to_lowercase();
        let group: Vec<String> = [
            relation(entity, "partOf", "system"),
            relation(entity, "ownedBy", ""),
        ]
        .into_iter()
        .flatten()
        .collect();
        let pointers = pointers(entity);
        let row = |(label, pointer): (String, Pointer)| {
            let local = format!("{kind}:{namespace}/{name}#{label}");
            let mut env = EnvironmentSpec::new(EnvironmentId::new(&self.id, local), title);
            if pointers_differ(&pointers) {
                env.name = format!("{title} ({label})");
            }
            env.group = (!group.is_empty()).then(|| group.join(" / "));
            env.state = State::Unknown;
            env.can = match pointer {
                Pointer::Link(_) => Abilities::none(),
                _ => Abilities::SHELL,
            };
            for (label, path) in [("type", "/spec/type"), ("lifecycle", "/spec/lifecycle")] {
                env = env
                    .with_detail(label, text(path))
                    .with_fact(label, text(path));
            }
            env = env.with_detail("points at", shown(&pointer));
            with_pointer(env, &pointer)
        };
        pointers.clone().into_iter().map(row).collect()
    }

    /// Finds the environment that a row stands for now.
    fn resolve(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<EnvironmentId, Failure> {
        match pointer_of(env) {
            Some(Pointer::Environment(id)) => Ok(id),
            Some(Pointer::Pods {
                context,
                namespace,
                selector,
            }) => pod(&context, &namespace, &selector, limit),
            Some(Pointer::Codespaces(repository)) => {
                let other = self.other(&ProviderId::new("codespaces"))?;
                let listing = other.list(&Scope::default(), limit)?;
                let mut of_it: Vec<EnvironmentSpec> = listing
                    .items
                    .into_iter()
                    .filter(|env| env.fact("repository").eq_ignore_ascii_case(&repository))
                    .collect();
                of_it.sort_by_key(|env| env.state != State::Ready);
                let first = of_it.into_iter().next();
                let none = || Failure::gone(format!("a codespace of {repository}"));
                first.map(|env| env.id).ok_or_else(none)
            }
            Some(Pointer::Link(_)) | None => Err(Failure::Unsupported(
                "this entity opens as a page only".to_owned(),
            )),
        }
    }
}

impl Provider for Backstage {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn title(&self) -> String {
        "Backstage".to_owned()
    }

    fn abilities(&self) -> Abilities {
        Abilities::SHELL
    }

    fn pace(&self) -> Pace {
        Pace {
            timeout: Duration::from_secs(20),
            every: Duration::from_secs(300),
        }
    }

    fn list(&self, _: &Scope, limit: &Limit) -> Result<Listing, Failure> {
        let mut listing = Listing::default();
        let mut cursor: Option<String> = None;
        for turn in 0..MOST_PAGES {
            let (entities, next) = match self.page(cursor.as_deref(), limit) {
                Ok(page) => page,
                Err(Failure::Slow(_)) if turn > 0 => {
                    listing.truncated = true;
                    break;
                }
                Err(failure) => return Err(failure),
            };
            listing
                .items
                .extend(entities.iter().flat_map(|entity| self.rows(entity)));
            match next {
                Some(next) => cursor = Some(next),
                None => {
                    listing
                        .items
                        .sort_by(|a, b| (&a.group, &a.name).cmp(&(&b.group, &b.name)));
                    return Ok(listing);
                }
            }
        }
        listing.truncated = true;
        Ok(listing)
    }

    fn prepare(&self, env: &EnvironmentSpec, limit: &Limit) -> Result<EnvironmentSpec, Failure> {
        let target = self.resolve(env, limit)?;
        let other = self.other(&target.provider)?;
        let name = target.local.clone();
        let there = other.prepare(&EnvironmentSpec::new(target, name), limit)?;
        self.found.lock().insert(env.id.clone(), there);
        Ok(env.clone())
    }

    fn shell(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ShellPlan, Failure> {
        let there = self.found.lock().get(&env.id).cloned();
        let there = there.ok_or_else(|| {
            Failure::Unsupported("what it points at has not been looked for yet".to_owned())
        })?;
        self.other(&there.id.provider)?.shell(&there, wish)
    }

    fn connection(&self, env: &EnvironmentSpec) -> Result<ToolCall, Failure> {
        let there = self.found.lock().get(&env.id).cloned();
        let there = there.ok_or_else(|| Failure::gone(&env.name))?;
        self.other(&there.id.provider)?.connection(&there)
    }
}

/// The name of the entity that a relation leads to: `system:default/billing` is `billing`.
fn relation(entity: &Value, kind: &str, target: &str) -> Option<String> {
    let relations = entity.get("relations")?.as_array()?;
    relations.iter().find_map(|relation| {
        let is_it = relation.get("type").and_then(Value::as_str) == Some(kind);
        let reference = relation.get("targetRef").and_then(Value::as_str)?;
        let (of_kind, name) = reference.split_once(':')?;
        (is_it && (target.is_empty() || of_kind == target))
            .then(|| name.rsplit('/').next().unwrap_or(name).to_owned())
    })
}

/// All that an entity points at, by a word for it.
fn pointers(entity: &Value) -> Vec<(String, Pointer)> {
    let annotation = |name: &str| {
        let annotations = entity.pointer("/metadata/annotations")?;
        annotations
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let mut pointers = Vec::new();
    let labels = annotation("backstage.io/kubernetes-label-selector").map(str::to_owned);
    let by_id = || {
        let id = annotation("backstage.io/kubernetes-id")?;
        Some(format!("backstage.io/kubernetes-id={id}"))
    };
    if let Some(selector) = labels.or_else(by_id) {
        let or_empty = |name| annotation(name).unwrap_or_default().to_owned();
        let pods = Pointer::Pods {
            context: or_empty("backstage.io/kubernetes-cluster"),
            namespace: or_empty("backstage.io/kubernetes-namespace"),
            selector,
        };
        pointers.push(("pods".to_owned(), pods));
    }
    if let Some(slug) = annotation("github.com/project-slug") {
        pointers.push(("codespace".to_owned(), Pointer::Codespaces(slug.to_owned())));
    }
    if let Some(text) = annotation("terrace.dev/environments") {
        pointers.extend(own_pointers(text));
    }
    let links = entity.pointer("/metadata/links").and_then(Value::as_array);
    for link in links.into_iter().flatten() {
        let text = |key: &str| link.get(key).and_then(Value::as_str).unwrap_or_default();
        if matches!(text("type"), "ssh" | "terminal" | "environment") && !text("url").is_empty() {
            let label = match text("title") {
                "" => text("type"),
                title => title,
            };
            pointers.push((label.to_owned(), Pointer::Link(text("url").to_owned())));
        }
    }
    pointers
}

/// Our own annotation: a JSON list of `{ name, provider, id }`.
fn own_pointers(text: &str) -> Vec<(String, Pointer)> {
    let list: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    let read = |one: &Value| {
        let text = |key: &str| {
            one.get(key)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let (provider, id) = (text("provider")?, text("id")?);
        let name = text("name").unwrap_or(id).to_owned();
        let id = EnvironmentId::new(&ProviderId::new(provider), id);
        Some((name, Pointer::Environment(id)))
    };
    list.iter().filter_map(read).collect()
}

fn pointers_differ(pointers: &[(String, Pointer)]) -> bool {
    pointers.len() > 1
}

/// What a pointer says, for people.
fn shown(pointer: &Pointer) -> String {
    match pointer {
        Pointer::Pods { selector, .. } => format!("pods with {selector}"),
        Pointer::Codespaces(repository) => format!("codespaces of {repository}"),
        Pointer::Environment(id) => id.to_string(),
        Pointer::Link(url) => url.clone(),
    }
}

/// A pointer as facts of a row.
fn with_pointer(env: EnvironmentSpec, pointer: &Pointer) -> EnvironmentSpec {
    match pointer {
        Pointer::Pods {
            context,
            namespace,
            selector,
        } => env
            .with_fact("selector", selector)
            .with_fact("context", context)
            .with_fact("namespace", namespace),
        Pointer::Codespaces(repository) => env.with_fact("repository", repository),
        Pointer::Environment(id) => env.with_fact("environment", id.to_string()),
        Pointer::Link(url) => env.with_fact("url", url),
    }
}

/// The pointer that a row's facts are.
fn pointer_of(env: &EnvironmentSpec) -> Option<Pointer> {
    let fact = |name: &str| Some(env.fact(name).to_owned()).filter(|text| !text.is_empty());
    if let Some(id) = fact("environment") {
        return id.parse().ok().map(Pointer::Environment);
    }
    if let Some(selector) = fact("selector") {
        return Some(Pointer::Pods {
            context: fact("context").unwrap_or_default(),
            namespace: fact("namespace").unwrap_or_default(),
            selector,
        });
    }
    fact("repository")
        .map(Pointer::Codespaces)
        .or_else(|| fact("url").map(Pointer::Link))
}

/// The first running pod with these labels, as the Kubernetes kind names it.
fn pod(
    context: &str,
    namespace: &str,
    selector: &str,
    limit: &Limit,
) -> Result<EnvironmentId, Failure> {
    let context = if context.is_empty() {
        current_context(limit)?
    } else {
        context.to_owned()
    };
    check_name(&context)?;
    let mut call = ToolCall::new("kubectl").args(["--context", &context, "get", "pods"]);
    call = match namespace {
        "" => call.arg("--all-namespaces"),
        namespace => call.args(["--namespace", check_name(namespace)?]),
    };
    let selector = format!("--selector={selector}");
    call = call.args([&selector, "-o", "json", "--request-timeout=8s"]);
    let output = run_ok(&call, limit, &[])?;
    let documents = output.json()?;
    let items = documents
        .first()
        .and_then(|list| list.get("items"))
        .and_then(Value::as_array);
    let text = |pod: &Value, path: &str| {
        pod.pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut pods: Vec<&Value> = items.into_iter().flatten().collect();
    pods.sort_by_key(|pod| text(pod, "/status/phase") != "Running");
    let gone = || Failure::gone(format!("a pod with {selector}"));
    let pod = pods.first().ok_or_else(gone)?;
    let (namespace, name) = (
        text(pod, "/metadata/namespace"),
        text(pod, "/metadata/name"),
    );
    let container = text(pod, "/spec/containers/0/name");
    let local = format!("{context}/{namespace}/{name}/{container}");
    Ok(EnvironmentId::new(&ProviderId::new("kubernetes"), local))
}

fn current_context(limit: &Limit) -> Result<String, Failure> {
    let call = ToolCall::new("kubectl").args(["config", "current-context"]);
    let output = run_ok(&call, limit, &[])?;
    Ok(output.stdout_text().trim().to_owned())
}

/// A mark as a part of a query.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests;

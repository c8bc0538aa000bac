//! `terrace env list` and `show`: what is known, as a table or as JSON.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use environments::{EnvironmentSpec, Failure, ProviderId, ProviderSnapshot};
use serde_json::{Value, json};

use super::Session;
use crate::headless::print;

/// The version of the JSON forms; assets/manual/environments.md describes them.
pub(super) const VERSION: u32 = 1;

/// Prints the list. The exit status is 1 when kinds were named and one of them failed.
pub(super) fn list(session: &Session, kinds: &[String], json: bool) -> Result<ExitCode> {
    let kinds: Vec<ProviderId> = kinds.iter().map(ProviderId::new).collect();
    session.list(&kinds)?;
    let snapshot = session.manager.snapshot();
    let shown = |provider: &&ProviderSnapshot| kinds.is_empty() || kinds.contains(&provider.id);
    let providers: Vec<&ProviderSnapshot> = snapshot.providers.iter().filter(shown).collect();
    if json {
        let providers: Vec<Value> = providers
            .iter()
            .map(|provider| provider_json(provider))
            .collect();
        print(&format!(
            "{}\n",
            json!({"version": VERSION, "providers": providers})
        ))?;
    } else {
        print(&table(&providers, SystemTime::now()))?;
    }
    let failed = !kinds.is_empty() && providers.iter().any(|provider| provider.failure.is_some());
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Prints one environment.
pub(super) fn show(session: &Session, name: &str, json: bool) -> Result<ExitCode> {
    let mut env = session.resolve(name)?;
    let limit = environments::Limit::within(Duration::from_secs(10));
    match session.prepare(&env, &limit) {
        Ok(prepared) => env = prepared,
        Err(failure) => env.reason = env.reason.or_else(|| Some(failure.to_string())),
    }
    if json {
        let mut value = env_json(&env);
        value["version"] = json!(VERSION);
        print(&format!("{value}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = vec![
        ("name", env.name.clone()),
        ("id", env.id.to_string()),
        ("state", state(&env)),
    ];
    rows.extend(env.group.clone().map(|group| ("group", group)));
    rows.extend(env.branch.clone().map(|branch| ("branch", branch)));
    let since = env
        .since
        .and_then(|since| SystemTime::now().duration_since(since).ok());
    rows.extend(since.map(|age| ("since", format!("{} ago", short(age)))));
    rows.extend(
        env.cost_per_hour
            .map(|cost| ("cost", format!("{cost} an hour"))),
    );
    rows.extend(
        env.detail
            .iter()
            .map(|(label, text)| (label.as_str(), text.clone())),
    );
    let can: Vec<&str> = env.can.names().collect();
    rows.push(("can", can.join(", ")));
    let width = rows
        .iter()
        .map(|(label, _)| label.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (label, value) in rows {
        text.push_str(&format!("{label:width$}  {value}\n"));
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The list as a table, kind by kind; a kind that failed is one line.
fn table(providers: &[&ProviderSnapshot], now: SystemTime) -> String {
    let mut text = String::new();
    let all = || providers.iter().flat_map(|provider| provider.items.iter());
    let width = all()
        .map(|env| env.name.chars().count())
        .max()
        .unwrap_or(0)
        .clamp(4, 48);
    let states = all()
        .map(|env| state(env).chars().count())
        .max()
        .unwrap_or(0)
        .clamp(5, 40);
    for provider in providers {
        let quiet = provider.items.is_empty() && provider.failure.is_none();
        if quiet {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&provider.title);
        if let Some(failure) = &provider.failure {
            text.push_str(&format!(": {failure}"));
        }
        text.push('\n');
        for env in provider.items.iter() {
            let age = env
                .since
                .and_then(|since| now.duration_since(since).ok())
                .map(short);
            let more: Vec<String> = age
                .into_iter()
                .chain(env.group.clone())
                .chain(env.detail.iter().take(2).map(|(_, text)| text.clone()))
                .collect();
            let line = format!(
                "  {:width$}  {:states$}  {}",
                env.name,
                state(env),
                more.join("  ")
            );
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if provider.truncated {
            text.push_str("  … and more\n");
        }
    }
    text
}

/// The state with its reason: `failed (CrashLoopBackOff)`.
fn state(env: &EnvironmentSpec) -> String {
    match &env.reason {
        Some(reason) => format!("{} ({reason})", env.state),
        None => env.state.to_string(),
    }
}

/// A duration in its largest unit.
fn short(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

fn provider_json(provider: &ProviderSnapshot) -> Value {
    let items: Vec<Value> = provider.items.iter().map(env_json).collect();
    json!({
        "id": provider.id.as_str(),
        "title": provider.title,
        "can": provider.abilities.names().collect::<Vec<_>>(),
        "failure": provider.failure.as_ref().map(failure_json),
        "truncated": provider.truncated,
        "environments": items,
    })
}

/// A failure: its kind, what went wrong, and what to do.
pub(super) fn failure_json(failure: &Failure) -> Value {
    let remedy = failure.remedy().map(|remedy| remedy.say.clone());
    json!({"kind": failure.kind(), "message": failure.said(), "remedy": remedy})
}

pub(super) fn env_json(env: &EnvironmentSpec) -> Value {
    let since = env
        .since
        .and_then(|since| since.duration_since(SystemTime::UNIX_EPOCH).ok());
    let detail: serde_json::Map<String, Value> = env
        .detail
        .iter()
        .map(|(label, text)| (label.clone(), json!(text)))
        .collect();
    json!({
        "id": env.id.to_string(),
        "name": env.name,
        "state": env.state.name(),
        "raw_state": env.raw_state,
        "reason": env.reason,
        "group": env.group,
        "branch": env.branch,
        "since": since.map(|since| since.as_secs()),
        "cost_per_hour": env.cost_per_hour,
        "parent": env.parent.as_ref().map(ToString::to_string),
        "can": env.can.names().collect::<Vec<_>>(),
        "detail": detail,
    })
}

#[cfg(test)]
mod tests {
    use super::{short, table};
    use environments::{
        Abilities, EnvironmentSpec, Failure, ProviderId, ProviderSnapshot, Remedy, State,
    };
    use std::time::{Duration, SystemTime};

    fn provider(
        title: &str,
        items: Vec<EnvironmentSpec>,
        failure: Option<Failure>,
    ) -> ProviderSnapshot {
        ProviderSnapshot {
            id: ProviderId::new("x"),
            title: title.into(),
            abilities: Abilities::SHELL,
            asking: false,
            failure,
            listed_at: None,
            asked_at: None,
            truncated: false,
            items: items.into(),
        }
    }

    #[test]
    fn a_kind_that_failed_is_one_line() {
        let now = SystemTime::now();
        let mut web = EnvironmentSpec::new("x:web".parse().expect("an id"), "web");
        web.state = State::Ready;
        web.since = Some(now - Duration::from_secs(200));
        web = web.with_detail("image", "app:1");
        let mut old = EnvironmentSpec::new("x:database".parse().expect("an id"), "database");
        old.state = State::Stopped;
        old.reason = Some("exit status 3".into());
        let missing = Failure::Missing {
            program: "podman".into(),
            remedy: Remedy::say("see https://podman.io"),
        };
        let good = provider("Docker containers", vec![web, old], None);
        let bad = provider("Podman containers", Vec::new(), Some(missing));
        let none = provider("Nothing", Vec::new(), None);
        let expected = "Docker containers\n  web       running                  3m  app:1\n  database  stopped (exit status 3)\n\nPodman containers: podman is not installed; see https://podman.io\n";
        assert_eq!(table(&[&good, &none, &bad], now), expected);
    }

    #[test]
    fn ages_have_one_unit() {
        assert_eq!(short(Duration::from_secs(59)), "59s");
        assert_eq!(short(Duration::from_secs(7200)), "2h");
        assert_eq!(short(Duration::from_secs(200_000)), "2d");
    }
}

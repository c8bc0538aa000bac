//! `terrace env list` and `show`: what is known, as a table or as JSON.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use environments::{Abilities, EnvironmentSpec, Failure, ProviderId, ProviderSnapshot, State};
use serde_json::{Value, json};

use super::Session;
use crate::headless::print;

/// The version of the JSON forms; assets/manual/environments.md describes them.
pub(super) const VERSION: u32 = 1;

/// Prints the list, on a terminal each kind when it answers. The exit status is 1 when kinds were named and one of
/// them failed, or a part of it.
pub(super) fn list(session: &Session, kinds: &[String], json: bool) -> Result<ExitCode> {
    let named = |kind: &String| session.kind(kind).unwrap_or_else(|| ProviderId::new(kind));
    let kinds: Vec<ProviderId> = kinds.iter().map(named).collect();
    let all = kinds.is_empty();
    let now = SystemTime::now();
    let shown = |provider: &&ProviderSnapshot| all || kinds.contains(&provider.id);
    let mut printed: Vec<ProviderId> = Vec::new();
    if !json && std::io::stdout().is_terminal() {
        session.list_each(&kinds, &mut |provider| {
            // What has nothing but a complaint comes after what has.
            if !provider.items.is_empty() {
                let gap = if printed.is_empty() { "" } else { "\n" };
                print(&format!("{gap}{}", table(&[provider], now, all)))?;
                printed.push(provider.id.clone());
            }
            Ok(())
        })?;
    } else {
        session.list(&kinds)?;
    }
    let snapshot = session.manager.snapshot();
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
        let mut rest = providers.clone();
        rest.retain(|provider| !printed.contains(&provider.id));
        let rest = table(&rest, now, all);
        let gap = if printed.is_empty() || rest.is_empty() {
            ""
        } else {
            "\n"
        };
        print(&format!("{gap}{rest}"))?;
    }
    let failed = !all && providers.iter().any(|provider| has_failed(provider));
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Whether a kind, or one of the contexts that it was to list, gave no answer.
fn has_failed(provider: &ProviderSnapshot) -> bool {
    provider.failure.is_some() || provider.items.iter().any(is_closed)
}

/// Whether it holds others that could not be listed: a context of a cluster that is down.
pub(super) fn is_closed(env: &EnvironmentSpec) -> bool {
    env.state == State::Failed && env.can.has(Abilities::LOOK)
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

/// The list as a table, kind by kind. Kinds that failed for one reason are one line; where `all` are listed, those
/// that are not installed or not set up are no more than named.
fn table(providers: &[&ProviderSnapshot], now: SystemTime, all: bool) -> String {
    let mut text = String::new();
    let items = || providers.iter().flat_map(|provider| provider.items.iter());
    let width = items()
        .map(|env| env.name.chars().count())
        .max()
        .unwrap_or(0)
        .clamp(4, 48);
    let states = items()
        .map(|env| state(env).chars().count())
        .max()
        .unwrap_or(0)
        .clamp(5, 40);
    let unusable = |provider: &ProviderSnapshot, kind: &str| {
        let failure = provider.failure.as_ref().map(Failure::kind);
        all && provider.items.is_empty() && failure == Some(kind)
    };
    let mut told: Vec<&ProviderId> = Vec::new();
    for provider in providers {
        let quiet = provider.items.is_empty() && provider.failure.is_none();
        let folded = unusable(provider, "missing") || unusable(provider, "not-set-up");
        if quiet || folded || told.contains(&&provider.id) {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&provider.title);
        if let Some(failure) = &provider.failure {
            for other in providers.iter().filter(|other| has_same(provider, other)) {
                text.push_str(&format!(", {}", other.title));
                told.push(&other.id);
            }
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
    let folded = [("Not installed", "missing"), ("Not set up", "not-set-up")];
    let mut gap = "\n";
    for (what, kind) in folded {
        let ids: Vec<&str> = providers
            .iter()
            .filter(|provider| unusable(provider, kind))
            .map(|provider| provider.id.as_str())
            .collect();
        if ids.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str(gap);
        }
        gap = "";
        text.push_str(&format!("{what}: {}\n", ids.join(", ")));
    }
    if gap.is_empty() {
        text.push_str("What they need: terrace env list KIND\n");
    }
    text
}

/// Whether two kinds with nothing to list failed for one reason: the tool that both ask.
fn has_same(one: &ProviderSnapshot, other: &ProviderSnapshot) -> bool {
    let reason = |provider: &ProviderSnapshot| {
        let failure = provider.failure.as_ref()?;
        let what = match failure.remedy() {
            Some(remedy) => remedy.say.clone(),
            None => failure.said(),
        };
        Some((failure.kind(), what)).filter(|_| provider.items.is_empty())
    };
    one.id != other.id && reason(one).is_some() && reason(one) == reason(other)
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
            id: ProviderId::new(title.split(' ').next().unwrap_or_default().to_lowercase()),
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

    fn missing() -> Failure {
        Failure::Missing {
            program: "podman".into(),
            remedy: Remedy::say("see https://podman.io"),
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
        let good = provider("Docker containers", vec![web, old], None);
        let bad = provider("Podman containers", Vec::new(), Some(missing()));
        let none = provider("Nothing", Vec::new(), None);
        let docker = "Docker containers\n  web       running                  3m  app:1\n  database  stopped (exit status 3)\n";
        let podman = "Podman containers: podman is not installed; see https://podman.io\n";
        let expected = format!("{docker}\n{podman}");
        assert_eq!(table(&[&good, &none, &bad], now, false), expected);
    }

    #[test]
    fn what_cannot_be_used_is_named_and_no_more() {
        let not_set_up = Failure::NotSetUp {
            said: "no region".into(),
            remedy: Remedy::say("aws configure"),
        };
        let kinds = [
            provider("Podman containers", Vec::new(), Some(missing())),
            provider("AWS", Vec::new(), Some(not_set_up)),
            provider("Coder", Vec::new(), Some(missing())),
        ];
        let all: Vec<&ProviderSnapshot> = kinds.iter().collect();
        let expected = "Not installed: podman, coder\nNot set up: aws\nWhat they need: terrace env list KIND\n";
        assert_eq!(table(&all, SystemTime::now(), true), expected);
    }

    #[test]
    fn kinds_that_ask_one_tool_fail_in_one_line() {
        let slow = |title: &str, seconds| {
            let failure = Failure::Slow(Duration::from_secs(seconds));
            let failure = failure.with_remedy(Remedy::say("see whether it answers: docker ps"));
            provider(title, Vec::new(), Some(failure))
        };
        let kinds = [slow("Compose services", 10), slow("Docker containers", 5)];
        let all: Vec<&ProviderSnapshot> = kinds.iter().collect();
        let expected = "Compose services, Docker containers: did not answer in 10 s; see whether it answers: docker ps\n";
        assert_eq!(table(&all, SystemTime::now(), true), expected);
    }

    #[test]
    fn ages_have_one_unit() {
        assert_eq!(short(Duration::from_secs(59)), "59s");
        assert_eq!(short(Duration::from_secs(7200)), "2h");
        assert_eq!(short(Duration::from_secs(200_000)), "2d");
    }
}

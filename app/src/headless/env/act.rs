//! `terrace env start`, `stop`, `create`, `discard`, `forward`, `logs`.

use std::io::{BufRead, IsTerminal, Write};
use std::net::TcpListener;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use environments::plan::Act;
use environments::tool::Stream;
use environments::{Choices, EnvironmentSpec, Failure, JobEvent, Limit, ProviderId, Remedy};
use serde_json::json;

use super::Session;
use super::list::{VERSION, failure_json};
use crate::headless::print;

/// Choices of a parameter that are named.
const MOST_CHOICES: usize = 12;

/// Starts environments, one after the other, with their progress on the standard error.
pub(super) fn start(session: &Session, names: &[String], json: bool) -> Result<ExitCode> {
    let envs = session.resolve_all(names)?;
    each(session, envs, &Act::Start, "started", json)
}

/// Stops environments.
pub(super) fn stop(session: &Session, names: &[String], json: bool) -> Result<ExitCode> {
    let envs = session.resolve_surely(names)?;
    each(session, envs, &Act::Stop, "stopped", json)
}

fn each(
    session: &Session,
    envs: Vec<EnvironmentSpec>,
    act: &Act,
    done: &str,
    json: bool,
) -> Result<ExitCode> {
    let mut failed = false;
    for env in envs {
        let failure = carry_out(session, &env, act.clone())?;
        failed |= failure.is_some();
        tell(&env, done, failure.as_ref(), json)?;
    }
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Does it; what comes back is why it was not done.
fn carry_out(session: &Session, env: &EnvironmentSpec, act: Act) -> Result<Option<Failure>> {
    let ticket = session.manager.act(env.id.clone(), act);
    Ok(session.done(ticket, &mut say)?.err())
}

/// Says that something was done with an environment, or why not.
fn tell(env: &EnvironmentSpec, done: &str, failure: Option<&Failure>, json: bool) -> Result<()> {
    if json {
        let value = json!({
            "version": VERSION,
            "id": env.id.to_string(),
            "name": env.name,
            "done": failure.is_none().then_some(done),
            "failure": failure.map(failure_json),
        });
        return print(&format!("{value}\n"));
    }
    match failure {
        None => print(&format!("{} {done}\n", env.name)),
        Some(failure) => {
            writeln!(std::io::stderr(), "terrace: {}: {failure}", env.name)?;
            Ok(())
        }
    }
}

/// A line of a tool's progress.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "  {line}");
}

/// Creates an environment, or says what that needs.
pub(super) fn create(
    session: &Session,
    kind: &str,
    values: Vec<(String, String)>,
    json: bool,
) -> Result<ExitCode> {
    let kind = session.kind(kind).unwrap_or_else(|| ProviderId::new(kind));
    let parameters = session
        .manager
        .parameters(kind.clone(), values.iter().cloned().collect());
    let JobEvent::Done(parameters) = session.wait(parameters, &mut say)? else {
        bail!("no answer");
    };
    let mut parameters = parameters?.parameters;
    // The first folder of the command line is what a folder means.
    if let Some(folder) = session.scope.folders.first() {
        for parameter in parameters
            .iter_mut()
            .filter(|parameter| parameter.name == "folder")
        {
            parameter.default = folder.display().to_string();
        }
    }
    for (name, _) in &values {
        let known = parameters.iter().any(|parameter| parameter.name == *name);
        let names: Vec<&str> = parameters
            .iter()
            .map(|parameter| parameter.name.as_str())
            .collect();
        ensure!(
            known,
            "{kind} has no parameter \"{name}\"; there are {}",
            names.join(", ")
        );
    }
    let mut all: environments::Values = parameters
        .iter()
        .filter(|parameter| !parameter.default.is_empty())
        .map(|parameter| (parameter.name.clone(), parameter.default.clone()))
        .collect();
    all.extend(values);
    let missing: Vec<&environments::Parameter> = parameters
        .iter()
        .filter(|parameter| {
            !parameter.optional && all.get(&parameter.name).is_none_or(String::is_empty)
        })
        .collect();
    if !missing.is_empty() {
        let lines: String = parameters.iter().map(asked_for).collect();
        bail!("{kind} needs:\n{}", lines.trim_end());
    }
    let ticket = session.manager.create(kind, all);
    let created = session.done(ticket, &mut say)??.created;
    let id = created.map(|id| id.to_string()).unwrap_or_default();
    if json {
        let value = json!({"version": VERSION, "created": id});
        print(&format!("{value}\n"))?;
    } else {
        print(&format!("{id} created\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is said of a parameter: its name, what it is, what can be chosen, what it is if nothing is said.
fn asked_for(parameter: &environments::Parameter) -> String {
    let optional = if parameter.optional {
        ", may be left out"
    } else {
        ""
    };
    let choices = match &parameter.choices {
        Choices::Any => String::new(),
        Choices::Fixed(all) => {
            let more = if all.len() > MOST_CHOICES { " …" } else { "" };
            let names: Vec<&str> = all
                .iter()
                .take(MOST_CHOICES)
                .map(|(value, _)| value.as_str())
                .collect();
            format!(": {}{more}", names.join(" | "))
        }
    };
    let default = match parameter.default.as_str() {
        "" => String::new(),
        default => format!(" [{default}]"),
    };
    let (name, label) = (&parameter.name, &parameter.label);
    format!("  {name}=  {label}{choices}{optional}{default}\n")
}

/// Ends environments for good, after saying what is lost.
pub(super) fn discard(
    session: &Session,
    names: &[String],
    yes: bool,
    json: bool,
) -> Result<ExitCode> {
    let mut failed = false;
    for env in session.resolve_surely(names)? {
        let plan = session.manager.plan(&env.id, &Act::Discard)?;
        let loses = plan.loses.unwrap_or_else(|| env.name.clone());
        let note = plan
            .note
            .map(|note| format!(" ({note})"))
            .unwrap_or_default();
        if !yes {
            if !std::io::stdin().is_terminal() {
                let said = format!("discarding {} loses {loses}", env.name);
                let remedy = Remedy::say("say --yes to do it without being asked");
                return Err(Failure::Refused(said).with_remedy(remedy).into());
            }
            write!(
                std::io::stderr(),
                "Lost is {loses}{note}. Discard {}? [y/N] ",
                env.name
            )?;
            let mut answer = String::new();
            std::io::stdin().lock().read_line(&mut answer)?;
            if !matches!(answer.trim(), "y" | "Y" | "yes") {
                if json {
                    tell(&env, "discarded", Some(&Failure::Cancelled), json)?;
                }
                continue;
            }
        }
        let failure = carry_out(session, &env, Act::Discard)?;
        failed |= failure.is_some();
        tell(&env, "discarded", failure.as_ref(), json)?;
    }
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Forwards a port until it is called off by ctrl+c, or breaks.
pub(super) fn forward(
    session: &Session,
    name: &str,
    ports: (Option<u16>, u16),
    json: bool,
) -> Result<ExitCode> {
    let env = session.resolve(name)?;
    let local = match ports.0 {
        Some(local) => local,
        None => free_port()?,
    };
    let act = Act::Forward {
        remote: ports.1,
        local,
    };
    let ticket = session.manager.act(env.id.clone(), act);
    loop {
        match session.wait(ticket, &mut say)? {
            JobEvent::Ready { port, note, url } if json => {
                let value = json!({
                    "version": VERSION,
                    "id": env.id.to_string(),
                    "name": env.name,
                    "local": port.unwrap_or(local),
                    "remote": ports.1,
                    "url": url,
                    "note": note,
                });
                print(&format!("{value}\n"))?;
            }
            JobEvent::Ready { port, note, .. } => {
                let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
                let port = port.unwrap_or(local);
                print(&format!(
                    "127.0.0.1:{port} -> {}:{}{note}\n",
                    env.name, ports.1
                ))?;
            }
            JobEvent::Done(done) => {
                done?;
                return Ok(ExitCode::SUCCESS);
            }
            _ => {}
        }
    }
}

/// A port of the loopback that nobody listens on now.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Prints a log, as it is or as it grows.
pub(super) fn logs(session: &Session, name: &str, follow: bool) -> Result<ExitCode> {
    let env = session.resolve(name)?;
    let limit = Limit {
        cancel: session.interrupt.cancel(),
        ..Limit::within(std::time::Duration::from_secs(10 * 365 * 24 * 3600))
    };
    let env = session.prepare(&env, &limit)?;
    let provider = session.provider(&env)?;
    let plan = provider.plan(&env, &Act::Logs { follow })?;
    let mut broken = false;
    for step in plan.steps {
        let step = step.timeout(limit.left());
        let output = environments::tool::stream(&step, &limit, &mut |stream, line| {
            let mut text = line.to_owned();
            text.push('\n');
            let written = match stream {
                Stream::Out => std::io::stdout().lock().write_all(text.as_bytes()),
                Stream::Err => std::io::stderr().lock().write_all(text.as_bytes()),
            };
            // A reader that has enough: `… | head`.
            broken = written.is_err();
            !broken
        })?;
        if !broken && !output.status.is_success() {
            return Err(provider.classify(&output).into());
        }
    }
    Ok(ExitCode::SUCCESS)
}

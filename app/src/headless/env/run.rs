//! `terrace env run`: one command in many environments at once.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use environments::command::{self, RunKey};
use environments::plan::ShellWish;
use environments::tool::{Output, Stream};
use environments::{Abilities, EnvironmentSpec, Failure, Limit, Remedy};
use serde_json::json;

use super::list::{VERSION, failure_json};
use super::{Session, is_stopped};
use crate::cli::env::EnvRunArgs;

/// How long it may take to find out what a command in an environment needs.
const PREPARING: Duration = Duration::from_secs(60);

/// What a command did in one environment.
pub(super) struct Outcome {
    /// Where.
    pub(super) env: EnvironmentSpec,
    /// Its outputs and its status, or why it did not run.
    pub(super) result: Result<Output, Failure>,
    /// How long it took.
    pub(super) took: Duration,
}

impl Outcome {
    /// The command's exit status; 255 when it did not run.
    pub(super) fn status(&self) -> i32 {
        self.result
            .as_ref()
            .map_or(255, |output| output.status.number())
    }
}

/// Runs the command everywhere at once. The exit status is 0 when it is so everywhere, else the first other one.
pub(super) fn run(session: &Session, args: &EnvRunArgs, json: bool) -> Result<ExitCode> {
    let envs = session.resolve_all(&args.names)?;
    let width = envs
        .iter()
        .map(|env| env.name.chars().count())
        .max()
        .unwrap_or(0);
    let alone = envs.len() == 1;
    let out = Mutex::new(());
    let wish = wish(&args.command, args.cd.clone());
    let how = How {
        wish: &wish,
        timeout: args.timeout,
        start: args.start,
    };
    let outcomes = everywhere(session, &envs, &how, &|env, stream, line| {
        if json {
            return;
        }
        let text = if alone {
            format!("{line}\n")
        } else {
            format!("{:width$} │ {line}\n", env.name)
        };
        // One line at a time; a reader that has gone is noticed at the end.
        let _whole = out.lock();
        let _ = match stream {
            Stream::Out => std::io::stdout().lock().write_all(text.as_bytes()),
            Stream::Err => std::io::stderr().lock().write_all(text.as_bytes()),
        };
    });
    for outcome in &outcomes {
        if json {
            crate::headless::print(&format!("{}\n", outcome_json(outcome)))?;
        } else if !alone || outcome.result.is_err() {
            let seconds = outcome.took.as_secs_f64();
            let end = match &outcome.result {
                Ok(output) => format!("{} after {seconds:.1} s", output.status),
                Err(failure) => not_done(failure),
            };
            writeln!(std::io::stderr(), "{:width$} │ [{end}]", outcome.env.name)?;
        }
    }
    let worst = outcomes
        .iter()
        .map(Outcome::status)
        .find(|status| *status != 0)
        .unwrap_or(0);
    Ok(ExitCode::from(u8::try_from(worst).unwrap_or(255)))
}

/// What is said in place of a status. What was ended had been run.
pub(super) fn not_done(failure: &Failure) -> String {
    match failure {
        Failure::TimedOut(_) => failure.to_string(),
        Failure::Cancelled => "called off".to_owned(),
        failure => format!("not run: {failure}"),
    }
}

/// How a command is run.
pub(super) struct How<'a> {
    /// The command.
    pub(super) wish: &'a ShellWish,
    /// How long it may take.
    pub(super) timeout: Duration,
    /// What is stopped is started for it, and goes on afterwards.
    pub(super) start: bool,
}

/// A command as it is wished for.
pub(super) fn wish(command: &[OsString], folder: Option<String>) -> ShellWish {
    ShellWish {
        folder,
        command: command.to_vec(),
        ..ShellWish::default()
    }
}

/// Runs a command in each of the environments, all at the same time; lines are handed over as they come.
pub(super) fn everywhere(
    session: &Session,
    envs: &[EnvironmentSpec],
    how: &How<'_>,
    on_line: &(dyn Fn(&EnvironmentSpec, Stream, &str) + Sync),
) -> Vec<Outcome> {
    let key = RunKey::new();
    std::thread::scope(|threads| {
        let running: Vec<_> = envs
            .iter()
            .map(|env| threads.spawn(|| one(session, env, how, &key, on_line)))
            .collect();
        let ended = running.into_iter().zip(envs).map(|(thread, env)| {
            thread.join().unwrap_or_else(|_| Outcome {
                env: env.clone(),
                result: Err(Failure::Other("its thread broke".into())),
                took: Duration::ZERO,
            })
        });
        ended.collect()
    })
}

fn one(
    session: &Session,
    env: &EnvironmentSpec,
    how: &How<'_>,
    key: &RunKey,
    on_line: &(dyn Fn(&EnvironmentSpec, Stream, &str) + Sync),
) -> Outcome {
    let cancel = session.interrupt.cancel();
    let within = |time: Duration| Limit {
        until: Instant::now() + time,
        cancel: cancel.clone(),
    };
    let mut began = Instant::now();
    let mut run = || -> Result<Output, Failure> {
        let provider = session
            .provider(env)
            .map_err(|error| Failure::Other(error.to_string()))?;
        if is_stopped(env) && !how.start {
            return Err(stopped(env));
        }
        let started = session.start_if_stopped(env, &mut |line| on_line(env, Stream::Err, line))?;
        let ready = session.prepare(&started, &within(PREPARING))?;
        began = Instant::now();
        let limit = within(how.timeout);
        let mut each = |stream, line: &str| {
            on_line(env, stream, line);
            true
        };
        let provider = provider.as_ref();
        command::run(
            provider,
            &ready,
            how.wish,
            key,
            how.timeout,
            &limit,
            &mut each,
        )
    };
    let result = run();
    Outcome {
        env: env.clone(),
        result,
        took: began.elapsed(),
    }
}

/// Nothing is started that was not asked for: it costs, and would go on.
fn stopped(env: &EnvironmentSpec) -> Failure {
    let starts = env.can.has(Abilities::START) || env.can.has(Abilities::SHELL);
    Failure::Down {
        said: format!("{} is {}", env.name, env.state),
        remedy: match starts {
            true => Remedy::say("say --start to start it; it goes on afterwards"),
            // A pod that is done.
            false => Remedy::default(),
        },
    }
}

/// One line of `--json`.
pub(super) fn outcome_json(outcome: &Outcome) -> serde_json::Value {
    let output = outcome.result.as_ref().ok();
    json!({
        "version": VERSION,
        "id": outcome.env.id.to_string(),
        "name": outcome.env.name,
        "status": output.map(|output| output.status.number()),
        "seconds": outcome.took.as_secs_f64(),
        "stdout": output.map(Output::stdout_text),
        "stderr": output.map(Output::stderr_text),
        "failure": outcome.result.as_ref().err().map(failure_json),
    })
}

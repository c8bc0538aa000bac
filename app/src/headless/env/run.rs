//! `terrace env run`: one command in many environments at once.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use environments::plan::ShellWish;
use environments::tool::{Output, Stream};
use environments::{Cancel, EnvironmentSpec, Failure, Limit};
use serde_json::json;

use super::Session;
use super::list::{VERSION, failure_json};
use crate::cli::env::EnvRunArgs;

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
    let outcomes = everywhere(session, &envs, &wish, args.timeout, &|env, stream, line| {
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
                Err(failure) => format!("not run: {failure}"),
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

/// A command as it is wished for.
pub(super) fn wish(command: &[OsString], folder: Option<String>) -> ShellWish {
    ShellWish {
        folder,
        command: command.to_vec(),
        ..ShellWish::default()
    }
}

/// Runs a command in each of the environments, all at the same time, those that are stopped once they are started;
/// lines are handed over as they come.
pub(super) fn everywhere(
    session: &Session,
    envs: &[EnvironmentSpec],
    wish: &ShellWish,
    timeout: Duration,
    on_line: &(dyn Fn(&EnvironmentSpec, Stream, &str) + Sync),
) -> Vec<Outcome> {
    std::thread::scope(|threads| {
        let running: Vec<_> = envs
            .iter()
            .map(|env| threads.spawn(|| one(session, env, wish, timeout, on_line)))
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
    wish: &ShellWish,
    timeout: Duration,
    on_line: &(dyn Fn(&EnvironmentSpec, Stream, &str) + Sync),
) -> Outcome {
    let limit = Limit {
        until: Instant::now() + timeout,
        cancel: Cancel::new(),
    };
    let mut began = Instant::now();
    let mut run = || -> Result<Output, Failure> {
        let provider = session
            .provider(env)
            .map_err(|error| Failure::Other(error.to_string()))?;
        let started = session.start_if_stopped(env, &mut |line| on_line(env, Stream::Err, line))?;
        let ready = session.prepare(&started, &limit)?;
        let call = provider.run(&ready, wish)?.timeout(timeout);
        began = Instant::now();
        environments::tool::stream(&call, &limit, &mut |stream, line| {
            on_line(env, stream, line);
            true
        })
    };
    let result = run();
    Outcome {
        env: env.clone(),
        result,
        took: began.elapsed(),
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

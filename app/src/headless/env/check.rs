//! `terrace env check`: what is wrong with a description of environments, and what it would run.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use environments::described::check::{self, Report};
use environments::described::{Description, Problem, read_file};
use environments::{Failure, Scope};
use serde_json::{Value, json};

use super::list::{VERSION, env_json, failure_json};
use crate::cli::env::EnvCheckArgs;
use crate::headless::print;

/// Checks the files; the exit status is 1 when something is wrong with one.
pub(super) fn run(args: &EnvCheckArgs, json: bool) -> anyhow::Result<ExitCode> {
    let settings: BTreeMap<String, String> = args.values.iter().cloned().collect();
    let recorded = match &args.output {
        Some(path) => {
            let bytes = std::fs::read(path);
            Some(bytes.with_context(|| format!("{} cannot be read", path.display()))?)
        }
        None => None,
    };
    let checked: Vec<(String, Checked)> = args
        .files
        .iter()
        .map(|file| {
            let checked = match read_file(file) {
                Ok(description) => match report(description, &settings, recorded.as_deref()) {
                    Ok(report) => Checked::Listed(report),
                    Err(failure) => Checked::Failed(failure),
                },
                Err(problems) => Checked::Wrong(problems),
            };
            (file.display().to_string(), checked)
        })
        .collect();
    if json {
        let files: Vec<Value> = checked
            .iter()
            .map(|(file, checked)| checked.json(file))
            .collect();
        print(&format!(
            "{}\n",
            json!({"version": VERSION, "files": files})
        ))?;
    } else {
        let text: String = checked
            .iter()
            .map(|(file, checked)| checked.text(file))
            .collect();
        print(&text)?;
    }
    let all_well = checked.iter().all(|(_, checked)| checked.is_well());
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What came of a file.
enum Checked {
    /// Its mistakes.
    Wrong(Vec<Problem>),
    /// It can be read, and why its tool gave no list.
    Failed(Failure),
    /// It can be read, and what it makes of the list.
    Listed(Report),
}

impl Checked {
    fn is_well(&self) -> bool {
        matches!(self, Self::Listed(report) if report.unknown_words.is_empty())
    }

    fn text(&self, file: &str) -> String {
        match self {
            Self::Wrong(problems) => problems
                .iter()
                .map(|problem| format!("{file}:{problem}\n"))
                .collect(),
            Self::Failed(failure) => format!(
                "{file}: can be read\nlist failed ({}): {failure}\n",
                failure.kind()
            ),
            Self::Listed(report) => match report.unknown_words.len() {
                0 => format!("{file}: no mistakes\n{report}"),
                1 => format!("{file}: a state is not known\n{report}"),
                count => format!("{file}: {count} states are not known\n{report}"),
            },
        }
    }

    fn json(&self, file: &str) -> Value {
        let (mut problems, mut failure, mut report) = (Vec::new(), None, None);
        match self {
            Self::Wrong(wrong) => {
                let problem = |one: &Problem| {
                    json!({
                        "line": one.line,
                        "column": one.column,
                        "message": one.message,
                        "expected": one.expected,
                    })
                };
                problems = wrong.iter().map(problem).collect();
            }
            Self::Failed(why) => failure = Some(failure_json(why)),
            Self::Listed(listed) => report = Some(listed),
        }
        let commands = report.map(|report| {
            let one = |(what, command): &(String, Result<String, String>)| {
                json!({
                    "for": what,
                    "command": command.as_ref().ok(),
                    "reason": command.as_ref().err(),
                })
            };
            report.commands.iter().map(one).collect::<Vec<Value>>()
        });
        json!({
            "file": file,
            "problems": problems,
            "failure": failure,
            "environments": report.map(|report| report.items.iter().map(env_json).collect::<Vec<_>>()),
            "unknown_states": report.map(|report| &report.unknown_words),
            "commands": commands,
        })
    }
}

fn report(
    description: Description,
    settings: &BTreeMap<String, String>,
    recorded: Option<&[u8]>,
) -> Result<Report, Failure> {
    match recorded {
        Some(bytes) => check::of_output(description, settings, bytes),
        None => check::of_tool(description, settings, &scope()),
    }
}

/// The folder that the command was given in.
fn scope() -> Scope {
    let here = std::env::current_dir().ok();
    Scope {
        folders: here
            .into_iter()
            .filter(|folder| folder != Path::new("/"))
            .collect(),
        ..Scope::default()
    }
}

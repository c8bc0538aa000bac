//! `terrace env check`: what is wrong with a description of environments, and what it would run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use environments::Scope;
use environments::described::check::{self, Report};
use environments::described::{Description, read_file};

use crate::cli::env::EnvCheckArgs;
use crate::headless::print;

/// Checks the files; the exit status is 1 when something is wrong with one.
pub(super) fn run(args: &EnvCheckArgs) -> anyhow::Result<ExitCode> {
    let settings: BTreeMap<String, String> = args.values.iter().cloned().collect();
    let recorded = match &args.output {
        Some(path) => {
            let bytes = std::fs::read(path);
            Some(bytes.with_context(|| format!("{} cannot be read", path.display()))?)
        }
        None => None,
    };
    let mut text = String::new();
    let mut all_well = true;
    for file in &args.files {
        let checked = match read_file(file) {
            Ok(description) => report(description, &settings, recorded.as_deref()),
            Err(problems) => {
                for problem in problems {
                    let _ = writeln!(text, "{}:{problem}", file.display());
                }
                all_well = false;
                continue;
            }
        };
        let _ = writeln!(text, "{}: no mistakes", file.display());
        match checked {
            Ok(report) => {
                all_well &= report.unknown_words.is_empty();
                let _ = write!(text, "{report}");
            }
            Err(failure) => {
                let _ = writeln!(text, "list failed ({}): {failure}", failure.kind());
                all_well = false;
            }
        }
    }
    print(&text)?;
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(
    description: Description,
    settings: &BTreeMap<String, String>,
    recorded: Option<&[u8]>,
) -> Result<Report, environments::Failure> {
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

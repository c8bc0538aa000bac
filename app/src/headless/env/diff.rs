//! `terrace env diff`: the same in two environments, side by side.

use std::process::ExitCode;

use anyhow::{Result, bail};
use environments::tool::Output;
use history::diff::{Rules, diff as compare, diff_facts};
use serde_json::json;

use super::list::VERSION;
use super::run::{Outcome, everywhere, outcome_json, wish};
use super::{Session, sides, toolchain};
use crate::cli::env::EnvDiffArgs;
use crate::headless::print;

/// Columns when the output is no terminal.
const WIDTH: u16 = 120;

/// Compares. The exit status is 0 when both sides are the same, 1 when they differ.
pub(super) fn diff(session: &Session, args: &EnvDiffArgs, as_json: bool) -> Result<ExitCode> {
    let envs = [session.resolve(&args.left)?, session.resolve(&args.right)?];
    let wish = if args.toolchain {
        let folder = session.scope.folders.first();
        wish(
            &toolchain::command(folder.map(std::path::PathBuf::as_path)),
            args.cd.clone(),
        )
    } else {
        wish(&args.command, args.cd.clone())
    };
    let outcomes = everywhere(session, &envs, &wish, args.timeout, &|_, _, _| {});
    let [left, right] = outcomes.as_slice() else {
        bail!("two environments are compared");
    };
    let same_status = left.status() == right.status();
    let (old, new) = (text(left), text(right));
    let comparison = if args.toolchain {
        diff_facts(&old, &new, toolchain::name)
    } else {
        compare(&old, &new, Rules::default())
    };
    let same = same_status && comparison.is_same();
    if as_json {
        let (removed, added) = comparison.counts();
        let value = json!({
            "version": VERSION,
            "same": same,
            "left": outcome_json(left),
            "right": outcome_json(right),
            "removed": removed,
            "added": added,
            "diff": comparison.unified(&left.env.name, &right.env.name, 3),
        });
        print(&format!("{value}\n"))?;
    } else {
        let width = args.width.or_else(columns).unwrap_or(WIDTH);
        print(&sides::show(
            &head(left),
            &head(right),
            &comparison,
            usize::from(width),
        ))?;
    }
    Ok(if same {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Both outputs of a command, or why it did not run.
fn text(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(output) => output.stdout_text() + &Output::stderr_text(output),
        Err(failure) => failure.to_string(),
    }
}

/// The line over a side: name, exit status, duration.
fn head(outcome: &Outcome) -> String {
    let end = match &outcome.result {
        Ok(output) => output.status.to_string(),
        Err(failure) => format!("not run ({})", failure.kind()),
    };
    format!(
        "{}  {end}  {:.1} s",
        outcome.env.name,
        outcome.took.as_secs_f64()
    )
}

/// The width of the terminal that this is printed to.
fn columns() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    Some(size.ws_col).filter(|columns| *columns >= 40)
}

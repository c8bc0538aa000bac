//! Carrying a plan out, step by step.

use std::time::{Duration, Instant};

use super::job::Job;
use crate::failure::{Failure, tidy};
use crate::plan::{Done, Plan};
use crate::spec::EnvironmentSpec;
use crate::state::State;
use crate::tool::{self, Limit, Stream};

/// Pause between two looks at whether an environment has reached its state.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs the steps and waits until the plan is done; gives the last line that the last step printed.
pub(super) fn carry_out(
    job: &Job,
    env: Option<&EnvironmentSpec>,
    plan: &Plan,
    limit: &Limit,
) -> Result<Option<String>, Failure> {
    let mut last = None;
    let count = plan.steps.len();
    for (index, step) in plan.steps.iter().enumerate() {
        let awaited = match &plan.done {
            Done::Line(pattern) if index + 1 == count => Some(pattern),
            _ => None,
        };
        let mut found = false;
        let output = tool::stream(step, limit, &mut |stream, line| {
            let line = tidy(line);
            if line.is_empty() {
                return true;
            }
            found |= awaited.is_some_and(|pattern| pattern.is_match(&line));
            if stream == Stream::Out {
                last = Some(line.clone());
            }
            if !is_for_programs(&line) {
                job.line(line);
            }
            !found
        })?;
        if !found && !output.status.is_success() {
            return Err(job.provider.classify(&output));
        }
        if awaited.is_some() && !found {
            return Err(output.nonsense());
        }
    }
    if let (Done::Listed { states, within }, Some(env)) = (&plan.done, env) {
        wait_for(job, env, states, *within, limit)?;
    }
    Ok(last)
}

/// Whether a line says nothing to a person: the id of a container, or the result as JSON that the devcontainer CLI
/// prints last.
fn is_for_programs(line: &str) -> bool {
    let is_id = line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id || line.starts_with("{\"outcome\":")
}

fn wait_for(
    job: &Job,
    env: &EnvironmentSpec,
    states: &[State],
    within: Duration,
    limit: &Limit,
) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        let now = job.find(&env.id, limit);
        let (state, reason) = match now {
            Ok(Some(item)) => (item.state, item.reason),
            Ok(None) => (State::Absent, None),
            // One that fails once may answer the next time.
            Err(failure) if failure.may_pass() => (State::Unknown, None),
            Err(failure) => return Err(failure),
        };
        if states.contains(&state) {
            return Ok(());
        }
        if state == State::Failed {
            return Err(Failure::Other(reason.unwrap_or_else(|| "it failed".into())));
        }
        if began.elapsed() > within {
            return Err(Failure::Slow(within));
        }
        if limit.cancel.wait(PAUSE) {
            return Err(Failure::Cancelled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_for_programs;

    #[test]
    fn what_programs_print_for_programs_is_told_from_progress() {
        assert!(is_for_programs(&"0a".repeat(32)));
        assert!(is_for_programs(
            r#"{"outcome":"success","containerId":"ab12"}"#
        ));
        assert!(!is_for_programs("Pulling image app:1"));
        assert!(!is_for_programs("web"));
    }
}

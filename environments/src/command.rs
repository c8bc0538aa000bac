//! A command in an environment, without a terminal: run to its end, or ended over there too.
//!
//! A tool that is ended on this side (`docker exec`, `ssh` without a terminal) leaves what it runs over there alive.
//! So every process of a command is given a variable that nobody guesses, by which all of them are found and ended.

use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::plan::ShellWish;
use crate::provider::Provider;
use crate::spec::EnvironmentSpec;
use crate::tool::{self, Limit, Output, Stream};

/// The variable that the processes of a command have over there.
pub const VARIABLE: &str = "TERRACE_RUN";
/// How long the end over there may take.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Ends the processes that have `TERRACE_RUN=$1` in their environment, and kills those that are there a second later:
/// what ignores the first, and what was only just begun. Needs `/proc`; like the scripts of `kinds/far.rs` it passes
/// through any login shell.
const END: &str = "for k in TERM KILL; do for d in /proc/[0-9]*; do \
    case \"$(cat \"$d/environ\")\" in *TERRACE_RUN=$1*) kill -$k \"${d#/proc/}\" ;; esac; done; \
    [ $k = KILL ] || sleep 1; done 2>/dev/null; exit 0";

/// What the processes of a command are known by: the same wherever it is run at once, so that the environments to be
/// compared differ by nothing of ours.
#[derive(Clone, Debug)]
pub struct RunKey(String);

impl RunKey {
    /// A key that no other run has.
    #[must_use]
    pub fn new() -> Self {
        // Two keyed hashes with keys from the system's random source.
        let part = || RandomState::new().hash_one(Instant::now());
        Self(format!("{:016x}{:016x}", part(), part()))
    }
}

impl Default for RunKey {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs the wish's command in an environment that is prepared, handing over each line as it comes. When it is not done
/// `within` this time, or is called off, its processes over there are ended before this returns.
///
/// # Errors
/// [`Failure::TimedOut`], or why it was not run.
pub fn run(
    provider: &dyn Provider,
    env: &EnvironmentSpec,
    wish: &ShellWish,
    key: &RunKey,
    within: Duration,
    limit: &Limit,
    on_line: &mut dyn FnMut(Stream, &str) -> bool,
) -> Result<Output, Failure> {
    let mut known = wish.clone();
    known.vars.push((VARIABLE.to_owned(), key.0.clone()));
    let call = provider.run(env, &known)?.timeout(within);
    match tool::stream(&call, limit, on_line) {
        // An image without even env(1), which sets the variable in a pod: nothing was run.
        Ok(output) if has_no_env(env, &output) => {
            let call = provider.run(env, wish)?.timeout(within);
            tool::stream(&call, limit, on_line).map_err(|failure| of_time(failure, within))
        }
        Err(failure @ (Failure::Slow(_) | Failure::Cancelled)) => {
            end(provider, env, key);
            Err(of_time(failure, within))
        }
        ended => ended,
    }
}

/// A command that took too long is not a tool that does not answer.
fn of_time(failure: Failure, within: Duration) -> Failure {
    match failure {
        Failure::Slow(_) => Failure::TimedOut(within),
        other => other,
    }
}

/// Whether the engine said so itself: a command that ran and failed must never run again, whatever it printed.
fn has_no_env(env: &EnvironmentSpec, output: &Output) -> bool {
    let says = |text: &str| text.contains("\"env\": executable file not found");
    let never_began = output.stdout.is_empty() && output.stderr_text().lines().count() <= 2;
    env.id.provider.as_str() == "kubernetes"
        && !output.status.is_success()
        && never_began
        && says(&output.stderr_text())
}

/// Ends what is left over there.
fn end(provider: &dyn Provider, env: &EnvironmentSpec, key: &RunKey) {
    // On this machine the tool's process group was all of it.
    if env.id.provider.as_str() == "local" {
        return;
    }
    let words = ["sh", "-c", END, "terrace", &key.0];
    let wish = ShellWish {
        command: words.map(OsString::from).to_vec(),
        ..ShellWish::default()
    };
    let ended = provider.run(env, &wish).and_then(|call| {
        let limit = Limit::within(LAST_WORDS);
        tool::run_ok(&call.timeout(LAST_WORDS), &limit, &[])
    });
    if let Err(failure) = ended {
        tracing::warn!(env = %env.id, %failure, "a process may be left over there");
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;
    use crate::tool::ToolCall;

    #[test]
    fn the_script_passes_through_any_login_shell() {
        assert!(!END.contains(['\'', '\n', '!']), "{END}");
    }

    #[test]
    fn processes_are_ended_with_what_they_began() {
        let key = RunKey::new();
        // A child that has left its parent's group and session, and ignores SIGTERM.
        let script = "trap '' TERM; setsid sleep 4243 & echo $!; wait";
        let mut child = Command::new("sh")
            .args(["-c", script])
            .env(VARIABLE, &key.0)
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut line).expect("its line");
        let call = ToolCall::new("sh").args(["-c", END, "terrace", &key.0]);
        let limit = Limit::within(Duration::from_secs(60));
        tool::run_ok(&call, &limit, &[]).expect("it ends");
        let status = child.wait().expect("it is ours");
        assert!(!status.success(), "{status}");
        let left = format!("/proc/{}/stat", line.trim());
        let runs = |stat: String| {
            stat.rsplit(')')
                .next()
                .is_some_and(|rest| !rest.starts_with(" Z"))
        };
        assert!(!std::fs::read_to_string(left).is_ok_and(runs), "{line}");
    }

    #[test]
    fn a_time_is_said_as_it_was_given() {
        let said = |seconds| of_time(Failure::Slow(Duration::from_secs(9)), seconds).to_string();
        assert_eq!(said(Duration::from_secs(2)), "ended after 2 s");
        assert_eq!(said(Duration::from_millis(500)), "ended after 0.5 s");
    }
}

//! What the tests of environments share: real servers and daemons that a test starts and ends, and a shell
//! in an environment that is driven as a pane drives it.

mod aws;
mod boxes;
mod daemons;
mod driver;
pub mod window;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use environments::described::{Described, shipped};
use environments::{Limit, Manager, Provider};

pub use aws::AwsApi;
pub use boxes::Boxes;
pub use daemons::{Docker, KubernetesApi, Podman, Sshd};
pub use driver::Driver;

/// How long anything may take on a machine with much else to do.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// Says that a test cannot be done here, and why; printed though the test passes.
pub fn skip(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: {why}");
}

/// Tells a measurement, printed though the test passes.
pub fn measured(what: &str) {
    let _ = writeln!(std::io::stderr(), "MEASURED: {what}");
}

/// The tools that `.ci/environments.sh` fetched.
pub fn tools() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"));
    target.join("test-tools")
}

/// Runs a test's body in a process of its own that has these variables, since those of this one are shared by
/// all tests. `test` is the function's name.
///
/// # Panics
/// When the body does.
pub fn inside(test: &str, variables: &[(&str, OsString)], body: impl FnOnce()) {
    const INNER: &str = "TERRACE_TEST_INNER";
    if std::env::var_os(INNER).is_some_and(|name| name == test) {
        return body();
    }
    let program = std::env::current_exe().expect("a program knows its own file");
    let mut command = Command::new(program);
    command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(INNER, test);
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.output().expect("a test binary runs");
    let text = String::from_utf8_lossy(&output.stderr);
    for line in text
        .lines()
        .filter(|line| line.starts_with("SKIPPED") || line.starts_with("MEASURED"))
    {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}\n{text}");
}

/// A limit that a test does not reach.
pub fn limit() -> Limit {
    Limit::within(DEADLINE)
}

/// A manager that tells nothing; for those who look at its snapshot.
///
/// # Panics
/// When there is no thread.
pub fn manager(providers: Vec<Arc<dyn Provider>>) -> Manager {
    Manager::start(providers, |_| ()).expect("a thread")
}

/// Waits until something is so.
///
/// # Panics
/// When it is not within the deadline.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waiting for {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// The kind of a description that comes with Terrace, with these settings.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn described(id: &str, settings: &[(&str, &str)]) -> Described {
    let settings = settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let found = shipped().into_iter().find_map(|found| {
        let description = found.read.ok()?;
        (description.id == id).then_some(description)
    });
    Described::new(found.expect(id), &settings.collect())
}

/// Runs a plan's only step.
///
/// # Panics
/// When it fails.
#[track_caller]
pub fn run_plan(provider: &dyn Provider, plan: &environments::Plan) {
    for step in &plan.steps {
        let output = environments::tool::run(step, &limit()).expect("it runs");
        let failure = provider.classify(&output);
        assert!(output.status.is_success(), "{step}: {failure}");
    }
}

/// Runs a command in an environment without a terminal; its output.
///
/// # Panics
/// When it cannot be run.
#[track_caller]
pub fn run_in(
    provider: &dyn Provider,
    env: &environments::EnvironmentSpec,
    words: &[&str],
) -> environments::tool::Output {
    let wish = environments::ShellWish {
        command: words.iter().map(OsString::from).collect(),
        ..environments::ShellWish::default()
    };
    let call = provider.run(env, &wish).expect("a call");
    environments::tool::run(&call, &limit()).expect("it runs")
}

/// Runs `command`, which nothing else runs, with two children of a shell that ignores SIGTERM, for too short a time,
/// and then calls it off: each time nothing of it is left over there.
///
/// # Panics
/// When something is left, or it is not said that it was ended.
#[track_caller]
pub fn check_end(provider: &dyn Provider, env: &environments::EnvironmentSpec, command: &str) {
    use environments::command::{RunKey, run};

    let script = format!("trap '' TERM; {command} & echo begun; {command}; true");
    let wish = environments::ShellWish {
        command: ["sh", "-c", &script].map(OsString::from).to_vec(),
        ..environments::ShellWish::default()
    };
    let is_left = || {
        let output = run_in(provider, env, &["ps", "-ef"]);
        let text = output.stdout_text();
        let is_it = |line: &str| line.contains(command) && !line.contains("defunct");
        text.lines().any(is_it)
    };
    let limit = limit();
    let mut begun = false;
    // Where the machine is busy, two seconds may be over before anything is begun.
    for short in [2, 8, 32].map(Duration::from_secs) {
        let key = RunKey::new();
        let ended = run(provider, env, &wish, &key, short, &limit, &mut |_, _| {
            begun = true;
            true
        });
        assert_eq!(ended, Err(environments::Failure::TimedOut(short)));
        assert!(!is_left(), "it goes on after its time");
        if begun {
            break;
        }
    }
    assert!(begun, "it is never begun");
    let cancel = limit.cancel.clone();
    let ended = run(
        provider,
        env,
        &wish,
        &RunKey::new(),
        DEADLINE,
        &limit,
        &mut |_, _| {
            cancel.cancel();
            true
        },
    );
    assert_eq!(ended, Err(environments::Failure::Cancelled));
    assert!(!is_left(), "it goes on though it was called off");
}

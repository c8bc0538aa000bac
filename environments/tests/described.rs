//! A description from its file to what is done by it, through the manager, with a tool that keeps a state.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use environments::described::{Described, Description};
use environments::plan::Created;
use environments::{
    Act, Choices, EnvironmentEvent, EnvironmentId, EnvironmentSpec, JobEvent, Limit, Manager,
    Provider, ProviderId, Scope, ShellWish, State, Ticket, Values,
};

/// Long, since the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// The tool: boxes with a state each, a file each.
const TOOL: &str = r#"#!/bin/sh
cd "$(dirname "$0")/boxes" || exit 1
case "$1" in
ls) for box in *; do printf '{"id":"%s","state":"%s"}\n' "$box" "$(cat "$box")"; done ;;
wake) echo "waking $2"; echo "still waking $2" >&2; echo UP >"$2" ;;
sleep) echo DOWN >"$2" ;;
drop) rm "$2" ;;
ports) echo '[{"p":3000,"name":"web","url":"https://x.example"},{"p":5432}]' ;;
colors) echo '["red","blue"]' ;;
sizes) [ "$2" != acme/tiny ] || { echo '{"sizes":[{"s":"nano","n":"1 core"}]}'; exit; }
  [ "$2" = acme/pay ] && echo '{"sizes":[{"s":"small","n":"2 cores"},{"s":"large","n":"8 cores"}]}' ;;
new) shift; echo "making $*"; echo UP >"made"; echo made ;;
*) echo "what is $1?" >&2; exit 2 ;;
esac
"#;

const DESCRIPTION: &str = r#"
schema = 1
id = "boxes"
name = "Boxes"
program = "PROGRAM"
[list]
args = ["ls"]
output = "ndjson"
every = "1s"
[list.fields]
id = "id"
state = "state"
[states]
running = ["UP"]
stopped = ["DOWN"]
[shell]
args = ["shell", "{id}", "{command}"]
command = { form = "argv", args = ["--", "{argv}"] }
leaves_process = true
[start]
args = ["wake", "{id}"]
done = "running"
[stop]
args = ["sleep", "{id}"]
done = "stopped"
[discard]
args = ["drop", "{id}"]
done = "absent"
loses = "everything in {name}"
[ports]
args = ["ports", "{id}"]
fields = { remote = "p", label = "name", url = "url" }
[create]
args = ["new", "{repo}", "{size}", "{branch}", "{color}"]
id = "stdout-last-line"
[[create.parameter]]
name = "repo"
label = "Repository"
default = "{git.origin.slug}"
[[create.parameter]]
name = "size"
label = "Size"
choices = { args = ["sizes", "{repo}"], items = "sizes", value = "s", label = "n" }
[[create.parameter]]
name = "color"
choices = { args = ["colors"] }
args = ["--color", "{value}"]
[[create.parameter]]
name = "branch"
label = "Branch"
default = "{git.branch}"
args = ["--branch", "{value}"]
"#;

/// The tool in a folder of its own, with a box that runs and one that does not.
fn boxes(folder: &Path) -> Described {
    let program = folder.join("boxes-tool");
    fs::write(&program, TOOL).expect("it can be written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
    fs::create_dir(folder.join("boxes")).expect("it can be made");
    for (name, state) in [("awake", "UP"), ("asleep", "DOWN")] {
        fs::write(folder.join("boxes").join(name), state).expect("it can be written");
    }
    let text = DESCRIPTION.replace("PROGRAM", &program.to_string_lossy());
    let description = Description::parse(&text).expect("it is right");
    Described::new(description, &BTreeMap::new())
}

fn id(name: &str) -> EnvironmentId {
    EnvironmentId::new(&ProviderId::new("boxes"), name)
}

fn started(folder: &Path) -> (Manager, Receiver<EnvironmentEvent>) {
    let (tell, events) = channel();
    let tell = Mutex::new(tell);
    let manager = Manager::start(vec![Arc::new(boxes(folder))], move |event| {
        let _ = tell.lock().expect("nobody panicked").send(event);
    });
    (manager.expect("a thread can be started"), events)
}

/// Waits for what the manager says.
fn wait<T>(
    events: &Receiver<EnvironmentEvent>,
    mut look: impl FnMut(&EnvironmentEvent) -> Option<T>,
) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let event = events.recv_timeout(left).expect("it happens in time");
        if let Some(found) = look(&event) {
            return found;
        }
    }
}

/// The last event of a job.
fn last(events: &Receiver<EnvironmentEvent>, ticket: Ticket) -> JobEvent {
    wait(events, |event| match event {
        EnvironmentEvent::Job(one, event @ (JobEvent::Done(_) | JobEvent::Opened(_)))
            if *one == ticket =>
        {
            Some(event.clone())
        }
        _ => None,
    })
}

fn until(
    manager: &Manager,
    events: &Receiver<EnvironmentEvent>,
    name: &str,
    expected: Option<State>,
) {
    let is_so = || {
        let state = manager.snapshot().find(&id(name)).map(|env| env.state);
        state.filter(|state| *state != State::Absent) == expected
    };
    if !is_so() {
        wait(events, |_| is_so().then_some(()));
    }
}

#[test]
fn a_stopped_box_is_started_before_its_shell_is_opened() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (manager, events) = started(folder.path());
    manager.refresh(None);
    until(&manager, &events, "asleep", Some(State::Stopped));
    let ticket = manager.open(id("asleep"), ShellWish::default());
    let JobEvent::Opened(opened) = last(&events, ticket) else {
        panic!("it is not opened");
    };
    assert_eq!(opened.env.state, State::Ready);
    let arguments: Vec<_> = opened
        .plan
        .command
        .arguments()
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    assert_eq!(arguments[..3], ["shell", "asleep", "--"]);
    // It is marked over there, and closing the pane ends what has the mark.
    let cleanup = opened
        .plan
        .leaves_process
        .expect("it outlives its pane")
        .call
        .to_string();
    let session = arguments
        .iter()
        .find_map(|word| word.strip_prefix("TERRACE_SESSION="));
    assert!(cleanup.ends_with(session.expect("it has one")), "{cleanup}");
    let lines = manager.take_lines(ticket);
    for said in ["waking asleep", "still waking asleep"] {
        assert!(lines.iter().any(|line| line == said), "{lines:?}");
    }
    assert!(manager.close(PATIENCE));
}

#[test]
fn boxes_are_stopped_and_discarded() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (manager, events) = started(folder.path());
    manager.refresh(None);
    until(&manager, &events, "awake", Some(State::Ready));
    let plan = manager
        .plan(&id("awake"), &Act::Discard)
        .expect("it can be");
    assert_eq!(plan.loses.as_deref(), Some("everything in awake"));
    for (act, expected) in [(Act::Stop, Some(State::Stopped)), (Act::Discard, None)] {
        let ticket = manager.act(id("awake"), act);
        assert!(matches!(last(&events, ticket), JobEvent::Done(Ok(_))));
        until(&manager, &events, "awake", expected);
    }
    assert!(!folder.path().join("boxes/awake").exists());
    assert!(manager.close(PATIENCE));
}

#[test]
fn ports_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (manager, events) = started(folder.path());
    let ticket = manager.ports(id("awake"));
    let JobEvent::Done(Ok(finished)) = last(&events, ticket) else {
        panic!("there are no ports");
    };
    let expected = [("3000", "web  https://x.example"), ("5432", "5432")];
    let expected = expected.map(|(port, label)| (port.to_owned(), label.to_owned()));
    assert_eq!(
        finished.parameters[0].choices,
        Choices::Fixed(expected.to_vec())
    );
    assert!(manager.close(PATIENCE));
}

#[test]
fn a_creation_begins_with_what_the_folder_says() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let provider = boxes(folder.path());
    let git = folder.path().join("work/.git");
    fs::create_dir_all(&git).expect("it can be made");
    fs::write(git.join("HEAD"), "ref: refs/heads/feature\n").expect("it can be written");
    let config = "[remote \"origin\"]\n\turl = https://github.com/acme/pay.git\n";
    fs::write(git.join("config"), config).expect("it can be written");
    let scope = Scope {
        folders: vec![folder.path().join("work")],
        ..Scope::default()
    };
    let limit = Limit::within(PATIENCE);
    let parameters = provider
        .parameters(&scope, &Values::new(), &limit)
        .expect("they are known");
    let defaults: Vec<(&str, &str, bool)> = parameters
        .iter()
        .map(|one| (one.name.as_str(), one.default.as_str(), one.optional))
        .collect();
    assert_eq!(
        defaults,
        [
            ("repo", "acme/pay", false),
            ("size", "", false),
            ("color", "", true),
            ("branch", "feature", true)
        ]
    );
    let Choices::Fixed(sizes) = &parameters[1].choices else {
        panic!("nothing can be chosen");
    };
    assert_eq!(sizes[1], ("large".to_owned(), "8 cores".to_owned()));
    let colors = ["red", "blue"].map(|one| (one.to_owned(), one.to_owned()));
    assert_eq!(parameters[2].choices, Choices::Fixed(colors.to_vec()));
    assert_eq!(parameters[1].follows, ["repo"]);
    // What can be chosen follows what was given before it.
    let known = [("repo".to_owned(), "acme/tiny".to_owned())];
    let parameters = provider.parameters(&scope, &known.into(), &limit);
    let sizes = parameters.expect("they are known")[1].choices.clone();
    assert_eq!(
        sizes,
        Choices::Fixed(vec![("nano".to_owned(), "1 core".to_owned())])
    );
    let create = |values: &[(&str, &str)]| {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        provider.create(&values.collect())
    };
    let plan = create(&[("repo", "acme/pay"), ("size", "large")]).expect("a plan");
    let arguments: Vec<_> = plan.steps[0]
        .arguments()
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    assert_eq!(arguments, ["new", "acme/pay", "large"]);
    assert_eq!(plan.creates, Created::LastLine);
    let full = create(&[("repo", "a/b"), ("size", "s"), ("branch", "x y")]).expect("a plan");
    assert!(
        full.steps[0]
            .to_string()
            .ends_with("new a/b s --branch 'x y'")
    );
    let missing = create(&[("size", "large")]).expect_err("the repository is missing");
    assert_eq!(missing.to_string(), "Repository is empty");
    let option = create(&[("repo", "--help"), ("size", "s")]).expect_err("it is an option");
    assert_eq!(option.kind(), "refused");
}

#[test]
fn a_box_is_created_and_named() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (manager, events) = started(folder.path());
    let values = [("repo", "a/b"), ("size", "small")];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let ticket = manager.create(ProviderId::new("boxes"), values.into_iter().collect());
    let JobEvent::Done(Ok(finished)) = last(&events, ticket) else {
        panic!("it is not created");
    };
    assert_eq!(finished.created, Some(id("made")));
    assert!(manager.close(PATIENCE));
}

#[test]
fn a_shell_is_integrated_where_a_command_gets_a_terminal() {
    let plain = DESCRIPTION.replace("PROGRAM", "/bin/echo");
    let text = plain.replace("[shell]\n", "[shell]\nintegrate = true\n");
    let provider = |text: &str| {
        let description = Description::parse(text).expect("it is right");
        Described::new(description, &BTreeMap::new())
    };
    let env = EnvironmentSpec::new(id("one"), "one");
    let wish = ShellWish {
        integrate: true,
        folder: Some("/srv".into()),
        ..ShellWish::default()
    };
    let plan = provider(&text).shell(&env, &wish).expect("a plan");
    let words: Vec<String> = plan
        .command
        .arguments()
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    assert!(plan.command.expected_shell().is_some());
    assert_eq!(words[..4], ["shell", "one", "--", "env"], "{words:?}");
    assert!(
        words.iter().any(|word| word.contains("base64 -d")),
        "{words:?}"
    );
    // Not where the description does not say so, and not when it is not wished for.
    let plan = provider(&plain).shell(&env, &wish).expect("a plan");
    assert!(plan.command.expected_shell().is_none());
    let plan = provider(&text).shell(&env, &ShellWish::default());
    assert!(plan.expect("a plan").command.expected_shell().is_none());
    // What a person would type has nothing of ours.
    let call = provider(&text).connection(&env).expect("a command");
    assert_eq!(call.to_string(), "/bin/echo shell one");
}

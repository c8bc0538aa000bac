use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{Receiver, unbounded};

use super::{EnvironmentEvent, JobEvent, Manager, NotFound, Ticket};
use crate::failure::Failure;
use crate::plan::{Act, Done, Lasting, Plan, ShellPlan, ShellWish};
use crate::provider::{Abilities, Pace, Provider};
use crate::spec::{EnvironmentId, EnvironmentSpec, Listing, ProviderId, Scope};
use crate::state::State;
use crate::tool::{self, Limit, ToolCall};

const DEADLINE: Duration = Duration::from_secs(60);

/// A provider whose list is what a script prints, a name and a state a line.
struct Fake {
    id: ProviderId,
    script: String,
    timeout: Duration,
}

impl Fake {
    fn provider(id: &str, script: impl Into<String>) -> Arc<dyn Provider> {
        Arc::new(Self {
            id: ProviderId::new(id),
            script: script.into(),
            timeout: Duration::from_secs(30),
        })
    }
}

fn sh(script: &str) -> ToolCall {
    ToolCall::new("sh").args(["-c", script])
}

impl Provider for Fake {
    fn id(&self) -> &ProviderId {
        &self.id
    }
    fn title(&self) -> String {
        self.id.to_string()
    }
    fn abilities(&self) -> Abilities {
        Abilities::SHELL | Abilities::START
    }
    fn pace(&self) -> Pace {
        Pace {
            timeout: self.timeout,
            every: Duration::from_secs(3600),
        }
    }
    fn list(&self, _: &Scope, limit: &Limit) -> Result<Listing, Failure> {
        let output = tool::run_ok(&sh(&self.script), limit, &[])?;
        let text = output.stdout_text();
        let items = text.lines().filter_map(|line| {
            let (name, state) = line.split_once(' ')?;
            let id = EnvironmentId::new(&self.id, name);
            let mut item = EnvironmentSpec::new(id, name);
            state.clone_into(&mut item.raw_state);
            item.state = State::from_name(state).unwrap_or_default();
            item.can |= Abilities::START;
            Some(item)
        });
        Ok(Listing {
            items: items.collect(),
            truncated: false,
        })
    }
    fn shell(&self, env: &EnvironmentSpec, _: &ShellWish) -> Result<ShellPlan, Failure> {
        Ok(ShellPlan::new(
            pty::Command::new("shell").arg(&env.raw_state),
        ))
    }
    fn plan(&self, env: &EnvironmentSpec, act: &Act) -> Result<Plan, Failure> {
        let name = &env.name;
        Ok(match act {
            Act::Start => Plan {
                done: Done::Listed {
                    states: vec![State::Ready],
                    within: DEADLINE,
                },
                ..Plan::one(sh(&format!(
                    "echo pulling; echo '{name} running' > {name}.state"
                )))
            },
            Act::Stop => Plan::one(sh("echo no >&2; exit 3")),
            Act::Forward { local, .. } => Plan {
                lasting: Some(Lasting::Relay {
                    local: *local,
                    call: ToolCall::new("cat"),
                }),
                ..Plan::default()
            },
            _ => return Err(Failure::Unsupported("no".into())),
        })
    }
    fn watch(&self, _: &Scope) -> Option<ToolCall> {
        match self.id.as_str() {
            "watched" => Some(sh("echo change; sleep 1000")),
            "busy" => Some(sh("while :; do echo change; sleep 0.01; done")),
            _ => None,
        }
    }
}

struct Setup {
    manager: Manager,
    events: Receiver<EnvironmentEvent>,
}

fn setup(providers: Vec<Arc<dyn Provider>>) -> Setup {
    let (tell, events) = unbounded();
    let manager = Manager::start(providers, move |event| drop(tell.send(event))).expect("a thread");
    Setup { manager, events }
}

impl Setup {
    #[track_caller]
    fn wait_for(&self, what: &str, mut is_it: impl FnMut(&Manager) -> bool) {
        while !is_it(&self.manager) {
            self.events
                .recv_timeout(DEADLINE)
                .unwrap_or_else(|_| panic!("waiting for {what}"));
        }
    }

    #[track_caller]
    fn job(&self, ticket: Ticket) -> JobEvent {
        loop {
            match self.events.recv_timeout(DEADLINE).expect("the job goes on") {
                EnvironmentEvent::Job(one, event)
                    if one == ticket && !matches!(event, JobEvent::Progress) =>
                {
                    return event;
                }
                _ => {}
            }
        }
    }
}

fn states(manager: &Manager) -> Vec<(String, State)> {
    manager
        .snapshot()
        .iter()
        .map(|item| (item.name.clone(), item.state))
        .collect()
}

#[test]
fn a_provider_that_hangs_costs_only_its_own_line() {
    let hanging = Arc::new(Fake {
        id: ProviderId::new("hangs"),
        script: "sleep 1000".into(),
        timeout: Duration::from_millis(500),
    });
    let setup = setup(vec![
        hanging,
        Fake::provider("good", "echo 'web running'"),
        Fake::provider("nonsense", "echo oops >&2; exit 1"),
        Fake::provider("missing", "exec terrace-no-such-tool"),
    ]);
    setup.manager.refresh(None);
    setup.wait_for("the good one", |manager| {
        states(manager) == [("web".to_owned(), State::Ready)]
    });
    setup.wait_for("the hanging one", |manager| {
        let failure = manager.snapshot().providers[0].failure.clone();
        matches!(failure, Some(Failure::Slow(_)))
    });
    setup.wait_for("all answers", |manager| {
        manager
            .snapshot()
            .providers
            .iter()
            .all(|provider| !provider.asking)
    });
    let snapshot = setup.manager.snapshot();
    assert_eq!(
        snapshot.providers[2].failure,
        Some(Failure::Other("oops".into()))
    );
    assert!(setup.manager.close(DEADLINE));
}

#[test]
fn the_last_good_list_stays_and_is_marked() {
    let folder = tempfile::tempdir().expect("a folder");
    let flag = folder.path().join("flag");
    let script = format!(
        "test ! -e {flag} && echo 'web running'",
        flag = flag.display()
    );
    let setup = setup(vec![Fake::provider("docker", script)]);
    setup.manager.refresh(None);
    setup.wait_for("the list", |manager| manager.snapshot().iter().count() == 1);
    std::fs::write(&flag, "").expect("writable");
    setup.manager.refresh(Some(ProviderId::new("docker")));
    setup.wait_for("the failure", |manager| {
        manager.snapshot().providers[0].is_stale()
    });
    assert_eq!(setup.manager.snapshot().iter().count(), 1);
}

#[test]
fn a_stopped_one_is_started_before_its_shell() {
    check_started_before_its_shell(true);
}

/// It was created a moment ago, or another program named it.
#[test]
fn a_stopped_one_that_was_never_listed_is_started_too() {
    check_started_before_its_shell(false);
}

#[track_caller]
fn check_started_before_its_shell(is_listed: bool) {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("web.state");
    std::fs::write(&state, "web stopped\n").expect("writable");
    let script = format!("cat {}", state.display());
    let id = ProviderId::new("fake");
    let fake = Fake {
        id: id.clone(),
        script,
        timeout: DEADLINE,
    };
    // Its start writes beside the list.
    struct Beside(Fake, std::path::PathBuf);
    impl Provider for Beside {
        fn id(&self) -> &ProviderId {
            self.0.id()
        }
        fn title(&self) -> String {
            self.0.title()
        }
        fn abilities(&self) -> Abilities {
            self.0.abilities()
        }
        fn list(&self, scope: &Scope, limit: &Limit) -> Result<Listing, Failure> {
            self.0.list(scope, limit)
        }
        fn shell(&self, env: &EnvironmentSpec, wish: &ShellWish) -> Result<ShellPlan, Failure> {
            self.0.shell(env, wish)
        }
        fn plan(&self, env: &EnvironmentSpec, act: &Act) -> Result<Plan, Failure> {
            let mut plan = self.0.plan(env, act)?;
            plan.steps = plan
                .steps
                .into_iter()
                .map(|step| step.folder(&self.1))
                .collect();
            Ok(plan)
        }
    }
    let setup = setup(vec![Arc::new(Beside(fake, folder.path().to_owned()))]);
    if is_listed {
        setup.manager.refresh(None);
        setup.wait_for("the list", |manager| {
            states(manager) == [("web".to_owned(), State::Stopped)]
        });
    }
    let ticket = setup
        .manager
        .open(EnvironmentId::new(&id, "web"), ShellWish::default());
    let JobEvent::Opened(opened) = setup.job(ticket) else {
        panic!("not opened");
    };
    assert_eq!(opened.env.state, State::Ready);
    assert_eq!(opened.plan.command.arguments(), ["running"]);
    let lines = setup.manager.take_lines(ticket);
    assert_eq!(lines, ["Starting web …", "pulling"]);
}

#[test]
fn a_step_that_fails_says_why() {
    let setup = setup(vec![Fake::provider("fake", "echo 'web running'")]);
    let id: EnvironmentId = "fake:web".parse().expect("an id");
    let ticket = setup.manager.act(id.clone(), Act::Stop);
    let JobEvent::Done(done) = setup.job(ticket) else {
        panic!("not done");
    };
    assert_eq!(done, Err(Failure::Other("no".into())));
    let ticket = setup
        .manager
        .act("nobody:web".parse().expect("an id"), Act::Stop);
    let JobEvent::Done(Err(failure)) = setup.job(ticket) else {
        panic!("not done");
    };
    assert_eq!(failure.kind(), "unsupported");
    let ticket = setup.manager.act(id, Act::Discard);
    assert!(matches!(
        setup.job(ticket),
        JobEvent::Done(Err(Failure::Unsupported(_)))
    ));
}

#[test]
fn a_relay_gives_each_connection_a_tool_and_ends_when_called_off() {
    use std::io::{Read, Write};
    let setup = setup(vec![Fake::provider("fake", "echo 'web running'")]);
    let probe = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let local = probe.local_addr().expect("an address").port();
    drop(probe);
    let id: EnvironmentId = "fake:web".parse().expect("an id");
    let ticket = setup.manager.act(id, Act::Forward { remote: 80, local });
    let JobEvent::Ready { port, .. } = setup.job(ticket) else {
        panic!("not ready");
    };
    assert_eq!(port, Some(local));
    for _ in 0..3 {
        let mut connection =
            std::net::TcpStream::connect(("127.0.0.1", local)).expect("it accepts");
        connection.write_all(b"echo\n").expect("writable");
        let mut answer = [0; 5];
        connection.read_exact(&mut answer).expect("it answers");
        assert_eq!(&answer, b"echo\n");
    }
    setup.wait_for("the forward in the snapshot", |manager| {
        manager
            .snapshot()
            .jobs
            .iter()
            .any(|job| job.forward == Some((local, 80)))
    });
    setup.manager.cancel(ticket);
    assert!(matches!(
        setup.job(ticket),
        JobEvent::Done(Err(Failure::Cancelled))
    ));
    setup.wait_for("its end", |manager| manager.snapshot().jobs.is_empty());
    assert!(std::net::TcpStream::connect(("127.0.0.1", local)).is_err());
}

#[test]
fn a_watching_process_makes_the_list_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let script = format!("echo >> {log}; echo 'web running'", log = log.display());
    let setup = setup(vec![Fake::provider("watched", script)]);
    setup.manager.watch(true);
    setup.wait_for("a second listing", |_| {
        std::fs::read(&log).is_ok_and(|log| log.len() >= 2)
    });
    assert!(setup.manager.close(DEADLINE));
}

/// A busy cluster tells of changes all the time.
#[test]
fn a_list_that_changes_all_the_time_is_not_asked_for_all_the_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let script = format!(
        "sleep 0.1; echo >> {log}; echo 'web running'",
        log = log.display()
    );
    let setup = setup(vec![Fake::provider("busy", script)]);
    let began = std::time::Instant::now();
    setup.manager.watch(true);
    setup.wait_for("the fourth listing", |_| {
        std::fs::read(&log).is_ok_and(|log| log.len() >= 4)
    });
    // Between two of them is five times what one takes.
    let least = Duration::from_millis(3 * (100 + 500));
    assert!(began.elapsed() >= least, "{:?}", began.elapsed());
    assert!(setup.manager.close(DEADLINE));
}

/// What is the same stays the same: who shows it need not look again.
#[test]
fn an_answer_that_is_the_same_leaves_the_list() {
    let setup = setup(vec![Fake::provider("docker", "echo 'web running'")]);
    let asked = |after: Option<std::time::SystemTime>| {
        setup.manager.refresh(None);
        setup.wait_for("an answer", |manager| {
            let provider = &manager.snapshot().providers[0];
            !provider.asking && provider.asked_at > after
        });
        setup.manager.snapshot().providers[0].clone()
    };
    let first = asked(None);
    let second = asked(first.asked_at);
    assert!(Arc::ptr_eq(&first.items, &second.items));
}

#[test]
fn names_find_environments() {
    let setup = setup(vec![
        Fake::provider("a", "echo 'web running'; echo 'db running'"),
        Fake::provider("b", "echo 'web running'"),
    ]);
    setup.manager.refresh(None);
    setup.wait_for("the lists", |manager| {
        manager.snapshot().iter().count() == 3
    });
    let snapshot = setup.manager.snapshot();
    assert_eq!(
        snapshot.by_name("db").map(|item| item.id.to_string()),
        Ok("a:db".into())
    );
    assert_eq!(
        snapshot.by_name("b:web").map(|item| item.id.to_string()),
        Ok("b:web".into())
    );
    let several = snapshot.by_name("web").map_err(|error| error.to_string());
    assert_eq!(several, Err("\"web\" is ambiguous: a:web, b:web".into()));
    assert_eq!(
        snapshot.by_name("dbb"),
        Err(NotFound::Nobody {
            name: "dbb".into(),
            near: Some("db".into())
        })
    );
}

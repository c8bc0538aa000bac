//! Pods by the real kubectl, on a stand-in for the API server.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use environments::kinds::Kubernetes;
use environments::plan::Act;
use environments::{
    Abilities, EnvironmentEvent, EnvironmentId, EnvironmentSpec, JobEvent, Listing, Manager,
    Provider, Scope, ShellWish, State,
};
use tests::environments::{
    DEADLINE, Driver, KubernetesApi, inside, limit, measured, run_in, run_plan, wait_until,
};

fn list(provider: &Kubernetes) -> Listing {
    provider.list(&Scope::default(), &limit()).expect("a list")
}

fn find(provider: &Kubernetes, id: &str) -> EnvironmentSpec {
    let items = list(provider).items;
    items
        .into_iter()
        .find(|item| item.id.local == id)
        .expect(id)
}

fn with_api(test: &str, more_pods: usize, body: impl FnOnce()) {
    // The inner process has the variables already.
    if std::env::var_os("TERRACE_TEST_INNER").is_some() {
        return inside(test, &[], body);
    }
    let Some(api) = KubernetesApi::start(test, more_pods) else {
        return;
    };
    inside(test, &api.variables(), body);
}

#[test]
fn pods_are_listed_with_their_true_states() {
    with_api("pods_are_listed_with_their_true_states", 0, || {
        let items = list(&Kubernetes::new(Vec::new())).items;
        let of = |id: &str| {
            let item = items.iter().find(|item| item.id.local == id);
            item.map(|item| (item.name.clone(), item.state, item.reason.clone()))
        };
        assert_eq!(
            of("lab/default/web/app"),
            Some(("web".into(), State::Ready, None))
        );
        assert_eq!(
            of("lab/default/crash/app"),
            Some((
                "crash".into(),
                State::Failed,
                Some("CrashLoopBackOff".into())
            ))
        );
        assert_eq!(
            of("lab/default/pending/app"),
            Some((
                "pending".into(),
                State::Starting,
                Some("ContainerCreating".into())
            ))
        );
        assert_eq!(
            of("lab/default/two/sidecar").map(|one| one.0),
            Some("two/sidecar".into())
        );
        assert_eq!(
            of("lab/other/web2/app").map(|one| one.0),
            Some("web2".into())
        );
        // A context that is not looked into is there, and cannot be entered.
        assert_eq!(of("gone"), Some(("gone".into(), State::Unknown, None)));
        // One that does not answer costs its own line.
        let items = list(&Kubernetes::new(vec!["*".into()])).items;
        let gone = items
            .iter()
            .find(|item| item.name == "gone")
            .expect("the context");
        assert_eq!(
            (gone.state, gone.raw_state.as_str()),
            (State::Failed, "down")
        );
        assert!(items.len() > 5);
    });
}

#[test]
fn a_shell_in_a_pod_has_its_size_and_its_terminal_and_is_ended_with_its_pane() {
    with_api(
        "a_shell_in_a_pod_has_its_size_and_its_terminal_and_is_ended_with_its_pane",
        0,
        || {
            let provider = Kubernetes::new(Vec::new());
            let env = find(&provider, "lab/default/web/app");
            let wish = ShellWish {
                folder: Some("/usr".into()),
                command: vec![OsString::from("sh")],
                ..ShellWish::default()
            };
            let shell = Driver::open(&provider, &env, &wish);
            shell.send("echo \"<$PWD|$TERM|$COLORTERM|$(stty size)>\"\r");
            shell.wait_for("</usr|xterm-256color|truecolor|30 90>");
            shell.resize(70, 20);
            shell.send("until [ \"$(stty size)\" = '20 70' ]; do :; done; echo resi''zed\r");
            shell.wait_for("resized");
            shell.send("exit 7\r");
            let (status, _) = shell.end();
            assert_eq!(status.map(pty::ExitStatus::shell_code), Some(7));

            let shell = Driver::open(&provider, &env, &wish);
            shell.send("echo p''id=$$.; exec sleep 1000\r");
            shell.wait_for("pid=");
            let text = shell.wait_for(".");
            let pid = text
                .trim_end_matches('.')
                .rsplit(['=', '\n'])
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned();
            let running = || {
                std::fs::read_to_string(format!("/proc/{pid}/cmdline"))
                    .is_ok_and(|line| line.contains("sleep"))
            };
            wait_until("the far process", running);
            let cleanup = shell.close().expect("a cleanup");
            assert!(running(), "it stays when its client goes");
            let output = environments::tool::run(&cleanup.call, &limit()).expect("it runs");
            assert!(output.status.is_success(), "{output:?}");
            wait_until("its end", || !running());
        },
    );
}

#[test]
fn commands_logs_and_deletion_go_through_kubectl() {
    with_api("commands_logs_and_deletion_go_through_kubectl", 0, || {
        let provider = Kubernetes::new(Vec::new());
        let env = find(&provider, "lab/default/two/sidecar");
        let output = run_in(&provider, &env, &["sh", "-c", "echo out; exit 3"]);
        assert_eq!(
            (output.stdout_text().as_str(), output.status.number()),
            ("out\n", 3)
        );
        let plan = provider
            .plan(&env, &Act::Logs { follow: false })
            .expect("a plan");
        let output = environments::tool::run(&plan.steps[0], &limit()).expect("it runs");
        assert_eq!(
            output.stdout_text(),
            "first line\nsecond line\n",
            "{output:?}"
        );
        let plan = provider.plan(&env, &Act::Discard).expect("a plan");
        run_plan(&provider, &plan);
        assert!(
            !list(&provider)
                .items
                .iter()
                .any(|item| item.name.starts_with("two/"))
        );
    });
}

#[test]
fn two_thousand_pods_are_listed() {
    with_api("two_thousand_pods_are_listed", 2000, || {
        let provider = Kubernetes::new(Vec::new());
        let began = Instant::now();
        let items = list(&provider).items;
        measured(&format!(
            "kubernetes: {} containers of 2,005 pods listed in {} ms",
            items.len(),
            began.elapsed().as_millis()
        ));
        assert!(items.len() > 2000);
    });
}

/// Answers each line with its length, until the client goes.
fn tell_lengths(mut client: &TcpStream) {
    let mut lines = BufReader::new(client);
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
        let answer = format!("{}\n", line.trim_end().len());
        let _ = client.write_all(answer.as_bytes());
        line.clear();
    }
}

#[test]
fn a_port_of_a_pod_is_forwarded_until_it_is_called_off() {
    with_api(
        "a_port_of_a_pod_is_forwarded_until_it_is_called_off",
        0,
        || {
            let (tell, events) = crossbeam::channel::unbounded();
            let provider: Arc<dyn Provider> = Arc::new(Kubernetes::new(Vec::new()));
            let manager = Manager::start(vec![provider], move |event| drop(tell.send(event)));
            let manager = manager.expect("a thread");
            let far = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
            let remote = far.local_addr().expect("an address").port();
            std::thread::spawn(move || {
                for client in far.incoming().flatten() {
                    std::thread::spawn(move || tell_lengths(&client));
                }
            });
            let probe = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
            let local = probe.local_addr().expect("an address").port();
            drop(probe);
            let id: EnvironmentId = "kubernetes:lab/default/web/app".parse().expect("an id");
            let ticket = manager.act(id, Act::Forward { remote, local });
            loop {
                match events.recv_timeout(DEADLINE).expect("it goes on") {
                    EnvironmentEvent::Job(one, JobEvent::Ready { port, .. }) if one == ticket => {
                        assert_eq!(port, Some(local));
                        break;
                    }
                    EnvironmentEvent::Job(one, JobEvent::Done(done)) if one == ticket => {
                        panic!("{done:?}")
                    }
                    _ => {}
                }
            }
            // Two at a time, the second while the first is open.
            let open = || TcpStream::connect(("127.0.0.1", local)).expect("it accepts");
            let ask = |connection: &TcpStream, text: &str| {
                let mut connection = connection;
                connection.write_all(text.as_bytes()).expect("it takes it");
                let mut answer = String::new();
                BufReader::new(connection)
                    .read_line(&mut answer)
                    .expect("an answer");
                answer
            };
            let (first, second) = (open(), open());
            assert_eq!(ask(&first, "hello\n"), "5\n");
            let long = "x".repeat(100_000) + "\n";
            assert_eq!(ask(&second, &long), "100000\n");
            assert_eq!(ask(&first, "still\n"), "5\n");
            drop((first, second));
            manager.cancel(ticket);
            wait_until("its end", || {
                TcpStream::connect(("127.0.0.1", local)).is_err()
            });
            assert!(manager.close(DEADLINE));
        },
    );
}

#[test]
fn a_helper_opens_beside_a_container_without_a_shell() {
    with_api(
        "a_helper_opens_beside_a_container_without_a_shell",
        0,
        || {
            let provider = Kubernetes::new(Vec::new());
            let env = find(&provider, "lab/default/web/app");
            let wish = ShellWish {
                debug_image: Some("busybox:stable".into()),
                ..ShellWish::default()
            };
            let shell = Driver::open(&provider, &env, &wish);
            // kubectl asks that a key be pressed.
            shell.send("\recho \"in\"-$((20+3))\r");
            shell.wait_for("in-23");
            shell.send("exit\r");
            let (status, text) = shell.end();
            assert_eq!(status.map(pty::ExitStatus::shell_code), Some(0), "{text}");
        },
    );
}

#[test]
fn a_context_is_looked_into_when_it_is_wanted() {
    with_api("a_context_is_looked_into_when_it_is_wanted", 0, || {
        let provider = Kubernetes::new(Vec::new());
        let gone = find(&provider, "gone");
        assert!(gone.can.has(Abilities::LOOK));
        let scope = Scope {
            opened: vec![gone.id],
            ..Scope::default()
        };
        let items = provider.list(&scope, &limit()).expect("a list").items;
        let gone = items.iter().find(|item| item.id.local == "gone");
        let gone = gone.expect("it stays, since it does not answer");
        assert_eq!(
            (gone.state, gone.raw_state.as_str()),
            (State::Failed, "down")
        );
    });
}

//! Docker, Podman, Compose, dev containers, Distrobox and Toolbx: the real tools on a real daemon.

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use environments::kinds::{Compose, Containers, DevContainers, Engine};
use environments::plan::{Act, ExitMeaning, Verdict};
use environments::{
    EnvironmentEvent, EnvironmentSpec, JobEvent, Manager, Provider, Scope, ShellWish, State, Values,
};
use tests::environments::{
    Boxes, DEADLINE, Docker, Driver, Podman, check_end, described, inside, limit, measured, run_in,
    run_plan, skip, tools, wait_until,
};
use tests::is_installed;

const WAIT: &str = "exec sleep 100000";

fn find(provider: &dyn Provider, scope: &Scope, name: &str) -> Option<EnvironmentSpec> {
    let listing = provider.list(scope, &limit()).expect("a list");
    listing.items.into_iter().find(|item| item.name == name)
}

#[track_caller]
fn get(provider: &dyn Provider, name: &str) -> EnvironmentSpec {
    find(provider, &Scope::default(), name).expect(name)
}

fn wish(command: &[&str]) -> ShellWish {
    ShellWish {
        command: command.iter().map(OsString::from).collect(),
        term: "xterm-256color".into(),
        ..ShellWish::default()
    }
}

/// Whether a process with these words runs in a container; one that nobody reaped does not.
fn runs(provider: &dyn Provider, env: &EnvironmentSpec, words: &str) -> bool {
    let output = run_in(provider, env, &["ps", "-o", "stat,args"]);
    output
        .stdout_text()
        .lines()
        .any(|line| line.contains(words) && !line.trim_start().starts_with('Z'))
}

/// What every kind of container must do.
fn check_shell(provider: &dyn Provider, env: &EnvironmentSpec) {
    let began = Instant::now();
    let shell = Driver::open(
        provider,
        env,
        &ShellWish {
            folder: Some("/tmp".into()),
            vars: vec![("GREETING".into(), "it's $HOME".into())],
            ..wish(&[])
        },
    );
    // The tool sends the size after the shell's start, so the first look may come too early for it.
    shell.send(
        "until [ \"$(stty size)\" = '30 90' ]; do :; done; \
         echo \"<$PWD|$GREETING|$TERM|$COLORTERM|$(stty size)>\"\r",
    );
    shell.wait_for("</tmp|it's $HOME|xterm-256color|truecolor|30 90>");
    measured(&format!(
        "{}: a shell answers after {} ms",
        env.id.provider,
        began.elapsed().as_millis()
    ));
    shell.send("until [ \"$(stty size)\" = '20 70' ]; do :; done; echo resi''zed\r");
    shell.resize_until(70, 20, "resized");
    // Ctrl-P alone reaches the program, and does not wait for the next key.
    shell.send(
        "stty raw -echo; echo rea''dy; dd bs=1 count=1 2>/dev/null | od -An -tx1; stty sane\r",
    );
    shell.wait_for("ready");
    shell.send("\x10");
    shell.wait_for(" 10");
    shell.send("exit 7\r");
    let (status, _) = shell.end();
    assert_eq!(status.map(pty::ExitStatus::shell_code), Some(7));

    // A closed pane leaves its command running, and the cleanup ends it. Some containers see all processes of the
    // machine, those of other tests among them.
    let sleep = format!("sleep {}", 100_000 + std::process::id());
    let shell = Driver::open(provider, env, &wish(&[]));
    shell.send(&format!("echo rea''dy; {sleep}\r"));
    shell.wait_for("ready");
    wait_until("the command", || runs(provider, env, &sleep));
    let cleanup = shell.close().expect("a cleanup");
    assert!(runs(provider, env, &sleep), "the tool leaves it");
    let output = environments::tool::run(&cleanup.call, &limit()).expect("it runs");
    assert!(output.status.is_success(), "{output:?}");
    wait_until("its end", || !runs(provider, env, &sleep));

    let output = run_in(
        provider,
        env,
        &["sh", "-c", "echo out; echo err >&2; exit 3"],
    );
    assert_eq!(
        (output.stdout_text().as_str(), output.status.number()),
        ("out\n", 3),
        "{output:?}"
    );
}

#[test]
fn docker_containers_are_worked_in() {
    let Some(docker) = Docker::get("docker") else {
        return;
    };
    let _container = docker.container("terrace-test-shell", WAIT);
    let provider = Containers::new(Engine::Docker);
    let env = get(&provider, "terrace-test-shell");
    assert_eq!(
        (env.state, env.raw_state.as_str()),
        (State::Ready, "running")
    );
    check_shell(&provider, &env);
    check_end(&provider, &env, "sleep 4248");
}

#[test]
fn docker_containers_are_started_stopped_and_seen_to_end() {
    let Some(docker) = Docker::get("docker, lives") else {
        return;
    };
    let _container = docker.container("terrace-test-life", "echo begun; exec sleep 100000");
    let provider = Containers::new(Engine::Docker);
    let env = get(&provider, "terrace-test-life");
    let shell = Driver::open(&provider, &env, &wish(&[]));
    shell.send("echo rea''dy\r");
    shell.wait_for("ready");
    run_plan(&provider, &provider.plan(&env, &Act::Stop).expect("a plan"));
    let (status, _) = shell.end();
    let code = status.map(pty::ExitStatus::shell_code);
    assert_eq!(
        ExitMeaning::Container.judge(code, &[]),
        Verdict::Unsure,
        "{code:?}"
    );
    let stopped = get(&provider, "terrace-test-life");
    assert_eq!(stopped.state, State::Stopped);
    run_plan(
        &provider,
        &provider.plan(&stopped, &Act::Start).expect("a plan"),
    );
    assert_eq!(get(&provider, "terrace-test-life").state, State::Ready);
    let plan = provider
        .plan(&env, &Act::Logs { follow: false })
        .expect("a plan");
    let output = environments::tool::run(&plan.steps[0], &limit()).expect("it runs");
    assert_eq!(output.stdout_text(), "begun\nbegun\n");
    run_plan(
        &provider,
        &provider.plan(&env, &Act::Discard).expect("a plan"),
    );
    assert_eq!(
        find(&provider, &Scope::default(), "terrace-test-life"),
        None
    );
}

#[test]
fn a_manager_creates_forwards_and_opens_a_stopped_container() {
    let Some(_docker) = Docker::get("docker, manager") else {
        return;
    };
    let (tell, events) = crossbeam::channel::unbounded();
    let provider = Arc::new(Containers::new(Engine::Docker));
    let manager = Manager::start(vec![provider.clone()], move |event| drop(tell.send(event)))
        .expect("a thread");
    let job = |ticket| loop {
        match events.recv_timeout(DEADLINE).expect("it goes on") {
            EnvironmentEvent::Job(one, JobEvent::Progress) if one == ticket => {}
            EnvironmentEvent::Job(one, event) if one == ticket => return event,
            _ => {}
        }
    };
    let name = format!("terrace-test-made-{}", std::process::id());
    let values: Values = [
        ("image", Docker::IMAGE),
        ("name", name.as_str()),
        ("command", "httpd -f -p 127.0.0.1:8080 -h /etc"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    let JobEvent::Done(done) = job(manager.create(provider.id().clone(), values)) else {
        panic!("not done")
    };
    let id = done.expect("created").created.expect("its id");
    assert_eq!(id.local, name);

    // A port that is published nowhere, and bound to the container's own loopback.
    let probe = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let local = probe.local_addr().expect("an address").port();
    drop(probe);
    let ticket = manager.act(
        id.clone(),
        Act::Forward {
            remote: 8080,
            local,
        },
    );
    let JobEvent::Ready { port, .. } = job(ticket) else {
        panic!("not ready")
    };
    assert_eq!(port, Some(local));
    let mut answer = String::new();
    wait_until("the page", || {
        answer.clear();
        let connection = std::net::TcpStream::connect(("127.0.0.1", local));
        connection.is_ok_and(|mut connection| {
            connection
                .write_all(b"GET /passwd HTTP/1.0\r\n\r\n")
                .is_ok()
                && connection.read_to_string(&mut answer).is_ok()
        }) && answer.contains("root:x:0")
    });
    manager.cancel(ticket);
    assert!(matches!(job(ticket), JobEvent::Done(Err(_))));

    // Stopped, it is started before its shell.
    assert!(matches!(
        job(manager.act(id.clone(), Act::Stop)),
        JobEvent::Done(Ok(_))
    ));
    manager.refresh(None);
    wait_until("it to be stopped", || {
        manager
            .snapshot()
            .find(&id)
            .is_some_and(|env| env.state == State::Stopped)
    });
    let JobEvent::Opened(opened) = job(manager.open(id.clone(), wish(&[]))) else {
        panic!("not opened")
    };
    assert_eq!(opened.env.state, State::Ready);
    let shell = Driver::start(opened.plan);
    shell.send("exit 5\r");
    assert_eq!(shell.end().0.map(pty::ExitStatus::shell_code), Some(5));
    assert!(matches!(
        job(manager.act(id, Act::Discard)),
        JobEvent::Done(Ok(_))
    ));
    assert!(manager.close(DEADLINE));
}

#[test]
fn podman_containers_are_worked_in() {
    const TEST: &str = "podman_containers_are_worked_in";
    let name = "terrace-test-podman";
    if std::env::var_os("TERRACE_TEST_INNER").is_none() {
        let Some(podman) = Podman::start("podman") else {
            return;
        };
        let Some(_container) = podman.container("podman", name) else {
            return;
        };
        return inside(TEST, &podman.variables(), || ());
    }
    inside(TEST, &[], || {
        let provider = Containers::new(Engine::Podman);
        let env = get(&provider, name);
        assert_eq!(env.state, State::Ready);
        check_shell(&provider, &env);
        run_plan(
            &provider,
            &provider.plan(&env, &Act::Discard).expect("a plan"),
        );
        assert_eq!(find(&provider, &Scope::default(), name), None);
    });
}

/// A Compose project that is gone with the test.
struct Project(String);

impl Drop for Project {
    fn drop(&mut self) {
        let words = [
            "compose",
            "--project-name",
            &self.0,
            "down",
            "--timeout",
            "0",
        ];
        let _ =
            environments::tool::run(&environments::ToolCall::new("docker").args(words), &limit());
    }
}

#[test]
fn compose_services_are_started_entered_and_stopped() {
    const TEST: &str = "compose_services_are_started_entered_and_stopped";
    if std::env::var_os("TERRACE_TEST_INNER").is_none() {
        let Some(_docker) = Docker::get("compose") else {
            return;
        };
        return inside(TEST, &Docker::variables(), || ());
    }
    inside(TEST, &[], || {
        let version = environments::ToolCall::new("docker").args(["compose", "version"]);
        if !environments::tool::run(&version, &limit())
            .is_ok_and(|output| output.status.is_success())
        {
            return skip("compose", "docker has no Compose plugin");
        }
        let project = Project(format!("terrace-test-{}", std::process::id()));
        let name = |service: &str| format!("{}/{service}", project.0);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("it exists");
        let text = format!(
            "name: {1}\nservices:\n  web:\n    image: {0}\n    init: true\n    command: sleep 100000\n    network_mode: none\n  db:\n    image: {0}\n    command: sleep 100000\n    network_mode: none\n",
            Docker::IMAGE,
            project.0
        );
        fs::write(path.join("compose.yaml"), text).expect("writable");
        let scope = Scope {
            folders: vec![path],
            ..Scope::default()
        };
        let provider = Compose::new();
        let get = |name: &str| find(&provider, &scope, name).expect(name);
        let env = get(&name("web"));
        assert_eq!(
            (env.state, env.raw_state.as_str()),
            (State::Absent, "not created")
        );
        run_plan(
            &provider,
            &provider.plan(&env, &Act::Start).expect("a plan"),
        );
        let env = get(&name("web"));
        assert_eq!(env.state, State::Ready);
        assert_eq!(get(&name("db")).raw_state, "not created");
        // It is not listed a second time among the containers.
        assert_eq!(
            find(
                &Containers::new(Engine::Docker),
                &Scope::default(),
                &format!("{}-web-1", project.0)
            ),
            None
        );
        check_shell(&provider, &env);
        run_plan(
            &provider,
            &provider.plan(&env, &Act::Discard).expect("a plan"),
        );
        assert_eq!(get(&name("web")).raw_state, "not created");
    });
}

#[test]
fn dev_containers_are_built_entered_and_discarded() {
    const TEST: &str = "dev_containers_are_built_entered_and_discarded";
    let cli: PathBuf = tools().join("npm/node_modules/.bin");
    if std::env::var_os("TERRACE_TEST_INNER").is_none() {
        if !cli.join("devcontainer").exists() && !is_installed("devcontainer") {
            return skip(
                "dev containers",
                "the devcontainer CLI could not be had from npm",
            );
        }
        let Some(_docker) = Docker::get("dev containers") else {
            return;
        };
        let mut variables = Docker::variables();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain([cli]);
        variables.push(("PATH", std::env::join_paths(folders).expect("paths")));
        return inside(TEST, &variables, || ());
    }
    inside(TEST, &[], || {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("it exists");
        fs::create_dir(path.join(".devcontainer")).expect("writable");
        let config = path.join(".devcontainer/devcontainer.json");
        let text = format!(
            "{{ // what the project wants\n \"name\": \"Shop\", \"image\": \"{}\", \"init\": true, \"remoteUser\": \"dev\",\n \"remoteEnv\": {{\"SHOP\": \"open\"}}, }}",
            Docker::IMAGE
        );
        fs::write(&config, &text).expect("writable");
        fs::write(path.join("here"), "").expect("writable");
        let scope = Scope {
            folders: vec![path.clone()],
            ..Scope::default()
        };
        let provider = DevContainers::new();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let get = || find(&provider, &scope, &name).expect("listed");
        let env = get();
        assert_eq!(
            (env.state, env.raw_state.as_str()),
            (State::Absent, "not created")
        );
        let began = Instant::now();
        run_plan(
            &provider,
            &provider.plan(&env, &Act::Start).expect("a plan"),
        );
        measured(&format!(
            "devcontainer: up after {} ms",
            began.elapsed().as_millis()
        ));
        let env = provider.prepare(&get(), &limit()).expect("prepared");
        assert_eq!(env.state, State::Ready);
        assert_eq!(env.fact("user"), "dev");
        let shell = Driver::open(&provider, &env, &wish(&[]));
        shell.send("echo \"<$(id -un)|$SHOP|$PWD|$(ls)>\"\r");
        shell.wait_for(&format!("<dev|open|/workspaces/{name}|here>"));
        shell.send("exit\r");
        shell.end();
        check_shell(&provider, &env);
        run_plan(
            &provider,
            &provider.plan(&env, &Act::Discard).expect("a plan"),
        );
        assert_eq!(get().raw_state, "not created");

        // What the CLI says of a failure is its reason.
        fs::write(&config, "{\"image\": \"terrace-test/no-such-image:1\"}").expect("writable");
        let plan = provider.plan(&get(), &Act::Start).expect("a plan");
        let output = environments::tool::run(&plan.steps[0], &limit()).expect("it runs");
        let failure = provider.classify(&output);
        assert!(
            failure.to_string().contains("terrace-test/no-such-image"),
            "{failure} {output:?}"
        );
    });
}

/// A container of a tool that keeps its own on podman, from its making to its end.
fn check_box(kind: &str, name: &'static str) {
    let provider = described(kind, &[]);
    let scope = Scope::default();
    assert_eq!(find(&provider, &scope, name), None);
    let values: Values = [("name", name), ("image", Boxes::IMAGE)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    run_plan(&provider, &provider.create(&values).expect("a plan"));
    let env = get(&provider, name);
    assert_eq!(env.state, State::Stopped, "{}", env.raw_state);
    // It is not listed a second time among podman's.
    assert_eq!(find(&Containers::new(Engine::Podman), &scope, name), None);

    // A shell starts it, and tells its prompts.
    let integrated = ShellWish {
        integrate: true,
        ..wish(&[])
    };
    let shell = Driver::open(&provider, &env, &integrated);
    shell.wait_for("\x1b]133;B");
    shell.send("exit 5\r");
    let (status, said) = shell.end();
    assert_eq!(status.map(pty::ExitStatus::shell_code), Some(5), "{said}");
    let env = get(&provider, name);
    assert_eq!(env.state, State::Ready, "{}", env.raw_state);
    check_shell(&provider, &env);

    run_plan(&provider, &provider.plan(&env, &Act::Stop).expect("a plan"));
    assert_eq!(get(&provider, name).state, State::Stopped);
    let plan = provider.plan(&env, &Act::Discard).expect("a plan");
    run_plan(&provider, &plan);
    assert_eq!(find(&provider, &scope, name), None);

    // What is said of one that is gone.
    let plan = provider.plan(&env, &Act::Stop).expect("a plan");
    let output = environments::tool::run(&plan.steps[0], &limit()).expect("it runs");
    let failure = provider.classify(&output);
    assert_eq!(
        failure.to_string(),
        format!("{name} is not there any more"),
        "{output:?}"
    );
}

#[test]
fn distrobox_containers_are_made_entered_and_discarded() {
    const TEST: &str = "distrobox_containers_are_made_entered_and_discarded";
    const NAME: &str = "terrace-test-distrobox";
    if std::env::var_os("TERRACE_TEST_INNER").is_none() {
        let Some(boxes) = Boxes::start("distrobox", "distrobox", NAME) else {
            return;
        };
        return inside(TEST, &boxes.variables(), || ());
    }
    inside(TEST, &[], || check_box("distrobox", NAME));
}

#[test]
fn toolbx_containers_are_made_entered_and_discarded() {
    const TEST: &str = "toolbx_containers_are_made_entered_and_discarded";
    const NAME: &str = "terrace-test-toolbox";
    if std::env::var_os("TERRACE_TEST_INNER").is_none() {
        let Some(boxes) = Boxes::start("toolbx", "toolbox", NAME) else {
            return;
        };
        return inside(TEST, &boxes.variables(), || ());
    }
    inside(TEST, &[], || check_box("toolbox", NAME));
}

//! Pods by the real kubectl, on a stand-in for the API server.

use std::ffi::OsString;
use std::time::Instant;

use environments::kinds::Kubernetes;
use environments::plan::Act;
use environments::{EnvironmentSpec, Listing, Provider, Scope, ShellWish, State};
use tests::environments::{
    Driver, KubernetesApi, inside, limit, measured, run_in, run_plan, wait_until,
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

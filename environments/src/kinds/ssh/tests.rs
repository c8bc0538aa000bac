use super::{Ssh, SshOptions, target};
use crate::plan::{Act, Lasting, ShellWish};
use crate::provider::Provider;
use crate::spec::{EnvironmentId, EnvironmentSpec};

fn env(name: &str) -> EnvironmentSpec {
    let id: EnvironmentId = format!("ssh:{name}").parse().expect("an id");
    EnvironmentSpec::new(id, name)
}

#[track_caller]
fn check_shell(env: &EnvironmentSpec, wish: &ShellWish, expected: &[&str]) {
    let plan = Ssh::new(SshOptions::default())
        .shell(env, wish)
        .expect("a plan");
    assert_eq!(plan.command.arguments(), expected);
}

#[test]
fn a_plain_shell_is_plain_ssh() {
    let wish = ShellWish::default();
    check_shell(
        &env("web"),
        &wish,
        &["-o", "SendEnv=COLORTERM", "--", "web"],
    );
    check_shell(
        &env("me@web:2222"),
        &wish,
        &["-o", "SendEnv=COLORTERM", "--", "ssh://me@web:2222"],
    );
}

#[test]
fn the_connection_command_is_what_a_person_would_type() {
    let ssh = Ssh::new(SshOptions::default());
    for (name, expected) in [("lab", "ssh lab"), ("me@web:2222", "ssh ssh://me@web:2222")] {
        let call = ssh.connection(&env(name)).expect("a command");
        assert_eq!(call.to_string(), expected);
    }
}

#[test]
fn a_folder_needs_a_command_unless_the_host_has_its_own() {
    let wish = ShellWish {
        folder: Some("/srv/it's".into()),
        ..ShellWish::default()
    };
    let plan = Ssh::new(SshOptions::default())
        .shell(&env("web"), &wish)
        .expect("a plan");
    let words = plan.command.arguments();
    assert_eq!(&words[2..5], ["-t", "--", "web"]);
    let line = words[5].to_string_lossy();
    assert!(
        line.starts_with("exec env COLORTERM=truecolor sh -c '"),
        "{line}"
    );
    assert!(line.ends_with(r"terrace '/srv/it'\''s'"), "{line}");
    let own = env("web").with_fact("remotecommand", "own");
    check_shell(&own, &wish, &["-o", "SendEnv=COLORTERM", "--", "web"]);
}

#[test]
fn connections_are_shared_unless_the_user_shares_them() {
    let runtime = tempfile::tempdir_in("/tmp").expect("a folder");
    let ssh = Ssh::new(SshOptions {
        runtime: Some(runtime.path().to_owned()),
        ..SshOptions::default()
    });
    let arguments = |env: &EnvironmentSpec| {
        let plan = ssh.shell(env, &ShellWish::default()).expect("a plan");
        let words: Vec<String> = plan
            .command
            .arguments()
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        words.join(" ")
    };
    assert!(arguments(&env("web")).contains("ControlMaster=auto -o ControlPath="));
    assert!(arguments(&env("web")).contains("ServerAliveInterval=15"));
    assert!(!arguments(&env("web").with_fact("shares", "own")).contains("Control"));
    assert!(!arguments(&env("web").with_fact("alive", "own")).contains("ServerAlive"));
}

#[test]
fn nothing_weakens_the_users_ssh() {
    let runtime = tempfile::tempdir_in("/tmp").expect("a folder");
    let ssh = Ssh::new(SshOptions {
        runtime: Some(runtime.path().to_owned()),
        ..SshOptions::default()
    });
    let wish = ShellWish {
        command: vec!["true".into()],
        ..ShellWish::default()
    };
    let shell = ssh
        .shell(&env("web"), &wish)
        .expect("a plan")
        .command
        .arguments()
        .to_vec();
    let run = ssh
        .run(&env("web"), &wish)
        .expect("a call")
        .arguments()
        .to_vec();
    for word in shell.iter().chain(&run) {
        let word = word.to_string_lossy();
        for bad in [
            "StrictHostKeyChecking",
            "UserKnownHostsFile",
            "ForwardAgent",
            "-A",
            "-X",
        ] {
            assert!(!word.starts_with(bad), "{word}");
        }
    }
}

#[test]
fn hostile_names_are_refused() {
    for name in ["-oProxyCommand=sh", "a b", "$(x)", "a;b", ""] {
        assert!(target(name).is_err(), "{name}");
    }
}

#[test]
fn a_forward_uses_the_connection_that_is_there() {
    let ssh = Ssh::new(SshOptions::default());
    let act = Act::Forward {
        remote: 80,
        local: 8080,
    };
    let plan = ssh
        .plan(&env("web").with_fact("connected", "yes"), &act)
        .expect("a plan");
    assert_eq!(
        plan.steps[0].to_string(),
        "ssh -O forward -L 127.0.0.1:8080:127.0.0.1:80 -- web"
    );
    assert!(matches!(plan.lasting, Some(Lasting::Undo(_))));
    let plan = ssh.plan(&env("web"), &act).expect("a plan");
    assert!(matches!(plan.lasting, Some(Lasting::Process { .. })));
}

#[test]
fn what_a_host_cannot_is_said_by_what_was_asked() {
    let ssh = Ssh::new(SshOptions::default());
    let said = |act| {
        let failure = ssh.plan(&env("lab"), &act).expect_err("it cannot");
        failure.to_string()
    };
    assert_eq!(
        said(Act::Logs { follow: false }),
        "ssh shows no log of a host; run what shows it there, such as journalctl"
    );
    assert!(said(Act::Stop).contains("not started, stopped or discarded"));
}

//! Hosts by the real ssh and a real sshd on the loopback.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use environments::kinds::Ssh;
use environments::kinds::ssh::SshOptions;
use environments::plan::{Act, ExitMeaning, Verdict};
use environments::{
    EnvironmentId, EnvironmentSpec, JobEvent, Manager, Provider, Scope, ShellWish, State,
};
use tests::environments::{DEADLINE, Driver, Sshd, limit, measured, run_in, skip, wait_until};

fn provider(config: &Path, runtime: Option<&Path>) -> Ssh {
    Ssh::new(SshOptions {
        config: Some(config.to_owned()),
        runtime: runtime.map(Path::to_owned),
        ..SshOptions::default()
    })
}

fn env(name: &str) -> EnvironmentSpec {
    let id: EnvironmentId = format!("ssh:{name}").parse().expect("an id");
    EnvironmentSpec::new(id, name)
}

/// A server, and a client's configuration that has it as `lab`.
fn lab(test: &str) -> Option<(Sshd, std::path::PathBuf)> {
    let sshd = Sshd::start(test, "")?;
    let config = sshd.file("config");
    fs::write(&config, sshd.host("lab", "")).expect("writable");
    Some((sshd, config))
}

fn runtime() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("t")
        .tempdir_in("/tmp")
        .expect("a folder")
}

/// Ends the shared connection that a test made.
fn end_shared(provider: &Ssh) {
    for call in provider.at_end() {
        let words: Vec<_> = call
            .arguments()
            .iter()
            .map(|word| {
                if word == "stop" {
                    "exit".into()
                } else {
                    word.clone()
                }
            })
            .collect();
        let exit = environments::ToolCall::new(call.program()).args(words);
        let _ = environments::tool::run(&exit, &limit());
    }
}

#[test]
fn a_shell_opens_in_its_folder_with_its_variables_and_its_status_comes_back() {
    let Some((_sshd, config)) = lab("ssh") else {
        return;
    };
    let provider = provider(&config, None);
    let wish = ShellWish {
        folder: Some("/usr".into()),
        vars: vec![("GREETING".into(), "it's $HOME".into())],
        term: "xterm-256color".into(),
        ..ShellWish::default()
    };
    let shell = Driver::open(&provider, &env("lab"), &wish);
    shell.send("echo \"<$PWD|$GREETING|$TERM|$COLORTERM|$(stty size)>\"\r");
    shell.wait_for("</usr|it's $HOME|xterm-256color|truecolor|30 90>");
    shell.resize(70, 20);
    shell.send("until [ \"$(stty size)\" = '20 70' ]; do :; done; echo resi''zed\r");
    shell.wait_for("resized");
    shell.send("exit 7\r");
    let (status, _) = shell.end();
    assert_eq!(status.map(pty::ExitStatus::shell_code), Some(7));

    let output = run_in(
        &provider,
        &env("lab"),
        &["sh", "-c", "echo out; echo err >&2; exit 3", "a b"],
    );
    assert_eq!(
        (
            output.stdout_text().as_str(),
            output.stderr_text().contains("err")
        ),
        ("out\n", true)
    );
    assert_eq!(output.status.number(), 3);
}

#[test]
fn a_second_pane_shares_the_connection_and_opens_at_once() {
    let Some((sshd, config)) = lab("ssh, shared") else {
        return;
    };
    let runtime = runtime();
    let provider = provider(&config, Some(runtime.path()));
    // The shell's own start is the same in all: a short one, so that it does not hide the connection's.
    let wish = ShellWish {
        command: ["sh", "-c", "echo rea''dy; exec sleep 1000"]
            .map(Into::into)
            .to_vec(),
        ..ShellWish::default()
    };
    let open = |what: &str| {
        let began = Instant::now();
        let shell = Driver::open(&provider, &env("lab"), &wish);
        shell.wait_for("ready");
        let took = began.elapsed();
        measured(&format!("ssh: {what} pane {} ms", took.as_millis()));
        (shell, took)
    };
    let (first, _) = open("first");
    let (second, _) = open("second");
    let best_ours = (0..5).map(|_| open("further").1).min().expect("five");
    // What plain ssh takes over the same connection.
    let socket = fs::read_dir(runtime.path().join("ssh"))
        .expect("a folder")
        .flatten()
        .next()
        .expect("a socket");
    let plain = || {
        let began = Instant::now();
        let mut command = pty::Command::new("ssh").arg("-F").arg(&config);
        command = command.args([
            "-S",
            &socket.path().display().to_string(),
            "-t",
            "lab",
            "sh -c 'echo rea\"\"dy; exec sleep 1000'",
        ]);
        let shell = Driver::start(environments::ShellPlan::new(command));
        shell.wait_for("ready");
        began.elapsed()
    };
    let best_plain = (0..5).map(|_| plain()).min().expect("five");
    let more = best_ours.saturating_sub(best_plain);
    measured(&format!(
        "ssh: {} ms more than plain ssh over a live ControlMaster ({} ms)",
        more.as_millis(),
        best_plain.as_millis()
    ));
    assert!(
        more <= Duration::from_millis(150),
        "{more:?} more than plain ssh"
    );

    let listing = provider.list(&Scope::default(), &limit()).expect("a list");
    assert_eq!(listing.items[0].state, State::Ready);
    first.close();
    second.close();
    end_shared(&provider);
    drop(sshd);
}

#[test]
fn a_connection_that_is_killed_is_lost_and_not_ended() {
    let Some((_sshd, config)) = lab("ssh, killed") else {
        return;
    };
    let provider = provider(&config, None);
    let wish = ShellWish::default();
    let plan = provider
        .shell(
            &provider.prepare(&env("lab"), &limit()).expect("prepared"),
            &wish,
        )
        .expect("a plan");
    assert_eq!(plan.exit, ExitMeaning::Ssh);
    let shell = Driver::start(plan);
    shell.send("echo rea''dy\r");
    shell.wait_for("ready");
    // The server's process for this session.
    shell.send("kill -9 $PPID\r");
    let (status, text) = shell.end();
    let tail: Vec<String> = text.lines().map(str::to_owned).collect();
    let verdict = ExitMeaning::Ssh.judge(status.map(pty::ExitStatus::shell_code), &tail);
    assert!(
        matches!(&verdict, Verdict::Lost(why) if why.contains("closed by remote host")),
        "{verdict:?} {text}"
    );
    // A shell that ends with the same status is not lost.
    let shell = Driver::open(&provider, &env("lab"), &wish);
    shell.send("exit 255\r");
    let (status, text) = shell.end();
    let tail: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(
        ExitMeaning::Ssh.judge(status.map(pty::ExitStatus::shell_code), &tail),
        Verdict::Ended
    );
}

#[test]
fn closing_the_pane_ends_what_runs_over_there() {
    let Some((_sshd, config)) = lab("ssh, closed") else {
        return;
    };
    let runtime = runtime();
    let provider = provider(&config, Some(runtime.path()));
    let shell = Driver::open(&provider, &env("lab"), &ShellWish::default());
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
        fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains("sleep"))
    };
    wait_until("the far process", running);
    assert_eq!(shell.close(), None);
    wait_until("its end", || !running());
    end_shared(&provider);
}

#[test]
fn hosts_are_reached_through_others() {
    let Some((inner, _)) = lab("ssh, ProxyJump") else {
        return;
    };
    let Some(outer) = Sshd::start("ssh, ProxyJump", "") else {
        return;
    };
    let config = outer.file("config");
    let text = outer.host("gate", "") + &inner.host("inner", "ProxyJump gate");
    fs::write(&config, text).expect("writable");
    let provider = provider(&config, None);
    let prepared = provider.prepare(&env("inner"), &limit()).expect("prepared");
    assert!(
        prepared
            .detail
            .iter()
            .any(|(label, text)| label == "through" && text == "gate"),
        "{prepared:?}"
    );
    // ProxyJump's own ssh reads the same file only when it is the user's: by -F it is handed on.
    let output = run_in(
        &provider,
        &env("inner"),
        &["sh", "-c", "echo $SSH_CONNECTION"],
    );
    assert!(
        output
            .stdout_text()
            .trim_end()
            .ends_with(&inner.port.to_string()),
        "{output:?}"
    );
}

#[test]
fn questions_are_asked_in_the_pane() {
    let Some((sshd, config)) = lab("ssh, questions") else {
        return;
    };
    let text = sshd.host("new", "").replace("/known_hosts", "/no_hosts");
    fs::write(&config, text).expect("writable");
    let provider = provider(&config, None);
    let shell = Driver::open(&provider, &env("new"), &ShellWish::default());
    shell.wait_for("Are you sure you want to continue connecting");
    shell.send("yes\r");
    shell.send("echo rea''dy\r");
    shell.wait_for("ready");
    assert!(
        fs::read_to_string(sshd.file("no_hosts"))
            .expect("readable")
            .contains("ssh-ed25519")
    );
    // In the background the same is a failure with a remedy, at once.
    fs::write(sshd.file("no_hosts"), "").expect("writable");
    let output = run_in(&provider, &env("new"), &["true"]);
    let failure = provider.classify(&output);
    assert_eq!(failure.kind(), "forbidden", "{failure} {output:?}");
}

#[test]
fn a_password_is_asked_in_the_pane() {
    let user = format!("terrace{}", std::process::id());
    let made = std::process::Command::new("useradd")
        .args([
            "--no-create-home",
            "--home-dir",
            "/tmp",
            "--shell",
            "/bin/sh",
            &user,
        ])
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        return skip("ssh, password", "no account can be made (useradd, as root)");
    }
    struct Account(String);
    impl Drop for Account {
        fn drop(&mut self) {
            let _ = std::process::Command::new("userdel")
                .args(["--force", &self.0])
                .output();
        }
    }
    let account = Account(user.clone());
    let mut passwd = std::process::Command::new("chpasswd")
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("chpasswd");
    writeln!(passwd.stdin.take().expect("piped"), "{user}:correct horse").expect("writable");
    assert!(passwd.wait().expect("it ends").success());
    let Some(sshd) = Sshd::start("ssh, password", "PasswordAuthentication yes") else {
        return;
    };
    let config = sshd.file("config");
    let text = sshd.host(
        "lab",
        &format!("User {user}\n  PreferredAuthentications password"),
    );
    fs::write(&config, text).expect("writable");
    let shell = Driver::open(&provider(&config, None), &env("lab"), &ShellWish::default());
    shell.wait_for("password:");
    shell.send("correct horse\r");
    // What is typed before the shell reads is lost to the login.
    shell.wait_for("$ ");
    shell.send("echo \"<$(id -un)>\"\r");
    shell.wait_for(&format!("<{user}>"));
    shell.send("exit\r");
    shell.end();
    drop(account);
}

#[test]
fn a_port_is_forwarded_over_the_connection_and_taken_back() {
    let Some((_sshd, config)) = lab("ssh, forward") else {
        return;
    };
    let runtime = runtime();
    let ssh = std::sync::Arc::new(provider(&config, Some(runtime.path())));
    let server = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let remote = server.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for connection in server.incoming() {
            let _ = connection.and_then(|mut connection| connection.write_all(b"hello"));
        }
    });
    let (tell, events) = crossbeam::channel::unbounded();
    let manager =
        Manager::start(vec![ssh.clone()], move |event| drop(tell.send(event))).expect("a thread");
    for shared in [false, true] {
        let shell = shared.then(|| {
            let shell = Driver::open(&*ssh, &env("lab"), &ShellWish::default());
            shell.send("echo rea''dy\r");
            shell.wait_for("ready");
            shell
        });
        let probe = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let local = probe.local_addr().expect("an address").port();
        drop(probe);
        let ticket = manager.act(
            "ssh:lab".parse().expect("an id"),
            Act::Forward { remote, local },
        );
        loop {
            let event = events.recv_timeout(DEADLINE).expect("it goes on");
            match event {
                environments::EnvironmentEvent::Job(one, JobEvent::Ready { .. })
                    if one == ticket =>
                {
                    break;
                }
                environments::EnvironmentEvent::Job(one, JobEvent::Done(done)) if one == ticket => {
                    panic!("{done:?}")
                }
                _ => {}
            }
        }
        let mut answer = String::new();
        std::net::TcpStream::connect(("127.0.0.1", local))
            .expect("it accepts")
            .read_to_string(&mut answer)
            .expect("readable");
        assert_eq!(answer, "hello", "shared: {shared}");
        manager.cancel(ticket);
        wait_until("its end", || {
            std::net::TcpStream::connect(("127.0.0.1", local)).is_err()
        });
        drop(shell);
    }
    assert!(manager.close(DEADLINE));
    end_shared(&ssh);
}

#[test]
fn five_hundred_hosts_are_listed_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config");
    let text: String = (0..500)
        .map(|n| format!("Host host-{n}\n  HostName 10.0.0.{}\n", n % 250))
        .collect();
    fs::write(
        &config,
        text + "Match exec \"touch /tmp/terrace-never\"\n  User x\n",
    )
    .expect("writable");
    let provider = provider(&config, None);
    if environments::tool::find_program("ssh").is_none() {
        return skip("ssh, 500 hosts", "ssh is not installed");
    }
    let began = Instant::now();
    let listing = provider.list(&Scope::default(), &limit()).expect("a list");
    measured(&format!(
        "ssh: 500 hosts listed in {:.1} ms",
        began.elapsed().as_secs_f64() * 1e3
    ));
    assert_eq!(listing.items.len(), 500);
    // `Match exec` runs a program under `ssh -G`: listing must not.
    assert!(!Path::new("/tmp/terrace-never").exists());
}

/// A folder with these programs, as all of a far side's `PATH`.
fn path_with(programs: &[&str]) -> tempfile::TempDir {
    let folder = runtime();
    let path = std::env::var_os("PATH").unwrap_or_default();
    for program in programs {
        let found = std::env::split_paths(&path)
            .map(|folder| folder.join(program))
            .find(|file| file.is_file());
        if let Some(found) = found {
            std::os::unix::fs::symlink(found, folder.path().join(program)).expect("writable");
        }
    }
    folder
}

#[test]
fn what_runs_over_there_survives_the_connection_in_each_kind_of_session() {
    for tool in ["tmux", "screen", "dtach", "abduco"] {
        if !tests::is_installed(tool) {
            skip("ssh, survive", &format!("{tool} is not installed"));
            continue;
        }
        let programs = [
            "sh", "bash", "env", "locale", "grep", "infocmp", "sleep", "cat", tool,
        ];
        let path = path_with(&programs);
        let files = runtime();
        let at = files.path().display();
        let settings = format!(
            "SetEnv PATH={} TMUX_TMPDIR={at} TMPDIR={at} ABDUCO_SOCKET_DIR={at} HOME={at} BASH_ENV=",
            path.path().display()
        );
        let Some(sshd) = Sshd::start("ssh, survive", &settings) else {
            return;
        };
        let config = sshd.file("config");
        fs::write(&config, sshd.host("lab", "")).expect("writable");
        let provider = provider(&config, None);
        let wish = ShellWish {
            command: vec!["bash".into(), "--norc".into()],
            survive: Some(format!("terrace-test-{}-{tool}", std::process::id())),
            term: "xterm-256color".into(),
            ..ShellWish::default()
        };
        let shell = Driver::open(&provider, &env("lab"), &wish);
        shell.send("kept=42; PS1='ke''pt> '; echo \"re\"ady-$$.\r");
        shell.wait_for("ready-");
        let pid = shell.wait_for(".");
        let pid: u32 = pid.trim_end_matches('.').parse().expect("a number");
        // The network goes.
        sshd.kill_sessions();
        let (status, text) = shell.end();
        let status = status.map(pty::ExitStatus::shell_code);
        let tail: Vec<String> = text.lines().map(str::to_owned).collect();
        assert!(
            matches!(ExitMeaning::Ssh.judge(status, &tail), Verdict::Lost(_)),
            "{tool}: {status:?} {text:?}"
        );
        assert!(
            Path::new(&format!("/proc/{pid}")).exists(),
            "{tool}: it goes on"
        );
        // The same wish again goes on in the same session, which shows its prompt before a key is pressed.
        let shell = Driver::open(&provider, &env("lab"), &wish);
        shell.wait_for("kept>");
        shell.send("echo \"st\"ill-$kept-$$.\r");
        shell.wait_for(&format!("still-42-{pid}."));
        shell.send("exit\r");
        wait_until("the session's end", || {
            !Path::new(&format!("/proc/{pid}")).exists()
        });
        // A pane that is closed ends what it leaves over there.
        let shell = Driver::open(&provider, &env("lab"), &wish);
        shell.send("echo \"aga\"in-$$.\r");
        shell.wait_for("again-");
        let pid = shell.wait_for(".");
        let pid = pid.trim_end_matches('.').to_owned();
        sshd.kill_sessions();
        shell.end();
        let end = provider.shell(&env("lab"), &wish).expect("a plan");
        let end = end.leaves_process.expect("a cleanup").call;
        environments::tool::run_ok(&end, &limit(), &[]).expect("it runs");
        wait_until("the session's end by the cleanup", || {
            !Path::new(&format!("/proc/{pid}")).exists()
        });
    }
}

#[test]
fn a_shell_that_is_to_survive_is_integrated_where_its_marks_pass() {
    for (tool, passes) in [
        (None, true),
        (Some("dtach"), true),
        (Some("abduco"), true),
        (Some("tmux"), false),
    ] {
        if tool.is_some_and(|tool| !tests::is_installed(tool)) {
            skip("ssh, survive", &format!("{tool:?} is not installed"));
            continue;
        }
        let programs = [
            "sh", "bash", "env", "locale", "grep", "infocmp", "sleep", "cat", "base64", "gzip",
            "od", "tr", "mktemp", "mkdir", "rm", "sed", "head", "id", "uname",
        ];
        let path = path_with(&programs.into_iter().chain(tool).collect::<Vec<_>>());
        let files = runtime();
        let at = files.path().display();
        let settings = format!(
            "SetEnv PATH={} TMUX_TMPDIR={at} TMPDIR={at} ABDUCO_SOCKET_DIR={at} HOME={at} BASH_ENV= SHELL=/bin/bash",
            path.path().display()
        );
        let Some(sshd) = Sshd::start("ssh, survive, integrated", &settings) else {
            return;
        };
        let config = sshd.file("config");
        fs::write(&config, sshd.host("lab", "")).expect("writable");
        let provider = provider(&config, None);
        let wish = ShellWish {
            integrate: true,
            survive: Some(format!("terrace-marks-{}", std::process::id())),
            term: "xterm-256color".into(),
            ..ShellWish::default()
        };
        let shell = Driver::open(&provider, &env("lab"), &wish);
        // The program is understood, whatever becomes of the marks.
        shell.wait_for("\x1b]8377;key;");
        if passes {
            shell.wait_for("\x1b]133;A");
        }
        shell.send("kept=42; echo \"re\"ady.\r");
        let said = shell.wait_for("ready.");
        assert_eq!(said.contains("\x1b]133;C"), passes, "{tool:?}: {said:?}");
        if tool.is_some() {
            sshd.kill_sessions();
            shell.end();
            let shell = Driver::open(&provider, &env("lab"), &wish);
            shell.wait_for("\x1b]8377;key;");
            shell.send("echo \"st\"ill-$kept.\r");
            let said = shell.wait_for("still-42.");
            assert_eq!(said.contains("\x1b]133;C"), passes, "{tool:?}: {said:?}");
            shell.send("exit\r");
            shell.end();
        } else {
            shell.send("exit\r");
            shell.end();
        }
    }
}

#[test]
fn a_command_that_takes_too_long_is_ended_on_the_host() {
    let Some((_sshd, config)) = lab("ssh, a command's end") else {
        return;
    };
    let runtime = runtime();
    // Alone, and on a shared connection, which stays.
    for shared in [None, Some(runtime.path())] {
        let provider = provider(&config, shared);
        let env = provider.prepare(&env("lab"), &limit()).expect("a host");
        tests::environments::check_end(&provider, &env, "sleep 4249");
        end_shared(&provider);
    }
}

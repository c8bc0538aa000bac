//! `terrace env …` as a user has it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::environments::{Sshd, skip, wait_until};
use tests::{Answer, StandIn, is_installed, terrace};

/// `terrace env`, with only ssh and this machine, in a home of its own.
fn env(home: &std::path::Path, args: &[&str]) -> (Option<i32>, String, String) {
    answer(command(home).args(args))
}

fn command(home: &std::path::Path) -> Command {
    let hide =
        "environments.hide=[\"docker\",\"podman\",\"compose\",\"devcontainer\",\"kubernetes\"]";
    let mut command = terrace();
    command
        .args(["-o", hide, "env"])
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", home);
    command
}

fn answer(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// A home whose ssh knows two names of one server.
fn home(test: &str) -> Option<(tempfile::TempDir, Sshd)> {
    let sshd = Sshd::start(test, "")?;
    let home = tempfile::Builder::new()
        .prefix("h")
        .tempdir_in("/tmp")
        .expect("a folder");
    // ssh takes the account's home from the system, not from HOME: so the names come by an option.
    Some((home, sshd))
}

#[test]
fn this_machine_is_listed_as_text_and_as_json() {
    let home = tempfile::tempdir().expect("a folder");
    let (code, text, _) = env(home.path(), &["list", "local"]);
    assert_eq!(code, Some(0));
    assert!(text.starts_with("This machine\n  local  running"), "{text}");
    let (_, text, _) = env(home.path(), &["list", "local", "--json"]);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["version"], 1);
    assert_eq!(
        value["providers"][0]["environments"][0]["id"],
        "local:local"
    );
    let (code, text, _) = env(home.path(), &["show", "local", "--json"]);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((code, &value["state"]), (Some(0), &Value::from("running")));
}

#[test]
fn a_command_runs_in_several_at_once() {
    let home = tempfile::tempdir().expect("a folder");
    let (code, out, err) = env(
        home.path(),
        &[
            "run",
            "local",
            "local:local",
            "--",
            "sh",
            "-c",
            "echo hi; exit 3",
        ],
    );
    assert_eq!(
        (code, out.as_str()),
        (Some(3), "local │ hi\nlocal │ hi\n"),
        "{err}"
    );
    assert!(err.contains("local │ [exit status 3 after "), "{err}");
    let (code, out, _) = env(
        home.path(),
        &["run", "local", "--json", "--", "sh", "-c", "echo hi"],
    );
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        (code, &value["stdout"], &value["status"]),
        (Some(0), &Value::from("hi\n"), &Value::from(0))
    );
}

#[test]
fn two_are_compared_side_by_side() {
    let home = tempfile::tempdir().expect("a folder");
    let (code, out, _) = env(
        home.path(),
        &["diff", "local", "local", "--", "echo", "same"],
    );
    assert_eq!(code, Some(0));
    assert!(out.contains("(1 line, the same)"), "{out}");
    let (code, out, _) = env(
        home.path(),
        &["diff", "local", "local", "--toolchain", "--json"],
    );
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        (code, &value["same"]),
        (Some(0), &Value::from(true)),
        "{out}"
    );
}

#[test]
fn mistakes_are_named() {
    let home = tempfile::tempdir().expect("a folder");
    let (code, _, err) = env(home.path(), &["show", "locl"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("did you mean \"local\"?"), "{err}");
    let (code, _, err) = env(home.path(), &["list", "clouds"]);
    assert_eq!(code, Some(1));
    assert!(
        err.contains("no kind of environment is called \"clouds\""),
        "{err}"
    );
    let (code, _, err) = env(home.path(), &["run", "local", "--", "terrace-no-such-tool"]);
    assert_eq!(code, Some(255));
    assert!(
        err.contains("terrace-no-such-tool is not installed"),
        "{err}"
    );
    let (code, _, err) = env(
        home.path(),
        &["run", "ssh:-oProxyCommand=touch", "--", "true"],
    );
    assert_eq!(code, Some(255));
    assert!(err.contains("cannot be passed on safely"), "{err}");
    let (code, _, err) = env(home.path(), &["stop", "local"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("cannot do that"), "{err}");
}

#[test]
fn every_answer_is_json_where_that_is_wanted() {
    let home = tempfile::tempdir().expect("a folder");
    let answer = |args: &[&str]| {
        let (code, out, _) = env(home.path(), args);
        let value: Value = serde_json::from_str(&out).expect("one document of JSON");
        assert_eq!(value["version"], 1);
        (code, value)
    };
    let (code, value) = answer(&["stop", "local", "--json"]);
    assert_eq!((code, &value["done"]), (Some(1), &Value::Null));
    assert_eq!(value["failure"]["kind"], "unsupported");
    let (code, value) = answer(&["show", "locl", "--json"]);
    assert_eq!(code, Some(1));
    let message = value["failure"]["message"].as_str().unwrap_or_default();
    assert!(
        message.starts_with("no environment is called \"locl\""),
        "{message}"
    );
    assert_eq!(value["failure"]["remedy"], "did you mean \"local\"?");
    let (code, value) = answer(&["forward", "local", "99999", "--json"]);
    assert_eq!(
        (code, &value["failure"]["kind"]),
        (Some(1), &Value::from("refused"))
    );
    let file = home.path().join("boxes.toml");
    fs::write(&file, "schema = 1\nid = \"boxes\"\n").expect("it can be written");
    let (code, value) = answer(&["check", &file.to_string_lossy(), "--json"]);
    assert_eq!(code, Some(1));
    assert!(
        value["files"][0]["problems"][0]["line"].is_number(),
        "{value}"
    );
}

#[test]
fn a_refused_connection_is_one_line() {
    let Some((home, sshd)) = home("terrace env, ssh") else {
        return;
    };
    drop(fs::remove_file(sshd.file("log")));
    let port = sshd.port;
    drop(sshd);
    let (code, _, err) = env(
        home.path(),
        &["run", &format!("ssh:nobody@127.0.0.1:{port}"), "--", "true"],
    );
    assert_eq!(code, Some(255), "{err}");
    assert!(err.contains("Connection refused"), "{err}");
}

#[test]
fn a_comparison_is_exact_unless_it_is_asked_for_less() {
    let home = tempfile::tempdir().expect("a folder");
    let diff = |more: &[&str]| {
        let command = ["--", "sh", "-c", "printf 'a%07xf\\n' $$"];
        let words: Vec<&str> = ["diff", "local", "local"]
            .iter()
            .chain(more)
            .chain(&command)
            .copied()
            .collect();
        env(home.path(), &words)
    };
    let (code, out, _) = diff(&[]);
    assert_eq!(code, Some(1), "{out}");
    let (code, out, _) = diff(&["--ignore", "hex,times"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(
        out.contains("(1 line passed over: nothing differs but hex, times)"),
        "{out}"
    );
    let (code, out, _) = diff(&["--loose", "--json"]);
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &value["passed_over"]), (Some(0), &Value::from(1)));
    assert_eq!(value["ignored"][2], "hex", "{value}");
}

#[test]
fn what_did_not_run_is_not_compared() {
    let home = tempfile::tempdir().expect("a folder");
    let words = ["diff", "local", "local", "--timeout", "0.3"];
    let (code, out, err) = answer(command(home.path()).args(words).args(["--", "sleep", "60"]));
    assert_eq!((code, out.as_str()), (Some(255), ""), "{err}");
    assert_eq!(
        err.matches("terrace: local: ended after 0.3 s\n").count(),
        2,
        "{err}"
    );
    let words = [&words[..], &["--json", "--", "sleep", "60"]].concat();
    let (code, out, _) = env(home.path(), &words);
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &value["same"]), (Some(255), &Value::Null));
    assert_eq!(value["left"]["failure"]["kind"], "timed-out", "{value}");
    let (code, _, err) = env(
        home.path(),
        &["run", "local", "--timeout", "0.3", "--", "sleep", "60"],
    );
    assert_eq!(
        (code, err.as_str()),
        (Some(255), "local │ [ended after 0.3 s]\n")
    );
}

#[test]
fn a_tool_that_hangs_keeps_no_other_name() {
    let home = tempfile::tempdir().expect("a folder");
    let hangs = Answer {
        hangs: true,
        ..Answer::default()
    };
    let tool = StandIn::new("distrobox", &[hangs]);
    let began = Instant::now();
    let mut command = command(home.path());
    command.args(["show", "local"]).env("PATH", tool.path());
    let (code, out, err) = answer(&mut command);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("name   local\n"), "{out}");
    // The tool has ten seconds.
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
    if let Some(pid) = tool.hanging() {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
        assert!(
            !stat.is_ok_and(|stat| !stat.contains(") Z ")),
            "{pid} was left behind"
        );
    }
}

#[test]
fn on_a_terminal_a_kind_is_listed_when_it_answers() {
    if !is_installed("script") {
        return skip(
            "terrace env list, terminal",
            "script is not installed (bsdutils)",
        );
    }
    let home = tempfile::tempdir().expect("a folder");
    let hangs = Answer {
        hangs: true,
        ..Answer::default()
    };
    let tool = StandIn::new("distrobox", &[hangs]);
    let list = command(home.path());
    let words: Vec<String> = [list.get_program()]
        .into_iter()
        .chain(list.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    let path = format!("{}:/usr/bin:/bin", tool.path().display());
    let began = Instant::now();
    let mut child = Command::new("script")
        .args(["-qec", &format!("{} list", words.join(" ")), "/dev/null"])
        .envs(
            list.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("PATH", path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    let out = child.stdout.take().expect("it is piped");
    BufReader::new(out)
        .read_line(&mut line)
        .expect("its first line");
    // The tool has ten seconds.
    let took = began.elapsed();
    let _ = child.kill();
    let _ = child.wait();
    assert_eq!(line.trim_end(), "This machine");
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[test]
fn a_signal_ends_what_runs_and_is_the_status() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("begun");
    let script = format!("echo $$ > {}; exec sleep 4252", file.display());
    let mut child = command(home.path())
        .args(["run", "local", "--", "sh", "-c", &script])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let pid = || fs::read_to_string(&file).unwrap_or_default();
    wait_until("the command", || pid().ends_with('\n'));
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status();
    assert!(sent.is_ok_and(|status| status.success()));
    let status = child.wait().expect("it is ours");
    assert_eq!((status.code(), status.signal()), (Some(143), None));
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid().trim()));
    assert!(
        !stat.is_ok_and(|stat| !stat.contains(") Z ")),
        "it is left behind"
    );
}

/// A folder of settings with a description of boxes, one of which is stopped.
fn boxes(home: &std::path::Path) -> std::path::PathBuf {
    let folder = home.join("settings/terrace/environments");
    fs::create_dir_all(&folder).expect("it can be made");
    let tool = home.join("boxes-tool");
    let script = "#!/bin/sh\ncase $1 in\nls) cat \"$0.list\" ;;\nup) echo '{\"id\":\"old\",\"state\":\"UP\"}' >\"$0.list\" ;;\nin) shift; exec \"$@\" ;;\nesac\n";
    fs::write(&tool, script).expect("it can be written");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let list = "{\"id\":\"old\",\"state\":\"DOWN\"}\n";
    fs::write(home.join("boxes-tool.list"), list).expect("it can be written");
    let description = format!(
        "schema = 1\nid = \"boxes\"\nname = \"Boxes\"\nprogram = \"{}\"\n[list]\nargs = [\"ls\"]\noutput = \"ndjson\"\n[list.fields]\nid = \"id\"\nstate = \"state\"\n[states]\nrunning = [\"UP\"]\nstopped = [\"DOWN\"]\n[shell]\nargs = [\"in\", \"{{command}}\"]\ncommand = {{ form = \"argv\", args = [\"{{argv}}\"] }}\n[start]\nargs = [\"up\"]\ndone = \"running\"\n",
        tool.display()
    );
    fs::write(folder.join("boxes.toml"), description).expect("it can be written");
    home.join("settings")
}

#[test]
fn what_is_stopped_is_started_only_when_that_is_asked_for() {
    let home = tempfile::tempdir().expect("a folder");
    let settings = boxes(home.path());
    let run = |more: &[&str]| {
        let mut command = command(home.path());
        command.env("XDG_CONFIG_HOME", &settings);
        answer(
            command
                .args(["run", "boxes:old"])
                .args(more)
                .args(["--", "echo", "here"]),
        )
    };
    let (code, out, err) = run(&[]);
    assert_eq!((code, out.as_str()), (Some(255), ""), "{err}");
    assert!(
        err.contains("old is stopped; say --start to start it"),
        "{err}"
    );
    let (code, out, err) = run(&["--start"]);
    assert_eq!((code, out.as_str()), (Some(0), "here\n"), "{err}");
    assert!(err.contains("old is stopped; starting it\n"), "{err}");
}

#[test]
fn a_description_with_mistakes_is_one_line_where_it_would_be_listed() {
    let home = tempfile::tempdir().expect("a folder");
    let settings = boxes(home.path());
    let file = settings.join("terrace/environments/boxes.toml");
    let text = fs::read_to_string(&file).expect("it was written");
    fs::write(&file, text.replace("schema = 1", "schema = 2")).expect("it can be written");
    let env = |args: &[&str]| {
        let mut command = command(home.path());
        answer(command.env("XDG_CONFIG_HOME", &settings).args(args))
    };
    let (code, _, err) = env(&["show", "local:local"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let remedy = format!("terrace env check {}", file.display());
    let (code, out, err) = env(&["list", "boxes"]);
    assert_eq!((code, err.as_str()), (Some(1), ""));
    assert!(
        out.starts_with("boxes.toml: 1:10: schema: found 2; expected 1"),
        "{out}"
    );
    assert!(out.ends_with(&format!("; {remedy}\n")), "{out}");
    assert_eq!(out.lines().count(), 1, "{out}");
    let (code, out, _) = env(&["list", "boxes", "--json"]);
    let value: Value = serde_json::from_str(&out).expect("JSON");
    let failure = &value["providers"][0]["failure"];
    assert_eq!((code, &failure["remedy"]), (Some(1), &Value::from(remedy)));
    let (code, _, err) = env(&["show", "boxes:old"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("schema: found 2; expected 1"), "{err}");
}

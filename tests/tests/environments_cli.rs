//! `terrace env …` as a user has it.

use std::fs;

use serde_json::Value;
use tests::environments::Sshd;
use tests::terrace;

/// `terrace env`, with only ssh and this machine, in a home of its own.
fn env(home: &std::path::Path, args: &[&str]) -> (Option<i32>, String, String) {
    let hide =
        "environments.hide=[\"docker\",\"podman\",\"compose\",\"devcontainer\",\"kubernetes\"]";
    let output = terrace()
        .args(["-o", hide, "env"])
        .args(args)
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .output()
        .expect("it runs");
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
    assert!(out.contains("(1 lines, all the same)"), "{out}");
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
    let message = value["failure"]["message"].as_str().unwrap_or_default();
    assert_eq!(code, Some(1));
    assert!(message.contains("did you mean \"local\"?"), "{message}");
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

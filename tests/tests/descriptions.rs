//! Every description that is shipped, against an executable that prints what its tool is documented or was
//! seen to print (`tests/data/environments/TOOL`, the source of it in `source.md` there): what is listed,
//! what would be run, and what is said when the tool is missing, logged out, slow or prints nonsense.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::{Answer, Output, StandIn, recordings, run, terrace};
use toml::Table;

/// The folder of the shipped descriptions.
fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/environments")
}

/// One tool's description and recordings.
struct Tool {
    name: String,
    description: String,
    calls: Table,
}

impl Tool {
    fn all() -> Vec<Self> {
        let mut tools: Vec<Self> = fs::read_dir(shipped())
            .expect("the folder is there")
            .map(|entry| entry.expect("it can be read").path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "toml")
            })
            .map(|path| {
                let name = path
                    .file_stem()
                    .expect("it has a name")
                    .to_string_lossy()
                    .into_owned();
                let calls = fs::read_to_string(recordings(&name).join("calls.toml"));
                let calls = calls.expect("every description has recordings");
                let source = fs::read_to_string(recordings(&name).join("source.md"));
                assert!(
                    source.is_ok_and(|text| text.len() > 40),
                    "{name}: no source of its recordings"
                );
                Self {
                    description: fs::read_to_string(&path).expect("it can be read"),
                    calls: calls.parse().expect("it is TOML"),
                    name,
                }
            })
            .collect();
        tools.sort_by(|a, b| a.name.cmp(&b.name));
        assert!(tools.len() > 15, "only {} descriptions", tools.len());
        tools
    }

    /// The name of its executable.
    fn program(&self) -> String {
        let description: Table = self.description.parse().expect("it is TOML");
        description["program"]
            .as_str()
            .expect("it has one")
            .to_owned()
    }

    fn tables(&self, key: &str) -> Vec<&Table> {
        let tables = self.calls.get(key).and_then(|value| value.as_array());
        tables
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_table())
            .collect()
    }

    /// It runs a program to list.
    fn is_asked(&self) -> bool {
        self.calls.contains_key("call")
    }

    /// What an entry of `calls.toml` says.
    fn answer(&self, table: &Table) -> Answer {
        let text = |key: &str| {
            table
                .get(key)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
        };
        let stdout = match text("stdout") {
            name if self.tables("call").contains(&table) && !name.is_empty() => {
                fs::read(recordings(&self.name).join(name)).expect("the recording is there")
            }
            printed => format!("{printed}{}", text("text")).into_bytes(),
        };
        Answer {
            args: text("args").to_owned(),
            stdout,
            stderr: text("stderr").to_owned(),
            exit: table
                .get("exit")
                .and_then(toml::Value::as_integer)
                .unwrap_or(0),
            hangs: false,
        }
    }

    fn recorded(&self) -> Vec<Answer> {
        self.tables("call")
            .into_iter()
            .map(|table| self.answer(table))
            .collect()
    }

    /// The calls before the list, which must succeed when the list is to fail.
    fn version(&self) -> Vec<Answer> {
        let mut recorded = self.recorded();
        recorded.retain(|answer| answer.args.contains("--version"));
        recorded
    }

    fn stand_in(&self, answers: &[Answer]) -> StandIn {
        let description: Table = self.description.parse().expect("it is TOML");
        let stand_in = StandIn::new(&self.program(), answers);
        // Another program that lists answers alike.
        if let Some(other) = description["list"].get("program") {
            stand_in.also(other.as_str().expect("a text"));
        }
        stand_in
    }

    /// `terrace env check` of a description, with a folder for `PATH`.
    fn check(&self, description: &str, tools: &StandIn) -> Output {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join(format!("{}.toml", self.name));
        fs::write(&file, description).expect("it can be written");
        let project = folder.path().join("project");
        fs::create_dir(&project).expect("it can be made");
        for (name, text) in self
            .calls
            .get("files")
            .and_then(|v| v.as_table())
            .into_iter()
            .flatten()
        {
            fs::write(project.join(name), text.as_str().expect("a text")).expect("written");
        }
        let mut command = terrace();
        command
            .env("PATH", tools.path())
            .env("SHELL", "/bin/sh")
            .env("HOME", folder.path())
            .current_dir(&project)
            .args(["env", "check"])
            .arg(&file);
        for (name, value) in self
            .calls
            .get("settings")
            .and_then(|v| v.as_table())
            .into_iter()
            .flatten()
        {
            command
                .arg("--set")
                .arg(format!("{name}={}", value.as_str().expect("a text")));
        }
        let mut output = checked(&mut command);
        let text = output
            .text()
            .replace(&*folder.path().to_string_lossy(), "FOLDER");
        output.stdout = without_ids(&text).into_bytes();
        output
    }

    /// What the list failed with.
    #[track_caller]
    fn failure(&self, description: &str, tools: &StandIn) -> String {
        let output = self.check(description, tools);
        assert_eq!(
            output.code,
            Some(1),
            "{}: {}{}",
            self.name,
            output.text(),
            output.stderr
        );
        let text = output.text();
        let line = text.lines().find(|line| line.starts_with("list failed"));
        assert!(line.is_some(), "{}: no failure in {text}", self.name);
        line.unwrap_or_default().to_owned()
    }
}

/// The text without the names that no two sessions share.
fn without_ids(text: &str) -> String {
    const BEFORE: &str = "TERRACE_SESSION=";
    let mut parts = text.split(BEFORE);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        text + BEFORE + "ID" + rest
    })
}

fn checked(command: &mut Command) -> Output {
    run(command, b"")
}

#[test]
fn what_is_listed_and_run_is_as_expected() {
    let update = std::env::var_os("TERRACE_UPDATE").is_some();
    for tool in Tool::all()
        .iter()
        .filter(|tool| !tool.calls.contains_key("http"))
    {
        let stand_in = tool.stand_in(&tool.recorded());
        let output = tool.check(&tool.description, &stand_in);
        let got = output.text();
        let file = recordings(&tool.name).join("expected.txt");
        if update {
            fs::write(&file, &got).expect("it can be written");
            continue;
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(got, expected, "{}: {}", tool.name, output.stderr);
    }
}

#[test]
fn what_means_nothing_is_an_empty_list() {
    for tool in Tool::all() {
        for empty in tool.tables("empty") {
            let answers: Vec<Answer> = tool
                .version()
                .into_iter()
                .chain([tool.answer(empty)])
                .collect();
            let output = tool.check(&tool.description, &tool.stand_in(&answers));
            let text = output.text();
            assert!(
                text.contains("\nno environments\n"),
                "{}: {text}",
                tool.name
            );
        }
        for answer in tool.tables("answer") {
            let output = tool.check(&tool.description, &tool.stand_in(&[tool.answer(answer)]));
            let text = output.text();
            for line in answer["lines"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|l| l.as_str())
            {
                assert!(
                    text.lines().any(|got| got == line),
                    "{}: {line:?} is not in {text}",
                    tool.name
                );
            }
        }
    }
}

#[test]
fn a_failure_is_one_line_with_its_remedy() {
    for tool in Tool::all() {
        for failure in tool.tables("failure") {
            let says = failure["says"].as_str().expect("what is said");
            let answers: Vec<Answer> = tool
                .version()
                .into_iter()
                .chain([tool.answer(failure)])
                .collect();
            let line = tool.failure(&tool.description, &tool.stand_in(&answers));
            let said = line.split_once("): ").map_or("", |(_, said)| said);
            assert_eq!(said, says, "{}", tool.name);
        }
    }
}

#[test]
fn a_missing_tool_says_where_to_get_it() {
    for tool in Tool::all()
        .iter()
        .filter(|tool| tool.is_asked() || tool.calls.contains_key("files"))
    {
        let line = tool.failure(&tool.description, &StandIn::none());
        let begin = format!(
            "list failed (missing): {} is not installed; install it: ",
            tool.program()
        );
        assert!(line.starts_with(&begin), "{line}");
    }
}

#[test]
fn nonsense_is_shown_by_its_first_line() {
    let nonsense = Answer {
        stdout: b"\n<!doctype html><title>Sign in to the proxy</title>\n<p>more".to_vec(),
        ..Answer::default()
    };
    for tool in Tool::all().iter().filter(|tool| tool.is_asked()) {
        // A table has no form that it could break.
        if tool.description.contains("output = \"table\"") {
            continue;
        }
        let answers: Vec<Answer> = tool
            .version()
            .into_iter()
            .chain([nonsense.clone()])
            .collect();
        let line = tool.failure(&tool.description, &tool.stand_in(&answers));
        let expected = "list failed (nonsense): unreadable answer: <!doctype html><title>Sign in to the proxy</title>; see what it prints: ";
        let rest = line.strip_prefix(expected).unwrap_or_default();
        assert!(!rest.is_empty(), "{}: {line}", tool.name);
    }
}

#[test]
fn a_slow_tool_is_ended() {
    let hangs = Answer {
        hangs: true,
        ..Answer::default()
    };
    for tool in Tool::all().iter().filter(|tool| tool.is_asked()) {
        let mut lines: Vec<&str> = tool.description.lines().collect();
        lines.retain(|line| !line.starts_with("timeout ="));
        let description = lines
            .join("\n")
            .replace("\n[list]\n", "\n[list]\ntimeout = \"700ms\"\n");
        let stand_in = tool.stand_in(
            &tool
                .version()
                .into_iter()
                .chain([hangs.clone()])
                .collect::<Vec<_>>(),
        );
        let line = tool.failure(&description, &stand_in);
        let expected = "list failed (slow): did not answer in 1 s; see whether it answers: ";
        let rest = line.strip_prefix(expected).unwrap_or_default();
        assert!(!rest.is_empty(), "{}: {line}", tool.name);
        if let Some(pid) = stand_in.hanging() {
            let is_there = Path::new(&format!("/proc/{pid}/stat")).exists();
            assert!(!is_there, "{}: {pid} was left behind", tool.name);
        }
    }
}

/// A service that answers every request with a body, on a port of the loopback.
fn service(status: &'static str, body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = format!("http://{}", listener.local_addr().expect("it has one"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body);
        }
    });
    address
}

#[test]
fn a_service_is_asked_by_http() {
    let tools = Tool::all();
    let tool = tools
        .iter()
        .find(|tool| tool.name == "localstack")
        .expect("it is shipped");
    let health = fs::read(recordings("localstack").join("list.json")).expect("it is recorded");
    let check = |url: &str| {
        let description = tool.description.replace("http://127.0.0.1:4566", url);
        tool.check(&description, &tool.stand_in(&[])).text()
    };
    let text = check(&service("200 OK", health));
    assert!(
        text.contains("  localstack:local  running  LocalStack\n"),
        "{text}"
    );
    // Nobody listens on a port that was given back.
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = format!("http://{}", nobody.local_addr().expect("it has one"));
    drop(nobody);
    let text = check(&address);
    assert!(
        text.contains("  localstack:local  stopped  LocalStack\n"),
        "{text}"
    );
    let text = check(&service("503 Service Unavailable", Vec::new()));
    assert!(text.contains("list failed (down): HTTP 503\n"), "{text}");
}

#[test]
fn a_broken_description_is_told_with_places() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("mine.toml");
    let text = "schema = 1\nid = \"Mine\"\nname = \"Mine\"\nprogram = \"./tool\"\n\n[list]\nargs = [\"list\"]\nouput = \"json\"\n[list.fields]\nid = \"id\"\n\n[states]\nruning = [\"up\"]\n\n[shell]\nargs = [\"ssh\", \"{naem}\"]\nexit = \"same-ish\"\n[stop]\nargs = [\"sh\", \"-c\", \"stop {id}\"]\n";
    fs::write(&file, text).expect("it can be written");
    let output = checked(terrace().args(["env", "check"]).arg(&file));
    assert_eq!(output.code, Some(1));
    let text = output.text().replace(&*folder.path().to_string_lossy(), "");
    let expected = [
        "/mine.toml:2:6: id: \"Mine\"; expected lower case letters, digits and \"-\"",
        "/mine.toml:4:11: program: \"./tool\" is relative; expected a name, or an absolute path",
        "/mine.toml:8:1: unknown key \"list.ouput\"; expected \"output\"",
        "/mine.toml:13:1: unknown key \"states.runing\"; expected \"running\"",
        "/mine.toml:16:16: {naem} is not known here; expected {name}",
        "/mine.toml:17:8: shell.exit: found \"same-ish\"; expected \"same\", \"ssh\", \"any-failure-is-1\" or \"none\"",
        "/mine.toml:19:21: stop.args: a placeholder inside a shell script; expected it as an argument after the script, used there as \"$1\"",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

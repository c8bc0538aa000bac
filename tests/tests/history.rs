//! What is kept, driven as a user drives it: `terrace blocks …`, and shells under `terrace run`.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::{Output, is_installed, run, terrace};

/// How long anything may take on a loaded machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A home and a history of its own.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let home = Self {
            folder: tempfile::tempdir().expect("the tests own it"),
        };
        let mut private = std::fs::DirBuilder::new();
        private.mode(0o700);
        private.create(home.history()).expect("the tests own it");
        home
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn history(&self) -> PathBuf {
        self.path().join("history")
    }

    fn command(&self) -> Command {
        let mut command = terrace();
        command
            .env("HOME", self.path())
            .env("XDG_DATA_HOME", self.path().join("data"))
            .env("TZ", "UTC")
            .env("PS1", "$ ")
            .env_remove("HISTFILE")
            .env_remove("TERRACE_SESSION")
            .current_dir(self.path());
        command
    }

    fn setting(&self) -> String {
        format!("history.folder={}", self.history().display())
    }

    /// `terrace blocks …`
    #[track_caller]
    fn blocks(&self, args: &[&str]) -> Output {
        let mut command = self.command();
        command
            .args(["blocks", "--option", &self.setting()])
            .args(args);
        run(&mut command, b"")
    }

    #[track_caller]
    fn ok(&self, args: &[&str]) -> String {
        let output = self.blocks(args);
        assert_eq!(
            output.code,
            Some(0),
            "{args:?}: {}{}",
            output.text(),
            output.stderr
        );
        output.text()
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Vec<Value> {
        let mut args = args.to_vec();
        args.push("--json");
        let output = self.blocks(&args);
        output
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).expect("the tests own it"))
            .collect()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path().join(name);
        std::fs::write(&path, text).expect("the tests own it");
        path.to_string_lossy().into_owned()
    }

    /// Some blocks, by the way of an export: seconds, command, output, status.
    fn fill(&self) {
        let mut lines = String::new();
        for (seconds, command, output, status) in [
            (
                0,
                "cargo build",
                "\u{1b}[31merror[E0308]\u{1b}[0m in src/main.rs\n",
                101,
            ),
            (60, "cargo build", "warning: unused\nFinished in 0.5s\n", 0),
            (120, "ls", "a.txt\nb.txt\n", 0),
            (180, "kubectl get pods", "web-1 1/1\n", 0),
        ] {
            let object = serde_json::json!({
                "v": 1,
                "started_us": (1_795_953_600_i64 + seconds) * 1_000_000,
                "duration_us": 1_500_000,
                "command": command,
                "folder": "/src/x",
                "project": "/src/x",
                "status": status,
                "output": output,
                "trust": "local",
                "host": { "name": "desk", "user": "me", "kind": "local" },
            });
            lines.push_str(&object.to_string());
            lines.push('\n');
        }
        let file = self.write("export.jsonl", &lines);
        self.ok(&["import", "json", &file]);
    }

    /// Whether a text stands in any byte of any file of the history.
    fn holds(&self, text: &str) -> bool {
        std::fs::read_dir(self.history())
            .expect("the tests own it")
            .any(|entry| {
                let bytes =
                    std::fs::read(entry.expect("the tests own it").path()).unwrap_or_default();
                bytes
                    .windows(text.len())
                    .any(|window| window == text.as_bytes())
            })
    }
}

#[test]
fn nothing_kept_is_said_with_the_reason() {
    let home = Home::new();
    let output = home.blocks(&["list"]);
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("no history at"), "{}", output.stderr);
}

#[test]
fn blocks_are_listed_searched_and_shown() {
    let home = Home::new();
    home.fill();
    let list = home.ok(&["list"]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 5, "{list}");
    assert!(lines[0].starts_with("ID"), "{list}");
    assert!(lines[4].ends_with("kubectl get pods"), "{list}");
    assert!(!list.contains('\x1b'), "no colors in a pipe");

    let found = home.ok(&["search", "E0308"]);
    assert!(
        found.contains("cargo build") && found.contains("error[E0308] in src/main.rs"),
        "{found}"
    );
    let none = home.blocks(&["search", "xylophone"]);
    assert_eq!((none.code, none.text().as_str()), (Some(1), ""));
    let none = home.blocks(&["list", "--host", "moon"]);
    assert_eq!((none.code, none.text().as_str()), (Some(0), ""));
    assert_eq!(none.stderr, "no block is found\n");
    assert_eq!(home.json(&["list", "--failed"]).len(), 1);
    assert_eq!(
        home.json(&["list", "--since", "2026-11-29 12:01:30"]).len(),
        2
    );
    assert_eq!(home.json(&["list", "--project", "x", "-n", "3"]).len(), 3);
    assert_eq!(home.json(&["list", "--folder", "/src"]).len(), 4);
    assert_eq!(home.json(&["list", "--host", "moon"]).len(), 0);

    let all = home.json(&["list"]);
    assert_eq!(all[0]["v"], 1);
    assert_eq!(all[0]["command"], "cargo build");
    assert_eq!(all[0]["status"], 101);
    let id = all[0]["id"].as_str().unwrap();
    let short = all[0]["short"].as_str().unwrap();
    let shown = home.ok(&["show", short]);
    assert!(
        shown.starts_with("$ cargo build\n") && shown.contains("exit 101"),
        "{shown}"
    );
    assert_eq!(
        home.ok(&["show", id, "--output"]),
        "error[E0308] in src/main.rs\n"
    );
    assert_eq!(
        home.ok(&["show", id, "--output", "--styled"]),
        "\u{1b}[31merror[E0308]\u{1b}[0m in src/main.rs\n"
    );
    assert_eq!(home.ok(&["show", "-2", "--command"]), "ls\n");
    assert_eq!(home.ok(&["last", "--output"]), "web-1 1/1\n");
    assert_eq!(home.ok(&["last", "--failed", "--command"]), "cargo build\n");
    let wrong = home.blocks(&["show", "nonsense"]);
    assert!(
        wrong.stderr.contains("no such block: nonsense"),
        "{}",
        wrong.stderr
    );
    let wrong = home.blocks(&["list", "--since", "soon"]);
    assert!(
        wrong.stderr.contains("\"soon\" is no time"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn two_runs_are_compared() {
    let home = Home::new();
    home.fill();
    let ids: Vec<String> = home
        .json(&["list", "--command", "cargo build"])
        .iter()
        .map(|block| block["short"].as_str().unwrap().to_owned())
        .collect();
    let output = home.blocks(&["diff", &ids[1]]);
    assert_eq!(output.code, Some(1));
    let text = output.text();
    assert!(
        text.contains("-error[E0308] in src/main.rs\n") && text.contains("+warning: unused\n"),
        "{text}"
    );
    let same = home.blocks(&["diff", &ids[0], &ids[0]]);
    assert_eq!((same.code, same.text().as_str()), (Some(0), ""));
    let beside = home.blocks(&["diff", "-y", &ids[0], &ids[1]]).text();
    assert!(beside.contains("error[E0308]"), "{beside}");
}

#[test]
fn exports_are_written_for_their_owner_alone() {
    let home = Home::new();
    home.fill();
    for (name, beginning) in [
        ("a.md", "```console\n$ cargo build\n"),
        ("a.html", "<!DOCTYPE html>"),
        ("a.jsonl", "{\"bytes\""),
        ("a.cast", "{\"env\""),
        ("a.svg", "<svg "),
    ] {
        let file = home.path().join(name);
        home.ok(&["export", "--project", "x", "-o", file.to_str().unwrap()]);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with(beginning), "{name}: {}", &text[..60]);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let file = home.path().join("a.foo");
    let unknown = home.blocks(&["export", "-o", file.to_str().unwrap()]);
    assert!(unknown.stderr.contains(".svg"), "{}", unknown.stderr);
    assert!(unknown.code != Some(0) && !file.exists());
    home.ok(&["export", "-f", "markdown", "-o", file.to_str().unwrap()]);
    assert_eq!(
        home.ok(&["export", "-f", "json"]).lines().count(),
        1,
        "the last one"
    );
}

#[test]
fn figures_are_worked_out() {
    let home = Home::new();
    home.fill();
    let text = home.ok(&["stats", "--since", "2026-11-01"]);
    assert!(text.contains("4 commands, 1 failed (25%)"), "{text}");
    assert!(
        text.contains("2026-11-29") && text.contains("cargo build"),
        "{text}"
    );
    let object = &home.json(&["stats", "--since", "2026-11-01"])[0];
    assert_eq!(object["v"], 1);
    assert_eq!(object["commands"][0]["command"], "cargo build");
    assert_eq!(object["commands"][0]["runs"], 2);
    assert_eq!(object["commands"][0]["time_to_green_us"], 61_500_000);
    let nothing = home.ok(&["stats", "--since", "2026-11-01", "--project", "none"]);
    assert!(nothing.contains("no command"), "{nothing}");
}

#[test]
fn histories_of_other_shells_are_taken_over_once() {
    let home = Home::new();
    let bash = home.write(
        "bash",
        "#1700000000\nls -la\n#1700000010\nexport TOKEN=hunter2hunter2\n",
    );
    let zsh = home.write(
        "zsh",
        ": 1700000020:5;make all\n: 1700000030:0;for x in 1\\\ndo echo; done\n",
    );
    let fish = home.write("fish", "- cmd: cargo run\n  when: 1700000040\n");
    for (source, file) in [("bash", &bash), ("zsh", &zsh), ("fish", &fish)] {
        let said = home.ok(&["import", source, file]);
        assert!(
            said.contains(" read, ") && said.ends_with(" new\n"),
            "{said}"
        );
        let same = home.ok(&["import", source, file]);
        assert!(same.contains("the others"), "{same}");
        let again = home.json(&["import", source, file]);
        assert_eq!(again[0]["added"], 0, "{source}");
    }
    let commands: Vec<String> = home
        .json(&["list"])
        .iter()
        .map(|block| block["command"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        commands,
        [
            "ls -la",
            "export TOKEN=[redacted: password]",
            "make all",
            "for x in 1\ndo echo; done",
            "cargo run"
        ]
    );
    assert!(!home.holds("hunter2hunter2"));
    let missing = home.blocks(&["import", "fish", "/no/such/file"]);
    assert!(
        missing.stderr.contains("/no/such/file"),
        "{}",
        missing.stderr
    );
    let why = missing.stderr.matches("No such file").count();
    assert_eq!(why, 1, "{}", missing.stderr);
}

#[test]
fn what_is_forgotten_is_gone_from_the_files() {
    let home = Home::new();
    home.fill();
    assert!(home.holds("kubectl get pods"));
    let asked = home.blocks(&["forget", "--search", "kubectl"]);
    assert_ne!(asked.code, Some(0), "it asks, and there is no terminal");
    let said = home.ok(&["forget", "--search", "kubectl", "--yes"]);
    assert!(
        said.contains("1 block deleted") && said.contains("What stays"),
        "{said}"
    );
    assert!(!home.holds("kubectl"));
    assert_eq!(home.json(&["list"]).len(), 3);
    home.ok(&["forget", "--all", "--yes"]);
    assert!(!home.holds("cargo"));
    let mode = std::fs::metadata(home.history().join("history.db"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_damaged_history_is_set_aside() {
    let home = Home::new();
    let file = home.history().join("history.db");
    std::fs::write(&file, "no database").unwrap();
    let list = home.blocks(&["list"]);
    assert!(
        list.stderr
            .contains(&format!("{} is damaged", file.display())),
        "{}",
        list.stderr
    );
    let why = list.stderr.matches("not a database").count();
    assert_eq!(why, 1, "{}", list.stderr);
    home.fill();
    assert_eq!(home.json(&["list"]).len(), 4);
    let kept = std::fs::read_dir(home.history())
        .unwrap()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .contains(".damaged-")
        })
        .count();
    assert_eq!(kept, 1);
}

/// A shell under `terrace run`, typed into line by line.
#[track_caller]
fn shell(home: &Home, shell: &[&str], lines: &str) {
    let typed = home.write("typed", lines);
    let mut command = home.command();
    command
        .args([
            "run",
            "--timeout",
            "60",
            "-o",
            &home.setting(),
            "--input",
            &typed,
            "--",
        ])
        .args(shell);
    let output = run(&mut command, b"");
    assert_eq!(output.code, Some(0), "{}", output.stderr);
}

#[test]
fn what_a_shell_runs_is_kept_with_its_output_and_status() {
    for (name, args) in [
        ("bash", &["bash"][..]),
        ("zsh", &["zsh"]),
        ("fish", &["fish"]),
    ] {
        if !is_installed(name) {
            continue;
        }
        let home = Home::new();
        home.write(".zshrc", "");
        shell(
            &home,
            args,
            "echo one; echo two\nfalse\ncd /\n echo hidden-by-blank\necho password=hunter2hunter2\nexit 0\n",
        );
        let all = home.json(&[
            "list",
            "--session",
            home.json(&["list"])[0]["session"].as_str().unwrap(),
        ]);
        let commands: Vec<&str> = all
            .iter()
            .map(|block| block["command"].as_str().unwrap())
            .collect();
        assert_eq!(
            &commands[..4],
            [
                "echo one; echo two",
                "false",
                "cd /",
                "echo password=[redacted: password]"
            ],
            "{name}"
        );
        assert_eq!(all[0]["status"], 0, "{name}");
        assert_eq!(all[1]["status"], 1, "{name}");
        assert_eq!(all[3]["folder"], "/", "{name}");
        assert_eq!(all[0]["trust"], "local", "{name}");
        assert!(
            all[0]["shell"].as_str().unwrap().starts_with(name),
            "{}",
            all[0]["shell"]
        );
        let id = all[0]["short"].as_str().unwrap();
        assert_eq!(home.ok(&["show", id, "--output"]), "one\ntwo\n", "{name}");
        assert!(
            !home.holds("hunter2hunter2") && !home.holds("hidden-by-blank"),
            "{name}"
        );
    }
}

#[test]
fn the_last_output_can_be_piped_inside_the_pane() {
    if !is_installed("bash") {
        return;
    }
    let home = Home::new();
    // A block of another session that is newer than anything the shell runs.
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let other = serde_json::json!({
        "v": 1, "started_us": i64::try_from(now.as_micros()).unwrap() + 600_000_000, "command": "other", "output": "bar of another pane\n",
        "trust": "local", "host": { "name": "desk", "user": "me", "kind": "local" },
    });
    let file = home.write("other.jsonl", &format!("{other}\n"));
    home.ok(&["import", "json", &file]);
    let program = home.command().get_program().to_string_lossy().into_owned();
    let setting = home.setting();
    let result = home.path().join("result");
    // Until the block is written, which takes a moment.
    let script = format!(
        "printf 'foo 1\\nbar\\nfoo 2\\n'\nuntil {program} blocks last --output --option {setting} | grep foo > {}; do :; done\nexit 0\n",
        result.display()
    );
    shell(&home, &["bash"], &script);
    assert_eq!(std::fs::read_to_string(result).unwrap(), "foo 1\nfoo 2\n");
}

#[test]
fn kill_minus_nine_takes_at_most_the_last_second() {
    if !is_installed("bash") {
        return;
    }
    let home = Home::new();
    let typed = home.write(
        "typed",
        "echo finished-before\nfor n in $(seq 1000); do echo running-$n; done; sleep 600\n",
    );
    let mut command = home.command();
    command.args([
        "run",
        "-o",
        &home.setting(),
        "--input",
        &typed,
        "--",
        "bash",
    ]);
    let mut child = command.stdin(std::process::Stdio::null()).spawn().unwrap();
    // Until the journal has what runs.
    let deadline = Instant::now() + LIMIT;
    while !home.holds("running-1000") {
        assert!(Instant::now() < deadline, "the running command is not kept");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // Opening for writing takes over what was left.
    home.ok(&["prune"]);
    let all = home.json(&["list"]);
    let states: Vec<(&str, &str)> = all
        .iter()
        .map(|block| {
            (
                block["command"]
                    .as_str()
                    .unwrap()
                    .split(' ')
                    .next()
                    .unwrap(),
                block["state"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(states, [("echo", "done"), ("for", "lost")]);
    let text = home.ok(&["show", "last", "--output"]);
    assert!(
        text.starts_with("running-1\n") && text.ends_with("running-1000\n"),
        "{}",
        text.len()
    );
    assert!(std::io::stderr().flush().is_ok());
}

#[test]
fn history_can_be_switched_off() {
    if !is_installed("bash") {
        return;
    }
    let home = Home::new();
    let typed = home.write("typed", "echo nothing-of-this\nexit 0\n");
    let mut command = home.command();
    command
        .args([
            "run",
            "--timeout",
            "60",
            "-o",
            &home.setting(),
            "-o",
            "history.enabled=false",
            "--input",
            &typed,
            "--",
        ])
        .args(["bash"]);
    assert_eq!(run(&mut command, b"").code, Some(0));
    assert!(!home.holds("nothing-of-this"));
}

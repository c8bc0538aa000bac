//! What `terrace env diff --toolchain` asks both sides: the versions of the tools that the project uses, and the
//! names of the environment variables.

use std::ffi::OsString;
use std::path::Path;

/// A file that shows that a project uses tools, and the tools with the arguments that print their version.
type Clue = (&'static str, &'static [&'static str]);

const CLUES: [Clue; 25] = [
    ("Cargo.toml", &["rustc --version", "cargo --version"]),
    ("rust-toolchain.toml", &["rustc --version"]),
    ("package.json", &["node --version", "npm --version"]),
    ("yarn.lock", &["yarn --version"]),
    ("pnpm-lock.yaml", &["pnpm --version"]),
    ("bun.lock", &["bun --version"]),
    ("deno.json", &["deno --version"]),
    ("pyproject.toml", &["python3 --version", "pip --version"]),
    ("requirements.txt", &["python3 --version", "pip --version"]),
    ("uv.lock", &["uv --version"]),
    ("poetry.lock", &["poetry --version"]),
    ("go.mod", &["go version"]),
    ("Gemfile", &["ruby --version", "bundle --version"]),
    ("composer.json", &["php --version", "composer --version"]),
    ("pom.xml", &["java -version", "mvn --version"]),
    ("build.gradle", &["java -version", "gradle --version"]),
    ("build.gradle.kts", &["java -version", "gradle --version"]),
    ("CMakeLists.txt", &["cmake --version", "cc --version"]),
    ("meson.build", &["meson --version", "cc --version"]),
    ("Makefile", &["make --version"]),
    ("Dockerfile", &["docker --version"]),
    ("compose.yaml", &["docker --version"]),
    ("flake.nix", &["nix --version"]),
    ("mix.exs", &["elixir --version"]),
    ("Package.swift", &["swift --version"]),
];

/// Always asked.
const ALWAYS: [&str; 2] = ["git --version", "uname -srm"];

/// Asked when a folder has no clue.
const USUAL: [&str; 6] = [
    "rustc --version",
    "node --version",
    "python3 --version",
    "go version",
    "java -version",
    "make --version",
];

/// Runs each argument after the first, words by blanks, and prints its first line, or that it failed; then the
/// variables' names, since their values may be secrets.
///
/// One that has not answered after five seconds is ended with what it began, in a process group of its own, and the
/// others are asked all the same. POSIX; dash has no job control without a terminal, a Mac no setsid(1).
const SCRIPT: &str = r#"
exec 2>/dev/null
if command -v setsid >/dev/null; then own=setsid; else own=; set -m; fi
one='if said=$("$@" 2>&1 </dev/null); then works=; else works="does not work: "; fi
    printf "%s: %s%s\n" "$1" "$works" "$(printf "%s\n" "$said" | head -n 1)"'
for call in "$@"; do
    set -f; set -- $call; set +f
    if ! command -v "$1" >/dev/null; then
        printf '%s: missing\n' "$1"
        continue
    fi
    $own sh -c "$one" terrace "$@" &
    asked=$!
    {
        for second in 1 2 3 4 5; do
            sleep 1
            kill -0 $asked || exit
        done
        kill -9 -$asked || kill -9 $asked
    } >/dev/null &
    watch=$!
    wait $asked
    [ $? -lt 128 ] || printf '%s: does not answer\n' "$1"
    kill $watch
done
env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p' | sort -u | while read -r name; do
    case "$name" in _|SHLVL|PWD|OLDPWD|TERRACE_SESSION|TERRACE_RUN|NO_COLOR|PAGER|TERM|LC_ALL) ;; *) printf 'variable %s\n' "$name" ;; esac
done
"#;

/// The command for both sides, from the files of a project's folder here.
pub(super) fn command(folder: Option<&Path>) -> Vec<OsString> {
    let mut calls: Vec<&str> = Vec::new();
    let clues = CLUES
        .iter()
        .filter(|(file, _)| folder.is_some_and(|folder| folder.join(file).exists()));
    let found: Vec<&str> = clues.flat_map(|(_, calls)| calls.iter().copied()).collect();
    let found = if found.is_empty() {
        USUAL.to_vec()
    } else {
        found
    };
    for call in found.into_iter().chain(ALWAYS) {
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    let script = ["sh", "-c", SCRIPT, "terrace"];
    script
        .into_iter()
        .chain(calls)
        .map(OsString::from)
        .collect()
}

/// What a printed line is about: a tool, or a variable.
pub(super) fn name(line: &str) -> &str {
    line.split_once(": ").map_or(line, |(tool, _)| tool)
}

#[cfg(test)]
mod tests {
    use super::command;
    use environments::{Limit, ToolCall};
    use std::time::Duration;

    #[test]
    fn a_project_names_its_tools() {
        let folder = tempfile::tempdir().expect("a folder");
        for file in ["Cargo.toml", "Makefile", "rust-toolchain.toml"] {
            std::fs::write(folder.path().join(file), "").expect("writable");
        }
        let words = command(Some(folder.path()));
        let expected = [
            "rustc --version",
            "cargo --version",
            "make --version",
            "git --version",
            "uname -srm",
        ];
        assert_eq!(&words[4..], expected);
        assert!(command(None).iter().any(|word| word == "python3 --version"));
    }

    #[test]
    fn a_tool_that_fails_has_no_version() {
        let words = command(None);
        let calls = ["sh -c false", "ls /no/such/folder", "no-such-tool -v"];
        let call = ToolCall::new(&words[0]).args(&words[1..4]).args(calls);
        let output = environments::tool::run(&call, &Limit::within(Duration::from_secs(60)));
        let text = output.expect("sh runs").stdout_text();
        let lines: Vec<&str> = text.lines().take(3).collect();
        assert_eq!(
            (lines[0], lines[2]),
            ("sh: does not work: ", "no-such-tool: missing")
        );
        assert!(lines[1].starts_with("ls: does not work: ls: "), "{text}");
    }

    #[test]
    fn one_that_hangs_costs_its_own_row() {
        let folder = tempfile::tempdir().expect("a folder");
        // It hangs in a process of its own, which holds its output.
        let tool = folder.path().join("hangs");
        std::fs::write(&tool, "#!/bin/sh\nsleep 4247\nexit 0\n").expect("writable");
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&tool, executable).expect("it is ours");
        let words = command(None);
        let hangs = format!("{} --version", tool.display());
        let call = ToolCall::new(&words[0]).args(&words[1..4]);
        let call = call.args([hangs.as_str(), "ls --version"]);
        let limit = Limit::within(Duration::from_secs(60));
        let output = environments::tool::run(&call.timeout(Duration::from_secs(60)), &limit);
        let text = output.expect("sh runs").stdout_text();
        let lines: Vec<&str> = text.lines().take(2).collect();
        assert_eq!(lines[0], format!("{}: does not answer", tool.display()));
        assert!(lines[1].starts_with("ls: ls "), "{text}");
        let left = std::process::Command::new("pgrep")
            .args(["-f", "^sleep 4247$"])
            .output();
        assert!(
            left.is_ok_and(|found| found.stdout.is_empty()),
            "it is left"
        );
    }

    #[test]
    fn versions_and_names_are_printed_but_no_values() {
        let words = command(None);
        let call = ToolCall::new(&words[0])
            .args(&words[1..])
            .env("MY_SECRET", "hunter2");
        let output = environments::tool::run(&call, &Limit::within(Duration::from_secs(60)));
        let text = output.expect("sh runs").stdout_text();
        assert!(text.contains("git: git version"), "{text}");
        assert!(
            text.contains("variable MY_SECRET\n") && !text.contains("hunter2"),
            "{text}"
        );
    }
}

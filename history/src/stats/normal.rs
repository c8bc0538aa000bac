//! Commands in a form in which runs of "the same" are the same text.

use std::sync::LazyLock;

use regex::Regex;

/// Programs whose first argument says what they do.
const WITH_SUBCOMMAND: [&str; 38] = [
    "apt",
    "apt-get",
    "aws",
    "az",
    "brew",
    "bun",
    "bundle",
    "cargo",
    "deno",
    "dnf",
    "docker",
    "dotnet",
    "flutter",
    "gcloud",
    "gh",
    "git",
    "go",
    "gradle",
    "helm",
    "jj",
    "just",
    "kubectl",
    "make",
    "mise",
    "mix",
    "mvn",
    "nix",
    "npm",
    "npx",
    "pip",
    "pnpm",
    "podman",
    "poetry",
    "rails",
    "systemctl",
    "terraform",
    "uv",
    "yarn",
];
/// Programs that only run another.
const WRAPPERS: [&str; 10] = [
    "builtin", "command", "doas", "env", "exec", "nice", "nohup", "sudo", "then", "time",
];

static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    // Ids and long numbers differ from run to run; short ones (-j2, :8080) are part of the command.
    Regex::new(
        r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]*[0-9][0-9a-f]{11,}|\d{6,})\b",
    )
    .expect("the pattern is tested")
});
static TEMPORARY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"/(?:tmp|var/tmp|dev/shm)/[^\s'";|&)]+"#).expect("the pattern is tested")
});

/// A command in its normal form: one line, single blanks, without leading assignments and wrappers
/// (`FOO=1 time …`), ids and temporary paths replaced.
#[must_use]
pub fn normal_form(command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    let text = words[skipped(&words)..].join(" ");
    let text = NUMBERS.replace_all(&text, "…");
    TEMPORARY.replace_all(&text, "/tmp/…").into_owned()
}

/// The program, and its subcommand if it is one that has some: `cargo test`, `ls`.
#[must_use]
pub fn program(command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    let mut words = words[skipped(&words)..].iter();
    let Some(first) = words.next() else {
        return String::new();
    };
    let name = first.rsplit('/').next().unwrap_or(first);
    if WITH_SUBCOMMAND.contains(&name) {
        let is_plain = |word: &&&str| {
            word.starts_with(|one: char| one.is_ascii_alphabetic())
                && word
                    .chars()
                    .all(|one| one.is_ascii_alphanumeric() || "-_:.".contains(one))
        };
        // Options may stand before it: `git -C x status` is left at `git`.
        if let Some(second) = words.next().filter(is_plain) {
            return format!("{name} {second}");
        }
    }
    name.to_owned()
}

/// Words at the beginning that do not say what runs. A wrapper with options stays: how many words these take is its
/// own business.
fn skipped(words: &[&str]) -> usize {
    let next = words.iter().skip(1).map(Some).chain([None]);
    let passed = words
        .iter()
        .zip(next)
        .take_while(|(word, next)| {
            is_assignment(word)
                || WRAPPERS.contains(word) && next.is_none_or(|next| !next.starts_with('-'))
        })
        .count();
    if passed == words.len() { 0 } else { passed }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|one: char| one.is_ascii_digit())
            && name
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || one == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_the_same_have_one_form() {
        for (command, form) in [
            ("cargo  test", "cargo test"),
            ("RUST_LOG=debug FOO=1 cargo test -p x", "cargo test -p x"),
            ("time make -j2", "make -j2"),
            ("sudo systemctl restart x", "systemctl restart x"),
            ("git show 3fa9b2c4d03fa9b2c4d0", "git show …"),
            ("tail /tmp/tmp.abc/log", "tail /tmp/…"),
            (
                "for x in 1 2; do\n  echo $x\ndone",
                "for x in 1 2; do echo $x done",
            ),
            ("A=1", "A=1"),
            ("", ""),
            ("serve --port 8080", "serve --port 8080"),
        ] {
            assert_eq!(normal_form(command), form, "{command}");
        }
    }

    #[test]
    fn programs_bear_their_subcommand() {
        for (command, name) in [
            ("cargo test -p x", "cargo test"),
            ("/usr/bin/git status", "git status"),
            ("git -C x status", "git"),
            ("ls -la", "ls"),
            ("sudo apt install x", "apt install"),
            ("npm run-script build", "npm run-script"),
            ("", ""),
        ] {
            assert_eq!(program(command), name, "{command}");
        }
    }
}

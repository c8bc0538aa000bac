//! From the shell to the blocks: what the terminal makes of real shells' marks.

use serde_json::{Value, json};
use tests::is_installed;
use tests::shell::{Setup, Shell};

const BASHRC: &str = "PS1='two rows\\n> '\nHISTCONTROL=ignoreboth\n";
const ZSHRC: &str = "PS1=$'two rows\\n> '\nRPS1='<right>'\nsetopt hist_ignore_space\nHISTSIZE=99\n";
const FISH: &str = "function fish_greeting; end
function fish_prompt; echo 'two rows'; echo -n '> '; end
function fish_right_prompt; echo -n '<right>'; end
";

/// The blocks of the session, without the prompt that waits.
#[track_caller]
fn blocks(shell: &mut Shell) -> Vec<Value> {
    let state = shell.session.control.screen().0;
    let blocks = state["blocks"].as_array().cloned().unwrap_or_default();
    blocks
        .into_iter()
        .filter(|block| block["state"] != "pending")
        .collect()
}

/// One line a block: state, status, those of a pipeline of several, text, output, whether it is private.
fn told(block: &Value) -> String {
    let output = block["output"].as_str().unwrap_or_default();
    let pipe: Vec<String> = block["pipe"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(Value::to_string)
        .collect();
    format!(
        "{} {} {} {:?} {:?}{}",
        block["state"].as_str().unwrap_or_default(),
        block["status"],
        pipe.join("|"),
        block["command"].as_str().unwrap_or_default(),
        output.trim_end(),
        if block["private"] == true {
            " private"
        } else {
            ""
        }
    )
}

#[track_caller]
fn check(shell: &mut Shell, expected: &[&str]) {
    let blocks = blocks(shell);
    let found: Vec<String> = blocks.iter().map(told).collect();
    assert_eq!(found, expected);
    for block in &blocks {
        assert_eq!(block["trust"], "local", "{block}");
        assert_eq!(block["context"]["cwd"], json!(shell.home_path()), "{block}");
        if block["state"] == "done" {
            assert!(block["duration_us"].is_u64(), "{block}");
        }
    }
}

#[test]
fn bash() {
    let mut shell = Setup::default().file(".bashrc", BASHRC).start(&["bash"]);
    shell.run("true | echo one | sh -c 'cat; exit 3'");
    shell.run("");
    for line in ["cat <<X", "a", "b", "X"] {
        shell.enter(line);
    }
    shell.next_prompt();
    shell.run("printf no-newline");
    shell.run("printf no-newline");
    shell.run(" echo secret");
    shell.run("echo )");
    shell.run("nosuch_xyz 2>/dev/null");
    shell.type_text("echo part");
    shell.session.control.wait_for("echo part");
    shell.key("c", &["ctrl"]);
    shell.next_prompt();
    check(
        &mut shell,
        &[
            r#"done 3 0|0|3 "true | echo one | sh -c 'cat; exit 3'" "one""#,
            r#"done 0  "cat <<X\na\nb\nX" "a\nb""#,
            r#"done 0  "printf no-newline" "no-newline""#,
            r#"done 0  "printf no-newline" "no-newline""#,
            r#"done 0  " echo secret" "secret" private"#,
            "rejected 2  \"echo )\" \"bash: syntax error near unexpected token `)'\"",
            r#"done 127  "nosuch_xyz 2>/dev/null" """#,
            r#"rejected 130  "echo part" """#,
        ],
    );
}

#[test]
fn what_was_stopped_in_bash_has_no_statuses_of_the_pipeline_before() {
    let mut shell = Setup::default().file(".bashrc", BASHRC).start(&["bash"]);
    shell.run("(exit 3) | true | (exit 4)");
    shell.enter("sh -c 'echo $((1 + 1)) is up; sleep 100'");
    shell.session.control.wait_for("2 is up");
    shell.key("z", &["ctrl"]);
    let cycle = shell.next_prompt();
    assert_eq!(cycle.status(), "148");
    let blocks = blocks(&mut shell);
    let statuses: Vec<_> = blocks.iter().map(|block| block["pipe"].clone()).collect();
    assert_eq!(statuses, [json!([3, 0, 4]), json!([])]);
}

#[test]
fn bash_rejects_what_was_typed_not_what_a_job_printed_there() {
    let mut shell = Setup::default().file(".bashrc", BASHRC).start(&["bash"]);
    shell.run("(sleep 0.2; echo from job $((1 + 1))) &");
    shell.session.control.wait_for("from job 2");
    shell.run("if then fi");
    let blocks = blocks(&mut shell);
    let last = blocks.last().expect("a block");
    assert_eq!(
        told(last),
        "rejected 2  \"if then fi\" \"bash: syntax error near unexpected token `then'\""
    );
    assert_eq!(last["source"], "shell", "{last}");
}

#[test]
fn what_a_job_prints_before_a_command_is_typed_is_a_block_of_its_own() {
    for (program, file, text, then) in [
        ("bash", ".bashrc", BASHRC, "from job 2"),
        ("zsh", ".zshrc", ZSHRC, "+ done"),
        ("fish", ".config/fish/config.fish", FISH, "has ended"),
    ] {
        if !is_installed(program) {
            continue;
        }
        let mut shell = Setup::default().file(file, text).start(&[program]);
        shell.run("sh -c 'sleep 0.2; echo from job $((1 + 1))' &");
        shell.session.control.wait_for(then);
        shell.run("echo typed");
        let blocks = blocks(&mut shell);
        let is_job = |block: &Value| {
            let output = block["output"].as_str().unwrap_or_default();
            block["kind"] == "background" && output.contains("from job 2")
        };
        assert!(blocks.iter().any(is_job), "{program}: {blocks:?}");
        let last = blocks.last().expect("a block");
        assert_eq!(told(last), r#"done 0  "echo typed" "typed""#, "{program}");
    }
}

#[test]
fn zsh() {
    if !is_installed("zsh") {
        return;
    }
    let mut shell = Setup::default().file(".zshrc", ZSHRC).start(&["zsh"]);
    shell.run("true | echo one | sh -c 'cat; exit 3'");
    shell.run("");
    shell.run("printf no-newline");
    shell.run(" echo secret");
    shell.run("nosuch_xyz 2>/dev/null");
    check(
        &mut shell,
        &[
            r#"done 3 0|0|3 "true | echo one | sh -c 'cat; exit 3'" "one""#,
            r#"done 0  "printf no-newline" "no-newline""#,
            r#"done 0  " echo secret" "secret" private"#,
            r#"done 127  "nosuch_xyz 2>/dev/null" """#,
        ],
    );
}

/// As starship's, oh-my-posh's and others' transient prompts for zsh do it.
#[test]
fn a_prompt_that_becomes_shorter_when_a_line_is_accepted_takes_nothing_of_the_output() {
    if !is_installed("zsh") {
        return;
    }
    let zshrc = "p=$'three\\nrows\\n%# '; PS1=$p
zle-line-finish() { PS1='> '; zle reset-prompt }
zle -N zle-line-finish
again() { PS1=$p }
precmd_functions+=(again)
";
    let mut shell = Setup::default().file(".zshrc", zshrc).start(&["zsh"]);
    shell.run("echo one");
    shell.run("seq 5");
    shell.run("printf nonl");
    check(
        &mut shell,
        &[
            r#"done 0  "echo one" "one""#,
            r#"done 0  "seq 5" "1\n2\n3\n4\n5""#,
            r#"done 0  "printf nonl" "nonl""#,
        ],
    );
}

#[test]
fn fish() {
    if !is_installed("fish") {
        return;
    }
    let setup = Setup::default().file(".config/fish/config.fish", FISH);
    let mut shell = setup.start(&["fish"]);
    shell.run("true | echo one | sh -c 'cat; exit 3'");
    shell.run("");
    // Neither has a status of its own; fish leaves that of what ran before.
    shell.run("sleep 100 &");
    shell.run("# note");
    shell.run("printf no-newline");
    shell.run(" echo secret");
    check(
        &mut shell,
        &[
            r#"done 3 0|0|3 "true | echo one | sh -c 'cat; exit 3'" "one""#,
            r#"done 0  "sleep 100 &" """#,
            r##"done 0  "# note" """##,
            r#"done 0  "printf no-newline" "no-newline""#,
            r#"done 0  " echo secret" "secret" private"#,
        ],
    );
}

/// Shells that say no C: the terminal takes the user's Enter for it and reads the screen.
#[test]
fn plain_shells() {
    for command in [&["dash"][..], &["busybox", "sh"], &["ksh"], &["mksh"]] {
        if !is_installed(command[0]) {
            continue;
        }
        let setup = Setup::default()
            .file(".shrc", "PS1='> '\n")
            .env("ENV", "~/.shrc");
        let mut shell = setup.start(command);
        shell.run("echo one");
        shell.run("");
        shell.run("sh -c 'exit 3'");
        let told: Vec<String> = blocks(&mut shell)
            .iter()
            .map(|block| {
                let text = |name: &str| block[name].as_str().unwrap_or_default().to_owned();
                format!(
                    "{} {} {}",
                    text("command"),
                    text("output").trim_end(),
                    block["status"]
                )
            })
            .collect();
        assert_eq!(told, ["echo one one 0", "sh -c 'exit 3'  3"], "{command:?}");
    }
}

//! A storm of resizes at a prompt of two rows: one prompt is left, with the input as it was typed.

use serde_json::json;
use tests::is_installed;
use tests::shell::Setup;

#[track_caller]
fn check(setup: &Setup, command: &[&str]) {
    let mut shell = setup.start(command);
    for line in ["echo one", "false", "seq 3"] {
        shell.run(line);
    }
    let input = "echo the input is still here";
    shell.type_text(input);
    shell.session.control.wait_for(input);
    let widths = [100, 40, 200, 41, 80, 63, 120, 40, 57, 199, 72];
    for columns in widths {
        shell
            .session
            .control
            .tell(&json!({"resize": [columns, 24]}));
        // Sometimes the shell has its say in between, sometimes not.
        if columns % 2 == 0 {
            shell.session.control.tell(&json!({"sync": true}));
        }
    }
    shell.session.control.tell(&json!({"resize": [80, 24]}));
    shell.session.control.wait_for(input);
    let rows = shell.rows();
    let count = |text: &str| rows.iter().filter(|row| row.contains(text)).count();
    assert_eq!(count("two rows high"), 4, "{command:?}: {rows:#?}");
    assert_eq!(count(input), 1, "{command:?}: {rows:#?}");
    let at = rows
        .iter()
        .position(|row| row.contains(input))
        .expect("it was counted");
    assert_eq!(rows[at], format!("> {input}"), "{command:?}: {rows:#?}");
    assert!(
        rows[at - 1].starts_with("two rows high"),
        "{command:?}: {rows:#?}"
    );
    assert!(
        rows[at + 1..].iter().all(String::is_empty),
        "{command:?}: {rows:#?}"
    );
    let cycle = shell.run("");
    assert_eq!(cycle.text(), input, "{command:?}");
    assert_eq!(cycle.printed(), "the input is still here");
}

#[test]
fn bash_keeps_one_prompt() {
    check(
        &Setup::default().file(".bashrc", "PS1='two rows high\\n> '\n"),
        &["bash"],
    );
}

#[test]
fn zsh_keeps_one_prompt() {
    if is_installed("zsh") {
        check(
            &Setup::default().file(".zshrc", "PS1=$'two rows high\\n> '\n"),
            &["zsh"],
        );
    }
}

#[test]
fn fish_keeps_one_prompt() {
    if is_installed("fish") {
        let text = "function fish_greeting; end\nfunction fish_prompt; echo 'two rows high'; echo -n '> '; end\n";
        check(
            &Setup::default().file(".config/fish/config.fish", text),
            &["fish"],
        );
    }
}

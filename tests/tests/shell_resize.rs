//! A storm of resizes at a prompt of two rows: one prompt is left, with the input as it was typed.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::is_installed;
use tests::shell::{Setup, Shell};

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

/// A size that comes while zsh still makes its prompt for the one before: it would count rows of its first line
/// that the terminal wraps.
#[test]
fn zsh_keeps_one_prompt_that_takes_its_time() {
    if !is_installed("zsh") {
        return;
    }
    let zshrc = "setopt prompt_subst
made() { print made >>~/made; while [[ -e ~/wait ]]; do sleep 0.01; done; }
PROMPT='${(r:$((COLUMNS-9))::.:)}$(made)
slow> '
";
    let mut shell = Setup::default().file(".zshrc", zshrc).start(&["zsh"]);
    let home = shell.home.path().to_owned();
    let made = || {
        std::fs::read_to_string(home.join("made"))
            .unwrap_or_default()
            .len()
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut judged = 0;
    while judged < 5 {
        assert!(Instant::now() < deadline, "the machine is too slow");
        shell.session.control.tell(&json!({"resize": [120, 24]}));
        wait_for_rows(&mut shell, &[&".".repeat(111), "slow>"]);
        std::fs::write(home.join("wait"), "").expect("the home folder can be written");
        let before = made();
        let start = Instant::now();
        shell.session.control.tell(&json!({"resize": [90, 24]}));
        while made() == before {
            assert!(Instant::now() < deadline, "the prompt is not made again");
            std::thread::sleep(Duration::from_millis(1));
        }
        shell.session.control.tell(&json!({"resize": [60, 24]}));
        std::fs::remove_file(home.join("wait")).expect("it was written");
        // Terrace waits longer than this for the shell, so the second size came while the prompt was made. If it did
        // not, the round shows nothing.
        if start.elapsed() < Duration::from_millis(200) {
            judged += 1;
            wait_for_rows(&mut shell, &[&".".repeat(51), "slow>"]);
        } else {
            shell.key("l", &["ctrl"]);
        }
    }
}

/// Waits until the screen holds these rows and no others.
#[track_caller]
fn wait_for_rows(shell: &mut Shell, wanted: &[&str]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        shell.session.control.tell(&json!({"sync": true}));
        let rows = shell.rows();
        if rows.iter().filter(|row| !row.is_empty()).eq(wanted) {
            return;
        }
        assert!(Instant::now() < deadline, "{rows:#?}");
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

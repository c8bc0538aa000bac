//! Environments in the real window: found in the panel and opened by three keys, worked in, lost, opened again;
//! opened from the command line; compared; ended with Terrace.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tests::display::{Display, Window, wait_for};
use tests::environments::{Docker, Sshd};

/// Everything may be asked over the control socket; no kind is asked that a test does not need.
fn settings(kinds: &[&str], more: &str) -> String {
    let all = [
        "ssh",
        "devcontainer",
        "compose",
        "docker",
        "podman",
        "kubernetes",
    ];
    let hidden: Vec<&str> = all.into_iter().filter(|id| !kinds.contains(id)).collect();
    format!(
        "[control]\nallow = [\"state.read\", \"screen.read\", \"pane.create\", \"input.send\"]\n\
         [cursor]\nblink = \"never\"\n[environments]\nhide = {hidden:?}\n{more}\n"
    )
}

/// Asks as the user would in a script.
fn ctl(display: &Display, args: &[&str]) -> Result<Value> {
    let output = display
        .terrace()
        .args(["ctl", "--all", "--json"])
        .args(args)
        .output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The panes of every tab, flat.
fn panes(display: &Display) -> Result<Vec<Value>> {
    let list = ctl(display, &["list"])?;
    let each = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let windows = each(&list, "windows");
    let tabs = windows.iter().flat_map(|window| each(window, "tabs"));
    Ok(tabs.flat_map(|tab| each(&tab, "panes")).collect())
}

/// Waits until there are so many panes; the number of the newest.
fn newest(display: &Display, count: usize) -> Result<String> {
    wait_for(&format!("{count} panes"), || {
        let panes = panes(display)?;
        let numbers = panes.iter().filter_map(|pane| pane["pane"].as_u64());
        Ok((panes.len() == count).then(|| numbers.max()).flatten())
    })
    .map(|number| number.to_string())
}

fn text(display: &Display, pane: &str) -> Result<String> {
    let answer = ctl(display, &["text", &format!("pane={pane}")])?;
    Ok(answer["text"].as_str().unwrap_or_default().to_owned())
}

/// Waits for a text in a pane, and gives all of it.
fn wait_text(display: &Display, pane: &str, wanted: &str) -> Result<String> {
    let mut last = String::new();
    let found = wait_for(wanted, || {
        last = text(display, pane)?;
        Ok(last.contains(wanted).then(|| last.clone()))
    });
    found.with_context(|| format!("the pane has: {last}"))
}

/// Types a line into a pane, once a shell waits there.
fn enter(display: &Display, pane: &str, line: &str) -> Result<()> {
    wait_for("a prompt", || {
        let all = text(display, pane)?;
        let last = all.trim_end().lines().last().unwrap_or_default();
        Ok(last.ends_with(['$', '#', '>']).then_some(()))
    })?;
    let pane = format!("pane={pane}");
    ctl(display, &["send-text", &pane, &format!("text={line}")])?;
    ctl(display, &["send-key", &pane, r#"key={"key":"enter"}"#])?;
    Ok(())
}

/// Puts an `ssh` before the real one in the path that reads `config`, and that file where hosts are listed from:
/// the real one takes the account's home folder from the system.
fn give_ssh(display: &mut Display, config: &str) -> Result<()> {
    let file = display.folder().join("home/.ssh/config");
    fs::create_dir_all(file.parent().context("it has one")?)?;
    fs::write(&file, config)?;
    let script = format!(
        "#!/bin/sh\necho \"$*\" >>'{0}.calls'\nexec /usr/bin/ssh -F '{0}' \"$@\"\n",
        file.display()
    );
    let program = display.folder().join("bin/ssh");
    fs::create_dir_all(program.parent().context("it has one")?)?;
    fs::write(&program, script)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    let path = std::env::var("PATH")?;
    let path = format!("{}:{path}", display.folder().join("bin").display());
    display.set_env("PATH", &path);
    display.set_env("SHELL", "/bin/bash");
    Ok(())
}

/// Finds an environment in the panel and opens it in a tab: the third pane or so; its number.
fn open_by_keys(
    display: &Display,
    window: &Window<'_>,
    name: &str,
    count: usize,
) -> Result<String> {
    window.key("ctrl+shift+l")?;
    window.type_text(name)?;
    // While its kind is still asked there is nothing to be chosen, and Enter does nothing.
    wait_for("the row", || {
        window.key("Return")?;
        let patience = Instant::now() + Duration::from_secs(2);
        while Instant::now() < patience {
            if panes(display)?.len() == count {
                return Ok(Some(()));
            }
        }
        Ok(None)
    })?;
    newest(display, count)
}

/// Waits until the panel would find it: it shows what is known, and asks meanwhile.
fn wait_listed(display: &Display, kind: &str, name: &str) -> Result<()> {
    wait_for(&format!("{name} in the list"), || {
        let output = display
            .terrace()
            .arg("--config")
            .arg(display.folder().join("terrace.toml"))
            .args(["env", "list", kind])
            .output()?;
        let listed = String::from_utf8_lossy(&output.stdout).contains(name);
        Ok(listed.then_some(()))
    })
}

#[test]
fn a_host_is_opened_by_its_letters_and_after_a_loss_by_enter() -> Result<()> {
    let Some(sshd) = Sshd::start("window, ssh", "") else {
        return Ok(());
    };
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    give_ssh(&mut display, &sshd.host("laboratory", ""))?;
    let settings = settings(&["ssh"], "reconnect = \"manual\"");
    let window = Window::open(&display, &settings, &[])?;
    newest(&display, 1)?;
    wait_listed(&display, "ssh", "laboratory")?;
    let pane = open_by_keys(&display, &window, "labor", 2)?;
    enter(&display, &pane, "echo in-$((20+3))-$SSH_CONNECTION")?;
    wait_text(&display, &pane, "in-23-127.0.0.1")?;
    wait_for("the name in the title", || {
        Ok(window.title()?.starts_with("laboratory").then_some(()))
    })?;

    // Killed from outside: the pane says what happened and when, keeps its text, and goes on with Enter.
    enter(&display, &pane, "echo before; exec sleep 1000")?;
    wait_text(&display, &pane, "\nbefore")?;
    sshd.kill_sessions();
    let said = wait_text(&display, &pane, "Enter: connect again")?;
    ensure!(
        said.contains("laboratory lost at ") && said.contains("in-23-"),
        "{said}"
    );
    wait_for("the loss in the title", || {
        Ok((window.title()? == "laboratory (lost)").then_some(()))
    })?;
    window.key("Return")?;
    wait_for("the connection", || {
        Ok((!window.title()?.contains("(lost)")).then_some(()))
    })?;
    enter(&display, &pane, "echo again-$((20+4))")?;
    let all = wait_text(&display, &pane, "again-24")?;
    ensure!(all.contains("lost at"), "the content stays: {all}");
    ensure!(panes(&display)?.len() == 2, "it is the same pane");
    Ok(())
}

#[test]
fn env_open_opens_a_tab_in_the_terrace_that_runs() -> Result<()> {
    let Some(sshd) = Sshd::start("window, env open", "") else {
        return Ok(());
    };
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    give_ssh(&mut display, &sshd.host("lab", ""))?;
    let _window = Window::open(&display, &settings(&["ssh"], ""), &[])?;
    newest(&display, 1)?;
    let open = |args: &[&str]| -> Result<()> {
        let output = display
            .terrace()
            .args(["env", "open"])
            .args(args)
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{said}");
        Ok(())
    };
    open(&["ssh:lab", "--cd", "/usr"])?;
    let pane = newest(&display, 2)?;
    enter(&display, &pane, "echo \"<$PWD|$SSH_CONNECTION\"")?;
    wait_text(&display, &pane, "</usr|127.0.0.1")?;
    open(&["lab", "--", "sh", "-c", "echo by command; exec sleep 1000"])?;
    let pane = newest(&display, 3)?;
    wait_text(&display, &pane, "by command")?;
    // A split by the socket.
    let split = ctl(&display, &["split", "environment=ssh:lab", "folder=/usr"])?;
    let pane = split["pane"].to_string();
    enter(&display, &pane, "echo \"<<$PWD\"")?;
    wait_text(&display, &pane, "<</usr")?;
    Ok(())
}

/// An account whose shell takes no command (a router, a restricted shell): the pane shows its own shell, nothing of
/// the attempt, and the next one opens plainly at once.
#[test]
fn a_far_side_that_understands_nothing_gets_its_plain_shell() -> Result<()> {
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let router = display.folder().join("router");
    fs::write(
        &router,
        "#!/bin/sh\n[ \"$1\" = -c ] && { echo '% Unknown command'; exit 1; }\n\
         echo 'Welcome to the router'; PS1='router> ' exec /bin/sh -i\n",
    )?;
    fs::set_permissions(&router, fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(display.folder(), fs::Permissions::from_mode(0o755))?;
    let shell = router.to_str().context("a plain path")?.to_owned();
    let Some(sshd) = tests::sshd::Sshd::start(&shell, &tests::sshd::SshdOptions::default()) else {
        return Ok(());
    };
    give_ssh(&mut display, &fs::read_to_string(sshd.config())?)?;
    let _window = Window::open(&display, &settings(&["ssh"], ""), &[])?;
    newest(&display, 1)?;
    ctl(&display, &["open", "environment=ssh:lab"])?;
    let pane = newest(&display, 2)?;
    let all = wait_text(&display, &pane, "Welcome to the router")?;
    ensure!(!all.contains("Unknown"), "{all}");
    enter(&display, &pane, "echo works-$((1+1))")?;
    wait_text(&display, &pane, "works-2")?;
    let recent = display
        .folder()
        .join("home/.local/state/terrace/recent.json");
    wait_for("the host to be remembered", || {
        let kept = fs::read_to_string(&recent).unwrap_or_default();
        Ok(kept.contains("\"ssh:lab\"").then_some(()))
    })?;
    let shells = |file: &Path| -> Result<usize> {
        let calls = fs::read_to_string(file)?;
        Ok(calls
            .lines()
            .filter(|call| call.contains("exec sh -c"))
            .count())
    };
    let calls = display.folder().join("home/.ssh/config.calls");
    let tried = shells(&calls)?;
    ctl(&display, &["open", "environment=ssh:lab"])?;
    let pane = newest(&display, 3)?;
    wait_text(&display, &pane, "router>")?;
    ensure!(
        tried == 1 && shells(&calls)? == 1,
        "{}",
        fs::read_to_string(&calls)?
    );
    Ok(())
}

#[test]
fn a_command_runs_here_and_in_another_environment() -> Result<()> {
    let Some(sshd) = Sshd::start("window, parity", "") else {
        return Ok(());
    };
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    give_ssh(&mut display, &sshd.host("lab", ""))?;
    let window = Window::open(&display, &settings(&["ssh"], ""), &[])?;
    let pane = newest(&display, 1)?;
    let ran = display.folder().join("ran");
    let line = format!("echo \"ran <$SSH_CONNECTION>\" >>{}", ran.display());
    enter(&display, &pane, &line)?;
    let lines = |count: usize| -> Result<String> {
        wait_for(&format!("{count} runs"), || {
            let all = fs::read_to_string(&ran).unwrap_or_default();
            Ok((all.lines().count() == count).then_some(all))
        })
    };
    lines(1)?;
    // The panel knows what was asked once.
    ctl(&display, &["open", "environment=ssh:lab", "--", "true"])?;
    newest(&display, 1)?;
    wait_for("the block", || {
        let asked = ctl(&display, &["action", "name=compare-environments"])?;
        Ok((asked["done"] == true).then_some(()))
    })?;
    window.type_text("lab")?;
    window.key("Return")?;
    let all = lines(3)?;
    ensure!(
        all.contains("<127.0.0.1"),
        "one of them ran over there: {all}"
    );
    Ok(())
}

#[test]
fn an_idle_environment_is_stopped_by_one_key_and_another_after_asking() -> Result<()> {
    let Some(docker) = Docker::get("window, idle") else {
        return Ok(());
    };
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let name = "terrace-test-idle";
    let _container = docker.container(name, "exec sleep 100000");
    let rule = "idle_minutes = 1\n[[environments.rules]]\nname = \"terrace-test-*\"\ncost = 0.5";
    let window = Window::open(&display, &settings(&["docker"], rule), &[])?;
    newest(&display, 1)?;
    let open = format!("environment=docker:{name}");
    ctl(
        &display,
        &["open", &open, "--", "sh", "-c", "echo up; exec cat"],
    )?;
    let pane = newest(&display, 2)?;
    wait_text(&display, &pane, "up")?;
    let runs = || -> Result<bool> {
        let format = ["inspect", "--format", "{{.State.Running}}", name];
        let output = Command::new("docker").args(format).output()?;
        Ok(output.stdout.starts_with(b"true"))
    };
    // Nothing is pointed out yet: the key asks, and the safe answer has the focus.
    let before = window.picture()?;
    window.key("ctrl+shift+m")?;
    wait_for("the question", || {
        let now = window.picture()?;
        let asks =
            now.at(now.width / 2, now.height / 2) != before.at(now.width / 2, now.height / 2);
        Ok(asks.then_some(()))
    })?;
    window.key("Escape")?;
    ensure!(runs()?, "it asked only");
    // After a minute without input it is pointed out, and the same key stops it.
    wait_for("the hint", || {
        let now = window.picture()?;
        let (x, y) = (now.width - 60, now.height - 60);
        Ok((now.at(x, y) != before.at(x, y)).then_some(()))
    })
    .or_else(|_| {
        wait_for("the hint, on a slow machine", || {
            let now = window.picture()?;
            let (x, y) = (now.width - 60, now.height - 60);
            Ok((now.at(x, y) != before.at(x, y)).then_some(()))
        })
    })?;
    window.key("ctrl+shift+m")?;
    wait_for("its end", || Ok((!runs()?).then_some(())))?;
    wait_text(&display, &pane, "Enter: connect again")?;
    Ok(())
}

/// The processes of a container whose words are these.
fn runs_in(container: &str, words: &str) -> bool {
    let top = Command::new("docker")
        .args(["top", container, "-eo", "pid,args"])
        .output();
    top.is_ok_and(|top| String::from_utf8_lossy(&top.stdout).contains(words))
}

#[test]
fn a_container_is_worked_in_and_its_end_is_told() -> Result<()> {
    let Some(docker) = Docker::get("window, docker") else {
        return Ok(());
    };
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let name = "terrace-test-window";
    let _container = docker.container(name, "exec sleep 100000");
    display.set_env("SHELL", "/bin/bash");
    let window = Window::open(&display, &settings(&["docker"], ""), &[])?;
    newest(&display, 1)?;
    wait_listed(&display, "docker", name)?;
    let pane = open_by_keys(&display, &window, "testwindow", 2)?;
    enter(&display, &pane, "echo in-$((20+3))-$(hostname | wc -c)")?;
    wait_text(&display, &pane, "in-23-13")?;
    let killed = Command::new("docker").args(["kill", name]).output()?;
    ensure!(killed.status.success(), "docker kill");
    let said = wait_text(&display, &pane, "Enter: connect again")?;
    ensure!(
        said.contains("lost at") && said.contains("in-23-13"),
        "{said}"
    );
    // Enter starts it again, and goes on in the same pane.
    window.key("Return")?;
    wait_text(&display, &pane, "Starting terrace-test-window")?;
    wait_for("the shell", || {
        Ok((!window.title()?.ends_with(')')).then_some(()))
    })?;
    enter(&display, &pane, "echo again-$((20+4))")?;
    wait_text(&display, &pane, "again-24")?;
    Ok(())
}

#[test]
fn nothing_stays_elsewhere_when_a_signal_ends_terrace() -> Result<()> {
    let Some(docker) = Docker::get("window, signals") else {
        return Ok(());
    };
    for signal in ["TERM", "HUP"] {
        let Some(display) = Display::start()? else {
            return Ok(());
        };
        let name = "terrace-test-signal";
        let _container = docker.container(name, "exec sleep 100000");
        let mut window = Window::open(&display, &settings(&["docker"], ""), &[])?;
        newest(&display, 1)?;
        ctl(&display, &["open", &format!("environment=docker:{name}")])?;
        let pane = newest(&display, 2)?;
        enter(&display, &pane, "echo rea''dy; sleep 4242")?;
        wait_text(&display, &pane, "\nready")?;
        ensure!(runs_in(name, "sleep 4242"), "it runs over there");
        let pid = ctl(&display, &["hello"])?["process"].to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status()?;
        ensure!(sent.success(), "kill -s {signal}");
        let status = window.wait()?;
        ensure!(status.success(), "{signal}: {status}");
        ensure!(
            !runs_in(name, "sleep 4242"),
            "{signal}: it is left over there"
        );
        let socket: PathBuf = display.folder().join("run/terrace");
        let left = fs::read_dir(&socket)?
            .flatten()
            .any(|entry| entry.path().extension().is_some_and(|it| it == "sock"));
        ensure!(!left, "{signal}: the control socket is left");
    }
    Ok(())
}

//! Environments in the real window: found in the panel and opened by three keys, worked in, lost, opened again;
//! opened from the command line; compared; ended with Terrace.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tests::ctl::ctl;
use tests::display::{Display, Window, wait_for};
use tests::environments::window::{
    enter, give_program, middle, newest, panes, press_until, settings, text, wait_calm, wait_text,
};
use tests::environments::{Docker, KubernetesApi, Podman, Sshd};

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
    give_program(display, "ssh", &script)?;
    display.set_env("SHELL", "/bin/bash");
    Ok(())
}

/// Finds an environment in the panel and opens it in a tab, by Enter once: what is typed before the tools have
/// answered waits for them. The pane's number, of so many.
fn open_by_keys(
    display: &Display,
    window: &Window<'_>,
    name: &str,
    count: usize,
) -> Result<String> {
    window.key("ctrl+shift+l")?;
    window.type_text(name)?;
    window.key("Return")?;
    newest(display, count)
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

/// A description that is saved while Terrace runs: its boxes can be opened at once, their shells tell their commands,
/// and a shell at its prompt may be closed, whatever program brings it here.
#[test]
fn a_description_is_read_as_it_is_saved_and_its_shell_is_integrated() -> Result<()> {
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let script = "#!/bin/sh\n[ \"$1\" = ls ] && exec echo one\nshift 3\nexec \"$@\"\n";
    give_program(&mut display, "boxes", script)?;
    display.set_env("SHELL", "/bin/bash");
    let _window = Window::open(&display, &settings(&["ssh"], ""), &[])?;
    newest(&display, 1)?;
    let folder = display.folder().join("config/terrace/environments");
    fs::create_dir_all(&folder)?;
    let description = "schema = 1\nid = \"boxes\"\nname = \"Boxes\"\nprogram = \"boxes\"\n\
        [list]\nargs = [\"ls\"]\noutput = \"lines\"\n\
        [shell]\nargs = [\"shell\", \"{id}\", \"{command}\"]\nintegrate = true\n\
        command = { form = \"argv\", args = [\"--\", \"{argv}\"] }\n";
    fs::write(folder.join("boxes.toml"), description)?;
    let mut count = 1;
    let pane = wait_for("the kind to be known", || {
        // A pane is opened for a kind that is not known too, and says so.
        ctl(&display, &["open", "environment=boxes:one"])?;
        count += 1;
        let pane = newest(&display, count)?;
        wait_for("what the pane says", || {
            let said = text(&display, &pane)?;
            Ok((!said.trim().is_empty()).then_some(said))
        })
        .map(|said| (!said.contains("no kind of environment")).then(|| pane.clone()))
    })?;
    let running = || -> Result<Option<String>> {
        let number: u64 = pane.parse()?;
        let all = panes(&display)?;
        let found = all.iter().find(|one| one["pane"].as_u64() == Some(number));
        let found = found.context("it is there")?;
        Ok(found["running"].as_str().map(str::to_owned))
    };
    wait_for("the prompt", || Ok(running()?.is_none().then_some(())))?;
    enter(&display, &pane, "sleep 1000")?;
    wait_for("the command's name", || {
        Ok((running()?.as_deref() == Some("sleep")).then_some(()))
    })?;
    Ok(())
}

/// An account whose shell takes no command (a router, a restricted shell): the pane shows its own shell, nothing of
/// the attempt, and the next one opens plainly at once.
#[test]
fn a_far_side_that_understands_nothing_gets_its_plain_shell() -> Result<()> {
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let router = script(
        &display,
        "router",
        "#!/bin/sh\n[ \"$1\" = -c ] && { echo '% Unknown command'; exit 1; }\n\
         echo 'Welcome to the router'; PS1='router> ' exec /bin/sh -i\n",
    )?;
    let options = tests::sshd::SshdOptions::default();
    let Some(_sshd) = account(&mut display, &router, &options)? else {
        return Ok(());
    };
    let _window = Window::open(&display, &settings(&["ssh"], ""), &[])?;
    newest(&display, 1)?;
    ctl(&display, &["open", "environment=ssh:lab"])?;
    let pane = newest(&display, 2)?;
    let all = wait_text(&display, &pane, "Welcome to the router")?;
    ensure!(!all.contains("Unknown"), "{all}");
    enter(&display, &pane, "echo works-$((1+1))")?;
    wait_text(&display, &pane, "works-2")?;
    wait_remembered(&display)?;
    ensure!(tries(&display)? == 1, "it was tried");
    ctl(&display, &["open", "environment=ssh:lab"])?;
    let pane = newest(&display, 3)?;
    wait_text(&display, &pane, "router>")?;
    ensure!(tries(&display)? == 1, "it was not tried again");
    Ok(())
}

/// A server whose account has this shell, as the host `lab`; `None` where there can be none.
fn account(
    display: &mut Display,
    shell: &str,
    options: &tests::sshd::SshdOptions,
) -> Result<Option<tests::sshd::Sshd>> {
    // Its shell may be a script of the test's.
    fs::set_permissions(display.folder(), fs::Permissions::from_mode(0o755))?;
    let sshd = tests::sshd::Sshd::start(shell, options);
    if let Some(sshd) = &sshd {
        give_ssh(display, &fs::read_to_string(sshd.config())?)?;
    }
    Ok(sshd)
}

/// A script of the test's for an account's shell.
fn script(display: &Display, name: &str, text: &str) -> Result<String> {
    let file = display.folder().join(name);
    fs::write(&file, text)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
    Ok(file.to_str().context("a plain path")?.to_owned())
}

/// Waits until the host `lab` is remembered as one that gets a plain shell.
fn wait_remembered(display: &Display) -> Result<()> {
    let recent = display
        .folder()
        .join("home/.local/state/terrace/recent.json");
    wait_for("the host to be remembered", || {
        let kept = fs::read_to_string(&recent).unwrap_or_default();
        Ok(kept.contains("\"ssh:lab\"").then_some(()))
    })
}

/// How often a shell was to be integrated by ssh.
fn tries(display: &Display) -> Result<usize> {
    let calls = display.folder().join("home/.ssh/config.calls");
    let calls = fs::read_to_string(calls)?;
    Ok(calls
        .lines()
        .filter(|call| call.contains("exec sh -c"))
        .count())
}

/// An account that may not run programs by their paths, nor leave its folder (`rbash`): its own prompt, nothing of
/// the attempt, which is not made again unless that is wished for.
#[test]
fn a_restricted_account_gets_its_shell_and_may_be_tried_again() -> Result<()> {
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let Some(shell) = ["/usr/bin/rbash", "/bin/rbash"]
        .into_iter()
        .find(|shell| Path::new(shell).exists())
    else {
        tests::environments::skip("window, rbash", "rbash is not installed");
        return Ok(());
    };
    let options = tests::sshd::SshdOptions {
        files: vec![(".bash_profile".into(), "PS1='restricted$ '\n".into())],
        ..tests::sshd::SshdOptions::default()
    };
    let Some(_sshd) = account(&mut display, shell, &options)? else {
        return Ok(());
    };
    let window = Window::open(&display, &settings(&["ssh"], ""), &[])?;
    newest(&display, 1)?;
    ctl(&display, &["open", "environment=ssh:lab"])?;
    let pane = newest(&display, 2)?;
    let all = wait_text(&display, &pane, "restricted$")?;
    ensure!(!all.contains("rbash:"), "{all}");
    enter(&display, &pane, "cd /")?;
    wait_text(&display, &pane, "cd: restricted")?;
    ensure!(tries(&display)? == 1, "it was tried");
    // Remembered once the plain shell has run for a while.
    wait_remembered(&display)?;
    ctl(&display, &["open", "environment=ssh:lab"])?;
    let pane = newest(&display, 3)?;
    wait_text(&display, &pane, "restricted$")?;
    ensure!(tries(&display)? == 1, "it was not tried again");
    // The menu of the panel: the fourth choice.
    window.key("ctrl+shift+l")?;
    window.type_text("lab")?;
    for key in ["Tab", "Down", "Down", "Down", "Return"] {
        window.key(key)?;
    }
    let pane = newest(&display, 4)?;
    let all = wait_text(&display, &pane, "restricted$")?;
    ensure!(!all.contains("rbash:"), "{all}");
    ensure!(tries(&display)? == 2, "it was tried again");
    Ok(())
}

/// A server that runs a program of its own choice for an account: it is what the pane is about, and its end is its
/// own.
#[test]
fn a_forced_command_is_worked_in_and_ends_as_it_does() -> Result<()> {
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let bash = "/bin/bash";
    let forced = "ForceCommand echo 'only this'; PS1='forced$ ' exec bash --norc -i";
    let options = tests::sshd::SshdOptions {
        lines: vec![forced.into()],
        ..tests::sshd::SshdOptions::default()
    };
    let Some(_sshd) = account(&mut display, bash, &options)? else {
        return Ok(());
    };
    let window = Window::open(&display, &settings(&["ssh"], ""), &[])?;
    newest(&display, 1)?;
    ctl(&display, &["open", "environment=ssh:lab"])?;
    let pane = newest(&display, 2)?;
    wait_text(&display, &pane, "forced$")?;
    // Typed by hand, and longer than a login's answer takes.
    window.type_text("echo works-$((1+1)); sleep 1.5; exit 3")?;
    window.key("Return")?;
    wait_text(&display, &pane, "works-2")?;
    let ended = wait_for("its end", || {
        let Ok(all) = text(&display, &pane) else {
            return Ok(Some(String::new()));
        };
        Ok(all.contains("status 3").then_some(all))
    })?;
    ensure!(
        ended.matches("only this").count() <= 1,
        "it was opened once more: {ended}"
    );
    ensure!(tries(&display)? == 1, "it was opened once more");
    let recent = display
        .folder()
        .join("home/.local/state/terrace/recent.json");
    let kept = fs::read_to_string(&recent).unwrap_or_default();
    ensure!(!kept.contains("\"ssh:lab\""), "{kept}");
    Ok(())
}

/// A host that takes the connection and never says a word.
#[test]
fn a_host_that_says_nothing_is_told_and_given_up_by_a_key() -> Result<()> {
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || listener.incoming().flatten().collect::<Vec<_>>());
    let host = format!("Host mute\n  HostName 127.0.0.1\n  Port {port}\n");
    give_ssh(&mut display, &host)?;
    let window = Window::open(&display, &settings(&["ssh"], ""), &[])?;
    newest(&display, 1)?;
    ctl(&display, &["open", "environment=ssh:mute"])?;
    let pane = newest(&display, 2)?;
    wait_text(&display, &pane, "mute has not answered for 10 s")?;
    // There is no connection: a plain shell would not help.
    wait_text(&display, &pane, "Esc: give up")?;
    window.key("Escape")?;
    wait_text(
        &display,
        &pane,
        "could not be opened: did not answer in 10 s",
    )?;
    wait_text(&display, &pane, "Enter: connect again")?;
    window.key("Escape")?;
    newest(&display, 1)?;
    Ok(())
}

/// A host that lets one in, takes the command that integrates its shell, and never comes back from it.
#[test]
fn a_shell_that_hangs_is_given_up_for_a_plain_one() -> Result<()> {
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let shell = script(
        &display,
        "hangs",
        "#!/bin/sh\n[ \"$1\" = -c ] && exec sleep 1000\nPS1='plain> ' exec /bin/sh -i\n",
    )?;
    let options = tests::sshd::SshdOptions::default();
    let Some(sshd) = account(&mut display, &shell, &options)? else {
        return Ok(());
    };
    let window = Window::open(&display, &settings(&["ssh"], ""), &[])?;
    newest(&display, 1)?;
    // It shares no connection, and so nobody knows whether there is one.
    ctl(&display, &["open", "environment=ssh:lab"])?;
    let pane = newest(&display, 2)?;
    wait_text(&display, &pane, "Esc: try a plain shell")?;
    window.key("Escape")?;
    let all = wait_text(&display, &pane, "plain>")?;
    ensure!(!all.contains("has not answered"), "{all}");
    // By itself, where one is seen to be up.
    let config = fs::read_to_string(sshd.config())?;
    let shared = config.lines().filter(|line| !line.contains("Control"));
    let shared: Vec<&str> = shared.collect();
    let file = display.folder().join("home/.ssh/config");
    fs::write(&file, shared.join("\n").replace("Host lab", "Host shared"))?;
    ctl(&display, &["open", "environment=ssh:shared"])?;
    let pane = newest(&display, 3)?;
    let all = wait_for("the plain shell", || {
        let all = text(&display, &pane)?;
        if all.contains("Esc: try a plain shell") {
            // On a machine that is too slow to tell, the user decides.
            window.key("Escape")?;
        }
        Ok(all.contains("plain>").then_some(all))
    })?;
    ensure!(!all.contains("has not answered"), "{all}");
    enter(&display, &pane, "echo works-$((1+1))")?;
    wait_text(&display, &pane, "works-2")?;
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
    let seen = display.folder().join("seen");
    let line = format!("touch {}", seen.display());
    ctl(
        &display,
        &["open", "environment=ssh:lab", "--", "sh", "-c", &line],
    )?;
    wait_for("the first command over there", || {
        Ok(seen.exists().then_some(()))
    })?;
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

/// A container's window test: one that waits, and a pane in it that echoes.
struct InContainer<'a> {
    name: &'a str,
    window: Window<'a>,
    pane: String,
}

impl<'a> InContainer<'a> {
    fn open(display: &'a Display, name: &'a str, more: &str) -> Result<Self> {
        let window = Window::open(display, &settings(&["docker"], more), &[])?;
        newest(display, 1)?;
        let open = format!("environment=docker:{name}");
        let words = ["open", &open, "--", "sh", "-c", "echo up; exec cat"];
        ctl(display, &words)?;
        let pane = newest(display, 2)?;
        wait_text(display, &pane, "up")?;
        Ok(Self { name, window, pane })
    }

    fn runs(&self) -> Result<bool> {
        let format = ["inspect", "--format", "{{.State.Running}}", self.name];
        let output = Command::new("docker").args(format).output()?;
        Ok(output.stdout.starts_with(b"true"))
    }
}

#[test]
fn an_environment_is_stopped_by_a_key_after_asking() -> Result<()> {
    let Some(docker) = Docker::get("window, stop") else {
        return Ok(());
    };
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let name = "terrace-test-stop";
    let _container = docker.container(name, "exec sleep 100000");
    let inside = InContainer::open(&display, name, "")?;
    let window = &inside.window;
    let calm = wait_calm(window)?;
    let asks = |asks: bool| Ok((middle(window)? != calm) == asks);
    window.key("ctrl+shift+m")?;
    wait_for("the question", || Ok(asks(true)?.then_some(())))?;
    press_until(window, "Escape", "the question's end", || asks(false))?;
    ensure!(inside.runs()?, "it asked only");
    // Enter is the safe answer; it is the other one's after Tab.
    window.key("ctrl+shift+m")?;
    wait_for("the question", || Ok(asks(true)?.then_some(())))?;
    press_until(window, "Return", "the question's end", || asks(false))?;
    ensure!(inside.runs()?, "it asked only");
    window.key("ctrl+shift+m")?;
    wait_for("the question", || Ok(asks(true)?.then_some(())))?;
    window.key("Tab")?;
    press_until(window, "Return", "the question's end", || asks(false))?;
    wait_for("its end", || Ok((!inside.runs()?).then_some(())))?;
    Ok(())
}

#[test]
fn an_idle_environment_is_pointed_out_and_stopped_by_one_key() -> Result<()> {
    let Some(docker) = Docker::get("window, idle") else {
        return Ok(());
    };
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let name = "terrace-test-idle";
    let _container = docker.container(name, "exec sleep 100000");
    let rule = "idle_minutes = 1\n[[environments.rules]]\nname = \"terrace-test-*\"\ncost = 0.5";
    let inside = InContainer::open(&display, name, rule)?;
    let window = &inside.window;
    wait_calm(window)?;
    let corner = || -> Result<[u8; 3]> {
        let now = window.picture()?;
        Ok(now.at(now.width - 60, now.height - 60))
    };
    let before = corner()?;
    // It comes after a minute without input, and this waits for a minute too.
    let hint = || wait_for("the hint", || Ok((corner()? != before).then_some(())));
    hint().or_else(|_| hint())?;
    ensure!(inside.runs()?, "it is pointed out only");
    window.key("ctrl+shift+m")?;
    wait_for("its end", || Ok((!inside.runs()?).then_some(())))?;
    wait_text(&display, &inside.pane, "Enter: connect again")?;
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
fn a_podman_container_is_worked_in_and_its_end_is_told() -> Result<()> {
    let Some(podman) = Podman::start("window, podman") else {
        return Ok(());
    };
    let name = "terrace-test-window-podman";
    let Some(container) = podman.container("window, podman", name) else {
        return Ok(());
    };
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    for (variable, value) in podman.variables() {
        display.set_env(variable, &value.to_string_lossy());
    }
    let window = Window::open(&display, &settings(&["podman"], ""), &[])?;
    newest(&display, 1)?;
    let pane = open_by_keys(&display, &window, "windowpodman", 2)?;
    enter(&display, &pane, "echo in-$((20+3))-$(busybox | head -n 1)")?;
    wait_text(&display, &pane, "in-23-BusyBox")?;
    wait_for("the name in the title", || {
        Ok(window.title()?.starts_with(name).then_some(()))
    })?;
    podman.run(&["kill", &container.name]);
    let said = wait_text(&display, &pane, "Enter: connect again")?;
    ensure!(
        said.contains("lost at") && said.contains("in-23-"),
        "{said}"
    );
    window.key("Return")?;
    wait_text(&display, &pane, &format!("Starting {name}"))?;
    wait_for("the shell", || {
        Ok((!window.title()?.ends_with(')')).then_some(()))
    })?;
    enter(&display, &pane, "echo again-$((20+4))")?;
    wait_text(&display, &pane, "again-24")?;
    Ok(())
}

#[test]
fn a_pod_is_worked_in_and_its_end_is_told() -> Result<()> {
    let Some(api) = KubernetesApi::start("window, kubernetes", 0) else {
        return Ok(());
    };
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    for (variable, value) in api.variables() {
        if variable != "HOME" {
            display.set_env(variable, &value.to_string_lossy());
        }
    }
    let window = Window::open(&display, &settings(&["kubernetes"], ""), &[])?;
    newest(&display, 1)?;
    let pane = open_by_keys(&display, &window, "web", 2)?;
    enter(&display, &pane, "echo in-$((20+3))-$TERM_PROGRAM")?;
    wait_text(&display, &pane, "in-23-Terrace")?;
    wait_for("the name in the title", || {
        Ok(window.title()?.starts_with("web").then_some(()))
    })?;
    // Deleted from outside.
    let mut kubectl = display.command("kubectl");
    let deleted = kubectl
        .args(["delete", "pod", "web", "--wait=false"])
        .output()?;
    ensure!(deleted.status.success(), "{deleted:?}");
    let said = wait_text(&display, &pane, "Enter: connect again")?;
    ensure!(
        said.contains("web lost at") && said.contains("in-23-"),
        "{said}"
    );
    // There is nothing to connect to any more, and the pane says that.
    window.key("Return")?;
    wait_for("the failure", || {
        let all = text(&display, &pane)?;
        Ok((all.matches("web lost at").count() == 2).then_some(()))
    })?;
    let all = text(&display, &pane)?;
    ensure!(
        all.matches("Enter: connect again").count() == 1,
        "one that is over says so no longer: {all}"
    );
    ensure!(
        all.contains("not found") || all.contains("not there"),
        "{all}"
    );
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
        wait_for("the far process", || {
            Ok(runs_in(name, "sleep 4242").then_some(()))
        })?;
        let pid = ctl(&display, &["hello"])?["process"].to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status()?;
        ensure!(sent.success(), "kill -s {signal}");
        let status = window.wait()?;
        ensure!(status.success(), "{signal}: {status}");
        wait_for(&format!("{signal}: its end over there"), || {
            Ok((!runs_in(name, "sleep 4242")).then_some(()))
        })?;
        let socket: PathBuf = display.folder().join("run/terrace");
        let left = fs::read_dir(&socket)?
            .flatten()
            .any(|entry| entry.path().extension().is_some_and(|it| it == "sock"));
        ensure!(!left, "{signal}: the control socket is left");
    }
    Ok(())
}

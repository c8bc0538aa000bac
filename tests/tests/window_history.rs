//! What is kept, seen from the real window: the last session comes back, environments are named in the history, and
//! a full disk is told and survived.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::ctl::{ctl, panes};
use tests::display::{Display, Window, wait_for};
use tests::environments::{Sshd, skip};

const SETTINGS: &str = r#"
[control]
allow = ["state.read", "screen.read", "pane.create", "input.send"]
[cursor]
blink = "never"
[environments]
hide = ["devcontainer", "compose", "docker", "podman", "kubernetes"]
[shell]
program = "/bin/bash"
"#;

/// Opens the window, with the sessions of earlier ones.
fn open(display: &Display) -> Result<Window<'_>> {
    let bashrc = display.folder().join("home/.bashrc");
    if !bashrc.exists() {
        fs::write(bashrc, "PS1='$ '\n")?;
    }
    Window::open(display, SETTINGS, &["--option", "history.restore=always"])
}

/// Ends Terrace as a logout does.
fn end(display: &Display, mut window: Window<'_>) -> Result<()> {
    let process = ctl(display, &["hello"])?["process"].to_string();
    let sent = Command::new("kill")
        .args(["-s", "TERM", &process])
        .status()?;
    ensure!(sent.success(), "kill");
    ensure!(window.wait()?.success(), "it did not end well");
    Ok(())
}

fn text(display: &Display, pane: &str) -> Result<String> {
    let scrollback = ctl(
        display,
        &["text", &format!("pane={pane}"), "part=scrollback"],
    )?;
    let screen = ctl(display, &["text", &format!("pane={pane}")])?;
    let of = |value: &Value| value["text"].as_str().unwrap_or_default().to_owned();
    Ok(of(&scrollback) + "\n" + &of(&screen))
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
        Ok(last.ends_with(['$', '#']).then_some(()))
    })?;
    let pane = format!("pane={pane}");
    ctl(display, &["send-text", &pane, &format!("text={line}")])?;
    ctl(display, &["send-key", &pane, r#"key={"key":"enter"}"#])?;
    Ok(())
}

/// What a request that opens a pane answers.
fn pane_of(answer: &Value) -> String {
    answer["pane"].to_string()
}

/// Where a history is: in the usual folder, or in one that only a process and those whom it lets in can see.
#[derive(Default)]
struct Kept {
    runner: Vec<String>,
    setting: Option<String>,
}

impl Kept {
    /// The blocks, oldest first.
    fn blocks(&self, display: &Display, args: &[&str]) -> Result<Vec<Value>> {
        let mut command = display.terrace_by(&self.runner);
        command.args(["blocks", "list", "--json"]).args(args);
        if let Some(setting) = &self.setting {
            command.args(["--option", setting]);
        }
        let output = command.output()?;
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        lines
            .lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect()
    }

    /// Waits for a command.
    fn wait_for(&self, display: &Display, command: &str) -> Result<Value> {
        wait_for(&format!("{command} in the history"), || {
            let blocks = self.blocks(display, &[])?;
            Ok(blocks.into_iter().find(|block| block["command"] == command))
        })
    }
}

/// The windows of a list, by the numbers of their tabs' panes.
fn shape(list: &Value) -> Vec<Vec<usize>> {
    let each = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let windows = each(list, "windows").into_iter();
    let tabs = |window: &Value| {
        each(window, "tabs")
            .iter()
            .map(|tab| each(tab, "panes").len())
            .collect()
    };
    windows.map(|window| tabs(&window)).collect()
}

/// Puts an `ssh` before the real one in the path that reads `config`, and that file where hosts are listed from:
/// the real one takes the account's home folder from the system.
fn give_ssh(display: &mut Display, config: &str) -> Result<()> {
    let file = display.folder().join("home/.ssh/config");
    fs::create_dir_all(file.parent().context("it has one")?)?;
    fs::write(&file, config)?;
    let program = display.folder().join("bin/ssh");
    fs::create_dir_all(program.parent().context("it has one")?)?;
    let script = format!(
        "#!/bin/sh\nexec /usr/bin/ssh -F '{}' \"$@\"\n",
        file.display()
    );
    fs::write(&program, script)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    let folder = display.folder().join("bin");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH")?);
    display.set_env("PATH", &path);
    Ok(())
}

#[test]
fn the_last_session_comes_back() -> Result<()> {
    let Some(mut display) = Display::start()? else {
        return Ok(());
    };
    let sshd = Sshd::start("window, restore", "");
    if let Some(sshd) = &sshd {
        give_ssh(&mut display, &sshd.host("lab", ""))?;
    }
    let data = display.folder().join("data").display().to_string();
    display.set_env("XDG_DATA_HOME", &data);
    let usual = Kept::default();
    let folder = display.folder().join("project");
    fs::create_dir(&folder)?;
    let mut window = open(&display)?;
    window.resize(900, 620)?;
    let first = ctl(&display, &["list"])?;
    let first = panes(&first)[0]["pane"].to_string();
    enter(&display, &first, &format!("cd {}", folder.display()))?;
    enter(&display, &first, "echo first-$((1+1))")?;
    wait_text(&display, &first, "first-2")?;
    let split = pane_of(&ctl(
        &display,
        &["split", &format!("pane={first}"), "side=down"],
    )?);
    enter(&display, &split, "echo lower-$((1+2))")?;
    wait_text(&display, &split, "lower-3")?;
    // A private pane and what was in it are not kept.
    let private = pane_of(&ctl(&display, &["open"])?);
    ctl(
        &display,
        &["action", "name=toggle-private", &format!("pane={private}")],
    )?;
    // An environment is kept, and named in the history.
    if sshd.is_some() {
        let far = pane_of(&ctl(
            &display,
            &["open", "environment=ssh:lab", "folder=/usr"],
        )?);
        enter(&display, &far, "echo far-$((2+2))")?;
        wait_text(&display, &far, "far-4")?;
        let block = usual.wait_for(&display, "echo far-$((2+2))")?;
        ensure!(
            block["host"]["kind"] == "ssh" && block["host"]["name"] == "lab",
            "{block}"
        );
        let only = usual.blocks(&display, &["--kind", "ssh"])?;
        ensure!(
            only.iter().all(|one| one["host"]["name"] == "lab"),
            "{only:?}"
        );
        let local = usual.blocks(&display, &["--kind", "local"])?;
        ensure!(local.len() >= 3, "{local:?}");
        ensure!(
            local.iter().all(|one| one["host"]["kind"] == "local"),
            "{local:?}"
        );
    }
    let second = pane_of(&ctl(&display, &["open", "kind=window"])?);
    enter(&display, &second, "echo second-$((3+3))")?;
    wait_text(&display, &second, "second-6")?;
    let all = window.all()?;
    let own = window.number()?.to_string();
    let other = all
        .iter()
        .find(|id| **id != own)
        .context("a second window")?;
    window.turn_to(other)?;
    window.resize(500, 400)?;
    wait_for("the size to be kept", || {
        let sessions = display.folder().join("home/.local/state/terrace/sessions");
        let files = fs::read_dir(sessions)?.flatten().map(|entry| entry.path());
        let text: String = files
            .filter_map(|file| fs::read_to_string(file).ok())
            .collect();
        Ok((text.contains("\"width\":500") && text.contains("\"width\":900")).then_some(()))
    })?;
    // What still runs at the end is kept, with the time it had.
    enter(&display, &second, "echo begun-$((4+4)); sleep 300")?;
    wait_text(&display, &second, "begun-8")?;
    end(&display, window)?;
    let lost = usual.wait_for(&display, "echo begun-$((4+4)); sleep 300")?;
    ensure!(
        lost["state"] == "lost" && lost["duration_us"].is_u64(),
        "{lost}"
    );

    let mut window = open(&display)?;
    let tabs = if sshd.is_some() { vec![2, 1] } else { vec![2] };
    let list = wait_for("two windows", || {
        let list = ctl(&display, &["list"])?;
        Ok((shape(&list) == [tabs.clone(), vec![1]]).then_some(list))
    })?;
    let back = panes(&list);
    let number = |index: usize| back[index]["pane"].to_string();
    let said = wait_text(&display, &number(0), "first-2")?;
    ensure!(said.contains("the shell below is new"), "{said}");
    wait_text(&display, &number(1), "lower-3")?;
    enter(&display, &number(0), "echo in-$PWD")?;
    wait_text(&display, &number(0), &format!("in-{}", folder.display()))?;
    wait_text(&display, &number(back.len() - 1), "second-6")?;
    let mut sizes: Vec<(u32, u32)> = Vec::new();
    for id in window.all()? {
        window.turn_to(&id)?;
        let picture = window.picture()?;
        sizes.push((picture.width, picture.height));
    }
    sizes.sort_unstable();
    ensure!(sizes == [(500, 400), (900, 620)], "{sizes:?}");
    if sshd.is_some() {
        let far = number(2);
        let said = wait_text(&display, &far, "Enter: connect")?;
        ensure!(
            said.contains("far-4") && said.contains("lab is not connected"),
            "{said}"
        );
        ctl(&display, &["focus", &format!("pane={far}")])?;
        for id in window.all()? {
            window.turn_to(&id)?;
            if window.picture()?.width == 900 {
                break;
            }
        }
        wait_for("the shell over there", || {
            window.key("Return")?;
            Ok(text(&display, &far)?
                .trim_end()
                .ends_with(['$', '#'])
                .then_some(()))
        })?;
        enter(&display, &far, "echo again-$PWD")?;
        wait_text(&display, &far, "again-/usr")?;
    }
    Ok(())
}

/// The words that run a program where a folder is a file system of two megabytes, in a mount namespace of its own;
/// `None` where nobody may make one.
fn small_disk(folder: &Path) -> Option<Vec<String>> {
    let mount = format!(
        "mount -t tmpfs -o size=2m,mode=700 tmpfs '{}' && exec \"$@\"",
        folder.display()
    );
    let namespace: &[&str] = if is_root() {
        &["--mount"]
    } else {
        &["--user", "--map-root-user", "--mount"]
    };
    let words: Vec<String> = std::iter::once("unshare")
        .chain(namespace.iter().copied())
        .chain(["sh", "-c", &mount, "sh"])
        .map(str::to_owned)
        .collect();
    let probe = Command::new(&words[0])
        .args(&words[1..])
        .arg("true")
        .output()
        .ok()?;
    probe.status.success().then_some(words)
}

/// The words that run a program in the mount namespace of a process.
fn beside(process: &str) -> Vec<String> {
    let namespace: &[&str] = if is_root() {
        &["--mount"]
    } else {
        &["--user", "--preserve-credentials", "--mount"]
    };
    ["nsenter", "--target", process]
        .iter()
        .chain(namespace)
        .map(|word| (*word).to_owned())
        .collect()
}

/// Whether the tests are run by root.
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    ids.and_then(|ids| ids.split_whitespace().next()) == Some("0")
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost_in_the_pane() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let disk = display.folder().join("disk");
    fs::create_dir(&disk)?;
    let Some(words) = small_disk(&disk) else {
        skip("window, full disk", "nothing can be mounted here");
        return Ok(());
    };
    let folder = disk.join("history");
    let setting = format!("history.folder={}", folder.display());
    fs::write(display.folder().join("home/.bashrc"), "PS1='$ '\n")?;
    let window = Window::open_by(&display, &words, SETTINGS, &["--option", &setting])?;
    let pane = panes(&ctl(&display, &["list"])?)[0]["pane"].to_string();
    let process = ctl(&display, &["hello"])?["process"].to_string();
    let kept = Kept {
        runner: beside(&process),
        setting: Some(setting),
    };
    enter(&display, &pane, "echo before-$((1+1))")?;
    kept.wait_for(&display, "echo before-$((1+1))")?;
    let before = window.picture()?;

    let filler = disk.join("filler");
    enter(
        &display,
        &pane,
        &format!("cat /dev/zero >{}; echo full-$((1+2))", filler.display()),
    )?;
    wait_text(&display, &pane, "full-3")?;
    enter(&display, &pane, "seq 100000; echo while-$((2+2))")?;
    let all = wait_text(&display, &pane, "while-4")?;
    ensure!(all.contains("\n99999\n100000\n"), "the pane has all of it");
    let said = wait_for("the notice", || {
        let log = window.log()?;
        Ok(log
            .lines()
            .find(|line| line.contains("history pauses"))
            .map(str::to_owned))
    })?;
    let remedy = format!(
        "the disk of {} is full; make room there",
        folder.join("history.db").display()
    );
    ensure!(said.contains(&remedy), "{said}");
    // It stays in sight until it is over.
    wait_for("the notice in the window", || {
        let now = window.picture()?;
        let (x, y) = (now.width - 60, now.height - 40);
        Ok((now.at(x, y) != before.at(x, y)).then_some(()))
    })?;

    let early = window.log()?.contains("history is written again");
    ensure!(!early, "there is no room for it");
    enter(
        &display,
        &pane,
        &format!("rm {}; echo room-$((3+3))", filler.display()),
    )?;
    wait_text(&display, &pane, "room-6")?;
    wait_for("the history to go on", || {
        Ok(window
            .log()?
            .contains("history is written again")
            .then_some(()))
    })?;
    let block = kept.wait_for(&display, "seq 100000; echo while-$((2+2))")?;
    ensure!(block["lines"].as_u64() == Some(100_001), "{block}");
    Ok(())
}

#[test]
fn a_command_is_found_and_run_from_the_panel() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = open(&display)?;
    let pane = pane_of(&panes(&ctl(&display, &["list"])?)[0]);
    let ran = display.folder().join("ran");
    let count = || fs::read_to_string(&ran).unwrap_or_default().lines().count();
    let line = format!("date >> {}", ran.display());
    enter(&display, &pane, &line)?;
    enter(&display, &pane, "echo other")?;
    let kept = Kept::default();
    kept.wait_for(&display, &line)?;
    kept.wait_for(&display, "echo other")?;
    ensure!(count() == 1);
    window.key("alt+shift+h")?;
    window.type_text("date")?;
    // A filter on and off: its letter is no text.
    window.key("alt+f")?;
    window.key("alt+f")?;
    window.key("alt+Return")?;
    wait_for("the command to run again", || {
        Ok((count() == 2).then_some(()))
    })?;
    // The plain key only inserts it.
    window.key("alt+shift+h")?;
    window.type_text("date")?;
    window.key("Return")?;
    wait_for("the command at the prompt", || {
        let all = text(&display, &pane)?;
        let last = all.trim_end().lines().last().unwrap_or_default().to_owned();
        Ok(last.contains("date >>").then_some(()))
    })?;
    ensure!(count() == 2);
    Ok(())
}

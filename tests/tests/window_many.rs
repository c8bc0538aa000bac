//! Many panes and tabs in the real window: all are there, the keyboard reaches its pane at once, the bar shows the
//! tab that is open, and nothing of them is left when they are closed.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::ctl::{ctl, panes, socket};
use tests::display::{Display, Window, wait_for};

const SETTINGS: &str = r#"
[window]
columns = 180
rows = 44
padding = 2
confirm_close = "never"
[font]
size = 7.0
[control]
allow = ["state.read", "screen.read", "pane.create", "input.send"]
[cursor]
blink = "never"
[history]
enabled = false
"#;

/// Threads of the process that owns the window, and its descriptors.
fn burden(pid: &Value) -> Result<(usize, usize)> {
    let count = |what: &str| -> Result<usize> {
        let folder = format!("/proc/{pid}/{what}");
        Ok(fs::read_dir(&folder).context(folder)?.count())
    };
    Ok((count("task")?, count("fd")?))
}

/// Types a command into the pane that has the keyboard, which a shell reads.
fn types(display: &Display, window: &Window<'_>, word: &str) -> Result<()> {
    let file = display.folder().join(word);
    window.type_text(&format!("echo {word} > {}", file.display()))?;
    window.key("Return")?;
    wait_for(word, || {
        Ok((fs::read_to_string(&file).unwrap_or_default() == format!("{word}\n")).then_some(()))
    })
}

#[test]
fn fifty_panes_and_two_hundred_tabs_stay_usable() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = Window::open(&display, SETTINGS, &[])?;
    socket(&display)?;
    let hello = ctl(&display, &["hello"])?;
    let pid = &hello["process"];
    types(&display, &window, "alone")?;
    let (threads, descriptors) = burden(pid)?;

    let first = panes(&ctl(&display, &["list"])?)[0]["pane"].to_string();
    let mut all = vec![first.clone()];
    for side in ["right", "down", "right", "down", "right", "down"] {
        for pane in all.clone() {
            if all.len() < 50 {
                let (pane, side) = (format!("pane={pane}"), format!("side={side}"));
                let made = ctl(&display, &["split", &pane, &side, "--", "cat"])?;
                all.push(made["pane"].to_string());
            }
        }
    }
    ctl(&display, &["focus", &format!("pane={first}")])?;
    types(&display, &window, "beside-49")?;

    let shown = window.wait_still("fifty panes", |_| true)?;
    for number in 0..200 {
        let name = format!("name=tab-{number}");
        ctl(&display, &["new-tab", &name, "--", "cat"])?;
    }
    let list = ctl(&display, &["list"])?;
    let tabs = list["windows"][0]["tabs"].as_array().context("tabs")?;
    ensure!((tabs.len(), panes(&list).len()) == (201, 250), "{list}");
    // Few enough descriptors for the 1,024 that a process often may have.
    let (_, many) = burden(pid)?;
    ensure!(many < 900, "{many} descriptors for 250 panes");

    // The tab on the far left again, with the keyboard where it was, and the bar back at its beginning.
    window.key("ctrl+Tab")?;
    types(&display, &window, "of-201")?;
    window.wait_picture("the bar", |now| {
        let accent = |x: u32| now.at(x, 0);
        now.height == shown.height && accent(20) != accent(now.width - 90)
    })?;

    for pane in panes(&list).iter().rev() {
        let pane = pane["pane"].to_string();
        if pane != first {
            ctl(&display, &["close", &format!("pane={pane}"), "force=true"])?;
        }
    }
    types(&display, &window, "alone-again")?;
    // A closed pane can be opened again for ten seconds, and is there so long.
    wait_for("the threads and descriptors to go", || {
        let (tasks, files) = burden(pid)?;
        Ok((tasks <= threads + 4 && files <= descriptors + 12).then_some(()))
    })
}

#[test]
fn windows_of_every_size_are_drawn() -> Result<()> {
    let Some(display) = Display::start()? else {
        return Ok(());
    };
    let window = Window::open(&display, SETTINGS, &[])?;
    window.key("ctrl+shift+t")?;
    window.key("ctrl+shift+t")?;
    types(&display, &window, "large")?;
    for (width, height) in [(60, 200), (60, 40), (135, 200), (90, 60), (20, 20)] {
        window.resize(width, height)?;
        window.key("ctrl+Tab")?;
        for panel in [
            "ctrl+shift+f",
            "ctrl+shift+d",
            "ctrl+shift+p",
            "ctrl+shift+l",
            "ctrl+shift+r",
        ] {
            window.key(panel)?;
            window.wait_still(panel, |picture| picture.width < 200)?;
            window.key("Escape")?;
        }
    }
    window.resize(800, 500)?;
    window.wait_still("a large window", |picture| picture.width > 700)?;
    types(&display, &window, "large-again")
}

//! Environments in the real window, as the user and a script see them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::ctl::{self, ctl};
use crate::display::{Display, Window, wait_for};

/// Everything may be asked over the control socket; no kind is asked that a test does not need.
pub fn settings(kinds: &[&str], more: &str) -> String {
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

/// The panes of every tab, flat.
///
/// # Errors
/// When Terrace does not answer.
pub fn panes(display: &Display) -> Result<Vec<Value>> {
    Ok(ctl::panes(&ctl(display, &["list"])?))
}

/// Waits until there are so many panes; the number of the newest.
///
/// # Errors
/// When there are others.
pub fn newest(display: &Display, count: usize) -> Result<String> {
    wait_for(&format!("{count} panes"), || {
        let panes = panes(display)?;
        let numbers = panes.iter().filter_map(|pane| pane["pane"].as_u64());
        Ok((panes.len() == count).then(|| numbers.max()).flatten())
    })
    .map(|number| number.to_string())
}

/// The text of a pane.
///
/// # Errors
/// When there is no such pane.
pub fn text(display: &Display, pane: &str) -> Result<String> {
    let answer = ctl(display, &["text", &format!("pane={pane}")])?;
    Ok(answer["text"].as_str().unwrap_or_default().to_owned())
}

/// Waits for a text in a pane, and gives all of it.
///
/// # Errors
/// When it does not come.
pub fn wait_text(display: &Display, pane: &str, wanted: &str) -> Result<String> {
    let mut last = String::new();
    let found = wait_for(wanted, || {
        last = text(display, pane)?;
        Ok(last.contains(wanted).then(|| last.clone()))
    });
    found.with_context(|| format!("the pane has: {last}"))
}

/// Types a line into a pane, once a shell waits there.
///
/// # Errors
/// When none does.
pub fn enter(display: &Display, pane: &str, line: &str) -> Result<()> {
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

/// The color in the middle of the window, where questions are.
///
/// # Errors
/// When no picture can be taken.
pub fn middle(window: &Window<'_>) -> Result<[u8; 3]> {
    let now = window.picture()?;
    Ok(now.at(now.width / 2, now.height / 2))
}

/// Waits until the middle of the window has had one color for a second, and gives it: what was drawn before is
/// there, and no question.
///
/// # Errors
/// When it goes on to change.
pub fn wait_calm(window: &Window<'_>) -> Result<[u8; 3]> {
    let mut last = middle(window)?;
    let mut since = Instant::now();
    wait_for("a calm window", || {
        let now = middle(window)?;
        if now != last {
            (last, since) = (now, Instant::now());
        }
        Ok((since.elapsed() > Duration::from_secs(1)).then_some(last))
    })
}

/// Presses a key until what it is for is there. Questions take no key in their first half second.
///
/// # Errors
/// When it does not come.
pub fn press_until(
    window: &Window<'_>,
    key: &str,
    what: &str,
    is: impl Fn() -> Result<bool>,
) -> Result<()> {
    wait_for(what, || {
        window.key(key)?;
        let patience = Instant::now() + Duration::from_secs(2);
        while Instant::now() < patience {
            if is()? {
                return Ok(Some(()));
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        Ok(None)
    })
}

/// Puts a script before all other programs of that name in the path of what the display runs.
///
/// # Errors
/// When it cannot be written.
pub fn give_program(display: &mut Display, name: &str, script: &str) -> Result<()> {
    let folder = display.folder().join("bin");
    let program = folder.join(name);
    fs::create_dir_all(&folder)?;
    fs::write(&program, script)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    let path = std::env::var("PATH")?;
    display.set_env("PATH", &format!("{}:{path}", folder.display()));
    Ok(())
}

//! `terrace ctl` asked of a window on a [`Display`].

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::display::{Display, wait_for};

/// The command that asks as the user.
pub fn command(display: &Display, args: &[&str]) -> Command {
    let mut command = display.terrace();
    command.args(["ctl", "--all", "--json"]).args(args);
    command
}

/// Asks as the user would in a script.
///
/// # Errors
/// When Terrace says no; the text is what it said.
pub fn ctl(display: &Display, args: &[&str]) -> Result<Value> {
    let output = command(display, args).output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Asks, and does not wait for the answer.
///
/// # Errors
/// When the program does not start.
pub fn begin(display: &Display, args: &[&str]) -> Result<Child> {
    let mut command = command(display, args);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    Ok(child)
}

/// The window's socket.
///
/// # Errors
/// When there is none.
pub fn socket(display: &Display) -> Result<PathBuf> {
    let folder = display.folder().join("run/terrace");
    wait_for("the control socket", || {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut paths = entries.map(|entry| entry.path());
        Ok(paths.find(|path| path.extension().is_some_and(|it| it == "sock")))
    })
}

/// The panes of every tab, flat.
pub fn panes(list: &Value) -> Vec<Value> {
    let each = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    each(list, "windows")
        .iter()
        .flat_map(|window| each(window, "tabs"))
        .flat_map(|tab| each(&tab, "panes"))
        .collect()
}

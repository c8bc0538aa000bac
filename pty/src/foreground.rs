//! What runs in the foreground of a terminal: for titles, for asking before a close, and for
//! "new tab in the same folder".

use std::path::PathBuf;

/// The process that a terminal's keys go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForegroundProcess {
    /// Leader of the foreground process group.
    pub pid: i32,
    /// The program's name without its folder, where the system tells it.
    pub name: Option<String>,
    /// True for the program that the pane was started with: a shell at its prompt.
    pub is_first: bool,
}

impl ForegroundProcess {
    /// Looks up what the system knows of `pid`.
    pub(crate) fn new(pid: i32, first: i32) -> Self {
        Self {
            pid,
            name: name(pid),
            is_first: pid == first,
        }
    }
}

/// The program's name. The kernel's own is cut at 15 bytes; the command line has the rest.
fn name(pid: i32) -> Option<String> {
    let short = std::fs::read(format!("/proc/{pid}/comm")).ok()?;
    let short = String::from_utf8_lossy(&short).trim_end().to_owned();
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let first = line.split(|byte| *byte == 0).next().unwrap_or_default();
    let first = String::from_utf8_lossy(first);
    let base = first.rsplit('/').next().unwrap_or_default();
    let full = if short.len() >= 15 && base.starts_with(&short) {
        base
    } else {
        &short
    };
    let clean: String = full.chars().filter(|c| !c.is_control()).collect();
    (!clean.is_empty()).then_some(clean)
}

/// The folder that `pid` is in now, where the system tells it and it still exists.
pub(crate) fn folder(pid: i32) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/cwd"))
        .ok()
        .filter(|folder| folder.is_dir())
}

//! What the windows show, as it is kept from run to run: sizes, tabs, splits, folders, environments, and which
//! sessions' blocks were in each pane. Nothing that was typed or printed is in it; that is in the history.
//!
//! A file a process in `$XDG_STATE_HOME/terrace/sessions` (else `~/.local/state/…`), for its owner alone, and a lock
//! beside it that is held while the process lives: so the next start knows which processes are gone, however they
//! ended. It is replaced whole, so it is never half a file.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use history::Uid;
use serde::{Deserialize, Serialize};

/// The form of the file; another one is not read.
const VERSION: u32 = 1;
/// A file larger than this is not ours.
const MAX_BYTES: u64 = 1 << 20;
/// Panes that come back, all together.
const MAX_PANES: usize = 100;
/// Splits inside of splits.
const MAX_DEPTH: usize = 32;

/// All windows of a process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saved {
    version: u32,
    /// The user ended it; otherwise it was killed.
    pub(crate) closed: bool,
    /// Its windows.
    pub(crate) windows: Vec<SavedWindow>,
}

/// A window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedWindow {
    /// The index of the shown tab.
    pub(crate) shown: usize,
    /// Its size, if it is known.
    #[serde(default)]
    pub(crate) size: Option<SavedSize>,
    /// Its tabs, from left to right.
    pub(crate) tabs: Vec<SavedTab>,
}

/// The size of a window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedSize {
    /// Width in logical pixels.
    pub(crate) width: f32,
    /// Height in logical pixels.
    pub(crate) height: f32,
    /// It fills its screen, whatever its own size.
    pub(crate) maximized: bool,
}

impl SavedSize {
    /// The size in physical pixels; `None` for one that no window has.
    #[must_use]
    pub(crate) fn physical(&self, scale: f32) -> Option<(u32, u32)> {
        let side = |length: f32| {
            let pixels = (length * scale).round();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the range is checked"
            )]
            MAX_SIDE.contains(&pixels).then_some(pixels as u32)
        };
        side(self.width).zip(side(self.height))
    }
}

/// Pixels that a side of a window may have.
const MAX_SIDE: std::ops::RangeInclusive<f32> = 64.0..=16_384.0;

/// A tab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedTab {
    /// The name that the user gave it.
    pub(crate) name: Option<String>,
    /// The focused pane fills it.
    pub(crate) zoomed: bool,
    /// Its panes.
    pub(crate) root: Node,
}

/// A pane, or two parts beside each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Node {
    /// One pane.
    Pane(SavedPane),
    /// Two parts.
    Split {
        /// One above the other, instead of side by side.
        rows: bool,
        /// The first one's share, 0–1.
        ratio: f32,
        /// Left or upper part.
        first: Box<Node>,
        /// Right or lower part.
        second: Box<Node>,
    },
}

/// A pane.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedPane {
    /// Its shell's folder.
    pub(crate) folder: Option<String>,
    /// The sessions whose blocks were in it, oldest first.
    pub(crate) sessions: Vec<String>,
    /// The environment it was in, if not this machine.
    #[serde(default)]
    pub(crate) elsewhere: Option<SavedEnvironment>,
    /// It had the keyboard when its tab was shown.
    pub(crate) focused: bool,
}

/// An environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedEnvironment {
    /// Its identity: `ssh:web`.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// Whether it had a shell that tells its commands.
    pub(crate) integrated: bool,
}

impl Node {
    fn panes(&self, depth: usize) -> usize {
        match self {
            Node::Pane(_) => 1,
            Node::Split { .. } if depth == 0 => MAX_PANES + 1,
            Node::Split { first, second, .. } => first.panes(depth - 1) + second.panes(depth - 1),
        }
    }
}

impl Saved {
    /// Windows as they are now.
    pub(crate) fn new(windows: Vec<SavedWindow>, closed: bool) -> Self {
        let windows = windows.into_iter().filter(|window| !window.tabs.is_empty());
        Self {
            version: VERSION,
            closed,
            windows: windows.collect(),
        }
    }

    fn read(path: &Path) -> Option<Self> {
        let small =
            std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.len() <= MAX_BYTES);
        let bytes = small.then(|| std::fs::read(path).ok()).flatten()?;
        let saved: Self = serde_json::from_slice(&bytes).ok()?;
        let tabs = saved.windows.iter().flat_map(|window| &window.tabs);
        let panes: usize = tabs.map(|tab| tab.root.panes(MAX_DEPTH)).sum();
        (saved.version == VERSION && (1..=MAX_PANES).contains(&panes)).then_some(saved)
    }
}

/// The folder of these files; `None` without a home folder.
pub(crate) fn folder() -> Option<PathBuf> {
    Some(crate::palette::recent::file()?.with_file_name("sessions"))
}

/// This process's file.
#[derive(Debug)]
pub(crate) struct Keep {
    path: PathBuf,
    lock_path: PathBuf,
    /// Held while the process lives.
    _lock: File,
}

impl Keep {
    /// A file of this process's in a folder, which is made.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let name = Uid::new(SystemTime::now()).to_string();
        let lock_path = folder.join(format!("{name}.lock"));
        let lock = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&lock_path)?;
        lock.lock()?;
        Ok(Self {
            path: folder.join(format!("{name}.json")),
            lock_path,
            _lock: lock,
        })
    }

    /// Writes what there is, or takes the file away when there is nothing.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn write(&self, saved: &Saved) -> io::Result<()> {
        if saved.windows.is_empty() {
            return match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let new = self.path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(&serde_json::to_vec(saved)?)?;
        std::fs::rename(&new, &self.path)
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        // Who looks for a lock that is gone takes the file for that of an ended process, which it is.
        let _ = std::fs::remove_file(&self.lock_path);
    }
}

/// Takes what the last run left, and its files: all that were killed, or else, if `also_closed`, the one that was
/// closed last. Nothing while another Terrace runs, whose windows are there already.
pub(crate) fn take(folder: &Path, also_closed: bool) -> Option<Saved> {
    let mut found: Vec<(SystemTime, PathBuf, Saved)> = Vec::new();
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => {}
            Some("lock") if is_held(&path) => return None,
            _ => continue,
        }
        let Some(saved) = Saved::read(&path) else {
            continue;
        };
        let written = entry.metadata().and_then(|data| data.modified());
        found.push((written.unwrap_or(SystemTime::UNIX_EPOCH), path, saved));
    }
    found.sort_by_key(|(written, ..)| *written);
    let mut killed: Vec<Saved> = Vec::new();
    let mut closed = None;
    for (_, _, saved) in &found {
        if saved.closed {
            closed = Some(saved.clone());
        } else {
            killed.push(saved.clone());
        }
    }
    let windows: Vec<SavedWindow> = killed.into_iter().flat_map(|saved| saved.windows).collect();
    let taken = if windows.is_empty() {
        closed.filter(|_| also_closed)?
    } else {
        Saved::new(windows, false)
    };
    for (_, path, _) in found {
        let _ = std::fs::remove_file(path.with_extension("lock"));
        let _ = std::fs::remove_file(path);
    }
    Some(taken)
}

fn is_held(lock: &Path) -> bool {
    File::open(lock).is_ok_and(|file| file.try_lock().is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(folder: &str) -> SavedWindow {
        let pane = SavedPane {
            folder: Some(folder.to_owned()),
            ..SavedPane::default()
        };
        SavedWindow {
            shown: 0,
            size: None,
            tabs: vec![SavedTab {
                name: None,
                zoomed: false,
                root: Node::Split {
                    rows: true,
                    ratio: 0.25,
                    first: Box::new(Node::Pane(pane.clone())),
                    second: Box::new(Node::Pane(pane)),
                },
            }],
        }
    }

    /// A file as a process that is gone left it.
    fn left(folder: &Path, name: &str, closed: bool) {
        let keep = Keep::new(folder).unwrap();
        keep.write(&Saved::new(vec![window(name)], closed)).unwrap();
    }

    #[test]
    fn what_was_killed_comes_back_once() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(take(folder.path(), true), None);
        left(folder.path(), "/closed", true);
        left(folder.path(), "/a", false);
        left(folder.path(), "/b", false);
        let saved = take(folder.path(), true).unwrap();
        assert_eq!(saved.windows, [window("/a"), window("/b")]);
        assert_eq!(take(folder.path(), true), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_sizes_that_windows_have_are_taken() {
        #[track_caller]
        fn check(width: f32, height: f32, scale: f32, expected: Option<(u32, u32)>) {
            let size = SavedSize {
                width,
                height,
                maximized: false,
            };
            assert_eq!(size.physical(scale), expected);
        }
        check(800.0, 600.0, 1.0, Some((800, 600)));
        check(800.0, 600.5, 1.5, Some((1200, 901)));
        check(0.0, 600.0, 1.0, None);
        check(800.0, f32::NAN, 1.0, None);
        check(1e9, 600.0, 1.0, None);
        check(-800.0, 600.0, 1.0, None);
    }

    #[test]
    fn what_was_closed_comes_back_if_it_is_to() {
        let folder = tempfile::tempdir().unwrap();
        left(folder.path(), "/a", true);
        assert_eq!(take(folder.path(), false), None);
        let saved = take(folder.path(), true).unwrap();
        assert_eq!(saved.windows, [window("/a")]);
    }

    #[test]
    fn while_another_lives_nothing_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        left(folder.path(), "/a", false);
        let other = Keep::new(folder.path()).unwrap();
        // A lock is the process's own to no one: another handle finds it held.
        assert_eq!(take(folder.path(), true), None);
        drop(other);
        assert!(take(folder.path(), true).is_some());
    }

    #[test]
    fn nonsense_is_left_alone_and_no_window_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        std::fs::write(&path, b"{\"version\":1").unwrap();
        assert_eq!(take(folder.path(), true), None);
        std::fs::write(&path, b"{\"version\":9,\"closed\":false,\"windows\":[]}").unwrap();
        assert_eq!(take(folder.path(), true), None);
        std::fs::remove_file(&path).unwrap();
        let keep = Keep::new(folder.path()).unwrap();
        keep.write(&Saved::new(vec![window("/a")], false)).unwrap();
        keep.write(&Saved::new(Vec::new(), true)).unwrap();
        drop(keep);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

//! Which branch a folder is on, found by reading files: no program is run in it (`blocks.md` 6).
//!
//! A thread of its own looks, since a folder may be on a network that does not answer.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use crossbeam::channel::{Sender, bounded};
use winit::event_loop::EventLoopProxy;

use crate::event::AppEvent;
use crate::pane::PaneId;

/// Bytes of a file of git's that are read.
const MAX_FILE: u64 = 4096;
/// Folders above that are looked at.
const MAX_DEPTH: usize = 64;
/// Questions that wait; more are dropped, since newer ones come.
const MAX_WAITING: usize = 64;

/// A repository and what is checked out there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Branch {
    /// The branch, or the beginning of the commit's id.
    pub(crate) name: String,
    /// The folder that holds the repository.
    pub(crate) root: PathBuf,
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The branch of the repository that a folder is in.
pub(crate) fn branch(folder: &Path) -> Option<Branch> {
    let folders = folder.ancestors().take(MAX_DEPTH);
    let (root, git) = folders
        .map(|folder| (folder, folder.join(".git")))
        .find(|(_, git)| git.exists())?;
    let git = if git.is_dir() {
        git
    } else {
        // A worktree or a submodule says where its files are.
        let text = read(&git)?;
        root.join(text.strip_prefix("gitdir:")?.trim())
    };
    let head = read(&git.join("HEAD"))?;
    let name = match head.strip_prefix("ref:") {
        Some(name) => {
            let name = name.trim();
            name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()
        }
        None => head.get(..8)?.to_owned(),
    };
    let clean = !name.is_empty() && !name.chars().any(char::is_control);
    clean.then(|| Branch {
        name,
        root: root.to_owned(),
    })
}

fn read(path: &Path) -> Option<String> {
    let file = File::open(path).ok()?;
    // Not a pipe that nobody writes to.
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    file.take(MAX_FILE).read_to_string(&mut text).ok()?;
    Some(text.trim_end().to_owned())
}

/// The thread that looks.
#[derive(Clone, Debug)]
pub(crate) struct Finder {
    questions: Sender<(PaneId, String)>,
}

impl Finder {
    /// Starts it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(proxy: EventLoopProxy<AppEvent>) -> Result<Self> {
        let (questions, asked) = bounded::<(PaneId, String)>(MAX_WAITING);
        std::thread::Builder::new()
            .name("git".to_owned())
            .spawn(move || {
                for (pane, folder) in asked {
                    let branch = branch(Path::new(&folder));
                    let event = AppEvent::Branch {
                        pane,
                        folder,
                        branch,
                    };
                    if proxy.send_event(event).is_err() {
                        return;
                    }
                }
            })
            .context("no thread to look for git branches")?;
        Ok(Self { questions })
    }

    /// Asks for a folder's branch; the answer is [`AppEvent::Branch`].
    pub(crate) fn ask(&self, pane: PaneId, folder: &str) {
        let _ = self.questions.try_send((pane, folder.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_branch_is_read_from_below() {
        let folder = folder();
        let git = folder.path().join(".git");
        fs::create_dir(&git).unwrap();
        fs::write(git.join("HEAD"), "ref: refs/heads/feature/x\n").unwrap();
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        let found = branch(&below).unwrap();
        assert_eq!(found.name, "feature/x");
        assert_eq!(found.root, folder.path());
        fs::write(
            git.join("HEAD"),
            "0123456789abcdef0123456789abcdef01234567\n",
        )
        .unwrap();
        assert_eq!(branch(&below).unwrap().name, "01234567");
    }

    #[test]
    fn a_worktree_says_where_its_files_are() {
        let folder = folder();
        let files = folder.path().join("files");
        let tree = folder.path().join("tree");
        fs::create_dir(&files).unwrap();
        fs::create_dir(&tree).unwrap();
        fs::write(files.join("HEAD"), "ref: refs/heads/w\n").unwrap();
        fs::write(tree.join(".git"), "gitdir: ../files\n").unwrap();
        assert_eq!(branch(&tree).unwrap().name, "w");
    }

    #[test]
    fn what_is_no_repository_has_none() {
        let folder = folder();
        assert_eq!(branch(folder.path()), None);
        fs::write(folder.path().join(".git"), "nonsense").unwrap();
        assert_eq!(branch(folder.path()), None);
        fs::remove_file(folder.path().join(".git")).unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join(".git/HEAD"), "x").unwrap();
        assert_eq!(branch(folder.path()), None);
    }
}

//! What was used lately: entries of the palette and folders, kept from run to run in one small file.
//!
//! `$XDG_STATE_HOME/terrace/recent.json`, else `~/.local/state/terrace/recent.json`; a file that cannot be read
//! or understood counts as empty. Several Terraces may run: each lays what it used over what is there.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Entries that are kept.
const MAX_USED: usize = 200;
/// Folders that are kept.
const MAX_FOLDERS: usize = 100;
/// Environments that are kept.
const MAX_PLAIN: usize = 1000;
/// A file larger than this is not ours.
const MAX_BYTES: u64 = 1 << 20;

/// What was used lately, last first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Recent {
    /// Identities of palette entries.
    pub(crate) used: Vec<String>,
    /// Folders in which a shell was.
    pub(crate) folders: Vec<PathBuf>,
    /// Environments, by their ids, whose shell cannot be integrated.
    pub(crate) plain: Vec<String>,
    /// Environments that were taken out of `plain` by this Terrace, so that they do not come back from the file.
    #[serde(skip)]
    forgotten: Vec<String>,
}

/// Where it is kept; `None` without a home folder.
pub(crate) fn file() -> Option<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))?;
    Some(base.join("terrace/recent.json"))
}

impl Recent {
    /// Reads what is kept.
    pub(crate) fn load(path: &Path) -> Self {
        let small = fs::metadata(path).is_ok_and(|data| data.is_file() && data.len() <= MAX_BYTES);
        let text = small.then(|| fs::read(path).ok()).flatten();
        text.and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    /// An entry was chosen. Returns whether the list changed.
    pub(crate) fn use_entry(&mut self, id: &str) -> bool {
        to_front(&mut self.used, id.to_owned(), MAX_USED)
    }

    /// A shell is in a folder. Returns whether the list changed.
    pub(crate) fn use_folder(&mut self, folder: &Path) -> bool {
        folder.is_absolute() && to_front(&mut self.folders, folder.to_owned(), MAX_FOLDERS)
    }

    /// The shell of an environment cannot be integrated. Returns whether the list changed.
    pub(crate) fn keep_plain(&mut self, environment: &str) -> bool {
        self.forgotten.retain(|known| known != environment);
        to_front(&mut self.plain, environment.to_owned(), MAX_PLAIN)
    }

    /// Whether the shell of an environment can be integrated is not known any more. Returns whether the list changed.
    pub(crate) fn forget_plain(&mut self, environment: &str) -> bool {
        let known = self.is_plain(environment);
        if known {
            self.plain.retain(|one| one != environment);
            self.forgotten.push(environment.to_owned());
        }
        known
    }

    /// Whether the shell of an environment cannot be integrated.
    pub(crate) fn is_plain(&self, environment: &str) -> bool {
        self.plain.iter().any(|known| known == environment)
    }

    /// Lays this over what is in the file and writes it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self, path: &Path) -> std::io::Result<()> {
        let mut all = self.clone();
        let kept = Self::load(path);
        for id in kept.used {
            if !all.used.contains(&id) {
                all.used.push(id);
            }
        }
        for folder in kept.folders {
            if !all.folders.contains(&folder) {
                all.folders.push(folder);
            }
        }
        for environment in kept.plain {
            if !all.plain.contains(&environment) && !self.forgotten.contains(&environment) {
                all.plain.push(environment);
            }
        }
        all.plain.truncate(MAX_PLAIN);
        all.used.truncate(MAX_USED);
        all.folders.truncate(MAX_FOLDERS);
        let mut text = serde_json::to_vec_pretty(&all)?;
        text.push(b'\n');
        config::edit::replace(path, &text)
    }
}

fn to_front<T: PartialEq>(list: &mut Vec<T>, item: T, most: usize) -> bool {
    if list.first() == Some(&item) {
        return false;
    }
    list.retain(|known| *known != item);
    list.insert(0, item);
    list.truncate(most);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_is_first_and_survives() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/recent.json");
        let mut recent = Recent::load(&path);
        assert_eq!(recent, Recent::default());
        assert!(recent.use_entry("a"));
        assert!(recent.use_entry("b"));
        assert!(!recent.use_entry("b"));
        assert!(recent.use_entry("a"));
        assert!(recent.use_folder(Path::new("/x")));
        assert!(!recent.use_folder(Path::new("relative")));
        assert!(recent.keep_plain("ssh:router"));
        assert!(recent.is_plain("ssh:router") && !recent.is_plain("ssh:web"));
        recent.save(&path).unwrap();
        assert_eq!(Recent::load(&path), recent);
        let mut other = Recent::default();
        other.use_entry("c");
        other.save(&path).unwrap();
        assert_eq!(Recent::load(&path).used, ["c", "a", "b"]);
        assert!(recent.forget_plain("ssh:router") && !recent.forget_plain("ssh:router"));
        recent.save(&path).unwrap();
        assert!(!Recent::load(&path).is_plain("ssh:router"));
        assert!(recent.keep_plain("ssh:router"));
        recent.save(&path).unwrap();
        assert!(Recent::load(&path).is_plain("ssh:router"));
    }

    #[test]
    fn nonsense_counts_as_empty_and_lists_are_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recent.json");
        fs::write(&path, b"\xff{").unwrap();
        assert_eq!(Recent::load(&path), Recent::default());
        let mut recent = Recent::default();
        for n in 0..1000 {
            recent.use_entry(&n.to_string());
            recent.use_folder(Path::new(&format!("/{n}")));
        }
        assert_eq!(
            (recent.used.len(), recent.folders.len()),
            (MAX_USED, MAX_FOLDERS)
        );
        assert_eq!(recent.used[0], "999");
    }
}

//! What the folders in which the user works say: which of them are environments, and which git
//! repository they belong to. Reads files, runs nothing.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::description::FolderRule;
use crate::spec::Scope;

/// At most this much is read of a file that makes a folder an environment.
const MOST_BYTES: u64 = 1 << 20;

/// The folders of the scope, or above them, that have the rule's file.
pub(super) fn folders(rule: &FolderRule, scope: &Scope) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in &scope.folders {
        let nearest = folder.ancestors().find(|folder| is_one(rule, folder));
        if let Some(folder) = nearest
            && !found.iter().any(|known| known == folder)
        {
            found.push(folder.to_path_buf());
        }
    }
    found
}

fn is_one(rule: &FolderRule, folder: &Path) -> bool {
    folder.is_absolute()
        && rule
            .files
            .iter()
            .map(|file| folder.join(file))
            .any(|file| match &rule.text {
                None => file.is_file(),
                Some(pattern) => read(&file).is_some_and(|text| pattern.is_match(&text)),
            })
}

fn read(path: &Path) -> Option<String> {
    if !path.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The git repository that a folder is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Git {
    /// The branch that is checked out.
    pub(super) branch: Option<String>,
    /// The address of the remote `origin`.
    pub(super) origin: Option<String>,
}

impl Git {
    /// What the files of the repository around `folder` say (gitrepository-layout(5)).
    pub(super) fn of(folder: &Path) -> Self {
        let Some(git) = folder.ancestors().find_map(git_folder) else {
            return Self::default();
        };
        let head = read(&git.join("HEAD")).unwrap_or_default();
        let branch = head
            .trim()
            .strip_prefix("ref: refs/heads/")
            .map(str::to_owned);
        // A linked worktree keeps its configuration with the repository that it belongs to.
        let common = read(&git.join("commondir")).map(|common| git.join(common.trim()));
        let config = read(&common.unwrap_or(git).join("config")).unwrap_or_default();
        Self {
            branch,
            origin: origin(&config),
        }
    }

    /// `owner/repository` of the origin.
    pub(super) fn slug(&self) -> Option<String> {
        let origin = self.origin.as_deref()?.trim_end_matches('/');
        let path = match origin.split_once("://") {
            Some((_, rest)) => rest.split_once('/')?.1,
            None => origin.split_once(':')?.1,
        };
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        (path.matches('/').count() >= 1).then(|| path.to_owned())
    }
}

fn git_folder(folder: &Path) -> Option<PathBuf> {
    let dot_git = folder.join(".git");
    if dot_git.is_dir() {
        return Some(dot_git);
    }
    let text = read(&dot_git)?;
    let path = text.trim().strip_prefix("gitdir:")?.trim();
    Some(folder.join(path))
}

/// The url of `[remote "origin"]`.
fn origin(config: &str) -> Option<String> {
    let mut in_origin = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            in_origin = line.eq_ignore_ascii_case("[remote \"origin\"]");
        } else if in_origin
            && let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("url")
        {
            return Some(value.trim().to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_says_its_branch_and_origin() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        let git = folder.path().join(".git");
        std::fs::create_dir(&git).unwrap();
        std::fs::write(git.join("HEAD"), "ref: refs/heads/fix/one\n").unwrap();
        let config =
            "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@github.com:acme/pay.git\n";
        std::fs::write(git.join("config"), config).unwrap();
        let found = Git::of(&inner);
        assert_eq!(found.branch.as_deref(), Some("fix/one"));
        assert_eq!(found.slug().as_deref(), Some("acme/pay"));
        assert_eq!(Git::of(Path::new("/proc")), Git::default());
    }

    #[test]
    fn slugs_come_from_all_kinds_of_address() {
        #[track_caller]
        fn check(origin: &str, expected: Option<&str>) {
            let git = Git {
                origin: Some(origin.to_owned()),
                branch: None,
            };
            assert_eq!(git.slug().as_deref(), expected);
        }
        check("https://github.com/a/b.git", Some("a/b"));
        check("https://github.com/a/b/", Some("a/b"));
        check("ssh://git@host:22/a/b", Some("a/b"));
        check("git@host:group/sub/b.git", Some("group/sub/b"));
        check("/srv/b.git", None);
    }

    #[test]
    fn a_folder_is_found_by_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("src");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(
            folder.path().join("package.json"),
            "{\"devDependencies\":{\"@ampt/cli\":1}}",
        )
        .unwrap();
        let scope = Scope {
            folders: vec![inner.clone(), folder.path().to_path_buf()],
            ..Scope::default()
        };
        let rule = |text: &str| FolderRule {
            files: vec!["package.json".to_owned()],
            text: Some(regex::Regex::new(text).unwrap()),
        };
        assert_eq!(folders(&rule("@ampt/"), &scope), [folder.path()]);
        assert!(folders(&rule("@other/"), &scope).is_empty());
    }
}

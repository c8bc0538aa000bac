//! Where the scripts lie: a folder of this version, which only its owner can open or change.
//!
//! A shell runs what it finds there, so the folder is trusted only after it was looked at: it is no
//! link, it is ours, nobody else may write to it, and each file holds what it should. It is made
//! beside its place and moved there whole, so that no shell ever sees half of it.

use std::fs::{self, DirBuilder, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::random;
use super::scripts::{Shell, ZSHENV, ZSHENV_PLACE};

/// The folder of the scripts.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// A shell's script.
    pub(super) fn script(&self, shell: Shell) -> PathBuf {
        self.0.join(shell.place())
    }

    /// What `ZDOTDIR` is to be.
    pub(super) fn zsh(&self) -> PathBuf {
        self.0.join("zsh")
    }

    /// What `XDG_DATA_DIRS` is to begin with; `None` when its name would end there.
    pub(super) fn data(&self) -> Option<PathBuf> {
        let folder = self.0.join("data");
        (!folder.to_str()?.contains(':')).then_some(folder)
    }
}

/// The folder for sockets and the like while we run, ours alone, made if need be:
/// `$XDG_RUNTIME_DIR/terrace`, else `terrace/run` in the folder for state.
///
/// # Errors
/// When there is none of ours, or others may do something with it.
pub fn runtime_folder() -> io::Result<PathBuf> {
    let folder = root()?;
    private_folder(&folder)?;
    Ok(folder)
}

/// The folder, made or checked now.
///
/// # Errors
/// When there is no folder of ours to keep it in, or it is not as it should be and cannot be made so.
pub(super) fn folder() -> io::Result<Folder> {
    folder_below(&root()?)
}

/// `$XDG_RUNTIME_DIR/terrace`, else `terrace/run` in the folder for state.
fn root() -> io::Result<PathBuf> {
    let named = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if let Some(run) = named("XDG_RUNTIME_DIR").filter(|path| path.is_dir()) {
        return Ok(run.join("terrace"));
    }
    let state = named("XDG_STATE_HOME")
        .or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))
        .ok_or_else(|| io::Error::other("neither XDG_RUNTIME_DIR nor HOME is set"))?;
    let terrace = state.join("terrace");
    fs::create_dir_all(&state)?;
    private_folder(&terrace)?;
    Ok(terrace.join("run"))
}

fn folder_below(root: &Path) -> io::Result<Folder> {
    private_folder(root)?;
    let name = format!("shell-{}-{:016x}", env!("CARGO_PKG_VERSION"), fingerprint());
    let place = root.join(&name);
    if is_whole(&place) {
        return Ok(Folder(place));
    }
    let word = random::hexadecimal(8).ok_or_else(|| io::Error::other("no random numbers"))?;
    let new = root.join(format!(".{name}.{word}"));
    let made = fill(&new).and_then(|()| {
        if fs::symlink_metadata(&place).is_ok() {
            // A clean-up took some of it, or somebody changed it.
            let old = root.join(format!(".old-{word}"));
            fs::rename(&place, &old)?;
            let _ = fs::remove_dir_all(&old).or_else(|_| fs::remove_file(&old));
        }
        fs::rename(&new, &place)
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&new);
    }
    // Another Terrace may have been faster.
    if is_whole(&place) {
        return Ok(Folder(place));
    }
    made?;
    Err(refused(&place))
}

/// Every file: its place and what it holds.
fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    Shell::ALL
        .into_iter()
        .map(|shell| (shell.place(), shell.script()))
        .chain([(ZSHENV_PLACE, ZSHENV)])
}

/// A number that is another when a script is another (FNV-1a).
fn fingerprint() -> u64 {
    files()
        .flat_map(|(place, text)| place.bytes().chain(text.bytes()))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

/// Makes a folder for its owner alone, or checks that it is one.
fn private_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && is_private(&found)) {
        Ok(())
    } else {
        Err(refused(path))
    }
}

fn refused(path: &Path) -> io::Error {
    io::Error::other(format!(
        "{} is not a folder that is yours alone; see its owner and mode (0700)",
        path.display()
    ))
}

/// Whether it is ours and nobody else may do anything with it.
fn is_private(found: &Metadata) -> bool {
    found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o077 == 0
}

/// Whether all files are there, ours, and hold what they should.
fn is_whole(folder: &Path) -> bool {
    let private = |path: &Path| fs::symlink_metadata(path).ok().filter(is_private);
    let whole = |(place, text): (&str, &str)| {
        let path = folder.join(place);
        let folders = path.ancestors().skip(1).take_while(|up| *up != folder);
        folders
            .chain([folder])
            .all(|up| private(up).is_some_and(|found| found.is_dir()))
            && private(&path).is_some_and(|found| found.is_file())
            && fs::read(&path).is_ok_and(|found| found == text.as_bytes())
    };
    files().all(whole)
}

fn fill(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.mode(0o700).create(folder)?;
    builder.recursive(true);
    for (place, text) in files() {
        let path = folder.join(place);
        builder.create(path.parent().unwrap_or(folder))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(&path)?.write_all(text.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Shell, folder_below, is_whole};
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn it_is_made_once_and_used_again() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().join("terrace");
        let first = folder_below(&root).unwrap();
        assert_eq!(
            fs::metadata(&root).unwrap().permissions().mode() & 0o777,
            0o700
        );
        let script = first.script(Shell::Bash);
        assert_eq!(fs::read_to_string(&script).unwrap(), Shell::Bash.script());
        let made = fs::metadata(&script).unwrap().modified().unwrap();
        let second = folder_below(&root).unwrap();
        assert_eq!(first.0, second.0);
        assert_eq!(fs::metadata(&script).unwrap().modified().unwrap(), made);
        assert_eq!(fs::read_dir(&root).unwrap().count(), 1);
    }

    #[test]
    fn what_was_changed_or_taken_is_put_right() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().join("terrace");
        let folder = folder_below(&root).unwrap();
        let script = folder.script(Shell::Fish);
        for break_it in [
            &(|| fs::write(&script, "echo mine").unwrap()) as &dyn Fn(),
            &|| fs::remove_file(&script).unwrap(),
            &|| fs::remove_dir_all(&folder.0).unwrap(),
            &|| fs::set_permissions(&script, fs::Permissions::from_mode(0o666)).unwrap(),
            &|| fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o777)).unwrap(),
            &|| {
                fs::remove_file(&script).unwrap();
                symlink("/etc/passwd", &script).unwrap();
            },
        ] {
            break_it();
            assert!(!is_whole(&folder.0));
            assert_eq!(folder_below(&root).unwrap().0, folder.0);
            assert!(is_whole(&folder.0));
            assert_eq!(fs::read_dir(&root).unwrap().count(), 1);
        }
    }

    #[test]
    fn a_folder_of_others_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("terrace");
        fs::create_dir(&root).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        let error = folder_below(&root).unwrap_err().to_string();
        assert!(
            error.contains("not a folder that is yours alone"),
            "{error}"
        );
        let link = parent.path().join("link");
        fs::set_permissions(&root, fs::Permissions::from_mode(0o700)).unwrap();
        symlink(&root, &link).unwrap();
        assert!(folder_below(&link).is_err());
    }
}

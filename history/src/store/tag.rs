//! The mark that tells backup programs to leave the history out (<https://bford.info/cachedir/>): it holds what was
//! printed, which nobody looks through before it goes to another machine.

use std::io;
use std::path::Path;

use super::database::private_file;

/// The name that backup programs look for.
pub(super) const NAME: &str = "CACHEDIR.TAG";
/// The words by which they know it.
const SIGNATURE: &str = "Signature: 8a477f597d28d172789f06886806bc55";
/// What makes it ours.
const OURS: &str = "# Terrace's history; backups take it with history.backups = true.";

/// Puts the mark into the history's folder, or takes it away; one of somebody else stays as it is.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn set(folder: &Path, marked: bool) -> io::Result<()> {
    let path = folder.join(NAME);
    let found = match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    match found {
        None if marked => {
            let text = format!("{SIGNATURE}\n{OURS}\n");
            io::Write::write_all(&mut private_file(&path)?, text.as_bytes())
        }
        Some(text) if !marked && text.contains(OURS) => std::fs::remove_file(&path),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_comes_and_goes_and_that_of_others_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        set(folder.path(), true).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(SIGNATURE), "{text}");
        set(folder.path(), true).unwrap();
        set(folder.path(), false).unwrap();
        assert!(!path.exists());
        set(folder.path(), false).unwrap();
        std::fs::write(&path, SIGNATURE).unwrap();
        set(folder.path(), false).unwrap();
        assert!(path.exists());
    }
}

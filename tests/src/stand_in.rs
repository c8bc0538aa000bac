//! Executables that stand in for tools whose service cannot be reached: they print what is recorded, fail,
//! or do not answer. What they print for which arguments is in `tests/data/environments/TOOL/calls.toml`.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// What a tool does when it is called.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// What its arguments begin with; empty: any.
    pub args: String,
    /// What it prints.
    pub stdout: Vec<u8>,
    /// What it complains.
    pub stderr: String,
    /// How it ends.
    pub exit: i64,
    /// It does not end by itself.
    pub hangs: bool,
}

/// A folder for `PATH` with one executable in it.
#[derive(Debug)]
pub struct StandIn {
    folder: TempDir,
}

impl StandIn {
    /// An executable `name` that answers by the first that fits, and fails loudly when none does.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn new(name: &str, answers: &[Answer]) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut script = "#!/bin/sh\necho \"$0 $*\" >>\"$0.calls\"\ncase \"$*\" in\n".to_owned();
        for (number, answer) in answers.iter().enumerate() {
            let file = |what: &str| folder.path().join(format!("{name}.{number}.{what}"));
            fs::write(file("out"), &answer.stdout).expect("it can be written");
            fs::write(file("err"), &answer.stderr).expect("it can be written");
            let _ = writeln!(script, "{}*)", quoted(&answer.args));
            if answer.hangs {
                let _ = writeln!(script, "  echo $$ >\"$0.pid\"; exec /bin/sleep 600 ;;");
                continue;
            }
            let _ = writeln!(
                script,
                "  /bin/cat {}; /bin/cat {} >&2; exit {} ;;",
                quoted(&file("out").to_string_lossy()),
                quoted(&file("err").to_string_lossy()),
                answer.exit
            );
        }
        script.push_str("esac\necho \"not recorded: $*\" >&2; exit 70\n");
        let program = folder.path().join(name);
        fs::write(&program, script).expect("it can be written");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&program, executable).expect("it is ours");
        Self { folder }
    }

    /// The same executable under another name too.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn also(&self, name: &str) {
        let files = fs::read_dir(self.path()).into_iter().flatten().flatten();
        let script = files
            .map(|entry| entry.path())
            .find(|path| path.extension().is_none());
        let script = script.expect("an executable");
        fs::copy(script, self.path().join(name)).expect("it can be written");
    }

    /// A folder in which there is no executable.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn none() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        Self { folder }
    }

    /// The folder: all of `PATH`.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The calls there were, one a line.
    pub fn calls(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.path())
            .into_iter()
            .flatten()
            .flatten();
        let files = files.map(|entry| entry.path());
        let calls = files.filter(|path| path.extension().is_some_and(|e| e == "calls"));
        let texts = calls.map(|path| fs::read_to_string(path).unwrap_or_default());
        texts
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }

    /// The process that hangs, if one was begun.
    pub fn hanging(&self) -> Option<u32> {
        let files = fs::read_dir(self.folder.path())
            .ok()?
            .flatten()
            .map(|entry| entry.path());
        let mut pids = files.filter(|path| path.extension().is_some_and(|e| e == "pid"));
        fs::read_to_string(pids.next()?).ok()?.trim().parse().ok()
    }
}

/// A word in single quotes.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The recordings of a tool: `tests/data/environments/TOOL`.
pub fn recordings(tool: &str) -> PathBuf {
    crate::program::data_folder()
        .join("environments")
        .join(tool)
}

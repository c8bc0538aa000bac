//! Which program is at the other end of the socket, as the kernel tells it.

use std::fs;
use std::path::PathBuf;

/// The longest command line that is kept, in bytes.
const MAX_LINE: usize = 400;

/// A program that asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Program {
    /// The file that it was started from; `None` where that cannot be known.
    pub(crate) path: Option<PathBuf>,
    /// Its command line, words between blanks: for people, since it says what it likes.
    pub(crate) line: String,
    /// Its process.
    pub(crate) process: i32,
}

impl Program {
    /// The program of a process. For `terrace ctl`, which asks for others, the one that started it.
    pub(crate) fn of(process: i32) -> Self {
        let found = Self::exactly(process);
        let own = fs::read_link("/proc/self/exe").ok();
        if found.path.is_none() || found.path != own {
            return found;
        }
        parent(process).map_or(found, Self::exactly)
    }

    fn exactly(process: i32) -> Self {
        let of = |file| format!("/proc/{process}/{file}");
        let words = fs::read(of("cmdline")).unwrap_or_default();
        let words = &words[..words.len().min(MAX_LINE)];
        let line = String::from_utf8_lossy(words).replace('\0', " ");
        Self {
            path: fs::read_link(of("exe")).ok(),
            line: line.trim_end().to_owned(),
            process,
        }
    }

    /// What it is called, in a sentence.
    pub(crate) fn name(&self) -> String {
        match &self.path {
            Some(path) => path.display().to_string(),
            None => format!("process {}", self.process),
        }
    }
}

/// The process that started another; `None` for the first one of all.
fn parent(process: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in brackets and may hold any character, brackets and blanks too.
    let (_, rest) = stat.rsplit_once(')')?;
    let parent = rest.split_whitespace().nth(1)?.parse().ok()?;
    (parent > 1).then_some(parent)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn who_started_us_asks_through_us() {
        let own = i32::try_from(std::process::id()).unwrap();
        let program = Program::of(own);
        // The test's own file is that of the process that asks, as it is for `terrace ctl`.
        assert_eq!(Some(program.process), parent(own));
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let process = i32::try_from(child.id()).unwrap();
        let program = Program::of(process);
        assert_eq!(parent(process), Some(own));
        assert_eq!(program.process, process);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(Program::of(process).path, None);
        assert_eq!(Program::of(process).name(), format!("process {process}"));
    }
}

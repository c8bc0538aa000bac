//! A real shell in a real pseudo-terminal, with the marks that its integration wrote.
//!
//! The shell runs under `terrace run` in a home folder of its own. What it writes is recorded, and the
//! marks (OSC 133 and 8377) are read from the recording, so that these tests depend on nothing that the
//! terminal makes of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::RunningSession;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A mark: `133;D;1;aid=…;n=3` is letter `D`, words `["1"]`, options `aid` and `n`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// `A`, `B`, `C`, `D`, `P`; `ctx` for OSC 8377.
    pub letter: String,
    /// What is no option.
    pub words: Vec<String>,
    /// `key=value`, the values decoded.
    pub options: BTreeMap<String, String>,
    /// Where it ends in the recording.
    pub end: usize,
    /// Where it begins in the recording.
    pub start: usize,
}

impl Mark {
    /// An option's value; empty if it is not there.
    pub fn option(&self, name: &str) -> &str {
        self.options.get(name).map_or("", String::as_str)
    }

    /// Whether it bears a key.
    pub fn has_key(&self) -> bool {
        self.options.contains_key("tn")
    }
}

/// What one prompt and its command said.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// The command, if one ran.
    pub command: Option<Mark>,
    /// Its end.
    pub end: Mark,
    /// The context of the prompt after it.
    pub context: Mark,
    /// All marks without a key, in this cycle and at the prompt after it.
    pub plain: Vec<Mark>,
    /// What was written between the command and its end.
    pub output: String,
}

impl Cycle {
    /// The command's text.
    pub fn text(&self) -> &str {
        self.command
            .as_ref()
            .map_or("", |mark| mark.option("cmdline_url"))
    }

    /// Where the text is from.
    pub fn source(&self) -> &str {
        self.command.as_ref().map_or("", |mark| mark.option("src"))
    }

    /// The exit status; empty when nothing ran.
    pub fn status(&self) -> &str {
        self.end.words.first().map_or("", String::as_str)
    }

    /// The output as a person sees it: without escape sequences, and without what zsh prints before a
    /// prompt to find out whether the line is empty.
    pub fn printed(&self) -> String {
        let mut text = String::new();
        let mut rest = self.output.replace('\r', "");
        while let Some(at) = rest.find('\x1b') {
            text.push_str(&rest[..at]);
            let sequence = &rest[at..];
            let is_end = |c: char| c.is_ascii_alphabetic() || c == '~';
            let end = match sequence.as_bytes().get(1) {
                Some(b']') => sequence.find('\x07').map(|end| end + 1),
                Some(b'[') => sequence[2..].find(is_end).map(|end| end + 3),
                Some(b'(') => Some(3),
                _ => Some(2),
            };
            rest = sequence[end.unwrap_or(sequence.len())..].to_owned();
        }
        text.push_str(&rest);
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let kept = match lines.as_slice() {
            [kept @ .., "%" | "#" | ""] => kept,
            all => all,
        };
        kept.join("\n")
    }

    /// The duration in microseconds; `None` when it was not said.
    pub fn duration(&self) -> Option<u64> {
        self.end.options.get("dur")?.parse().ok()
    }
}

/// A shell that runs.
#[derive(Debug)]
pub struct Shell {
    /// The session it runs in.
    pub session: RunningSession,
    record: PathBuf,
    /// Its home folder.
    pub home: tempfile::TempDir,
    /// The cycle that waits for a command.
    pub cycle: u64,
}

/// How a shell is to be started.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Files in the home folder, with their text.
    pub files: Vec<(String, String)>,
    /// Environment variables; `~` at the front of a value is the home folder.
    pub env: Vec<(String, String)>,
    /// Options of `terrace run`.
    pub options: Vec<String>,
}

impl Setup {
    /// With a file in the home folder.
    #[must_use]
    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.into(), text.into()));
        self
    }

    /// With an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// With options of `terrace run`.
    #[must_use]
    pub fn options(mut self, options: &[&str]) -> Self {
        self.options.extend(options.iter().map(|&o| o.into()));
        self
    }

    /// Starts `command` and waits for its first prompt.
    ///
    /// # Panics
    /// When no verified prompt comes.
    #[track_caller]
    pub fn start(&self, command: &[&str]) -> Shell {
        let mut shell = self.start_silent(command);
        shell.next_prompt();
        shell
    }

    /// Starts `command` without waiting.
    ///
    /// # Panics
    /// When Terrace does not start.
    #[track_caller]
    pub fn start_silent(&self, command: &[&str]) -> Shell {
        let home = tempfile::tempdir().expect("a temporary folder");
        // As the shells name it.
        let path = home.path().canonicalize().expect("it exists");
        for (name, text) in &self.files {
            let file = path.join(name);
            fs::create_dir_all(file.parent().expect("it is in the home folder"))
                .and_then(|()| fs::write(&file, text))
                .expect("the home folder can be written");
        }
        for folder in ["run", "tmp"] {
            fs::create_dir(path.join(folder)).expect("the home folder can be written");
        }
        let record = path.join("record");
        let text = |path: &Path| path.to_str().expect("a plain name").to_owned();
        let mut env = vec![
            ("HOME".to_owned(), text(&path)),
            ("XDG_RUNTIME_DIR".to_owned(), text(&path.join("run"))),
            ("XDG_CONFIG_HOME".to_owned(), text(&path.join(".config"))),
            ("XDG_DATA_HOME".to_owned(), text(&path.join(".data"))),
            ("TMPDIR".to_owned(), text(&path.join("tmp"))),
        ];
        for (name, value) in &self.env {
            let value = match value.strip_prefix('~') {
                Some(rest) => format!("{}{rest}", path.display()),
                None => value.clone(),
            };
            env.push((name.clone(), value));
        }
        let record_text = text(&record);
        let home_text = text(&path);
        let mut options: Vec<&str> =
            vec!["--record", &record_text, "--working-directory", &home_text];
        options.extend(self.options.iter().map(String::as_str));
        let session = RunningSession::start_with(&options, command, |terrace| {
            // The environment of whoever runs the tests must not show through.
            for name in [
                "ENV",
                "ZDOTDIR",
                "TMUX",
                "STY",
                "XDG_DATA_DIRS",
                "PROMPT_COMMAND",
                "PS1",
                "HISTFILE",
            ] {
                terrace.env_remove(name);
            }
            terrace.envs(env);
        });
        Shell {
            session,
            record,
            home,
            cycle: 0,
        }
    }
}

impl Shell {
    /// Types a line and Enter.
    #[track_caller]
    pub fn enter(&mut self, line: &str) {
        self.type_text(line);
        self.key("enter", &[]);
    }

    /// Types text.
    #[track_caller]
    pub fn type_text(&mut self, text: &str) {
        if !text.is_empty() {
            self.session.control.tell(&json!({ "type": text }));
        }
    }

    /// Presses a key.
    #[track_caller]
    pub fn key(&mut self, key: &str, modifiers: &[&str]) {
        let key = json!({"key": {"key": key, "mods": modifiers}});
        self.session.control.tell(&key);
    }

    /// Types a line and Enter, and waits for the prompt after it.
    #[track_caller]
    pub fn run(&mut self, line: &str) -> Cycle {
        self.enter(line);
        self.next_prompt()
    }

    /// Waits for the end of this cycle and the prompt of the next, to its end.
    #[track_caller]
    pub fn next_prompt(&mut self) -> Cycle {
        self.await_cycle(self.cycle + 1, |marks| {
            marks
                .iter()
                .any(|mark| mark.letter == "B" && !mark.has_key())
        })
    }

    /// Waits for the beginning of the prompt of cycle `new`, in a shell that cannot mark its end.
    #[track_caller]
    pub fn await_prompt(&mut self, new: u64) -> Cycle {
        self.await_cycle(new, |_| true)
    }

    #[track_caller]
    fn await_cycle(&mut self, new: u64, complete: impl Fn(&[Mark]) -> bool) -> Cycle {
        let old = new - 1;
        let is = |mark: &Mark, letter: &str, n: u64| {
            mark.letter == letter && mark.has_key() && mark.option("n") == n.to_string()
        };
        let marks = self.wait_for_marks(&format!("prompt {new}"), |marks| {
            let begun = marks.iter().position(|mark| is(mark, "A", new));
            begun.is_some_and(|at| complete(&marks[at..]))
        });
        self.cycle = new;
        let find = |letter: &str, n| marks.iter().find(|mark| is(mark, letter, n)).cloned();
        let begun = find("A", old).map_or(0, |mark| mark.start);
        let command = find("C", old);
        let end = find("D", old).unwrap_or_default();
        assert!(old == 0 || !end.letter.is_empty(), "no end of cycle {old}");
        let output = match &command {
            Some(command) => self.text(command.end, end.start),
            None => String::new(),
        };
        Cycle {
            command,
            end,
            context: find("ctx", new).unwrap_or_default(),
            plain: marks
                .iter()
                .filter(|mark| mark.start >= begun && !mark.has_key())
                .cloned()
                .collect(),
            output,
        }
    }

    /// All marks so far.
    pub fn marks(&self) -> Vec<Mark> {
        marks(&fs::read(&self.record).unwrap_or_default())
    }

    /// Everything that was written so far.
    pub fn written(&self) -> Vec<u8> {
        fs::read(&self.record).unwrap_or_default()
    }

    fn text(&self, start: usize, end: usize) -> String {
        let bytes = self.written();
        String::from_utf8_lossy(bytes.get(start..end).unwrap_or_default()).into_owned()
    }

    /// Waits until the marks are as they should be, and returns them.
    ///
    /// # Panics
    /// When that takes too long.
    #[track_caller]
    pub fn wait_for_marks(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&[Mark]) -> bool,
    ) -> Vec<Mark> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Answers once the shell is quiet.
            self.session.control.tell(&json!({"sync": true}));
            let marks = self.marks();
            if wanted(&marks) {
                return marks;
            }
            assert!(
                Instant::now() < deadline,
                "{what} did not come: {}",
                String::from_utf8_lossy(&self.written()).escape_debug()
            );
        }
    }

    /// Waits until a file in the home folder is there and ends with a newline, and returns its text.
    ///
    /// # Panics
    /// When that takes too long.
    #[track_caller]
    pub fn wait_for_file(&mut self, name: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.session.control.tell(&json!({"sync": true}));
            if let Ok(text) = fs::read_to_string(self.home.path().join(name))
                && text.ends_with('\n')
            {
                return text;
            }
            assert!(
                Instant::now() < deadline,
                "{name} did not come: {}",
                String::from_utf8_lossy(&self.written()).escape_debug()
            );
        }
    }

    /// The home folder's name.
    ///
    /// # Panics
    /// When it is gone.
    pub fn home_path(&self) -> String {
        let path = self.home.path().canonicalize().expect("it exists");
        path.to_str().expect("a plain name").to_owned()
    }

    /// The screen's rows.
    #[track_caller]
    pub fn rows(&mut self) -> Vec<String> {
        self.session.control.screen().rows()
    }
}

/// The marks in what a program wrote.
pub fn marks(bytes: &[u8]) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut at = 0;
    while let Some(start) = find(&bytes[at..], b"\x1b]").map(|found| at + found) {
        let rest = &bytes[start + 2..];
        let bel = find(rest, b"\x07");
        let st = find(rest, b"\x1b\\");
        let Some((length, skip)) = [bel.map(|n| (n, 1)), st.map(|n| (n, 2))]
            .into_iter()
            .flatten()
            .min()
        else {
            break;
        };
        at = start + 2 + length + skip;
        let text = String::from_utf8_lossy(&rest[..length]);
        let mut parts = text.split(';');
        if !matches!(parts.next(), Some("133" | "8377")) {
            continue;
        }
        let mut mark = Mark {
            letter: parts.next().unwrap_or_default().to_owned(),
            start,
            end: at,
            ..Mark::default()
        };
        for part in parts {
            match part.split_once('=') {
                Some((name, value)) => {
                    mark.options.insert(name.into(), decoded(value));
                }
                None => mark.words.push(part.into()),
            }
        }
        marks.push(mark);
    }
    marks
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

/// `%41` is `A`.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The variables of ours in the text that `env` prints, but the session's name, which its programs are meant to
/// know (`terrace blocks last`). The key of the marks must never be among them.
pub fn our_variables(env: &str) -> Vec<&str> {
    env.lines()
        .filter(|line| line.starts_with("TERRACE_") && !line.starts_with("TERRACE_SESSION="))
        .collect()
}

/// What a shell was started with and was to put back, in the text that `env` prints. `XDG_DATA_DIRS` may be the system's
/// (`/etc/profile.d`), but not name a folder of ours.
pub fn left_over(env: &str) -> Vec<&str> {
    let is_ours = |line: &&str| match line.strip_prefix("XDG_DATA_DIRS=") {
        Some(folders) => folders.contains("terrace"),
        None => ["ENV=", "ZDOTDIR=", "HISTFILE=", "ITERM_"]
            .iter()
            .any(|name| line.starts_with(name)),
    };
    env.lines().filter(is_ours).collect()
}

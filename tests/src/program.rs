//! The `terrace` binary: built once for each test binary, run with bytes, its output read.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::Screen;

/// What a finished run left behind.
#[derive(Clone, Debug)]
pub struct Output {
    /// The exit status; `None` when a signal killed it.
    pub code: Option<i32>,
    /// The standard output.
    pub stdout: Vec<u8>,
    /// The standard error, as text.
    pub stderr: String,
}

impl Output {
    /// The standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// A command for the program under test, with no settings of the machine's user in force.
pub fn terrace() -> Command {
    let mut command = Command::new(binary());
    command
        .env_remove("TERRACE_LOG")
        .env_remove("PROGRAM_IS_BUILT")
        .env("XDG_CONFIG_HOME", no_settings())
        .env("XDG_DATA_HOME", binary().with_file_name("tests-data"))
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

/// A folder without settings, outside of the tree: a shell that is run may write its own there.
fn no_settings() -> PathBuf {
    std::env::temp_dir().join("terrace-tests-without-settings")
}

/// The folder of recordings and expectations, `tests/data`.
pub fn data_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// The binary beside the test's own, brought up to date by cargo.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        // target/PROFILE/deps/TEST, or target/PROFILE/record
        let test = std::env::current_exe().expect("a program knows its own file");
        let folder = test.parent().expect("a file has a folder");
        let is_test = folder.file_name().is_some_and(|name| name == "deps");
        let profile = if is_test {
            folder.parent().unwrap_or(folder)
        } else {
            folder
        };
        let target = profile
            .parent()
            .expect("a profile's folder is in the target folder");
        let binary = profile.join("terrace");
        // `cargo test --workspace` has built it, with the features of the whole; asking for the program alone
        // would compile most of its dependencies once more.
        let is_built = std::env::var_os("PROGRAM_IS_BUILT").is_some();
        if let Some(cargo) = std::env::var_os("CARGO").filter(|_| !is_built) {
            let mut build = Command::new(cargo);
            build
                .args([
                    "build",
                    "--quiet",
                    "--package",
                    "app",
                    "--bin",
                    "terrace",
                    "--target-dir",
                ])
                .arg(target)
                .current_dir(env!("CARGO_MANIFEST_DIR"));
            if profile.file_name().is_some_and(|name| name == "release") {
                build.arg("--release");
            }
            let status = build.status().expect("cargo runs the tests, so it runs");
            assert!(status.success(), "terrace does not build");
        }
        assert!(
            binary.is_file(),
            "{} is missing; run: cargo build -p app",
            binary.display()
        );
        binary
    })
}

/// Runs a command with `input` on its standard input.
///
/// # Panics
/// When it cannot be run.
pub fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_vec();
    // A thread of its own, so that neither pipe can be full while the other waits.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the command ends");
    // A program that does not read its input is not wrong for that.
    let _ = writer.join();
    Output {
        code: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The state after `bytes` on a screen of `cols` × `rows`, through `terrace dump`.
///
/// # Panics
/// When it fails.
#[track_caller]
pub fn dump(cols: u16, rows: u16, bytes: &[u8]) -> Screen {
    dump_all(&[(cols, rows, bytes)]).remove(0)
}

/// As [`dump`], for many at once: one process, `--batch`.
///
/// # Panics
/// When it fails.
#[track_caller]
pub fn dump_all(cases: &[(u16, u16, &[u8])]) -> Vec<Screen> {
    let mut input = Vec::new();
    for (cols, rows, bytes) in cases {
        let length = u32::try_from(bytes.len()).expect("tests are small");
        input.extend_from_slice(&length.to_le_bytes());
        input.extend_from_slice(&cols.to_le_bytes());
        input.extend_from_slice(&rows.to_le_bytes());
        input.extend_from_slice(bytes);
    }
    let output = run(terrace().args(["dump", "--batch"]), &input);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let lines = BufReader::new(&output.stdout[..]).lines();
    let screens: Vec<Screen> = lines
        .map(|line| Screen::parse(&line.expect("JSON is UTF-8")))
        .collect();
    assert_eq!(screens.len(), cases.len());
    screens
}

/// Whether a program is on this machine; says so when it is not, so that a skipped test shows.
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if !found {
        let _ = writeln!(std::io::stderr(), "skipped: {program} is not installed");
    }
    found
}

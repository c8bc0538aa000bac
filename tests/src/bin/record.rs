//! Records real programs for `tests/ref.rs`: `cargo run -p tests --bin record [NAME…]`.
//!
//! Each folder of `tests/data/ref` has a `command` (a shell script) and `keys` (what is typed, by
//! `terrace run --input`). The program runs in an empty home folder on 80 × 24 cells; what it has
//! printed once all is typed becomes the `recording`, and what our screen shows then the
//! expectation, to be looked at before it is committed: `cat tests/data/ref/NAME/screen.ansi`.
//!
//! `--expect` makes the expectations anew from the recordings that are there.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;
use tests::{RunningSession, data_folder, run, terrace};

/// How long a program must have been quiet to be done.
const QUIET: Duration = Duration::from_millis(1500);

fn main() -> anyhow::Result<()> {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let only_expect = names.first().is_some_and(|name| name == "--expect");
    if only_expect {
        names.remove(0);
    }
    let root = data_folder().join("ref");
    if names.is_empty() {
        for entry in fs::read_dir(&root)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
    }
    for name in names {
        let folder = root.join(&name);
        if !only_expect {
            record(&folder).with_context(|| name.clone())?;
        }
        expect(&folder).with_context(|| name.clone())?;
    }
    Ok(())
}

fn record(folder: &Path) -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let recording = home.path().join(".recording");
    let script = fs::read_to_string(folder.join("command"))?;
    let keys = folder.join("keys");
    let [record, keys, home_path] =
        [&recording, &keys, &home.path().to_path_buf()].map(|path| path.display().to_string());
    let script = format!("cd; exec 2>&1; {script}");
    let command = [
        "env",
        "-i",
        &format!("HOME={home_path}"),
        "PATH=/usr/local/bin:/usr/bin:/bin:/usr/games",
        "TERM=xterm-256color",
        "LANG=C.UTF-8",
        "USER=user",
        "sh",
        "-c",
        &script,
    ];
    let mut session = RunningSession::start(&["--record", &record, "--input", &keys], &command);
    // Quiet for a while, with all keys typed.
    let mut since = std::time::Instant::now();
    let mut seen = 0;
    while since.elapsed() < QUIET {
        session.control.tell(&json!({"sync": true}));
        let bytes = fs::metadata(&recording)?.len();
        if bytes != seen {
            (seen, since) = (bytes, std::time::Instant::now());
        }
    }
    fs::copy(&recording, folder.join("recording"))?;
    Ok(())
}

fn expect(folder: &Path) -> anyhow::Result<()> {
    for (format, file) in [("text", "screen.txt"), ("ansi", "screen.ansi")] {
        let output = run(
            terrace()
                .args(["dump", "--format", format])
                .arg(folder.join("recording")),
            b"",
        );
        ensure!(output.code == Some(0), "{}", output.stderr);
        fs::write(folder.join(file), output.stdout)?;
    }
    Ok(())
}

//! Reference recordings: what real programs wrote, and the screen it must make.
//!
//! `tests/src/bin/record.rs` makes them. The expectations were compared with tmux, which reads the
//! same bytes by code of its own, and looked at.

use std::fs;
use std::path::Path;

use tests::{data_folder, run, terrace};

#[track_caller]
fn check(folder: &Path, format: &str, file: &str) {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let output = run(
        terrace()
            .args(["dump", "--format", format])
            .arg(folder.join("recording")),
        b"",
    );
    assert_eq!(output.code, Some(0), "{name}: {}", output.stderr);
    let expected = fs::read_to_string(folder.join(file)).expect("an expectation");
    let shown = output.text();
    for (row, (shown, expected)) in shown.lines().zip(expected.lines()).enumerate() {
        assert_eq!(shown, expected, "{name}: row {row} of {file}");
    }
    assert_eq!(
        shown.lines().count(),
        expected.lines().count(),
        "{name}: {file}"
    );
}

#[test]
fn recordings_give_the_expected_screens() {
    let mut found = 0;
    for entry in fs::read_dir(data_folder().join("ref")).unwrap() {
        let folder = entry.unwrap().path();
        check(&folder, "text", "screen.txt");
        check(&folder, "ansi", "screen.ansi");
        found += 1;
    }
    assert!(found >= 9, "only {found} recordings");
}

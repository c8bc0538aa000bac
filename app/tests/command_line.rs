//! The program starts and knows its name. With this test here `cargo test --workspace` builds the program
//! in the same graph as everything else, which the crate `tests` relies on (`PROGRAM_IS_BUILT`).

use std::process::Command;

#[test]
fn it_tells_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_terrace"))
        .arg("--version")
        .output()
        .unwrap();
    assert!(output.status.success());
    let expected = format!("terrace {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

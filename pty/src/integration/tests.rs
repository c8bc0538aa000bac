use super::{ShellKey, integrate, offer};
use crate::Command;
use std::ffi::OsStr;

#[test]
fn keys_are_fresh_and_their_secret_is_not_printed() {
    let (one, two) = (ShellKey::new().unwrap(), ShellKey::new().unwrap());
    assert_eq!((one.aid.len(), one.nonce.len()), (16, 32));
    assert_ne!(one.aid, two.aid);
    assert_ne!(one.nonce, two.nonce);
    assert!(!format!("{one:?}").contains(&one.nonce));
}

#[test]
fn only_prompts_get_a_key() {
    let mut command = Command::new("vim");
    assert_eq!(offer(&mut command), None);
    assert_eq!(integrate(&mut command), None);
    assert!(command.shell_key().is_none());
    let mut command = Command::new("bash").arg("--norc");
    assert_eq!(integrate(&mut command), None);
    assert_eq!(command.arguments(), ["--norc"]);
    let key = offer(&mut command).unwrap();
    assert_eq!(command.arguments(), ["--norc"]);
    assert_eq!(command.shell_key(), Some(&key));
    assert_eq!(
        command.environment().get(OsStr::new("TERRACE_NONCE")),
        Some(&key.nonce.into())
    );
}

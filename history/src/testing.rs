//! Records for the tests.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::id::Uid;
use crate::record::{Exit, Host, HostKind, Record, Session};

/// A moment from which the tests count: 2026-11-29 12:00:00 UTC.
pub(crate) const EPOCH: u64 = 1_795_953_600;

/// A moment so many seconds after the tests' beginning.
pub(crate) fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(EPOCH + seconds)
}

/// The host that records of the tests ran on.
pub(crate) fn host() -> Host {
    Host {
        name: "desk".to_owned(),
        user: "me".to_owned(),
        kind: HostKind::Local,
        machine_id: "m1".to_owned(),
    }
}

/// The session of the tests.
pub(crate) fn session() -> Session {
    Session {
        uid: Uid::derived(at(0), &[b"session"]),
        parent: None,
        host: host(),
        shell: "zsh/5.9".to_owned(),
        started: at(0),
        pane: Some("1".to_owned()),
    }
}

/// A block that ended well.
pub(crate) fn record(command: &str, output: &str) -> Record {
    record_at(0, command, output)
}

/// A block that began so many seconds after the tests' beginning and ended well a second later.
pub(crate) fn record_at(seconds: u64, command: &str, output: &str) -> Record {
    let mut record = Record::new(session(), command, output.as_bytes(), at(seconds));
    record.folder = Some("/home/me/src/x".to_owned());
    record.duration = Some(Duration::from_secs(1));
    record.exit = Exit::from_status(0);
    record
}

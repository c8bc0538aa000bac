//! A block as one line of JSON, version 1: what `terrace blocks … --json` and the export give, and what
//! the journal of running blocks holds. `assets/manual/history.md` documents it; fields may be added,
//! meanings never change.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::id::Uid;
use crate::record::{
    CommandText, Exit, Flags, Host, HostKind, Output, Record, Session, State, TextSource, Trust,
    plain,
};
use crate::time::{from_micros, micros, rfc3339};

/// The version of the form.
pub const VERSION: i64 = 1;

/// The names of the flags in JSON.
const FLAGS: [(Flags, &str); 5] = [
    (Flags::BOOKMARK, "bookmark"),
    (Flags::ALT_SCREEN, "alt_screen"),
    (Flags::TRUNCATED, "truncated"),
    (Flags::REDACTED, "redacted"),
    (Flags::LIVE, "live"),
];

/// How much of a block's output is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// None.
    None,
    /// Text without styles.
    Plain,
    /// Text with its SGR and OSC 8 sequences.
    Styled,
}

/// The names of a record's flags.
#[must_use]
pub fn flag_names(flags: Flags) -> Vec<&'static str> {
    FLAGS
        .iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .map(|(_, name)| *name)
        .collect()
}

/// A record as a JSON object.
#[must_use]
pub fn value(record: &Record, outputs: Outputs) -> Value {
    let session = &record.session;
    let mut object = json!({
        "v": VERSION,
        "id": record.uid.to_string(),
        "session": session.uid.to_string(),
        "shell": session.shell,
        "session_started": rfc3339(session.started),
        "session_started_us": micros(session.started),
        "pane": session.pane,
        "host": {
            "name": session.host.name,
            "user": session.host.user,
            "kind": session.host.kind.name(),
            "machine": session.host.machine_id,
        },
        "parent": record.parent.map(|uid| uid.to_string()),
        "session_parent": session.parent.map(|uid| uid.to_string()),
        "seq": record.seq,
        "command": record.command.text,
        "source": record.command.source.name(),
        "folder": record.folder,
        "project": record.project,
        "git": record.git,
        "started": rfc3339(record.started),
        "started_us": micros(record.started),
        "duration_us": record.duration.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX)),
        "status": record.exit.status,
        "signal": record.exit.signal,
        "pipestatus": record.exit.pipe,
        "state": record.state.name(),
        "trust": record.trust.name(),
        "flags": flag_names(record.flags),
        "name": record.name,
        "note": record.note,
        "lines": record.output.lines,
        "bytes": record.output.bytes,
        "dropped_lines": record.output.dropped_lines,
        "dropped_bytes": record.output.dropped_bytes,
    });
    if outputs != Outputs::None
        && let Some(fields) = object.as_object_mut()
    {
        let text = |bytes: &[u8]| match outputs {
            Outputs::Styled => String::from_utf8_lossy(bytes).into_owned(),
            _ => plain(bytes),
        };
        fields.insert("output".to_owned(), text(&record.output.head).into());
        if !record.output.tail.is_empty() {
            fields.insert("tail".to_owned(), text(&record.output.tail).into());
        }
        if outputs == Outputs::Styled {
            fields.insert("styled".to_owned(), true.into());
        }
    }
    object
}

/// A record with its styled output, as one line.
pub(crate) fn record(record: &Record) -> String {
    value(record, Outputs::Styled).to_string()
}

/// Reads what [`value`] wrote.
///
/// # Errors
/// A sentence that names what is missing or wrong.
pub fn parse_record(line: &str) -> Result<Record, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let object = value.as_object().ok_or("an object is expected")?;
    let version = object.get("v").and_then(Value::as_i64);
    if version != Some(VERSION) {
        return Err(format!(
            "the field \"v\" is {}; this Terrace reads version {VERSION}",
            version.map_or_else(|| "missing".to_owned(), |version| version.to_string())
        ));
    }
    let fields = Fields(object);
    let host = object.get("host").and_then(Value::as_object);
    let host = host.map_or_else(|| Fields(&NOTHING).host(), |host| Fields(host).host());
    let started = from_micros(
        fields
            .integer("started_us")
            .ok_or("\"started_us\" is missing")?,
    );
    let session = Session {
        uid: fields
            .uid("session")
            .unwrap_or_else(|| Uid::derived(started, &[host.name.as_bytes()])),
        parent: fields.uid("session_parent"),
        host,
        shell: fields.text("shell").unwrap_or_default(),
        started: fields
            .integer("session_started_us")
            .map_or(started, from_micros),
        pane: fields.text("pane"),
    };
    let command = fields.text("command").unwrap_or_default();
    let mut flags = Flags::default();
    for name in fields.list("flags").filter_map(Value::as_str) {
        if let Some((flag, _)) = FLAGS.iter().find(|(_, one)| *one == name) {
            flags.insert(*flag);
        }
    }
    let bytes = |name| fields.text(name).unwrap_or_default().into_bytes();
    let head = bytes("output");
    let whole = Output::whole(&head);
    Ok(Record {
        uid: fields
            .uid("id")
            .unwrap_or_else(|| Uid::derived(started, &[command.as_bytes()])),
        session,
        parent: fields.uid("parent"),
        seq: fields.small("seq").unwrap_or(0),
        command: CommandText {
            text: command,
            source: fields.name("source", TextSource::from_name, TextSource::File),
            unwanted: false,
        },
        folder: fields.text("folder"),
        project: fields.text("project"),
        git: fields.text("git"),
        started,
        duration: fields
            .integer("duration_us")
            .and_then(|time| u64::try_from(time).ok())
            .map(Duration::from_micros),
        exit: Exit {
            status: fields.small("status"),
            signal: fields.small("signal"),
            pipe: fields
                .list("pipestatus")
                .filter_map(|code| u8::try_from(code.as_u64()?).ok())
                .collect(),
        },
        state: fields.name("state", State::from_name, State::Done),
        trust: fields.name("trust", Trust::from_name, Trust::Imported),
        flags,
        name: fields.text("name"),
        note: fields.text("note"),
        output: Output {
            tail: bytes("tail"),
            lines: fields.count("lines").unwrap_or(whole.lines),
            bytes: fields.count("bytes").unwrap_or(whole.bytes),
            dropped_lines: fields.count("dropped_lines").unwrap_or(0),
            dropped_bytes: fields.count("dropped_bytes").unwrap_or(0),
            head,
        },
        nonces: Vec::new(),
    })
}

static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

struct Fields<'a>(&'a Map<String, Value>);

impl Fields<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    fn integer(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    fn count(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }

    fn small<T: TryFrom<u64>>(&self, name: &str) -> Option<T> {
        T::try_from(self.count(name)?).ok()
    }

    fn uid(&self, name: &str) -> Option<Uid> {
        self.text(name)?.parse().ok()
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.0
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    fn name<T>(&self, name: &str, read: fn(&str) -> Option<T>, otherwise: T) -> T {
        self.text(name)
            .and_then(|text| read(&text))
            .unwrap_or(otherwise)
    }

    fn host(&self) -> Host {
        Host {
            name: self.text("name").unwrap_or_default(),
            user: self.text("user").unwrap_or_default(),
            kind: self.name("kind", HostKind::from_name, HostKind::Other),
            machine_id: self.text("machine").unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_record_comes_back_as_it_went() {
        let mut full = testing::record("make \"x\"\nall", "a\x1b[31mb\x1b[0m\n");
        full.exit = Exit {
            status: Some(137),
            signal: Some(9),
            pipe: vec![0, 137],
        };
        full.flags = Flags::BOOKMARK.with(Flags::LIVE);
        full.name = Some("n".to_owned());
        full.parent = Some(Uid::derived(testing::at(1), &[b"p"]));
        full.output.tail = b"end\n".to_vec();
        full.output.dropped_bytes = 7;
        assert_eq!(parse_record(&record(&full)).unwrap(), full);
        let plain = value(&full, Outputs::Plain);
        assert_eq!(plain["output"], "ab\n");
        assert_eq!(plain["flags"], json!(["bookmark", "live"]));
        assert!(value(&full, Outputs::None).get("output").is_none());
    }

    #[test]
    fn what_is_no_record_is_refused_with_the_reason() {
        for (line, reason) in [
            ("", "EOF"),
            ("[]", "object"),
            ("{}", "missing"),
            ("{\"v\":2}", "version 1"),
            ("{\"v\":1}", "started_us"),
        ] {
            let error = parse_record(line).unwrap_err();
            assert!(error.contains(reason), "{line}: {error}");
        }
        let least = parse_record("{\"v\":1,\"started_us\":5}").unwrap();
        assert_eq!(least.trust, Trust::Imported);
    }
}

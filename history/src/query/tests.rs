use super::*;
use crate::store::{HistoryStore, Options};
use crate::testing::{at, record_at, session};

struct Fixture {
    _folder: tempfile::TempDir,
    reader: Reader,
}

/// A small history: seconds, command, output, folder, status.
fn fixture() -> Fixture {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let options = Options {
        max_output_age: Duration::MAX,
        max_command_age: Duration::MAX,
        ..Options::new(folder.path())
    };
    let store = HistoryStore::open(options, |_| ()).unwrap();
    for (seconds, command, output, folder, project, status) in [
        (0, "git status", "On branch main\n", "/src/a", "/src/a", 0),
        (
            10,
            "cargo build",
            "error[E0308] in src/main.rs:7\n",
            "/src/a/x",
            "/src/a",
            101,
        ),
        (20, "cargo test", "test result: ok\n", "/src/a", "/src/a", 0),
        (30, "vim notes", "", "/home/me", "", 0),
        (
            40,
            "cargo test",
            "test result: FAILED\n",
            "/src/b",
            "/src/b",
            101,
        ),
        (
            50,
            "kubectl get pods",
            "NAME  READY\nweb-1  1/1 準備完了\n",
            "/srv",
            "",
            0,
        ),
        (60, "sleep 100", "", "/srv", "", 130),
    ] {
        let mut one = record_at(seconds, command, output);
        one.folder = Some(folder.to_owned());
        one.project = (!project.is_empty()).then(|| project.to_owned());
        one.exit = Exit::from_status(status);
        if seconds >= 50 {
            one.session = Session {
                uid: Uid::derived(at(50), &[b"remote"]),
                host: Host {
                    name: "web".to_owned(),
                    user: "root".to_owned(),
                    kind: HostKind::Ssh,
                    machine_id: String::new(),
                },
                ..session()
            };
        }
        if seconds == 20 {
            one.flags = Flags::BOOKMARK;
        }
        store.insert(one);
    }
    store.flush().recv().unwrap().unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    Fixture {
        _folder: folder,
        reader,
    }
}

/// What is found, as the tests' seconds.
#[track_caller]
fn check(fixture: &Fixture, filter: &Filter, expected: &[i64]) {
    let hits = fixture.reader.search(filter, 50).unwrap();
    let seconds: Vec<i64> = hits
        .iter()
        .map(|hit| crate::time::millis(hit.started) / 1000 - crate::testing::EPOCH as i64)
        .collect();
    assert_eq!(seconds, expected, "{filter:?}");
}

fn text(typed: &str) -> Filter {
    Filter {
        text: Pattern::new(typed),
        ..Filter::default()
    }
}

#[test]
fn words_are_found_in_commands_and_outputs_newest_first() {
    let fixture = fixture();
    for (typed, expected) in [
        ("", &[60, 50, 40, 30, 20, 10, 0][..]),
        ("cargo", &[40, 20, 10]),
        ("carg", &[40, 20, 10]),
        ("cargo FAILED", &[40]),
        ("E0308", &[10]),
        ("main.rs", &[10]),
        ("main/rs", &[]),
        ("src/main.rs:7", &[10]),
        ("web-1", &[50]),
        ("1/1", &[50]),
        ("result: ok", &[20]),
        ("nothing", &[]),
        ("ca", &[40, 20, 10]),
        ("x", &[]),
        ("v", &[30]),
        // In the middle of a word of a command.
        ("argo", &[40, 20, 10]),
        ("ubect", &[50]),
        // Not in the middle of a word of an output.
        ("esult", &[]),
        ("\"", &[]),
        ("*", &[]),
        ("(((", &[]),
        ("a' OR 1=1 --", &[]),
    ] {
        check(&fixture, &text(typed), expected);
        // The newest alone is found another way, and is the same.
        let newest = fixture.reader.search(&text(typed), 1).unwrap();
        let all = fixture.reader.search(&text(typed), 50).unwrap();
        assert_eq!(newest.first(), all.first(), "{typed}");
    }
}

#[test]
fn two_ideographs_are_a_word() {
    let fixture = fixture();
    check(&fixture, &text("準備"), &[50]);
    check(&fixture, &text("準備完了"), &[50]);
}

#[test]
fn filters_hold_together() {
    let fixture = fixture();
    let with = |change: &dyn Fn(&mut Filter)| {
        let mut filter = Filter::default();
        change(&mut filter);
        filter
    };
    check(&fixture, &with(&|f| f.failed = true), &[40, 10]);
    check(&fixture, &with(&|f| f.bookmarked = true), &[20]);
    check(&fixture, &with(&|f| f.host = Some("web".into())), &[60, 50]);
    check(&fixture, &with(&|f| f.host = Some("moon".into())), &[]);
    check(
        &fixture,
        &with(&|f| f.kind = Some(HostKind::Ssh)),
        &[60, 50],
    );
    check(&fixture, &with(&|f| f.kind = Some(HostKind::Pod)), &[]);
    check(
        &fixture,
        &with(&|f| f.folder = Some("/src/a".into())),
        &[20, 10, 0],
    );
    check(
        &fixture,
        &with(&|f| f.folder = Some("/src/a/".into())),
        &[20, 10, 0],
    );
    check(
        &fixture,
        &with(&|f| f.folder = Some("/src".into())),
        &[40, 20, 10, 0],
    );
    check(
        &fixture,
        &with(&|f| f.folder = Some("/".into())),
        &[60, 50, 40, 30, 20, 10, 0],
    );
    check(
        &fixture,
        &with(&|f| f.project = Some("/src/a".into())),
        &[20, 10, 0],
    );
    check(&fixture, &with(&|f| f.project = Some("b".into())), &[40]);
    check(
        &fixture,
        &with(&|f| f.session = Some(session().uid)),
        &[40, 30, 20, 10, 0],
    );
    check(
        &fixture,
        &with(&|f| f.command = Some("cargo test".into())),
        &[40, 20],
    );
    check(
        &fixture,
        &with(&|f| f.since = Some(at(30))),
        &[60, 50, 40, 30],
    );
    check(&fixture, &with(&|f| f.until = Some(at(30))), &[20, 10, 0]);
    check(
        &fixture,
        &with(&|f| {
            f.text = Pattern::new("cargo");
            f.project = Some("a".into());
            f.since = Some(at(5));
            f.until = Some(at(15));
            f.failed = true;
        }),
        &[10],
    );
    check(
        &fixture,
        &with(&|f| {
            f.text = Pattern::new("cargo");
            f.bookmarked = true;
        }),
        &[20],
    );
    check(
        &fixture,
        &with(&|f| {
            f.text = Pattern::new("argo");
            f.failed = true;
        }),
        &[40, 10],
    );
    check(
        &fixture,
        &with(&|f| {
            f.text = Pattern::new("c");
            f.project = Some("a".into());
        }),
        &[20, 10],
    );
}

#[test]
fn pages_follow_one_another() {
    let fixture = fixture();
    let mut filter = Filter::default();
    let mut all = Vec::new();
    loop {
        let hits = fixture.reader.search(&filter, 3).unwrap();
        let Some(last) = hits.last() else { break };
        filter.before = Some(last.id);
        all.extend(hits.iter().map(|hit| hit.command.clone()));
    }
    assert_eq!(all.len(), 7);
}

#[test]
fn the_line_in_which_the_words_stand_is_shown() {
    let fixture = fixture();
    let hit = &fixture.reader.search(&text("1/1"), 1).unwrap()[0];
    let line = fixture
        .reader
        .snippet(hit.id, &Pattern::new("1/1"))
        .unwrap();
    assert_eq!(line.as_deref(), Some("web-1  1/1 準備完了"));
    assert_eq!(
        fixture
            .reader
            .snippet(hit.id, &Pattern::new("kubectl"))
            .unwrap(),
        None
    );
}

#[test]
fn places_are_listed() {
    let fixture = fixture();
    let hosts: Vec<String> = fixture
        .reader
        .hosts()
        .unwrap()
        .into_iter()
        .map(|host| host.name)
        .collect();
    assert_eq!(hosts.len(), 2);
    assert!(hosts.contains(&"web".to_owned()));
    let projects: Vec<String> = fixture
        .reader
        .projects()
        .unwrap()
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert_eq!(projects, ["/src/a", "/src/b"]);
}

#[test]
fn the_previous_run_is_of_the_same_command_and_project() {
    let fixture = fixture();
    let hits = fixture.reader.search(&text("cargo test"), 5).unwrap();
    assert_eq!(fixture.reader.previous_run(hits[0].id).unwrap(), None);
    assert_eq!(fixture.reader.previous_run(hits[1].id).unwrap(), None);
}

#[test]
fn a_question_can_be_interrupted() {
    let fixture = fixture();
    let interrupter = fixture.reader.interrupter();
    let answered = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let heard = std::sync::Arc::clone(&answered);
    let other = std::thread::spawn(move || {
        while !heard.load(std::sync::atomic::Ordering::Acquire) {
            interrupter.interrupt();
            std::thread::yield_now();
        }
    });
    // A question without an end, but for the interruption.
    let answer = fixture.reader.connection.query_row(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n",
        [],
        |row| row.get::<_, i64>(0),
    );
    answered.store(true, std::sync::atomic::Ordering::Release);
    other.join().unwrap();
    assert!(Reader::is_interrupted(&Error::Sqlite(answer.unwrap_err())));
}

#[test]
fn short_names_lead_back() {
    for id in [1, 31, 32, 1_795_953_600_123] {
        assert_eq!(from_short(&short(id)), Some(id));
        assert_eq!(from_short(&short(id).to_uppercase()), Some(id));
    }
    assert_eq!(from_short(""), None);
    assert_eq!(from_short("u"), None);
    assert_eq!(from_short("zzzzzzzzzzzzzzzz"), None);
}

#[test]
fn nothing_stored_is_said_plainly() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        Reader::open(folder.path()),
        Err(Error::Missing(_))
    ));
}

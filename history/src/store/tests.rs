use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;

use super::*;
use crate::query::Reader;
use crate::record::{Flags, State};
use crate::testing::{at, record, record_at};
use crate::{Filter, Pattern};

/// A store in a folder of its own, and what it said.
struct Fixture {
    folder: tempfile::TempDir,
    notices: Arc<Mutex<Vec<Notice>>>,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        Self {
            folder,
            notices: Arc::default(),
        }
    }

    fn options(&self) -> Options {
        Options {
            // The tests' blocks are of a fixed day.
            max_output_age: Duration::MAX,
            max_command_age: Duration::MAX,
            ..Options::new(self.folder.path())
        }
    }

    fn open(&self) -> HistoryStore {
        self.open_with(self.options())
    }

    fn open_with(&self, options: Options) -> HistoryStore {
        let notices = Arc::clone(&self.notices);
        HistoryStore::open(options, move |notice| notices.lock().push(notice)).unwrap()
    }

    fn reader(&self) -> Reader {
        Reader::open(self.folder.path()).unwrap()
    }

    fn commands(&self, filter: &Filter) -> Vec<String> {
        let hits = self.reader().search(filter, 100).unwrap();
        hits.into_iter().map(|hit| hit.command).collect()
    }

    fn notices(&self) -> Vec<Notice> {
        std::mem::take(&mut self.notices.lock())
    }

    /// Whether a text stands in any byte of any file.
    fn holds(&self, text: &str) -> bool {
        std::fs::read_dir(self.folder.path()).unwrap().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes
                .windows(text.len())
                .any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
        })
    }
}

fn flush(store: &HistoryStore) {
    store.flush().recv().unwrap().unwrap();
}

#[test]
fn a_block_comes_back_as_it_went() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let mut full = record("make -j2", "\x1b[31mred\x1b[0m\n");
    full.project = Some("/home/me/src".to_owned());
    full.git = Some("main".to_owned());
    full.exit.status = Some(2);
    full.exit.pipe = vec![0, 2];
    full.flags = Flags::BOOKMARK;
    full.name = Some("the build".to_owned());
    full.note = Some("slow".to_owned());
    full.seq = 7;
    store.insert(full.clone());
    flush(&store);
    let reader = fixture.reader();
    let id = reader.resolve("last").unwrap();
    assert_eq!(reader.record(id).unwrap(), full);
    assert_eq!(reader.resolve(&full.uid.to_string()).unwrap(), id);
    assert_eq!(reader.resolve(&crate::query::short(id)).unwrap(), id);
    assert!(reader.resolve("nonsense").is_err());
}

#[test]
fn large_outputs_are_compressed_and_bounded() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let text: String = (0..200_000)
        .map(|n| format!("line {n} of the log\n"))
        .collect();
    store.insert(record("make", &text));
    flush(&store);
    let reader = fixture.reader();
    let kept = reader.record(reader.resolve("last").unwrap()).unwrap();
    assert!(kept.output.size() <= 1 << 20);
    assert!(
        kept.output.head.starts_with(b"line 0 ")
            && kept.output.tail.ends_with(b"line 199999 of the log\n")
    );
    assert_eq!(kept.output.lines, 200_000);
    assert!(kept.flags.contains(Flags::TRUNCATED));
    let file = std::fs::metadata(fixture.options().file()).unwrap().len();
    assert!(file < 1 << 20, "{file}");
}

#[test]
fn inner_blocks_learn_of_the_outer_one_that_ends_later() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let outer = record_at(0, "bash", "");
    let mut inner = record_at(5, "ls", "");
    inner.parent = Some(outer.uid);
    store.insert(inner.clone());
    flush(&store);
    store.insert(outer.clone());
    flush(&store);
    let reader = fixture.reader();
    let id = reader.resolve(&inner.uid.to_string()).unwrap();
    assert_eq!(reader.record(id).unwrap().parent, Some(outer.uid));
}

#[test]
fn files_are_their_owner_s_alone() {
    let fixture = Fixture::new();
    let folder = fixture.folder.path().join("deep/er");
    let options = Options {
        folder: folder.clone(),
        ..fixture.options()
    };
    let store = fixture.open_with(options);
    store.insert(record("ls", ""));
    flush(&store);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut files = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        files += 1;
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    assert!(files >= 2);
}

#[test]
fn a_folder_that_is_open_to_others_is_refused_with_the_remedy() {
    let fixture = Fixture::new();
    std::fs::set_permissions(
        fixture.folder.path(),
        std::fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    let store = fixture.open();
    store.insert(record("ls", ""));
    let error = store.flush().recv().unwrap().unwrap_err();
    assert!(error.to_string().contains("chmod 700"), "{error}");
    let notices = fixture.notices();
    assert!(
        matches!(&notices[..], [Notice::Paused(reason)] if reason.contains("chmod 700")),
        "{notices:?}"
    );
    // Once it is made right, nothing is lost.
    std::fs::set_permissions(
        fixture.folder.path(),
        std::fs::Permissions::from_mode(0o700),
    )
    .unwrap();
    flush(&store);
    assert_eq!(fixture.commands(&Filter::default()), ["ls"]);
    assert_eq!(fixture.notices(), [Notice::Resumed]);
}

#[test]
fn a_damaged_database_is_set_aside_and_a_new_one_begun() {
    let fixture = Fixture::new();
    std::fs::write(
        fixture.options().file(),
        "this is no database at all, ".repeat(100),
    )
    .unwrap();
    let store = fixture.open();
    store.insert(record("ls", ""));
    flush(&store);
    assert_eq!(fixture.commands(&Filter::default()), ["ls"]);
    match &fixture.notices()[..] {
        [Notice::SetAside { path, .. }] => {
            assert!(
                std::fs::read(path)
                    .unwrap()
                    .starts_with(b"this is no database")
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn damage_in_the_middle_is_found_while_writing() {
    let fixture = Fixture::new();
    let store = fixture.open();
    for n in 0..200 {
        store.insert(record_at(
            n,
            &format!("command number {n}"),
            &"words of output\n".repeat(50),
        ));
    }
    flush(&store);
    drop(store);
    // All pages but the first become noise.
    let path = fixture.options().file();
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in &mut bytes[4096..] {
        *byte = 0xa5;
    }
    std::fs::write(&path, bytes).unwrap();
    let store = fixture.open();
    store.insert(record("after", ""));
    flush(&store);
    assert_eq!(fixture.commands(&Filter::default()), ["after"]);
    assert!(matches!(fixture.notices()[..], [Notice::SetAside { .. }]));
}

#[test]
fn a_newer_database_is_read_and_never_written() {
    let fixture = Fixture::new();
    let store = fixture.open();
    store.insert(record("old", ""));
    flush(&store);
    drop(store);
    let raw = rusqlite::Connection::open(fixture.options().file()).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    drop(raw);
    let store = fixture.open();
    store.insert(record("new", ""));
    assert!(store.flush().recv().unwrap().is_err());
    assert_eq!(fixture.commands(&Filter::default()), ["old"]);
    assert!(
        matches!(&fixture.notices()[..], [Notice::ReadOnly(reason)] if reason.contains("newer"))
    );
}

#[test]
fn two_stores_write_to_one_file() {
    let fixture = Fixture::new();
    let (a, b) = (fixture.open(), fixture.open());
    for n in 0..50 {
        a.insert(record_at(n, &format!("a{n}"), "x\n"));
        b.insert(record_at(n, &format!("b{n}"), "y\n"));
    }
    flush(&a);
    flush(&b);
    assert_eq!(fixture.reader().count().unwrap(), 100);
}

#[test]
fn secrets_are_in_no_byte_of_the_files() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let mut secret = record(
        "export API_TOKEN=hunter2hunter2",
        "password=hunter2hunter2\nnonce deadbeefcafe\n",
    );
    secret.nonces = vec!["deadbeefcafe".to_owned()];
    store.insert(secret);
    store.insert(record(" echo hunter2hunter2", "hunter2hunter2\n"));
    let mut running = record("./deploy --password hunter2hunter2", "");
    running.uid = Uid::derived(at(9), &[b"running"]);
    store.running(Running {
        uid: running.uid,
        begin: Some(Box::new(running)),
        more: b"token=hunter2hunter2\n".to_vec(),
        skipped: (0, 0),
        rest: Vec::new(),
        screen: b"token=hunter2hunter2".to_vec(),
    });
    flush(&store);
    assert!(!fixture.holds("hunter2hunter2"));
    assert!(!fixture.holds("deadbeefcafe"));
    assert!(fixture.holds("[redacted: password]"));
    assert_eq!(fixture.reader().count().unwrap(), 1);
}

#[test]
fn what_is_forgotten_is_in_no_byte_of_the_files() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let mut uids = Vec::new();
    for n in 0..300 {
        let special = n % 3 == 0;
        let word = if special {
            "zanzibarsecret"
        } else {
            "ordinary"
        };
        let mut one = record_at(
            n,
            &format!("run {word} {n}"),
            &format!("printed {word} {n}\n").repeat(30),
        );
        one.folder = Some(format!("/home/me/{word}"));
        one.note = Some(word.to_owned());
        if special {
            uids.push(one.uid);
        }
        store.insert(one);
    }
    flush(&store);
    assert!(fixture.holds("zanzibarsecret"));
    let reader = fixture.reader();
    drop(reader);
    let gone = store
        .forget(Selection::Blocks(uids))
        .recv()
        .unwrap()
        .unwrap();
    assert_eq!(gone.blocks, 100);
    assert!(!fixture.holds("zanzibarsecret"));
    assert!(!fixture.holds("zan zib"));
    assert_eq!(fixture.reader().count().unwrap(), 200);
    // The store goes on with the rows that are left.
    store.insert(record_at(500, "run ordinary again", "x\n"));
    flush(&store);
    let filter = Filter {
        folder: Some("/home/me".to_owned()),
        ..Filter::default()
    };
    assert_eq!(fixture.commands(&filter).len(), 100);
    let everything = store.forget(Selection::All).recv().unwrap().unwrap();
    assert_eq!(everything.blocks, 201);
    assert!(!fixture.holds("ordinary"));
}

#[test]
fn old_output_goes_and_bookmarks_stay() {
    let fixture = Fixture::new();
    let store = fixture.open_with(Options {
        max_output_bytes: 4000,
        ..fixture.options()
    });
    for n in 0..300 {
        let mut noise = n * 7919 + 13;
        let text: String = (0..40)
            .map(|_| {
                noise = (noise * 1_103_515_245 + 12345) % 2_147_483_648;
                format!("{noise:x} ")
            })
            .collect();
        let mut one = record_at(n, &format!("run {n}"), &format!("needle{n} {text}\n"));
        if n == 0 {
            one.flags = Flags::BOOKMARK;
        }
        store.insert(one);
    }
    store.prune().recv().unwrap().unwrap();
    let reader = fixture.reader();
    assert_eq!(reader.count().unwrap(), 300);
    let found = |word: &str| {
        let filter = Filter {
            text: Pattern::new(word),
            ..Filter::default()
        };
        fixture.commands(&filter)
    };
    assert_eq!(found("needle0"), ["run 0"], "bookmarked");
    assert_eq!(found("needle299"), ["run 299"], "the newest");
    assert!(found("needle1 ").iter().all(|command| command != "run 1"));
    assert!(
        found("run 17").contains(&"run 17".to_owned()),
        "its command stays"
    );
    let stored: i64 = reader
        .connection()
        .query_row("SELECT value FROM counter", [], |row| row.get(0))
        .unwrap();
    assert!(stored <= 4000 + 1000, "{stored}");
}

#[test]
fn old_commands_go_by_age() {
    let fixture = Fixture::new();
    let store = fixture.open_with(Options {
        max_command_age: Duration::from_secs(3600),
        ..fixture.options()
    });
    let mut old = record("old", "");
    old.started = SystemTime::now() - Duration::from_secs(7200);
    let mut new = record("new", "");
    new.started = SystemTime::now();
    store.insert(old);
    store.insert(new);
    store.prune().recv().unwrap().unwrap();
    assert_eq!(fixture.commands(&Filter::default()), ["new"]);
}

#[test]
fn new_rules_reach_old_blocks_when_pruned() {
    let fixture = Fixture::new();
    let store = fixture.open();
    store.insert(record_at(0, "use ACME-1234", "ACME-1234 here\n"));
    store.insert(record_at(1, "embarrassing", "x\n"));
    flush(&store);
    let (policy, problems) = Policy::new(&["ACME-\\d+".to_owned()], &["^embarr".to_owned()]);
    assert!(problems.is_empty());
    store.set_options(Options {
        policy,
        ..fixture.options()
    });
    let gone = store.prune().recv().unwrap().unwrap();
    assert_eq!((gone.blocks, gone.redacted), (1, 1));
    assert!(!fixture.holds("ACME-1234"));
    assert_eq!(
        fixture.commands(&Filter::default()),
        ["use [redacted: pattern]"]
    );
}

#[test]
fn annotations_are_kept() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let block = record("make", "x\n");
    store.insert(block.clone());
    for change in [
        Annotation::Bookmark(true),
        Annotation::Name("build".to_owned()),
        Annotation::Note("with PASSWORD=x".to_owned()),
    ] {
        assert!(store.annotate(block.uid, change).recv().unwrap().unwrap());
    }
    let unknown = Uid::derived(at(1), &[b"unknown"]);
    let answer = store.annotate(unknown, Annotation::Bookmark(true));
    assert!(!answer.recv().unwrap().unwrap());
    let reader = fixture.reader();
    let kept = reader.record(reader.resolve("last").unwrap()).unwrap();
    assert!(kept.flags.contains(Flags::BOOKMARK));
    assert_eq!(kept.name.as_deref(), Some("build"));
    assert_eq!(
        kept.note.as_deref(),
        Some("with PASSWORD=[redacted: password]")
    );
}

#[test]
fn what_ran_when_terrace_was_killed_is_kept_as_lost() {
    let fixture = Fixture::new();
    // A journal as a process that was killed leaves it: its lock is gone.
    let killed = Fixture::new();
    let store = killed.open();
    let mut block = record("make", "");
    block.duration = None;
    block.exit = crate::record::Exit::default();
    store.running(Running {
        uid: block.uid,
        begin: Some(Box::new(block.clone())),
        more: b"half of it\n".to_vec(),
        skipped: (0, 0),
        rest: Vec::new(),
        screen: b"and what was on the screen\n".to_vec(),
    });
    flush(&store);
    for entry in std::fs::read_dir(killed.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "journal")
        {
            std::fs::copy(&path, fixture.folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let next = fixture.open();
    flush(&next);
    assert_eq!(fixture.notices(), [Notice::Recovered(1)]);
    let reader = fixture.reader();
    let kept = reader.record(reader.resolve("last").unwrap()).unwrap();
    assert_eq!(kept.state, State::Lost);
    assert_eq!(
        kept.output.plain(),
        "half of it\nand what was on the screen\n"
    );
    let journals = std::fs::read_dir(fixture.folder.path())
        .unwrap()
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with(".journal")
        })
        .count();
    assert_eq!(journals, 0);
}

#[test]
fn dropping_the_store_writes_what_waits() {
    let fixture = Fixture::new();
    let store = fixture.open();
    for n in 0..500 {
        store.insert(record_at(n, "ls", "x\n"));
    }
    drop(store);
    assert_eq!(fixture.reader().count().unwrap(), 500);
}

#[test]
fn a_full_disk_pauses_and_loses_nothing_when_there_is_room_again() {
    let fixture = Fixture::new();
    let store = fixture.open();
    store.insert(record_at(0, "first", "x\n"));
    flush(&store);
    drop(store);
    // The file may not grow: as on a full disk.
    let full = fixture.options().file();
    let raw = rusqlite::Connection::open(&full).unwrap();
    let pages: i64 = raw
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    raw.query_row(&format!("PRAGMA max_page_count={pages}"), [], |row| {
        row.get::<_, i64>(0)
    })
    .unwrap();
    let error = raw
        .execute_batch("CREATE TABLE big(x); INSERT INTO big VALUES(zeroblob(10000000));")
        .unwrap_err();
    assert_eq!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DiskFull)
    );
    drop(raw);
    // A writer that holds the file for longer than the store waits.
    let raw = rusqlite::Connection::open(&full).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let store = fixture.open();
    store.insert(record_at(1, "second", "y\n"));
    let error = store.flush().recv().unwrap().unwrap_err();
    assert!(error.to_string().contains("locked"), "{error}");
    raw.execute_batch("COMMIT").unwrap();
    flush(&store);
    assert_eq!(fixture.commands(&Filter::default()), ["second", "first"]);
    let notices = fixture.notices();
    assert!(
        matches!(&notices[..], [Notice::Paused(_), Notice::Resumed]),
        "{notices:?}"
    );
}

/// The locks that this process holds on a file, as the system counts them.
fn locks(path: &Path) -> usize {
    use std::os::unix::fs::MetadataExt;
    let inode = format!(":{} ", std::fs::metadata(path).unwrap().ino());
    let own = format!(" {} ", std::process::id());
    let all = std::fs::read_to_string("/proc/locks").unwrap_or_default();
    let ours = |line: &&str| line.contains(&inode) && line.contains(&own);
    all.lines().filter(ours).count()
}

#[test]
fn opening_the_database_again_takes_no_locks_from_those_who_read() {
    let fixture = Fixture::new();
    let store = fixture.open();
    store.insert(record_at(0, "first", "x\n"));
    flush(&store);
    let file = fixture.options().file();
    let reader = Reader::open(fixture.folder.path()).unwrap();
    assert_eq!(fixture.commands(&Filter::default()), ["first"]);
    let held = locks(&file);
    let again = database::Database::open(&file, false).unwrap();
    assert!(locks(&file) >= held && (held > 0 || !Path::new("/proc/locks").exists()));
    drop((again, reader, store));
}

#[test]
fn writing_again_is_told_when_something_was_written() {
    let fixture = Fixture::new();
    let store = fixture.open();
    store.insert(record_at(0, "first", "x\n"));
    flush(&store);
    drop(store);
    // It can be opened, and takes nothing.
    let raw = rusqlite::Connection::open(fixture.options().file()).unwrap();
    raw.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON block BEGIN SELECT RAISE(FAIL, 'no room'); END",
    )
    .unwrap();
    let store = fixture.open();
    store.insert(record_at(1, "second", "y\n"));
    for _ in 0..3 {
        let error = store.flush().recv().unwrap().unwrap_err();
        assert!(error.to_string().contains("no room"), "{error}");
    }
    let notices = fixture.notices();
    assert!(matches!(&notices[..], [Notice::Paused(_)]), "{notices:?}");
    raw.execute_batch("DROP TRIGGER full").unwrap();
    flush(&store);
    assert_eq!(fixture.notices(), [Notice::Resumed]);
    assert_eq!(fixture.commands(&Filter::default()), ["second", "first"]);
}

#[test]
fn a_store_that_cannot_write_ends_all_the_same() {
    let fixture = Fixture::new();
    drop(fixture.open());
    let raw = rusqlite::Connection::open(fixture.options().file()).unwrap();
    raw.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON block BEGIN SELECT RAISE(FAIL, 'no room'); END",
    )
    .unwrap();
    let store = fixture.open();
    store.insert(record_at(1, "second", "y\n"));
    assert!(store.flush().recv().unwrap().is_err());
    let begun = std::time::Instant::now();
    drop(store);
    assert!(begun.elapsed() < PARTING, "{:?}", begun.elapsed());
}

#[test]
fn a_store_that_ends_leaves_nothing_in_its_log() {
    let fixture = Fixture::new();
    let store = fixture.open();
    store.insert(record_at(0, "first", "x\n"));
    flush(&store);
    // As the window's that reads, which may live longer.
    let reader = fixture.reader();
    assert_eq!(reader.count().unwrap(), 1);
    drop(store);
    let log = fixture.folder.path().join("history.db-wal");
    let length = std::fs::metadata(log).map_or(0, |file| file.len());
    assert_eq!(length, 0);
    assert_eq!(reader.count().unwrap(), 1);
}

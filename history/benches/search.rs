//! How fast a large history answers, and how fast it is written.
//!
//! `cargo bench -p history`. The database of a million blocks is generated once, below the target folder
//! (minutes, about a gigabyte); `TERRACE_BENCH_BLOCKS` sets another number.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use divan::{Bencher, black_box};
use history::{
    Exit, Filter, HistoryStore, Host, HostKind, Options, Pattern, Reader, Record, Session, Uid,
};

fn main() {
    divan::main();
}

/// Rows of an answer, as the panel asks for them.
const ROWS: usize = 50;

/// The folder of the generated history.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let blocks: u64 = std::env::var("TERRACE_BENCH_BLOCKS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(1_000_000);
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../target/history-bench/{blocks}-v1"));
    if !folder.join("complete").exists() {
        let _ = std::fs::remove_dir_all(&folder);
        generate(&folder, blocks);
        std::fs::write(folder.join("complete"), "").expect("the folder was just made");
    }
    folder
});

fn reader() -> Reader {
    Reader::open(&FOLDER).expect("the history was generated")
}

/// A small generator of numbers: the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Small numbers are likelier: the first of `limit` about half of the time.
    fn skewed(&mut self, limit: u64) -> u64 {
        let bits = self.next().trailing_zeros().min(20);
        (self.below(1 << bits)).min(limit - 1)
    }
}

const PROJECTS: [&str; 40] = [
    "terrace",
    "website",
    "api",
    "mobile",
    "infra",
    "notes",
    "parser",
    "dotfiles",
    "blog",
    "shop",
    "billing",
    "search",
    "auth",
    "gateway",
    "worker",
    "scheduler",
    "dashboard",
    "reports",
    "metrics",
    "alerts",
    "proxy",
    "cache",
    "queue",
    "storage",
    "backup",
    "sync",
    "importer",
    "exporter",
    "cli",
    "sdk",
    "docs",
    "examples",
    "bench",
    "fuzz",
    "lab",
    "sandbox",
    "legacy",
    "forks",
    "talks",
    "thesis",
];

fn command(numbers: &mut Numbers) -> String {
    let file = numbers.skewed(400);
    let package = PROJECTS[usize::try_from(numbers.skewed(40)).unwrap_or(0)];
    match numbers.below(24) {
        0..=3 => "cargo test".to_owned(),
        4 | 5 => format!("cargo build -p {package}"),
        6 => format!("cargo test -p {package} module_{file}::"),
        7 | 8 => "git status".to_owned(),
        9 => format!("git commit -m 'change {file} in {package}'"),
        10 => "git log --oneline -20".to_owned(),
        11 => format!("vim src/module_{file}.rs"),
        12 | 13 => "ls -la".to_owned(),
        14 => format!("cd ~/src/{package}"),
        15 => format!("rg 'fn handler_{file}' src"),
        16 => "npm run build".to_owned(),
        17 => format!("kubectl logs deploy/{package}-{}", numbers.below(9)),
        18 => "kubectl get pods -n production".to_owned(),
        19 => format!("docker build -t {package}:{file} ."),
        20 => format!(
            "curl -s https://{package}.example.org/v1/items/{}",
            numbers.below(100_000)
        ),
        21 => format!(
            "python3 scripts/report_{file}.py --since 2026-0{}-01",
            1 + numbers.below(9)
        ),
        22 => format!("ssh web-{}", numbers.below(20)),
        _ => format!("make {package}"),
    }
}

fn output(numbers: &mut Numbers, command: &str, failed: bool) -> String {
    let mut text = String::new();
    let lines = match numbers.below(20) {
        0 => 200,
        1..=4 => 40,
        5..=12 => 8,
        _ => 2,
    };
    for line in 0..lines {
        let module = numbers.skewed(3000);
        let hex = numbers.next();
        match command.as_bytes()[0] {
            b'c' if line % 3 == 0 => text.push_str(&format!(
                "   \x1b[32mCompiling\x1b[0m crate_{module} v1.{}.{} (/home/me/src/lib)\n",
                module % 40,
                line
            )),
            b'c' => text.push_str(&format!(
                "test module_{module}::works_{} ... \x1b[32mok\x1b[0m\n",
                hex % 5000
            )),
            b'g' => text.push_str(&format!(
                "{:07x} area_{}: change what module_{module} does\n",
                hex >> 36,
                module % 30
            )),
            b'l' => text.push_str(&format!(
                "-rw-r--r-- 1 me me {} Nov 29 08:{:02} module_{module}.rs\n",
                hex % 100_000,
                hex % 60
            )),
            b'k' => text.push_str(&format!(
                "2026-11-29T08:52:{:02}Z INFO handler_{module} request {:016x} took {}ms\n",
                hex % 60,
                hex,
                hex % 900
            )),
            _ => text.push_str(&format!(
                "step {line}: module_{module} wrote target/out_{}.bin ({} bytes)\n",
                hex % 7000,
                hex % 1_000_000
            )),
        }
    }
    if failed {
        let module = numbers.skewed(3000);
        text.push_str(&format!(
            "\x1b[1;31merror[E0{}]\x1b[0m: mismatched types in src/module_{module}.rs:{}:{}\n",
            300 + numbers.below(300),
            numbers.below(900),
            numbers.below(80)
        ));
    }
    text
}

fn generate(folder: &Path, blocks: u64) {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .expect("the target folder can be written");
    let options = Options {
        max_output_bytes: u64::MAX / 2,
        max_output_age: Duration::MAX,
        max_command_age: Duration::MAX,
        ..Options::new(folder)
    };
    let store = HistoryStore::open(options, |_| ()).expect("a thread");
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    // Three years of work, up to a fixed day.
    let mut now =
        UNIX_EPOCH + Duration::from_secs(1_795_953_600) - Duration::from_secs(blocks * 94);
    let hosts = ["desk", "laptop", "web-1", "web-2"].map(|name| Host {
        name: name.to_owned(),
        user: "me".to_owned(),
        kind: if name.starts_with("web") {
            HostKind::Ssh
        } else {
            HostKind::Local
        },
        machine_id: String::new(),
    });
    let mut session = None;
    for number in 0..blocks {
        if number % 150 == 0 {
            let host = hosts[usize::try_from(numbers.skewed(4)).unwrap_or(0)].clone();
            session = Some(Session {
                uid: Uid::new(now),
                parent: None,
                host,
                shell: "zsh/5.9".to_owned(),
                started: now,
                pane: None,
            });
        }
        now += Duration::from_millis(1000 + numbers.below(186_000));
        let text = command(&mut numbers);
        let failed = numbers.below(9) == 0;
        let printed = output(&mut numbers, &text, failed);
        let mut record = Record::new(
            session.clone().expect("set at the first"),
            &text,
            printed.as_bytes(),
            now,
        );
        let project = PROJECTS[usize::try_from(numbers.skewed(40)).unwrap_or(0)];
        record.folder = Some(match numbers.below(3) {
            0 => format!("/home/me/src/{project}"),
            1 => format!("/home/me/src/{project}/src"),
            _ => format!("/home/me/src/{project}/src/part_{}", numbers.skewed(60)),
        });
        record.project = Some(format!("/home/me/src/{project}"));
        record.git = Some("main".to_owned());
        record.duration = Some(Duration::from_millis(5 + numbers.below(20_000)));
        record.exit = Exit::from_status(u8::from(failed));
        record.seq = u32::try_from(number % 150 + 1).unwrap_or(1);
        store.insert(record);
        if number % 1000 == 999 {
            store
                .flush()
                .recv()
                .expect("the thread lives")
                .expect("it can write");
        }
    }
    store
        .flush()
        .recv()
        .expect("the thread lives")
        .expect("it can write");
}

/// What a user types or chooses, by name.
const QUESTIONS: [(&str, &str); 15] = [
    ("newest", ""),
    ("two letters", "ca"),
    ("common word", "cargo"),
    ("three letters", "err"),
    ("four letters", "erro"),
    ("beginning of many words", "modul"),
    ("two words", "cargo error"),
    ("path", "src/module_12"),
    ("rare word", "module_2991"),
    ("no such word", "xylophone"),
    ("middle of a word", "argo"),
    ("in a small project", "cargo project:thesis"),
    ("failed, in a folder", "folder:/home/me/src/terrace failed"),
    ("error in the last week", "error week"),
    ("a word on one host", "kubectl host:web-2"),
];

fn filter(question: &str) -> Filter {
    let mut filter = Filter::default();
    let mut words = Vec::new();
    for part in question.split_whitespace() {
        if let Some(project) = part.strip_prefix("project:") {
            filter.project = Some(project.to_owned());
        } else if let Some(folder) = part.strip_prefix("folder:") {
            filter.folder = Some(folder.to_owned());
        } else if let Some(host) = part.strip_prefix("host:") {
            filter.host = Some(host.to_owned());
        } else if part == "failed" {
            filter.failed = true;
        } else if part == "week" {
            filter.since = Some(UNIX_EPOCH + Duration::from_secs(1_795_953_600 - 7 * 86_400));
        } else {
            words.push(part);
        }
    }
    filter.text = Pattern::new(&words.join(" "));
    filter
}

#[divan::bench(args = QUESTIONS.map(|(name, _)| name), sample_count = 20, sample_size = 1)]
fn first_results(bencher: Bencher<'_, '_>, name: &str) {
    let question = QUESTIONS
        .iter()
        .find(|(one, _)| *one == name)
        .map_or("", |(_, question)| question);
    let reader = reader();
    let filter = filter(question);
    bencher.bench_local(|| {
        black_box(
            reader
                .search(&filter, ROWS)
                .expect("the history can be read"),
        )
    });
}

#[divan::bench(args = [2_000, 60_000, 1_000_000], sample_count = 10, sample_size = 1)]
fn store_twenty_blocks(bencher: Bencher<'_, '_>, bytes: usize) {
    let folder = FOLDER.with_file_name("store");
    let _ = std::fs::remove_dir_all(&folder);
    let options = Options::new(&folder);
    let store = HistoryStore::open(options, |_| ()).expect("a thread");
    store
        .flush()
        .recv()
        .expect("the thread lives")
        .expect("it can write");
    let mut numbers = Numbers(7);
    let session = Session {
        uid: Uid::new(SystemTime::now()),
        parent: None,
        host: Host {
            name: "desk".to_owned(),
            user: "me".to_owned(),
            kind: HostKind::Local,
            machine_id: String::new(),
        },
        shell: "zsh/5.9".to_owned(),
        started: SystemTime::now(),
        pane: None,
    };
    bencher
        .with_inputs(|| {
            (0..20)
                .map(|_| {
                    let mut text = String::new();
                    while text.len() < bytes {
                        text.push_str(&output(&mut numbers, "cargo", true));
                    }
                    text.truncate(text.floor_char_boundary(bytes));
                    Record::new(
                        session.clone(),
                        "cargo test",
                        text.as_bytes(),
                        SystemTime::now(),
                    )
                })
                .collect::<Vec<_>>()
        })
        .bench_local_values(|records| {
            for record in records {
                store.insert(record);
            }
            store
                .flush()
                .recv()
                .expect("the thread lives")
                .expect("it can write");
        });
}

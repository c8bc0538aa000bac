//! What keeping the output of commands costs beside parsing it: CPU time of all threads, with and without the
//! history, for outputs of several sizes, and for what a shell writes in a busy hour. `build` is what builds, tests
//! and services print; the others are random characters, of which every word is new: the worst for the index.
//!
//! `cargo bench -p tests --bench storing`. With `--once PAYLOAD BYTES kept|parsed` one run without a clock, for
//! callgrind.

#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use history::{
    Exit, HistoryStore, Host, HostKind, Options, Output, Record, Running, Session, State, Uid,
};
use rustix::time::{ClockId, clock_gettime};
use terminal::blocks::{BlockEvent, BlockId, Format, SpoolPlace};
use terminal::{Event, GridSize, Terminal};

#[path = "../../terminal/benches/payloads.rs"]
mod payloads;
#[path = "../../terminal/benches/sessions.rs"]
mod sessions;

/// Bytes parsed for one figure, about.
const TOTAL: usize = 64 << 20;
/// Bytes parsed at a time, as a pane does.
const SLICE: usize = 64 << 10;
/// How often a running command is asked what it has printed.
const SECOND: Duration = Duration::from_secs(1);
/// Bytes that may wait to be written; beyond 8 MiB the store would give outputs up.
const MOST_WAITING: usize = 4 << 20;
/// Turns, of which the fastest counts.
const TURNS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|one| one == "--once") {
        let [payload, bytes, how] = &arguments[at + 1..at + 4] else {
            return;
        };
        let stream = stream(payload, bytes.parse().unwrap_or(TOTAL), TOTAL / 4);
        run(&stream, how == "kept");
        return;
    }
    println!(
        "payload         bytes a command   commands   parsed ms   kept ms   us a command   share"
    );
    for payload in ["build", "ascii_lines", "sgr_light", "shell"] {
        let sizes: &[usize] = match payload {
            "shell" => &[0],
            _ => &[2 << 10, 64 << 10, 1 << 20, 8 << 20, 64 << 20],
        };
        for &size in sizes {
            report(payload, size);
        }
    }
}

fn report(payload: &str, size: usize) {
    let stream = stream(payload, size, TOTAL);
    let fastest = |keeps| {
        (0..TURNS)
            .map(|_| run(&stream, keeps))
            .min()
            .unwrap_or_default()
    };
    let ((parsed, _), (kept, commands)) = (fastest(false), fastest(true));
    let more = kept.saturating_sub(parsed);
    println!(
        "{payload:<15} {:>15} {commands:>10} {:>11.1} {:>9.1} {:>14.1} {:>6.1} %",
        if size == 0 {
            "mixed".to_owned()
        } else {
            size.to_string()
        },
        parsed.as_secs_f64() * 1e3,
        kept.as_secs_f64() * 1e3,
        more.as_secs_f64() * 1e6 / f64::from(commands.max(1)),
        more.as_secs_f64() / parsed.as_secs_f64() * 100.0,
    );
}

/// Prompts, commands and their outputs, each of so many bytes.
fn stream(payload: &str, size: usize, total: usize) -> Vec<u8> {
    if payload == "shell" {
        let hour = sessions::shell(true);
        return hour.repeat(2);
    }
    let source = match payload {
        "build" => build_log(),
        name => payloads::by_name(name),
    };
    let mut stream = Vec::new();
    let mut at = 0;
    for n in 1.. {
        if n > 1 && stream.len() >= total || n > 5_000 {
            break;
        }
        let proof = format!("aid=bench;tn=bench;n={n}");
        stream.extend_from_slice(
            format!(
                "\x1b]8377;ctx;{proof};sh=bash/5.2;pid=4242;user=me;host=here;cwd=/home/me/src\x07\
                 \x1b]133;A;{proof}\x07$ \x1b]133;B\x07make part {n}\r\n\
                 \x1b]133;C;cmdline_url=make%20part%20{n};{proof}\x07"
            )
            .as_bytes(),
        );
        let end = stream.len() + size;
        while stream.len() < end {
            let piece = &source[at..source.len().min(at + end - stream.len())];
            // Pieces end with lines, so that no command's output begins within a character or a sequence.
            let cut = piece.iter().rposition(|byte| *byte == b'\n');
            let piece = &piece[..cut.map_or(piece.len(), |cut| cut + 1)];
            stream.extend_from_slice(piece);
            at = (at + piece.len()) % source.len();
            if cut.is_none() {
                break;
            }
        }
        stream
            .extend_from_slice(format!("\x1b[m\r\n\x1b]133;D;0;{proof};dur=153000\x07").as_bytes());
    }
    stream
}

/// What builds, tests and services print: a megabyte.
fn build_log() -> Vec<u8> {
    let mut random = payloads::Random(0x5eed_0b10_c4e5_0002);
    let mut text = String::new();
    while text.len() < 1 << 20 {
        // Small numbers are likelier, as the names of one project are.
        let most = 1 << random.between(2, 11);
        let (module, n) = (random.below(most), random.below(900));
        text.push_str(&match random.below(8) {
            0 => format!("   \x1b[1;32mCompiling\x1b[0m crate_{module} v1.{}.{n} (/home/me/src/lib)\r\n", module % 40),
            1 => format!(
                "\x1b[33mwarning\x1b[0m: unused variable: `value_{module}`\r\n  \x1b[34m-->\x1b[0m src/module_{module}.rs:{n}:9\r\n"
            ),
            2..=4 => format!("test module_{module}::works_with_{n} ... \x1b[32mok\x1b[0m\r\n"),
            5 => format!("-rw-r--r-- 1 me me {n} Nov 29 08:{:02} module_{module}.rs\r\n", n % 60),
            _ => format!(
                "2026-11-29T08:52:{:02}Z INFO handler_{module} request {:012x} took {n}ms\r\n",
                n % 60,
                random.below(1 << 48)
            ),
        });
    }
    text.into_bytes()
}

/// Parses a stream; CPU time of the whole process, and how many commands there were.
fn run(stream: &[u8], keeps: bool) -> (Duration, u32) {
    let folder = tempfile::tempdir().expect("the benchmark's own");
    let mut terminal = Terminal::new(GridSize::new(120, 40), terminal::Options::default());
    terminal.register_shell(terminal::ShellKey::new("bench", "bench"));
    let mut keeper = keeps.then(|| Keeper::new(folder.path()));
    let start = cpu();
    let mut commands = 0;
    for (slice, number) in stream.chunks(SLICE).zip(1..) {
        // The flood of marks is bounded by time.
        terminal.advance(slice, Duration::from_millis(number * 100));
        terminal.take_replies();
        for event in terminal.take_events() {
            let Event::Block(event) = event else { continue };
            if let BlockEvent::Finished(id) = event {
                commands += 1;
                if let Some(keeper) = &mut keeper {
                    keeper.ended(&terminal, id);
                }
            }
        }
        if let Some(keeper) = &mut keeper {
            keeper.look(&terminal);
        }
    }
    if let Some(keeper) = &keeper {
        keeper.flush();
    }
    (cpu() - start, commands)
}

fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        now.tv_sec.unsigned_abs(),
        u32::try_from(now.tv_nsec).unwrap_or(0),
    )
}

/// What `app`'s recorder does with blocks.
struct Keeper {
    store: HistoryStore,
    session: Session,
    born: SystemTime,
    looked: Instant,
    running: Option<(BlockId, Uid, SpoolPlace)>,
    /// Bytes handed over since the store was waited for.
    waiting: usize,
}

impl Keeper {
    fn new(parent: &Path) -> Self {
        let folder = parent.join("history");
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .expect("the benchmark's own");
        let store = HistoryStore::open(Options::new(&folder), |_| ()).expect("a thread");
        let born = SystemTime::now();
        let keeper = Self {
            store,
            session: Session {
                uid: Uid::new(born),
                parent: None,
                host: Host {
                    name: "here".to_owned(),
                    user: "me".to_owned(),
                    kind: HostKind::Local,
                    machine_id: String::new(),
                },
                shell: "bash/5.2".to_owned(),
                started: born,
                pane: None,
            },
            born,
            looked: Instant::now(),
            running: None,
            waiting: 0,
        };
        // The patterns are compiled and the tables made once in a program's life.
        keeper.flush();
        keeper
    }

    fn record(&self, terminal: &Terminal, id: BlockId, uid: Uid) -> Record {
        let block = terminal
            .blocks()
            .get(id)
            .expect("it ended just now, or runs");
        let started = self.born + block.started;
        let mut record = Record::new(self.session.clone(), &block.command.text, b"", started);
        record.uid = uid;
        record.folder.clone_from(&block.context.cwd);
        record.exit = Exit::from_status(0);
        record.seq = block.cycle;
        record.nonces = vec!["0123456789abcdef0123456789abcdef".to_owned()];
        record
    }

    fn uid(&mut self, id: BlockId) -> Uid {
        match self.running.take_if(|(running, ..)| *running == id) {
            Some((_, uid, _)) => uid,
            None => Uid::new(SystemTime::now()),
        }
    }

    fn ended(&mut self, terminal: &Terminal, id: BlockId) {
        let uid = self.uid(id);
        let mut record = self.record(terminal, id, uid);
        if let Some(spool) = terminal.block_spool(id, Format::Styled) {
            record.output = Output {
                head: spool.head.into_bytes(),
                tail: spool.tail.into_bytes(),
                lines: spool.lines,
                bytes: spool.bytes,
                dropped_lines: spool.dropped_lines,
                dropped_bytes: spool.dropped_bytes,
            };
        }
        self.waiting += record.output.size() + 1024;
        self.store.insert(record);
        // Nobody runs commands so fast that outputs must be given up.
        if self.waiting > MOST_WAITING {
            self.waiting = 0;
            self.flush();
        }
    }

    /// Once a second: what the running command has printed.
    fn look(&mut self, terminal: &Terminal) {
        if self.looked.elapsed() < SECOND {
            return;
        }
        self.looked = Instant::now();
        let Some(block) = terminal.blocks().running() else {
            return;
        };
        let known = self
            .running
            .as_ref()
            .is_some_and(|(id, ..)| *id == block.id);
        let uid = Uid::new(SystemTime::now());
        let begin = (!known).then(|| {
            let mut record = self.record(terminal, block.id, uid);
            record.state = State::Lost;
            Box::new(record)
        });
        if !known {
            self.running = Some((block.id, uid, SpoolPlace::default()));
        }
        let Some((_, uid, place)) = &mut self.running else {
            return;
        };
        if let Some(news) = terminal.block_news(block.id, Format::Styled, place) {
            self.store.running(Running {
                uid: *uid,
                begin,
                more: news.more.into_bytes(),
                skipped: news.skipped,
                rest: news.rest.into_bytes(),
                screen: news.screen.into_bytes(),
            });
        }
    }

    fn flush(&self) {
        let answer = self.store.flush().recv().expect("the thread lives");
        answer.expect("it can write");
    }
}

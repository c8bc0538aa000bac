//! This core beside `alacritty_terminal`, payload by payload, in one run: megabytes per CPU second.
//!
//! `make bench`, or `cargo bench -p terminal --bench cores [-- payload …]`. Rounds of the two alternate, so that a noisy
//! machine is noisy for both, and CPU time is what counts where the system tells it.
#![expect(clippy::print_stdout, reason = "it prints a table")]

mod payloads;
mod sessions;

use std::path::Path;
use std::time::{Duration, Instant};

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::term::test::TermSize;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::Processor;
use terminal::{GridSize, Options, Terminal};

/// Megabytes a round: CPU time is told in steps of some milliseconds.
const REPEATS: usize = 24;

/// CPU time of this thread; wall time where there is no such figure.
fn cpu_time(start: Instant) -> Duration {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .map_or_else(|| start.elapsed(), Duration::from_nanos)
}

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    // For profiles: leaves the other core out.
    let only_ours = std::env::args().any(|arg| arg == "--ours");
    if let [times, name] = &wanted[..]
        && std::env::args().any(|arg| arg == "--feed")
    {
        return feed(name, times.parse().unwrap_or(1));
    }
    if let [folder] = &wanted[..]
        && std::env::args().any(|arg| arg == "--write")
    {
        return write(folder.as_ref());
    }
    let start = Instant::now();
    println!(
        "{:<20} {:>9} {:>9} {:>7}   (MB per CPU second)",
        "payload", "terrace", "alacritty", "ratio"
    );
    let session = ("shell_session", sessions::shell(false));
    for (name, bytes) in payloads::all().into_iter().chain([session]) {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        let size = GridSize::new(payloads::COLUMNS, payloads::ROWS);
        let mut ours = Terminal::new(size, Options::default());
        let dimensions = TermSize::new(size.columns.into(), size.rows.into());
        let mut theirs = Term::new(Config::default(), &dimensions, VoidListener);
        let mut parser: Processor = Processor::new();
        let mut best = [Duration::MAX; 2];
        for _ in 0..5 {
            let began = cpu_time(start);
            for chunk in bytes.chunks(64 * 1024).cycle().take(REPEATS * 16) {
                ours.advance(chunk, Duration::ZERO);
                ours.take_events();
                ours.take_replies();
            }
            let between = cpu_time(start);
            let times = if only_ours { 0 } else { REPEATS * 16 };
            for chunk in bytes.chunks(64 * 1024).cycle().take(times) {
                parser.advance(&mut theirs, chunk);
            }
            let ended = cpu_time(start);
            best[0] = best[0].min(between - began);
            best[1] = best[1].min(ended - between);
        }
        let fed = REPEATS * 16 * 64 * 1024;
        let rate = |time: Duration| fed as f64 / 1e6 / time.as_secs_f64();
        let (ours, theirs) = (rate(best[0]), rate(best[1]));
        let ratio = ours / theirs;
        println!("{name:<20} {ours:>9.0} {theirs:>9.0} {ratio:>7.2}");
    }
    if wanted.is_empty() || wanted.iter().any(|wanted| wanted == "scrollback") {
        scrollback(start);
    }
}

/// For counting instructions (`tests/perf/instructions.sh`) and for comparing with `terrace dump`: a payload or a
/// file so many times, and nothing else.
fn feed(name: &str, times: usize) {
    let bytes = if name.contains('/') {
        std::fs::read(name).expect("the file that is to be fed")
    } else {
        payloads::by_name(name)
    };
    let size = GridSize::new(payloads::COLUMNS, payloads::ROWS);
    let mut terminal = Terminal::new(size, Options::default());
    for _ in 0..times {
        for chunk in bytes.chunks(64 * 1024) {
            terminal.advance(chunk, Duration::ZERO);
        }
    }
}

/// The payloads as files, for what is to read them (`tests/perf/pgo.sh`).
fn write(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder for the payloads");
    let session = ("shell_session", sessions::shell(false));
    for (name, bytes) in payloads::all().into_iter().chain([session]) {
        std::fs::write(folder.join(name), bytes).expect("a payload is written");
    }
}

/// A million lines: the rate of each tenth, what a line costs, how long a new width takes.
fn scrollback(start: Instant) {
    let lines = payloads::by_name("ascii_dense");
    let log: Vec<u8> = (0..200_000_u32)
        .flat_map(|i| {
            format!(
                "[{i:>6}/200000] Compiling crate-{} v0.{}.1 (/home/user/src/crate-{})\r\n",
                i % 377,
                i % 41,
                i % 377
            )
            .into_bytes()
        })
        .collect();
    let random: Vec<u8> = lines
        .chunks_exact(80)
        .flat_map(|line| [line, b"\r\n"].concat())
        .collect();
    let options = Options {
        scrollback_lines: 1_000_000,
        scrollback_bytes: 1 << 30,
        ..Options::default()
    };
    for (name, bytes) in [("random letters", random), ("build log", log)] {
        let size = GridSize::new(100, payloads::ROWS);
        let mut terminal = Terminal::new(size, options.clone());
        let mut rates = Vec::new();
        let total = 100_000_000;
        let mut fed = 0;
        while fed < total {
            let began = cpu_time(start);
            let mut tenth = 0;
            while tenth < total / 10 {
                for chunk in bytes.chunks(64 * 1024) {
                    terminal.advance(chunk, Duration::ZERO);
                }
                tenth += bytes.len();
            }
            fed += tenth;
            rates.push(tenth as f64 / 1e6 / (cpu_time(start) - began).as_secs_f64());
        }
        let rows = terminal.scrollback_rows();
        let hot = terminal.memory().1;
        let began = cpu_time(start);
        while terminal.compact(10_000) {}
        let compacting = cpu_time(start) - began;
        let cold = terminal.memory().1;
        let mut resizes = Vec::new();
        for columns in [200, 60, 100] {
            let began = cpu_time(start);
            terminal.resize(GridSize::new(columns, 60), Default::default());
            resizes.push(format!(
                "{columns}: {:.1} ms",
                (cpu_time(start) - began).as_secs_f64() * 1e3
            ));
        }
        println!("\n{name}: {rows} rows of scrollback");
        println!(
            "  MB/s by tenths: {}",
            rates
                .iter()
                .map(|r| format!("{r:.0}"))
                .collect::<Vec<_>>()
                .join(" ")
        );
        println!(
            "  bytes a line: {:.1}, compacted {:.1} in {:.0} ms",
            hot as f64 / rows as f64,
            cold as f64 / rows as f64,
            compacting.as_secs_f64() * 1e3
        );
        println!("  resize to columns: {}", resizes.join(", "));
    }
}

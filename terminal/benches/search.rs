//! Searching a scrollback of a million lines: milliseconds for the whole, and for the longest step.
//!
//! `cargo bench -p terminal --bench search`. Half of the pages are compressed, as after a pause.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::time::{Duration, Instant};

use terminal::search::{Pattern, PatternKind, PatternOptions, Search};
use terminal::{GridSize, Options, Terminal};

const LINES: u32 = 1_000_000;
/// Bytes of text searched under one hold of a pane's lock.
const STEP: usize = 256 * 1024;

fn filled(colored: bool) -> Terminal {
    let options = Options {
        scrollback_lines: LINES as usize,
        scrollback_bytes: 1 << 30,
        ..Options::default()
    };
    let mut terminal = Terminal::new(GridSize::new(120, 40), options);
    let mut text = String::new();
    for line in 0..LINES {
        let level = ["INFO", "WARN", "DEBUG", "TRACE"][(line % 4) as usize];
        let (on, off) = if colored {
            ("\x1b[32m", "\x1b[0m")
        } else {
            ("", "")
        };
        text.push_str(&format!(
            "12:{:02}:{:02} {on}{level}{off} worker-{} handled request {line:07}\r\n",
            line / 60 % 60,
            line % 60,
            line % 13
        ));
        if line % 10_000 == 9_999 {
            text.push_str("the needle in the haystack\r\n");
            terminal.advance(text.as_bytes(), Duration::ZERO);
            text.clear();
        }
    }
    let half = LINES as usize / 2;
    terminal.compact(half);
    terminal
}

fn main() {
    for colored in [false, true] {
        let terminal = filled(colored);
        println!("{} lines, colored: {colored}", terminal.scrollback_rows());
        let cases = [
            ("literal", "needle", PatternKind::Plain),
            ("literal, other case", "Needle", PatternKind::Plain),
            ("regex", r"nee\w+ in", PatternKind::Regex),
            (
                "regex, classes only",
                r"[a-z]+ [a-z]+ [0-9]{7}$",
                PatternKind::Regex,
            ),
            ("regex, word ends", r"\bneedle\b", PatternKind::Regex),
            ("no match", "nothing of this", PatternKind::Plain),
            ("250,000 matches", "warn", PatternKind::Plain),
            ("a million matches", "request", PatternKind::Plain),
        ];
        for (name, text, kind) in cases {
            let options = PatternOptions {
                kind,
                ..PatternOptions::default()
            };
            let Ok(pattern) = Pattern::new(text, options) else {
                continue;
            };
            let mut best = (Duration::MAX, Duration::MAX, 0);
            for _ in 0..5 {
                let mut search = Search::new(pattern.clone());
                let began = Instant::now();
                let mut longest = Duration::ZERO;
                loop {
                    let step = Instant::now();
                    let more = terminal.search(&mut search, STEP);
                    longest = longest.max(step.elapsed());
                    if !more {
                        break;
                    }
                }
                best = best.min((began.elapsed(), longest, search.matches().len()));
            }
            println!(
                "{name:<22} {:>8.1} ms  longest step {:>6.2} ms  {:>8} found",
                best.0.as_secs_f64() * 1e3,
                best.1.as_secs_f64() * 1e3,
                best.2
            );
        }
    }
}

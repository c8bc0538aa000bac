//! Bytes per second by payload, this core and `alacritty_terminal`; and copying a frame.

mod payloads;

use std::time::Duration;

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::term::test::TermSize;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::Processor;
use divan::Bencher;
use divan::counter::BytesCount;
use terminal::{Frame, GridSize, Options, Terminal};

const NAMES: [&str; 9] = [
    "ascii_dense",
    "ascii_lines",
    "unicode",
    "sgr_light",
    "truecolor_dense",
    "scroll_newlines",
    "scroll_region",
    "alt_random_writes",
    "csi_heavy",
];

fn main() {
    divan::main();
}

fn size() -> GridSize {
    GridSize::new(payloads::COLUMNS, payloads::ROWS)
}

#[divan::bench(args = NAMES, sample_count = 20)]
fn terrace(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = payloads::by_name(name);
    let mut terminal = Terminal::new(size(), Options::default());
    bencher
        .counter(BytesCount::of_slice(&bytes))
        .bench_local(|| {
            for chunk in bytes.chunks(64 * 1024) {
                terminal.advance(chunk, Duration::ZERO);
                terminal.take_events();
                terminal.take_replies();
            }
        });
}

#[divan::bench(args = NAMES, sample_count = 20)]
fn alacritty(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = payloads::by_name(name);
    let dimensions = TermSize::new(size().columns.into(), size().rows.into());
    let mut term = Term::new(Config::default(), &dimensions, VoidListener);
    let mut parser: Processor = Processor::new();
    bencher
        .counter(BytesCount::of_slice(&bytes))
        .bench_local(|| {
            for chunk in bytes.chunks(64 * 1024) {
                parser.advance(&mut term, chunk);
            }
        });
}

/// A frame of 200 × 60 after every line changed.
#[divan::bench(args = ["sgr_light", "unicode", "truecolor_dense"])]
fn frame_copy(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = payloads::by_name(name);
    let mut terminal = Terminal::new(GridSize::new(200, 60), Options::default());
    terminal.advance(&bytes, Duration::ZERO);
    let mut frame = Frame::new();
    bencher.bench_local(|| {
        terminal.damage_all();
        frame.update(&mut terminal)
    });
}

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

/// A shell's session of a megabyte without and with the marks of blocks: what blocks cost. The second holds the
/// marks beside the megabyte, so compare times, not bytes a second.
#[divan::bench(args = ["plain", "marked"], sample_count = 60)]
fn shell_session(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = payloads::shell(name == "marked");
    bencher
        .with_inputs(|| {
            let mut terminal = Terminal::new(size(), Options::default());
            terminal.register_shell(terminal::ShellKey::new("bench", "bench"));
            terminal
        })
        .bench_local_refs(|terminal| {
            for chunk in bytes.chunks(64 * 1024) {
                terminal.advance(chunk, Duration::ZERO);
                terminal.take_events();
                terminal.take_replies();
            }
        });
}

/// A pane of 100,000 blocks: a frame after scrolling by a page, with nothing and with everything folded; folding
/// one block, and folding all.
#[divan::bench(args = ["scroll", "scroll_folded", "fold_one", "fold_all"], sample_count = 20)]
fn many_blocks(bencher: Bencher<'_, '_>, what: &str) {
    let mut terminal = Terminal::new(
        GridSize::new(120, 50),
        Options {
            scrollback_lines: 1_000_000,
            scrollback_bytes: 500_000_000,
            ..Options::default()
        },
    );
    terminal.register_shell(terminal::ShellKey::new("bench", "bench"));
    for n in 1..=100_000 {
        let proof = format!("aid=bench;tn=bench;n={n}");
        let cycle = format!(
            "\x1b]133;A;{proof}\x07$ \x1b]133;B\x07x\r\n\x1b]133;C;cmdline_url=x;{proof}\x07\
             one line\r\nand another\r\nand a third\r\n\x1b]133;D;0;{proof}\x07"
        );
        // The flood of marks is bounded by time.
        terminal.advance(cycle.as_bytes(), Duration::from_millis(n));
    }
    assert_eq!(terminal.blocks().len(), 100_000);
    let middle = terminal.blocks().nth(50_000).map(|block| block.id);
    if what == "scroll_folded" {
        terminal.fold_where(None, |_| true);
    }
    let mut frame = Frame::new();
    frame.update(&mut terminal);
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        match what {
            "fold_one" => {
                if let Some(id) = middle {
                    terminal.fold_block(id, turn % 2 == 1);
                }
            }
            "fold_all" => terminal.fold_where(middle, |_| turn % 2 == 1),
            _ if turn % 100 < 50 => terminal.scroll_display(terminal::Scroll::PageUp),
            _ => terminal.scroll_display(terminal::Scroll::PageDown),
        }
        frame.update(&mut terminal)
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

//! `terrace dump`: bytes to the core, its state to the standard output. Nothing else is touched: no
//! configuration, display, font or graphics device (but for `--format png`).

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use config::{Config, ThemePair};
use terminal::{Frame, GridSize, Options, Palette, Terminal};

use super::picture::Studio;
use super::state::{self, Told};
use crate::cli::{DumpArgs, Format};
use crate::settings;

/// Rows of scrollback kept when nothing is said.
pub(super) const SCROLLBACK: usize = 10_000;
/// Bytes read and fed at a time when `--chunk` does not say.
const BLOCK: usize = 64 * 1024;
/// The most that is read before it is fed: larger chunks come in pieces.
const MAX_CHUNK: usize = 16 * 1024 * 1024;
/// A time by which everything that the core held back must be out.
const LATER: Duration = Duration::from_secs(3600);

/// Runs the command.
pub(super) fn run(args: &DumpArgs) -> anyhow::Result<ExitCode> {
    let name = args.file.as_path();
    let input: Box<dyn Read> = if name == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(File::open(name).with_context(|| format!("cannot read {}", name.display()))?)
    };
    let context = || format!("cannot read {}", name.display());
    let chunk = args.chunk.map_or(BLOCK, |chunk| {
        usize::try_from(chunk).map_or(MAX_CHUNK, |chunk| chunk.min(MAX_CHUNK))
    });
    let mut out = std::io::stdout().lock();
    if args.batch {
        let mut input = BufReader::new(input);
        while let Some((size, length)) = read_header(&mut input).with_context(context)? {
            let mut terminal = new_terminal(args, size);
            let fed = feed(&mut terminal, (&mut input).take(u64::from(length)), chunk);
            anyhow::ensure!(
                fed.with_context(context)? == u64::from(length),
                "{} ends within a frame",
                name.display()
            );
            out.write_all(&print(terminal, args, Format::Json)?)?;
            out.flush()?;
        }
    } else {
        let mut terminal = new_terminal(args, GridSize::new(args.cols, args.rows));
        feed(&mut terminal, input, chunk).with_context(context)?;
        out.write_all(&print(terminal, args, args.format)?)?;
        out.flush()?;
    }
    Ok(ExitCode::SUCCESS)
}

fn new_terminal(args: &DumpArgs, size: GridSize) -> Terminal {
    let mut options = Options {
        scrollback_lines: args.scrollback.unwrap_or(SCROLLBACK),
        checksum_reports: args.checksum_reports,
        ..Options::default()
    };
    if args.format == Format::Png && !args.batch {
        options.palette = settings::palette(&ThemePair::default().dark);
    }
    Terminal::new(size, options)
}

/// The head of a frame of `--batch`: size and length; `None` at the end of the input.
fn read_header(input: &mut impl Read) -> std::io::Result<Option<(GridSize, u32)>> {
    let mut header = [0; 8];
    let mut filled = 0;
    while filled < header.len() {
        match input.read(&mut header[filled..])? {
            0 if filled == 0 => return Ok(None),
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => filled += n,
        }
    }
    let [l0, l1, l2, l3, c0, c1, r0, r1] = header;
    let size = GridSize::new(u16::from_le_bytes([c0, c1]), u16::from_le_bytes([r0, r1]));
    Ok(Some((size, u32::from_le_bytes([l0, l1, l2, l3]))))
}

/// Feeds all of `input`, exactly `chunk` bytes at a time but for the last; returns how many.
fn feed(terminal: &mut Terminal, mut input: impl Read, chunk: usize) -> std::io::Result<u64> {
    let mut block = vec![0; BLOCK.max(chunk).next_multiple_of(chunk)];
    let mut total = 0;
    loop {
        let mut filled = 0;
        while filled < block.len() {
            match input.read(&mut block[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        for piece in block[..filled].chunks(chunk) {
            terminal.advance(piece, Duration::ZERO);
        }
        total += filled as u64;
        if filled < block.len() {
            return Ok(total);
        }
    }
}

/// The terminal's state in the form asked for.
fn print(mut terminal: Terminal, args: &DumpArgs, format: Format) -> anyhow::Result<Vec<u8>> {
    let rows = args.scrollback.unwrap_or(0);
    Ok(match format {
        Format::Text => state::text(&terminal, rows).into_bytes(),
        Format::Ansi => state::ansi(&terminal, rows).into_bytes(),
        Format::Json => {
            let told = Told {
                // Before time passes, which ends a synchronized update.
                modes: terminal.modes(),
                replies: terminal.take_replies(),
                events: late_events(&mut terminal),
                palette: Palette::default(),
            };
            let mut line =
                state::json(&terminal, args.scrollback.unwrap_or(SCROLLBACK), &told).into_bytes();
            line.push(b'\n');
            line
        }
        Format::Png => {
            let mut frame = Frame::new();
            terminal.tick(LATER);
            frame.update(&mut terminal);
            Studio::new(&Config::default(), 1.0)?
                .draw(&frame, true)?
                .png()?
        }
    })
}

/// All events, those included that are held back for a while.
fn late_events(terminal: &mut Terminal) -> Vec<terminal::Event> {
    let mut events = terminal.take_events();
    if terminal.deadline().is_some() {
        terminal.tick(LATER);
        events.extend(terminal.take_events());
    }
    events
}

//! What the tests of the families share: a small terminal, fed and read as text.

use std::time::Duration;

use crate::event::Event;
use crate::frame::FrameRow;
use crate::index::Line;
use crate::size::{GridSize, PixelSize};
use crate::terminal::{Options, Terminal};

/// A terminal of 10 × 4 cells, in which tests see wrapping and scrolling at once.
pub(crate) fn small() -> Terminal {
    sized(10, 4)
}

/// A terminal of this size.
pub(crate) fn sized(columns: u16, rows: u16) -> Terminal {
    with_options(
        columns,
        rows,
        Options {
            checksum_reports: true,
            ..Options::default()
        },
    )
}

/// A terminal of this size and these options; its cells have 8 × 16 pixels.
pub(crate) fn with_options(columns: u16, rows: u16, options: Options) -> Terminal {
    let mut terminal = Terminal::new(GridSize::new(columns, rows), options);
    terminal.resize(
        GridSize::new(columns, rows),
        PixelSize {
            width: 8,
            height: 16,
        },
    );
    terminal
}

/// Feeds text at time 0.
pub(crate) fn feed(terminal: &mut Terminal, input: &str) {
    terminal.advance(input.as_bytes(), Duration::ZERO);
}

/// A small terminal after `input`.
pub(crate) fn after(input: &str) -> Terminal {
    let mut terminal = small();
    feed(&mut terminal, input);
    terminal
}

/// The rows of the screen; blanks at their ends and blank rows at the end are left out.
pub(crate) fn screen(terminal: &Terminal) -> String {
    let rows = (0..i32::from(terminal.size().rows)).map(|line| row(terminal, line));
    rows.collect::<Vec<_>>()
        .join("\n")
        .trim_end_matches('\n')
        .to_owned()
}

/// One row, scrollback included.
pub(crate) fn row(terminal: &Terminal, line: i32) -> String {
    let mut row = FrameRow::default();
    assert!(terminal.read_row(Line(line), &mut row), "no line {line}");
    let mut buffer = [0; 4];
    let mut text = String::new();
    for cell in &row.cells {
        if !matches!(cell.width, crate::cell::CellWidth::Spacer) {
            text.push_str(row.text(cell, &mut buffer));
        }
    }
    text.trim_end().to_owned()
}

/// What a small terminal answers, with ESC shown as `^`.
pub(crate) fn replies(input: &str) -> String {
    shown(&after(input).take_replies())
}

/// Bytes as text, with ESC shown as `^`.
pub(crate) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\x1b', "^")
}

/// The events of a small terminal after `input`.
pub(crate) fn events(input: &str) -> Vec<Event> {
    after(input).take_events()
}

/// The screen after `input` is `expected`, rows joined by `|`.
#[track_caller]
pub(crate) fn check(input: &str, expected: &str) {
    assert_eq!(
        screen(&after(input)).replace('\n', "|"),
        expected,
        "after {input:?}"
    );
}

/// The cursor after `input`: 1-based row and column, as CPR gives them.
#[track_caller]
pub(crate) fn check_cursor(input: &str, expected: (i32, u16)) {
    let (point, _) = after(input).cursor();
    assert_eq!(
        (point.line.0 + 1, point.column.0 + 1),
        expected,
        "after {input:?}"
    );
}

/// The answers to `input`, with ESC shown as `^`.
#[track_caller]
pub(crate) fn check_reply(input: &str, expected: &str) {
    assert_eq!(replies(input), expected, "to {input:?}");
}

//! Tests of `frame.rs`; the property that old frame + damage = new frame is with the screen's.

use std::time::Duration;

use super::*;
use crate::index::{Point, Side};
use crate::selection::SelectionKind;
use crate::terminal::{Options, Scroll, Terminal};

fn terminal() -> Terminal {
    Terminal::new(GridSize::new(10, 4), Options::default())
}

fn feed(terminal: &mut Terminal, bytes: &[u8]) {
    terminal.advance(bytes, Duration::ZERO);
}

fn text(frame: &Frame, row: usize) -> String {
    let mut buffer = [0; 4];
    let row = &frame.rows[row];
    let cells = row
        .cells
        .iter()
        .filter(|cell| cell.width != CellWidth::Spacer);
    let text: String = cells
        .map(|cell| row.text(cell, &mut buffer).to_owned())
        .collect();
    text.trim_end().to_owned()
}

/// Feeds bytes and compares which rows a frame copies.
#[track_caller]
fn check_changed(before: &[u8], bytes: &[u8], changed: [bool; 4], any: bool) {
    let mut terminal = terminal();
    feed(&mut terminal, before);
    let mut frame = Frame::new();
    assert!(frame.update(&mut terminal));
    feed(&mut terminal, bytes);
    assert_eq!(
        (frame.update(&mut terminal), frame.changed.as_slice()),
        (any, changed.as_slice())
    );
    assert!(
        !frame.update(&mut terminal),
        "a second update has nothing to do"
    );
    assert!(!terminal.is_damaged());
}

#[test]
fn only_changed_rows_are_copied() {
    check_changed(b"a\r\nb", b"", [false; 4], false);
    check_changed(b"a\r\nb", b"c", [false, true, false, false], true);
    check_changed(b"a\r\nb", b"\x1b[H", [false; 4], true);
    check_changed(
        b"a\r\nb",
        b"\x1b[3;1Hx\x1b[1Ky",
        [false, false, true, false],
        true,
    );
    check_changed(b"a\r\nb", b"\x1b[?5h", [false; 4], true);
    check_changed(b"a\r\nb", b"\x1b]4;1;#123456\x07", [false; 4], true);
    check_changed(b"a\r\nb\r\nc\r\nd", b"\r\n", [true; 4], true);
    check_changed(b"a\r\nb", b"\x1b[?1049h", [true; 4], true);
}

#[test]
fn a_row_keeps_its_generation_while_it_moves() {
    let mut terminal = terminal();
    feed(&mut terminal, b"a\r\nb\r\nc\r\nd");
    let mut frame = Frame::new();
    frame.update(&mut terminal);
    let second = frame.rows[1].generation;
    feed(&mut terminal, b"\r\ne");
    frame.update(&mut terminal);
    assert_eq!(frame.rows[0].generation, second);
    assert_eq!(text(&frame, 0), "b");
}

#[test]
fn generations_of_the_two_screens_differ() {
    let mut terminal = terminal();
    let mut frame = Frame::new();
    frame.update(&mut terminal);
    let primary: Vec<_> = frame.rows.iter().map(|row| row.generation).collect();
    feed(&mut terminal, b"\x1b[?1049h");
    frame.update(&mut terminal);
    assert!(
        frame
            .rows
            .iter()
            .all(|row| !primary.contains(&row.generation))
    );
    assert!(frame.alternate_screen);
}

#[test]
fn the_cursor_is_where_the_view_shows_it() {
    let mut terminal = terminal();
    feed(
        &mut terminal,
        "a\r\nb\r\nc\r\nd\r\ne\r\nf中\x08\x08".as_bytes(),
    );
    let mut frame = Frame::new();
    frame.update(&mut terminal);
    let cursor = frame.cursor;
    assert_eq!(
        (cursor.row, cursor.column, cursor.visible, cursor.wide),
        (3, 1, true, true)
    );
    terminal.scroll_display(Scroll::Rows(1));
    assert!(frame.update(&mut terminal));
    assert_eq!((frame.cursor.row, frame.cursor.visible), (4, false));
    assert_eq!(
        (text(&frame, 0), frame.display_offset, frame.scrollback_rows),
        ("b".into(), 1, 2)
    );
    // New output leaves the view on its text.
    feed(&mut terminal, b"\r\ng\r\nh");
    frame.update(&mut terminal);
    assert_eq!(
        (text(&frame, 0), text(&frame, 3), frame.display_offset),
        ("b".into(), "e".into(), 3)
    );
    // The rows that went from the screen into scrollback meanwhile have other generations there.
    assert_eq!(frame.changed, [false, true, true, false]);
    terminal.scroll_display(Scroll::Bottom);
    frame.update(&mut terminal);
    assert_eq!((text(&frame, 3), frame.cursor.visible), ("h".into(), true));
}

#[test]
fn the_selection_is_part_of_a_row() {
    let mut terminal = terminal();
    feed(&mut terminal, b"abc\r\ndef");
    let mut frame = Frame::new();
    frame.update(&mut terminal);
    terminal.start_selection(SelectionKind::Character, Point::new(0, 1), Side::Left);
    terminal.extend_selection(Point::new(1, 0), Side::Right);
    assert!(terminal.is_damaged());
    assert!(frame.update(&mut terminal));
    assert_eq!(frame.changed, [true, true, false, false]);
    assert_eq!(
        (frame.rows[0].selected, frame.rows[1].selected),
        ((1, 10), (0, 1))
    );
    let selected = frame.rows[1].generation;
    terminal.extend_selection(Point::new(1, 1), Side::Right);
    frame.update(&mut terminal);
    assert_eq!(frame.changed, [false, true, false, false]);
    assert_ne!(frame.rows[1].generation, selected);
    terminal.clear_selection();
    assert!(frame.update(&mut terminal));
    assert_eq!(frame.rows[0].selected, (0, 0));
    assert!(!frame.update(&mut terminal));
}

#[test]
fn a_selection_with_the_numbers_of_an_older_one_is_another() {
    let mut terminal = terminal();
    feed(&mut terminal, b"a\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh\r\ni");
    terminal.scroll_display(Scroll::Top);
    let select = |terminal: &mut Terminal| {
        terminal.start_selection(SelectionKind::Word, Point::new(-4, 0), Side::Left);
    };
    select(&mut terminal);
    let mut frame = Frame::new();
    frame.update(&mut terminal);
    assert_eq!(
        (text(&frame, 1), frame.rows[1].selected),
        ("b".into(), (0, 1))
    );
    feed(&mut terminal, b"\r\nj");
    select(&mut terminal);
    frame.update(&mut terminal);
    assert_eq!(
        (text(&frame, 1), frame.rows[1].selected),
        ("b".into(), (0, 0))
    );
    assert_eq!(
        (text(&frame, 2), frame.rows[2].selected),
        ("c".into(), (0, 1))
    );
}

#[test]
fn blinking_text_is_told_and_a_synchronized_update_is_waited_for() {
    let mut terminal = terminal();
    let mut frame = Frame::new();
    feed(&mut terminal, b"\x1b[5mx\x1b[0m");
    frame.update(&mut terminal);
    assert!(frame.has_blinking_text);
    feed(&mut terminal, b"\x1b[?2026h\ry");
    assert!(!frame.update(&mut terminal));
    assert_eq!(text(&frame, 0), "x");
    feed(&mut terminal, b"\x1b[?2026l");
    assert!(frame.update(&mut terminal));
    assert_eq!(
        (text(&frame, 0), frame.has_blinking_text),
        ("y".into(), false)
    );
}

#[test]
fn a_size_change_copies_everything() {
    let mut terminal = terminal();
    feed(&mut terminal, b"0123456789abc");
    let mut frame = Frame::new();
    frame.update(&mut terminal);
    assert!(frame.rows[0].wrapped);
    terminal.resize(GridSize::new(20, 2), crate::size::PixelSize::default());
    assert!(frame.update(&mut terminal));
    assert_eq!(
        (
            frame.rows.len(),
            frame.rows[0].cells.len(),
            frame.changed.len()
        ),
        (2, 20, 2)
    );
    assert_eq!(text(&frame, 0), "0123456789abc");
}

//! Any bytes, any split, any sizes: the core must not panic, hang or grow, and must keep its promises.
//!
//! The first three bytes choose the size and the options; FE and FF then stand for a resize and for the
//! passing of time, since neither occurs in UTF-8. Run it from the repository's root with
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz terminal`.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use terminal::frame::{Frame, FrameRow};
use terminal::selection::SelectionKind;
use terminal::{GridSize, Line, Options, PixelSize, Point, Scroll, Side, Terminal};

fuzz_target!(|data: &[u8]| {
    let [columns, rows, flags, data @ ..] = data else {
        return;
    };
    let size = GridSize::new(u16::from(columns % 50), u16::from(rows % 12));
    let options = Options {
        scrollback_lines: 60,
        checksum_reports: true,
        clipboard_read: flags & 1 != 0,
        ambiguous_wide: flags & 2 != 0,
        ..Options::default()
    };
    let mut whole = Terminal::new(size, options.clone());
    let mut pieces = Terminal::new(size, options);
    let mut kept = Frame::new();
    let mut now = Duration::ZERO;
    let step = usize::from(flags >> 2) + 1;
    let mut rest = data;
    // A check reads everything: a few are enough, or inputs full of resizes do nothing else.
    let mut checks = 4;
    let mut check = |whole: &mut Terminal, pieces: &mut Terminal, last: bool| {
        if checks > 0 || last {
            checks -= i32::from(!last);
            check(whole, pieces, &mut kept);
        }
    };
    while !rest.is_empty() {
        let end = rest
            .iter()
            .position(|&byte| byte >= 0xfe)
            .unwrap_or(rest.len());
        let (bytes, after) = rest.split_at(end);
        whole.advance(bytes, now);
        for piece in bytes.chunks(step) {
            pieces.advance(piece, now);
        }
        check(&mut whole, &mut pieces, after.is_empty());
        rest = match after {
            [0xfe, columns, rows, more @ ..] => {
                let size = GridSize::new(u16::from(columns % 100), u16::from(rows % 16));
                let cell = PixelSize {
                    width: u16::from(*columns),
                    height: u16::from(*rows),
                };
                whole.resize(size, cell);
                pieces.resize(size, cell);
                check(&mut whole, &mut pieces, more.is_empty());
                more
            }
            [0xff, tenths, more @ ..] => {
                now += Duration::from_millis(100 * u64::from(*tenths));
                whole.tick(now);
                pieces.tick(now);
                more
            }
            [_, more @ ..] => more,
            [] => after,
        };
    }
});

/// Both terminals are alike; a kept frame is a fresh one; everything that reads can be called.
fn check(whole: &mut Terminal, pieces: &mut Terminal, kept: &mut Frame) {
    let (size, back) = (whole.size(), whole.scrollback_rows() as i32);
    assert_eq!(whole.take_replies(), pieces.take_replies());
    assert_eq!(whole.take_events(), pieces.take_events());
    assert_eq!(whole.cursor(), pieces.cursor());
    assert_eq!(whole.cursor_look(), pieces.cursor_look());
    assert_eq!(whole.modes(), pieces.modes());
    assert_eq!(whole.title(), pieces.title());
    assert_eq!(back, pieces.scrollback_rows() as i32);
    let (point, _) = whole.cursor();
    assert!((0..i32::from(size.rows)).contains(&point.line.0) && point.column.0 < size.columns);
    let (mut a, mut b) = (FrameRow::default(), FrameRow::default());
    for line in -back..i32::from(size.rows) {
        assert!(whole.read_row(Line(line), &mut a) && pieces.read_row(Line(line), &mut b));
        assert_eq!(a.cells.len(), usize::from(size.columns));
        assert_eq!(
            (&a.cells, &a.clusters, a.wrapped, a.size),
            (&b.cells, &b.clusters, b.wrapped, b.size)
        );
    }

    // What the program leaves selected or scrolled is the user's; here it is undone again.
    whole.start_selection(SelectionKind::Word, Point::new(-back, 0), Side::Left);
    whole.extend_selection(point, Side::Right);
    whole.selected_text();
    whole.scroll_display(Scroll::Rows(3));
    whole.link_at(point);
    whole.links();
    whole.marks();
    whole.compact(5);
    kept.update(whole);
    whole.clear_selection();
    whole.scroll_display(Scroll::Bottom);
    kept.update(whole);
    if !whole.modes().contains(&(2026, true)) {
        let mut fresh = Frame::new();
        fresh.update(whole);
        assert_eq!(kept.cursor, fresh.cursor);
        for (kept, fresh) in kept.rows.iter().zip(&fresh.rows) {
            assert_eq!(
                (&kept.cells, &kept.clusters, kept.size),
                (&fresh.cells, &fresh.clusters, fresh.size)
            );
        }
    }
    let (grids, scrollback) = whole.memory();
    assert!(
        grids < 64 << 20 && scrollback < 8 << 20,
        "{grids} {scrollback}"
    );
}

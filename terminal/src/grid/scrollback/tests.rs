//! Tests of `scrollback.rs` and `page.rs`: limits, compression, finding rows and lines.

use super::*;
use crate::cell::{Content, Style};
use crate::grid::LINE_STRIDE;
use crate::grid::page::MAX_SEGMENT;

struct Bench {
    scrollback: Scrollback,
    styles: Styles,
    clusters: Clusters,
    links: Links,
    next: u64,
}

impl Bench {
    fn new(width: u16, max_rows: usize, max_bytes: usize) -> Self {
        Self {
            scrollback: Scrollback::new(width, max_rows, max_bytes),
            styles: Styles::new(),
            clusters: Clusters::default(),
            links: Links::default(),
            next: 1,
        }
    }

    /// Pushes a row that begins a line, or goes on at `offset` of the newest one.
    fn push(&mut self, text: &str, offset: u32, wrapped: bool) {
        let mut cells = Vec::new();
        for c in text.chars() {
            let wide = unicode_width::UnicodeWidthChar::width(c) == Some(2);
            let width = if wide {
                CellWidth::Wide
            } else {
                CellWidth::Narrow
            };
            cells.push(Cell::char(c, width, 0));
            if wide {
                cells.push(Cell::blank(CellWidth::Spacer, 0));
            }
        }
        let mut flags = RowFlags::empty();
        flags.set(RowFlags::WRAPPED, wrapped);
        flags.set(RowFlags::RICH | RowFlags::WIDE, !text.is_ascii());
        if wrapped && cells.len() < self.scrollback.width {
            cells.push(Cell::blank(CellWidth::LeadingSpacer, 0));
        }
        if offset == 0 {
            self.next += LINE_STRIDE;
        }
        let line = LineId(self.next);
        let meta = RowMeta {
            line,
            offset,
            flags,
            ..RowMeta::default()
        };
        let mut tables = Tables {
            styles: &self.styles,
            clusters: &self.clusters,
            links: &mut self.links,
        };
        self.scrollback.push(&meta, &cells, &mut tables);
    }

    fn row(&self, row: usize) -> Option<(String, RowInfo)> {
        let mut text = String::new();
        let info = self
            .scrollback
            .row(row, |_, cell, _, _| text.push_str(cell))?;
        Some((text, info))
    }

    fn texts(&self) -> Vec<String> {
        (0..self.scrollback.rows())
            .filter_map(|row| Some(self.row(row)?.0))
            .collect()
    }
}

#[test]
fn rows_are_limited_exactly_and_pages_go_whole() {
    let mut bench = Bench::new(10, 100, 1 << 30);
    for i in 0..30_000 {
        bench.push(&format!("row {i}"), 0, false);
    }
    assert_eq!(bench.scrollback.rows(), 100);
    assert_eq!(bench.row(0).unwrap().0, "row 29900");
    assert_eq!(bench.row(99).unwrap().0, "row 29999");
    assert!(bench.row(100).is_none());
    assert!(bench.scrollback.pages.len() <= 2);
    // A line that is no more shown is not found either.
    let (_, first) = bench.row(0).unwrap();
    assert_eq!(bench.scrollback.resolve(first.line, 4), Some((0, 4)));
    assert_eq!(
        bench
            .scrollback
            .resolve(LineId(first.line.0 - LINE_STRIDE), 0),
        None
    );
}

#[test]
fn bytes_are_limited() {
    let mut bench = Bench::new(80, 1_000_000, 300_000);
    for i in 0..20_000 {
        bench.push(&format!("{i:080}"), 0, false);
    }
    assert!(
        bench.scrollback.memory() <= 300_000 + 70_000,
        "{}",
        bench.scrollback.memory()
    );
    assert!(bench.scrollback.rows() > 2000);
    assert_eq!(
        bench.row(bench.scrollback.rows() - 1).unwrap().0,
        format!("{:080}", 19_999)
    );
    bench.scrollback.set_limits(10, 1 << 30, &mut bench.links);
    assert_eq!(bench.texts().len(), 10);
    bench.scrollback.set_limits(0, 1 << 30, &mut bench.links);
    assert_eq!((bench.scrollback.rows(), bench.scrollback.memory()), (0, 0));
}

#[test]
fn memory_is_near_a_byte_a_cell_and_less_when_compacted() {
    let mut seed = 1_u64;
    let mut random = Bench::new(80, 1_000_000, 1 << 30);
    let mut log = Bench::new(80, 1_000_000, 1 << 30);
    for i in 0..20_000 {
        let text: String = (0..80)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(33 + u8::try_from((seed >> 33) % 94).unwrap())
            })
            .collect();
        random.push(&text, 0, false);
        log.push(
            &format!("[{i:>5}/20000] Compiling crate-{} v0.{}.1", i % 377, i % 41),
            0,
            false,
        );
    }
    let per_line = |bench: &Bench| bench.scrollback.memory() / 20_000;
    assert!(per_line(&random) <= 90, "{}", per_line(&random));
    let before = (random.texts(), log.texts());
    while random.scrollback.compact(500) {}
    while log.scrollback.compact(500) {}
    assert!(per_line(&random) <= 90, "{}", per_line(&random));
    assert!(per_line(&log) <= 30, "{}", per_line(&log));
    assert_eq!((random.texts(), log.texts()), before);
    assert!(!log.scrollback.compact(500), "nothing more to do");
    // Rows pushed after compacting go on where it ended.
    log.push("more", 0, false);
    assert_eq!(log.row(20_000).unwrap().0, "more");
}

#[test]
fn a_new_width_only_recounts_rows() {
    let mut bench = Bench::new(4, 1_000_000, 1 << 30);
    for _ in 0..1000 {
        bench.push("0123", 0, true);
        bench.push("4567", 4, true);
        bench.push("89", 8, false);
        bench.push("中文", 0, true);
        bench.push("a中", 4, true);
        bench.push("文", 7, false);
        bench.push("", 0, false);
    }
    let at = |bench: &mut Bench, width: u16| {
        bench.scrollback.set_width(width);
        let texts = bench.texts();
        assert_eq!(texts.len() % 1000, 0);
        texts[..texts.len() / 1000].to_vec()
    };
    for _ in 0..2 {
        assert_eq!(
            at(&mut bench, 4),
            ["0123", "4567", "89", "中文", "a中", "文", ""]
        );
        assert_eq!(
            at(&mut bench, 10),
            ["0123456789", "中文a中文", ""].map(|t| t.to_owned())
        );
        assert_eq!(at(&mut bench, 9), ["012345678", "9", "中文a中文", ""]);
        assert_eq!(at(&mut bench, 5), ["01234", "56789", "中文a", "中文", ""]);
        assert_eq!(at(&mut bench, 3).len(), 4 + 4 + 1);
        assert_eq!(at(&mut bench, 2).len(), 5 + 5 + 1);
        while bench.scrollback.compact(100) {}
    }
    bench.scrollback.set_width(3);
    let (text, info) = bench.row(4).unwrap();
    assert_eq!(
        (
            text.as_str(),
            info.offset,
            info.wrapped,
            info.leading_spacer
        ),
        ("中", 0, true, true)
    );
    let (text, info) = bench.row(5).unwrap();
    assert_eq!((text.as_str(), info.offset), ("文a", 2));
    // Every cell is found where it is shown.
    for offset in 0..9 {
        let (row, column) = bench.scrollback.resolve(info.line, offset).unwrap();
        let begin = bench.row(row).unwrap().1.offset;
        assert_eq!(begin + u32::try_from(column).unwrap(), offset);
    }
}

#[test]
fn a_line_without_end_is_cut_into_segments_that_read_as_one() {
    let mut bench = Bench::new(80, 1_000_000, 1 << 30);
    let n_rows = 3 * MAX_SEGMENT / 80;
    for row in 0..n_rows {
        bench.push(&"x".repeat(80), u32::try_from(row * 80).unwrap(), true);
    }
    assert_eq!(bench.scrollback.rows(), n_rows);
    for row in 0..n_rows {
        let (text, info) = bench.row(row).unwrap();
        assert_eq!((text.len(), info.wrapped), (80, true), "row {row}");
        assert_eq!(info.offset, u32::try_from(row * 80).unwrap());
        assert_eq!(
            bench.scrollback.resolve(info.line, info.offset + 7),
            Some((row, 7))
        );
    }
}

#[test]
fn the_newest_segment_can_be_taken_back() {
    let mut bench = Bench::new(4, 1000, 1 << 30);
    for i in 0..9000 {
        bench.push(&format!("{i}"), 0, false);
    }
    while bench.scrollback.compact(100) {}
    bench.push("0123", 0, true);
    bench.push("中4", 4, true);
    let mut text = String::new();
    let popped = bench
        .scrollback
        .pop(|cell, _, _| text.push_str(cell), &mut bench.links);
    assert_eq!(
        (
            text.as_str(),
            popped.map(|it| (it.line, it.offset, it.open))
        ),
        ("0123中4", Some((LineId(bench.next), 0, true)))
    );
    for i in (0..9000).rev().take(2000) {
        let mut text = String::new();
        bench
            .scrollback
            .pop(|cell, _, _| text.push_str(cell), &mut bench.links);
        assert_eq!(text, i.to_string());
    }
    bench.push("on", 0, false);
    let texts = bench.texts();
    assert_eq!(texts.last().map(String::as_str), Some("on"));
    while bench
        .scrollback
        .pop(|_, _, _| {}, &mut bench.links)
        .is_some()
    {}
    assert_eq!((bench.scrollback.rows(), bench.scrollback.memory()), (0, 0));
}

#[test]
fn styles_links_and_clusters_come_back_from_cold_pages() {
    let mut bench = Bench::new(4, 10_000, 1 << 30);
    let red = Style {
        foreground: crate::color::Color::Indexed(1),
        ..Style::default()
    };
    let id = bench.styles.intern(&red);
    let crate::hyperlink::Interned::Link(link) = bench.links.intern("http://h/", "") else {
        panic!("a link");
    };
    let cluster = bench.clusters.intern("e\u{301}").unwrap();
    let cells = [
        Cell::char('a', CellWidth::Narrow, Cell::look_bits(id, 0)),
        Cell::cluster(cluster, CellWidth::Narrow, Cell::look_bits(id, link)),
        Cell::BLANK,
        Cell::char('中', CellWidth::Narrow, 0),
    ];
    assert_eq!(cells[1].content(), Content::Cluster(cluster));
    let flags = RowFlags::STYLED | RowFlags::RICH;
    for i in 1..9000 {
        let meta = RowMeta {
            line: LineId(i * LINE_STRIDE),
            flags,
            ..RowMeta::default()
        };
        let mut tables = Tables {
            styles: &bench.styles,
            clusters: &bench.clusters,
            links: &mut bench.links,
        };
        bench.scrollback.push(&meta, &cells, &mut tables);
    }
    while bench.scrollback.compact(1000) {}
    let mut read = Vec::new();
    bench.scrollback.row(0, |column, text, _, look| {
        read.push((column, text.to_owned(), look.style, look.link));
    });
    let plain = Style::default();
    let expected = [
        ("a", red, 0),
        ("e\u{301}", red, link),
        (" ", plain, 0),
        ("中", plain, 0),
    ];
    for (column, (text, style, link)) in expected.into_iter().enumerate() {
        assert_eq!(read[column], (column, text.to_owned(), style, link));
    }
    // Held by the pages, and free when they are gone.
    bench.links.sweep(|_| false);
    assert_eq!(bench.links.uri(link), Some("http://h/"));
    assert!(bench.scrollback.drop_oldest_links(&mut bench.links));
    bench
        .scrollback
        .row(0, |_, _, _, look| assert_eq!(look.link, 0));
    bench.scrollback.clear(&mut bench.links);
    bench.links.sweep(|_| false);
    assert_eq!(bench.links.uri(link), None);
}

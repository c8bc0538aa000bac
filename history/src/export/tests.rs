use std::time::Duration;

use super::*;
use crate::testing::{at, record_at};

fn look() -> Look {
    let mut palette = [(0, 0, 0); 16];
    palette[1] = (200, 0, 0);
    palette[2] = (0, 200, 0);
    palette[9] = (255, 0, 0);
    Look {
        foreground: (230, 230, 230),
        background: (20, 20, 20),
        palette,
    }
}

fn records() -> Vec<Record> {
    let mut first = record_at(
        0,
        "echo '<b>' && make",
        "\x1b[1;31merror\x1b[0m: a < b & c\n```\ncode\n```\n",
    );
    first.exit = crate::Exit::from_status(2);
    first.duration = Some(Duration::from_millis(1500));
    first.note = Some("see <x>".to_owned());
    vec![first, record_at(5, "for x\ndo", "")]
}

#[test]
fn markdown_fences_are_longer_than_any_inside() {
    assert_eq!(
        markdown(&records(), &Zone::utc()),
        "````console\n$ echo '<b>' && make\nerror: a < b & c\n```\ncode\n```\n````\n\n\
         exit 2 · 1.50s · 2026-11-29 12:00:00 · desk:/home/me/src/x\n\n> see <x>\n\n\
         ```console\n$ for x\n> do\n```\n\nok · 1.00s · 2026-11-29 12:00:05 · desk:/home/me/src/x\n"
    );
}

#[test]
fn html_is_escaped_and_needs_nothing_else() {
    let page = export(&records(), Format::Html, &look(), &Zone::utc());
    assert!(page.contains("echo &#39;&lt;b&gt;&#39; &amp;&amp; make"));
    assert!(page.contains(
        "<span style=\"color:#ff0000;font-weight:bold;\">error</span>: a &lt; b &amp; c"
    ));
    assert!(page.contains("<article class=\"failed\">"));
    for never in ["<script", "http://", "https://", "src=", "<b>", "\x1b"] {
        assert!(!page.contains(never), "{never}");
    }
}

#[test]
fn json_lines_can_be_read_back() {
    let records = records();
    let text = export(&records, Format::Json, &look(), &Zone::utc());
    let back: Vec<Record> = text
        .lines()
        .map(|line| json::parse_record(line).unwrap())
        .collect();
    assert_eq!(back, records);
}

#[test]
fn a_recording_has_a_header_and_rising_times() {
    let text = export(&records(), Format::Asciicast, &look(), &Zone::utc());
    let mut lines = text.lines();
    let header: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(header["version"], 2);
    assert_eq!(header["timestamp"], crate::time::micros(at(0)) / 1_000_000);
    let mut last = 0.0;
    let mut output = String::new();
    for line in lines {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        let time = event[0].as_f64().unwrap();
        assert!(time >= last);
        last = time;
        output.push_str(event[2].as_str().unwrap());
    }
    assert!(
        output.contains("$ for x\r\n> do")
            && output.contains("\x1b[1;31merror\x1b[0m: a < b & c\r\n")
    );
}

#[test]
fn a_picture_is_well_formed_and_sized_by_its_text() {
    let svg = export(&records(), Format::Svg, &look(), &Zone::utc());
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert!(svg.contains(">error</text>") && svg.contains("a &lt; b &amp; c"));
    assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
    assert_eq!(
        svg.matches("<text ").count(),
        svg.matches("</text>").count()
    );
}

#[test]
fn a_picture_keeps_blanks_and_columns() {
    let output = "  x  y\n日本 ab\n\x1b[31mred\x1b[0m   \x1b[32mgreen\x1b[0m\n";
    let svg = export(
        &[record_at(0, "make", output)],
        Format::Svg,
        &look(),
        &Zone::utc(),
    );
    // Browsers of today have forgotten the one, other programs never knew the other. Chromium's own style sheet says
    // otherwise of `text`, so that it must be said of each.
    assert!(svg.contains("xml:space=\"preserve\""));
    assert!(svg.contains("<style>text{white-space:pre}</style>"));
    let text = |line: &str| {
        let found = svg.lines().find(|one| one.ends_with(line));
        found
            .unwrap_or_else(|| panic!("{line} in {svg}"))
            .to_owned()
    };
    // The first letter at its column, as long as its letters are.
    let one = text(">x  y</text>");
    assert!(
        one.contains("x=\"32.8\"") && one.contains("textLength=\"33.6\""),
        "{one}"
    );
    let wide = text(">日本</text>");
    assert!(
        wide.contains("textLength=\"33.6\" lengthAdjust=\"spacing\""),
        "{wide}"
    );
    assert!(text(">ab</text>").contains("x=\"58.0\""));
    assert!(text(">green</text>").contains("x=\"66.4\""));
}

#[test]
fn forms_are_known_by_the_file_s_name() {
    assert_eq!(Format::of_name("a.md"), Some(Format::Markdown));
    assert_eq!(Format::of_name("a.b.HTML"), Some(Format::Html));
    assert_eq!(Format::of_name("a.cast"), Some(Format::Asciicast));
    assert_eq!(Format::of_name("a"), None);
}

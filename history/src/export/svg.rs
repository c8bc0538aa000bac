//! A picture of the text as SVG, in the viewer's own monospace font.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Look, colors, escape, hex, output_lines, prompted};
use crate::record::Record;
use crate::styled::{Line, Span, Style};

/// Lines of the picture, at most.
const MAX_LINES: usize = 2000;
/// Columns of the picture, at most.
const MAX_COLUMNS: usize = 300;
/// Size of a cell and of the margin, in the picture's units.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 16.0;

/// The picture.
pub(super) fn picture(records: &[Record], look: &Look) -> String {
    let mut lines: Vec<Line> = Vec::new();
    for record in records {
        if !lines.is_empty() {
            lines.push(Vec::new());
        }
        for line in prompted(&record.command.text).lines() {
            lines.push(vec![Span {
                text: line.to_owned(),
                style: Style {
                    bold: true,
                    ..Style::default()
                },
            }]);
        }
        lines.extend(output_lines(record, MAX_LINES));
    }
    lines.truncate(MAX_LINES);
    let columns = lines
        .iter()
        .map(|line| width(line))
        .max()
        .unwrap_or(0)
        .clamp(20, MAX_COLUMNS);
    #[expect(clippy::cast_precision_loss, reason = "at most thousands")]
    let (width, height) = (
        columns as f32 * CELL.0 + 2.0 * MARGIN,
        lines.len().max(1) as f32 * CELL.1 + 2.0 * MARGIN,
    );
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <style>text{{white-space:pre}}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n\
         <g font-family=\"JetBrains Mono, ui-monospace, Menlo, Consolas, monospace\" font-size=\"14\" xml:space=\"preserve\" fill=\"{}\">\n",
        hex(look.background),
        hex(look.foreground)
    );
    for (idx, line) in lines.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "at most thousands")]
        let top = MARGIN + idx as f32 * CELL.1;
        row(&mut svg, line, top, look);
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn row(svg: &mut String, line: &[Span], top: f32, look: &Look) {
    let mut column = 0;
    for span in line {
        if column >= MAX_COLUMNS {
            break;
        }
        let text = fitting(&span.text, MAX_COLUMNS - column);
        let cells = text.width();
        let (left, width) = (x_of(column), width_of(cells));
        let (foreground, background) = colors(&span.style, look);
        if let Some(background) = background {
            let _ = writeln!(
                svg,
                "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{}\"/>",
                CELL.1,
                hex(background)
            );
        }
        if !text.trim().is_empty() {
            let mut look_of = String::new();
            if foreground != look.foreground {
                let _ = write!(look_of, " fill=\"{}\"", hex(foreground));
            }
            for (set, attribute) in [
                (span.style.bold, " font-weight=\"bold\""),
                (span.style.italic, " font-style=\"italic\""),
                (span.style.underline, " text-decoration=\"underline\""),
            ] {
                if set {
                    look_of.push_str(attribute);
                }
            }
            let mut at = column;
            for piece in pieces(text) {
                let cells = piece.width();
                let shown = piece.trim();
                if !shown.is_empty() {
                    let blanks = piece.width() - piece.trim_start().width();
                    // The length is given, so that columns line up in any font. Wide characters of another font keep
                    // their shape.
                    let adjust = if is_wide(shown) {
                        "spacing"
                    } else {
                        "spacingAndGlyphs"
                    };
                    let _ = writeln!(
                        svg,
                        "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" lengthAdjust=\"{adjust}\"{look_of}>{}</text>",
                        x_of(at + blanks),
                        top + CELL.1 * 0.75,
                        width_of(shown.width()),
                        escape(shown)
                    );
                }
                at += cells;
            }
        }
        column += cells;
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most hundreds")]
fn width_of(cells: usize) -> f32 {
    cells as f32 * CELL.0
}

fn x_of(column: usize) -> f32 {
    MARGIN + width_of(column)
}

/// As much of a text as fits into so many cells.
fn fitting(text: &str, cells: usize) -> &str {
    let mut used = 0;
    let ends = text.char_indices().find(|(_, one)| {
        used += one.width().unwrap_or(0);
        used > cells
    });
    ends.map_or(text, |(end, _)| &text[..end])
}

fn is_wide(text: &str) -> bool {
    text.chars().next().and_then(char::width) == Some(2)
}

/// A text in pieces whose characters are all wide or all narrow: in another font than the picture's, wide ones are
/// seldom twice as wide as narrow ones, and would move what stands beside them.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut begin, mut wide, mut joined) = (0, None, false);
    for (at, one) in text.char_indices() {
        let width = one.width().unwrap_or(0);
        // Marks and what is joined to the one before belong to it.
        if width > 0 && !joined {
            let is_wide = width == 2;
            if wide.is_some_and(|wide| wide != is_wide) {
                pieces.push(&text[begin..at]);
                begin = at;
            }
            wide = Some(is_wide);
        }
        joined = one == '\u{200d}';
    }
    pieces.push(&text[begin..]);
    pieces
}

fn width(line: &[Span]) -> usize {
    line.iter().map(|span| span.text.width()).sum()
}

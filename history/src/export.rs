//! Blocks as files that others can read: Markdown, HTML, JSON lines, asciicast v2, SVG.
//!
//! What is stored is redacted already; the caller passes records through today's rules once more
//! ([`crate::redact::Redactor::redact_record`]). Nothing here runs: no script, no remote resource.

use std::fmt::Write as _;

use crate::json::{self, Outputs};
use crate::record::{Record, plain};
use crate::styled::{self, Color, Line, Rgb, Style};
use crate::time::{Zone, human};

mod cast;
mod html;
mod svg;

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Markdown: a section a block.
    Markdown,
    /// One HTML page that needs nothing else.
    Html,
    /// One line of JSON a block ([`crate::json`]).
    Json,
    /// A recording for asciinema's players, version 2.
    Asciicast,
    /// A picture of the text.
    Svg,
}

impl Format {
    /// By the ending of a file's name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "json" | "jsonl" | "ndjson" => Some(Self::Json),
            "cast" => Some(Self::Asciicast),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }
}

/// Colors for forms that have some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Color of the text.
    pub foreground: Rgb,
    /// Color behind it.
    pub background: Rgb,
    /// The palette's first sixteen.
    pub palette: [Rgb; 16],
}

/// Makes the export of blocks, the oldest first.
#[must_use]
pub fn export(records: &[Record], format: Format, look: &Look, zone: &Zone) -> String {
    match format {
        Format::Markdown => markdown(records, zone),
        Format::Html => html::page(records, look, zone),
        Format::Json => records
            .iter()
            .map(|record| json::value(record, Outputs::Styled).to_string() + "\n")
            .collect(),
        Format::Asciicast => cast::recording(records),
        Format::Svg => svg::picture(records, look),
    }
}

/// One block as Markdown: the command and its output in fences longer than any in them.
#[must_use]
pub fn markdown(records: &[Record], zone: &Zone) -> String {
    let mut text = String::new();
    for record in records {
        if !text.is_empty() {
            text.push('\n');
        }
        let output = record.output.plain();
        let prompted = prompted(&record.command.text);
        let fence = "`".repeat(longest_fence(&prompted).max(longest_fence(&output)).max(2) + 1);
        let _ = writeln!(text, "{fence}console\n{prompted}");
        if !output.is_empty() {
            text.push_str(output.trim_end_matches('\n'));
            text.push('\n');
        }
        let _ = writeln!(text, "{fence}\n\n{}", facts(record, zone));
        if let Some(note) = &record.note {
            let _ = writeln!(text, "\n> {}", note.replace('\n', "\n> "));
        }
    }
    text
}

/// The command as one would see it at a prompt.
fn prompted(command: &str) -> String {
    format!("$ {}", command.replace('\n', "\n> "))
}

/// The longest run of back quotes.
fn longest_fence(text: &str) -> usize {
    text.split(|one| one != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

/// Status, duration, time and place in one line.
fn facts(record: &Record, zone: &Zone) -> String {
    let mut facts = vec![outcome(record)];
    facts.extend(record.duration.map(human));
    facts.push(zone.civil(record.started).to_string());
    let host = &record.session.host;
    if let Some(folder) = &record.folder {
        facts.push(format!("{}:{folder}", host.name));
    } else {
        facts.push(host.name.clone());
    }
    facts.extend(record.git.clone());
    facts.extend(record.name.clone());
    facts.join(" · ")
}

/// How a block ended, in a word or two.
#[must_use]
pub fn outcome(record: &Record) -> String {
    match (record.state, record.exit.status) {
        (crate::State::Lost, _) => "lost".to_owned(),
        (crate::State::Rejected, Some(130)) => "cancelled".to_owned(),
        (crate::State::Rejected, _) => "not run".to_owned(),
        (_, Some(0)) => "ok".to_owned(),
        (_, Some(status)) => format!("exit {status}"),
        (_, None) => "ended".to_owned(),
    }
}

/// The lines of a block for forms with colors, what is missing included.
fn output_lines(record: &Record, limit: usize) -> Vec<Line> {
    let output = &record.output;
    let mut lines = styled::lines(&String::from_utf8_lossy(&output.head), limit);
    if output.dropped_bytes > 0 || output.dropped_lines > 0 {
        let style = Style {
            dim: true,
            ..Style::default()
        };
        lines.push(vec![styled::Span {
            text: output.gap(),
            style,
        }]);
    }
    lines.extend(styled::lines(
        &String::from_utf8_lossy(&output.tail),
        limit.saturating_sub(lines.len()),
    ));
    lines
}

/// Colors of characters and of what is behind them, inverse and dim worked in; `None` behind: nothing.
#[must_use]
pub fn colors(style: &Style, look: &Look) -> (Rgb, Option<Rgb>) {
    let bright = |color: Color| match color {
        Color::Indexed(idx @ 0..=7) if style.bold => Color::Indexed(idx + 8),
        other => other,
    };
    let foreground = style.foreground.map_or(look.foreground, |color| {
        styled::rgb(bright(color), &look.palette)
    });
    let background = style
        .background
        .map(|color| styled::rgb(color, &look.palette));
    let (foreground, background) = if style.inverse {
        (background.unwrap_or(look.background), Some(foreground))
    } else {
        (foreground, background)
    };
    let foreground = if style.dim {
        let behind = background.unwrap_or(look.background);
        let mix = |a: u8, b: u8| u8::try_from((u16::from(a) * 2 + u16::from(b)) / 3).unwrap_or(a);
        (
            mix(foreground.0, behind.0),
            mix(foreground.1, behind.1),
            mix(foreground.2, behind.2),
        )
    } else {
        foreground
    };
    (foreground, background)
}

fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text for XML and HTML, attributes included.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // XML has no other controls, and neither do these texts.
            one if one.is_control() && !matches!(one, '\n' | '\t') => {}
            one => safe.push(one),
        }
    }
    safe
}

/// The text of a command without controls, for a title.
fn title(record: &Record) -> String {
    let text = plain(record.command.text.as_bytes());
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(80).collect()
}

#[cfg(test)]
mod tests;

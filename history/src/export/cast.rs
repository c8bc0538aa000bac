//! A recording in asciinema's format, version 2 (<https://docs.asciinema.org/manual/asciicast/v2/>).
//!
//! When each line came is not stored; a block's lines are spread evenly over its duration, of which at
//! most a few seconds are shown.

use serde_json::json;

use super::{prompted, title};
use crate::record::Record;
use crate::time::micros;

/// A block takes no longer than this to play, in seconds.
const LONGEST: f64 = 5.0;
/// Pause between blocks, in seconds.
const PAUSE: f64 = 0.5;
/// Lines of one event.
const LINES: usize = 20;

/// The recording.
pub(super) fn recording(records: &[Record]) -> String {
    let started = records
        .first()
        .map_or(0, |record| micros(record.started) / 1_000_000);
    let header = json!({
        "version": 2,
        "width": 100,
        "height": 30,
        "timestamp": started,
        "title": records.first().map(title).unwrap_or_default(),
        "env": { "TERM": "xterm-256color" },
    });
    let mut text = header.to_string() + "\n";
    let mut now = 0.0;
    for record in records {
        let command = prompted(&record.command.text).replace('\n', "\r\n");
        event(&mut text, now, &format!("\u{1b}[1m{command}\u{1b}[0m\r\n"));
        let mut output = String::from_utf8_lossy(&record.output.head).into_owned();
        if record.output.dropped_bytes > 0 {
            output.push_str(&record.output.gap());
            output.push('\n');
        }
        output.push_str(&String::from_utf8_lossy(&record.output.tail));
        let lines: Vec<&str> = output.split_inclusive('\n').collect();
        let pieces: Vec<String> = lines.chunks(LINES).map(<[&str]>::concat).collect();
        let span = record
            .duration
            .map_or(0.0, |time| time.as_secs_f64())
            .min(LONGEST);
        #[expect(clippy::cast_precision_loss, reason = "a count of lines")]
        let step = span / pieces.len().max(1) as f64;
        for piece in &pieces {
            now += step;
            event(&mut text, now, &piece.replace('\n', "\r\n"));
        }
        if !output.is_empty() && !output.ends_with('\n') {
            event(&mut text, now, "\r\n");
        }
        now += PAUSE;
        event(&mut text, now, "\u{1b}[0m");
    }
    text
}

fn event(text: &mut String, at: f64, data: &str) {
    let at = (at * 1e6).round() / 1e6;
    text.push_str(&json!([at, "o", data]).to_string());
    text.push('\n');
}

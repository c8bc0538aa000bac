//! `terrace blocks diff`: two outputs, line by line.

use std::process::ExitCode;

use anyhow::{Context, Result};
use history::diff::{Diff, Row, Rules, Side, diff};
use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::table::shorten;
use super::{Looks, Place};
use crate::cli::blocks::DiffArgs;
use crate::headless::print;

/// Columns of a comparison side by side where there is no terminal.
const COLUMNS: usize = 160;

/// Compares; the exit status is that of diff(1): 1 when something differs.
pub(super) fn run(place: &Place, args: &DiffArgs) -> Result<ExitCode> {
    let reader = place.reader()?;
    let (old, new) = match (&args.old, &args.new) {
        (Some(old), Some(new)) => (reader.resolve(old)?, reader.resolve(new)?),
        (alone, _) => {
            let new = reader.resolve(alone.as_deref().unwrap_or("last"))?;
            let old = reader.previous_run(new)?.context(
                "this command did not run here before; name the block to compare it with",
            )?;
            (old, new)
        }
    };
    let rules = if args.exact {
        Rules::EXACT
    } else {
        Rules {
            numbers: args.ignore_numbers,
            blanks: args.ignore_blanks,
            ..Rules::default()
        }
    };
    let (a, b) = (reader.record(old)?, reader.record(new)?);
    let found = diff(&a.output.plain(), &b.output.plain(), rules);
    let name = |record: &history::Record, id: i64| {
        let command = super::table::one_line(&record.command.text);
        format!(
            "{} {command} ({})",
            history::query::short(id),
            place.zone.civil(record.started)
        )
    };
    let (a, b) = (name(&a, old), name(&b, new));
    let looks = Looks::of_stdout();
    let text = if args.json {
        format!("{}\n", as_json(&found, &a, &b))
    } else if args.side_by_side {
        side_by_side(&found, args.context, looks)
    } else {
        painted(&found.unified(&a, &b, args.context), looks)
    };
    print(&text)?;
    Ok(ExitCode::from(u8::from(!found.is_same())))
}

fn painted(unified: &str, looks: Looks) -> String {
    unified
        .split_inclusive('\n')
        .map(|line| {
            let (text, end) = match line.strip_suffix('\n') {
                Some(text) => (text, "\n"),
                None => (line, ""),
            };
            let style = match text.as_bytes().first() {
                _ if text.starts_with("+++ ") || text.starts_with("--- ") => "1",
                Some(b'+') => "32",
                Some(b'-') => "31",
                Some(b'@') => "36",
                _ => "",
            };
            looks.paint(style, text) + end
        })
        .collect()
}

fn as_json(diff: &Diff, old: &str, new: &str) -> serde_json::Value {
    let side = |side: &Side| {
        json!({
            "line": side.number,
            "text": side.text,
            "changed": side.changed.iter().map(|range| [range.start, range.end]).collect::<Vec<_>>(),
        })
    };
    let (removed, added) = diff.counts();
    json!({
        "v": history::json::VERSION,
        "old": old,
        "new": new,
        "removed": removed,
        "added": added,
        "rows": diff.rows.iter().map(|row| {
            let kind = match row {
                Row::Same(..) => "same",
                Row::Changed(..) => "changed",
                Row::Removed(_) => "removed",
                Row::Added(_) => "added",
            };
            let (old, new) = row.sides();
            json!({ "kind": kind, "old": old.map(side), "new": new.map(side) })
        }).collect::<Vec<_>>(),
    })
}

fn side_by_side(diff: &Diff, context: usize, looks: Looks) -> String {
    let columns = looks.columns.unwrap_or(COLUMNS).max(40);
    let half = (columns - 3) / 2;
    let mut text = String::new();
    for (idx, hunk) in diff.hunks(context).into_iter().enumerate() {
        if idx > 0 {
            text.push_str(&looks.paint("36", &"─".repeat(columns)));
            text.push('\n');
        }
        for row in &diff.rows[hunk] {
            let (mark, left, right) = match row {
                Row::Same(..) => (" ", "", ""),
                Row::Changed(..) => ("|", "31", "32"),
                Row::Removed(_) => ("<", "31", ""),
                Row::Added(_) => (">", "", "32"),
            };
            let (old, new) = row.sides();
            let shown = |side: Option<&Side>| {
                let line = side.map_or("", |side| side.text.as_str());
                shorten(&line.replace('\t', "    "), half)
            };
            let (old, new) = (shown(old), shown(new));
            let blanks = " ".repeat(half.saturating_sub(old.width()));
            text.push_str(&looks.paint(left, &old));
            text.push_str(&blanks);
            text.push_str(&format!(" {mark} "));
            text.push_str(&looks.paint(right, &new));
            text.push('\n');
        }
    }
    text
}

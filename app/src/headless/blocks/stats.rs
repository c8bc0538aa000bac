//! `terrace blocks stats`: the inner loop, as a chart of days and a table of commands.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use history::stats::{Day, Grouping, Question, Report, Row, json, report};
use history::time::human;

use super::table::{Align, Cell, Table, one_line};
use super::{Looks, Place};
use crate::cli::blocks::{Grouping as By, StatsArgs};
use crate::headless::print;

/// Days of the chart, the last ones.
const DAYS: usize = 28;
/// Cells of the longest bar.
const BAR: u32 = 32;
/// Weeks of a trend.
const WEEKS: usize = 8;

/// Works out and prints the figures.
pub(super) fn run(place: &Place, args: &StatsArgs) -> Result<ExitCode> {
    let question = Question {
        since: Some(place.time(&args.since)?),
        until: args
            .until
            .as_deref()
            .map(|text| place.time(text))
            .transpose()?,
        project: args.project.clone(),
        host: args.host.clone(),
        grouping: match args.by {
            By::Command => Grouping::Command,
            By::Program => Grouping::Program,
            By::Project => Grouping::Project,
        },
    };
    let reader = place.reader()?;
    let mut found = report(&reader, &question, &place.zone)?;
    if args.limit > 0 {
        found.rows.truncate(args.limit);
    }
    if args.json {
        print(&format!("{}\n", json(&found)))?;
    } else {
        print(&text(&found, Looks::of_stdout()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(report: &Report, looks: Looks) -> String {
    let total = &report.total;
    if total.runs == 0 {
        return "no command ran to its end in this time\n".to_owned();
    }
    let mut text = format!(
        "{} commands, {} failed ({}); waited {} of {} at work ({})\n\n",
        total.runs,
        total.failures,
        percent(share(total.failures, total.runs)),
        human(total.waiting),
        human(total.active),
        percent(total.share()),
    );
    text.push_str(&chart(&report.days, looks));
    text.push('\n');
    text.push_str(&table(&report.rows).text(looks));
    text
}

/// A bar a day: how long one waited.
fn chart(days: &[Day], looks: Looks) -> String {
    let days = &days[days.len().saturating_sub(DAYS)..];
    let longest = days.iter().map(|day| day.waiting).max().unwrap_or_default();
    let mut text = looks.paint("2", "WAITING PER DAY");
    text.push('\n');
    for day in days {
        text.push_str(&format!(
            "{}  {}  {:>7}  {:>4}  {}\n",
            day.date,
            looks.paint("36", &bar(day.waiting, longest)),
            human(day.waiting),
            percent(day.share()),
            looks.paint("2", &format!("{} runs, {} failed", day.runs, day.failures)),
        ));
    }
    text
}

/// A bar in eighths of a cell, filled up with blanks.
fn bar(part: Duration, whole: Duration) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = if whole.is_zero() {
        0.0
    } else {
        part.as_secs_f64() / whole.as_secs_f64()
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 256"
    )]
    let eighths = (share * f64::from(BAR * 8)).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar.push_str(EIGHTHS[eighths % 8]);
    let cells = eighths.div_ceil(8);
    bar.push_str(&" ".repeat((BAR as usize).saturating_sub(cells)));
    bar
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(&[
        ("WAITED", Align::Right),
        ("SHARE", Align::Right),
        ("RUNS", Align::Right),
        ("FAILED", Align::Right),
        ("MEDIAN", Align::Right),
        ("P95", Align::Right),
        ("PER HOUR", Align::Right),
        ("TO GREEN", Align::Right),
        ("STREAK", Align::Right),
        ("WEEKS", Align::Left),
        ("PROJECT", Align::Left),
        ("COMMAND", Align::Left),
    ]);
    for row in rows {
        let failures = match row.failures {
            0 => Cell::new("–"),
            failures => Cell::styled(percent(share(failures, row.runs)), "31"),
        };
        let streak = match row.streak {
            streak if streak < 0 => Cell::styled(format!("{} red", -streak), "31"),
            streak => Cell::styled(format!("{streak} ok"), "32"),
        };
        let project = row.project.as_deref().unwrap_or_default();
        table.push(vec![
            Cell::styled(human(row.waiting), "1"),
            Cell::new(percent(row.share)),
            Cell::new(row.runs.to_string()),
            failures,
            Cell::new(human(row.median)),
            Cell::new(human(row.p95)),
            Cell::new(
                row.per_hour
                    .map(|rate| format!("{rate:.1}"))
                    .unwrap_or_default(),
            ),
            Cell::new(row.time_to_green.map(human).unwrap_or_default()),
            streak,
            Cell::styled(trend(row), "36"),
            Cell::styled(project.rsplit('/').next().unwrap_or_default(), "34"),
            Cell::new(one_line(&row.command)),
        ]);
    }
    table
}

/// The medians of the last weeks as a line of bars.
fn trend(row: &Row) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let weeks = &row.weeks[row.weeks.len().saturating_sub(WEEKS)..];
    let longest = weeks
        .iter()
        .map(|week| week.median)
        .max()
        .unwrap_or_default();
    weeks
        .iter()
        .map(|week| {
            let share = if longest.is_zero() {
                0.0
            } else {
                week.median.as_secs_f64() / longest.as_secs_f64()
            };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 7"
            )]
            let level = (share * 7.0).round() as usize;
            LEVELS[level.min(7)]
        })
        .collect()
}

fn share(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of commands")]
    let (part, whole) = (part as f64, whole as f64);
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_part() {
        let second = Duration::from_secs(1);
        assert_eq!(bar(second, second).trim_end().chars().count(), BAR as usize);
        assert_eq!(bar(Duration::ZERO, second).trim_end(), "");
        assert_eq!(bar(second, second * 64).trim_end(), "▌");
        assert_eq!(bar(second, second * 3).chars().count(), BAR as usize);
        assert_eq!(bar(Duration::ZERO, Duration::ZERO).trim_end(), "");
    }

    #[test]
    fn shares_are_whole_percents() {
        assert_eq!(percent(share(1, 3)), "33%");
        assert_eq!(percent(share(0, 0)), "0%");
    }
}

//! The inner loop in figures: how often a command runs, how often it fails, how long one waits for it.
//!
//! Counted are blocks that ended by themselves on the main screen: no editors and pagers (alternate
//! screen), nothing stopped or given up with Ctrl-C (a server that ran all day was not waited for), and
//! nothing whose duration is unknown.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use rusqlite::params;

use crate::error::Error;
use crate::query::Reader;
use crate::record::Flags;
use crate::time::{Civil, DAY, Zone, micros, millis};

mod normal;

pub use normal::{normal_form, program};

/// Between two runs lies work, not a break, if they begin within this.
const SPELL: i64 = 30 * 60 * 1_000_000;
/// Without any command for longer than this, nobody was there.
const IDLE: i64 = 5 * 60 * 1_000_000;
/// Runs an hour are told of at least so long: of a few seconds they would be thousands.
const MIN_SPELLS: i64 = 5 * 60 * 1_000_000;
const SECOND: i64 = 1_000_000;

/// By what runs are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// The command in its normal form ([`normal_form`]).
    #[default]
    Command,
    /// The program and its subcommand ([`program`]).
    Program,
    /// The project alone.
    Project,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Not before this.
    pub since: Option<SystemTime>,
    /// Before this.
    pub until: Option<SystemTime>,
    /// The project's root, or its last part.
    pub project: Option<String>,
    /// The host's name.
    pub host: Option<String>,
    /// By what runs are put together.
    pub grouping: Grouping,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Each command of each project, the most waiting first.
    pub rows: Vec<Row>,
    /// Each day on which something ran, the first first.
    pub days: Vec<Day>,
    /// All together.
    pub total: Total,
}

/// One command in one project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The project's root; `None` outside any.
    pub project: Option<String>,
    /// The command, as the grouping has it.
    pub command: String,
    /// Times it ran.
    pub runs: usize,
    /// Times it failed.
    pub failures: usize,
    /// Half of the runs took no longer.
    pub median: Duration,
    /// 19 of 20 runs took no longer.
    pub p95: Duration,
    /// All runs together.
    pub waiting: Duration,
    /// Its part of all waiting, 0 to 1.
    pub share: f64,
    /// Runs in an hour of working on it: from the time between runs that begin within half an hour; `None` of less
    /// than five minutes of such time.
    pub per_hour: Option<f64>,
    /// From a first failure to the next success: median.
    pub time_to_green: Option<Duration>,
    /// Times a failure was followed by a success.
    pub recoveries: usize,
    /// Runs since the last change: so many successes, or as a negative number so many failures.
    pub streak: i64,
    /// The most failures in a row.
    pub longest_failing: usize,
    /// Week by week, the first first.
    pub weeks: Vec<Week>,
    /// When it last ran.
    pub last: Option<SystemTime>,
}

/// One week of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its Monday: `2026-11-23`.
    pub monday: String,
    /// Times it ran.
    pub runs: usize,
    /// Times it failed.
    pub failures: usize,
    /// The median of that week.
    pub median: Duration,
}

/// One day.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// `2026-11-29`, in the machine's time zone.
    pub date: String,
    /// Commands that ran.
    pub runs: usize,
    /// Those that failed.
    pub failures: usize,
    /// Time in which at least one command was waited for.
    pub waiting: Duration,
    /// Time in which somebody was there: no longer than five minutes without a command.
    pub active: Duration,
}

impl Day {
    /// The part of the active time that was waiting, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        part(self.waiting, self.active)
    }
}

/// All commands together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Total {
    /// Commands that ran.
    pub runs: usize,
    /// Those that failed.
    pub failures: usize,
    /// Time in which at least one command was waited for.
    pub waiting: Duration,
    /// Time in which somebody was there.
    pub active: Duration,
}

impl Total {
    /// The part of the active time that was waiting, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        part(self.waiting, self.active)
    }
}

fn part(of: Duration, all: Duration) -> f64 {
    if all.is_zero() {
        0.0
    } else {
        (of.as_secs_f64() / all.as_secs_f64()).min(1.0)
    }
}

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    started: i64,
    duration: i64,
    failed: bool,
}

/// Works out the figures.
///
/// # Errors
/// When the file cannot be read, or the reader was interrupted.
pub fn report(reader: &Reader, question: &Question, zone: &Zone) -> Result<Report, Error> {
    let mut statement = reader.connection().prepare_cached(
        "SELECT p.root, c.text, b.started_us, b.duration_us, b.exit_status, h.name FROM block b
         JOIN command c ON c.id = b.command_id JOIN session s ON s.id = b.session_id JOIN host h ON h.id = s.host_id
         LEFT JOIN dir d ON d.id = b.dir_id LEFT JOIN project p ON p.id = d.project_id
         WHERE b.id >= ?1 AND b.id < ?2 AND b.state = 1 AND b.duration_us IS NOT NULL AND b.exit_status IS NOT NULL
           AND b.exit_status NOT IN (130, 148) AND b.flags & ?3 = 0 ORDER BY b.id",
    )?;
    let since = question.since.map_or(i64::MIN, millis);
    let until = question.until.map_or(i64::MAX, millis);
    let mut rows = statement.query(params![since, until, Flags::ALT_SCREEN.0])?;
    let mut groups: HashMap<(Option<String>, String), Vec<Run>> = HashMap::new();
    let mut forms: HashMap<String, String> = HashMap::new();
    let mut all: Vec<Run> = Vec::new();
    while let Some(row) = rows.next()? {
        let project: Option<String> = row.get(0)?;
        if let Some(wanted) = &question.project
            && !project
                .as_deref()
                .is_some_and(|root| is_project(root, wanted))
        {
            continue;
        }
        if let Some(host) = &question.host
            && row.get_ref(5)?.as_str().ok() != Some(host.as_str())
        {
            continue;
        }
        let text = row.get_ref(1)?.as_str().unwrap_or_default();
        let form = match forms.get(text) {
            Some(form) => form.clone(),
            None => {
                let form = match question.grouping {
                    Grouping::Command => normal_form(text),
                    Grouping::Program => program(text),
                    Grouping::Project => String::new(),
                };
                if forms.len() > 200_000 {
                    forms.clear();
                }
                forms.insert(text.to_owned(), form.clone());
                form
            }
        };
        let status: i64 = row.get(4)?;
        let run = Run {
            started: row.get(2)?,
            duration: row.get::<_, i64>(3)?.max(0),
            failed: !matches!(status, 0 | 141),
        };
        all.push(run);
        groups.entry((project, form)).or_default().push(run);
    }
    let days = days(&all, zone);
    let mut total = Total::default();
    for day in &days {
        total.runs += day.runs;
        total.failures += day.failures;
        total.waiting += day.waiting;
        total.active += day.active;
    }
    let mut rows: Vec<Row> = groups
        .into_iter()
        .map(|((project, command), runs)| row(project, command, &runs, zone))
        .collect();
    let waiting: Duration = rows.iter().map(|row| row.waiting).sum();
    for row in &mut rows {
        row.share = part(row.waiting, waiting);
    }
    rows.sort_by(|a, b| {
        (b.waiting, b.runs, &a.command, &a.project)
            .cmp(&(a.waiting, a.runs, &b.command, &b.project))
    });
    Ok(Report { rows, days, total })
}

fn is_project(root: &str, wanted: &str) -> bool {
    let wanted = wanted.trim_end_matches('/');
    root == wanted
        || root
            .strip_suffix(wanted)
            .is_some_and(|before| before.ends_with('/'))
}

fn length(micros: i64) -> Duration {
    Duration::from_micros(micros.max(0).unsigned_abs())
}

fn row(project: Option<String>, command: String, runs: &[Run], zone: &Zone) -> Row {
    let mut durations: Vec<i64> = runs.iter().map(|run| run.duration).collect();
    durations.sort_unstable();
    let mut weeks: BTreeMap<i64, Vec<Run>> = BTreeMap::new();
    for run in runs {
        weeks
            .entry(monday(run.started, zone))
            .or_default()
            .push(*run);
    }
    let (streak, longest_failing) = streaks(runs);
    let recoveries = recoveries(runs);
    Row {
        project,
        command,
        runs: runs.len(),
        failures: runs.iter().filter(|run| run.failed).count(),
        median: length(quantile(&durations, 50)),
        p95: length(quantile(&durations, 95)),
        waiting: length(durations.iter().sum()),
        share: 0.0,
        per_hour: per_hour(runs),
        time_to_green: (!recoveries.is_empty()).then(|| length(quantile(&recoveries, 50))),
        recoveries: recoveries.len(),
        streak,
        longest_failing,
        weeks: weeks
            .into_iter()
            .map(|(monday, runs)| week(monday, &runs))
            .collect(),
        last: runs.last().map(|run| crate::time::from_micros(run.started)),
    }
}

fn week(monday: i64, runs: &[Run]) -> Week {
    let mut durations: Vec<i64> = runs.iter().map(|run| run.duration).collect();
    durations.sort_unstable();
    Week {
        monday: Civil::from_seconds(monday * DAY).date(),
        runs: runs.len(),
        failures: runs.iter().filter(|run| run.failed).count(),
        median: length(quantile(&durations, 50)),
    }
}

/// The nearest-rank quantile of sorted numbers; 0 of none.
fn quantile(sorted: &[i64], percent: usize) -> i64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

/// The day, counted from 1970, of the Monday of a time's week.
fn monday(started: i64, zone: &Zone) -> i64 {
    let day = local_day(started, zone);
    // 1970 began on a Thursday.
    day - (day + 3).rem_euclid(7)
}

fn local_day(started: i64, zone: &Zone) -> i64 {
    let seconds = started.div_euclid(SECOND);
    (seconds + zone.offset(seconds)).div_euclid(DAY)
}

fn per_hour(runs: &[Run]) -> Option<f64> {
    let (mut steps, mut time) = (0_u32, 0_i64);
    for pair in runs.windows(2) {
        let gap = pair[1].started - pair[0].started;
        if gap <= SPELL {
            steps += 1;
            time += gap;
        }
    }
    (time >= MIN_SPELLS).then(|| f64::from(steps) * 3600.0 / length(time).as_secs_f64())
}

/// From the first failure of a row of failures to the end of the next success; sorted.
fn recoveries(runs: &[Run]) -> Vec<i64> {
    let mut red: Option<i64> = None;
    let mut found = Vec::new();
    for run in runs {
        if run.failed {
            red.get_or_insert(run.started);
        } else if let Some(since) = red.take() {
            found.push(run.started + run.duration - since);
        }
    }
    found.sort_unstable();
    found
}

fn streaks(runs: &[Run]) -> (i64, usize) {
    let (mut streak, mut longest) = (0_i64, 0_i64);
    for run in runs {
        streak = match (run.failed, streak) {
            (true, ..=0) => streak - 1,
            (true, _) => -1,
            (false, 0..) => streak + 1,
            (false, _) => 1,
        };
        longest = longest.max(-streak);
    }
    (streak, usize::try_from(longest).unwrap_or(0))
}

/// Day by day: commands may overlap (several panes), and are waited for once.
fn days(runs: &[Run], zone: &Zone) -> Vec<Day> {
    #[derive(Default)]
    struct Sum {
        runs: usize,
        failures: usize,
        waiting: i64,
        active: i64,
        /// Until when this day's time is counted already.
        waited_until: i64,
        active_until: i64,
    }
    let mut sums: BTreeMap<i64, Sum> = BTreeMap::new();
    for run in runs {
        let sum = sums.entry(local_day(run.started, zone)).or_default();
        sum.runs += 1;
        sum.failures += usize::from(run.failed);
        let end = run.started + run.duration;
        sum.waiting += (end - run.started.max(sum.waited_until)).max(0);
        sum.waited_until = sum.waited_until.max(end);
        let from = if run.started - sum.active_until <= IDLE {
            sum.active_until
        } else {
            run.started
        };
        sum.active += (end - from).max(0);
        sum.active_until = sum.active_until.max(end);
    }
    sums.into_iter()
        .map(|(day, sum)| Day {
            date: Civil::from_seconds(day * DAY).date(),
            runs: sum.runs,
            failures: sum.failures,
            waiting: length(sum.waiting),
            active: length(sum.active),
        })
        .collect()
}

/// The report as JSON, version 1 (`assets/manual/history.md`). Times are microseconds.
#[must_use]
pub fn json(report: &Report) -> serde_json::Value {
    let us = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    serde_json::json!({
        "v": crate::json::VERSION,
        "total": {
            "runs": report.total.runs,
            "failures": report.total.failures,
            "waiting_us": us(report.total.waiting),
            "active_us": us(report.total.active),
            "share": report.total.share(),
        },
        "days": report.days.iter().map(|day| serde_json::json!({
            "date": day.date,
            "runs": day.runs,
            "failures": day.failures,
            "waiting_us": us(day.waiting),
            "active_us": us(day.active),
            "share": day.share(),
        })).collect::<Vec<_>>(),
        "commands": report.rows.iter().map(|row| serde_json::json!({
            "project": row.project,
            "command": row.command,
            "runs": row.runs,
            "failures": row.failures,
            "median_us": us(row.median),
            "p95_us": us(row.p95),
            "waiting_us": us(row.waiting),
            "share": row.share,
            "per_hour": row.per_hour,
            "time_to_green_us": row.time_to_green.map(us),
            "recoveries": row.recoveries,
            "streak": row.streak,
            "longest_failing": row.longest_failing,
            "last_us": row.last.map(micros),
            "weeks": row.weeks.iter().map(|week| serde_json::json!({
                "monday": week.monday,
                "runs": week.runs,
                "failures": week.failures,
                "median_us": us(week.median),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests;

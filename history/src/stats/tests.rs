use super::*;
use crate::record::Exit;
use crate::store::{HistoryStore, Options};
use crate::testing::record_at;

fn run(started: i64, duration: i64, failed: bool) -> Run {
    Run {
        started: started * SECOND,
        duration: duration * SECOND,
        failed,
    }
}

#[test]
fn quantiles_are_by_nearest_rank() {
    assert_eq!(quantile(&[], 50), 0);
    assert_eq!(quantile(&[7], 95), 7);
    assert_eq!(quantile(&[1, 2, 3, 4], 50), 2);
    assert_eq!(quantile(&(1..=100).collect::<Vec<_>>(), 95), 95);
}

#[test]
fn streaks_and_recoveries_follow_the_runs() {
    let runs = [
        run(0, 1, false),
        run(10, 1, true),
        run(20, 1, true),
        run(30, 5, false),
        run(40, 1, true),
        run(100, 10, false),
        run(200, 1, false),
    ];
    assert_eq!(streaks(&runs), (2, 2));
    assert_eq!(recoveries(&runs), [25 * SECOND, 70 * SECOND]);
    assert_eq!(streaks(&runs[..3]), (-2, 2));
    assert_eq!(streaks(&[]), (0, 0));
}

#[test]
fn runs_an_hour_are_those_of_a_spell_of_work() {
    // Every ten minutes, then a break of a day, then once more.
    let runs = [
        run(0, 1, false),
        run(600, 1, false),
        run(1200, 1, false),
        run(90_000, 1, false),
    ];
    assert_eq!(per_hour(&runs), Some(6.0));
    assert_eq!(per_hour(&runs[..1]), None);
    // Of some seconds nothing can be said of an hour.
    let seconds: Vec<Run> = (0..20).map(|at| run(at, 0, false)).collect();
    assert_eq!(per_hour(&seconds), None);
    let minutes = [run(0, 1, false), run(120, 1, false), run(300, 1, false)];
    assert_eq!(per_hour(&minutes), Some(24.0));
}

#[test]
fn overlapping_commands_are_waited_for_once() {
    let runs = [
        run(0, 100, false),
        run(50, 100, true),
        run(200, 10, false),
        run(5000, 10, false),
    ];
    let days = days(&runs, &Zone::utc());
    assert_eq!(days.len(), 1);
    assert_eq!(days[0].date, "1970-01-01");
    assert_eq!(days[0].waiting, Duration::from_secs(170));
    assert_eq!(days[0].active, Duration::from_secs(210 + 10));
    assert_eq!((days[0].runs, days[0].failures), (4, 1));
}

#[test]
fn weeks_begin_on_monday() {
    let zone = Zone::utc();
    // 1970-01-01 was a Thursday; 2026-11-29 is a Sunday.
    assert_eq!(
        Civil::from_seconds(monday(0, &zone) * DAY).date(),
        "1969-12-29"
    );
    let sunday = 1_795_953_600 * SECOND;
    assert_eq!(
        Civil::from_seconds(monday(sunday, &zone) * DAY).date(),
        "2026-11-23"
    );
    assert_eq!(
        monday(sunday + DAY * SECOND, &zone),
        monday(sunday, &zone) + 7
    );
}

#[test]
fn the_report_is_of_what_was_waited_for() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let options = Options {
        max_output_age: Duration::MAX,
        ..Options::new(folder.path())
    };
    let store = HistoryStore::open(options, |_| ()).unwrap();
    for (seconds, command, project, duration, status, flags) in [
        (0, "cargo test", "/src/a", 60, 101, 0),
        (100, "RUST_LOG=x cargo test", "/src/a", 40, 0, 0),
        (200, "cargo test", "/src/b", 10, 0, 0),
        (300, "vim x", "/src/a", 900, 0, Flags::ALT_SCREEN.0),
        (1300, "npm run dev", "/src/a", 3000, 130, 0),
        (5000, "ls", "", 1, 0, 0),
    ] {
        let mut one = record_at(seconds, command, "x\n");
        one.folder = Some(format!("{project}/sub"));
        one.project = (!project.is_empty()).then(|| project.to_owned());
        one.duration = Some(Duration::from_secs(duration));
        one.exit = Exit::from_status(status);
        one.flags = Flags(flags);
        store.insert(one);
    }
    store.flush().recv().unwrap().unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    let report = report(&reader, &Question::default(), &Zone::utc()).unwrap();
    let names: Vec<(&str, Option<&str>, usize, usize, u64)> = report
        .rows
        .iter()
        .map(|row| {
            (
                row.command.as_str(),
                row.project.as_deref(),
                row.runs,
                row.failures,
                row.waiting.as_secs(),
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("cargo test", Some("/src/a"), 2, 1, 100),
            ("cargo test", Some("/src/b"), 1, 0, 10),
            ("ls", None, 1, 0, 1),
        ]
    );
    assert_eq!(report.rows[0].time_to_green, Some(Duration::from_secs(140)));
    assert_eq!(report.rows[0].weeks.len(), 1);
    assert_eq!(report.total.runs, 4);
    assert_eq!(report.total.waiting, Duration::from_secs(111));
    let one = Question {
        project: Some("b".to_owned()),
        grouping: Grouping::Program,
        ..Question::default()
    };
    let report = super::report(&reader, &one, &Zone::utc()).unwrap();
    assert_eq!(report.rows.len(), 1);
    assert_eq!(json(&report)["commands"][0]["median_us"], 10_000_000);
}

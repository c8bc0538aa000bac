//! `terrace env diff`: the same in two environments, side by side.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Result, bail};
use environments::tool::Output;
use history::diff::{Diff, Row, Rules, diff as compare, diff_facts};
use serde_json::json;

use super::list::VERSION;
use super::run::{How, Outcome, everywhere, not_done, outcome_json, wish};
use super::sides::counted;
use super::{Session, sides, toolchain};
use crate::cli::env::{EnvDiffArgs, Ignored};
use crate::headless::print;

/// Columns when the output is no terminal.
const WIDTH: u16 = 120;

/// Compares. The exit status is 0 when both sides are the same, 1 when they differ, 255 when a side did not run.
pub(super) fn diff(session: &Session, args: &EnvDiffArgs, as_json: bool) -> Result<ExitCode> {
    let envs = session.resolve_all(&[args.left.clone(), args.right.clone()])?;
    let wish = if args.toolchain {
        let folder = session.scope.folders.first();
        wish(
            &toolchain::command(folder.map(std::path::PathBuf::as_path)),
            args.cd.clone(),
        )
    } else {
        wish(&args.command, args.cd.clone())
    };
    let how = How {
        wish: &wish,
        timeout: args.timeout,
        start: args.start,
    };
    let outcomes = everywhere(session, &envs, &how, &|_, _, _| {});
    let [left, right] = outcomes.as_slice() else {
        bail!("two environments are compared");
    };
    let (Ok(old), Ok(new)) = (&left.result, &right.result) else {
        return not_run(left, right, as_json);
    };
    let ignored = args.ignored();
    let lines = if args.toolchain {
        diff_facts(&text(old), &text(new), toolchain::name)
    } else {
        compare(&text(old), &text(new), rules(&ignored))
    };
    let found = Found {
        passed_over: passed_over(&lines),
        other_bytes: lines.is_same() && ignored.is_empty() && bytes(old) != bytes(new),
        cut: old.cut || new.cut,
        lines,
        ignored,
    };
    let same = left.status() == right.status() && found.is_same();
    if as_json {
        let value = found.json(left, right, same);
        print(&format!("{value}\n"))?;
    } else {
        let width = usize::from(args.width.or_else(columns).unwrap_or(WIDTH));
        let sides = sides::show(&head(left), &head(right), &found.lines, width);
        print(&(sides + &found.notes()))?;
    }
    Ok(if same {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What a comparison found.
struct Found {
    lines: Diff,
    /// What was not to count.
    ignored: Vec<Ignored>,
    /// Lines that differ by nothing else.
    passed_over: usize,
    /// No line differs, and yet the outputs do: by ends of lines, or by which of the two outputs a line is on.
    other_bytes: bool,
    /// One was longer than what is kept of it.
    cut: bool,
}

impl Found {
    fn is_same(&self) -> bool {
        self.lines.is_same() && !self.other_bytes && !self.cut
    }

    /// What the columns do not show.
    fn notes(&self) -> String {
        let mut notes = String::new();
        if self.passed_over > 0 {
            let names: Vec<&str> = self.ignored.iter().map(|one| one.name()).collect();
            let (count, names) = (counted(self.passed_over), names.join(", "));
            notes.push_str(&format!(
                "({count} passed over: nothing differs but {names})\n"
            ));
        }
        if self.other_bytes {
            notes.push_str(
                "(the lines are the same; their ends are not, or the output and the errors that they are on)\n",
            );
        }
        if self.cut {
            notes.push_str("(an output is too long to be compared whole)\n");
        }
        notes
    }

    fn json(&self, left: &Outcome, right: &Outcome, same: bool) -> serde_json::Value {
        let (removed, added) = self.lines.counts();
        let ignored: Vec<&str> = self.ignored.iter().map(|one| one.name()).collect();
        json!({
            "version": VERSION,
            "same": same,
            "left": outcome_json(left),
            "right": outcome_json(right),
            "removed": removed,
            "added": added,
            "diff": self.lines.unified(&left.env.name, &right.env.name, 3),
            "ignored": ignored,
            "passed_over": self.passed_over,
        })
    }
}

/// A side that did not run is compared with nothing: why it did not is said.
fn not_run(left: &Outcome, right: &Outcome, as_json: bool) -> Result<ExitCode> {
    if as_json {
        let value = json!({
            "version": VERSION,
            "same": null,
            "left": outcome_json(left),
            "right": outcome_json(right),
            "removed": null,
            "added": null,
            "diff": null,
            "ignored": [],
            "passed_over": 0,
        });
        print(&format!("{value}\n"))?;
    }
    for side in [left, right] {
        if let Err(failure) = &side.result {
            let said = not_done(failure);
            writeln!(std::io::stderr(), "terrace: {}: {said}", side.env.name)?;
        }
    }
    Ok(ExitCode::from(255))
}

fn rules(ignored: &[Ignored]) -> Rules {
    let has = |one| ignored.contains(&one);
    Rules {
        times: has(Ignored::Times),
        durations: has(Ignored::Durations),
        hex: has(Ignored::Hex),
        temporary_paths: has(Ignored::Paths),
        ..Rules::EXACT
    }
}

/// Lines that are taken for the same though they are not.
fn passed_over(lines: &Diff) -> usize {
    let differs = |row: &&Row| matches!(row, Row::Same(old, new) if old.text != new.text);
    lines.rows.iter().filter(differs).count()
}

/// Both outputs of a command.
fn text(output: &Output) -> String {
    output.stdout_text() + &output.stderr_text()
}

fn bytes(output: &Output) -> (&[u8], &[u8]) {
    (&output.stdout, &output.stderr)
}

/// The line over a side: name, exit status, duration.
fn head(outcome: &Outcome) -> String {
    let end = match &outcome.result {
        Ok(output) => output.status.to_string(),
        Err(failure) => not_done(failure),
    };
    format!(
        "{}  {end}  {:.1} s",
        outcome.env.name,
        outcome.took.as_secs_f64()
    )
}

/// The width of the terminal that this is printed to.
fn columns() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    Some(size.ws_col).filter(|columns| *columns >= 40)
}

#[cfg(test)]
mod tests {
    use environments::tool::{Output, Status};

    use super::{Ignored, bytes, compare, passed_over, rules, text};

    fn output(stdout: &str, stderr: &str) -> Output {
        Output {
            status: Status::Code(0),
            stdout: stdout.into(),
            stderr: stderr.into(),
            cut: false,
        }
    }

    #[test]
    fn nothing_is_passed_over_unless_it_is_asked_for() {
        #[track_caller]
        fn check(old: &str, new: &str, ignored: Ignored) {
            let exact = compare(old, new, rules(&[]));
            assert!(!exact.is_same(), "{old:?} {new:?}");
            assert_eq!(passed_over(&exact), 0);
            let loose = compare(old, new, rules(&[ignored]));
            assert!(loose.is_same(), "{old:?} {new:?}");
            assert_eq!(passed_over(&loose), 1);
        }
        check(
            "d41d8cd98f00b204  a\n",
            "9e107d9d372bb682  a\n",
            Ignored::Hex,
        );
        check("3f2a7c1b9d0e\n", "0e9d1b7c2a3f\n", Ignored::Hex);
        check("took 12 ms\n", "took 99 ms\n", Ignored::Durations);
        check("10:11:12 up\n", "10:11:13 up\n", Ignored::Times);
        check("in /tmp/a.1x\n", "in /tmp/b.2y\n", Ignored::Paths);
    }

    #[test]
    fn outputs_with_the_same_lines_may_differ() {
        for (old, new) in [
            (output("a\n", ""), output("a\r\n", "")),
            (output("a\n", ""), output("", "a\n")),
            (output("a\n", ""), output("a", "")),
        ] {
            assert!(compare(&text(&old), &text(&new), rules(&[])).is_same());
            assert_ne!(bytes(&old), bytes(&new));
        }
    }
}

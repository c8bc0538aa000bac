//! `list`, `search`, `show`, `last`, `export`: blocks, looked at.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use history::export::{Format, export as render};
use history::json::{Outputs, value};
use history::query::failed;
use history::time::{DAY, human};
use history::{Filter, Flags, Hit, Pattern, Reader, Record, State};

use super::table::{Align, Cell, Table, one_line};
use super::{Looks, Place, own_session};
use crate::cli::blocks::{
    ExportArgs, ExportFormat, LastArgs, ListArgs, PartArgs, SearchArgs, ShowArgs,
};
use crate::headless::print;
use crate::history as settings;

/// `terrace blocks list`.
pub(super) fn list(place: &Place, args: &ListArgs) -> Result<ExitCode> {
    let filter = place.filter(&args.filter, "")?;
    let reader = place.reader()?;
    let hits = reader.search(&filter, args.limit)?;
    if args.json {
        json(&reader, &hits)?;
    } else if hits.is_empty() {
        writeln!(std::io::stderr(), "no block is found")?;
    } else {
        print(&table(place, &hits).text(Looks::of_stdout()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `terrace blocks search`.
pub(super) fn search(place: &Place, args: &SearchArgs) -> Result<ExitCode> {
    let words = args.words.join(" ");
    let filter = place.filter(&args.filter, &words)?;
    let reader = place.reader()?;
    let hits = reader.search(&filter, args.limit)?;
    if args.json {
        json(&reader, &hits)?;
        return Ok(found(&hits));
    }
    let looks = Looks::of_stdout();
    let rows = table(place, &hits).text(looks);
    let mut rows = rows.split_inclusive('\n');
    let mut text = rows.next().unwrap_or_default().to_owned();
    // Under each block stands the line in which the words stand.
    for (hit, row) in hits.iter().rev().zip(rows) {
        text.push_str(row);
        if let Some(line) = reader.snippet(hit.id, &filter.text)? {
            let columns = looks
                .columns
                .map_or(usize::MAX, |columns| columns.saturating_sub(4));
            let line = super::table::shorten(&line, columns);
            text.push_str("    ");
            text.push_str(&highlighted(looks, &line, &filter.text));
            text.push('\n');
        }
    }
    print(&text)?;
    Ok(found(&hits))
}

/// As grep's: 1 when nothing was found.
fn found(hits: &[Hit]) -> ExitCode {
    ExitCode::from(u8::from(hits.is_empty()))
}

fn highlighted(looks: Looks, line: &str, pattern: &Pattern) -> String {
    let mut text = String::new();
    let mut done = 0;
    for range in pattern.find(line) {
        text.push_str(&looks.paint("2", &line[done..range.start]));
        text.push_str(&looks.paint("1;33", &line[range.clone()]));
        done = range.end;
    }
    text.push_str(&looks.paint("2", &line[done..]));
    text
}

fn json(reader: &Reader, hits: &[Hit]) -> Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for hit in hits.iter().rev() {
        let record = reader.record(hit.id)?;
        writeln!(out, "{}", with_short(&record, hit.id, Outputs::None))?;
    }
    out.flush()?;
    Ok(())
}

/// The record's object with the short id beside the long one.
fn with_short(record: &Record, id: i64, outputs: Outputs) -> serde_json::Value {
    let mut object = value(record, outputs);
    if let Some(fields) = object.as_object_mut() {
        fields.insert("short".to_owned(), history::query::short(id).into());
    }
    object
}

fn table(place: &Place, hits: &[Hit]) -> Table {
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("WHEN", Align::Left),
        ("HOST", Align::Left),
        ("FOLDER", Align::Left),
        ("STATUS", Align::Right),
        ("TIME", Align::Right),
        ("", Align::Left),
        ("COMMAND", Align::Left),
    ]);
    let home = std::env::var("HOME").unwrap_or_default();
    for hit in hits.iter().rev() {
        let (status, style) = status(hit);
        let host = settings::place_name(&hit.host).unwrap_or_default();
        let mark = if hit.flags.contains(Flags::BOOKMARK) {
            "*"
        } else {
            ""
        };
        let command = match &hit.name {
            Some(name) => format!("{}  # {name}", one_line(&hit.command)),
            None => one_line(&hit.command),
        };
        table.push(vec![
            Cell::styled(hit.short(), "2"),
            Cell::new(when(place, hit)),
            Cell::styled(host, "35"),
            Cell::styled(
                short_folder(hit.folder.as_deref().unwrap_or_default(), &home),
                "34",
            ),
            Cell::styled(status, style),
            Cell::new(hit.duration.map(human).unwrap_or_default()),
            Cell::styled(mark, "33"),
            Cell::styled(command, "1"),
        ]);
    }
    table
}

/// The time of day, and the date if it was not today.
fn when(place: &Place, hit: &Hit) -> String {
    let (then, now) = (place.zone.civil(hit.started), place.zone.civil(place.now));
    if then.date() == now.date() {
        then.clock()
    } else if (now.to_seconds() - then.to_seconds()).abs() < 300 * DAY {
        format!("{:02}-{:02} {}", then.month, then.day, then.clock())
    } else {
        then.date()
    }
}

fn status(hit: &Hit) -> (String, &'static str) {
    match (hit.state, hit.exit.status) {
        (State::Lost, _) => ("lost".to_owned(), "33"),
        (State::Rejected, Some(130)) => ("cancelled".to_owned(), "2"),
        (State::Rejected, _) => ("not run".to_owned(), "2"),
        (State::Background, _) => ("job".to_owned(), "2"),
        (_, None) => (String::new(), ""),
        (_, Some(0)) => ("ok".to_owned(), "32"),
        (_, Some(status)) => (
            status.to_string(),
            if failed(&hit.exit) { "31" } else { "33" },
        ),
    }
}

/// A folder below the home folder begins with `~`; of a long one the end is shown.
fn short_folder(folder: &str, home: &str) -> String {
    let folder = match folder.strip_prefix(home) {
        Some(rest) if !home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
            format!("~{rest}")
        }
        _ => folder.to_owned(),
    };
    let parts: Vec<&str> = folder.split('/').collect();
    if folder.len() <= 30 || parts.len() <= 3 {
        folder
    } else {
        format!("…/{}", parts[parts.len() - 2..].join("/"))
    }
}

/// `terrace blocks show`.
pub(super) fn show(place: &Place, args: &ShowArgs) -> Result<ExitCode> {
    let reader = place.reader()?;
    let id = reader.resolve(&args.block)?;
    part(place, &reader, id, &args.part)
}

/// `terrace blocks last`.
pub(super) fn last(place: &Place, args: &LastArgs) -> Result<ExitCode> {
    let reader = place.reader()?;
    let mut filter = Filter {
        failed: args.failed,
        session: own_session().filter(|_| !args.any),
        ..Filter::default()
    };
    let mut hits = reader.search(&filter, 1)?;
    if hits.is_empty() && filter.session.take().is_some() {
        hits = reader.search(&filter, 1)?;
    }
    let hit = hits
        .first()
        .context("nothing is kept yet; see history.enabled")?;
    part(place, &reader, hit.id, &args.part)
}

fn part(place: &Place, reader: &Reader, id: i64, args: &PartArgs) -> Result<ExitCode> {
    let record = reader.record(id)?;
    let looks = Looks::of_stdout();
    let styled = args.styled || looks.colors;
    if args.json {
        let outputs = if args.styled {
            Outputs::Styled
        } else {
            Outputs::Plain
        };
        print(&format!("{}\n", with_short(&record, id, outputs)))?;
    } else if args.command {
        print(&format!("{}\n", record.command.text))?;
    } else if args.output {
        print(&output(&record, styled))?;
    } else {
        print(&whole(place, &record, id, looks, styled))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The output; with styles only those that the parser of stored text lets through.
fn output(record: &Record, styled: bool) -> String {
    let kept = &record.output;
    let mut text = if styled {
        let mut text = inert(&kept.head);
        if kept.dropped_bytes > 0 {
            text.push_str(&format!("\x1b[2m{}\x1b[0m\n", kept.gap()));
        }
        text.push_str(&inert(&kept.tail));
        text
    } else {
        kept.plain()
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Stored text with its colors and nothing else that a terminal would obey.
fn inert(bytes: &[u8]) -> String {
    history::styled::ansi(&String::from_utf8_lossy(bytes))
}

fn whole(place: &Place, record: &Record, id: i64, looks: Looks, styled: bool) -> String {
    let mut facts = vec![
        history::query::short(id),
        place.zone.civil(record.started).to_string(),
        history::export::outcome(record),
    ];
    facts.extend(record.duration.map(human));
    let host = &record.session.host;
    facts.extend(settings::place_name(host));
    facts.push(match &record.folder {
        Some(folder) => format!("{}@{}:{folder}", host.user, host.name),
        None => format!("{}@{}", host.user, host.name),
    });
    facts.extend(record.git.clone());
    facts.extend(record.name.clone());
    let mut text = format!(
        "{} {}\n{}\n",
        looks.paint("2", "$"),
        looks.paint("1", &record.command.text.replace('\n', "\n> ")),
        looks.paint("2", &facts.join(" · "))
    );
    if let Some(note) = &record.note {
        text.push_str(&looks.paint("33", note));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&output(record, styled));
    text
}

/// `terrace blocks export`.
pub(super) fn export(place: &Place, args: &ExportArgs) -> Result<ExitCode> {
    let format = format(args)?;
    let reader = place.reader()?;
    let mut ids = Vec::new();
    if args.blocks.is_empty() {
        let filter = place.filter(&args.filter, args.search.as_deref().unwrap_or_default())?;
        let limit = match args.limit {
            _ if filter == Filter::default() && args.limit == 100 => 1,
            0 => usize::MAX,
            limit => limit,
        };
        ids.extend(
            reader
                .search(&filter, limit)?
                .iter()
                .rev()
                .map(|hit| hit.id),
        );
    } else {
        for name in &args.blocks {
            ids.push(reader.resolve(name)?);
        }
        ids.sort_unstable();
    }
    anyhow::ensure!(!ids.is_empty(), "no block is found");
    let redactor = place.options.policy.redactor();
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        let mut record = reader.record(id)?;
        redactor.redact_record(&mut record);
        records.push(record);
    }
    let text = render(&records, format, &settings::look(&place.theme), &place.zone);
    match &args.to {
        Some(file) => write_private(file, &text)?,
        None => print(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The form that is said, else that of the file's name; a name without an ending says none.
fn format(args: &ExportArgs) -> Result<Format> {
    Ok(match (args.format, &args.to) {
        (Some(ExportFormat::Markdown), _) => Format::Markdown,
        (Some(ExportFormat::Html), _) => Format::Html,
        (Some(ExportFormat::Json), _) => Format::Json,
        (Some(ExportFormat::Asciicast), _) => Format::Asciicast,
        (Some(ExportFormat::Svg), _) => Format::Svg,
        (None, Some(file)) if file.extension().is_some() => {
            Format::of_name(&file.to_string_lossy()).with_context(|| {
                format!(
                    "no form of export is named {}: end it in .md, .html, .json, .cast or .svg, or say the form by --format",
                    file.display()
                )
            })?
        }
        (None, _) => Format::Markdown,
    })
}

/// Writes a file that only its owner can read.
fn write_private(path: &std::path::Path, text: &str) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(text.as_bytes())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

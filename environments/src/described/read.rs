//! From TOML to a [`Description`]: what each table may say, and what must be so. All mistakes are
//! found in one go.

mod acts;
mod holes;
mod list;
mod shell;

use std::time::Duration;

use toml::de::DeTable;

use super::description::{Cost, Description, FailureKind, FailureRule, Setting, States, Version};
use super::problem::Problem;
use super::reader::{Section, Source, decimal};
use super::template::Template;
use super::value::Field;
use crate::state::State;
use holes::Holes;

/// The only form there is.
const SCHEMA: i64 = 1;
/// The largest description, in bytes.
pub(super) const MAX_BYTES: usize = 256 * 1024;

/// Reads a description. What is wrong is returned besides; a description with problems is not used.
pub(super) fn read(text: &str) -> (Option<Description>, Vec<Problem>) {
    let source = Source::new(text);
    if text.len() > MAX_BYTES {
        source.wrong(&(0..0), format!("longer than {MAX_BYTES} bytes"), None);
        return (None, source.finish());
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let message = error.message().trim().replace('\n', "; ");
        source.wrong(&error.span().unwrap_or(0..0), message, None);
    }
    let broken = !errors.is_empty();
    let description = (!broken).then(|| top(&Section::top(&source, table.get_ref())));
    let problems = source.finish();
    let description = description.flatten().filter(|_| problems.is_empty());
    (description, problems)
}

fn top(file: &Section<'_, '_>) -> Option<Description> {
    let schema = file.number("schema", SCHEMA..=SCHEMA);
    file.required("schema", schema, "schema = 1");
    let id = file.parsed("id", identifier).map(|found| found.value);
    let id = file.required("id", id, "the provider's id: id = \"mytool\"");
    let name = file.text("name").map(|found| found.value);
    let name = file.required(
        "name",
        name,
        "the name that people read: name = \"My Tool\"",
    );
    let settings = settings(file);
    let holes = Holes::new(&settings);
    let programs = programs(file);
    let mut description = Description {
        id: id.unwrap_or_default(),
        name: name.unwrap_or_default(),
        icon: file.text("icon").map(|found| found.value),
        os: file
            .parsed_texts("os", os)
            .unwrap_or_default()
            .into_iter()
            .map(|found| found.value)
            .collect(),
        programs,
        install: file.text("install").map(|found| found.value),
        login: holes.words(file, "login", holes::NONE).unwrap_or_default(),
        vars: variables(file, "vars", &holes, holes::NONE),
        version: version(file, &holes),
        failures: failures(file, &holes),
        list: list::read(file, &holes)?,
        status: list::status(file, &holes),
        states: file.section("states").map(states).unwrap_or_default(),
        cost: file.section("cost").and_then(cost),
        shell: shell::read(file, &holes),
        start: acts::read(file, "start", &holes, &acts::DONE_RUNNING),
        stop: acts::read(file, "stop", &holes, &acts::DONE_STOPPED),
        discard: acts::discard(file, &holes),
        create: acts::create(file, &holes),
        forward: acts::forward(file, &holes),
        logs: acts::logs(file, &holes),
        ports: acts::ports(file, &holes),
        overlay: file.text("overlay").map(|found| found.value),
        settings,
    };
    needs_program(file, &mut description);
    file.report_unknown();
    Some(description)
}

/// Whatever runs something needs to know what.
fn needs_program(file: &Section<'_, '_>, description: &mut Description) {
    let local = description.shell.as_ref().is_some_and(|shell| shell.local);
    let runs = matches!(
        description.list.from,
        super::description::Origin::Args { .. }
    ) || (description.shell.is_some() && !local);
    if runs && description.programs.is_empty() && !file.has("program") && !file.has("programs") {
        file.wrong(
            &(0..0),
            "program is missing",
            "the tool's name: program = \"mytool\"",
        );
    }
    if description.shell.is_none() && description.list.fields.url.is_none() {
        file.wrong(
            &(0..0),
            "nothing can be opened",
            "a table [shell], or list.fields.url",
        );
    }
}

fn programs(file: &Section<'_, '_>) -> Vec<String> {
    let first = file.parsed("program", program).map(|found| found.value);
    let more = file.parsed_texts("programs", program).unwrap_or_default();
    let more = more.into_iter().map(|found| found.value);
    let mut programs: Vec<String> = first.into_iter().collect();
    for one in more {
        if !programs.contains(&one) {
            programs.push(one);
        }
    }
    programs
}

/// A program: a name to be looked up, or an absolute path.
fn program(text: &str) -> Result<String, String> {
    if text.is_empty() || text.starts_with('-') || text.chars().any(char::is_control) {
        return Err(format!("{text:?} is no program"));
    }
    let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
    if text.contains(separators) && !std::path::Path::new(text).is_absolute() {
        return Err(format!(
            "\"{text}\" is relative; expected a name, or an absolute path"
        ));
    }
    Ok(text.to_owned())
}

/// An id: lower case letters, digits, `-`.
fn identifier(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
    if starts && text.len() <= 40 && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{text:?}; expected lower case letters, digits and \"-\""
    ))
}

/// A name by which something is used in `{…}`.
fn hole_name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !text.is_empty() && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{text:?}; expected letters, digits, \"-\" and \"_\""
    ))
}

fn os(text: &str) -> Result<String, String> {
    const KNOWN: [&str; 4] = ["linux", "macos", "windows", "freebsd"];
    match KNOWN.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "\"{text}\"; expected {}",
            super::problem::one_of(KNOWN)
        )),
    }
}

/// The name of an environment variable.
fn variable(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(fits)
    {
        return Ok(text.to_owned());
    }
    Err(format!("{text:?} is no name for a variable"))
}

fn variables(
    section: &Section<'_, '_>,
    key: &'static str,
    holes: &Holes,
    known: &[&str],
) -> Vec<(String, Template)> {
    let Some(table) = section.section(key) else {
        return Vec::new();
    };
    let mut variables = Vec::new();
    for (name, value) in table.map(Template::parse) {
        if let Err(message) = variable(&name) {
            table.wrong(&value.at, message, "letters, digits and \"_\"");
        }
        holes.check(&table, &value.value, &value.at, known);
        variables.push((name, value.value));
    }
    variables
}

fn version(file: &Section<'_, '_>, holes: &Holes) -> Option<Version> {
    let section = file.section("version")?;
    let args = holes.words(&section, "args", holes::NONE);
    let args = section.required("args", args, "args = [\"--version\"]");
    let pattern = section.regex("pattern");
    let pattern = section.required("pattern", pattern, "a regular expression with one group");
    let least = section.parsed("least", numbers).map(|found| found.value);
    let least = section.required("least", least, "least = \"2.20\"");
    section.finish();
    Some(Version {
        args: args?,
        pattern: pattern?,
        least: least?,
    })
}

/// A version: numbers between dots.
pub(super) fn numbers(text: &str) -> Result<Vec<u64>, String> {
    let numbers = text.split('.').map(str::parse);
    numbers
        .collect::<Result<Vec<u64>, _>>()
        .map_err(|_| format!("{text:?}; expected numbers between dots, as in \"2.20\""))
}

fn settings(file: &Section<'_, '_>) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    for section in file.sections("setting") {
        let name = section.parsed("name", hole_name).map(|found| found.value);
        let name = section.required("name", name, "name = \"region\"");
        let label = section.text("label").map(|found| found.value);
        let default = section.text("default").map(|found| found.value);
        if let Some(name) = name {
            if settings.iter().any(|known| known.name == name) {
                let message = format!("there are two settings \"{name}\"");
                section.wrong(&section.at().clone(), message, "another name");
            }
            settings.push(Setting {
                label: label.unwrap_or_else(|| name.clone()),
                name,
                default,
            });
        }
        section.finish();
    }
    settings
}

fn failures(file: &Section<'_, '_>, holes: &Holes) -> Vec<FailureRule> {
    const KINDS: [(&str, FailureKind); 7] = [
        ("missing", FailureKind::Missing),
        ("logged-out", FailureKind::LoggedOut),
        ("not-set-up", FailureKind::NotSetUp),
        ("forbidden", FailureKind::Forbidden),
        ("down", FailureKind::Down),
        ("gone", FailureKind::Gone),
        ("empty", FailureKind::Empty),
    ];
    let mut failures = Vec::new();
    for section in file.sections("failure") {
        let kind = section.choice("kind", &KINDS);
        let kind = section.required("kind", kind, &super::problem::one_of(KINDS.map(|k| k.0)));
        let exit = section.numbers("exit").unwrap_or_default();
        let text = section.regex("text");
        if exit.is_empty() && !section.has("text") {
            let message = "a failure without exit and text matches all";
            section.wrong(&section.at().clone(), message, "exit = [4], or text = '…'");
        }
        let remedy = holes
            .words(&section, "remedy", holes::NONE)
            .unwrap_or_default();
        let say = section.text("say").map(|found| found.value);
        section.finish();
        if let Some(kind) = kind {
            failures.push(FailureRule {
                kind,
                exit,
                text,
                remedy,
                say,
            });
        }
    }
    failures
}

/// The order in which a word is looked for.
const ORDER: [(&str, State); 6] = [
    ("failed", State::Failed),
    ("stopping", State::Stopping),
    ("starting", State::Starting),
    ("stopped", State::Stopped),
    ("running", State::Ready),
    ("unknown", State::Unknown),
];

fn states(section: Section<'_, '_>) -> States {
    let mut states = States::default();
    for (key, state) in ORDER {
        for word in section.texts(key).unwrap_or_default() {
            let known = states.words.iter().find(|(_, known)| *known == word.value);
            if let Some((other, _)) = known {
                let message = format!("\"{}\" is {other} already", word.value);
                section.wrong(&word.at, message, "each word in one list");
            }
            states.words.push((state, word.value));
        }
    }
    // Exact words come before patterns.
    states.words.sort_by_key(|(_, word)| word.contains('*'));
    states.failed_if = section
        .parsed("failed_if", Field::parse_one)
        .map(|found| found.value);
    section.finish();
    states
}

fn cost(section: Section<'_, '_>) -> Option<Cost> {
    let by = section.text("by").map(|found| found.value);
    let by = section.required("by", by, "the name of a detail or fact: by = \"machine\"");
    let mut per_hour = std::collections::BTreeMap::new();
    if let Some(prices) = section.section("per_hour") {
        for (key, value) in prices.entries() {
            match decimal(value.get_ref()).filter(|price| *price >= 0.0) {
                Some(price) => {
                    per_hour.insert(key.value, price);
                }
                None => {
                    let found = super::reader::describe(value.get_ref());
                    let message = format!("{}: found {found}", prices.full(&key.value));
                    prices.wrong(&value.span(), message, "a price an hour: 0.18");
                }
            }
        }
    }
    section.finish();
    Some(Cost { by: by?, per_hour })
}

/// A duration or what holds unless one is given.
fn duration_or(section: &Section<'_, '_>, key: &'static str, seconds: u64) -> Duration {
    section
        .duration(key)
        .unwrap_or(Duration::from_secs(seconds))
}

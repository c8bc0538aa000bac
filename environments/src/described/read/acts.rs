//! `[start]`, `[stop]`, `[discard]`, `[create]`, `[forward]`, `[ports]`, `[logs]`.

use super::super::description::{
    Act, Create, CreateParameter, CreatedId, Forward, ForwardReady, Logs, ParameterChoices, Ports,
};
use super::super::reader::{Section, regex};
use super::super::template::Template;
use super::super::value::Path;
use super::list::{field, has_hole};
use super::{Holes, duration_or, hole_name, holes, program};
use crate::state::State;

/// Words for when something is done.
type DoneWords = [(&'static str, Option<State>)];

/// When a start is done.
pub(super) const DONE_RUNNING: [(&str, Option<State>); 2] =
    [("exit", None), ("running", Some(State::Ready))];
/// When a stop is done.
pub(super) const DONE_STOPPED: [(&str, Option<State>); 3] = [
    ("exit", None),
    ("stopped", Some(State::Stopped)),
    ("absent", Some(State::Absent)),
];
/// When a discarding is done.
const DONE_ABSENT: [(&str, Option<State>); 2] = [("exit", None), ("absent", Some(State::Absent))];
/// What the default of a parameter may come from: the folder in which the user works.
const HERE: &[&str] = &["git.branch", "git.origin.slug", "git.origin.url", "folder"];

/// Reads an act on an environment.
pub(super) fn read(
    file: &Section<'_, '_>,
    key: &'static str,
    holes: &Holes,
    done: &DoneWords,
) -> Option<Act> {
    let section = file.section(key)?;
    let act = act(&section, holes, holes::ENVIRONMENT, done);
    section.finish();
    act
}

/// Reads the keys that all acts have.
fn act(section: &Section<'_, '_>, holes: &Holes, known: &[&str], done: &DoneWords) -> Option<Act> {
    let args = holes.words(section, "args", known);
    let args = section.required("args", args, "the arguments: args = [\"…\", \"{id}\"]");
    let act = Act {
        program: section.parsed("program", program).map(|found| found.value),
        args: args.unwrap_or_default(),
        run_in: holes.word(section, "run_in", known),
        done: section.choice("done", done).flatten(),
        timeout: duration_or(section, "timeout", 300),
        loses: holes.word(section, "loses", known),
        note: holes.word(section, "note", known),
    };
    Some(act)
}

/// Reads `[discard]`, which must say what is lost.
pub(super) fn discard(file: &Section<'_, '_>, holes: &Holes) -> Option<Act> {
    let section = file.section("discard")?;
    let act = act(&section, holes, holes::ENVIRONMENT, &DONE_ABSENT)?;
    section.required(
        "loses",
        act.loses.clone(),
        "what is lost: loses = \"all files in {name}\"",
    );
    section.finish();
    Some(act)
}

/// Reads `[create]`.
pub(super) fn create(file: &Section<'_, '_>, holes: &Holes) -> Option<Create> {
    let section = file.section("create")?;
    let tables = section.sections("parameter");
    let names: Vec<String> = tables
        .iter()
        .filter_map(|table| table.parsed("name", hole_name).map(|found| found.value))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let parameters: Vec<CreateParameter> = tables
        .into_iter()
        .filter_map(|table| parameter(table, holes, &names))
        .collect();
    let act = act(&section, holes, &names, &DONE_RUNNING)?;
    for parameter in &parameters {
        if !has_hole(&act.args, &parameter.name) {
            let message = format!("{{{}}} is not in create.args", parameter.name);
            section.wrong(&section.at().clone(), message, "every parameter in args");
        }
    }
    let id = match section.text("id").map(|found| found.value).as_deref() {
        None => CreatedId::Listed,
        Some("stdout-last-line") => CreatedId::LastLine,
        Some(_) => CreatedId::Template(holes.word(&section, "id", &names).unwrap_or_default()),
    };
    section.finish();
    Some(Create {
        act,
        parameters,
        id,
    })
}

fn parameter(section: Section<'_, '_>, holes: &Holes, names: &[&str]) -> Option<CreateParameter> {
    let name = section.parsed("name", hole_name).map(|found| found.value);
    let name = section.required("name", name, "name = \"branch\"");
    let label = section.text("label").map(|found| found.value);
    let parameter = name.map(|name| CreateParameter {
        label: label.unwrap_or_else(|| name.clone()),
        default: holes.word(&section, "default", HERE).unwrap_or_default(),
        args: holes.words(&section, "args", &["value"]),
        choices: choices(&section, holes, names),
        name,
    });
    section.finish();
    parameter
}

/// `choices`: a list of texts, or a table that says how to ask for them.
fn choices(section: &Section<'_, '_>, holes: &Holes, names: &[&str]) -> ParameterChoices {
    if section.is_list("choices") {
        let fixed = section.texts("choices").unwrap_or_default();
        return ParameterChoices::Fixed(fixed.into_iter().map(|found| found.value).collect());
    }
    let Some(table) = section.section("choices") else {
        return ParameterChoices::Any;
    };
    let args = holes.words(&table, "args", names);
    let args = table.required("args", args, "args = [\"…\"]");
    let items = table.parsed("items", Path::parse).map(|found| found.value);
    let value = field(&table, "value");
    let label = field(&table, "label");
    table.finish();
    match args {
        Some(args) => ParameterChoices::Asked {
            args,
            items: items.unwrap_or_default(),
            value,
            label,
        },
        None => ParameterChoices::Any,
    }
}

/// Reads `[forward]`.
pub(super) fn forward(file: &Section<'_, '_>, holes: &Holes) -> Option<Forward> {
    let section = file.section("forward")?;
    let known: Vec<&str> = holes::ENVIRONMENT
        .iter()
        .copied()
        .chain(["remote", "local"])
        .collect();
    let act = act(&section, holes, &known, &[("exit", None)])?;
    if !has_hole(&act.args, "remote") {
        let message = "{remote} is not in forward.args";
        section.wrong(&section.at().clone(), message, "the port over there");
    }
    let ready = section.parsed("ready", |text| match text {
        "listening" => Ok(ForwardReady::Listening),
        "exit" => Ok(ForwardReady::Exit),
        pattern => regex(pattern).map(ForwardReady::Line),
    });
    let url: Option<Template> = holes.word(&section, "url", &known);
    section.finish();
    Some(Forward {
        act,
        ready: ready.map_or(ForwardReady::Listening, |found| found.value),
        url,
    })
}

/// Reads `[logs]`.
pub(super) fn logs(file: &Section<'_, '_>, holes: &Holes) -> Option<Logs> {
    let section = file.section("logs")?;
    let follow = holes.words(&section, "follow", holes::NONE);
    let known: Vec<&str> = holes::ENVIRONMENT
        .iter()
        .copied()
        .chain(follow.is_some().then_some("follow"))
        .collect();
    let act = act(&section, holes, &known, &[("exit", None)])?;
    section.finish();
    Some(Logs {
        act,
        follow: follow.unwrap_or_default(),
    })
}

/// Reads `[ports]`.
pub(super) fn ports(file: &Section<'_, '_>, holes: &Holes) -> Option<Ports> {
    let section = file.section("ports")?;
    let args = holes.words(&section, "args", holes::ENVIRONMENT);
    let args = section.required("args", args, "args = [\"…\", \"{id}\"]");
    let items = section
        .parsed("items", Path::parse)
        .map(|found| found.value);
    let fields = section.section("fields");
    let fields = section.required("fields", fields, "fields = { remote = \"port\" }");
    let fields = fields.map(|table| {
        let remote = field(&table, "remote");
        let remote = table.required("remote", remote, "where the port is");
        let (label, url) = (field(&table, "label"), field(&table, "url"));
        table.finish();
        (remote, label, url)
    });
    section.finish();
    let (remote, label, url) = fields?;
    Some(Ports {
        args: args?,
        items: items.unwrap_or_default(),
        remote: remote?,
        label,
        url,
    })
}

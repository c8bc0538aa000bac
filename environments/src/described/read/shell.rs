//! `[shell]`.

use super::super::description::{CommandForm, Form, Shell, Term};
use super::super::problem::one_of;
use super::super::reader::Section;
use super::list::has_hole;
use super::{Holes, holes, variable, variables};
use crate::plan::ExitMeaning;

/// What is run where a folder or variable needs a command and none was asked for.
const DEFAULT: [&str; 3] = ["sh", "-c", "exec \"${SHELL:-/bin/sh}\" -l"];

/// Reads `[shell]`.
pub(super) fn read(file: &Section<'_, '_>, holes: &Holes) -> Option<Shell> {
    let section = file.section("shell")?;
    let local = section.flag("local").unwrap_or(false);
    let known: Vec<&str> = holes::ENVIRONMENT
        .iter()
        .copied()
        .chain(["env", "folder", "command", "shell"])
        .collect();
    let args = holes.words(&section, "args", &known);
    if args.is_none() && !local {
        section.required(
            "args",
            None::<()>,
            "args = [\"ssh\", \"{id}\"], or local = true",
        );
    }
    let args = args.unwrap_or_default();
    let command = section
        .section("command")
        .and_then(|table| command(table, holes));
    let folder = holes.words(&section, "folder", &with(&["value"]));
    let env = holes.words(&section, "env", &["name", "value"]);
    for (hole, given, key) in [
        ("command", command.is_some(), "shell.command"),
        ("folder", folder.is_some(), "shell.folder"),
        ("env", env.is_some(), "shell.env"),
    ] {
        if has_hole(&args, hole) != given {
            let message = format!("{{{hole}}} in shell.args and {key} go together");
            section.wrong(&section.at().clone(), message, "both or none of them");
        }
    }
    let integrate = section.flag("integrate").unwrap_or(false);
    if integrate && command.is_none() {
        let message = "shell.integrate needs shell.command".to_owned();
        section.wrong(&section.at().clone(), message, "how a command is passed");
    }
    let default = section.texts("default").map(|found| {
        let words = found.into_iter().map(|word| word.value);
        words.collect::<Vec<String>>()
    });
    let shell = Shell {
        args,
        command,
        folder,
        env,
        default: default.unwrap_or_else(|| DEFAULT.map(str::to_owned).to_vec()),
        always: section.flag("always").unwrap_or(false),
        integrate,
        term: term(&section),
        resize: section.flag("resize").unwrap_or(true),
        exit: section
            .choice(
                "exit",
                &[
                    ("same", ExitMeaning::Same),
                    ("ssh", ExitMeaning::Ssh),
                    ("any-failure-is-1", ExitMeaning::AnyFailureIsOne),
                    ("none", ExitMeaning::Nothing),
                ],
            )
            .unwrap_or(ExitMeaning::Same),
        leaves_process: section.flag("leaves_process").unwrap_or(false),
        starts: section.flag("starts").unwrap_or(false),
        local,
        vars: variables(&section, "vars", holes, holes::ENVIRONMENT),
        unset: section
            .parsed_texts("unset", variable)
            .unwrap_or_default()
            .into_iter()
            .map(|found| found.value)
            .collect(),
        run_in: holes.word(&section, "run_in", holes::ENVIRONMENT),
    };
    section.finish();
    Some(shell)
}

fn with(more: &[&'static str]) -> Vec<&'static str> {
    holes::ENVIRONMENT.iter().chain(more).copied().collect()
}

fn command(section: Section<'_, '_>, holes: &Holes) -> Option<CommandForm> {
    const FORMS: [(&str, Form); 3] = [
        ("argv", Form::Argv),
        ("line", Form::Line),
        ("joined", Form::Joined),
    ];
    let form = section.choice("form", &FORMS);
    let form = section.required("form", form, &one_of(FORMS.map(|form| form.0)))?;
    let hole = match form {
        Form::Argv => "argv",
        Form::Line => "line",
        Form::Joined => "argv,",
    };
    let args = holes.words(&section, "args", &with(&[hole]));
    let args = section.required("args", args, &format!("args = [\"--\", \"{{{hole}}}\"]"))?;
    if !has_hole(&args, hole) {
        let message = format!("{} has no {{{hole}}}", section.full("args"));
        section.wrong(&section.at().clone(), message, "the place of the command");
    }
    section.finish();
    Some(CommandForm { form, args })
}

fn term(section: &Section<'_, '_>) -> Term {
    let parse = |text: &str| match text.strip_prefix("fixed:") {
        _ if text == "ours" => Ok(Term::Ours),
        _ if text == "variable" => Ok(Term::Variable),
        Some(name) if !name.is_empty() => Ok(Term::Fixed(name.to_owned())),
        _ => Err(format!(
            "\"{text}\"; expected \"ours\", \"variable\" or \"fixed:xterm-256color\""
        )),
    };
    section
        .parsed("term", parse)
        .map_or(Term::Ours, |found| found.value)
}

//! `terrace env check FILE`: what is wrong with a description, and what it would make of an output.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::description::{Description, Origin};
use super::output;
use super::provider::Described;
use crate::failure::Failure;
use crate::plan::{Act, Plan, ShellWish};
use crate::provider::Provider;
use crate::spec::{EnvironmentId, EnvironmentSpec, Scope};
use crate::state::State;
use crate::tool::{self, Limit};

/// What a description makes of a list, and what it would run.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The environments that were read.
    pub items: Vec<EnvironmentSpec>,
    /// Words for states that the description does not know.
    pub unknown_words: Vec<String>,
    /// What would be run: what for, and the command or why not.
    pub commands: Vec<(String, Result<String, String>)>,
}

/// Checks what a description makes of a recorded output.
///
/// # Errors
/// When the output cannot be read as the description says.
pub fn of_output(
    description: Description,
    settings: &BTreeMap<String, String>,
    recorded: &[u8],
) -> Result<Report, Failure> {
    let document = output::documents(&description.list.output, recorded)
        .map_err(|first_line| Failure::Nonsense { first_line })?;
    let provider = Described::new(description, settings);
    let limit = Limit::within(provider.pace().timeout);
    let items = super::list::Lister::new(&provider, &limit).of_document(&document);
    Ok(report(&provider, items))
}

/// Checks what a description makes of what its tool says now.
///
/// # Errors
/// Why there is no list.
pub fn of_tool(
    description: Description,
    settings: &BTreeMap<String, String>,
    scope: &Scope,
) -> Result<Report, Failure> {
    let provider = Described::new(description, settings);
    let limit = Limit::within(provider.pace().timeout);
    let listing = provider.list(scope, &limit)?;
    Ok(report(&provider, listing.items))
}

fn report(provider: &Described, items: Vec<EnvironmentSpec>) -> Report {
    let mut unknown_words: Vec<String> = Vec::new();
    for env in &items {
        let unknown = env.state == State::Unknown && !env.raw_state.is_empty();
        if unknown && !unknown_words.contains(&env.raw_state) {
            unknown_words.push(env.raw_state.clone());
        }
    }
    let sample = items.first().cloned().unwrap_or_else(|| {
        EnvironmentSpec::new(EnvironmentId::new(&provider.id, "SAMPLE-ID"), "sample")
    });
    Report {
        commands: commands(provider, &sample),
        items,
        unknown_words,
    }
}

/// What would be run for one environment.
fn commands(provider: &Described, env: &EnvironmentSpec) -> Vec<(String, Result<String, String>)> {
    let description = &provider.description;
    let mut commands = Vec::new();
    let mut add = |what: &str, command: Result<String, Failure>| {
        commands.push((
            what.to_owned(),
            command.map_err(|failure| failure.to_string()),
        ));
    };
    if let Origin::Args { program, args } = &description.list.from {
        let list = provider
            .values()
            .list("page", Vec::new())
            .list("from", vec!["FROM".into()]);
        let call = provider.named_call(args, &list, program.clone());
        add("list", call.map(|call| call.to_string()));
    }
    if description.shell.is_some() {
        let plain = ShellWish {
            term: "xterm-256color".into(),
            ..ShellWish::default()
        };
        let full = ShellWish {
            folder: Some("/work dir".into()),
            command: vec!["make".into(), "it's".into()],
            vars: vec![("COLORTERM".into(), "truecolor".into())],
            ..plain.clone()
        };
        let shown = |wish: &ShellWish| provider.shell(env, wish).map(|plan| shown(&plan.command));
        add("shell", shown(&plain));
        add("command", shown(&full));
    }
    for (what, there, act) in [
        ("start", description.start.is_some(), Act::Start),
        ("stop", description.stop.is_some(), Act::Stop),
        ("discard", description.discard.is_some(), Act::Discard),
        (
            "forward",
            description.forward.is_some(),
            Act::Forward {
                remote: 8080,
                local: 18080,
            },
        ),
        (
            "logs",
            description.logs.is_some(),
            Act::Logs { follow: true },
        ),
    ] {
        if there {
            add(what, provider.plan(env, &act).map(|plan| steps(&plan)));
        }
    }
    if let Some(create) = &description.create {
        let values = create
            .parameters
            .iter()
            .map(|parameter| (parameter.name.clone(), parameter.name.to_uppercase()));
        add(
            "create",
            provider.create(&values.collect()).map(|plan| steps(&plan)),
        );
    }
    commands
}

/// A pane's command as it could be typed.
fn shown(command: &pty::Command) -> String {
    let mut text = tool::quote(&command.program().to_string_lossy());
    for arg in command.arguments() {
        let _ = write!(text, " {}", tool::quote(&arg.to_string_lossy()));
    }
    text
}

fn steps(plan: &Plan) -> String {
    let lasting = match &plan.lasting {
        Some(
            crate::plan::Lasting::Process { call, .. } | crate::plan::Lasting::Relay { call, .. },
        ) => Some(call),
        Some(crate::plan::Lasting::Undo(_)) | None => None,
    };
    let calls: Vec<String> = plan
        .steps
        .iter()
        .chain(lasting)
        .map(ToString::to_string)
        .collect();
    calls.join("; ")
}

/// A report as it is printed.
impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.items.len() {
            0 => writeln!(f, "no environments")?,
            1 => writeln!(f, "1 environment")?,
            count => writeln!(f, "{count} environments")?,
        }
        for env in &self.items {
            let word = match env.raw_state.as_str() {
                "" => String::new(),
                word => format!(" ({word})"),
            };
            writeln!(f, "  {}  {}{word}  {}", env.id, env.state, env.name)?;
        }
        for word in &self.unknown_words {
            writeln!(f, "the state \"{word}\" is in no list of [states]")?;
        }
        for (what, command) in &self.commands {
            match command {
                Ok(command) => writeln!(f, "{what}: {command}")?,
                Err(reason) => writeln!(f, "{what}: not possible: {reason}")?,
            }
        }
        Ok(())
    }
}

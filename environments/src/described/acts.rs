//! Starting, stopping, creating, discarding, forwarding and reading logs, as a description says.

use super::description::{
    self, Create, CreateParameter, CreatedId, ForwardReady, ParameterChoices,
};
use super::fill::{Trust, Values};
use super::provider::Described;
use super::template::Template;
use super::value::text_of;
use super::{failures, here, output};
use crate::failure::Failure;
use crate::plan::{self, Act, Created, Done, Lasting, Plan, Ready};
use crate::provider::{Choices, Parameter};
use crate::spec::{EnvironmentSpec, Scope};
use crate::state::State;
use crate::tool::{Limit, ToolCall, run};

/// What to run to do something with an environment.
pub(super) fn plan(
    provider: &Described,
    env: &EnvironmentSpec,
    act: &Act,
) -> Result<Plan, Failure> {
    let description = &provider.description;
    let values = provider.values().of(env);
    let unsupported = || {
        let doing = match act {
            Act::Start => "start",
            Act::Stop => "stop",
            Act::Discard => "discard",
            Act::Forward { .. } => "forward ports of",
            Act::Logs { .. } => "show logs of",
            Act::Copy(_) => "copy files of",
        };
        Failure::Unsupported(format!("{} cannot {doing} environments", description.name))
    };
    match act {
        Act::Start => of_act(
            provider,
            description.start.as_ref().ok_or_else(unsupported)?,
            &values,
        ),
        Act::Stop => of_act(
            provider,
            description.stop.as_ref().ok_or_else(unsupported)?,
            &values,
        ),
        Act::Discard => of_act(
            provider,
            description.discard.as_ref().ok_or_else(unsupported)?,
            &values,
        ),
        Act::Logs { follow } => {
            let logs = description.logs.as_ref().ok_or_else(unsupported)?;
            let more = if *follow {
                values.words(&logs.follow)?
            } else {
                Vec::new()
            };
            of_act(provider, &logs.act, &values.list("follow", more))
        }
        Act::Forward { remote, local } => forward(
            provider,
            description.forward.as_ref().ok_or_else(unsupported)?,
            &values,
            (*remote, *local),
        ),
        Act::Copy(_) => Err(unsupported()),
    }
}

/// The call of an act.
fn call(
    provider: &Described,
    act: &description::Act,
    values: &Values<'_>,
) -> Result<ToolCall, Failure> {
    let mut call = provider.call(&act.args, values, act.program.as_deref())?;
    if let Some(folder) = &act.run_in {
        call = call.folder(values.word(folder)?);
    }
    Ok(call.timeout(act.timeout))
}

fn of_act(
    provider: &Described,
    act: &description::Act,
    values: &Values<'_>,
) -> Result<Plan, Failure> {
    let mut plan = Plan::one(call(provider, act, values)?);
    if let Some(state) = act.done {
        plan.done = Done::Listed {
            states: match state {
                // What is stopped for good may vanish from the list instead.
                State::Stopped => vec![State::Stopped, State::Absent],
                state => vec![state],
            },
            within: act.timeout,
        };
    }
    plan.loses = act
        .loses
        .as_ref()
        .map(|loses| values.word(loses))
        .transpose()?;
    plan.note = act
        .note
        .as_ref()
        .map(|note| values.word(note))
        .transpose()?;
    Ok(plan)
}

fn forward(
    provider: &Described,
    rule: &description::Forward,
    values: &Values<'_>,
    (remote, local): (u16, u16),
) -> Result<Plan, Failure> {
    let values = values
        .clone()
        .text("remote", remote.to_string(), Trust::Ours)
        .text("local", local.to_string(), Trust::Ours);
    let mut plan = of_act(provider, &rule.act, &values)?;
    plan.url = match &rule.url {
        Some(url) => Some(values.word(url)?),
        None if matches!(rule.ready, ForwardReady::Exit) => None,
        None => Some(format!("http://127.0.0.1:{local}/")),
    };
    let ready = match &rule.ready {
        ForwardReady::Exit => return Ok(plan),
        ForwardReady::Listening => Ready::Listening(local),
        ForwardReady::Line(pattern) => Ready::Line(pattern.clone()),
    };
    if let Some(call) = plan.steps.pop() {
        plan.lasting = Some(Lasting::Process { call, ready });
    }
    Ok(plan)
}

/// What is asked before something is created; defaults come from the folder in which the user works.
pub(super) fn parameters(
    provider: &Described,
    scope: &Scope,
    known: &plan::Values,
    limit: &Limit,
) -> Result<Vec<Parameter>, Failure> {
    let create = creating(provider)?;
    provider.ready(limit)?;
    let folder = scope.folders.first();
    let git = folder
        .map(|folder| here::Git::of(folder))
        .unwrap_or_default();
    let text = |text: Option<String>| text.unwrap_or_default();
    let mut values = provider
        .values()
        .text("git.branch", text(git.branch.clone()), Trust::Outside)
        .text("git.origin.slug", text(git.slug()), Trust::Outside)
        .text("git.origin.url", text(git.origin), Trust::Outside)
        .text(
            "folder",
            text(folder.map(|folder| folder.to_string_lossy().into_owned())),
            Trust::Outside,
        );
    let mut parameters = Vec::new();
    for rule in &create.parameters {
        let default = values.word(&rule.default)?;
        let given = known
            .get(&rule.name)
            .map_or(default.as_str(), String::as_str);
        let choices = choices(provider, rule, &values, limit);
        // One that is not asked for has the value that the form shows at first.
        let value = match &choices {
            Choices::Fixed(choices) if given.is_empty() && rule.args.is_none() => {
                choices.first().map_or("", |(value, _)| value.as_str())
            }
            _ => given,
        };
        values = values.text(&rule.name, value, Trust::Outside);
        let mut parameter = Parameter::text(&rule.name, &rule.label).default(default);
        parameter.optional = rule.args.is_some();
        parameter.choices = choices;
        parameter.follows = followed(rule, &create.parameters);
        parameters.push(parameter);
    }
    Ok(parameters)
}

/// The parameters whose values are in a parameter's default, or in the question for its choices.
fn followed(rule: &CreateParameter, all: &[CreateParameter]) -> Vec<String> {
    let asked: &[Template] = match &rule.choices {
        ParameterChoices::Asked { args, .. } => args,
        ParameterChoices::Any | ParameterChoices::Fixed(_) => &[],
    };
    let holes = asked
        .iter()
        .chain([&rule.default])
        .flat_map(Template::holes);
    let holes: Vec<&str> = holes.collect();
    let before = all.iter().take_while(|other| other.name != rule.name);
    before
        .filter(|other| holes.contains(&other.name.as_str()))
        .map(|other| other.name.clone())
        .collect()
}

/// Which ports an environment offers, where the description says how to ask.
pub(super) fn ports(
    provider: &Described,
    env: &EnvironmentSpec,
    limit: &Limit,
) -> Result<Parameter, Failure> {
    let mut parameter = Parameter::text("port", "Port over there");
    let Some(rule) = &provider.description.ports else {
        return Ok(parameter);
    };
    let document = ask(provider, &rule.args, &provider.values().of(env), limit)?;
    let items = rule.items.items(&document);
    let found = items.iter().filter_map(|item| {
        let port = rule.remote.text(item)?;
        let text = |field: &Option<super::value::Field>| field.as_ref()?.text(item);
        let about: Vec<String> = [text(&rule.label), text(&rule.url)]
            .into_iter()
            .flatten()
            .collect();
        let label = if about.is_empty() {
            port.clone()
        } else {
            about.join("  ")
        };
        Some((port, label))
    });
    parameter.choices = Choices::Fixed(found.collect());
    Ok(parameter)
}

/// A call whose answer is JSON.
fn ask(
    provider: &Described,
    args: &[Template],
    values: &Values<'_>,
    limit: &Limit,
) -> Result<serde_json::Value, Failure> {
    let call = provider.call(args, values, None)?;
    let answer = run(&call.timeout(limit.left()), limit)?;
    if !answer.status.is_success() {
        return Err(failures::classify(provider, &answer));
    }
    output::documents(&description::Output::Json, &answer.stdout)
        .map_err(|first_line| Failure::Nonsense { first_line })
}

/// What can be chosen. Where the tool does not say, anything can be typed.
fn choices(
    provider: &Described,
    rule: &CreateParameter,
    values: &Values<'_>,
    limit: &Limit,
) -> Choices {
    match &rule.choices {
        ParameterChoices::Any => Choices::Any,
        ParameterChoices::Fixed(fixed) => Choices::Fixed(
            fixed
                .iter()
                .map(|value| (value.clone(), value.clone()))
                .collect(),
        ),
        ParameterChoices::Asked {
            args,
            items,
            value,
            label,
        } => {
            let asked = ask(provider, args, values, limit);
            let document = match asked {
                Ok(document) => document,
                Err(failure) => {
                    tracing::debug!(%failure, parameter = rule.name, "no choices");
                    return Choices::Any;
                }
            };
            let items = items.items(&document);
            let found = items.iter().filter_map(|item| {
                let value = match value {
                    Some(value) => value.text(item)?,
                    None => text_of(item.value)?,
                };
                let label = label.as_ref().and_then(|label| label.text(item));
                Some((value.clone(), label.unwrap_or(value)))
            });
            Choices::Fixed(found.collect())
        }
    }
}

fn creating(provider: &Described) -> Result<&Create, Failure> {
    provider.description.create.as_ref().ok_or_else(|| {
        Failure::Unsupported(format!("{} creates nothing", provider.description.name))
    })
}

/// What to run to create an environment.
pub(super) fn create(provider: &Described, given: &plan::Values) -> Result<Plan, Failure> {
    let create = creating(provider)?;
    let mut values = provider.values();
    for parameter in &create.parameters {
        let value = given
            .get(&parameter.name)
            .map(|value| value.trim())
            .unwrap_or_default();
        match &parameter.args {
            None if value.is_empty() => {
                return Err(Failure::Refused(format!("{} is empty", parameter.label)));
            }
            None => values = values.text(&parameter.name, value, Trust::Outside),
            Some(_) if value.is_empty() => {
                values = values.list(&parameter.name, Vec::new());
            }
            Some(args) => {
                let words = provider
                    .values()
                    .text("value", value, Trust::Outside)
                    .words(args)?;
                values = values.list(&parameter.name, words);
            }
        }
    }
    let mut plan = of_act(provider, &create.act, &values)?;
    plan.creates = match &create.id {
        CreatedId::Listed => Created::Nothing,
        CreatedId::LastLine => Created::LastLine,
        CreatedId::Template(template) => Created::Id(values.word(template)?),
    };
    Ok(plan)
}

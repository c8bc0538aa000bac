//! A shell in a described environment: what a pane runs.

use std::ffi::OsString;

use pty::integration::remote::Bootstrap;
use pty::{Command, ShellKey, ShellKind, user_shell};

use super::description::{CommandForm, Form, Shell, Term};
use super::fill::{Trust, Values};
use super::provider::Described;
use crate::failure::Failure;
use crate::kinds::far;
use crate::plan::{Cleanup, ShellPlan, ShellWish};
use crate::spec::EnvironmentSpec;
use crate::tool::{ToolCall, quote};

/// What to run in a pane for a shell.
pub(super) fn plan(
    provider: &Described,
    env: &EnvironmentSpec,
    wish: &ShellWish,
) -> Result<ShellPlan, Failure> {
    let shell = provider.description.shell.as_ref().ok_or_else(|| {
        let name = &provider.description.name;
        Failure::Unsupported(format!("{name} opens no shell"))
    })?;
    if shell.local {
        return local(provider, shell, env, wish);
    }
    let integrated = integrated(shell, wish);
    let (mut words, lost_vars) = match &integrated {
        Some((bootstrap, _)) => (bootstrap.arguments(), Vec::new()),
        None => far_command(shell, wish)?,
    };
    let session = (shell.leaves_process && shell.command.is_some()).then(far::session_name);
    if let Some(session) = &session {
        if words.is_empty() {
            words.clone_from(&shell.default);
        }
        let marked = ["env".to_owned(), format!("TERRACE_SESSION={session}")];
        words = marked.into_iter().chain(words).collect();
    }
    let args = arguments(provider, shell, env, wish, &words)?;
    let mut command = pane_command(provider, shell, env, wish, args)?;
    if let Some((_, key)) = integrated {
        command = command.with_expected_shell(key);
    }
    let mut plan = ShellPlan::new(command);
    plan.resizes = shell.resize;
    // What outlives its pane is an exec session, which starts late.
    plan.resize_again = shell.leaves_process;
    plan.exit = shell.exit;
    plan.starts_environment = shell.starts;
    plan.lost_vars = lost_vars;
    plan.leaves_process = match session {
        Some(session) => Some(cleanup(provider, shell, env, &session)?),
        None => None,
    };
    Ok(plan)
}

/// What a person would type for a shell there.
pub(super) fn connection(provider: &Described, env: &EnvironmentSpec) -> Result<ToolCall, Failure> {
    let wish = ShellWish::default();
    let shell = provider.description.shell.as_ref();
    let Some(shell) = shell.filter(|shell| !shell.local) else {
        return Ok(ToolCall::from_pty(&plan(provider, env, &wish)?.command));
    };
    let (words, _) = far_command(shell, &wish)?;
    let args = arguments(provider, shell, env, &wish, &words)?;
    Ok(ToolCall::new(provider.program()?).args(args))
}

/// What starts a shell over there that tells its prompts and commands, in place of the tool's own, and the key of its
/// marks; `None` where none is wished for, or the description does not say that it can be.
fn integrated(shell: &Shell, wish: &ShellWish) -> Option<(Bootstrap, ShellKey)> {
    let form = shell.command.as_ref().filter(|_| shell.integrate)?;
    let mut inside = wish.clone();
    if shell.folder.is_some() {
        inside.folder = None;
    }
    let (mut bootstrap, key) = far::integrated(&inside)?;
    if shell.env.is_none() {
        for (name, value) in variables(shell, wish) {
            bootstrap = bootstrap.env(name, value);
        }
    }
    // What passes a line on is a kind of ssh, whose server greets only without a command. An argument list is seen by
    // all who use this machine or that one.
    let bootstrap = bootstrap.greeting(form.form == Form::Line);
    Some((bootstrap.makes_its_key(), key))
}

/// The program of the pane with its arguments, folder and variables.
fn pane_command(
    provider: &Described,
    shell: &Shell,
    env: &EnvironmentSpec,
    wish: &ShellWish,
    args: Vec<String>,
) -> Result<Command, Failure> {
    let values = provider.values().of(env);
    let mut command = Command::new(provider.program()?).args(args);
    if !wish.term.is_empty() {
        command = command.env("TERM", &wish.term);
    }
    command = with_vars(command, provider, shell, &values)?;
    if let Some(folder) = &shell.run_in {
        command = command.folder(values.word(folder)?);
    }
    Ok(command)
}

/// The variables of the description, and those of its shell.
fn with_vars(
    mut command: Command,
    provider: &Described,
    shell: &Shell,
    values: &Values<'_>,
) -> Result<Command, Failure> {
    for (name, value) in provider.description.vars.iter().chain(&shell.vars) {
        command = command.env(name, values.word(value)?);
    }
    for name in &shell.unset {
        command = command.env_remove(name);
    }
    Ok(command)
}

/// The arguments of the pane's program; `words` is the command over there, empty for its shell.
fn arguments(
    provider: &Described,
    shell: &Shell,
    env: &EnvironmentSpec,
    wish: &ShellWish,
    words: &[String],
) -> Result<Vec<String>, Failure> {
    provider.has_settings(&shell.args)?;
    let base = provider.values().of(env);
    let command = match &shell.command {
        Some(form) if !words.is_empty() => pass(form, &base, words)?,
        _ => Vec::new(),
    };
    let folder = match (&shell.folder, &wish.folder) {
        (Some(template), Some(folder)) => base
            .clone()
            .text("value", folder, Trust::Outside)
            .words(template)?,
        _ => Vec::new(),
    };
    let mut vars = Vec::new();
    if let Some(template) = &shell.env {
        for (name, value) in variables(shell, wish) {
            let values =
                provider
                    .values()
                    .text("name", name, Trust::Ours)
                    .text("value", value, Trust::Ours);
            vars.extend(values.words(template)?);
        }
    }
    base.list("command", command)
        .list("folder", folder)
        .list("env", vars)
        .text("shell", user_shell().to_string_lossy(), Trust::Ours)
        .words(&shell.args)
}

/// A command in the form that the tool takes.
fn pass(form: &CommandForm, base: &Values<'_>, words: &[String]) -> Result<Vec<String>, Failure> {
    let values = base.clone();
    let values = match form.form {
        Form::Argv => values.list("argv", words.to_vec()),
        Form::Line => {
            let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
            values.text("line", quoted.join(" "), Trust::Ours)
        }
        Form::Joined => {
            if let Some(word) = words.iter().find(|word| word.contains(',')) {
                return Err(Failure::Refused(format!(
                    "{word:?} has a comma, at which this tool would cut it"
                )));
            }
            values.text("argv,", words.join(","), Trust::Ours)
        }
    };
    values.words(&form.args)
}

/// Variables over there, `TERM` among them where the tool does not pass it by itself.
fn variables(shell: &Shell, wish: &ShellWish) -> Vec<(String, String)> {
    let mut vars = wish.vars.clone();
    if shell.term == Term::Variable && !wish.term.is_empty() {
        vars.retain(|(name, _)| name != "TERM");
        vars.push(("TERM".to_owned(), wish.term.clone()));
    }
    vars
}

/// The command over there, folder and variables in it where the tool takes them no other way; and the
/// variables that it cannot take at all.
fn far_command(shell: &Shell, wish: &ShellWish) -> Result<(Vec<String>, Vec<String>), Failure> {
    let mut words = Vec::new();
    for word in &wish.command {
        let word = word.to_str().ok_or_else(|| {
            Failure::Refused(format!("{word:?} is not UTF-8 and cannot be passed on"))
        })?;
        words.push(word.to_owned());
    }
    let in_command = |other: bool| !other && shell.command.is_some();
    let vars = variables(shell, wish);
    let lost = match shell.env.is_some() || shell.command.is_some() {
        true => Vec::new(),
        false => vars.iter().map(|(name, _)| name.clone()).collect(),
    };
    if shell.command.is_none() && !words.is_empty() {
        return Err(Failure::Unsupported(
            "this tool takes no command".to_owned(),
        ));
    }
    let with_vars = in_command(shell.env.is_some()) && !vars.is_empty();
    let folder = wish
        .folder
        .as_deref()
        .filter(|_| in_command(shell.folder.is_some()));
    if words.is_empty() && (with_vars || folder.is_some() || shell.always) {
        words.clone_from(&shell.default);
    }
    if with_vars {
        let set = vars.iter().map(|(name, value)| format!("{name}={value}"));
        words = ["env".to_owned()]
            .into_iter()
            .chain(set)
            .chain(words)
            .collect();
    }
    if let Some(folder) = folder {
        // Where the folder is gone the shell opens all the same.
        let script = "cd -- \"$0\" 2>/dev/null; exec \"$@\"";
        let there = ["sh", "-c", script, folder].map(str::to_owned);
        words = there.into_iter().chain(words).collect();
    }
    Ok((words, lost))
}

/// The user's own shell on this machine.
fn local(
    provider: &Described,
    shell: &Shell,
    env: &EnvironmentSpec,
    wish: &ShellWish,
) -> Result<ShellPlan, Failure> {
    for (_, value) in &shell.vars {
        provider.has_settings(std::slice::from_ref(value))?;
    }
    let values = provider.values().of(env);
    let mut command = match wish.command.split_first() {
        Some((program, args)) => Command::new(program).args(args),
        None => Command::shell(&user_shell(), ShellKind::Interactive),
    };
    if !wish.term.is_empty() {
        command = command.env("TERM", &wish.term);
    }
    command = with_vars(command, provider, shell, &values)?;
    for (name, value) in &wish.vars {
        command = command.env(name, value);
    }
    let folder = match &shell.run_in {
        Some(folder) => Some(values.word(folder)?),
        None => wish.folder.clone(),
    };
    if let Some(folder) = folder {
        command = command.folder(folder);
    }
    Ok(ShellPlan::new(command))
}

/// What ends the shell over there when its pane is closed.
fn cleanup(
    provider: &Described,
    shell: &Shell,
    env: &EnvironmentSpec,
    session: &str,
) -> Result<Cleanup, Failure> {
    let words = far::hang_up(session).into_iter();
    let words: Vec<String> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let args = arguments(provider, shell, env, &ShellWish::default(), &words)?;
    let mut call = ToolCall::new(provider.program()?).args(args.into_iter().map(OsString::from));
    let values = provider.values().of(env);
    for (name, value) in provider.description.vars.iter().chain(&shell.vars) {
        call = call.env(name, values.word(value)?);
    }
    Ok(Cleanup {
        env: env.id.clone(),
        call,
    })
}

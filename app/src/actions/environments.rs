//! The environments panel: opened, closed, and what the user wants of it done.

use std::net::TcpListener;
use std::sync::Arc;

use environments::{
    Abilities, Act, EnvironmentId, Finished, JobEvent, Lasting, ProviderId, ShellWish, Snapshot,
    Ticket, ToolCall,
};
use pty::Command;

use super::parity;
use crate::actions::blocks::elsewhere::chosen;
use crate::input::clipboard::Selection;
use crate::layout::Direction;
use crate::pane::environment::clean;
use crate::services::Services;
use crate::view::environments::{self as view, Panel, PanelEvent};
use crate::view::notices::Severity;
use crate::window::{Place, STOP_TOPIC, Window};

/// Jobs that a panel began, and that tell it what came of them.
#[derive(Debug, Default)]
pub(crate) struct PanelJobs {
    parameters: Option<(Ticket, ProviderId)>,
    creations: Vec<Ticket>,
    /// Environments that are being stopped, by name.
    stops: Vec<(Ticket, String)>,
}

impl PanelJobs {
    /// Whether a job is among them.
    pub(crate) fn has(&self, ticket: Ticket) -> bool {
        self.parameters
            .as_ref()
            .is_some_and(|(one, _)| *one == ticket)
            || self.creations.contains(&ticket)
            || self.stops.iter().any(|(one, _)| *one == ticket)
    }

    /// An environment of this name is being stopped.
    pub(crate) fn stops(&mut self, ticket: Ticket, name: String) {
        self.stops.push((ticket, name));
    }
}

/// Opens the panel, or closes it. It shows at once what is known; what is old is asked for again.
pub(super) fn toggle(window: &mut Window, services: &mut Services) {
    if window.overlay.environments.is_some() {
        close(window, services);
        return;
    }
    open_panel(window, services, Panel::new);
}

/// Opens the panel for a command that is to be run again in an environment.
pub(crate) fn choose(window: &mut Window, services: &mut Services, command: String) {
    let line = command.lines().next().unwrap_or_default();
    let purpose = format!("Run again in …   {line}");
    open_panel(window, services, |snapshot| {
        Panel::choosing(snapshot, purpose)
    });
    window.overlay.wanted = Some(command);
}

/// Opens the panel that is made of what is known.
pub(super) fn open_panel(
    window: &mut Window,
    services: &mut Services,
    make: impl FnOnce(Arc<Snapshot>) -> Panel,
) {
    window.tell_folders(services);
    services.environments.manager().watch(true);
    window.prepare_chrome();
    let mut panel = make(services.environments.snapshot());
    panel.set_rules(services.environments.rules().to_vec());
    panel.set_plain(services.plain_environments());
    window.overlay.environments = Some(panel);
    window.overlay.changed();
    window.redraw();
}

/// Closes the panel; the lists are no longer kept up to date.
fn close(window: &mut Window, services: &Services) {
    window.overlay.parity.forget_wish();
    window.overlay.wanted = None;
    if window.overlay.environments.take().is_some() {
        services.environments.manager().watch(false);
        window.overlay.changed();
        window.redraw();
    }
}

/// Shows what is known now.
pub(crate) fn refresh(window: &mut Window, services: &Services) {
    if let Some(panel) = &mut window.overlay.environments
        && panel.set_snapshot(services.environments.snapshot())
    {
        window.overlay.changed();
        window.redraw();
    }
}

/// Does what the user wants of the panel.
pub(crate) fn run(window: &mut Window, services: &mut Services, event: PanelEvent) {
    let manager = services.environments.manager();
    match event {
        PanelEvent::Open(env, place) => {
            close(window, services);
            open(window, services, &env, place_of(place));
        }
        PanelEvent::Chosen(env) => match window.overlay.wanted.take() {
            Some(command) => {
                close(window, services);
                chosen(window, services, &env, command);
            }
            None => {
                parity::chosen(window, services, env);
                close(window, services);
            }
        },
        PanelEvent::OpenIntegrated(env) => {
            close(window, services);
            services.forget_plain(&env);
            open(window, services, &env, Place::Tab);
        }
        PanelEvent::ChosenFirst(env) => parity::chosen_first(window, services, env),
        PanelEvent::LookInto(env) => services.environments.look_into(env),
        PanelEvent::Debug(env, image) => {
            close(window, services);
            let wish = ShellWish {
                debug_image: Some(image),
                ..crate::environments::wish(&services.config, None)
            };
            window.open_environment_as(services, &env, wish, Place::Tab);
        }
        PanelEvent::Act(env, act) => ask_to_act(window, services, &env, act),
        PanelEvent::Forward(env, remote) => forward(window, services, &env, remote),
        PanelEvent::Run(words) => {
            close(window, services);
            if let Some((program, args)) = words.split_first() {
                let command = Command::new(program).args(args);
                window.run_in_tab(services, &command, None);
            }
        }
        PanelEvent::Url(url) => {
            close(window, services);
            if let Err(error) = services.open_link(&url) {
                window.notify(Severity::Error, "link", format!("{error:#}"));
            }
        }
        PanelEvent::CopyCommand(env) => {
            close(window, services);
            copy_command(window, services, &env);
        }
        PanelEvent::Cancel(ticket) => manager.cancel(ticket),
        PanelEvent::AskPorts(env) => {
            let provider = env.provider.clone();
            let ticket = manager.ports(env);
            window.overlay.panel_jobs.parameters = Some((ticket, provider));
        }
        PanelEvent::AskParameters(provider, known) => {
            let ticket = manager.parameters(provider.clone(), known);
            window.overlay.panel_jobs.parameters = Some((ticket, provider));
        }
        PanelEvent::Create(provider, values) => {
            let ticket = manager.create(provider, values);
            window.overlay.panel_jobs.creations.push(ticket);
        }
        PanelEvent::Refresh => manager.refresh(None),
        PanelEvent::Close => close(window, services),
    }
}

fn place_of(place: view::Place) -> Place {
    match place {
        view::Place::Tab => Place::Tab,
        view::Place::Right => Place::Split(Direction::Right),
        view::Place::Below => Place::Split(Direction::Down),
    }
}

/// Opens a shell in an environment; what has only a page opens that.
pub(crate) fn open(
    window: &mut Window,
    services: &mut Services,
    env: &EnvironmentId,
    place: Place,
) {
    let snapshot = services.environments.snapshot();
    let known = snapshot.find(env);
    if known.is_some_and(|env| env.can.has(Abilities::LOOK)) {
        if window.overlay.environments.is_none() {
            open_panel(window, services, Panel::new);
        }
        services.environments.look_into(env.clone());
        return;
    }
    let opens =
        known.is_none_or(|env| env.can.has(Abilities::SHELL) || env.can.has(Abilities::START));
    match known
        .and_then(|env| env.facts.get("url"))
        .filter(|_| !opens)
    {
        Some(url) => run(window, services, PanelEvent::Url(url.clone())),
        None => {
            window.open_environment(services, env, None, place);
        }
    }
}

/// Does something with an environment. A log is looked at in a tab of its own; what loses something is asked
/// for first.
fn ask_to_act(window: &mut Window, services: &mut Services, env: &EnvironmentId, act: Act) {
    let snapshot = services.environments.snapshot();
    let Some(spec) = snapshot.find(env) else {
        return;
    };
    let plan = match services.environments.manager().plan(env, &act) {
        Ok(plan) => plan,
        Err(failure) => {
            window.notify(Severity::Error, "environment", failure.to_string());
            return;
        }
    };
    let lasting = match &plan.lasting {
        Some(Lasting::Process { call, .. }) => Some(call),
        _ => None,
    };
    let first = plan.steps.first().or(lasting);
    let in_pane = matches!(act, Act::Logs { .. }) || first.is_some_and(ToolCall::wants_pane);
    if let Some(call) = first.filter(|_| in_pane) {
        close(window, services);
        match act {
            Act::Logs { .. } => {
                let name = clean(&format!("{}: log", spec.name));
                window.show_in_tab(services, &call.to_pty(), name);
            }
            _ => {
                window.run_in_tab(services, &call.to_pty(), None);
            }
        }
    } else if act == Act::Discard || plan.loses.is_some() {
        close(window, services);
        window.ask_to(services, spec, act);
    } else {
        window.act_on(services, env.clone(), act);
    }
}

/// Makes a port of an environment reachable here, at the same number if that is free.
fn forward(window: &mut Window, services: &mut Services, env: &EnvironmentId, remote: u16) {
    match free_port(remote) {
        Ok(local) => {
            close(window, services);
            let act = Act::Forward { remote, local };
            services.environments.manager().act(env.clone(), act);
        }
        Err(error) => {
            let text = format!("no port is free: {error}");
            window.notify(Severity::Error, "environment", text);
        }
    }
}

/// A port of the loopback that nobody has: the wanted one, else any. Those below 1024 are the system's.
fn free_port(wanted: u16) -> std::io::Result<u16> {
    let taken = |port| TcpListener::bind(("127.0.0.1", port)).and_then(|it| it.local_addr());
    let wanted = if wanted < 1024 { 0 } else { wanted };
    let address = taken(wanted).or_else(|_| taken(0))?;
    Ok(address.port())
}

fn copy_command(window: &mut Window, services: &Services, env: &EnvironmentId) {
    match services.environments.manager().command(env) {
        Ok(command) => {
            services
                .clipboard
                .store(Selection::Clipboard, command.clone());
            window.notify(Severity::Info, "environment", format!("Copied: {command}"));
        }
        Err(failure) => window.notify(Severity::Error, "environment", failure.to_string()),
    }
}

/// A job goes on that a panel began; false when it is another's.
pub(crate) fn heard(
    window: &mut Window,
    services: &mut Services,
    ticket: Ticket,
    event: &JobEvent,
) -> bool {
    let stop = window.overlay.panel_jobs.stops.iter();
    if let Some(index) = stop.clone().position(|(one, _)| *one == ticket) {
        stop_heard(window, services, index, event);
        return true;
    }
    let jobs = &mut window.overlay.panel_jobs;
    let of_parameters = jobs.parameters.as_ref().filter(|(one, _)| *one == ticket);
    let of_parameters = of_parameters.map(|(_, provider)| provider.clone());
    let is_creation = jobs.creations.contains(&ticket);
    if of_parameters.is_none() && !is_creation {
        return false;
    }
    if matches!(event, JobEvent::Done(_)) {
        jobs.creations.retain(|one| *one != ticket);
        if of_parameters.is_some() {
            jobs.parameters = None;
        }
    }
    match (event, of_parameters) {
        (JobEvent::Done(Ok(finished)), Some(provider)) => {
            if let Some(panel) = &mut window.overlay.environments {
                panel.set_parameters(&provider, finished.parameters.clone());
            }
        }
        (JobEvent::Done(Ok(finished)), None) => created(window, services, finished),
        (JobEvent::Done(Err(failure)), _) => match &mut window.overlay.environments {
            Some(panel) => panel.set_problem(failure.to_string()),
            None => window.notify(Severity::Error, "environment", failure.to_string()),
        },
        (JobEvent::Progress, _) => {
            let lines = services.environments.manager().take_lines(ticket);
            if let (Some(panel), Some(line)) = (&mut window.overlay.environments, lines.last()) {
                panel.set_progress(clean(line));
            }
        }
        (JobEvent::Ready { .. } | JobEvent::Opened(_), _) => {}
    }
    window.overlay.changed();
    window.redraw();
    true
}

/// An environment is being stopped: what comes of it is said.
fn stop_heard(window: &mut Window, services: &Services, index: usize, event: &JobEvent) {
    let JobEvent::Done(done) = event else {
        let (ticket, _) = window.overlay.panel_jobs.stops[index];
        drop(services.environments.manager().take_lines(ticket));
        return;
    };
    let (_, name) = window.overlay.panel_jobs.stops.remove(index);
    window.overlay.notices.clear(STOP_TOPIC);
    match done {
        Ok(_) => window.notify(Severity::Info, "environment", format!("{name} is stopped")),
        Err(failure) => {
            let text = clean(&format!("{name}: {failure}"));
            window.notify(Severity::Error, "environment", text);
        }
    }
}

/// An environment was created: who waited for it gets a shell in it.
fn created(window: &mut Window, services: &mut Services, finished: &Finished) {
    let waited = window.overlay.environments.is_some();
    match &finished.created {
        Some(env) if waited => {
            close(window, services);
            window.open_environment(services, env, None, Place::Tab);
        }
        Some(env) => window.notify(Severity::Info, "environment", format!("Created: {env}")),
        None => {
            close(window, services);
            window.notify(Severity::Info, "environment", "Created");
        }
    }
}

//! What can be done with an environment or its provider: only what it can do is offered.

use egui::{Align, Rect, Sense};
use environments::{
    Abilities, Act, EnvironmentId, EnvironmentSpec, JobSnapshot, ProviderId, ProviderSnapshot,
};

use super::list::ground;
use super::{PanelEvent, Place, ROW, line};
use crate::view::tokens::{STEP, Tokens};

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    /// How it is called.
    pub(super) label: String,
    /// What it means, at the right.
    pub(super) note: String,
    /// What it does.
    pub(super) does: Does,
}

/// What a choice does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Does {
    /// It is done at once, or asks by itself.
    Event(PanelEvent),
    /// It asks for the port to be forwarded.
    AskPort(EnvironmentId, String),
    /// It asks for the image of a helper.
    AskImage(EnvironmentId, String),
    /// It asks for the parameters of a creation.
    Create(ProviderId, String),
}

fn choice(label: impl Into<String>, note: impl Into<String>, does: Does) -> Choice {
    Choice {
        label: label.into(),
        note: note.into(),
        does,
    }
}

/// What can be done with an environment. `plain`: its shell could not be integrated.
pub(super) fn of_item(
    env: &EnvironmentSpec,
    provider: &ProviderSnapshot,
    jobs: &[JobSnapshot],
    plain: bool,
) -> Vec<Choice> {
    let id = || env.id.clone();
    let event = |label: &str, note: &str, event| choice(label, note, Does::Event(event));
    let act = |label: &str, note: &str, act| event(label, note, PanelEvent::Act(id(), act));
    let mut choices = Vec::new();
    if env.can.has(Abilities::SHELL) || env.can.has(Abilities::START) {
        for (label, place) in [
            ("Open in a tab", Place::Tab),
            ("Open right of this pane", Place::Right),
            ("Open below this pane", Place::Below),
        ] {
            choices.push(event(label, "", PanelEvent::Open(id(), place)));
        }
    }
    if plain {
        choices.push(event(
            "Open and integrate the shell",
            "it could not be the last time",
            PanelEvent::OpenIntegrated(id()),
        ));
    }
    if env.can.has(Abilities::LOOK) {
        choices.push(event("List what is in it", "", PanelEvent::LookInto(id())));
    }
    if let Some(url) = env.facts.get("url") {
        choices.push(event("Open its page", url, PanelEvent::Url(url.clone())));
    }
    for job in jobs.iter().filter(|job| job.env.as_ref() == Some(&env.id)) {
        choices.extend(of_job(job));
    }
    if env.can.has(Abilities::START) {
        choices.push(act("Start", "", Act::Start));
    }
    if env.can.has(Abilities::STOP) {
        choices.push(act("Stop", "", Act::Stop));
    }
    if env.can.has(Abilities::FORWARD) {
        let does = Does::AskPort(id(), env.name.clone());
        choices.push(choice("Forward a port …", "", does));
    }
    if env.can.has(Abilities::DEBUG) {
        let does = Does::AskImage(id(), env.name.clone());
        choices.push(choice(
            "Open a helper beside it …",
            "for one without a shell",
            does,
        ));
    }
    if env.can.has(Abilities::LOGS) {
        choices.push(act("Show its log", "", Act::Logs { follow: true }));
    }
    if env.can.has(Abilities::SHELL) {
        choices.push(event(
            "Copy the connection command",
            "",
            PanelEvent::CopyCommand(id()),
        ));
    }
    if env.can.has(Abilities::DISCARD) {
        choices.push(act("Discard …", "asks first", Act::Discard));
    }
    choices.extend(of_provider(provider));
    choices
}

fn of_job(job: &JobSnapshot) -> Vec<Choice> {
    let mut choices = Vec::new();
    match job.forward {
        Some((local, remote)) => {
            let url = format!("http://127.0.0.1:{local}/");
            let open = Does::Event(PanelEvent::Url(url.clone()));
            choices.push(choice(format!("Open port {remote}"), url, open));
            let end = Does::Event(PanelEvent::Cancel(job.ticket));
            choices.push(choice(format!("End the forward of port {remote}"), "", end));
        }
        None => {
            let label = format!("Call off: {}", job.what);
            choices.push(choice(
                label,
                "",
                Does::Event(PanelEvent::Cancel(job.ticket)),
            ));
        }
    }
    choices
}

/// What can be done with a provider.
pub(super) fn of_provider(provider: &ProviderSnapshot) -> Vec<Choice> {
    let mut choices = Vec::new();
    if let Some(remedy) = provider
        .failure
        .as_ref()
        .and_then(|failure| failure.remedy())
        && !remedy.run.is_empty()
    {
        let run = Does::Event(PanelEvent::Run(remedy.run.clone()));
        choices.push(choice(format!("Run {}", remedy.say), "in a tab", run));
    }
    if provider.abilities.has(Abilities::CREATE) {
        let does = Does::Create(provider.id.clone(), provider.title.clone());
        choices.push(choice("Create another …", provider.title.clone(), does));
    }
    choices
}

/// Draws the choices, the chosen one where it can be seen if `bring`; returns the place of one that was clicked.
pub(super) fn show(
    ui: &mut egui::Ui,
    choices: &[Choice],
    (chosen, bring): (usize, bool),
    tokens: &Tokens,
) -> Option<usize> {
    let mut clicked = None;
    ui.add_space(STEP);
    for (at, one) in choices.iter().enumerate() {
        let size = egui::vec2(ui.available_width(), ROW);
        let (place, response) = ui.allocate_exact_size(size, Sense::CLICK);
        response.widget_info(|| {
            egui::WidgetInfo::selected(egui::Role::MenuItem, true, at == chosen, &one.label)
        });
        ground(ui, place, at == chosen, response.hovered(), tokens);
        let room = place.shrink2(egui::vec2(STEP * 3.0, 0.0));
        let label = line(ui, one.label.clone(), room, tokens.text, Align::Min);
        let rest = Rect::from_min_max(egui::pos2(label.right() + STEP * 3.0, room.top()), room.max);
        if rest.width() > STEP * 10.0 {
            line(ui, one.note.clone(), rest, tokens.subtle, Align::Max);
        }
        if bring && at == chosen {
            ui.scroll_to_rect(place.expand2(egui::vec2(0.0, STEP)), None);
            ui.ctx().request_repaint();
        }
        if response.clicked() {
            clicked = Some(at);
        }
    }
    ui.add_space(STEP);
    clicked
}

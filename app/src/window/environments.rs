//! The window's panes in environments: opening, losing, opening again, closing.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use config::ActionName;
use config::tabs::NewTab;
use environments::plan::{Act, ShellWish};
use environments::{
    Abilities, EnvironmentEvent, EnvironmentId, EnvironmentSpec, Failure, JobEvent, Opened,
    ProviderId, State, Ticket,
};
use pty::Command;
use terminal::{LineId, PixelSize};

use super::Window;
use crate::actions;
use crate::environments::{reconnects, wish};
use crate::headless::screen_text;
use crate::layout::Direction;
use crate::pane::environment::{AfterEnd, Phase, SHARING, SILENCE, Said, clean};
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::session::{Exit, Session};
use crate::settings;
use crate::tabs::Tab;
use crate::view::dialog::Question;
use crate::view::environments::cost as cost_text;
use crate::view::notices::{Offer, Severity};

/// Rows of the screen that are looked through for what a tool said last.
const TAIL: usize = 4;

/// How long it stays pointed out that an environment is idle.
const IDLE_NOTICE: Duration = Duration::from_secs(600);
const IDLE_TOPIC: &str = "environment-idle";
/// How long after one was stopped the next is pointed out at the earliest.
const IDLE_PAUSE: Duration = Duration::from_secs(60);
/// The notice that one is being stopped.
pub(crate) const STOP_TOPIC: &str = "environment-stop";
/// More rows than these below what was said of a lost connection are not a failed attempt's to make it again.
const ATTEMPT_ROWS: i32 = 5;

/// Where a new pane goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into a tab of its own.
    Tab,
    /// Beside the focused pane.
    Split(Direction),
}

impl Window {
    /// Opens a shell in an environment, in `folder` over there. A stopped one is started first; the pane shows how
    /// that goes.
    pub(crate) fn open_environment(
        &mut self,
        services: &mut Services,
        id: &EnvironmentId,
        folder: Option<String>,
        place: Place,
    ) -> PaneId {
        let wish = wish(&services.config, folder);
        self.open_environment_as(services, id, wish, place)
    }

    /// The same, as wished for.
    pub(crate) fn open_environment_as(
        &mut self,
        services: &mut Services,
        id: &EnvironmentId,
        wish: ShellWish,
        place: Place,
    ) -> PaneId {
        let id = self.environment_pane(services, id, wish);
        match place {
            Place::Tab => {
                let at_end = services.config.tabs.new_tab == NewTab::End;
                self.tabs.insert(Tab::new(id), at_end);
            }
            Place::Split(side) => self.place_beside_focused(services, side, id),
        }
        self.overlay.changed();
        self.focus_moved(services);
        id
    }

    /// Begins to open a shell in an environment; its pane has no place yet.
    pub(super) fn environment_pane(
        &mut self,
        services: &mut Services,
        id: &EnvironmentId,
        wish: ShellWish,
    ) -> PaneId {
        let (size, cell) = match self.focused_pane() {
            Some(pane) => (pane.cells.size, pane.session.lock().cell_size()),
            None => (settings::grid_size(&services.config), PixelSize::default()),
        };
        self.tell_folders(services);
        let pane = services.open_environment(size, cell, id, wish);
        self.keep_pane(pane)
    }

    /// The focused pane's environment and folder, for a new pane beside it; `None` on this machine.
    pub(super) fn environment_here(&self) -> Option<(EnvironmentId, Option<String>)> {
        let pane = self.focused_pane()?;
        let environment = pane.environment.as_ref()?;
        let folder = pane
            .folder
            .clone()
            .or_else(|| environment.wish.folder.clone());
        Some((environment.id().clone(), folder))
    }

    /// Where the focused pane's shell runs.
    pub(crate) fn environment_of_focused(&self) -> EnvironmentId {
        let here = self.environment_here().map(|(id, _)| id);
        here.unwrap_or_else(|| EnvironmentId::new(&ProviderId::new("local"), "local"))
    }

    /// The manager told something.
    pub(crate) fn environment_event(&mut self, services: &mut Services, event: EnvironmentEvent) {
        match event {
            EnvironmentEvent::Changed => {
                self.settle_unsure(services);
                self.look_at_silent(services);
                self.forget_stopped(services);
                actions::environments::refresh(self, services);
            }
            EnvironmentEvent::Job(ticket, event) => match self.pane_of_ticket(ticket) {
                Some(id) => self.opening_goes_on(services, id, ticket, event),
                None if actions::environments::heard(self, services, ticket, &event) => {}
                None if actions::parity::heard(self, services, ticket, &event) => {}
                None => self.job_goes_on(services, ticket, event),
            },
        }
    }

    /// Whether one of the panes waits for this.
    pub(crate) fn waits_for(&self, ticket: Ticket) -> bool {
        self.pane_of_ticket(ticket).is_some()
            || self.overlay.panel_jobs.has(ticket)
            || self.overlay.parity.has(ticket)
    }

    fn pane_of_ticket(&self, ticket: Ticket) -> Option<PaneId> {
        let mut panes = self.panes.values();
        let pane = panes.find(|pane| {
            pane.environment
                .as_ref()
                .and_then(|environment| environment.ticket())
                == Some(ticket)
        });
        pane.map(|pane| pane.id)
    }

    fn opening_goes_on(
        &mut self,
        services: &mut Services,
        id: PaneId,
        ticket: Ticket,
        event: JobEvent,
    ) {
        self.show_progress(services, id, ticket);
        match event {
            JobEvent::Progress | JobEvent::Ready { .. } => {}
            JobEvent::Opened(opened) => self.opened(services, id, &opened),
            JobEvent::Done(Err(failure)) => self.not_opened(id, &failure),
            JobEvent::Done(Ok(_)) => {}
        }
        self.overlay.changed();
        self.update_title(services);
        self.redraw();
    }

    /// Prints the lines of a start into the pane.
    fn show_progress(&self, services: &Services, id: PaneId, ticket: Ticket) {
        let Some(pane) = self.panes.get(&id) else {
            return;
        };
        for line in services.environments.manager().take_lines(ticket) {
            pane.session
                .feed(format!("\x1b[2m{}\x1b[0m\r\n", clean(&line)).as_bytes());
        }
    }

    fn opened(&mut self, services: &mut Services, id: PaneId, opened: &Opened) {
        let command = settings::environment_command(&services.config, opened.plan.command.clone());
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        let Some(environment) = &mut pane.environment else {
            return;
        };
        let again = pane.ended;
        if again {
            pane.session.feed(b"\x1b[?25h");
            if environment.wish.survive.is_some() {
                // dtach clears the screen as it attaches: what is there goes into the scrollback before.
                pane.session.lock().keep_next_clear();
            }
        }
        let (_, parsed) = pane.session.parsed();
        let look = |env: &EnvironmentSpec| services.environments.look(env);
        environment.opened(opened, look, parsed, Instant::now());
        match pane.session.attach(&command, false) {
            Ok(()) => {
                pane.ended = false;
                pane.started = Instant::now();
            }
            Err(error) => {
                let said = environment.failed(&Failure::Other(format!("{error:#}")));
                say_gone(pane, &said);
            }
        }
        if let [lost @ .., last] = opened.plan.lost_vars.as_slice() {
            let names = lost
                .iter()
                .map(|name| format!("{name}, "))
                .collect::<String>()
                + last;
            let text = format!(
                "{}: variables cannot be passed on: {names}",
                opened.env.name
            );
            self.notify(Severity::Warning, "environment", text);
        }
    }

    fn not_opened(&mut self, id: PaneId, failure: &Failure) {
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        let Some(environment) = &mut pane.environment else {
            return;
        };
        let said = environment.failed(failure);
        say_gone(pane, &said);
    }

    /// Something that no pane waits for: a start from the list, a forward.
    fn job_goes_on(&mut self, services: &mut Services, ticket: Ticket, event: JobEvent) {
        match event {
            JobEvent::Progress => drop(services.environments.manager().take_lines(ticket)),
            JobEvent::Ready { port, note, url } => {
                let what = match (url, port) {
                    (Some(url), _) => format!("forwarded: {url}"),
                    (None, Some(port)) => format!("forwarded to 127.0.0.1:{port}"),
                    (None, None) => "ready".to_owned(),
                };
                let text = note.map_or(what.clone(), |note| format!("{what}; {note}"));
                let text = clean(&format!("{}{text}", whose(services, ticket)));
                self.notify(Severity::Info, "environment", text);
            }
            JobEvent::Done(Err(failure)) if failure != Failure::Cancelled => {
                let text = clean(&format!("{}{failure}", whose(services, ticket)));
                self.notify(Severity::Error, "environment", text);
            }
            // The pane that asked is gone: nothing was started yet.
            JobEvent::Done(_) | JobEvent::Opened(_) => {}
        }
    }

    /// A pane's program ended. True when the pane stays as it is, because of its environment.
    pub(super) fn environment_ended(
        &mut self,
        services: &mut Services,
        id: PaneId,
        exit: &Exit,
    ) -> bool {
        if self.opens_plainly(services, id, exit) {
            return true;
        }
        let retries = reconnects(&services.config);
        let Some(pane) = self.panes.get_mut(&id) else {
            return false;
        };
        let Some(environment) = &mut pane.environment else {
            return false;
        };
        let tail = tail_of(&pane.session);
        let status = exit.status.map(pty::ExitStatus::shell_code);
        let provider = environment.id().provider.clone();
        if environment.is_given_up() {
            self.not_opened(id, &Failure::Slow(SILENCE));
            self.overlay.changed();
            self.update_title(services);
            return true;
        }
        let introduced = pane.session.shell_was_introduced();
        match environment.ended(introduced, status, &tail, retries, Instant::now()) {
            AfterEnd::AsUsual => false,
            AfterEnd::Ask => {
                pane.ended = true;
                services.environments.manager().refresh(Some(provider));
                true
            }
            AfterEnd::Stay(said) => {
                let id = environment.id().clone();
                say_gone(pane, &said);
                services.environments.manager().lost(id);
                self.overlay.changed();
                self.update_title(services);
                true
            }
        }
    }

    /// Opens a plain shell in a pane whose other side does not understand what integrates one. That is remembered
    /// when it runs.
    fn opens_plainly(&mut self, services: &mut Services, id: PaneId, exit: &Exit) -> bool {
        let Some(pane) = self.panes.get_mut(&id) else {
            return false;
        };
        let tail = tail_of(&pane.session);
        let introduced = pane.session.shell_was_introduced();
        let status = exit.status.map(pty::ExitStatus::shell_code);
        let Some(environment) = &mut pane.environment else {
            return false;
        };
        if !environment.was_refused(introduced, status, &tail, Instant::now()) {
            return false;
        }
        tracing::info!(id = %environment.id(), "opened without shell integration");
        if environment.go_plain() {
            // What it complained of is ours, not the user's.
            pane.session.feed(b"\x1b[H\x1b[2J\x1b[3J");
        }
        pane.ended = true;
        match environment.take_plain() {
            Some(plain) => self.opened(services, id, &plain),
            None => {
                let ticket = services
                    .environments
                    .open(environment.id(), &environment.wish);
                environment.reopening(ticket);
            }
        }
        self.overlay.changed();
        self.redraw();
        true
    }

    /// Decides for panes of which only the environment's state can tell whether their shell ended by itself.
    fn settle_unsure(&mut self, services: &mut Services) {
        let snapshot = services.environments.snapshot();
        let panes = self.panes.values();
        let unsure: Vec<(PaneId, SystemTime)> = panes
            .filter_map(|pane| match pane.environment.as_ref()?.phase() {
                Phase::Unsure(since) => Some((pane.id, *since)),
                _ => None,
            })
            .collect();
        for (id, since) in unsure {
            let Some(pane) = self.panes.get_mut(&id) else {
                continue;
            };
            let Some(environment) = &mut pane.environment else {
                continue;
            };
            let provider = snapshot.provider(&environment.id().provider);
            // What was asked before the program ended says nothing of it.
            if provider.is_some_and(|provider| provider.asked_at.is_none_or(|asked| asked < since))
            {
                continue;
            }
            let found = snapshot.find(environment.id());
            let state = found.map_or(State::Absent, |env| env.state);
            let can_start = found.is_some_and(|env| env.can.has(Abilities::START));
            if matches!(state, State::Ready | State::Lost) {
                if !environment.is_believed(provider.and_then(|one| one.asked_at), Instant::now()) {
                    continue;
                }
                pane.ended = false;
                environment.settle();
                self.pane_changed(services, id);
                continue;
            }
            if state == State::Stopping && environment.waits_for_end(Instant::now()) {
                continue;
            }
            if state == State::Stopped && can_start && environment.starts_it() {
                // What its tool said of it is not so any more.
                pane.session.feed(b"\x1b[H\x1b[2J\x1b[3J");
                let ticket = services
                    .environments
                    .open(environment.id(), &environment.wish);
                environment.reopening(ticket);
                self.overlay.changed();
                self.redraw();
                continue;
            }
            let why = match state {
                State::Absent => "it is not there any more".to_owned(),
                State::Unknown => "the connection is gone".to_owned(),
                state => format!("it is {state}"),
            };
            let retries = reconnects(&services.config) && state == State::Unknown;
            let said = environment.lost(&why, retries, Instant::now());
            say_gone(pane, &said);
            self.overlay.changed();
            self.update_title(services);
            self.redraw();
        }
    }

    /// Opens a plain shell where the connection is up and the far side swallows what integrates its shell.
    fn look_at_silent(&mut self, services: &Services) {
        let snapshot = services.environments.snapshot();
        for pane in self.panes.values_mut() {
            let Some(environment) = &mut pane.environment else {
                continue;
            };
            let asked = snapshot
                .provider(&environment.id().provider)
                .and_then(|provider| provider.asked_at);
            let known = snapshot.find(environment.id());
            let up = known.is_some_and(|env| env.state == State::Ready);
            // What comes of the end opens the plain one.
            let now = SystemTime::now();
            if up && asked.is_some_and(|asked| environment.is_up(asked, now)) {
                pane.session.close();
            }
        }
    }

    /// Opens a pane's environment again, in the same pane; false when there is nothing to open again.
    pub(crate) fn connect_again(&mut self, services: &Services, id: PaneId) -> bool {
        let Some(pane) = self.panes.get_mut(&id) else {
            return false;
        };
        let folder = pane.folder.clone();
        let Some(environment) = pane.environment.as_mut().filter(|e| e.can_reopen()) else {
            return false;
        };
        environment.wish.folder = folder.or(environment.wish.folder.take());
        // What is said of the next attempt is over.
        take_back(&pane.session, environment.advice);
        let ticket = services
            .environments
            .open(&environment.spec.id, &environment.wish);
        environment.reopening(ticket);
        self.overlay.changed();
        self.redraw();
        true
    }

    /// Calls off an opening that a pane waits for; false when it waits for none.
    pub(crate) fn cancel_opening(&self, services: &Services, id: PaneId) -> bool {
        let environment = self
            .panes
            .get(&id)
            .and_then(|pane| pane.environment.as_ref());
        let Some(ticket) = environment.and_then(|environment| environment.ticket()) else {
            return false;
        };
        services.environments.manager().cancel(ticket);
        true
    }

    /// Ends a program whose far side was said not to answer; false when none was. What comes then is the end's.
    pub(crate) fn give_up_silent(&mut self, id: PaneId) -> bool {
        let Some(pane) = self.panes.get_mut(&id) else {
            return false;
        };
        let silent = pane
            .environment
            .as_mut()
            .is_some_and(|environment| environment.give_up());
        if silent {
            pane.session.close();
        }
        silent
    }

    /// Does what is due in panes of environments.
    pub(super) fn tick_environments(&mut self, services: &mut Services, now: Instant) {
        let mut busy: Vec<EnvironmentId> = self
            .panes
            .values()
            .filter_map(|pane| pane.environment.as_ref())
            .filter(|environment| environment.connects(now))
            .map(|environment| environment.id().clone())
            .collect();
        let mut again = Vec::new();
        for pane in self.panes.values_mut() {
            let Some(environment) = &mut pane.environment else {
                continue;
            };
            if environment.resize_is_due(now) {
                pane.session.tell_size_again();
            }
            let (_, parsed) = pane.session.parsed();
            if let Some(text) = environment.silence(parsed, now) {
                pane.session.feed(text.as_bytes());
            }
            if environment.look_is_due(now) {
                let provider = environment.id().provider.clone();
                services.environments.manager().refresh(Some(provider));
            }
            if environment.plain_is_proven(now) {
                services.remember_plain(environment.id());
            }
            if environment.ask_is_due(now) {
                let provider = environment.id().provider.clone();
                services.environments.manager().refresh(Some(provider));
            }
            if !environment.retry_is_due(now) {
                continue;
            }
            if busy.contains(environment.id()) {
                environment.wait_for_others(now + SHARING);
            } else {
                busy.push(environment.id().clone());
                again.push(pane.id);
            }
        }
        for id in again {
            self.connect_again(services, id);
        }
        self.point_out_idle(services, now);
    }

    /// Says of running environments that cost money and have no input that they could be stopped.
    fn point_out_idle(&mut self, services: &Services, now: Instant) {
        let minutes = u64::from(services.config.environments.idle_minutes);
        // One at a time: the offer must say whom it stops.
        let rests = self.overlay.idle_rests.is_some_and(|until| until > now);
        if minutes == 0 || rests || self.idle().is_some() {
            return;
        }
        let limit = Duration::from_secs(minutes * 60);
        let mut idle = None;
        for pane in self.panes.values_mut() {
            let Some(environment) = &mut pane.environment else {
                continue;
            };
            let rests = !environment.pointed_out && now.duration_since(environment.used) >= limit;
            let cost = environment.look.cost.filter(|cost| *cost > 0.0);
            if rests && let Some(cost) = cost {
                environment.pointed_out = true;
                idle = Some((environment.spec.clone(), cost));
                break;
            }
        }
        let Some((env, cost)) = idle else { return };
        let time = match minutes {
            1 => "a minute".to_owned(),
            minutes => format!("{minutes} minutes"),
        };
        let text = format!(
            "{} had no input for {time} and costs {}",
            env.name,
            cost_text(cost)
        );
        if !env.can.has(Abilities::STOP) {
            self.notify(Severity::Warning, "environment", text);
            return;
        }
        let key = services.config.keys.way_to(ActionName::StopEnvironment);
        let key = key.map_or_else(String::new, |key| format!("; {key} stops it"));
        let text = format!("{text}{key}");
        let offer = Offer {
            label: format!("Stop {}", env.name),
            action: ActionName::StopEnvironment,
        };
        self.overlay.idle = Some(env.id);
        self.prepare_chrome();
        let until = now + IDLE_NOTICE;
        self.overlay
            .notices
            .push_offer(Severity::Warning, IDLE_TOPIC, text, offer, until);
        self.overlay.changed();
        self.redraw();
    }

    /// The environment that is pointed out as idle, as long as that is to be seen.
    fn idle(&self) -> Option<&EnvironmentId> {
        let shown = self.overlay.notices.has(IDLE_TOPIC);
        self.overlay.idle.as_ref().filter(|_| shown)
    }

    /// Nobody is to be stopped for being idle any more: it was used, or was stopped.
    pub(super) fn forget_idle(&mut self) {
        if self.overlay.idle.take().is_some() {
            self.overlay.notices.clear(IDLE_TOPIC);
            self.overlay.changed();
        }
    }

    /// What is pointed out as idle may have been stopped elsewhere, or its panes closed.
    fn forget_stopped(&mut self, services: &Services) {
        let Some(id) = self.idle() else { return };
        let snapshot = services.environments.snapshot();
        let state = snapshot.find(id).map(|env| env.state);
        let stopped = matches!(
            state,
            Some(State::Stopped | State::Stopping | State::Failed)
        );
        let mut panes = self.panes.values();
        let runs = panes.any(|pane| {
            let environment = pane.environment.as_ref();
            environment.is_some_and(|it| it.id() == id && !it.can_reopen())
        });
        if stopped || !runs {
            self.forget_idle();
        }
    }

    /// When the above is next due.
    pub(super) fn environment_deadline(&self, services: &Services) -> Option<Instant> {
        let minutes = u64::from(services.config.environments.idle_minutes);
        let environments = self
            .panes
            .values()
            .filter_map(|pane| pane.environment.as_ref());
        let deadlines = environments.flat_map(|environment| {
            let costs = environment.look.cost.is_some_and(|cost| cost > 0.0);
            let hint = costs && minutes > 0 && !environment.pointed_out && self.idle().is_none();
            let idle = hint.then(|| environment.used + Duration::from_secs(minutes * 60));
            let idle = idle.map(|at| self.overlay.idle_rests.map_or(at, |rests| rests.max(at)));
            environment.deadline().into_iter().chain(idle)
        });
        deadlines.min()
    }

    /// The environments that are bound to these panes and to no other: to be asked about when they are closed.
    pub(super) fn bound_to(&self, panes: &[PaneId]) -> Vec<EnvironmentSpec> {
        let of = |inside: bool| {
            let panes = self
                .panes
                .values()
                .filter(move |pane| panes.contains(&pane.id) == inside);
            panes.filter_map(|pane| pane.environment.as_ref())
        };
        let bound = of(true).filter(|environment| environment.ephemeral);
        let alone = bound.filter(|one| !of(false).any(|other| other.id() == one.id()));
        alone.map(|environment| environment.spec.clone()).collect()
    }

    /// Asks whether an environment is to be ended for good, naming what is lost.
    pub(crate) fn ask_to_discard(&mut self, services: &Services, env: &EnvironmentSpec) {
        self.ask_to(services, env, Act::Discard);
    }

    /// Asks whether something is to be done by which something is lost, naming that.
    pub(crate) fn ask_to(&mut self, services: &Services, env: &EnvironmentSpec, act: Act) {
        match services.environments.manager().plan(&env.id, &act) {
            Ok(plan) => {
                self.ask(Question::Environment {
                    id: env.id.clone(),
                    act,
                    name: env.name.clone(),
                    loses: plan.loses.unwrap_or_else(|| "what runs in it".to_owned()),
                    note: plan.note,
                });
            }
            Err(failure) => {
                let text = format!("{}: {failure}", env.name);
                self.notify(Severity::Warning, "environment", text);
            }
        }
    }

    /// Does something with an environment; that it stops is said until it has.
    pub(crate) fn act_on(&mut self, services: &Services, id: EnvironmentId, act: Act) {
        let stops = act == Act::Stop;
        let name = clean(&services.environments.name_of(&id));
        if stops && self.overlay.idle.as_ref() == Some(&id) {
            self.forget_idle();
        }
        let ticket = services.environments.manager().act(id, act);
        if stops {
            self.overlay.idle_rests = Some(Instant::now() + IDLE_PAUSE);
            let text = format!("Stopping {name} …");
            self.overlay.panel_jobs.stops(ticket, name);
            self.prepare_chrome();
            self.overlay.notices.push_lasting(STOP_TOPIC, text);
            self.overlay.changed();
            self.redraw();
        }
    }

    /// Shows a log in a tab of that name.
    pub(crate) fn show_in_tab(&mut self, services: &mut Services, command: &Command, name: String) {
        let id = self.run_in_tab(services, command, Some(name));
        if let Some(pane) = self.panes.get_mut(&id) {
            pane.only_shows = true;
        }
    }

    /// Runs a command in a tab: a login. `name`: what the tab is called, if not as its program.
    pub(crate) fn run_in_tab(
        &mut self,
        services: &mut Services,
        command: &Command,
        name: Option<String>,
    ) -> PaneId {
        let (size, cell) = match self.focused_pane() {
            Some(pane) => (pane.cells.size, pane.session.lock().cell_size()),
            None => (settings::grid_size(&services.config), PixelSize::default()),
        };
        let pane = services.start_pane(command, size, cell);
        let id = self.keep_pane(pane);
        let at_end = services.config.tabs.new_tab == NewTab::End;
        let mut tab = Tab::new(id);
        tab.name = name;
        self.tabs.insert(tab, at_end);
        self.overlay.changed();
        self.focus_moved(services);
        id
    }

    /// Stops the environment that was pointed out as idle, after asking if it is not the focused pane's; else, after
    /// asking, the focused pane's.
    pub(crate) fn stop_environment(&mut self, services: &Services) -> bool {
        if let Some(id) = self.idle().cloned() {
            if self.environment_of_focused() == id {
                self.act_on(services, id, Act::Stop);
                return true;
            }
            let panes = self.panes.values();
            let mut known = panes.filter_map(|pane| pane.environment.as_ref());
            let env = known.find(|one| *one.id() == id);
            if let Some(env) = env.map(|environment| environment.spec.clone()) {
                self.ask_to(services, &env, Act::Stop);
                return true;
            }
        }
        let Some(environment) = self
            .focused_pane()
            .and_then(|pane| pane.environment.as_ref())
        else {
            return false;
        };
        let env = environment.spec.clone();
        self.ask_to(services, &env, Act::Stop);
        true
    }

    /// Binds the focused pane's environment to its tab, or frees it: it is discarded, after asking, when its
    /// last pane is closed.
    pub(crate) fn bind_environment(&mut self, services: &Services) -> bool {
        let Some(id) = self.tabs.active().map(|tab| tab.focused) else {
            return false;
        };
        let Some(environment) = self
            .panes
            .get_mut(&id)
            .and_then(|pane| pane.environment.as_mut())
        else {
            return false;
        };
        let snapshot = services.environments.snapshot();
        let provider = snapshot.provider(&environment.id().provider);
        if provider.is_none_or(|provider| !provider.abilities.has(Abilities::DISCARD)) {
            let text = format!(
                "{} is of a kind that is not discarded",
                environment.spec.name
            );
            self.notify(Severity::Warning, "environment", text);
            return true;
        }
        environment.ephemeral = !environment.ephemeral;
        let name = environment.spec.name.clone();
        let text = if environment.ephemeral {
            format!("{name} will be discarded, after asking, when its last pane is closed")
        } else {
            format!("{name} stays when its panes are closed")
        };
        self.notify(Severity::Info, "environment", text);
        true
    }

    /// Tells the manager in which folders the user works.
    pub(crate) fn tell_folders(&self, services: &mut Services) {
        let local = self
            .panes
            .values()
            .filter(|pane| pane.environment.is_none());
        let folders: Vec<PathBuf> = local.filter_map(|pane| pane.session.folder()).collect();
        services.environments.set_folders(folders);
    }
}

/// Says in a pane that its shell is gone, below what it showed.
fn say_gone(pane: &mut Pane, said: &Said) {
    pane.ended = true;
    pane.session.lock().keep_alternate();
    pane.session.leave_program();
    let Some(environment) = &mut pane.environment else {
        return;
    };
    if said.what.is_empty() {
        take_back(&pane.session, environment.advice);
    }
    pane.session.feed(said.what.as_bytes());
    environment.advice = Some(pane.session.lock().cursor_line());
    pane.session.feed(said.advice.as_bytes());
}

/// Takes what was said of the next attempt off a screen, and what a failed attempt has left below it.
fn take_back(session: &Session, advice: Option<LineId>) {
    let mut terminal = session.lock();
    let at = advice.and_then(|line| Some((line, terminal.resolve(line, 0)?.line)));
    let here = terminal
        .resolve(terminal.cursor_line(), 0)
        .map(|point| point.line);
    if let (Some((advice, at)), Some(here)) = (at, here)
        && here.0 - at.0 <= ATTEMPT_ROWS
    {
        terminal.take_back_line(advice);
    }
}

/// The last lines of a pane's screen.
fn tail_of(session: &Session) -> Vec<String> {
    let text = screen_text(session);
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let tail = &lines[lines.len().saturating_sub(TAIL)..];
    tail.iter().map(|line| (*line).to_owned()).collect()
}

/// The name of the environment that something goes on in, to begin what is said of it with; empty for none.
fn whose(services: &Services, ticket: Ticket) -> String {
    let snapshot = services.environments.snapshot();
    let job = snapshot.jobs.iter().find(|job| job.ticket == ticket);
    let env = job.and_then(|job| job.env.as_ref());
    env.map_or_else(String::new, |id| {
        format!("{}: ", services.environments.name_of(id))
    })
}

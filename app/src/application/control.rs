//! What other programs asked for through the control socket, done to windows, tabs and panes; and whom
//! they are told to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use config::ActionName;
use config::layouts::PaneSpec;
use crossbeam::channel::TrySendError;
use environments::{EnvironmentId, ShellWish};
use serde_json::{Value, json};
use terminal::PixelSize;
use winit::event_loop::ActiveEventLoop;
use winit::window::WindowId;

use super::{Application, holder};
use crate::actions;
use crate::control::access::{Caller, Tokens};
use crate::control::grants::Decision;
use crate::control::protocol::{Change, Failure, OpenKind, Place, Request, Shot, Side, VERSION};
use crate::control::{Answer, Ask, Watcher, Wish};
use crate::headless::control::protocol::key;
use crate::history::recorder::Recorder;
use crate::layout::Direction;
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::session::Session;
use crate::settings;
use crate::tabs::TabId;
use crate::view::dialog::Question;
use crate::window::{Place as InWindow, TabOfPanes, Window};

/// Who is told of changes, and what they know.
#[derive(Default)]
pub(super) struct Watchers {
    list: Vec<Watcher>,
    told: BTreeMap<PaneId, Known>,
    focused: Option<PaneId>,
}

/// What is told of a pane.
#[derive(Clone, PartialEq, Eq)]
struct Known {
    title: String,
    folder: Option<String>,
}

impl Known {
    fn of(pane: &Pane) -> Self {
        Self {
            title: pane.label(),
            folder: pane.folder.clone(),
        }
    }
}

impl Watchers {
    /// A pane has new output.
    pub(super) fn output(&mut self, pane: PaneId) {
        self.tell(&Change::Output { pane: pane.0 });
    }

    fn tell(&mut self, change: &Change) {
        self.list.retain(|watcher| {
            if watcher.pane.is_some_and(|pane| pane.0 != change.pane()) {
                return true;
            }
            let told = if watcher.commands {
                change.clone()
            } else {
                change.clone().without_text()
            };
            match watcher.changes.try_send(told) {
                Ok(()) => true,
                Err(TrySendError::Disconnected(_)) => false,
                Err(TrySendError::Full(_)) => {
                    tracing::warn!("a control client is too slow for its changes and is let go");
                    false
                }
            }
        });
    }

    /// Compares what there is with what was told. `said`: what panes said meanwhile.
    fn compare(
        &mut self,
        panes: BTreeMap<PaneId, Known>,
        focused: Option<PaneId>,
        said: Vec<Change>,
    ) {
        let mut changes = Vec::new();
        for (id, known) in &panes {
            let before = self.told.get(id);
            if before.is_none() {
                changes.push(Change::Opened { pane: id.0 });
            }
            let title_changed = before.is_none_or(|before| {
                (&before.title, &before.folder) != (&known.title, &known.folder)
            });
            if title_changed {
                changes.push(Change::Title {
                    pane: id.0,
                    title: known.title.clone(),
                    folder: known.folder.clone(),
                });
            }
        }
        changes.extend(said);
        for id in self.told.keys().filter(|id| !panes.contains_key(id)) {
            changes.push(Change::Closed { pane: id.0 });
        }
        if let Some(id) = focused.filter(|_| focused != self.focused) {
            changes.push(Change::Focused { pane: id.0 });
        }
        self.told = panes;
        self.focused = focused;
        for change in &changes {
            self.tell(change);
        }
    }
}

/// A window's number for clients.
fn number(id: WindowId) -> u64 {
    u64::from(id)
}

/// Whether other programs may type into a pane.
///
/// # Errors
/// While a program asks for a password there: only the user types that.
fn check_typing(session: &Session) -> Result<(), Failure> {
    let asks = session
        .io()
        .is_some_and(|io| io.control().line_state().asks_password());
    if asks {
        return Err(Failure::forbidden(
            "the program there asks for something secret, which only you can type",
        ));
    }
    Ok(())
}

/// Whether other programs may read a pane.
///
/// # Errors
/// When it is private.
fn check_reading(pane: PaneId, session: &Session) -> Result<(), Failure> {
    if session.recorder().is_some_and(Recorder::is_private) {
        let text = format!("pane {} is private and not shown to other programs", pane.0);
        return Err(Failure::forbidden(text));
    }
    Ok(())
}

fn no_pane(pane: u64) -> Failure {
    Failure::absent(format!("there is no pane {pane}; see terrace ctl list"))
}

impl Application {
    /// Does what was asked and answers.
    pub(super) fn control(&mut self, event_loop: &ActiveEventLoop, ask: Ask) {
        if let Some(watcher) = ask.watcher {
            if self.watchers.list.is_empty() {
                // What is there when the first comes is no news.
                let (panes, focused) = self.known();
                self.watchers.told = panes;
                self.watchers.focused = focused;
            }
            self.watchers.list.push(watcher);
        }
        let answer = self.carry_out_ask(event_loop, ask.request);
        // The client may have left.
        let _ = ask.answer.send(answer);
        self.settle(event_loop);
    }

    /// Tells those who watch what is new; costs nothing while nobody does.
    pub(super) fn tell_watchers(&mut self) {
        let said = std::mem::take(&mut self.services.told);
        if !self.watchers.list.is_empty() {
            let (panes, focused) = self.known();
            self.watchers.compare(panes, focused, said);
        }
    }

    /// Asks the user whether a program may do what it asks for: where the program is, or what it is about.
    pub(super) fn wish(&mut self, wish: &Wish) {
        let of = |application: &Self, pane: Option<PaneId>| {
            let holds = |window: &Window| pane.is_some_and(|id| window.panes.contains_key(&id));
            let mut windows = application.windows.iter();
            windows.find(|(_, window)| holds(window)).map(|(id, _)| *id)
        };
        let own = match wish.asker.caller {
            Caller::Pane(pane) => Some(pane),
            Caller::User => None,
        };
        let label = |application: &Self, pane: Option<PaneId>| {
            let mut windows = application.windows.values();
            let pane = windows.find_map(|window| window.panes.get(&pane?))?;
            Some(pane.label())
        };
        let question = Question::Control {
            ticket: wish.ticket,
            program: wish.asker.program.name(),
            line: wish.asker.program.line.clone(),
            own: own.map(|_| label(self, own).unwrap_or_default()),
            scope: wish.scope,
            target: wish.pane.and_then(|pane| label(self, Some(pane))),
        };
        let id = of(self, own)
            .or_else(|| of(self, wish.pane))
            .or_else(|| self.front_id());
        let asked = id
            .and_then(|id| self.windows.get_mut(&id))
            .is_some_and(|window| window.ask(question));
        if !asked && let Some(tokens) = &self.services.tokens {
            tokens.decide(wish.ticket, Decision::Busy);
        }
    }

    fn known(&self) -> (BTreeMap<PaneId, Known>, Option<PaneId>) {
        let panes = self
            .windows
            .values()
            .flat_map(|window| window.panes.values());
        let focused = self
            .front_id()
            .and_then(|id| self.windows.get(&id))
            .and_then(|window| window.focused_pane())
            .map(|pane| pane.id);
        (
            panes.map(|pane| (pane.id, Known::of(pane))).collect(),
            focused,
        )
    }

    fn carry_out_ask(
        &mut self,
        event_loop: &ActiveEventLoop,
        request: Request,
    ) -> Result<Answer, Failure> {
        let done = |value: Value| Ok(Answer::Result(value));
        match request {
            Request::Hello {} => done(json!({
                "protocol": VERSION,
                "version": env!("CARGO_PKG_VERSION"),
                "process": std::process::id(),
            })),
            Request::List {} => done(self.list()),
            Request::Open {
                kind,
                window,
                place,
                name,
            } => self
                .open(event_loop, kind, window, &place, name)
                .and_then(done),
            Request::Split { pane, side, place } => self.split(pane, side, &place).and_then(done),
            Request::Focus { pane, tab, window } => self.focus(pane, tab, window).and_then(done),
            Request::Close { pane, tab, force } => self.close(pane, tab, force).and_then(done),
            Request::Resize {
                pane,
                window,
                columns,
                rows,
            } => self.resize(pane, window, columns, rows).and_then(done),
            Request::SendText { pane, text } => {
                let (id, session, _) = self.pane(pane)?;
                check_typing(&session)?;
                session
                    .paste(&text)
                    .map_err(|error| Failure::failed(error.to_string()))?;
                done(json!({"pane": id.0}))
            }
            Request::SendKey { pane, key: value } => {
                let event =
                    key(&value).map_err(|error| Failure::request(format!("key: {error:#}")))?;
                let (id, session, _) = self.pane(pane)?;
                check_typing(&session)?;
                done(json!({"pane": id.0, "sent": session.send_key(&event, true)}))
            }
            Request::Screenshot {
                of: Shot::Window,
                window,
                ..
            } => self.picture(window),
            Request::Text { pane, .. }
            | Request::Screenshot { pane, .. }
            | Request::Wait { pane, .. } => {
                let (id, session, config) = self.pane(pane)?;
                check_reading(id, &session)?;
                Ok(Answer::Pane(id, session, config))
            }
            Request::Audit {} => {
                let tokens = self.services.tokens.as_ref();
                done(tokens.map_or(Value::Null, Tokens::audit_json))
            }
            Request::Revoke { grant } => {
                let tokens = self.services.tokens.as_ref();
                let count = tokens.map_or(0, |tokens| tokens.revoke(grant));
                done(json!({"revoked": count}))
            }
            Request::Title { tab, name } => self.title(tab, name).and_then(done),
            Request::Theme { name, keep } => self.theme(&name, keep).and_then(done),
            Request::Action { name, pane } => self.action(&name, pane).and_then(done),
            Request::Subscribe { pane } => {
                if let Some(pane) = pane {
                    self.pane(Some(pane))?;
                }
                done(json!({}))
            }
        }
    }

    /// Every window with its tabs and panes, in their order on the screen.
    fn list(&self) -> Value {
        let front = self.front_id();
        let pane = |window: &Window, id: PaneId, focused: PaneId| {
            let pane = window.panes.get(&id)?;
            let size = pane.cells.size;
            Some(json!({
                "pane": id.0,
                "focused": id == focused,
                "title": pane.label(),
                "folder": pane.session.folder().or_else(|| pane.folder.clone().map(PathBuf::from)),
                "program": pane.session.program_name(),
                "running": pane.ends_with_it(false, Session::running_program),
                "ended": pane.ended,
                "columns": size.columns,
                "rows": size.rows,
            }))
        };
        let windows: Vec<Value> = self
            .windows
            .iter()
            .map(|(id, window)| {
                let labels = window.tab_labels();
                let tabs: Vec<Value> = window
                    .tabs
                    .iter()
                    .zip(labels)
                    .enumerate()
                    .map(|(index, (tab, (_, label)))| {
                        let panes = tab.layout.panes();
                        let panes: Vec<Value> = panes
                            .into_iter()
                            .filter_map(|id| pane(window, id, tab.focused))
                            .collect();
                        json!({
                            "tab": tab.id.0,
                            "title": label,
                            "active": index == window.tabs.active_index(),
                            "zoomed": tab.zoomed,
                            "panes": panes,
                        })
                    })
                    .collect();
                json!({"window": number(*id), "focused": Some(*id) == front, "tabs": tabs})
            })
            .collect();
        json!({"windows": windows})
    }

    /// The window that is named, or the foremost.
    fn window_id(&self, window: Option<u64>) -> Result<WindowId, Failure> {
        match window {
            None => self
                .front_id()
                .ok_or_else(|| Failure::absent("no window is open yet")),
            Some(wanted) => self
                .windows
                .keys()
                .copied()
                .find(|id| number(*id) == wanted)
                .ok_or_else(|| Failure::absent(format!("there is no window {wanted}"))),
        }
    }

    /// The window and the tab that are named, or those shown foremost.
    fn tab_id(&self, tab: Option<u64>) -> Result<(WindowId, TabId), Failure> {
        let found = match tab {
            Some(wanted) => self.windows.iter().find_map(|(id, window)| {
                let tab = window.tabs.get(TabId(wanted))?;
                Some((*id, tab.id))
            }),
            None => {
                let id = self.window_id(None)?;
                let tab = self
                    .windows
                    .get(&id)
                    .and_then(|window| window.tabs.active());
                tab.map(|tab| (id, tab.id))
            }
        };
        found.ok_or_else(|| match tab {
            Some(tab) => Failure::absent(format!("there is no tab {tab}")),
            None => Failure::absent("no tab is open"),
        })
    }

    /// The pane that is named, or the focused one.
    fn pane(
        &self,
        pane: Option<u64>,
    ) -> Result<(PaneId, Arc<Session>, Arc<config::Config>), Failure> {
        let found = match pane {
            Some(id) => self
                .windows
                .values()
                .find_map(|window| window.panes.get(&PaneId(id)))
                .ok_or_else(|| no_pane(id))?,
            None => self
                .windows
                .get(&self.window_id(None)?)
                .and_then(Window::focused_pane)
                .ok_or_else(|| Failure::absent("no pane is open"))?,
        };
        Ok((
            found.id,
            Arc::clone(&found.session),
            Arc::clone(&self.services.config),
        ))
    }

    /// Focuses the pane that is named, if one is, and gives its window.
    fn bring(&mut self, pane: Option<u64>) -> Result<(&mut Window, &mut Services), Failure> {
        let id = match pane {
            None => self.window_id(None)?,
            Some(pane) => {
                let window =
                    holder(&mut self.windows, PaneId(pane)).ok_or_else(|| no_pane(pane))?;
                let tab = window
                    .tabs
                    .iter()
                    .find(|tab| tab.layout.contains(PaneId(pane)))
                    .map(|tab| tab.id);
                if let Some(tab) = tab {
                    window.show_tab(&self.services, tab);
                }
                window.focus_pane(&self.services, PaneId(pane));
                window.handle.id()
            }
        };
        match self.windows.get_mut(&id) {
            Some(window) => Ok((window, &mut self.services)),
            None => Err(Failure::absent("no window is open yet")),
        }
    }

    /// The environment of a place and what is wished for there; `None` on this machine.
    fn far(&self, place: &Place) -> Result<Option<(EnvironmentId, ShellWish)>, Failure> {
        let Some(name) = &place.environment else {
            return Ok(None);
        };
        let id = name
            .parse()
            .map_err(|error| Failure::request(format!("environment: {error}")))?;
        let config = &self.services.config;
        let wish = ShellWish {
            command: place.command.iter().map(Into::into).collect(),
            ..crate::environments::wish(config, place.folder.clone())
        };
        Ok(Some((id, wish)))
    }

    /// What runs in a new pane; the folder is the focused pane's where none is named.
    fn spec(&self, window: WindowId, place: &Place) -> Result<PaneSpec, Failure> {
        let inherited = || {
            let pane = self.windows.get(&window)?.focused_pane()?;
            Some(pane.session.folder()?.to_string_lossy().into_owned())
        };
        if let Some(folder) = &place.folder
            && !settings::expand_home(folder).is_dir()
        {
            return Err(Failure::absent(format!(
                "{folder}: there is no such folder"
            )));
        }
        Ok(PaneSpec {
            folder: place.folder.clone().or_else(inherited),
            command: place.command.clone(),
            ..PaneSpec::default()
        })
    }

    fn open(
        &mut self,
        event_loop: &ActiveEventLoop,
        kind: OpenKind,
        window: Option<u64>,
        place: &Place,
        name: Option<String>,
    ) -> Result<Value, Failure> {
        let id = self.window_id(window)?;
        let size = settings::grid_size(&self.services.config);
        let pane = match self.far(place)? {
            Some((env, wish)) => {
                let cell = PixelSize::default();
                self.services.open_environment(size, cell, &env, wish)
            }
            None => {
                let spec = self.spec(id, place)?;
                self.services.open_pane_at(size, &spec)
            }
        };
        let pane_id = pane.id;
        let mut tab = TabOfPanes::new(pane);
        let tab_id = tab.tab.id;
        tab.tab.name = name.filter(|name| !name.is_empty());
        match kind {
            OpenKind::Window => self.open_window(event_loop, tab),
            OpenKind::Tab => {
                if let Some(window) = self.windows.get_mut(&id) {
                    window.adopt(&mut self.services, tab, true);
                    window.come_forward();
                }
            }
        }
        let window = holder(&mut self.windows, pane_id).map(|window| number(window.handle.id()));
        Ok(json!({"window": window, "tab": tab_id.0, "pane": pane_id.0}))
    }

    fn split(&mut self, pane: Option<u64>, side: Side, place: &Place) -> Result<Value, Failure> {
        let side = match side {
            Side::Right => Direction::Right,
            Side::Left => Direction::Left,
            Side::Down => Direction::Down,
            Side::Up => Direction::Up,
        };
        if let Some((env, wish)) = self.far(place)? {
            let (window, services) = self.bring(pane)?;
            let new = window.open_environment_as(services, &env, wish, InWindow::Split(side));
            return Ok(json!({"pane": new.0}));
        }
        let id = self.bring(pane)?.0.handle.id();
        let spec = self.spec(id, place)?;
        let (window, services) = self.bring(pane)?;
        let new = window
            .split_with(services, side, &spec)
            .ok_or_else(|| Failure::failed("the pane is too small to be split"))?;
        Ok(json!({"pane": new.0}))
    }

    fn focus(
        &mut self,
        pane: Option<u64>,
        tab: Option<u64>,
        window: Option<u64>,
    ) -> Result<Value, Failure> {
        match (pane, tab, window) {
            (Some(pane), None, None) => self.bring(Some(pane))?.0.come_forward(),
            (None, Some(tab), None) => {
                let (id, tab) = self.tab_id(Some(tab))?;
                if let Some(window) = self.windows.get_mut(&id) {
                    window.show_tab(&self.services, tab);
                    window.come_forward();
                }
            }
            (None, None, Some(window)) => {
                let id = self.window_id(Some(window))?;
                if let Some(window) = self.windows.get_mut(&id) {
                    window.come_forward();
                }
            }
            _ => return Err(Failure::request("focus: name a pane, a tab or a window")),
        }
        Ok(json!({}))
    }

    fn close(
        &mut self,
        pane: Option<u64>,
        tab: Option<u64>,
        force: bool,
    ) -> Result<Value, Failure> {
        let ids: Vec<PaneId> = match (pane, tab) {
            (Some(pane), None) => vec![self.pane(Some(pane))?.0],
            (None, Some(tab)) => {
                let (id, tab) = self.tab_id(Some(tab))?;
                let tab = self
                    .windows
                    .get(&id)
                    .and_then(|window| window.tabs.get(tab));
                tab.map(|tab| tab.layout.panes()).unwrap_or_default()
            }
            _ => return Err(Failure::request("close: name a pane or a tab")),
        };
        let running = ids.iter().find_map(|id| {
            let mut windows = self.windows.values();
            let pane = windows.find_map(|window| window.panes.get(id))?;
            pane.ends_with_it(false, Session::running_program)
        });
        if let Some(program) = running.filter(|_| !force) {
            return Err(Failure::failed(format!(
                "{program} runs there; \"force\" closes it all the same"
            )));
        }
        let Some(window) = ids.first().and_then(|id| holder(&mut self.windows, *id)) else {
            return Ok(json!({}));
        };
        let of = window.tabs.of_pane(ids[0]);
        let tab = of.map(|tab| (tab.id, tab.layout.panes().len()));
        match tab {
            // The last pane of a tab is the tab.
            Some((tab, count)) if count == ids.len() => {
                window.close_tab_now(&mut self.services, tab);
            }
            _ => window.close_pane_now(&mut self.services, ids[0]),
        }
        Ok(json!({}))
    }

    fn resize(
        &mut self,
        pane: Option<u64>,
        window: Option<u64>,
        columns: Option<u16>,
        rows: Option<u16>,
    ) -> Result<Value, Failure> {
        let sensible = |cells: Option<u16>| cells.is_none_or(|cells| (1..=2000).contains(&cells));
        if !sensible(columns) || !sensible(rows) || (columns, rows) == (None, None) {
            return Err(Failure::request(
                "resize: columns and rows, or one of them, from 1 to 2000",
            ));
        }
        let Some(pane) = pane else {
            return self.resize_window(window, columns, rows);
        };
        if window.is_some() {
            return Err(Failure::request("resize: name a pane or a window"));
        }
        let id = PaneId(pane);
        let window = holder(&mut self.windows, id).ok_or_else(|| no_pane(pane))?;
        let size = window
            .resize_pane_to(&self.services, id, columns, rows)
            .map_err(Failure::failed)?;
        Ok(json!({"pane": pane, "columns": size.columns, "rows": size.rows}))
    }

    fn resize_window(
        &self,
        window: Option<u64>,
        columns: Option<u16>,
        rows: Option<u16>,
    ) -> Result<Value, Failure> {
        let id = self.window_id(window)?;
        let window = self
            .windows
            .get(&id)
            .ok_or_else(|| Failure::absent("no window is open yet"))?;
        window
            .ask_for_cells(&self.services, columns, rows)
            .ok_or_else(|| Failure::failed("the window cannot be drawn now"))?;
        Ok(json!({}))
    }

    /// A picture of a window with all that is in it.
    fn picture(&mut self, window: Option<u64>) -> Result<Answer, Failure> {
        let id = self.window_id(window)?;
        let window = self
            .windows
            .get_mut(&id)
            .ok_or_else(|| Failure::absent("no window is open yet"))?;
        for pane in window.shown_panes() {
            if let Some(pane) = window.panes.get(&pane) {
                check_reading(pane.id, &pane.session)?;
            }
        }
        let picture = window.picture(&mut self.services);
        let picture = picture.map_err(|error| Failure::failed(format!("{error:#}")))?;
        Ok(Answer::Picture(picture))
    }

    fn title(&mut self, tab: Option<u64>, name: String) -> Result<Value, Failure> {
        let (id, tab) = self.tab_id(tab)?;
        if let Some(window) = self.windows.get_mut(&id) {
            let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
            if let Some(tab) = window.tabs.get_mut(tab) {
                tab.name = (!name.is_empty()).then_some(name);
            }
            window.focus_moved(&self.services);
            window.redraw();
        }
        Ok(json!({"tab": tab.0}))
    }

    fn theme(&mut self, name: &str, keep: bool) -> Result<Value, Failure> {
        let services = &mut self.services;
        let known = services.theme_names();
        let Some(name) = known.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            return Err(Failure::absent(format!(
                "there is no theme \"{}\"; see terrace theme list",
                name.escape_debug()
            )));
        };
        if keep {
            let value = services.theme_value(name);
            services.preview_theme(None);
            services
                .set_option("colors", "theme", Some(&value))
                .map_err(|problem| Failure::failed(problem.to_string()))?;
        } else {
            services.preview_theme(Some(name));
        }
        Ok(json!({"theme": name}))
    }

    fn action(&mut self, name: &str, pane: Option<u64>) -> Result<Value, Failure> {
        let action = ActionName::ALL
            .iter()
            .find(|action| action.name() == name)
            .copied()
            .ok_or_else(|| {
                Failure::absent(format!(
                    "there is no action \"{}\"; see terrace keys",
                    name.escape_debug()
                ))
            })?;
        let (window, services) = self.bring(pane)?;
        let done = actions::run(window, services, action);
        window.redraw();
        Ok(json!({"done": done}))
    }
}

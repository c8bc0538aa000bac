//! winit's event loop to the windows: events are handed on, nothing more is decided here.

mod control;
mod drops;
pub(crate) mod restore;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use config::Diagnostic;
use environments::EnvironmentEvent;
use terminal::PixelSize;
use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::window::WindowId;

use crate::cli::WindowOptions;
use crate::event::AppEvent;
use crate::history::seeker::Answer;
use crate::memory;
use crate::palette::recent::Recent;
use crate::pane::PaneId;
use crate::saved::SavedSize;
use crate::services::{Request, Services};
use crate::settings;
use crate::view::dialog::Question;
use crate::view::notices::Severity;
use crate::window::{TabOfPanes, Window};

/// Opens the window and runs until it is closed.
///
/// # Errors
/// When there is no display, no window or no graphics adapter; the text names the remedy.
pub(crate) fn run(options: WindowOptions) -> Result<ExitCode> {
    let loaded = config::load(&options.settings.sources());
    if crate::control::client::hand_over(&options, loaded.config.control.single_instance) {
        return Ok(ExitCode::SUCCESS);
    }
    check_display()?;
    let event_loop = EventLoop::<AppEvent>::with_user_event().build().context(
        "the display named by DISPLAY or WAYLAND_DISPLAY does not work; see `terrace doctor`",
    )?;
    let proxy = event_loop.create_proxy();
    let mut services = Services::start(options, loaded.config, loaded.themes, proxy.clone())?;
    // The shell starts first: it reads its files while the device opens.
    let mut saved = services.open_last_session();
    let first = if saved.is_empty() {
        restore::RestoredWindow {
            tabs: services.open_first()?,
            shown: 0,
            size: None,
        }
    } else {
        saved.remove(0)
    };
    let keeps = services.config.history.restore != config::history::Restore::Never;
    services.watch(&loaded.files);
    crate::desktop::follow(proxy.clone());
    if let Err(error) = crate::signals::listen(proxy) {
        tracing::warn!(%error, "a signal will end the program without a farewell");
    }
    let mut application = Application {
        services,
        first: Some(first),
        more: saved,
        ready: Vec::new(),
        session: restore::LastSession::new(keeps),
        diagnostics: loaded.diagnostics,
        windows: BTreeMap::new(),
        focused: None,
        watchers: control::Watchers::default(),
        reload_at: None,
        early: Vec::new(),
        failure: None,
    };
    let ran = event_loop.run_app(&mut application);
    // Also when the display is gone: what the panes leave running elsewhere is ended before the manager is.
    application.windows.clear();
    application.services.end();
    ran.context("the event loop broke")?;
    match application.failure {
        Some(error) => Err(error),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Whether the environment says where windows are shown (Linux; elsewhere there is no need).
///
/// # Errors
/// When it does not; the text says what helps.
pub(crate) fn check_display() -> Result<()> {
    let names = ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"];
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ensure!(
        !cfg!(target_os = "linux") || names.into_iter().any(is_set),
        "no display: set DISPLAY or WAYLAND_DISPLAY, or see `terrace shot --help`"
    );
    Ok(())
}

struct Application {
    services: Services,
    /// What the first window begins with, until it is there.
    first: Option<restore::RestoredWindow>,
    /// Windows that come back beside it.
    more: Vec<restore::RestoredWindow>,
    /// Panes whose old blocks were there before their window.
    ready: Vec<PaneId>,
    /// What is kept of the windows for the next start.
    session: restore::LastSession,
    /// What was wrong in the settings when they were last read.
    diagnostics: Vec<Diagnostic>,
    windows: BTreeMap<WindowId, Window>,
    /// The window that has, or last had, the keyboard.
    focused: Option<WindowId>,
    /// Who is told of changes.
    watchers: control::Watchers,
    /// When changed files are read: a moment after the last change, since many programs empty a file before
    /// they write it.
    reload_at: Option<Instant>,
    /// What the manager of environments told before there was a window.
    early: Vec<EnvironmentEvent>,
    failure: Option<anyhow::Error>,
}

/// How long the configuration must be left alone before it is read again.
const RELOAD_DELAY: Duration = Duration::from_millis(100);

impl Application {
    fn reload(&mut self) {
        let loaded = config::load(&self.services.options.settings.sources());
        self.services.watch(&loaded.files);
        self.services.forget_theme_names();
        // What we wrote ourselves is in force already.
        if loaded.diagnostics == self.diagnostics && self.services.follows(&loaded) {
            self.services.read_descriptions();
            return;
        }
        let failed = loaded.has_errors();
        self.diagnostics.clone_from(&loaded.diagnostics);
        if failed {
            self.services.read_descriptions();
        } else {
            self.services.take_settings(loaded.config, loaded.themes);
        }
        for window in self.windows.values_mut() {
            window.overlay.notices.clear("config");
            if !failed {
                window.config_changed(&mut self.services);
            }
        }
        if let Some(window) = self.front() {
            for diagnostic in &loaded.diagnostics {
                show_diagnostic(window, diagnostic);
            }
        }
    }

    /// The window that has the keyboard, or had it last; messages that concern no window in particular go there.
    fn front(&mut self) -> Option<&mut Window> {
        let id = self.front_id()?;
        self.windows.get_mut(&id)
    }

    fn front_id(&self) -> Option<WindowId> {
        self.focused
            .filter(|id| self.windows.contains_key(id))
            .or_else(|| self.windows.keys().next().copied())
    }

    /// Opens a window around a tab. When that fails the tab goes to a window that is there, or the program ends.
    fn open_window(&mut self, event_loop: &ActiveEventLoop, tab: TabOfPanes) {
        self.open_window_as(event_loop, tab, None);
    }

    /// The same, of the size that it had.
    fn open_window_as(
        &mut self,
        event_loop: &ActiveEventLoop,
        tab: TabOfPanes,
        size: Option<SavedSize>,
    ) {
        match Window::open(event_loop, &mut self.services) {
            Ok(mut window) => {
                let id = window.handle.id();
                window.adopt(&mut self.services, tab, true);
                let asked = &self.services.options.settings;
                let is_asked = asked.sets("window.columns") || asked.sets("window.rows");
                window.appear(&self.services, size.filter(|_| !is_asked));
                self.windows.insert(id, window);
            }
            Err(error) => {
                let id = self.front().map(|window| window.handle.id());
                let Some(window) = id.and_then(|id| self.windows.get_mut(&id)) else {
                    self.failure = Some(error);
                    event_loop.exit();
                    return;
                };
                window.notify(Severity::Error, "window", format!("{error:#}"));
                window.adopt(&mut self.services, tab, true);
            }
        }
    }

    /// Hands on what the manager of environments told: to the window that waits for it, else to all, or the front one.
    fn environment_event(&mut self, event: EnvironmentEvent) {
        if self.windows.is_empty() {
            self.early.push(event);
            return;
        }
        let EnvironmentEvent::Job(ticket, _) = &event else {
            for window in self.windows.values_mut() {
                window.environment_event(&mut self.services, event.clone());
            }
            return;
        };
        let waits = self
            .windows
            .iter()
            .find(|(_, window)| window.waits_for(*ticket));
        let id = waits.map(|(id, _)| *id).or_else(|| self.front_id());
        if let Some(window) = id.and_then(|id| self.windows.get_mut(&id)) {
            window.environment_event(&mut self.services, event);
        }
    }

    /// Does what windows asked for, and lets go of those that are to close; the program ends with the last.
    fn settle(&mut self, event_loop: &ActiveEventLoop) {
        while !self.services.requests.is_empty() {
            for request in std::mem::take(&mut self.services.requests) {
                self.carry_out(event_loop, request);
            }
        }
        self.keep_session_at_the_end();
        self.windows.retain(|_, window| !window.closing);
        self.tell_watchers();
        if self.windows.is_empty() && self.first.is_none() {
            event_loop.exit();
        }
    }

    fn carry_out(&mut self, event_loop: &ActiveEventLoop, request: Request) {
        match request {
            Request::NewWindow(folder) => {
                let size = settings::grid_size(&self.services.config);
                let pane = self.services.open_pane(size, PixelSize::default(), folder);
                self.open_window(event_loop, TabOfPanes::new(pane));
            }
            Request::WindowAround(tab) => self.open_window(event_loop, *tab),
            Request::Reopen(asking) => {
                let Some((what, origin)) = self.services.attic.take() else {
                    if let Some(window) = self.windows.get_mut(&asking) {
                        let text = "Nothing was closed in the last ten seconds.";
                        window.notify(Severity::Info, "closed", text);
                    }
                    return;
                };
                let id = [origin, asking]
                    .into_iter()
                    .find(|id| self.windows.contains_key(id));
                if let Some(window) = id.and_then(|id| self.windows.get_mut(&id)) {
                    window.reopen(&mut self.services, what);
                    window.come_forward();
                }
            }
            Request::PaneTo(id, tab, panes) => match self.windows.get_mut(&id) {
                Some(window) => {
                    window.take_in(&mut self.services, *panes, tab);
                    window.come_forward();
                }
                None => self.open_window(event_loop, *panes),
            },
            Request::DropTab { from, tab, at } => self.drop_tab(event_loop, from, tab, at),
            Request::DropPane { from, pane, at } => self.drop_pane(event_loop, from, pane, at),
            Request::ShowTab(id, tab) => {
                if let Some(window) = self.windows.get_mut(&id) {
                    window.show_tab(&self.services, tab);
                    window.come_forward();
                }
            }
            Request::SearchPanes(id) => {
                let mut panes = Vec::new();
                if let Some(own) = self.windows.get(&id) {
                    panes.extend(own.searched_panes());
                }
                let others = self.windows.iter().filter(|(other, _)| **other != id);
                for (number, (_, window)) in (2..).zip(others) {
                    panes.extend(window.searched_panes().into_iter().map(|mut pane| {
                        pane.label = format!("window {number}: {}", pane.label);
                        pane
                    }));
                }
                if let Some(window) = self.windows.get_mut(&id) {
                    window.search_panes(&mut self.services, panes);
                }
            }
            Request::ShowMatch(pane, found) => {
                if let Some(window) = holder(&mut self.windows, pane) {
                    window.show_listed(&self.services, pane, &found);
                    window.come_forward();
                }
            }
            Request::Palette(id, mode) => {
                self.services.directory = self
                    .windows
                    .iter()
                    .map(|(id, window)| (*id, window.tab_labels()))
                    .collect();
                if let Some(window) = self.windows.get_mut(&id) {
                    window.open_palette(&mut self.services, mode);
                }
            }
            Request::Quit => {
                let services = &self.services;
                let programs: Vec<String> = self
                    .windows
                    .values()
                    .flat_map(|window| window.running(services))
                    .collect();
                match self.front() {
                    Some(window) if !programs.is_empty() => {
                        window.ask(Question::Quit { programs });
                    }
                    _ => self.services.requests.push(Request::QuitNow),
                }
            }
            Request::QuitNow => {
                for window in self.windows.values_mut() {
                    window.closing = true;
                }
            }
            Request::ThemeChanged => {
                for window in self.windows.values_mut() {
                    window.theme_changed(&self.services);
                }
            }
            Request::ConfigChanged => {
                for window in self.windows.values_mut() {
                    window.config_changed(&mut self.services);
                }
            }
        }
    }
}

impl ApplicationHandler<AppEvent> for Application {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        let Some(restored) = self.first.take() else {
            return;
        };
        let mut first = restored.tabs.into_iter();
        let Some(tab) = first.next() else {
            return;
        };
        self.open_window_as(event_loop, tab, restored.size);
        // Read while the first window is not there yet: the shell does not wait for it.
        if let Some(file) = crate::palette::recent::file() {
            self.services.recent = Recent::load(&file);
        }
        let id = self.windows.keys().next().copied();
        if let Some(window) = id.and_then(|id| self.windows.get_mut(&id)) {
            for tab in first {
                window.adopt(&mut self.services, tab, true);
            }
            window.tabs.show(restored.shown);
            // The desktop may have told meanwhile that it is light.
            window.theme_changed(&self.services);
            window.focus_moved(&self.services);
        }
        self.open_more_windows(event_loop);
        self.start_ready();
        for event in std::mem::take(&mut self.early) {
            self.environment_event(event);
        }
        let diagnostics = self.diagnostics.clone();
        if let Some(window) = self.front() {
            for diagnostic in &diagnostics {
                tracing::warn!("{diagnostic}");
                show_diagnostic(window, diagnostic);
            }
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, event: AppEvent) {
        self.session.touch();
        match event {
            AppEvent::Restored(id) => self.restored(id),
            AppEvent::DesktopIsDark(dark) => self.services.set_dark(dark),
            AppEvent::ConfigChanged => self.reload_at = Some(Instant::now() + RELOAD_DELAY),
            // One on its way between windows has nothing to tell: a window asks the panes that it takes in.
            AppEvent::Control(ask) => self.control(event_loop, *ask),
            AppEvent::Wish(wish) => self.wish(&wish),
            AppEvent::Withdrawn(ticket) => {
                for window in self.windows.values_mut() {
                    window.withdraw_question(ticket);
                }
            }
            AppEvent::Pane(id) => match holder(&mut self.windows, id) {
                Some(window) => {
                    window.pane_changed(&mut self.services, id);
                    self.watchers.output(id);
                }
                None => self.services.attic.pane_changed(id),
            },
            AppEvent::Found(id) => {
                for window in self.windows.values_mut() {
                    window.found(id);
                }
            }
            AppEvent::Hints(found) => {
                if let Some(window) = holder(&mut self.windows, found.pane) {
                    window.hints_found(&mut self.services, found);
                }
            }
            AppEvent::ShowPane(id) => {
                if let Some(window) = holder(&mut self.windows, id) {
                    window.show_pane(&self.services, id);
                }
            }
            AppEvent::NotShown { pane, text } => {
                if let Some(window) = holder(&mut self.windows, pane) {
                    window.show_notification(pane, &text);
                }
            }
            AppEvent::OpenTab {
                pane,
                command,
                folder,
            } => {
                if let Some(window) = holder(&mut self.windows, pane) {
                    window.open_tab_with(&mut self.services, &command, folder);
                }
            }
            AppEvent::ClipboardText {
                pane,
                text,
                purpose,
            } => {
                if let Some(window) = holder(&mut self.windows, pane) {
                    window.clipboard_text(&mut self.services, pane, &text, purpose);
                }
            }
            AppEvent::Environment(event) => self.environment_event(event),
            AppEvent::Quit => self.services.requests.push(Request::QuitNow),
            AppEvent::Branch {
                pane,
                folder,
                branch,
            } => {
                if let Some(window) = holder(&mut self.windows, pane) {
                    window.branch_found(pane, folder, branch);
                }
            }
            AppEvent::OutputWritten(written) => {
                let id = self.front_id();
                if let Some(window) = id.and_then(|id| self.windows.get_mut(&id)) {
                    window.output_written(&mut self.services, written);
                }
            }
            AppEvent::History(answer @ Answer::Whole(_)) => {
                let id = self.front_id();
                if let Some(window) = id.and_then(|id| self.windows.get_mut(&id)) {
                    window.history_answer(&mut self.services, answer);
                }
            }
            AppEvent::History(answer) => {
                for window in self.windows.values_mut() {
                    window.history_answer(&mut self.services, answer.clone());
                }
            }
            AppEvent::HistoryChanged(result) => {
                for window in self.windows.values_mut() {
                    window.history_changed(&mut self.services, result.clone());
                }
            }
            AppEvent::Compared { question, diff } => {
                for window in self.windows.values_mut() {
                    window.compared(question, Arc::clone(&diff));
                }
            }
            AppEvent::HistoryNotice(notice) => self.history_notice(&notice),
            AppEvent::Notice(text) => {
                if let Some(window) = self.front() {
                    window.notify(Severity::Warning, "notice", text);
                }
            }
        }
        self.settle(event_loop);
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, id: WindowId, event: WindowEvent) {
        if matches!(event, WindowEvent::Focused(true)) {
            self.focused = Some(id);
        }
        if !matches!(
            event,
            WindowEvent::RedrawRequested | WindowEvent::CursorMoved { .. }
        ) {
            self.session.touch();
        }
        if let Some(window) = self.windows.get_mut(&id) {
            window.on_event(&mut self.services, event);
        }
        self.settle(event_loop);
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        let now = Instant::now();
        if self.reload_at.is_some_and(|at| at <= now) {
            self.reload_at = None;
            self.reload();
        }
        self.keep_session(now);
        let services = &mut self.services;
        if services.attic.expire(now) {
            memory::give_back();
        }
        let closed = services.attic.deadline();
        let deadline = self
            .windows
            .values_mut()
            .filter_map(|window| window.tick(services, now))
            .chain(self.reload_at)
            .chain(closed)
            .chain(self.session.deadline())
            .min();
        event_loop.set_control_flow(match deadline {
            Some(at) => ControlFlow::WaitUntil(at),
            None => ControlFlow::Wait,
        });
        self.settle(event_loop);
    }
}

/// The window that holds a pane.
fn holder(windows: &mut BTreeMap<WindowId, Window>, pane: PaneId) -> Option<&mut Window> {
    windows
        .values_mut()
        .find(|window| window.panes.contains_key(&pane))
}

/// Shows in the window what is wrong in the settings.
fn show_diagnostic(window: &mut Window, diagnostic: &Diagnostic) {
    let severity = match diagnostic.severity {
        config::Severity::Error => Severity::Error,
        config::Severity::Warning => Severity::Warning,
    };
    window.notify(severity, "config", diagnostic.to_string());
}

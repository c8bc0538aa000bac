//! winit's event loop to the window: events are handed on, nothing more is decided here.
//!
//! [`Services`] is what every window shares: settings, theme, clipboard, the way to open panes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use config::{Appearance, Config, Diagnostic, Theme, ThemePair};
use environments::plan::ShellWish;
use environments::{EnvironmentEvent, EnvironmentId, EnvironmentSpec};
use pty::Command;
use terminal::{GridSize, Options, Origin, Palette, PixelSize};
use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy};
use winit::window::WindowId;

use crate::cli::WindowOptions;
use crate::environments::Environments;
use crate::event::AppEvent;
use crate::git;
use crate::input::clipboard::Clipboard;
use crate::links;
use crate::pane::environment::PaneEnvironment;
use crate::pane::{Pane, PaneId};
use crate::reload::ConfigWatcher;
use crate::session::{Session, SessionEvent, SessionOptions};
use crate::settings;
use crate::view::blocks::compare::Comparison;
use crate::view::notices::Severity;
use crate::window::Window;
use crate::window::blocks::{in_background, write_temporary};

/// Opens the window and runs until it is closed.
///
/// # Errors
/// When there is no display, no window or no graphics adapter; the text names the remedy.
pub(crate) fn run(options: WindowOptions) -> Result<ExitCode> {
    let loaded = config::load(&options.settings.sources());
    let event_loop = EventLoop::<AppEvent>::with_user_event()
        .build()
        .context("no display: set DISPLAY or WAYLAND_DISPLAY, or see `terrace shot --help`")?;
    let proxy = event_loop.create_proxy();
    let environments = Environments::start(&loaded.config, proxy.clone())
        .context("the thread for environments could not be started")?;
    let mut services = Services {
        themes: loaded.themes,
        config: Arc::new(loaded.config),
        clipboard: Clipboard::start(proxy.clone())?,
        environments,
        git: git::Finder::start(proxy.clone())?,
        appearance: Appearance::Dark,
        next_pane: 0,
        hostname: hostname(),
        last_ring: None,
        watcher: None,
        proxy,
        options,
    };
    // The shell starts first: it reads its files while the device opens.
    let size = settings::grid_size(&services.config);
    let first = services.first_pane(size);
    services.watch(&loaded.files);
    let mut application = Application {
        services,
        first: Some(first),
        diagnostics: loaded.diagnostics,
        window: None,
        reload_at: None,
        early: Vec::new(),
        failure: None,
    };
    event_loop
        .run_app(&mut application)
        .context("the event loop broke")?;
    application.services.environments.end();
    match application.failure {
        Some(error) => Err(error),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// What all windows share.
pub(crate) struct Services {
    /// The settings in force.
    pub(crate) config: Arc<Config>,
    /// The desktop's clipboards.
    pub(crate) clipboard: Clipboard,
    /// Hosts, containers, pods.
    pub(crate) environments: Environments,
    git: git::Finder,
    /// The command line's wishes.
    pub(crate) options: WindowOptions,
    themes: ThemePair,
    appearance: Appearance,
    proxy: EventLoopProxy<AppEvent>,
    next_pane: u64,
    hostname: String,
    last_ring: Option<Instant>,
    watcher: Option<ConfigWatcher>,
}

/// The audible bell rings at most this often.
const RING_INTERVAL: Duration = Duration::from_secs(1);

impl Services {
    /// The theme in force, the user's own colors over it.
    pub(crate) fn theme(&self) -> &Theme {
        self.themes.get(self.appearance)
    }

    /// Its colors as the core has them.
    pub(crate) fn palette(&self) -> Palette {
        settings::palette(self.theme())
    }

    /// What the core takes from the settings.
    pub(crate) fn terminal_options(&self) -> Options {
        settings::terminal_options(&self.config, self.theme(), &self.hostname)
    }

    /// The same for a pane whose program runs elsewhere.
    pub(crate) fn remote_options(&self) -> Options {
        Options {
            origin: Origin::Remote,
            ..self.terminal_options()
        }
    }

    /// The desktop prefers dark or light now.
    pub(crate) fn set_dark(&mut self, dark: bool) {
        let appearance = if dark {
            Appearance::Dark
        } else {
            Appearance::Light
        };
        if self.appearance != appearance {
            self.appearance = appearance;
            let _ = self.proxy.send_event(AppEvent::ConfigChanged);
        }
    }

    /// The system's title for a pane's.
    pub(crate) fn window_title(&self, pane: &str) -> String {
        match &self.options.title {
            Some(fixed) => fixed.clone(),
            None if pane.is_empty() || !self.config.window.dynamic_title => {
                self.config.window.title.clone()
            }
            None => pane.to_owned(),
        }
    }

    /// Opens a pane with a shell in `folder`. A shell that does not start leaves a pane that says why.
    pub(crate) fn open_pane(
        &mut self,
        size: GridSize,
        cell: PixelSize,
        folder: Option<PathBuf>,
    ) -> Pane {
        let command = settings::shell_command(&self.config, folder.as_deref());
        self.start_pane(&command, size, cell)
    }

    /// Opens a pane whose shell runs in an environment. It is empty until the environment is ready.
    pub(crate) fn open_environment(
        &mut self,
        size: GridSize,
        cell: PixelSize,
        id: &EnvironmentId,
        wish: ShellWish,
    ) -> Pane {
        if id.provider.as_str() == "local" && wish.command.is_empty() {
            return self.open_pane(size, cell, wish.folder.map(PathBuf::from));
        }
        let known = self.environments.snapshot().find(id).cloned();
        let spec = known.unwrap_or_else(|| EnvironmentSpec::new(id.clone(), id.local.clone()));
        let look = self.environments.look(&spec);
        let ticket = self.environments.open(id, &wish);
        let options = self.session_options(size, cell, self.remote_options());
        let pane_id = self.next_pane_id();
        let session = Session::detached(options, self.waker(pane_id));
        let mut pane = Pane::new(pane_id, session);
        pane.environment = Some(PaneEnvironment::opening(spec, wish, look, ticket));
        pane
    }

    fn first_pane(&mut self, size: GridSize) -> Pane {
        if let Some(open) = self.options.environment.clone() {
            let wish = ShellWish {
                command: self.options.command.clone(),
                ..crate::environments::wish(&self.config, open.folder)
            };
            return self.open_environment(size, PixelSize::default(), &open.id, wish);
        }
        let asked = self.options.working_directory.clone();
        let mut command = match self.options.command.split_first() {
            Some((program, args)) => settings::program_command(&self.config, program, args, None),
            None => settings::shell_command(&self.config, None),
        };
        // What the command line names goes before what the settings name.
        if let Some(folder) = asked {
            command = command.folder(folder);
        }
        self.start_pane(&command, size, PixelSize::default())
    }

    fn start_pane(&mut self, command: &Command, size: GridSize, cell: PixelSize) -> Pane {
        let id = self.next_pane_id();
        let options = self.session_options(size, cell, self.terminal_options());
        let wake = self.waker(id);
        match Session::spawn(command, options.clone(), wake.clone()) {
            Ok(session) => Pane::new(id, session),
            Err(error) => {
                tracing::error!("{error:#}");
                let session = Session::detached(options, wake);
                let text = format!("{error:#}\r\n\r\nPress Enter to close.");
                session.feed(b"\x1b[31mThe shell did not start.\x1b[0m\r\n\r\n");
                session.feed(text.as_bytes());
                let mut pane = Pane::new(id, session);
                pane.ended = true;
                pane
            }
        }
    }

    fn next_pane_id(&mut self) -> PaneId {
        let id = PaneId(self.next_pane);
        self.next_pane += 1;
        id
    }

    fn session_options(
        &self,
        size: GridSize,
        cell: PixelSize,
        terminal: Options,
    ) -> SessionOptions {
        SessionOptions {
            size,
            cell,
            terminal,
            integration: self.config.shell.integration,
            record_replies: false,
            record_output: None,
        }
    }

    fn waker(&self, id: PaneId) -> impl Fn(SessionEvent) + Clone + Send + Sync + 'static {
        let proxy = self.proxy.clone();
        move |_| {
            // Fails only when the loop has ended, and the pane with it.
            let _ = proxy.send_event(AppEvent::Pane(id));
        }
    }

    /// Reads the settings again; the answer comes as [`AppEvent::ConfigChanged`].
    pub(crate) fn reload(&self) {
        let _ = self.proxy.send_event(AppEvent::ConfigChanged);
    }

    fn watch(&mut self, files: &[PathBuf]) {
        match ConfigWatcher::start(files, self.proxy.clone()) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => tracing::warn!("{error:#}"),
        }
    }

    /// Sounds the bell, at most once a second.
    pub(crate) fn ring(&mut self) {
        let now = Instant::now();
        if self
            .last_ring
            .is_none_or(|last| now.duration_since(last) >= RING_INTERVAL)
        {
            self.last_ring = Some(now);
            crate::bell::ring();
        }
    }

    /// Looks for the branch of a folder; the answer is [`AppEvent::Branch`].
    pub(crate) fn find_branch(&self, pane: PaneId, folder: &str) {
        self.git.ask(pane, folder);
    }

    /// Writes output to a file; the answer is [`AppEvent::OutputWritten`].
    pub(crate) fn write_output(&self, text: String) {
        in_background("output", self.proxy.clone(), move || {
            AppEvent::OutputWritten(write_temporary(&text))
        });
    }

    /// Takes a file away that only served a pane.
    pub(crate) fn remove_file(&self, path: PathBuf) {
        let removed = std::thread::Builder::new()
            .name("remove".to_owned())
            .spawn(move || {
                if let Err(error) = std::fs::remove_file(&path) {
                    tracing::warn!(%error, "a temporary file stays");
                }
            });
        if let Err(error) = removed {
            tracing::warn!(%error, "a temporary file stays");
        }
    }

    /// Compares two outputs; the answer is [`AppEvent::Compared`].
    pub(crate) fn compare(&self, comparison: &Comparison) {
        let (old, new) = (
            Arc::clone(&comparison.old.text),
            Arc::clone(&comparison.new.text),
        );
        let (rules, question) = (comparison.rules, comparison.question);
        in_background("compare", self.proxy.clone(), move || AppEvent::Compared {
            question,
            diff: Arc::new(history::diff::diff(&old, &new, rules)),
        });
    }

    /// Opens an address with the configured opener, if the settings allow its scheme.
    ///
    /// # Errors
    /// When it is refused or the opener does not start.
    pub(crate) fn open_link(&self, uri: &str) -> Result<()> {
        links::open(uri, &self.config.links)
    }

    /// Opens the configuration file in the desktop's editor, writing the default one first if there is none.
    ///
    /// # Errors
    /// When the file cannot be written or nothing opens it.
    pub(crate) fn open_config(&self) -> Result<PathBuf> {
        let path = match &self.options.settings.config {
            Some(path) => path.clone(),
            None => config::load::default_file().context("no home folder; set XDG_CONFIG_HOME")?,
        };
        if !path.exists() {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(&path, config::document::default_file()))
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        links::open_file(&path)?;
        Ok(path)
    }

    /// Opens another window: a process of its own, with the same settings, in the focused pane's folder.
    ///
    /// # Errors
    /// When the program cannot start itself.
    pub(crate) fn new_window(&self, folder: Option<&Path>) -> Result<()> {
        let program = std::env::current_exe().context("the program's own file is not known")?;
        let mut command = std::process::Command::new(&program);
        if let Some(file) = &self.options.settings.config {
            command.arg("--config").arg(file);
        }
        for option in &self.options.settings.options {
            command.arg("-o").arg(option);
        }
        if let Some(folder) = folder {
            command.arg("--working-directory").arg(folder);
        }
        links::start(command).with_context(|| format!("{} does not start", program.display()))
    }
}

struct Application {
    services: Services,
    first: Option<Pane>,
    /// What was wrong in the settings at the start; shown once there is a window.
    diagnostics: Vec<Diagnostic>,
    window: Option<Window>,
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
        let Some(window) = &mut self.window else {
            return;
        };
        window.overlay.notices.clear("config");
        let failed = loaded.has_errors();
        for diagnostic in &loaded.diagnostics {
            show_diagnostic(window, diagnostic);
        }
        if !failed {
            self.services.themes = loaded.themes;
            self.services.config = Arc::new(loaded.config);
            self.services
                .environments
                .config_changed(&self.services.config);
            window.config_changed(&mut self.services);
        }
        self.services.watch(&loaded.files);
    }

    fn end_if_closed(&mut self, event_loop: &ActiveEventLoop) {
        if let Some(window) = self.window.as_mut().filter(|window| window.closing) {
            window.leave_environments(&self.services);
            self.window = None;
            event_loop.exit();
        }
    }
}

impl ApplicationHandler<AppEvent> for Application {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        let Some(first) = self.first.take() else {
            return;
        };
        let id = first.id;
        match Window::open(event_loop, &mut self.services, first) {
            Ok(mut window) => {
                for diagnostic in self.diagnostics.drain(..) {
                    tracing::warn!("{diagnostic}");
                    show_diagnostic(&mut window, &diagnostic);
                }
                window.pane_changed(&mut self.services, id);
                for event in self.early.drain(..) {
                    window.environment_event(&mut self.services, event);
                }
                self.window = Some(window);
            }
            Err(error) => {
                self.failure = Some(error);
                event_loop.exit();
            }
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, event: AppEvent) {
        let services = &mut self.services;
        match (event, &mut self.window) {
            (AppEvent::ConfigChanged, _) => self.reload_at = Some(Instant::now() + RELOAD_DELAY),
            (AppEvent::Pane(id), Some(window)) => window.pane_changed(services, id),
            (
                AppEvent::ClipboardText {
                    pane,
                    text,
                    purpose,
                },
                Some(window),
            ) => {
                window.clipboard_text(services, pane, &text, purpose);
            }
            (AppEvent::Environment(event), Some(window)) => {
                window.environment_event(services, event);
            }
            (AppEvent::Environment(event), None) => self.early.push(event),
            (
                AppEvent::Branch {
                    pane,
                    folder,
                    branch,
                },
                Some(window),
            ) => window.branch_found(pane, folder, branch),
            (AppEvent::OutputWritten(written), Some(window)) => {
                window.output_written(services, written);
            }
            (AppEvent::Compared { question, diff }, Some(window)) => {
                window.compared(question, diff);
            }
            (AppEvent::Notice(text), Some(window)) => {
                window.notify(Severity::Warning, "notice", text);
            }
            // Nothing to tell before the window is there; it asks its first pane when it opens.
            (_, None) => {}
        }
        self.end_if_closed(event_loop);
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        if let Some(window) = &mut self.window {
            window.on_event(&mut self.services, event);
        }
        self.end_if_closed(event_loop);
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        let now = Instant::now();
        if self.reload_at.is_some_and(|at| at <= now) {
            self.reload_at = None;
            self.reload();
        }
        let Some(window) = &mut self.window else {
            return;
        };
        let deadline = window
            .tick(&mut self.services, now)
            .into_iter()
            .chain(self.reload_at)
            .min();
        event_loop.set_control_flow(match deadline {
            Some(at) => ControlFlow::WaitUntil(at),
            None => ControlFlow::Wait,
        });
        self.end_if_closed(event_loop);
    }
}

/// Shows in the window what is wrong in the settings.
fn show_diagnostic(window: &mut Window, diagnostic: &Diagnostic) {
    let severity = match diagnostic.severity {
        config::Severity::Error => Severity::Error,
        config::Severity::Warning => Severity::Warning,
    };
    window.notify(severity, "config", diagnostic.to_string());
}

/// This machine's name, by which OSC 7 is judged.
fn hostname() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

//! winit's event loop to the windows: events are handed on, nothing more is decided here.
//!
//! [`Services`] is what every window shares: settings, theme, clipboard, the way to open panes. A window knows
//! no other; what concerns others, or the program as a whole, it leaves as a [`Request`].

mod control;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use config::edit::Edit;
use config::layouts::{LayoutSpec, PaneSpec};
use config::{
    Appearance, Colors, Config, Diagnostic, Layouts, Problem, Setting, Theme, ThemeChoice,
    ThemePair,
};
use environments::plan::ShellWish;
use environments::{EnvironmentEvent, EnvironmentId, EnvironmentSpec};
use pty::Command;
use terminal::hints::FilePath;
use terminal::{GridSize, Options, Origin, Palette, PixelSize};
use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy};
use winit::window::WindowId;

use crate::cli::WindowOptions;
use crate::closed::Attic;
use crate::control::access::{self, PaneToken, Tokens};
use crate::control::server::Server;
use crate::environments::Environments;
use crate::event::AppEvent;
use crate::finder::Finder;
use crate::git;
use crate::history::keeper::{self, Keeper};
use crate::history::seeker::{Answer, Seeker};
use crate::input::clipboard::Clipboard;
use crate::layout::Layout;
use crate::links;
use crate::notifications::Desktop;
use crate::palette::recent::{self, Recent};
use crate::palette::{Matching, Mode};
use crate::pane::environment::PaneEnvironment;
use crate::pane::{Pane, PaneId};
use crate::reload::ConfigWatcher;
use crate::session::{Session, SessionEvent, SessionOptions};
use crate::settings;
use crate::tabs::{Tab, TabId};
use crate::view::blocks::compare::Comparison;
use crate::view::dialog::Question;
use crate::view::notices::Severity;
use crate::window::blocks::{in_background, write_temporary};
use crate::window::{TabOfPanes, Window};
use crate::writer::Writer;

/// Opens the window and runs until it is closed.
///
/// # Errors
/// When there is no display, no window or no graphics adapter; the text names the remedy.
pub(crate) fn run(options: WindowOptions) -> Result<ExitCode> {
    let loaded = config::load(&options.settings.sources());
    if crate::control::client::hand_over(&options, loaded.config.control.single_instance) {
        return Ok(ExitCode::SUCCESS);
    }
    let event_loop = EventLoop::<AppEvent>::with_user_event()
        .build()
        .context("no display: set DISPLAY or WAYLAND_DISPLAY, or see `terrace shot --help`")?;
    let proxy = event_loop.create_proxy();
    let first = options.environment.as_ref().map(|open| &open.id.provider);
    let environments = Environments::start(&loaded.config, proxy.clone(), first)
        .context("the thread for environments could not be started")?;
    let mut services = Services {
        themes: loaded.themes,
        config: Arc::new(loaded.config),
        clipboard: Clipboard::start(proxy.clone())?,
        environments,
        git: git::Finder::start(proxy.clone())?,
        keeper: None,
        seeker: None,
        appearance: Appearance::Dark,
        next_pane: 0,
        hostname: hostname(),
        last_ring: None,
        finder: None,
        desktop: None,
        watcher: None,
        options,
        attic: Attic::default(),
        directory: Vec::new(),
        requests: Vec::new(),
        recent: Recent::default(),
        matching: Matching::default(),
        writer: Writer::start(proxy.clone())?,
        preview: None,
        tokens: None,
        server: None,
        theme_names: OnceCell::new(),
        proxy,
    };
    services.start_history();
    // Before the first shell, which is told of it.
    services.listen();
    // The shell starts first: it reads its files while the device opens.
    let first = match services.options.layout.clone() {
        Some(name) => {
            let layout = services.config.layouts.get(&name);
            let layout = layout.cloned().map_err(anyhow::Error::msg)?;
            services.open_layout(&layout)
        }
        None => {
            let size = settings::grid_size(&services.config);
            vec![TabOfPanes::new(services.first_pane(size))]
        }
    };
    services.watch(&loaded.files);
    crate::desktop::follow(services.proxy.clone());
    let mut application = Application {
        services,
        first,
        diagnostics: loaded.diagnostics,
        windows: BTreeMap::new(),
        focused: None,
        watchers: control::Watchers::default(),
        reload_at: None,
        early: Vec::new(),
        failure: None,
    };
    event_loop
        .run_app(&mut application)
        .context("the event loop broke")?;
    // What the panes leave running elsewhere is ended before the manager is.
    application.windows.clear();
    application.services.attic = Attic::default();
    application.services.environments.end();
    if let Some(keeper) = &application.services.keeper {
        keeper.close();
    }
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
    /// Where blocks are kept; `None`: nowhere.
    pub(crate) keeper: Option<Arc<Keeper>>,
    seeker: Option<Seeker>,
    /// The command line's wishes.
    pub(crate) options: WindowOptions,
    /// What was closed a moment ago.
    pub(crate) attic: Attic,
    /// The tabs of every window by name, as of the moment a palette was last opened.
    pub(crate) directory: Vec<(WindowId, Vec<(TabId, String)>)>,
    /// What windows asked of the program since they were last looked at.
    pub(crate) requests: Vec<Request>,
    /// What was used lately.
    pub(crate) recent: Recent,
    /// What finds things in the palette.
    pub(crate) matching: Matching,
    writer: Writer,
    /// Who may ask what through the control socket, while there is one.
    tokens: Option<Tokens>,
    server: Option<Server>,
    /// A theme that is shown without being chosen.
    preview: Option<ThemePair>,
    theme_names: OnceCell<Vec<String>>,
    themes: ThemePair,
    appearance: Appearance,
    proxy: EventLoopProxy<AppEvent>,
    next_pane: u64,
    hostname: String,
    last_ring: Option<Instant>,
    finder: Option<Finder>,
    desktop: Option<Desktop>,
    watcher: Option<ConfigWatcher>,
}

/// What a window asks of the program.
pub(crate) enum Request {
    /// Open a window with a shell in this folder.
    NewWindow(Option<PathBuf>),
    /// Open a window around this tab.
    WindowAround(Box<TabOfPanes>),
    /// Open again, in this window if its own is gone, what was closed last.
    Reopen(WindowId),
    /// Move panes to a tab of a window.
    PaneTo(WindowId, TabId, Box<TabOfPanes>),
    /// Show a tab of a window, and the window.
    ShowTab(WindowId, TabId),
    /// Open the palette in this window.
    Palette(WindowId, Mode),
    /// Close every window, asking first while programs run in one.
    Quit,
    /// Close every window at once.
    QuitNow,
    /// The theme to be seen is another one.
    ThemeChanged,
    /// The settings in force are others.
    ConfigChanged,
}

/// The audible bell rings at most this often.
const RING_INTERVAL: Duration = Duration::from_secs(1);

impl Services {
    /// The theme to be seen, the user's own colors over it.
    pub(crate) fn theme(&self) -> &Theme {
        self.preview
            .as_ref()
            .unwrap_or(&self.themes)
            .get(self.appearance)
    }

    /// The theme in force, whatever is shown meanwhile.
    pub(crate) fn chosen_theme(&self) -> &Theme {
        self.themes.get(self.appearance)
    }

    /// The names of all themes, in alphabetical order.
    pub(crate) fn theme_names(&self) -> Vec<String> {
        let names = self.theme_names.get_or_init(|| {
            let themes = config::theme::list(self.themes_folder().as_deref());
            themes.into_iter().map(|theme| theme.name).collect()
        });
        names.clone()
    }

    /// The folder of the user's own themes.
    fn themes_folder(&self) -> Option<PathBuf> {
        let file = config::edit::file(&self.options.settings.sources())?;
        Some(file.parent()?.join("themes"))
    }

    /// Shows a theme without choosing it, or the chosen one again.
    pub(crate) fn preview_theme(&mut self, name: Option<&str>) {
        let shown = self.theme().name.clone();
        self.preview = name.map(|name| {
            let colors = Colors {
                theme: ThemeChoice::One(name.to_owned()),
                ..self.config.colors.clone()
            };
            config::theme::pair(&colors, self.themes_folder().as_deref())
        });
        if self.theme().name != shown {
            self.requests.push(Request::ThemeChanged);
        }
    }

    /// Changes an option until it is set or shown again, without writing it; `text` is TOML.
    ///
    /// # Errors
    /// When the value is not one for this option.
    pub(crate) fn show_option(
        &mut self,
        section: &str,
        option: &str,
        text: &str,
    ) -> Result<(), Problem> {
        let mut config = Config::clone(&self.config);
        config.put(section, option, text)?;
        if config != *self.config {
            if section == "colors" {
                self.themes = config::theme::pair(&config.colors, self.themes_folder().as_deref());
            }
            self.config = Arc::new(config);
            self.requests.push(Request::ConfigChanged);
        }
        Ok(())
    }

    /// Changes an option and writes it to the settings file. `None`: its default, and out of the file.
    ///
    /// # Errors
    /// When the value is not one for this option, or there is no file to write to.
    pub(crate) fn set_option(
        &mut self,
        section: &'static str,
        option: &'static str,
        text: Option<&str>,
    ) -> Result<(), Problem> {
        let defaults = Config::default();
        let default = defaults
            .value(section, option)
            .map(|value| value.to_string());
        let value = text.or(default.as_deref()).unwrap_or_default();
        self.show_option(section, option, value)?;
        // What the command line said of it is replaced by what is said now.
        let prefix = format!("{section}.{option}");
        self.options
            .settings
            .options
            .retain(|known| known.split('=').next().map(str::trim) != Some(&prefix));
        let Some(file) = config::edit::file(&self.options.settings.sources()) else {
            tracing::warn!("no home folder; the setting is not written");
            return Ok(());
        };
        let (section, option) = (section.to_owned(), option.to_owned());
        let value = self.config.value(&section, &option);
        let edit = match (text, value) {
            (Some(_), Some(value)) => Edit::Set {
                section,
                option,
                value,
            },
            _ => Edit::Unset { section, option },
        };
        self.writer.edit(file, edit);
        Ok(())
    }

    /// What `colors.theme` is, in TOML, when a theme is chosen now: one name, or the pair that is there with the
    /// theme in the half that is in force.
    pub(crate) fn theme_value(&self, name: &str) -> String {
        let choice = match (&self.config.colors.theme, self.appearance) {
            (ThemeChoice::Pair { light, .. }, Appearance::Dark) => ThemeChoice::Pair {
                dark: name.to_owned(),
                light: light.clone(),
            },
            (ThemeChoice::Pair { dark, .. }, Appearance::Light) => ThemeChoice::Pair {
                dark: dark.clone(),
                light: name.to_owned(),
            },
            (ThemeChoice::One(_), _) => ThemeChoice::One(name.to_owned()),
        };
        choice.write().to_string()
    }

    /// Keeps a layout in the settings, and writes it to their file.
    pub(crate) fn save_layout(&mut self, layout: LayoutSpec) {
        let text = layout.write();
        let name = layout.name.clone();
        let mut config = Config::clone(&self.config);
        config.layouts.insert(layout);
        self.config = Arc::new(config);
        if let Some(file) = config::edit::file(&self.options.settings.sources()) {
            let array = Layouts::NAME.to_owned();
            self.writer.edit(file, Edit::Put { array, name, text });
        }
    }

    /// Something of the palette was chosen: it comes first the next time.
    pub(crate) fn remember_entry(&mut self, id: &str) {
        if !id.is_empty() && self.recent.use_entry(id) {
            self.keep_recent();
        }
    }

    /// A shell is in a folder.
    pub(crate) fn remember_folder(&mut self, folder: &Path) {
        if self.recent.use_folder(folder) {
            self.keep_recent();
        }
    }

    fn keep_recent(&self) {
        if let Some(file) = recent::file() {
            self.writer.recent(file, self.recent.clone());
        }
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
            self.requests.push(Request::ThemeChanged);
        }
    }

    /// The system's title, from what its template names.
    pub(crate) fn window_title(&self, value: impl Fn(&'static str) -> String) -> String {
        let title = match &self.options.title {
            Some(fixed) => fixed.clone(),
            None => self.config.window.title.fill(value),
        };
        if title.is_empty() {
            "Terrace".to_owned()
        } else {
            title
        }
    }

    /// The thread that speaks to the desktop; it begins when it is first needed.
    pub(crate) fn desktop(&mut self) -> Option<&Desktop> {
        if self.desktop.is_none() {
            match Desktop::start(self.proxy.clone()) {
                Ok(desktop) => self.desktop = Some(desktop),
                Err(error) => tracing::warn!("{error:#}"),
            }
        }
        self.desktop.as_ref()
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
        let environment = PaneEnvironment::opening(spec, wish, look, ticket);
        let cleaner = self.environments.manager().cleaner();
        pane.environment = Some(environment.with_cleaner(cleaner));
        pane
    }

    /// Opens a pane with a program, or a shell, in a folder that goes before what the settings say.
    pub(crate) fn open_pane_at(&mut self, size: GridSize, spec: &PaneSpec) -> Pane {
        let words: Vec<OsString> = spec.command.iter().map(OsString::from).collect();
        let mut command = match words.split_first() {
            Some((program, args)) => settings::program_command(&self.config, program, args, None),
            None => settings::shell_command(&self.config, None),
        };
        if let Some(folder) = &spec.folder {
            command = command.folder(settings::expand_home(folder));
        }
        let mut pane = self.start_pane(&command, size, PixelSize::default());
        pane.command.clone_from(&spec.command);
        pane.typed_later = spec.run.clone().map(|run| (run, None));
        pane
    }

    /// Opens a tab with a shell in a folder, whatever folder the settings name.
    pub(crate) fn open_folder(&mut self, size: GridSize, folder: &Path) -> Pane {
        let spec = PaneSpec {
            folder: Some(folder.to_string_lossy().into_owned()),
            ..PaneSpec::default()
        };
        self.open_pane_at(size, &spec)
    }

    /// Starts everything that a layout describes.
    pub(crate) fn open_layout(&mut self, layout: &LayoutSpec) -> Vec<TabOfPanes> {
        let size = settings::grid_size(&self.config);
        layout
            .tabs
            .iter()
            .map(|spec| {
                let (mut panes, mut focus) = (Vec::new(), None);
                let tree = Layout::from_spec(&spec.root, &mut |place| {
                    let pane = self.open_pane_at(size, place);
                    let id = pane.id;
                    if place.focus {
                        focus = Some(id);
                    }
                    panes.push(pane);
                    id
                });
                let focused = focus.or_else(|| tree.panes().first().copied());
                let mut tab = Tab::new(focused.unwrap_or(PaneId(0)));
                tab.layout = tree;
                tab.name.clone_from(&spec.name);
                TabOfPanes { tab, panes }
            })
            .collect()
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
        let words = self.options.command.iter();
        let words: Vec<String> = words
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let mut pane = self.start_pane(&command, size, PixelSize::default());
        pane.command = words;
        pane
    }

    /// Opens a pane with a program. One that does not start leaves a pane that says why.
    pub(crate) fn start_pane(
        &mut self,
        command: &Command,
        size: GridSize,
        cell: PixelSize,
    ) -> Pane {
        let id = self.next_pane_id();
        let options = self.session_options(size, cell, self.terminal_options());
        let wake = self.waker(id);
        let (command, token) = self.with_token(command, id);
        match Session::spawn(&command, options.clone(), wake.clone()) {
            Ok(session) => {
                let mut pane = Pane::new(id, session);
                pane.token = token;
                pane
            }
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
            keeper: self.keeper.clone(),
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

    /// Lets other programs in, or no longer, as the settings say.
    fn listen(&mut self) {
        let settings = &self.config.control;
        match (&self.tokens, settings.enabled) {
            (Some(tokens), true) => tokens.set_allowed(settings.allow.clone()),
            (Some(_), false) => (self.server, self.tokens) = (None, None),
            (None, false) => {}
            (None, true) => {
                let started = Tokens::new(settings.allow.clone()).and_then(|tokens| {
                    let server = Server::start(self.proxy.clone(), tokens.clone())?;
                    Ok((tokens, server))
                });
                match started {
                    Ok((tokens, server)) => {
                        (self.tokens, self.server) = (Some(tokens), Some(server));
                    }
                    Err(error) => tracing::warn!("no control socket: {error}"),
                }
            }
        }
    }

    /// The command with what a program in the pane needs to speak to us.
    fn with_token(&self, command: &Command, pane: PaneId) -> (Command, Option<PaneToken>) {
        let command = command.clone();
        let (Some(tokens), Some(server)) = (&self.tokens, &self.server) else {
            return (command, None);
        };
        match tokens.add_pane(pane) {
            Ok(token) => (
                command
                    .env(access::SOCKET_VARIABLE, server.path())
                    .env(access::PANE_VARIABLE, pane.0.to_string())
                    .env(access::TOKEN_VARIABLE, token.text()),
                Some(token),
            ),
            Err(error) => {
                tracing::warn!("pane {} has no token: {error}", pane.0);
                (command, None)
            }
        }
    }

    fn watch(&mut self, files: &[PathBuf]) {
        match ConfigWatcher::start(files, self.proxy.clone()) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => tracing::warn!("{error:#}"),
        }
    }

    /// The thread that searches panes; it begins with the first search.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn finder(&mut self) -> Result<&Finder> {
        if self.finder.is_none() {
            self.finder = Some(Finder::start(self.proxy.clone())?);
        }
        self.finder.as_ref().context("started above")
    }

    /// Sounds the bell and runs its command, at most once a second.
    pub(crate) fn ring(&mut self) {
        let now = Instant::now();
        if self
            .last_ring
            .is_none_or(|last| now.duration_since(last) >= RING_INTERVAL)
        {
            self.last_ring = Some(now);
            if self.config.bell.audible {
                crate::bell::ring();
            }
            if let Some((program, args)) = self.config.bell.command.split_first() {
                let mut command = std::process::Command::new(program);
                command.args(args);
                if let Err(error) = links::start(command) {
                    tracing::warn!("{program} does not start; see bell.command: {error:#}");
                }
            }
        }
    }

    /// Opens the history, if the settings want one.
    fn start_history(&mut self) {
        let proxy = self.proxy.clone();
        self.keeper = keeper::start(&self.config, move |notice| {
            // What ends well by itself is no news.
            if !matches!(notice, history::Notice::Resumed) {
                let _ = proxy.send_event(AppEvent::Notice(notice.to_string()));
            }
        });
    }

    /// What reads the history for the window; started when it is first asked.
    pub(crate) fn seeker(&mut self) -> Option<&Seeker> {
        if self.seeker.is_none() && self.config.history.enabled {
            let proxy = self.proxy.clone();
            let folder = crate::history::folder(&self.config);
            let started = Seeker::start(folder, move |answer| {
                let _ = proxy.send_event(AppEvent::History(answer));
            });
            self.seeker = started
                .inspect_err(|error| tracing::warn!("{error:#}"))
                .ok();
        }
        self.seeker.as_ref()
    }

    /// Deletes blocks of the history; the answer is [`AppEvent::HistoryChanged`].
    pub(crate) fn forget_blocks(&self, selection: history::Selection) {
        if let Some(keeper) = &self.keeper {
            self.tell_when_changed(keeper.store().forget(selection));
        }
    }

    /// Sets or drops a bookmark in the history; the answer is [`AppEvent::HistoryChanged`].
    pub(crate) fn bookmark(&self, uid: history::Uid, marked: bool) {
        if let Some(keeper) = &self.keeper {
            let change = history::Annotation::Bookmark(marked);
            self.tell_when_changed(keeper.store().annotate(uid, change));
        }
    }

    fn tell_when_changed<T: Send + 'static>(
        &self,
        answer: crossbeam::channel::Receiver<Result<T, history::Error>>,
    ) {
        in_background("history-wait", self.proxy.clone(), move || {
            AppEvent::HistoryChanged(match answer.recv() {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("the thread of the history ended".to_owned()),
            })
        });
    }

    /// A pane with a text and no program.
    pub(crate) fn open_text(&mut self, size: GridSize, cell: PixelSize, text: &[u8]) -> Pane {
        let id = PaneId(self.next_pane);
        self.next_pane += 1;
        let options = SessionOptions {
            size,
            cell,
            terminal: self.terminal_options(),
            integration: false,
            record_replies: false,
            record_output: None,
            keeper: None,
        };
        let proxy = self.proxy.clone();
        let session = Session::detached(options, move |_| {
            let _ = proxy.send_event(AppEvent::Pane(id));
        });
        session.feed(text);
        let mut pane = Pane::new(id, session);
        pane.ended = true;
        pane
    }

    /// Opens a pane with a program.
    pub(crate) fn open_program(
        &mut self,
        command: &[String],
        size: GridSize,
        cell: PixelSize,
        folder: Option<PathBuf>,
    ) -> Option<Pane> {
        let (program, args) = command.split_first()?;
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        let mut command = settings::program_command(&self.config, program.as_ref(), &args, None);
        if let Some(folder) = folder {
            command = command.folder(folder);
        }
        Some(self.start_pane(&command, size, cell))
    }

    /// This machine's name.
    pub(crate) fn hostname(&self) -> &str {
        &self.hostname
    }

    /// Opens the path of a file that a pane's text names; what is wrong is said as a notice.
    pub(crate) fn open_path(&self, path: FilePath, pane: &Pane) {
        let proxy = self.proxy.clone();
        links::paths::open(path, pane.id, &pane.session, &self.config.links, proxy);
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
}

struct Application {
    services: Services,
    /// What the first window begins with, until it is there.
    first: Vec<TabOfPanes>,
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
        self.services.theme_names = OnceCell::new();
        // What we wrote ourselves is in force already.
        if loaded.diagnostics == self.diagnostics
            && loaded.config == *self.services.config
            && loaded.themes == self.services.themes
        {
            return;
        }
        let failed = loaded.has_errors();
        self.diagnostics.clone_from(&loaded.diagnostics);
        if !failed {
            self.services.themes = loaded.themes;
            self.services.config = Arc::new(loaded.config);
            if let Some(keeper) = &self.services.keeper {
                keeper
                    .store()
                    .set_options(crate::history::options(&self.services.config));
            }
            self.services.listen();
            self.services
                .environments
                .config_changed(&self.services.config);
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
        match Window::open(event_loop, &mut self.services) {
            Ok(mut window) => {
                let id = window.handle.id();
                window.adopt(&mut self.services, tab, true);
                window.appear(&self.services);
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
        self.windows.retain(|_, window| !window.closing);
        self.tell_watchers();
        if self.windows.is_empty() && self.first.is_empty() {
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
            Request::ShowTab(id, tab) => {
                if let Some(window) = self.windows.get_mut(&id) {
                    window.show_tab(&self.services, tab);
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
        let mut first = std::mem::take(&mut self.first).into_iter();
        let Some(tab) = first.next() else {
            return;
        };
        self.open_window(event_loop, tab);
        // Read while the first window is not there yet: the shell does not wait for it.
        if let Some(file) = recent::file() {
            self.services.recent = Recent::load(&file);
        }
        let id = self.windows.keys().next().copied();
        if let Some(window) = id.and_then(|id| self.windows.get_mut(&id)) {
            for tab in first {
                window.adopt(&mut self.services, tab, true);
            }
            window.tabs.show(0);
            // The desktop may have told meanwhile that it is light.
            window.theme_changed(&self.services);
            window.focus_moved(&self.services);
        }
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
        match event {
            AppEvent::DesktopIsDark(dark) => self.services.set_dark(dark),
            AppEvent::ConfigChanged => self.reload_at = Some(Instant::now() + RELOAD_DELAY),
            // One on its way between windows has nothing to tell: a window asks the panes that it takes in.
            AppEvent::Control(ask) => self.control(event_loop, *ask),
            AppEvent::Pane(id) => match holder(&mut self.windows, id) {
                Some(window) => {
                    window.pane_changed(&mut self.services, id);
                    self.watchers.output(id);
                }
                None => self.services.attic.pane_changed(id),
            },
            AppEvent::Found(id) => {
                if let Some(window) = holder(&mut self.windows, id) {
                    window.found(id);
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
        let services = &mut self.services;
        for file in services.attic.expire(now) {
            services.remove_file(file);
        }
        let closed = services.attic.deadline();
        let deadline = self
            .windows
            .values_mut()
            .filter_map(|window| window.tick(services, now))
            .chain(self.reload_at)
            .chain(closed)
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

/// This machine's name, by which OSC 7 is judged.
fn hostname() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

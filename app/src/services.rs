//! [`Services`] is what every window shares: settings, theme, clipboard, the way to open panes. A window knows
//! no other; what concerns others, or the program as a whole, it leaves as a [`Request`].

mod background;
mod open;
mod theme;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use config::{Appearance, Config, Loaded, ThemePair};
use environments::EnvironmentId;
use terminal::search::Match;
use winit::event_loop::EventLoopProxy;
use winit::window::WindowId;

use crate::cli::WindowOptions;
use crate::closed::Attic;
use crate::control::access::Tokens;
use crate::control::protocol::Change;
use crate::control::server::Server;
use crate::environments::Environments;
use crate::event::AppEvent;
use crate::finder::Finder;
use crate::git;
use crate::history::keeper::{self, Keeper};
use crate::history::seeker::Seeker;
use crate::input::clipboard::Clipboard;
use crate::input::locks::Locks;
use crate::links;
use crate::notifications::Desktop;
use crate::palette::recent::{self, Recent};
use crate::palette::{Matching, Mode};
use crate::pane::PaneId;
use crate::reload::ConfigWatcher;
use crate::tabs::TabId;
use crate::window::{ScreenPoint, TabOfPanes};
use crate::writer::Writer;

/// What all windows share.
pub(crate) struct Services {
    /// The settings in force.
    pub(crate) config: Arc<Config>,
    /// The desktop's clipboards.
    pub(crate) clipboard: Clipboard,
    /// Caps Lock and Num Lock.
    pub(crate) locks: Locks,
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
    pub(crate) tokens: Option<Tokens>,
    /// What windows tell those who watch panes through it.
    pub(crate) told: Vec<Change>,
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
    /// Move a tab to the window whose bar it was let go on, or to one of its own.
    DropTab {
        /// The window that it was in.
        from: WindowId,
        /// Which.
        tab: TabId,
        /// Where on the screen, if that is known.
        at: Option<ScreenPoint>,
    },
    /// Move a pane to the window that it was let go over, or to one of its own.
    DropPane {
        /// The window that it was in.
        from: WindowId,
        /// Which.
        pane: PaneId,
        /// Where on the screen, if that is known.
        at: Option<ScreenPoint>,
    },
    /// Show a tab of a window, and the window.
    ShowTab(WindowId, TabId),
    /// Let this window search the panes of all windows.
    SearchPanes(WindowId),
    /// Show a match in a pane, and its window.
    ShowMatch(PaneId, Match),
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
    /// Starts what every window needs: the threads of the clipboard, of environments, of the history, the
    /// control socket.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(
        options: WindowOptions,
        config: Config,
        themes: ThemePair,
        proxy: EventLoopProxy<AppEvent>,
    ) -> Result<Self> {
        let first = options.environment.as_ref().map(|open| &open.id.provider);
        let environments = Environments::start(&config, proxy.clone(), first)
            .context("the thread for environments could not be started")?;
        let mut services = Self {
            config: Arc::new(config),
            clipboard: Clipboard::start(proxy.clone())?,
            locks: Locks::default(),
            environments,
            git: git::Finder::start(proxy.clone())?,
            keeper: None,
            seeker: None,
            options,
            attic: Attic::default(),
            directory: Vec::new(),
            requests: Vec::new(),
            recent: Recent::default(),
            matching: Matching::default(),
            writer: Writer::start(proxy.clone())?,
            tokens: None,
            told: Vec::new(),
            server: None,
            preview: None,
            theme_names: OnceCell::new(),
            themes,
            appearance: Appearance::Dark,
            proxy,
            next_pane: 0,
            hostname: hostname(),
            last_ring: None,
            finder: None,
            desktop: None,
            watcher: None,
        };
        services.start_history();
        // Before the first shell, which is told of it.
        services.listen();
        Ok(services)
    }

    /// Ends what runs on elsewhere; all windows are gone.
    pub(crate) fn end(self) {
        drop(self.attic);
        self.environments.end();
        if let Some(keeper) = &self.keeper {
            keeper.close();
        }
    }

    /// Whether these settings are in force.
    pub(crate) fn follows(&self, loaded: &Loaded) -> bool {
        loaded.config == *self.config && loaded.themes == self.themes
    }

    /// Puts settings in force, but for what windows must do themselves.
    pub(crate) fn take_settings(&mut self, config: Config, themes: ThemePair) {
        self.themes = themes;
        self.config = Arc::new(config);
        if let Some(keeper) = &self.keeper {
            keeper
                .store()
                .set_options(crate::history::options(&self.config));
        }
        self.listen();
        self.read_descriptions();
    }

    /// Reads the descriptions of environments anew: they are files of their own, whatever the settings say.
    pub(crate) fn read_descriptions(&mut self) {
        self.environments.config_changed(&self.config);
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

    /// Remembers that the shell of an environment cannot be integrated.
    pub(crate) fn remember_plain(&mut self, environment: &EnvironmentId) {
        if self.recent.keep_plain(&environment.to_string()) {
            self.keep_recent();
        }
    }

    /// Whether the shell of an environment can be integrated is not known any more: it is tried again.
    pub(crate) fn forget_plain(&mut self, environment: &EnvironmentId) {
        if self.recent.forget_plain(&environment.to_string()) {
            self.keep_recent();
        }
    }

    /// The ids of environments whose shell cannot be integrated.
    pub(crate) fn plain_environments(&self) -> Vec<String> {
        self.recent.plain.clone()
    }

    fn keep_recent(&self) {
        if let Some(file) = recent::file() {
            self.writer.recent(file, self.recent.clone());
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

    /// Reads the settings again; the answer comes as [`AppEvent::ConfigChanged`].
    pub(crate) fn reload(&self) {
        let _ = self.proxy.send_event(AppEvent::ConfigChanged);
    }

    /// Lets other programs in, or no longer, as the settings say.
    fn listen(&mut self) {
        let settings = &self.config.control;
        match (&self.tokens, settings.enabled) {
            (Some(tokens), true) => tokens.set_allowed(settings.allow.clone(), settings.ask),
            (Some(_), false) => (self.server, self.tokens) = (None, None),
            (None, false) => {}
            (None, true) => {
                let tokens = Tokens::new(settings.allow.clone(), settings.ask);
                let started = tokens.and_then(|tokens| {
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

    /// Watches the files that settings come from, and the folder of the user's descriptions of environments.
    pub(crate) fn watch(&mut self, files: &[PathBuf]) {
        let mut watched = files.to_vec();
        watched.extend(crate::environments::descriptions());
        match ConfigWatcher::start(&watched, self.proxy.clone()) {
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
            tracing::warn!("{notice}");
            let _ = proxy.send_event(AppEvent::HistoryNotice(notice));
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

    /// This machine's name.
    pub(crate) fn hostname(&self) -> &str {
        &self.hostname
    }
}

/// This machine's name, by which OSC 7 is judged.
fn hostname() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

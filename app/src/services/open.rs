//! Panes with what runs in them: a shell, a program, an environment, a text.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use config::history::Restore;
use config::layouts::{LayoutSpec, PaneSpec};
use environments::plan::ShellWish;
use environments::{EnvironmentId, EnvironmentSpec};
use pty::Command;
use terminal::{GridSize, Options, PixelSize};

use super::Services;
use crate::application::restore::{self, RestoredWindow};
use crate::control::access::{self, PaneToken};
use crate::event::AppEvent;
use crate::history::old::{self, Waiting};
use crate::layout::Layout;
use crate::palette::recent::{self, Recent};
use crate::pane::environment::{PaneEnvironment, clean};
use crate::pane::{Pane, PaneId};
use crate::saved::{self, Keep, Saved, SavedPane, SavedTab};
use crate::session::{Session, SessionEvent, SessionOptions};
use crate::settings;
use crate::tabs::Tab;
use crate::window::TabOfPanes;

impl Services {
    /// Starts what the first window shows: a layout, or a pane.
    ///
    /// # Errors
    /// When no layout has the name that was asked for.
    pub(crate) fn open_first(&mut self) -> Result<Vec<TabOfPanes>> {
        match self.options.layout.clone() {
            Some(name) => {
                let layout = self.config.layouts.get(&name);
                let layout = layout.cloned().map_err(anyhow::Error::msg)?;
                Ok(self.open_layout(&layout))
            }
            None => {
                let size = settings::grid_size(&self.config);
                Ok(vec![TabOfPanes::new(self.first_pane(size))])
            }
        }
    }

    /// Opens the windows of the last session, if there is one and nothing else is asked for: their shells begin
    /// when their old blocks are there. No program but a shell is started.
    pub(crate) fn open_last_session(&mut self) -> Vec<RestoredWindow> {
        let options = &self.options;
        let plain = options.command.is_empty()
            && options.working_directory.is_none()
            && options.layout.is_none()
            && options.environment.is_none();
        let restore = self.config.history.restore;
        if !plain || restore == Restore::Never {
            return Vec::new();
        }
        let also_closed = restore == Restore::Always;
        let Some(saved) = saved::folder().and_then(|folder| saved::take(&folder, also_closed))
        else {
            return Vec::new();
        };
        let mut waiting = Vec::new();
        let windows = saved.windows.iter().map(|window| {
            let tabs = window
                .tabs
                .iter()
                .map(|tab| self.open_saved(tab, &mut waiting));
            RestoredWindow {
                tabs: tabs.collect(),
                shown: window.shown,
                size: window.size,
            }
        });
        let windows = windows.collect();
        let proxy = self.proxy.clone();
        let folder = crate::history::folder(&self.config);
        let ids: Vec<PaneId> = waiting.iter().map(|one: &Waiting| one.pane).collect();
        let filled = old::fill(self.keeper.clone(), folder, waiting, move |pane| {
            let _ = proxy.send_event(AppEvent::Restored(pane));
        });
        if let Err(error) = filled {
            tracing::warn!("{error:#}");
            for id in ids {
                let _ = self.proxy.send_event(AppEvent::Restored(id));
            }
        }
        windows
    }

    fn open_saved(&mut self, saved: &SavedTab, waiting: &mut Vec<Waiting>) -> TabOfPanes {
        let (mut panes, mut focus) = (Vec::new(), None);
        let tree = restore::layout(&saved.root, &mut |place| {
            let pane = self.saved_pane(place);
            if place.focused {
                focus = Some(pane.id);
            }
            waiting.push(Waiting {
                pane: pane.id,
                session: Arc::clone(&pane.session),
                sessions: pane.earlier.clone(),
            });
            let id = pane.id;
            panes.push(pane);
            id
        });
        let focused = focus.or_else(|| tree.panes().first().copied());
        let mut tab = Tab::new(focused.unwrap_or(PaneId(0)));
        tab.zoomed = saved.zoomed && panes.len() > 1;
        tab.layout = tree;
        tab.name.clone_from(&saved.name);
        TabOfPanes { tab, panes }
    }

    fn saved_pane(&mut self, saved: &SavedPane) -> Pane {
        let elsewhere = saved.elsewhere.as_ref().and_then(|one| {
            let id = one.id.parse().ok()?;
            Some((EnvironmentSpec::new(id, clean(&one.name)), one.integrated))
        });
        let mut pane = match elsewhere {
            Some((spec, integrated)) => {
                self.saved_environment(spec, integrated, saved.folder.clone())
            }
            None => self.saved_shell(saved.folder.as_deref()),
        };
        pane.folder.clone_from(&saved.folder);
        pane.earlier = saved
            .sessions
            .iter()
            .filter_map(|session| session.parse().ok())
            .collect();
        pane
    }

    fn saved_shell(&mut self, folder: Option<&str>) -> Pane {
        let mut command = settings::shell_command(&self.config, None);
        if let Some(folder) = folder {
            command = command.folder(folder);
        }
        let size = settings::grid_size(&self.config);
        let options = self.session_options(size, PixelSize::default(), self.terminal_options());
        let id = self.next_pane_id();
        let mut pane = Pane::new(id, Session::waiting(&command, options, self.waker(id)));
        pane.waiting = Some(Box::new(command));
        pane
    }

    /// A pane that was in an environment. A connection may ask for a password, a container may cost money: the user
    /// opens it.
    fn saved_environment(
        &mut self,
        spec: EnvironmentSpec,
        integrated: bool,
        folder: Option<String>,
    ) -> Pane {
        let mut wish = crate::environments::wish(&self.config, folder);
        wish.integrate &= integrated;
        let look = self.environments.look(&spec);
        let environment = PaneEnvironment::not_connected(spec, wish, look);
        let size = settings::grid_size(&self.config);
        self.pane_elsewhere(size, PixelSize::default(), environment)
    }

    /// Starts what a pane waits to run.
    pub(crate) fn start_waiting(&mut self, pane: &mut Pane) {
        if let Some(environment) = &pane.environment {
            let text = environment.invitation();
            pane.session.feed(text.as_bytes());
            pane.ended = true;
            return;
        }
        let Some(command) = pane.waiting.take() else {
            return;
        };
        let (command, token) = self.with_token(&command, pane.id);
        match pane.session.attach(&command, self.config.shell.integration) {
            Ok(()) => pane.token = token,
            Err(error) => {
                tracing::error!("{error:#}");
                pane.session
                    .feed(b"\x1b[31mThe shell did not start.\x1b[0m\r\n\r\n");
                let text = format!("{error:#}\r\n\r\nPress Enter to close.");
                pane.session.feed(text.as_bytes());
                pane.ended = true;
            }
        }
    }

    /// Keeps what the windows show.
    pub(crate) fn write_session(&self, keep: Arc<Keep>, saved: Saved) {
        self.writer.session(keep, saved);
    }

    fn first_pane(&mut self, size: GridSize) -> Pane {
        if let Some(open) = self.options.environment.clone() {
            // Which shells are plain must be known before this one is opened.
            if let Some(file) = recent::file() {
                self.recent = Recent::load(&file);
            }
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

    /// Opens a tab with a shell in a folder, whatever folder the settings name.
    pub(crate) fn open_folder(&mut self, size: GridSize, folder: &Path) -> Pane {
        let spec = PaneSpec {
            folder: Some(folder.to_string_lossy().into_owned()),
            ..PaneSpec::default()
        };
        self.open_pane_at(size, &spec)
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

    /// Opens a pane whose shell runs in an environment. It is empty until the environment is ready.
    pub(crate) fn open_environment(
        &mut self,
        size: GridSize,
        cell: PixelSize,
        id: &EnvironmentId,
        mut wish: ShellWish,
    ) -> Pane {
        if self.recent.is_plain(&id.to_string()) {
            wish.integrate = false;
            if id.provider.as_str() == "ssh" && wish.command.is_empty() {
                // Who refuses one command refuses every other.
                wish.survive = None;
                wish.folder = None;
            }
        }
        if id.provider.as_str() == "local" && wish.command.is_empty() {
            return self.open_pane(size, cell, wish.folder.map(PathBuf::from));
        }
        let known = self.environments.snapshot().find(id).cloned();
        let spec = known.unwrap_or_else(|| EnvironmentSpec::new(id.clone(), id.local.clone()));
        let look = self.environments.look(&spec);
        let ticket = self.environments.open(id, &wish);
        let environment = PaneEnvironment::opening(spec, wish, look, ticket);
        self.pane_elsewhere(size, cell, environment)
    }

    /// A pane for an environment, without a program.
    fn pane_elsewhere(
        &mut self,
        size: GridSize,
        cell: PixelSize,
        environment: PaneEnvironment,
    ) -> Pane {
        let options = self.session_options(size, cell, self.remote_options());
        let id = self.next_pane_id();
        let session = Session::detached(options, self.waker(id));
        if let Some(recorder) = session.recorder() {
            recorder.enter(crate::history::environment_host(&environment.spec));
        }
        let mut pane = Pane::new(id, session);
        let cleaner = self.environments.manager().cleaner();
        pane.environment = Some(environment.with_cleaner(cleaner));
        pane
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

    /// A pane with a text and no program.
    pub(crate) fn open_text(&mut self, size: GridSize, cell: PixelSize, text: &[u8]) -> Pane {
        let id = self.next_pane_id();
        let options = SessionOptions {
            size,
            cell,
            terminal: self.terminal_options(),
            integration: false,
            record_replies: false,
            record_output: None,
            keeper: None,
        };
        let session = Session::detached(options, self.waker(id));
        session.feed(text);
        let mut pane = Pane::new(id, session);
        pane.ended = true;
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
}

//! A pane: one session (terminal and program) and the window's view of it.

pub(crate) mod environment;

use std::sync::Arc;
use std::time::{Duration, Instant};

use renderer::ViewId;
use renderer::units::Rect;
use terminal::event::Progress;
use terminal::{Event, Frame, GridSize, PixelSize};
use winit::dpi::PhysicalPosition;

use self::environment::PaneEnvironment;
use crate::input::mouse::{CellArea, CellPosition};
use crate::session::Session;
use crate::view::blocks::{BlockLook, BlockView};
use crate::window::{AtPrompt, Integrating};

/// Identifies a pane while it lives; never reused in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PaneId(pub(crate) u64);

impl PaneId {
    /// The key of the pane's cached picture.
    pub(crate) fn view(self) -> ViewId {
        ViewId(self.0)
    }
}

/// How often it is looked at which program runs in a pane, while it prints.
const PROGRAM_INTERVAL: Duration = Duration::from_secs(1);
/// How long a pane must be quiet before its scrollback is compressed.
const QUIET: Duration = Duration::from_secs(1);
/// How long a shell must be quiet before a line is typed into it: it has written its prompt then.
const TYPING_QUIET: Duration = Duration::from_millis(250);
/// Rows compressed under one hold of the lock: well under a millisecond.
const COMPACT_ROWS: usize = 500;
/// Pause between two such steps.
const COMPACT_PAUSE: Duration = Duration::from_millis(10);

/// One terminal's place in the window.
pub(crate) struct Pane {
    /// Its identity.
    pub(crate) id: PaneId,
    /// The terminal and its program.
    pub(crate) session: Arc<Session>,
    /// The window's copy of the viewport.
    pub(crate) frame: Frame,
    /// Where it was last laid out, in physical pixels, padding included.
    pub(crate) area: Rect,
    /// Where its cells are.
    pub(crate) cells: CellArea,
    /// What the program calls itself (OSC 0, 2).
    pub(crate) title: String,
    /// The shell's folder as the program said it (OSC 7).
    pub(crate) folder: Option<String>,
    /// The program ended and the pane stays only to be read (`shell.hold`, or it never started).
    pub(crate) ended: bool,
    /// When the terminal must be told the time (synchronized update, coalesced events).
    pub(crate) deadline: Option<Instant>,
    /// When cold scrollback is compressed a little further; `None` once all of it is, so that a pane at rest
    /// wakes nobody.
    pub(crate) compact_at: Option<Instant>,
    /// How far its program says it is (OSC 9;4).
    pub(crate) progress: Progress,
    /// What runs in the foreground, as of the last look.
    pub(crate) program: String,
    /// When that was looked at.
    pub(crate) program_seen: Instant,
    /// When its tab is marked as quiet, unless there is more output.
    pub(crate) quiet_at: Option<Instant>,
    /// Program and arguments that were started in it; empty: the shell.
    pub(crate) command: Vec<String>,
    /// A line to be typed into the shell once it is quiet, and when that is.
    pub(crate) typed_later: Option<(String, Option<Instant>)>,
    /// Its blocks, as they are shown.
    pub(crate) blocks: BlockView,
    /// A text that waits for the next prompt.
    pub(crate) for_prompt: Option<AtPrompt>,
    /// What is typed into its shell once that reads.
    pub(crate) integrating: Option<Integrating>,
    /// A file that goes with the pane.
    pub(crate) temporary: Option<Arc<tempfile::TempPath>>,
    /// What lets its programs ask about it; no longer when the pane is gone.
    pub(crate) token: Option<crate::control::access::PaneToken>,
    /// The sessions whose blocks came back in it, oldest first.
    pub(crate) earlier: Vec<history::Uid>,
    /// What is started in it once its old blocks are there.
    pub(crate) waiting: Option<Box<pty::Command>>,
    /// Its program only shows something that goes on without it, as a log does.
    pub(crate) only_shows: bool,
    /// When it was opened.
    pub(crate) started: Instant,
    /// Where its shell runs, if not on this machine.
    pub(crate) environment: Option<PaneEnvironment>,
    /// Its program asked for keys in a protocol that tells of Caps Lock and Num Lock.
    pub(crate) tells_locks: bool,
    /// The size that the program was last told.
    told_size: Option<(GridSize, PixelSize)>,
    /// What the program was last told of the keyboard focus.
    told_focus: bool,
}

impl Pane {
    /// A pane around a running session.
    pub(crate) fn new(id: PaneId, session: Arc<Session>) -> Self {
        let size = session.lock().size();
        Self {
            id,
            session,
            frame: Frame::new(),
            area: Rect::default(),
            cells: CellArea {
                x: 0,
                y: 0,
                cell_width: 1,
                cell_height: 1,
                size,
            },
            title: String::new(),
            folder: None,
            ended: false,
            deadline: None,
            compact_at: None,
            progress: Progress::None,
            program: String::new(),
            program_seen: Instant::now(),
            quiet_at: None,
            command: Vec::new(),
            typed_later: None,
            blocks: BlockView::default(),
            for_prompt: None,
            integrating: None,
            temporary: None,
            token: None,
            earlier: Vec::new(),
            waiting: None,
            only_shows: false,
            started: Instant::now(),
            environment: None,
            tells_locks: false,
            told_size: None,
            told_focus: true,
        }
    }

    /// The cell under a position of the window, as the frame shows it; positions outside take the nearest.
    pub(crate) fn cell_at(&self, position: PhysicalPosition<f64>) -> CellPosition {
        let at = self.cells.at(position);
        match self.frame.rows.get(usize::from(at.row)) {
            Some(row) if row.size.is_double() => at.in_double_row(self.cells.size.columns),
            _ => at,
        }
    }

    /// Copies what changed on the screen and what is shown of its blocks; returns whether anything did. The lock
    /// is held for the copy only.
    pub(crate) fn update_frame(&mut self, look: &BlockLook) -> bool {
        let session = Arc::clone(&self.session);
        let mut terminal = session.lock();
        let changed = self.frame.update(&mut terminal);
        let (now, born) = (session.now(), session.born());
        self.blocks.environment = self.environment.as_ref().map(|one| one.spec.name.clone());
        // Elsewhere the home folder is another.
        let elsewhere = self.environment.as_ref().map(|_| BlockLook {
            home: None,
            ..look.clone()
        });
        let look = elsewhere.as_ref().unwrap_or(look);
        let blocks = self.blocks.update(&terminal, &self.frame, look, now, born);
        changed || blocks
    }

    /// When the shown elapsed time of a running command changes.
    pub(crate) fn next_second(&self) -> Option<Instant> {
        let next = self.blocks.next_second?;
        Some(Instant::now() + next.saturating_sub(self.session.now()))
    }

    /// New output came: compression waits until the pane is quiet again.
    pub(crate) fn put_off_compacting(&mut self, now: Instant) {
        self.compact_at = Some(now + QUIET);
    }

    /// The shell said something: what is to be typed into it waits until it is quiet.
    pub(crate) fn put_off_typing(&mut self, now: Instant) {
        if let Some((_, at)) = &mut self.typed_later {
            *at = Some(now + TYPING_QUIET);
        }
    }

    /// Types what was to be typed into the shell, if that is due.
    pub(crate) fn type_if_due(&mut self, now: Instant) {
        let due = |at: &Option<Instant>| at.is_some_and(|at| at <= now);
        if let Some((text, _)) = self.typed_later.take_if(|(_, at)| due(at)) {
            self.session.send_text(&format!("{text}\r"));
        }
    }

    /// Compresses a little of the cold scrollback if that is due.
    pub(crate) fn compact_if_due(&mut self, now: Instant) {
        if self.compact_at.is_some_and(|at| at <= now) {
            let more = self.session.lock().compact(COMPACT_ROWS);
            self.compact_at = more.then(|| now + COMPACT_PAUSE);
        }
    }

    /// Tells terminal and program the size that the layout gave, if it is new.
    pub(crate) fn resize(&mut self, cell: PixelSize) {
        let size = Some((self.cells.size, cell));
        if self.told_size != size {
            self.told_size = size;
            self.session.resize(self.cells.size, cell);
        }
    }

    /// Tells the program whether it has the keyboard, if that is new and it asked.
    pub(crate) fn set_focus(&mut self, focused: bool) {
        if self.told_focus != focused {
            self.told_focus = focused;
            self.session.focus(focused);
        }
    }

    /// Asks the session when it is to be told the time.
    pub(crate) fn update_deadline(&mut self) {
        self.deadline = self.session.until_tick().map(|wait| Instant::now() + wait);
    }

    /// Looks again at what runs in the foreground, once a second at most; returns whether it is another.
    pub(crate) fn look_at_program(&mut self, now: Instant) -> bool {
        if !self.program.is_empty() && now.duration_since(self.program_seen) < PROGRAM_INTERVAL {
            return false;
        }
        self.program_seen = now;
        let program = self.session.program_name();
        let changed = self.program != program;
        self.program = program;
        changed
    }

    /// What the tab says of the pane: the program's title, else the folder's last part, else its name.
    pub(crate) fn label(&self) -> String {
        match &self.environment {
            Some(environment) => environment.label(&self.title),
            None => self.program_label(),
        }
    }

    /// Whether a shell in an environment proved that it waits at its prompt: closing it takes nothing away, though
    /// ssh or docker runs here.
    pub(crate) fn waits_elsewhere(&self) -> bool {
        self.environment.is_some() && self.session.lock().blocks().is_at_prompt()
    }

    /// What is ended with the pane and must be asked about: `None` for a shell that waits at its prompt, wherever it
    /// runs, and for a log that is only looked at, unless the settings `always` ask. `asks`: the program that runs here, if the settings ask about it.
    pub(crate) fn ends_with_it(
        &self,
        always: bool,
        asks: impl FnOnce(&Session) -> Option<String>,
    ) -> Option<String> {
        if self.ended || !always && (self.only_shows || self.waits_elsewhere()) {
            return None;
        }
        let here = asks(&self.session)?;
        // ssh or docker is not what the user would miss.
        let elsewhere = self.environment.as_ref().and_then(|_| self.command_name());
        Some(elsewhere.unwrap_or(here))
    }

    /// The name of the program that the shell runs, as it was typed.
    fn command_name(&self) -> Option<String> {
        let terminal = self.session.lock();
        let name = history::stats::program(&terminal.blocks().running()?.command.text);
        // Nothing but assignments, of which one may be a secret.
        (!name.is_empty() && !name.contains('=')).then_some(name)
    }

    fn program_label(&self) -> String {
        if !self.title.is_empty() {
            return self.title.clone();
        }
        let folder = self
            .folder
            .as_deref()
            .and_then(|folder| folder.rsplit('/').find(|p| !p.is_empty()));
        match folder {
            Some(folder) => folder.to_owned(),
            None => self.session.program_name(),
        }
    }

    /// Keeps what the program said of itself; returns the event when it concerns the window.
    pub(crate) fn on_event(&mut self, event: Event) -> Option<Event> {
        match event {
            Event::Title(title) => self.title = title,
            Event::WorkingDirectory(folder) => self.folder = Some(folder),
            other => return Some(other),
        }
        None
    }
}

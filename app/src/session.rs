//! A session: one terminal and the program that talks to it, with no window in it.
//!
//! The window's panes and `terrace run` stand on the same type, so that keys, pastes, replies and
//! resizes take one path. A [`Session`] may also have no program (bytes are fed to it), as in
//! `terrace shot FILE`, or when a shell could not be started and the pane says why.
//!
//! Two threads belong to a session with a program (`pty::io`): one reads and parses, a
//! piece of 4 KiB under the lock, one writes. The reader tells the user interface only "look again", by the
//! waker and with one pending flag; it never waits for anybody.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::{Mutex, MutexGuard};
use pty::{
    CloseReason, Closed, ExitStatus, InputError, InputQueue, PaneHandler, PaneIo, WindowSize,
};
use terminal::encode::focus::encode_focus;
use terminal::encode::key::{Key, KeyEvent, KeyEventKind, NamedKey, encode_key};
use terminal::encode::mouse::{MouseButton, MouseEvent, MouseEventKind, encode_mouse};
use terminal::encode::paste::{FilteredPaste, filter_paste};
use terminal::terminal::Scroll;
use terminal::{Event, GridSize, Options, PixelSize, Terminal};

use crate::history::SESSION_VARIABLE;
use crate::history::keeper::Keeper;
use crate::history::recorder::Recorder;

/// Events kept until somebody takes them; the oldest go first.
const MAX_EVENTS: usize = 4096;
/// Programs that wait for commands when nothing else is in the foreground.
const SHELLS: [&str; 14] = [
    "ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "pwsh", "sh", "tcsh",
    "xonsh", "zsh",
];
/// How long a shell must be quiet to be done with drawing its prompt again.
const PROMPT_QUIET: Duration = Duration::from_millis(30);
/// The longest that a shell is waited for to draw its prompt again.
const PROMPT_PATIENCE: Duration = Duration::from_millis(300);
/// Bytes of replies kept for `terrace run --dump`.
const MAX_RECORDED_REPLIES: usize = terminal::limits::MAX_REPLIES;

/// What a session tells its owner, from any thread. It carries no data: look at the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionEvent {
    /// The terminal changed, or events wait. Sent once until [`Session::acknowledge`].
    Output,
    /// The program is gone and all it wrote is parsed; see [`Session::ended`].
    Closed,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exit {
    /// The program's status; `None` when it runs on without us.
    pub(crate) status: Option<ExitStatus>,
    /// A sentence for the user when the session broke rather than ended.
    pub(crate) reason: Option<String>,
}

impl From<Closed> for Exit {
    fn from(end: Closed) -> Self {
        let reason = match &end.reason {
            CloseReason::Exited | CloseReason::Requested => None,
            CloseReason::Detached | CloseReason::Failed(_) => Some(end.to_string()),
        };
        Self {
            status: end.status,
            reason,
        }
    }
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.reason, self.status) {
            (Some(reason), _) => f.write_str(reason),
            (None, Some(status)) => write!(f, "program {status}"),
            (None, None) => f.write_str("program ended"),
        }
    }
}

/// Whether the program took a mouse event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MouseOutcome {
    /// It was sent to the program, or swallowed as a repeated motion that it asked to be told of.
    Reported,
    /// The program does not want it: it selects, scrolls or opens links.
    Unclaimed,
}

/// Sizes and settings a session starts with.
#[derive(Clone, Debug)]
pub(crate) struct SessionOptions {
    /// Size of the screen in cells.
    pub(crate) size: GridSize,
    /// Size of a cell in physical pixels.
    pub(crate) cell: PixelSize,
    /// The core's settings.
    pub(crate) terminal: Options,
    /// Have a shell tell its prompts and commands, if the command starts one (`shell.integration`).
    pub(crate) integration: bool,
    /// Keep every reply for [`Session::recorded_replies`] (`terrace run --dump json`).
    pub(crate) record_replies: bool,
    /// Where every byte that the program writes goes too (`terrace run --record`).
    pub(crate) record_output: Option<Arc<File>>,
    /// Where blocks are kept; `None`: nowhere.
    pub(crate) keeper: Option<Arc<Keeper>>,
}

/// Time since the session's start, until somebody takes the clock in hand (`{"clock":ms}`).
#[derive(Debug)]
struct Clock {
    start: Instant,
    /// Microseconds, or `u64::MAX` while real time counts.
    manual: AtomicU64,
}

impl Clock {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            manual: AtomicU64::new(u64::MAX),
        }
    }

    fn now(&self) -> Duration {
        match self.manual.load(Ordering::Acquire) {
            u64::MAX => self.start.elapsed(),
            micros => Duration::from_micros(micros),
        }
    }
}

/// The sizes that the program is told.
#[derive(Debug, Default)]
struct Sizes {
    /// When it was told the last one.
    told: Option<Instant>,
    /// The newest, while the shell still draws its prompt for the one before: it counts the rows of what it draws
    /// by the size that it knows, so until then the terminal keeps that size too.
    held: Option<(GridSize, PixelSize)>,
}

/// One terminal, and the program that talks to it if there is one.
pub(crate) struct Session {
    terminal: Mutex<Terminal>,
    /// The program's threads; another program's after [`Session::attach`].
    io: Mutex<Option<Arc<PaneIo>>>,
    /// Counts programs, so that the end of one that was replaced is not taken for the new one's.
    programs: AtomicU64,
    clock: Clock,
    /// The time of day when the clock began.
    born: SystemTime,
    waker: Box<dyn Fn(SessionEvent) + Send + Sync>,
    /// An [`SessionEvent::Output`] is on its way and not yet acknowledged.
    wake_pending: AtomicBool,
    events: Mutex<VecDeque<Event>>,
    exit: Mutex<Option<Exit>>,
    /// The program as it was asked for, without its folder.
    name: String,
    /// The program was started to show a prompt, not to run a script (`sh -c …`, `sh FILE`).
    prompts: bool,
    /// What the user should know about the start: the folder that was asked for is missing.
    note: Mutex<Option<String>>,
    recorded_replies: Option<Mutex<Vec<u8>>>,
    record_output: Option<Arc<File>>,
    /// What hands its blocks to the history.
    recorder: Option<Recorder>,
    last_motion: Mutex<Option<(u32, u32, MouseEventKind)>>,
    sizes: Mutex<Sizes>,
    /// When the program last wrote something.
    wrote: Mutex<Option<Instant>>,
    /// The shell elsewhere that the program was to bring up has said its key.
    introduced: AtomicBool,
    /// Slices parsed so far.
    slices: AtomicU64,
    /// Bytes parsed so far.
    bytes: AtomicU64,
}

/// The terminal under the pane's lock. When it is dropped, what the terminal wants to say goes out:
/// replies to the program, events to the session's queue. Never send, draw or wait while you hold it.
pub(crate) struct TerminalGuard<'a> {
    session: &'a Session,
    terminal: Option<MutexGuard<'a, Terminal>>,
}

impl Deref for TerminalGuard<'_> {
    type Target = Terminal;
    fn deref(&self) -> &Terminal {
        self.terminal
            .as_deref()
            .expect("held until the guard is dropped")
    }
}

impl DerefMut for TerminalGuard<'_> {
    fn deref_mut(&mut self) -> &mut Terminal {
        self.terminal
            .as_deref_mut()
            .expect("held until the guard is dropped")
    }
}

impl Drop for TerminalGuard<'_> {
    fn drop(&mut self) {
        if let Some(mut terminal) = self.terminal.take()
            && terminal.has_output()
        {
            self.session.drain(&mut terminal);
        }
    }
}

/// The reader and writer threads' side of a session. It does not keep the session alive.
struct Handler {
    session: Weak<Session>,
    /// Which of the session's programs this is.
    program: u64,
}

impl PaneHandler for Handler {
    fn output(&mut self, bytes: &[u8], _input: &InputQueue) {
        if let Some(session) = self.session.upgrade()
            && session.programs.load(Ordering::SeqCst) == self.program
        {
            session.parse(bytes);
        }
    }

    fn batch_ended(&mut self) {
        if let Some(session) = self.session.upgrade() {
            session.wake();
        }
    }

    fn closed(&mut self, end: Closed) {
        if let Some(session) = self.session.upgrade()
            && session.programs.load(Ordering::SeqCst) == self.program
        {
            session.lock().shells_ended();
            if let Some(recorder) = &session.recorder {
                recorder.closed();
            }
            *session.exit.lock() = Some(end.into());
            (session.waker)(SessionEvent::Closed);
        }
    }
}

/// What still ran is recorded as lost: nobody hears of its end any more.
impl Drop for Session {
    fn drop(&mut self) {
        if self.exit.lock().is_some() {
            return;
        }
        self.lock().shells_ended();
        if let Some(recorder) = &self.recorder {
            recorder.closed();
        }
    }
}

impl Session {
    /// A session without a program: bytes come by [`Session::feed`], replies go nowhere.
    pub(crate) fn detached(
        options: SessionOptions,
        waker: impl Fn(SessionEvent) + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self::new(String::new(), options, waker))
    }

    fn new(
        name: String,
        options: SessionOptions,
        waker: impl Fn(SessionEvent) + Send + Sync + 'static,
    ) -> Self {
        let mut terminal = Terminal::new(options.size, options.terminal);
        terminal.resize(options.size, options.cell);
        Self {
            terminal: Mutex::new(terminal),
            io: Mutex::new(None),
            programs: AtomicU64::new(0),
            clock: Clock::new(),
            born: SystemTime::now(),
            waker: Box::new(waker),
            wake_pending: AtomicBool::new(false),
            events: Mutex::new(VecDeque::new()),
            exit: Mutex::new(None),
            name,
            prompts: false,
            note: Mutex::new(None),
            recorded_replies: options.record_replies.then(|| Mutex::new(Vec::new())),
            record_output: options.record_output,
            recorder: options.keeper.map(Recorder::new),
            last_motion: Mutex::new(None),
            sizes: Mutex::new(Sizes::default()),
            wrote: Mutex::new(None),
            introduced: AtomicBool::new(false),
            slices: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// A session that is to run what is `asked` for, but does not yet: see [`Session::attach`].
    pub(crate) fn waiting(
        asked: &pty::Command,
        options: SessionOptions,
        waker: impl Fn(SessionEvent) + Send + Sync + 'static,
    ) -> Arc<Self> {
        let name = Path::new(asked.program())
            .file_name()
            .unwrap_or(asked.program());
        let mut session = Self::new(name.to_string_lossy().into_owned(), options, waker);
        session.prompts = asked.arguments().iter().all(|argument| {
            let argument = argument.to_string_lossy();
            argument.starts_with("--") || (argument.starts_with('-') && !argument.contains('c'))
        });
        Arc::new(session)
    }

    /// Starts what is `asked` for on a pseudo-terminal of the given size.
    ///
    /// # Errors
    /// When the program cannot be started; the text names it and the remedy.
    pub(crate) fn spawn(
        asked: &pty::Command,
        options: SessionOptions,
        waker: impl Fn(SessionEvent) + Send + Sync + 'static,
    ) -> anyhow::Result<Arc<Self>> {
        let integration = options.integration;
        let session = Self::waiting(asked, options, waker);
        session.attach(asked, integration)?;
        Ok(session)
    }

    /// Starts another program in this terminal, at its present size, and keeps what is on it: for a session
    /// that had none yet, or whose connection was lost. A program that still runs is closed.
    ///
    /// # Errors
    /// When the program cannot be started; the text names it and the remedy.
    pub(crate) fn attach(
        self: &Arc<Self>,
        asked: &pty::Command,
        integration: bool,
    ) -> anyhow::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut command = with_shell_key(asked, integration);
        if let Some(recorder) = &self.recorder {
            recorder.believe(command.shell_key().map(|key| key.nonce.to_string()));
            recorder.watch(Arc::downgrade(self));
            command = command.env(SESSION_VARIABLE, recorder.uid().to_string());
        }
        let command = &command;
        // The lock keeps the reader from its first reply until there is a queue to take it.
        let mut terminal = self.terminal.lock();
        let (size, cell) = (terminal.size(), terminal.cell_size());
        let mut pty = pty::Pty::spawn(command, window_size(size, cell))?;
        *self.note.lock() = pty.note.take();
        if let Some(key) = command.shell_key() {
            let key = terminal::ShellKey::new(&*key.aid, &*key.nonce);
            // A key that the command brought along is for a shell elsewhere.
            let here = asked.shell_key().is_none();
            terminal.register_shell(if here { key } else { key.remote() });
        }
        self.introduced.store(false, Ordering::SeqCst);
        if let Some(key) = command.expected_shell() {
            terminal.expect_shell(terminal::ShellKey::new(&*key.aid, &*key.nonce).remote());
        }
        let program = self.programs.fetch_add(1, Ordering::SeqCst) + 1;
        *self.exit.lock() = None;
        let name = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let handler = Handler {
            session: Arc::downgrade(self),
            program,
        };
        let io = pty::spawn_io(pty, &name, handler, || ())?;
        let old = self.io.lock().replace(Arc::new(io));
        drop(terminal);
        drop(old);
        Ok(())
    }

    /// Whether the shell elsewhere that the program was to bring up has said its key.
    pub(crate) fn shell_was_introduced(&self) -> bool {
        self.introduced.load(Ordering::SeqCst)
    }

    /// The terminal, locked. Hold it to copy or to ask, never to draw or wait.
    pub(crate) fn lock(&self) -> TerminalGuard<'_> {
        TerminalGuard {
            session: self,
            terminal: Some(self.terminal.lock()),
        }
    }

    /// Feeds bytes as if the program had written them.
    pub(crate) fn feed(&self, bytes: &[u8]) {
        self.parse(bytes);
        self.wake();
    }

    /// Says that an [`SessionEvent::Output`] was heard: the next change wakes again. Call it before
    /// looking at the terminal, so that nothing is missed.
    pub(crate) fn acknowledge(&self) {
        self.wake_pending.store(false, Ordering::SeqCst);
    }

    /// Takes the events since the last call, oldest first.
    pub(crate) fn take_events(&self) -> Vec<Event> {
        self.events.lock().drain(..).collect()
    }

    /// Time since the session began, or what [`Session::set_clock`] said.
    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// The time of day at which [`Session::now`] was zero.
    pub(crate) fn born(&self) -> SystemTime {
        self.born
    }

    /// Whether time passes by itself: nobody called [`Session::set_clock`].
    pub(crate) fn runs_in_real_time(&self) -> bool {
        self.clock.manual.load(Ordering::Acquire) == u64::MAX
    }

    /// Stops real time at `now`: from here on only the caller moves it.
    pub(crate) fn set_clock(&self, now: Duration) {
        let micros = u64::try_from(now.as_micros())
            .unwrap_or(u64::MAX - 1)
            .min(u64::MAX - 1);
        self.clock.manual.store(micros, Ordering::Release);
        self.tick();
    }

    /// How long until [`Session::tick`] is due; `None` when nothing waits for time, or when the
    /// clock stands still.
    pub(crate) fn until_tick(&self) -> Option<Duration> {
        if !self.runs_in_real_time() {
            return None;
        }
        let deadline = self.terminal.lock().deadline();
        let deadline = deadline.map(|deadline| deadline.saturating_sub(self.now()));
        let sizes = self.sizes.lock();
        let size = sizes.held.map(|_| self.until_size_is_due(&sizes));
        deadline.into_iter().chain(size).min()
    }

    /// Does what time made due (a synchronized update that never ended, held-back events, a held-back size).
    pub(crate) fn tick(&self) {
        let now = self.now();
        self.lock().tick(now);
        self.tell_size_if_due(&mut self.sizes.lock());
    }

    /// Sends a key to the program; returns whether it sent anything. If `scrolls`, a key that types
    /// brings the viewport back to the active screen.
    pub(crate) fn send_key(&self, event: &KeyEvent, scrolls: bool) -> bool {
        let bytes = {
            let mut terminal = self.lock();
            let bytes = encode_key(event, &terminal.key_modes());
            if !bytes.is_empty() {
                terminal.typed(&bytes, self.now());
            }
            if scrolls && !bytes.is_empty() && types(event) && terminal.display_offset() > 0 {
                terminal.scroll_display(Scroll::Bottom);
            }
            bytes
        };
        let sent = !bytes.is_empty();
        self.write(bytes);
        sent
    }

    /// Sends text that an input method committed, as if it were typed.
    pub(crate) fn type_text(&self, text: &str) {
        // An input method may hand over what an application put into its candidates.
        let text: String = text
            .chars()
            .filter(|character| !character.is_control())
            .collect();
        self.send_text(&text);
    }

    /// Sends text as it is: what a key is bound to in the settings.
    pub(crate) fn send_text(&self, text: &str) {
        if !text.is_empty() {
            self.lock().scroll_display(Scroll::Bottom);
            self.write(text.as_bytes().to_vec());
        }
    }

    /// Offers a mouse event to the program. Motion within one cell (one pixel in mode 1016) is
    /// reported once.
    pub(crate) fn send_mouse(&self, event: &MouseEvent) -> MouseOutcome {
        let (bytes, pixels) = {
            let terminal = self.lock();
            let modes = terminal.input_modes();
            let pixels = modes.mouse_encoding == terminal::modes::MouseEncoding::SgrPixels;
            (encode_mouse(event, &modes), pixels)
        };
        if bytes.is_empty() {
            return MouseOutcome::Unclaimed;
        }
        if matches!(event.kind, MouseEventKind::Motion(_)) {
            let at = if pixels {
                (event.x, event.y)
            } else {
                (u32::from(event.column), u32::from(event.row))
            };
            let motion = Some((at.0, at.1, event.kind));
            if std::mem::replace(&mut *self.last_motion.lock(), motion) == motion {
                return MouseOutcome::Reported;
            }
        }
        self.write(bytes);
        MouseOutcome::Reported
    }

    /// Turns a wheel step into cursor keys where the program wants that (mode 1007 on the alternate
    /// screen, no mouse mode); returns whether it did.
    pub(crate) fn send_alternate_scroll(&self, button: MouseButton, lines: u16) -> bool {
        let key = match button {
            MouseButton::WheelUp => NamedKey::Up,
            MouseButton::WheelDown => NamedKey::Down,
            _ => return false,
        };
        let bytes = {
            let terminal = self.lock();
            let modes = terminal.input_modes();
            if !(modes.alternate_scroll
                && modes.alternate_screen
                && modes.mouse_tracking == terminal::modes::MouseTracking::Off)
            {
                return false;
            }
            let event = KeyEvent {
                key: Key::Named(key),
                shifted: None,
                base_layout: None,
                modifiers: terminal::encode::key::Modifiers::empty(),
                kind: KeyEventKind::Press,
                text: String::new(),
            };
            encode_key(&event, &terminal.key_modes())
        };
        self.write(bytes.repeat(usize::from(lines)));
        true
    }

    /// Makes text fit to be pasted, and says why to ask first. Send its bytes with
    /// [`Session::write`].
    pub(crate) fn prepare_paste(&self, text: &str) -> FilteredPaste {
        let special = self
            .io()
            .map(|io| io.control().special_characters())
            .unwrap_or_default();
        let bracketed = self.lock().input_modes().bracketed_paste;
        filter_paste(text, bracketed, &special)
    }

    /// Pastes without asking.
    ///
    /// # Errors
    /// When the program is gone, or reads so little that too much waits for it already.
    pub(crate) fn paste(&self, text: &str) -> Result<(), InputError> {
        let paste = self.prepare_paste(text);
        self.lock().scroll_display(Scroll::Bottom);
        self.io().map_or(Ok(()), |io| io.input().push(paste.bytes))
    }

    /// Answers an OSC 52 query that the user allowed.
    pub(crate) fn reply_clipboard(&self, selections: &str, text: &str) {
        self.lock().reply_clipboard(selections, text);
    }

    /// Changes the core's settings; the program hears of a change between light and dark.
    pub(crate) fn set_options(&self, options: Options) {
        self.lock().set_options(options);
        self.wake();
    }

    /// Tells the program about the keyboard focus, if it asked.
    pub(crate) fn focus(&self, focused: bool) {
        let bytes = encode_focus(focused, &self.lock().input_modes());
        self.write(bytes.to_vec());
    }

    /// Changes the size, for the terminal and for the program: at once, but that a shell may first draw its prompt
    /// for the size before.
    pub(crate) fn resize(&self, size: GridSize, cell: PixelSize) {
        let mut sizes = self.sizes.lock();
        sizes.held = Some((size, cell));
        self.tell_size_if_due(&mut sizes);
        drop(sizes);
        self.wake();
    }

    fn tell_size_if_due(&self, sizes: &mut Sizes) {
        if sizes.held.is_none() || !self.until_size_is_due(sizes).is_zero() {
            return;
        }
        let Some((size, cell)) = sizes.held.take() else {
            return;
        };
        sizes.told = Some(Instant::now());
        self.lock().resize(size, cell);
        if let Some(io) = self.io() {
            // Refused only when the program has ended, which is told elsewhere.
            let _ = io.input().resize(window_size(size, cell));
        }
    }

    /// How long a new size is held back.
    fn until_size_is_due(&self, sizes: &Sizes) -> Duration {
        let Some(told) = sizes.told.filter(|_| self.runs_in_real_time()) else {
            return Duration::ZERO;
        };
        let terminal = self.terminal.lock();
        let draws_prompt = terminal.blocks().pending().is_some() && !terminal.is_alternate();
        drop(terminal);
        if !draws_prompt {
            return Duration::ZERO;
        }
        let latest = told + PROMPT_PATIENCE;
        let answered = self.wrote.lock().filter(|wrote| *wrote > told);
        let due = answered.map_or(latest, |wrote| latest.min(wrote + PROMPT_QUIET));
        due.saturating_duration_since(Instant::now())
    }

    /// Tells the program its size once more, though it is the same: a session that starts late elsewhere has
    /// missed the first. The kernel passes on changes only, so the width in pixels grows by one.
    pub(crate) fn tell_size_again(&self) {
        let terminal = self.lock();
        let mut size = window_size(terminal.size(), terminal.cell_size());
        drop(terminal);
        size.pixel_width = size.pixel_width.saturating_add(1);
        if let Some(io) = self.io() {
            let _ = io.input().resize(size);
        }
    }

    /// Queues bytes for the program; never waits.
    pub(crate) fn write(&self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        if let Some(io) = self.io()
            && let Err(error) = io.input().push(bytes)
        {
            tracing::warn!(%error, "input for the program is dropped");
        }
    }

    /// Ends the program as closing a window does: a hang-up, and after a grace period a kill.
    pub(crate) fn close(&self) {
        if let Some(io) = self.io() {
            io.close();
        }
    }

    /// How the session ended, once it has.
    pub(crate) fn ended(&self) -> Option<Exit> {
        self.exit.lock().clone()
    }

    /// Takes what the user should be told about the start, if anything.
    pub(crate) fn take_note(&self) -> Option<String> {
        self.note.lock().take()
    }

    /// Says in the terminal itself how the program ended, for a pane that stays.
    pub(crate) fn show_end(&self) {
        let end = self
            .ended()
            .map_or_else(|| "program ended".to_owned(), |exit| exit.to_string());
        let end: String = end
            .chars()
            .filter(|character| !character.is_control())
            .collect();
        self.leave_program();
        self.feed(format!("\r\n\x1b[2m[{end}]\x1b[0m").as_bytes());
    }

    /// Out of whatever a program left behind that is gone: alternate screen, margins, charset, colors, the modes of
    /// mouse, focus, paste and keyboard. The cursor is hidden.
    pub(crate) fn leave_program(&self) {
        // On the primary screen this would take the cursor home.
        if self.lock().input_modes().alternate_screen {
            self.feed(b"\x1b[?1049l");
        }
        self.feed(b"\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?1016l\x1b[?2004l\x1b[=0u\x1b[0m\x1b[?25l");
    }

    /// The folder that a new tab beside this one starts in: where the foreground program is.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        self.io()?.control().folder()
    }

    /// The name of the program in the foreground, else of what was started.
    pub(crate) fn program_name(&self) -> String {
        let foreground = self.io().and_then(|io| io.control().foreground_process());
        foreground
            .and_then(|process| process.name)
            .unwrap_or_else(|| self.name.clone())
    }

    /// The name of the program that closing the session would take something from: anything but
    /// the shell waiting at its prompt.
    pub(crate) fn running_program(&self) -> Option<String> {
        let io = self.io().filter(|_| self.ended().is_none())?;
        let process = io.control().foreground_process()?;
        let name = process.name.unwrap_or_else(|| self.name.clone());
        // The first program at its prompt is in the foreground too; `-e vim` is no prompt.
        let at_prompt =
            process.is_first && self.prompts && SHELLS.contains(&name.trim_start_matches('-'));
        (!at_prompt).then_some(name)
    }

    /// Whether a program of this machine reads lines, as `ssh` does while it logs in, and not keys for another.
    pub(crate) fn reads_lines(&self) -> bool {
        self.io().is_some_and(|io| io.control().line_state().lines)
    }

    /// The threads and the process of the session's program, if it has one.
    pub(crate) fn io(&self) -> Option<Arc<PaneIo>> {
        self.io.lock().clone()
    }

    /// Slices and bytes of output parsed so far.
    pub(crate) fn parsed(&self) -> (u64, u64) {
        (
            self.slices.load(Ordering::SeqCst),
            self.bytes.load(Ordering::SeqCst),
        )
    }

    /// Waits until all input is handed over and all that the program wrote is parsed; `false` when
    /// that takes longer than `timeout`, as with a program that never stops writing.
    pub(crate) fn sync(&self, timeout: Duration) -> bool {
        let Some(io) = self.io() else {
            return true;
        };
        // The kernel moves what a program writes to our side in a worker thread of its own, and
        // a program needs a moment to wake up from a key: so it must be quiet for a while.
        const QUIET: Duration = Duration::from_millis(4);
        const ROUNDS: u32 = 3;
        let deadline = Instant::now() + timeout;
        let mut rounds = 0;
        let mut seen = self.parsed();
        while rounds < ROUNDS {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || !io.sync(left) {
                return self.ended().is_some();
            }
            let parsed = self.parsed();
            let mut sizes = self.sizes.lock();
            self.tell_size_if_due(&mut sizes);
            let quiet = parsed == seen && io.input().waiting() == 0 && sizes.held.is_none();
            drop(sizes);
            rounds = if quiet { rounds + 1 } else { 0 };
            seen = parsed;
            if self.ended().is_some() {
                return true;
            }
            std::thread::sleep(QUIET);
        }
        true
    }

    /// What hands the session's blocks to the history; `None` where there is none.
    pub(crate) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// What the running command has printed since this was last asked.
    pub(crate) fn running_output(&self) -> Option<history::Running> {
        let recorder = self.recorder.as_ref()?;
        let (_, parsed) = self.parsed();
        recorder.running(&self.terminal.lock(), parsed)
    }

    /// Whether a command runs whose shell tells of it.
    pub(crate) fn runs_command(&self) -> bool {
        self.terminal.lock().blocks().running().is_some()
    }

    /// Every reply so far, if they are recorded.
    pub(crate) fn recorded_replies(&self) -> Vec<u8> {
        self.recorded_replies
            .as_ref()
            .map(|replies| replies.lock().clone())
            .unwrap_or_default()
    }

    fn parse(&self, bytes: &[u8]) {
        if let Some(mut file) = self.record_output.as_deref()
            && let Err(error) = file.write_all(bytes)
        {
            tracing::warn!(%error, "the recording has a gap");
        }
        let mut terminal = self.terminal.lock();
        *self.wrote.lock() = Some(Instant::now());
        terminal.advance(bytes, self.clock.now());
        if terminal.has_output() {
            self.drain(&mut terminal);
        }
        // A busy program must not starve the thread that copies the frame.
        MutexGuard::unlock_fair(terminal);
        self.slices.fetch_add(1, Ordering::SeqCst);
        self.bytes.fetch_add(bytes.len() as u64, Ordering::SeqCst);
    }

    fn wake(&self) {
        if !self.wake_pending.swap(true, Ordering::SeqCst) {
            (self.waker)(SessionEvent::Output);
        }
    }

    /// Sends replies and queues events. Called with the terminal locked, so that replies keep the
    /// order of what they answer; neither queue waits.
    fn drain(&self, terminal: &mut Terminal) {
        let replies = terminal.take_replies();
        if !replies.is_empty() {
            if let Some(record) = &self.recorded_replies {
                let mut record = record.lock();
                let room = MAX_RECORDED_REPLIES.saturating_sub(record.len());
                record.extend_from_slice(&replies[..replies.len().min(room)]);
            }
            // A program that asks and asks and does not read loses answers, not memory.
            if let Some(io) = self.io()
                && let Err(error) = io.input().reply(replies)
            {
                tracing::debug!(%error, "replies are dropped");
            }
        }
        let new = terminal.take_events();
        if new.is_empty() {
            return;
        }
        for event in &new {
            match (event, &self.recorder) {
                (Event::Block(event), Some(recorder)) => recorder.on_event(terminal, event),
                (Event::Shell(key), recorder) => {
                    self.introduced.store(true, Ordering::SeqCst);
                    if let Some(recorder) = recorder {
                        recorder.believe(Some(key.nonce.clone()).filter(|it| !it.is_empty()));
                    }
                }
                _ => {}
            }
        }
        {
            let mut events = self.events.lock();
            events.extend(new);
            let excess = events.len().saturating_sub(MAX_EVENTS);
            events.drain(..excess);
        }
        self.wake();
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("clock", &self.clock)
            .field("exit", &self.exit)
            .finish_non_exhaustive()
    }
}

/// The command as it is started: a shell integrates itself, or is given the key to do so from the
/// user's own files. A command that brings a key starts a shell elsewhere, and stays as it is.
fn with_shell_key(asked: &pty::Command, integration: bool) -> pty::Command {
    let mut command = asked.clone();
    if command.shell_key().is_none() && command.expected_shell().is_none() {
        let integrated = integration && pty::integration::integrate(&mut command).is_some();
        if !integrated {
            pty::integration::offer(&mut command);
        }
    }
    command
}

/// The size a program is told, in cells and pixels.
fn window_size(size: GridSize, cell: PixelSize) -> WindowSize {
    WindowSize::from_cells(size.columns, size.rows, cell.width, cell.height)
}

/// Whether a key event is one after which the user expects to see the prompt: not a release, not a
/// modifier or lock key alone (which the kitty protocol reports too).
fn types(event: &KeyEvent) -> bool {
    use NamedKey as K;
    event.kind != KeyEventKind::Release
        && !matches!(
            event.key,
            Key::Named(
                K::CapsLock
                    | K::ScrollLock
                    | K::NumLock
                    | K::PrintScreen
                    | K::LeftShift
                    | K::LeftControl
                    | K::LeftAlt
                    | K::LeftSuper
                    | K::LeftHyper
                    | K::LeftMeta
                    | K::RightShift
                    | K::RightControl
                    | K::RightAlt
                    | K::RightSuper
                    | K::RightHyper
                    | K::RightMeta
                    | K::IsoLevel3Shift
                    | K::IsoLevel5Shift
            )
        )
}

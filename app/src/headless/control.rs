//! The control socket of `terrace run --control`: one line of JSON each way, so that tests drive a
//! session without a display. `assets/manual/control.md` documents it.
//!
//! [`protocol`] turns a line into a [`Request`]; this file carries it out and answers.

pub(crate) mod protocol;
mod server;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use config::Config;
use parking_lot::Mutex;
use serde_json::{Value, json};
use terminal::encode::mouse::{MouseButton, MouseEventKind};
use terminal::encode::paste::PasteRisk;
use terminal::terminal::Scroll;
use terminal::{Event, Frame, Palette, PixelSize, Side};

use super::picture::{Picture, Studio};
use super::state::{self, Told};
use crate::cli::{Format, SettingsArgs};
use crate::session::{MouseOutcome, Session};
use protocol::{Request, Selection, Shot};
pub(super) use server::Server;

/// Rows that a wheel step scrolls.
const WHEEL_ROWS: u16 = 3;
/// How often to look for what `{"wait":…}` waits for.
const GLANCE: Duration = Duration::from_millis(5);
/// Events kept for dumps; the oldest go first.
const MAX_EVENTS: usize = 4096;

/// What the commands act on.
pub(super) struct Control {
    session: Arc<Session>,
    config: Config,
    /// The palette before any program changed it.
    palette: Palette,
    /// Opened with the first picture, since that takes a while and needs a driver.
    studio: Mutex<Option<(f32, Studio)>>,
    /// Every event so far.
    events: Mutex<Vec<Event>>,
    /// Where the pointer was pressed last, while it is held without the program taking it.
    drags: Mutex<bool>,
    /// `{"quit":true}` was said.
    quitting: AtomicBool,
}

impl Control {
    /// The commands' view of a session.
    pub(super) fn new(session: Arc<Session>, config: Config, palette: Palette) -> Self {
        Self {
            session,
            config,
            palette,
            studio: Mutex::new(None),
            events: Mutex::new(Vec::new()),
            drags: Mutex::new(false),
            quitting: AtomicBool::new(false),
        }
    }

    /// The session's state as JSON, with every reply and event since its start.
    pub(super) fn state(&self, scrollback: usize) -> String {
        let events = {
            let mut events = self.events.lock();
            events.extend(self.session.take_events());
            let excess = events.len().saturating_sub(MAX_EVENTS);
            events.drain(..excess);
            events.clone()
        };
        let replies = self.session.recorded_replies();
        let palette = self.palette.clone();
        let terminal = self.session.lock();
        let told = Told {
            replies,
            events,
            palette,
            modes: terminal.modes(),
        };
        state::json(&terminal, scrollback, &told)
    }

    /// Draws what the viewport shows.
    ///
    /// # Errors
    /// When there is no graphics adapter.
    pub(super) fn picture(&self, scale: f32, theme: Option<&str>) -> anyhow::Result<Picture> {
        let mut frame = Frame::new();
        {
            let mut terminal = self.session.lock();
            frame.update(&mut terminal);
            if frame.rows.is_empty() {
                // A synchronized update is open; a window would show what was before it, which
                // nobody kept here. What there is is better than nothing.
                terminal.damage_all();
                let later = terminal.deadline().unwrap_or_default();
                terminal.tick(later);
                frame.update(&mut terminal);
            }
        }
        if let Some(theme) = theme {
            let options = vec![format!("colors.theme={theme:?}")];
            let loaded = super::load(&SettingsArgs {
                config: None,
                options,
            })?;
            frame.palette = super::terminal_options(&loaded).palette;
        }
        let interval = u128::from(self.config.cursor.blink_interval.max(1));
        let blink_on = (self.session.now().as_millis() / interval).is_multiple_of(2);
        let mut studio = self.studio.lock();
        if !studio
            .as_ref()
            .is_some_and(|(of, studio)| *of == scale && !studio.is_lost())
        {
            *studio = Some((scale, Studio::new(&self.config, scale)?));
        }
        let (_, studio) = studio.as_mut().context("just opened")?;
        studio.draw(&frame, blink_on || self.session.runs_in_real_time())
    }

    /// Whether a client asked for the end.
    fn is_quitting(&self) -> bool {
        self.quitting.load(Ordering::Acquire)
    }

    /// Carries out one line and gives the line to answer, without its line feed.
    pub(super) fn answer(&self, line: &[u8]) -> String {
        match protocol::parse(line).and_then(|request| self.carry_out(request)) {
            Ok(answer) => answer,
            Err(error) => json!({"ok": false, "error": format!("{error:#}")}).to_string(),
        }
    }

    fn carry_out(&self, request: Request) -> anyhow::Result<String> {
        let session = &self.session;
        let mut answer = json!({"ok": true});
        match request {
            Request::Dump { format, scrollback } => return self.dump(format, scrollback),
            Request::Sync { timeout } => {
                let settled = session.sync(timeout);
                answer["settled"] = settled.into();
                answer["bytes"] = session.parsed().1.into();
            }
            Request::Wait { text, timeout } => self.wait_for(&text, timeout)?,
            Request::Resize { size, cell } => {
                let cell = cell.unwrap_or_else(|| session.lock().cell_size());
                session.resize(size, cell);
            }
            Request::Key(event) => {
                let scrolls = self.config.scrollback.scroll_on_key;
                answer["sent"] = session.send_key(&event, scrolls).into();
            }
            Request::Type(text) => session.type_text(&text),
            Request::Mouse(event) => answer["reported"] = self.mouse(event).into(),
            Request::Paste(text) => {
                let risks = session.prepare_paste(&text).risks;
                session.paste(&text)?;
                answer["risks"] = risks.into_iter().map(risk_name).collect();
            }
            Request::Focus(focused) => session.focus(focused),
            Request::Scroll(scroll) => {
                let mut terminal = session.lock();
                terminal.scroll_display(scroll);
                answer["offset"] = terminal.display_offset().into();
            }
            Request::Select(selection) => self.select(selection),
            Request::Copy => answer["text"] = session.lock().selected_text().into(),
            Request::Screenshot(Shot { file, scale, theme }) => {
                let picture = self.picture(scale, theme.as_deref())?;
                picture.save(Path::new(&file))?;
                answer["width"] = picture.width.into();
                answer["height"] = picture.height.into();
            }
            Request::Clock(now) => session.set_clock(now),
            Request::Stats => self.stats(&mut answer),
            Request::Status => {
                let exit = session.ended();
                answer["running"] = exit.is_none().into();
                if let Some(exit) = exit {
                    answer["exit"] = exit.status.map(pty::ExitStatus::shell_code).into();
                    answer["reason"] = exit.to_string().into();
                }
            }
            Request::Quit => {
                self.quitting.store(true, Ordering::Release);
                session.close();
            }
        }
        Ok(answer.to_string())
    }

    fn dump(&self, format: Format, scrollback: Option<usize>) -> anyhow::Result<String> {
        let rows = scrollback.unwrap_or(0);
        let text = match format {
            Format::Json => {
                let state = self.state(scrollback.unwrap_or(super::dump::SCROLLBACK));
                // The state's own object, with `ok` before its first name.
                return Ok(format!("{{\"ok\":true,{}", state.trim_start_matches('{')));
            }
            Format::Text => state::text(&self.session.lock(), rows),
            Format::Ansi => state::ansi(&self.session.lock(), rows),
            Format::Png => anyhow::bail!("use {{\"screenshot\":\"file.png\"}} for a picture"),
        };
        Ok(json!({"ok": true, "text": text}).to_string())
    }

    fn wait_for(&self, text: &str, timeout: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + timeout;
        loop {
            // The end is looked at first, so that what came just before it is still found.
            let ended = self.session.ended();
            let screen = state::text(&self.session.lock(), 0);
            if screen.contains(text) {
                return Ok(());
            }
            if let Some(exit) = ended {
                anyhow::bail!("{exit}, and the screen does not hold {text:?}");
            }
            ensure!(
                Instant::now() < deadline,
                "the screen does not hold {text:?} after {} ms",
                timeout.as_millis()
            );
            std::thread::sleep(GLANCE);
        }
    }

    /// Offers a mouse event to the program; what it leaves scrolls and selects, as in the window.
    fn mouse(&self, mut event: protocol::Pointer) -> bool {
        let session = &self.session;
        let cell = session.lock().cell_size();
        let middle =
            |idx: u16, length: u16| u32::from(idx) * u32::from(length) + u32::from(length / 2);
        event.event.x = event
            .x
            .unwrap_or_else(|| middle(event.event.column, cell.width));
        event.event.y = event
            .y
            .unwrap_or_else(|| middle(event.event.row, cell.height));
        let event = event.event;
        if session.send_mouse(&event) == MouseOutcome::Reported {
            return true;
        }
        let offset = |terminal: &terminal::Terminal| {
            i32::try_from(terminal.display_offset()).unwrap_or(i32::MAX)
        };
        match event.kind {
            MouseEventKind::Press(button @ (MouseButton::WheelUp | MouseButton::WheelDown)) => {
                self.wheel(button);
            }
            MouseEventKind::Press(MouseButton::Left) => {
                let mut terminal = session.lock();
                let line = i32::from(event.row) - offset(&terminal);
                let point = terminal::Point::new(line, event.column);
                terminal.start_selection(
                    terminal::selection::SelectionKind::Character,
                    point,
                    Side::Left,
                );
                *self.drags.lock() = true;
            }
            MouseEventKind::Motion(Some(MouseButton::Left))
            | MouseEventKind::Release(MouseButton::Left) => {
                let released = matches!(event.kind, MouseEventKind::Release(_));
                let mut drags = self.drags.lock();
                if *drags {
                    let mut terminal = session.lock();
                    let line = i32::from(event.row) - offset(&terminal);
                    let point = terminal::Point::new(line, event.column);
                    terminal.extend_selection(point, Side::Left);
                    *drags = !released;
                }
            }
            _ => {}
        }
        false
    }

    /// A wheel step that the program did not take as a mouse event.
    fn wheel(&self, button: MouseButton) {
        if self.session.send_alternate_scroll(button, WHEEL_ROWS) {
            return;
        }
        let rows = i32::from(WHEEL_ROWS);
        let rows = if button == MouseButton::WheelUp {
            rows
        } else {
            -rows
        };
        self.session.lock().scroll_display(Scroll::Rows(rows));
    }

    fn select(&self, selection: Selection) {
        let mut terminal = self.session.lock();
        match selection {
            Selection::Nothing => terminal.clear_selection(),
            Selection::Everything => terminal.select_all(),
            Selection::Cells { kind, start, end } => {
                let (first, last) = if start <= end {
                    (Side::Left, Side::Right)
                } else {
                    (Side::Right, Side::Left)
                };
                terminal.start_selection(kind, start, first);
                terminal.extend_selection(end, last);
            }
        }
    }

    fn stats(&self, answer: &mut Value) {
        let terminal = self.session.lock();
        let (grid, scrollback) = terminal.memory();
        answer["grid"] = grid.into();
        answer["scrollback"] = scrollback.into();
        answer["scrollback_rows"] = terminal.scrollback_rows().into();
        drop(terminal);
        answer["images"] = 0.into();
        answer["rss"] = resident_bytes().into();
        answer["bytes"] = self.session.parsed().1.into();
        let frames = self
            .studio
            .lock()
            .as_ref()
            .map_or(0, |(_, studio)| studio.drawn());
        answer["frames"] = frames.into();
    }
}

/// The process's memory in RAM, where the system tells (Linux: proc(5)).
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

fn risk_name(risk: PasteRisk) -> Value {
    match risk {
        PasteRisk::Newlines => "newlines",
        PasteRisk::Controls => "controls",
        PasteRisk::Large => "large",
        PasteRisk::Invisible => "invisible",
    }
    .into()
}

/// The size of a cell, for messages of the protocol.
fn cell_size(width: u16, height: u16) -> PixelSize {
    PixelSize {
        width: width.max(1),
        height: height.max(1),
    }
}

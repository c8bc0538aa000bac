//! What a client asks of a pane and needs no window for: its text, its picture, waiting. Done by the client's own
//! thread.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError};
use serde_json::{Value, json};

use super::protocol::{self, Change, Failure, Part, Request};
use crate::headless::{picture, state};
use crate::pane::PaneId;
use crate::session::Session;

/// What is asked of a pane and needs no window.
pub(super) fn look(
    request: &Request,
    pane: PaneId,
    session: &Session,
    config: &config::Config,
    changes: &Receiver<Change>,
) -> Result<Value, Failure> {
    match request {
        Request::Text { part, .. } => {
            let terminal = session.lock();
            let text = match part {
                Part::Screen => state::text(&terminal, 0),
                Part::Scrollback => state::text(&terminal, usize::MAX),
                Part::Selection => terminal.selected_text().unwrap_or_default(),
            };
            Ok(json!({"pane": pane.0, "text": text}))
        }
        Request::Screenshot { file, scale, .. } => screenshot(session, config, file, *scale),
        Request::Wait {
            text,
            silence,
            timeout,
            ..
        } => wait(session, changes, text.as_deref(), *silence, *timeout),
        _ => Err(Failure::request("nothing to look at")),
    }
}

/// Waits for a text on the screen, or for silence, whichever are asked for; both must come.
fn wait(
    session: &Session,
    changes: &Receiver<Change>,
    text: Option<&str>,
    silence: Option<u64>,
    timeout: Option<u64>,
) -> Result<Value, Failure> {
    if text.is_none() && silence.is_none() {
        return Err(Failure::request("wait: name a \"text\" or a \"silence\""));
    }
    let begin = Instant::now();
    let end = begin + timeout.map_or(protocol::WAIT, Duration::from_millis);
    let silence = Duration::from_millis(silence.unwrap_or(0));
    let mut found = text.is_none();
    let mut quiet_since = begin;
    loop {
        if let Some(text) = text.filter(|_| !found) {
            let terminal = session.lock();
            // Where a line wraps is the pane's business.
            found = state::flowing_text(&terminal).contains(text)
                || state::text(&terminal, 0).contains(text);
        }
        let now = Instant::now();
        if found && now >= quiet_since + silence {
            return Ok(json!({"waited": u64::try_from((now - begin).as_millis()).unwrap_or(0)}));
        }
        if now >= end {
            return Err(Failure::timeout(match text.filter(|_| !found) {
                Some(text) => format!("\"{}\" did not appear", text.escape_debug()),
                None => "the pane was not silent for long enough".to_owned(),
            }));
        }
        let next = if found {
            end.min(quiet_since + silence)
        } else {
            end
        };
        match changes.recv_deadline(next) {
            Ok(Change::Closed { .. }) | Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::absent("the pane was closed"));
            }
            Ok(_) => quiet_since = Instant::now(),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Draws what a pane shows to a new file.
fn screenshot(
    session: &Session,
    config: &config::Config,
    file: &str,
    scale: Option<f32>,
) -> Result<Value, Failure> {
    let scale = scale.unwrap_or(1.0);
    if !(0.5..=8.0).contains(&scale) {
        return Err(Failure::request("screenshot: \"scale\" is from 0.5 to 8"));
    }
    let mut frame = terminal::Frame::new();
    {
        let mut terminal = session.lock();
        // The window's own copy must miss nothing for it.
        frame.update(&mut terminal);
        terminal.damage_all();
    }
    let picture = picture::Studio::new(config, scale)
        .and_then(|mut studio| studio.draw(&frame, true))
        .map_err(|error| Failure::failed(format!("{error:#}")))?;
    save(&picture, file)
}

/// Writes a picture to a new file.
pub(super) fn save(picture: &picture::Picture, file: &str) -> Result<Value, Failure> {
    let path = std::path::Path::new(file);
    if !path.is_absolute() {
        return Err(Failure::request(
            "screenshot: \"file\" must be an absolute path",
        ));
    }
    let opened = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    let cannot = |error: &dyn std::fmt::Display| Failure::failed(format!("{file}: {error}"));
    let png = picture.png().map_err(|error| cannot(&error))?;
    opened
        .and_then(|mut out| out.write_all(&png))
        .map_err(|error| cannot(&error))?;
    Ok(json!({"file": file, "width": picture.width, "height": picture.height}))
}

//! The listening end: a thread for the socket, one for each client.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, bounded};
use serde_json::{Value, json};
use winit::event_loop::EventLoopProxy;

use super::access::{self, Caller, Tokens};
use super::protocol::{self, Change, Failure, MAX_LINE, Part, Request};
use super::{Answer, Ask, Watcher};
use crate::event::AppEvent;
use crate::headless::{picture, state};
use crate::pane::PaneId;
use crate::session::Session;

/// The most clients at once.
const MAX_CLIENTS: usize = 64;
/// How soon a client must say what it wants.
const FIRST_LINE: Duration = Duration::from_secs(5);
/// How long a client may leave unread what it asked for.
const UNREAD: Duration = Duration::from_secs(10);
/// How long the UI thread may be busy.
const BUSY: Duration = Duration::from_secs(10);
/// Changes kept for a subscriber that is slow; one more and it is let go.
const MAX_CHANGES: usize = 4096;
/// How often it is looked whether a silent subscriber is still there.
const LOOK: Duration = Duration::from_secs(5);

/// A listening socket; dropping it takes its files away.
pub(crate) struct Server {
    path: PathBuf,
}

impl Server {
    /// Listens for clients.
    ///
    /// # Errors
    /// When there is no folder that is ours alone, or the socket cannot be made.
    pub(crate) fn start(proxy: EventLoopProxy<AppEvent>, tokens: Tokens) -> io::Result<Self> {
        let path = access::socket_path()?;
        // One of a process that had our number and was killed.
        access::remove(&path);
        // Nobody else comes through its folder, whatever the umask is.
        let listener = UnixListener::bind(&path)?;
        let server = Self { path };
        std::fs::set_permissions(&server.path, std::fs::Permissions::from_mode(0o600))?;
        access::write_token(&server.path, &tokens)?;
        std::thread::Builder::new()
            .name("control".to_owned())
            .spawn(move || listen(&listener, &proxy, &tokens))?;
        Ok(server)
    }

    /// The socket.
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        access::remove(&self.path);
    }
}

fn listen(listener: &UnixListener, proxy: &EventLoopProxy<AppEvent>, tokens: &Tokens) {
    let clients = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(%error, "a control client did not get in");
                std::thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        if clients.load(Ordering::Relaxed) >= MAX_CLIENTS {
            tracing::warn!("more than {MAX_CLIENTS} control clients; one is turned away");
            continue;
        }
        if !is_ours(&stream) {
            tracing::warn!("a control client of another user is turned away");
            continue;
        }
        let guard = Present::new(&clients);
        let (proxy, tokens) = (proxy.clone(), tokens.clone());
        let thread = std::thread::Builder::new().name("control-client".to_owned());
        let spawned = thread.spawn(move || {
            let client = Client {
                stream: &stream,
                proxy,
                tokens,
            };
            if let Err(error) = client.converse() {
                tracing::debug!(%error, "control client");
            }
            drop(guard);
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "no thread for a control client");
        }
    }
}

/// Counts a client as long as it lives.
struct Present(Arc<AtomicUsize>);

impl Present {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether the other end is a process of ours (SO_PEERCRED); elsewhere the folder's mode alone decides.
fn is_ours(stream: &UnixStream) -> bool {
    #[cfg(target_os = "linux")]
    {
        rustix::net::sockopt::socket_peercred(stream)
            .is_ok_and(|peer| peer.uid == rustix::process::geteuid())
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = stream;
        true
    }
}

/// A connected client.
struct Client<'a> {
    stream: &'a UnixStream,
    proxy: EventLoopProxy<AppEvent>,
    tokens: Tokens,
}

impl Client<'_> {
    fn converse(&self) -> io::Result<()> {
        self.stream.set_write_timeout(Some(UNREAD))?;
        self.stream.set_read_timeout(Some(FIRST_LINE))?;
        let mut input = BufReader::new(self.stream);
        let mut line = Vec::new();
        loop {
            line.clear();
            let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX) + 1;
            if (&mut input).take(limit).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            if line.len() > MAX_LINE {
                let failure = Failure::request(format!("longer than {MAX_LINE} bytes"));
                return self.send(&protocol::answer(&Value::Null, &Err(failure)));
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match protocol::parse(&line) {
                Err((id, failure)) => self.send(&protocol::answer(&id, &Err(failure)))?,
                Ok((envelope, request)) => {
                    let Some(caller) = self.tokens.caller(&envelope.token) else {
                        let failure = Failure::forbidden("the token is not one of this Terrace");
                        return self.send(&protocol::answer(&envelope.id, &Err(failure)));
                    };
                    self.answer(&envelope.id, request, caller)?;
                }
            }
            // It has shown that it means us; from here on it may take its time.
            self.stream.set_read_timeout(None)?;
        }
    }

    fn send(&self, line: &str) -> io::Result<()> {
        let mut stream = self.stream;
        stream.write_all(line.as_bytes())
    }

    fn answer(&self, id: &Value, mut request: Request, caller: Caller) -> io::Result<()> {
        if let Caller::Pane(own) = caller {
            request.default_pane(own.0);
        }
        let result = self.tokens.check(&caller, &request).and_then(|()| {
            let (changes, told) = bounded(MAX_CHANGES);
            let watcher = self.watches(&request, &caller).map(|pane| Watcher {
                changes,
                pane: pane.map(PaneId),
            });
            let answer = self.ask(&request, watcher)?;
            Ok((answer, told))
        });
        match (result, &request) {
            (Err(failure), _) => self.send(&protocol::answer(id, &Err(failure))),
            (Ok((Answer::Result(value), told)), Request::Subscribe { .. }) => {
                self.send(&protocol::answer(id, &Ok(value)))?;
                self.tell(&told)
            }
            (Ok((Answer::Result(value), _)), _) => self.send(&protocol::answer(id, &Ok(value))),
            (Ok((Answer::Pane(pane, session, config), told)), request) => {
                let result = look(request, pane, &session, &config, &told);
                self.send(&protocol::answer(id, &result))
            }
        }
    }

    /// Whether changes are needed, and of which pane alone.
    fn watches(&self, request: &Request, caller: &Caller) -> Option<Option<u64>> {
        match (request, caller) {
            (Request::Subscribe { .. }, Caller::Pane(own)) => Some(Some(own.0)),
            (Request::Subscribe { pane }, Caller::User) => Some(*pane),
            (Request::Wait { pane, .. }, _) => Some(*pane),
            _ => None,
        }
    }

    /// Has the UI thread do it.
    fn ask(&self, request: &Request, watcher: Option<Watcher>) -> Result<Answer, Failure> {
        let (answer, answered) = bounded(1);
        let ask = Ask {
            request: request.clone(),
            watcher,
            answer,
        };
        let gone = || Failure::failed("Terrace is closing");
        self.proxy
            .send_event(AppEvent::Control(Box::new(ask)))
            .map_err(|_| gone())?;
        match answered.recv_timeout(BUSY) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(Failure::timeout("the window is busy")),
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
        }
    }

    /// Sends changes until the client or Terrace is gone.
    fn tell(&self, changes: &Receiver<Change>) -> io::Result<()> {
        loop {
            match changes.recv_timeout(LOOK) {
                Ok(change) => {
                    let mut line = serde_json::to_value(&change).map_err(io::Error::other)?;
                    line["v"] = protocol::VERSION.into();
                    self.send(&format!("{line}\n"))?;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {
                    if self.has_left()? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Whether the client closed its end. What it says meanwhile is not heard.
    fn has_left(&self) -> io::Result<bool> {
        self.stream.set_nonblocking(true)?;
        let mut stream = self.stream;
        let read = stream.read(&mut [0; 4096]);
        self.stream.set_nonblocking(false)?;
        match read {
            Ok(count) => Ok(count == 0),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// What is asked of a pane and needs no window.
fn look(
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
            found = state::text(&session.lock(), 0).contains(text);
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
    let path = std::path::Path::new(file);
    if !path.is_absolute() {
        return Err(Failure::request(
            "screenshot: \"file\" must be an absolute path",
        ));
    }
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

//! The listening end: a thread for the socket, one for each client.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use config::control::Scope;
use crossbeam::channel::{Receiver, RecvTimeoutError, bounded};
use serde_json::Value;
use winit::event_loop::EventLoopProxy;

use super::access::{self, Caller, Tokens, Verdict};
use super::grants::{Asker, Decision, Outcome};
use super::look::{look, save};
use super::program::Program;
use super::protocol::{self, Change, Failure, MAX_LINE, Part, Request};
use super::{Answer, Ask, Watcher, Wish};
use crate::event::AppEvent;
use crate::pane::PaneId;

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
/// How long the user may think about a question …
const THINK: Duration = Duration::from_secs(60);
/// … and how often it is looked meanwhile whether the program is still there.
const GLANCE: Duration = Duration::from_millis(250);

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
                program: peer(&stream),
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

/// The program at the other end.
fn peer(stream: &UnixStream) -> Program {
    #[cfg(target_os = "linux")]
    if let Ok(peer) = rustix::net::sockopt::socket_peercred(stream) {
        return Program::of(peer.pid.as_raw_nonzero().get());
    }
    let _ = stream;
    Program::default()
}

/// A connected client.
struct Client<'a> {
    stream: &'a UnixStream,
    proxy: EventLoopProxy<AppEvent>,
    tokens: Tokens,
    program: Program,
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
                    self.answer(&envelope.id, &envelope.name, request, caller)?;
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

    fn answer(
        &self,
        id: &Value,
        name: &str,
        mut request: Request,
        caller: Caller,
    ) -> io::Result<()> {
        if let Caller::Pane(own) = caller {
            request.default_pane(own.0);
        }
        let asker = Asker {
            caller,
            program: self.program.clone(),
        };
        let standing = self.tokens.judge(&asker, &request) == Verdict::Allowed;
        let result = self.permit(&asker, name, &request).and_then(|()| {
            let (changes, told) = bounded(MAX_CHANGES);
            let watcher = watched(&request, &asker.caller).map(|pane| Watcher {
                changes,
                pane: pane.map(PaneId),
                commands: self.reads(&asker, pane),
            });
            let answer = self.ask(&request, watcher)?;
            Ok((answer, told))
        });
        match (result, &request) {
            (Err(failure), _) => self.send(&protocol::answer(id, &Err(failure))),
            (Ok((Answer::Result(value), told)), Request::Subscribe { .. }) => {
                self.send(&protocol::answer(id, &Ok(value)))?;
                self.tell(&told, || {
                    !standing || self.tokens.judge(&asker, &request) == Verdict::Allowed
                })
            }
            (Ok((Answer::Result(value), _)), _) => self.send(&protocol::answer(id, &Ok(value))),
            (Ok((Answer::Pane(pane, session, config), told)), request) => {
                let result = look(request, pane, &session, &config, &told);
                self.send(&protocol::answer(id, &result))
            }
            (Ok((Answer::Picture(picture), _)), Request::Screenshot { file, .. }) => {
                self.send(&protocol::answer(id, &save(&picture, file)))
            }
            (Ok((Answer::Picture(_), _)), _) => Ok(()),
        }
    }

    /// Whether the request may be done, asking the user if need be; writes down how that ended.
    fn permit(&self, asker: &Asker, name: &str, request: &Request) -> Result<(), Failure> {
        let (outcome, result) = match self.tokens.judge(asker, request) {
            Verdict::Allowed => (Outcome::Allowed, Ok(())),
            Verdict::Denied(failure) => (Outcome::Denied, Err(failure)),
            Verdict::Ask(scope) => match self.question(asker, scope, request) {
                Ok(()) => (Outcome::Granted, Ok(())),
                Err(failure) => (Outcome::Refused, Err(failure)),
            },
        };
        if !matches!(request, Request::Hello {}) {
            self.tokens.note(asker, name, request.pane(), outcome);
        }
        result
    }

    /// Asks the user whether the program may do what it asks for.
    fn question(&self, asker: &Asker, scope: Scope, request: &Request) -> Result<(), Failure> {
        let busy = || {
            Failure::forbidden("you would have to allow it, but are asked something else just now")
        };
        let (ticket, decided) = self.tokens.open_question(asker, scope).ok_or_else(busy)?;
        let wish = Wish {
            ticket,
            asker: asker.clone(),
            scope,
            pane: request.pane().map(PaneId),
        };
        let end = Instant::now() + THINK;
        let mut decision = Err(RecvTimeoutError::Disconnected);
        if self
            .proxy
            .send_event(AppEvent::Wish(Box::new(wish)))
            .is_ok()
        {
            decision = loop {
                let next = end.min(Instant::now() + GLANCE);
                match decided.recv_deadline(next) {
                    Err(RecvTimeoutError::Timeout) if Instant::now() < end && !self.is_gone() => {}
                    answer => break answer,
                }
            };
        }
        match decision {
            Ok(Decision::Once | Decision::Lasting) => Ok(()),
            Ok(Decision::No) => Err(access::refused()),
            Ok(Decision::Busy) => Err(busy()),
            Err(_) => {
                self.tokens.decide(ticket, Decision::Busy);
                let _ = self.proxy.send_event(AppEvent::Withdrawn(ticket));
                Err(Failure::forbidden("nobody answered in the window"))
            }
        }
    }

    /// Whether the client may read what panes show, without being asked about.
    fn reads(&self, asker: &Asker, pane: Option<u64>) -> bool {
        let request = Request::Text {
            pane,
            part: Part::Screen,
        };
        self.tokens.judge(asker, &request) == Verdict::Allowed
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

    /// Sends changes until the client or Terrace is gone, or it may not be told any more.
    fn tell(&self, changes: &Receiver<Change>, may: impl Fn() -> bool) -> io::Result<()> {
        loop {
            let change = changes.recv_timeout(LOOK);
            if !may() {
                return Ok(());
            }
            match change {
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

    /// Whether the client closed its end; what it said meanwhile is still to be read.
    fn is_gone(&self) -> bool {
        use rustix::net::{RecvFlags, recv};
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        match recv(self.stream, &mut [0u8; 1][..], flags) {
            Ok((_, length)) => length == 0,
            Err(error) => error != rustix::io::Errno::AGAIN,
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

/// Whether changes are needed for a request, and of which pane alone.
fn watched(request: &Request, caller: &Caller) -> Option<Option<u64>> {
    match (request, caller) {
        (Request::Subscribe { pane }, Caller::Pane(own)) => Some(pane.or(Some(own.0))),
        (Request::Subscribe { pane }, Caller::User) => Some(*pane),
        (Request::Wait { pane, .. }, _) => Some(*pane),
        _ => None,
    }
}

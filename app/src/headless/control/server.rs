//! The socket itself: who listens, who is connected, how long a line may be.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use parking_lot::{Condvar, Mutex};

use super::Control;

/// The longest line that is read: a paste of some size.
const MAX_LINE: u64 = 64 * 1024 * 1024;
/// How long clients may say nothing before the end of the program is the end of all.
const SILENCE: Duration = Duration::from_secs(2);
/// The most clients at once.
const MAX_CLIENTS: usize = 64;

/// A listening control socket; dropping it takes the socket's file away.
pub(crate) struct Server {
    path: PathBuf,
    clients: Arc<Clients>,
}

/// Who is connected.
#[derive(Default)]
struct Clients {
    count: Mutex<Count>,
    changed: Condvar,
}

/// How many clients are connected, were, and are waiting for an answer; when the last thing
/// happened; whether one of them asked for the end.
#[derive(Clone, Copy)]
struct Count {
    now: usize,
    ever: u64,
    asking: usize,
    last: Instant,
    quit: bool,
}

impl Default for Count {
    fn default() -> Self {
        Self {
            now: 0,
            ever: 0,
            asking: 0,
            last: Instant::now(),
            quit: false,
        }
    }
}

impl Server {
    /// Listens on `path`, for its owner only.
    ///
    /// # Errors
    /// When something is there already, or the folder cannot be written.
    pub(crate) fn start(path: &Path, control: Arc<Control>) -> anyhow::Result<Self> {
        let context = || format!("cannot listen on {}", path.display());
        take_away_if_dead(path);
        let listener = UnixListener::bind(path).with_context(context)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .with_context(context)?;
        let clients = Arc::new(Clients::default());
        let server = Self {
            path: path.to_path_buf(),
            clients: Arc::clone(&clients),
        };
        std::thread::Builder::new()
            .name("control".to_owned())
            .spawn(move || listen(&listener, &control, &clients))
            .context("cannot start a thread for the control socket")?;
        Ok(server)
    }

    /// Waits, once the program has ended, for what the clients may still want to know: until
    /// they are gone, or silent for a while (they may wait for us), or asked for the end; at most
    /// until `deadline`. If there was no client so far, one may be about to come.
    pub(crate) fn wait_for_clients(&self, deadline: Option<Instant>) {
        let mut count = self.clients.count.lock();
        count.last = Instant::now();
        while !count.quit && (count.now > 0 || count.ever == 0) {
            let silence = (count.asking == 0).then_some(count.last + SILENCE);
            let until = [deadline, silence].into_iter().flatten().min();
            if until.is_some_and(|until| Instant::now() >= until) {
                return;
            }
            match until {
                None => self.clients.changed.wait(&mut count),
                Some(until) => {
                    self.clients.changed.wait_until(&mut count, until);
                }
            }
        }
    }
}

impl Clients {
    fn note(&self, change: impl FnOnce(&mut Count)) {
        let mut count = self.count.lock();
        change(&mut count);
        count.last = Instant::now();
        drop(count);
        self.changed.notify_all();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes a socket that nobody listens on any more: its owner was killed.
fn take_away_if_dead(path: &Path) {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket());
    if is_socket && UnixStream::connect(path).is_err() {
        let _ = std::fs::remove_file(path);
    }
}

fn listen(listener: &UnixListener, control: &Arc<Control>, clients: &Arc<Clients>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        if clients.count.lock().now >= MAX_CLIENTS {
            tracing::warn!("more than {MAX_CLIENTS} control clients; one is turned away");
            continue;
        }
        clients.note(|count| {
            count.now += 1;
            count.ever += 1;
        });
        let (control, guard) = (Arc::clone(control), Connected(Arc::clone(clients)));
        let thread = std::thread::Builder::new().name("control-client".to_owned());
        let spawned = thread.spawn(move || {
            if let Err(error) = converse(&stream, &control, &guard.0) {
                tracing::debug!(%error, "control client");
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "no thread for a control client");
        }
    }
}

/// Counts a client as long as it lives.
struct Connected(Arc<Clients>);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.note(|count| count.now -= 1);
    }
}

/// Reads lines and answers each.
fn converse(mut stream: &UnixStream, control: &Control, clients: &Clients) -> std::io::Result<()> {
    let mut input = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut input).take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if line.len() as u64 >= MAX_LINE {
            return stream.write_all(b"{\"ok\":false,\"error\":\"the line is too long\"}\n");
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        clients.note(|count| count.asking += 1);
        let mut answer = control.answer(&line);
        let quits = control.is_quitting();
        answer.push('\n');
        let written = stream.write_all(answer.as_bytes());
        // Only now may the end of all come: before, the answer would be lost with the process.
        clients.note(|count| {
            count.asking -= 1;
            count.quit |= quits;
        });
        written?;
    }
}

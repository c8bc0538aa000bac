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
/// How long a program that has ended waits for a first client.
const FIRST_CLIENT: Duration = Duration::from_secs(10);
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

/// How many clients are connected, and were.
#[derive(Clone, Copy, Default)]
struct Count {
    now: usize,
    ever: u64,
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

    /// Waits until nobody is connected any more, at most until `deadline`. If nobody was so far,
    /// somebody may be about to: a short program must not be gone before its first client.
    pub(crate) fn wait_for_clients(&self, deadline: Option<Instant>) {
        let first_client = Instant::now() + FIRST_CLIENT;
        let mut count = self.clients.count.lock();
        while count.now > 0 || count.ever == 0 {
            let patience = (count.ever == 0).then_some(first_client);
            match [deadline, patience].into_iter().flatten().min() {
                None => self.clients.changed.wait(&mut count),
                Some(deadline) => {
                    if self
                        .clients
                        .changed
                        .wait_until(&mut count, deadline)
                        .timed_out()
                    {
                        return;
                    }
                }
            }
        }
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
        {
            let mut count = clients.count.lock();
            if count.now >= MAX_CLIENTS {
                tracing::warn!("more than {MAX_CLIENTS} control clients; one is turned away");
                continue;
            }
            count.now += 1;
            count.ever += 1;
            clients.changed.notify_all();
        }
        let (control, guard) = (Arc::clone(control), Connected(Arc::clone(clients)));
        let thread = std::thread::Builder::new().name("control-client".to_owned());
        let spawned = thread.spawn(move || {
            let _guard = guard;
            if let Err(error) = converse(&stream, &control) {
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
        self.0.count.lock().now -= 1;
        self.0.changed.notify_all();
    }
}

/// Reads lines and answers each.
fn converse(mut stream: &UnixStream, control: &Control) -> std::io::Result<()> {
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
        let mut answer = control.answer(&line);
        answer.push('\n');
        stream.write_all(answer.as_bytes())?;
    }
}

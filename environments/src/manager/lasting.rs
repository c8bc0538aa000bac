//! What goes on until it is called off: port forwards.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, Signal};

use super::JobEvent;
use super::job::{Job, Rest};
use crate::failure::{Failure, tidy};
use crate::plan::{Lasting, Plan, Ready};
use crate::tool::{self, Cancel, Limit, ToolCall};

/// Longer than any forward is wanted.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// How often a port is tried that a tool is to open.
const KNOCK: Duration = Duration::from_millis(100);
/// Connections at a time through one relay; more wait in the system's queue.
const MAX_CONNECTIONS: usize = 64;

/// Keeps it until it ends or is called off.
pub(super) fn keep(
    job: &Job,
    lasting: &Lasting,
    plan: &Plan,
    port: Option<u16>,
    limit: &Limit,
) -> Result<Rest, Failure> {
    let ready = JobEvent::Ready {
        port,
        note: plan.note.clone(),
        url: plan.url.clone(),
    };
    match lasting {
        Lasting::Undo(call) => {
            job.say(ready);
            Ok(Rest::Undo(call.clone()))
        }
        Lasting::Process { call, ready: when } => {
            process(job, call, when, &ready, limit).map(|()| Rest::Nothing)
        }
        Lasting::Relay { local, call } => {
            relay(job, *local, call, &ready, limit).map(|()| Rest::Nothing)
        }
    }
}

fn process(
    job: &Job,
    call: &ToolCall,
    when: &Ready,
    ready: &JobEvent,
    limit: &Limit,
) -> Result<(), Failure> {
    let limit = Limit {
        until: Instant::now() + FOR_EVER,
        cancel: limit.cancel.clone(),
    };
    let call = call.clone().timeout(FOR_EVER);
    let mut told = false;
    let over = Cancel::new();
    match when {
        Ready::Started => {
            told = true;
            job.say(ready.clone());
        }
        Ready::Listening(port) => {
            told = true;
            knock(*port, job, ready.clone(), over.clone())?;
        }
        Ready::Line(_) => {}
    }
    let output = tool::stream(&call, &limit, &mut |_, line| {
        let line = tidy(line);
        if let Ready::Line(pattern) = when
            && !told
            && pattern.is_match(&line)
        {
            told = true;
            job.say(ready.clone());
        }
        job.line(line);
        true
    });
    over.cancel();
    let output = output?;
    if output.status.is_success() {
        Ok(())
    } else {
        Err(job.provider.classify(&output))
    }
}

/// Tells [`JobEvent::Ready`] when the port accepts, from a thread of its own that ends with the tool.
fn knock(port: u16, job: &Job, ready: JobEvent, over: Cancel) -> Result<(), Failure> {
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into();
    let (tell, ticket) = (Arc::clone(&job.tell), job.ticket);
    let wait = move || {
        loop {
            if TcpStream::connect_timeout(&address, KNOCK).is_ok() {
                tell(super::EnvironmentEvent::Job(ticket, ready));
                return;
            }
            // The port is another program's, which tells nobody.
            if over.wait(KNOCK) {
                return;
            }
        }
    };
    let thread = std::thread::Builder::new().name("knock".into()).spawn(wait);
    thread
        .map(drop)
        .map_err(|error| Failure::Other(format!("no thread: {error}")))
}

fn relay(
    job: &Job,
    local: u16,
    call: &ToolCall,
    ready: &JobEvent,
    limit: &Limit,
) -> Result<(), Failure> {
    let port_taken = |error: io::Error| Failure::Other(format!("port {local} here: {error}"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, local)).map_err(port_taken)?;
    listener.set_nonblocking(true).map_err(port_taken)?;
    let called_off = limit.cancel.hangs_up().map_err(port_taken)?;
    job.say(ready.clone());
    let open = Arc::new(Open::default());
    while !limit.cancel.is_cancelled() {
        // Connections end when this is called off, and so does the wait for one of them.
        open.wait_for_fewer_than(MAX_CONNECTIONS);
        let mut fds = [
            PollFd::new(&listener, PollFlags::IN),
            PollFd::new(&called_off, PollFlags::IN),
        ];
        let _ = rustix::event::poll(&mut fds, None);
        match listener.accept() {
            Ok((connection, _)) => {
                let (call, cancel) = (call.clone(), limit.cancel.clone());
                let count = Arc::clone(&open);
                count.begin();
                let serve = move || {
                    if let Err(error) = join(connection, &call, &cancel) {
                        tracing::debug!(%error, "a forwarded connection broke");
                    }
                    count.end();
                };
                if let Err(error) = std::thread::Builder::new()
                    .name("relay".into())
                    .spawn(serve)
                {
                    open.end();
                    job.line(format!("a connection was refused: {error}"));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => job.line(format!("a connection was refused: {error}")),
        }
    }
    // The connections end with the switch that they share.
    open.wait_for_fewer_than(1);
    Err(Failure::Cancelled)
}

/// Counts the connections of a relay.
#[derive(Default)]
struct Open {
    count: Mutex<usize>,
    fewer: Condvar,
}

impl Open {
    fn begin(&self) {
        *self.count.lock() += 1;
    }

    fn end(&self) {
        *self.count.lock() -= 1;
        self.fewer.notify_all();
    }

    fn wait_for_fewer_than(&self, most: usize) {
        let mut count = self.count.lock();
        while *count >= most {
            self.fewer.wait(&mut count);
        }
    }
}

/// Joins a connection to a tool's input and output, until either ends.
fn join(connection: TcpStream, call: &ToolCall, cancel: &Cancel) -> io::Result<()> {
    connection.set_nonblocking(false)?;
    let mut command = tool::pipe_command(call);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn()?;
    let group = Pid::from_child(&child);
    let guard = tool::Registered::new(cancel, group);
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let far = connection.try_clone()?;
    let upward = std::thread::Builder::new()
        .name("relay-up".into())
        .spawn(move || {
            if let Some(mut stdin) = stdin {
                copy(&mut &far, &mut stdin);
            }
        });
    if let Some(mut stdout) = stdout {
        copy(&mut stdout, &mut &connection);
    }
    let _ = connection.shutdown(Shutdown::Both);
    let _ = rustix::process::kill_process_group(group, Signal::TERM);
    guard.reap(&mut child)?;
    if let Ok(thread) = upward {
        let _ = thread.join();
    }
    Ok(())
}

/// Copies as it comes, without gathering, to the end of either.
fn copy(from: &mut impl Read, to: &mut impl Write) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(n) = from.read(&mut buffer) {
        if n == 0
            || to
                .write_all(&buffer[..n])
                .and_then(|()| to.flush())
                .is_err()
        {
            break;
        }
    }
}

//! Waking a thread that waits in `poll`: an eventfd, or a socket pair where there is none, that is
//! readable when it should look again.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The waking end; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Waker(Arc<OwnedFd>);

/// The waiting end.
#[derive(Debug)]
pub(crate) struct WakeSource(Arc<OwnedFd>);

/// Both ends, non-blocking and close-on-exec: one descriptor.
#[cfg(target_os = "linux")]
pub(crate) fn waker() -> io::Result<(Waker, WakeSource)> {
    use rustix::event::{EventfdFlags, eventfd};
    let counter = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
    Ok((Waker(Arc::clone(&counter)), WakeSource(counter)))
}

/// Both ends, connected, non-blocking and close-on-exec.
#[cfg(not(target_os = "linux"))]
pub(crate) fn waker() -> io::Result<(Waker, WakeSource)> {
    let (sender, receiver) = std::os::unix::net::UnixStream::pair()?;
    sender.set_nonblocking(true)?;
    receiver.set_nonblocking(true)?;
    Ok((
        Waker(Arc::new(sender.into())),
        WakeSource(Arc::new(receiver.into())),
    ))
}

impl Waker {
    /// Makes the waiting end readable. One that is full is as good: it already is readable.
    pub(crate) fn wake(&self) {
        // Eight bytes that are the number one: what an eventfd takes.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }
}

impl WakeSource {
    /// Forgets past wake-ups. Call it before looking at what they announce, never after.
    pub(crate) fn clear(&self) {
        let mut sink = [0; 64];
        while matches!(rustix::io::read(&self.0, &mut sink), Ok(n) if n == sink.len()) {}
    }

    /// True when a wake-up has come that was not yet cleared.
    pub(crate) fn is_woken(&self) -> bool {
        let mut fds = [PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN)];
        matches!(poll(&mut fds, Some(&Timespec::default())), Ok(1..))
    }

    /// Waits until woken, or until `file` is ready for `events` (if given), or for `timeout`.
    pub(crate) fn wait(
        &self,
        file: Option<(BorrowedFd<'_>, PollFlags)>,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let result = match file {
            Some((file, events)) => {
                let mut fds = [
                    PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN),
                    PollFd::from_borrowed_fd(file, events),
                ];
                poll(&mut fds, timeout.as_ref())
            }
            None => {
                let mut fds = [PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN)];
                poll(&mut fds, timeout.as_ref())
            }
        };
        match result {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

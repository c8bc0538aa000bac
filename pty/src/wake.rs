//! Waking a thread that waits in `poll`: a socket pair, whose byte says "look again".

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The waking end; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Waker(Arc<UnixStream>);

/// The waiting end.
#[derive(Debug)]
pub(crate) struct WakeSource(UnixStream);

/// A connected pair, both ends non-blocking and close-on-exec.
pub(crate) fn waker() -> io::Result<(Waker, WakeSource)> {
    let (sender, receiver) = UnixStream::pair()?;
    sender.set_nonblocking(true)?;
    receiver.set_nonblocking(true)?;
    Ok((Waker(Arc::new(sender)), WakeSource(receiver)))
}

impl Waker {
    /// Makes the waiting end readable. A full socket is as good: it already is readable.
    pub(crate) fn wake(&self) {
        let _ = (&*self.0).write(&[0]);
    }
}

impl WakeSource {
    /// Forgets past wake-ups. Call it before looking at what they announce, never after.
    pub(crate) fn clear(&self) {
        let mut sink = [0; 64];
        while matches!((&self.0).read(&mut sink), Ok(n) if n == sink.len()) {}
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

//! Calling off what runs.

use std::io::{PipeReader, PipeWriter};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

/// Calls off what was started with it, from any thread. Clones are the same switch.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    switch: Mutex<Switch>,
    turned: Condvar,
}

#[derive(Debug, Default)]
struct Switch {
    off: bool,
    /// The process groups that run now, by their leader.
    groups: Vec<Pid>,
    /// Dropped when it is turned off: who polls the other ends wakes.
    pipes: Vec<PipeWriter>,
}

impl Cancel {
    /// A switch that is on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls off: what runs is asked to end (SIGTERM), and nothing more is started.
    pub fn cancel(&self) {
        let mut switch = self.0.switch.lock();
        switch.off = true;
        switch.pipes.clear();
        for group in &switch.groups {
            send(*group, Signal::TERM);
        }
        self.0.turned.notify_all();
    }

    /// Waits until it is called off, at most so long; whether it was.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut switch = self.0.switch.lock();
        while !switch.off {
            if self.0.turned.wait_until(&mut switch, until).timed_out() {
                break;
            }
        }
        switch.off
    }

    /// A pipe to be polled: it hangs up when this is called off, at once if it was.
    pub(crate) fn hangs_up(&self) -> std::io::Result<PipeReader> {
        let (reader, writer) = std::io::pipe()?;
        let mut switch = self.0.switch.lock();
        if !switch.off {
            switch.pipes.push(writer);
        }
        Ok(reader)
    }

    /// It was called off.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.switch.lock().off
    }

    /// A process group began; false: it comes too late.
    pub(super) fn register(&self, group: Pid) -> bool {
        let mut switch = self.0.switch.lock();
        switch.groups.push(group);
        !switch.off
    }

    /// A process group ended. Its leader must not have been reaped yet, so that the number is still its own.
    pub(super) fn unregister(&self, group: Pid) {
        self.0.switch.lock().groups.retain(|one| *one != group);
    }
}

/// A process group that ends when its switch is turned off; for children that are not run by
/// [`super::run()`].
pub(crate) struct Registered<'a> {
    cancel: &'a Cancel,
    group: Pid,
}

impl<'a> Registered<'a> {
    /// Puts a group under the switch.
    pub(crate) fn new(cancel: &'a Cancel, group: Pid) -> Self {
        if !cancel.register(group) {
            send(group, Signal::TERM);
        }
        Self { cancel, group }
    }

    /// Waits for the leader's end and reaps it.
    pub(crate) fn reap(self, child: &mut std::process::Child) -> std::io::Result<()> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(
            rustix::process::waitid(WaitId::Pid(self.group), options),
            Err(rustix::io::Errno::INTR)
        ) {}
        self.cancel.unregister(self.group);
        child.wait().map(drop)
    }
}

/// Sends a signal to a whole group; one that is gone is no error.
pub(super) fn send(group: Pid, signal: Signal) {
    if let Err(error) = rustix::process::kill_process_group(group, signal)
        && error != rustix::io::Errno::SRCH
    {
        tracing::debug!(%error, "signal not sent");
    }
}

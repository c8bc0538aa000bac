//! SIGINT, SIGTERM and SIGHUP while `terrace env …` works: what it runs elsewhere is ended first, then the program.
//! A second signal ends it at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use environments::Cancel;
use parking_lot::{Condvar, Mutex};
use signal_hook::iterator::Handle;

use crate::signals;

/// How long what runs elsewhere may take to end.
const FAR: Duration = Duration::from_secs(15);
/// How long the command itself has to say what came of it.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Whether a signal came, and what must be done before the program ends by it.
#[derive(Debug)]
pub(super) struct Interrupt {
    shared: Arc<Shared>,
    handle: Handle,
}

#[derive(Debug, Default)]
struct Shared {
    cancel: Cancel,
    signal: AtomicI32,
    /// Something runs elsewhere; whoever began it tells what came of it, and ends the program.
    works: AtomicBool,
    left: Mutex<bool>,
    done: Condvar,
}

impl Interrupt {
    /// Listens from now on. `leave` calls everything else off, and waits for its end.
    ///
    /// # Errors
    /// When the system gives no handler or no thread.
    pub(super) fn listen(
        leave: impl Fn(Duration) -> bool + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let leave = Arc::new(leave);
        let told = Arc::clone(&shared);
        let handle = signals::each(move |signal| {
            if told.signal.swap(signal, Ordering::SeqCst) != 0 {
                std::process::exit(status(signal));
            }
            told.cancel.cancel();
            let (shared, leave) = (Arc::clone(&told), Arc::clone(&leave));
            let end = move || {
                if shared.works.load(Ordering::SeqCst) {
                    shared.wait(FAR + LAST_WORDS);
                }
                leave(LAST_WORDS);
                std::process::exit(status(signal));
            };
            let ending = std::thread::Builder::new().name("end".into()).spawn(end);
            if ending.is_err() {
                std::process::exit(status(signal));
            }
        })?;
        Ok(Self { shared, handle })
    }

    /// Calls off what is run with it when a signal comes. Until [`Interrupt::status`] is asked for, the program ends by
    /// the end of the command, or when that takes too long.
    pub(super) fn cancel(&self) -> Cancel {
        self.shared.works.store(true, Ordering::SeqCst);
        self.shared.cancel.clone()
    }

    /// The exit status when a signal came; a shell's, 128 and the signal's number.
    pub(super) fn status(&self) -> Option<i32> {
        let signal = self.shared.signal.load(Ordering::SeqCst);
        (signal != 0).then(|| status(signal))
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.handle.close();
        // Who waits for the command's end need not wait longer than the program lives.
        *self.shared.left.lock() = true;
        self.shared.done.notify_all();
    }
}

impl Shared {
    fn wait(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut left = self.left.lock();
        while !*left {
            if self.done.wait_until(&mut left, until).timed_out() {
                return;
            }
        }
        drop(left);
        // The command has said its last; its own end is a moment away.
        std::thread::park_timeout(LAST_WORDS);
    }
}

fn status(signal: i32) -> i32 {
    128 + signal
}

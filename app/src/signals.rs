//! SIGTERM, SIGHUP and SIGINT end the program as the user does: panes are closed, what they left running elsewhere
//! is ended, the history is written, the control socket is taken away. A second signal ends it at once.

use std::io;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use winit::event_loop::EventLoopProxy;

use crate::event::AppEvent;

/// Listens from now on, in a thread of its own.
///
/// # Errors
/// When the system gives no handler or no thread.
pub(crate) fn listen(proxy: EventLoopProxy<AppEvent>) -> io::Result<()> {
    let mut ends = false;
    let on_signal = move |signal| {
        if std::mem::replace(&mut ends, true) || proxy.send_event(AppEvent::Quit).is_err() {
            std::process::exit(128 + signal);
        }
    };
    each(on_signal).map(drop)
}

/// Calls `on_signal` with each of the three that comes from now on, in a thread of its own, until the handle is
/// closed.
///
/// # Errors
/// When the system gives no handler or no thread.
pub(crate) fn each(mut on_signal: impl FnMut(i32) + Send + 'static) -> io::Result<Handle> {
    let ignored = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    // What whoever started us ignores (`nohup`) stays ignored.
    let ours = [SIGTERM, SIGHUP, SIGINT]
        .into_iter()
        .filter(|signal| !is_ignored(&ignored, *signal));
    let mut signals = Signals::new(ours)?;
    let handle = signals.handle();
    let wait = move || {
        for signal in signals.forever() {
            on_signal(signal);
        }
    };
    thread::Builder::new().name("signals".into()).spawn(wait)?;
    Ok(handle)
}

/// Whether a process ignores a signal, by its `/proc/PID/status` (proc(5)); elsewhere than on Linux none is known
/// to be.
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_read() {
        let status = "Name:\tx\nSigBlk:\tffffffffffffffff\nSigIgn:\t0000000000001001\n";
        assert!(is_ignored(status, SIGHUP));
        assert!(!is_ignored(status, SIGINT) && !is_ignored(status, SIGTERM));
        assert!(!is_ignored("", SIGTERM));
    }
}

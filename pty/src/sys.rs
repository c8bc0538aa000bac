//! The only `unsafe` of this crate: borrowing a descriptor by number, and the steps between fork
//! and exec.
#![expect(
    unsafe_code,
    reason = "descriptors by number and pre_exec have no safe form"
)]

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;

use portable_pty::MasterPty;

/// A second, close-on-exec descriptor of the master.
pub(crate) fn duplicate_master(master: &dyn MasterPty) -> io::Result<OwnedFd> {
    let fd: RawFd = master.as_raw_fd().ok_or(io::ErrorKind::Unsupported)?;
    // SAFETY: `master` owns `fd` and is borrowed for the whole call, so that it stays open.
    unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned()
}

/// Lets the child of `command` begin a session with its standard input as controlling terminal,
/// with default signals, and with no descriptor of ours beyond the standard three.
///
/// `portable-pty` does these steps too, but *closes* every descriptor, and with them the pipe by
/// which the standard library tells that exec failed: a missing interpreter would look like a
/// program that ends at once. Marking them close-on-exec keeps the report.
pub(crate) fn begin_session(command: &mut std::process::Command) {
    let last = last_descriptor();
    let steps = move || {
        // The classic signals; the two that cannot be changed give an error and nothing else.
        for signal in 1..=31 {
            // SAFETY: resets a disposition; async-signal-safe, and no handler is involved.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        rustix::process::setsid()?;
        rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
        mark_close_on_exec(last);
        Ok(())
    };
    // SAFETY: the closure allocates nothing, takes no lock and makes system calls only, all of
    // them async-signal-safe.
    unsafe { command.pre_exec(steps) };
}

/// Lets the child of `command` begin a session *without* a terminal: it leads a process group of its
/// own, so that it can be ended with all it started, and can ask nothing on the terminal that we were
/// started from (`/dev/tty`, where ssh and kubectl would ask for a password unseen).
///
/// For tools whose output is read by us, not for the programs of a pane.
pub fn leave_terminal(command: &mut std::process::Command) {
    let last = last_descriptor();
    let steps = move || {
        for signal in 1..=31 {
            // SAFETY: resets a disposition; async-signal-safe, and no handler is involved.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        rustix::process::setsid()?;
        // With us, should we be killed: a forward must not stay for ever. (By the thread that starts it,
        // which waits for its end.)
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))?;
        mark_close_on_exec(last);
        Ok(())
    };
    // SAFETY: the closure allocates nothing, takes no lock and makes system calls only, all of
    // them async-signal-safe.
    unsafe { command.pre_exec(steps) };
}

/// Marks the descriptors from 3 up as close-on-exec: in one call where the kernel has it (Linux
/// 5.11), one by one up to `last` elsewhere.
fn mark_close_on_exec(last: RawFd) {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: changes flags of our own descriptors only; invalid numbers are skipped.
        let result = unsafe {
            libc::syscall(
                libc::SYS_close_range,
                3,
                libc::c_uint::MAX,
                libc::CLOSE_RANGE_CLOEXEC,
            )
        };
        if result == 0 {
            return;
        }
    }
    for fd in 3..=last {
        // SAFETY: sets a flag; a number that is not open gives EBADF and nothing else.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

/// The highest descriptor now open, and some more for those that other threads are opening.
fn last_descriptor() -> RawFd {
    const MARGIN: RawFd = 64;
    let numbers = std::fs::read_dir("/dev/fd").into_iter().flatten().flatten();
    let highest = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<RawFd>().ok());
    highest.max().unwrap_or(1024).saturating_add(MARGIN)
}

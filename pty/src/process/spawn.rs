//! Opening the pair and starting the program in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use portable_pty::MasterPty;
use rustix::fs::Access;
use rustix::process::Pid;
use rustix::termios::{InputModes, OptionalActions};

use super::{Process, Pty, PtyControl, PtyReader, PtyWriter, State};
use crate::{Command, Error, WindowSize, sys, wake};

impl Pty {
    /// Starts `command` under a new pseudo-terminal of this size.
    ///
    /// # Errors
    ///
    /// When there is no such program, it cannot be run (this includes a script whose interpreter
    /// is missing), or the system has no terminal, process or thread left.
    pub fn spawn(command: &Command, size: WindowSize) -> Result<Self, Error> {
        let open_error = |error: &dyn std::fmt::Display| Error::Open(error.to_string());
        let pair = portable_pty::native_pty_system()
            .openpty(size.into())
            .map_err(|error| open_error(&error))?;
        let portable_pty::PtyPair {
            slave,
            master: pair,
        } = pair;
        let master = sys::duplicate_master(&*pair).map_err(|error| open_error(&error))?;
        rustix::io::ioctl_fionbio(&master, true).map_err(|error| open_error(&error))?;
        let terminal = open_slave(&*pair, &master).map_err(|error| open_error(&error))?;
        erase_characters_whole(&terminal);

        let environment = command.environment();
        let (folder, note) = choose_folder(command, &environment);
        let child = start(command, &environment, &folder, terminal)?;
        // Ours would keep the terminal open when the program has closed its own.
        drop((slave, pair));

        let wakers = || wake::waker().map_err(Error::system("making what wakes a thread"));
        let ((reader_waker, reader_wakeups), (writer_waker, writer_wakeups)) =
            (wakers()?, wakers()?);
        let master = Arc::new(master);
        let control = PtyControl(Arc::new(Process {
            master: Arc::clone(&master),
            pid: Pid::from_child(&child),
            state: Mutex::new(State {
                child,
                status: None,
            }),
            ended: Condvar::new(),
            reader: reader_waker,
            writer: writer_waker,
        }));
        let reaper = control.clone();
        std::thread::Builder::new()
            .name(format!("wait-{}", control.pid()))
            .stack_size(64 * 1024)
            .spawn(move || reaper.reap())
            .map_err(Error::Thread)?;
        tracing::info!(pid = control.pid(), "program started");
        Ok(Self {
            reader: PtyReader {
                master: Arc::clone(&master),
                wakeups: reader_wakeups,
            },
            writer: PtyWriter {
                master,
                wakeups: writer_wakeups,
            },
            control,
            note,
        })
    }
}

/// Opens the program's side, close-on-exec, without becoming its session leader. Linux opens it
/// through the master, whatever is mounted on /dev/pts.
fn open_slave(pair: &dyn MasterPty, master: &OwnedFd) -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    {
        use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer};
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        if let Ok(terminal) = ioctl_tiocgptpeer(master.as_fd(), flags) {
            return Ok(terminal);
        }
    }
    let _ = master;
    let path = pair.tty_name().ok_or(io::ErrorKind::NotFound)?;
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NOCTTY)
        .open(path)?;
    Ok(file.into())
}

/// IUTF8: the line discipline erases whole characters, not bytes.
fn erase_characters_whole(terminal: &OwnedFd) {
    let result = rustix::termios::tcgetattr(terminal).and_then(|mut termios| {
        termios.input_modes |= InputModes::IUTF8;
        rustix::termios::tcsetattr(terminal, OptionalActions::Now, &termios)
    });
    if let Err(error) = result {
        tracing::debug!(%error, "IUTF8 not set");
    }
}

/// The folder to start in, and what to tell the user when it is another than was asked for.
fn choose_folder(
    command: &Command,
    environment: &BTreeMap<OsString, OsString>,
) -> (PathBuf, Option<String>) {
    let enterable =
        |folder: &Path| folder.is_dir() && rustix::fs::access(folder, Access::EXEC_OK).is_ok();
    let asked = command.working_folder();
    if let Some(folder) = asked.filter(|folder| enterable(folder)) {
        return (folder.to_path_buf(), None);
    }
    let home = environment
        .get(std::ffi::OsStr::new("HOME"))
        .map(PathBuf::from);
    let home = home
        .filter(|home| home.is_absolute())
        .or_else(std::env::home_dir);
    let home = home
        .filter(|home| enterable(home))
        .unwrap_or_else(|| PathBuf::from("/"));
    let note = asked.map(|asked| {
        format!(
            "folder \"{}\" cannot be entered; started in {}",
            asked.display(),
            home.display()
        )
    });
    (home, note)
}

/// Forks and executes.
fn start(
    command: &Command,
    environment: &BTreeMap<OsString, OsString>,
    folder: &Path,
    terminal: OwnedFd,
) -> Result<std::process::Child, Error> {
    let terminal = File::from(terminal);
    let stdio = || {
        let duplicate = terminal.try_clone().map(Stdio::from);
        duplicate.map_err(Error::system("duplicating the pseudo-terminal"))
    };
    let mut process = std::process::Command::new(command.program());
    process.args(command.arguments()).current_dir(folder);
    process.env_clear().envs(environment);
    // Shells take the way by which a folder was reached from here, if it is right.
    process.env("PWD", folder);
    if let Some(argv0) = command.argv0() {
        process.arg0(argv0);
    }
    process.stdin(stdio()?).stdout(stdio()?).stderr(stdio()?);
    sys::begin_session(&mut process);
    process
        .spawn()
        .map_err(|error| refusal(command, environment, folder, error))
}

/// What to tell the user when a program could not be executed.
fn refusal(
    command: &Command,
    environment: &BTreeMap<OsString, OsString>,
    folder: &Path,
    error: io::Error,
) -> Error {
    let program = command.program().to_string_lossy().into_owned();
    let candidates: Vec<PathBuf> = if program.contains('/') {
        vec![folder.join(command.program())]
    } else {
        let path = environment
            .get(std::ffi::OsStr::new("PATH"))
            .cloned()
            .unwrap_or_default();
        std::env::split_paths(&path)
            .map(|entry| entry.join(command.program()))
            .collect()
    };
    let found = candidates.iter().find(|candidate| candidate.exists());
    let reason = match (error.kind(), found) {
        (io::ErrorKind::NotFound, None) => return Error::NotFound { program },
        (io::ErrorKind::NotFound, Some(_)) => "its interpreter or loader is missing".to_owned(),
        (_, Some(found)) if found.is_dir() => "it is a folder".to_owned(),
        (io::ErrorKind::PermissionDenied, _) => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    Error::NotRunnable { program, reason }
}

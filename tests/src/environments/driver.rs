//! A shell in an environment, on a pseudo-terminal, as a pane has it: without the terminal.

use std::sync::Arc;
use std::time::{Duration, Instant};

use environments::{Cleanup, EnvironmentSpec, Provider, ShellPlan, ShellWish};
use pty::{Closed, ExitStatus, InputQueue, PaneHandler, PaneIo, Pty, WindowSize};

use super::DEADLINE;

/// Output and end, as they come.
#[derive(Default)]
struct Heard {
    state: std::sync::Mutex<(Vec<u8>, Option<Closed>)>,
    changed: std::sync::Condvar,
}

struct Listener(Arc<Heard>);

impl PaneHandler for Listener {
    fn output(&mut self, bytes: &[u8], _: &InputQueue) {
        self.0
            .state
            .lock()
            .expect("no test panics with it")
            .0
            .extend_from_slice(bytes);
        self.0.changed.notify_all();
    }

    fn closed(&mut self, end: Closed) {
        self.0.state.lock().expect("no test panics with it").1 = Some(end);
        self.0.changed.notify_all();
    }
}

/// A running shell.
pub struct Driver {
    io: PaneIo,
    heard: Arc<Heard>,
    /// What ends what it leaves over there.
    pub cleanup: Option<Cleanup>,
}

impl Driver {
    /// Opens a shell by its provider, at 90 columns and 30 rows.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[track_caller]
    pub fn open(provider: &dyn Provider, env: &EnvironmentSpec, wish: &ShellWish) -> Self {
        let env = provider.prepare(env, &super::limit()).expect("prepared");
        Self::start(provider.shell(&env, wish).expect("a plan"))
    }

    /// Starts a plan.
    ///
    /// # Panics
    /// When it cannot be started.
    #[track_caller]
    pub fn start(plan: ShellPlan) -> Self {
        let pty =
            Pty::spawn(&plan.command, WindowSize::from_cells(90, 30, 8, 16)).expect("it starts");
        let heard = Arc::new(Heard::default());
        let io = pty::spawn_io(pty, "test", Listener(Arc::clone(&heard)), || ()).expect("threads");
        Self {
            io,
            heard,
            cleanup: plan.leaves_process,
        }
    }

    /// Types.
    ///
    /// # Panics
    /// When the program is gone.
    #[track_caller]
    pub fn send(&self, text: &str) {
        self.io
            .input()
            .push(text.as_bytes().to_vec())
            .expect("it takes input");
    }

    /// Waits for a text after what was waited for before; gives all up to its end.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        let mut state = self.heard.state.lock().expect("no test panics with it");
        loop {
            let all = String::from_utf8_lossy(&state.0).into_owned();
            if let Some(at) = all.find(text) {
                let end = at + text.len();
                state.0 = all.as_bytes()[end..].to_vec();
                return all[..end].to_owned();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && state.1.is_none(),
                "waiting for {text:?}, got {all:?}, {:?}",
                state.1
            );
            state = self
                .heard
                .changed
                .wait_timeout(state, left)
                .expect("no test panics with it")
                .0;
        }
    }

    /// Changes the size.
    ///
    /// # Panics
    /// When the program is gone.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.io
            .input()
            .resize(WindowSize::from_cells(columns, rows, 8, 16))
            .expect("it takes a size");
    }

    /// Tells another size until the program answers with `text`. A tool that forwards sizes may not listen yet
    /// when its shell does, and hears of a size only when it changes.
    ///
    /// # Panics
    /// When the text does not come.
    #[track_caller]
    pub fn resize_until(&self, columns: u16, rows: u16, text: &str) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            self.resize(columns, rows);
            let again = Instant::now() + Duration::from_secs(2);
            let mut state = self.heard.state.lock().expect("no test panics with it");
            let heard = loop {
                if String::from_utf8_lossy(&state.0).contains(text) {
                    break true;
                }
                let left = again.saturating_duration_since(Instant::now());
                if left.is_zero() || state.1.is_some() {
                    break false;
                }
                state = self
                    .heard
                    .changed
                    .wait_timeout(state, left)
                    .expect("no test panics with it")
                    .0;
            };
            drop(state);
            if heard || Instant::now() >= deadline {
                self.wait_for(text);
                return;
            }
            self.resize(columns + 1, rows);
        }
    }

    /// The process.
    pub fn pid(&self) -> i32 {
        self.io.control().pid()
    }

    /// Waits for its end; its status and what was printed and not waited for.
    ///
    /// # Panics
    /// When it does not end.
    #[track_caller]
    pub fn end(&self) -> (Option<ExitStatus>, String) {
        let deadline = Instant::now() + DEADLINE;
        let mut state = self.heard.state.lock().expect("no test panics with it");
        loop {
            if let Some(closed) = &state.1 {
                return (
                    closed.status,
                    String::from_utf8_lossy(&state.0).into_owned(),
                );
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waiting for its end");
            state = self
                .heard
                .changed
                .wait_timeout(state, left)
                .expect("no test panics with it")
                .0;
        }
    }

    /// Closes the terminal as a pane does, waits for the program's end, and gives what ends the far side.
    pub fn close(self) -> Option<Cleanup> {
        self.io.close();
        self.end();
        self.cleanup
    }
}

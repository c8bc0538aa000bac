//! The thread that writes what Terrace keeps — settings changed in the window, what was used lately — so that
//! the user interface never waits for a disk. What cannot be written is said in the window.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use config::edit::Edit;
use crossbeam::channel::{Receiver, Sender, unbounded};
use winit::event_loop::EventLoopProxy;

use crate::event::AppEvent;
use crate::palette::recent::Recent;
use crate::saved::{Keep, Saved};

/// Something to be written.
#[derive(Debug)]
enum Job {
    /// A change of a settings file.
    Edit(PathBuf, Edit),
    /// The whole list of what was used lately.
    Recent(PathBuf, Recent),
    /// What the windows show.
    Session(Arc<Keep>, Saved),
}

/// The thread; what it was told is written before it is dropped.
pub(crate) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(proxy: EventLoopProxy<AppEvent>) -> Result<Self> {
        let (sender, receiver) = unbounded();
        let thread = thread::Builder::new()
            .name("writer".into())
            .spawn(move || work(&receiver, &proxy))
            .context("no thread to write settings with")?;
        Ok(Self {
            jobs: Some(sender),
            thread: Some(thread),
        })
    }

    /// Changes a settings file.
    pub(crate) fn edit(&self, file: PathBuf, edit: Edit) {
        self.send(Job::Edit(file, edit));
    }

    /// Keeps what was used lately.
    pub(crate) fn recent(&self, file: PathBuf, recent: Recent) {
        self.send(Job::Recent(file, recent));
    }

    /// Keeps what the windows show.
    pub(crate) fn session(&self, keep: Arc<Keep>, saved: Saved) {
        self.send(Job::Session(keep, saved));
    }

    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // The thread ends only after its sender.
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(jobs: &Receiver<Job>, proxy: &EventLoopProxy<AppEvent>) {
    let mut later = None;
    let (mut told, mut told_session) = (false, false);
    while let Some(job) = later.take().or_else(|| jobs.recv().ok()) {
        match job {
            Job::Edit(file, edit) => {
                if let Err(error) = config::edit::write(&file, &[edit]) {
                    let text = format!("{error}. The change holds until Terrace is closed.");
                    let _ = proxy.send_event(AppEvent::Notice(text));
                }
            }
            Job::Session(keep, saved) => {
                if let Err(error) = keep.write(&saved)
                    && !std::mem::replace(&mut told_session, true)
                {
                    tracing::warn!("the session is not kept: {error}");
                }
            }
            Job::Recent(file, mut recent) => {
                // Of several lists that wait, the last one says all.
                loop {
                    match jobs.try_recv() {
                        Ok(Job::Recent(_, newer)) => recent = newer,
                        Ok(other) => {
                            later = Some(other);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                if let Err(error) = recent.save(&file)
                    && !std::mem::replace(&mut told, true)
                {
                    tracing::warn!("{} cannot be written: {error}", file.display());
                }
            }
        }
    }
}

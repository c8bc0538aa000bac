//! Notifications and taskbar progress by the desktop: D-Bus on a thread of its own.
//!
//! The bus may be slow or missing; the window never waits for it. Text comes from programs and is shown as text:
//! markup is escaped, and a click only shows the pane (`security.md` 2.2). The service's interface is the
//! freedesktop.org Desktop Notifications Specification, the taskbar's Unity's LauncherEntry.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};
use crossbeam::channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use terminal::event::Progress;
use winit::event_loop::EventLoopProxy;
use zbus::blocking::{Connection, MessageIterator};
use zbus::zvariant::Value;
use zbus::{MatchRule, message};

use crate::event::AppEvent;
use crate::pane::PaneId;

/// Jobs that wait for a slow bus; more are dropped.
const MAX_WAITING: usize = 64;
/// Notifications remembered for a click.
const MAX_SHOWN: usize = 256;
const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Something for the desktop.
#[derive(Clone, Debug, PartialEq)]
enum Job {
    Show {
        pane: PaneId,
        /// The pane's own label, by which the user knows who speaks.
        label: String,
        title: String,
        body: String,
    },
    Progress(Progress),
}

/// The way to the thread.
pub(crate) struct Desktop {
    jobs: Sender<Job>,
}

impl Desktop {
    /// Starts the thread; it connects with its first job.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(proxy: EventLoopProxy<AppEvent>) -> Result<Self> {
        let (jobs, queue) = bounded(MAX_WAITING);
        thread::Builder::new()
            .name("desktop".into())
            .spawn(move || work(&queue, &proxy))
            .context("no thread for notifications")?;
        Ok(Self { jobs })
    }

    /// Shows a program's notification; what the desktop cannot show comes back as
    /// [`AppEvent::NotShown`].
    pub(crate) fn show(&self, pane: PaneId, label: String, title: String, body: String) {
        let job = Job::Show {
            pane,
            label,
            title,
            body,
        };
        if self.jobs.try_send(job).is_err() {
            tracing::debug!("notification dropped: the desktop is slow");
        }
    }

    /// Shows progress in the taskbar.
    pub(crate) fn progress(&self, progress: Progress) {
        let _ = self.jobs.try_send(Job::Progress(progress));
    }
}

/// Which pane a shown notification is about.
type Shown = Arc<Mutex<HashMap<u32, PaneId>>>;

fn work(queue: &Receiver<Job>, proxy: &EventLoopProxy<AppEvent>) {
    let shown = Shown::default();
    let mut connection = None;
    for job in queue {
        if connection.is_none() {
            connection = match connect(&shown, proxy) {
                Ok(connection) => Some(connection),
                Err(error) => {
                    tracing::debug!("no session bus: {error:#}");
                    None
                }
            };
        }
        match job {
            Job::Show {
                pane,
                label,
                title,
                body,
            } => {
                let done = connection
                    .as_ref()
                    .context("there is no session bus")
                    .and_then(|connection| show(connection, &label, &title, &body));
                match done {
                    Ok(id) => {
                        let mut shown = shown.lock();
                        if shown.len() >= MAX_SHOWN {
                            shown.clear();
                        }
                        shown.insert(id, pane);
                    }
                    Err(error) => {
                        tracing::debug!("notification not shown: {error:#}");
                        connection = None;
                        let text = joined(&title, &body);
                        let _ = proxy.send_event(AppEvent::NotShown { pane, text });
                    }
                }
            }
            Job::Progress(progress) => {
                let told = connection.as_ref().map(|bus| tell_taskbar(bus, progress));
                if let Some(Err(error)) = told {
                    tracing::debug!("the taskbar does not show progress: {error:#}");
                }
            }
        }
    }
}

/// Title and body on one line.
pub(crate) fn joined(title: &str, body: &str) -> String {
    match (title.is_empty(), body.is_empty()) {
        (true, _) => body.to_owned(),
        (_, true) => title.to_owned(),
        _ => format!("{title}: {body}"),
    }
}

/// Connects, and listens for clicks on a thread that ends with the connection.
fn connect(shown: &Shown, proxy: &EventLoopProxy<AppEvent>) -> Result<Connection> {
    let connection = Connection::session()?;
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .interface(SERVICE)?
        .path(PATH)?
        .build();
    let signals = MessageIterator::for_match_rule(rule, &connection, Some(64))?;
    let (shown, proxy) = (Arc::clone(shown), proxy.clone());
    thread::Builder::new()
        .name("desktop-signals".into())
        .spawn(move || listen(signals, &shown, &proxy))?;
    Ok(connection)
}

fn listen(signals: MessageIterator, shown: &Shown, proxy: &EventLoopProxy<AppEvent>) {
    for signal in signals.flatten() {
        let header = signal.header();
        let Some(member) = header.member() else {
            continue;
        };
        match member.as_str() {
            "ActionInvoked" => {
                if let Ok((id, _)) = signal.body().deserialize::<(u32, String)>()
                    && let Some(pane) = shown.lock().get(&id).copied()
                    && proxy.send_event(AppEvent::ShowPane(pane)).is_err()
                {
                    return;
                }
            }
            "NotificationClosed" => {
                if let Ok((id, _)) = signal.body().deserialize::<(u32, u32)>() {
                    shown.lock().remove(&id);
                }
            }
            _ => {}
        }
    }
}

/// `Notify`; returns the service's number for it.
fn show(connection: &Connection, label: &str, title: &str, body: &str) -> Result<u32> {
    let (summary, text) = texts(label, title, body);
    let hints: HashMap<&str, Value<'_>> =
        HashMap::from([("desktop-entry", Value::from("terrace"))]);
    let actions = ["default", "Show"];
    let body = (
        "Terrace",
        0u32,
        "terrace",
        summary,
        text,
        actions.as_slice(),
        hints,
        -1i32,
    );
    let reply = connection.call_method(Some(SERVICE), PATH, Some(SERVICE), "Notify", &body)?;
    Ok(reply.body().deserialize()?)
}

/// Summary and body: the pane's own label first, so that no program can speak as another.
fn texts(label: &str, title: &str, body: &str) -> (String, String) {
    let summary = if title.is_empty() {
        label.to_owned()
    } else {
        format!("{label}: {title}")
    };
    (summary, escape(body))
}

/// Bodies may hold a little markup; a program's text is none.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn tell_taskbar(connection: &Connection, progress: Progress) -> Result<()> {
    let (visible, share, urgent) = match progress {
        Progress::None => (false, 0.0, false),
        Progress::Normal(percent) | Progress::Paused(percent) => {
            (true, f64::from(percent) / 100.0, false)
        }
        Progress::Error(percent) => (true, f64::from(percent) / 100.0, true),
        Progress::Indeterminate => (true, 0.0, false),
    };
    let properties: HashMap<&str, Value<'_>> = HashMap::from([
        ("progress", Value::from(share)),
        ("progress-visible", Value::from(visible)),
        ("urgent", Value::from(urgent)),
    ]);
    connection.emit_signal(
        None::<&str>,
        "/com/canonical/unity/launcherentry/terrace",
        "com.canonical.Unity.LauncherEntry",
        "Update",
        &("application://terrace.desktop", properties),
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_speak_under_their_panes_label_and_without_markup() {
        let (summary, body) = texts("build", "Done", "<b>a</b> & \"b\"");
        assert_eq!(summary, "build: Done");
        assert_eq!(body, "&lt;b&gt;a&lt;/b&gt; &amp; \"b\"");
        assert_eq!(texts("vim", "", "x").0, "vim");
    }

    #[test]
    fn one_line_in_the_window() {
        assert_eq!(joined("a", "b"), "a: b");
        assert_eq!([joined("a", ""), joined("", "b")], ["a", "b"]);
    }
}

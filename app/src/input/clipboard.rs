//! The desktop's clipboards, CLIPBOARD and PRIMARY, through arboard, on a thread of their own.
//!
//! Reading a selection asks another program for it and waits; a hung owner must not hang the window. The
//! thread opens the connection at first use and stays, since a copy lives only as long as its owner.

use std::thread;

use anyhow::{Context, Result};
use arboard::{Clipboard as System, GetExtLinux, LinuxClipboardKind, SetExtLinux};
use crossbeam::channel::{self, Receiver, Sender};
use winit::event_loop::EventLoopProxy;

use crate::event::AppEvent;
use crate::pane::PaneId;

/// Which of X11's and Wayland's two selections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Copy and paste by keys.
    Clipboard,
    /// Selecting and the middle button.
    Primary,
}

impl Selection {
    fn kind(self) -> LinuxClipboardKind {
        match self {
            Selection::Clipboard => LinuxClipboardKind::Clipboard,
            Selection::Primary => LinuxClipboardKind::Primary,
        }
    }
}

/// What a text was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be pasted into the pane.
    Paste,
    /// To be put into the text field that has the keyboard in the pane's window.
    Field,
    /// To answer the pane's OSC 52 query for these selection letters, which the user allowed.
    Osc52(String),
}

enum Request {
    Store(Selection, String),
    StoreHtml(Selection, String),
    Load(Selection, PaneId, Purpose),
}

/// The UI's end of the clipboard thread.
pub(crate) struct Clipboard {
    requests: Sender<Request>,
}

impl Clipboard {
    /// Starts the thread; texts and complaints come back as [`AppEvent`]s.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(crate) fn start(proxy: EventLoopProxy<AppEvent>) -> Result<Self> {
        // Unbounded, but only the user's own copies and pastes get in, one each.
        let (requests, receiver) = channel::unbounded();
        thread::Builder::new()
            .name("clipboard".into())
            .spawn(move || serve(&receiver, &proxy))
            .context("the clipboard thread could not be started")?;
        Ok(Self { requests })
    }

    /// Puts `text` on a selection.
    pub(crate) fn store(&self, selection: Selection, text: String) {
        // The thread ends only with this value.
        let _ = self.requests.send(Request::Store(selection, text));
    }

    /// Puts HTML on a selection: as such for programs that take it, as its source for all others.
    pub(crate) fn store_html(&self, selection: Selection, html: String) {
        let _ = self.requests.send(Request::StoreHtml(selection, html));
    }

    /// Asks for the text of a selection; it arrives as [`AppEvent::ClipboardText`].
    pub(crate) fn load(&self, selection: Selection, pane: PaneId, purpose: Purpose) {
        let _ = self.requests.send(Request::Load(selection, pane, purpose));
    }
}

fn serve(requests: &Receiver<Request>, proxy: &EventLoopProxy<AppEvent>) {
    let mut system = None;
    for request in requests {
        let event = match answer(&mut system, request) {
            Ok(Some(event)) => event,
            Ok(None) => continue,
            Err(error) => AppEvent::Notice(format!("{error:#}")),
        };
        if proxy.send_event(event).is_err() {
            return;
        }
    }
}

fn answer(system: &mut Option<System>, request: Request) -> Result<Option<AppEvent>> {
    let system = match system {
        Some(system) => system,
        empty => empty.insert(System::new().context("the desktop's clipboard cannot be reached")?),
    };
    match request {
        Request::Store(selection, text) => {
            let set = system.set().clipboard(selection.kind());
            set.text(text).context("the text could not be copied")?;
            Ok(None)
        }
        Request::StoreHtml(selection, html) => {
            let set = system.set().clipboard(selection.kind());
            set.html(&html, Some(&html))
                .context("the text could not be copied")?;
            Ok(None)
        }
        Request::Load(selection, pane, purpose) => {
            let get = system.get().clipboard(selection.kind());
            match get.text() {
                Ok(text) => Ok(Some(AppEvent::ClipboardText {
                    pane,
                    text,
                    purpose,
                })),
                Err(arboard::Error::ContentNotAvailable) => Ok(None),
                Err(error) => Err(error).context("the clipboard could not be read"),
            }
        }
    }
}

//! The control socket of the window: other programs of the same user list, open and arrange panes, read
//! and type, and are told of changes.
//!
//! What may be asked is in [`protocol`], who may ask in [`access`], what the user allowed beyond that in [`grants`]. A thread a client ([`server`]) reads
//! the questions; what concerns windows is done by the UI thread, to which it goes as
//! [`crate::event::AppEvent::Control`], and long jobs (waiting, pictures) by the client's own.
//! [`client`] is `terrace ctl`. Nothing here can be reached by what a program prints.

pub(crate) mod access;
pub(crate) mod client;
pub(crate) mod grants;
mod look;
pub(crate) mod program;
pub(crate) mod protocol;
pub(crate) mod server;

use std::sync::Arc;

use config::control::Scope;
use crossbeam::channel::Sender;
use serde_json::Value;

use crate::headless::picture::Picture;
use crate::pane::PaneId;
use crate::session::Session;
use grants::Asker;
use protocol::{Change, Failure, Request};

/// A question on its way to the UI thread.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// What is asked.
    pub(crate) request: Request,
    /// Where changes go, if they are asked for.
    pub(crate) watcher: Option<Watcher>,
    /// Where the answer goes.
    pub(crate) answer: Sender<Result<Answer, Failure>>,
}

/// A question that the user is to answer: may a program do what it asks for?
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// Its number, by which [`access::Tokens::decide`] knows it.
    pub(crate) ticket: u64,
    /// Who asks.
    pub(crate) asker: Asker,
    /// What such requests need.
    pub(crate) scope: Scope,
    /// The pane that is concerned, if it is one.
    pub(crate) pane: Option<PaneId>,
}

/// What the UI thread answers.
pub(crate) enum Answer {
    /// The result, to be sent as it is.
    Result(Value),
    /// The pane that was named: the client's thread goes on with it.
    Pane(PaneId, Arc<Session>, Arc<config::Config>),
    /// The whole window, to be written to a file.
    Picture(Picture),
}

/// Somebody who is told of changes; a full channel is somebody too slow, who is let go.
#[derive(Clone, Debug)]
pub(crate) struct Watcher {
    /// Where they go.
    pub(crate) changes: Sender<Change>,
    /// Only those of this pane.
    pub(crate) pane: Option<PaneId>,
    /// What ran is told, too.
    pub(crate) commands: bool,
}

//! The audible bell: the X server's own, else the desktop's sound theme.

use std::process::Command;
use std::thread;

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::ConnectionExt;

use crate::links;

/// Rings, on a thread of its own: the connection may take its time.
pub(crate) fn ring() {
    let spawned = thread::Builder::new().name("bell".into()).spawn(|| {
        if let Err(error) = ring_x11().or_else(|_| ring_theme()) {
            tracing::debug!("no bell: {error:#}");
        }
    });
    if let Err(error) = spawned {
        tracing::debug!("no bell: {error}");
    }
}

/// XBell at the user's base volume.
fn ring_x11() -> Result<()> {
    let (connection, _) = x11rb::connect(None).context("no X server")?;
    connection.bell(0)?.check()?;
    connection.flush()?;
    Ok(())
}

/// The sound theme's "bell" (freedesktop.org sound naming), where there is no X server.
fn ring_theme() -> Result<()> {
    let mut command = Command::new("canberra-gtk-play");
    command.args(["--id", "bell"]);
    links::start(command).context("canberra-gtk-play does not start")
}

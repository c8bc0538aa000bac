//! `terrace run`: a program on a real pseudo-terminal with the core answering, and no window.

use std::fs::File;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use crossbeam::channel::{Receiver, RecvTimeoutError};
use terminal::{GridSize, PixelSize};

use super::control::{Control, Server};
use super::state;
use super::{TIMED_OUT, dump, print, typist};
use crate::cli::{Format, RunArgs};
use crate::session::{Session, SessionEvent, SessionOptions};

/// Runs the command.
pub(super) fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let loaded = super::load(&args.settings)?;
    let typed = args.input.as_deref().map(typist::read).transpose()?;
    let record = match &args.record {
        Some(path) => {
            Some(Arc::new(File::create(path).with_context(|| {
                format!("cannot write {}", path.display())
            })?))
        }
        None => None,
    };
    let keeper = crate::history::keeper::start(&loaded.config, |notice| {
        tracing::warn!("{notice}");
    });
    let (width, height) = args.cell;
    let options = SessionOptions {
        size: GridSize::new(args.cols, args.rows),
        cell: PixelSize { width, height },
        terminal: super::terminal_options(&loaded),
        integration: loaded.config.shell.integration,
        record_replies: true,
        record_output: record,
        keeper: keeper.clone(),
    };
    let palette = options.terminal.palette.clone();
    let command = super::command(
        &loaded.config,
        &args.command,
        args.working_directory.as_deref(),
    );
    let (sender, events) = crossbeam::channel::unbounded();
    let session = Session::spawn(&command, options, move |event| {
        // Nobody listens any more once the command has ended.
        let _ = sender.send(event);
    })?;
    if let Some(note) = session.take_note() {
        tracing::warn!("{note}");
    }
    let control = Arc::new(Control::new(Arc::clone(&session), loaded.config, palette));
    let server = match &args.control {
        Some(path) => Some(Server::start(path, Arc::clone(&control))?),
        None => None,
    };
    if let Some(text) = typed {
        typist::start(Arc::clone(&session), text)?;
    }

    let deadline = args.timeout.map(|timeout| Instant::now() + timeout);
    let timed_out = !wait(&session, &events, deadline);
    if timed_out {
        tracing::warn!("the program is ended after its time is up");
        session.close();
        wait(&session, &events, None);
    } else if let Some(server) = &server {
        server.wait_for_clients(deadline);
    }
    drop(server);
    if let Some(keeper) = &keeper {
        keeper.close();
    }

    if let Some(format) = args.dump {
        let rows = args.scrollback;
        match format {
            Format::Text => print(&state::text(&session.lock(), rows.unwrap_or(0)))?,
            Format::Ansi => print(&state::ansi(&session.lock(), rows.unwrap_or(0)))?,
            Format::Json => {
                let json = control.state(rows.unwrap_or(dump::SCROLLBACK));
                print(&(json + "\n"))?;
            }
            Format::Png => {
                let png = control.picture(1.0, None)?.png()?;
                std::io::Write::write_all(&mut std::io::stdout().lock(), &png)?;
            }
        }
    }
    if timed_out {
        return Ok(ExitCode::from(TIMED_OUT));
    }
    let exit = session.ended();
    if let Some(reason) = exit.as_ref().and_then(|exit| exit.reason.as_deref()) {
        tracing::error!("{reason}");
    }
    let code = exit
        .and_then(|exit| exit.status)
        .map_or(1, pty::ExitStatus::shell_code);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// Gives the session its time until its program ends; `false` when the deadline came first.
pub(super) fn wait(
    session: &Session,
    events: &Receiver<SessionEvent>,
    deadline: Option<Instant>,
) -> bool {
    while session.ended().is_none() {
        let due = session.until_tick().map(|wait| Instant::now() + wait);
        let event = match [due, deadline].into_iter().flatten().min() {
            Some(until) => events.recv_deadline(until),
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match event {
            Ok(SessionEvent::Output) => session.acknowledge(),
            Ok(SessionEvent::Closed) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return session.ended().is_some();
        }
        if due.is_some_and(|due| Instant::now() >= due) {
            session.tick();
        }
    }
    true
}

//! `terrace shot`: a program's screen, or recorded bytes, as a picture.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use crossbeam::channel::Receiver;
use terminal::{Frame, GridSize};

use super::picture::Studio;
use super::run::wait;
use super::typist;
use crate::cli::ShotArgs;
use crate::session::{Session, SessionEvent, SessionOptions};

/// How often to look whether the typist is done.
const GLANCE: Duration = Duration::from_millis(20);

/// Runs the command.
pub(super) fn run(args: &ShotArgs) -> anyhow::Result<ExitCode> {
    let mut sources = args.settings.settings();
    if let Some(theme) = &args.theme {
        sources.options.push(format!("colors.theme={theme:?}"));
    }
    let loaded = super::load(&sources)?;
    let mut studio = Studio::new(&loaded.config, args.scale)?;
    for warning in studio.warnings() {
        tracing::warn!("{warning}");
    }
    let options = SessionOptions {
        size: GridSize::new(args.cols, args.rows),
        cell: studio.cell(),
        terminal: super::terminal_options(&loaded),
        integration: loaded.config.shell.integration,
        record_replies: false,
        record_output: None,
        keeper: None,
    };
    let session = if args.command.is_empty() {
        let session = Session::detached(options, |_| ());
        feed(&session, args.file.as_deref().unwrap_or(Path::new("-")))?;
        session
    } else {
        let (sender, events) = crossbeam::channel::unbounded();
        let command = super::command(&loaded.config, &args.command, None);
        let session = Session::spawn(&command, options, move |event| {
            let _ = sender.send(event);
        })?;
        watch(args, &session, &events)?;
        session
    };
    let mut frame = Frame::new();
    frame.update(&mut session.lock());
    let picture = studio.draw(&frame, true)?;
    picture.save(&args.output)?;
    session.close();
    Ok(ExitCode::SUCCESS)
}

/// Feeds a file to a session without a program.
fn feed(session: &Session, path: &Path) -> anyhow::Result<()> {
    let context = || format!("cannot read {}", path.display());
    let mut input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(File::open(path).with_context(context)?)
    };
    let mut block = vec![0; 64 * 1024];
    loop {
        match input.read(&mut block).with_context(context)? {
            0 => return Ok(()),
            n => session.feed(&block[..n]),
        }
    }
}

/// Waits for the moment to draw: the program's end, the end of its input, or the time limit.
fn watch(
    args: &ShotArgs,
    session: &Arc<Session>,
    events: &Receiver<SessionEvent>,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + args.timeout;
    let typist = match &args.input {
        Some(path) => Some(typist::start(Arc::clone(session), typist::read(path)?)?),
        None => None,
    };
    let Some(typist) = typist else {
        wait(session, events, Some(deadline));
        return Ok(());
    };
    while !typist.is_finished() {
        let now = Instant::now();
        if now >= deadline || wait(session, events, Some((now + GLANCE).min(deadline))) {
            break;
        }
    }
    Ok(())
}

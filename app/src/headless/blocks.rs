//! `terrace blocks …`: the blocks that are kept, on the command line.

mod change;
mod compare;
mod show;
mod stats;
mod table;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, Result};
use history::time::{Zone, parse};
use history::{Filter, HostKind, Pattern, Reader, Uid};

use crate::cli::blocks::{BlocksArgs, BlocksCommand, FilterArgs, PlaceKind};
use crate::history as settings;

/// Does what the command says.
pub(super) fn run(args: &BlocksArgs) -> Result<ExitCode> {
    let loaded = super::load(&args.settings())?;
    let place = Place {
        options: settings::options(&loaded.config),
        zone: Zone::local(),
        now: SystemTime::now(),
        theme: loaded.themes.dark,
    };
    let done = match &args.command {
        BlocksCommand::List(args) => show::list(&place, args),
        BlocksCommand::Search(args) => show::search(&place, args),
        BlocksCommand::Show(args) => show::show(&place, args),
        BlocksCommand::Last(args) => show::last(&place, args),
        BlocksCommand::Export(args) => show::export(&place, args),
        BlocksCommand::Stats(args) => stats::run(&place, args),
        BlocksCommand::Diff(args) => compare::run(&place, args),
        BlocksCommand::Import(args) => change::import(&place, args),
        BlocksCommand::Forget(args) => change::forget(&place, args),
        BlocksCommand::Prune(args) => change::prune(&place, args),
    };
    done.map_err(|error| with_path(error, &place.options.file()))
}

/// An error of a damaged database with its path and what helps.
fn with_path(error: anyhow::Error, file: &Path) -> anyhow::Error {
    if error.chain().count() > 1 {
        return error;
    }
    match error.downcast::<history::Error>() {
        Ok(error) => error.at(file).into(),
        Err(error) => error,
    }
}

/// Where and when the command runs.
struct Place {
    options: history::Options,
    zone: Zone,
    now: SystemTime,
    theme: config::Theme,
}

impl Place {
    fn reader(&self) -> Result<Reader> {
        Ok(Reader::open(&self.options.folder)?)
    }

    fn time(&self, text: &str) -> Result<SystemTime> {
        parse(text, self.now, &self.zone).map_err(anyhow::Error::msg)
    }

    fn filter(&self, args: &FilterArgs, words: &str) -> Result<Filter> {
        let time = |text: &Option<String>| text.as_deref().map(|text| self.time(text)).transpose();
        let folder = args.folder.as_deref().map(absolute).transpose()?;
        let project = match args.project.as_deref() {
            Some(path) if path.starts_with('.') || path.contains('/') => {
                Some(absolute(Path::new(path))?)
            }
            other => other.map(str::to_owned),
        };
        let session = match args.session.as_deref() {
            Some("this") => {
                let own = own_session()
                    .context("this is no pane of Terrace: TERRACE_SESSION is not set")?;
                Some(own)
            }
            Some(id) => Some(
                id.parse::<Uid>()
                    .with_context(|| format!("session {id:?}"))?,
            ),
            None => None,
        };
        Ok(Filter {
            text: Pattern::new(words),
            host: args.host.clone(),
            kind: args.kind.map(kind),
            folder,
            project,
            session,
            command: args.command.clone(),
            failed: args.failed,
            bookmarked: args.bookmarked,
            since: time(&args.since)?,
            until: time(&args.until)?,
            before: None,
        })
    }
}

fn kind(kind: PlaceKind) -> HostKind {
    match kind {
        PlaceKind::Local => HostKind::Local,
        PlaceKind::Ssh => HostKind::Ssh,
        PlaceKind::Container => HostKind::Container,
        PlaceKind::Pod => HostKind::Pod,
        PlaceKind::Elevated => HostKind::Elevated,
        PlaceKind::Other => HostKind::Other,
    }
}

/// The session of the pane in which this runs.
fn own_session() -> Option<Uid> {
    std::env::var(settings::SESSION_VARIABLE).ok()?.parse().ok()
}

/// A folder as shells say it: absolute, without `.` and `..`, links left as they are.
fn absolute(path: &Path) -> Result<String> {
    let whole = std::path::absolute(path).with_context(|| format!("{}", path.display()))?;
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            std::path::Component::ParentDir => {
                plain.pop();
            }
            std::path::Component::CurDir => {}
            other => plain.push(other),
        }
    }
    Ok(plain.to_string_lossy().into_owned())
}

/// How the answer looks: colors and a width only on a terminal.
#[derive(Clone, Copy, Debug)]
struct Looks {
    colors: bool,
    columns: Option<usize>,
}

impl Looks {
    fn of_stdout() -> Self {
        let stdout = std::io::stdout();
        let terminal = stdout.is_terminal();
        let columns = terminal
            .then(|| rustix::termios::tcgetwinsize(&stdout).ok())
            .flatten()
            .map(|size| usize::from(size.ws_col))
            .filter(|columns| *columns > 0);
        Self {
            colors: terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            columns,
        }
    }

    /// A text in a style given by its SGR parameters; as it is where there are no colors.
    fn paint(self, sgr: &str, text: &str) -> String {
        if self.colors && !sgr.is_empty() && !text.is_empty() {
            format!("\x1b[{sgr}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

//! `import`, `forget`, `prune`: what changes what is kept.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use history::import::{Source, read};
use history::{Error, HistoryStore, Notice, Reader, Selection};
use serde_json::json;

use super::Place;
use crate::cli::blocks::{ForgetArgs, ImportArgs, ImportSource, PruneArgs};
use crate::headless::print;
use crate::history as settings;

/// Blocks that are handed over at once: far below what the queue takes.
const CHUNK: usize = 1000;

fn store(place: &Place) -> Result<HistoryStore> {
    HistoryStore::open(place.options.clone(), |notice| {
        if !matches!(notice, Notice::Paused(_)) {
            tracing::warn!("{notice}");
        }
    })
    .context("no thread to write with")
}

/// What the writing thread answers.
fn answer<T>(receiver: &crossbeam::channel::Receiver<Result<T, Error>>) -> Result<T> {
    Ok(receiver.recv().context("the writing thread ended")??)
}

/// `terrace blocks import`.
pub(super) fn import(place: &Place, args: &ImportArgs) -> Result<ExitCode> {
    let source = match args.source {
        ImportSource::Bash => Source::Bash,
        ImportSource::Zsh => Source::Zsh,
        ImportSource::Fish => Source::Fish,
        ImportSource::Atuin => Source::Atuin,
        ImportSource::Json => Source::Json,
    };
    let file = match &args.file {
        Some(file) => file.clone(),
        None => std::env::home_dir()
            .and_then(|home| source.usual_path(&home))
            .context("name the file: terrace blocks import SOURCE FILE")?,
    };
    let records = read(source, &file, &settings::local_host())?;
    let total = records.len();
    let store = store(place)?;
    // It is open now; a damaged one is set aside.
    answer(&store.flush())?;
    let before = count(place)?;
    let mut records = records.into_iter();
    loop {
        let chunk: Vec<_> = records.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            break;
        }
        for record in chunk {
            store.insert(record);
        }
        answer(&store.flush())?;
    }
    drop(store);
    let added = count(place)?.saturating_sub(before);
    if args.json {
        let object =
            json!({ "v": history::json::VERSION, "file": file, "read": total, "added": added });
        print(&format!("{object}\n"))?;
    } else {
        let others = if u64::try_from(total) == Ok(added) {
            ""
        } else {
            "; the others were there already or are not to be kept"
        };
        print(&format!(
            "{}: {total} read, {added} new{others}\n",
            file.display()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn count(place: &Place) -> Result<u64> {
    match Reader::open(&place.options.folder) {
        Ok(reader) => Ok(reader.count()?),
        Err(Error::Missing(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// `terrace blocks forget`.
pub(super) fn forget(place: &Place, args: &ForgetArgs) -> Result<ExitCode> {
    let reader = place.reader()?;
    let words = args.search.as_deref().unwrap_or_default();
    let filter = place.filter(&args.filter, words)?;
    let selection = if args.all {
        Selection::All
    } else if !args.blocks.is_empty() {
        let mut uids = Vec::new();
        for name in &args.blocks {
            uids.push(reader.record(reader.resolve(name)?)?.uid);
        }
        Selection::Blocks(uids)
    } else {
        anyhow::ensure!(
            filter != history::Filter::default(),
            "say which blocks: by their ids, by a filter, or --all"
        );
        Selection::Matching(Box::new(filter))
    };
    let what = match &selection {
        Selection::All => "all blocks".to_owned(),
        Selection::Blocks(uids) => blocks(uids.len()),
        Selection::Matching(filter) => {
            let found = reader.search(filter, 1_000_000)?.len();
            blocks(found)
        }
    };
    drop(reader);
    if !args.yes && !confirmed(&what)? {
        print("nothing is deleted\n")?;
        return Ok(ExitCode::FAILURE);
    }
    let store = store(place)?;
    let gone = answer(&store.forget(selection))?;
    print(&format!(
        "{} deleted, and no byte of that is left in {}.\n\
         What stays: your shell's own history file, scrollback of open panes, exports, and backups of that folder.\n",
        blocks(gone.blocks),
        place.options.folder.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// `1 block`, `2 blocks`.
fn blocks(number: impl std::fmt::Display + PartialEq<usize>) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} block{end}")
}

/// Asks on the terminal; without one, `--yes` is needed.
fn confirmed(what: &str) -> Result<bool> {
    let stdin = std::io::stdin();
    anyhow::ensure!(
        stdin.is_terminal(),
        "to delete {what} without a terminal to ask on, give --yes"
    );
    let mut err = std::io::stderr();
    write!(err, "Delete {what} for good? [y/N] ")?;
    err.flush()?;
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// `terrace blocks prune`.
pub(super) fn prune(place: &Place, args: &PruneArgs) -> Result<ExitCode> {
    drop(place.reader()?);
    let store = store(place)?;
    let gone = answer(&store.prune())?;
    if args.json {
        let object = json!({
            "v": history::json::VERSION,
            "blocks": gone.blocks,
            "outputs": gone.outputs,
            "redacted": gone.redacted,
        });
        print(&format!("{object}\n"))?;
    } else {
        print(&format!(
            "{} blocks and the outputs of {} more are deleted; something was redacted in {}\n",
            gone.blocks, gone.outputs, gone.redacted
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

//! What takes longer than a window may wait: each is told of by an event.

use std::sync::Arc;

use anyhow::Result;
use terminal::hints::{FilePath, HintText};

use super::Services;
use crate::event::AppEvent;
use crate::hints::{self, Looking};
use crate::links;
use crate::pane::{Pane, PaneId};
use crate::view::blocks::compare::Comparison;
use crate::window::blocks::{in_background, write_temporary};

impl Services {
    /// Deletes blocks of the history; the answer is [`AppEvent::HistoryChanged`].
    pub(crate) fn forget_blocks(&self, selection: history::Selection) {
        if let Some(keeper) = &self.keeper {
            self.tell_when_changed(keeper.store().forget(selection));
        }
    }

    /// Sets or drops a bookmark in the history; the answer is [`AppEvent::HistoryChanged`].
    pub(crate) fn bookmark(&self, uid: history::Uid, marked: bool) {
        if let Some(keeper) = &self.keeper {
            let change = history::Annotation::Bookmark(marked);
            self.tell_when_changed(keeper.store().annotate(uid, change));
        }
    }

    /// Writes a note to a block of the history; the answer is [`AppEvent::HistoryChanged`].
    pub(crate) fn note_block(&self, uid: history::Uid, note: String) {
        if let Some(keeper) = &self.keeper {
            let change = history::Annotation::Note(note);
            self.tell_when_changed(keeper.store().annotate(uid, change));
        }
    }

    fn tell_when_changed<T: Send + 'static>(
        &self,
        answer: crossbeam::channel::Receiver<Result<T, history::Error>>,
    ) {
        in_background("history-wait", self.proxy.clone(), move || {
            AppEvent::HistoryChanged(match answer.recv() {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("the thread of the history ended".to_owned()),
            })
        });
    }

    /// Looks for the branch of a folder; the answer is [`AppEvent::Branch`].
    pub(crate) fn find_branch(&self, pane: PaneId, folder: &str) {
        self.git.ask(pane, folder);
    }

    /// Writes output to a file; the answer is [`AppEvent::OutputWritten`].
    pub(crate) fn write_output(&self, text: String) {
        in_background("output", self.proxy.clone(), move || {
            AppEvent::OutputWritten(write_temporary(&text))
        });
    }

    /// Compares two outputs; the answer is [`AppEvent::Compared`].
    pub(crate) fn compare(&self, comparison: &Comparison) {
        let (old, new) = (
            Arc::clone(&comparison.old.text),
            Arc::clone(&comparison.new.text),
        );
        let (rules, question) = (comparison.rules, comparison.question);
        in_background("compare", self.proxy.clone(), move || AppEvent::Compared {
            question,
            diff: Arc::new(history::diff::diff(&old, &new, rules)),
        });
    }

    /// Looks through a pane's viewport for hints; the answer is [`AppEvent::Hints`].
    pub(crate) fn look_for_hints(&self, pane: PaneId, text: HintText) -> Looking {
        let looking = Looking::default();
        let (asked, config) = (looking.clone(), Arc::clone(&self.config));
        in_background("hints", self.proxy.clone(), move || {
            AppEvent::Hints(hints::look(pane, &text, &config.hints, asked))
        });
        looking
    }

    /// Opens the path of a file that a pane's text names; what is wrong is said as a notice.
    pub(crate) fn open_path(&self, path: FilePath, pane: &Pane) {
        let proxy = self.proxy.clone();
        links::paths::open(path, pane.id, &pane.session, &self.config.links, proxy);
    }

    /// Opens an address with the configured opener, if the settings allow its scheme.
    ///
    /// # Errors
    /// When it is refused or the opener does not start.
    pub(crate) fn open_link(&self, uri: &str) -> Result<()> {
        links::open(uri, &self.config.links)
    }
}

//! Everything another thread may tell the UI.

use std::path::PathBuf;
use std::sync::Arc;

use crate::input::clipboard::Purpose;
use crate::pane::PaneId;

/// A message to the UI thread, sent through winit's event loop proxy. Panes send no data that their output
/// could make grow: the UI looks at the pane itself.
#[derive(Clone, Debug)]
pub(crate) enum AppEvent {
    /// The pane has new output or events, or it ended.
    Pane(PaneId),
    /// A text that was asked of the clipboard.
    ClipboardText {
        /// The pane it was asked for.
        pane: PaneId,
        /// The text.
        text: String,
        /// What for.
        purpose: Purpose,
    },
    /// A search in the pane found something, or ended.
    Found(PaneId),
    /// A viewport was looked through for hints.
    Hints(crate::hints::HintsFound),
    /// A program is to run in a tab of its own: an editor for a path that a pane's text named.
    OpenTab {
        /// The pane that asked.
        pane: PaneId,
        /// Program and arguments.
        command: Vec<String>,
        /// Where it starts.
        folder: Option<PathBuf>,
    },
    /// The user clicked on a pane's notification.
    ShowPane(PaneId),
    /// A notification that the desktop did not show.
    NotShown {
        /// The pane it is from.
        pane: PaneId,
        /// Its text.
        text: String,
    },
    /// The desktop prefers dark windows now, or light ones.
    DesktopIsDark(bool),
    /// A configuration or theme file changed on disk.
    ConfigChanged,
    /// The manager of environments told something.
    Environment(environments::EnvironmentEvent),
    /// A folder's branch was looked for.
    Branch {
        /// For this pane.
        pane: PaneId,
        /// The folder.
        folder: String,
        /// What is checked out there.
        branch: Option<crate::git::Branch>,
    },
    /// A block's output was written to a file, to be piped.
    OutputWritten(Result<Arc<tempfile::TempPath>, String>),
    /// Two outputs were compared.
    Compared {
        /// Which question this answers.
        question: u64,
        /// The difference.
        diff: Arc<history::diff::Diff>,
    },
    /// The history was asked something.
    History(crate::history::seeker::Answer),
    /// A pane that comes back has its old blocks.
    Restored(PaneId),
    /// What the user changed in the history is written, or cannot be, and why.
    HistoryChanged(Result<(), String>),
    /// Another program asked for something.
    Control(Box<crate::control::Ask>),
    /// A signal asks the program to end.
    Quit,
    /// Another program asked for something that the user must allow.
    Wish(Box<crate::control::Wish>),
    /// Such a question, by its number, needs no answer any more.
    Withdrawn(u64),
    /// Something went wrong that the user should read in the window.
    Notice(String),
    /// The store of the history has something to tell.
    HistoryNotice(history::Notice),
}

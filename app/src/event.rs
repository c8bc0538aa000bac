//! Everything another thread may tell the UI.

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
    /// A configuration or theme file changed on disk.
    ConfigChanged,
    /// The manager of environments told something.
    Environment(environments::EnvironmentEvent),
    /// Something went wrong that the user should read in the window.
    Notice(String),
}

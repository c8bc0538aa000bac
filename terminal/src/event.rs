//! What a program's output asks of the world outside the core. Drained by the caller.

/// An effect for the caller. Titles, bells and notifications are coalesced and rate-limited
/// (`security.md` 2.2) before they get here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// BEL.
    Bell,
    /// The window title changed (OSC 0, 2, title stack); controls are stripped.
    Title(String),
    /// The icon name changed (OSC 0, 1).
    IconName(String),
    /// The shell's folder changed (OSC 7): an absolute path, percent-decoded once. Only sent when the
    /// host in the URI is empty, `localhost` or the pane's own host name and the pane is local.
    WorkingDirectory(String),
    /// OSC 52 write: selection letters (`c`, `p`, …) and the decoded text.
    ClipboardStore {
        /// Which selections.
        selections: String,
        /// What to store.
        text: String,
    },
    /// OSC 52 query, to be answered (after asking the user) by [`crate::Terminal::reply_clipboard`].
    ClipboardLoad {
        /// Which selections.
        selections: String,
    },
    /// OSC 9, 777, 99.
    Notification {
        /// Title, may be empty.
        title: String,
        /// Text.
        body: String,
    },
    /// OSC 9;4 progress.
    Progress(Progress),
    /// The palette changed by OSC 4, 10–19, 104–119.
    PaletteChanged,
    /// OSC 22: pointer shape, a CSS name from a fixed list.
    PointerShape(&'static str),
    /// A prompt mark arrived (OSC 133).
    PromptMark(crate::blocks::Mark),
    /// A program says that it reads what integrates a shell, and repeats the word that it was told (OSC
    /// 8377;ready). Who did not type that word takes no notice.
    ShellReady(String),
    /// Something happened to the pane's blocks.
    Block(crate::blocks::BlockEvent),
    /// The shell that was expected has said its key ([`crate::Terminal::expect_shell`]).
    Shell(crate::blocks::ShellKey),
}

/// Progress of a program (ConEmu's OSC 9;4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// No progress to show.
    #[default]
    None,
    /// Percent, 0–100.
    Normal(u8),
    /// An error, at this percentage.
    Error(u8),
    /// Busy, amount unknown.
    Indeterminate,
    /// Paused, at this percentage.
    Paused(u8),
}

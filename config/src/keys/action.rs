//! What a key can do: a closed list of names, and texts to type.

use std::fmt;

use toml::de::DeValue;

use crate::nearest::nearest;
use crate::section::choice;
use crate::value::{Problem, Setting, describe};

choice! {
    /// Something that Terrace can do, by the name it has in the file.
    pub enum ActionName {
        /// Copy the selection to the clipboard; the program gets the key if nothing is selected.
        Copy = "copy",
        /// Copy and drop the selection; without one the program gets the key, so that ctrl+c can
        /// be bound to it and still interrupts.
        CopyOrInterrupt = "copy-or-interrupt",
        /// Paste the clipboard.
        Paste = "paste",
        /// Paste the primary selection: what was last selected in any window.
        PasteSelection = "paste-selection",
        /// Select everything, scrollback included.
        SelectAll = "select-all",
        /// Select the output of the last command; the shell must mark its prompts (OSC 133).
        SelectLastOutput = "select-last-output",
        /// Select the output of the command under the pointer.
        SelectOutput = "select-output",
        /// Open a window.
        NewWindow = "new-window",
        /// Open a tab.
        NewTab = "new-tab",
        /// Open a tab on this machine, though the shell here runs in another environment.
        NewLocalTab = "new-local-tab",
        /// Stop the environment that was pointed out as idle, else, after asking, the one that this shell runs in.
        StopEnvironment = "stop-environment",
        /// Bind the environment to its panes: it is discarded, after asking, when the last is closed. Once more
        /// frees it.
        BindEnvironment = "bind-environment",
        /// Close the tab.
        CloseTab = "close-tab",
        /// Show the tab to the right, or the first after the last.
        NextTab = "next-tab",
        /// Show the tab to the left, or the last before the first.
        PreviousTab = "previous-tab",
        /// Show the tab that was shown before.
        LastTab = "last-tab",
        /// Show the first tab.
        GoToTab1 = "go-to-tab-1",
        /// Show the second tab.
        GoToTab2 = "go-to-tab-2",
        /// Show the third tab.
        GoToTab3 = "go-to-tab-3",
        /// Show the fourth tab.
        GoToTab4 = "go-to-tab-4",
        /// Show the fifth tab.
        GoToTab5 = "go-to-tab-5",
        /// Show the sixth tab.
        GoToTab6 = "go-to-tab-6",
        /// Show the seventh tab.
        GoToTab7 = "go-to-tab-7",
        /// Show the eighth tab.
        GoToTab8 = "go-to-tab-8",
        /// Show the ninth tab.
        GoToTab9 = "go-to-tab-9",
        /// Move the tab to the left.
        MoveTabLeft = "move-tab-left",
        /// Move the tab to the right.
        MoveTabRight = "move-tab-right",
        /// Give the tab a name of your own.
        RenameTab = "rename-tab",
        /// Move the tab to a window of its own.
        MoveTabToNewWindow = "move-tab-to-new-window",
        /// Open again the pane, tab or window closed last, with its program still running; for ten
        /// seconds after it was closed.
        ReopenClosed = "reopen-closed",
        /// Open a pane right of this one.
        SplitRight = "split-right",
        /// Open a pane below this one.
        SplitDown = "split-down",
        /// Open a pane left of this one.
        SplitLeft = "split-left",
        /// Open a pane above this one.
        SplitUp = "split-up",
        /// Close the pane, and the tab with its last one.
        ClosePane = "close-pane",
        /// Go to the next pane of the tab.
        NextPane = "next-pane",
        /// Go to the pane before.
        PreviousPane = "previous-pane",
        /// Go to the pane on the left.
        FocusLeft = "focus-left",
        /// Go to the pane on the right.
        FocusRight = "focus-right",
        /// Go to the pane above.
        FocusUp = "focus-up",
        /// Go to the pane below.
        FocusDown = "focus-down",
        /// Show a number on every pane; typing it goes there.
        FocusByNumber = "focus-by-number",
        /// Let the pane fill the tab, or give the others their places again.
        ZoomPane = "zoom-pane",
        /// Let the pane change places with the one on the left.
        SwapPaneLeft = "swap-pane-left",
        /// Let the pane change places with the one on the right.
        SwapPaneRight = "swap-pane-right",
        /// Let the pane change places with the one above.
        SwapPaneUp = "swap-pane-up",
        /// Let the pane change places with the one below.
        SwapPaneDown = "swap-pane-down",
        /// Move every pane of the tab to the next one's place.
        RotatePanes = "rotate-panes",
        /// Move every pane of the tab to the place of the one before.
        RotatePanesBack = "rotate-panes-back",
        /// Move the pane's border to the left.
        ResizePaneLeft = "resize-pane-left",
        /// Move the pane's border to the right.
        ResizePaneRight = "resize-pane-right",
        /// Move the pane's border up.
        ResizePaneUp = "resize-pane-up",
        /// Move the pane's border down.
        ResizePaneDown = "resize-pane-down",
        /// Give panes that lie in one row, or one column, the same size.
        EvenPanes = "even-panes",
        /// Move the pane to a tab of its own.
        MovePaneToNewTab = "move-pane-to-new-tab",
        /// Move the pane to a window of its own.
        MovePaneToNewWindow = "move-pane-to-new-window",
        /// Move the pane to a tab that you choose.
        MovePaneToTab = "move-pane-to-tab",
        /// Send what is typed to every pane of the tab, or stop doing so.
        BroadcastTab = "broadcast-tab",
        /// Take the pane into those that what is typed is sent to, or out of them.
        BroadcastPane = "broadcast-pane",
        /// Scroll back one row.
        ScrollLineUp = "scroll-line-up",
        /// Scroll forward one row.
        ScrollLineDown = "scroll-line-down",
        /// Scroll back one page.
        ScrollPageUp = "scroll-page-up",
        /// Scroll forward one page.
        ScrollPageDown = "scroll-page-down",
        /// Scroll to the oldest row.
        ScrollTop = "scroll-top",
        /// Scroll to the newest row.
        ScrollBottom = "scroll-bottom",
        /// Scroll back to the prompt before; the shell must mark its prompts (OSC 133).
        ScrollToPreviousPrompt = "scroll-to-previous-prompt",
        /// Scroll forward to the prompt after.
        ScrollToNextPrompt = "scroll-to-next-prompt",
        /// Search the commands and outputs that are kept, or close the search.
        ShowHistory = "show-history",
        /// Show how often commands ran and failed, and how long you waited for them.
        ShowInnerLoop = "show-inner-loop",
        /// Keep nothing of this pane's commands and outputs from now on, or keep them again.
        TogglePrivate = "toggle-private",
        /// Search the pane as you type.
        Search = "search",
        /// Go to the match below, or search again for what was searched for last.
        SearchNext = "search-next",
        /// Go to the match above.
        SearchPrevious = "search-previous",
        /// Search all panes of the window and list what is found.
        SearchAllPanes = "search-all-panes",
        /// Copy mode: a cursor for the keyboard, with the keys of vi and plain ones; leave it if it is on.
        CopyMode = "copy-mode",
        /// Hint mode: letters on every address, path, hash and IP address; typing them opens or copies it.
        Hints = "hints",
        /// Hint mode that copies what is chosen.
        HintsCopy = "hints-copy",
        /// Hint mode that puts what is chosen at the prompt.
        HintsInsert = "hints-insert",
        /// Make the text larger.
        IncreaseFontSize = "increase-font-size",
        /// Make the text smaller.
        DecreaseFontSize = "decrease-font-size",
        /// Give the text its configured size.
        ResetFontSize = "reset-font-size",
        /// Fill the screen, or stop filling it.
        ToggleFullscreen = "toggle-fullscreen",
        /// Clear the screen and the scrollback, keeping the line of the cursor.
        Clear = "clear",
        /// Reset the terminal to its first state, after a program has left it unusable.
        Reset = "reset",
        /// Find an action, a setting, a theme, a tab, a layout or a folder by typing a part of its
        /// name.
        CommandPalette = "command-palette",
        /// Find a setting and change it.
        ChangeSetting = "change-setting",
        /// Choose a theme, seeing each at once.
        ChooseTheme = "choose-theme",
        /// Choose a tab by its name, in any window.
        ChooseTab = "choose-tab",
        /// Open a layout of the settings: its tabs, panes, folders and commands.
        OpenLayout = "open-layout",
        /// Keep the window's tabs and panes as a layout in the settings.
        SaveLayout = "save-layout",
        /// Open a tab in a folder that was used lately.
        OpenFolder = "open-folder",
        /// End the mode of the keyboard that is on.
        LeaveMode = "leave-mode",
        /// List all keys with what they do.
        ShowKeys = "show-keys",
        /// List what other programs asked of Terrace through its control socket, and what they may; take it back.
        ShowAccess = "show-access",
        /// List hosts, containers, pods and cloud environments, to open a shell in one.
        Environments = "environments",
        /// Select the block before the selected one, or the newest.
        SelectPreviousBlock = "select-previous-block",
        /// Select the block after the selected one.
        SelectNextBlock = "select-next-block",
        /// Add the block before to the selected ones.
        ExtendBlocksUp = "extend-blocks-up",
        /// Add the block after to the selected ones.
        ExtendBlocksDown = "extend-blocks-down",
        /// Select all blocks of the pane.
        SelectAllBlocks = "select-all-blocks",
        /// Select no block.
        ClearBlockSelection = "clear-block-selection",
        /// Select the last block before the selected one whose command failed.
        SelectPreviousFailedBlock = "select-previous-failed-block",
        /// Select the first block after the selected one whose command failed.
        SelectNextFailedBlock = "select-next-failed-block",
        /// Select the bookmarked block before the selected one, or the last after the first.
        SelectPreviousBookmark = "select-previous-bookmark",
        /// Select the bookmarked block after the selected one, or the first after the last.
        SelectNextBookmark = "select-next-bookmark",
        /// Scroll to where the block begins that the viewport's first row is in.
        ScrollToBlockStart = "scroll-to-block-start",
        /// Scroll to where it ends.
        ScrollToBlockEnd = "scroll-to-block-end",
        /// Copy commands and output of the selected blocks, or of the newest.
        CopyBlock = "copy-block",
        /// Copy the commands of the selected blocks.
        CopyBlockCommand = "copy-block-command",
        /// Copy the output of the selected blocks.
        CopyBlockOutput = "copy-block-output",
        /// Copy the selected blocks as Markdown.
        CopyBlockMarkdown = "copy-block-markdown",
        /// Copy the selected blocks as HTML, in color.
        CopyBlockHtml = "copy-block-html",
        /// Copy the output of the last command that ended.
        CopyLastOutput = "copy-last-output",
        /// Fold the output of the selected blocks, or unfold it.
        FoldBlock = "fold-block",
        /// Fold the output of all blocks.
        FoldAllBlocks = "fold-all-blocks",
        /// Fold the output of all blocks whose command did not fail.
        FoldAllButFailed = "fold-all-but-failed",
        /// Unfold all blocks.
        UnfoldAllBlocks = "unfold-all-blocks",
        /// Fold the sections of the selected blocks' output, or unfold them.
        FoldSections = "fold-sections",
        /// Show only the lines of the selected block's output that hold a text.
        FilterBlock = "filter-block",
        /// Put the selected block's command at the prompt, to be run again or edited first.
        RerunBlock = "rerun-block",
        /// Put the selected block's command at the prompt of a new pane beside this one.
        RerunBlockInPane = "rerun-block-in-pane",
        /// Put the selected block's command at the prompt of another pane, which is chosen from a list.
        RerunBlockElsewhere = "rerun-block-elsewhere",
        /// Put the selected block's command at the prompt of a new pane in an environment, which is chosen from
        /// the list of all.
        RerunBlockInEnvironment = "rerun-block-in-environment",
        /// Give the output of the selected blocks to a command.
        PipeBlock = "pipe-block",
        /// Bookmark the selected blocks, or take the bookmark away.
        BookmarkBlock = "bookmark-block",
        /// Name the selected block, and write a note beside it.
        NoteBlock = "note-block",
        /// Compare two selected blocks, in one pane or in two, or one with the last run of the same command
        /// before it.
        CompareBlocks = "compare-blocks",
        /// Run the selected block's command here and in an environment that you choose, and compare exit status,
        /// duration and output.
        CompareEnvironments = "compare-environments",
        /// Compare the selected block with an earlier run of the same command, which is chosen from the history.
        CompareWithHistory = "compare-with-history",
        /// Move the command that runs to a tab of its own; a new shell takes its place here.
        MoveRunningCommand = "move-running-command",
        /// Tell when the command that runs ends.
        NotifyWhenDone = "notify-when-done",
        /// Type Terrace's integration into the shell that runs here, after asking: one that `ssh`, `docker`, `su` or
        /// another program started, so that Terrace does not know of its commands.
        IntegrateShell = "integrate-shell",
        /// Take the selected blocks out of the list; their text stays on the screen.
        ForgetBlock = "forget-block",
        /// Clear everything above the selected block from the screen and the scrollback.
        ClearAboveBlock = "clear-above-block",
        /// Open the configuration file in an editor.
        OpenConfig = "open-config",
        /// Read the configuration again.
        ReloadConfig = "reload-config",
        /// Close every window.
        Quit = "quit",
    }
}

impl ActionName {
    /// Which tab a `go-to-tab-N` goes to, from 0.
    #[must_use]
    pub fn tab_idx(self) -> Option<usize> {
        let number = self.name().strip_prefix("go-to-tab-")?;
        number.parse::<usize>().ok()?.checked_sub(1)
    }

    /// Whether it is one of those that search.
    #[must_use]
    pub fn searches(self) -> bool {
        self.name().starts_with("search")
    }

    /// Whether it moves the viewport: on the alternate screen, which has no scrollback, such a
    /// key goes to the program.
    #[must_use]
    pub fn scrolls(self) -> bool {
        self.name().starts_with("scroll-")
    }
}

/// What a bound key does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// One of the named actions.
    Run(ActionName),
    /// Sends a text to the program as it stands, as if typed.
    Text(String),
    /// Sends bytes to the program.
    Bytes(Vec<u8>),
    /// Begins a mode of the keyboard, by name.
    Mode(String),
    /// The key, of several the last, goes to the program.
    Pass,
    /// Nothing; the program does not get the key either.
    Ignore,
    /// The key is the program's again.
    Unbind,
}

impl Action {
    /// Action words that have no [`ActionName`].
    const WORDS: [&'static str; 8] = [
        "text:…",
        "esc:…",
        "bytes:…",
        "mode:…",
        "pass",
        "ignore",
        "unbind",
        "none",
    ];
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(name) => name.fmt(formatter),
            Self::Text(text) => write!(formatter, "text:{text}"),
            Self::Bytes(bytes) => {
                formatter.write_str("bytes:")?;
                for (at, byte) in bytes.iter().enumerate() {
                    let space = if at > 0 { " " } else { "" };
                    write!(formatter, "{space}{byte:02x}")?;
                }
                Ok(())
            }
            Self::Mode(name) => write!(formatter, "mode:{name}"),
            Self::Pass => formatter.write_str("pass"),
            Self::Ignore => formatter.write_str("ignore"),
            Self::Unbind => formatter.write_str("unbind"),
        }
    }
}

impl Setting for Action {
    fn expected() -> String {
        "an action, see `terrace keys` or terrace.toml(5)".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let word = value
            .as_str()
            .ok_or_else(|| Problem::kind(Self::expected(), value))?;
        if let Some(text) = word.strip_prefix("text:") {
            return Ok(Self::Text(text.to_owned()));
        }
        if let Some(text) = word.strip_prefix("esc:") {
            return Ok(Self::Text(format!("\x1b{text}")));
        }
        if let Some(text) = word.strip_prefix("bytes:") {
            return bytes(text).map(Self::Bytes);
        }
        if let Some(name) = word.strip_prefix("mode:") {
            if name.trim().is_empty() {
                let expected = "the name of a mode: \"mode:panes\"";
                return Err(Problem::meaning("no name after \"mode:\"", expected));
            }
            return Ok(Self::Mode(name.trim().to_owned()));
        }
        match word {
            "pass" => return Ok(Self::Pass),
            "ignore" => return Ok(Self::Ignore),
            "unbind" | "none" => return Ok(Self::Unbind),
            _ => {}
        }
        if let Some(name) = ActionName::ALL.iter().find(|name| name.name() == word) {
            return Ok(Self::Run(*name));
        }
        let mut message = format!("unknown action {}", describe(value));
        let known = ActionName::ALL
            .iter()
            .map(|name| name.name())
            .chain(Self::WORDS);
        if let Some(near) = nearest(word, known) {
            message.push_str(&format!(" (did you mean \"{near}\"?)"));
        }
        Err(Problem::meaning(message, Self::expected()))
    }

    fn write(&self) -> toml::Value {
        toml::Value::String(self.to_string())
    }
}

/// Bytes in hexadecimal, with spaces between them or without.
fn bytes(text: &str) -> Result<Vec<u8>, Problem> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let byte = |pair: &[char]| {
        let text: String = pair.iter().collect();
        u8::from_str_radix(&text, 16)
            .ok()
            .filter(|_| pair.len() == 2)
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    bytes.filter(|bytes| !bytes.is_empty()).ok_or_else(|| {
        let message = format!("\"{}\" is no row of bytes", text.escape_debug());
        Problem::meaning(message, "bytes in hexadecimal: \"bytes:1b 5b 41\"")
    })
}

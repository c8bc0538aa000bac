//! `[blocks]`: commands and their output as blocks.

use crate::section::{choice, section};

section! {
    /// Commands and their output as blocks. They appear when the shell marks its prompts; without marks
    /// nothing of this section shows.
    pub struct Blocks in "blocks" {
        /// Show beside each command how it ended, left of the text: a dot for success, a cross for a
        /// failure. 16 pixels are set aside for it, less what `window.padding` has there already.
        gutter: bool = true;
        /// Show at the right end of a command's first row how long it took, its exit status, and
        /// what changed of folder and branch, where the row is free.
        headers: bool = true;
        /// Keep the command in sight at the top while its output fills the screen.
        sticky_header: bool = true;
        /// Show what can be done with a block while the pointer is on its first row.
        toolbar: bool = true;
        /// Show at what time commands started.
        time: bool = true;
        /// Show how long a command took if that is at least as many milliseconds.
        duration_from: u32 = 1_000, in 0..=3_600_000;
        /// Fold output of more lines than this when its command succeeded; 0 folds none.
        fold_over: u32 = 0, in 0..=10_000_000;
        /// Which commands' output `fold_over` folds: those that begin with one of these words; none
        /// named, all commands.
        fold_commands: Vec<String> = Vec::new();
        /// When the end of a command is told.
        notify: NotifyEnd = NotifyEnd::Unfocused;
        /// Seconds that a command must have run for its end to be told.
        notify_after: u32 = 10, in 0..=86_400;
        /// Differences that a comparison of two blocks passes over at first; the comparison has
        /// switches for all of them.
        compare_ignore: Vec<String> = ["times", "durations", "addresses", "temporary-files"]
            .map(str::to_owned)
            .to_vec();
    }
}

choice! {
    /// When the end of a command is told.
    pub enum NotifyEnd {
        /// Never, unless you ask for it on the running command.
        Never = "never",
        /// When its pane is not seen or the window has no keyboard.
        Unfocused = "unfocused",
    }
}

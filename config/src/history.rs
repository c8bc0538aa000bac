//! `[history]`: the commands and outputs that are kept.

use crate::section::{choice, section};

section! {
    /// The commands and outputs that are kept, on this machine only.
    pub struct History in "history" {
        /// Keep what shells with integration run: each command with its output. A pane can be made private
        /// by the action `toggle-private`; then nothing of it is kept.
        enabled: bool = true;
        /// Whether the windows, tabs, splits and folders of the last session come back at the start, each with its
        /// blocks, marked as old. Programs are not started again, only shells; what was in an environment waits for
        /// Enter to be connected. What you end yourself (`exit` in the
        /// last shell, closing the last tab) does not come back, nor does anything when you say what to open, or
        /// while another Terrace runs.
        restore: Restore = Restore::Always;
        /// The folder in which they are kept; empty for `$XDG_DATA_HOME/terrace/history`, else
        /// `~/.local/share/terrace/history`. It is read at the start, and must be open to you alone.
        folder: String = String::new();
        /// Let backup programs take that folder. Otherwise a file CACHEDIR.TAG in it tells those that look for
        /// one to leave it out: it holds whatever your commands printed.
        backups: bool = false;
        /// Megabytes that outputs may take, compressed; beyond, the oldest go, and their commands stay.
        /// What is bookmarked stays in any case.
        max_megabytes: u32 = 1024, in 1..=1_048_576;
        /// Days after which outputs go, while their commands stay.
        output_days: u32 = 90, in 1..=36_500;
        /// Days after which commands go too.
        command_days: u32 = 3650, in 1..=36_500;
        /// Kilobytes of one output that are kept: half of its beginning and half of its end.
        block_kilobytes: u32 = 1024, in 16..=16_384;
        /// Regular expressions of secrets, beside the well-known ones: what they match is stored as
        /// `[redacted: pattern]`. A part named `(?P<secret>…)` is replaced alone.
        redact: Vec<String> = Vec::new();
        /// What is not kept: regular expressions on the command, `"folder:~/private/**"`, or
        /// `"host:bank-*"`. A command that begins with a blank is never kept.
        ignore: Vec<String> = Vec::new();
    }
}

choice! {
    /// Whether the last session comes back at the start.
    pub enum Restore {
        /// Whether it was closed or killed.
        Always = "always",
        /// Only if it was killed: by a crash, a logout, the machine's end.
        AfterCrash = "after-crash",
        /// Never; then nothing is kept of windows either.
        Never = "never",
    }
}

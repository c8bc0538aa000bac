//! `[history]`: the commands and outputs that are kept.

use crate::section::section;

section! {
    /// The commands and outputs that are kept, on this machine only.
    pub struct History in "history" {
        /// Keep what shells with integration run: each command with its output. A pane can be made private
        /// by the action `toggle-private`; then nothing of it is kept.
        enabled: bool = true;
        /// The folder in which they are kept; empty for `$XDG_DATA_HOME/terrace/history`, else
        /// `~/.local/share/terrace/history`. It is read at the start, and must be open to you alone.
        folder: String = String::new();
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

//! `[links]`: addresses that can be clicked.

use crate::keys::{ModifierSet, Modifiers};
use crate::section::section;

section! {
    /// Addresses in the text that can be opened: those which programs mark (OSC 8) and those which
    /// Terrace finds.
    pub struct Links in "links" {
        /// Find addresses in plain text; off, only those marked by programs can be opened.
        detect: bool = true;
        /// Modifiers with which a click opens a link; at least one of them.
        modifiers: ModifierSet = ModifierSet(Modifiers::CTRL);
        /// Schemes that open at once. Others that you add here are asked about first, and some are
        /// always refused: javascript, data, ssh, telnet, sftp, smb.
        schemes: Vec<String> = ["http", "https", "mailto"].map(str::to_owned).to_vec();
        /// The program that opens a link, with its address as last argument:
        /// `["firefox", "--new-tab"]`. Empty for the desktop's own choice.
        opener: Vec<String> = Vec::new();
        /// Find paths of files in the text, too: a click with the modifiers opens them, in panes of this
        /// machine only.
        paths: bool = true;
        /// The editor that opens a path, program and arguments: {path}, {line} and {column} are put in, 1 for
        /// a line or column that is not known. `["code", "--goto", "{path}:{line}:{column}"]`. Empty for the
        /// desktop's program for the file, which is given no line and opens nothing that can be run.
        editor: Vec<String> = Vec::new();
        /// The editor runs in a terminal: it is started in a new tab. `["vim", "+{line}", "{path}"]`.
        editor_in_tab: bool = false;
        /// The letters of hint mode's labels, the handiest first.
        hint_letters: String = "asdfghjklqwertyuiopzxcvbnm".to_owned();
    }
}

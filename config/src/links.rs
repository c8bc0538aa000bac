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
    }
}

//! `[terminal]`: how the terminal answers programs, and what they may do.

use crate::section::{choice, section};

section! {
    /// How the terminal treats programs, and what they may do.
    pub struct Terminal in "terminal" {
        /// Whether programs may set the clipboard (OSC 52).
        clipboard_write: ClipboardPolicy = ClipboardPolicy::Allow;
        /// Whether programs may read the clipboard (OSC 52). Any text on the screen, a web page or
        /// a log, could ask for it.
        clipboard_read: ClipboardPolicy = ClipboardPolicy::Deny;
        /// When pasting asks first. Control characters are taken out in any case.
        paste_warning: PasteWarning = PasteWarning::Auto;
        /// Give two columns to characters of ambiguous width (East Asian Width A), as old Chinese,
        /// Japanese and Korean programs expect.
        ambiguous_wide: bool = false;
        /// Answer requests for checksums of the screen (DECRQCRA), with which a program can read
        /// the screen back. For conformance tests only.
        checksum_reports: bool = false;
    }
}

choice! {
    /// Whether programs may use the clipboard.
    pub enum ClipboardPolicy {
        /// Yes, while the window has the keyboard.
        Allow = "allow",
        /// After asking.
        Ask = "ask",
        /// No.
        Deny = "deny",
    }
}

choice! {
    /// When pasting asks first.
    pub enum PasteWarning {
        /// If the text has control characters, is very long, or has several lines which the
        /// program would run one by one.
        Auto = "auto",
        /// If it has several lines or control characters.
        Always = "always",
        /// Never.
        Never = "never",
    }
}

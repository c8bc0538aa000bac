//! `[shell]`: the program that runs in a new tab.

use std::collections::BTreeMap;

use crate::section::{choice, section};

section! {
    /// The program that runs in a new tab.
    pub struct Shell in "shell" {
        /// The program: a path, or a name looked up in PATH. Empty for your login shell: $SHELL,
        /// else the one in the password database.
        program: String = String::new();
        /// Its arguments, each as one text: `["--norc", "-i"]`.
        args: Vec<String> = Vec::new();
        /// Start it as a login shell, so that it reads the profile files.
        login: bool = false;
        /// Environment variables to set: `{ EDITOR = "vim" }`; an empty text takes one away.
        env: BTreeMap<String, String> = BTreeMap::new();
        /// The folder in which it starts: `"inherit"` for that of the tab from which it was opened,
        /// else Terrace's own; `"home"`; or a path, which may begin with `~/`.
        working_directory: String = "inherit".to_owned();
        /// The value of TERM. Programs look up by it what the terminal can do.
        term: String = "xterm-256color".to_owned();
        /// Whether bash, zsh, fish and other known shells tell their prompts, commands and statuses, of
        /// which blocks are made. Your own files are not touched; `terrace integration SHELL` prints
        /// what a shell is given, for those who turn this off and source it themselves.
        integration: bool = true;
        /// Whether the tab stays open when its program has ended.
        hold: Hold = Hold::OnFailure;
    }
}

choice! {
    /// Whether a tab stays open when its program has ended.
    pub enum Hold {
        /// It closes.
        Never = "never",
        /// It stays, with the status or the reason, if the program could not be started or failed
        /// within its first second.
        OnFailure = "on-failure",
        /// It stays, with the status.
        Always = "always",
    }
}

//! `[bell]`: what BEL does.

use crate::section::{choice, section};

section! {
    /// What a program's bell (BEL) does.
    pub struct Bell in "bell" {
        /// Sound the desktop's bell, at most once a second.
        audible: bool = false;
        /// Flash the window.
        visual: VisualBell = VisualBell::Flash;
        /// Milliseconds that a flash takes to fade.
        duration: u32 = 120, in 20..=2_000;
        /// Ask for attention, by the taskbar for instance, while the window has no keyboard.
        urgency: bool = true;
        /// Mark the tab in which the bell rang, until it is looked at.
        mark_tab: bool = true;
        /// A program to run, at most once a second: `["paplay", "/usr/share/sounds/bell.oga"]`. Empty for
        /// none.
        command: Vec<String> = Vec::new();
    }
}

choice! {
    /// What is seen of a bell.
    pub enum VisualBell {
        /// The text's ground lights up softly and fades.
        Flash = "flash",
        /// Nothing.
        None = "none",
    }
}

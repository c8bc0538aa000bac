//! `[tabs]`: the tab bar.

use crate::section::{choice, section};

section! {
    /// The tab bar.
    pub struct Tabs in "tabs" {
        /// When it is shown.
        bar: TabBar = TabBar::Auto;
        /// Where it is.
        position: TabPosition = TabPosition::Top;
        /// The widest that a tab gets, in logical pixels; several share the window's width.
        max_width: u16 = 240, in 40..=4000;
        /// Where a new tab goes.
        new_tab: NewTab = NewTab::AfterCurrent;
        /// Show the number by which alt reaches the tab.
        numbers: bool = false;
        /// Show a button that closes the tab.
        close_button: bool = true;
        /// How far the panes of a split tab that have no keyboard fade into the background, from 0
        /// (not at all) to 1.
        dim_inactive_panes: f32 = 0.15, in 0.0..=1.0;
    }
}

choice! {
    /// When the tab bar is shown.
    pub enum TabBar {
        /// With two tabs or more.
        Auto = "auto",
        /// Always.
        Always = "always",
        /// Never; keys still switch.
        Never = "never",
    }
}

choice! {
    /// Where the tab bar is.
    pub enum TabPosition {
        /// Above the text.
        Top = "top",
        /// Below it.
        Bottom = "bottom",
    }
}

choice! {
    /// Where a new tab goes.
    pub enum NewTab {
        /// Right after the tab that is shown.
        AfterCurrent = "after-current",
        /// After all others.
        End = "end",
    }
}

//! `[tabs]`: the tab bar.

use crate::section::{choice, section};
use crate::template::{Template, ours};

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
        /// What a tab is called: text with names in braces, filled in as they change. {title} is what the
        /// program calls itself, {name} your own name for the tab, {folder} the last part of the shell's
        /// folder and {path} all of it, {program} what runs in the foreground, {index} the tab's place from 1,
        /// {panes} how many panes it has if there are several, {progress} how far a program says it is;
        /// {bell}, {activity} and {silence} are marks of a tab that wants to be looked at.
        /// `{title|folder|"shell"}` is the first that is not empty; `{{` is a brace.
        title: Template = ours("{bell}{activity}{silence}{name|title|folder|program}");
        /// Mark a tab in which something was printed since it was last shown.
        mark_activity: bool = false;
        /// Mark a tab that is not shown after this many seconds without output, following some; 0 for never.
        silence_after: u32 = 0, in 0..=86_400;
        /// Show the progress that programs tell (OSC 9;4) as a line in the tab.
        progress: bool = true;
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

//! `[mouse]`: pointer, wheel and selection.

use crate::keys::{ModifierSet, Modifiers};
use crate::section::{choice, section};

section! {
    /// The pointer, the wheel and the selection. With shift held the mouse is Terrace's, even
    /// while a program has asked for it.
    pub struct Mouse in "mouse" {
        /// Hide the pointer while typing, until the mouse moves.
        hide_when_typing: bool = true;
        /// Copy to the clipboard what is selected, besides the primary selection, which middle
        /// click pastes.
        copy_on_select: bool = false;
        /// Rows that one notch of the wheel scrolls.
        wheel_lines: f32 = 3.0, in 0.1..=100.0;
        /// Where there is no scrollback, as in `less` and `man`, let the wheel send arrow keys.
        wheel_sends_arrows: bool = true;
        /// What a click with the middle button does.
        middle_click: MiddleClick = MiddleClick::PastePrimary;
        /// What a click with the right button does.
        right_click: RightClick = RightClick::Menu;
        /// Characters that end a word, besides white space, when a word is selected by a double
        /// click.
        word_separators: String = ",│`|:\"'()[]{}<>".to_owned();
        /// Modifiers with which dragging selects a rectangle instead of running text.
        block_selection: ModifierSet = ModifierSet(Modifiers::ALT);
        /// Modifiers with which dragging carries a pane: to the edge or the middle of another, to the tab bar, out of
        /// the window; to its own edge, and a new pane opens there. `"none"`: not at all.
        pane_modifiers: ModifierSet = ModifierSet(Modifiers::CTRL.with(Modifiers::SHIFT));
    }
}

choice! {
    /// What a click with the middle button does.
    pub enum MiddleClick {
        /// Paste the primary selection: what was last selected in any window.
        PastePrimary = "paste-primary",
        /// Paste the clipboard.
        Paste = "paste",
        /// Nothing.
        None = "none",
    }
}

choice! {
    /// What a click with the right button does.
    pub enum RightClick {
        /// Show a menu with copy, paste, open link and the like.
        Menu = "menu",
        /// Copy if something is selected, else paste.
        CopyOrPaste = "copy-or-paste",
        /// Paste the clipboard.
        Paste = "paste",
        /// Extend the selection to the pointer, as xterm does.
        Extend = "extend",
        /// Nothing.
        None = "none",
    }
}

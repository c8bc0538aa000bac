//! `[cursor]`: the text cursor.

use crate::section::{choice, section};

section! {
    /// The text cursor. Programs may change its shape and blinking (DECSCUSR).
    pub struct Cursor in "cursor" {
        /// Its shape.
        shape: CursorShape = CursorShape::Block;
        /// Whether it blinks.
        blink: Blink = Blink::Off;
        /// Milliseconds that a blinking cursor is shown, then hidden.
        blink_interval: u32 = 530, in 50..=10_000;
        /// Seconds without a key after which it stops blinking and stays, so that an idle window
        /// rests; 0 to blink for ever.
        blink_timeout: u32 = 15, in 0..=86_400;
        /// Its shape in a window without the keyboard.
        unfocused: UnfocusedCursor = UnfocusedCursor::Hollow;
        /// How thick a beam, an underline and a hollow block are drawn, as a share of the cell's
        /// width.
        thickness: f32 = 0.15, in 0.01..=1.0;
    }
}

choice! {
    /// The cursor's shape.
    pub enum CursorShape {
        /// The whole cell.
        Block = "block",
        /// A line at its left.
        Beam = "beam",
        /// A line under it.
        Underline = "underline",
    }
}

choice! {
    /// Whether the cursor blinks.
    pub enum Blink {
        /// Unless a program switches it on.
        Off = "off",
        /// Unless a program switches it off.
        On = "on",
        /// Never, whatever programs say.
        Never = "never",
        /// Always, whatever programs say.
        Always = "always",
    }
}

choice! {
    /// The cursor of a window without the keyboard.
    pub enum UnfocusedCursor {
        /// An outline of the cell.
        Hollow = "hollow",
        /// As with the keyboard, but still.
        Unchanged = "unchanged",
        /// None.
        Hidden = "hidden",
    }
}

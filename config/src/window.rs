//! `[window]`: the window's size, edges and looks.

use toml::de::DeValue;

use crate::section::{choice, section};
use crate::template::{Template, ours};
use crate::value::{Problem, Setting};

section! {
    /// The window's size, edges and looks.
    pub struct Window in "window" {
        /// Columns of a new window. A compositor that tiles its windows may decide otherwise.
        columns: u16 = 80, in 2..=2000;
        /// Rows of a new window.
        rows: u16 = 24, in 1..=1000;
        /// Space between the window's edge and the text, in logical pixels: one number for all
        /// sides, or `{ x = 8, y = 4 }` for left and right, top and bottom.
        padding: Padding = Padding { x: 6, y: 4 };
        /// Share out the pixels that make no whole cell evenly on both sides, instead of leaving
        /// them at the right and at the bottom.
        dynamic_padding: bool = false;
        /// How opaque the background is, from 0 (clear) to 1. Text and backgrounds that programs
        /// set stay opaque. It needs a compositor; a change may need a new window.
        opacity: f32 = 1.0, in 0.0..=1.0;
        /// The window's title: text with names in braces, as for `tabs.title`, about the pane that has the
        /// keyboard. A text without names is a title that programs do not change.
        title: Template = ours("{progress}{name|title|folder|program|\"Terrace\"}");
        /// The name by which the desktop knows the window: the application id on Wayland,
        /// WM_CLASS on X11.
        class: String = "terrace".to_owned();
        /// The frame and title bar that the desktop draws around the window.
        decorations: Decorations = Decorations::Full;
        /// How a new window appears.
        startup: Startup = Startup::Windowed;
        /// Let the window be resized only by whole cells, where the desktop supports it.
        resize_by_cells: bool = false;
        /// Whether closing a window or a tab asks first.
        confirm_close: ConfirmClose = ConfirmClose::Running;
    }
}

choice! {
    /// The frame around the window.
    pub enum Decorations {
        /// A title bar and borders.
        Full = "full",
        /// Neither.
        None = "none",
    }
}

choice! {
    /// How a new window appears.
    pub enum Startup {
        /// At the size of `columns` and `rows`.
        Windowed = "windowed",
        /// As large as the desktop allows.
        Maximized = "maximized",
        /// Over the whole screen.
        Fullscreen = "fullscreen",
    }
}

choice! {
    /// Whether closing asks first.
    pub enum ConfirmClose {
        /// Always.
        Always = "always",
        /// Never.
        Never = "never",
        /// While a program other than the shell runs.
        Running = "running",
    }
}

/// Space around the text, in logical pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Padding {
    /// At the left and at the right, each.
    pub x: u16,
    /// At the top and at the bottom, each.
    pub y: u16,
}

impl Padding {
    /// More than this leaves no room for text on any screen.
    const MAX: u16 = 500;
}

impl Setting for Padding {
    fn expected() -> String {
        format!(
            "a whole number from 0 to {}, or {{ x = number, y = number }}",
            Self::MAX
        )
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let side = |value: &DeValue<'_>| {
            u16::read(value)
                .ok()
                .filter(|pixels| *pixels <= Self::MAX)
                .ok_or_else(|| Problem::kind(Self::expected(), value))
        };
        let Some(table) = value.as_table() else {
            return side(value).map(|all| Self { x: all, y: all });
        };
        let mut padding = Self::default();
        for (name, value) in table {
            match name.get_ref().as_ref() {
                "x" => padding.x = side(value.get_ref())?,
                "y" => padding.y = side(value.get_ref())?,
                other => {
                    let message = format!("found \"{}\"", other.escape_debug());
                    return Err(Problem::meaning(message, Self::expected()));
                }
            }
        }
        Ok(padding)
    }

    fn write(&self) -> toml::Value {
        if self.x == self.y {
            return self.x.write();
        }
        let sides = [
            ("x".to_owned(), self.x.write()),
            ("y".to_owned(), self.y.write()),
        ];
        toml::Value::Table(sides.into_iter().collect())
    }
}

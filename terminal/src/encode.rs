//! Input to bytes: keys, mouse, paste, focus. Pure functions of an event and the modes.

pub mod focus;
pub mod key;
pub mod mouse;
pub mod paste;

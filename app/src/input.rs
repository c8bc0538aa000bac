//! Input: what the windowing layer says, turned into what a binding or a program is told.

pub(crate) mod clipboard;
pub(crate) mod keyboard;
pub(crate) mod locks;
pub(crate) mod modes;
pub(crate) mod mouse;

//! `[renderer]`: how the picture gets to the screen.

use crate::section::{choice, section};

section! {
    /// How the picture gets to the screen. A change takes effect in a new window.
    pub struct Renderer in "renderer" {
        /// The graphics interface.
        backend: Backend = Backend::Auto;
        /// What matters more when a frame is shown.
        latency: Latency = Latency::Lowest;
    }
}

choice! {
    /// The graphics interface.
    pub enum Backend {
        /// Vulkan, else OpenGL, or the processor where there is no graphics hardware.
        Auto = "auto",
        /// Vulkan.
        Vulkan = "vulkan",
        /// OpenGL.
        Gl = "gl",
        /// Without any: the processor draws.
        Software = "software",
    }
}

choice! {
    /// What matters more when a frame is shown.
    pub enum Latency {
        /// As soon as possible without tearing.
        Lowest = "lowest",
        /// In step with the screen, which may save power.
        Vsync = "vsync",
    }
}

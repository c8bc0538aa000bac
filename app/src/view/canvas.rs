//! The window's picture: device, surface and renderer, made together and rebuilt together.

use std::sync::Arc;

use anyhow::{Context, Result};
use renderer::surface::{Latency, WindowSurface};
use renderer::{Backend, FontOptions, FontScan, Gpu, Renderer, Warning};
use winit::window::Window;

/// Everything on the GPU that belongs to one window.
pub(crate) struct Canvas {
    /// The device.
    pub(crate) gpu: Gpu,
    /// What is presented.
    pub(crate) surface: WindowSurface,
    /// What draws the grids.
    pub(crate) renderer: Renderer,
}

/// What the settings say about the picture.
#[derive(Clone, Debug)]
pub(crate) struct CanvasOptions {
    /// Which graphics API.
    pub(crate) backend: Backend,
    /// How soon a frame is shown.
    pub(crate) latency: Latency,
    /// Whether what is behind the window shines through.
    pub(crate) transparent: bool,
    /// The fonts.
    pub(crate) fonts: FontOptions,
}

impl Canvas {
    /// Opens the device for `window` and makes the renderer; the warnings are for the user.
    ///
    /// # Errors
    /// When no graphics adapter can show the window.
    pub(crate) fn new(
        window: &Arc<Window>,
        options: &CanvasOptions,
        scale: f32,
    ) -> Result<(Self, Vec<Warning>)> {
        // The fonts are read while the driver starts.
        let scan = FontScan::start(&options.fonts);
        let (gpu, surface) =
            Gpu::for_window(Arc::clone(window), options.backend, options.transparent)
                .context("the window cannot be drawn")?;
        let size = window.inner_size();
        let surface = WindowSurface::new(
            &gpu,
            surface,
            size.width,
            size.height,
            options.latency,
            options.transparent,
        )?;
        let (renderer, warnings) =
            Renderer::with_scan(&gpu, surface.format(), &options.fonts, scale, scan);
        Ok((
            Self {
                gpu,
                surface,
                renderer,
            },
            warnings,
        ))
    }
}

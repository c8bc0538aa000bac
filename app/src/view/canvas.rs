//! The window's picture: the renderer and what shows its scenes, made together and rebuilt together.

use std::sync::Arc;

use anyhow::{Context, Result};
use renderer::surface::{Latency, SurfaceFrame, WindowSurface};
use renderer::{
    Backend, Error, FontOptions, FontScan, Gpu, GpuPainter, Lost, Offscreen, Pixmap, Renderer,
    SoftwarePainter, SoftwareSurface, Warning,
};
use winit::window::Window;

use super::chrome::Chrome;
use super::chrome::software::SoftwareChrome;
use crate::headless::picture::Picture;

/// Everything that draws one window.
pub(crate) struct Canvas {
    /// What makes the scenes.
    pub(crate) renderer: Renderer,
    screen: Screen,
}

/// What shows the scenes.
enum Screen {
    /// A graphics device.
    Gpu(Box<GpuScreen>),
    /// The processor.
    Software(Box<SoftwareScreen>),
}

struct GpuScreen {
    gpu: Gpu,
    surface: WindowSurface,
    painter: GpuPainter,
}

struct SoftwareScreen {
    surface: SoftwareSurface,
    painter: SoftwarePainter,
    chrome: SoftwareChrome,
    /// The window does not show what the painter drew last.
    behind: bool,
    lost: bool,
}

/// Where the next frame goes.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, for the length of a frame"
)]
pub(crate) enum Target {
    /// An image of the graphics device.
    Gpu(SurfaceFrame),
    /// The processor's memory.
    Software,
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
    /// Opens the device for `window`, if there is one, and makes the renderer; the warnings are for the user.
    ///
    /// # Errors
    /// When nothing can show the window.
    pub(crate) fn new(
        window: &Arc<Window>,
        options: &CanvasOptions,
        scale: f32,
    ) -> Result<(Self, Vec<Warning>)> {
        // The fonts are read while the driver starts.
        let scan = FontScan::start(&options.fonts);
        let screen = Screen::new(window, options).context("the window cannot be drawn")?;
        let (renderer, warnings) = Renderer::with_scan(&options.fonts, scale, scan);
        Ok((Self { renderer, screen }, warnings))
    }

    /// Whether the processor draws: then every pixel costs time.
    pub(crate) fn is_software(&self) -> bool {
        match &self.screen {
            Screen::Gpu(screen) => screen.gpu.is_software(),
            Screen::Software(_) => true,
        }
    }

    /// Whether it has to be made anew.
    pub(crate) fn is_lost(&self) -> bool {
        match &self.screen {
            Screen::Gpu(screen) => screen.gpu.is_lost(),
            Screen::Software(screen) => screen.lost,
        }
    }

    /// The surface is gone: the canvas has to be made anew.
    pub(crate) fn mark_lost(&mut self) {
        match &mut self.screen {
            Screen::Gpu(screen) => screen.gpu.mark_lost(),
            Screen::Software(screen) => screen.lost = true,
        }
    }

    /// Width and height of the next frame, in physical pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        match &self.screen {
            Screen::Gpu(screen) => screen.surface.size(),
            Screen::Software(screen) => screen.surface.size(),
        }
    }

    /// Follows the window's size, in physical pixels.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        match &mut self.screen {
            Screen::Gpu(screen) => screen.surface.resize(width, height),
            Screen::Software(screen) => screen.surface.resize(width, height),
        }
    }

    /// Follows the setting.
    pub(crate) fn set_latency(&mut self, latency: Latency) {
        if let Screen::Gpu(screen) = &mut self.screen {
            screen.surface.set_latency(&screen.gpu, latency);
        }
    }

    /// Where the next frame is drawn to; `None` when there is nothing to draw to now.
    ///
    /// # Errors
    /// When the surface is gone.
    pub(crate) fn acquire(&mut self) -> Result<Option<Target>, Lost> {
        let (width, height) = self.size();
        Ok(match &mut self.screen {
            Screen::Gpu(screen) => screen.surface.acquire()?.map(Target::Gpu),
            Screen::Software(_) => (width > 0 && height > 0).then_some(Target::Software),
        })
    }

    /// Draws the scene and the chrome, and shows them. `exposed`: the window lost its picture; `before` is called
    /// before it gets the new one.
    ///
    /// # Errors
    /// When the surface is gone.
    pub(crate) fn present(
        &mut self,
        target: Target,
        chrome: Option<&mut Chrome>,
        exposed: bool,
        before: impl FnOnce(),
    ) -> Result<(), Lost> {
        match (&mut self.screen, target) {
            (Screen::Gpu(screen), Target::Gpu(target)) => {
                let (view, raw) = (target.view(), target.raw_view());
                screen.draw(&mut self.renderer, chrome, view, raw);
                before();
                target.present();
                Ok(())
            }
            (Screen::Software(screen), Target::Software) => {
                screen.present(&mut self.renderer, chrome, exposed, before)
            }
            // The screen was made anew since.
            _ => Err(Lost),
        }
    }

    /// The scene and the chrome as a picture, as the screen shows them; `None` when the device is lost.
    pub(crate) fn picture(&mut self, chrome: Option<&mut Chrome>) -> Option<Picture> {
        let (width, height, rgba) = match &mut self.screen {
            Screen::Gpu(screen) => {
                let target = Offscreen::like_surface(&screen.gpu, &screen.surface);
                screen.draw(&mut self.renderer, chrome, target.view(), target.raw_view());
                let rgba = target.read_rgba(&screen.gpu);
                (target.width(), target.height(), rgba)
            }
            Screen::Software(screen) => {
                screen.painter.paint(&mut self.renderer);
                let mut picture: Pixmap = screen.painter.picture().clone();
                let whole = picture.bounds();
                if let Some(chrome) = chrome {
                    screen.chrome.update(Some(&mut *chrome));
                    screen.chrome.draw(chrome, &mut picture.as_mut(), &whole);
                }
                // The window has not what was drawn just now.
                screen.behind = true;
                (whole.width, whole.height, picture.to_rgba())
            }
        };
        (!rgba.is_empty()).then_some(Picture {
            width,
            height,
            rgba,
        })
    }
}

impl Screen {
    fn new(window: &Arc<Window>, options: &CanvasOptions) -> Result<Self, Error> {
        let software =
            || SoftwareScreen::new(window, options).map(|one| Self::Software(Box::new(one)));
        let gpu = || GpuScreen::new(window, options).map(|one| Self::Gpu(Box::new(one)));
        if options.backend.is_software() {
            return software().or_else(|error| {
                tracing::warn!(%error, "asking for a graphics driver");
                gpu()
            });
        }
        match gpu() {
            // Drivers that draw with the processor are slower at it than we are.
            Ok(Self::Gpu(screen))
                if options.backend == Backend::Auto && screen.gpu.is_software() =>
            {
                software().or(Ok(Self::Gpu(screen)))
            }
            Err(error) if options.backend == Backend::Auto => software().or(Err(error)),
            made => made,
        }
    }
}

impl GpuScreen {
    fn new(window: &Arc<Window>, options: &CanvasOptions) -> Result<Self, Error> {
        let (gpu, surface) = Gpu::for_window(Arc::clone(window), options.backend)?;
        let size = window.inner_size();
        let surface = WindowSurface::new(
            &gpu,
            surface,
            size.width,
            size.height,
            options.latency,
            options.transparent,
        )?;
        Ok(Self {
            painter: GpuPainter::new(&gpu, surface.format()),
            gpu,
            surface,
        })
    }

    /// Draws the scene and the chrome to a target: `raw` is a view of it without sRGB, for egui, which blends in
    /// gamma space, as its colors are meant to be.
    fn draw(
        &mut self,
        renderer: &mut Renderer,
        chrome: Option<&mut Chrome>,
        view: &wgpu::TextureView,
        raw: &wgpu::TextureView,
    ) {
        let Self {
            gpu,
            surface,
            painter,
        } = self;
        let mut encoder = gpu
            .device()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("frame"),
            });
        painter.paint(renderer, gpu, &mut encoder, view);
        if let Some(chrome) = chrome {
            chrome.paint(gpu, surface.raw_format(), &mut encoder, raw, surface.size());
        }
        gpu.queue().submit([encoder.finish()]);
    }
}

impl SoftwareScreen {
    fn new(window: &Arc<Window>, options: &CanvasOptions) -> Result<Self, Error> {
        let size = window.inner_size();
        let size = (size.width, size.height);
        Ok(Self {
            surface: SoftwareSurface::new(Arc::clone(window), size, options.transparent)?,
            painter: SoftwarePainter::new(),
            chrome: SoftwareChrome::default(),
            behind: true,
            lost: false,
        })
    }

    fn present(
        &mut self,
        renderer: &mut Renderer,
        mut chrome: Option<&mut Chrome>,
        exposed: bool,
        before: impl FnOnce(),
    ) -> Result<(), Lost> {
        let mut changed = self.painter.paint(renderer).to_vec();
        changed.extend(self.chrome.update(chrome.as_deref_mut()));
        let picture = self.painter.picture();
        if std::mem::take(&mut self.behind) {
            changed.push(picture.bounds());
        }
        let drawn = &self.chrome;
        self.surface.show(
            &changed,
            exposed,
            |target, part| {
                target.copy_from(picture, part);
                if let Some(chrome) = &chrome {
                    drawn.draw(chrome, target, part);
                }
            },
            before,
        )
    }
}

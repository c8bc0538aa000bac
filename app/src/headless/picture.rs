//! Pictures of a terminal, drawn by the renderer that draws the window, but without one.

use std::path::Path;

use anyhow::Context;
use config::Config;
use renderer::units::Rect;
use renderer::{
    Backend, Error, Gpu, GpuPainter, Look, Offscreen, Renderer, SoftwarePainter, ViewId,
};
use terminal::{Frame, PixelSize};

use crate::settings;

/// A renderer and what makes pictures of its scenes, set up from the settings, with no window.
pub(crate) struct Studio {
    easel: Easel,
    renderer: Renderer,
    look: Look,
    /// Space left and right, top and bottom of the cells, in physical pixels.
    padding: (u32, u32),
    /// Things to tell the user about the fonts.
    warnings: Vec<String>,
    /// Pictures drawn so far.
    drawn: u64,
}

/// A picture: 8 bits a channel, sRGB.
pub(crate) struct Picture {
    /// Width in pixels.
    pub(crate) width: u32,
    /// Height in pixels.
    pub(crate) height: u32,
    /// `width` × `height` × 4 bytes, row-major: red, green, blue, alpha.
    pub(crate) rgba: Vec<u8>,
}

/// What makes the pictures.
enum Easel {
    /// A graphics device.
    Gpu(Gpu, Box<GpuPainter>),
    /// The processor.
    Software(Box<SoftwarePainter>),
}

/// The longest side of a picture made by the processor, in pixels.
const MAX_SIDE: u32 = 32_768;

impl Easel {
    fn new(backend: Backend) -> Result<Self, Error> {
        let software = || Ok(Self::Software(Box::default()));
        if backend.is_software() {
            return software();
        }
        match Gpu::offscreen(backend) {
            Ok(gpu) if backend == Backend::Auto && gpu.is_software() => software(),
            Err(_) if backend == Backend::Auto => software(),
            Ok(gpu) => {
                let painter = GpuPainter::new(&gpu, Offscreen::FORMAT);
                Ok(Self::Gpu(gpu, Box::new(painter)))
            }
            Err(error) => Err(error),
        }
    }

    /// A picture of the renderer's scene, which is of this size; `None` when it is too large to be made.
    fn draw(&mut self, renderer: &mut Renderer, (width, height): (u32, u32)) -> Option<Vec<u8>> {
        match self {
            Self::Gpu(gpu, painter) => {
                let target = Offscreen::new(gpu, width, height);
                if (target.width(), target.height()) != (width, height) {
                    return None;
                }
                let mut encoder = gpu.device().create_command_encoder(&Default::default());
                painter.paint(renderer, gpu, &mut encoder, target.view());
                gpu.queue().submit([encoder.finish()]);
                Some(target.read_rgba(gpu))
            }
            Self::Software(painter) => (width.max(height) <= MAX_SIDE).then(|| {
                painter.paint(renderer);
                painter.picture().to_rgba()
            }),
        }
    }
}

impl Studio {
    /// Opens the graphics device, if there is one, and the fonts; `scale` is physical pixels per logical one.
    ///
    /// # Errors
    /// When a graphics interface is asked for that there is not.
    pub(crate) fn new(config: &Config, scale: f32) -> anyhow::Result<Self> {
        let easel = Easel::new(settings::backend(config))?;
        let fonts = settings::font_options(config, 0.0);
        let (renderer, warnings) = Renderer::new(&fonts, scale);
        let look = settings::look(config, renderer.metrics().width, scale);
        Ok(Self {
            easel,
            look: Look {
                background_opacity: 1.0,
                // The picture's only pane is the one that has the keyboard.
                dim: 0.0,
                ..look
            },
            padding: settings::padding(config, scale),
            warnings: warnings.iter().map(ToString::to_string).collect(),
            renderer,
            drawn: 0,
        })
    }

    /// The size of a cell, to be told to the program.
    pub(crate) fn cell(&self) -> PixelSize {
        let metrics = self.renderer.metrics();
        let side = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
        PixelSize {
            width: side(metrics.width),
            height: side(metrics.height),
        }
    }

    /// What the user should know about the fonts.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The graphics device; `None` where the processor draws.
    pub(crate) fn gpu(&self) -> Option<&Gpu> {
        match &self.easel {
            Easel::Gpu(gpu, _) => Some(gpu),
            Easel::Software(_) => None,
        }
    }

    /// Whether it has to be made anew.
    pub(crate) fn is_lost(&self) -> bool {
        self.gpu().is_some_and(Gpu::is_lost)
    }

    /// Pictures drawn so far.
    pub(crate) fn drawn(&self) -> u64 {
        self.drawn
    }

    /// Draws a frame as a focused window would show it, with blinking things shown or not.
    ///
    /// # Errors
    /// When the picture is too large, or the device is lost.
    pub(crate) fn draw(&mut self, frame: &Frame, blink_on: bool) -> anyhow::Result<Picture> {
        let metrics = self.renderer.metrics();
        let grid_width = u32::from(frame.size.columns) * metrics.width;
        let grid_height = u32::from(frame.size.rows) * metrics.height;
        let width = grid_width + 2 * self.padding.0;
        let height = grid_height + 2 * self.padding.1;
        let background = if frame.reverse_screen {
            frame.palette.foreground
        } else {
            frame.palette.background
        };
        let offset = |length: u32| i32::try_from(length).unwrap_or(0);
        let (x, y) = (offset(self.padding.0), offset(self.padding.1));
        let look = Look {
            cursor_blink_on: blink_on,
            text_blink_on: blink_on,
            ..self.look.clone()
        };
        // Each picture is of its own: rows of another terminal must not be taken for these.
        self.drawn += 1;
        let view = ViewId(self.drawn);
        self.renderer.begin(width, height, background, 1.0);
        self.renderer
            .draw_grid(view, frame, Rect::new(x, y, grid_width, grid_height), &look);
        let rgba = self.easel.draw(&mut self.renderer, (width, height));
        self.renderer.forget_view(view);
        let rgba = rgba.with_context(|| {
            format!(
                "a picture of {width} × {height} pixels is too large; \
                 use fewer columns or rows, or a smaller scale"
            )
        })?;
        anyhow::ensure!(!rgba.is_empty(), "the graphics device was lost; try again");
        Ok(Picture {
            width,
            height,
            rgba,
        })
    }
}

impl Picture {
    /// The picture as a PNG file.
    ///
    /// # Errors
    /// Never in practice: it is written to memory.
    pub(crate) fn png(&self) -> anyhow::Result<Vec<u8>> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgba)?;
        writer.finish()?;
        Ok(file)
    }

    /// Writes the picture to a file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self, path: &Path) -> anyhow::Result<()> {
        std::fs::write(path, self.png()?)
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

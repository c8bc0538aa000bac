//! Pictures of a terminal, drawn offscreen by the renderer that draws the window.

use std::path::Path;

use anyhow::Context;
use config::Config;
use renderer::units::Rect;
use renderer::{Gpu, Look, Offscreen, Renderer, ViewId};
use terminal::{Frame, PixelSize};

use crate::settings;

/// A graphics device and a renderer, set up from the settings, with no window.
pub(crate) struct Studio {
    gpu: Gpu,
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

impl Studio {
    /// Opens the graphics device and the fonts; `scale` is physical pixels per logical one.
    ///
    /// # Errors
    /// When no graphics adapter is found.
    pub(crate) fn new(config: &Config, scale: f32) -> anyhow::Result<Self> {
        let gpu = Gpu::offscreen(settings::backend(config))?;
        let fonts = settings::font_options(config, 0.0);
        let (renderer, warnings) = Renderer::new(&gpu, Offscreen::FORMAT, &fonts, scale);
        let look = settings::look(config, renderer.metrics().width, scale);
        Ok(Self {
            gpu,
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

    /// The graphics device.
    pub(crate) fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Pictures drawn so far.
    pub(crate) fn drawn(&self) -> u64 {
        self.drawn
    }

    /// Draws a frame as a focused window would show it, with blinking things shown or not.
    ///
    /// # Errors
    /// When the picture is larger than the device can draw, or the device is lost.
    pub(crate) fn draw(&mut self, frame: &Frame, blink_on: bool) -> anyhow::Result<Picture> {
        let metrics = self.renderer.metrics();
        let grid_width = u32::from(frame.size.columns) * metrics.width;
        let grid_height = u32::from(frame.size.rows) * metrics.height;
        let width = grid_width + 2 * self.padding.0;
        let height = grid_height + 2 * self.padding.1;
        let target = Offscreen::new(&self.gpu, width, height);
        anyhow::ensure!(
            (target.width(), target.height()) == (width, height),
            "a picture of {width} × {height} pixels is too large for the graphics device; \
             use fewer columns or rows, or a smaller scale",
        );
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
        let mut encoder = self
            .gpu
            .device()
            .create_command_encoder(&Default::default());
        self.renderer.finish(&self.gpu, &mut encoder, target.view());
        self.gpu.queue().submit([encoder.finish()]);
        let rgba = target.read_rgba(&self.gpu);
        self.renderer.forget_view(view);
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

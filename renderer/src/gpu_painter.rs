//! A scene to a graphics device: what it does not have yet is sent, then one pass draws it all.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "pixels and rectangles of one scene, far below the limits of their types"
)]

use std::fmt;

use crate::pipeline::{Globals, Ink, OverlayBuffer, Pass, Pipeline};
use crate::scene::Layer;
use crate::view::Backdrop;
use crate::{Gpu, Rect, Renderer};

/// Draws the scenes of one [`Renderer`] with a graphics device.
pub struct GpuPainter {
    pipeline: Pipeline,
    overlay: OverlayBuffer,
    globals: Vec<Globals>,
}

impl fmt::Debug for GpuPainter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GpuPainter").finish_non_exhaustive()
    }
}

impl GpuPainter {
    /// A painter for targets of `format` ([`WindowSurface::format`](crate::WindowSurface::format),
    /// [`Offscreen::FORMAT`](crate::Offscreen::FORMAT)).
    ///
    /// Blending is in linear light when `format` is an sRGB one; in others it is in sRGB.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        Self {
            pipeline: Pipeline::new(gpu, format),
            overlay: OverlayBuffer::default(),
            globals: Vec::new(),
        }
    }

    /// Uploads what changed and encodes one pass that draws the scene to `view`, whose size is
    /// that given to [`Renderer::begin`]. The caller submits the encoder.
    pub fn paint(
        &mut self,
        renderer: &mut Renderer,
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        view: &wgpu::TextureView,
    ) {
        let (width, height) = renderer.size;
        if width == 0 || height == 0 {
            return;
        }
        let _span = tracing::trace_span!("frame", width, height).entered();
        renderer.stats.uploaded_bytes = self.upload(renderer, gpu);
        let Backdrop { clear, opacity } = renderer.backdrop;
        let clear = self.pipeline.clear_color(clear, opacity);
        let mut pass = self.pipeline.begin(encoder, view, renderer.size, clear);
        self.draw(renderer, &mut pass);
        renderer.stats.draws = pass.draws;
    }

    /// Sends everything that the device does not have yet; returns the bytes sent.
    fn upload(&mut self, renderer: &mut Renderer, gpu: &Gpu) -> u64 {
        let (width, height) = renderer.size;
        let mut sent = self.pipeline.upload_glyphs(gpu, &mut renderer.engine.atlas);
        let mut most = renderer.overlay.len();
        self.globals.clear();
        for layer in &renderer.layers {
            let mut origin = [0.0, 0.0];
            if let Layer::Grid { view, at } = layer {
                origin = [at.x as f32, at.y as f32];
                if let Some(grid) = renderer.views.get_mut(view) {
                    sent += grid.upload(gpu);
                    most = most.max(grid.most());
                }
            }
            self.globals.push(Globals {
                size: [width as f32, height as f32],
                origin,
                stroke: renderer.stroke,
                padding: [0.0; 3],
            });
        }
        sent += self.overlay.update(gpu, &renderer.overlay);
        self.pipeline.reserve(gpu, most as u32);
        sent + self.pipeline.upload_globals(gpu, &self.globals)
    }

    fn draw(&self, renderer: &Renderer, pass: &mut Pass<'_>) {
        let whole = Rect::new(0, 0, renderer.size.0, renderer.size.1);
        for (index, layer) in renderer.layers.iter().enumerate() {
            let index = index as u32;
            match layer {
                Layer::Grid { view, at } => {
                    let visible = at.intersection(&whole);
                    if let Some(grid) = renderer.views.get(view)
                        && pass.clip(&visible)
                    {
                        grid.draw(pass, index, at, &visible);
                    }
                }
                Layer::Overlay { start, end } => {
                    if pass.clip(&whole) {
                        let span = self.overlay.buffer().map(|buffer| (buffer, *start..*end));
                        pass.draw(index, Ink::Any, span);
                    }
                }
            }
        }
    }
}

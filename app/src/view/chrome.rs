//! The chrome's host: egui's context, its input from winit and its picture on the device.
//!
//! egui runs only when the chrome changed; in between its last primitives are painted again over the grid,
//! so an echoed key never lays out a widget. Nothing here exists before there is chrome to show.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::epaint::{ClippedPrimitive, textures::TexturesDelta};
use egui_wgpu::ScreenDescriptor;
use renderer::Gpu;
use winit::event::WindowEvent;
use winit::window::Window;

use super::tokens::Tokens;

pub(crate) mod software;

/// egui over the grid.
pub(crate) struct Chrome {
    context: egui::Context,
    input: egui_winit::State,
    painter: Option<egui_wgpu::Renderer>,
    primitives: Vec<ClippedPrimitive>,
    /// Whether it was laid out since [`software::SoftwareChrome`] last looked.
    changed: bool,
    pixels_per_point: f32,
    textures: Vec<TexturesDelta>,
    repaint_at: Option<Instant>,
    /// The window's size in the last layout.
    laid_out_for: Option<egui::Vec2>,
}

impl Chrome {
    /// A chrome in the theme's colors and the grid's fonts (`faces`: font files, the first one first).
    pub(crate) fn new(window: &Window, tokens: &Tokens, faces: Vec<Arc<[u8]>>) -> Self {
        let context = egui::Context::default();
        let mut fonts = egui::FontDefinitions::empty();
        let mut names = Vec::new();
        for (index, face) in faces.iter().enumerate() {
            let name = format!("grid-{index}");
            let data = Arc::new(egui::FontData::from_owned(face.to_vec()));
            fonts.font_data.insert(name.clone(), data);
            names.push(name);
        }
        for family in [egui::FontFamily::Monospace, egui::FontFamily::Proportional] {
            fonts.families.insert(family, names.clone());
        }
        context.set_fonts(fonts);
        tokens.apply(&context);
        let scale = scale_of(window);
        let viewport = egui::ViewportId::ROOT;
        let mut input =
            egui_winit::State::new(context.clone(), viewport, window, Some(scale), None, None);
        // The event that said so came before there was anybody to hear it.
        let _ = input.on_window_event(window, &WindowEvent::Focused(window.has_focus()));
        Self {
            context,
            input,
            painter: None,
            primitives: Vec::new(),
            changed: true,
            pixels_per_point: scale,
            textures: Vec::new(),
            repaint_at: None,
            laid_out_for: None,
        }
    }

    /// The theme changed.
    pub(crate) fn set_tokens(&mut self, tokens: &Tokens) {
        tokens.apply(&self.context);
    }

    /// Hands egui a window event; returns whether it asks to be laid out again.
    pub(crate) fn on_event(&mut self, window: &Window, event: &WindowEvent) -> bool {
        self.input.on_window_event(window, event).repaint
    }

    /// Whether the pointer is on a floating part of the chrome, such as a notice.
    pub(crate) fn is_pointer_over_area(&self) -> bool {
        self.context.is_pointer_over_egui()
    }

    /// When egui wants to be laid out again by itself (a blinking text cursor).
    pub(crate) fn repaint_at(&self) -> Option<Instant> {
        self.repaint_at
    }

    /// Lays the chrome out, at `scale` physical pixels per logical one.
    pub(crate) fn lay_out(
        &mut self,
        window: &Window,
        scale: f32,
        now: Instant,
        show: impl FnMut(&mut egui::Ui),
    ) {
        // egui asks the handle, which may know an older scale than the window was told.
        self.context.set_zoom_factor(scale / scale_of(window));
        let input = self.input.take_egui_input(window);
        let size = input.screen_rect.map(|area| area.size());
        let resized = std::mem::replace(&mut self.laid_out_for, size) != size;
        let output = self.context.run_ui(input, show);
        self.input
            .handle_platform_output(window, output.platform_output);
        self.pixels_per_point = output.pixels_per_point;
        self.primitives = self
            .context
            .tessellate(output.shapes, output.pixels_per_point);
        self.textures.push(output.textures_delta);
        self.changed = true;
        let delay = output
            .viewport_output
            .values()
            .map(|viewport| viewport.repaint_delay)
            .min();
        // Longer than an hour is egui's way of saying never.
        self.repaint_at = delay
            .filter(|delay| *delay < Duration::from_secs(3600))
            .map(|delay| now + delay.max(Duration::from_millis(16)));
        if resized {
            // Panels are placed by the size that they had in the window of before.
            self.repaint_at = Some(now);
        }
    }

    /// Paints the last layout over what `view` holds. `size`: of the target, in physical pixels.
    pub(crate) fn paint(
        &mut self,
        gpu: &Gpu,
        format: wgpu::TextureFormat,
        encoder: &mut wgpu::CommandEncoder,
        view: &wgpu::TextureView,
        size: (u32, u32),
    ) {
        let (device, queue) = (gpu.device(), gpu.queue());
        let painter = self.painter.get_or_insert_with(|| {
            egui_wgpu::Renderer::new(device, format, egui_wgpu::RendererOptions::default())
        });
        let screen = ScreenDescriptor {
            size_in_pixels: [size.0, size.1],
            pixels_per_point: self.pixels_per_point,
        };
        for delta in &self.textures {
            for (id, images) in &delta.set {
                for image in images {
                    painter.update_texture(device, queue, *id, image);
                }
            }
        }
        let extra = painter.update_buffers(device, queue, encoder, &self.primitives, &screen);
        debug_assert!(
            extra.is_empty(),
            "only paint callbacks record buffers of their own"
        );
        {
            let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("chrome"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view,
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Load,
                        store: wgpu::StoreOp::Store,
                    },
                })],
                ..Default::default()
            });
            painter.render(&mut pass.forget_lifetime(), &self.primitives, &screen);
        }
        for mut delta in self.textures.drain(..) {
            for id in &delta.free {
                painter.free_texture(id);
            }
            // egui wants to hear that every change was dealt with.
            delta.clear();
        }
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        // What was laid out but never painted goes with the context that made it.
        for delta in &mut self.textures {
            delta.clear();
        }
    }
}

/// The window's scale factor: physical pixels per logical one.
pub(crate) fn scale_of(window: &Window) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "scale factors are small")]
    let scale = window.scale_factor() as f32;
    scale
}

//! The chrome's host: egui's context, its input from winit and its picture on the device.
//!
//! egui runs only when the chrome changed; in between its last primitives are painted again over the grid,
//! so an echoed key never lays out a widget. Nothing here exists before there is chrome to show.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::epaint::{ClippedPrimitive, textures::TexturesDelta};
use egui::{
    ColorImage, FallbackRequest, FontInsert, GlyphBitmap, GlyphRasterizer, GlyphRasterizerRequest,
    RasterizedGlyph,
};
use egui_wgpu::ScreenDescriptor;
use renderer::{ColorGlyph, Gpu, Renderer, StandIns};
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
    copied: Option<String>,
    pixels_per_point: f32,
    textures: Vec<TexturesDelta>,
    repaint_at: Option<Instant>,
    /// The window's size in the last layout.
    laid_out_for: Option<egui::Vec2>,
}

impl Chrome {
    /// A chrome in the theme's colors and the fonts of the grid that `renderer` draws.
    pub(crate) fn new(window: &Window, tokens: &Tokens, renderer: &Renderer) -> Self {
        let context = context(renderer);
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
            copied: None,
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

    /// Puts a text into the field that has the focus.
    pub(crate) fn paste(&mut self, text: &str) {
        let events = &mut self.input.egui_input_mut().events;
        events.push(egui::Event::Paste(text.to_owned()));
    }

    /// What was copied or cut in a field since this was last asked.
    pub(crate) fn take_copied(&mut self) -> Option<String> {
        self.copied.take()
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
        for command in &output.platform_output.commands {
            if let egui::OutputCommand::CopyText(text) = command {
                self.copied = Some(text.clone());
            }
        }
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

/// egui with the fonts of the grid that `renderer` draws.
fn context(renderer: &Renderer) -> egui::Context {
    let context = egui::Context::default();
    let faces = renderer.font_data();
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
    stand_in(&context, &renderer.stand_ins());
    context
}

/// What the grid's fonts lack comes from where the grid takes it, once it is to be shown: outlines as fonts, glyphs in
/// colors, which egui cannot draw from fonts, as pictures.
fn stand_in(context: &egui::Context, stand_ins: &Arc<StandIns>) {
    let fonts = Arc::clone(stand_ins);
    context.add_font_provider(Arc::new(move |request: &FallbackRequest<'_>| {
        let file = fonts.font(request.cluster)?;
        let mut data = egui::FontData::from_blob(file.data, file.index);
        if file.is_variable {
            data.tweak.coords.push(b"wght", 400.0);
        }
        Some(FontInsert::new(&file.name, data, Vec::new()))
    }));
    let pictures = Arc::clone(stand_ins);
    context.add_glyph_rasterizer(GlyphRasterizer::new(
        "terrace::stand_ins",
        move |request: &GlyphRasterizerRequest<'_>| {
            let glyph = pictures.color_glyph(request.cluster, request.font_size_px)?;
            Some(picture(&glyph))
        },
    ));
}

#[expect(clippy::cast_precision_loss, reason = "sizes of a glyph")]
fn picture(glyph: &ColorGlyph) -> RasterizedGlyph {
    let size = [glyph.width as usize, glyph.height as usize];
    RasterizedGlyph {
        bitmap: GlyphBitmap {
            image: ColorImage::from_rgba_unmultiplied(size, &glyph.data),
            offset_px: egui::vec2(glyph.left as f32, -glyph.top as f32),
            is_color: true,
        },
        advance_px: glyph.advance as f32,
    }
}

/// The window's scale factor: physical pixels per logical one.
pub(crate) fn scale_of(window: &Window) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "scale factors are small")]
    let scale = window.scale_factor() as f32;
    scale
}

#[cfg(test)]
mod tests {
    use egui::{Color32, FontId, RawInput};
    use renderer::FontOptions;

    use super::*;

    #[test]
    fn what_the_grid_s_font_lacks_is_drawn_as_in_the_grid() {
        let (renderer, _) = Renderer::new(&FontOptions::default(), 1.0);
        let context = context(&renderer);
        let stand_ins = renderer.stand_ins();
        let place = |text: &str| {
            let mut place = None;
            let mut output = context.run_ui(RawInput::default(), |ui| {
                let font = FontId::monospace(13.0);
                let galley = ui
                    .painter()
                    .layout_no_wrap(text.to_owned(), font, Color32::WHITE);
                place = galley.rows[0].row.glyphs.first().map(|glyph| {
                    let at = glyph.uv_rect;
                    (at.min, at.max, glyph.is_color)
                });
            });
            output.textures_delta.clear();
            place.unwrap()
        };
        // No font has it: a box.
        let (min, max, _) = place("\u{10fffd}");
        for text in ["日", "🦀"] {
            let outlined = stand_ins.font(text).is_some();
            if !outlined && stand_ins.color_glyph(text, 13.0).is_none() {
                eprintln!("skipped: no font of this machine has {text}");
                continue;
            }
            let found = place(text);
            assert_ne!((found.0, found.1), (min, max), "{text}");
            assert!(found.0 != found.1, "{text}");
            assert_eq!(found.2, !outlined, "{text}");
        }
    }
}

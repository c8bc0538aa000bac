//! A window's surface: its configuration, and the images it lends for one frame each.

use crate::{Error, Gpu};

/// How frames meet the display's refresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Latency {
    /// The newest frame at the next refresh, none queued ahead (mailbox where there is one).
    #[default]
    Lowest,
    /// Strictly one frame a refresh, in order.
    Vsync,
}

/// The surface is gone, though the device may not be: make another one from the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the window's surface is lost; create it again")]
pub struct Lost;

/// A window's surface, configured for its size.
#[derive(Debug)]
pub struct WindowSurface {
    surface: wgpu::Surface<'static>,
    device: wgpu::Device,
    queue: wgpu::Queue,
    config: wgpu::SurfaceConfiguration,
    format: wgpu::TextureFormat,
    max_size: u32,
    configured: bool,
}

impl WindowSurface {
    /// Configures `surface` for a window of `width` × `height` physical pixels, either of which
    /// may be 0 (a minimised window). With `transparent` the alpha channel reaches the compositor,
    /// if it can use it.
    ///
    /// # Errors
    ///
    /// [`Error::Surface`] when the adapter cannot draw to the surface.
    pub fn new(
        gpu: &Gpu,
        surface: wgpu::Surface<'static>,
        width: u32,
        height: u32,
        latency: Latency,
        transparent: bool,
    ) -> Result<WindowSurface, Error> {
        let capabilities = surface.get_capabilities(gpu.adapter());
        let storage = storage_format(&capabilities.formats)
            .ok_or_else(|| Error::Surface("no usable pixel format".into()))?;
        let can_view = gpu
            .adapter()
            .get_downlevel_capabilities()
            .flags
            .contains(wgpu::DownlevelFlags::SURFACE_VIEW_FORMATS);
        let format = if can_view {
            storage.add_srgb_suffix()
        } else {
            storage
        };
        let view_formats = if format == storage {
            Vec::new()
        } else {
            vec![format]
        };
        let config = wgpu::SurfaceConfiguration {
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            format: storage,
            color_space: wgpu::SurfaceColorSpace::Auto,
            width,
            height,
            present_mode: present_mode(latency, &capabilities.present_modes),
            desired_maximum_frame_latency: 1,
            alpha_mode: alpha_mode(transparent, &capabilities.alpha_modes),
            view_formats,
        };
        tracing::debug!(?config, ?format, "surface");
        let mut surface = WindowSurface {
            surface,
            device: gpu.device().clone(),
            queue: gpu.queue().clone(),
            config,
            format,
            max_size: gpu.device().limits().max_texture_dimension_2d,
            configured: false,
        };
        surface.resize(width, height);
        Ok(surface)
    }

    /// The format of [`SurfaceFrame::view`]: sRGB wherever possible, so that blending is linear.
    pub fn format(&self) -> wgpu::TextureFormat {
        self.format
    }

    /// The format of [`SurfaceFrame::raw_view`], the one that egui prefers to draw to.
    pub fn raw_format(&self) -> wgpu::TextureFormat {
        self.config.format
    }

    /// Whether the compositor uses the alpha channel.
    pub fn is_transparent(&self) -> bool {
        self.config.alpha_mode != wgpu::CompositeAlphaMode::Opaque
    }

    /// Follows the window's size, in physical pixels; either may be 0.
    pub fn resize(&mut self, width: u32, height: u32) {
        let (width, height) = (width.min(self.max_size), height.min(self.max_size));
        if (width, height) != (self.config.width, self.config.height) {
            (self.config.width, self.config.height) = (width, height);
            self.configured = false;
        }
    }

    /// Width and height of the next frame in physical pixels: the window's as last told, which it may have
    /// left by now.
    pub fn size(&self) -> (u32, u32) {
        (self.config.width, self.config.height)
    }

    /// Follows the setting.
    pub fn set_latency(&mut self, gpu: &Gpu, latency: Latency) {
        let modes = self.surface.get_capabilities(gpu.adapter()).present_modes;
        let mode = present_mode(latency, &modes);
        if mode != self.config.present_mode {
            self.config.present_mode = mode;
            self.configured = false;
        }
    }

    fn configure(&mut self) {
        self.surface.configure(&self.device, &self.config);
        self.configured = true;
    }

    /// An image to draw the next frame to; `None` when there is nothing to draw to now: the window
    /// is hidden or without area, or the compositor is late.
    ///
    /// # Errors
    ///
    /// [`Lost`] when the surface has to be created again from the window.
    pub fn acquire(&mut self) -> Result<Option<SurfaceFrame>, Lost> {
        // After a resize the first image may be outdated already; the second is not.
        for _ in 0..2 {
            if self.config.width == 0 || self.config.height == 0 {
                return Ok(None);
            }
            // Not before an image is wanted: a window is resized a few times before it is first seen.
            if !self.configured {
                self.configure();
            }
            match self.surface.get_current_texture() {
                wgpu::CurrentSurfaceTexture::Success(texture) => {
                    return Ok(Some(self.frame(texture, false)));
                }
                wgpu::CurrentSurfaceTexture::Suboptimal(texture) => {
                    return Ok(Some(self.frame(texture, true)));
                }
                wgpu::CurrentSurfaceTexture::Timeout | wgpu::CurrentSurfaceTexture::Occluded => {
                    return Ok(None);
                }
                wgpu::CurrentSurfaceTexture::Outdated | wgpu::CurrentSurfaceTexture::Validation => {
                    tracing::debug!("surface outdated");
                    self.configure();
                }
                wgpu::CurrentSurfaceTexture::Lost => return Err(Lost),
            }
        }
        Ok(None)
    }

    fn frame(&self, texture: wgpu::SurfaceTexture, suboptimal: bool) -> SurfaceFrame {
        let view = |format| {
            texture.texture.create_view(&wgpu::TextureViewDescriptor {
                format: Some(format),
                ..wgpu::TextureViewDescriptor::default()
            })
        };
        SurfaceFrame {
            view: view(self.format),
            raw_view: view(self.config.format),
            texture,
            queue: self.queue.clone(),
            suboptimal,
        }
    }
}

/// One image of a window, to be drawn to and presented.
#[derive(Debug)]
pub struct SurfaceFrame {
    view: wgpu::TextureView,
    raw_view: wgpu::TextureView,
    texture: wgpu::SurfaceTexture,
    queue: wgpu::Queue,
    suboptimal: bool,
}

impl SurfaceFrame {
    /// The image in [`WindowSurface::format`], for the [`Renderer`](crate::Renderer).
    pub fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// The same image in [`WindowSurface::raw_format`], for egui.
    pub fn raw_view(&self) -> &wgpu::TextureView {
        &self.raw_view
    }

    /// Whether the window has another size by now: resize when its event comes.
    pub fn is_suboptimal(&self) -> bool {
        self.suboptimal
    }

    /// Shows the image, after the commands that draw it were submitted.
    pub fn present(self) {
        self.queue.present(self.texture);
    }
}

/// The plain 8-bit format if there is one; its sRGB twin is then a view of it.
fn storage_format(formats: &[wgpu::TextureFormat]) -> Option<wgpu::TextureFormat> {
    use wgpu::TextureFormat::{Bgra8Unorm, Bgra8UnormSrgb, Rgba8Unorm, Rgba8UnormSrgb};
    [Bgra8Unorm, Rgba8Unorm, Bgra8UnormSrgb, Rgba8UnormSrgb]
        .into_iter()
        .find(|format| formats.contains(format))
        .or_else(|| formats.first().copied())
}

/// Mailbox neither tears nor queues; relaxed or strict FIFO with one image ahead is next best.
fn present_mode(latency: Latency, modes: &[wgpu::PresentMode]) -> wgpu::PresentMode {
    match latency {
        Latency::Lowest if modes.contains(&wgpu::PresentMode::Mailbox) => {
            wgpu::PresentMode::Mailbox
        }
        Latency::Lowest | Latency::Vsync => wgpu::PresentMode::Fifo,
    }
}

/// Colors are premultiplied; where the compositor takes only straight ones the window is opaque.
fn alpha_mode(transparent: bool, modes: &[wgpu::CompositeAlphaMode]) -> wgpu::CompositeAlphaMode {
    use wgpu::CompositeAlphaMode::{Auto, Inherit, Opaque, PreMultiplied};
    let wanted: &[_] = if transparent {
        &[PreMultiplied, Inherit, Opaque]
    } else {
        &[Opaque, Inherit]
    };
    wanted
        .iter()
        .copied()
        .find(|mode| modes.contains(mode))
        .unwrap_or(Auto)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wgpu::{CompositeAlphaMode as Alpha, PresentMode as Mode, TextureFormat as Format};

    #[test]
    fn formats_modes_and_alpha_are_chosen() {
        assert_eq!(
            storage_format(&[
                Format::Rgba16Float,
                Format::Bgra8UnormSrgb,
                Format::Bgra8Unorm
            ]),
            Some(Format::Bgra8Unorm)
        );
        assert_eq!(
            storage_format(&[Format::Rgba16Float]),
            Some(Format::Rgba16Float)
        );
        assert_eq!(storage_format(&[]), None);
        assert_eq!(
            present_mode(Latency::Lowest, &[Mode::Fifo, Mode::Mailbox]),
            Mode::Mailbox
        );
        assert_eq!(
            present_mode(Latency::Lowest, &[Mode::Immediate, Mode::Fifo]),
            Mode::Fifo
        );
        assert_eq!(
            present_mode(Latency::Vsync, &[Mode::Fifo, Mode::Mailbox]),
            Mode::Fifo
        );
        assert_eq!(
            alpha_mode(true, &[Alpha::Opaque, Alpha::PreMultiplied]),
            Alpha::PreMultiplied
        );
        assert_eq!(
            alpha_mode(false, &[Alpha::Opaque, Alpha::PreMultiplied]),
            Alpha::Opaque
        );
        assert_eq!(alpha_mode(true, &[Alpha::PostMultiplied]), Alpha::Auto);
    }
}

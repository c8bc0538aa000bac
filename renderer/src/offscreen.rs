//! An image to draw to without a window: screenshots and golden images.

use crate::Gpu;
use crate::surface::WindowSurface;

/// An image on the graphics device, 8 bits a channel, sRGB.
#[derive(Debug)]
pub struct Offscreen {
    texture: wgpu::Texture,
    view: wgpu::TextureView,
    raw_view: wgpu::TextureView,
    width: u32,
    height: u32,
}

impl Offscreen {
    /// The format of [`Offscreen::view`], unless another was asked for.
    pub const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8UnormSrgb;

    /// An image of `width` × `height` pixels, each clamped between 1 and what the device can do.
    pub fn new(gpu: &Gpu, width: u32, height: u32) -> Offscreen {
        Self::with_format(gpu, Self::FORMAT, width, height)
    }

    /// An image in another format of 4 bytes a pixel.
    pub fn with_format(
        gpu: &Gpu,
        format: wgpu::TextureFormat,
        width: u32,
        height: u32,
    ) -> Offscreen {
        Self::with_formats(gpu, format, format, width, height)
    }

    /// An image to which a window can be drawn as to its surface: its views have the formats of the surface's.
    pub fn like_surface(gpu: &Gpu, surface: &WindowSurface) -> Offscreen {
        let (width, height) = surface.size();
        Self::with_formats(gpu, surface.raw_format(), surface.format(), width, height)
    }

    /// An image stored in one format and drawn to in another, which is the same but for sRGB.
    fn with_formats(
        gpu: &Gpu,
        storage: wgpu::TextureFormat,
        format: wgpu::TextureFormat,
        width: u32,
        height: u32,
    ) -> Offscreen {
        let twin = [format];
        let max = gpu.device().limits().max_texture_dimension_2d;
        let (width, height) = (width.clamp(1, max), height.clamp(1, max));
        let texture = gpu.device().create_texture(&wgpu::TextureDescriptor {
            label: Some("offscreen"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: storage,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: if storage == format { &[] } else { &twin },
        });
        let view = |format| {
            texture.create_view(&wgpu::TextureViewDescriptor {
                format: Some(format),
                ..wgpu::TextureViewDescriptor::default()
            })
        };
        Offscreen {
            view: view(format),
            raw_view: view(storage),
            texture,
            width,
            height,
        }
    }

    /// What to draw to.
    pub fn view(&self) -> &wgpu::TextureView {
        &self.view
    }

    /// What egui draws to.
    pub fn raw_view(&self) -> &wgpu::TextureView {
        &self.raw_view
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels: `width` × `height` × 4 bytes, row-major, red, green, blue, alpha (premultiplied).
    /// Waits for what was submitted. Empty when the device is lost.
    pub fn read_rgba(&self, gpu: &Gpu) -> Vec<u8> {
        let row = self.width * 4;
        let padded = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = gpu.device().create_buffer(&wgpu::BufferDescriptor {
            label: Some("read back"),
            size: u64::from(padded) * u64::from(self.height),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = gpu.device().create_command_encoder(&Default::default());
        encoder.copy_texture_to_buffer(
            self.texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(padded),
                    rows_per_image: None,
                },
            },
            self.texture.size(),
        );
        gpu.queue().submit([encoder.finish()]);
        let slice = buffer.slice(..);
        slice.map_async(wgpu::MapMode::Read, |result| {
            if let Err(error) = result {
                tracing::error!(%error, "reading an image back");
            }
        });
        if let Err(error) = gpu.device().poll(wgpu::PollType::wait_indefinitely()) {
            tracing::error!(%error, "waiting for the graphics device");
            return Vec::new();
        }
        let Ok(mapped) = slice.get_mapped_range() else {
            return Vec::new();
        };
        let mut pixels = Vec::with_capacity(row as usize * self.height as usize);
        for line in mapped.chunks_exact(padded as usize) {
            pixels.extend_from_slice(&line[..row as usize]);
        }
        if matches!(
            self.texture.format(),
            wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Bgra8UnormSrgb
        ) {
            for pixel in pixels.chunks_exact_mut(4) {
                pixel.swap(0, 2);
            }
        }
        pixels
    }
}

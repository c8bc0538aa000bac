//! What the scene needs on the device: two pipelines, the atlas's textures, buffers, and the pass.
//!
//! Targets are sRGB views wherever possible, so that the device blends in linear light; for others
//! the shader encodes, and blending is what it is there.

use std::num::NonZeroU64;

use bytemuck::{Pod, Zeroable};

use crate::atlas::{Atlas, PAGE_SIZE, PageKind};
use crate::scene::{Glyph, Quad};
use crate::{Gpu, Rect};

/// Bytes between the globals of two layers: the alignment that every device accepts.
const GLOBALS_STRIDE: u64 = 256;

/// What a layer's vertices and fragments need; the shader's `Globals`.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Globals {
    pub(crate) size: [f32; 2],
    pub(crate) origin: [f32; 2],
    pub(crate) stroke: f32,
    pub(crate) padding: [f32; 3],
}

/// One draw of the pass: a part of the target, its globals, and what to draw.
pub(crate) struct Step<'a> {
    /// Index of its globals.
    pub(crate) globals: u32,
    pub(crate) clip: Rect,
    pub(crate) quads: Option<(&'a wgpu::Buffer, u32)>,
    pub(crate) glyphs: Option<(&'a wgpu::Buffer, std::ops::Range<u32>)>,
}

/// A texture of one kind of atlas page.
#[derive(Debug)]
struct PageTexture {
    kind: PageKind,
    texture: wgpu::Texture,
    layers: u32,
}

impl PageTexture {
    fn format(kind: PageKind) -> wgpu::TextureFormat {
        match kind {
            PageKind::Mask => wgpu::TextureFormat::R8Unorm,
            PageKind::Color => wgpu::TextureFormat::Rgba8UnormSrgb,
        }
    }

    /// Stands in while there is no page.
    fn empty(device: &wgpu::Device, kind: PageKind) -> Self {
        Self {
            kind,
            texture: Self::create(device, kind, 1, 2),
            layers: 0,
        }
    }

    /// OpenGL takes a single layer for no array, and multiples of six for cubes: powers of two
    /// from two on are neither.
    fn create(device: &wgpu::Device, kind: PageKind, side: u32, layers: u32) -> wgpu::Texture {
        device.create_texture(&wgpu::TextureDescriptor {
            label: Some("glyph atlas"),
            size: wgpu::Extent3d {
                width: side,
                height: side,
                depth_or_array_layers: layers,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: Self::format(kind),
            usage: wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_DST
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        })
    }

    /// Room for `pages`; true when the texture is another one now.
    fn grow(&mut self, gpu: &Gpu, pages: usize) -> bool {
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        if pages <= self.layers {
            return false;
        }
        let layers = pages.next_power_of_two().max(2);
        let texture = Self::create(gpu.device(), self.kind, PAGE_SIZE, layers);
        if self.layers > 0 {
            let mut encoder = gpu.device().create_command_encoder(&Default::default());
            encoder.copy_texture_to_texture(
                self.texture.as_image_copy(),
                texture.as_image_copy(),
                wgpu::Extent3d {
                    width: PAGE_SIZE,
                    height: PAGE_SIZE,
                    depth_or_array_layers: self.layers,
                },
            );
            // The glyphs written next must come after the copy.
            gpu.queue().submit([encoder.finish()]);
        }
        self.texture = texture;
        self.layers = layers;
        true
    }

    fn view(&self) -> wgpu::TextureView {
        self.texture.create_view(&wgpu::TextureViewDescriptor {
            dimension: Some(wgpu::TextureViewDimension::D2Array),
            ..wgpu::TextureViewDescriptor::default()
        })
    }
}

/// Everything on the device that is not one view's own.
#[derive(Debug)]
pub(crate) struct Pipeline {
    quad: wgpu::RenderPipeline,
    glyph: wgpu::RenderPipeline,
    globals_layout: wgpu::BindGroupLayout,
    globals_buffer: wgpu::Buffer,
    globals: wgpu::BindGroup,
    globals_capacity: usize,
    globals_bytes: Vec<u8>,
    atlas_layout: wgpu::BindGroupLayout,
    atlas: wgpu::BindGroup,
    masks: PageTexture,
    colors: PageTexture,
    /// The target's format encodes sRGB by itself.
    encodes: bool,
}

impl Pipeline {
    pub(crate) fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let device = gpu.device();
        let shader = device.create_shader_module(wgpu::include_wgsl!("shaders/terrace.wgsl"));
        let globals_layout = globals_layout(device);
        let atlas_layout = atlas_layout(device);
        let masks = PageTexture::empty(device, PageKind::Mask);
        let colors = PageTexture::empty(device, PageKind::Color);
        let atlas = atlas_group(device, &atlas_layout, &masks, &colors);
        let (globals_buffer, globals) = globals_group(device, &globals_layout, 4);
        let quad_attributes = wgpu::vertex_attr_array![0 => Sint16x2, 1 => Uint16x2, 2 => Unorm8x4];
        let glyph_attributes = wgpu::vertex_attr_array![
            0 => Sint16x2, 1 => Uint16x2, 2 => Uint16x2, 3 => Uint8x4, 4 => Unorm8x4
        ];
        let make = Make {
            device,
            shader: &shader,
            format,
        };
        let quad = make.pipeline(
            "quad",
            &[Some(&globals_layout)],
            &wgpu::VertexBufferLayout {
                array_stride: size_of::<Quad>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &quad_attributes,
            },
            // Backgrounds lie on the cleared target: a translucent one replaces it.
            wgpu::BlendState::REPLACE,
        );
        let glyph = make.pipeline(
            "glyph",
            &[Some(&globals_layout), Some(&atlas_layout)],
            &wgpu::VertexBufferLayout {
                array_stride: size_of::<Glyph>() as u64,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes: &glyph_attributes,
            },
            wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING,
        );
        Self {
            quad,
            glyph,
            globals_layout,
            globals_buffer,
            globals,
            globals_capacity: 4,
            globals_bytes: Vec::new(),
            atlas_layout,
            atlas,
            masks,
            colors,
            encodes: format.is_srgb(),
        }
    }

    /// Sends new glyphs; returns the bytes sent.
    pub(crate) fn upload_glyphs(&mut self, gpu: &Gpu, atlas: &mut Atlas) -> u64 {
        let masks = self.masks.grow(gpu, atlas.pages(PageKind::Mask));
        let colors = self.colors.grow(gpu, atlas.pages(PageKind::Color));
        if masks || colors {
            self.atlas = atlas_group(gpu.device(), &self.atlas_layout, &self.masks, &self.colors);
        }
        let (uploads, pixels) = atlas.uploads();
        let mut sent = 0;
        for upload in uploads {
            let slot = &upload.slot;
            let row = usize::from(slot.width) * slot.kind.bytes();
            let bytes = row * usize::from(slot.height);
            let Some(data) = pixels.get(upload.start..upload.start + bytes) else {
                continue;
            };
            let texture = match slot.kind {
                PageKind::Mask => &self.masks.texture,
                PageKind::Color => &self.colors.texture,
            };
            gpu.queue().write_texture(
                wgpu::TexelCopyTextureInfo {
                    texture,
                    mip_level: 0,
                    origin: wgpu::Origin3d {
                        x: u32::from(slot.u),
                        y: u32::from(slot.v),
                        z: u32::from(slot.layer),
                    },
                    aspect: wgpu::TextureAspect::All,
                },
                data,
                wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: u32::try_from(row).ok(),
                    rows_per_image: None,
                },
                wgpu::Extent3d {
                    width: u32::from(slot.width),
                    height: u32::from(slot.height),
                    depth_or_array_layers: 1,
                },
            );
            sent += bytes as u64;
        }
        atlas.uploaded();
        sent
    }

    /// Sends the globals of every layer, if they changed; returns the bytes sent.
    pub(crate) fn upload_globals(&mut self, gpu: &Gpu, layers: &[Globals]) -> u64 {
        if layers.len() > self.globals_capacity {
            self.globals_capacity = layers.len().next_power_of_two();
            (self.globals_buffer, self.globals) =
                globals_group(gpu.device(), &self.globals_layout, self.globals_capacity);
            self.globals_bytes.clear();
        }
        let stride = usize::try_from(GLOBALS_STRIDE).unwrap_or(256);
        let len = layers.len() * stride;
        let same = self.globals_bytes.len() == len
            && layers.iter().enumerate().all(|(i, globals)| {
                let bytes = bytemuck::bytes_of(globals);
                self.globals_bytes[i * stride..i * stride + bytes.len()] == *bytes
            });
        if same || layers.is_empty() {
            return 0;
        }
        self.globals_bytes.clear();
        self.globals_bytes.resize(len, 0);
        for (i, globals) in layers.iter().enumerate() {
            let bytes = bytemuck::bytes_of(globals);
            self.globals_bytes[i * stride..i * stride + bytes.len()].copy_from_slice(bytes);
        }
        gpu.queue()
            .write_buffer(&self.globals_buffer, 0, &self.globals_bytes);
        len as u64
    }

    /// Encodes the pass; returns its draw calls.
    pub(crate) fn pass<'a>(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        target: &wgpu::TextureView,
        size: (u32, u32),
        clear: wgpu::Color,
        steps: impl Iterator<Item = Step<'a>>,
    ) -> u64 {
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("scene"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: target,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(clear),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..wgpu::RenderPassDescriptor::default()
        });
        let whole = Rect::new(0, 0, size.0, size.1);
        let mut draws = 0;
        for step in steps {
            let clip = step.clip.intersection(&whole);
            let (Ok(x), Ok(y), false) = (
                u32::try_from(clip.x),
                u32::try_from(clip.y),
                clip.is_empty(),
            ) else {
                continue;
            };
            pass.set_scissor_rect(x, y, clip.width, clip.height);
            let offset = step.globals.saturating_mul(256);
            if let Some((buffer, count)) = step.quads.filter(|(_, count)| *count > 0) {
                pass.set_pipeline(&self.quad);
                pass.set_bind_group(0, &self.globals, &[offset]);
                pass.set_vertex_buffer(0, buffer.slice(..));
                pass.draw(0..4, 0..count);
                draws += 1;
            }
            if let Some((buffer, range)) = step.glyphs.filter(|(_, range)| !range.is_empty()) {
                pass.set_pipeline(&self.glyph);
                pass.set_bind_group(0, &self.globals, &[offset]);
                pass.set_bind_group(1, &self.atlas, &[]);
                pass.set_vertex_buffer(0, buffer.slice(..));
                pass.draw(0..4, range);
                draws += 1;
            }
        }
        draws
    }

    /// The value to clear with, so that the target holds `color` premultiplied, sRGB.
    pub(crate) fn clear_color(&self, color: terminal::Rgb, opacity: f32) -> wgpu::Color {
        let opacity = if opacity.is_finite() {
            opacity.clamp(0.0, 1.0)
        } else {
            1.0
        };
        let channel = |value: u8| {
            let encoded = f32::from(value) / 255.0 * opacity;
            f64::from(if self.encodes {
                crate::color::linear(encoded)
            } else {
                encoded
            })
        };
        wgpu::Color {
            r: channel(color.r),
            g: channel(color.g),
            b: channel(color.b),
            a: f64::from(opacity),
        }
    }
}

/// What both pipelines share while they are made.
struct Make<'a> {
    device: &'a wgpu::Device,
    shader: &'a wgpu::ShaderModule,
    format: wgpu::TextureFormat,
}

impl Make<'_> {
    fn pipeline(
        &self,
        name: &str,
        layouts: &[Option<&wgpu::BindGroupLayout>],
        instances: &wgpu::VertexBufferLayout<'_>,
        blend: wgpu::BlendState,
    ) -> wgpu::RenderPipeline {
        let layout = self
            .device
            .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(name),
                bind_group_layouts: layouts,
                immediate_size: 0,
            });
        let constants = [("ENCODE", f64::from(u8::from(!self.format.is_srgb())))];
        let compilation_options = wgpu::PipelineCompilationOptions {
            constants: &constants,
            ..wgpu::PipelineCompilationOptions::default()
        };
        self.device
            .create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(name),
                layout: Some(&layout),
                vertex: wgpu::VertexState {
                    module: self.shader,
                    entry_point: Some(&format!("{name}_vertex")),
                    compilation_options: compilation_options.clone(),
                    buffers: &[Some(instances.clone())],
                },
                primitive: wgpu::PrimitiveState {
                    topology: wgpu::PrimitiveTopology::TriangleStrip,
                    ..wgpu::PrimitiveState::default()
                },
                depth_stencil: None,
                multisample: wgpu::MultisampleState::default(),
                fragment: Some(wgpu::FragmentState {
                    module: self.shader,
                    entry_point: Some(&format!("{name}_fragment")),
                    compilation_options,
                    targets: &[Some(wgpu::ColorTargetState {
                        format: self.format,
                        blend: Some(blend),
                        write_mask: wgpu::ColorWrites::ALL,
                    })],
                }),
                multiview_mask: None,
                cache: None,
            })
    }
}

fn globals_layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("globals"),
        entries: &[wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: true,
                min_binding_size: NonZeroU64::new(size_of::<Globals>() as u64),
            },
            count: None,
        }],
    })
}

fn globals_group(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    layers: usize,
) -> (wgpu::Buffer, wgpu::BindGroup) {
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("globals"),
        size: GLOBALS_STRIDE * layers as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("globals"),
        layout,
        entries: &[wgpu::BindGroupEntry {
            binding: 0,
            resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &buffer,
                offset: 0,
                size: NonZeroU64::new(size_of::<Globals>() as u64),
            }),
        }],
    });
    (buffer, group)
}

fn atlas_layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2Array,
            multisampled: false,
        },
        count: None,
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("glyph atlas"),
        entries: &[entry(0), entry(1)],
    })
}

fn atlas_group(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    masks: &PageTexture,
    colors: &PageTexture,
) -> wgpu::BindGroup {
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("glyph atlas"),
        layout,
        entries: &[
            wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::TextureView(&masks.view()),
            },
            wgpu::BindGroupEntry {
                binding: 1,
                resource: wgpu::BindingResource::TextureView(&colors.view()),
            },
        ],
    })
}

/// The range of one row's instances in a [`RowBuffer`].
#[derive(Clone, Copy, Debug, Default)]
struct Range {
    start: usize,
    capacity: usize,
    len: usize,
}

/// Instances of one kind of all rows of a view, each row in a range of its own with room to grow:
/// a changed row is sent alone. What a row leaves of its range is zero, and draws nothing.
#[derive(Debug, Default)]
pub(crate) struct RowBuffer {
    buffer: Option<wgpu::Buffer>,
    capacity: usize,
    used: usize,
    ranges: Vec<Range>,
    staging: Vec<u8>,
}

impl RowBuffer {
    /// The buffer and its instances, once there are any.
    pub(crate) fn contents(&self) -> Option<(&wgpu::Buffer, u32)> {
        Some((self.buffer.as_ref()?, u32::try_from(self.used).ok()?))
    }

    /// Sends the `changed` rows, or all where they do not fit; returns the bytes sent.
    pub(crate) fn update<'a, T: Pod>(
        &mut self,
        gpu: &Gpu,
        rows: impl ExactSizeIterator<Item = &'a [T]> + Clone,
        changed: &[bool],
    ) -> u64 {
        let size = size_of::<T>();
        let fits = self.ranges.len() == rows.len()
            && rows
                .clone()
                .zip(&self.ranges)
                .all(|(row, range)| row.len() <= range.capacity);
        let many = changed.iter().filter(|&&changed| changed).count() * 2 > changed.len();
        if !fits {
            self.lay_out(gpu, rows.clone().map(<[T]>::len), size as u64);
        }
        let Some(buffer) = &self.buffer else {
            return 0;
        };
        if !fits || many {
            self.staging.clear();
            self.staging.resize(self.used * size, 0);
            for (row, range) in rows.zip(&mut self.ranges) {
                let start = range.start * size;
                let bytes: &[u8] = bytemuck::cast_slice(row);
                self.staging[start..start + bytes.len()].copy_from_slice(bytes);
                range.len = row.len();
            }
            gpu.queue().write_buffer(buffer, 0, &self.staging);
            return self.staging.len() as u64;
        }
        let mut sent = 0;
        for ((row, range), _) in rows
            .zip(&mut self.ranges)
            .zip(changed)
            .filter(|(_, changed)| **changed)
        {
            let len = row.len().max(range.len);
            range.len = row.len();
            if len == 0 {
                continue;
            }
            self.staging.clear();
            self.staging.extend_from_slice(bytemuck::cast_slice(row));
            self.staging.resize(len * size, 0);
            gpu.queue()
                .write_buffer(buffer, (range.start * size) as u64, &self.staging);
            sent += self.staging.len() as u64;
        }
        sent
    }

    fn lay_out(&mut self, gpu: &Gpu, lens: impl Iterator<Item = usize>, size: u64) {
        self.ranges.clear();
        let mut start = 0;
        for len in lens {
            let capacity = (len + len / 4 + 4).next_multiple_of(4);
            self.ranges.push(Range {
                start,
                capacity,
                len: 0,
            });
            start += capacity;
        }
        self.used = start;
        if self.used > self.capacity || self.used * 4 < self.capacity {
            self.capacity = self.used.next_power_of_two().max(256);
            self.buffer = Some(instance_buffer(gpu, self.capacity as u64 * size));
        }
    }
}

/// Instances that are sent whole, every scene.
#[derive(Debug, Default)]
pub(crate) struct OverlayBuffer {
    buffer: Option<wgpu::Buffer>,
    sent: Vec<Glyph>,
    capacity: usize,
}

impl OverlayBuffer {
    pub(crate) fn buffer(&self) -> Option<&wgpu::Buffer> {
        self.buffer.as_ref()
    }

    /// Sends the instances unless the device has them already; returns the bytes sent.
    pub(crate) fn update(&mut self, gpu: &Gpu, instances: &[Glyph]) -> u64 {
        if instances.is_empty() || self.sent == instances {
            return 0;
        }
        if instances.len() > self.capacity {
            self.capacity = instances.len().next_power_of_two().max(64);
            let bytes = (self.capacity * size_of::<Glyph>()) as u64;
            self.buffer = Some(instance_buffer(gpu, bytes));
        }
        self.sent.clear();
        self.sent.extend_from_slice(instances);
        let bytes: &[u8] = bytemuck::cast_slice(instances);
        if let Some(buffer) = &self.buffer {
            gpu.queue().write_buffer(buffer, 0, bytes);
        }
        bytes.len() as u64
    }
}

fn instance_buffer(gpu: &Gpu, size: u64) -> wgpu::Buffer {
    gpu.device().create_buffer(&wgpu::BufferDescriptor {
        label: Some("instances"),
        size,
        usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

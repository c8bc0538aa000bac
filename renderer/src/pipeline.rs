//! What the scene needs on the device: the pipelines, the atlas's textures, buffers, and the pass.
//!
//! Targets are sRGB views wherever possible, so that the device blends in linear light; for others
//! the shader encodes, and blending is what it is there.

use std::num::NonZeroU64;
use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::atlas::{Atlas, PAGE_SIZE, PageKind};
use crate::scene::{Glyph, Quad};
use crate::{Gpu, Rect};

/// Bytes between the globals of two layers: the alignment that every device accepts.
const GLOBALS_STRIDE: u64 = GLOBALS_STRIDE_U32 as u64;
const GLOBALS_STRIDE_U32: u32 = 256;

/// Copies of a rectangle or glyph in a vertex buffer: one for each corner. Drawing each as an
/// instance of its own would need one copy, but costs software drivers 3 µs an instance.
const CORNERS: usize = 4;

/// Rectangles that the corner buffer has room for at first.
const FIRST_RECTANGLES: u32 = 4096;

/// What a layer's vertices and fragments need; the shader's `Globals`.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Globals {
    pub(crate) size: [f32; 2],
    pub(crate) origin: [f32; 2],
    pub(crate) stroke: f32,
    pub(crate) padding: [f32; 3],
}

/// A buffer and what to draw of it.
pub(crate) type Span<'a> = (&'a wgpu::Buffer, Range<u32>);

/// Which fragments a draw needs: the fewer kinds a shader knows, the sooner software runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Rectangles that replace what they cover.
    Quads,
    /// Glyphs of coverage.
    Masks,
    /// Glyphs of any kind.
    Any,
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
    mask: wgpu::RenderPipeline,
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
    /// The corners of as many rectangles as one draw may have.
    corners: wgpu::Buffer,
    corners_capacity: u32,
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
            ["quad_vertex", "quad_fragment"],
            &[Some(&globals_layout)],
            &wgpu::VertexBufferLayout {
                array_stride: size_of::<Quad>() as u64,
                step_mode: wgpu::VertexStepMode::Vertex,
                attributes: &quad_attributes,
            },
            // Backgrounds lie on the cleared target: a translucent one replaces it.
            wgpu::BlendState::REPLACE,
        );
        let [mask, glyph] = ["mask_fragment", "glyph_fragment"].map(|fragment| {
            make.pipeline(
                ["glyph_vertex", fragment],
                &[Some(&globals_layout), Some(&atlas_layout)],
                &wgpu::VertexBufferLayout {
                    array_stride: size_of::<Glyph>() as u64,
                    step_mode: wgpu::VertexStepMode::Vertex,
                    attributes: &glyph_attributes,
                },
                wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING,
            )
        });
        Self {
            quad,
            mask,
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
            corners: corner_buffer(gpu, FIRST_RECTANGLES),
            corners_capacity: FIRST_RECTANGLES,
            encodes: format.is_srgb(),
        }
    }

    /// Makes room for draws of this many rectangles.
    pub(crate) fn reserve(&mut self, gpu: &Gpu, rectangles: u32) {
        if rectangles > self.corners_capacity {
            self.corners_capacity = rectangles.next_power_of_two();
            self.corners = corner_buffer(gpu, self.corners_capacity);
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

    /// Begins the pass, on a target cleared with a color.
    pub(crate) fn begin<'a>(
        &'a self,
        encoder: &'a mut wgpu::CommandEncoder,
        target: &wgpu::TextureView,
        size: (u32, u32),
        clear: wgpu::Color,
    ) -> Pass<'a> {
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
        pass.set_index_buffer(self.corners.slice(..), wgpu::IndexFormat::Uint32);
        let whole = Rect::new(0, 0, size.0, size.1);
        Pass {
            pipeline: self,
            pass,
            whole,
            draws: 0,
        }
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

/// Encodes the draws of one pass.
pub(crate) struct Pass<'a> {
    pipeline: &'a Pipeline,
    pass: wgpu::RenderPass<'a>,
    whole: Rect,
    /// Draw calls so far.
    pub(crate) draws: u64,
}

impl Pass<'_> {
    /// Restricts the draws to come to a part of the target; false when there is nothing of it.
    pub(crate) fn clip(&mut self, clip: &Rect) -> bool {
        let clip = clip.intersection(&self.whole);
        let (Ok(x), Ok(y), false) = (
            u32::try_from(clip.x),
            u32::try_from(clip.y),
            clip.is_empty(),
        ) else {
            return false;
        };
        self.pass.set_scissor_rect(x, y, clip.width, clip.height);
        true
    }

    /// Draws rectangles or glyphs with the globals of a layer.
    pub(crate) fn draw(&mut self, layer: u32, ink: Ink, span: Option<Span<'_>>) {
        let Some((buffer, range)) = span.filter(|(_, range)| !range.is_empty()) else {
            return;
        };
        let pipeline = self.pipeline;
        self.pass.set_pipeline(match ink {
            Ink::Quads => &pipeline.quad,
            Ink::Masks => &pipeline.mask,
            Ink::Any => &pipeline.glyph,
        });
        self.pass.set_bind_group(
            0,
            &pipeline.globals,
            &[layer.saturating_mul(GLOBALS_STRIDE_U32)],
        );
        if ink != Ink::Quads {
            self.pass.set_bind_group(1, &pipeline.atlas, &[]);
        }
        self.pass.set_vertex_buffer(0, buffer.slice(..));
        self.pass
            .draw_indexed(range.start * 6..range.end * 6, 0, 0..1);
        self.draws += 1;
    }
}

/// What the pipelines share while they are made.
struct Make<'a> {
    device: &'a wgpu::Device,
    shader: &'a wgpu::ShaderModule,
    format: wgpu::TextureFormat,
}

impl Make<'_> {
    fn pipeline(
        &self,
        [vertex, fragment]: [&str; 2],
        layouts: &[Option<&wgpu::BindGroupLayout>],
        instances: &wgpu::VertexBufferLayout<'_>,
        blend: wgpu::BlendState,
    ) -> wgpu::RenderPipeline {
        let layout = self
            .device
            .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(fragment),
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
                label: Some(fragment),
                layout: Some(&layout),
                vertex: wgpu::VertexState {
                    module: self.shader,
                    entry_point: Some(vertex),
                    compilation_options: compilation_options.clone(),
                    buffers: &[Some(instances.clone())],
                },
                primitive: wgpu::PrimitiveState {
                    topology: wgpu::PrimitiveTopology::TriangleList,
                    ..wgpu::PrimitiveState::default()
                },
                depth_stencil: None,
                multisample: wgpu::MultisampleState::default(),
                fragment: Some(wgpu::FragmentState {
                    module: self.shader,
                    entry_point: Some(fragment),
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

/// The part of one row in a [`RowBuffer`], in rectangles or glyphs.
#[derive(Clone, Copy, Debug, Default)]
struct RowRange {
    start: usize,
    capacity: usize,
    len: usize,
}

/// Rectangles or glyphs of all rows of a view, each row in a range of its own with room to grow:
/// a changed row is sent alone. What a row leaves of its range is zero, and draws nothing.
#[derive(Debug, Default)]
pub(crate) struct RowBuffer {
    buffer: Option<wgpu::Buffer>,
    capacity: usize,
    used: usize,
    ranges: Vec<RowRange>,
    staging: Vec<u8>,
}

impl RowBuffer {
    /// The buffer and where in it these rows are, once there are any.
    pub(crate) fn rows(&self, rows: Range<usize>) -> Option<Span<'_>> {
        let last = rows.end.min(self.ranges.len()).checked_sub(1)?;
        let (first, last) = (self.ranges.get(rows.start)?, self.ranges.get(last)?);
        let start = u32::try_from(first.start).ok()?;
        let end = u32::try_from(last.start + last.capacity).ok()?;
        Some((self.buffer.as_ref()?, start..end))
    }

    /// Rectangles or glyphs in the buffer, those that draw nothing included.
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// Sends the `changed` rows, or all where they do not fit; returns the bytes sent.
    pub(crate) fn update<'a, T: Pod>(
        &mut self,
        gpu: &Gpu,
        rows: impl ExactSizeIterator<Item = &'a [T]> + Clone,
        changed: &[bool],
    ) -> u64 {
        let size = size_of::<T>() * CORNERS;
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
            let bytes = (self.used * size) as u64;
            let view = NonZeroU64::new(bytes)
                .and_then(|bytes| gpu.queue().write_buffer_with(buffer, 0, bytes));
            let Some(mut view) = view else { return 0 };
            // Row by row, so that what is copied to the device's memory is still in the cache.
            for (row, range) in rows.zip(&mut self.ranges) {
                self.staging.clear();
                extend_corners(&mut self.staging, row);
                self.staging.resize(range.capacity * size, 0);
                range.len = row.len();
                let start = range.start * size;
                view.slice(start..start + self.staging.len())
                    .copy_from_slice(&self.staging);
            }
            return bytes;
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
            extend_corners(&mut self.staging, row);
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
            self.ranges.push(RowRange {
                start,
                capacity,
                len: 0,
            });
            start += capacity;
        }
        self.used = start;
        if self.used > self.capacity || self.used * 4 < self.capacity {
            self.capacity = self.used.next_power_of_two().max(256);
            self.buffer = Some(vertex_buffer(gpu, self.capacity as u64 * size));
        }
    }
}

/// Glyphs that are sent whole, if they changed.
#[derive(Debug, Default)]
pub(crate) struct OverlayBuffer {
    buffer: Option<wgpu::Buffer>,
    sent: Vec<Glyph>,
    staging: Vec<u8>,
    capacity: usize,
}

impl OverlayBuffer {
    pub(crate) fn buffer(&self) -> Option<&wgpu::Buffer> {
        self.buffer.as_ref()
    }

    /// Sends the items unless the device has them already; returns the bytes sent.
    pub(crate) fn update(&mut self, gpu: &Gpu, items: &[Glyph]) -> u64 {
        if items.is_empty() || self.sent == items {
            return 0;
        }
        if items.len() > self.capacity {
            self.capacity = items.len().next_power_of_two();
            let bytes = (self.capacity * size_of::<Glyph>() * CORNERS) as u64;
            self.buffer = Some(vertex_buffer(gpu, bytes));
        }
        self.sent.clear();
        self.sent.extend_from_slice(items);
        self.staging.clear();
        extend_corners(&mut self.staging, items);
        if let Some(buffer) = &self.buffer {
            gpu.queue().write_buffer(buffer, 0, &self.staging);
        }
        self.staging.len() as u64
    }
}

/// Two triangles for every four vertices.
fn corner_buffer(gpu: &Gpu, rectangles: u32) -> wgpu::Buffer {
    let indices: Vec<u32> = (0..rectangles)
        .flat_map(|rectangle| [0, 1, 2, 2, 1, 3].map(|corner| rectangle * 4 + corner))
        .collect();
    let bytes: &[u8] = bytemuck::cast_slice(&indices);
    let buffer = gpu.device().create_buffer(&wgpu::BufferDescriptor {
        label: Some("corners"),
        size: bytes.len() as u64,
        usage: wgpu::BufferUsages::INDEX | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    gpu.queue().write_buffer(&buffer, 0, bytes);
    buffer
}

/// Appends every corner of `items`.
fn extend_corners<T: Pod>(bytes: &mut Vec<u8>, items: &[T]) {
    let start = bytes.len();
    bytes.resize(start + size_of_val(items) * CORNERS, 0);
    let all = bytes[start..].chunks_exact_mut(size_of::<T>() * CORNERS);
    for (corners, item) in all.zip(items) {
        for corner in corners.chunks_exact_mut(size_of::<T>()) {
            corner.copy_from_slice(bytemuck::bytes_of(item));
        }
    }
}

fn vertex_buffer(gpu: &Gpu, size: u64) -> wgpu::Buffer {
    gpu.device().create_buffer(&wgpu::BufferDescriptor {
        label: Some("vertices"),
        size,
        usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

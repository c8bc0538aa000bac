//! Frames made by hand, and pictures of them.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::allow_attributes,
    reason = "shared by tests that use different parts of it; a test may fail loudly"
)]

use std::ops::{Deref, DerefMut};

use renderer::{
    Backend, FontOptions, Gpu, GpuPainter, Look, Offscreen, Rect, Renderer, SoftwarePainter,
    ViewId, Warning, wgpu,
};
use terminal::cell::{CellWidth, Style};
use terminal::frame::{FrameCell, FrameRow};
use terminal::{Attrs, Color, Frame, GridSize, Rgb, UnderlineStyle};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A grid to write on.
pub(crate) struct Page {
    pub(crate) frame: Frame,
    generation: u64,
}

pub(crate) fn fg(index: u8) -> Style {
    Style {
        foreground: Color::Indexed(index),
        ..Style::default()
    }
}

pub(crate) fn attrs(attrs: Attrs) -> Style {
    Style {
        attrs,
        ..Style::default()
    }
}

pub(crate) fn under(underline: UnderlineStyle) -> Style {
    Style {
        underline,
        ..Style::default()
    }
}

impl Page {
    pub(crate) fn new(columns: u16, rows: u16) -> Self {
        let blank = FrameCell {
            character: ' ',
            cluster: 0,
            width: CellWidth::Narrow,
            style: Style::default(),
            link: 0,
        };
        let mut frame = Frame::new();
        frame.size = GridSize { columns, rows };
        frame.rows = (0..rows)
            .map(|row| FrameRow {
                cells: vec![blank; usize::from(columns)],
                generation: u64::from(row) + 1,
                ..FrameRow::default()
            })
            .collect();
        frame.changed = vec![true; usize::from(rows)];
        frame.palette.foreground = Rgb::new(0xd8, 0xd8, 0xd8);
        frame.palette.background = Rgb::new(0x16, 0x18, 0x1d);
        Self {
            frame,
            generation: 1 << 20,
        }
    }

    /// Dark text on a light background.
    pub(crate) fn light(mut self) -> Self {
        self.frame.palette.foreground = Rgb::new(0x1e, 0x1e, 0x22);
        self.frame.palette.background = Rgb::new(0xfa, 0xfa, 0xf7);
        self
    }

    /// Writes text; returns the column after it.
    pub(crate) fn put(&mut self, row: usize, column: usize, text: &str, style: Style) -> usize {
        self.generation += 1;
        let row = &mut self.frame.rows[row];
        row.generation = self.generation;
        self.frame.has_blinking_text |= style.attrs.contains(Attrs::BLINK);
        let mut at = column;
        for grapheme in text.graphemes(true) {
            let wide = grapheme.width() > 1;
            let mut chars = grapheme.chars();
            let character = chars.next().unwrap_or(' ');
            let cluster = if chars.next().is_some() {
                row.clusters.push(grapheme.into());
                u16::try_from(row.clusters.len()).unwrap()
            } else {
                0
            };
            let width = if wide {
                CellWidth::Wide
            } else {
                CellWidth::Narrow
            };
            let Some(cell) = row.cells.get_mut(at) else {
                break;
            };
            *cell = FrameCell {
                character,
                cluster,
                width,
                style,
                link: 0,
            };
            at += 1;
            if wide {
                if let Some(cell) = row.cells.get_mut(at) {
                    *cell = FrameCell {
                        character: ' ',
                        cluster: 0,
                        width: CellWidth::Spacer,
                        style,
                        link: 0,
                    };
                }
                at += 1;
            }
        }
        at
    }

    pub(crate) fn select(&mut self, row: usize, start: u16, end: u16) {
        self.generation += 1;
        self.frame.rows[row].selected = (start, end);
        self.frame.rows[row].generation = self.generation;
    }

    pub(crate) fn cursor(&mut self, row: u16, column: u16) {
        self.frame.cursor.row = row;
        self.frame.cursor.column = column;
        self.frame.cursor.visible = true;
    }
}

/// A device, or `None` with the reason printed: then the test has nothing to draw with.
pub(crate) fn gpu() -> Option<Gpu> {
    match Gpu::offscreen(Backend::Auto) {
        Ok(gpu) => Some(gpu),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// A renderer and what draws its scenes.
pub(crate) struct Artist {
    renderer: Renderer,
    painter: Painter,
}

enum Painter {
    Gpu(GpuPainter),
    Software(SoftwarePainter),
}

impl Artist {
    /// One with a graphics device, whose targets are of `format`.
    pub(crate) fn gpu(
        gpu: &Gpu,
        format: wgpu::TextureFormat,
        fonts: &FontOptions,
        scale: f32,
    ) -> (Self, Vec<Warning>) {
        let (renderer, warnings) = Renderer::new(fonts, scale);
        let painter = Painter::Gpu(GpuPainter::new(gpu, format));
        (Self { renderer, painter }, warnings)
    }

    /// One without.
    pub(crate) fn software(fonts: &FontOptions, scale: f32) -> Self {
        let (renderer, _) = Renderer::new(fonts, scale);
        let painter = Painter::Software(SoftwarePainter::new());
        Self { renderer, painter }
    }
}

impl Deref for Artist {
    type Target = Renderer;

    fn deref(&self) -> &Renderer {
        &self.renderer
    }
}

impl DerefMut for Artist {
    fn deref_mut(&mut self) -> &mut Renderer {
        &mut self.renderer
    }
}

/// A picture: width, height, RGBA.
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u8>,
}

impl Picture {
    pub(crate) fn at(&self, x: u32, y: u32) -> [u8; 4] {
        let at = ((y * self.width + x) * 4) as usize;
        self.pixels[at..at + 4].try_into().unwrap()
    }
}

/// Draws what `paint` paints on `width` × `height` pixels.
pub(crate) fn draw(
    gpu: &Gpu,
    artist: &mut Artist,
    (width, height): (u32, u32),
    clear: Rgb,
    opacity: f32,
    paint: impl FnOnce(&mut Renderer),
) -> Picture {
    let target = Offscreen::new(gpu, width, height);
    draw_to(gpu, artist, &target, clear, opacity, paint)
}

/// Draws what `paint` paints on `target`, or on a picture of its size if there is no device in it.
pub(crate) fn draw_to(
    gpu: &Gpu,
    artist: &mut Artist,
    target: &Offscreen,
    clear: Rgb,
    opacity: f32,
    paint: impl FnOnce(&mut Renderer),
) -> Picture {
    let (width, height) = (target.width(), target.height());
    let Artist { renderer, painter } = artist;
    renderer.begin(width, height, clear, opacity);
    paint(renderer);
    let pixels = match painter {
        Painter::Gpu(painter) => {
            let mut encoder = gpu.device().create_command_encoder(&Default::default());
            painter.paint(renderer, gpu, &mut encoder, target.view());
            gpu.queue().submit([encoder.finish()]);
            target.read_rgba(gpu)
        }
        Painter::Software(painter) => {
            painter.paint(renderer);
            painter.picture().to_rgba()
        }
    };
    Picture {
        width,
        height,
        pixels,
    }
}

/// Draws one page with a renderer of its own, with a few pixels of padding: with the device and without, which must
/// look the same.
pub(crate) fn shoot(
    gpu: &Gpu,
    page: &Page,
    fonts: &FontOptions,
    scale: f32,
    look: &Look,
) -> Picture {
    let (mut artist, warnings) = Artist::gpu(gpu, Offscreen::FORMAT, fonts, scale);
    assert!(warnings.is_empty(), "{warnings:?}");
    let metrics = artist.metrics();
    let size = page.frame.size;
    let padding = 4;
    let width = metrics.width * u32::from(size.columns);
    let height = metrics.height * u32::from(size.rows);
    let at = Rect::new(padding, padding, width, height);
    let clear = page.frame.palette.background;
    let shoot = |artist: &mut Artist| {
        draw(gpu, artist, (width + 8, height + 8), clear, 1.0, |scene| {
            scene.draw_grid(ViewId(1), &page.frame, at, look);
        })
    };
    let picture = shoot(&mut artist);
    let software = shoot(&mut Artist::software(fonts, scale));
    assert_alike(&picture, &software, 3);
    picture
}

/// Whether two pictures differ nowhere by more than `tolerance` of 255.
#[track_caller]
pub(crate) fn assert_alike(a: &Picture, b: &Picture, tolerance: u8) {
    assert_eq!((a.width, a.height), (b.width, b.height));
    let differ = |(a, b): (&u8, &u8)| a.abs_diff(*b) > tolerance;
    let far = a.pixels.iter().zip(&b.pixels).position(differ);
    if let Some(far) = far {
        let (x, y) = (far as u32 / 4 % a.width, far as u32 / 4 / a.width);
        let (a, b) = (a.at(x, y), b.at(x, y));
        panic!("at {x}, {y} one has {a:?}, the other {b:?}");
    }
}

pub(crate) fn save(picture: &Picture, path: &std::path::Path) {
    let file = std::fs::File::create(path).unwrap();
    let mut encoder =
        png::Encoder::new(std::io::BufWriter::new(file), picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&picture.pixels)
        .unwrap();
}

pub(crate) fn load(path: &std::path::Path) -> Option<Picture> {
    let file = std::fs::File::open(path).ok()?;
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    Some(Picture {
        width: info.width,
        height: info.height,
        pixels,
    })
}

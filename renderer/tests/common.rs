//! Frames made by hand, and pictures of them.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::allow_attributes,
    reason = "shared by tests that use different parts of it; a test may fail loudly"
)]

use renderer::{Backend, FontOptions, Gpu, Look, Offscreen, Rect, Renderer, ViewId};
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
    renderer: &mut Renderer,
    (width, height): (u32, u32),
    clear: Rgb,
    opacity: f32,
    paint: impl FnOnce(&mut Renderer),
) -> Picture {
    let target = Offscreen::new(gpu, width, height);
    draw_to(gpu, renderer, &target, clear, opacity, paint)
}

/// Draws what `paint` paints on `target`.
pub(crate) fn draw_to(
    gpu: &Gpu,
    renderer: &mut Renderer,
    target: &Offscreen,
    clear: Rgb,
    opacity: f32,
    paint: impl FnOnce(&mut Renderer),
) -> Picture {
    let (width, height) = (target.width(), target.height());
    renderer.begin(width, height, clear, opacity);
    paint(renderer);
    let mut encoder = gpu.device().create_command_encoder(&Default::default());
    renderer.finish(gpu, &mut encoder, target.view());
    gpu.queue().submit([encoder.finish()]);
    Picture {
        width,
        height,
        pixels: target.read_rgba(gpu),
    }
}

/// Draws one page with its own renderer, with a few pixels of padding.
pub(crate) fn shoot(
    gpu: &Gpu,
    page: &Page,
    fonts: &FontOptions,
    scale: f32,
    look: &Look,
) -> Picture {
    let (mut renderer, warnings) = Renderer::new(gpu, Offscreen::FORMAT, fonts, scale);
    assert!(warnings.is_empty(), "{warnings:?}");
    let metrics = renderer.metrics();
    let size = page.frame.size;
    let padding = 4;
    let width = metrics.width * u32::from(size.columns);
    let height = metrics.height * u32::from(size.rows);
    let at = Rect::new(padding, padding, width, height);
    let target = (width + 8, height + 8);
    draw(
        gpu,
        &mut renderer,
        target,
        page.frame.palette.background,
        1.0,
        |renderer| {
            renderer.draw_grid(ViewId(1), &page.frame, at, look);
        },
    )
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

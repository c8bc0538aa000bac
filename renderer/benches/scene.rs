//! Shaping and scene building: the work of the CPU for one frame, on 200 × 50 cells.

use divan::Bencher;
use renderer::wgpu::PollType;
use renderer::{
    Backend, FontOptions, Gpu, GpuPainter, Look, Offscreen, Rect, Renderer, SoftwarePainter, ViewId,
};
use terminal::cell::{CellWidth, Style};
use terminal::frame::{FrameCell, FrameRow};
use terminal::{Color, Frame, GridSize, Rgb};

const COLUMNS: u16 = 200;
const ROWS: u16 = 50;

fn main() {
    divan::main();
}

/// Rows of words, numbers and operators; with `color`, every word in another one.
fn frame(seed: usize, color: bool) -> Frame {
    const WORDS: [&str; 12] = [
        "fn",
        "render(&mut",
        "self)",
        "->",
        "Result<(),",
        "Error>",
        "{",
        "0x1f;",
        "//",
        "comment",
        "=>",
        "drwxr-xr-x",
    ];
    let mut frame = Frame::new();
    frame.size = GridSize {
        columns: COLUMNS,
        rows: ROWS,
    };
    for row in 0..usize::from(ROWS) {
        let mut cells = Vec::with_capacity(usize::from(COLUMNS));
        let mut word = seed + row * 5;
        while cells.len() < usize::from(COLUMNS) {
            let index = u8::try_from(word % 216).unwrap_or(0) + 16;
            let foreground = if color {
                Color::Indexed(index)
            } else {
                Color::Default
            };
            let style = Style {
                foreground,
                ..Style::default()
            };
            let text = WORDS[word % WORDS.len()];
            cells.extend(text.chars().chain([' ']).map(|character| FrameCell {
                character,
                cluster: 0,
                width: CellWidth::Narrow,
                style,
                link: 0,
            }));
            word += 1;
        }
        cells.truncate(usize::from(COLUMNS));
        let generation = (seed * 1000 + row + 1) as u64;
        frame.rows.push(FrameRow {
            cells,
            generation,
            ..FrameRow::default()
        });
    }
    frame
}

struct Setup {
    renderer: Renderer,
    painter: Painter,
    at: Rect,
}

/// What draws the scenes.
#[expect(clippy::large_enum_variant, reason = "there is one in a benchmark")]
enum Painter {
    Gpu(Gpu, GpuPainter, Offscreen),
    Software(SoftwarePainter),
}

/// With whatever device there is, or without any.
fn setup(device: bool) -> Setup {
    let (renderer, _) = Renderer::new(&FontOptions::default(), 1.0);
    let metrics = renderer.metrics();
    let at = Rect::new(
        0,
        0,
        metrics.width * u32::from(COLUMNS),
        metrics.height * u32::from(ROWS),
    );
    let painter = if device {
        let gpu = Gpu::offscreen(Backend::Auto).expect("a graphics driver");
        let painter = GpuPainter::new(&gpu, Offscreen::FORMAT);
        let target = Offscreen::new(&gpu, at.width, at.height);
        Painter::Gpu(gpu, painter, target)
    } else {
        Painter::Software(SoftwarePainter::new())
    };
    Setup {
        renderer,
        painter,
        at,
    }
}

impl Setup {
    /// Builds a scene, without drawing it.
    fn build(&mut self, frame: &Frame) {
        self.renderer
            .begin(self.at.width, self.at.height, Rgb::new(0, 0, 0), 1.0);
        self.renderer
            .draw_grid(ViewId(1), frame, self.at, &Look::default());
    }

    /// Builds and draws a scene, and waits for it.
    fn draw(&mut self, frame: &Frame) {
        self.build(frame);
        match &mut self.painter {
            Painter::Gpu(gpu, painter, target) => {
                let mut encoder = gpu.device().create_command_encoder(&Default::default());
                painter.paint(&mut self.renderer, gpu, &mut encoder, target.view());
                gpu.queue().submit([encoder.finish()]);
                let _ = gpu.device().poll(PollType::wait_indefinitely());
            }
            Painter::Software(painter) => {
                divan::black_box(painter.paint(&mut self.renderer));
            }
        }
    }
}

/// Every row is another one than before, as while a program scrolls.
#[divan::bench(args = [false, true])]
fn build_all_rows(bencher: Bencher<'_, '_>, color: bool) {
    let mut setup = setup(false);
    let frames: Vec<_> = (0..8).map(|seed| frame(seed, color)).collect();
    let mut next = 0;
    bencher.bench_local(|| {
        next += 1;
        setup.build(&frames[next % frames.len()]);
    });
}

/// One row changed, as while typing.
#[divan::bench]
fn build_one_row(bencher: Bencher<'_, '_>) {
    let mut setup = setup(false);
    let mut frame = frame(0, true);
    setup.build(&frame);
    bencher.bench_local(|| {
        frame.rows[20].generation += 1000;
        setup.build(&frame);
    });
}

/// Nothing changed.
#[divan::bench]
fn build_nothing(bencher: Bencher<'_, '_>) {
    let mut setup = setup(false);
    let frame = frame(0, true);
    bencher.bench_local(|| setup.build(&frame));
}

/// Nothing is known yet: every glyph is rasterised.
#[divan::bench]
fn first_frame(bencher: Bencher<'_, '_>) {
    let mut setup = setup(false);
    let frame = frame(0, true);
    let fonts = FontOptions::default();
    bencher.bench_local(|| {
        setup.renderer.set_fonts(&fonts, 1.0);
        setup.build(&frame);
    });
}

/// One row changed, drawn without or with whatever device there is.
#[divan::bench(args = [false, true])]
fn draw_one_row(bencher: Bencher<'_, '_>, device: bool) {
    let mut setup = setup(device);
    let mut frame = frame(0, true);
    bencher.bench_local(|| {
        frame.rows[20].generation += 1000;
        setup.draw(&frame);
    });
}

/// One line more at the bottom, as after a command; without or with a device.
#[divan::bench(args = [false, true])]
fn draw_scrolled(bencher: Bencher<'_, '_>, device: bool) {
    let mut setup = setup(device);
    let mut frame = frame(0, true);
    let mut generation = 1_000_000;
    bencher.bench_local(|| {
        frame.rows.rotate_left(1);
        generation += 1;
        if let Some(row) = frame.rows.last_mut() {
            row.generation = generation;
        }
        setup.draw(&frame);
    });
}

/// Every row changed, drawn without or with whatever device there is.
#[divan::bench(args = [false, true])]
fn draw_all_rows(bencher: Bencher<'_, '_>, device: bool) {
    let mut setup = setup(device);
    let frames: Vec<_> = (0..8).map(|seed| frame(seed, true)).collect();
    let mut next = 0;
    bencher.bench_local(|| {
        next += 1;
        setup.draw(&frames[next % frames.len()]);
    });
}

/// From nothing to a renderer, the device aside.
#[divan::bench]
fn start(bencher: Bencher<'_, '_>) {
    let fonts = FontOptions::default();
    bencher.bench_local(|| Renderer::new(&fonts, 1.0));
}

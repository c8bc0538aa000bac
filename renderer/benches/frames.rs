//! What a frame costs on a large screen: 3840 × 2160 pixels of 300 × 100 cells, every cell another one than before.
//!
//! `make bench-frames`, or `cargo bench -p renderer --bench frames [-- --frames N --size 3840x2160 --grid 300x100 --software]`. Needs no
//! display. The processor's share is what the window does for a frame: copy the terminal's rows, build the scene,
//! encode, submit. The device's share is told by timestamps around the pass; uploads come before it, so the time
//! from the submission to the end of all work stands beside it.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use renderer::wgpu;
use renderer::{Backend, FontOptions, Gpu, GpuPainter, Look, Offscreen, Rect, Renderer, ViewId};
use terminal::{Frame, GridSize, Options, Terminal};

/// Frames drawn before the first that counts: they fill the atlas and the caches.
const WARM_UP: usize = 20;

/// What to draw, and where.
struct Plan {
    backend: Backend,
    /// Frames that count; `None`: 300, or 30 in software.
    frames: Option<usize>,
    pixels: (u32, u32),
    grid: GridSize,
}

fn main() {
    let plan = plan();
    let features =
        wgpu::Features::TIMESTAMP_QUERY | wgpu::Features::TIMESTAMP_QUERY_INSIDE_ENCODERS;
    let gpu = match Gpu::offscreen_with(plan.backend, features) {
        Ok(gpu) => gpu,
        Err(error) => {
            println!("frames: {error}");
            std::process::exit(1);
        }
    };
    let info = gpu.adapter_info();
    let (width, height) = plan.pixels;
    println!(
        "{} ({:?}, {}), {width}x{height} pixels, {}x{} cells",
        info.name, info.backend, info.driver_info, plan.grid.columns, plan.grid.rows
    );
    println!("milliseconds a frame, median / 99th of a hundred");
    println!(
        "{:<12} {:>7} {:>15} {:>15} {:>15} {:>15} {:>15} {:>15} {:>15} {:>10}",
        "content",
        "frames",
        "CPU",
        "copy",
        "build",
        "encode",
        "submit",
        "GPU pass",
        "submit to end",
        "KB sent"
    );
    let frames = plan
        .frames
        .unwrap_or(if gpu.is_software() { 30 } else { 300 });
    for content in Content::ALL {
        let mut stage = Stage::new(&gpu, &plan);
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let times: Vec<Times> = (0..WARM_UP + frames)
            .map(|number| {
                let bytes = content.screen(&mut random, plan.grid, number);
                stage.draw(bytes.as_bytes())
            })
            .skip(WARM_UP)
            .collect();
        println!(
            "{}",
            row(content, &times, stage.renderer.stats().uploaded_bytes)
        );
    }
}

/// A line of the table.
fn row(content: Content, times: &[Times], sent: u64) -> String {
    let mut line = format!("{:<12} {:>7}", content.name(), times.len());
    let columns: [fn(&Times) -> Option<Duration>; 7] = [
        |times| Some(times.copy + times.build + times.encode + times.submit),
        |times| Some(times.copy),
        |times| Some(times.build),
        |times| Some(times.encode),
        |times| Some(times.submit),
        |times| times.pass,
        |times| Some(times.end),
    ];
    for column in columns {
        let mut values: Vec<Duration> = times.iter().filter_map(column).collect();
        values.sort();
        let at = |share: usize| {
            let index = (values.len() * share / 100).min(values.len().saturating_sub(1));
            values.get(index).map(|value| value.as_secs_f64() * 1e3)
        };
        match (at(50), at(99)) {
            (Some(median), Some(worst)) => {
                let _ = write!(line, " {:>15}", format!("{median:.2} / {worst:.2}"));
            }
            // This driver has no timestamps.
            _ => line.push_str("           untold"),
        }
    }
    let _ = write!(line, " {:>10}", sent / 1000);
    line
}

/// Reads the command line; what it does not know, cargo added.
fn plan() -> Plan {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let index = args.iter().position(|arg| arg == name)?;
        args.get(index + 1).map(String::as_str)
    };
    fn pair<T: std::str::FromStr>(text: Option<&str>) -> Option<(T, T)> {
        let (first, second) = text?.split_once('x')?;
        Some((first.parse().ok()?, second.parse().ok()?))
    }
    let (columns, rows) = pair(after("--grid")).unwrap_or((300, 100));
    Plan {
        backend: if args.iter().any(|arg| arg == "--software") {
            Backend::Software
        } else {
            Backend::Vulkan
        },
        frames: after("--frames").and_then(|text| text.parse().ok()),
        pixels: pair(after("--size")).unwrap_or((3840, 2160)),
        grid: GridSize::new(columns, rows),
    }
}

/// How long the parts of a frame took.
struct Times {
    copy: Duration,
    build: Duration,
    encode: Duration,
    submit: Duration,
    /// The pass on the device, where the driver tells.
    pass: Option<Duration>,
    /// From the submission until the device was done with everything.
    end: Duration,
}

/// A terminal and what draws it.
struct Stage<'a> {
    gpu: &'a Gpu,
    terminal: Terminal,
    frame: Frame,
    renderer: Renderer,
    painter: GpuPainter,
    target: Offscreen,
    at: Rect,
    clock: Option<Clock>,
}

impl<'a> Stage<'a> {
    fn new(gpu: &'a Gpu, plan: &Plan) -> Self {
        let (width, height) = plan.pixels;
        let (columns, rows) = (u32::from(plan.grid.columns), u32::from(plan.grid.rows));
        let mut fonts = FontOptions::default();
        let (mut renderer, _) = Renderer::new(&fonts, 1.0);
        // The largest text that fits.
        fonts.size_points = 40.0;
        let fits = |renderer: &Renderer| {
            let cell = renderer.metrics();
            cell.width * columns <= width && cell.height * rows <= height
        };
        renderer.set_fonts(&fonts, 1.0);
        while !fits(&renderer) && fonts.size_points > 1.0 {
            fonts.size_points -= 0.25;
            renderer.set_fonts(&fonts, 1.0);
        }
        let cell = renderer.metrics();
        Self {
            gpu,
            terminal: Terminal::new(plan.grid, Options::default()),
            frame: Frame::new(),
            renderer,
            painter: GpuPainter::new(gpu, Offscreen::FORMAT),
            target: Offscreen::new(gpu, width, height),
            at: Rect::new(0, 0, cell.width * columns, cell.height * rows),
            clock: Clock::new(gpu),
        }
    }

    /// Prints to the terminal and draws what it shows then; waits for the device.
    fn draw(&mut self, bytes: &[u8]) -> Times {
        self.terminal.advance(bytes, Duration::ZERO);
        let began = Instant::now();
        self.frame.update(&mut self.terminal);
        let copied = Instant::now();
        let (width, height) = (self.target.width(), self.target.height());
        let background = self.frame.palette.background;
        self.renderer.begin(width, height, background, 1.0);
        self.renderer
            .draw_grid(ViewId(1), &self.frame, self.at, &Look::default());
        let built = Instant::now();
        let mut encoder = self
            .gpu
            .device()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        if let Some(clock) = &self.clock {
            encoder.write_timestamp(&clock.queries, 0);
        }
        let target = self.target.view();
        self.painter
            .paint(&mut self.renderer, self.gpu, &mut encoder, target);
        if let Some(clock) = &self.clock {
            encoder.write_timestamp(&clock.queries, 1);
            clock.resolve(&mut encoder);
        }
        let commands = encoder.finish();
        let encoded = Instant::now();
        self.gpu.queue().submit([commands]);
        let submitted = Instant::now();
        let _ = self.gpu.device().poll(wgpu::PollType::wait_indefinitely());
        Times {
            copy: copied - began,
            build: built - copied,
            encode: encoded - built,
            submit: submitted - encoded,
            end: encoded.elapsed(),
            pass: self.clock.as_ref().and_then(|clock| clock.read(self.gpu)),
        }
    }
}

/// Timestamps before and after the pass.
struct Clock {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    readable: wgpu::Buffer,
}

impl Clock {
    const BYTES: u64 = 16;

    /// `None` when the device has no timestamps.
    fn new(gpu: &Gpu) -> Option<Self> {
        let device = gpu.device();
        device
            .features()
            .contains(wgpu::Features::TIMESTAMP_QUERY_INSIDE_ENCODERS)
            .then(|| {
                let buffer = |usage| {
                    device.create_buffer(&wgpu::BufferDescriptor {
                        label: Some("timestamps"),
                        size: Self::BYTES,
                        usage,
                        mapped_at_creation: false,
                    })
                };
                Self {
                    queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                        label: Some("pass"),
                        ty: wgpu::QueryType::Timestamp,
                        count: 2,
                    }),
                    resolved: buffer(
                        wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
                    ),
                    readable: buffer(wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST),
                }
            })
    }

    fn resolve(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.resolve_query_set(&self.queries, 0..2, &self.resolved, 0);
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.readable, 0, Self::BYTES);
    }

    /// The time between the two; the device must be done with them.
    fn read(&self, gpu: &Gpu) -> Option<Duration> {
        let slice = self.readable.slice(..);
        slice.map_async(wgpu::MapMode::Read, |_| {});
        let _ = gpu.device().poll(wgpu::PollType::wait_indefinitely());
        let ticks = {
            let mapped = slice.get_mapped_range().ok()?;
            let stamp =
                |at: usize| Some(u64::from_le_bytes(mapped.get(at..at + 8)?.try_into().ok()?));
            stamp(8)?.saturating_sub(stamp(0)?)
        };
        self.readable.unmap();
        let period = f64::from(gpu.queue().get_timestamp_period());
        Some(Duration::from_secs_f64(ticks as f64 * period / 1e9))
    }
}

/// What is on the screens.
#[derive(Clone, Copy)]
enum Content {
    /// Words of a program's source.
    Words,
    /// The same, each in a color.
    Colored,
    /// Letters at random, each in colors of its own, before and behind.
    TrueColor,
    /// Accents, lines and braille among the letters.
    Symbols,
    /// One line more, all others move up.
    Scrolling,
}

impl Content {
    const ALL: [Content; 5] = [
        Content::Words,
        Content::Colored,
        Content::TrueColor,
        Content::Symbols,
        Content::Scrolling,
    ];

    fn name(self) -> &'static str {
        match self {
            Content::Words => "words",
            Content::Colored => "colored",
            Content::TrueColor => "true color",
            Content::Symbols => "symbols",
            Content::Scrolling => "scrolling",
        }
    }

    /// What a program prints for the next frame.
    fn screen(self, random: &mut Random, grid: GridSize, number: usize) -> String {
        let mut text = String::new();
        if matches!(self, Content::Scrolling) && number > 0 {
            text.push_str("\r\n");
            self.line(random, grid.columns, &mut text);
            return text;
        }
        for row in 1..=grid.rows {
            let _ = write!(text, "\x1b[{row}H");
            self.line(random, grid.columns, &mut text);
        }
        text
    }

    fn line(self, random: &mut Random, columns: u16, text: &mut String) {
        const WORDS: [&str; 16] = [
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
            "let",
            "mut",
            "frames",
            "==",
        ];
        const SYMBOLS: [char; 12] = ['é', 'ñ', 'ü', 'Ж', 'λ', '│', '─', '┼', '█', '▒', '⠿', '⣷'];
        let mut left = usize::from(columns);
        while left > 0 {
            match self {
                Content::Words | Content::Colored | Content::Scrolling => {
                    if matches!(self, Content::Colored) {
                        let _ = write!(text, "\x1b[38;5;{}m", 16 + random.below(216));
                    }
                    let word = WORDS[random.below(WORDS.len())];
                    let number = random.below(1000);
                    for character in format!("{word} {number} ").chars().take(left) {
                        text.push(character);
                        left -= 1;
                    }
                }
                Content::TrueColor => {
                    let mut channel = || random.below(256);
                    let (r, g, b) = (channel(), channel(), channel());
                    let _ = write!(text, "\x1b[38;2;{r};{g};{b};48;2;{g};{b};{r}m");
                    text.push(random.letter());
                    left -= 1;
                }
                Content::Symbols => {
                    text.push(if random.below(2) == 0 {
                        random.letter()
                    } else {
                        SYMBOLS[random.below(SYMBOLS.len())]
                    });
                    left -= 1;
                }
            }
        }
        text.push_str("\x1b[m");
    }
}

/// A small generator of random numbers (xorshift), so that every run draws the same.
struct Random(u64);

impl Random {
    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % n
    }

    fn letter(&mut self) -> char {
        u32::try_from(33 + self.below(94))
            .ok()
            .and_then(char::from_u32)
            .unwrap_or('x')
    }
}

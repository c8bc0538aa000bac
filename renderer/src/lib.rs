//! Pictures: frames of cells to pixels.
//!
//! The renderer knows cells, frames and rectangles, not windows, panes or blocks. A caller makes a
//! [`Renderer`] and for every frame calls [`Renderer::begin`] and the `draw_…` methods from back to
//! front. With graphics hardware it opens a [`Gpu`] and a target ([`WindowSurface`] or
//! [`Offscreen`]), and a [`GpuPainter`] draws the scene; without, a [`SoftwarePainter`] does, and a
//! [`SoftwareSurface`] shows its picture. Nothing is allocated, shaped or uploaded for what did not
//! change since the last frame.
#![forbid(unsafe_code)]

pub mod font;
pub mod gpu;
pub mod offscreen;
pub mod pixmap;
pub mod surface;
pub mod units;

mod atlas;
mod builtin;
mod color;
mod damage;
mod gpu_painter;
mod pipeline;
mod renderer;
mod rows;
mod scene;
mod shape;
mod software;
mod software_surface;
mod stand_ins;
mod text;
mod view;

pub use font::{CellMetrics, FontOptions, FontScan, Warning};
pub use gpu::{Backend, Gpu};
pub use gpu_painter::GpuPainter;
pub use offscreen::Offscreen;
pub use pixmap::{Pixmap, PixmapMut};
pub use renderer::{Renderer, TextStyle};
pub use software::SoftwarePainter;
pub use software_surface::SoftwareSurface;
pub use stand_ins::{ColorGlyph, FontFile, StandIns};
pub use surface::{Latency, Lost, SurfaceFrame, WindowSurface};
pub use units::{LogicalPx, Px, Rect, Scale};
pub use wgpu;

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No graphics driver fits.
    #[error(
        "no graphics adapter found; install its driver (on Debian: mesa-vulkan-drivers), or set \
         renderer.backend to \"auto\""
    )]
    NoAdapter,
    /// The driver refuses to open the device.
    #[error("the graphics device does not open: {0}")]
    Device(String),
    /// The window cannot be drawn to.
    #[error("cannot draw to this window: {0}")]
    Surface(String),
}

/// Whose rows a cached picture belongs to: one for each pane, never reused for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(pub u64);

/// The text that an input method is composing, drawn over the grid at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Preedit {
    /// The text.
    pub text: String,
    /// The input method's cursor or selection, in bytes of `text`; `None` hides it.
    pub cursor: Option<(usize, usize)>,
}

/// Cells of one row that stand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Highlight {
    /// Viewport row.
    pub row: u16,
    /// First column.
    pub start: u16,
    /// Column after the last.
    pub end: u16,
    /// Their background; the text keeps its color as far as it can be read on it.
    pub background: terminal::Rgb,
}

/// How a grid is drawn, beside what is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Whether the pane has the keyboard.
    pub focused: bool,
    /// The phase of a blinking cursor: whether it is to be seen now. Counts only while `focused`.
    pub cursor_blink_on: bool,
    /// The phase of blinking text (SGR 5): whether it is to be seen now.
    pub text_blink_on: bool,
    /// Least contrast of text and its background, 1 (as it is) to 21 (black and white), by WCAG.
    pub minimum_contrast: f32,
    /// Whether bold text in one of the first 8 colors takes the bright one.
    pub bold_is_bright: bool,
    /// Width of a beam cursor, height of an underline cursor, width of a hollow one's frame, in
    /// logical pixels.
    pub cursor_thickness: f32,
    /// Whether the cursor is an empty frame while not `focused`.
    pub unfocused_hollow: bool,
    /// The link ([`FrameCell::link`](terminal::frame::FrameCell::link)) under the pointer:
    /// its cells are underlined.
    pub hovered_link: Option<u16>,
    /// Cells to underline as a hovered link: viewport row, first column, column after the last.
    /// For links found in the text, which have no OSC 8 id.
    pub hovered_cells: Vec<(u16, u16, u16)>,
    /// Cells to draw on a ground of their own: what a search found. Later ones are over earlier ones and
    /// over the selection.
    pub highlights: Vec<Highlight>,
    /// Opacity of the default background, 0 to 1, where this grid draws it. Backgrounds that a
    /// program set are opaque.
    pub background_opacity: f32,
    /// How far everything is blended towards the background, 0 (not at all) to 1: inactive panes.
    pub dim: f32,
    /// What an input method is composing.
    pub preedit: Option<Preedit>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            focused: true,
            cursor_blink_on: true,
            text_blink_on: true,
            minimum_contrast: 1.0,
            bold_is_bright: false,
            cursor_thickness: 1.5,
            unfocused_hollow: true,
            hovered_link: None,
            hovered_cells: Vec::new(),
            highlights: Vec::new(),
            background_opacity: 1.0,
            dim: 0.0,
            preedit: None,
        }
    }
}

/// What the renderer did and holds, for logs and tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Rows built anew since the renderer was made.
    pub rows_shaped: u64,
    /// Glyphs rasterised since the renderer was made.
    pub glyphs_rasterised: u64,
    /// Bytes of the glyph atlas now.
    pub atlas_bytes: u64,
    /// Draw calls of the last scene.
    pub draws: u64,
    /// Bytes sent to the device for the last scene.
    pub uploaded_bytes: u64,
}

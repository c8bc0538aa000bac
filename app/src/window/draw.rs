//! A frame: copy what changed, build the scene, draw, present. Nothing is drawn when nothing changed.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use renderer::units::Rect;
use renderer::{Highlight, Look};
use terminal::{Frame, Rgb};
use winit::raw_window_handle::{HasWindowHandle as _, RawWindowHandle};

use super::Window;
use crate::headless::picture::Picture;
use crate::pane::PaneId;
use crate::services::Services;
use crate::settings;
use crate::view::blocks::decorate;
use crate::view::canvas::Canvas;
use crate::view::hints;
use crate::view::notices::Severity;
use crate::view::scrollbar::Scrollbar;

/// When frames are drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// Something other than a pane's content changed.
    pub(super) needed: bool,
    /// What blinks was to be seen in the last frame.
    pub(super) blink_shown: bool,
    /// A frame of output is held back until then, since the screen cannot show more.
    pub(super) held_until: Option<Instant>,
    /// The user typed: the next output is the echo, and is shown at once.
    pub(super) echo_expected: bool,
    /// When the user last typed.
    pub(super) typed: Option<Instant>,
    /// Bytes that the shown panes had parsed at the last frame.
    parsed: u64,
    /// We asked for the next frame; one that nobody asked for is the system's, which lost the picture.
    requested: bool,
    last: Option<Instant>,
    /// When the picture was last made anew because its surface was lost.
    rebuilt: Option<Instant>,
}

/// Frames are not drawn closer together than this while output floods: no screen shows them, and the time is
/// the parser's. Keys and pointer are exempt.
const MIN_FRAME_TIME: Duration = Duration::from_millis(7);

/// The same where the processor draws: the frames of most screens.
const SOFTWARE_FRAME_TIME: Duration = Duration::from_millis(16);

/// The same there while so much comes that nobody reads it: in a flood of colored text the frames take a sixth of
/// the processor's time at this pace (tests/perf/RESULTS.md).
const FLOOD_FRAME_TIME: Duration = Duration::from_millis(33);

/// Bytes within [`SOFTWARE_FRAME_TIME`] that are a flood.
const FLOOD: u64 = 32 * 1024;

/// A surface that is lost this soon after it was made is not made again at once.
const REBUILD_PAUSE: Duration = Duration::from_secs(1);

/// Who typed a moment ago waits for an echo, whatever else is printed.
const TYPING: Duration = Duration::from_millis(250);

/// How far a pane fades while its hints are chosen, so that the labels stand out.
const HINT_DIM: f32 = 0.35;

impl Window {
    /// Asks for a frame, which is drawn if something changed by then.
    pub(super) fn request_frame(&mut self) {
        self.pace.requested = true;
        self.handle.request_redraw();
    }

    /// A pane has new output: draws it now, or soon if a frame was drawn just now.
    pub(super) fn output_arrived(&mut self) {
        let now = Instant::now();
        match self.pace.last {
            Some(last) if !self.pace.echo_expected && now < last + self.frame_time(now) => {
                self.pace.held_until = Some(last + self.frame_time(now));
            }
            _ => self.request_frame(),
        }
    }

    /// How long after a frame the next one with output comes.
    fn frame_time(&self, now: Instant) -> Duration {
        let software = self.canvas.as_ref().is_some_and(Canvas::is_software);
        let typing = self.pace.typed.is_some_and(|at| now < at + TYPING);
        if !software || typing {
            MIN_FRAME_TIME
        } else if self.bytes_shown().saturating_sub(self.pace.parsed) > FLOOD {
            FLOOD_FRAME_TIME
        } else {
            SOFTWARE_FRAME_TIME
        }
    }

    /// Bytes that the shown panes have parsed so far.
    fn bytes_shown(&self) -> u64 {
        let panes = self.shown_panes();
        let panes = panes.iter().filter_map(|id| self.panes.get(id));
        panes.map(|pane| pane.session.parsed().1).sum()
    }

    /// Draws a frame of output that was held back, if it is time; with a flood, a little later.
    pub(super) fn draw_held(&mut self, now: Instant) {
        let Some(until) = self.pace.held_until.filter(|until| *until <= now) else {
            return;
        };
        let due = self.pace.last.map(|last| last + self.frame_time(now));
        self.pace.held_until = due.filter(|due| now < *due && until < *due);
        if self.pace.held_until.is_none() {
            self.redraw();
        }
    }

    pub(super) fn draw(&mut self, services: &mut Services) {
        let size = self.size;
        if size.width == 0 || size.height == 0 || self.occluded {
            return;
        }
        if self.canvas.as_ref().is_none_or(Canvas::is_lost) {
            self.rebuild_canvas(services);
        }
        let now = Instant::now();
        let shown = self.shown_panes();
        let exposed = !std::mem::take(&mut self.pace.requested);
        let mut changed = self.pace.needed || exposed;
        changed |= self.update_frames(services, &shown);
        changed |= self.count_filtered();
        let rhythm = settings::blink_rhythm(&services.config);
        let blink_on = !self.focused || self.blink.is_on(now, rhythm);
        changed |= blink_on != self.pace.blink_shown;
        changed |= self.overlay.is_changed();
        if !changed {
            return;
        }
        let Some(mut canvas) = self.canvas.take() else {
            return;
        };
        let outcome = self.draw_on(&mut canvas, services, &shown, (blink_on, exposed), now);
        self.canvas = Some(canvas);
        if std::mem::take(&mut self.layout_missed) {
            self.lay_out(services);
        }
        match outcome {
            Ok(true) => {
                self.pace.needed = false;
                self.pace.blink_shown = blink_on;
                self.pace.echo_expected = false;
                self.pace.last = Some(now);
                self.pace.parsed = self.bytes_shown();
            }
            // The surface had no image to give (minimised, or just resized); the next event tries again.
            Ok(false) => self.pace.needed = true,
            Err(renderer::Lost) => {
                if let Some(canvas) = &mut self.canvas {
                    canvas.mark_lost();
                }
                // A surface that is lost whenever it is drawn to must not be tried in a loop: the next event does.
                self.pace.needed = true;
                if self.pace.rebuilt.is_none_or(|at| now > at + REBUILD_PAUSE) {
                    self.redraw();
                }
            }
        }
    }

    /// Copies what panes show; returns whether any of it changed.
    fn update_frames(&mut self, services: &Services, shown: &[PaneId]) -> bool {
        let look = settings::block_look(&services.config);
        let mut changed = false;
        for id in shown {
            if let Some(pane) = self.panes.get_mut(id) {
                changed |= pane.update_frame(&look);
                settings::force_cursor(&services.config, &mut pane.frame.cursor, self.focused);
                if let Some(copying) = self.copying.as_ref().filter(|one| one.pane == *id) {
                    copying.place_cursor(&pane.session.lock(), &mut pane.frame);
                }
            }
        }
        changed
    }

    /// A picture of the window with all that is in it, as the screen shows it.
    ///
    /// # Errors
    /// When the window has no area, or the device is lost.
    pub(crate) fn picture(&mut self, services: &mut Services) -> Result<Picture> {
        let size = self.handle.inner_size();
        ensure!(size.width > 0 && size.height > 0, "the window is minimised");
        let shown = self.shown_panes();
        self.update_frames(services, &shown);
        let mut canvas = self.canvas.take().context("the graphics device is lost")?;
        let now = Instant::now();
        self.lay_out_chrome(services, &canvas, now);
        self.build_scene(&mut canvas, services, &shown, true, now);
        let picture = canvas.picture(self.overlay.chrome_to_paint());
        self.canvas = Some(canvas);
        if std::mem::take(&mut self.layout_missed) {
            self.lay_out(services);
        }
        // What was copied from the panes just now is still to be seen in the window.
        self.redraw();
        picture.context("the graphics device was lost; try again")
    }

    fn draw_on(
        &mut self,
        canvas: &mut Canvas,
        services: &mut Services,
        shown: &[PaneId],
        (blink_on, exposed): (bool, bool),
        now: Instant,
    ) -> std::result::Result<bool, renderer::Lost> {
        self.lay_out_chrome(services, canvas, now);
        let Some(target) = canvas.acquire()? else {
            return Ok(false);
        };
        self.build_scene(canvas, services, shown, blink_on, now);
        let handle = &self.handle;
        let chrome = self.overlay.chrome_to_paint();
        canvas.present(target, chrome, exposed, || handle.pre_present_notify())?;
        Ok(true)
    }

    fn build_scene(
        &mut self,
        canvas: &mut Canvas,
        services: &Services,
        shown: &[PaneId],
        blink_on: bool,
        now: Instant,
    ) {
        let (width, height) = canvas.size();
        let focused = self.tabs.active().map(|tab| tab.focused);
        let palette = focused
            .and_then(|id| self.panes.get(&id))
            .map_or_else(|| services.palette(), |pane| pane.frame.palette.clone());
        let opacity = services.config.window.opacity;
        let renderer = &mut canvas.renderer;
        renderer.begin(width, height, palette.background, opacity);
        let scale = self.scale;
        let inks = self.inks();
        for id in shown {
            let Some(pane) = self.panes.get_mut(id) else {
                continue;
            };
            // Headers are in the frame only while it is drawn.
            let mut frame = std::mem::take(&mut pane.frame);
            let plain = decorate::apply(&mut frame, &pane.blocks, &inks);
            let Some(pane) = self.panes.get(id) else {
                continue;
            };
            let has_keyboard = self.focused && focused == Some(*id) && !self.overlay.has_keyboard();
            let base = settings::look(&services.config, pane.cells.cell_width, scale);
            let look = Look {
                focused: has_keyboard,
                cursor_blink_on: blink_on,
                text_blink_on: blink_on,
                hovered_link: None,
                hovered_cells: self.pointer.hovered_cells(*id, &frame),
                highlights: self.highlights(pane.id, &frame),
                dim: match &self.hints {
                    Some(mode) if mode.pane == *id => HINT_DIM,
                    _ if focused == Some(*id) => 0.0,
                    _ => base.dim,
                },
                preedit: has_keyboard.then(|| self.preedit.clone()).flatten(),
                ..base
            };
            if look.preedit.is_some() {
                self.place_ime(pane.cells, &frame);
            }
            let cells = pane.cells;
            let at = Rect {
                x: cells.x,
                y: cells.y,
                width: cells.cell_width * u32::from(cells.size.columns),
                height: cells.cell_height * u32::from(cells.size.rows),
            };
            renderer.draw_grid(id.view(), &frame, at, &look);
            Self::draw_gutter(renderer, pane, &inks, look.dim, scale);
            let color = pane
                .environment
                .as_ref()
                .and_then(|environment| environment.look.color);
            if let Some(color) = color {
                let color = self.overlay.tokens().visible(color).to_array();
                renderer.draw_quad(environment_edge(pane.area, scale), color);
            }
            if let Some(copying) = self.copies_in(pane) {
                hints::badge(&copying.badge(), cells, renderer, self.overlay.tokens());
            }
            if let Some(mode) = self.hints.as_ref().filter(|mode| mode.pane == *id) {
                let tokens = self.overlay.tokens();
                hints::draw(&mode.hints, &mode.typed, &frame, cells, renderer, tokens);
                hints::badge(&mode.badge(), cells, renderer, tokens);
            }
            let bar = services.config.scrollback.scrollbar.then(|| {
                let (offset, total) = (frame.display_offset, frame.scrollback_rows);
                Scrollbar::new(pane.area, frame.size.rows, offset, total, scale)
            });
            let wanted = frame.display_offset > 0
                || self.pointer.near_scrollbar(*id)
                || self.find.marks_pane(*id);
            if let Some(bar) = bar.flatten().filter(|_| wanted) {
                let Rgb { r, g, b } = frame.palette.foreground;
                renderer.draw_quad(bar.thumb, [r, g, b, 110]);
                let tokens = self.overlay.tokens();
                let found = self.find.searching_in(*id);
                self.marks.draw(pane, found, &bar, renderer, tokens, scale);
            }
            decorate::restore(&mut frame, plain);
            if let Some(pane) = self.panes.get_mut(id) {
                pane.frame = frame;
            }
        }
        for border in self.borders(services) {
            let tokens = self.overlay.tokens();
            let [r, g, b, a] = tokens.line.to_array();
            renderer.draw_quad(border.line, [r, g, b, a]);
        }
        self.mark_panes(renderer, scale);
        self.draw_goal(renderer);
        let flash = self.blink.flash_strength(now);
        if flash > 0.0 {
            let Rgb { r, g, b } = palette.foreground;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of a byte"
            )]
            let alpha = (flash * 90.0) as u8;
            let whole = Rect {
                x: 0,
                y: 0,
                width,
                height,
            };
            renderer.draw_quad(whole, [r, g, b, alpha]);
        }
    }

    /// The cells of a pane that stand out: what was found, or what can be chosen.
    fn highlights(&self, pane: PaneId, frame: &Frame) -> Vec<Highlight> {
        let tokens = self.overlay.tokens();
        match self.hints.as_ref().filter(|mode| mode.pane == pane) {
            Some(mode) => hints::highlights(&mode.hints, &mode.typed, frame, tokens),
            None => self.find.highlights(pane, frame, tokens),
        }
    }

    /// Frames the panes that are typed into together, and underlines the top of one that hides others.
    fn mark_panes(&self, renderer: &mut renderer::Renderer, scale: f32) {
        let Some(tab) = self.tabs.active() else {
            return;
        };
        let tokens = self.overlay.tokens();
        let width = line_width(scale);
        if tab.zoomed
            && let Some(pane) = self.panes.get(&tab.focused)
        {
            let line = Rect {
                height: width,
                ..pane.area
            };
            renderer.draw_quad(line, tokens.accent.to_array());
        }
        if !tab.is_broadcasting() {
            return;
        }
        for id in self.shown_panes() {
            if let Some(pane) = self.panes.get(&id)
                && tab.broadcast.contains(&id)
            {
                for line in frame(pane.area, width) {
                    renderer.draw_quad(line, tokens.warning.to_array());
                }
            }
        }
    }

    /// Says where the input method shows its choices. X11 knows only a point, below which they appear (XIM's
    /// `XNSpotLocation` is on the baseline); other systems keep an area free.
    fn place_ime(&self, cells: crate::input::mouse::CellArea, frame: &Frame) {
        let cursor = frame.cursor;
        let x = f64::from(cells.x) + f64::from(cursor.column) * f64::from(cells.cell_width);
        let row = cursor.row + u16::from(self.is_on_x11());
        let y = f64::from(cells.y) + f64::from(row) * f64::from(cells.cell_height);
        let position = winit::dpi::PhysicalPosition::new(x, y);
        let size = winit::dpi::PhysicalSize::new(cells.cell_width, cells.cell_height);
        self.handle.set_ime_cursor_area(position, size);
    }

    pub(super) fn is_on_x11(&self) -> bool {
        let handle = self.handle.window_handle().map(|handle| handle.as_raw());
        matches!(
            handle,
            Ok(RawWindowHandle::Xlib(_) | RawWindowHandle::Xcb(_))
        )
    }

    /// Makes the picture anew after the device was lost (a driver update, a suspended laptop).
    fn rebuild_canvas(&mut self, services: &Services) {
        self.pace.rebuilt = Some(Instant::now());
        // The old surface must be gone before the window gets another.
        self.canvas = None;
        let options = settings::canvas_options(&services.config, self.zoom);
        let scale = self.scale;
        match Canvas::new(&self.handle, &options, scale) {
            Ok((canvas, _)) => {
                tracing::warn!("the graphics device was lost and opened again");
                self.canvas = Some(canvas);
                self.overlay.rebuild();
                self.lay_out(services);
            }
            Err(error) => {
                tracing::error!("the graphics device was lost: {error:#}");
                self.notify(Severity::Error, "device", format!("{error:#}"));
                // Each further event tries again; no loop of its own.
            }
        }
    }
}

/// The strip at the left of a pane that bears its environment's color.
fn environment_edge(area: Rect, scale: f32) -> Rect {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few pixels, positive"
    )]
    let width = (3.0 * scale).round().max(1.0) as u32;
    Rect { width, ..area }
}

/// The width of a line that marks a pane, in physical pixels.
pub(super) fn line_width(scale: f32) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few pixels, positive"
    )]
    let width = (2.0 * scale).round().max(1.0) as u32;
    width
}

/// The four lines just inside of a rectangle's edges.
pub(super) fn frame(area: Rect, width: u32) -> [Rect; 4] {
    let below = area.height.saturating_sub(width);
    let beside = area.width.saturating_sub(width);
    [
        Rect {
            height: width,
            ..area
        },
        Rect {
            y: area.y.saturating_add_unsigned(below),
            height: width,
            ..area
        },
        Rect { width, ..area },
        Rect {
            x: area.x.saturating_add_unsigned(beside),
            width,
            ..area
        },
    ]
}

//! One window: its tabs, panes and overlays, and what the windowing layer tells it.
//!
//! `window/` has a file for each subject: `draw.rs` (a frame), `keys.rs`, `pointer.rs`, `panes.rs` (opening,
//! closing, laying out), `chrome.rs` (tab bar, notices, dialogs), `time.rs` (blinking, deadlines).

mod arrange;
pub(crate) mod blocks;
mod carry;
mod chrome;
mod control;
mod copy;
mod draw;
mod environments;
mod find;
mod hints;
mod history;
mod keys;
mod layouts;
mod links;
mod marks;
mod panes;
mod pointer;
mod signals;
mod time;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use config::bell::VisualBell;
use config::window::Decorations;
use renderer::{FontOptions, Preedit, Warning};
use winit::dpi::PhysicalSize;
use winit::event::{Ime, WindowEvent};
use winit::event_loop::ActiveEventLoop;
use winit::keyboard::{ModifiersState, PhysicalKey};
use winit::window::{Fullscreen, UserAttentionType, Window as WinitWindow};

use crate::control::protocol::Change;
use crate::input::modes::Keyboard;
use crate::pane::{Pane, PaneId};
use crate::saved::SavedSize;
use crate::services::Services;
use crate::settings;
use crate::tabs::Tabs;
use crate::view::canvas::Canvas;
use crate::view::notices::Severity;

pub(crate) use self::blocks::{AtPrompt, Integrating};
pub(crate) use self::environments::{Place, STOP_TOPIC};
pub(crate) use carry::ScreenPoint;
pub(crate) use chrome::Overlay;
use copy::Copying;
use draw::Pace;
use find::Find;
pub(crate) use find::Step;
use hints::HintMode;
use marks::Marks;
pub(crate) use panes::TabOfPanes;
use pointer::Pointer;
use time::Blink;
pub(crate) use time::Rhythm;

/// One window.
pub(crate) struct Window {
    /// The system's window.
    pub(crate) handle: Arc<WinitWindow>,
    /// Its picture; `None` while the device is being rebuilt.
    pub(crate) canvas: Option<Canvas>,
    /// Its tabs.
    pub(crate) tabs: Tabs,
    /// The panes of all its tabs.
    pub(crate) panes: BTreeMap<PaneId, Pane>,
    /// What lies over the panes.
    pub(crate) overlay: Overlay,
    /// What the user changed the font size by, in points.
    pub(crate) zoom: f32,
    /// The fonts and the scale that the picture has.
    fonts: Option<(FontOptions, f32)>,
    /// The window is to be closed.
    pub(crate) closing: bool,
    /// It has its first size; before, no pane is told of one.
    appeared: bool,
    /// Its size in physical pixels as it was last told: asking the system takes a journey to it and back.
    size: PhysicalSize<u32>,
    find: Find,
    marks: Marks,
    hints: Option<HintMode>,
    copying: Option<Copying>,
    pointer: Pointer,
    modifiers: ModifiersState,
    /// Keys held down whose press an action took.
    taken_keys: HashSet<PhysicalKey>,
    /// Keys that wait for more, and the mode that is on.
    keyboard: Keyboard,
    preedit: Option<Preedit>,
    focused: bool,
    /// Physical pixels per logical one, as last told: under X11 the handle does not know a change of the
    /// desktop's `Xft/DPI`.
    pub(crate) scale: f32,
    occluded: bool,
    /// The panes must be laid out when the picture is back from being drawn on.
    layout_missed: bool,
    blink: Blink,
    pace: Pace,
}

impl Window {
    /// Opens an empty window, not yet to be seen, and makes its picture; [`Window::adopt`] fills it.
    ///
    /// # Errors
    /// When the system gives no window or no graphics adapter can draw it.
    pub(crate) fn open(event_loop: &ActiveEventLoop, services: &mut Services) -> Result<Self> {
        let title = services.window_title(|_| String::new());
        let attributes = settings::window_attributes(&services.config, &title);
        let handle = event_loop
            .create_window(attributes)
            .context("no window could be opened")?;
        let handle = Arc::new(handle);
        handle.set_ime_allowed(true);
        settings::set_frame_theme(&handle, services.theme());
        let canvas_options = settings::canvas_options(&services.config, 0.0);
        let scale = crate::view::chrome::scale_of(&handle);
        let (canvas, warnings) = Canvas::new(&handle, &canvas_options, scale)?;
        let size = handle.inner_size();
        let mut window = Self {
            handle,
            canvas: Some(canvas),
            tabs: Tabs::default(),
            panes: BTreeMap::new(),
            overlay: Overlay::new(services.theme()),
            zoom: 0.0,
            fonts: Some((canvas_options.fonts, scale)),
            scale,
            closing: false,
            appeared: false,
            size,
            find: Find::default(),
            marks: Marks::default(),
            hints: None,
            copying: None,
            pointer: Pointer::default(),
            modifiers: ModifiersState::empty(),
            taken_keys: HashSet::new(),
            keyboard: Keyboard::default(),
            preedit: None,
            focused: true,
            occluded: false,
            layout_missed: false,
            blink: Blink::default(),
            pace: Pace::default(),
        };
        window.warn_fonts(&warnings);
        window.set_resize_steps(services);
        Ok(window)
    }

    /// Sizes a new window for its cells, or as it was, and shows it.
    pub(crate) fn appear(&mut self, services: &Services, size: Option<SavedSize>) {
        match size.and_then(|size| Some((size.physical(self.scale)?, size.maximized))) {
            Some(((width, height), maximized)) => {
                self.request_size(services, PhysicalSize::new(width, height));
                if maximized {
                    self.handle.set_maximized(true);
                }
            }
            None => self.fit_to_cells(services),
        }
        self.appeared = true;
        self.size = self.handle.inner_size();
        self.lay_out(services);
        self.handle.set_visible(true);
    }

    /// Its size, for it to come back; one that fills the screen for a while has none.
    pub(crate) fn saved_size(&self) -> Option<SavedSize> {
        if self.handle.fullscreen().is_some() {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "sides have some thousand pixels"
        )]
        let logical = |pixels: u32| pixels as f32 / self.scale;
        Some(SavedSize {
            width: logical(self.size.width),
            height: logical(self.size.height),
            maximized: self.handle.is_maximized(),
        })
    }

    /// Handles what the windowing layer says.
    pub(crate) fn on_event(&mut self, services: &mut Services, event: WindowEvent) {
        if matches!(
            event,
            WindowEvent::KeyboardInput { .. } | WindowEvent::Ime(_)
        ) {
            self.prepare_for_key(services);
        }
        if let WindowEvent::KeyboardInput { event: key, .. } = &event
            && self.pastes_into_field(services, key)
        {
            return;
        }
        if self.overlay.takes(&self.handle, &event) {
            self.redraw();
        }
        match event {
            WindowEvent::RedrawRequested => self.draw(services),
            WindowEvent::Resized(size) => self.resized(services, size),
            WindowEvent::ScaleFactorChanged { scale_factor, .. } => {
                #[expect(clippy::cast_possible_truncation, reason = "scale factors are small")]
                let scale = scale_factor as f32;
                self.scale = scale;
                self.set_fonts(services);
            }
            WindowEvent::CloseRequested => self.ask_to_close(services),
            WindowEvent::Focused(focused) => self.focus_changed(focused),
            WindowEvent::Occluded(occluded) => {
                self.occluded = occluded;
                self.redraw();
            }
            WindowEvent::ModifiersChanged(modifiers) => {
                self.modifiers = modifiers.state();
                self.hover(services);
            }
            WindowEvent::KeyboardInput {
                event,
                is_synthetic: false,
                ..
            } => {
                self.key(services, &event);
            }
            WindowEvent::Ime(ime) => self.ime(ime),
            WindowEvent::CursorMoved { position, .. } => self.pointer_moved(services, position),
            WindowEvent::CursorLeft { .. } => self.pointer_left(),
            WindowEvent::MouseInput { state, button, .. } => {
                let covered = self.is_covered();
                self.pointer_button(services, state, button);
                // A press and a release that the chrome hears of at once are no drag to it.
                if covered {
                    self.decide(services);
                }
            }
            WindowEvent::MouseWheel { delta, .. } => self.wheel(services, delta),
            WindowEvent::DroppedFile(path) => self.dropped(services, &path),
            WindowEvent::ThemeChanged(theme) => {
                services.set_dark(theme == winit::window::Theme::Dark);
            }
            _ => {}
        }
    }

    /// Fills the screen, or stops filling it.
    pub(crate) fn toggle_fullscreen(&self) {
        let fullscreen = match self.handle.fullscreen() {
            Some(_) => None,
            None => Some(Fullscreen::Borderless(None)),
        };
        self.handle.set_fullscreen(fullscreen);
    }

    /// Brings the window before others and gives it the keyboard, as far as the desktop lets a program do so.
    pub(crate) fn come_forward(&self) {
        self.handle.set_minimized(false);
        self.handle.focus_window();
    }

    /// Asks for a frame.
    pub(crate) fn redraw(&mut self) {
        self.pace.needed = true;
        self.request_frame();
    }

    /// Shows a message in the window.
    pub(crate) fn notify(
        &mut self,
        severity: Severity,
        topic: &'static str,
        text: impl Into<String>,
    ) {
        self.overlay
            .notices
            .push(severity, topic, text, Instant::now());
        self.overlay.changed();
        self.redraw();
    }

    /// The settings changed: fonts, colors, sizes and everything derived from them.
    pub(crate) fn config_changed(&mut self, services: &mut Services) {
        self.theme_changed(services);
        for pane in self.panes.values_mut() {
            if let Some(environment) = &mut pane.environment {
                environment.look = services.environments.look(&environment.spec);
            }
        }
        let canvas_options = settings::canvas_options(&services.config, self.zoom);
        if let Some(canvas) = &mut self.canvas {
            canvas.set_latency(canvas_options.latency);
        }
        let decorations = services.config.window.decorations == Decorations::Full;
        self.handle.set_decorations(decorations);
        self.update_title(services);
        self.set_fonts(services);
    }

    /// The theme changed, and nothing else.
    pub(crate) fn theme_changed(&mut self, services: &Services) {
        self.overlay.set_theme(services.theme());
        settings::set_frame_theme(&self.handle, services.theme());
        let (local, remote) = (services.terminal_options(), services.remote_options());
        for pane in self.panes.values_mut() {
            // Whatever changes, a pane elsewhere is never believed as one here.
            pane.session.set_options(match pane.environment {
                Some(_) => remote.clone(),
                None => local.clone(),
            });
        }
        self.redraw();
    }

    /// Takes the fonts from the settings, the zoom and the window's scale.
    pub(crate) fn set_fonts(&mut self, services: &Services) {
        let options = settings::canvas_options(&services.config, self.zoom);
        let scale = self.scale;
        let wanted = Some((options.fonts.clone(), scale));
        if self.fonts != wanted {
            if let Some(canvas) = &mut self.canvas {
                let warnings = canvas.renderer.set_fonts(&options.fonts, scale);
                self.fonts = wanted;
                self.overlay.notices.clear("font");
                self.warn_fonts(&warnings);
            }
            self.overlay.rebuild();
            // Keys that are typed meanwhile must find it.
            if self.overlay.has_keyboard() {
                self.prepare_chrome();
            }
        }
        self.overlay.changed();
        self.set_resize_steps(services);
        self.lay_out(services);
    }

    /// Lets the desktop resize the window by whole cells only, if the settings say so.
    fn set_resize_steps(&self, services: &Services) {
        let Some(canvas) = &self.canvas else { return };
        let metrics = canvas.renderer.metrics();
        let cell = PhysicalSize::new(metrics.width, metrics.height);
        let steps = services.config.window.resize_by_cells.then_some(cell);
        self.handle.set_resize_increments(steps);
    }

    fn warn_fonts(&mut self, warnings: &[Warning]) {
        for warning in warnings {
            tracing::warn!("{warning}");
            self.notify(Severity::Warning, "font", warning.to_string());
        }
    }

    fn resized(&mut self, services: &Services, size: PhysicalSize<u32>) {
        self.size = size;
        if let Some(canvas) = &mut self.canvas {
            canvas.resize(size.width, size.height);
        }
        self.overlay.changed();
        self.lay_out(services);
    }

    fn focus_changed(&mut self, focused: bool) {
        self.focused = focused;
        if focused {
            self.handle.request_user_attention(None);
        } else {
            self.modifiers = ModifiersState::empty();
            self.keyboard.drop_held();
            self.overlay.changed();
            self.show_pointer();
        }
        self.tell_focus();
        self.blink.restart(Instant::now());
        self.redraw();
    }

    fn ime(&mut self, ime: Ime) {
        match ime {
            Ime::Preedit(text, cursor) => {
                self.preedit = (!text.is_empty()).then_some(Preedit { text, cursor });
            }
            Ime::Commit(text) => {
                self.preedit = None;
                // Modes for the keyboard take keys, not text.
                let taken =
                    self.overlay.has_keyboard() || self.hints.is_some() || self.copying.is_some();
                if !taken {
                    for id in self.typing_panes() {
                        if let Some(pane) = self.panes.get(&id) {
                            pane.session.type_text(&text);
                        }
                    }
                }
            }
            Ime::Enabled => {}
            Ime::Disabled => self.preedit = None,
        }
        self.redraw();
    }

    /// A pane rang the bell.
    fn bell(&mut self, services: &mut Services, pane: PaneId) {
        services.told.push(Change::Bell { pane: pane.0 });
        let bell = services.config.bell.clone();
        let shown = self.shown_panes().contains(&pane);
        if let Some(tab) = self.tabs.of_pane(pane)
            && bell.mark_tab
            && !shown
        {
            tab.bell = true;
            self.overlay.changed();
        }
        if bell.visual == VisualBell::Flash && shown {
            let duration = Duration::from_millis(u64::from(bell.duration));
            self.blink.flash(Instant::now(), duration);
        }
        if bell.urgency && !self.focused {
            self.handle
                .request_user_attention(Some(UserAttentionType::Informational));
        }
        services.ring();
        self.redraw();
    }
}

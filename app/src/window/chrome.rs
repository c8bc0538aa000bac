//! What lies over the panes: tab bar, notices, dialogs, the context menu, the address of a hovered link.

mod badges;
mod deeds;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use config::{ActionName, Theme};
use egui::{Align2, RichText};
use environments::EnvironmentId;
use renderer::units::Rect;
use terminal::blocks::Block;
use winit::dpi::{LogicalPosition, PhysicalPosition};
use winit::event::WindowEvent;
use winit::window::Window as WinitWindow;

use self::badges::{pane_badges, shown_areas};
use self::deeds::Did;
use super::Window;
use crate::actions::blocks::compare::Runs;
use crate::actions::environments::PanelJobs;
use crate::actions::parity::Parity;
use crate::input::clipboard::Selection;
use crate::palette::Palette;
use crate::pane::Pane;
use crate::services::Services;
use crate::settings;
use crate::tabs::Tab;
use crate::view::badges::{self as badges_view, Badge, PaneBadge};
use crate::view::blocks::compare::Comparison;
use crate::view::blocks::dialogs::{FilterBar, NoteDialog};
use crate::view::canvas::Canvas;
use crate::view::chrome::Chrome;
use crate::view::dialog::{Dialog, Question};
use crate::view::environments::Panel;
use crate::view::history::{self, HistoryPanel};
use crate::view::menu::{self, Menu};
use crate::view::notices::Notices;
use crate::view::palette as palette_view;
use crate::view::private;
use crate::view::search::{self, SearchBar};
use crate::view::tabs::{self, Renaming};
use crate::view::tokens::{BAR_HEIGHT, STEP, Tokens};

/// What takes keys, each open or not; see [`Overlay::takers`].
type Takers = [bool; 10];

/// The state of everything over the panes.
pub(crate) struct Overlay {
    /// Messages.
    pub(crate) notices: Notices,
    /// The search bar.
    pub(super) search: Option<SearchBar>,
    tokens: Tokens,
    chrome: Option<Chrome>,
    dialog: Option<Dialog>,
    renaming: Option<Renaming>,
    menu: Option<Menu>,
    /// The palette, if it is open.
    pub(crate) palette: Option<Palette>,
    /// Each pane shows the key that it is reached by.
    numbers: bool,
    /// What is to be said as long as it lasts: keys go to several panes, a mode of the keyboard.
    badges: Vec<Badge>,
    /// The environments panel, if it is open.
    pub(crate) environments: Option<Panel>,
    /// What it waits for.
    pub(crate) panel_jobs: PanelJobs,
    /// A block's name and note being written.
    pub(super) note: Option<NoteDialog>,
    /// The filter of a block's lines.
    pub(super) filter: Option<FilterBar>,
    /// Two blocks side by side.
    pub(crate) compare: Option<Comparison>,
    /// The environment that was pointed out as idle: it is stopped by one key.
    pub(super) idle: Option<EnvironmentId>,
    /// No other is pointed out until then.
    pub(super) idle_rests: Option<Instant>,
    /// The command that is run in two environments.
    pub(crate) parity: Parity,
    /// Earlier runs of a command, to be compared with.
    pub(crate) runs: Option<Runs>,
    /// The command that is to be run again in the environment that is chosen in the panel.
    pub(crate) wanted: Option<String>,
    /// The history panel, if it is open.
    pub(super) history: Option<HistoryPanel>,
    /// Panes of which nothing is kept, by their places in logical pixels.
    private: Vec<egui::Rect>,
    hovered_link: Option<String>,
    bar_shown: bool,
    bar_at_top: bool,
    changed: bool,
    painted: bool,
    /// What took keys as of the last layout.
    laid_out: Takers,
}

impl Overlay {
    /// Nothing shown, in the theme's colors.
    pub(super) fn new(theme: &Theme) -> Self {
        Self {
            notices: Notices::default(),
            search: None,
            tokens: Tokens::new(theme),
            chrome: None,
            dialog: None,
            renaming: None,
            menu: None,
            palette: None,
            numbers: false,
            badges: Vec::new(),
            environments: None,
            panel_jobs: PanelJobs::default(),
            note: None,
            filter: None,
            compare: None,
            idle: None,
            idle_rests: None,
            parity: Parity::default(),
            runs: None,
            wanted: None,
            history: None,
            private: Vec::new(),
            hovered_link: None,
            bar_shown: false,
            bar_at_top: true,
            changed: false,
            painted: false,
            laid_out: Takers::default(),
        }
    }

    /// The chrome's colors.
    pub(super) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Something to show changed.
    pub(crate) fn changed(&mut self) {
        self.changed = true;
    }

    /// Whether the chrome must be laid out again.
    pub(super) fn is_changed(&self) -> bool {
        self.changed && (self.has_content() || self.painted)
    }

    /// The theme changed.
    pub(super) fn set_theme(&mut self, theme: &Theme) {
        self.tokens = Tokens::new(theme);
        if let Some(chrome) = &mut self.chrome {
            chrome.set_tokens(&self.tokens);
        }
        self.changed = true;
    }

    /// Device, font or scale changed: egui starts afresh with the next layout.
    pub(super) fn rebuild(&mut self) {
        self.chrome = None;
        self.laid_out = Takers::default();
        self.changed = true;
    }

    fn has_content(&self) -> bool {
        self.bar_shown
            || self.dialog.is_some()
            || self.menu.is_some()
            || self.search.is_some()
            || self.palette.is_some()
            || self.numbers
            || !self.badges.is_empty()
            || self.environments.is_some()
            || self.has_block_window()
            || self.history.is_some()
            || !self.private.is_empty()
            || self.hovered_link.is_some()
            || !self.notices.is_empty()
    }

    /// Whether a small window about a block is open.
    fn has_block_window(&self) -> bool {
        self.note.is_some() || self.filter.is_some() || self.compare.is_some()
    }

    /// A number, no window has the same, for a question whose answer comes later.
    pub(crate) fn next_question(&self) -> u64 {
        static LAST: AtomicU64 = AtomicU64::new(0);
        LAST.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Takes a question away that fits.
    pub(super) fn drop_dialog(&mut self, fits: impl Fn(&Question) -> bool) {
        if self
            .dialog
            .take_if(|dialog| fits(&dialog.question))
            .is_some()
        {
            self.changed = true;
        }
    }

    /// Whether keys belong to the chrome.
    pub(super) fn has_keyboard(&self) -> bool {
        self.takers().contains(&true)
    }

    /// Puts a text into the field that has the keyboard, if one has.
    pub(super) fn paste(&mut self, text: &str) {
        if self.has_keyboard()
            && let Some(chrome) = &mut self.chrome
        {
            chrome.paste(text);
            self.changed = true;
        }
    }

    /// Whether keys belong to the chrome, and none to what they are bound to: all of it but the search bar.
    pub(super) fn asks(&self) -> bool {
        self.takers()[1..].contains(&true)
    }

    /// Whether what an action opens is open, with no question before it.
    pub(super) fn is_open_by(&self, action: ActionName) -> bool {
        let is_open = match action {
            ActionName::CommandPalette => self.palette.is_some(),
            ActionName::Environments => self.environments.is_some(),
            ActionName::ShowHistory | ActionName::ShowInnerLoop => self.history.is_some(),
            _ => false,
        };
        is_open && self.dialog.is_none()
    }

    /// What takes keys, and whether it is open; the search bar is the first.
    fn takers(&self) -> Takers {
        [
            self.search.is_some(),
            self.dialog.is_some(),
            self.renaming.is_some(),
            self.menu.is_some(),
            self.palette.is_some(),
            self.environments.is_some(),
            self.note.is_some(),
            self.filter.is_some(),
            self.compare.is_some(),
            self.history.is_some(),
        ]
    }

    /// Whether something that takes keys opened since the last layout. In egui's first layout of a window, which only
    /// finds its size, no field takes any.
    fn is_to_take_keys(&self) -> bool {
        let mut pairs = self.takers().into_iter().zip(self.laid_out);
        pairs.any(|(now, before)| now && !before)
    }

    /// Whether panes show the keys that they are reached by.
    pub(super) fn shows_numbers(&self) -> bool {
        self.numbers
    }

    /// Lets panes show the keys that they are reached by, or no more.
    pub(super) fn set_numbers(&mut self, shown: bool) {
        self.numbers = shown;
        self.changed = true;
    }

    /// When egui wants to be laid out by itself.
    pub(super) fn repaint_at(&self) -> Option<Instant> {
        self.chrome
            .as_ref()
            .filter(|_| self.has_content())
            .and_then(Chrome::repaint_at)
    }

    /// Hands an event to egui if it may concern it; returns whether a frame is needed.
    pub(super) fn takes(&mut self, window: &WinitWindow, event: &WindowEvent) -> bool {
        let concerns = match event {
            WindowEvent::RedrawRequested => false,
            WindowEvent::KeyboardInput { .. } | WindowEvent::Ime(_) => self.has_keyboard(),
            _ => self.has_content(),
        };
        let Some(chrome) = self.chrome.as_mut().filter(|_| concerns) else {
            return false;
        };
        let repaint = chrome.on_event(window, event);
        self.changed |= repaint;
        repaint
    }

    /// Whether the chrome, not a pane, is at a position of the window.
    pub(super) fn covers(
        &self,
        window: &WinitWindow,
        scale: f32,
        at: PhysicalPosition<f64>,
    ) -> bool {
        let over_all = self.note.is_some()
            || self.compare.is_some()
            || self.palette.is_some()
            || self.environments.is_some()
            || self.history.is_some();
        if self.dialog.is_some() || self.menu.is_some() || over_all {
            return true;
        }
        let bar = f64::from(BAR_HEIGHT * scale);
        let height = f64::from(window.inner_size().height);
        let in_bar = if self.bar_at_top {
            at.y < bar
        } else {
            at.y >= height - bar
        };
        (self.bar_shown && in_bar)
            || ((!self.notices.is_empty() || self.filter.is_some() || self.search.is_some())
                && self
                    .chrome
                    .as_ref()
                    .is_some_and(Chrome::is_pointer_over_area))
    }

    /// The link under the pointer, whose address is shown.
    pub(super) fn set_hovered_link(&mut self, uri: Option<String>) {
        self.hovered_link = uri;
        self.changed = true;
    }

    /// Opens the context menu.
    pub(super) fn open_menu(
        &mut self,
        scale: f32,
        at: PhysicalPosition<f64>,
        selected: bool,
        link: Option<String>,
        block: Option<&Block>,
    ) {
        let at: LogicalPosition<f32> = at.to_logical(f64::from(scale));
        self.menu = Some(Menu {
            selected,
            link,
            block: block.is_some(),
            running: block.is_some_and(Block::is_running),
            ..Menu::new(at.x, at.y)
        });
        self.changed = true;
    }

    /// Opens the menu of the shown tab.
    pub(super) fn open_tab_menu(&mut self, at: egui::Pos2) {
        self.menu = Some(Menu {
            tab: true,
            ..Menu::new(at.x, at.y)
        });
        self.changed = true;
    }

    /// Closes the context menu.
    pub(super) fn close_menu(&mut self) {
        self.changed |= self.menu.take().is_some();
    }

    /// The chrome, if it has anything to paint.
    pub(super) fn chrome_to_paint(&mut self) -> Option<&mut Chrome> {
        self.painted = self.has_content();
        self.chrome.as_mut().filter(|_| self.painted)
    }
}

impl Window {
    /// Height of the tab bar in physical pixels; 0 when it is not shown.
    pub(super) fn bar_height(&self, services: &Services) -> u32 {
        let renaming = self.overlay.renaming.is_some();
        if !renaming && !settings::shows_tab_bar(&services.config, self.tabs.len()) {
            return 0;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few pixels, positive"
        )]
        let height = (BAR_HEIGHT * self.scale).round() as u32;
        height
    }

    /// Asks the user; returns whether that is possible now.
    pub(crate) fn ask(&mut self, question: Question) -> bool {
        // A queue of questions would be answered without being read; the first one stands.
        if self.overlay.dialog.is_some() {
            return false;
        }
        self.overlay.dialog = Some(Dialog::new(question, Instant::now()));
        self.overlay.changed();
        self.redraw();
        true
    }

    /// What a tab is called: the user's name, else its focused pane's.
    pub(super) fn tab_label(&self, tab: &Tab) -> String {
        let label = || self.panes.get(&tab.focused).map(Pane::label);
        tab.name.clone().or_else(label).unwrap_or_default()
    }

    /// What marks a tab: the color and the badge of its focused pane's environment.
    fn tab_badge(&self, tab: &Tab) -> Option<tabs::Badge> {
        let environment = self.panes.get(&tab.focused)?.environment.as_ref()?;
        let color = environment
            .look
            .color
            .map(|color| self.overlay.tokens.visible(color));
        Some(tabs::Badge {
            text: environment.look.badge.clone().unwrap_or_default(),
            color: color.unwrap_or(self.overlay.tokens.accent),
        })
    }

    /// Begins to rename the shown tab.
    pub(crate) fn rename_tab(&mut self, services: &Services) {
        let Some(tab) = self.tabs.active() else {
            return;
        };
        let renaming = Renaming {
            tab: tab.id,
            text: tab.name.clone().unwrap_or_default(),
        };
        self.overlay.renaming = Some(renaming);
        self.overlay.changed();
        self.lay_out(services);
    }

    /// Makes egui's context now, so that keys typed before the first layout reach what is about to be shown.
    pub(crate) fn prepare_chrome(&mut self) {
        if self.overlay.chrome.is_none()
            && let Some(canvas) = &self.canvas
        {
            let chrome = Chrome::new(&self.handle, &self.overlay.tokens, &canvas.renderer);
            self.overlay.chrome = Some(chrome);
        }
    }

    /// Before a key: what is to take it is laid out, even if it opened a moment ago and no frame was drawn since.
    pub(super) fn prepare_for_key(&mut self, services: &mut Services) {
        if self.overlay.is_to_take_keys() {
            self.decide(services);
        }
    }

    /// Lays the chrome out without waiting for a frame: a key was pressed after which the next ones may belong
    /// somewhere else.
    pub(super) fn decide(&mut self, services: &mut Services) {
        if let Some(canvas) = self.canvas.take() {
            self.overlay.changed();
            self.lay_out_chrome(services, &canvas, Instant::now());
            self.canvas = Some(canvas);
            if std::mem::take(&mut self.layout_missed) {
                self.lay_out(services);
            }
            self.overlay.changed();
            self.redraw();
        }
    }

    /// Lays the chrome out if it changed, and does what the user did to it.
    pub(super) fn lay_out_chrome(
        &mut self,
        services: &mut Services,
        canvas: &Canvas,
        now: Instant,
    ) {
        let forced = self.overlay.renaming.is_some();
        self.overlay.bar_shown =
            forced || settings::shows_tab_bar(&services.config, self.tabs.len());
        self.overlay.bar_at_top = settings::bar_at_top(&services.config);
        let private = self.private_panes().into_iter();
        self.overlay.private = private.map(|area| logical(area, self.scale)).collect();
        self.overlay.badges = self.badges(services);
        if !self.overlay.changed || !self.overlay.has_content() {
            self.overlay.changed = false;
            self.overlay.laid_out = self.overlay.takers();
            return;
        }
        let label = |(index, tab)| {
            let (title, progress) = self.tab_title(services, tab, index);
            tabs::Label {
                title,
                progress,
                badge: self.tab_badge(tab),
            }
        };
        let labels: Vec<tabs::Label> = self.tabs.iter().enumerate().map(label).collect();
        let filter_place = self.filter_place();
        let overlay = &mut self.overlay;
        overlay.changed = false;
        let mut chrome = (overlay.chrome.take())
            .unwrap_or_else(|| Chrome::new(&self.handle, &overlay.tokens, &canvas.renderer));
        let tokens = overlay.tokens;
        let look = crate::history::look(services.theme());
        let mut did = Did::default();
        let tabs = &self.tabs;
        let scale = self.scale;
        let bar = if overlay.bar_shown { BAR_HEIGHT } else { 0.0 };
        let (above, mut below) = if overlay.bar_at_top {
            (bar, 0.0)
        } else {
            (0.0, bar)
        };
        if self.hints.is_some() || self.copying.is_some() {
            // The last row of the grid says so.
            #[expect(clippy::cast_precision_loss, reason = "pixels of a row")]
            let row = canvas.renderer.metrics().height as f32 / scale;
            below += row + STEP;
        }
        let numbered: Vec<PaneBadge> = if overlay.numbers {
            let shown = shown_areas(tabs, &self.panes);
            pane_badges(&shown, scale)
        } else {
            Vec::new()
        };
        chrome.lay_out(&self.handle, self.scale, now, |ui| {
            let context = ui.ctx().clone();
            if overlay.bar_shown {
                let look = settings::tab_look(&services.config);
                let renaming = &mut overlay.renaming;
                did.tabs
                    .extend(tabs::show(ui, look, tabs, &labels, renaming, &tokens));
            }
            if let Some(uri) = &overlay.hovered_link {
                link_address(&context, uri, &tokens);
            }
            private::show(&context, &overlay.private, &tokens);
            if let Some(panel) = &mut overlay.history {
                let event = history::show(&context, panel, &look, &tokens);
                did.history = did.history.take().or(event);
            }
            badges_view::numbers(&context, &numbered, &tokens);
            badges_view::show(&context, &overlay.badges, &tokens, above);
            did.notice = did
                .notice
                .or(overlay.notices.show(&context, &tokens, below));
            if let Some(panel) = &mut overlay.environments {
                let wanted = panel.show(&context, &tokens);
                did.environments = did.environments.take().or(wanted);
            }
            if let Some(bar) = &mut overlay.search {
                did.search.extend(search::show(&context, bar, &tokens));
            }
            if let Some(bar) = &mut overlay.filter {
                did.filter = did.filter.or(bar.show(&context, filter_place, &tokens));
            }
            if let Some(comparison) = &mut overlay.compare {
                did.compare = did.compare.or(comparison.show(&context, &tokens));
            }
            if let Some(note) = &mut overlay.note {
                did.note = did.note.or(note.show(&context, &tokens));
            }
            if let Some(palette) = &mut overlay.palette {
                did.palette
                    .extend(palette_view::show(&context, palette, &tokens));
            }
            if let Some(menu) = &mut overlay.menu {
                let keys = &services.config.keys;
                let hint = |action| keys.keys_of(action).map(ToString::to_string);
                let chosen = menu::show(&context, menu, hint, &tokens);
                did.menu = did.menu.take().or(chosen);
            }
            if let Some(dialog) = &overlay.dialog {
                did.answer = did.answer.or(dialog.show(&context, &tokens, now));
            }
        });
        if let Some(text) = chrome.take_copied() {
            services.clipboard.store(Selection::Clipboard, text);
        }
        overlay.chrome = Some(chrome);
        overlay.laid_out = overlay.takers();
        self.after_layout(services, did);
    }
}

/// A place in logical pixels.
pub(super) fn logical(area: Rect, scale: f32) -> egui::Rect {
    #[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
    let at = |x: i32, y: i32| egui::pos2(x as f32 / scale, y as f32 / scale);
    egui::Rect::from_min_max(at(area.x, area.y), at(area.right(), area.bottom()))
}

/// The address of the hovered link, at the bottom left: what a click would open, in full.
fn link_address(context: &egui::Context, uri: &str, tokens: &Tokens) {
    egui::Area::new(egui::Id::unique("link"))
        .anchor(Align2::LEFT_BOTTOM, egui::vec2(STEP * 2.0, -STEP * 2.0))
        .order(egui::Order::Foreground)
        .interactable(false)
        .show(context, |ui| {
            let frame = egui::Frame::new()
                .fill(tokens.raised)
                .stroke(egui::Stroke::new(1.0, tokens.line))
                .corner_radius(4)
                .inner_margin(egui::Margin::symmetric(8, 4));
            frame.show(ui, |ui| {
                ui.set_max_width(context.content_rect().width() - STEP * 12.0);
                let text = RichText::new(uri).color(tokens.text);
                ui.add(egui::Label::new(text).truncate());
            });
        });
}

//! The window's panes: opening, laying out, splitting, closing, and what their programs ask for.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use config::tabs::NewTab;
use config::terminal::ClipboardPolicy;
use config::window::{ConfirmClose, Startup};
use pty::ExitStatus;
use renderer::units::Rect;
use terminal::blocks::MarkKind;
use terminal::{Event, GridSize, PixelSize};
use winit::dpi::PhysicalSize;

use super::{Place, Window};
use crate::control::protocol::Change;
use crate::input::clipboard::{Purpose, Selection};
use crate::input::mouse::CellArea;
use crate::layout::{BORDER, Border, Layout, Spacing};
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::settings;
use crate::tabs::{Tab, TabId};
use crate::view::dialog::Question;
use crate::view::notices::Severity;

/// The least a pane is split or dragged to, in columns and rows: less shows nothing that can be read.
const MIN_COLUMNS: u32 = 10;
const MIN_ROWS: u32 = 2;

/// A tab with its panes, out of any window: on its way from one to another.
pub(crate) struct TabOfPanes {
    /// The tab.
    pub(crate) tab: Tab,
    /// Every pane of its layout.
    pub(crate) panes: Vec<Pane>,
}

impl TabOfPanes {
    /// A tab around one pane.
    pub(crate) fn new(pane: Pane) -> Self {
        Self {
            tab: Tab::new(pane.id),
            panes: vec![pane],
        }
    }
}

impl Window {
    /// Takes a tab in and shows it, at the end or after the shown one.
    pub(crate) fn adopt(&mut self, services: &mut Services, tab: TabOfPanes, at_end: bool) {
        let ids: Vec<PaneId> = tab.panes.iter().map(|pane| pane.id).collect();
        for pane in tab.panes {
            self.keep_pane(pane);
        }
        self.tabs.insert(tab.tab, at_end);
        self.overlay.changed();
        self.focus_moved(services);
        // What they had to say on the way had nobody to hear it.
        for id in ids {
            self.pane_changed(services, id);
        }
    }

    /// A pane that came back has its old blocks: what it waits to run starts.
    pub(crate) fn start_waiting(&mut self, services: &mut Services, id: PaneId) {
        if let Some(pane) = self.panes.get_mut(&id) {
            services.start_waiting(pane);
            if let Some(note) = pane.session.take_note() {
                self.notify(Severity::Warning, "shell", note);
            }
        }
        self.pane_changed(services, id);
    }

    /// Gives a tab with its panes away; the window closes when it was the last.
    pub(crate) fn give_tab(&mut self, services: &mut Services, id: TabId) -> Option<TabOfPanes> {
        let tab = self.tabs.close(id)?;
        let mut panes = Vec::new();
        for id in tab.layout.panes() {
            panes.extend(self.panes.remove(&id));
            self.forget_view(id);
        }
        self.after_close(services);
        Some(TabOfPanes { tab, panes })
    }

    /// The panes of the shown tab.
    pub(crate) fn shown_panes(&self) -> Vec<PaneId> {
        match self.tabs.active() {
            Some(tab) if tab.zoomed => vec![tab.focused],
            Some(tab) => tab.layout.panes(),
            None => Vec::new(),
        }
    }

    /// The pane that has the keyboard.
    pub(crate) fn focused_pane(&self) -> Option<&Pane> {
        self.panes.get(&self.tabs.active()?.focused)
    }

    /// Where panes may be: the window without the tab bar.
    pub(super) fn pane_area(&self, services: &Services) -> Rect {
        let size = self.size;
        let bar = self.bar_height(services);
        let at_top = settings::bar_at_top(&services.config);
        Rect {
            x: 0,
            y: if at_top {
                i32::try_from(bar).unwrap_or(0)
            } else {
                0
            },
            width: size.width,
            height: size.height.saturating_sub(bar),
        }
    }

    /// The size of a cell, in physical pixels.
    pub(super) fn cell(&self) -> Option<PixelSize> {
        let metrics = self.canvas.as_ref()?.renderer.metrics();
        Some(PixelSize {
            width: u16::try_from(metrics.width).unwrap_or(u16::MAX),
            height: u16::try_from(metrics.height).unwrap_or(u16::MAX),
        })
    }

    /// What lies between panes, and the smallest one that is still of use.
    pub(super) fn spacing(&self, services: &Services) -> Spacing {
        let scale = self.scale;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a few pixels, positive"
        )]
        let border = (BORDER as f32 * scale).round().max(1.0) as u32;
        let padding = settings::padding(&services.config, scale);
        let minimum = self.cell().map_or((1, 1), |cell| {
            (
                u32::from(cell.width) * MIN_COLUMNS + 2 * padding.0,
                u32::from(cell.height) * MIN_ROWS + 2 * padding.1,
            )
        });
        Spacing { border, minimum }
    }

    /// The lines between panes of the shown tab.
    pub(super) fn borders(&self, services: &Services) -> Vec<Border> {
        match self.tabs.active() {
            Some(tab) if !tab.zoomed => tab
                .layout
                .borders(self.pane_area(services), self.spacing(services)),
            _ => Vec::new(),
        }
    }

    /// Gives the shown tab's panes their places and tells their programs new sizes.
    pub(crate) fn lay_out(&mut self, services: &Services) {
        if !self.appeared {
            return;
        }
        let Some(cell) = self.cell() else {
            // It is being drawn on: what the chrome did now is laid out when that is over.
            self.layout_missed = true;
            return;
        };
        let padding = settings::padding(&services.config, self.scale);
        let gutter = settings::gutter(&services.config, self.scale);
        let area = self.pane_area(services);
        let spacing = self.spacing(services);
        let Some(tab) = self.tabs.active() else {
            return;
        };
        let places = if tab.zoomed {
            vec![(tab.focused, area)]
        } else {
            tab.layout.rectangles(area, spacing)
        };
        for (id, area) in places {
            let Some(pane) = self.panes.get_mut(&id) else {
                continue;
            };
            pane.area = area;
            let centered = services.config.window.dynamic_padding;
            pane.cells = cells_in(area, padding, gutter, cell, centered);
            if area.width > 0 && area.height > 0 {
                pane.resize(cell);
            }
        }
        self.place_search();
        self.redraw();
    }

    /// The cells that a pane has in a tree of this window.
    pub(super) fn cells_of(&self, services: &Services, layout: &Layout, id: PaneId) -> GridSize {
        let places = layout.rectangles(self.pane_area(services), self.spacing(services));
        let area = places.into_iter().find(|(place, _)| *place == id);
        match (area, self.cell()) {
            (Some((_, area)), Some(cell)) => {
                let padding = settings::padding(&services.config, self.scale);
                let gutter = settings::gutter(&services.config, self.scale);
                cells_in(area, padding, gutter, cell, false).size
            }
            _ => GridSize::MIN,
        }
    }

    /// Sizes the window for the configured columns and rows.
    pub(super) fn fit_to_cells(&mut self, services: &Services) {
        let size = settings::grid_size(&services.config);
        if let Some((cell, around)) = self.measures(services) {
            let width = cell.width * u32::from(size.columns) + around.width;
            let height = cell.height * u32::from(size.rows) + around.height;
            self.request_size(services, PhysicalSize::new(width, height));
        }
    }

    /// Asks the system for the size at which an undivided tab has so many cells, as far as they are given; `None`
    /// where nothing can be drawn.
    pub(crate) fn ask_for_cells(
        &self,
        services: &Services,
        columns: Option<u16>,
        rows: Option<u16>,
    ) -> Option<()> {
        let (cell, around) = self.measures(services)?;
        let now = self.handle.inner_size();
        let length = |cells: Option<u16>, cell: u32, around: u32, now: u32| {
            cells.map_or(now, |cells| u32::from(cells) * cell + around)
        };
        let _ = self.handle.request_inner_size(PhysicalSize::new(
            length(columns, cell.width, around.width, now.width),
            length(rows, cell.height, around.height, now.height),
        ));
        Some(())
    }

    /// The size of a cell, and what is around the cells of an undivided tab.
    fn measures(&self, services: &Services) -> Option<(PhysicalSize<u32>, PhysicalSize<u32>)> {
        let metrics = self.canvas.as_ref()?.renderer.metrics();
        let padding = settings::padding(&services.config, self.scale);
        let gutter = settings::gutter(&services.config, self.scale);
        let around = (
            2 * padding.0 + gutter,
            2 * padding.1 + self.bar_height(services),
        );
        Some(((metrics.width, metrics.height).into(), around.into()))
    }

    /// Asks the desktop for a size.
    pub(super) fn request_size(&mut self, services: &Services, wanted: PhysicalSize<u32>) {
        // A window that fills the screen has the screen's size.
        if services.config.window.startup != Startup::Windowed {
            return;
        }
        if let Some(size) = self.handle.request_inner_size(wanted)
            && let Some(canvas) = &mut self.canvas
        {
            canvas.resize(size.width, size.height);
        }
    }

    /// Shows a tab.
    pub(crate) fn show_tab(&mut self, services: &Services, id: TabId) {
        if let Some(index) = self.tabs.index_of(id) {
            self.tabs.show(index);
            self.focus_moved(services);
        }
    }

    /// Every tab with what it is called.
    pub(crate) fn tab_labels(&self) -> Vec<(TabId, String)> {
        self.tabs
            .iter()
            .map(|tab| (tab.id, self.tab_label(tab)))
            .collect()
    }

    /// Opens a tab with a new shell where the focused pane's is: in its folder, in its environment.
    pub(crate) fn new_tab(&mut self, services: &mut Services) {
        self.open_tab(services, None);
    }

    /// Opens a tab with a new shell on this machine.
    pub(crate) fn new_local_tab(&mut self, services: &mut Services) {
        let pane = self.new_local_pane(services, None);
        self.tabs
            .insert(Tab::new(pane), services.config.tabs.new_tab == NewTab::End);
        self.overlay.changed();
        self.focus_moved(services);
    }

    /// Opens a tab with a new shell in a folder, or in the focused pane's.
    pub(crate) fn open_tab(&mut self, services: &mut Services, folder: Option<PathBuf>) {
        if folder.is_none()
            && let Some((id, inherited)) = self.environment_here()
        {
            self.open_environment(services, &id, inherited, Place::Tab);
            return;
        }
        let pane = self.new_pane(services, folder);
        self.tabs
            .insert(Tab::new(pane), services.config.tabs.new_tab == NewTab::End);
        self.overlay.changed();
        self.focus_moved(services);
    }

    /// Opens a tab in which a program runs.
    pub(crate) fn open_tab_with(
        &mut self,
        services: &mut Services,
        command: &[String],
        folder: Option<PathBuf>,
    ) {
        let (size, cell) = match self.focused_pane() {
            Some(pane) => (pane.cells.size, pane.session.lock().cell_size()),
            None => (settings::grid_size(&services.config), PixelSize::default()),
        };
        let Some(pane) = services.open_program(command, size, cell, folder) else {
            return;
        };
        let id = self.keep_pane(pane);
        self.tabs
            .insert(Tab::new(id), services.config.tabs.new_tab == NewTab::End);
        self.overlay.changed();
        self.focus_moved(services);
    }

    /// Starts a shell in a folder, or where the focused pane's is; its pane has no place yet.
    pub(super) fn new_pane(&mut self, services: &mut Services, folder: Option<PathBuf>) -> PaneId {
        match self.environment_here() {
            Some((id, inherited)) if folder.is_none() => {
                let wish = crate::environments::wish(&services.config, inherited);
                self.environment_pane(services, &id, wish)
            }
            _ => self.new_local_pane(services, folder),
        }
    }

    fn new_local_pane(&mut self, services: &mut Services, folder: Option<PathBuf>) -> PaneId {
        let (size, cell, inherited) = match self.focused_pane() {
            Some(pane) => {
                let cell = pane.session.lock().cell_size();
                (pane.cells.size, cell, pane.session.folder())
            }
            None => (
                settings::grid_size(&services.config),
                PixelSize::default(),
                None,
            ),
        };
        if let Some(folder) = folder.as_deref().or(inherited.as_deref()) {
            services.remember_folder(folder);
        }
        let pane = match &folder {
            Some(folder) => services.open_folder(size, folder),
            None => services.open_pane(size, cell, inherited),
        };
        self.keep_pane(pane)
    }

    /// Takes a new pane in, without a place yet, and says what is to be said of its start.
    pub(super) fn keep_pane(&mut self, pane: Pane) -> PaneId {
        if let Some(note) = pane.session.take_note() {
            self.notify(Severity::Warning, "shell", note);
        }
        let id = pane.id;
        self.panes.insert(id, pane);
        id
    }

    /// The shown tab or the focused pane changed.
    pub(crate) fn focus_moved(&mut self, services: &Services) {
        self.end_hints();
        let focused = self.tabs.active().map(|tab| tab.focused);
        if self
            .copying
            .as_ref()
            .is_some_and(|copying| Some(copying.pane) != focused)
        {
            self.end_copying(true);
        }
        self.forget_search(self.tabs.active().map(|tab| tab.focused));
        self.tell_focus();
        self.overlay.changed();
        self.update_title(services);
        self.lay_out(services);
    }

    /// Tells programs that asked (mode 1004) whether they have the keyboard now.
    pub(super) fn tell_focus(&mut self) {
        let focused = self
            .tabs
            .active()
            .map(|tab| tab.focused)
            .filter(|_| self.focused);
        for pane in self.panes.values_mut() {
            pane.set_focus(Some(pane.id) == focused);
        }
    }

    /// The system's title: the focused pane's.
    pub(super) fn update_title(&self, services: &Services) {
        let title = services.window_title(|name| match self.tabs.active() {
            Some(tab) => self.title_value(tab, self.tabs.active_index(), name),
            None => String::new(),
        });
        let focused = self.tabs.active().map(|tab| tab.focused);
        self.handle.set_title(&self.in_environment(focused, title));
    }

    /// A title with the name of a pane's environment before it, which no program and no template takes away.
    pub(super) fn in_environment(&self, pane: Option<PaneId>, title: String) -> String {
        let pane = pane.and_then(|id| self.panes.get(&id));
        match pane.and_then(|pane| pane.environment.as_ref()) {
            Some(environment) => environment.label(&title),
            None => title,
        }
    }

    /// Looks at what a pane has to say after its reader's wake.
    pub(crate) fn pane_changed(&mut self, services: &mut Services, id: PaneId) {
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        pane.session.acknowledge();
        let events = pane.session.take_events();
        for event in events {
            self.on_pane_event(services, id, event);
        }
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        pane.update_deadline();
        pane.put_off_compacting(Instant::now());
        if let Some(environment) = &mut pane.environment {
            let (_, parsed) = pane.session.parsed();
            environment.on_output(parsed, Instant::now());
        }
        pane.put_off_typing(Instant::now());
        pane.tells_locks = !pane.session.lock().key_modes().keyboard_flags.is_empty();
        if pane.tells_locks && self.is_on_x11() {
            services.locks.listen();
        }
        self.search_again_soon(id);
        self.output_marks(services, id);
        self.hold_copy_cursor(id);
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        if let Some(end) = pane.session.ended()
            && !pane.ended
        {
            services.told.push(Change::Ended {
                pane: id.0,
                exit: end.status.and_then(code),
            });
            if self.environment_ended(services, id, &end) {
                if self.shown_panes().contains(&id) {
                    self.output_arrived();
                }
                return;
            }
            let Some(pane) = self.panes.get_mut(&id) else {
                return;
            };
            let lived = pane.started.elapsed() > Duration::from_secs(1);
            let held = services.options.hold && id == PaneId(0);
            if settings::keeps_pane(&services.config, &end, held, lived) {
                pane.ended = true;
                pane.session.show_end();
            } else {
                self.remove_pane(services, id);
                return;
            }
        }
        if self.shown_panes().contains(&id) {
            self.output_arrived();
        }
    }

    fn on_pane_event(&mut self, services: &mut Services, id: PaneId, event: Event) {
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        // A folder elsewhere is none to open a shell of this machine in.
        if let Event::WorkingDirectory(folder) = &event
            && pane.environment.is_none()
        {
            services.remember_folder(Path::new(folder));
        }
        let Some(event) = pane.on_event(event) else {
            self.overlay.changed();
            self.update_title(services);
            return;
        };
        match event {
            Event::Bell => self.bell(services, id),
            Event::ClipboardStore { selections, text } => {
                match services.config.terminal.clipboard_write {
                    ClipboardPolicy::Allow if self.has_keyboard(id) => {
                        store_for_program(services, &selections, text);
                    }
                    ClipboardPolicy::Ask => {
                        self.ask(Question::WriteClipboard { selections, text });
                    }
                    ClipboardPolicy::Allow | ClipboardPolicy::Deny => {}
                }
            }
            Event::ClipboardLoad { selections } => match services.config.terminal.clipboard_read {
                ClipboardPolicy::Allow if self.has_keyboard(id) => {
                    load_for_program(services, id, selections);
                }
                ClipboardPolicy::Ask => {
                    self.ask(Question::ReadClipboard {
                        pane: id,
                        selections,
                    });
                }
                ClipboardPolicy::Allow | ClipboardPolicy::Deny => {}
            },
            Event::Notification { title, body } => self.notification(services, id, title, body),
            Event::Progress(progress) => self.progress(services, id, progress),
            Event::PointerShape(name) => self.pointer.program_shape(id, name),
            Event::PaletteChanged => self.overlay.changed(),
            // Shown by the issues on panes and on blocks; kept by the core until then.
            Event::Block(event) => {
                services.told.extend(self.block_change(id, &event));
                self.block_event(services, id, &event);
            }
            Event::PromptMark(mark) => {
                if mark.kind == MarkKind::InputStart {
                    self.prompt_ready(services, id);
                }
            }
            Event::ShellReady(word) => self.shell_ready(id, &word),
            Event::IconName(_) => {}
            Event::Title(_) | Event::WorkingDirectory(_) | Event::Shell(_) => {}
        }
    }

    /// Whether what is typed now goes to this pane.
    pub(super) fn has_keyboard(&self, id: PaneId) -> bool {
        self.focused && self.tabs.active().is_some_and(|tab| tab.focused == id)
    }

    /// A text came from the clipboard.
    pub(crate) fn clipboard_text(
        &mut self,
        services: &mut Services,
        id: PaneId,
        text: &str,
        purpose: Purpose,
    ) {
        match purpose {
            Purpose::Paste => {
                self.paste(services, id, text);
            }
            Purpose::Field => {
                self.overlay.paste(text);
                self.redraw();
            }
            Purpose::Osc52(selections) => {
                if let Some(pane) = self.panes.get(&id) {
                    pane.session.reply_clipboard(&selections, text);
                }
            }
        }
    }

    /// Closes a tab, asking first while programs run in it.
    pub(crate) fn close_tab(&mut self, services: &mut Services, id: TabId) {
        let Some(tab) = self.tabs.get_mut(id) else {
            return;
        };
        let panes = tab.layout.panes();
        let programs = self.running_in(services, &panes);
        if programs.is_empty() {
            self.close_tab_now(services, id);
        } else {
            self.ask(Question::CloseTab { tab: id, programs });
        }
    }

    /// Closes the focused pane, and the tab with its last.
    pub(crate) fn close_pane(&mut self, services: &mut Services) {
        let Some(tab) = self.tabs.active() else {
            return;
        };
        let (tab, panes, focused) = (tab.id, tab.layout.panes(), tab.focused);
        if panes.len() == 1 {
            self.close_tab(services, tab);
            return;
        }
        let programs = self.running_in(services, &[focused]);
        if programs.is_empty() {
            self.close_pane_now(services, focused);
        } else {
            let pane = focused;
            self.ask(Question::ClosePane { pane, programs });
        }
    }

    /// Closes the window, asking first while programs run in it.
    pub(crate) fn ask_to_close(&mut self, services: &mut Services) {
        let programs = self.running(services);
        if programs.is_empty() {
            self.closing = true;
        } else {
            self.ask(Question::CloseWindow { programs });
        }
    }

    /// The programs that closing the window would end, by name, as far as the settings ask about them.
    pub(crate) fn running(&self, services: &Services) -> Vec<String> {
        let panes: Vec<PaneId> = self.panes.keys().copied().collect();
        self.running_in(services, &panes)
    }

    /// The programs that closing these panes would end, by name, as far as the settings ask about them.
    fn running_in(&self, services: &Services, panes: &[PaneId]) -> Vec<String> {
        let asks = |session: &crate::session::Session| {
            settings::asks_before_closing(&services.config, session)
        };
        let always = services.config.window.confirm_close == ConfirmClose::Always;
        let panes = panes.iter().filter_map(|id| self.panes.get(id));
        panes
            .filter_map(|pane| pane.ends_with_it(always, asks))
            .collect()
    }

    fn remove_pane(&mut self, services: &mut Services, id: PaneId) {
        let Some(tab) = self.tabs.of_pane(id) else {
            return;
        };
        let tab_id = tab.id;
        match tab.layout.clone().without(id) {
            Some(rest) => tab.leave(id, rest),
            None => {
                self.tabs.close(tab_id);
            }
        }
        let bound = self.bound_to(&[id]);
        self.forget_pane(id);
        for env in bound {
            self.ask_to_discard(services, &env);
        }
        self.after_close(services);
    }

    fn forget_pane(&mut self, id: PaneId) {
        self.forget_search(
            self.focused_pane()
                .map(|pane| pane.id)
                .filter(|focused| *focused != id),
        );
        if let Some(pane) = self.panes.remove(&id) {
            pane.session.close();
        }
        self.forget_view(id);
    }

    /// Lets go of a pane's picture and of what the pointer does to it.
    pub(super) fn forget_view(&mut self, id: PaneId) {
        if let Some(canvas) = &mut self.canvas {
            canvas.renderer.forget_view(id.view());
        }
        self.pointer.forget(id);
        self.marks.forget(id);
    }

    pub(super) fn after_close(&mut self, services: &mut Services) {
        if self.tabs.len() == 0 {
            self.closing = true;
        } else {
            self.focus_moved(services);
        }
    }
}

/// The code that a program ended with.
fn code(status: ExitStatus) -> Option<i32> {
    match status {
        ExitStatus::Code(code) => Some(code),
        ExitStatus::Signal(_) | ExitStatus::Unknown => None,
    }
}

/// Puts a program's text on the selections that it named (OSC 52).
pub(super) fn store_for_program(services: &Services, selections: &str, text: String) {
    let primary = selections.contains('p') || selections.contains('s');
    if primary {
        services.clipboard.store(Selection::Primary, text.clone());
    }
    if !primary || selections.contains('c') {
        services.clipboard.store(Selection::Clipboard, text);
    }
}

/// Asks the clipboard for what a program wants to read (OSC 52).
pub(super) fn load_for_program(services: &Services, id: PaneId, selections: String) {
    let primary = selections.contains('p') || selections.contains('s');
    let selection = if primary {
        Selection::Primary
    } else {
        Selection::Clipboard
    };
    services
        .clipboard
        .load(selection, id, Purpose::Osc52(selections));
}

/// The cells that fit `area` inside `padding` (x, y), right of a gutter; `centered`: what is left over goes to both
/// sides.
fn cells_in(
    area: Rect,
    padding: (u32, u32),
    gutter: u32,
    cell: PixelSize,
    centered: bool,
) -> CellArea {
    // A pane that is hardly wider than the gutter has none.
    let gutter = if area.width > 8 * gutter { gutter } else { 0 };
    let area = Rect {
        x: area.x + i32::try_from(gutter).unwrap_or(0),
        width: area.width - gutter,
        ..area
    };
    let fit = |length: u32, padding: u32, cell: u16| {
        let cells = length.saturating_sub(2 * padding) / u32::from(cell.max(1));
        u16::try_from(cells).unwrap_or(u16::MAX)
    };
    let size = GridSize::new(
        fit(area.width, padding.0, cell.width),
        fit(area.height, padding.1, cell.height),
    );
    let start = |length: u32, padding: u32, cells: u16, cell: u16| {
        let rest = length.saturating_sub(u32::from(cells) * u32::from(cell));
        i32::try_from(if centered {
            rest / 2
        } else {
            padding.min(rest)
        })
        .unwrap_or(0)
    };
    CellArea {
        x: area.x + start(area.width, padding.0, size.columns, cell.width),
        y: area.y + start(area.height, padding.1, size.rows, cell.height),
        cell_width: u32::from(cell.width),
        cell_height: u32::from(cell.height),
        size,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_fit_inside_the_padding() {
        let area = Rect {
            x: 0,
            y: 32,
            width: 660,
            height: 404,
        };
        let cell = PixelSize {
            width: 8,
            height: 16,
        };
        let cells = cells_in(area, (10, 10), 0, cell, false);
        assert_eq!(
            cells.size,
            GridSize {
                columns: 80,
                rows: 24
            }
        );
        assert_eq!((cells.x, cells.y), (10, 42));
        let centered = cells_in(Rect { width: 666, ..area }, (10, 10), 0, cell, true);
        assert_eq!(centered.x, 13);
        let beside = cells_in(Rect { width: 668, ..area }, (10, 10), 8, cell, false);
        assert_eq!((beside.x, beside.size), (18, cells.size));
    }

    #[test]
    fn no_room_still_has_a_grid() {
        let cells = cells_in(
            Rect::default(),
            (10, 10),
            8,
            PixelSize {
                width: 8,
                height: 16,
            },
            false,
        );
        assert_eq!(cells.size, GridSize::MIN);
    }
}

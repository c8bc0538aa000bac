//! Blocks in the window: what the pointer does to them, what their events mean, the small windows about them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use config::ActionName;
use config::blocks::NotifyEnd;
use history::Annotation;
use renderer::Renderer;
use renderer::units::Rect;
use terminal::blocks::{Block, Flags, Format, Kind, LineFilter, Notes};
use terminal::{BlockEvent, BlockId, Rgb};
use winit::dpi::PhysicalPosition;
use winit::window::UserAttentionType;

use super::Window;
use crate::actions;
use crate::event::AppEvent;
use crate::pane::{Pane, PaneId};
use crate::services::Services;
use crate::settings;
use crate::tabs::Tab;
use crate::view::blocks::compare::{CompareAction, Compared, Comparison};
use crate::view::blocks::decorate::Inks;
use crate::view::blocks::dialogs::{FilterAction, FilterBar, Left, NoteDialog};
use crate::view::blocks::gutter;
use crate::view::blocks::header::{Click, Ink};
use crate::view::blocks::summary::{Status, duration_text, exit_text};
use crate::view::blocks::{Hit, Seen};
use crate::view::notices::Severity;

/// Rows of output in which sections are looked for by themselves.
const MAX_SEARCHED: usize = 20_000;
/// How long a text waits for a prompt that does not say that it is one.
const PROMPT_WAIT: Duration = Duration::from_secs(2);

impl Window {
    // --- events ----------------------------------------------------------------------------------

    /// Something happened to a pane's blocks.
    pub(super) fn block_event(&mut self, services: &Services, id: PaneId, event: &BlockEvent) {
        match event {
            BlockEvent::Started(block) => {
                if let Some(pane) = self.panes.get(&id)
                    && let Some(folder) = believed_folder(pane, *block)
                {
                    services.find_branch(id, &folder);
                }
            }
            BlockEvent::Finished(block) | BlockEvent::Rejected(block) => {
                self.block_ended(services, id, *block);
            }
            BlockEvent::Forgotten(block) => {
                if let Some(pane) = self.panes.get_mut(&id) {
                    pane.blocks.forget(*block);
                }
            }
            BlockEvent::Prompted(_) => {
                if let Some(pane) = self.panes.get_mut(&id) {
                    pane.blocks.progress = None;
                }
            }
            BlockEvent::ContextChanged(_) | BlockEvent::Detached(_) => {}
        }
    }

    fn block_ended(&mut self, services: &Services, id: PaneId, block: BlockId) {
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        let ended = {
            let mut terminal = pane.session.lock();
            let height = terminal.block_height(block);
            let Some(ended) = terminal.blocks().get(block) else {
                return;
            };
            let told = Ended {
                name: ended
                    .command
                    .text
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                status: Status::of(ended),
                exit: ended.exit().and_then(exit_text),
                duration: ended.duration().unwrap_or_default(),
                counts: ended.is_verified()
                    && ended.kind == Kind::Command
                    && !ended.flags.contains(Flags::ALT_SCREEN),
            };
            if settings::folds(
                &services.config,
                &told.name,
                told.status == Status::Ok,
                height,
            ) {
                terminal.fold_block(block, true);
            }
            if height <= MAX_SEARCHED {
                terminal.find_sections(block);
            }
            told
        };
        let asked = pane.blocks.watched.remove(&block);
        let shown = self.shown_panes().contains(&id);
        let blocks = &services.config.blocks;
        let long = ended.duration >= Duration::from_secs(u64::from(blocks.notify_after));
        let unseen = !shown || !self.focused;
        if asked || (blocks.notify == NotifyEnd::Unfocused && ended.counts && long && unseen) {
            self.tell_end(id, &ended);
        }
    }

    fn tell_end(&mut self, id: PaneId, ended: &Ended) {
        let how = match (&ended.exit, ended.status) {
            (Some(exit), _) => exit.clone(),
            (None, Status::Lost) => "ended with its shell".to_owned(),
            (None, _) => "done".to_owned(),
        };
        let name: String = ended.name.chars().take(60).collect();
        let text = format!("{name}: {how}, {}", duration_text(ended.duration));
        let severity = match ended.status {
            Status::Failed => Severity::Warning,
            _ => Severity::Info,
        };
        if !self.shown_panes().contains(&id)
            && let Some(tab) = self.tabs.of_pane(id)
        {
            tab.bell = true;
        }
        self.notify(severity, "block", text);
        if !self.focused {
            self.handle
                .request_user_attention(Some(UserAttentionType::Informational));
        }
    }

    /// A folder's branch was found.
    pub(crate) fn branch_found(
        &mut self,
        id: PaneId,
        folder: String,
        branch: Option<crate::git::Branch>,
    ) {
        let Some(pane) = self.panes.get_mut(&id) else {
            return;
        };
        if pane.blocks.set_branch(folder, branch) {
            self.redraw();
        }
    }

    // --- drawing ---------------------------------------------------------------------------------

    /// The colors of headers and marks.
    pub(super) fn inks(&self) -> Inks {
        let tokens = self.overlay.tokens();
        let rgb = |color: egui::Color32| Rgb::new(color.r(), color.g(), color.b());
        Inks {
            muted: rgb(tokens.muted),
            muted_raised: {
                let (a, b) = (rgb(tokens.muted), rgb(tokens.text));
                Rgb::new(a.r.midpoint(b.r), a.g.midpoint(b.g), a.b.midpoint(b.b))
            },
            text: rgb(tokens.text),
            accent: rgb(tokens.accent),
            error: rgb(tokens.error),
            raised: rgb(tokens.raised),
        }
    }

    /// Draws the marks beside a pane's blocks, and what is selected of them.
    pub(super) fn draw_gutter(renderer: &mut Renderer, pane: &Pane, inks: &Inks, scale: f32) {
        let cells = pane.cells;
        let gutter = gutter_of(pane);
        if let Some(sticky) = &pane.blocks.sticky {
            let row = Rect {
                x: gutter.x,
                y: cells.y,
                width: gutter.width,
                height: cells.cell_height,
            };
            let Rgb { r, g, b } = inks.raised;
            renderer.draw_quad(row, [r, g, b, 255]);
            let (rects, ink) = gutter::mark(sticky.status, gutter, row, scale);
            let Rgb { r, g, b } = inks.color(ink);
            for rect in rects {
                renderer.draw_quad(rect, [r, g, b, 255]);
            }
        }
        for section in &pane.blocks.sections {
            let height = i32::try_from(cells.cell_height).unwrap_or(0);
            let row = Rect {
                x: gutter.x,
                y: cells.y + i32::from(section.row) * height,
                width: gutter.width,
                height: cells.cell_height,
            };
            let Rgb { r, g, b } = inks.text;
            for rect in gutter::section(section.folded, gutter, row, scale) {
                renderer.draw_quad(rect, [r, g, b, 200]);
            }
        }
        for seen in &pane.blocks.seen {
            let rows = rows_of(pane, seen);
            let color = |ink: Ink, alpha: u8| {
                let Rgb { r, g, b } = inks.color(ink);
                [r, g, b, alpha]
            };
            if seen.selected {
                let tint = Rect {
                    x: gutter.x,
                    y: rows.y,
                    width: gutter.width + cells.cell_width * u32::from(cells.size.columns),
                    height: rows.height,
                };
                renderer.draw_quad(tint, color(Ink::Accent, 28));
                renderer.draw_quad(gutter::bar(gutter, rows, scale), color(Ink::Accent, 255));
            } else if seen.status == Status::Failed && seen.believed && gutter.width > 0 {
                renderer.draw_quad(gutter::bar(gutter, rows, scale), color(Ink::Error, 110));
            }
            if seen.nested {
                let bar = gutter::bar(gutter, rows, scale);
                let inner = Rect {
                    x: gutter.x
                        + i32::try_from(gutter.width.saturating_sub(bar.width)).unwrap_or(0),
                    width: bar.width.div_ceil(2),
                    ..bar
                };
                renderer.draw_quad(inner, color(Ink::Muted, 160));
            }
            let covered = pane.blocks.sticky.is_some() && seen.rows.start == 0;
            if !seen.starts || covered {
                continue;
            }
            let row = Rect {
                height: cells.cell_height,
                ..rows
            };
            let (rects, ink) = gutter::mark(seen.status, gutter, row, scale);
            // What no shell vouches for has a shape, but no color.
            let ink = if seen.believed { ink } else { Ink::Muted };
            for rect in rects {
                renderer.draw_quad(rect, color(ink, 255));
            }
        }
    }

    // --- pointer ---------------------------------------------------------------------------------

    /// What of a pane's blocks is at a position of the window.
    pub(super) fn block_hit(&self, id: PaneId, at: PhysicalPosition<f64>) -> Option<Hit> {
        let pane = self.panes.get(&id)?;
        let cell = pane.cells.at(at);
        if cell.beyond != 0 {
            return None;
        }
        if crate::input::mouse::contains(gutter_of(pane), at) {
            return pane.blocks.hit(cell.row, None);
        }
        let inside = at.x >= f64::from(pane.cells.x);
        inside
            .then(|| pane.blocks.hit(cell.row, Some(cell.column)))
            .flatten()
    }

    /// The pointer is over a pane: shows the tools of the block whose first row it is on.
    pub(super) fn hover_blocks(&mut self, hit: Option<(PaneId, Hit)>) {
        for pane in self.panes.values_mut() {
            let hovered = match hit {
                Some((id, Hit::Row(block) | Hit::Gutter(block))) if id == pane.id => {
                    Some((block, None))
                }
                Some((id, Hit::Piece(block, Click::Tool(tool)))) if id == pane.id => {
                    Some((block, Some(tool)))
                }
                Some((id, Hit::Piece(block, _))) if id == pane.id => Some((block, None)),
                _ => None,
            };
            if pane.blocks.hovered != hovered {
                pane.blocks.hovered = hovered;
                self.pace.needed = true;
            }
        }
        if self.pace.needed {
            self.request_frame();
        }
    }

    /// The left button went down on something of a block; returns whether that was all it meant.
    pub(super) fn press_block(&mut self, services: &mut Services, id: PaneId, hit: Hit) -> bool {
        let (extend, toggle) = (self.modifiers.shift_key(), self.modifiers.control_key());
        let clicks = match hit {
            Hit::Gutter(_) => self.pointer.clicks_at(Instant::now()),
            _ => 1,
        };
        let Some(pane) = self.panes.get_mut(&id) else {
            return false;
        };
        match hit {
            Hit::Row(_) | Hit::Piece(_, Click::None) => return false,
            Hit::Gutter(block) => {
                if clicks == 2 {
                    pane.blocks.select(block);
                    actions::run(self, services, ActionName::FoldBlock);
                } else if extend {
                    let session = Arc::clone(&pane.session);
                    pane.blocks.extend_to(session.lock().blocks(), block);
                } else if toggle {
                    pane.blocks.toggle(block);
                } else if pane.blocks.selected.len() == 1 && pane.blocks.selected.contains(&block) {
                    pane.blocks.clear_selection();
                } else {
                    pane.blocks.select(block);
                }
            }
            Hit::Section(section) => {
                let mut terminal = pane.session.lock();
                terminal.fold_section(section.block, section.index, !section.folded);
            }
            Hit::Sticky(block) => {
                let mut terminal = pane.session.lock();
                if let Some(line) = terminal.block_line(block) {
                    terminal.scroll_to_line(line, 0);
                }
            }
            Hit::Piece(block, Click::Unfold) => {
                let mut terminal = pane.session.lock();
                terminal.fold_block(block, false);
                terminal.filter_block(block, None);
            }
            Hit::Piece(block, Click::Tool(tool)) => {
                if !pane.blocks.selected.contains(&block) {
                    pane.blocks.select(block);
                }
                match tool.action() {
                    Some(action) => {
                        actions::run(self, services, action);
                    }
                    None => self.open_context_menu(services, id),
                }
            }
        }
        self.redraw();
        true
    }

    // --- small windows ---------------------------------------------------------------------------

    /// Asks for a block's name and note.
    pub(crate) fn write_note(&mut self, pane: PaneId, block: BlockId, notes: Notes) {
        self.overlay.note = Some(NoteDialog::new(pane, block, notes));
        self.overlay.changed();
        self.redraw();
    }

    pub(super) fn note_left(&mut self, left: Left) {
        let Some(dialog) = self.overlay.note.take() else {
            return;
        };
        if left == Left::Kept
            && let Some(pane) = self.panes.get(&dialog.pane)
        {
            let mut notes = dialog.notes;
            notes.name = notes.name.trim().to_owned();
            notes.note = notes.note.trim().to_owned();
            let change = [
                Annotation::Name(notes.name.clone()),
                Annotation::Note(notes.note.clone()),
            ];
            pane.session.lock().set_block_notes(dialog.block, notes);
            for change in change {
                self.annotate_block(dialog.pane, dialog.block, change);
            }
        }
        self.overlay.changed();
        self.redraw();
    }

    /// Opens the filter of a block's lines.
    pub(crate) fn open_filter(&mut self, pane: PaneId, block: BlockId) {
        self.overlay.filter = Some(FilterBar::new(pane, block));
        self.overlay.changed();
        self.redraw();
    }

    pub(super) fn filter_action(&mut self, action: FilterAction) {
        let Some(mut bar) = self.overlay.filter.take() else {
            return;
        };
        if let Some(pane) = self.panes.get_mut(&bar.pane) {
            let clear = action == FilterAction::Clear || bar.text.is_empty();
            let filter = if clear {
                Ok(None)
            } else {
                LineFilter::new(&bar.text, bar.regex).map(|mut filter| {
                    filter.invert = bar.invert;
                    filter.context = bar.context;
                    Some(filter)
                })
            };
            match filter {
                Ok(filter) => {
                    bar.error = None;
                    let found = pane.session.lock().filter_block(bar.block, filter.as_ref());
                    bar.found = found.filter(|_| !clear);
                    if clear {
                        pane.blocks.filters.remove(&bar.block);
                    } else {
                        pane.blocks.filters.insert(bar.block, bar.label());
                    }
                }
                Err(error) => bar.error = Some(error),
            }
            if action == FilterAction::Changed {
                self.overlay.filter = Some(bar);
            }
        }
        self.overlay.changed();
        self.redraw();
    }

    /// Where the filter's bar stands: at the bottom of its pane, in logical pixels.
    pub(super) fn filter_place(&self) -> egui::Pos2 {
        let scale = self.scale;
        let area = self
            .overlay
            .filter
            .as_ref()
            .and_then(|bar| self.panes.get(&bar.pane))
            .map_or(Rect::default(), |pane| pane.area);
        #[expect(clippy::cast_precision_loss, reason = "pixels of a window")]
        let (x, y) = (
            area.x as f32 + area.width as f32 / 2.0,
            area.bottom() as f32,
        );
        egui::pos2(x / scale, y / scale - 12.0)
    }

    /// Compares two blocks.
    pub(crate) fn compare_blocks(
        &mut self,
        services: &Services,
        id: PaneId,
        old: BlockId,
        new: BlockId,
    ) {
        let Some(pane) = self.panes.get(&id) else {
            return;
        };
        let born = pane.session.born();
        let sides = {
            let terminal = pane.session.lock();
            [old, new].map(|id| {
                let block = terminal.blocks().get(id)?;
                let spool = terminal.block_spool(id, Format::Text)?;
                let text = if spool.dropped_lines > 0 {
                    let gap = format!("… {} lines …\n", spool.dropped_lines);
                    spool.head + &gap + &spool.tail
                } else {
                    spool.head
                };
                Some(Compared {
                    title: title_of(block, born),
                    text: text.into(),
                })
            })
        };
        let [Some(old), Some(new)] = sides else {
            return;
        };
        self.show_comparison(services, [old, new], None);
    }

    /// Shows two outputs side by side, once nothing is waited for any more.
    pub(crate) fn show_comparison(
        &mut self,
        services: &Services,
        [old, new]: [Compared; 2],
        waiting: Option<String>,
    ) {
        let comparison = Comparison {
            old,
            new,
            rules: settings::compare_rules(&services.config),
            only_changes: false,
            diff: None,
            waiting,
            question: self.overlay.next_question(),
        };
        if comparison.waiting.is_none() {
            services.compare(&comparison);
        }
        self.prepare_chrome();
        self.overlay.compare = Some(comparison);
        self.overlay.changed();
        self.redraw();
    }

    pub(super) fn compare_action(&mut self, services: &Services, action: CompareAction) {
        match action {
            CompareAction::Close => {
                self.overlay.compare = None;
                actions::parity::call_off(self, services);
            }
            CompareAction::Again => {
                let question = self.overlay.next_question();
                let shown = self.overlay.compare.as_mut();
                if let Some(comparison) = shown.filter(|shown| shown.waiting.is_none()) {
                    comparison.question = question;
                    services.compare(comparison);
                }
            }
        }
        self.overlay.changed();
        self.redraw();
    }

    /// A comparison is done.
    pub(crate) fn compared(&mut self, question: u64, diff: Arc<history::diff::Diff>) {
        if let Some(comparison) = &mut self.overlay.compare
            && comparison.question == question
        {
            comparison.diff = Some(diff);
            self.overlay.changed();
            self.redraw();
        }
    }

    // --- prompts and panes -----------------------------------------------------------------------

    /// Puts a text at the focused pane's next prompt, as a paste.
    pub(crate) fn paste_at_prompt(&mut self, text: String) {
        let Some(id) = self.tabs.active().map(|tab| tab.focused) else {
            return;
        };
        if let Some(pane) = self.panes.get_mut(&id) {
            pane.for_prompt = Some((text, Instant::now() + PROMPT_WAIT));
        }
    }

    /// A pane's prompt is there, or has had its time: what waits for it is pasted.
    pub(super) fn prompt_ready(&mut self, services: &Services, id: PaneId) {
        let waiting = self
            .panes
            .get_mut(&id)
            .and_then(|pane| pane.for_prompt.take());
        if let Some((text, _)) = waiting {
            self.paste(services, id, &text);
        }
    }

    /// Pastes what waited too long for a prompt.
    pub(super) fn paste_overdue(&mut self, services: &Services, now: Instant) {
        let due = |pane: &&Pane| pane.for_prompt.as_ref().is_some_and(|(_, at)| *at <= now);
        let overdue: Vec<PaneId> = self
            .panes
            .values()
            .filter(due)
            .map(|pane| pane.id)
            .collect();
        for id in overdue {
            self.prompt_ready(services, id);
        }
    }

    /// A block's output was written to a file: a new pane's prompt reads it.
    pub(crate) fn output_written(
        &mut self,
        services: &mut Services,
        written: Result<std::path::PathBuf, String>,
    ) {
        match written {
            Ok(path) => {
                let quoted = path.to_str().and_then(terminal::encode::paste::quote_path);
                let Some(quoted) = quoted else { return };
                self.split(services, crate::layout::Direction::Down);
                self.paste_at_prompt(format!("cat {quoted} | "));
                if let Some(id) = self.tabs.active().map(|tab| tab.focused)
                    && let Some(pane) = self.panes.get_mut(&id)
                {
                    pane.temporary = Some(path);
                }
            }
            Err(error) => self.notify(Severity::Error, "pipe", error),
        }
    }

    /// Gives the focused pane's session a tab of its own, and its place to a new shell in the same folder: the
    /// program keeps its terminal, and the user the place where to type.
    pub(crate) fn move_pane_away(&mut self, services: &mut Services) {
        let Some(old) = self.tabs.active().map(|tab| tab.focused) else {
            return;
        };
        let new = self.new_pane(services, None);
        let Some(tab) = self.tabs.active_mut() else {
            return;
        };
        tab.layout.replace(old, new);
        tab.focused = new;
        self.tabs.insert(Tab::new(old), false);
        self.tabs.show_previous();
        self.overlay.changed();
        self.focus_moved(services);
        self.notify(
            Severity::Info,
            "move",
            "the running command is in the next tab",
        );
    }
}

/// What is told of a command that ended.
struct Ended {
    name: String,
    status: Status,
    exit: Option<String>,
    duration: Duration,
    /// It was a command of a shell that proved itself, and no program that fills the screen.
    counts: bool,
}

/// The folder of a block, if it is on this machine and may be believed.
fn believed_folder(pane: &Pane, id: BlockId) -> Option<String> {
    let terminal = pane.session.lock();
    let block = terminal.blocks().get(id)?;
    let local = block.trust == terminal::blocks::Trust::Verified(terminal::Origin::Local);
    block.context.cwd.clone().filter(|_| local)
}

fn title_of(block: &Block, born: std::time::SystemTime) -> String {
    let time = crate::local_time::hour_and_minute(born + block.started).unwrap_or_default();
    let exit = block.exit().and_then(exit_text).unwrap_or_default();
    let command = block.command.text.lines().next().unwrap_or_default();
    let parts = [time.as_str(), command, exit.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("  ")
}

/// The gutter of a pane: what is left of its cells.
fn gutter_of(pane: &Pane) -> Rect {
    let width = u32::try_from(pane.cells.x - pane.area.x).unwrap_or(0);
    Rect {
        x: pane.area.x,
        y: pane.cells.y,
        width,
        height: pane.cells.cell_height * u32::from(pane.cells.size.rows),
    }
}

/// The rows of a block in the window.
fn rows_of(pane: &Pane, seen: &Seen) -> Rect {
    let cells = pane.cells;
    let height = i32::try_from(cells.cell_height).unwrap_or(0);
    Rect {
        x: cells.x,
        y: cells.y + i32::from(seen.rows.start) * height,
        width: cells.cell_width * u32::from(cells.size.columns),
        height: cells.cell_height * u32::from(seen.rows.end - seen.rows.start),
    }
}

/// Writes a text to a file that only this user reads; a new one each time.
pub(crate) fn write_temporary(text: &str) -> Result<std::path::PathBuf, String> {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let folder = std::env::var_os("XDG_RUNTIME_DIR")
        .map(std::path::PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .unwrap_or_else(std::env::temp_dir);
    let name = format!(
        "terrace-output-{}-{}.txt",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let path = folder.join(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    Ok(path)
}

/// Does work that may take a while on a thread of its own, and sends what comes of it.
pub(crate) fn in_background(
    name: &'static str,
    proxy: winit::event_loop::EventLoopProxy<AppEvent>,
    work: impl FnOnce() -> AppEvent + Send + 'static,
) {
    let started = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // Fails only when the loop has ended.
            let _ = proxy.send_event(work());
        });
    if let Err(error) = started {
        tracing::warn!(%error, name, "no thread");
    }
}

//! The history panel: a field, filters, what is found, and a preview with its colors; and the figures of
//! the inner loop beside it.
//!
//! It holds no data but what [`crate::history::seeker`] told; what the user does comes out as
//! [`HistoryEvent`]s.

mod keys;
mod list;
mod preview;
mod stats;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use egui::{
    Align2, Color32, CornerRadius, FontId, Frame, Margin, RichText, Sense, Stroke, TextEdit,
};
use history::export::Look;
use history::query::Place;
use history::stats::{Question, Report};
use history::{Filter, HostKind, Pattern, Uid};

use keys::Deed;

use super::tokens::{BAR_HEIGHT, RADIUS, STEP, TEXT, Tokens};
use crate::history::seeker::{Preview, Row};

/// The widest it gets, in logical pixels.
const WIDTH: f32 = 1240.0;
/// How long a second press deletes what the first one asked about.
const CONFIRM: Duration = Duration::from_secs(4);

/// What the panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// Blocks.
    Blocks,
    /// Figures.
    Stats,
}

/// How far back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Span {
    /// All of it.
    #[default]
    Any,
    /// The last 24 hours.
    Day,
    /// The last seven days.
    Week,
    /// The last thirty days.
    Month,
}

impl Span {
    const ALL: [Self; 4] = [Self::Any, Self::Day, Self::Week, Self::Month];

    fn name(self) -> &'static str {
        match self {
            Self::Any => "any time",
            Self::Day => "last day",
            Self::Week => "last week",
            Self::Month => "last month",
        }
    }

    fn since(self) -> Option<SystemTime> {
        let days = match self {
            Self::Any => return None,
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        };
        SystemTime::now().checked_sub(Duration::from_secs(days * 86_400))
    }

    fn next(self) -> Self {
        let at = Self::ALL.iter().position(|one| *one == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// Where the pane is from which the panel was opened: what "here" means.
#[derive(Clone, Debug, Default)]
pub(crate) struct Here {
    /// Its shell's folder.
    pub(crate) folder: Option<String>,
    /// Its session.
    pub(crate) session: Option<Uid>,
}

/// What the user did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HistoryEvent {
    /// It is to be closed.
    Closed,
    /// Something else is sought.
    Changed,
    /// Another block is chosen: its preview is wanted.
    Moved(i64),
    /// The figures are wanted.
    Stats,
    /// Put the command into the prompt.
    Insert(String),
    /// Put a command at the prompt, and run it.
    Run(String),
    /// Put the command on the clipboard.
    Copy(String),
    /// Show the block in a tab of its own.
    Open(i64),
    /// Delete the block.
    Forget(Uid),
    /// Set or drop the bookmark.
    Bookmark(Uid, bool),
    /// Write a note.
    Note(Uid, String),
}

/// The panel's state.
#[derive(Debug)]
pub(crate) struct HistoryPanel {
    /// What is shown.
    pub(crate) page: Page,
    /// What was typed.
    pub(crate) text: String,
    /// Which question was last asked.
    pub(crate) question: u64,
    here: Here,
    host: Option<String>,
    kind: Option<HostKind>,
    project: Option<String>,
    in_folder: bool,
    in_session: bool,
    failed: bool,
    bookmarked: bool,
    span: Span,
    rows: Arc<Vec<Row>>,
    hosts: Arc<Vec<Place>>,
    projects: Arc<Vec<Place>>,
    preview: Option<Arc<Preview>>,
    report: Option<Arc<Report>>,
    problem: Option<String>,
    selected: usize,
    top: usize,
    wheel: f32,
    rows_shown: usize,
    answered: bool,
    /// What is listed answers the last question.
    current: bool,
    /// What is to be done with the first that is found, once it is.
    wish: Option<Deed>,
    /// The note that is being written, and of which block.
    noting: Option<(Uid, String)>,
    /// How far the figures are scrolled.
    figures: stats::Scroll,
    /// Since when a block is about to be deleted.
    deleting: Option<(Uid, Instant)>,
    laid_out: bool,
}

impl HistoryPanel {
    /// An empty panel, before its first question.
    pub(crate) fn new(page: Page, here: Here) -> Self {
        Self {
            page,
            text: String::new(),
            question: 0,
            here,
            host: None,
            kind: None,
            project: None,
            in_folder: false,
            in_session: false,
            failed: false,
            bookmarked: false,
            span: Span::Any,
            rows: Arc::default(),
            hosts: Arc::default(),
            projects: Arc::default(),
            preview: None,
            report: None,
            problem: None,
            selected: 0,
            top: 0,
            wheel: 0.0,
            rows_shown: 1,
            answered: false,
            current: false,
            wish: None,
            noting: None,
            figures: stats::Scroll::default(),
            deleting: None,
            laid_out: false,
        }
    }

    /// What is sought.
    pub(crate) fn filter(&self) -> Filter {
        Filter {
            text: Pattern::new(&self.text),
            host: self.host.clone(),
            kind: self.kind,
            project: self.project.clone(),
            folder: self.here.folder.clone().filter(|_| self.in_folder),
            session: self.here.session.filter(|_| self.in_session),
            failed: self.failed,
            bookmarked: self.bookmarked,
            since: self.span.since(),
            ..Filter::default()
        }
    }

    /// Which figures are wanted.
    pub(crate) fn stats_question(&self) -> Question {
        let month = SystemTime::now().checked_sub(Duration::from_secs(28 * 86_400));
        Question {
            since: self.span.since().or(month),
            project: self.project.clone(),
            host: self.host.clone(),
            ..Question::default()
        }
    }

    /// What is to be asked for: the page's content.
    fn sought(&self) -> HistoryEvent {
        match self.page {
            Page::Blocks => HistoryEvent::Changed,
            Page::Stats => HistoryEvent::Stats,
        }
    }

    /// Hosts to choose from, and how they are shown.
    fn host_choices(&self) -> Vec<(String, String)> {
        let named = |host: &Place| match host.kind {
            HostKind::Local => host.name.clone(),
            kind => format!("{}  ·  {}", host.name, kind.name()),
        };
        let hosts = self.hosts.iter();
        hosts.map(|host| (host.name.clone(), named(host))).collect()
    }

    /// Projects to choose from, and how they are shown.
    fn project_choices(&self) -> Vec<(String, String)> {
        let projects = self.projects.iter();
        projects
            .map(|project| (project.name.clone(), last_part(&project.name)))
            .collect()
    }

    /// Kinds of hosts to choose from, and how they are shown.
    fn kind_choices(&self) -> Vec<(HostKind, String)> {
        let mut kinds: Vec<(HostKind, String)> = Vec::new();
        for host in self.hosts.iter() {
            if !kinds.iter().any(|(kind, _)| *kind == host.kind) {
                kinds.push((host.kind, host.kind.name().to_owned()));
            }
        }
        kinds
    }

    /// Another question is asked: what is listed is out of date until its answer comes.
    pub(crate) fn ask(&mut self, question: u64) {
        self.question = question;
        self.current = false;
    }

    /// Blocks came; the chosen one stays chosen if it is among them. Returns what is to be previewed.
    pub(crate) fn set_rows(&mut self, rows: Arc<Vec<Row>>) -> Option<i64> {
        let chosen = self
            .chosen()
            .map(|row| row.hit.id)
            .filter(|_| self.selected > 0);
        self.rows = rows;
        (self.answered, self.current) = (true, true);
        self.problem = None;
        self.selected = chosen
            .and_then(|id| self.rows.iter().position(|row| row.hit.id == id))
            .unwrap_or(0);
        if self.selected == 0 {
            self.top = 0;
        }
        self.wanted_preview()
    }

    /// What is known of a block changed: its preview is to be read again.
    pub(crate) fn forget_preview(&mut self) {
        self.preview = None;
    }

    /// An output came.
    pub(crate) fn set_preview(&mut self, preview: Arc<Preview>) {
        self.preview = Some(preview);
    }

    /// Figures came.
    pub(crate) fn set_report(&mut self, report: Arc<Report>) {
        self.report = Some(report);
    }

    /// The filters' choices came.
    pub(crate) fn set_places(&mut self, hosts: Arc<Vec<Place>>, projects: Arc<Vec<Place>>) {
        (self.hosts, self.projects) = (hosts, projects);
    }

    /// Nothing can be found, and why.
    pub(crate) fn set_problem(&mut self, problem: String) {
        self.rows = Arc::default();
        (self.answered, self.current) = (true, true);
        self.wish = None;
        self.problem = Some(problem);
    }

    fn chosen(&self) -> Option<&Row> {
        self.rows.get(self.selected)
    }

    /// The chosen block, if its preview is not there yet.
    fn wanted_preview(&self) -> Option<i64> {
        let id = self.chosen()?.hit.id;
        let shown = self
            .preview
            .as_ref()
            .is_some_and(|preview| preview.id == id);
        (!shown).then_some(id)
    }

    fn step(&mut self, by: isize) -> Option<HistoryEvent> {
        let last = self.rows.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
        self.deleting = None;
        self.scroll_to_chosen();
        self.wanted_preview().map(HistoryEvent::Moved)
    }

    fn scroll_to_chosen(&mut self) {
        let lowest = (self.selected + 1).saturating_sub(self.rows_shown);
        self.top = self.top.clamp(lowest, self.selected);
    }

    /// Deletes at the second press.
    fn forget(&mut self, now: Instant) -> Option<HistoryEvent> {
        let uid = self.chosen()?.hit.uid;
        match self.deleting.take() {
            Some((same, since)) if same == uid && now.duration_since(since) < CONFIRM => {
                Some(HistoryEvent::Forget(uid))
            }
            _ => {
                self.deleting = Some((uid, now));
                None
            }
        }
    }

    /// Does what Enter asked for, if what is listed is what was sought.
    fn grant(&mut self) -> Option<HistoryEvent> {
        if !self.current {
            return None;
        }
        let wish = self.wish.take()?;
        self.chosen_event(|row| match wish {
            // What is not kept whole is not what ran.
            Deed::Run if row.is_whole() => HistoryEvent::Run(row.hit.command.clone()),
            Deed::Open => HistoryEvent::Open(row.hit.id),
            _ => HistoryEvent::Insert(row.hit.command.clone()),
        })
    }

    fn chosen_event(&self, event: impl FnOnce(&Row) -> HistoryEvent) -> Option<HistoryEvent> {
        self.chosen().map(event)
    }
}

/// Draws the panel; returns what the user did.
pub(crate) fn show(
    context: &egui::Context,
    panel: &mut HistoryPanel,
    look: &Look,
    tokens: &Tokens,
) -> Option<HistoryEvent> {
    let mut event = keys::keys(context, panel);
    let window = context.content_rect();
    let width = (window.width() - STEP * 8.0).clamp(160.0, WIDTH);
    let top = BAR_HEIGHT + STEP * 2.0;
    let height = (window.height() - top - STEP * 4.0).max(120.0);
    super::shade(context);
    let shown = egui::Area::new(egui::Id::unique("history"))
        .anchor(Align2::CENTER_TOP, egui::vec2(0.0, top))
        .order(egui::Order::Foreground)
        .show(context, |ui| {
            let frame = Frame::new()
                .fill(tokens.raised)
                .stroke(Stroke::new(1.0, tokens.line))
                .corner_radius(CornerRadius::same(RADIUS))
                .shadow(egui::Shadow {
                    offset: [0, 4],
                    blur: 16,
                    spread: 0,
                    color: Color32::from_black_alpha(60),
                });
            frame.show(ui, |ui| {
                ui.set_width(width);
                ui.set_height(height);
                ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
                let did = contents(ui, panel, look, tokens);
                event = did.or(event.take());
            });
        });
    let beside = context.input(|input| input.pointer.any_pressed())
        && panel.laid_out
        && !shown.response.contains_pointer()
        && !egui::Popup::is_any_open(context);
    panel.laid_out = true;
    if beside {
        event = event.or(Some(HistoryEvent::Closed));
    }
    // What was typed in this layout is yet to be asked for.
    event.or_else(|| panel.grant())
}

fn contents(
    ui: &mut egui::Ui,
    panel: &mut HistoryPanel,
    look: &Look,
    tokens: &Tokens,
) -> Option<HistoryEvent> {
    let mut event = None;
    // Among the figures there is nothing to seek by words.
    if panel.page == Page::Stats {
        ui.add_space(STEP * 2.0);
    } else if field(ui, panel, tokens) {
        event = Some(HistoryEvent::Changed);
    }
    event = filters(ui, panel, tokens).or(event);
    rule(ui, tokens);
    let footer = TEXT + STEP * 4.0;
    let room = (ui.available_height() - footer).max(0.0);
    match panel.page {
        Page::Stats => stats::show(
            ui,
            panel.report.as_deref(),
            &mut panel.figures,
            room,
            tokens,
        ),
        Page::Blocks => {
            let (area, _) =
                ui.allocate_exact_size(egui::vec2(ui.available_width(), room), Sense::hover());
            let (list_area, preview_area) = split(area);
            event = list::show(ui, panel, list_area, tokens).or(event);
            if let Some(rest) = preview_area {
                let line = Stroke::new(1.0, tokens.line);
                if rest.top() > area.top() {
                    ui.painter().hline(area.x_range(), list_area.bottom(), line);
                } else {
                    ui.painter().vline(list_area.right(), area.y_range(), line);
                }
                preview::show(ui, panel, rest, look, tokens);
            }
        }
    }
    rule(ui, tokens);
    if panel.noting.is_some() {
        note_field(ui, panel, tokens);
        return event;
    }
    keys::line(ui, panel, tokens).or(event)
}

/// The room of the list and of the preview: beside it, below it where it is narrow, or nowhere.
fn split(area: egui::Rect) -> (egui::Rect, Option<egui::Rect>) {
    const WIDE: f32 = 640.0;
    const HIGH: f32 = 300.0;
    if area.width() > WIDE {
        let (list, rest) = area.split_left_right_at_x(area.left() + (area.width() * 0.46).floor());
        let rest = rest.with_min_x(rest.left() + 1.0);
        (list, Some(rest))
    } else if area.height() > HIGH {
        let (list, rest) = area.split_top_bottom_at_y(area.top() + (area.height() * 0.5).floor());
        let rest = rest.with_min_y(rest.top() + 1.0);
        (list, Some(rest))
    } else {
        (area, None)
    }
}

fn rule(ui: &egui::Ui, tokens: &Tokens) {
    let (x, y) = (ui.max_rect().x_range(), ui.cursor().top());
    ui.painter().hline(x, y, Stroke::new(1.0, tokens.line));
}

/// The field; returns whether something was typed.
fn field(ui: &mut egui::Ui, panel: &mut HistoryPanel, tokens: &Tokens) -> bool {
    let id = egui::Id::unique("history-field");
    // Before the field is shown: what was typed since the panel opened is already waiting for it.
    if panel.noting.is_none() {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let hint = "Search commands and outputs";
    let edit = TextEdit::singleline(&mut panel.text)
        .id(id)
        .hint_text(RichText::new(hint).color(tokens.subtle))
        .font(FontId::monospace(TEXT + 1.0))
        .frame(Frame::NONE)
        .margin(Margin::ZERO)
        .desired_width(f32::INFINITY)
        .lock_focus(true);
    let frame = Frame::new().inner_margin(Margin::symmetric(12, 10));
    let changed = frame.show(ui, |ui| ui.add(edit).changed()).inner;
    if changed {
        panel.selected = 0;
    }
    changed
}

/// A note being written, at the panel's foot.
fn note_field(ui: &mut egui::Ui, panel: &mut HistoryPanel, tokens: &Tokens) {
    let Some((_, note)) = &mut panel.noting else {
        return;
    };
    let id = egui::Id::unique("history-note");
    ui.memory_mut(|memory| memory.request_focus(id));
    let hint = "A note; Enter keeps it, Esc does not";
    let edit = TextEdit::singleline(note)
        .id(id)
        .hint_text(RichText::new(hint).color(tokens.subtle))
        .font(FontId::monospace(TEXT - 1.0))
        .frame(Frame::NONE)
        .margin(Margin::ZERO)
        .desired_width(f32::INFINITY)
        .lock_focus(true);
    let frame = Frame::new().inner_margin(Margin::symmetric(12, 6));
    frame.show(ui, |ui| ui.add(edit));
}

/// The filters: what can be switched, and three that choose from a list.
fn filters(ui: &mut egui::Ui, panel: &mut HistoryPanel, tokens: &Tokens) -> Option<HistoryEvent> {
    let mut changed = false;
    // Rows that wrap begin where the first one does.
    let sides = Frame::new().inner_margin(Margin::symmetric(12, 0));
    let row = |ui: &mut egui::Ui| {
        ui.spacing_mut().item_spacing = egui::vec2(STEP * 1.5, STEP);
        for (page, name) in [(Page::Blocks, "Blocks"), (Page::Stats, "Inner loop")] {
            if chip(ui, (name, "Tab"), panel.page == page, tokens) && panel.page != page {
                panel.page = page;
                changed = true;
            }
        }
        ui.add_space(STEP * 2.0);
        let hosts = panel.host_choices();
        let any = ("history-host", "any host", "Alt+H");
        changed |= choice(ui, any, &mut panel.host, &hosts, tokens);
        let projects = panel.project_choices();
        let any = ("history-project", "any project", "Alt+P");
        changed |= choice(ui, any, &mut panel.project, &projects, tokens);
        if panel.page == Page::Blocks {
            let kinds = panel.kind_choices();
            let any = ("history-kind", "any kind", "Alt+K");
            changed |= choice(ui, any, &mut panel.kind, &kinds, tokens);
            for (name, key, there, set) in [
                (
                    "this folder",
                    "Alt+F",
                    panel.here.folder.is_some(),
                    &mut panel.in_folder,
                ),
                (
                    "this pane",
                    "Alt+S",
                    panel.here.session.is_some(),
                    &mut panel.in_session,
                ),
                ("failed", "Alt+X", true, &mut panel.failed),
                ("bookmarked", "Alt+B", true, &mut panel.bookmarked),
            ] {
                if there && chip(ui, (name, key), *set, tokens) {
                    *set = !*set;
                    changed = true;
                }
            }
        }
        let span = (panel.span.name(), "Alt+T");
        if chip(ui, span, panel.span != Span::Any, tokens) {
            panel.span = panel.span.next();
            changed = true;
        }
    };
    sides.show(ui, |ui| ui.horizontal_wrapped(row));
    ui.add_space(STEP * 2.0);
    changed.then(|| panel.sought())
}

/// A switch and its key; returns whether it was clicked.
fn chip(ui: &mut egui::Ui, (name, key): (&str, &str), on: bool, tokens: &Tokens) -> bool {
    let color = if on { tokens.accent } else { tokens.subtle };
    let text = RichText::new(name).size(TEXT - 1.0).color(color);
    let stroke = Stroke::new(1.0, if on { tokens.accent } else { tokens.surface });
    let fill = tokens.surface;
    let button = egui::Button::new(text)
        .fill(fill)
        .stroke(stroke)
        .corner_radius(CornerRadius::same(RADIUS - 2));
    ui.add(button).on_hover_text(key).clicked()
}

/// A choice from values and their names, before which stands none; returns whether it changed. `any`: its id, how none
/// is shown, and its key.
fn choice<T: Clone + PartialEq>(
    ui: &mut egui::Ui,
    (id, any, key): (&str, &str, &str),
    chosen: &mut Option<T>,
    values: &[(T, String)],
    tokens: &Tokens,
) -> bool {
    if values.len() < 2 && chosen.is_none() {
        return false;
    }
    let (shown, color) = match chosen {
        None => (any, tokens.subtle),
        Some(value) => {
            let known = values.iter().find(|(one, _)| one == value);
            (known.map_or(any, |(_, name)| name), tokens.accent)
        }
    };
    let before = chosen.clone();
    egui::ComboBox::from_id_salt(id)
        .selected_text(RichText::new(shown).size(TEXT - 1.0).color(color))
        .height(320.0)
        .show_ui(ui, |ui| {
            ui.selectable_value(chosen, None, any);
            for (value, name) in values {
                ui.selectable_value(chosen, Some(value.clone()), name);
            }
        })
        .response
        .on_hover_text(key);
    *chosen != before
}

/// The last part of a path.
fn last_part(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

//! The environments panel: every place where a shell can run, searched as you type, with what can be done
//! there. It draws and says what the user wants; doing it is left to `actions/environments.rs`.

mod form;
mod list;
mod menu;
mod rows;
mod text;

use std::sync::Arc;
use std::time::SystemTime;

use egui::text::LayoutJob;
use egui::{
    Align, Align2, Color32, CornerRadius, FontId, Frame, Key, Margin, Modifiers, Rect, Sense,
    Stroke, TextEdit,
};
use environments::rules::Rule;
use environments::{Act, EnvironmentId, Parameter, ProviderId, Snapshot, Ticket, Values};

use super::tokens::{BAR_HEIGHT, RADIUS, STEP, TEXT, Tokens};
use form::Form;
use menu::Choice;
use rows::{Row, Rows};
pub(crate) use text::cost;

/// The widest it gets, in logical pixels.
const WIDTH: f32 = 760.0;
/// Height of one row, in logical pixels.
const ROW: f32 = 26.0;
/// Rows seen at once, if the window is high enough.
const ROWS: usize = 18;

/// Where a shell is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a tab.
    Tab,
    /// Right of the focused pane.
    Right,
    /// Below the focused pane.
    Below,
}

/// What the user wants.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PanelEvent {
    /// A shell.
    Open(EnvironmentId, Place),
    /// An environment for what the panel was opened for.
    Chosen(EnvironmentId),
    /// An environment for the first of the two that the panel was opened for.
    ChosenFirst(EnvironmentId),
    /// What an environment holds listed.
    LookInto(EnvironmentId),
    /// A shell that is integrated, in an environment whose shell could not be the last time.
    OpenIntegrated(EnvironmentId),
    /// A helper with a shell beside an environment that has none, from an image.
    Debug(EnvironmentId, String),
    /// Something done with an environment; what is lost by it is asked for first.
    Act(EnvironmentId, Act),
    /// A port of it here, any that is free.
    Forward(EnvironmentId, u16),
    /// A command in a tab: a login.
    Run(Vec<std::ffi::OsString>),
    /// An address opened in the browser.
    Url(String),
    /// The command that opens a shell there, in the clipboard.
    CopyCommand(EnvironmentId),
    /// What goes on called off.
    Cancel(Ticket),
    /// Which ports an environment offers.
    AskPorts(EnvironmentId),
    /// What a creation needs to know, by what is given already.
    AskParameters(ProviderId, Values),
    /// A new environment.
    Create(ProviderId, Values),
    /// All lists again.
    Refresh,
    /// No panel any more.
    Close,
}

/// What the panel shows.
enum Page {
    /// The list.
    List,
    /// What can be done with the chosen row.
    Menu {
        title: String,
        choices: Vec<Choice>,
        chosen: usize,
    },
    /// What must be said first.
    Form(Form),
}

/// The panel.
pub(crate) struct Panel {
    /// What an environment is chosen for, if not to work in it.
    purpose: Option<String>,
    /// There is another of two, which can be chosen before.
    of_two: bool,
    query: String,
    rows: Rows,
    /// Enter came before there was anything to be opened: where the first that is found is.
    pending: Option<Place>,
    /// The ids of those whose shell cannot be integrated.
    plain: Vec<String>,
    page: Page,
    top: usize,
    wheel: f32,
    /// The chosen row must be brought into view.
    scroll: bool,
    rows_shown: usize,
    /// What was typed for a page that was not there yet, or a field further on.
    later: Vec<egui::Event>,
    /// It was laid out once: from then on a press beside it closes it.
    laid_out: bool,
}

impl Panel {
    /// A panel with what is known.
    pub(crate) fn new(snapshot: Arc<Snapshot>) -> Self {
        let mut panel = Self {
            purpose: None,
            of_two: false,
            query: String::new(),
            rows: Rows::default(),
            pending: None,
            plain: Vec::new(),
            page: Page::List,
            top: 0,
            wheel: 0.0,
            scroll: true,
            rows_shown: 0,
            later: Vec::new(),
            laid_out: false,
        };
        panel.set_snapshot(snapshot);
        panel
    }

    /// A panel in which an environment is chosen for a purpose: Enter gives [`PanelEvent::Chosen`].
    pub(crate) fn choosing(snapshot: Arc<Snapshot>, purpose: String) -> Self {
        Self {
            purpose: Some(purpose),
            ..Self::new(snapshot)
        }
    }

    /// The same for the second of two: Ctrl+Enter gives [`PanelEvent::ChosenFirst`] for the first.
    pub(crate) fn choosing_two(snapshot: Arc<Snapshot>, purpose: String) -> Self {
        Self {
            of_two: true,
            ..Self::choosing(snapshot, purpose)
        }
    }

    /// The first of two was chosen: this is what the second is chosen for.
    pub(crate) fn choose_second(&mut self, purpose: String) {
        self.purpose = Some(purpose);
        self.query.clear();
        self.rows.set_query("");
        self.scroll = true;
    }

    /// More is known. Returns whether it is to be seen.
    pub(crate) fn set_snapshot(&mut self, snapshot: Arc<Snapshot>) -> bool {
        self.rows.set_snapshot(snapshot) || self.pending.is_some()
    }

    /// Takes what the settings say of environments' looks and prices.
    pub(crate) fn set_rules(&mut self, rules: Vec<Rule>) {
        self.rows.set_rules(rules);
    }

    /// Says whose shell cannot be integrated, by their ids: it can be tried again.
    pub(crate) fn set_plain(&mut self, plain: Vec<String>) {
        self.plain = plain;
    }

    /// The parameters of a creation came.
    pub(crate) fn set_parameters(&mut self, provider: &ProviderId, parameters: Vec<Parameter>) {
        if let Page::Form(form) = &mut self.page {
            form.set_parameters(provider, parameters);
        }
    }

    /// How far a creation is.
    pub(crate) fn set_progress(&mut self, text: String) {
        if let Page::Form(form) = &mut self.page {
            form.set_progress(text);
        }
    }

    /// What was asked of a form cannot be had, or done.
    pub(crate) fn set_problem(&mut self, problem: String) {
        if let Page::Form(form) = &mut self.page {
            form.set_problem(problem);
        }
    }

    /// Draws the panel; returns what the user wants.
    pub(crate) fn show(&mut self, context: &egui::Context, tokens: &Tokens) -> Option<PanelEvent> {
        let mut event = None;
        let escaped = context.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if escaped {
            event = self.back();
        }
        self.give_in_turn(context);
        let window = context.content_rect();
        let width = (window.width() - STEP * 8.0).clamp(160.0, WIDTH);
        let top = (BAR_HEIGHT + STEP * 2.0).min(window.height() * 0.1);
        let shown = egui::Area::new(egui::Id::unique("environments"))
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
                    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
                    let room = window.height() - top - STEP * 6.0;
                    let wanted = self.page(ui, room, tokens);
                    event = event.take().or(wanted);
                });
            });
        let beside = self.laid_out
            && context.input(|input| input.pointer.any_pressed())
            && !shown.response.contains_pointer();
        self.laid_out = true;
        if beside {
            event = event.or(Some(PanelEvent::Close));
        }
        event
    }

    /// Gives what was typed back to the page that it is for. A form takes one key at a layout, with what was typed
    /// before it, since that may be for another field than what comes after; nothing before it has fields.
    fn give_in_turn(&mut self, context: &egui::Context) {
        let mut given = std::mem::take(&mut self.later);
        context.input_mut(|input| {
            given.append(&mut input.events);
            if let Page::Form(form) = &self.page {
                let end = if form.has_fields() {
                    let first = given.iter().position(form::takes);
                    first.map_or(given.len(), |first| first + 1)
                } else {
                    0
                };
                let rest = given.split_off(end);
                let (typed, others) = rest.into_iter().partition(is_typed);
                self.later = typed;
                given.extend(others);
            }
            input.events = given;
        });
        let next = matches!(&self.page, Page::Form(form) if form.has_fields());
        if next && !self.later.is_empty() {
            context.request_repaint();
        }
    }

    /// Draws the page. Keys are taken after the field that is typed into, so that Enter means what was typed
    /// before it.
    fn page(&mut self, ui: &mut egui::Ui, room: f32, tokens: &Tokens) -> Option<PanelEvent> {
        if matches!(self.page, Page::List) {
            return self.list(ui, room, tokens);
        }
        let context = ui.ctx().clone();
        if let Page::Form(form) = &mut self.page {
            heading(ui, form.title(), tokens);
            let room = room_within(ui, room, form.hint(), tokens);
            let hint = form.hint();
            scrolled(ui, room, |ui| form.show(ui, tokens));
            hints(ui, hint, tokens);
            let is_press =
                |event: &egui::Event| matches!(event, egui::Event::Key { pressed, .. } if *pressed);
            if context.input(|input| input.events.iter().any(is_press)) {
                // What a key changes is drawn with the next layout.
                context.request_repaint();
            }
            return form.keys(&context);
        }
        if let Page::Menu {
            title,
            choices,
            chosen,
        } = &mut self.page
        {
            heading(ui, title, tokens);
            let hint = "Enter does it   Esc goes back";
            let room = room_within(ui, room, hint, tokens);
            let bring = std::mem::take(&mut self.scroll);
            let clicked = scrolled(ui, room, |ui| {
                menu::show(ui, choices, (*chosen, bring), tokens)
            });
            hints(ui, hint, tokens);
            if let Some(clicked) = clicked {
                *chosen = clicked;
                return self.choose();
            }
        }
        let event = self.keys(&context);
        if context.input(|input| input.pointer.any_pressed()) {
            // The next page is drawn with the next layout.
            context.request_repaint();
        }
        event
    }

    /// The keys that are not a field's, in the order in which they were pressed: several may have come since the last
    /// layout. What comes after one that leads to a form is that form's.
    fn keys(&mut self, context: &egui::Context) -> Option<PanelEvent> {
        let mut events = context
            .input_mut(|input| std::mem::take(&mut input.events))
            .into_iter();
        let (mut rest, mut wanted, mut pressed) = (Vec::new(), None, false);
        for event in events.by_ref() {
            let Some((modifiers, key)) = press_of(&event).filter(|(modifiers, key)| {
                // In a text these are the cursor's.
                let moves = matches!(key, Key::Home | Key::End) && !modifiers.ctrl;
                let in_text = matches!(self.page, Page::List) && !self.query.is_empty();
                !(moves && in_text)
            }) else {
                rest.push(event);
                continue;
            };
            pressed = true;
            wanted = self.press(modifiers, key);
            if wanted.is_some() || matches!(self.page, Page::Form(_)) {
                break;
            }
        }
        if matches!(self.page, Page::Form(_)) {
            self.later = events.filter(is_typed).collect();
        } else {
            rest.extend(events);
        }
        context.input_mut(|input| input.events = rest);
        if pressed {
            // What is chosen is marked, or the next page drawn, with the next layout.
            context.request_repaint();
        }
        wanted
    }

    fn press(&mut self, modifiers: Modifiers, key: Key) -> Option<PanelEvent> {
        let page = self.rows_shown.max(2).cast_signed() - 1;
        let is_list = matches!(self.page, Page::List);
        match key {
            Key::Enter if is_list && modifiers.ctrl && self.of_two => {
                let env = self.rows.chosen_item()?;
                return Some(PanelEvent::ChosenFirst(env.id.clone()));
            }
            Key::Enter if is_list && modifiers.ctrl && self.purpose.is_none() => {
                return self.open_in(Place::Right);
            }
            Key::Enter if is_list && modifiers.alt && self.purpose.is_none() => {
                return self.open_in(Place::Below);
            }
            Key::Enter => return self.choose(),
            Key::Tab if is_list && self.purpose.is_none() => self.open_menu(),
            Key::R if is_list => {
                self.rows.ask_again(SystemTime::now());
                return Some(PanelEvent::Refresh);
            }
            Key::ArrowDown | Key::N => self.step_around(1),
            Key::ArrowUp | Key::P => self.step_around(-1),
            Key::Home => self.choose_end(false),
            Key::End => self.choose_end(true),
            Key::PageDown => self.step(page),
            Key::PageUp => self.step(-page),
            _ => {}
        }
        None
    }

    /// The next or the one before; after the last comes the first.
    fn step_around(&mut self, by: isize) {
        self.pending = None;
        self.scroll = true;
        match &mut self.page {
            Page::List => self.rows.step_around(by),
            Page::Menu {
                choices, chosen, ..
            } => {
                let count = choices.len().max(1).cast_signed();
                *chosen = (chosen.cast_signed() + by).rem_euclid(count).unsigned_abs();
            }
            Page::Form(_) => {}
        }
    }

    fn choose_end(&mut self, last: bool) {
        self.pending = None;
        self.scroll = true;
        match &mut self.page {
            Page::List => self.rows.choose_end(last),
            Page::Menu {
                choices, chosen, ..
            } => {
                *chosen = if last {
                    choices.len().saturating_sub(1)
                } else {
                    0
                }
            }
            Page::Form(_) => {}
        }
    }

    fn step(&mut self, by: isize) {
        self.pending = None;
        self.scroll = true;
        match &mut self.page {
            Page::List => {
                self.rows.step(by);
            }
            Page::Menu {
                choices, chosen, ..
            } => {
                let last = choices.len().saturating_sub(1);
                *chosen = chosen.saturating_add_signed(by).min(last);
            }
            Page::Form(_) => {}
        }
    }

    /// Opens the chosen one there, or the first that is found.
    fn open_in(&mut self, place: Place) -> Option<PanelEvent> {
        let Some(env) = self.rows.chosen_item() else {
            self.wait_in(place);
            return None;
        };
        Some(PanelEvent::Open(env.id.clone(), place))
    }

    /// Waits for the first that is found, if anything still may be: those who know a name type it faster than tools
    /// answer.
    fn wait_in(&mut self, place: Place) {
        let may_come = !self.query.trim().is_empty() && self.rows.may_come();
        self.pending = may_come.then_some(place);
    }

    /// What is waited for was found, or cannot be any more.
    fn found(&mut self) -> Option<PanelEvent> {
        let place = self.pending?;
        if self.rows.chosen_item().is_none() {
            if !self.rows.may_come() {
                self.pending = None;
            }
            return None;
        }
        self.pending = None;
        match place {
            Place::Tab => self.choose(),
            place => self.open_in(place),
        }
    }

    /// One page back, or away.
    fn back(&mut self) -> Option<PanelEvent> {
        if matches!(self.page, Page::List) {
            if self.query.is_empty() {
                return Some(PanelEvent::Close);
            }
            self.pending = None;
            self.query.clear();
            self.rows.set_query("");
            self.scroll = true;
        }
        self.page = Page::List;
        self.later.clear();
        None
    }

    /// What Enter means.
    fn choose(&mut self) -> Option<PanelEvent> {
        if let Page::Menu {
            choices, chosen, ..
        } = &mut self.page
        {
            let choice = choices.get(*chosen)?.clone();
            return self.take(choice);
        }
        let Some(row) = self.rows.chosen_row() else {
            self.wait_in(Place::Tab);
            return None;
        };
        match row {
            Row::Item { .. } => {
                let env = self.rows.chosen_item()?;
                if self.purpose.is_some() {
                    return Some(PanelEvent::Chosen(env.id.clone()));
                }
                if env.can.has(environments::Abilities::LOOK) {
                    return Some(PanelEvent::LookInto(env.id.clone()));
                }
                let opens = env.can.has(environments::Abilities::SHELL)
                    || env.can.has(environments::Abilities::START);
                match env.facts.get("url").filter(|_| !opens) {
                    Some(url) => Some(PanelEvent::Url(url.clone())),
                    None => Some(PanelEvent::Open(env.id.clone(), Place::Tab)),
                }
            }
            row @ Row::Quiet { .. } => {
                let failure = self.rows.provider(row)?.failure.clone()?;
                let run = failure
                    .remedy()
                    .map(|remedy| remedy.run.clone())
                    .unwrap_or_default();
                match run.is_empty() {
                    true => Some(PanelEvent::Refresh),
                    false => Some(PanelEvent::Run(run)),
                }
            }
            Row::Missing => {
                self.rows.toggle_missing();
                if self.rows.shows_missing() {
                    // The last rows: what unfolds is below the edge.
                    self.top = self.top.max(self.rows.chosen());
                }
                None
            }
            Row::Head { .. } => None,
        }
    }

    /// Does what was chosen of the menu; what needs to know more asks for it.
    fn take(&mut self, choice: Choice) -> Option<PanelEvent> {
        self.page = Page::List;
        match choice.does {
            menu::Does::Event(event) => Some(event),
            menu::Does::AskPort(id, name) => {
                self.page = Page::Form(Form::port(id.clone(), &name));
                Some(PanelEvent::AskPorts(id))
            }
            menu::Does::AskImage(id, name) => {
                self.page = Page::Form(Form::debug(id, &name));
                None
            }
            menu::Does::Create(id, title) => {
                self.page = Page::Form(Form::create(id.clone(), &title));
                Some(PanelEvent::AskParameters(id, Values::new()))
            }
        }
    }

    fn open_menu(&mut self) {
        let Some(row) = self.rows.chosen_row() else {
            return;
        };
        let Some(provider) = self.rows.provider(row) else {
            return;
        };
        let (title, choices) = match self.rows.item(row) {
            Some(env) => (
                env.name.clone(),
                menu::of_item(
                    env,
                    provider,
                    &self.rows.snapshot().jobs,
                    self.plain.contains(&env.id.to_string()),
                ),
            ),
            None => (provider.title.clone(), menu::of_provider(provider)),
        };
        if !choices.is_empty() {
            self.scroll = true;
            self.page = Page::Menu {
                title,
                choices,
                chosen: 0,
            };
        }
    }

    fn list(&mut self, ui: &mut egui::Ui, room: f32, tokens: &Tokens) -> Option<PanelEvent> {
        if let Some(purpose) = &self.purpose {
            heading(ui, purpose, tokens);
        }
        self.field(ui, tokens);
        let event = self.keys(&ui.ctx().clone()).or_else(|| self.found());
        if !matches!(self.page, Page::List) {
            // The next page is drawn with the next layout.
            ui.ctx().request_repaint();
        }
        rule(ui, tokens);
        let keys = self.hint();
        let below = hints_height(&hints_galley(ui, keys, tokens)) + 52.0;
        let room = room - ui.min_rect().height() - below;
        let click = list::show(self, ui, room, SystemTime::now(), tokens);
        self.about(ui, tokens);
        hints(ui, keys, tokens);
        match click {
            Some(click) if event.is_none() && self.rows.choose(click.at) => {
                ui.ctx().request_repaint();
                self.click(&click)
            }
            _ => event,
        }
    }

    /// What the keys of the list do.
    fn hint(&self) -> &'static str {
        match self.purpose {
            _ if self.pending.is_some() => "Opens the first that is found …   Esc waits no longer",
            Some(_) if self.of_two => {
                "Enter chooses   Ctrl+Enter chooses the first   Ctrl+R ask again   Esc goes back"
            }
            Some(_) => "Enter chooses   Ctrl+R ask again   Esc goes back",
            None => {
                "Enter tab   Ctrl+Enter split right   Alt+Enter split down   Tab more   Ctrl+R ask again"
            }
        }
    }

    /// A click does what a key does: the right button as Tab, others as Enter, with what is held.
    fn click(&mut self, click: &list::Click) -> Option<PanelEvent> {
        let key = if click.right { Key::Tab } else { Key::Enter };
        self.press(click.modifiers, key)
    }

    /// The field in which is typed what is looked for.
    fn field(&mut self, ui: &mut egui::Ui, tokens: &Tokens) {
        let id = egui::Id::unique("environments-field");
        // Before the field is shown: what was typed since the panel opened is already waiting for it.
        ui.memory_mut(|memory| memory.request_focus(id));
        let count = self.count();
        let counted = ui
            .painter()
            .layout_no_wrap(count, FontId::monospace(TEXT), tokens.subtle);
        let width = ui.available_width();
        let room = counted.size().x + STEP * 6.0;
        let edit = TextEdit::singleline(&mut self.query)
            .id(id)
            .hint_text(
                egui::RichText::new("Find a host, a container, a pod …").color(tokens.subtle),
            )
            .font(FontId::monospace(TEXT + 1.0))
            .frame(Frame::NONE.inner_margin(Margin::symmetric(12, 9)))
            .desired_width(width - room)
            .clip_text(true)
            .lock_focus(true);
        let response = ui.add(edit);
        if response.changed() {
            self.rows.set_query(&self.query);
            self.scroll = true;
            self.pending = None;
            // The hint was laid out before the text came.
            ui.ctx().request_repaint();
        }
        let place =
            Rect::from_min_size(response.rect.min, egui::vec2(width, response.rect.height()));
        let place = place.shrink2(egui::vec2(STEP * 3.0, 0.0));
        let at = Align2::RIGHT_CENTER.align_size_within_rect(counted.size(), place);
        ui.painter().galley(at.min, counted, tokens.subtle);
    }

    /// How many are found of how many.
    fn count(&self) -> String {
        let (found, total) = self.rows.counts();
        let more = if self.rows.awaits() { " …" } else { "" };
        match self.query.trim().is_empty() {
            true => format!("{total}{more}"),
            false => format!("{found} of {total}{more}"),
        }
    }

    /// What else is known of the chosen row.
    fn about(&self, ui: &mut egui::Ui, tokens: &Tokens) {
        let row = self.rows.chosen_row();
        let text = row.and_then(|row| match row {
            Row::Item { .. } => {
                let env = self.rows.item(row)?;
                let mut about = text::about(env, &self.rows.provider(row)?.title);
                if env.can.has(environments::Abilities::LOOK) {
                    about.push_str(" · Enter lists what is in it");
                }
                if self.plain.contains(&env.id.to_string()) {
                    about.push_str(" · without shell integration");
                }
                Some((about, env.state))
            }
            Row::Quiet { .. } => {
                let (said, remedy) = text::quiet(self.rows.provider(row)?);
                let text = match remedy.as_str() {
                    "" => said,
                    remedy => format!("{said}: {remedy}"),
                };
                Some((text, environments::State::Unknown))
            }
            Row::Missing | Row::Head { .. } => None,
        });
        rule(ui, tokens);
        let (rect, _) =
            ui.allocate_exact_size(egui::vec2(ui.available_width(), 24.0), Sense::hover());
        if let Some((text, state)) = text {
            let color = match state {
                environments::State::Failed => tokens.error,
                environments::State::Lost => tokens.warning,
                _ => tokens.text,
            };
            small(ui, text, rect.shrink2(egui::vec2(STEP * 3.0, 0.0)), color);
        }
    }
}

/// A key of the list or the menu.
fn press_of(event: &egui::Event) -> Option<(Modifiers, Key)> {
    let egui::Event::Key {
        key,
        pressed: true,
        modifiers,
        ..
    } = event
    else {
        return None;
    };
    let is_ours = match key {
        Key::Enter | Key::ArrowDown | Key::ArrowUp | Key::PageDown | Key::PageUp => true,
        Key::Home | Key::End => true,
        Key::Tab => !modifiers.ctrl,
        Key::R | Key::N | Key::P => modifiers.ctrl,
        _ => false,
    };
    is_ours.then_some((*modifiers, *key))
}

/// Whether an event is of the keyboard.
fn is_typed(event: &egui::Event) -> bool {
    use egui::Event as E;
    matches!(event, E::Key { .. } | E::Text(_) | E::Ime(_) | E::Paste(_))
}

/// The height that is left for a page between its title and its keys.
fn room_within(ui: &egui::Ui, room: f32, keys: &str, tokens: &Tokens) -> f32 {
    let below = hints_height(&hints_galley(ui, keys, tokens));
    (room - ui.min_rect().height() - below).max(ROW)
}

/// Draws what may be higher than its room.
fn scrolled<R>(ui: &mut egui::Ui, room: f32, draw: impl FnOnce(&mut egui::Ui) -> R) -> R {
    let area = egui::ScrollArea::vertical()
        .max_height(room)
        .min_scrolled_height(room)
        .animated(false);
    area.show(ui, draw).inner
}

/// The title of a page.
fn heading(ui: &mut egui::Ui, title: &str, tokens: &Tokens) {
    let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 34.0), Sense::hover());
    let room = rect.shrink2(egui::vec2(STEP * 3.0, 0.0));
    line(ui, title.to_owned(), room, tokens.text, Align::Min);
    rule(ui, tokens);
}

/// The keys of a page; on several lines where the panel is narrow.
fn hints(ui: &mut egui::Ui, text: &str, tokens: &Tokens) {
    rule(ui, tokens);
    let galley = hints_galley(ui, text, tokens);
    let size = egui::vec2(ui.available_width(), hints_height(&galley));
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let room = rect.shrink2(egui::vec2(STEP * 3.0, 0.0));
    let at = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), room);
    ui.painter().galley(at.min, galley, tokens.subtle);
}

fn hints_galley(ui: &egui::Ui, text: &str, tokens: &Tokens) -> Arc<egui::Galley> {
    // A key and what it does stay together.
    let text = text.replace("   ", "\u{1}").replace(' ', "\u{a0}");
    let text = text.replace('\u{1}', "   ");
    let font = FontId::monospace(TEXT - 1.0);
    let width = ui.available_width() - STEP * 6.0;
    ui.painter().layout(text, font, tokens.subtle, width)
}

fn hints_height(galley: &egui::Galley) -> f32 {
    (galley.size().y + STEP * 2.0).max(24.0)
}

/// A line across the panel.
fn rule(ui: &egui::Ui, tokens: &Tokens) {
    let y = ui.cursor().top();
    let x = ui.max_rect().x_range();
    ui.painter().hline(x, y, Stroke::new(1.0, tokens.line));
}

/// One line of text in a rectangle, cut where it ends; gives its place.
fn line(ui: &egui::Ui, text: String, room: Rect, color: Color32, align: Align) -> Rect {
    one_line(ui, text, room, color, align, TEXT)
}

/// One line of small text at the left.
fn small(ui: &egui::Ui, text: String, room: Rect, color: Color32) {
    one_line(ui, text, room, color, Align::Min, TEXT - 1.0);
}

fn one_line(
    ui: &egui::Ui,
    text: String,
    room: Rect,
    color: Color32,
    align: Align,
    size: f32,
) -> Rect {
    let mut job = LayoutJob::simple_singleline(text, FontId::monospace(size), color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room.width());
    let galley = ui.painter().layout_job(job);
    let side = match align {
        Align::Max => Align2::RIGHT_CENTER,
        Align::Min | Align::Center => Align2::LEFT_CENTER,
    };
    let at = side.align_size_within_rect(galley.size(), room);
    ui.painter().galley(at.min, galley, color);
    at
}

#[cfg(test)]
mod tests;

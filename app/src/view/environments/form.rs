//! What is asked before something is done: a port to be forwarded, the parameters of a creation.

use egui::text::{CCursor, CCursorRange, LayoutJob};
use egui::text_edit::TextEditState;
use egui::{Align, Align2, FontId, Key, Margin, Modifiers, Rect, Sense, TextEdit};
use environments::{Choices, EnvironmentId, Parameter, ProviderId, Values};

use super::{PanelEvent, ROW, line, small};
use crate::view::tokens::{STEP, TEXT, Tokens};

/// Lines of what went wrong.
const MOST_LINES: usize = 8;
/// Choices shown below a field.
const MOST: usize = 6;

/// A small form.
pub(super) struct Form {
    title: String,
    about: About,
    fields: Vec<Field>,
    focused: usize,
    /// The focused field takes the keyboard at the next layout.
    focus: bool,
    /// What is waited for.
    waiting: Option<String>,
    problem: Option<String>,
    /// The values for which was asked what can be chosen.
    asked: Values,
}

/// What the form is for.
enum About {
    Port(EnvironmentId),
    Debug(EnvironmentId),
    Create(ProviderId),
}

struct Field {
    name: String,
    label: String,
    text: String,
    optional: bool,
    choices: Vec<(String, String)>,
    /// The fields whose values the choices depend on.
    follows: Vec<String>,
}

impl Form {
    /// A form of one field, by its name and label, with what stands in it already.
    fn asking(title: String, about: About, (name, label): (&str, &str), text: &str) -> Self {
        Self {
            title,
            about,
            fields: vec![Field {
                name: name.to_owned(),
                label: label.to_owned(),
                text: text.to_owned(),
                optional: false,
                choices: Vec::new(),
                follows: Vec::new(),
            }],
            focused: 0,
            focus: true,
            waiting: None,
            problem: None,
            asked: Values::new(),
        }
    }

    /// Which port?
    pub(super) fn port(id: EnvironmentId, name: &str) -> Self {
        let title = format!("Forward a port of {name}");
        Self::asking(title, About::Port(id), ("port", "Port over there"), "")
    }

    /// From which image is the helper made?
    pub(super) fn debug(id: EnvironmentId, name: &str) -> Self {
        let title = format!("Open a helper beside {name}");
        let field = ("image", "Image with a shell");
        Self::asking(title, About::Debug(id), field, "busybox")
    }

    /// Which parameters? They come by [`Form::set_parameters`].
    pub(super) fn create(id: ProviderId, title: &str) -> Self {
        Self {
            title: format!("Create: {title}"),
            about: About::Create(id),
            fields: Vec::new(),
            focused: 0,
            focus: true,
            waiting: Some("Asking what can be chosen …".to_owned()),
            problem: None,
            asked: Values::new(),
        }
    }

    /// The parameters came.
    pub(super) fn set_parameters(&mut self, provider: &ProviderId, parameters: Vec<Parameter>) {
        let id = match &self.about {
            About::Create(id) => id,
            About::Port(env) | About::Debug(env) => &env.provider,
        };
        if id != provider {
            return;
        }
        self.waiting = None;
        if let (About::Port(_), Some(field), Some(port)) =
            (&self.about, self.fields.first_mut(), parameters.first())
        {
            // What was typed in the meantime stays.
            if let Choices::Fixed(choices) = &port.choices {
                field.choices.clone_from(choices);
            }
            return;
        }
        let fields: Vec<Field> = parameters.into_iter().map(field).collect();
        let same = fields
            .iter()
            .map(|field| &field.name)
            .eq(self.fields.iter().map(|field| &field.name));
        if same {
            for (field, new) in self.fields.iter_mut().zip(fields) {
                field.follow(new);
            }
        } else {
            self.fields = fields;
            self.focus = true;
        }
        self.asked = self.values();
    }

    /// What is in the fields.
    fn values(&self) -> Values {
        let pair = |field: &Field| (field.name.clone(), field.text.trim().to_owned());
        self.fields.iter().map(pair).collect()
    }

    /// Asks anew what can be chosen, if a value is another on which that depends.
    fn ask_again(&mut self) -> Option<PanelEvent> {
        let About::Create(id) = &self.about else {
            return None;
        };
        let values = self.values();
        let followed = self.fields.iter().flat_map(|field| &field.follows);
        let changed = followed
            .into_iter()
            .any(|name| values.get(name) != self.asked.get(name));
        if !changed {
            return None;
        }
        self.asked.clone_from(&values);
        self.waiting = Some("Asking what can be chosen …".to_owned());
        Some(PanelEvent::AskParameters(id.clone(), values))
    }

    /// How far what is waited for is.
    pub(super) fn set_progress(&mut self, text: String) {
        if self.waiting.is_some() {
            self.waiting = Some(text);
        }
    }

    /// Something is wrong.
    pub(super) fn set_problem(&mut self, problem: String) {
        self.waiting = None;
        // A port can be given though those that are offered are not known.
        if matches!(self.about, About::Create(_)) {
            self.problem = Some(problem);
        }
    }

    /// Whether there is anything that can be typed into: what is asked for may not be known yet.
    pub(super) fn has_fields(&self) -> bool {
        !self.fields.is_empty() || self.waiting.is_none()
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// What the keys do; the arrows only where there is something to choose.
    pub(super) fn hint(&self) -> &'static str {
        let field = self.fields.get(self.focused);
        let chooses = field.is_some_and(|field| !field.choices.is_empty());
        match (&self.about, chooses) {
            (About::Port(_), true) => "Up Down chooses   Enter forwards it   Esc goes back",
            (About::Port(_), false) => "Enter forwards it   Esc goes back",
            (About::Debug(_), _) => "Enter opens it   Esc goes back",
            (About::Create(_), true) => {
                "Tab next   Up Down chooses   Enter creates   Esc goes back"
            }
            (About::Create(_), false) => "Tab next   Enter creates   Esc goes back",
        }
    }

    /// The keys of the form.
    pub(super) fn keys(&mut self, context: &egui::Context) -> Option<PanelEvent> {
        let pressed = |modifiers, key| context.input_mut(|input| input.consume_key(modifiers, key));
        let none = Modifiers::NONE;
        if pressed(none, Key::Enter) && self.waiting.is_none() {
            return self.ask_again().or_else(|| self.submit());
        }
        let count = self.fields.len().max(1);
        // Without shift would match both.
        let back = pressed(Modifiers::SHIFT, Key::Tab);
        if back || pressed(none, Key::Tab) {
            let by = if back { count - 1 } else { 1 };
            self.focused = (self.focused + by) % count;
            self.focus = true;
            if let Some(event) = self.ask_again() {
                return Some(event);
            }
        }
        for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
            if pressed(none, key)
                && let Some(field) = self.fields.get_mut(self.focused)
            {
                field.step(by);
                self.focus = true;
                self.problem = None;
            }
        }
        None
    }

    /// What the form asked for, or what is missing.
    fn submit(&mut self) -> Option<PanelEvent> {
        self.problem = None;
        let empty = self
            .fields
            .iter()
            .position(|field| !field.optional && field.text.trim().is_empty());
        if let Some(at) = empty {
            self.focused = at;
            self.focus = true;
            self.problem = Some(format!("{} is empty", self.fields[at].label));
            return None;
        }
        match &self.about {
            About::Port(id) => match self.fields.first()?.text.trim().parse() {
                Ok(port) if port > 0 => Some(PanelEvent::Forward(id.clone(), port)),
                _ => {
                    self.problem = Some("a port is a number from 1 to 65535".to_owned());
                    None
                }
            },
            About::Debug(id) => {
                let image = self.fields.first()?.text.trim().to_owned();
                Some(PanelEvent::Debug(id.clone(), image))
            }
            About::Create(id) => {
                let event = PanelEvent::Create(id.clone(), self.values());
                self.waiting = Some("Creating …".to_owned());
                Some(event)
            }
        }
    }

    /// Draws the form.
    pub(super) fn show(&mut self, ui: &mut egui::Ui, tokens: &Tokens) {
        ui.add_space(STEP * 2.0);
        let before = self.values();
        for (at, field) in self.fields.iter_mut().enumerate() {
            let focus = self.focus && at == self.focused;
            if field.show(ui, at == self.focused, focus, tokens) {
                self.focused = at;
            }
        }
        self.focus = false;
        if self.values() != before {
            // What was wrong may not be any more.
            self.problem = None;
        }
        let text = match (&self.problem, &self.waiting) {
            (Some(problem), _) => Some((problem.clone(), tokens.error)),
            (None, Some(waiting)) => Some((waiting.clone(), tokens.subtle)),
            (None, None) => None,
        };
        if let Some((text, color)) = text {
            // What went wrong is often said last.
            let mut job = LayoutJob::simple(
                text,
                FontId::monospace(TEXT),
                color,
                ui.available_width() - STEP * 6.0,
            );
            job.wrap.max_rows = MOST_LINES;
            let galley = ui.painter().layout_job(job);
            let size = egui::vec2(
                ui.available_width(),
                (galley.size().y + STEP * 2.0).max(ROW),
            );
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            let at = rect.left_top() + egui::vec2(STEP * 3.0, STEP);
            ui.painter().galley(at, galley, color);
        }
        ui.add_space(STEP * 2.0);
    }
}

/// Whether an event is one of the keys of a form.
pub(super) fn takes(event: &egui::Event) -> bool {
    matches!(
        event,
        egui::Event::Key {
            key: Key::Enter | Key::Tab | Key::ArrowDown | Key::ArrowUp,
            pressed: true,
            ..
        }
    )
}

fn field(parameter: Parameter) -> Field {
    let choices = match parameter.choices {
        Choices::Any => Vec::new(),
        Choices::Fixed(choices) => choices,
    };
    let text = match (parameter.default.as_str(), choices.first()) {
        ("", Some((value, _))) if !parameter.optional => value.clone(),
        _ => parameter.default,
    };
    Field {
        name: parameter.name,
        label: parameter.label,
        text,
        optional: parameter.optional,
        choices,
        follows: parameter.follows,
    }
}

impl Field {
    /// Takes what can be chosen now; what was given stays, unless it cannot be chosen any more.
    fn follow(&mut self, new: Self) {
        let depends = !new.follows.is_empty();
        let known = new.choices.iter().any(|(value, _)| *value == self.text);
        if depends && !new.choices.is_empty() && !known {
            self.text = new.text;
        }
        self.choices = new.choices;
    }

    /// Takes the next choice, or the one before.
    fn step(&mut self, by: isize) {
        if self.choices.is_empty() {
            return;
        }
        let at = self
            .choices
            .iter()
            .position(|(value, _)| *value == self.text);
        let last = self.choices.len() - 1;
        let next = match at {
            Some(at) => at.saturating_add_signed(by).min(last),
            None => 0,
        };
        self.text.clone_from(&self.choices[next].0);
    }

    /// Draws the field; returns whether it was clicked.
    fn show(&mut self, ui: &mut egui::Ui, focused: bool, focus: bool, tokens: &Tokens) -> bool {
        let width = ui.available_width();
        let (rect, _) = ui.allocate_exact_size(egui::vec2(width, 32.0), Sense::hover());
        let room = rect.shrink2(egui::vec2(STEP * 3.0, 2.0));
        let label = Rect::from_min_size(room.min, egui::vec2(room.width() * 0.36, room.height()));
        line(ui, self.label.clone(), label, tokens.subtle, Align::Min);
        let place = Rect::from_min_max(egui::pos2(label.right() + STEP, room.top()), room.max);
        let id = egui::Id::unique("environments-form").with(&self.name);
        if focus {
            ui.memory_mut(|memory| memory.request_focus(id));
            self.select_all(ui, id);
        }
        let hint = if self.optional { "may be empty" } else { "" };
        let edit = TextEdit::singleline(&mut self.text)
            .id(id)
            .hint_text(egui::RichText::new(hint).color(tokens.subtle))
            .font(FontId::monospace(TEXT))
            .margin(Margin::symmetric(8, 4))
            .align(Align2::LEFT_CENTER)
            // Tab is ours.
            .lock_focus(true);
        let clicked = ui.put(place, edit).clicked();
        if focused && !self.choices.is_empty() {
            self.show_choices(ui, place, tokens);
        }
        if focus {
            let bottom = ui.min_rect().bottom().max(rect.bottom());
            let whole = Rect::from_min_max(rect.min, egui::pos2(rect.right(), bottom));
            ui.scroll_to_rect(whole, None);
            // The field itself, where it does not fit with its choices.
            ui.scroll_to_rect(rect, None);
        }
        clicked
    }

    /// What stands there is replaced by what is typed.
    fn select_all(&self, ui: &egui::Ui, id: egui::Id) {
        let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
        let end = CCursor::new(self.text.chars().count());
        let all = CCursorRange::two(CCursor::default(), end);
        state.cursor.set_char_range(Some(all));
        state.store(ui.ctx(), id);
    }

    /// The choices around the one that is taken.
    fn show_choices(&mut self, ui: &mut egui::Ui, place: Rect, tokens: &Tokens) {
        let taken = self
            .choices
            .iter()
            .position(|(value, _)| *value == self.text)
            .unwrap_or(0);
        let first = taken
            .saturating_sub(MOST / 2)
            .min(self.choices.len().saturating_sub(MOST));
        let mut clicked = None;
        for (value, label) in self.choices.iter().skip(first).take(MOST) {
            let size = egui::vec2(ui.available_width(), 20.0);
            // Without the keyboard's focus, which is the field's: Enter would be a click.
            let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
            let room = Rect::from_x_y_ranges(place.x_range(), rect.y_range());
            let color = if *value == self.text {
                tokens.accent
            } else {
                tokens.subtle
            };
            let text = if label == value {
                value.clone()
            } else {
                format!("{label}  ({value})")
            };
            small(ui, text, room.shrink2(egui::vec2(STEP * 2.0, 0.0)), color);
            if response.clicked() {
                clicked = Some(value.clone());
            }
        }
        let more = self.choices.len().saturating_sub(first + MOST);
        if more > 0 {
            let size = egui::vec2(ui.available_width(), 18.0);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            let room = Rect::from_x_y_ranges(place.x_range(), rect.y_range());
            let text = format!("… {more} more");
            small(
                ui,
                text,
                room.shrink2(egui::vec2(STEP * 2.0, 0.0)),
                tokens.subtle,
            );
        }
        if let Some(value) = clicked {
            self.text = value;
        }
    }
}

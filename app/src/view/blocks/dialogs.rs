//! Small windows about a block: its name and note, the filter of its lines.

use egui::{Align2, Key, Modifiers, RichText, TextEdit};
use terminal::BlockId;
use terminal::blocks::{Filtered, LineFilter, Notes};

use crate::pane::PaneId;
use crate::view::blocks::summary::grouped;
use crate::view::tokens::{RADIUS, STEP, Tokens};

/// A block's name and note being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoteDialog {
    /// Whose.
    pub(crate) pane: PaneId,
    /// Which block's.
    pub(crate) block: BlockId,
    /// What is written so far.
    pub(crate) notes: Notes,
    /// The name field has had the focus.
    begun: bool,
}

/// How a dialog was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// What was written counts.
    Kept,
    /// It does not.
    Dropped,
}

/// Width of its buttons, in logical pixels.
const BUTTONS: f32 = 140.0;
/// Characters of a name.
const MAX_NAME: usize = 80;
/// Characters of a note.
const MAX_NOTE: usize = 10_000;

impl NoteDialog {
    /// Begins with what is there.
    pub(crate) fn new(pane: PaneId, block: BlockId, notes: Notes) -> Self {
        Self {
            pane,
            block,
            notes,
            begun: false,
        }
    }

    /// Draws it; returns how it was left, once it is.
    pub(crate) fn show(&mut self, context: &egui::Context, tokens: &Tokens) -> Option<Left> {
        let mut left = None;
        let by_key = context.input_mut(|input| input.consume_key(Modifiers::CTRL, Key::Enter));
        let frame = egui::Frame::new()
            .fill(tokens.raised)
            .stroke(egui::Stroke::new(1.0, tokens.line))
            .corner_radius(RADIUS)
            .inner_margin(egui::Margin::same(20));
        let modal = egui::Modal::new(egui::Id::unique("note")).frame(frame);
        let shown = modal.show(context, |ui| {
            ui.set_width((context.content_rect().width() - STEP * 16.0).clamp(200.0, 440.0));
            ui.label(RichText::new("Name and note").heading().strong());
            ui.add_space(STEP);
            let name = TextEdit::singleline(&mut self.notes.name)
                .hint_text("Name")
                .char_limit(MAX_NAME)
                .desired_width(f32::INFINITY);
            let name = ui.add(name);
            if !std::mem::replace(&mut self.begun, true) {
                name.request_focus();
            }
            let done = name.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let note = TextEdit::multiline(&mut self.notes.note)
                .hint_text("Note")
                .char_limit(MAX_NOTE)
                .desired_rows(4)
                .desired_width(f32::INFINITY);
            ui.add(note);
            ui.add_space(STEP * 2.0);
            // From left to right, which is the way of Tab, too.
            ui.horizontal(|ui| {
                ui.add_space((ui.available_width() - BUTTONS).max(0.0));
                if ui.button("Save").clicked() || done {
                    left = Some(Left::Kept);
                }
                if ui.button("Cancel").clicked() {
                    left = Some(Left::Dropped);
                }
            });
        });
        if by_key || shown.backdrop_response.clicked() {
            // A click beside it is no reason to lose what was written.
            left = left.or(Some(Left::Kept));
        }
        if shown.should_close() && left.is_none() {
            left = Some(Left::Dropped);
        }
        left
    }
}

/// A filter as the user wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FilterWords {
    /// What lines must hold.
    pub(crate) text: String,
    /// The text is a regular expression.
    pub(crate) regex: bool,
    /// Those that do not hold it are shown.
    pub(crate) invert: bool,
    /// Lines shown around each.
    pub(crate) context: usize,
}

impl FilterWords {
    /// The filter; `None` when nothing is looked for.
    ///
    /// # Errors
    /// When the regular expression is none.
    pub(crate) fn filter(&self) -> Result<Option<LineFilter>, String> {
        if self.text.is_empty() {
            return Ok(None);
        }
        let mut filter = LineFilter::new(&self.text, self.regex)?;
        filter.invert = self.invert;
        filter.context = self.context;
        Ok(Some(filter))
    }

    /// Shows more lines around each, or none again.
    fn more_context(&mut self) {
        self.context = match self.context {
            0 => 1,
            1 => 3,
            3 => 10,
            _ => 0,
        };
    }

    /// The keys that are not the field's; whether one changed something.
    fn keys(&mut self, context: &egui::Context) -> bool {
        context.input_mut(|input| {
            crate::view::drop_alt_letters(input);
            let mut pressed = |key| input.consume_key(Modifiers::ALT, key);
            let (regex, invert, more) = (pressed(Key::R), pressed(Key::N), pressed(Key::C));
            self.regex ^= regex;
            self.invert ^= invert;
            if more {
                self.more_context();
            }
            regex || invert || more
        })
    }

    /// What the header says of the filter.
    pub(crate) fn label(&self, found: Filtered) -> String {
        format!(
            "{} of {} lines{}“{}”",
            grouped(found.matched),
            grouped(found.total),
            if self.invert { " without " } else { " with " },
            self.text
        )
    }
}

/// The filter of a block's lines, being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilterBar {
    /// Whose.
    pub(crate) pane: PaneId,
    /// Which block's.
    pub(crate) block: BlockId,
    /// What is written.
    pub(crate) words: FilterWords,
    /// Why the filter is none.
    pub(crate) error: Option<String>,
    /// What it found so far.
    pub(crate) found: Option<Filtered>,
    begun: bool,
}

/// What the user did to the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilterAction {
    /// It is another filter now.
    Changed,
    /// It stays, the bar goes.
    Close,
    /// Both go.
    Clear,
}

impl FilterBar {
    /// A block's filter, begun with what is in force.
    pub(crate) fn new(pane: PaneId, block: BlockId, words: FilterWords) -> Self {
        Self {
            pane,
            block,
            words,
            error: None,
            found: None,
            begun: false,
        }
    }

    /// Draws it below a point at the upper edge of its pane: what is filtered ends at the lower one, most often.
    /// Returns what the user did.
    pub(crate) fn show(
        &mut self,
        context: &egui::Context,
        top: egui::Pos2,
        tokens: &Tokens,
    ) -> Option<FilterAction> {
        let mut action = None;
        let by_keys = self.words.keys(context);
        let frame = egui::Frame::new()
            .fill(tokens.raised)
            .stroke(egui::Stroke::new(1.0, tokens.line))
            .corner_radius(RADIUS)
            .inner_margin(egui::Margin::symmetric(10, 6));
        egui::Area::new(egui::Id::unique("filter"))
            .fixed_pos(top)
            .pivot(Align2::CENTER_TOP)
            .order(egui::Order::Foreground)
            .constrain(true)
            .show(context, |ui| {
                frame.show(ui, |ui| {
                    ui.horizontal_centered(|ui| {
                        ui.set_height(26.0);
                        ui.label(RichText::new("Lines").color(tokens.subtle));
                        let edit = TextEdit::singleline(&mut self.words.text)
                            .hint_text("text to look for")
                            .desired_width(220.0);
                        let edit = ui.add(edit);
                        if !std::mem::replace(&mut self.begun, true) {
                            edit.request_focus();
                        }
                        let mut changed = edit.changed() | by_keys;
                        changed |= toggle(
                            ui,
                            &mut self.words.regex,
                            ".*",
                            "Regular expression (Alt+R)",
                            tokens,
                        );
                        changed |= toggle(
                            ui,
                            &mut self.words.invert,
                            "not",
                            "Lines without it (Alt+N)",
                            tokens,
                        );
                        let around = format!("±{}", self.words.context);
                        let button = ui
                            .button(RichText::new(around).color(tokens.text))
                            .on_hover_text("Lines around each: 0, 1, 3, 10 (Alt+C)");
                        if button.clicked() {
                            self.words.more_context();
                            changed = true;
                        }
                        let (text, color) = match (&self.error, self.found) {
                            (Some(error), _) => (
                                error.lines().last().unwrap_or_default().to_owned(),
                                tokens.error,
                            ),
                            (None, Some(found)) => (
                                format!("{} of {}", grouped(found.matched), grouped(found.total)),
                                tokens.subtle,
                            ),
                            (None, None) => (String::new(), tokens.subtle),
                        };
                        let text: String = text.chars().take(48).collect();
                        ui.add(egui::Label::new(RichText::new(text).color(color)).extend());
                        if changed {
                            action = Some(FilterAction::Changed);
                        }
                        let (enter, escape) = ui.input(|input| {
                            (
                                input.key_pressed(Key::Enter),
                                input.key_pressed(Key::Escape),
                            )
                        });
                        if escape {
                            action = Some(FilterAction::Clear);
                        } else if enter {
                            action = Some(FilterAction::Close);
                        }
                    });
                });
            });
        action
    }
}

/// A switch that looks like a button; returns whether it was turned.
fn toggle(ui: &mut egui::Ui, on: &mut bool, label: &str, hint: &str, tokens: &Tokens) -> bool {
    let color = if *on { tokens.accent } else { tokens.subtle };
    let button = egui::Button::new(RichText::new(label).color(color)).selected(*on);
    let clicked = ui.add(button).on_hover_text(hint).clicked();
    if clicked {
        *on = !*on;
    }
    clicked
}

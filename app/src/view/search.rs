//! The search bar over a pane, and the list of what was found in all panes.
//!
//! What is searched and where the viewport goes is in `window/find.rs`; here is what is typed and shown.

use egui::text::{CCursor, CCursorRange};
use egui::{Align, Align2, Key, Layout, Modifiers, RichText, Stroke, TextEdit};
use terminal::search::{Case, PatternKind, PatternOptions};

use super::tokens::{RADIUS, STEP, TEXT, Tokens};
use crate::finder::Listed;
use crate::pane::PaneId;

/// The bar's state: what is typed, and what to say of it.
#[derive(Debug)]
pub(crate) struct SearchBar {
    /// What is searched for.
    pub(crate) text: String,
    /// How.
    pub(crate) options: PatternOptions,
    /// What was found.
    pub(crate) status: Status,
    /// The pane that it lies over, in logical pixels.
    pub(crate) pane: egui::Rect,
    /// It lies at the pane's lower edge, since the chosen match is at the upper.
    pub(crate) low: bool,
    /// All panes are searched, and what was found is listed; else one is.
    pub(crate) list: Option<ResultList>,
    /// It was just opened: the text is selected, so that typing replaces it.
    pub(crate) fresh: bool,
}

impl SearchBar {
    /// A bar with what was searched for last.
    pub(crate) fn new(text: String, options: PatternOptions) -> Self {
        Self {
            text,
            options,
            status: Status::default(),
            pane: egui::Rect::ZERO,
            low: false,
            list: None,
            fresh: true,
        }
    }
}

/// What a search found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Status {
    /// Matches.
    pub(crate) count: usize,
    /// The chosen one's number, from 1.
    pub(crate) position: Option<usize>,
    /// The search still runs.
    pub(crate) running: bool,
    /// There are more than are kept.
    pub(crate) full: bool,
    /// Why there is no search.
    pub(crate) error: Option<String>,
}

/// What was found in all panes.
#[derive(Debug, Default)]
pub(crate) struct ResultList {
    /// The panes, in the order of their tabs.
    pub(crate) panes: Vec<PaneResults>,
    /// The chosen line, counted over all panes.
    pub(crate) chosen: usize,
    /// The chosen line is to be scrolled to.
    pub(crate) follow: bool,
}

/// What was found in one pane.
#[derive(Debug)]
pub(crate) struct PaneResults {
    /// Which.
    pub(crate) pane: PaneId,
    /// What it is called: its tab's place and its title.
    pub(crate) label: String,
    /// All matches there, listed or not.
    pub(crate) count: usize,
    /// The newest ones.
    pub(crate) listed: Vec<Listed>,
}

impl ResultList {
    /// How many lines are listed.
    pub(crate) fn len(&self) -> usize {
        self.panes.iter().map(|pane| pane.listed.len()).sum()
    }

    /// A listed line by its number over all panes.
    pub(crate) fn get(&self, index: usize) -> Option<(PaneId, &Listed)> {
        let mut left = index;
        for pane in &self.panes {
            match pane.listed.get(left) {
                Some(listed) => return Some((pane.pane, listed)),
                None => left -= pane.listed.len(),
            }
        }
        None
    }
}

/// What the user did to the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchAction {
    /// The text or how it is read changed.
    Changed,
    /// Go to the match after this one.
    Next,
    /// Go to the match before.
    Previous,
    /// Close the bar; the viewport stays.
    Keep,
    /// Close the bar; the viewport goes back.
    Restore,
    /// Search all panes, or one again.
    Everywhere,
    /// Go to a listed match.
    GoTo(usize),
}

const WIDTH: f32 = 520.0;
/// Below this, the field would be too small to see what is typed; rather the bar is wider than its pane.
const MIN_WIDTH: f32 = 360.0;
/// In a bar narrower than this, only the buttons to go on and to close it are shown.
const ALL_BUTTONS: f32 = 340.0;
/// Room for the count, so that the field keeps its size while it goes up.
const COUNT_WIDTH: f32 = 84.0;
const LIST_WIDTH: f32 = 760.0;
/// Height of the text field with its buttons.
const FIELD: f32 = 28.0;
/// Height of a listed line.
const LINE: f32 = 22.0;

/// Height of the bar over one pane, in logical pixels: what lies under it cannot be seen.
pub(crate) const HEIGHT: f32 = 52.0;

/// Draws the bar; returns what the user did.
pub(crate) fn show(
    context: &egui::Context,
    bar: &mut SearchBar,
    tokens: &Tokens,
) -> Vec<SearchAction> {
    let mut did = keys(context, bar);
    let whole = context.content_rect();
    let pane = bar.pane;
    let everywhere = bar.list.is_some();
    let width = if everywhere {
        LIST_WIDTH
    } else {
        WIDTH.min(pane.width() - STEP * 6.0).max(MIN_WIDTH)
    }
    .min(whole.width() - STEP * 8.0)
    .max(0.0);
    let area = egui::Area::new(egui::Id::unique("search")).order(egui::Order::Foreground);
    // Its padding and the line around it.
    let outer = width + STEP * 3.0 + 2.0;
    let right = (pane.right() - STEP * 3.0).max(whole.left() + STEP * 2.0 + outer);
    let area = if everywhere {
        area.anchor(Align2::CENTER_TOP, egui::vec2(0.0, STEP * 12.0))
    } else if bar.low {
        area.pivot(Align2::LEFT_BOTTOM)
            .fixed_pos(egui::pos2(right - outer, pane.bottom() - STEP * 2.0))
    } else {
        area.fixed_pos(egui::pos2(right - outer, pane.top() + STEP * 2.0))
    };
    area.show(context, |ui| {
        let frame = egui::Frame::new()
            .fill(tokens.raised)
            .stroke(Stroke::new(1.0, tokens.line))
            .corner_radius(RADIUS)
            .inner_margin(STEP * 1.5);
        frame.show(ui, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing = egui::vec2(STEP, STEP);
            ui.spacing_mut().button_padding = egui::vec2(STEP * 1.5, STEP);
            did.extend(field(ui, bar, tokens));
            if let Some(error) = &bar.status.error {
                ui.label(RichText::new(error).color(tokens.error));
            }
            if let Some(list) = &mut bar.list {
                did.extend(results(ui, list, tokens));
            }
        });
    });
    did
}

/// The keys that the text field does not get.
fn keys(context: &egui::Context, bar: &mut SearchBar) -> Vec<SearchAction> {
    let mut did = Vec::new();
    let listed = bar.list.as_ref().map(ResultList::len);
    context.input_mut(|input| {
        super::drop_alt_letters(input);
        // Several presses may have come since the last layout. The shifted ones first: a key without modifiers is
        // met with shift, too.
        let mut count = |modifiers, key| input.count_and_consume_key(modifiers, key);
        let previous = count(Modifiers::SHIFT, Key::F3) + count(Modifiers::NONE, Key::ArrowUp);
        let next = count(Modifiers::NONE, Key::F3) + count(Modifiers::NONE, Key::ArrowDown);
        match &mut bar.list {
            Some(list) => {
                if previous + next > 0 {
                    let last = list.len().saturating_sub(1);
                    list.chosen = (list.chosen + next).saturating_sub(previous).min(last);
                    list.follow = true;
                }
            }
            None => {
                did.extend(std::iter::repeat_n(SearchAction::Previous, previous));
                did.extend(std::iter::repeat_n(SearchAction::Next, next));
            }
        }
        let mut pressed = |modifiers, key| input.consume_key(modifiers, key);
        if pressed(Modifiers::ALT, Key::C) {
            bar.options.case = next_case(bar.options.case);
            did.push(SearchAction::Changed);
        }
        if pressed(Modifiers::ALT, Key::W) {
            bar.options.whole_word = !bar.options.whole_word;
            did.push(SearchAction::Changed);
        }
        if pressed(Modifiers::ALT, Key::R) {
            bar.options.kind = other_kind(bar.options.kind);
            did.push(SearchAction::Changed);
        }
        if pressed(Modifiers::ALT, Key::A) {
            did.push(SearchAction::Everywhere);
        }
        if pressed(Modifiers::NONE, Key::Enter) {
            did.push(match (&bar.list, listed) {
                (Some(list), Some(1..)) => SearchAction::GoTo(list.chosen),
                _ => SearchAction::Keep,
            });
        }
        if pressed(Modifiers::NONE, Key::Escape) {
            did.push(SearchAction::Restore);
        }
    });
    did
}

fn next_case(case: Case) -> Case {
    match case {
        Case::Smart => Case::Sensitive,
        Case::Sensitive => Case::Insensitive,
        Case::Insensitive => Case::Smart,
    }
}

fn other_kind(kind: PatternKind) -> PatternKind {
    match kind {
        PatternKind::Plain => PatternKind::Regex,
        PatternKind::Regex => PatternKind::Plain,
    }
}

/// The text field with its buttons.
fn field(ui: &mut egui::Ui, bar: &mut SearchBar, tokens: &Tokens) -> Vec<SearchAction> {
    let mut did = Vec::new();
    let size = egui::vec2(ui.available_width(), FIELD);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let button = |ui: &mut egui::Ui, on, text: &str, hint: &str| {
            let color = if on { tokens.accent } else { tokens.subtle };
            let text = RichText::new(text).color(color);
            ui.selectable_label(on, text).on_hover_text(hint).clicked()
        };
        if button(ui, false, "×", "Close (Escape)") {
            did.push(SearchAction::Restore);
        }
        if bar.list.is_none() {
            if button(ui, false, "↓", "Next match (Down)") {
                did.push(SearchAction::Next);
            }
            if button(ui, false, "↑", "Previous match (Up)") {
                did.push(SearchAction::Previous);
            }
        }
        // In a window with no room for all, the field comes first; what is left out has keys.
        let all = size.x >= ALL_BUTTONS;
        if all && button(ui, bar.list.is_some(), "all", "Search all panes (Alt+A)") {
            did.push(SearchAction::Everywhere);
        }
        let regex = bar.options.kind == PatternKind::Regex;
        if all && button(ui, regex, ".*", "Regular expression (Alt+R)") {
            bar.options.kind = other_kind(bar.options.kind);
            did.push(SearchAction::Changed);
        }
        if all && button(ui, bar.options.whole_word, "W", "Whole words (Alt+W)") {
            bar.options.whole_word = !bar.options.whole_word;
            did.push(SearchAction::Changed);
        }
        let (text, hint) = match bar.options.case {
            Case::Smart => (
                "Aa",
                "Case counts when you type an upper-case letter (Alt+C)",
            ),
            Case::Sensitive => ("Aa", "Case counts (Alt+C)"),
            Case::Insensitive => ("aa", "Case does not count (Alt+C)"),
        };
        if all && button(ui, bar.options.case != Case::Smart, text, hint) {
            bar.options.case = next_case(bar.options.case);
            did.push(SearchAction::Changed);
        }
        let count = RichText::new(count(&bar.status, &bar.text)).color(
            if bar.status.count == 0 && !bar.status.running && !bar.text.is_empty() {
                tokens.error
            } else {
                tokens.subtle
            },
        );
        let size = egui::vec2(COUNT_WIDTH, FIELD);
        ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
            ui.set_min_width(COUNT_WIDTH);
            ui.label(count);
        });
        let id = egui::Id::unique("search-text");
        let edit = TextEdit::singleline(&mut bar.text)
            .id(id)
            .hint_text("Search")
            .desired_width((ui.available_width() - STEP).max(0.0))
            .margin(egui::Margin::symmetric(8, 4))
            .text_color(tokens.text)
            .lock_focus(true);
        let response = ui.add(edit);
        if response.changed() {
            did.push(SearchAction::Changed);
        }
        if !response.has_focus() {
            response.request_focus();
        }
        if std::mem::take(&mut bar.fresh) {
            let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
            let end = CCursor::new(bar.text.chars().count());
            state
                .cursor
                .set_char_range(Some(CCursorRange::two(CCursor::new(0), end)));
            state.store(ui.ctx(), id);
        }
    });
    did
}

/// `3/128`, `3/1000000+`, `128…` while the search runs.
fn count(status: &Status, text: &str) -> String {
    if text.is_empty() || status.error.is_some() {
        return String::new();
    }
    let more = match (status.full, status.running) {
        (true, _) => "+",
        (_, true) => "…",
        _ => "",
    };
    match status.position {
        Some(position) => format!("{position}/{}{more}", status.count),
        None => format!("{}{more}", status.count),
    }
}

/// The list of what was found in all panes.
fn results(ui: &mut egui::Ui, list: &mut ResultList, tokens: &Tokens) -> Vec<SearchAction> {
    let mut did = Vec::new();
    list.chosen = list.chosen.min(list.len().saturating_sub(1));
    let follow = std::mem::take(&mut list.follow);
    let height = (ui.ctx().content_rect().height() * 0.6).max(LINE * 3.0);
    egui::ScrollArea::vertical()
        .max_height(height)
        .min_scrolled_height(height)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut index = 0;
            for pane in &list.panes {
                if pane.count == 0 {
                    continue;
                }
                ui.add_space(STEP);
                let hidden = pane.count - pane.listed.len().min(pane.count);
                let more = if hidden > 0 {
                    format!(", the newest {} listed", pane.listed.len())
                } else {
                    String::new()
                };
                let head = format!("{}  ({}{more})", pane.label, pane.count);
                ui.label(RichText::new(head).color(tokens.subtle));
                for listed in &pane.listed {
                    let chosen = index == list.chosen;
                    let (rect, response) = ui.allocate_exact_size(
                        egui::vec2(ui.available_width(), LINE),
                        egui::Sense::click(),
                    );
                    if chosen && follow {
                        response.scroll_to_me(None);
                    }
                    if ui.is_rect_visible(rect) {
                        line(ui, rect, listed, chosen, response.hovered(), tokens);
                    }
                    if response.clicked() {
                        did.push(SearchAction::GoTo(index));
                    }
                    index += 1;
                }
            }
        });
    did
}

fn line(
    ui: &egui::Ui,
    rect: egui::Rect,
    listed: &Listed,
    chosen: bool,
    hovered: bool,
    tokens: &Tokens,
) {
    let painter = ui.painter_at(rect);
    if chosen || hovered {
        painter.rect_filled(rect, RADIUS - 2, tokens.surface);
    }
    if chosen {
        let mark = egui::Rect::from_min_size(rect.min, egui::vec2(2.0, rect.height()));
        painter.rect_filled(mark, 0, tokens.accent);
    }
    let font = egui::FontId::monospace(TEXT);
    let format = |color| egui::TextFormat::simple(font.clone(), color);
    let mut job = egui::text::LayoutJob::default();
    job.append(&format!("{:>7}  ", listed.row), 0.0, format(tokens.subtle));
    // What was found is to be seen, however long the line is.
    let before: Vec<char> = listed.text.before.chars().collect();
    let kept: String = before[before.len().saturating_sub(24)..].iter().collect();
    let dots = if before.len() > 24 { "…" } else { "" };
    job.append(&format!("{dots}{kept}"), 0.0, format(tokens.text));
    job.append(&listed.text.text, 0.0, format(tokens.accent));
    job.append(&listed.text.after, 0.0, format(tokens.text));
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - STEP * 2.0);
    let galley = painter.layout_job(job);
    let at = Align2::LEFT_CENTER
        .align_size_within_rect(galley.size(), rect.shrink2(egui::vec2(STEP, 0.0)))
        .min;
    painter.galley(at, galley, tokens.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(count_: usize, position: Option<usize>, running: bool, full: bool, expected: &str) {
        let status = Status {
            count: count_,
            position,
            running,
            full,
            error: None,
        };
        assert_eq!(count(&status, "x"), expected);
    }

    #[test]
    fn the_count_says_what_is_known() {
        check(128, Some(3), false, false, "3/128");
        check(0, None, false, false, "0");
        check(40, None, true, false, "40…");
        check(1_000_000, Some(7), false, true, "7/1000000+");
        assert_eq!(count(&Status::default(), ""), "");
    }

    #[test]
    fn a_letter_with_alt_is_no_text_even_if_alt_is_up_again() {
        use egui::Event;
        let key = |key, modifiers| Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        };
        let input = egui::RawInput {
            events: vec![
                key(Key::R, Modifiers::ALT),
                Event::Text("r".to_owned()),
                key(Key::A, Modifiers::NONE),
                Event::Text("a".to_owned()),
            ],
            ..egui::RawInput::default()
        };
        let (mut bar, mut typed) = (
            SearchBar::new(String::new(), PatternOptions::default()),
            Vec::new(),
        );
        let mut output = egui::Context::default().run_ui(input, |ui| {
            keys(ui.ctx(), &mut bar);
            typed = ui.input(|input| input.events.clone());
        });
        // There is nobody to paint.
        output.textures_delta.clear();
        typed.retain(|event| matches!(event, Event::Text(_)));
        assert_eq!(typed, [Event::Text("a".to_owned())]);
        assert_eq!(bar.options.kind, PatternKind::Regex);
    }

    #[test]
    fn listed_lines_are_counted_over_panes() {
        let listed = |n| {
            (0..n)
                .map(|row| Listed {
                    found: terminal::search::Match {
                        line: terminal::LineId(row),
                        start: 0,
                        end: 1,
                        row,
                    },
                    row,
                    text: terminal::search::Excerpt {
                        before: String::new(),
                        text: "x".to_owned(),
                        after: String::new(),
                    },
                })
                .collect::<Vec<_>>()
        };
        let pane = |id, n| PaneResults {
            pane: PaneId(id),
            label: String::new(),
            count: 9,
            listed: listed(n),
        };
        let list = ResultList {
            panes: vec![pane(1, 2), pane(2, 0), pane(3, 1)],
            ..ResultList::default()
        };
        let at = |index| list.get(index).map(|(pane, listed)| (pane.0, listed.row));
        assert_eq!(
            [at(0), at(1), at(2), at(3)],
            [Some((1, 0)), Some((1, 1)), Some((3, 0)), None]
        );
    }
}

//! The palette drawn: a field, what matches it with the matched letters marked, and a line about the chosen
//! entry.

use egui::text::{CCursorRange, LayoutJob, TextFormat};
use egui::{
    Align, Align2, Color32, CornerRadius, FontId, Frame, Key, Margin, Modifiers, Rect, Sense,
    Stroke, TextEdit,
};

use super::tokens::{BAR_HEIGHT, RADIUS, STEP, TEXT, Tokens};
use crate::palette::sources::SOURCES;
use crate::palette::{Entry, Found, Palette, PaletteEvent, Stage};

/// Height of one entry, in logical pixels.
const ROW: f32 = 26.0;
/// The widest it gets, in logical pixels.
const WIDTH: f32 = 680.0;
/// Entries seen at once, if the window is high enough.
const ROWS: usize = 14;
/// Room for the lines about the chosen entry, in logical pixels.
const ABOUT: f32 = 38.0;

/// Draws the palette; returns what the user did, in the order in which it is to be done.
pub(crate) fn show(
    context: &egui::Context,
    palette: &mut Palette,
    tokens: &Tokens,
) -> Vec<PaletteEvent> {
    let pressed = keys(context, palette.rows_shown);
    let mut typed = None;
    let mut clicked = None;
    let window = context.content_rect();
    let width = (window.width() - STEP * 8.0).clamp(120.0, WIDTH);
    let top = (BAR_HEIGHT + STEP * 2.0).min(window.height() * 0.1);
    let shown = egui::Area::new(egui::Id::unique("palette"))
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
                heading(ui, palette, tokens);
                if field(ui, palette, tokens) {
                    typed = Some(PaletteEvent::Typed);
                }
                let is_text = matches!(palette.stage, Stage::Text(_) | Stage::Ask(_));
                if is_text && palette.found().is_empty() {
                    palette.rows_shown = 0;
                } else {
                    let rule = ui.max_rect().x_range();
                    let y = ui.cursor().top();
                    ui.painter().hline(rule, y, Stroke::new(1.0, tokens.line));
                    let room = window.height() - top - ui.min_rect().height() - ABOUT - STEP * 6.0;
                    clicked = list(ui, palette, room, tokens);
                }
                about(ui, palette, tokens);
            });
        });
    let beside = context.input(|input| input.pointer.any_pressed())
        && palette.laid_out
        && !shown.response.contains_pointer();
    palette.laid_out = true;
    let closed = beside.then_some(PaletteEvent::Closed);
    // A layout ends with a key that decides: what was typed came before it.
    let all = [typed, clicked, pressed, closed];
    all.into_iter().flatten().collect()
}

/// The keys that are not the field's; `rows`: how many entries were in view.
fn keys(context: &egui::Context, rows: usize) -> Option<PaletteEvent> {
    context.input_mut(|input| {
        let none = Modifiers::NONE;
        if input.consume_key(none, Key::Escape) {
            return Some(PaletteEvent::Back);
        }
        if input.consume_key(none, Key::Enter) {
            return Some(PaletteEvent::Chosen);
        }
        let page = rows.max(2).cast_signed() - 1;
        let steps = [
            (none, Key::ArrowDown, 1),
            (none, Key::ArrowUp, -1),
            (Modifiers::CTRL, Key::N, 1),
            (Modifiers::CTRL, Key::P, -1),
            (Modifiers::CTRL, Key::J, 1),
            (Modifiers::CTRL, Key::K, -1),
            (none, Key::PageDown, page),
            (none, Key::PageUp, -page),
            (none, Key::Tab, 1),
            (Modifiers::SHIFT, Key::Tab, -1),
        ];
        // Several presses may have come since the last layout.
        let by: isize = steps
            .into_iter()
            .map(|(modifiers, key, step)| {
                let count = input.count_and_consume_key(modifiers, key);
                step * isize::try_from(count).unwrap_or(1)
            })
            .sum();
        (by != 0).then_some(PaletteEvent::Stepped(by))
    })
}

/// What is being chosen or typed, where the field's hint does not say it.
fn heading(ui: &mut egui::Ui, palette: &Palette, tokens: &Tokens) {
    let title = match &palette.stage {
        Stage::Find => return,
        Stage::Pick(title) => (*title).to_owned(),
        Stage::Ask(question) => question.title.clone(),
        Stage::Choice(place) | Stage::Text(place) => {
            format!("{}.{}", place.section, place.info.name)
        }
    };
    let (rect, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 28.0), Sense::hover());
    let room = rect.shrink2(egui::vec2(STEP * 3.0, 0.0));
    line(ui, title, room, tokens.subtle, Align::Min);
}

/// The field; returns whether something was typed.
fn field(ui: &mut egui::Ui, palette: &mut Palette, tokens: &Tokens) -> bool {
    let id = egui::Id::unique("palette-field");
    // Before the field is shown: what was typed since the palette opened is already waiting for it.
    ui.memory_mut(|memory| memory.request_focus(id));
    let whole = std::mem::take(&mut palette.select_all);
    if std::mem::take(&mut palette.cursor_to_end) || whole {
        let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
        let all = CCursorRange::select_all_str(&palette.text);
        let range = if whole {
            all
        } else {
            CCursorRange::one(all.primary)
        };
        state.cursor.set_char_range(Some(range));
        TextEdit::store_state(ui.ctx(), id, state);
    }
    let hint = match &palette.stage {
        Stage::Find => match palette.sign() {
            Some(_) => "",
            None => "Find an action, a setting, a theme, a tab …    ? lists the kinds",
        },
        Stage::Pick(_) | Stage::Choice(_) => "Type to find",
        Stage::Text(_) | Stage::Ask(_) => "",
    };
    let badge = palette
        .sign()
        .and_then(|sign| SOURCES.iter().find(|source| source.prefix == sign))
        .map(|source| source.title);
    let edit = TextEdit::singleline(&mut palette.text)
        .id(id)
        .hint_text(egui::RichText::new(hint).color(tokens.subtle))
        .font(FontId::monospace(TEXT + 1.0))
        .frame(Frame::NONE)
        .margin(Margin::ZERO)
        .desired_width(f32::INFINITY)
        .lock_focus(true);
    let inset = Frame::new().inner_margin(Margin::symmetric(12, 9));
    let response = inset.show(ui, |ui| ui.add(edit)).inner;
    if let Some(title) = badge {
        let room = response.rect.shrink2(egui::vec2(STEP * 3.0, 0.0));
        line(ui, title.to_owned(), room, tokens.subtle, Align::Max);
    }
    response.changed()
}

/// The entries in view.
fn list(
    ui: &mut egui::Ui,
    palette: &mut Palette,
    room: f32,
    tokens: &Tokens,
) -> Option<PaletteEvent> {
    let count = palette.found().len();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few rows, clamped"
    )]
    let rows = ((room / ROW).floor().max(1.0) as usize)
        .min(ROWS)
        .min(count);
    palette.rows_shown = rows;
    let (selected, last_top) = (palette.selected, count - rows);
    if std::mem::take(&mut palette.scroll) {
        let lowest = (selected + 1).saturating_sub(rows.max(1));
        palette.top = palette.top.clamp(lowest, selected);
    }
    palette.top = palette.top.min(last_top);
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let size = egui::vec2(ui.available_width(), rows as f32 * ROW);
    ui.add_space(STEP);
    let (area, response) = ui.allocate_exact_size(size, Sense::click());
    ui.add_space(STEP);
    let pointer = response.hover_pos();
    if pointer.is_some() {
        // Parts of a row add up over layouts.
        palette.wheel += ui.input(|input| input.smooth_scroll_delta().y);
        let rows = (palette.wheel / ROW).trunc();
        palette.wheel -= rows * ROW;
        #[expect(clippy::cast_possible_truncation, reason = "a few rows")]
        let by = -(rows as isize);
        palette.top = palette.top.saturating_add_signed(by).min(last_top);
    }
    let top = palette.top;
    let mut event = None;
    for (row, at) in (top..top + rows).enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a few rows")]
        let place = Rect::from_min_size(
            area.min + egui::vec2(0.0, row as f32 * ROW),
            egui::vec2(area.width(), ROW),
        );
        let hovered = pointer.is_some_and(|at| place.contains(at));
        let found = &palette.found()[at];
        let look = match (at == selected, hovered) {
            (true, _) => Look::Chosen,
            (false, true) => Look::Hovered,
            (false, false) => Look::Plain,
        };
        one(ui, palette.entry(found), found, place, look, tokens);
        if hovered && response.clicked() {
            event = Some(at);
        }
    }
    if count > rows {
        thumb(ui, area, top, rows, count, tokens);
    }
    if count == 0 {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(size.x, ROW), Sense::hover());
        let room = rect.shrink2(egui::vec2(STEP * 3.0, 0.0));
        line(
            ui,
            "Nothing matches".to_owned(),
            room,
            tokens.subtle,
            Align::Min,
        );
    }
    event.map(|at| {
        palette.selected = at;
        PaletteEvent::Chosen
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Plain,
    Hovered,
    Chosen,
}

fn one(ui: &egui::Ui, entry: &Entry, found: &Found, place: Rect, look: Look, tokens: &Tokens) {
    let painter = ui.painter_at(place);
    let inner = place.shrink2(egui::vec2(STEP, 0.0));
    if look != Look::Plain {
        let fill = if look == Look::Chosen {
            tokens.surface
        } else {
            tokens.raised.lerp_to_gamma(tokens.surface, 0.5)
        };
        painter.rect_filled(inner, CornerRadius::same(RADIUS - 2), fill);
    }
    if look == Look::Chosen {
        let bar = Rect::from_min_size(inner.min, egui::vec2(2.0, inner.height()));
        painter.rect_filled(bar, CornerRadius::ZERO, tokens.accent);
    }
    let room = place.shrink2(egui::vec2(STEP * 3.0, 0.0));
    let font = FontId::monospace(TEXT);
    let hint = painter.layout_no_wrap(entry.hint.clone(), font.clone(), tokens.subtle);
    let hint_width = hint.size().x.min(room.width() * 0.45);
    let hint_at = Align2::RIGHT_CENTER.align_size_within_rect(hint.size(), room);
    painter.galley(hint_at.min, hint, tokens.subtle);
    let left = Rect::from_min_max(
        room.min,
        room.max - egui::vec2(hint_width + STEP * 3.0, 0.0),
    );
    let mut job = LayoutJob::default();
    let plain = TextFormat::simple(font.clone(), tokens.text);
    let marked = TextFormat {
        underline: Stroke::new(1.0, tokens.mark),
        ..TextFormat::simple(font.clone(), tokens.mark)
    };
    let mut letters = found.letters.iter().copied().peekable();
    for (at, letter) in entry.label.chars().enumerate() {
        let format = if letters.next_if_eq(&at).is_some() {
            &marked
        } else {
            &plain
        };
        job.append(letter.encode_utf8(&mut [0; 4]), 0.0, format.clone());
    }
    if !entry.detail.is_empty() {
        let format = TextFormat::simple(font, tokens.subtle);
        job.append(&entry.detail, STEP * 3.0, format);
    }
    job.wrap = egui::text::TextWrapping::truncate_at_width(left.width());
    let galley = painter.layout_job(job);
    let at = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), left);
    painter.galley(at.min, galley, tokens.text);
}

/// How far the list is scrolled.
fn thumb(ui: &egui::Ui, area: Rect, top: usize, rows: usize, count: usize, tokens: &Tokens) {
    #[expect(clippy::cast_precision_loss, reason = "some hundred rows")]
    let (top, rows, count) = (top as f32, rows as f32, count as f32);
    let height = (area.height() * rows / count).max(12.0);
    let y = area.top() + (area.height() - height) * top / (count - rows).max(1.0);
    let bar = Rect::from_min_size(egui::pos2(area.right() - 4.0, y), egui::vec2(3.0, height));
    ui.painter()
        .rect_filled(bar, CornerRadius::same(1), tokens.line);
}

/// What is said of the chosen entry, or what is wrong with the text.
fn about(ui: &mut egui::Ui, palette: &Palette, tokens: &Tokens) {
    let (text, color) = match (&palette.problem, &palette.stage) {
        (Some(problem), _) => (problem.clone(), tokens.error),
        (None, Stage::Text(place)) => {
            let default = &place.info.default;
            let text = format!("{}; default: {default}", place.info.expected);
            (text, tokens.subtle)
        }
        (None, _) => match palette.chosen() {
            Some(entry) if !entry.about.is_empty() => (entry.about.clone(), tokens.subtle),
            _ => return,
        },
    };
    let width = ui.available_width();
    let y = ui.cursor().top();
    let rule = ui.max_rect().x_range();
    ui.painter().hline(rule, y, Stroke::new(1.0, tokens.line));
    let (rect, _) = ui.allocate_exact_size(egui::vec2(width, ABOUT), Sense::hover());
    let room = rect.shrink2(egui::vec2(STEP * 3.0, 3.0));
    let font = FontId::monospace(TEXT - 1.0);
    let mut job = LayoutJob::simple(text, font, color, room.width());
    job.wrap.max_rows = 2;
    job.wrap.overflow_character = Some('…');
    let galley = ui.painter().layout_job(job);
    let at = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), room);
    ui.painter().galley(at.min, galley, color);
}

/// One line of text in a rectangle, cut where it ends.
fn line(ui: &egui::Ui, text: String, room: Rect, color: Color32, align: Align) {
    let mut job = LayoutJob::simple_singleline(text, FontId::monospace(TEXT), color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room.width());
    let galley = ui.painter().layout_job(job);
    let side = match align {
        Align::Max => Align2::RIGHT_CENTER,
        Align::Min | Align::Center => Align2::LEFT_CENTER,
    };
    let at = side.align_size_within_rect(galley.size(), room);
    ui.painter().galley(at.min, galley, color);
}

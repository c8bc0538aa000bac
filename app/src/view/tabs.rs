//! The tab bar: equal tabs, the shown one in the grid's own color, names cut in the middle of nothing.

use egui::{Align2, Color32, CornerRadius, FontId, Key, Rect, Sense, Stroke, StrokeKind, TextEdit};

use terminal::event::Progress;

use super::tokens::{BAR_HEIGHT, RADIUS, STEP, TEXT, Tokens};
use crate::tabs::{Tab, TabId, Tabs};

/// What the user did to the bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TabAction {
    /// Show the tab at this place.
    Show(usize),
    /// Move the shown tab to this place.
    MoveTo(usize),
    /// Give it a window of its own.
    TearOff(TabId),
    /// List all tabs.
    List,
    /// Close it.
    Close(TabId),
    /// Open a new one.
    New,
    /// Show it and what can be done with it, at this place of the window in logical pixels.
    Menu(usize, egui::Pos2),
    /// Begin to rename it.
    Rename(TabId),
    /// Give it this name; empty takes the program's title again.
    Named(TabId, String),
    /// Leave the name as it was.
    NotNamed,
}

/// A name being typed for a tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Renaming {
    /// Which tab.
    pub(crate) tab: TabId,
    /// What is typed so far.
    pub(crate) text: String,
}

/// What tells a tab whose shell runs elsewhere; programs cannot change it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Badge {
    /// A few letters; may be empty.
    pub(crate) text: String,
    /// The environment's color.
    pub(crate) color: Color32,
}

/// What is written on a tab.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Label {
    /// Its name.
    pub(crate) title: String,
    /// How far a program in it is.
    pub(crate) progress: Progress,
    /// What tells where its shell runs, if not on this machine.
    pub(crate) badge: Option<Badge>,
}

/// What the settings say of the bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TabLook {
    /// Above the panes, not below.
    pub(crate) at_top: bool,
    /// The widest a tab gets, in logical pixels.
    pub(crate) max_width: f32,
    /// Each tab shows the number that a key reaches it by.
    pub(crate) numbers: bool,
    /// Each tab has a button that closes it.
    pub(crate) close_button: bool,
}

/// The narrowest; more than fit then are reached by the wheel and the list.
const MIN_WIDTH: f32 = 72.0;
/// So far beyond the bar a dragged tab becomes a window, in logical pixels.
const TEAR: f32 = 24.0;

/// Where the tabs are in the bar.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Row {
    /// Width of one.
    width: f32,
    /// By how much they are moved to the left, so that the shown one is to be seen.
    scroll: f32,
    /// Not all are to be seen at once.
    overflows: bool,
}

impl Row {
    /// Tabs share `room`, as far as their least and greatest width allow; `scroll` is what it was before,
    /// `keep_shown`: the shown tab must be in view.
    fn new(
        room: f32,
        max_width: f32,
        count: usize,
        shown: usize,
        scroll: f32,
        keep_shown: bool,
    ) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a count of tabs")]
        let (count, shown) = (count.max(1) as f32, shown as f32);
        let room = room.max(0.0);
        let width = (room / count).clamp(MIN_WIDTH, max_width.max(MIN_WIDTH));
        let most = (width * count - room).max(0.0);
        let mut scroll = scroll.clamp(0.0, most);
        if keep_shown {
            // In less room than one tab takes, its beginning is what is seen.
            let greatest = (shown * width).min(most);
            let least = ((shown + 1.0) * width - room).max(0.0).min(greatest);
            scroll = scroll.clamp(least, greatest);
        }
        Self {
            width,
            scroll,
            overflows: most > 0.0,
        }
    }
}

/// The place among `count` tabs, of which `shown` is shown, before which a tab goes that is let go at `x` of a bar
/// `width` wide, both in logical pixels.
pub(crate) fn place_at(x: f32, width: f32, look: TabLook, count: usize, shown: usize) -> usize {
    let room = width - 2.0 * BAR_HEIGHT;
    let row = Row::new(room, look.max_width, count, shown, 0.0, true);
    let place = ((x + row.scroll) / row.width).round().max(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among the tabs, clamped"
    )]
    let place = place as usize;
    place.min(count)
}

/// Draws the bar along the top (or bottom) of the window; `labels` has one a tab.
pub(crate) fn show(
    root: &mut egui::Ui,
    look: TabLook,
    tabs: &Tabs,
    labels: &[Label],
    renaming: &mut Option<Renaming>,
    tokens: &Tokens,
) -> Vec<TabAction> {
    let mut actions = Vec::new();
    let panel = if look.at_top {
        egui::Panel::top("tabs")
    } else {
        egui::Panel::bottom("tabs")
    };
    let frame = egui::Frame::new().fill(tokens.bar);
    panel
        .exact_size(BAR_HEIGHT)
        .resizable(false)
        .show_separator_line(false)
        .frame(frame)
        .show(root, |ui| {
            bar(ui, look, tabs, labels, renaming, tokens, &mut actions)
        });
    actions
}

fn bar(
    ui: &mut egui::Ui,
    look: TabLook,
    tabs: &Tabs,
    labels: &[Label],
    renaming: &mut Option<Renaming>,
    tokens: &Tokens,
    actions: &mut Vec<TabAction>,
) {
    let area = ui.max_rect();
    let button = BAR_HEIGHT;
    let memory = egui::Id::unique("tab-scroll");
    let (before, before_shown): (f32, usize) = ui
        .data(|data| data.get_temp(memory))
        .unwrap_or((0.0, usize::MAX));
    let shown = tabs.active_index();
    let place = |room: f32, scroll: f32, keep: bool| {
        Row::new(room, look.max_width, tabs.len(), shown, scroll, keep)
    };
    let overflows = place(area.width() - button, 0.0, false).overflows;
    let buttons = if overflows { 2.0 * button } else { button };
    let room = (area.width() - buttons).max(0.0);
    let wheel = ui.input(|input| {
        let over = input
            .pointer
            .hover_pos()
            .is_some_and(|at| area.contains(at));
        let delta = input.smooth_scroll_delta();
        if over { delta.x + delta.y } else { 0.0 }
    });
    let row = place(room, before - wheel, before_shown != shown);
    ui.data_mut(|data| data.insert_temp(memory, (row.scroll, shown)));
    let strip = Rect::from_min_size(area.min, egui::vec2(room, area.height()));
    let mut end = area.left();
    for (index, tab) in tabs.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a count of tabs")]
        let x = area.left() + index as f32 * row.width - row.scroll;
        let rect =
            Rect::from_min_size(egui::pos2(x, area.top()), egui::vec2(row.width, BAR_HEIGHT));
        end = rect.right().min(strip.right());
        if !rect.intersects(strip.shrink(1.0)) {
            continue;
        }
        let label = labels.get(index);
        let progress = label.map_or(Progress::None, |label| label.progress);
        let title = label.map_or("", |label| label.title.as_str());
        let badge = label.and_then(|label| label.badge.as_ref());
        let place = Place {
            rect,
            clip: rect.intersect(strip),
            index,
            shown: index == shown,
            look,
        };
        match renaming.as_mut().filter(|renaming| renaming.tab == tab.id) {
            Some(renaming) => actions.extend(name_field(ui, &place, renaming, tokens)),
            None => {
                actions.extend(one_tab(ui, &place, tab, title, badge, tokens));
                progress_line(ui, &place, progress, tokens);
                if place.shown {
                    actions.extend(drag(ui, &place, tab, title, strip, row, tabs.len(), tokens));
                }
            }
        }
    }
    let plus = Rect::from_min_size(egui::pos2(end, area.top()), egui::Vec2::splat(button));
    if icon_button(ui, plus, "New tab", Icon::Plus, tokens) {
        actions.push(TabAction::New);
    }
    if row.overflows {
        let list = Rect::from_min_size(
            egui::pos2(area.right() - button, area.top()),
            egui::Vec2::splat(button),
        );
        if icon_button(ui, list, "List all tabs", Icon::List, tokens) {
            actions.push(TabAction::List);
        }
    }
    rule(ui, area, strip, row, shown, look.at_top, tokens);
}

/// The line between bar and panes, open below the shown tab.
fn rule(
    ui: &egui::Ui,
    area: Rect,
    strip: Rect,
    row: Row,
    shown: usize,
    at_top: bool,
    tokens: &Tokens,
) {
    let edge = if at_top {
        area.bottom() - 0.5
    } else {
        area.top() + 0.5
    };
    #[expect(clippy::cast_precision_loss, reason = "a count of tabs")]
    let left = area.left() + shown as f32 * row.width - row.scroll;
    let within = |x: f32| x.clamp(strip.left(), strip.right());
    let (left, right) = (within(left), within(left + row.width));
    let stroke = Stroke::new(1.0, tokens.line);
    ui.painter().hline(area.left()..=left, edge, stroke);
    ui.painter().hline(right..=area.right(), edge, stroke);
}

/// The shown tab being dragged: along the bar it changes places, away from it it becomes a window.
#[expect(
    clippy::too_many_arguments,
    reason = "one tab's place, content and look"
)]
fn drag(
    ui: &egui::Ui,
    place: &Place,
    tab: &Tab,
    title: &str,
    strip: Rect,
    row: Row,
    count: usize,
    tokens: &Tokens,
) -> Option<TabAction> {
    let id = ui.scope_id().with(("tab", tab.id.0));
    let held = ui.ctx().is_being_dragged(id);
    let dropped = ui.ctx().drag_stopped_id() == Some(id);
    // Let go outside of the window, it is gone by the time that the end of the drag is told.
    let pointer = ui.input(|input| {
        let pointer = &input.pointer;
        pointer.latest_pos().or(pointer.interact_pos())
    })?;
    if !(held || dropped) {
        return None;
    }
    let away = !strip.expand(TEAR).contains(pointer);
    if dropped {
        return away.then_some(TabAction::TearOff(tab.id));
    }
    if away {
        let goal = if count > 1 {
            "to another window's bar, or a window of its own"
        } else {
            "to another window's bar"
        };
        ghost(ui, pointer, &format!("{title}: {goal}"), tokens);
        return None;
    }
    if !ui.input(|input| input.pointer.is_decidedly_dragging()) {
        return None;
    }
    let to = ((pointer.x - strip.left() + row.scroll) / row.width).floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among the tabs, clamped"
    )]
    let to = (to.max(0.0) as usize).min(count - 1);
    (to != place.index).then_some(TabAction::MoveTo(to))
}

/// What a dragged tab would become.
fn ghost(ui: &egui::Ui, pointer: egui::Pos2, text: &str, tokens: &Tokens) {
    let layer = egui::LayerId::new(egui::Order::Tooltip, egui::Id::unique("tab-ghost"));
    let painter = ui.ctx().layer_painter(layer);
    let galley = painter.layout_no_wrap(text.to_owned(), FontId::monospace(TEXT), tokens.text);
    let size = galley.size() + egui::vec2(STEP * 4.0, STEP * 3.0);
    let screen = ui.ctx().content_rect();
    let at = (pointer + egui::vec2(STEP * 3.0, STEP * 3.0)).min(screen.max - size);
    let rect = Rect::from_min_size(at.max(screen.min), size);
    painter.rect(
        rect,
        CornerRadius::same(RADIUS),
        tokens.raised,
        Stroke::new(1.0, tokens.accent),
        StrokeKind::Inside,
    );
    painter.galley(
        rect.min + egui::vec2(STEP * 2.0, STEP * 1.5),
        galley,
        tokens.text,
    );
}

/// What a button of the bar shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Icon {
    Plus,
    List,
}

fn icon_button(ui: &egui::Ui, rect: Rect, name: &str, icon: Icon, tokens: &Tokens) -> bool {
    let response = ui.interact(rect, ui.scope_id().with(name), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    let color = if response.hovered() {
        tokens.text
    } else {
        tokens.muted
    };
    match icon {
        Icon::Plus => cross(ui, rect.center(), color, true),
        Icon::List => {
            let stroke = Stroke::new(1.5, color);
            let (left, right) = (egui::vec2(-4.0, -2.0), egui::vec2(4.0, -2.0));
            let tip = rect.center() + egui::vec2(0.0, 2.5);
            ui.painter()
                .line_segment([rect.center() + left, tip], stroke);
            ui.painter()
                .line_segment([rect.center() + right, tip], stroke);
        }
    }
    response.clicked()
}

/// Where a tab is.
struct Place {
    rect: Rect,
    /// What of it is to be seen.
    clip: Rect,
    index: usize,
    shown: bool,
    look: TabLook,
}

fn one_tab(
    ui: &mut egui::Ui,
    place: &Place,
    tab: &Tab,
    title: &str,
    badge: Option<&Badge>,
    tokens: &Tokens,
) -> Option<TabAction> {
    let id = tab.id;
    let response = ui.interact(
        place.clip,
        ui.scope_id().with(("tab", id.0)),
        Sense::click_and_drag(),
    );
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Tab, true, place.shown, title));
    let close_rect = Rect::from_center_size(
        place.rect.right_center() - egui::vec2(16.0, 0.0),
        egui::vec2(20.0, 20.0),
    );
    let wide_enough = place.look.close_button && place.rect.width() > MIN_WIDTH * 1.5;
    let close = wide_enough.then(|| {
        ui.interact(
            close_rect,
            ui.scope_id().with(("close", id.0)),
            Sense::click(),
        )
    });
    if let Some(close) = &close {
        close.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Close {title}"))
        });
    }
    let hovered = response.hovered() || close.as_ref().is_some_and(egui::Response::hovered);
    let fill = match (place.shown, hovered) {
        (true, _) => tokens.surface,
        (false, true) => tokens.raised,
        (false, false) => Color32::TRANSPARENT,
    };
    let painter = ui.painter_at(place.clip);
    painter.rect_filled(place.rect, CornerRadius::ZERO, fill);
    if place.shown {
        let y = if place.look.at_top {
            place.rect.top() + 1.0
        } else {
            place.rect.bottom() - 1.0
        };
        painter.hline(place.rect.x_range(), y, Stroke::new(2.0, tokens.accent));
    }
    let color = if place.shown {
        tokens.text
    } else {
        tokens.muted
    };
    let close_room = if wide_enough { 28.0 } else { STEP };
    let room = Rect::from_min_max(
        place.rect.min + egui::vec2(STEP * 3.0, 0.0),
        place.rect.max - egui::vec2(close_room, 0.0),
    );
    let room = match badge {
        Some(badge) => draw_badge(&painter, place.rect, room, badge, tokens),
        None => room,
    };
    let mut marked = title.to_owned();
    if place.look.numbers {
        marked = format!("{} {marked}", place.index + 1);
    }
    let room = if tab.zoomed || tab.is_broadcasting() {
        let at = room.left_center() + egui::vec2(5.0, 0.0);
        state_mark(&painter, at, tab, tokens);
        Rect::from_min_max(room.min + egui::vec2(STEP * 4.0, 0.0), room.max)
    } else {
        room
    };
    let font = FontId::monospace(TEXT);
    let mut job = egui::text::LayoutJob::simple_singleline(marked, font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room.width());
    let galley = painter.layout_job(job);
    let at = Align2::LEFT_CENTER
        .align_size_within_rect(galley.size(), room)
        .min;
    painter.galley(at, galley, color);
    if let Some(close) = &close
        && (hovered || place.shown)
    {
        if close.hovered() {
            painter.rect_filled(close_rect, CornerRadius::same(4), tokens.raised);
        }
        cross(
            ui,
            close_rect.center(),
            if close.hovered() {
                tokens.text
            } else {
                tokens.muted
            },
            false,
        );
    }
    if close.is_some_and(|close| close.clicked()) || response.middle_clicked() {
        Some(TabAction::Close(id))
    } else if response.secondary_clicked() {
        let at = response.interact_pointer_pos();
        Some(TabAction::Menu(
            place.index,
            at.unwrap_or(response.rect.left_bottom()),
        ))
    } else if response.double_clicked() {
        Some(TabAction::Rename(id))
    } else if response.is_pointer_button_down_on() && !place.shown {
        Some(TabAction::Show(place.index))
    } else {
        None
    }
}

/// A line at the edge towards the panes: how far a program is.
fn progress_line(ui: &egui::Ui, place: &Place, progress: Progress, tokens: &Tokens) {
    let (share, color) = match progress {
        Progress::None => return,
        Progress::Normal(percent) => (f32::from(percent) / 100.0, tokens.accent),
        Progress::Error(percent) => (f32::from(percent.max(1)) / 100.0, tokens.error),
        Progress::Paused(percent) => (f32::from(percent) / 100.0, tokens.warning),
        // Nothing is known of the amount, and what moves by itself would keep the window awake.
        Progress::Indeterminate => (1.0, tokens.accent.gamma_multiply(0.5)),
    };
    let y = if place.look.at_top {
        place.rect.bottom() - 1.5
    } else {
        place.rect.top() + 1.5
    };
    let right = place.rect.left() + place.rect.width() * share.clamp(0.0, 1.0);
    let painter = ui.painter_at(place.clip);
    painter.hline(place.rect.left()..=right, y, Stroke::new(3.0, color));
}

/// The room for a name beside a badge, in logical pixels; with less there is no badge.
const BADGE_LEAVES: f32 = 90.0;

/// Draws a badge at the left of a tab; returns the room that is left for the title.
fn draw_badge(
    painter: &egui::Painter,
    tab: Rect,
    room: Rect,
    badge: &Badge,
    tokens: &Tokens,
) -> Rect {
    let stripe = Rect::from_min_size(
        tab.min + egui::vec2(0.0, STEP),
        egui::vec2(3.0, tab.height() - STEP * 2.0),
    );
    painter.rect_filled(stripe, CornerRadius::same(1), badge.color);
    if badge.text.is_empty() {
        return room;
    }
    // Where many tabs leave little room, the name goes before the badge: the stripe has its color.
    let font = FontId::monospace(TEXT * 0.8);
    let galley = painter.layout_no_wrap(badge.text.clone(), font, tokens.surface);
    let size = galley.size() + egui::vec2(STEP * 2.0, 2.0);
    if room.width() - size.x < BADGE_LEAVES {
        return room;
    }
    let area = Rect::from_min_size(
        egui::pos2(room.left(), room.center().y - size.y / 2.0),
        size,
    );
    painter.rect_filled(area, CornerRadius::same(3), badge.color);
    painter.galley(area.min + egui::vec2(STEP, 1.0), galley, tokens.surface);
    Rect::from_min_max(egui::pos2(area.right() + STEP, room.top()), room.max)
}

/// A small square: filled for a pane that hides the others, in the color of warnings for panes that are typed
/// into together.
fn state_mark(painter: &egui::Painter, at: egui::Pos2, tab: &Tab, tokens: &Tokens) {
    let square = Rect::from_center_size(at, egui::Vec2::splat(9.0));
    if tab.is_broadcasting() {
        for offset in [-2.0, 2.0] {
            let one = square.translate(egui::vec2(offset, offset)).shrink(1.5);
            let stroke = Stroke::new(1.2, tokens.warning);
            painter.rect_stroke(one, CornerRadius::ZERO, stroke, StrokeKind::Inside);
        }
    } else {
        let stroke = Stroke::new(1.2, tokens.accent);
        painter.rect_stroke(square, CornerRadius::ZERO, stroke, StrokeKind::Inside);
        painter.rect_filled(square.shrink(2.5), CornerRadius::ZERO, tokens.accent);
    }
}

fn name_field(
    ui: &mut egui::Ui,
    place: &Place,
    renaming: &mut Renaming,
    tokens: &Tokens,
) -> Option<TabAction> {
    let field = place.rect.shrink2(egui::vec2(STEP, STEP));
    let edit = TextEdit::singleline(&mut renaming.text)
        .hint_text("Tab name")
        .font(FontId::monospace(TEXT))
        .margin(egui::Margin::symmetric(8, 2))
        .align(Align2::LEFT_CENTER);
    let response = ui.put(field, edit);
    ui.painter().rect_stroke(
        field,
        CornerRadius::same(4),
        Stroke::new(1.0, tokens.accent),
        StrokeKind::Inside,
    );
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        return Some(TabAction::NotNamed);
    }
    if response.lost_focus() {
        return Some(TabAction::Named(
            renaming.tab,
            renaming.text.trim().to_owned(),
        ));
    }
    response.request_focus();
    None
}

/// A plus, or turned by 45° a cross; drawn, since not every font has them on one line with text.
fn cross(ui: &egui::Ui, center: egui::Pos2, color: Color32, plus: bool) {
    let (a, b) = if plus {
        (egui::vec2(5.0, 0.0), egui::vec2(0.0, 5.0))
    } else {
        (egui::vec2(3.5, 3.5), egui::vec2(3.5, -3.5))
    };
    let stroke = Stroke::new(1.2, color);
    ui.painter().line_segment([center - a, center + a], stroke);
    ui.painter().line_segment([center - b, center + b], stroke);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(count: usize, shown: usize, scroll: f32, keep: bool, expected: (f32, f32, bool)) {
        let row = Row::new(720.0, 240.0, count, shown, scroll, keep);
        assert_eq!((row.width, row.scroll, row.overflows), expected);
    }

    #[test]
    fn tabs_share_the_bar_and_scroll_when_they_are_too_many() {
        check(1, 0, 0.0, true, (240.0, 0.0, false));
        check(4, 0, 50.0, true, (180.0, 0.0, false));
        check(10, 9, 0.0, true, (72.0, 0.0, false));
        check(200, 0, 0.0, true, (72.0, 0.0, true));
        check(200, 199, 0.0, true, (72.0, 13_680.0, true));
        check(200, 100, 0.0, true, (72.0, 6_552.0, true));
        check(200, 100, 6_600.0, true, (72.0, 6_600.0, true));
        check(200, 0, 99_999.0, false, (72.0, 13_680.0, true));
        check(200, 0, 500.0, true, (72.0, 0.0, true));
    }

    #[test]
    fn a_bar_of_any_width_shows_the_beginning_of_a_tab() {
        for room in [-4.0, 0.0, 26.0, 71.0, 72.0, 200.0] {
            for shown in [0, 1, 24] {
                let row = Row::new(room, 240.0, 25, shown, 500.0, true);
                let left = f32::from(u8::try_from(shown).unwrap()) * row.width - row.scroll;
                assert!(
                    (0.0..=room.max(0.0)).contains(&left),
                    "{room} {shown}: {left}"
                );
            }
        }
        let look = TabLook {
            at_top: true,
            max_width: 240.0,
            numbers: false,
            close_button: true,
        };
        assert_eq!(place_at(10.0, 20.0, look, 3, 2), 2);
    }
}

//! The tab bar: equal tabs, the shown one in the grid's own color, names cut in the middle of nothing.

use egui::{Align2, Color32, CornerRadius, FontId, Key, Rect, Sense, Stroke, StrokeKind, TextEdit};

use super::tokens::{BAR_HEIGHT, STEP, TEXT, Tokens};
use crate::tabs::{Tab, TabId, Tabs};

/// What the user did to the bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TabAction {
    /// Show the tab at this place.
    Show(usize),
    /// Move the shown tab to this place.
    MoveTo(usize),
    /// Close it.
    Close(TabId),
    /// Open a new one.
    New,
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

/// The narrowest, before the rest is cut off at the right.
const MIN_WIDTH: f32 = 48.0;

/// Draws the bar along the top (or bottom) of the window; `titles` has one text a tab.
pub(crate) fn show(
    root: &mut egui::Ui,
    look: TabLook,
    tabs: &Tabs,
    titles: &[String],
    badges: &[Option<Badge>],
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
            let area = ui.max_rect();
            let plus = BAR_HEIGHT;
            #[expect(clippy::cast_precision_loss, reason = "a count of tabs")]
            let width = ((area.width() - plus) / tabs.len().max(1) as f32)
                .clamp(MIN_WIDTH, look.max_width.max(MIN_WIDTH));
            let mut x = area.left();
            for (index, tab) in tabs.iter().enumerate() {
                let rect =
                    Rect::from_min_size(egui::pos2(x, area.top()), egui::vec2(width, BAR_HEIGHT));
                x += width;
                let title = titles.get(index).map_or("", String::as_str);
                let numbered = look.numbers.then(|| format!("{} {title}", index + 1));
                let title = numbered.as_deref().unwrap_or(title);
                let place = Place {
                    rect,
                    index,
                    shown: index == tabs.active_index(),
                    look,
                };
                if let Some(renaming) = renaming.as_mut().filter(|r| r.tab == tab.id) {
                    actions.extend(name_field(ui, &place, renaming, tokens));
                } else {
                    let badge = badges.get(index).and_then(Option::as_ref);
                    actions.extend(one_tab(ui, &place, tab, title, badge, tokens));
                    let pointer = ui.input(|input| input.pointer.hover_pos());
                    let dragged = place.shown && ui.input(|i| i.pointer.is_decidedly_dragging());
                    if let Some(pointer) = pointer.filter(|p| dragged && area.contains(*p)) {
                        let to = ((pointer.x - area.left()) / width).floor();
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            reason = "a place among the tabs, clamped"
                        )]
                        let to = (to.max(0.0) as usize).min(tabs.len() - 1);
                        if to != index {
                            actions.push(TabAction::MoveTo(to));
                        }
                    }
                }
            }
            let rect = Rect::from_min_size(egui::pos2(x, area.top()), egui::vec2(plus, BAR_HEIGHT));
            let new = ui.interact(rect, ui.scope_id().with("new"), Sense::click());
            new.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "New tab"));
            let color = if new.hovered() {
                tokens.text
            } else {
                tokens.muted
            };
            cross(ui, rect.center(), color, true);
            if new.clicked() {
                actions.push(TabAction::New);
            }
            let edge = if look.at_top {
                area.bottom() - 0.5
            } else {
                area.top() + 0.5
            };
            let shown = tabs.active_index();
            #[expect(clippy::cast_precision_loss, reason = "a count of tabs")]
            let (left, right) = (
                area.left() + shown as f32 * width,
                area.left() + (shown + 1) as f32 * width,
            );
            let stroke = Stroke::new(1.0, tokens.line);
            ui.painter().hline(area.left()..=left, edge, stroke);
            ui.painter().hline(right..=area.right(), edge, stroke);
        });
    actions
}

/// Where a tab is.
struct Place {
    rect: Rect,
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
    let (id, bell) = (tab.id, tab.bell);
    let response = ui.interact(
        place.rect,
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
    let painter = ui.painter_at(place.rect);
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
    let marked = if bell {
        format!("● {title}")
    } else {
        title.to_owned()
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
    } else if response.double_clicked() {
        Some(TabAction::Rename(id))
    } else if response.is_pointer_button_down_on() && !place.shown {
        Some(TabAction::Show(place.index))
    } else {
        None
    }
}

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
    let font = FontId::monospace(TEXT * 0.8);
    let galley = painter.layout_no_wrap(badge.text.clone(), font, tokens.surface);
    let size = galley.size() + egui::vec2(STEP * 2.0, 2.0);
    let area = Rect::from_min_size(
        egui::pos2(room.left(), room.center().y - size.y / 2.0),
        size,
    );
    painter.rect_filled(area, CornerRadius::same(3), badge.color);
    painter.galley(area.min + egui::vec2(STEP, 1.0), galley, tokens.surface);
    Rect::from_min_max(egui::pos2(area.right() + STEP, room.top()), room.max)
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

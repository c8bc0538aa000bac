//! The context menu of a pane or a tab: what can be done with what is under the pointer.

use config::ActionName;
use egui::{Align, Align2, Button, Key, Layout, Modifiers, RichText, Stroke};

use super::tokens::{RADIUS, STEP, Tokens};

/// Width of its items, in logical pixels.
const WIDTH: f32 = 232.0;
/// The same with what can be done with a block or a tab, whose keys are long.
const WIDE: f32 = 286.0;
/// Height of an item.
const ITEM: f32 = 24.0;
/// What is around the items: padding and the line.
const AROUND: f32 = STEP * 2.0 + 2.0;

/// An open menu.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Menu {
    /// Where, in logical pixels from the window's left edge.
    pub(crate) x: f32,
    /// Where, in logical pixels from the window's top edge.
    pub(crate) y: f32,
    /// It is about the shown tab, not about a pane.
    pub(crate) tab: bool,
    /// Something is selected.
    pub(crate) selected: bool,
    /// The link under the pointer.
    pub(crate) link: Option<String>,
    /// There is a block to do something with.
    pub(crate) block: bool,
    /// A command runs.
    pub(crate) running: bool,
    /// The item that the keys have come to, counted over all that there are.
    pub(crate) marked: Option<usize>,
    /// It was laid out once: from then on a press beside it closes it. Before, the press that egui
    /// reports is the one that opened it.
    pub(crate) laid_out: bool,
}

impl Menu {
    /// A menu of a pane at a place of the window, in logical pixels, with nothing under the pointer.
    pub(crate) fn new(x: f32, y: f32) -> Self {
        Self {
            x,
            y,
            tab: false,
            selected: false,
            link: None,
            block: false,
            running: false,
            marked: None,
            laid_out: false,
        }
    }
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MenuAction {
    /// An action as keys have them.
    Run(ActionName),
    /// Open this address.
    OpenLink(String),
    /// Copy this address.
    CopyLink(String),
    /// Nothing: a click beside the menu, or Escape.
    Close,
}

/// Draws the menu; `hint` gives the key bound to an action.
pub(crate) fn show(
    context: &egui::Context,
    menu: &mut Menu,
    hint: impl Fn(ActionName) -> Option<String>,
    tokens: &Tokens,
) -> Option<MenuAction> {
    let mut chosen = None;
    let room = context.content_rect().size() - egui::vec2(STEP * 6.0, STEP * 6.0);
    let width = if menu.block || menu.tab { WIDE } else { WIDTH };
    let groups = groups(menu);
    let two = menu.block && room.x > width * 2.0 + STEP * 4.0;
    let columns = if two { in_two(groups) } else { vec![groups] };
    if keys(context, menu, &columns) {
        let items = columns.iter().flatten().flatten();
        let marked = menu.marked.and_then(|marked| items.clone().nth(marked));
        chosen = marked.map(|(_, action, _)| action.clone());
    }
    let area = egui::Area::new(egui::Id::unique("menu"))
        .fixed_pos(egui::pos2(menu.x, menu.y))
        .order(egui::Order::Foreground)
        .constrain_to(context.content_rect().shrink(STEP * 2.0));
    let height = columns
        .iter()
        .map(|column| height(column))
        .fold(0.0, f32::max)
        + AROUND;
    // Upwards rather than under the pointer, where an item would be chosen as the button is let go.
    let up = menu.y + height > room.y && height <= menu.y;
    let area = if up {
        area.pivot(Align2::LEFT_BOTTOM)
    } else {
        area
    };
    let shown = area.show(context, |ui| {
        let frame = egui::Frame::new()
            .fill(tokens.raised)
            .stroke(Stroke::new(1.0, tokens.line))
            .corner_radius(RADIUS)
            .inner_margin(STEP);
        frame.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.spacing_mut().button_padding.y = STEP * 0.5;
            let mut number = 0;
            let mut show_column = |ui: &mut egui::Ui, groups: Vec<Vec<Item>>| {
                ui.set_width(width);
                for (place, group) in groups.into_iter().enumerate() {
                    ui.add_space(if place > 0 { STEP } else { 0.0 });
                    for (label, action, enabled) in group {
                        let key = match &action {
                            MenuAction::Run(action) => hint(*action),
                            _ => None,
                        };
                        let is_marked = menu.marked == Some(number);
                        number += 1;
                        if item(ui, label, key.as_deref(), (enabled, is_marked), tokens) {
                            chosen = Some(action);
                        }
                    }
                }
            };
            egui::ScrollArea::vertical()
                .max_height(room.y)
                .min_scrolled_height(room.y)
                .show(ui, |ui| {
                    ui.horizontal_top(|ui| {
                        ui.spacing_mut().item_spacing.x = STEP * 2.0;
                        for groups in columns {
                            ui.vertical(|ui| show_column(ui, groups));
                        }
                    });
                });
        });
    });
    let beside = std::mem::replace(&mut menu.laid_out, true)
        && context.input(|input| input.pointer.any_pressed())
        && !shown.response.contains_pointer();
    if beside || context.input(|input| input.key_pressed(Key::Escape)) {
        chosen = chosen.or(Some(MenuAction::Close));
    }
    chosen
}

/// Height of a column.
fn height(groups: &[Vec<Item>]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a few items")]
    let count = |n: usize| n as f32;
    let items = groups.iter().map(Vec::len).sum();
    count(items) * ITEM + count(groups.len().saturating_sub(1)) * STEP
}

/// Moves the mark by the arrows over items that can be chosen; whether Enter chose the marked one.
fn keys(context: &egui::Context, menu: &mut Menu, columns: &[Vec<Vec<Item>>]) -> bool {
    let enabled: Vec<bool> = columns
        .iter()
        .flatten()
        .flatten()
        .map(|(_, _, enabled)| *enabled)
        .collect();
    let first_column = columns
        .first()
        .map_or(0, |column| column.iter().map(Vec::len).sum());
    let next = |from: Option<usize>, forward: bool| {
        let n = enabled.len();
        let start = from.unwrap_or(if forward { n - 1 } else { 0 });
        (1..=n)
            .map(|by| {
                if forward {
                    (start + by) % n
                } else {
                    (start + n - by) % n
                }
            })
            .find(|place| enabled[*place])
    };
    context.input_mut(|input| {
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key);
        for _ in 0..count(Key::ArrowDown) {
            menu.marked = next(menu.marked, true);
        }
        for _ in 0..count(Key::ArrowUp) {
            menu.marked = next(menu.marked, false);
        }
        if count(Key::Home) > 0 {
            menu.marked = next(None, true);
        }
        if count(Key::End) > 0 {
            menu.marked = next(None, false);
        }
        let other = match menu.marked {
            Some(marked) if marked < first_column && count(Key::ArrowRight) > 0 => {
                Some((marked + first_column).min(enabled.len() - 1))
            }
            Some(marked) if marked >= first_column && count(Key::ArrowLeft) > 0 => {
                Some((marked - first_column).min(first_column - 1))
            }
            _ => None,
        };
        if let Some(other) = other.filter(|other| enabled[*other]) {
            menu.marked = Some(other);
        }
        count(Key::Enter) > 0 && menu.marked.is_some()
    })
}

/// Shares groups out to two columns of about the same height.
fn in_two(groups: Vec<Vec<Item>>) -> Vec<Vec<Vec<Item>>> {
    let total: usize = groups.iter().map(Vec::len).sum();
    let (mut left, mut right): (Vec<Vec<Item>>, Vec<Vec<Item>>) = Default::default();
    let mut taken = 0;
    for group in groups {
        let before = taken;
        taken += group.len();
        // A group goes where more than half of it is.
        if right.is_empty() && before + taken <= total {
            left.push(group);
        } else {
            right.push(group);
        }
    }
    vec![left, right]
}

type Item = (&'static str, MenuAction, bool);

fn groups(menu: &Menu) -> Vec<Vec<Item>> {
    let run = |label, action, enabled| (label, MenuAction::Run(action), enabled);
    if menu.tab {
        return vec![
            vec![run("New tab", ActionName::NewTab, true)],
            vec![
                run("Rename", ActionName::RenameTab, true),
                run("Move left", ActionName::MoveTabLeft, true),
                run("Move right", ActionName::MoveTabRight, true),
                run("Move to a window", ActionName::MoveTabToNewWindow, true),
            ],
            vec![run("Close tab", ActionName::CloseTab, true)],
        ];
    }
    let mut groups = Vec::new();
    if let Some(link) = &menu.link {
        groups.push(vec![
            ("Open link", MenuAction::OpenLink(link.clone()), true),
            ("Copy link", MenuAction::CopyLink(link.clone()), true),
        ]);
    }
    let mut text = vec![
        run("Copy", ActionName::Copy, menu.selected),
        run("Paste", ActionName::Paste, true),
    ];
    if !menu.block {
        text.push(run("Select all", ActionName::SelectAll, true));
        text.push(run("Select output", ActionName::SelectOutput, true));
    }
    groups.push(text);
    if menu.running {
        groups.push(vec![
            run("Tell when it ends", ActionName::NotifyWhenDone, true),
            run("Move to a tab", ActionName::MoveRunningCommand, true),
            run("Integrate this shell", ActionName::IntegrateShell, true),
        ]);
    }
    if menu.block {
        // The pane's own items are in the palette; so many would leave a small window.
        groups.push(vec![
            run("Copy block", ActionName::CopyBlock, true),
            run("Copy command", ActionName::CopyBlockCommand, true),
            run("Copy output", ActionName::CopyBlockOutput, true),
            run("Copy as Markdown", ActionName::CopyBlockMarkdown, true),
            run("Copy as HTML", ActionName::CopyBlockHtml, true),
            run("Copy last output", ActionName::CopyLastOutput, true),
        ]);
        groups.push(vec![
            run("Fold or unfold", ActionName::FoldBlock, true),
            run("Fold all", ActionName::FoldAllBlocks, true),
            run("Fold all but failed", ActionName::FoldAllButFailed, true),
            run("Unfold all", ActionName::UnfoldAllBlocks, true),
            run("Filter lines", ActionName::FilterBlock, true),
        ]);
        groups.push(vec![
            run("Run again", ActionName::RerunBlock, true),
            run("Run again beside", ActionName::RerunBlockInPane, true),
            run("Run again in …", ActionName::RerunBlockElsewhere, true),
            run(
                "Run in environment",
                ActionName::RerunBlockInEnvironment,
                true,
            ),
            run("Pipe output", ActionName::PipeBlock, true),
        ]);
        groups.push(vec![
            run("Compare", ActionName::CompareBlocks, true),
            run("Compare earlier run", ActionName::CompareWithHistory, true),
            run("Compare two places", ActionName::CompareEnvironments, true),
        ]);
        groups.push(vec![
            run("Bookmark", ActionName::BookmarkBlock, true),
            run("Name and note", ActionName::NoteBlock, true),
            run("Clear above", ActionName::ClearAboveBlock, true),
            run("Forget", ActionName::ForgetBlock, true),
        ]);
        return groups;
    }
    groups.push(vec![
        run("New tab", ActionName::NewTab, true),
        run("Split right", ActionName::SplitRight, true),
        run("Split down", ActionName::SplitDown, true),
        run("Close pane", ActionName::ClosePane, true),
    ]);
    groups.push(vec![
        run("Clear", ActionName::Clear, true),
        run("Open settings", ActionName::OpenConfig, true),
    ]);
    groups
}

fn item(
    ui: &mut egui::Ui,
    label: &str,
    key: Option<&str>,
    (enabled, marked): (bool, bool),
    tokens: &Tokens,
) -> bool {
    let width = ui.available_width();
    let button = Button::new(RichText::new(label))
        .frame_when_inactive(marked)
        .right_text(RichText::new(key.unwrap_or_default()).color(tokens.subtle))
        .min_size(egui::vec2(width, ITEM));
    let button = if marked {
        button.stroke(Stroke::new(1.0, tokens.accent))
    } else {
        button
    };
    ui.with_layout(Layout::top_down(Align::Min), |ui| {
        let response = ui.add_enabled(enabled, button);
        if marked {
            response.scroll_to_me(None);
        }
        response.clicked()
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(context: &egui::Context, menu: &mut Menu, pressed: &[Key]) -> Option<MenuAction> {
        let events = pressed
            .iter()
            .map(|key| egui::Event::Key {
                key: *key,
                physical_key: None,
                pressed: true,
                repeat: false,
                modifiers: Modifiers::NONE,
            })
            .collect();
        let input = egui::RawInput {
            events,
            ..egui::RawInput::default()
        };
        let theme = config::theme::find("Terrace Dark", None).unwrap();
        let mut chosen = None;
        let mut output = context.run_ui(input, |ui| {
            chosen = show(ui.ctx(), menu, |_| None, &Tokens::new(&theme)).or(chosen.take());
        });
        output.textures_delta.clear();
        chosen
    }

    #[test]
    fn arrows_and_enter_choose_what_can_be_chosen() {
        let mut menu = Menu::new(0.0, 0.0);
        let context = egui::Context::default();
        // Nothing is selected, so that copying is passed over.
        press(&context, &mut menu, &[Key::ArrowDown]);
        assert_eq!(menu.marked, Some(1));
        press(&context, &mut menu, &[Key::ArrowUp]);
        assert_eq!(menu.marked, Some(9), "round to the last");
        press(&context, &mut menu, &[Key::Home]);
        press(&context, &mut menu, &[Key::ArrowDown]);
        let chosen = press(&context, &mut menu, &[Key::Enter]);
        assert_eq!(chosen, Some(MenuAction::Run(ActionName::SelectAll)));
    }
}

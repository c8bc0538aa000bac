//! The context menu of a pane: what can be done with what is under the pointer.

use config::ActionName;
use egui::{Align, Button, Key, Layout, RichText, Stroke};

use super::tokens::{RADIUS, STEP, Tokens};

/// Width of its items, in logical pixels.
const WIDTH: f32 = 232.0;
/// The same with what can be done with a block.
const BLOCK_WIDTH: f32 = 286.0;

/// An open menu.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Menu {
    /// Where, in logical pixels from the window's left edge.
    pub(crate) x: f32,
    /// Where, in logical pixels from the window's top edge.
    pub(crate) y: f32,
    /// Something is selected.
    pub(crate) selected: bool,
    /// The link under the pointer.
    pub(crate) link: Option<String>,
    /// There is a block to do something with.
    pub(crate) block: bool,
    /// A command runs.
    pub(crate) running: bool,
    /// It was laid out once: from then on a press beside it closes it. Before, the press that egui
    /// reports is the one that opened it.
    pub(crate) laid_out: bool,
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
    let shown = egui::Area::new(egui::Id::unique("menu"))
        .fixed_pos(egui::pos2(menu.x, menu.y))
        .order(egui::Order::Foreground)
        .constrain_to(context.content_rect().shrink(STEP * 2.0))
        .show(context, |ui| {
            let frame = egui::Frame::new()
                .fill(tokens.raised)
                .stroke(Stroke::new(1.0, tokens.line))
                .corner_radius(RADIUS)
                .inner_margin(STEP);
            frame.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let room = context.content_rect().size() - egui::vec2(STEP * 6.0, STEP * 6.0);
                let width = if menu.block { BLOCK_WIDTH } else { WIDTH };
                let groups = groups(menu);
                let two = menu.block && room.x > width * 2.0 + STEP * 4.0;
                let columns = if two { in_two(groups) } else { vec![groups] };
                let mut show_column = |ui: &mut egui::Ui, groups: Vec<Vec<Item>>| {
                    ui.set_width(width);
                    for (number, group) in groups.into_iter().enumerate() {
                        ui.add_space(if number > 0 { STEP } else { 0.0 });
                        for (label, action, enabled) in group {
                            let key = match &action {
                                MenuAction::Run(action) => hint(*action),
                                _ => None,
                            };
                            if item(ui, label, key.as_deref(), enabled, tokens) {
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
        ]);
        groups.push(vec![
            run("Fold or unfold", ActionName::FoldBlock, true),
            run("Fold all but failed", ActionName::FoldAllButFailed, true),
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

fn item(ui: &mut egui::Ui, label: &str, key: Option<&str>, enabled: bool, tokens: &Tokens) -> bool {
    let width = ui.available_width();
    let button = Button::new(RichText::new(label))
        .frame_when_inactive(false)
        .right_text(RichText::new(key.unwrap_or_default()).color(tokens.muted))
        .min_size(egui::vec2(width, 24.0));
    ui.with_layout(Layout::top_down(Align::Min), |ui| {
        ui.add_enabled(enabled, button).clicked()
    })
    .inner
}

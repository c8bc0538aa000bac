//! What is drawn: the grids, by the renderer; the chrome over them, by egui.

pub(crate) mod badges;
pub(crate) mod blocks;
pub(crate) mod canvas;
pub(crate) mod chrome;
pub(crate) mod dialog;
pub(crate) mod environments;
pub(crate) mod hints;
pub(crate) mod history;
pub(crate) mod menu;
pub(crate) mod notices;
pub(crate) mod palette;
pub(crate) mod private;
pub(crate) mod scrollbar;
pub(crate) mod search;
pub(crate) mod tabs;
pub(crate) mod tokens;

/// Darkens all that lies under a panel which leaves only an edge of it to be seen.
pub(crate) fn shade(context: &egui::Context) {
    let layer = egui::LayerId::new(egui::Order::Middle, egui::Id::unique("shade"));
    let painter = context.layer_painter(layer);
    painter.rect_filled(
        context.content_rect(),
        0,
        egui::Color32::from_black_alpha(120),
    );
}

/// Drops the letters of keys with alt, which are no text: they come after the key, and alt may be up again by then.
pub(crate) fn drop_alt_letters(input: &mut egui::InputState) {
    let mut with_alt = false;
    input.events.retain(|event| match event {
        egui::Event::Key {
            pressed: true,
            modifiers,
            ..
        } => {
            with_alt = modifiers.alt;
            true
        }
        egui::Event::Text(_) => !with_alt,
        _ => true,
    });
}

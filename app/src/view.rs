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

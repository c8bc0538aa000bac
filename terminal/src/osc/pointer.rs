//! OSC 22: the pointer's shape, from CSS's list; kitty's stack of them.

use crate::limits::MAX_POINTER_STACK;
use crate::reply::Reply;
use crate::terminal::state::State;

/// The shapes that can be asked for (CSS Basic User Interface, `cursor`).
const SHAPES: &[&str] = &[
    "alias",
    "all-scroll",
    "cell",
    "col-resize",
    "context-menu",
    "copy",
    "crosshair",
    "default",
    "e-resize",
    "ew-resize",
    "grab",
    "grabbing",
    "help",
    "move",
    "n-resize",
    "ne-resize",
    "nesw-resize",
    "no-drop",
    "not-allowed",
    "ns-resize",
    "nw-resize",
    "nwse-resize",
    "pointer",
    "progress",
    "row-resize",
    "s-resize",
    "se-resize",
    "sw-resize",
    "text",
    "vertical-text",
    "w-resize",
    "wait",
    "zoom-in",
    "zoom-out",
];

/// Names that older programs use for them (X11's cursor font).
const ALIASES: &[(&str, &str)] = &[
    ("left_ptr", "default"),
    ("hand", "pointer"),
    ("hand1", "pointer"),
    ("hand2", "pointer"),
    ("xterm", "text"),
    ("ibeam", "text"),
    ("watch", "wait"),
    ("cross", "crosshair"),
    ("question_arrow", "help"),
    ("fleur", "move"),
];

impl State {
    /// OSC 22: `name` sets, `>name` pushes, `<` pops, `?name,…` asks, nothing resets.
    pub(super) fn osc_pointer(&mut self, text: &[u8]) {
        let Ok(text) = std::str::from_utf8(text) else {
            return;
        };
        if let Some(names) = text.strip_prefix('?') {
            let known = names
                .split(',')
                .take(64)
                .map(|name| shape(name).is_some())
                .collect();
            self.replies.push(Reply::PointerShapes(known));
            return;
        }
        if let Some(names) = text.strip_prefix('>') {
            for shape in names.split(',').take(MAX_POINTER_STACK).filter_map(shape) {
                if self.pointers.len() == MAX_POINTER_STACK {
                    self.pointers.remove(0);
                }
                self.pointers.push(shape);
            }
        } else if text.starts_with('<') {
            self.pointers.pop();
        } else {
            let name = text.strip_prefix('=').unwrap_or(text);
            self.pointers.pop();
            match shape(name) {
                Some(shape) => self.pointers.push(shape),
                None if name.is_empty() => self.pointers.clear(),
                None => return,
            }
        }
        let shape = self.pointers.last().copied().unwrap_or("default");
        self.effects.pointer(shape);
    }
}

fn shape(name: &str) -> Option<&'static str> {
    let alias = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map(|&(_, shape)| shape);
    alias.or_else(|| SHAPES.iter().copied().find(|shape| *shape == name))
}

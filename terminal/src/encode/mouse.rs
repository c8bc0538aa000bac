//! What the mouse sends (xterm ctlseqs, "Mouse Tracking").

use super::key::Modifiers;
use crate::modes::InputModes;

/// A mouse button or wheel direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MouseButton {
    /// Button 1.
    Left,
    /// Button 2.
    Middle,
    /// Button 3.
    Right,
    /// Button 4.
    WheelUp,
    /// Button 5.
    WheelDown,
    /// Button 6.
    WheelLeft,
    /// Button 7.
    WheelRight,
    /// Button 8.
    Back,
    /// Button 9.
    Forward,
}

/// Press, release or motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MouseEventKind {
    /// A button went down.
    Press(MouseButton),
    /// A button went up.
    Release(MouseButton),
    /// The pointer moved, with this button held if any.
    Motion(Option<MouseButton>),
}

/// A mouse event over the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MouseEvent {
    /// What happened.
    pub kind: MouseEventKind,
    /// Column of the active screen, 0-based.
    pub column: u16,
    /// Row of the active screen, 0-based.
    pub row: u16,
    /// Physical pixels from the grid's left edge (for 1016).
    pub x: u32,
    /// Physical pixels from the grid's top edge (for 1016).
    pub y: u32,
    /// Modifiers held.
    pub modifiers: Modifiers,
}

/// The bytes that a mouse event sends under these modes; empty when it is not reported.
pub fn encode_mouse(event: &MouseEvent, modes: &InputModes) -> Vec<u8> {
    let _ = (event, modes);
    todo!()
}

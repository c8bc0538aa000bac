//! What a scene is made of: rectangles and glyphs as the device reads them, in layers.

use bytemuck::{Pod, Zeroable};
use terminal::Rgb;

use crate::atlas::{PageKind, Slot};
use crate::{Rect, ViewId};

/// A filled rectangle, 12 bytes; positions in pixels from the layer's origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Quad {
    pub(crate) x: i16,
    pub(crate) y: i16,
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// Straight sRGB.
    pub(crate) color: [u8; 4],
}

/// A glyph, or a rectangle among glyphs, 20 bytes; positions in pixels from the layer's origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Glyph {
    pub(crate) x: i16,
    pub(crate) y: i16,
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// Position on the atlas page.
    pub(crate) u: u16,
    pub(crate) v: u16,
    /// Page.
    pub(crate) layer: u8,
    /// [`Glyph::MASK`], [`Glyph::COLOR`] or [`Glyph::SOLID`].
    pub(crate) kind: u8,
    /// How light the background looks: weighs the strokes.
    pub(crate) backdrop: u8,
    pub(crate) unused: u8,
    /// Straight sRGB.
    pub(crate) color: [u8; 4],
}

impl Glyph {
    /// Coverage from a mask page, in `color`.
    pub(crate) const MASK: u8 = 0;
    /// Color from a color page, at the opacity of `color`.
    pub(crate) const COLOR: u8 = 1;
    /// No page: a rectangle of `color`.
    pub(crate) const SOLID: u8 = 2;

    /// A glyph with its pen at `x` on the baseline `y`.
    pub(crate) fn new(x: i32, y: i32, slot: &Slot, color: [u8; 4], backdrop: u8) -> Self {
        Self {
            x: short(x + i32::from(slot.left)),
            y: short(y - i32::from(slot.top)),
            width: slot.width,
            height: slot.height,
            u: slot.u,
            v: slot.v,
            layer: slot.layer,
            kind: match slot.kind {
                PageKind::Mask => Self::MASK,
                PageKind::Color => Self::COLOR,
            },
            backdrop,
            unused: 0,
            color,
        }
    }

    /// What it covers.
    pub(crate) fn bounds(&self) -> Rect {
        let size = (u32::from(self.width), u32::from(self.height));
        Rect::new(i32::from(self.x), i32::from(self.y), size.0, size.1)
    }

    /// A rectangle.
    pub(crate) fn solid(rect: &Rect, color: [u8; 4]) -> Self {
        let quad = quad(rect, color);
        Self {
            x: quad.x,
            y: quad.y,
            width: quad.width,
            height: quad.height,
            kind: Self::SOLID,
            color,
            ..Self::default()
        }
    }
}

/// A rectangle for the quad pipeline.
pub(crate) fn quad(rect: &Rect, color: [u8; 4]) -> Quad {
    Quad {
        x: short(rect.x),
        y: short(rect.y),
        width: u16::try_from(rect.width).unwrap_or(u16::MAX),
        height: u16::try_from(rect.height).unwrap_or(u16::MAX),
        color,
    }
}

/// A position that the device can read: what is outside of it is outside of every target too.
fn short(value: i32) -> i16 {
    i16::try_from(value).unwrap_or(if value < 0 { i16::MIN } else { i16::MAX })
}

/// An opaque color.
pub(crate) fn opaque(color: Rgb) -> [u8; 4] {
    [color.r, color.g, color.b, 255]
}

/// One step of painting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// A grid: its backgrounds, then its glyphs.
    Grid {
        view: ViewId,
        /// Its rectangle, and what is drawn of it.
        at: Rect,
    },
    /// Rectangles and glyphs over everything before: this range of the overlay.
    Overlay { start: u32, end: u32 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_have_the_layout_of_the_shader() {
        assert_eq!(size_of::<Quad>(), 12);
        assert_eq!(size_of::<Glyph>(), 20);
    }

    #[test]
    fn far_positions_are_kept_in_range() {
        let far = quad(&Rect::new(-100_000, 100_000, 1_000_000, 1), [0; 4]);
        assert_eq!((far.x, far.y, far.width), (i16::MIN, i16::MAX, u16::MAX));
    }
}

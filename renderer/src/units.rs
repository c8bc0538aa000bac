//! Lengths and rectangles with their units; only [`Scale`] turns logical into physical.

/// A length in physical pixels of the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Px(pub i32);

/// A length in logical pixels: what the desktop calls a pixel, before its scale factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct LogicalPx(pub f32);

/// Physical pixels per logical pixel; fractional on many desktops.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Scale(f32);

impl Scale {
    /// The smallest and the largest scale a desktop may announce.
    const RANGE: (f32, f32) = (0.25, 8.0);

    /// A scale, clamped to 0.25–8; what is not a number becomes 1.
    pub fn new(factor: f32) -> Self {
        if factor.is_finite() {
            Self(factor.clamp(Self::RANGE.0, Self::RANGE.1))
        } else {
            Self(1.0)
        }
    }

    /// The factor.
    pub fn factor(self) -> f32 {
        self.0
    }

    /// A logical length in physical pixels, rounded.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "float to int casts saturate"
    )]
    pub fn physical(self, length: LogicalPx) -> Px {
        Px((length.0 * self.0).round() as i32)
    }

    /// A physical length in logical pixels.
    #[expect(
        clippy::cast_precision_loss,
        reason = "pixels of a screen are far below 2^24"
    )]
    pub fn logical(self, length: Px) -> LogicalPx {
        LogicalPx(length.0 as f32 / self.0)
    }

    /// The size in physical pixels of one em of a font, of `points` at 72 to the inch on a screen
    /// of 96 logical pixels to the inch.
    pub fn em(self, points: f32) -> f32 {
        points * 96.0 / 72.0 * self.0
    }
}

impl Default for Scale {
    fn default() -> Self {
        Self(1.0)
    }
}

/// A rectangle in physical pixels, from the target's top left corner; the right and bottom edges
/// are outside of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Top edge.
    pub y: i32,
    /// Width; 0 is an empty rectangle.
    pub width: u32,
    /// Height; 0 is an empty rectangle.
    pub height: u32,
}

impl Rect {
    /// A rectangle from its corner and its size.
    pub const fn new(x: i32, y: i32, width: u32, height: u32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Whether it holds no pixel.
    pub const fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// The column right of the last one.
    pub const fn right(&self) -> i32 {
        self.x.saturating_add_unsigned(self.width)
    }

    /// The row below the last one.
    pub const fn bottom(&self) -> i32 {
        self.y.saturating_add_unsigned(self.height)
    }

    /// Whether the pixel at `x`, `y` is inside.
    pub const fn contains(&self, x: i32, y: i32) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }

    /// What both rectangles cover; empty when they do not meet.
    pub fn intersection(&self, other: &Rect) -> Rect {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let right = self.right().min(other.right());
        let bottom = self.bottom().min(other.bottom());
        Rect {
            x,
            y,
            width: u32::try_from(right.saturating_sub(x)).unwrap_or(0),
            height: u32::try_from(bottom.saturating_sub(y)).unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: Rect, b: Rect, expected: Rect) {
        assert_eq!(a.intersection(&b), expected);
        assert_eq!(b.intersection(&a), expected);
    }

    #[test]
    fn rectangles_intersect() {
        let r = Rect::new;
        check(r(0, 0, 10, 10), r(5, 5, 10, 10), r(5, 5, 5, 5));
        check(r(-5, -5, 10, 10), r(0, 0, 100, 100), r(0, 0, 5, 5));
        assert!(r(0, 0, 10, 10).intersection(&r(20, 0, 1, 1)).is_empty());
        assert!(r(i32::MAX - 1, 0, u32::MAX, 1).right() == i32::MAX);
    }

    #[test]
    fn scales_convert() {
        assert_eq!(Scale::new(1.5).physical(LogicalPx(3.0)), Px(5));
        assert_eq!(Scale::new(2.0).logical(Px(3)), LogicalPx(1.5));
        assert_eq!(Scale::new(f32::NAN), Scale::default());
        assert_eq!(Scale::new(100.0).factor(), 8.0);
        assert_eq!(Scale::new(1.0).em(12.0), 16.0);
    }
}

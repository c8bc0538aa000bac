//! Which parts of the picture differ from the last one.
//!
//! Only the processor is spared the rest: a graphics card draws a whole window sooner than it
//! would be told what to leave out.

use terminal::Rgb;

use crate::Rect;
use crate::scene::{Glyph, Layer};

/// More rectangles than this are joined.
const MAX_RECTS: usize = 6;

/// Parts of the target to draw anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Damage {
    rects: Vec<Rect>,
}

impl Damage {
    /// Nothing.
    pub(crate) fn clear(&mut self) {
        self.rects.clear();
    }

    /// The rectangles; they do not overlap.
    pub(crate) fn rects(&self) -> &[Rect] {
        &self.rects
    }

    /// Adds a rectangle; those that meet become one.
    pub(crate) fn add(&mut self, rect: Rect) {
        if rect.is_empty() {
            return;
        }
        let mut rect = rect;
        // Joining may make it meet others: look again until it meets none.
        while let Some(index) = self.rects.iter().position(|other| meets(other, &rect)) {
            rect = union(&self.rects.swap_remove(index), &rect);
        }
        self.rects.push(rect);
        if self.rects.len() > MAX_RECTS
            && let (Some(a), Some(b)) = (self.rects.pop(), self.rects.pop())
        {
            self.add(union(&a, &b));
        }
    }

    /// Cuts off what is outside of `bounds`.
    pub(crate) fn clip(&mut self, bounds: &Rect) {
        for rect in &mut self.rects {
            *rect = rect.intersection(bounds);
        }
        self.rects.retain(|rect| !rect.is_empty());
    }

    /// Everything.
    pub(crate) fn set(&mut self, whole: Rect) {
        self.rects.clear();
        self.add(whole);
    }
}

/// Whether two rectangles overlap or touch.
fn meets(a: &Rect, b: &Rect) -> bool {
    a.x <= b.right() && b.x <= a.right() && a.y <= b.bottom() && b.y <= a.bottom()
}

/// The smallest rectangle that holds both.
fn union(a: &Rect, b: &Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect {
        x,
        y,
        width: a.right().max(b.right()).abs_diff(x),
        height: a.bottom().max(b.bottom()).abs_diff(y),
    }
}

/// What is the same in two scenes whose rows alone differ.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outline {
    pub(crate) size: (u32, u32),
    pub(crate) clear: Rgb,
    pub(crate) opacity: f32,
    pub(crate) stroke: f32,
    /// Counts up when fonts change.
    pub(crate) fonts: u64,
    pub(crate) layers: Vec<Layer>,
    pub(crate) overlay: Vec<Glyph>,
}

impl Outline {
    /// Adds where the overlay of `new` differs; false when the scenes are not alike, and all of
    /// the picture differs.
    pub(crate) fn compare(&self, new: &Outline, damage: &mut Damage) -> bool {
        let alike = self.size == new.size
            && self.clear == new.clear
            && self.opacity.to_bits() == new.opacity.to_bits()
            && self.stroke.to_bits() == new.stroke.to_bits()
            && self.fonts == new.fonts
            && grids(&self.layers).eq(grids(&new.layers));
        if !alike {
            return false;
        }
        if self.overlay == new.overlay && self.layers == new.layers {
            return true;
        }
        let same = self
            .overlay
            .iter()
            .zip(&new.overlay)
            .take_while(|(a, b)| a == b)
            .count();
        for glyph in self.overlay[same..].iter().chain(&new.overlay[same..]) {
            damage.add(glyph.bounds());
        }
        true
    }
}

fn grids(layers: &[Layer]) -> impl Iterator<Item = &Layer> {
    layers
        .iter()
        .filter(|layer| matches!(layer, Layer::Grid { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(added: &[[u32; 4]], expected: &[[u32; 4]]) {
        let rect = |[x, y, width, height]: [u32; 4]| {
            let signed = |value| i32::try_from(value).unwrap();
            Rect::new(signed(x), signed(y), width, height)
        };
        let mut damage = Damage::default();
        added.iter().for_each(|&added| damage.add(rect(added)));
        let expected: Vec<_> = expected.iter().map(|&expected| rect(expected)).collect();
        assert_eq!(damage.rects(), expected);
    }

    #[test]
    fn rectangles_that_meet_become_one() {
        check(
            &[[0, 0, 5, 5], [10, 10, 5, 5]],
            &[[0, 0, 5, 5], [10, 10, 5, 5]],
        );
        check(&[[0, 0, 100, 20], [0, 20, 100, 20]], &[[0, 0, 100, 40]]);
        check(
            &[[0, 0, 10, 10], [0, 30, 10, 10], [0, 5, 10, 30]],
            &[[0, 0, 10, 40]],
        );
        check(&[[3, 3, 0, 9]], &[]);
    }

    #[test]
    fn rectangles_stay_few_and_cover_all() {
        let mut damage = Damage::default();
        for i in 0..40 {
            damage.add(Rect::new(i * 37 % 40 * 10, i * 10, 4, 4));
        }
        assert!(damage.rects().len() <= MAX_RECTS);
        for i in 0..40 {
            let (x, y) = (i * 37 % 40 * 10, i * 10);
            assert!(damage.rects().iter().any(|rect| rect.contains(x, y)));
        }
    }
}

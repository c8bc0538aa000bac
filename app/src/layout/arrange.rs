//! How a split tree is changed: splitting, taking out, swapping, turning, evening, moving borders; and which
//! pane lies beside another. No operation loses a pane or makes one twice.

use renderer::units::Rect;

use super::{Axis, Layout, Spacing, along, cut};
use crate::pane::PaneId;

/// A side of a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    /// Toward the left edge.
    Left,
    /// Toward the right edge.
    Right,
    /// Toward the top.
    Up,
    /// Toward the bottom.
    Down,
}

impl Direction {
    /// The axis it runs along.
    pub(crate) fn axis(self) -> Axis {
        match self {
            Direction::Left | Direction::Right => Axis::Columns,
            Direction::Up | Direction::Down => Axis::Rows,
        }
    }

    /// Whether coordinates grow in it.
    pub(crate) fn is_forward(self) -> bool {
        matches!(self, Direction::Right | Direction::Down)
    }
}

/// One of a split's halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Half {
    /// Left or upper.
    First,
    /// Right or lower.
    Second,
}

/// The way from the root of a tree to a split.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct BorderPath(Vec<Half>);

impl BorderPath {
    pub(super) fn enter(&mut self, half: Half) {
        self.0.push(half);
    }

    pub(super) fn leave(&mut self) {
        self.0.pop();
    }
}

impl Layout {
    /// Two halves of equal share.
    fn halves(axis: Axis, first: Layout, second: Layout) -> Layout {
        Layout::Split {
            axis,
            ratio: 0.5,
            first: Box::new(first),
            second: Box::new(second),
        }
    }

    /// The tree with `pane` cut in two equal halves and `new` on the given side of it. A tree without `pane`
    /// is cut as a whole, so that `new` always has a place.
    pub(crate) fn split(self, pane: PaneId, side: Direction, new: PaneId) -> Layout {
        if !self.contains(pane) {
            return self.beside(side, new);
        }
        self.map_pane(pane, &|id| Layout::Pane(id).beside(side, new))
    }

    fn beside(self, side: Direction, new: PaneId) -> Layout {
        if side.is_forward() {
            Layout::halves(side.axis(), self, Layout::Pane(new))
        } else {
            Layout::halves(side.axis(), Layout::Pane(new), self)
        }
    }

    fn map_pane(self, pane: PaneId, change: &impl Fn(PaneId) -> Layout) -> Layout {
        match self {
            Layout::Pane(id) if id == pane => change(id),
            Layout::Pane(id) => Layout::Pane(id),
            Layout::Split {
                axis,
                ratio,
                first,
                second,
            } => Layout::Split {
                axis,
                ratio,
                first: Box::new(first.map_pane(pane, change)),
                second: Box::new(second.map_pane(pane, change)),
            },
        }
    }

    /// The tree without `pane`; its sibling takes the place. `None` when nothing is left.
    pub(crate) fn without(self, pane: PaneId) -> Option<Layout> {
        match self {
            Layout::Pane(id) => (id != pane).then_some(Layout::Pane(id)),
            Layout::Split {
                axis,
                ratio,
                first,
                second,
            } => match (first.without(pane), second.without(pane)) {
                (Some(first), Some(second)) => Some(Layout::Split {
                    axis,
                    ratio,
                    first: Box::new(first),
                    second: Box::new(second),
                }),
                (left, right) => left.or(right),
            },
        }
    }

    /// Lets two panes change places.
    pub(crate) fn swap(&mut self, a: PaneId, b: PaneId) {
        if self.contains(a) && self.contains(b) {
            self.each_pane(&mut |id| {
                *id = match *id {
                    id if id == a => b,
                    id if id == b => a,
                    id => id,
                };
            });
        }
    }

    /// Moves every pane to the place of the next one in reading order, the last to the first's (`forward`), or
    /// the other way round. The places stay as they are.
    pub(crate) fn rotate(&mut self, forward: bool) {
        let mut panes = self.panes();
        if forward {
            panes.rotate_right(1);
        } else {
            panes.rotate_left(1);
        }
        let mut panes = panes.into_iter();
        self.each_pane(&mut |id| {
            if let Some(next) = panes.next() {
                *id = next;
            }
        });
    }

    fn each_pane(&mut self, change: &mut impl FnMut(&mut PaneId)) {
        match self {
            Layout::Pane(id) => change(id),
            Layout::Split { first, second, .. } => {
                first.each_pane(change);
                second.each_pane(change);
            }
        }
    }

    /// Gives panes that lie in one row, or one column, the same share of it.
    pub(crate) fn even(&mut self) {
        if let Layout::Split {
            axis,
            ratio,
            first,
            second,
        } = self
        {
            let (a, b) = (first.count_along(*axis), second.count_along(*axis));
            *ratio = a / (a + b);
            first.even();
            second.even();
        }
    }

    /// How many panes lie one after the other along an axis.
    fn count_along(&self, along: Axis) -> f32 {
        match self {
            Layout::Pane(_) => 1.0,
            Layout::Split {
                axis,
                first,
                second,
                ..
            } => {
                let (a, b) = (first.count_along(along), second.count_along(along));
                if *axis == along { a + b } else { a.max(b) }
            }
        }
    }

    /// The nearest pane on a side of another: of those that touch it there, the one with the longest common
    /// edge.
    pub(crate) fn neighbor(&self, pane: PaneId, side: Direction, area: Rect) -> Option<PaneId> {
        // Without minima and borders, so that what touches does not depend on the window's size.
        let places = self.rectangles(area, Spacing::default());
        let (_, own) = *places.iter().find(|(id, _)| *id == pane)?;
        places
            .iter()
            .filter(|(id, place)| {
                *id != pane
                    && match side {
                        Direction::Left => place.right() == own.x,
                        Direction::Right => place.x == own.right(),
                        Direction::Up => place.bottom() == own.y,
                        Direction::Down => place.y == own.bottom(),
                    }
            })
            .map(|(id, place)| {
                let shared = match side.axis() {
                    Axis::Columns => own.bottom().min(place.bottom()) - own.y.max(place.y),
                    Axis::Rows => own.right().min(place.right()) - own.x.max(place.x),
                };
                (shared, *id)
            })
            .filter(|(shared, _)| *shared > 0)
            // The first of equals: the upper or left one.
            .rev()
            .max_by_key(|(shared, _)| *shared)
            .map(|(_, id)| id)
    }

    /// The border that resizes a pane along an axis: the one at its right or lower edge, else the other.
    pub(crate) fn border_of(&self, pane: PaneId, axis: Axis) -> Option<BorderPath> {
        self.border_beside(pane, axis).map(|(path, _)| path)
    }

    /// The same, and the half of it that the pane is in.
    fn border_beside(&self, pane: PaneId, axis: Axis) -> Option<(BorderPath, Half)> {
        let mut way = Vec::new();
        let mut here = self;
        let mut found: Option<(Half, usize)> = None;
        while let Layout::Split {
            axis: own,
            first,
            second,
            ..
        } = here
        {
            let half = if first.contains(pane) {
                Half::First
            } else if second.contains(pane) {
                Half::Second
            } else {
                return None;
            };
            // A border after the pane wins over one before it; of two the nearer one.
            let better = |(known, _): (Half, usize)| half == Half::First || known == Half::Second;
            if *own == axis && found.is_none_or(better) {
                found = Some((half, way.len()));
            }
            way.push(half);
            here = if half == Half::First { first } else { second };
        }
        let (half, depth) = found?;
        way.truncate(depth);
        Some((BorderPath(way), half))
    }

    /// Makes a pane `by` pixels longer along an axis (negative: shorter), as far as the minima allow. `None` when no
    /// other pane lies beside it there.
    pub(crate) fn grow(
        &mut self,
        pane: PaneId,
        axis: Axis,
        by: i32,
        area: Rect,
        spacing: Spacing,
    ) -> Option<()> {
        let (path, half) = self.border_beside(pane, axis)?;
        let borders = self.borders(area, spacing);
        let line = borders.iter().find(|border| border.path == path)?.line;
        let from = match axis {
            Axis::Columns => line.x,
            Axis::Rows => line.y,
        };
        let by = if half == Half::First {
            by
        } else {
            by.saturating_neg()
        };
        self.move_border(&path, from.saturating_add(by), area, spacing);
        Some(())
    }

    /// Puts a border at a position along its axis (physical pixels of the window), as far as the minima allow.
    /// Returns whether it moved.
    pub(crate) fn move_border(
        &mut self,
        path: &BorderPath,
        to: i32,
        area: Rect,
        spacing: Spacing,
    ) -> bool {
        let (mut here, mut area) = (self, area);
        for half in &path.0 {
            let Layout::Split {
                axis,
                ratio,
                first,
                second,
            } = here
            else {
                return false;
            };
            let least = (
                along(*axis, first.minimum(spacing)),
                along(*axis, second.minimum(spacing)),
            );
            let (a, _, b) = cut(area, *axis, *ratio, spacing.border, least);
            (here, area) = match half {
                Half::First => (&mut **first, a),
                Half::Second => (&mut **second, b),
            };
        }
        let Layout::Split {
            axis,
            ratio,
            first,
            second,
        } = here
        else {
            return false;
        };
        let least = (
            along(*axis, first.minimum(spacing)),
            along(*axis, second.minimum(spacing)),
        );
        let start = match axis {
            Axis::Columns => area.x,
            Axis::Rows => area.y,
        };
        let length = along(*axis, (area.width, area.height));
        let usable = length.saturating_sub(spacing.border);
        if usable == 0 {
            return false;
        }
        let wanted = u32::try_from(to.saturating_sub(start)).unwrap_or(0);
        let wanted = match least.0.checked_add(least.1) {
            Some(both) if both <= usable => wanted.clamp(least.0, usable - least.1),
            _ => return false,
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "pixels of a screen are far below 2^24"
        )]
        let share = wanted as f32 / usable as f32;
        let before = cut(area, *axis, *ratio, spacing.border, least);
        *ratio = share;
        cut(area, *axis, share, spacing.border, least) != before
    }

    /// Makes a pane larger or smaller by moving its border `by` pixels in a direction. Returns whether
    /// anything moved.
    pub(crate) fn resize(
        &mut self,
        pane: PaneId,
        direction: Direction,
        by: u32,
        area: Rect,
        spacing: Spacing,
    ) -> bool {
        let Some(path) = self.border_of(pane, direction.axis()) else {
            return false;
        };
        let line = self
            .borders(area, spacing)
            .into_iter()
            .find(|border| border.path == path)
            .map(|border| border.line);
        let Some(line) = line else { return false };
        let from = match direction.axis() {
            Axis::Columns => line.x,
            Axis::Rows => line.y,
        };
        let to = if direction.is_forward() {
            from.saturating_add_unsigned(by)
        } else {
            from.saturating_sub_unsigned(by)
        };
        self.move_border(&path, to, area, spacing)
    }
}

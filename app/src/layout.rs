//! The split tree: which pane is where. Pure geometry, in physical pixels; no pane is known here but by id.
//!
//! A tree's rectangles and the borders between them cover its place exactly, without overlap. Where the place
//! has room for it every pane keeps at least [`Spacing::minimum`], whatever the shares say. How a tree is
//! changed is in `layout/arrange.rs`.

mod arrange;
mod spec;

use renderer::units::Rect;

use crate::pane::PaneId;

pub(crate) use arrange::{BorderPath, Direction};

/// How two halves lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Axis {
    /// Side by side.
    Columns,
    /// One above the other.
    Rows,
}

/// A tab's panes: one, or two halves that are trees themselves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Layout {
    /// One pane fills the place.
    Pane(PaneId),
    /// Two halves, with a border between them.
    Split {
        /// How they lie.
        axis: Axis,
        /// The first half's share, 0–1.
        ratio: f32,
        /// Left or upper half.
        first: Box<Layout>,
        /// Right or lower half.
        second: Box<Layout>,
    },
}

/// Width of the border between panes, in logical pixels.
pub(crate) const BORDER: u32 = 1;

/// What lies between panes, and how small one may get; in physical pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spacing {
    /// Width of the border.
    pub(crate) border: u32,
    /// Least width and height of a pane.
    pub(crate) minimum: (u32, u32),
}

/// A border between two halves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Border {
    /// Where its split is in the tree.
    pub(crate) path: BorderPath,
    /// How the halves lie; the border runs across.
    pub(crate) axis: Axis,
    /// Its pixels.
    pub(crate) line: Rect,
}

impl Layout {
    /// Every pane with its rectangle, in reading order.
    pub(crate) fn rectangles(&self, area: Rect, spacing: Spacing) -> Vec<(PaneId, Rect)> {
        let mut rectangles = Vec::new();
        self.visit(area, spacing, &mut BorderPath::default(), &mut |found| {
            if let Found::Pane(id, area) = found {
                rectangles.push((id, area));
            }
        });
        rectangles
    }

    /// Every border between panes.
    pub(crate) fn borders(&self, area: Rect, spacing: Spacing) -> Vec<Border> {
        let mut borders = Vec::new();
        self.visit(area, spacing, &mut BorderPath::default(), &mut |found| {
            if let Found::Border(border) = found {
                borders.push(border);
            }
        });
        borders
    }

    /// The panes, in reading order.
    pub(crate) fn panes(&self) -> Vec<PaneId> {
        let mut panes = Vec::new();
        self.collect(&mut panes);
        panes
    }

    /// Whether a pane is in the tree.
    pub(crate) fn contains(&self, pane: PaneId) -> bool {
        match self {
            Layout::Pane(id) => *id == pane,
            Layout::Split { first, second, .. } => first.contains(pane) || second.contains(pane),
        }
    }

    /// The least width and height in which every pane keeps its minimum.
    pub(crate) fn minimum(&self, spacing: Spacing) -> (u32, u32) {
        match self {
            Layout::Pane(_) => (spacing.minimum.0.max(1), spacing.minimum.1.max(1)),
            Layout::Split {
                axis,
                first,
                second,
                ..
            } => {
                let (a, b) = (first.minimum(spacing), second.minimum(spacing));
                let sum = |a: u32, b: u32| a.saturating_add(b).saturating_add(spacing.border);
                match axis {
                    Axis::Columns => (sum(a.0, b.0), a.1.max(b.1)),
                    Axis::Rows => (a.0.max(b.0), sum(a.1, b.1)),
                }
            }
        }
    }

    fn collect(&self, into: &mut Vec<PaneId>) {
        match self {
            Layout::Pane(id) => into.push(*id),
            Layout::Split { first, second, .. } => {
                first.collect(into);
                second.collect(into);
            }
        }
    }

    fn visit(
        &self,
        area: Rect,
        spacing: Spacing,
        path: &mut BorderPath,
        tell: &mut impl FnMut(Found),
    ) {
        match self {
            Layout::Pane(id) => tell(Found::Pane(*id, area)),
            Layout::Split {
                axis,
                ratio,
                first,
                second,
            } => {
                let least = (
                    along(*axis, first.minimum(spacing)),
                    along(*axis, second.minimum(spacing)),
                );
                let (a, line, b) = cut(area, *axis, *ratio, spacing.border, least);
                path.enter(arrange::Half::First);
                first.visit(a, spacing, path, tell);
                path.leave();
                tell(Found::Border(Border {
                    path: path.clone(),
                    axis: *axis,
                    line,
                }));
                path.enter(arrange::Half::Second);
                second.visit(b, spacing, path, tell);
                path.leave();
            }
        }
    }

    /// Puts `new` in the place of `old`.
    pub(crate) fn replace(&mut self, old: PaneId, new: PaneId) {
        match self {
            Layout::Pane(id) => {
                if *id == old {
                    *id = new;
                }
            }
            Layout::Split { first, second, .. } => {
                first.replace(old, new);
                second.replace(old, new);
            }
        }
    }
}

/// What a walk over a tree meets.
enum Found {
    Pane(PaneId, Rect),
    Border(Border),
}

/// Of a width and a height, the one along an axis.
fn along(axis: Axis, (width, height): (u32, u32)) -> u32 {
    match axis {
        Axis::Columns => width,
        Axis::Rows => height,
    }
}

/// Cuts `area` at `ratio`: first half, border, second half. Both halves keep their `least` length where there
/// is room for both, and at least one pixel where there are two.
fn cut(area: Rect, axis: Axis, ratio: f32, border: u32, least: (u32, u32)) -> (Rect, Rect, Rect) {
    let length = along(axis, (area.width, area.height));
    let border = border.min(length);
    let usable = length - border;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a pixel count, clamped; halves are whole pixels"
    )]
    let wanted = (f64::from(usable) * f64::from(ratio.clamp(0.0, 1.0))).round() as u32;
    let first = match least.0.checked_add(least.1) {
        Some(both) if both <= usable => wanted.clamp(least.0, usable - least.1),
        _ if usable >= 2 => wanted.clamp(1, usable - 1),
        _ => wanted.min(usable),
    };
    let second = usable - first;
    let slice = |offset: u32, length: u32| match axis {
        Axis::Columns => Rect {
            x: area.x.saturating_add_unsigned(offset),
            width: length,
            ..area
        },
        Axis::Rows => Rect {
            y: area.y.saturating_add_unsigned(offset),
            height: length,
            ..area
        },
    };
    (
        slice(0, first),
        slice(first, border),
        slice(first + border, second),
    )
}

#[cfg(test)]
mod tests;

//! The split tree: which pane is where. Pure geometry, in physical pixels; no pane is known here but by id.

use renderer::units::Rect;

use crate::pane::PaneId;

/// How two halves lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Width of the border between panes, in physical pixels at scale 1.
pub(crate) const BORDER: u32 = 1;

impl Layout {
    /// Every pane with its rectangle, in reading order.
    pub(crate) fn rectangles(&self, area: Rect, border: u32) -> Vec<(PaneId, Rect)> {
        let mut rectangles = Vec::new();
        self.place(area, border, &mut rectangles);
        rectangles
    }

    fn place(&self, area: Rect, border: u32, into: &mut Vec<(PaneId, Rect)>) {
        match self {
            Layout::Pane(id) => into.push((*id, area)),
            Layout::Split {
                axis,
                ratio,
                first,
                second,
            } => {
                let (a, b) = split(area, *axis, *ratio, border);
                first.place(a, border, into);
                second.place(b, border, into);
            }
        }
    }

    /// The panes, in reading order.
    pub(crate) fn panes(&self) -> Vec<PaneId> {
        self.rectangles(Rect::default(), 0)
            .into_iter()
            .map(|(id, _)| id)
            .collect()
    }

    /// The tree with `pane` cut in two equal halves, `new` in the second.
    pub(crate) fn split(self, pane: PaneId, axis: Axis, new: PaneId) -> Layout {
        match self {
            Layout::Pane(id) if id == pane => Layout::Split {
                axis,
                ratio: 0.5,
                first: Box::new(Layout::Pane(id)),
                second: Box::new(Layout::Pane(new)),
            },
            Layout::Pane(id) => Layout::Pane(id),
            Layout::Split {
                axis: outer,
                ratio,
                first,
                second,
            } => Layout::Split {
                axis: outer,
                ratio,
                first: Box::new(first.split(pane, axis, new)),
                second: Box::new(second.split(pane, axis, new)),
            },
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
}

/// Cuts `area` in two at `ratio`, with `border` pixels between; both halves keep at least one pixel.
fn split(area: Rect, axis: Axis, ratio: f32, border: u32) -> (Rect, Rect) {
    let length = match axis {
        Axis::Columns => area.width,
        Axis::Rows => area.height,
    };
    let usable = length.saturating_sub(border);
    // Truncation is wanted: the halves are whole pixels, and the clamp keeps them in range.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a pixel count, clamped"
    )]
    let first = (f64::from(usable) * f64::from(ratio.clamp(0.0, 1.0))).round() as u32;
    let first = first.clamp(1.min(usable), usable.saturating_sub(1).max(1));
    let second = usable.saturating_sub(first);
    let offset = i32::try_from(first + border).unwrap_or(i32::MAX);
    match axis {
        Axis::Columns => (
            Rect {
                width: first,
                ..area
            },
            Rect {
                x: area.x.saturating_add(offset),
                width: second,
                ..area
            },
        ),
        Axis::Rows => (
            Rect {
                height: first,
                ..area
            },
            Rect {
                y: area.y.saturating_add(offset),
                height: second,
                ..area
            },
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect {
        x: 10,
        y: 20,
        width: 101,
        height: 60,
    };

    fn columns(first: Layout, second: Layout) -> Layout {
        Layout::Split {
            axis: Axis::Columns,
            ratio: 0.5,
            first: Box::new(first),
            second: Box::new(second),
        }
    }

    #[test]
    fn one_pane_fills_the_place() {
        let layout = Layout::Pane(PaneId(1));
        assert_eq!(layout.rectangles(AREA, 1), [(PaneId(1), AREA)]);
    }

    #[test]
    fn halves_and_border_cover_the_place() {
        let layout = columns(Layout::Pane(PaneId(1)), Layout::Pane(PaneId(2)));
        let got = layout.rectangles(AREA, 1);
        assert_eq!(got[0].1, Rect { width: 50, ..AREA });
        assert_eq!(
            got[1].1,
            Rect {
                x: 61,
                width: 50,
                ..AREA
            }
        );
    }

    #[test]
    fn a_split_cuts_one_pane_only() {
        let layout = columns(Layout::Pane(PaneId(1)), Layout::Pane(PaneId(2)));
        let layout = layout.split(PaneId(2), Axis::Rows, PaneId(3));
        let got = layout.rectangles(AREA, 1);
        assert_eq!(got[0].1, Rect { width: 50, ..AREA });
        assert_eq!(got[1].1.y, AREA.y);
        assert_eq!(
            got[2].1,
            Rect {
                x: 61,
                y: 51,
                width: 50,
                height: 29
            }
        );
    }

    #[test]
    fn removing_a_pane_gives_its_place_to_the_sibling() {
        let layout = columns(
            Layout::Pane(PaneId(1)),
            columns(Layout::Pane(PaneId(2)), Layout::Pane(PaneId(3))),
        );
        assert_eq!(layout.panes(), [PaneId(1), PaneId(2), PaneId(3)]);
        let layout = layout.without(PaneId(2)).expect("two panes are left");
        assert_eq!(layout.panes(), [PaneId(1), PaneId(3)]);
        assert_eq!(Layout::Pane(PaneId(1)).without(PaneId(1)), None);
    }

    #[test]
    fn a_place_too_small_never_underflows() {
        let tiny = Rect {
            x: 0,
            y: 0,
            width: 1,
            height: 1,
        };
        let layout = columns(Layout::Pane(PaneId(1)), Layout::Pane(PaneId(2)));
        assert_eq!(layout.rectangles(tiny, 4).len(), 2);
    }
}

//! Split trees and the layouts of the settings: one made from the other.

use config::layouts::{NodeSpec, PaneSpec, Split};

use super::{Axis, Layout};
use crate::pane::PaneId;

impl Layout {
    /// The tree that a layout describes; `open` makes a pane for each of its places.
    pub(crate) fn from_spec(node: &NodeSpec, open: &mut impl FnMut(&PaneSpec) -> PaneId) -> Layout {
        match node {
            NodeSpec::Pane(pane) => Layout::Pane(open(pane)),
            NodeSpec::Split { split, parts } => {
                let axis = match split {
                    Split::Columns => Axis::Columns,
                    Split::Rows => Axis::Rows,
                };
                let trees: Vec<(f32, Layout)> = parts
                    .iter()
                    .map(|(share, part)| (*share, Layout::from_spec(part, open)))
                    .collect();
                joined(axis, trees)
            }
        }
    }

    /// The layout that describes the tree; `describe` says what is in a pane.
    pub(crate) fn to_spec(&self, describe: &impl Fn(PaneId) -> PaneSpec) -> NodeSpec {
        match self {
            Layout::Pane(id) => NodeSpec::Pane(describe(*id)),
            Layout::Split { axis, .. } => {
                let mut parts = Vec::new();
                self.flatten(*axis, 1.0, &mut parts);
                #[expect(clippy::cast_precision_loss, reason = "a few panes")]
                let count = parts.len() as f32;
                let parts = parts.into_iter().map(|(share, part)| {
                    // Equal parts have the share 1; a hundredth of it is a pixel or two.
                    let share = (share * count * 100.0).round() / 100.0;
                    (share.clamp(0.01, 100.0), part.to_spec(describe))
                });
                NodeSpec::Split {
                    split: match axis {
                        Axis::Columns => Split::Columns,
                        Axis::Rows => Split::Rows,
                    },
                    parts: parts.collect(),
                }
            }
        }
    }

    /// The parts that lie one after the other along an axis, each with its share of the whole.
    fn flatten<'a>(&'a self, along: Axis, share: f32, into: &mut Vec<(f32, &'a Layout)>) {
        match self {
            Layout::Split {
                axis,
                ratio,
                first,
                second,
            } if *axis == along => {
                let ratio = ratio.clamp(0.0, 1.0);
                first.flatten(along, share * ratio, into);
                second.flatten(along, share * (1.0 - ratio), into);
            }
            other => into.push((share, other)),
        }
    }
}

/// Trees one after the other along an axis, with their shares.
fn joined(axis: Axis, trees: Vec<(f32, Layout)>) -> Layout {
    let mut trees = trees.into_iter().rev();
    let (mut sum, mut whole) = trees.next().unwrap_or((1.0, Layout::Pane(PaneId(0))));
    for (share, tree) in trees {
        sum += share;
        whole = Layout::Split {
            axis,
            ratio: share / sum,
            first: Box::new(tree),
            second: Box::new(whole),
        };
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pane(name: &str) -> NodeSpec {
        NodeSpec::Pane(PaneSpec {
            folder: Some(name.to_owned()),
            ..PaneSpec::default()
        })
    }

    #[test]
    fn a_layout_comes_back_as_it_was() {
        let spec = NodeSpec::Split {
            split: Split::Columns,
            parts: vec![
                (1.5, pane("1")),
                (
                    0.75,
                    NodeSpec::Split {
                        split: Split::Rows,
                        parts: vec![(1.0, pane("2")), (1.0, pane("3")), (1.0, pane("4"))],
                    },
                ),
                (0.75, pane("5")),
            ],
        };
        let mut next = 0;
        let layout = Layout::from_spec(&spec, &mut |_| {
            next += 1;
            PaneId(next)
        });
        assert_eq!(layout.panes().len(), 5);
        let back = layout.to_spec(&|id| PaneSpec {
            folder: Some(id.0.to_string()),
            ..PaneSpec::default()
        });
        assert_eq!(back, spec);
    }
}

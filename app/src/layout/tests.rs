//! Trees of panes: tables for what is where, properties for what always holds.

use proptest::prelude::*;

use super::*;

const AREA: Rect = Rect::new(10, 20, 101, 60);
const SPACING: Spacing = Spacing {
    border: 1,
    minimum: (4, 3),
};

fn pane(id: u64) -> Layout {
    Layout::Pane(PaneId(id))
}

fn split(axis: Axis, first: Layout, second: Layout) -> Layout {
    Layout::Split {
        axis,
        ratio: 0.5,
        first: Box::new(first),
        second: Box::new(second),
    }
}

fn columns(first: Layout, second: Layout) -> Layout {
    split(Axis::Columns, first, second)
}

fn rows(first: Layout, second: Layout) -> Layout {
    split(Axis::Rows, first, second)
}

/// `1 | 2 / 3 | 4`: left one, in the middle two, right one.
fn four() -> Layout {
    columns(pane(1), columns(rows(pane(2), pane(3)), pane(4)))
}

fn ids(layout: &Layout) -> Vec<u64> {
    layout.panes().into_iter().map(|id| id.0).collect()
}

#[test]
fn one_pane_fills_the_place() {
    assert_eq!(pane(1).rectangles(AREA, SPACING), [(PaneId(1), AREA)]);
    assert!(pane(1).borders(AREA, SPACING).is_empty());
}

#[test]
fn halves_and_border_cover_the_place() {
    let layout = columns(pane(1), pane(2));
    let got = layout.rectangles(AREA, SPACING);
    assert_eq!(got[0].1, Rect::new(10, 20, 50, 60));
    assert_eq!(got[1].1, Rect::new(61, 20, 50, 60));
    let borders = layout.borders(AREA, SPACING);
    assert_eq!(borders[0].line, Rect::new(60, 20, 1, 60));
}

#[test]
fn a_split_cuts_one_pane_only_and_on_the_side_asked_for() {
    #[track_caller]
    fn check(side: Direction, expected: &[u64], axis: Axis) {
        let layout = columns(pane(1), pane(2)).split(PaneId(2), side, PaneId(3));
        assert_eq!(ids(&layout), expected);
        let Layout::Split { first, second, .. } = layout else {
            panic!("no split")
        };
        assert_eq!(*first, pane(1));
        assert!(matches!(*second, Layout::Split { axis: own, .. } if own == axis));
    }
    check(Direction::Right, &[1, 2, 3], Axis::Columns);
    check(Direction::Left, &[1, 3, 2], Axis::Columns);
    check(Direction::Down, &[1, 2, 3], Axis::Rows);
    check(Direction::Up, &[1, 3, 2], Axis::Rows);
    let beside = pane(1).split(PaneId(9), Direction::Right, PaneId(2));
    assert_eq!(beside, columns(pane(1), pane(2)));
}

#[test]
fn removing_a_pane_gives_its_place_to_the_sibling() {
    let layout = four().without(PaneId(2)).expect("three are left");
    assert_eq!(layout, columns(pane(1), columns(pane(3), pane(4))));
    assert_eq!(pane(1).without(PaneId(1)), None);
}

#[test]
fn panes_change_places_and_turn() {
    let mut layout = four();
    layout.swap(PaneId(1), PaneId(3));
    assert_eq!(ids(&layout), [3, 2, 1, 4]);
    layout.swap(PaneId(1), PaneId(9));
    assert_eq!(ids(&layout), [3, 2, 1, 4]);
    layout.rotate(true);
    assert_eq!(ids(&layout), [4, 3, 2, 1]);
    layout.rotate(false);
    assert_eq!(ids(&layout), [3, 2, 1, 4]);
}

#[test]
fn evening_gives_a_row_equal_shares() {
    let mut layout = four();
    layout.even();
    let spacing = Spacing {
        border: 0,
        ..SPACING
    };
    let got = layout.rectangles(Rect::new(0, 0, 90, 40), spacing);
    let widths: Vec<u32> = got.iter().map(|(_, place)| place.width).collect();
    assert_eq!(widths, [30, 30, 30, 30]);
    assert_eq!((got[1].1.height, got[2].1.height), (20, 20));
}

#[test]
fn neighbors_are_those_that_touch() {
    #[track_caller]
    fn check(from: u64, side: Direction, expected: Option<u64>) {
        let found = four().neighbor(PaneId(from), side, AREA);
        assert_eq!(found, expected.map(PaneId), "{from} {side:?}");
    }
    check(1, Direction::Right, Some(2));
    check(1, Direction::Left, None);
    check(2, Direction::Down, Some(3));
    check(3, Direction::Up, Some(2));
    check(3, Direction::Right, Some(4));
    check(4, Direction::Left, Some(2));
    check(4, Direction::Down, None);
    check(9, Direction::Down, None);
}

#[test]
fn a_pane_is_resized_by_the_border_after_it() {
    #[track_caller]
    fn check(pane: u64, direction: Direction, moved: bool, widths: [u32; 4]) {
        let mut layout = four();
        let got = layout.resize(PaneId(pane), direction, 5, AREA, SPACING);
        assert_eq!(got, moved);
        let places = layout.rectangles(AREA, SPACING);
        let got: Vec<u32> = places.iter().map(|(_, place)| place.width).collect();
        assert_eq!(got, widths, "{pane} {direction:?}");
    }
    check(1, Direction::Right, true, [55, 22, 22, 22]);
    check(1, Direction::Left, true, [45, 27, 27, 27]);
    check(2, Direction::Right, true, [50, 30, 30, 19]);
    check(4, Direction::Right, true, [50, 30, 30, 19]);
    check(1, Direction::Down, false, [50, 25, 25, 24]);
}

#[test]
fn borders_stop_at_the_minimum() {
    let mut layout = four();
    let path = layout.borders(AREA, SPACING)[0].path.clone();
    assert!(layout.move_border(&path, -1000, AREA, SPACING));
    assert_eq!(layout.rectangles(AREA, SPACING)[0].1.width, 4);
    assert!(layout.move_border(&path, 100_000, AREA, SPACING));
    let widths: Vec<u32> = layout
        .rectangles(AREA, SPACING)
        .iter()
        .map(|(_, place)| place.width)
        .collect();
    assert_eq!(widths, [91, 4, 4, 4]);
    assert!(!layout.move_border(&path, 100_000, AREA, SPACING));
}

#[test]
fn a_place_too_small_never_underflows() {
    for size in 0..6 {
        let tiny = Rect::new(0, 0, size, size);
        let spacing = Spacing {
            border: 4,
            ..SPACING
        };
        assert_eq!(four().rectangles(tiny, spacing).len(), 4);
    }
}

/// A tree of up to about 30 panes with shares of every kind, panes numbered in no order.
fn any_layout() -> impl Strategy<Value = Layout> {
    let leaf = Just(pane(0));
    let tree = leaf.prop_recursive(5, 32, 2, |inner| {
        (any::<bool>(), -0.5f32..1.5, inner.clone(), inner).prop_map(
            |(is_columns, ratio, first, second)| Layout::Split {
                axis: if is_columns {
                    Axis::Columns
                } else {
                    Axis::Rows
                },
                ratio,
                first: Box::new(first),
                second: Box::new(second),
            },
        )
    });
    tree.prop_map(|mut layout| {
        number(&mut layout, &mut 1);
        layout
    })
}

fn number(layout: &mut Layout, next: &mut u64) {
    match layout {
        Layout::Pane(id) => {
            *id = PaneId(*next);
            *next += 1;
        }
        Layout::Split { first, second, .. } => {
            number(first, next);
            number(second, next);
        }
    }
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![
        Just(Direction::Left),
        Just(Direction::Right),
        Just(Direction::Up),
        Just(Direction::Down),
    ]
}

fn sorted(layout: &Layout) -> Vec<u64> {
    let mut all = ids(layout);
    all.sort_unstable();
    all
}

/// Panes and borders cover the place exactly, and panes keep their minimum if there is room.
fn check_tiling(layout: &Layout, area: Rect, spacing: Spacing) -> Result<(), TestCaseError> {
    let panes = layout.rectangles(area, spacing);
    let borders = layout.borders(area, spacing);
    prop_assert_eq!(borders.len() + 1, panes.len());
    let pixels = |place: &Rect| u64::from(place.width) * u64::from(place.height);
    let places: Vec<Rect> = panes
        .iter()
        .map(|(_, place)| *place)
        .chain(borders.iter().map(|border| border.line))
        .collect();
    prop_assert_eq!(places.iter().map(pixels).sum::<u64>(), pixels(&area));
    for (at, place) in places.iter().enumerate() {
        prop_assert_eq!(place.intersection(&area), *place);
        for other in &places[at + 1..] {
            prop_assert!(place.intersection(other).is_empty() || place.is_empty());
        }
    }
    let least = layout.minimum(spacing);
    if area.width >= least.0 && area.height >= least.1 {
        for (_, place) in &panes {
            prop_assert!(place.width >= spacing.minimum.0 && place.height >= spacing.minimum.1);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn places_tile(
        layout in any_layout(),
        width in 0u32..900,
        height in 0u32..700,
        border in 0u32..5,
    ) {
        let spacing = Spacing { border, minimum: (12, 9) };
        check_tiling(&layout, Rect::new(3, 5, width, height), spacing)?;
    }

    #[test]
    fn no_operation_loses_a_pane(
        layout in any_layout(),
        (a, b) in (1u64..40, 1u64..40),
        side in direction(),
        by in 0u32..2000,
    ) {
        let area = Rect::new(0, 0, 800, 600);
        let all = sorted(&layout);
        let mut changed = layout.clone();
        changed.swap(PaneId(a), PaneId(b));
        changed.rotate(a > b);
        changed.even();
        changed.resize(PaneId(a), side, by, area, SPACING);
        prop_assert_eq!(sorted(&changed), all.clone());
        check_tiling(&changed, area, SPACING)?;
        let grown = changed.split(PaneId(a), side, PaneId(1000));
        let mut more = all.clone();
        more.push(1000);
        prop_assert_eq!(sorted(&grown), more);
        let shrunk = grown.without(PaneId(1000)).expect("others are left");
        prop_assert_eq!(sorted(&shrunk), all.clone());
        let without = shrunk.without(PaneId(a)).map_or(Vec::new(), |rest| sorted(&rest));
        prop_assert_eq!(without, all.iter().copied().filter(|id| *id != a).collect::<Vec<_>>());
    }

    #[test]
    fn a_border_goes_where_it_is_put(layout in any_layout(), share in 0.0f32..1.0) {
        let area = Rect::new(7, 9, 900, 700);
        for border in layout.borders(area, SPACING) {
            let mut moved = layout.clone();
            let (start, length) = match border.axis {
                Axis::Columns => (area.x, area.width),
                Axis::Rows => (area.y, area.height),
            };
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a test's pixels")]
            let to = start + (length as f32 * share) as i32;
            moved.move_border(&border.path, to, area, SPACING);
            check_tiling(&moved, area, SPACING)?;
            prop_assert_eq!(sorted(&moved), sorted(&layout));
        }
    }

    #[test]
    fn a_neighbor_sees_its_neighbor_back_or_another_there(layout in any_layout(), side in direction()) {
        let area = Rect::new(0, 0, 9000, 7000);
        let back = match side {
            Direction::Left => Direction::Right,
            Direction::Right => Direction::Left,
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
        };
        for id in layout.panes() {
            if let Some(next) = layout.neighbor(id, side, area) {
                prop_assert_ne!(next, id);
                prop_assert!(layout.neighbor(next, back, area).is_some());
            }
        }
    }
}

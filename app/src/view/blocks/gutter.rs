//! The gutter: a mark beside each command that says by shape and color how it ended, and bars along blocks that
//! failed or are selected. Pure: rectangles in pixels.

use renderer::units::Rect;

use super::header::Ink;
use super::summary::Status;

/// Width of the gutter in logical pixels.
pub(crate) const WIDTH: f32 = 16.0;
/// Units of a mark's side; a unit is a logical pixel.
const SIDE: i32 = 7;

/// The shape and color of a status, drawn on 7 × 7 units.
fn shape(status: Status) -> ([&'static str; 7], Ink) {
    match status {
        // A dot.
        Status::Ok => (
            [
                ".......", "..###..", ".#####.", ".#####.", ".#####.", "..###..", ".......",
            ],
            Ink::Muted,
        ),
        // A cross.
        Status::Failed => (
            [
                "##...##", "###.###", ".#####.", "..###..", ".#####.", "###.###", "##...##",
            ],
            Ink::Error,
        ),
        // A bar across.
        Status::Neutral => (
            [
                ".......", ".......", "#######", "#######", "#######", ".......", ".......",
            ],
            Ink::Muted,
        ),
        // A cross in outline: nothing ran.
        Status::Rejected => (
            [
                "#.....#", ".#...#.", "..#.#..", "...#...", "..#.#..", ".#...#.", "#.....#",
            ],
            Ink::Error,
        ),
        // A triangle that points on.
        Status::Running => (
            [
                ".##....", ".####..", ".#####.", ".######", ".#####.", ".####..", ".##....",
            ],
            Ink::Accent,
        ),
        // An empty square.
        Status::Lost => (
            [
                "#######", "#.....#", "#.....#", "#.....#", "#.....#", "#.....#", "#######",
            ],
            Ink::Muted,
        ),
        // Two dots.
        Status::Background => (
            [
                ".......", ".......", "##...##", "##...##", "##...##", ".......", ".......",
            ],
            Ink::Muted,
        ),
    }
}

/// Pixels of a unit.
fn unit(scale: f32) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "a few pixels")]
    let unit = scale.round().max(1.0) as i32;
    unit
}

/// A status's mark in the gutter at the left of `row`; its rectangles and its color. Nothing where the gutter is
/// too narrow for it.
pub(crate) fn mark(status: Status, gutter: Rect, row: Rect, scale: f32) -> (Vec<Rect>, Ink) {
    let (lines, ink) = shape(status);
    let unit = unit(scale);
    let side = SIDE * unit;
    let width = i32::try_from(gutter.width).unwrap_or(0);
    let height = i32::try_from(row.height).unwrap_or(0);
    if width < side || height < side {
        return (Vec::new(), ink);
    }
    let left = gutter.x + ((width - side) / 2 - unit).max(0);
    let top = row.y + (height - side) / 2;
    let mut rects = Vec::new();
    for (line, y) in lines.iter().zip(0..) {
        let mut start = None;
        for (sign, x) in line.bytes().chain([b'.']).zip(0..) {
            match (sign, start) {
                (b'#', None) => start = Some(x),
                (b'.', Some(first)) => {
                    rects.push(Rect {
                        x: left + first * unit,
                        y: top + y * unit,
                        width: u32::try_from((x - first) * unit).unwrap_or(0),
                        height: u32::try_from(unit).unwrap_or(1),
                    });
                    start = None;
                }
                _ => {}
            }
        }
    }
    (rects, ink)
}

/// A bar along rows at the gutter's left edge.
pub(crate) fn bar(gutter: Rect, rows: Rect, scale: f32) -> Rect {
    let unit = u32::try_from(unit(scale)).unwrap_or(1);
    Rect {
        x: gutter.x,
        y: rows.y,
        width: (2 * unit).min(gutter.width),
        height: rows.height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUTTER: Rect = Rect {
        x: 0,
        y: 0,
        width: 14,
        height: 400,
    };
    const ROW: Rect = Rect {
        x: 14,
        y: 32,
        width: 640,
        height: 17,
    };

    const ALL: [Status; 7] = [
        Status::Running,
        Status::Ok,
        Status::Failed,
        Status::Neutral,
        Status::Rejected,
        Status::Lost,
        Status::Background,
    ];

    #[test]
    fn marks_stay_in_the_gutter_and_in_their_row() {
        for scale in [1.0, 1.25, 2.0] {
            let scaled = |rect: Rect| Rect {
                x: rect.x * 2,
                y: rect.y * 2,
                width: rect.width * 2,
                height: rect.height * 2,
            };
            let (gutter, row) = if scale > 1.5 {
                (scaled(GUTTER), scaled(ROW))
            } else {
                (GUTTER, ROW)
            };
            for status in ALL {
                let (rects, _) = mark(status, gutter, row, scale);
                assert!(!rects.is_empty());
                for rect in rects {
                    assert!(rect.x >= gutter.x && rect.right() <= gutter.right());
                    assert!(rect.y >= row.y && rect.bottom() <= row.bottom());
                }
            }
        }
    }

    #[test]
    fn no_two_look_alike_without_color() {
        for (i, a) in ALL.iter().enumerate() {
            for b in &ALL[i + 1..] {
                assert_ne!(shape(*a).0, shape(*b).0, "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn a_narrow_gutter_has_no_marks() {
        let narrow = Rect { width: 4, ..GUTTER };
        assert_eq!(mark(Status::Ok, narrow, ROW, 1.0).0, []);
    }
}

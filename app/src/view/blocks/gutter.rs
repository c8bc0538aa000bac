//! The gutter: a mark beside each command that says by shape and color how it ended, and bars along blocks that
//! failed or are selected. Pure: rectangles in pixels.

use renderer::units::Rect;

use super::header::Ink;
use super::summary::Status;

/// Width of the gutter in logical pixels.
pub(crate) const WIDTH: f32 = 16.0;
/// Units of a mark's side; a unit is a logical pixel.
const SIDE: i32 = 7;

/// The color of a status's mark.
fn ink(status: Status) -> Ink {
    match status {
        Status::Failed | Status::Rejected => Ink::Error,
        Status::Running => Ink::Accent,
        Status::Ok | Status::Neutral | Status::Lost | Status::Background => Ink::Muted,
    }
}

/// Whether a mark covers a point, each coordinate from −1 to 1, right and down.
fn covers(status: Status, x: f32, y: f32) -> bool {
    let (across, down) = (x.abs(), y.abs());
    match status {
        // A dot.
        Status::Ok => x * x + y * y <= 0.5,
        // A cross.
        Status::Failed => (across - down).abs() <= 0.36,
        // A thin cross: nothing ran.
        Status::Rejected => (across - down).abs() <= 0.18,
        // A bar across.
        Status::Neutral => down <= 0.43,
        // A triangle that points on.
        Status::Running => x >= -0.75 && down <= (1.0 - x) * 0.56,
        // An empty square.
        Status::Lost => across.max(down) >= 0.7,
        // Two dots.
        Status::Background => down <= 0.43 && across >= 0.5,
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
    let ink = ink(status);
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
    #[expect(clippy::cast_precision_loss, reason = "a few pixels")]
    let place = |pixel: i32| (2 * pixel + 1 - side) as f32 / side as f32;
    for y in 0..side {
        let mut start = None;
        for x in 0..=side {
            let inside = x < side && covers(status, place(x), place(y));
            match (inside, start) {
                (true, None) => start = Some(x),
                (false, Some(first)) => {
                    rects.push(Rect {
                        x: left + first,
                        y: top + y,
                        width: u32::try_from(x - first).unwrap_or(0),
                        height: 1,
                    });
                    start = None;
                }
                _ => {}
            }
        }
    }
    (rects, ink)
}

/// A section's mark beside its title: a triangle that points on while its lines are hidden, else down.
pub(crate) fn section(folded: bool, gutter: Rect, row: Rect, scale: f32) -> Vec<Rect> {
    let unit = unit(scale);
    let (long, short) = (5 * unit, 3 * unit);
    let width = i32::try_from(gutter.width).unwrap_or(0);
    let height = i32::try_from(row.height).unwrap_or(0);
    if width < long || height < long {
        return Vec::new();
    }
    let (wide, tall) = if folded { (short, long) } else { (long, short) };
    let left = gutter.x + (width - wide) / 2;
    let top = row.y + (height - tall) / 2;
    (0..tall)
        .filter_map(|y| {
            let (x, length) = if folded {
                // As far right as the row is near the middle.
                let near = y.min(tall - 1 - y);
                (0, (near * wide * 2 / tall + 1).min(wide))
            } else {
                let inset = y * wide / (2 * tall);
                (inset, wide - 2 * inset)
            };
            (length > 0).then(|| Rect {
                x: left + x,
                y: top + y,
                width: u32::try_from(length).unwrap_or(0),
                height: 1,
            })
        })
        .collect()
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

/// Lines along rows at the gutter's right edge, one for each command around a block; more than fit beside the
/// marks look alike.
pub(crate) fn nesting(depth: usize, gutter: Rect, rows: Rect, scale: f32) -> Vec<Rect> {
    const MOST: usize = 3;
    let unit = unit(scale);
    (0..depth.min(MOST))
        .filter_map(|level| {
            // One unit off the text.
            let inset = unit * (2 + 2 * i32::try_from(level).ok()?);
            let width = u32::try_from(unit).ok()?;
            (gutter.right() - inset >= gutter.x).then_some(Rect {
                x: gutter.right() - inset,
                y: rows.y,
                width,
                height: rows.height,
            })
        })
        .collect()
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
        for scale in [1.0, 2.0] {
            let wide = Rect {
                width: 40,
                ..GUTTER
            };
            let tall = Rect { height: 40, ..ROW };
            for (i, a) in ALL.iter().enumerate() {
                for b in &ALL[i + 1..] {
                    let shape = |status| mark(status, wide, tall, scale).0;
                    assert_ne!(shape(*a), shape(*b), "{a:?} and {b:?}");
                }
            }
        }
    }

    #[test]
    fn sections_point_where_their_lines_are() {
        let on = section(true, GUTTER, ROW, 1.0);
        let down = section(false, GUTTER, ROW, 1.0);
        assert!(on.len() > down.len());
        assert!(down[0].width > down[down.len() - 1].width);
        for rect in on.iter().chain(&down) {
            assert!(rect.x >= GUTTER.x && rect.right() <= GUTTER.right());
            assert!(rect.y >= ROW.y && rect.bottom() <= ROW.bottom());
        }
    }

    #[test]
    fn each_level_of_nesting_is_a_line_that_marks_leave_free() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "16"
        )]
        let gutter = Rect {
            width: WIDTH as u32,
            ..GUTTER
        };
        for (depth, expected) in [(0, 0), (1, 1), (2, 2), (3, 3), (20, 3)] {
            assert_eq!(nesting(depth, gutter, ROW, 1.0).len(), expected);
        }
        let lines = nesting(3, gutter, ROW, 1.0);
        let leftmost = lines.iter().map(|line| line.x).min().unwrap();
        for status in ALL {
            let (rects, _) = mark(status, gutter, ROW, 1.0);
            assert!(rects.iter().all(|rect| rect.right() <= leftmost));
        }
    }

    #[test]
    fn a_narrow_gutter_has_no_marks() {
        let narrow = Rect { width: 4, ..GUTTER };
        assert_eq!(mark(Status::Ok, narrow, ROW, 1.0).0, []);
    }
}

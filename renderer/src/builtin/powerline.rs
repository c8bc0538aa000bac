//! Powerline's wilder separators (U+E0C0–E0D1): flames, pixels, waves, combs and bricks that grow out of the
//! left edge, or of the right one. Each is drawn once; its twin is the mirror image.

#![expect(clippy::cast_precision_loss, reason = "coordinates inside one cell")]

use super::blocks::part;
use super::canvas::{Canvas, Step};

/// Where flames end, in sixteenths of the cell: the tip's column and row, then the row of the valley after it.
const FLAMES: [(f32, f32, f32); 4] = [
    (16.0, 1.5, 3.5),
    (9.0, 6.0, 7.5),
    (14.0, 10.5, 12.0),
    (8.0, 14.5, 16.0),
];
/// How far the valleys are from the edge.
const VALLEY: f32 = 2.0;

/// Rows of pixels, the one beside the edge in the lowest bit.
const SMALL_PIXELS: [u8; 12] = [
    0b00_1111, 0b01_0111, 0b10_1011, 0b00_1111, 0b01_0011, 0b00_1111, 0b10_0111, 0b01_1011,
    0b00_0111, 0b10_1111, 0b01_0011, 0b00_1101,
];
const BIG_PIXELS: [u8; 6] = [0b0111, 0b1011, 0b0101, 0b0111, 0b1001, 0b0111];

/// Whether [`draw`] knows the character.
pub(crate) fn covers(code: u32) -> bool {
    matches!(code, 0xe0c0..=0xe0c8 | 0xe0ca | 0xe0cc..=0xe0d1)
}

/// Draws a character that [`covers`] names.
pub(crate) fn draw(canvas: &mut Canvas, code: u32, light: u32) {
    let line = Some(light as f32);
    let (steps, style) = match code {
        0xe0c0 | 0xe0c2 => (flames(canvas, true), None),
        0xe0c1 | 0xe0c3 => (flames(canvas, false), line),
        0xe0c4 | 0xe0c5 => return pixels(canvas, &SMALL_PIXELS, 6, code == 0xe0c5),
        0xe0c6 | 0xe0c7 => return pixels(canvas, &BIG_PIXELS, 4, code == 0xe0c7),
        0xe0c8 | 0xe0ca => (waves(canvas), None),
        0xe0cc => return combs(canvas, None),
        0xe0cd => return combs(canvas, line),
        0xe0ce => return bricks(canvas, None),
        0xe0cf => return bricks(canvas, line),
        _ => return block(canvas, code == 0xe0d1),
    };
    let mirrored = matches!(code, 0xe0c2 | 0xe0c3 | 0xe0ca);
    let steps: Vec<_> = steps
        .into_iter()
        .map(|step| {
            if mirrored {
                mirror(step, canvas.width_f())
            } else {
                step
            }
        })
        .collect();
    canvas.path(&steps, style, 255);
}

fn mirror(step: Step, width: f32) -> Step {
    match step {
        Step::Move(x, y) => Step::Move(width - x, y),
        Step::Line(x, y) => Step::Line(width - x, y),
        Step::Curve([a, b, c, d, x, y]) => Step::Curve([width - a, b, width - c, d, width - x, y]),
        Step::Close => Step::Close,
    }
}

/// The outline of the flames, closed along the edge or not.
fn flames(canvas: &Canvas, closed: bool) -> Vec<Step> {
    let (w, h) = (canvas.width_f() / 16.0, canvas.height_f() / 16.0);
    let mut steps = Vec::new();
    if closed {
        steps.extend([Step::Move(0.0, 0.0), Step::Line(VALLEY * w, 0.0)]);
    } else {
        steps.push(Step::Move(VALLEY * w, 0.0));
    }
    let mut from = 0.0;
    for (column, row, valley) in FLAMES {
        let middle = (VALLEY + column) / 2.0;
        steps.extend([
            Step::Curve([
                middle * w,
                from * h,
                middle * w,
                row * h,
                column * w,
                row * h,
            ]),
            Step::Curve([
                middle * w,
                row * h,
                middle * w,
                valley * h,
                VALLEY * w,
                valley * h,
            ]),
        ]);
        from = valley;
    }
    if closed {
        steps.extend([Step::Line(0.0, 16.0 * h), Step::Close]);
    }
    steps
}

/// An edge that swings between a quarter and three quarters of the cell.
fn waves(canvas: &Canvas) -> Vec<Step> {
    let (w, h) = (canvas.width_f(), canvas.height_f());
    let (near, far) = (w / 4.0, w * 3.0 / 4.0);
    let mut steps = vec![Step::Move(0.0, 0.0), Step::Line(near, 0.0)];
    let quarters: u8 = 4;
    for quarter in 0..quarters {
        let at = |share: f32| h * (f32::from(quarter) + share) / f32::from(quarters);
        let (from, to) = if quarter % 2 == 0 {
            (near, far)
        } else {
            (far, near)
        };
        steps.push(Step::Curve([from, at(0.5), to, at(0.5), to, at(1.0)]));
    }
    steps.extend([Step::Line(0.0, h), Step::Close]);
    steps
}

/// Pixels that thin out; `columns` of them a cell.
fn pixels(canvas: &mut Canvas, rows: &[u8], columns: u32, mirrored: bool) {
    let (width, height) = (canvas.width, canvas.height);
    for ((bits, row), n) in rows.iter().zip(0..).zip(std::iter::repeat(rows.len())) {
        let n = u32::try_from(n).unwrap_or(1);
        let (top, bottom) = (part(row, n, height), part(row + 1, n, height));
        for column in (0..columns).filter(|column| bits >> column & 1 == 1) {
            let place = if mirrored {
                columns - 1 - column
            } else {
                column
            };
            let (left, right) = (part(place, columns, width), part(place + 1, columns, width));
            canvas.rect(left, top, right, bottom, 255);
        }
    }
}

/// Hexagons in two columns, filled or as lines.
fn combs(canvas: &mut Canvas, line: Option<f32>) {
    let (w, h) = (canvas.width_f(), canvas.height_f());
    let (side, tall) = (w / 3.5, h / 4.0);
    for column in 0..2_u8 {
        for row in 0..5_u8 {
            let x = side * 1.75 * f32::from(column);
            let y = tall * (f32::from(row) - 0.5 * f32::from(column));
            let shrink = if line.is_some() { 0.0 } else { side * 0.08 };
            let corners = [
                (x + side * 0.5, y + shrink),
                (x + side * 1.5, y + shrink),
                (x + side * 2.0 - shrink, y + tall / 2.0),
                (x + side * 1.5, y + tall - shrink),
                (x + side * 0.5, y + tall - shrink),
                (x + shrink, y + tall / 2.0),
            ];
            if line.is_none() {
                canvas.polygon(&corners, 255);
                continue;
            }
            let mut steps = vec![Step::Move(corners[0].0, corners[0].1)];
            steps.extend(corners[1..].iter().map(|&(x, y)| Step::Line(x, y)));
            steps.push(Step::Close);
            canvas.path(&steps, line, 255);
        }
    }
}

/// A wall with studs to the right, filled or its outline.
fn bricks(canvas: &mut Canvas, line: Option<f32>) {
    let (w, h) = (canvas.width_f(), canvas.height_f());
    let (wall, stud) = (w * 0.6, w);
    let mut steps = vec![Step::Move(wall, 0.0)];
    let studs: u8 = 2;
    for n in 0..studs {
        let at = |share: f32| h * (f32::from(n) + share) / f32::from(studs);
        steps.extend([
            Step::Line(wall, at(0.25)),
            Step::Line(stud, at(0.25)),
            Step::Line(stud, at(0.75)),
            Step::Line(wall, at(0.75)),
        ]);
    }
    steps.push(Step::Line(wall, h));
    if line.is_none() {
        steps.extend([Step::Line(0.0, h), Step::Line(0.0, 0.0), Step::Close]);
    }
    canvas.path(&steps, line, 255);
}

/// A brick: from the front with its studs above, or lying with them to the right.
fn block(canvas: &mut Canvas, lying: bool) {
    let (width, height) = (canvas.width, canvas.height);
    let share = |n, of, length| part(n, of, length);
    if lying {
        canvas.rect(0, 0, share(3, 4, width), share(1, 1, height), 255);
        for n in [1, 5] {
            let (top, bottom) = (share(n, 8, height), share(n + 2, 8, height));
            canvas.rect(share(3, 4, width), top, share(1, 1, width), bottom, 255);
        }
    } else {
        canvas.rect(
            0,
            share(1, 4, height),
            share(1, 1, width),
            share(1, 1, height),
            255,
        );
        for n in [1, 5] {
            let (left, right) = (share(n, 8, width), share(n + 2, 8, width));
            canvas.rect(left, share(1, 8, height), right, share(1, 4, height), 255);
        }
    }
}

//! Characters made of rectangles: blocks, quadrants, sextants, eighths, shades, braille.
#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "coordinates inside one cell, at most 1024 pixels"
)]

use super::canvas::{Canvas, Step};

/// A rectangle in eighths of the cell: left, top, right, bottom.
type Eighths = [u8; 4];

const LIGHT_SHADE: u8 = 64;
const MEDIUM_SHADE: u8 = 128;
const DARK_SHADE: u8 = 191;

/// U+2580–258F, 2594 and 2595, one rectangle each.
const BLOCKS: [(u32, Eighths); 19] = [
    (0x2580, [0, 0, 8, 4]),
    (0x2581, [0, 7, 8, 8]),
    (0x2582, [0, 6, 8, 8]),
    (0x2583, [0, 5, 8, 8]),
    (0x2584, [0, 4, 8, 8]),
    (0x2585, [0, 3, 8, 8]),
    (0x2586, [0, 2, 8, 8]),
    (0x2587, [0, 1, 8, 8]),
    (0x2588, [0, 0, 8, 8]),
    (0x2589, [0, 0, 7, 8]),
    (0x258a, [0, 0, 6, 8]),
    (0x258b, [0, 0, 5, 8]),
    (0x258c, [0, 0, 4, 8]),
    (0x258d, [0, 0, 3, 8]),
    (0x258e, [0, 0, 2, 8]),
    (0x258f, [0, 0, 1, 8]),
    (0x2590, [4, 0, 8, 8]),
    (0x2594, [0, 0, 8, 1]),
    (0x2595, [7, 0, 8, 8]),
];

/// U+2596–259F as bits: upper left 1, upper right 2, lower left 4, lower right 8.
const QUADRANTS: [u8; 10] = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14];

/// U+1FB70–1FB8B: eighths and their sums, up to four rectangles each.
const EIGHTHS: [&[Eighths]; 28] = [
    &[[1, 0, 2, 8]],
    &[[2, 0, 3, 8]],
    &[[3, 0, 4, 8]],
    &[[4, 0, 5, 8]],
    &[[5, 0, 6, 8]],
    &[[6, 0, 7, 8]],
    &[[0, 1, 8, 2]],
    &[[0, 2, 8, 3]],
    &[[0, 3, 8, 4]],
    &[[0, 4, 8, 5]],
    &[[0, 5, 8, 6]],
    &[[0, 6, 8, 7]],
    &[[0, 0, 1, 8], [0, 7, 8, 8]],
    &[[0, 0, 1, 8], [0, 0, 8, 1]],
    &[[7, 0, 8, 8], [0, 0, 8, 1]],
    &[[7, 0, 8, 8], [0, 7, 8, 8]],
    &[[0, 0, 8, 1], [0, 7, 8, 8]],
    &[[0, 0, 8, 1], [0, 2, 8, 3], [0, 4, 8, 5], [0, 7, 8, 8]],
    &[[0, 0, 8, 2]],
    &[[0, 0, 8, 3]],
    &[[0, 0, 8, 5]],
    &[[0, 0, 8, 6]],
    &[[0, 0, 8, 7]],
    &[[6, 0, 8, 8]],
    &[[5, 0, 8, 8]],
    &[[3, 0, 8, 8]],
    &[[2, 0, 8, 8]],
    &[[1, 0, 8, 8]],
];

/// U+1FB8C–1FB94: a rectangle in medium shade, and one that is full. U+1FB93 is reserved.
const HALF_SHADES: [(Eighths, Eighths); 9] = [
    ([0, 0, 4, 8], [0; 4]),
    ([4, 0, 8, 8], [0; 4]),
    ([0, 0, 8, 4], [0; 4]),
    ([0, 4, 8, 8], [0; 4]),
    ([0, 0, 8, 8], [0; 4]),
    ([0, 4, 8, 8], [0, 0, 8, 4]),
    ([0, 0, 8, 4], [0, 4, 8, 8]),
    ([4, 0, 8, 8], [0, 0, 4, 8]),
    ([0, 0, 4, 8], [4, 0, 8, 8]),
];

/// Draws a character of the tables above; false when it is none of them.
pub(crate) fn draw(canvas: &mut Canvas, code: u32) -> bool {
    match code {
        0x2591 => canvas.data.fill(LIGHT_SHADE),
        0x2592 => canvas.data.fill(MEDIUM_SHADE),
        0x2593 => canvas.data.fill(DARK_SHADE),
        0x2596..=0x259f => quadrants(canvas, QUADRANTS[(code - 0x2596) as usize]),
        0x2580..=0x2595 => {
            if let Some((_, rect)) = BLOCKS.iter().find(|(block, _)| *block == code) {
                eighths(canvas, rect, 255);
            }
        }
        0x2800..=0x28ff => braille(canvas, (code - 0x2800) as u8),
        0x1_fb00..=0x1_fb3b => sextants(canvas, code - 0x1_fb00),
        0x1_fb70..=0x1_fb8b => {
            for rect in EIGHTHS[(code - 0x1_fb70) as usize] {
                eighths(canvas, rect, 255);
            }
        }
        0x1_fb8c..=0x1_fb94 => {
            let (shaded, full) = &HALF_SHADES[(code - 0x1_fb8c) as usize];
            eighths(canvas, shaded, MEDIUM_SHADE);
            eighths(canvas, full, 255);
        }
        0x1_fb95 | 0x1_fb96 => checkers(canvas, code - 0x1_fb95),
        0x1_fb97 => {
            eighths(canvas, &[0, 2, 8, 4], 255);
            eighths(canvas, &[0, 6, 8, 8], 255);
        }
        _ => return false,
    }
    true
}

/// The pixel at which an eighth begins: one rounding for all characters, so that they join.
fn edge(eighth: u8, length: u32) -> i32 {
    part(u32::from(eighth), 8, length)
}

/// The pixel at which part `n` of `of` begins.
pub(super) fn part(n: u32, of: u32, length: u32) -> i32 {
    ((length * n + of / 2) / of) as i32
}

fn eighths(canvas: &mut Canvas, rect: &Eighths, coverage: u8) {
    let (width, height) = (canvas.width, canvas.height);
    let [left, top, right, bottom] = *rect;
    let (x0, mut x1) = (edge(left, width), edge(right, width));
    let (mut y0, y1) = (edge(top, height), edge(bottom, height));
    // A thin bar is never lost, however small the cell.
    if right > left && x1 == x0 {
        x1 += 1;
    }
    if bottom > top && y1 == y0 {
        y0 -= 1;
    }
    canvas.rect(x0, y0, x1, y1, coverage);
}

fn quadrants(canvas: &mut Canvas, bits: u8) {
    for (bit, rect) in [[0, 0, 4, 4], [4, 0, 8, 4], [0, 4, 4, 8], [4, 4, 8, 8]]
        .iter()
        .enumerate()
    {
        if bits >> bit & 1 != 0 {
            eighths(canvas, rect, 255);
        }
    }
}

/// Two columns, three rows. The patterns count up in the order of the code points, except for
/// empty, left half, right half and full, which are elsewhere.
fn sextants(canvas: &mut Canvas, index: u32) {
    let bits = index + 1 + u32::from(index >= 20) + u32::from(index >= 40);
    for bit in 0..6 {
        if bits >> bit & 1 != 0 {
            let (column, row) = (bit % 2, bit / 2);
            let x = |n| part(n, 2, canvas.width);
            let y = |n| part(n, 3, canvas.height);
            canvas.rect(x(column), y(row), x(column + 1), y(row + 1), 255);
        }
    }
}

/// Four columns of squares, or nearly: a checker board that goes on in the next cell.
fn checkers(canvas: &mut Canvas, odd: u32) {
    let side = (canvas.width / 4).max(1);
    let rows = (canvas.height / side).max(2) / 2 * 2;
    for row in 0..rows {
        for column in 0..4 {
            if (row + column) % 2 == odd {
                let x = |n| part(n, 4, canvas.width);
                let y = |n| part(n, rows, canvas.height);
                canvas.rect(x(column), y(row), x(column + 1), y(row + 1), 255);
            }
        }
    }
}

/// The column and row of every dot of a braille pattern, in the order of its bits.
const DOTS: [(u32, u32); 8] = [
    (0, 0),
    (0, 1),
    (0, 2),
    (1, 0),
    (1, 1),
    (1, 2),
    (0, 3),
    (1, 3),
];

fn braille(canvas: &mut Canvas, bits: u8) {
    let (width, height) = (canvas.width, canvas.height);
    // Half of the room of a dot is dot.
    let size = (width / 4).min(height / 8).max(1);
    for (bit, &(column, row)) in DOTS.iter().enumerate() {
        if bits >> bit & 1 == 0 {
            continue;
        }
        let x = part(2 * column + 1, 4, width) - (size / 2) as i32;
        let y = part(2 * row + 1, 8, height) - (size / 2) as i32;
        let side = size as i32;
        if size < 4 {
            canvas.rect(x, y, x + side, y + side, 255);
        } else {
            circle(canvas, (x as f32, y as f32), size as f32);
        }
    }
}

fn circle(canvas: &mut Canvas, corner: (f32, f32), size: f32) {
    let r = size / 2.0;
    let k = r * 0.552_284_8;
    let (x, y) = (corner.0 + r, corner.1 + r);
    let steps = [
        Step::Move(x + r, y),
        Step::Curve([x + r, y + k, x + k, y + r, x, y + r]),
        Step::Curve([x - k, y + r, x - r, y + k, x - r, y]),
        Step::Curve([x - r, y - k, x - k, y - r, x, y - r]),
        Step::Curve([x + k, y - r, x + r, y - k, x + r, y]),
        Step::Close,
    ];
    canvas.path(&steps, None, 255);
}

//! Characters with slanted edges: Powerline, triangles, smooth mosaics, diagonals.
//!
//! Shapes are strings in a grid of named points over the cell:
//!
//! ```text
//! A B C   top
//! D . E   a third down
//! K M L   middle
//! F . G   two thirds down
//! H I J   bottom
//! ```

#![expect(clippy::cast_precision_loss, reason = "coordinates inside one cell")]

use super::blocks::part;
use super::canvas::{Canvas, Step};

/// U+1FB3C–1FB67: the corner whose side of a line is filled, and the line's two ends.
const WEDGES: [&[u8; 3]; 44] = [
    b"HFI", b"HFJ", b"HDI", b"HDJ", b"HAI", b"JDB", b"JDC", b"JFB", b"JFC", b"JHB", b"JFE", b"JIG",
    b"JHG", b"JIE", b"JHE", b"JIC", b"HBE", b"HAE", b"HBG", b"HAG", b"HBJ", b"HDG", b"CFI", b"CFJ",
    b"CDI", b"CDJ", b"CAI", b"ADB", b"ADC", b"AFB", b"AFC", b"AHB", b"AFE", b"AIG", b"AHG", b"AIE",
    b"AHE", b"AIC", b"CBE", b"CAE", b"CBG", b"CAG", b"CBJ", b"CDG",
];

/// How a shape's points are joined.
#[derive(Clone, Copy)]
enum Form {
    /// Polygons, separated by blanks.
    Fill(&'static str),
    /// The same in medium shade.
    Shade(&'static str),
    /// Open lines, separated by blanks.
    Lines(&'static str),
    /// Half an ellipse from the edge whose middle is the point.
    Dome(u8),
    /// Its outline.
    Arch(u8),
    /// Two trapezoids, one on the other with a gap between; mirrored or not.
    Notch(bool),
}

/// Characters by code point.
const SHAPES: [(u32, Form); 53] = [
    // Geometric shapes: triangles that fill half of the cell.
    (0x25e2, Form::Fill("CJH")),
    (0x25e3, Form::Fill("AJH")),
    (0x25e4, Form::Fill("ACH")),
    (0x25e5, Form::Fill("ACJ")),
    // Powerline and its extra symbols.
    (0xe0b0, Form::Fill("ALH")),
    (0xe0b1, Form::Lines("ALH")),
    (0xe0b2, Form::Fill("CKJ")),
    (0xe0b3, Form::Lines("CKJ")),
    (0xe0b4, Form::Dome(b'K')),
    (0xe0b5, Form::Arch(b'K')),
    (0xe0b6, Form::Dome(b'L')),
    (0xe0b7, Form::Arch(b'L')),
    (0xe0b8, Form::Fill("AJH")),
    (0xe0b9, Form::Lines("AJ")),
    (0xe0ba, Form::Fill("CJH")),
    (0xe0bb, Form::Lines("CH")),
    (0xe0bc, Form::Fill("ACH")),
    (0xe0bd, Form::Lines("CH")),
    (0xe0be, Form::Fill("ACJ")),
    (0xe0bf, Form::Lines("AJ")),
    (0xe0d2, Form::Notch(false)),
    (0xe0d4, Form::Notch(true)),
    (0xe0d6, Form::Fill("ACK HKJ")),
    (0xe0d7, Form::Fill("ACL LJH")),
    // Triangular quarters of the cell, and what is left without one.
    (0x1_fb68, Form::Fill("ACJHM")),
    (0x1_fb69, Form::Fill("AMCJH")),
    (0x1_fb6a, Form::Fill("ACMJH")),
    (0x1_fb6b, Form::Fill("ACJMH")),
    (0x1_fb6c, Form::Fill("AMH")),
    (0x1_fb6d, Form::Fill("ACM")),
    (0x1_fb6e, Form::Fill("CJM")),
    (0x1_fb6f, Form::Fill("HMJ")),
    (0x1_fb9a, Form::Fill("ACM HMJ")),
    (0x1_fb9b, Form::Fill("AMH CJM")),
    (0x1_fb9c, Form::Shade("ACH")),
    (0x1_fb9d, Form::Shade("ACJ")),
    (0x1_fb9e, Form::Shade("CJH")),
    (0x1_fb9f, Form::Shade("AJH")),
    // Lines between the middles of the edges.
    (0x1_fba0, Form::Lines("BK")),
    (0x1_fba1, Form::Lines("BL")),
    (0x1_fba2, Form::Lines("KI")),
    (0x1_fba3, Form::Lines("LI")),
    (0x1_fba4, Form::Lines("BKI")),
    (0x1_fba5, Form::Lines("BLI")),
    (0x1_fba6, Form::Lines("KIL")),
    (0x1_fba7, Form::Lines("KBL")),
    (0x1_fba8, Form::Lines("BK LI")),
    (0x1_fba9, Form::Lines("BL KI")),
    (0x1_fbaa, Form::Lines("BLIK")),
    (0x1_fbab, Form::Lines("BKIL")),
    (0x1_fbac, Form::Lines("KBLI")),
    (0x1_fbad, Form::Lines("LBKI")),
    (0x1_fbae, Form::Lines("BLIKB")),
];

/// Whether [`draw`] knows the character.
pub(crate) fn covers(code: u32) -> bool {
    matches!(code, 0x1_fb3c..=0x1_fb67 | 0x1_fb98 | 0x1_fb99 | 0x1_fbaf) || shape(code).is_some()
}

fn shape(code: u32) -> Option<Form> {
    SHAPES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|&(_, form)| form)
}

/// Draws a character of the tables.
pub(crate) fn draw(canvas: &mut Canvas, code: u32, light: u32) {
    match code {
        0x1_fb3c..=0x1_fb67 => wedge(canvas, WEDGES[(code - 0x1_fb3c) as usize]),
        0x1_fb98 => hatching(canvas, false, light),
        0x1_fb99 => hatching(canvas, true, light),
        0x1_fbaf => stroked_line(canvas, light),
        0x23ba..=0x23bd => scan_line(canvas, code - 0x23ba, light),
        _ => {
            if let Some(form) = shape(code) {
                draw_form(canvas, form, light);
            }
        }
    }
}

/// A named point; edges' middles and thirds are on whole pixels when `snapped`, as sextants are.
fn point(name: u8, canvas: &Canvas, snapped: bool) -> (f32, f32) {
    let place = |n: u32, of: u32, length: u32| {
        if snapped {
            part(n, of, length) as f32
        } else {
            (length * n) as f32 / of as f32
        }
    };
    let x = match name {
        b'A' | b'D' | b'K' | b'F' | b'H' => 0,
        b'B' | b'M' | b'I' => 1,
        _ => 2,
    };
    let y = match name {
        b'A' | b'B' | b'C' => 0,
        b'D' | b'E' => 2,
        b'K' | b'M' | b'L' => 3,
        b'F' | b'G' => 4,
        _ => 6,
    };
    (place(x, 2, canvas.width), place(y, 6, canvas.height))
}

fn draw_form(canvas: &mut Canvas, form: Form, light: u32) {
    match form {
        Form::Fill(shapes) => fill(canvas, shapes, 255),
        Form::Shade(shapes) => fill(canvas, shapes, 128),
        Form::Lines(lines) => {
            for line in lines.split(' ') {
                let steps: Vec<_> = line
                    .bytes()
                    .enumerate()
                    .map(|(i, name)| {
                        let (x, y) = point(name, canvas, false);
                        if i == 0 {
                            Step::Move(x, y)
                        } else {
                            Step::Line(x, y)
                        }
                    })
                    .collect();
                canvas.path(&steps, Some(light as f32), 255);
            }
        }
        Form::Dome(side) => canvas.path(&dome(canvas, side, 0.0), None, 255),
        Form::Arch(side) => {
            let steps = dome(canvas, side, light as f32 / 2.0);
            canvas.path(&steps[..3], Some(light as f32), 255);
        }
        Form::Notch(mirrored) => notch(canvas, mirrored),
    }
}

fn fill(canvas: &mut Canvas, shapes: &str, coverage: u8) {
    for shape in shapes.split(' ') {
        let points: Vec<_> = shape
            .bytes()
            .map(|name| point(name, canvas, false))
            .collect();
        canvas.polygon(&points, coverage);
    }
}

/// Half an ellipse that bulges away from the edge `side` (`K` or `L`), `inset` inside the cell.
fn dome(canvas: &Canvas, side: u8, inset: f32) -> [Step; 4] {
    /// Where a quarter of a circle has its control points.
    const ROUND: f32 = 0.552_284_8;
    let (w, h) = (canvas.width_f(), canvas.height_f());
    let (edge, far) = if side == b'K' {
        (0.0, w - inset)
    } else {
        (w, inset)
    };
    let (top, middle, bottom) = (inset, h / 2.0, h - inset);
    let bulge = edge + (far - edge) * ROUND;
    let rise = (middle - top) * ROUND;
    [
        Step::Move(edge, top),
        Step::Curve([bulge, top, far, middle - rise, far, middle]),
        Step::Curve([far, middle + rise, bulge, bottom, edge, bottom]),
        Step::Close,
    ]
}

fn notch(canvas: &mut Canvas, mirrored: bool) {
    let (w, h) = (canvas.width_f(), canvas.height_f());
    let gap = (h / 20.0).max(0.5).round().max(1.0) / 2.0;
    let x = |share: f32| if mirrored { w - w * share } else { w * share };
    for (outer, inner) in [(0.0, h / 2.0 - gap), (h, h / 2.0 + gap)] {
        canvas.polygon(
            &[
                (x(0.0), outer),
                (x(1.0), outer),
                (x(0.6), inner),
                (x(0.0), inner),
            ],
            255,
        );
    }
}

/// The part of the cell on one side of a line.
fn wedge(canvas: &mut Canvas, [corner, from, to]: &[u8; 3]) {
    let (ax, ay) = point(*from, canvas, true);
    let (bx, by) = point(*to, canvas, true);
    let side = |(x, y): (f32, f32)| (bx - ax) * (y - ay) - (by - ay) * (x - ax);
    let inside = side(point(*corner, canvas, true)).signum();
    let corners = [b'A', b'C', b'J', b'H'].map(|name| point(name, canvas, true));
    let mut kept = Vec::with_capacity(6);
    for (i, &here) in corners.iter().enumerate() {
        let next = corners[(i + 1) % corners.len()];
        let (a, b) = (side(here) * inside, side(next) * inside);
        if a >= 0.0 {
            kept.push(here);
        }
        if (a > 0.0 && b < 0.0) || (a < 0.0 && b > 0.0) {
            let share = a / (a - b);
            kept.push((
                here.0 + (next.0 - here.0) * share,
                here.1 + (next.1 - here.1) * share,
            ));
        }
    }
    canvas.polygon(&kept, 255);
}

/// Diagonal lines that go on in every neighbour.
fn hatching(canvas: &mut Canvas, rising: bool, light: u32) {
    let (w, h) = (canvas.width_f(), canvas.height_f());
    let lines: u8 = 4;
    for line in 0..2 * lines {
        let y = h * (f32::from(line) + 0.5) / f32::from(lines);
        let (left, right) = if rising { (y, y - h) } else { (y - h, y) };
        canvas.line((0.0, left), (w, right), light as f32);
    }
}

/// Scan lines 1, 3, 7 and 9 of a VT100's cell, which has ten; line 5 is U+2500.
fn scan_line(canvas: &mut Canvas, index: u32, light: u32) {
    let place = [0, 1, 3, 4][index as usize & 3];
    let top = part(place, 4, canvas.height.saturating_sub(light));
    let (right, bottom) = (part(1, 1, canvas.width), top + part(1, 1, light));
    canvas.rect(0, top, right, bottom, 255);
}

/// A light line across, and a stroke through its middle.
fn stroked_line(canvas: &mut Canvas, light: u32) {
    super::boxes::draw(canvas, 0x2500, light);
    let (w, h) = (canvas.width_f(), canvas.height_f());
    let half = light as f32 / 2.0;
    let x = (w / 2.0 - half).round();
    canvas.polygon(
        &[
            (x, (h / 3.0).round()),
            (x + light as f32, (h / 3.0).round()),
            (x + light as f32, (h * 2.0 / 3.0).round()),
            (x, (h * 2.0 / 3.0).round()),
        ],
        255,
    );
}

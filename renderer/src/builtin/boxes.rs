//! Box drawing, U+2500–257F: lines from the middle of the cell to its edges.
//!
//! Lines lie on whole pixels, at the same place in every cell, and end on the cell's edge: so they
//! meet their neighbours at any size. Double lines are a band of three thicknesses with the middle
//! one taken out again, which makes every joint by itself.
#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "coordinates inside one cell, at most 1024 pixels"
)]

use super::canvas::{Canvas, Step};

/// The arms of every character of the block: left, right, up, down; light, heavy, double, or none.
/// Characters that are no plain lines are blank here.
const ARMS: [&[u8; 4]; 128] = [
    b"ll..", b"hh..", b"..ll", b"..hh", b"    ", b"    ", b"    ", b"    ", // U+2500
    b"    ", b"    ", b"    ", b"    ", b".l.l", b".h.l", b".l.h", b".h.h", // U+2508
    b"l..l", b"h..l", b"l..h", b"h..h", b".ll.", b".hl.", b".lh.", b".hh.", // U+2510
    b"l.l.", b"h.l.", b"l.h.", b"h.h.", b".lll", b".hll", b".lhl", b".llh", // U+2518
    b".lhh", b".hhl", b".hlh", b".hhh", b"l.ll", b"h.ll", b"l.hl", b"l.lh", // U+2520
    b"l.hh", b"h.hl", b"h.lh", b"h.hh", b"ll.l", b"hl.l", b"lh.l", b"hh.l", // U+2528
    b"ll.h", b"hl.h", b"lh.h", b"hh.h", b"lll.", b"hll.", b"lhl.", b"hhl.", // U+2530
    b"llh.", b"hlh.", b"lhh.", b"hhh.", b"llll", b"hlll", b"lhll", b"hhll", // U+2538
    b"llhl", b"lllh", b"llhh", b"hlhl", b"lhhl", b"hllh", b"lhlh", b"hhhl", // U+2540
    b"hhlh", b"hlhh", b"lhhh", b"hhhh", b"    ", b"    ", b"    ", b"    ", // U+2548
    b"dd..", b"..dd", b".d.l", b".l.d", b".d.d", b"d..l", b"l..d", b"d..d", // U+2550
    b".dl.", b".ld.", b".dd.", b"d.l.", b"l.d.", b"d.d.", b".dll", b".ldd", // U+2558
    b".ddd", b"d.ll", b"l.dd", b"d.dd", b"dd.l", b"ll.d", b"dd.d", b"ddl.", // U+2560
    b"lld.", b"ddd.", b"ddll", b"lldd", b"dddd", b"    ", b"    ", b"    ", // U+2568
    b"    ", b"    ", b"    ", b"    ", b"l...", b"..l.", b".l..", b"...l", // U+2570
    b"h...", b"..h.", b".h..", b"...h", b"lh..", b"..lh", b"hl..", b"..hl", // U+2578
];

/// Dashed lines: character, dashes, heavy, vertical.
const DASHES: [(u32, i32, bool, bool); 12] = [
    (0x2504, 3, false, false),
    (0x2505, 3, true, false),
    (0x2506, 3, false, true),
    (0x2507, 3, true, true),
    (0x2508, 4, false, false),
    (0x2509, 4, true, false),
    (0x250a, 4, false, true),
    (0x250b, 4, true, true),
    (0x254c, 2, false, false),
    (0x254d, 2, true, false),
    (0x254e, 2, false, true),
    (0x254f, 2, true, true),
];

/// What an arm is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    None,
    Light,
    Heavy,
    Double,
}

impl Line {
    fn new(byte: u8) -> Self {
        match byte {
            b'l' => Line::Light,
            b'h' => Line::Heavy,
            b'd' => Line::Double,
            _ => Line::None,
        }
    }

    /// Its width, all lines of a double one together.
    fn width(self, light: i32) -> i32 {
        match self {
            Line::None => 0,
            Line::Light => light,
            Line::Heavy => 2 * light,
            Line::Double => 3 * light,
        }
    }
}

/// One direction of lines: its two arms, across which axis they lie, how long the cell is that way.
#[derive(Clone, Copy)]
struct Axis {
    arms: [Line; 2],
    /// Across the line: where a light line begins.
    middle: i32,
    /// Along the line.
    length: i32,
}

impl Axis {
    fn widest(&self) -> Line {
        let [a, b] = self.arms;
        if a.width(1) >= b.width(1) { a } else { b }
    }

    fn is_through(&self) -> bool {
        self.arms.iter().all(|&arm| arm != Line::None)
    }

    /// The pixels across the line that a line takes.
    fn across(&self, line: Line, light: i32) -> (i32, i32) {
        let start = self.middle - (line.width(light) - light) / 2;
        (start, start + line.width(light))
    }
}

/// Draws a character of the block.
pub(crate) fn draw(canvas: &mut Canvas, code: u32, light: u32) {
    let light = light as i32;
    let (width, height) = (canvas.width as i32, canvas.height as i32);
    let (middle_x, middle_y) = ((width - light) / 2, (height - light) / 2);
    match code {
        0x256d..=0x2570 => return arc(canvas, code, light, (middle_x, middle_y)),
        0x2571..=0x2573 => return diagonals(canvas, code, light),
        _ => {}
    }
    if let Some(&(_, dashes, heavy, vertical)) = DASHES.iter().find(|dash| dash.0 == code) {
        let line = if heavy { Line::Heavy } else { Line::Light };
        return dashed(canvas, dashes, line, vertical, light);
    }
    let Some(&&[left, right, up, down]) = ARMS.get((code.wrapping_sub(0x2500)) as usize) else {
        return;
    };
    let horizontal = Axis {
        arms: [Line::new(left), Line::new(right)],
        middle: middle_y,
        length: width,
    };
    let vertical = Axis {
        arms: [Line::new(up), Line::new(down)],
        middle: middle_x,
        length: height,
    };
    let mut pen = Pen { canvas, light };
    pen.bands(&horizontal, &vertical, false);
    pen.bands(&vertical, &horizontal, true);
    pen.channels(&horizontal, &vertical, false);
    pen.channels(&vertical, &horizontal, true);
    pen.singles(&horizontal, &vertical, false);
    pen.singles(&vertical, &horizontal, true);
}

/// Draws along one axis or the other.
struct Pen<'a> {
    canvas: &'a mut Canvas,
    light: i32,
}

impl Pen<'_> {
    /// A rectangle given along and across its axis.
    fn rect(&mut self, along: (i32, i32), across: (i32, i32), flip: bool, coverage: u8) {
        if flip {
            self.canvas
                .rect(across.0, along.0, across.1, along.1, coverage);
        } else {
            self.canvas
                .rect(along.0, across.0, along.1, across.1, coverage);
        }
    }

    /// From the cell's edge to `inner`, for the first or the second arm.
    fn reach(axis: &Axis, arm: usize, inner: (i32, i32)) -> (i32, i32) {
        if arm == 0 {
            (0, inner.1)
        } else {
            (inner.0, axis.length)
        }
    }

    /// The bands of double lines: as far as the far side of what they meet.
    fn bands(&mut self, axis: &Axis, other: &Axis, flip: bool) {
        for (arm, &line) in axis.arms.iter().enumerate() {
            if line == Line::Double {
                let inner = other.across(meeting(other), self.light);
                let along = Self::reach(axis, arm, inner);
                self.rect(along, axis.across(line, self.light), flip, 255);
            }
        }
    }

    /// Takes the middle out of double lines.
    fn channels(&mut self, axis: &Axis, other: &Axis, flip: bool) {
        for (arm, &line) in axis.arms.iter().enumerate() {
            if line != Line::Double {
                continue;
            }
            let met = other.across(Line::Light, self.light);
            let stops = !axis.is_through() && other.widest() != Line::Double;
            let inner = if stops && other.widest() != Line::None {
                // A single line closes the end.
                (met.1, met.0)
            } else {
                met
            };
            let along = Self::reach(axis, arm, inner);
            self.rect(along, axis.across(Line::Light, self.light), flip, 0);
        }
    }

    /// Light and heavy lines, over all.
    fn singles(&mut self, axis: &Axis, other: &Axis, flip: bool) {
        for (arm, &line) in axis.arms.iter().enumerate() {
            if !matches!(line, Line::Light | Line::Heavy) {
                continue;
            }
            let met = meeting(other);
            let mut inner = other.across(met, self.light);
            if met == Line::Double && other.is_through() && !axis.is_through() {
                // It ends on the nearer of the two lines.
                inner = (inner.1 - self.light, inner.0 + self.light);
            }
            let along = Self::reach(axis, arm, inner);
            self.rect(along, axis.across(line, self.light), flip, 255);
        }
    }
}

/// The line of the other axis that an arm reaches to; where there is none, a light one's width in
/// the middle of the cell.
fn meeting(other: &Axis) -> Line {
    match other.widest() {
        Line::None => Line::Light,
        line => line,
    }
}

fn dashed(canvas: &mut Canvas, dashes: i32, line: Line, vertical: bool, light: i32) {
    let (length, side) = if vertical {
        (canvas.height as i32, canvas.width as i32)
    } else {
        (canvas.width as i32, canvas.height as i32)
    };
    let axis = Axis {
        arms: [line; 2],
        middle: (side - light) / 2,
        length,
    };
    let across = axis.across(line, light);
    let mut pen = Pen { canvas, light };
    for dash in 0..dashes {
        let (start, end) = (length * dash / dashes, length * (dash + 1) / dashes);
        // Half a gap at either end: the dashes go on evenly in the next cell.
        let gap = ((end - start) / 3).max(1);
        let before = gap / 2;
        pen.rect(
            (start + before, end - (gap - before)),
            across,
            vertical,
            255,
        );
    }
}

/// Rounded corners: a quarter of an ellipse as narrow as the cell's shorter half, straight on.
fn arc(canvas: &mut Canvas, code: u32, light: i32, middle: (i32, i32)) {
    let half = light as f32 / 2.0;
    let (x, y) = (middle.0 as f32 + half, middle.1 as f32 + half);
    let right = matches!(code, 0x256d | 0x2570);
    let down = matches!(code, 0x256d | 0x256e);
    let (edge_x, edge_y) = (
        if right { canvas.width_f() } else { 0.0 },
        if down { canvas.height_f() } else { 0.0 },
    );
    // The last pixel is straight: what is next begins with a straight line.
    let radius = ((edge_x - x).abs().min((edge_y - y).abs()) - 1.0).max(half);
    let (side_x, side_y) = (
        if right { 1.0 } else { -1.0 },
        if down { 1.0 } else { -1.0 },
    );
    // Where a circle's quarter has its control points.
    let control = radius * 0.447_715_24;
    let steps = [
        Step::Move(x, edge_y + side_y * half),
        Step::Line(x, y + side_y * radius),
        Step::Curve([
            x,
            y + side_y * control,
            x + side_x * control,
            y,
            x + side_x * radius,
            y,
        ]),
        Step::Line(edge_x + side_x * half, y),
    ];
    canvas.path(&steps, Some(light as f32), 255);
}

fn diagonals(canvas: &mut Canvas, code: u32, light: i32) {
    let (w, h) = (canvas.width_f(), canvas.height_f());
    let thickness = light as f32;
    if code != 0x2572 {
        canvas.line((w, 0.0), (0.0, h), thickness);
    }
    if code != 0x2571 {
        canvas.line((0.0, 0.0), (w, h), thickness);
    }
}

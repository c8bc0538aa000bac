//! A cell's worth of coverage, and the few shapes that are drawn on it.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "coordinates inside one cell, at most 1024 pixels"
)]

use swash::zeno::{Cap, Command, Join, Mask, Origin, Point, Stroke};

/// Coverage of a cell, one byte a pixel, row-major, from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Canvas {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) data: Vec<u8>,
}

/// A path's step: to here, straight or around a control point pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Move(f32, f32),
    Line(f32, f32),
    Curve([f32; 6]),
    Close,
}

impl Canvas {
    pub(crate) fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            data: vec![0; (width * height) as usize],
        }
    }

    pub(crate) fn width_f(&self) -> f32 {
        self.width as f32
    }

    pub(crate) fn height_f(&self) -> f32 {
        self.height as f32
    }

    /// Sets whole pixels, `x0..x1` × `y0..y1`, clipped to the cell.
    pub(crate) fn rect(&mut self, x0: i32, y0: i32, x1: i32, y1: i32, coverage: u8) {
        let clip = |value: i32, limit: u32| value.clamp(0, limit as i32) as usize;
        let (x0, x1) = (clip(x0, self.width), clip(x1, self.width));
        let (y0, y1) = (clip(y0, self.height), clip(y1, self.height));
        if x0 >= x1 {
            return;
        }
        for y in y0..y1 {
            let start = y * self.width as usize;
            self.data[start + x0..start + x1].fill(coverage);
        }
    }

    /// Fills a polygon, antialiased; what is there already stays where it covers more.
    pub(crate) fn polygon(&mut self, points: &[(f32, f32)], coverage: u8) {
        let mut path = Vec::with_capacity(points.len() + 1);
        for (i, &(x, y)) in points.iter().enumerate() {
            path.push(if i == 0 {
                Step::Move(x, y)
            } else {
                Step::Line(x, y)
            });
        }
        path.push(Step::Close);
        self.path(&path, None, coverage);
    }

    /// Draws a path: filled, or as a line of this thickness with square ends.
    pub(crate) fn path(&mut self, steps: &[Step], thickness: Option<f32>, coverage: u8) {
        let commands: Vec<_> = steps.iter().map(command).collect();
        let mut mask = vec![0; self.data.len()];
        let mut renderer = Mask::new(&commands);
        renderer
            .size(self.width, self.height)
            .origin(Origin::TopLeft);
        if let Some(thickness) = thickness {
            let mut stroke = Stroke::new(thickness);
            stroke.cap(Cap::Square).join(Join::Miter);
            renderer.style(stroke);
        }
        renderer.render_into(&mut mask, None);
        for (pixel, inked) in self.data.iter_mut().zip(mask) {
            let inked = (u16::from(inked) * u16::from(coverage) / 255) as u8;
            *pixel = (*pixel).max(inked);
        }
    }

    /// A line between two points.
    pub(crate) fn line(&mut self, from: (f32, f32), to: (f32, f32), thickness: f32) {
        let steps = [Step::Move(from.0, from.1), Step::Line(to.0, to.1)];
        self.path(&steps, Some(thickness), 255);
    }
}

fn command(step: &Step) -> Command {
    match *step {
        Step::Move(x, y) => Command::MoveTo(Point::new(x, y)),
        Step::Line(x, y) => Command::LineTo(Point::new(x, y)),
        Step::Curve([a, b, c, d, x, y]) => {
            Command::CurveTo(Point::new(a, b), Point::new(c, d), Point::new(x, y))
        }
        Step::Close => Command::Close,
    }
}

//! The pointer: from pixels to cells, clicks counted, wheel turns added up. What follows from them —
//! reports, selections, links — is in `window/pointer.rs`.

use std::time::{Duration, Instant};

use renderer::units::Rect;
use terminal::{GridSize, Point, Side, Terminal};
use winit::dpi::PhysicalPosition;
use winit::event::MouseScrollDelta;

/// Where a pane's cells are in the window, in physical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellArea {
    /// The first cell's left edge.
    pub(crate) x: i32,
    /// The first cell's top edge.
    pub(crate) y: i32,
    /// Width of a cell.
    pub(crate) cell_width: u32,
    /// Height of a cell.
    pub(crate) cell_height: u32,
    /// Cells there are.
    pub(crate) size: GridSize,
}

/// A pointer position in a pane's viewport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellPosition {
    /// Viewport row, clamped to the viewport.
    pub(crate) row: u16,
    /// Column, clamped.
    pub(crate) column: u16,
    /// Half of the cell.
    pub(crate) side: Side,
    /// Pixels from the first cell's left edge, clamped.
    pub(crate) x: u32,
    /// Pixels from the first cell's top edge, clamped.
    pub(crate) y: u32,
    /// Rows above (negative) or below the viewport; 0 inside.
    pub(crate) beyond: i32,
}

impl CellArea {
    /// The left edge of a column.
    pub(crate) fn column_x(&self, column: u32) -> i32 {
        self.x + i32::try_from(column * self.cell_width).unwrap_or(i32::MAX)
    }

    /// The top edge of a viewport row.
    pub(crate) fn row_y(&self, row: u16) -> i32 {
        self.y + i32::try_from(u32::from(row) * self.cell_height).unwrap_or(i32::MAX)
    }

    /// The cell under a position of the window; positions outside take the nearest cell.
    pub(crate) fn at(&self, position: PhysicalPosition<f64>) -> CellPosition {
        let (cell_width, cell_height) = (self.cell_width.max(1), self.cell_height.max(1));
        let (columns, rows) = (u32::from(self.size.columns), u32::from(self.size.rows));
        let x = position.x - f64::from(self.x);
        let y = position.y - f64::from(self.y);
        let inside_x = whole(x).min(columns * cell_width - 1);
        let inside_y = whole(y).min(rows * cell_height - 1);
        let beyond = if y < 0.0 {
            -1 - i32::try_from(whole(-y) / cell_height).unwrap_or(i32::MAX - 1)
        } else {
            let over = whole(y).saturating_sub(rows * cell_height - 1);
            i32::try_from(over.div_ceil(cell_height)).unwrap_or(i32::MAX)
        };
        let past_end = x >= f64::from(columns * cell_width);
        let right_half = inside_x % cell_width >= cell_width / 2;
        CellPosition {
            row: u16::try_from(inside_y / cell_height).unwrap_or(u16::MAX),
            column: u16::try_from(inside_x / cell_width).unwrap_or(u16::MAX),
            side: if past_end || right_half {
                Side::Right
            } else {
                Side::Left
            },
            x: inside_x,
            y: inside_y,
            beyond,
        }
    }
}

impl CellPosition {
    /// The same in a row of double size, where a cell takes two columns.
    pub(crate) fn in_double_row(self, columns: u16) -> Self {
        let last = (columns / 2).max(1) - 1;
        let column = self.column / 2;
        let right = column > last || self.column % 2 == 1;
        Self {
            column: column.min(last),
            side: if right { Side::Right } else { Side::Left },
            ..self
        }
    }

    /// The cell as the terminal knows it, wherever its viewport is.
    pub(crate) fn point(&self, terminal: &mut Terminal) -> Point {
        terminal.point_at(self.row, self.column)
    }
}

/// A non-negative number of whole pixels.
fn whole(value: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates floats, which is what is wanted"
    )]
    let value = value.max(0.0).floor() as u32;
    value
}

/// Whether a rectangle holds a position.
pub(crate) fn contains(rect: Rect, position: PhysicalPosition<f64>) -> bool {
    let (x, y) = (
        position.x - f64::from(rect.x),
        position.y - f64::from(rect.y),
    );
    x >= 0.0 && y >= 0.0 && x < f64::from(rect.width) && y < f64::from(rect.height)
}

/// Counts clicks of one button on one place: single, double, triple, then single again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClickCounter {
    last: Option<(Instant, PhysicalPosition<f64>)>,
    count: u8,
}

const CLICK_TIME: Duration = Duration::from_millis(400);
/// How far apart clicks of one series may be, in physical pixels.
const CLICK_DISTANCE: f64 = 6.0;

impl ClickCounter {
    /// A press now at this position: 1, 2 or 3.
    pub(crate) fn press(&mut self, now: Instant, at: PhysicalPosition<f64>) -> u8 {
        let goes_on = self.last.is_some_and(|(then, place)| {
            now.duration_since(then) <= CLICK_TIME
                && (place.x - at.x).hypot(place.y - at.y) <= CLICK_DISTANCE
        });
        self.count = if goes_on { self.count % 3 + 1 } else { 1 };
        self.last = Some((now, at));
        self.count
    }
}

/// Adds up turns of the wheel (or strokes of a touchpad) to whole lines.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wheel {
    rest: (f64, f64),
}

impl Wheel {
    /// Whole (columns, rows) turned, rows positive upwards; `lines` rows a notch, `cell` in pixels.
    pub(crate) fn turn(
        &mut self,
        delta: MouseScrollDelta,
        lines: f64,
        cell: (u32, u32),
    ) -> (i32, i32) {
        let (x, y) = match delta {
            MouseScrollDelta::LineDelta(x, y) => (f64::from(x) * lines, f64::from(y) * lines),
            MouseScrollDelta::PixelDelta(by) => (
                by.x / f64::from(cell.0.max(1)),
                by.y / f64::from(cell.1.max(1)),
            ),
        };
        // A turn the other way starts afresh, so that no old rest delays it.
        let add = |rest: f64, by: f64| if rest * by < 0.0 { by } else { rest + by };
        let total = (add(self.rest.0, x), add(self.rest.1, y));
        self.rest = (total.0.fract(), total.1.fract());
        #[expect(clippy::cast_possible_truncation, reason = "`as` saturates floats")]
        let turned = (total.0.trunc() as i32, total.1.trunc() as i32);
        turned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: CellArea = CellArea {
        x: 4,
        y: 36,
        cell_width: 8,
        cell_height: 16,
        size: GridSize {
            columns: 80,
            rows: 24,
        },
    };

    #[track_caller]
    fn check(x: f64, y: f64, row: u16, column: u16, side: Side, beyond: i32) {
        let got = AREA.at(PhysicalPosition::new(x, y));
        assert_eq!(
            (got.row, got.column, got.side, got.beyond),
            (row, column, side, beyond)
        );
    }

    #[test]
    fn pixels_to_cells() {
        check(4.0, 36.0, 0, 0, Side::Left, 0);
        check(11.9, 36.0, 0, 0, Side::Right, 0);
        check(12.0, 52.0, 1, 1, Side::Left, 0);
        check(0.0, 40.0, 0, 0, Side::Left, 0);
        check(9999.0, 40.0, 0, 79, Side::Right, 0);
    }

    #[test]
    fn cells_of_double_rows_take_two_columns() {
        let at = |x: f64, columns: u16| {
            let at = AREA
                .at(PhysicalPosition::new(x, 40.0))
                .in_double_row(columns);
            (at.column, at.side)
        };
        assert_eq!(at(4.0, 80), (0, Side::Left));
        assert_eq!(at(12.0, 80), (0, Side::Right));
        assert_eq!(at(20.0, 80), (1, Side::Left));
        assert_eq!(at(9999.0, 80), (39, Side::Right));
        assert_eq!(at(4.0 + 79.0 * 8.0, 79), (38, Side::Right));
    }

    #[test]
    fn beyond_the_viewport() {
        check(4.0, 35.0, 0, 0, Side::Left, -1);
        check(4.0, 10.0, 0, 0, Side::Left, -2);
        check(4.0, 36.0 + 383.0, 23, 0, Side::Left, 0);
        check(4.0, 36.0 + 384.0, 23, 0, Side::Left, 1);
        check(4.0, 36.0 + 400.0, 23, 0, Side::Left, 2);
    }

    #[test]
    fn clicks_count_to_three() {
        let (mut counter, now) = (ClickCounter::default(), Instant::now());
        let at = PhysicalPosition::new(10.0, 10.0);
        let counts: Vec<u8> = (0..4).map(|_| counter.press(now, at)).collect();
        assert_eq!(counts, [1, 2, 3, 1]);
        assert_eq!(counter.press(now, PhysicalPosition::new(40.0, 10.0)), 1);
        assert_eq!(
            counter.press(now + CLICK_TIME * 2, PhysicalPosition::new(40.0, 10.0)),
            1
        );
    }

    #[test]
    fn small_strokes_add_up() {
        let mut wheel = Wheel::default();
        let stroke = |y| MouseScrollDelta::PixelDelta(PhysicalPosition::new(0.0, y));
        assert_eq!(wheel.turn(stroke(10.0), 3.0, (8, 16)), (0, 0));
        assert_eq!(wheel.turn(stroke(10.0), 3.0, (8, 16)), (0, 1));
        assert_eq!(wheel.turn(stroke(-16.0), 3.0, (8, 16)), (0, -1));
        assert_eq!(
            wheel.turn(MouseScrollDelta::LineDelta(0.0, 1.0), 3.0, (8, 16)),
            (0, 3)
        );
    }
}

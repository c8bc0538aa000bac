//! Positions: lines, columns, points and identities of logical lines.

use std::fmt;
use std::ops::{Add, Sub};

/// A row's position relative to the active screen: `Line(0)` is its top row, negative lines are
/// scrollback (`Line(-1)` is the newest row there).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(pub i32);

impl Add<i32> for Line {
    type Output = Line;
    fn add(self, rows: i32) -> Line {
        Line(self.0.saturating_add(rows))
    }
}

impl Sub<i32> for Line {
    type Output = Line;
    fn sub(self, rows: i32) -> Line {
        Line(self.0.saturating_sub(rows))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A column, 0-based from the left edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column(pub u16);

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A cell's position, relative to the active screen (see [`Line`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// The row.
    pub line: Line,
    /// The column.
    pub column: Column,
}

impl Point {
    /// A point from its parts.
    pub const fn new(line: i32, column: u16) -> Self {
        Self {
            line: Line(line),
            column: Column(column),
        }
    }
}

/// Which half of a cell a pointer is in; a selection begins or ends between cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The left half.
    Left,
    /// The right half.
    Right,
}

/// The identity of a logical line (rows joined by soft wraps): given when its first row enters the
/// screen, never reused, growing downwards. See `blocks.md` 4.1: reflow moves no anchor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub u64);

//! Sizes of the grid, in cells and in pixels.

/// The size of a screen in cells. Always at least 2 × 1 and at most 4096 × 4096 (`limits.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GridSize {
    /// Columns of one row.
    pub columns: u16,
    /// Rows of the screen.
    pub rows: u16,
}

impl GridSize {
    /// The smallest size a grid can have: a wide character must fit.
    pub const MIN: GridSize = GridSize {
        columns: 2,
        rows: 1,
    };
    /// The largest size a grid can have.
    pub const MAX: GridSize = GridSize {
        columns: 4096,
        rows: 4096,
    };

    /// A size, clamped between [`GridSize::MIN`] and [`GridSize::MAX`].
    pub fn new(columns: u16, rows: u16) -> Self {
        Self {
            columns: columns.clamp(Self::MIN.columns, Self::MAX.columns),
            rows: rows.clamp(Self::MIN.rows, Self::MAX.rows),
        }
    }
}

impl Default for GridSize {
    fn default() -> Self {
        Self {
            columns: 80,
            rows: 24,
        }
    }
}

/// The size of a line's characters (DECSWL, DECDWL, DECDHL).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LineSize {
    /// As all others.
    #[default]
    Single,
    /// Twice as wide.
    DoubleWidth,
    /// Twice as wide and high; the upper half.
    DoubleTop,
    /// Twice as wide and high; the lower half.
    DoubleBottom,
}

impl LineSize {
    /// Whether characters take two columns each.
    pub fn is_double(self) -> bool {
        self != Self::Single
    }

    /// The columns that a line of this size shows of `columns`: half of them in a double one.
    pub fn columns(self, columns: usize) -> usize {
        match self {
            Self::Single => columns,
            Self::DoubleWidth | Self::DoubleTop | Self::DoubleBottom => (columns / 2).max(1),
        }
    }
}

/// The size of one cell in physical pixels, for the size reports (XTWINOPS 14, 16, 18; mode 2048).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PixelSize {
    /// Width of a cell.
    pub width: u16,
    /// Height of a cell.
    pub height: u16,
}

impl Default for PixelSize {
    fn default() -> Self {
        Self {
            width: 8,
            height: 16,
        }
    }
}

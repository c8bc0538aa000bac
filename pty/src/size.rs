//! The size that a pseudo-terminal tells its program.

/// A window's size as in `struct winsize`: cells, and the pixels of the whole grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WindowSize {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
    /// Width of all columns in physical pixels; 0 when unknown.
    pub pixel_width: u16,
    /// Height of all rows in physical pixels; 0 when unknown.
    pub pixel_height: u16,
}

impl WindowSize {
    /// A grid of `columns` × `rows` cells of `cell_width` × `cell_height` physical pixels each.
    /// The pixels saturate at 65,535, the most that `struct winsize` holds.
    pub fn from_cells(columns: u16, rows: u16, cell_width: u16, cell_height: u16) -> Self {
        Self {
            columns,
            rows,
            pixel_width: columns.saturating_mul(cell_width),
            pixel_height: rows.saturating_mul(cell_height),
        }
    }
}

impl From<WindowSize> for portable_pty::PtySize {
    fn from(size: WindowSize) -> Self {
        Self {
            rows: size.rows,
            cols: size.columns,
            pixel_width: size.pixel_width,
            pixel_height: size.pixel_height,
        }
    }
}

impl From<WindowSize> for rustix::termios::Winsize {
    fn from(size: WindowSize) -> Self {
        Self {
            ws_row: size.rows,
            ws_col: size.columns,
            ws_xpixel: size.pixel_width,
            ws_ypixel: size.pixel_height,
        }
    }
}

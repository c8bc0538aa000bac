//! The scrollbar: a thin thumb at the right edge, shown while there is something above or below.

use renderer::units::Rect;

/// Where the thumb is, and how a drag on it maps to rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scrollbar {
    /// The strip that takes the pointer.
    pub(crate) track: Rect,
    /// The thumb.
    pub(crate) thumb: Rect,
    /// Rows of scrollback.
    total: u32,
}

/// Width of the thumb, in logical pixels.
const WIDTH: f32 = 6.0;
/// Width of the strip that takes the pointer, in logical pixels.
const TRACK_WIDTH: f32 = 12.0;
/// The shortest thumb, in logical pixels.
const MIN_THUMB: f32 = 24.0;
/// Height of a mark, in logical pixels.
const MARK: f32 = 2.0;

impl Scrollbar {
    /// The bar for a pane at `area` that shows `rows` rows, `offset` rows above the newest of `total`
    /// scrollback rows; `None` when there is no scrollback.
    pub(crate) fn new(area: Rect, rows: u16, offset: u32, total: u32, scale: f32) -> Option<Self> {
        if total == 0 || area.height == 0 {
            return None;
        }
        let px = |logical: f32| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a few pixels, positive"
            )]
            let px = (logical * scale).round().max(1.0) as u32;
            px
        };
        let all = u64::from(total) + u64::from(rows);
        let height = u64::from(area.height);
        let thumb = (height * u64::from(rows) / all)
            .max(u64::from(px(MIN_THUMB)))
            .min(height);
        let above = u64::from(total - offset.min(total));
        let top = (height - thumb) * above / u64::from(total);
        let right = area.x + i32::try_from(area.width).unwrap_or(i32::MAX);
        let strip = |width: u32| right - i32::try_from(width).unwrap_or(0);
        let whole = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        let inset = i32::try_from(px(1.0)).unwrap_or(1);
        Some(Self {
            track: Rect {
                x: strip(px(TRACK_WIDTH)),
                width: px(TRACK_WIDTH),
                ..area
            },
            thumb: Rect {
                x: strip(px(WIDTH)) - inset,
                y: area.y + i32::try_from(top).unwrap_or(i32::MAX),
                width: px(WIDTH),
                height: whole(thumb),
            },
            total,
        })
    }

    /// The two halves of the track that marks are drawn in: at the left of the thumb, and over it.
    pub(crate) fn lanes(&self) -> (Rect, Rect) {
        let width = self.track.width / 3;
        let left = Rect {
            width,
            ..self.track
        };
        let right = Rect {
            x: left.right(),
            width: self.track.width - width,
            ..self.track
        };
        (left, right)
    }

    /// The offset that puts the thumb's top at `y` (physical pixels from the window's top).
    pub(crate) fn offset_at(&self, y: i32) -> u32 {
        let room = i64::from(self.track.height) - i64::from(self.thumb.height);
        if room <= 0 {
            return 0;
        }
        let top = i64::from(y.saturating_sub(self.track.y)).clamp(0, room);
        let total = i64::from(self.total);
        u32::try_from(total - total * top / room).unwrap_or(0)
    }
}

/// Height of a mark beside the thumb, in physical pixels.
pub(crate) fn mark_height(scale: f32) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few pixels, positive"
    )]
    let height = (MARK * scale).round().max(1.0) as u32;
    height
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect {
        x: 0,
        y: 10,
        width: 100,
        height: 240,
    };

    #[test]
    fn no_scrollback_no_bar() {
        assert_eq!(Scrollbar::new(AREA, 24, 0, 0, 1.0), None);
    }

    #[test]
    fn the_thumb_ends_where_the_rows_end() {
        let bottom = Scrollbar::new(AREA, 24, 0, 24, 1.0).expect("there is scrollback");
        assert_eq!(bottom.thumb.y + 120, 10 + 240);
        let top = Scrollbar::new(AREA, 24, 24, 24, 1.0).expect("there is scrollback");
        assert_eq!(top.thumb.y, 10);
    }

    #[test]
    fn marks_have_lanes_beside_each_other() {
        let bar = Scrollbar::new(AREA, 24, 0, 24, 1.5).expect("there is scrollback");
        let (left, right) = bar.lanes();
        assert_eq!((left.x, left.width, right.x), (82, 6, 88));
        assert_eq!(right.right(), AREA.right());
        assert!(left.right() <= bar.thumb.x);
    }

    #[test]
    fn a_drag_there_gives_the_offset_back() {
        for offset in [0, 1, 500, 999_999, 1_000_000] {
            let bar =
                Scrollbar::new(AREA, 24, offset, 1_000_000, 1.0).expect("there is scrollback");
            let error = bar.offset_at(bar.thumb.y).abs_diff(offset);
            // One pixel of a track 216 pixels long stands for 4,630 rows.
            assert!(error <= 1_000_000 / 216 + 1, "{offset}: off by {error}");
        }
    }
}

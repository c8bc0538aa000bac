//! A picture in the processor's memory.

use crate::Rect;

/// A picture: one `u32` a pixel, alpha, red, green, blue from the highest byte, sRGB, premultiplied
/// as compositors expect it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pixmap {
    width: u32,
    height: u32,
    pixels: Vec<u32>,
}

impl Pixmap {
    /// A picture of `width` × `height` transparent pixels.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            pixels: vec![0; width as usize * height as usize],
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Everything of it.
    pub fn bounds(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// The pixels, row-major.
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    /// The pixels to be drawn to.
    pub fn as_mut(&mut self) -> PixmapMut<'_> {
        PixmapMut {
            width: self.width,
            height: self.height,
            pixels: &mut self.pixels,
        }
    }

    /// The pixels as 4 bytes each: red, green, blue, alpha.
    pub fn to_rgba(&self) -> Vec<u8> {
        let swap = |pixel: &u32| {
            let [alpha, red, green, blue] = pixel.to_be_bytes();
            [red, green, blue, alpha]
        };
        self.pixels.iter().flat_map(swap).collect()
    }

    /// Moves the pixels of a rectangle up or down, so that its top comes to `y`. Both places must be inside.
    pub(crate) fn scroll(&mut self, from: &Rect, y: i32) {
        let rows = from.height as usize;
        let width = self.width as usize;
        let (Ok(x), Ok(source), Ok(target)) = (
            usize::try_from(from.x),
            usize::try_from(from.y),
            usize::try_from(y),
        ) else {
            return;
        };
        if from.width == self.width {
            let start = source * width;
            self.pixels
                .copy_within(start..start + rows * width, target * width);
            return;
        }
        let mut copy = |row: usize| {
            let start = (source + row) * width + x;
            let end = start + from.width as usize;
            self.pixels
                .copy_within(start..end, (target + row) * width + x);
        };
        // In the order in which no row is overwritten before it was read.
        if target < source {
            (0..rows).for_each(&mut copy);
        } else {
            (0..rows).rev().for_each(&mut copy);
        }
    }
}

/// A picture somewhere in memory that is drawn to: see [`Pixmap`].
#[derive(Debug)]
pub struct PixmapMut<'a> {
    width: u32,
    height: u32,
    pixels: &'a mut [u32],
}

impl<'a> PixmapMut<'a> {
    /// A picture of `width` pixels in a row; `None` unless `pixels` are whole rows.
    pub fn new(width: u32, pixels: &'a mut [u32]) -> Option<Self> {
        let (rows, rest) = (
            pixels.len().checked_div(width as usize)?,
            pixels.len() % width as usize,
        );
        (rest == 0).then_some(Self {
            width,
            height: u32::try_from(rows).ok()?,
            pixels,
        })
    }

    /// Everything of it.
    pub fn bounds(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// The rows of pixels that a rectangle covers, with the rectangle cut to what there is.
    pub fn rows(&mut self, rect: &Rect) -> impl Iterator<Item = &mut [u32]> {
        let rect = rect.intersection(&self.bounds());
        let start = |value: i32| usize::try_from(value).unwrap_or(0);
        let (x, width) = (start(rect.x), rect.width as usize);
        let rows = if rect.is_empty() { 0 } else { rect.height };
        self.pixels
            .chunks_exact_mut((self.width as usize).max(1))
            .skip(start(rect.y))
            .take(rows as usize)
            .map(move |row| &mut row[x..x + width])
    }

    /// Takes a rectangle over from a picture of the same size.
    pub fn copy_from(&mut self, source: &Pixmap, rect: &Rect) {
        let rect = rect
            .intersection(&source.bounds())
            .intersection(&self.bounds());
        let start = |value: i32| usize::try_from(value).unwrap_or(0);
        let (x, width) = (start(rect.x), rect.width as usize);
        let from = source
            .pixels
            .chunks_exact((source.width as usize).max(1))
            .skip(start(rect.y));
        for (to, from) in self.rows(&rect).zip(from) {
            to.copy_from_slice(&from[x..x + width]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture whose pixels are their numbers.
    fn numbered(width: u32, height: u32) -> Pixmap {
        Pixmap {
            width,
            height,
            pixels: (0..width * height).collect(),
        }
    }

    #[test]
    fn rectangles_scroll_both_ways_and_leave_the_rest() {
        let mut up = numbered(4, 4);
        up.scroll(&Rect::new(1, 1, 2, 3), 0);
        assert_eq!(
            up.pixels,
            [0, 5, 6, 3, 4, 9, 10, 7, 8, 13, 14, 11, 12, 13, 14, 15]
        );
        let mut down = numbered(4, 3);
        down.scroll(&Rect::new(0, 0, 4, 2), 1);
        assert_eq!(down.pixels, [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7]);
        let mut down = numbered(3, 3);
        down.scroll(&Rect::new(1, 0, 1, 2), 1);
        assert_eq!(down.pixels, [0, 1, 2, 3, 1, 5, 6, 4, 8]);
    }

    #[test]
    fn what_is_outside_is_cut_off() {
        let source = numbered(3, 2);
        let mut target = Pixmap::new(3, 2);
        target.as_mut().copy_from(&source, &Rect::new(-5, 1, 7, 9));
        assert_eq!(target.pixels, [0, 0, 0, 3, 4, 0]);
        assert_eq!(target.as_mut().rows(&Rect::new(9, 0, 5, 5)).count(), 0);
    }

    #[test]
    fn pixels_come_as_bytes_in_order() {
        let mut picture = Pixmap::new(1, 1);
        picture.pixels[0] = 0xff01_0203;
        assert_eq!(picture.to_rgba(), [1, 2, 3, 255]);
        assert!(PixmapMut::new(0, &mut []).is_none());
        assert!(PixmapMut::new(2, &mut [0; 3]).is_none());
    }
}

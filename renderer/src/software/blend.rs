//! Blending in linear light, in whole numbers: the same pictures as the shader's, to the last bit or one off.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "channels, light and shares within the ranges named here"
)]

use std::sync::LazyLock;

use crate::color::{byte, encoded, lightness, linear};

/// As much light as a channel can have. 14 bits: the darkest two of 256 channels differ by 5.
const LIGHT: i32 = (1 << 14) - 1;

/// A whole share of ink, in bits.
const SHARE_BITS: u32 = 12;
const SHARE: i32 = 1 << SHARE_BITS;

/// Colors of text on a background that are remembered.
const INKS: usize = 64;

/// Channels to light and back.
struct Curve {
    light: [u16; 256],
    channel: [u8; LIGHT as usize + 1],
}

static CURVE: LazyLock<Box<Curve>> = LazyLock::new(|| {
    Box::new(Curve {
        light: std::array::from_fn(|channel| {
            (linear(channel as f32 / 255.0) * LIGHT as f32).round() as u16
        }),
        channel: std::array::from_fn(|light| byte(encoded(light as f32 / LIGHT as f32) * 255.0)),
    })
});

impl Curve {
    /// Red, green and blue of a pixel, or of a color, as light.
    fn light(&self, channels: [u8; 3]) -> [i32; 3] {
        channels.map(|channel| i32::from(self.light[usize::from(channel)]))
    }

    /// `light` over a pixel, of which a `share` of [`SHARE`] remains hidden.
    #[inline]
    fn mix(&self, pixel: u32, light: [i32; 3], share: i32) -> u32 {
        let [alpha, red, green, blue] = pixel.to_be_bytes();
        let under = self.light([red, green, blue]);
        let channel = |index: usize| {
            let (under, over) = (under[index], light[index]);
            let mixed = under + (((over - under) * share + SHARE / 2) >> SHARE_BITS);
            self.channel[(mixed.clamp(0, LIGHT)) as usize]
        };
        let alpha = i32::from(alpha);
        let alpha = alpha + (((255 - alpha) * share + SHARE / 2) >> SHARE_BITS);
        u32::from_be_bytes([alpha as u8, channel(0), channel(1), channel(2)])
    }
}

/// A color at an opacity (0 to 1) as a pixel: the encoded channels times alpha.
pub(super) fn premultiplied(color: [u8; 3], opacity: f32) -> u32 {
    let opacity = if opacity.is_finite() {
        opacity.clamp(0.0, 1.0)
    } else {
        1.0
    };
    let [red, green, blue] = color.map(|channel| byte(f32::from(channel) * opacity));
    u32::from_be_bytes([byte(opacity * 255.0), red, green, blue])
}

/// One color, laid over pixels.
#[derive(Clone, Copy)]
pub(super) struct Solid {
    light: [i32; 3],
    color: [u8; 4],
    share: i32,
}

impl Solid {
    /// A straight sRGB color with its alpha.
    pub(super) fn new(color: [u8; 4]) -> Self {
        Self {
            light: CURVE.light([color[0], color[1], color[2]]),
            color,
            share: share(f32::from(color[3]) / 255.0),
        }
    }

    /// The same at an opacity of its own.
    pub(super) fn faded(self, opacity: u8) -> Self {
        let alpha = f32::from(self.color[3]) * f32::from(opacity) / (255.0 * 255.0);
        Self {
            share: share(alpha),
            ..self
        }
    }

    /// A pixel under it.
    pub(super) fn over(self, pixel: u32) -> u32 {
        CURVE.mix(pixel, self.light, self.share)
    }

    /// Covers a row.
    pub(super) fn cover(self, pixels: &mut [u32]) {
        if self.share == SHARE {
            let [red, green, blue, _] = self.color;
            pixels.fill(u32::from_be_bytes([255, red, green, blue]));
            return;
        }
        // Neighbors are alike more often than not.
        let mut last = None;
        for pixel in pixels {
            let covered = match last {
                Some((under, covered)) if under == *pixel => covered,
                _ => self.over(*pixel),
            };
            last = Some((*pixel, covered));
            *pixel = covered;
        }
    }
}

/// The inks of text.
pub(super) struct Blender {
    inks: Box<[Ink]>,
    stroke: f32,
}

impl Default for Blender {
    fn default() -> Self {
        Self {
            inks: vec![Ink::default(); INKS].into_boxed_slice(),
            stroke: 1.0,
        }
    }
}

impl Blender {
    /// The exponent of coverage.
    pub(super) fn set_stroke(&mut self, stroke: f32) {
        if self.stroke.to_bits() != stroke.to_bits() {
            self.stroke = stroke;
            self.inks.fill(Ink::default());
        }
    }

    /// The ink of a color (straight sRGB and alpha), weighed for a background this light, and quick on `background`.
    pub(super) fn ink(&mut self, color: [u8; 4], backdrop: u8, background: u32) -> &mut Ink {
        let key = (color, backdrop, background);
        let mixed = u32::from_be_bytes(color).wrapping_mul(0x9e37_79b1)
            ^ background.wrapping_mul(0x85eb_ca6b)
            ^ u32::from(backdrop).wrapping_mul(0xc2b2_ae35);
        let index = (mixed >> 16) as usize % INKS;
        let ink = &mut self.inks[index];
        if ink.key != Some(key) {
            *ink = Ink::new(key, self.stroke);
        }
        ink
    }
}

/// A color of text on one background.
#[derive(Clone)]
pub(super) struct Ink {
    key: Option<([u8; 4], u8, u32)>,
    light: [i32; 3],
    weights: Weights,
    /// The background under this coverage; 0 where it was not reckoned yet.
    known: [u32; 256],
}

impl Default for Ink {
    fn default() -> Self {
        Self {
            key: None,
            light: [0; 3],
            weights: Weights::default(),
            known: [0; 256],
        }
    }
}

impl Ink {
    fn new(key: ([u8; 4], u8, u32), stroke: f32) -> Self {
        let ([red, green, blue, alpha], backdrop, _) = key;
        Self {
            key: Some(key),
            light: CURVE.light([red, green, blue]),
            weights: Weights::new([red, green, blue], alpha, backdrop, stroke),
            known: [0; 256],
        }
    }

    /// Covers a row of pixels as far as a row of the mask says.
    pub(super) fn cover(&mut self, pixels: &mut [u32], coverage: &[u8]) {
        let background = self.key.map_or(0, |(_, _, background)| background);
        for (pixel, &coverage) in pixels.iter_mut().zip(coverage) {
            if coverage == 0 {
                continue;
            }
            let known = self.known[usize::from(coverage)];
            if *pixel == background && known != 0 {
                *pixel = known;
                continue;
            }
            let covered = CURVE.mix(*pixel, self.light, self.weights.share(coverage));
            if *pixel == background {
                self.known[usize::from(coverage)] = covered;
            }
            *pixel = covered;
        }
    }
}

/// What weighs the coverage of text: see the shader's `weigh`.
#[derive(Clone, Copy, Default)]
struct Weights {
    /// Lightness of the background and of the text.
    lightness: (f32, f32),
    /// Light of the background, and one over the difference of light.
    light: (f32, f32),
    stroke: f32,
    alpha: f32,
}

impl Weights {
    fn new([r, g, b]: [u8; 3], alpha: u8, backdrop: u8, stroke: f32) -> Self {
        let text = f32::from(lightness(terminal::Rgb { r, g, b })) / 255.0;
        let back = f32::from(backdrop) / 255.0;
        let difference = to_light(text) - to_light(back);
        Self {
            lightness: (back, text),
            light: (
                to_light(back),
                if difference.abs() > 0.01 {
                    1.0 / difference
                } else {
                    0.0
                },
            ),
            stroke,
            alpha: f32::from(alpha) / 255.0,
        }
    }

    /// The share of [`SHARE`] that ink has where this much is covered.
    fn share(&self, coverage: u8) -> i32 {
        let mut part = f32::from(coverage) / 255.0;
        #[expect(
            clippy::float_cmp,
            reason = "set to exactly 1 where strokes are as they are"
        )]
        if self.stroke != 1.0 {
            part = part.powf(self.stroke);
        }
        let (back, text) = self.lightness;
        let (light, inverse) = self.light;
        if inverse != 0.0 {
            let wanted = to_light(back + (text - back) * part);
            part = ((wanted - light) * inverse).clamp(0.0, 1.0);
        }
        share(part * self.alpha)
    }
}

/// A part, 0 to 1, of [`SHARE`].
fn share(part: f32) -> i32 {
    (part * SHARE as f32 + 0.5) as i32
}

/// A polynomial near the sRGB curve, good to 1 part in 300, as in the shader.
fn to_light(lightness: f32) -> f32 {
    lightness * (lightness * (lightness * 0.305_306_01 + 0.682_171_1) + 0.012_522_878)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_survives_light() {
        for channel in 0..=255_u8 {
            let light = CURVE.light[usize::from(channel)];
            assert_eq!(CURVE.channel[usize::from(light)], channel);
        }
    }

    #[test]
    fn half_of_white_over_black_is_half_the_light() {
        let half = Solid::new([255, 255, 255, 128]).over(0xff00_0000);
        assert_eq!(half, 0xffbc_bcbc);
        let whole = Solid::new([1, 2, 3, 255]).over(0x0000_0000);
        assert_eq!(whole, 0xff01_0203);
        assert_eq!(premultiplied([255, 128, 0], 0.5), 0x8080_4000);
    }

    #[test]
    fn inks_know_what_they_reckoned() {
        let mut blender = Blender::default();
        let mut pixels = [0xff10_2030, 0xff10_2030, 0xff00_0000, 0xff10_2030];
        let ink = blender.ink([200, 210, 220, 255], 30, 0xff10_2030);
        ink.cover(&mut pixels, &[255, 100, 100, 0]);
        assert_eq!((pixels[0], pixels[3]), (0xffc8_d2dc, 0xff10_2030));
        assert_ne!(pixels[1], pixels[2]);
        let mut again = [0xff10_2030];
        ink.cover(&mut again, &[100]);
        assert_eq!(again[0], pixels[1]);
    }
}

//! The palette in force: the theme's colors with a program's changes over them.

use crate::color::{Palette, Rgb};
use crate::limits::MAX_COLOR_STACK;

/// What a program changed; kept over a new theme.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Changes {
    /// OSC 4.
    indexed: Box<[Option<Rgb>; 256]>,
    /// OSC 10–19.
    dynamic: [Option<Rgb>; 10],
    /// OSC 5: bold, underline, blink, reverse, italic. Kept for their reports; attributes do not turn
    /// into colors here, as in xterm by default.
    special: [Option<Rgb>; SPECIAL_COLORS],
}

/// Colors of OSC 5.
pub(crate) const SPECIAL_COLORS: usize = 5;

impl Default for Changes {
    fn default() -> Self {
        Self {
            indexed: Box::new([None; 256]),
            dynamic: [None; 10],
            special: [None; SPECIAL_COLORS],
        }
    }
}

/// The colors of a terminal.
#[derive(Debug)]
pub(crate) struct Colors {
    theme: Palette,
    changes: Changes,
    /// XTPUSHCOLORS.
    stack: Vec<Changes>,
    /// The theme with the changes.
    palette: Palette,
    generation: u64,
}

/// One of OSC 10–19.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DynamicColor(u8);

impl DynamicColor {
    /// The color of an OSC number, 10–19.
    pub(crate) fn from_number(number: u16) -> Option<Self> {
        match u8::try_from(number) {
            Ok(number @ 10..=19) => Some(Self(number - 10)),
            _ => None,
        }
    }

    /// Its OSC number.
    pub(crate) fn number(self) -> u8 {
        self.0 + 10
    }

    /// The next one: `OSC 10 ; a ; b` sets 10 and 11.
    pub(crate) fn next(self) -> Option<Self> {
        (self.0 < 9).then(|| Self(self.0 + 1))
    }

    fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl Colors {
    /// A theme's colors, unchanged.
    pub(crate) fn new(theme: Palette) -> Self {
        let palette = theme.clone();
        Self {
            theme,
            changes: Changes::default(),
            stack: Vec::new(),
            palette,
            generation: 1,
        }
    }

    /// The colors in force.
    pub(crate) fn palette(&self) -> &Palette {
        &self.palette
    }

    /// Changes whenever the palette does.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Replaces the theme.
    pub(crate) fn set_theme(&mut self, theme: Palette) {
        if self.theme != theme {
            self.theme = theme;
            self.update();
        }
    }

    /// The indexed colors that a program changed.
    pub(crate) fn changed(&self) -> Vec<(u8, Rgb)> {
        let colors = (0u8..=255).zip(self.changes.indexed.iter());
        colors
            .filter_map(|(index, color)| Some((index, (*color)?)))
            .collect()
    }

    /// OSC 4 with a color, OSC 104 without.
    pub(crate) fn set_indexed(&mut self, index: u8, color: Option<Rgb>) {
        self.changes.indexed[usize::from(index)] = color;
        self.update();
    }

    /// OSC 104 without an index.
    pub(crate) fn reset_indexed(&mut self) {
        *self.changes.indexed = [None; 256];
        self.update();
    }

    /// OSC 10–19 with a color, OSC 110–119 without.
    pub(crate) fn set_dynamic(&mut self, which: DynamicColor, color: Option<Rgb>) {
        self.changes.dynamic[which.index()] = color;
        self.update();
    }

    /// The color that OSC 10–19 report.
    pub(crate) fn dynamic(&self, which: DynamicColor) -> Rgb {
        let palette = &self.palette;
        if let Some(color) = self.changes.dynamic[which.index()] {
            return color;
        }
        match which.number() {
            11 | 14 | 16 => palette.background,
            12 => palette.cursor.unwrap_or(palette.foreground),
            17 => palette.selection_background.unwrap_or(palette.foreground),
            19 => palette.selection_foreground.unwrap_or(palette.background),
            _ => palette.foreground,
        }
    }

    /// OSC 5 with a color, OSC 105 without.
    pub(crate) fn set_special(&mut self, index: usize, color: Option<Rgb>) {
        if let Some(slot) = self.changes.special.get_mut(index) {
            *slot = color;
        }
    }

    /// OSC 105 without an index.
    pub(crate) fn reset_special(&mut self) {
        self.changes.special = [None; SPECIAL_COLORS];
    }

    /// The color that OSC 5 reports.
    pub(crate) fn special(&self, index: usize) -> Option<Rgb> {
        let slot = self.changes.special.get(index)?;
        Some(slot.unwrap_or(self.palette.foreground))
    }

    /// RIS: forgets every change and the stack.
    pub(crate) fn reset(&mut self) {
        self.changes = Changes::default();
        self.stack.clear();
        self.update();
    }

    /// XTPUSHCOLORS: `slot` 0 pushes, 1–10 stores there.
    pub(crate) fn push(&mut self, slot: usize) {
        match slot {
            0 => {
                if self.stack.len() == MAX_COLOR_STACK {
                    self.stack.remove(0);
                }
                self.stack.push(self.changes.clone());
            }
            1..=MAX_COLOR_STACK => {
                if self.stack.len() < slot {
                    self.stack.resize(slot, self.changes.clone());
                }
                self.stack[slot - 1] = self.changes.clone();
            }
            _ => {}
        }
    }

    /// XTPOPCOLORS: `slot` 0 pops, 1–10 reads from there. Returns whether anything was there.
    pub(crate) fn pop(&mut self, slot: usize) -> bool {
        let changes = match slot {
            0 => self.stack.pop(),
            _ => self.stack.get(slot - 1).cloned(),
        };
        let found = changes.is_some();
        if let Some(changes) = changes {
            self.changes = changes;
            self.update();
        }
        found
    }

    /// Entries on the stack.
    pub(crate) fn depth(&self) -> usize {
        self.stack.len()
    }

    fn update(&mut self) {
        let mut palette = self.theme.clone();
        for (slot, change) in palette.indexed.iter_mut().zip(self.changes.indexed.iter()) {
            *slot = change.unwrap_or(*slot);
        }
        let dynamic = &self.changes.dynamic;
        palette.foreground = dynamic[0].unwrap_or(palette.foreground);
        palette.background = dynamic[1].unwrap_or(palette.background);
        palette.cursor = dynamic[2].or(palette.cursor);
        palette.selection_background = dynamic[7].or(palette.selection_background);
        palette.selection_foreground = dynamic[9].or(palette.selection_foreground);
        if palette != self.palette {
            self.palette = palette;
            self.generation += 1;
        }
    }
}

/// Reads a color as XParseColor does, without names and device-independent spaces (`security.md` 2.1):
/// `#rgb`, `#rrggbb`, `#rrrgggbbb`, `#rrrrggggbbbb` (the digits are the high ones), `rgb:r/g/b` with one to
/// four digits each (scaled).
pub(crate) fn parse_color(text: &[u8]) -> Option<Rgb> {
    if let Some(digits) = text.strip_prefix(b"#") {
        if !matches!(digits.len(), 3 | 6 | 9 | 12) {
            return None;
        }
        let width = digits.len() / 3;
        let mut channels = digits.chunks_exact(width).map(|digits| {
            let value = hexadecimal(digits)?;
            u8::try_from((value << (16 - 4 * width)) >> 8).ok()
        });
        return Some(Rgb::new(
            channels.next()??,
            channels.next()??,
            channels.next()??,
        ));
    }
    let mut channels = text
        .strip_prefix(b"rgb:")?
        .split(|&byte| byte == b'/')
        .map(|digits| {
            if digits.is_empty() || digits.len() > 4 {
                return None;
            }
            let most = (1u32 << (4 * digits.len())) - 1;
            u8::try_from((hexadecimal(digits)? * 255 + most / 2) / most).ok()
        });
    let color = Rgb::new(channels.next()??, channels.next()??, channels.next()??);
    channels.next().is_none().then_some(color)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, &digit| {
        Some(value << 4 | char::from(digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(u8, u8, u8)>) {
        let expected = expected.map(|(r, g, b)| Rgb::new(r, g, b));
        assert_eq!(parse_color(text.as_bytes()), expected, "{text}");
    }

    #[test]
    fn colors_are_read_as_x_does() {
        check("#fff", Some((0xf0, 0xf0, 0xf0)));
        check("#808080", Some((0x80, 0x80, 0x80)));
        check("#800800f00", Some((0x80, 0x80, 0xf0)));
        check("#aaaabbbbcccc", Some((0xaa, 0xbb, 0xcc)));
        check("rgb:f0f0/8080/0000", Some((0xf0, 0x80, 0)));
        check("rgb:f/8/0", Some((0xff, 0x88, 0)));
        check("rgb:ff/fff/0", Some((0xff, 0xff, 0)));
        for bad in [
            "",
            "#",
            "#ff",
            "#gggggg",
            "red",
            "rgb:",
            "rgb:1/2",
            "rgb:1/2/3/4",
            "rgb:12345/1/1",
        ] {
            check(bad, None);
        }
        check("rgbi:1/1/1", None);
    }

    #[test]
    fn changes_stay_over_a_new_theme() {
        let mut colors = Colors::new(Palette::default());
        let red = Rgb::new(1, 2, 3);
        colors.set_indexed(5, Some(red));
        let generation = colors.generation();
        let mut theme = Palette::default();
        theme.indexed[6] = red;
        colors.set_theme(theme.clone());
        assert_eq!(
            (colors.palette().indexed[5], colors.palette().indexed[6]),
            (red, red)
        );
        assert!(colors.generation() > generation);
        assert_eq!(colors.changed(), [(5, red)]);
        colors.reset();
        assert_eq!(*colors.palette(), theme);
    }

    #[test]
    fn the_stack_is_bounded() {
        let mut colors = Colors::new(Palette::default());
        for value in 0..20 {
            colors.set_indexed(0, Some(Rgb::new(value, 0, 0)));
            colors.push(0);
        }
        assert_eq!(colors.depth(), MAX_COLOR_STACK);
        assert!(colors.pop(0));
        assert_eq!(colors.palette().indexed[0].r, 19);
        assert!(!colors.pop(11));
    }
}

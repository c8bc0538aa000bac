//! Styled text as HTML: what `block_text` gives with SGR, as spans with inline colors, complete by itself.

use std::fmt::Write as _;

use terminal::{Palette, Rgb};

/// The look that SGR built up.
#[derive(Clone, Debug, Default, PartialEq)]
struct Look {
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    strike: bool,
    reverse: bool,
    conceal: bool,
    foreground: Option<Rgb>,
    background: Option<Rgb>,
}

/// A `<pre>` with the text, in the theme's colors.
pub(crate) fn page(styled: &str, palette: &Palette) -> String {
    let mut out = format!(
        "<pre style=\"color:{};background:{};padding:1em;font-family:monospace\">",
        css(palette.foreground),
        css(palette.background)
    );
    let mut look = Look::default();
    let mut rest = styled;
    while let Some(at) = rest.find('\x1b') {
        span(&mut out, &rest[..at], &look, palette);
        let sequence = &rest[at + 1..];
        let length = match sequence.as_bytes().first() {
            Some(b'[') => sequence.find('m').map(|end| {
                look.apply(&sequence[1..end], palette);
                end + 1
            }),
            Some(b']') => sequence.find("\x1b\\").map(|end| end + 2),
            _ => None,
        };
        rest = &sequence[length.unwrap_or(0)..];
    }
    span(&mut out, rest, &look, palette);
    out.push_str("</pre>");
    out
}

/// Text as HTML has it.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

fn span(out: &mut String, text: &str, look: &Look, palette: &Palette) {
    // What cannot be seen is not copied either.
    if text.is_empty() || look.conceal {
        return;
    }
    if *look == Look::default() {
        out.push_str(&escape(text));
        return;
    }
    let mut style = String::new();
    let (mut foreground, mut background) = (look.foreground, look.background);
    if look.reverse {
        let front = foreground.unwrap_or(palette.foreground);
        foreground = Some(background.unwrap_or(palette.background));
        background = Some(front);
    }
    if let Some(color) = foreground {
        let _ = write!(style, "color:{};", css(color));
    }
    if let Some(color) = background {
        let _ = write!(style, "background:{};", css(color));
    }
    for (on, declaration) in [
        (look.bold, "font-weight:bold;"),
        (look.dim, "opacity:.6;"),
        (look.italic, "font-style:italic;"),
        (look.underline, "text-decoration:underline;"),
        (look.strike, "text-decoration:line-through;"),
    ] {
        if on {
            style.push_str(declaration);
        }
    }
    let _ = write!(out, "<span style=\"{style}\">{}</span>", escape(text));
}

fn css(color: Rgb) -> String {
    format!("#{:02x}{:02x}{:02x}", color.r, color.g, color.b)
}

impl Look {
    /// Takes the parameters of an SGR sequence, as the core writes them.
    fn apply(&mut self, parameters: &str, palette: &Palette) {
        let mut codes = parameters.split(';');
        while let Some(code) = codes.next() {
            let (code, sub) = code.split_once(':').unwrap_or((code, ""));
            match code.parse::<u16>().unwrap_or(0) {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = sub != "0",
                21 => self.underline = true,
                7 => self.reverse = true,
                8 => self.conceal = true,
                9 => self.strike = true,
                n @ 30..=37 => self.foreground = indexed(n - 30, palette),
                n @ 90..=97 => self.foreground = indexed(n - 90 + 8, palette),
                n @ 40..=47 => self.background = indexed(n - 40, palette),
                n @ 100..=107 => self.background = indexed(n - 100 + 8, palette),
                n @ (38 | 48 | 58) => {
                    let color = extended(&mut codes, palette);
                    match n {
                        38 => self.foreground = color,
                        48 => self.background = color,
                        _ => {}
                    }
                }
                _ => {}
            }
        }
    }
}

fn indexed(index: u16, palette: &Palette) -> Option<Rgb> {
    palette.indexed.get(usize::from(index)).copied()
}

fn extended<'a>(codes: &mut impl Iterator<Item = &'a str>, palette: &Palette) -> Option<Rgb> {
    let mut next = || codes.next()?.parse::<u16>().ok();
    match next()? {
        5 => indexed(next()?, palette),
        2 => {
            let mut byte = || u8::try_from(next()?).ok();
            Some(Rgb::new(byte()?, byte()?, byte()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_become_spans() {
        let palette = Palette::default();
        let html = page(
            "a<b \x1b[0;1;38;2;1;2;3mx\x1b[m\ny \x1b[0;8msecret\x1b[m",
            &palette,
        );
        assert!(html.contains("a&lt;b "), "{html}");
        assert!(
            html.contains("<span style=\"color:#010203;font-weight:bold;\">x</span>\ny "),
            "{html}"
        );
        assert!(!html.contains("secret"));
        assert!(html.ends_with("</pre>"));
    }

    #[test]
    fn reverse_swaps() {
        let palette = Palette {
            foreground: Rgb::new(1, 1, 1),
            background: Rgb::new(2, 2, 2),
            ..Palette::default()
        };
        let html = page("\x1b[0;7mx", &palette);
        assert!(html.contains("color:#020202;background:#010101;"), "{html}");
    }
}

//! Styled text as a terminal would be sent it: SGR and OSC 8 where the look changes, the default look at the end
//! of each line, so that any line stands alone.

use std::fmt::Write as _;

use crate::cell::{Attrs, Style, UnderlineStyle};
use crate::color::{Color, Rgb};

/// A look of text: its style and the target of its link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TextLook<'a> {
    pub(crate) style: Style,
    pub(crate) link: Option<&'a str>,
}

/// Writes text with its look, or without.
#[derive(Debug)]
pub(crate) struct Styler {
    styled: bool,
    style: Style,
    link: String,
    /// The sequences of styles met lately: output has few, and changes between them often.
    known: Vec<(Style, String)>,
}

/// Styles whose sequences are remembered.
const MAX_KNOWN: usize = 8;

impl Styler {
    pub(crate) fn new(styled: bool) -> Self {
        Self {
            styled,
            style: Style::default(),
            link: String::new(),
            known: Vec::new(),
        }
    }

    /// Appends text of one look.
    pub(crate) fn text(&mut self, out: &mut String, text: &str, look: &TextLook<'_>) {
        if self.styled {
            let link = look.link.unwrap_or_default();
            if link != self.link {
                let _ = write!(out, "\x1b]8;;{link}\x1b\\");
                link.clone_into(&mut self.link);
            }
            if look.style != self.style {
                self.style = look.style;
                self.change(out);
            }
        }
        out.push_str(text);
    }

    /// Appends the sequence of the style in force.
    fn change(&mut self, out: &mut String) {
        if let Some((_, sequence)) = self.known.iter().find(|(style, _)| *style == self.style) {
            out.push_str(sequence);
            return;
        }
        let before = out.len();
        sgr(&self.style, out);
        if self.known.len() == MAX_KNOWN {
            self.known.clear();
        }
        self.known.push((self.style, out[before..].to_owned()));
    }

    /// Returns to the default look.
    pub(crate) fn reset(&mut self, out: &mut String) {
        self.text(out, "", &TextLook::default());
    }
}

/// The SGR sequence that makes any style this one; DECSCA's protection is left out.
fn sgr(style: &Style, out: &mut String) {
    if *style == Style::default() {
        out.push_str("\x1b[m");
        return;
    }
    out.push_str("\x1b[0");
    const CODES: [(Attrs, u8); 8] = [
        (Attrs::BOLD, 1),
        (Attrs::DIM, 2),
        (Attrs::ITALIC, 3),
        (Attrs::BLINK, 5),
        (Attrs::REVERSE, 7),
        (Attrs::CONCEAL, 8),
        (Attrs::STRIKETHROUGH, 9),
        (Attrs::OVERLINE, 53),
    ];
    for (attr, code) in CODES {
        if style.attrs.contains(attr) {
            let _ = write!(out, ";{code}");
        }
    }
    out.push_str(match style.underline {
        UnderlineStyle::None => "",
        UnderlineStyle::Single => ";4",
        UnderlineStyle::Double => ";21",
        UnderlineStyle::Curly => ";4:3",
        UnderlineStyle::Dotted => ";4:4",
        UnderlineStyle::Dashed => ";4:5",
    });
    let mut color = |color: Color, low: Option<u8>, long: u8| match (color, low) {
        (Color::Default, _) => {}
        (Color::Indexed(i @ 0..8), Some(low)) => {
            let _ = write!(out, ";{}", low + i);
        }
        (Color::Indexed(i @ 8..16), Some(low)) => {
            let _ = write!(out, ";{}", low + 60 + i - 8);
        }
        (Color::Indexed(i), _) => {
            let _ = write!(out, ";{long};5;{i}");
        }
        (Color::Rgb(Rgb { r, g, b }), _) => {
            let _ = write!(out, ";{long};2;{r};{g};{b}");
        }
    };
    color(style.foreground, Some(30), 38);
    color(style.background, Some(40), 48);
    color(style.underline_color, None, 58);
    out.push('m');
}

/// The text without what [`Styler`] put into it.
pub(crate) fn plain(styled: &str) -> String {
    let mut text = String::with_capacity(styled.len());
    let mut rest = styled;
    while let Some(at) = rest.find('\x1b') {
        text.push_str(&rest[..at]);
        let sequence = &rest[at + 1..];
        let length = match sequence.as_bytes().first() {
            Some(b'[') => sequence.find('m').map(|end| end + 1),
            Some(b']') => sequence.find("\x1b\\").map(|end| end + 2),
            _ => None,
        };
        rest = &sequence[length.unwrap_or(0)..];
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_written_and_taken_out_again() {
        let mut styler = Styler::new(true);
        let mut out = String::new();
        let red = TextLook {
            style: Style {
                foreground: Color::Indexed(1),
                attrs: Attrs::BOLD,
                ..Style::default()
            },
            link: Some("http://x/"),
        };
        styler.text(&mut out, "a", &TextLook::default());
        styler.text(&mut out, "b", &red);
        styler.text(&mut out, "c", &red);
        styler.reset(&mut out);
        assert_eq!(
            out,
            "a\x1b]8;;http://x/\x1b\\\x1b[0;1;31mbc\x1b]8;;\x1b\\\x1b[m"
        );
        assert_eq!(plain(&out), "abc");
    }
}

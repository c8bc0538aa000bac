//! Styled text (SGR and OSC 8 among the characters) as lines of spans, for previews and exports.
//!
//! Inert: nothing in it is carried out; what is neither SGR nor a link is left out (`security.md` 2.4).

use crate::record::sequence_length;

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// A color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Color {
    /// One of the palette's 256.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// How characters look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// Color of the characters; `None`: the default.
    pub foreground: Option<Color>,
    /// Color behind them; `None`: the default.
    pub background: Option<Color>,
    /// SGR 1.
    pub bold: bool,
    /// SGR 2.
    pub dim: bool,
    /// SGR 3.
    pub italic: bool,
    /// SGR 4, whatever its form.
    pub underline: bool,
    /// SGR 7.
    pub inverse: bool,
    /// SGR 9.
    pub strike: bool,
    /// The address of a link (OSC 8).
    pub link: Option<String>,
}

/// Characters that look alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The characters; no controls.
    pub text: String,
    /// Their look.
    pub style: Style,
}

/// One line.
pub type Line = Vec<Span>;

/// Lines of a styled text, at most `limit`.
#[must_use]
pub fn lines(styled: &str, limit: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line: Line = Vec::new();
    let mut style = Style::default();
    let mut text = String::new();
    let mut rest = styled;
    while lines.len() < limit {
        let Some(at) = rest.find(|one: char| one.is_control()) else {
            text.push_str(rest);
            break;
        };
        text.push_str(&rest[..at]);
        let one = rest[at..].chars().next().unwrap_or_default();
        rest = &rest[at + one.len_utf8()..];
        match one {
            '\n' => {
                push(&mut line, &mut text, &style);
                lines.push(std::mem::take(&mut line));
            }
            '\t' => {
                let column: usize = line
                    .iter()
                    .map(|span| span.text.chars().count())
                    .sum::<usize>()
                    + text.chars().count();
                text.extend(std::iter::repeat_n(' ', 8 - column % 8));
            }
            '\x1b' => {
                let length = sequence_length(rest);
                push(&mut line, &mut text, &style);
                apply(&mut style, &rest[..length]);
                rest = &rest[length..];
            }
            _ => {}
        }
    }
    push(&mut line, &mut text, &style);
    if !line.is_empty() && lines.len() < limit {
        lines.push(line);
    }
    lines
}

/// Styled text with its styles and nothing else that a terminal would obey: it may be printed.
#[must_use]
pub fn ansi(styled: &str) -> String {
    let mut text = String::with_capacity(styled.len());
    for line in lines(styled, usize::MAX) {
        for span in &line {
            let codes = span.style.codes();
            if codes.is_empty() {
                text.push_str(&span.text);
            } else {
                text.push_str("\x1b[");
                text.push_str(&codes);
                text.push('m');
                text.push_str(&span.text);
                text.push_str("\x1b[0m");
            }
        }
        text.push('\n');
    }
    if !styled.ends_with('\n') {
        text.pop();
    }
    text
}

impl Style {
    /// The parameters of the SGR sequence that makes this style out of the default one; links are left
    /// out.
    #[must_use]
    pub fn codes(&self) -> String {
        let mut codes: Vec<String> = Vec::new();
        for (set, code) in [
            (self.bold, "1"),
            (self.dim, "2"),
            (self.italic, "3"),
            (self.underline, "4"),
            (self.inverse, "7"),
            (self.strike, "9"),
        ] {
            if set {
                codes.push(code.to_owned());
            }
        }
        for (color, first) in [(self.foreground, 30_u16), (self.background, 40)] {
            codes.extend(color.map(|color| match color {
                Color::Indexed(idx @ 0..=7) => (first + u16::from(idx)).to_string(),
                Color::Indexed(idx @ 8..=15) => (first + 52 + u16::from(idx)).to_string(),
                Color::Indexed(idx) => format!("{};5;{idx}", first + 8),
                Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", first + 8),
            }));
        }
        codes.join(";")
    }
}

fn push(line: &mut Line, text: &mut String, style: &Style) {
    if text.is_empty() {
        return;
    }
    let text = std::mem::take(text);
    match line.last_mut() {
        Some(last) if last.style == *style => last.text.push_str(&text),
        _ => line.push(Span {
            text,
            style: style.clone(),
        }),
    }
}

/// Applies a sequence, without its ESC, if it is SGR or OSC 8.
fn apply(style: &mut Style, sequence: &str) {
    if let Some(link) = sequence.strip_prefix("]8;") {
        let address = link.split_once(';').map_or("", |(_, address)| address);
        let address = address.trim_end_matches(['\x07', '\\', '\x1b']);
        let known = ["https://", "http://", "file://", "mailto:"];
        let allowed = known.iter().any(|scheme| address.starts_with(scheme));
        style.link = allowed.then(|| address.to_owned());
        return;
    }
    let Some(parameters) = sequence
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix('m'))
    else {
        return;
    };
    if !parameters
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b':'))
    {
        return;
    }
    let link = style.link.take();
    let mut parameters = parameters.split(';');
    while let Some(parameter) = parameters.next() {
        one(style, parameter, &mut parameters);
    }
    style.link = link;
}

fn one<'a>(style: &mut Style, parameter: &str, more: &mut impl Iterator<Item = &'a str>) {
    let mut parts = parameter.split(':');
    let code: u16 = parts.next().unwrap_or_default().parse().unwrap_or(0);
    let small = |code: u16| u8::try_from(code).ok();
    match code {
        0 => *style = Style::default(),
        1 => style.bold = true,
        2 => style.dim = true,
        3 => style.italic = true,
        4 => style.underline = parts.next() != Some("0"),
        7 => style.inverse = true,
        9 => style.strike = true,
        21 => style.underline = true,
        22 => (style.bold, style.dim) = (false, false),
        23 => style.italic = false,
        24 => style.underline = false,
        27 => style.inverse = false,
        29 => style.strike = false,
        30..=37 => style.foreground = small(code - 30).map(Color::Indexed),
        38 => style.foreground = color(parts, more),
        39 => style.foreground = None,
        40..=47 => style.background = small(code - 40).map(Color::Indexed),
        48 => style.background = color(parts, more),
        49 => style.background = None,
        58 => {
            color(parts, more);
        }
        90..=97 => style.foreground = small(code - 82).map(Color::Indexed),
        100..=107 => style.background = small(code - 92).map(Color::Indexed),
        _ => {}
    }
}

/// The color after 38 or 48, in the form with `:` (ISO 8613-6) or with `;`.
fn color<'a>(
    parts: std::str::Split<'_, char>,
    more: &mut impl Iterator<Item = &'a str>,
) -> Option<Color> {
    let numbers = |text: &str| text.parse::<u8>().ok();
    let parts: Vec<&str> = parts.collect();
    if parts.is_empty() {
        return match more.next()? {
            "5" => Some(Color::Indexed(numbers(more.next()?)?)),
            "2" => {
                let (red, green, blue) = (more.next()?, more.next()?, more.next()?);
                Some(Color::Rgb(numbers(red)?, numbers(green)?, numbers(blue)?))
            }
            _ => None,
        };
    }
    match (parts[0], parts.len()) {
        ("5", 2..) => Some(Color::Indexed(numbers(parts[1])?)),
        ("2", 4..) => {
            // The color space may stand between, and may be empty.
            let last = &parts[if parts.len() > 4 { 2 } else { 1 }..];
            Some(Color::Rgb(
                numbers(last[0])?,
                numbers(last[1])?,
                numbers(last[2])?,
            ))
        }
        _ => None,
    }
}

/// Red, green and blue of a palette's entry, of which the first sixteen are given.
#[must_use]
pub fn rgb(color: Color, palette: &[Rgb; 16]) -> Rgb {
    let step = |level: u8| if level == 0 { 0 } else { 55 + 40 * level };
    match color {
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Indexed(idx @ 0..=15) => palette[usize::from(idx)],
        Color::Indexed(idx @ 16..=231) => {
            let cube = idx - 16;
            (step(cube / 36), step(cube / 6 % 6), step(cube % 6))
        }
        Color::Indexed(idx) => {
            let gray = 8 + 10 * (idx - 232);
            (gray, gray, gray)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spans as `text` or `text<style>`.
    fn shown(styled: &str) -> Vec<String> {
        lines(styled, 100)
            .iter()
            .map(|line| {
                line.iter()
                    .map(|span| {
                        let style = &span.style;
                        let mut marks = String::new();
                        if let Some(color) = style.foreground {
                            marks.push_str(&format!("{color:?} "));
                        }
                        if let Some(color) = style.background {
                            marks.push_str(&format!("on {color:?} "));
                        }
                        for (set, name) in [
                            (style.bold, "bold "),
                            (style.underline, "underline "),
                            (style.link.is_some(), "link "),
                        ] {
                            if set {
                                marks.push_str(name);
                            }
                        }
                        match marks.trim_end() {
                            "" => span.text.clone(),
                            marks => format!("{}<{marks}>", span.text),
                        }
                    })
                    .collect()
            })
            .collect()
    }

    #[track_caller]
    fn check(styled: &str, expected: &[&str]) {
        assert_eq!(shown(styled), expected, "{styled:?}");
    }

    #[test]
    fn styles_are_read() {
        check("", &[]);
        check("a\nb", &["a", "b"]);
        check("a\n\nb\n", &["a", "", "b"]);
        check("\x1b[1;31mx\x1b[0my", &["x<Indexed(1) bold>y"]);
        check("\x1b[91;104mx", &["x<Indexed(9) on Indexed(12)>"]);
        check("\x1b[38;5;208mx\x1b[39my", &["x<Indexed(208)>y"]);
        check("\x1b[38;2;1;2;3;1mx", &["x<Rgb(1, 2, 3) bold>"]);
        check("\x1b[38:2::1:2:3mx", &["x<Rgb(1, 2, 3)>"]);
        check("\x1b[48:5:7mx", &["x<on Indexed(7)>"]);
        check("\x1b[4:3mx\x1b[4:0my", &["x<underline>y"]);
        check("\x1b[58;5;1;1mx", &["x<bold>"]);
        check("a\tb", &["a       b"]);
    }

    #[test]
    fn what_is_no_style_does_nothing() {
        check(
            "\x1b[2Ja\x1b]0;title\x07b\x1b[?1049hc\x1b[>4;1md\x07",
            &["abcd"],
        );
        check("\x1b]8;;https://x.org\x1b\\l\x1b]8;;\x1b\\m", &["l<link>m"]);
        check("\x1b]8;;javascript:alert(1)\x1b\\l\x1b]8;;\x1b\\", &["l"]);
        check("\x1b[38;5mx\x1b[38mx", &["xx"]);
    }

    #[test]
    fn what_is_printed_again_has_styles_only() {
        for (styled, expected) in [
            ("\x1b[1;31mx\x1b[0my\n", "\x1b[1;31mx\x1b[0my\n"),
            ("\x1b[92;48;5;200mx", "\x1b[92;48;5;200mx\x1b[0m"),
            ("\x1b[2J\x1b]52;c;eA==\x07x\x1b[6n", "x"),
            ("", ""),
        ] {
            assert_eq!(ansi(styled), expected, "{styled:?}");
        }
    }

    #[test]
    fn lines_are_limited_and_colors_computed() {
        assert_eq!(lines("a\nb\nc\n", 2).len(), 2);
        let palette = [(1, 2, 3); 16];
        assert_eq!(rgb(Color::Indexed(3), &palette), (1, 2, 3));
        assert_eq!(rgb(Color::Indexed(16), &palette), (0, 0, 0));
        assert_eq!(rgb(Color::Indexed(231), &palette), (255, 255, 255));
        assert_eq!(rgb(Color::Indexed(255), &palette), (238, 238, 238));
    }
}

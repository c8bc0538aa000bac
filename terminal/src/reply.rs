//! What the terminal answers, and the one function that writes it.
//!
//! `security.md` R0: a reply is built from numbers, fixed strings and entries of our own tables, never from
//! bytes that came from the program. [`Reply`] is closed so that all of it can be seen in one `match`; the
//! only text in it is `'static` or made here from numbers.

use std::fmt::Write as _;

use crate::color::Rgb;
use crate::limits::{MAX_REPLIES, MAX_REPLY};

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// DA1: the conformance level (1–5), and whether OSC 52 may write.
    PrimaryAttributes { level: u8, clipboard: bool },
    /// DA2.
    SecondaryAttributes { level: u8 },
    /// DA3.
    TertiaryAttributes,
    /// What a VT100 that stands in for a VT52 says it is.
    Vt52,
    /// XTVERSION.
    Version,
    /// DSR 5.
    OperatingStatus,
    /// CPR, 1-based.
    CursorPosition { row: u16, column: u16 },
    /// DECXCPR, 1-based.
    ExtendedCursorPosition { row: u16, column: u16 },
    /// DSR ? n: one number, or several.
    Status(&'static [u16]),
    /// DECMSR: no space for macros.
    MacroSpace,
    /// DECCKSR for DSR ? 63: the identifier that was asked, a number.
    MacroChecksum { id: u16 },
    /// DSR ? 996.
    ColorScheme { dark: bool },
    /// DECRPM.
    Mode {
        number: u16,
        private: bool,
        answer: u8,
    },
    /// DECREPTPARM.
    TerminalParameters { solicited: bool },
    /// XTWINOPS 14, 16, 18: 4, 6 or 8, then height and width.
    WindowSize { kind: u16, height: u32, width: u32 },
    /// Mode 2048: rows, columns, height and width in pixels.
    InBandSize {
        rows: u16,
        columns: u16,
        height: u32,
        width: u32,
    },
    /// DECRQCRA.
    Checksum { id: u16, sum: u16 },
    /// DECRPSS: our own setting as its sequence less CSI, or invalid.
    Setting(Option<String>),
    /// XTGETTCAP: an entry of our table, or unknown.
    Capability(Option<(&'static str, Option<&'static str>)>),
    /// Kitty keyboard flags.
    KeyboardFlags(u8),
    /// XTQMODKEYS for modifyOtherKeys.
    ModifyOtherKeys(u8),
    /// XTQFMTKEYS for formatOtherKeys.
    FormatOtherKeys(u8),
    /// DECCIR, from numbers and designators of our own table.
    CursorInformation(String),
    /// DECTABSR: 1-based columns.
    TabStops(Vec<u16>),
    /// OSC 4, 5: kind, index, color.
    IndexedColor {
        kind: u8,
        index: u16,
        color: Rgb,
        bell: bool,
    },
    /// OSC 10–19.
    DynamicColor { number: u8, color: Rgb, bell: bool },
    /// XTREPORTCOLORS.
    ColorStack { current: usize, depth: usize },
    /// OSC 22 ? : what is known of each asked shape.
    PointerShapes(Vec<bool>),
}

/// Answers waiting to be written to the program.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    bytes: Vec<u8>,
    /// S8C1T: C1 controls are one byte.
    pub(crate) eight_bit: bool,
}

impl Replies {
    /// Queues an answer; drops it when the program does not read what it asks for.
    pub(crate) fn push(&mut self, reply: Reply) {
        let start = self.bytes.len();
        if start + MAX_REPLY > MAX_REPLIES {
            tracing::debug!("replies dropped: the program does not read them");
            return;
        }
        let bytes = pty_reply(reply, self.eight_bit);
        debug_assert!(bytes.len() <= MAX_REPLY, "{} bytes", bytes.len());
        if bytes.len() <= MAX_REPLY {
            self.bytes.extend_from_slice(&bytes);
        }
    }

    /// OSC 52: the user's clipboard, which the user allowed to be read. The only answer that is text.
    pub(crate) fn push_clipboard(&mut self, selections: &str, base64: &str) {
        let bytes = enclose(
            Family::Osc,
            &format!("52;{selections};{base64}"),
            self.eight_bit,
            false,
        );
        self.bytes.extend_from_slice(&bytes);
    }

    /// Takes what is queued.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Whether anything is queued.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Csi,
    Dcs,
    Osc,
}

/// The bytes of an answer: the only way anything but input reaches the program.
fn pty_reply(reply: Reply, eight_bit: bool) -> Vec<u8> {
    let csi = |body: String| enclose(Family::Csi, &body, eight_bit, false);
    let dcs = |body: String| enclose(Family::Dcs, &body, eight_bit, false);
    match reply {
        // What xterm says of a VT420 or VT525: 132 columns, printer port, selective erase, national sets,
        // technical set, locator port, state reports, user windows, horizontal scrolling, color,
        // rectangular editing, locator; 52 is the clipboard.
        Reply::PrimaryAttributes { level, clipboard } => {
            let clipboard = if clipboard { ";52" } else { "" };
            match level {
                ..=1 => csi("?1;2c".to_owned()),
                2 | 3 => csi(format!("?6{level};1;2;6;9;15;22;29{clipboard}c")),
                _ => csi(format!(
                    "?6{level};1;2;6;9;15;16;17;18;21;22;28;29{clipboard}c"
                )),
            }
        }
        // Model (VT220, VT320, VT420, VT520) and, for programs that look at it, a recent xterm's number.
        Reply::SecondaryAttributes { level } => csi(match level {
            ..=1 => ">0;390;0c".to_owned(),
            2 => ">1;390;0c".to_owned(),
            3 => ">24;390;0c".to_owned(),
            4 => ">41;390;0c".to_owned(),
            _ => ">64;390;0c".to_owned(),
        }),
        Reply::TertiaryAttributes => dcs("!|00000000".to_owned()),
        Reply::Vt52 => b"\x1b/Z".to_vec(),
        Reply::Version => dcs(format!(">|Terrace({})", env!("CARGO_PKG_VERSION"))),
        Reply::OperatingStatus => csi("0n".to_owned()),
        Reply::CursorPosition { row, column } => csi(format!("{row};{column}R")),
        Reply::ExtendedCursorPosition { row, column } => csi(format!("?{row};{column};1R")),
        Reply::Status(numbers) => csi(format!("?{}n", join(numbers.iter()))),
        Reply::MacroSpace => csi("0*{".to_owned()),
        Reply::MacroChecksum { id } => dcs(format!("{id}!~0000")),
        Reply::ColorScheme { dark } => csi(format!("?997;{}n", if dark { 1 } else { 2 })),
        Reply::Mode {
            number,
            private,
            answer,
        } => csi(format!(
            "{}{number};{answer}$y",
            if private { "?" } else { "" }
        )),
        Reply::TerminalParameters { solicited } => csi(format!(
            "{};1;1;128;128;1;0x",
            if solicited { 3 } else { 2 }
        )),
        Reply::WindowSize {
            kind,
            height,
            width,
        } => csi(format!("{kind};{height};{width}t")),
        Reply::InBandSize {
            rows,
            columns,
            height,
            width,
        } => csi(format!("48;{rows};{columns};{height};{width}t")),
        Reply::Checksum { id, sum } => dcs(format!("{id}!~{sum:04X}")),
        Reply::Setting(Some(setting)) => dcs(format!("1$r{setting}")),
        Reply::Setting(None) => dcs("0$r".to_owned()),
        Reply::Capability(Some((name, Some(value)))) => {
            dcs(format!("1+r{}={}", hexadecimal(name), hexadecimal(value)))
        }
        Reply::Capability(Some((name, None))) => dcs(format!("1+r{}", hexadecimal(name))),
        Reply::Capability(None) => dcs("0+r".to_owned()),
        Reply::KeyboardFlags(flags) => csi(format!("?{flags}u")),
        Reply::ModifyOtherKeys(value) => csi(format!(">4;{value}m")),
        Reply::FormatOtherKeys(value) => csi(format!(">4;{value}f")),
        Reply::CursorInformation(body) => dcs(format!("1$u{body}")),
        Reply::TabStops(mut columns) => {
            // Five bytes a column at most; the head and the terminators take some.
            columns.truncate((MAX_REPLY - 16) / 5);
            let list: Vec<String> = columns.iter().map(u16::to_string).collect();
            dcs(format!("2$u{}", list.join("/")))
        }
        Reply::IndexedColor {
            kind,
            index,
            color,
            bell,
        } => enclose(
            Family::Osc,
            &format!("{kind};{index};{}", specification(color)),
            eight_bit,
            bell,
        ),
        Reply::DynamicColor {
            number,
            color,
            bell,
        } => enclose(
            Family::Osc,
            &format!("{number};{}", specification(color)),
            eight_bit,
            bell,
        ),
        Reply::ColorStack { current, depth } => csi(format!("{current};{depth}#Q")),
        Reply::PointerShapes(known) => {
            let body = format!("22;{}", join(known.iter().map(|&known| u8::from(known))))
                .replace(';', ",");
            enclose(Family::Osc, &body.replacen(',', ";", 1), eight_bit, false)
        }
    }
}

/// Puts the introducer and the terminator around a body.
fn enclose(family: Family, body: &str, eight_bit: bool, bell: bool) -> Vec<u8> {
    let (long, short): (&[u8], u8) = match family {
        Family::Csi => (b"\x1b[", 0x9b),
        Family::Dcs => (b"\x1bP", 0x90),
        Family::Osc => (b"\x1b]", 0x9d),
    };
    let mut bytes = Vec::with_capacity(body.len() + 4);
    if eight_bit {
        bytes.push(short);
    } else {
        bytes.extend_from_slice(long);
    }
    bytes.extend_from_slice(body.as_bytes());
    match family {
        Family::Csi => {}
        _ if bell => bytes.push(7),
        _ if eight_bit => bytes.push(0x9c),
        _ => bytes.extend_from_slice(b"\x1b\\"),
    }
    bytes
}

fn join(numbers: impl Iterator<Item = impl std::fmt::Display>) -> String {
    let mut list = String::new();
    for number in numbers {
        let separator = if list.is_empty() { "" } else { ";" };
        // Writing to a string cannot fail.
        let _ = write!(list, "{separator}{number}");
    }
    list
}

/// `rgb:hhhh/hhhh/hhhh`, as X11 and xterm write colors.
fn specification(color: Rgb) -> String {
    let wide = |channel: u8| u16::from(channel) * 0x101;
    format!(
        "rgb:{:04x}/{:04x}/{:04x}",
        wide(color.r),
        wide(color.g),
        wide(color.b)
    )
}

fn hexadecimal(text: &str) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len() * 2), |mut all, byte| {
            let _ = write!(all, "{byte:02X}");
            all
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reply: Reply, expected: &str) {
        assert_eq!(String::from_utf8_lossy(&pty_reply(reply, false)), expected);
    }

    #[test]
    fn replies_have_their_documented_form() {
        check(Reply::OperatingStatus, "\x1b[0n");
        check(Reply::CursorPosition { row: 3, column: 4 }, "\x1b[3;4R");
        check(
            Reply::Mode {
                number: 7,
                private: true,
                answer: 1,
            },
            "\x1b[?7;1$y",
        );
        check(
            Reply::Mode {
                number: 4,
                private: false,
                answer: 2,
            },
            "\x1b[4;2$y",
        );
        check(Reply::Status(&[27, 1, 0, 0]), "\x1b[?27;1;0;0n");
        check(Reply::Setting(None), "\x1bP0$r\x1b\\");
        check(
            Reply::Capability(Some(("Co", Some("256")))),
            "\x1bP1+r436F=323536\x1b\\",
        );
        check(Reply::Capability(None), "\x1bP0+r\x1b\\");
        check(Reply::TabStops(vec![9, 17]), "\x1bP2$u9/17\x1b\\");
        check(Reply::PointerShapes(vec![true, false]), "\x1b]22;1,0\x1b\\");
        let color = Rgb::new(0xf0, 0x80, 0);
        check(
            Reply::DynamicColor {
                number: 10,
                color,
                bell: true,
            },
            "\x1b]10;rgb:f0f0/8080/0000\x07",
        );
    }

    #[test]
    fn eight_bit_controls_are_single_bytes() {
        assert_eq!(pty_reply(Reply::OperatingStatus, true), b"\x9b0n");
        assert_eq!(pty_reply(Reply::Setting(None), true), b"\x900$r\x9c");
    }

    #[test]
    fn a_reply_stays_under_its_limit() {
        let reply = pty_reply(Reply::TabStops((1000..6000).collect()), false);
        assert!(reply.len() <= MAX_REPLY);
    }

    #[test]
    fn replies_nobody_takes_are_dropped() {
        let mut replies = Replies::default();
        for _ in 0..MAX_REPLIES {
            replies.push(Reply::OperatingStatus);
        }
        assert!(replies.take().len() <= MAX_REPLIES);
        replies.push(Reply::OperatingStatus);
        assert_eq!(replies.take(), b"\x1b[0n");
    }
}

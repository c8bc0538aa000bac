//! What programs write, in shapes: a megabyte of each, always the same.

/// A small generator of random numbers (xorshift), so that payloads never change.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    fn char(&mut self, low: u32, high: u32) -> char {
        let code = self.between(u64::from(low), u64::from(high));
        u32::try_from(code)
            .ok()
            .and_then(char::from_u32)
            .unwrap_or('x')
    }

    fn ascii(&mut self) -> char {
        if self.below(100) < 14 {
            ' '
        } else {
            self.char(33, 126)
        }
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let index = self.below(from.len() as u64);
        from[usize::try_from(index).unwrap_or(0)]
    }
}

/// Columns and rows of the screens the payloads are made for.
pub(crate) const COLUMNS: u16 = 80;
/// See [`COLUMNS`].
pub(crate) const ROWS: u16 = 24;
const SIZE: usize = 1 << 20;

/// Repeats `piece` until there is a megabyte.
fn fill(seed: u64, mut piece: impl FnMut(&mut Random, &mut String)) -> Vec<u8> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ seed);
    let mut text = String::with_capacity(SIZE + 4096);
    while text.len() < SIZE {
        piece(&mut random, &mut text);
    }
    text.into_bytes()
}

/// Every payload with its name.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("ascii_dense", fill(1, |r, text| text.push(r.ascii()))),
        ("ascii_lines", fill(2, ascii_line)),
        ("unicode", fill(3, unicode_line)),
        ("sgr_light", fill(4, sgr_line)),
        ("truecolor_dense", fill(5, truecolor_screen)),
        ("scroll_newlines", fill(6, |_, text| text.push_str("y\r\n"))),
        ("scroll_region", scroll_region()),
        ("alt_random_writes", fill(8, random_write)),
        ("csi_heavy", fill(9, csi)),
    ]
}

/// One payload by its name.
pub(crate) fn by_name(name: &str) -> Vec<u8> {
    all()
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, bytes)| bytes)
        .unwrap_or_default()
}

fn ascii_line(r: &mut Random, text: &mut String) {
    for _ in 0..r.between(20, 78) {
        text.push(r.ascii());
    }
    text.push_str("\r\n");
}

fn unicode_line(r: &mut Random, text: &mut String) {
    const EMOJI: [&str; 6] = [
        "👨\u{200d}👩\u{200d}👧\u{200d}👦",
        "🏳\u{fe0f}\u{200d}🌈",
        "👍🏽",
        "🇩🇪",
        "❤\u{fe0f}",
        "🧑\u{200d}💻",
    ];
    let mut width = 0;
    while width < 74 {
        width += 1;
        match r.below(100) {
            0..40 => {
                text.push(r.char(0x4e00, 0x9fa5));
                width += 1;
            }
            40..50 => {
                text.push(r.char(0x1f600, 0x1f64f));
                width += 1;
            }
            50..55 => {
                text.push_str(r.pick(&EMOJI));
                width += 1;
            }
            55..70 => {
                text.push_str(r.pick(&["a", "e", "i", "o", "u", "n", "c", "s"]));
                text.push(r.char(0x300, 0x36f));
            }
            70..85 => text.push(r.char(0x410, 0x44f)),
            85..92 => text.push(r.char(0x2500, 0x257f)),
            _ => text.push(r.ascii()),
        }
    }
    text.push_str("\r\n");
}

fn word(r: &mut Random, low: u64, high: u64) -> String {
    (0..r.between(low, high)).map(|_| r.char(33, 126)).collect()
}

fn sgr_line(r: &mut Random, text: &mut String) {
    let mut width = 0;
    while width < 68 {
        let word = word(r, 3, 10);
        width += word.len() + 1;
        match r.below(10) {
            0..5 => {
                let sgr = r.pick(&[
                    "1", "2", "3", "4", "31", "32", "33", "34", "35", "36", "91", "92",
                ]);
                text.push_str(&format!("\x1b[{sgr}m{word}\x1b[0m "));
            }
            5..7 => text.push_str(&format!("\x1b[38;5;{}m{word}\x1b[39m ", r.between(16, 255))),
            _ => {
                text.push_str(&word);
                text.push(' ');
            }
        }
    }
    text.push_str("\r\n");
}

fn truecolor_screen(r: &mut Random, text: &mut String) {
    text.push_str("\x1b[H");
    for _ in 0..u32::from(COLUMNS) * u32::from(ROWS) {
        let rgb: Vec<_> = (0..6).map(|_| r.below(256).to_string()).collect();
        let (fg, bg) = (rgb[..3].join(";"), rgb[3..].join(";"));
        text.push_str(&format!("\x1b[38;2;{fg};48;2;{bg}m{}", r.char(33, 126)));
    }
}

fn scroll_region() -> Vec<u8> {
    let head = format!("\x1b[3;{0}r\x1b[{0};1H", ROWS - 2);
    let mut bytes = head.into_bytes();
    bytes.extend(b"y\r\n".iter().cycle().take(SIZE / 3 * 3));
    bytes.extend(b"\x1b[r");
    bytes
}

fn random_write(r: &mut Random, text: &mut String) {
    if text.is_empty() {
        text.push_str("\x1b[?1049h\x1b[2J");
    }
    let (row, column) = (
        r.between(1, u64::from(ROWS)),
        r.between(1, u64::from(COLUMNS) - 4),
    );
    let word = word(r, 1, 4);
    text.push_str(&format!("\x1b[{row};{column}H\x1b[3{}m{word}", r.below(8)));
    if text.len() >= SIZE {
        text.push_str("\x1b[0m\x1b[?1049l");
    }
}

fn csi(r: &mut Random, text: &mut String) {
    let (rows, columns) = (u64::from(ROWS), u64::from(COLUMNS));
    let piece = match r.below(24) {
        0 => format!("\x1b[{};{}H", r.between(1, rows), r.between(1, columns)),
        1 => format!("\x1b[{}{}", r.between(1, 5), r.pick(&["A", "B", "C", "D"])),
        2 => format!("\x1b[{}K", r.below(3)),
        3 => format!("\x1b[{}X", r.between(1, 9)),
        4 => format!("\x1b[{}P", r.between(1, 4)),
        5 => format!("\x1b[{}@", r.between(1, 4)),
        6 => format!("\x1b[{}L", r.between(1, 3)),
        7 => format!("\x1b[{}M", r.between(1, 3)),
        8 => format!("\x1b[{}S", r.between(1, 2)),
        9 => format!("\x1b[{}T", r.between(1, 2)),
        10 => format!("\x1b[{}m", r.pick(&["0", "1", "4", "7", "22", "27"])),
        11 => "\x1b7".to_owned(),
        12 => "\x1b8".to_owned(),
        13 => "\x1b[?25l".to_owned(),
        14 => "\x1b[?25h".to_owned(),
        15 => "\x1b[?7h".to_owned(),
        16 => format!("\x1b[{}G", r.between(1, columns)),
        17 => format!("\x1b[{}d", r.between(1, rows)),
        18 => "\t".to_owned(),
        19 => "\r".to_owned(),
        20 => format!("\x1b[4:3m\x1b[58:2::{}:10:20m", r.below(256)),
        21 => "x\x1b[5b".to_owned(),
        22 => "\x1bM".to_owned(),
        _ => "ab".to_owned(),
    };
    text.push_str(&piece);
}

/// What a shell and its commands write in a busy hour: prompts, commands echoed, output of 5 to 120 lines, colored
/// here and there; with the marks of a shell whose key is `bench`, or without.
pub(crate) fn shell(marks: bool) -> Vec<u8> {
    let mut n = 0;
    fill(10, |r, text| {
        n += 1;
        let proof = format!("aid=bench;tn=bench;n={n}");
        let mark = |text: &mut String, body: &str| {
            if marks {
                text.push_str(&format!("\x1b]{body}\x07"));
            }
        };
        let command = format!("cargo test -p {} -- {}", word(r, 4, 9), word(r, 4, 12));
        mark(
            text,
            &format!(
                "8377;ctx;{proof};sh=bash/5.2;pid=4242;user=me;host=here;cwd=/home/me/src/project"
            ),
        );
        mark(text, &format!("133;A;{proof};redraw=last;fl=1"));
        mark(text, "133;P;k=i");
        text.push_str("\x1b[?2004h\x1b[1;32mme@here\x1b[m:\x1b[1;34m~/src/project\x1b[m$ ");
        mark(text, "133;B");
        text.push_str(&command);
        text.push_str("\r\n\x1b[?2004l\r");
        let encoded = command.replace(' ', "%20");
        mark(
            text,
            &format!("133;C;cmdline_url={encoded};{proof};src=hist"),
        );
        for _ in 0..r.between(5, 120) {
            sgr_line(r, text);
        }
        mark(text, &format!("133;D;0;{proof};ps=0;dur=153000"));
    })
}

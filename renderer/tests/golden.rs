//! Pictures of frames, compared with those in `golden/` that were looked at and judged right.
//!
//! `TERRACE_BLESS=1 cargo test -p renderer --test golden` writes them anew: look at every one.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails loudly and says what it skips"
)]
mod common;

use std::path::PathBuf;

use common::{Page, Picture, attrs, fg, gpu, load, save, shoot, under};
use renderer::{FontOptions, Look, Preedit};
use terminal::cell::Style;
use terminal::frame::CursorShape;
use terminal::{Attrs, Color, Rgb, UnderlineStyle};

/// What differs between drivers: antialiasing by a few levels, on few pixels.
const LEVELS: u8 = 24;
const SHARE: f64 = 0.002;

#[track_caller]
fn check(name: &str, picture: &Picture) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.png"));
    if std::env::var_os("TERRACE_BLESS").is_some() {
        save(picture, &path);
        return;
    }
    let golden = load(&path).unwrap_or_else(|| panic!("{} is missing", path.display()));
    assert_eq!(
        (picture.width, picture.height),
        (golden.width, golden.height),
        "size of {name}"
    );
    let differing = picture
        .pixels
        .chunks_exact(4)
        .zip(golden.pixels.chunks_exact(4))
        .filter(|(a, b)| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > LEVELS))
        .count();
    let share = differing as f64 / (picture.pixels.len() / 4) as f64;
    if share > SHARE {
        let actual = std::env::temp_dir().join(format!("terrace-{name}.png"));
        save(picture, &actual);
        panic!(
            "{name}: {differing} pixels differ; see {}",
            actual.display()
        );
    }
}

fn fonts() -> FontOptions {
    FontOptions::default()
}

fn sample(mut page: Page) -> Page {
    let plain = Style::default();
    page.put(
        0,
        0,
        "The quick brown fox jumps over the lazy dog. 0123456789",
        plain,
    );
    page.put(
        1,
        0,
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ÀÉîõü ßøæ ĄŻ Жы Ωλ",
        plain,
    );
    let mut at = page.put(2, 0, "regular ", plain);
    at = page.put(2, at, "bold ", attrs(Attrs::BOLD));
    at = page.put(2, at, "italic ", attrs(Attrs::ITALIC));
    at = page.put(2, at, "bold italic ", attrs(Attrs::BOLD | Attrs::ITALIC));
    at = page.put(2, at, "dim ", attrs(Attrs::DIM));
    page.put(2, at, "reverse", attrs(Attrs::REVERSE));
    for color in 0..16 {
        let column = usize::from(color % 8) * 7;
        let row = 3 + usize::from(color / 8);
        page.put(row, column, &format!("color{color}"), fg(color));
    }
    for color in 0..56 {
        let style = Style {
            background: Color::Indexed(color + 16),
            ..Style::default()
        };
        page.put(5, usize::from(color), " ", style);
    }
    page.put(
        6,
        0,
        "fn main() -> Result<(), Error> { a != b && c >= d || e => f }",
        plain,
    );
    page
}

#[test]
fn text_on_dark() {
    let Some(gpu) = gpu() else { return };
    let page = sample(Page::new(60, 7));
    check(
        "text-dark",
        &shoot(&gpu, &page, &fonts(), 1.0, &Look::default()),
    );
    check(
        "text-dark-2x",
        &shoot(&gpu, &page, &fonts(), 2.0, &Look::default()),
    );
    let thin = FontOptions {
        thin_strokes: true,
        ligatures: false,
        ..fonts()
    };
    check(
        "text-dark-thin",
        &shoot(&gpu, &page, &thin, 1.0, &Look::default()),
    );
}

#[test]
fn text_on_light() {
    let Some(gpu) = gpu() else { return };
    let page = sample(Page::new(60, 7).light());
    check(
        "text-light",
        &shoot(&gpu, &page, &fonts(), 1.0, &Look::default()),
    );
    let spaced = FontOptions {
        line_height: 1.3,
        letter_spacing: 1.0,
        ..fonts()
    };
    check(
        "text-light-spaced",
        &shoot(&gpu, &page, &spaced, 1.5, &Look::default()),
    );
}

fn characters(page: &mut Page, row: usize, codes: impl IntoIterator<Item = u32>, width: usize) {
    for (i, code) in codes.into_iter().enumerate() {
        let text = char::from_u32(code).unwrap().to_string();
        page.put(row + i / width, i % width * 2, &text, Style::default());
    }
}

#[test]
fn box_drawing() {
    let Some(gpu) = gpu() else { return };
    let mut page = Page::new(64, 18);
    characters(&mut page, 0, 0x2500..0x2580, 32);
    let drawing = [
        "┌──┬──┐ ╔══╦══╗ ╓──╥──╖ ╒══╤══╕ ┏━━┳━━┓ ╭──┬──╮ ┍━━┯━━┑ ┎──┰──┒",
        "│  │  │ ║  ║  ║ ║  ║  ║ │  │  │ ┃  ┃  ┃ │╲ │ ╱│ │  │  │ ┃  ┃  ┃",
        "├──┼──┤ ╠══╬══╣ ╟──╫──╢ ╞══╪══╡ ┣━━╋━━┫ ├─╳┼╳─┤ ┝━━┿━━┥ ┠──╂──┨",
        "│  │  │ ║  ║  ║ ║  ║  ║ │  │  │ ┃  ┃  ┃ │╱ │ ╲│ │  │  │ ┃  ┃  ┃",
        "└──┴──┘ ╚══╩══╝ ╙──╨──╜ ╘══╧══╛ ┗━━┻━━┛ ╰──┴──╯ ┕━━┷━━┙ ┖──┸──┚",
        "┄┄┄┄ ┅┅┅┅ ┈┈┈┈ ┉┉┉┉ ╌╌╌╌ ╍╍╍╍ ┆┇┊┋╎╏ ╴╵╶╷╸╹╺╻╼╽╾╿ ╭╮╰╯",
        "                              ┆┇┊┋╎╏               ╰╯╭╮",
        "tree    ├── src   └── lib.rs  │   ▏▎▍▌▋▊▉█ ▁▂▃▄▅▆▇█ ▔▕ ░▒▓█",
    ];
    for (i, line) in drawing.iter().enumerate() {
        page.put(5 + i, 0, line, Style::default());
    }
    characters(&mut page, 14, 0x2580..0x25a0, 32);
    page.put(
        15,
        0,
        "▛▀▀▜ ▗▄▄▖ ▞▚▞▚ █▀█▄█ ░░░▒▒▒▓▓▓███ ◢██◣",
        Style::default(),
    );
    page.put(
        16,
        0,
        "▌  ▐ ▐██▌ ▚▞▚▞ ▀▄█▄▀ ░░░▒▒▒▓▓▓███ ████",
        Style::default(),
    );
    page.put(
        17,
        0,
        "▙▄▄▟ ▝▀▀▘           ░░░▒▒▒▓▓▓███ ◥██◤",
        Style::default(),
    );
    check(
        "boxes",
        &shoot(&gpu, &page, &fonts(), 1.0, &Look::default()),
    );
    check(
        "boxes-1.5x",
        &shoot(&gpu, &page, &fonts(), 1.5, &Look::default()),
    );
    let small = FontOptions {
        size_points: 6.0,
        ..fonts()
    };
    check(
        "boxes-6pt",
        &shoot(&gpu, &page, &small, 1.0, &Look::default()),
    );
}

#[test]
fn legacy_computing() {
    let Some(gpu) = gpu() else { return };
    let mut page = Page::new(64, 16);
    characters(&mut page, 0, 0x1_fb00..0x1_fb3c, 32);
    characters(&mut page, 2, 0x1_fb3c..0x1_fb70, 32);
    characters(&mut page, 4, 0x1_fb70..0x1_fbb0, 32);
    characters(&mut page, 6, (0xe0b0..0xe0c0).chain([0xe0d2, 0xe0d4]), 32);
    characters(&mut page, 7, 0x2800..0x2840, 32);
    characters(&mut page, 9, 0x28c0..0x2900, 32);
    let segment = |index, background| Style {
        foreground: Color::Indexed(index),
        background,
        ..Style::default()
    };
    let mut at = page.put(12, 0, " ~/src ", segment(15, Color::Indexed(4)));
    at = page.put(12, at, "\u{e0b0}", segment(4, Color::Indexed(2)));
    at = page.put(12, at, " main ", segment(0, Color::Indexed(2)));
    at = page.put(12, at, "\u{e0b0}", segment(2, Color::Default));
    at = page.put(12, at + 2, "\u{e0b6}", segment(5, Color::Default));
    at = page.put(12, at, " round ", segment(15, Color::Indexed(5)));
    at = page.put(12, at, "\u{e0b4}", segment(5, Color::Default));
    at = page.put(12, at + 2, "\u{e0ba}", segment(3, Color::Default));
    at = page.put(12, at, " slant ", segment(0, Color::Indexed(3)));
    at = page.put(12, at, "\u{e0bc}", segment(3, Color::Default));
    page.put(
        12,
        at + 2,
        "a \u{e0b1} b \u{e0b3} c \u{e0b5} d \u{e0b7} e",
        Style::default(),
    );
    page.put(
        13,
        0,
        "🭊🭂██🭍🬿  🭇🬼🭇🬼  🮘🮘🮘 🮙🮙🮙 🮕🮕🮖🮖 🭨🭪 🭩🭫 🮠🮡🮢🮣🮮",
        Style::default(),
    );
    page.put(
        14,
        0,
        "🭥🭓██🭞🭚  🭢🭗🭢🭗  🮘🮘🮘 🮙🮙🮙 🮕🮕🮖🮖 🭬🭮 🭭🭯 🮢🮣🮠🮡",
        Style::default(),
    );
    page.put(15, 0, "⣀⡠⠤⠔⠒⠉⠉⠒⠢⠤⣀ ⣿⣿⣿ ⡇⢸", Style::default());
    check(
        "legacy",
        &shoot(&gpu, &page, &fonts(), 1.0, &Look::default()),
    );
    check(
        "legacy-2x",
        &shoot(&gpu, &page, &fonts(), 2.0, &Look::default()),
    );
}

fn decorated() -> Page {
    let mut page = Page::new(48, 9);
    for (row, style) in [
        UnderlineStyle::Single,
        UnderlineStyle::Double,
        UnderlineStyle::Curly,
        UnderlineStyle::Dotted,
        UnderlineStyle::Dashed,
    ]
    .into_iter()
    .enumerate()
    {
        let at = page.put(row, 0, &format!("{style:?} gypsy,jq "), under(style));
        let red = Style {
            underline_color: Color::Indexed(9),
            ..under(style)
        };
        let at = page.put(row, at, "its own color", red);
        page.put(row, at + 1, "日本", under(style));
    }
    page.put(5, 0, "struck out", attrs(Attrs::STRIKETHROUGH));
    page.put(5, 12, "overlined", attrs(Attrs::OVERLINE));
    let all = Style {
        underline: UnderlineStyle::Curly,
        underline_color: Color::Rgb(Rgb::new(255, 170, 0)),
        attrs: Attrs::STRIKETHROUGH | Attrs::OVERLINE | Attrs::BOLD,
        ..Style::default()
    };
    page.put(5, 23, "everything", all);
    page.put(6, 0, "blinking", attrs(Attrs::BLINK));
    page.put(6, 10, "concealed", attrs(Attrs::CONCEAL));
    page.put(6, 21, "dim", attrs(Attrs::DIM));
    let dim_red = Style {
        attrs: Attrs::DIM,
        ..fg(9)
    };
    page.put(6, 25, "dim red", dim_red);
    let link = Style {
        foreground: Color::Indexed(12),
        ..Style::default()
    };
    page.put(7, 0, "https://example.org/ hovered", link);
    page.put(
        8,
        0,
        "bold red",
        Style {
            attrs: Attrs::BOLD,
            ..fg(1)
        },
    );
    page.put(
        8,
        10,
        "low contrast",
        Style {
            foreground: Color::Rgb(Rgb::new(0x22, 0x25, 0x2c)),
            ..Style::default()
        },
    );
    page
}

#[test]
fn decorations() {
    let Some(gpu) = gpu() else { return };
    let mut page = decorated();
    for row in 0..5 {
        // Wide cells need a font that may not be installed; their lines do not.
        let cells = &mut page.frame.rows[row].cells;
        for cell in cells.iter_mut().filter(|cell| !cell.character.is_ascii()) {
            cell.character = ' ';
        }
    }
    let look = Look {
        hovered_cells: vec![(7, 0, 20)],
        ..Look::default()
    };
    check("decorations", &shoot(&gpu, &page, &fonts(), 1.0, &look));
    check("decorations-2x", &shoot(&gpu, &page, &fonts(), 2.0, &look));
    let look = Look {
        text_blink_on: false,
        bold_is_bright: true,
        minimum_contrast: 4.5,
        ..look
    };
    check(
        "decorations-options",
        &shoot(&gpu, &page, &fonts(), 1.0, &look),
    );
    let dimmed = Look {
        dim: 0.5,
        ..Look::default()
    };
    check(
        "decorations-dimmed",
        &shoot(&gpu, &page, &fonts(), 1.0, &dimmed),
    );
}

#[test]
fn cursors_and_selection() {
    let Some(gpu) = gpu() else { return };
    let cases = [
        ("block", CursorShape::Block, true),
        ("beam", CursorShape::Beam, true),
        ("underline", CursorShape::Underline, true),
        ("hollow", CursorShape::Block, false),
    ];
    for (name, shape, focused) in cases {
        let mut page = Page::new(24, 3);
        page.put(0, 0, "selected text is here", Style::default());
        page.put(1, 0, "a -> b != c", fg(10));
        page.put(2, 0, "reverse", attrs(Attrs::REVERSE));
        page.select(0, 9, 24);
        page.select(1, 0, 4);
        page.cursor(1, 7);
        page.frame.cursor.shape = shape;
        if name == "beam" {
            page.frame.palette.selection_background = Some(Rgb::new(0x26, 0x4f, 0x78));
            page.frame.palette.cursor = Some(Rgb::new(0xff, 0xaa, 0));
        }
        let look = Look {
            focused,
            ..Look::default()
        };
        check(
            &format!("cursor-{name}"),
            &shoot(&gpu, &page, &fonts(), 1.0, &look),
        );
    }
    let mut page = Page::new(24, 3);
    page.put(0, 0, "reverse screen", Style::default());
    page.put(1, 0, "input ", Style::default());
    page.cursor(1, 6);
    page.frame.reverse_screen = true;
    let preedit = Some(Preedit {
        text: "nihongo".into(),
        cursor: Some((2, 5)),
    });
    let look = Look {
        preedit,
        ..Look::default()
    };
    check(
        "reverse-screen-preedit",
        &shoot(&gpu, &page, &fonts(), 1.0, &look),
    );
}

#[test]
fn double_sizes() {
    use terminal::LineSize::{DoubleBottom, DoubleTop, DoubleWidth};
    let Some(gpu) = gpu() else { return };
    let mut page = Page::new(48, 9);
    let all = Style {
        underline: UnderlineStyle::Curly,
        underline_color: Color::Indexed(9),
        attrs: Attrs::STRIKETHROUGH | Attrs::OVERLINE,
        ..Style::default()
    };
    let mut line = |row: usize, size| {
        page.frame.rows[row].size = size;
        let at = page.put(row, 0, "Qg ", fg(14));
        let at = page.put(row, at, "bi", attrs(Attrs::BOLD | Attrs::ITALIC));
        let at = page.put(row, at, "╔╦═┐▚⣿", fg(11));
        let at = page.put(row, at, "!=->", attrs(Attrs::REVERSE));
        let at = page.put(row, at, "_", under(UnderlineStyle::Double));
        page.put(row, at, "all", all);
    };
    line(0, DoubleTop);
    line(1, DoubleBottom);
    line(2, DoubleWidth);
    line(3, terminal::LineSize::Single);
    // One half without the other.
    line(5, DoubleBottom);
    line(7, DoubleTop);
    page.frame.rows[8].size = DoubleWidth;
    page.put(8, 0, "cursor and selection", Style::default());
    page.select(8, 0, 6);
    page.cursor(8, 11);
    check(
        "double-size",
        &shoot(&gpu, &page, &fonts(), 1.0, &Look::default()),
    );
    page.cursor(0, 1);
    let look = Look {
        focused: false,
        ..Look::default()
    };
    check("double-size-2x", &shoot(&gpu, &page, &fonts(), 2.0, &look));
}

/// Whether a family is installed; says so when it is not.
fn has_font(families: &[&str]) -> bool {
    for family in families {
        let options = FontOptions {
            family: (*family).to_owned(),
            ..fonts()
        };
        let (_, warnings) = renderer::Renderer::new(&options, 1.0);
        if !warnings.is_empty() {
            eprintln!("skipped: font \"{family}\" is not installed");
            return false;
        }
    }
    true
}

fn languages() -> Page {
    let mut page = Page::new(52, 12);
    let plain = Style::default();
    page.put(0, 0, "|日本語|中文字符|한국어|ｆｕｌｌ|", plain);
    page.put(1, 0, "|......|........|......|........|", plain);
    page.put(2, 0, "|😀|🎉|👩‍👩‍👧‍👦|🏳️‍🌈|🇩🇪|👍🏽|❤️|1️⃣|", plain);
    page.put(3, 0, "|..|..|..|..|..|..|..|..|", plain);
    page.put(4, 0, "|é|ñ|ö̲|a̐|क्षि|ก้|שָׁ|م|", plain);
    page.put(5, 0, "✓ ✗ ★ ☆ → ⇒ ∀ ∃ ∑ √ ∞ ⌘ ⏎ ⎋ ♠ ♥ ◆ ● ■ ▲ ▶ ⠿", plain);
    page.put(6, 0, "日本語", attrs(Attrs::BOLD));
    page.put(6, 8, "日本語", attrs(Attrs::ITALIC));
    page.put(6, 16, "中文", under(UnderlineStyle::Curly));
    page.put(6, 22, "😀 dim", attrs(Attrs::DIM));
    page.put(7, 0, "עברית العربية", plain);
    page.put(8, 0, "\u{e0a0} main \u{f303} x", plain);
    page.put(9, 0, "\u{10ffff}\u{e123} tofu", plain);
    page.put(10, 0, "Ω≈ç√∫˜µ≤≥÷ ²³¹ ½ ™ € £ ¥", plain);
    page.select(0, 1, 5);
    page.cursor(2, 1);
    page.frame.cursor.wide = true;
    page
}

#[test]
fn many_languages() {
    if !has_font(&["Noto Color Emoji", "WenQuanYi Micro Hei", "DejaVu Sans"]) {
        return;
    }
    let Some(gpu) = gpu() else { return };
    let page = languages();
    check(
        "languages",
        &shoot(&gpu, &page, &fonts(), 1.0, &Look::default()),
    );
    check(
        "languages-2x",
        &shoot(&gpu, &page, &fonts(), 2.0, &Look::default()),
    );
}

#[test]
fn another_family() {
    if !has_font(&["DejaVu Sans Mono"]) {
        return;
    }
    let Some(gpu) = gpu() else { return };
    let page = sample(Page::new(60, 7));
    let dejavu = FontOptions {
        family: "DejaVu Sans Mono".into(),
        size_points: 8.0,
        ..fonts()
    };
    check(
        "dejavu-8pt",
        &shoot(&gpu, &page, &dejavu, 1.0, &Look::default()),
    );
}

//! One scheme in every format gives the same theme; what is wrong is named.

use super::*;

/// Sixteen colors that differ in every digit's place.
fn color(number: usize) -> String {
    format!(
        "#{number:02x}{:02x}{:02x}",
        number * 3 + 1,
        200 - number * 5
    )
}

const NAMES: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

fn alacritty() -> String {
    let group = |base: usize| -> String {
        NAMES
            .iter()
            .enumerate()
            .map(|(number, name)| format!("{name} = \"{}\"\n", color(base + number)))
            .collect()
    };
    format!(
        "[colors.primary]\nforeground = '#d0d0d0'\nbackground = '#101010'\n[colors.cursor]\n\
         cursor = '#ff8800'\ntext = '#101010'\n[colors.selection]\nbackground = '#303040'\n\
         text = 'CellForeground'\n[colors.normal]\n{}[colors.bright]\n{}",
        group(0),
        group(8)
    )
}

fn old_alacritty() -> String {
    let group = |base: usize| -> String {
        NAMES
            .iter()
            .enumerate()
            .map(|(number, name)| {
                format!(
                    "    {name}: '{}'\n",
                    color(base + number).replace('#', "0x")
                )
            })
            .collect()
    };
    format!(
        "colors:\n  primary:\n    foreground: '0xd0d0d0'\n    background: '0x101010'\n  cursor:\n    \
         cursor: '0xff8800'\n    text: '0x101010'\n  selection:\n    background: '0x303040'\n  \
         normal:\n{}  bright:\n{}",
        group(0),
        group(8)
    )
}

fn kitty() -> String {
    let colors: String = (0..16)
        .map(|n| format!("color{n} {}\n", color(n)))
        .collect();
    format!(
        "## name: Sample\n# a comment\nforeground  #d0d0d0\nbackground\t#101010\ncursor #ff8800\n\
         cursor_text_color #101010\nselection_background #303040\n{colors}"
    )
}

fn ghostty() -> String {
    let colors: String = (0..16)
        .map(|n| format!("palette = {n}={}\n", color(n)))
        .collect();
    format!(
        "foreground = d0d0d0\nbackground = 101010\ncursor-color = ff8800\ncursor-text = 101010\n\
         selection-background = 303040\n{colors}"
    )
}

fn windows_terminal() -> String {
    let colors: String = (0..16)
        .map(|n| {
            let name = NAMES[n % 8].replace("magenta", "purple");
            let name = if n < 8 {
                name
            } else {
                format!("bright{}{}", name[..1].to_uppercase(), &name[1..])
            };
            format!("\"{name}\": \"{}\",\n", color(n))
        })
        .collect();
    format!(
        "{{ // the scheme\n\"name\": \"Sample\", \"foreground\": \"#d0d0d0\", \"background\": \
         \"#101010\", \"cursorColor\": \"#ff8800\", {colors} \"selectionBackground\": \"#303040\" }}"
    )
}

/// A property list entry of a color.
fn entry(key: &str, hex: &str, space: &str) -> String {
    let channel = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
    format!(
        "<key>{key}</key><dict><key>Alpha Component</key><real>1</real>\
         <key>Color Space</key><string>{space}</string>\
         <key>Red Component</key><real>{}</real><key>Green Component</key><real>{}</real>\
         <key>Blue Component</key><real>{}</real></dict>\n",
        channel(1),
        channel(3),
        channel(5)
    )
}

fn iterm2() -> String {
    let colors: String = (0..16)
        .map(|n| entry(&format!("Ansi {n} Color"), &color(n), "sRGB"))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>{colors}{}{}{}{}{}\
         </dict></plist>",
        entry("Foreground Color", "#d0d0d0", "sRGB"),
        entry("Background Color", "#101010", "sRGB"),
        entry("Cursor Color", "#ff8800", "sRGB"),
        entry("Cursor Text Color", "#101010", "sRGB"),
        entry("Selection Color", "#303040", "sRGB"),
    )
}

#[test]
fn every_format_gives_the_same_theme() {
    #[track_caller]
    fn check(file: &str, text: &str, format: Format) {
        assert_eq!(Format::guess(file, text), Some(format), "{file}");
        let imported = import(text, format, None, "Sample").unwrap();
        assert_eq!(imported.name, "Sample");
        assert_eq!(imported.notes, Vec::<String>::new());
        let theme = Theme::parse(&imported.text).unwrap();
        let hex = |color: Rgb| color.to_string();
        assert_eq!(hex(theme.foreground), "#d0d0d0");
        assert_eq!(hex(theme.background), "#101010");
        assert_eq!(hex(theme.cursor), "#ff8800");
        assert_eq!(hex(theme.cursor_text), "#101010");
        assert_eq!(hex(theme.selection_background), "#303040");
        assert_eq!(theme.selection_foreground, None);
        for number in 0..16 {
            assert_eq!(hex(theme.palette[number]), color(number), "color {number}");
        }
    }
    check("sample.toml", &alacritty(), Format::Alacritty);
    check("sample.yml", &old_alacritty(), Format::Alacritty);
    check("sample.conf", &kitty(), Format::Kitty);
    check("Sample", &ghostty(), Format::Ghostty);
    check("sample.json", &windows_terminal(), Format::WindowsTerminal);
    check("", &windows_terminal(), Format::WindowsTerminal);
    check("Sample.itermcolors", &iterm2(), Format::Iterm2);
    check("", &iterm2(), Format::Iterm2);
    assert_eq!(Format::guess("notes.txt", "hello\n"), None);
}

#[test]
fn base16_has_its_colors_where_its_guide_says() {
    #[track_caller]
    fn check(text: &str, expected: [&str; 6]) {
        let imported = import(text, Format::Base16, None, "x").unwrap();
        assert_eq!(imported.name, "Shades");
        assert_eq!(imported.notes.len(), usize::from(!text.contains("base12")));
        let theme = Theme::parse(&imported.text).unwrap();
        let found = [
            theme.background,
            theme.foreground,
            theme.palette[1],
            theme.palette[4],
            theme.palette[8],
            theme.palette[12],
        ]
        .map(|color| color.to_string());
        assert_eq!(found, expected);
    }
    let bases = |indent: &str, last: usize| -> String {
        (0..=last)
            .map(|n| format!("{indent}base{n:02X}: {:02x}{:02x}{:02x}\n", n * 10, n, n))
            .collect()
    };
    // Colors without quotes or with an exponent's look are still text: 000000, 0a0101, 1e0303.
    check(
        &format!("scheme: Shades\nauthor: somebody\n{}", bases("", 15)),
        [
            "#000000", "#320505", "#500808", "#820d0d", "#1e0303", "#820d0d",
        ],
    );
    check(
        &format!(
            "name: \"Shades\"\nvariant: dark\npalette:\n{}",
            bases("  ", 23)
        ),
        [
            "#000000", "#320505", "#500808", "#820d0d", "#1e0303", "#dc1616",
        ],
    );
}

#[test]
fn display_p3_becomes_srgb() {
    let text = iterm2().replace(
        &entry("Foreground Color", "#d0d0d0", "sRGB"),
        &entry("Foreground Color", "#ea3323", "P3"),
    );
    let imported = import(&text, Format::Iterm2, None, "x").unwrap();
    // Display P3's (234, 51, 35) is sRGB's pure red, as ColorSync has it.
    let red = Theme::parse(&imported.text).unwrap().foreground;
    assert!(red.r == 255 && red.g <= 4 && red.b <= 4, "{red}");
}

#[test]
fn what_is_left_behind_is_told() {
    #[track_caller]
    fn check(text: &str, format: Format, expected: &[&str]) {
        let imported = import(text, format, Some("Named"), "x").unwrap();
        assert_eq!(imported.name, "Named");
        assert_eq!(imported.notes, expected);
    }
    check(
        &format!("{}cursor_trail 3\nurl_color #00ff00\n", kitty()),
        Format::Kitty,
        &["not carried over: cursor_trail, url_color"],
    );
    check(
        &kitty().replace("color9 ", "#color9 "),
        Format::Kitty,
        &["the scheme of kitty lacks colors 9, which are those eight below them now"],
    );
    check(
        &alacritty().replace("'#ff8800'", "'CellForeground'"),
        Format::Alacritty,
        &[
            "colors.cursor.cursor = CellForeground is left to Terrace: a theme has no color of the cell beneath",
        ],
    );
    let many: String = (0..20).map(|n| format!("font.size{n} = 1\n")).collect();
    check(
        &format!("{many}{}", alacritty()),
        Format::Alacritty,
        &["not carried over: font"],
    );
}

#[test]
fn what_is_wrong_is_named() {
    #[track_caller]
    fn check(text: &str, format: Format, expected: &str) {
        let error = import(text, format, None, "x").unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    check(
        "[colors\n",
        Format::Alacritty,
        "1:8: no scheme of alacritty: ",
    );
    check(
        "{\n  \"name\": }",
        Format::WindowsTerminal,
        "2:11: no scheme of windows-terminal: ",
    );
    check("a: [", Format::Base16, "2:1: no scheme of base16: ");
    check("<plist><dict>", Format::Iterm2, "no scheme of iterm2: ");
    check(
        "foreground = red\n",
        Format::Ghostty,
        "1:14: foreground: found \"red\"; expected a color as in #rrggbb",
    );
    check(
        "foreground #ffffff\n",
        Format::Kitty,
        "the scheme of kitty lacks a background, color 0, color 1,",
    );
    check(
        "{\"schemes\": [{\"name\": \"A\"}, {\"name\": \"B\"}]}",
        Format::WindowsTerminal,
        "there are several schemes; choose one of \"A\", \"B\" by its name",
    );
    check(
        &"[".repeat(100_000),
        Format::Base16,
        "1:256: no scheme of base16: recursion limit exceeded",
    );
}

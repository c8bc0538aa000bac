//! Terrace's own themes are sound and legible; the user's are found, and can do nothing else.

use super::*;

#[test]
fn every_embedded_theme_is_sound() {
    for name in builtin::names() {
        let text = builtin::text(name).unwrap();
        let theme = Theme::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(theme.name, name);
        assert_eq!(theme.appearance, appearance_of(theme.background), "{name}");
        let contrast = theme.foreground.contrast(theme.background);
        assert!(contrast > 4.1, "{name}: text has a contrast of {contrast}");
        let selected = theme.selection_foreground.unwrap_or(theme.foreground);
        assert!(
            selected.contrast(theme.selection_background) > 3.0,
            "{name}: selected text"
        );
        assert!(
            theme.cursor.contrast(theme.background) > 2.0,
            "{name}: cursor"
        );
        assert!(
            theme.chrome.foreground.contrast(theme.chrome.background) > 2.9,
            "{name}: chrome"
        );
        assert!(
            theme.chrome.accent.contrast(theme.chrome.background) > 2.4,
            "{name}: the accent has a contrast of {}",
            theme.chrome.accent.contrast(theme.chrome.background)
        );
        let (accent, red) = (theme.chrome.accent, theme.palette[1]);
        assert!(
            accent.difference(red) >= TOLD_APART,
            "{name}: the accent {accent} looks like the red {red}"
        );
        let licences = include_str!("../../../assets/themes/LICENSES.md");
        let family = name.split([' ', '-']).next().unwrap();
        assert!(licences.contains(family), "{name} has no licence");
    }
    let names: std::collections::HashSet<_> = builtin::names().map(fold).collect();
    assert_eq!(
        names.len(),
        builtin::names().count(),
        "a name is there twice"
    );
    assert!(names.len() >= 60);
}

#[test]
fn pairs_are_a_dark_and_a_light_theme() {
    for name in builtin::names() {
        let Some(partner) = builtin::partner(name) else {
            continue;
        };
        let (one, other) = (
            builtin::find(name).unwrap(),
            builtin::find(partner).unwrap(),
        );
        assert_ne!(one.appearance, other.appearance, "{name} and {partner}");
        let back = builtin::partner(partner).unwrap();
        assert_eq!(builtin::find(back).unwrap().appearance, one.appearance);
    }
    assert_eq!(builtin::partner("solarized-dark"), Some("Solarized Light"));
    assert_eq!(builtin::partner("Nord"), None);
}

#[test]
fn our_own_themes_are_legible() {
    for theme in [builtin::terrace_dark(), builtin::terrace_light()] {
        let check = |what: &str, color: Rgb, ground: Rgb, least: f32| {
            let contrast = color.contrast(ground);
            assert!(
                contrast >= least,
                "{}: {what} has a contrast of {contrast}",
                theme.name
            );
        };
        check("text", theme.foreground, theme.background, 7.0);
        check(
            "selected text",
            theme.foreground,
            theme.selection_background,
            4.5,
        );
        check(
            "the chrome's text",
            theme.chrome.foreground,
            theme.chrome.background,
            4.5,
        );
        check(
            "the accent",
            theme.chrome.accent,
            theme.chrome.background,
            3.0,
        );
        check("the cursor", theme.cursor, theme.background, 3.0);
        // Black and white are grounds as often as text; all others are text.
        for number in (1..7).chain(8..15) {
            check(
                &format!("color {number}"),
                theme.palette[number],
                theme.background,
                4.5,
            );
        }
        check("white on black", theme.palette[7], theme.palette[0], 4.5);
        // What mc, tmux and htop set on colored ground.
        check("white on blue", theme.palette[7], theme.palette[4], 3.0);
        check(
            "bright white on blue",
            theme.palette[15],
            theme.palette[4],
            3.5,
        );
        check("black on green", theme.palette[0], theme.palette[2], 3.0);
        check("black on cyan", theme.palette[0], theme.palette[6], 3.0);
    }
}

#[test]
fn the_cube_and_the_grays_are_those_of_xterm() {
    let palette = builtin::terrace_dark().palette;
    #[track_caller]
    fn check(color: Rgb, expected: &str) {
        assert_eq!(color.to_string(), expected);
    }
    check(palette[16], "#000000");
    check(palette[17], "#00005f");
    check(palette[21], "#0000ff");
    check(palette[196], "#ff0000");
    check(palette[231], "#ffffff");
    check(palette[232], "#080808");
    check(palette[255], "#eeeeee");
}

#[test]
fn names_are_found_as_people_write_them() {
    #[track_caller]
    fn check(name: &str, expected: Result<&str, &str>) {
        let found = find(name, None)
            .map(|theme| theme.name)
            .map_err(|error| error.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
    }
    check("Terrace Dark", Ok("Terrace Dark"));
    check("terrace-dark", Ok("Terrace Dark"));
    check("rose pine", Ok("Rosé Pine"));
    check("tokyonight_storm", Ok("Tokyo Night Storm"));
    check(
        "Nrod",
        Err("theme \"Nrod\" not found; did you mean \"Nord\"?"),
    );
    check(
        "Qwertz",
        Err("theme \"Qwertz\" not found; see `terrace theme list`"),
    );
    check(
        "/etc/nord",
        Err("theme \"/etc/nord\" not found; see `terrace theme list`"),
    );
}

/// A theme's text with a change.
fn changed(from: &str, to: &str) -> String {
    let text = builtin::text("Nord").unwrap();
    assert!(text.contains(from));
    text.replace(from, to)
}

#[test]
fn the_schema_is_closed() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = Theme::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(Theme::parse(builtin::text("Nord").unwrap()).is_ok());
    check(
        &changed("name =", "shell = \"x\"\nname ="),
        "unknown field `shell`",
    );
    check(&changed("[chrome]", "[keys]"), "unknown field `keys`");
    check(&changed("accent", "image"), "unknown field `image`");
    check(&changed("\"#3b4252\", ", ""), "invalid length 15");
    check(&changed("#3b4252", "#3b425"), "expected a color");
    check(
        &changed("foreground = \"#d8dee9\"", ""),
        "missing field `foreground`",
    );
    check(&changed("\"dark\"", "\"dusk\""), "unknown variant `dusk`");
}

#[test]
fn what_a_theme_leaves_out_is_derived() {
    let palette = ["#123456"; 16]
        .map(|color| format!("\"{color}\""))
        .join(", ");
    let text = format!(
        "name = \"a\\u001bb\"\nforeground = \"#000\"\nbackground = \"#fff\"\npalette = [{palette}]"
    );
    let theme = Theme::parse(&text).unwrap();
    assert_eq!(theme.name, "ab");
    assert_eq!(theme.appearance, Appearance::Light);
    assert_eq!(
        (theme.cursor, theme.cursor_text),
        (theme.foreground, theme.background)
    );
    assert_eq!(theme.selection_foreground, None);
    assert!(theme.chrome.foreground.contrast(theme.chrome.background) > 4.5);
}

#[test]
fn overrides_are_laid_over_the_theme() {
    use crate::colors::Override;
    let white = Rgb::new(255, 255, 255);
    let colors = Colors {
        background: Override::Color(white),
        palette: [(1, white), (200, white)].into(),
        ..Colors::default()
    };
    let before = builtin::terrace_dark();
    let theme = before.clone().with(&colors);
    assert_eq!(theme.background, white);
    assert_eq!(theme.appearance, Appearance::Light);
    assert_eq!((theme.palette[1], theme.palette[200]), (white, white));
    assert_eq!(
        (theme.palette[2], theme.foreground),
        (before.palette[2], before.foreground)
    );
}

#[test]
fn the_users_themes_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("nord.toml", &changed("#2e3440", "#000000"));
    write("Mine.toml", &changed("\"Nord\"", "\"Mine\""));
    write("broken.toml", &changed("[chrome]", "[chrom]"));
    write("huge.toml", &"#".repeat(70_000));
    write(".hidden.toml", "");
    write("notes.txt", "");
    let at = Some(folder.path());
    assert_eq!(find("Nord", at).unwrap().background, Rgb::new(0, 0, 0));
    assert_eq!(find("mine", at).unwrap().name, "Mine");
    let error = find("broken", at).unwrap_err();
    let (file, position) = error.file().unwrap();
    assert_eq!(file, folder.path().join("broken.toml"));
    assert_eq!(position.map(|(_, column)| column), Some(2));
    assert!(
        error.to_string().contains("unknown field `chrom`"),
        "{error}"
    );
    assert!(
        find("huge", at)
            .unwrap_err()
            .to_string()
            .contains("larger than 65536 bytes")
    );
    let listed = list(at);
    let user: Vec<_> = listed.iter().filter(|entry| entry.file.is_some()).collect();
    let names: Vec<_> = user.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["broken", "huge", "Mine", "nord"]);
    assert_eq!(
        listed.len(),
        builtin::names().count() + 3,
        "Nord is listed once"
    );
}

//! Colors and theme choices, as they are written.

use super::*;

fn read<T: Setting>(text: &str) -> Result<T, String> {
    let value = DeValue::parse(text).unwrap();
    T::read(value.get_ref()).map_err(|problem| problem.to_string())
}

#[test]
fn colors_have_three_or_six_digits() {
    #[track_caller]
    fn check(text: &str, expected: Option<(u8, u8, u8)>) {
        assert_eq!(
            text.parse::<Rgb>().ok().map(<(u8, u8, u8)>::from),
            expected,
            "{text}"
        );
    }
    check("#102030", Some((16, 32, 48)));
    check("102030", Some((16, 32, 48)));
    check("0xAbCdEf", Some((0xab, 0xcd, 0xef)));
    check("#fa0", Some((255, 170, 0)));
    check("", None);
    check("#", None);
    check("#12345", None);
    check("#1234567", None);
    check("#+12345", None);
    check("#ééé", None);
    check("red", None);
    assert_eq!(Rgb::new(1, 2, 255).to_string(), "#0102ff");
    assert_eq!(
        read::<Rgb>("\"red\"").unwrap_err(),
        "found \"red\"; expected a color: \"#rrggbb\""
    );
}

#[test]
fn contrast_is_that_of_wcag() {
    #[track_caller]
    fn check(a: &str, b: &str, expected: f32) {
        let contrast = a.parse::<Rgb>().unwrap().contrast(b.parse().unwrap());
        assert!((contrast - expected).abs() < 0.01, "{a} on {b}: {contrast}");
    }
    check("#000000", "#ffffff", 21.0);
    check("#ffffff", "#000000", 21.0);
    check("#777777", "#ffffff", 4.48);
    check("#ff0000", "#ffffff", 4.0);
    check("#123456", "#123456", 1.0);
}

#[test]
fn differences_are_those_of_oklab() {
    #[track_caller]
    fn check(a: &str, b: &str, expected: f32) {
        let difference = a.parse::<Rgb>().unwrap().difference(b.parse().unwrap());
        assert!(
            (difference - expected).abs() < 0.001,
            "{a} and {b}: {difference}"
        );
    }
    check("#123456", "#123456", 0.0);
    check("#000000", "#ffffff", 1.0);
    // Of the article's table of colors: red is (0.628, 0.225, 0.126), blue (0.452, -0.032, -0.312).
    check("#ff0000", "#000000", 0.679);
    check("#ff0000", "#0000ff", 0.537);
}

#[test]
fn mixing_stays_between() {
    let (black, white) = (Rgb::new(0, 0, 0), Rgb::new(255, 255, 255));
    assert_eq!(black.mix(white, 0.0), black);
    assert_eq!(black.mix(white, 0.5), Rgb::new(128, 128, 128));
    assert_eq!(black.mix(white, 7.0), white);
}

#[test]
fn themes_are_chosen_by_name_or_by_pair() {
    let pair = ThemeChoice::Pair {
        dark: "Nord".to_owned(),
        light: "One Light".to_owned(),
    };
    assert_eq!(read("\"Nord\""), Ok(ThemeChoice::One("Nord".to_owned())));
    assert_eq!(read("{ dark = \"Nord\", light = \"One Light\" }"), Ok(pair));
    for wrong in [
        "1",
        "{ dark = \"Nord\" }",
        "{ dark = \"a\", light = \"b\", x = \"c\" }",
    ] {
        assert!(
            read::<ThemeChoice>(wrong)
                .unwrap_err()
                .contains("expected a theme's name")
        );
    }
}

#[test]
fn the_palette_is_a_table_or_an_array() {
    let colors = BTreeMap::from([(0, Rgb::new(0, 0, 0)), (1, Rgb::new(255, 255, 255))]);
    assert_eq!(read("[\"#000\", \"#fff\"]"), Ok(colors.clone()));
    assert_eq!(read("{ 0 = \"#000\", 1 = \"#fff\" }"), Ok(colors));
    assert!(read::<BTreeMap<u8, Rgb>>("{ 256 = \"#000\" }").is_err());
    assert!(read::<BTreeMap<u8, Rgb>>("{ red = \"#000\" }").is_err());
}

#[test]
fn an_override_is_the_theme_or_a_color() {
    let red = Rgb::new(255, 0, 0);
    assert_eq!(read("\"theme\""), Ok(Override::Theme));
    assert_eq!(read("\"#f00\""), Ok(Override::Color(red)));
    assert_eq!(Override::Theme.or(red), red);
    let error = read::<Override>("\"rot\"").unwrap_err();
    assert_eq!(
        error,
        "found \"rot\"; expected \"theme\" or a color: \"#rrggbb\""
    );
}

//! Values are read strictly and written so that they read back.

use super::*;

/// Reads a TOML value's text.
fn read<T: Setting>(text: &str) -> Result<T, String> {
    let value = DeValue::parse(text).unwrap();
    T::read(value.get_ref()).map_err(|problem| problem.to_string())
}

#[track_caller]
fn check<T: Setting + PartialEq + fmt::Debug>(text: &str, expected: Result<T, &str>) {
    let read = read::<T>(text);
    assert_eq!(read, expected.map_err(str::to_owned));
    if let Ok(value) = read {
        let written = value.write().to_string();
        assert_eq!(self::read::<T>(&written), Ok(value), "written as {written}");
    }
}

#[test]
fn numbers() {
    check::<u16>("80", Ok(80));
    check::<u16>("0x50", Ok(80));
    check::<u16>("1_000", Ok(1000));
    check::<u16>(
        "-1",
        Err("found -1; expected a whole number from 0 to 65535"),
    );
    check::<u16>(
        "70000",
        Err("found 70000; expected a whole number from 0 to 65535"),
    );
    check::<u16>(
        "80.0",
        Err("found 80.0; expected a whole number from 0 to 65535"),
    );
    check::<u16>(
        "\"80\"",
        Err("found \"80\"; expected a whole number from 0 to 65535"),
    );
    check::<f32>("8", Ok(8.0));
    check::<f32>("0.1", Ok(0.1));
    check::<f32>("1e1", Ok(10.0));
    check::<f32>("nan", Err("found nan; expected a number"));
    check::<f32>("inf", Err("found inf; expected a number"));
    check::<f32>("true", Err("found true; expected a number"));
}

#[test]
fn texts_and_truth() {
    check::<bool>("true", Ok(true));
    check::<bool>("1", Err("found 1; expected true or false"));
    check::<String>("\"a\\\"b\"", Ok("a\"b".to_owned()));
    check::<String>("[1]", Err("found an array; expected a text in quotes"));
    check::<String>(
        "\"a\\u0000\"",
        Err("the text contains a NUL character; expected a text without it"),
    );
    check::<Vec<String>>("[\"a\", \"b\"]", Ok(vec!["a".to_owned(), "b".to_owned()]));
    check::<Vec<String>>("[\"a\", 1]", Err("found 1; expected a text in quotes"));
    check::<Vec<String>>(
        "\"a\"",
        Err("found \"a\"; expected an array of texts: [\"a\", \"b\"]"),
    );
    let one = BTreeMap::from([("A".to_owned(), "b c".to_owned())]);
    check::<BTreeMap<String, String>>("{ A = \"b c\" }", Ok(one));
    check::<BTreeMap<String, String>>("{ A = 1 }", Err("A: found 1; expected a text in quotes"));
}

#[test]
fn padding_is_a_number_or_a_pair() {
    use crate::window::Padding;
    const EXPECTED: &str = "a whole number from 0 to 500, or { x = number, y = number }";
    check::<Padding>("0", Ok(Padding { x: 0, y: 0 }));
    check::<Padding>("{ x = 8, y = 2 }", Ok(Padding { x: 8, y: 2 }));
    check::<Padding>("{ x = 8 }", Ok(Padding { x: 8, y: 0 }));
    check::<Padding>("501", Err(&format!("found 501; expected {EXPECTED}")));
    check::<Padding>("-1", Err(&format!("found -1; expected {EXPECTED}")));
    check::<Padding>(
        "{ z = 1 }",
        Err(&format!("found \"z\"; expected {EXPECTED}")),
    );
    check::<Padding>(
        "{ x = \"1\" }",
        Err(&format!("found \"1\"; expected {EXPECTED}")),
    );
}

#[test]
fn choices_name_the_others() {
    use crate::tabs::TabBar;
    check("\"auto\"", Ok(TabBar::Auto));
    check("\"never\"", Ok(TabBar::Never));
    const EXPECTED: &str = "expected \"auto\", \"always\" or \"never\"";
    check::<TabBar>(
        "\"allways\"",
        Err(&format!(
            "found \"allways\" (did you mean \"always\"?); {EXPECTED}"
        )),
    );
    check::<TabBar>("true", Err(&format!("found true; {EXPECTED}")));
}

#[test]
fn long_and_odd_texts_are_shown_short_and_escaped() {
    let value = DeValue::String("\x1b[31m".into());
    assert_eq!(describe(&value), "\"\\u{1b}[31m\"");
    let value = DeValue::String("x".repeat(1000).into());
    assert_eq!(describe(&value).chars().count(), 43);
}

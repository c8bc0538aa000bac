//! What is typed finds what is meant.

use super::*;

fn entry(label: &str) -> Entry {
    Entry::new(format!("id:{label}"), label, Command::Default)
}

fn palette(text: &str, entries: Vec<Entry>, recent: &[&str]) -> Palette {
    let mut palette = Palette::new(Stage::Find, text.to_owned());
    palette.set_entries(entries);
    let recent: Vec<String> = recent.iter().map(|id| format!("id:{id}")).collect();
    palette.find(&mut Matching::default(), &recent);
    palette
}

fn labels(palette: &Palette) -> Vec<&str> {
    palette
        .found()
        .iter()
        .map(|found| palette.entry(found).label.as_str())
        .collect()
}

#[track_caller]
fn check(text: &str, recent: &[&str], expected: &[&str]) {
    let all = [
        "New tab",
        "Split right",
        "Split down",
        "Next tab",
        "Rosé Pine",
    ];
    let palette = palette(text, all.map(entry).to_vec(), recent);
    assert_eq!(labels(&palette), expected, "{text:?}");
}

#[test]
fn letters_are_found_in_gaps_and_without_case_or_accents() {
    check("spri", &[], &["Split right"]);
    check("SPLIT", &[], &["Split right", "Split down"]);
    check("Split", &[], &["Split right", "Split down"]);
    check("sd", &[], &["Split down"]);
    check("right split", &[], &["Split right"]);
    check("rose", &[], &["Rosé Pine"]);
    check("zzz", &[], &[]);
    check(
        "  ",
        &[],
        &[
            "New tab",
            "Split right",
            "Split down",
            "Next tab",
            "Rosé Pine",
        ],
    );
}

#[test]
fn what_was_used_last_comes_first() {
    check(
        "",
        &["Next tab", "Split down"],
        &[
            "Next tab",
            "Split down",
            "New tab",
            "Split right",
            "Rosé Pine",
        ],
    );
    check("split", &["Split down"], &["Split down", "Split right"]);
    check("right", &["Split down"], &["Split right"]);
}

#[test]
fn a_sign_narrows_and_matched_letters_are_told() {
    let palette = palette(">ntb", vec![entry("New tab"), entry("Other")], &[]);
    assert_eq!(palette.sign(), Some('>'));
    assert_eq!(labels(&palette), ["New tab"]);
    assert_eq!(palette.found()[0].letters, [0, 4, 6]);
    let mut palette = palette_of("x");
    assert!(!palette.wants_entries());
    palette.text = "@x".to_owned();
    assert!(palette.wants_entries());
}

fn palette_of(text: &str) -> Palette {
    palette(text, vec![entry("x")], &[])
}

#[test]
fn details_are_found_by_words_after_names() {
    let about = Entry {
        about: "How the cursor blinks.".to_owned(),
        ..entry("cursor.blink")
    };
    let other = Entry {
        about: "Nothing to do with it.".to_owned(),
        ..entry("bell")
    };
    let palette = palette("how blinks", vec![other, about], &[]);
    assert_eq!(labels(&palette), ["cursor.blink"]);
    assert!(palette.found()[0].letters.is_empty());
}

#[test]
fn stepping_goes_round_the_ends_and_jumps_stop_there() {
    let mut palette = palette("", ["a", "b", "c"].map(entry).to_vec(), &[]);
    assert!(palette.step(-1));
    assert_eq!(palette.selected, 2);
    assert!(palette.step(1));
    assert_eq!(palette.selected, 0);
    assert!(palette.step(10));
    assert_eq!(palette.selected, 2);
    assert!(!palette.step(10));
    palette.choose_where(|entry| entry.label == "b");
    assert_eq!(
        palette.chosen().map(|entry| entry.label.as_str()),
        Some("b")
    );
    let mut empty = Palette::new(Stage::Find, String::new());
    assert!(!empty.step(1));
    assert!(empty.chosen().is_none());
}

#[test]
fn what_can_be_done_comes_before_settings_of_the_same_word() {
    let setting = |section, name| {
        Entry::new(
            "",
            format!("{section}.{name}"),
            Command::Option(section, name),
        )
    };
    let entries = vec![
        setting("blocks", "gutter"),
        setting("blocks", "fold_over"),
        entry("Copy block"),
    ];
    let palette = palette("block", entries, &[]);
    assert_eq!(
        labels(&palette),
        ["Copy block", "blocks.gutter", "blocks.fold_over"]
    );
}

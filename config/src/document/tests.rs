//! The documentation says what the program does, and is the one in the tree.

use std::path::Path;

use super::*;
use crate::{Sources, load};

/// Loads a text as the file.
fn loaded(text: &str) -> crate::Loaded {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terrace.toml");
    std::fs::write(&file, text).unwrap();
    load(&Sources {
        file: Some(file),
        overrides: Vec::new(),
    })
}

/// The default file with its options switched on.
fn switched_on() -> String {
    default_file()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(option) if !option.starts_with(' ') && !option.is_empty() => option,
            _ => line,
        })
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn the_default_file_gives_the_defaults() {
    for text in [default_file(), switched_on()] {
        let loaded = loaded(&text);
        assert_eq!(loaded.diagnostics, []);
        assert_eq!(loaded.config, Config::default());
    }
}

#[test]
fn the_default_file_has_every_option_and_key() {
    let table: toml::Table = switched_on().parse().unwrap();
    for (section, option, value) in Config::default().values() {
        let written = table.get(section).and_then(|section| section.get(option));
        assert_eq!(written, Some(&value), "{section}.{option}");
    }
    let keys = table["keys"].as_table().unwrap();
    // And the modes.
    assert_eq!(keys.len(), Keys::default().iter().count() + 1);
}

#[test]
fn every_option_action_and_choice_is_described() {
    let said = |doc: &[&str]| joined(doc).len() > 2 && joined(doc).ends_with('.');
    for section in Config::sections() {
        assert!(said(section.doc), "[{}]", section.name);
        for option in section.options {
            assert!(said(option.doc), "{}.{}", section.name, option.name);
            for choice in option.choices {
                assert!(
                    said(choice.doc),
                    "{}.{} {}",
                    section.name,
                    option.name,
                    choice.name
                );
            }
        }
    }
    for name in ActionName::ALL {
        assert!(meaning(*name).ends_with('.'), "{name}");
        assert!(
            default_file().contains(&format!("#   {}:", family_name(*name))),
            "{name}"
        );
    }
}

#[test]
fn comments_are_filled() {
    let long = default_file()
        .lines()
        .filter(|line| line.chars().count() > 100)
        .count();
    assert_eq!(long, 0);
    assert!(default_file().lines().all(|line| line.trim_end() == line));
}

#[test]
fn roff_is_escaped() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(roff(text), expected);
    }
    check("a-b", "a\\-b");
    check("\\", "\\e");
    check("`-o x` y", "\\fB\\-o x\\fR y");
    check("a ` b", "a \\fB b\\fR");
    assert_eq!(roff_literal("a`b"), "a\\(gab");
    check(".hidden", "\\&.hidden");
    check("it's \"so\"", "it\\(aqs \\(dqso\\(dq");
}

/// Compares a file of the tree with what is made now; `TERRACE_UPDATE=1` writes it instead.
#[track_caller]
fn check_asset(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../assets")
        .join(path);
    if std::env::var_os("TERRACE_UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, made).unwrap();
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        there == made,
        "assets/{path} is out of date; make it anew with `make assets`"
    );
}

#[test]
fn the_assets_are_up_to_date() {
    check_asset("config/terrace.toml", &default_file());
    check_asset("man/terrace.toml.5", &man_page());
}

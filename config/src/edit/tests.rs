//! What is written back changes one thing, and nothing around it.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

fn set_to(section: &str, option: &str, value: impl Into<toml::Value>) -> Edit {
    Edit::Set {
        section: section.to_owned(),
        option: option.to_owned(),
        value: value.into(),
    }
}

#[track_caller]
fn check(text: &str, edit: &Edit, expected: &str) {
    assert_eq!(apply("t.toml", text, edit).unwrap(), expected);
}

#[test]
fn an_option_is_set_and_all_else_stays() {
    let size = set_to("font", "size", 14.0);
    check("", &size, "[font]\nsize = 14.0\n");
    check(
        "# mine\n[font]\n# small\nsize = 9 # points\nfamily = \"X\"\n\n[tabs]\n",
        &size,
        "# mine\n[font]\n# small\nsize = 14.0 # points\nfamily = \"X\"\n\n[tabs]\n",
    );
    check("font.size = 9\n", &size, "font.size = 14.0\n");
    check("font = { size = 9 }\n", &size, "font = { size = 14.0 }\n");
    check(
        "[font]\nfamily = \"X\" # x\n",
        &size,
        "[font]\nfamily = \"X\" # x\nsize = 14.0\n",
    );
    check(
        "[tabs]\nbar = \"auto\"\n",
        &size,
        "[tabs]\nbar = \"auto\"\n\n[font]\nsize = 14.0\n",
    );
}

#[test]
fn the_commented_line_is_the_options_place() {
    check(
        "[font]\n# Its size.\n#size = 11.0\n\n[x]\n#size = 1\n",
        &set_to("font", "size", 14.0),
        "[font]\n# Its size.\nsize = 14.0\n\n[x]\n#size = 1\n",
    );
    let text = crate::document::default_file();
    for (section, option, value) in crate::Config::default().values() {
        let changed = apply("t", &text, &set_to(section, option, value.clone())).unwrap();
        let changed_lines = changed
            .lines()
            .zip(text.lines())
            .filter(|(a, b)| a != b)
            .count();
        assert_eq!(changed_lines, 1, "{section}.{option}");
        assert_eq!(changed.lines().count(), text.lines().count());
    }
}

#[test]
fn an_option_is_taken_out() {
    let unset = Edit::Unset {
        section: "font".into(),
        option: "size".into(),
    };
    check(
        "[font]\nsize = 9\nfamily = \"X\"\n",
        &unset,
        "[font]\nfamily = \"X\"\n",
    );
    check("[tabs]\n", &unset, "[tabs]\n");
}

#[test]
fn an_element_is_put_in_its_place_or_at_the_end() {
    let put = Edit::Put {
        array: "layouts".into(),
        name: "b".into(),
        text: "[[layouts]]\nname = \"b\"\n\n[[layouts.tabs]]\nname = \"new\"\n".into(),
    };
    check(
        "# top\n[font]\nsize = 9\n",
        &put,
        "# top\n[font]\nsize = 9\n\n[[layouts]]\nname = \"b\"\n\n[[layouts.tabs]]\nname = \"new\"\n",
    );
    check(
        "[[layouts]]\nname = \"a\"\n\n# second\n[[layouts]]\nname = \"b\"\n[[layouts.tabs]]\nname = \"old\"\n\n[font]\nsize = 9 # x\n",
        &put,
        "[[layouts]]\nname = \"a\"\n\n# second\n[[layouts]]\nname = \"b\"\n\n[[layouts.tabs]]\nname = \"new\"\n\n[font]\nsize = 9 # x\n",
    );
}

#[test]
fn what_is_no_toml_is_left_alone() {
    let edit = set_to("font", "size", 14.0);
    let error = apply("t.toml", "[font]\nsize = \n", &edit).unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with("t.toml has a mistake at line 2"), "{said}");
    let error = apply("t.toml", "font = 3\n", &edit).unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.toml: \"font\" is not a table, so no option can be written into it"
    );
}

#[test]
fn files_keep_links_permissions_and_contents_on_failure() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (
        folder.path().join("real.toml"),
        folder.path().join("l.toml"),
    );
    fs::write(&real, "[font]\nsize = 9 # keep\n").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
    symlink("real.toml", &link).unwrap();
    let edit = [set_to("font", "size", 14.0)];
    write(&link, &edit).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(
        fs::read_to_string(&real).unwrap(),
        "[font]\nsize = 14.0 # keep\n"
    );
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);

    fs::set_permissions(&real, fs::Permissions::from_mode(0o400)).unwrap();
    let error = write(&link, &[set_to("font", "size", 1.0)]).unwrap_err();
    assert!(error.to_string().contains("permission denied"), "{error}");
    assert_eq!(
        fs::read_to_string(&real).unwrap(),
        "[font]\nsize = 14.0 # keep\n"
    );

    let new = folder.path().join("deep/er/terrace.toml");
    write(&new, &edit).unwrap();
    assert_eq!(fs::read_to_string(&new).unwrap(), "[font]\nsize = 14.0\n");
}

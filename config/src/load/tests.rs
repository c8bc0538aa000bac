//! A mistake costs one option and is told with its place; layers come in their order.

use super::*;
use crate::colors::Rgb;
use crate::keys::{Action, ActionName};
use crate::tabs::TabBar;
use crate::window::Padding;

/// A folder with files in it.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Loads `terrace.toml` of a folder with overrides.
fn load_from(folder: &tempfile::TempDir, overrides: &[&str]) -> Loaded {
    load(&Sources {
        file: Some(folder.path().join("terrace.toml")),
        overrides: overrides.iter().map(|text| (*text).to_owned()).collect(),
    })
}

/// The diagnostics with the folder's name left out.
fn told(folder: &tempfile::TempDir, loaded: &Loaded) -> Vec<String> {
    let prefix = format!("{}/", folder.path().display());
    let lines = loaded.diagnostics.iter();
    lines
        .map(|line| format!("{}: {line}", line.severity).replace(&prefix, ""))
        .collect()
}

/// Loads a text and compares what is told; gives the settings back.
#[track_caller]
fn check(text: &str, expected: &[&str]) -> Config {
    let folder = folder(&[("terrace.toml", text)]);
    let loaded = load_from(&folder, &[]);
    assert_eq!(told(&folder, &loaded), expected);
    loaded.config
}

#[test]
fn the_benchmarks_file_is_understood() {
    let config = check(
        "[window]\ncolumns = 80\nrows = 24\npadding = 0\n[font]\nfamily = \"DejaVu Sans Mono\"\n\
         size = 8.0\n[scrollback]\nlines = 1000000\n[tabs]\nbar = \"auto\"\n",
        &[],
    );
    assert_eq!((config.window.columns, config.window.rows), (80, 24));
    assert_eq!(config.window.padding, Padding { x: 0, y: 0 });
    assert_eq!(
        (config.font.family.as_str(), config.font.size),
        ("DejaVu Sans Mono", 8.0)
    );
    assert_eq!(config.scrollback.lines, 1_000_000);
    assert_eq!(config.scrollback.bytes(), 256_000_000);
    assert_eq!(config.tabs.bar, TabBar::Auto);
}

#[test]
fn a_mistake_costs_one_option() {
    let config = check(
        "[window]\ncolumns = \"wide\"\nrows = 30\n[font]\nsize = 0\nfamily = \"X\"\n",
        &[
            "error: terrace.toml:2:11: window.columns: found \"wide\"; \
             expected a whole number from 2 to 2000",
            "error: terrace.toml:5:8: font.size: found 0; expected a number from 2 to 200",
        ],
    );
    assert_eq!((config.window.columns, config.window.rows), (80, 30));
    assert_eq!((config.font.family.as_str(), config.font.size), ("X", 11.0));
}

#[test]
fn a_syntax_error_keeps_what_is_sound() {
    let folder = folder(&[(
        "terrace.toml",
        "[window]\nrows = 30\ncolumns = \n[font]\nsize = 9\n",
    )]);
    let loaded = load_from(&folder, &[]);
    assert!(loaded.has_errors());
    let told = told(&folder, &loaded);
    assert!(told[0].starts_with("error: terrace.toml:3:"), "{told:?}");
    assert_eq!(
        (loaded.config.window.rows, loaded.config.font.size),
        (30, 9.0)
    );
}

#[test]
fn unknown_names_warn_with_the_nearest() {
    let config = check(
        "colums = 3\nsize = 12\n[windows]\n[window]\ncolums = 90\nrows = 7\nqqqqq = 1\n[zzzz]\n",
        &[
            "warning: terrace.toml:1:1: unknown section \"colums\"; did you mean \"colors\"?",
            "warning: terrace.toml:2:1: unknown section \"size\"; it belongs under [font]",
            "warning: terrace.toml:3:2: unknown section \"windows\"; did you mean \"window\"?",
            "warning: terrace.toml:5:1: unknown option \"window.colums\"; did you mean \"columns\"?",
            "warning: terrace.toml:7:1: unknown option \"window.qqqqq\"; see terrace.toml(5)",
            "warning: terrace.toml:8:2: unknown section \"zzzz\"; see terrace.toml(5)",
        ],
    );
    assert_eq!(config.window.rows, 7);
}

#[test]
fn a_section_must_be_a_table() {
    check(
        "window = 3\n",
        &["error: terrace.toml:1:10: window: found 3; expected a section: [window]"],
    );
}

#[test]
fn keys_are_a_table_or_an_array() {
    let found = |config: &Config, text: &str| {
        let press = crate::Press::of(text.parse().unwrap());
        match config.keys.table(None).lookup(&[press]) {
            crate::Lookup::Bound(action) => Some(action.clone()),
            crate::Lookup::Pending | crate::Lookup::Unbound => None,
        }
    };
    let config = check(
        "[keys]\n\"ctrl+x\" = \"copy\"\nf1 = \"unbind\"\nf11 = \"none\"\n",
        &[],
    );
    assert_eq!(
        found(&config, "ctrl+x"),
        Some(Action::Run(ActionName::Copy))
    );
    assert_eq!(found(&config, "f11"), None);
    let config = check("[[keys]]\nkeys = \"ctrl+x\"\naction = \"text:hi\"\n", &[]);
    assert_eq!(
        found(&config, "ctrl+x"),
        Some(Action::Text("hi".to_owned()))
    );
    assert_eq!(
        found(&config, "f11"),
        Some(Action::Run(ActionName::ToggleFullscreen))
    );
    check(
        "[keys]\n\"ctrl+x\" = \"cop\"\n\"ctl+y\" = \"copy\"\n\"Ctrl+Z\" = \"copy\"\n\
         \"ctrl+z\" = \"paste\"\n",
        &[
            "error: terrace.toml:2:12: keys: unknown action \"cop\" (did you mean \"copy\"?); \
             expected an action, see `terrace keys` or terrace.toml(5)",
            "error: terrace.toml:3:1: keys: unknown modifier \"ctl\"; \
             expected ctrl, alt, shift or super",
            "warning: terrace.toml:5:1: keys: \"ctrl+z\" is the same key as \"Ctrl+Z\", \
             which it replaces",
        ],
    );
    check(
        "[[keys]]\nkeys = \"f1\"\n[[keys]]\nkeys = \"f1\"\naction = \"copy\"\nmods = \"x\"\n",
        &[
            "error: terrace.toml:1:1: keys: no \"action\"; \
             expected { keys = \"ctrl+shift+c\", action = \"copy\" }",
            "error: terrace.toml:6:1: keys: found \"mods\"; \
             expected { keys = \"ctrl+shift+c\", action = \"copy\" }",
        ],
    );
    check(
        "keys = 1\n",
        &["error: terrace.toml:1:8: keys: found 1; expected a table: [keys]"],
    );
}

#[test]
fn overrides_are_toml_or_text() {
    let folder = folder(&[("terrace.toml", "[window]\nrows = 30\ntitle = \"file\"\n")]);
    let loaded = load_from(
        &folder,
        &[
            "window.rows=40",
            "font.family=DejaVu Sans Mono",
            "font.size = 8",
            "tabs.bar=never",
            "terminal.checksum_reports=true",
            "colors.palette={ 1 = \"#ff0000\" }",
            "keys.\"ctrl+=\"=\"copy\"",
            "window.title=",
        ],
    );
    assert_eq!(told(&folder, &loaded), Vec::<String>::new());
    let config = loaded.config;
    assert_eq!(config.window.rows, 40);
    assert_eq!(config.font.family, "DejaVu Sans Mono");
    assert_eq!(config.font.size, 8.0);
    assert_eq!(config.tabs.bar, TabBar::Never);
    assert!(config.terminal.checksum_reports);
    assert_eq!(config.window.title.to_string(), "");
    assert_eq!(loaded.themes.dark.palette[1], Rgb::new(255, 0, 0));
    assert_eq!(
        config.keys.keys_of(ActionName::Copy).unwrap().to_string(),
        "ctrl+shift+c"
    );
}

#[test]
fn wrong_overrides_are_told_by_their_text() {
    let folder = folder(&[("terrace.toml", "")]);
    let loaded = load_from(
        &folder,
        &[
            "window.rows",
            "window.rows=x",
            "rows=3",
            "import=\"a\"",
            "=1",
        ],
    );
    assert!(loaded.has_errors());
    let told = told(&folder, &loaded);
    assert_eq!(
        told[..4],
        [
            "error: -o window.rows: no \"=\" in it; expected section.option=value",
            "error: -o window.rows=x: window.rows: found \"x\"; \
             expected a whole number from 1 to 1000",
            "warning: -o rows=3: unknown section \"rows\"; it belongs under [window]",
            "error: -o import=\"a\": import works in a file only",
        ]
    );
    assert!(told[4].starts_with("error: -o =1: "), "{told:?}");
}

#[test]
fn imports_come_below_their_importer() {
    let folder = folder(&[
        (
            "terrace.toml",
            "import = [\"a.toml\", \"sub/b.toml\"]\n[window]\nrows = 3\n",
        ),
        (
            "a.toml",
            "[window]\nrows = 1\ncolumns = 10\n[font]\nsize = 9\n",
        ),
        (
            "sub/b.toml",
            "import = [\"c.toml\"]\n[window]\ncolumns = 20\n",
        ),
        (
            "sub/c.toml",
            "[window]\ncolumns = 30\n[cursor]\nthickness = 0.5\n",
        ),
    ]);
    let loaded = load_from(&folder, &[]);
    assert_eq!(told(&folder, &loaded), Vec::<String>::new());
    assert_eq!(
        (loaded.config.window.rows, loaded.config.window.columns),
        (3, 20)
    );
    assert_eq!(
        (loaded.config.font.size, loaded.config.cursor.thickness),
        (9.0, 0.5)
    );
    let watched: Vec<_> = loaded
        .files
        .iter()
        .filter_map(|file| file.file_name())
        .collect();
    assert_eq!(watched, ["terrace.toml", "a.toml", "b.toml", "c.toml"]);
}

#[test]
fn imports_are_bounded_and_told() {
    let text = "import = [\"terrace.toml\", \"gone.toml\"]\n";
    let folder = folder(&[("terrace.toml", text)]);
    let loaded = load_from(&folder, &[]);
    let told = told(&folder, &loaded);
    assert_eq!(told.len(), 1 + MAX_IMPORT_DEPTH);
    assert_eq!(
        told[0],
        "error: terrace.toml:1:10: imports are more than 5 files deep"
    );
    let gone =
        "error: terrace.toml:1:10: gone.toml: there is no such file; expected an existing file";
    assert!(told[1..].iter().all(|line| line == gone), "{told:?}");
    check(
        "import = 3\n",
        &["error: terrace.toml:1:10: found 3; expected import = [\"file.toml\"]"],
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder(&[("terrace.toml", "[window]\nrows = 30\n")]);
    let file = folder.path().join("terrace.toml");
    for (mode, rows) in [(0o600, 30), (0o644, 30), (0o664, 24), (0o646, 24)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let loaded = load_from(&folder, &[]);
        assert_eq!(loaded.config.window.rows, rows, "{mode:o}");
        assert_eq!(loaded.has_errors(), rows == 24);
        if loaded.has_errors() {
            let told = told(&folder, &loaded);
            assert!(told[0].ends_with("so it is not read; expected chmod go-w terrace.toml"));
        }
    }
}

#[test]
fn unreadable_files_are_told() {
    let folder = folder(&[("dir/x", ""), ("big.toml", ""), ("latin.toml", "")]);
    fs::write(folder.path().join("big.toml"), "#".repeat(2 << 20)).unwrap();
    fs::write(folder.path().join("latin.toml"), b"# \xe9\n").unwrap();
    fs::write(
        folder.path().join("bom.toml"),
        "\u{feff}[window]\nrows = 9\n",
    )
    .unwrap();
    #[track_caller]
    fn check(folder: &tempfile::TempDir, name: &str, expected: &[&str]) {
        let file = Some(folder.path().join(name));
        let loaded = load(&Sources {
            file,
            overrides: Vec::new(),
        });
        assert_eq!(told(folder, &loaded), expected);
    }
    check(
        &folder,
        "gone.toml",
        &["error: gone.toml: there is no such file; expected an existing file"],
    );
    check(
        &folder,
        "dir",
        &["error: dir: it is not a file; expected a regular file"],
    );
    check(
        &folder,
        "big.toml",
        &["error: big.toml: the file is larger than 1048576 bytes; expected a smaller file"],
    );
    check(
        &folder,
        "latin.toml",
        &["error: latin.toml: the file is not text in UTF-8; expected UTF-8"],
    );
    check(&folder, "bom.toml", &[]);
    check(&folder, "/dev/null", &[]);
}

#[test]
fn a_theme_that_is_missing_is_told_where_it_was_chosen() {
    let text = "[colors]\ntheme = { dark = \"Nrod\", light = \"mine\" }\n";
    let mine = theme::builtin::text("Nord").unwrap();
    let folder = folder(&[("terrace.toml", text), ("themes/mine.toml", mine)]);
    let loaded = load_from(&folder, &[]);
    assert_eq!(
        told(&folder, &loaded),
        ["error: terrace.toml:2:9: theme \"Nrod\" not found; did you mean \"Nord\"?"]
    );
    assert_eq!(loaded.themes.dark.name, "Terrace Dark");
    assert_eq!(loaded.themes.light.name, "Nord");
    assert!(
        loaded
            .files
            .ends_with(&[folder.path().join("themes/mine.toml")])
    );
}

#[test]
fn a_broken_theme_is_told_where_it_is_broken() {
    let text = "name = \"x\"\nshell = \"y\"\n";
    let folder = folder(&[
        ("terrace.toml", "[colors]\ntheme = \"mine\"\n"),
        ("themes/mine.toml", text),
    ]);
    let loaded = load_from(&folder, &[]);
    let told = told(&folder, &loaded);
    assert!(
        told[0].starts_with("error: themes/mine.toml:2:1: unknown field `shell`"),
        "{told:?}"
    );
}

#[test]
fn the_default_folder_follows_xdg() {
    #[track_caller]
    fn check(xdg: Option<&str>, home: Option<&str>, expected: Option<&str>) {
        let found = folder_in(|name| match name {
            "XDG_CONFIG_HOME" => xdg.map(PathBuf::from),
            "HOME" => home.map(PathBuf::from),
            _ => None,
        });
        assert_eq!(found, expected.map(PathBuf::from));
    }
    check(Some("/x"), Some("/h"), Some("/x/terrace"));
    check(None, Some("/h"), Some("/h/.config/terrace"));
    check(Some("relative"), Some("/h"), Some("/h/.config/terrace"));
    check(Some(""), Some("/h"), Some("/h/.config/terrace"));
    check(None, None, None);
}

#[test]
fn any_text_is_read_without_a_panic() {
    let pieces = [
        "[", "]", "[[", "]]", "=", "\"", "'", "keys", "window", ".", "rows", "1", "{", "}", ",",
        "\n", "#", "é", "\u{0}", "import", "-", "nan", "\"\"\"", "ctrl+", "colors", "theme",
    ];
    let folder = folder(&[("terrace.toml", "")]);
    let file = folder.path().join("terrace.toml");
    // A fixed pseudo-random walk (Numerical Recipes' constants), so that a failure comes again.
    let mut state = 1u32;
    for _ in 0..400 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(pieces[(state >> 16) as usize % pieces.len()]);
        }
        fs::write(&file, &text).unwrap();
        let loaded = load(&Sources {
            file: Some(file.clone()),
            overrides: vec![text.clone()],
        });
        for diagnostic in &loaded.diagnostics {
            assert!(!diagnostic.message.is_empty(), "{text:?}");
        }
    }
}

#[test]
fn what_is_no_toml_is_told_by_what_the_option_takes() {
    #[track_caller]
    fn check(section: &str, option: &str, text: &str, expected: &str) {
        let problem = Config::default().put(section, option, text).unwrap_err();
        let problem = problem.to_string();
        assert!(problem.contains(expected), "{problem}");
    }
    check("font", "size", "x", "found \"x\"; expected a number");
    check("window", "columns", "1 2", "found \"1 2\"; expected ");
    check("window", "title", "x", "expected a value in TOML");
}

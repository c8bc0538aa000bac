//! `terrace config`, `theme`, `keys` and `doctor`.

use std::fs;

use tests::{Output, run, terrace};

fn ask(args: &[&str]) -> Output {
    run(terrace().args(args), b"")
}

#[test]
fn the_default_file_is_without_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terrace.toml");
    fs::write(&file, ask(&["config", "default"]).stdout).unwrap();
    let check = ask(&["--config", file.to_str().unwrap(), "config", "check"]);
    assert_eq!(check.code, Some(0), "{}", check.text());
    assert!(
        check.text().ends_with(": no mistakes\n"),
        "{}",
        check.text()
    );
}

#[test]
fn mistakes_have_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terrace.toml");
    fs::write(&file, "[font]\nsize = \"big\"\nfamly = \"x\"\n").unwrap();
    let name = file.to_str().unwrap();
    let check = ask(&["config", "check", "--config", name]);
    assert_eq!(check.code, Some(1));
    let text = check.text();
    assert!(
        text.contains(&format!("error: {name}:2:8: font.size")),
        "{text}"
    );
    assert!(
        text.contains(&format!("warning: {name}:3:1:")) && text.contains("\"family\""),
        "{text}"
    );
    assert!(text.ends_with("1 error, 1 warning\n"), "{text}");
    assert_eq!(
        ask(&["config", "path", "--config", name]).text(),
        format!("{name}\n")
    );
}

#[test]
fn themes_are_listed_and_shown() {
    let list = ask(&["theme", "list"]).text();
    assert!(list.lines().count() >= 12, "{list}");
    assert!(list.contains("* Terrace Dark"), "{list}");
    for name in list.lines().filter_map(|line| line.get(2..30)) {
        let shown = ask(&["theme", "show", name.trim()]);
        assert_eq!(shown.code, Some(0), "{name}: {}", shown.stderr);
        assert!(shown.text().starts_with(name.trim()), "{}", shown.text());
    }
    let unknown = ask(&["theme", "show", "Terace Dark"]);
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.stderr.contains("did you mean \"Terrace Dark\""),
        "{}",
        unknown.stderr
    );
}

#[test]
fn keys_follow_the_settings() {
    let keys = |args: &[&str]| ask(&[&["keys"], args].concat()).text();
    let bound = |text: &str, chord: &str| {
        let line = text
            .lines()
            .find(|line| line.split_whitespace().next() == Some(chord));
        line.and_then(|line| line.split_whitespace().nth(1))
            .map(str::to_owned)
    };
    assert_eq!(bound(&keys(&[]), "ctrl+shift+c").as_deref(), Some("copy"));
    let changed = keys(&["-o", "keys.\"ctrl+shift+c\"=unbind", "-o", "keys.f5=paste"]);
    assert_eq!(bound(&changed, "ctrl+shift+c"), None);
    assert_eq!(bound(&changed, "f5").as_deref(), Some("paste"));
}

#[test]
fn the_doctor_names_what_is_wrong_first() {
    let output = run(
        terrace()
            .args(["doctor", "-o", "shell.program=/no/such/shell"])
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY"),
        b"",
    );
    assert_eq!(output.code, Some(1));
    let text = output.text();
    let (wrong, found) = text.split_once("\n\n").expect("two parts");
    assert!(
        wrong
            .lines()
            .all(|line| line.starts_with("error: ") || line.starts_with("warning: "))
    );
    assert!(
        wrong.contains("/no/such/shell") && wrong.contains("shell.program"),
        "{wrong}"
    );
    assert!(wrong.contains("DISPLAY"), "{wrong}");
    for subject in [
        "terrace ",
        "graphics ",
        "display ",
        "shell ",
        "term ",
        "locale ",
        "settings ",
    ] {
        assert!(
            found.lines().any(|line| line.starts_with(subject)),
            "{subject}: {found}"
        );
    }
}

#[test]
fn help_and_version() {
    assert!(ask(&["--version"]).text().starts_with("terrace "));
    for command in ["dump", "run", "shot", "doctor", "config", "theme", "keys"] {
        let help = ask(&[command, "--help"]);
        assert_eq!(help.code, Some(0));
        assert!(help.text().contains("Usage: terrace "), "{}", help.text());
    }
    assert!(ask(&["dump", "--help"]).text().contains("pending_wrap"));
    assert!(ask(&["run", "--help"]).text().contains("screenshot"));
}

#[test]
fn a_scheme_is_imported_and_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("terrace.toml");
    fs::write(&config, "").unwrap();
    let scheme = folder.path().join("Dusk.conf");
    let colors: String = (0..16)
        .map(|n| format!("color{n} #0000{n:02x}\n"))
        .collect();
    fs::write(
        &scheme,
        format!("foreground #eeeeee\nbackground #102030\nurl_color #ff0000\n{colors}"),
    )
    .unwrap();
    let (config, scheme) = (config.to_str().unwrap(), scheme.to_str().unwrap());
    let import = ask(&["--config", config, "theme", "import", scheme]);
    assert_eq!(import.code, Some(0), "{}", import.stderr);
    assert!(
        import.text().contains("colors.theme = \"Dusk\""),
        "{}",
        import.text()
    );
    assert_eq!(import.stderr, "note: not carried over: url_color\n");
    let shown = ask(&["--config", config, "theme", "show", "dusk"]);
    assert!(shown.text().contains("#102030"), "{}", shown.text());
    let again = ask(&["--config", config, "theme", "import", scheme]);
    assert_eq!(again.code, Some(1));
    assert!(
        again.stderr.contains("--force writes over it"),
        "{}",
        again.stderr
    );
    let printed = ask(&["theme", "import", "--print", "--name", "Other", scheme]);
    assert!(
        printed.text().contains("name = \"Other\""),
        "{}",
        printed.text()
    );
    let unknown = ask(&["theme", "import", "--print", "/dev/null"]);
    assert!(
        unknown.stderr.contains("name it with --format"),
        "{}",
        unknown.stderr
    );
}

/// A window without a display: one sentence with the remedy, for a name that is not there and for one that is wrong.
#[test]
fn a_missing_display_is_named_with_the_remedy() {
    let runtime = tempfile::tempdir().unwrap();
    let open = |display: &str| {
        let mut command = terrace();
        command
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .env("XDG_RUNTIME_DIR", runtime.path())
            .env("DISPLAY", display);
        run(&mut command, b"")
    };
    let none = open("");
    assert_eq!(none.code, Some(1));
    assert_eq!(
        none.stderr,
        "terrace: no display: set DISPLAY or WAYLAND_DISPLAY, or see `terrace shot --help`\n"
    );
    let wrong = open(":4321");
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains("terrace doctor"), "{}", wrong.stderr);
}

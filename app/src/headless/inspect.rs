//! `terrace config`, `terrace theme` and `terrace keys`: the settings, looked at.

mod import;

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use config::{Appearance, Rgb, Severity, Theme};

use super::print;
use crate::cli::{ConfigArgs, ConfigCommand, KeysArgs, SettingsArgs, ThemeArgs, ThemeCommand};

/// `terrace config …`.
pub(super) fn config(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        ConfigCommand::Default => print(&config::document::default_file())?,
        ConfigCommand::Path => {
            let path = file(&args.settings.settings())
                .context("no home folder; set HOME, or use --config")?;
            print(&format!("{}\n", path.display()))?;
        }
        ConfigCommand::Check => return check(&args.settings.settings()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The file that the settings are read from, whether it exists or not.
pub(super) fn file(settings: &SettingsArgs) -> Option<PathBuf> {
    settings.config.clone().or_else(config::load::default_file)
}

/// The folder of the user's themes.
fn themes_folder(settings: &SettingsArgs) -> Option<PathBuf> {
    file(settings).and_then(|file| file.parent().map(|folder| folder.join("themes")))
}

fn check(settings: &SettingsArgs) -> anyhow::Result<ExitCode> {
    let loaded = config::load(&settings.sources());
    let mut text = String::new();
    for diagnostic in &loaded.diagnostics {
        let _ = writeln!(text, "{}: {diagnostic}", diagnostic.severity);
    }
    // Themes that are not in force can be chosen at any time.
    let folder = themes_folder(settings);
    let themes = config::theme::list(folder.as_deref()).into_iter();
    let broken: Vec<String> = themes
        .filter(|entry| entry.file.is_some())
        .filter_map(|entry| config::theme::find(&entry.name, folder.as_deref()).err())
        .map(|error| placed(&error))
        .filter(|line| !text.contains(line.as_str()))
        .collect();
    for line in &broken {
        let _ = writeln!(text, "error: {line}");
    }
    let errors = loaded
        .diagnostics
        .iter()
        .filter(|one| one.severity == Severity::Error)
        .count();
    let warnings = loaded.diagnostics.len() - errors;
    let errors = errors + broken.len();
    if errors + warnings == 0 {
        match file(settings).filter(|file| file.exists()) {
            Some(file) => {
                let _ = writeln!(text, "{}: no mistakes", file.display());
            }
            None => text.push_str("no file; the defaults are in force\n"),
        }
    } else {
        let _ = writeln!(
            text,
            "{}, {}",
            count(errors, "error"),
            count(warnings, "warning")
        );
    }
    print(&text)?;
    Ok(if loaded.has_errors() || !broken.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// `2 errors`, `1 error`.
fn count(number: usize, name: &str) -> String {
    format!("{number} {name}{}", if number == 1 { "" } else { "s" })
}

/// `terrace theme …`.
pub(super) fn theme(args: &ThemeArgs) -> anyhow::Result<ExitCode> {
    let settings = args.settings.settings();
    let folder = themes_folder(&settings);
    match &args.command {
        ThemeCommand::List => {
            let loaded = config::load(&settings.sources());
            let chosen = [&loaded.themes.dark.name, &loaded.themes.light.name];
            let mut text = String::new();
            for entry in config::theme::list(folder.as_deref()) {
                let found = config::theme::find(&entry.name, folder.as_deref());
                let (kind, mark) = match &found {
                    Ok(theme) if chosen.contains(&&theme.name) => (appearance(theme), "*"),
                    Ok(theme) => (appearance(theme), " "),
                    Err(_) => ("broken", "!"),
                };
                let _ = write!(text, "{mark} {:<28} {kind:<6}", entry.name);
                if let Some(partner) = config::theme::builtin::partner(&entry.name) {
                    let _ = write!(text, " with {partner}");
                }
                if let Some(file) = &entry.file {
                    let _ = write!(text, " {}", file.display());
                }
                text.truncate(text.trim_end().len());
                text.push('\n');
            }
            print(&text)?;
        }
        ThemeCommand::Show { name } => {
            let theme = config::theme::find(name, folder.as_deref())
                .map_err(|error| anyhow::anyhow!("{}", placed(&error)))?;
            print(&describe(&theme, std::io::stdout().is_terminal()))?;
        }
        ThemeCommand::Import(args) => import::run(args, folder.as_deref())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What is wrong with a theme, after its file, line and column.
fn placed(error: &config::theme::ThemeError) -> String {
    match error.file() {
        Some((file, Some((line, column)))) => {
            format!("{}:{line}:{column}: {error}", file.display())
        }
        Some((file, None)) => format!("{}: {error}", file.display()),
        None => error.to_string(),
    }
}

fn appearance(theme: &Theme) -> &'static str {
    match theme.appearance {
        Appearance::Dark => "dark",
        Appearance::Light => "light",
    }
}

/// A theme's colors by name, each with a patch of it where `in_color`.
fn describe(theme: &Theme, in_color: bool) -> String {
    let mut text = format!("{} ({})\n", theme.name, appearance(theme));
    let mut line = |name: &str, color: Rgb| {
        let patch = if in_color {
            format!(
                "\x1b[48;2;{};{};{}m      \x1b[m  ",
                color.r, color.g, color.b
            )
        } else {
            String::new()
        };
        let contrast = color.contrast(theme.background);
        let _ = writeln!(text, "  {patch}{color}  {contrast:>5.1}  {name}");
    };
    line("background", theme.background);
    line("foreground", theme.foreground);
    line("cursor", theme.cursor);
    line("cursor_text", theme.cursor_text);
    line("selection_background", theme.selection_background);
    if let Some(color) = theme.selection_foreground {
        line("selection_foreground", color);
    }
    const NAMES: [&str; 8] = [
        "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    ];
    for (number, color) in theme.palette[..16].iter().enumerate() {
        let bright = if number < 8 { "" } else { "bright " };
        line(
            &format!("{number:<2} {bright}{}", NAMES[number % 8]),
            *color,
        );
    }
    text.push_str("(the number after a color is its contrast to the background, 1 to 21)\n");
    text
}

/// `terrace keys`.
pub(super) fn keys(args: &KeysArgs) -> anyhow::Result<ExitCode> {
    let loaded = super::load(&args.settings)?;
    let keys = &loaded.config.keys;
    let mut text = String::new();
    if let Some(leader) = keys.leader() {
        let _ = writeln!(text, "{:<28} the leader", leader.to_string());
    }
    list_keys(&mut text, keys.table(None));
    for mode in keys.modes() {
        let _ = writeln!(text, "\n[mode {}; other keys: {}]", mode.name, mode.unbound);
        list_keys(&mut text, &mode.table);
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn list_keys(text: &mut String, table: &config::keys::Table) {
    for binding in table.iter() {
        let (keys, action) = (binding.keys.to_string(), binding.action.to_string());
        let _ = writeln!(text, "{keys:<28} {}", action.escape_default());
    }
}

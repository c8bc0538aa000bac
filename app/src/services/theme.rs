//! The settings and the theme in force: shown, changed, written back.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use config::edit::Edit;
use config::layouts::LayoutSpec;
use config::{Appearance, Colors, Config, Layouts, Problem, Setting, Theme, ThemeChoice};
use terminal::{Options, Origin, Palette};

use super::{Request, Services};
use crate::links;
use crate::settings;

impl Services {
    /// The theme to be seen, the user's own colors over it.
    pub(crate) fn theme(&self) -> &Theme {
        self.preview
            .as_ref()
            .unwrap_or(&self.themes)
            .get(self.appearance)
    }

    /// The theme in force, whatever is shown meanwhile.
    pub(crate) fn chosen_theme(&self) -> &Theme {
        self.themes.get(self.appearance)
    }

    /// The names of all themes, in alphabetical order, but for files of the user's that are broken.
    pub(crate) fn theme_names(&self) -> Vec<String> {
        let names = self.theme_names.get_or_init(|| {
            let folder = self.themes_folder();
            let is_sound = |name: &str| config::theme::find(name, folder.as_deref()).is_ok();
            let themes = config::theme::list(folder.as_deref()).into_iter();
            themes
                .filter(|theme| theme.file.is_none() || is_sound(&theme.name))
                .map(|theme| theme.name)
                .collect()
        });
        names.clone()
    }

    /// Themes may have come or gone.
    pub(crate) fn forget_theme_names(&mut self) {
        self.theme_names = OnceCell::new();
    }

    /// The folder of the user's own themes.
    fn themes_folder(&self) -> Option<PathBuf> {
        let file = config::edit::file(&self.options.settings.sources())?;
        Some(file.parent()?.join("themes"))
    }

    /// Shows a theme without choosing it, or the chosen one again.
    pub(crate) fn preview_theme(&mut self, name: Option<&str>) {
        let shown = self.theme().name.clone();
        self.preview = name.map(|name| {
            let colors = Colors {
                theme: ThemeChoice::One(name.to_owned()),
                ..self.config.colors.clone()
            };
            config::theme::pair(&colors, self.themes_folder().as_deref())
        });
        if self.theme().name != shown {
            self.requests.push(Request::ThemeChanged);
        }
    }

    /// Changes an option until it is set or shown again, without writing it; `text` is TOML.
    ///
    /// # Errors
    /// When the value is not one for this option.
    pub(crate) fn show_option(
        &mut self,
        section: &str,
        option: &str,
        text: &str,
    ) -> Result<(), Problem> {
        let mut config = Config::clone(&self.config);
        config.put(section, option, text)?;
        if config != *self.config {
            if section == "colors" {
                self.themes = config::theme::pair(&config.colors, self.themes_folder().as_deref());
            }
            self.config = Arc::new(config);
            self.requests.push(Request::ConfigChanged);
        }
        Ok(())
    }

    /// Changes an option and writes it to the settings file. `None`: its default, and out of the file.
    ///
    /// # Errors
    /// When the value is not one for this option, or there is no file to write to.
    pub(crate) fn set_option(
        &mut self,
        section: &'static str,
        option: &'static str,
        text: Option<&str>,
    ) -> Result<(), Problem> {
        let defaults = Config::default();
        let default = defaults
            .value(section, option)
            .map(|value| value.to_string());
        let value = text.or(default.as_deref()).unwrap_or_default();
        self.show_option(section, option, value)?;
        // What the command line said of it is replaced by what is said now.
        let prefix = format!("{section}.{option}");
        self.options
            .settings
            .options
            .retain(|known| known.split('=').next().map(str::trim) != Some(&prefix));
        let Some(file) = config::edit::file(&self.options.settings.sources()) else {
            tracing::warn!("no home folder; the setting is not written");
            return Ok(());
        };
        let (section, option) = (section.to_owned(), option.to_owned());
        let value = self.config.value(&section, &option);
        let edit = match (text, value) {
            (Some(_), Some(value)) => Edit::Set {
                section,
                option,
                value,
            },
            _ => Edit::Unset { section, option },
        };
        self.writer.edit(file, edit);
        Ok(())
    }

    /// What `colors.theme` is, in TOML, when a theme is chosen now: one name, or the pair that is there with the
    /// theme in the half that is in force.
    pub(crate) fn theme_value(&self, name: &str) -> String {
        let choice = match (&self.config.colors.theme, self.appearance) {
            (ThemeChoice::Pair { light, .. }, Appearance::Dark) => ThemeChoice::Pair {
                dark: name.to_owned(),
                light: light.clone(),
            },
            (ThemeChoice::Pair { dark, .. }, Appearance::Light) => ThemeChoice::Pair {
                dark: dark.clone(),
                light: name.to_owned(),
            },
            (ThemeChoice::One(_), _) => ThemeChoice::One(name.to_owned()),
        };
        choice.write().to_string()
    }

    /// Keeps a layout in the settings, and writes it to their file.
    pub(crate) fn save_layout(&mut self, layout: LayoutSpec) {
        let text = layout.write();
        let name = layout.name.clone();
        let mut config = Config::clone(&self.config);
        config.layouts.insert(layout);
        self.config = Arc::new(config);
        if let Some(file) = config::edit::file(&self.options.settings.sources()) {
            let array = Layouts::NAME.to_owned();
            self.writer.edit(file, Edit::Put { array, name, text });
        }
    }

    /// Its colors as the core has them.
    pub(crate) fn palette(&self) -> Palette {
        settings::palette(self.theme())
    }

    /// What the core takes from the settings.
    pub(crate) fn terminal_options(&self) -> Options {
        settings::terminal_options(&self.config, self.theme(), &self.hostname)
    }

    /// The same for a pane whose program runs elsewhere.
    pub(crate) fn remote_options(&self) -> Options {
        Options {
            origin: Origin::Remote,
            ..self.terminal_options()
        }
    }

    /// The desktop prefers dark or light now.
    pub(crate) fn set_dark(&mut self, dark: bool) {
        let appearance = if dark {
            Appearance::Dark
        } else {
            Appearance::Light
        };
        if self.appearance != appearance {
            self.appearance = appearance;
            self.requests.push(Request::ThemeChanged);
        }
    }

    /// The system's title, from what its template names.
    pub(crate) fn window_title(&self, value: impl Fn(&'static str) -> String) -> String {
        let title = match &self.options.title {
            Some(fixed) => fixed.clone(),
            None => self.config.window.title.fill(value),
        };
        if title.is_empty() {
            "Terrace".to_owned()
        } else {
            title
        }
    }

    /// Opens the configuration file in the desktop's editor, writing the default one first if there is none.
    ///
    /// # Errors
    /// When the file cannot be written or nothing opens it.
    pub(crate) fn open_config(&self) -> Result<PathBuf> {
        let path = match &self.options.settings.config {
            Some(path) => path.clone(),
            None => config::load::default_file().context("no home folder; set XDG_CONFIG_HOME")?,
        };
        if !path.exists() {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(&path, config::document::default_file()))
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        links::open_file(&path)?;
        Ok(path)
    }
}

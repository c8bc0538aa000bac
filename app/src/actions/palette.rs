//! The palette: opening it, following what is typed, and doing what is chosen.

use std::rc::Rc;

use config::{ActionName as A, Config};

use crate::actions;
use crate::palette::sources::{self, shown_path};
use crate::palette::{Command, Entry, Mode, OptionPlace, Palette, PaletteEvent, Question, Stage};
use crate::services::{Request, Services};
use crate::view::notices::Severity;
use crate::window::Window;

/// Does an action that opens the palette; `None` when it is none.
pub(super) fn run(window: &mut Window, services: &mut Services, action: A) -> Option<bool> {
    let mode = match action {
        A::CommandPalette => Mode::All,
        A::ChangeSetting => Mode::Only(':'),
        A::ChooseTheme => Mode::Only('@'),
        A::ChooseTab => Mode::Only('#'),
        A::OpenLayout => Mode::Only('%'),
        A::OpenFolder => Mode::Only('~'),
        A::ShowKeys => Mode::Only('!'),
        A::MovePaneToTab => Mode::Pick("Move the pane to", Window::pane_goals),
        A::ShowAccess => Mode::Pick("What other programs asked", Window::access_entries),
        A::SaveLayout => Mode::Ask(save_layout(services)),
        _ => return None,
    };
    // By way of the program, which knows the tabs of all windows.
    services
        .requests
        .push(Request::Palette(window.handle.id(), mode));
    Some(true)
}

fn save_layout(services: &Services) -> Question {
    let layouts = services.config.layouts.iter();
    Question {
        title: "Keep this window as a layout of the name".to_owned(),
        text: String::new(),
        known: layouts.map(|layout| layout.name.clone()).collect(),
        deed: Rc::new(|window, services, name| window.save_layout(services, name)),
    }
}

impl Window {
    /// Opens the palette; one that is open is closed first.
    pub(crate) fn open_palette(&mut self, services: &mut Services, mode: Mode) {
        self.close_palette(services);
        self.prepare_chrome();
        let mut palette = match mode {
            Mode::All => Palette::new(Stage::Find, String::new()),
            Mode::Only(sign) => Palette::new(Stage::Find, sign.to_string()),
            Mode::Pick(title, entries) => {
                let mut palette = Palette::new(Stage::Pick(title), String::new());
                palette.set_entries(entries(self, services));
                palette
            }
            Mode::Ask(question) => ask(question),
        };
        if matches!(palette.stage, Stage::Find) {
            palette.set_entries(sources::collect(self, services, palette.sign()));
        }
        palette.find(&mut services.matching, &services.recent.used);
        let in_force = services.chosen_theme().name.clone();
        if palette.sign() == Some('@') {
            palette.choose_where(|entry| entry.label == in_force);
        }
        self.overlay.palette = Some(palette);
        self.overlay.changed();
        self.redraw();
    }

    /// Closes the palette; what it only showed goes back to what it was.
    pub(crate) fn close_palette(&mut self, services: &mut Services) {
        if let Some(palette) = self.overlay.palette.take() {
            services.preview_theme(None);
            take_back(services, &palette);
            self.overlay.changed();
            self.redraw();
        }
    }

    /// Does what the user did to the palette.
    pub(crate) fn palette_event(&mut self, services: &mut Services, event: PaletteEvent) {
        let Some(mut palette) = self.overlay.palette.take() else {
            return;
        };
        self.overlay.changed();
        self.redraw();
        match event {
            PaletteEvent::Typed => {
                self.typed_in_palette(services, &mut palette);
                preview(services, &palette, palette.sign() == Some('@'));
            }
            PaletteEvent::Stepped(by) if matches!(palette.stage, Stage::Text(_)) => {
                step_number(services, &mut palette, by.saturating_neg());
            }
            PaletteEvent::Stepped(by) => {
                if palette.step(by) {
                    preview(services, &palette, true);
                }
            }
            PaletteEvent::Closed => {
                self.overlay.palette = Some(palette);
                self.close_palette(services);
                return;
            }
            PaletteEvent::Back => {
                take_back(services, &palette);
                services.preview_theme(None);
                let back = match &palette.stage {
                    Stage::Choice(place) | Stage::Text(place) => place.clone(),
                    Stage::Find | Stage::Pick(_) | Stage::Ask(_) => return,
                };
                self.open_palette(services, Mode::Only(':'));
                let label = format!("{}.{}", back.section, back.info.name);
                if let Some(palette) = &mut self.overlay.palette {
                    palette.choose_where(|entry| entry.label == label);
                }
                return;
            }
            PaletteEvent::Chosen => {
                self.chosen_in_palette(services, palette);
                return;
            }
        }
        self.overlay.palette = Some(palette);
    }

    fn typed_in_palette(&mut self, services: &mut Services, palette: &mut Palette) {
        if palette.wants_entries() {
            palette.set_entries(sources::collect(self, services, palette.sign()));
        }
        palette.find(&mut services.matching, &services.recent.used);
        if palette.text == "@" {
            let in_force = &services.chosen_theme().name;
            palette.choose_where(|entry| entry.label == *in_force);
        }
        if let Stage::Text(place) = &palette.stage {
            let mut scratch = Config::clone(&services.config);
            let value = value_of(place, &palette.text);
            let outcome = scratch.put(place.section, place.info.name, &value);
            palette.problem = outcome.err().map(|problem| problem.to_string());
        }
    }

    fn chosen_in_palette(&mut self, services: &mut Services, mut palette: Palette) {
        match &palette.stage {
            Stage::Text(place) => {
                let text = value_of(place, &palette.text);
                let (section, option) = (place.section, place.info.name);
                if let Err(problem) = services.set_option(section, option, Some(&text)) {
                    palette.problem = Some(problem.to_string());
                    self.overlay.palette = Some(palette);
                } else {
                    services.remember_entry(&format!("setting:{section}.{option}"));
                }
            }
            Stage::Ask(question) => {
                let text = palette.chosen().map_or(&palette.text, |entry| &entry.label);
                let text = text.trim().to_owned();
                if text.is_empty() {
                    palette.problem = Some("type a name, or press Escape".to_owned());
                    self.overlay.palette = Some(palette);
                } else {
                    let deed = Rc::clone(&question.deed);
                    deed(self, services, &text);
                }
            }
            Stage::Choice(place) => {
                let (section, option) = (place.section, place.info.name);
                let value = match palette.chosen().map(|entry| entry.command.clone()) {
                    Some(Command::Value(text)) => Some(text),
                    Some(Command::Default) => None,
                    _ => {
                        self.overlay.palette = Some(palette);
                        return;
                    }
                };
                if let Err(problem) = services.set_option(section, option, value.as_deref()) {
                    self.notify(Severity::Error, "setting", problem.to_string());
                }
                services.remember_entry(&format!("setting:{section}.{option}"));
            }
            Stage::Find | Stage::Pick(_) => {
                let Some(entry) = palette.chosen().cloned() else {
                    self.overlay.palette = Some(palette);
                    return;
                };
                services.remember_entry(&entry.id);
                self.obey(services, entry.command);
            }
        }
    }

    /// Does what an entry stands for.
    fn obey(&mut self, services: &mut Services, command: Command) {
        if !matches!(command, Command::Theme(_)) {
            services.preview_theme(None);
        }
        match command {
            Command::Run(action) => {
                actions::run_bound(self, services, &action);
            }
            Command::Option("colors", "theme") => {
                self.open_palette(services, Mode::Only('@'));
            }
            Command::Option(section, option) => self.change_option(services, section, option),
            Command::Theme(name) => choose_theme(self, services, &name),
            Command::Tab(window, tab) => services.requests.push(Request::ShowTab(window, tab)),
            Command::Layout(name) => self.open_layout(services, &name),
            Command::Folder(folder) => self.new_tab_in(services, Some(folder)),
            Command::Environment(id) => {
                super::environments::open(self, services, &id, crate::window::Place::Tab);
            }
            Command::Narrow(sign) => self.open_palette(services, Mode::Only(sign)),
            Command::Do(deed) => deed(self, services),
            // Of an option's own list, which was dealt with where it is.
            Command::Value(_) | Command::Default => {}
        }
    }

    /// Begins to change an option: by a list, where its values have names, else in a field.
    fn change_option(
        &mut self,
        services: &mut Services,
        section: &'static str,
        option: &'static str,
    ) {
        let info = Config::sections()
            .into_iter()
            .find(|known| known.name == section)
            .and_then(|known| known.options.into_iter().find(|one| one.name == option));
        let (Some(info), Some(before)) = (info, services.config.value(section, option)) else {
            return;
        };
        let bare = matches!(
            (&before, &info.default),
            (toml::Value::String(_), toml::Value::String(_))
        );
        let place = OptionPlace {
            section,
            bare,
            before: before.clone(),
            info,
        };
        self.prepare_chrome();
        let values = values_of(&place);
        let palette = if values.is_empty() {
            let text = match &before {
                toml::Value::String(text) if bare => text.clone(),
                other => other.to_string(),
            };
            let mut palette = Palette::new(Stage::Text(place), text);
            palette.select_all = true;
            palette
        } else {
            let mut palette = Palette::new(Stage::Choice(place), String::new());
            palette.set_entries(values);
            palette.find(&mut services.matching, &[]);
            let shown = before.to_string();
            palette.choose_where(
                |entry| matches!(&entry.command, Command::Value(text) if *text == shown),
            );
            palette
        };
        self.overlay.palette = Some(palette);
        self.overlay.changed();
        self.redraw();
    }

    /// The tabs, of any window, that the focused pane can move to.
    fn pane_goals(&self, services: &Services) -> Vec<Entry> {
        let own = self.handle.id();
        let shown = self.tabs.active().map(|tab| tab.id);
        let mut goals = vec![
            Entry::new(
                "",
                "A tab of its own",
                Command::Do(Rc::new(|window, services| window.pane_to_new_tab(services))),
            ),
            Entry::new(
                "",
                "A window of its own",
                Command::Do(Rc::new(|window, services| {
                    actions::run(window, services, A::MovePaneToNewWindow);
                })),
            ),
        ];
        for (id, tabs) in &services.directory {
            for (number, (tab, label)) in tabs.iter().enumerate() {
                if *id == own && Some(*tab) == shown {
                    continue;
                }
                let (id, tab) = (*id, *tab);
                let place = if id == own { "" } else { " of another window" };
                goals.push(Entry {
                    detail: format!("tab {}{place}", number + 1),
                    ..Entry::new(
                        "",
                        label,
                        Command::Do(Rc::new(move |window, services| {
                            // The last pane of the last tab takes its window along.
                            if let Some(panes) = window.take_pane_for_good(services) {
                                let panes = Box::new(panes);
                                services.requests.push(Request::PaneTo(id, tab, panes));
                            }
                        })),
                    )
                });
            }
        }
        goals
    }

    /// Opens a tab with a shell in a folder, or where the settings say.
    pub(crate) fn new_tab_in(
        &mut self,
        services: &mut Services,
        folder: Option<std::path::PathBuf>,
    ) {
        if let Some(missing) = folder.as_deref().filter(|folder| !folder.is_dir()) {
            let home = std::env::home_dir();
            let text = format!(
                "{} is not there any more.",
                shown_path(missing, home.as_deref())
            );
            self.notify(Severity::Warning, "folder", text);
            return;
        }
        self.open_tab(services, folder);
    }
}

fn ask(question: Question) -> Palette {
    let text = question.text.clone();
    let known: Vec<Entry> = question
        .known
        .iter()
        .map(|name| Entry {
            detail: "in its place".to_owned(),
            ..Entry::new("", name, Command::Default)
        })
        .collect();
    let mut palette = Palette::new(Stage::Ask(question), text);
    palette.set_entries(known);
    palette
}

/// The values of an option that has names for them, with its default among them.
fn values_of(place: &OptionPlace) -> Vec<Entry> {
    let info = &place.info;
    let names: Vec<(String, String)> = if info.choices.is_empty() {
        match info.default {
            toml::Value::Boolean(_) => ["true", "false"]
                .map(|name| (name.to_owned(), String::new()))
                .to_vec(),
            _ => return Vec::new(),
        }
    } else {
        let quoted = |name: &str| toml::Value::String(name.to_owned()).to_string();
        info.choices
            .iter()
            .map(|choice| {
                let doc: Vec<&str> = choice.doc.iter().map(|line| line.trim()).collect();
                (quoted(choice.name), doc.join(" ").replace('`', ""))
            })
            .collect()
    };
    let about: Vec<&str> = info.doc.iter().map(|line| line.trim()).collect();
    let about = about.join(" ").replace('`', "");
    let (default, before) = (info.default.to_string(), place.before.to_string());
    let mut entries: Vec<Entry> = names
        .into_iter()
        .map(|(value, detail)| Entry {
            hint: match (value == before, value == default) {
                (true, true) => "now, default",
                (true, false) => "now",
                (false, true) => "default",
                (false, false) => "",
            }
            .to_owned(),
            detail,
            about: about.clone(),
            ..Entry::new("", value.trim_matches('"'), Command::Value(value.clone()))
        })
        .collect();
    if before != default {
        entries.push(Entry {
            hint: default,
            detail: "and out of the settings file".to_owned(),
            about,
            ..Entry::new("", "Default", Command::Default)
        });
    }
    entries
}

/// The text of a field as a value in TOML.
fn value_of(place: &OptionPlace, text: &str) -> String {
    if place.bare {
        toml::Value::String(text.to_owned()).to_string()
    } else if text.trim().is_empty() {
        place.info.default.to_string()
    } else {
        text.to_owned()
    }
}

/// Shows what choosing the entry would do, where that can be seen at once.
fn preview(services: &mut Services, palette: &Palette, themes: bool) {
    match (&palette.stage, palette.chosen().map(|entry| &entry.command)) {
        (Stage::Find, Some(Command::Theme(name))) if themes => {
            services.preview_theme(Some(name));
        }
        (Stage::Choice(place), Some(Command::Value(text))) => {
            // A name of the option's own list is a value of it.
            let _ = services.show_option(place.section, place.info.name, text);
        }
        (Stage::Choice(place), Some(Command::Default)) => {
            let text = place.info.default.to_string();
            let _ = services.show_option(place.section, place.info.name, &text);
        }
        _ => services.preview_theme(None),
    }
}

/// Gives an option that was only shown another way its value again.
fn take_back(services: &mut Services, palette: &Palette) {
    if let Stage::Choice(place) | Stage::Text(place) = &palette.stage {
        let before = place.before.to_string();
        if let Err(problem) = services.show_option(place.section, place.info.name, &before) {
            tracing::warn!("{problem}");
        }
    }
}

/// Makes the number in the field larger or smaller and shows what that does.
fn step_number(services: &mut Services, palette: &mut Palette, by: isize) {
    let Stage::Text(place) = &palette.stage else {
        return;
    };
    let Some(text) = stepped(&palette.text, &place.before, by) else {
        return;
    };
    match services.show_option(place.section, place.info.name, &text) {
        Ok(()) => {
            palette.text = text;
            palette.problem = None;
            palette.cursor_to_end = true;
        }
        Err(problem) => palette.problem = Some(problem.to_string()),
    }
}

/// A number some steps larger: whole numbers by 1, others by 0.05 where they are at most 1, else by 0.5.
fn stepped(text: &str, like: &toml::Value, by: isize) -> Option<String> {
    match like {
        toml::Value::Integer(_) => {
            let number = text.trim().parse::<i64>().ok()?;
            Some(number.saturating_add(i64::try_from(by).ok()?).to_string())
        }
        toml::Value::Float(_) => {
            let number = text.trim().parse::<f64>().ok()?;
            let step = if number.abs() <= 1.0 { 0.05 } else { 0.5 };
            let by = f64::from(i32::try_from(by).ok()?);
            let moved = ((number + by * step) * 1000.0).round() / 1000.0;
            Some(toml::Value::Float(moved).to_string())
        }
        _ => None,
    }
}

/// Takes a theme: where the settings have a pair, in the place of the half that is in force now.
fn choose_theme(window: &mut Window, services: &mut Services, name: &str) {
    let value = services.theme_value(name);
    if let Err(problem) = services.set_option("colors", "theme", Some(&value)) {
        window.notify(Severity::Error, "setting", problem.to_string());
    }
    services.preview_theme(None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_stepped() {
        #[track_caller]
        fn check(text: &str, like: impl Into<toml::Value>, by: isize, expected: Option<&str>) {
            assert_eq!(stepped(text, &like.into(), by).as_deref(), expected);
        }
        check("80", 80, 1, Some("81"));
        check(" 80 ", 80, -3, Some("77"));
        check("11.0", 11.0, 1, Some("11.5"));
        check("0.15", 0.15, 1, Some("0.2"));
        check("1.0", 1.0, -1, Some("0.95"));
        check("x", 80, 1, None);
        check("x", "text", 1, None);
    }

    #[test]
    fn named_values_are_listed_with_what_they_are_now() {
        let sections = Config::sections();
        let tabs = sections.iter().find(|one| one.name == "tabs").unwrap();
        let info = |name: &str| tabs.options.iter().find(|one| one.name == name).unwrap();
        let place = |name: &str, before: toml::Value| OptionPlace {
            section: "tabs",
            info: info(name).clone(),
            before,
            bare: false,
        };
        let values = values_of(&place("bar", "never".into()));
        let said: Vec<(&str, &str)> = values
            .iter()
            .map(|entry| (entry.label.as_str(), entry.hint.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("auto", "default"),
                ("always", ""),
                ("never", "now"),
                ("Default", "\"auto\"")
            ]
        );
        let values = values_of(&place("numbers", false.into()));
        assert_eq!(values.len(), 2);
        assert!(values_of(&place("max_width", 240.into())).is_empty());
    }
}

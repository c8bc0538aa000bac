//! What the palette finds: a table of sources, each a function from the window as it is to entries.

use std::path::Path;

use config::value::Setting;
use config::{Action, ActionName, Config};

use super::{Command, Entry, Source};
use crate::services::Services;
use crate::window::Window;

/// The sign that lists the signs.
pub(crate) const HELP: char = '?';

/// Every kind of thing, in the order in which they are found when nothing is typed.
pub(crate) const SOURCES: &[Source] = &[
    Source {
        prefix: '>',
        title: "Actions",
        everywhere: true,
        entries: actions,
    },
    Source {
        prefix: '#',
        title: "Tabs",
        everywhere: true,
        entries: tabs,
    },
    Source {
        prefix: ':',
        title: "Settings",
        everywhere: true,
        entries: settings,
    },
    Source {
        prefix: '@',
        title: "Themes",
        everywhere: true,
        entries: themes,
    },
    Source {
        prefix: '%',
        title: "Layouts",
        everywhere: true,
        entries: layouts,
    },
    Source {
        prefix: '~',
        title: "Recent folders",
        everywhere: true,
        entries: folders,
    },
    Source {
        prefix: '&',
        title: "Environments",
        everywhere: false,
        entries: environments,
    },
    Source {
        prefix: '!',
        title: "Keys",
        everywhere: false,
        entries: keys,
    },
];

/// The entries for a sign, or of every source that is found without one.
pub(crate) fn collect(window: &Window, services: &Services, sign: Option<char>) -> Vec<Entry> {
    match sign {
        Some(HELP) => help(),
        Some(sign) => SOURCES
            .iter()
            .filter(|source| source.prefix == sign)
            .flat_map(|source| (source.entries)(window, services))
            .collect(),
        None => SOURCES
            .iter()
            .filter(|source| source.everywhere)
            .flat_map(|source| {
                let title = source.title;
                (source.entries)(window, services)
                    .into_iter()
                    .map(move |entry| named(entry, title))
            })
            .collect(),
    }
}

/// Among entries of several kinds, those that do not say it themselves say of which kind they are.
fn named(mut entry: Entry, title: &str) -> Entry {
    if entry.detail.is_empty() && !matches!(entry.command, Command::Run(_)) {
        entry.detail = title.to_lowercase();
    }
    entry
}

/// The signs.
fn help() -> Vec<Entry> {
    SOURCES
        .iter()
        .map(|source| {
            let label = format!("{}  {}", source.prefix, source.title);
            Entry::new("", label, Command::Narrow(source.prefix))
        })
        .collect()
}

/// `split-right` as a person writes it: `Split right`.
pub(crate) fn title_of(action: ActionName) -> String {
    let mut words = action.name().replace('-', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// What the documentation says of an action.
pub(crate) fn meaning_of(action: ActionName) -> String {
    ActionName::choices()
        .iter()
        .find(|choice| choice.name == action.name())
        .map_or_else(String::new, |choice| {
            let lines: Vec<&str> = choice.doc.iter().map(|line| line.trim()).collect();
            lines.join(" ")
        })
}

fn actions(_: &Window, services: &Services) -> Vec<Entry> {
    ActionName::ALL
        .iter()
        .filter(|action| **action != ActionName::CommandPalette)
        .map(|action| {
            let keys = services.config.keys.way_to(*action);
            Entry {
                about: meaning_of(*action),
                hint: keys.unwrap_or_default(),
                ..Entry::new(
                    format!("action:{}", action.name()),
                    title_of(*action),
                    Command::Run(Action::Run(*action)),
                )
            }
        })
        .collect()
}

fn tabs(window: &Window, services: &Services) -> Vec<Entry> {
    let own = window.handle.id();
    let shown = window.tabs.active().map(|tab| tab.id);
    let mut entries = Vec::new();
    for (id, tabs) in &services.directory {
        for (number, (tab, label)) in tabs.iter().enumerate() {
            let detail = match (*id == own, Some(*tab) == shown) {
                (true, true) => format!("tab {}, shown", number + 1),
                (true, false) => format!("tab {}", number + 1),
                (false, _) => format!("tab {} of another window", number + 1),
            };
            entries.push(Entry {
                detail,
                ..Entry::new("", label, Command::Tab(*id, *tab))
            });
        }
    }
    entries
}

fn settings(_: &Window, services: &Services) -> Vec<Entry> {
    let values = services.config.values();
    let mut entries = Vec::new();
    for section in Config::sections() {
        for option in section.options {
            let value = values
                .iter()
                .find(|(name, key, _)| (*name, *key) == (section.name, option.name))
                .map(|(_, _, value)| short(value));
            let doc: Vec<&str> = option.doc.iter().map(|line| line.trim()).collect();
            entries.push(Entry {
                hint: value.unwrap_or_default(),
                about: doc.join(" ").replace('`', ""),
                ..Entry::new(
                    format!("setting:{}.{}", section.name, option.name),
                    format!("{}.{}", section.name, option.name),
                    Command::Option(section.name, option.name),
                )
            });
        }
    }
    entries
}

/// A value, short enough for one line.
fn short(value: &toml::Value) -> String {
    const MOST: usize = 32;
    let text = match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() > MOST {
        let head: String = text.chars().take(MOST - 1).collect();
        format!("{head}…")
    } else {
        text
    }
}

fn themes(_: &Window, services: &Services) -> Vec<Entry> {
    let in_force = services.chosen_theme().name.clone();
    services
        .theme_names()
        .into_iter()
        .map(|name| Entry {
            hint: if name == in_force {
                "in force".to_owned()
            } else {
                String::new()
            },
            ..Entry::new(format!("theme:{name}"), name.clone(), Command::Theme(name))
        })
        .collect()
}

fn layouts(_: &Window, services: &Services) -> Vec<Entry> {
    let layouts = services.config.layouts.iter();
    layouts
        .map(|layout| {
            let tabs = layout.tabs.len();
            Entry {
                hint: format!("{tabs} tab{}", if tabs == 1 { "" } else { "s" }),
                ..Entry::new(
                    format!("layout:{}", layout.name),
                    &layout.name,
                    Command::Layout(layout.name.clone()),
                )
            }
        })
        .collect()
}

fn folders(_: &Window, services: &Services) -> Vec<Entry> {
    let home = std::env::home_dir();
    let folders = services.recent.folders.iter();
    folders
        .map(|folder| {
            let command = Command::Folder(folder.clone());
            Entry::new("", shown_path(folder, home.as_deref()), command)
        })
        .collect()
}

/// The environments that are known; the panel asks for more.
fn environments(_: &Window, services: &Services) -> Vec<Entry> {
    let list = Command::Run(Action::Run(ActionName::Environments));
    let keys = services.config.keys.way_to(ActionName::Environments);
    let mut entries = vec![Entry {
        hint: keys.unwrap_or_default(),
        ..Entry::new("", "List all environments", list)
    }];
    let snapshot = services.environments.snapshot();
    for provider in &snapshot.providers {
        entries.extend(provider.items.iter().map(|env| Entry {
            detail: env.group.clone().unwrap_or_default(),
            hint: provider.title.clone(),
            ..Entry::new(
                format!("environment:{}", env.id),
                env.name.clone(),
                Command::Environment(env.id.clone()),
            )
        }));
    }
    entries
}

/// A path with the home folder as `~`.
pub(crate) fn shown_path(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

fn keys(_: &Window, services: &Services) -> Vec<Entry> {
    let keys = &services.config.keys;
    let modes = keys.modes().flat_map(|mode| {
        let bindings = mode.table.iter();
        bindings.map(|binding| (Some(mode.name.as_str()), binding))
    });
    keys.iter()
        .map(|binding| (None, binding))
        .chain(modes)
        .map(|(mode, binding)| {
            let (name, about) = match &binding.action {
                Action::Run(action) => (title_of(*action), meaning_of(*action)),
                other => (other.to_string().escape_debug().to_string(), String::new()),
            };
            Entry {
                detail: name,
                about,
                hint: mode.map_or_else(String::new, |mode| format!("mode {mode}")),
                ..Entry::new(
                    "",
                    binding.keys.to_string(),
                    Command::Run(binding.action.clone()),
                )
            }
        })
        .collect()
}

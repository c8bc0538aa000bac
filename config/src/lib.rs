//! Terrace's settings: their form, their defaults and their documentation.
//!
//! Each section of the file is a struct in a module of its own, made by the `section!` macro: the
//! doc comment of a field is the option's only description, from which [`document`] makes the
//! default file and the manual page. [`load`] reads the files and the command line's overrides,
//! and reports every mistake with its place instead of failing. [`theme`] has the colors.
//!
//! This crate knows none of the others: keys, colors and lengths are plain types of its own, and
//! `app` turns them into what the terminal and the renderer take.
//!
//! ```
//! let sources = config::Sources { overrides: vec!["font.size=14".into()], ..Default::default() };
//! let loaded = config::load(&sources);
//! assert_eq!(loaded.config.font.size, 14.0);
//! ```
#![forbid(unsafe_code)]

pub mod bell;
pub mod blocks;
pub mod colors;
pub mod control;
pub mod cursor;
pub mod diagnostic;
pub mod document;
pub mod edit;
pub mod environments;
pub mod font;
pub mod hints;
pub mod history;
pub mod keys;
pub mod layouts;
pub mod links;
pub mod load;
pub mod mouse;
mod nearest;
pub mod notifications;
pub mod renderer;
pub mod scrollback;
pub mod section;
pub mod shell;
pub mod tabs;
pub mod template;
pub mod terminal;
pub mod theme;
pub mod value;
pub mod window;

use toml::de::DeValue;

pub use bell::Bell;
pub use blocks::Blocks;
pub use colors::{Colors, Rgb, ThemeChoice};
pub use control::Control;
pub use cursor::Cursor;
pub use diagnostic::{Diagnostic, Place, Severity};
pub use environments::{EnvironmentRule, Environments};
pub use font::Font;
pub use hints::{HintAction, HintRule, Hints};
pub use history::History;
pub use keys::{
    Action, ActionName, Binding, Chord, KeyName, Keys, Lookup, Modifiers, NamedKey, Press, Sequence,
};
pub use layouts::Layouts;
pub use links::Links;
pub use load::{Loaded, Sources, load};
pub use mouse::Mouse;
pub use notifications::Notifications;
pub use renderer::Renderer;
pub use scrollback::Scrollback;
pub use section::{Choice, OptionInfo, Section, SectionInfo};
pub use shell::Shell;
pub use tabs::Tabs;
pub use template::Template;
pub use terminal::Terminal;
pub use theme::{Appearance, Theme, ThemePair};
pub use value::{Problem, Setting};
pub use window::Window;

/// Declares [`Config`] and the lookups by a section's name, so that a section is listed once.
macro_rules! config {
    ($( $(#[doc = $doc:literal])* $field:ident: $section:ty, )*) => {
        /// Every setting, one field a section.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Config {
            $( $(#[doc = $doc])* pub $field: $section, )*
            /// `[keys]`: which key does what.
            pub keys: Keys,
            /// `[[hints]]`: what else hint mode finds.
            pub hints: Hints,
            /// `[[layouts]]`: tabs and panes opened at once.
            pub layouts: Layouts,
        }

        impl Config {
            /// Describes every section but `[keys]`, in the order of the documentation.
            #[must_use]
            pub fn sections() -> Vec<SectionInfo> {
                vec![$( <$section as Section>::info(), )*]
            }

            /// Every option's value, by section and name, but `[keys]`.
            #[must_use]
            pub fn values(&self) -> Vec<(&'static str, &'static str, toml::Value)> {
                let mut all = Vec::new();
                $( all.extend(
                    self.$field
                        .values()
                        .into_iter()
                        .map(|(name, value)| (<$section as Section>::NAME, name, value)),
                ); )*
                all
            }

            /// One option's value.
            #[must_use]
            pub fn value(&self, section: &str, option: &str) -> Option<toml::Value> {
                let mut all = self.values().into_iter();
                all.find(|(name, key, _)| (*name, *key) == (section, option))
                    .map(|(_, _, value)| value)
            }

            /// Sets one option to a value written in TOML.
            ///
            /// # Errors
            /// The text is no TOML, the value of the wrong kind or out of range, or there is no such
            /// option; the old value stays.
            pub fn put(&mut self, section: &str, option: &str, text: &str) -> Result<(), Problem> {
                let line = format!("value = {text}");
                let table = match toml::de::DeTable::parse(&line) {
                    Ok(table) => table,
                    Err(error) => {
                        // A word without quotes is told by what the option takes, if that is no word.
                        let word = DeValue::String(text.trim().into());
                        return Err(match self.clone().set(section, option, &word) {
                            Some(Err(problem)) => problem,
                            _ => Problem::meaning(error.message().trim(), "a value in TOML"),
                        });
                    }
                };
                let value = table.get_ref().get("value").filter(|_| table.get_ref().len() == 1);
                value
                    .and_then(|value| self.set(section, option, value.get_ref()))
                    .unwrap_or_else(|| {
                        Err(Problem::meaning(format!("no option {section}.{option}"), "one value"))
                    })
            }

            /// Sets one option; `None` where there is no such section or option.
            fn set(
                &mut self,
                section: &str,
                option: &str,
                value: &DeValue<'_>,
            ) -> Option<Result<(), Problem>> {
                match section {
                    $( <$section as Section>::NAME => self.$field.set(option, value), )*
                    _ => None,
                }
            }
        }
    };
}

config! {
    /// `[window]`: size, edges, looks.
    window: Window,
    /// `[font]`: families, size, spacing.
    font: Font,
    /// `[colors]`: the theme and what to change of it.
    colors: Colors,
    /// `[cursor]`: the text cursor.
    cursor: Cursor,
    /// `[scrollback]`: rows that left the screen.
    scrollback: Scrollback,
    /// `[blocks]`: commands and their output.
    blocks: Blocks,
    /// `[shell]`: the program in a new tab.
    shell: Shell,
    /// `[history]`: the commands and outputs that are kept.
    history: History,
    /// `[tabs]`: the tab bar.
    tabs: Tabs,
    /// `[environments]`: hosts, containers, pods.
    environments: Environments,
    /// `[mouse]`: pointer, wheel, selection.
    mouse: Mouse,
    /// `[links]`: addresses that can be clicked.
    links: Links,
    /// `[bell]`: what BEL does.
    bell: Bell,
    /// `[notifications]`: what programs may say on the desktop.
    notifications: Notifications,
    /// `[terminal]`: what programs may do.
    terminal: Terminal,
    /// `[control]`: what other programs may ask.
    control: Control,
    /// `[renderer]`: how the picture gets to the screen.
    renderer: Renderer,
}

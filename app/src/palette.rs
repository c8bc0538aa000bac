//! The palette: one field in which everything that can be done is found by typing a part of its name.
//!
//! Here is its state, with no window in it. What it finds comes from [`sources::SOURCES`]: to let it find
//! another kind of thing, add a [`Source`] there, whose entries bring along what choosing them does. It is drawn
//! by `view/palette.rs`, and what the user does to it is done by `actions/palette.rs`.

mod matching;
pub(crate) mod recent;
pub(crate) mod sources;

use std::path::PathBuf;
use std::rc::Rc;

use config::{Action, OptionInfo};
use winit::window::WindowId;

use crate::services::Services;
use crate::tabs::TabId;
use crate::window::Window;

pub(crate) use matching::Matching;

/// Something done to a window by code that the palette does not know.
pub(crate) type Deed = Rc<dyn Fn(&mut Window, &mut Services)>;
/// The same with a text that the user typed.
pub(crate) type TextDeed = Rc<dyn Fn(&mut Window, &mut Services, &str)>;

/// One kind of thing that the palette finds.
pub(crate) struct Source {
    /// The sign that narrows the palette to this kind, typed first.
    pub(crate) prefix: char,
    /// The kind's name.
    pub(crate) title: &'static str,
    /// Whether it is found without the sign, too.
    pub(crate) everywhere: bool,
    /// What there is now. Called when the palette opens and when the sign is typed or taken away: it must not
    /// wait for files, processes or the network.
    pub(crate) entries: fn(&Window, &Services) -> Vec<Entry>,
}

/// One thing that can be chosen.
#[derive(Clone)]
pub(crate) struct Entry {
    /// Its identity for the list of what was used lately, such as `action:copy`; empty: not remembered.
    pub(crate) id: String,
    /// Its name: what is matched letter by letter.
    pub(crate) label: String,
    /// More about it, shown after the name and matched by whole words.
    pub(crate) detail: String,
    /// What is shown while it is the chosen one, matched by whole words.
    pub(crate) about: String,
    /// What stands at the right: the key that does the same, a value.
    pub(crate) hint: String,
    /// What choosing it does.
    pub(crate) command: Command,
}

impl Entry {
    /// An entry with a name and what choosing it does.
    pub(crate) fn new(id: impl Into<String>, label: impl Into<String>, command: Command) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            detail: String::new(),
            about: String::new(),
            hint: String::new(),
            command,
        }
    }
}

/// What choosing an entry does.
#[derive(Clone)]
pub(crate) enum Command {
    /// What a key can do.
    Run(Action),
    /// Begins to change an option, by section and name.
    Option(&'static str, &'static str),
    /// Gives the option that is being changed this value, in TOML.
    Value(String),
    /// Gives the option that is being changed its default again.
    Default,
    /// Takes a theme; moving onto it shows it.
    Theme(String),
    /// Shows a tab of a window.
    Tab(WindowId, TabId),
    /// Opens a layout.
    Layout(String),
    /// Opens a tab in a folder.
    Folder(PathBuf),
    /// Opens a tab in an environment.
    Environment(environments::EnvironmentId),
    /// Narrows the palette to a kind.
    Narrow(char),
    /// Anything else.
    Do(Deed),
}

/// With what the palette opens.
#[derive(Clone)]
pub(crate) enum Mode {
    /// Everything.
    All,
    /// One kind, by its sign.
    Only(char),
    /// The entries that a function gives and no others, under a title.
    Pick(&'static str, fn(&Window, &Services) -> Vec<Entry>),
    /// A text to be typed.
    Ask(Question),
}

/// A text that is asked for.
#[derive(Clone)]
pub(crate) struct Question {
    /// What it is.
    pub(crate) title: String,
    /// What stands there at first.
    pub(crate) text: String,
    /// Texts that can be taken as they are.
    pub(crate) known: Vec<String>,
    /// What is done with it.
    pub(crate) deed: TextDeed,
}

/// What the palette is doing.
pub(crate) enum Stage {
    /// Finding something in the sources.
    Find,
    /// Finding something among given entries.
    Pick(&'static str),
    /// Choosing a value of an option.
    Choice(OptionPlace),
    /// Typing a value of an option.
    Text(OptionPlace),
    /// Typing a text that was asked for.
    Ask(Question),
}

/// An option that is being changed.
#[derive(Clone)]
pub(crate) struct OptionPlace {
    /// Its section.
    pub(crate) section: &'static str,
    /// What the documentation says of it.
    pub(crate) info: OptionInfo,
    /// The value in force, in TOML.
    pub(crate) before: toml::Value,
    /// Whether the field holds a bare text rather than TOML.
    pub(crate) bare: bool,
}

/// What the user did to the palette in one layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaletteEvent {
    /// Typed: the text is another one.
    Typed,
    /// Went so many entries down (negative: up), or asks for a number that much smaller.
    Stepped(isize),
    /// Took the entry or the text.
    Chosen,
    /// Went back a step, or closed it.
    Back,
    /// Closed it.
    Closed,
}

/// An open palette.
pub(crate) struct Palette {
    /// What is typed.
    pub(crate) text: String,
    /// What it is doing.
    pub(crate) stage: Stage,
    /// What is wrong with the typed text.
    pub(crate) problem: Option<String>,
    /// The chosen one of [`Palette::found`].
    pub(crate) selected: usize,
    /// The chosen one must be brought into view.
    pub(crate) scroll: bool,
    /// The first of [`Palette::found`] in view.
    pub(crate) top: usize,
    /// How many were in view in the last layout.
    pub(crate) rows_shown: usize,
    /// What the wheel was turned by and is less than a row, in logical pixels.
    pub(crate) wheel: f32,
    /// It was laid out once: from then on a press beside it closes it.
    pub(crate) laid_out: bool,
    /// The cursor belongs at the end of the text with the next layout.
    pub(crate) cursor_to_end: bool,
    /// The whole text is to be selected with the next layout.
    pub(crate) select_all: bool,
    entries: Vec<Entry>,
    found: Vec<Found>,
    /// The sign whose source `entries` came from.
    narrowed: Option<char>,
}

/// An entry that matches, and which letters do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its index among the entries.
    entry: usize,
    /// The letters of its name that were matched, counted in characters.
    pub(crate) letters: Vec<usize>,
}

impl Palette {
    /// A palette that finds things; `text` may begin with a sign.
    pub(crate) fn new(stage: Stage, text: String) -> Self {
        Self {
            text,
            stage,
            problem: None,
            selected: 0,
            scroll: true,
            top: 0,
            rows_shown: 0,
            wheel: 0.0,
            laid_out: false,
            cursor_to_end: true,
            select_all: false,
            entries: Vec::new(),
            found: Vec::new(),
            narrowed: None,
        }
    }

    /// The sign that is typed, if it is that of a source.
    pub(crate) fn sign(&self) -> Option<char> {
        let first = self.text.chars().next()?;
        let known = first == sources::HELP || sources::SOURCES.iter().any(|s| s.prefix == first);
        (matches!(self.stage, Stage::Find) && known).then_some(first)
    }

    /// Whether the entries must be collected again for what is typed now.
    pub(crate) fn wants_entries(&self) -> bool {
        matches!(self.stage, Stage::Find) && self.sign() != self.narrowed
    }

    /// Takes the entries to find something in, the most recently used first where nothing is typed.
    pub(crate) fn set_entries(&mut self, entries: Vec<Entry>) {
        self.narrowed = self.sign();
        self.entries = entries;
    }

    /// Finds what is typed among the entries. `recent`: identities, what was used last first.
    pub(crate) fn find(&mut self, matching: &mut Matching, recent: &[String]) {
        let typed = match self.stage {
            Stage::Find => match self.sign() {
                Some(sign) => &self.text[sign.len_utf8()..],
                None => &self.text,
            },
            Stage::Pick(_) | Stage::Choice(_) | Stage::Ask(_) => &self.text,
            Stage::Text(_) => "",
        };
        self.found = matching.find(typed.trim(), &self.entries, recent);
        self.selected = 0;
        self.scroll = true;
    }

    /// What matches, best first.
    pub(crate) fn found(&self) -> &[Found] {
        &self.found
    }

    /// The entry that a match stands for.
    pub(crate) fn entry(&self, found: &Found) -> &Entry {
        &self.entries[found.entry]
    }

    /// The chosen entry.
    pub(crate) fn chosen(&self) -> Option<&Entry> {
        self.found.get(self.selected).map(|found| self.entry(found))
    }

    /// Chooses the first entry for which `is` holds.
    pub(crate) fn choose_where(&mut self, is: impl Fn(&Entry) -> bool) {
        if let Some(at) = self
            .found
            .iter()
            .position(|one| is(&self.entries[one.entry]))
        {
            self.selected = at;
            self.scroll = true;
        }
    }

    /// Goes `by` entries down (negative: up), round the ends if it is one step. Returns whether it moved.
    pub(crate) fn step(&mut self, by: isize) -> bool {
        let count = self.found.len();
        let Some(last) = count.checked_sub(1) else {
            return false;
        };
        let to = match (by, self.selected) {
            (1, at) if at == last => 0,
            (-1, 0) => last,
            (by, at) => at.saturating_add_signed(by).min(last),
        };
        let moved = to != self.selected;
        self.selected = to;
        self.scroll = true;
        moved
    }
}

#[cfg(test)]
mod tests;

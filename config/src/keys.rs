//! `[keys]`: which key does what.
//!
//! How chords are written is in [`chord`], what they can do in [`action`]; here they are joined
//! to the table that the window asks on every key press. The window's key events are turned into
//! [`KeyName`] and [`Modifiers`] by `app`, so that this crate knows no window library.

pub mod action;
pub mod chord;

use std::collections::HashMap;

use toml::de::DeValue;

pub use action::{Action, ActionName};
pub use chord::{Chord, KeyName, ModifierSet, Modifiers, NamedKey};

use crate::value::{Problem, Setting};

/// The keys bound before the file says anything.
///
/// The choices of gnome-terminal, kitty and foot where these agree.
const DEFAULTS: &[(&str, ActionName)] = &[
    ("ctrl+shift+c", ActionName::Copy),
    ("ctrl+insert", ActionName::Copy),
    ("ctrl+shift+v", ActionName::Paste),
    ("shift+insert", ActionName::PasteSelection),
    ("ctrl+shift+a", ActionName::SelectAll),
    ("ctrl+shift+n", ActionName::NewWindow),
    ("ctrl+shift+t", ActionName::NewTab),
    ("ctrl+shift+w", ActionName::CloseTab),
    ("ctrl+tab", ActionName::NextTab),
    ("ctrl+shift+tab", ActionName::PreviousTab),
    ("ctrl+pagedown", ActionName::NextTab),
    ("ctrl+pageup", ActionName::PreviousTab),
    ("ctrl+shift+pageup", ActionName::MoveTabLeft),
    ("ctrl+shift+pagedown", ActionName::MoveTabRight),
    ("ctrl+shift+s", ActionName::RenameTab),
    ("ctrl+shift+o", ActionName::SplitRight),
    ("ctrl+shift+e", ActionName::SplitDown),
    ("ctrl+shift+right", ActionName::NextPane),
    ("ctrl+shift+left", ActionName::PreviousPane),
    ("alt+1", ActionName::GoToTab1),
    ("alt+2", ActionName::GoToTab2),
    ("alt+3", ActionName::GoToTab3),
    ("alt+4", ActionName::GoToTab4),
    ("alt+5", ActionName::GoToTab5),
    ("alt+6", ActionName::GoToTab6),
    ("alt+7", ActionName::GoToTab7),
    ("alt+8", ActionName::GoToTab8),
    ("alt+9", ActionName::GoToTab9),
    ("ctrl+shift+up", ActionName::ScrollLineUp),
    ("ctrl+shift+down", ActionName::ScrollLineDown),
    ("shift+pageup", ActionName::ScrollPageUp),
    ("shift+pagedown", ActionName::ScrollPageDown),
    ("shift+home", ActionName::ScrollTop),
    ("shift+end", ActionName::ScrollBottom),
    ("ctrl+shift+z", ActionName::ScrollToPreviousPrompt),
    ("ctrl+shift+x", ActionName::ScrollToNextPrompt),
    ("ctrl+plus", ActionName::IncreaseFontSize),
    ("ctrl+equal", ActionName::IncreaseFontSize),
    ("ctrl+kp_add", ActionName::IncreaseFontSize),
    ("ctrl+minus", ActionName::DecreaseFontSize),
    ("ctrl+kp_subtract", ActionName::DecreaseFontSize),
    ("ctrl+0", ActionName::ResetFontSize),
    ("ctrl+kp_0", ActionName::ResetFontSize),
    ("alt+shift+up", ActionName::SelectPreviousBlock),
    ("alt+shift+down", ActionName::SelectNextBlock),
    ("alt+shift+pageup", ActionName::ExtendBlocksUp),
    ("alt+shift+pagedown", ActionName::ExtendBlocksDown),
    ("alt+shift+home", ActionName::ScrollToBlockStart),
    ("alt+shift+end", ActionName::ScrollToBlockEnd),
    ("alt+shift+a", ActionName::SelectAllBlocks),
    ("alt+shift+e", ActionName::SelectPreviousFailedBlock),
    ("alt+shift+v", ActionName::SelectPreviousBookmark),
    ("alt+shift+c", ActionName::CopyBlock),
    ("alt+shift+x", ActionName::CopyBlockCommand),
    ("alt+shift+o", ActionName::CopyBlockOutput),
    ("alt+shift+y", ActionName::CopyLastOutput),
    ("alt+shift+f", ActionName::FoldBlock),
    ("alt+shift+g", ActionName::FoldAllButFailed),
    ("alt+shift+z", ActionName::UnfoldAllBlocks),
    ("alt+shift+s", ActionName::FoldSections),
    ("alt+shift+l", ActionName::FilterBlock),
    ("alt+shift+r", ActionName::RerunBlock),
    ("alt+shift+n", ActionName::RerunBlockInPane),
    ("alt+shift+p", ActionName::PipeBlock),
    ("alt+shift+b", ActionName::BookmarkBlock),
    ("alt+shift+i", ActionName::NoteBlock),
    ("alt+shift+d", ActionName::CompareBlocks),
    ("alt+shift+m", ActionName::MoveRunningCommand),
    ("alt+shift+t", ActionName::NotifyWhenDone),
    ("f11", ActionName::ToggleFullscreen),
    ("ctrl+shift+k", ActionName::Clear),
    ("ctrl+comma", ActionName::OpenConfig),
    ("ctrl+shift+comma", ActionName::ReloadConfig),
    ("ctrl+shift+q", ActionName::Quit),
];

/// One key with what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The key and its modifiers.
    pub chord: Chord,
    /// What it does.
    pub action: Action,
}

/// The keys that Terrace takes for itself; all others go to the program.
///
/// A later binding of a chord replaces the earlier one, so the file is laid over the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// In the order in which they were bound, for lists.
    order: Vec<Chord>,
    actions: HashMap<Chord, Action>,
}

impl Default for Keys {
    fn default() -> Self {
        let mut keys = Self {
            order: Vec::new(),
            actions: HashMap::new(),
        };
        for (text, name) in DEFAULTS {
            // A test parses every one of them.
            if let Ok(chord) = text.parse() {
                keys.bind(chord, Action::Run(*name));
            }
        }
        keys
    }
}

impl Keys {
    /// The section's name in the file.
    pub const NAME: &'static str = "keys";

    /// Binds a chord; [`Action::Unbind`] gives it back to the program.
    pub fn bind(&mut self, chord: Chord, action: Action) {
        if !self.actions.contains_key(&chord) {
            self.order.push(chord);
        }
        self.actions.insert(chord, action);
    }

    /// Every binding, in order.
    pub fn iter(&self) -> impl Iterator<Item = Binding> {
        self.order.iter().filter_map(|chord| {
            let action = self
                .actions
                .get(chord)
                .filter(|action| **action != Action::Unbind)?;
            Some(Binding {
                chord: *chord,
                action: action.clone(),
            })
        })
    }

    /// What a key press does, if it is bound.
    ///
    /// `base` is the key without modifiers on the user's layout, `produced` the character that it
    /// gives with shift and AltGr. A chord is matched by its base key with all modifiers first
    /// (`ctrl+shift+equal`), then by the produced sign without shift, which has been spent on it
    /// (`ctrl+plus` on a layout where plus is shift and equal).
    #[must_use]
    pub fn lookup(
        &self,
        modifiers: Modifiers,
        base: KeyName,
        produced: Option<char>,
    ) -> Option<&Action> {
        let of = |modifiers, key| self.actions.get(&Chord { modifiers, key });
        of(modifiers, base)
            .or_else(|| {
                let sign = produced.filter(|c| !c.is_alphabetic() && !c.is_control())?;
                of(modifiers.without(Modifiers::SHIFT), KeyName::Char(sign))
            })
            .filter(|action| **action != Action::Unbind)
    }

    /// The first chord bound to an action, to show beside it in a menu.
    #[must_use]
    pub fn chord_of(&self, name: ActionName) -> Option<Chord> {
        self.iter()
            .find(|binding| binding.action == Action::Run(name))
            .map(|one| one.chord)
    }

    /// Reads one line of `[keys]`: `"ctrl+shift+c" = "copy"`.
    pub(crate) fn read_pair(&mut self, chord: &str, value: &DeValue<'_>) -> Result<(), Problem> {
        let chord = chord.parse::<Chord>()?;
        self.bind(chord, Action::read(value)?);
        Ok(())
    }

    /// Reads one item of `[[keys]]`: `keys = "ctrl+shift+c"`, `action = "copy"`.
    pub(crate) fn read_item(&mut self, value: &DeValue<'_>) -> Result<(), Problem> {
        const EXPECTED: &str = "{ keys = \"ctrl+shift+c\", action = \"copy\" }";
        let table = value
            .as_table()
            .ok_or_else(|| Problem::kind(EXPECTED, value))?;
        let field = |name: &str| {
            table
                .get(name)
                .ok_or_else(|| Problem::meaning(format!("no \"{name}\""), EXPECTED))
        };
        let (chord, action) = (field("keys")?, field("action")?);
        if let Some(other) = table
            .keys()
            .find(|key| !matches!(key.get_ref().as_ref(), "keys" | "action"))
        {
            let message = format!("found \"{}\"", other.get_ref().escape_debug());
            return Err(Problem::meaning(message, EXPECTED));
        }
        let chord = chord
            .get_ref()
            .as_str()
            .ok_or_else(|| Problem::kind(EXPECTED, value))?;
        self.read_pair(chord, action.get_ref())
    }
}

#[cfg(test)]
mod tests;

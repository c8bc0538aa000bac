//! `[keys]`: which key does what.
//!
//! How chords are written is in [`chord`], what they can do in [`action`], how the section is read in [`mod@read`];
//! here they are joined to the tables that the window asks on every key press. The window's key events are
//! turned into a [`Press`] by `app`, so that this crate knows no window library.

pub mod action;
pub mod chord;
pub(crate) mod read;

use std::fmt;

pub use action::{Action, ActionName};
pub use chord::{Chord, KeyName, ModifierSet, Modifiers, NamedKey};

use crate::section::choice;

/// The keys bound before the file says anything.
///
/// The choices of gnome-terminal, kitty and foot where these agree.
const DEFAULTS: &[(&str, ActionName)] = &[
    ("ctrl+shift+c", ActionName::Copy),
    ("ctrl+insert", ActionName::Copy),
    ("ctrl+shift+v", ActionName::Paste),
    ("shift+insert", ActionName::PasteSelection),
    ("ctrl+shift+a", ActionName::SelectAll),
    ("ctrl+shift+b", ActionName::SelectLastOutput),
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
    ("alt+shift+w", ActionName::ClosePane),
    ("ctrl+shift+backspace", ActionName::ReopenClosed),
    ("ctrl+alt+left", ActionName::FocusLeft),
    ("ctrl+alt+right", ActionName::FocusRight),
    ("ctrl+alt+up", ActionName::FocusUp),
    ("ctrl+alt+down", ActionName::FocusDown),
    ("alt+0", ActionName::FocusByNumber),
    ("ctrl+shift+enter", ActionName::ZoomPane),
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
    ("ctrl+shift+f", ActionName::Search),
    ("ctrl+shift+g", ActionName::SearchNext),
    ("ctrl+shift+h", ActionName::SearchPrevious),
    ("ctrl+shift+d", ActionName::SearchAllPanes),
    ("ctrl+shift+space", ActionName::CopyMode),
    ("ctrl+shift+j", ActionName::Hints),
    ("ctrl+shift+y", ActionName::HintsCopy),
    ("ctrl+shift+i", ActionName::HintsInsert),
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
    ("alt+shift+h", ActionName::ShowHistory),
    ("alt+shift+j", ActionName::ShowInnerLoop),
    ("alt+shift+k", ActionName::TogglePrivate),
    ("alt+shift+q", ActionName::SelectNextFailedBlock),
    ("alt+shift+u v", ActionName::SelectNextBookmark),
    ("alt+shift+u n", ActionName::ClearBlockSelection),
    ("alt+shift+u m", ActionName::CopyBlockMarkdown),
    ("alt+shift+u h", ActionName::CopyBlockHtml),
    ("alt+shift+u a", ActionName::FoldAllBlocks),
    ("alt+shift+u r", ActionName::RerunBlockElsewhere),
    ("alt+shift+u e", ActionName::RerunBlockInEnvironment),
    ("alt+shift+u d", ActionName::CompareEnvironments),
    ("alt+shift+u p", ActionName::CompareWithHistory),
    ("alt+shift+u i", ActionName::IntegrateShell),
    ("alt+shift+u f", ActionName::ForgetBlock),
    ("alt+shift+u c", ActionName::ClearAboveBlock),
    ("f11", ActionName::ToggleFullscreen),
    ("ctrl+shift+l", ActionName::Environments),
    ("ctrl+shift+m", ActionName::StopEnvironment),
    ("ctrl+shift+k", ActionName::Clear),
    ("ctrl+shift+p", ActionName::CommandPalette),
    ("ctrl+?", ActionName::ShowKeys),
    ("ctrl+comma", ActionName::OpenConfig),
    ("ctrl+shift+comma", ActionName::ReloadConfig),
    ("ctrl+shift+q", ActionName::Quit),
];

/// The mode that there is before the file says anything, and its keys.
const PANES: &str = "panes";
const PANE_KEYS: &[(&str, ActionName)] = &[
    ("left", ActionName::ResizePaneLeft),
    ("right", ActionName::ResizePaneRight),
    ("up", ActionName::ResizePaneUp),
    ("down", ActionName::ResizePaneDown),
    ("h", ActionName::ResizePaneLeft),
    ("l", ActionName::ResizePaneRight),
    ("k", ActionName::ResizePaneUp),
    ("j", ActionName::ResizePaneDown),
    ("shift+left", ActionName::FocusLeft),
    ("shift+right", ActionName::FocusRight),
    ("shift+up", ActionName::FocusUp),
    ("shift+down", ActionName::FocusDown),
    ("ctrl+left", ActionName::SwapPaneLeft),
    ("ctrl+right", ActionName::SwapPaneRight),
    ("ctrl+up", ActionName::SwapPaneUp),
    ("ctrl+down", ActionName::SwapPaneDown),
    ("e", ActionName::EvenPanes),
    ("r", ActionName::RotatePanes),
    ("z", ActionName::ZoomPane),
    ("n", ActionName::FocusByNumber),
    ("m", ActionName::MovePaneToTab),
    ("b", ActionName::BroadcastTab),
    ("p", ActionName::BroadcastPane),
    ("s", ActionName::SplitRight),
    ("v", ActionName::SplitDown),
    ("x", ActionName::ClosePane),
    ("u", ActionName::ReopenClosed),
    ("enter", ActionName::LeaveMode),
    ("escape", ActionName::LeaveMode),
];
/// The key that enters it.
const PANES_ENTRY: &str = "ctrl+shift+r";

/// More keys in a row than these are a mistake.
pub const MAX_SEQUENCE: usize = 8;

/// Keys pressed one after the other; most often one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sequence(Vec<Chord>);

impl Sequence {
    /// The keys, at least one.
    #[must_use]
    pub fn chords(&self) -> &[Chord] {
        &self.0
    }

    /// Whether one of the two begins with the other.
    fn overlaps(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a == b)
    }
}

impl From<Chord> for Sequence {
    fn from(chord: Chord) -> Self {
        Self(vec![chord])
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, chord) in self.0.iter().enumerate() {
            if at > 0 {
                formatter.write_str(" ")?;
            }
            chord.fmt(formatter)?;
        }
        Ok(())
    }
}

/// Keys with what they do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The keys.
    pub keys: Sequence,
    /// What they do.
    pub action: Action,
}

/// A key press as the window tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// The modifiers held.
    pub modifiers: Modifiers,
    /// The key without modifiers on the user's layout.
    pub base: KeyName,
    /// The character that it gives with shift and AltGr.
    pub produced: Option<char>,
    /// The character at its place on an American keyboard.
    pub physical: Option<char>,
}

impl Press {
    /// A press that only its key and modifiers are known of.
    #[must_use]
    pub fn of(chord: Chord) -> Self {
        Self {
            modifiers: chord.modifiers,
            base: chord.key,
            produced: None,
            physical: None,
        }
    }

    /// How well a chord names this press, 0 best; `None` when it does not.
    ///
    /// By the place of the key first, which nobody binds without meaning it; by the base key with all modifiers
    /// (`ctrl+shift+equal`); then by the produced sign without shift, which has been spent on it (`ctrl+plus`
    /// on a layout where plus is shift and equal).
    fn rank(&self, chord: Chord) -> Option<usize> {
        let is = |modifiers, key| chord == Chord { modifiers, key };
        if self
            .physical
            .is_some_and(|place| is(self.modifiers, KeyName::Physical(place)))
        {
            return Some(0);
        }
        if is(self.modifiers, self.base) {
            return Some(1);
        }
        let sign = self
            .produced
            .filter(|c| !c.is_alphabetic() && !c.is_control())?;
        is(
            self.modifiers.without(Modifiers::SHIFT),
            KeyName::Char(sign),
        )
        .then_some(2)
    }
}

/// What key presses find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// They are bound.
    Bound(&'a Action),
    /// They are the beginning of something bound.
    Pending,
    /// Nothing.
    Unbound,
}

/// Bindings of one mode, or of none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    bindings: Vec<Binding>,
}

impl Table {
    /// Binds keys; [`Action::Unbind`] gives them back. What begins with the keys, or they with it, goes, since one
    /// of the two could never be reached; it is given back.
    fn bind(&mut self, keys: Sequence, action: Action) -> Vec<Binding> {
        let place = self
            .bindings
            .iter()
            .position(|known| known.keys.overlaps(&keys));
        let mut gone = Vec::new();
        self.bindings.retain(|known| {
            let stays = !known.keys.overlaps(&keys);
            if !stays {
                gone.push(known.clone());
            }
            stays
        });
        if action != Action::Unbind {
            let place = place
                .unwrap_or(self.bindings.len())
                .min(self.bindings.len());
            self.bindings.insert(place, Binding { keys, action });
        }
        gone
    }

    /// Every binding, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.iter()
    }

    /// What presses, one after the other, find.
    #[must_use]
    pub fn lookup(&self, presses: &[Press]) -> Lookup<'_> {
        let mut best: Option<(usize, &Action)> = None;
        let mut pending = false;
        for binding in &self.bindings {
            let chords = binding.keys.chords();
            if chords.len() < presses.len() {
                continue;
            }
            let ranks = presses
                .iter()
                .zip(chords)
                .map(|(press, chord)| press.rank(*chord));
            let Some(rank) = ranks.sum::<Option<usize>>() else {
                continue;
            };
            if chords.len() > presses.len() {
                pending = true;
            } else if best.is_none_or(|(known, _)| rank < known) {
                best = Some((rank, &binding.action));
            }
        }
        match best {
            Some((_, action)) => Lookup::Bound(action),
            None if pending => Lookup::Pending,
            None => Lookup::Unbound,
        }
    }

    /// What can follow on presses: the keys that are left, and what they do.
    #[must_use]
    pub fn continuations(&self, presses: &[Press]) -> Vec<(Sequence, &Action)> {
        let follows = self.bindings.iter().filter_map(|binding| {
            let (begin, rest) = binding.keys.chords().split_at_checked(presses.len())?;
            let fits = presses
                .iter()
                .zip(begin)
                .all(|(press, chord)| press.rank(*chord).is_some());
            (fits && !rest.is_empty()).then(|| (Sequence(rest.to_vec()), &binding.action))
        });
        follows.collect()
    }
}

choice! {
    /// What a key does in a mode that does not bind it.
    pub enum Unbound {
        /// Nothing.
        Ignore = "ignore",
        /// It goes to the program.
        Pass = "pass",
        /// It ends the mode, and does what it does outside of it.
        Leave = "leave",
    }
}

/// A mode of the keyboard: while it is on, its keys are in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyMode {
    /// Its name.
    pub name: String,
    /// Its keys.
    pub table: Table,
    /// What others do.
    pub unbound: Unbound,
}

/// The keys that Terrace takes for itself; all others go to the program.
///
/// A later binding replaces the earlier one, so the file is laid over the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    leader: Option<Chord>,
    table: Table,
    modes: Vec<KeyMode>,
}

impl Default for Keys {
    fn default() -> Self {
        // A test parses every one of them.
        let table = |keys: &[(&str, ActionName)]| {
            let mut table = Table::default();
            for (text, name) in keys {
                if let Ok(keys) = read::sequence(text, None) {
                    table.bind(keys, Action::Run(*name));
                }
            }
            table
        };
        let mut keys = Self {
            leader: None,
            table: table(DEFAULTS),
            modes: vec![KeyMode {
                name: PANES.to_owned(),
                table: table(PANE_KEYS),
                unbound: Unbound::Ignore,
            }],
        };
        if let Ok(chord) = PANES_ENTRY.parse::<Chord>() {
            keys.bind(chord.into(), Action::Mode(PANES.to_owned()));
        }
        keys
    }
}

impl Keys {
    /// The section's name in the file.
    pub const NAME: &'static str = "keys";

    /// Binds keys outside of modes; [`Action::Unbind`] gives them back to the program.
    pub fn bind(&mut self, keys: Sequence, action: Action) {
        self.table.bind(keys, action);
    }

    /// Every binding outside of modes, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.table.iter()
    }

    /// Every mode.
    pub fn modes(&self) -> impl Iterator<Item = &KeyMode> {
        self.modes.iter()
    }

    /// A mode by its name.
    #[must_use]
    pub fn mode(&self, name: &str) -> Option<&KeyMode> {
        self.modes.iter().find(|mode| mode.name == name)
    }

    /// The bindings in force in a mode, or in none; those of none, where there is no such mode.
    #[must_use]
    pub fn table(&self, mode: Option<&str>) -> &Table {
        mode.and_then(|name| self.mode(name))
            .map_or(&self.table, |mode| &mode.table)
    }

    /// The key that sequences written with "leader" begin with.
    #[must_use]
    pub fn leader(&self) -> Option<Chord> {
        self.leader
    }

    /// How an action is reached, for messages: its keys, or those of a mode after the keys that enter it.
    #[must_use]
    pub fn way_to(&self, name: ActionName) -> Option<String> {
        if let Some(keys) = self.keys_of(name) {
            return Some(keys.to_string());
        }
        let action = Action::Run(name);
        self.modes.iter().find_map(|mode| {
            let enters = Action::Mode(mode.name.clone());
            let entry = self.iter().find(|binding| binding.action == enters)?;
            let inside = mode.table.iter().find(|binding| binding.action == action)?;
            Some(format!("{} {}", entry.keys, inside.keys))
        })
    }

    /// The first keys bound to an action, to show beside it in a menu.
    #[must_use]
    pub fn keys_of(&self, name: ActionName) -> Option<&Sequence> {
        self.iter()
            .find(|binding| binding.action == Action::Run(name))
            .map(|one| &one.keys)
    }
}

#[cfg(test)]
mod tests;

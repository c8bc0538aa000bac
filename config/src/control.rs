//! `[control]`: what other programs of yours may ask of Terrace.

use toml::de::DeValue;

use crate::section::{choice, section};
use crate::value::{Problem, Setting, describe};

section! {
    /// What other programs of yours may ask of a running Terrace, by `terrace ctl` or its socket.
    pub struct Control in "control" {
        /// Listen for them. The socket is in a folder that is yours alone; programs in a pane may ask
        /// about their own pane, all others what `allow` says.
        enabled: bool = true;
        /// What programs outside of Terrace's panes, and `terrace ctl --all` within, may do:
        /// `"state.read"` (list windows, tabs, panes; be told of changes), `"screen.read"` (read the
        /// text of panes, take pictures), `"pane.create"` (open, arrange and close windows, tabs and
        /// panes), `"input.send"` (type into panes, run actions), `"config.write"` (change themes).
        allow: Scopes = Scopes(vec![Scope::StateRead, Scope::PaneCreate]);
        /// Ask in the window about what a program may not do by itself: it waits for the answer, which holds for this
        /// program until the pane that it runs in closes, or Terrace ends. Otherwise it is refused.
        ask: bool = true;
        /// What `terrace` does while one runs already.
        single_instance: SingleInstance = SingleInstance::Never;
    }
}

choice! {
    /// What `terrace` does while one runs already.
    pub enum SingleInstance {
        /// It starts a process of its own.
        Never = "never",
        /// The one that runs opens a window.
        Window = "window",
        /// The one that runs opens a tab in its foremost window.
        Tab = "tab",
    }
}

choice! {
    /// Something that another program may be allowed.
    pub enum Scope {
        /// List windows, tabs and panes; be told of changes.
        StateRead = "state.read",
        /// Read the text of panes and take pictures of them.
        ScreenRead = "screen.read",
        /// Open, arrange and close windows, tabs and panes.
        PaneCreate = "pane.create",
        /// Type into panes and run actions.
        InputSend = "input.send",
        /// Change the theme.
        ConfigWrite = "config.write",
    }
}

/// A list of what is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(pub Vec<Scope>);

impl Scopes {
    /// Whether one is among them.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }
}

impl Setting for Scopes {
    fn expected() -> String {
        let names: Vec<String> = Scope::ALL
            .iter()
            .map(|scope| format!("\"{}\"", scope.name()))
            .collect();
        format!("an array of {}", names.join(", "))
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let array = value
            .as_array()
            .ok_or_else(|| Problem::kind(Self::expected(), value))?;
        let scopes = array.iter().map(|item| {
            let item = item.get_ref();
            let known = item
                .as_str()
                .and_then(|word| Scope::ALL.iter().find(|scope| scope.name() == word));
            known.copied().ok_or_else(|| {
                Problem::meaning(format!("found {}", describe(item)), Self::expected())
            })
        });
        scopes.collect::<Result<_, _>>().map(Self)
    }

    fn write(&self) -> toml::Value {
        let names = self.0.iter().map(|scope| scope.name().to_owned());
        toml::Value::Array(names.map(toml::Value::String).collect())
    }
}

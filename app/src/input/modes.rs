//! The keyboard between key presses: keys that wait for more, and the mode that is on. Pure but for the time that
//! it is told.

use std::time::{Duration, Instant};

use config::keys::Unbound;
use config::{Action, Keys, Lookup, NamedKey, Press};

/// How long keys wait before the window lists what can follow.
pub(crate) const HINT_DELAY: Duration = Duration::from_millis(500);

/// What has been pressed so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keyboard {
    /// Keys that are the beginning of something bound.
    held: Vec<Press>,
    since: Option<Instant>,
    hinted: bool,
    mode: Option<String>,
}

/// What a key press means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It does this.
    Run(Action),
    /// It is Terrace's and does nothing more.
    Taken,
    /// These keys in a row are not bound.
    NotBound(String),
    /// It is the program's.
    Program,
}

impl Keyboard {
    /// Judges a key press.
    pub(crate) fn press(&mut self, keys: &Keys, press: Press, now: Instant) -> Verdict {
        let mode = self.mode.clone();
        let table = keys.table(mode.as_deref());
        let first = self.held.is_empty();
        self.held.push(press);
        match table.lookup(&self.held) {
            Lookup::Bound(action) => {
                self.drop_held();
                match action {
                    Action::Pass => Verdict::Program,
                    action => Verdict::Run(action.clone()),
                }
            }
            Lookup::Pending => {
                self.since = Some(now);
                Verdict::Taken
            }
            Lookup::Unbound if !first => {
                let text = self.held_text();
                self.drop_held();
                if is_escape(press) {
                    Verdict::Taken
                } else {
                    Verdict::NotBound(text)
                }
            }
            Lookup::Unbound => {
                self.drop_held();
                self.unbound(keys, press, now)
            }
        }
    }

    /// A key that the mode, if there is one, does not bind.
    fn unbound(&mut self, keys: &Keys, press: Press, now: Instant) -> Verdict {
        let mode = self.mode.as_deref().and_then(|name| keys.mode(name));
        match mode.map(|mode| mode.unbound) {
            None => {
                self.mode = None;
                Verdict::Program
            }
            Some(_) if is_escape(press) => {
                self.mode = None;
                Verdict::Taken
            }
            Some(Unbound::Ignore) => Verdict::Taken,
            Some(Unbound::Pass) => Verdict::Program,
            Some(Unbound::Leave) => {
                self.mode = None;
                self.press(keys, press, now)
            }
        }
    }

    /// Begins a mode, or ends the one that is on.
    pub(crate) fn set_mode(&mut self, mode: Option<String>) {
        self.mode = mode;
        self.drop_held();
    }

    /// The mode that is on.
    pub(crate) fn mode(&self) -> Option<&str> {
        self.mode.as_deref()
    }

    /// Whether keys wait for more, or a mode is on: then no key is the program's without being asked for.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.held.is_empty() || self.mode.is_some()
    }

    /// The keys that wait for more.
    pub(crate) fn held(&self) -> &[Press] {
        &self.held
    }

    /// The keys that wait for more, as they are written.
    pub(crate) fn held_text(&self) -> String {
        let chord = |press: &Press| {
            let (modifiers, key) = (press.modifiers, press.base);
            config::Chord { modifiers, key }.to_string()
        };
        let held: Vec<String> = self.held.iter().map(chord).collect();
        held.join(" ")
    }

    /// Whether what can follow is to be listed by now.
    pub(crate) fn hints(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| since + HINT_DELAY <= now)
    }

    /// Whether it has just become time to list what can follow.
    pub(crate) fn hint_due(&mut self, now: Instant) -> bool {
        let due = self.hints(now);
        due && !std::mem::replace(&mut self.hinted, due)
    }

    /// When what can follow is to be listed, if that is still to come.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        let at = self.since? + HINT_DELAY;
        (at > now).then_some(at)
    }

    /// Forgets keys that wait for more; the mode stays.
    pub(crate) fn drop_held(&mut self) {
        self.held.clear();
        self.since = None;
        self.hinted = false;
    }
}

fn is_escape(press: Press) -> bool {
    press.base == config::KeyName::Named(NamedKey::Escape) && press.modifiers.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Keys {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("terrace.toml");
        std::fs::write(&file, text).unwrap();
        let loaded = config::load(&config::Sources {
            file: Some(file),
            overrides: Vec::new(),
        });
        assert_eq!(loaded.diagnostics, []);
        loaded.config.keys
    }

    /// Presses keys one after the other and writes down what each means.
    #[track_caller]
    fn check(keys: &Keys, pressed: &str, expected: &[&str]) -> Keyboard {
        let mut keyboard = Keyboard::default();
        let now = Instant::now();
        let mut got = Vec::new();
        for chord in pressed.split(' ') {
            let press = Press::of(chord.parse().unwrap());
            got.push(match keyboard.press(keys, press, now) {
                Verdict::Run(Action::Mode(name)) => {
                    keyboard.set_mode(Some(name));
                    "mode".to_owned()
                }
                Verdict::Run(Action::Run(config::ActionName::LeaveMode)) => {
                    keyboard.set_mode(None);
                    "leave".to_owned()
                }
                Verdict::Run(action) => action.to_string(),
                Verdict::Taken => "taken".to_owned(),
                Verdict::NotBound(text) => format!("? {text}"),
                Verdict::Program => "program".to_owned(),
            });
        }
        assert_eq!(got, expected, "{pressed}");
        keyboard
    }

    #[test]
    fn sequences_wait_and_end() {
        let keys = keys(
            "[keys]\nleader = \"ctrl+a\"\n\"leader c\" = \"new-tab\"\n\"leader leader\" = \"pass\"\n",
        );
        check(
            &keys,
            "a ctrl+a c c",
            &["program", "taken", "new-tab", "program"],
        );
        check(&keys, "ctrl+a ctrl+a", &["taken", "program"]);
        check(&keys, "ctrl+a x x", &["taken", "? ctrl+a x", "program"]);
        check(
            &keys,
            "ctrl+a escape escape",
            &["taken", "taken", "program"],
        );
        let waiting = check(&keys, "ctrl+a", &["taken"]);
        let now = Instant::now();
        assert!(waiting.is_waiting() && !waiting.hints(now - HINT_DELAY));
        assert!(waiting.hints(now + HINT_DELAY));
        assert_eq!(waiting.held_text(), "ctrl+a");
    }

    #[test]
    fn modes_take_every_key_until_they_end() {
        let keys = keys(
            "[keys]\n\"ctrl+1\" = \"mode:pass\"\n\"ctrl+2\" = \"mode:leave\"\n[keys.modes.pass]\nunbound = \"pass\"\n[keys.modes.leave]\nunbound = \"leave\"\nz = \"zoom-pane\"\n",
        );
        check(
            &keys,
            "ctrl+shift+r left q ctrl+shift+t enter q",
            &[
                "mode",
                "resize-pane-left",
                "taken",
                "taken",
                "leave",
                "program",
            ],
        );
        check(
            &keys,
            "ctrl+1 x escape x",
            &["mode", "program", "taken", "program"],
        );
        check(
            &keys,
            "ctrl+2 z ctrl+shift+t z",
            &["mode", "zoom-pane", "new-tab", "program"],
        );
    }
}

//! Reading `[keys]`, `[keys.modes.NAME]` and `[[keys]]`: every mistake, conflict and key that cannot be reached is
//! told with its place and a remedy.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Action, Chord, KeyMode, Keys, MAX_SEQUENCE, Sequence, Table, Unbound};
use crate::diagnostic::Severity;
use crate::nearest::nearest;
use crate::value::{Problem, Setting, describe};

/// The key of `[keys]` that names the leader; the word that stands for it in a sequence.
const LEADER: &str = "leader";
/// The key of `[keys]` that holds the modes.
const MODES: &str = "modes";
/// The key of a mode that says what other keys do.
const UNBOUND: &str = "unbound";
const KEYS_EXPECTED: &str = "keys such as \"ctrl+shift+t\" or \"ctrl+a c\"";

/// Something to be told of a place in the text.
pub(crate) struct Told {
    /// How much it matters.
    pub(crate) severity: Severity,
    /// Where.
    pub(crate) span: Range<usize>,
    /// What.
    pub(crate) message: String,
    /// The remedy.
    pub(crate) expected: Option<String>,
}

/// What reading the section gave besides its keys.
#[derive(Default)]
pub(crate) struct Report {
    /// What is wrong.
    pub(crate) told: Vec<Told>,
    /// Where modes are named, by their keys or by a key that enters them.
    pub(crate) modes: Vec<(String, Range<usize>)>,
}

/// A binding of the text that is being read.
struct Noted<'a> {
    mode: Option<&'a str>,
    keys: Sequence,
    written: String,
}

/// The text that is being read.
#[derive(Default)]
struct Reader<'a> {
    report: Report,
    noted: Vec<Noted<'a>>,
}

impl Keys {
    /// Reads the section over what there is.
    pub(crate) fn read(&mut self, value: &Spanned<DeValue<'_>>) -> Report {
        let mut reader = Reader::default();
        match value.get_ref() {
            DeValue::Table(table) => reader.section(self, table),
            DeValue::Array(array) => {
                for item in array.iter() {
                    reader.item(self, item);
                }
            }
            other => reader.error(value.span(), Problem::kind("a table: [keys]", other)),
        }
        reader.report
    }

    /// What is wrong with all that was read, apart from its places: modes that no key enters, keys that enter no
    /// mode. The name of the mode in question comes with each.
    pub(crate) fn check(&self) -> Vec<(String, Severity, Problem)> {
        let mut wrong = Vec::new();
        let tables = || std::iter::once(&self.table).chain(self.modes.iter().map(|m| &m.table));
        let entered = || {
            tables()
                .flat_map(Table::iter)
                .filter_map(|binding| match &binding.action {
                    Action::Mode(name) => Some((name, &binding.keys)),
                    _ => None,
                })
        };
        for (name, keys) in entered() {
            if self.mode(name).is_none() {
                let mut message =
                    format!("\"{keys}\" enters the mode \"{name}\", which is not there");
                let known = self.modes.iter().map(|mode| mode.name.as_str());
                if let Some(near) = nearest(name, known) {
                    message.push_str(&format!(" (did you mean \"{near}\"?)"));
                }
                let expected = format!("[keys.modes.{name}] with its keys");
                wrong.push((
                    name.clone(),
                    Severity::Error,
                    Problem::meaning(message, expected),
                ));
            }
        }
        for mode in &self.modes {
            if !entered().any(|(name, _)| *name == mode.name) {
                let name = &mode.name;
                let message =
                    format!("no key enters the mode \"{name}\", so its keys cannot be reached");
                let expected = format!("a key under [keys] that does \"mode:{name}\"");
                wrong.push((
                    name.clone(),
                    Severity::Warning,
                    Problem::meaning(message, expected),
                ));
            }
        }
        wrong
    }
}

impl<'a> Reader<'a> {
    fn error(&mut self, span: Range<usize>, problem: Problem) {
        self.report.told.push(Told {
            severity: Severity::Error,
            span,
            message: problem.message,
            expected: Some(problem.expected),
        });
    }

    fn warn(&mut self, span: Range<usize>, message: String, expected: Option<String>) {
        self.report.told.push(Told {
            severity: Severity::Warning,
            span,
            message,
            expected,
        });
    }

    fn section(&mut self, keys: &mut Keys, table: &'a DeTable<'_>) {
        // Sequences may stand above the leader that they begin with.
        if let Some(value) = table.get(LEADER) {
            self.leader(keys, value);
        }
        for (name, value) in crate::load::in_order(table) {
            match name.get_ref().as_ref() {
                LEADER => {}
                MODES => self.modes(keys, value),
                written => self.pair(keys, None, written, name.span(), value),
            }
        }
    }

    fn leader(&mut self, keys: &mut Keys, value: &Spanned<DeValue<'_>>) {
        const EXPECTED: &str = "leader = \"ctrl+a\"";
        match value.get_ref().as_str().map(str::parse::<Chord>) {
            Some(Ok(chord)) => keys.leader = Some(chord),
            Some(Err(problem)) => self.error(value.span(), problem),
            None => self.error(value.span(), Problem::kind(EXPECTED, value.get_ref())),
        }
    }

    fn modes(&mut self, keys: &mut Keys, value: &'a Spanned<DeValue<'_>>) {
        let Some(modes) = value.get_ref().as_table() else {
            let problem =
                Problem::kind("a table for each mode: [keys.modes.NAME]", value.get_ref());
            self.error(value.span(), problem);
            return;
        };
        for (name, value) in crate::load::in_order(modes) {
            let text = name.get_ref().as_ref();
            let Some(table) = value.get_ref().as_table() else {
                let expected = format!("a table: [keys.modes.{text}]");
                self.error(value.span(), Problem::kind(expected, value.get_ref()));
                continue;
            };
            self.report.modes.push((text.to_owned(), name.span()));
            if keys.mode(text).is_none() {
                keys.modes.push(KeyMode {
                    name: text.to_owned(),
                    table: Table::default(),
                    unbound: Unbound::Ignore,
                });
            }
            for (key, value) in crate::load::in_order(table) {
                let written = key.get_ref().as_ref();
                if written == UNBOUND {
                    match Unbound::read(value.get_ref()) {
                        Ok(unbound) => {
                            if let Some(mode) = mode_mut(keys, text) {
                                mode.unbound = unbound;
                            }
                        }
                        Err(problem) => self.error(value.span(), problem),
                    }
                } else {
                    self.pair(keys, Some(text), written, key.span(), value);
                }
            }
        }
    }

    /// One line: `"ctrl+shift+c" = "copy"`.
    fn pair(
        &mut self,
        keys: &mut Keys,
        mode: Option<&'a str>,
        written: &str,
        span: Range<usize>,
        value: &Spanned<DeValue<'_>>,
    ) {
        let sequence = match sequence(written, keys.leader) {
            Ok(sequence) => sequence,
            Err(problem) => {
                self.error(span, problem);
                return;
            }
        };
        let action = Action::read(value.get_ref());
        if let Ok(Action::Mode(name)) = &action {
            self.report.modes.push((name.clone(), value.span()));
        }
        match action {
            Ok(action) => self.bind(keys, mode, sequence, action, written, span),
            Err(problem) => self.error(value.span(), problem),
        }
    }

    fn bind(
        &mut self,
        keys: &mut Keys,
        mode: Option<&'a str>,
        sequence: Sequence,
        action: Action,
        written: &str,
        span: Range<usize>,
    ) {
        let unbinds = action == Action::Unbind;
        let table = match mode {
            Some(name) => mode_mut(keys, name).map(|mode| &mut mode.table),
            None => Some(&mut keys.table),
        };
        let gone = table.map_or_else(Vec::new, |table| table.bind(sequence.clone(), action));
        let conflicts: Vec<(String, Option<String>)> = self
            .noted
            .iter()
            .filter(|known| known.mode == mode && known.keys.overlaps(&sequence))
            .map(|known| {
                let other = &known.written;
                if known.keys == sequence {
                    let message =
                        format!("\"{written}\" is the same key as \"{other}\", which it replaces");
                    return (message, None);
                }
                let message = format!(
                    "\"{written}\" makes \"{other}\" unreachable: one begins with the other"
                );
                (message, Some("other keys for one of the two".to_owned()))
            })
            .collect();
        // What another file or the defaults bound is replaced without a word, but not where that is not evident.
        let replaced = gone.iter().find(|known| known.keys != sequence);
        if let Some(known) = replaced.filter(|_| conflicts.is_empty() && !unbinds) {
            let (keys, does) = (&known.keys, &known.action);
            let message = format!(
                "\"{written}\" makes \"{keys}\" ({does}) unreachable: one begins with the other"
            );
            let remedy = format!("other keys, or \"{keys}\" = \"unbind\" above it");
            self.warn(span.clone(), message, Some(remedy));
        }
        for (message, expected) in conflicts {
            self.warn(span.clone(), message, expected);
        }
        self.noted
            .retain(|known| known.mode != mode || !known.keys.overlaps(&sequence));
        if unbinds {
            return;
        }
        self.noted.push(Noted {
            mode,
            keys: sequence,
            written: written.to_owned(),
        });
    }

    /// One item of `[[keys]]`: `keys = "ctrl+shift+c"`, `action = "copy"`.
    fn item(&mut self, keys: &mut Keys, value: &Spanned<DeValue<'_>>) {
        const EXPECTED: &str = "{ keys = \"ctrl+shift+c\", action = \"copy\" }";
        let Some(table) = value.get_ref().as_table() else {
            self.error(value.span(), Problem::kind(EXPECTED, value.get_ref()));
            return;
        };
        let other = table
            .keys()
            .find(|key| !matches!(key.get_ref().as_ref(), "keys" | "action"));
        if let Some(other) = other {
            let message = format!("found \"{}\"", other.get_ref().escape_debug());
            self.error(other.span(), Problem::meaning(message, EXPECTED));
            return;
        }
        for name in ["keys", "action"] {
            if table.get(name).is_none() {
                let message = format!("no \"{name}\"");
                self.error(value.span(), Problem::meaning(message, EXPECTED));
                return;
            }
        }
        let (Some(written), Some(action)) = (table.get("keys"), table.get("action")) else {
            return;
        };
        match written.get_ref().as_str() {
            Some(text) => self.pair(keys, None, text, written.span(), action),
            None => {
                let message = format!("keys: found {}", describe(written.get_ref()));
                self.error(written.span(), Problem::meaning(message, EXPECTED));
            }
        }
    }
}

fn mode_mut<'k>(keys: &'k mut Keys, name: &str) -> Option<&'k mut KeyMode> {
    keys.modes.iter_mut().find(|mode| mode.name == name)
}

/// Keys as they are written: chords with spaces between them, the first of which may be the leader.
pub(super) fn sequence(text: &str, leader: Option<Chord>) -> Result<Sequence, Problem> {
    let whole = text.trim();
    // "ctrl + t" is one chord: no sequence has a part that begins or ends with a plus.
    let joins = |part: &str| part.len() > 1 && (part.ends_with('+') && !part.ends_with("++"));
    let parts: Vec<&str> = whole.split_whitespace().collect();
    let spaced = parts
        .iter()
        .any(|part| *part == "+" || joins(part) || (part.len() > 1 && part.starts_with('+')));
    if parts.len() < 2 || spaced {
        return whole.parse::<Chord>().map(Sequence::from);
    }
    if parts.len() > MAX_SEQUENCE {
        let message = format!("{} keys in a row", parts.len());
        return Err(Problem::meaning(message, format!("at most {MAX_SEQUENCE}")));
    }
    let mut chords = Vec::with_capacity(parts.len());
    for part in parts {
        if part.eq_ignore_ascii_case(LEADER) {
            let chord = leader.ok_or_else(|| {
                let message = format!("no leader is set for \"{}\"", whole.escape_debug());
                Problem::meaning(message, "leader = \"ctrl+a\", or another key, under [keys]")
            })?;
            chords.push(chord);
        } else {
            let chord = part.parse::<Chord>().map_err(|problem| Problem {
                expected: KEYS_EXPECTED.to_owned(),
                ..problem
            })?;
            chords.push(chord);
        }
    }
    Ok(Sequence(chords))
}

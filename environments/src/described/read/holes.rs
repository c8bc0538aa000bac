//! Which `{placeholders}` are known where, and which words may hold them.

use std::ops::Range;

use super::super::description::Setting;
use super::super::problem::nearest;
use super::super::reader::{Found, Section};
use super::super::template::Template;

/// No placeholder but the settings.
pub(super) const NONE: &[&str] = &[];
/// What is known of an environment. `fact.` stands for all facts.
pub(super) const ENVIRONMENT: &[&str] = &["id", "name", "group", "branch", "fact."];

/// The placeholders that are known everywhere.
pub(super) struct Holes {
    settings: Vec<String>,
}

impl Holes {
    /// The settings, by name.
    pub(super) fn new(settings: &[Setting]) -> Self {
        let settings = settings.iter().map(|one| format!("setting.{}", one.name));
        Self {
            settings: settings.collect(),
        }
    }

    /// Reads a list of words, in which the placeholders `known` and the settings may be.
    pub(super) fn words(
        &self,
        section: &Section<'_, '_>,
        key: &'static str,
        known: &[&str],
    ) -> Option<Vec<Template>> {
        let found = section.parsed_texts(key, Template::parse)?;
        for word in &found {
            self.check(section, &word.value, &word.at, known);
        }
        check_scripts(section, key, &found);
        Some(found.into_iter().map(|word| word.value).collect())
    }

    /// Reads one word.
    pub(super) fn word(
        &self,
        section: &Section<'_, '_>,
        key: &'static str,
        known: &[&str],
    ) -> Option<Template> {
        let found = section.parsed(key, Template::parse)?;
        self.check(section, &found.value, &found.at, known);
        Some(found.value)
    }

    /// Names every placeholder that is not known.
    pub(super) fn check(
        &self,
        section: &Section<'_, '_>,
        template: &Template,
        at: &Range<usize>,
        known: &[&str],
    ) {
        for hole in template.holes() {
            let prefix = |name: &&&str| name.ends_with('.') && hole.starts_with(**name);
            let is_known = known.contains(&hole)
                || known
                    .iter()
                    .any(|name| prefix(&name) && hole.len() > name.len())
                || self.settings.iter().any(|name| name == hole);
            if is_known {
                continue;
            }
            let names = || {
                let settings = self.settings.iter().map(String::as_str);
                known.iter().copied().chain(settings)
            };
            let expected = match nearest(hole, names()) {
                Some(near) => format!("{{{near}}}"),
                None if names().next().is_none() => "no placeholder".to_owned(),
                None => names().map(shown).collect::<Vec<_>>().join(" "),
            };
            section.wrong(at, format!("{{{hole}}} is not known here"), &expected);
        }
    }
}

fn shown(name: &str) -> String {
    match name.strip_suffix('.') {
        Some(prefix) => format!("{{{prefix}.NAME}}"),
        None => format!("{{{name}}}"),
    }
}

/// A script that a shell parses must hold no placeholder: what fills it could end the quotes that it
/// is in.
fn check_scripts(section: &Section<'_, '_>, key: &str, words: &[Found<Template>]) {
    const SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "ksh", "fish", "ash", "pwsh"];
    let plain = |word: &Found<Template>| word.value.to_string();
    for (place, word) in words.iter().enumerate() {
        let name = plain(word);
        let name = name.rsplit('/').next().unwrap_or_default();
        if !SHELLS.contains(&name) {
            continue;
        }
        let script = words[place + 1..]
            .iter()
            .skip_while(|word| !is_script_flag(&plain(word)))
            .nth(1);
        if let Some(script) = script.filter(|script| script.value.holes().next().is_some()) {
            section.wrong(
                &script.at,
                format!("{}: a placeholder inside a shell script", section.full(key)),
                "it as an argument after the script, used there as \"$1\"",
            );
        }
    }
}

/// `-c`, also among other letters: `-lc`.
fn is_script_flag(word: &str) -> bool {
    word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
}

//! What fills the placeholders of a description.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::template::{Fill, Template, Unfilled, fill_words};
use crate::failure::Failure;
use crate::spec::EnvironmentSpec;

/// The values that are known for one call.
#[derive(Clone, Default)]
pub(super) struct Values<'a> {
    settings: Option<&'a BTreeMap<String, String>>,
    env: Option<&'a EnvironmentSpec>,
    texts: BTreeMap<String, (String, Trust)>,
    lists: BTreeMap<String, Vec<String>>,
}

/// Whether a value may be read as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// We made it, or the user's settings have it.
    Ours,
    /// It was listed or typed.
    Outside,
}

impl<'a> Values<'a> {
    /// The settings.
    pub(super) fn new(settings: &'a BTreeMap<String, String>) -> Self {
        Self {
            settings: Some(settings),
            ..Self::default()
        }
    }

    /// And an environment.
    pub(super) fn of(mut self, env: &'a EnvironmentSpec) -> Self {
        self.env = Some(env);
        self
    }

    /// And a text.
    pub(super) fn text(mut self, hole: &str, value: impl Into<String>, trust: Trust) -> Self {
        self.texts.insert(hole.to_owned(), (value.into(), trust));
        self
    }

    /// And a list, for a word that is this placeholder alone.
    pub(super) fn list(mut self, hole: &str, words: Vec<String>) -> Self {
        self.lists.insert(hole.to_owned(), words);
        self
    }

    /// Fills a list of words in.
    pub(super) fn words(&self, words: &[Template]) -> Result<Vec<String>, Failure> {
        fill_words(words, self).map_err(refused)
    }

    /// Fills one word in.
    pub(super) fn word(&self, word: &Template) -> Result<String, Failure> {
        word.fill(self).map_err(refused)
    }
}

fn refused(unfilled: Unfilled) -> Failure {
    Failure::Refused(unfilled.to_string())
}

impl Fill for Values<'_> {
    fn text(&self, hole: &str) -> Option<Cow<'_, str>> {
        if let Some((text, _)) = self.texts.get(hole) {
            return Some(Cow::Borrowed(text));
        }
        if let Some(name) = hole.strip_prefix("setting.") {
            return self
                .settings?
                .get(name)
                .map(|text| Cow::Borrowed(text.as_str()));
        }
        let env = self.env?;
        let text = match hole {
            "id" => env.id.local.as_str(),
            "name" => env.name.as_str(),
            "group" => env.group.as_deref()?,
            "branch" => env.branch.as_deref()?,
            _ => env.facts.get(hole.strip_prefix("fact.")?)?.as_str(),
        };
        Some(Cow::Borrowed(text))
    }

    fn words(&self, hole: &str) -> Option<Vec<String>> {
        self.lists.get(hole).cloned()
    }

    fn is_outside(&self, hole: &str) -> bool {
        match self.texts.get(hole) {
            Some((_, trust)) => *trust == Trust::Outside,
            None => !hole.starts_with("setting."),
        }
    }
}

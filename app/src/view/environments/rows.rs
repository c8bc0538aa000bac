//! The rows of the environments panel: what is known, found by what is typed, grouped by provider.
//!
//! Rows are indices into the snapshot, made anew when the snapshot or the text is another; what a row says
//! is worked out for the rows in view only, so that thousands cost nothing.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::SystemTime;

use environments::rules::{self, Look, Rule};
use environments::{EnvironmentId, EnvironmentSpec, Failure, ProviderSnapshot, Snapshot, State};
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32String};

/// One row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// A provider's name, with how many of its environments are shown.
    Head {
        /// Which provider.
        provider: usize,
        /// How many.
        count: usize,
    },
    /// What is wrong with a provider.
    Quiet {
        /// Which provider.
        provider: usize,
    },
    /// An environment.
    Item {
        /// Which provider.
        provider: usize,
        /// Which of its environments.
        item: usize,
    },
    /// The tools that are not installed or not set up, in one line.
    Missing,
}

/// What a row is, whatever its place: the chosen one stays chosen when the list changes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Head(String),
    Quiet(String),
    Item(EnvironmentId),
    Missing,
}

/// The list.
pub(super) struct Rows {
    snapshot: Arc<Snapshot>,
    /// What can be found of each environment, provider by provider.
    texts: Vec<Vec<Text>>,
    /// Which providers know times and prices.
    columns: Columns,
    rows: Vec<Row>,
    /// What `rows` was made for.
    query: String,
    found: usize,
    total: usize,
    missing: Vec<usize>,
    missing_open: bool,
    chosen: usize,
    /// The user chose it: it stays chosen when more is known.
    is_chosen: bool,
    /// What the settings say of environments' looks and prices.
    rules: Vec<Rule>,
    /// When the user asked all again.
    asked: Option<SystemTime>,
    /// Which providers' answers are waited for.
    awaited: Vec<bool>,
    matcher: Matcher,
}

/// What is known of some environment of a provider, so that there is room for it in all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    /// Since when it is in its state.
    pub(super) since: bool,
    /// What it costs.
    pub(super) cost: bool,
}

/// What can be found of an environment.
struct Text {
    /// Its name, letter by letter in any gaps.
    name: Utf32String,
    /// The name and all else that is said of it, word by word.
    all: Utf32String,
}

/// What is looked for.
struct Query {
    letters: Pattern,
    words: Pattern,
}

/// What a match in the name is worth above one in the rest.
const NAME_BONUS: u32 = 1000;
/// A provider with more environments than this is listed after those with fewer, which would not be seen
/// below it.
const MANY: usize = 100;

impl Default for Rows {
    fn default() -> Self {
        Self {
            snapshot: Arc::default(),
            texts: Vec::new(),
            columns: Columns::default(),
            rows: Vec::new(),
            query: String::new(),
            found: 0,
            total: 0,
            missing: Vec::new(),
            missing_open: false,
            chosen: 0,
            is_chosen: false,
            rules: Vec::new(),
            asked: None,
            awaited: Vec::new(),
            matcher: Matcher::new(Config::DEFAULT),
        }
    }
}

impl Rows {
    /// Shows another snapshot; the chosen row stays, wherever it is now. Returns whether anything of it is to be seen.
    pub(super) fn set_snapshot(&mut self, snapshot: Arc<Snapshot>) -> bool {
        let awaited = self.awaited.clone();
        self.awaited = self.awaited_in(&snapshot);
        if awaited == self.awaited && looks_like(&self.snapshot, &snapshot) {
            self.snapshot = snapshot;
            return false;
        }
        let key = self.key(self.chosen).filter(|_| self.is_chosen);
        self.texts = snapshot
            .providers
            .iter()
            .map(|provider| {
                let kept = self.kept_texts(provider);
                kept.unwrap_or_else(|| texts_of(provider))
            })
            .collect();
        self.snapshot = snapshot;
        self.fill_columns();
        self.fill();
        let place = key
            .and_then(|key| (0..self.rows.len()).find(|at| self.key(*at).as_ref() == Some(&key)));
        match place {
            Some(place) => self.chosen = place,
            None if self.is_chosen => self.choose_near(self.chosen),
            None => self.choose_near(0),
        }
        true
    }

    /// Shows what a text finds; the best is chosen.
    pub(super) fn set_query(&mut self, query: &str) {
        if self.query != query {
            query.clone_into(&mut self.query);
            self.fill();
            self.is_chosen = false;
            self.choose_near(0);
        }
    }

    /// The snapshot that is shown.
    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Takes what the settings say of environments' looks and prices.
    pub(super) fn set_rules(&mut self, rules: Vec<Rule>) {
        self.rules = rules;
        self.fill_columns();
    }

    /// What the settings say of an environment.
    pub(super) fn look(&self, env: &EnvironmentSpec) -> Look {
        rules::look(&self.rules, env)
    }

    /// All providers are asked again by the user, who is told until they have answered.
    pub(super) fn ask_again(&mut self, now: SystemTime) {
        self.asked = Some(now);
        self.awaited = self.awaited_in(&self.snapshot);
    }

    /// Whether anything may come: also what is new since a provider was last asked.
    pub(super) fn may_come(&self) -> bool {
        self.awaits() || self.snapshot.providers.iter().any(|one| one.asking)
    }

    /// Whether an answer is waited for.
    pub(super) fn awaits(&self) -> bool {
        self.awaited.contains(&true)
    }

    /// Whether a provider's answer is waited for: its first, or the one after the user asked again. That it is asked
    /// from time to time is not to be seen.
    pub(super) fn is_awaited(&self, provider: usize) -> bool {
        self.awaited.get(provider).is_some_and(|awaited| *awaited)
    }

    fn fill_columns(&mut self) {
        let providers = self.snapshot.providers.iter();
        let columns = providers.map(|one| columns_of(one, &self.rules));
        self.columns = columns.fold(Columns::default(), |all, one| Columns {
            since: all.since || one.since,
            cost: all.cost || one.cost,
        });
    }

    fn awaited_in(&self, snapshot: &Snapshot) -> Vec<bool> {
        let awaited = |one: &ProviderSnapshot| {
            let never = one.listed_at.is_none() && one.failure.is_none();
            let old = self
                .asked
                .is_some_and(|asked| one.asked_at.is_none_or(|at| at < asked));
            never || old
        };
        snapshot.providers.iter().map(awaited).collect()
    }

    /// All rows.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The place of the chosen row.
    pub(super) fn chosen(&self) -> usize {
        self.chosen
    }

    /// How many environments are shown, and how many there are.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.found, self.total)
    }

    /// Whether the missing tools are listed one by one.
    pub(super) fn shows_missing(&self) -> bool {
        self.missing_open
    }

    /// The missing tools' names.
    pub(super) fn missing(&self) -> impl Iterator<Item = &ProviderSnapshot> {
        self.missing
            .iter()
            .filter_map(|at| self.snapshot.providers.get(*at))
    }

    /// Lists the missing tools one by one, or in one line.
    pub(super) fn toggle_missing(&mut self) {
        self.missing_open = !self.missing_open;
        self.fill();
        self.choose_near(self.chosen);
    }

    /// The provider of a row.
    pub(super) fn provider(&self, row: Row) -> Option<&ProviderSnapshot> {
        match row {
            Row::Head { provider, .. } | Row::Quiet { provider } | Row::Item { provider, .. } => {
                self.snapshot.providers.get(provider)
            }
            Row::Missing => None,
        }
    }

    /// The environment of a row.
    pub(super) fn item(&self, row: Row) -> Option<&EnvironmentSpec> {
        match row {
            Row::Item { item, .. } => self.provider(row)?.items.get(item),
            _ => None,
        }
    }

    /// The chosen row.
    pub(super) fn chosen_row(&self) -> Option<Row> {
        self.rows.get(self.chosen).copied()
    }

    /// The chosen environment.
    pub(super) fn chosen_item(&self) -> Option<&EnvironmentSpec> {
        self.item(self.chosen_row()?)
    }

    /// Chooses the row at a place, if it can be.
    pub(super) fn choose(&mut self, place: usize) -> bool {
        let can = self.can_choose(place);
        if can {
            self.chosen = place;
            self.is_chosen = true;
        }
        can
    }

    /// Chooses another, so many rows further.
    pub(super) fn step(&mut self, by: isize) {
        let last = self.rows.len().saturating_sub(1);
        let wanted = self.chosen.saturating_add_signed(by).min(last);
        let forward = by >= 0;
        let place = if forward {
            (wanted..=last).find(|place| self.can_choose(*place))
        } else {
            (0..=wanted).rev().find(|place| self.can_choose(*place))
        };
        if let Some(place) = place {
            self.chosen = place;
            self.is_chosen = true;
        }
    }

    /// Chooses the next, or the one before; after the last comes the first.
    pub(super) fn step_around(&mut self, by: isize) {
        let before = self.chosen;
        self.step(by);
        if self.chosen == before {
            self.choose_end(by < 0);
        }
    }

    /// Chooses the last, or the first.
    pub(super) fn choose_end(&mut self, last: bool) {
        let mut places = 0..self.rows.len();
        let place = if last {
            places.rev().find(|place| self.can_choose(*place))
        } else {
            places.find(|place| self.can_choose(*place))
        };
        if let Some(place) = place {
            self.choose(place);
        }
    }

    /// What is known of any environment: all rows have the same columns.
    pub(super) fn columns(&self) -> Columns {
        self.columns
    }

    /// The letters of an environment's name, and of what follows it, that were found, by their places.
    pub(super) fn letters(&mut self, provider: usize, item: usize) -> Vec<usize> {
        if self.query.trim().is_empty() {
            return Vec::new();
        }
        let Some(text) = self.texts.get(provider).and_then(|texts| texts.get(item)) else {
            return Vec::new();
        };
        let query = Query::new(&self.query);
        let mut letters = Vec::new();
        let name = text.name.slice(..);
        if query
            .letters
            .indices(name, &mut self.matcher, &mut letters)
            .is_none()
        {
            letters.clear();
            query
                .words
                .indices(text.all.slice(..), &mut self.matcher, &mut letters);
        }
        letters.sort_unstable();
        letters.dedup();
        letters.into_iter().map(|at| at as usize).collect()
    }

    /// What can be found in a provider's environments, if they are the ones that are shown already.
    fn kept_texts(&mut self, provider: &ProviderSnapshot) -> Option<Vec<Text>> {
        let at = self.snapshot.providers.iter().position(|shown| {
            shown.id == provider.id && Arc::ptr_eq(&shown.items, &provider.items)
        })?;
        self.texts.get_mut(at).map(std::mem::take)
    }

    fn key(&self, place: usize) -> Option<Key> {
        let row = *self.rows.get(place)?;
        let id = || self.provider(row).map(|provider| provider.id.to_string());
        Some(match row {
            Row::Head { .. } => Key::Head(id()?),
            Row::Quiet { .. } => Key::Quiet(id()?),
            Row::Item { .. } => Key::Item(self.item(row)?.id.clone()),
            Row::Missing => Key::Missing,
        })
    }

    fn can_choose(&self, place: usize) -> bool {
        !matches!(self.rows.get(place), None | Some(Row::Head { .. }))
    }

    /// Chooses the row at a place, or the nearest that can be.
    fn choose_near(&mut self, place: usize) {
        let after = (place..self.rows.len()).find(|place| self.can_choose(*place));
        let before = || {
            (0..place.min(self.rows.len()))
                .rev()
                .find(|place| self.can_choose(*place))
        };
        self.chosen = after.or_else(before).unwrap_or(0);
    }

    /// Makes the rows anew.
    fn fill(&mut self) {
        self.rows.clear();
        self.missing.clear();
        let is_search = !self.query.trim().is_empty();
        let query = Query::new(&self.query);
        let snapshot = Arc::clone(&self.snapshot);
        let mut groups = Vec::new();
        (self.found, self.total) = (0, 0);
        for (provider, known) in snapshot.providers.iter().enumerate() {
            self.total += known.items.len();
            let mut found: Vec<(u32, usize)> = (0..known.items.len())
                .filter_map(|item| {
                    let text = self.texts.get(provider)?.get(item)?;
                    let score = query.score(text, &mut self.matcher)?;
                    Some((score, item))
                })
                .collect();
            if is_search {
                // Stable: equals stay in the provider's order.
                found.sort_by_key(|(score, _)| Reverse(*score));
            }
            self.found += found.len();
            let is_missing = matches!(
                known.failure,
                Some(Failure::Missing { .. } | Failure::NotSetUp { .. })
            );
            if is_missing && found.is_empty() {
                self.missing.push(provider);
                continue;
            }
            let says = is_search && query.finds(&known.title, &mut self.matcher);
            let quiet = known.failure.is_some() && (!is_search || says || !found.is_empty());
            if found.is_empty() && !quiet {
                continue;
            }
            let best = found.first().map_or(0, |(score, _)| *score);
            groups.push((best, provider, quiet, found));
        }
        if is_search {
            groups.sort_by_key(|(best, ..)| Reverse(*best));
        } else {
            // What has nothing to show but a complaint comes after what has.
            groups.sort_by_key(|(_, _, _, found)| (found.is_empty(), found.len() > MANY));
        }
        for (_, provider, quiet, found) in groups {
            let count = found.len();
            if count > 0 {
                self.rows.push(Row::Head { provider, count });
            }
            if quiet {
                self.rows.push(Row::Quiet { provider });
            }
            let items = found
                .into_iter()
                .map(|(_, item)| Row::Item { provider, item });
            self.rows.extend(items);
        }
        if !self.missing.is_empty() && !is_search {
            self.rows.push(Row::Missing);
            if self.missing_open {
                let missing = self.missing.iter().map(|provider| Row::Quiet {
                    provider: *provider,
                });
                self.rows.extend(missing);
            }
        }
    }
}

impl Query {
    fn new(text: &str) -> Self {
        let text = text.trim();
        let words = Pattern::new(
            text,
            CaseMatching::Smart,
            Normalization::Smart,
            AtomKind::Substring,
        );
        Self {
            letters: Pattern::parse(text, CaseMatching::Smart, Normalization::Smart),
            words,
        }
    }

    /// How well it fits; `None` where it does not.
    fn score(&self, text: &Text, matcher: &mut Matcher) -> Option<u32> {
        let in_name = self.letters.score(text.name.slice(..), matcher);
        let in_name = in_name.map(|score| score.saturating_add(NAME_BONUS));
        in_name.or_else(|| self.words.score(text.all.slice(..), matcher))
    }

    /// Whether it is in a text, word by word.
    fn finds(&self, text: &str, matcher: &mut Matcher) -> bool {
        let text = Utf32String::from(text);
        self.words.score(text.slice(..), matcher).is_some()
    }
}

/// Whether two snapshots differ in nothing that rows and menus are made of; when each was asked is none of it.
fn looks_like(one: &Snapshot, other: &Snapshot) -> bool {
    let mut providers = one.providers.iter().zip(&other.providers);
    one.jobs == other.jobs
        && one.providers.len() == other.providers.len()
        && providers.all(|(one, other)| {
            let same_items = Arc::ptr_eq(&one.items, &other.items) || one.items == other.items;
            one.id == other.id
                && one.title == other.title
                && one.abilities == other.abilities
                && one.failure == other.failure
                && one.truncated == other.truncated
                && same_items
        })
}

fn columns_of(provider: &ProviderSnapshot, rules: &[Rule]) -> Columns {
    let is_priced = rules.iter().any(|rule| rule.look.cost.is_some());
    let cost = |env: &EnvironmentSpec| {
        env.cost_per_hour.is_some() || is_priced && rules::look(rules, env).cost.is_some()
    };
    Columns {
        since: provider.items.iter().any(|env| env.since.is_some()),
        cost: provider.items.iter().any(cost),
    }
}

/// What is searched: the name first, so that its letters have the places that they have in it.
fn texts_of(provider: &ProviderSnapshot) -> Vec<Text> {
    let text = |env: &EnvironmentSpec| {
        let mut all = env.name.clone();
        for more in [
            env.group.as_deref(),
            env.branch.as_deref(),
            Some(provider.title.as_str()),
            Some(state_word(env)),
        ]
        .into_iter()
        .flatten()
        {
            all.push(' ');
            all.push_str(more);
        }
        for (_, more) in &env.detail {
            all.push(' ');
            all.push_str(more);
        }
        Text {
            name: Utf32String::from(env.name.as_str()),
            all: Utf32String::from(all),
        }
    };
    provider.items.iter().map(text).collect()
}

/// The word for an environment's state: the tool's own where ours says nothing.
pub(super) fn state_word(env: &EnvironmentSpec) -> &str {
    match (env.state, env.raw_state.as_str()) {
        (State::Unknown, "") => "",
        (State::Unknown, raw) => raw,
        (state, _) => state.name(),
    }
}

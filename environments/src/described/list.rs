//! Listing what a description describes: the call, its pages, its items, their states.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use serde_json::Value;

use super::description::{Description, List, Origin, Output, Status};
use super::fill::{Trust, Values};
use super::provider::Described;
use super::value::{Item, text_of};
use super::{failures, here, http, output, time};
use crate::failure::{Failure, tidy};
use crate::provider::Abilities;
use crate::spec::{EnvironmentId, EnvironmentSpec, Listing, Scope};
use crate::state::State;
use crate::tool::{self, Limit, run};

/// More environments than this are not taken from one list.
const MOST: usize = 10_000;

/// One listing.
pub(super) struct Lister<'a> {
    provider: &'a Described,
    limit: &'a Limit,
}

/// What a source answered.
enum Answer {
    /// A document.
    Document(Value),
    /// Nothing is there.
    Empty,
    /// The service does not answer: the fixed environment is stopped.
    Silent,
}

impl<'a> Lister<'a> {
    /// A listing within a limit.
    pub(super) fn new(provider: &'a Described, limit: &'a Limit) -> Self {
        Self { provider, limit }
    }

    fn list_rules(&self) -> &'a List {
        &self.provider.description.list
    }

    /// All environments.
    pub(super) fn list(&self, scope: &Scope) -> Result<Listing, Failure> {
        let mut listing = match &self.list_rules().from {
            Origin::Folder(rule) => Listing {
                items: here::folders(rule, scope)
                    .into_iter()
                    .map(|folder| self.of_folder(&folder))
                    .collect(),
                truncated: false,
            },
            Origin::Nowhere => {
                let nothing = Value::Null;
                let item = Item {
                    value: &nothing,
                    parents: Vec::new(),
                };
                Listing {
                    items: self.spec(&item, State::Unknown).into_iter().collect(),
                    truncated: false,
                }
            }
            Origin::Args { .. } | Origin::Http(_) => self.asked()?,
        };
        let mut seen = BTreeSet::new();
        listing.items.retain(|env| seen.insert(env.id.clone()));
        if let Some(status) = &self.provider.description.status {
            self.states(status, &mut listing.items);
        }
        for env in &mut listing.items {
            env.can = can(self.provider, env);
        }
        Ok(listing)
    }

    /// What the tool or service lists: one call, or several where a call before it says of what.
    fn asked(&self) -> Result<Listing, Failure> {
        let Some(before) = &self.list_rules().before else {
            return self.pages(&self.provider.values());
        };
        let call = self
            .provider
            .call(&before.args, &self.provider.values(), None)?;
        let answer = self.run(&call, &Output::Json)?;
        let mut listing = Listing::default();
        let Answer::Document(document) = answer else {
            return Ok(listing);
        };
        let found: Vec<String> = before
            .items
            .items(&document)
            .iter()
            .filter_map(|item| text_of(item.value))
            .collect();
        for some in found.chunks(before.most) {
            let values = self.provider.values().list("from", some.to_vec());
            let more = self.pages(&values)?;
            listing.items.extend(more.items);
            listing.truncated |= more.truncated;
        }
        Ok(listing)
    }

    /// The environments of a document that was had elsewhere.
    pub(super) fn of_document(&self, document: &Value) -> Vec<EnvironmentSpec> {
        let items = self.list_rules().items.items(document);
        let specs = items
            .iter()
            .filter_map(|item| self.spec(item, State::Ready));
        let mut specs: Vec<EnvironmentSpec> = specs.collect();
        for env in &mut specs {
            env.can = can(self.provider, env);
        }
        specs
    }

    fn pages(&self, values: &Values<'_>) -> Result<Listing, Failure> {
        let rules = self.list_rules();
        let mut listing = Listing::default();
        let mut args = Vec::new();
        for turn in 0.. {
            let values = values.clone().list("page", args);
            let answer = match self.ask(&rules.from, &rules.output, &values) {
                Ok(answer) => answer,
                // What was had before the time was over is worth more than nothing.
                Err(failure) if turn > 0 && failure.kind() == "slow" => {
                    listing.truncated = true;
                    break;
                }
                Err(failure) => return Err(failure),
            };
            let document = match answer {
                Answer::Document(document) => document,
                Answer::Empty => break,
                Answer::Silent => {
                    // What neither answers nor could be started is not here at all.
                    if !self.provider.description.programs.is_empty() {
                        self.provider.program()?;
                    }
                    let nothing = Value::Null;
                    let item = Item {
                        value: &nothing,
                        parents: Vec::new(),
                    };
                    listing.items.extend(self.spec(&item, State::Stopped));
                    break;
                }
            };
            let items = rules.items.items(&document);
            let ready = State::Ready;
            listing
                .items
                .extend(items.iter().filter_map(|item| self.spec(item, ready)));
            if listing.items.len() > MOST {
                listing.items.truncate(MOST);
                listing.truncated = true;
                break;
            }
            let Some(page) = &rules.page else {
                break;
            };
            let whole = Item {
                value: &document,
                parents: Vec::new(),
            };
            let Some(cursor) = page.cursor.get(&whole).and_then(text_of) else {
                break;
            };
            if turn + 1 >= page.most {
                listing.truncated = true;
                break;
            }
            let values = self
                .provider
                .values()
                .text("cursor", cursor, Trust::Outside);
            args = values.words(&page.args)?;
        }
        Ok(listing)
    }

    fn ask(&self, from: &Origin, form: &Output, values: &Values<'_>) -> Result<Answer, Failure> {
        match from {
            Origin::Args { program, args } => {
                let call = self.provider.call(args, values, program.as_deref())?;
                self.run(&call, form)
            }
            Origin::Http(rule) => {
                self.provider
                    .has_settings(std::slice::from_ref(&rule.url))?;
                let url = values.word(&rule.url)?;
                match http::get(&url, rule.bearer.as_deref(), self.limit) {
                    Ok(answer) => self.read_http(&answer, form),
                    Err(http::Error::Refused(_)) if self.list_rules().fixed.is_some() => {
                        Ok(Answer::Silent)
                    }
                    Err(error) => Err(error.into_failure()),
                }
            }
            Origin::Folder(_) | Origin::Nowhere => Ok(Answer::Empty),
        }
    }

    fn read_http(&self, answer: &http::Answer, form: &Output) -> Result<Answer, Failure> {
        match answer.status {
            200..=299 => self.document(form, &answer.body).map(Answer::Document),
            401 => Err(failures::logged_out(self.provider, None)),
            status => Err(http::failure(status, &answer.body)),
        }
    }

    fn run(&self, call: &tool::ToolCall, form: &Output) -> Result<Answer, Failure> {
        let call = call.clone().timeout(self.limit.left());
        let answer = run(&call, self.limit).map_err(|failure| failure.of_call(&call))?;
        let text = output::decode(&answer.stdout);
        let says_empty = || {
            self.list_rules()
                .empty
                .iter()
                .any(|empty| empty.is_match(&text))
        };
        if !answer.status.is_success() {
            return match failures::means_empty(self.provider, &answer) || says_empty() {
                true => Ok(Answer::Empty),
                false => Err(failures::classify(self.provider, &answer)),
            };
        }
        if says_empty() {
            return Ok(Answer::Empty);
        }
        match self.document(form, &answer.stdout) {
            Ok(document) => Ok(Answer::Document(document)),
            // Some print their errors where the answer belongs, and end well all the same.
            Err(nonsense) => match failures::classify(self.provider, &answer) {
                Failure::Other(_) => Err(nonsense.of_call(&call)),
                known => Err(known),
            },
        }
    }

    fn document(&self, form: &Output, bytes: &[u8]) -> Result<Value, Failure> {
        output::documents(form, bytes).map_err(|first_line| Failure::Nonsense { first_line })
    }

    /// One item as an environment; `None` where it has no id.
    fn spec(&self, item: &Item<'_>, without_word: State) -> Option<EnvironmentSpec> {
        let (description, rules) = (&self.provider.description, self.list_rules());
        let fields = &rules.fields;
        let text = |field: &Option<super::value::Field>| {
            field
                .as_ref()
                .and_then(|field| field.text(item))
                .map(|text| tidy(&text))
        };
        let lines = matches!(rules.output, Output::Lines);
        let plain = |key: &str| item.value.get(key).and_then(text_of).filter(|_| lines);
        let id = match &rules.fixed {
            Some(fixed) => fixed.id.clone(),
            None => fields
                .id
                .as_ref()
                .and_then(|field| field.text(item))
                .or_else(|| plain("id"))?,
        };
        let name = text(&fields.name)
            .or_else(|| rules.fixed.as_ref().map(|fixed| fixed.name.clone()))
            .or_else(|| plain("name"))
            .unwrap_or_else(|| tidy(&id));
        let mut env = EnvironmentSpec::new(EnvironmentId::new(&self.provider.id, id), name);
        env.raw_state = text(&fields.state).unwrap_or_default();
        env.state = match (&fields.state, env.raw_state.as_str()) {
            (None, _) if rules.fixed.is_some() => without_word,
            (_, "") if without_word == State::Stopped => State::Stopped,
            (_, word) => state_of(description, word),
        };
        env.reason = text(&fields.reason);
        let failed = description
            .states
            .failed_if
            .as_ref()
            .and_then(|field| field.text(item));
        if let Some(reason) = failed {
            env.state = State::Failed;
            env.reason = env.reason.or(Some(tidy(&reason)));
        }
        env.group = text(&fields.group);
        env.branch = text(&fields.branch);
        env.since = text(&fields.since).and_then(|text| time::read(&text));
        for (label, field) in &fields.detail {
            if let Some(text) = field.text(item) {
                env.facts.insert(label.clone(), text.clone());
                env.detail.push((label.clone(), tidy(&text)));
            }
        }
        for (name, field) in &fields.facts {
            if let Some(text) = field.text(item) {
                env.facts.insert(name.clone(), text);
            }
        }
        if let Some(url) = text(&fields.url) {
            env.facts.insert("url".to_owned(), url);
        }
        env.cost_per_hour = text(&fields.cost)
            .and_then(|text| text.parse().ok())
            .or_else(|| price(description, &env));
        Some(env)
    }

    fn of_folder(&self, folder: &std::path::Path) -> EnvironmentSpec {
        let id = EnvironmentId::new(&self.provider.id, folder.to_string_lossy());
        let name = folder.file_name().map_or_else(
            || folder.to_string_lossy().into_owned(),
            |name| name.to_string_lossy().into_owned(),
        );
        let mut env = EnvironmentSpec::new(id, name);
        env.branch = here::Git::of(folder).branch;
        env.with_detail("folder", folder.to_string_lossy())
    }

    /// Asks the state of each environment, a few at a time.
    fn states(&self, status: &Status, items: &mut [EnvironmentSpec]) {
        let count = items.len().min(status.most);
        let items: Vec<Mutex<&mut EnvironmentSpec>> =
            items.iter_mut().take(count).map(Mutex::new).collect();
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..status.at_once.min(count) {
                let work = || {
                    while let Some(env) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                        self.state(status, &mut env.lock());
                    }
                };
                let builder = std::thread::Builder::new().name("tool-status".into());
                if builder.spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
        });
    }

    fn state(&self, status: &Status, env: &mut EnvironmentSpec) {
        let asked = self.ask(&status.from, &Output::Json, &self.provider.values().of(env));
        match asked {
            Ok(Answer::Document(document)) => {
                let item = Item {
                    value: &document,
                    parents: Vec::new(),
                };
                let text = |field: &Option<super::value::Field>| {
                    field
                        .as_ref()
                        .and_then(|field| field.text(&item))
                        .map(|text| tidy(&text))
                };
                env.raw_state = text(&status.state).unwrap_or_default();
                env.state = match &status.state {
                    Some(_) => state_of(&self.provider.description, &env.raw_state),
                    None => State::Ready,
                };
                env.reason = text(&status.reason).or(env.reason.take());
            }
            // Where nothing answers, nothing runs.
            Err(Failure::Down { .. }) if matches!(status.from, Origin::Http(_)) => {
                env.state = State::Stopped;
            }
            Ok(Answer::Empty | Answer::Silent) => env.state = State::Stopped,
            Err(failure) => {
                env.state = State::Unknown;
                env.reason = Some(failure.to_string());
            }
        }
    }
}

/// What a tool's word for a state means.
pub(super) fn state_of(description: &Description, word: &str) -> State {
    let rules = &description.states.words;
    let found = rules.iter().find(|(_, pattern)| matches(pattern, word));
    found.map_or(State::Unknown, |(state, _)| *state)
}

/// Whether a word is the pattern's, in which each `*` stands for any text; letter case does not count.
fn matches(pattern: &str, word: &str) -> bool {
    let (pattern, word) = (pattern.to_ascii_lowercase(), word.to_ascii_lowercase());
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == word;
    };
    let Some(mut left) = word.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(end)
}

fn price(description: &Description, env: &EnvironmentSpec) -> Option<f64> {
    let cost = description.cost.as_ref()?;
    cost.per_hour.get(env.fact(&cost.by)).copied()
}

/// What can be done with an environment in its state.
fn can(provider: &Described, env: &EnvironmentSpec) -> Abilities {
    let all = provider.all_abilities();
    let starts = provider
        .description
        .shell
        .as_ref()
        .is_some_and(|shell| shell.starts);
    let without = match env.state {
        State::Ready | State::Lost => Abilities::START,
        State::Starting | State::Creating => Abilities::START | Abilities::FORWARD,
        State::Stopped | State::Failed if starts => Abilities::STOP | Abilities::FORWARD,
        State::Stopped | State::Failed => Abilities::SHELL | Abilities::STOP | Abilities::FORWARD,
        State::Stopping => Abilities::SHELL | Abilities::STOP | Abilities::FORWARD,
        State::Absent => Abilities::SHELL | Abilities::STOP | Abilities::FORWARD | Abilities::LOGS,
        State::Unknown => Abilities::none(),
    };
    all.without(without).without(Abilities::CREATE)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn words_match_patterns() {
        #[track_caller]
        fn check(pattern: &str, word: &str, expected: bool) {
            assert_eq!(matches(pattern, word), expected, "{pattern} {word}");
        }
        check("Running", "running", true);
        check("Running", "Running!", false);
        check("Up *", "Up 3 hours", true);
        check("*_ERROR", "BUILD_ERROR", true);
        check("*_ERROR", "ERROR_BUILD", false);
        check("a*b*c", "axbyc", true);
        check("a*b*c", "axcyb", false);
        check("*", "", true);
        check("ab*b", "ab", false);
    }
}

//! Reading TOML with places: every mistake is kept with its line and column, and what is right is
//! read all the same. A key that nobody asked for is a mistake, named with the nearest that somebody did.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use regex::Regex;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, line_and_column, nearest, one_of};

/// A text being read, and what is wrong with it so far.
pub(super) struct Source<'t> {
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> Source<'t> {
    /// A text of which nothing is known yet.
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            problems: RefCell::default(),
        }
    }

    /// Keeps a mistake.
    pub(super) fn wrong(
        &self,
        at: &Range<usize>,
        message: impl Into<String>,
        expected: Option<String>,
    ) {
        let (line, column) = line_and_column(self.text, at.start);
        self.problems.borrow_mut().push(Problem {
            line,
            column,
            message: message.into(),
            expected,
        });
    }

    /// All mistakes, in the order of the text.
    pub(super) fn finish(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) at: Range<usize>,
}

/// A table being read.
pub(super) struct Section<'s, 't> {
    source: &'s Source<'t>,
    /// The dotted name, "" for the file itself.
    name: String,
    at: Range<usize>,
    table: &'s DeTable<'t>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'s, 't> Section<'s, 't> {
    /// The file's own table.
    pub(super) fn top(source: &'s Source<'t>, table: &'s DeTable<'t>) -> Self {
        Self::new(source, String::new(), 0..0, table)
    }

    fn new(source: &'s Source<'t>, name: String, at: Range<usize>, table: &'s DeTable<'t>) -> Self {
        Self {
            source,
            name,
            at,
            table,
            asked: RefCell::default(),
        }
    }

    /// Where the table is.
    pub(super) fn at(&self) -> &Range<usize> {
        &self.at
    }

    /// Keeps a mistake.
    pub(super) fn wrong(&self, at: &Range<usize>, message: impl Into<String>, expected: &str) {
        let expected = (!expected.is_empty()).then(|| expected.to_owned());
        self.source.wrong(at, message, expected);
    }

    /// A key's name with the table's before it.
    pub(super) fn full(&self, key: &str) -> String {
        match self.name.as_str() {
            "" => key.to_owned(),
            name => format!("{name}.{key}"),
        }
    }

    fn get(&self, key: &'static str) -> Option<&'s Spanned<DeValue<'t>>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key)
    }

    fn wrong_kind(&self, key: &str, value: &Spanned<DeValue<'t>>, expected: &str) {
        let found = describe(value.get_ref());
        let message = format!("{}: found {found}", self.full(key));
        self.wrong(&value.span(), message, expected);
    }

    /// Whether a key is there.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Whether a key is there and holds a list.
    pub(super) fn is_list(&self, key: &'static str) -> bool {
        matches!(self.get(key).map(Spanned::get_ref), Some(DeValue::Array(_)))
    }

    /// A key that must be there.
    pub(super) fn required<T>(&self, key: &str, found: Option<T>, expected: &str) -> Option<T> {
        if found.is_none() && !self.table.contains_key(key) {
            let message = format!("{} is missing", self.full(key));
            self.wrong(&self.at.clone(), message, expected);
        }
        found
    }

    /// A text.
    pub(super) fn text(&self, key: &'static str) -> Option<Found<String>> {
        let value = self.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_kind(key, value, "a text");
            return None;
        };
        Some(Found {
            value: text.to_owned(),
            at: value.span(),
        })
    }

    /// A text that is read by `parse`, whose error says what is wrong.
    pub(super) fn parsed<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Found<T>> {
        let found = self.text(key)?;
        self.parse(key, found, parse)
    }

    fn parse<T>(
        &self,
        key: &str,
        found: Found<String>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Found<T>> {
        match parse(&found.value) {
            Ok(value) => Some(Found {
                value,
                at: found.at,
            }),
            Err(message) => {
                self.wrong(&found.at, format!("{}: {message}", self.full(key)), "");
                None
            }
        }
    }

    /// A regular expression.
    pub(super) fn regex(&self, key: &'static str) -> Option<Regex> {
        self.parsed(key, regex).map(|found| found.value)
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<Found<String>>> {
        let value = self.get(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_kind(key, value, "a list of texts: [\"…\", …]");
            return None;
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Found {
                    value: text.to_owned(),
                    at: item.span(),
                }),
                None => self.wrong_kind(key, item, "a text"),
            }
        }
        Some(texts)
    }

    /// A list of texts, each read by `parse`.
    pub(super) fn parsed_texts<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<Found<T>>> {
        let texts = self.texts(key)?;
        let read = texts
            .into_iter()
            .filter_map(|text| self.parse(key, text, &parse));
        Some(read.collect())
    }

    /// A text or a list of texts, each read by `parse`.
    pub(super) fn one_or_more<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<Found<T>>> {
        match self.get(key)?.get_ref() {
            DeValue::Array(_) => self.parsed_texts(key, parse),
            _ => self.parsed(key, parse).map(|found| vec![found]),
        }
    }

    /// True or false.
    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_kind(key, value, "true or false");
        }
        flag
    }

    /// A whole number in a range.
    pub(super) fn number(
        &self,
        key: &'static str,
        within: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = self.get(key)?;
        let number = integer(value.get_ref()).filter(|number| within.contains(number));
        if number.is_none() {
            let expected = match (within.start(), within.end()) {
                (least, most) if least == most => least.to_string(),
                (least, most) => format!("a whole number from {least} to {most}"),
            };
            self.wrong_kind(key, value, &expected);
        }
        number
    }

    /// A list of whole numbers.
    pub(super) fn numbers(&self, key: &'static str) -> Option<Vec<i64>> {
        let value = self.get(key)?;
        let numbers = value.get_ref().as_array().and_then(|array| {
            let numbers = array.iter().map(|item| integer(item.get_ref()));
            numbers.collect::<Option<Vec<i64>>>()
        });
        if numbers.is_none() {
            self.wrong_kind(key, value, "a list of whole numbers: [4]");
        }
        numbers
    }

    /// A time such as "20s".
    pub(super) fn duration(&self, key: &'static str) -> Option<Duration> {
        self.parsed(key, duration).map(|found| found.value)
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let value = self.get(key)?;
        let word = value.get_ref().as_str();
        let chosen = choices.iter().find(|(name, _)| Some(*name) == word);
        if let Some((_, choice)) = chosen {
            return Some(*choice);
        }
        let names = || choices.iter().map(|(name, _)| *name);
        let mut message = format!("{}: found {}", self.full(key), describe(value.get_ref()));
        if let Some(near) = word.and_then(|word| nearest(word, names())) {
            message.push_str(&format!(" (did you mean \"{near}\"?)"));
        }
        self.wrong(&value.span(), message, &one_of(names()));
        None
    }

    /// A table.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'s, 't>> {
        let value = self.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_kind(key, value, "a table");
            return None;
        };
        Some(Section::new(
            self.source,
            self.full(key),
            value.span(),
            table,
        ))
    }

    /// An array of tables: `[[key]]`.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'s, 't>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let expected = format!("[[{}]]", self.full(key));
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_kind(key, value, &expected);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_table() {
                Some(table) => {
                    sections.push(Section::new(
                        self.source,
                        self.full(key),
                        item.span(),
                        table,
                    ));
                }
                None => self.wrong_kind(key, item, &expected),
            }
        }
        sections
    }

    /// All entries of a table whose keys are free, in their order.
    pub(super) fn entries(&self) -> Vec<(Found<String>, &'s Spanned<DeValue<'t>>)> {
        let mut entries: Vec<_> = self.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let found = entries.into_iter().map(|(key, value)| {
            let key = Found {
                value: key.get_ref().to_string(),
                at: key.span(),
            };
            (key, value)
        });
        found.collect()
    }

    /// The same where a value may also be a list of texts.
    pub(super) fn map_lists<T>(
        &self,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<(String, Vec<T>)> {
        let mut read = Vec::new();
        for (key, value) in self.entries() {
            let items = match value.get_ref() {
                DeValue::Array(array) => array.iter().collect(),
                _ => vec![value],
            };
            let mut values = Vec::new();
            for item in items {
                let Some(text) = item.get_ref().as_str() else {
                    self.wrong_kind(&key.value, item, "a text or a list of texts");
                    continue;
                };
                let found = Found {
                    value: text.to_owned(),
                    at: item.span(),
                };
                values.extend(
                    self.parse(&key.value, found, &parse)
                        .map(|found| found.value),
                );
            }
            read.push((key.value, values));
        }
        read
    }

    /// All entries of a table whose keys are free and whose values are texts read by `parse`.
    pub(super) fn map<T>(
        &self,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<(String, Found<T>)> {
        let mut read = Vec::new();
        for (key, value) in self.entries() {
            match value.get_ref().as_str() {
                Some(text) => {
                    let found = Found {
                        value: text.to_owned(),
                        at: value.span(),
                    };
                    if let Some(found) = self.parse(&key.value, found, &parse) {
                        read.push((key.value, found));
                    }
                }
                None => self.wrong_kind(&key.value, value, "a text"),
            }
        }
        read
    }

    /// Names every key that nobody asked for.
    pub(super) fn finish(self) {
        self.report_unknown();
    }

    /// [`Section::finish`] for a table that is only borrowed.
    pub(super) fn report_unknown(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries() {
            if asked.contains(&key.value.as_str()) {
                continue;
            }
            let message = format!("unknown key \"{}\"", self.full(&key.value));
            let expected = match nearest(&key.value, asked.iter().copied()) {
                Some(near) => format!("\"{near}\""),
                None => one_of(unique(&asked)),
            };
            self.wrong(&key.at, message, &expected);
        }
    }
}

fn unique<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut seen = BTreeMap::new();
    for (place, name) in names.iter().enumerate() {
        seen.entry(*name).or_insert(place);
    }
    let mut unique: Vec<_> = seen.into_iter().collect();
    unique.sort_by_key(|(_, place)| *place);
    unique.into_iter().map(|(name, _)| name).collect()
}

/// A regular expression, bounded in size.
pub(super) fn regex(text: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(text)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| {
            let error = error.to_string();
            let last = error.lines().last().unwrap_or_default().trim();
            format!("no regular expression: {last}")
        })
}

/// A time such as "500ms", "20s", "5m" or "1h".
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("found \"{text}\"; expected a time such as \"20s\", \"5m\" or \"500ms\"");
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let number: u64 = text[..digits].parse().map_err(|_| wrong())?;
    let milliseconds = match &text[digits..] {
        "ms" => Some(number),
        "s" => number.checked_mul(1000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => None,
    };
    let most = Duration::from_secs(24 * 3600);
    milliseconds
        .map(Duration::from_millis)
        .filter(|time| !time.is_zero() && *time <= most)
        .ok_or_else(wrong)
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A number with or without a fraction.
pub(super) fn decimal(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Float(number) => number.as_str().parse().ok(),
        DeValue::Integer(number) => number.as_str().parse().ok(),
        _ => None,
    }
}

/// A value in words, short enough for a message.
pub(super) fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => {
            let short: String = text.chars().take(40).collect();
            let dots = if short.len() < text.len() { "…" } else { "" };
            format!("\"{}{dots}\"", short.escape_debug())
        }
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

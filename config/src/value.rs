//! The kinds of value that options take, and how each is read from TOML and written to it.
//!
//! Reading is ours, not serde's, so that one wrong value costs one option and its message says
//! what was expected there. Where a value stands in the file is left to [`crate::load`].

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::de::DeValue;

use crate::nearest::nearest;
use crate::section::Choice;

/// A value that cannot be used: what was expected there, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What was found, or what is wrong with it.
    pub message: String,
    /// What was expected, or the remedy.
    pub expected: String,
    /// The bytes of the file that it is about, where these are a part of the value.
    pub at: Option<Range<usize>>,
}

impl Problem {
    /// A value of the wrong kind or out of its range.
    pub(crate) fn kind(expected: impl Into<String>, found: &DeValue<'_>) -> Self {
        Self {
            message: format!("found {}", describe(found)),
            expected: expected.into(),
            at: None,
        }
    }

    /// A text that none of the names matches.
    pub(crate) fn choice(choices: &[Choice], found: &DeValue<'_>) -> Self {
        let mut problem = Self::kind(one_of(choices), found);
        let near = found
            .as_str()
            .and_then(|text| nearest(text, choices.iter().map(|c| c.name)));
        if let Some(near) = near {
            problem
                .message
                .push_str(&format!(" (did you mean \"{near}\"?)"));
        }
        problem
    }

    /// A value of the right kind that means nothing.
    pub(crate) fn meaning(message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            expected: expected.into(),
            at: None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}; expected {}", self.message, self.expected)
    }
}

/// A type that an option may have.
pub trait Setting: Sized {
    /// What a value looks like, as a phrase that follows "expected".
    fn expected() -> String;

    /// The values with a name, where the type has such.
    #[must_use]
    fn choices() -> &'static [Choice] {
        &[]
    }

    /// Reads it from TOML.
    ///
    /// # Errors
    /// The value is of another kind, or means nothing here.
    fn read(value: &DeValue<'_>) -> Result<Self, Problem>;

    /// Writes it as TOML; [`Setting::read`] gives the same value back.
    #[must_use]
    fn write(&self) -> toml::Value;
}

/// `"a", "b" or "c"`.
pub(crate) fn one_of(choices: &[Choice]) -> String {
    let names: Vec<String> = choices
        .iter()
        .map(|choice| format!("\"{}\"", choice.name))
        .collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A value in words, short enough for a message.
pub(crate) fn describe(value: &DeValue<'_>) -> String {
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

/// A whole number as the file has it.
fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// Implements [`Setting`] for the unsigned integers.
macro_rules! unsigned {
    ($($type:ty),*) => { $(
        impl Setting for $type {
            fn expected() -> String {
                "a whole number".to_owned()
            }

            fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
                integer(value)
                    .and_then(|number| Self::try_from(number).ok())
                    .ok_or_else(|| Problem::kind(
                        format!("a whole number from 0 to {}", Self::MAX),
                        value,
                    ))
            }

            fn write(&self) -> toml::Value {
                toml::Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    )* };
}
unsigned!(u8, u16, u32, u64, usize);

impl Setting for f32 {
    fn expected() -> String {
        "a number".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        // Parsed as text, so that 0.1 is the nearest 32-bit number rather than the nearest of the
        // nearest 64-bit one.
        let text = match value {
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            _ => integer(value).map(|number| number.to_string()),
        };
        text.and_then(|text| text.parse::<Self>().ok())
            .filter(|number| number.is_finite())
            .ok_or_else(|| Problem::kind(Self::expected(), value))
    }

    fn write(&self) -> toml::Value {
        // The shortest decimal that reads back as this number: 0.1, not 0.10000000149.
        toml::Value::Float(
            self.to_string()
                .parse()
                .unwrap_or_else(|_| f64::from(*self)),
        )
    }
}

impl Setting for bool {
    fn expected() -> String {
        "true or false".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        value
            .as_bool()
            .ok_or_else(|| Problem::kind(Self::expected(), value))
    }

    fn write(&self) -> toml::Value {
        toml::Value::Boolean(*self)
    }
}

impl Setting for String {
    fn expected() -> String {
        "a text in quotes".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let text = value
            .as_str()
            .ok_or_else(|| Problem::kind(Self::expected(), value))?;
        if text.contains('\0') {
            return Err(Problem::meaning(
                "the text contains a NUL character",
                "a text without it",
            ));
        }
        Ok(text.to_owned())
    }

    fn write(&self) -> toml::Value {
        toml::Value::String(self.clone())
    }
}

impl Setting for Vec<String> {
    fn expected() -> String {
        "an array of texts: [\"a\", \"b\"]".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let array = value
            .as_array()
            .ok_or_else(|| Problem::kind(Self::expected(), value))?;
        array
            .iter()
            .map(|item| String::read(item.get_ref()))
            .collect()
    }

    fn write(&self) -> toml::Value {
        toml::Value::Array(self.iter().map(Setting::write).collect())
    }
}

impl Setting for BTreeMap<String, String> {
    fn expected() -> String {
        "a table of texts: { NAME = \"value\" }".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let table = value
            .as_table()
            .ok_or_else(|| Problem::kind(Self::expected(), value))?;
        table
            .iter()
            .map(|(name, value)| {
                let read = String::read(value.get_ref()).map_err(|problem| Problem {
                    message: format!("{}: {}", name.get_ref(), problem.message),
                    ..problem
                })?;
                Ok((name.get_ref().clone().into_owned(), read))
            })
            .collect()
    }

    fn write(&self) -> toml::Value {
        toml::Value::Table(self.iter().map(|(k, v)| (k.clone(), v.write())).collect())
    }
}

#[cfg(test)]
mod tests;

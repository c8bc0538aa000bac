//! What a section of the configuration file is: the [`section!`] and [`choice!`] macros, by which an
//! option is described exactly once, and the traits they implement.
//!
//! The doc comment of a field is also its text in the default file and in `terrace.toml(5)`, and
//! its type says which values it takes. What the values look like in TOML is left to [`crate::value`],
//! finding and layering files to [`crate::load`].

use std::fmt::Display;
use std::ops::RangeInclusive;

use toml::de::DeValue;

use crate::value::{Problem, Setting};

/// A named value of an option that takes one of a few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// How it is written in the file.
    pub name: &'static str,
    /// What it means: the lines of its doc comment.
    pub doc: &'static [&'static str],
}

/// One option as the documentation shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionInfo {
    /// The key within its section.
    pub name: &'static str,
    /// The lines of the field's doc comment, each with its leading space.
    pub doc: &'static [&'static str],
    /// What a value may be, as a phrase: "a whole number from 1 to 1000".
    pub expected: String,
    /// The named values, where there are some.
    pub choices: &'static [Choice],
    /// The default.
    pub default: toml::Value,
}

/// One section of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionInfo {
    /// The section's name; the text between the brackets.
    pub name: &'static str,
    /// The lines of the section's doc comment.
    pub doc: &'static [&'static str],
    /// Its options, in the order in which they are documented.
    pub options: Vec<OptionInfo>,
}

/// What every section can do; implemented by [`section!`].
pub trait Section: Default {
    /// The section's name in the file.
    const NAME: &'static str;

    /// Describes the section and its options.
    fn info() -> SectionInfo;

    /// Sets one option from a TOML value; `None` where the section has no such option.
    ///
    /// # Errors
    /// A value of the wrong kind or out of range, which leaves the option as it was.
    fn set(&mut self, option: &str, value: &DeValue<'_>) -> Option<Result<(), Problem>>;

    /// The present value of every option, in the order of [`Section::info`].
    fn values(&self) -> Vec<(&'static str, toml::Value)>;
}

/// Reads a value and checks it against the option's range.
pub(crate) fn read_in<T: Setting + PartialOrd + Display>(
    value: &DeValue<'_>,
    range: &RangeInclusive<T>,
) -> Result<T, Problem> {
    let expected = || expected_in::<T>(range);
    let read = T::read(value).map_err(|_| Problem::kind(expected(), value))?;
    if range.contains(&read) {
        Ok(read)
    } else {
        Err(Problem::kind(expected(), value))
    }
}

/// The phrase for a number within a range.
pub(crate) fn expected_in<T: Setting + Display>(range: &RangeInclusive<T>) -> String {
    format!(
        "{} from {} to {}",
        T::expected(),
        range.start(),
        range.end()
    )
}

/// Declares a section: a struct whose fields are its options, each `name: Type = default;` or
/// `name: Type = default, in low..=high;`, documented by its doc comment.
macro_rules! section {
    (
        $(#[doc = $section_doc:literal])*
        pub struct $name:ident in $section:literal {
            $(
                $(#[doc = $doc:literal])*
                $field:ident: $type:ty = $default:expr $(, in $range:expr)?;
            )*
        }
    ) => {
        $(#[doc = $section_doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[doc = $doc])* pub $field: $type, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }

        impl $crate::section::Section for $name {
            const NAME: &'static str = $section;

            fn info() -> $crate::section::SectionInfo {
                let defaults = Self::default();
                $crate::section::SectionInfo {
                    name: $section,
                    doc: &[$($section_doc),*],
                    options: vec![$( $crate::section::OptionInfo {
                        name: stringify!($field),
                        doc: &[$($doc),*],
                        expected: $crate::section::section!(@expected $type $(, $range)?),
                        choices: <$type as $crate::value::Setting>::choices(),
                        default: $crate::value::Setting::write(&defaults.$field),
                    }, )*],
                }
            }

            fn set(
                &mut self,
                option: &str,
                value: &toml::de::DeValue<'_>,
            ) -> Option<Result<(), $crate::value::Problem>> {
                match option {
                    $( stringify!($field) => Some(
                        $crate::section::section!(@read $type, value $(, $range)?)
                            .map(|read| self.$field = read),
                    ), )*
                    _ => None,
                }
            }

            fn values(&self) -> Vec<(&'static str, toml::Value)> {
                vec![$( (
                    stringify!($field),
                    $crate::value::Setting::write(&self.$field),
                ), )*]
            }
        }
    };
    (@expected $type:ty) => { <$type as $crate::value::Setting>::expected() };
    (@expected $type:ty, $range:expr) => { $crate::section::expected_in::<$type>(&($range)) };
    (@read $type:ty, $value:expr) => { <$type as $crate::value::Setting>::read($value) };
    (@read $type:ty, $value:expr, $range:expr) => {
        $crate::section::read_in::<$type>($value, &($range))
    };
}
pub(crate) use section;

/// Declares an option's closed list of named values, each `Variant = "name-in-the-file",` with a
/// doc comment; the first variant marked so by `Default` is up to the section.
macro_rules! choice {
    (
        $(#[doc = $enum_doc:literal])*
        pub enum $name:ident {
            $( $(#[doc = $doc:literal])* $variant:ident = $text:literal, )*
        }
    ) => {
        $(#[doc = $enum_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $( $(#[doc = $doc])* $variant, )*
        }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// The value's name in the file.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $text, )* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.name())
            }
        }

        impl $crate::value::Setting for $name {
            fn expected() -> String {
                $crate::value::one_of(Self::choices())
            }

            fn choices() -> &'static [$crate::section::Choice] {
                &[$( $crate::section::Choice { name: $text, doc: &[$($doc),*] }, )*]
            }

            fn read(value: &toml::de::DeValue<'_>) -> Result<Self, $crate::value::Problem> {
                value
                    .as_str()
                    .and_then(|text| Self::ALL.iter().copied().find(|one| one.name() == text))
                    .ok_or_else(|| $crate::value::Problem::choice(Self::choices(), value))
            }

            fn write(&self) -> toml::Value {
                toml::Value::String(self.name().to_owned())
            }
        }
    };
}
pub(crate) use choice;

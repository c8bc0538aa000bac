//! What an environment looks like to the user: color, badge, caution, by rules on its name and place.

use regex::Regex;

use crate::kinds::matches;
use crate::spec::EnvironmentSpec;

/// A pattern for the whole of a text: with `*` and `?`, or a regular expression between slashes.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// `*` stands for any text, `?` for any character.
    Glob(String),
    /// Found anywhere in the text, unless it is anchored.
    Regex(Regex),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it is between slashes and no regular expression.
    pub fn parse(text: &str) -> Result<Self, String> {
        let inner = text
            .strip_prefix('/')
            .and_then(|text| text.strip_suffix('/'));
        match inner.filter(|inner| !inner.is_empty()) {
            Some(inner) => {
                let regex = regex::RegexBuilder::new(inner).size_limit(1 << 20).build();
                regex
                    .map(Self::Regex)
                    .map_err(|error| format!("{text}: {error}"))
            }
            None => Ok(Self::Glob(text.to_owned())),
        }
    }

    fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Glob(pattern) => matches(pattern, text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// One rule.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// What must match, by key: `name`, `provider`, `group`, or a fact (`host`, `context`, `namespace`).
    pub patterns: Vec<(String, Pattern)>,
    /// What the rule sets.
    pub look: Look,
}

/// What is set for an environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// Its color: red, green, blue.
    pub color: Option<[u8; 3]>,
    /// A few letters.
    pub badge: Option<String>,
    /// Ask before several lines are pasted.
    pub production: Option<bool>,
    /// What an hour of it costs.
    pub cost: Option<f64>,
}

impl Rule {
    fn is_match(&self, env: &EnvironmentSpec) -> bool {
        self.patterns.iter().all(|(key, pattern)| {
            let text = match key.as_str() {
                "name" => env.name.as_str(),
                "provider" => env.id.provider.as_str(),
                "group" => env.group.as_deref().unwrap_or_default(),
                fact => env.fact(fact),
            };
            pattern.is_match(text)
        })
    }
}

/// What the rules say of an environment: of each thing, what the first says that matches and sets it.
#[must_use]
pub fn look(rules: &[Rule], env: &EnvironmentSpec) -> Look {
    let mut look = Look::default();
    for rule in rules.iter().filter(|rule| rule.is_match(env)) {
        look.color = look.color.or(rule.look.color);
        look.badge = look.badge.take().or_else(|| rule.look.badge.clone());
        look.production = look.production.or(rule.look.production);
        look.cost = look.cost.or(rule.look.cost);
    }
    look.cost = look.cost.or(env.cost_per_hour);
    look
}

#[cfg(test)]
mod tests {
    use super::{Look, Pattern, Rule, look};
    use crate::spec::EnvironmentSpec;

    fn rule(patterns: &[(&str, &str)], badge: Option<&str>, production: Option<bool>) -> Rule {
        let parse = |(key, text): &(&str, &str)| {
            ((*key).to_owned(), Pattern::parse(text).expect("a pattern"))
        };
        Rule {
            patterns: patterns.iter().map(parse).collect(),
            look: Look {
                badge: badge.map(str::to_owned),
                production,
                ..Look::default()
            },
        }
    }

    #[test]
    fn the_first_rule_that_sets_something_wins() {
        let rules = [
            rule(&[("namespace", "prod")], None, Some(true)),
            rule(&[("name", "/^web-[0-9]+$/")], Some("WEB"), None),
            rule(&[("name", "*")], Some("ANY"), Some(false)),
        ];
        let env = |name: &str, namespace: &str| {
            let id = "kubernetes:x".parse().expect("an id");
            EnvironmentSpec::new(id, name).with_fact("namespace", namespace)
        };
        let said = |name: &str, namespace: &str| {
            let look = look(&rules, &env(name, namespace));
            (look.badge.unwrap_or_default(), look.production)
        };
        assert_eq!(said("web-1", "prod"), ("WEB".into(), Some(true)));
        assert_eq!(said("web-x", "prod"), ("ANY".into(), Some(true)));
        assert_eq!(said("web-1", ""), ("WEB".into(), Some(false)));
    }

    #[test]
    fn a_bad_expression_is_named() {
        assert!(Pattern::parse("/(/").is_err_and(|error| error.starts_with("/(/: ")));
        assert!(matches!(Pattern::parse("/"), Ok(Pattern::Glob(_))));
    }
}

//! What a tool's complaint means: the description's own rules first, then those common to all tools.

use super::description::{FailureKind, FailureRule};
use super::provider::Described;
use super::template::Template;
use crate::failure::{self, Failure, Remedy, tidy};
use crate::tool::Output;

/// Classifies the answer of a tool that failed.
pub(super) fn classify(provider: &Described, output: &Output) -> Failure {
    match matching(provider, output) {
        Some((rule, Said { text, named })) => make(provider, rule, text, named),
        None => match failure::classify(output, &[]) {
            Failure::LoggedOut { .. } => logged_out(provider, None),
            other => other,
        },
    }
}

/// Whether the tool says that there is nothing.
pub(super) fn means_empty(provider: &Described, output: &Output) -> bool {
    matching(provider, output).is_some_and(|(rule, _)| rule.kind == FailureKind::Empty)
}

/// What a tool says of its failure.
struct Said {
    text: String,
    /// It is the name of what is not there, no sentence.
    named: bool,
}

/// The first rule that fits, with the line that it fits, or what of it the pattern's group `what` does.
fn matching<'a>(provider: &'a Described, output: &Output) -> Option<(&'a FailureRule, Said)> {
    let (stderr, stdout) = (output.stderr_text(), super::output::decode(&output.stdout));
    let status = i64::from(output.status.number());
    provider.description.failures.iter().find_map(|rule| {
        if !rule.exit.is_empty() && !rule.exit.contains(&status) {
            return None;
        }
        let Some(pattern) = &rule.text else {
            let said = stderr
                .lines()
                .chain(stdout.lines())
                .map(tidy)
                .find(|line| !line.is_empty());
            let text = said.unwrap_or_else(|| output.status.to_string());
            return Some((rule, Said { text, named: false }));
        };
        [&stderr, &stdout].into_iter().find_map(|text| {
            let found = pattern.captures(text)?;
            if let Some(what) = found.name("what") {
                let text = tidy(what.as_str());
                return Some((rule, Said { text, named: true }));
            }
            let found = found.get(0)?;
            let start = text[..found.start()].rfind('\n').map_or(0, |at| at + 1);
            let line = text[start..].lines().next().unwrap_or_default();
            let text = tidy(line);
            Some((rule, Said { text, named: false }))
        })
    })
}

fn make(provider: &Described, rule: &FailureRule, said: String, named: bool) -> Failure {
    let remedy = || remedy(provider, &rule.remedy, rule.say.as_deref());
    match rule.kind {
        FailureKind::Missing => Failure::Missing {
            program: said,
            remedy: remedy(),
        },
        FailureKind::LoggedOut => logged_out(provider, Some(rule)),
        FailureKind::NotSetUp => Failure::NotSetUp {
            said,
            remedy: remedy_or_login(provider, Some(rule)),
        },
        FailureKind::Forbidden => Failure::Forbidden {
            said,
            remedy: remedy(),
        },
        FailureKind::Down => Failure::Down {
            said,
            remedy: remedy(),
        },
        FailureKind::Gone if named => Failure::gone(said),
        FailureKind::Gone => Failure::Gone(said),
        // An empty list is dealt with before; anywhere else it is what the tool said.
        FailureKind::Empty => Failure::Other(said),
    }
}

/// Nobody is logged in; what logs in is the rule's own, else the description's.
pub(super) fn logged_out(provider: &Described, rule: Option<&FailureRule>) -> Failure {
    Failure::LoggedOut {
        remedy: remedy_or_login(provider, rule),
    }
}

/// The rule's own remedy, else what logs in.
fn remedy_or_login(provider: &Described, rule: Option<&FailureRule>) -> Remedy {
    let words = match rule {
        Some(rule) if !rule.remedy.is_empty() => &rule.remedy,
        _ => &provider.description.login,
    };
    remedy(provider, words, rule.and_then(|rule| rule.say.as_deref()))
}

fn remedy(provider: &Described, words: &[Template], say: Option<&str>) -> Remedy {
    let mut remedy = match provider.values().words(words) {
        Ok(words) if !words.is_empty() => Remedy::run(words),
        _ => Remedy::default(),
    };
    if let Some(say) = say {
        remedy.say = say.to_owned();
    }
    remedy
}

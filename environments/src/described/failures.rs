//! What a tool's complaint means: the description's own rules first, then those common to all tools.

use super::description::{FailureKind, FailureRule};
use super::provider::Described;
use super::template::Template;
use crate::failure::{self, Failure, Remedy, tidy};
use crate::tool::Output;

/// Classifies the answer of a tool that failed.
pub(super) fn classify(provider: &Described, output: &Output) -> Failure {
    match matching(provider, output) {
        Some((rule, said)) => make(provider, rule, said),
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

/// The first rule that fits, with the line that it fits, or what of it the pattern's group `what` does.
fn matching<'a>(provider: &'a Described, output: &Output) -> Option<(&'a FailureRule, String)> {
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
            return Some((rule, said.unwrap_or_else(|| output.status.to_string())));
        };
        [&stderr, &stdout].into_iter().find_map(|text| {
            let found = pattern.captures(text)?;
            if let Some(what) = found.name("what") {
                return Some((rule, tidy(what.as_str())));
            }
            let found = found.get(0)?;
            let start = text[..found.start()].rfind('\n').map_or(0, |at| at + 1);
            let line = text[start..].lines().next().unwrap_or_default();
            Some((rule, tidy(line)))
        })
    })
}

fn make(provider: &Described, rule: &FailureRule, said: String) -> Failure {
    let remedy = || remedy(provider, &rule.remedy, rule.say.as_deref());
    match rule.kind {
        FailureKind::Missing => Failure::Missing {
            program: said,
            remedy: remedy(),
        },
        FailureKind::LoggedOut => logged_out(provider, Some(rule)),
        FailureKind::Forbidden => Failure::Forbidden {
            said,
            remedy: remedy(),
        },
        FailureKind::Down => Failure::Down {
            said,
            remedy: remedy(),
        },
        FailureKind::Gone => Failure::Gone(said),
        // An empty list is dealt with before; anywhere else it is what the tool said.
        FailureKind::Empty => Failure::Other(said),
    }
}

/// Nobody is logged in; what logs in is the rule's own, else the description's.
pub(super) fn logged_out(provider: &Described, rule: Option<&FailureRule>) -> Failure {
    let words = match rule {
        Some(rule) if !rule.remedy.is_empty() => &rule.remedy,
        _ => &provider.description.login,
    };
    Failure::LoggedOut {
        remedy: remedy(provider, words, rule.and_then(|rule| rule.say.as_deref())),
    }
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

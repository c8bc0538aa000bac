//! What is stored at all, and what is replaced in it.

use regex::RegexSet;

use crate::record::{HostKind, Record, Trust};
use crate::redact::Redactor;

/// What is not stored, and what is replaced.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    redactor: Redactor,
    ignored: RegexSet,
    folders: RegexSet,
    hosts: RegexSet,
}

impl Policy {
    /// From the settings: patterns of secrets, and what is to be ignored: a regular expression on the
    /// command, `folder:GLOB` or `host:GLOB`. What cannot be used is left out and named.
    #[must_use]
    pub fn new(secrets: &[String], ignore: &[String]) -> (Self, Vec<String>) {
        let (redactor, bad) = Redactor::new(secrets);
        let mut problems: Vec<String> = bad.iter().map(ToString::to_string).collect();
        let (mut commands, mut folders, mut hosts) = (Vec::new(), Vec::new(), Vec::new());
        for rule in ignore {
            if let Some(glob) = rule.strip_prefix("folder:") {
                folders.push(glob_pattern(glob.trim()));
            } else if let Some(glob) = rule.strip_prefix("host:") {
                hosts.push(glob_pattern(glob.trim()));
            } else if let Err(error) = regex::Regex::new(rule) {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().to_owned();
                problems.push(format!(
                    "the pattern {rule:?} is no regular expression: {reason}"
                ));
            } else {
                commands.push(rule.clone());
            }
        }
        let set = |patterns: &[String]| RegexSet::new(patterns).unwrap_or_default();
        let policy = Self {
            redactor,
            ignored: set(&commands),
            folders: set(&folders),
            hosts: set(&hosts),
        };
        (policy, problems)
    }

    /// What takes secrets out.
    #[must_use]
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Whether a block may be stored.
    #[must_use]
    pub fn keeps(&self, record: &Record) -> bool {
        let host = &record.session.host;
        let elsewhere = host.kind != HostKind::Local;
        // bash-preexec switches `ignorespace` off, so the rule looks at the text itself.
        let hidden = record.command.unwanted || record.command.text.starts_with([' ', '\t']);
        if record.trust == Trust::Unverified || hidden {
            return false;
        }
        let folder = record.folder.as_deref().unwrap_or_default();
        let ignored = self.ignored.is_match(&record.command.text)
            || self.folders.is_match(folder)
            || (elsewhere && self.hosts.is_match(&host.name));
        !ignored
    }
}

/// A glob (`*` within a name, `**` across folders, `?`) as a pattern for a whole path; what is below a
/// matching folder matches too.
fn glob_pattern(glob: &str) -> String {
    let home = std::env::var("HOME").unwrap_or_default();
    let glob = match glob.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{home}{rest}"),
        _ => glob.to_owned(),
    };
    let mut pattern = String::from("^");
    let mut rest = glob.as_str();
    while let Some(one) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**") {
            pattern.push_str(".*");
            rest = after;
            continue;
        }
        match one {
            '*' => pattern.push_str("[^/]*"),
            '?' => pattern.push_str("[^/]"),
            _ => pattern.push_str(&regex::escape(one.encode_utf8(&mut [0; 4]))),
        }
        rest = &rest[one.len_utf8()..];
    }
    pattern.push_str("(?:/.*)?$");
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    #[test]
    fn what_the_user_does_not_want_is_not_kept() {
        let rules = ["^pass ", "folder:/home/*/secret", "host:bank-*", "("];
        let (policy, problems) = Policy::new(&[], &rules.map(str::to_owned));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("\"(\""));
        assert!(policy.keeps(&record("ls", "")));
        assert!(!policy.keeps(&record("pass show x", "")));
        assert!(!policy.keeps(&record(" ls", "")));
        let mut unwanted = record("ls", "");
        unwanted.command.unwanted = true;
        assert!(!policy.keeps(&unwanted));
        let mut unverified = record("ls", "");
        unverified.trust = Trust::Unverified;
        assert!(!policy.keeps(&unverified));
        for (folder, kept) in [
            ("/home/me/secret", false),
            ("/home/me/secret/a/b", false),
            ("/home/me/secrets", true),
            ("/home/a/b/secret", true),
        ] {
            let mut at = record("ls", "");
            at.folder = Some(folder.to_owned());
            assert_eq!(policy.keeps(&at), kept, "{folder}");
        }
        let mut remote = record("ls", "");
        remote.session.host.kind = HostKind::Ssh;
        remote.session.host.name = "bank-7".to_owned();
        assert!(!policy.keeps(&remote));
    }
}

//! `[[hints]]`: what hint mode finds besides addresses, paths, hashes and IP addresses.

use std::ops::Range;

use regex::Regex;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::nearest::nearest;
use crate::section::choice;
use crate::value::{Problem, Setting, describe};

/// The most that are read; more would not get labels that one can type.
const MAX_HINTS: usize = 64;

const FIELDS: [&str; 5] = ["name", "regex", "action", "alternative", "command"];

choice! {
    /// What is done with a hint.
    pub enum HintAction {
        /// Open it: an address with the opener, a path with the editor.
        Open = "open",
        /// Copy it to the clipboard.
        Copy = "copy",
        /// Put it at the prompt, as a paste.
        Insert = "insert",
        /// Run the command with it.
        Run = "run",
    }
}

/// One kind of hint of the user's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HintRule {
    /// What it is called in messages.
    pub name: String,
    /// What is found. Its first group, if it has one, is what the action gets.
    pub regex: String,
    /// What is done with it.
    pub action: HintAction,
    /// What is done with it when the label is typed with shift.
    pub alternative: HintAction,
    /// Program and arguments for [`HintAction::Run`]: `{}` is what was found; without it, it comes last.
    pub command: Vec<String>,
}

impl HintRule {
    /// The command for what was found, never through a shell.
    #[must_use]
    pub fn command_for(&self, found: &str) -> Vec<String> {
        let mut command: Vec<String> = self
            .command
            .iter()
            .map(|part| part.replace("{}", found))
            .collect();
        if !self.command.iter().any(|part| part.contains("{}")) {
            command.push(found.to_owned());
        }
        command
    }
}

/// The user's own hints, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints(Vec<HintRule>);

impl Hints {
    /// The array's name in the file.
    pub const NAME: &'static str = "hints";

    /// Every rule.
    pub fn iter(&self) -> impl Iterator<Item = &HintRule> {
        self.0.iter()
    }

    /// A rule by its place.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&HintRule> {
        self.0.get(index)
    }

    /// Reads `[[hints]]` over what there is; mistakes come with their place in the text, and cost the rule
    /// that they are in.
    pub(crate) fn read(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(Range<usize>, Problem)> {
        const EXPECTED: &str = "[[hints]]: tables with a regex and an action";
        let mut problems = Vec::new();
        let Some(array) = value.get_ref().as_array() else {
            problems.push((value.span(), Problem::kind(EXPECTED, value.get_ref())));
            return problems;
        };
        for item in array.iter() {
            match item.get_ref().as_table() {
                Some(table) => match read_rule(table, item.span()) {
                    Ok(rule) if self.0.len() < MAX_HINTS => {
                        match self.0.iter_mut().find(|known| known.name == rule.name) {
                            Some(known) => *known = rule,
                            None => self.0.push(rule),
                        }
                    }
                    Ok(_) => {
                        let message = format!("more than {MAX_HINTS} hints");
                        problems.push((item.span(), Problem::meaning(message, "fewer")));
                    }
                    Err(problem) => problems.push(problem),
                },
                None => problems.push((item.span(), Problem::kind(EXPECTED, item.get_ref()))),
            }
        }
        problems
    }
}

fn read_rule(table: &DeTable<'_>, span: Range<usize>) -> Result<HintRule, (Range<usize>, Problem)> {
    for key in table.keys() {
        let name = key.get_ref().as_ref();
        if !FIELDS.contains(&name) {
            let hint = nearest(name, FIELDS)
                .map_or_else(|| FIELDS.join(", "), |near| format!("\"{near}\""));
            let message = format!("unknown \"{}\"", name.escape_debug());
            return Err((key.span(), Problem::meaning(message, hint)));
        }
    }
    let regex: String = field(table, "regex")?.ok_or_else(|| {
        let problem = Problem::meaning("the hint has no regex", "regex = '…'");
        (span.clone(), problem)
    })?;
    let at = |name: &str| table.get(name).map_or(span.clone(), Spanned::span);
    match Regex::new(&regex) {
        Ok(read) if read.is_match("") => {
            let problem = Problem::meaning(
                format!("regex: \"{}\" matches the empty text", regex.escape_debug()),
                "an expression that matches at least one character",
            );
            return Err((at("regex"), problem));
        }
        Ok(_) => {}
        Err(error) => {
            let error = error.to_string();
            let reason = error.rsplit("error: ").next().unwrap_or(&error).trim();
            let problem = Problem::meaning(
                format!("regex: {reason}"),
                "a regular expression as the Rust crate regex has them",
            );
            return Err((at("regex"), problem));
        }
    }
    let command: Vec<String> = field(table, "command")?.unwrap_or_default();
    let action = field(table, "action")?.unwrap_or(if command.is_empty() {
        HintAction::Copy
    } else {
        HintAction::Run
    });
    let alternative = field(table, "alternative")?.unwrap_or(HintAction::Copy);
    if command.is_empty() && [action, alternative].contains(&HintAction::Run) {
        let problem = Problem::meaning(
            "the hint runs nothing",
            "command = [\"program\", \"argument\", \"{}\"]",
        );
        return Err((at("action"), problem));
    }
    let name = field(table, "name")?.unwrap_or_else(|| regex.clone());
    Ok(HintRule {
        name,
        regex,
        action,
        alternative,
        command,
    })
}

fn field<T: Setting>(
    table: &DeTable<'_>,
    name: &str,
) -> Result<Option<T>, (Range<usize>, Problem)> {
    let Some(value) = table.get(name) else {
        return Ok(None);
    };
    T::read(value.get_ref()).map(Some).map_err(|problem| {
        let message = format!("{name}: {}", problem.message);
        let message = if problem.message.is_empty() {
            format!("{name}: found {}", describe(value.get_ref()))
        } else {
            message
        };
        (value.span(), Problem { message, ..problem })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Hints, Vec<String>) {
        let table = DeTable::parse(text).unwrap();
        let mut hints = Hints::default();
        let problems = hints.read(table.get_ref().get("hints").unwrap());
        let problems = problems
            .into_iter()
            .map(|(span, problem)| format!("{}: {problem}", &text[span]))
            .collect();
        (hints, problems)
    }

    #[test]
    fn rules_are_read() {
        let (hints, problems) = read(
            "[[hints]]\nregex = 'JIRA-\\d+'\ncommand = ['open-issue', '--id={}']\n\
             [[hints]]\nname = 'color'\nregex = '#[0-9a-f]{6}'\naction = 'insert'\n",
        );
        assert_eq!(problems, Vec::<String>::new());
        let first = hints.get(0).unwrap();
        assert_eq!(
            (first.action, first.alternative),
            (HintAction::Run, HintAction::Copy)
        );
        assert_eq!(
            first.command_for("JIRA-7; rm"),
            ["open-issue", "--id=JIRA-7; rm"]
        );
        assert_eq!(hints.get(1).unwrap().action, HintAction::Insert);
        let plain = HintRule {
            command: vec!["show".to_owned()],
            ..first.clone()
        };
        assert_eq!(plain.command_for("x"), ["show", "x"]);
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (hints, problems) = read(text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(expected), "{problems:?}");
        assert_eq!(hints.iter().count(), 0);
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        check("hints = 3", "3: found 3; expected [[hints]]");
        check("[[hints]]\nregex = '(a'", "'(a': regex: unclosed group");
        check("[[hints]]\nregex = 'a*'", "matches the empty text");
        check("[[hints]]\naction = 'copy'", "has no regex");
        check("[[hints]]\nregex = 'a'\naction = 'run'", "runs nothing");
        check(
            "[[hints]]\nregex = 'a'\naction = 'coppy'",
            "did you mean \"copy\"",
        );
        check(
            "[[hints]]\nregexp = 'a'",
            "regexp: unknown \"regexp\"; expected \"regex\"",
        );
    }
}

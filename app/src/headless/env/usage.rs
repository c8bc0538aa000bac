//! `terrace env … --json` that is not understood: a document, as for every other error.

use std::ffi::OsString;

use environments::{Failure, Remedy};

/// The document for a mistake in the command line; `None` where none is wanted, or where help was asked for.
pub(crate) fn document(error: &clap::Error, words: &[OsString]) -> Option<String> {
    let ours: Vec<&OsString> = words.iter().take_while(|word| *word != "--").collect();
    let has = |text: &str| ours.iter().any(|word| *word == text);
    if !error.use_stderr() || !has("env") || !has("--json") {
        return None;
    }
    let text = error.render().to_string();
    let said = text.split("\n\n").next().unwrap_or_default();
    let said: Vec<&str> = said.split_whitespace().collect();
    let said = said.join(" ");
    let failure = Failure::Refused(said.trim_start_matches("error: ").to_owned())
        .with_remedy(Remedy::say("see terrace env --help"));
    Some(super::document(&failure))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser;

    use super::document;
    use crate::cli::Cli;

    fn of(words: &[&str]) -> Option<serde_json::Value> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let error = Cli::try_parse_from(&words).expect_err("it is wrong");
        let text = document(&error, &words)?;
        Some(serde_json::from_str(&text).expect("JSON"))
    }

    #[test]
    fn a_mistake_is_a_document_where_that_is_wanted() {
        for words in [
            ["terrace", "env", "forward", "x", "99999", "--json"].as_slice(),
            &["terrace", "env", "diff", "a", "b", "--json"],
            &["terrace", "env", "--json", "run", "lab"],
        ] {
            let value = of(words).expect("a document");
            assert_eq!(value["failure"]["kind"], "refused", "{value}");
            let message = value["failure"]["message"].as_str().unwrap_or_default();
            assert!(
                !message.is_empty() && !message.starts_with("error"),
                "{value}"
            );
            assert!(value["failure"]["remedy"].is_string(), "{value}");
        }
        assert_eq!(of(&["terrace", "env", "run", "lab"]), None);
        assert_eq!(of(&["terrace", "env", "run", "--help", "--json"]), None);
        assert_eq!(of(&["terrace", "env", "list", "-x", "--", "--json"]), None);
    }
}

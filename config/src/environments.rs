//! `[environments]`: the places where shells can run, and how each is told from the others.

use std::collections::BTreeMap;

use toml::de::DeValue;

use crate::colors::Rgb;
use crate::nearest::nearest;
use crate::section::{choice, section};
use crate::value::{Problem, Setting};

section! {
    /// Hosts, containers, pods: the places beside this machine where shells can run.
    ///
    /// What an environment looks like is said by rules, each in a table of its own:
    ///
    ///   [[environments.rules]]
    ///   name = "*prod*"          # a pattern with * and ?, or a regular expression: "/^web-\\d+$/"
    ///   color = "#e06c75"
    ///   badge = "PROD"
    ///   production = true
    ///
    /// A rule may match on `name`, `provider` (ssh, docker, podman, compose, devcontainer, kubernetes …),
    /// `host`, `context`, `namespace` and `group`; all that are given must match. It may set `color`, `badge` (a
    /// few letters on the tab), `production` (ask before several lines are pasted) and `cost` (what an hour costs
    /// while it runs). Where several rules match, the first that sets something wins.
    pub struct Environments in "environments" {
        /// Kinds of environment that are not shown: "podman", "kubernetes".
        hide: Vec<String> = Vec::new();
        /// Hosts for ssh beside those of its configuration: "me@build.example", "10.0.0.7:2222".
        hosts: Vec<String> = Vec::new();
        /// Contexts of Kubernetes whose pods are listed beside the current one's, with * for any text.
        contexts: Vec<String> = Vec::new();
        /// What described kinds must know before they can list anything, by kind and name:
        /// `{ "qovery.project" = "Shop", "aws-ecs.cluster" = "main" }`. Which names there are stands in the
        /// manual's page "environments-descriptions".
        settings: BTreeMap<String, String> = BTreeMap::new();
        /// Share one connection among all panes on an ssh host, so that the second opens at once. Where ssh's own
        /// configuration says something of ControlMaster or ControlPath, that stands.
        share_connections: bool = true;
        /// What is done when a connection is lost. The pane keeps its content in any case, and connects again
        /// when Enter is pressed.
        reconnect: Reconnect = Reconnect::Auto;
        /// Run the shell over there within tmux, screen, dtach or abduco, the first of them that is there, so
        /// that what runs survives a lost connection. Within tmux and screen a shell has one block, not one a command.
        survive: bool = false;
        /// After how many minutes without input an environment that costs money is pointed out; 0: never.
        idle_minutes: u32 = 30, in 0..=10_000;
        /// Colors, badges and more by name; see above.
        rules: Vec<EnvironmentRule> = Vec::new();
    }
}

choice! {
    /// What is done when a connection is lost.
    pub enum Reconnect {
        /// Connect again by itself, at first after a second, then ever less often.
        Auto = "auto",
        /// Wait for Enter.
        Ask = "ask",
    }
}

/// What an environment looks like, if it matches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnvironmentRule {
    /// Pattern for the name.
    pub name: Option<String>,
    /// Pattern for the kind.
    pub provider: Option<String>,
    /// Pattern for the host.
    pub host: Option<String>,
    /// Pattern for the Kubernetes context.
    pub context: Option<String>,
    /// Pattern for the Kubernetes namespace.
    pub namespace: Option<String>,
    /// Pattern for what it is listed under: a Compose project, a repository.
    pub group: Option<String>,
    /// Its color.
    pub color: Option<Rgb>,
    /// A few letters on its tab.
    pub badge: Option<String>,
    /// Ask before several lines are pasted.
    pub production: Option<bool>,
    /// What an hour of it costs.
    pub cost: Option<f32>,
}

impl EnvironmentRule {
    const PATTERNS: [&'static str; 6] =
        ["name", "provider", "host", "context", "namespace", "group"];
    const KEYS: [&'static str; 10] = [
        "name",
        "provider",
        "host",
        "context",
        "namespace",
        "group",
        "color",
        "badge",
        "production",
        "cost",
    ];

    fn pattern(&mut self, key: &str) -> Option<&mut Option<String>> {
        Some(match key {
            "name" => &mut self.name,
            "provider" => &mut self.provider,
            "host" => &mut self.host,
            "context" => &mut self.context,
            "namespace" => &mut self.namespace,
            "group" => &mut self.group,
            _ => return None,
        })
    }

    /// The patterns that are given, by key.
    pub fn patterns(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            &self.name,
            &self.provider,
            &self.host,
            &self.context,
            &self.namespace,
            &self.group,
        ];
        Self::PATTERNS
            .into_iter()
            .zip(all)
            .filter_map(|(key, pattern)| Some((key, pattern.as_deref()?)))
    }

    fn set(&mut self, key: &str, value: &DeValue<'_>) -> Result<(), Problem> {
        if let Some(pattern) = self.pattern(key) {
            *pattern = Some(String::read(value)?);
            return Ok(());
        }
        match key {
            "color" => self.color = Some(Rgb::read(value)?),
            "badge" => {
                let badge = String::read(value)?;
                if badge.is_empty()
                    || badge.chars().count() > 8
                    || badge.chars().any(char::is_control)
                {
                    return Err(Problem::kind("a text of 1 to 8 characters", value));
                }
                self.badge = Some(badge);
            }
            "production" => self.production = Some(bool::read(value)?),
            "cost" => {
                let cost = f32::read(value)?;
                if cost < 0.0 {
                    return Err(Problem::kind("a number from 0", value));
                }
                self.cost = Some(cost);
            }
            _ => {
                let near = nearest(key, Self::KEYS);
                let hint = near
                    .map(|near| format!(" (did you mean \"{near}\"?)"))
                    .unwrap_or_default();
                return Err(Problem::meaning(
                    format!("unknown key \"{key}\"{hint}"),
                    format!("one of {}", Self::KEYS.join(", ")),
                ));
            }
        }
        Ok(())
    }
}

impl Setting for Vec<EnvironmentRule> {
    fn expected() -> String {
        "tables [[environments.rules]]".to_owned()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, Problem> {
        let wrong = || Problem::kind(Self::expected(), value);
        let array = value.as_array().ok_or_else(wrong)?;
        let mut rules = Self::new();
        for (index, item) in array.iter().enumerate() {
            let table = item.get_ref().as_table().ok_or_else(wrong)?;
            let mut rule = EnvironmentRule::default();
            for (key, value) in table.iter() {
                let (name, at): (&str, _) = (key.get_ref(), key.span());
                rule.set(name, value.get_ref()).map_err(|problem| Problem {
                    message: format!("rule {}: {name}: {}", index + 1, problem.message),
                    at: Some(at),
                    ..problem
                })?;
            }
            if rule.patterns().next().is_none() {
                let message = format!("rule {} matches on nothing", index + 1);
                return Err(Problem {
                    at: Some(item.span()),
                    ..Problem::meaning(message, EnvironmentRule::PATTERNS.join(", "))
                });
            }
            rules.push(rule);
        }
        Ok(rules)
    }

    fn write(&self) -> toml::Value {
        let table = |rule: &EnvironmentRule| {
            let mut table = toml::Table::new();
            for (key, pattern) in rule.patterns() {
                table.insert(key.to_owned(), toml::Value::String(pattern.to_owned()));
            }
            if let Some(color) = &rule.color {
                table.insert("color".to_owned(), color.write());
            }
            if let Some(badge) = &rule.badge {
                table.insert("badge".to_owned(), badge.write());
            }
            if let Some(production) = rule.production {
                table.insert("production".to_owned(), production.write());
            }
            if let Some(cost) = rule.cost {
                table.insert("cost".to_owned(), cost.write());
            }
            toml::Value::Table(table)
        };
        toml::Value::Array(self.iter().map(table).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Rgb, Sources, load};

    fn read(text: &str) -> (crate::Config, Vec<String>) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("terrace.toml");
        std::fs::write(&file, text).expect("writable");
        let loaded = load(&Sources {
            file: Some(file),
            overrides: Vec::new(),
        });
        let problems = loaded.diagnostics.iter().map(ToString::to_string).collect();
        (loaded.config, problems)
    }

    #[test]
    fn a_wrong_rule_is_named_where_it_is() {
        let good = "[[environments.rules]]\nname = \"*\"\n";
        let text = format!("{good}{good}[[environments.rules]]\nname = \"*\"\ncost = \"a lot\"\n");
        let (_, problems) = read(&text);
        assert!(problems[0].contains("terrace.toml:7:1: "), "{problems:?}");
        let text = format!("{good}\n[[environments.rules]]\nbadge = \"A\"\n");
        let (_, problems) = read(&text);
        assert!(problems[0].contains("terrace.toml:4:1: "), "{problems:?}");
    }

    #[test]
    fn rules_are_tables() {
        let text = "[environments]\nsurvive = true\n\n[[environments.rules]]\nname = \"*prod*\"\ncolor = \"#e06c75\"\nbadge = \"PROD\"\nproduction = true\n\n[[environments.rules]]\nprovider = \"ssh\"\nhost = \"/^db/\"\ncost = 0.25\n";
        let (config, problems) = read(text);
        assert_eq!(problems, Vec::<String>::new());
        let rules = &config.environments.rules;
        assert!(config.environments.survive);
        assert_eq!(rules.len(), 2);
        assert_eq!(rules[0].badge.as_deref(), Some("PROD"));
        assert_eq!(
            rules[0].color,
            Some(Rgb {
                r: 0xe0,
                g: 0x6c,
                b: 0x75
            })
        );
        assert_eq!(
            rules[1].patterns().collect::<Vec<_>>(),
            [("provider", "ssh"), ("host", "/^db/")]
        );
    }

    #[track_caller]
    fn check(rule: &str, expected: &str) {
        let (config, problems) = read(&format!("[[environments.rules]]\n{rule}\n"));
        assert!(config.environments.rules.is_empty());
        assert!(
            problems.iter().any(|problem| problem.contains(expected)),
            "{problems:?}"
        );
    }

    #[test]
    fn mistakes_name_the_rule_and_the_key() {
        check("nam = \"x\"", "did you mean \"name\"?");
        check("badge = \"X\"", "rule 1 matches on nothing");
        check("name = \"x\"\nbadge = \"much too long\"", "rule 1: badge");
        check("name = \"x\"\ncost = -1", "a number from 0");
        check("name = \"x\"\ncolor = 3", "rule 1: color");
    }
}

//! `[[layouts]]`: tabs and panes with their folders and commands, opened at once by name.
//!
//! Reading takes what is right and tells every mistake with its place; a layout with a mistake is left out.

use std::fmt::Write as _;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::nearest::nearest;
use crate::value::{Problem, Setting, describe};

/// Every layout of the settings, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layouts(Vec<LayoutSpec>);

/// One layout.
#[derive(Clone, Debug, PartialEq)]
pub struct LayoutSpec {
    /// Its name.
    pub name: String,
    /// Its tabs, from left to right; at least one.
    pub tabs: Vec<TabSpec>,
}

/// One tab of a layout.
#[derive(Clone, Debug, PartialEq)]
pub struct TabSpec {
    /// The name that the user gave it.
    pub name: Option<String>,
    /// Its panes.
    pub root: NodeSpec,
}

/// A pane, or several beside each other.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeSpec {
    /// One pane.
    Pane(PaneSpec),
    /// Two parts or more.
    Split {
        /// How they lie.
        split: Split,
        /// Each with its share of the length, from left to right or from top to bottom.
        parts: Vec<(f32, NodeSpec)>,
    },
}

/// How the parts of a split lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Side by side: `"columns"`.
    Columns,
    /// One above the other: `"rows"`.
    Rows,
}

/// One pane of a layout.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaneSpec {
    /// The folder in which it starts; may begin with `~/`.
    pub folder: Option<String>,
    /// Program and arguments instead of the shell; empty: the shell.
    pub command: Vec<String>,
    /// A line typed into the shell once it is there.
    pub run: Option<String>,
    /// The pane has the keyboard when the tab is shown.
    pub focus: bool,
}

/// More tabs or panes than these are a mistake.
const MAX_PARTS: usize = 200;
/// Splits inside of splits.
const MAX_DEPTH: usize = 16;

const NODE_KEYS: [&str; 6] = ["folder", "command", "run", "focus", "split", "panes"];

impl Layouts {
    /// The array's name in the file.
    pub const NAME: &'static str = "layouts";

    /// Every layout, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &LayoutSpec> {
        self.0.iter()
    }

    /// The layout of a name; the error names the nearest one.
    ///
    /// # Errors
    /// When there is none.
    pub fn get(&self, name: &str) -> Result<&LayoutSpec, String> {
        self.0.iter().find(|one| one.name == name).ok_or_else(|| {
            let mut text = format!("no layout \"{}\"", name.escape_debug());
            let names = self.0.iter().map(|one| one.name.as_str());
            match nearest(name, names) {
                Some(near) => {
                    let _ = write!(text, " (did you mean \"{near}\"?)");
                }
                None if self.0.is_empty() => text.push_str("; the settings have no [[layouts]]"),
                None => {
                    let names: Vec<&str> = self.0.iter().map(|one| one.name.as_str()).collect();
                    let _ = write!(text, "; there are {}", names.join(", "));
                }
            }
            text
        })
    }

    /// Takes a layout in, in the place of one of the same name.
    pub fn insert(&mut self, layout: LayoutSpec) {
        match self.0.iter_mut().find(|one| one.name == layout.name) {
            Some(known) => *known = layout,
            None => self.0.push(layout),
        }
    }

    /// Reads `[[layouts]]` over what there is; mistakes come with their place in the text.
    pub(crate) fn read(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(Range<usize>, Problem)> {
        let mut reader = Reader::default();
        let Some(array) = value.get_ref().as_array() else {
            reader.wrong(value, "[[layouts]]: tables with a name and tabs");
            return reader.problems;
        };
        for item in array.iter() {
            let before = reader.problems.len();
            if let Some(layout) = reader.layout(item)
                && reader.problems.len() == before
            {
                self.insert(layout);
            }
        }
        reader.problems
    }
}

impl LayoutSpec {
    /// The layout as text of the settings file; reading it gives the same layout.
    #[must_use]
    pub fn write(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut text = format!("[[layouts]]\nname = {}\n", quoted(&self.name));
        for tab in &self.tabs {
            text.push_str("\n[[layouts.tabs]]\n");
            if let Some(name) = &tab.name {
                let _ = writeln!(text, "name = {}", quoted(name));
            }
            match &tab.root {
                NodeSpec::Pane(pane) => {
                    for (key, value) in pane.fields() {
                        let _ = writeln!(text, "{key} = {value}");
                    }
                }
                NodeSpec::Split { split, parts } => {
                    let _ = writeln!(text, "split = \"{}\"\npanes = [", split.name());
                    for (share, part) in parts {
                        text.push_str("  ");
                        part.write(*share, &mut text);
                        text.push_str(",\n");
                    }
                    text.push_str("]\n");
                }
            }
        }
        text
    }
}

impl NodeSpec {
    /// As an inline table.
    fn write(&self, share: f32, text: &mut String) {
        let mut fields = Vec::new();
        if (share - 1.0).abs() > f32::EPSILON {
            fields.push(format!("share = {}", share.write()));
        }
        match self {
            NodeSpec::Pane(pane) => {
                let own = pane.fields().into_iter();
                fields.extend(own.map(|(key, value)| format!("{key} = {value}")));
            }
            NodeSpec::Split { split, parts } => {
                fields.push(format!("split = \"{}\"", split.name()));
                let mut inner = String::new();
                for (at, (share, part)) in parts.iter().enumerate() {
                    if at > 0 {
                        inner.push_str(", ");
                    }
                    part.write(*share, &mut inner);
                }
                fields.push(format!("panes = [{inner}]"));
            }
        }
        if fields.is_empty() {
            text.push_str("{}");
        } else {
            let _ = write!(text, "{{ {} }}", fields.join(", "));
        }
    }
}

impl PaneSpec {
    fn fields(&self) -> Vec<(&'static str, toml::Value)> {
        let mut fields = Vec::new();
        if let Some(folder) = &self.folder {
            fields.push(("folder", folder.write()));
        }
        if !self.command.is_empty() {
            fields.push(("command", self.command.write()));
        }
        if let Some(run) = &self.run {
            fields.push(("run", run.write()));
        }
        if self.focus {
            fields.push(("focus", self.focus.write()));
        }
        fields
    }
}

impl Split {
    fn name(self) -> &'static str {
        match self {
            Split::Columns => "columns",
            Split::Rows => "rows",
        }
    }
}

/// What is being read, and what was wrong so far.
#[derive(Default)]
struct Reader {
    problems: Vec<(Range<usize>, Problem)>,
}

impl Reader {
    fn wrong(&mut self, value: &Spanned<DeValue<'_>>, expected: &str) {
        let problem = Problem::kind(expected, value.get_ref());
        self.problems.push((value.span(), problem));
    }

    fn say(&mut self, place: Range<usize>, message: String, expected: &str) {
        self.problems
            .push((place, Problem::meaning(message, expected)));
    }

    /// The value as a table with none but these keys.
    fn table<'a, 'i>(
        &mut self,
        value: &'a Spanned<DeValue<'i>>,
        keys: &[&[&str]],
        expected: &str,
    ) -> Option<&'a DeTable<'i>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(value, expected);
            return None;
        };
        let known: Vec<&str> = keys.iter().flat_map(|some| some.iter().copied()).collect();
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let near = nearest(name, known.iter().copied())
                    .map_or_else(String::new, |near| format!(" (did you mean \"{near}\"?)"));
                let message = format!("unknown \"{}\"{near}", name.escape_debug());
                self.say(key.span(), message, &known.join(", "));
            }
        }
        Some(table)
    }

    /// One field, read as a setting is.
    fn field<T: Setting>(&mut self, table: &DeTable<'_>, key: &str) -> Option<T> {
        let value = table.get(key)?;
        match T::read(value.get_ref()) {
            Ok(read) => Some(read),
            Err(problem) => {
                let message = format!("{key}: {}", problem.message);
                self.say(value.span(), message, &problem.expected);
                None
            }
        }
    }

    fn layout(&mut self, value: &Spanned<DeValue<'_>>) -> Option<LayoutSpec> {
        const EXPECTED: &str = "a table with a name and [[layouts.tabs]]";
        let table = self.table(value, &[&["name", "tabs"]], EXPECTED)?;
        let name: Option<String> = self.field(table, "name");
        match &name {
            Some(name) if name.trim().is_empty() => {
                self.say(value.span(), "the name is empty".to_owned(), "a name");
            }
            None if table.get("name").is_none() => {
                self.say(
                    value.span(),
                    "the layout has no name".to_owned(),
                    "name = \"…\"",
                );
            }
            _ => {}
        }
        let Some(tabs) = table.get("tabs") else {
            self.say(
                value.span(),
                "the layout has no tabs".to_owned(),
                "[[layouts.tabs]]",
            );
            return None;
        };
        let Some(array) = tabs.get_ref().as_array().filter(|array| !array.is_empty()) else {
            self.wrong(tabs, "[[layouts.tabs]], at least one");
            return None;
        };
        if array.len() > MAX_PARTS {
            let message = format!("{} tabs", array.len());
            self.say(tabs.span(), message, &format!("at most {MAX_PARTS}"));
            return None;
        }
        let tabs: Vec<TabSpec> = array.iter().filter_map(|tab| self.tab(tab)).collect();
        Some(LayoutSpec { name: name?, tabs })
    }

    fn tab(&mut self, value: &Spanned<DeValue<'_>>) -> Option<TabSpec> {
        let table = self.table(value, &[&["name"], &NODE_KEYS], "a table for a tab")?;
        let name = self.field(table, "name");
        let root = self.node(value, table, 0)?;
        Some(TabSpec { name, root })
    }

    fn node(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        table: &DeTable<'_>,
        depth: usize,
    ) -> Option<NodeSpec> {
        let Some(panes) = table.get("panes") else {
            if table.contains_key("split") {
                let message = "a split without panes".to_owned();
                self.say(value.span(), message, "panes = [{ … }, { … }]");
            }
            return self.pane(value, table).map(NodeSpec::Pane);
        };
        for key in ["folder", "command", "run", "focus"] {
            if let Some(own) = table.get(key) {
                let message = format!("\"{key}\" stands beside \"panes\"");
                self.say(
                    own.span(),
                    message,
                    &format!("\"{key}\" in one of the panes"),
                );
            }
        }
        let split = match table.get("split") {
            None => Some(Split::Columns),
            Some(word) => match word.get_ref().as_str() {
                Some("columns") => Some(Split::Columns),
                Some("rows") => Some(Split::Rows),
                _ => {
                    self.wrong(word, "\"columns\" (side by side) or \"rows\"");
                    None
                }
            },
        };
        let Some(array) = panes.get_ref().as_array().filter(|array| array.len() >= 2) else {
            self.wrong(panes, "an array of two panes or more");
            return None;
        };
        if array.len() > MAX_PARTS || depth >= MAX_DEPTH {
            let message = format!("{} panes, {depth} splits deep", array.len());
            let expected = format!("at most {MAX_PARTS} panes and {MAX_DEPTH} splits");
            self.say(panes.span(), message, &expected);
            return None;
        }
        let mut parts = Vec::new();
        for item in array.iter() {
            let keys: [&[&str]; 2] = [&["share"], &NODE_KEYS];
            let Some(table) = self.table(item, &keys, "a table for a pane") else {
                continue;
            };
            let share = self.share(table);
            if let Some(node) = self.node(item, table, depth + 1) {
                parts.push((share, node));
            }
        }
        Some(NodeSpec::Split {
            split: split?,
            parts,
        })
    }

    fn share(&mut self, table: &DeTable<'_>) -> f32 {
        let share = self.field::<f32>(table, "share").unwrap_or(1.0);
        if (0.01..=100.0).contains(&share) {
            return share;
        }
        if let Some(value) = table.get("share") {
            let message = format!("share: found {}", describe(value.get_ref()));
            self.say(value.span(), message, "a number from 0.01 to 100");
        }
        1.0
    }

    fn pane(&mut self, value: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> Option<PaneSpec> {
        let command: Vec<String> = self.field(table, "command").unwrap_or_default();
        let run: Option<String> = self.field(table, "run");
        if !command.is_empty() && run.is_some() {
            let message = "\"run\" is typed into a shell, and \"command\" replaces it".to_owned();
            self.say(value.span(), message, "one of the two");
            return None;
        }
        if let Some(run) = run
            .as_deref()
            .filter(|run| run.chars().any(char::is_control))
        {
            let message = format!("run: \"{}\" has control characters", run.escape_debug());
            self.say(value.span(), message, "one line");
            return None;
        }
        Some(PaneSpec {
            folder: self.field(table, "folder"),
            command,
            run,
            focus: self.field(table, "focus").unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests;

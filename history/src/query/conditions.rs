//! A filter as a question to the database: what the word index is asked, and what is left to conditions
//! on rows.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::Filter;
use crate::record::HostKind;
use crate::time::millis;

/// Folders that one question may name; a filter that means more is a condition on rows instead.
const MAX_FOLDERS: usize = 400;
/// Commands of which a short beginning may be the beginning of, before all blocks are walked instead.
const MAX_COMMANDS: i64 = 1000;
/// Blocks that may be sorted.
const MAX_SORTED: i64 = 5000;

/// How exactly the index is asked for words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// As they are.
    Whole,
    /// By what finds more and is answered at once; the texts must be checked.
    Coarse,
}

/// A filter in the database's terms.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    /// What the index is asked; `None`: it is not needed.
    pub(super) question: Option<String>,
    /// Conditions on `b`, `c` and `d`, to be joined by AND.
    pub(super) rows: Vec<String>,
    /// Values of the conditions' parameters, from ?1.
    pub(super) values: Vec<Value>,
    /// The smallest and the largest row.
    pub(super) span: (i64, i64),
    /// Nothing can be found.
    pub(super) nothing: bool,
    /// Few blocks are bookmarked: begin with those.
    pub(super) from_bookmarks: bool,
    /// Few commands begin so: begin with those.
    pub(super) from_commands: bool,
}

impl Conditions {
    /// Looks up what the filter names.
    pub(super) fn new(
        connection: &Connection,
        filter: &Filter,
        words: Words,
    ) -> rusqlite::Result<Self> {
        let since = filter.since.map_or(i64::MIN, millis);
        let until = filter.until.map_or(i64::MAX, |time| millis(time) - 1);
        let before = filter.before.map_or(i64::MAX, |id| id - 1);
        let mut found = Self {
            span: (since, until.min(before)),
            from_bookmarks: filter.bookmarked,
            ..Self::default()
        };
        let mut asked: Vec<String> = Vec::new();
        found.text(connection, filter, words, &mut asked)?;
        if filter.host.is_some() || filter.kind.is_some() {
            let ids: Vec<i64> = connection
                .prepare_cached(
                    "SELECT id FROM host WHERE (?1 IS NULL OR name = ?1) AND (?2 IS NULL OR kind = ?2)",
                )?
                .query_map(
                    (&filter.host, filter.kind.map(HostKind::number)),
                    |row| row.get(0),
                )?
                .collect::<Result<_, _>>()?;
            found.any_of(&mut asked, 'h', &ids);
        }
        if let Some(project) = &filter.project {
            let project = project.trim_end_matches('/');
            let ids = list(
                connection,
                "SELECT id FROM project WHERE root = ?1 OR substr(root, -length(?1) - 1) = '/' || ?1",
                project,
            )?;
            found.any_of(&mut asked, 'p', &ids);
        }
        if let Some(folder) = &filter.folder {
            found.folder(connection, folder, &mut asked)?;
        }
        if let Some(session) = filter.session {
            asked.push(format!(
                "{{ctx}} : \"s_{}\"",
                session.to_string().to_lowercase()
            ));
        }
        if filter.failed {
            asked.push("{ctx} : \"x_failed\"".to_owned());
            found
                .rows
                .push("b.exit_status NOT IN (130,141,148)".to_owned());
        }
        if filter.bookmarked {
            found.rows.push("b.flags & 1".to_owned());
        }
        if let Some(command) = &filter.command {
            let parameter = found.parameter(command.clone());
            found.rows.push(format!(
                "b.command_id = (SELECT id FROM command WHERE text = {parameter})"
            ));
        }
        found.question = (!asked.is_empty()).then(|| {
            let parts: Vec<String> = asked.iter().map(|part| format!("({part})")).collect();
            parts.join(" AND ")
        });
        Ok(found)
    }

    fn parameter(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    fn text(
        &mut self,
        connection: &Connection,
        filter: &Filter,
        words: Words,
        asked: &mut Vec<String>,
    ) -> rusqlite::Result<()> {
        let pattern = &filter.text;
        if pattern.is_empty() {
            return Ok(());
        }
        if pattern.characters() < 3 {
            // So few characters stand everywhere: they are the beginning of a command.
            let beginning = pattern.terms().join(" ");
            let after = successor(&beginning);
            let count: i64 = connection
                .prepare_cached(
                    "SELECT count(*) FROM (SELECT 1 FROM command WHERE text >= ?1 AND text < ?2 LIMIT ?3)",
                )?
                .query_row((&beginning, &after, MAX_COMMANDS + 1), |row| row.get(0))?;
            self.nothing |= count == 0;
            // Of many blocks the newest are found by walking down, without sorting them.
            let blocks: i64 = connection
                .prepare_cached(
                    "SELECT count(*) FROM (SELECT 1 FROM command c CROSS JOIN block b ON b.command_id = c.id
                     WHERE c.text >= ?1 AND c.text < ?2 LIMIT ?3)",
                )?
                .query_row((&beginning, &after, MAX_SORTED + 1), |row| row.get(0))?;
            self.from_commands = count <= MAX_COMMANDS && blocks <= MAX_SORTED;
            let (low, high) = (self.parameter(beginning), self.parameter(after));
            // The sign keeps the planner from beginning with the commands where the blocks are to be walked.
            let sign = if self.from_commands { "" } else { "+" };
            self.rows
                .push(format!("{sign}c.text >= {low} AND {sign}c.text < {high}"));
            return Ok(());
        }
        let question = match words {
            Words::Whole => pattern.question(),
            Words::Coarse => pattern.coarse_question(),
        };
        match question {
            Some(question) => asked.push(format!("{{cmd out}} : ({question})")),
            // Nothing but signs: only the texts themselves can tell.
            None => {
                for term in pattern.terms() {
                    let term = self.parameter(term.clone());
                    self.rows.push(format!("instr(lower(c.text), {term}) > 0"));
                }
            }
        }
        Ok(())
    }

    fn any_of(&mut self, asked: &mut Vec<String>, letter: char, ids: &[i64]) {
        if ids.is_empty() {
            self.nothing = true;
            return;
        }
        let words: Vec<String> = ids.iter().map(|id| format!("\"{letter}_{id}\"")).collect();
        asked.push(format!("{{ctx}} : ({})", words.join(" OR ")));
    }

    fn folder(
        &mut self,
        connection: &Connection,
        folder: &str,
        asked: &mut Vec<String>,
    ) -> rusqlite::Result<()> {
        let folder = match folder.trim_end_matches('/') {
            "" => "/",
            trimmed => trimmed,
        };
        let below = if folder == "/" {
            "/".to_owned()
        } else {
            format!("{folder}/")
        };
        let after = successor(&below);
        let mut statement = connection.prepare_cached(
            "SELECT id FROM dir WHERE path = ?1 OR (path >= ?2 AND path < ?3) LIMIT ?4",
        )?;
        let limit = i64::try_from(MAX_FOLDERS + 1).unwrap_or(i64::MAX);
        let ids: Vec<i64> = statement
            .query_map((folder, &below, &after, limit), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if ids.len() <= MAX_FOLDERS {
            self.any_of(asked, 'd', &ids);
        } else {
            let same = self.parameter(folder.to_owned());
            let (low, high) = (self.parameter(below), self.parameter(after));
            self.rows.push(format!(
                "(d.path = {same} OR (d.path >= {low} AND d.path < {high}))"
            ));
        }
        Ok(())
    }

    /// The statement that selects `columns` of the blocks, newest first.
    pub(super) fn statement(&self, columns: &str, joins: &str) -> (String, Vec<Value>) {
        let mut values = self.values.clone();
        let mut rows = self.rows.clone();
        let mut parameter = |value: Value| {
            values.push(value);
            format!("?{}", values.len())
        };
        let key = if self.question.is_some() && !self.from_bookmarks {
            "f.rowid"
        } else {
            "b.id"
        };
        if self.span.0 > i64::MIN {
            rows.push(format!("{key} >= {}", parameter(self.span.0.into())));
        }
        if self.span.1 < i64::MAX {
            rows.push(format!("{key} <= {}", parameter(self.span.1.into())));
        }
        let question = self
            .question
            .as_ref()
            .map(|question| format!("block_fts MATCH {}", parameter(question.clone().into())));
        rows.extend(question);
        let from = match (&self.question, self.from_bookmarks) {
            (None, true) => "block b INDEXED BY block_marked".to_owned(),
            (Some(_), true) => {
                "block b INDEXED BY block_marked CROSS JOIN block_fts f ON f.rowid = b.id"
                    .to_owned()
            }
            (Some(_), false) => "block_fts f CROSS JOIN block b ON b.id = f.rowid".to_owned(),
            (None, false) if self.from_commands => {
                "command c CROSS JOIN block b ON b.command_id = c.id".to_owned()
            }
            (None, false) => "block b".to_owned(),
        };
        let joins = if self.from_commands && self.question.is_none() && !self.from_bookmarks {
            joins.replace("LEFT JOIN command c ON c.id = b.command_id", "")
        } else {
            joins.to_owned()
        };
        let rows = if rows.is_empty() {
            "1".to_owned()
        } else {
            rows.join(" AND ")
        };
        let order = if self.from_bookmarks {
            "b.started_us"
        } else {
            key
        };
        (
            format!("SELECT {columns} FROM {from} {joins} WHERE {rows} ORDER BY {order} DESC"),
            values,
        )
    }
}

/// The ids of blocks that a filter finds, for them to be deleted.
pub(crate) fn ids(
    connection: &Connection,
    filter: &Filter,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    let hits = super::search::run(connection, filter, limit)?;
    Ok(hits.iter().map(|hit| hit.id).collect())
}

/// The smallest text that is greater than all that begin with `text`.
fn successor(text: &str) -> String {
    let mut after = text.to_owned();
    while let Some(last) = after.pop() {
        let next = (u32::from(last) + 1..=0x10_ffff).find_map(char::from_u32);
        if let Some(next) = next {
            after.push(next);
            return after;
        }
    }
    after
}

fn list(connection: &Connection, sql: &str, value: &str) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached(sql)?
        .query_map(params_from_iter([value]), |row| row.get(0))?
        .collect()
}

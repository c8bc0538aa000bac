//! The search: rows of the index, newest first, checked where the index cannot tell.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::conditions::{Conditions, Words};
use super::texts::Texts;
use super::{COLUMNS, Filter, Hit, JOINS, hit};

/// Commands in which a text may stand somewhere in the middle that are looked at.
const MAX_COMMANDS: usize = 300;
/// Blocks that are looked at before the index is asked exactly.
const COARSE: usize = 300;

/// The newest blocks that a filter finds.
pub(super) fn run(
    connection: &Connection,
    filter: &Filter,
    limit: usize,
) -> rusqlite::Result<Vec<Hit>> {
    if filter.text.characters() >= 3 && filter.text.coarse_question().is_some() {
        // The beginning of many words would make the index merge all their lists. Most often what is sought is
        // among the newest blocks that have a word of the same first letters.
        let conditions = Conditions::new(connection, filter, Words::Coarse)?;
        if conditions.nothing {
            return Ok(Vec::new());
        }
        let found = ask(connection, filter, &conditions, limit, Some(COARSE))?;
        if found.len() >= limit {
            return Ok(found);
        }
    }
    let conditions = Conditions::new(connection, filter, Words::Whole)?;
    let mut found = if conditions.nothing {
        Vec::new()
    } else {
        ask(connection, filter, &conditions, limit, None)?
    };
    let middle = filter
        .text
        .terms()
        .iter()
        .all(|term| term.chars().count() >= 3);
    if found.len() < limit && middle && !filter.text.is_empty() {
        add_middles(connection, filter, limit, &mut found)?;
    }
    Ok(found)
}

fn ask(
    connection: &Connection,
    filter: &Filter,
    conditions: &Conditions,
    limit: usize,
    coarse: Option<usize>,
) -> rusqlite::Result<Vec<Hit>> {
    let checked = coarse.is_some() || (filter.text.characters() >= 3 && filter.text.needs_check());
    if checked {
        return ask_and_check(connection, filter, conditions, limit, coarse);
    }
    let (sql, values) = conditions.statement(COLUMNS, JOINS);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while found.len() < limit {
        let Some(row) = rows.next()? else { break };
        found.push(hit(row)?);
    }
    Ok(found)
}

/// What a check and the conditions need of a row: most rows are looked at and not shown.
const CHECKED: (&str, &str) = (
    "b.id, ifnull(c.text,'')",
    "LEFT JOIN command c ON c.id = b.command_id LEFT JOIN dir d ON d.id = b.dir_id",
);

fn ask_and_check(
    connection: &Connection,
    filter: &Filter,
    conditions: &Conditions,
    limit: usize,
    most: Option<usize>,
) -> rusqlite::Result<Vec<Hit>> {
    let (sql, values) = conditions.statement(CHECKED.0, CHECKED.1);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut whole = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM block b {JOINS} WHERE b.id = ?1"
    ))?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut texts = Texts::new(connection, &filter.text);
    let mut looked_at = 0;
    let mut found = Vec::new();
    while found.len() < limit {
        let Some(row) = rows.next()? else { break };
        looked_at += 1;
        if most.is_some_and(|most| looked_at > most) {
            break;
        }
        let id = row.get(0)?;
        if texts.hold(id, row.get_ref(1)?.as_bytes()?)? {
            found.extend(whole.query_row([id], hit).optional()?);
        }
    }
    Ok(found)
}

/// Adds blocks in whose command the words stand in the middle of others.
fn add_middles(
    connection: &Connection,
    filter: &Filter,
    limit: usize,
    found: &mut Vec<Hit>,
) -> rusqlite::Result<()> {
    let conditions: Vec<String> = (1..=filter.text.terms().len())
        .map(|idx| format!("text LIKE ?{idx}"))
        .collect();
    let sql = format!(
        "SELECT rowid, text FROM command_tri WHERE {} LIMIT {MAX_COMMANDS}",
        conditions.join(" AND ")
    );
    // `%` and `_` in a term stand for anything here; the texts are checked below.
    let likes = filter.text.terms().iter().map(|term| format!("%{term}%"));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(likes))?;
    let mut commands: Vec<i64> = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(1)?;
        if filter.text.matches(&text, "") {
            commands.push(row.get(0)?);
        }
    }
    let mut all: BTreeMap<i64, Option<Hit>> =
        found.drain(..).map(|hit| (hit.id, Some(hit))).collect();
    let rest = Filter {
        text: crate::words::Pattern::default(),
        ..filter.clone()
    };
    let others = Conditions::new(connection, &rest, Words::Whole)?;
    if !others.nothing {
        let mut newest = connection.prepare_cached(
            "SELECT id FROM block WHERE command_id = ?1 AND id BETWEEN ?2 AND ?3 ORDER BY started_us DESC LIMIT ?4",
        )?;
        let amount = i64::try_from(limit).unwrap_or(i64::MAX);
        for command in commands {
            let ids = newest.query_map(
                params![command, others.span.0, others.span.1, amount],
                |row| row.get(0),
            )?;
            for id in ids {
                all.entry(id?).or_insert(None);
            }
        }
    }
    // Newest first; only those that will be shown are looked up and checked.
    let mut one = others;
    one.rows
        .push("b.id = ?".to_owned() + &(one.values.len() + 1).to_string());
    for (id, known) in all.into_iter().rev() {
        if found.len() >= limit {
            break;
        }
        if let Some(hit) = known {
            found.push(hit);
            continue;
        }
        let mut values = one.values.clone();
        values.push(id.into());
        let narrowed = Conditions {
            values,
            question: one.question.clone(),
            rows: one.rows.clone(),
            span: (i64::MIN, i64::MAX),
            ..Conditions::default()
        };
        let (sql, values) = narrowed.statement(COLUMNS, JOINS);
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        if let Some(row) = rows.next()? {
            found.push(hit(row)?);
        }
    }
    Ok(())
}

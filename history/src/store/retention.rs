//! What goes: by age, by size, and because the user says so.
//!
//! Age and size are enforced in slices, between batches, oldest first; bookmarked blocks stay. What the
//! user forgets must be gone from every byte of the files: rows are overwritten (`secure_delete`), the
//! word index is merged (a deleted row's words stay in it until then), and the write-ahead log is emptied.

use std::time::{Duration, SystemTime};

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::database::{Context, Database};
use super::{Options, Policy};
use crate::id::Uid;
use crate::query::{Filter, conditions};
use crate::record::Output;
use crate::time::millis;
use crate::words;

/// Blocks that one slice looks at.
const SLICE: i64 = 200;
/// Pages given back to the file system at a time.
const VACUUM_PAGES: i64 = 256;
/// Pages of the word index that one step of merging writes.
const MERGE_PAGES: i64 = 512;

/// Which blocks are to be forgotten.
#[derive(Clone, Debug)]
pub enum Selection {
    /// These.
    Blocks(Vec<Uid>),
    /// All that a filter finds.
    Matching(Box<Filter>),
    /// Everything.
    All,
}

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Blocks that are gone.
    pub blocks: usize,
    /// Outputs that are gone while their command stays.
    pub outputs: usize,
    /// Blocks in which something was redacted that older rules had left.
    pub redacted: usize,
}

impl Forgotten {
    fn add(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.outputs += other.outputs;
        self.redacted += other.redacted;
    }

    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Database {
    /// One slice of what age and size demand; `None` when nothing is due.
    pub(super) fn retain(
        &mut self,
        options: &Options,
        now: SystemTime,
    ) -> rusqlite::Result<Option<Forgotten>> {
        let before = |age: Duration| now.checked_sub(age).map_or(i64::MIN, millis);
        let old_commands = before(options.max_command_age);
        let old_outputs = before(options.max_output_age);
        let stored: i64 = self.connection.query_row(
            "SELECT value FROM counter WHERE name='output_bytes'",
            [],
            |row| row.get(0),
        )?;
        let allowed = i64::try_from(options.max_output_bytes).unwrap_or(i64::MAX);
        let mut excess = stored.saturating_sub(allowed);

        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut gone = Forgotten::default();
        let expired: Vec<i64> = ids(
            &transaction,
            "SELECT id FROM block WHERE id < ?1 AND flags & 1 = 0 ORDER BY id LIMIT ?2",
            params![old_commands, SLICE],
        )?;
        gone.blocks = expired.len();
        delete(&transaction, &expired)?;
        // The oldest outputs, as far as age or size demand.
        let oldest: Vec<(i64, i64)> = transaction
            .prepare_cached(
                "SELECT o.block_id, length(o.head) + ifnull(length(o.tail),0) FROM output o JOIN block b ON b.id = o.block_id
                 WHERE b.flags & 1 = 0 ORDER BY o.block_id LIMIT ?1",
            )?
            .query_map([SLICE], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (id, bytes) in oldest {
            if id >= old_outputs && excess <= 0 {
                break;
            }
            excess -= bytes;
            drop_output(&transaction, id)?;
            gone.outputs += 1;
        }
        transaction.commit()?;
        if gone.is_nothing() {
            return Ok(None);
        }
        if gone.blocks > 0 {
            self.forget_ids();
        }
        self.connection
            .query_row(
                &format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"),
                [],
                |_| Ok(()),
            )
            .optional()?;
        Ok(Some(gone))
    }

    /// Deletes what is selected, so that no byte of it is left.
    pub(super) fn forget(&mut self, selection: &Selection) -> rusqlite::Result<Forgotten> {
        let mut gone = Forgotten::default();
        loop {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let found = match selection {
                Selection::Blocks(uids) => {
                    let mut found = Vec::new();
                    for uid in uids {
                        found.extend(ids(
                            &transaction,
                            "SELECT id FROM block WHERE uid = ?1",
                            [uid.0],
                        )?);
                    }
                    found
                }
                Selection::Matching(filter) => conditions::ids(&transaction, filter, 5000)?,
                Selection::All => ids(
                    &transaction,
                    "SELECT id FROM block ORDER BY id LIMIT ?1",
                    [5000],
                )?,
            };
            delete(&transaction, &found)?;
            gone.blocks += found.len();
            transaction.commit()?;
            let once = matches!(selection, Selection::Blocks(_));
            if found.is_empty() || once {
                break;
            }
        }
        self.forget_ids();
        self.erase()?;
        Ok(gone)
    }

    /// Applies limits and rules to everything that is stored.
    pub(super) fn prune(
        &mut self,
        options: &Options,
        now: SystemTime,
    ) -> rusqlite::Result<Forgotten> {
        let mut gone = Forgotten::default();
        while let Some(slice) = self.retain(options, now)? {
            gone.add(slice);
        }
        gone.add(self.redact_again(&options.policy)?);
        self.erase()?;
        Ok(gone)
    }

    /// Applies the rules of today to what was stored under older ones.
    fn redact_again(&mut self, policy: &Policy) -> rusqlite::Result<Forgotten> {
        let mut gone = Forgotten::default();
        let mut from = i64::MIN;
        loop {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let some = ids(
                &transaction,
                "SELECT id FROM block WHERE id > ?1 ORDER BY id LIMIT ?2",
                params![from, SLICE],
            )?;
            let Some(last) = some.last() else { break };
            from = *last;
            let mut unwanted = Vec::new();
            for id in some {
                let Some(mut record) = crate::query::load(&transaction, id)? else {
                    continue;
                };
                if !policy.keeps(&record) {
                    unwanted.push(id);
                    continue;
                }
                let before = (
                    record.command.text.clone(),
                    record.output.clone(),
                    record.note.clone(),
                );
                policy.redactor().redact_record(&mut record);
                if before
                    != (
                        record.command.text.clone(),
                        record.output.clone(),
                        record.note.clone(),
                    )
                {
                    replace_texts(&transaction, id, &record)?;
                    gone.redacted += 1;
                }
            }
            gone.blocks += unwanted.len();
            delete(&transaction, &unwanted)?;
            transaction.commit()?;
        }
        self.forget_ids();
        Ok(gone)
    }

    /// Takes the last traces of deleted rows out of the files.
    pub(super) fn erase(&mut self) -> rusqlite::Result<()> {
        let connection = &self.connection;
        connection.execute_batch(
            "DELETE FROM command WHERE id NOT IN (SELECT command_id FROM block WHERE command_id IS NOT NULL);
             DELETE FROM dir WHERE id NOT IN (SELECT dir_id FROM block WHERE dir_id IS NOT NULL);
             DELETE FROM project WHERE id NOT IN (SELECT project_id FROM dir WHERE project_id IS NOT NULL);
             DELETE FROM session WHERE id NOT IN (SELECT session_id FROM block);
             DELETE FROM host WHERE id NOT IN (SELECT host_id FROM session) AND id NOT IN (SELECT host_id FROM dir);",
        )?;
        // 'optimize' in one go would hold the lock for as long as the index is large; in steps, others
        // write in between. A negative number merges segments of all levels.
        for table in ["block_fts", "command_tri"] {
            let step = format!("INSERT INTO {table}({table}, rank) VALUES('merge', ?1)");
            let mut pages = -MERGE_PAGES;
            loop {
                let before = connection.total_changes();
                connection.execute(&step, [pages])?;
                if connection.total_changes() - before < 2 {
                    break;
                }
                pages = MERGE_PAGES;
            }
            connection.execute(
                &format!("INSERT INTO {table}({table}) VALUES('optimize')"),
                [],
            )?;
        }
        let mut vacuum = connection.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
        drop(rows);
        drop(vacuum);
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}

fn ids(
    transaction: &Transaction<'_>,
    sql: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<i64>> {
    transaction
        .prepare_cached(sql)?
        .query_map(values, |row| row.get(0))?
        .collect()
}

/// Deletes blocks, and commands that no block has any more.
fn delete(transaction: &Transaction<'_>, blocks: &[i64]) -> rusqlite::Result<()> {
    for id in blocks {
        let command: Option<Option<i64>> = transaction
            .prepare_cached("DELETE FROM block WHERE id = ?1 RETURNING command_id")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        if let Some(Some(command)) = command {
            transaction
                .prepare_cached(
                    "DELETE FROM command WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM block WHERE command_id = ?1)",
                )?
                .execute([command])?;
        }
    }
    Ok(())
}

/// Deletes a block's output; its command stays, and stays to be found.
fn drop_output(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM output WHERE block_id = ?1")?
        .execute([id])?;
    transaction
        .prepare_cached("UPDATE block SET flags = flags | 4 WHERE id = ?1")?
        .execute([id])?;
    if let Some(record) = crate::query::load(transaction, id)? {
        index(transaction, id, &record.command.text, &Output::default())?;
    }
    Ok(())
}

fn replace_texts(
    transaction: &Transaction<'_>,
    id: i64,
    record: &crate::Record,
) -> rusqlite::Result<()> {
    let command: Option<i64> = if record.command.text.is_empty() {
        None
    } else {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO command(text) VALUES(?1)")?
            .execute([&record.command.text])?;
        transaction
            .prepare_cached("SELECT id FROM command WHERE text = ?1")?
            .query_row([&record.command.text], |row| row.get(0))
            .optional()?
    };
    transaction
        .prepare_cached(
            "UPDATE block SET command_id = ?2, note = ?3, flags = flags | 8 WHERE id = ?1",
        )?
        .execute(params![id, command, record.note])?;
    transaction
        .prepare_cached("UPDATE output SET codec = 0, head = ?2, tail = ?3 WHERE block_id = ?1")?
        .execute(params![
            id,
            record.output.head,
            (!record.output.tail.is_empty()).then_some(&record.output.tail)
        ])?;
    index(transaction, id, &record.command.text, &record.output)
}

/// Writes a block's row of the index anew.
fn index(
    transaction: &Transaction<'_>,
    id: i64,
    command: &str,
    output: &Output,
) -> rusqlite::Result<()> {
    let context = transaction
        .prepare_cached(
            "SELECT s.host_id, b.dir_id, d.project_id, b.session_id, ifnull(b.exit_status <> 0, 0) FROM block b
             JOIN session s ON s.id = b.session_id LEFT JOIN dir d ON d.id = b.dir_id WHERE b.id = ?1",
        )?
        .query_row([id], |row| {
            Ok(Context {
                host: row.get(0)?,
                dir: row.get(1)?,
                project: row.get(2)?,
                session: Uid(row.get(3)?),
                failed: row.get(4)?,
            })
        })
        .optional()?;
    let Some(context) = context else {
        return Ok(());
    };
    let words = if output.is_empty() {
        String::new()
    } else {
        words::of_output(output)
    };
    transaction
        .prepare_cached("UPDATE block_fts SET cmd = ?2, out = ?3, ctx = ?4 WHERE rowid = ?1")?
        .execute(params![
            id,
            words::distinct(command),
            words,
            context.words()
        ])?;
    Ok(())
}

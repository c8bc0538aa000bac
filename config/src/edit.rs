//! Writing settings back: one option is set or taken out of the user's file, everything else in it stays as it
//! is, comments and order included.
//!
//! [`apply`] is text to text; [`write`] does it to a file: through a new file that is renamed over the old
//! one, so that a crash leaves one of the two whole, and through symbolic links, which stay.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use crate::load::{MAX_FILE_BYTES, Unreadable, read_private};

/// One change of a settings file.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Give an option a value.
    Set {
        /// The section: the text between the brackets.
        section: String,
        /// The option's name in it.
        option: String,
        /// The value.
        value: toml::Value,
    },
    /// Take an option out, so that its default is in force.
    Unset {
        /// The section.
        section: String,
        /// The option's name in it.
        option: String,
    },
    /// Put an element of an array of tables (`[[array]]`): in the place of the one of that name, else at the
    /// end.
    Put {
        /// The array's name.
        array: String,
        /// The element's `name`.
        name: String,
        /// The element, as the text of its tables: it begins with `[[array]]`.
        text: String,
    },
}

/// Why a file was not changed. It is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It is not TOML now; to write into it could lose what is there.
    #[error("{file} has a mistake at line {line}, so nothing is written into it: {message}")]
    Malformed {
        /// The file.
        file: String,
        /// The mistake's line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// What stands in the option's or section's place is of another kind.
    #[error("{file}: \"{name}\" is not a table, so no option can be written into it")]
    NoTable {
        /// The file.
        file: String,
        /// The section.
        name: String,
    },
    /// It cannot be read or written.
    #[error("{file} cannot be written: {reason}")]
    Unwritable {
        /// The file.
        file: String,
        /// What is wrong, with the remedy.
        reason: String,
    },
}

/// Makes changes in a file; a file that does not exist begins empty.
///
/// # Errors
/// When the file cannot be read or written, or is no TOML.
pub fn write(path: &Path, edits: &[Edit]) -> Result<(), EditError> {
    let name = path.display().to_string();
    let unwritable = |reason: String| EditError::Unwritable {
        file: name.clone(),
        reason,
    };
    // The link's target, so that the link stays; of a file that does not exist, itself.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mut text = match read_private(&target, MAX_FILE_BYTES) {
        Ok(text) => text,
        Err(Unreadable::Missing) => String::new(),
        Err(reason) => {
            let (message, remedy) = reason.explain(&target);
            return Err(unwritable(format!("{message}; expected {remedy}")));
        }
    };
    for edit in edits {
        text = apply(&name, &text, edit)?;
    }
    replace(&target, text.as_bytes()).map_err(|error| unwritable(explain(&error, &target)))
}

/// Puts `contents` into a file by renaming a new one over it; its permissions stay. Folders are made.
///
/// # Errors
/// What the system says.
pub fn replace(target: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    // A rename needs the folder's permission only; a file made read-only is meant to stay as it is.
    if let Ok(metadata) = fs::metadata(target)
        && metadata.permissions().readonly()
    {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let temporary = folder.join(name);
    let outcome = fill(&temporary, target, contents);
    if outcome.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    outcome
}

fn fill(temporary: &Path, target: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(temporary)?;
    if let Ok(metadata) = fs::metadata(target) {
        file.set_permissions(metadata.permissions())?;
    }
    file.write_all(contents)?;
    file.sync_all()?;
    fs::rename(temporary, target)
}

fn explain(error: &io::Error, target: &Path) -> String {
    let folder = target.parent().unwrap_or(Path::new("."));
    match error.kind() {
        io::ErrorKind::PermissionDenied => format!(
            "permission denied; the file and its folder {} must be writable for you",
            folder.display()
        ),
        io::ErrorKind::ReadOnlyFilesystem => "it is on a read-only file system".to_owned(),
        _ => error.to_string(),
    }
}

/// The text with a change made in it. `file` names it in errors.
///
/// # Errors
/// When the text is no TOML, or the section's place is taken by something else.
pub fn apply(file: &str, text: &str, edit: &Edit) -> Result<String, EditError> {
    match edit {
        Edit::Set {
            section,
            option,
            value,
        } => set(file, text, section, option, value),
        Edit::Unset { section, option } => unset(file, text, section, option),
        Edit::Put {
            array,
            name,
            text: new,
        } => put(file, text, array, name, new),
    }
}

fn parse(file: &str, text: &str) -> Result<DocumentMut, EditError> {
    text.parse::<DocumentMut>().map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let (line, _) = crate::diagnostic::line_and_column(text, at);
        EditError::Malformed {
            file: file.to_owned(),
            line,
            message: error.message().trim().replace('\n', "; "),
        }
    })
}

fn no_table(file: &str, name: &str) -> EditError {
    EditError::NoTable {
        file: file.to_owned(),
        name: name.to_owned(),
    }
}

fn set(
    file: &str,
    text: &str,
    section: &str,
    option: &str,
    value: &toml::Value,
) -> Result<String, EditError> {
    let mut document = parse(file, text)?;
    let mut new = editable(value);
    let present = document
        .get_mut(section)
        .and_then(Item::as_table_like_mut)
        .and_then(|table| table.get_mut(option));
    if let Some(item) = present {
        match item {
            Item::Value(old) => {
                // What stands around the old value, a comment after it among others, stays.
                *new.decor_mut() = old.decor().clone();
                *old = new;
            }
            other => *other = Item::Value(new),
        }
        return Ok(document.to_string());
    }
    // The default file has every option in a comment: its line is the place that belongs to it.
    if let Some(changed) = uncomment(text, section, option, value)
        && let Ok(document) = changed.parse::<DocumentMut>()
        && document
            .get(section)
            .and_then(|table| table.get(option))
            .is_some_and(Item::is_value)
    {
        return Ok(changed);
    }
    let item = document
        .entry(section)
        .or_insert_with(|| Item::Table(Table::new()));
    let table = item
        .as_table_like_mut()
        .ok_or_else(|| no_table(file, section))?;
    table.insert(option, Item::Value(new));
    Ok(document.to_string())
}

/// The text with the line `#option = …` of a section replaced by the option's value.
fn uncomment(text: &str, section: &str, option: &str, value: &toml::Value) -> Option<String> {
    let mut inside = false;
    let mut changed = String::with_capacity(text.len() + 16);
    let mut found = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        if bare.trim_start().starts_with('[') {
            inside = bare == format!("[{section}]");
        }
        let is_option = inside
            && !found
            && bare
                .strip_prefix('#')
                .and_then(|rest| rest.strip_prefix(option))
                .is_some_and(|rest| rest.starts_with(" = "));
        if is_option {
            found = true;
            changed.push_str(&format!("{option} = {value}"));
            changed.push_str(&line[bare.len()..]);
        } else {
            changed.push_str(line);
        }
    }
    found.then_some(changed)
}

fn unset(file: &str, text: &str, section: &str, option: &str) -> Result<String, EditError> {
    let mut document = parse(file, text)?;
    let Some(item) = document.get_mut(section) else {
        return Ok(text.to_owned());
    };
    let table: &mut dyn TableLike = item
        .as_table_like_mut()
        .ok_or_else(|| no_table(file, section))?;
    if table.remove(option).is_none() {
        return Ok(text.to_owned());
    }
    Ok(document.to_string())
}

fn put(file: &str, text: &str, array: &str, name: &str, new: &str) -> Result<String, EditError> {
    let mut document = parse(file, text)?;
    let mut made = parse(file, new)?;
    let made = made
        .get_mut(array)
        .and_then(Item::as_array_of_tables_mut)
        .and_then(|tables| tables.get_mut(0).map(std::mem::take))
        .ok_or_else(|| no_table(file, array))?;
    let place = match document.get_mut(array) {
        None => None,
        Some(item) => Some(
            item.as_array_of_tables_mut()
                .ok_or_else(|| no_table(file, array))?,
        ),
    };
    let known = place.and_then(|tables| {
        tables
            .iter_mut()
            .find(|table| table.get("name").and_then(Item::as_str) == Some(name))
    });
    if let Some(known) = known {
        let (decor, position) = (known.decor().clone(), known.position());
        *known = made;
        *known.decor_mut() = decor;
        known.set_position(position);
        settle(known, position);
        return Ok(document.to_string());
    }
    // At the end as text: nothing that is there can be changed by it.
    let mut changed = text.to_owned();
    if !changed.is_empty() {
        if !changed.ends_with('\n') {
            changed.push('\n');
        }
        changed.push('\n');
    }
    changed.push_str(new.trim_start_matches('\n'));
    parse(file, &changed)?;
    Ok(changed)
}

/// Gives the tables inside of one its position, so that they are written right after it.
fn settle(table: &mut Table, position: Option<isize>) {
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(inner) => {
                inner.set_position(position);
                settle(inner, position);
            }
            Item::ArrayOfTables(tables) => {
                for inner in tables.iter_mut() {
                    inner.set_position(position);
                    settle(inner, position);
                }
            }
            Item::None | Item::Value(_) => {}
        }
    }
}

/// A value as the editing library has it.
fn editable(value: &toml::Value) -> Value {
    // Both libraries write and read the same language.
    value
        .to_string()
        .parse::<Value>()
        .unwrap_or_else(|_| Value::from(value.to_string()))
}

/// The file that a change of these sources is written to: the one that they name, else the user's own.
#[must_use]
pub fn file(sources: &crate::Sources) -> Option<PathBuf> {
    sources.file.clone().or_else(crate::load::default_file)
}

#[cfg(test)]
mod tests;

//! Finding, reading and layering the settings: defaults, imported files, the file, the command
//! line's overrides.
//!
//! Nothing here fails as a whole. A mistake costs the option that it is in, and becomes a
//! [`Diagnostic`] with its place; whether the rest is used is up to the caller
//! ([`Loaded::has_errors`]). Watching the files is left to `app`.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Severity, Text};
use crate::hints::Hints;
use crate::keys::Keys;
use crate::layouts::Layouts;
use crate::nearest::nearest;
use crate::theme::{self, ThemePair};
use crate::value::{Problem, Setting, describe};
use crate::{Config, Place};

/// The largest configuration file, in bytes: far more than anyone writes, little enough to read.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// How deep files may import one another.
pub const MAX_IMPORT_DEPTH: usize = 5;

/// The key at the top of the file that names the files to read before it.
const IMPORT: &str = "import";

/// Where the settings come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The file; `None` for [`default_file`], which need not exist.
    pub file: Option<PathBuf>,
    /// Overrides `section.option=value`, in the order in which they were given. The value is TOML
    /// or, failing that, a plain text.
    pub overrides: Vec<String>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The settings: the defaults with all that was understood laid over them.
    pub config: Config,
    /// The chosen themes, with the colors of `[colors]` in place.
    pub themes: ThemePair,
    /// What was wrong, in the order of the files.
    pub diagnostics: Vec<Diagnostic>,
    /// The files to watch, whether they exist or not: the file, its imports, the user's themes.
    pub files: Vec<PathBuf>,
}

impl Loaded {
    /// Whether some setting could not be used. On a reload the last good settings then stay.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// The user's folder of Terrace's settings: `$XDG_CONFIG_HOME/terrace`, else `~/.config/terrace`
/// (XDG Base Directory Specification: a relative path there is ignored).
#[must_use]
pub fn default_folder() -> Option<PathBuf> {
    folder_in(|name| env::var_os(name).map(PathBuf::from))
}

fn folder_in(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name| variable(name).filter(|path| path.is_absolute());
    let base = absolute("XDG_CONFIG_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(base.join("terrace"))
}

/// The user's file: `terrace.toml` in [`default_folder`].
#[must_use]
pub fn default_file() -> Option<PathBuf> {
    default_folder().map(|folder| folder.join("terrace.toml"))
}

/// Reads the settings.
#[must_use]
pub fn load(sources: &Sources) -> Loaded {
    let _span = tracing::debug_span!("config_load").entered();
    let mut loader = Loader::default();
    let file = sources.file.clone().or_else(default_file);
    if let Some(file) = &file {
        let missing = if sources.file.is_some() {
            Missing::Wrong
        } else {
            Missing::Fine
        };
        loader.file(file, missing, 0, None);
    }
    for text in &sources.overrides {
        loader.command_line(text);
    }
    let themes_folder = file
        .as_deref()
        .and_then(Path::parent)
        .map(|folder| folder.join("themes"));
    loader.finish(themes_folder.as_deref())
}

/// Whether a file that does not exist is a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    /// The user's file, which one need not have.
    Fine,
    /// A file that was asked for.
    Wrong,
}

/// What has been read so far.
#[derive(Debug, Default)]
struct Loader {
    config: Config,
    diagnostics: Vec<Diagnostic>,
    files: Vec<PathBuf>,
    /// Where `colors.theme` was set last, for when there is no such theme.
    theme_place: Option<Place>,
    /// Where each mode of the keys was named last.
    mode_places: BTreeMap<String, Place>,
}

impl Loader {
    /// Reads a file over what there is; `from` is the place of the import that names it.
    fn file(&mut self, path: &Path, missing: Missing, depth: usize, from: Option<Place>) {
        if !self.files.iter().any(|known| known == path) {
            self.files.push(path.to_path_buf());
        }
        let place = || {
            from.clone()
                .unwrap_or_else(|| Place::File(path.to_path_buf()))
        };
        match read_private(path, MAX_FILE_BYTES) {
            Ok(text) => self.text(Text::File(path, &text), &text, depth),
            Err(Unreadable::Missing) if missing == Missing::Fine => {}
            Err(reason) => {
                let name = if from.is_some() {
                    format!("{}: ", path.display())
                } else {
                    String::new()
                };
                let (message, remedy) = reason.explain(path);
                self.diagnostics
                    .push(Diagnostic::error(place(), format!("{name}{message}")).expected(remedy));
            }
        }
    }

    /// Reads an override of the command line.
    fn command_line(&mut self, text: &str) {
        let here = Text::Override(text);
        let Some((key, value)) = split_override(text) else {
            let error = Diagnostic::error(here.place(None), "no \"=\" in it");
            self.diagnostics
                .push(error.expected("section.option=value"));
            return;
        };
        // As TOML; and if it is none, as the text that a shell's user means without quotes.
        let as_toml = format!("{key} = {value}");
        let as_text = format!("{key} = {}", toml::Value::String(value.to_owned()));
        if DeTable::parse(&as_toml).is_ok() {
            self.text(here, &as_toml, MAX_IMPORT_DEPTH);
        } else {
            self.text(here, &as_text, MAX_IMPORT_DEPTH);
        }
    }

    /// Reads a TOML text over what there is.
    fn text(&mut self, here: Text<'_>, text: &str, depth: usize) {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let message = error.message().trim().replace('\n', "; ");
            self.diagnostics
                .push(Diagnostic::error(here.place(error.span()), message));
        }
        let table = table.get_ref();
        if let Some((_, imports)) = table.get_key_value(IMPORT) {
            self.imports(here, imports, depth);
        }
        for (name, value) in in_order(table) {
            match name.get_ref().as_ref() {
                IMPORT => {}
                Keys::NAME => self.keys(here, value),
                Hints::NAME => {
                    for (span, problem) in self.config.hints.read(value) {
                        self.problem(here, span, Hints::NAME, problem);
                    }
                }
                Layouts::NAME => {
                    for (span, problem) in self.config.layouts.read(value) {
                        self.problem(here, span, Layouts::NAME, problem);
                    }
                }
                section => self.section(here, section, name.span(), value),
            }
        }
    }

    /// Reads the files that a file imports; it comes over them.
    fn imports(&mut self, here: Text<'_>, value: &Spanned<DeValue<'_>>, depth: usize) {
        let place = here.place(Some(value.span()));
        let Text::File(importer, _) = here else {
            self.diagnostics
                .push(Diagnostic::error(place, "import works in a file only"));
            return;
        };
        let Ok(paths) = Vec::<String>::read(value.get_ref()) else {
            let error = Diagnostic::error(place, format!("found {}", describe(value.get_ref())));
            self.diagnostics
                .push(error.expected("import = [\"file.toml\"]"));
            return;
        };
        if depth >= MAX_IMPORT_DEPTH {
            let message = format!("imports are more than {MAX_IMPORT_DEPTH} files deep");
            self.diagnostics.push(Diagnostic::error(place, message));
            return;
        }
        let folder = importer.parent().unwrap_or(Path::new("")).to_path_buf();
        for path in paths {
            let path = folder.join(expand_home(&path));
            self.file(&path, Missing::Wrong, depth + 1, Some(place.clone()));
        }
    }

    /// Reads one section.
    fn section(
        &mut self,
        here: Text<'_>,
        section: &str,
        span: Range<usize>,
        value: &Spanned<DeValue<'_>>,
    ) {
        let known = Config::sections();
        let Some(info) = known.iter().find(|info| info.name == section) else {
            let names = known.iter().map(|info| info.name).chain([
                Keys::NAME,
                Hints::NAME,
                Layouts::NAME,
                IMPORT,
            ]);
            // A key at the top may be an option whose section was forgotten.
            let home = known
                .iter()
                .find(|info| info.options.iter().any(|one| one.name == section));
            let hint = match (nearest(section, names), home) {
                (_, Some(home)) if !value.get_ref().is_table() => {
                    format!("it belongs under [{}]", home.name)
                }
                (Some(near), _) => format!("did you mean \"{near}\"?"),
                _ => "see terrace.toml(5)".to_owned(),
            };
            self.unknown(
                here,
                span,
                &format!("section \"{}\"", section.escape_debug()),
                &hint,
            );
            return;
        };
        let Some(table) = value.get_ref().as_table() else {
            let message = format!("{section}: found {}", describe(value.get_ref()));
            let error = Diagnostic::error(here.place(Some(value.span())), message);
            self.diagnostics
                .push(error.expected(format!("a section: [{section}]")));
            return;
        };
        for (option, value) in in_order(table) {
            let name = option.get_ref().as_ref();
            match self.config.set(section, name, value.get_ref()) {
                Some(Ok(())) => {
                    if (section, name) == ("colors", "theme") {
                        self.theme_place = Some(here.place(Some(value.span())));
                    }
                }
                Some(Err(problem)) => {
                    self.problem(here, value.span(), &format!("{section}.{name}"), problem);
                }
                None => {
                    let names = info.options.iter().map(|one| one.name);
                    let hint = nearest(name, names).map_or_else(
                        || "see terrace.toml(5)".to_owned(),
                        |near| format!("did you mean \"{near}\"?"),
                    );
                    let what = format!("option \"{section}.{}\"", name.escape_debug());
                    self.unknown(here, option.span(), &what, &hint);
                }
            }
        }
    }

    /// Reads `[keys]`, a table of keys and modes, or `[[keys]]`, an array of bindings.
    fn keys(&mut self, here: Text<'_>, value: &Spanned<DeValue<'_>>) {
        let report = self.config.keys.read(value);
        for told in report.told {
            let place = here.place(Some(told.span));
            let message = format!("{}: {}", Keys::NAME, told.message);
            self.diagnostics.push(Diagnostic {
                severity: told.severity,
                place,
                message,
                expected: told.expected,
            });
        }
        for (mode, span) in report.modes {
            self.mode_places.insert(mode, here.place(Some(span)));
        }
    }

    /// What is wrong with the keys as a whole.
    fn check_keys(&mut self) {
        for (mode, severity, problem) in self.config.keys.check() {
            // The modes of the defaults are nobody's mistake.
            if let Some(place) = self.mode_places.get(&mode) {
                self.diagnostics.push(Diagnostic {
                    severity,
                    place: place.clone(),
                    message: format!("{}: {}", Keys::NAME, problem.message),
                    expected: Some(problem.expected),
                });
            }
        }
    }

    fn problem(&mut self, here: Text<'_>, span: Range<usize>, name: &str, problem: Problem) {
        let error = Diagnostic::error(
            here.place(Some(problem.at.unwrap_or(span))),
            format!("{name}: {}", problem.message),
        );
        self.diagnostics.push(error.expected(problem.expected));
    }

    fn unknown(&mut self, here: Text<'_>, span: Range<usize>, what: &str, hint: &str) {
        let message = format!("unknown {what}; {hint}");
        self.diagnostics
            .push(Diagnostic::warning(here.place(Some(span)), message));
    }

    /// Finds the themes and puts all together.
    fn finish(mut self, themes_folder: Option<&Path>) -> Loaded {
        self.check_keys();
        let found = theme::resolve(&self.config.colors, themes_folder);
        for error in found.errors {
            let place = match error.file() {
                Some((file, position)) => match position {
                    Some((line, column)) => Place::Position {
                        file: file.to_path_buf(),
                        line,
                        column,
                    },
                    None => Place::File(file.to_path_buf()),
                },
                None => self
                    .theme_place
                    .clone()
                    .unwrap_or(Place::CommandLine("colors.theme".into())),
            };
            self.diagnostics
                .push(Diagnostic::error(place, error.to_string()));
        }
        self.files.extend(found.files);
        Loaded {
            config: self.config,
            themes: found.themes,
            diagnostics: self.diagnostics,
            files: self.files,
        }
    }
}

/// A table's entries in the order of the text, so that diagnostics come so, too.
pub(crate) fn in_order<'a, 'i>(
    table: &'a DeTable<'i>,
) -> Vec<(
    &'a Spanned<std::borrow::Cow<'i, str>>,
    &'a Spanned<DeValue<'i>>,
)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Splits `section.option=value` at the first `=` outside quotes.
fn split_override(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            ('=', None) => return Some((text[..at].trim(), text[at + 1..].trim())),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

/// A path with `~/` replaced by the home folder.
fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// Why a file cannot be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// There is none.
    Missing,
    /// Others than its owner may write to it.
    Writable,
    /// It is not a regular file.
    Irregular,
    /// It is larger than the limit, in bytes.
    TooLarge(u64),
    /// It is not UTF-8.
    NotText,
    /// The system refuses.
    Io(io::Error),
}

impl Unreadable {
    /// What is wrong, and the remedy.
    pub(crate) fn explain(&self, path: &Path) -> (String, String) {
        let text = |what: &str, remedy: &str| (what.to_owned(), remedy.to_owned());
        match self {
            Self::Missing => text("there is no such file", "an existing file"),
            Self::Writable => (
                "others than its owner may write to the file, so it is not read".to_owned(),
                format!("chmod go-w {}", path.display()),
            ),
            Self::Irregular => text("it is not a file", "a regular file"),
            Self::TooLarge(limit) => (
                format!("the file is larger than {limit} bytes"),
                "a smaller file".to_owned(),
            ),
            Self::NotText => text("the file is not text in UTF-8", "UTF-8"),
            Self::Io(error) => (
                format!("the file cannot be read: {error}"),
                "a readable file".to_owned(),
            ),
        }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            io::ErrorKind::InvalidData => Self::NotText,
            _ => Self::Io(error),
        }
    }
}

/// Reads a text file that nobody but its owner may write to.
///
/// It is asked on the open file, so that the answer is about what is read. A FIFO would block the
/// open, so the kind is asked before as well.
pub(crate) fn read_private(path: &Path, limit: u64) -> Result<String, Unreadable> {
    // Everyone's way to say "no settings at all".
    if path == Path::new("/dev/null") {
        return Ok(String::new());
    }
    if !fs::metadata(path)?.is_file() {
        return Err(Unreadable::Irregular);
    }
    let file = fs::File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(Unreadable::Irregular);
    }
    if writable_by_others(&metadata) {
        return Err(Unreadable::Writable);
    }
    if metadata.len() > limit {
        return Err(Unreadable::TooLarge(limit));
    }
    let mut text = String::new();
    file.take(limit).read_to_string(&mut text)?;
    // Editors of another system put a byte order mark there, which TOML does not allow.
    Ok(text
        .strip_prefix('\u{feff}')
        .map_or_else(|| text.clone(), str::to_owned))
}

#[cfg(unix)]
fn writable_by_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o022 != 0
}

#[cfg(not(unix))]
fn writable_by_others(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests;

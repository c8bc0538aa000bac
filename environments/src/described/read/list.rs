//! `[list]`, `[list.fields]` and `[status]`.

use super::super::description::{
    Before, Columns, Fields, Fixed, FolderRule, Http, List, Origin, Output, Page, Separator,
    Status, Table,
};
use super::super::reader::{self, Section};
use super::super::template::Template;
use super::super::value::{Field, Path};
use super::{Holes, duration_or, holes, program, variable};

const ORIGIN: &str = "args = [\"list\", \"--json\"], http = { url = \"…\" }, folder = { has = [\"…\"] } or [list.fixed]";

/// Reads `[list]`.
pub(super) fn read(file: &Section<'_, '_>, holes: &Holes) -> Option<List> {
    let section = file.section("list");
    let section = file.required("list", section, "a table [list]")?;
    let before = section
        .section("before")
        .and_then(|table| before(table, holes));
    let page = section.section("page").and_then(|table| page(table, holes));
    let mut known = Vec::new();
    known.extend(before.is_some().then_some("from"));
    known.extend(page.is_some().then_some("page"));
    let fixed = section.section("fixed").map(fixed);
    let output = output(&section);
    let from = origin(&section, holes, &known);
    let named = matches!(output, Output::Lines)
        || fixed.is_some()
        || matches!(from, Some(Origin::Folder(_)));
    let fields = section.section("fields");
    if fields.is_none() && !named {
        section.required(
            "fields",
            None::<()>,
            "a table [list.fields] with id and name",
        );
    }
    let fields = fields
        .map(|table| self::fields(table, named))
        .unwrap_or_default();
    let list = List {
        from: match from {
            Some(from) => from,
            None if fixed.is_some() => Origin::Nowhere,
            None => {
                section.wrong(&section.at().clone(), "nothing to list", ORIGIN);
                Origin::Nowhere
            }
        },
        before,
        output,
        items: section
            .parsed("items", Path::parse)
            .map(|found| found.value)
            .unwrap_or_default(),
        empty: section
            .parsed_texts("empty", reader::regex)
            .unwrap_or_default()
            .into_iter()
            .map(|found| found.value)
            .collect(),
        timeout: duration_or(&section, "timeout", 10),
        every: duration_or(&section, "every", 60),
        page,
        fixed,
        fields,
    };
    section.finish();
    Some(list)
}

/// `args`, `http` or `folder`; none of them is up to the caller.
fn origin(section: &Section<'_, '_>, holes: &Holes, known: &[&str]) -> Option<Origin> {
    let args = holes
        .words(section, "args", known)
        .map(|args| Origin::Args {
            program: section.parsed("program", program).map(|found| found.value),
            args,
        });
    let http = section
        .section("http")
        .and_then(|table| http(table, holes, known).map(Origin::Http));
    let folder = section
        .section("folder")
        .and_then(|table| folder(table).map(Origin::Folder));
    let mut given = [args, http, folder].into_iter().flatten();
    let first = given.next();
    if given.next().is_some() {
        section.wrong(
            &section.at().clone(),
            "more than one source",
            "args, http or folder",
        );
    }
    first
}

fn http(section: Section<'_, '_>, holes: &Holes, known: &[&str]) -> Option<Http> {
    let url = holes.word(&section, "url", known);
    let url = section.required("url", url, "url = \"http://127.0.0.1:4566/health\"");
    if let Some(url) = &url {
        let text = url.to_string();
        let setting = url.holes().next().is_some() && text.starts_with('{');
        if !setting && !text.starts_with("http://") && !text.starts_with("https://") {
            let at = section.at().clone();
            section.wrong(
                &at,
                format!("\"{text}\" is no address"),
                "http://… or https://…",
            );
        }
    }
    let bearer = section.parsed("bearer", variable).map(|found| found.value);
    section.finish();
    Some(Http { url: url?, bearer })
}

fn folder(section: Section<'_, '_>) -> Option<FolderRule> {
    let plain = |text: &str| match text.split('/').all(|part| !matches!(part, "" | "." | "..")) {
        true => Ok(text.to_owned()),
        false => Err(format!("{text:?} is no file in the folder")),
    };
    let files = section.one_or_more("has", plain);
    let files = section.required("has", files, "has = \"flake.nix\"");
    let text = section.regex("text");
    section.finish();
    Some(FolderRule {
        files: files?.into_iter().map(|found| found.value).collect(),
        text,
    })
}

fn before(section: Section<'_, '_>, holes: &Holes) -> Option<Before> {
    let args = holes.words(&section, "args", holes::NONE);
    let args = section.required("args", args, "args = [\"…\"]");
    let items = section
        .parsed("items", Path::parse)
        .map(|found| found.value);
    let most = section.number("most", 1..=1000).unwrap_or(100);
    section.finish();
    Some(Before {
        args: args?,
        items: items.unwrap_or_default(),
        most: usize::try_from(most).unwrap_or(100),
    })
}

fn page(section: Section<'_, '_>, holes: &Holes) -> Option<Page> {
    let cursor = section
        .parsed("cursor", Path::parse)
        .map(|found| found.value);
    let cursor = section.required("cursor", cursor, "the path of the next page's mark");
    let args = holes.words(&section, "args", &["cursor"]);
    let args = section.required("args", args, "args = [\"--cursor\", \"{cursor}\"]");
    let most = section.number("most", 1..=1000).unwrap_or(20);
    section.finish();
    Some(Page {
        cursor: cursor?,
        args: args?,
        most: usize::try_from(most).unwrap_or(20),
    })
}

fn fixed(section: Section<'_, '_>) -> Fixed {
    let text = |key| section.text(key).map(|found| found.value);
    let id = section
        .required("id", text("id"), "id = \"local\"")
        .unwrap_or_default();
    let name = text("name").unwrap_or_else(|| id.clone());
    section.finish();
    Fixed { id, name }
}

fn output(section: &Section<'_, '_>) -> Output {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Kind {
        Json,
        Ndjson,
        Table,
        Lines,
    }
    const KINDS: [(&str, Kind); 4] = [
        ("json", Kind::Json),
        ("ndjson", Kind::Ndjson),
        ("table", Kind::Table),
        ("lines", Kind::Lines),
    ];
    let kind = section.choice("output", &KINDS).unwrap_or(Kind::Json);
    let table = section.section("table");
    if table.is_some() != (kind == Kind::Table) {
        let message = "output = \"table\" and [list.table] go together";
        section.wrong(&section.at().clone(), message, "both or none of them");
    }
    match (kind, table) {
        (Kind::Table, Some(table)) => Output::Table(self::table(table)),
        (Kind::Ndjson, _) => Output::Ndjson,
        (Kind::Lines, _) => Output::Lines,
        _ => Output::Json,
    }
}

fn table(section: Section<'_, '_>) -> Table {
    let columns = section.texts("columns");
    let columns = section.required("columns", columns, "columns = [\"name\", \"state\"]");
    let columns: Vec<String> = columns
        .unwrap_or_default()
        .into_iter()
        .map(|found| found.value)
        .collect();
    if columns.is_empty() && section.has("columns") {
        section.wrong(&section.at().clone(), "no columns", "at least one name");
    }
    let separator = section.text("separator").map(|found| found.value);
    let table = Table {
        skip: usize::try_from(section.number("skip", 0..=100).unwrap_or(0)).unwrap_or(0),
        until: section.regex("until"),
        columns,
        from: section
            .choice(
                "from",
                &[("left", Columns::FromLeft), ("right", Columns::FromRight)],
            )
            .unwrap_or(Columns::FromLeft),
        separator: match separator.as_deref() {
            None | Some("" | " ") => Separator::Spaces,
            Some("  ") => Separator::Wide,
            Some(text) => Separator::Text(text.to_owned()),
        },
        strip: section
            .text("strip")
            .map(|found| found.value)
            .unwrap_or_default(),
    };
    section.finish();
    table
}

fn fields(section: Section<'_, '_>, named: bool) -> Fields {
    let field = |key| field(&section, key);
    let id = field("id");
    if !named {
        section.required("id", id.clone(), "where the id is: id = \"name\"");
    }
    let fields = Fields {
        name: field("name").or_else(|| id.clone()),
        id,
        state: field("state"),
        group: field("group"),
        branch: field("branch"),
        since: field("since"),
        reason: field("reason"),
        cost: field("cost"),
        url: field("url"),
        detail: section
            .section("detail")
            .map(named_fields)
            .unwrap_or_default(),
        facts: section
            .section("facts")
            .map(named_fields)
            .unwrap_or_default(),
    };
    section.finish();
    fields
}

/// A path, a text with paths in it, or a list of such.
pub(super) fn field(section: &Section<'_, '_>, key: &'static str) -> Option<Field> {
    let found = section.one_or_more(key, Field::parse_one)?;
    Some(Field::first_of(
        found.into_iter().map(|one| one.value).collect(),
    ))
}

fn named_fields(section: Section<'_, '_>) -> Vec<(String, Field)> {
    let fields = section.map_lists(Field::parse_one);
    fields
        .into_iter()
        .map(|(name, found)| (name, Field::first_of(found)))
        .collect()
}

/// Reads `[status]`.
pub(super) fn status(file: &Section<'_, '_>, holes: &Holes) -> Option<Status> {
    let section = file.section("status")?;
    let from = origin(&section, holes, holes::ENVIRONMENT);
    let from = match from {
        Some(from @ (Origin::Args { .. } | Origin::Http(_))) => Some(from),
        _ => {
            let expected = "args = [\"status\", \"{id}\"], or http = { url = \"…\" }";
            section.wrong(&section.at().clone(), "nothing to ask", expected);
            None
        }
    };
    let count = |key, least, otherwise| {
        let number = section.number(key, 1..=least).unwrap_or(otherwise);
        usize::try_from(number).unwrap_or(1)
    };
    let status = Status {
        state: field(&section, "state"),
        reason: field(&section, "reason"),
        at_once: count("at_once", 16, 4),
        most: count("most", 1000, 40),
        from: from.unwrap_or(Origin::Nowhere),
    };
    section.finish();
    Some(status)
}

/// Whether a template has a placeholder.
pub(super) fn has_hole(words: &[Template], hole: &str) -> bool {
    words
        .iter()
        .any(|word| word.holes().any(|name| name == hole))
}
